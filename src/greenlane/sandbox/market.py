"""Who trades with whom: destinations, departures, money, channels, and the shape of prices.

Sources of the figures: populations are Eurostat's of 1 January 2024, in thousands; 91 % of the low-value
parcels that came to the EU in 2024 came from China, at under 9 euro a piece on average (European Commission,
2025); the relief and threshold amounts are those of the laws named beside them. Levels of exchange are
rounded levels of 2024 that shape the stream; no law reads them.
"""

from types import MappingProxyType

import numpy as np

from greenlane.packs import DESTINATIONS as COVERED
from greenlane.sandbox.draws import Ints

EU_POPULATION = MappingProxyType({
    "DE": 83_456, "FR": 68_467, "IT": 58_971, "ES": 48_619, "PL": 36_621, "RO": 19_067, "NL": 17_943,
    "BE": 11_818, "CZ": 10_901, "PT": 10_640, "SE": 10_552, "GR": 10_401, "HU": 9_585, "AT": 9_159,
    "BG": 6_445, "DK": 5_961, "FI": 5_604, "SK": 5_425, "IE": 5_344, "HR": 3_862, "LT": 2_886, "SI": 2_123,
    "LV": 1_872, "EE": 1_375, "CY": 967, "LU": 672, "MT": 563,
})  # fmt: skip

DESTINATIONS = MappingProxyType(
    dict(EU_POPULATION) | {"US": 142_000, "GB": 82_000, "CN": 37_000, "AU": 30_000, "ZZ": 5_200, "PE": 2_250}
)
"""Weights of the destinations where the caller gives none: 60 % EU by population; PE has no pack."""

_OTHER_LAWS = 150_000
"""Weight of all the laws that `DESTINATIONS` leaves out, shared alike."""


def world() -> dict[str, int]:
    """Return the weights of destinations under every law that a pack holds.

    Example:
        >>> shares = world()
        >>> shares["JP"] == shares["RU"] + shares["KZ"] + shares["BY"] + shares["AM"] + shares["KG"]
        True
    """
    held = dict(DESTINATIONS)
    others = [countries for countries in COVERED.values() if not set(countries) & set(held)]
    each = _OTHER_LAWS // (60 * len(others)) * 60
    return held | {country: each // len(countries) for countries in others for country in countries}


REGIONS = MappingProxyType({
    "CA": ("ON", "QC", "BC", "AB", "MB", "SK", "NS", "NB", "NL", "PE", "YT", "NT", "NU"),
    "BR": ("SP", "MG", "RJ", "BA", "PR", "RS", "PE", "CE", "PA", "SC", "GO", "MA", "AM", "ES", "PB", "RN", "MT",
           "AL", "PI", "DF", "MS", "SE", "RO", "TO", "AC", "AP", "RR"),
})  # fmt: skip
"""Provinces and states whose law differs, by falling population."""

DEPARTURES = MappingProxyType({
    "CN": 9_570, "HK": 90, "US": 75, "GB": 58, "KR": 45, "JP": 45, "TR": 40, "IN": 28, "VN": 20, "CH": 16,
    "TH": 13,
})  # fmt: skip
"""Weights of the countries that goods leave from; a country never sends to itself."""

PLACES_OF_LOADING = MappingProxyType({
    "CN": ("CNSZX", "CNCAN", "CNPVG", "CNHGH", "CNXMN", "CNCGO", "CNNGB"), "HK": ("HKHKG",),
    "US": ("USLAX", "USJFK", "USORD"), "GB": ("GBLHR", "GBEMA"), "KR": ("KRICN",), "JP": ("JPNRT", "JPKIX"),
    "TR": ("TRIST", "TRIZM"), "IN": ("INDEL", "INBOM"), "VN": ("VNSGN", "VNHAN"), "CH": ("CHZRH",),
    "TH": ("THBKK",),
})  # fmt: skip
"""UN/LOCODE of the places of loading."""

CURRENCIES = ("EUR", "USD", "GBP", "CNY", "AUD", "ZZD")
LEVELS: Ints = np.array([92, 100, 79, 720, 150, 100], dtype=np.int64)
"""Units of each currency to 100 US dollars, rounded levels of 2024."""

CURRENCY_WEIGHTS = MappingProxyType({
    "eu": (72, 22, 1, 5, 0, 0), "GB": (5, 14, 80, 1, 0, 0), "US": (1, 94, 0, 5, 0, 0), "CN": (2, 8, 0,
    90, 0, 0),
    "AU": (0, 18, 0, 2, 80, 0), "ZZ": (0, 0, 0, 0, 0, 100), "other": (0, 95, 0, 5, 0, 0),
})  # fmt: skip
"""Weights of the currency of the invoice by destination, in the order of `CURRENCIES`."""

SPLIT_THRESHOLDS = MappingProxyType(
    {
        "eu": ("EUR", 150_00),  # Reg. (EC) 1186/2009 art. 23
        "GB": ("GBP", 135_00),  # Value Added Tax Act 1994, low value consignments
        "US": ("USD", 800_00),  # 19 U.S.C. 1321(a)(2)(C)
        "CN": ("CNY", 5_000_00),  # Cai Guan Shui [2018] 49, single transaction
        "AU": ("AUD", 1_000_00),  # GST Act 1999 s 84-79, low value goods
        "ZZ": ("ZZD", 150_00),
    }
)
"""What a split order stays under, in minor units, by destination."""

CHANNELS = ("postal", "express", "cargo", "bonded")
CHANNEL_WEIGHTS = (600, 350, 50, 0)
CHANNEL_WEIGHTS_CN = (330, 250, 20, 400)

MODES = ("air", "sea", "road", "rail", "post")
MODE_WEIGHTS = MappingProxyType({
    "postal": (85, 3, 0, 5, 7), "express": (97, 0, 2, 1, 0), "cargo": (40, 48, 2, 10, 0),
    "bonded": (45, 45, 5, 5, 0),
})  # fmt: skip

TRANSACTIONS = ("b2c", "c2c_gift", "b2b", "documents", "returned_goods")
TRANSACTION_WEIGHTS = (904, 30, 48, 8, 10)

PLATFORMS = (
    "Tavaro Market", "Lomi Bazaar", "Quendra", "Pelimart", "Osmo Store", "Zurelo", "Kantavi", "Brisolo",
    "Nimelo Outlet", "Ferrando Shop", "Dovaro", "Umbrexa",
)  # fmt: skip
PLATFORM_WEIGHTS = (300, 190, 130, 90, 70, 55, 45, 40, 30, 20, 20, 10)

CATEGORY_WEIGHTS = MappingProxyType({
    "clothing": 373, "electronics": 238, "media": 158, "beauty": 147, "home": 94, "toys": 30, "jewellery": 20,
    "sports": 30, "bags": 14, "tools": 10, "auto": 6, "pets": 4, "health": 3, "food": 2, "instruments": 1,
})  # fmt: skip
"""Weights of what parcels hold: clothing 33 %, electronics 21 %, media 14 %, beauty 13 % of the items."""

ITEM_COUNTS: Ints = np.array([1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30], dtype=np.int64)
ITEM_COUNT_WEIGHTS: Ints = np.array([548, 216, 94, 50, 30, 20, 14, 11, 8, 6, 3], dtype=np.int64)

VALUE_KNOTS: Ints = np.array(
    [0, 10_000, 50_000, 250_000, 500_000, 750_000, 950_000, 990_000, 999_000, 1_000_000], dtype=np.int64
)
VALUES_EU: Ints = np.array([68, 92, 125, 290, 590, 1_220, 3_400, 12_000, 36_000, 120_000], dtype=np.int64)
VALUES_ELSEWHERE: Ints = np.array(
    [68, 100, 174, 455, 1_030, 2_100, 5_500, 22_000, 75_000, 250_000], dtype=np.int64
)
"""Quantiles of the value of an item line before trade buyers multiply it, in US cents: with them the whole
stream has p5 1.40, p50 8.46, p95 about 100 dollars."""


def region(country: str) -> str:
    """Return the group that a destination's habits follow: ``eu``, its own code, or ``other``.

    Example:
        >>> region("DE"), region("GB"), region("PE")
        ('eu', 'GB', 'other')
    """
    if country in EU_POPULATION:
        return "eu"
    return country if country in CURRENCY_WEIGHTS else "other"
