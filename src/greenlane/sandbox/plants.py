"""Planted cases: what is wrong on purpose, how often, and where."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from greenlane.sandbox.draws import PPM, Draws, Flags, Ints, Keys
from greenlane.values.errors import UsageError

SPLIT = "split"
UNDERVALUED = "undervalued"
VAGUE = "vague"
VAGUE_EMBEDDED = "vague_embedded"
MISDESCRIBED = "misdescribed"
REUSED_ID = "reused_id"
WRONG_CODE = "wrong_code"
WEIGHT_OUTLIER = "weight_outlier"
PROHIBITED = "prohibited"
BAD_CHECK_DIGIT = "bad_check_digit"

DEFAULT_RATES = MappingProxyType({
    SPLIT: 8_000, UNDERVALUED: 10_000, VAGUE: 10_000, VAGUE_EMBEDDED: 10_000, MISDESCRIBED: 8_000,
    REUSED_ID: 8_000, WRONG_CODE: 5_000, WEIGHT_OUTLIER: 5_000, PROHIBITED: 2_000, BAD_CHECK_DIGIT: 5_000,
})  # fmt: skip
"""Consignments with each planted case, in parts per million."""

LABELS = tuple(DEFAULT_RATES)
NONE = len(LABELS)

SPOILED = ("transport_document", "scheme_id", "gtin")
"""Which identifier carries the wrong check digit."""

MISSING_CODES = (
    "610999", "770110", "850499", "950399", "640500", "330498", "711799", "392699", "851899", "620399",
)  # fmt: skip
"""Codes of six digits that HS 2022 does not have."""

BLOCK = np.uint64(4)
"""Split orders stand inside blocks of four consignments that follow each other."""
WINDOW = np.uint64(4_096)
"""A reused id is reused inside a window of this many consignments."""
IDS_PER_WINDOW = 8


@dataclass(frozen=True, slots=True)
class Plants:
    """The planted case of each consignment: ``kind`` is an index into `LABELS`, or `NONE`.

    ``lead`` is the consignment whose buyer, seller and day a split part shares; elsewhere itself.
    """

    kind: Ints
    lead: Keys

    def of(self, label: str) -> Flags:
        """Return which consignments carry *label*."""
        carries: Flags = self.kind == LABELS.index(label)
        return carries


def checked_rates(rates: dict[str, int]) -> dict[str, int]:
    """Return *rates* with the defaults for those not given.

    Raises:
        UsageError: No such label, a rate below zero, or more than a fifth of the stream planted.
    """
    unknown = sorted(set(rates) - set(LABELS))
    if unknown:
        raise UsageError(f"no planted case is called {unknown[0]!r}; there are {', '.join(LABELS)}")
    whole = dict(DEFAULT_RATES) | rates
    if min(whole.values()) < 0 or sum(whole.values()) > PPM // 5:
        raise UsageError("rates are parts per million, zero or more, together at most 200000")
    return whole


def plant_splits(draws: Draws, rate_ppm: int, index: Keys) -> tuple[Flags, Keys]:
    """Return which consignments are parts of a split order, and the lead of each consignment."""
    block = index // BLOCK
    parts = 2 + draws.below("split.parts", 3, block)
    hit = draws.hit("split", rate_ppm * 4 // 3, block)
    member = hit & ((index % BLOCK).astype(np.int64) < parts)
    return member, np.where(member, block * BLOCK, index)


def plant_others(draws: Draws, rates: dict[str, int], careless: Flags, index: Keys) -> Ints:
    """Return one kind for each consignment; careless senders have nine times the share of the others."""
    bounds = np.cumsum(np.array([0 if label == SPLIT else rates[label] for label in LABELS], dtype=np.int64))
    drawn = draws.below("plant", PPM, index)
    # 5 x 10 % careless and 5/9 x 90 % others keep the mean at the rate.
    scaled = np.where(careless, drawn // 5, drawn * 9 // 5)
    return np.searchsorted(bounds, scaled, side="right").astype(np.int64)


def reused_key(index: Keys, draws: Draws) -> Keys:
    """Return the key of the person whose id is used again, out of a few for each window."""
    slot = draws.below("reused.slot", IDS_PER_WINDOW, index).astype(np.uint64)
    return draws.key("reused.person", (index // WINDOW) * np.uint64(IDS_PER_WINDOW) + slot)
