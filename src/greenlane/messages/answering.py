"""What customs answers about one consignment, in the words of a message family: all answers so far, in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from greenlane.clearance import Event
from greenlane.messages import ics2, placi
from greenlane.messages.ceb import Document, faulty, inventory_number, pre_number, write_documents
from greenlane.messages.ceb.elements import KINDS
from greenlane.messages.ceb.reading import documents_of
from greenlane.messages.ceb.replying import OF_RETURN, STATUSES, moment, names_of, reply
from greenlane.messages.ceb.replying import replies_of as ceb_replies
from greenlane.messages.foreign import ForeignFinding, Message
from greenlane.messages.postal.records import Head
from greenlane.messages.postal.reply import Layout, write_responses
from greenlane.messages.postal.replying import responses_of
from greenlane.messages.wco import Answered, fault_of, rejected, replies_of, write_reply
from greenlane.values.finding import Severity

WCO: Final = "application/vnd.wco.dm36+xml"
ICS2: Final = "application/vnd.eu.ics2+xml"
CEB: Final = "application/vnd.chinaport.ceb+xml"
CUSRSP: Final = "application/vnd.greenlane.cusrsp+edifact"
CUSRSP_XML: Final = "application/vnd.greenlane.cusrsp+xml"
PLACI: Final = "application/vnd.iata.waybill+xml"
_TAKEN: Final = 120
"""Status of a document that customs has taken in."""
_SERIALS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: what kind it is in its family, when, and the message itself."""

    kind: str
    at: datetime
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answerable:
    """A consignment as answers tell of it.

    ``number`` is the service's own of it, ``form`` and ``kind`` those of the message that it came in, ``references``
    what answers repeat of that message; ``outcomes`` has one for each decision among the events.
    """

    consignment_id: str
    transport_document: str
    number: int
    filed_at: datetime
    destination: str
    events: Sequence[Event]
    outcomes: Sequence[Mapping[str, Any]] = field(repr=False)
    form: str | None = None
    kind: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    returns: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """By number of the return, what answers repeat of the message that declared it."""

    @property
    def customs_number(self) -> str:
        """The number that customs gives: year, country, 14 digits. It has the length of an MRN and no check digit.

        Example:
            >>> from datetime import UTC
            >>> Answerable("A", "T", 7, datetime(2026, 7, 2, tzinfo=UTC), "DE", (), ()).customs_number
            '26DE00000000000007'
        """
        return f"{self.filed_at:%y}{self.destination}{self.number:014d}"


def _wco(one: Answerable) -> Iterator[Answer]:
    to = Answered(one.consignment_id, one.customs_number, one.customs_number)
    for told in replies_of(to, one.events, one.outcomes):
        yield Answer(told.kind.value, told.at, write_reply(told))


def _ics2(one: Answerable) -> Iterator[Answer]:
    told = one.references
    house = ics2.Document(one.transport_document, told.get("document_type"))
    to = ics2.Answered(
        one.customs_number,
        told.get("member_state", one.destination),
        told.get("declarant", ""),
        house,
        representative=told.get("representative"),
    )
    for notice in ics2.notices_of(to, one.events):
        at = notice.at or notice.completed_at or one.filed_at
        yield Answer(notice.kind, at, ics2.write_notice(notice).data)


def _ceb(one: Answerable) -> Iterator[Answer]:
    head = dict(one.references)
    to = Document("621", "/CEB621Message/Inventory", head)
    serial = one.number % _SERIALS or 1
    given = {
        "pre_no": pre_number(one.filed_at.date(), serial),
        "invt_no": inventory_number(head.get("customsCode", "0000"), one.filed_at.year, serial),
    }
    told = list(ceb_replies(to, one.events, one.outcomes, **given))
    for number, repeated in one.returns.items():
        own = [
            event for event in one.events if event.data.get("number") == number and event.type in OF_RETURN
        ]
        back = Document("625", "/CEB625Message/InvtRefund", repeated)
        told += ceb_replies(back, own, one.outcomes, **given)
    moments = {moment(event.at): event.at for event in one.events}
    for answer in sorted(told, key=lambda answer: answer.get("returnTime")):
        at = moments.get(answer.get("returnTime"), one.filed_at)
        yield Answer(answer.get("returnStatus"), at, write_documents([answer], {}).data)


def _cusrsp(layout: Layout) -> Callable[[Answerable], Iterator[Answer]]:
    def make(one: Answerable) -> Iterator[Answer]:
        item = one.transport_document or one.consignment_id
        told = responses_of(item, one.events, one.outcomes, one.customs_number)
        for response in told:
            at = datetime.fromisoformat(f"{response.sent}T00:00:00+00:00")
            yield Answer(response.state.value, at, write_responses([response], Head(), layout))

    return make


def _placi(one: Answerable) -> Iterator[Answer]:
    waybill = one.transport_document or one.consignment_id
    for notice in placi.notices_of(waybill, one.events):
        yield Answer(notice.status, datetime.fromisoformat(notice.at), placi.write_notices([notice]))


FAMILIES: Final[Mapping[str, Callable[[Answerable], Iterator[Answer]]]] = {
    WCO: _wco,
    ICS2: _ics2,
    CEB: _ceb,
    CUSRSP: _cusrsp("edifact"),
    CUSRSP_XML: _cusrsp("xml"),
    PLACI: _placi,
}
"""By media type, what makes the answers of a family."""
OF_FORM: Final = {
    "wco-dm36": WCO,
    "ics2": ICS2,
    "ceb": CEB,
    "postal-itmatt": CUSRSP,
    "postal-cusitm": CUSRSP,
    "postal-itmatt-xml": CUSRSP_XML,
    "postal-cusitm-xml": CUSRSP_XML,
    "postal-cn22": CUSRSP_XML,
    "postal-cn23": CUSRSP_XML,
    "placi": PLACI,
}
"""The answers of the sender's own family, by the format that a consignment came in."""
_NEEDS: Final = {ICS2: "ics2", CEB: "ceb"}
"""Answers that repeat what only a message of the family tells."""


def answers_in(media: str, one: Answerable) -> list[Answer] | None:
    """Return every answer so far in a family; None where only a message of that family has such answers."""
    if _NEEDS.get(media, one.form) != one.form:
        return None
    return list(FAMILIES[media](one))


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is no consignment, as the answer to it tells of it: refused, or ``taken`` as a document.

    ``number`` names the answer.
    """

    consignment_id: str
    number: str
    at: datetime
    findings: Sequence[ForeignFinding]
    references: Mapping[str, str]
    taken: bool = False


def _answered(references: Mapping[str, str]) -> Document:
    kind = KINDS[references.get(_MESSAGE, "621")]
    return Document(kind.number, f"/{kind.root}/{kind.business}", references)


def answer_to(media: str, one: Record) -> Answer | None:
    """Return the answer to a record, every error of it at once; None where the family has none."""
    if one.taken and media != CEB:
        return None
    message = Message("", "", "", ({"transport_document": one.consignment_id},), (), tuple(one.findings))
    match media:
        case "application/vnd.wco.dm36+xml":
            faults = [fault_of(found) for found in one.findings if found.severity is Severity.ERROR]
            refusal = rejected(Answered(one.consignment_id, "", one.number), one.at, faults)
            return Answer(refusal.kind.value, one.at, write_reply(refusal))
        case "application/vnd.eu.ics2+xml":
            notice = ics2.faults_of(message, None, one.at)
            return Answer(notice.kind, one.at, ics2.write_notice(notice).data)
        case "application/vnd.chinaport.ceb+xml":
            to = _answered(one.references)
            if not names_of(to.kind):
                return None
            told = (
                reply(to, _TAKEN, one.at, STATUSES[_TAKEN]) if one.taken else faulty(to, one.findings, one.at)
            )
            return Answer(told.get("returnStatus"), one.at, write_documents([told], {}).data)
        case "application/vnd.iata.waybill+xml":
            refused = placi.answer_of(message, one.at)
            return Answer(" ".join(refused.errors), one.at, placi.write_notices([refused]))
        case _:
            return None


def repeated_of(document: Document) -> dict[str, str]:
    """Return what answers repeat of a document: the elements of its head that are in the reply, nothing personal."""
    return {name: text for name in names_of(document.kind) if (text := document.get(name))}


def references_of(message: Message, place: int) -> dict[str, str]:
    """Return what answers repeat of a message about its consignment number *place*: numbers and codes of businesses."""
    if message.format == "ceb":
        documents = documents_of(message)
        head = documents[place].head if place < len(documents) else {}
        names = (*names_of(message.kind), "orderNo")
        return {_MESSAGE: message.kind} | {name: text for name in names if (text := head.get(name))}
    if message.format == "ics2":
        root = f"/IE3{message.kind}/"
        held = {one.path.removeprefix(root): one.text for one in message.carried if one.text}
        return {name: held[path] for name, path in _ENS.items() if path in held}
    return {}


_MESSAGE: Final = "message"
"""Under this name the kind of a CEB message stands among its references."""
_ENS: Final = {
    "member_state": "addressedMemberState/country",
    "declarant": "declarant/identificationNumber",
    "representative": "representative/identificationNumber",
    "document_type": "consignmentHouseLevel/transportDocumentHouseLevel/type",
}

__all__ = [
    "CEB",
    "CUSRSP",
    "CUSRSP_XML",
    "FAMILIES",
    "ICS2",
    "OF_FORM",
    "PLACI",
    "WCO",
    "Answer",
    "Answerable",
    "Record",
    "answer_to",
    "answers_in",
    "references_of",
    "repeated_of",
]
