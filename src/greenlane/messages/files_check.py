"""The strict parse, on columns: raw rows of one part to a typed batch; findings only where they are due."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.messages.files_identifiers import CROSS_CHECKS
from greenlane.messages.files_raw import Fault
from greenlane.messages.files_read import Reading, Wrong, decimals_of, reading
from greenlane.model import (
    BY_COLUMN,
    CONSIGNMENT_ELEMENTS,
    FINDING_SCHEMA,
    ITEM_ELEMENTS,
    REJECTED_SCHEMA,
    Batch,
    Element,
    Kind,
    Level,
    consignment_schema,
    empty_batch,
    item_schema,
    typed_name,
)
from greenlane.values.finding import Severity, kind_of
from greenlane.values.money import MAX_MINOR, exponent

Recover = Callable[[npt.NDArray[np.int64]], list[str]]
"""Gives the rows as they came, by their places in the raw frame."""

MOST_ITEMS = 99_999
SHOWABLE_ID = re.compile(r"^(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._:/#-]{0,69}$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the place of its row in the raw frame, JSON pointer, code, message."""

    place: int
    path: str
    code: str
    message: str


@dataclass(slots=True)
class Rows:
    """The raw rows of a part, in order, with the consignment that each belongs to."""

    frame: pl.DataFrame
    file: str
    first: pl.Series
    starts: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]
    problems: list[Problem] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of consignments."""
        return len(self.starts)

    def pointer(self, element: Element, place: int) -> str:
        """JSON pointer of a field of the consignment, or of the item at *place*."""
        leaf = element.name.replace(".", "/")
        if element.level is Level.CONSIGNMENT:
            return f"/{leaf}"
        return f"/items/{place - int(self.starts[self.of[place]])}/{leaf}"

    def report(self, code: str, element: Element, place: int, message: str) -> None:
        """Note a problem with a field of the row at *place*."""
        self.problems.append(
            Problem(place, self.pointer(element, place), code, f"{element.column}: {message}")
        )


def check(frame: pl.DataFrame, file: str, recover: Recover) -> Batch:
    """Parse raw rows strictly.

    Args:
        frame: Contract columns (text, or a type that `files_read.accepts`) and ``_row``; ``_faults`` where a
            reader already found something. Rows of a consignment together, in order.
        file: Name of the source, for findings.
        recover: Gives back rejected rows as they came.
    """
    if frame.height == 0:
        return empty_batch()
    rows = _rows(frame, file)
    whole = rows.count == frame.height
    # A filter is several times faster here than taking rows by their places.
    return _checked(rows, frame if whole else frame.filter(rows.first), recover)


def check_nested(
    heads: pl.DataFrame, items: pl.DataFrame, of: npt.NDArray[np.int64], file: str, recover: Recover
) -> Batch:
    """Parse consignments whose items stand apart from them, as `check` parses them put side by side.

    Args:
        heads: One row a consignment: its columns, and ``_row``.
        items: One row an item: its columns alone, those of a consignment together, in order.
        of: (items,) the place of each item's consignment in *heads*.
        file: Name of the source, for findings.
        recover: Gives back rejected rows as they came, by the places of their items.
    """
    ids = _text_column(heads, "consignment_id")
    if ids.null_count() or (ids == ids.shift(1)).any():
        return check(heads[of].hstack(items), file, recover)
    own = items.hstack([ids.gather(of).alias("consignment_id"), heads["_row"].gather(of)])
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    first = np.zeros(len(of), dtype=bool)
    first[starts] = True
    return _checked(Rows(own, file, pl.Series(first), starts, of), heads, recover)


def _checked(rows: Rows, raw_consignments: pl.DataFrame, recover: Recover) -> Batch:
    frame = rows.frame
    currency = _text_column(raw_consignments, "currency")
    consignments = _read(rows, raw_consignments, CONSIGNMENT_ELEMENTS, rows.starts, currency)
    everywhere = np.arange(frame.height)
    item_currency = currency if rows.count == frame.height or currency.n_unique() <= 1 else currency[rows.of]
    items = _read(rows, frame, ITEM_ELEMENTS, everywhere, item_currency)
    _disagreements(rows)
    items, dropped = _item_ids(rows, items)
    _sizes(rows, items)
    for cross_check in CROSS_CHECKS:
        for code, element, place, message in cross_check(consignments, items, rows.starts):
            rows.report(code, element, place, message)
    findings, rejected, bad = _verdict(rows, recover)
    return _assemble(rows, consignments, items, dropped, findings, rejected, bad)


def _rows(frame: pl.DataFrame, file: str) -> Rows:
    ids = _text_column(frame, "consignment_id")
    first = (ids != ids.shift(1)).fill_null(True)
    marks = first.to_numpy()
    return Rows(frame, file, first, np.flatnonzero(marks), np.cumsum(marks) - 1)


def _text_column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, frame.height)
    return frame[name].cast(pl.String)


def _read(
    rows: Rows,
    frame: pl.DataFrame,
    elements: tuple[Element, ...],
    places: npt.NDArray[np.int64],
    currency: pl.Series,
) -> pl.DataFrame:
    """Read every column of one level; what cannot be read is null and reported."""
    nulls = dict(zip(frame.columns, frame.null_count().row(0), strict=True))
    given = [e for e in elements if nulls.get(e.column, frame.height) < frame.height]
    # Each look at a frame's schema makes it anew, which one parcel would pay for hundreds of times.
    schema = frame.schema
    texts = {e.column: pl.col(e.column).cast(pl.String) for e in given if _is_categorical(schema[e.column])}
    decimals = _decimals(frame, given, currency)
    helpers = [d.alias(name) for name, (d, _) in decimals.items() if isinstance(d, pl.Series)]
    frame = frame.with_columns(*texts.values(), *helpers)
    schema = frame.schema
    readings = {e.column: reading(e.column, schema[e.column], _decimals_term(e, decimals)) for e in given}
    results = frame.select(
        *(r.typed.alias(typed_name(e)) for e, r in zip(given, readings.values(), strict=True)),
        *(
            # Only a cell with something in it can be doubted.
            (r.doubtful & pl.col(e.column).is_not_null() if nulls[e.column] else r.doubtful)
            .any()
            .alias(f"?{e.column}")
            for e, r in zip(given, readings.values(), strict=True)
            if r.doubtful is not None and e.kind is not Kind.JSON
        ),
    )
    typed = pl.DataFrame(results.get_columns()[: len(given)])
    doubted = {column.name for column in results.get_columns()[len(given) :] if column[0]}
    for element in given:
        if element.kind is Kind.JSON or f"?{element.column}" in doubted:
            typed = _read_doubtful(rows, frame, element, readings[element.column], places, decimals, typed)
    for element in elements:
        if element.required and nulls.get(element.column, frame.height):
            _missing(rows, frame, element, places)
    return _complete(typed, elements, frame.height)


def _is_categorical(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.Categorical, pl.Enum, pl.Null))


Decimals = dict[str, tuple[int | pl.Series, pl.Series | None]]


def _decimals(frame: pl.DataFrame, given: list[Element], currency: pl.Series) -> Decimals:
    """How many decimals each currency field gives: one number where all rows agree, else one per row."""
    found: Decimals = {}
    for name in {e.in_currency for e in given if e.in_currency}:
        codes_of = currency
        if name != "currency" and name in frame.columns:
            codes_of = frame[name].cast(pl.String).fill_null(currency)
        known = {code: exponent(code or "") for code in codes_of.unique().to_list()}
        if len(set(known.values())) <= 1:
            found[name] = (next(iter(known.values()), 2), None)
        else:
            per_row = codes_of.replace_strict(known, return_dtype=pl.Int64)
            found[f"_decimals_{name}"] = (per_row, per_row)
    return found


def _decimals_term(element: Element, decimals: Decimals) -> str | int:
    """Return how many decimals an element keeps: one number, or the column that says it of each row."""
    if element.kind not in (Kind.AMOUNT, Kind.MASS_KG, Kind.QUANTITY):
        return 0
    if element.in_currency is None:
        return decimals_of(element, None)
    if element.in_currency in decimals:
        number = decimals[element.in_currency][0]
        return number if isinstance(number, int) else 0
    return f"_decimals_{element.in_currency}"


def _read_doubtful(
    rows: Rows,
    frame: pl.DataFrame,
    element: Element,
    how: Reading,
    places: npt.NDArray[np.int64],
    decimals: Decimals,
    typed: pl.DataFrame,
) -> pl.DataFrame:
    column = pl.col(element.column)
    if element.kind is Kind.JSON:
        mask = frame.select(column.is_not_null()).to_series()
    else:
        assert how.doubtful is not None
        mask = frame.select((how.doubtful & column.is_not_null()).fill_null(False)).to_series()
    where = mask.arg_true()
    texts = frame[element.column].gather(where).cast(pl.String).to_list()
    term = _decimals_term(element, decimals)
    per_row = frame[term].gather(where).to_list() if isinstance(term, str) else None
    alike = term if isinstance(term, int) else 0
    values: list[object] = []
    known: dict[tuple[str, int], object] = {}
    for number, (index, text) in enumerate(zip(where.to_list(), texts, strict=True)):
        digits = per_row[number] if per_row is not None else alike
        key = (text, digits)
        if key not in known:
            try:
                known[key] = how.one(text, digits)
            except Wrong as wrong:
                known[key] = wrong
        value = known[key]
        if isinstance(value, Wrong):
            rows.report(value.code, element, int(places[index]), value.message)
            value = None
        values.append(value)
    name = typed_name(element)
    patched = typed[name].clone().scatter(where, pl.Series(values, dtype=typed.schema[name], strict=True))
    return typed.with_columns(patched.alias(name))


def _missing(rows: Rows, frame: pl.DataFrame, element: Element, places: npt.NDArray[np.int64]) -> None:
    if element.column in frame.columns:
        where = frame[element.column].is_null().arg_true().to_list()
    else:
        where = list(range(frame.height))
    for index in where:
        rows.report(codes.REQUIRED, element, int(places[index]), "expected a value, got nothing")


def _complete(typed: pl.DataFrame, elements: tuple[Element, ...], height: int) -> pl.DataFrame:
    given = {column.name: column for column in typed.get_columns()}
    columns: list[pl.Series] = []
    for element in elements:
        name, absent = _absent(element.column)
        column = given.get(name)
        if column is None:
            column = absent.new_from_index(0, height)
        else:
            # Column by column: a step over the whole frame would copy the texts that nobody changed.
            column = (column if column.dtype == absent.dtype else column.cast(absent.dtype)).rechunk()
        if element.default is not None and column.null_count():
            column = column.fill_null(_default(element)).alias(name)
        columns.append(column)
    return pl.DataFrame(columns)


@cache
def _absent(column: str) -> tuple[str, pl.Series]:
    """Return the name of a column once it is typed, and the typed column with nothing in it, of one row."""
    element = BY_COLUMN[column]
    name = typed_name(element)
    schema = item_schema() if element.level is Level.ITEM else consignment_schema()
    return name, pl.Series(name, [None], dtype=schema[name])


def _default(element: Element) -> pl.Expr:
    assert element.default is not None
    if element.kind is Kind.BOOLEAN:
        return pl.lit(element.default == "true")
    return pl.lit(int(element.default)) if element.kind is Kind.AMOUNT else pl.lit(element.default)


def _disagreements(rows: Rows) -> None:
    """Report rows whose consignment fields differ from the row before of the same consignment."""
    frame = rows.frame
    if rows.count == frame.height:
        return
    nulls = dict(zip(frame.columns, frame.null_count().row(0), strict=True))
    given = [e for e in CONSIGNMENT_ELEMENTS[1:] if nulls.get(e.column, frame.height) < frame.height]
    if not given:
        return
    same = ~rows.first
    if nulls.get("_faults", frame.height) < frame.height:
        sound = frame["_faults"].is_null()
        same = same & sound & sound.shift(1, fill_value=True)
    differs = [pl.col(e.column).ne_missing(pl.col(e.column).shift(1)) & same for e in given]
    flags = frame.select(d.any() for d in differs).row(0)
    for element, differ, flag in zip(given, differs, flags, strict=True):
        if flag:
            for place in frame.select(differ).to_series().arg_true().to_list():
                message = "expected the same value as in the row before of this consignment, got another"
                rows.report(codes.DISAGREES, element, place, message)


def _item_ids(rows: Rows, items: pl.DataFrame) -> tuple[pl.DataFrame, npt.NDArray[np.bool_]]:
    """Number the items that came without a number, and find those that came twice."""
    dropped = np.zeros(items.height, dtype=bool)
    if items["item_id"].null_count():
        position = pl.Series(np.arange(items.height) - rows.starts[rows.of] + 1).cast(pl.String)
        items = items.with_columns(pl.col("item_id").fill_null(position))
    if rows.count == items.height:
        return items, dropped
    number = items["item_id"].cast(pl.UInt32, strict=False)
    ascending = (number > number.shift(1)).fill_null(False) | rows.first
    if number.null_count() == 0 and ascending.all():
        return items, dropped
    twice = pl.DataFrame({"c": rows.of, "i": items["item_id"]}).is_duplicated()
    element = ITEM_ELEMENTS[0]
    seen: dict[tuple[int, str], list[tuple[object, ...]]] = {}
    for place in twice.arg_true().to_list():
        cells = items.row(place)
        earlier = seen.setdefault((int(rows.of[place]), str(cells[0])), [])
        if cells in earlier:
            dropped[place] = True
            rows.report(
                codes.ITEM_REPEATED, element, place, "expected each item once, got an equal row before"
            )
        elif earlier:
            rows.report(
                codes.ITEM_DUPLICATE, element, place, "expected one item per number, got another before"
            )
        earlier.append(cells)
    return items, dropped


def _sizes(rows: Rows, items: pl.DataFrame) -> None:
    """Keep a consignment within the bounds for which the arithmetic is proven."""
    ends = np.append(rows.starts[1:], items.height)
    counts = ends - rows.starts
    for index in np.flatnonzero(counts > MOST_ITEMS):
        rows.problems.append(too_many(int(rows.starts[index]), int(counts[index])))
    largest = items["value"].max()
    if not isinstance(largest, int) or largest * int(counts.max()) <= MAX_MINOR:
        return
    running = items["value"].fill_null(0).cast(pl.Int128).cum_sum()
    upto = running.gather(ends - 1)
    totals = upto - upto.shift(1, fill_value=0)
    for index in (totals > MAX_MINOR).arg_true().to_list():
        rows.problems.append(too_much(int(rows.starts[index])))


def too_many(place: int, count: int) -> Problem:
    """Return the problem of a consignment with more items than intake accepts."""
    message = f"expected at most {MOST_ITEMS:,} items, got {count:,}"
    return Problem(place, "/items", codes.CONSIGNMENT_TOO_LARGE, message)


def too_much(place: int) -> Problem:
    """Return the problem of a consignment whose values sum to more than intake accepts."""
    message = "items: expected values that sum to less, got a sum beyond what intake accepts"
    return Problem(place, "/items", codes.CONSIGNMENT_TOO_LARGE, message)


def _faults(rows: Rows) -> list[Problem]:
    """Give what the reader of the format found, and drop the problems that only follow from it."""
    if "_faults" not in rows.frame.columns or not rows.frame["_faults"].is_not_null().any():
        return rows.problems
    column = rows.frame["_faults"]
    numbers = rows.frame["_row"]
    hidden: dict[int, list[str]] = {}
    found: dict[tuple[int, str, str], Problem] = {}
    for place in column.is_not_null().arg_true().to_list():
        for fault in msgspec.json.decode(column[place], type=list[Fault]):
            hidden.setdefault(place, []).append(fault.path)
            # The rows of one JSON record carry the same faults: report them once.
            problem = Problem(place, fault.path, fault.code, fault.message)
            found.setdefault((numbers[place], fault.path, fault.code), problem)
    own = [p for p in rows.problems if not any(_below(p.path, path) for path in hidden.get(p.place, ()))]
    return own + list(found.values())


def _below(path: str, above: str) -> bool:
    return above in ("", path) or path.startswith(above + "/")


def _verdict(rows: Rows, recover: Recover) -> tuple[pl.DataFrame, pl.DataFrame, npt.NDArray[np.bool_]]:
    bad = np.zeros(rows.count, dtype=bool)
    kept = sorted(_faults(rows), key=lambda p: (p.place, p.path, p.code))
    if not kept:
        return pl.DataFrame(schema=FINDING_SCHEMA), pl.DataFrame(schema=REJECTED_SCHEMA), bad
    numbers = rows.frame["_row"]
    ids = _text_column(rows.frame, "consignment_id")
    findings: list[tuple[object, ...]] = []
    codes_of: dict[int, set[str]] = {}
    for problem in kept:
        severity = kind_of(problem.code).severity
        consignment = int(rows.of[problem.place])
        if severity is Severity.ERROR:
            bad[consignment] = True
        codes_of.setdefault(consignment, set()).add(problem.code)
        found = ids[problem.place]
        # What stands here may be a name from a shifted row: show it only where it looks like a number.
        shown = found if found is not None and SHOWABLE_ID.match(found) else None
        findings.append(
            (
                rows.file,
                numbers[problem.place],
                shown,
                problem.code,
                str(severity),
                problem.path,
                problem.message,
            )
        )
    places = np.flatnonzero(bad[rows.of])
    # One source row may hold several items; it is rejected once.
    where = numbers.gather(places)
    once = places[(where != where.shift(1)).fill_null(True).to_numpy()] if len(places) else places
    rejected = pl.DataFrame(
        {
            "file": [rows.file] * len(once),
            "row": numbers.gather(once),
            "raw": recover(once) if len(once) else [],
            "codes": [" ".join(sorted(codes_of.get(int(rows.of[p]), ()))) for p in once],
        },
        schema=REJECTED_SCHEMA,
    )
    return pl.DataFrame(findings, schema=FINDING_SCHEMA, orient="row"), rejected, bad


def _assemble(
    rows: Rows,
    consignments: pl.DataFrame,
    items: pl.DataFrame,
    dropped: npt.NDArray[np.bool_],
    findings: pl.DataFrame,
    rejected: pl.DataFrame,
    bad: npt.NDArray[np.bool_],
) -> Batch:
    numbers = rows.frame["_row"].to_numpy()
    ends = np.append(rows.starts[1:], rows.frame.height)
    fresh = np.empty(len(numbers), dtype=bool)
    fresh[0] = True
    np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
    fresh[rows.starts] = True
    upto = np.cumsum(fresh)[ends - 1]
    consignments = consignments.hstack(
        [
            pl.Series("source_file", [rows.file]).new_from_index(0, rows.count),
            pl.Series("source_row", numbers[rows.starts], dtype=pl.UInt64),
            pl.Series("source_last", numbers[ends - 1], dtype=pl.UInt64),
            pl.Series("source_rows", np.diff(upto, prepend=0), dtype=pl.UInt32),
        ]
    )
    of = rows.of
    if bad.any() or dropped.any():
        keep = ~bad[of] & ~dropped
        consignments = consignments.filter(pl.Series(~bad))
        items = items.filter(pl.Series(keep))
        of = (np.cumsum(~bad) - 1)[of[keep]]
        consignments, items = consignments.rechunk(), items.rechunk()
    items = items.insert_column(0, pl.Series("row", of, dtype=pl.UInt32))
    return Batch(consignments, items, findings, rejected)


def read_columns(frame: pl.DataFrame, file: str) -> Batch:
    """Parse some columns of raw rows and nothing else: no finding, no check across fields.

    A consignment with a value that cannot be read, or without an id, is left out.
    """
    if frame.height == 0:
        return empty_batch()
    rows = _rows(frame, file)
    held = set(frame.columns)
    of_consignment = tuple(e for e in CONSIGNMENT_ELEMENTS if e.column in held)
    of_item = tuple(e for e in ITEM_ELEMENTS if e.column in held)
    raw = frame if rows.count == frame.height else frame.filter(rows.first)
    currency = _text_column(raw, "currency")
    consignments = _read(rows, raw, of_consignment, rows.starts, currency)
    item_currency = currency if rows.count == frame.height or currency.n_unique() <= 1 else currency[rows.of]
    items = _read(rows, frame, of_item, np.arange(frame.height), item_currency)
    bad = np.zeros(rows.count, dtype=bool)
    bad[[int(rows.of[problem.place]) for problem in rows.problems]] = True
    if "_faults" in held:
        bad[rows.of[frame["_faults"].is_not_null().to_numpy()]] = True
    none = np.zeros(frame.height, dtype=bool)
    return _assemble(
        rows,
        _complete(consignments, CONSIGNMENT_ELEMENTS, rows.count),
        _complete(items, ITEM_ELEMENTS, frame.height),
        none,
        empty_batch().findings,
        empty_batch().rejected,
        bad,
    )
