"""The tariff of ZZ: invented, by heading, with one of each kind of rate."""

from datetime import date

from greenlane.tariff import Line, Rate, Schedule
from greenlane.values.money import RATE_SCALE, parse_rate


def _ad_valorem(code: str, percent: str) -> Line:
    text = "free" if percent == "0" else f"{percent} %"
    return Line(code, text, Rate(text, ad_valorem=parse_rate(percent) // 100))


_MIXED = "8 % + 0.40 ZZD/kg"
_PAIR = "1.20 ZZD/pair"
_LINES = (
    _ad_valorem("1704", "15"),
    Line("1806", _MIXED, Rate(_MIXED, 80_000_000, per_kg=40 * RATE_SCALE, currency="ZZD")),
    _ad_valorem("3304", "6.5"),
    _ad_valorem("3926", "5"),
    _ad_valorem("4202", "9.7"),
    _ad_valorem("4901", "0"),
    _ad_valorem("6109", "12"),
    _ad_valorem("6204", "12"),
    Line("6402", _PAIR, Rate(_PAIR, per_unit=120 * RATE_SCALE, currency="ZZD", unit="PR")),
    _ad_valorem("7117", "4"),
    _ad_valorem("8517", "0"),
    _ad_valorem("851821", "2"),
    _ad_valorem("851830", "3.5"),
    Line("8543", "by the minister", None),
    _ad_valorem("9503", "4.7"),
)

SCHEDULE = Schedule(
    "zz",
    "Tariff of ZZ (invented)",
    "ZZ",
    date(2024, 1, 1),
    None,
    date(2023, 11, 2),
    {line.code: line for line in _LINES},
)
"""Held by every run: ZZ has no official file to import."""
