"""Look at consignments, as far as the caller's role sees them."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import State, clocks, fold, may_load, standing_against
from greenlane.clearance.events import notice_of
from greenlane.desk.caller import Caller
from greenlane.desk.commanding import NotFound, viewer_of
from greenlane.desk.desk import Desk
from greenlane.desk.kept import Facts
from greenlane.store import consignments as rows
from greenlane.store import events as log
from greenlane.store.consignments import Wanted

Row = dict[str, Any]


def listed(desk: Desk, caller: Caller, wanted: Wanted, after: int, limit: int) -> list[Row]:
    """Return consignments in the order of filing."""
    with desk.database.reading(viewer_of(caller)) as cursor:
        return rows.listed(cursor, wanted, after, limit)


def queue(
    desk: Desk, caller: Caller, wanted: Wanted, after: tuple[datetime | None, int] | None, limit: int
) -> list[Row]:
    """Return open consignments by deadline."""
    with desk.database.reading(viewer_of(caller)) as cursor:
        return rows.queue(cursor, wanted, after, limit)


def one(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> Row:
    """Return one consignment with its outcome and what stands against release.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        row = _found(cursor, caller, party, consignment_id)
        state = _state(cursor, row["key"])
    told = {name: value for name, value in row.items() if name not in ("key", "facts", "outcome")}
    outcome = msgspec.json.decode(row["outcome"])
    if not caller.staff:
        told.pop("score", None)
        outcome.pop("risk", None)
    return {
        **told,
        "outcome": outcome,
        "stage": state.stage,
        "late": state.late,
        "may_load": may_load(state),
        "standing_against_release": list(standing_against(state)),
        "clocks": [
            {"what": c.what, "at": c.at, "overdue": c.overdue, "number": c.number, "agency": c.agency}
            for c in clocks(state)
        ],
    }


def events(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> list[Row]:
    """Return what happened to a consignment; who isn't staff reads what is told outside.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        row = _found(cursor, caller, party, consignment_id)
        recorded = log.of(cursor, [row["key"]])[row["key"]]
    found: list[Row] = []
    for one_ in recorded:
        event = one_.event
        entry: Row = {"version": one_.version, "type": event.type, "at": event.at}
        if caller.staff:
            found.append({**entry, "actor": event.actor, "data": dict(event.data)})
        elif (notice := notice_of(event)) is not None:
            found.append({**entry, "notice": notice.code, "data": dict(notice.data)})
    return found


def explanation(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> Row:
    """Return each step of the decision, and whether it comes out as it was stored.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        row = _found(cursor, caller, party, consignment_id)
    facts = Facts(row["facts"])
    stored = msgspec.json.decode(row["outcome"])
    again = facts.decide(desk.context, [])
    amounts = ("duty", "tax", "fees", "total", "payable_at_border", "status", "category")
    return {
        "consignment_id": consignment_id,
        "law_version": stored["law_version"],
        "law_version_now": again["law_version"],
        "same": all(stored[name] == again[name] for name in amounts),
        "steps": facts.steps(desk.context),
        "reasons": stored["reasons"],
    }


def _found(cursor: Cursor[Any], caller: Caller, party: str | None, consignment_id: str) -> Row:
    key = rows.key_of(cursor, party or caller.party, consignment_id)
    row = None if key is None else rows.one(cursor, key)
    if row is None:
        raise NotFound("there is no such consignment, or it isn't yours to see")
    return row


def _state(cursor: Cursor[Any], key: int) -> State:
    return fold(recorded.event for recorded in log.of(cursor, [key])[key])


__all__ = ["events", "explanation", "listed", "one", "queue"]
