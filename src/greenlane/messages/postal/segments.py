"""EDIFACT as such: bytes to segments and back, strict and bounded, whatever the message.

Syntax as ISO 9735 has it: UNA may name the service characters; the release character takes the meaning from the one
after it; line ends between segments are skipped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.messages.postal import findings as codes
from greenlane.values.errors import GreenlaneError

CHARSETS: Final = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
"""Encoding by the syntax identifier of UNB; others (ISO 2022, code extension) are not read."""

MOST_BYTES: Final = 2 << 30
MOST_SEGMENT: Final = 16 << 10
MOST_ELEMENTS: Final = 100
CHUNK: Final = 64 << 10
_USUAL: Final = b":+.? '"
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
BLANK: Final = b" \t\r\n"

Elements = tuple[tuple[str, ...], ...]


class Stopped(GreenlaneError):
    """The segments cannot be read on; ``finding`` says why, without a value of the message."""

    def __init__(self, code: str, number: int, message: str) -> None:
        self.finding = ForeignFinding(code, Place(f"segment {number}"), message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its number in the interchange from 1 (UNA not counted), tag and elements by component."""

    number: int
    tag: str
    elements: Elements

    def get(self, element: int, component: int = 1) -> str:
        """Return a component, both counted from 1; empty for none."""
        if element > len(self.elements) or component > len(self.elements[element - 1]):
            return ""
        return self.elements[element - 1][component - 1]


def segments(source: BinaryIO) -> Iterator[Segment]:
    """Read the segments of a source one after the other.

    Raises:
        Stopped: As soon as the source shows itself malformed or over the bounds.
    Example:
        >>> from io import BytesIO
        >>> data = b"UNB+UNOC:3+A+B+260702:1200+1'FTX+AAA+++O?'Neill?+Co'"
        >>> [one.elements[-1] for one in segments(BytesIO(data))]
        [('1',), ("O'Neill+Co",)]
    """
    tokens, held = opened(source.read(CHUNK))
    for chunk in chunks(source, held):
        yield from tokens.feed(chunk)
    tokens.end()


def opened(first: bytes) -> tuple["Tokens", bytes]:
    """Return what parts a source that begins so, and its first bytes without UNA.

    Raises:
        Stopped: UNA names signs that cannot serve.
    """
    head = first.lstrip(BLANK)
    signs = _USUAL
    if head.startswith(b"UNA"):
        signs, head = head[3:9], head[9:]
        if (
            len(set(signs) - {0x20}) < 5
            or len(signs) < 6
            or any(sign > 0x7F or sign < 0x20 for sign in signs)
        ):
            raise Stopped(codes.SYNTAX, 1, "expected six service characters after UNA")
        if any(chr(sign).isalnum() for sign in signs):
            raise Stopped(codes.SYNTAX, 1, "expected signs as service characters, a letter or digit came")
    return Tokens(signs), head


def chunks(source: BinaryIO, first: bytes) -> Iterator[bytes]:
    """Give a source chunk by chunk, *first* before the rest.

    Raises:
        Stopped: It is longer than is read.
    """
    total, chunk = 0, first
    while chunk:
        total += len(chunk)
        if total > MOST_BYTES:
            raise Stopped(codes.BOUNDS, 0, f"expected up to {MOST_BYTES:,} bytes in all")
        yield chunk
        chunk = source.read(CHUNK)


class Tokens:
    """Parts bytes into segments as they come. ``number`` counts them, ``encoding`` is what UNB named."""

    def __init__(self, signs: bytes) -> None:
        self._component, self._element, self._release = chr(signs[0]), chr(signs[1]), chr(signs[3])
        self._escape = signs[3:4]
        self._end = signs[5:6]
        self._held = b""
        self.usual = signs[:2] + signs[3:4] + signs[5:6] == b":+?'"
        self.number = 0
        self.encoding = "ascii"

    @property
    def idle(self) -> bool:
        """Whether no segment is begun."""
        return not self._held.strip(BLANK)

    def feed(self, chunk: bytes) -> Iterator[Segment]:
        """Give the segments that are complete with the next bytes.

        Raises:
            Stopped: They are malformed or over the bounds.
        """
        *whole, held = (self._held + chunk).split(self._end)
        pending = b""
        for part in whole:
            pending += part
            if self._released(pending):
                pending += self._end
                continue
            yield self._segment(pending)
            pending = b""
        self._held = pending + held
        if len(self._held) > MOST_SEGMENT:
            raise Stopped(codes.BOUNDS, self.number + 1, f"expected up to {MOST_SEGMENT:,} bytes")

    def end(self) -> None:
        """Take the end of the source.

        Raises:
            Stopped: A segment is begun.
        """
        if not self.idle:
            raise Stopped(codes.SYNTAX, self.number + 1, "the data ends in the middle of a segment")

    def _released(self, part: bytes) -> bool:
        """Say whether the terminator after *part* is released."""
        return self._escape != b" " and (len(part) - len(part.rstrip(self._escape))) % 2 == 1

    def _segment(self, raw: bytes) -> Segment:
        self.number += 1
        if len(raw) > MOST_SEGMENT:
            raise Stopped(codes.BOUNDS, self.number, f"expected up to {MOST_SEGMENT:,} bytes")
        raw = raw.lstrip(BLANK)
        if raw.startswith(b"UNB"):
            self.encoding = self._charset(raw)
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            raise Stopped(codes.CHARSET, self.number, "the bytes are not in the set that UNB names") from None
        if _CONTROL.search(text):
            raise Stopped(codes.CHARSET, self.number, "expected text, a control character came")
        elements = self._parted(text)
        tag, *codes_after = elements[0]
        if not (len(tag) == 3 and tag.isascii() and tag.isupper() and tag.isalnum()) or codes_after:
            raise Stopped(codes.SYNTAX, self.number, "expected a tag of three capital letters")
        return Segment(self.number, tag, elements[1:])

    def _charset(self, raw: bytes) -> str:
        name = raw[4:8].decode("ascii", "replace")
        found = CHARSETS.get(name)
        if found is None:
            raise Stopped(codes.CHARSET, self.number, "expected UNOA to UNOK, UNOW or UNOY as character set")
        return found

    def _parted(self, text: str) -> Elements:
        if self._release == " " or self._release not in text:
            parts = text.split(self._element)
            self._bound(len(parts), text.count(self._component))
            return tuple(tuple(part.split(self._component)) for part in parts)
        elements: list[tuple[str, ...]] = []
        components: list[str] = []
        word: list[str] = []
        signs = iter(text)
        for sign in signs:
            if sign == self._release:
                released = next(signs, None)
                if released is None:
                    raise Stopped(codes.SYNTAX, self.number, "nothing follows a release character")
                word.append(released)
            elif sign == self._component:
                components.append("".join(word))
                word = []
            elif sign == self._element:
                elements.append((*components, "".join(word)))
                components, word = [], []
            else:
                word.append(sign)
        elements.append((*components, "".join(word)))
        self._bound(len(elements), sum(map(len, elements)) - len(elements))
        return tuple(elements)

    def _bound(self, elements: int, colons: int) -> None:
        if elements > MOST_ELEMENTS or colons > MOST_ELEMENTS:
            raise Stopped(codes.BOUNDS, self.number, f"expected up to {MOST_ELEMENTS} elements")


def charset_for(texts: Sequence[str]) -> str:
    """Return the syntax identifier under which *texts* can be written: UNOC if it can be, else UNOW.

    Example:
        >>> charset_for(["Zoë"]), charset_for(["李"])
        ('UNOC', 'UNOW')
    """
    return "UNOC" if all(max(map(ord, text), default=0) < 0x100 for text in texts) else "UNOW"


def segment(tag: str, *elements: Sequence[str] | str) -> str:
    """Write one segment; what is empty at the end is left out.

    Example:
        >>> segment("NAD", "CN", "", ("O'Neill", ""), "")
        "NAD+CN++O?'Neill'"
    """
    written = []
    for element in elements:
        components = [element] if isinstance(element, str) else list(element)
        while components and not components[-1]:
            components.pop()
        written.append(":".join(map(_escaped, components)))
    while written and not written[-1]:
        written.pop()
    return "+".join([tag, *written]) + "'"


def _escaped(text: str) -> str:
    for sign in "?:+'":
        text = text.replace(sign, f"?{sign}")
    return text
