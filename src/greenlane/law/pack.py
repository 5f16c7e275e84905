"""What a jurisdiction's pack is made of: formulas with periods, charges, remarks and keyed look-ups."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache, cached_property
from typing import Any

from greenlane.law.graph import Node, describe, param, walk
from greenlane.law.parameters import Parameters, Resolved
from greenlane.values.errors import LawError
from greenlane.values.finding import Finding
from greenlane.values.money import exponent

EXCHANGE_GROWTH = 120
"""How far a rate of exchange may multiply minor units where a pack says nothing of it."""


class Said(Enum):
    """What a sentence of the law says that is neither text nor an amount."""

    CURRENCY = "currency"
    """The currency that the consignment's amounts are in."""


Words = tuple[str | Node | Said, ...]
"""A sentence in parts: text, amounts, and what `Said` names."""

Cases = tuple[tuple[Node | None, str], ...]
"""Conditions tried in order, each with a word; the last condition is None."""


def cases(*pairs: tuple[Node, str], otherwise: str) -> Cases:
    """A word that depends on the consignment: who is liable, who pays."""
    return (*pairs, (None, otherwise))


def always(word: str) -> Cases:
    """A word that depends on nothing."""
    return ((None, word),)


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why a charge that is assessed is not collected."""

    when: Node
    reason: str
    law: str


@dataclass(frozen=True, slots=True)
class Own:
    """A charge fixed in another currency than the pack's; ``rate`` is the exchange rate in billionths."""

    currency: str
    amount: Node
    rate: Node


@dataclass(frozen=True, slots=True)
class Charge:
    """One rule that may charge: duty, tax or fee.

    ``when`` says whether the rule applies, ``amount`` what it assesses in minor units of the pack's currency,
    at item or consignment level. ``collected`` is at_sale, at_border or periodic. A charge that is not due at
    all (relieved, out of scope) doesn't apply; one that is due but not collected is waived.
    """

    rule: str
    kind: str
    name: str
    when: Node
    amount: Node
    law: str
    collected: str
    liable: Cases
    payer: Cases | None = None
    base: Node | None = None
    rate: Node | None = None
    waived: Waiver | None = None
    own: Own | None = None

    @property
    def level(self) -> str:
        """``item`` where the charge stands on goods items, else ``consignment``."""
        return self.amount.level


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding that the law itself raises: its words may hold amounts and their currency."""

    code: str
    when: Node
    message: Words
    path: str = ""
    law: str | None = None
    asks: bool = False
    """True where the declarant must answer before release."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a formula says of a consignment."""

    intrinsic_value: Node
    customs_value: Node
    high_value: Node
    charges: tuple[Charge, ...]
    remarks: tuple[Remark, ...] = ()
    split_limit: Node | None = None
    """The threshold that an order may be split to stay under, in the unit of the group's value."""

    item_value: Node | None = None
    """The value of each item in the pack's currency: what risk compares with its weight."""

    notes: tuple[Node, ...] = ()
    """Steps worth showing that no charge rests on."""

    def roots(self) -> list[Node]:
        """Every node that an outcome rests on."""
        found = [self.intrinsic_value, self.customs_value, self.high_value, *self.notes]
        found += [node for node in (self.split_limit, self.item_value) if node is not None]
        for charge in self.charges:
            found += [charge.when, charge.amount]
            found += [node for node in (charge.base, charge.rate) if node is not None]
            found += [
                node for pairs in (charge.liable, charge.payer or ()) for node, _ in pairs if node is not None
            ]
            if charge.waived:
                found.append(charge.waived.when)
            if charge.own:
                found += [charge.own.amount, charge.own.rate]
        for remark in self.remarks:
            found += [remark.when, *(part for part in remark.message if isinstance(part, Node))]
        return found


@dataclass(frozen=True, slots=True)
class Formula:
    """The rules of one period, half-open; ``end`` None is open."""

    id: str
    start: date
    end: date | None
    law: str
    build: Callable[[], Assessment]


@dataclass(frozen=True, slots=True)
class LookupResult:
    """What a look-up says for one key."""

    parts: Mapping[str, Resolved]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Lookup:
    """A table that is asked by key: a tariff, the rates of tax by goods, exchange rates.

    ``keys`` are text fields (``items.hs_code``) and at most one day, written ``day:declaration`` (or order,
    export). ``ask(sources, keys, day, known_at)`` answers; ``boundaries(sources)`` gives the days on which
    answers can change, or None where every day is its own.
    """

    family: str
    keys: tuple[str, ...]
    parts: tuple[str, ...]
    ask: Callable[[Any, tuple[str | None, ...], date, date | None], LookupResult]
    boundaries: Callable[[Any], Sequence[date]] | None = None
    contestable: bool = False
    """True where an answer may carry the value of another reading."""

    @cached_property
    def day(self) -> str:
        """The date that drives the look-up."""
        return next((key[4:] for key in self.keys if key.startswith("day:")), "declaration")

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text fields that are its key."""
        return tuple(key for key in self.keys if not key.startswith("day:"))


@dataclass(frozen=True, slots=True)
class GroupRule:
    """How consignments are added together: by whom and over what (split orders, a person's day)."""

    id: str
    per: str
    law: str
    says: str


@dataclass(frozen=True, slots=True)
class Pack:
    """The law of one jurisdiction."""

    code: str
    name: str
    currency: str
    members: tuple[str, ...]
    parameters: Parameters
    formulas: tuple[Formula, ...]
    lookups: Mapping[str, Lookup]
    schemes: Mapping[str, str] = field(default_factory=dict)
    numbered: tuple[str, ...] = ()
    """Schemes that carry a registration number in ``scheme_id``."""

    across: tuple[str, ...] = ()
    """Schemes of a union whose registration in one member holds in all."""

    programmes: Mapping[str, str] = field(default_factory=dict)
    elections: Mapping[str, str] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Short names of assumptions -> parameter id."""

    group: GroupRule | None = None
    currencies: Mapping[str, str] = field(default_factory=dict)
    """Member -> its currency, where a union's members have their own; ``currency`` then stands for no country."""

    exchange_growth: int = EXCHANGE_GROWTH
    """No rate turns a minor unit of another currency into more than this many of the pack's."""

    text: str = ""
    uses: tuple[str, ...] = ()
    """Schedules and lists of the tariff book that its look-ups read."""

    def __post_init__(self) -> None:
        if self.currencies and set(self.currencies) != set(self.members):
            raise LawError(f"{self.code}: each member needs its currency, and no other country one")
        if len({exponent(currency) for currency in self.every_currency}) > 1:
            raise LawError(f"{self.code}: the members' currencies differ in their decimals")

    @property
    def every_currency(self) -> tuple[str, ...]:
        """The currencies that its amounts can be in, in the order of the members."""
        if not self.currencies:
            return (self.currency,)
        return tuple(dict.fromkeys(self.currencies[member] for member in self.members))

    def currency_of(self, country: str | None) -> str:
        """Return the currency of the amounts of a consignment to *country*."""
        return self.currencies.get(country or "", self.currency)

    @property
    def start(self) -> date:
        """First day that the pack covers."""
        return min(formula.start for formula in self.formulas)

    @property
    def end(self) -> date | None:
        """First day that it no longer covers; None is open."""
        ends = [formula.end for formula in self.formulas]
        return None if None in ends else max(end for end in ends if end is not None)

    def formula_at(self, day: date) -> Formula | None:
        """Return the one formula in force on *day*, or None outside the span."""
        found = [f for f in self.formulas if f.start <= day and (f.end is None or day < f.end)]
        if len(found) > 1:
            raise LawError(f"{self.code}: two formulas on {day}: {', '.join(f.id for f in found)}")
        return found[0] if found else None

    def keys_of(self, parameter: str) -> tuple[str, ...]:
        """The keys that *parameter* must have values for."""
        key = self.parameters.by_id[parameter].key
        return self.members if key == "member" else self.parameters.by_id[parameter].keys() if key else ("*",)


def in_force(name: str) -> Node:
    """True where the rule whose value is the parameter *name* applies on the day that drives it."""
    return param(f"{name}#in_force")


@cache
def assessment_of(formula: Formula) -> Assessment:
    """Build a formula's graph once."""
    return formula.build()


def parameters_read(assessment: Assessment) -> set[str]:
    """Return the ids of the parameters that a formula reads, with ``#in_force`` where it only asks that."""
    return {node.data[0] for node in walk(assessment.roots()) if node.op == "param"}


def law_version(pack: Pack, known_at: date | None) -> str:
    """Digest a pack's formulas and the parameter values visible at *known_at*, with that date.

    Returns:
        ``eu-<16 hex digits>`` or, with a date, ``eu-<16 hex digits>@2026-11-01``.
    """
    content: list[Any] = [sorted(pack.currencies.items())] if pack.currencies else []
    for formula in pack.formulas:
        assessment = assessment_of(formula)
        shape = [
            [
                c.rule,
                c.kind,
                c.name,
                c.collected,
                c.law,
                [w for _, w in c.liable],
                [w for _, w in c.payer or ()],
            ]
            for c in assessment.charges
        ]
        content.append(
            [formula.id, str(formula.start), str(formula.end), describe(assessment.roots()), shape]
        )
    for parameter in pack.parameters.by_id.values():
        for key, series in parameter.values.items():
            content += [
                [
                    parameter.id,
                    key,
                    str(d.start),
                    str(d.recorded),
                    d.state,
                    str(d.value),
                    int(d.certainty),
                    str(d.rival),
                ]
                for d in series
                if known_at is None or d.recorded <= known_at
            ]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return f"{pack.code}-{digest}" + (f"@{known_at.isoformat()}" if known_at else "")
