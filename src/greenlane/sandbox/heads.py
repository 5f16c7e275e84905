"""The consignment's columns: one row a consignment."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from greenlane.sandbox import market
from greenlane.sandbox.columns import decimal, digits, either, joined, numbered, only, pool, take
from greenlane.sandbox.documents import house_waybills, ioss_numbers, postal_items
from greenlane.sandbox.draws import Draws, Flags, Ints, Keys
from greenlane.sandbox.lines import Lines
from greenlane.sandbox.orders import B2B, B2C, BONDED, C2C_GIFT, CARGO, DOCUMENTS, POSTAL, Market, Orders
from greenlane.sandbox.people import family_names, firm_names, given_names, places, streets
from greenlane.sandbox.plants import BAD_CHECK_DIGIT, REUSED_ID, SPOILED, reused_key

def build_heads(
    draws: Draws, trade: Market, orders: Orders, lines: Lines, start: date
) -> tuple[pl.DataFrame, Ints]:
    index, lead = orders.index, orders.plants.lead
    b2c = orders.transaction == B2C
    totals = lines.totals(lines.value)
    level = market.LEVELS[orders.currency]
    usd = totals * 100 // level
    scheme = _schemes(draws, trade, orders, usd)
    ioss = scheme == _SCHEMES.index("IOSS")
    postal = orders.channel == POSTAL
    bad = orders.plants.of(BAD_CHECK_DIGIT)
    spoiled = np.where(postal & ~(ioss & draws.hit("spoil", 250_000, index)), 0, np.where(ioss, 1, 2))
    spoiled = np.where(bad, spoiled, -1)
    sold = (orders.transaction != C2C_GIFT) & (orders.transaction != DOCUMENTS)
    countries = pool(tuple(market.DEPARTURES))
    departure = take(countries, orders.departure)
    documents = _documents(draws, orders, spoiled, departure)
    platform = _platforms(draws, orders)
    on_platform = sold & b2c & (platform >= 0)
    seller_name = take(firm_names(), draws.below("firm", len(firm_names()), orders.seller))
    private = person_names(draws, draws.key("sender", orders.person))
    gross = lines.totals(lines.gross_g)
    paid_freight = (120 + gross * 4 // 10) * level // 100
    freight = np.where(draws.hit("free", 450_000, index), 0, paid_freight)
    sloppy = np.where(orders.careless, 4, 1)
    insured = np.where(draws.hit("insured", 40_000, index), totals // 100, 0)
    day = orders.day
    dates = pl.Series([start + timedelta(days=i) for i in range(-40, int(day.max()) + 1)])
    china = trade.where("CN")[orders.destination]
    cross_border = china & (orders.channel != POSTAL) & b2c
    schemed = scheme > 0
    europe = trade.where("eu")[orders.destination]
    # Below the relief the simple dataset; the margin keeps clear of the day's exchange rate.
    simple = (usd <= 15_500) & (orders.transaction != B2B)
    fees = np.where(europe & ~schemed & ~postal & sold, 1_200 * level // 100, 0)
    columns: dict[str, pl.Series] = {
        "consignment_id": documents,
        "transport_document": documents,
        "channel": take(pool(market.CHANNELS), orders.channel),
        "transaction": take(pool(market.TRANSACTIONS), orders.transaction),
        "declaration_date": take(dates, day + 40),
        "departure_country": departure,
        "destination_country": take(pool(trade.countries), orders.destination),
        "dataset": only(take(pool(("H1", "H7")), simple.astype(np.int64)), europe & (orders.transaction != DOCUMENTS)),
        "order_date": only(
            take(dates, day + 37 - draws.below("ordered", 18, lead)), ~draws.hit("no_order_date", 120_000, lead)
        ),
        "export_date": only(
            take(dates, day + 39 - draws.below("exported", 3, lead)), ~draws.hit("no_export_date", 250_000, lead)
        ),
        "transport_mode": take(pool(market.MODES), _modes(draws, orders)),
        "departure_place": _places_of_loading(draws, orders),
        "currency": take(pool(market.CURRENCIES), orders.currency),
        "freight": decimal(only(pl.Series(freight), ~draws.hit("no_freight", 30_000 * sloppy, index)), 2),
        "insurance": decimal(only(pl.Series(insured), ~draws.hit("no_insurance", 80_000, index)), 2),
        "other_charges": decimal(pl.Series(np.zeros(len(index), dtype=np.int64)), 2),
        "freight_in_price": pl.Series((freight == 0) & sold),
        "carrier_fees": decimal(pl.Series(fees), 2),
        "incoterm": take(pool(("DAP", "DDP")), schemed.astype(np.int64)),
        "scheme": only(take(pool(_SCHEMES), scheme), schemed),
        "scheme_id": _scheme_ids(draws, orders, scheme, platform, spoiled),
        "seller_registered": only(pl.Series(schemed), sold),
        "programme": only(take(pool(("9610", "1210")), (orders.channel == BONDED).astype(np.int64)), cross_border),
        "seller.id": only(_seller_ids(orders, departure), sold),
        "seller.name": only(seller_name, sold),
        "seller.country": only(departure, sold),
        "platform.id": only(take(numbered("M", len(market.PLATFORMS)), np.maximum(platform, 0)), on_platform),
        "platform.name": only(take(pool(market.PLATFORMS), np.maximum(platform, 0)), on_platform),
        "carrier.id": _carriers(draws, orders, departure),
        "consignor.name": either(sold, seller_name, private),
        "consignor.address": take(streets("CN"), draws.below("from", len(streets("CN")), orders.seller)),
        "consignor.country": departure,
    }
    columns |= _consignees(draws, trade, orders, sloppy)
    columns |= _prior_use(draws, orders, cross_border)
    return pl.DataFrame(columns), spoiled


_SCHEMES = ("", "IOSS", "SPECIAL", "GB_VAT", "AU_GST")


def _schemes(draws: Draws, trade: Market, orders: Orders, usd: Ints) -> Ints:
    """The scheme that took the tax, where the value admits one; a seller's habit is the same for all its parcels."""
    habit = draws.below("scheme", 1_000, orders.seller)
    b2c = orders.transaction == B2C
    here = orders.destination
    europe = b2c & trade.where("eu")[here] & (usd <= 15_500)
    scheme = np.where(europe, np.where(habit < 800, 1, np.where(habit < 920, 2, 0)), 0)
    scheme = np.where(b2c & trade.where("GB")[here] & (usd <= 16_000) & (habit < 920), 3, scheme)
    return np.where(b2c & trade.where("AU")[here] & (usd <= 60_000) & (habit < 920), 4, scheme)


def _scheme_ids(
    draws: Draws, orders: Orders, scheme: Ints, platform: Ints, spoiled: Ints
) -> pl.Series:
    """IOSS and GST numbers belong to the platform, or to a seller that has none."""
    owner = np.where(platform >= 0, platform.astype(np.uint64), orders.seller)
    key = draws.key("registration", owner)
    ioss = ioss_numbers(key, spoiled == SPOILED.index("scheme_id"))
    arn = joined("3000", digits((key % np.uint64(10**8)).astype(np.int64), 8))
    return only(either(scheme == 1, ioss, arn), (scheme == 1) | (scheme == 4))


def _documents(draws: Draws, orders: Orders, spoiled: Ints, departure: pl.Series) -> pl.Series:
    postal = postal_items(draws, orders.index, departure, spoiled == SPOILED.index("transport_document"))
    return either(orders.channel == POSTAL, postal, house_waybills(draws, orders.index))


def _platforms(draws: Draws, orders: Orders) -> Ints:
    """The platform that a seller sells on, or -1 for its own shop."""
    chosen = draws.pick("platform", np.array(market.PLATFORM_WEIGHTS), orders.seller)
    return np.where(draws.hit("own_shop", 180_000, orders.seller), -1, chosen)


def _seller_ids(orders: Orders, departure: pl.Series) -> pl.Series:
    return joined("S-", departure, "-", digits(orders.seller_rank, 6))


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
    posts = joined("POST-", departure)
    express = take(numbered("EXPRESS-", 6), draws.pick("carrier", np.array([34, 26, 18, 12, 7, 3]), orders.index))
    cargo = take(numbered("CARGO-", 4), draws.below("carrier", 4, orders.index))
    return either(orders.channel == POSTAL, posts, either(orders.channel >= CARGO, cargo, express))


def person_names(draws: Draws, key: Keys) -> pl.Series:
    """Return the invented name of each person key."""
    given = take(given_names(), draws.below("given", len(given_names()), key))
    family = take(family_names(), draws.below("family", len(family_names()), key))
    return joined(given, " ", family)


def _consignees(draws: Draws, trade: Market, orders: Orders, sloppy: Ints) -> dict[str, pl.Series]:
    key = orders.person
    reused = orders.plants.of(REUSED_ID)
    number = np.where(reused, reused_key(orders.index, draws), key) % np.uint64(10**12)
    names, codes, roads = _addresses(trade)
    place = orders.destination * 256 + draws.below("place", 256, key)
    road = orders.destination * len(streets("")) + draws.below("road", len(streets("")), key)
    address = joined(take(roads, road), ", ", take(names, place))
    split = orders.plants.kind == 0
    return {
        "consignee.id": only(
            joined("P", digits(number.astype(np.int64), 12)),
            reused | split | ~draws.hit("no_id", 150_000, key),
        ),
        "consignee.name": person_names(draws, key),
        "consignee.address": address,
        "consignee.postcode": only(
            take(codes, place), reused | split | ~draws.hit("no_postcode", 12_000 * sloppy, orders.index)
        ),
        "consignee.country": take(pool(trade.countries), orders.destination),
        "consignee.person": pl.Series(orders.transaction != B2B),
    }


def _addresses(trade: Market) -> tuple[pl.Series, pl.Series, pl.Series]:
    found = [places(country) for country in trade.countries]
    return (
        pl.concat([names for names, _ in found]),
        pl.concat([codes for _, codes in found]),
        pl.concat([streets(country) for country in trade.countries]),
    )


def _prior_use(draws: Draws, orders: Orders, known: Flags) -> dict[str, pl.Series]:
    """What a Chinese consumer has already used this year, in yuan; elsewhere nobody knows."""
    times = draws.below("prior.count", 24, orders.person)
    spent = times * (40_00 + draws.below("prior.amount", 900_00, orders.person))
    return {
        "consignee.prior_use.year_amount": decimal(only(pl.Series(spent), known), 2),
        "consignee.prior_use.year_count": only(pl.Series(times), known),
    }
