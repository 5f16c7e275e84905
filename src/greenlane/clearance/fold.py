"""State out of events: one small function for each type of event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import msgspec

from greenlane.clearance.commands import Decision
from greenlane.clearance.events import Event, moment
from greenlane.clearance.state import (
    AgencyCheck,
    DeclaredReturn,
    HoldOrder,
    Inspection,
    Objection,
    Referral,
    State,
    served,
)

Changes = dict[str, Any]


def fold(events: Iterable[Event], state: State = State()) -> State:  # noqa: B008 (State is immutable)
    """Return the state after *events*, which follow those folded into *state*.

    Raises:
        ValueError: An event is of no known type.
    """
    for event in events:
        change = FOLDS.get(event.type)
        if change is None:
            raise ValueError(f"no event is of type {event.type!r}")
        changes = change(state, event.data, event)
        state = msgspec.structs.replace(state, version=state.version + 1, last_at=event.at, **changes)
    return state


def _due(data: Mapping[str, Any]) -> datetime:
    found = moment(data["due"])
    assert found is not None
    return found


def _decided(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    decision = msgspec.convert(data["decision"], Decision)
    number = state.decisions + 1
    return {
        "decision": decision,
        "decisions": number,
        "ordered": number if served(state, decision) else state.ordered,
        "decided_by": event.actor,
        "object_by": moment(data["object_by"]),
        "covered": None,
        "awaits_redecision": False,
    }


def _times(state: State, data: Mapping[str, Any]) -> Changes:
    return {
        "transport_mode": data.get("transport_mode", state.transport_mode),
        "departs_at": moment(data.get("departs_at")) or state.departs_at,
        "arrives_at": moment(data.get("arrives_at")) or state.arrives_at,
        "late": data.get("late"),
        **_here(state, data),
    }


def _here(state: State, data: Mapping[str, Any]) -> Changes:
    if "arrived_at" not in data or state.arrived_at is not None:
        return {}
    changes = {"arrived_at": moment(data["arrived_at"]), "release_by": moment(data["release_by"])}
    if "inspect_by" not in data:
        return changes
    due = moment(data["inspect_by"])
    waiting = (
        replace(part, due=due) if part.due is None and part.pending else part for part in state.inspections
    )
    return {**changes, "inspections": tuple(waiting)}


def _filed(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {
        "filed_at": event.at,
        "stage": data["stage"],
        "previous": data.get("previous"),
        **_times(state, data),
        **_decided(state, data, event),
    }


def _amended(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    asked = tuple(replace(check, verdict=None, stale=True) for check in state.agencies)
    return {
        "stage": data["stage"],
        "agencies": asked,
        **_times(state, data),
        **_decided(state, data, event),
    }


def _redecided(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {**_decided(state, data, event), "closed_at": None if state.released_at else state.closed_at}


def _cancelled(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"cancelled_at": event.at}


def _previous_linked(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"previous": data["previous"]}


def _departed(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"departed_at": moment(data["departed_at"])}


def _arrived(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return _here(state, data)


def _referral_opened(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    new = Referral(data["number"], data["kind"], "decision" in data, moment(data.get("due")))
    return {"referrals": (*state.referrals, new), **_ordered(state, data)}


def _referral_answered(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {
        "referrals": _marked(
            state.referrals, data["number"], react_by=moment(data["react_by"]), overdue=False
        )
    }


def _referral_closed(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"referrals": _marked(state.referrals, data["number"], closed=True)}


def _held(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    new = HoldOrder(
        data["number"], "decision" in data, data.get("awaits_data", False), data.get("in_spite_of")
    )
    return {"holds": (*state.holds, new), **_ordered(state, data)}


def _hold_lifted(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"holds": _marked(state.holds, data["number"], lifted=True)}


def _inspection_ordered(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    new = Inspection(data["number"], data["channel"], "decision" in data, moment(data.get("due")))
    return {"inspections": (*state.inspections, new), **_ordered(state, data)}


def _inspection_found(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"inspections": _marked(state.inspections, data["number"], finding=data["finding"])}


def _inspection_withdrawn(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"inspections": _marked(state.inspections, data["number"], withdrawn=True)}


def _seized(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"seized_at": event.at, "decided_by": event.actor, "object_by": moment(data["object_by"])}


def _seizure_release_proposed(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"seizure_release_by": event.actor}


def _seizure_ended(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"seized_at": None, "seizure_release_by": None}


def _forfeited(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"closed_at": event.at, "decided_by": event.actor, "object_by": moment(data["object_by"])}


def _refused(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"refused_at": event.at, "decided_by": event.actor, "object_by": moment(data["object_by"])}


def _return_ordered(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"return_ordered_at": event.at, "holds_at_return": len(state.holds)}


def _return_withdrawn(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"return_ordered_at": None}


def _returned(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"returned_at": event.at}


def _agency_asked(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    others = tuple(check for check in state.agencies if check.agency != data["agency"])
    return {"agencies": (*others, AgencyCheck(data["agency"], _due(data)))}


def _agency_decided(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    checks = tuple(
        replace(check, verdict=data["verdict"]) if check.agency == data["agency"] else check
        for check in state.agencies
    )
    return {"agencies": checks}


def _payment_registered(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"covered": data["cover"]}


def _payment_withdrawn(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"covered": None}


def _released(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"released_at": event.at, "return_by": moment(data["return_by"])}


def _objected(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"objection": Objection(_due(data), state.object_by)}


def _reviewed(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    assert state.objection is not None
    result = data["result"]
    changes: Changes = {"objection": replace(state.objection, result=result)}
    if result != "uphold":
        changes["awaits_redecision"] = True
    if result == "reverse":
        changes["refused_at"] = None
    return changes


def _return_declared(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    items = tuple((item["item_id"], item["quantity"]) for item in data["items"])
    return {"returns": (*state.returns, DeclaredReturn(data["number"], items))}


def _export_proven(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"returns": _marked(state.returns, data["number"], proven=True, due=_due(data))}


def _refund_approved(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"returns": _marked(state.returns, data["number"], refund=True)}


def _refund_rejected(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"returns": _marked(state.returns, data["number"], refund=False)}


def _overdue(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    what = data["what"]
    if what == "agency":
        checks = tuple(
            replace(check, overdue=True) if check.agency == data["agency"] else check
            for check in state.agencies
        )
        return {"agencies": checks}
    if what == "objection":
        assert state.objection is not None
        return {"objection": replace(state.objection, overdue=True)}
    parts = {"referral": "referrals", "inspection": "inspections", "return": "returns"}[what]
    return {parts: _marked(getattr(state, parts), data["number"], overdue=True)}


def _closed(state: State, data: Mapping[str, Any], event: Event) -> Changes:
    return {"closed_at": event.at}


def _ordered(state: State, data: Mapping[str, Any]) -> Changes:
    return {"ordered": data["decision"]} if "decision" in data else {}


def _marked(parts: tuple[Any, ...], number: int, **changes: Any) -> tuple[Any, ...]:
    return tuple(replace(part, **changes) if part.number == number else part for part in parts)


FOLDS: Final[dict[str, Callable[[State, Mapping[str, Any], Event], Changes]]] = {
    "filed": _filed,
    "amended": _amended,
    "redecided": _redecided,
    "cancelled": _cancelled,
    "previous_linked": _previous_linked,
    "departed": _departed,
    "arrived": _arrived,
    "referral_opened": _referral_opened,
    "referral_answered": _referral_answered,
    "referral_closed": _referral_closed,
    "held": _held,
    "hold_lifted": _hold_lifted,
    "inspection_ordered": _inspection_ordered,
    "inspection_found": _inspection_found,
    "inspection_withdrawn": _inspection_withdrawn,
    "seized": _seized,
    "seizure_release_proposed": _seizure_release_proposed,
    "seizure_ended": _seizure_ended,
    "forfeited": _forfeited,
    "refused": _refused,
    "return_ordered": _return_ordered,
    "return_withdrawn": _return_withdrawn,
    "returned": _returned,
    "agency_asked": _agency_asked,
    "agency_decided": _agency_decided,
    "payment_registered": _payment_registered,
    "payment_withdrawn": _payment_withdrawn,
    "released": _released,
    "objected": _objected,
    "reviewed": _reviewed,
    "return_declared": _return_declared,
    "export_proven": _export_proven,
    "refund_approved": _refund_approved,
    "refund_rejected": _refund_rejected,
    "overdue": _overdue,
    "closed": _closed,
}
"""Every type of event with what it changes."""
