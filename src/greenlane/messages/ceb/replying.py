"""Replies to inventories (622) and returns (626): from findings, outcomes and the events of the procedure."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any, Final

from greenlane.clearance.events import Event
from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.elements import KINDS
from greenlane.messages.ceb.matching import Check
from greenlane.messages.ceb.turning import NOT_XML
from greenlane.messages.foreign import ForeignFinding
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity, kind_of

BEIJING: Final = timezone(timedelta(hours=8))
"""The civil time of China, without summer time since 1992; moments of the messages are in it."""
EXCEPTION: Final = -1
"""Status of what could not be processed at all; every negative one means so."""
_LONGEST: Final = 1_000
_OFFICE = re.compile(r"[0-9]{4}", re.ASCII)
_REPLY: Final = {"311": "312", "411": "412", "511": "512", "621": "622", "625": "626"}


def names_of(kind: str) -> tuple[str, ...]:
    """Return the elements of the head of a document that its reply repeats; none where nothing answers it.

    Example:
        >>> names_of("411")[:3]
        ('guid', 'payCode', 'payTransactionId')
    """
    return tuple(KINDS[_REPLY[kind]].head) if kind in _REPLY else ()


def _statuses() -> dict[int, str]:
    text = files("greenlane.messages.ceb").joinpath("status.csv").read_text(encoding="utf-8")
    return {int(row["status"]): row["meaning"] for row in csv.DictReader(text.splitlines())}


STATUSES: Final = _statuses()
"""What each status of a reply means."""
OF_INVENTORY: Final[Mapping[str, int]] = {
    "filed": 120,
    "amended": 120,
    "referral_opened": 300,
    "held": 300,
    "referral_closed": 399,
    "hold_lifted": 399,
    "inspection_ordered": 500,
    "refused": 100,
    "seized": 599,
    "returned": 700,
    "released": 800,
    "closed": 899,
}
"""Status by the type of event, for an inventory; an event of another type is not told."""
OF_RETURN: Final[Mapping[str, int]] = {
    "return_declared": 120,
    "refund_approved": 399,
    "refund_rejected": 100,
}
"""The same for a return."""


def pre_number(day: date, serial: int) -> str:
    """Return the number that the port gives a document: B, the day, nine digits.

    Example:
        >>> pre_number(date(2026, 7, 2), 7)
        'B20260702000000007'
    """
    return f"B{day:%Y%m%d}{_serial(serial)}"


def inventory_number(office: str, year: int, serial: int) -> str:
    """Return the number that customs gives an inventory: office, year, I for imports, nine digits.

    Example:
        >>> inventory_number("2991", 2026, 7)
        '29912026I000000007'
    """
    if _OFFICE.fullmatch(office) is None or not 2000 <= year <= 9999:
        raise UsageError("an office has four digits, and a year too")
    return f"{office}{year}I{_serial(serial)}"


def _serial(serial: int) -> str:
    if not 0 < serial < 10**9:
        raise UsageError("a serial number has up to nine digits and begins with 1")
    return f"{serial:09d}"


def reply(
    to: Document, status: int, at: datetime, words: str, *, pre_no: str = "", invt_no: str = ""
) -> Document:
    """Answer an order, a payment, a waybill, an inventory or a return with one status.

    Args:
        to: What is answered.
        status: One of `STATUSES`, or a negative number.
        at: Moment of the answer, with its time zone.
        words: Cut to what the element holds.
        pre_no: Number of the port; that of *to* where none is given.
        invt_no: Number of customs, the same way.
    Raises:
        UsageError: The status is none, or *to* is answered by another message.
    """
    if to.kind not in _REPLY:
        raise UsageError(f"a CEB{to.kind}Message is answered by another message")
    if status >= 0 and status not in STATUSES:
        raise UsageError(f"there is no status {status}")
    kind = KINDS[_REPLY[to.kind]]
    head = {name: to.get(name) for name in kind.head if to.get(name)}
    given = {"copNo": to.get("copNo") or to.get("orderNo"), "preNo": pre_no, "invtNo": invt_no}
    head |= {name: text for name, text in given.items() if text and name in kind.head}
    head |= {"returnStatus": str(status), "returnTime": moment(at), "returnInfo": _words(words)}
    return Document(kind.number, f"/{kind.root}/{kind.business}", head)


def moment(at: datetime) -> str:
    """Write a moment as replies do, to the millisecond, in the time of Beijing.

    Raises:
        UsageError: It has no time zone.
    Example:
        >>> moment(datetime(2026, 7, 2, 23, 30, 0, 5_000, tzinfo=timezone.utc))
        '20260703073000005'
    """
    if at.tzinfo is None:
        raise UsageError("a moment without time zone means another one elsewhere")
    local = at.astimezone(BEIJING)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def _words(words: str) -> str:
    return NOT_XML.sub(" ", words)[:_LONGEST].strip() or "-"


def faulty(to: Document, findings: Iterable[ForeignFinding], at: datetime, *, pre_no: str = "") -> Document:
    """Answer that a document can't be processed, with every error at once: element by its path, and what is expected."""
    errors = [found for found in findings if found.severity is Severity.ERROR]
    told = "; ".join(f"[{found.code}] {found.place.path}: {found.message}" for found in errors)
    return reply(to, EXCEPTION, at, told, pre_no=pre_no)


def mismatched(to: Document, checks: Iterable[Check], at: datetime, *, pre_no: str = "") -> Document:
    """Answer that an inventory is returned because it doesn't match, with every check that fails."""
    told = []
    for check in checks:
        if check.told:
            title = kind_of(check.told[0].finding.code).title
            told.append(f"[{check.name}] {title}")
    return reply(to, 100, at, "; ".join(told), pre_no=pre_no)


def rejected(
    to: Document, findings: Iterable[Mapping[str, Any]], at: datetime, *, pre_no: str = ""
) -> Document:
    """Answer that intake or a decision found errors: each with its code and what it means.

    Args:
        to: What is answered.
        findings: In the form of the contract.
        at: Moment of the answer.
        pre_no: Number of the port.
    """
    errors = [found for found in findings if found["severity"] == str(Severity.ERROR)]
    told = "; ".join(f"[{found['code']}] {found['path']}: {kind_of(found['code']).title}" for found in errors)
    return reply(to, 100, at, told, pre_no=pre_no)


def replies_of(
    to: Document,
    events: Sequence[Event],
    outcomes: Sequence[Mapping[str, Any]],
    *,
    pre_no: str,
    invt_no: str = "",
) -> Iterator[Document]:
    """Give the replies to an inventory or a return, in the order of the events of its consignment.

    The tax of the decision stands in the words of an acceptance and of a release. An inventory that was refused
    in the end and is closed is not told as cleared.

    Args:
        to: What is answered.
        events: Of the consignment, from its filing on.
        outcomes: As the contract has them, one for each ``filed``, ``amended`` and ``redecided`` in turn.
        pre_no: Number of the port.
        invt_no: Number of customs; told from the acceptance on.
    """
    statuses = OF_INVENTORY if to.kind == "621" else OF_RETURN
    decided, released = -1, False
    for event in events:
        if event.type in ("filed", "amended", "redecided"):
            decided += 1
        released = released or event.type == "released"
        status = statuses.get(event.type)
        if status is None or (event.type == "closed" and not released):
            continue
        words = STATUSES[status]
        if status in (120, 800) and to.kind == "621":
            words += _tax(outcomes[decided])
        elif reason := event.data.get("reason"):
            words += f"; {reason}"
        yield reply(to, status, event.at, words, pre_no=pre_no, invt_no=invt_no)


def _tax(outcome: Mapping[str, Any]) -> str:
    if outcome.get("total") is None:
        return "; tax not known"
    return f"; tax {outcome['total']} {outcome['currency']}"
