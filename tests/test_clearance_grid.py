"""Every command in every phase, and every command by every role: the answer that is expected stands in a table."""

from datetime import timedelta
from typing import get_args

import pytest

from greenlane.clearance import ALLOWED, PHASES_OF, Actor, Command, Phase, Refused, Role, handle, name_of
from greenlane.clearance import commands as c
from test_clearance_flows import ACTORS, DUE, FREE, NOON, QUANTITIES, Line, decision, file, play

L = Line
SETTINGS: dict[str, list[Line]] = {
    "unfiled": [],
    "lodged": [L("op", file(FREE, "pre_loading"), "lodged")],
    "accepted": [L("op", file(decision("release", agencies=["food"]), "arrival"), "accepted")],
    "referred": [L("op", file(decision("request_information"), "pre_loading"), "referred")],
    "under_inspection": [L("op", file(decision("inspect")), "under_inspection")],
    "held": [L("op", file(decision("hold")), "held")],
    "awaiting_payment": [L("op", file(DUE, "arrival"), "awaiting_payment")],
    "released": [L("op", file(FREE, "arrival"), "released")],
    "refused": [L("op", file(), "lodged"), L("anna", c.Refuse(reason="banned"), "refused")],
    "seized": [L("op", file(), "lodged"), L("anna", c.Seize(reason="fake"), "seized")],
    "returned": [
        L("op", file(), "lodged"),
        L("anna", c.ReturnToSender(reason="unwanted"), "held"),
        L("op", c.ConfirmReturn(proof="cn-1"), "returned"),
    ],
    "cancelled": [L("op", file(), "lodged"), L("op", c.Cancel(reason="sold"), "cancelled")],
    "closed": [
        L("op", file(), "lodged"),
        L("anna", c.Seize(reason="fake"), "seized"),
        L("super", c.Forfeit(reason="fake"), "closed"),
    ],
}
"""A consignment in each phase, made as shortly as can be."""

SENT: dict[str, tuple[str, Command]] = {
    "file": ("op", file()),
    "amend": ("op", c.Amend(decision=FREE)),
    "redecide": ("super", c.Redecide(decision=FREE, reason="law")),
    "cancel": ("op", c.Cancel(reason="sold")),
    "link_previous": ("op", c.LinkPrevious(previous="EX-1")),
    "depart": ("op", c.Depart()),
    "arrive": ("op", c.Arrive()),
    "refer": ("anna", c.Refer(kind="request_information", reason="value")),
    "answer": ("op", c.Answer(referral=1, documents=("d1",))),
    "close_referral": ("anna", c.CloseReferral(referral=1, reason="enough")),
    "hold": ("anna", c.Hold(reason="tip")),
    "lift_hold": ("anna", c.LiftHold(hold=1, reason="seen")),
    "order_inspection": ("anna", c.OrderInspection(channel="scan", reason="tip")),
    "record_finding": ("anna", c.RecordFinding(inspection=1, finding="conform")),
    "withdraw_inspection": ("anna", c.WithdrawInspection(inspection=1, reason="error")),
    "seize": ("anna", c.Seize(reason="fake")),
    "propose_seizure_release": ("anna", c.ProposeSeizureRelease(reason="error")),
    "approve_seizure_release": ("ben", c.ApproveSeizureRelease()),
    "forfeit": ("super", c.Forfeit(reason="fake")),
    "refuse": ("anna", c.Refuse(reason="banned")),
    "return_to_sender": ("anna", c.ReturnToSender(reason="unwanted")),
    "withdraw_return": ("anna", c.WithdrawReturn(reason="wanted")),
    "confirm_return": ("op", c.ConfirmReturn(proof="cn-1")),
    "ask_agency": ("anna", c.AskAgency(agency="toys", reason="toy")),
    "agency_decide": ("food", c.AgencyDecide(agency="food", verdict="clear")),
    "register_payment": ("system", c.RegisterPayment(decision=1, cover="paid")),
    "withdraw_payment": ("system", c.WithdrawPayment(reason="reversed")),
    "release": ("anna", c.Release(reason="urgent")),
    "object": ("op", c.Object(grounds="value")),
    "review": ("super", c.Review(result="uphold", reason="law")),
    "declare_return": ("op", c.DeclareReturn(items=(c.ReturnedItem("1", "1"),), reason="size")),
    "prove_export": ("op", c.ProveExport(returned=1, proof="cn-1")),
    "approve_refund": ("system", c.ApproveRefund(returned=1)),
    "reject_refund": ("anna", c.RejectRefund(returned=1, reason="no_proof")),
}
"""Each command once, by somebody who may."""

CODES = {
    ".": None,
    "n": "clearance.not_filed",
    "f": "clearance.filed_already",
    "x": "clearance.not_open",
    "z": "clearance.seized",
    "p": "clearance.not_in_phase",
    "u": "clearance.unknown_number",
    "e": "clearance.examined",
    "d": "clearance.departed",
    "a": "clearance.arrived_already",
    "h": "clearance.not_arrived",
    "o": "clearance.something_open",
    "g": "clearance.agency",
    "m": "clearance.nothing_due",
    "s": "clearance.no_proposal",
    "j": "clearance.no_objection",
}

GRID = """
                         unf lod acc ref ins hel pay rel rfd sei ret can clo
file                      .   f   f   f   f   f   f   f   f   f   f   f   f
amend                     n   .   .   .   e   .   .   x   x   z   x   x   x
redecide                  n   .   .   .   .   .   .   .   .   .   .   x   .
cancel                    n   .   .   .   e   e   .   x   x   z   x   x   x
link_previous             n   .   .   .   .   .   .   x   x   z   x   x   x
depart                    n   .   d   .   .   .   d   d   .   .   x   x   x
arrive                    n   .   a   .   .   .   a   a   .   .   x   x   x
refer                     n   .   .   .   .   .   .   x   x   z   x   x   x
answer                    n   u   u   .   u   u   u   x   x   z   x   x   x
close_referral            n   u   u   .   u   u   u   x   x   z   x   x   x
hold                      n   .   .   .   .   .   .   x   x   z   x   x   x
lift_hold                 n   u   u   u   u   .   u   x   x   z   x   x   x
order_inspection          n   .   .   .   .   .   .   x   x   z   x   x   x
record_finding            n   u   u   u   h   u   u   x   x   u   x   x   x
withdraw_inspection       n   u   u   u   .   u   u   x   x   z   x   x   x
seize                     n   .   .   .   .   .   .   x   .   z   x   x   x
propose_seizure_release   n   p   p   p   p   p   p   p   p   .   p   p   p
approve_seizure_release   n   p   p   p   p   p   p   p   p   s   p   p   p
forfeit                   n   p   p   p   p   p   p   p   p   .   p   p   p
refuse                    n   .   .   .   .   .   .   x   x   z   x   x   x
return_to_sender          n   .   .   .   .   .   .   x   .   z   x   x   x
withdraw_return           n   p   p   p   p   p   p   x   p   z   x   x   x
confirm_return            n   p   p   p   p   p   p   x   p   z   x   x   x
ask_agency                n   .   .   .   .   .   .   x   x   z   x   x   x
agency_decide             n   g   .   g   g   g   g   x   x   z   x   x   x
register_payment          n   m   m   m   m   m   .   x   m   m   x   x   x
withdraw_payment          n   m   m   m   m   m   m   x   m   m   x   x   x
release                   n   .   o   o   o   o   o   x   x   z   x   x   x
object                    n   .   .   .   .   .   .   .   .   .   .   x   .
review                    n   j   j   j   j   j   j   j   j   j   j   x   j
declare_return            n   p   p   p   p   p   p   .   p   p   p   p   p
prove_export              n   p   p   p   p   p   p   u   p   p   p   p   p
approve_refund            n   p   p   p   p   p   p   u   p   p   p   p   p
reject_refund             n   p   p   p   p   p   p   u   p   p   p   p   p
"""

ROLE_GRID = """
                         operator officer supervisor agency system
file                      x . . . .
amend                     x . . . .
redecide                  . x x . x
cancel                    x x x . .
link_previous             x x x . .
depart                    x x x . x
arrive                    x x x . x
refer                     . x x . .
answer                    x . . . .
close_referral            . x x . .
hold                      . x x . x
lift_hold                 . x x . x
order_inspection          . x x . .
record_finding            . x x . .
withdraw_inspection       . x x . .
seize                     . x x . .
propose_seizure_release   . x x . .
approve_seizure_release   . x x . .
forfeit                   . . x . .
refuse                    . x x . .
return_to_sender          x x x . .
withdraw_return           . x x . .
confirm_return            x x x . x
ask_agency                . x x . x
agency_decide             . . . x .
register_payment          . . . . x
withdraw_payment          . . . . x
release                   . x x . .
object                    x . . . .
review                    . . x . .
declare_return            x . . . .
prove_export              x x x . .
approve_refund            . x x . x
reject_refund             . x x . .
"""


def _rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.strip("\n").splitlines()[1:]}


CELLS = [
    (name, phase, code)
    for name, row in _rows(GRID).items()
    for phase, code in zip(SETTINGS, row, strict=True)
]


@pytest.mark.parametrize(("name", "phase", "code"), CELLS)
def test_command_in_phase(name: str, phase: str, code: str) -> None:
    """The command is taken or refused with the code that the table has for the phase."""
    state, _ = play(SETTINGS[phase])
    who, command = SENT[name]
    at = NOON + timedelta(hours=3)
    if CODES[code] is None:
        assert handle(state, command, at, ACTORS[who], quantities=QUANTITIES)
    else:
        with pytest.raises(Refused) as refusal:
            handle(state, command, at, ACTORS[who], quantities=QUANTITIES)
        assert refusal.value.code == CODES[code]


def test_the_grids_are_complete() -> None:
    """Every command of the union has a row in each table and an entry in the lists; every phase has a column."""
    names = {name_of(kind) for kind in get_args(Command)}
    assert names == set(_rows(GRID)) == set(_rows(ROLE_GRID)) == set(SENT)
    assert set(get_args(Command)) == set(ALLOWED) == set(PHASES_OF)
    assert {str(phase) for phase in Phase} == set(SETTINGS)
    assert all(name_of(type(command)) == name for name, (_, command) in SENT.items())


@pytest.mark.parametrize("name", SENT)
def test_roles(name: str) -> None:
    """Only the roles in the table may give the command, whatever the phase; auditor and administrator none."""
    _, command = SENT[name]
    columns = ("operator", "officer", "supervisor", "agency", "system")
    allowed = {role for role, mark in zip(columns, _rows(ROLE_GRID)[name], strict=True) if mark == "x"}
    for phase in SETTINGS:
        state, _ = play(SETTINGS[phase])
        for role in Role:
            try:
                handle(state, command, NOON, Actor("key-new", role, "food"), quantities=QUANTITIES)
                code = None
            except Refused as refusal:
                code = refusal.code
            assert (code == "clearance.role") == (str(role) not in allowed), (phase, role)
