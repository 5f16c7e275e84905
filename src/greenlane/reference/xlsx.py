"""The cells of a sheet of an Office Open XML workbook, as text; nothing of styles, dates or formulas."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from greenlane.values.errors import ReferenceError_

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MAX_PART = 1 << 28


def sheet_rows(path: Path, sheet: int) -> Iterator[list[str]]:
    """Yield the rows of the *sheet*-th sheet (1 is the first) as lists of text, empty cells included.

    Raises:
        ReferenceError_: Not a workbook, or it has no such sheet.
    """
    try:
        with zipfile.ZipFile(path) as book:
            strings = [
                "".join(t.text or "" for t in si.iter(f"{_MAIN}t"))
                for si in _part(book, "xl/sharedStrings.xml")
            ]
            rows = list(_part(book, f"xl/worksheets/sheet{sheet}.xml").iter(f"{_MAIN}row"))
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        raise ReferenceError_(f"{path.name} is not a workbook with a sheet {sheet}") from None
    for row in rows:
        cells: list[str] = []
        for cell in row.findall(f"{_MAIN}c"):
            column = _column(cell.get("r", ""))
            cells += [""] * (column - len(cells))
            value = cell.find(f"{_MAIN}v")
            text = "" if value is None else value.text or ""
            cells.append(strings[int(text)] if cell.get("t") == "s" and text else text)
        yield cells


def _part(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if book.getinfo(name).file_size > _MAX_PART:
        raise ReferenceError_(f"part {name} of the workbook is too large")
    data = book.read(name)
    # Entities could make a small file unfold without end; a workbook has no use for a document type.
    if b"<!DOCTYPE" in data:
        raise ReferenceError_(f"part {name} of the workbook declares a document type")
    return ElementTree.fromstring(data)


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        number = number * 26 + ord(letter) - 64
    return max(number - 1, 0)
