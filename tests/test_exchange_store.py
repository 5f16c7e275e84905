"""What every delivery store keeps to: heads alone are claimed, claims run out, results are fenced, replay, failures."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivering import MemoryDeliveries
from greenlane.exchange.delivery import (
    Answer,
    Delivery,
    Disabled,
    Endpoint,
    Failure,
    Result,
    StoreUnavailable,
)
from greenlane.exchange.notice import Notice
from stored_deliveries import kept_deliveries

AT = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
LATER = AT + timedelta(seconds=60)
TAKEN, REFUSED = Answer(None, 200, 5), Answer(Failure.STATUS, 500, 5)

Make = Callable[[], Any]


def memory(server: str) -> Iterator[Make]:
    """Make stores in memory."""
    yield MemoryDeliveries


def postgresql(server: str) -> Iterator[Make]:
    """Make stores over PostgreSQL, each on a database of its own."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(kept_deliveries(server))


# Each gives stores with two methods beside the protocol's: async register(endpoint), async append(notice, at).
STORES = [memory, postgresql]
stores = pytest.mark.parametrize("make", STORES, indirect=True)


@pytest.fixture
def make(request: pytest.FixtureRequest, postgres: str) -> Iterator[Make]:
    """Make stores of one kind."""
    yield from request.param(postgres)


def notice(cursor: int, consignment: str = "A", party: str = "post-cn") -> Notice:
    """Make a notice."""
    return Notice("consignment.held", party, consignment, cursor, AT, "Held.")


def story(make: Make, play: Callable[[Any], Awaitable[None]]) -> None:
    """Play on a new store with two endpoints of post-cn, one of post-de, and notices 1 to 4: A, A, B, A."""

    async def run() -> None:
        store = make()
        for name, party in (("one", "post-cn"), ("two", "post-cn"), ("other", "post-de")):
            await store.register(Endpoint(name, party, f"https://{name}.example/"))
        for cursor, consignment in enumerate("AABA", start=1):
            await store.append(notice(cursor, consignment), AT)
        await play(store)

    asyncio.run(run())


def places(claimed: list[Delivery]) -> list[tuple[str, int]]:
    """Return endpoint and cursor of each."""
    return sorted((one.endpoint_id, one.notice.cursor) for one in claimed)


@stores
def test_heads_alone_are_claimed(make: Make) -> None:
    """The first pending notice of each consignment, for each endpoint, and nobody's but the party's."""

    async def play(store: Any) -> None:
        assert sorted(endpoint.id for endpoint in await store.waiting(AT)) == ["one", "two"]
        claimed = await store.claim({"one": 9, "two": 1, "other": 9}, AT, LATER)
        assert places(claimed)[:2] == [("one", 1), ("one", 3)] and len(claimed) == 3
        assert [endpoint.id for endpoint in await store.waiting(AT)] == ["two"]
        assert await store.claim({"one": 9}, AT, LATER) == []

    story(make, play)


@stores
def test_the_next_follows_when_the_head_is_delivered(make: Make) -> None:
    """A delivered head makes way; a failed one holds its consignment back until it is due again."""

    async def play(store: Any) -> None:
        first, third = await store.claim({"one": 9}, AT, LATER)
        again = AT + timedelta(seconds=5)
        await store.record([Result(first, AT, REFUSED, again), Result(third, AT, TAKEN, None)])
        assert await store.claim({"one": 9}, AT, LATER) == []
        (retried,) = await store.claim({"one": 9}, again, LATER)
        assert (retried.notice.cursor, retried.attempt, retried.first_attempt_at) == (1, 2, AT)
        await store.record([Result(retried, again, TAKEN, None)])
        (second,) = await store.claim({"one": 9}, again, LATER)
        assert (second.notice.cursor, second.attempt) == (2, 1)
        (endpoint,) = [one for one in await store.waiting(again) if one.id == "two"]
        assert endpoint.succeeded_at is None

    story(make, play)


@stores
def test_a_given_up_notice_makes_way(make: Make) -> None:
    """After the last attempt the later notices of the consignment go on, and the list tells of the gap."""

    async def play(store: Any) -> None:
        first, _ = await store.claim({"one": 9}, AT, LATER)
        await store.record([Result(first, AT, REFUSED, None)])
        (second,) = await store.claim({"one": 9}, AT, LATER)
        assert second.notice.cursor == 2
        (failed,) = await store.failures("post-cn", 0, 10)
        assert (failed.endpoint_id, failed.cursor, failed.failure, failed.status, failed.next_at) == (
            "one", 1, Failure.STATUS, 500, None,
        )  # fmt: skip
        assert await store.failures("post-cn", 1, 10) == await store.failures("post-de", 0, 10) == []

    story(make, play)


@stores
def test_a_claim_runs_out(make: Make) -> None:
    """What a dead process had claimed is claimed anew, and its late result decides nothing then."""

    async def play(store: Any) -> None:
        old, _ = await store.claim({"one": 9}, AT, LATER)
        new, _ = await store.claim({"one": 9}, LATER, LATER + timedelta(seconds=60))
        assert (new.id, new.attempt) == (old.id, 2) and new.claim > old.claim
        await store.record([Result(old, LATER, REFUSED, None)])
        assert await store.failures("post-cn", 0, 10) == []
        await store.record([Result(new, LATER, TAKEN, None)])
        (second,) = await store.claim({"one": 9}, LATER, LATER + timedelta(seconds=60))
        assert second.notice.cursor == 2

    story(make, play)


@stores
def test_a_late_result_counts_while_nobody_took_the_claim(make: Make) -> None:
    """A result after the end of its claim is still the truth, where no other attempt began."""

    async def play(store: Any) -> None:
        first, _ = await store.claim({"one": 9}, AT, LATER)
        await store.record([Result(first, LATER + timedelta(hours=1), TAKEN, None)])
        claimed = await store.claim({"one": 9}, LATER, LATER + timedelta(seconds=60))
        assert places(claimed) == [("one", 2), ("one", 3)]

    story(make, play)


@stores
def test_replay_sends_everything_again_in_order(make: Make) -> None:
    """Any range, delivered or not, also to an endpoint that is newer than the notices."""

    async def play(store: Any) -> None:
        for _ in range(3):
            claimed = await store.claim({"one": 9}, AT, LATER)
            await store.record([Result(one, AT, TAKEN, None) for one in claimed])
        assert [one.id for one in await store.waiting(AT)] == ["two"]
        assert await store.replay("one", 2, 4, LATER) == 3
        claimed = await store.claim({"one": 9}, LATER, LATER + timedelta(seconds=60))
        assert places(claimed) == [("one", 2), ("one", 3)]
        assert {one.attempt for one in claimed} == {1}
        await store.register(Endpoint("new", "post-cn", "https://new.example/"))
        assert await store.replay("new", 1, 99, LATER) == 4
        claimed = await store.claim({"new": 9}, LATER, LATER + timedelta(seconds=60))
        assert places(claimed) == [("new", 1), ("new", 3)]

    story(make, play)


@stores
def test_replay_lets_the_attempt_under_way_end(make: Make) -> None:
    """A notice claimed at the moment of replay is not sent twice at once; it goes again after, whatever came of it."""

    async def play(store: Any) -> None:
        first, third = await store.claim({"one": 9}, AT, LATER)
        assert await store.replay("one", 1, 4, AT) == 4
        assert await store.claim({"one": 9}, AT, LATER) == []
        await store.record([Result(first, AT, TAKEN, None), Result(third, AT, REFUSED, LATER)])
        claimed = await store.claim({"one": 9}, AT, LATER)
        assert [(one.notice.cursor, one.attempt) for one in claimed] == [(1, 1), (3, 1)]
        assert await store.failures("post-cn", 0, 10) == []

    story(make, play)


@stores
def test_a_disabled_endpoint_keeps_its_notices(make: Make) -> None:
    """Nothing is claimed while it is disabled, nothing is lost, and notices that come meanwhile wait as well."""

    async def play(store: Any) -> None:
        await store.disable("one", AT, Disabled.GONE)
        await store.append(notice(5, "C"), AT)
        assert [endpoint.id for endpoint in await store.waiting(AT)] == ["two"]
        assert await store.claim({"one": 9}, AT, LATER) == []
        await store.register(Endpoint("one", "post-cn", "https://one.example/"))
        claimed = await store.claim({"one": 9}, AT, LATER)
        assert places(claimed) == [("one", 1), ("one", 3), ("one", 5)]

    story(make, play)


def test_a_database_that_is_gone_is_unavailable(postgres: str) -> None:
    """Whatever the dispatcher asks of a database that is away, it is told so in its own word, and asks again."""

    async def ask(there: Any) -> None:
        for asked in (
            there.waiting(AT), there.claim({"one": 1}, AT, LATER), there.record([]), there.replay("one", 1, 2, AT),
        ):  # fmt: skip
            with pytest.raises(StoreUnavailable):
                await asked

    with kept_deliveries(postgres) as there:
        there.database.close()
        asyncio.run(ask(there))


@pytest.mark.parametrize("seed", range(6))
def test_both_stores_do_the_same_in_any_order(postgres: str, seed: int) -> None:
    """Appends, claims that end well, badly, late or never, replays, disabling, in random order: the same heads go out."""

    async def run(there: Any) -> None:
        dice, here = random.Random(seed), MemoryDeliveries()
        now, under_way = AT, []
        for name in ("one", "two"):
            for store in (here, there):
                await store.register(Endpoint(name, "post-cn", f"https://{name}.example/"))
        cursor = 0
        for step in range(250):
            now += timedelta(seconds=dice.choice((0, 0, 1, 20)))
            act = dice.choice("aaaccccrrrrxde")
            name = dice.choice(("one", "two"))
            if act == "a":
                cursor += 1
                told = notice(cursor, dice.choice("ABC"))
                for store in (here, there):
                    await store.append(told, now)
            elif act == "c":
                room = {"one": dice.choice((0, 9)), "two": dice.choice((0, 9))}
                idle = {one.id for one in await here.waiting(now)} - {
                    one.id for one in await there.waiting(now)
                }
                assert not idle, step
                until = now + timedelta(seconds=30)
                claims = [await store.claim(room, now, until) for store in (here, there)]
                assert places(list(claims[0])) == places(list(claims[1])), step
                seen = [
                    {one.id: (one.attempt, one.first_attempt_at) for one in claimed} for claimed in claims
                ]
                assert seen[0] == seen[1], step
                under_way += zip(
                    *(sorted(claimed, key=lambda one: one.id) for claimed in claims), strict=True
                )
            elif act == "r" and under_way:
                pair = under_way.pop(dice.randrange(len(under_way)))
                answer, again = dice.choice(
                    ((TAKEN, None), (REFUSED, now + timedelta(seconds=9)), (REFUSED, None))
                )
                for store, one in zip((here, there), pair, strict=True):
                    await store.record([Result(one, now, answer, again)])
            elif act == "x" and cursor:
                first = dice.randint(1, cursor)
                counts = {await store.replay(name, first, first + 3, now) for store in (here, there)}
                assert len(counts) == 1, step
            elif act == "d" and dice.random() < 0.3:
                for store in (here, there):
                    await store.disable(name, now, Disabled.GONE)
            elif act == "e":
                for store in (here, there):
                    await store.register(Endpoint(name, "post-cn", f"https://{name}.example/"))
            lists = [await store.failures("post-cn", 0, 999) for store in (here, there)]
            assert lists[0] == list(lists[1]), step

    with kept_deliveries(postgres) as there:
        asyncio.run(run(there))
