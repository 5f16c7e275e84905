"""Filings: received, decided part by part, with a result for each record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor

from greenlane.clearance.vocabulary import Stage
from greenlane.store.packed import pack, unpack

COUNTS = ("accepted", "amended", "repeated", "rejected", "refused")


@dataclass(frozen=True, slots=True)
class Received:
    """A filing as received."""

    id: UUID
    party: str
    actor: str
    received_at: datetime
    stage: Stage
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    form: str | None = None


def receive(cursor: Cursor[Any], filing: Received, sealed: bytes | None) -> None:
    """Write a filing; *sealed* is its body where it is decided later."""
    cursor.execute(
        "insert into filing (id, party, actor, received_at, stage, departs_at, arrives_at, form, body) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            filing.id, filing.party, filing.actor, filing.received_at, filing.stage, filing.departs_at,
            filing.arrives_at, filing.form, sealed,
        ),
    )  # fmt: skip


def waiting(cursor: Cursor[Any], number: UUID) -> tuple[Received, bytes] | None:
    """Return a filing that isn't decided yet, with its sealed body."""
    row = cursor.execute(
        "select id, party, actor, received_at, stage, departs_at, arrives_at, form, body from filing "
        "where id = %s and done_at is null and body is not null",
        (number,),
    ).fetchone()
    return None if row is None else (Received(*row[:8]), row[8])


def parts_done(cursor: Cursor[Any], number: UUID) -> set[int]:
    """Return which parts of a filing are decided."""
    rows = cursor.execute("select part from filing_result where filing = %s", (number,)).fetchall()
    return {row[0] for row in rows}


def part_done(cursor: Cursor[Any], number: UUID, part: int) -> bool:
    """Say whether a part of a filing is decided; the caller holds the lock of its party."""
    found = cursor.execute("select 1 from filing_result where filing = %s and part = %s", (number, part))
    return found.fetchone() is not None


def add_results(
    cursor: Cursor[Any], number: UUID, part: int, results: bytes, counts: Mapping[str, int]
) -> None:
    """Write the results of a part, JSON, and count them."""
    cursor.execute(
        "insert into filing_result (filing, part, first, results) "
        "select id, %s, records, %s from filing where id = %s",
        (part, *pack([results]), number),
    )
    added = ", ".join(f"{name} = {name} + %s" for name in COUNTS)
    values = [counts.get(name, 0) for name in COUNTS]
    cursor.execute(
        f"update filing set records = records + %s, {added} where id = %s", (sum(values), *values, number)
    )


def finish(cursor: Cursor[Any], number: UUID, now: datetime, problem: str | None = None) -> None:
    """Mark a filing as decided, and drop its body."""
    cursor.execute(
        "update filing set done_at = %s, body = null, problem = %s where id = %s", (now, problem, number)
    )


def one(cursor: Cursor[Any], number: UUID) -> dict[str, Any] | None:
    """Return a filing's row as its receipt shows it."""
    row = cursor.execute(
        f"select id, done_at, received_at, problem, records, {', '.join(COUNTS)} from filing where id = %s",
        (number,),
    ).fetchone()
    if row is None:
        return None
    status = "received" if row[1] is None else "done" if row[3] is None else "failed"
    told = {"filing": row[0], "status": status, "received_at": row[2], "records": row[4], "problem": row[3]}
    return told | dict(zip(COUNTS, row[5:], strict=True))


def form_of(cursor: Cursor[Any], number: UUID) -> tuple[str, str | None] | None:
    """Return the party of a filing and the foreign format that it came in."""
    row = cursor.execute("select party, form from filing where id = %s", (number,)).fetchone()
    return None if row is None else (row[0], row[1])


def listed(cursor: Cursor[Any], after: tuple[datetime, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """Return filings that the reader's role sees, the newest first, from behind *after*."""
    where = "" if after is None else "where (received_at, id) < (%s, %s)"
    rows = cursor.execute(
        f"select id from filing {where} order by received_at desc, id desc limit %s", (*(after or ()), limit)
    ).fetchall()
    found = (one(cursor, row[0]) for row in rows)
    return [row for row in found if row is not None]


def results(cursor: Cursor[Any], number: UUID, after: int) -> Iterator[tuple[int, bytes]]:
    """Return results as JSON from the part that holds place *after*, each with the place of its first."""
    rows = cursor.execute(
        "select first, results from filing_result where filing = %s and "
        "first >= coalesce((select max(first) from filing_result where filing = %s and first <= %s), 0) "
        "order by first",
        (number, number, after),
    ).fetchall()
    yield from ((row[0], unpack(row[1])) for row in rows)


__all__ = [
    "COUNTS",
    "Received",
    "add_results",
    "finish",
    "form_of",
    "listed",
    "one",
    "part_done",
    "parts_done",
    "receive",
    "results",
    "waiting",
]
