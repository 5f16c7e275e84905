"""Intake of the contract's own files: JSON, NDJSON, CSV (each also gzip) and Parquet.

`open_source` finds out what a file is and, for text, writes its cells unchanged into a raw Parquet spool in
flat memory; a Parquet file is read in place. `Source.parts` cuts it between consignments; `read_part`
parses one part strictly into a `Batch`. `read_rows` reads some source rows again without that spool,
`parse_object` one JSON consignment; all go through the same checks.
"""

import json
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.messages.files_check import check, check_nested
from greenlane.messages.files_csv import csv_chunks, read_header
from greenlane.messages.files_json import (
    Record,
    json_chunks,
    line_records,
    object_frames,
    read_record,
    sound_objects,
    texts_of,
    value_records,
)
from greenlane.messages.files_parquet import unpacked_bytes
from greenlane.messages.files_raw import CHUNK_ITEMS, RAW_COLUMNS, Finder, raw_frame
from greenlane.messages.files_read import accepts
from greenlane.messages.files_row import RowBatch, check_rows
from greenlane.messages.files_sniff import GZIP, Format, sniff
from greenlane.model import BY_COLUMN, ELEMENTS, FINDING_SCHEMA, Batch, empty_batch
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity

_HEAD = 1 << 16
_LONGEST_SHOWN = 20_000
"""Characters of a cell that a rejected Parquet row is given back with: one value can stand in every row of a file."""

# A damaged file makes the Parquet reader stop in several ways; all mean that these rows cannot be read.
_UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of one Parquet file: the first (from 0) and how many."""

    path: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a source that hold whole consignments; small, to be handed to another process.

    ``source`` is the file to be hashed and named in the manifest, ``first_row`` and ``last_row`` the source
    rows covered (1-based; the header of a CSV is row 1). ``text`` is the plain text that rejected rows come
    from.
    """

    source: str
    format: Format
    number: int
    pieces: tuple[Piece, ...]
    items: int
    first_row: int
    last_row: int
    text: str | None
    regrouped: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: what it is, what is wrong with it as a whole, and where its rows are.

    ``findings`` has `FINDING_SCHEMA`. A file that cannot be read has an error there and no rows.
    """

    path: str
    format: Format | None
    items: int
    findings: pl.DataFrame
    work: Path
    pieces: tuple[Piece, ...]
    text: str | None
    keys: npt.NDArray[np.uint64] | None = None

    def parts(self, items_per_part: int) -> list[Part]:
        """Cut the source between consignments into parts of about *items_per_part* items.

        Rows of one consignment that stand apart are brought together first, in order of first appearance;
        only the column of consignment ids is read to see whether that is needed.
        """
        if not self.items or self.format is None:
            return []
        keys, rows = (
            _keys(self.pieces, self.format is not Format.PARQUET) if self.keys is None else (self.keys, None)
        )
        fresh = np.empty(len(keys), dtype=bool)
        fresh[0] = True
        np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
        starts = np.flatnonzero(fresh)
        if pl.Series(keys[starts]).n_unique() != len(starts):
            try:
                return self._regroup(keys, rows, items_per_part)
            except _UNREADABLE:
                # Scattered rows of which some cannot be read: no consignment of the file is surely whole.
                return [Part(self.path, self.format, 0, self.pieces, self.items, 1, self.items, self.text)]
        cuts = _cuts(starts, len(keys), items_per_part)
        return [
            Part(
                self.path,
                self.format,
                number,
                self._between(first, end),
                end - first,
                _row(rows, first),
                _row(rows, end - 1),
                self.text,
            )
            for number, (first, end) in enumerate(pairwise(cuts))
        ]

    def _between(self, first: int, end: int) -> tuple[Piece, ...]:
        found: list[Piece] = []
        offset = 0
        for piece in self.pieces:
            low, high = max(first, offset), min(end, offset + piece.count)
            if low < high:
                found.append(Piece(piece.path, piece.first + low - offset, high - low))
            offset += piece.count
        return tuple(found)

    def _regroup(
        self, keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint64] | None, items_per_part: int
    ) -> list[Part]:
        assert self.format is not None
        _, first_at, which, sizes = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        order = np.argsort(first_at, kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        upto = np.cumsum(sizes[order])
        part_of_rank = (upto - sizes[order]) // items_per_part
        part_of_rank = np.unique(part_of_rank, return_inverse=True)[1]
        place = rank[which]
        part = part_of_rank[place]
        folder = self.work / "regrouped"
        folder.mkdir(mode=0o700, exist_ok=True)
        written: dict[int, list[Piece]] = {}
        for first in range(0, len(keys), CHUNK_ITEMS * 2):
            end = min(first + CHUNK_ITEMS * 2, len(keys))
            frame = pl.concat([_frame(piece) for piece in self._between(first, end)])
            if rows is None:
                frame = frame.with_columns(pl.Series("_row", np.arange(first + 1, end + 1, dtype=np.uint64)))
            frame = frame.with_columns(
                pl.Series("_place", place[first:end]), pl.Series("_part", part[first:end])
            )
            for (number,), group in frame.group_by("_part", maintain_order=True):
                path = folder / f"{number:05}-{first:012}.parquet"
                group.drop("_part").write_parquet(path, compression="lz4")
                written.setdefault(int(str(number)), []).append(Piece(str(path), 0, group.height))
        source_rows = np.arange(1, len(keys) + 1, dtype=np.uint64) if rows is None else rows
        parts: list[Part] = []
        for number in sorted(written):
            inside = source_rows[part == number]
            count = len(inside)
            span = int(inside.min()), int(inside.max())
            pieces = tuple(written[number])
            parts.append(
                Part(self.path, self.format, number, pieces, count, *span, self.text, regrouped=True)
            )
        return parts


def _keys(
    pieces: tuple[Piece, ...], spooled: bool
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64] | None]:
    """A 64-bit key of the consignment id of every row (a row without id has its own), and source rows."""
    hashed = pl.col("consignment_id").cast(pl.String).hash(seed=1)
    keys: list[npt.NDArray[np.uint64]] = []
    rows: list[npt.NDArray[np.uint64]] = []
    offset = 0
    for piece in pieces:
        columns = [pl.when(pl.col("consignment_id").is_not_null()).then(hashed).alias("key")]
        columns += [pl.col("_row")] if spooled else []
        frame = pl.scan_parquet(piece.path, glob=False).select(columns).collect(engine="streaming")
        own = pl.Series(np.arange(offset, offset + frame.height, dtype=np.uint64))
        keys.append(frame["key"].fill_null(own).to_numpy())
        offset += frame.height
        if spooled:
            rows.append(frame["_row"].to_numpy())
    return np.concatenate(keys), np.concatenate(rows) if rows else None


class TooMuch(UsageError):
    """A file holds more than it may: it was sent by somebody who isn't trusted with the whole machine."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a file may hold: items, and bytes of text once it is unpacked."""

    items: int
    text: int


def open_source(path: Path, work: Path, bounds: Bounds | None = None) -> Source:
    """Open a file of consignments, whatever of the contract's formats it is.

    Args:
        path: The file. What it holds decides how it is read; a name that says otherwise is a finding.
        work: A folder of this source alone, for the spool; it is made, readable by its owner only.
        bounds: What it may hold; None: anything.
    Raises:
        UsageError: There is no such file, or it may not be read.
        TooMuch: It holds more than the bounds; no more than that was read.
    """
    finder = Finder(str(path))
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    text = path
    if head.startswith(GZIP):
        text = work / "plain"
        _gunzip(path, text, finder, None if bounds is None else bounds.text)
        with text.open("rb") as file:
            head = file.read(_HEAD)
    form = sniff(head, suffixes, finder)
    if form is Format.PARQUET and text is not path:
        finder.once(codes.FILE_CONTENT, "expected Parquet as it is (it is compressed inside), got it in gzip")
        form = None
    if form is Format.PARQUET:
        return _open_parquet(path, work, finder, bounds)
    pieces: list[Piece] = []
    if form is not None:
        spool = work / "spool"
        spool.mkdir(mode=0o700, exist_ok=True)
        for number, frame in enumerate(_chunks(text, form, finder)):
            target = spool / f"{number:06}.parquet"
            frame.write_parquet(target, compression="lz4", statistics=False)
            pieces.append(Piece(str(target), 0, frame.height))
            if bounds is not None and sum(piece.count for piece in pieces) > bounds.items:
                raise _too_many(bounds)
        if not pieces and not finder.stopped:
            finder.once(codes.FILE_EMPTY, "expected consignments, the file holds none")
    items = sum(piece.count for piece in pieces)
    plain = None if form is None else str(text)
    return Source(str(path), form, items, finder.findings(), work, tuple(pieces), plain)


def read_part(part: Part) -> Batch:
    """Parse one part strictly; rows at fault are in ``findings`` and ``rejected``, the rest is typed."""
    try:
        frame = _part_frame(part)
    except _UNREADABLE:
        return _lost(part)
    if frame.height != part.items:
        return _lost(part)

    def recover(places: npt.NDArray[np.int64]) -> list[str]:
        if part.text is None:
            return _parquet_rows(part, frame, places)
        return _text_rows(Path(part.text), frame[places])

    return check(frame, part.source, recover)


def raw_part(part: Part) -> pl.DataFrame:
    """Return the cells of one part as they came, one row an item, with ``_row``; empty where it cannot be read."""
    try:
        frame = _part_frame(part)
    except _UNREADABLE:
        return pl.DataFrame(schema={"_row": pl.UInt64})
    return frame.select("_row", *(column for column in frame.columns if column in BY_COLUMN))


def _lost(part: Part) -> Batch:
    message = f"rows {part.first_row:,} to {part.last_row:,} cannot be read: the file is damaged there"
    row = (part.source, part.first_row, None, codes.FILE_UNREADABLE, str(Severity.ERROR), "", message)
    return replace(empty_batch(), findings=pl.DataFrame([row], schema=FINDING_SCHEMA, orient="row"))


def read_rows(path: Path, first_row: int, last_row: int, consignment_id: str | None = None) -> Batch:
    """Read source rows *first_row* to *last_row* (1-based, as a `Batch` gives them) without a spool.

    With *consignment_id*, only the rows of that consignment. Columns that are unknown, and what is wrong with
    the file as a whole, are not reported again.

    Raises:
        UsageError: The file cannot be read.
    """
    finder = Finder(str(path))
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        packed = head.startswith(GZIP)
        if packed:
            with _unzipped(path) as plain:
                head = plain.read(_HEAD)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {type(error).__name__}") from None
    form = sniff(head, [], finder)
    if form is None:
        raise UsageError(f"cannot read {path}: it holds no consignments")
    if form is Format.PARQUET and packed:
        raise UsageError(f"cannot read {path}: Parquet in gzip")
    if form is Format.PARQUET:
        piece = Piece(str(path), first_row - 1, last_row - first_row + 1)
        try:
            frame = _parquet_frame(piece)
        except _UNREADABLE:
            raise UsageError(f"cannot read {path}: rows {first_row:,} to {last_row:,} are damaged") from None
        if any(
            not accepts(BY_COLUMN[name].kind, kind)
            for name, kind in frame.schema.items()
            if name in BY_COLUMN
        ):
            raise UsageError(f"cannot read {path}: a column has a type that the contract does not take")
        part = Part(str(path), form, 0, (piece,), piece.count, first_row, last_row, None)
    else:
        with _unzipped(path) if packed else path.open("rb") as opened:
            frame = _rows_between(opened, form, finder, first_row, last_row)
        part = Part(str(path), form, 0, (), frame.height, first_row, last_row, str(path))
    if consignment_id is not None:
        frame = frame.filter(pl.col("consignment_id").cast(pl.String) == consignment_id)

    def recover(places: npt.NDArray[np.int64]) -> list[str]:
        return _parquet_rows(part, frame, places) if form is Format.PARQUET else [""] * len(places)

    return check(frame, str(path), recover)


def parse_object(obj: dict[str, object] | bytes, name: str = "-") -> Batch:
    """Parse one consignment given as a JSON object (its bytes, or the decoded object): a batch of one.

    Example:
        >>> batch = parse_object(b'{"consignment_id": "A1"}')
        >>> batch.consignments.height, batch.findings["path"].to_list()[:3]
        (0, ['/channel', '/currency', '/declaration_date'])
    """
    data = obj if isinstance(obj, bytes) else msgspec.json.encode(obj)
    return _parsed([Record(1, 0, data)], Finder(name))


def parse_objects(data: bytes, name: str = "-") -> Batch:
    """Parse consignments given as one JSON object, an array of them, or NDJSON; a bad one rejects no other.

    Where every object has the contract's keys and types, all are read at once; else each is looked at.

    Example:
        >>> parse_objects(b'{"consignment_id": "A1"} {"consignment_id": "A2"}').rejected.height
        2
    """
    objects = sound_objects(data)
    if objects is not None:
        heads, items, of = object_frames(objects)

        def recover(places: npt.NDArray[np.int64]) -> list[str]:
            texts = texts_of(data)
            return [texts[place] for place in of[places]]

        return check_nested(_without_empty(heads), _without_empty(items), of, name, recover)
    finder = Finder(name)
    records = list(value_records(BytesIO(data), finder))
    if not records:
        finder.once(codes.FILE_EMPTY, "expected consignments, there are none")
    return _parsed(records, finder)


def parse_few(data: bytes, name: str = "-", most: int = 8) -> Batch | RowBatch:
    """Parse consignments as `parse_objects` does: up to *most* as plain rows, more of them as columns.

    Example:
        >>> parse_few(b'{"consignment_id": "A1"}').rejected[0]["row"]
        1
    """
    if len(data) > most * LONGEST_FEW:
        return parse_objects(data, name)
    finder = Finder(name)
    records = list(islice(value_records(BytesIO(data), finder), most + 1))
    if not 0 < len(records) <= most:
        return parse_objects(data, name)
    found = check_rows([(record, *read_record(record, finder)) for record in records], name)
    if found is None:
        return parse_objects(data, name)
    about = finder.findings().to_dicts() if finder.seen or finder.names else []
    return replace(found, findings=about + found.findings)


LONGEST_FEW = 16_384
"""Bytes that a consignment of few has on average at most; larger ones are read as columns."""


def _parsed(records: list[Record], finder: Finder) -> Batch:
    """Parse records one by one: what is wrong with one of them is said and rejects no other."""
    frames = list(json_chunks(records, finder)) or [pl.DataFrame()]
    frame = pl.concat(frames)

    def recover(places: npt.NDArray[np.int64]) -> list[str]:
        texts = {record.row: record.data.decode("utf-8", "backslashreplace") for record in records}
        return [texts[row] for row in frame["_row"].gather(places).to_list()]

    batch = check(frame, finder.file, recover)
    return replace(batch, findings=pl.concat([finder.findings(), batch.findings]))


def _chunks(path: Path, form: Format, finder: Finder) -> Iterator[pl.DataFrame]:
    with path.open("rb") as file:
        yield from _open_chunks(file, form, finder)


def _open_chunks(file: BinaryIO, form: Format, finder: Finder) -> Iterator[pl.DataFrame]:
    match form:
        case Format.NDJSON:
            yield from json_chunks(line_records(file, finder), finder)
        case Format.JSON:
            yield from json_chunks(value_records(file, finder), finder)
        case _:
            header = read_header(file, finder)
            if header is not None:
                yield from csv_chunks(file, header, finder)


def _rows_between(file: BinaryIO, form: Format, finder: Finder, first: int, last: int) -> pl.DataFrame:
    def wanted(records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            if record.row > last:
                return
            if record.row >= first:
                yield record

    chunks: Iterable[pl.DataFrame]
    if form is Format.NDJSON:
        chunks = json_chunks(wanted(line_records(file, finder)), finder)
    elif form is Format.JSON:
        chunks = json_chunks(wanted(value_records(file, finder)), finder)
    else:
        chunks = _open_chunks(file, form, finder)
    found = [raw_frame(pl.DataFrame(schema={"_row": pl.UInt64, "_at": pl.UInt64, "_len": pl.UInt64}))]
    found[0] = found[0].select(RAW_COLUMNS)
    for chunk in chunks:
        found.append(chunk.filter(pl.col("_row").is_between(first, last)))
        if chunk.height and chunk["_row"][-1] > last:
            break
    return pl.concat(found)


def _too_many(bounds: Bounds) -> TooMuch:
    return TooMuch(f"the file holds more than {bounds.items:,} items; send it in several")


def _gunzip(path: Path, target: Path, finder: Finder, most: int | None) -> None:
    with path.open("rb") as file, target.open("wb") as plain:
        target.chmod(0o600)
        try:
            for block in _unpacked(file):
                plain.write(block)
                if most is not None and plain.tell() > most:
                    raise TooMuch(f"the file holds more than {most:,} bytes once it is unpacked")
        except (EOFError, zlib.error):
            finder.once(codes.FILE_CUT_OFF, "the gzip archive breaks off; what it holds until there is read")


@contextmanager
def _unzipped(path: Path) -> Iterator[BinaryIO]:
    """Give what a gzip archive holds, up to where it is damaged or breaks off."""
    with path.open("rb") as file, tempfile.TemporaryFile() as plain:
        with suppress(EOFError, zlib.error):
            for block in _unpacked(file):
                plain.write(block)
        plain.seek(0)
        yield plain


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Unpack the members of a gzip archive, up to 1 MiB at a time; zeros after the last are filling.

    Raises:
        EOFError: It ends within a member.
        zlib.error: It is damaged.
    """
    member, packed, begun = zlib.decompressobj(31), b"", False
    while packed := packed or file.read(1 << 16):
        if not begun and not (packed := packed.lstrip(b"\0")):
            continue
        begun = True
        yield member.decompress(packed, 1 << 20)
        packed = member.unconsumed_tail
        if member.eof:
            member, packed, begun = zlib.decompressobj(31), member.unused_data, False
    while begun and (rest := member.decompress(b"", 1 << 20)):
        yield rest
    if begun and not member.eof:
        raise EOFError


def _open_parquet(path: Path, work: Path, finder: Finder, bounds: Bounds | None) -> Source:
    nothing = Source(str(path), None, 0, pl.DataFrame(schema=FINDING_SCHEMA), work, (), None)
    try:
        schema = pl.read_parquet_schema(path)
        count = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except _UNREADABLE:
        size = path.stat().st_size
        finder.once(
            codes.FILE_UNREADABLE,
            f"the Parquet file of {size:,} bytes has no readable footer: it was cut off or damaged",
        )
        return replace(nothing, findings=finder.findings())
    if bounds is not None and count > bounds.items:
        raise _too_many(bounds)
    if bounds is not None:
        try:
            size = unpacked_bytes(path.read_bytes())
        except ValueError:
            finder.once(codes.FILE_UNREADABLE, "the heads of the Parquet file's pages cannot be read")
            return replace(nothing, findings=finder.findings())
        if size > bounds.text:
            raise TooMuch(f"the file holds more than {bounds.text:,} bytes once it is unpacked")
        path = _written_again(path, work)
        if not path.exists():
            finder.once(
                codes.FILE_UNREADABLE, f"the consignment ids of {count:,} rows cannot be read: it is damaged"
            )
            return replace(nothing, format=Format.PARQUET, findings=finder.findings())
    finder.unknown(column for column in schema if column not in BY_COLUMN)
    missing = [e.column for e in ELEMENTS if e.required and e.column not in schema]
    if missing:
        finder.once(
            codes.COLUMN_MISSING, f"the file has {len(schema):,} columns and lacks {', '.join(missing)}"
        )
    wrong = [
        f"{column} is {str(dtype).partition('(')[0]}"
        for column, dtype in schema.items()
        if column in BY_COLUMN and not accepts(BY_COLUMN[column].kind, dtype)
    ]
    if wrong:
        message = f"amounts must be decimal or text, codes text, dates date or text: {', '.join(wrong)}"
        finder.once(codes.COLUMN_TYPE, message)
    if count == 0:
        finder.once(codes.FILE_EMPTY, "expected consignments, the file holds no rows")
    if missing or wrong or count == 0:
        return replace(nothing, format=Format.PARQUET, findings=finder.findings())
    pieces = (Piece(str(path), 0, count),)
    try:
        keys, _ = _keys(pieces, spooled=False)
    except _UNREADABLE:
        finder.once(
            codes.FILE_UNREADABLE, f"the consignment ids of {count:,} rows cannot be read: it is damaged"
        )
        return replace(nothing, format=Format.PARQUET, findings=finder.findings())
    return Source(str(path), Format.PARQUET, count, finder.findings(), work, pieces, None, keys)


_AGAIN = "p,s=map(__import__,('polars','sys'));p.read_parquet(s.argv[1],glob=False).write_parquet(s.argv[2])"
_AGAIN_S = 300


def _written_again(path: Path, work: Path) -> Path:
    """Let a process of its own read a Parquet file of others and write it anew; where it can't, nothing is there.

    Pages that lie about themselves can end the process that reads them, whatever it would catch.
    """
    work.mkdir(parents=True, exist_ok=True)
    target = work / "again.parquet"
    target.unlink(missing_ok=True)
    command = [sys.executable, "-I", "-c", _AGAIN, str(path), str(target)]
    try:
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_AGAIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        target.unlink(missing_ok=True)
    return target


def _frame(piece: Piece) -> pl.DataFrame:
    lazy = pl.scan_parquet(piece.path, glob=False)
    known = [c for c in lazy.collect_schema() if c in RAW_COLUMNS or c == "_place"]
    return lazy.slice(piece.first, piece.count).select(known).collect()


def _parquet_frame(piece: Piece) -> pl.DataFrame:
    """Rows of a Parquet file of the contract, numbered from 1 as they stand in the file."""
    lazy = pl.scan_parquet(piece.path, glob=False)
    known = [c for c in lazy.collect_schema() if c in BY_COLUMN]
    # Numbered by the reader: a column added afterwards has other chunks, which each step would align again.
    lazy = lazy.slice(piece.first, piece.count).select(known)
    lazy = lazy.with_row_index("_row", offset=piece.first + 1)
    return _without_empty(lazy.collect())


def _without_empty(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [c for c, dtype in frame.schema.items() if dtype == pl.String]
    if not texts or not frame.height:
        return frame
    lowest = frame.select(pl.col(texts).str.len_bytes().min()).row(0, named=True)
    empty = [name for name, length in lowest.items() if length == 0]
    return (
        frame.with_columns(pl.when(pl.col(empty).str.len_bytes() > 0).then(pl.col(empty))) if empty else frame
    )


def _part_frame(part: Part) -> pl.DataFrame:
    if part.format is Format.PARQUET and not part.regrouped:
        return _parquet_frame(part.pieces[0])
    frame = pl.concat([_frame(piece) for piece in part.pieces])
    if part.regrouped:
        frame = frame.sort("_place", "consignment_id", "_row", maintain_order=True).drop("_place")
        return _without_empty(frame)
    return frame


def _parquet_rows(part: Part, frame: pl.DataFrame, places: npt.NDArray[np.int64]) -> list[str]:
    """The rows of a Parquet file as JSON, with the columns that the contract does not know.

    Where one of those is damaged, the rows are what the contract knows of them.
    """
    numbers = frame["_row"].gather(places)
    low, high = min(numbers), max(numbers)
    lazy = pl.scan_parquet(part.source, glob=False).slice(low - 1, high - low + 1)
    lazy = lazy.with_columns(pl.col(pl.String).str.head(_LONGEST_SHOWN))
    try:
        rows = lazy.collect()[(numbers - low).cast(pl.Int64)]
    except _UNREADABLE:
        rows = frame[places].select(column for column in frame.columns if column in BY_COLUMN)
    return [json.dumps(row, ensure_ascii=False, default=_plain) for row in rows.iter_rows(named=True)]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value)


def _text_rows(path: Path, rows: pl.DataFrame) -> list[str]:
    found: list[str] = []
    with path.open("rb") as file:
        for at, length in rows.select("_at", "_len").iter_rows():
            file.seek(at)
            found.append(file.read(length).decode("utf-8", "backslashreplace").removesuffix("\r"))
    return found


def _cuts(starts: npt.NDArray[np.int64], count: int, items_per_part: int) -> list[int]:
    wanted = np.arange(items_per_part, count, items_per_part)
    nearest = starts[np.minimum(np.searchsorted(starts, wanted), len(starts) - 1)]
    return [0, *(int(cut) for cut in np.unique(nearest) if 0 < cut < count), count]


def _row(rows: npt.NDArray[np.uint64] | None, index: int) -> int:
    return index + 1 if rows is None else int(rows[index])
