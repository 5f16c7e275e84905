"""How each field is read: one column expression for all rows, and one plain reading for a doubtful cell.

The expression only has to be right where it gives a value; a cell that it marks as doubtful is read again on
its own, which either gives the value after all or says what is wrong with it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.messages.files_findings import shape_of
from greenlane.model import BY_COLUMN, COUNTRIES, DECIMALS, PRIOR_USE_DECIMALS, Element, Kind
from greenlane.values.digest import canonical_json
from greenlane.values.money import CURRENCIES, MAX_MINOR, exponent, parse_scaled

FAST_DECIMALS = 6
_PLAIN = r"^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?$"


class Wrong(Exception):
    """A cell that cannot be read: finding code and what was expected and came."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Reading:
    """``typed`` gives the values of a column, ``doubtful`` marks cells to be read again by ``one``.

    ``one`` takes the cell's text and the decimals of its amount and returns the value, or raises `Wrong`.
    """

    typed: pl.Expr
    doubtful: pl.Expr | None
    one: Callable[[str, int], object]


def accepts(kind: Kind, dtype: pl.DataType) -> bool:
    """Say whether a Parquet column of *dtype* can be read as *kind* without a change of values.

    Example:
        >>> accepts(Kind.AMOUNT, pl.Decimal(18, 4)), accepts(Kind.AMOUNT, pl.Float64())
        (True, False)
    """
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum, pl.Null)):
        return True
    match kind:
        case Kind.AMOUNT | Kind.MASS_KG:
            return isinstance(dtype, pl.Decimal)
        case Kind.QUANTITY:
            return isinstance(dtype, pl.Decimal) or dtype.is_integer()
        case Kind.INTEGER:
            return dtype.is_integer()
        case Kind.BOOLEAN:
            return isinstance(dtype, pl.Boolean)
        case Kind.DATE:
            return isinstance(dtype, pl.Date)
        case _:
            return False


@lru_cache(1024)
def reading(name: str, dtype: pl.DataType, decimals: str | int) -> Reading:
    """Return how to read the contract's column *name* in a raw frame where it has *dtype* (text or as `accepts`).

    *decimals* is how many decimals an amount keeps, of its currency: one number, or the column that says it of each
    row. Readings are made once: to make those of a frame costs more than to read a hundred rows by them.
    """
    element = BY_COLUMN[name]
    column = pl.col(name)
    match element.kind:
        case Kind.AMOUNT | Kind.MASS_KG | Kind.QUANTITY:
            return _number(element, dtype, decimals)
        case Kind.BOOLEAN:
            if isinstance(dtype, pl.Boolean):
                return Reading(column, None, _boolean(element))
            truth = pl.when(column == "true").then(True).when(column == "false").then(False)
            return Reading(truth, ~column.is_in(["true", "false"]), _boolean(element))
        case Kind.INTEGER:
            if dtype.is_integer():
                return Reading(
                    column.cast(pl.Int64, strict=False), ~column.is_between(0, 10**9), _integer(element)
                )
            doubtful = ~column.str.contains(r"^(?:0|[1-9][0-9]{0,8})$")
            return Reading(column.cast(pl.Int64, strict=False), doubtful, _integer(element))
        case Kind.DATE:
            if isinstance(dtype, pl.Date):
                return Reading(column, ~column.dt.year().is_between(1900, 2999), _date(element))
            typed = column.str.to_date("%Y-%m-%d", strict=False)
            doubtful = (
                typed.is_null()
                | (column.str.len_bytes() != 10)
                | ~column.str.contains("^(?:19|2[0-9])[0-9]{2}-")
            )
            return Reading(typed, doubtful, _date(element))
        case Kind.JSON:
            return Reading(column, pl.lit(True), _json(element))
        case _:
            return Reading(column, _doubtful_code(element, column), _text(element))


@cache
def plain_reading(element: Element) -> Callable[[str, int], object]:
    """Return how one cell of *element* is read on its own: its text and the decimals of its amount to a value."""
    return reading(element.column, pl.String(), 0).one


def _doubtful_code(element: Element, column: pl.Expr) -> pl.Expr:
    if element.kind is Kind.COUNTRY:
        return ~column.is_in(sorted(COUNTRIES))
    if element.kind is Kind.CURRENCY:
        return ~column.is_in(sorted(CURRENCIES))
    if element.choices is not None:
        return ~column.is_in(list(element.choices))
    long = column.str.len_bytes() > element.longest
    if element.pattern is not None:
        return long | ~column.str.contains(element.pattern)
    return long | column.str.contains(r"^[\s\x1c-\x1f]") if element.required else long


def _number(element: Element, dtype: pl.DataType, decimals: str | int) -> Reading:
    typed, doubtful = _typed(element, dtype, decimals)
    if element.above_zero:
        doubtful = doubtful | (typed == 0)
    return Reading(typed, doubtful, _decimal(element))


def _typed(element: Element, dtype: pl.DataType, decimals: str | int) -> tuple[pl.Expr, pl.Expr]:
    """Return the integers of a column of numbers, and which cells are to be read again."""
    column = pl.col(element.column)
    if dtype.is_integer():
        scale = 10 ** DECIMALS[element.kind]
        wide = column.cast(pl.Int64, strict=False)
        return wide * scale, wide.is_null() | ~wide.is_between(0, MAX_MINOR // scale)
    if isinstance(dtype, pl.Decimal):
        held = dtype.scale
        digits = column.to_physical()
        clear = digits.is_between(0, 10**18)
        units = digits.cast(pl.Int64, strict=False)
        doubtful = ~clear
    else:
        held = FAST_DECIMALS
        units = (
            column.cast(pl.Decimal(38, FAST_DECIMALS), strict=False)
            .to_physical()
            .cast(pl.Int64, strict=False)
        )
        doubtful = ~column.str.contains(_PLAIN) | units.is_null()
    if isinstance(decimals, int):
        if held <= decimals:
            typed = units * 10 ** (decimals - held)
            doubtful = doubtful | (units > MAX_MINOR // 10 ** (decimals - held))
        else:
            step = 10 ** (held - decimals)
            typed = units // step
            doubtful = doubtful | (typed * step != units) | (typed > MAX_MINOR)
        return typed, doubtful
    # The decimals differ from row to row: bring all to FAST_DECIMALS first, where every currency divides.
    if held <= FAST_DECIMALS:
        scaled = units * 10 ** (FAST_DECIMALS - held)
        doubtful = doubtful | (units > 10 ** (12 + held))
    else:
        scaled = units // 10 ** (held - FAST_DECIMALS)
        doubtful = doubtful | (scaled * 10 ** (held - FAST_DECIMALS) != units)
    step_of_row = pl.lit(10, pl.Int64).pow(FAST_DECIMALS - pl.col(decimals))
    typed = scaled // step_of_row
    doubtful = doubtful | (typed * step_of_row != scaled) | (typed > MAX_MINOR)
    return typed, doubtful


_ANY_NUMBER = re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$", re.ASCII)


def _decimal(element: Element) -> Callable[[str, int], object]:
    money = element.kind is Kind.AMOUNT
    family = "amount" if money else "number"
    largest = MAX_MINOR

    def one(text: str, decimals: int) -> object:
        if not _ANY_NUMBER.match(text):
            message = f"expected a plain decimal such as 12.50, got {shape_of(text)}"
            raise Wrong(f"{family}.malformed", message)
        if len(text) > 64:
            raise Wrong(
                f"{family}.too_large", f"expected a smaller number, got one of {len(text):,} characters"
            )
        try:
            value = parse_scaled(text, decimals)
        except ValueError:
            unit = "as the currency has" if money else "at most"
            message = f"expected {decimals} decimals {unit}, got {shape_of(text)}"
            raise Wrong(f"{family}.decimals", message) from None
        if value < 0:
            raise Wrong(f"{family}.negative", f"expected zero or more, got {shape_of(text)}")
        if value == 0 and element.above_zero:
            raise Wrong(codes.NUMBER_ZERO, f"expected more than zero, got {shape_of(text)}")
        if value > largest:
            raise Wrong(f"{family}.too_large", f"expected a smaller number, got {shape_of(text)}")
        return value

    return one


def decimals_of(element: Element, currency: str | None) -> int:
    """Return how many decimals a number of *element* keeps.

    Example:
        >>> from greenlane.model import BY_COLUMN
        >>> decimals_of(BY_COLUMN["items.value"], "JPY"), decimals_of(BY_COLUMN["items.net_mass_kg"], None)
        (0, 6)
    """
    if element.kind is not Kind.AMOUNT:
        return DECIMALS[element.kind]
    return exponent(currency or "") if element.in_currency else PRIOR_USE_DECIMALS


def _boolean(element: Element) -> Callable[[str, int], object]:
    def one(text: str, _: int) -> object:
        if text in ("true", "false"):
            return text == "true"
        raise Wrong(codes.BOOLEAN_MALFORMED, f"expected true or false, got {shape_of(text)}")

    return one


def _integer(element: Element) -> Callable[[str, int], object]:
    def one(text: str, _: int) -> object:
        if re.fullmatch(r"0|[1-9][0-9]{0,8}", text, re.ASCII):
            return int(text)
        raise Wrong(codes.INTEGER_MALFORMED, f"expected a whole number, got {shape_of(text)}")

    return one


def _date(element: Element) -> Callable[[str, int], object]:
    def one(text: str, _: int) -> object:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            raise Wrong(codes.DATE_MALFORMED, f"expected a day as YYYY-MM-DD, got {shape_of(text)}")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or not 1900 <= day.year <= 2999:
            raise Wrong(codes.DATE_MALFORMED, "expected a day of the calendar, this one does not exist")
        return day

    return one


def _text(element: Element) -> Callable[[str, int], object]:
    pattern = re.compile(element.pattern) if element.pattern else None

    def one(text: str, _: int) -> object:
        if element.kind is Kind.COUNTRY and text not in COUNTRIES:
            raise Wrong(codes.COUNTRY_UNKNOWN, f"expected an ISO 3166-1 alpha-2 code, got {shape_of(text)}")
        if element.kind is Kind.CURRENCY and text not in CURRENCIES:
            raise Wrong(codes.CURRENCY_UNKNOWN, f"expected an ISO 4217 code, got {shape_of(text)}")
        if element.choices is not None and text not in element.choices:
            raise Wrong(codes.CODE_UNKNOWN, f"expected {' | '.join(element.choices)}, got {shape_of(text)}")
        if len(text) > element.longest and element.column != "items.hs_code":
            message = f"expected at most {element.longest:,} characters, got {len(text):,}"
            raise Wrong(codes.TEXT_TOO_LONG, message)
        if element.column == "items.hs_code" and not re.fullmatch(r"[0-9]{6,14}", text, re.ASCII):
            raise Wrong(codes.HS_CODE, f"expected 6 to 14 digits without dots, got {shape_of(text)}")
        if element.column == "items.gtin" and pattern and not pattern.fullmatch(text):
            raise Wrong(codes.IDENTIFIER_MALFORMED, f"expected 8, 12, 13 or 14 digits, got {shape_of(text)}")
        if pattern is not None and not pattern.fullmatch(text):
            raise Wrong(codes.CODE_MALFORMED, f"expected the shape of its list, got {shape_of(text)}")
        if element.required and not text.strip():
            raise Wrong(codes.REQUIRED, "expected a value, got spaces")
        return text

    return one


def _json(element: Element) -> Callable[[str, int], object]:
    def one(text: str, _: int) -> object:
        if len(text) > element.longest:
            message = f"expected at most {element.longest:,} characters, got {len(text):,}"
            raise Wrong(codes.TEXT_TOO_LONG, message)
        try:
            value = json.loads(text)
            written = canonical_json(value).decode()
        except (ValueError, TypeError, RecursionError):
            message = "expected JSON without bare decimals, this cell is not"
            raise Wrong(codes.JSON_CELL, message) from None
        if not value:
            return None
        if element.column == "registrations":
            if not isinstance(value, list) or not all(_registration(entry) for entry in value):
                raise Wrong(codes.JSON_CELL, "expected a list of {country, scheme, id}, each a string")
        elif not isinstance(value, dict) or not all(isinstance(v, str | bool | int) for v in value.values()):
            raise Wrong(codes.JSON_CELL, "expected {name: value} with plain values")
        return written

    return one


def _registration(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and {"country", "scheme"} <= entry.keys() <= {"country", "scheme", "id"}
        and entry["country"] in COUNTRIES
        and all(isinstance(value, str) or (key == "id" and value is None) for key, value in entry.items())
    )
