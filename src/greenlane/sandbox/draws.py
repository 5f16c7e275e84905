"""Chance without state: every draw is a function of the seed, the name of the draw and a position.

So any stretch of a stream can be made alone, its length changes nothing in what stands before, and a new
field moves no other. Only integer operations are used: the same draws on every machine and every NumPy.
"""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]

PPM = 1_000_000
"""Rates of chance are whole parts in a million."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_HIGH = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one seed.

    Example:
        >>> position = np.arange(3, dtype=np.uint64)
        >>> Draws(7).below("colour", 10, position).tolist() == Draws(7).below("colour", 10, position).tolist()
        True
        >>> Draws(7).hit("always", PPM, position).tolist()
        [True, True, True]
    """

    seed: int

    def key(self, name: str, position: Keys) -> Keys:
        """Return 64 well mixed bits for each position (SplitMix64)."""
        salt = np.uint64(int.from_bytes(sha256(f"{self.seed}:{name}".encode()).digest()[:8], "big"))
        mixed = position * _STEP + salt
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))

    def below(self, name: str, limit: int | Ints, position: Keys) -> Ints:
        """Return integers from 0 to *limit* - 1, all as likely; *limit*, one or one each, is to 2**31."""
        limits = np.asarray(limit, dtype=np.uint64)
        return (((self.key(name, position) >> _HIGH) * limits) >> _HIGH).astype(np.int64)

    def hit(self, name: str, ppm: int | Ints, position: Keys) -> Flags:
        """Return true with the chance of *ppm* parts in a million."""
        return self.below(name, PPM, position) < ppm

    def pick(self, name: str, weights: Ints, position: Keys) -> Ints:
        """Return indexes into *weights*, each as likely as its weight."""
        cumulative = np.cumsum(weights)
        drawn = self.below(name, int(cumulative[-1]), position)
        return np.searchsorted(cumulative, drawn, side="right").astype(np.int64)

    def rank(self, name: str, spread: int, position: Keys) -> Ints:
        """Return ranks from 0 without end, the low ones often: the chance of r goes as 1 / (spread + r)**2.

        The first *spread* ranks get half of all draws, as the regular customers of a post do.
        """
        drawn = (self.key(name, position) >> _HIGH).astype(np.int64)
        return spread * drawn // ((1 << 32) - drawn)


def between(low: Ints, high: Ints, share_ppm: Ints) -> Ints:
    """Return the value that stands *share_ppm* of the way from *low* to *high*."""
    return low + (high - low) * share_ppm // PPM


def along(knots_ppm: Ints, values: Ints, drawn_ppm: Ints) -> Ints:
    """Read a distribution from its quantiles, straight lines between them.

    Args:
        knots_ppm: Shares of the distribution, ascending from 0 to a million.
        values: The quantile at each knot.
        drawn_ppm: Draws from 0 to a million, exclusive.
    """
    at = np.searchsorted(knots_ppm, drawn_ppm, side="right") - 1
    width = knots_ppm[at + 1] - knots_ppm[at]
    found: Ints = values[at] + (values[at + 1] - values[at]) * (drawn_ppm - knots_ppm[at]) // width
    return found
