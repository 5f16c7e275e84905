"""Reading waybills: XML to messages, one after the other, in flat memory."""

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from typing import BinaryIO

from lxml import etree

from greenlane.messages.cutting import cut
from greenlane.messages.foreign import Carried, ForeignFinding, Message, Place
from greenlane.messages.placi import findings as codes
from greenlane.messages.placi.elements import FORMAT, KINDS, TABLES, XMLNS
from greenlane.messages.placi.shapes import came, known, known_as_it_came, remember
from greenlane.messages.placi.taken import Taken, taken_of
from greenlane.messages.tabled import Leaf, Walk
from greenlane.messages.xml import USUAL, Bounds, Record, XmlRefused, shaped

_TAGS = tuple(f"{{*}}{root}" for root in KINDS)


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
        known_before = _Known(received)
        for one in shaped(source, _TAGS, known_before, bounds):
            seen = True
            yield one if isinstance(one, Message) else known_before.read(one)
    except XmlRefused as refused:
        yield _nothing(refused.finding)
        return
    if not seen:
        yield _nothing(ForeignFinding(codes.NOT_PLACI, Place("/"), "expected Waybill or HouseWaybill"))


def _nothing(finding: ForeignFinding) -> Message:
    return Message(FORMAT, "", "", (), (), (finding,))


class _Known:
    """Waybills whose shape is known by their text as it came."""

    def __init__(self, received: date | None) -> None:
        self._received = received
        self._whole: tuple[str, str] | None = None

    def whole(self, text: str, prolog: str) -> tuple[Message] | None:
        """Read one that stands alone."""
        spaces = f"alone {prolog}"
        made = self.record(text, spaces)
        self._whole = (text, spaces) if made is None else None
        return None if made is None else (made,)

    def read(self, one: Record) -> Message:
        """Read one that a parser has read, and remember how it came."""
        if one.text is None and self._whole is not None and one.element.getparent() is None:
            one = Record(one.element, *self._whole)
        return _message(one, self._received)

    def record(self, text: str, spaces: str) -> Message | None:
        """Read one that follows another."""
        found = known_as_it_came(text, spaces)
        if found is None:
            return None
        shape, raw, texts = found
        return _told(shape.kind, shape.taken(texts, self._received), shape.carried(raw), ())


def _message(one: Record, received: date | None) -> Message:
    element = one.element
    own = cut(element)
    found = known(own)
    if found is not None:
        if one.text is not None:
            came(own, one.text, one.spaces)
        shape, texts = found
        return _told(shape.kind, shape.taken(texts, received), shape.carried(own.texts), ())
    kind = KINDS[etree.QName(element).localname]
    walk = _walked(element, kind)
    held = sorted((str(name), str(value)) for name, value in element.attrib.items())
    outer = Carried(f"/{TABLES[kind].root}", "", (*held, (XMLNS, etree.QName(element).namespace or "")))
    carried = (outer, *(Carried(leaf.path, leaf.text, leaf.attributes) for leaf in walk.leaves))
    if not walk.findings:

        def again(numbered: etree._Element) -> Sequence[Leaf]:
            return _walked(numbered, kind).leaves

        remember(element, own, kind, outer, again)
    return _told(kind, taken_of(kind, walk.leaves, received), carried, walk.findings)


def _walked(element: etree._Element, kind: str) -> Walk:
    walk = Walk(TABLES[kind], 0)
    walk.group(element, f"/{TABLES[kind].root}", "")
    return walk


def _told(kind: str, taken: Taken, carried: Sequence[Carried], findings: Sequence[ForeignFinding]) -> Message:
    found = (*findings, *taken.findings())
    return Message(FORMAT, kind, taken.version, (taken.consignment(),), carried, found, taken.data)
