"""The consignment's columns: one row a consignment."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from greenlane.sandbox import market
from greenlane.sandbox.columns import either, joined, numbered, only, pool, take
from greenlane.sandbox.documents import house_waybills, postal_items
from greenlane.sandbox.draws import Draws, Ints
from greenlane.sandbox.lines import Lines
from greenlane.sandbox.orders import B2C, BONDED, CARGO, POSTAL, Market, Orders
from greenlane.sandbox.parties import party_columns, platforms
from greenlane.sandbox.plants import BAD_CHECK_DIGIT, SPOILED
from greenlane.sandbox.terms import IOSS, draw_schemes, term_columns

_DAYS_BEFORE = 40
"""Days before the first declaration on which its order and export may lie."""


def build_heads(
    draws: Draws, trade: Market, orders: Orders, lines: Lines, start: date
) -> tuple[pl.DataFrame, Ints]:
    """Build the columns; return with them which identifier is spoiled, a position in `SPOILED` or -1."""
    departure = take(pool(tuple(market.DEPARTURES)), orders.departure)
    platform = platforms(draws, orders)
    scheme = draw_schemes(draws, trade, orders, lines)
    spoiled = _spoiled(draws, orders, scheme)
    columns = (
        _route_columns(draws, trade, orders, spoiled, departure)
        | _date_columns(draws, orders, start)
        | term_columns(draws, trade, orders, lines, scheme, platform, spoiled)
        | party_columns(draws, trade, orders, platform, departure)
    )
    return pl.DataFrame(columns), spoiled


def _spoiled(draws: Draws, orders: Orders, scheme: Ints) -> Ints:
    """Post spoils its item number mostly, else the IOSS number; without either the first item's GTIN."""
    ioss = scheme == IOSS
    document = (orders.channel == POSTAL) & ~(ioss & draws.hit("spoil", 250_000, orders.index))
    field = np.where(document, 0, np.where(ioss, 1, 2))
    return np.where(orders.plants.of(BAD_CHECK_DIGIT), field, -1)


def _route_columns(
    draws: Draws, trade: Market, orders: Orders, spoiled: Ints, departure: pl.Series
) -> dict[str, pl.Series]:
    postal = postal_items(draws, orders.index, departure, spoiled == SPOILED.index("transport_document"))
    documents = either(orders.channel == POSTAL, postal, house_waybills(draws, orders.index))
    bonded = (orders.channel == BONDED).astype(np.int64)
    china = trade.where("CN")[orders.destination]
    retail = china & (orders.channel != POSTAL) & (orders.transaction == B2C)
    return {
        "consignment_id": documents,
        "transport_document": documents,
        "channel": take(pool(market.CHANNELS), orders.channel),
        "transaction": take(pool(market.TRANSACTIONS), orders.transaction),
        "departure_country": departure,
        "destination_country": take(pool(trade.countries), orders.destination),
        "destination_region": _regions(draws, trade, orders),
        "transport_mode": take(pool(market.MODES), _modes(draws, orders)),
        "departure_place": _places_of_loading(draws, orders),
        "programme": only(take(pool(("9610", "1210")), bonded), retail),
        "carrier.id": _carriers(draws, orders, departure),
    }


def _regions(draws: Draws, trade: Market, orders: Orders) -> pl.Series:
    """The state or province where the destination's law asks for it; the first ones are drawn most often."""
    drawn = pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(orders.index))
    for country, regions in market.REGIONS.items():
        if country not in trade.countries:
            continue
        here = np.flatnonzero(orders.destination == trade.countries.index(country))
        weights = np.array([len(regions) * 4 // (place + 1) + 1 for place in range(len(regions))])
        names = take(pool(regions), draws.pick("region", weights, orders.index[here]))
        drawn = drawn.scatter(pl.Series(values=here, dtype=pl.UInt32), names.cast(pl.String))
    return drawn


def _date_columns(draws: Draws, orders: Orders, start: date) -> dict[str, pl.Series]:
    lead = orders.plants.lead
    last = int(orders.day.max())
    calendar = pl.Series([start + timedelta(days=i) for i in range(-_DAYS_BEFORE, last + 1)])
    declared = orders.day + _DAYS_BEFORE
    ordered = take(calendar, declared - 3 - draws.below("ordered", 18, lead))
    exported = take(calendar, declared - 1 - draws.below("exported", 2, lead))
    return {
        "declaration_date": take(calendar, declared),
        "order_date": only(ordered, ~draws.hit("no_order_date", 120_000, lead)),
        "export_date": only(exported, ~draws.hit("no_export_date", 250_000, lead)),
    }


def _modes(draws: Draws, orders: Orders) -> Ints:
    drawn = np.zeros(len(orders.index), dtype=np.int64)
    for at, channel in enumerate(market.CHANNELS):
        here = orders.channel == at
        drawn[here] = draws.pick("mode", np.array(market.MODE_WEIGHTS[channel]), orders.index[here])
    return drawn


def _places_of_loading(draws: Draws, orders: Orders) -> pl.Series:
    lists = [market.PLACES_OF_LOADING[country] for country in market.DEPARTURES]
    widths = np.array([len(each) for each in lists])
    offsets = np.cumsum(widths) - widths
    drawn = draws.below("loading", widths[orders.departure], orders.plants.lead)
    return take(pool(tuple(place for each in lists for place in each)), offsets[orders.departure] + drawn)


def _carriers(draws: Draws, orders: Orders, departure: pl.Series) -> pl.Series:
    share = np.array([34, 26, 18, 12, 7, 3])
    express = take(numbered("EXPRESS-", 6), draws.pick("carrier", share, orders.index))
    cargo = take(numbered("CARGO-", 4), draws.below("carrier", 4, orders.index))
    posts = joined("POST-", departure)
    return either(orders.channel == POSTAL, posts, either(orders.channel >= CARGO, cargo, express))
