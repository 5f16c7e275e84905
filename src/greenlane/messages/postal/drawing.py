"""The printed sheets of CN22 and CN23: boxes, labels and texts on paper, from the fields of an item.

Arrangement and sizes follow the forms of the Universal Postal Union from memory: unverified. A CN22 is an address
label with the declaration on it (A6), because its declaration refers to the addresses on the item.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any, Final, Literal

from babel import Locale
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from greenlane.messages.postal.records import Leaf, Record
from greenlane.values.errors import UsageError

Form = Literal["CN22", "CN23"]
SIZES: Final = {"CN22": (105, 148), "CN23": (210, 148)}
"""Width and height in mm."""
ROWS: Final = {"CN22": 4, "CN23": 6}
"""Content pieces on a sheet; more go on further sheets."""

_COLUMNS: Final[dict[str, tuple[tuple[str, str, float], ...]]] = {
    "CN22": (
        ("Quantity, detailed description of contents", "CP_DESC", 47),
        ("Net kg", "CP_NETWT", 13),
        ("Value", "CP_AMT", 17),
        ("HS / origin", "CP_HS", 22),
    ),
    "CN23": (
        ("Detailed description of contents", "CP_DESC", 82),
        ("Quantity", "CP_NOU", 18),
        ("Net weight (kg)", "CP_NETWT", 24),
        ("Value", "CP_AMT", 30),
        ("HS tariff number", "CP_HS", 28),
        ("Origin", "CP_ORIGCNTRYCD", 22),
    ),
}
_NATURES: Final = (
    ("31", "Gift"),
    ("91", "Documents"),
    ("11", "Sale of goods"),
    ("32", "Commercial sample"),
    ("21", "Returned goods"),
    ("99", "Other"),
)
_PARTY: Final = (
    "NAME",
    "FNAME",
    "LNAME",
    "ADD1",
    "ADD2",
    "ZIP",
    "CITY",
    "STATE",
    "CNTRY_CD",
    "PHONE",
    "EMAILID",
)
_TEXTS: Final = {
    "CN22": "I certify that the particulars given in this declaration are correct and that this item, whose "
    "addresses stand above, holds no dangerous article or article prohibited by law or by postal or customs "
    "regulations.",
    "CN23": "I certify that the particulars given in this customs declaration are correct and that this item "
    "holds no dangerous article or article prohibited by law or by postal or customs regulations.",
}


@dataclass(frozen=True, slots=True)
class Widget:
    """Where a field is printed: page from 0 and rectangle in points; none for a field that isn't printed."""

    page: int
    rectangle: tuple[float, float, float, float] | None


@dataclass(slots=True)
class Sheets:
    """What was drawn: the PDF, the places of the fields by item, piece and name, and what was not printed whole."""

    data: bytes = field(default=b"", repr=False)
    widgets: dict[tuple[int, int | None, str], Widget] = field(default_factory=dict)
    cut: list[tuple[int, int | None, str]] = field(default_factory=list)


def draw(form: Form, records: list[Record], font: bytes | None = None) -> Sheets:
    """Draw each item on one sheet, or more where its content doesn't fit.

    Args:
        form: Which.
        records: Items as they are written.
        font: A TrueType font with the letters of the texts; without it, one that has the Latin letters.
    Raises:
        UsageError: *font* is no TrueType font.
    """
    return _Drawer(form, font).draw(records)


def _font(data: bytes | None) -> TTFont:
    name = "Vera" if data is None else f"given{sha256(data).hexdigest()[:12]}"
    if name not in pdfmetrics.getRegisteredFontNames():
        try:
            pdfmetrics.registerFont(TTFont(name, "Vera.ttf" if data is None else BytesIO(data)))
        except TTFError:
            raise UsageError("the font is no TrueType font") from None
    return pdfmetrics.getFont(name)


class _Drawer:
    def __init__(self, form: Form, font: bytes | None) -> None:
        self._form = form
        self._font: Any = _font(font)
        self._name: str = self._font.fontName
        self._labels: str = _font(None).fontName
        self._width, self._height = SIZES[form]
        self._buffer = BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=(self._width * mm, self._height * mm), invariant=1)
        self._canvas.setTitle(f"{form[:2]} {form[2:]}")
        self._sheets = Sheets()
        self._page = self._item = 0

    def draw(self, records: list[Record]) -> Sheets:
        for number, record in enumerate(records):
            self._item = number
            rows = ROWS[self._form]
            for start in range(0, max(len(record.pieces), 1), rows):
                self._sheet(record, start, rows)
                self._canvas.showPage()
                self._page += 1
        self._canvas.save()
        self._sheets.data = self._buffer.getvalue()
        return self._sheets

    def _sheet(self, record: Record, start: int, rows: int) -> None:
        sheets = max(-(-len(record.pieces) // rows), 1)
        self._canvas.setLineWidth(0.4)
        if self._form == "CN22":
            self._cn22(record, start, f"{start // rows + 1}/{sheets}")
        else:
            self._cn23(record, start, f"{start // rows + 1}/{sheets}")

    def _cn22(self, record: Record, start: int, sheet: str) -> None:
        self._head(record, "CN 22", sheet, 99, 61)
        self._party(record, "SEND", "From", 3, 18, 49, 24)
        self._party(record, "RECP", "To", 52, 18, 50, 24)
        self._natures(record, 3, 42, 99, 12, 3)
        self._pieces(record, start, 3, 54, 10)
        self._box(record, "GROSS_WT", "Total weight (kg)", 3, 99, 30, 9)
        self._box(record, "TOT_DECL_VAL", "Total value", 33, 99, 34, 9)
        self._box(record, "SEND_IDREF", "Sender's customs reference", 67, 99, 35, 9)
        self._box(record, "POSTAGE_AMT", "Postal charges", 3, 108, 30, 9)
        self._box(record, "DOCUMENTS", "Licence, certificate, invoice", 33, 108, 69, 9)
        self._certified(3, 117, 99, 27, 12)
        if (posted := record.fields.get("POSTINGDT")) is not None:
            self._text((None, "POSTINGDT"), posted.text, 37, 125, 30, 3.6, 6.5)

    def _cn23(self, record: Record, start: int, sheet: str) -> None:
        self._head(record, "CN 23", sheet, 204, 80)
        self._party(record, "SEND", "From", 3, 18, 102, 24)
        self._party(record, "RECP", "To", 105, 18, 102, 24)
        self._box(record, "SEND_IDREF", "Sender's customs reference", 3, 42, 51, 8)
        self._box(record, "SEND_PHONE", "Sender's telephone", 54, 42, 51, 8)
        self._box(record, "RECP_IDREF", "Importer's reference", 105, 42, 51, 8)
        self._box(record, "RECP_PHONE", "Importer's telephone", 156, 42, 51, 8)
        self._pieces(record, start, 3, 50, 8)
        self._box(record, "GROSS_WT", "Total gross weight (kg)", 3, 103, 40, 8)
        self._box(record, "TOT_DECL_VAL", "Total value", 43, 103, 40, 8)
        self._box(record, "POSTAGE_AMT", "Postal charges, fees", 83, 103, 40, 8)
        self._box(record, "INS_VAL", "Insured value", 123, 103, 42, 8)
        self._box(record, "POSTINGDT", "Date of posting", 165, 103, 42, 8)
        self._natures(record, 3, 111, 102, 12, 3)
        self._box(record, "MAIL_STATE_REMARKS", "Comments (quarantine, sanitary inspection)", 3, 123, 102, 10)
        self._box(record, "DOCUMENTS", "Licence, certificate, invoice: numbers", 3, 133, 102, 12)
        self._certified(105, 111, 102, 34, 20)

    def _head(self, record: Record, title: str, sheet: str, width: float, bar: float) -> None:
        self._say(3, 7, f"CUSTOMS DECLARATION   {title}", 8)
        self._say(3, 11, "DÉCLARATION EN DOUANE   May be opened officially", 5)
        operator = record.fields.get("ORIGPOST_ORG_CD", Leaf("")).text
        self._say(3, 15, f"Designated operator {operator}   Sheet {sheet}", 5)
        identifier = record.fields.get("ITEM_ID", Leaf("")).text
        if identifier.isascii() and 0 < len(identifier) <= 20:
            code = Code128(identifier, barHeight=7 * mm, barWidth=0.26 * mm, quiet=False)
            left = min(bar, width + 3 - code.width / mm)
            code.drawOn(self._canvas, left * mm, (self._height - 11) * mm)
        self._text((None, "ITEM_ID"), identifier, bar, 12, width + 3 - bar, 4, 7)

    def _party(
        self, record: Record, start: str, label: str, x: float, y: float, width: float, height: float
    ) -> None:
        self._frame(label, x, y, width, height)
        line = y + 2.5
        for part in _PARTY:
            if (self._form, part) in (("CN23", "PHONE"), ("CN22", "EMAILID"), ("CN22", "PHONE")):
                continue
            name = f"{start}_{part}"
            leaf = record.fields.get(name)
            if leaf is not None and line < y + height - 2:
                words = _country(leaf.text) if part == "CNTRY_CD" else leaf.text
                self._text((None, name), words, x + 9, line, width - 10, 3.4, 7)
                line += 3.4

    def _natures(self, record: Record, x: float, y: float, width: float, height: float, columns: int) -> None:
        self._frame("Category of item", x, y, width, height)
        nature = record.fields.get("NATURE_TYPE_CD", Leaf("")).text
        for number, (code, words) in enumerate(_NATURES):
            column, row = number % columns, number // columns
            left, top = x + 2 + column * (width - 2) / columns, y + 3.4 + row * 4
            self._canvas.rect(left * mm, (self._height - top - 2.6) * mm, 2.6 * mm, 2.6 * mm)
            if nature == code:
                self._say(left + 0.5, top + 2.3, "X", 6.5)
                self._note((None, "NATURE_TYPE_CD"), left, top, 2.6, 2.6)
            self._say(left + 4, top + 2.2, words, 6)

    def _pieces(self, record: Record, start: int, x: float, y: float, height: float) -> None:
        left = x
        columns = _COLUMNS[self._form]
        rows = ROWS[self._form]
        for label, _, width in columns:
            self._frame("", left, y, width, 5)
            self._say(left + 0.8, y + 3.4, label, 4.6)
            left += width
        shown = record.pieces[start : start + rows]
        for line in range(rows):
            top, left = y + 5 + line * height, x
            piece = shown[line] if line < len(shown) else {}
            for _, name, width in columns:
                self._frame("", left, top, width, height)
                if name in piece:
                    words = _shown(self._form, name, piece)
                    self._text(
                        (start + line, name), words, left + 0.8, top + 0.4, width - 1.6, height - 0.8, 7
                    )
                left += width

    def _certified(self, x: float, y: float, width: float, height: float, below: float) -> None:
        self._frame("", x, y, width, height)
        words = _TEXTS[self._form].split()
        line, top = "", y + 3.2
        for word in [*words, ""]:
            longer = f"{line} {word}".strip()
            if not word or self._long(longer, 5.2, self._labels) > (width - 3) * mm:
                self._say(x + 1.5, top, line, 5.2)
                line, top = word, top + 2.5
            else:
                line = longer
        self._say(x + 1.5, y + below, "Date and sender's signature", 5)
        self._canvas.line(
            (x + 34) * mm,
            (self._height - y - below) * mm,
            (x + width - 3) * mm,
            (self._height - y - below) * mm,
        )

    def _box(
        self, record: Record, name: str, label: str, x: float, y: float, width: float, height: float
    ) -> None:
        self._frame(label, x, y, width, height)
        leaf = record.fields.get(name)
        if leaf is not None:
            self._text(
                (None, name),
                _valued(_with_total(record), name, leaf),
                x + 1,
                y + 2.4,
                width - 2,
                height - 2.8,
                7.5,
            )

    def _frame(self, label: str, x: float, y: float, width: float, height: float) -> None:
        self._canvas.rect(x * mm, (self._height - y - height) * mm, width * mm, height * mm)
        if label:
            self._say(x + 0.8, y + 2.2, label, 4.6)

    def _say(self, x: float, y: float, words: str, size: float) -> None:
        self._canvas.setFont(self._labels, size)
        self._canvas.drawString(x * mm, (self._height - y) * mm, words)

    def _long(self, text: str, size: float, name: str) -> float:
        return float(pdfmetrics.stringWidth(text, name, size))

    def _text(
        self,
        key: tuple[int | None, str],
        text: str,
        x: float,
        y: float,
        width: float,
        height: float,
        size: float,
    ) -> None:
        """Print a text within a box: smaller where it has to be, over lines, cut at the last."""
        self._note(key, x, y, width, height)
        glyphs = self._font.face.charToGlyph
        whole = all(ord(sign) in glyphs for sign in text)
        printable = "".join(sign if ord(sign) in glyphs else "?" for sign in text)
        while True:
            lines = self._lines(printable, size, width * mm)
            fitting = max(int(height * mm / (size * 1.15)), 1)
            if len(lines) <= fitting or size <= 4.5:
                break
            size -= 0.5
        if len(lines) > fitting:
            whole = False
            lines = [*lines[: fitting - 1], lines[fitting - 1][:-1] + "…"]
        if not whole:
            self._sheets.cut.append((self._item, *key))
        self._canvas.setFont(self._name, size)
        for number, line in enumerate(lines):
            self._canvas.drawString(x * mm, (self._height - y) * mm - size * (1 + 1.15 * number), line)

    def _lines(self, text: str, size: float, width: float) -> list[str]:
        lines, line = [], ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if self._long(longer, size, self._name) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while self._long(line, size, self._name) > width and len(line) > 1:
                cut = len(line) - 1
                while cut > 1 and self._long(line[:cut], size, self._name) > width:
                    cut -= 1
                lines.append(line[:cut])
                line = line[cut:]
        return [*lines, line]

    def _note(self, key: tuple[int | None, str], x: float, y: float, width: float, height: float) -> None:
        bottom = self._height - y - height
        rectangle = (x * mm, bottom * mm, (x + width) * mm, (bottom + height) * mm)
        self._sheets.widgets.setdefault((self._item, *key), Widget(self._page, rectangle))


def _shown(form: Form, name: str, piece: dict[str, Leaf]) -> str:
    """Return what a cell of the content shows; a CN22 has fewer columns, so a cell shows two fields."""
    text = _valued(piece, name, piece[name])
    beside = {"CP_DESC": "CP_NOU", "CP_HS": "CP_ORIGCNTRYCD"}.get(name) if form == "CN22" else None
    if beside is None or beside not in piece:
        return text
    other = _valued(piece, beside, piece[beside])
    return f"{other} × {text}" if name == "CP_DESC" else f"{text} {other}"


def _country(code: str) -> str:
    """Return how a country stands in an address: its English name in capitals, and the code.

    Example:
        >>> _country("DE"), _country("QQ")
        ('GERMANY (DE)', 'QQ')
    """
    name = Locale("en").territories.get(code)
    return code if name is None else f"{name.upper()} ({code})"


def _with_total(record: Record) -> dict[str, Leaf]:
    """Return the fields with the currency of the content, if it has one: the total's."""
    found = {piece["CP_CURRCD"].text for piece in record.pieces if "CP_CURRCD" in piece}
    return record.fields | ({"CP_CURRCD": Leaf(found.pop())} if len(found) == 1 else {})


def _valued(fields: dict[str, Leaf], name: str, leaf: Leaf) -> str:
    """Return a value with its currency or unit."""
    partner = {
        "CP_AMT": "CP_CURRCD",
        "POSTAGE_AMT": "POSTAGE_CURR_CD",
        "INS_VAL": "INS_VAL_CURRCD",
        "TOT_DECL_VAL": "CP_CURRCD",
    }.get(name)
    unit = fields[partner].text if partner in fields else leaf.unit
    return leaf.text if unit in ("", "KGM", "C62") else f"{leaf.text} {unit}"
