"""Reading ICS2 messages: entry summaries house by house in flat memory, notices whole."""

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import BinaryIO, Final

from lxml import etree

from greenlane.messages.foreign import Carried, ForeignFinding, Message, Place
from greenlane.messages.ics2 import findings as codes
from greenlane.messages.ics2.house import DOCUMENT, HOUSE, Taking
from greenlane.messages.ics2.notices import Notice, notice_of
from greenlane.messages.ics2.tables import FILINGS, KINDS, NOTICES, Version, version_on, words
from greenlane.messages.tabled import Leaf, Table, Walk, numbered
from greenlane.messages.xml import Bounds, XmlRefused, records
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
        for element in records(source, _TAGS, bounds):
            name = etree.QName(element).localname
            if name != HOUSE:
                if element.getparent() is not None:
                    break
                yield _notice(element, received)
                return
            message = filing.house(element)
            if message is None:
                break
            yield message
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


def _carried(leaves: list[Leaf], held: list[str | None] | None = None) -> Iterator[Carried]:
    for place, leaf in enumerate(leaves):
        field = held[place] if held else None
        yield Carried(leaf.path, "" if field else leaf.text, leaf.attributes, field)


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
    findings = [*walk.findings, *_marked(walk.leaves, table, None)]
    notice: Notice | None = notice_of(kind, walk.leaves)
    carried = (_root(root, table), *_carried(walk.leaves))
    return Message(FORMAT, kind, version.name, (), carried, tuple(findings), notice)


def _marked(leaves: list[Leaf], table: Table, number: int | None) -> Iterator[ForeignFinding]:
    """Check codes against the lists that are held, and identifications by their shape."""
    for leaf in leaves:
        text = leaf.text.strip()
        element = table.elements.get(leaf.plain)
        if element is None or element.fits is None or not text or not element.fits(text):
            continue
        name = element.row["list"]
        if name and words(name) and text not in words(name):
            place = Place(leaf.path, element.wco)
            yield ForeignFinding(codes.CODE, place, f"expected a code of {name}", number)
        if element.row["rule"] == "R3005" and check_eori(text) is not Verdict.OK:
            place = Place(leaf.path, element.wco)
            yield ForeignFinding(codes.IDENTIFIER, place, "expected an EORI", number)
        if leaf.plain == DOCUMENT and table.kind.endswith("43") and check_s10(text) is not Verdict.OK:
            place = Place(leaf.path, element.wco)
            yield ForeignFinding(codes.IDENTIFIER, place, "expected the number of an item by UPU S10", number)


class _Filing:
    """Holds what the houses of one entry summary share."""

    def __init__(self, received: date | None) -> None:
        self._received = received
        self._root: etree._Element | None = None
        self._table: Table | None = None
        self._version: Version = version_on(received)
        self._issued: date | None = None
        self._country: str | None = None
        self._houses = 0

    def house(self, element: etree._Element) -> Message | None:
        """Read one house; null where it stands in no entry summary."""
        root = element.getparent()
        if root is None or root.getparent() is not None:
            return None
        if self._table is None:
            kind = etree.QName(root).localname.removeprefix("IE3")
            if kind not in FILINGS or etree.QName(root).localname != f"IE3{kind}":
                return None
            self._root = root
            self._issued = _issued(root)
            self._version = version_on(self._issued or self._received)
            self._table = self._version.tables[kind]
            self._country = next(
                (one.text for one in root.iterfind("{*}addressedMemberState/{*}country")), None
            )
        table = self._table
        self._houses += 1
        number = self._houses - 1
        path = numbered(f"/{table.root}/{HOUSE}", self._houses)
        walk = Walk(table, number)
        walk.group(element, path, HOUSE)
        taken = Taking(table, walk.leaves, self._issued or self._received, self._country).take()
        findings = [*walk.findings, *_marked(walk.leaves, table, number)]
        findings += [
            ForeignFinding(
                codes.CURRENCY, Place(where, table.wco(where)), "expected the currency of the goods", number
            )
            for where in taken.foreign
        ]
        if taken.assumed:
            told = ", ".join(taken.assumed)
            findings.append(ForeignFinding(codes.ASSUMED, Place(path), f"no element tells: {told}", number))
        carried = tuple(_carried(walk.leaves, taken.held))
        return Message(FORMAT, table.kind, self._version.name, (taken.consignment,), carried, tuple(findings))

    def rest(self) -> Message:
        """Read what stands beside the houses."""
        table, root = self._table, self._root
        if table is None or root is None:
            return self.nothing(
                ForeignFinding(
                    codes.NOT_ICS2,
                    Place("/"),
                    f"expected {HOUSE} in {' or '.join(f'IE3{kind}' for kind in FILINGS)}, or one of {', '.join(KINDS)}",
                )
            )
        walk = Walk(table)
        walk.group(root, f"/{table.root}", "", {HOUSE: self._houses})
        findings = [*walk.findings, *_marked(walk.leaves, table, None)]
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
        kind = "" if self._table is None else self._table.kind
        return Message(FORMAT, kind, self._version.name, (), (), (finding,))
