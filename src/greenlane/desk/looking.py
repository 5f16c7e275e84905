"""Look at consignments, as far as the caller's role sees them."""

from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import State, clocks, fold, may_load, standing_against
from greenlane.clearance.events import notice_of
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.kept import Facts
from greenlane.desk.sealing import prior_use
from greenlane.desk.seeing import NotFound, viewer_of
from greenlane.desk.shown import (
    EventTold,
    Explained,
    Outcome,
    RunningClock,
    Shown,
    Standing,
    StepTold,
)
from greenlane.store import consignments as rows
from greenlane.store import events as log
from greenlane.store.consignments import Wanted

Row = dict[str, Any]


def listed(
    desk: Desk, caller: Caller, wanted: Wanted, after: int, limit: int
) -> tuple[list[Standing], int | None]:
    """Return consignments in the order of filing, and the number of the last where there may be more."""
    with desk.database.reading(viewer_of(caller)) as cursor:
        found = rows.listed(cursor, wanted, after, limit)
    return [_standing(row, caller) for row in found], found[-1]["key"] if len(found) == limit else None


def queue(
    desk: Desk, caller: Caller, wanted: Wanted, after: tuple[datetime | None, int] | None, limit: int
) -> tuple[list[Standing], tuple[datetime | None, int] | None]:
    """Return open consignments by deadline, and deadline and number of the last where there may be more."""
    with desk.database.reading(viewer_of(caller)) as cursor:
        found = rows.queue(cursor, wanted, after, limit)
    last = (found[-1]["deadline"], found[-1]["key"]) if len(found) == limit else None
    return [_standing(row, caller) for row in found], last


def one(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> Shown:
    """Return one consignment with its outcome and what stands against release.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        row = _found(cursor, caller, party, consignment_id)
        state = _state(cursor, row["key"])
    outcome = msgspec.json.decode(row["outcome"], type=Outcome)
    if not caller.staff:
        outcome = msgspec.structs.replace(outcome, risk=msgspec.UNSET)
    return Shown(
        **msgspec.structs.asdict(_standing(row, caller)),
        outcome=outcome,
        stage=state.stage,
        late=state.late,
        may_load=may_load(state),
        standing_against_release=list(standing_against(state)),
        clocks=[
            RunningClock(what=c.what, at=c.at, overdue=c.overdue, number=c.number, agency=c.agency)
            for c in clocks(state)
        ],
    )


def events(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> list[EventTold]:
    """Return what happened to a consignment; who isn't staff reads what is told outside.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        row = _found(cursor, caller, party, consignment_id)
        recorded = log.of(cursor, [row["key"]])[row["key"]]
    found: list[EventTold] = []
    for one_ in recorded:
        event, version = one_.event, one_.version
        if caller.staff:
            data, actor = dict(event.data), event.actor
            found.append(EventTold(version=version, type=event.type, at=event.at, data=data, actor=actor))
        elif (notice := notice_of(event)) is not None:
            data, code = dict(notice.data), notice.code
            found.append(EventTold(version=version, type=event.type, at=event.at, data=data, notice=code))
    return found


def explanation(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> Explained:
    """Return each step of the decision, and whether it comes out as it was stored.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        row = _found(cursor, caller, party, consignment_id)
    with desk.database.connection() as connection, connection.cursor() as cursor:
        facts = Facts(row["facts"], partial(prior_use, cursor, desk, row["key"]))
    stored = msgspec.json.decode(row["outcome"])
    again = facts.decide(desk.context, [])
    amounts = ("duty", "tax", "fees", "total", "payable_at_border", "status", "category")
    return Explained(
        consignment_id=consignment_id,
        law_version=stored["law_version"],
        law_version_now=again["law_version"],
        same=all(stored[name] == again[name] for name in amounts),
        steps=[StepTold(**step) for step in facts.steps(desk.context)],
        reasons=stored["reasons"],
    )


def _standing(row: Row, caller: Caller) -> Standing:
    """Return what lists show of a row; the score is for staff alone."""
    told = {name: row[name] for name in Standing.__struct_fields__ if name != "score"}
    return Standing(**told, score=row["score"] if caller.staff else msgspec.UNSET)


def _found(cursor: Cursor[Any], caller: Caller, party: str | None, consignment_id: str) -> Row:
    key = rows.key_of(cursor, party or caller.party, consignment_id)
    row = None if key is None else rows.one(cursor, key)
    if row is None:
        raise NotFound("there is no such consignment, or it isn't yours to see")
    return row


def _state(cursor: Cursor[Any], key: int) -> State:
    return fold(recorded.event for recorded in log.of(cursor, [key])[key])


__all__ = ["events", "explanation", "listed", "one", "queue"]
