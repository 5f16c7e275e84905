"""The parts of the procedure one by one: lateness, clocks, the load rule, notices, commands as data, snapshots."""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from greenlane.clearance import (
    ALLOWED,
    EVENT_TYPES,
    GIVES,
    PHASES,
    ROLES,
    SETTLES,
    SYSTEM,
    Command,
    Event,
    Phase,
    Policy,
    PostedCommand,
    Refused,
    Role,
    State,
    act,
    causes,
    clocks,
    deadline_of,
    fold,
    handle,
    may_load,
    name_of,
    notice_of,
    phase_of,
    settle,
    wake_at,
)
from greenlane.clearance import commands as c
from greenlane.clearance.fold import FOLDS
from greenlane.values.finding import kind_of
from test_clearance_flows import ACTORS, DUE, FREE, NOON, QUANTITIES, Line, decision, file, play

L = Line
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("stage", "mode", "departs", "arrives", "late"),
    [
        ("pre_loading", "air", 0, None, False),
        ("pre_loading", "air", -1, None, True),
        ("pre_loading", "post", -1, None, True),
        ("pre_loading", "sea", 24, None, False),
        ("pre_loading", "sea", 23, None, True),
        ("pre_loading", "road", 5, 5, None),
        ("pre_arrival", "air", None, 4, False),
        ("pre_arrival", "air", None, 3, True),
        ("pre_arrival", "post", None, 3, True),
        ("pre_arrival", "sea", None, 3, True),
        ("pre_arrival", "rail", None, 2, False),
        ("pre_arrival", "rail", None, 1, True),
        ("pre_arrival", "road", None, 1, False),
        ("pre_arrival", "road", None, 0, True),
        ("pre_arrival", "air", 9, None, None),
        ("pre_arrival", None, 9, 9, None),
        ("arrival", "air", -9, -9, False),
    ],
)
def test_late_filing(
    stage: str, mode: str | None, departs: int | None, arrives: int | None, late: bool | None
) -> None:
    """A filing is late by the limit of its stage and mode; unknown is not punctual, and late is still accepted."""
    times = {
        "departs_at": None if departs is None else NOON + departs * HOUR,
        "arrives_at": None if arrives is None else NOON + arrives * HOUR,
    }
    events, state = act(State(), file(FREE, stage, transport_mode=mode, **times), NOON, ACTORS["op"])
    assert events[0].data["late"] is late
    assert state.late is late
    assert phase_of(state) in (Phase.LODGED, Phase.RELEASED)


def test_each_lead_time_has_its_source() -> None:
    """No limit stands without the law it comes from."""
    assert all(lead.source and lead.certainty for lead in Policy().lead_times)


def test_a_later_stage_is_timed_anew() -> None:
    """An amendment to a later stage is measured by that stage's own limit; one without a stage changes nothing."""
    lines = [
        L("op", file(FREE, "pre_loading", transport_mode="air", departs_at=NOON + HOUR), "lodged"),
        L("op", c.Amend(decision=FREE, stage="pre_arrival", arrives_at=NOON + 3 * HOUR), "lodged"),
    ]
    state, log = play(lines)
    assert [event.data["late"] for event in log] == [False, True]
    state, log = play([*lines, L("op", c.Amend(decision=FREE), "lodged")])
    assert state.late is True


@pytest.mark.parametrize(
    ("lines", "hours", "what"),
    [
        ([], None, None),
        ([L("op", file(), "lodged")], None, None),
        ([L("op", file(FREE, arrives_at=NOON + 9 * HOUR), "lodged")], 9, "arrival"),
        (
            [
                L(
                    "op",
                    file(FREE, "pre_loading", departs_at=NOON + 2 * HOUR, arrives_at=NOON + 9 * HOUR),
                    "lodged",
                )
            ],
            2,
            "departure",
        ),
        (
            [
                L(
                    "op",
                    file(FREE, "pre_loading", departs_at=NOON + 2 * HOUR, arrives_at=NOON + 9 * HOUR),
                    "lodged",
                ),
                L("op", c.Depart(), "lodged"),
            ],
            9,
            "arrival",
        ),
        ([L("op", file(DUE, "arrival"), "awaiting_payment")], 24, "release"),
        ([L("op", file(decision("request_information")), "referred")], 48, "referral"),
        (
            [L("op", file(decision("inspect"), arrives_at=NOON + 40 * HOUR), "under_inspection")],
            40,
            "arrival",
        ),
        ([L("op", file(decision("release", agencies=["food"])), "lodged")], 48, "agency"),
        ([L("op", file(FREE, "arrival"), "released")], None, None),
        (
            [L("op", file(FREE, "arrival"), "released"), L("op", c.Object(grounds="value"), "released", 1)],
            24 * 30 + 1,
            "objection",
        ),
        ([L("op", file(decision("inspect")), "under_inspection")], None, None),
        (
            [
                L("op", file(decision("inspect")), "under_inspection"),
                L("op", c.Arrive(), "under_inspection", 5),
            ],
            24 + 5,
            "inspection",
        ),
        (
            [
                L("op", file(decision("request_information")), "referred"),
                L("op", c.Answer(referral=1, documents=("d1",)), "referred", 5),
            ],
            24 + 5,
            "referral",
        ),
        (
            [
                L("op", file(FREE, "arrival"), "released"),
                L("op", c.DeclareReturn(items=(c.ReturnedItem("1", "1"),), reason="size"), "released", 1),
                L("op", c.ProveExport(returned=1, proof="p"), "released", 2),
            ],
            24 * 30 + 2,
            "return",
        ),
    ],
)
def test_deadline(lines: list[Line], hours: int | None, what: str | None) -> None:
    """The queue's deadline is the earliest of the running clocks and of departure, arrival, target of release."""
    state, _ = play(lines)
    deadline = deadline_of(state)
    if hours is None:
        assert deadline is None
    else:
        assert deadline is not None
        assert (deadline.at, deadline.what) == (NOON + hours * HOUR, what)


def test_a_clock_that_runs_out_is_said_once_and_nothing_is_released() -> None:
    """Silence is no consent: an agency that lets its time pass is marked overdue, once."""
    state, _ = play([L("op", file(decision("release", agencies=["food"]), "arrival"), "accepted")])
    wake = wake_at(state)
    assert wake == NOON + 48 * HOUR
    assert settle(state, wake - HOUR) == []
    events = settle(state, wake)
    assert [(event.type, event.data["what"], event.data["agency"]) for event in events] == [
        ("overdue", "agency", "food")
    ]
    state = fold(events, state)
    assert settle(state, wake + 1000 * HOUR) == []
    assert wake_at(state) is None
    assert clocks(state)[0].overdue


def test_an_answer_after_its_time_is_taken_and_marked() -> None:
    """A late answer counts, and says that it is late."""
    state, log = play(
        [
            L("op", file(decision("request_information")), "referred"),
            L("op", c.Answer(referral=1, documents=("d1",)), "referred", 49),
        ]
    )
    answered = next(event for event in log if event.type == "referral_answered")
    assert answered.data["late"] is True
    assert wake_at(state) == NOON + (49 + 24) * HOUR


def test_a_released_consignment_closes_when_every_limit_is_over() -> None:
    """Closing waits for the limits of objection and return, and for what is pending; a new decision opens again."""
    state, _ = play([L("op", file(FREE, "arrival"), "released")])
    end = NOON + timedelta(days=90)
    assert wake_at(state) == end
    assert settle(state, end - HOUR) == []
    state = fold(settle(state, end), state)
    assert phase_of(state) is Phase.CLOSED
    _, state = act(state, c.Redecide(decision=DUE, reason="replay"), end + HOUR, SYSTEM)
    assert phase_of(state) is Phase.RELEASED
    _, state = act(state, c.Object(grounds="rate"), end + 2 * HOUR, ACTORS["op"])
    assert settle(state, end + timedelta(days=29)) == []


@pytest.mark.parametrize(
    ("lines", "load"),
    [
        ([], False),
        ([L("op", file(FREE, "pre_loading"), "lodged")], True),
        ([L("op", file(DUE, "pre_loading"), "awaiting_payment")], True),
        ([L("op", file(decision("inspect"), "pre_loading"), "under_inspection")], True),
        ([L("op", file(decision("hold"), "pre_loading"), "held")], True),
        ([L("op", file(decision("request_information"), "pre_loading"), "referred")], False),
        ([L("op", file(decision("request_screening"), "pre_loading"), "referred")], False),
        ([L("op", file(decision("do_not_load"), "pre_loading"), "referred")], False),
        (
            [
                L("op", file(decision("request_information"), "pre_loading"), "referred"),
                L("op", c.Answer(referral=1, documents=("d1",)), "referred"),
            ],
            False,
        ),
        (
            [
                L("op", file(decision("do_not_load"), "pre_loading"), "referred"),
                L("anna", c.CloseReferral(referral=1, reason="seen"), "lodged"),
            ],
            True,
        ),
        ([L("op", file(), "lodged"), L("op", c.Cancel(reason="sold"), "cancelled")], False),
        ([L("op", file(), "lodged"), L("anna", c.Refuse(reason="banned"), "refused")], False),
        ([L("op", file(), "lodged"), L("anna", c.Seize(reason="fake"), "seized")], False),
    ],
)
def test_load_rule(lines: list[Line], load: bool) -> None:
    """Goods may be loaded when acknowledged and nothing asked before loading is open; assessment need not be over."""
    assert may_load(play(lines)[0]) is load


def test_a_clock_that_steps_back_keeps_the_order() -> None:
    """Events after a step back of the clock are dated like the last one before it."""
    _, state = act(State(), file(), NOON, ACTORS["op"])
    events, state = act(state, c.Arrive(), NOON - HOUR, ACTORS["op"])
    assert {event.at for event in events} == {NOON}
    assert state.arrived_at == NOON


def test_goods_held_after_they_were_ordered_back_stay() -> None:
    """A hold from before the order back does not keep the goods; one from after it does."""
    before = [
        L("op", file(decision("hold")), "held"),
        L("anna", c.ReturnToSender(reason="unwanted"), "held"),
    ]
    play([*before, L("op", c.ConfirmReturn(proof="p"), "returned")])
    after = [*before, L("anna", c.Hold(reason="tip"), "held")]
    play([*after, L("op", c.ConfirmReturn(proof="p"), "clearance.something_open")])
    play([*before, L("anna", c.WithdrawReturn(reason="paid"), "held")])


def test_one_objection_against_one_decision() -> None:
    """A reviewed decision is not objected to again; a new decision is."""
    state, _ = play(
        [
            L("op", file(FREE, "arrival"), "released"),
            L("op", c.Object(grounds="value"), "released", 1),
            L("super", c.Review(result="uphold", reason="law"), "released", 2),
            L("op", c.Object(grounds="value"), "clearance.settled_already", 3),
            L("super", c.Redecide(decision=DUE, reason="law"), "released", 4),
            L("op", c.Object(grounds="value"), "released", 5),
        ]
    )
    assert state.objection is not None and state.objection.result is None


def test_a_new_decision_is_awaited_by_the_clock_of_the_review() -> None:
    """A reversed decision without its successor stays in the queue until it comes."""
    state, _ = play(
        [
            L("op", file(FREE, "arrival"), "released"),
            L("op", c.Object(grounds="value"), "released"),
            L("super", c.Review(result="vary", reason="law"), "released", 1),
        ]
    )
    deadline = deadline_of(state)
    assert deadline is not None and deadline.what == "objection"


def test_the_channel_of_an_ordered_inspection() -> None:
    """The decision says whether papers, scan or goods are looked at."""
    _, log = play([L("op", file(decision("inspect", inspection_channel="document")), "under_inspection")])
    assert log[-1].data["channel"] == "document"


def test_the_notice_leaves_out_how_consignments_are_chosen() -> None:
    """A notice of a decision has its amounts and reasons, not its score; an inner event has no notice."""
    _, log = play([L("op", file(DUE), "awaiting_payment")])
    notice = notice_of(log[0])
    assert notice is not None and notice.code == "consignment.filed"
    assert notice.data["decision"]["payable_at_border"] == "3.00"
    assert not {"score", "model_version"} & set(notice.data["decision"])
    assert log[0].data["decision"]["score"] == 12
    assert notice_of(Event("overdue", NOON, "system", {"what": "agency", "agency": "food"})) is None


def test_every_event_type_can_be_folded_and_has_one_notice() -> None:
    """The table of events and the folds name the same types; notice codes are not used twice."""
    assert set(EVENT_TYPES) == set(FOLDS)
    codes = [kind.notice for kind in EVENT_TYPES.values() if kind.notice is not None]
    assert len(codes) == len(set(codes))
    assert all(bool(kind.told) == (kind.notice is not None) for kind in EVENT_TYPES.values())
    with pytest.raises(ValueError, match="no event"):
        fold([Event("vanished", NOON, "system", {})])


def test_what_the_service_works_out_is_not_posted() -> None:
    """A caller can't post a decision or a payment; everything else it can."""
    inner = {c.File, c.Amend, c.Redecide, c.RegisterPayment, c.WithdrawPayment}
    assert set(get_args(Command)) - set(get_args(PostedCommand)) == inner
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(
            b'{"command": "register_payment", "decision": 1, "cover": "paid"}', type=PostedCommand
        )


@pytest.mark.parametrize(
    "body",
    [
        {"command": "hold"},
        {"command": "hold", "reason": "Mrs Example said so"},
        {"command": "hold", "reason": "x" * 41},
        {"command": "hold", "reason": "tip", "more": 1},
        {"command": "hold", "reason": "tip", "note": "two words"},
        {"command": "lift_hold", "hold": 0, "reason": "tip"},
        {"command": "lift_hold", "hold": "1", "reason": "tip"},
        {"command": "arrive", "arrived_at": "2026-07-02T12:00:00"},
        {"command": "refer", "kind": "ask", "reason": "tip"},
        {"command": "answer", "referral": 1, "methods": ["XXX"]},
        {"command": "answer", "referral": 1, "documents": ["d"] * 51},
        {"command": "declare_return", "reason": "size", "items": []},
        {"command": "declare_return", "reason": "size", "items": [{"item_id": "1", "quantity": "-1"}]},
        {"command": "declare_return", "reason": "size", "items": [{"item_id": "1", "quantity": "1e9"}]},
        {"command": "declare_return", "reason": "size", "items": [{"item_id": "1", "quantity": 1}]},
        {"command": "agency_decide", "agency": "Food", "verdict": "clear"},
        {"command": "fly"},
        {},
    ],
)
def test_malformed_commands(body: dict[str, Any]) -> None:
    """What is not a command is refused by its type; no field takes free text, in which a name could stand."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(body).encode(), type=PostedCommand)


def test_commands_are_a_tagged_union() -> None:
    """A command is read from JSON by its tag and is then refused or taken as any other."""
    body = b'{"command": "arrive", "arrived_at": "2026-07-02T13:00:00+02:00"}'
    command = msgspec.json.decode(body, type=PostedCommand)
    _, state = act(State(), file(), NOON, ACTORS["op"])
    events, state = act(state, command, NOON, ACTORS["op"])
    assert events[0].data["arrived_at"] == "2026-07-02T11:00:00Z"
    assert state.arrived_at == datetime.fromisoformat("2026-07-02T11:00:00Z")


def test_a_schema_can_be_made_of_the_commands() -> None:
    """The API's description can be made from the types."""
    schema = msgspec.json.schema(PostedCommand)
    assert len(schema["anyOf"]) == len(get_args(PostedCommand))


def test_a_refusal_has_code_fix_and_no_traceback() -> None:
    """A refusal carries a declared finding with words, path and fix."""
    _, state = act(State(), file(), NOON, ACTORS["op"])
    with pytest.raises(Refused) as caught:
        handle(state, c.LiftHold(hold=3, reason="seen"), NOON, ACTORS["anna"])
    refusal = caught.value
    assert refusal.finding.as_dict() == {
        "code": "clearance.unknown_number",
        "path": "/hold",
        "message": "there is no hold 3",
        "severity": "error",
        "law": None,
    }
    assert refusal.fix == kind_of("clearance.unknown_number").fix


def test_filed_quantities_are_needed_for_a_return() -> None:
    """Without the filed quantities a return can't be judged, so it is not taken as right."""
    _, state = act(State(), file(FREE, "arrival"), NOON, ACTORS["op"])
    command = c.DeclareReturn(items=(c.ReturnedItem("1", "1"),), reason="size")
    with pytest.raises(ValueError, match="quantities"):
        handle(state, command, NOON, ACTORS["op"])
    assert handle(state, command, NOON, ACTORS["op"], quantities=QUANTITIES)


def test_the_policy_sets_the_limits() -> None:
    """An administration's own limits go into the events, so that a later change of policy changes no past right."""
    short = replace(Policy(), objection=timedelta(days=14))
    events, state = act(State(), file(FREE, "arrival"), NOON, ACTORS["op"], short)
    assert events[0].data["object_by"] == "2026-07-16T12:00:00Z"
    with pytest.raises(Refused) as caught:
        handle(state, c.Object(grounds="value"), NOON + timedelta(days=15), ACTORS["op"], Policy())
    assert caught.value.code == "clearance.deadline_passed"


def test_a_snapshot_and_later_events_are_enough() -> None:
    """A store may keep a snapshot: later events fold onto it as onto the state itself."""
    state, log = play(
        [
            L("op", file(decision("inspect", agencies=["food"]), "arrival"), "under_inspection"),
            L("anna", c.RecordFinding(inspection=1, finding="discrepancy", scan="img-1"), "held"),
            L("food", c.AgencyDecide(agency="food", verdict="clear"), "held"),
        ]
    )
    middle = msgspec.json.decode(msgspec.json.encode(fold(log[:3])), type=State)
    assert fold(log[3:], middle) == state
    assert state.version == len(log)


def test_the_page_names_everything() -> None:
    """docs/reference/procedure.md has every phase, role, command with its fields, event, notice and limit."""
    page = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "procedure.md").read_text("utf-8")
    for name in (*PHASES, *ROLES, *(name_of(kind) for kind in ALLOWED), *EVENT_TYPES):
        assert f"\n| `{name}` |" in page, name
    for kind in ALLOWED:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name_of(kind)}` |"))
        assert all(f"`{field.name}`" in row for field in msgspec.structs.fields(kind)), row
        assert all(f"`{type_}`" in row for type_ in GIVES[kind]), row
    assert all(f"`{kind.notice}`" in page for kind in EVENT_TYPES.values() if kind.notice)
    assert all(f"`{field.name}`" in page for field in fields(Policy) if field.name != "lead_times")
    assert all(lead.source in page for lead in Policy().lead_times)


def test_every_event_has_a_cause() -> None:
    """Each event type comes from a command or by itself, and the causes name only known types."""
    named = {type_ for types in GIVES.values() for type_ in types} | set(SETTLES)
    assert named == set(EVENT_TYPES)
    assert set(GIVES) == set(ALLOWED)
    assert causes("agency_decided") == {Role.AGENCY}
    assert causes("released") == {Role.OFFICER, Role.SUPERVISOR, Role.SYSTEM}


def test_a_decision_is_folded_as_it_was_made() -> None:
    """Nothing that the service itself decides can make a filing that can't be read back."""
    long = decision("release", reasons=["x" * 10_000] * 100, currency="ZZD", category=9)
    _, state = act(State(), file(long), NOON, ACTORS["op"])
    assert state.decision == long


def test_a_moment_without_time_zone_is_a_mistake_of_the_caller() -> None:
    """A naive moment would mean another one on another machine."""
    with pytest.raises(ValueError, match="time zone"):
        act(State(), file(FREE, "arrival"), NOON.replace(tzinfo=None), ACTORS["op"])
