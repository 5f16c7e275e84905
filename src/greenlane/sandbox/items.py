"""The items' columns: one row an item."""

import numpy as np
import polars as pl

from greenlane.sandbox import market
from greenlane.sandbox.catalogue import LANGUAGES
from greenlane.sandbox.columns import decimal, either, joined, numbered, only, pool, take
from greenlane.sandbox.documents import gtins
from greenlane.sandbox.draws import Draws, Ints, Keys
from greenlane.sandbox.lines import Lines, foreign, goods
from greenlane.sandbox.orders import Market, Orders
from greenlane.sandbox.plants import MISDESCRIBED, MISSING_CODES, SPOILED, VAGUE, VAGUE_EMBEDDED, WRONG_CODE
from greenlane.sandbox.wording import EMBEDDING_TERMS, VAGUE_TERMS, Stretch, endings, leads


def build_items(
    draws: Draws, trade: Market, orders: Orders, lines: Lines, spoiled: Ints
) -> tuple[pl.DataFrame, Ints]:
    order, key = lines.order, lines.key
    first = lines.number == 0
    descriptions, described = _descriptions(draws, trade, orders, lines)
    departure = take(pool(tuple(market.DEPARTURES)), orders.departure[order])
    weights = np.array(list(market.DEPARTURES.values()))
    elsewhere = take(pool(tuple(market.DEPARTURES)), draws.pick("origin", weights, key))
    bad_gtin = first & (spoiled == SPOILED.index("gtin"))[order]
    columns = {
        "items.item_id": take(numbered("", 64), lines.number),
        "items.description": descriptions,
        "items.hs_code": _codes(draws, trade, orders, lines),
        "items.origin_country": either(draws.hit("own_origin", 960_000, key), departure, elsewhere),
        "items.quantity": pl.Series(lines.pieces),
        "items.unit": pl.repeat("C62", len(order), eager=True),
        "items.value": decimal(pl.Series(lines.value), 2),
        "items.gross_mass_kg": decimal(pl.Series(lines.gross_g), 3),
        "items.net_mass_kg": decimal(
            only(pl.Series(lines.net_g), ~draws.hit("no_net_mass", 200_000, orders.index)[order]), 3
        ),
        "items.gtin": only(gtins(draws, key, bad_gtin), bad_gtin | draws.hit("gtin", 120_000, key)),
    }
    return pl.DataFrame(columns), described


def _descriptions(draws: Draws, trade: Market, orders: Orders, lines: Lines) -> tuple[pl.Series, Ints]:
    """Word each item; return with it the product that the words describe, which a false one changes."""
    stock = goods()
    order, key, product = lines.order, lines.key, lines.product
    first = lines.number == 0
    language = _languages(draws, trade, orders)[order]
    another = foreign(draws, product, key)
    false = first & orders.plants.of(MISDESCRIBED)[order]
    described = np.where(false, another, product)
    name = take(_names(), described * len(LANGUAGES) + language)
    openings, opening_stretches = leads()
    ends, end_stretches = endings(stock.categories)
    lead = _within(draws, "lead", opening_stretches, language, key)
    end = _within(draws, "end", end_stretches, stock.category[described] * len(LANGUAGES) + language, key)
    worded = joined(take(openings, lead), name, take(ends, end))
    embedded = (first & orders.plants.of(VAGUE_EMBEDDED)[order]).nonzero()[0]
    vague = (first & orders.plants.of(VAGUE)[order]).nonzero()[0]
    terms = take(pool(EMBEDDING_TERMS), draws.below("embedding", len(EMBEDDING_TERMS), key[embedded]))
    mixed = joined(terms, ", ", worded[embedded.tolist()])
    worded = worded.scatter(embedded.tolist(), mixed)
    bare = take(pool(VAGUE_TERMS), draws.below("vague", len(VAGUE_TERMS), key[vague]))
    return worded.scatter(vague.tolist(), bare), described


def _languages(draws: Draws, trade: Market, orders: Orders) -> Ints:
    """English mostly; else the sender's or the buyer's language where the catalogue has it."""
    spoken = {
        "DE": "de",
        "AT": "de",
        "FR": "fr",
        "BE": "fr",
        "LU": "fr",
        "ES": "es",
        "IT": "it",
        "PL": "pl",
        "CN": "zh",
    }
    buyer = np.array([LANGUAGES.index(spoken.get(c, "en")) for c in trade.countries])[orders.destination]
    senders = {"CN": "zh", "HK": "zh", "TR": "tr"}
    sender = np.array([LANGUAGES.index(senders.get(c, "en")) for c in market.DEPARTURES])[orders.departure]
    drawn = draws.below("language", 100, orders.index)
    bought = np.where(trade.where("CN")[orders.destination], 75, 22)
    return np.where(drawn < bought, buyer, np.where(drawn >= 92, sender, 0))


def _within(draws: Draws, name: str, stretches: tuple[Stretch, ...], chosen: Ints, key: Keys) -> Ints:
    firsts = np.array([stretch.first for stretch in stretches])
    counts = np.array([stretch.count for stretch in stretches])
    return firsts[chosen] + draws.below(name, counts[chosen], key)


def _names() -> pl.Series:
    return pool(tuple(name for product in goods().products for name in product.names))


def _codes(draws: Draws, trade: Market, orders: Orders, lines: Lines) -> pl.Series:
    """The code: six digits mostly, the destination's own line at times; the wrong ones as planted."""
    stock = goods()
    order, key = lines.order, lines.key
    codes = pool(
        tuple(
            code
            for each in stock.products
            for code in (each.hs6, each.eu8 or each.hs6, each.us10 or each.hs6)
        )
        + MISSING_CODES
    )
    tree = np.array([1 if r in {"eu", "GB"} else 2 if r == "US" else 0 for r in trade.regions])[
        orders.destination
    ]
    own = np.where(draws.hit("own_line", 300_000, orders.index), tree, 0)[order]
    missing = len(stock.products) * 3 + draws.below("missing", len(MISSING_CODES), key)
    misplaced = foreign(draws, lines.product, key) * 3
    misplaced = np.where(draws.hit("code_exists", 500_000, key), misplaced, missing)
    wrong = (lines.number == 0) & orders.plants.of(WRONG_CODE)[order]
    return take(codes, np.where(wrong, misplaced, lines.product * 3 + own))
