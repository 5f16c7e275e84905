"""The strict parse on plain rows, for a filing of few consignments: the same readings, without columns.

`check_rows` gives what `greenlane.messages.files_check.check` gives of the same objects: each cell goes through the
reading that the columns use for a doubtful cell. Where several records may be one consignment, it leaves them to
the columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

from greenlane.messages import files_findings as codes
from greenlane.messages.files_check import MOST_ITEMS, SHOWABLE_ID, Problem, too_many, too_much
from greenlane.messages.files_identifiers import cross_checked
from greenlane.messages.files_json import Record
from greenlane.messages.files_raw import Fault
from greenlane.messages.files_read import Wrong, decimals_of, plain_reading
from greenlane.model import (
    CONSIGNMENT_ELEMENTS,
    FINDING_SCHEMA,
    ITEM_ELEMENTS,
    Element,
    Kind,
    Level,
    typed_name,
)
from greenlane.values.finding import Severity, kind_of
from greenlane.values.money import MAX_MINOR

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted consignment as plain rows: names and values as in the frames of a `Batch`."""

    consignment: Row
    items: list[Row]


@dataclass(frozen=True, slots=True)
class RowBatch:
    """What came of few records: rows of findings and rejected records as in the frames of a `Batch`."""

    accepted: list[Accepted]
    findings: list[Row]
    rejected: list[Row]


@dataclass(frozen=True, slots=True)
class _Field:
    """How one element is found in an object, read, and named when typed."""

    element: Element
    name: str
    parts: tuple[str, ...]
    one: Callable[[str, int], object]
    digits: int | None
    default: object


def check_rows(records: Sequence[tuple[Record, msgspec.Struct, list[Fault]]], file: str) -> RowBatch | None:
    """Parse records strictly, each by itself; None where neighbours could be rows of one consignment.

    Args:
        records: Each with its object and what the reader of JSON found.
        file: Name of the source, for findings.
    """
    ids = [_text(Kind.CODE, getattr(one, "consignment_id", None)) for _, one, _ in records]
    if any(left is not None and left == right for left, right in pairwise(ids)):
        return None
    found = RowBatch([], [], [])
    for record, one, faults in records:
        if not _check(record, one, faults, file, found):
            return None
    return found


def _check(record: Record, one: msgspec.Struct, faults: list[Fault], file: str, found: RowBatch) -> bool:
    objects: list[Any] = list(getattr(one, "items", None) or (None,))
    cells = [_cell(one, field) for field in _CONSIGNMENT]
    if cells[0] is None and len(objects) > 1:
        return False
    currency = cells[_PLACE["currency"]]
    problems: list[Problem] = []
    consignment = _read(cells, _CONSIGNMENT, currency, cells, 0, problems)
    items = [
        _read([_cell(item, field) for field in _ITEM], _ITEM, currency, cells, place, problems)
        for place, item in enumerate(objects)
    ]
    dropped = _item_ids(items, problems)
    _sizes(items, problems)
    for code, element, place, message in cross_checked(consignment, items):
        problems.append(_problem(code, element, place, message))
    kept = _with_faults(problems, faults, len(items))
    kept.sort(key=lambda p: (p.place, p.path, p.code))
    shown = cells[0] if cells[0] is not None and SHOWABLE_ID.match(cells[0]) else None
    bad = False
    for problem in kept:
        severity = kind_of(problem.code).severity
        bad = bad or severity is Severity.ERROR
        told = (file, record.row, shown, problem.code, str(severity), problem.path, problem.message)
        found.findings.append(dict(zip(FINDING_SCHEMA, told, strict=True)))
    if bad:
        raw = record.data.decode("utf-8", "backslashreplace")
        listed = " ".join(sorted({problem.code for problem in kept}))
        found.rejected.append({"file": file, "row": record.row, "raw": raw, "codes": listed})
        return True
    source = {"source_file": file, "source_row": record.row, "source_last": record.row, "source_rows": 1}
    place = len(found.accepted)
    listed_items = [{"row": place} | item for number, item in enumerate(items) if number not in dropped]
    found.accepted.append(Accepted(consignment | source, listed_items))
    return True


def _cell(owner: Any, field: _Field) -> str | None:
    for part in field.parts:
        if owner is None:
            return None
        owner = getattr(owner, part)
    return _text(field.element.kind, owner)


def _text(kind: Kind, cell: Any) -> str | None:
    """Write a cell of a JSON object as the text that a file would hold; an empty one is absent."""
    if cell is None or type(cell) is str:
        return cell or None
    match kind:
        case Kind.BOOLEAN:
            return "true" if cell else "false"
        case Kind.INTEGER:
            return str(cell)
        case _:
            text = bytes(cell).decode()
            return None if text == "null" else text or None


def _read(
    cells: list[str | None],
    fields: tuple[_Field, ...],
    currency: str | None,
    head: list[str | None],
    place: int,
    problems: list[Problem],
) -> Row:
    row: Row = {}
    for field, text in zip(fields, cells, strict=True):
        if text is None:
            if field.element.required:
                problems.append(
                    _problem(codes.REQUIRED, field.element, place, "expected a value, got nothing")
                )
            row[field.name] = field.default
            continue
        digits = field.digits
        if digits is None:
            digits = decimals_of(field.element, _currency(field.element, currency, head))
        try:
            value = field.one(text, digits)
        except Wrong as wrong:
            problems.append(_problem(wrong.code, field.element, place, wrong.message))
            value = None
        row[field.name] = field.default if value is None else value
    return row


def _currency(element: Element, currency: str | None, head: list[str | None]) -> str | None:
    own = element.in_currency
    return currency if own is None or own == "currency" else head[_PLACE[own]] or currency


def _problem(code: str, element: Element, place: int, message: str) -> Problem:
    leaf = element.name.replace(".", "/")
    path = f"/{leaf}" if element.level is Level.CONSIGNMENT else f"/items/{place}/{leaf}"
    return Problem(place, path, code, f"{element.column}: {message}")


def _item_ids(items: list[Row], problems: list[Problem]) -> set[int]:
    """Number the items that came without a number, and find those that came twice."""
    dropped: set[int] = set()
    seen: dict[str, list[Row]] = {}
    for place, item in enumerate(items):
        if item["item_id"] is None:
            item["item_id"] = str(place + 1)
        earlier = seen.setdefault(item["item_id"], [])
        if item in earlier:
            dropped.add(place)
            message = "expected each item once, got an equal row before"
            problems.append(_problem(codes.ITEM_REPEATED, ITEM_ELEMENTS[0], place, message))
        elif earlier:
            message = "expected one item per number, got another before"
            problems.append(_problem(codes.ITEM_DUPLICATE, ITEM_ELEMENTS[0], place, message))
        earlier.append(item)
    return dropped


def _sizes(items: list[Row], problems: list[Problem]) -> None:
    if len(items) > MOST_ITEMS:
        problems.append(too_many(0, len(items)))
    if sum(item["value"] or 0 for item in items) > MAX_MINOR:
        problems.append(too_much(0))


def _with_faults(problems: list[Problem], faults: list[Fault], items: int) -> list[Problem]:
    """Add what the reader of JSON found, and drop the problems that only follow from it."""
    if not faults:
        return problems
    hidden = [fault.path for fault in faults]
    own = [
        p for p in problems if not any(p.path == h or h == "" or p.path.startswith(h + "/") for h in hidden)
    ]
    found = {
        (fault.path, fault.code): Problem(0, fault.path, fault.code, fault.message)
        for fault in reversed(faults)
    }
    return own + list(found.values())[::-1]


def _field(element: Element) -> _Field:
    fixed = decimals_of(element, None) if element.kind in _SCALED and not element.in_currency else None
    digits = fixed if element.kind in _SCALED else 0
    default: object = element.default
    if element.default is not None and element.kind is Kind.BOOLEAN:
        default = element.default == "true"
    elif element.default is not None and element.kind is Kind.AMOUNT:
        default = int(element.default)
    return _Field(
        element, typed_name(element), tuple(element.name.split(".")), plain_reading(element), digits, default
    )


_SCALED = (Kind.AMOUNT, Kind.MASS_KG, Kind.QUANTITY)
_CONSIGNMENT = tuple(map(_field, CONSIGNMENT_ELEMENTS))
_ITEM = tuple(map(_field, ITEM_ELEMENTS))
_PLACE = {field.element.name: place for place, field in enumerate(_CONSIGNMENT)}
