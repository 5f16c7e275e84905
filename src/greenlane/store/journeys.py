"""When consignments were filed, left, arrived and were released, and what inspections found, read from the event log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor

_EVENTS = """
select c.key, c.party, c.consignment_id, c.filed_at, e.type, e.at, convert_from(e.data, 'UTF8')::jsonb
from consignment c join event e using (key)
where c.consignment_id = any(%s) and (%s::text is null or c.party = %s)
  and e.type in ('filed', 'departed', 'arrived', 'released', 'inspection_found')
order by c.consignment_id, c.party, e.version
"""


@dataclass(frozen=True, slots=True)
class Travelled:
    """The journey of one consignment; ``findings`` are those of its inspections, in order."""

    party: str
    consignment_id: str
    filed_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    released_at: datetime | None
    findings: tuple[str, ...]


def journeys(cursor: Cursor[Any], ids: Sequence[str], party: str | None = None) -> Iterator[Travelled]:
    """Give the journeys of consignments, in order of id and party.

    Args:
        cursor: Of a transaction that may read every party.
        ids: Consignment ids as they were filed.
        party: Whose consignments; None: anybody's.
    """
    held: list[tuple[Any, ...]] = []
    for row in cursor.execute(_EVENTS, (list(ids), party, party)):
        if held and held[0][0] != row[0]:
            yield _travelled(held)
            held = []
        held.append(row)
    if held:
        yield _travelled(held)


def _travelled(rows: Sequence[tuple[Any, ...]]) -> Travelled:
    moments: dict[str, datetime] = {}
    findings = []
    for *_, kind, at, data in rows:
        for name in ("departed_at", "arrived_at"):
            if name in data:
                moments.setdefault(name, datetime.fromisoformat(data[name]))
        if kind == "released":
            moments.setdefault("released_at", at)
        if kind == "inspection_found":
            findings.append(str(data["finding"]))
    _, party, number, filed_at, *_ = rows[0]
    return Travelled(
        party,
        number,
        filed_at,
        moments.get("departed_at"),
        moments.get("arrived_at"),
        moments.get("released_at"),
        tuple(findings),
    )


__all__ = ["Travelled", "journeys"]
