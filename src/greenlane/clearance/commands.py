"""Commands: what may be asked of the procedure, checked on the way in by their types.

No command carries free text: a reason is a code, a note is a reference into the vault, so that no event
can hold anything personal. `Command` is every command; `PostedCommand` those that a caller sends as they
stand. The others carry what the service itself works out (a decision, a fact of the ledger).
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from greenlane.clearance.vocabulary import (
    AgencyVerdict,
    Channel,
    Cover,
    Disposition,
    ExportProof,
    InspectionFinding,
    Proposal,
    ReferralKind,
    ReviewResult,
    Role,
    ScreeningMethod,
    ScreeningResult,
    Stage,
    TransportMode,
)

Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.]{0,39}$", max_length=40, description="A reason code.")]
AgencyId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$", max_length=40)]
Reference = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,69}$",
        max_length=70,
        description="The number of a stored document, image or note.",
    ),
]
ElementPath = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.]{0,79}$", max_length=80)]
ItemId = Annotated[str, Meta(min_length=1, max_length=40)]
Quantity = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", max_length=19)]
Number = Annotated[int, Meta(ge=1, le=9999)]
Moment = Annotated[datetime, Meta(tz=True)]


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an outcome says, as an event keeps it: no personal data.

    Made by the service, not sent by callers, so its types are not bounded: what is filed must always fold.
    Amounts are decimal strings in units of ``currency``; null means unknown, never zero. ``awaits_data`` is true
    only when a hold or request stands for nothing but unknown amounts: a later complete decision then ends it.
    ``agencies`` must all agree before release.
    """

    disposition: Disposition
    status: str
    law_version: str
    lists_version: str
    model_version: str
    input_digest: str
    currency: str | None = None
    duty: str | None = None
    tax: str | None = None
    fees: str | None = None
    total: str | None = None
    payable_at_border: str | None = None
    category: int | None = None
    certainty: str | None = None
    score: int | None = None
    reasons: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    inspection_channel: Channel = "physical"
    awaits_data: bool = False

    @property
    def complete(self) -> bool:
        """True when every amount is known."""
        return self.status == "assessed" and self.payable_at_border is not None

    @property
    def curable(self) -> bool:
        """True when nothing but unknown amounts stands against the goods, so that new data may end it."""
        return self.awaits_data and not self.complete

    @property
    def owed(self) -> bool:
        """True unless it is known that nothing is due at the border."""
        amount = self.payable_at_border
        return self.disposition == "release_on_payment" or amount is None or amount.strip("-0.") != ""


class _Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", forbid_unknown_fields=True):
    pass


class File(_Command, frozen=True, tag="file"):
    """File a consignment at one of the three stages; ``previous`` links goods that come home."""

    decision: Decision
    stage: Stage
    transport_mode: TransportMode | None = None
    departs_at: Moment | None = None
    arrives_at: Moment | None = None
    previous: Reference | None = None


class Amend(_Command, frozen=True, tag="amend"):
    """Replace the filed content; a later stage or new times of transport may come with it."""

    decision: Decision
    stage: Stage | None = None
    transport_mode: TransportMode | None = None
    departs_at: Moment | None = None
    arrives_at: Moment | None = None
    reason: Code | None = None


class Redecide(_Command, frozen=True, tag="redecide"):
    """Decide anew on the content as filed: after a review, under corrected law, or of customs' own motion."""

    decision: Decision
    reason: Code


class Cancel(_Command, frozen=True, tag="cancel"):
    """Withdraw the filing before customs has said its last word."""

    reason: Code


class LinkPrevious(_Command, frozen=True, tag="link_previous"):
    """Name the declaration under which returned goods first left."""

    previous: Reference


class Depart(_Command, frozen=True, tag="depart"):
    """Report that the goods have left on their way."""

    departed_at: Moment | None = None


class Arrive(_Command, frozen=True, tag="arrive"):
    """Report that the goods are here."""

    arrived_at: Moment | None = None


class Refer(_Command, frozen=True, tag="refer"):
    """Ask for information or screening, or order not to load."""

    kind: ReferralKind
    reason: Code
    elements: Annotated[tuple[ElementPath, ...], Meta(max_length=50)] = ()
    methods: Annotated[tuple[ScreeningMethod, ...], Meta(max_length=9)] = ()
    note: Reference | None = None


class Answer(_Command, frozen=True, tag="answer"):
    """Answer a request: documents for information, methods with a result for screening."""

    referral: Number
    documents: Annotated[tuple[Reference, ...], Meta(max_length=50)] = ()
    methods: Annotated[tuple[ScreeningMethod, ...], Meta(max_length=9)] = ()
    result: ScreeningResult | None = None
    screened_at: Moment | None = None
    note: Reference | None = None


class CloseReferral(_Command, frozen=True, tag="close_referral"):
    """Lift a request or an order not to load."""

    referral: Number
    reason: Code


class Hold(_Command, frozen=True, tag="hold"):
    """Keep the goods until a question is settled."""

    reason: Code
    proposes: Proposal | None = None
    note: Reference | None = None


class LiftHold(_Command, frozen=True, tag="lift_hold"):
    """End a hold."""

    hold: Number
    reason: Code


class OrderInspection(_Command, frozen=True, tag="order_inspection"):
    """Order an examination of documents, by scan, or of the goods themselves."""

    channel: Channel
    reason: Code
    note: Reference | None = None


class RecordFinding(_Command, frozen=True, tag="record_finding"):
    """Record what an inspection found, with the reference of its image."""

    inspection: Number
    finding: InspectionFinding
    scan: Reference | None = None
    documents: Annotated[tuple[Reference, ...], Meta(max_length=50)] = ()
    note: Reference | None = None


class WithdrawInspection(_Command, frozen=True, tag="withdraw_inspection"):
    """Withdraw an order to inspect that was not carried out."""

    inspection: Number
    reason: Code


class Seize(_Command, frozen=True, tag="seize"):
    """Take the goods."""

    reason: Code
    note: Reference | None = None


class ProposeSeizureRelease(_Command, frozen=True, tag="propose_seizure_release"):
    """Propose to give seized goods back: the first of two persons."""

    reason: Code


class ApproveSeizureRelease(_Command, frozen=True, tag="approve_seizure_release"):
    """Approve the proposal: the second of two persons."""


class Forfeit(_Command, frozen=True, tag="forfeit"):
    """Declare seized goods forfeited; the procedure ends."""

    reason: Code


class Refuse(_Command, frozen=True, tag="refuse"):
    """Refuse entry."""

    reason: Code
    note: Reference | None = None


class ReturnToSender(_Command, frozen=True, tag="return_to_sender"):
    """Send goods back that were not released, or ask for it."""

    reason: Code


class WithdrawReturn(_Command, frozen=True, tag="withdraw_return"):
    """Withdraw the order to send goods back, as long as they are here."""

    reason: Code


class ConfirmReturn(_Command, frozen=True, tag="confirm_return"):
    """Confirm that goods ordered back have left, or were destroyed."""

    proof: Reference
    how: ExportProof = "exported"


class AskAgency(_Command, frozen=True, tag="ask_agency"):
    """Ask another authority for its decision."""

    agency: AgencyId
    reason: Code


class AgencyDecide(_Command, frozen=True, tag="agency_decide"):
    """Give an agency's decision; it may change until release."""

    agency: AgencyId
    verdict: AgencyVerdict
    reason: Code | None = None
    permit: Reference | None = None


class RegisterPayment(_Command, frozen=True, tag="register_payment"):
    """Say that the ledger has what a decision leaves due at the border."""

    decision: Number
    cover: Cover


class WithdrawPayment(_Command, frozen=True, tag="withdraw_payment"):
    """Say that the cover of the current decision has fallen away."""

    reason: Code


class Release(_Command, frozen=True, tag="release"):
    """Release by an officer, with a reason, what is not released by itself."""

    reason: Code


class Object(_Command, frozen=True, tag="object"):
    """Object to a decision."""

    grounds: Code
    documents: Annotated[tuple[Reference, ...], Meta(max_length=50)] = ()
    note: Reference | None = None


class Review(_Command, frozen=True, tag="review"):
    """Decide on an objection; who decided first does not review."""

    result: ReviewResult
    reason: Code
    note: Reference | None = None


class ReturnedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of an item goes back."""

    item_id: ItemId
    quantity: Quantity


class DeclareReturn(_Command, frozen=True, tag="declare_return"):
    """Declare that released goods go back to the seller."""

    items: Annotated[tuple[ReturnedItem, ...], Meta(min_length=1, max_length=999)]
    reason: Code
    transport_document: Reference | None = None


class ProveExport(_Command, frozen=True, tag="prove_export"):
    """Prove that returned goods have left, or were destroyed under supervision."""

    returned: Number
    proof: Reference
    how: ExportProof = "exported"


class ApproveRefund(_Command, frozen=True, tag="approve_refund"):
    """Approve the refund of a proven return."""

    returned: Number


class RejectRefund(_Command, frozen=True, tag="reject_refund"):
    """Reject the refund of a return."""

    returned: Number
    reason: Code


PostedCommand = (
    Cancel
    | LinkPrevious
    | Depart
    | Arrive
    | Refer
    | Answer
    | CloseReferral
    | Hold
    | LiftHold
    | OrderInspection
    | RecordFinding
    | WithdrawInspection
    | Seize
    | ProposeSeizureRelease
    | ApproveSeizureRelease
    | Forfeit
    | Refuse
    | ReturnToSender
    | WithdrawReturn
    | ConfirmReturn
    | AskAgency
    | AgencyDecide
    | Release
    | Object
    | Review
    | DeclareReturn
    | ProveExport
    | ApproveRefund
    | RejectRefund
)
Command = File | Amend | Redecide | RegisterPayment | WithdrawPayment | PostedCommand

_STAFF: Final = frozenset({Role.OFFICER, Role.SUPERVISOR})
_OPERATOR: Final = frozenset({Role.OPERATOR})
_CARRIER: Final = frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR, Role.SYSTEM})
_DECIDES: Final = _STAFF | {Role.SYSTEM}

ALLOWED: Final[dict[type[Command], frozenset[Role]]] = {
    File: _OPERATOR,
    Amend: _OPERATOR,
    Redecide: _DECIDES,
    Cancel: _OPERATOR | _STAFF,
    LinkPrevious: _OPERATOR | _STAFF,
    Depart: _CARRIER,
    Arrive: _CARRIER,
    Refer: _STAFF,
    Answer: _OPERATOR,
    CloseReferral: _STAFF,
    Hold: _DECIDES,
    LiftHold: _DECIDES,
    OrderInspection: _STAFF,
    RecordFinding: _STAFF,
    WithdrawInspection: _STAFF,
    Seize: _STAFF,
    ProposeSeizureRelease: _STAFF,
    ApproveSeizureRelease: _STAFF,
    Forfeit: frozenset({Role.SUPERVISOR}),
    Refuse: _STAFF,
    ReturnToSender: _OPERATOR | _STAFF,
    WithdrawReturn: _STAFF,
    ConfirmReturn: _CARRIER,
    AskAgency: _DECIDES,
    AgencyDecide: frozenset({Role.AGENCY}),
    RegisterPayment: frozenset({Role.SYSTEM}),
    WithdrawPayment: frozenset({Role.SYSTEM}),
    Release: _STAFF,
    Object: _OPERATOR,
    Review: frozenset({Role.SUPERVISOR}),
    DeclareReturn: _OPERATOR,
    ProveExport: _OPERATOR | _STAFF,
    ApproveRefund: _DECIDES,
    RejectRefund: _STAFF,
}
"""Who may give each command. Every command stands here; a test compares it with the union."""


def name_of(command: type[Command]) -> str:
    """Return the name under which a command is sent.

    Example:
        >>> name_of(LiftHold)
        'lift_hold'
    """
    tag: str | int | None = command.__struct_config__.tag
    return str(tag)
