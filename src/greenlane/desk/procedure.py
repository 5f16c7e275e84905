"""Move one consignment on: a command gives events, and the money and the row follow them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from psycopg import Cursor

from greenlane.clearance import (
    OPEN,
    SYSTEM,
    Actor,
    Command,
    Event,
    State,
    act,
    deadline_of,
    fold,
    phase_of,
    settle,
    wake_at,
)
from greenlane.desk.desk import Desk
from greenlane.desk.money_following import Money, follow
from greenlane.store import agencies, deliveries
from greenlane.store import events as log
from greenlane.values.finding import Finding


@dataclass(frozen=True, slots=True)
class Standing:
    """What the row of a consignment says of its state."""

    phase: str
    open: bool
    deadline: datetime | None
    wake_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Case:
    """Whose consignment is moved on, by whom; with a new decision, its outcome, those who may pay, and its day."""

    party: str
    key: int
    actor: Actor
    outcome: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, str] | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The events that a command caused, where the consignment stands now, and what the ledger found."""

    events: list[Event]
    state: State
    standing: Standing
    findings: tuple[Finding, ...] = ()


def standing_of(state: State) -> Standing:
    """Return what the row says of a state."""
    phase = phase_of(state)
    deadline = deadline_of(state)
    return Standing(
        str(phase), phase in OPEN, None if deadline is None else deadline.at, wake_at(state), state.version
    )


def state_of(cursor: Cursor[Any], key: int) -> State:
    """Fold the state of a consignment from its events."""
    return fold(recorded.event for recorded in log.of(cursor, [key])[key])


def _now(cursor: Cursor[Any], desk: Desk, key: int) -> tuple[datetime, State]:
    """Return now and the state; now is never before the last event, whatever clock another process went by."""
    events = [recorded.event for recorded in log.of(cursor, [key])[key]]
    now = desk.clock.now()
    return max(now, events[-1].at) if events else now, fold(events)


def advance(cursor: Cursor[Any], desk: Desk, case: Case, command: Command) -> Done:
    """Carry out a command; the caller holds the lock of the party.

    Raises:
        Refused: The procedure doesn't allow it now, or not to this role.
        PostingRefused: The ledger doesn't.
    """
    now, before = _now(cursor, desk, case.key)
    events, state = act(before, command, now, case.actor, desk.policy, case.quantities)
    money = Money(case.party, case.key, case.outcome, case.names, case.day)
    followed = follow(cursor, desk, money, command, before, state, now)
    done = record(cursor, case, before, [*events, *followed.events], followed.state, now)
    return replace(done, findings=followed.findings)


def look_again(cursor: Cursor[Any], desk: Desk, party: str, key: int) -> Done | None:
    """Let time have its effect on one consignment: limits that ran out. None where nothing is due."""
    now, before = _now(cursor, desk, key)
    events = settle(before, now, desk.policy)
    state = fold(events, before)
    return record(cursor, Case(party, key, SYSTEM), before, events, state, now) if events else None


def record(
    cursor: Cursor[Any], case: Case, before: State, events: list[Event], state: State, now: datetime
) -> Done:
    """Append events, tell who is to be told, and bring the row up to date."""
    numbered = [
        (case.party, case.key, before.version + place, event) for place, event in enumerate(events, 1)
    ]
    places = log.append(cursor, numbered)
    deliveries.enqueue(cursor, case.party, places, now)
    agencies.follow(
        cursor, ((seq, case.party, case.key, event) for seq, event in zip(places, events, strict=True))
    )
    standing = standing_of(state)
    cursor.execute(
        "update consignment set phase = %s, open = %s, deadline = %s, wake_at = %s, version = %s where key = %s",
        (standing.phase, standing.open, standing.deadline, standing.wake_at, standing.version, case.key),
    )
    return Done(events, state, standing)


__all__ = [
    "Case",
    "Done",
    "Standing",
    "advance",
    "look_again",
    "record",
    "standing_of",
    "state_of",
]
