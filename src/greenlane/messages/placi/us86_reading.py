"""Reading tables of type 86 entries: row by row, the rows of a bill together."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Message, Place
from greenlane.messages.placi.us86_elements import (
    ELEMENTS,
    FORMAT,
    IMPLIED,
    OWN,
    PARTS,
    UNREADABLE,
    Element,
    check,
    day_of,
    entries,
    put,
)

MOST_BYTES: Final = 16 << 20
"""What is read as a whole."""
MOST_STREAMED: Final = 2 << 30
_MOST_CELL: Final = 10_000
_MOST_LINE: Final = 256 << 10
_MOST_ROW: Final = 1 << 20


def _form(one: Element) -> str:
    """Return a pattern of texts that fit an element for certain."""
    kind, up_to, longest, decimals = re.fullmatch(r"(an|a|n)(\.\.)?(\d+)(?:,(\d+))?", one.form).groups()  # type: ignore[union-attr]
    if decimals is not None:
        return rf"[0-9]{{1,{int(longest) - int(decimals)}}}(?:\.[0-9]{{1,{decimals}}})?"
    signs = {"an": r"[^\0]", "a": "[A-Za-z]", "n": "[0-9]"}[kind]
    return f"{signs}{{{1 if up_to else longest},{longest}}}" if one.required else f"{signs}{{0,{longest}}}"


_SOUND: Final = re.compile("\0".join(_form(one) for one in ELEMENTS))
"""The texts of a row that has nothing wrong; of others each is looked at."""
_OF_HEAD: Final[tuple[tuple[int, str, str], ...]] = tuple(
    (place, one.field.rpartition(".")[0], one.field.rpartition(".")[2])
    for place, one in enumerate(ELEMENTS)
    if one.field and not one.of_item
)
_OF_ITEM: Final = tuple((place, one.field.removeprefix("items.")) for place, one in enumerate(ELEMENTS)
                        if one.of_item)  # fmt: skip
_BILL: Final = next(place for place, one in enumerate(ELEMENTS) if one.column == "bill")


class _Unreadable(ValueError):
    """The table cannot be read on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, its cells as they came, those of the elements without blanks around them."""

    number: int
    cells: Sequence[str]
    texts: Sequence[str]


def read(data: bytes, received: date | None = None) -> Message:
    """Read a table of entries as a whole: each bill is a consignment, its rows may stand apart.

    Columns beside the elements, and elements that no field holds, are carried by row. A column that has the name of
    an element of the contract (``channel``, ``items.description``) tells what the ten elements leave open.

    Example:
        >>> read(b"bill,hts\\n").findings[0].code
        'messages.us86.unreadable'
    """
    table = _Table(io.BytesIO(data), MOST_BYTES)
    try:
        bills: dict[str, list[Line]] = {}
        for line in table.lines():
            bills.setdefault(line.texts[_BILL], []).append(line)
        if not bills:
            raise _Unreadable("expected a row at least")
    except _Unreadable as error:
        return _nothing(str(error))
    made: list[Consignment] = []
    carried: list[Carried] = []
    findings: list[ForeignFinding] = []
    for place, lines in enumerate(bills.values()):
        one = _bill(table, lines, received, place)
        made += one.consignments
        carried += one.carried
        findings += one.findings
    return Message(FORMAT, "86", "", tuple(made), tuple(carried), tuple(findings))


def stream(source: BinaryIO, received: date | None = None) -> Iterator[Message]:
    """Read a table bill by bill, in flat memory but for a number of each bill, by which it is known again.

    The rows of a bill follow one another; a bill that comes again is a message of its own with an error.
    """
    table = _Table(source, MOST_STREAMED)
    seen: set[int] = set()
    try:
        lines: list[Line] = []
        for line in table.lines():
            if lines and lines[0].texts[_BILL] != line.texts[_BILL]:
                yield _once(_bill(table, lines, received, 0), lines[0], seen)
                lines = []
            lines.append(line)
        if not lines:
            raise _Unreadable("expected a row at least")
        yield _once(_bill(table, lines, received, 0), lines[0], seen)
    except _Unreadable as error:
        yield _nothing(str(error))


def _once(message: Message, first: Line, seen: set[int]) -> Message:
    number = hash(first.texts[_BILL])
    if number not in seen:
        seen.add(number)
        return message
    words = "expected the rows of a bill one after the other, it came before"
    found = ForeignFinding(PARTS, Place(f"bill[{first.number}]"), words, 0)
    return Message(FORMAT, "86", "", message.consignments, message.carried, (*message.findings, found))


def _nothing(words: str) -> Message:
    return Message(FORMAT, "86", "", (), (), (ForeignFinding(UNREADABLE, Place("/"), words),))


class _Table:
    """A table as it comes. After the first row: ``names`` of its columns; by place those of the contract (``own``).

    ``held`` are the places of what a field holds, the shared ones first; ``loose`` the other columns.
    """

    def __init__(self, source: BinaryIO, most: int) -> None:
        self._source = _Bytes(source, most)
        self._since = 0
        self.names: list[str] = []
        self.own: list[tuple[str, int]] = []
        self.held: list[int] = []
        self.loose: list[tuple[str, int]] = []

    def lines(self) -> Iterator[Line]:
        """Give the rows below the first one.

        Raises:
            _Unreadable: The text, its quotation or its columns are not as they should be.
        """
        try:
            yield from self._lines(csv.reader(self._texts(), strict=True))
        except UnicodeDecodeError:
            raise _Unreadable("expected UTF-8") from None
        except csv.Error:
            words = "expected cells parted by commas, quotation marks closed and doubled"
            raise _Unreadable(words) from None

    def _texts(self) -> Iterator[str]:
        text = io.TextIOWrapper(io.BufferedReader(self._source), "utf-8-sig", newline="")
        while one := text.readline(_MOST_LINE):
            self._since += len(one)
            if self._since > _MOST_ROW or (len(one) == _MOST_LINE and not one.endswith(("\n", "\r"))):
                raise _Unreadable(f"expected rows up to {_MOST_LINE:,} characters")
            yield one

    def _lines(self, rows: Iterator[list[str]]) -> Iterator[Line]:
        self.names = [name.strip() for name in next(rows, [])]
        lacking = [one.column for one in ELEMENTS if one.required and one.column not in self.names]
        if lacking:
            raise _Unreadable(f"expected the columns {', '.join(lacking)}")
        if len(set(self.names)) != len(self.names):
            raise _Unreadable("expected each column once")
        places = [at for at, _, _ in _OF_HEAD] + [at for at, _ in _OF_ITEM]
        held = [ELEMENTS[at].column for at in places]
        self.held = [self.names.index(name) for name in held]
        self.loose = [(name, at) for at, name in enumerate(self.names) if name not in held]
        self.own = [(name, place) for place, name in enumerate(self.names) if name in OWN]
        places = [self.names.index(one.column) if one.column in self.names else -1 for one in ELEMENTS]
        number, width = 1, len(self.names)
        for number, cells in enumerate(rows, 2):
            self._since = 0
            if not cells:
                continue
            if len(cells) != width:
                raise _Unreadable(f"row {number}: expected {width} cells, {len(cells)} came")
            if max(map(len, cells)) > _MOST_CELL or "\0" in "".join(cells):
                words = f"row {number}: expected cells up to {_MOST_CELL:,} characters, without NUL"
                raise _Unreadable(words)
            yield Line(number, cells, [cells[place].strip() if place >= 0 else "" for place in places])
        if number == 1:
            raise _Unreadable("expected a row at least")


class _Bytes(io.RawIOBase):
    """A source of bytes as Python's text layer wants one; it ends in an error when more than *most* come."""

    def __init__(self, source: BinaryIO, most: int) -> None:
        self._from = source
        self._most = self._left = most

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill *into* with the next bytes."""
        found = self._from.read(len(into))
        self._left -= len(found)
        if self._left < 0:
            raise _Unreadable(f"expected up to {self._most:,} bytes, more came")
        into[: len(found)] = found
        return len(found)


def _bill(table: _Table, lines: Sequence[Line], received: date | None, place: int) -> Message:
    """Read the rows of one bill, the *place*-th of the message from 0."""
    texts = [line.texts for line in lines]
    own = [{column: text for column, at in table.own if (text := line.cells[at].strip())} for line in lines]
    made = consignment_of(texts, received, own)
    findings: list[ForeignFinding] = []
    carried: list[Carried] = []
    heads = [lines[0].texts[at] for at, _, _ in _OF_HEAD]
    for item, line in enumerate(lines):
        if _SOUND.fullmatch("\0".join(line.texts)) is None:
            row = dict(zip(table.names, line.cells, strict=True))
            findings += (
                ForeignFinding(code, Place(f"{column}[{line.number}]"), words, place)
                for code, column, words in check(row)
            )
        held = heads + [line.texts[at] for at, _ in _OF_ITEM]
        columns = table.loose
        if [line.cells[at] for at in table.held] != held:
            known = dict(zip(table.held, held, strict=True))
            columns = [
                (name, at) for at, name in enumerate(table.names) if line.cells[at] != known.get(at, "")
            ]
        carried += [
            Carried(f"/{place}/{item}/{name}", line.cells[at]) for name, at in columns if line.cells[at]
        ]
    findings += (
        ForeignFinding(found.code, found.place, found.message, place)
        for found in entries(texts, day_of(made))
    )
    return Message(FORMAT, "86", "", (made,), tuple(carried), tuple(findings))


def consignment_of(
    rows: Sequence[Sequence[str]], received: date | None, own: Sequence[Mapping[str, str]] = ()
) -> Consignment:
    """Return the consignment of one bill.

    Args:
        rows: Texts of its rows in the order of the elements.
        received: Declaration date where no column tells it.
        own: What the columns of the contract say, row by row.
    """
    first = rows[0]
    made: Consignment = {"consignment_id": first[_BILL], **IMPLIED}
    for place, group, name in _OF_HEAD:
        if text := first[place]:
            (made.setdefault(group, {}) if group else made)[name] = text
    for column, text in own[0].items() if own else ():
        if not column.startswith("items."):
            put(made, column, text)
    if received is not None:
        made.setdefault("declaration_date", received.isoformat())
    made["items"] = []
    for number, texts in enumerate(rows):
        item: Consignment = {"item_id": str(number + 1)}
        for place, name in _OF_ITEM:
            if texts[place]:
                item[name] = texts[place]
        for column, text in own[number].items() if own else ():
            if column.startswith("items."):
                put(item, column.removeprefix("items."), text)
        made["items"].append(item)
    return made
