"""Schemes by which tax is declared after the sale or the release: whose, for which months, by when, corrected how."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from greenlane.ledger.period import Period, months_after


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a scheme is declared.

    Attributes:
        moment: Of the charges that it declares.
        months: Length of its period.
        due_day: Day of the month after the period by which return and money are due; None is its last day.
        correction_months: How long after that day a later return may correct the period; None where none may.
        law: Where this is written.
        levied_by: Jurisdiction whose tax it declares; None: any.
        currency: Of its returns.
        later: Periods that are due more than a month after their end: last month of the period, months after.
    """

    code: str
    moment: str
    law: str
    months: int = 1
    due_day: int | None = None
    correction_months: int | None = None
    levied_by: str | None = None
    currency: str = "EUR"
    later: tuple[tuple[int, int], ...] = ()

    def due(self, period: Period) -> date:
        """Return the day by which the return of *period* is due.

        Example:
            >>> str(SCHEMES["IOSS"].due(Period.of(date(2026, 1, 9))))
            '2026-02-28'
            >>> str(SCHEMES["AU_GST"].due(Period.of(date(2026, 10, 9), 3)))
            '2027-02-28'
        """
        first = months_after(period.end, dict(self.later).get(period.last.month, 1) - 1)
        if self.due_day is None:
            return months_after(first, 1) - timedelta(days=1)
        return first.replace(day=self.due_day)

    def corrects(self, period: Period, on: date) -> bool:
        """Say whether a return sent on a day may correct *period*.

        Example:
            >>> june = Period.of(date(2026, 6, 1))
            >>> SCHEMES["IOSS"].corrects(june, date(2029, 7, 31)), SCHEMES["IOSS"].corrects(june, date(2029, 8, 1))
            (True, False)
        """
        months = self.correction_months
        return months is not None and on <= months_after(self.due(period), months)

    def declares(self, levied_by: str, moment: str) -> bool:
        """Say whether it declares the tax of a jurisdiction that is collected at a moment."""
        return moment == self.moment and self.levied_by in (None, levied_by)


SCHEMES: dict[str, Scheme] = {
    "IOSS": Scheme(
        "IOSS", "at_sale", "Dir. 2006/112/EC art. 369r-369v", correction_months=36, levied_by="eu"
    ),
    "SPECIAL": Scheme(
        "SPECIAL",
        "periodic",
        "Dir. 2006/112/EC art. 369zb; Reg. (EU) No 952/2013 art. 111(6)",
        due_day=16,
        levied_by="eu",
    ),
    "GB_VAT": Scheme(
        "GB_VAT",
        "at_sale",
        "SI 1995/2518 reg. 25(1), 34",
        months=3,
        correction_months=48,
        levied_by="gb",
        currency="GBP",
    ),
    "AU_GST": Scheme(
        "AU_GST",
        "at_sale",
        "A New Tax System (Goods and Services Tax) Act 1999 s. 31-8; GST: Correcting GST Errors Determination 2023",
        months=3,
        due_day=28,
        correction_months=12,
        levied_by="au",
        currency="AUD",
        later=((12, 2),),
    ),
}
"""Schemes whose law is held here. Another is a `Scheme` that the caller makes.

IOSS: a return a month by the end of the next (art. 369s), corrected in a later one within three years of the day
on which it was due (art. 369t(2)). Special arrangement: a declaration a month, paid when import duty is (art.
369zb(2)); corrected by the customs declaration, not by a later month. Great Britain: a quarter by the end of the
next month, errors in a later return within four years. Australia: a quarter by the 28th of the next month, that
to December by 28 February; errors in a later return, here within twelve months. The figures of Great Britain and
Australia are unverified: they were not read in the text of the law.
"""


@lru_cache(1024)
def scheme_of(levied_by: str, moment: str) -> Scheme | None:
    """Return the scheme that declares the tax of a jurisdiction at a moment; None: no return asks for it.

    Example:
        >>> scheme_of("eu", "at_sale").code, scheme_of("cn", "periodic")
        ('IOSS', None)
    """
    return next((one for one in SCHEMES.values() if one.declares(levied_by, moment)), None)
