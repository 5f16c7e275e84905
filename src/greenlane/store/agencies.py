"""Which agency was asked about which consignment, what it said, and what it is told."""

from collections.abc import Iterable
from typing import Any

from psycopg import Cursor

from greenlane.clearance import Event
from greenlane.clearance.events import moment
from greenlane.store.events import read_event

_ASKED = "agency_asked"


def follow(cursor: Cursor[Any], events: Iterable[tuple[int, str, int, Event]]) -> None:
    """Bring the agencies' lists up to date with new events, each with its place, party and consignment."""
    for seq, party, key, event in events:
        if event.type == _ASKED:
            agency = event.data["agency"]
            cursor.execute(
                "insert into agency_case (agency, key, due) values (%s, %s, %s) "
                "on conflict (agency, key) do update set due = excluded.due, verdict = null",
                (agency, key, moment(event.data["due"])),
            )
            cursor.execute(
                "insert into agency_notice (agency, seq, party, key) values (%s, %s, %s, %s)",
                (agency, seq, party, key),
            )
        elif event.type == "agency_decided":
            cursor.execute(
                "update agency_case set verdict = %s where agency = %s and key = %s",
                (event.data["verdict"], event.data["agency"], key),
            )


def feed(cursor: Cursor[Any], agency: str, after: int, limit: int) -> list[tuple[int, str, str, Event]]:
    """Return what an agency is told from behind a place: place, party, id of the consignment, event.

    Many parties write for one agency side by side, so a notice gets its place when it is first read: what commits
    later comes later. The caller holds the lock of the agency's feed.
    """
    cursor.execute(
        "with last as (select coalesce(max(place), 0) as place from agency_notice where agency = %(agency)s), "
        "fresh as (select seq, row_number() over (order by seq) as number from agency_notice "
        "where agency = %(agency)s and place is null) "
        "update agency_notice n set place = last.place + fresh.number from last, fresh "
        "where n.agency = %(agency)s and n.seq = fresh.seq",
        {"agency": agency},
    )
    rows = cursor.execute(
        "select n.place, n.party, c.consignment_id, e.type, e.at, e.actor, e.data from agency_notice n "
        "join event e on e.seq = n.seq join consignment c on c.key = n.key "
        "where n.agency = %s and n.place > %s order by n.place limit %s",
        (agency, after, limit),
    ).fetchall()
    return [(row[0], row[1], row[2], read_event(*row[3:])) for row in rows]


__all__ = ["feed", "follow"]
