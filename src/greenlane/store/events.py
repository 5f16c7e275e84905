"""The event log: append, read one consignment's, read a party's feed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance.events import EVENT_TYPES, Event
from greenlane.store.consignments import next_numbers
from greenlane.store.copying import EVENT, copy_rows

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the log."""

    seq: int
    key: int
    version: int
    event: Event


def append(
    cursor: Cursor[Any], events: Iterable[tuple[str, int, int, Event]], taken: Sequence[int] = ()
) -> list[int]:
    """Append events, each with party, key and version; return their places in the log.

    The caller holds the lock of every party named.

    Args:
        taken: Places that were taken for them in this transaction, the first first; more are taken as they are needed.
    Raises:
        psycopg.errors.UniqueViolation: The version is there already: somebody was faster.
    """
    listed = list(events)
    places = list(taken[: len(listed)])
    if len(places) < len(listed):
        places += next_numbers(cursor, "event_seq", len(listed) - len(places))
    copy_rows(
        cursor,
        EVENT,
        (
            (seq, party, key, version, e.type, e.at, e.actor, EVENT_TYPES[e.type].notice, _encode(e.data))
            for seq, (party, key, version, e) in zip(places, listed, strict=True)
        ),
    )
    return places


def of(cursor: Cursor[Any], keys: Sequence[int]) -> dict[int, list[Recorded]]:
    """Return the events of consignments, each in order of version."""
    rows = cursor.execute(
        "select seq, key, version, type, at, actor, data from event where key = any(%s) order by key, version",
        (list(keys),),
    ).fetchall()
    found: dict[int, list[Recorded]] = {key: [] for key in keys}
    for row in rows:
        found[row[1]].append(_recorded(row))
    return found


def last_decision(cursor: Cursor[Any], key: int) -> int:
    """Return the version of the event with the decision that stands."""
    row = cursor.execute(
        "select max(version) from event where key = %s and type in ('filed', 'amended', 'redecided')", (key,)
    ).fetchone()
    assert row is not None
    return int(row[0])


def feed(cursor: Cursor[Any], party: str, after: int, limit: int) -> list[tuple[Recorded, str]]:
    """Return what a party is told from behind a cursor, each with the consignment's id, in order of commit."""
    rows = cursor.execute(
        "select e.seq, e.key, e.version, e.type, e.at, e.actor, e.data, c.consignment_id "
        "from event e join consignment c using (key) "
        "where e.party = %s and e.seq > %s and e.notice is not null order by e.seq limit %s",
        (party, after, limit),
    ).fetchall()
    return [(_recorded(row), row[7]) for row in rows]


def _recorded(row: Sequence[Any]) -> Recorded:
    seq, key, version, kind, at, actor, data = row[:7]
    return Recorded(seq, key, version, read_event(kind, at, actor, data))


def read_event(kind: str, at: datetime, actor: str, data: bytes) -> Event:
    """Return an event from its columns."""
    return Event(kind, at, actor, msgspec.json.decode(data))


__all__ = ["Recorded", "append", "feed", "last_decision", "of", "read_event"]
