"""Opening official files: plain or gzipped CSV and JSON, with the columns checked before anything is read."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from greenlane.values.errors import ReferenceError_

csv.field_size_limit(1 << 24)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where its name ends in ``.gz``.

    Raises:
        ReferenceError_: The file cannot be read or unpacked.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error):
        raise ReferenceError_(f"{path.name} cannot be read") from None


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without a byte order mark.

    Raises:
        ReferenceError_: The file cannot be read or is not UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReferenceError_(f"{path.name} is not UTF-8 text") from None


def read_table(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and row of a CSV file that has *columns*; lines that begin with # are skipped.

    Raises:
        ReferenceError_: The file cannot be read, or a column is missing.
    """
    lines = read_text(path).splitlines(keepends=True)
    comments = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader = csv.DictReader(lines[comments:])
    missing = [name for name in columns if name not in (reader.fieldnames or ())]
    if missing:
        raise ReferenceError_(f"{path.name} lacks the columns {', '.join(missing)}")
    try:
        for row in reader:
            yield (
                comments + reader.line_num,
                {key: value or "" for key, value in row.items() if key is not None},
            )
    except csv.Error:
        raise ReferenceError_(f"{path.name} is not readable CSV at line {reader.line_num}") from None
