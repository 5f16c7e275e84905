"""Columns from numbers: words by position, nulls, decimals, digits."""

import polars as pl

from greenlane.sandbox.draws import Flags, Ints


def pool(words: tuple[str, ...]) -> pl.Series:
    """Return words to `take` from."""
    return pl.Series(words, dtype=pl.String)


def take(words: pl.Series, at: Ints) -> pl.Series:
    """Return the entries of *words* at positions *at*."""
    return words.gather(pl.Series(at.astype("uint32")))


def only(series: pl.Series, keep: Flags) -> pl.Series:
    """Return *series* with null where *keep* is false.

    Example:
        >>> import numpy as np
        >>> only(pl.Series([1, 2]), np.array([True, False])).to_list()
        [1, None]
    """
    return series.zip_with(pl.Series(keep), pl.repeat(None, len(series), dtype=series.dtype, eager=True))


def either(chosen: Flags, first: pl.Series, second: pl.Series) -> pl.Series:
    """Return *first* where *chosen*, else *second*."""
    return first.zip_with(pl.Series(chosen), second)


def joined(*parts: pl.Series | str) -> pl.Series:
    """Join strings row by row; a plain string stands in every row.

    Example:
        >>> joined("S-", pl.Series(["1", "2"])).to_list()
        ['S-1', 'S-2']
    """
    return pl.select(pl.concat_str([pl.lit(part) for part in parts])).to_series()


def decimal(minor: pl.Series, places: int) -> pl.Series:
    """Turn integers of 10**-*places* into decimals of that scale.

    Example:
        >>> decimal(pl.Series([1250]), 2).to_list()
        [Decimal('12.50')]
    """
    scale = pl.Decimal(18, places)
    step = pl.lit("0." + "0" * (places - 1) + "1").cast(scale)
    return pl.select((pl.lit(minor).cast(scale) * step).cast(scale)).to_series()


def digits(numbers: Ints, width: int) -> pl.Series:
    """Write numbers with leading zeros.

    Example:
        >>> import numpy as np
        >>> digits(np.array([7, 1234]), 5).to_list()
        ['00007', '01234']
    """
    return pl.Series(numbers).cast(pl.String).str.zfill(width)


def numbered(prefix: str, count: int) -> pl.Series:
    """Return *prefix* with the numbers from 1 to *count*."""
    return pl.Series([f"{prefix}{i + 1}" for i in range(count)])
