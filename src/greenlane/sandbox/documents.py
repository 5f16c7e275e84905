"""Numbers that parcels carry, with right check digits or, where planted, wrong ones.

All are made up. GTINs use the range that shops give out themselves (2…): none is a real product's.
"""

import numpy as np
import polars as pl

from greenlane.sandbox.columns import digits, either, joined, pool, take
from greenlane.sandbox.draws import Draws, Flags, Ints, Keys

MOST_CONSIGNMENTS = 10**8
"""An S10 number has eight digits; past that, consignments would share their documents."""

_SERVICES = pool(("RR", "RB", "LX", "LB", "LA", "UA", "UE", "CP", "CY", "EA", "RX", "LV"))
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_IOSS_STATES = pool(("372", "442", "528", "276", "250", "616", "040", "380"))
_NO_STATES = pool(("999", "553", "001", "123"))


def _serial(draws: Draws, index: Keys) -> Ints:
    """Spread positions over eight digits, each to its own number."""
    offset = int(draws.below("serial", 10**8, np.zeros(1, dtype=np.uint64))[0])
    # A power of three is prime to a power of ten: no two positions meet.
    return ((index * np.uint64(3**18) + np.uint64(offset)) % np.uint64(10**8)).astype(np.int64)


def s10_check(serial: Ints) -> Ints:
    """Return the check digit of eight-digit serial numbers (UPU standard S10).

    Example:
        >>> s10_check(np.array([47312482, 12345678])).tolist()
        [9, 5]
    """
    total = sum(weight * (serial // 10 ** (7 - i) % 10) for i, weight in enumerate(_S10_WEIGHTS))
    rest = 11 - np.asarray(total) % 11
    return np.where(rest == 10, 0, np.where(rest == 11, 5, rest))


def postal_items(draws: Draws, index: Keys, country: pl.Series, wrong: Flags) -> pl.Series:
    """Return S10 item numbers, sent from *country*; those *wrong* fail their check digit."""
    serial = _serial(draws, index)
    check = (s10_check(serial) + np.where(wrong, 1 + draws.below("wrong_check", 9, index), 0)) % 10
    service = take(_SERVICES, draws.below("service", len(_SERVICES), index))
    return joined(service, digits(serial, 8), digits(check, 1), country)


def house_waybills(draws: Draws, index: Keys) -> pl.Series:
    """Return house waybill numbers."""
    return joined("HWB", digits(_serial(draws, index), 10))


def ioss_numbers(key: Keys, wrong: Flags) -> pl.Series:
    """Return numbers of the import one-stop shop; those *wrong* name no member state."""
    at = (key >> np.uint64(40)).astype(np.int64)
    state = take(_IOSS_STATES, at % len(_IOSS_STATES))
    state = either(wrong, take(_NO_STATES, at % len(_NO_STATES)), state)
    number = digits((key % np.uint64(10**7)).astype(np.int64), 7)
    return joined("IM", state, number)


def gtins(draws: Draws, key: Keys, wrong: Flags) -> pl.Series:
    """Return GTIN-13 numbers of the shops' own range; those *wrong* fail their check digit."""
    body = 2 * 10**11 + (draws.key("gtin.body", key) % np.uint64(10**11)).astype(np.int64)
    total = sum((3 if i % 2 else 1) * (body // 10 ** (11 - i) % 10) for i in range(12))
    check = (10 - np.asarray(total) % 10 + np.where(wrong, 1 + draws.below("wrong_gtin", 9, key), 0)) % 10
    return pl.Series(body * 10 + check).cast(pl.String)
