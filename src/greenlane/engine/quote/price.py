"""Price-inclusive quotes: which price of the goods makes the landed cost come to an amount.

The price is the sum of the lines' values, in whole minor units of the consignment's currency; the lines scale in
proportion. The landed cost leaps at thresholds, up or down, and moves in steps of rounding, so that an amount
may be reached by one price, by several apart from each other, or by none. The search parts the prices where a
comparison of the law changes, leaves out ranges that cannot hold the amount (`greenlane.law.spans`), and asks
the integers for every price that is left: what it finds is all there is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from greenlane.decide.outcome import Decision
from greenlane.decide.plan import DecisionPlan
from greenlane.engine.quote.landed import GOODS, landed_node
from greenlane.law.graph import ITEM, Node, walk
from greenlane.law.integers import Integers
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.law.spans import COMPARISONS, UNKNOWN, Span, Spans, resting_on
from greenlane.values.errors import UsageError
from greenlane.values.money import MAX_MINOR, share_out

MOST_STEPS = 60_000
"""Evaluations after which the search gives up."""

_VALUE, _GROUP = "items.value", "group.value"
_VARYING = frozenset({_VALUE, _GROUP})
_SMALL = 4

Falls = dict[tuple[Node, int], int | None]
"""How each comparison falls."""


@dataclass(frozen=True, slots=True)
class Point:
    """A price and the landed cost that it leads to, in minor units of their own currencies."""

    price: int
    cost: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Two neighbouring prices between which the landed cost leaps, and the comparisons that change there."""

    before: Point
    after: Point
    changed: tuple[tuple[Node, int], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Every price that leads to the amount, and what lies around it.

    ``solutions`` are ranges of prices, first and last. Where there are none, ``below`` and ``above`` are the
    nearest amounts that can be reached and ``crossed`` the thresholds that leap over the amount; without one, the
    steps of rounding do. ``unknown`` are ranges of prices at which the landed cost is not known; the last may
    have no end.
    """

    solutions: tuple[tuple[int, int], ...]
    below: Point | None
    above: Point | None
    crossed: tuple[Threshold, ...]
    thresholds: tuple[Threshold, ...]
    unknown: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A range of prices over which every comparison falls the same way."""

    first: int
    last: int
    span: Span
    falls: Falls


def scaled(items: Sequence[Mapping[str, Any]], price: int) -> list[dict[str, Any]]:
    """Return the items with values that sum to *price*, in proportion to the values given.

    Line i gets ``price*cum_i//sum - price*cum_(i-1)//sum``, as freight is shared; where every value is zero the
    first line gets all.

    Example:
        >>> [item["value"] for item in scaled([{"value": 100}, {"value": 200}], 100)]
        [33, 67]
    """
    parts = share_out(price, [int(item["value"]) for item in items])
    return [{**item, "value": part} for item, part in zip(items, parts, strict=True)]


class PriceSearch:
    """Searches the prices of one consignment under one plan."""

    def __init__(
        self,
        plan: DecisionPlan,
        row: Mapping[str, Any],
        items: Sequence[Mapping[str, Any]],
        resolver: Resolver,
    ) -> None:
        self.plan, self.row, self.items, self.resolver = plan, row, items, resolver
        self.weights = [int(item["value"]) for item in items]
        self.fixed = Integers(SingleFacts(row, list(items), resolver))
        self.node = landed_node(Decision(plan, SingleFacts(row, list(items), resolver)))
        self.varying = resting_on((self.node, GOODS), _VARYING)
        self.compared = [
            node for node in walk([self.node]) if node in self.varying and node.op in COMPARISONS
        ]
        self.costs: dict[int, int | None] = {}
        self.steps = 0
        leaves = {node: node.data[0] for node in walk([self.node]) if node.op == "field"}
        self.grouped = _GROUP in leaves.values()

    def row_at(self, price: int) -> dict[str, Any]:
        """Return the consignment with the group's value that the price leads to."""
        if not self.grouped:
            return dict(self.row)
        goods = Integers(SingleFacts(self.row, list(scaled(self.items, price)), self.resolver)).value(GOODS)
        return {**self.row, _GROUP: goods}

    def cost(self, price: int) -> int | None:
        """Return the landed cost at a price, on integers; None where it is not known."""
        if price not in self.costs:
            self._count()
            facts = SingleFacts(self.row_at(price), list(scaled(self.items, price)), self.resolver)
            found = Integers(facts).value(self.node)
            self.costs[price] = None if found is None else int(found)
        return self.costs[price]

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise UsageError(
                "--total: the landed cost of this consignment changes at too many prices to search them all; "
                "quote a few prices instead"
            )

    def spans(self, first: int, last: int) -> Spans:
        """Return the evaluator of a range of prices."""
        self._count()
        whole = sum(self.weights) or 1
        weights = self.weights if sum(self.weights) else [1] + [0] * (len(self.weights) - 1)
        if first == last:
            given = tuple((v, v, False) for v in share_out(first, weights))
        else:
            given = tuple((first * w // whole, -(-last * w // whole), False) for w in weights)
        made = Spans(self.fixed, self.varying, {_VALUE: given})
        if self.grouped:
            made.given = {_VALUE: given, _GROUP: (made.at(GOODS),)}
        return made

    def _piece(self, first: int, last: int) -> tuple[_Piece, bool]:
        made = self.spans(first, last)
        span = made.at(self.node)
        falls = made.comparisons()
        settled = None not in falls.values() and (not span[2] or span[0] > span[1])
        return _Piece(first, last, span, falls), settled

    def pieces(self, first: int, last: int) -> Iterator[_Piece]:
        """Part the prices from *first* to *last* where a comparison changes, in order."""
        waiting = [(first, last)] if first <= last else []
        while waiting:
            low, high = waiting.pop()
            if low == high:
                yield self._single(low)
                continue
            piece, settled = self._piece(low, high)
            if settled:
                yield piece
                continue
            middle = (low + high) // 2
            waiting += [(middle + 1, high), (low, middle)]

    def _single(self, price: int) -> _Piece:
        """Return one price as a piece, from the integers."""
        facts = SingleFacts(self.row_at(price), list(scaled(self.items, price)), self.resolver)
        ints = Integers(facts)
        self._count()
        cost = ints.value(self.node)
        self.costs[price] = None if cost is None else int(cost)
        falls: Falls = {}
        for node in self.compared:
            for item in range(len(self.items) if node.level == ITEM else 1):
                if ints.was_asked(node, item):
                    way = ints.at(node, item)
                    falls[node, item] = 2 if way is None else int(way)
        return _Piece(price, price, UNKNOWN if cost is None else (int(cost), int(cost), False), falls)

    def reaching(self, piece: _Piece, amount: int) -> Iterator[tuple[int, int]]:
        """Give the ranges of prices within a piece that lead to the amount."""
        waiting = [(piece.first, piece.last, piece.span)]
        while waiting:
            low, high, span = waiting.pop()
            if not span[0] <= amount <= span[1]:
                continue
            if span == (amount, amount, False):
                yield low, high
                continue
            if high - low < _SMALL:
                yield from ((p, p) for p in range(low, high + 1) if self.cost(p) == amount)
                continue
            middle = (low + high) // 2
            for a, b in ((middle + 1, high), (low, middle)):
                waiting.append((a, b, self.spans(a, b).at(self.node)))

    def nearest(self, pieces: Sequence[_Piece], amount: int, above: bool) -> Point | None:
        """Return the price whose landed cost is the nearest one above (or below) the amount."""
        sign = 1 if above else -1
        best: Point | None = None
        ends = sorted(pieces, key=lambda p: sign * (p.span[0] if above else p.span[1]))
        for piece in ends:
            waiting = [(piece.first, piece.last, piece.span)]
            while waiting:
                low, high, span = waiting.pop()
                reach = span[0] if above else span[1]
                if span[0] > span[1] or (span[1] <= amount if above else span[0] >= amount):
                    continue
                if best is not None and sign * reach >= sign * best.cost:
                    continue
                if high - low < _SMALL:
                    for price in range(low, high + 1):
                        cost = self.cost(price)
                        beyond = cost is not None and sign * cost > sign * amount
                        if beyond and cost is not None and (best is None or sign * cost < sign * best.cost):
                            best = Point(price, cost)
                    continue
                middle = (low + high) // 2
                halves = [(low, middle), (middle + 1, high)]
                for a, b in halves if not above else reversed(halves):
                    waiting.append((a, b, self.spans(a, b).at(self.node)))
        return best

    def search(self, amount: int, numerator: int, denominator: int) -> Answer:
        """Search every price; the rate is that of the consignment's currency in the pack's."""
        last = self._last(amount, numerator, denominator)
        pieces = list(self.pieces(0, last))
        found = [pair for piece in pieces for pair in self.reaching(piece, amount)]
        thresholds = tuple(self._thresholds(pieces))
        ranges = _merged([(p.first, p.last) for p in pieces if p.span[0] > p.span[1]])
        unknown = tuple((a, None if b == last else b) for a, b in ranges)
        if found:
            return Answer(_merged(sorted(found)), None, None, (), thresholds, unknown)
        below = self.nearest(pieces, amount, above=False)
        above = self.nearest(pieces, amount, above=True)
        if above is not None:
            # A price beyond may lead to less than a leap does.
            beyond = self._last(above.cost, numerator, denominator)
            pieces += self.pieces(last + 1, beyond)
            above = self.nearest(pieces, amount, above=True)
        crossed = tuple(t for t in thresholds if t.before.cost < amount < t.after.cost)
        return Answer((), below, above, crossed, thresholds, unknown)

    def _last(self, amount: int, numerator: int, denominator: int) -> int:
        """Return a price whose goods alone come to more than the amount."""
        slack = len(self.items) + 1
        last = (amount + slack) * denominator // numerator + slack
        return min(last, MAX_MINOR)

    def _thresholds(self, pieces: Sequence[_Piece]) -> Iterator[Threshold]:
        """Give the neighbouring prices between which the cost leaps by more than it does beside them."""
        for left, right in pairwise(pieces):
            if left.falls == right.falls:
                continue
            before, after = self.cost(left.last), self.cost(right.first)
            if before is None or after is None:
                continue
            steps = [self._slope(left.last - 1), self._slope(right.first)]
            usual = min((abs(step) for step in steps if step is not None), default=1)
            if abs(after - before) <= 2 * usual + len(self.items) * len(self.plan.assessment.charges):
                continue
            changed = tuple(
                key for key, way in left.falls.items() if key in right.falls and right.falls[key] != way
            )
            yield Threshold(Point(left.last, before), Point(right.first, after), changed)

    def _slope(self, price: int) -> int | None:
        if price < 0:
            return None
        low, high = self.cost(price), self.cost(price + 1)
        return None if low is None or high is None else high - low


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)
