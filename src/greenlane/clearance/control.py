"""The rules of customs control: arrival, referrals, holds, inspections, seizure, refusal, agencies, payment, release."""

from typing import Any

from greenlane.clearance import commands as c
from greenlane.clearance.case import Case, find, next_number
from greenlane.clearance.events import Event
from greenlane.clearance.filing import refuse_bound
from greenlane.clearance.refusals import (
    AGENCY,
    ANSWER,
    ARRIVED,
    ASKED_ALREADY,
    DEPARTED,
    NO_PROPOSAL,
    NOT_ARRIVED,
    NOT_IN_PHASE,
    NOTHING_DUE,
    OTHER_DECISION,
    SECOND_PERSON,
    SETTLED,
    SOMETHING_OPEN,
    Refused,
)
from greenlane.clearance.settle import released
from greenlane.clearance.state import standing_against


def depart(case: Case, command: c.Depart) -> list[Event]:
    """Report departure, once."""
    if case.state.departed_at is not None or case.state.arrived_at is not None:
        raise Refused(DEPARTED, "the goods have left already")
    return [case.event("departed", departed_at=case.past(command.departed_at, "/departed_at"))]


def arrive(case: Case, command: c.Arrive) -> list[Event]:
    """Report arrival, once; the target for release and the limits of waiting inspections run from now."""
    if case.state.arrived_at is not None:
        raise Refused(ARRIVED, "the arrival is on record")
    waiting = any(part.pending and part.due is None for part in case.state.inspections)
    return [
        case.event(
            "arrived",
            arrived_at=case.past(command.arrived_at, "/arrived_at"),
            release_by=case.due(case.policy.release_target),
            inspect_by=case.due(case.policy.inspection) if waiting else None,
        )
    ]


def refer(case: Case, command: c.Refer) -> list[Event]:
    """Ask, or order not to load; screening and not loading only before the goods have left."""
    state = case.state
    if command.kind != "request_information" and (state.departed_at or state.arrived_at):
        raise Refused(DEPARTED, f"{command.kind} is possible before departure only", "/kind")
    due = None if command.kind == "do_not_load" else case.due(case.policy.answer)
    return [
        case.event(
            "referral_opened",
            number=next_number(state.referrals),
            kind=command.kind,
            reason=command.reason,
            elements=list(command.elements),
            methods=list(command.methods),
            note=command.note,
            due=due,
        )
    ]


def answer(case: Case, command: c.Answer) -> list[Event]:
    """Answer a request; it stays open until customs closes it, and may be answered again until then."""
    referral = find(case.state.referrals, command.referral, "referral")
    if referral.closed:
        raise Refused(SETTLED, f"referral {referral.number} is closed", "/referral")
    if referral.kind == "do_not_load":
        raise Refused(ANSWER, "an order not to load takes no answer", "/referral")
    if referral.kind == "request_screening" and not (command.methods and command.result):
        raise Refused(ANSWER, "a screening is answered with methods and a result", "/methods")
    if referral.kind == "request_information" and not (command.documents or command.note):
        raise Refused(ANSWER, "a question is answered with documents, a note or an amendment", "/documents")
    screened = None if command.screened_at is None else case.past(command.screened_at, "/screened_at")
    return [
        case.event(
            "referral_answered",
            number=referral.number,
            documents=list(command.documents),
            methods=list(command.methods),
            result=command.result,
            screened_at=screened,
            react_by=case.due(case.policy.reaction),
            late=referral.due is not None and case.at > referral.due,
            note=command.note,
        )
    ]


def close_referral(case: Case, command: c.CloseReferral) -> list[Event]:
    """Lift a request or an order not to load."""
    referral = find(case.state.referrals, command.referral, "referral")
    if referral.closed:
        raise Refused(SETTLED, f"referral {referral.number} is closed", "/referral")
    return [case.event("referral_closed", number=referral.number, reason=command.reason)]


def hold(case: Case, command: c.Hold) -> list[Event]:
    """Hold; several may stand side by side."""
    return [
        case.event(
            "held",
            number=next_number(case.state.holds),
            reason=command.reason,
            proposes=command.proposes,
            note=command.note,
        )
    ]


def lift_hold(case: Case, command: c.LiftHold) -> list[Event]:
    """Lift one hold."""
    found = find(case.state.holds, command.hold, "hold")
    if found.lifted:
        raise Refused(SETTLED, f"hold {found.number} is lifted", "/hold")
    return [case.event("hold_lifted", number=found.number, reason=command.reason)]


def order_inspection(case: Case, command: c.OrderInspection) -> list[Event]:
    """Order an inspection; one of goods that are not here yet waits for them."""
    return [
        case.event(
            "inspection_ordered",
            number=next_number(case.state.inspections),
            channel=command.channel,
            reason=command.reason,
            note=command.note,
            due=case.inspect_by(command.channel),
        )
    ]


def record_finding(case: Case, command: c.RecordFinding) -> list[Event]:
    """Record a finding; what does not conform is held at once.

    Goods that are not here can't have been scanned or opened.
    """
    state = case.state
    inspection = find(state.inspections, command.inspection, "inspection")
    if not inspection.pending:
        raise Refused(SETTLED, f"inspection {inspection.number} is over", "/inspection")
    if inspection.channel != "document" and state.arrived_at is None:
        raise Refused(NOT_ARRIVED, "the goods are not here to be inspected", "/inspection")
    found = case.event(
        "inspection_found",
        number=inspection.number,
        channel=inspection.channel,
        finding=command.finding,
        scan=command.scan,
        documents=list(command.documents),
        note=command.note,
    )
    if command.finding == "conform":
        return [found]
    held = case.event(
        "held",
        number=next_number(state.holds),
        reason=command.finding,
        proposes="seize" if command.finding == "prohibited" else None,
    )
    return [found, held]


def withdraw_inspection(case: Case, command: c.WithdrawInspection) -> list[Event]:
    """Withdraw an order that was not carried out."""
    inspection = find(case.state.inspections, command.inspection, "inspection")
    if not inspection.pending:
        raise Refused(SETTLED, f"inspection {inspection.number} is over", "/inspection")
    return [case.event("inspection_withdrawn", number=inspection.number, reason=command.reason)]


def seize(case: Case, command: c.Seize) -> list[Event]:
    """Seize the goods; the right to object runs anew."""
    return [_last_word(case, "seized", command.reason, note=command.note)]


def propose_seizure_release(case: Case, command: c.ProposeSeizureRelease) -> list[Event]:
    """Propose; the last proposal counts."""
    return [case.event("seizure_release_proposed", reason=command.reason)]


def approve_seizure_release(case: Case, command: c.ApproveSeizureRelease) -> list[Event]:
    """Approve what another proposed. Holds that stood before the seizure stand again."""
    first = case.state.seizure_release_by
    if first is None:
        raise Refused(NO_PROPOSAL, "there is nothing to approve")
    if first == case.actor.id:
        raise Refused(SECOND_PERSON, "who proposed it can't approve it")
    return [case.event("seizure_ended", proposed_by=first)]


def forfeit(case: Case, command: c.Forfeit) -> list[Event]:
    """Declare the goods forfeited."""
    return [_last_word(case, "forfeited", command.reason)]


def refuse(case: Case, command: c.Refuse) -> list[Event]:
    """Refuse entry: always a person's act."""
    return [_last_word(case, "refused", command.reason, note=command.note)]


def _last_word(case: Case, type_: str, reason: str, **data: Any) -> Event:
    return case.event(type_, reason=reason, object_by=case.due(case.policy.objection), **data)


def return_to_sender(case: Case, command: c.ReturnToSender) -> list[Event]:
    """Order goods back that were not released."""
    if case.state.return_ordered_at is not None:
        raise Refused(SETTLED, "the goods are ordered back already")
    refuse_bound(case)
    return [case.event("return_ordered", reason=command.reason)]


def withdraw_return(case: Case, command: c.WithdrawReturn) -> list[Event]:
    """Withdraw the order back."""
    if case.state.return_ordered_at is None:
        raise Refused(NOT_IN_PHASE, "nobody has ordered the goods back")
    return [case.event("return_withdrawn", reason=command.reason)]


def confirm_return(case: Case, command: c.ConfirmReturn) -> list[Event]:
    """Confirm that the goods have left; nothing may bind them here."""
    state = case.state
    if state.return_ordered_at is None:
        raise Refused(NOT_IN_PHASE, "nobody has ordered the goods back")
    if any(part.pending for part in state.inspections):
        raise Refused(SOMETHING_OPEN, "an inspection is open")
    if any(not part.lifted for part in state.holds[state.holds_at_return :]):
        raise Refused(SOMETHING_OPEN, "the goods were held after they were ordered back")
    return [case.event("returned", proof=command.proof, how=command.how)]


def ask_agency(case: Case, command: c.AskAgency) -> list[Event]:
    """Ask an agency, or ask again one that has decided."""
    for check in case.state.agencies:
        if check.agency == command.agency and check.verdict is None:
            raise Refused(ASKED_ALREADY, "the agency has been asked and has not decided", "/agency")
    due = case.due(case.policy.agency)
    return [case.event("agency_asked", agency=command.agency, reason=command.reason, due=due)]


def agency_decide(case: Case, command: c.AgencyDecide) -> list[Event]:
    """Record the decision of the caller's own agency."""
    if case.actor.agency != command.agency:
        raise Refused(AGENCY, "the caller does not speak for this agency", "/agency")
    if all(check.agency != command.agency for check in case.state.agencies):
        raise Refused(AGENCY, "the agency was not asked", "/agency")
    return [
        case.event(
            "agency_decided",
            agency=command.agency,
            verdict=command.verdict,
            reason=command.reason,
            permit=command.permit,
        )
    ]


def register_payment(case: Case, command: c.RegisterPayment) -> list[Event]:
    """Note that the current decision's amount is covered."""
    state = case.state
    if command.decision != state.decisions:
        raise Refused(OTHER_DECISION, f"the current decision is number {state.decisions}", "/decision")
    if not state.owed:
        raise Refused(NOTHING_DUE, "nothing is due, or it is covered")
    if state.decision is not None and not state.decision.complete:
        raise Refused(NOTHING_DUE, "the amount is not known, so it can't be paid yet")
    return [case.event("payment_registered", decision=command.decision, cover=command.cover)]


def withdraw_payment(case: Case, command: c.WithdrawPayment) -> list[Event]:
    """Note that the cover has fallen away before release."""
    if case.state.covered is None:
        raise Refused(NOTHING_DUE, "no payment is registered")
    return [case.event("payment_withdrawn", decision=case.state.decisions, reason=command.reason)]


def release(case: Case, command: c.Release) -> list[Event]:
    """Release by an officer: an incomplete outcome, or goods not here yet, but never past something open."""
    against = standing_against(case.state)
    if against:
        raise Refused(SOMETHING_OPEN, "; ".join(against))
    return [released(case, "officer", command.reason)]
