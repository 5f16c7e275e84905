"""Events: what has happened, as plain data; which role causes each, and who is told what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from greenlane.clearance.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one consignment; never changed, corrected by another.

    ``data`` is plain JSON and never personal; moments in it are ISO 8601 in UTC.
    """

    type: str
    at: datetime
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: the id of a key or token, never a person's name.

    ``agency`` is the agency for which a caller of the role agency speaks.
    """

    id: str
    role: Role
    agency: str | None = None


SYSTEM: Final = Actor("system", Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class EventType:
    """The declaration of one type of event.

    ``notice`` is the code of the notice that goes out, null for none; ``told`` the roles that get it: of the
    operators the one who filed, of the agencies the one that ``data`` names.
    """

    type: str
    notice: str | None
    told: frozenset[Role]
    words: str


def _told(type_: str, notice: str, words: str) -> EventType:
    return EventType(type_, notice, frozenset({Role.OPERATOR}), words)


def _both(type_: str, notice: str, words: str) -> EventType:
    return EventType(type_, notice, frozenset({Role.OPERATOR, Role.AGENCY}), words)


def _silent(type_: str, words: str) -> EventType:
    return EventType(type_, None, frozenset(), words)


_TYPES = (
    _told("filed", "consignment.filed", "The filing is acknowledged and decided."),
    _told("amended", "consignment.amended", "The filing is replaced by another and decided again."),
    _told("redecided", "consignment.redecided", "A new decision replaces the one before."),
    _told("cancelled", "consignment.cancelled", "The filing is withdrawn."),
    _told(
        "previous_linked", "consignment.linked", "The goods are linked to the declaration they left under."
    ),
    _told("departed", "consignment.departed", "The goods have left on their way."),
    _told("arrived", "consignment.arrived", "The goods are here."),
    _told(
        "referral_opened",
        "referral.opened",
        "Customs asks for information or screening, or orders not to load.",
    ),
    _told("referral_answered", "referral.answered", "The answer to a request is in."),
    _told("referral_closed", "referral.closed", "A request or an order not to load is lifted."),
    _told("held", "consignment.held", "The goods are kept until a question is settled."),
    _told("hold_lifted", "consignment.hold_lifted", "A hold has ended."),
    _told("inspection_ordered", "inspection.ordered", "An examination is ordered."),
    _told("inspection_found", "inspection.found", "The examination is done and its finding recorded."),
    _told("inspection_withdrawn", "inspection.withdrawn", "The order to examine is withdrawn."),
    _told("seized", "consignment.seized", "The goods are taken by customs."),
    _silent("seizure_release_proposed", "One officer proposes to give the goods back."),
    _told("seizure_ended", "consignment.seizure_ended", "A second officer agrees: the seizure has ended."),
    _told("forfeited", "consignment.forfeited", "The seized goods are forfeited."),
    _told("refused", "consignment.refused", "Entry is refused."),
    _told("return_ordered", "consignment.return_ordered", "The goods go back to the sender."),
    _told(
        "return_withdrawn", "consignment.return_withdrawn", "The order to send the goods back is withdrawn."
    ),
    _told("returned", "consignment.returned", "The goods have left again, or were destroyed."),
    _both("agency_asked", "agency.asked", "Another authority is asked for its decision."),
    _told("agency_decided", "agency.decided", "Another authority has decided."),
    _told("payment_registered", "payment.registered", "What is due at the border is paid or secured."),
    _told("payment_withdrawn", "payment.withdrawn", "The payment or security has fallen away."),
    _told("released", "consignment.released", "Customs lets the goods go."),
    _told("objected", "objection.received", "An objection against the decision is received."),
    _told("reviewed", "objection.reviewed", "The objection is decided."),
    _told("return_declared", "return.declared", "Released goods are declared to go back to the seller."),
    _told("export_proven", "return.proven", "The returned goods have left, or were destroyed."),
    _told("refund_approved", "refund.approved", "The refund for returned goods is approved."),
    _told("refund_rejected", "refund.rejected", "The refund for returned goods is rejected."),
    _silent("overdue", "A time limit has passed and nothing has happened."),
    _silent("closed", "Every time limit has run out; nothing more is expected."),
)
EVENT_TYPES: Final[dict[str, EventType]] = {kind.type: kind for kind in _TYPES}
"""Every type of event. A notice's code is permanent."""

INTERNAL: Final = frozenset({"note", "proposes"})
"""Parts of any event that stay inside: what an officer wrote for colleagues, what they think of doing."""

WITHHELD: Final = frozenset({"score", "model_version", "awaits_data"})
"""Parts of a decision that stay inside: they would tell how consignments are chosen."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one event tells the outside."""

    code: str
    told: frozenset[Role]
    at: datetime
    data: Mapping[str, Any]


def notice_of(event: Event) -> Notice | None:
    """Return what is told of an event, without what stays inside; null when nobody is told.

    Example:
        >>> event = Event("filed", datetime(2026, 7, 2, tzinfo=UTC), "k1", {"decision": {"score": 7, "total": "3.00"}})
        >>> notice_of(event).data
        {'decision': {'total': '3.00'}}
    """
    kind = EVENT_TYPES[event.type]
    if kind.notice is None:
        return None
    data = {name: value for name, value in event.data.items() if name not in INTERNAL}
    decision = data.get("decision")
    if isinstance(decision, dict):
        data["decision"] = {name: value for name, value in decision.items() if name not in WITHHELD}
    return Notice(kind.notice, kind.told, event.at, data)


@lru_cache(maxsize=1024)
def stamp(at: datetime | None) -> str | None:
    """Write a moment as event data does.

    Raises:
        ValueError: The moment has no time zone, so that it means another one on another machine.

    Example:
        >>> stamp(datetime(2026, 7, 2, 12, tzinfo=UTC))
        '2026-07-02T12:00:00Z'
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=1024)
def moment(text: str | None) -> datetime | None:
    """Read a moment of event data."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
