"""The state of one consignment, folded from its events, and what is read off it: phase, load rule, what is open."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from greenlane.clearance.commands import Decision
from greenlane.clearance.vocabulary import (
    AgencyVerdict,
    Channel,
    Cover,
    InspectionFinding,
    Phase,
    ReferralKind,
    ReviewResult,
    Stage,
    TransportMode,
)


@dataclass(frozen=True, slots=True)
class Referral:
    """A request or an order not to load; open until closed. ``react_by`` is set by the answer: customs' turn."""

    number: int
    kind: ReferralKind
    by_decision: bool
    due: datetime | None
    react_by: datetime | None = None
    closed: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """A hold; ``awaits_data`` when it stands for nothing but unknown amounts.

    ``in_spite_of`` is the order not to load that the goods travelled against.
    """

    number: int
    by_decision: bool
    awaits_data: bool
    in_spite_of: int | None = None
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """An order to examine and its finding, null while it is open. Goods not here yet have no time limit."""

    number: int
    channel: Channel
    by_decision: bool
    due: datetime | None
    finding: InspectionFinding | None = None
    withdrawn: bool = False
    overdue: bool = False

    @property
    def pending(self) -> bool:
        """True until the finding is recorded or the order withdrawn."""
        return self.finding is None and not self.withdrawn


@dataclass(frozen=True, slots=True)
class AgencyCheck:
    """Another authority that was asked; verdict null while it is silent, stale when the filing has changed since."""

    agency: str
    due: datetime
    verdict: AgencyVerdict | None = None
    stale: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection and its result, null while it is open; ``against`` is the time limit it was made within."""

    due: datetime
    against: datetime | None
    result: ReviewResult | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class DeclaredReturn:
    """Released goods on their way back: (item id, quantity), proof, refund."""

    number: int
    items: tuple[tuple[str, str], ...]
    proven: bool = False
    due: datetime | None = None
    refund: bool | None = None
    overdue: bool = False


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that the rules need of one consignment. ``State()`` is "nothing filed yet".

    A struct, not a dataclass, because a filing of thousands folds thousands, and a store may keep it as JSON.

    ``decisions`` counts the decisions so far; ``ordered`` is the last whose orders (hold, referral, inspection,
    agencies) are in force; ``covered`` speaks of the current decision alone; ``holds_at_return`` is how many
    holds there were when the goods were ordered back, for later ones keep them here. A moment is null while the
    thing has not happened.
    """

    version: int = 0
    last_at: datetime | None = None
    filed_at: datetime | None = None
    stage: Stage = "pre_loading"
    transport_mode: TransportMode | None = None
    late: bool | None = None
    previous: str | None = None
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    release_by: datetime | None = None
    decision: Decision | None = None
    decisions: int = 0
    ordered: int = 0
    decided_by: str | None = None
    object_by: datetime | None = None
    covered: Cover | None = None
    referrals: tuple[Referral, ...] = ()
    holds: tuple[HoldOrder, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    agencies: tuple[AgencyCheck, ...] = ()
    seized_at: datetime | None = None
    seizure_release_by: str | None = None
    refused_at: datetime | None = None
    return_ordered_at: datetime | None = None
    holds_at_return: int = 0
    returned_at: datetime | None = None
    cancelled_at: datetime | None = None
    released_at: datetime | None = None
    return_by: datetime | None = None
    objection: Objection | None = None
    awaits_redecision: bool = False
    returns: tuple[DeclaredReturn, ...] = ()
    closed_at: datetime | None = None

    @property
    def owed(self) -> bool:
        """True while an amount at the border is due, or unknown, and not covered."""
        return self.decision is not None and self.decision.owed and self.covered is None


def served(state: State, decision: Decision) -> bool:
    """Say whether what a decision orders is in force already, or it orders nothing.

    Only what a decision opened serves: an officer who ends a hold of their own does not end the decision's.
    """
    match decision.disposition:
        case "release" | "release_on_payment":
            return True
        case "hold" | "refuse":
            return any(
                hold.by_decision and not hold.lifted and (decision.curable or not hold.awaits_data)
                for hold in state.holds
            )
        case "inspect":
            return any(inspection.by_decision and inspection.pending for inspection in state.inspections)
        case _:
            return any(
                referral.by_decision and not referral.closed and referral.kind == decision.disposition
                for referral in state.referrals
            )


def phase_of(state: State) -> Phase:
    """Return where the consignment stands.

    Example:
        >>> phase_of(State())
        <Phase.UNFILED: 'unfiled'>
    """
    if state.filed_at is None:
        return Phase.UNFILED
    if state.closed_at is not None:
        return Phase.CLOSED
    if state.cancelled_at is not None:
        return Phase.CANCELLED
    if state.returned_at is not None:
        return Phase.RETURNED
    if state.seized_at is not None:
        return Phase.SEIZED
    if state.refused_at is not None:
        return Phase.REFUSED
    if state.released_at is not None:
        return Phase.RELEASED
    if state.inspections and any(inspection.pending for inspection in state.inspections):
        return Phase.UNDER_INSPECTION
    if _kept(state):
        return Phase.HELD
    if state.referrals and any(not referral.closed for referral in state.referrals):
        return Phase.REFERRED
    if state.owed and state.decision is not None and state.decision.complete and not _silent_agencies(state):
        return Phase.AWAITING_PAYMENT
    return Phase.LODGED if state.arrived_at is None else Phase.ACCEPTED


def _kept(state: State) -> bool:
    return (
        state.return_ordered_at is not None
        or state.awaits_redecision
        or any(not hold.lifted for hold in state.holds)
        or any(check.verdict in ("hold", "refuse") for check in state.agencies)
    )


def _silent_agencies(state: State) -> tuple[str, ...]:
    asked = {check.agency for check in state.agencies}
    decision = state.decision
    unasked = () if decision is None else tuple(name for name in decision.agencies if name not in asked)
    return (*unasked, *(check.agency for check in state.agencies if check.verdict is None))


def standing_against(state: State) -> tuple[str, ...]:
    """Return in words what must be settled before anybody may release, empty when nothing.

    Example:
        >>> standing_against(State(holds=(HoldOrder(1, by_decision=False, awaits_data=False),)))
        ('hold 1',)
    """
    found = [f"referral {referral.number}" for referral in state.referrals if not referral.closed]
    found += [f"hold {hold.number}" for hold in state.holds if not hold.lifted]
    found += [f"inspection {inspection.number}" for inspection in state.inspections if inspection.pending]
    found += [f"agency {name} has not decided" for name in _silent_agencies(state)]
    found += [
        f"agency {check.agency} says {check.verdict}"
        for check in state.agencies
        if check.verdict in ("hold", "refuse")
    ]
    if state.return_ordered_at is not None:
        found.append("the goods are ordered back")
    if state.ordered != state.decisions:
        found.append("what the decision orders is not carried out yet")
    if state.awaits_redecision:
        found.append("the decision after the review is missing")
    if state.owed and state.decision is not None and state.decision.complete:
        found.append("the amount due at the border")
    return tuple(found)


def may_load(state: State) -> bool:
    """Say whether the goods may be loaded: acknowledged, and no request or order not to load is open.

    Law:
        The joint WCO-ICAO guidance on advance cargo information before loading, as the states of PACT carry
        it out: a finished assessment is no condition.
    Example:
        >>> may_load(State())
        False
    """
    return (
        state.filed_at is not None
        and state.cancelled_at is None
        and state.refused_at is None
        and state.seized_at is None
        and all(referral.closed for referral in state.referrals)
    )
