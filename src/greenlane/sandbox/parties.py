"""Sellers, platforms, senders and buyers of consignments."""

import numpy as np
import polars as pl

from greenlane.sandbox import market
from greenlane.sandbox.columns import decimal, digits, either, joined, numbered, only, pool, take
from greenlane.sandbox.draws import Draws, Ints, Keys
from greenlane.sandbox.orders import B2B, B2C, POSTAL, Market, Orders
from greenlane.sandbox.people import PLACES, STREETS, family_names, firm_names, given_names, places, streets
from greenlane.sandbox.plants import REUSED_ID, SPLIT, reused_key


def platforms(draws: Draws, orders: Orders) -> Ints:
    """Return the platform that each seller sells on, or -1 for its own shop."""
    chosen = draws.pick("platform", np.array(market.PLATFORM_WEIGHTS), orders.seller)
    return np.where(draws.hit("own_shop", 180_000, orders.seller), -1, chosen)


def party_columns(
    draws: Draws, trade: Market, orders: Orders, platform: Ints, departure: pl.Series
) -> dict[str, pl.Series]:
    """Build the columns of every party; gifts and papers have a private sender and no seller."""
    sold = orders.sold
    listed = sold & (orders.transaction == B2C) & (platform >= 0)
    on = np.maximum(platform, 0)
    firm = take(firm_names(), draws.below("firm", len(firm_names()), orders.seller))
    private = _person_names(draws, draws.key("sender", orders.person))
    roads = pl.concat([streets(country) for country in market.DEPARTURES])
    road = orders.departure * STREETS + draws.below("from", STREETS, orders.seller)
    return {
        "seller.id": only(joined("S-", departure, "-", digits(orders.seller_rank, 6)), sold),
        "seller.name": only(firm, sold),
        "seller.country": only(departure, sold),
        "platform.id": only(take(numbered("M", len(market.PLATFORMS)), on), listed),
        "platform.name": only(take(pool(market.PLATFORMS), on), listed),
        "consignor.name": either(sold, firm, private),
        "consignor.address": take(roads, road),
        "consignor.country": departure,
    } | _consignee_columns(draws, trade, orders)


def _consignee_columns(draws: Draws, trade: Market, orders: Orders) -> dict[str, pl.Series]:
    key = orders.person
    reused = orders.plants.of(REUSED_ID)
    number = np.where(reused, reused_key(orders.index, draws), key) % np.uint64(10**12)
    found = [places(country) for country in trade.countries]
    roads = pl.concat([streets(country) for country in trade.countries])
    place = orders.destination * PLACES + draws.below("place", PLACES, key)
    road = orders.destination * STREETS + draws.below("road", STREETS, key)
    town = take(pl.concat([names for names, _ in found]), place)
    # Planted persons are always told by id and postcode, or nobody could find them.
    needed = reused | orders.plants.of(SPLIT)
    forgotten = draws.hit("no_postcode", 12_000 * np.where(orders.careless, 4, 1), orders.index)
    return {
        "consignee.id": only(
            joined("P", digits(number.astype(np.int64), 12)), needed | ~draws.hit("no_id", 150_000, key)
        ),
        "consignee.name": _person_names(draws, key),
        "consignee.address": joined(take(roads, road), ", ", town),
        "consignee.postcode": only(
            take(pl.concat([codes for _, codes in found]), place), needed | ~forgotten
        ),
        "consignee.country": take(pool(trade.countries), orders.destination),
        "consignee.person": pl.Series(orders.transaction != B2B),
    } | _prior_use_columns(draws, trade, orders)


def _prior_use_columns(draws: Draws, trade: Market, orders: Orders) -> dict[str, pl.Series]:
    """What a Chinese consumer already bought across the border this year, in yuan; elsewhere: not known."""
    china = trade.where("CN")[orders.destination]
    known = china & (orders.channel != POSTAL) & (orders.transaction == B2C)
    times = draws.below("prior.count", 24, orders.person)
    spent = times * (40_00 + draws.below("prior.amount", 900_00, orders.person))
    return {
        "consignee.prior_use.year_amount": decimal(only(pl.Series(spent), known), 2),
        "consignee.prior_use.year_count": only(pl.Series(times), known),
    }


def _person_names(draws: Draws, key: Keys) -> pl.Series:
    given = take(given_names(), draws.below("given", len(given_names()), key))
    family = take(family_names(), draws.below("family", len(family_names()), key))
    return joined(given, " ", family)
