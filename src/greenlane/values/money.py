"""Exact money: integers in minor units, exact ratios, one rounding where the law says."""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

RATE_SCALE = 1_000_000_000
"""Rates are integers in billionths: 0.19 is 190,000,000. A rate with more than 9 decimals is refused."""

MAX_MINOR = 10**13
"""Largest amount that intake accepts, in minor units; sums and products below keep to 128 bits."""

# Currencies of ISO 4217 whose minor unit is not the hundredth.
_EXPONENTS = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)

CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP
    PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND
    TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    ZZD""".split()
)
"""ISO 4217 codes that intake knows, with ZZD, the currency of the invented country ZZ."""


def exponent(currency: str) -> int:
    """Return how many decimals *currency* has.

    Example:
        >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
        (2, 0, 3)
    """
    return _EXPONENTS.get(currency, 2)


class Rounding(StrEnum):
    """How a fraction of a minor unit (or of a larger step) becomes whole. All amounts are zero or more."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Divide two non-negative integers and round once.

    Example:
        >>> divide(5, 2, Rounding.HALF_UP), divide(5, 2, Rounding.HALF_EVEN), divide(5, 2, Rounding.DOWN)
        (3, 2, 2)
    """
    whole, rest = divmod(numerator, denominator)
    match rounding:
        case Rounding.DOWN:
            return whole
        case Rounding.UP:
            return whole + (rest > 0)
        case Rounding.HALF_UP:
            return whole + (2 * rest >= denominator)
        case Rounding.HALF_EVEN:
            return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


_DECIMAL = re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$", re.ASCII)


def parse_scaled(text: str, decimals: int) -> int:
    """Read a plain decimal string as an integer of 10**-decimals.

    Raises:
        ValueError: Not a plain decimal (no exponent, no thousands sign, no leading zeros), or it has more
            significant decimals than *decimals*.

    Example:
        >>> parse_scaled("12.5", 2), parse_scaled("12.500", 2), parse_scaled("-3", 2)
        (1250, 1250, -300)
    """
    if not _DECIMAL.match(text):
        raise ValueError("not a plain decimal number")
    whole, _, fraction = text.lstrip("-").partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        raise ValueError(f"more than {decimals} decimals")
    scaled = int(whole + fraction.ljust(decimals, "0"))
    return -scaled if text.startswith("-") else scaled


def format_scaled(value: int, decimals: int) -> str:
    """Write an integer of 10**-decimals as a plain decimal string with all its decimals.

    Example:
        >>> format_scaled(1250, 2), format_scaled(-5, 2), format_scaled(38200, 0)
        ('12.50', '-0.05', '38200')
    """
    if decimals == 0:
        return str(value)
    digits = str(abs(value)).rjust(decimals + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def parse_rate(text: str) -> int:
    """Read a rate (``"0.19"``) as billionths.

    Example:
        >>> parse_rate("0.003464")
        3464000
    """
    return parse_scaled(text, 9)


def format_rate(rate: int) -> str:
    """Write a rate in billionths as the shortest plain decimal.

    Example:
        >>> format_rate(190_000_000), format_rate(0), format_rate(25_000_000)
        ('0.19', '0', '0.025')
    """
    text = format_scaled(rate, 9).rstrip("0").rstrip(".")
    return text or "0"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of a currency.

    Example:
        >>> Money.parse("12.50", "EUR") + Money(50, "EUR")
        Money(minor=1300, currency='EUR')
        >>> str(Money(1300, "EUR"))
        '13.00 EUR'
    """

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read a decimal string in currency units.

        Raises:
            ValueError: Not a plain decimal, or more decimals than the currency has.
        """
        return cls(parse_scaled(text, exponent(currency)), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def times(self, ratio: Fraction, rounding: Rounding) -> "Money":
        """Multiply by an exact ratio >= 0 and round once.

        Example:
            >>> Money(10050, "EUR").times(Fraction(12, 1000), Rounding.HALF_UP)
            Money(minor=121, currency='EUR')
        """
        return Money(divide(self.minor * ratio.numerator, ratio.denominator, rounding), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other.minor

    @property
    def amount(self) -> str:
        """The decimal string, in currency units."""
        return format_scaled(self.minor, exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def share_out(amount: int, weights: list[int]) -> list[int]:
    """Split *amount* over *weights* cumulatively, so that the parts sum back exactly.

    Part i is ``amount*cum_i//total - amount*cum_(i-1)//total``. Where all weights are zero, the whole amount
    goes to the first.

    Example:
        >>> share_out(100, [1, 1, 1])
        [33, 33, 34]
    """
    total = sum(weights)
    if total == 0:
        return [amount if i == 0 else 0 for i in range(len(weights))]
    parts: list[int] = []
    cumulative = before = 0
    for weight in weights:
        cumulative += weight
        upto = amount * cumulative // total
        parts.append(upto - before)
        before = upto
    return parts


def fit_articles(values: list[int], quantities: list[int], limit: int) -> list[int]:
    """Return how much of each line is relieved when relief up to *limit* never splits a single article.

    A line of several pieces counts as so many equal articles (its value divided by the pieces; a remainder
    lies on the first ones). Articles are taken in the order declared; one that no longer fits is left out and
    the next is tried.

    Args:
        values: Line totals in minor units.
        quantities: Pieces of each line, in thousandths; a line of other than whole pieces is one article.
        limit: Minor units.

    Example:
        >>> fit_articles([4800], [6000], 4000), fit_articles([12000, 500], [1000, 1000], 4000)
        ([4000], [0, 500])
    """
    left = limit
    relieved = []
    for value, quantity in zip(values, quantities, strict=True):
        pieces = quantity // 1000 if quantity >= 1000 and quantity % 1000 == 0 else 1
        each, rest = divmod(value, pieces)
        dearer = min(rest, left // (each + 1))
        taken = dearer * (each + 1)
        plain = pieces - rest if each == 0 else min(pieces - rest, (left - taken) // each)
        taken += plain * each
        left -= taken
        relieved.append(taken)
    return relieved
