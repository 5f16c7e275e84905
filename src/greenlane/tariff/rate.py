"""Rates of duty as published, exact: a share of the value, an amount per kilogram, an amount per unit."""

from dataclasses import dataclass
from fractions import Fraction

_UNITS: dict[str, tuple[str, Fraction]] = {
    "DZN": ("C62", Fraction(12)),
    "GRO": ("C62", Fraction(144)),
    "CEN": ("C62", Fraction(100)),
    "MIL": ("C62", Fraction(1000)),
    "H87": ("C62", Fraction(1)),
    "NMB": ("C62", Fraction(1)),
    "DPR": ("PR", Fraction(12)),
    "HLT": ("LTR", Fraction(100)),
    "MLT": ("LTR", Fraction(1, 1000)),
    "CLT": ("LTR", Fraction(1, 100)),
    "CMK": ("MTK", Fraction(1, 10_000)),
    "CMT": ("MTR", Fraction(1, 100)),
    "GRM": ("KGM", Fraction(1, 1000)),
    "TNE": ("KGM", Fraction(1000)),
}


def unit_ratio(unit: str, into: str) -> Fraction | None:
    """Return how many *into* one *unit* holds; both are codes of UN/ECE Recommendation 20.

    ``None`` means that the one cannot be counted in the other: a piece in pairs, say.

    Example:
        >>> unit_ratio("C62", "DZN"), unit_ratio("PR", "C62")
        (Fraction(1, 12), None)
    """
    base, factor = _UNITS.get(unit, (unit, Fraction(1)))
    into_base, into_factor = _UNITS.get(into, (into, Fraction(1)))
    return factor / into_factor if base == into_base else None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of duty; all its parts add up.

    ``ad_valorem`` is in billionths of the value. ``per_kg`` is in billionths of a minor unit of ``currency``
    per kilogram of net mass, ``per_unit`` the same per one ``unit`` of quantity (UN/ECE Recommendation 20).
    ``text`` is the rate as published.

    Example:
        >>> Rate("1¢/kg + 2.8%", ad_valorem=28_000_000, per_kg=10**9, currency="USD").specific
        True
    """

    text: str
    ad_valorem: int = 0
    per_kg: int = 0
    per_unit: int = 0
    currency: str | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        if min(self.ad_valorem, self.per_kg, self.per_unit) < 0:
            raise ValueError("a rate of duty is zero or more")
        if self.specific and self.currency is None:
            raise ValueError("an amount per kilogram or unit needs its currency")
        if bool(self.per_unit) != (self.unit is not None):
            raise ValueError("an amount per unit and its unit go together")

    @property
    def specific(self) -> bool:
        """Whether any part depends on mass or quantity."""
        return bool(self.per_kg or self.per_unit)

    @property
    def amount(self) -> tuple[int, int, int, str | None, str | None]:
        """What the rate comes to, whatever its wording; two rates of equal amount are the same duty."""
        return (self.ad_valorem, self.per_kg, self.per_unit, self.currency, self.unit)

    def at_most(self, other: "Rate") -> bool:
        """Whether this rate never gives more duty than *other*, on any value, mass and quantity.

        Example:
            >>> Rate("2%", ad_valorem=20_000_000).at_most(Rate("5%", ad_valorem=50_000_000))
            True
        """
        if (self.ad_valorem, self.per_kg, self.per_unit) == (0, 0, 0):
            return True
        if self.specific and (self.currency != other.currency or (self.per_unit and self.unit != other.unit)):
            return False
        return (
            self.ad_valorem <= other.ad_valorem
            and self.per_kg <= other.per_kg
            and self.per_unit <= other.per_unit
        )


def extremes(rates: tuple[Rate, ...]) -> tuple[Rate | None, Rate | None]:
    """Return the lowest and the highest of *rates*; ``None`` where no rate is below (above) all others.

    Example:
        >>> low, high = extremes((Rate("5%", ad_valorem=50_000_000), Rate("Free")))
        >>> low.text, high.text
        ('Free', '5%')
    """
    low = next((r for r in rates if all(r.at_most(other) for other in rates)), None)
    high = next((r for r in rates if all(other.at_most(r) for other in rates)), None)
    return low, high
