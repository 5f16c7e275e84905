"""Reading a message: envelope, documents by the table, inventories as consignments, everything else carried."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, Final, NamedTuple

from lxml import etree

from greenlane.messages.carrying import Spans
from greenlane.messages.ceb import findings as codes
from greenlane.messages.ceb import sections
from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.elements import (
    BUSINESS,
    KINDS,
    NAMESPACE,
    TRANSFER,
    TRANSFER_REQUIRED,
    Field,
    Kind,
)
from greenlane.messages.ceb.envelope import Known, Short, short_message
from greenlane.messages.ceb.inventory import consignment_of, nested, remarks
from greenlane.messages.ceb.sections import carried_of, document_of
from greenlane.messages.ceb.shape import PartShape, Sound, learn, sound
from greenlane.messages.ceb.turning import to_contract, to_customs
from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Message, Place
from greenlane.messages.shapes import Section
from greenlane.messages.tabled import MOST_FINDINGS, split
from greenlane.messages.xml import BOUNDS, USUAL, Bounds, Record, XmlRefused, shaped

FORMAT: Final = "ceb"
XMLNS: Final = "xmlns"
"""Name under which a carried element keeps a namespace other than that of the messages."""
_TAGS: Final = tuple(f"{{*}}{name}" for name in (*BUSINESS, "BaseTransfer", "Signature"))
_NAMES: Final = frozenset((*BUSINESS, "BaseTransfer", "Signature"))
_carried: Final = partial(tuple.__new__, Carried)


def read(data: bytes, received: date | None = None, bounds: Bounds = USUAL) -> Message:
    """Read one message with all its documents. What is wrong with it is in the findings, all at once.

    Args:
        data: The XML.
        received: Declaration date of an inventory that tells none.
        bounds: How much XML is read.
    Example:
        >>> read(b"<CEB999Message/>").findings[0].code
        'messages.ceb.not_a_message'
    """
    parts = list(_parts(BytesIO(data), received, bounds, alone=False))
    last = parts[-1]
    documents = [one for part in parts for one in documents_of(part)]
    findings = [found for part in parts for found in part.findings]
    if documents and documents[0].of.declares:
        findings += _used_twice(documents)
    return Message(
        FORMAT,
        last.kind,
        last.version,
        tuple(one for part in parts for one in part.consignments),
        Spans([part.carried for part in (last, *parts[:-1])]),
        tuple(findings),
        tuple(documents),
    )


def documents_of(message: Message) -> tuple[Document, ...]:
    """Return the documents of a message that was read here."""
    return message.extras if isinstance(message.extras, tuple) else ()


def stream(source: BinaryIO, received: date | None = None, bounds: Bounds = USUAL) -> Iterator[Message]:
    """Read the documents of a source one after the other in flat memory.

    The last message has no document: it holds the envelope and what is wrong with it, or why the source is refused.
    """
    return _parts(source, received, bounds, alone=True)


def _parts(source: BinaryIO, received: date | None, bounds: Bounds, alone: bool) -> Iterator[Message]:
    """Read document by document; findings count the documents of the whole source unless each is *alone*."""
    envelope = _Envelope(received, alone)
    try:
        for found in shaped(source, _TAGS, envelope, bounds):
            message = envelope.sound(found) if isinstance(found, Sound) else envelope.take(found)
            if message is not None:
                yield message
    except XmlRefused as refused:
        envelope.findings.append(refused.finding)
        yield envelope.message()
        return
    yield envelope.close()


def _used_twice(documents: list[Document]) -> Iterator[ForeignFinding]:
    seen: set[str] = set()
    for number, document in enumerate(documents):
        guid = document.get("guid")
        if guid and guid in seen:
            place = Place(document.place("guid"))
            yield ForeignFinding(codes.REPEATED, place, "expected a number of its own", number)
        seen.add(guid)


class _Envelope:
    """What stands around the documents, and the count of what came."""

    def __init__(self, received: date | None, alone: bool) -> None:
        self._received = received
        self._alone = alone
        self._root: etree._Element | None = None
        self._kind: Kind | None = None
        self._number = 0
        self._declared: str | None = None
        self._signed = False
        self._transfers = 0
        self._carried: list[Carried] = []
        self._base: str | None = None
        self._short: Short | None = None
        self._known: Known | None = None
        self._spaces = ""
        self.findings: list[ForeignFinding] = []

    def whole(self, text: str, prolog: str) -> list[Sound] | None:
        """Return the documents of a short message if it and all of them have shapes that are known."""
        self._short = short = short_message(text, prolog)
        known = None if short is None else short.known()
        if known is None:
            return None
        self._kind, self._known = known.kind, known
        return known.documents

    def record(self, text: str, spaces: str) -> Sound | None:
        """Return a document whose sections have shapes that are known, in sound texts."""
        return None if self._kind is None else sound(self._kind, text, f"{spaces} {self._base}")

    def sound(self, found: Sound) -> Message:
        """Return the message of a document that is sound."""
        self._number += 1
        number, path = self._place, _numbered(f"{self._path}/{found.kind.business}", self._number)
        document = document_of(found, path)
        consignments: tuple[Consignment, ...] = ()
        findings: list[ForeignFinding] = []
        held: Sequence[Sequence[str | None]] = [one.shape.held for one in (found.head, *found.items)]
        if found.kind.number == "621":
            made, held, findings = sections.consignment_of(found, document, number)
            findings += self._dated(made, document)
            consignments = (made,)
        self._declares(document)
        carried = carried_of(found, document, held)
        return Message(
            FORMAT, found.kind.number, self._version, consignments, carried, tuple(findings), (document,)
        )

    @property
    def _place(self) -> int:
        """Which consignment of its message the document is, for findings."""
        return 0 if self._alone else self._number - 1

    def _declares(self, document: Document) -> None:
        if self._declared is None and document.get("appStatus") == "2":
            self._declared = document.place("appStatus")

    def _dated(self, made: dict[str, Any], document: Document) -> Iterator[ForeignFinding]:
        if "declaration_date" not in made and self._received is not None:
            made["declaration_date"] = str(self._received)
            words = "declaration_date: the day it came in"
            yield ForeignFinding(codes.ASSUMED, Place(document.place("declTime")), words, self._place)

    def take(self, record: Record) -> Message | None:
        element = record.element
        root = element.getparent()
        if self._root is None and root is not None and root.getparent() is None:
            self._open(root)
        if self._kind is None or root is not self._root:
            return None
        name = etree.QName(element).localname
        if name == "BaseTransfer":
            self._transfer(element)
        elif name == "Signature":
            self._signed = True
        elif name == self._kind.business:
            return self._document(record, self._kind)
        else:
            self._say(codes.NOT_CEB, self._path, f"line {element.sourceline}: expected {self._kind.business}")
        return None

    @property
    def _path(self) -> str:
        return "/" if self._kind is None else f"/{self._kind.root}"

    def _open(self, root: etree._Element) -> None:
        self._root = root
        name = etree.QName(root).localname
        self._kind = KINDS.get(name.removeprefix("CEB").removesuffix("Message"))
        if self._kind is None or self._kind.root != name:
            self._kind = None
            return
        self._base = etree.QName(root).namespace
        if self._base != NAMESPACE:
            self._say(codes.NAMESPACE, self._path, "expected the namespace of the messages")
        self._carried.append(Carried(self._path, "", _attributes(root, self._base)))
        if self._short is not None and len(self._short.documents) != sum(
            1 for _ in root.iterchildren(f"{{*}}{self._kind.business}")
        ):
            self._short = None
        for wanted in ("guid", "version"):
            if not root.get(wanted):
                self._say(codes.MISSING, f"{self._path}/@{wanted}", "expected a value, nothing came")

    def _document(self, record: Record, kind: Kind) -> Message:
        self._number += 1
        reader = _Reader(record.element, kind, self._number, self._place, self._base)
        document = reader.document()
        if not reader.findings and (text := self._text_of(record)) is not None:
            learn(kind, text, f"{record.spaces} {self._base}", reader.sections())
        self._declares(document)
        consignments: tuple[Consignment, ...] = ()
        if kind.number == "621":
            made = consignment_of(document)
            reader.findings += remarks(document, self._place)
            reader.findings += self._dated(made, document)
            consignments = (nested(made),)
        return Message(
            FORMAT,
            kind.number,
            self._version,
            consignments,
            tuple(reader.carried),
            tuple(reader.findings),
            (document,),
        )

    def _text_of(self, record: Record) -> str | None:
        """Return the text of a document as it came, null where it isn't known."""
        if record.text is not None or self._short is None:
            return record.text
        self._spaces = f"{record.spaces} {self._base}"
        return self._short.documents[self._number - 1] if self._number <= len(self._short.documents) else None

    @property
    def _version(self) -> str:
        if self._known is not None:
            return self._known.version
        return "" if self._root is None else self._root.get("version", "")

    def _transfer(self, element: etree._Element) -> None:
        self._transfers += 1
        path = f"{self._path}/BaseTransfer"
        if self._transfers > 1:
            self._say(codes.REPEATED, path, f"line {element.sourceline}: expected once")
            return
        came = set()
        for child in element:
            _, name = split(str(child.tag))
            if name not in TRANSFER or name in came or len(child):
                self._say(codes.UNKNOWN, path, f"line {child.sourceline}: no such element stands here")
            came.add(name)
        self._carried += _leaves(element, path, self._base)
        for name in TRANSFER_REQUIRED:
            if name not in came:
                self._say(codes.MISSING, f"{path}/{name}", "expected a value, nothing came")

    def close(self) -> Message:
        """End the message: what is missing of the envelope, and what stands beside the documents."""
        if self._known is not None:
            if self._declared is not None:
                self._say(codes.UNSIGNED, self._declared, "expected a Signature in the message")
            return self.message()
        if self._kind is None or self._root is None:
            self._say(codes.NOT_CEB, "/", "expected the root of a CEB message with documents in it")
            return self.message()
        if not self._number:
            self._say(codes.MISSING, f"{self._path}/{self._kind.business}", "expected at least one document")
        if not self._transfers and self._kind.declares:
            for name in TRANSFER_REQUIRED:
                self._say(
                    codes.MISSING, f"{self._path}/BaseTransfer/{name}", "expected a value, nothing came"
                )
        if self._declared is not None and not self._signed:
            self._say(codes.UNSIGNED, self._declared, "expected a Signature in the message")
        if self._signed:
            self._say(codes.SIGNED, f"{self._path}/Signature", "a signature came")
            self._carried.append(Carried(f"{self._path}/Signature"))
        counts: dict[str, int] = {}
        for child in self._root:
            _, name = split(str(child.tag))
            if name in _NAMES:
                continue
            counts[name] = counts.get(name, 0) + 1
            where = _numbered(f"{self._path}/{name}", counts[name])
            self._say(codes.UNKNOWN, self._path, f"line {child.sourceline}: no such element stands here")
            self._carried += _leaves(child, where, self._base)
        if self._short is not None and not self._signed and self._unfounded():
            self._short.learn(self._carried, self._spaces)
        return self.message()

    def _unfounded(self) -> bool:
        return all(found.code == codes.UNSIGNED for found in self.findings)

    def message(self) -> Message:
        """Return the message of the envelope alone."""
        kind = "" if self._kind is None else self._kind.number
        carried = tuple(self._carried) if self._known is None else self._known.carried
        return Message(FORMAT, kind, self._version, (), carried, tuple(self.findings), ())

    def _say(self, code: str, path: str, message: str) -> None:
        _add(self.findings, ForeignFinding(code, Place(path), message))


class _Part(NamedTuple):
    """A head or a line as it was read."""

    table: Mapping[str, Field]
    texts: dict[str, str]
    raws: list[str]
    carried: list[Carried]


class _Reader:
    """Reads one document by the table of its kind."""

    def __init__(
        self, element: etree._Element, kind: Kind, number: int, place: int, base: str | None
    ) -> None:
        self._element = element
        self._kind = kind
        self._place = place
        self._base = base
        self._path = _numbered(f"/{kind.root}/{kind.business}", number)
        self._single = False
        self._parts: list[_Part] = []
        self.carried: list[Carried] = []
        self.findings: list[ForeignFinding] = []

    def document(self) -> Document:
        kind, path = self._kind, self._path
        if not kind.head_name:
            head = self._part(self._element, path, kind.head)
            self._missing(head, kind.head, path, "")
            return Document(kind.number, path, head)
        self._mixed(self._element, path)
        if attributes := _attributes(self._element, self._base):
            self.carried.append(Carried(path, "", attributes))
        groups: dict[str, list[etree._Element]] = {}
        for child in self._element:
            groups.setdefault(split(str(child.tag))[1], []).append(child)
        heads = groups.pop(kind.head_name, [])
        lines = groups.pop(kind.item_name, []) if kind.item_name else []
        self._single = len(lines) == 1
        head_path = f"{path}/{kind.head_name}"
        if len(heads) > 1:
            self.say(codes.REPEATED, head_path, f"line {heads[1].sourceline}: expected once")
            for place, again in enumerate(heads[1:], 2):
                self.carried += _leaves(again, _numbered(head_path, place), self._base)
        if heads and lines and heads[0].getprevious() is not None:
            self.say(codes.ORDER, head_path, f"line {heads[0].sourceline}: expected before the lines")
        head = self._part(heads[0], head_path, kind.head) if heads else {}
        mode = head.get("tradeMode", "")
        self._missing(head, kind.head, head_path, mode)
        items = []
        for place, line in enumerate(lines, 1):
            where = _numbered(f"{path}/{kind.item_name}", place)
            items.append(self._part(line, where, kind.items))
            self._missing(items[-1], kind.items, where, mode)
        if kind.item_name and not lines:
            self.say(codes.MISSING, f"{path}/{kind.item_name}", "expected at least one line")
        for name, strangers in groups.items():
            for place, child in enumerate(strangers, 1):
                self.say(codes.UNKNOWN, path, f"line {child.sourceline}: no such element stands here")
                self.carried += _leaves(child, _numbered(f"{path}/{name}", place), self._base)
        return Document(kind.number, path, head, tuple(items))

    def _part(self, element: etree._Element, path: str, table: Mapping[str, Field]) -> dict[str, str]:
        """Read a head or a line: its texts by name; all of it is carried."""
        mixed = bool(element.text and element.text.strip())
        base = self._base
        if attributes := _attributes(element, self._base):
            self.carried.append(Carried(path, "", attributes))
        taken: dict[str, str] = {}
        raws: list[str] = []
        before = len(self.carried)
        counts: dict[str, int] = {}
        last = -1
        for child in element:
            namespace, name = split(str(child.tag))
            number = counts[name] = counts.get(name, 0) + 1
            where = f"{path}/{name}" if number == 1 else f"{path}/{name}[{number}]"
            known = table.get(name)
            mixed = mixed or bool(child.tail and child.tail.strip())
            if known is None or len(child):
                self.say(codes.UNKNOWN, path, f"line {child.sourceline}: no such element stands here")
                self.carried += _leaves(child, where, self._base)
                continue
            if number > 1:
                self.say(codes.REPEATED, where, f"line {child.sourceline}: expected once")
                self.carried += _leaves(child, where, self._base)
                continue
            if known.order < last:
                self.say(
                    codes.ORDER, where, f"line {child.sourceline}: expected before what stands before it"
                )
            else:
                last = known.order
            raw = child.text or ""
            text = raw.strip()
            taken[name] = text
            raws.append(raw)
            if text and not known.fits(text):
                self.say(
                    codes.FORM,
                    where,
                    f"line {child.sourceline}: expected {known.expected}, got {shape_of(text)}",
                )
            held = self._held(known, raw)
            attributes = _attributes(child, base) if namespace != base or child.attrib else ()
            self.carried.append(_carried((where, "" if held else raw, attributes, held)))
        if mixed:
            self._text_between(element, path)
        self._parts.append(_Part(table, taken, raws, self.carried[before:]))
        return taken

    def sections(self) -> list[Section[PartShape]]:
        """Return head and lines as sections, once they were found sound; none where more is carried than their leaves."""
        if sum(len(part.raws) for part in self._parts) != len(self.carried):
            return []
        found = []
        for number, part in enumerate(self._parts):
            above = "" if number else f"/{self._kind.head_name}"
            shape = PartShape(part.table, above, part.texts, [one.attributes for one in part.carried])
            found.append(Section(shape, tuple(part.raws), tuple(part.texts.values())))
        return found

    def _held(self, known: Field, raw: str) -> str | None:
        """Return the field that holds the text, if it gives it back to the letter."""
        if not known.field or known.how == "second" or (known.how == "mass" and not self._single):
            return None
        value = to_contract(known.how, raw.strip())
        return known.field if value is not None and to_customs(known.how, value) == raw else None

    def _missing(self, taken: Mapping[str, str], table: Mapping[str, Field], path: str, mode: str) -> None:
        for name, known in table.items():
            if taken.get(name) or not known.required:
                continue
            if known.required == "always":
                self.say(codes.MISSING, f"{path}/{name}", "expected a value, nothing came")
            elif known.required == mode:
                self.say(codes.MODE_MISSING, f"{path}/{name}", f"expected a value for {mode}, nothing came")

    def _mixed(self, element: etree._Element, path: str) -> None:
        texts = (element.text, *(child.tail for child in element))
        if any(text and text.strip() for text in texts):
            self._text_between(element, path)

    def _text_between(self, element: etree._Element, path: str) -> None:
        self.say(codes.FORM, path, f"line {element.sourceline}: expected elements, text came")

    def say(self, code: str, path: str, message: str) -> None:
        _add(self.findings, ForeignFinding(code, Place(path), message, self._place))


def _add(findings: list[ForeignFinding], one: ForeignFinding) -> None:
    """Add a finding, up to a number; a message that has more is refused."""
    if len(findings) == MOST_FINDINGS:
        one = ForeignFinding(BOUNDS, one.place, "more findings than are listed", one.consignment)
    if len(findings) <= MOST_FINDINGS:
        findings.append(one)


def _attributes(element: etree._Element, base: str | None) -> tuple[tuple[str, str], ...]:
    own, _ = split(str(element.tag))
    held = sorted((str(name), str(value)) for name, value in element.attrib.items())
    return tuple(held) if own == base else (*held, (XMLNS, own or ""))


def _leaves(element: etree._Element, path: str, base: str | None) -> Iterator[Carried]:
    """Carry *element* with all that stands in it."""
    if not len(element):
        yield Carried(path, element.text or "", _attributes(element, base))
        return
    text = element.text if element.text and element.text.strip() else ""
    if (attributes := _attributes(element, base)) or text:
        yield Carried(path, text, attributes)
    counts: dict[str, int] = {}
    for child in element:
        _, name = split(str(child.tag))
        counts[name] = counts.get(name, 0) + 1
        yield from _leaves(child, _numbered(f"{path}/{name}", counts[name]), base)


def _numbered(path: str, number: int) -> str:
    return path if number == 1 else f"{path}[{number}]"


__all__ = ["FORMAT", "XMLNS", "documents_of", "read", "stream"]
