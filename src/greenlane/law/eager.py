"""Steps on a column that Polars would send through a lazy plan, which costs more than the rows of a filing.

Each gives what the Polars method of the same meaning gives. Long columns take that method, short ones a few direct
steps: `zip_with` spreads a column of one row, and takes its second operand where the mask is unknown.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
import polars as pl

_SHORT = 20_000


@lru_cache(1024, typed=True)
def one(value: int | bool | str | None, dtype: type[pl.DataType]) -> pl.Series:
    """Return a plain value as a column of one row, which spreads over another operand.

    Example:
        >>> one(True, pl.Boolean).to_list()
        [True]
    """
    return pl.Series(values=[value], dtype=dtype)


def known(column: pl.Series) -> pl.Series:
    """Say where a column is known, as ``is_not_null``.

    Example:
        >>> known(pl.Series([1, None])).to_list(), known(pl.Series([None, True])).to_list()
        ([True, False], [False, True])
    """
    if not column.null_count():
        return one(True, pl.Boolean).new_from_index(0, len(column))
    if len(column) > _SHORT or column.dtype not in _COMPARED:
        return column.is_not_null()
    return one(True, pl.Boolean).zip_with(column == column, one(False, pl.Boolean))


def filled(column: pl.Series, value: int | bool) -> pl.Series:
    """Put *value* where a column is unknown, as ``fill_null``.

    Example:
        >>> filled(pl.Series([1, None]), 0).to_list(), filled(pl.Series([None, False]), True).to_list()
        ([1, 0], [True, False])
    """
    if not column.null_count():
        return column
    kind = type(column.dtype)
    if len(column) > _SHORT or kind not in (pl.Boolean, pl.Int64, pl.UInt8, pl.UInt32):
        return column.fill_null(value)
    if kind is pl.Boolean and not value:
        return one(True, pl.Boolean).zip_with(column, one(False, pl.Boolean))
    return column.zip_with(known(column), one(value, kind))


def at(column: pl.Series, places: pl.Series) -> pl.Series:
    """Take rows by their places, as ``gather``; a place that is unknown gives an unknown.

    Example:
        >>> at(pl.Series(["a", "b"]), pl.Series([1, None, 0], dtype=pl.UInt32)).to_list()
        ['b', None, 'a']
    """
    if places.dtype not in _PLACES:
        places = places.cast(pl.UInt32)
    return column[places]


def normalized(texts: pl.Series, form: Literal["NFC", "NFKC"]) -> pl.Series:
    """Return texts in a normal form, as ``str.normalize``, which costs as much for a text that is in it already.

    ASCII stands in every form, so only other texts are written anew.

    Example:
        >>> normalized(pl.Series(["gift", "Ｇift", None]), "NFKC").to_list()
        ['gift', 'Gift', None]
    """
    wide = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if not len(wide):
        return texts
    return texts.clone().scatter(wide, texts[wide].str.normalize(form))


def numbered(count: int) -> pl.Series:
    """Return the numbers from 0 up to *count*, not included.

    Example:
        >>> numbered(3).to_list()
        [0, 1, 2]
    """
    return _few(count) if count <= _SHORT else pl.Series(values=np.arange(count, dtype=np.uint32))


@lru_cache(64)
def _few(count: int) -> pl.Series:
    return pl.Series(values=np.arange(count, dtype=np.uint32))


_PLACES = (pl.UInt32, pl.UInt64)
_COMPARED = (pl.Boolean, pl.Int64, pl.UInt8, pl.UInt32, pl.Int128, pl.String, pl.Date)
