"""Exchange rates as exact ratios of minor units, by source and day."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from math import gcd

from greenlane.tariff.schedule import Certainty
from greenlane.tariff.version import STALE
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import exponent

FX_UNKNOWN = declare(
    "fx.unknown",
    Severity.ERROR,
    "No exchange rate is held for these currencies and that day.",
    "Import the rates, or give the rate as assumed.",
)
FX_SUBSTITUTED = declare(
    "fx.substituted",
    Severity.WARNING,
    "The rate of another source stands in for the one that the law names.",
    "Import the rates of the named source.",
)

_STALE_AFTER = timedelta(days=10)
_DEAD_AFTER = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Quote:
    """What one unit of the pivot currency was worth: ``digits`` / 10**``decimals`` units.

    Days are inclusive; ``until`` None is a daily rate, good until the next one.
    """

    day: date
    digits: int
    decimals: int
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The quotes of one currency, oldest first, column by column: a history of 27 years is 7,000 of them.

    ``texts`` are decimals as published; ``untils`` is empty for daily rates.
    """

    days: tuple[date, ...]
    texts: tuple[str, ...]
    untils: tuple[date, ...] = ()

    def on(self, day: date) -> Quote | None:
        """Return the latest quote that had begun on *day*."""
        index = bisect_right(self.days, day) - 1
        if index < 0:
            return None
        whole, _, fraction = self.texts[index].partition(".")
        until = self.untils[index] if self.untils else None
        return Quote(self.days[index], int(whole + fraction), len(fraction), until)


@dataclass(frozen=True)
class RateTable:
    """The quotes of one source for each currency: units of it for one unit of ``pivot``.

    Example:
        >>> table = RateTable("ecb", "ECB", "EUR", {"USD": Series((date(2026, 7, 1),), ("1.1420",))})
        >>> table.at("USD", date(2026, 7, 3)).digits
        11420
    """

    source: str
    publisher: str
    pivot: str
    series: Mapping[str, Series] = field(repr=False)
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.digest:
            seen = sha256()
            for currency in sorted(self.series):
                held = self.series[currency]
                days = ",".join(map(str, held.days)) + ";" + ",".join(map(str, held.untils))
                seen.update(f"{currency};{days};{','.join(held.texts)}\n".encode())
            object.__setattr__(self, "digest", seen.hexdigest())

    def at(self, currency: str, day: date) -> Quote | None:
        """Return the quote for *day*: the one whose days hold it, or the latest daily one on or before it."""
        if currency == self.pivot:
            return Quote(day, 1, 0)
        held = self.series.get(currency)
        quote = held.on(day) if held is not None else None
        return None if quote is None or (quote.until is not None and day > quote.until) else quote


@dataclass(frozen=True, slots=True)
class FxAnswer:
    """An exchange rate: ``minor_quote = minor_base * numerator / denominator``. None: unknown.

    ``day`` is that of the older of the two quotes behind it. Findings carry an empty path.
    """

    numerator: int | None
    denominator: int | None
    day: date | None
    certainty: Certainty
    findings: tuple[Finding, ...]
    source: str


def customs_day(day: date) -> date:
    """Return the day whose rate the Union's customs use in the month of *day*.

    Law:
        Regulation (EU) 2015/2447 art. 146: the rate of the second-last Wednesday of a month is used for the
        whole of the next month.
    Example:
        >>> customs_day(date(2026, 7, 2))
        datetime.date(2026, 6, 17)
    """
    last = day.replace(day=1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 2) % 7 + 7)


def limits_day(day: date) -> date:
    """Return the day whose rate turns the Union's limits in euro into national currency in the year of *day*.

    Law:
        Regulation (EC) No 1186/2009 art. 128: the rate of the first working day of October is used from
        1 January of the next year.
    Example:
        >>> limits_day(date(2025, 7, 2)), limits_day(date(2023, 1, 1))
        (datetime.date(2024, 10, 1), datetime.date(2022, 10, 3))
    """
    first = date(day.year - 1, 10, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 if first.weekday() > 4 else 0)


_OF_THE_ECB = {"eu-customs": customs_day, "eu-limits": limits_day}
"""Sources that are the ECB's rate of another day."""

_STAND_INS = ("ecb", "hmrc-monthly")
"""Sources that stand in for one that isn't held, in this order."""


class ExchangeRates:
    """Exchange rates of every source that is held. Immutable after it is made; can be pickled.

    Sources: ``ecb`` (the latest published on or before the day), ``hmrc-monthly`` (the period that holds the
    day), ``eu-customs`` and ``eu-limits`` (the ECB's rate of `customs_day` and of `limits_day`). For any other,
    or where the named one has no rate for the day, the ECB's stands in, and for currencies that the ECB doesn't
    quote the monthly rate of HMRC, where it is held; with finding ``fx.substituted``.

    Example:
        >>> table = RateTable("ecb", "ECB", "EUR", {"JPY": Series((date(2026, 7, 1),), ("169.50",))})
        >>> answer = ExchangeRates([table]).rate("ecb", "EUR", "JPY", date(2026, 7, 2))
        >>> 1000 * answer.numerator // answer.denominator  # 10.00 euro in yen
        1695
    """

    __slots__ = ("_tables",)

    def __init__(self, tables: Iterable[RateTable] = ()) -> None:
        self._tables = {table.source: table for table in tables}

    @property
    def tables(self) -> tuple[RateTable, ...]:
        """The tables that are held, in order of source."""
        return tuple(self._tables[source] for source in sorted(self._tables))

    def rate(self, source: str, base: str, quote: str, day: date) -> FxAnswer:
        """Return what one minor unit of *base* is in minor units of *quote* on *day*, by *source*."""
        if base == quote:
            return FxAnswer(1, 1, day, Certainty.CERTAIN, (), source)
        other_day = _OF_THE_ECB.get(source)
        wanted = other_day(day) if other_day else day
        own = self._tables.get("ecb" if other_day else source)
        answer = self._from(own, source, base, quote, wanted) if own is not None else None
        if answer is not None:
            return answer
        for name in _STAND_INS:
            table = self._tables.get(name)
            if table is None or name == source or (other_day and name == "ecb"):
                continue
            substitute = self._from(table, name, base, quote, day)
            if substitute is not None:
                whose = "the ECB's" if name == "ecb" else f"that of {table.publisher}"
                message = f"No {source} rate of {base} in {quote} for {day} is held; {whose} is used."
                findings = (Finding(FX_SUBSTITUTED, "", message), *substitute.findings)
                certainty = max(Certainty.UNVERIFIED, substitute.certainty)
                return replace(substitute, certainty=certainty, findings=findings)
        message = f"No rate of {base} in {quote} for {day} is held ({source})."
        return FxAnswer(None, None, None, Certainty.UNKNOWN, (Finding(FX_UNKNOWN, "", message),), source)

    def digest(self) -> str:
        """Return the SHA-256 over all that is held."""
        seen = sha256()
        for table in self.tables:
            seen.update(f"{table.source}\x1f{table.pivot}\x1f{table.digest}\n".encode())
        return seen.hexdigest()

    def _from(self, table: RateTable, source: str, base: str, quote: str, day: date) -> FxAnswer | None:
        of_base, of_quote = table.at(base, day), table.at(quote, day)
        if of_base is None or of_quote is None:
            return None
        oldest = min(of_base.day, of_quote.day)
        periodic = of_base.until is not None or of_quote.until is not None
        findings: tuple[Finding, ...] = ()
        certainty = Certainty.CERTAIN
        if not periodic and day - oldest > _DEAD_AFTER:
            return None
        if not periodic and day - oldest > _STALE_AFTER:
            message = f"The latest {table.publisher} rate of {base} in {quote} before {day} is of {oldest}."
            findings, certainty = (Finding(STALE, "", message),), Certainty.UNVERIFIED
        numerator = of_quote.digits * 10 ** (of_base.decimals + exponent(quote))
        denominator = of_base.digits * 10 ** (of_quote.decimals + exponent(base))
        common = gcd(numerator, denominator)
        name = f"{table.publisher}, {oldest}" + (f" ({source})" if source != table.source else "")
        return FxAnswer(numerator // common, denominator // common, oldest, certainty, findings, name)
