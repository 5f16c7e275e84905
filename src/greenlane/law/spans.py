"""Evaluate a formula over a span of prices at once: between which bounds every node stays, and where it is known.

The price of the goods runs from one amount to another, everything else of the consignment is fixed. A node that does
not rest on the price is evaluated on integers, the others on spans. Each span holds every value that
`greenlane.law.integers` gives for a price between the ends, so that a search may leave out whole ranges of
prices for certain; the amounts themselves always come from the integers.
"""

from collections.abc import Callable, Mapping
from itertools import product

from greenlane.law.graph import ITEM, Node, walk
from greenlane.law.integers import Integers, cut
from greenlane.values.money import Rounding, divide

Span = tuple[int, int, bool]
"""Lowest and highest value, and whether it may be unknown. A lowest above the highest: never known."""

UNKNOWN: Span = (1, 0, True)
ANYTHING: Span = (-(10**30), 10**30, True)
"""What is said of an operation that spans do not know: nothing."""

COMPARISONS = ("le", "lt", "eq")


def resting_on(roots: tuple[Node, ...], fields: frozenset[str]) -> frozenset[Node]:
    """Return the nodes that rest on one of *fields*."""
    found: set[Node] = set()
    for node in walk(roots):
        if (node.op == "field" and node.data[0] in fields) or any(arg in found for arg in node.args):
            found.add(node)
    return frozenset(found)


class Spans:
    """Evaluates nodes over a span of prices and remembers each result.

    Args:
        fixed: The consignment at any price; asked for what does not rest on the price.
        varying: What rests on the price (`resting_on`).
        given: The spans of the varying fields: one for each item, or a single one at consignment level.
    """

    def __init__(
        self, fixed: Integers, varying: frozenset[Node], given: Mapping[str, tuple[Span, ...]]
    ) -> None:
        self.fixed = fixed
        self.varying = varying
        self.given = given
        self.items = fixed.facts.items
        self.done: dict[tuple[Node, int], Span] = {}

    def at(self, node: Node, item: int = 0) -> Span:
        """Return the span of *node* at one item (any number for a consignment-level node)."""
        place = item if node.level == ITEM else 0
        if node not in self.varying:
            value = self.fixed.at(node, place)
            return UNKNOWN if value is None else (int(value), int(value), False)
        found = self.done.get((node, place))
        if found is None:
            handler = _HANDLERS.get(node.op)
            found = self.done[node, place] = ANYTHING if handler is None else handler(self, node, place)
        return found

    def all(self, node: Node) -> list[Span]:
        """Return one span an item; a consignment-level node is repeated."""
        return [self.at(node, item) for item in range(self.items)]

    def comparisons(self) -> dict[tuple[Node, int], int | None]:
        """Return every comparison that was asked and rests on the price.

        0 false, 1 true, 2 never known; None where it may change within the span.
        """
        return {key: _settled(found) for key, found in self.done.items() if key[0].op in COMPARISONS}

    def _field(self, node: Node, item: int) -> Span:
        return self.given[node.data[0]][item]

    def _same(self, node: Node, item: int) -> Span:
        return self.at(node.args[0], item)

    def _known(self, node: Node, item: int) -> Span:
        low, high, maybe = self.at(node.args[0], item)
        return (0, 0, False) if low > high else (0 if maybe else 1, 1, False)

    def _choose(self, node: Node, item: int) -> Span:
        condition, then, otherwise = node.args
        states = _states(self.at(condition, item))
        taken = [self.at(then, item)] if True in states else []
        taken += [self.at(otherwise, item)] if False in states else []
        return _hull(taken, None in states)

    def _logic(self, node: Node, item: int) -> Span:
        decisive = node.op == "or"
        left = _states(self.at(node.args[0], item))
        if left == {decisive}:
            return (int(decisive), int(decisive), False)
        right = _states(self.at(node.args[1], item))
        return _of_states({_joined(a, b, decisive) for a, b in product(left, right)})

    def _not(self, node: Node, item: int) -> Span:
        low, high, maybe = self.at(node.args[0], item)
        return (1 - high, 1 - low, maybe)

    def _any(self, node: Node, item: int) -> Span:
        states: set[bool | None] = {False}
        for found in self.all(node.args[0]):
            states = {_joined(a, b, True) for a, b in product(states, _states(found))}
        return _of_states(states)

    def _total(self, node: Node, item: int) -> Span:
        return _sum(self.all(node.args[0]))

    def _collect(self, node: Node, item: int) -> Span:
        facts = self.fixed.facts
        keys = [tuple(cut(facts, name, place) for name in node.data) for place in range(self.items)]
        if keys.index(keys[item]) != item:
            return (0, 0, False)
        alike = [place for place, key in enumerate(keys) if key == keys[item]]
        return _sum([self.at(node.args[0], place) for place in alike])

    def _share(self, node: Node, item: int) -> Span:
        """A part lies between the whole amounts around its exact proportion."""
        amount = self.at(node.args[0])
        weights = self.all(node.args[1])
        if amount[0] > amount[1] or any(low > high for low, high, _ in weights):
            return UNKNOWN
        maybe = amount[2] or any(weight[2] for weight in weights)
        low, high = weights[item][:2]
        others_low = sum(weight[0] for weight in weights) - low
        others_high = sum(weight[1] for weight in weights) - high
        if low < 0 or others_low < 0 or amount[0] < 0:
            return ANYTHING
        least = amount[0] * low // (low + others_high) if low else 0
        most = -(-amount[1] * high // (high + others_low)) if high else 0
        if item == 0 and low + others_low == 0:
            # Where every weight is zero the whole amount goes to the first item.
            return (0 if high + others_high else amount[0], amount[1], maybe)
        return (least, most, maybe)

    def _fit(self, node: Node, item: int) -> Span:
        value, quantity, limit, when = node.args
        applies = self.at(when)
        if applies == (0, 0, False):
            return (0, 0, False)
        own, most = self.at(value, item), self.at(limit)
        parts = [applies, most, *self.all(value), *self.all(quantity)]
        if any(low > high for low, high, _ in parts):
            return _hull([(0, 0, False)], True)
        return (0, max(0, min(own[1], most[1])), any(part[2] for part in parts))

    def _computed(self, node: Node, item: int) -> Span:
        operands = [self.at(arg, item) for arg in node.args]
        if any(low > high for low, high, _ in operands):
            return UNKNOWN
        return _arithmetic(node, operands)


def _sum(found: list[Span]) -> Span:
    if any(low > high for low, high, _ in found):
        return UNKNOWN
    return (sum(s[0] for s in found), sum(s[1] for s in found), any(s[2] for s in found))


def _hull(spans: list[Span], maybe: bool) -> Span:
    maybe = maybe or any(found[2] for found in spans)
    known = [found for found in spans if found[0] <= found[1]]
    if not known:
        return UNKNOWN
    return (min(found[0] for found in known), max(found[1] for found in known), maybe)


def _states(found: Span) -> set[bool | None]:
    low, high, maybe = found
    states: set[bool | None] = {None} if maybe else set()
    if low <= 0 <= high:
        states.add(False)
    if low <= high and (low, high) != (0, 0):
        states.add(True)
    return states


def _settled(found: Span) -> int | None:
    low, high, maybe = found
    if low > high:
        return 2
    return None if maybe or low != high else low


def _of_states(states: set[bool | None]) -> Span:
    known = [int(state) for state in states if state is not None]
    return (min(known), max(known), None in states) if known else UNKNOWN


def _joined(left: bool | None, right: bool | None, decisive: bool) -> bool | None:
    if decisive in (left, right):
        return decisive
    return None if left is None or right is None else not decisive


def _arithmetic(node: Node, operands: list[Span]) -> Span:
    maybe = any(operand[2] for operand in operands)
    match node.op:
        case "add":
            (a, b, _), (c, d, _) = operands
            return (a + c, b + d, maybe)
        case "sub":
            (a, b, _), (c, d, _) = operands
            return (a - d, b - c, maybe)
        case "min" | "max":
            (a, b, _), (c, d, _) = operands
            pick = min if node.op == "min" else max
            return (pick(a, c), pick(b, d), maybe)
        case "le" | "lt":
            (a, b, _), (c, d, _) = operands
            always, never = (b <= c, a > d) if node.op == "le" else (b < c, a >= d)
            return (int(always), int(not never), maybe)
        case "eq":
            (a, b, _), (c, d, _) = operands
            return (int(a == b == c == d), int(a <= d and c <= b), maybe)
        case "muldiv":
            return _muldiv(node, operands, maybe)
        case "sumprod":
            scales, denominator, rounding = node.data
            terms = [_times(operands[2 * i], operands[2 * i + 1]) for i in range(len(scales))]
            low = sum(term[0] * scale for term, scale in zip(terms, scales, strict=True))
            high = sum(term[1] * scale for term, scale in zip(terms, scales, strict=True))
            return (divide(low, denominator, rounding), divide(high, denominator, rounding), maybe)
        case "round_to":
            size, rounding = node.data
            low, high = (divide(end, size, Rounding(rounding)) * size for end in operands[0][:2])
            return (low, high, maybe)
    raise AssertionError(f"unknown operation {node.op!r}")


def _times(left: Span, right: Span) -> tuple[int, int]:
    corners = [a * b for a in left[:2] for b in right[:2]]
    return min(corners), max(corners)


def _muldiv(node: Node, operands: list[Span], maybe: bool) -> Span:
    tops, rounding = node.data
    top: tuple[int, int] = (1, 1)
    for operand in operands[:tops]:
        top = _times((*top, False), operand)
    bottom: tuple[int, int] = (1, 1)
    for operand in operands[tops:]:
        bottom = _times((*bottom, False), operand)
    if bottom == (0, 0):
        return UNKNOWN
    if bottom[0] < 0:
        return ANYTHING
    maybe = maybe or bottom[0] == 0
    ends = [divide(a, b, rounding) for a in top for b in (max(bottom[0], 1), bottom[1])]
    return (min(ends), max(ends), maybe)


_HANDLERS: dict[str, Callable[[Spans, Node, int], Span]] = {
    "field": Spans._field,
    "step": Spans._same,
    "known": Spans._known,
    "choose": Spans._choose,
    "and": Spans._logic,
    "or": Spans._logic,
    "not": Spans._not,
    "any": Spans._any,
    "total": Spans._total,
    "collect": Spans._collect,
    "share": Spans._share,
    "fit": Spans._fit,
    **dict.fromkeys(
        ("add", "sub", "min", "max", "le", "lt", "eq", "muldiv", "sumprod", "round_to"), Spans._computed
    ),
}
"""What spans each operation. Leaves but fields, and what tells certainty, never rest on the price."""


def spanned() -> frozenset[str]:
    """Return the operations that spans know.

    Example:
        >>> "share" in spanned(), "worse" in spanned()
        (True, False)
    """
    return frozenset(_HANDLERS)


__all__ = ["ANYTHING", "COMPARISONS", "UNKNOWN", "Span", "Spans", "resting_on", "spanned"]
