"""Filing, amending, deciding anew, cancelling; and the short way for fresh filings by the thousand."""

from datetime import datetime
from typing import Any

import msgspec

from greenlane.clearance.case import Case
from greenlane.clearance.commands import Amend, Cancel, Decision, File, LinkPrevious, Redecide
from greenlane.clearance.events import SYSTEM, Actor, Event, stamp
from greenlane.clearance.fold import fold
from greenlane.clearance.policy import DEFAULT, Policy
from greenlane.clearance.refusals import EXAMINED, STAGE_BACK, Refused
from greenlane.clearance.settle import settle
from greenlane.clearance.state import State
from greenlane.clearance.vocabulary import STAGES, Cover, Role, Stage, TransportMode


def file(case: Case, command: File) -> list[Event]:
    """File: accepted whenever it comes, flagged when late."""
    return [
        _filed_event(
            case,
            command.decision,
            command.stage,
            command.transport_mode,
            command.departs_at,
            command.arrives_at,
            command.previous,
        )
    ]


def _filed_event(
    case: Case,
    decision: Decision,
    stage: Stage,
    transport_mode: TransportMode | None,
    departs_at: datetime | None,
    arrives_at: datetime | None,
    previous: str | None,
) -> Event:
    at, policy = case.at, case.policy
    data: dict[str, Any] = {
        "stage": stage,
        "late": policy.late(stage, transport_mode, at, departs_at, arrives_at),
    }
    if transport_mode is not None:
        data["transport_mode"] = transport_mode
    if departs_at is not None:
        data["departs_at"] = stamp(departs_at)
    if arrives_at is not None:
        data["arrives_at"] = stamp(arrives_at)
    if previous is not None:
        data["previous"] = previous
    if stage == "arrival":
        data["arrived_at"] = stamp(at)
        data["release_by"] = case.due(policy.release_target)
    data["object_by"] = case.due(policy.objection)
    data["decision"] = msgspec.to_builtins(decision)
    return Event("filed", at, case.actor.id, data)


def amend(case: Case, command: Amend) -> list[Event]:
    """Amend: as long as no examination binds the filing.

    Law:
        Regulation (EU) No 952/2013 art. 173(2) for the pattern: no change after customs has said that it
        examines, or has found the particulars wrong.
    """
    state = case.state
    if examined(state):
        raise Refused(EXAMINED, "an examination is ordered, or has found something")
    stage = command.stage or state.stage
    if STAGES.index(stage) < STAGES.index(state.stage):
        raise Refused(STAGE_BACK, f"the filing has reached {state.stage}", "/stage")
    mode = command.transport_mode or state.transport_mode
    data: dict[str, Any] = {"stage": stage, "late": state.late}
    if command.stage is not None and stage != state.stage:
        data["late"] = case.policy.late(
            stage,
            mode,
            case.at,
            command.departs_at or state.departs_at,
            command.arrives_at or state.arrives_at,
        )
    if command.transport_mode is not None:
        data["transport_mode"] = mode
    for name, moment in (("departs_at", command.departs_at), ("arrives_at", command.arrives_at)):
        if moment is not None:
            data[name] = stamp(moment)
    if command.reason is not None:
        data["reason"] = command.reason
    if stage == "arrival" and state.arrived_at is None:
        data["arrived_at"] = stamp(case.at)
        data["release_by"] = case.due(case.policy.release_target)
    data["object_by"] = case.due(case.policy.objection)
    data["decision"] = msgspec.to_builtins(command.decision)
    return [Event("amended", case.at, case.actor.id, data)]


def redecide(case: Case, command: Redecide) -> list[Event]:
    """Decide anew; what has been released stays released, money follows the new decision."""
    return [
        case.event(
            "redecided",
            reason=command.reason,
            object_by=case.due(case.policy.objection),
            decision=msgspec.to_builtins(command.decision),
        )
    ]


def cancel(case: Case, command: Cancel) -> list[Event]:
    """Cancel: the declarant while nothing binds the filing, an officer until the last word.

    Law:
        Regulation (EU) No 952/2013 art. 174(2) for the pattern.
    """
    refuse_bound(case)
    return [case.event("cancelled", reason=command.reason)]


def link_previous(case: Case, command: LinkPrevious) -> list[Event]:
    """Link returned goods to the declaration they left under."""
    return [case.event("previous_linked", previous=command.previous)]


def examined(state: State) -> bool:
    """True when an inspection is open or has found something."""
    return any(part.pending or part.finding in ("discrepancy", "prohibited") for part in state.inspections)


def refuse_bound(case: Case) -> None:
    """Keep the declarant from withdrawing goods that customs has its eye on; an officer may.

    Raises:
        Refused: An examination or a hold that is not merely for missing data stands.
    """
    state = case.state
    bound = examined(state) or any(not hold.lifted and not hold.awaits_data for hold in state.holds)
    if case.actor.role is Role.OPERATOR and bound:
        raise Refused(EXAMINED, "an examination or a hold stands against it")


def filed(
    decision: Decision,
    at: datetime,
    actor: Actor,
    *,
    stage: Stage,
    transport_mode: TransportMode | None = None,
    departs_at: datetime | None = None,
    arrives_at: datetime | None = None,
    previous: str | None = None,
    cover: Cover | None = None,
    policy: Policy = DEFAULT,
) -> list[Event]:
    """Return all events of a fresh filing: filed, what the decision orders, released where nothing stands against it.

    The same events as the command ``file`` and ``settle`` give; with *cover*, as ``register_payment`` after them,
    for a payer whose guarantee or account the ledger has found good for the amount.
    """
    case = Case(State(), at, actor, policy)
    events = [_filed_event(case, decision, stage, transport_mode, departs_at, arrives_at, previous)]
    complete = decision.complete
    owed = decision.owed
    if cover is not None and complete and owed:
        events.append(Event("payment_registered", at, SYSTEM.id, {"decision": 1, "cover": cover}))
        owed = False
    if decision.agencies or decision.disposition not in ("release", "release_on_payment"):
        return [*events, *settle(fold(events), at, policy)]
    here = stage == "arrival" or (policy.release_before_arrival and stage == "pre_arrival")
    if here and complete and not owed:
        data: dict[str, Any] = {"decision": 1, "how": "automatic"}
        if len(events) > 1:
            data["cover"] = cover
        data["return_by"] = case.due(policy.declared_return)
        events.append(Event("released", at, SYSTEM.id, data))
    return events
