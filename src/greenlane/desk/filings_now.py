"""Filings that are decided before the answer: those that wait at the same moment go together."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg import Cursor

from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.filing import Order, file_batches
from greenlane.desk.filing_parts import Corrected, Filing, parts_of_filing
from greenlane.desk.reading import Read
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.desk.results import ItemResult, Receipt
from greenlane.store import filings as rows
from greenlane.store.database import InFlight, StoreError, take_lock
from greenlane.values.errors import GreenlaneError


@dataclass(frozen=True, slots=True)
class Ready:
    """A filing that was read and waits to be decided."""

    caller: Caller
    filing: Filing
    request: Asked | None
    parts: list[Read]
    originals: Corrected
    number: UUID = field(default_factory=uuid4)

    @property
    def items(self) -> int:
        """How many items its sound consignments have."""
        return sum(part.items for part in self.parts)

    @property
    def order(self) -> Order:
        """Who files, and where the goods are."""
        filing = self.filing
        return Order(
            self.caller.party,
            self.caller.actor,
            self.number,
            filing.stage,
            filing.departs_at,
            filing.arrives_at,
        )


def made_ready(desk: Desk, caller: Caller, filing: Filing, request: Asked | None) -> Ready:
    """Read a filing, outside any transaction.

    Raises:
        TooMany: It holds more items than one filing may.
    """
    desk.refresh()
    originals = Corrected(desk, caller.party)
    parts = _read(desk, filing, originals, desk.clock.now())
    return Ready(caller, filing, request, parts, originals)


def _read(desk: Desk, filing: Filing, originals: Corrected, now: datetime) -> list[Read]:
    found = parts_of_filing(filing.body, filing.form, desk, originals, now.date(), light=filing.light)
    return list(found)


def file_now(desk: Desk, caller: Caller, filing: Filing, request: Asked | None) -> Answered:
    """Decide and store a filing, whole or not at all, and answer with a result for each record.

    Raises:
        OtherBody: The idempotency key was used with another request.
        InFlight: The same request is being worked on.
        TooMany: It holds more items than one filing may.
    """
    return _alone(desk, made_ready(desk, caller, filing, request))


def file_together(desk: Desk, waiting: Sequence[Ready]) -> list[Answered | Exception]:
    """File what several parties sent, none of which comes twice, in one transaction; an answer or an error for each.

    One that can't be filed takes no other with it: it and all others are then filed alone.

    Raises:
        StoreError: The database can't be reached.
        Exception: As `file_now` raises it, where one waits alone.
    """
    desk.refresh()  # a sandbox's clock may have been moved while they waited
    if len(waiting) == 1:
        return [_alone(desk, waiting[0])]
    done: dict[int, Answered | Exception] = {}
    try:
        done = _together(desk, waiting)
    except StoreError:
        raise
    except Exception:  # noqa: BLE001 - whose fault it is shows when each is filed alone
        done = {}
    for place, one in enumerate(waiting):
        if place not in done:
            try:
                # Read anew: a correction may rest on what has changed since.
                done[place] = file_now(desk, one.caller, one.filing, one.request)
            except Exception as error:  # noqa: BLE001 - it belongs to this one's caller
                done[place] = error
    return [done[place] for place in range(len(waiting))]


def _together(desk: Desk, waiting: Sequence[Ready]) -> dict[int, Answered | Exception]:
    """File those whose locks are free: nobody waits for another's lock."""
    began = time.perf_counter()
    done: dict[int, Answered | Exception] = {}
    left: list[int] = []
    with desk.database.writing(planned_once=True) as cursor:
        for place, one in enumerate(waiting):
            if not take_lock(cursor, "party", one.caller.party):
                continue
            try:
                before = None if one.request is None else _answered(cursor, one.request)
            except GreenlaneError as error:
                done[place] = error
                continue
            if before is not None:
                done[place] = before
            else:
                left.append(place)
        counts, answers = _store(cursor, desk, [waiting[place] for place in left])
        done |= zip(left, answers, strict=True)
    if left:
        desk.filed(counts, time.perf_counter() - began)
    return done


def _answered(cursor: Cursor[Any], request: Asked) -> Answered | None:
    if not take_lock(cursor, "request", *request.mark):
        raise InFlight
    return answered(cursor, request)


def _alone(desk: Desk, ready: Ready) -> Answered:
    began = time.perf_counter()
    request = ready.request
    mark = None if request is None else request.mark
    with desk.database.writing(ready.caller.party, request=mark, planned_once=True) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        counts, (answer,) = _store(cursor, desk, [ready])
    desk.filed(counts, time.perf_counter() - began)
    return answer


def _store(cursor: Cursor[Any], desk: Desk, waiting: Sequence[Ready]) -> tuple[Counter[str], list[Answered]]:
    """Decide and store filings; return what became of all consignments, and the answer of each filing."""
    now = desk.clock.now()
    parts = []
    for one in waiting:
        rows.receive(cursor, one.filing.received(one.number, one.caller, now), None)
        # Nobody changes originals now: the party's lock is held.
        stands = one.originals.stand(cursor)
        parts.append(one.parts if stands else _read(desk, one.filing, one.originals, now))
    results: list[list[ItemResult]] = [[] for _ in waiting]
    for turn in range(max(map(len, parts), default=0)):
        places = [place for place, listed in enumerate(parts) if turn < len(listed)]
        batches = [(waiting[place].order, parts[place][turn]) for place in places]
        for place, found in zip(places, file_batches(cursor, desk, batches), strict=True):
            results[place] += found
    total: Counter[str] = Counter()
    answers = []
    for one, found in zip(waiting, results, strict=True):
        counts = Counter(result.result for result in found)
        total += counts
        answers.append(_finish(cursor, one, found, counts, now))
    return total, answers


def _finish(
    cursor: Cursor[Any], one: Ready, results: list[ItemResult], counts: Counter[str], now: datetime
) -> Answered:
    packed = msgspec.json.encode(results)
    rows.add_results(cursor, one.number, 0, packed, counts)
    rows.finish(cursor, one.number, now)
    receipt = Receipt(
        filing=one.number,
        status="done",
        received_at=now,
        records=len(results),
        accepted=counts["accepted"],
        amended=counts["amended"],
        repeated=counts["repeated"],
        rejected=counts["rejected"],
        refused=counts["refused"],
    )
    whole = {**msgspec.structs.asdict(receipt), "results": msgspec.Raw(packed)}
    answer = Answered(200, "application/json", msgspec.json.encode(whole))
    if one.request is not None:
        remember(cursor, one.request, answer, now)
    return answer


__all__ = ["Ready", "file_now", "file_together", "made_ready"]
