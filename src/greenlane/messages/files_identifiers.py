"""Checks that look at more than one cell, or inside an identifier: check digits, masses, formulas."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.messages import files_findings as codes
from greenlane.model import BY_COLUMN, Element
from greenlane.values.identifiers import S10_PATTERN, S10_WEIGHTS, Verdict, check_ioss

Found = Iterator[tuple[str, Element, int, str]]
CrossCheck = Callable[[pl.DataFrame, pl.DataFrame, npt.NDArray[np.int64]], Found]

_DIGIT = "expected another check digit"


def _s10(consignments: pl.DataFrame, _items: pl.DataFrame, starts: npt.NDArray[np.int64]) -> Found:
    """A postal item's number that has the shape of S10 keeps its check digit."""
    number = pl.col("transport_document")
    bad = (pl.col("channel") == "postal") & number.str.contains(S10_PATTERN) & ~s10_fits(number)
    for index in consignments.select(bad.fill_null(False)).to_series().arg_true().to_list():
        yield codes.IDENTIFIER_CHECK, BY_COLUMN["transport_document"], int(starts[index]), f"{_DIGIT} (S10)"


def s10_fits(number: pl.Expr) -> pl.Expr:
    """Whether the check digit is right, of a text that has the shape of S10."""
    digits = number.str.slice(2, 9).cast(pl.Int64, strict=False)
    total = pl.sum_horizontal(
        (digits // 10 ** (8 - place)) % 10 * weight for place, weight in enumerate(S10_WEIGHTS)
    )
    check = 11 - total % 11
    wanted = pl.when(check == 10).then(0).when(check == 11).then(5).otherwise(check)
    return digits % 10 == wanted


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
            yield codes.IDENTIFIER_MALFORMED, element, int(starts[index]), "expected IM and 10 digits"
        else:
            message = "expected the number of a member state after IM (IOSS)"
            yield codes.IDENTIFIER_CHECK, element, int(starts[index]), message


def _gtin(_consignments: pl.DataFrame, items: pl.DataFrame, _starts: npt.NDArray[np.int64]) -> Found:
    if items["gtin"].null_count() == items.height:
        return
    for place in items.select((~gtin_fits(pl.col("gtin"))).fill_null(False)).to_series().arg_true().to_list():
        yield codes.IDENTIFIER_CHECK, BY_COLUMN["items.gtin"], place, f"{_DIGIT} (GTIN)"


def gtin_fits(number: pl.Expr) -> pl.Expr:
    """Whether the check digit of a GTIN of 8 to 14 digits is right: weights 3 and 1 from the right."""
    digits = number.cast(pl.Int64, strict=False)
    total = pl.sum_horizontal((digits // 10**place) % 10 * (3 if place % 2 else 1) for place in range(14))
    return total % 10 == 0


def _masses(_consignments: pl.DataFrame, items: pl.DataFrame, _starts: npt.NDArray[np.int64]) -> Found:
    over = (items["net_mass_mg"] > items["gross_mass_mg"]).fill_null(False)
    for place in over.arg_true().to_list():
        message = "expected at most the gross mass, got more"
        yield codes.NET_OVER_GROSS, BY_COLUMN["items.net_mass_kg"], place, message


def _formulas(consignments: pl.DataFrame, items: pl.DataFrame, starts: npt.NDArray[np.int64]) -> Found:
    names = ["seller.name", "platform.name", "consignor.name", "consignor.address"]
    names += ["consignee.name", "consignee.address"]
    places = np.arange(items.height)
    for frame, columns, where in ((consignments, names, starts), (items, ["description"], places)):
        begins = {c: _like_formula(pl.col(c)) for c in columns}
        flags = frame.select(e.any().alias(c) for c, e in begins.items()).row(0, named=True)
        for column in (c for c, flag in flags.items() if flag):
            element = BY_COLUMN.get(column) or BY_COLUMN[f"items.{column}"]
            for index in frame.select(begins[column].fill_null(False)).to_series().arg_true().to_list():
                message = "expected text, it begins like a formula"
                yield codes.TEXT_FORMULA, element, int(where[index]), message


def _like_formula(text: pl.Expr) -> pl.Expr:
    return text.str.starts_with("=") | text.str.starts_with("@") | text.str.starts_with("+")


CROSS_CHECKS: tuple[CrossCheck, ...] = (_s10, _ioss, _gtin, _masses, _formulas)
"""Every check of this module; each gives code, field, place of the row, message."""
