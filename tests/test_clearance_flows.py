"""The procedure as stories: one line a command, the phase after each, and the refusals on the way."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from greenlane.clearance import Actor, Event, Phase, Policy, Refused, Role, State, act, fold, phase_of
from greenlane.clearance import commands as c

NOON = datetime(2026, 7, 2, 12, tzinfo=UTC)
QUANTITIES = {"1": "5", "2": "1.5"}

ACTORS = {
    "op": Actor("key-op", Role.OPERATOR),
    "anna": Actor("key-anna", Role.OFFICER),
    "ben": Actor("key-ben", Role.OFFICER),
    "super": Actor("key-super", Role.SUPERVISOR),
    "food": Actor("key-food", Role.AGENCY, "food"),
    "toys": Actor("key-toys", Role.AGENCY, "toys"),
    "system": Actor("system", Role.SYSTEM),
}


def decision(disposition: str, payable: str | None = "0.00", **more: object) -> c.Decision:
    """Make a decision as the desk would."""
    plain = {
        "disposition": disposition,
        "status": "assessed" if payable is not None else "incomplete",
        "law_version": "l1",
        "lists_version": "r1",
        "model_version": "m1",
        "input_digest": "0" * 64,
        "currency": "EUR",
        "payable_at_border": payable,
        "score": 12,
        **more,
    }
    return msgspec.convert(plain, c.Decision)


FREE = decision("release")
DUE = decision("release_on_payment", "3.00")
UNKNOWN = decision("hold", None, awaits_data=True)


@dataclass(frozen=True)
class Line:
    """Who gives which command, when (hours after noon), and what is then expected: a phase or a refusal's code."""

    who: str
    command: c.Command
    expect: str
    hours: float = 0
    events: str | None = None


def file(decision: c.Decision = FREE, stage: str = "pre_arrival", **more: object) -> c.File:
    """Make a filing."""
    return msgspec.structs.replace(c.File(decision=decision, stage="pre_arrival"), stage=stage, **more)


def play(lines: list[Line], policy: Policy = Policy()) -> tuple[State, list[Event]]:  # noqa: B008
    """Run a story and check each line."""
    state, log = State(), []
    for place, line in enumerate(lines, 1):
        where = f"line {place}: {line.who} {c.name_of(type(line.command))}"
        at = NOON + timedelta(hours=line.hours)
        try:
            events, state = act(state, line.command, at, ACTORS[line.who], policy, QUANTITIES)
        except Refused as refusal:
            assert refusal.code == line.expect, where
            assert refusal.fix, where
            continue
        log += events
        assert str(phase_of(state)) == line.expect, where
        if line.events is not None:
            assert " ".join(event.type for event in events) == line.events, where
        assert fold(log) == state, where
    return state, log


L = Line
STORIES: dict[str, list[Line]] = {
    "low risk goods are released on arrival": [
        L("op", file(), "lodged", events="filed"),
        L("op", c.Arrive(), "released", 1, events="arrived released"),
        L("op", c.Arrive(), "clearance.arrived_already", 2),
        L("anna", c.Release(reason="again"), "clearance.not_open", 2),
        L("anna", c.Hold(reason="late"), "clearance.not_open", 2),
        L("op", file(), "clearance.filed_already", 2),
    ],
    "goods filed when they are here are released at once": [
        L("op", file(stage="arrival"), "released", events="filed released"),
    ],
    "what is due is paid before or after arrival": [
        L("op", file(DUE), "awaiting_payment"),
        L("op", c.Arrive(), "awaiting_payment", 1),
        L("op", c.RegisterPayment(decision=1, cover="paid"), "clearance.role", 1),
        L("anna", c.Release(reason="please"), "clearance.something_open", 1),
        L("system", c.RegisterPayment(decision=2, cover="paid"), "clearance.other_decision", 1),
        L(
            "system",
            c.RegisterPayment(decision=1, cover="paid"),
            "released",
            2,
            "payment_registered released",
        ),
        L("system", c.RegisterPayment(decision=1, cover="paid"), "clearance.not_open", 3),
    ],
    "a payment that falls away before arrival is missing again": [
        L("op", file(DUE), "awaiting_payment"),
        L("system", c.WithdrawPayment(reason="reversed"), "clearance.nothing_due"),
        L("system", c.RegisterPayment(decision=1, cover="guaranteed"), "lodged"),
        L("system", c.RegisterPayment(decision=1, cover="paid"), "clearance.nothing_due"),
        L("system", c.WithdrawPayment(reason="reversed"), "awaiting_payment"),
        L("op", c.Arrive(), "awaiting_payment"),
    ],
    "an amendment makes the payment of the decision before it void": [
        L("op", file(DUE), "awaiting_payment"),
        L("system", c.RegisterPayment(decision=1, cover="paid"), "lodged"),
        L("op", c.Amend(decision=decision("release_on_payment", "9.00")), "awaiting_payment"),
        L("op", c.Arrive(), "awaiting_payment"),
        L("system", c.RegisterPayment(decision=2, cover="paid"), "released"),
    ],
    "an incomplete outcome is held until the amendment that completes it": [
        L("op", file(UNKNOWN), "held", events="filed held"),
        L("op", c.Arrive(), "held"),
        L("op", c.Amend(decision=UNKNOWN), "held", events="amended"),
        L("op", c.Amend(decision=FREE), "released", events="amended hold_lifted released"),
    ],
    "an incomplete outcome whose hold is lifted still waits for an officer": [
        L("op", file(UNKNOWN, "arrival"), "held"),
        L("anna", c.LiftHold(hold=1, reason="small"), "accepted", events="hold_lifted"),
        L("system", c.RegisterPayment(decision=1, cover="paid"), "clearance.nothing_due"),
        L("anna", c.Release(reason="small"), "released", events="released"),
    ],
    "a hold for the goods outlasts an amendment": [
        L("op", file(decision("hold")), "held"),
        L("op", c.Amend(decision=FREE), "held"),
        L("op", c.Cancel(reason="sold"), "clearance.examined"),
        L("op", c.ReturnToSender(reason="unwanted"), "clearance.examined"),
        L("op", c.Arrive(), "held"),
        L("anna", c.LiftHold(hold=2, reason="cleared"), "clearance.unknown_number"),
        L("anna", c.LiftHold(hold=1, reason="cleared"), "released", events="hold_lifted released"),
    ],
    "a hold for unknown amounts does not hide one for the goods": [
        L("op", file(UNKNOWN), "held"),
        L("op", c.Amend(decision=decision("hold")), "held", events="amended held hold_lifted"),
        L("op", c.Amend(decision=FREE), "held", events="amended"),
    ],
    "an automatic refusal is a hold; a person refuses": [
        L("op", file(decision("refuse"), "arrival"), "held", events="filed held"),
        L("op", c.Refuse(reason="banned"), "clearance.role"),
        L("system", c.Refuse(reason="banned"), "clearance.role"),
        L("anna", c.Refuse(reason="banned"), "refused"),
        L("anna", c.ConfirmReturn(proof="cn-1"), "clearance.not_in_phase"),
        L("op", c.Amend(decision=FREE), "clearance.not_open"),
        L("anna", c.ReturnToSender(reason="banned"), "refused"),
        L("anna", c.ReturnToSender(reason="banned"), "clearance.settled_already"),
        L("op", c.ConfirmReturn(proof="cn-1"), "returned"),
        L("op", c.Arrive(), "clearance.not_open"),
    ],
    "a request for information is answered and closed": [
        L(
            "op",
            file(decision("request_information"), "pre_loading"),
            "referred",
            events="filed referral_opened",
        ),
        L("op", c.Answer(referral=1), "clearance.answer"),
        L("op", c.Answer(referral=2, documents=("d1",)), "clearance.unknown_number"),
        L("op", c.Answer(referral=1, documents=("d1",)), "referred"),
        L("op", c.CloseReferral(referral=1, reason="enough"), "clearance.role"),
        L("anna", c.CloseReferral(referral=1, reason="enough"), "lodged"),
        L("anna", c.CloseReferral(referral=1, reason="enough"), "clearance.settled_already"),
        L("op", c.Answer(referral=1, documents=("d1",)), "clearance.settled_already"),
        L("op", c.Arrive(), "released"),
    ],
    "an amendment that answers the question closes it": [
        L("op", file(decision("request_information")), "referred"),
        L("op", c.Amend(decision=decision("request_information")), "referred", events="amended"),
        L("op", c.Amend(decision=FREE), "lodged", events="amended referral_closed"),
    ],
    "screening is answered with methods and a result": [
        L("op", file(decision("request_screening"), "pre_loading"), "referred"),
        L("op", c.Answer(referral=1, documents=("d1",)), "clearance.answer"),
        L(
            "op",
            c.Answer(referral=1, methods=("XRY", "ETD"), result="no_threat", screened_at=NOON),
            "referred",
        ),
        L("anna", c.CloseReferral(referral=1, reason="clean"), "lodged"),
    ],
    "goods that travel in spite of do not load are held": [
        L("op", file(decision("do_not_load"), "pre_loading"), "referred"),
        L("op", c.Answer(referral=1, documents=("d1",)), "clearance.answer"),
        L("op", c.Depart(), "held", events="departed held"),
        L("op", c.Depart(), "clearance.departed"),
        L("op", c.Arrive(), "held", events="arrived"),
        L("anna", c.LiftHold(hold=1, reason="seen"), "referred"),
        L("anna", c.CloseReferral(referral=1, reason="seen"), "released"),
    ],
    "what can't be screened before loading any more is scanned here": [
        L("op", file(FREE, "pre_loading"), "lodged"),
        L("op", c.Depart(departed_at=NOON - timedelta(hours=1)), "lodged"),
        L("anna", c.Refer(kind="request_screening", reason="tip"), "clearance.departed"),
        L("anna", c.Refer(kind="do_not_load", reason="tip"), "clearance.departed"),
        L("op", c.Amend(decision=decision("request_screening")), "under_inspection"),
        L("op", c.Arrive(), "under_inspection"),
        L("anna", c.RecordFinding(inspection=1, finding="conform", scan="img-1"), "released"),
    ],
    "an inspection that conforms releases": [
        L("op", file(decision("inspect")), "under_inspection", events="filed inspection_ordered"),
        L("op", c.Amend(decision=FREE), "clearance.examined"),
        L("op", c.Cancel(reason="sold"), "clearance.examined"),
        L("anna", c.RecordFinding(inspection=1, finding="conform"), "clearance.not_arrived"),
        L("op", c.Arrive(), "under_inspection"),
        L("anna", c.Release(reason="hurry"), "clearance.something_open"),
        L("anna", c.RecordFinding(inspection=1, finding="conform", scan="img-1"), "released"),
    ],
    "an inspection that finds something holds": [
        L("op", file(FREE), "lodged"),
        L("anna", c.OrderInspection(channel="document", reason="spot"), "under_inspection"),
        L(
            "anna",
            c.RecordFinding(inspection=1, finding="discrepancy"),
            "held",
            events="inspection_found held",
        ),
        L("anna", c.RecordFinding(inspection=1, finding="conform"), "clearance.settled_already"),
        L("op", c.Amend(decision=FREE), "clearance.examined"),
        L("anna", c.WithdrawInspection(inspection=1, reason="done"), "clearance.settled_already"),
        L("super", c.Redecide(decision=DUE, reason="value"), "held"),
        L("anna", c.LiftHold(hold=1, reason="settled"), "awaiting_payment"),
    ],
    "an inspection under way serves a new decision that orders one, a finished one does not": [
        L("op", file(decision("inspect"), "arrival"), "under_inspection"),
        L(
            "super",
            c.Redecide(decision=decision("inspect"), reason="law"),
            "under_inspection",
            events="redecided",
        ),
        L("anna", c.RecordFinding(inspection=1, finding="conform"), "released"),
    ],
    "seized goods come back by two persons": [
        L("op", file(decision("hold"), "arrival"), "held"),
        L("anna", c.ApproveSeizureRelease(), "clearance.not_in_phase"),
        L("anna", c.Seize(reason="counterfeit"), "seized"),
        L("anna", c.Release(reason="error"), "clearance.seized"),
        L("op", c.Cancel(reason="sold"), "clearance.seized"),
        L("ben", c.ApproveSeizureRelease(), "clearance.no_proposal"),
        L("anna", c.ProposeSeizureRelease(reason="error"), "seized"),
        L("anna", c.ApproveSeizureRelease(), "clearance.second_person"),
        L("op", c.ApproveSeizureRelease(), "clearance.role"),
        L("ben", c.ApproveSeizureRelease(), "held"),
        L("ben", c.LiftHold(hold=1, reason="error"), "released"),
    ],
    "seized goods are forfeited, and still objected to": [
        L("op", file(FREE, "pre_arrival"), "lodged"),
        L("anna", c.Seize(reason="counterfeit"), "seized"),
        L("anna", c.Forfeit(reason="counterfeit"), "clearance.role"),
        L("super", c.Forfeit(reason="counterfeit"), "closed"),
        L("op", c.Object(grounds="genuine"), "closed", 24 * 30),
        L("super", c.Review(result="uphold", reason="lab"), "clearance.second_person", 24 * 30),
    ],
    "goods are released when every agency agrees": [
        L("op", file(decision("release", agencies=["food", "toys"]), "arrival"), "accepted"),
        L("anna", c.AgencyDecide(agency="food", verdict="clear"), "clearance.role"),
        L("toys", c.AgencyDecide(agency="food", verdict="clear"), "clearance.agency"),
        L("food", c.AgencyDecide(agency="food", verdict="clear", permit="p-1"), "accepted"),
        L("anna", c.Release(reason="hurry"), "clearance.something_open"),
        L("anna", c.AskAgency(agency="toys", reason="again"), "clearance.asked_already"),
        L("toys", c.AgencyDecide(agency="toys", verdict="hold"), "held"),
        L("toys", c.AgencyDecide(agency="toys", verdict="clear"), "released"),
        L("toys", c.AgencyDecide(agency="toys", verdict="hold"), "clearance.not_open"),
    ],
    "an agency that nobody asked can't decide": [
        L("op", file(), "lodged"),
        L("food", c.AgencyDecide(agency="food", verdict="clear"), "clearance.agency"),
        L("anna", c.AskAgency(agency="food", reason="meat"), "lodged"),
        L("op", c.Arrive(), "accepted"),
        L("food", c.AgencyDecide(agency="food", verdict="refuse"), "held"),
        L("food", c.AgencyDecide(agency="food", verdict="clear"), "released"),
    ],
    "a changed filing is put to the agencies again": [
        L("op", file(decision("release", agencies=["food"])), "lodged"),
        L("food", c.AgencyDecide(agency="food", verdict="clear"), "lodged"),
        L("op", c.Amend(decision=FREE), "lodged", events="amended agency_asked"),
        L("op", c.Arrive(), "accepted"),
        L("food", c.AgencyDecide(agency="food", verdict="clear"), "released"),
    ],
    "cancelled goods are cleared under a new number": [
        L("op", c.Cancel(reason="sold"), "clearance.not_filed"),
        L("op", file(), "lodged"),
        L("op", c.Cancel(reason="sold"), "cancelled"),
        L("op", c.Cancel(reason="sold"), "clearance.not_open"),
        L("op", c.Arrive(), "clearance.not_open"),
        L("op", file(), "clearance.filed_already"),
        L("super", c.Redecide(decision=FREE, reason="law"), "clearance.not_open"),
    ],
    "a filing grows stage by stage, never back": [
        L("op", file(FREE, "pre_loading"), "lodged"),
        L("op", c.Amend(decision=FREE, stage="pre_arrival"), "lodged"),
        L("op", c.Amend(decision=FREE, stage="pre_loading"), "clearance.stage_back"),
        L("op", c.Amend(decision=FREE, stage="arrival"), "released", events="amended released"),
    ],
    "an objection that is upheld ends there": [
        L("op", file(FREE, "arrival"), "released"),
        L("super", c.Review(result="uphold", reason="law"), "clearance.no_objection"),
        L("op", c.Object(grounds="value", documents=("d1",)), "released", 24 * 29),
        L("op", c.Object(grounds="value"), "clearance.objection_open", 24 * 29),
        L("anna", c.Review(result="uphold", reason="law"), "clearance.role", 24 * 40),
        L("super", c.Review(result="uphold", reason="law"), "released", 24 * 40),
        L("super", c.Review(result="uphold", reason="law"), "clearance.no_objection", 24 * 41),
    ],
    "an objection comes in time or not at all": [
        L("op", file(FREE, "arrival"), "released"),
        L("op", c.Object(grounds="value"), "clearance.deadline_passed", 24 * 30 + 1),
    ],
    "a refusal that is reversed waits for the new decision": [
        L("op", file(decision("refuse"), "arrival"), "held"),
        L("anna", c.Refuse(reason="banned"), "refused"),
        L("op", c.Object(grounds="not_banned"), "refused", 1),
        L("super", c.Review(result="reverse", reason="list"), "held", 2),
        L("anna", c.LiftHold(hold=1, reason="list"), "held", 2),
        L("anna", c.Release(reason="list"), "clearance.something_open", 2),
        L("super", c.Redecide(decision=FREE, reason="review"), "released", 3, "redecided released"),
    ],
    "who decided does not review": [
        L("op", file(), "lodged"),
        L("super", c.Refuse(reason="banned"), "refused"),
        L("op", c.Object(grounds="not_banned"), "refused"),
        L("super", c.Review(result="uphold", reason="list"), "clearance.second_person"),
    ],
    "a decision on released goods is corrected by another, without a second release": [
        L("op", file(FREE, "arrival"), "released"),
        L("system", c.Redecide(decision=DUE, reason="replay"), "released", 1, "redecided"),
        L("op", c.Object(grounds="rate"), "released", 24 * 30),
        L("super", c.Review(result="vary", reason="rate"), "released", 24 * 31),
        L("super", c.Redecide(decision=FREE, reason="review"), "released", 24 * 31, "redecided"),
    ],
    "returned goods are proven to have left, then refunded once": [
        L("op", file(), "lodged"),
        L("op", c.DeclareReturn(items=(c.ReturnedItem("1", "2"),), reason="size"), "clearance.not_in_phase"),
        L("op", c.Arrive(), "released"),
        L(
            "op",
            c.DeclareReturn(items=(c.ReturnedItem("1", "6"),), reason="size"),
            "clearance.return_quantity",
        ),
        L(
            "op",
            c.DeclareReturn(items=(c.ReturnedItem("9", "1"),), reason="size"),
            "clearance.return_quantity",
        ),
        L(
            "op",
            c.DeclareReturn(items=(c.ReturnedItem("1", "0"),), reason="size"),
            "clearance.return_quantity",
        ),
        L("op", c.DeclareReturn(items=(c.ReturnedItem("1", "4"),), reason="size"), "released"),
        L(
            "op",
            c.DeclareReturn(items=(c.ReturnedItem("1", "2"),), reason="size"),
            "clearance.return_quantity",
        ),
        L("system", c.ApproveRefund(returned=1), "clearance.not_exported"),
        L("op", c.ProveExport(returned=1, proof="cn-1"), "released"),
        L("op", c.ProveExport(returned=1, proof="cn-1"), "clearance.settled_already"),
        L("op", c.ApproveRefund(returned=1), "clearance.role"),
        L("system", c.ApproveRefund(returned=1), "released"),
        L("system", c.ApproveRefund(returned=1), "clearance.settled_already"),
        L("op", c.DeclareReturn(items=(c.ReturnedItem("2", "1.5"),), reason="size"), "released"),
        L("anna", c.RejectRefund(returned=2, reason="no_proof"), "released"),
        L("op", c.DeclareReturn(items=(c.ReturnedItem("2", "1.5"),), reason="size"), "released"),
        L("anna", c.RejectRefund(returned=4, reason="no_proof"), "clearance.unknown_number"),
    ],
    "a return comes in time or not at all": [
        L("op", file(FREE, "arrival"), "released"),
        L(
            "op",
            c.DeclareReturn(items=(c.ReturnedItem("1", "1"),), reason="size"),
            "clearance.deadline_passed",
            24 * 90 + 1,
        ),
    ],
    "goods that come home are linked to the declaration they left under": [
        L("op", file(FREE, previous="EX-2026-1"), "lodged"),
        L("op", c.LinkPrevious(previous="EX-2026-2"), "lodged"),
        L("op", c.Arrive(), "released"),
        L("op", c.LinkPrevious(previous="EX-2026-3"), "clearance.not_open"),
    ],
    "unwanted goods go back before release": [
        L("op", file(DUE), "awaiting_payment"),
        L("op", c.ReturnToSender(reason="unwanted"), "held"),
        L("system", c.RegisterPayment(decision=1, cover="paid"), "held"),
        L("op", c.Arrive(), "held"),
        L("anna", c.Release(reason="error"), "clearance.something_open"),
        L("anna", c.OrderInspection(channel="scan", reason="spot"), "under_inspection"),
        L("op", c.ConfirmReturn(proof="cn-2"), "clearance.something_open"),
        L("anna", c.RecordFinding(inspection=1, finding="conform"), "held"),
        L("op", c.ConfirmReturn(proof="cn-2"), "returned"),
    ],
    "nothing is reported from the future": [
        L("op", file(), "lodged"),
        L("op", c.Depart(departed_at=NOON + timedelta(hours=1)), "clearance.future"),
        L("op", c.Arrive(arrived_at=NOON + timedelta(hours=1)), "clearance.future"),
        L("op", c.Arrive(arrived_at=NOON - timedelta(hours=1)), "released"),
    ],
}


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each command of the story leads to the phase or the refusal that stands beside it."""
    play(STORIES[name])


def test_release_before_arrival_is_a_choice() -> None:
    """An administration may let low-risk goods go before they are here, at the stage before arrival only."""
    early = replace(Policy(), release_before_arrival=True)
    play([L("op", file(), "released")], early)
    play([L("op", file(FREE, "pre_loading"), "lodged")], early)


def test_every_phase_is_reached() -> None:
    """The stories reach every phase there is."""
    reached = {line.expect for story in STORIES.values() for line in story}
    assert {str(phase) for phase in Phase} - {"unfiled"} <= reached
