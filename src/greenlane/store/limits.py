"""The register of what persons used of their limits, under a pseudonym of that purpose alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from psycopg import Cursor

from greenlane.store.copying import LIMIT_USE, copy_rows


@dataclass(frozen=True, slots=True)
class Use:
    """One use: minor units of the law's currency (None: not known), and a count of one; both negative to give back."""

    person: str
    jurisdiction: str
    day: date
    amount: int | None
    count: int


def uses_of(cursor: Cursor[Any], persons: Iterable[str]) -> dict[tuple[str, str], list[Use]]:
    """Return the uses of some persons, by person and law."""
    rows = cursor.execute(
        "select person, jurisdiction, day, amount, count from limit_use where person = any(%s) order by day, id",
        (list(persons),),
    ).fetchall()
    found: dict[tuple[str, str], list[Use]] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), []).append(Use(*row))
    return found


def use_of_consignment(cursor: Cursor[Any], key: int) -> list[Use]:
    """Return the uses that one consignment made and gave back."""
    rows = cursor.execute(
        "select person, jurisdiction, day, amount, count from limit_use where key = %s order by id", (key,)
    ).fetchall()
    return [Use(*row) for row in rows]


def net_use(cursor: Cursor[Any], key: int, without: Iterable[UUID]) -> Use | None:
    """Return what one consignment uses of a limit, some of its entries left out; None: nothing."""
    row = cursor.execute(
        "select person, jurisdiction, day, case when bool_or(amount is null) then null else sum(amount)::bigint end, "
        "sum(count)::int from limit_use where key = %s and not id = any(%s) "
        "group by person, jurisdiction, day having sum(count) > 0",
        (key, list(without)),
    ).fetchone()
    return None if row is None else Use(*row)


def record(cursor: Cursor[Any], uses: Iterable[tuple[UUID, int, Use]]) -> None:
    """Write uses, each with its id and the consignment that makes it."""
    copy_rows(
        cursor,
        LIMIT_USE,
        ((made, u.person, u.jurisdiction, u.day, key, u.amount, u.count) for made, key, u in uses),
    )


def use_id(key: int, version: int, what: str = "use") -> UUID:
    """Return the id of the use that a version of a consignment makes, or gives back: always the same."""
    return uuid5(_NAMESPACE, f"{what}|{key}|{version}")


def give_back(cursor: Cursor[Any], key: int, version: int) -> None:
    """Give back whatever a consignment still uses of its person's limits."""
    sums: dict[tuple[str, str, date], list[int | None]] = {}
    for use in use_of_consignment(cursor, key):
        held = sums.setdefault((use.person, use.jurisdiction, use.day), [0, 0])
        held[0] = None if held[0] is None or use.amount is None else held[0] + use.amount
        held[1] = (held[1] or 0) + use.count
    back = [
        (use_id(key, version, f"back:{place}"), key, Use(*mark, None if amount is None else -amount, -count))
        for place, (mark, (amount, count)) in enumerate(sums.items())
        if count
    ]
    if back:
        record(cursor, back)


_NAMESPACE = UUID("b0b8f2f4-20b1-5d55-9c26-1d3d33f0a001")

__all__ = ["Use", "give_back", "net_use", "record", "use_id", "use_of_consignment", "uses_of"]
