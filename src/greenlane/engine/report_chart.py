"""Bars and tables of a report, and how figures are written in them. No markup here."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from urllib.parse import quote

from greenlane.values.money import Rounding, divide, exponent, format_scaled, parse_scaled

SHOWN = 12
"""Bars of a ranking before the rest is added up."""

_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart: widths are parts per thousand of the longest row, with the hue of each part.

    ``note`` stands below the text at the bar's end, ``under`` below its label.
    """

    label: str
    text: str
    parts: tuple[tuple[str, int], ...]
    note: str = ""
    under: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures behind a chart. ``numbers`` says which columns hold numbers."""

    head: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    numbers: tuple[bool, ...]
    file: str

    @property
    def link(self) -> str:
        """The table as CSV in a ``data:`` address; no cell begins like a spreadsheet formula."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.head)
        writer.writerows([_neutral(cell) for cell in row] for row in self.rows)
        return "data:text/csv;charset=utf-8," + quote("\ufeff" + text.getvalue())


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with a caption, a legend where a bar has several parts, and the table behind them."""

    caption: str
    bars: list[Bar]
    table: Table
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence that says what to see, and charts.

    A narrow section shares its line with the next one; the charts of a paired one stand two in a line.
    """

    id: str
    title: str
    words: str
    charts: list[Chart] = field(default_factory=list)
    narrow: bool = False
    paired: bool = False


def counted(
    caption: str, rows: list[tuple[str, int, str]], total: int, hue: str, file: str, head: str
) -> Chart:
    """Return a chart of counts: (label, count, code or amount) in the order given."""
    most = max((count for _, count, _ in rows), default=0)
    bars = [
        Bar(first_up(label), f"{count:,}", ((hue, permille(count, most)),), percent(count, total))
        for label, count, _ in rows
    ]
    listed = [(label, code, str(count), percent(count, total)) for label, count, code in rows]
    if any(code for _, _, code in rows):
        second = "Amount" if hue == "value" else "Code"
        return Chart(
            caption,
            bars,
            Table((head, second, "Consignments", "Share"), listed, (False, hue == "value", True, True), file),
        )
    short = [(label, count, share) for label, _, count, share in listed]
    return Chart(caption, bars, Table((head, "Consignments", "Share"), short, (False, True, True), file))


def ranking(
    rows: list[Any], size: Callable[[Any], int], name: Callable[[Any], str]
) -> list[tuple[str, int, list[Any]]]:
    """Return (label, size, rows) from large to small; past `SHOWN` the rest is one row."""
    ordered = sorted(rows, key=lambda row: (-size(row), name(row)))
    if len(ordered) <= SHOWN + 1:
        return [(name(row), size(row), [row]) for row in ordered]
    rest = ordered[SHOWN:]
    shown = [(name(row), size(row), [row]) for row in ordered[:SHOWN]]
    return [*shown, (f"{len(rest)} others", sum(size(row) for row in rest), rest)]


def reader(currency: str) -> Callable[[str | None], int]:
    """Return what reads an amount as minor units; one that isn't known adds nothing."""
    digits = exponent(currency)
    return lambda text: 0 if text is None else parse_scaled(text, digits)


def units(minor: int, currency: str) -> str:
    return f"{divide(minor, 10 ** exponent(currency), Rounding.HALF_UP):,}"


def whole_units(text: str, currency: str) -> int:
    return divide(parse_scaled(text, exponent(currency)), 10 ** exponent(currency), Rounding.HALF_UP)


def permille(part: int, whole: int) -> int:
    return part * 1000 // whole if whole else 0


def percent(part: int, whole: int) -> str:
    if not whole:
        return "0 %"
    tenths = divide(part * 1000, whole, Rounding.HALF_UP)
    return f"{format_scaled(tenths, 1)} %" if tenths or not part else "< 0.1 %"


def first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RISKY) else cell
