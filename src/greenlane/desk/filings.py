"""Filings that are received, sealed, and decided afterwards part by part; receipts and results of all."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from cryptography.exceptions import InvalidTag
from psycopg import Cursor

from greenlane.desk.bodies import open_body, seal_body
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.filing import Order, file_batch
from greenlane.desk.filing_parts import Corrected, Filing, TooMany, parts_of_filing
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.desk.results import ItemResult, Receipt
from greenlane.store import filings as rows
from greenlane.store.database import StoreError, lock_number


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
        rows.receive(cursor, filing.received(number, caller, now), sealed)
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
        originals = Corrected(desk, received.party)
        for place, part in enumerate(
            parts_of_filing(body, received.form, desk, originals, received.received_at.date())
        ):
            if place in done:
                continue
            if ended():
                return True
            began = time.perf_counter()
            with desk.database.writing(received.party, planned_once=True) as cursor:
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


def receipt_of(cursor: Cursor[Any], number: UUID) -> Receipt | None:
    """Return how far a filing is, as far as the reader's role sees it."""
    row = rows.one(cursor, number)
    return None if row is None else msgspec.convert(row, Receipt)


def results(cursor: Cursor[Any], number: UUID, after: int, limit: int) -> list[ItemResult]:
    """Return results of a filing from behind place *after* (from 0), in the order in which they were made."""
    found: list[ItemResult] = []
    for first, told in rows.results(cursor, number, after):
        listed = msgspec.json.decode(told, type=list[ItemResult])
        found += listed[max(after - first, 0) :]
        if len(found) >= limit:
            break
    return found[:limit]


def record_of(cursor: Cursor[Any], number: UUID, row: int) -> ItemResult | None:
    """Return what became of one record of a filing; None where there is none so far."""
    for _, told in rows.results(cursor, number, 0):
        for one in msgspec.json.decode(told, type=list[ItemResult]):
            if one.row == row:
                return one
    return None


__all__ = ["receipt_of", "receive", "record_of", "results", "work"]
