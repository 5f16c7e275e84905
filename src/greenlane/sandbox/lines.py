"""The goods items of a stretch of the stream, as numbers: product, pieces, value, masses."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from greenlane.sandbox import market
from greenlane.sandbox.catalogue import Product, catalogue, prohibited_goods
from greenlane.sandbox.draws import PPM, Draws, Flags, Ints, Keys, along, between
from greenlane.sandbox.orders import B2B, DOCUMENTS, Market, Orders, split_thresholds
from greenlane.sandbox.plants import PROHIBITED, SPLIT, UNDERVALUED, WEIGHT_OUTLIER

MOST_PIECES = 30
ITEMS_APART = np.uint64(64)
"""Positions that a consignment's items take in the draws: more than a consignment has items."""

_TIERS: Ints = np.array(
    [
        0,
        100,
        150,
        220,
        330,
        500,
        750,
        1_100,
        1_700,
        2_500,
        4_000,
        6_000,
        10_000,
        20_000,
        50_000,
        100_000,
        10**9,
    ]
)


@dataclass(frozen=True, slots=True)
class Goods:
    """The products as columns, and a table that says which fit a category and a value.

    ``cumulative`` runs over products within (category, tier) cells; the weights of cell c lie between
    ``bounds[c]`` and ``bounds[c + 1]``, and ``members`` names the product at each step.
    """

    products: tuple[Product, ...]
    categories: tuple[str, ...]
    category: Ints
    chapter: Ints
    low: Ints
    high: Ints
    mass_low: Ints
    mass_high: Ints
    cumulative: Ints
    members: Ints
    bounds: Ints
    dear: Ints
    documents: int
    prohibited: int


@cache
def goods() -> Goods:
    """Return the catalogue and the prohibited goods behind it as columns."""
    products = catalogue() + prohibited_goods()
    categories = tuple(dict.fromkeys(product.category for product in products))
    cumulative: list[int] = []
    members: list[int] = []
    bounds = [0]
    total = 0
    for category in market.CATEGORY_WEIGHTS:
        for low, high in zip(_TIERS[:-1].tolist(), _TIERS[1:].tolist(), strict=True):
            for member, weight in _cell(products, category, low, high):
                total += weight
                cumulative.append(total)
                members.append(member)
            bounds.append(total)
    dear = [i for i, each in enumerate(catalogue()) if 800 <= each.price_low <= 6_000]
    return Goods(
        products=products,
        categories=categories,
        category=np.array([categories.index(product.category) for product in products]),
        chapter=np.array([int(product.hs6[:2]) for product in products]),
        low=np.array([product.price_low for product in products]),
        high=np.array([product.price_high for product in products]),
        mass_low=np.array([product.mass_low_g for product in products]),
        mass_high=np.array([product.mass_high_g for product in products]),
        cumulative=np.array(cumulative),
        members=np.array(members),
        bounds=np.array(bounds),
        dear=np.array(dear),
        documents=next(i for i, each in enumerate(products) if each.category == "documents"),
        prohibited=len(catalogue()),
    )


def _cell(products: tuple[Product, ...], category: str, low: int, high: int) -> list[tuple[int, int]]:
    """Products of *category* that a line worth *low* to *high* US cents can hold, with weights."""
    own = [(i, each) for i, each in enumerate(products) if each.category == category]
    top = min(high, 200_000)
    fitting = [
        (i, each)
        for i, each in own
        if each.price_low <= max(low, 60) and each.price_high * MOST_PIECES >= top
    ]
    if not fitting:
        key = (lambda pair: pair[1].price_low) if low < 1_000 else (lambda pair: -pair[1].price_high)
        fitting = sorted(own, key=key)[:3]
    return [(i, each.popularity * (12 if each.price_high * 2 >= top else 1)) for i, each in fitting]


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry an item; ``order`` is the position of its consignment, ``number`` its place in it from 0.

    ``value`` is in minor units of the consignment's currency, masses are grams. ``starts`` has
    one entry a consignment: its first item.
    """

    order: Ints
    number: Ints
    key: Keys
    product: Ints
    pieces: Ints
    value: Ints
    net_g: Ints
    gross_g: Ints
    starts: Ints

    def totals(self, amounts: Ints) -> Ints:
        """Sum *amounts* over the items of each consignment."""
        return np.add.reduceat(amounts, self.starts)


def draw_lines(draws: Draws, trade: Market, orders: Orders) -> Lines:
    """Draw the items of *orders*."""
    stock = goods()
    kind = orders.plants
    counts = market.ITEM_COUNTS[draws.pick("items", market.ITEM_COUNT_WEIGHTS, orders.index)]
    counts = np.where(kind.of(SPLIT) | (orders.transaction == DOCUMENTS), 1, counts)
    starts = np.cumsum(counts) - counts
    order = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(order)) - starts[order]
    key = orders.index[order] * ITEMS_APART + number.astype(np.uint64)
    first = number == 0

    cents = _line_values(draws, trade, orders, order, key)
    product = _products(draws, orders, order, key, cents)
    again = (number > 0) & draws.hit("same_again", 80_000, key)
    product = np.where(again, product[starts[order]], product)
    product = np.where(orders.transaction[order] == DOCUMENTS, stock.documents, product)
    dear = stock.dear[draws.below("dear", len(stock.dear), key)]
    product = np.where(first & (kind.of(SPLIT) | kind.of(UNDERVALUED))[order], dear, product)
    banned = stock.prohibited + draws.below("banned", len(stock.products) - stock.prohibited, key)
    product = np.where(first & kind.of(PROHIBITED)[order], banned, product)

    low, high = stock.low[product], stock.high[product]
    split_cents = _split_values(draws, trade, orders)
    cents = np.where(kind.of(SPLIT)[order], split_cents[order], cents)
    cents = np.clip(cents, low, high * MOST_PIECES)
    fewest = -(-cents // high)
    extra = draws.pick("pieces", np.array([66, 17, 10, 7]), key)
    pieces = np.minimum(fewest + extra, cents // low)
    bulk = orders.transaction[order] == B2B
    unit = cents // pieces
    under = first & kind.of(UNDERVALUED)[order]
    unit = np.where(under, low * draws.below("under", 18, key) // 100 + low * 3 // 100, unit)
    pieces = np.where(bulk, pieces * (5 + draws.below("bulk", 30, key)), pieces)
    level = market.LEVELS[orders.currency][order]
    value = np.where(product == stock.documents, 0, np.maximum(unit * level // 100, 1) * pieces)
    net, gross = _masses(draws, first & kind.of(WEIGHT_OUTLIER)[order], first, product, pieces, key)
    return Lines(order, number, key, product, pieces, value, net, gross, starts)


def _line_values(draws: Draws, trade: Market, orders: Orders, order: Ints, key: Keys) -> Ints:
    drawn = draws.below("value", PPM, key)
    europe = trade.where("eu")[orders.destination][order]
    inside = along(market.VALUE_KNOTS, market.VALUES_EU, drawn)
    return np.where(europe, inside, along(market.VALUE_KNOTS, market.VALUES_ELSEWHERE, drawn))


def _products(draws: Draws, orders: Orders, order: Ints, key: Keys, cents: Ints) -> Ints:
    stock = goods()
    weights = np.array(list(market.CATEGORY_WEIGHTS.values()))
    shared = draws.pick("category", weights, orders.index)[order]
    category = np.where(
        draws.hit("own_category", 400_000, key), draws.pick("item_category", weights, key), shared
    )
    tier = np.searchsorted(_TIERS, cents, side="right") - 1
    cell = category * (len(_TIERS) - 1) + tier
    lowest = stock.bounds[cell]
    drawn = lowest + draws.below("product", stock.bounds[cell + 1] - lowest, key)
    return stock.members[np.searchsorted(stock.cumulative, drawn, side="right")]


def _split_values(draws: Draws, trade: Market, orders: Orders) -> Ints:
    """Value of each part of a split order in US cents: 55 to 92 % of the threshold."""
    threshold = split_thresholds(trade)[1][orders.destination]
    share = 55 + draws.below("split.share", 38, orders.index)
    return threshold * share // market.LEVELS[orders.currency]


def _masses(
    draws: Draws, outlier: Flags, first: Flags, product: Ints, pieces: Ints, key: Keys
) -> tuple[Ints, Ints]:
    stock = goods()
    low, high = stock.mass_low[product], stock.mass_high[product]
    net = pieces * between(low, high, draws.below("mass", PPM, key))
    packing = np.where(first, 20 + draws.below("parcel", 90, key), draws.below("wrap", 12, key))
    gross = net * (103 + draws.below("tare", 18, key)) // 100 + packing
    factor = 25 + draws.below("outlier", 40, key)
    heavy = high * pieces <= 800
    odd = np.where(heavy, high * pieces * factor, np.maximum(low * pieces // factor, 1))
    return np.where(outlier, odd, net), np.where(outlier, odd, gross)


@cache
def _foreign() -> tuple[Ints, Ints]:
    """For each product those of another category and chapter, end to end, and where each list begins."""
    sold = catalogue()
    lists = [
        [i for i, each in enumerate(sold) if each.category != own.category and each.hs6[:2] != own.hs6[:2]]
        for own in goods().products
    ]
    return np.array([i for each in lists for i in each]), np.cumsum([0] + [len(each) for each in lists])


def foreign(draws: Draws, product: Ints, key: Keys) -> Ints:
    """Return for each item a product that it is not: of another category and another chapter."""
    members, bounds = _foreign()
    at = bounds[product] + draws.below("foreign", bounds[product + 1] - bounds[product], key)
    found: Ints = members[at]
    return found
