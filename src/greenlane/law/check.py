"""What is wrong with a pack's law by itself: gaps, overlaps, missing sources, numbers that can overflow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from greenlane.law.bounds import COLUMN, overflowing
from greenlane.law.goods import GoodsGroups
from greenlane.law.graph import Node
from greenlane.law.pack import Formula, Pack, assessment_of, parameters_read
from greenlane.law.parameters import Certainty, problems

_STANDING = ("in_force", "unknown")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a pack: what kind, where it stands, and what it is in words."""

    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.where}: {self.message}"


def boundary_days(pack: Pack) -> list[date]:
    """Return every day inside the span on which a formula or a value of *pack* begins, and the day before it.

    Example:
        >>> from greenlane.packs import pack
        >>> [day.isoformat() for day in boundary_days(pack("zz"))][:3]
        ['2024-01-01', '2026-06-30', '2026-07-01']
    """
    edges = {formula.start for formula in pack.formulas} | set(pack.parameters.boundaries())
    edges |= {formula.end for formula in pack.formulas if formula.end is not None}
    days = {day for edge in edges for day in (edge - timedelta(days=1), edge)}
    return sorted(day for day in days if day >= pack.start and (pack.end is None or day < pack.end))


def check_law(pack: Pack, *, known_at: date | None = None, goods: GoodsGroups | None = None) -> list[Problem]:
    """Return what is wrong with the periods, values, goods groups and rule ids of *pack*.

    Args:
        known_at: Only values recorded by this day count; None: all.
        goods: The pack's goods groups, whose prefixes must not contradict.
    """
    found = [*_periods(pack), *_values(pack), *_cover(pack, known_at), *_rules(pack), *_sizes(pack)]
    return found if goods is None else [*found, *_goods(goods)]


def _periods(pack: Pack) -> Iterator[Problem]:
    ordered = sorted(pack.formulas, key=lambda formula: formula.start)
    for before, after in pairwise(ordered):
        if before.end is None or before.end > after.start:
            yield Problem("overlap", after.id, f"{before.id} still holds on {after.start}")
        elif before.end < after.start:
            yield Problem("gap", after.id, f"no formula from {before.end} to {after.start}")
    for formula in ordered:
        if formula.end is not None and formula.end <= formula.start:
            yield Problem("period", formula.id, "it ends before it begins")
    names = [formula.id for formula in ordered]
    yield from (Problem("twice", name, "two formulas of this id") for name in _repeated(names))


def _values(pack: Pack) -> Iterator[Problem]:
    for parameter in pack.parameters.by_id.values():
        listed = problems(parameter, date.max, pack.end, parameter.keys())
        yield from (Problem("value", parameter.id, text) for text in listed)
        for key, series in parameter.values.items():
            for dated in series:
                where = f"{parameter.id} [{key}] from {dated.start}"
                if not dated.source.cite.strip():
                    yield Problem("source", where, "a value needs a citation")
                contested = dated.certainty is Certainty.CONTESTED and dated.rival is not None
                if contested and "|" not in dated.question:
                    yield Problem("question", where, "write it as: Whether …|how the other reading is named")
                if dated.state == "pending" and not dated.note:
                    yield Problem("pending", where, "say in note what is missing for it to be in force")


def _cover(pack: Pack, known_at: date | None) -> Iterator[Problem]:
    """Each day has one formula, and whatever that formula reads on the day has a value for every key."""
    told: set[tuple[str, str, str]] = set()
    for day in boundary_days(pack):
        holding = [f for f in pack.formulas if f.start <= day and (f.end is None or day < f.end)]
        if len(holding) != 1:
            yield Problem("formula", day.isoformat(), f"{len(holding)} formulas hold on this day")
        for formula in holding:
            for name, key, state in _holes(pack, formula, day, known_at):
                if (formula.id, name, key) not in told:
                    told.add((formula.id, name, key))
                    words = f"{formula.id} reads it, and it is {state}"
                    yield Problem("hole", f"{name} [{key}] on {day}", words)


def _holes(pack: Pack, formula: Formula, day: date, known_at: date | None) -> Iterator[tuple[str, str, str]]:
    assessment = assessment_of(formula)
    names = parameters_read(assessment)
    held = [name.partition("#")[0] for name in names if name.partition("#")[0] in pack.parameters.by_id]
    kinds = {pack.parameters.by_id[name].key for name in held} - {None}
    for kind in sorted(kinds, key=str) or [None]:
        own = [name for name in held if kind is not None and pack.parameters.by_id[name].key == kind]
        for key in sorted({key for name in own for key in pack.keys_of(name)} - {"*"}) or ["*"]:
            states = {name: _state(pack, name, kind, key, day, known_at) for name in names}
            standing = frozenset(n for n in names if n.endswith("#in_force") and states[n] in _STANDING)
            for name in _read_when(formula, standing):
                parameter = pack.parameters.by_id.get(name)
                whole = "*" if parameter is None or parameter.key is None else key
                if states[name] not in _STANDING:
                    yield name, whole, states[name]


def _state(pack: Pack, name: str, kind: str | None, key: str, day: date, known_at: date | None) -> str:
    """Say how a parameter stands for a key; one that is keyed by something else is looked at among its own."""
    bare, _, asked = name.partition("#")
    parameter = pack.parameters.by_id.get(bare)
    if parameter is None:
        return "not in the pack"
    own = parameter.key == kind
    if parameter.key and (key not in pack.keys_of(bare) if own else not asked):
        return "in_force"
    dated = parameter.at(key if parameter.key and own else "*", day, known_at)
    return "missing" if dated is None else dated.state


@cache
def _read_when(formula: Formula, standing: frozenset[str]) -> tuple[str, ...]:
    """Return the parameters that a formula reads when exactly the rules *standing* are in force."""
    assessment = assessment_of(formula)
    roots = [assessment.intrinsic_value, assessment.customs_value, assessment.high_value]
    for charge in assessment.charges:
        roots.append(charge.when)
        if _truth(charge.when, standing) is not False:
            roots += [charge.amount, *([charge.waived.when] if charge.waived else [])]
    seen: set[Node] = set()
    found: dict[str, None] = {}
    while roots:
        node = roots.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.op == "param" and "#" not in node.data[0]:
            found[node.data[0]] = None
        args = node.args
        if node.op == "choose":
            holds = _truth(args[0], standing)
            args = (args[0], *(args[2:] if holds is False else args[1:2] if holds else args[1:]))
        elif node.op == "and" and _truth(args[0], standing) is False:
            args = args[:1]
        roots += args
    return tuple(sorted(found))


def _truth(node: Node, standing: frozenset[str]) -> bool | None:
    """Say whether a condition holds as far as the rules in force decide it; None where they don't."""
    match node.op:
        case "const":
            return bool(node.data[0])
        case "param" if node.data[0].endswith("#in_force"):
            return node.data[0] in standing
        case "step":
            return _truth(node.args[0], standing)
        case "not":
            inner = _truth(node.args[0], standing)
            return None if inner is None else not inner
        case "and" | "or":
            sides = [_truth(arg, standing) for arg in node.args]
            decisive = node.op == "or"
            return decisive if decisive in sides else None if None in sides else not decisive
    return None


def _rules(pack: Pack) -> Iterator[Problem]:
    for formula in pack.formulas:
        charges = assessment_of(formula).charges
        for name in _repeated([charge.rule for charge in charges]):
            yield Problem("twice", name, f"two charges of this rule in {formula.id}")
        for charge in charges:
            if not charge.rule.startswith(f"{pack.code}."):
                yield Problem("rule", charge.rule, f"a rule of this pack begins with {pack.code}.")
            if not charge.law.strip():
                yield Problem("source", charge.rule, "a charge names the article that it rests on")
            if charge.liable[-1][0] is not None or (charge.payer and charge.payer[-1][0] is not None):
                yield Problem("parties", charge.rule, "the last case of who owes or pays has no condition")


def _sizes(pack: Pack) -> Iterator[Problem]:
    for formula in pack.formulas:
        for node, bound in overflowing(pack, assessment_of(formula).roots()):
            size = bound.one if bound.one >= COLUMN else bound.product
            yield Problem("size", formula.id, f"{_named(node)} can reach {size:.1e}")


def _named(node: Node) -> str:
    return f"step {node.data[0]}" if node.op == "step" else f"a node of operation {node.op}"


def _goods(goods: GoodsGroups) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], str] = {}
    for group in goods.groups:
        for prefix in _repeated(group.prefixes):
            yield Problem("goods", group.id, f"prefix {prefix} stands twice")
        for prefix in dict.fromkeys(group.prefixes):
            for key in group.parameter.values:
                other = seen.setdefault((group.effect, prefix, key), group.id)
                if other != group.id:
                    words = f"prefix {prefix} [{key}] stands in {other} too ({group.effect})"
                    yield Problem("goods", group.id, words)


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
