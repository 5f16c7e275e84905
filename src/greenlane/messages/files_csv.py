"""CSV of the contract, split into records exactly and read into raw columns, a block at a time."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.messages.files_raw import CHUNK_ITEMS, LONGEST_ROW, RAW_COLUMNS, Fault, Finder, raw_frame
from greenlane.model import ELEMENTS

_BLOCK = 1 << 25
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = {b",": "commas", b";": "semicolons", b"\t": "tabs", b"|": "bars"}
_QUOTE, _LINE, _RETURN = 34, 10, 13
# A quoted cell that is still open after so many lines was most likely never meant to be.
_LINES_OF_A_RECORD = 200
_LOOKED_AT = 1 << 16
"""Bytes of a broken row in which its consignment is looked for."""

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of a CSV: names in order, delimiter, and the offset at which the rows begin."""

    names: tuple[str, ...]
    delimiter: bytes
    end: int

    @property
    def columns(self) -> list[str]:
        """Names that are unique, so that unknown and unnamed columns can stand beside each other."""
        return [n if n in RAW_COLUMNS else f"_unknown_{i}" for i, n in enumerate(self.names)]


@dataclass(frozen=True, slots=True)
class _Split:
    """Where rows are in a block; ``cells`` counts those of each, where all that may be wrong is their number."""

    starts: Positions
    ends: Positions
    faults: dict[int, Fault]
    consumed: int
    cells: Positions | None = None

    def some(self, first: int, header: Header) -> "_Split":
        """Return up to `CHUNK_ITEMS` rows with their faults: rows of a byte or two cost far more than they are long."""
        last = first + CHUNK_ITEMS
        faults = {row - first: fault for row, fault in self.faults.items() if first <= row < last}
        if self.cells is not None:
            cells = self.cells[first:last]
            odd = (cells != len(header.names)) & (self.ends[first:last] > self.starts[first:last])
            faults |= {int(row): _shape_fault(int(cells[row]), header) for row in np.flatnonzero(odd)}
        return _Split(self.starts[first:last], self.ends[first:last], faults, self.consumed)


def read_header(file: BinaryIO, finder: Finder) -> Header | None:
    """Read the header of a CSV; None when the file cannot be read by it, with the reason in *finder*."""
    start = 0
    head = file.read(1 << 20)
    if head.startswith(_BOM):
        start = len(_BOM)
    line, newline, _ = head[start:].partition(b"\n")
    if not newline and len(head) == 1 << 20:
        finder.once(codes.FILE_CONTENT, f"expected a header row, the first line is over {len(head):,} bytes")
        return None
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        finder.encoding(line, start, error.start)
        return None
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        cells = next(csv.reader([text.rstrip("\r")], delimiter=delimiter.decode()), [])
    except csv.Error:
        finder.once(
            codes.FILE_CONTENT, "expected a header row that ends with LF or CRLF, with cells up to 128 KiB"
        )
        return None
    names = tuple(name.strip() for name in cells)
    required = [element.column for element in ELEMENTS if element.required]
    missing = [column for column in required if column not in names]
    if missing:
        message = f"the header has {len(names):,} columns and lacks {', '.join(missing)}"
        finder.once(codes.COLUMN_MISSING, message)
        return None
    twice = sorted({name for name in names if name in RAW_COLUMNS and names.count(name) > 1})
    if twice:
        finder.once(codes.COLUMN_DUPLICATE, f"more than one column is named {', '.join(twice)}")
        return None
    if delimiter != b",":
        finder.once(codes.FILE_DELIMITER, f"the cells are parted by {_DELIMITERS[delimiter]}, not by commas")
    known = {element.column for element in ELEMENTS}
    finder.unknown(name for name in names if name not in known)
    return Header(names, delimiter, start + len(line) + len(newline))


def csv_chunks(file: BinaryIO, header: Header, finder: Finder) -> Iterator[pl.DataFrame]:
    """Read the rows of a CSV into raw frames (`RAW_COLUMNS`), a block of the file at a time.

    The header is row 1, as a spreadsheet counts. A row that cannot be split or is no text keeps its place
    with a fault; it belongs to the consignment of a neighbour row when it names the same one.
    """
    file.seek(header.end)
    at, row, rest, ended = header.end, 2, b"", False
    blocks = _blocks(file)
    while not ended or rest:
        block = next(blocks, b"")
        ended = not block
        data = rest + block
        if ended and data and not data.endswith(b"\n"):
            data += b"\n"
        split = _split(data, header, ended)
        for first in range(0, len(split.starts), CHUNK_ITEMS):
            yield _frame(data, split.some(first, header), header, finder, at, row + first)
        row += len(split.starts)
        at += split.consumed
        rest = data[split.consumed :]


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Read block by block; one of very many lines comes in pieces, as places of lines take more than short lines do."""
    while block := file.read(_BLOCK):
        step = len(block) if block.count(b"\n") < _BLOCK >> 5 else _BLOCK >> 4
        for at in range(0, len(block), step):
            yield block[at : at + step]


def _split(data: bytes, header: Header, ended: bool) -> _Split:
    array = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(array == _QUOTE)
    breaks = array == _LINE
    commas = array == header.delimiter[0]
    if len(quotes):
        inside = np.bitwise_xor.accumulate((array == _QUOTE).view(np.uint8))
        if _badly_quoted(array, quotes, inside, header.delimiter[0]):
            return _split_carefully(data, header, ended)
        outside = inside == 0
        breaks &= outside
        commas &= outside
    ends = np.flatnonzero(breaks)
    consumed = int(ends[-1]) + 1 if len(ends) else 0
    if len(data) - consumed > LONGEST_ROW or (ended and consumed < len(data)):
        return _split_carefully(data, header, ended)
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    upto = np.searchsorted(np.flatnonzero(commas), ends)
    cells = np.diff(upto, prepend=0) + 1
    return _Split(starts, ends, {}, consumed, cells)


def _badly_quoted(
    array: npt.NDArray[np.uint8], quotes: Positions, inside: npt.NDArray[np.uint8], delimiter: int
) -> bool:
    opening = quotes[inside[quotes] == 1]
    before = array[np.maximum(opening - 1, 0)]
    fine = (opening == 0) | (before == delimiter) | (before == _LINE) | (before == _QUOTE)
    closing = quotes[inside[quotes] == 0]
    after = array[np.minimum(closing + 1, len(array) - 1)]
    well = (after == delimiter) | (after == _LINE) | (after == _RETURN) | (after == _QUOTE)
    return not (fine.all() and well.all())


def _split_carefully(data: bytes, header: Header, ended: bool) -> _Split:
    """Split line by line where quotation marks do not fit: the row at fault stands alone."""
    comma = re.escape(header.delimiter)
    cell = b'(?:"[^"]*+(?:""[^"]*+)*+"|[^"' + comma + b"\n]*+)"
    whole = re.compile(cell + b"(?:" + comma + cell + b")*+")
    quoted = re.compile(b'"[^"]*+(?:""[^"]*+)*+"')
    starts: list[int] = []
    ends: list[int] = []
    faults: dict[int, Fault] = {}
    position = 0
    while position < len(data):
        end = data.find(b"\n", position)
        if end < 0:
            if not ended and len(data) - position <= LONGEST_ROW:
                break
            end = len(data)
        line = data[position:end]
        fault = None
        if line.count(b'"') % 2:
            closed = _closing_line(data, position, end, whole)
            if closed is None:
                if not ended and _few_lines(data, position) and len(data) - position < LONGEST_ROW:
                    break
                fault = Fault(codes.ROW_QUOTES, "", "expected quotation marks in pairs, one is not closed")
            else:
                end = closed
                line = data[position:end]
        elif not whole.fullmatch(line.removesuffix(b"\r")):
            fault = Fault(codes.ROW_QUOTES, "", "expected marks inside a quoted cell to be doubled")
        if fault is None and len(line) > LONGEST_ROW:
            message = f"expected a row of less than {LONGEST_ROW:,} bytes, got {len(line):,}"
            fault = Fault(codes.ROW_TOO_LONG, "", message)
        if fault is None:
            cells = quoted.sub(b"", line).count(header.delimiter) + 1
            if cells != len(header.names):
                fault = _shape_fault(cells, header)
        if fault is not None:
            faults[len(starts)] = fault
        starts.append(position)
        ends.append(end)
        position = end + 1
    return _Split(np.array(starts, np.int64), np.array(ends, np.int64), faults, min(position, len(data)))


def _closing_line(data: bytes, start: int, end: int, whole: re.Pattern[bytes]) -> int | None:
    for _ in range(_LINES_OF_A_RECORD):
        before, end = end, data.find(b"\n", end + 1)
        if end < 0 or end - start > LONGEST_ROW:
            return None
        if data.count(b'"', before, end) % 2:
            return end if whole.fullmatch(data[start:end].removesuffix(b"\r")) else None
    return None


def _few_lines(data: bytes, position: int) -> bool:
    """Say whether fewer lines than a record may have are left."""
    last = min(len(data), position + LONGEST_ROW)
    for _ in range(_LINES_OF_A_RECORD):
        position = data.find(b"\n", position, last) + 1
        if not position:
            return True
    return False


def _shape_fault(cells: int, header: Header) -> Fault:
    return Fault(codes.ROW_SHAPE, "", f"expected {len(header.names):,} cells as in the header, got {cells:,}")


def _frame(
    data: bytes, split: _Split, header: Header, finder: Finder, at: int, first_row: int
) -> pl.DataFrame:
    starts, ends, faults = split.starts, split.ends, split.faults
    lengths = ends - starts
    view = np.frombuffer(data, dtype=np.uint8)
    blank = (lengths == 0) | ((lengths == 1) & (view[starts] == _RETURN))
    _bytes_that_are_no_text(data, split, finder, at)
    bad = np.zeros(len(starts), dtype=bool)
    bad[list(faults)] = True
    bad &= ~blank
    good = np.flatnonzero(~bad & ~blank)
    frame = _cells(data, starts, ends, good, header)
    frame = frame.select(c for c in frame.columns if c in RAW_COLUMNS).with_columns(
        pl.Series("_row", good + first_row, dtype=pl.UInt64),
        pl.Series("_at", starts[good] + at, dtype=pl.UInt64),
        pl.Series("_len", lengths[good], dtype=pl.UInt64),
    )
    frame = raw_frame(frame).select(RAW_COLUMNS)
    if not bad.any():
        return frame
    where = np.flatnonzero(bad)
    broken = pl.DataFrame(
        {
            "consignment_id": _neighbours(data, split, where, good, header, frame),
            "_row": where + first_row,
            "_at": starts[where] + at,
            "_len": lengths[where],
            "_faults": [msgspec.json.encode([faults[int(i)]]).decode() for i in where],
        },
        schema_overrides={
            "consignment_id": pl.String,
            "_row": pl.UInt64,
            "_at": pl.UInt64,
            "_len": pl.UInt64,
        },
    )
    return pl.concat([frame, raw_frame(broken).select(RAW_COLUMNS)]).sort("_row", maintain_order=True)


def _bytes_that_are_no_text(data: bytes, split: _Split, finder: Finder, at: int) -> None:
    """Mark the rows with NUL bytes or bytes that are not UTF-8."""
    end = int(split.ends[-1]) if len(split.ends) else 0
    zero = data.find(b"\0", 0, end)
    while zero >= 0:
        index = int(np.searchsorted(split.ends, zero))
        split.faults[index] = Fault(codes.ROW_BYTES, "", "expected text, the row holds a NUL byte")
        zero = data.find(b"\0", int(split.ends[index]), end)
    if data.isascii():
        return
    view = memoryview(data)
    position = 0
    while position < end:
        try:
            codecs.utf_8_decode(view[position:end], "strict", True)
        except UnicodeDecodeError as error:
            wrong = position + error.start
            finder.encoding(data, at, wrong)
            index = int(np.searchsorted(split.ends, wrong))
            inside = wrong - int(split.starts[index]) + 1
            message = f"expected UTF-8, byte {inside:,} of the row is not"
            split.faults[index] = Fault(codes.ROW_BYTES, "", message)
            position = int(split.ends[index])
        else:
            return


def _cells(data: bytes, starts: Positions, ends: Positions, good: Positions, header: Header) -> pl.DataFrame:
    schema = dict.fromkeys(header.columns, pl.String())
    if not len(good):
        return pl.DataFrame(schema=schema)
    if len(good) == len(starts):
        body = data[: int(ends[-1]) + 1]
    else:
        # Runs of good rows, joined: the rows between them are reported, not read.
        cuts = np.flatnonzero(np.diff(good) != 1) + 1
        runs = np.split(good, cuts)
        body = b"".join(data[int(starts[run[0]]) : int(ends[run[-1]]) + 1] for run in runs)
    try:
        frame = pl.read_csv(
            body, has_header=False, schema=schema, separator=header.delimiter.decode(), infer_schema=False
        )
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame(schema=schema)
    if frame.height == len(good):
        return frame
    cell = _cell_pattern(header)
    rows = [_split_cells(data[int(starts[i]) : int(ends[i])], cell) for i in good]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _cell_pattern(header: Header) -> re.Pattern[str]:
    comma = re.escape(header.delimiter.decode())
    return re.compile(f'(?:^|{comma})(?:"([^"]*+(?:""[^"]*+)*+)"|([^{comma}]*+))')


def _split_cells(record: bytes, cell: re.Pattern[str], most: int | None = None) -> list[str]:
    text = record.decode("utf-8", "replace").removesuffix("\r")
    found = islice(cell.finditer(text), most)
    return [(one[1] or "").replace('""', '"') or one[2] or "" for one in found]


def _neighbours(
    data: bytes, split: _Split, where: Positions, good: Positions, header: Header, frame: pl.DataFrame
) -> list[str | None]:
    """Say which consignment a broken row belongs to, where the row before or after it names the same one."""
    ids = frame["consignment_id"]
    cell = _cell_pattern(header)
    place = header.names.index("consignment_id")
    found: list[str | None] = []
    for index in where:
        start = int(split.starts[index])
        cells = _split_cells(data[start : min(int(split.ends[index]), start + _LOOKED_AT)], cell, place + 1)
        claimed = cells[place] if place < len(cells) else None
        after = int(np.searchsorted(good, index))
        near = {ids[i] for i in (after - 1, after) if 0 <= i < len(ids)}
        found.append(claimed if claimed and claimed in near else None)
    return found
