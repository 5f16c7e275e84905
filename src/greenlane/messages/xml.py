"""The one door for XML: what comes through is plain, bounded and free of anything that reaches outside.

Refused before a tree exists: a DOCTYPE (and with it every entity and every external thing), encodings that
are not on the list or not what the bytes are. Refused on the way: XInclude, depth, length and breadth over
the bounds. Comments, processing instructions and blanks between elements are dropped. Memory stays flat however long
the source is: a record is handed out, then emptied.
"""

import codecs
import gc
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from threading import Event, local
from typing import Any, BinaryIO, Final, NamedTuple, Protocol, TypeVar

from lxml import etree

from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Severity, declare

_E = Severity.ERROR
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

DOCTYPE = declare("messages.xml.doctype", _E, "The XML has a DOCTYPE.", "Send it without a DOCTYPE.")
ENCODING = declare(
    "messages.xml.encoding",
    _E,
    "The XML is not in the encoding that it declares, or in one that is not read.",
    "Send it as UTF-8 and declare UTF-8.",
)
INCLUDE = declare(
    "messages.xml.include", _E, "The XML includes another document.", "Send one complete document."
)
MALFORMED = declare(
    "messages.xml.malformed", _E, "The text is not well-formed XML.", "Write it again and send it complete."
)
BOUNDS = declare(
    "messages.xml.bounds", _E, "The XML is deeper, longer or wider than is read.", "Part it into messages."
)
SCHEMA = declare(
    "messages.xml.schema",
    _E,
    "An element is not as the published schema wants it.",
    "Write it as the schema says, in the schema's order.",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much XML is read.

    ``message`` and ``record`` are bytes of the whole source and of what is held at once, ``marks`` the signs
    ``<`` and ``=`` in it (a tree costs memory by element and attribute, thirty times their bytes), ``text``
    the characters of one text or attribute, ``depth`` of elements, ``loose`` elements between records.
    """

    message: int = 2 << 30
    record: int = 16 << 20
    marks: int = 500_000
    text: int = 256 << 10
    depth: int = 100
    loose: int = 100


USUAL = Bounds()
_CHUNK = 64 << 10
_USUAL_DEPTH = 12
_PROLOG = re.compile(
    rb"(?:\s+|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!-))*-->)*+(?P<next><!DOCTYPE|<[^!?]|[^<\s]|\Z)?",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_ENCODINGS = {"utf-8", "ascii", "utf-16", "iso8859-1", "iso8859-15", "cp1252", "gbk", "gb18030"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONGEST_TEXT = 48 << 10
_LONGEST_PROLOG = 200
_MOST_LINES = 1_000_000
_BLANKS = re.compile(rb"[ \t\n]*+")
_NEVER = bytes(one for one in range(32) if one not in b"\t\n")
"""Signs that XML refuses, and the one that it alters."""
_XINCLUDE = "{http://www.w3.org/2001/XInclude}*"


_SAFE: Final[dict[str, Any]] = {
    "encoding": "utf-8",
    "no_network": True,
    "resolve_entities": False,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_blank_text": True,
    "remove_comments": True,
    "remove_pis": True,
}


class XmlRefused(GreenlaneError):
    """The door stays shut; ``finding`` says why, without a value of the message."""

    def __init__(self, code: str, line: int | None, message: str) -> None:
        self.finding = ForeignFinding(code, Place("/"), f"line {line}: {message}" if line else message)
        super().__init__(self.finding.message)


def document(data: bytes, bounds: Bounds = USUAL) -> etree._Element:
    """Read one document that fits in memory and return its root.

    Raises:
        XmlRefused: It is hostile, malformed or over the bounds.
    Example:
        >>> document(b"<a><b/></a>")[0].tag
        'b'
        >>> document(b"<!DOCTYPE a><a/>")
        Traceback (most recent call last):
        ...
        greenlane.messages.xml.XmlRefused: line 1: expected the first element, a DOCTYPE came
    """
    door = _Door(BytesIO(data), (), bounds)
    for _ in door.records():
        raise AssertionError("no record was asked for")
    return door.root


def records(source: BinaryIO, tags: Iterable[str], bounds: Bounds = USUAL) -> Iterator[etree._Element]:
    """Hand out the outermost elements of *tags* one after the other, each complete; then it is emptied.

    Args:
        source: Read to its end, 64 KiB at a time.
        tags: Names as lxml writes them; ``{*}name`` is any namespace.
    Raises:
        XmlRefused: As soon as the source shows itself hostile, malformed or over the bounds.
    Example:
        >>> [e.get("n") for e in records(BytesIO(b'<all><a n="1"/><a n="2"><a/></a></all>'), ["{*}a"])]
        ['1', '2']
    """
    return _Door(source, tuple(tags), bounds).records()


class Record(NamedTuple):
    """A record as its element; with its text as it came, where what it held was looked for by that.

    ``spaces`` tells what the text needs from around it: namespaces, depth and the bounds that it was read in.
    """

    element: etree._Element
    text: str | None
    spaces: str


class Known(Protocol[T_co]):
    """What a family knows of texts that it has read before with other characters between the same tags.

    What it makes of a text is not parsed. So it may only make something of a text whose tags a parser has taken before
    in the same surroundings, and whose characters between them it has checked. Texts that come here have no sign that XML
    refuses, no comment, instruction or CDATA; entities may stand in them.
    """

    def whole(self, text: str, prolog: str) -> Iterable[T_co] | None:
        """Make something of the only element of a short document, null for nothing; *prolog* is before it."""
        ...

    def record(self, text: str, spaces: str) -> T_co | None:
        """Make something of one record that follows another one, null for nothing."""
        ...


def shaped(
    source: BinaryIO, tags: Iterable[str], known: Known[T], bounds: Bounds = USUAL
) -> Iterator[Record | T]:
    """Hand out records as `records` does, but what *known* makes of the text of a record instead, if it makes anything.

    It is not asked for the first record of a long source, for a long record, or where anything but blanks stands
    between two of them.

    Args:
        source: As for `records`.
        tags: As for `records`.
        known: What is known of such texts.
        bounds: As for `records`.
    Raises:
        XmlRefused: As `records`.
    """
    door = _Door(source, tuple(tags), bounds)
    return door.shaped(known)


_OWN = local()
_MOST_OWN = 16 << 20
_LITTER = Event()
"""Set when a tree was left half-read: it and its parser hold each other, and nothing else tells that it is large."""


def _spent(count: int) -> bool:
    """Say whether this thread's parser has read so much that it may be full of names, *count* bytes more included.

    The library keeps every name that it meets for the life of the thread, up to a bound; after that it reads nothing
    that has a name new to it. So what comes later is parsed in a thread of its own, whose names go with it.
    """
    _OWN.count = getattr(_OWN, "count", 0) + count
    return bool(_OWN.count > _MOST_OWN)


def _parser() -> "etree.XMLParser[etree._Element]":
    """Return this thread's parser: making one costs as much as a small message."""
    found: etree.XMLParser[etree._Element] | None = getattr(_OWN, "parser", None)
    if found is None:
        found = _OWN.parser = etree.XMLParser(**_SAFE)
    return found


def _alone(data: bytes) -> etree._Element:
    def parsed() -> etree._Element:
        root: etree._Element = etree.fromstring(data, etree.XMLParser(**_SAFE))
        return root

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(parsed).result()


@lru_cache(maxsize=8)
def _depth(levels: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/'.join('*' * levels)})")


@lru_cache(maxsize=8)
def _length(most: int) -> etree.XPath:
    return etree.XPath(
        f"boolean(descendant-or-self::*/text()[string-length() > {most}]"
        f" | descendant-or-self::*/@*[string-length() > {most}])"
    )


class _Door:
    def __init__(self, source: BinaryIO, tags: tuple[str, ...], bounds: Bounds) -> None:
        self._source = source
        self._tags = tags
        self._bounds = bounds
        self._deep = _depth(min(bounds.depth, _USUAL_DEPTH))
        self._too_deep = _depth(bounds.depth)
        self._too_long = _length(bounds.text)
        self._read = 0
        self._loose = 0
        self._held = 0
        self._marks = 0
        self._lines = 0
        self._open: etree._Element | None = None
        self._parser: _Pulled
        self.root: etree._Element

    def records(self) -> Iterator[etree._Element]:
        first, decoder = self._opened()
        if len(first) < _CHUNK:
            return self._at_once(b"".join(self._chunks(first, decoder)))
        return self._one_by_one(first, decoder)

    def shaped(self, known: Known[T]) -> Iterator[Record | T]:
        first, decoder = self._opened()
        if len(first) < _CHUNK:
            return self._short(b"".join(self._chunks(first, decoder)), known)
        return self._by_text(first, decoder, known)

    def _short(self, data: bytes, known: Known[T]) -> Iterator[Record | T]:
        prolog = _PROLOG.match(data)
        start = len(data) if prolog is None or prolog["next"] is None else prolog.start("next")
        text = self._plain(data[start:]) if start < _LONGEST_PROLOG else None
        if text is not None:
            made = known.whole(text, f"{self._bounds.depth} {data[:start]!r}")
            if made is not None:
                yield from made
                return
        for element in self._at_once(data):
            yield Record(element, None, self._spaces(element))

    def _opened(self) -> tuple[bytes, codecs.IncrementalDecoder | None]:
        if _LITTER.is_set():
            _LITTER.clear()
            gc.collect()
        first = self._more()
        decoder = _decoder(first)
        _no_doctype(first if decoder is None else _decoded(decoder, first))
        if decoder is not None:
            decoder.reset()
        return first, decoder

    def _more(self) -> bytes:
        """Read the next 64 KiB; less only at the end, however little the source gives at a time."""
        got = self._source.read(_CHUNK)
        while 0 < len(got) < _CHUNK and (more := self._source.read(_CHUNK - len(got))):
            got += more
        return got

    def _at_once(self, data: bytes) -> Iterator[etree._Element]:
        """Parse a source of a single chunk as a whole, which costs half."""
        try:
            self.root = _alone(data) if _spent(len(data)) else etree.fromstring(data, _parser())
        except etree.XMLSyntaxError as error:
            raise _malformed(error) from None
        for include in self.root.iter(_XINCLUDE):
            raise XmlRefused(INCLUDE, include.sourceline, "expected data, an XInclude came")
        self._close()
        for record in self.root.iter(*self._tags) if self._tags else ():
            if record is self.root:
                yield record
                return
            if next(record.iterancestors(*self._tags), None) is None:
                yield record

    def _close(self) -> None:
        if self.root.getroottree().docinfo.doctype:
            raise XmlRefused(DOCTYPE, None, "expected none, a DOCTYPE came")
        self._check(self.root)

    def _one_by_one(
        self, first: bytes, decoder: codecs.IncrementalDecoder | None
    ) -> Iterator[etree._Element]:
        with self._pulling():
            for chunk in self._chunks(first, decoder):
                self._feed(chunk)
                yield from self._complete(len(chunk))
            self._end()

    @contextmanager
    def _pulling(self) -> Iterator[None]:
        whole = False
        with ThreadPoolExecutor(1) as thread:
            self._parser = _Pulled(thread, (*self._tags, _XINCLUDE))
            try:
                yield
                whole = True
            finally:
                self._parser.forget()
                if not whole:
                    _LITTER.set()

    def _complete(self, chunk: int) -> Iterator[etree._Element]:
        """Give each record that is complete by now."""
        for event, element in self._parser.read_events():
            if event == "end":
                if self._open is not None and element is self._open:
                    self._check(element)
                    yield element
                    element.clear(keep_tail=True)
                    self._open = None
                    self._held = self._marks = 0
            elif str(element.tag).startswith(_XINCLUDE[:-1]):
                raise XmlRefused(INCLUDE, element.sourceline, "expected data, an XInclude came")
            elif self._open is None:
                self._open = element
                self._begin(element, chunk)

    def _by_text(
        self,
        first: bytes,
        decoder: codecs.IncrementalDecoder | None,
        known: Known[T],
    ) -> Iterator[Record | T]:
        """Look at each record that follows another one as text; what isn't known goes to the parser."""
        with self._pulling():
            yield from self._looked_at(first, decoder, known)

    def _looked_at(
        self, first: bytes, decoder: codecs.IncrementalDecoder | None, known: Known[T]
    ) -> Iterator[Record | T]:
        names = "|".join(re.escape(tag.rpartition("}")[2]) for tag in self._tags)
        ends = re.compile(rf"</(?:[^\s<>/:]+:)?(?:{names})>".encode())
        between = False
        begin = end = held = b""
        spaces = ""
        for chunk in self._chunks(first, decoder):
            held += chunk
            place = 0
            while place < len(held):
                if not between:
                    found = ends.search(held, place)
                    stop = len(held) if found is None else found.end()
                    self._feed(held[place:stop])
                    place = stop
                    for element in self._complete(len(chunk)):
                        spaces = self._spaces(element)
                        yield Record(element, None, spaces)
                        between = True
                    if found is not None:
                        end = found[0]
                        begin = b"<" + end[2:-1]
                    between = between and found is not None and self._open is None
                    continue
                start = _BLANKS.match(held, place).end()  # type: ignore[union-attr]
                if len(held) - start <= len(begin):
                    if len(held) - place > _LONGEST_TEXT:
                        between = False
                        continue
                    break
                if not (held.startswith(begin, start) and held[start + len(begin)] in b" >\t\n"):
                    between = False
                    continue
                stop = held.find(end, start)
                if stop < 0 or stop - start > _LONGEST_TEXT:
                    if stop >= 0 or len(held) - start > _LONGEST_TEXT:
                        between = False
                        continue
                    break
                stop += len(end)
                text = self._plain(held[start:stop])
                made = None if text is None else known.record(text, spaces)
                if made is not None:
                    self._lines += held.count(b"\n", place, stop)
                    place = stop
                    self._held = self._marks = 0
                    yield made
                    continue
                self._feed(held[place:stop])
                place = stop
                between = False
                for element in self._complete(len(chunk)):
                    yield Record(element, text, spaces)
                    between = True
            held = held[place:]
        self._feed(held)
        for element in self._complete(len(held)):
            yield Record(element, None, spaces)
        self._end()

    def _spaces(self, record: etree._Element) -> str:
        parent = record.getparent()
        depth = sum(1 for _ in record.iterancestors())
        return (
            f"{depth} {self._bounds.depth} {sorted(() if parent is None else parent.nsmap.items(), key=repr)}"
        )

    def _plain(self, raw: bytes) -> str | None:
        """Return a record as text, null where its characters alone could make the parser refuse or alter it."""
        if len(raw) > self._bounds.text or len(raw.translate(None, _NEVER)) != len(raw):
            return None
        if b"<!" in raw or b"<?" in raw or b"\xef\xbf\xbe" in raw or b"\xef\xbf\xbf" in raw:
            return None
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return None

    def _end(self) -> None:
        try:
            self.root = self._parser.close()
        except etree.XMLSyntaxError as error:
            raise _malformed(error) from None
        self._close()

    def _chunks(self, first: bytes, decoder: codecs.IncrementalDecoder | None) -> Iterator[bytes]:
        chunk = first
        while chunk:
            self._read += len(chunk)
            self._held += len(chunk)
            self._marks += chunk.count(b"<") + chunk.count(b"=")
            if self._read > self._bounds.message:
                raise XmlRefused(BOUNDS, None, f"expected up to {self._bounds.message:,} bytes, more came")
            if self._held + self._loose > self._bounds.record:
                raise XmlRefused(
                    BOUNDS, None, f"expected up to {self._bounds.record:,} bytes in one record, more came"
                )
            if self._marks > self._bounds.marks:
                raise XmlRefused(
                    BOUNDS,
                    None,
                    f"expected up to {self._bounds.marks // 2:,} elements in one record, more came",
                )
            yield chunk if decoder is None else _decoded(decoder, chunk)
            chunk = self._more()
        if decoder is not None:
            _decoded(decoder, b"", final=True)

    def _feed(self, data: bytes) -> None:
        if self._lines and data:
            # What was not parsed counts in the numbers of lines; blanks before a tag are dropped.
            data = b"\n" * min(self._lines, _MOST_LINES) + data
            self._lines = 0
        try:
            self._parser.feed(data)
        except etree.XMLSyntaxError as error:
            raise _malformed(error) from None
        for fault in self._parser.faults():
            # A prefix that nothing declares stops the parser at the end alone, after the records that have it.
            if fault.type == etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE:
                raise XmlRefused(MALFORMED, fault.line, "expected well-formed XML, a fault came")

    def _begin(self, record: etree._Element, chunk: int) -> None:
        """Let go of the record before this one, whose tail is complete now, and count what stays."""
        self._loose += max(self._held - chunk, 0)
        parent = record.getparent()
        if parent is None:
            return
        before = record.getprevious()
        if before is not None and before.tag == record.tag:
            parent.remove(before)
        if parent.index(record) > self._bounds.loose:
            raise XmlRefused(
                BOUNDS,
                record.sourceline,
                f"expected records, more than {self._bounds.loose} other elements came",
            )

    def _check(self, element: etree._Element) -> None:
        if self._deep(element) and self._too_deep(element):
            raise XmlRefused(BOUNDS, None, f"expected up to {self._bounds.depth} levels, more came")
        if self._held + self._loose > self._bounds.text and self._too_long(element):
            raise XmlRefused(
                BOUNDS, None, f"expected texts up to {self._bounds.text:,} characters, a longer one came"
            )


class _Pulled:
    """A parser that is fed in a thread of its own: it may not change threads, and its names go with the thread."""

    def __init__(self, thread: Executor, tags: tuple[str, ...]) -> None:
        self._thread = thread
        self._events: list[Any] = []

        def made() -> "etree.XMLPullParser[etree._Element]":
            return etree.XMLPullParser(("start", "end"), tag=tags, **_SAFE)

        self._parser = thread.submit(made).result()

    def feed(self, data: bytes) -> None:
        """Take some bytes."""

        def fed() -> None:
            self._parser.feed(data)
            self._events += self._parser.read_events()

        self._thread.submit(fed).result()

    def read_events(self) -> list[tuple[str, etree._Element]]:
        """Give what began and ended since it was asked last."""
        found, self._events = self._events, []
        return found

    def faults(self) -> Iterable[etree._LogEntry]:
        """Give what the parser found and went on from."""
        return self._parser.feed_error_log

    def close(self) -> etree._Element:
        """End the document and return its root."""
        return self._thread.submit(self._parser.close).result()

    def forget(self) -> None:
        """Let go of the document: the parser and what it read hold each other, so it reads something small instead."""
        self._events = []

        def another() -> None:
            with suppress(etree.XMLSyntaxError):
                self._parser.close()
            self._parser.feed(b"<a/>")
            self._parser.close()

        with suppress(RuntimeError):  # the interpreter ends
            self._thread.submit(another).result()


def _decoder(first: bytes) -> codecs.IncrementalDecoder | None:
    """Return how to decode, None for UTF-8; refuse what is not on the list or contradicts its first bytes."""
    encoding = _encoding(first[:512].partition(b">")[0])
    return None if encoding is None else codecs.getincrementaldecoder(encoding)("strict")


@lru_cache(maxsize=64)
def _encoding(head: bytes) -> str | None:
    """Return the encoding that the first bytes tell, None for UTF-8."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked == "utf-16":
        head = head.decode("utf-16", "replace").encode()
    found = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    declared = marked or "utf-8"
    if found is not None:
        try:
            declared = codecs.lookup(found[1].decode("ascii")).name
        except LookupError:
            declared = "another"
        declared = "utf-16" if declared in ("utf-16-le", "utf-16-be") else declared
        declared = "gbk" if declared == "gb2312" else declared
    if declared not in _ENCODINGS:
        raise XmlRefused(ENCODING, 1, "expected UTF-8, another encoding is declared")
    if (declared == "utf-16") != (marked == "utf-16") or (marked == "utf-8" and declared != "utf-8"):
        raise XmlRefused(ENCODING, 1, "the byte order mark and the declared encoding differ")
    return None if declared == "utf-8" else declared


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bytes:
    try:
        return decoder.decode(chunk, final).encode()
    except UnicodeError:
        raise XmlRefused(ENCODING, None, "the bytes are not in the declared encoding") from None


def _no_doctype(head: bytes) -> None:
    """A DOCTYPE stands before the first element or nowhere, so the prolog alone is looked at."""
    found = _PROLOG.match(head.removeprefix(codecs.BOM_UTF8))
    following = b"" if found is None or found["next"] is None else found["next"]
    if following.upper() == b"<!DOCTYPE":
        line = head[: 0 if found is None else found.start("next")].count(b"\n") + 1
        raise XmlRefused(DOCTYPE, line, "expected the first element, a DOCTYPE came")
    if not following.startswith(b"<"):
        raise XmlRefused(MALFORMED, None, "expected the first element within 64 KiB, something else came")


def _malformed(error: etree.XMLSyntaxError) -> XmlRefused:
    """Say what kind of fault the parser met; its own words may repeat the message."""
    code = etree.ErrorTypes.__dict__.get("ERR_INVALID_CHAR")
    if error.code in (code, etree.ErrorTypes.ERR_INVALID_ENCODING):
        return XmlRefused(ENCODING, error.lineno, "expected characters of UTF-8 that XML admits, others came")
    if error.code in (etree.ErrorTypes.ERR_NO_MEMORY, etree.ErrorTypes.ERR_RESOURCE_LIMIT) or "epth" in (
        error.msg or ""
    ):
        return XmlRefused(
            BOUNDS, error.lineno, "a text, a name, the names together or the depth are over the bounds"
        )
    if error.code in (etree.ErrorTypes.ERR_TAG_NOT_FINISHED, etree.ErrorTypes.ERR_DOCUMENT_END):
        return XmlRefused(MALFORMED, error.lineno, "the document ends before its elements do")
    return XmlRefused(MALFORMED, error.lineno, "expected well-formed XML, a fault came")


_SCHEMES = "schemas:///"


class _Given(etree.Resolver):
    """Schemas come from what the caller gave, and from nowhere else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files

    def resolve(self, system_url: str | None, public_id: str | None, context: object) -> Any:
        """Return the file of *system_url*, or refuse it."""
        name = posixpath.normpath((system_url or "").removeprefix(_SCHEMES))
        if name not in self._files:
            raise GreenlaneError(f"schema {name!r} is imported and is not among the given files")
        return self.resolve_string(self._files[name], context, base_url=_SCHEMES + name)


def schema(files: Mapping[str, bytes], name: str) -> etree.XMLSchema:
    """Compile a schema from files that the caller read, by their paths; it reaches for no other.

    Args:
        files: Content by path, parted by slashes; imports are looked up relative to their importer.
        name: Path of the schema to begin with.
    Raises:
        KeyError: *name* is not there.
        GreenlaneError: The files are no schema, or one imports what is not given.
    """
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    parser.resolvers.add(_Given(files))
    try:
        root = etree.fromstring(files[name], parser, base_url=_SCHEMES + name)
        return etree.XMLSchema(etree.ElementTree(root))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        raise GreenlaneError(f"schema {name!r} cannot be read: {error}") from None


def path_of(element: etree._Element) -> str:
    """Return the path of *element* by local names, repeats counted from 1.

    Example:
        >>> path_of(document(b'<a xmlns="urn:x"><b/><b><c/></b></a>')[1][0])
        '/a/b[2]/c'
    """
    steps: list[str] = []
    here: etree._Element | None = element
    while here is not None:
        name = etree.QName(here).localname
        before = len(list(here.itersiblings(str(here.tag), preceding=True)))
        steps.append(f"{name}[{before + 1}]" if before else name)
        here = here.getparent()
    return "/" + "/".join(reversed(steps))


_FAULTS = (
    ("ELEMENT_CONTENT", "another element was expected here, or one is missing"),
    ("COMPLEX_TYPE_2_4", "another element was expected here, or one is missing"),
    ("CVC_MAXLENGTH", "the value is longer than allowed"),
    ("CVC_MINLENGTH", "the value is shorter than allowed"),
    ("CVC_LENGTH", "the value has another length than prescribed"),
    ("CVC_PATTERN", "the value has another shape than prescribed"),
    ("CVC_ENUMERATION", "the value is not on the schema's list"),
    ("CVC_TOTALDIGITS", "the number has too many digits"),
    ("CVC_FRACTIONDIGITS", "the number has too many decimals"),
    ("CVC_DATATYPE", "the value has another type than prescribed"),
    ("COMPLEX_TYPE_3", "an attribute is missing or not allowed"),
    ("CVC_ELT_1", "the element is none of the schema's"),
)


def faults(schema: etree.XMLSchema, element: etree._Element) -> tuple[ForeignFinding, ...]:
    """Validate *element* and return one finding for each fault, with line and path, without any value."""
    tree = etree.ElementTree(element)
    if schema.validate(tree):
        return ()
    found: list[ForeignFinding] = []
    prefixes = {prefix: uri for one in element.iter() for prefix, uri in one.nsmap.items() if prefix}
    for entry in schema.error_log:
        try:
            met = tree.xpath(entry.path or "/..", namespaces=prefixes)
        except etree.XPathEvalError:
            met = []
        first = met[0] if isinstance(met, list) and met else None
        path = path_of(first) if isinstance(first, etree._Element) else "/"
        words = next((said for name, said in _FAULTS if name in entry.type_name), "it is not as prescribed")
        found.append(ForeignFinding(SCHEMA, Place(path), f"line {entry.line}: {words}"))
    return tuple(dict.fromkeys(found))
