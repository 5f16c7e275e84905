"""The consignments of a stretch of the stream, as numbers: who, where, when, how."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from greenlane.sandbox import market
from greenlane.sandbox.draws import Draws, Flags, Ints, Keys
from greenlane.sandbox.plants import NONE, SPLIT, Plants, plant_others, plant_splits

POSTAL, EXPRESS, CARGO, BONDED = range(4)
B2C, C2C_GIFT, B2B, DOCUMENTS, RETURNED = range(5)


@dataclass(frozen=True, slots=True)
class Market:
    """The destinations of a stream with their weights, and what hangs on each, as tables by position."""

    countries: tuple[str, ...]
    weights: Ints
    regions: tuple[str, ...]

    @classmethod
    def of(cls, destinations: Mapping[str, int]) -> "Market":
        """Build the tables for *destinations*."""
        countries = tuple(destinations)
        weights = np.array([destinations[country] for country in countries], dtype=np.int64)
        return cls(countries, weights, tuple(market.region(country) for country in countries))

    def where(self, region: str) -> Flags:
        """Return which destinations belong to *region*."""
        return np.array([each == region for each in self.regions])


@dataclass(frozen=True, slots=True)
class Orders:
    """One entry a consignment. Countries, channels, … are positions in the lists of `market`."""

    index: Keys
    destination: Ints
    departure: Ints
    channel: Ints
    transaction: Ints
    day: Ints
    currency: Ints
    person: Keys
    seller_rank: Ints
    seller: Keys
    careless: Flags
    plants: Plants

    @property
    def sold(self) -> Flags:
        """Which consignments have a seller: gifts between people and papers have none."""
        sold: Flags = (self.transaction != C2C_GIFT) & (self.transaction != DOCUMENTS)
        return sold


def draw_orders(draws: Draws, trade: Market, days: int, rates: dict[str, int], index: Keys) -> Orders:
    """Draw the consignments at *index* of a stream of *days* days."""
    member, lead = plant_splits(draws, rates[SPLIT], index)
    destination = draws.pick("destination", trade.weights, lead)
    can_split = np.array([region in market.SPLIT_THRESHOLDS for region in trade.regions])[destination]
    member &= can_split
    lead = np.where(member, lead, index)
    destination = draws.pick("destination", trade.weights, lead)
    departure = _departure(draws, trade, destination, lead)
    seller_rank = draws.rank("seller", 40, lead)
    seller = draws.key(
        "seller.key", (departure.astype(np.uint64) << np.uint64(40)) + seller_rank.astype(np.uint64)
    )
    careless = seller_rank % 10 == 7
    kind = plant_others(draws, rates, careless, index)
    kind = np.where(member, 0, kind)
    transaction = draws.pick("transaction", np.array(market.TRANSACTION_WEIGHTS), lead)
    transaction = np.where(kind == NONE, transaction, B2C)
    person_rank = draws.rank("person", 20_000, lead).astype(np.uint64)
    return Orders(
        index=index,
        destination=destination,
        departure=departure,
        channel=_channel(draws, trade, destination, transaction, lead),
        transaction=transaction,
        day=draws.below("day", days, lead),
        currency=_currency(draws, trade, destination, member, lead),
        person=draws.key("person.key", _country_keys(trade)[destination] + person_rank),
        seller_rank=seller_rank,
        seller=seller,
        careless=careless,
        plants=Plants(kind, lead),
    )


def _country_keys(trade: Market) -> Keys:
    """A person's number depends on the country itself, not on which other destinations the stream has."""
    return np.array([int.from_bytes(c.encode(), "big") << 40 for c in trade.countries], dtype=np.uint64)


def _departure(draws: Draws, trade: Market, destination: Ints, lead: Keys) -> Ints:
    countries = list(market.DEPARTURES)
    weights = np.array(list(market.DEPARTURES.values()))
    drawn = draws.pick("departure", weights, lead)
    for at, country in enumerate(trade.countries):
        if country not in countries:
            continue
        others = weights.copy()
        others[countries.index(country)] = 0
        here = destination == at
        drawn[here] = draws.pick("departure", others, lead[here])
    return drawn


def _channel(draws: Draws, trade: Market, destination: Ints, transaction: Ints, lead: Keys) -> Ints:
    usual = draws.pick("channel", np.array(market.CHANNEL_WEIGHTS), lead)
    china = trade.where("CN")[destination]
    usual = np.where(china, draws.pick("channel", np.array(market.CHANNEL_WEIGHTS_CN), lead), usual)
    # Gifts and papers go by post or express; a bonded warehouse sells to consumers only.
    small = (transaction == C2C_GIFT) | (transaction == DOCUMENTS)
    usual = np.where(small & (usual >= CARGO), POSTAL, usual)
    return np.where((usual == BONDED) & (transaction != B2C), CARGO, usual)


def _currency(draws: Draws, trade: Market, destination: Ints, member: Flags, lead: Keys) -> Ints:
    drawn = np.zeros(len(lead), dtype=np.int64)
    for region in dict.fromkeys(trade.regions):
        here = trade.where(region)[destination]
        drawn[here] = draws.pick("currency", np.array(market.CURRENCY_WEIGHTS[region]), lead[here])
    return np.where(member, split_thresholds(trade)[0][destination], drawn)


def split_thresholds(trade: Market) -> tuple[Ints, Ints]:
    """Return for each destination the currency and amount that split orders stay under; -1 and 0: none."""
    found = [market.SPLIT_THRESHOLDS.get(region) for region in trade.regions]
    currency = [market.CURRENCIES.index(each[0]) if each else -1 for each in found]
    return np.array(currency, dtype=np.int64), np.array(
        [each[1] if each else 0 for each in found], dtype=np.int64
    )
