"""Formulas as graphs: plain Python functions over typed leaves build nodes; two evaluators walk them.

A node doesn't compute. `greenlane.law.integers` evaluates it on Python integers for one consignment,
`greenlane.law.columns` on columns for many; both give the same minor units and the same unknowns.

Two levels exist, the consignment and the goods item. `total`, `any_item`, `first`, `collect` and `share` alone
cross them; a consignment value used at item level is broadcast.

Example:
    >>> goods = total(field("items.value"))
    >>> free = goods <= const(15000)
    >>> free.level, free.op
    ('consignment', 'le')
    >>> if free: pass
    Traceback (most recent call last):
    ...
    TypeError: a node has no truth value: use choose(), &, | and ~
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from greenlane.values.money import RATE_SCALE, Rounding

CONSIGNMENT = "consignment"
ITEM = "item"


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One node of a formula. Two nodes are equal only when they are the same object.

    ``op`` names the operation, ``args`` its operands, ``data`` what the operation needs beside them (a field
    name, a parameter id, a rounding). ``level`` is ``"consignment"`` or ``"item"``.
    """

    op: str
    args: tuple[Node, ...]
    data: tuple[Any, ...]
    level: str

    def __bool__(self) -> bool:
        raise TypeError("a node has no truth value: use choose(), &, | and ~")

    def __add__(self, other: Node | int) -> Node:
        return _node("add", self, wrap(other))

    __radd__ = __add__

    def __sub__(self, other: Node | int) -> Node:
        return _node("sub", self, wrap(other))

    def __rsub__(self, other: Node | int) -> Node:
        return _node("sub", wrap(other), self)

    def __le__(self, other: Node | int) -> Node:
        return _node("le", self, wrap(other))

    def __lt__(self, other: Node | int) -> Node:
        return _node("lt", self, wrap(other))

    def __ge__(self, other: Node | int) -> Node:
        return _node("le", wrap(other), self)

    def __gt__(self, other: Node | int) -> Node:
        return _node("lt", wrap(other), self)

    def __and__(self, other: Node) -> Node:
        return _node("and", self, wrap(other))

    def __or__(self, other: Node) -> Node:
        return _node("or", self, wrap(other))

    def __invert__(self) -> Node:
        return _node("not", self)


def _node(op: str, *args: Node, data: tuple[Any, ...] = (), level: str | None = None) -> Node:
    if level is None:
        level = ITEM if any(arg.level == ITEM for arg in args) else CONSIGNMENT
    return Node(op, args, data, level)


def wrap(value: Node | int | bool) -> Node:
    """Return *value* as a node."""
    return value if isinstance(value, Node) else const(value)


def const(value: int | bool | None) -> Node:
    """A fixed value; None is unknown."""
    return Node("const", (), (value,), CONSIGNMENT)


def field(name: str) -> Node:
    """A whole-number or boolean fact of the consignment, or of the item where the name begins ``items.``."""
    return Node("field", (), (name,), ITEM if name.startswith("items.") else CONSIGNMENT)


def matches(name: str, *values: str) -> Node:
    """True where the text field *name* is one of *values*; an absent field matches nothing."""
    return Node("matches", (), (name, frozenset(values)), ITEM if name.startswith("items.") else CONSIGNMENT)


def present(name: str) -> Node:
    """True where the text field *name* is given at all."""
    return Node("matches", (), (name, None), ITEM if name.startswith("items.") else CONSIGNMENT)


def param(name: str) -> Node:
    """A dated, cited parameter of the pack: an amount in minor units, a rate in billionths, a count or a flag."""
    return Node("param", (), (name,), CONSIGNMENT)


def lookup(family: str, part: str) -> Node:
    """One part of what a keyed table says about the item or consignment (a tariff rate, an exchange rate).

    The pack's `Lookup` of that name gives the keys and whether it stands at item level; see `greenlane.law.pack`.
    """
    level = CONSIGNMENT if family.startswith("fx") else ITEM
    return Node("lookup", (), (family, part), level)


def choose(condition: Node | bool, then: Node | int | bool, otherwise: Node | int | bool) -> Node:
    """*then* where the condition holds, else *otherwise*; only the branch chosen is looked at.

    An unknown condition gives unknown.
    """
    return _node("choose", wrap(condition), wrap(then), wrap(otherwise))


def smaller(left: Node | int, right: Node | int) -> Node:
    """The smaller of two; unknown where either is."""
    return _node("min", wrap(left), wrap(right))


def larger(left: Node | int, right: Node | int) -> Node:
    """The larger of two; unknown where either is."""
    return _node("max", wrap(left), wrap(right))


def excess(value: Node, over: Node | int) -> Node:
    """What *value* has above *over*; zero below it."""
    return larger(value - over, 0)


def equal(left: Node, right: Node | int) -> Node:
    """True where two whole numbers are equal."""
    return _node("eq", left, wrap(right))


def known(value: Node) -> Node:
    """True where *value* is known; itself never unknown."""
    return _node("known", value)


def muldiv(
    amount: Node, numerators: Iterable[Node | int], denominators: Iterable[Node | int], rounding: Rounding
) -> Node:
    """``amount * numerators / denominators``, exact, rounded once; unknown where a denominator is zero."""
    tops = [amount, *(wrap(n) for n in numerators)]
    bottoms = [wrap(d) for d in denominators]
    return _node("muldiv", *tops, *bottoms, data=(len(tops), Rounding(rounding)))


def ratio(amount: Node, rate: Node, rounding: Rounding = Rounding.HALF_UP) -> Node:
    """*amount* times a rate in billionths, rounded once."""
    return muldiv(amount, [rate], [RATE_SCALE], rounding)


def sum_of_products(terms: Iterable[tuple[Node, Node, int]], denominator: int, rounding: Rounding) -> Node:
    """``sum(a * b * k) / denominator`` over (a, b, k), exact, rounded once.

    Serves duty rates made of several parts (a share of the value, an amount a kilogram, an amount a piece).
    """
    listed = list(terms)
    args = [side for a, b, _ in listed for side in (a, b)]
    return _node("sumprod", *args, data=(tuple(k for *_, k in listed), denominator, Rounding(rounding)))


def round_to(amount: Node, step_minor: int, rounding: Rounding) -> Node:
    """*amount* in whole steps of *step_minor* minor units (whole francs: 100)."""
    return _node("round_to", amount, data=(step_minor, Rounding(rounding)))


def total(value: Node) -> Node:
    """The sum of an item value over the consignment; unknown where any item's value is."""
    return Node("total", (value,), (), CONSIGNMENT)


def any_item(value: Node) -> Node:
    """True where the condition holds for at least one item; unknown only where none is true and one unknown."""
    return Node("any", (value,), (), CONSIGNMENT)


def first(*keys: str) -> Node:
    """True on the first item of each distinct combination of the text fields *keys* (``"items.hs_code"``).

    A key may be cut: ``"items.hs_code:6"`` compares six characters.
    """
    return Node("first", (), keys, ITEM)


def collect(value: Node, *keys: str) -> Node:
    """The sum of an item value over the items that share the text fields *keys*, on the first of them; 0 on the rest.

    So that a law can count by declaration line. Keys may be cut as in `first`; the sum is unknown where any of
    its items is.
    """
    return Node("collect", (value,), keys, ITEM)


def lead_item() -> Node:
    """True on the first item of the consignment."""
    return Node("lead", (), (), ITEM)


def share(amount: Node, by: Node) -> Node:
    """Split a consignment amount over the items by *by*, cumulatively, so that the parts sum back exactly.

    Where every weight is zero the whole amount goes to the first item.
    """
    return Node("share", (amount, by), (), ITEM)


def fit(value: Node, quantity: Node, limit: Node, when: Node) -> Node:
    """How much of each item is relieved when relief up to *limit* never splits an article; 0 unless *when*.

    See `greenlane.values.money.fit_articles`. *limit* and *when* are of the consignment.
    """
    return Node("fit", (value, quantity, limit, when), (), ITEM)


def step(name: str, value: Node, law: str, says: str = "") -> Node:
    """Name a value: a step is a line of the explanation, with its article and, in *says*, the law in plain words."""
    return _node("step", value, data=(name, law, says))


def rival(leaf: Node) -> Node:
    """The other reading's value of a contested leaf; unknown where there is none."""
    return Node("rival", (leaf,), (), leaf.level)


def worse(left: Node, right: Node | int) -> Node:
    """The worse of two certainties."""
    right = wrap(right)
    for one, other in ((left, right), (right, left)):
        if one.op == "const" and one.data == (0,):
            return other
    return left if left is right else _node("worse", left, right)


def pick(condition: Node, then: Node | int, otherwise: Node | int) -> Node:
    """The certainty of the branch taken; where the condition is unknown no branch is, which adds nothing."""
    return _node("pick", condition, wrap(then), wrap(otherwise))


def certainty(value: Node) -> Node:
    """How certain the leaves are that *value* rests on: 0 certain, 1 unverified, 2 contested, 3 unknown.

    Only the branches taken count; where a condition is unknown no branch is. A contested leaf with a computable
    rival counts as certain here, because whether it matters is decided by comparing the amounts (see `greenlane.assess`).
    """
    return _certainty(value, {})


def _certainty(node: Node, done: dict[Node, Node]) -> Node:
    if node in done:
        return done[node]
    if node.op in ("param", "lookup"):
        result = Node("certainty", (node,), (), node.level)
    elif node.op == "choose":
        condition, then, otherwise = node.args
        branches = _certainty(then, done), _certainty(otherwise, done)
        result = _certainty(condition, done)
        if any(branch.op != "const" for branch in branches):
            result = worse(result, pick(condition, *branches))
    elif node.op in ("total", "any", "collect"):
        inner = _certainty(node.args[0], done)
        result = inner if inner.level == CONSIGNMENT else Node("worst", (inner,), (), CONSIGNMENT)
    else:
        result = const(0)
        for arg in node.args:
            result = worse(result, _certainty(arg, done))
    done[node] = result
    return result


def substitute(node: Node, replace: dict[Node, Node]) -> Node:
    """Return *node* with some nodes replaced; what doesn't depend on them is shared, not copied."""
    done: dict[Node, Node] = dict(replace)

    def walk(current: Node) -> Node:
        if current not in done:
            args = tuple(walk(arg) for arg in current.args)
            same = all(new is old for new, old in zip(args, current.args, strict=True))
            done[current] = current if same else Node(current.op, args, current.data, current.level)
        return done[current]

    return walk(node)


def walk(roots: Iterable[Node]) -> Iterator[Node]:
    """Yield every node that *roots* rest on, operands before what uses them, each once."""
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args) if arg not in seen)


def demand(roots: Iterable[tuple[Node, Node]], wanted: Callable[[Node], bool]) -> dict[Node, Node]:
    """Tell when each wanted leaf is looked at.

    Args:
        roots: Pairs (condition under which the root matters, root).
        wanted: Which nodes to tell of.
    Returns:
        Node -> a boolean node at that node's own level: true where its value was needed. A fact of which the law
        only asks whether it is given isn't needed.
    """
    pairs = list(roots)
    order = list(walk(root for _, root in pairs))
    needed: dict[Node, Node] = {}

    def need(node: Node, when: Node) -> None:
        if node.level == CONSIGNMENT and when.level == ITEM:
            when = any_item(when)
        needed[node] = when if node not in needed else needed[node] | when

    for when, root in pairs:
        need(root, when)
    for node in reversed(order):
        if node not in needed:
            continue
        when = needed[node]
        if node.op == "choose":
            condition, then, otherwise = node.args
            need(condition, when)
            need(then, when & known(condition) & condition)
            need(otherwise, when & known(condition) & ~condition)
        elif node.op == "known" and node.args[0].op == "field":
            continue
        else:
            for arg in node.args:
                need(arg, when)
    return {node: when for node, when in needed.items() if wanted(node)}


def describe(roots: Iterable[Node]) -> list[list[Any]]:
    """Return the graph as plain lists, the same for the same formula: what `law_version` digests."""
    number: dict[Node, int] = {}
    lines: list[list[Any]] = []
    for node in walk(roots):
        number[node] = len(lines)
        data = [sorted(d) if isinstance(d, frozenset) else d for d in node.data]
        lines.append([node.op, [number[arg] for arg in node.args], [str(d) for d in data]])
    return lines
