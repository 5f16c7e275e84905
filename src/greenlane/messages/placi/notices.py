"""Status messages: what a receiver answers about one waybill, read and written as XML.

An XFNM acknowledges a waybill (SR) or refuses it by error codes; an XCSN tells a status: asked, in place, removed,
complete. Statuses and codes are facts of the guide; the elements are in the manner of XFNM and XCSN, from memory and
unverified against the published schemas.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from lxml import etree

from greenlane.clearance import Event
from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import ForeignFinding, Message, Place
from greenlane.messages.placi import findings as codes
from greenlane.messages.placi.elements import INNER, MANY
from greenlane.messages.placi.states import statuses_of
from greenlane.messages.placi.tables import ERRORS, STATUSES, rows
from greenlane.messages.tabled import Leaves, Table, Walk, element_of, leaves_by_plain, numbered
from greenlane.messages.xml import USUAL, Bounds, XmlRefused, records
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity

_ROOTS: Final = {"XFNM": "Response", "XCSN": "CustomsStatusNotification"}
_KINDS: Final = {root: kind for kind, root in _ROOTS.items()}
_SPACES: Final = {"XFNM": "iata:response:3", "XCSN": "iata:customsstatusnotification:1"}
_VERSIONS: Final = {"XFNM": "3.00", "XCSN": "1.00"}
TABLES: Final = {
    kind: Table(kind, root, list(rows("notices.csv")), codes.TABLE, INNER) for kind, root in _ROOTS.items()
}
_HEADER: Final = "MessageHeaderDocument"
_ABOUT: Final = "BusinessHeaderDocument"
_ERROR: Final = "ResponseStatus"
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
_OF_FINDING: Final = {error.finding: error.code for error in ERRORS.values()}


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of one waybill: a status, or the error codes by which it is refused.

    Attributes:
        waybill: Its number, of the house where there is one.
        at: Moment in UTC, as ``2026-07-02T12:00:00Z``.
        status: Status of the list, empty for a refusal.
        errors: Error codes of the list, none for a status.
        master: Number of the master waybill, where the waybill is a house's.
        number: The message's own number; by default that of the waybill.
    """

    waybill: str
    at: str
    status: str = ""
    errors: tuple[str, ...] = ()
    master: str = ""
    number: str = ""

    @property
    def kind(self) -> str:
        """The message that brings it: XFNM or XCSN."""
        return STATUSES[self.status].notice.partition(" ")[0] if self.status else "XFNM"


@dataclass(frozen=True, slots=True)
class Notices:
    """What was read: the notices in their order, those with an error left out, and the findings."""

    notices: tuple[Notice, ...]
    findings: tuple[ForeignFinding, ...] = ()


def answer_of(message: Message, at: datetime, master: str = "") -> Notice:
    """Answer a waybill that was read: received, or refused by its error codes.

    What has no code of the guide's own is answered as a message that cannot be read.

    Example:
        >>> from greenlane.messages.placi import read
        >>> answer_of(read(b"<Flight/>"), datetime(2026, 7, 2, 12, tzinfo=UTC)).errors
        ('INVALID_MESSAGE_TYPE',)
    """
    number = message.consignments[0].get("transport_document", "") if message.consignments else ""
    wrong = (found.code for found in message.findings if found.severity is Severity.ERROR)
    errors = tuple(dict.fromkeys(_OF_FINDING.get(code, "BAD_WBL_FORMAT") for code in wrong))
    return Notice(str(number), _written(at), "" if errors else "SR", errors, master)


def notices_of(waybill: str, events: Sequence[Event], master: str = "") -> Iterator[Notice]:
    """Give the notices that events of one consignment send, in their order."""
    for number, (status, at) in enumerate(statuses_of(events), 1):
        yield Notice(waybill, _written(at), status, master=master, number=f"{waybill}-{number}")


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_MOMENT)


def write_notices(notices: Sequence[Notice]) -> bytes:
    """Write notices; several stand in a wrapper of greenlane's own.

    Raises:
        UsageError: There is none; one has neither status nor error or both, or they are on no list; a value doesn't fit.
    Example:
        >>> told = Notice("020-12345675", "2026-07-02T12:00:00Z", "7H")
        >>> read_notices(write_notices([told])).notices[0].status
        '7H'
    """
    if not notices:
        raise UsageError("status messages are written from one notice or more")
    made = [_element(one) for one in notices]
    whole = made[0]
    if len(made) > 1:
        whole = etree.Element(f"{{{MANY}}}Messages", nsmap={None: MANY})
        whole.extend(made)
    return etree.tostring(whole, xml_declaration=True, encoding="UTF-8")


def _element(notice: Notice) -> etree._Element:
    unknown = {notice.status} - STATUSES.keys() - {""} | set(notice.errors) - ERRORS.keys()
    if unknown or bool(notice.status) == bool(notice.errors):
        raise UsageError("a notice tells one status of the list, or error codes of the list")
    kind = notice.kind
    root = f"/{_ROOTS[kind]}"
    told = {
        f"{_HEADER}/ID": notice.number or notice.waybill or "0",
        f"{_HEADER}/TypeCode": kind,
        f"{_HEADER}/IssueDateTime": notice.at,
        f"{_HEADER}/VersionID": _VERSIONS[kind],
        f"{_ABOUT}/ID": notice.waybill,
        f"{_ABOUT}/MasterID": notice.master,
        f"{_ABOUT}/StatusCode": notice.status,
        f"{_ABOUT}/NoticeCode": STATUSES[notice.status].notice.partition(" ")[2] if notice.status else "",
    }
    leaves: Leaves = {f"{root}/{path}": (text, ()) for path, text in told.items() if text}
    for place, error in enumerate(notice.errors, 1):
        at = f"{root}/{numbered(_ERROR, place)}"
        leaves[f"{at}/ConditionCode"] = (error, ())
        leaves[f"{at}/Reason"] = (ERRORS[error].meaning, ())
    made = element_of(leaves, TABLES[kind], _SPACES[kind])
    walk = Walk(TABLES[kind])
    walk.group(made, root, "")
    if walk.findings:
        first = walk.findings[0]
        raise UsageError(f"a notice cannot be written: {first.place.path}: {first.message}")
    return made


def read_notices(data: bytes, bounds: Bounds = USUAL) -> Notices:
    """Read status messages; what is wrong is in the findings, whose ``consignment`` counts the messages from 0."""
    made: list[Notice] = []
    findings: list[ForeignFinding] = []
    seen = 0
    try:
        for element in records(BytesIO(data), [f"{{*}}{root}" for root in _KINDS], bounds):
            notice, found = _notice(element, seen)
            seen += 1
            findings += found
            if notice is not None:
                made.append(notice)
    except XmlRefused as refused:
        findings.append(refused.finding)
    if not seen and not findings:
        words = f"expected one of {', '.join(_KINDS)}"
        findings.append(ForeignFinding(codes.NOT_PLACI, Place("/"), words))
    return Notices(tuple(made), tuple(findings))


def _notice(element: etree._Element, number: int) -> tuple[Notice | None, list[ForeignFinding]]:
    kind = _KINDS[etree.QName(element).localname]
    root = f"/{_ROOTS[kind]}"
    walk = Walk(TABLES[kind], number)
    walk.group(element, root, "")
    leaves = leaves_by_plain(walk.leaves)

    def texts(path: str) -> list[str]:
        return [text for leaf in leaves.get(path, ()) if (text := leaf.text.strip())]

    def first(path: str) -> str:
        return next(iter(texts(path)), "")

    findings = list(walk.findings)
    status, notice_code = first(f"{_ABOUT}/StatusCode"), first(f"{_ABOUT}/NoticeCode")
    errors = tuple(texts(f"{_ERROR}/ConditionCode"))
    allowed = [code for code, one in STATUSES.items() if one.notice in (kind, f"{kind} {notice_code}")]
    if status and status not in allowed:
        words = f"expected one of {', '.join(allowed or STATUSES)}, got {shape_of(status)}"
        findings.append(ForeignFinding(codes.FORM, Place(f"{root}/{_ABOUT}/StatusCode"), words, number))
    for place, error in enumerate(errors, 1):
        if error not in ERRORS:
            path = f"{root}/{numbered(_ERROR, place)}/ConditionCode"
            words = f"expected one of {', '.join(ERRORS)}, got {shape_of(error)}"
            findings.append(ForeignFinding(codes.FORM, Place(path), words, number))
    if not status and not errors:
        place_of = Place(f"{root}/{_ABOUT}/StatusCode")
        findings.append(ForeignFinding(codes.MISSING, place_of, "expected it, nothing came", number))
    elif status and errors:
        place_of = Place(f"{root}/{_ERROR}")
        findings.append(
            ForeignFinding(codes.REPEATED, place_of, "expected a status or errors, both came", number)
        )
    if any(one.severity is Severity.ERROR for one in findings):
        return None, findings
    told = first(f"{_HEADER}/ID")
    waybill = first(f"{_ABOUT}/ID")
    made = Notice(
        waybill,
        first(f"{_HEADER}/IssueDateTime"),
        status,
        errors,
        first(f"{_ABOUT}/MasterID"),
        "" if told == (waybill or "0") else told,
    )
    return made, findings
