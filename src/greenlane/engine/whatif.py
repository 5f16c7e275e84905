"""What if the law were another: volume, revenue and cost beside today's, on real flow."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from greenlane.engine.context import Context, context, local_key
from greenlane.engine.names import CHAPTER_NAMES, COUNTRY_NAMES
from greenlane.engine.other_law import read_settings
from greenlane.engine.output import neutral, write_json
from greenlane.engine.processes import Progress, processes, silent
from greenlane.engine.report import write_page
from greenlane.engine.tasks import RunSettings, Task
from greenlane.engine.together import add_up
from greenlane.engine.whatif_part import KEYS, KINDS, MEASURES, PartCells, Variant, start_whatif, whatif_part
from greenlane.engine.whatif_view import view
from greenlane.law.assumptions import read_assumptions
from greenlane.law.parameters import Dated, Parameter
from greenlane.measure.part import BANDS
from greenlane.messages.files import open_source
from greenlane.values.errors import UsageError
from greenlane.values.money import RATE_SCALE, Rounding, divide, exponent, format_scaled, parse_scaled

ITEMS_PER_PART = 250_000
_AMOUNTS = (
    "value",
    "compared_value",
    *(f"{s}.{n}" for s in ("before", "after") for n in (*KINDS, "payable")),
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a comparison found; ``summary`` is what ``summary.json`` holds."""

    out: Path
    summary: dict[str, Any]


def whatif(
    files: Iterable[Path],
    out: Path,
    settings: Sequence[str],
    *,
    elasticity: str | None = None,
    workers: int | None = None,
    known_at: date | None = None,
    store: Path | None = None,
    assumed: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    items_per_part: int = ITEMS_PER_PART,
) -> WhatIf:
    """Decide files under the law as it is and under the changed law, and compare.

    Args:
        files: Consignments, as `greenlane.engine.clear.clear` takes them.
        out: Folder of ``summary.json``, ``cells.csv``, tables and ``whatif.html``; what stands there by these
            names is replaced.
        settings: Changes, see `greenlane.engine.other_law.read_settings`.
        elasticity: How demand answers a change of the landed cost, a decimal of zero or less such as ``-1.5``:
            a cost 1 % higher changes volume by so many per cent. None: volume stays.
        workers: Processes; None is one a core. Results do not depend on it.

    Raises:
        UsageError: A file can't be read, or a change names no parameter.
    """
    if not settings:
        raise UsageError("--set says what to change: parameter=value, more than once if wanted")
    answer = _elasticity(elasticity)
    changes = read_settings(settings)
    base = dict(assumed or {})
    variants = _variants(base, changes)
    today = context(store=store, known_at=known_at, assumptions=read_assumptions(base))
    changed = context(store=store, known_at=known_at, assumptions=read_assumptions(variants[0].assumed))
    given = [Path(file) for file in files]
    for file in given:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file")
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".work-") as name:
        work = Path(name)
        run = RunSettings(out, work, "parquet", store, known_at, base, local_key())
        parts, told = _run(given, run, variants, workers, progress or silent, items_per_part)
    summary = _summary(parts, changes, variants, today, changed, answer)
    summary["files"] = told
    _write(summary, out)
    return WhatIf(out, summary)


def _elasticity(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        size = parse_scaled(text.removeprefix("-"), 9)
    except ValueError:
        raise UsageError(f"--elasticity {text}: write a decimal of zero or less, such as -1.5") from None
    if not text.startswith("-") and size:
        raise UsageError("--elasticity is zero or less: a higher cost doesn't raise demand")
    return -size


def _variants(base: dict[str, Any], changes: list[Row]) -> tuple[Variant, ...]:
    """All changes together; then, where a pack has several, each of them alone, to tell what each does."""

    def made(own: list[Row]) -> Variant:
        codes = dict.fromkeys(change["parameter"].partition(".")[0] for change in own)
        return Variant({**base, "amendments": [*base.get("amendments", []), *own]}, tuple(codes))

    return (made(changes), *(made([change]) for change in changes if len(changes) > 1))


def _run(
    files: list[Path],
    settings: RunSettings,
    variants: tuple[Variant, ...],
    workers: int | None,
    progress: Progress,
    items_per_part: int,
) -> tuple[list[PartCells], list[Row]]:
    sources = []
    for number, file in enumerate(files):
        folder = settings.work / f"source-{number:03d}"
        folder.mkdir(mode=0o700)
        sources.append(open_source(file.resolve(), folder))
    told = [finding for source in sources for finding in source.findings.to_dicts()]
    listed = [part for source in sources for part in source.parts(items_per_part)]
    tasks = [Task(number, part) for number, part in enumerate(listed)]
    done: list[PartCells] = []
    with processes(workers or os.cpu_count() or 1, start_whatif, settings, variants) as pool:
        tasks, _ = add_up(pool, tasks, progress)
        for number, future in enumerate([pool.submit(whatif_part, task) for task in tasks], 1):
            done.append(future.result())
            progress("comparing", number, len(tasks))
    return done, told


def _summary(
    parts: list[PartCells],
    changes: list[Row],
    variants: tuple[Variant, ...],
    today: Context,
    changed: Context,
    answer: int | None,
) -> dict[str, Any]:
    cells = _added(parts)
    days: dict[str, tuple[date, date]] = {}
    versions: dict[str, tuple[str, str]] = {}
    moves: Counter[tuple[Any, ...]] = Counter()
    for part in parts:
        moves.update(part.moves)
        versions |= part.versions
        for code, (first, last) in part.days.items():
            held = days.get(code, (first, last))
            days[code] = (min(first, held[0]), max(last, held[1]))
    counts = [sum(part.changed[place] for part in parts) for place in range(len(variants))]
    alone = counts[1:] if len(changes) > 1 else counts
    if answer is not None:
        for cell in cells:
            _respond(cell, answer)
    return {
        "changes": [
            {**change, "effect": _effect(change, count, days, today, changed), "consignments": count}
            for change, count in zip(changes, alone, strict=True)
        ],
        "consignments": sum(cell["consignments"] for cell in cells),
        "items": sum(part.items for part in parts),
        "rejected": sum(part.rejected for part in parts),
        "changed": counts[0],
        "days": {code: [first.isoformat(), last.isoformat()] for code, (first, last) in sorted(days.items())},
        "elasticity": None if answer is None else _decimal(answer),
        "by_country": _rolled(cells, ("jurisdiction", "destination", "currency")),
        "by_goods": _rolled(cells, ("currency", "chapter")),
        "by_band": _rolled(cells, ("jurisdiction", "currency", "band")),
        "cells": _rolled(cells, KEYS),
        "categories": [
            {"jurisdiction": code, "before": old, "after": new, "consignments": count}
            for (code, old, new), count in sorted(moves.items(), key=repr)
        ],
        "law_versions": {code: list(pair) for code, pair in sorted(versions.items())},
    }


def _decimal(answer: int) -> str:
    text = format_scaled(-answer, 9).rstrip("0").rstrip(".")
    return f"-{text}" if answer else "0"


def _added(parts: list[PartCells]) -> list[Row]:
    sums: dict[tuple[Any, ...], list[int]] = {}
    for part in parts:
        for row in part.rows:
            key, measures = row[: len(KEYS)], row[len(KEYS) :]
            held = sums.setdefault(key, [0] * len(MEASURES))
            for place, measure in enumerate(measures):
                held[place] += measure or 0
    return [
        dict(zip((*KEYS, *MEASURES), (*key, *held), strict=True))
        for key, held in sorted(sums.items(), key=lambda pair: repr(pair[0]))
    ]


def _respond(cell: Row, answer: int) -> None:
    """Add what a cell comes to if demand answers the change of its landed cost: value and all that is owed.

    Per cell: consignments times 1 + elasticity x (cost after - cost before) / cost before, never below zero.
    """
    before, after = (sum(cell[f"{side}.{kind}"] for kind in KINDS) for side in ("before", "after"))
    landed, count = cell["compared_value"] + before, cell["compared"]
    factor, whole = RATE_SCALE * landed + answer * (after - before), RATE_SCALE * landed
    expected = max(0, divide(count * factor, whole, Rounding.HALF_UP)) if whole else count
    cell["expected.consignments"] = expected
    cell["expected.revenue"] = max(0, divide(after * factor, whole, Rounding.HALF_UP)) if whole else after


def _rolled(cells: list[Row], keys: tuple[str, ...]) -> list[Row]:
    """Sum cells over what *keys* leaves out; amounts as decimal strings, costs per consignment beside them."""
    sums: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    extra = [
        str(name) for name in ("expected.consignments", "expected.revenue") if cells and name in cells[0]
    ]
    for cell in cells:
        sums[tuple(cell[key] for key in keys)].update({name: cell[name] for name in (*MEASURES, *extra)})
    rows = []
    for key, measures in sorted(sums.items(), key=lambda pair: repr(pair[0])):
        row: Row = dict(zip(keys, key, strict=True))
        _write_amounts(row, measures, extra)
        rows.append(row)
    return rows


def _write_amounts(row: Row, measures: Counter[str], extra: list[str]) -> None:
    currency = row["currency"]
    digits = exponent(currency) if currency else 2
    for name in (*MEASURES, *extra):
        money = name in _AMOUNTS or name == "expected.revenue"
        row[name] = format_scaled(measures[name], digits) if money else measures[name]
    for side in ("before", "after"):
        revenue = sum(measures[f"{side}.{kind}"] for kind in KINDS)
        row[f"{side}.revenue"] = format_scaled(revenue, digits)
        each = divide(revenue, measures["compared"], Rounding.HALF_UP) if measures["compared"] else None
        row[f"{side}.cost"] = None if each is None else format_scaled(each, digits)


def _effect(
    change: Row, count: int, days: Mapping[str, tuple[date, date]], today: Context, changed: Context
) -> str:
    """Say in words what a change does to the run, and why where it does nothing."""
    code = change["parameter"].partition(".")[0]
    if code not in days:
        return f"no effect: no consignment of the run goes where {code} is the law"
    first, last = days[code]
    held, new = today.law(code).parameters.by_id, changed.law(code).parameters.by_id
    named = [p for name, p in held.items() if _named(change["parameter"], name)]
    if all(_alike(p, new[p.id], first, last) for p in named):
        return f"no effect: on {first} to {last} the law says the same with it"
    if not count:
        return f"no effect: nothing that is owed in this run on {first} to {last} rests on it"
    return f"changes {count:,} consignments"


def _named(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern


def _alike(old: Parameter, new: Parameter, first: date, last: date) -> bool:
    """Whether two parameters say the same on every day of a span, for every key."""
    edges = {day for day in old.boundaries() | new.boundaries() if first < day <= last}
    return all(
        _said(old.at(key, day, None)) == _said(new.at(key, day, None))
        for key in {*old.keys(), *new.keys()}
        for day in (first, *edges)
    )


def _said(dated: Dated | None) -> tuple[Any, ...] | None:
    if dated is None or dated.state in ("repealed", "pending"):
        return None
    return dated.state, dated.value, dated.rival


def _write(summary: dict[str, Any], out: Path) -> None:
    for name in ("by_country", "by_goods", "by_band", "cells"):
        rows = summary[name] if name != "cells" else summary.pop(name)
        frame = pl.DataFrame([_labelled(row) for row in rows], infer_schema_length=None)
        neutral(frame).write_csv(out / f"{name}.csv")
    write_json(out / "summary.json", summary)
    write_page(view(summary), out / "whatif.html")


def _labelled(row: Row) -> Row:
    """Return a row with names beside codes, for a table that people read."""
    found: Row = {}
    for name, value in row.items():
        if name == "band":
            found["above"] = None if value is None else BANDS[value]
            found["up_to"] = None if value is None or value + 1 >= len(BANDS) else BANDS[value + 1]
            continue
        found[name] = value
        if name == "destination":
            found["country"] = COUNTRY_NAMES.get(value)
        if name == "chapter":
            found["goods"] = CHAPTER_NAMES.get(value)
    return found


def in_words(result: WhatIf) -> str:
    """Say what was found, for a terminal."""
    s = result.summary
    lines = [f"{s['consignments']:,} consignments; {s['changed']:,} of them owe something else", ""]
    for change in s["changes"]:
        key = f"[{change['key']}]" if "key" in change else ""
        since = f"@{change['from']}" if "from" in change else ""
        lines.append(f"{change['parameter']}{key}={_plain(change['value'])}{since}: {change['effect']}")
    lines += ["", _head(s["elasticity"])]
    touched = [row for row in s["by_country"] if row["less"] or row["more"]] or s["by_country"]
    lines += [_line(row, s["elasticity"]) for row in touched]
    left = len(s["by_country"]) - len(touched)
    if left:
        lines.append(f"{left} more destinations owe what they did.")
    unknown = sum(row["consignments"] - row["compared"] for row in s["by_country"])
    if unknown:
        lines.append(f"{unknown:,} consignments are not compared: something in them is unknown.")
    lines += ["", *(f"  {result.out / name}" for name in ("by_country.csv", "by_goods.csv", "by_band.csv"))]
    lines += [f"  {result.out / 'cells.csv'}", f"Look at {result.out / 'whatif.html'}"]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _head(elasticity: str | None) -> str:
    head = (
        f"{'':<5}{'compared':>10}{'revenue now':>17}{'then':>17}{'':>5}{'paying now':>12}{'then':>9}"
        f"{'each now':>11}{'then':>10}"
    )
    return head + (f"{'expected':>11}{'revenue':>16}" if elasticity else "")


def _line(row: Row, elasticity: str | None) -> str:
    line = (
        f"{row['destination'] or '-':<5}{row['compared']:>10,}{row['before.revenue']:>17}{row['after.revenue']:>17}"
        f" {row['currency'] or '':<4}{row['before.paying']:>12,}{row['after.paying']:>9,}"
        f"{row['before.cost'] or '-':>11}{row['after.cost'] or '-':>10}"
    )
    more = elasticity and f"{row['expected.consignments']:>11,}{row['expected.revenue']:>16}"
    return line + (more or "")
