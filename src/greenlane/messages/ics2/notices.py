"""Notices: what customs and the filer say about an entry summary, as values; each maps to its message by names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from greenlane.clearance.events import moment, stamp
from greenlane.messages.tabled import Leaf, Leaves, numbered, parted

_XML: Final = "xml"


def _called(xml: str, *, many: bool = False, needed: bool = False) -> Any:
    if needed:
        return field(metadata={_XML: xml})
    return field(default=() if many else None, metadata={_XML: xml})


@dataclass(frozen=True, slots=True)
class Document:
    """A transport document: number and type."""

    number: str | None = _called("documentNumber")
    type: str | None = _called("type")


@dataclass(frozen=True, slots=True)
class Supporting:
    """A supporting document: reference and type."""

    reference: str | None = _called("referenceNumber")
    type: str | None = _called("type")


@dataclass(frozen=True, slots=True)
class Statement:
    """Additional information."""

    code: str | None = _called("code")
    text: str | None = field(default=None, repr=False, metadata={_XML: "text"})
    type: str | None = _called("type")


@dataclass(frozen=True, slots=True)
class Address:
    """An address; personal, so it isn't shown."""

    city: str | None = field(default=None, repr=False, metadata={_XML: "city"})
    country: str | None = _called("country")
    sub_division: str | None = field(default=None, repr=False, metadata={_XML: "subDivision"})
    street: str | None = field(default=None, repr=False, metadata={_XML: "street"})
    postcode: str | None = field(default=None, repr=False, metadata={_XML: "postCode"})
    number: str | None = field(default=None, repr=False, metadata={_XML: "number"})
    po_box: str | None = field(default=None, repr=False, metadata={_XML: "poBox"})


@dataclass(frozen=True, slots=True)
class Person:
    """Who was authorised to screen; personal, so it isn't shown."""

    name: str | None = field(default=None, repr=False, metadata={_XML: "name"})
    id: str | None = field(default=None, repr=False, metadata={_XML: "identificationNumber"})
    type: str | None = _called("typeOfPerson")


@dataclass(frozen=True, slots=True)
class BinaryFile:
    """A file by reference."""

    id: str | None = _called("identification")
    name: str | None = _called("filename")
    mime: str | None = _called("MIME")
    description: str | None = _called("description")


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a Q02 or Q03."""

    reference: str | None = _called("referralRequestReference")
    type: str | None = _called("requestType")
    house: Document | None = _called("transportDocumentHouseLevel")
    master: Document | None = _called("transportDocumentMasterLevel")
    documents: tuple[Supporting, ...] = _called("supportingDocuments", many=True)
    statements: tuple[Statement, ...] = _called("additionalInformation", many=True)
    pointer: str | None = _called("pointer/messageElementPath")
    methods: tuple[str, ...] = _called("recommendedHRCMScreeningMethod/method", many=True)


@dataclass(frozen=True, slots=True)
class Information:
    """One answer of an R02."""

    reference: str | None = _called("referralRequestReference")
    documents: tuple[Supporting, ...] = _called("supportingDocuments", many=True)
    statements: tuple[Statement, ...] = _called("additionalInformation", many=True)
    files: tuple[BinaryFile, ...] = _called("binaryFile", many=True)


@dataclass(frozen=True, slots=True)
class Screening:
    """One result of an R03: two to nine methods, one result."""

    reference: str | None = _called("referralRequestReference")
    result: str | None = _called("result")
    methods: tuple[str, ...] = _called("screeningMethod/method", many=True)
    statements: tuple[Statement, ...] = _called("additionalInformation", many=True)
    person: Person | None = _called("authorizedPerson")
    files: tuple[BinaryFile, ...] = _called("binaryFile", many=True)
    place: Address | None = _called("facilityPlace/address")
    house: Document | None = _called("transportDocumentHouseLevel")


@dataclass(frozen=True, slots=True)
class DoNotLoad:
    """What must not be loaded: receptacles, containers, a transport document."""

    receptacles: tuple[str, ...] = _called("receptacle/receptacleIdentificationNumber", many=True)
    document: Document | None = _called("transportDocument")
    containers: tuple[str, ...] = _called("transportEquipment/containerIdentificationNumber", many=True)


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the assessment is complete for."""

    receptacles: tuple[str, ...] = _called("receptacle/receptacleIdentificationNumber", many=True)
    documents: tuple[Document, ...] = _called("transportDocument", many=True)
    containers: tuple[str, ...] = _called("transportEquipment/containerIdentificationNumber", many=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of an N99 with the path of the element in the sender's message."""

    code: str | None = _called("validationCode")
    description: str | None = _called("description")
    pointer: str | None = _called("pointer/messageElementPath")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. What a kind has no element for stays null or empty.

    ``mrn`` is the movement reference number of the entry summary, ``at`` when the notice was issued.
    """

    kind: str
    mrn: str | None = _called("MRN")
    at: datetime | None = _called("documentIssueDate")
    registered_at: datetime | None = _called("registrationDate")
    completed_at: datetime | None = _called("completionDate")
    member_state: str | None = _called("responsibleMemberState/country")
    representative: str | None = _called("representative/identificationNumber")
    master: Document | None = _called("transportDocumentMasterLevel")
    house: Document | None = _called("transportDocumentHouseLevel")
    carrier: str | None = _called("carrier/identificationNumber")
    declarant: str | None = _called("declarant/identificationNumber")
    do_not_load: DoNotLoad | None = _called("doNotLoadDetails")
    requests: tuple[Request, ...] = _called("referralRequestDetails", many=True)
    answers: tuple[Information, ...] = _called("referralResponseDetails", many=True)
    screenings: tuple[Screening, ...] = _called("hrcmScreeningResults", many=True)
    assessed: Assessed | None = _called("assessmentComplete")
    faults: tuple[Fault, ...] = _called("error", many=True)


@cache
def _shape(kind: type) -> tuple[tuple[str, str, type, bool], ...]:
    """Return name, path, type and whether it is repeated, of each part of a value."""
    hints = get_type_hints(kind)
    found = []
    for part in fields(kind):
        xml = part.metadata.get(_XML)
        if xml is None:
            continue
        hint = hints[part.name]
        many = get_origin(hint) is tuple
        inner = next(one for one in get_args(hint) if one is not NoneType)
        found.append((part.name, xml, inner, many))
    return tuple(found)


class _Node:
    __slots__ = ("children", "text")

    def __init__(self) -> None:
        self.text = ""
        self.children: dict[str, list[_Node]] = {}

    def all(self, path: str) -> Iterator["_Node"]:
        name, _, rest = path.partition("/")
        for child in self.children.get(name, ()):
            yield from child.all(rest) if rest else (child,)


def notice_of(kind: str, leaves: Sequence[Leaf]) -> Notice:
    """Make a notice of the leaves of a message."""
    root = _Node()
    held: dict[str, _Node] = {}
    for leaf in leaves:
        node, at = root, ""
        for step in leaf.path.strip("/").split("/")[1:]:
            at = f"{at}/{step}"
            known = held.get(at)
            if known is None:
                known = held[at] = _Node()
                node.children.setdefault(parted(step)[0], []).append(known)
            node = known
        node.text = leaf.text.strip()
    return Notice(kind, **_parts(Notice, root))


def _parts(kind: type, node: _Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, xml, inner, many in _shape(kind):
        values = [value for found in node.all(xml) if (value := _value(inner, found)) is not None]
        if many:
            made[name] = tuple(values)
        elif values:
            made[name] = values[0]
    return made


def _value(kind: type, node: _Node) -> Any:
    if kind is str:
        return node.text or None
    if kind is datetime:
        try:
            return moment(node.text or None)
        except ValueError:
            return None
    return kind(**_parts(kind, node))


def leaves_of(notice: Notice) -> Leaves:
    """Return the leaves of a notice's message."""
    found: Leaves = {}
    _write(notice, f"/IE3{notice.kind}", found)
    return found


def _write(value: Any, path: str, into: Leaves) -> None:
    counts: dict[str, int] = {}
    for name, xml, _, many in _shape(type(value)):
        held = getattr(value, name)
        for one in held if many else () if held is None else (held,):
            group, _, below = xml.partition("/")
            counts[group] = counts.get(group, 0) + 1
            at = numbered(f"{path}/{group}", counts[group]) + (f"/{below}" if below else "")
            if isinstance(one, str):
                into[at] = (one, ())
            elif isinstance(one, datetime):
                into[at] = (stamp(one.replace(microsecond=0)) or "", ())
            else:
                before = len(into)
                _write(one, at, into)
                if len(into) == before:
                    into[at] = ("", ())
