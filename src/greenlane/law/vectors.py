"""Columns of a formula as arrays: values and where they are known.

A batch of a hundred rows costs as much as the steps taken on it, and a step of numpy costs a tenth of one on a Series.
Where a value is unknown its place holds anything; in a column of booleans it holds False, so that three-valued logic is
a few steps on bits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.law.eager import known as known_in
from greenlane.law.eager import one

Array: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class Vector:
    """One value a row: int64, bool, or uint8 for certainties. ``known`` is None where every value is."""

    values: Array
    known: Mask | None = None
    bound: int | None = None
    """The largest magnitude, once it was asked for."""

    def taken(self, places: Array) -> "Vector":
        """Return the rows at some places."""
        return Vector(self.values[places], None if self.known is None else self.known[places], self.bound)

    def series(self) -> pl.Series:
        """Return the column as Polars has it, null where unknown."""
        column = pl.Series(values=self.values)
        if self.known is None:
            return column
        return column.zip_with(pl.Series(values=self.known), one(None, type(column.dtype)))

    def listed(self) -> list[Any]:
        """Return the values as a list, None where unknown."""
        values: list[Any] = self.values.tolist()
        if self.known is None:
            return values
        return [value if known else None for value, known in zip(values, self.known.tolist(), strict=True)]


Column: TypeAlias = Vector | int | bool | None
"""A plain value is the same for the whole batch; None is unknown throughout."""


def vector(column: pl.Series) -> Column:
    """Return a Series of whole numbers or booleans as a column.

    Example:
        >>> vector(pl.Series([3, None])).listed(), vector(pl.Series([7, 7])), vector(pl.Series([None, None]))
        ([3, None], 7, None)
    """
    missing = column.null_count()
    if missing == len(column):
        return None
    flags = column.dtype == pl.Boolean
    if not flags and column.dtype != pl.Int64:
        column = column.cast(pl.Int64)
    if not missing:
        return alike(Vector(column.to_numpy()))
    mask = known_in(column)
    whole = column.zip_with(mask, one(False if flags else 0, type(column.dtype)))
    return Vector(whole.to_numpy(), mask.to_numpy())


def tabled(values: list[Any], index: Array) -> Column:
    """Give each row the value that *index* names; one plain value where all are the same.

    Example:
        >>> tabled([5, None], np.array([1, 0, 1])).listed()
        [None, 5, None]
    """
    kinds = set(map(type, values))
    if len(kinds - {type(None)}) <= 1 and values.count(values[0]) == len(values):
        return values[0]  # type: ignore[no-any-return]
    kind = np.bool_ if kinds <= {bool, type(None)} else np.int64
    if type(None) not in kinds:
        return folded(Vector(np.array(values, dtype=kind)[index]))
    table: Array = np.array([0 if value is None else value for value in values], dtype=kind)
    known = np.array([value is not None for value in values])
    return folded(Vector(table[index], known[index]))


def alike(column: Vector) -> Column:
    """Return a plain value for a column, known throughout, that holds but one."""
    values = column.values
    if len(values) and (values == values[0]).all():
        return values[0].item()  # type: ignore[no-any-return]
    return column


def folded(column: Column) -> Column:
    """Return a plain value for a column of unknowns, or of one boolean, so that whole branches fall away."""
    if not isinstance(column, Vector):
        return column
    known = column.known
    if known is not None:
        count = np.count_nonzero(known)
        if count == 0 and len(known):
            return None
        if count < len(known):
            return column
        column.known = None
    values = column.values
    if values.dtype == np.bool_:
        count = np.count_nonzero(values)
        if count == len(values):
            return True
        if count == 0:
            return False
    return column


def both(left: Mask | None, right: Mask | None) -> Mask | None:
    """Return where both of two columns are known."""
    if left is None:
        return right
    return left if right is None else left & right


def known_of(column: Column) -> Mask | None:
    """Return where a column is known; a plain value that is not None is known everywhere."""
    return column.known if isinstance(column, Vector) else None


def raw(column: Any) -> Any:
    """Return a column's values, or the plain value itself."""
    return column.values if isinstance(column, Vector) else column


def logic(op: str, left: Column, right: Column) -> Column:
    """Combine two columns, at least one of them no plain value, by three-valued ``and`` or ``or``."""
    if not isinstance(left, Vector):
        left, right = right, left
    assert isinstance(left, Vector)
    decisive = op == "or"
    values, known = left.values, left.known
    if isinstance(right, Vector):
        others, other_known = right.values, right.known
        if known is None and other_known is None:
            return Vector(values | others if decisive else values & others)
        mine = np.ones_like(values) if known is None else known
        theirs = np.ones_like(others) if other_known is None else other_known
        if decisive:
            either = values | others
            return Vector(either, either | (mine & theirs))
        # Known to be false is decisive, and an unknown place holds False.
        return Vector(values & others, (mine & theirs) | (mine & ~values) | (theirs & ~others))
    if right is None:
        if decisive:
            return Vector(values, values)
        return Vector(np.zeros_like(values), ~values if known is None else known & ~values)
    return decisive if right is decisive else left


def inverted(column: Vector) -> Vector:
    """Return what is true where the column is false."""
    if column.known is None:
        return Vector(~column.values)
    return Vector(~column.values & column.known, column.known)


def compared(compare: Callable[[Any, Any], Any], left: Column, right: Column) -> Vector:
    """Compare two columns, at least one of them no plain value and none unknown throughout."""
    known = both(known_of(left), known_of(right))
    values = compare(raw(left), raw(right))
    return Vector(values if known is None else values & known, known)


def combined(combine: Callable[[Any, Any], Any], left: Column, right: Column) -> Vector:
    """Combine two columns of numbers, at least one of them no plain value and none unknown throughout."""
    return Vector(combine(raw(left), raw(right)), both(known_of(left), known_of(right)))


def chosen(condition: Vector, then: Column, otherwise: Column) -> Column:
    """Take *then* where the condition is true and *otherwise* where it is false; unknown where it is."""
    if then is None and otherwise is None:
        return None
    hit, known = condition.values, condition.known
    if not isinstance(then, Vector) and not isinstance(otherwise, Vector):
        if then == otherwise and type(then) is type(otherwise) and known is None:
            return then
        if isinstance(then, bool) and isinstance(otherwise, bool) and then is not otherwise:
            return condition if then else inverted(condition)
    values = np.where(hit, _filled(then, otherwise), _filled(otherwise, then))
    if then is None:
        known = both(known, ~hit)
    elif isinstance(then, Vector) and then.known is not None:
        known = both(known, then.known | ~hit)
    if otherwise is None:
        known = both(known, hit)
    elif isinstance(otherwise, Vector) and otherwise.known is not None:
        known = both(known, otherwise.known | hit)
    if known is not None and values.dtype == np.bool_:
        values = values & known
    return Vector(values, known)


def _filled(column: Column, other: Column) -> Any:
    """Return a column's values; for one unknown throughout, what keeps the kind of the other."""
    if isinstance(column, Vector):
        return column.values
    if column is not None:
        return column
    flags = other.values.dtype == np.bool_ if isinstance(other, Vector) else isinstance(other, bool)
    return False if flags else 0


def worse(left: Column, right: Column) -> Column:
    """Return the worse of two certainties; they are never unknown, and 0 adds nothing."""
    if not isinstance(left, Vector):
        left, right = right, left
    if not isinstance(left, Vector):
        assert not isinstance(right, Vector)
        return max(int(left or 0), int(right or 0))
    if not isinstance(right, Vector) and not right:
        return left
    return Vector(np.maximum(certain(left), certain(right)))


def picked(condition: Vector, then: Column, otherwise: Column) -> Vector:
    """Return the certainty of the branch taken; where the condition is unknown no branch is, which adds nothing."""
    values = np.where(condition.values, certain(then), certain(otherwise))
    return Vector(values if condition.known is None else values * condition.known)


def certain(column: Column) -> Any:
    """Return certainties as bytes."""
    if not isinstance(column, Vector):
        return np.uint8(column or 0)
    values = column.values
    return values if values.dtype == np.uint8 else values.astype(np.uint8)
