"""The dispatcher and real receivers: at least once, in order for each consignment, nobody waits for a bad one."""

import asyncio
import json
import socket
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from delivering import MemoryDeliveries
from greenlane.exchange.delivery import Disabled, Endpoint, Failure
from greenlane.exchange.dispatch import run
from greenlane.exchange.health import Limits
from greenlane.exchange.keys import Keyring, SigningKey
from greenlane.exchange.notice import Notice
from greenlane.exchange.receive import verify
from greenlane.exchange.schedule import DELAYS_S
from greenlane.exchange.sender import Sender
from receiving import Receiver, Request, answering, dying, hanging, receiver

START = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
RING = Keyring((SigningKey(bytes(32)),))


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@dataclass(slots=True)
class Post:
    """A store, its clock and its dispatchers."""

    store: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=lambda: Limits(poll_s=0.01))
    timeout_s: float = 5.0
    cursor: int = 0

    async def endpoint(self, name: str, url: str, party: str = "post-cn") -> None:
        """Register an endpoint."""
        await self.store.register(Endpoint(name, party, url))

    async def append(self, consignment: str, party: str = "post-cn", words: str = "Held.") -> Notice:
        """Append a notice."""
        self.cursor += 1
        notice = Notice("consignment.held", party, consignment, self.cursor, self.clock(), words)
        await self.store.append(notice, self.clock())
        return notice

    @asynccontextmanager
    async def dispatching(self, seed: int = 1) -> AsyncIterator[asyncio.Task[None]]:
        """Run a dispatcher; at the end it stops in good order."""
        stop = asyncio.Event()
        async with Sender(RING, allow_private=True, timeout_s=self.timeout_s) as sender:
            task = asyncio.create_task(
                run(self.store, self.clock, sender, stop, limits=self.limits, jitter=Random(seed))
            )
            try:
                yield task
            finally:
                stop.set()
                if not task.cancelled():
                    await asyncio.gather(task, return_exceptions=task.cancelling() > 0)

    def under_way(self) -> bool:
        """Say whether an attempt is claimed."""
        return any(row.claimed(self.clock()) for row in self.store.rows.values())

    async def until(self, done: Callable[[], bool], within_s: float = 20, move: bool = True) -> None:
        """Wait until *done*; while nothing is under way, move the clock to what comes next."""
        deadline = time.monotonic() + within_s
        idle = 0
        while not done():
            assert time.monotonic() < deadline, "not done in time"
            await asyncio.sleep(0.005)
            idle = 0 if self.under_way() else idle + 1
            if move and idle > 6:
                due = [head.due_at for head in self.store.heads(self.clock.now + timedelta(days=9))]
                step = self.clock.now + timedelta(seconds=60)
                self.clock.now = min(due) if due and min(due) > self.clock.now else step
                idle = 0

    def states(self, endpoint: str) -> list[str]:
        """Return the states of an endpoint's deliveries, by cursor."""
        return [row.state for (name, _), row in sorted(self.store.rows.items()) if name == endpoint]

    def all_delivered(self, *endpoints: str) -> Callable[[], bool]:
        """Return a test whether all of these endpoints' deliveries are delivered."""
        return lambda: all(set(self.states(name)) <= {"delivered"} for name in endpoints)


def told(request: Request) -> tuple[str, int]:
    """Return consignment and cursor of the notice in a request."""
    data = json.loads(request.body)["data"]
    return data["consignment_id"], data["cursor"]


def story(play: Callable[[], Awaitable[None]]) -> None:
    """Run a story, never for ever."""

    async def bounded() -> None:
        async with asyncio.timeout(50):
            await play()

    asyncio.run(bounded())


def assert_in_order(there: Receiver, post: Post, endpoint: str) -> None:
    """Every notice arrived, and none before all earlier ones of its consignment had arrived."""
    arrived: dict[str, list[int]] = defaultdict(list)
    for request in there.requests:
        consignment, cursor = told(request)
        if cursor not in arrived[consignment]:
            arrived[consignment].append(cursor)
    assert all(cursors == sorted(cursors) for cursors in arrived.values())
    expected = {row.notice.cursor for (name, _), row in post.store.rows.items() if name == endpoint}
    assert {cursor for cursors in arrived.values() for cursor in cursors} == expected


def test_every_notice_arrives_in_order_though_a_third_fail() -> None:
    """A receiver that refuses, breaks off or takes at random gets every notice, in order for each consignment.

    It takes a notice before the last attempt: one that is refused ten times is given up, as it should be.
    """
    dice = Random(7)
    takes, refuses = [answering(200), answering(204)], [answering(500), dying, answering(429)]
    refused: Counter[int] = Counter()

    async def moody(request: Request, out: asyncio.StreamWriter) -> None:
        _, cursor = told(request)
        no = refused[cursor] < 6 and dice.random() < 0.5
        refused[cursor] += no
        await dice.choice(refuses if no else takes)(request, out)

    async def play() -> None:
        post = Post()
        async with receiver(moody) as there:
            await post.endpoint("one", there.url())
            for number in range(120):
                await post.append(f"C{dice.randrange(12)}-{number % 3}")
            async with post.dispatching():
                await post.until(post.all_delivered("one"), within_s=45)
            assert_in_order(there, post, "one")
            assert len(there.requests) > 120
            for request in there.requests:
                now = int(request.headers["webhook-timestamp"])
                verify(request.headers, request.body, RING.public("post-cn"), now=now)

    story(play)


def test_a_failed_notice_holds_back_its_consignment_alone() -> None:
    """While one consignment's notice waits for its next attempt, the others of the endpoint go on."""

    async def refusing_a(request: Request, out: asyncio.StreamWriter) -> None:
        await answering(500 if told(request)[0] == "A" else 200)(request, out)

    async def play() -> None:
        post = Post()
        async with receiver(refusing_a) as there:
            await post.endpoint("one", there.url())
            for _ in range(10):
                await post.append("A")
                await post.append("B")
                await post.append("C")
            async with post.dispatching():
                await post.until(lambda: post.states("one").count("delivered") == 20, move=False)
            assert [told(request)[1] for request in there.requests if told(request)[0] == "A"] == [1]

    story(play)


def test_hanging_receivers_hold_up_nobody() -> None:
    """Thirty receivers that never answer, more notices to them than room: the others' arrive before a timeout ends."""

    async def play() -> None:
        post = Post(limits=Limits(total=64, poll_s=0.01), timeout_s=4)
        async with receiver(hanging) as bad, receiver() as good, receiver() as also:
            for number in range(30):
                await post.endpoint(f"bad{number}", bad.url(), party=f"bad{number}")
                for consignment in "ABCDE":
                    await post.append(consignment, party=f"bad{number}")
            await post.endpoint("good", good.url())
            await post.endpoint("also", also.url())
            for number in range(100):
                await post.append(f"C{number % 40}")
            begun = time.monotonic()
            async with post.dispatching():
                await post.until(post.all_delivered("good", "also"), move=False)
                took = time.monotonic() - begun
                assert bad.requests and all(
                    row.state == "pending" for row in post.store.rows.values() if row.endpoint_id[:3] == "bad"
                )
                assert took < 3.5, took
                await asyncio.sleep(max(0.0, 4.5 - took))
                assert len(bad.requests) > 30
                for number in range(100):
                    await post.append(f"C{number % 40}")
                begun = time.monotonic()
                await post.until(post.all_delivered("good", "also"), move=False)
                assert time.monotonic() - begun < 3.5
            assert_in_order(good, post, "good")
            assert_in_order(also, post, "also")

    story(play)


def test_attempts_follow_the_schedule_to_its_end() -> None:
    """Ten attempts at the advised distances and up to a fifth more; then given up, listed, and the endpoint disabled."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(500)) as there:
            await post.endpoint("one", there.url())
            notice = await post.append("A")
            async with post.dispatching():
                await post.until(lambda: bool(post.store.disabled))
            assert post.states("one") == ["given up"]
            assert post.store.disabled == {"one": Disabled.UNREACHABLE}
            times = [int(request.headers["webhook-timestamp"]) for request in there.requests]
            assert len(times) == len(DELAYS_S) == 10
            for delay, before, after in zip(DELAYS_S[1:], times, times[1:], strict=False):
                assert delay <= after - before <= delay * 1.2 + 1
            assert {request.headers["webhook-id"] for request in there.requests} == {notice.id}
            (failed,) = await post.store.failures("post-cn", 0, 10)
            assert (failed.notice_id, failed.attempt, failed.failure) == (notice.id, 10, Failure.STATUS)

    story(play)


def test_times_are_the_same_again_with_the_same_seed() -> None:
    """The jitter is an argument: two runs of one seed try at the same moments, another seed at others."""

    async def times(seed: int) -> list[str]:
        post = Post()
        async with receiver(answering(500)) as there:
            await post.endpoint("one", there.url())
            await post.append("A")
            async with post.dispatching(seed):
                await post.until(lambda: len(there.requests) == 6)
            return [request.headers["webhook-timestamp"] for request in there.requests]

    async def play() -> None:
        first, same, other = await times(1), await times(1), await times(2)
        assert first == same != other

    story(play)


def test_one_notice_refused_for_ever_does_not_disable_the_endpoint() -> None:
    """Given up is the notice, not a receiver that takes others; its consignment goes on after it."""

    async def refusing_first(request: Request, out: asyncio.StreamWriter) -> None:
        await answering(422 if told(request)[1] == 1 else 200)(request, out)

    async def play() -> None:
        post = Post()
        async with receiver(refusing_first) as there:
            await post.endpoint("one", there.url())
            await post.append("A")
            await post.append("A")
            async with post.dispatching():
                await post.append("B")
                await post.until(lambda: post.states("one") == ["given up", "delivered", "delivered"])
                await asyncio.sleep(0.05)
            assert post.store.disabled == {}

    story(play)


def test_gone_disables_and_nothing_is_lost() -> None:
    """After 410 nothing more is sent; enabled again, all of it comes, in order."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(410), answering(200)) as there:
            await post.endpoint("one", there.url())
            for _ in range(5):
                await post.append("A")
            async with post.dispatching():
                await post.until(lambda: bool(post.store.disabled), move=False)
                post.clock.now += timedelta(days=1)
                await asyncio.sleep(0.1)
                assert len(there.requests) == 1
                assert post.store.disabled == {"one": Disabled.GONE}
                await post.endpoint("one", there.url())
                await post.until(post.all_delivered("one"))
            assert_in_order(there, post, "one")

    story(play)


def test_retry_after_is_kept_for_the_whole_endpoint() -> None:
    """A receiver that says when to come back is left alone until then, for its other consignments too."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(503, "retry-after: 3600"), answering(200)) as there:
            await post.endpoint("one", there.url())
            for consignment in "ABCD":
                await post.append(consignment)
            async with post.dispatching():
                await post.until(lambda: post.store.results != [], move=False)
                post.clock.now = START + timedelta(seconds=3599)
                await asyncio.sleep(0.1)
                assert len(there.requests) == 1
                await post.until(post.all_delivered("one"))
            times = [int(request.headers["webhook-timestamp"]) for request in there.requests]
            assert min(times[1:]) - times[0] >= 3600

    story(play)


def test_a_dead_receiver_is_called_seldom_and_catches_up() -> None:
    """With a hundred consignments waiting, five failures open its circuit; when it is back, everything arrives."""

    async def play() -> None:
        post = Post()
        async with receiver(*[answering(502)] * 12, answering(200)) as there:
            await post.endpoint("one", there.url())
            for number in range(100):
                await post.append(f"C{number}")
            async with post.dispatching():
                await post.until(lambda: len(there.requests) == 5, move=False)
                await asyncio.sleep(0.2)
                assert len(there.requests) == 5
                await post.until(post.all_delivered("one"))
            assert_in_order(there, post, "one")
            assert len(there.requests) == 112

    story(play)


def test_killed_in_the_middle_it_sends_again() -> None:
    """A dispatcher that dies with attempts under way loses nothing: another sends them when the claims have run out."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(200, after_s=0.2)) as there:
            await post.endpoint("one", there.url())
            for number in range(30):
                await post.append(f"C{number % 6}")
            async with post.dispatching() as first:
                await post.until(lambda: len(there.requests) >= 3, move=False)
                first.cancel()
            assert post.under_way()
            there.acts = [answering(200)]
            async with post.dispatching():
                await asyncio.sleep(0.1)
                post.clock.now += timedelta(seconds=61)
                await post.until(post.all_delivered("one"))
            assert_in_order(there, post, "one")
            assert len(there.requests) > 30

    story(play)


def test_two_dispatchers_share_the_work() -> None:
    """On one store, two processes send every notice once and in order."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(200, after_s=0.002)) as there:
            await post.endpoint("one", there.url())
            for number in range(200):
                await post.append(f"C{number % 20}")
            async with post.dispatching(1), post.dispatching(2):
                await post.until(post.all_delivered("one"), move=False)
            assert_in_order(there, post, "one")
            assert len(there.requests) == 200

    story(play)


def test_it_outlives_the_database() -> None:
    """While the store cannot be reached, results are kept; when it is back, they are written and the rest goes on."""

    async def play() -> None:
        post = Post()
        async with receiver() as there:
            await post.endpoint("one", there.url())
            for number in range(60):
                await post.append(f"C{number % 3}")
            async with post.dispatching():
                await post.until(lambda: len(there.requests) >= 10, move=False)
                post.store.away = True
                await asyncio.sleep(0.2)
                stood = len(there.requests)
                await asyncio.sleep(0.1)
                assert len(there.requests) == stood < 60
                post.store.away = False
                await post.until(post.all_delivered("one"), move=False)
            assert_in_order(there, post, "one")
            assert len(there.requests) == 60

    story(play)


def test_it_stops_though_the_database_is_gone() -> None:
    """Asked to stop without a database, it ends; what was not written down is sent again later."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(200, after_s=0.1)) as there:
            await post.endpoint("one", there.url())
            await post.append("A")
            async with post.dispatching():
                await post.until(lambda: len(there.requests) == 1, move=False)
                post.store.away = True
            post.store.away = False
            post.clock.now += timedelta(seconds=61)
            async with post.dispatching():
                await post.until(post.all_delivered("one"))
            assert [told(request)[1] for request in there.requests] == [1, 1]

    story(play)


def test_it_stops_in_good_order() -> None:
    """Asked to stop, it ends the attempt under way, writes it down, and begins no other."""

    async def play() -> None:
        post = Post()
        async with receiver(answering(200, after_s=0.2)) as there:
            await post.endpoint("one", there.url())
            await post.append("A")
            await post.append("A")
            async with post.dispatching():
                await post.until(lambda: len(there.requests) == 1, move=False)
            assert post.states("one") == ["delivered", "pending"]
            assert len(there.requests) == 1

    story(play)


def test_a_notice_that_trips_us_up_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """A notice that cannot be written as text fails alone, is logged without its words, and the others arrive."""

    async def play() -> None:
        post = Post()
        async with receiver() as there:
            await post.endpoint("one", there.url())
            await post.append("A", words="Marked \ud800 words")
            await post.append("B")
            async with post.dispatching():
                await post.until(lambda: "delivered" in post.states("one"), move=False)
            (failed,) = await post.store.failures("post-cn", 0, 10)
            assert (failed.cursor, failed.failure) == (1, Failure.INTERNAL)
            assert len(there.requests) == 1

    story(play)
    assert "broke off" in caplog.text and "Marked" not in caplog.text


def test_replay_comes_through_in_order() -> None:
    """Asked to send a range again, the receiver gets it again, in order and under the same ids."""

    async def play() -> None:
        post = Post()
        async with receiver() as there:
            await post.endpoint("one", there.url())
            for _ in range(6):
                await post.append("A")
            async with post.dispatching():
                await post.until(post.all_delivered("one"), move=False)
                assert await post.store.replay("one", 3, 5, post.clock()) == 3
                await post.until(post.all_delivered("one"), move=False)
            assert [told(request)[1] for request in there.requests] == [1, 2, 3, 4, 5, 6, 3, 4, 5]
            ids = [request.headers["webhook-id"] for request in there.requests]
            assert ids[6:] == ids[2:5]

    story(play)


def test_news_wakes_it() -> None:
    """Told that something is new, it doesn't wait for its next look."""

    async def play() -> None:
        post = Post(limits=Limits(poll_s=30))
        stop, wake = asyncio.Event(), asyncio.Event()
        async with receiver() as there, Sender(RING, allow_private=True) as sender:
            await post.endpoint("one", there.url())
            task = asyncio.create_task(
                run(post.store, post.clock, sender, stop, wake=wake, limits=post.limits)
            )
            await asyncio.sleep(0.1)
            await post.append("A")
            wake.set()
            await post.until(post.all_delivered("one"), within_s=3, move=False)
            stop.set()
            await asyncio.wait_for(task, 3)

    story(play)


def test_nobody_at_the_port_is_tried_again() -> None:
    """A receiver that is down and comes up later gets its notice then."""

    async def play() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        post = Post()
        await post.endpoint("one", f"http://127.0.0.1:{port}/notices")
        await post.append("A")
        async with post.dispatching():
            await post.until(lambda: post.store.results != [], move=False)
            assert post.store.results[0].answer.failure is Failure.CONNECTION
            async with receiver(port=port) as there:
                await post.until(post.all_delivered("one"))
                assert len(there.requests) == 1

    story(play)
