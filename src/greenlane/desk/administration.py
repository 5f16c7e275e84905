"""Parties, agencies, keys, planned windows, the sandbox's clock: what an administrator sets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from greenlane.clearance import Role
from greenlane.desk.audit import entry
from greenlane.desk.caller import Caller, Right
from greenlane.desk.desk import Desk
from greenlane.desk.keys import NewKey, make_key, revoke_key
from greenlane.store import windows


def add_party(desk: Desk, caller: Caller, party: str, name: str) -> None:
    """Register an organisation, or rename it."""
    with desk.database.writing() as cursor:
        cursor.execute(
            "insert into party (id, name, created_at) values (%s, %s, %s) "
            "on conflict (id) do update set name = excluded.name",
            (party, name, desk.clock.now()),
        )
        entry(cursor, desk, caller.actor, "party_set", {"party": party})


def parties(desk: Desk) -> list[tuple[str, str]]:
    """Return id and name of every organisation."""
    with desk.database.connection() as connection:
        return connection.execute("select id, name from party order by id").fetchall()


def put_agency(desk: Desk, caller: Caller, agency: str, name: str, prefixes: Sequence[str]) -> None:
    """Register an agency with the commodity codes that it wants to see, or change them."""
    with desk.database.writing() as cursor:
        cursor.execute(
            "insert into agency (id, name, prefixes) values (%s, %s, %s) "
            "on conflict (id) do update set name = excluded.name, prefixes = excluded.prefixes",
            (agency, name, list(prefixes)),
        )
        entry(cursor, desk, caller.actor, "agency_set", {"agency": agency, "prefixes": list(prefixes)})


def add_key(
    desk: Desk,
    caller: Caller,
    *,
    party: str,
    roles: Sequence[Role],
    scopes: Sequence[Right],
    agency: str | None,
    expires_at: datetime,
) -> NewKey:
    """Make an API key.

    Raises:
        UsageError: It names no party or agency that there is, or would have expired.
    """
    with desk.database.writing() as cursor:
        made = make_key(
            cursor,
            party=party,
            roles=roles,
            scopes=scopes,
            agency=agency,
            created_by=caller.actor,
            now=desk.clock.machine(),
            expires_at=expires_at,
        )
        told: dict[str, str | int | list[str] | None] = {
            "key": made.id,
            "party": party,
            "roles": sorted(roles),
            "expires_at": expires_at.isoformat(),
        }
        entry(cursor, desk, caller.actor, "key_made", told)
    return made


def end_key(desk: Desk, caller: Caller, key: str) -> bool:
    """End an API key at once; False where there is none in force."""
    with desk.database.writing() as cursor:
        ended = revoke_key(cursor, key, desk.clock.machine())
        if ended:
            entry(cursor, desk, caller.actor, "key_ended", {"key": key})
    return ended


def plan_window(desk: Desk, caller: Caller, starts_at: datetime, ends_at: datetime, words: str) -> None:
    """Announce a planned window."""
    with desk.database.writing() as cursor:
        windows.plan(cursor, uuid4(), starts_at, ends_at, words)
        entry(cursor, desk, caller.actor, "window_planned", {"starts_at": starts_at.isoformat()})


def move_clock(desk: Desk, offset: timedelta) -> None:
    """Set the sandbox's clock for every process on this database."""
    _set(desk, "clock_offset_s", str(int(offset.total_seconds())))
    desk.clock.move(offset)


def switch_outage(desk: Desk, seconds: int) -> None:
    """Let the sandbox be out for some seconds of the machine's own time."""
    until = datetime.now().astimezone() + timedelta(seconds=seconds)
    _set(desk, "outage_until", until.isoformat())


def outage_until(desk: Desk) -> datetime | None:
    """Return until when the sandbox is out; None: it isn't."""
    with desk.database.connection() as connection:
        row: Any = connection.execute("select value from setting where name = 'outage_until'").fetchone()
    if row is None:
        return None
    until = datetime.fromisoformat(bytes(row[0]).decode())
    return until if until > datetime.now().astimezone() else None


def _set(desk: Desk, name: str, value: str) -> None:
    with desk.database.writing() as cursor:
        cursor.execute(
            "insert into setting (name, value) values (%s, %s) on conflict (name) do update set value = excluded.value",
            (name, value.encode()),
        )


__all__ = [
    "add_key",
    "add_party",
    "end_key",
    "move_clock",
    "outage_until",
    "parties",
    "plan_window",
    "put_agency",
    "switch_outage",
]
