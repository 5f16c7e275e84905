"""Money and tax terms of consignments: freight, insurance, schemes, registrations, dataset."""

import numpy as np
import polars as pl

from greenlane.sandbox import market
from greenlane.sandbox.columns import decimal, digits, either, joined, only, pool, take
from greenlane.sandbox.documents import ioss_numbers
from greenlane.sandbox.draws import Draws, Flags, Ints
from greenlane.sandbox.lines import Lines
from greenlane.sandbox.orders import B2B, B2C, DOCUMENTS, POSTAL, Market, Orders
from greenlane.sandbox.plants import SPOILED

SCHEMES = ("", "IOSS", "SPECIAL", "GB_VAT", "AU_GST")
NO_SCHEME, IOSS, SPECIAL, GB_VAT, AU_GST = range(5)

# The limits of value in US cents, short of the law's so that no exchange rate of the time leads past it:
# 150 euro (Directive 2006/112/EC art. 369l), 135 pounds, 1,000 Australian dollars.
_EU_LIMIT, _GB_LIMIT, _AU_LIMIT = 15_500, 16_000, 60_000


def draw_schemes(draws: Draws, trade: Market, orders: Orders, lines: Lines) -> Ints:
    """Return the scheme that took the tax, a position in `SCHEMES`; a seller has one habit."""
    habit = draws.below("scheme", 1_000, orders.seller)
    usd = _us_cents(orders, lines)
    b2c = orders.transaction == B2C
    here = orders.destination
    europe = b2c & trade.where("eu")[here] & (usd <= _EU_LIMIT)
    scheme = np.where(europe & (habit < 920), np.where(habit < 800, IOSS, SPECIAL), NO_SCHEME)
    scheme = np.where(b2c & trade.where("GB")[here] & (usd <= _GB_LIMIT) & (habit < 920), GB_VAT, scheme)
    return np.where(b2c & trade.where("AU")[here] & (usd <= _AU_LIMIT) & (habit < 920), AU_GST, scheme)


def term_columns(
    draws: Draws, trade: Market, orders: Orders, lines: Lines, scheme: Ints, platform: Ints, spoiled: Ints
) -> dict[str, pl.Series]:
    """Build the columns of money, scheme and dataset."""
    schemed = scheme != NO_SCHEME
    europe = trade.where("eu")[orders.destination]
    simple = (_us_cents(orders, lines) <= _EU_LIMIT) & (orders.transaction != B2B)
    dataset = take(pool(("H1", "H7")), simple.astype(np.int64))
    return {
        "currency": take(pool(market.CURRENCIES), orders.currency),
        "dataset": only(dataset, europe & (orders.transaction != DOCUMENTS)),
        "incoterm": take(pool(("DAP", "DDP")), schemed.astype(np.int64)),
        "scheme": only(take(pool(SCHEMES), scheme), schemed),
        "scheme_id": _scheme_ids(draws, orders, scheme, platform, spoiled),
        "seller_registered": only(pl.Series(schemed), orders.sold),
    } | _money_columns(draws, orders, lines, europe & ~schemed)


def _us_cents(orders: Orders, lines: Lines) -> Ints:
    return lines.totals(lines.value) * 100 // market.LEVELS[orders.currency]


def _money_columns(draws: Draws, orders: Orders, lines: Lines, presented: Flags) -> dict[str, pl.Series]:
    index = orders.index
    level = market.LEVELS[orders.currency]
    freight = (120 + lines.totals(lines.gross_g) * 4 // 10) * level // 100
    freight = np.where(draws.hit("free", 450_000, index), 0, freight)
    insurance = np.where(draws.hit("insured", 40_000, index), lines.totals(lines.value) // 100, 0)
    fees = np.where(presented & (orders.channel != POSTAL) & orders.sold, 1_200 * level // 100, 0)
    forgotten = draws.hit("no_freight", 30_000 * np.where(orders.careless, 4, 1), index)
    return {
        "freight": decimal(only(pl.Series(freight), ~forgotten), 2),
        "insurance": decimal(only(pl.Series(insurance), ~draws.hit("no_insurance", 80_000, index)), 2),
        "other_charges": decimal(pl.Series(np.zeros(len(index), dtype=np.int64)), 2),
        "freight_in_price": pl.Series((freight == 0) & orders.sold),
        "carrier_fees": decimal(pl.Series(fees), 2),
    }


def _scheme_ids(draws: Draws, orders: Orders, scheme: Ints, platform: Ints, spoiled: Ints) -> pl.Series:
    """IOSS and GST numbers belong to the platform, or to a seller that has none."""
    owner = np.where(platform >= 0, platform.astype(np.uint64), orders.seller)
    key = draws.key("registration", owner)
    ioss = ioss_numbers(key, spoiled == SPOILED.index("scheme_id"))
    gst = joined("3000", digits((key % np.uint64(10**8)).astype(np.int64), 8))
    return only(either(scheme == IOSS, ioss, gst), (scheme == IOSS) | (scheme == AU_GST))
