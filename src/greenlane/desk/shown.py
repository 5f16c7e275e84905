"""What is told of a consignment: where it stands, its outcome as the contract has it, its events, its steps."""

from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class FixedElsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A charge that the law fixes in another currency, and the rate that brought it into the outcome's."""

    amount: str
    currency: str
    rate: str | None


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """Why an amount that was assessed isn't taken."""

    reason: str
    law: str


class LawOf(msgspec.Struct, frozen=True, kw_only=True):
    """Where a charge stands in the law: pack, rule, article, and the version of the pack."""

    pack: str
    rule: str
    article: str
    version: str


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One duty, tax or fee. Amounts are decimal strings in the outcome's currency; null: unknown, never zero."""

    kind: str
    name: str
    item_id: str | None
    base: str | None
    rate: str | None
    amount: str | None
    assessed: str | None
    liable: str
    payer: str
    collected: str
    certainty: str
    waived: Waived | None
    own: FixedElsewhere | None
    law: LawOf


class OutcomeFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What intake or the decision has to say of a field."""

    code: str
    path: str
    message: str
    severity: str
    law: str | None


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One sign of risk that was seen."""

    code: str
    weight: int
    reason: str


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """The score, 0 to 1000, and what it is made of; shown to staff alone."""

    score: int | None
    indicators: list[Indicator]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs together for the law's limits: value and count so far, and which of them this one is."""

    key: str
    value: str | None
    count: int | None
    ordinal: int | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in the form of the contract."""

    consignment_id: str
    jurisdiction: str | None
    member: str | None
    category: int | None
    category_reason: str
    customs_value: str | None
    intrinsic_value: str | None
    currency: str | None
    charges: list[Charge]
    duty: str | None
    tax: str | None
    fees: str | None
    total: str | None
    payable_at_border: str | None
    status: str
    certainty: str
    findings: list[OutcomeFinding]
    risk: Risk | UnsetType = UNSET
    disposition: str
    reasons: list[str]
    group: Group | None
    law_version: str
    lists_version: str
    model_version: str
    input_digest: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a consignment stands, as lists and the queue show it."""

    party: str
    consignment_id: str
    phase: str
    open: bool
    deadline: datetime | None
    version: int
    filed_at: datetime
    declaration_date: date
    departure_country: str
    destination_country: str
    channel: str
    transport_document: str | None
    jurisdiction: str | None
    disposition: str
    score: int | UnsetType = UNSET


class RunningClock(msgspec.Struct, frozen=True, kw_only=True):
    """A time limit that runs, of a referral, an inspection, an agency, an objection or a return."""

    what: str
    at: datetime
    overdue: bool
    number: int | None
    agency: str | None


class Shown(Standing, frozen=True, kw_only=True):
    """A consignment with its outcome, what stands against its release, and the time limits that run."""

    outcome: Outcome
    stage: str | None
    late: bool | None
    may_load: bool
    standing_against_release: list[str]
    clocks: list[RunningClock]


class EventTold(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. Staff read ``actor`` and all ``data``; others the notice that it is."""

    version: int
    type: str
    at: datetime
    data: dict[str, Any]
    actor: str | UnsetType = UNSET
    notice: str | UnsetType = UNSET


class StepTold(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a decision: the law in plain words, its article, and what came out."""

    step: str
    says: str
    law: str
    item_id: str | None
    value: str


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A decision made again from the facts that were kept; ``same``: it comes out as it was stored."""

    consignment_id: str
    law_version: str
    law_version_now: str
    same: bool
    steps: list[StepTold]
    reasons: list[str]


__all__ = [
    "Charge",
    "EventTold",
    "Explained",
    "Outcome",
    "OutcomeFinding",
    "RunningClock",
    "Shown",
    "Standing",
    "StepTold",
]
