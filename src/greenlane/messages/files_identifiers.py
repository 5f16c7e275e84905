"""Checks that look at more than one cell, or inside an identifier: check digits, masses, formulas."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.model import BY_COLUMN, Element
from greenlane.values.identifiers import S10_PATTERN, S10_WEIGHTS, Verdict, check_gtin, check_ioss, check_s10

Found = Iterator[tuple[str, Element, int, str]]
CrossCheck = Callable[[pl.DataFrame, pl.DataFrame, npt.NDArray[np.int64]], Found]

_DIGIT = "expected another check digit"
_IOSS_SHAPE = "expected IM and 10 digits"
_IOSS_STATE = "expected the number of a member state after IM (IOSS)"
_LIGHTER = "expected at most the gross mass, got more"
_FORMULA = "expected text, it begins like a formula"


def _s10(consignments: pl.DataFrame, _items: pl.DataFrame, starts: npt.NDArray[np.int64]) -> Found:
    """A postal item's number that has the shape of S10 keeps its check digit."""
    number = pl.col("transport_document")
    shaped = (pl.col("channel") == "postal") & number.str.contains(S10_PATTERN)
    mask = consignments.select(shaped.fill_null(False)).to_series()
    bad = ~s10_fits(consignments["transport_document"].filter(mask))
    if bad.any():
        for index in mask.arg_true().to_numpy()[bad]:
            yield (
                codes.IDENTIFIER_CHECK,
                BY_COLUMN["transport_document"],
                int(starts[index]),
                f"{_DIGIT} (S10)",
            )


def s10_fits(numbers: pl.Series) -> npt.NDArray[np.bool_]:
    """Whether the check digits of texts in the shape of S10 are right.

    Example:
        >>> s10_fits(pl.Series(["RR473124829GB", "RR473124828GB"])).tolist()
        [True, False]
    """
    digits = numbers.str.slice(2, 9).cast(pl.Int64).to_numpy()
    total = np.zeros(len(digits), dtype=np.int64)
    for place, weight in enumerate(S10_WEIGHTS):
        total += digits // 10 ** (8 - place) % 10 * weight
    check = 11 - total % 11
    check[check == 10] = 0
    check[check == 11] = 5
    return np.asarray(digits % 10 == check)


def _ioss(consignments: pl.DataFrame, _items: pl.DataFrame, starts: npt.NDArray[np.int64]) -> Found:
    """An IOSS number has its shape and a member state of identification."""
    claimed = consignments.select((pl.col("scheme") == "IOSS").fill_null(False)).to_series()
    if not claimed.any():
        return
    element = BY_COLUMN["scheme_id"]
    numbers = consignments["scheme_id"]
    verdicts = {text: check_ioss(text) for text in numbers.filter(claimed).unique().drop_nulls().to_list()}
    wrong = [text for text, verdict in verdicts.items() if verdict is not Verdict.OK]
    for index in (claimed & numbers.is_in(wrong).fill_null(False)).arg_true().to_list():
        if verdicts[numbers[index]] is Verdict.MALFORMED:
            yield codes.IDENTIFIER_MALFORMED, element, int(starts[index]), _IOSS_SHAPE
        else:
            yield codes.IDENTIFIER_CHECK, element, int(starts[index]), _IOSS_STATE


def _gtin(_consignments: pl.DataFrame, items: pl.DataFrame, _starts: npt.NDArray[np.int64]) -> Found:
    given = items["gtin"].is_not_null()
    bad = ~gtin_fits(items["gtin"].filter(given))
    if bad.any():
        for place in given.arg_true().to_numpy()[bad]:
            yield codes.IDENTIFIER_CHECK, BY_COLUMN["items.gtin"], int(place), f"{_DIGIT} (GTIN)"


def gtin_fits(numbers: pl.Series) -> npt.NDArray[np.bool_]:
    """Whether the check digits of GTINs of 8 to 14 digits are right: weights 1 and 3 from the right.

    Example:
        >>> gtin_fits(pl.Series(["4006381333931", "4006381333932"])).tolist()
        [True, False]
    """
    digits = numbers.cast(pl.Int64).to_numpy()
    total = np.zeros(len(digits), dtype=np.int64)
    for place in range(14):
        total += digits // 10**place % 10 * (3 if place % 2 else 1)
    return np.asarray(total % 10 == 0)


def _masses(_consignments: pl.DataFrame, items: pl.DataFrame, _starts: npt.NDArray[np.int64]) -> Found:
    over = (items["net_mass_mg"] > items["gross_mass_mg"]).fill_null(False)
    for place in over.arg_true().to_list():
        yield codes.NET_OVER_GROSS, BY_COLUMN["items.net_mass_kg"], place, _LIGHTER


_FORMULA_SIGNS = ("=", "@", "+")
_TEXTS = (
    "seller.name",
    "platform.name",
    "consignor.name",
    "consignor.address",
    "consignee.name",
    "consignee.address",
)


def _formulas(consignments: pl.DataFrame, items: pl.DataFrame, starts: npt.NDArray[np.int64]) -> Found:
    names = list(_TEXTS)
    places = np.arange(items.height)
    for frame, columns, where in ((consignments, names, starts), (items, ["description"], places)):
        begins = {c: _like_formula(pl.col(c)) for c in columns}
        flags = frame.select(e.any().alias(c) for c, e in begins.items()).row(0, named=True)
        for column in (c for c, flag in flags.items() if flag):
            element = BY_COLUMN.get(column) or BY_COLUMN[f"items.{column}"]
            for index in frame.select(begins[column].fill_null(False)).to_series().arg_true().to_list():
                yield codes.TEXT_FORMULA, element, int(where[index]), _FORMULA


def _like_formula(text: pl.Expr) -> pl.Expr:
    equals, at, plus = (text.str.starts_with(sign) for sign in _FORMULA_SIGNS)
    return equals | at | plus


CROSS_CHECKS: tuple[CrossCheck, ...] = (_s10, _ioss, _gtin, _masses, _formulas)
"""Every check of this module; each gives code, field, place of the row, message."""


def cross_checked(consignment: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Found:
    """Make every check of `CROSS_CHECKS` on one consignment held as plain typed rows; places count its items."""
    number, shipped = consignment["transport_document"], consignment["channel"] == "postal"
    if shipped and number is not None and check_s10(number) is Verdict.BAD_CHECK_DIGIT:
        yield codes.IDENTIFIER_CHECK, BY_COLUMN["transport_document"], 0, f"{_DIGIT} (S10)"
    claimed = consignment["scheme_id"] if consignment["scheme"] == "IOSS" else None
    verdict = Verdict.OK if claimed is None else check_ioss(claimed)
    if verdict is Verdict.MALFORMED:
        yield codes.IDENTIFIER_MALFORMED, BY_COLUMN["scheme_id"], 0, _IOSS_SHAPE
    elif verdict is not Verdict.OK:
        yield codes.IDENTIFIER_CHECK, BY_COLUMN["scheme_id"], 0, _IOSS_STATE
    for place, item in enumerate(items):
        if item["gtin"] is not None and check_gtin(item["gtin"]) is Verdict.BAD_CHECK_DIGIT:
            yield codes.IDENTIFIER_CHECK, BY_COLUMN["items.gtin"], place, f"{_DIGIT} (GTIN)"
        net, gross = item["net_mass_mg"], item["gross_mass_mg"]
        if net is not None and gross is not None and net > gross:
            yield codes.NET_OVER_GROSS, BY_COLUMN["items.net_mass_kg"], place, _LIGHTER
        if item["description"] is not None and item["description"].startswith(_FORMULA_SIGNS):
            yield codes.TEXT_FORMULA, BY_COLUMN["items.description"], place, _FORMULA
    for name in _TEXTS:
        if consignment[name] is not None and consignment[name].startswith(_FORMULA_SIGNS):
            yield codes.TEXT_FORMULA, BY_COLUMN[name], 0, _FORMULA
