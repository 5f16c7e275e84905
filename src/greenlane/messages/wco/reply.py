"""The response message: what customs answers to a declaration, written and read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from lxml import etree

from greenlane.messages.foreign import Carried, ForeignFinding, Place
from greenlane.messages.wco import findings as codes
from greenlane.messages.wco.elements import DECLARATION, RESPONSE
from greenlane.messages.wco.leaves import Attributes, Leaf, Leaves, Walk, element_of, name_of
from greenlane.messages.wco.writing import META, number_in
from greenlane.messages.xml import XmlRefused, document

_ROOT: Final = "/Response"
_ITEM: Final = f"{_ROOT}/Declaration/GoodsShipment/GovernmentAgencyGoodsItem"


class ReplyKind(StrEnum):
    """What a response says: its function code."""

    ACCEPTED = "01"
    RECEIVED = "02"
    REJECTED = "03"
    CONTROL = "05"
    DOCUMENTS = "06"
    CORRECTED = "07"
    RELEASED = "08"
    CLEARED = "09"
    INVALIDATED = "10"
    REQUEST = "11"
    TAX = "13"
    INSUFFICIENT = "14"
    REMINDER = "15"
    EXIT = "16"
    GUARANTEE = "18"


@dataclass(frozen=True, slots=True)
class Fault:
    """One error: ``code`` of up to 8 characters, in words, and the pointer: ids from the declaration down, numbered."""

    code: str
    pointer: tuple[tuple[str, int | None], ...]
    words: str = ""

    @property
    def wco(self) -> str:
        """The pointer as one text, without numbers."""
        return "/".join(name for name, _ in self.pointer)


@dataclass(frozen=True, slots=True)
class Charge:
    """One duty, tax or fee of a goods item; ``item`` None: of the whole declaration.

    Amounts are decimal strings in ``currency``, ``rate`` in per cent; None is not told.
    """

    type: str
    currency: str
    assessed: str | None = None
    payable: str | None = None
    item: int | None = None
    base: str | None = None
    rate: str | None = None
    regime: str | None = None
    deducted: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One response. ``reference`` is its own, ``declared`` the declarant's, ``mrn`` the number that customs gave.

    ``moment`` is that of acceptance, rejection or invalidation by kind, ``limit`` the day until which documents
    are expected; ``statement`` and ``statement_type`` are codes, ``words`` a text for the declarant.
    ``carried`` is what a response that was read holds beyond that.
    """

    kind: ReplyKind
    reference: str
    at: datetime
    declared: str
    mrn: str = ""
    version: int = 1
    moment: datetime | None = None
    limit: datetime | None = None
    statement: str = ""
    statement_type: str = ""
    words: str = ""
    status: str = ""
    faults: tuple[Fault, ...] = ()
    charges: tuple[Charge, ...] = ()
    carried: tuple[Carried, ...] = ()


_MOMENTS: Final = {
    ReplyKind.ACCEPTED: "AcceptanceDateTime",
    ReplyKind.REJECTED: "RejectionDateTime",
    ReplyKind.INVALIDATED: "CancellationDateTime",
}
_FIELDS: Final = (
    ("reference", f"{_ROOT}/FunctionalReferenceID"),
    ("declared", f"{_ROOT}/Declaration/FunctionalReferenceID"),
    ("mrn", f"{_ROOT}/Declaration/ID"),
    ("statement", f"{_ROOT}/AdditionalInformation/StatementCode"),
    ("words", f"{_ROOT}/AdditionalInformation/StatementDescription"),
    ("statement_type", f"{_ROOT}/AdditionalInformation/StatementTypeCode"),
    ("status", f"{_ROOT}/Status/NameCode"),
)
_ISSUED: Final = f"{_ROOT}/IssueDateTime/DateTimeString"
_LIMIT: Final = f"{_ROOT}/AdditionalInformation/LimitDateTime/DateTimeString"
_VERSION: Final = f"{_ROOT}/Declaration/VersionID"
_CHARGE: Final = (
    ("base", "AdValoremTaxBaseAmount", True),
    ("deducted", "DeductAmount", True),
    ("regime", "DutyRegimeCode", False),
    ("rate", "TaxRateNumeric", False),
    ("type", "TypeCode", False),
    ("assessed", "Payment/TaxAssessedAmount", True),
    ("payable", "Payment/PaymentAmount", True),
)


def write_reply(reply: Reply) -> bytes:
    """Write one response in MetaData, in the order of the schema.

    Example:
        >>> at = datetime(2026, 7, 2, 12, tzinfo=UTC)
        >>> told = Reply(ReplyKind.ACCEPTED, "r1", at, "A1", "26ZZ1", moment=at)
        >>> read_reply(write_reply(told))[0] == told
        True
    """
    leaves: Leaves = {
        one.path: (one.text, one.attributes) for one in reply.carried if one.path.startswith(_ROOT)
    }
    leaves[f"{_ROOT}/FunctionCode"] = (reply.kind.value, ())
    for name, path in _FIELDS:
        if value := getattr(reply, name):
            leaves[path] = (value, ())
    leaves[_ISSUED] = _moment(reply.at)
    leaves[_VERSION] = (str(reply.version), ())
    if reply.moment is not None and reply.kind in _MOMENTS:
        leaves[f"{_ROOT}/Declaration/{_MOMENTS[reply.kind]}/DateTimeString"] = _moment(reply.moment)
    if reply.limit is not None:
        leaves[_LIMIT] = _moment(reply.limit)
    leaves |= _faults(reply.faults)
    leaves |= _charges(reply.charges)
    element = element_of(((path, *held) for path, held in leaves.items()), RESPONSE)
    whole = etree.Element(f"{{{META}}}MetaData", nsmap={"md": META})
    for name, text in (("WCODataModelVersionCode", "3.6"), ("WCOTypeName", "RES")):
        etree.SubElement(whole, f"{{{META}}}{name}").text = text
    whole.append(element)
    return etree.tostring(whole, xml_declaration=True, encoding="UTF-8")


def read_reply(data: bytes) -> tuple[Reply | None, tuple[ForeignFinding, ...]]:
    """Read one response; None where the findings say why not."""
    try:
        root = document(data)
    except XmlRefused as refused:
        return None, (refused.finding,)
    response = root if name_of(str(root.tag)) == "Response" else root.find("{*}Response")
    if response is None:
        return None, (ForeignFinding(codes.NOT_WCO, Place("/"), "expected a Response"),)
    corrected = [one for one in response if name_of(str(one.tag)) == "Declaration"][1:]
    walk = Walk(RESPONSE)
    for one in corrected:
        response.remove(one)
    walk.group(response, "Response", _ROOT, "")
    more = Walk(DECLARATION)
    for one in corrected:
        more.group(one, "Declaration", "/Response/Declaration[2]", "")
    return _read(walk, more.leaves)


def _read(walk: Walk, more: Iterable[Leaf]) -> tuple[Reply | None, tuple[ForeignFinding, ...]]:
    texts = {leaf.path: leaf for leaf in walk.leaves}
    missing = [
        path
        for path in (f"{_ROOT}/FunctionCode", _ISSUED, f"{_ROOT}/Declaration/FunctionalReferenceID")
        if path not in texts or not texts[path].text.strip()
    ]
    findings = [*walk.findings]
    findings += [
        ForeignFinding(codes.MISSING, Place(path, RESPONSE.wco(path)), "expected a value, nothing came")
        for path in missing
    ]
    function = "" if missing else texts[f"{_ROOT}/FunctionCode"].text.strip()
    at = None if missing else _moment_of(texts[_ISSUED].text.strip())
    if at is None or function not in set(ReplyKind):
        if not missing:
            path = f"{_ROOT}/FunctionCode" if at is not None else _ISSUED
            findings.append(
                ForeignFinding(codes.FORM, Place(path, RESPONSE.wco(path)), "expected a known code")
            )
        return None, tuple(findings)
    kind = ReplyKind(function)
    taken = {f"{_ROOT}/FunctionCode", _ISSUED, _VERSION}
    told: dict[str, str] = {}
    for name, path in _FIELDS:
        if path in texts:
            told[name] = texts[path].text.strip()
            taken.add(path)
    version = texts[_VERSION].text.strip() if _VERSION in texts else "1"
    moment = limit = None
    if kind in _MOMENTS and (path := f"{_ROOT}/Declaration/{_MOMENTS[kind]}/DateTimeString") in texts:
        moment = _moment_of(texts[path].text.strip())
        taken.add(path)
    if _LIMIT in texts:
        limit = _moment_of(texts[_LIMIT].text.strip())
        taken.add(_LIMIT)
    faults, charges = tuple(_faults_in(walk.leaves, taken)), tuple(_charges_in(walk.leaves, taken))
    left = [leaf for leaf in (*walk.leaves, *more) if leaf.path not in taken]
    reply = Reply(
        kind,
        told.get("reference", ""),
        at,
        told["declared"],
        told.get("mrn", ""),
        statement=told.get("statement", ""),
        statement_type=told.get("statement_type", ""),
        words=told.get("words", ""),
        status=told.get("status", ""),
    )
    return replace(
        reply,
        version=int(version) if version.isdecimal() and len(version) < 9 else 1,
        moment=moment,
        limit=limit,
        faults=faults,
        charges=charges,
        carried=tuple(Carried(leaf.path, leaf.text, leaf.attributes) for leaf in left),
    ), tuple(findings)


def _moment(at: datetime) -> tuple[str, Attributes]:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ"), (("formatCode", "304"),)


def _moment_of(text: str) -> datetime | None:
    """Read a moment of format 304, or a day of format 102.

    Example:
        >>> _moment_of("20260702120000Z"), _moment_of("20260231")
        (datetime.datetime(2026, 7, 2, 12, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        if len(text) == 8:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
        zone = text[14:]
        moment = datetime.strptime(
            text[:14] + ("+0000" if zone in ("", "Z") else f"{zone}00"), "%Y%m%d%H%M%S%z"
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _faults(faults: Iterable[Fault]) -> Leaves:
    leaves: Leaves = {}
    for number, fault in enumerate(faults, 1):
        at = _numbered(f"{_ROOT}/Error", number)
        leaves[f"{at}/ValidationCode"] = (fault.code, ())
        if fault.words:
            leaves[f"{at}/Description"] = (fault.words[:512], ())
        pairs = _pairs(fault.pointer)
        for place, (section, count, tag) in enumerate(pairs, 1):
            pointer = _numbered(f"{at}/Pointer", place)
            if count is not None:
                leaves[f"{pointer}/SequenceNumeric"] = (str(count), ())
            leaves[f"{pointer}/DocumentSectionCode"] = (section, ())
            if tag:
                leaves[f"{pointer}/TagID"] = (tag, ())
    return leaves


def _pairs(pointer: tuple[tuple[str, int | None], ...]) -> list[tuple[str, int | None, str]]:
    """Put the tag of an element beside its section: sections are two digits and a letter."""
    pairs: list[tuple[str, int | None, str]] = []
    for name, count in pointer:
        if len(name) == 3 and name[:2].isdecimal() and name[2].isalpha():
            pairs.append((name, count, ""))
        elif pairs:
            pairs[-1] = (pairs[-1][0], pairs[-1][1], name)
    return pairs


def _charges(charges: Iterable[Charge]) -> Leaves:
    leaves: Leaves = {}
    counts: dict[int | None, int] = {}
    items: dict[int, int] = {}
    for charge in charges:
        count = counts[charge.item] = counts.get(charge.item, 0) + 1
        group = f"{_ROOT}/Declaration/DutyTaxFee"
        if charge.item is not None:
            at = _numbered(_ITEM, items.setdefault(charge.item, len(items) + 1))
            leaves[f"{at}/SequenceNumeric"] = (str(charge.item), ())
            group = f"{at}/Commodity/DutyTaxFee"
        for name, path, money in _CHARGE:
            if (value := getattr(charge, name)) is not None and not (
                charge.item is None and "Payment" not in path
            ):
                currency = (("currencyID", charge.currency),) if money and charge.currency else ()
                leaves[f"{_numbered(group, count)}/{path}"] = (value, currency)
    return leaves


def _numbered(path: str, number: int) -> str:
    return path if number == 1 else f"{path}[{number}]"


def _faults_in(leaves: Iterable[Leaf], taken: set[str]) -> Iterator[Fault]:
    found: dict[int, dict[str, str]] = {}
    pointers: dict[int, dict[int, dict[str, str]]] = {}
    for leaf in leaves:
        if not (number := number_in(leaf.path, f"{_ROOT}/Error")):
            continue
        taken.add(leaf.path)
        name = leaf.path.rpartition("/")[2]
        group = _numbered(f"{_ROOT}/Error", number)
        if place := number_in(leaf.path, f"{group}/Pointer"):
            pointers.setdefault(number, {}).setdefault(place, {})[name] = leaf.text.strip()
        else:
            found.setdefault(number, {})[name] = leaf.text.strip()
    for number, held in found.items():
        chain: list[tuple[str, int | None]] = []
        for _, pointer in sorted(pointers.get(number, {}).items()):
            count = pointer.get("SequenceNumeric", "")
            chain.append((pointer.get("DocumentSectionCode", ""), int(count) if count.isdecimal() else None))
            if "TagID" in pointer:
                chain.append((pointer["TagID"], None))
        yield Fault(held.get("ValidationCode", ""), tuple(chain), held.get("Description", ""))


def _charges_in(leaves: Iterable[Leaf], taken: set[str]) -> Iterator[Charge]:
    numbers: dict[int, int] = {}
    found: dict[tuple[int | None, int], dict[str, str]] = {}
    names = {path: (name, money) for name, path, money in _CHARGE}
    for leaf in leaves:
        place = number_in(leaf.path, _ITEM)
        at = _numbered(_ITEM, place) if place else f"{_ROOT}/Declaration"
        if place and leaf.path == f"{at}/SequenceNumeric":
            text = leaf.text.strip()
            if text.isascii() and text.isdecimal() and len(text) < 9:
                numbers[place] = int(text)
                taken.add(leaf.path)
            continue
        group = f"{at}/Commodity/DutyTaxFee" if place else f"{at}/DutyTaxFee"
        count = number_in(leaf.path, group)
        rest = leaf.path.removeprefix(_numbered(group, count) + "/")
        if not count or rest not in names:
            continue
        name, money = names[rest]
        held = found.setdefault((numbers.get(place) if place else None, count), {})
        held[name] = leaf.text.strip()
        if money and (currency := dict(leaf.attributes).get("currencyID")):
            held.setdefault("currency", currency)
        taken.add(leaf.path)
    for (item, _), held in found.items():
        yield Charge(
            held.pop("type", ""), held.pop("currency", ""), held.pop("assessed", None), item=item, **held
        )
