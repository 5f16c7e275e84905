"""The law of the EU and of GB as a program is mostly written: pydantic models and Decimal, row by row.

The bench measures greenlane against it. It knows the days of the bench's stream and nothing else: no
findings, no risk, no digests, no traces, no certainty.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
from pydantic import BaseModel

from greenlane.bench.tables import Tables
from greenlane.values.money import RATE_SCALE, fit_articles

_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_FLAT_DUTY_FROM = date(2026, 7, 1)


class Item(BaseModel):
    """A goods item, with what the law reads."""

    item_id: str
    hs_code: str
    origin_country: str | None
    quantity: Decimal
    value: Decimal
    net_mass_kg: Decimal | None


class Consignment(BaseModel):
    """A consignment, with what the law reads."""

    consignment_id: str
    channel: str
    transaction: str
    declaration_date: date
    departure_country: str | None
    destination_country: str
    dataset: str | None
    transport_mode: str | None
    currency: str
    freight: Decimal | None
    insurance: Decimal | None
    other_charges: Decimal | None
    freight_in_price: bool
    scheme: str | None
    scheme_id: str | None
    seller_registered: bool | None
    platform_id: str | None
    gift_rate: str | None = None
    h1_preference: str | None = None
    items: list[Item]


@dataclass(slots=True)
class Charge:
    """One amount owed."""

    kind: str
    name: str
    item_id: str | None
    amount: Decimal
    liable: str
    payer: str
    collected: str
    base: Decimal | None = None
    rate: Decimal | None = None
    assessed: Decimal | None = None


@dataclass(slots=True)
class Outcome:
    """What a consignment owes and what happens to it; amounts in the pack's currency."""

    consignment_id: str
    status: str
    category: int
    disposition: str
    duty: Decimal = _ZERO
    tax: Decimal = _ZERO
    fees: Decimal = _ZERO
    payable_at_border: Decimal = _ZERO
    charges: list[Charge] = field(default_factory=list)


class Unknown(Exception):
    """An amount that the law needs isn't known."""


@dataclass(frozen=True, slots=True)
class Law:
    """The tables as decimals."""

    amounts: dict[str, Decimal]
    rates: dict[str, Decimal]
    vat: dict[tuple[str, str], Decimal]
    air: dict[str | None, Decimal]
    min_collection: dict[str, Decimal]
    min_collection_above: dict[str, Decimal]
    french_fee: Decimal
    romanian_fee: Decimal
    fx: dict[tuple[str, str, date], tuple[Decimal, Decimal] | None]
    lei: dict[date, tuple[Decimal, Decimal] | None]
    duty: dict[tuple[str, str, str | None], tuple[Decimal, Decimal, Decimal] | None]
    excise: dict[str, tuple[str, ...]]
    no_relief: dict[str, tuple[str, ...]]


def law_of(t: Tables) -> Law:
    """Turn minor units and billionths into decimals."""

    def units(minor: int) -> Decimal:
        return Decimal(minor) / 100

    def share(billionths: int) -> Decimal:
        return Decimal(billionths) / RATE_SCALE

    def quotient(pair: tuple[int, int] | None) -> tuple[Decimal, Decimal] | None:
        return None if pair is None else (Decimal(pair[0]), Decimal(pair[1]))

    return Law(
        amounts={name: units(value) for name, value in t.parameters.items()},
        rates={name: share(value) for name, value in t.parameters.items()},
        vat={key: share(value) for key, value in t.vat.items()},
        air={key: share(value) for key, value in t.air.items()},
        min_collection={key: units(value) for key, value in t.of_members("eu.min_collection").items()},
        min_collection_above={
            key: units(value) for key, value in t.of_members("eu.min_collection.above").items()
        },
        french_fee=units(t.by_member["eu.fee.fr", "FR"]),
        romanian_fee=units(t.by_member["eu.fee.ro", "RO"]),
        fx={key: quotient(pair) for key, pair in t.fx.items()},
        lei={day: quotient(pair) for day, pair in t.lei.items()},
        duty={
            key: None if parts is None else (share(parts[0]), share(parts[1]) / 100, share(parts[2]) / 100)
            for key, parts in t.duty.items()
        },
        excise=t.excise,
        no_relief=t.no_relief,
    )


def nested(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Turn rows of items into one dictionary a consignment, as a JSON reader would hand them over."""
    item_fields = list(Item.model_fields)
    frame = rows.rename({"platform.id": "platform_id"})
    head_fields = [name for name in Consignment.model_fields if name in frame.columns]
    found: list[dict[str, Any]] = []
    for row in frame.iter_rows(named=True):
        if not found or found[-1]["consignment_id"] != row["consignment_id"]:
            found.append({name: row[name] for name in head_fields} | {"items": []})
        found[-1]["items"].append({name: row[f"items.{name}"] for name in item_fields})
    return found


def assess_all(records: list[dict[str, Any]], law: Law) -> list[Outcome]:
    """Check and assess every consignment, one after the other."""
    return [assess(Consignment.model_validate(record), law) for record in records]


def assess(c: Consignment, law: Law) -> Outcome:
    """Assess one consignment."""
    money = _Money(c, "gb" if c.destination_country == "GB" else "eu", law)
    try:
        goods = money.goods
        charges = _gb(c, money, law) if c.destination_country == "GB" else _eu(c, money, law)
    except Unknown:
        return Outcome(c.consignment_id, "incomplete", 3, "hold")
    limit = law.amounts["gb.relief.limit" if c.destination_country == "GB" else "eu.simplified.limit"]
    duty = sum((charge.amount for charge in charges if charge.kind == "duty"), _ZERO)
    tax = sum((charge.amount for charge in charges if charge.kind == "tax"), _ZERO)
    fees = sum((charge.amount for charge in charges if charge.kind == "fee"), _ZERO)
    payable = sum((charge.amount for charge in charges if charge.collected == "at_border"), _ZERO)
    if c.transaction == "documents":
        category = 1
    elif goods > limit:
        category = 4
    else:
        category = 3 if payable > 0 else 2
    if c.dataset == "H7" and (goods > limit or money.any_excise):
        disposition = "request_information"
    else:
        disposition = "release_on_payment" if payable > 0 else "release"
    return Outcome(c.consignment_id, "assessed", category, disposition, duty, tax, fees, payable, charges)


class _Money:
    """The values of a consignment in the pack's currency, line by line."""

    def __init__(self, c: Consignment, pack: str, law: Law) -> None:
        rate = law.fx[pack, c.currency, c.declaration_date]
        if rate is None:
            self._values: list[Decimal] | None = None
            return
        lines = [_converted(item.value, rate) for item in c.items]
        freight = None if c.freight is None else _shared(_converted(c.freight, rate), lines)
        insurance = None if c.insurance is None else _shared(_converted(c.insurance, rate), lines)
        other = None if c.other_charges is None else _shared(_converted(c.other_charges, rate), lines)
        self._values = lines
        if c.freight_in_price:
            inside = freight
            self._values = None if inside is None else [a - b for a, b in zip(lines, inside, strict=True)]
        self._extra = (
            None
            if freight is None or insurance is None or other is None
            else list(zip(freight, insurance, other, strict=True))
        )
        prefixes = law.excise[pack]
        self.excise = [item.hs_code.startswith(prefixes) for item in c.items]
        self.any_excise = any(self.excise)
        prefixes = law.no_relief[pack]
        self.no_relief = [item.hs_code.startswith(prefixes) for item in c.items]

    @property
    def values(self) -> list[Decimal]:
        if self._values is None:
            raise Unknown
        return self._values

    @property
    def goods(self) -> Decimal:
        return sum(self.values, _ZERO)

    def transport(self, place: int) -> Decimal:
        if self._extra is None:
            raise Unknown
        return sum(self._extra[place], _ZERO)

    def customs_value(self, place: int, air_share: Decimal | None) -> Decimal:
        if self._extra is None:
            raise Unknown
        freight, insurance, other = self._extra[place]
        if air_share is not None:
            freight = _cents(freight * air_share)
        return self.values[place] + freight + insurance + other


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _converted(amount: Decimal, rate: tuple[Decimal, Decimal]) -> Decimal:
    return _cents(amount * rate[0] / rate[1])


def _shared(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Split an amount by weights so that the parts sum back."""
    total = sum(weights, _ZERO)
    if total == 0:
        return [amount] + [_ZERO] * (len(weights) - 1)
    parts = []
    running = before = _ZERO
    for weight in weights:
        running += weight
        upto = (amount * running / total).quantize(_CENT, ROUND_DOWN)
        parts.append(upto - before)
        before = upto
    return parts


def _gift_relief(c: Consignment, values: list[Decimal], limit: Decimal) -> list[Decimal]:
    if c.transaction != "c2c_gift":
        return [_ZERO] * len(values)
    thousandths = [int(item.quantity * 1000) for item in c.items]
    minor = fit_articles([int(value * 100) for value in values], thousandths, int(limit * 100))
    return [Decimal(amount) / 100 for amount in minor]


def _by_tariff(item: Item, base: Decimal, pack: str, law: Law) -> Decimal:
    rate = law.duty[pack, item.hs_code, item.origin_country]
    if rate is None:
        raise Unknown
    ad_valorem, per_kg, per_piece = rate
    amount = base * ad_valorem
    if per_kg:
        if item.net_mass_kg is None:
            raise Unknown
        amount += item.net_mass_kg * per_kg
    if per_piece:
        amount += item.quantity * per_piece
    return _cents(amount)


def _vendor(c: Consignment) -> str:
    return "seller" if c.seller_registered or c.platform_id is None else "platform"


def _first_lines(c: Consignment, digits: int) -> list[bool]:
    seen: set[str] = set()
    flags = []
    for item in c.items:
        code = item.hs_code[:digits]
        flags.append(code not in seen)
        seen.add(code)
    return flags


def _eu(c: Consignment, money: _Money, law: Law) -> list[Charge]:
    """VAT at sale, by the carrier or at the border; from July 2026 three euro a line on low-value sales."""
    values, goods = money.values, money.goods
    if c.transaction in ("documents", "returned_goods"):
        return []
    if money.any_excise:
        raise Unknown
    gift = c.transaction == "c2c_gift"
    b2c = c.transaction == "b2c"
    relieved = _gift_relief(c, values, law.amounts["eu.gift.limit"])
    low_sale = b2c and goods <= law.amounts["eu.ioss.limit"]
    ioss = low_sale and c.scheme == "IOSS"
    special = low_sale and c.scheme == "SPECIAL"
    flat_period = c.declaration_date >= _FLAT_DUTY_FROM
    by_choice = c.dataset == "H1" and c.h1_preference == "5" and not ioss
    flat = flat_period and b2c and goods <= law.amounts["eu.flat_duty.scope"] and not by_choice
    free = not flat_period and goods <= law.amounts["eu.relief.limit"]
    if c.channel == "postal":
        air = _ZERO if gift else None
    else:
        air = law.air[c.departure_country] if c.transport_mode == "air" else None
    first_lines = _first_lines(c, 10 if c.dataset == "H1" else 6) if flat else []
    vendor = _vendor(c)
    duties: list[Charge] = []
    taxes: list[Charge] = []
    for place, item in enumerate(c.items):
        rate = law.vat[c.destination_country, item.hs_code]
        left = values[place] - relieved[place]
        duty = _ZERO
        if flat:
            if first_lines[place]:
                duty = law.amounts["eu.flat_duty.amount"]
                payer = vendor if ioss else "carrier" if special else "buyer"
                liable = vendor if ioss else "buyer"
                duties.append(Charge("duty", "flat_duty", item.item_id, duty, liable, payer, "at_border"))
        elif not free or money.no_relief[place]:
            base = money.customs_value(place, air) if not gift or left > 0 else _ZERO
            if gift:
                duty = _eu_gift_duty(c, item, base - relieved[place], left, goods - sum(relieved, _ZERO), law)
            else:
                duty = _by_tariff(item, base, "eu", law)
            duties.append(
                Charge("duty", "customs_duty", item.item_id, duty, "buyer", "buyer", "at_border", base=base)
            )
        if ioss:
            base = values[place] + money.transport(place)
            tax = _cents(base * rate)
            taxes.append(Charge("tax", "vat", item.item_id, tax, vendor, vendor, "at_sale", base, rate))
        else:
            base = left + money.transport(place) + duty if left > 0 else _ZERO
            tax = _cents(base * rate)
            payer, when = ("carrier", "periodic") if special else ("buyer", "at_border")
            taxes.append(Charge("tax", "vat", item.item_id, tax, "buyer", payer, when, base, rate))
    due = [charge for charge in (*duties, *taxes) if charge.collected == "at_border"]
    low = goods <= law.amounts["eu.simplified.limit"]
    least = (law.min_collection if low else law.min_collection_above)[c.destination_country]
    if sum((charge.amount for charge in due), _ZERO) < least:
        for charge in due:
            if charge.name != "flat_duty":
                charge.assessed, charge.amount = charge.amount, _ZERO
    left_of_gift = goods - sum(relieved, _ZERO) > 0
    return [*duties, *taxes, *_eu_fees(c, goods, law, not gift or left_of_gift)]


def _eu_gift_duty(
    c: Consignment, item: Item, base: Decimal, left: Decimal, above: Decimal, law: Law
) -> Decimal:
    if left <= 0:
        return _ZERO
    if above > law.amounts["eu.gift.flat_rate_limit"] or c.gift_rate == "tariff":
        return _by_tariff(item, base, "eu", law)
    rate = law.duty["eu", item.hs_code, item.origin_country]
    if rate is None:
        raise Unknown
    return _cents(base * law.rates["eu.gift.flat_rate"]) if any(rate) else _ZERO


def _eu_fees(c: Consignment, goods: Decimal, law: Law, taxed: bool) -> list[Charge]:
    if goods > law.amounts["eu.simplified.limit"]:
        return []
    if c.destination_country == "FR":
        if c.dataset == "H1" or not taxed:
            return []
        name, owes = "fr_small_parcels_tax", "declarant"
        return [
            Charge("fee", name, item.item_id, law.french_fee, owes, owes, "at_border")
            for item, first in zip(c.items, _first_lines(c, 6), strict=True)
            if first
        ]
    if c.transaction == "b2c" and c.destination_country == "RO" and goods < law.amounts["eu.fee.ro.below"]:
        rate = law.lei[c.declaration_date]
        if rate is None:
            raise Unknown
        fee = _converted(law.romanian_fee, rate)
        return [Charge("fee", "ro_logistics_fee", None, fee, _vendor(c), "carrier", "periodic")]
    return []


def _gb(c: Consignment, money: _Money, law: Law) -> list[Charge]:
    """VAT on the sale up to 135 pounds; above, import VAT and the tariff."""
    values, goods = money.values, money.goods
    if c.transaction in ("documents", "returned_goods"):
        return []
    if money.any_excise:
        raise Unknown
    gift = c.transaction == "c2c_gift"
    low = goods <= law.amounts["gb.relief.limit"]
    at_sale = low and c.transaction == "b2c"
    reverse = low and c.transaction == "b2b" and c.scheme == "GB_VAT" and c.scheme_id is not None
    relieved = _gift_relief(c, values, law.amounts["gb.gift.limit"])
    simplified = c.gift_rate == "flat" and goods <= law.amounts["gb.gift.flat_rate_limit"]
    vendor = _vendor(c)
    duties: list[Charge] = []
    taxes: list[Charge] = []
    for place, item in enumerate(c.items):
        rate = law.vat[c.destination_country, item.hs_code]
        left = values[place] - relieved[place]
        duty = _ZERO
        if not low or money.no_relief[place]:
            base = money.customs_value(place, None) - relieved[place] if not gift or left > 0 else _ZERO
            if gift and simplified:
                duty = _cents(base * law.rates["gb.gift.flat_rate"])
            else:
                duty = _by_tariff(item, base, "gb", law)
            duties.append(
                Charge("duty", "customs_duty", item.item_id, duty, "buyer", "buyer", "at_border", base=base)
            )
        if at_sale or reverse:
            base = values[place] + money.transport(place)
            tax = _cents(base * rate)
            owes, when = (vendor, "at_sale") if at_sale else ("buyer", "periodic")
            taxes.append(Charge("tax", "vat", item.item_id, tax, owes, owes, when, base, rate))
        else:
            base = left + money.transport(place) + duty if left > 0 else _ZERO
            tax = _cents(base * rate)
            taxes.append(Charge("tax", "vat", item.item_id, tax, "buyer", "buyer", "at_border", base, rate))
    whole = sum((charge.amount for charge in duties), _ZERO)
    if c.channel == "postal" and whole < law.amounts["gb.min_collection.duty"]:
        for charge in duties:
            charge.assessed, charge.amount = charge.amount, _ZERO
    return [*duties, *taxes]
