"""How large every node of a formula can get, so that neither 64-bit columns nor 128-bit products overflow.

Each node is given two bounds on its magnitude: of one value, and of the sum over a consignment's items. Both
follow from what intake accepts, from the largest values of the law, and from the limits named here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from greenlane.law.graph import CONSIGNMENT, ITEM, Node, walk
from greenlane.law.pack import Pack
from greenlane.values.money import MAX_MINOR, RATE_SCALE

COLUMN = 2**63
"""A value in a column stays below this."""

PRODUCT = 2**127
"""A product before its one division stays below this."""

MOST_ITEMS = 99_999
"""Items of one consignment that intake accepts."""

MOST_RATE = 5 * RATE_SCALE
"""Largest rate that a schedule or list may hold: 500 %."""

MOST_SPECIFIC = 10**5 * RATE_SCALE
"""Largest amount a kilogram or unit that a schedule may hold, in billionths of a minor unit."""

MOST_LOOKED_UP = 10**11
"""Largest amount that a look-up may answer, in minor units."""

EXCHANGE_PART = 10**18
"""Largest numerator or denominator of an exact rate of exchange."""

_GROUP_SUM = 2**62
# Of these intake bounds the sum over a consignment, not only each.
_SUMMED = {
    "items.value",
    "items.quantity",
    "items.net_mass_mg",
    "items.gross_mass_mg",
    "items.contents.quantity",
}
_RATES = {"ad_valorem", "rate", "high", "low", "test"}
_SPECIFIC = {"per_kg", "per_unit"}


@dataclass(frozen=True, slots=True)
class Bound:
    """The largest magnitude of one value, of the sum over the items, and of a product on the way."""

    one: int
    whole: int
    product: int = 0


def bounds(pack: Pack, roots: Iterable[Node]) -> dict[Node, Bound]:
    """Return the bounds of every node that *roots* rest on.

    Example:
        >>> from greenlane.law.graph import field, total
        >>> from greenlane.packs import pack
        >>> node = total(field("items.value") + field("items.value"))
        >>> bounds(pack("zz"), [node])[node].one == 2 * MAX_MINOR
        True
    """
    done: dict[Node, Bound] = {}
    for node in walk(roots):
        bound = _bound(node, [done[arg] for arg in node.args], pack)
        if node.level == CONSIGNMENT:
            bound = Bound(bound.one, bound.one * MOST_ITEMS, bound.product)
        done[node] = bound
    return done


def overflowing(pack: Pack, roots: Iterable[Node]) -> list[tuple[Node, Bound]]:
    """Return the nodes that can outgrow a column, or whose product can outgrow 128 bits."""
    found = bounds(pack, roots).items()
    return [(node, bound) for node, bound in found if bound.one >= COLUMN or bound.product >= PRODUCT]


def _bound(node: Node, args: list[Bound], pack: Pack) -> Bound:
    match node.op:
        case "const":
            return _flat(abs(int(node.data[0] or 0)))
        case "field":
            return _field(node.data[0])
        case "param" | "lookup":
            return _flat(_leaf(node, pack))
        case "rival" | "step" | "round_to" | "not" | "known":
            extra = node.data[0] if node.op == "round_to" else 0
            return Bound(args[0].one + extra, args[0].whole + extra * MOST_ITEMS)
        case "add" | "sub":
            return Bound(args[0].one + args[1].one, args[0].whole + args[1].whole)
        case "choose" if node.args[0].op == "lead":
            return Bound(max(args[1].one, args[2].one), args[1].one + args[2].whole)
        case "min" | "max" | "choose":
            left, right = args[-2:]
            return Bound(max(left.one, right.one), left.whole + right.whole)
        case "total":
            return _flat(args[0].whole)
        case "collect":
            return Bound(args[0].whole, args[0].whole)
        case "share":
            amount, weight = args
            return Bound(amount.one, amount.one, 2 * amount.one * weight.whole)
        case "fit":
            return Bound(args[0].one, args[0].whole)
        case "muldiv":
            return _muldiv(node, args, pack)
        case "sumprod":
            return _sumprod(node, args)
    return _flat(3)


def _flat(one: int) -> Bound:
    return Bound(one, one * MOST_ITEMS)


def _field(name: str) -> Bound:
    if name in _SUMMED:
        return Bound(MAX_MINOR, MAX_MINOR)
    return _flat(_GROUP_SUM if name.startswith("group.") else MAX_MINOR)


def _leaf(node: Node, pack: Pack) -> int:
    if node.op == "param":
        return _largest(pack, node.data[0].partition("#")[0])
    part = node.data[1]
    if part in ("numerator", "denominator"):
        return EXCHANGE_PART
    return MOST_RATE if part in _RATES else MOST_SPECIFIC if part in _SPECIFIC else MOST_LOOKED_UP


def _largest(pack: Pack, name: str) -> int:
    series = pack.parameters.by_id[name].values.values()
    return max((max(int(d.value or 0), int(d.rival or 0)) for dated in series for d in dated), default=0)


def _smallest(pack: Pack, name: str) -> int:
    """The smallest value above zero that a parameter ever has: a step of rounding is no smaller."""
    series = pack.parameters.by_id[name].values.values()
    found = [int(v) for dated in series for d in dated for v in (d.value, d.rival) if v and int(v) > 0]
    return min(found, default=1)


def _muldiv(node: Node, args: list[Bound], pack: Pack) -> Bound:
    tops = node.data[0]
    product = grown = 1
    factors = 1
    bottoms = node.args[tops:]
    parts = _parts(node.args[1:tops], bottoms)
    for number, (arg, bound) in enumerate(zip(node.args[:tops], args[:tops], strict=True)):
        product *= max(bound.one, 1)
        if number in parts:
            continue
        grown *= pack.exchange_growth if _is_exchange(arg) else max(bound.one, 1)
        factors *= 1 if number == 0 else pack.exchange_growth if _is_exchange(arg) else max(bound.one, 1)
    divisor = 1
    widest = 1
    for number, (arg, bound) in enumerate(zip(bottoms, args[tops:], strict=True)):
        widest *= max(bound.one, 1)
        divisor *= 1 if number in parts.values() or _is_exchange(arg) else _least(arg, pack)
    whole = args[0].whole * factors // divisor + MOST_ITEMS
    return Bound(grown // divisor + 1, whole, 2 * product + widest)


def _parts(tops: tuple[Node, ...], bottoms: tuple[Node, ...]) -> dict[int, int]:
    """Pair factors with divisors that they cancel: the smaller of two over one of them is at most the whole.

    Returns:
        Place among all factors (the amount is 0) -> place among the divisors, each used once.
    """
    found: dict[int, int] = {}
    for top, factor in enumerate(tops, 1):
        fitting = (n for n, low in enumerate(bottoms) if factor.op == "min" and low in factor.args)
        free = next((n for n in fitting if n not in found.values()), None)
        if free is not None:
            found[top] = free
    return found


def _is_exchange(node: Node) -> bool:
    return node.op == "lookup" and node.data[1] in ("numerator", "denominator")


def _least(node: Node, pack: Pack) -> int:
    """The smallest positive value of a divisor: itself, or what a rate of this law leaves of the whole."""
    if node.op == "const":
        return max(int(node.data[0] or 0), 1)
    if node.op == "param":
        return _smallest(pack, node.data[0].partition("#")[0])
    if node.op == "sub" and node.args[0].op == "const":
        rates = [p.id for p in pack.parameters.by_id.values() if p.unit == "rate"]
        below = [value for value in (_largest(pack, name) for name in rates) if value < node.args[0].data[0]]
        return max(int(node.args[0].data[0]) - max(below, default=0), 1)
    return 1


def _sumprod(node: Node, args: list[Bound]) -> Bound:
    scales, denominator, _ = node.data
    one = whole = 0
    for number, scale in enumerate(scales):
        left, right = args[2 * number : 2 * number + 2]
        one += left.one * right.one * scale
        by_item = node.args[2 * number].level == ITEM
        whole += (left.whole * right.one if by_item else left.one * right.whole) * scale
    return Bound(one // denominator + 1, whole // denominator + MOST_ITEMS, 2 * one + denominator)
