"""What a file is, by its content and not by its name."""

from enum import StrEnum

from greenlane.messages import files_findings as codes
from greenlane.messages.files_raw import Finder


class Format(StrEnum):
    """The formats of the contract's own files."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"
    JSON = "json"


_SUFFIXES = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.JSON,
}

_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive (an Excel workbook is one)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x1f\x8b", "a gzip archive inside a gzip archive"),
    (b"SQLite format 3", "a database"),
    (b"ARROW1", "an Arrow file"),
    (b"<", "XML or HTML"),
)

_WIDE = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)

_BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"


def sniff(head: bytes, suffixes: list[str], finder: Finder) -> Format | None:
    """Say which format *head*, the first bytes of a file, begins; None with a finding when intake reads none.

    Args:
        head: Up to 64 KiB of the plain content.
        suffixes: Suffixes of the file's name, lower case, to be compared with the content.
    """
    if not head.removeprefix(_BOM).strip():
        finder.once(codes.FILE_EMPTY, f"expected consignments, the file holds {len(head):,} bytes of nothing")
        return None
    if head.startswith(b"PAR1"):
        return _named(Format.PARQUET, suffixes, finder)
    for mark, name in _WIDE:
        if head.startswith(mark):
            finder.once(codes.FILE_ENCODING, f"byte 1 begins {name}; expected UTF-8")
            return None
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            finder.once(codes.FILE_CONTENT, f"expected Parquet, CSV, NDJSON or JSON, the content is {what}")
            return None
    if head.startswith(_BOM):
        finder.once(codes.FILE_BOM, "the file begins with a byte order mark, which is skipped")
    text = head.removeprefix(_BOM).lstrip()
    if text[:1] in b"{[":
        return _named(_json_or_lines(text), suffixes, finder)
    zeros = head.count(b"\0")
    if zeros > len(head) // 4:
        odd, even = head[1::2].count(b"\0"), head[::2].count(b"\0")
        if 8 * min(odd, even) < max(odd, even):
            finder.once(codes.FILE_ENCODING, "the text looks like UTF-16; expected UTF-8")
        else:
            finder.once(codes.FILE_CONTENT, "expected Parquet, CSV, NDJSON or JSON, the content is binary")
        return None
    return _named(Format.CSV, suffixes, finder)


def _json_or_lines(text: bytes) -> Format:
    if text.startswith(b"["):
        return Format.JSON
    lines = [line.strip() for line in text.split(b"\n")]
    first = lines[0]
    second = next((line for line in lines[1:] if line), b"")
    if len(lines) == 1 or first.endswith(b"}") or second.startswith(b"{"):
        return Format.NDJSON
    return Format.JSON


def _named(found: Format, suffixes: list[str], finder: Finder) -> Format:
    named = next((_SUFFIXES[suffix] for suffix in reversed(suffixes) if suffix in _SUFFIXES), None)
    # One object on one line is JSON and NDJSON at once.
    alike = {named, found} <= {Format.JSON, Format.NDJSON}
    if named is not None and named is not found and not alike:
        finder.once(codes.FILE_NAME, f"the name says {named}, the content is {found} and is read as that")
    return found
