"""One entry summary: its houses one by one, what stands around them, and both by shapes that were read before."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from lxml import etree

from greenlane.messages.carrying import Span, Spans
from greenlane.messages.foreign import Carried, ForeignFinding, Message, Place
from greenlane.messages.ics2 import findings as codes
from greenlane.messages.ics2.house import House, house_of, in_order, item_path, take
from greenlane.messages.ics2.shape import HOUSE, ITEM, HouseShape, OuterShape, PartShape
from greenlane.messages.ics2.tables import FILINGS, KINDS, Version, version_on
from greenlane.messages.shapes import Cut, Section, Shapes, parted, plain_cut, sectioned
from greenlane.messages.tabled import Leaf, Table, Walk, numbered
from greenlane.messages.xml import Record
from greenlane.values.identifiers import Verdict, check_eori, check_s10

FORMAT: Final = "ics2"
XMLNS: Final = "xmlns"
"""Name under which the root is carried with the namespace that it came in."""
_HOUSES: dict[Table, Shapes[HouseShape]] = {}
_OUTER: Final[Shapes[OuterShape]] = Shapes()
P = TypeVar("P", bound=PartShape)


def issued_on(text: str | None) -> date | None:
    """Return the day of a moment, null for none."""
    try:
        return datetime.fromisoformat((text or "").strip()).date()
    except ValueError:
        return None


def root_carried(root: etree._Element, table: Table) -> Carried:
    """Return the root as it is carried: its attributes and its namespace."""
    namespace = etree.QName(root).namespace
    held = sorted((str(name), str(value)) for name, value in root.attrib.items())
    return Carried(f"/{table.root}", "", (*held, (XMLNS, namespace or "")))


def section_of(shape: PartShape, leaves: Sequence[Leaf]) -> Section[PartShape]:
    """Return leaves as the section that they are of a shape."""
    raw = tuple(leaf.text for leaf in leaves)
    return Section(shape, raw, tuple(text.strip() for text in raw))


def unlisted(section: Section[P], start: str, number: int | None) -> list[ForeignFinding]:
    """Check codes against the lists that are held, and identifications by their shape."""
    shape = section.shape
    texts = section.texts
    found = [
        (codes.CODE, place, f"expected a code of {name}")
        for place, name, listed in shape.codes
        if texts[place] not in listed
    ]
    for place in shape.eoris:
        if check_eori(texts[place]) is not Verdict.OK:
            found.append((codes.IDENTIFIER, place, "expected an EORI"))
    for place in shape.numbers:
        if check_s10(texts[place]) is not Verdict.OK:
            found.append((codes.IDENTIFIER, place, "expected the number of an item by UPU S10"))
    if not found:
        return []
    elements = shape.table.elements
    return [
        ForeignFinding(code, Place(start + shape.paths[place], element.wco), words, number)
        for code, place, words in found
        if (element := elements[shape.plain[place]]).fits is not None and element.fits(texts[place])
    ]


class Filing:
    """Reads the houses of one entry summary and holds what they share.

    Findings count the houses of the whole source unless each is *alone* in its message.
    """

    def __init__(self, received: date | None, alone: bool = False) -> None:
        self._received = received
        self._alone = alone
        self._root: etree._Element | None = None
        self._table: Table | None = None
        self._outer: Section[OuterShape] | None = None
        self._around: tuple[Cut, str] | None = None
        self._inside: list[str] = []
        self._version: Version = version_on(received)
        self._issued: date | None = None
        self._country: str | None = None
        self._houses = 0
        self._spaces = ""

    def whole(self, text: str, prolog: str) -> list[House] | None:
        """Return the houses of a short entry summary if it and all of them have shapes that are known."""
        found = parted(text, HOUSE)
        if found is None or not found.items:
            return None
        around = plain_cut(found.head)
        self._inside = [f"<{found.name}>{inside}</{found.name}>" for inside in found.items]
        if around is None:
            return None
        outer = _OUTER.known(around, prolog)
        if outer is None:
            self._around = around, prolog
            return None
        shape = outer.shape
        issued = None if shape.issued is None else issued_on(outer.texts[shape.issued])
        version = version_on(issued or self._received)
        table = shape.table
        most = table.elements[HOUSE].most
        if version.tables[table.kind] is not table or (most and len(self._inside) > most):
            return None
        self._around = around, prolog
        houses = []
        for inside in self._inside:
            house = self._known(inside, shape.spaces, table)
            if house is None:
                return None
            houses.append(house)
        self._outer, self._table, self._version, self._issued = outer, table, version, issued
        self._country = None if shape.country is None else outer.raw[shape.country]
        return houses

    def record(self, text: str, spaces: str) -> House | None:
        """Return a house whose sections have shapes that are known, in sound texts."""
        return None if self._table is None else self._known(text, spaces, self._table)

    def _known(self, text: str, spaces: str, table: Table) -> House | None:
        parts = _parts(text, table)
        if parts is None:
            return None
        shapes = _shapes(table)
        sections = []
        for part in parts:
            section = shapes.known(part, spaces)
            if section is None:
                return None
            sections.append(section)
        return House(sections[0], tuple(sections[1:]), range(1, len(sections)))

    def begun(self, element: etree._Element) -> bool:
        """Say whether a house stands in an entry summary, and look at that before the first."""
        root = element.getparent()
        if root is None or root.getparent() is not None:
            return False
        if self._root is None:
            name = etree.QName(root).localname
            kind = name.removeprefix("IE3")
            if kind not in FILINGS or name != f"IE3{kind}":
                return False
            self._root = root
            self._issued = issued_of(root)
            self._version = version_on(self._issued or self._received)
            self._table = self._version.tables[kind]
            self._country = next(
                (one.text for one in root.iterfind("{*}addressedMemberState/{*}country")), None
            )
            if len(self._inside) != sum(1 for _ in root.iterchildren(f"{{*}}{HOUSE}")):
                self._inside, self._around = [], None
        return True

    def house(self, record: Record) -> Message:
        """Read one house; what its sections look like is kept."""
        assert self._table is not None
        text = record.text
        if text is None and self._houses < len(self._inside):
            text = self._inside[self._houses]
        table, spaces = self._table, record.spaces
        self._spaces = spaces
        path = numbered(f"/{table.root}/{HOUSE}", self._houses + 1)
        walk = Walk(table, 0 if self._alone else self._houses)
        walk.group(record.element, path, HOUSE)
        house = house_of(table, walk.leaves, path)
        parts = _parts(text, table) if text is not None and not walk.findings else None
        sections = (house.head, *house.items)
        if parts is not None and len(parts) == len(sections):
            for part, section in zip(parts, sections, strict=True):
                _shapes(table).learn(part, spaces, section)
        return self.message(house, walk.findings)

    def message(self, house: House, found: Sequence[ForeignFinding] = ()) -> Message:
        """Return the message of the next house."""
        table, number = self._table, 0 if self._alone else self._houses
        assert table is not None
        self._houses += 1
        path = numbered(f"/{table.root}/{HOUSE}", self._houses)
        taken = take(table.kind, house, self._issued or self._received, self._country)
        starts = [path, *(item_path(path, number) for number in house.numbers)]
        findings = [*found]
        carried = []
        sections = (house.head, *house.items)
        for place, begin, end in in_order(house):
            section, start = sections[place], starts[place]
            shape = section.shape
            carried.append(
                Span(start, shape.paths, section.raw, shape.attributes, taken.held[place], begin, end)
            )
            if not begin and shape.checked:
                findings += unlisted(section, start, number)
        for below in taken.foreign:
            at = Place(path + below, table.wco(path + below))
            findings.append(ForeignFinding(codes.CURRENCY, at, "expected the currency of the goods", number))
        if taken.assumed:
            told = ", ".join(taken.assumed)
            findings.append(ForeignFinding(codes.ASSUMED, Place(path), f"no element tells: {told}", number))
        consignments = (taken.consignment,)
        return Message(FORMAT, table.kind, self._version.name, consignments, Spans(carried), tuple(findings))

    def rest(self) -> Message:
        """Read what stands beside the houses."""
        found: list[ForeignFinding] = []
        outer = self._outer
        if outer is None:
            if self._root is None or self._table is None:
                roots = " or ".join(f"IE3{kind}" for kind in FILINGS)
                words = f"expected {HOUSE} in {roots}, or one of {', '.join(KINDS)}"
                return self.nothing(ForeignFinding(codes.NOT_ICS2, Place("/"), words))
            outer, found = self._walked(self._root, self._table)
        shape, table = outer.shape, outer.shape.table
        root = f"/{table.root}"
        found += unlisted(outer, root, None)
        for place in shape.index.get("SpecificCircumstanceIndicator", ()):
            if outer.texts[place][1:] != table.kind[1:]:
                path = root + shape.paths[place]
                found.append(
                    ForeignFinding(
                        codes.CIRCUMSTANCE, Place(path, table.wco(path)), f"expected F{table.kind[1:]}"
                    )
                )
        if self._issued is not None and self._issued < self._version.since:
            words = f"version {self._version.name} is held from {self._version.since}"
            found.append(
                ForeignFinding(codes.VERSION, Place(f"{root}/documentIssueDate", "D011/D029"), words)
            )
        nothing = (None,) * len(outer.raw)
        span = Span(root, shape.paths, outer.raw, shape.attributes, nothing, 0, len(nothing))
        carried = Spans([(shape.around,), span])
        return Message(FORMAT, table.kind, self._version.name, (), carried, tuple(found))

    def _walked(self, root: etree._Element, table: Table) -> tuple[Section[OuterShape], list[ForeignFinding]]:
        """Walk what stands around the houses; what a short message looks like is kept."""
        walk = Walk(table)
        walk.group(root, f"/{table.root}", "", {HOUSE: self._houses})
        around = root_carried(root, table)
        raw = tuple(leaf.text for leaf in walk.leaves)
        shape = OuterShape(table, walk.leaves, around, self._spaces)
        section = Section(shape, raw, tuple(text.strip() for text in raw))
        if self._around is not None and not walk.findings:
            part, prolog = self._around
            _OUTER.learn(part, prolog, section)
        return section, walk.findings

    def nothing(self, finding: ForeignFinding) -> Message:
        """Return a message that holds nothing but why."""
        kind = "" if self._table is None else self._table.kind
        return Message(FORMAT, kind, self._version.name, (), (), (finding,))


def issued_of(root: etree._Element) -> date | None:
    """Return the day of a message, null where it tells none."""
    for child in root:
        if etree.QName(child).localname == "documentIssueDate":
            return issued_on(child.text)
    return None


def _shapes(table: Table) -> Shapes[HouseShape]:
    found = _HOUSES.get(table)
    if found is None:
        found = _HOUSES.setdefault(table, Shapes())
    return found


def _parts(text: str, table: Table) -> list[Cut] | None:
    return sectioned(text, "goodsItem", table.elements[ITEM].most)


def forget() -> None:
    """Forget every shape."""
    _OUTER.clear()
    _HOUSES.clear()


__all__ = ["FORMAT", "XMLNS", "Filing", "forget", "issued_of", "root_carried", "section_of", "unlisted"]
