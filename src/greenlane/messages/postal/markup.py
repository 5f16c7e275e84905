"""Postal messages in XML: elements to the fields of items and back, by the table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO, RawIOBase
from typing import BinaryIO, Final, cast

from lxml import etree

from greenlane.messages.cutting import cut
from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.edifact import KINDS, MOST_FINDINGS, MOST_PIECES
from greenlane.messages.postal.fields import BY_NAME, ELEMENTS, ROWS
from greenlane.messages.postal.markup_shapes import came, known, known_as_it_came, remember
from greenlane.messages.postal.records import Head, Leaf, Part, Record
from greenlane.messages.postal.shapes import SHAPED, Drawn, Shape
from greenlane.messages.xml import USUAL, Bounds, XmlRefused, records, shaped
from greenlane.messages.xml import Record as Came

NAMESPACE: Final = "urn:greenlane:postal:1"
_PARTIES: Final = {
    "ITMATT": ("POST_ORG_CD", "DESTPOST_ORG_CD"),
    "CUSITM": ("POST_ORG_CD", "CUST_ORG_CD"),
    "CUSRSP": ("CUST_ORG_CD", "POST_ORG_CD"),
}
"""Names of sender and recipient in the head of each message."""
_TAGS: Final = ("{*}Head", "{*}Item")
_SHORT: Final = 16 << 10
"""A message of fewer bytes is parsed at once."""
_GROUPS: Final = {element: group for group, element in ELEMENTS.items()}


def parts(source: BinaryIO, bounds: Bounds = USUAL) -> Iterator[Part]:
    """Read the items of a message one after the other, in flat memory.

    A source that is refused ends with a part that holds the refusal.
    """
    reader = _Reader()
    try:
        for one in _read(source, reader, bounds):
            if isinstance(one, Part):
                yield one
            elif _name(one.element) == "Head":
                reader.head(one.element)
            else:
                yield reader.item(one)
        yield reader.end()
    except XmlRefused as refused:
        yield Part(reader.kind, reader.version, reader.told, None, (refused.finding,))


def _read(source: BinaryIO, reader: "_Reader", bounds: Bounds) -> Iterator[Came | Part]:
    """Give head and items of a message; in a long one those items that are known by their text are read already."""
    first = b""
    while len(first) < _SHORT and (more := source.read(_SHORT - len(first))):
        first += more
    if len(first) < _SHORT:
        for element in records(BytesIO(first), _TAGS, bounds):
            yield Came(element, None, "")
        return
    yield from shaped(cast(BinaryIO, _Begun(first, source)), _TAGS, reader, bounds)


class _Begun(RawIOBase):
    """A source of which the first bytes were read."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes: first those that were read before."""
        if not self._first:
            return self._rest.read(size)
        size = len(self._first) if size < 0 else size
        given, self._first = self._first[:size], self._first[size:]
        return given


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


class _Reader:
    def __init__(self) -> None:
        self.kind = self.version = ""
        self.told = Head()
        self._items = 0
        self._expected = ""
        self._findings: list[ForeignFinding] = []
        self._said = 0

    def _root(self, element: etree._Element) -> None:
        if self.kind:
            return
        root = element.getroottree().getroot()
        name = _name(root)
        if name not in KINDS:
            raise XmlRefused(codes.NOT_POSTAL, None, f"expected one of {', '.join(KINDS)}")
        self.kind, self.version = name, (root.get("version") or "")[:20]

    def head(self, element: etree._Element) -> None:
        """Take what stands once a message."""
        self._root(element)
        if self._items or self.told != Head():
            self._say(codes.ORDER, f"/{self.kind}/Head", "expected it once, before the items")
        sender, recipient = _PARTIES[self.kind]
        texts: dict[str, str] = {}
        for child in element:
            name, text = _name(child), (child.text or "").strip()
            path = f"/{self.kind}/Head/{name}"
            if name not in (sender, recipient, "MESG_REF", "MESG_TYPE_CD", "PREPARED", "ITEM_COUNT"):
                self._say(codes.UNKNOWN, path, "the layout has no such element here")
            elif name in texts:
                self._say(codes.REPEATED, path, "expected it once")
            else:
                texts[name] = text
        self._expected = texts.get("ITEM_COUNT", "")
        self.told = Head(
            texts.get(sender, ""),
            texts.get(recipient, ""),
            texts.get("MESG_REF", ""),
            texts.get("MESG_TYPE_CD", ""),
            texts.get("PREPARED", ""),
        )

    def whole(self, text: str, prolog: str) -> None:
        """A message has its head before its items: none is known as a whole."""

    def record(self, text: str, spaces: str) -> Part | None:
        """Take one item by its text, null where it isn't known."""
        found = known_as_it_came(text, spaces) if self.kind in SHAPED else None
        return None if found is None else self._drawn(*found, self._next())

    def _next(self) -> str:
        self._items += 1
        return f"/{self.kind}/Item[{self._items}]" if self._items > 1 else f"/{self.kind}/Item"

    def _drawn(self, shape: Shape, texts: Sequence[str], path: str) -> Part:
        return Part(self.kind, self.version, self.told, Drawn(shape, texts, path), self._flushed())

    def item(self, one: Came) -> Part:
        """Take one item."""
        element = one.element
        self._root(element)
        path = self._next()
        shape = cut(element) if self.kind in SHAPED else None
        found = known(shape) if shape is not None else None
        if found is not None:
            if shape is not None and one.text is not None:
                came(shape, one.text, one.spaces)
            return self._drawn(*found, path)
        said = self._said
        record = self._record(element, path)
        if shape is not None and self._said == said:
            remember(element, shape, lambda again: self._record(again, path))
        return Part(self.kind, self.version, self.told, record, self._flushed())

    def _record(self, element: etree._Element, path: str) -> Record:
        record = Record(path)
        last = -1
        for child in element:
            group = _GROUPS.get(_name(child), "")
            if group == "piece":
                if len(record.pieces) == MOST_PIECES:
                    self._say(codes.BOUNDS, record.path, f"expected up to {MOST_PIECES:,} content pieces")
                    break
                piece: dict[str, Leaf] = {}
                record.pieces.append(piece)
                place = f"[{len(record.pieces)}]" if len(record.pieces) > 1 else ""
                self._fields(child, "piece", piece, f"{record.path}/Content{place}", record)
                last = len(ROWS)
            elif group in ("sender", "recipient"):
                first = self._fields(child, group, record.fields, f"{record.path}/{_name(child)}", record)
                if last == len(ROWS):
                    self._say(codes.ORDER, f"{record.path}/{_name(child)}", "expected it before the content")
                last = max(last, first)
            else:
                last = self._leaf(child, "item", record.fields, record.path, record, last)
        return record

    def _fields(
        self, element: etree._Element, group: str, into: dict[str, Leaf], path: str, record: Record
    ) -> int:
        last = -1
        for child in element:
            last = self._leaf(child, group, into, path, record, last)
        return last

    def _leaf(
        self,
        child: etree._Element,
        group: str,
        into: dict[str, Leaf],
        above: str,
        record: Record,
        last: int,
    ) -> int:
        name = _name(child)
        path = f"{above}/{name}"
        row = BY_NAME.get(name)
        if row is None or row.group != group or len(child):
            self._strange(child, path, record)
            return last
        if name in into:
            self._say(codes.REPEATED, path, "expected it once, it came before")
            record.strange.append((path, _raw(child)))
            return last
        if row.order < last:
            self._say(codes.ORDER, path, "expected it before what came before it")
        if child.text:
            into[name] = Leaf(child.text, path, child.get("unit") or "")
        if set(child.attrib) - {"unit"}:
            self._say(codes.UNKNOWN, path, "the layout has no such attribute")
        return max(last, row.order)

    def _strange(self, child: etree._Element, path: str, record: Record) -> None:
        self._say(codes.UNKNOWN, path, "the layout has no such element here")
        record.strange.append((path, _raw(child)))

    def end(self) -> Part:
        """Check what the head counted."""
        if not self.kind:
            raise XmlRefused(codes.NOT_POSTAL, None, f"expected one of {', '.join(KINDS)}, with items")
        if self._expected and self._expected.lstrip("0") != str(self._items):
            path = f"/{self.kind}/Head/ITEM_COUNT"
            self._say(codes.COUNT, path, f"expected {self._items}, as many items as came")
        if not self._items:
            self._say(codes.MISSING, f"/{self.kind}/Item", "expected at least one item")
        return Part(self.kind, self.version, self.told, None, self._flushed())

    def _say(self, code: str, path: str, message: str) -> None:
        self._said += 1
        if self._said <= MOST_FINDINGS:
            self._findings.append(ForeignFinding(code, Place(path), message))
        elif self._said == MOST_FINDINGS + 1:
            self._findings.append(ForeignFinding(codes.BOUNDS, Place(path), "more findings than are listed"))

    def _flushed(self) -> tuple[ForeignFinding, ...]:
        found, self._findings = tuple(self._findings), []
        return found


def _raw(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def written(kind: str, head: Head, items: Iterable[Record]) -> bytes:
    """Write one message."""
    root = etree.Element(f"{{{NAMESPACE}}}{kind}", nsmap={None: NAMESPACE}, version="1")
    top = _add(root, ELEMENTS["head"])
    sender, recipient = _PARTIES[kind]
    for name, text in (
        ("MESG_TYPE_CD", head.function),
        ("MESG_REF", head.reference),
        (sender, head.sender),
        (recipient, head.recipient),
        ("PREPARED", head.prepared),
    ):
        if text:
            _add(top, name).text = text
    count = _add(top, "ITEM_COUNT")
    for record in items:
        _item(root, record)
    count.text = str(len(root) - 1)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _item(root: etree._Element, record: Record) -> None:
    item = _add(root, ELEMENTS["item"])
    _group(item, "item", record.fields)
    kept = [(path, raw) for path, raw in record.strange if raw.startswith("<")]
    _strange(
        item, [raw for path, raw in kept if path.rpartition("/")[0].rpartition("/")[2].startswith("Item")]
    )
    for group in ("sender", "recipient"):
        name = ELEMENTS[group]
        raws = [raw for path, raw in kept if path.rpartition("/")[0].endswith(f"/{name}")]
        if raws or any(BY_NAME[one].group == group for one in record.fields):
            party = _add(item, name)
            _group(party, group, record.fields)
            _strange(party, raws)
    for number, piece in enumerate(record.pieces, 1):
        content = _add(item, ELEMENTS["piece"])
        _group(content, "piece", piece)
        name = "Content" if number == 1 else f"Content[{number}]"
        _strange(content, [raw for path, raw in kept if path.rpartition("/")[0].endswith(f"/{name}")])


def _group(parent: etree._Element, group: str, fields: Mapping[str, Leaf]) -> None:
    for row in ROWS:
        leaf = fields.get(row.name)
        if row.group == group and leaf is not None and row is BY_NAME[row.name]:
            made = _add(parent, row.name)
            made.text = leaf.text
            if leaf.unit:
                made.set("unit", leaf.unit)


def _strange(parent: etree._Element, raws: Iterable[str]) -> None:
    for raw in raws:
        parent.extend(_parsed(raw))


def _parsed(raw: str) -> list[etree._Element]:
    """Read again what the door let through before."""
    try:
        return next(records(BytesIO(f"<r>{raw}</r>".encode()), ("{*}r",)))[:]
    except XmlRefused:
        return []


def _add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
