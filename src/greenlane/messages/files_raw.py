"""The raw form between a source file and the strict parse: every cell as text, one row per item."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.model import ELEMENTS, FINDING_SCHEMA
from greenlane.values.finding import Severity, kind_of

CHUNK_ITEMS = 100_000
"""Items that a raw chunk of a text format holds, about."""

LONGEST_ROW = 1 << 24
"""Bytes of one source record that intake reads; a longer one is rejected."""

META = ("_row", "_at", "_len", "_faults")
"""Columns beside the contract's: source row (1-based), byte offset and length of the record in the plain
text,
and the faults of reading it as JSON text."""

RAW_COLUMNS = (*(element.column for element in ELEMENTS), *META)

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]{0,63}$", re.ASCII)
_SHOWN = 20


class Fault(msgspec.Struct, array_like=True, frozen=True):
    """What is wrong with a record before its cells are looked at: code, JSON pointer, message."""

    code: str
    path: str
    message: str


@dataclass(slots=True)
class Finder:
    """Collects what is wrong with the file as a whole; each code once, unknown columns together."""

    file: str
    seen: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def once(self, code: str, message: str) -> None:
        """Report *code* about the file, unless it was already."""
        self.seen.setdefault(code, message)

    @property
    def stopped(self) -> bool:
        """Whether something was found that kept the file from being read."""
        return any(kind_of(code).severity is Severity.ERROR for code in self.seen)

    def unknown(self, names: Iterable[str]) -> None:
        """Remember columns or keys that the contract does not know."""
        self.names.update(names)

    def encoding(self, data: bytes, at: int, offset: int) -> None:
        """Report bytes that are not UTF-8: *offset* in *data*, which stands at *at* in the file."""
        window = data[max(0, offset - 200) : offset + 200]
        likely = _likely_encoding(window)
        self.once(codes.FILE_ENCODING, f"byte {at + offset + 1:,} is not UTF-8; the text looks like {likely}")

    def findings(self) -> pl.DataFrame:
        """Return the findings about the file, `FINDING_SCHEMA`."""
        seen = dict(self.seen)
        if self.names:
            # A name that is no identifier may be a person's, from a file without header.
            shown = sorted(name for name in self.names if _NAME.match(name))
            hidden = len(self.names) - len(shown[:_SHOWN])
            listed = ", ".join(shown[:_SHOWN])
            more = (" and " if listed else "") + f"{hidden:,} more" if hidden else ""
            seen[codes.COLUMN_UNKNOWN] = f"not fields of the contract: {listed}{more}"
        rows = [
            (self.file, None, None, code, str(kind_of(code).severity), "", message)
            for code, message in seen.items()
        ]
        return pl.DataFrame(rows, schema=FINDING_SCHEMA, orient="row")


def raw_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Return *frame* with every column of `RAW_COLUMNS`; an empty cell is an absent one.

    Columns that the source does not have are null; ``_row``, ``_at`` and ``_len`` must be there.
    """
    texts = [c for c, dtype in frame.schema.items() if c in RAW_COLUMNS and dtype == pl.String]
    lowest = frame.select(pl.col(texts).str.len_bytes().min()).row(0) if texts else ()
    empty = [name for name, length in zip(texts, lowest, strict=True) if length == 0]
    if empty:
        frame = frame.with_columns(pl.when(pl.col(empty).str.len_bytes() > 0).then(pl.col(empty)))
    absent = [name for name in RAW_COLUMNS if name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)


def _likely_encoding(window: bytes) -> str:
    high = sum(byte >= 0x80 for byte in window)
    pairs = 0
    position = 0
    while position < len(window) - 1:
        if 0x81 <= window[position] <= 0xFE and 0x40 <= window[position + 1] <= 0xFE:
            pairs += window[position + 1] >= 0x80 or window[position] >= 0xB0
            position += 2
        else:
            position += 1
    for encoding, name in (("gb18030", "GB 18030 (Chinese)"), ("shift_jis", "Shift JIS (Japanese)")):
        if pairs >= 2 and 2 * pairs >= high - 1:
            try:
                window.decode(encoding, "strict")
            except UnicodeDecodeError:
                continue
            return name
    return "Windows-1252 or ISO 8859-1 (Western European)"
