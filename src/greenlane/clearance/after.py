"""The rules after a decision: objection and review, returns with refund."""

from decimal import Decimal

from greenlane.clearance import commands as c
from greenlane.clearance.case import Case, find, next_number
from greenlane.clearance.events import Event
from greenlane.clearance.refusals import (
    DEADLINE,
    NO_OBJECTION,
    NOT_EXPORTED,
    OBJECTION_OPEN,
    QUANTITY,
    SECOND_PERSON,
    SETTLED,
    Refused,
)
from greenlane.clearance.state import DeclaredReturn


def object_(case: Case, command: c.Object) -> list[Event]:
    """Object within the time limit that the decision's notice names."""
    state = case.state
    if state.objection is not None and state.objection.result is None:
        raise Refused(OBJECTION_OPEN, "the earlier objection is not decided")
    if state.objection is not None and state.objection.against == state.object_by:
        raise Refused(SETTLED, "the objection against this decision has been decided")
    if state.object_by is None or case.at > state.object_by:
        raise Refused(DEADLINE, "the time limit for an objection has run out")
    return [
        case.event(
            "objected",
            grounds=command.grounds,
            documents=list(command.documents),
            note=command.note,
            decision=state.decisions,
            due=case.due(case.policy.review),
        )
    ]


def review(case: Case, command: c.Review) -> list[Event]:
    """Decide on the objection; varied or reversed, a new decision must follow."""
    state = case.state
    if state.objection is None or state.objection.result is not None:
        raise Refused(NO_OBJECTION, "there is nothing to review")
    if state.decided_by == case.actor.id:
        raise Refused(SECOND_PERSON, "who decided can't review")
    return [case.event("reviewed", result=command.result, reason=command.reason, note=command.note)]


def declare_return(case: Case, command: c.DeclareReturn) -> list[Event]:
    """Declare a return: items that were filed, never more of one than was filed, within the time limit."""
    state = case.state
    if case.quantities is None:
        raise ValueError("the filed quantities are needed to declare a return")
    if state.return_by is None or case.at > state.return_by:
        raise Refused(DEADLINE, "the time limit for a return has run out")
    left = {item: Decimal(quantity) for item, quantity in case.quantities.items()}
    for earlier in state.returns:
        if earlier.refund is not False:
            for item, quantity in earlier.items:
                left[item] = left.get(item, Decimal(0)) - Decimal(quantity)
    for place, part in enumerate(command.items):
        wanted = Decimal(part.quantity)
        if part.item_id not in left or not 0 < wanted <= left[part.item_id]:
            raise Refused(QUANTITY, "not so much of this item was filed and not returned", f"/items/{place}")
        left[part.item_id] -= wanted
    return [
        case.event(
            "return_declared",
            number=next_number(state.returns),
            items=[{"item_id": part.item_id, "quantity": part.quantity} for part in command.items],
            reason=command.reason,
            transport_document=command.transport_document,
        )
    ]


def prove_export(case: Case, command: c.ProveExport) -> list[Event]:
    """Prove that the goods are gone; the time limit for the refund runs from now."""
    found = _open_return(case, command.returned)
    if found.proven:
        raise Refused(SETTLED, f"return {found.number} is proven", "/returned")
    return [
        case.event(
            "export_proven",
            number=found.number,
            proof=command.proof,
            how=command.how,
            due=case.due(case.policy.refund),
        )
    ]


def approve_refund(case: Case, command: c.ApproveRefund) -> list[Event]:
    """Approve the refund, once; the ledger gives back what the items carried."""
    found = _open_return(case, command.returned)
    if not found.proven:
        raise Refused(NOT_EXPORTED, f"return {found.number} has no proof", "/returned")
    items = [{"item_id": item, "quantity": quantity} for item, quantity in found.items]
    return [case.event("refund_approved", number=found.number, items=items)]


def reject_refund(case: Case, command: c.RejectRefund) -> list[Event]:
    """Reject the refund; the items count as not returned."""
    found = _open_return(case, command.returned)
    return [case.event("refund_rejected", number=found.number, reason=command.reason)]


def _open_return(case: Case, number: int) -> DeclaredReturn:
    found = find(case.state.returns, number, "returned")
    if found.refund is not None:
        raise Refused(SETTLED, f"return {number} is settled", "/returned")
    return found
