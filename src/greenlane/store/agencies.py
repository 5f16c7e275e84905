"""Which agency was asked about which consignment, and what it said."""

from collections.abc import Iterable
from typing import Any

from psycopg import Cursor

from greenlane.clearance import Event
from greenlane.clearance.events import moment


def follow(cursor: Cursor[Any], events: Iterable[tuple[int, Event]]) -> None:
    """Bring the agencies' lists up to date with new events, each with its consignment."""
    for key, event in events:
        if event.type == "agency_asked":
            cursor.execute(
                "insert into agency_case (agency, key, due) values (%s, %s, %s) "
                "on conflict (agency, key) do update set due = excluded.due, verdict = null",
                (event.data["agency"], key, moment(event.data["due"])),
            )
        elif event.type == "agency_decided":
            cursor.execute(
                "update agency_case set verdict = %s where agency = %s and key = %s",
                (event.data["verdict"], event.data["agency"], key),
            )


__all__ = ["follow"]
