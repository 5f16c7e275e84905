"""Rates of duty as their publishers write them, read into exact rates.

What needs more than value, net mass and a count (a season, the alcohol, the drained weight, the value of the
watch case) is refused with a reason; a guess would be a wrong duty.
"""

import re
from dataclasses import dataclass

from greenlane.tariff import Rate
from greenlane.values.errors import GreenlaneError
from greenlane.values.money import RATE_SCALE, exponent, parse_scaled


class UnparsedRate(GreenlaneError):
    """A published rate that cannot be computed; the message is the reason."""


@dataclass(frozen=True, slots=True)
class _Part:
    ad_valorem: int = 0
    per_kg: int = 0
    per_unit: int = 0
    currency: str | None = None
    unit: str | None = None


_US_UNITS = {
    "each": "C62",
    "/head": "C62",
    "/article": "C62",
    "/pr.": "PR",
    "/doz.": "DZN",
    "/doz. pr.": "DPR",
    "/doz. prs.": "DPR",
    "/gross": "GRO",
    "/1000": "MIL",
    "/1,000": "MIL",
    "/1,000 pins": "MIL",
    "/thousand": "MIL",
    "/liter": "LTR",
    "/bbl": "BLL",
    "/m": "MTR",
    "/lin. m": "MTR",
    "/m2": "MTK",
    "/m²": "MTK",
    "/m3": "MTQ",
    "/m³": "MTQ",
}

_REASONS = (
    (r"\d/\d+%", "not exact in billionths"),
    (r"(?i)\brate\b.*\bapplicable\b|see (additional|note)|\bsubheading|\bheading", "refers to another rate"),
    (
        r"on (the )?(case|movement|strap|battery|apparatus|value)|jewel|piece or part",
        "splits the value of the article",
    ),
    (
        r"content\b|total sugars|clean kg|pf\.|alc|sacchar|lactic|degree|% ?vol",
        "depends on strength or content",
    ),
    (
        r"drained|eda\b|contents|container|dry|mas\b|std qual|gross",
        "depends on another weight than the net mass",
    ),
    (r"JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC", "depends on the season"),
    (r"\bEA\b|ADSZ|ADFM", "agricultural component by recipe"),
    (r"Entry Price", "depends on the entry price"),
    (r"MIN|MAX|not less than|shall not exceed", "has a minimum or a maximum"),
    (r"^\d+(\.\d+)? \+", "percent sign missing"),
)


def reason_for(text: str) -> str:
    """Say in a few words why a rate text is not computed.

    Example:
        >>> reason_for("4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item")
        'has a minimum or a maximum'
    """
    return next((reason for pattern, reason in _REASONS if re.search(pattern, text)), "wording not known")


_US_PART = re.compile(
    r"^(?:(?P<pct>[\d.]+)%(?: on the entire set)?|(?P<sign>\$?)(?P<num>[\d.,]+)(?P<cent>¢?) ?(?P<per>.+))$"
)


def us_rate(text: str) -> Rate:
    """Read a rate of the US tariff: ``Free``, ``16.5%``, ``1¢/kg``, ``76¢/pr. + 32%`` and their like.

    Raises:
        UnparsedRate: The text needs more than value, net mass and a count; the message is the reason.

    Example:
        >>> rate = us_rate("46.3¢/kg + 14.9%")
        >>> rate.per_kg, rate.ad_valorem, rate.currency
        (46300000000, 149000000, 'USD')
    """
    words = " ".join(text.split())
    if words == "Free":
        return Rate(words)
    return _sum(words, [_us_part(part.strip(), words) for part in words.split("+")])


def _us_part(part: str, whole: str) -> _Part:
    found = _US_PART.match(part)
    if found is None or (bool(found["sign"]) == bool(found["cent"]) and not found["pct"]):
        raise UnparsedRate(reason_for(whole))
    if found["pct"]:
        return _Part(ad_valorem=_scaled(found["pct"], 7))
    # Cents scaled by 10**9, dollars by 10**11: billionths of a cent.
    amount = _scaled(found["num"].replace(",", ""), 11 if found["sign"] else 9)
    per = found["per"].replace("/ ", "/")
    if per in ("/kg", "/t"):
        return _Part(per_kg=amount if per == "/kg" else _exact(amount, 1000), currency="USD")
    if per not in _US_UNITS:
        raise UnparsedRate(reason_for(whole))
    return _Part(per_unit=amount, currency="USD", unit=_US_UNITS[per])


_EU_PART = re.compile(r"^(?:(?P<pct>[\d.]+)%|(?P<num>[\d.,]+) ?(?P<cur>EUR|GBP) ?/ ?(?P<per>.+))$")
_EU_PER = re.compile(r"^(?P<n>[\d,]*) ?(?P<unit>kg|tonne|hl|items?)(?: ?/ ?net)?$")


def eu_rate(text: str) -> Rate:
    """Read a rate of the EU or UK tariff: ``12.0%``, ``10.20% + 93.10 EUR / 100 kg``, ``32.00 EUR / hl`` ….

    Raises:
        UnparsedRate: The text needs more than value, net mass and a count; the message is the reason.

    Example:
        >>> rate = eu_rate("10.00% + 77.00 GBP/100kg")
        >>> rate.per_kg, rate.currency
        (77000000000, 'GBP')
    """
    words = " ".join(text.split())
    return _sum(words, [_eu_part(part.strip(), words) for part in words.split("+")])


def _eu_part(part: str, whole: str) -> _Part:
    found = _EU_PART.match(part)
    if found is None:
        raise UnparsedRate(reason_for(whole))
    if found["pct"]:
        return _Part(ad_valorem=_scaled(found["pct"], 7))
    per = _EU_PER.match(found["per"])
    if per is None:
        raise UnparsedRate(reason_for(whole))
    amount = _scaled(found["num"].replace(",", ""), 9 + exponent(found["cur"]))
    count = int(per["n"].replace(",", "") or 1)
    match per["unit"]:
        case "kg":
            return _Part(per_kg=_exact(amount, count), currency=found["cur"])
        case "tonne":
            return _Part(per_kg=_exact(amount, count * 1000), currency=found["cur"])
        case "hl":
            return _Part(per_unit=_exact(amount, count), currency=found["cur"], unit="HLT")
        case _ if count == 1000:
            return _Part(per_unit=amount, currency=found["cur"], unit="MIL")
        case _:
            return _Part(per_unit=_exact(amount, count), currency=found["cur"], unit="C62")


def _sum(text: str, parts: list[_Part]) -> Rate:
    units = {part.unit for part in parts if part.per_unit}
    currencies = {part.currency for part in parts if part.per_kg or part.per_unit}
    if len(units) > 1 or len(currencies) > 1:
        raise UnparsedRate("counts in two units or currencies")
    return Rate(
        text,
        sum(part.ad_valorem for part in parts),
        sum(part.per_kg for part in parts),
        sum(part.per_unit for part in parts),
        next(iter(currencies), None),
        next(iter(units), None),
    )


def _scaled(number: str, decimals: int) -> int:
    try:
        return parse_scaled(number.lstrip("0") if number.startswith("00") else number, decimals)
    except ValueError:
        raise UnparsedRate("number not readable") from None


def _exact(amount: int, by: int) -> int:
    whole, rest = divmod(amount, by)
    if rest:
        raise UnparsedRate("finer than a billionth of a minor unit")
    return whole


def share(text: str) -> int:
    """Read a plain share (``0.075``) as billionths.

    Example:
        >>> share("0.075")
        75000000
    """
    return parse_scaled(text, len(str(RATE_SCALE)) - 1)
