"""`generate`: a seeded stream of consignments with planted, labelled cases."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from greenlane.sandbox import labels, market
from greenlane.sandbox.documents import MOST_CONSIGNMENTS
from greenlane.sandbox.draws import Draws
from greenlane.sandbox.frame import SCHEMA, build
from greenlane.sandbox.lines import draw_lines
from greenlane.sandbox.nested import nest
from greenlane.sandbox.orders import Market, draw_orders
from greenlane.sandbox.plants import checked_rates
from greenlane.values.errors import UsageError

_STRETCH = 32_768
"""Consignments made at a time: whole windows of the planted cases."""

SUFFIXES = (".parquet", ".ndjson", ".csv")


@dataclass(frozen=True, slots=True)
class GenerateReport:
    """What was written: the stream, the labels beside it, and how many of each."""

    out: Path
    labels: Path
    consignments: int
    items: int
    planted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Plan:
    draws: Draws
    trade: Market
    start: date
    days: int
    rates: dict[str, int]
    consignments: int


def generate(
    consignments: int,
    seed: int,
    out: Path,
    *,
    start: date = date(2026, 6, 15),
    days: int = 31,
    destinations: Mapping[str, int] | None = None,
    rates: Mapping[str, int] | None = None,
) -> GenerateReport:
    """Write realistic consignments to *out*, and the planted cases to ``<stem>.labels.csv`` beside it.

    The same arguments give the same rows on every machine, and the first consignments of a stream are those
    of any longer one with the same seed. Memory does not grow with the length.

    Args:
        consignments: How many, 1 to 100 million; each has about 2.2 items.
        seed: Any integer.
        out: File to write; ``.parquet``, ``.csv``: one row an item; ``.ndjson``: one object a consignment.
        start: First day of declaration, from 1950 to 2200.
        days: Over how many days the declarations spread, 1 to 366.
        destinations: Weights by country (ISO 3166-1 alpha-2); `DESTINATIONS` where None.
        rates: Planted consignments in parts per million, by label; `DEFAULT_RATES` for the rest.

    Raises:
        UsageError: An argument outside its range, an unknown label, or a suffix that is none of the three.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     report = generate(1_000, 7, Path(folder) / "stream.parquet")
        ...     rows = pl.read_parquet(report.out)
        >>> report.consignments, report.items == rows.height, rows["consignment_id"].n_unique()
        (1000, True, 1000)
    """
    plan = _checked(consignments, seed, out, start, days, destinations, rates)
    labels_path = out.with_name(f"{out.stem}.labels.csv")
    partial = out.with_name(f"partial-{out.name}")
    partial_labels = out.with_name(f"partial-{labels_path.name}")
    planted: Counter[str] = Counter()
    items = 0
    try:
        with partial_labels.open("wb") as label_file:

            def stretches() -> Iterator[pl.DataFrame]:
                nonlocal items
                for first in range(0, plan.consignments, _STRETCH):
                    rows, found = _stretch(plan, first, min(first + _STRETCH, plan.consignments))
                    found.write_csv(label_file, include_header=first == 0)
                    planted.update(found["label"].to_list())
                    items += rows.height
                    yield rows

            _write(stretches(), partial)
        partial.replace(out)
        partial_labels.replace(labels_path)
    except OSError as fault:
        raise UsageError(f"the stream cannot be written to {out}: {fault.strerror or fault}") from fault
    finally:
        partial.unlink(missing_ok=True)
        partial_labels.unlink(missing_ok=True)
    return GenerateReport(out, labels_path, plan.consignments, items, dict(sorted(planted.items())))


def _checked(
    consignments: int,
    seed: int,
    out: Path,
    start: date,
    days: int,
    destinations: Mapping[str, int] | None,
    rates: Mapping[str, int] | None,
) -> _Plan:
    if not 1 <= consignments <= MOST_CONSIGNMENTS:
        raise UsageError(f"a stream has 1 to {MOST_CONSIGNMENTS} consignments")
    if not 1 <= days <= 366:
        raise UsageError("a stream spreads over 1 to 366 days")
    if not 1950 <= start.year <= 2200:
        raise UsageError("a stream starts in a year from 1950 to 2200")
    if out.suffix not in SUFFIXES:
        raise UsageError(f"the file name ends in one of {', '.join(SUFFIXES)}")
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} does not exist")
    chosen = dict(market.DESTINATIONS if destinations is None else destinations)
    if not chosen or min(chosen.values()) < 0 or not 0 < sum(chosen.values()) < 2**31:
        raise UsageError("destinations need weights of zero or more, at least one above zero")
    if any(len(country) != 2 or not country.isalpha() or not country.isupper() for country in chosen):
        raise UsageError("destinations are ISO 3166-1 codes of two capital letters")
    return _Plan(Draws(seed), Market.of(chosen), start, days, checked_rates(dict(rates or {})), consignments)


def _stretch(plan: _Plan, first: int, end: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    index = np.arange(first, end, dtype=np.uint64)
    orders = draw_orders(plan.draws, plan.trade, plan.days, plan.rates, index)
    lines = draw_lines(plan.draws, plan.trade, orders)
    built = build(plan.draws, plan.trade, orders, lines, plan.start)
    return built.frame, labels.label(plan.draws, plan.trade, orders, lines, built)


def _write(stretches: Iterator[pl.DataFrame], out: Path) -> None:
    if out.suffix == ".ndjson":
        with out.open("wb") as file:
            for rows in stretches:
                nest(rows).write_ndjson(file)
        return

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        return stretches

    stream = register_io_source(source, schema=SCHEMA)
    if out.suffix == ".csv":
        stream.sink_csv(out)
    else:
        stream.sink_parquet(out, row_group_size=2 * _STRETCH)
