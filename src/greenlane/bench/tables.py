"""What the rival programs of the bench look up: plain dictionaries made from the same law and tariffs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from greenlane.engine.context import Context
from greenlane.packs import DESTINATIONS

RIVALS = ("eu", "gb")
"""The packs that the rival programs implement."""

COUNTRIES = (*DESTINATIONS["eu"], *DESTINATIONS["gb"])
"""Destinations of the sample that rivals are measured on."""

_PARAMETERS = (
    "eu.relief.limit",
    "eu.simplified.limit",
    "eu.ioss.limit",
    "eu.gift.limit",
    "eu.gift.flat_rate",
    "eu.gift.flat_rate_limit",
    "eu.flat_duty.amount",
    "eu.flat_duty.scope",
    "eu.fee.ro.below",
    "gb.relief.limit",
    "gb.gift.limit",
    "gb.gift.flat_rate",
    "gb.gift.flat_rate_limit",
    "gb.min_collection.duty",
)
_BY_MEMBER = (
    "eu.min_collection",
    "eu.min_collection.above",
    "eu.fee.fr",
    "eu.fee.ro",
)


@dataclass(frozen=True, slots=True)
class Tables:
    """Figures of the law in the days of a sample: amounts in minor units, rates in billionths.

    ``parameters`` by id, ``by_member`` by id and country, ``fx`` by pack, currency and day as numerator and
    denominator between minor units (None: no rate), ``lei`` the same from lei to euro by day, ``duty`` by
    pack, code and origin as share of the value, amount a kilogram and amount a piece (None: no rate is held),
    ``vat`` by country and code, ``air`` the share of air freight by country of departure, ``excise`` and
    ``no_relief`` the beginnings of codes by pack.
    """

    parameters: dict[str, int]
    by_member: dict[tuple[str, str], int]
    fx: dict[tuple[str, str, date], tuple[int, int] | None]
    lei: dict[date, tuple[int, int] | None]
    duty: dict[tuple[str, str, str | None], tuple[int, int, int] | None]
    vat: dict[tuple[str, str], int]
    air: dict[str | None, int]
    excise: dict[str, tuple[str, ...]]
    no_relief: dict[str, tuple[str, ...]]

    def of_members(self, name: str) -> dict[str, int]:
        """Return the values of one parameter by country."""
        return {country: value for (own, country), value in self.by_member.items() if own == name}


def tables(rows: pl.DataFrame, context: Context) -> Tables:
    """Look up what *rows* (one an item, columns of the contract) can need under the rival packs."""
    days = rows["declaration_date"].unique().sort().to_list()
    parameters = {name: _first_known(context, name, "*", days) or 0 for name in _PARAMETERS}
    by_member = {
        (name, country): _first_known(context, name, country, days) or 0
        for name in _BY_MEMBER
        for country in DESTINATIONS["eu"]
    }
    fx: dict[tuple[str, str, date], tuple[int, int] | None] = {}
    for currency in rows["currency"].unique().to_list():
        for day in days:
            for code in RIVALS:
                fx[code, currency, day] = _ratio(context, code, "fx", (currency,), day)
    lei = {day: _ratio(context, "eu", "fx_ron", (), day) for day in days}
    goods = rows.select("items.hs_code", "items.origin_country").unique()
    duty = {
        (pack, code, origin): _duty(context, pack, code, origin, days[0])
        for code, origin in goods.iter_rows()
        for pack in RIVALS
    }
    groups = {code: context.resolver(code).pack.lookups["goods"] for code in RIVALS}
    if any(lookup.parts != ("excise", "no_relief") for lookup in groups.values()):
        raise RuntimeError("the goods groups of a pack changed: the rival programs must follow")
    prefixes = {code: _prefixes(context, code, goods["items.hs_code"].unique(), days[0]) for code in RIVALS}
    return Tables(
        parameters,
        by_member,
        fx,
        lei,
        duty,
        {
            (country, code): _vat(context, country, code, days[0])
            for country in COUNTRIES
            for code in goods["items.hs_code"].unique()
        },
        {
            country: int(
                context.resolver("eu").param("eu.air_freight.share", country or "*", days[0]).value or 0
            )
            for country in rows["departure_country"].unique()
        },
        {code: found["excise"] for code, found in prefixes.items()},
        {code: found["no_relief"] for code, found in prefixes.items()},
    )


def _vat(context: Context, country: str, code: str, day: date) -> int:
    pack = "gb" if country in DESTINATIONS["gb"] else "eu"
    keys = (code,) if pack == "gb" else (code, country)
    return int(context.resolver(pack).lookup("vat", keys, day).parts["rate"].value or 0)


def _first_known(context: Context, name: str, key: str, days: Iterable[date]) -> int | None:
    for day in days:
        value = context.resolver(name[:2]).param(name, key, day).value
        if value is not None:
            return int(value)
    return None


def _ratio(
    context: Context, pack: str, family: str, keys: tuple[str, ...], day: date
) -> tuple[int, int] | None:
    parts = context.resolver(pack).lookup(family, keys, day).parts
    top, bottom = parts["numerator"].value, parts["denominator"].value
    return None if top is None or bottom is None else (int(top), int(bottom))


def _duty(
    context: Context, pack: str, code: str, origin: str | None, day: date
) -> tuple[int, int, int] | None:
    parts = context.resolver(pack).lookup("tariff", (code, origin, "C62"), day).parts
    found = [parts[name].value for name in ("ad_valorem", "per_kg", "per_unit")]
    return None if None in found else (int(found[0] or 0), int(found[1] or 0), int(found[2] or 0))


def _prefixes(context: Context, pack: str, codes: pl.Series, day: date) -> dict[str, tuple[str, ...]]:
    resolver = context.resolver(pack)
    found: dict[str, set[str]] = {"excise": set(), "no_relief": set()}
    for code in codes.drop_nulls():
        parts = resolver.lookup("goods", (code,), day).parts
        for effect, beginnings in found.items():
            if parts[effect].value:
                beginnings.add(code[:4])
    return {effect: tuple(sorted(beginnings)) for effect, beginnings in found.items()}
