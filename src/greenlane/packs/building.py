"""What packs are built from: converted values, shares of freight, tariff and tax look-ups, who owes.

A pack's YAML and formula use these so that one idea is written once; none of them names a country.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files
from typing import Any, Protocol

import yaml

from greenlane.law.assumptions import Assumptions
from greenlane.law.goods import GoodsGroups, read_groups
from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    collect,
    const,
    field,
    known,
    lead_item,
    lookup,
    matches,
    muldiv,
    present,
    share,
    step,
    sum_of_products,
    total,
)
from greenlane.law.pack import Cases, Lookup, LookupResult, Remark, cases
from greenlane.law.parameters import (
    AMOUNT_UNKNOWN,
    ASSUMED,
    Certainty,
    Parameter,
    Parameters,
    Resolved,
    Source,
    assumed_value,
    read_parameters,
)
from greenlane.tariff import Answer, ExchangeRates, Rate, TariffBook
from greenlane.tariff.exchange import FX_SUBSTITUTED
from greenlane.tariff.rate import unit_ratio
from greenlane.tariff.schedule import CODE_UNKNOWN
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import RATE_SCALE, Rounding, exponent

EXCISE_UNKNOWN = declare(
    "excise.unknown",
    Severity.WARNING,
    "Excise is due on these goods and its rate isn't held, so the outcome is incomplete.",
    "Declare the goods in full and assess the excise by hand.",
)

INADMISSIBLE = declare(
    "dataset.inadmissible",
    Severity.ERROR,
    "The law doesn't admit this declaration dataset for this consignment.",
    "Declare in a dataset that the message names.",
)

EVIDENCE = declare(
    "relief.evidence",
    Severity.WARNING,
    "A relief was taken as claimed, and the law gives it only with evidence.",
    "Hold the evidence that the message names ready, or declare without the relief.",
)
PROCEDURE = declare(
    "procedure.other",
    Severity.WARNING,
    "The consignment is outside the simplified procedure, so it needs another one.",
    "Declare in the procedure that the message names, or return the goods.",
)
REGION_UNKNOWN = declare(
    "region.unknown",
    Severity.WARNING,
    "The tax depends on the state or province of destination, and it isn't given or isn't one of the country's.",
    "Give the state or province in destination_region, as the law pack writes it.",
)
DECLARATION_FEE = declare(
    "fee.declaration",
    Severity.INFO,
    "A fee is owed for the declaration, which may cover many parcels; the share of this one isn't in the total.",
    "Nothing to do here; whoever lodges the declaration pays it.",
)
CARRIER_FEE = declare(
    "fee.carrier",
    Severity.INFO,
    "The carrier may charge the buyer for presenting the goods; it is no duty, tax or fee of the state.",
    "Give it in carrier_fees, so that the landed cost of a quote holds it.",
)
REPORTER_CHARGE = declare(
    "fee.reporter",
    Severity.INFO,
    "Whoever brings or reports the goods may owe a charge by its number or mass of goods in a period.",
    "Nothing to do here; the charge is invoiced to that party.",
)
VENDOR_UNSTATED = declare(
    "vendor.unstated",
    Severity.INFO,
    "A registered vendor may have taken the tax; the declaration doesn't say so, so it is due at the border.",
    "State the scheme and its number where the tax was taken; else the vendor gives back what it took.",
)
DEEMED = declare(
    "value.deemed",
    Severity.INFO,
    "The law puts an amount of its own in place of freight or insurance that isn't known.",
    "Send freight and insurance to have them counted as they are.",
)


class Sources(Protocol):
    """The reference data and assumptions that look-ups read."""

    @property
    def tariff(self) -> TariffBook: ...

    @property
    def fx(self) -> ExchangeRates: ...

    @property
    def assumed(self) -> Assumptions: ...


@dataclass(frozen=True, slots=True)
class Law:
    """A pack's YAML, read: parameters (goods groups among them) and groups."""

    parameters: Parameters
    goods: GoodsGroups

    def under(self, sources: "Sources") -> "Law":
        """Return the law with the amendments of a run: what a look-up reads."""
        amended = sources.assumed.amended
        return Law(amended.parameters(self.parameters), amended.goods(self.goods)) if amended else self


def read_law(pack: str) -> Law:
    """Read ``greenlane/packs/<pack>/law.yaml`` from the package.

    Raises:
        LawError: The file does not hold together; the message names the parameter.
    """
    text = files(f"greenlane.packs.{pack}").joinpath("law.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    own = read_parameters(document, pack)
    groups, of_goods = read_groups(document, pack, own.sources)
    merged: dict[str, Any] = {**own.by_id, **of_goods.by_id}
    named: Mapping[str, Source] = own.sources
    return Law(Parameters(merged, named), groups)


# -- values ---------------------------------------------------------------------------------------------------


def converted(
    amount: Node, rounding: Rounding = Rounding.HALF_UP, home: str | None = None, family: str = "fx"
) -> Node:
    """An amount of the consignment's currency in the pack's currency, rounded once.

    With *home*, the pack's currency, no rate and no day is asked for where the amount is in it already.
    *family* is the look-up of the rate, where the law takes another day's for some purpose.
    """
    rated = muldiv(amount, [lookup(family, "numerator")], [lookup(family, "denominator")], rounding)
    return rated if home is None else choose(matches("currency", home), amount, rated)


@dataclass(frozen=True, slots=True)
class Values:
    """The money of a consignment in the pack's currency: item level, except where said."""

    value: Node
    """Line total, without taxes."""
    freight: Node
    """Share of the freight that is not inside the prices."""
    insurance: Node
    other: Node
    carrier_fees: Node
    """Consignment level."""
    goods: Node
    """Sum of the lines: the intrinsic value. Consignment level."""
    transport: Node
    """Freight, insurance and other charges of the item."""


def values(rounding: Rounding = Rounding.HALF_UP, home: str | None = None, family: str = "fx") -> Values:
    """Convert and share out the money of a consignment; *home* and *family* as in `converted`.

    Freight that stands inside the prices is counted there, unless it is shown separately: then it is taken out
    of the prices and shared out again. Where it is more than the prices, the value of the goods is unknown.
    """
    inside = field("freight_in_price")
    line = converted(field("items.value"), rounding, home, family)
    freight = converted(field("freight"), rounding, home, family)
    carried = share(freight, line)
    value = choose(inside, choose(carried <= line, line - carried, const(None)), line)
    insurance = share(converted(field("insurance"), rounding, home, family), line)
    other = share(converted(field("other_charges"), rounding, home, family), line)
    fees = muldiv(
        field("carrier_fees"), [lookup("fx_fees", "numerator")], [lookup("fx_fees", "denominator")], rounding
    )
    return Values(value, carried, insurance, other, fees, total(value), carried + insurance + other)


def declared_with_transport() -> Node:
    """Price, freight, insurance and other charges of an item in the consignment's currency, not converted."""
    line = field("items.value")
    carried = choose(field("freight_in_price"), 0, share(field("freight"), line))
    return line + carried + share(field("insurance"), line) + share(field("other_charges"), line)


def is_documents() -> Node:
    """Correspondence and documents."""
    return matches("transaction", "documents")


def is_gift() -> Node:
    """A gift from one private person to another."""
    return matches("transaction", "c2c_gift")


def is_b2c() -> Node:
    """A sale by a business to a consumer."""
    return matches("transaction", "b2c")


def is_returned() -> Node:
    """Goods coming home."""
    return matches("transaction", "returned_goods")


def by_air() -> Node:
    """Carried by air. Post counts with air, and so does express of which nothing else is said."""
    by_mode = matches("transport_mode", "air", "post") | matches("channel", "postal")
    return by_mode | (matches("channel", "express") & ~present("transport_mode"))


def by_sea() -> Node:
    """Carried by sea, and not by post."""
    return matches("transport_mode", "sea") & ~matches("channel", "postal")


_PIECES = ("C62", "H87", "EA", "PR", "SET", "NMP")


def article_price(value: Node) -> Node:
    """The value of one article, rounded up; a line that isn't counted in pieces is one article."""
    return choose(
        matches("items.unit", *_PIECES),
        muldiv(value, [1_000], [field("items.quantity")], Rounding.UP),
        value,
    )


def for_a_person() -> Node:
    """A sale or gift to a natural person: the buyer counts as one unless said not to be."""
    person = choose(known(field("consignee.person")), field("consignee.person"), True)
    return choose(is_b2c() | is_gift(), person, False)


def vendor() -> Cases:
    """Who sold: the seller where it is registered itself, else the platform where there is one, else the seller."""
    return cases(
        (field("seller_registered"), "seller"), (present("platform.id"), "platform"), otherwise="seller"
    )


# -- rounding -------------------------------------------------------------------------------------------------


def in_steps(amount: Node, step_of: Node, rounding: Rounding) -> Node:
    """An amount in whole steps of *step_of* minor units: a parameter, so that the law's rounding is dated and cited.

    Example:
        A tax base in whole francs: ``in_steps(base, param("ch.vat.base_rounding"), Rounding.HALF_UP)``.
    """
    return muldiv(muldiv(amount, [], [step_of], rounding), [step_of], [1], rounding)


def ratio_in_steps(amount: Node, rate: Node, step_of: Node, rounding: Rounding) -> Node:
    """*amount* times a rate in billionths, rounded once, to whole steps of *step_of* minor units."""
    steps = muldiv(amount, [rate], [RATE_SCALE, step_of], rounding)
    return muldiv(steps, [step_of], [1], rounding)


# -- exchange -------------------------------------------------------------------------------------------------


Currencies = str | Mapping[str, str]
"""A pack's currency, or that of each member of a union."""


def exchange(source: str, currency: Currencies, driver: str = "declaration") -> dict[str, Lookup]:
    """The look-ups ``fx`` (consignment's currency) and ``fx_fees`` (currency of the carrier's fees)."""
    member = () if isinstance(currency, str) else (_MEMBER,)

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, _: date | None) -> LookupResult:
        quote = _quote(currency, keys)
        given = keys if isinstance(currency, str) else keys[1:]
        return _exchange(sources, source, next((key for key in given if key), None) or quote, quote, day)

    parts = ("numerator", "denominator")
    fees = (*member, "carrier_fees_currency", "currency", f"day:{driver}")
    return {
        "fx": Lookup("fx", (*member, "currency", f"day:{driver}"), parts, ask),
        "fx_fees": Lookup("fx_fees", fees, parts, ask),
    }


def at_sale(source: str, currency: str) -> dict[str, Lookup]:
    """The look-up ``fx_sale``: the consignment's currency at the rate of the day of the order."""
    rates = exchange(source, currency, "order")["fx"]
    return {"fx_sale": replace(rates, family="fx_sale")}


def foreign(
    name: str, base: str, source: str, currency: Currencies, driver: str = "declaration"
) -> dict[str, Lookup]:
    """A look-up ``fx_<name>`` for an amount that the law fixes in *base*, another currency than the pack's."""
    member = () if isinstance(currency, str) else (_MEMBER,)

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, _: date | None) -> LookupResult:
        return _exchange(sources, source, base, _quote(currency, keys), day)

    family = f"fx_{name}"
    return {family: Lookup(family, (*member, f"day:{driver}"), ("numerator", "denominator"), ask)}


_MEMBER = "destination_country"


def _quote(currency: Currencies, keys: tuple[str | None, ...]) -> str:
    """The currency that amounts are turned into: of a union, the member's, which is the first key."""
    return currency if isinstance(currency, str) else currency[keys[0] or ""]


def exchange_into(name: str, source: str, currency: str, driver: str = "declaration") -> dict[str, Lookup]:
    """A look-up ``fx_<name>`` of the consignment's currency in *currency*, for a limit that is tested in it.

    `in_own` converts by it.
    """

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, _: date | None) -> LookupResult:
        return _exchange(sources, source, keys[0] or currency, currency, day)

    family = f"fx_{name}"
    return {family: Lookup(family, ("currency", f"day:{driver}"), ("numerator", "denominator"), ask)}


def pegged(
    law: Law, peg: str, source: str, currency: str, anchor: str, driver: str = "declaration"
) -> dict[str, Lookup]:
    """The look-ups ``fx`` and ``fx_fees`` of a currency tied to *anchor* at the rate of the parameter *peg*.

    Where *source* has no rates, the ECB's rate of the anchor and the peg stand in for them, and that is said.
    """

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        base = next((key for key in keys if key), None) or currency
        own = any(table.source == source for table in sources.fx.tables)
        dated = law.under(sources).parameters.by_id[peg].at("*", day, known_at)
        plain = _exchange(sources, source, base, currency, day)
        if own or plain.parts["numerator"].value is not None or dated is None or dated.value is None:
            return plain
        steps = _exchange(sources, "ecb", base, anchor, day)
        top, bottom = steps.parts["numerator"], steps.parts["denominator"]
        if top.value is None or bottom.value is None:
            return plain
        up = top.value * dated.value * 10 ** exponent(currency)
        rate = Fraction(up, bottom.value * RATE_SCALE * 10 ** exponent(anchor))
        words = f"No {source} rate of {base} in {currency} is held; the peg to {anchor} is used."
        sure = max(int(Certainty.UNVERIFIED), top.certainty, int(dated.certainty))
        parts = {
            "numerator": Resolved(rate.numerator, sure, source=dated.source.cite),
            "denominator": Resolved(rate.denominator, sure, source=dated.source.cite),
        }
        return LookupResult(parts, (Finding(FX_SUBSTITUTED, "/currency", words), *steps.findings))

    keys = {"fx": ("currency",), "fx_fees": ("carrier_fees_currency", "currency")}
    return {
        family: Lookup(family, (*texts, f"day:{driver}"), ("numerator", "denominator"), ask)
        for family, texts in keys.items()
    }


def in_own(amount: Node, name: str, rounding: Rounding = Rounding.HALF_UP) -> Node:
    """Convert an amount fixed in another currency by the look-up ``fx_<name>``."""
    family = f"fx_{name}"
    return muldiv(amount, [lookup(family, "numerator")], [lookup(family, "denominator")], rounding)


def at_most_foreign(own: Node, declared: Node, limit: Node, name: str, base: str) -> Node:
    """Whether a value is at most a limit that the law fixes in *base*, by the look-up ``fx_<name>``.

    In that currency where the consignment is declared in it (*declared*, not converted), so that the rounding of
    lines decides nothing; else in the pack's currency (*own*).
    """
    return choose(matches("currency", base), declared <= limit, own <= in_own(limit, name))


def own_rate(name: str, base: str, quote: str) -> Node:
    """The exchange rate of the look-up ``fx_<name>`` for one unit of *base* in *quote*, in billionths."""
    family = f"fx_{name}"
    tops = [lookup(family, "numerator"), 10 ** exponent(base)]
    return muldiv(
        const(RATE_SCALE), tops, [lookup(family, "denominator"), 10 ** exponent(quote)], Rounding.HALF_UP
    )


def _exchange(sources: Sources, source: str, base: str, quote: str, day: date) -> LookupResult:
    if base == quote:
        return LookupResult({"numerator": Resolved(1), "denominator": Resolved(1)})
    assumed = sources.assumed.exchange(base, quote)
    if assumed:
        note = Finding(ASSUMED, "/currency", f"The exchange rate {base}/{quote} was assumed for this run")
        return LookupResult(
            {"numerator": Resolved(assumed[0], source="assumed"), "denominator": Resolved(assumed[1])},
            (note,),
        )
    answer = sources.fx.rate(source, base, quote, day)
    sure = int(answer.certainty)
    return LookupResult(
        {
            "numerator": Resolved(answer.numerator, sure, source=answer.source),
            "denominator": Resolved(answer.denominator, sure, source=answer.source),
        },
        tuple(Finding(f.code, "/currency", f.message, f.law) for f in answer.findings),
    )


# -- duty -----------------------------------------------------------------------------------------------------

_DUTY_PARTS = ("ad_valorem", "per_kg", "per_unit", "per_consignment")


def duty_lookup(schedule: str, currency: str, driver: str = "declaration", family: str = "tariff") -> Lookup:
    """The look-up of a tariff: parts ad_valorem (billionths), per_kg and per_unit (billionths of a minor unit)."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin, unit = keys[0] or "", keys[1], keys[2] or "C62"
        assumed = sources.assumed.duty(code, origin)
        if assumed is not None:
            return _assumed_duty(assumed, code)
        return duty_result(sources.tariff.duty(schedule, code, origin, day, known_at), currency, unit)

    return Lookup(
        family,
        ("items.hs_code", "items.origin_country", "items.unit", f"day:{driver}"),
        _DUTY_PARTS,
        ask,
        schedule_days(schedule),
    )


def stated_duty(law: Law, standard: str, schedule: str, currency: str) -> Lookup:
    """The look-up of a tariff with one general rate, the parameter *standard*.

    An assumed rate counts first, then a schedule that is loaded, then a goods group with effect ``duty_rate``,
    then the general rate.
    """
    listed = duty_lookup(schedule, currency)
    days = sorted({*law.parameters.by_id[standard].boundaries(), *law.goods.boundaries()})

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, held = keys[0] or "", law.under(sources)
        loaded = any(version.schedule_id == schedule for version in sources.tariff.schedules)
        if loaded or sources.assumed.duty(code, keys[1]) is not None:
            return listed.ask(sources, keys, day, known_at)
        assumed = sources.assumed.values.get(standard)
        parameter = held.parameters.by_id[standard]
        if assumed is not None:
            note = Finding(ASSUMED, "/hs_code", f"{parameter.name} was assumed for this run")
            value = int(assumed_value(parameter, assumed))
            return _of_value(Resolved(value, source="assumed"), (note,))
        found = held.goods.find("duty_rate", code, "*", day, known_at)
        dated = found[1] if found else parameter.at("*", day, known_at)
        if dated is None or dated.value is None:
            return listed.ask(sources, keys, day, known_at)
        return _of_value(Resolved(int(dated.value), int(dated.certainty), source=dated.source.cite))

    def boundaries(sources: Sources) -> Sequence[date]:
        return [*schedule_days(schedule)(sources), *days]

    return replace(listed, ask=ask, boundaries=boundaries)


def _of_value(rate: Resolved, findings: tuple[Finding, ...] = ()) -> LookupResult:
    return LookupResult({**dict.fromkeys(_DUTY_PARTS, Resolved(0)), "ad_valorem": rate}, findings)


def schedule_days(*names: str) -> Callable[[Sources], Sequence[date]]:
    """The days on which the answers of schedules and lists of these ids can change."""

    def boundaries(sources: Sources) -> Sequence[date]:
        days: set[date] = set()
        versions: list[Any] = [*sources.tariff.schedules, *sources.tariff.lists]
        for version in versions:
            name = getattr(version, "schedule_id", None) or getattr(version, "list_id", None)
            if name in names:
                days.add(version.valid_from)
                if version.valid_until is not None:
                    days.add(version.valid_until + timedelta(days=1))
                for entry in getattr(version, "entries", ()):
                    if entry.valid_from:
                        days.add(entry.valid_from)
                    if entry.valid_until:
                        days.add(entry.valid_until + timedelta(days=1))
        return sorted(days)

    return boundaries


def duty_result(answer: Answer, currency: str, unit: str) -> LookupResult:
    """Turn a tariff's answer into parts; a specific rate in another currency or unit is unknown, and says so."""
    findings = tuple(Finding(f.code, "/hs_code", f.message, f.law) for f in answer.findings)
    rate = answer.rate
    per_unit: int | None = 0
    if rate is not None and rate.per_unit:
        ratio = unit_ratio(unit, rate.unit or "C62")
        per_unit = None if ratio is None else rate.per_unit * ratio.numerator // ratio.denominator
        if ratio is None or (rate.per_unit * ratio.numerator) % ratio.denominator:
            message = f"the rate {rate.text} counts in {rate.unit}; the quantity is given in {unit}"
            findings = (*findings, Finding("tariff.unparsed", "/unit", message))
            per_unit = None
    if rate is not None and rate.specific and rate.currency != currency:
        message = f"the rate {rate.text} is fixed in {rate.currency}"
        findings = (*findings, Finding("tariff.unparsed", "/hs_code", message))
        rate = None
    sure = int(answer.certainty)
    parts = dict.fromkeys(_DUTY_PARTS) if rate is None else _parts(rate, per_unit)
    return LookupResult(
        {
            name: Resolved(value, sure if value is not None else 3, source=answer.source)
            for name, value in parts.items()
        },
        findings,
    )


def _parts(rate: Rate, per_unit: int | None) -> dict[str, int | None]:
    return {"ad_valorem": rate.ad_valorem, "per_kg": rate.per_kg, "per_unit": per_unit, "per_consignment": 0}


def _assumed_duty(assumed: Any, code: str) -> LookupResult:
    parts = dict.fromkeys(_DUTY_PARTS, 0)
    if assumed.rate is not None:
        parts["ad_valorem"] = assumed.rate
    elif assumed.per == "consignment":
        parts["per_consignment"] = assumed.amount
    else:
        parts["per_kg" if assumed.per == "kg" else "per_unit"] = assumed.amount * RATE_SCALE
    note = Finding(ASSUMED, "/hs_code", f"The rate of duty of code {code} was assumed for this run")
    return LookupResult({name: Resolved(value, source="assumed") for name, value in parts.items()}, (note,))


def duty_by_tariff(
    customs_value: Node,
    law: str,
    rounding: Rounding = Rounding.HALF_UP,
    family: str = "tariff",
    mass_field: str = "items.net_mass_mg",
    line: tuple[str, ...] = (),
    when: Node | bool = True,
) -> Node:
    """The duty of a tariff line: its share of the value, plus what it takes a kilogram and a unit, rounded once.

    Amounts a kilogram stand on the mass in *mass_field* and amounts a unit on the quantity; where a rate has no
    such part, neither needs to be known. With *line*, the text fields that items of one declaration line share,
    mass and quantity are those of the line's items for which *when* holds, on its first; *customs_value* then is
    so too.
    """
    per_kg, per_unit = lookup(family, "per_kg"), lookup(family, "per_unit")
    heavy, counted = (
        choose(per_kg > 0, field(mass_field), 0),
        choose(per_unit > 0, field("items.quantity"), 0),
    )
    if line:
        heavy, counted = (collect(choose(when, part, 0), *line) for part in (heavy, counted))
    by_rate = sum_of_products(
        [
            (customs_value, lookup(family, "ad_valorem"), 1_000_000),
            (heavy, per_kg, 1),
            (counted, per_unit, 1_000),
        ],
        RATE_SCALE * 1_000_000,
        rounding,
    )
    fixed = choose(lead_item(), lookup(family, "per_consignment"), 0)
    return step("duty_by_tariff", by_rate + fixed, law, "the rate of the tariff line on the customs value")


def h7_remarks(goods: Node, limit: Node, currency: str, law: str) -> tuple[Remark, ...]:
    """The super-reduced dataset H7 is for low value without excise; anything else is declared in H1."""
    declared = matches("dataset", "H7")
    words = ("dataset H7 is for an intrinsic value up to ", limit, f" {currency}; this one is ", goods)
    return (
        Remark(
            INADMISSIBLE,
            declared & (goods > limit),
            (*words, ": declare it in H1"),
            "/dataset",
            law,
            asks=True,
        ),
        Remark(
            INADMISSIBLE,
            declared & any_item(good("excise")),
            ("dataset H7 is not for excise goods: declare them in H1",),
            "/dataset",
            law,
            asks=True,
        ),
    )


# -- tax by goods ---------------------------------------------------------------------------------------------


def tax_lookup(
    law: Law,
    standard: str,
    alias: str,
    key: str | None = None,
    driver: str = "declaration",
    family: str = "vat",
) -> Lookup:
    """The look-up of the rate of tax by goods.

    The standard rate is the parameter *standard*. Where the code falls into a goods group with effect
    ``<family>_rate``, that rate is followed when its certainty is certain; else the standard rate is followed
    and the group's stands beside it as the other reading. *alias* is the assumption that replaces the rate.
    *key* is the text field that keys the parameter (``destination_country`` in a union, ``destination_region``
    in a federation: there a region that the parameter doesn't name has no rate, and that is said).
    """
    days = sorted(law.parameters.by_id[standard].boundaries() | set(law.goods.boundaries()))
    effect = f"{family}_rate"

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        held = law.under(sources)
        parameter = held.parameters.by_id[standard]
        code, member = keys[0] or "", (keys[1] if key else None) or "*"
        assumed = sources.assumed.values.get(alias) or sources.assumed.values.get(standard)
        if assumed is not None:
            note = Finding(ASSUMED, "", f"{parameter.name} was assumed for this run")
            rate = int(assumed_value(parameter, assumed))
            return LookupResult({"rate": Resolved(rate, source="assumed")}, (note,))
        dated = parameter.at(member, day, known_at)
        if dated is None or dated.value is None:
            gap = Finding("law.gap", "", f"{standard} has no value")
            if key == "destination_region" and member not in parameter.values:
                gap = _region_unknown(parameter)
            elif dated is not None and dated.state == "unknown":
                message = f"{parameter.name}: in force, but no source gives its value ({standard})"
                gap = Finding(AMOUNT_UNKNOWN, "", message, dated.source.cite)
            return LookupResult({"rate": Resolved(None, 3)}, (gap,))
        source = dated.source.cite
        found = held.goods.find(effect, code, member, day, known_at)
        if found is None:
            return LookupResult({"rate": Resolved(int(dated.value), int(dated.certainty), source=source)})
        group, special = found
        if special.certainty is Certainty.CERTAIN:
            return LookupResult({"rate": Resolved(int(special.value or 0), 0, source=special.source.cite)})
        question = special.question or f"Whether these goods bear the rate for {group.name}|at that rate"
        resolved = Resolved(
            int(dated.value), int(dated.certainty), int(special.value or 0), question, source=source
        )
        return LookupResult({"rate": resolved})

    keys = ("items.hs_code", *((key,) if key else ()), f"day:{driver}")
    return Lookup(family, keys, ("rate",), ask, lambda _: days, contestable=True)


def _region_unknown(parameter: Parameter) -> Finding:
    listed = ", ".join(parameter.keys())
    message = f"{parameter.name} depends on the region of destination; expected one of {listed}"
    return Finding(REGION_UNKNOWN, "/destination_region", message)


def goods_lookup(
    law: Law, effects: Sequence[str], key: str | None = None, driver: str = "declaration"
) -> Lookup:
    """The look-up ``goods``: one true-or-false part for each effect of the pack's goods groups."""
    days = law.goods.boundaries()

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, member = keys[0] or "", (keys[1] if key else None) or "*"
        parts, goods = {}, law.under(sources).goods
        for effect in effects:
            found = goods.find(effect, code, member, day, known_at)
            sure = int(found[1].certainty) if found else 0
            parts[effect] = Resolved(
                found is not None, min(sure, 1), source=found[1].source.cite if found else ""
            )
        return LookupResult(parts)

    keys = ("items.hs_code", *((key,) if key else ()), f"day:{driver}")
    return Lookup("goods", keys, tuple(effects), ask, lambda _: days)


def excise_lookup() -> Lookup:
    """A look-up that never knows: excise is due and no rate is held. Its finding names the goods' code."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        message = f"excise is due on goods of code {keys[0]}; no rate of excise is held"
        return LookupResult({"amount": Resolved(None, 3)}, (Finding(EXCISE_UNKNOWN, "/hs_code", message),))

    return Lookup("excise", ("items.hs_code", "day:declaration"), ("amount",), ask, lambda _: ())


def only_with_code(lookup: Lookup) -> Lookup:
    """The same look-up, which knows nothing of goods without a commodity code, and says so."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        if keys[lookup.texts.index("items.hs_code")]:
            return lookup.ask(sources, keys, day, known_at)
        message = "the commodity code isn't given, and what is owed depends on it"
        return LookupResult(
            {part: Resolved(None, 3) for part in lookup.parts}, (Finding(CODE_UNKNOWN, "/hs_code", message),)
        )

    return replace(lookup, ask=ask)


def good(effect: str) -> Node:
    """True where the item falls into a goods group of *effect*."""
    return lookup("goods", effect)
