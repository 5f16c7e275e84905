"""Reading ICS2 messages: entry summaries house by house in flat memory, notices whole."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import BinaryIO, Final

from lxml import etree

from greenlane.messages.carrying import Spans
from greenlane.messages.foreign import Carried, Message
from greenlane.messages.ics2.filing import (
    FORMAT,
    XMLNS,
    Filing,
    issued_of,
    root_carried,
    section_of,
    unlisted,
)
from greenlane.messages.ics2.house import House
from greenlane.messages.ics2.notices import Notice, notice_of
from greenlane.messages.ics2.shape import HOUSE, PartShape
from greenlane.messages.ics2.tables import NOTICES, version_on
from greenlane.messages.tabled import Walk
from greenlane.messages.xml import Bounds, XmlRefused, shaped

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
    parts = list(_parts(BytesIO(data), received, bounds, alone=False))
    last = parts[-1]
    return Message(
        FORMAT,
        last.kind,
        last.version,
        tuple(one for part in parts for one in part.consignments),
        Spans([part.carried for part in (last, *parts[:-1])]),
        tuple(one for part in (last, *parts[:-1]) for one in part.findings),
        last.extras,
    )


def stream(source: BinaryIO, received: date | None = None, bounds: Bounds = BOUNDS) -> Iterator[Message]:
    """Read an entry summary house by house; the last message holds no house but the rest of it.

    A source that is refused ends with a message that holds the refusal.
    """
    return _parts(source, received, bounds, alone=True)


def _parts(source: BinaryIO, received: date | None, bounds: Bounds, alone: bool) -> Iterator[Message]:
    filing = Filing(received, alone)
    try:
        for record in shaped(source, _TAGS, filing, bounds):
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


def _notice(root: etree._Element, received: date | None) -> Message:
    kind = etree.QName(root).localname.removeprefix("IE3")
    version = version_on(issued_of(root) or received)
    table = version.tables[kind]
    walk = Walk(table)
    path = f"/{table.root}"
    walk.group(root, path, "")
    section = section_of(PartShape(table, walk.leaves, path), walk.leaves)
    findings = [*walk.findings, *unlisted(section, path, None)]
    notice: Notice | None = notice_of(kind, walk.leaves)
    carried = (
        root_carried(root, table),
        *(Carried(leaf.path, leaf.text, leaf.attributes) for leaf in walk.leaves),
    )
    return Message(FORMAT, kind, version.name, (), carried, tuple(findings), notice)


__all__ = ["BOUNDS", "FORMAT", "XMLNS", "read", "stream"]
