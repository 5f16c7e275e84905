"""What follows by itself: the orders of a decision, agencies asked, release, clocks that have run out."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from greenlane.clearance.case import Case, next_number
from greenlane.clearance.clocks import clocks, closes_at
from greenlane.clearance.events import SYSTEM, Event, stamp
from greenlane.clearance.fold import fold
from greenlane.clearance.policy import DEFAULT, Policy
from greenlane.clearance.state import State, phase_of, standing_against
from greenlane.clearance.vocabulary import OPEN, Phase


def settle(state: State, at: datetime, policy: Policy = DEFAULT) -> list[Event]:
    """Return the automatic consequences of a state at a moment; none when all is settled.

    Never releases an incomplete outcome, nor past an open referral, hold, inspection, a missing agency, a
    review without its new decision, or an unpaid amount. Time alone releases nothing.
    """
    moment = at if state.last_at is None or at >= state.last_at else state.last_at
    found: list[Event] = []
    case = Case(state, moment, SYSTEM, policy)
    steps = _STEPS if phase_of(state) in OPEN else _ALWAYS
    for step in steps:
        new = step(case)
        if new:
            found += new
            case = Case(fold(new, case.state), moment, SYSTEM, policy)
    return found


def _orders(case: Case) -> list[Event]:
    """Carry out what the decision orders, once for each decision."""
    state = case.state
    decision = state.decision
    if decision is None or state.ordered == state.decisions:
        return []
    number = state.decisions
    gone = state.departed_at is not None or state.arrived_at is not None
    match decision.disposition:
        case "hold" | "refuse" as kind:
            return [_hold(case, "decision", decision=number, awaits=decision.curable, proposes=kind)]
        case "inspect":
            return [_inspect(case, decision.inspection_channel, number)]
        case "request_screening" if gone:
            return [_inspect(case, "scan", number)]
        case "do_not_load" if gone:
            return [_hold(case, "too_late_not_to_load", decision=number)]
        case kind:
            due = None if kind == "do_not_load" else case.due(case.policy.answer)
            return [
                case.event(
                    "referral_opened",
                    number=next_number(state.referrals),
                    kind=kind,
                    reason="decision",
                    decision=number,
                    due=due,
                )
            ]


def _hold(
    case: Case,
    reason: str,
    *,
    decision: int | None = None,
    awaits: bool = False,
    proposes: str = "hold",
    in_spite_of: int | None = None,
    after: int = 0,
) -> Event:
    return case.event(
        "held",
        number=next_number(case.state.holds) + after,
        reason=reason,
        decision=decision,
        awaits_data=awaits,
        proposes="refuse" if proposes == "refuse" else None,
        in_spite_of=in_spite_of,
    )


def _inspect(case: Case, channel: str, decision: int) -> Event:
    return case.event(
        "inspection_ordered",
        number=next_number(case.state.inspections),
        channel=channel,
        reason="decision",
        decision=decision,
        due=case.inspect_by(channel),
    )


def _agencies(case: Case) -> list[Event]:
    """Ask the agencies that the decision names, and again those that answered about an earlier filing."""
    state = case.state
    decision = state.decision
    if decision is None or not (decision.agencies or state.agencies):
        return []
    asked = {check.agency for check in state.agencies}
    names = [name for name in dict.fromkeys(decision.agencies) if name not in asked]
    names += [check.agency for check in state.agencies if check.stale]
    due = case.due(case.policy.agency)
    return [case.event("agency_asked", agency=name, reason="decision", due=due) for name in names]


def _in_spite(case: Case) -> list[Event]:
    """Hold goods that travelled in spite of an order not to load."""
    state = case.state
    if state.departed_at is None and state.arrived_at is None:
        return []
    seen = {hold.in_spite_of for hold in state.holds}
    orders = [
        referral.number
        for referral in state.referrals
        if referral.kind == "do_not_load" and not referral.closed and referral.number not in seen
    ]
    return [
        _hold(case, "loaded_in_spite", in_spite_of=number, after=place) for place, number in enumerate(orders)
    ]


def _lapses(case: Case) -> list[Event]:
    """End what stood for nothing but missing data, once a later decision is complete."""
    state = case.state
    decision = state.decision
    if decision is None or not decision.complete:
        return []
    found = [
        case.event("hold_lifted", number=hold.number, reason="data_complete")
        for hold in state.holds
        if hold.awaits_data and not hold.lifted
    ]
    if decision.disposition in ("release", "release_on_payment"):
        found += [
            case.event("referral_closed", number=referral.number, reason="data_complete")
            for referral in state.referrals
            if referral.by_decision and referral.kind == "request_information" and not referral.closed
        ]
    return found


def _release(case: Case) -> list[Event]:
    """Release what nothing stands against."""
    state = case.state
    decision = state.decision
    if decision is None or not decision.complete or standing_against(state):
        return []
    early = case.policy.release_before_arrival and state.stage == "pre_arrival"
    if state.arrived_at is None and not early:
        return []
    return [released(case, "automatic", None)]


def released(case: Case, how: str, reason: str | None) -> Event:
    """Make the event of release."""
    return case.event(
        "released",
        decision=case.state.decisions,
        how=how,
        reason=reason,
        cover=case.state.covered,
        return_by=case.due(case.policy.declared_return),
    )


def _overdue(case: Case) -> list[Event]:
    """Say which clocks have run out, once each."""
    return [
        case.event("overdue", what=clock.what, number=clock.number, agency=clock.agency, due=stamp(clock.at))
        for clock in clocks(case.state)
        if clock.at <= case.at and not clock.overdue
    ]


def _closes(case: Case) -> list[Event]:
    """Close a released consignment when every time limit has run out and nothing is pending."""
    end = closes_at(case.state)
    if end is None or case.at < end or phase_of(case.state) is not Phase.RELEASED:
        return []
    return [case.event("closed")]


_Step = Callable[[Case], list[Event]]
_ALWAYS: Final[tuple[_Step, ...]] = (_overdue, _closes)
_STEPS: Final[tuple[_Step, ...]] = (_orders, _agencies, _in_spite, _lapses, _release, *_ALWAYS)
