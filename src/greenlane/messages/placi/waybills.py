"""Waybills in XML: a minimal subset in the manner of XFWB and XFZB, unverified against the published schemas."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO, Final

from lxml import etree

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import (
    Carried,
    Consignment,
    ForeignFinding,
    Message,
    Place,
    Written,
    register,
)
from greenlane.messages.placi import findings as codes
from greenlane.messages.placi.filing import Party, PreLoading, check
from greenlane.messages.placi.tables import ABOUT, ERRORS, rows
from greenlane.messages.tabled import NOT_XML, Leaf, Leaves, Table, Walk, element_of, numbered, plain
from greenlane.messages.xml import USUAL, Bounds, XmlRefused, records
from greenlane.values.errors import UsageError

FORMAT: Final = "placi"
MANY: Final = "urn:greenlane:messages:1"
"""Namespace of the element that wraps several waybills; the format has none."""
XMLNS: Final = "xmlns"
_ROOTS: Final = {"XFWB": "Waybill", "XFZB": "HouseWaybill"}
_KINDS: Final = {root: kind for kind, root in _ROOTS.items()}
_TYPES: Final = {"XFWB": "741", "XFZB": "703"}
_SPACES: Final = {"XFWB": "iata:waybill:1", "XFZB": "iata:housewaybill:1"}
_INNER: Final = "iata:datamodel:3"
TABLES: Final = {
    kind: Table(kind, root, list(rows("fields.csv")), codes.TABLE, _INNER) for kind, root in _ROOTS.items()
}
_PARTS: Final = {"XFWB": "MasterConsignment", "XFZB": "MasterConsignment/IncludedHouseConsignment"}
_GOODS: Final = {
    "XFWB": "MasterConsignment/IncludedMasterConsignmentItem",
    "XFZB": "MasterConsignment/IncludedHouseConsignment/IncludedHouseConsignmentItem",
}
_ADDRESS: Final = ("StreetName", "CityName")
_SAID: Final = "NatureIdentificationTransportCargo/Identification"
_WEIGHT: Final = "MasterConsignment/IncludedTareGrossWeightMeasure"
_PIECES: Final = "MasterConsignment/TotalPieceQuantity"
_MASTER: Final = "MasterConsignment/TransportContractDocument/ID"
_NUMBER: Final = "BusinessHeaderDocument/ID"
_KILOGRAMS: Final = (("unitCode", "KGM"),)
_PATHS: Final = {"awb": _NUMBER, "house": _NUMBER, "pieces": _PIECES, "weight": _WEIGHT}


def read(data: bytes, received: date | None = None, bounds: Bounds = USUAL) -> Message:
    """Read one waybill. What is wrong with it is in the findings, by the error codes of a receiver too.

    Example:
        >>> read(b"<Waybill/>").kind, read(b"<Flight/>").findings[0].code
        ('XFWB', 'messages.placi.invalid_message_type')
    """
    found = list(stream(BytesIO(data), received, bounds))
    if len(found) == 1:
        return found[0]
    return _nothing(ForeignFinding(codes.NOT_PLACI, Place("/"), f"expected one waybill, {len(found):,} came"))


def stream(source: BinaryIO, received: date | None = None, bounds: Bounds = USUAL) -> Iterator[Message]:
    """Read the waybills of a source one after the other, whatever element wraps them, in flat memory."""
    seen = False
    try:
        for element in records(source, [f"{{*}}{root}" for root in _KINDS], bounds):
            seen = True
            yield _message(element, received)
    except XmlRefused as refused:
        yield _nothing(refused.finding)
        return
    if not seen:
        yield _nothing(ForeignFinding(codes.NOT_PLACI, Place("/"), "expected Waybill or HouseWaybill"))


def _nothing(finding: ForeignFinding) -> Message:
    return Message(FORMAT, "", "", (), (), (finding,))


def _message(element: etree._Element, received: date | None) -> Message:
    kind = _KINDS[etree.QName(element).localname]
    table = TABLES[kind]
    root = f"/{table.root}"
    walk = Walk(table, 0)
    walk.group(element, root, "")
    taken = _Taken(kind, walk.leaves, received)
    held = sorted((str(name), str(value)) for name, value in element.attrib.items())
    outer = Carried(root, "", (*held, (XMLNS, etree.QName(element).namespace or "")))
    carried = (outer, *(Carried(leaf.path, leaf.text, leaf.attributes) for leaf in walk.leaves))
    findings = (*walk.findings, *taken.findings(table))
    version = taken.text("MessageHeaderDocument/VersionID") or ""
    return Message(FORMAT, kind, version, (taken.consignment(),), carried, findings, taken.data())


class _Taken:
    """What the leaves of a waybill say."""

    def __init__(self, kind: str, leaves: Sequence[Leaf], received: date | None) -> None:
        self._kind = kind
        self._leaves: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            self._leaves.setdefault(leaf.plain, []).append(leaf)
        self._received = received

    def text(self, path: str) -> str | None:
        """Return the first text at a path, null for none."""
        return next((leaf.text.strip() for leaf in self._leaves.get(path, ()) if leaf.text.strip()), None)

    def _day(self) -> date | None:
        try:
            return datetime.fromisoformat(self.text("MessageHeaderDocument/IssueDateTime") or "").date()
        except ValueError:
            return self._received

    def _party(self, name: str) -> Party:
        at = f"{_PARTS[self._kind]}/{name}"
        address = (self.text(f"{at}/PostalStructuredAddress/{part}") for part in _ADDRESS)
        return Party(
            self.text(f"{at}/Name"),
            ", ".join(part for part in address if part) or None,
            self.text(f"{at}/PostalStructuredAddress/CountryID"),
        )

    def _unit(self) -> str | None:
        found = self._leaves.get(_WEIGHT, ())
        return dict(found[0].attributes).get("unitCode") if found else None

    def data(self) -> PreLoading:
        """Return the 7+1 data."""
        master = self._kind == "XFWB"
        said = self._leaves.get(f"{_GOODS[self._kind]}/{_SAID}", ())
        return PreLoading(
            awb=self.text(_NUMBER if master else _MASTER),
            house=None if master else self.text(_NUMBER),
            consignor=self._party("ConsignorParty"),
            consignee=self._party("ConsigneeParty"),
            descriptions=tuple(leaf.text.strip() for leaf in said if leaf.text.strip()),
            pieces=self.text(_PIECES),
            weight_kg=self.text(_WEIGHT),
        )

    def consignment(self) -> Consignment:
        """Return the consignment of the contract, as far as 7+1 data tell it."""
        data, number = self.data(), self.text(_NUMBER)
        made: Consignment = {
            "consignment_id": number,
            "transport_document": number,
            "channel": "cargo",
            "transport_mode": "air",
            "declaration_date": None if self._day() is None else str(self._day()),
            "departure_country": data.consignor.country,
            "destination_country": data.consignee.country,
        }
        made = {name: value for name, value in made.items() if value is not None}
        for name, party in (("consignor", data.consignor), ("consignee", data.consignee)):
            held = {"name": party.name, "address": party.address, "country": party.country}
            if name == "consignee":
                at = f"{_PARTS[self._kind]}/ConsigneeParty/PostalStructuredAddress/PostcodeCode"
                held["postcode"] = self.text(at)
            made[name] = {key: value for key, value in held.items() if value is not None}
        made["items"] = [
            {"item_id": str(number), "description": said, "quantity": "1"}
            for number, said in enumerate(data.descriptions, 1)
        ]
        if len(made["items"]) == 1 and data.weight_kg and self._unit() == "KGM":
            made["items"][0]["gross_mass_kg"] = data.weight_kg
        return made

    def findings(self, table: Table) -> Iterator[ForeignFinding]:
        """Give what a receiver would refuse, and what was assumed."""
        unit, data = self._unit(), self.data()
        place = Place(f"/{table.root}/{_WEIGHT}/@unitCode", "131")
        if data.weight_kg is not None and unit is None:
            yield ForeignFinding(ABOUT["unit", "MISSING"].finding, place, "MISSING_WT_UNITS: expected KGM", 0)
        elif unit not in (None, "KGM"):
            words = "INVALID_WEIGHT: expected kilograms (KGM), another unit came"
            yield ForeignFinding(ERRORS["INVALID_WEIGHT"].finding, place, words, 0)
        if self._kind == "XFZB" and data.house is None:
            place = Place(f"/{table.root}/{_NUMBER}", "D023")
            yield ForeignFinding(
                ABOUT["house", "MISSING"].finding, place, "MISSING_HOUSE_BILL_NBR: expected it", 0
            )
        day = self._day()
        if day is not None:
            for found in check(data, day):
                path = f"/{table.root}/{self._path(found.place.path)}"
                yield replace(found, place=Place(path, found.place.wco), consignment=0)
        told = "channel, departure_country, destination_country, declaration_date, items.quantity"
        yield ForeignFinding(codes.ASSUMED, Place(f"/{table.root}"), f"no element tells: {told}", 0)

    def _path(self, about: str) -> str:
        name, _, number = about.removesuffix("]").partition("[")
        if name == "awb" and self._kind == "XFZB":
            return _MASTER
        if name == "description":
            return f"{numbered(_GOODS[self._kind], int(number or 1))}/{_SAID}"
        role, _, part = name.partition(".")
        if not part:
            return _PATHS.get(name, name)
        below = {"name": "Name", "address": "PostalStructuredAddress/StreetName"}
        party = "ConsignorParty" if role == "consignor" else "ConsigneeParty"
        return f"{_PARTS[self._kind]}/{party}/{below.get(part, 'PostalStructuredAddress/CountryID')}"


def write(
    consignments: Sequence[Consignment],
    carried: Sequence[Carried] = (),
    *,
    kind: str = "",
    master: str = "",
    issued: str = "",
    message_id: str = "",
    pieces: str = "",
) -> Written:
    """Write one waybill a consignment; several stand in a wrapper of greenlane's own.

    Args:
        consignments: Objects of the contract.
        carried: What reading one waybill carried; only with one consignment.
        kind: XFWB or XFZB; by default the one that was carried, else XFZB where *master* is given.
        master: Number of the master waybill, for house waybills.
        issued: Moment of the message, in UTC.
        message_id: The message's own number; by default that of the waybill.
        pieces: Total number of pieces of each waybill; one by default, and said so.
    Raises:
        UsageError: No consignment, several with *carried*, or no such kind.
    """
    if not consignments or (carried and len(consignments) > 1):
        raise UsageError("waybills are written from one consignment, or several without what was carried")
    came = _KINDS.get(carried[0].path.strip("/")) if carried else None
    kind = kind or came or ("XFZB" if master else "XFWB")
    if kind not in _ROOTS:
        raise UsageError("expected XFWB or XFZB")
    made, lost = [], []
    for number, consignment in enumerate(consignments):
        writing = _Writing(kind, consignment, carried, number)
        header = {"id": message_id, "issued": issued, "master": master, "pieces": pieces}
        made.append(writing.element(header))
        lost += writing.lost
    whole = made[0]
    if len(made) > 1:
        whole = etree.Element(f"{{{MANY}}}Messages", nsmap={None: MANY})
        whole.extend(made)
    return Written(etree.tostring(whole, xml_declaration=True, encoding="UTF-8"), tuple(lost))


class _Writing:
    """Writes one consignment as a waybill."""

    def __init__(self, kind: str, consignment: Consignment, carried: Sequence[Carried], number: int) -> None:
        self._kind = kind
        self._table = TABLES[kind]
        self._root = f"/{self._table.root}"
        self._wanted = consignment
        self._number = number
        self._space = _SPACES[kind]
        self._leaves: Leaves = {}
        for one in carried:
            if one.path == self._root:
                self._space = dict(one.attributes).get(XMLNS, "")
                outer = tuple(pair for pair in one.attributes if pair[0] != XMLNS)
                self._leaves |= {self._root: ("", outer)} if outer else {}
            else:
                self._leaves[one.path] = (one.text, one.attributes)
        self.lost: list[ForeignFinding] = []

    def element(self, header: Mapping[str, str]) -> etree._Element:
        """Return the waybill; afterwards ``lost`` is complete."""
        self._header(header)
        held = self._back()
        number = self._wanted.get("transport_document") or self._wanted.get("consignment_id")
        if number and held.get("transport_document") != number:
            self._set(_NUMBER, str(number))
        for role, party in (("consignor", "ConsignorParty"), ("consignee", "ConsigneeParty")):
            self._party(f"{_PARTS[self._kind]}/{party}", self._wanted.get(role) or {}, held.get(role) or {})
        self._items(held.get("items", []))
        made = element_of(self._leaves, self._table, self._space or None)
        walk = Walk(self._table, self._number)
        walk.group(made, self._root, "")
        self.lost += walk.findings
        self._tell()
        return made

    def _header(self, header: Mapping[str, str]) -> None:
        number = str(self._wanted.get("transport_document") or self._wanted.get("consignment_id") or "")
        given = {
            "MessageHeaderDocument/ID": (header["id"], number),
            "MessageHeaderDocument/TypeCode": ("", _TYPES[self._kind]),
            "MessageHeaderDocument/IssueDateTime": (header["issued"], ""),
            "MessageHeaderDocument/VersionID": ("", "3.00"),
            _MASTER: (header["master"], ""),
            _PIECES: (header["pieces"], ""),
        }
        for path, (told, default) in given.items():
            if path in self._table.elements and (told or f"{self._root}/{path}" not in self._leaves):
                self._set(path, told or default)
        if f"{self._root}/{_PIECES}" not in self._leaves:
            self._set(_PIECES, "1")
            self._say(codes.ASSUMED, f"{self._root}/{_PIECES}", "one piece, for nobody tells how many")

    def _party(self, at: str, wanted: Mapping[str, Any], held: Mapping[str, Any]) -> None:
        address = f"{at}/PostalStructuredAddress"
        for name, path in (
            ("name", f"{at}/Name"),
            ("country", f"{address}/CountryID"),
            ("postcode", f"{address}/PostcodeCode"),
        ):
            value = wanted.get(name)
            if value and held.get(name) != value and not (name == "postcode" and "Consignor" in at):
                self._set(path, str(value))
        text = wanted.get("address")
        if text and held.get("address") != text:
            street, _, city = str(text).rpartition(", ")
            parts = {"StreetName": street or city, **({"CityName": city} if street else {})}
            if all(self._fits(f"{address}/{name}", part) for name, part in parts.items()):
                self._leaves.pop(f"{self._root}/{address}/CityName", None)
                for name, part in parts.items():
                    self._set(f"{address}/{name}", part)

    def _items(self, held: Sequence[Mapping[str, Any]]) -> None:
        items = self._wanted.get("items") or []
        goods = _GOODS[self._kind]
        for number in range(len(items) + 1, len(held) + 1):
            gone = f"{self._root}/{numbered(goods, number)}"
            for path in [path for path in self._leaves if path.startswith(f"{gone}/") or path == gone]:
                del self._leaves[path]
        for number, item in enumerate(items, 1):
            said = item.get("description")
            if said and (number > len(held) or held[number - 1].get("description") != said):
                at = numbered(goods, number)
                self._leaves.setdefault(f"{self._root}/{at}/SequenceNumeric", (str(number), ()))
                self._set(f"{at}/{_SAID}", str(said))
        masses = [item.get("gross_mass_kg") for item in items]
        if masses and all(self._fits(_WEIGHT, str(mass)) for mass in masses if mass is not None):
            known = [str(mass) for mass in masses if mass is not None]
            alone = len(items) == 1 == len(held) and held[0].get("gross_mass_kg") == masses[0]
            if len(known) == len(masses) and not alone:
                total = known[0] if len(known) == 1 else format(sum(map(Decimal, known), Decimal(0)), "f")
                if self._fits(_WEIGHT, total):
                    self._leaves[f"{self._root}/{_WEIGHT}"] = (total, _KILOGRAMS)

    def _back(self) -> Consignment:
        leaves = [Leaf(path, plain(path), *held) for path, held in self._leaves.items()]
        return _Taken(self._kind, leaves, None).consignment()

    def _tell(self) -> None:
        """List every field that reading the waybill back doesn't give."""
        held = self._back()
        day = {"declaration_date": self._wanted.get("declaration_date")}
        for name, value in self._wanted.items():
            if name == "items":
                for place, item in enumerate(value or ()):
                    back = held["items"][place] if place < len(held["items"]) else {}
                    for own, one in item.items():
                        if one is not None and back.get(own) != one:
                            self._say(codes.LOST, f"/items/{place}/{own}", _cannot(one))
            elif isinstance(value, Mapping):
                inner = held.get(name) or {}
                for own, one in value.items():
                    if one is not None and inner.get(own) != one:
                        self._say(codes.LOST, f"/{name}/{own}", _cannot(one))
            elif value is not None and {**day, **held}.get(name) != value:
                self._say(codes.LOST, f"/{name}", _cannot(value))

    def _say(self, code: str, path: str, words: str) -> None:
        self.lost.append(ForeignFinding(code, Place(path), words, self._number))

    def _set(self, path: str, text: str) -> None:
        if self._fits(path, text):
            attributes = self._leaves.get(f"{self._root}/{path}", ("", ()))[1]
            self._leaves[f"{self._root}/{path}"] = (text, attributes)

    def _fits(self, path: str, text: str) -> bool:
        known = self._table.elements.get(plain(f"{self._root}/{path}"))
        return known is not None and known.fits is not None and known.fits(text) and not NOT_XML.search(text)


def _cannot(value: object) -> str:
    return f"the waybill cannot hold it ({shape_of(str(value))})"


class _Placi:
    name: str = FORMAT
    title: str = (
        "Air waybill before loading, 7+1 data (XML after XFWB and XFZB; a minimal subset, unverified)"
    )
    media_types: tuple[str, ...] = ("application/vnd.iata.waybill+xml",)
    since: date | None = None
    until: date | None = None

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins a waybill."""
        return b"iata:waybill" in head or b"iata:housewaybill" in head or b"Waybill" in head

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one waybill."""
        return read(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read waybills one after the other in flat memory."""
        return stream(source, received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write waybills; ``master``, ``issued`` and ``pieces`` go into the header."""
        return write(consignments, carried, **header)


PLACI: Final = register(_Placi())
