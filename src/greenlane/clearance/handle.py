"""A command on a state gives events, or is refused: who may, in which phase, and then the rule of each command."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from greenlane.clearance import after, control
from greenlane.clearance import commands as c
from greenlane.clearance.case import Case
from greenlane.clearance.events import Actor, Event
from greenlane.clearance.filing import amend, cancel, file, link_previous, redecide
from greenlane.clearance.fold import fold
from greenlane.clearance.policy import DEFAULT, Policy
from greenlane.clearance.refusals import (
    FILED_ALREADY,
    NOT_FILED,
    NOT_IN_PHASE,
    NOT_OPEN,
    ROLE,
    SEIZED,
    Refused,
)
from greenlane.clearance.settle import settle
from greenlane.clearance.state import State, phase_of
from greenlane.clearance.vocabulary import OPEN, Phase

_FILED: Final = frozenset(Phase) - {Phase.UNFILED, Phase.CANCELLED}
_ON_THE_WAY: Final = OPEN | {Phase.RELEASED, Phase.REFUSED, Phase.SEIZED}

PHASES_OF: Final[dict[type[c.Command], frozenset[Phase]]] = {
    c.File: frozenset({Phase.UNFILED}),
    c.Amend: OPEN,
    c.Redecide: _FILED,
    c.Cancel: OPEN,
    c.LinkPrevious: OPEN,
    c.Depart: _ON_THE_WAY,
    c.Arrive: _ON_THE_WAY,
    c.Refer: OPEN,
    c.Answer: OPEN,
    c.CloseReferral: OPEN,
    c.Hold: OPEN,
    c.LiftHold: OPEN,
    c.OrderInspection: OPEN,
    c.RecordFinding: OPEN | {Phase.SEIZED},
    c.WithdrawInspection: OPEN,
    c.Seize: OPEN | {Phase.REFUSED},
    c.ProposeSeizureRelease: frozenset({Phase.SEIZED}),
    c.ApproveSeizureRelease: frozenset({Phase.SEIZED}),
    c.Forfeit: frozenset({Phase.SEIZED}),
    c.Refuse: OPEN,
    c.ReturnToSender: OPEN | {Phase.REFUSED},
    c.WithdrawReturn: OPEN | {Phase.REFUSED},
    c.ConfirmReturn: OPEN | {Phase.REFUSED},
    c.AskAgency: OPEN,
    c.AgencyDecide: OPEN,
    c.RegisterPayment: OPEN | {Phase.REFUSED, Phase.SEIZED},
    c.WithdrawPayment: OPEN | {Phase.REFUSED, Phase.SEIZED},
    c.Release: OPEN,
    c.Object: _FILED,
    c.Review: _FILED,
    c.DeclareReturn: frozenset({Phase.RELEASED}),
    c.ProveExport: frozenset({Phase.RELEASED}),
    c.ApproveRefund: frozenset({Phase.RELEASED}),
    c.RejectRefund: frozenset({Phase.RELEASED}),
}
"""In which phases each command is open; elsewhere it is refused."""

_HANDLERS: Final[dict[type[c.Command], Callable[[Case, Any], list[Event]]]] = {
    c.File: file,
    c.Amend: amend,
    c.Redecide: redecide,
    c.Cancel: cancel,
    c.LinkPrevious: link_previous,
    c.Depart: control.depart,
    c.Arrive: control.arrive,
    c.Refer: control.refer,
    c.Answer: control.answer,
    c.CloseReferral: control.close_referral,
    c.Hold: control.hold,
    c.LiftHold: control.lift_hold,
    c.OrderInspection: control.order_inspection,
    c.RecordFinding: control.record_finding,
    c.WithdrawInspection: control.withdraw_inspection,
    c.Seize: control.seize,
    c.ProposeSeizureRelease: control.propose_seizure_release,
    c.ApproveSeizureRelease: control.approve_seizure_release,
    c.Forfeit: control.forfeit,
    c.Refuse: control.refuse,
    c.ReturnToSender: control.return_to_sender,
    c.WithdrawReturn: control.withdraw_return,
    c.ConfirmReturn: control.confirm_return,
    c.AskAgency: control.ask_agency,
    c.AgencyDecide: control.agency_decide,
    c.RegisterPayment: control.register_payment,
    c.WithdrawPayment: control.withdraw_payment,
    c.Release: control.release,
    c.Object: after.object_,
    c.Review: after.review,
    c.DeclareReturn: after.declare_return,
    c.ProveExport: after.prove_export,
    c.ApproveRefund: after.approve_refund,
    c.RejectRefund: after.reject_refund,
}


def handle(
    state: State,
    command: c.Command,
    at: datetime,
    actor: Actor,
    policy: Policy = DEFAULT,
    quantities: Mapping[str, str] | None = None,
) -> list[Event]:
    """Return the events that a command causes on a state.

    A clock that has stepped back does not turn the order round: the events are then dated like the last one.

    Args:
        state: What is folded so far.
        command: What is asked.
        at: The moment, aware.
        actor: Who asks; its role is checked here, its right to this consignment by the caller.
        policy: Time limits of the administration.
        quantities: Filed quantity of each item id, a decimal string; needed for ``declare_return`` alone.
    Raises:
        Refused: The procedure does not allow it, or not to this role.
    """
    kind = type(command)
    roles = c.ALLOWED[kind]
    if actor.role not in roles:
        raise Refused(ROLE, f"{c.name_of(kind)} is for the role {', '.join(sorted(roles))}")
    phase = phase_of(state)
    if phase not in PHASES_OF[kind]:
        raise Refused(
            _why_not(kind, phase), f"{c.name_of(kind)} is not open while the consignment is {phase}"
        )
    moment = at if state.last_at is None or at >= state.last_at else state.last_at
    return _HANDLERS[kind](Case(state, moment, actor, policy, quantities), command)


def act(
    state: State,
    command: c.Command,
    at: datetime,
    actor: Actor,
    policy: Policy = DEFAULT,
    quantities: Mapping[str, str] | None = None,
) -> tuple[list[Event], State]:
    """Handle a command and settle what follows from it by itself: all new events and the state after them.

    Raises:
        Refused: As `handle`.
    """
    events = handle(state, command, at, actor, policy, quantities)
    between = fold(events, state)
    follow = settle(between, at, policy)
    return [*events, *follow], fold(follow, between)


def _why_not(kind: type[c.Command], phase: Phase) -> str:
    if phase is Phase.UNFILED:
        return NOT_FILED
    if kind is c.File:
        return FILED_ALREADY
    if not PHASES_OF[kind] >= OPEN:
        return NOT_IN_PHASE
    return SEIZED if phase is Phase.SEIZED else NOT_OPEN
