"""JSON and NDJSON of the contract, read strictly into raw columns, a chunk at a time."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from gzip import GzipFile
from io import BufferedReader
from itertools import chain
from operator import attrgetter
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec.structs import astuple

from greenlane.messages import files_findings as codes
from greenlane.messages.files_findings import shape_of
from greenlane.messages.files_raw import CHUNK_ITEMS, LONGEST_ROW, RAW_COLUMNS, Fault, Finder, raw_frame
from greenlane.model import CONSIGNMENT_ELEMENTS, ITEM_ELEMENTS, Element, Kind

_NO_NAME = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')
"""What the name of a decoder's field can't hold: such a key is met anew each time."""
_NULL = msgspec.Raw(b"null")
_MANY_KEYS = 100
_PARTS = ("seller", "platform", "carrier", "consignor", "consignee", "consignee.prior_use", "contents")

_JSON_TYPES: dict[Kind, object] = {
    Kind.BOOLEAN: bool | None,
    Kind.INTEGER: int | None,
    Kind.JSON: msgspec.Raw,
}


class Record(msgspec.Struct, frozen=True, gc=False):
    """One JSON value of the source with where it stood: 1-based row, byte offset."""

    row: int
    at: int
    data: bytes
    fault: Fault | None = None


@dataclass(slots=True)
class _Decoder:
    """A decoder of consignments that knows the unknown keys met so far, so that they cost nothing again."""

    extras: dict[str, list[str]] = field(default_factory=dict)
    item: type[msgspec.Struct] = msgspec.Struct
    consignment: type[msgspec.Struct] = msgspec.Struct
    decode: Callable[[bytes], msgspec.Struct] = msgspec.json.decode

    def build(self) -> None:
        contents = self._struct("contents", _below(ITEM_ELEMENTS, "contents"), {})
        self.item = self._struct("items", _own(ITEM_ELEMENTS), {"contents": contents})
        parts: dict[str, type[msgspec.Struct]] = {}
        for name in ("seller", "platform", "carrier", "consignor"):
            parts[name] = self._struct(name, _below(CONSIGNMENT_ELEMENTS, name), {})
        prior = self._struct("consignee.prior_use", _below(CONSIGNMENT_ELEMENTS, "consignee.prior_use"), {})
        parts["consignee"] = self._struct(
            "consignee", _below(CONSIGNMENT_ELEMENTS, "consignee"), {"prior_use": prior}
        )
        self.consignment = self._struct("", _own(CONSIGNMENT_ELEMENTS), parts, self.item)
        self.decode = msgspec.json.Decoder(self.consignment).decode

    def _struct(
        self,
        name: str,
        leaves: dict[str, Element],
        parts: dict[str, type[msgspec.Struct]],
        item: type[msgspec.Struct] | None = None,
    ) -> type[msgspec.Struct]:
        fields: list[tuple[str, object, object]] = []
        for leaf, element in leaves.items():
            default: object = _NULL if element.kind is Kind.JSON else None
            fields.append((leaf, _JSON_TYPES.get(element.kind, str | None), default))
        fields += [(part, struct | None, None) for part, struct in parts.items()]
        if item is not None:
            fields.append(("items", list[item] | None, None))  # type: ignore[valid-type]
        own = {field for field, _, _ in fields}
        for number, key in enumerate(self.extras.get(name, ())):
            # An unknown key with a full stop in it may end like a key of the contract, which is there already.
            if key not in own:
                fields.append((f"x{number}", msgspec.Raw, msgspec.field(default=_NULL, name=key)))
        title = name.replace(".", "_") or "consignment"
        # A record cannot refer to itself, so the collector need not walk millions of them.
        return msgspec.defstruct(title, fields, forbid_unknown_fields=True, gc=False, eq=False)

    def learn(self, unknown: set[tuple[str, str]]) -> None:
        new = [
            (level, key)
            for level, key in sorted(unknown)
            if key not in self.extras.get(level, ()) and not _NO_NAME.search(key)
        ]
        if new and sum(map(len, self.extras.values())) + len(new) <= _MANY_KEYS:
            for level, key in new:
                self.extras.setdefault(level, []).append(key)
            self.build()


@cache
def _plain() -> _Decoder:
    """The decoder that knows the contract's keys alone; made once, as making it costs more than a parcel."""
    decoder = _Decoder()
    decoder.build()
    return decoder


def _fresh() -> _Decoder:
    plain = _plain()
    return _Decoder({}, plain.item, plain.consignment, plain.decode)


@cache
def _many() -> msgspec.json.Decoder[list[msgspec.Struct]]:
    return msgspec.json.Decoder(list[_plain().consignment])  # type: ignore[misc]


@cache
def _lines() -> msgspec.json.Decoder[msgspec.Struct]:
    return msgspec.json.Decoder(_plain().consignment)


def sound_objects(data: bytes) -> list[msgspec.Struct] | None:
    """Read consignments (one JSON object, an array of them, or NDJSON) at once, as plain objects.

    None where any of them is not a sound object of the contract with items: then each has to be looked at.
    """
    if b"\\u0000" in data:
        return None
    try:
        if data[:64].lstrip().startswith(b"["):
            found = _many().decode(data)
        else:
            try:
                found = [_lines().decode(data)]
            except msgspec.DecodeError:
                found = _lines().decode_lines(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if found and all(getattr(one, "items", None) for one in found) else None


def texts_of(data: bytes) -> list[str]:
    """Give the text of each value of JSON that `sound_objects` could read."""
    if data[:64].lstrip().startswith(b"["):
        values = msgspec.json.decode(data, type=list[msgspec.Raw])
    else:
        try:
            values = [msgspec.json.decode(data, type=msgspec.Raw)]
        except msgspec.DecodeError:
            values = msgspec.json.Decoder(msgspec.Raw).decode_lines(data)
    return [bytes(value).decode().strip() for value in values]


def object_frames(
    consignments: list[msgspec.Struct],
) -> tuple[pl.DataFrame, pl.DataFrame, npt.NDArray[np.int64]]:
    """Lay sound objects side by side as raw columns: consignments, numbered from 1, items, and whose each is."""
    lists = list(map(attrgetter("items"), consignments))
    of = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    columns = _columns(consignments, CONSIGNMENT_ELEMENTS)
    columns["_row"] = pl.Series(np.arange(1, len(lists) + 1, dtype=np.uint64))
    items = pl.DataFrame(_columns(list(chain.from_iterable(lists)), ITEM_ELEMENTS))
    return pl.DataFrame(columns), items, of


def read_record(record: Record, finder: Finder) -> tuple[msgspec.Struct, list[Fault]]:
    """Read one record as a plain object; what is wrong with its JSON, and unknown keys, are said."""
    return _read(record, _fresh(), finder)


def json_chunks(records: Iterable[Record], finder: Finder) -> Iterator[pl.DataFrame]:
    """Read JSON records into raw frames (`RAW_COLUMNS`), one row per item, about `CHUNK_ITEMS` at a time.

    What is wrong with the JSON of a record goes with its rows; unknown keys go to *finder*.
    """
    decoder = _fresh()
    chunk = _Chunk()
    for record in records:
        consignment, faults = _read(record, decoder, finder)
        chunk.add(record, consignment, faults)
        if chunk.items >= CHUNK_ITEMS or len(chunk.consignments) >= CHUNK_ITEMS:
            yield chunk.frame()
            chunk = _Chunk()
    if chunk.consignments:
        yield chunk.frame()


def _read(record: Record, decoder: _Decoder, finder: Finder) -> tuple[msgspec.Struct, list[Fault]]:
    if record.fault is not None:
        return decoder.consignment(), [record.fault]
    if b"\\u0000" in record.data:
        fault = Fault(codes.ROW_BYTES, "", "expected text, the record holds a NUL character")
        return decoder.consignment(), [fault]
    faults: list[Fault] = []
    try:
        consignment = decoder.decode(record.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        consignment = _careful(record, decoder, faults, finder)
    if not getattr(consignment, "items", None) and not faults:
        faults.append(Fault(codes.ITEMS_MISSING, "/items", "items: expected at least one item, got none"))
    return consignment, faults


@dataclass(slots=True)
class _Chunk:
    """Records side by side, column by column, until there are enough for a frame."""

    consignments: list[msgspec.Struct] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    items: int = 0

    def add(self, record: Record, consignment: msgspec.Struct, faults: list[Fault]) -> None:
        self.consignments.append(consignment)
        self.rows.append(record.row)
        self.offsets.append(record.at)
        self.lengths.append(len(record.data))
        self.faults.append(msgspec.json.encode(faults).decode() if faults else None)
        self.items += len(getattr(consignment, "items", None) or ())

    def frame(self) -> pl.DataFrame:
        # A record without items keeps one row, so that it can be reported and rejected.
        lists = [getattr(consignment, "items", None) or (None,) for consignment in self.consignments]
        of = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
        items = [item for one in lists for item in one]
        columns = _columns(self.consignments, CONSIGNMENT_ELEMENTS)
        columns["_row"] = pl.Series(self.rows, dtype=pl.UInt64)
        columns["_at"] = pl.Series(self.offsets, dtype=pl.UInt64)
        columns["_len"] = pl.Series(self.lengths, dtype=pl.UInt64)
        columns["_faults"] = pl.Series(self.faults, dtype=pl.String)
        wide = pl.DataFrame(columns)[of] if len(items) != len(lists) else pl.DataFrame(columns)
        return raw_frame(wide.hstack(pl.DataFrame(_columns(items, ITEM_ELEMENTS)))).select(RAW_COLUMNS)


def line_records(file: BinaryIO, finder: Finder) -> Iterator[Record]:
    """Give the lines of an NDJSON file; blank ones are skipped, the row is the line number."""
    at = row = 0
    while line := file.readline(LONGEST_ROW):
        row += 1
        start, at = at, at + len(line)
        if len(line) >= LONGEST_ROW and not line.endswith(b"\n"):
            while rest := file.readline(LONGEST_ROW):
                at += len(rest)
                if rest.endswith(b"\n"):
                    break
            message = f"expected a line of less than {LONGEST_ROW:,} bytes, got {at - start:,}"
            yield Record(row, start, line[:1000], Fault(codes.ROW_TOO_LONG, "", message))
            continue
        if row == 1:
            bare = line.removeprefix(b"\xef\xbb\xbf")
            start, line = start + len(line) - len(bare), bare
        data = line.strip()
        if data:
            yield Record(row, start, data, _cut_off(line, data, finder))
        elif isinstance(file, BufferedReader | GzipFile):
            ahead = file.peek(LONGEST_ROW)
            blank = file.read(len(ahead) - len(ahead.lstrip(b"\n")))
            row += len(blank)
            at += len(blank)


def _cut_off(line: bytes, data: bytes, finder: Finder) -> Fault | None:
    if line.endswith(b"\n") or data.endswith((b"}", b"]")):
        return None
    finder.once(
        codes.FILE_CUT_OFF, "the last line ends in the middle of a record; the lines before it are kept"
    )
    return Fault(codes.JSON_MALFORMED, "", "expected a whole JSON object, the line ends before it does")


_BETWEEN = re.compile(r"[\s,]*")
_RESUME = re.compile(r",\s*(?=\{\s*\"consignment_id\")")


def value_records(file: BinaryIO, finder: Finder) -> Iterator[Record]:
    """Give the values of a JSON file: the elements of one array, or one or more objects in a row."""
    # Where a value ends is asked, not what its numbers are: one of a million digits is none to compute.
    decode = json.JSONDecoder(parse_int=len, parse_float=len).raw_decode
    utf8 = getincrementaldecoder("utf-8")("surrogateescape")
    # *at* is the byte at which *text* begins, *here* the byte at which its character *seen* stands.
    text, at, row, ended = "", 0, 0, False
    here = seen = 0

    def more() -> None:
        nonlocal text, ended
        block = file.read(1 << 22)
        ended = not block
        text += utf8.decode(block, final=ended)

    def drop(count: int) -> None:
        nonlocal text, at, here, seen
        at = here = byte_of(count)
        seen = 0
        text = text[count:]

    def byte_of(position: int) -> int:
        """Count bytes from where it was last asked, not from the beginning of the text."""
        nonlocal here, seen
        if position < seen:
            here, seen = at, 0
        here += len(_bytes(text[seen:position]))
        seen = position
        return here

    more()
    if text.startswith("\ufeff"):
        drop(1)
    drop(len(text) - len(text.lstrip()))
    in_array = text.startswith("[")
    if in_array:
        drop(1)
    position = 0
    while True:
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]
        if position >= len(text) and not ended:
            drop(position)
            position = 0
            more()
            continue
        if position >= len(text):
            break
        if in_array and text[position] == "]":
            return
        row += 1
        try:
            _, end = decode(text, position)
            if end == len(text) and not ended and text[position] not in '{["':
                raise json.JSONDecodeError("a bare value may go on", "", end)
        except (json.JSONDecodeError, RecursionError) as error:
            if not ended and len(text) - position < LONGEST_ROW and not isinstance(error, RecursionError):
                drop(position)
                position, row = 0, row - 1
                more()
                continue
            resume = _RESUME.search(text, position + 1)
            raw = text[position : resume.start() if resume else len(text)]
            drop(position)
            message = "expected a JSON object, what stands here is not JSON"
            yield Record(row, at, _bytes(raw), Fault(codes.JSON_MALFORMED, "", message))
            if resume is None:
                finder.once(
                    codes.FILE_CUT_OFF,
                    f"JSON breaks off in record {row:,}; the {row - 1:,} before it are kept",
                )
                return
            position = len(raw)
            continue
        data = _bytes(text[position:end])
        yield Record(row, byte_of(position), data)
        position = end
        if position > 1 << 20:
            drop(position)
            position = 0
    if in_array:
        finder.once(codes.FILE_CUT_OFF, f"the JSON array is not closed; the {row:,} records before are kept")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _careful(record: Record, decoder: _Decoder, faults: list[Fault], finder: Finder) -> msgspec.Struct:
    """Read a record that the strict decoder refused: say everything that is wrong, keep what is right."""
    try:
        value = json.loads(record.data.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        finder.encoding(record.data, record.at, error.start)
        message = f"expected UTF-8, byte {error.start + 1:,} of the record is not"
        faults.append(Fault(codes.ROW_BYTES, "", message))
        return decoder.consignment()
    except (ValueError, RecursionError):
        message = f"expected a JSON object, got {len(record.data):,} bytes that are not JSON"
        faults.append(Fault(codes.JSON_MALFORMED, "", message))
        return decoder.consignment()
    if not isinstance(value, dict):
        message = f"expected one JSON object per consignment, got {_json_shape(value)}"
        faults.append(Fault(codes.JSON_TYPE, "", message))
        return decoder.consignment()
    unknown: set[tuple[str, str]] = set()
    clean = _clean_object(value, "", CONSIGNMENT_ELEMENTS, "", faults, unknown)
    items = value.get("items")
    if items is not None and not isinstance(items, list):
        faults.append(_type_fault("items", "/items", "a list", items))
        items = None
    cleaned = []
    for number, one in enumerate(items or ()):
        if isinstance(one, dict):
            cleaned.append(_clean_object(one, "", ITEM_ELEMENTS, f"/items/{number}", faults, unknown))
        else:
            faults.append(_type_fault("items", f"/items/{number}", "an object", one))
            cleaned.append({})
    clean["items"] = cleaned
    finder.unknown("items." + key if level in ("items", "contents") else key for level, key in unknown)
    decoder.learn({(level, key.rpartition(".")[2]) for level, key in unknown})
    try:
        return msgspec.json.decode(msgspec.json.encode(clean), type=decoder.consignment)
    except (UnicodeEncodeError, msgspec.DecodeError):
        message = "expected text, the record holds half of a surrogate pair"
        faults.append(Fault(codes.ROW_BYTES, "", message))
        return decoder.consignment()


def _no_constant(_: str) -> object:
    raise ValueError("NaN and Infinity are not JSON")


def _clean_object(
    value: dict[str, object],
    prefix: str,
    elements: tuple[Element, ...],
    path: str,
    faults: list[Fault],
    unknown: set[tuple[str, str]],
) -> dict[str, object]:
    own = _below(elements, prefix) if prefix else _own(elements)
    parts = {p.removeprefix(f"{prefix}.") if prefix else p for p in _PARTS if p.rpartition(".")[0] == prefix}
    parts = {
        p for p in parts if any(e.name.startswith(f"{prefix}.{p}." if prefix else f"{p}.") for e in elements)
    }
    clean: dict[str, object] = {}
    for key, cell in value.items():
        name = f"{prefix}.{key}" if prefix else key
        here = f"{path}/{key}"
        if key in own:
            expected = _wrong_type(own[key].kind, cell)
            if expected is None:
                clean[key] = cell
            else:
                faults.append(_type_fault(own[key].column, here, expected, cell))
        elif key in parts:
            if isinstance(cell, dict):
                clean[key] = _clean_object(cell, name, elements, here, faults, unknown)
            elif cell is not None:
                faults.append(_type_fault(name, here, "an object", cell))
        elif prefix or elements is ITEM_ELEMENTS or key != "items":
            unknown.add((prefix or ("items" if elements is ITEM_ELEMENTS else ""), name))
    return clean


def _wrong_type(kind: Kind, cell: object) -> str | None:
    if cell is None or kind is Kind.JSON:
        return None
    if kind is Kind.BOOLEAN:
        return None if isinstance(cell, bool) else "true or false"
    if kind is Kind.INTEGER:
        return None if type(cell) is int and abs(cell) < 1 << 62 else "a whole number"
    return None if isinstance(cell, str) else "a string in quotation marks"


def _type_fault(column: str, path: str, expected: str, cell: object) -> Fault:
    return Fault(codes.JSON_TYPE, path, f"{column}: expected {expected}, got {_json_shape(cell)}")


def _json_shape(cell: object) -> str:
    match cell:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a JSON number"
        case str():
            return f"a string of {shape_of(cell)}"
        case list():
            return f"a list of {len(cell):,}"
        case _:
            return "an object"


def _own(elements: tuple[Element, ...]) -> dict[str, Element]:
    return {e.name: e for e in elements if "." not in e.name}


def _below(elements: tuple[Element, ...], part: str) -> dict[str, Element]:
    return {e.name.rpartition(".")[2]: e for e in elements if e.name.rpartition(".")[0] == part}


def _columns(objects: Sequence[msgspec.Struct | None], elements: tuple[Element, ...]) -> dict[str, pl.Series]:
    levels = {"": _fields(objects)}
    nothing = (None,) * len(objects)
    columns: dict[str, pl.Series] = {}
    for element in elements:
        above, _, leaf = element.name.rpartition(".")
        if above not in levels:
            outer, _, name = above.rpartition(".")
            levels[above] = _fields(levels[outer].get(name, nothing))
        columns[element.column] = _series(element.kind, levels[above].get(leaf, nothing))
    return columns


_STRETCH = 256


def _fields(owners: Sequence[Any]) -> dict[str, list[Any]]:
    """Turn objects, some of them absent, into one list a field; keys that some decoders learnt stand last."""
    names = next((one.__struct_fields__ for one in owners if one is not None), ())
    if not names:
        return {}
    blank = (None,) * len(names)
    columns: list[list[Any]] = [[] for _ in names]
    # A stretch of objects at a time, so that they are near when they are asked for the next field.
    for at in range(0, len(owners), _STRETCH):
        rows = (blank if one is None else astuple(one) for one in owners[at : at + _STRETCH])
        for column, cells in zip(columns, zip(*rows, strict=False), strict=False):
            column += cells
    return dict(zip(names, columns, strict=True))


_TRUTH = {None: None, True: "true", False: "false"}


def _series(kind: Kind, cells: Sequence[Any]) -> pl.Series:
    if cells[:1].count(None) == len(cells[:1]) and cells.count(None) == len(cells):
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    match kind:
        case Kind.BOOLEAN:
            return pl.Series([_TRUTH[cell] for cell in cells], dtype=pl.String)
        case Kind.INTEGER:
            return pl.Series(cells, dtype=pl.Int64).cast(pl.String)
        case Kind.JSON:
            told = [None if cell is None or cell == _NULL else bytes(cell).decode() for cell in cells]
            return pl.Series(told, dtype=pl.String)
        case _:
            return pl.Series(cells, dtype=pl.String)
