"""Invented people and businesses: names from made-up syllables, made-up streets in real towns.

Nothing here names a real person. A name or an address is a function of the number of its bearer, so a person
who orders again has the same ones, and no list of persons is kept.
"""

from functools import cache
from hashlib import sha256
from itertools import product
from types import MappingProxyType

import polars as pl

_GIVEN_STARTS = (
    "Al",
    "Bre",
    "Ce",
    "Do",
    "Eli",
    "Fa",
    "Gi",
    "Ha",
    "Io",
    "Ju",
    "Ke",
    "Lo",
    "Mi",
    "Ne",
    "Ola",
    "Ru",
)
_GIVEN_ENDS = ("vin", "dra", "mo", "sel", "ta", "rik", "nou", "wen", "lia", "zo", "bett", "quin")
_FAMILY_STARTS = (
    "Sam", "Tor", "Vel", "Wim", "Xan", "Yor", "Zel", "Bran", "Cor", "Dal", "Esk", "Fen", "Gor", "Hol",
    "Iv", "Jan",
    "Kor", "Lan", "Mar", "Nor",
)  # fmt: skip
_FAMILY_MIDDLES = ("pel", "avo", "imo", "ekk", "und", "ost")
_FAMILY_ENDS = ("sen", "berg", "ini", "ez", "ard", "ow", "ley", "oux", "man", "ic", "dal", "orf")
_FIRM_WORDS = (
    "Bright", "Lotus", "Harbour", "Cedar", "Silver", "Panda", "Comet", "Maple", "River", "Sunrise",
    "Jade", "Orbit",
    "Pearl", "Lantern", "Cloud", "Bamboo",
)  # fmt: skip
_FIRM_ENDS = ("Trading", "Store", "Export Co", "E-Commerce Ltd", "Direct", "Outlet", "Supply", "Online Shop")
_STREET_WORDS = (
    "Sample", "Willow", "Lantern", "Meadow", "Specimen", "Cobble", "Model", "Thistle", "Example", "Orchard",
    "Pattern", "Mirror", "Template", "Harvest", "Marble", "Pebble",
)  # fmt: skip
_STREET_FORMS = MappingProxyType({
    "en": "{n} {w} Road", "de": "{w}weg {n}", "fr": "{n} rue {w}", "es": "Calle {w} {n}", "it": "Via {w} {n}",
    "nl": "{w}straat {n}", "pl": "ul. {w} {n}", "zh": "{w} Lu {n}",
})  # fmt: skip
_FORM_OF = MappingProxyType({
    "DE": "de", "AT": "de", "FR": "fr", "BE": "nl", "LU": "fr", "ES": "es", "IT": "it", "NL": "nl",
    "PL": "pl",
    "CN": "zh",
})  # fmt: skip

_TOWNS = MappingProxyType({
    # town:postcode; 9 stands for any digit, ? for any of eight letters
    "DE": "Berlin:10999|Hamburg:20999|München:80999|Köln:50999|Leipzig:04999",
    "FR": "Paris:75099|Lyon:69009|Marseille:13009|Lille:59009|Nantes:44009",
    "IT": "Roma:00199|Milano:20199|Napoli:80199|Torino:10199",
    "ES": "Madrid:28099|Barcelona:08099|Valencia:46099|Sevilla:41099",
    "PL": "Warszawa:09-999|Kraków:39-999|Gdańsk:89-999|Łódź:99-999",
    "RO": "București:099999|Cluj-Napoca:409999|Iași:709999", "NL": "Amsterdam:1099 ??|Utrecht:3599 ??",
    "BE": "Bruxelles:1099|Gent:9099|Antwerpen:2099", "CZ": "Praha:199 00|Brno:699 00",
    "PT": "Lisboa:1999-999|Porto:4999-999", "SE": "Stockholm:119 99|Göteborg:419 99",
    "GR": "Athina:109 99|Thessaloniki:549 99", "HU": "Budapest:1099|Debrecen:4099",
    "AT": "Wien:1990|Graz:8099",
    "BG": "Sofia:1999|Plovdiv:4099", "DK": "København:2199|Aarhus:8099", "FI": "Helsinki:00990|Tampere:33990",
    "SK": "Bratislava:819 99|Košice:049 99", "IE": "Dublin:D09 ?9?9|Cork:T12 ?9?9",
    "HR": "Zagreb:10099|Split:21099", "LT": "Vilnius:LT-09999|Kaunas:LT-44999",
    "SI": "Ljubljana:1099|Maribor:2099",
    "LV": "Riga:LV-1099", "EE": "Tallinn:10999|Tartu:50999", "CY": "Nicosia:1099|Limassol:3099",
    "LU": "Luxembourg:L-1999", "MT": "Valletta:VLT 1999",
    "US": "Los Angeles:90099|Chicago:60699|Houston:77099|New York:10099|Miami:33199",
    "GB": "London:N9 9??|Manchester:M9 9??|Leeds:LS9 9??|Glasgow:G9 9??|Cardiff:CF9 9??",
    "CN": "Beijing:100099|Shanghai:200099|Guangzhou:510099|Chengdu:610099|Wuhan:430099",
    "AU": "Sydney:2099|Melbourne:3099|Brisbane:4099|Perth:6099", "NZ": "Auckland:1099|Wellington:6099",
    "PE": "Lima:15099|Arequipa:04099",
    "ZZ": "Zedtown:Z999|Port Zeta:Z999",
})  # fmt: skip
PLACES = 256
"""Places of each country."""
STREETS = len(_STREET_WORDS) * 96
"""Streets with house numbers of each country."""


@cache
def given_names() -> pl.Series:
    """Return the invented given names."""
    return pl.Series([start + end for start, end in product(_GIVEN_STARTS, _GIVEN_ENDS)])


@cache
def family_names() -> pl.Series:
    """Return the invented family names."""
    return pl.Series([a + b + c for a, b, c in product(_FAMILY_STARTS, _FAMILY_MIDDLES, _FAMILY_ENDS)])


@cache
def firm_names() -> pl.Series:
    """Return the invented names of firms."""
    return pl.Series([f"{a} {b} {c}" for a, b, c in product(_FIRM_WORDS, _FIRM_WORDS, _FIRM_ENDS) if a != b])


@cache
def streets(country: str) -> pl.Series:
    """Return invented streets with house numbers in the form that *country* writes them."""
    form = _STREET_FORMS[_FORM_OF.get(country, "en")]
    return pl.Series([form.format(n=n, w=w) for w in _STREET_WORDS for n in range(1, 97)])


@cache
def places(country: str) -> tuple[pl.Series, pl.Series]:
    """Return 256 towns of *country*, with a postcode for each.

    Countries without a list get a town that does not exist.
    """
    towns = [entry.split(":") for entry in _TOWNS.get(country, "Anytown:1099").split("|")]
    names = pl.Series([towns[i % len(towns)][0] for i in range(PLACES)])
    return names, pl.Series([_postcode(towns[i % len(towns)][1], i) for i in range(PLACES)])


def _postcode(form: str, number: int) -> str:
    drawn = sha256(f"{form}{number}".encode()).digest()
    signs = {"9": "0123456789", "?": "BDEHJLPS"}
    return "".join(
        signs[sign][drawn[i] % len(signs[sign])] if sign in signs else sign for i, sign in enumerate(form)
    )
