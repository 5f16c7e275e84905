"""What every delivery store keeps to: heads alone are claimed, claims run out, results are fenced, replay, failures."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivering import MemoryDeliveries
from greenlane.exchange.delivery import Answer, Delivery, Disabled, Endpoint, Failure, Result
from greenlane.exchange.notice import Notice

AT = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
LATER = AT + timedelta(seconds=60)
TAKEN, REFUSED = Answer(None, 200, 5), Answer(Failure.STATUS, 500, 5)

# A store beside these: async register(endpoint), async append(notice, at). One line a store.
STORES: list[Callable[[], Any]] = [MemoryDeliveries]
stores = pytest.mark.parametrize("make", STORES)
Make = Callable[[], Any]


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
