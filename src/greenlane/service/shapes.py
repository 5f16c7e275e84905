"""What the API takes and gives beside filings and commands: the types that the service and its client share."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from greenlane.clearance import Role
from greenlane.desk.caller import Right
from greenlane.desk.results import DocumentTold, ItemResult, Receipt
from greenlane.desk.shown import EventTold, Outcome, Standing, StepTold
from greenlane.desk.told import Erasure, Logged


class ErrorItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, what, and how to mend it."""

    code: str
    title: str = ""
    path: str
    message: str
    fix: str = ""


class ProblemShape(msgspec.Struct, frozen=True, kw_only=True):
    """A problem as RFC 9457 has it, with every single error in ``errors``.

    Where one consignment was filed, ``result`` says what became of it.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorItem] = []
    result: str | UnsetType = UNSET
    consignment_id: str | UnsetType = UNSET


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service can work now."""

    status: str


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A planned time in which the service may not answer."""

    starts_at: datetime
    ends_at: datetime
    words: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is, and when it won't be: machine-readable, for every operator's own system."""

    status: str
    at: datetime
    sandbox: bool
    filings_waiting: int | None
    planned: list[Window]


Id = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$", description="Lower case letters, digits, hyphens.")
]


_PRINTED = r"^[^\x00-\x1f\x7f]+$"
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=_PRINTED,
        description="Name of an organisation, never of a person.",
    ),
]


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation that files or acts."""

    id: Id
    name: Name


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another authority, with the commodity codes (first digits) that it wants to see."""

    id: Id
    name: Name
    prefixes: Annotated[list[Annotated[str, Meta(pattern="^[0-9]{2,10}$")]], Meta(max_length=1000)]


class KeyWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API key to be made; ``scopes`` narrows what the roles may do."""

    party: Id
    roles: Annotated[list[Role], Meta(min_length=1, max_length=6)]
    expires_at: Annotated[datetime, Meta(tz=True)]
    scopes: list[Right] = []
    agency: Id | None = None


class KeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """An API key; its text is told this once."""

    id: str
    key: str
    expires_at: datetime


class WindowWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A planned window in which the service may not answer."""

    starts_at: Annotated[datetime, Meta(tz=True)]
    ends_at: Annotated[datetime, Meta(tz=True)]
    words: Annotated[str, Meta(min_length=1, max_length=400, pattern=_PRINTED)]


class ClockMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the sandbox's clock is from the machine's, in seconds."""

    offset_s: Annotated[int, Meta(ge=-315_360_000, le=315_360_000)]


class ClockTold(msgspec.Struct, frozen=True):
    """What the sandbox's clock says."""

    now: datetime


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds the sandbox answers 503; 0 ends it."""

    seconds: Annotated[int, Meta(ge=0, le=3600)]


class Filings(msgspec.Struct, frozen=True):
    """A page of filings; ``next`` is the cursor of the page after it, null where this is the last."""

    filings: list[Receipt]
    next: str | None


class Results(msgspec.Struct, frozen=True):
    """A page of results of a filing; ``next`` is a cursor as long as there is, or may be, more."""

    status: str
    results: list[ItemResult]
    next: str | None


class Consignments(msgspec.Struct, frozen=True):
    """A page of consignments; ``next`` is the cursor of the page after it, null where this is the last."""

    consignments: list[Standing]
    next: str | None


class Events(msgspec.Struct, frozen=True):
    """What has happened to a consignment, from the first event on."""

    events: list[EventTold]


class AnswerTold(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: its number, its kind in the family (function code, notice, status), when."""

    number: int
    kind: str
    at: datetime


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Every answer so far, and the media type in which each can be had."""

    media_type: str
    answers: list[AnswerTold]


class FailedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check that failed, with its place in the document of whom it is told."""

    check: str
    code: str
    title: str
    path: str
    message: str
    fix: str


class TradeDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An order, payment, waybill, inventory or return as its sender sees it.

    ``issuer`` and ``number`` name it: the platform and its order, the carrier and its waybill. ``status``: waiting
    (not compared yet), agrees, or fails.
    """

    party: str
    kind: str
    issuer: str
    number: str
    order_number: str
    status: str
    received_at: datetime
    compared_at: datetime | None
    failed: list[FailedCheck]


class TradeDocuments(msgspec.Struct, frozen=True):
    """A page of documents, the newest first; ``next`` is the cursor of the page after it, null where this is the last."""

    documents: list[TradeDocument]
    next: str | None


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    PROOF_OF_PAYMENT = "proof_of_payment"
    PERMIT = "permit"
    CERTIFICATE = "certificate"
    TRANSPORT_DOCUMENT = "transport_document"
    IMAGE = "image"
    SCAN = "scan"
    NOTE = "note"
    OTHER = "other"


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, each with its proof."""

    erasures: list[Erasure]


class Erasures(msgspec.Struct, frozen=True):
    """A page of erasures; ``next`` is the cursor of the page after it, null where this is the last."""

    erasures: list[Erasure]
    next: str | None


class AuditPage(msgspec.Struct, frozen=True):
    """A page of the audit log; ``next`` is the cursor of the page after it, null where this is the last."""

    entries: list[Logged]
    next: str | None


class HoldMade(msgspec.Struct, frozen=True, kw_only=True):
    """A hold of a case on people's data."""

    hold: UUID


class AnchorMade(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the audit chain; keep it where the service can't write."""

    seq: int
    digest: str


class Documents(msgspec.Struct, frozen=True):
    """The documents of a consignment, in the order in which they came."""

    documents: list[DocumentTold]


class LandedCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer has paid in all when the parcel is there, and its parts; null: not known."""

    goods: str | None
    freight: str | None
    insurance: str | None
    other_charges: str | None
    carrier_fees: str | None
    duty: str | None
    tax: str | None
    fees: str | None
    at_sale: str | None
    at_border: str | None
    periodic: str | None
    total: str | None
    currency: str
    freight_in_price: bool


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What of a quote may come out otherwise, and why; ``charge`` is its place in ``charges``."""

    kind: str
    charge: int | None
    message: str


class Quoted(Outcome, frozen=True, kw_only=True):
    """The outcome that a filing would have, and what a quote adds to it."""

    destination_country: str
    scheme: str | None
    steps: list[StepTold]
    landed_cost: LandedCost | None
    converted: dict[str, Any] | None
    estimates: list[Estimate]
    range: dict[str, Any] | None
    price_inclusive: dict[str, Any] | None
    notes: list[str]


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong with the book."""

    code: str
    path: str
    message: str


class CheckTold(msgspec.Struct, frozen=True, kw_only=True):
    """What the check of the whole book found."""

    sound: bool
    parties: int
    transfers: int
    sums: dict[str, int]
    findings: list[CheckFinding]
