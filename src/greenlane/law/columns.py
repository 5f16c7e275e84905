"""Evaluate a formula on columns, for many consignments at once.

A value is a `Vector` of the node's level, or a plain Python value where it is the same for the whole batch: a
batch with one day, one member state or no contested law folds most of a formula away. Unknown is never lost, and
never becomes zero.

Products are formed in 64 bits only where the largest operands of this batch cannot overflow them (`exact`).
"""

from collections.abc import Callable
from functools import reduce
from math import gcd, prod
from operator import add, eq, le, lt, mul, sub
from typing import Any, Protocol

import numpy as np
import polars as pl

from greenlane.law.exact import NARROW, exactly, rounded
from greenlane.law.graph import ITEM, Node
from greenlane.law.integers import _arithmetic, fitted
from greenlane.law.shared import Shared
from greenlane.law.vectors import (
    Array,
    Column,
    Mask,
    Vector,
    both,
    certain,
    chosen,
    combined,
    compared,
    folded,
    inverted,
    known_of,
    logic,
    picked,
    raw,
    worse,
)
from greenlane.values.money import divide


class Batch(Protocol):
    """Where the leaves of a batch come from."""

    @property
    def starts(self) -> pl.Series:
        """(n,) UInt32: the index of each consignment's first item. Items are contiguous, each has one at least."""

    @property
    def ends(self) -> pl.Series:
        """(n,) UInt32: one past the index of each consignment's last item."""

    @property
    def rows(self) -> pl.Series:
        """(m,) UInt32: the consignment index of each item."""

    def matches(self, name: str, values: frozenset[str] | None) -> Column:
        """Where a text field is one of *values*, or given at all."""

    def coded(self, name: str) -> tuple[Array, list[Any]]:
        """A text field as small whole numbers, one a row, and the text behind each."""

    def leaf(self, node: Node) -> Column:
        """A ``field``, ``param`` or ``lookup`` leaf."""

    def leaf_rival(self, node: Node) -> Column:
        """The other reading's value of a contested leaf; None where there is none."""

    def leaf_certainty(self, node: Node) -> Column:
        """0 certain, 1 unverified, 2 contested, 3 unknown."""


class Columns:
    """Evaluates nodes for a batch and remembers each result.

    ``shared`` is what the batches of one plan have in common.
    """

    def __init__(self, batch: Batch, shared: Shared | None = None) -> None:
        self.batch = batch
        self.shared = shared or Shared()
        self.rows = batch.rows.to_numpy().astype(np.intp)
        self.starts = batch.starts.to_numpy().astype(np.intp)
        self.alone = len(self.rows) == len(self.starts)
        self._done: dict[Node, Column] = {}
        self._items: dict[Node, Column] = {}

    def value(self, node: Node) -> Column:
        """Return the node's column at its own level, or a plain value where it is the same throughout."""
        return self._value(self.shared.of(node))

    def at_items(self, node: Node) -> Column:
        """Return the node's value at item level."""
        return self._at_items(self.shared.of(node))

    def any_of(self, node: Node) -> Column:
        """Return where an item condition holds for one item of the consignment at least."""
        return self._value(self.shared.over("any", node))

    def series(self, node: Node, dtype: type[pl.DataType] | None = None) -> pl.Series:
        """Return the node's column at its own level as Polars has it, never folded."""
        return self._series(self.value(node), len(self.rows if node.level == ITEM else self.starts), dtype)

    def item_series(self, node: Node) -> pl.Series:
        """Return the node's column at item level as Polars has it, never folded."""
        return self._series(self.at_items(node), len(self.rows), None)

    def _series(self, value: Column, length: int, dtype: type[pl.DataType] | None) -> pl.Series:
        if isinstance(value, Vector):
            return value.series()
        kind = dtype or (pl.Boolean if isinstance(value, bool) else pl.Int64)
        return pl.Series(values=[value], dtype=kind).new_from_index(0, length)

    # From here on nodes are those of `shared`.

    def _value(self, node: Node) -> Column:
        done = self._done
        if node in done:
            return done[node]
        value = done[node] = folded(_HANDLERS[node.op](self, node))
        return value

    def _at_items(self, node: Node) -> Column:
        value = self._value(node)
        if node.level == ITEM or self.alone or not isinstance(value, Vector):
            return value
        if node not in self._items:
            self._items[node] = value.taken(self.rows)
        return self._items[node]

    def _operand(self, node: Node, level: str) -> Column:
        return self._at_items(node) if level == ITEM else self._value(node)

    def _const(self, node: Node) -> Column:
        return node.data[0]  # type: ignore[no-any-return]

    def _leaf(self, node: Node) -> Column:
        return self.batch.leaf(node)

    def _matches(self, node: Node) -> Column:
        return self.batch.matches(*node.data)

    def _rival(self, node: Node) -> Column:
        return self.batch.leaf_rival(node.args[0])

    def _certainty(self, node: Node) -> Column:
        return self.batch.leaf_certainty(node.args[0])

    def _choose(self, node: Node) -> Column:
        condition = self._operand(node.args[0], node.level)
        if condition is None:
            return None
        if not isinstance(condition, Vector):
            return self._operand(node.args[1] if condition else node.args[2], node.level)
        then, otherwise = self._operand(node.args[1], node.level), self._operand(node.args[2], node.level)
        return chosen(condition, then, otherwise)

    def _pick(self, node: Node) -> Column:
        then, otherwise = self._operand(node.args[1], node.level), self._operand(node.args[2], node.level)
        if not isinstance(then, Vector) and not isinstance(otherwise, Vector) and then == otherwise == 0:
            return 0
        condition = self._operand(node.args[0], node.level)
        if condition is None:
            return 0
        if not isinstance(condition, Vector):
            return then if condition else otherwise
        return picked(condition, then, otherwise)

    def _worse(self, node: Node) -> Column:
        return worse(self._operand(node.args[0], node.level), self._operand(node.args[1], node.level))

    def _known(self, node: Node) -> Column:
        value = self._operand(node.args[0], node.level)
        if not isinstance(value, Vector):
            return value is not None
        return True if value.known is None else Vector(value.known)

    def _logic(self, node: Node) -> Column:
        left, right = self._operand(node.args[0], node.level), self._operand(node.args[1], node.level)
        if isinstance(left, Vector) or isinstance(right, Vector):
            return logic(node.op, left, right)
        decisive = node.op == "or"
        if left is decisive or right is decisive:
            return decisive
        return None if left is None or right is None else not decisive

    def _not(self, node: Node) -> Column:
        value = self._operand(node.args[0], node.level)
        if isinstance(value, Vector):
            return inverted(value)
        return None if value is None else not value

    def _total(self, node: Node) -> Column:
        value = self._at_items(node.args[0])
        if value is None:
            return None
        if not isinstance(value, Vector):
            counts = (self.batch.ends - self.batch.starts).to_numpy().astype(np.int64)
            return Vector(counts * int(value))
        if self.alone:
            return value
        known = None if value.known is None else self._reduced(np.logical_and, value.known)
        return Vector(self._reduced(np.add, value.values.astype(np.int64, copy=False)), known)

    def _any(self, node: Node) -> Column:
        value = self._at_items(node.args[0])
        if self.alone or not isinstance(value, Vector):
            return value
        true = self._reduced(np.logical_or, value.values)
        if value.known is None:
            return Vector(true)
        return Vector(true, true | self._reduced(np.logical_and, value.known))

    def _worst(self, node: Node) -> Column:
        value = self._at_items(node.args[0])
        if not isinstance(value, Vector):
            return value or 0
        return value if self.alone else Vector(self._reduced(np.maximum, certain(value)))

    def _reduced(self, reduce: np.ufunc, values: Array) -> Array:
        """Reduce item values over each consignment."""
        return reduce.reduceat(values, self.starts)

    def _lead(self, node: Node) -> Column:
        if self.alone:
            return True
        lead = np.zeros(len(self.rows), dtype=bool)
        lead[self.starts] = True
        return Vector(lead)

    def _first(self, node: Node) -> Column:
        if self.alone:
            return True
        order, begins = self._grouped(node)
        first = np.zeros(len(self.rows), dtype=bool)
        first[order[begins]] = True
        return Vector(first)

    def _collect(self, node: Node) -> Column:
        value = self._at_items(node.args[0])
        if self.alone:
            return value
        order, begins = self._grouped(node)
        leads = order[begins]
        known: Mask | None = None
        sums = np.zeros(len(self.rows), dtype=np.int64)
        if isinstance(value, Vector):
            sums[leads] = np.add.reduceat(value.values[order], begins)
            if value.known is not None:
                known = np.ones(len(self.rows), dtype=bool)
                known[leads] = np.logical_and.reduceat(value.known[order], begins)
        elif value is None:
            known = np.ones(len(self.rows), dtype=bool)
            known[leads] = False
        else:
            sums[leads] = np.diff(begins, append=len(order)) * int(value)
        return Vector(sums, known)

    def _grouped(self, node: Node) -> tuple[Array, Array]:
        """Return the items in groups of a consignment and the node's text fields, and where each group begins."""
        key = self.rows
        for name in node.data:
            name, _, length = name.partition(":")
            codes, texts = self.batch.coded(name)
            cut = [(text or "")[: int(length) if length else None] for text in texts]
            numbers = {text: number for number, text in enumerate(dict.fromkeys(cut))}
            if len(numbers) > 1:
                key = key * len(numbers) + np.array([numbers[text] for text in cut])[codes]
        order = np.argsort(key, kind="stable")
        return order, np.flatnonzero(np.diff(key[order], prepend=-1))

    def _share(self, node: Node) -> Column:
        amount = self._value(node.args[0])
        if amount is None:
            return None
        weight = self._at_items(node.args[1])
        if weight is None:
            return None
        if self.alone or (not isinstance(amount, Vector) and amount == 0):
            unsure = known_of(weight)
            if unsure is None:
                return amount
            if isinstance(amount, Vector):
                return Vector(amount.values, both(amount.known, unsure))
        return self._share_many(node)

    def _share_many(self, node: Node) -> Column:
        amount, weight = self._at_items(node.args[0]), self._at_items(node.args[1])
        whole = self._at_items(self.shared.over("total", node.args[1]))
        if amount is None or whole is None:
            return None
        known = both(known_of(amount), known_of(whole))
        if isinstance(weight, Vector):
            weights = weight.values if weight.known is None else np.where(weight.known, weight.values, 0)
        else:
            weights = np.full(len(self.rows), int(weight or 0), dtype=np.int64)
        running = np.cumsum(weights)
        upto = running - (running - weights)[self.starts][self.rows]
        sums = raw(whole)
        nothing = sums == 0
        if known is not None:
            nothing = nothing | ~known
        sums = np.where(nothing, 1, sums)
        parted = raw(amount) if known is None else np.where(known, raw(amount), 0)
        wide = _bound(amount) * max(int(upto.max(initial=0)), 1) >= NARROW
        parts = exactly(
            lambda amount, cum, prev, whole: amount * cum // whole - amount * prev // whole,
            [parted, upto, upto - weights, sums],
            wide,
        )
        lead = np.zeros(len(self.rows), dtype=bool)
        lead[self.starts] = True
        return Vector(np.where(nothing, np.where(lead, parted, 0), parts), known)

    def _fit(self, node: Node) -> Column:
        """Fit articles one consignment at a time, for the few where it applies."""
        value, quantity, limit, when = node.args
        if self._value(when) is False:
            return 0
        applies = self._value(when)
        rows = np.arange(len(self.starts))
        if isinstance(applies, Vector):
            rows = np.flatnonzero(
                applies.values if applies.known is None else applies.values | ~applies.known
            )
        ends = self.batch.ends.to_numpy()
        values, quantities = self._at_items(value), self._at_items(quantity)
        fits = np.zeros(len(self.rows), dtype=np.int64)
        known = np.ones(len(self.rows), dtype=bool)
        for row in rows.tolist():
            span = np.arange(self.starts[row], ends[row])
            one = np.array([row])
            relieved = fitted(
                _listed(values, span),
                _listed(quantities, span),
                _listed(self._value(limit), one)[0],
                _listed(applies, one)[0],
            )
            fits[span] = [part or 0 for part in relieved]
            known[span] = [part is not None for part in relieved]
        return Vector(fits, known)

    def _computed(self, node: Node) -> Column:
        of = self._at_items if node.level == ITEM else self._value
        operands = list(map(of, node.args))
        if None in operands:
            return None
        if Vector in map(type, operands):
            return _STEPS[node.op](node, operands)
        return _arithmetic(node, operands)


def _listed(value: Column, places: Array) -> list[Any]:
    return value.taken(places).listed() if isinstance(value, Vector) else [value] * len(places)


def _compare(compare: Callable[[Any, Any], Any]) -> Callable[[Node, list[Any]], Column]:
    return lambda node, operands: compared(compare, operands[0], operands[1])


def _combine(combine: Callable[[Any, Any], Any]) -> Callable[[Node, list[Any]], Column]:
    return lambda node, operands: combined(combine, operands[0], operands[1])


def _round_to(node: Node, operands: list[Any]) -> Column:
    step_minor, rounding = node.data
    amount = operands[0]
    steps = rounded(amount.values, step_minor, rounding, step_minor % 2 == 0)
    return Vector(steps * step_minor, amount.known)


def _muldiv(node: Node, operands: list[Any]) -> Column:
    tops, rounding = node.data
    bounds = [max(_bound(operand), 1) for operand in operands]
    known = _all_known(operands)
    columns = _sound(operands, known)
    above, below = _factors(columns[:tops]), _factors(columns[tops:])
    if any(not isinstance(factor, np.ndarray) and factor == 0 for factor in below):
        return None
    zero = [factor == 0 for factor in below if isinstance(factor, np.ndarray)]
    if zero and (nothing := np.logical_or.reduce(zero)).any():
        known = ~nothing if known is None else known & ~nothing
        below = [np.where(nothing, 1, factor) for factor in below]
    split = len(above)
    even = len(below) == 1 and not zero and below[0] % 2 == 0

    def formula(*factors: Any) -> Any:
        return rounded(reduce(mul, factors[:split]), reduce(mul, factors[split:]), rounding, even)

    wide = max(prod(bounds[:tops]), prod(bounds[tops:])) >= NARROW
    return Vector(exactly(formula, [*above, *below], wide), known)


def _sumprod(node: Node, operands: list[Any]) -> Column:
    scales, denominator, rounding = node.data
    bounds = [_bound(operand) for operand in operands]
    known = _all_known(operands)
    terms = [i for i in range(len(scales)) if bounds[2 * i] and bounds[2 * i + 1]]
    common = gcd(denominator, *(scales[i] for i in terms))
    factors = [scales[i] // common for i in terms]
    denominator //= common
    columns = _sound([side for i in terms for side in operands[2 * i : 2 * i + 2]], known)

    def formula(*sides: Any) -> Any:
        parts = (sides[2 * n] * sides[2 * n + 1] * factor for n, factor in enumerate(factors))
        return rounded(reduce(add, parts), sides[-1], rounding, denominator % 2 == 0)

    if not any(isinstance(column, np.ndarray) for column in columns):
        parts = (columns[2 * n] * columns[2 * n + 1] * factor for n, factor in enumerate(factors))
        plain = divide(sum(parts), denominator, rounding)
        return plain if known is None else Vector(np.full(len(known), plain), known)
    largest = sum(
        bounds[2 * i] * bounds[2 * i + 1] * factor for i, factor in zip(terms, factors, strict=True)
    )
    wide = max(largest, denominator) >= NARROW
    return Vector(exactly(formula, [*columns, denominator], wide), known)


def _all_known(operands: list[Any]) -> Mask | None:
    return reduce(both, map(known_of, operands))


def _sound(operands: list[Any], known: Mask | None) -> list[Any]:
    """Return the raw operands, zero where the result is unknown: what stands there could overflow."""
    if known is None:
        return [raw(operand) for operand in operands]
    return [
        np.where(known, operand.values, 0) if isinstance(operand, Vector) else operand for operand in operands
    ]


def _factors(operands: list[Any]) -> list[Any]:
    """Return the columns of a product, and before them the product of its plain numbers unless that is 1."""
    columns = [operand for operand in operands if isinstance(operand, np.ndarray)]
    plain = prod(operand for operand in operands if not isinstance(operand, np.ndarray))
    return columns if columns and plain == 1 else [plain, *columns]


def _bound(column: Column) -> int:
    """Return the largest magnitude in a column."""
    if not isinstance(column, Vector):
        return abs(int(column or 0))
    if column.bound is None:
        values = column.values
        column.bound = max(abs(int(values.min(initial=0))), abs(int(values.max(initial=0))))
    return column.bound


_STEPS: dict[str, Callable[[Node, list[Any]], Column]] = {
    "add": _combine(add),
    "sub": _combine(sub),
    "min": _combine(np.minimum),
    "max": _combine(np.maximum),
    "le": _compare(le),
    "lt": _compare(lt),
    "eq": _compare(eq),
    "round_to": _round_to,
    "muldiv": _muldiv,
    "sumprod": _sumprod,
}
"""What computes an operation that is unknown where any operand is."""

_HANDLERS: dict[str, Callable[[Columns, Node], Column]] = {
    "const": Columns._const,
    "field": Columns._leaf,
    "param": Columns._leaf,
    "lookup": Columns._leaf,
    "matches": Columns._matches,
    "rival": Columns._rival,
    "certainty": Columns._certainty,
    "choose": Columns._choose,
    "pick": Columns._pick,
    "worse": Columns._worse,
    "known": Columns._known,
    "and": Columns._logic,
    "or": Columns._logic,
    "not": Columns._not,
    "total": Columns._total,
    "any": Columns._any,
    "worst": Columns._worst,
    "first": Columns._first,
    "lead": Columns._lead,
    "collect": Columns._collect,
    "share": Columns._share,
    "fit": Columns._fit,
    **dict.fromkeys(_STEPS, Columns._computed),
}
"""What computes each operation; a step is what it names (`Shared`)."""
