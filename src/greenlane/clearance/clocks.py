"""The clocks that run: what an officer's queue is sorted by, and when to look again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from greenlane.clearance.state import State, phase_of
from greenlane.clearance.vocabulary import OPEN, Phase

What = Literal["referral", "inspection", "agency", "objection", "return"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit that runs, of a referral, an inspection, an agency, an objection or a return."""

    what: What
    at: datetime
    overdue: bool
    number: int | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """The next moment that matters, and what it is: a clock, or departure, arrival, release."""

    at: datetime
    what: What | Literal["departure", "arrival", "release"]


def clocks(state: State) -> list[Clock]:
    """Return every clock that runs, in the order in which they were started."""
    found: list[Clock] = []
    phase = phase_of(state)
    if phase in OPEN:
        found += [
            Clock("referral", moment, part.overdue, part.number)
            for part in state.referrals
            if not part.closed and (moment := part.react_by or part.due) is not None
        ]
        found += [
            Clock("inspection", part.due, part.overdue, part.number)
            for part in state.inspections
            if part.pending and part.due is not None
        ]
        found += [
            Clock("agency", part.due, part.overdue, agency=part.agency)
            for part in state.agencies
            if part.verdict is None
        ]
    if state.objection is not None and (state.objection.result is None or state.awaits_redecision):
        found.append(Clock("objection", state.objection.due, state.objection.overdue))
    found += [
        Clock("return", part.due, part.overdue, part.number)
        for part in state.returns
        if part.due is not None and part.refund is None
    ]
    return found


def deadline_of(state: State) -> Deadline | None:
    """Return the earliest moment by which somebody must act, null when nobody must.

    While the procedure is open these count beside the clocks: departure and arrival as announced, as long as
    they are ahead in the order of things, and after arrival the target for release.
    """
    found = [Deadline(clock.at, clock.what) for clock in clocks(state)]
    if phase_of(state) in OPEN:
        if state.arrived_at is not None:
            if state.release_by is not None:
                found.append(Deadline(state.release_by, "release"))
        else:
            if state.departed_at is None and state.departs_at is not None and state.stage == "pre_loading":
                found.append(Deadline(state.departs_at, "departure"))
            if state.arrives_at is not None:
                found.append(Deadline(state.arrives_at, "arrival"))
    return min(found, key=lambda deadline: deadline.at, default=None)


def closes_at(state: State) -> datetime | None:
    """Return when a released consignment is closed: all limits over, nothing pending; null when not in sight."""
    if state.released_at is None or state.closed_at is not None or state.awaits_redecision:
        return None
    if state.objection is not None and state.objection.result is None:
        return None
    if any(part.refund is None for part in state.returns):
        return None
    limits = [moment for moment in (state.object_by, state.return_by) if moment is not None]
    return max(limits, default=None)


def wake_at(state: State) -> datetime | None:
    """Return the next moment at which `settle` has something to do although nobody acts, null when never."""
    moments = [clock.at for clock in clocks(state) if not clock.overdue]
    end = closes_at(state) if phase_of(state) is Phase.RELEASED else None
    if end is not None:
        moments.append(end)
    return min(moments, default=None)
