"""Reading ICS2 messages: entry summaries house by house in flat memory, notices whole."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from io import BytesIO
from itertools import islice
from typing import BinaryIO, Final

from lxml import etree

from greenlane.messages.foreign import Carried, ForeignFinding, Message, Place
from greenlane.messages.ics2 import findings as codes
from greenlane.messages.ics2.house import House, Part, house_of, in_order, item_path, take
from greenlane.messages.ics2.notices import Notice, notice_of
from greenlane.messages.ics2.shape import HOUSE, ITEM, HouseShape
from greenlane.messages.ics2.tables import FILINGS, KINDS, NOTICES, Version, version_on, words
from greenlane.messages.shapes import Cut, Shapes, cut, parted, plain_cut
from greenlane.messages.tabled import Leaf, Table, Walk, numbered
from greenlane.messages.xml import Bounds, Record, XmlRefused, shaped
from greenlane.values.identifiers import Verdict, check_eori, check_s10

FORMAT: Final = "ics2"
XMLNS: Final = "xmlns"
"""Name under which the root is carried with the namespace that it came in."""
BOUNDS: Final = Bounds(record=32 << 20, marks=700_000)
"""How much is read: an assessment may name 99,999 documents, which stand in one notice."""
_TAGS: Final = (f"{{*}}{HOUSE}", *(f"{{*}}IE3{kind}" for kind in NOTICES))


def read(data: bytes, received: date | None = None, bounds: Bounds = BOUNDS) -> Message:
    """Read one message. What is wrong with it is in the findings, all at once.

    A notice has no consignments; what it says is in ``extras``.

    Args:
        data: The XML.
        received: Day on which it came in, where the message tells none.
        bounds: How much XML is read.
    Example:
        >>> message = read(b"<IE3R01><MRN>26DE0000000000001A</MRN></IE3R01>")
        >>> message.kind, [found.place.path for found in message.findings]
        ('R01', ['/IE3R01/documentIssueDate', '/IE3R01/registrationDate'])
    """
    parts = list(stream(BytesIO(data), received, bounds))
    last = parts[-1]
    return Message(
        FORMAT,
        last.kind,
        last.version,
        tuple(one for part in parts for one in part.consignments),
        tuple(one for part in (last, *parts[:-1]) for one in part.carried),
        tuple(one for part in (last, *parts[:-1]) for one in part.findings),
        last.extras,
    )


def stream(source: BinaryIO, received: date | None = None, bounds: Bounds = BOUNDS) -> Iterator[Message]:
    """Read an entry summary house by house; the last message holds no house but the rest of it.

    A source that is refused ends with a message that holds the refusal.
    """
    filing = _Filing(received)
    try:
        for record in shaped(source, _TAGS, filing.known, bounds):
            if isinstance(record, House):
                yield filing.message(record)
                continue
            element = record.element
            name = etree.QName(element).localname
            if name != HOUSE:
                if element.getparent() is not None:
                    break
                yield _notice(element, received)
                return
            if not filing.begun(element):
                break
            yield filing.house(record)
    except XmlRefused as refused:
        yield filing.nothing(refused.finding)
        return
    yield filing.rest()


def _issued(root: etree._Element) -> date | None:
    for child in root:
        if etree.QName(child).localname == "documentIssueDate":
            try:
                return datetime.fromisoformat((child.text or "").strip()).date()
            except ValueError:
                return None
    return None


def _carried(leaves: list[Leaf]) -> Iterator[Carried]:
    for leaf in leaves:
        yield Carried(leaf.path, leaf.text, leaf.attributes)


def _root(root: etree._Element, table: Table) -> Carried:
    namespace = etree.QName(root).namespace
    held = sorted((str(name), str(value)) for name, value in root.attrib.items())
    return Carried(f"/{table.root}", "", (*held, (XMLNS, namespace or "")))


def _notice(root: etree._Element, received: date | None) -> Message:
    kind = etree.QName(root).localname.removeprefix("IE3")
    version = version_on(_issued(root) or received)
    table = version.tables[kind]
    walk = Walk(table)
    path = f"/{table.root}"
    walk.group(root, path, "")
    findings = [*walk.findings, *_marked(walk.leaves, table)]
    notice: Notice | None = notice_of(kind, walk.leaves)
    carried = (_root(root, table), *_carried(walk.leaves))
    return Message(FORMAT, kind, version.name, (), carried, tuple(findings), notice)


def _marked(leaves: list[Leaf], table: Table) -> Iterator[ForeignFinding]:
    """Check codes against the lists that are held, and identifications by their shape."""
    for leaf in leaves:
        text = leaf.text.strip()
        element = table.elements.get(leaf.plain)
        if element is None or element.fits is None or not text or not element.fits(text):
            continue
        name = element.row["list"]
        if name and words(name) and text not in words(name):
            place = Place(leaf.path, element.wco)
            yield ForeignFinding(codes.CODE, place, f"expected a code of {name}")
        if element.row["rule"] == "R3005" and check_eori(text) is not Verdict.OK:
            yield ForeignFinding(codes.IDENTIFIER, Place(leaf.path, element.wco), "expected an EORI")


def _unlisted(section: Part, start: str, table: Table, number: int) -> Iterator[ForeignFinding]:
    """Check the same of a section of a house, whose texts are of the form that is wanted or told already."""
    shape, texts = section.shape, section.texts

    def say(code: str, place: int, words: str) -> ForeignFinding | None:
        element = table.elements[shape.plain[place]]
        if element.fits is None or not element.fits(texts[place]):
            return None
        return ForeignFinding(code, Place(start + shape.paths[place], element.wco), words, number)

    found = [
        *(
            say(codes.CODE, place, f"expected a code of {name}")
            for place, name, listed in shape.codes
            if texts[place] not in listed
        ),
        *(
            say(codes.IDENTIFIER, place, "expected an EORI")
            for place in shape.eoris
            if check_eori(texts[place]) is not Verdict.OK
        ),
        *(
            say(codes.IDENTIFIER, place, "expected the number of an item by UPU S10")
            for place in shape.numbers
            if check_s10(texts[place]) is not Verdict.OK
        ),
    ]
    return (one for one in found if one is not None)


_SHAPES: dict[Table, Shapes[HouseShape]] = {}
_made: Final = partial(tuple.__new__, Carried)


class _Filing:
    """Holds what the houses of one entry summary share."""

    def __init__(self, received: date | None) -> None:
        self._received = received
        self._root: etree._Element | None = None
        self._table: Table
        self._shapes: Shapes[HouseShape]
        self._version: Version = version_on(received)
        self._issued: date | None = None
        self._country: str | None = None
        self._houses = 0

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
            self._issued = _issued(root)
            self._version = version_on(self._issued or self._received)
            self._table = self._version.tables[kind]
            self._shapes = _SHAPES.setdefault(self._table, Shapes())
            self._country = next(
                (one.text for one in root.iterfind("{*}addressedMemberState/{*}country")), None
            )
        return True

    def known(self, text: str, spaces: str) -> House | None:
        """Return a house whose sections have shapes that are known, in sound texts."""
        parts = self._parts(text)
        return None if parts is None else self._house(parts, spaces)

    def _parts(self, text: str) -> list[Cut] | None:
        found = parted(text, "goodsItem")
        most = self._table.elements[ITEM].most
        if found is None or (most and len(found[1]) > most):
            return None
        parts = [found[0], *map(cut, found[1])]
        if "&" not in text:
            return parts
        plain = [one for one in map(plain_cut, parts) if one is not None]
        return plain if len(plain) == len(parts) else None

    def _house(self, parts: list[Cut], spaces: str) -> House | None:
        sections = []
        for part in parts:
            section = self._shapes.known(part, spaces)
            if section is None:
                return None
            sections.append(section)
        return House(sections[0], tuple(sections[1:]), range(1, len(sections)))

    def house(self, record: Record) -> Message:
        """Read one house; what its sections look like is kept."""
        text = record.text
        if text is None:
            text, spaces = etree.tostring(record.element, encoding="unicode", with_tail=False), ""
        else:
            spaces = record.spaces
        parts = self._parts(text)
        if parts is not None and record.text is None and (known := self._house(parts, spaces)) is not None:
            return self.message(known)
        path = numbered(f"/{self._table.root}/{HOUSE}", self._houses + 1)
        walk = Walk(self._table, self._houses)
        walk.group(record.element, path, HOUSE)
        house = house_of(self._table, walk.leaves, path)
        sections = (house.head, *house.items)
        if parts is not None and not walk.findings and len(parts) == len(sections):
            for part, section in zip(parts, sections, strict=True):
                self._shapes.learn(part, spaces, section)
        return self.message(house, walk.findings)

    def message(self, house: House, found: Sequence[ForeignFinding] = ()) -> Message:
        """Return the message of the next house."""
        table, number = self._table, self._houses
        self._houses += 1
        path = numbered(f"/{table.root}/{HOUSE}", self._houses)
        taken = take(table.kind, house, self._issued or self._received, self._country)
        starts = [path, *(item_path(path, number) for number in house.numbers)]
        findings = [*found]
        carried: list[Carried] = []
        sections = (house.head, *house.items)
        for place, begin, end in in_order(house):
            section, start, held = sections[place], starts[place], taken.held[place]
            shape = section.shape
            paths = [start + below for below in shape.paths]
            texts = ["" if name else text for name, text in zip(held, section.raw, strict=True)]
            made = zip(paths, texts, shape.attributes, held, strict=True)
            carried += map(_made, made if (begin, end) == (0, len(paths)) else islice(made, begin, end))
            if not begin:
                findings += _unlisted(section, start, table, number)
        for below in taken.foreign:
            place_of = Place(path + below, table.wco(path + below))
            findings.append(
                ForeignFinding(codes.CURRENCY, place_of, "expected the currency of the goods", number)
            )
        if taken.assumed:
            told = ", ".join(taken.assumed)
            findings.append(ForeignFinding(codes.ASSUMED, Place(path), f"no element tells: {told}", number))
        return Message(
            FORMAT, table.kind, self._version.name, (taken.consignment,), tuple(carried), tuple(findings)
        )

    def rest(self) -> Message:
        """Read what stands beside the houses."""
        root = self._root
        if root is None:
            return self.nothing(
                ForeignFinding(
                    codes.NOT_ICS2,
                    Place("/"),
                    f"expected {HOUSE} in {' or '.join(f'IE3{kind}' for kind in FILINGS)}, or one of {', '.join(KINDS)}",
                )
            )
        table = self._table
        walk = Walk(table)
        walk.group(root, f"/{table.root}", "", {HOUSE: self._houses})
        findings = [*walk.findings, *_marked(walk.leaves, table)]
        for leaf in walk.leaves:
            if leaf.plain == "SpecificCircumstanceIndicator" and leaf.text.strip()[1:] != table.kind[1:]:
                place = Place(leaf.path, table.wco(leaf.path))
                findings.append(ForeignFinding(codes.CIRCUMSTANCE, place, f"expected F{table.kind[1:]}"))
        if self._issued is not None and self._issued < self._version.since:
            words = f"version {self._version.name} is held from {self._version.since}"
            findings.append(
                ForeignFinding(codes.VERSION, Place(f"/{table.root}/documentIssueDate", "D011/D029"), words)
            )
        carried = (_root(root, table), *_carried(walk.leaves))
        return Message(FORMAT, table.kind, self._version.name, (), carried, tuple(findings))

    def nothing(self, finding: ForeignFinding) -> Message:
        """Return a message that holds nothing but why."""
        kind = "" if self._root is None else self._table.kind
        return Message(FORMAT, kind, self._version.name, (), (), (finding,))
