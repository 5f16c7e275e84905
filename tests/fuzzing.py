"""Random consignments as typed batches, and both evaluators' answers in one form to compare."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from random import Random
from typing import Any

import polars as pl

from greenlane.engine.context import Context
from greenlane.engine.decider import DecidedBatch, Prepared, decide_one
from greenlane.law.assumptions import Assumptions
from greenlane.law.pack import Pack
from greenlane.model import Batch
from greenlane.model.schema import FINDING_SCHEMA, REJECTED_SCHEMA, consignment_schema, item_schema
from greenlane.packs import CODES, DESTINATIONS, pack
from greenlane.packs.zz.tariff import SCHEDULE
from greenlane.reference import Reference, load
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook
from greenlane.tariff.exchange import RateTable, Series

KEY = bytes(range(32))
HELD = tuple(code for code in CODES if find_spec(f"greenlane.packs.{code}.__init__") is not None)
"""Packs whose law is written."""

GOODS = (
    "610910",
    "6109100010",
    "610990",
    "640299",
    "850760",
    "854370",
    "851762",
    "851830",
    "330499",
    "330300",
    "220421",
    "220830",
    "240220",
    "490199",
    "180690",
    "170490",
    "210690",
    "300490",
    "950300",
    "420222",
    "711719",
    "961900",
    "940180",
    "611120",
    "910211",
    "850440",
    "392690",
    "999999",
    "0101",
    None,
)
ORIGINS = ("CN", "CN", "HK", "US", "JP", "VN", "IN", "BR", "CA", "MX", "DE", "GB", "RU", "CU", None)
CURRENCIES = ("EUR", "USD", "GBP", "CNY", "JPY", "AUD", "PLN", "KWD", "XPF", "ZZD")
CHANNELS = ("postal", "express", "cargo", "bonded")
TRANSACTIONS = ("b2c", "b2c", "b2c", "b2b", "c2c_gift", "documents", "returned_goods")


@cache
def reference() -> Reference:
    """The starter reference, with ZZ's schedule, without what this machine's store holds.

    A pack's currency that the ECB never quoted has a made-up rate, so that its law is tried and not only its gaps.
    """
    from pathlib import Path

    held = load(Path("no-such-store"))
    schedules = held.tariff.schedules
    if not any(schedule.schedule_id == "zz" for schedule in schedules):
        schedules = (*schedules, SCHEDULE)
    return replace(held, tariff=TariffBook(schedules, held.tariff.lists), fx=_with_every_currency(held.fx))


def _with_every_currency(held: ExchangeRates) -> ExchangeRates:
    tables = {table.source: table for table in held.tables}
    ecb = tables["ecb"]
    wanted = {currency for code in HELD for currency in pack(code).every_currency} - {
        "EUR",
        "ZZD",
        *ecb.series,
    }
    always = Series((date(2000, 1, 1),), ("487.65",), (date(2099, 12, 31),))
    series = {**ecb.series, **dict.fromkeys(sorted(wanted), always)}
    tables["ecb"] = RateTable(ecb.source, ecb.publisher, ecb.pivot, series)
    return ExchangeRates(tables.values())


@cache
def stocked() -> Reference:
    """The reference, with an invented schedule for each tariff that a pack reads and nobody publishes here."""
    held = reference()
    names = {name for code in HELD for name in pack(code).uses if name.endswith("-tariff")}
    made = tuple(replace(SCHEDULE, schedule_id=name, valid_from=date(2000, 1, 1)) for name in sorted(names))
    return replace(held, tariff=TariffBook((*held.tariff.schedules, *made), held.tariff.lists))


def fresh_context(assumptions: Assumptions | None = None, known_at: date | None = None) -> Context:
    """A context of the starter reference."""
    return Context(reference(), known_at, assumptions or Assumptions(), starter_profile(), KEY)


@cache
def days_of(code: str) -> tuple[date, ...]:
    """Every boundary day of a pack and the day before, a day before its span and one in the far future."""
    law = pack(code)
    edges = (
        {f.start for f in law.formulas}
        | {f.end for f in law.formulas if f.end}
        | set(law.parameters.boundaries())
    )
    inside = {day for day in edges if day >= law.start}
    days = inside | {day - timedelta(days=1) for day in inside} | {date(2026, 11, 23), date(2031, 2, 28)}
    return tuple(sorted(days))


def consignment(draw: Random, code: str, number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One consignment of a pack's jurisdiction as typed rows: values in minor units, absent facts as None."""
    law = pack(code)
    edge = draw.choice(days_of(code))
    day = edge if draw.random() < 0.7 else edge + timedelta(days=draw.randint(0, 400))
    scheme = draw.choice((*law.schemes, None, "OTHER"))
    destination = draw.choice(DESTINATIONS[code])
    own = law.currency_of(destination)
    row: dict[str, Any] = {
        "consignment_id": f"T{number}",
        "channel": draw.choice(CHANNELS),
        "transaction": draw.choice(TRANSACTIONS),
        "declaration_date": day,
        "order_date": draw.choice((None, day, day - timedelta(days=3))),
        "export_date": draw.choice((None, day - timedelta(days=1))),
        "departure_country": draw.choice(("CN", "US", "JP", "BR")),
        "destination_country": destination,
        "destination_region": draw.choice((*_regions(law), None)),
        "dataset": draw.choice((*law.datasets, None)),
        "transport_mode": draw.choice(("air", "sea", None)),
        "currency": draw.choice((own, own, *CURRENCIES)),
        "freight": draw.choice((0, 0, 400, 1531, 10**7, None)),
        "insurance": draw.choice((0, 0, 99, None)),
        "other_charges": draw.choice((0, 0, 250)),
        "freight_in_price": draw.random() < 0.15,
        "carrier_fees": draw.choice((0, 0, 600)),
        "carrier_fees_currency": draw.choice((None, own, "USD")),
        "scheme": scheme,
        "scheme_id": draw.choice((None, "IM3720000224")),
        "seller_registered": draw.choice((True, False, None)),
        "programme": draw.choice((*law.programmes, "9610", "CBEC", None)),
        "elections": _elections(draw, law),
        "platform.id": draw.choice((None, "M1")),
        "seller.id": draw.choice((None, "S1")),
        "carrier.id": draw.choice((None, "C1", "TEST-CARRIER-1")),
        "consignee.id": draw.choice((None, "P1", "P2", f"P{number}")),
        "consignee.name": draw.choice((None, "A. Example", "B. Example")),
        "consignee.person": draw.choice((True, False, None)),
        "consignee.prior_use.day_amount": draw.choice((None, 0, 5_000_000)),
        "consignee.prior_use.month_amount": draw.choice((None, 0, 30_000)),
        "consignee.prior_use.quarter_count": draw.choice((None, 0, 1)),
        "consignee.prior_use.year_amount": draw.choice((None, 0, 200_000_000)),
        "consignee.prior_use.year_count": draw.choice((None, 0, 4)),
    }
    goods = [draw.choice(GOODS) for _ in range(draw.randint(1, 3))]
    items = []
    for place in range(draw.choice((1, 1, 2, 3, 5))):
        mass = draw.choice((None, 1, 90_000, 1_250_000, 30_000_000))
        items.append(
            {
                "item_id": str(place + 1),
                "description": draw.choice(("women's cotton T-shirt", "gift", "steel knife", "phone parts")),
                "hs_code": draw.choice(goods),
                "origin_country": draw.choice(ORIGINS),
                "quantity": draw.choice((1000, 5000, 3000, 1500, 1, 7_000_000)),
                "unit": draw.choice(("C62", "PR", "DZN", "LTR", "KGM")),
                "value": _value(draw),
                "gross_mass_mg": mass,
                "net_mass_mg": draw.choice((mass, None)),
                "relief_claim": draw.choice((None, None, "C07")),
                "contents.quantity": draw.choice((None, 700)),
                "contents.unit": draw.choice((None, "LTR")),
                "contents.strength": draw.choice((None, 40_000)),
            }
        )
    return row, items


def _regions(law: Pack) -> list[str]:
    return sorted({key for p in law.parameters.by_id.values() if p.key == "region" for key in p.values})


def _elections(draw: Random, law: Pack) -> str | None:
    words = {"h1_preference": "5", "gift_rate": "flat", "postal_method": "specific"}
    chosen = [
        f'"{name}":"{draw.choice((words.get(name, "yes"), says.partition(":")[0]))}"'
        for name, says in law.elections.items()
        if draw.random() < 0.5
    ]
    return "{" + ",".join(chosen) + "}" if chosen else draw.choice((None, "{}"))


def _value(draw: Random) -> int:
    near = (0, 1, 3999, 4000, 4500, 4501, 13_500, 13_501, 15_000, 15_001, 100_000, 500_000)
    kind = draw.randint(0, 9)
    if kind < 5:
        return draw.choice(near)
    return draw.randint(1, 30_000) if kind < 9 else draw.choice((999_999_999, 10**12, 10**13 // 5))


def batch_of(made: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]]) -> Batch:
    """Typed frames of consignments, as intake would hand them on."""
    rows = [row for row, _ in made]
    items = [{"row": place, **item} for place, (_, items) in enumerate(made) for item in items]
    return Batch(
        pl.DataFrame(rows, schema=consignment_schema()),
        pl.DataFrame(items, schema=item_schema()),
        pl.DataFrame(schema=FINDING_SCHEMA),
        pl.DataFrame(schema=REJECTED_SCHEMA),
    )


Rows = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]
"""Outcome, charge and finding rows."""


def by_integers(prepared: Prepared, places: Iterable[int], context: Context) -> Rows:
    """Decide consignments one by one and write the answers as rows."""
    outcomes: list[dict[str, Any]] = []
    charges: list[dict[str, Any]] = []
    findings: list[dict[str, Any]] = []
    for place in places:
        outcome = decide_one(prepared, place, context)
        name = outcome["consignment_id"]
        charges += [{"consignment_id": name, **_charge(charge, outcome)} for charge in outcome.pop("charges")]
        findings += [{"consignment_id": name, **finding} for finding in outcome.pop("findings")]
        risk, group = outcome.pop("risk"), outcome.pop("group") or {}
        outcome |= {"risk.score": risk["score"], "risk.indicators": risk["indicators"]}
        outcome |= {f"group.{part}": group.get(part) for part in ("key", "value", "count", "ordinal")}
        outcomes.append(outcome)
    return outcomes, charges, findings


def _charge(charge: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
    flat = dict(charge)
    law, waived, own = flat.pop("law"), flat.pop("waived") or {}, flat.pop("own") or {}
    flat |= {"pack": law["pack"], "rule": law["rule"], "article": law["article"], "version": law["version"]}
    flat |= {"waived.reason": waived.get("reason"), "waived.law": waived.get("law")}
    flat |= {f"own.{name}": own.get(name) for name in ("amount", "currency", "rate")}
    return flat | {"currency": outcome["currency"]}


def by_columns(decided: DecidedBatch) -> Rows:
    """A decided batch as rows, charges gathered by consignment (the batch writes them rule by rule).

    An amount in a fixed currency without its amount says nothing of its own.
    """
    order = {name: number for number, name in enumerate(decided.outcomes["consignment_id"].to_list())}
    charges = sorted(decided.charges.to_dicts(), key=lambda charge: order[charge["consignment_id"]])
    for charge in charges:
        if charge["own.amount"] is None:
            charge["own.currency"] = charge["own.rate"] = None
    return decided.outcomes.to_dicts(), charges, decided.findings.to_dicts()
