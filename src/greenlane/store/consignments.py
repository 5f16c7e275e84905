"""Consignments as they stand: numbers, rows, the officer's queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.store.packed import unpack


def next_numbers(cursor: Cursor[Any], sequence: str, count: int) -> list[int]:
    """Take *count* numbers of a sequence, in order."""
    rows = cursor.execute("select nextval(%s) from generate_series(1, %s)", (sequence, count)).fetchall()
    return [row[0] for row in rows]


def new_numbers(cursor: Cursor[Any], count: int) -> tuple[list[int], list[int]]:
    """Take numbers for *count* consignments, and as many places in the log for the events that file them, in order."""
    rows = cursor.execute(
        "select nextval('consignment_key'), nextval('event_seq') from generate_series(1, %s)", (count,)
    ).fetchall()
    return [row[0] for row in rows], [row[1] for row in rows]


def key_of(cursor: Cursor[Any], party: str, consignment_id: str) -> int | None:
    """Return the number of a consignment, as far as the reader's role sees it."""
    row = cursor.execute(
        "select key from consignment where party = %s and consignment_id = %s", (party, consignment_id)
    ).fetchone()
    return None if row is None else int(row[0])


def names_of_keys(cursor: Cursor[Any], keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the id and phase of consignments by number, as far as the reader's role sees them."""
    rows = cursor.execute(
        "select key, consignment_id, phase from consignment where key = any(%s)", (list(keys),)
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def one(cursor: Cursor[Any], key: int) -> dict[str, Any] | None:
    """Return the row of one consignment."""
    return many(cursor, [key]).get(key)


def many(cursor: Cursor[Any], keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the rows of consignments by key."""
    rows = cursor.execute(
        f"select {_SHOWN}, outcome, facts from consignment where key = any(%s)", (list(keys),)
    ).fetchall()
    names = [column.name for column in cursor.description or ()]
    return {
        row[0]: dict(zip(names, (*row[:-2], unpack(row[-2]), unpack(row[-1])), strict=True)) for row in rows
    }


_SHOWN = (
    "key, party, consignment_id, phase, open, deadline, version, filed_at, declaration_date, departure_country, "
    "destination_country, channel, transport_document, jurisdiction, disposition, score"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of consignments is narrowed to; None: anything."""

    phase: str | None = None
    channel: str | None = None
    jurisdiction: str | None = None
    disposition: str | None = None
    transport_document: str | None = None
    party: str | None = None


def queue(
    cursor: Cursor[Any], wanted: Wanted, after: tuple[datetime | None, int] | None, limit: int
) -> list[dict[str, Any]]:
    """Return open consignments, the nearest deadline first, those without one last.

    Args:
        after: Deadline and key of the last row seen.
    """
    where, values = _where(wanted)
    where.append("open")
    deadline, key = after or (None, None)
    if after is None or deadline is None:
        # Without a deadline they come last, by key alone.
        behind, given = ([], []) if after is None else (["deadline is null", "key > %s"], [key])
        return _listed(cursor, [*where, *behind], [*values, *given], "deadline, key", limit)
    # Two steps, each of which begins in the index where the page begins: one with "or" would walk all before it.
    found = _listed(
        cursor, [*where, "(deadline, key) > (%s, %s)"], [*values, deadline, key], "deadline, key", limit
    )
    if len(found) < limit:
        rest = limit - len(found)
        found += _listed(cursor, [*where, "deadline is null"], values, "deadline, key", rest)
    return found


def listed(cursor: Cursor[Any], wanted: Wanted, after: int, limit: int) -> list[dict[str, Any]]:
    """Return consignments in the order of their numbers, from behind *after*."""
    where, values = _where(wanted)
    where.append("key > %s")
    values.append(after)
    return _listed(cursor, where, values, "key", limit)


def _where(wanted: Wanted) -> tuple[list[str], list[Any]]:
    names = ("phase", "channel", "jurisdiction", "disposition", "transport_document", "party")
    given = [(name, getattr(wanted, name)) for name in names if getattr(wanted, name) is not None]
    return [f"{name} = %s" for name, _ in given], [value for _, value in given]


def _listed(
    cursor: Cursor[Any], where: list[str], values: list[Any], order: str, limit: int
) -> list[dict[str, Any]]:
    rows = cursor.execute(
        f"select {_SHOWN} from consignment where {' and '.join(where)} order by {order} limit %s",
        (*values, limit),
    ).fetchall()
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


__all__ = [
    "Wanted",
    "key_of",
    "listed",
    "many",
    "names_of_keys",
    "new_numbers",
    "next_numbers",
    "one",
    "queue",
]
