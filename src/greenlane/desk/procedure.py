"""Move one consignment on: a command gives events, and the money and the row follow them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
from greenlane.clearance.commands import Amend, Cancel, ConfirmReturn, Redecide, RegisterPayment
from greenlane.clearance.vocabulary import Cover
from greenlane.desk.desk import Desk
from greenlane.ledger import Transfer, due_at_border, reassess
from greenlane.store import agencies, deliveries, limits, transfers
from greenlane.store import events as log


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
    """Whose consignment is moved on, by whom; with a new decision, its outcome and the ids of those who may pay."""

    party: str
    key: int
    actor: Actor
    outcome: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The events that a command caused, and where the consignment stands now."""

    events: list[Event]
    state: State
    standing: Standing


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


def advance(cursor: Cursor[Any], desk: Desk, case: Case, command: Command) -> Done:
    """Carry out a command; the caller holds the lock of the party.

    Raises:
        Refused: The procedure doesn't allow it now, or not to this role.
    """
    now = desk.clock.now()
    before = state_of(cursor, case.key)
    events, state = act(before, command, now, case.actor, desk.policy, case.quantities)
    follow, state = _money(cursor, desk, case, command, state, now)
    return record(cursor, case, before, [*events, *follow], state, now)


def look_again(cursor: Cursor[Any], desk: Desk, party: str, key: int) -> Done | None:
    """Let time have its effect on one consignment: limits that ran out. None where nothing is due."""
    now = desk.clock.now()
    before = state_of(cursor, key)
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


def _money(
    cursor: Cursor[Any], desk: Desk, case: Case, command: Command, state: State, now: datetime
) -> tuple[list[Event], State]:
    """Post what a command does to the money; where nothing is due any more, say so to the procedure."""
    if isinstance(command, Amend | Redecide | Cancel | ConfirmReturn):
        outcome = case.outcome if state.decision is not None and state.decision.complete else None
        if isinstance(command, Cancel | ConfirmReturn):
            outcome = None
            limits.give_back(cursor, case.key, state.version)
        posted = transfers.of_consignments(cursor, [case.key])[case.key]
        made = reassess(posted, case.key, state.version, case.party, outcome, now, dict(case.names))
        transfers.append(cursor, ((case.party, transfer) for transfer in made))
        return covered(desk, state, [*posted, *made], now)
    return [], state


def covered(
    desk: Desk, state: State, posted: Sequence[Transfer], now: datetime, cover: Cover = "paid"
) -> tuple[list[Event], State]:
    """Register the payment of the current decision where the ledger has nothing open at the border."""
    if not state.owed or state.decision is None or not state.decision.complete or due_at_border(posted):
        return [], state
    if phase_of(state) not in OPEN:
        return [], state
    return act(state, RegisterPayment(decision=state.decisions, cover=cover), now, SYSTEM, desk.policy)


__all__ = [
    "Case",
    "Done",
    "Standing",
    "advance",
    "covered",
    "look_again",
    "record",
    "standing_of",
    "state_of",
]
