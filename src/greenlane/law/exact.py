"""Products and quotients of columns, exact: in 64 bits where the largest operands of a batch cannot overflow them.

Where they can, a short column is worked out on Python's own whole numbers and a long one in Polars' 128 bits: making a
lazy plan costs more than some hundred whole numbers do.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from greenlane.law.vectors import Array
from greenlane.values.money import Rounding

NARROW = 2**61
"""A product below this, doubled and added to a divisor, stays within 64 bits."""

_SHORT = 1_000


def exactly(formula: Callable[..., Any], operands: Sequence[Array | int], wide: bool) -> Array:
    """Work a formula of ``+``, ``-``, ``*`` and ``//`` out on columns and plain numbers, at least one a column.

    Args:
        formula: Takes as many operands as are given; it must do for arrays and for Polars expressions.
        operands: int64 arrays of one length, no divisor among them zero, and plain numbers.
        wide: Whether something on the way may outgrow 64 bits. The result never does.
    Example:
        >>> exactly(lambda a, b: a * b // 10**18, [np.array([5, 7]), 10**18], True).tolist()
        [5, 7]
    """
    if not wide:
        return formula(*operands)  # type: ignore[no-any-return]
    columns = {str(i): column for i, column in enumerate(operands) if isinstance(column, np.ndarray)}
    if len(next(iter(columns.values()))) <= _SHORT:
        whole = [column.astype(object) if isinstance(column, np.ndarray) else column for column in operands]
        return formula(*whole).astype(np.int64)  # type: ignore[no-any-return]
    terms = [
        pl.col(str(i)).cast(pl.Int128) if str(i) in columns else pl.lit(operand, dtype=pl.Int128)
        for i, operand in enumerate(operands)
    ]
    return pl.DataFrame(columns).select(formula(*terms).cast(pl.Int64)).to_series().to_numpy()


def rounded(top: Any, bottom: Any, rounding: Rounding, even: bool = False) -> Any:
    """Divide non-negative whole numbers, as arrays or expressions, and round once.

    ``even`` says that the divisor is one even number, which saves a step.

    Example:
        >>> rounded(np.array([5, 7]), 2, Rounding.HALF_EVEN).tolist()
        [2, 4]
    """
    match rounding:
        case Rounding.DOWN:
            return top // bottom
        case Rounding.UP:
            return (top + (bottom - 1)) // bottom
        case Rounding.HALF_UP if even:
            return (top + bottom // 2) // bottom
        case Rounding.HALF_UP:
            return (top * 2 + bottom) // (bottom * 2)
        case Rounding.HALF_EVEN:
            whole = top // bottom
            twice = (top - whole * bottom) * 2
            up = (twice > bottom) | ((twice == bottom) & (whole % 2 == 1))
            return whole + (up.cast(pl.Int128) if isinstance(up, pl.Expr) else up)
