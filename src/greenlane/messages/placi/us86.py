"""Entry type 86 of the United States: its ten elements as a table, one row a goods item, for the time that it lived.

The elements are those that customs and its brokers' association name; the columns and their lengths are greenlane's, for
the record layout of the customs interface was not obtained. The entry began as a test on 28 September 2019 (unverified);
the last day was 28 August 2025, after which the exemption that it rests on was suspended for every country.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any, BinaryIO, Final

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import (
    Carried,
    Consignment,
    ForeignFinding,
    Message,
    Place,
    Written,
    register,
)
from greenlane.messages.placi.tables import rows
from greenlane.messages.tabled import expected, fitting
from greenlane.model import BY_COLUMN, Kind
from greenlane.packs import pack
from greenlane.values.finding import Severity, declare

FORMAT: Final = "us-et86"
SINCE: Final = date(2019, 9, 28)
UNTIL: Final = date(2025, 8, 29)
"""The first day on which it was no more."""
_MOST_BYTES: Final = 16 << 20
_MOST_CELL: Final = 10_000

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
    """One column: the number of the element among the ten, the field that it holds, its form."""

    number: int
    column: str
    field: str
    form: str
    required: bool
    meaning: str

    @property
    def of_item(self) -> bool:
        """Whether it stands once an item."""
        return self.field.startswith("items.")


ELEMENTS: Final = tuple(
    Element(
        int(row["number"]),
        row["column"],
        row["field"],
        row["form"],
        row["required"] == "always",
        row["meaning"],
    )
    for row in rows("us86.csv")
)
_FITS: Final = {one.column: fitting(one.form) for one in ELEMENTS}
_SHARED: Final = tuple(one for one in ELEMENTS if not one.of_item)
_HELD: Final = frozenset(one.field for one in ELEMENTS)
_OWN: Final = (
    frozenset(name for name, one in BY_COLUMN.items() if one.kind not in (Kind.INTEGER, Kind.JSON))
    - _HELD
    - {one.column for one in ELEMENTS}
)
"""Columns of the contract that tell what no element does."""
_IMPLIED: Final = {"destination_country": "US", "currency": "USD"}


def check(row: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give code, column and words for everything that is wrong with the cells of one row."""
    for one in ELEMENTS:
        text = row.get(one.column) or ""
        if not text.strip():
            if one.required:
                yield MISSING, one.column, f"element {one.number}: expected it, nothing came"
        elif not _FITS[one.column](text.strip()):
            words = f"element {one.number}: expected {expected(one.form)}, got {shape_of(text.strip())}"
            yield FORM, one.column, words


def limit_on(day: date) -> int | None:
    """Return the limit of the exemption in cents, as the law pack of the United States has it; null for none.

    Example:
        >>> limit_on(date(2025, 8, 28))
        80000
    """
    found = pack("us").parameters.by_id["us.relief"].at("*", day, None)
    return found.value if found is not None and type(found.value) is int else None


def _cents(text: str) -> int | None:
    if not _FITS["retail_value"](text):
        return None
    whole, _, part = text.partition(".")
    return int(whole or "0") * 100 + int(part.ljust(2, "0") or "0")


def entries(rows_: Sequence[Mapping[str, str]], day: date | None) -> Iterator[ForeignFinding]:
    """Give the findings of the rows of one bill as a whole: its life, its limit, what its rows share."""
    if day is not None and not SINCE <= day < UNTIL:
        yield ForeignFinding(LIFE, Place("bill", "D023"), f"the day is {day}")
    values = [_cents((row.get("retail_value") or "").strip()) for row in rows_]
    limit = limit_on(day) if day is not None else None
    known = [value for value in values if value is not None]
    if limit is not None and sum(known) > limit:
        yield ForeignFinding(
            LIMIT, Place("retail_value", "108"), f"expected {limit // 100} US dollars at most"
        )
    for one in _SHARED:
        if len({(row.get(one.column) or "").strip() for row in rows_}) > 1:
            yield ForeignFinding(PARTS, Place(one.column), "expected one value in all rows of the bill")


def read(data: bytes, received: date | None = None) -> Message:
    """Read a table of entries: each bill is a consignment.

    Columns beside the elements, and elements that no field holds, are carried by row. A column that has the name of
    an element of the contract (``channel``, ``items.description``) tells what the ten elements leave open.

    Example:
        >>> read(b"bill,hts\\n").findings[0].code
        'messages.us86.unreadable'
    """
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(f"expected up to {_MOST_BYTES:,} bytes, more came")
        table = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
        lines = _lines(table)
    except UnicodeDecodeError:
        return _nothing("expected UTF-8")
    except csv.Error:
        return _nothing("expected cells parted by commas, quotation marks closed and doubled")
    except ValueError as error:
        return _nothing(str(error))
    bills: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, line in enumerate(lines, 2):
        bills.setdefault(line["bill"].strip(), []).append((number, line))
    made, carried, findings = [], [], []
    for place, (_, numbered) in enumerate(bills.items()):
        held = [line for _, line in numbered]
        made.append(_consignment(held, received))
        for item, (number, line) in enumerate(numbered):
            for code, column, words in check(line):
                findings.append(ForeignFinding(code, Place(f"{column}[{number}]"), words, place))
            carried += [
                Carried(f"/{place}/{item}/{column}", text)
                for column, text in line.items()
                if text != (_text(made[-1], item, column) or "")
            ]
        findings += [
            ForeignFinding(found.code, found.place, found.message, place)
            for found in entries(held, _day(made[-1]))
        ]
    return Message(FORMAT, "86", "", tuple(made), tuple(carried), tuple(findings))


def _lines(table: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    names = [name.strip() for name in table[0]] if table else []
    lacking = [one.column for one in ELEMENTS if one.required and one.column not in names]
    if lacking:
        raise ValueError(f"expected the columns {', '.join(lacking)}")
    if len(set(names)) != len(names):
        raise ValueError("expected each column once")
    found = []
    for number, cells in enumerate(table[1:], 2):
        if not cells:
            continue
        if len(cells) != len(names):
            raise ValueError(f"row {number}: expected {len(names)} cells, {len(cells)} came")
        if any(len(cell) > _MOST_CELL or "\0" in cell for cell in cells):
            raise ValueError(f"row {number}: expected cells up to {_MOST_CELL:,} characters, without NUL")
        found.append(dict(zip(names, cells, strict=True)))
    if not found:
        raise ValueError("expected a row at least")
    return found


def _nothing(words: str) -> Message:
    return Message(FORMAT, "86", "", (), (), (ForeignFinding(UNREADABLE, Place("/"), words),))


def _consignment(lines: Sequence[Mapping[str, str]], received: date | None) -> Consignment:
    first = lines[0]
    made: Consignment = {"consignment_id": first["bill"].strip(), **_IMPLIED}
    for one in _SHARED:
        text = (first.get(one.column) or "").strip()
        if one.field and text:
            group, _, own = one.field.partition(".")
            if own:
                made.setdefault(group, {})[own] = text
            else:
                made[group] = text
    for column in first:
        text = first[column].strip()
        if text and column in _OWN and not column.startswith("items."):
            _put(made, column, text)
    if received is not None:
        made.setdefault("declaration_date", str(received))
    made["items"] = []
    for number, line in enumerate(lines, 1):
        item: Consignment = {"item_id": str(number)}
        for one in ELEMENTS:
            text = (line.get(one.column) or "").strip()
            if one.of_item and text:
                item[one.field.removeprefix("items.")] = text
        for column, text in line.items():
            if text.strip() and column in _OWN and column.startswith("items."):
                _put(item, column.removeprefix("items."), text.strip())
        made["items"].append(item)
    return made


def _put(into: Consignment, path: str, text: str) -> None:
    """Set a field by its dotted name; what an element of the entry has told stands."""
    *groups, last = path.split(".")
    for group in groups:
        into = into.setdefault(group, {})
    flag = BY_COLUMN[path].kind is Kind.BOOLEAN if path in BY_COLUMN else False
    into.setdefault(last, text == "true" if flag and text in ("true", "false") else text)


def _value(consignment: Consignment, item: int, field: str) -> Any:
    here: Any = consignment
    for name in field.split("."):
        if name == "items":
            here = (consignment.get("items") or [])[item]
        else:
            here = here.get(name) if isinstance(here, Mapping) else None
    return here


def _text(consignment: Consignment, item: int, column: str) -> str | None:
    one = next((one for one in ELEMENTS if one.column == column), None)
    value = _value(consignment, item, one.field) if one is not None and one.field else None
    return None if value is None else str(value)


def write(
    consignments: Sequence[Consignment],
    carried: Sequence[Carried] = (),
    *,
    entry_number: str = "",
    port_of_entry: str = "",
    importer_of_record: str = "",
) -> Written:
    """Write the entries of consignments; what is missing, over the limit or out of its life is in ``lost`` as well.

    Args:
        consignments: Objects of the contract.
        carried: What reading carried.
        entry_number: Number of the entry, where none is carried.
        port_of_entry: Planned port of entry, where none is carried.
        importer_of_record: Number of the importer of record, where none is carried.
    """
    given = {
        "entry_number": entry_number,
        "port_of_entry": port_of_entry,
        "importer_of_record": importer_of_record,
    }
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for one in carried:
        _, bill, row, column = one.path.split("/", 3)
        kept.setdefault((bill, row), {})[column] = one.text
    columns = [one.column for one in ELEMENTS]
    columns += sorted({name for texts in kept.values() for name in texts} - set(columns))
    out = StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    lost: list[ForeignFinding] = []
    for place, consignment in enumerate(consignments):
        lines = []
        for item in range(len(consignment.get("items") or ())):
            line = {
                one.column: _text(consignment, item, one.column) or given.get(one.column, "")
                for one in ELEMENTS
            }
            for name, text in kept.get((str(place), str(item)), {}).items():
                if name in _OWN:
                    line[name] = _own(consignment, item, name) or ""
                elif text.strip() == line.get(name, "") or not line.get(name):
                    line[name] = text
            lines.append(line)
            writer.writerow(line)
            for code, column, words in check(line):
                lost.append(ForeignFinding(code, Place(f"{column}[{item + 1}]"), words, place))
        day = _day(consignment)
        lost += [ForeignFinding(one.code, one.place, one.message, place) for one in entries(lines, day)]
        lost += _lost(consignment, place, day, [name for name in columns if name in _OWN])
    return Written(out.getvalue().encode(), tuple(lost))


def _day(consignment: Consignment) -> date | None:
    try:
        return date.fromisoformat(str(consignment.get("declaration_date")))
    except ValueError:
        return None


def _own(consignment: Consignment, item: int, column: str) -> str | None:
    value = _value(consignment, item, column)
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _lost(
    consignment: Consignment, place: int, day: date | None, own: Sequence[str] = ()
) -> Iterator[ForeignFinding]:
    items = consignment.get("items") or ()
    rows_ = [
        {one.column: _text(consignment, n, one.column) or "" for one in ELEMENTS}
        | {name: _own(consignment, n, name) or "" for name in own}
        for n in range(len(items))
    ]
    back = _consignment([{"bill": "", **row} for row in rows_], day) if rows_ else {}
    for path, value in _flat(consignment):
        if value is not None and _at(back, path) != value:
            words = f"the entry cannot hold it ({shape_of(str(value))})"
            yield ForeignFinding(LOST, Place("/" + "/".join(path)), words, place)


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, (*path, str(name)))
    elif isinstance(value, list | tuple) and path == ("items",):
        for number, inner in enumerate(value):
            yield from _flat(inner, (*path, str(number)))
    else:
        yield path, value


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


class _Us86:
    name: str = FORMAT
    title: str = "United States entry type 86, its ten elements as CSV (columns are greenlane's)"
    media_types: tuple[str, ...] = ("application/vnd.greenlane.us-et86+csv",)
    since: date | None = SINCE
    until: date | None = UNTIL

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins a table of entries."""
        first = head.split(b"\n", 1)[0]
        return b"entry_number" in first and b"port_of_entry" in first

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read a table of entries."""
        return read(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read the whole table: the rows of a bill may stand apart."""
        yield read(source.read(_MOST_BYTES + 1), received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write entries; numbers and port that no consignment holds go into the header."""
        return write(consignments, carried, **header)


US86: Final = register(_Us86())
