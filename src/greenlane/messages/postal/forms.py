"""CN22 and CN23 as PDF, printed and with fields: from consignments, and from the fields back to consignments.

Every field of the item is a read-only form field (``1-CP_DESC-2``: item, name, piece), so nothing that is printed
smaller, cut or not at all is lost.
"""

import logging
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from io import BytesIO
from typing import BinaryIO, Final

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Message, Place, Written, register
from greenlane.messages.postal import drawing
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.consignments import consignment_of
from greenlane.messages.postal.drawing import Form
from greenlane.messages.postal.edifact import MOST_PIECES
from greenlane.messages.postal.fields import BY_NAME
from greenlane.messages.postal.records import Leaf, Record
from greenlane.messages.postal.turning import summed
from greenlane.messages.postal.writing import not_of_layout, records_of
from greenlane.values.errors import UsageError

CN22_LIMIT_SDR: Final = 300
MOST_BYTES: Final = 8 << 20
MOST_FIELDS: Final = 20_000
MOST_ITEMS: Final = 1_000

_NAME: Final = re.compile(r"([1-9][0-9]{0,3})-([A-Z0-9_]{1,30})(?:-([1-9][0-9]{0,3}))?(-unit)?")
_READ_ONLY: Final = 1
_PRINTED, _HIDDEN = 4, 2
_TROUBLE: Final = (
    PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, OverflowError,
    AssertionError, EOFError, struct.error, zlib.error, OSError,
)  # fmt: skip
"""What pypdf raises for PDFs that are none."""

# Its warnings repeat parts of the file, which may be personal.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def form_for(consignment: Consignment, sdr_rate: str | None = None) -> Form:
    """Return which form a consignment needs: a CN22 serves up to 300 SDR, anything else a CN23.

    Args:
        consignment: Object of the contract.
        sdr_rate: How many SDR one unit of its currency is; without it the value in SDR is not known.
    Example:
        >>> parcel = {"currency": "EUR", "items": [{"value": "400.00"}]}
        >>> form_for(parcel, "0.74"), form_for(parcel, "0.8"), form_for(parcel)
        ('CN22', 'CN23', 'CN23')
    """
    value = _in_sdr(consignment, sdr_rate)
    return "CN22" if value is not None and value <= CN22_LIMIT_SDR else "CN23"


def _in_sdr(consignment: Consignment, sdr_rate: str | None) -> Fraction | None:
    rate = "1" if consignment.get("currency") == "XDR" else sdr_rate
    values = [item.get("value") for item in consignment.get("items") or ()]
    if rate is None or not values or not all(isinstance(value, str) for value in values):
        return None
    if not all(re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", text, re.ASCII) for text in (*values, rate)):
        return None
    return Fraction(summed(values)) * Fraction(rate)


def write_forms(
    form: Form,
    consignments: Sequence[Consignment],
    carried: Sequence[Carried] = (),
    *,
    sdr_rate: str | None = None,
    font: bytes | None = None,
) -> Written:
    """Print one form for each consignment; ``lost`` tells what it cannot hold or print, and a value over its limit.

    Args:
        form: CN22 or CN23.
        consignments: Objects of the contract.
        carried: What reading one message or PDF carried.
        sdr_rate: How many SDR one unit of the currency is, for the limit of the CN22.
        font: A TrueType font for texts in other letters than Latin ones; scripts are printed letter by letter, left
            to right.
    Raises:
        UsageError: There is no consignment, or more than a PDF holds, or the font is none.
    """
    if not 0 < len(consignments) <= MOST_ITEMS:
        raise UsageError(f"forms are printed for 1 to {MOST_ITEMS:,} consignments")
    records, lost = records_of(consignments, carried)
    lost += not_of_layout(records, "")
    for number, consignment in enumerate(consignments if form == "CN22" else ()):
        if form_for(consignment, sdr_rate) != "CN22":
            words = "expected up to 300 SDR, and the rate of the SDR to tell"
            lost.append(ForeignFinding(codes.LIMIT, Place("/items"), words, number))
    sheets = drawing.draw(form, records, font)
    for item, piece, name in sheets.cut:
        place = f"{item + 1}-{name}" + ("" if piece is None else f"-{piece + 1}")
        words = "the field holds the whole text, the print does not"
        lost.append(ForeignFinding(codes.PRINTED, Place(place), words, item))
    return Written(_with_fields(form, records, sheets), tuple(lost))


def _with_fields(form: Form, records: Sequence[Record], sheets: drawing.Sheets) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(sheets.data))
    made = ArrayObject()

    def add(name: str, text: str, widget: drawing.Widget) -> None:
        box = widget.rectangle or (0, 0, 0, 0)
        annotation = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject("/Tx"),
                NameObject("/T"): TextStringObject(name),
                NameObject("/V"): TextStringObject(text),
                NameObject("/Ff"): NumberObject(_READ_ONLY),
                NameObject("/F"): NumberObject(_PRINTED if widget.rectangle else _HIDDEN),
                NameObject("/Rect"): ArrayObject(FloatObject(round(side, 2)) for side in box),
            }
        )
        annotation[NameObject("/AP")] = DictionaryObject({NameObject("/N"): nothing})
        reference = writer._add_object(annotation)
        made.append(reference)
        page = writer.pages[widget.page]
        page.setdefault(NameObject("/Annots"), ArrayObject()).append(reference)

    nothing = writer._add_object(_nothing())
    add("FORM", form, drawing.Widget(0, None))
    first = 0
    for item, record in enumerate(records):
        for piece, name, leaf in record.leaves():
            widget = sheets.widgets.get((item, piece, name)) or drawing.Widget(first, None)
            key = f"{item + 1}-{name}" + ("" if piece is None else f"-{piece + 1}")
            add(key, leaf.text, widget)
            if leaf.unit:
                add(f"{key}-unit", leaf.unit, drawing.Widget(first, None))
        first += max(-(-len(record.pieces) // drawing.ROWS[form]), 1)
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): made})
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _nothing() -> DecodedStreamObject:
    """An appearance without a sign on it: what stands beneath is what is read."""
    stream = DecodedStreamObject()
    stream.set_data(b"")
    stream.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(FloatObject(0) for _ in range(4)),
        }
    )
    return stream


def read_forms(data: bytes, received: date | None = None) -> Message:
    """Read CN22 and CN23 from the fields of a PDF, as `write_forms` names them; what is printed alone is not read.

    What is wrong with it is in the findings.
    """
    fields: dict[str, str] = {}
    findings: list[ForeignFinding] = []
    try:
        for name, text in _fields(data):
            if name in fields:
                findings.append(ForeignFinding(codes.REPEATED, Place(_shown(name)), "expected it once"))
            fields.setdefault(name, text)
    except _Refused as refused:
        findings.append(ForeignFinding(refused.code, Place("/"), str(refused)))
    form = fields.pop("FORM", "")
    if form not in drawing.SIZES:
        form = ""
        if not findings:
            words = "expected a field FORM with CN22 or CN23"
            findings.append(ForeignFinding(codes.NOT_POSTAL, Place("FORM"), words))
        return Message("postal-form", "", "", (), (), tuple(findings))
    records = _records(fields, findings)
    consignments: list[Consignment] = []
    carried: list[Carried] = []
    for number, record in enumerate(records, 1):
        reading = consignment_of(record, number, received)
        consignments.append(reading.consignment)
        carried += reading.carried
        findings += reading.findings
    if not records:
        findings.append(ForeignFinding(codes.MISSING, Place("1-ITEM_ID"), "expected the fields of an item"))
    name = f"postal-{form.lower()}"
    return Message(name, form, "", tuple(consignments), tuple(carried), tuple(findings))


class _Refused(Exception):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def _shown(name: str) -> str:
    """Return a field's name if it is one of the layout's; others could hold anything."""
    found = _NAME.fullmatch(name)
    return name if name == "FORM" or (found and found[2] in BY_NAME) else "/"


def _fields(data: bytes) -> Iterator[tuple[str, str]]:
    """Give name and text of the text fields of a PDF, whatever tree they stand in."""
    if len(data) > MOST_BYTES:
        raise _Refused(codes.BOUNDS, f"expected up to {MOST_BYTES:,} bytes")
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        raise _Refused(codes.NOT_POSTAL, "expected a PDF")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted:
            raise _Refused(codes.NOT_POSTAL, "expected a PDF that is not encrypted")
        form = _dictionary(reader.root_object.get("/AcroForm"))
        waiting = [(one, "") for one in reversed(_array(form.get("/Fields")))]
        seen = 0
        while waiting:
            found, above = waiting.pop()
            seen += 1
            if seen > MOST_FIELDS or len(waiting) > MOST_FIELDS:
                raise _Refused(codes.BOUNDS, f"expected up to {MOST_FIELDS:,} fields")
            field = _dictionary(found)
            own = field.get("/T")
            name = f"{above}.{own}" if above and isinstance(own, str) else str(own or above)
            if len(name) > 100:
                continue
            value = field.get("/V")
            value = value.get_object() if value is not None else None
            if isinstance(value, TextStringObject) and value:
                yield name, str(value)
            else:
                waiting += [(one, name) for one in reversed(_array(field.get("/Kids")))]
    except _TROUBLE:
        raise _Refused(codes.NOT_POSTAL, "the PDF cannot be read") from None


def _dictionary(found: PdfObject | None) -> DictionaryObject:
    held = found.get_object() if found is not None else None
    return held if isinstance(held, DictionaryObject) else DictionaryObject()


def _array(found: PdfObject | None) -> list[PdfObject]:
    held = found.get_object() if found is not None else None
    return list(held)[: MOST_FIELDS + 1] if isinstance(held, ArrayObject) else []


def _records(fields: Mapping[str, str], findings: list[ForeignFinding]) -> list[Record]:
    numbered: dict[int, Record] = {}
    for name, text in fields.items():
        found = _NAME.fullmatch(name)
        row = BY_NAME.get(found[2]) if found else None
        piece = int(found[3]) - 1 if found and found[3] else None
        fitting = row is not None and row.group != "head" and (row.group == "piece") == (piece is not None)
        if found is None or row is None or not fitting or int(found[1]) > MOST_ITEMS:
            findings.append(ForeignFinding(codes.UNKNOWN, Place(_shown(name)), "the form has no such field"))
            continue
        if found[4]:
            continue
        record = numbered.setdefault(int(found[1]), Record(f"{found[1]}-"))
        into = record.fields
        if piece is not None:
            if piece >= MOST_PIECES:
                words = f"expected up to {MOST_PIECES:,} content pieces"
                findings.append(ForeignFinding(codes.BOUNDS, Place(name), words))
                continue
            record.pieces += [{} for _ in range(piece + 1 - len(record.pieces))]
            into = record.pieces[piece]
        into[row.name] = Leaf(text, name, fields.get(f"{name}-unit", ""))
    return [numbered[number] for number in sorted(numbered)]


@dataclass(slots=True)
class _PdfForm:
    """One form in the registry. A PDF tells which form it is in a field that may stand late; either reads both."""

    name: str
    title: str
    form: Form
    media_types: tuple[str, ...] = ("application/pdf",)
    since: date | None = None
    until: date | None = None

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins a PDF that isn't the other form."""
        other = b"(CN23)" if self.form == "CN22" else b"(CN22)"
        return head.lstrip().startswith(b"%PDF-") and other not in head

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one PDF of forms."""
        return read_forms(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read one PDF; its end has to be there before its begin makes sense, so it is read whole, and bounded."""
        yield read_forms(source.read(MOST_BYTES + 1), received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Print consignments; ``sdr_rate`` is how many SDR one unit of the currency is."""
        if set(header) - {"sdr_rate"}:
            raise UsageError("a form takes sdr_rate alone")
        return write_forms(self.form, consignments, carried, sdr_rate=header.get("sdr_rate"))


CN22: Final = register(_PdfForm("postal-cn22", "CN22, customs declaration up to 300 SDR (PDF)", "CN22"))
CN23: Final = register(_PdfForm("postal-cn23", "CN23, customs declaration (PDF)", "CN23"))
