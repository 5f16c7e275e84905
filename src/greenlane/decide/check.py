"""What `greenlane law check` fails on: a pack's law by itself, and its decisions on every boundary day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import polars as pl

from greenlane.assess.vocabulary import CHARGE_NAMES, COLLECTED, PARTIES
from greenlane.decide.columns import BatchDecision
from greenlane.decide.outcome import Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import AssumedDuty, Assumptions
from greenlane.law.bounds import MOST_RATE, MOST_SPECIFIC
from greenlane.law.check import Problem, boundary_days, check_law
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.law.leaves import Resolver
from greenlane.law.pack import Formula, Pack, assessment_of
from greenlane.model.codes import CHANNELS, TRANSACTIONS
from greenlane.model.schema import consignment_schema, item_schema
from greenlane.packs import CODES
from greenlane.packs.building import Sources, read_law
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook
from greenlane.values.money import RATE_SCALE

_KINDS = ("duty", "tax", "fee")
_SALES_TAXES = ("vat", "gst")
_CODES = ("610910", "490199", "220830")
_VALUES = (1_000, 90_000_000)
_TOLD = ("declaration_date", "channel", "transaction", "scheme", "dataset", "programme")


def check(pack: Pack, sources: Sources, *, known_at: date | None = None) -> list[Problem]:
    """Return everything that is wrong with a pack; an empty list is a pack fit for use.

    Its periods, values, sources and sizes are checked by `greenlane.law.check.check_law`; its words against
    the published vocabulary; and on each boundary day and the day before, sample consignments of every
    channel, transaction, scheme and dataset are decided, which must bear VAT or GST at most once an item.
    """
    goods = read_law(pack.code).goods if pack.code in CODES else None
    found = check_law(pack, known_at=known_at, goods=goods)
    found += _words(pack)
    if any(problem.code in ("gap", "overlap", "formula", "words") for problem in found):
        return found
    return [
        *found,
        *_rates(pack, sources),
        *_decisions(pack, Resolver(pack, _sampled(pack, sources), known_at)),
    ]


@dataclass(frozen=True, slots=True)
class _Sampled:
    """Reference data with made-up rates of duty and exchange, so that the amounts of the samples are known."""

    tariff: TariffBook
    fx: ExchangeRates
    assumed: Assumptions


def _sampled(pack: Pack, sources: Sources) -> _Sampled:
    rates = {
        (base, own): Fraction(1) for base in ("EUR", "USD") for own in pack.every_currency if base != own
    }
    duties = tuple(AssumedDuty(code, None, RATE_SCALE // 20, None, None, "value") for code in _CODES)
    return _Sampled(sources.tariff, sources.fx, Assumptions(duties=duties, fx=rates))


def _words(pack: Pack) -> Iterator[Problem]:
    for formula in pack.formulas:
        for charge in assessment_of(formula).charges:
            if charge.name not in CHARGE_NAMES:
                yield Problem("words", charge.rule, f"{charge.name!r} is no published name of a charge")
            if charge.collected not in COLLECTED:
                yield Problem("words", charge.rule, f"{charge.collected!r} is no moment of collection")
            if charge.kind not in _KINDS:
                yield Problem("words", charge.rule, f"{charge.kind!r} is no kind of charge")
            for _, party in (*charge.liable, *(charge.payer or ())):
                if party not in PARTIES:
                    yield Problem("words", charge.rule, f"{party!r} is no party")


def _rates(pack: Pack, sources: Sources) -> Iterator[Problem]:
    """Sizes of numbers are worked out for rates up to a limit; no schedule that the pack reads exceeds it."""
    for schedule in sources.tariff.schedules:
        if schedule.schedule_id in pack.uses:
            for line in schedule.lines.values():
                rate = line.rate
                specific = max(rate.per_kg, rate.per_unit) if rate else 0
                if rate and (rate.ad_valorem > MOST_RATE or specific > MOST_SPECIFIC):
                    words = f"the rate of {line.code} is beyond what is proven"
                    yield Problem("size", schedule.schedule_id, words)


def _decisions(pack: Pack, resolver: Resolver) -> Iterator[Problem]:
    days = boundary_days(pack)
    for formula in pack.formulas:
        inside = [day for day in days if formula.start <= day and (formula.end is None or day < formula.end)]
        consignments, items = _samples(pack, inside)
        facts = ColumnFacts(consignments, items, resolver)
        try:
            decision = BatchDecision(plan(pack, formula, starter_profile()), facts)
            decided = decision.decide(Versions("check", "check", "check"))
        except Exception as error:  # noqa: BLE001 - whatever a formula raises is the pack's problem
            yield Problem("decision", formula.id, f"it can't be evaluated: {type(error).__name__}: {error}")
            continue
        yield from _taxed_twice(formula, consignments, decided.charges)


def _taxed_twice(formula: Formula, consignments: pl.DataFrame, charges: pl.DataFrame) -> Iterator[Problem]:
    # A charge without amount may not apply at all: two of which one applies is no double tax.
    taxed = charges.filter(pl.col("name").is_in(_SALES_TAXES), pl.col("amount").is_not_null())
    twice = taxed.group_by("row", "item_id").agg(pl.col("rule").sort()).filter(pl.col("rule").list.len() > 1)
    told: set[tuple[str, ...]] = set()
    for row, _, rules in twice.sort("row", "item_id").iter_rows():
        if tuple(rules) not in told:
            told.add(tuple(rules))
            case = consignments.row(row, named=True)
            where = "/".join(str(case[name]) for name in _TOLD)
            yield Problem("taxed_twice", formula.id, f"{where}: {' and '.join(rules)} on one item")


def _samples(pack: Pack, days: list[date]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return consignments of every combination, each of three goods: ordinary, reduced, excise."""
    rows: list[dict[str, Any]] = []
    chosen = ((*named, None) for named in (pack.schemes, pack.datasets, pack.programmes))
    combinations = product(days, CHANNELS, TRANSACTIONS, *chosen, _VALUES)
    for number, (day, channel, transaction, scheme, dataset, programme, _) in enumerate(combinations):
        rows.append(
            {
                "consignment_id": f"check-{number}",
                "declaration_date": day,
                "channel": channel,
                "transaction": transaction,
                "scheme": scheme,
                "scheme_id": None if scheme is None else "X1",
                "dataset": dataset,
                "programme": programme,
                "destination_country": pack.members[number % len(pack.members)],
                "departure_country": "CN",
                "currency": pack.currency_of(pack.members[number % len(pack.members)]),
                "freight": 500,
                "insurance": 0,
                "other_charges": 0,
                "freight_in_price": False,
                "carrier_fees": 0,
                "seller_registered": True,
                "platform.id": "M1",
                "consignee.person": True,
                "consignee.prior_use.year_amount": 0,
            }
        )
    items = [
        {
            "row": place,
            "item_id": str(number + 1),
            "description": "sample",
            "hs_code": code,
            "origin_country": "CN",
            "quantity": 1_000,
            "unit": "C62",
            "value": _VALUES[place % len(_VALUES)],
            "gross_mass_mg": 500_000,
            "net_mass_mg": 500_000,
        }
        for place in range(len(rows))
        for number, code in enumerate(_CODES)
    ]
    consignments = pl.DataFrame(rows, schema=consignment_schema()).with_columns(
        pl.lit(None, pl.String).alias("group.key"),
        pl.lit(None, pl.Int64).alias("group.value"),
        pl.lit(1, pl.Int64).alias("group.count"),
        pl.lit(1, pl.Int64).alias("group.ordinal"),
        pl.lit(False).alias("screen.reused_id"),
        pl.lit(False).alias("screen.doubtful_id"),
    )
    screens = ("vague", "vague_term", "prohibited", "prohibited_word")
    return consignments, pl.DataFrame(items, schema=item_schema()).with_columns(
        pl.lit(False).alias(f"screen.{name}") for name in screens
    )
