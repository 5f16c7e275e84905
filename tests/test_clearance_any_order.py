"""Commands in any order, by anybody, at any time: what must never happen does not."""

import json
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from greenlane.clearance import (
    EVENT_TYPES,
    GIVES,
    SETTLES,
    Actor,
    Command,
    Decision,
    Event,
    Fresh,
    Phase,
    Policy,
    Refused,
    Role,
    State,
    act,
    deadline_of,
    filed,
    fold,
    handle,
    notice_of,
    phase_of,
    settle,
    wake_at,
)
from greenlane.clearance import commands as c
from greenlane.clearance.vocabulary import Disposition
from test_clearance_flows import ACTORS, NOON, QUANTITIES, decision

DECISIONS = st.builds(
    decision,
    st.sampled_from(get_args(Disposition)),
    st.sampled_from(["0.00", "0", "3.00", None]),
    awaits_data=st.booleans(),
    agencies=st.sampled_from([[], [], [], ["food"], ["food", "toys"]]),
    inspection_channel=st.sampled_from(["document", "scan", "physical"]),
)
GOOD = st.builds(
    decision,
    st.just("release"),
    st.sampled_from(["0.00", "0.00", "3.00"]),
    agencies=st.sampled_from([[], [], ["food"]]),
)
NUMBERS = st.integers(1, 2)
REASON = st.just("reason")
TIMES = st.none() | st.integers(-48, 48).map(lambda hours: NOON + timedelta(hours=hours))
ITEMS = st.lists(
    st.builds(c.ReturnedItem, st.sampled_from(["1", "2", "9"]), st.sampled_from(["0.5", "1", "4"])),
    min_size=1,
    max_size=2,
).map(tuple)
SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "decision": GOOD | DECISIONS,
    "reason": REASON,
    "grounds": REASON,
    "agency": st.sampled_from(["food", "toys"]),
    "items": ITEMS,
    "elements": st.just(()),
    "documents": st.sampled_from([(), ("d1",)]),
    "methods": st.sampled_from([(), ("XRY", "ETD")]),
    "proof": st.just("p1"),
    "previous": st.just("EX-1"),
    "note": st.sampled_from([None, "n1"]),
    "scan": st.sampled_from([None, "img-1"]),
    "permit": st.none(),
    "transport_document": st.none(),
    **dict.fromkeys(("referral", "hold", "inspection", "returned"), NUMBERS),
    **dict.fromkeys(("departs_at", "arrives_at", "departed_at", "arrived_at", "screened_at"), TIMES),
}


def _strategy(kind: type[Command]) -> st.SearchStrategy[Command]:
    """Draw a command of one kind: by field name, or one of its literal values."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(kind):
        if kind is c.RegisterPayment and field.name == "decision":
            fields[field.name] = NUMBERS
        elif field.name in SPECIAL:
            fields[field.name] = SPECIAL[field.name]
        else:
            literals = [part for part in (field.type, *get_args(field.type)) if get_args(part)]
            values = [value for part in literals for value in get_args(part) if isinstance(value, str)]
            fields[field.name] = st.sampled_from(values)
    return st.builds(kind, **fields)


EVERY = {kind: _strategy(kind) for kind in get_args(Command)}
LIKELY = (
    c.Amend,
    c.Arrive,
    c.OrderInspection,
    c.RecordFinding,
    c.LiftHold,
    c.CloseReferral,
    c.AskAgency,
    c.AgencyDecide,
    c.RegisterPayment,
    c.WithdrawPayment,
    c.Answer,
    c.Release,
)

LIKELY_IN = {
    Phase.SEIZED: (c.ProposeSeizureRelease, c.ApproveSeizureRelease),
    Phase.RELEASED: (c.DeclareReturn, c.ProveExport, c.ApproveRefund, c.Object, c.Review, c.Redecide),
    Phase.REFUSED: (c.Object, c.Review, c.ReturnToSender, c.ConfirmReturn),
}
"""Commands that lead on from a phase, drawn half of the time, so that the far ends are reached."""


class Open:
    """What stands open, kept by the test on its own from the raw events."""

    def __init__(self) -> None:
        self.referrals: set[int] = set()
        self.holds: set[int] = set()
        self.inspections: set[int] = set()
        self.agencies: dict[str, str | None] = {}
        self.named: set[str] = set()
        self.due = False
        self.known = False
        self.arrived = False
        self.ended = True

    def take(self, event: Event) -> None:
        """Follow one event."""
        data = event.data
        match event.type:
            case "filed" | "amended" | "redecided":
                self.named = set(data["decision"].get("agencies", ()))
                amount = data["decision"].get("payable_at_border")
                self.known = amount is not None and data["decision"]["status"] == "assessed"
                self.due = self.known and (
                    float(amount) != 0 or data["decision"]["disposition"] == "release_on_payment"
                )
                self.arrived |= "arrived_at" in data
                self.ended &= event.type != "filed"
                if event.type == "amended":
                    self.agencies = dict.fromkeys(self.agencies)
            case "arrived":
                self.arrived = True
            case "referral_opened":
                self.referrals.add(data["number"])
            case "referral_closed":
                self.referrals.remove(data["number"])
            case "held":
                self.holds.add(data["number"])
            case "hold_lifted":
                self.holds.remove(data["number"])
            case "inspection_ordered":
                self.inspections.add(data["number"])
            case "inspection_found" | "inspection_withdrawn":
                self.inspections.remove(data["number"])
            case "agency_asked":
                self.agencies[data["agency"]] = None
            case "agency_decided":
                self.agencies[data["agency"]] = data["verdict"]
            case "payment_registered":
                self.due = False
            case "payment_withdrawn":
                self.due = True
            case "cancelled" | "refused" | "seized" | "returned" | "return_ordered":
                self.ended = True
            case "seizure_ended" | "return_withdrawn":
                self.ended = False
            case "reviewed":
                self.ended &= data["result"] != "reverse"

    def free(self, how: str) -> bool:
        """Say whether a release is allowed now."""
        agreed = all(self.agencies.get(name) == "clear" for name in self.named | set(self.agencies))
        nothing = not (self.referrals or self.holds or self.inspections or self.due)
        return nothing and agreed and (how == "officer" or (self.known and self.arrived))


class AnyOrder(RuleBasedStateMachine):
    """One consignment under any commands."""

    def __init__(self) -> None:
        super().__init__()
        self.at: datetime = NOON
        self.log: list[Event] = []
        self.state = State()
        self.open = Open()
        self.policy = Policy()

    def _give(self, command: Command, actor: Actor) -> None:
        try:
            given = handle(self.state, command, self.at, actor, self.policy, QUANTITIES)
            events, self.state = act(self.state, command, self.at, actor, self.policy, QUANTITIES)
        except Refused as refusal:
            assert refusal.code.startswith("clearance.") and refusal.fix
            self._time_passes()
            return
        assert events[: len(given)] == given
        assert {event.type for event in given} <= set(GIVES[type(command)])
        assert {event.type for event in events[len(given) :]} <= set(SETTLES)
        self._take(events)

    def _time_passes(self) -> None:
        events = settle(self.state, self.at, self.policy)
        assert not any(event.type == "released" for event in events), "time alone releases nothing"
        self.state = fold(events, self.state)
        self._take(events)

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if event.type == "released":
                assert self.open.free(event.data["how"]), self.log
            self.open.take(event)
            self.log.append(event)

    @precondition(lambda self: not self.log)
    @rule(command=EVERY[c.File])
    def file(self, command: Command) -> None:
        """File first."""
        self._give(command, ACTORS["op"])

    @precondition(lambda self: self.log)
    @rule(data=st.data(), hours=st.sampled_from([0, 0, 0, 1, 30]))
    def by_somebody_allowed(self, data: st.DataObject, hours: int) -> None:
        """Any command by somebody whose role may give it."""
        self.at += timedelta(hours=hours)
        likely = LIKELY_IN.get(phase_of(self.state), LIKELY)
        kind = data.draw(st.sampled_from(likely) | st.sampled_from(list(EVERY)))
        command = data.draw(EVERY[kind])
        allowed = [actor for actor in ACTORS.values() if actor.role in c.ALLOWED[kind]]
        self._give(command, data.draw(st.sampled_from(allowed)))

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def by_anybody(self, data: st.DataObject) -> None:
        """Any command by anybody."""
        kind = data.draw(st.sampled_from(list(EVERY)))
        self._give(data.draw(EVERY[kind]), data.draw(st.sampled_from(list(ACTORS.values()))))

    @rule(hours=st.sampled_from([-5, 1, 50, 24 * 31, 24 * 100]))
    def time(self, hours: int) -> None:
        """Time passes, or the clock steps back."""
        self.at += timedelta(hours=hours)
        self._time_passes()

    @invariant()
    def at_most_one_release(self) -> None:
        """There is at most one release."""
        assert sum(event.type == "released" for event in self.log) <= 1

    @invariant()
    def all_is_settled(self) -> None:
        """Settling twice gives nothing new, and the next clock is ahead."""
        assert settle(self.state, self.at, self.policy) == []
        wake = wake_at(self.state)
        assert wake is None or wake > self.at
        assert phase_of(self.state) in Phase
        deadline_of(self.state)

    def teardown(self) -> None:
        """The log survives JSON, folds to the same state, is in order, tells no secret; a snapshot is the state."""
        plain = [Event(e.type, e.at, e.actor, json.loads(json.dumps(e.data))) for e in self.log]
        assert fold(plain) == self.state
        assert all(a.at <= b.at for a, b in zip(self.log, self.log[1:], strict=False))
        assert msgspec.json.decode(msgspec.json.encode(self.state), type=State) == self.state
        for event in self.log:
            assert event.type in EVENT_TYPES
            notice = notice_of(event)
            text = "" if notice is None else json.dumps(notice.data)
            assert not any(f'"{word}"' in text for word in ("score", "model_version", "note", "proposes"))


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=250, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


@settings(max_examples=300, deadline=None)
@given(
    made=DECISIONS,
    stage=st.sampled_from(["pre_loading", "pre_arrival", "arrival"]),
    mode=st.sampled_from([None, "air", "sea", "road", "rail", "post"]),
    departs_at=TIMES,
    arrives_at=TIMES,
    cover=st.sampled_from([None, "guaranteed"]),
    early=st.booleans(),
)
def test_the_short_way_gives_the_same_events(
    made: Decision,
    stage: Any,
    mode: Any,
    departs_at: datetime | None,
    arrives_at: datetime | None,
    cover: Any,
    early: bool,
) -> None:
    """`filed` gives what the command and settling give; a cover stands before the release."""
    policy = Policy(release_before_arrival=early)
    command = c.File(
        decision=made, stage=stage, transport_mode=mode, departs_at=departs_at, arrives_at=arrives_at
    )
    short = filed(
        made,
        NOON,
        ACTORS["op"],
        stage=stage,
        transport_mode=mode,
        departs_at=departs_at,
        arrives_at=arrives_at,
        cover=cover,
        policy=policy,
    )
    long, state = act(State(), command, NOON, ACTORS["op"], policy)
    if cover is not None and state.owed and made.complete:
        more, state = act(state, c.RegisterPayment(decision=1, cover=cover), NOON, ACTORS["system"], policy)
        long += more
    assert fold(short).released_at == state.released_at
    assert phase_of(fold(short)) == phase_of(state)
    kinds = [(event.type, event.data) for event in short]
    assert sorted(kinds, key=str) == sorted(((event.type, event.data) for event in long), key=str)
    assert all(event.actor == "system" for event in short[1:])


@settings(max_examples=200, deadline=None)
@given(
    made=st.lists(DECISIONS, min_size=2, max_size=12),
    stage=st.sampled_from(["pre_loading", "pre_arrival", "arrival"]),
    modes=st.lists(st.sampled_from([None, "air", "post"]), min_size=12, max_size=12),
    covers=st.lists(st.sampled_from([None, "guaranteed"]), min_size=12, max_size=12),
    arrives_at=TIMES,
    early=st.booleans(),
)
def test_many_at_once_are_filed_as_one_by_one(
    made: list[Decision],
    stage: Any,
    modes: list[Any],
    covers: list[Any],
    arrives_at: datetime | None,
    early: bool,
) -> None:
    """What `Fresh` remembers of one decision is right for every one like it: events, phase, deadline, next look."""

    def tell(state: State) -> tuple[Any, ...]:
        return phase_of(state), deadline_of(state), wake_at(state), state.version

    policy = Policy(release_before_arrival=early)
    fresh = Fresh(NOON, ACTORS["op"], stage, tell, arrives_at=arrives_at, policy=policy)
    for number, (one, mode, cover) in enumerate(zip(made, modes, covers, strict=False)):
        own = msgspec.structs.replace(one, input_digest=str(number), total=f"{number}.00")
        events, told = fresh.file(own, mode, cover)
        alone = filed(
            own,
            NOON,
            ACTORS["op"],
            stage=stage,
            transport_mode=mode,
            arrives_at=arrives_at,
            cover=cover,
            policy=policy,
        )
        assert events == alone
        assert told == tell(fold(alone))


def test_role_words() -> None:
    """The actors of these tests have the roles that take part in the procedure."""
    assert {actor.role for actor in ACTORS.values()} == set(Role) - {Role.AUDITOR, Role.ADMINISTRATOR}
