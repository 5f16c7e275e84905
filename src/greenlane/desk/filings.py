"""Filings of many consignments: decided before the answer, or received and decided afterwards."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from cryptography.exceptions import InvalidTag
from psycopg import Cursor

from greenlane.clearance.vocabulary import Stage
from greenlane.desk.bodies import open_body, seal_body
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.filing import Order, file_batch
from greenlane.desk.foreign import Most, Originals, TooMany, parts_of
from greenlane.desk.reading import Read, read
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.desk.results import ItemResult, Receipt
from greenlane.desk.weight import holds_more
from greenlane.messages.families import HEAD, formats, sniffed
from greenlane.messages.files import Bounds, TooMuch, open_source, read_part
from greenlane.store import filings as rows
from greenlane.store import messages
from greenlane.store.database import StoreError, lock_number

MOST_ITEMS = 100_000
"""Items in one filing."""
MOST_TEXT = 512 * 1024 * 1024
"""Bytes of text in one filing once it is unpacked."""
PART_ITEMS = 5_000
"""Items decided and stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What comes in: the bytes as sent, where the goods are on their way, the foreign format that they are in."""

    body: bytes
    stage: Stage
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    form: str | None = None


def file_now(desk: Desk, caller: Caller, filing: Filing, request: Asked | None) -> Answered:
    """Decide and store a filing, whole or not at all, and answer with a result for each record.

    Raises:
        OtherBody: The idempotency key was used with another request.
        InFlight: The same request is being worked on.
        TooMany: It holds more items than one filing may.
    """
    desk.refresh()
    began = time.perf_counter()
    number = uuid4()
    originals = _Originals(desk, caller.party)
    parts = list(_parts(filing.body, filing.form, desk, originals, desk.clock.now().date()))
    with desk.database.writing(caller.party, request=request.mark if request else None) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        now = desk.clock.now()
        order = Order(caller.party, caller.actor, number, filing.stage, filing.departs_at, filing.arrives_at)
        received = rows.Received(
            number,
            caller.party,
            caller.actor,
            now,
            filing.stage,
            filing.departs_at,
            filing.arrives_at,
            filing.form,
        )
        rows.receive(cursor, received, None)
        if not originals.stand(cursor):
            # Nobody changes them now: the party's lock is held.
            parts = list(_parts(filing.body, filing.form, desk, originals, now.date()))
        results: list[ItemResult] = []
        for part in parts:
            results += file_batch(cursor, desk, order, part)
        counts = Counter(result.result for result in results)
        packed = msgspec.json.encode(results)
        rows.add_results(cursor, number, 0, packed, counts)
        rows.finish(cursor, number, now)
        receipt = Receipt(
            filing=number,
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
        if request is not None:
            remember(cursor, request, answer, now)
    desk.filed(counts, time.perf_counter() - began)
    return answer


def receive(desk: Desk, caller: Caller, filing: Filing, request: Asked | None) -> Answered:
    """Take a filing in, sealed, and answer with a receipt; `work` decides it afterwards.

    Raises:
        OtherBody: The idempotency key was used with another request.
        InFlight: The same request is being worked on.
    """
    desk.refresh()
    number = uuid4()
    with desk.database.writing(request=request.mark if request else None) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        now = desk.clock.now()
        sealed = seal_body(filing.body, number, desk.masters)
        received = rows.Received(
            number,
            caller.party,
            caller.actor,
            now,
            filing.stage,
            filing.departs_at,
            filing.arrives_at,
            filing.form,
        )
        rows.receive(cursor, received, sealed)
        receipt = Receipt(filing=number, status="received", received_at=now, records=0)
        answer = Answered(202, "application/json", msgspec.json.encode(receipt))
        if request is not None:
            remember(cursor, request, answer, now)
    return answer


def work(desk: Desk, ended: Callable[[], bool] = lambda: False) -> bool:
    """Decide one filing that was received, part by part; True where there was one.

    Each part is one transaction with its results, so that a process that dies loses none and repeats none. A filing
    that can't be worked on now keeps no other one waiting.

    Args:
        desk: Whose filings.
        ended: Says whether the service is about to end; what is left of the filing is decided after the next start.
    """
    fault: Exception | None = None
    with desk.database.connection() as holder:
        waiting = holder.execute(
            "select id from filing where done_at is null order by received_at limit 20"
        ).fetchall()
        for (number,) in waiting:
            lock = lock_number("filing", str(number))
            got = holder.execute("select pg_try_advisory_lock(%s)", (lock,)).fetchone()
            if got is None or not got[0]:
                continue
            try:
                if _work_on(desk, number, ended):
                    return True
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - raised below, when the others had their turn
                fault = fault or error
            finally:
                holder.execute("select pg_advisory_unlock(%s)", (lock,))
    if fault is not None:
        raise fault
    return False


def _work_on(desk: Desk, number: UUID, ended: Callable[[], bool]) -> bool:
    with desk.database.connection() as connection, connection.cursor() as cursor:
        found = rows.waiting(cursor, number)
        if found is None:
            return False
        received, sealed = found
        done = rows.parts_done(cursor, number)
    order = Order(
        received.party, received.actor, number, received.stage, received.departs_at, received.arrives_at
    )
    problem = None
    try:
        body = open_body(sealed, number, desk.masters_to_open(sealed))
        originals = _Originals(desk, received.party)
        for place, part in enumerate(
            _parts(body, received.form, desk, originals, received.received_at.date())
        ):
            if place in done:
                continue
            if ended():
                return True
            began = time.perf_counter()
            with desk.database.writing(received.party) as cursor:
                if rows.part_done(cursor, number, place):
                    continue
                if not originals.stand(cursor):
                    return True  # read anew, from this part on
                results = file_batch(cursor, desk, order, part)
                counts = Counter(result.result for result in results)
                rows.add_results(cursor, number, place, msgspec.json.encode(results), counts)
            desk.filed(counts, time.perf_counter() - began)
    except TooMany as error:
        problem = str(error)
    except InvalidTag:
        problem = "the sealed body doesn't open"
    with desk.database.writing(received.party) as cursor:
        rows.finish(cursor, number, desk.clock.now(), problem)
    return True


class _Originals:
    """Declarations that the corrections of a filing begin from, as they are read before the party's lock is held."""

    def __init__(self, desk: Desk, party: str) -> None:
        self._desk, self._party = desk, party
        self._read: dict[str, UUID | None] = {}

    def __call__(self, name: str) -> bytes | None:
        """Return a declaration that was filed under an id, and note which message it came in."""
        with self._desk.database.cursor() as cursor:
            held = messages.original(cursor, self._party, name)
        self._read[name] = None if held is None else held[0]
        return None if held is None else open_body(held[1], held[0], self._desk.masters_to_open(held[1]))

    def stand(self, cursor: Cursor[Any]) -> bool:
        """Say whether none of those read since the last question was corrected meanwhile.

        The caller holds the party's lock.
        """
        noted, self._read = self._read, {}
        for name, number in noted.items():
            held = messages.original(cursor, self._party, name)
            if (None if held is None else held[0]) != number:
                return False
        return True


def _parts(body: bytes, form: str | None, desk: Desk, originals: Originals, received: date) -> Iterator[Read]:
    """Read a filing of any format in parts, one after the other; light JSON at once.

    Raises:
        TooMany: It holds more than a filing may; told before the first part.
    """
    foreign = sniffed(body[:HEAD]) if form is None else formats()[form]
    if foreign is not None:
        for part_of in parts_of(body, foreign, received, Most(MOST_ITEMS, PART_ITEMS), originals):
            yield read(part_of.batch, desk.context, part_of.sent)
        return
    if body[:64].lstrip()[:1] in (b"{", b"[") and not holds_more(body):
        yield read(body, desk.context)
        return
    with tempfile.TemporaryDirectory(prefix="greenlane-", dir=desk.spool) as folder:
        path = Path(folder) / "filing"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
        try:
            source = open_source(path, Path(folder) / "work", Bounds(MOST_ITEMS, MOST_TEXT))
        except TooMuch as error:
            raise TooMany(str(error)) from None
        if len(source.findings):
            yield read(_about_whole(source.findings), desk.context)
        for part in source.parts(PART_ITEMS):
            yield read(read_part(part), desk.context)


def _about_whole(findings: Any) -> Any:
    from greenlane.model import empty_batch

    return replace(empty_batch(), findings=findings)


def receipt_of(cursor: Cursor[Any], number: UUID) -> Receipt | None:
    """Return how far a filing is, as far as the reader's role sees it."""
    row = rows.one(cursor, number)
    return None if row is None else msgspec.convert(row, Receipt)


def results(cursor: Cursor[Any], number: UUID, after: int, limit: int) -> list[ItemResult]:
    """Return results of a filing from behind place *after* (from 0), in the order in which they were made."""
    found: list[ItemResult] = []
    for first, packed in rows.results(cursor, number, after):
        listed = msgspec.json.decode(packed, type=list[ItemResult])
        found += listed[max(after - first, 0) :]
        if len(found) >= limit:
            break
    return found[:limit]


def record_of(cursor: Cursor[Any], number: UUID, row: int) -> ItemResult | None:
    """Return what became of one record of a filing; None where there is none so far."""
    for _, packed in rows.results(cursor, number, 0):
        for one in msgspec.json.decode(packed, type=list[ItemResult]):
            if one.row == row:
                return one
    return None


__all__ = [
    "MOST_ITEMS",
    "Filing",
    "Receipt",
    "TooMany",
    "file_now",
    "receipt_of",
    "receive",
    "record_of",
    "results",
    "work",
]
