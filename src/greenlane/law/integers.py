"""Evaluate a formula on Python integers, for one consignment.

Values: ``int`` (minor units, billionths, counts), ``bool``, or None for unknown. An item-level node gives a
list, one value an item. `choose` looks only at the branch it takes.
"""

from collections.abc import Callable
from typing import Any, Protocol

from greenlane.law.graph import ITEM, Node
from greenlane.values.money import Rounding, divide, fit_articles, share_out

Value = int | bool | None


class Facts(Protocol):
    """Where the leaves of one consignment come from."""

    @property
    def items(self) -> int:
        """Number of goods items, at least 1."""

    def text(self, name: str, item: int) -> str | None:
        """A text field; *item* is ignored for fields of the consignment."""

    def leaf(self, node: Node, item: int) -> Value:
        """The value of a ``field``, ``param`` or ``lookup`` leaf."""

    def leaf_rival(self, node: Node, item: int) -> Value:
        """The other reading's value of a contested leaf, else None."""

    def leaf_certainty(self, node: Node, item: int) -> int:
        """0 certain, 1 unverified, 2 contested, 3 unknown."""


class Integers:
    """Evaluates nodes for one consignment and remembers each result."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._done: list[dict[Node, Value]] = [{} for _ in range(facts.items)]
        self._firsts: dict[Node, list[bool]] = {}
        self._shares: dict[Node, list[Value]] = {}

    def value(self, node: Node) -> Value:
        """Return the value of a consignment-level node."""
        return self.at(node, 0)

    def values(self, node: Node) -> list[Value]:
        """Return one value an item; a consignment-level node is repeated."""
        if node.level != ITEM:
            return [self.at(node, 0)] * self.facts.items
        return [self.at(node, item) for item in range(self.facts.items)]

    def at(self, node: Node, item: int) -> Value:
        """Return the value of *node* at one item (any number for a consignment-level node)."""
        place = item if node.level == ITEM else 0
        done = self._done[place]
        if node in done:
            return done[node]
        value = done[node] = _HANDLERS[node.op](self, node, place)
        return value

    def was_asked(self, node: Node, item: int) -> bool:
        """True where the value was needed for what was asked so far."""
        return node in self._done[item if node.level == ITEM else 0]

    def _const(self, node: Node, item: int) -> Value:
        return node.data[0]  # type: ignore[no-any-return]

    def _leaf(self, node: Node, item: int) -> Value:
        return self.facts.leaf(node, item)

    def _matches(self, node: Node, item: int) -> Value:
        name, values = node.data
        text = self.facts.text(name, item)
        return text is not None if values is None else text in values

    def _rival(self, node: Node, item: int) -> Value:
        return self.facts.leaf_rival(node.args[0], item)

    def _certainty(self, node: Node, item: int) -> Value:
        return self.facts.leaf_certainty(node.args[0], item)

    def _step(self, node: Node, item: int) -> Value:
        return self.at(node.args[0], item)

    def _choose(self, node: Node, item: int) -> Value:
        condition, then, otherwise = node.args
        chosen = self.at(condition, item)
        return None if chosen is None else self.at(then if chosen else otherwise, item)

    def _pick(self, node: Node, item: int) -> Value:
        condition, then, otherwise = node.args
        chosen = self.at(condition, item)
        return 0 if chosen is None else self.at(then if chosen else otherwise, item) or 0

    def _worse(self, node: Node, item: int) -> Value:
        left, right = node.args
        return max(self.at(left, item) or 0, self.at(right, item) or 0)

    def _known(self, node: Node, item: int) -> Value:
        return self.at(node.args[0], item) is not None

    def _total(self, node: Node, item: int) -> Value:
        values = self.values(node.args[0])
        return None if None in values else sum(values)  # type: ignore[arg-type]

    def _any(self, node: Node, item: int) -> Value:
        found = self.values(node.args[0])
        return True if True in found else None if None in found else False

    def _worst(self, node: Node, item: int) -> Value:
        return max(value or 0 for value in self.values(node.args[0]))

    def _logic(self, node: Node, item: int) -> Value:
        decisive = node.op == "or"
        left = self.at(node.args[0], item)
        if left is decisive:
            return decisive
        right = self.at(node.args[1], item)
        if right is decisive:
            return decisive
        return None if left is None or right is None else not decisive

    def _not(self, node: Node, item: int) -> Value:
        value = self.at(node.args[0], item)
        return None if value is None else not value

    def _lead(self, node: Node, item: int) -> Value:
        return item == 0

    def _first_of(self, node: Node, item: int) -> Value:
        return self._first(node)[item]

    def _collect_of(self, node: Node, item: int) -> Value:
        if node not in self._shares:
            sums: dict[tuple[str, ...], list[Value]] = {}
            places: list[tuple[tuple[str, ...], bool]] = []
            for place, value in enumerate(self.values(node.args[0])):
                key = tuple(cut(self.facts, name, place) for name in node.data)
                places.append((key, key not in sums))
                sums.setdefault(key, []).append(value)
            self._shares[node] = [_sum(sums[key]) if lead else 0 for key, lead in places]
        return self._shares[node][item]

    def _share_of(self, node: Node, item: int) -> Value:
        return self._share(node)[item]

    def _fit_of(self, node: Node, item: int) -> Value:
        return self._fit(node)[item]

    def _computed(self, node: Node, item: int) -> Value:
        operands = []
        for arg in node.args:
            operand = self.at(arg, item)
            if operand is None:
                return None
            operands.append(operand)
        return _arithmetic(node, operands)

    def _first(self, node: Node) -> list[bool]:
        if node not in self._firsts:
            seen: set[tuple[str, ...]] = set()
            flags = []
            for item in range(self.facts.items):
                key = tuple(cut(self.facts, name, item) for name in node.data)
                flags.append(key not in seen)
                seen.add(key)
            self._firsts[node] = flags
        return self._firsts[node]

    def _fit(self, node: Node) -> list[Value]:
        if node not in self._shares:
            value, quantity, limit, when = node.args
            self._shares[node] = fitted(
                self.values(value), self.values(quantity), self.value(limit), self.value(when)
            )
        return self._shares[node]

    def _share(self, node: Node) -> list[Value]:
        if node not in self._shares:
            amount = self.value(node.args[0])
            weights = self.values(node.args[1])
            if amount is None or any(weight is None for weight in weights):
                self._shares[node] = [None] * self.facts.items
            else:
                parts = share_out(amount, [int(weight or 0) for weight in weights])
                self._shares[node] = list(parts)
        return self._shares[node]


def _sum(values: list[Value]) -> Value:
    return None if None in values else sum(int(value or 0) for value in values)


def fitted(values: list[Value], quantities: list[Value], limit: Value, when: Value) -> list[Value]:
    """Return the relieved part of each line; unknown for all where anything needed is."""
    if when is False:
        return [0] * len(values)
    if when is None or limit is None or None in values or None in quantities:
        return [None] * len(values)
    return list(fit_articles([int(v or 0) for v in values], [int(q or 0) for q in quantities], int(limit)))


def cut(facts: Facts, name: str, item: int) -> str:
    """Return a text that goods are compared by; ``items.hs_code:6`` is its first six characters."""
    name, _, length = name.partition(":")
    text = facts.text(name, item) or ""
    return text[: int(length)] if length else text


def _arithmetic(node: Node, operands: list[Any]) -> Value:
    match node.op:
        case "add":
            return operands[0] + operands[1]  # type: ignore[no-any-return]
        case "sub":
            return operands[0] - operands[1]  # type: ignore[no-any-return]
        case "min":
            return min(operands)  # type: ignore[no-any-return]
        case "max":
            return max(operands)  # type: ignore[no-any-return]
        case "le":
            return bool(operands[0] <= operands[1])
        case "lt":
            return bool(operands[0] < operands[1])
        case "eq":
            return bool(operands[0] == operands[1])
        case "not":
            return not operands[0]
        case "muldiv":
            tops, rounding = node.data
            top = bottom = 1
            for operand in operands[:tops]:
                top *= operand
            for operand in operands[tops:]:
                bottom *= operand
            return None if bottom == 0 else divide(top, bottom, rounding)
        case "sumprod":
            scales, denominator, rounding = node.data
            products = (operands[2 * i] * operands[2 * i + 1] * scale for i, scale in enumerate(scales))
            return divide(sum(products), denominator, rounding)
        case "round_to":
            step_minor, rounding = node.data
            return int(divide(operands[0], step_minor, Rounding(rounding)) * step_minor)
    raise AssertionError(f"unknown operation {node.op!r}")


_HANDLERS: dict[str, Callable[[Integers, Node, int], Value]] = {
    "const": Integers._const,
    "field": Integers._leaf,
    "param": Integers._leaf,
    "lookup": Integers._leaf,
    "matches": Integers._matches,
    "rival": Integers._rival,
    "certainty": Integers._certainty,
    "step": Integers._step,
    "choose": Integers._choose,
    "and": Integers._logic,
    "or": Integers._logic,
    "not": Integers._not,
    "pick": Integers._pick,
    "worse": Integers._worse,
    "known": Integers._known,
    "total": Integers._total,
    "any": Integers._any,
    "worst": Integers._worst,
    "first": Integers._first_of,
    "lead": Integers._lead,
    "share": Integers._share_of,
    "fit": Integers._fit_of,
    "collect": Integers._collect_of,
    "add": Integers._computed,
    "sub": Integers._computed,
    "min": Integers._computed,
    "max": Integers._computed,
    "le": Integers._computed,
    "lt": Integers._computed,
    "eq": Integers._computed,
    "muldiv": Integers._computed,
    "sumprod": Integers._computed,
    "round_to": Integers._computed,
}
"""What computes each operation."""
