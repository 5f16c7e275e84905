"""Waybills in XML: a minimal subset in the manner of XFWB and XFZB, unverified against the published schemas."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
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
from greenlane.messages.placi.elements import (
    FORMAT,
    GOODS,
    KINDS,
    MANY,
    MASTER,
    NUMBER,
    PARTS,
    PIECES,
    ROOTS,
    SAID,
    SPACES,
    TABLES,
    TYPES,
    WEIGHT,
    XMLNS,
)
from greenlane.messages.placi.reading import read, stream
from greenlane.messages.placi.taken import taken_of
from greenlane.messages.tabled import NOT_XML, Leaf, Leaves, Walk, element_of, numbered, plain
from greenlane.values.errors import UsageError

_KILOGRAMS: Final = (("unitCode", "KGM"),)


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
    came = KINDS.get(carried[0].path.strip("/")) if carried else None
    kind = kind or came or ("XFZB" if master else "XFWB")
    if kind not in ROOTS:
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
        self._space = SPACES[kind]
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
            self._set(NUMBER, str(number))
        for role, party in (("consignor", "ConsignorParty"), ("consignee", "ConsigneeParty")):
            self._party(f"{PARTS[self._kind]}/{party}", self._wanted.get(role) or {}, held.get(role) or {})
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
            "MessageHeaderDocument/TypeCode": ("", TYPES[self._kind]),
            "MessageHeaderDocument/IssueDateTime": (header["issued"], ""),
            "MessageHeaderDocument/VersionID": ("", "3.00"),
            MASTER: (header["master"], ""),
            PIECES: (header["pieces"], ""),
        }
        for path, (told, default) in given.items():
            if path in self._table.elements and (told or f"{self._root}/{path}" not in self._leaves):
                self._set(path, told or default)
        if f"{self._root}/{PIECES}" not in self._leaves:
            self._set(PIECES, "1")
            self._say(codes.ASSUMED, f"{self._root}/{PIECES}", "one piece, for nobody tells how many")

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
        goods = GOODS[self._kind]
        for number in range(len(items) + 1, len(held) + 1):
            gone = f"{self._root}/{numbered(goods, number)}"
            for path in [path for path in self._leaves if path.startswith(f"{gone}/") or path == gone]:
                del self._leaves[path]
        for number, item in enumerate(items, 1):
            said = item.get("description")
            if said and (number > len(held) or held[number - 1].get("description") != said):
                at = numbered(goods, number)
                self._leaves.setdefault(f"{self._root}/{at}/SequenceNumeric", (str(number), ()))
                self._set(f"{at}/{SAID}", str(said))
        masses = [item.get("gross_mass_kg") for item in items]
        if masses and all(self._fits(WEIGHT, str(mass)) for mass in masses if mass is not None):
            known = [str(mass) for mass in masses if mass is not None]
            alone = len(items) == 1 == len(held) and held[0].get("gross_mass_kg") == masses[0]
            if len(known) == len(masses) and not alone:
                total = known[0] if len(known) == 1 else format(sum(map(Decimal, known), Decimal(0)), "f")
                if self._fits(WEIGHT, total):
                    self._leaves[f"{self._root}/{WEIGHT}"] = (total, _KILOGRAMS)

    def _back(self) -> Consignment:
        leaves = [Leaf(path, plain(path), *held) for path, held in self._leaves.items()]
        return taken_of(self._kind, leaves, None).consignment()

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
