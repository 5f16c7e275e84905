"""One message made of many parts: each part is written for some of the consignments, and the records are put together.

So a message of a hundred thousand consignments is written in the memory of some hundred. What comes out is byte for
byte what the format writes for all of them at once. Only parts without carried elements can be joined, but for formats
whose records each stand alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, Final, Protocol

from greenlane.messages.foreign import ForeignFinding, Place

_DECLARED: Final = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_OPEN: Final = b'<Messages xmlns="urn:greenlane:messages:1">'
_CLOSE: Final = b"</Messages>"
_COUNTED: Final = re.compile(rb"<ITEM_COUNT>\d+</ITEM_COUNT>")
_ENDED: Final = re.compile(r"(UNT\+)(\d+)(\+)")
_PIECE: Final = 1 << 20
_CHARSET: Final = re.compile(r"UNB\+(UNO[A-Z])")


class _Kind(Protocol):
    def add(self, data: bytes, first: int) -> bytes:
        """Return what the spool keeps of a part whose first record is the one of this number, from 0."""
        ...

    def write(self, spool: BinaryIO, out: BinaryIO, count: int) -> None:
        """Write the whole."""
        ...


def _copied(spool: BinaryIO, out: BinaryIO) -> None:
    while piece := spool.read(_PIECE):
        out.write(piece)


class _Wrapped:
    """Records that each stand alone, in a wrapper of greenlane's own where there are several."""

    def add(self, data: bytes, first: int) -> bytes:
        inner = data.removeprefix(_DECLARED)
        return inner[len(_OPEN) : -len(_CLOSE)] if inner.startswith(_OPEN) else inner

    def write(self, spool: BinaryIO, out: BinaryIO, count: int) -> None:
        out.write(_DECLARED + (_OPEN if count > 1 else b""))
        _copied(spool, out)
        out.write(_CLOSE if count > 1 else b"")


class _Within:
    """Records of one name within a root; what stands around them is that of the first part."""

    def __init__(self, name: bytes, between: bytes = b"") -> None:
        self._open, self._close, self._between = b"<%s>" % name, b"</%s>" % name, between
        self._head = self._tail = b""

    def add(self, data: bytes, first: int) -> bytes:
        start, end = data.index(self._open), data.rindex(self._close) + len(self._close)
        if not first:
            self._head, self._tail = data[:start], data[end:]
        return (self._between if first else b"") + data[start:end]

    def write(self, spool: BinaryIO, out: BinaryIO, count: int) -> None:
        out.write(_COUNTED.sub(b"<ITEM_COUNT>%d</ITEM_COUNT>" % count, self._head))
        _copied(spool, out)
        out.write(self._tail)


class _Rows:
    """CSV: the header stands once."""

    def __init__(self) -> None:
        self._head = b""

    def add(self, data: bytes, first: int) -> bytes:
        self._head, _, rows = data.partition(b"\n")
        return rows

    def write(self, spool: BinaryIO, out: BinaryIO, count: int) -> None:
        out.write(self._head + b"\n")
        _copied(spool, out)


class _Segments:
    """EDIFACT: items are numbered on, segments and items counted, and one character set serves all."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: list[str] = []
        self._segments = 0
        self._charset = "UNOC"

    def add(self, data: bytes, first: int) -> bytes:
        named = _CHARSET.search(data[:40].decode("ascii", "replace"))
        charset = named[1] if named is not None else ""
        lines = data.decode("iso8859-1" if charset == "UNOC" else "utf-8").split("\n")
        start = next(place for place, line in enumerate(lines) if line.startswith("CNI+"))
        end = max(place for place, line in enumerate(lines) if line.startswith("CNT+2:"))
        if not first:
            self._head, self._tail = lines[:start], lines[end:]
        if charset != "UNOC":
            self._charset = charset
        self._segments += end - start
        return "".join(f"{line}\n" for line in _numbered(lines[start:end], first)).encode()

    def write(self, spool: BinaryIO, out: BinaryIO, count: int) -> None:
        code = "iso8859-1" if self._charset == "UNOC" else "utf-8"
        head = "\n".join(self._head).replace("UNB+UNOC", f"UNB+{self._charset}", 1) + "\n"
        out.write(head.encode(code))
        for line in spool:
            out.write(line.decode().encode(code))
        around = sum(not line.startswith(("UNA", "UNB")) for line in self._head)
        tail = "\n".join([f"CNT+2:{count}'", *self._tail[1:]])
        # CNT and UNT count as well.
        tail = _ENDED.sub(lambda found: f"{found[1]}{around + self._segments + 2}{found[3]}", tail, count=1)
        out.write(tail.encode(code))


def _numbered(lines: list[str], number: int) -> Iterator[str]:
    for line in lines:
        if line.startswith("CNI+"):
            number += 1
            line = f"CNI+{number}+{line.split('+', 2)[2]}"
        yield line


_KINDS: Final[Mapping[str, Callable[[], _Kind]]] = {
    "wco-dm36": _Wrapped,
    "placi": _Wrapped,
    "ceb": lambda: _Within(b"Inventory"),
    "ics2": lambda: _Within(b"consignmentHouseLevel"),
    "postal-itmatt-xml": lambda: _Within(b"Item", b"\n  "),
    "postal-cusitm-xml": lambda: _Within(b"Item", b"\n  "),
    "postal-itmatt": _Segments,
    "postal-cusitm": _Segments,
    "us-et86": _Rows,
}
_STEP: Final = re.compile(r"^(/[^/]+/(?:Inventory|consignmentHouseLevel))(?:\[(\d+)\])?(?=/|$)")


def joins(form: str) -> bool:
    """Say whether parts of a format can be joined to one message.

    Example:
        >>> joins("ceb"), joins("postal-cn22")
        (True, False)
    """
    return form in _KINDS


def stands_alone(form: str) -> bool:
    """Say whether each record of a format is a message of its own, with what was carried of it."""
    return _KINDS.get(form) is _Wrapped


class Joined:
    """A message that grows part by part. ``spool`` keeps the records until the head is known."""

    def __init__(self, form: str, spool: BinaryIO) -> None:
        self._kind: _Kind = _KINDS[form]()
        self._spool = spool
        self.count = 0

    def add(self, data: bytes, count: int) -> None:
        """Add a part of *count* records, as the format wrote it."""
        self._spool.write(self._kind.add(data, self.count))
        self.count += count

    def write(self, out: BinaryIO) -> None:
        """Write the whole message."""
        self._spool.seek(0)
        self._kind.write(self._spool, out, self.count)


def moved(found: ForeignFinding, first: int) -> ForeignFinding | None:
    """Return a finding about a part as one about the whole, whose record *first* begins the part.

    What is about the message and not about a record is told with the first part, and None for the others.

    Example:
        >>> moved(ForeignFinding("a", Place("/CEB621Message/Inventory[2]/X"), "", 1), 500).place.path
        '/CEB621Message/Inventory[502]/X'
    """
    if found.consignment is None:
        return None if first else found
    place = _STEP.sub(lambda step: _step(step[1], int(step[2] or 1) + first), found.place.path)
    return replace(found, consignment=found.consignment + first, place=Place(place, found.place.wco))


def _step(name: str, number: int) -> str:
    return name if number == 1 else f"{name}[{number}]"


__all__ = ["Joined", "joins", "moved", "stands_alone"]
