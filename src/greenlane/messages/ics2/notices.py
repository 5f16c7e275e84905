"""Notices: what customs and the filer say about an entry summary, as values.

The text that annotates a part is the path of its element.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from greenlane.clearance.events import moment, stamp
from greenlane.messages.tabled import Leaf, Leaves, numbered, parted


@dataclass(frozen=True, slots=True)
class Document:
    """A transport document: number and type."""

    number: Annotated[str | None, "documentNumber"] = None
    type: Annotated[str | None, "type"] = None


@dataclass(frozen=True, slots=True)
class Supporting:
    """A supporting document: reference and type."""

    reference: Annotated[str | None, "referenceNumber"] = None
    type: Annotated[str | None, "type"] = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Additional information."""

    code: Annotated[str | None, "code"] = None
    text: Annotated[str | None, "text"] = field(default=None, repr=False)
    type: Annotated[str | None, "type"] = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address; personal, so it isn't shown."""

    city: Annotated[str | None, "city"] = field(default=None, repr=False)
    country: Annotated[str | None, "country"] = None
    sub_division: Annotated[str | None, "subDivision"] = field(default=None, repr=False)
    street: Annotated[str | None, "street"] = field(default=None, repr=False)
    postcode: Annotated[str | None, "postCode"] = field(default=None, repr=False)
    number: Annotated[str | None, "number"] = field(default=None, repr=False)
    po_box: Annotated[str | None, "poBox"] = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who was authorised to screen; personal, so it isn't shown."""

    name: Annotated[str | None, "name"] = field(default=None, repr=False)
    id: Annotated[str | None, "identificationNumber"] = field(default=None, repr=False)
    type: Annotated[str | None, "typeOfPerson"] = None


@dataclass(frozen=True, slots=True)
class BinaryFile:
    """A file by reference."""

    id: Annotated[str | None, "identification"] = None
    name: Annotated[str | None, "filename"] = None
    mime: Annotated[str | None, "MIME"] = None
    description: Annotated[str | None, "description"] = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a Q02 or Q03."""

    reference: Annotated[str | None, "referralRequestReference"] = None
    type: Annotated[str | None, "requestType"] = None
    house: Annotated[Document | None, "transportDocumentHouseLevel"] = None
    master: Annotated[Document | None, "transportDocumentMasterLevel"] = None
    documents: Annotated[tuple[Supporting, ...], "supportingDocuments"] = ()
    statements: Annotated[tuple[Statement, ...], "additionalInformation"] = ()
    pointer: Annotated[str | None, "pointer/messageElementPath"] = None
    methods: Annotated[tuple[str, ...], "recommendedHRCMScreeningMethod/method"] = ()


@dataclass(frozen=True, slots=True)
class Information:
    """One answer of an R02."""

    reference: Annotated[str | None, "referralRequestReference"] = None
    documents: Annotated[tuple[Supporting, ...], "supportingDocuments"] = ()
    statements: Annotated[tuple[Statement, ...], "additionalInformation"] = ()
    files: Annotated[tuple[BinaryFile, ...], "binaryFile"] = ()


@dataclass(frozen=True, slots=True)
class Screening:
    """One result of an R03: two to nine methods, one result."""

    reference: Annotated[str | None, "referralRequestReference"] = None
    result: Annotated[str | None, "result"] = None
    methods: Annotated[tuple[str, ...], "screeningMethod/method"] = ()
    statements: Annotated[tuple[Statement, ...], "additionalInformation"] = ()
    person: Annotated[Person | None, "authorizedPerson"] = None
    files: Annotated[tuple[BinaryFile, ...], "binaryFile"] = ()
    place: Annotated[Address | None, "facilityPlace/address"] = None
    house: Annotated[Document | None, "transportDocumentHouseLevel"] = None


@dataclass(frozen=True, slots=True)
class DoNotLoad:
    """What must not be loaded: receptacles, containers, a transport document."""

    receptacles: Annotated[tuple[str, ...], "receptacle/receptacleIdentificationNumber"] = ()
    document: Annotated[Document | None, "transportDocument"] = None
    containers: Annotated[tuple[str, ...], "transportEquipment/containerIdentificationNumber"] = ()


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the assessment is complete for."""

    receptacles: Annotated[tuple[str, ...], "receptacle/receptacleIdentificationNumber"] = ()
    documents: Annotated[tuple[Document, ...], "transportDocument"] = ()
    containers: Annotated[tuple[str, ...], "transportEquipment/containerIdentificationNumber"] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of an N99 with the path of the element in the sender's message."""

    code: Annotated[str | None, "validationCode"] = None
    description: Annotated[str | None, "description"] = None
    pointer: Annotated[str | None, "pointer/messageElementPath"] = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. What a kind has no element for stays null or empty.

    ``mrn`` is the movement reference number of the entry summary, ``at`` when the notice was issued.
    """

    kind: str
    mrn: Annotated[str | None, "MRN"] = None
    at: Annotated[datetime | None, "documentIssueDate"] = None
    registered_at: Annotated[datetime | None, "registrationDate"] = None
    completed_at: Annotated[datetime | None, "completionDate"] = None
    member_state: Annotated[str | None, "responsibleMemberState/country"] = None
    representative: Annotated[str | None, "representative/identificationNumber"] = None
    master: Annotated[Document | None, "transportDocumentMasterLevel"] = None
    house: Annotated[Document | None, "transportDocumentHouseLevel"] = None
    carrier: Annotated[str | None, "carrier/identificationNumber"] = None
    declarant: Annotated[str | None, "declarant/identificationNumber"] = None
    do_not_load: Annotated[DoNotLoad | None, "doNotLoadDetails"] = None
    requests: Annotated[tuple[Request, ...], "referralRequestDetails"] = ()
    answers: Annotated[tuple[Information, ...], "referralResponseDetails"] = ()
    screenings: Annotated[tuple[Screening, ...], "hrcmScreeningResults"] = ()
    assessed: Annotated[Assessed | None, "assessmentComplete"] = None
    faults: Annotated[tuple[Fault, ...], "error"] = ()


_SHAPES: dict[type[Any], tuple[tuple[str, str, Any, bool], ...]] = {}


def _shape(kind: type[Any]) -> tuple[tuple[str, str, Any, bool], ...]:
    """Return name, path, type and whether it is repeated, of each part of a value."""
    if kind not in _SHAPES:
        _SHAPES[kind] = tuple(_parts_of(kind))
    return _SHAPES[kind]


def _parts_of(kind: type[Any]) -> Iterator[tuple[str, str, Any, bool]]:
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if get_origin(hint) is not Annotated:
            continue
        inner, xml = get_args(hint)
        many = get_origin(inner) is tuple
        held = next(one for one in get_args(inner) if one is not NoneType)
        yield name, xml, held, many


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
        except (ValueError, OverflowError):  # a day before the first or after the last, once it is in UTC
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
