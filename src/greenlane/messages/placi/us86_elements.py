"""The ten elements of entry type 86: their columns and forms, and what is wrong with the rows of a bill."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Consignment, ForeignFinding, Place
from greenlane.messages.placi.tables import rows
from greenlane.messages.tabled import expected, fitting
from greenlane.model import BY_COLUMN, Kind
from greenlane.packs import pack
from greenlane.values.finding import Severity, declare

FORMAT: Final = "us-et86"
SINCE: Final = date(2019, 9, 28)
UNTIL: Final = date(2025, 8, 29)
"""The first day on which it was no more."""

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
UNREADABLE = declare(
    "messages.us86.unreadable",
    _E,
    "The file is no table of type 86 entries: its text, its quotation or its columns are not as they should be.",
    "Write UTF-8 with commas, the columns of the reference page in the first row.",
)
MISSING = declare("messages.us86.missing", _E, "An element of the entry is missing.", "Fill it in.")
FORM = declare("messages.us86.form", _E, "An element is not as the entry wants it.", "Write it as told.")
LIFE = declare(
    "messages.us86.life",
    _E,
    "Entry type 86 did not exist on the day.",
    "File another type of entry: it lived from 28 September 2019 to 28 August 2025.",
)
LIMIT = declare(
    "messages.us86.limit",
    _E,
    "The value of the bill is over the limit of the exemption.",
    "File an informal or formal entry.",
)
PARTS = declare(
    "messages.us86.parts",
    _E,
    "The rows of one bill disagree about what they share.",
    "Give the same parties and numbers in each row of a bill.",
)
LOST = declare(
    "messages.us86.not_expressed",
    _W,
    "The entry has no element for a field of the consignment, or none that takes its value.",
    "Send it another way, if the receiver needs it.",
)


@dataclass(frozen=True, slots=True)
class Element:
    """One column: the number of the element among the ten, the field that it holds, its form; once an item?"""

    number: int
    column: str
    field: str
    form: str
    required: bool
    meaning: str
    of_item: bool


ELEMENTS: Final = tuple(
    Element(
        int(row["number"]),
        row["column"],
        row["field"],
        row["form"],
        row["required"] == "always",
        row["meaning"],
        row["field"].startswith("items."),
    )
    for row in rows("us86.csv")
)
FITS: Final = {one.column: fitting(one.form) for one in ELEMENTS}
_VALUE: Final = next(place for place, one in enumerate(ELEMENTS) if one.column == "retail_value")
OWN: Final = (
    frozenset(name for name, one in BY_COLUMN.items() if one.kind not in (Kind.INTEGER, Kind.JSON))
    - {one.field for one in ELEMENTS}
    - {one.column for one in ELEMENTS}
)
"""Columns of the contract that tell what no element does."""
IMPLIED: Final = {"destination_country": "US", "currency": "USD"}


def check(row: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give code, column and words for everything that is wrong with the cells of one row."""
    for one in ELEMENTS:
        text = row.get(one.column) or ""
        if not text.strip():
            if one.required:
                yield MISSING, one.column, f"element {one.number}: expected it, nothing came"
        elif not FITS[one.column](text.strip()):
            words = f"element {one.number}: expected {expected(one.form)}, got {shape_of(text.strip())}"
            yield FORM, one.column, words


@lru_cache(maxsize=64)
def limit_on(day: date) -> int | None:
    """Return the limit of the exemption in cents, as the law pack of the United States has it; null for none.

    Example:
        >>> limit_on(date(2025, 8, 28))
        80000
    """
    found = pack("us").parameters.by_id["us.relief"].at("*", day, None)
    return found.value if found is not None and type(found.value) is int else None


def _cents(text: str) -> int | None:
    if not FITS["retail_value"](text):
        return None
    whole, _, part = text.partition(".")
    return int(whole or "0") * 100 + int(part.ljust(2, "0") or "0")


def texts_of(row: Mapping[str, str]) -> list[str]:
    """Return the texts of a row in the order of the elements, without blanks around them."""
    return [(row.get(one.column) or "").strip() for one in ELEMENTS]


def entries(rows_: Sequence[Sequence[str]], day: date | None) -> Iterator[ForeignFinding]:
    """Give the findings of a bill as a whole: its life, its limit, what its rows (as `texts_of`) share."""
    if day is not None and not SINCE <= day < UNTIL:
        yield ForeignFinding(LIFE, Place("bill", "D023"), f"the day is {day}")
    limit = limit_on(day) if day is not None else None
    if limit is not None:
        values = (_cents(texts[_VALUE]) for texts in rows_)
        if sum(value for value in values if value is not None) > limit:
            words = f"expected {limit // 100} US dollars at most"
            yield ForeignFinding(LIMIT, Place("retail_value", "108"), words)
    if len(rows_) > 1:
        for place, texts in enumerate(zip(*rows_, strict=True)):
            if not ELEMENTS[place].of_item and texts.count(texts[0]) < len(texts):
                words = "expected one value in all rows of the bill"
                yield ForeignFinding(PARTS, Place(ELEMENTS[place].column), words)


def put(into: Consignment, path: str, text: str) -> None:
    """Set a field by its dotted name; what an element of the entry has told stands."""
    *groups, last = path.split(".")
    for group in groups:
        into = into.setdefault(group, {})
    flag = BY_COLUMN[path].kind is Kind.BOOLEAN if path in BY_COLUMN else False
    into.setdefault(last, text == "true" if flag and text in ("true", "false") else text)


def day_of(consignment: Consignment) -> date | None:
    """Return the declaration date of a consignment, null for none."""
    try:
        return date.fromisoformat(str(consignment.get("declaration_date")))
    except ValueError:
        return None
