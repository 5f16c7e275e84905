"""Periods of returns and statements: half-open spans of whole months."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole months from ``start`` up to ``end``, which isn't part of it."""

    start: date
    end: date

    @classmethod
    def of(cls, day: date, months: int = 1) -> Self:
        """Return the period of the calendar that *day* lies in.

        Args:
            months: Length; a divisor of 12, so that periods begin with the year.

        Example:
            >>> str(Period.of(date(2026, 7, 2))), str(Period.of(date(2026, 8, 31), 3))
            ('2026-07', '2026-07/2026-09')
        """
        if months < 1 or 12 % months:
            raise ValueError("a period's months divide a year")
        start = date(day.year, (day.month - 1) // months * months + 1, 1)
        return cls(start, months_after(start, months))

    @property
    def last(self) -> date:
        """The last day that is part of the period."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        last = f"{self.last:%Y-%m}"
        return last if f"{self.start:%Y-%m}" == last else f"{self.start:%Y-%m}/{last}"


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that is shorter.

    Example:
        >>> months_after(date(2026, 8, 31), 36), months_after(date(2027, 12, 31), 2)
        (datetime.date(2029, 8, 31), datetime.date(2028, 2, 29))
    """
    place = day.year * 12 + day.month - 1 + months
    first = date(place // 12, place % 12 + 1, 1)
    length = (date((place + 1) // 12, (place + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, length))
