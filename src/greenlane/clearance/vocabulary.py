"""The words of the procedure: stages, phases, roles, and what each of them means."""

from enum import StrEnum
from typing import Final, Literal


class Role(StrEnum):
    """What an actor may be: it decides which commands are open to it."""

    OPERATOR = "operator"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Phase(StrEnum):
    """Where a consignment stands; derived from its events, never stored as a fact of its own."""

    UNFILED = "unfiled"
    LODGED = "lodged"
    ACCEPTED = "accepted"
    REFERRED = "referred"
    UNDER_INSPECTION = "under_inspection"
    HELD = "held"
    AWAITING_PAYMENT = "awaiting_payment"
    RELEASED = "released"
    REFUSED = "refused"
    SEIZED = "seized"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    CLOSED = "closed"


ROLES: Final[dict[Role, str]] = {
    Role.OPERATOR: "files and acts for its own consignments: marketplace, post, carrier, broker, seller",
    Role.OFFICER: "customs officer",
    Role.SUPERVISOR: "customs officer who also reviews decisions of others",
    Role.AGENCY: "another authority that has its own say: health, plant protection, product safety",
    Role.AUDITOR: "reads everything it has a stated purpose for, changes nothing",
    Role.ADMINISTRATOR: "runs the service, takes no part in the procedure",
    Role.SYSTEM: "the service itself: decisions, clocks, facts of the ledger",
}

PHASES: Final[dict[Phase, str]] = {
    Phase.UNFILED: "nothing is filed yet",
    Phase.LODGED: "filed and decided before the goods are here; nothing stands against it",
    Phase.ACCEPTED: "the goods are here; an agency or an officer has still to speak",
    Phase.REFERRED: "a request for information, a request for screening or an order not to load is open",
    Phase.UNDER_INSPECTION: "an inspection is ordered and its finding not yet recorded",
    Phase.HELD: "kept under customs control until a question is settled or the goods leave again",
    Phase.AWAITING_PAYMENT: "only the amount due at the border is missing",
    Phase.RELEASED: "customs has let the goods go; at most once",
    Phase.REFUSED: "an officer has refused entry",
    Phase.SEIZED: "taken by customs; two persons are needed to give it back",
    Phase.RETURNED: "sent back and confirmed to have left",
    Phase.CANCELLED: "the filing is withdrawn",
    Phase.CLOSED: "every time limit has run out or the goods are forfeited; nothing more is expected",
}

OPEN: Final = frozenset(
    {
        Phase.LODGED,
        Phase.ACCEPTED,
        Phase.REFERRED,
        Phase.UNDER_INSPECTION,
        Phase.HELD,
        Phase.AWAITING_PAYMENT,
    }
)
"""Phases in which customs has not yet said its last word on the goods."""

Stage = Literal["pre_loading", "pre_arrival", "arrival"]
STAGES: Final[tuple[Stage, ...]] = ("pre_loading", "pre_arrival", "arrival")
"""Stages of filing in their order; an amendment may go on to a later one, never back."""

TransportMode = Literal["air", "sea", "road", "rail", "post"]

Disposition = Literal[
    "release",
    "release_on_payment",
    "request_information",
    "request_screening",
    "inspect",
    "hold",
    "do_not_load",
    "refuse",
]
"""What a decision orders, from best to worst."""

ReferralKind = Literal["request_information", "request_screening", "do_not_load"]
ScreeningMethod = Literal["PHS", "VCK", "XRY", "EDS", "EDD", "ETD", "CMD", "AOM"]
SCREENING_METHODS: Final[dict[ScreeningMethod, str]] = {
    "PHS": "physical inspection or hand search",
    "VCK": "visual check",
    "XRY": "X-ray equipment",
    "EDS": "explosive detection system",
    "EDD": "explosive detection dogs",
    "ETD": "explosive trace detection",
    "CMD": "cargo metal detection",
    "AOM": "any other means",
}
ScreeningResult = Literal["no_threat", "threat", "not_possible"]

Channel = Literal["document", "scan", "physical"]
InspectionFinding = Literal["conform", "discrepancy", "prohibited"]
AgencyVerdict = Literal["clear", "hold", "refuse"]
Cover = Literal["paid", "guaranteed", "deferred"]
ReviewResult = Literal["uphold", "vary", "reverse"]
Proposal = Literal["refuse", "seize"]
ExportProof = Literal["exported", "destroyed"]
