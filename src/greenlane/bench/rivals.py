"""greenlane, a row loop and pandas on the same rows, in one process on one thread, and whether they agree."""

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, TypeVar

import polars as pl

from greenlane.bench.tables import Tables, tables
from greenlane.engine.context import Context, context
from greenlane.engine.decider import DecidedBatch, Prepared, decide_batch, prepare
from greenlane.engine.groups import items_of, jurisdictions
from greenlane.engine.output import write_rows
from greenlane.law.columns import Columns
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.messages.files import Part, open_source, read_part
from greenlane.packs import pack

_T = TypeVar("_T")
_ROUNDS = 3
_LAW_ALONE = "greenlane, law alone"
_SUMS = ("duty", "tax", "fees", "payable_at_border")


def time_rivals(file: str) -> dict[str, Any]:
    """Time the three programs on the rows of a file that intake accepts; each takes its best of three rounds.

    greenlane reads the file, checks it, screens it, sums groups, digests, decides, says its findings and
    writes; the rivals get the rows in memory and give amounts, charges, category and disposition by law.
    """
    run = context()
    with TemporaryDirectory(prefix="greenlane-rows-") as folder:
        source = open_source(Path(file), Path(folder) / "source")
        (part,) = source.parts(source.items)
        decided, _ = _own(part, run, Path(folder))
        rows = pl.read_parquet(file).filter(
            pl.col("consignment_id").is_in(decided.outcomes["consignment_id"].implode())
        )
        known = tables(rows, run)
        programs = {"row loop": _row_loop, "pandas": _pandas}
        needs = {"row loop": "pydantic", "pandas": "pandas"}
        ready = {
            name: make(rows, known) for name, make in programs.items() if find_spec(needs[name]) is not None
        }
        prepared = prepare(read_part(part), run)
        seconds: dict[str, float] = {}
        used: dict[str, float] = {}
        stages: dict[str, float] = {}
        results: dict[str, pl.DataFrame] = {}
        for _ in range(_ROUNDS):
            (decided, laps), spent, cpu = _timed(lambda: _own(part, run, Path(folder)))
            if spent < seconds.get("greenlane", spent + 1):
                seconds["greenlane"], stages = spent, laps
            used["greenlane"] = min(used.get("greenlane", cpu), cpu)
            _, spent, cpu = _timed(lambda: _law_alone(prepared, run))
            seconds[_LAW_ALONE] = min(seconds.get(_LAW_ALONE, spent), spent)
            used[_LAW_ALONE] = min(used.get(_LAW_ALONE, cpu), cpu)
            for name, (work, listed) in ready.items():
                made, spent, cpu = _timed(work)
                seconds[name] = min(seconds.get(name, spent), spent)
                used[name] = min(used.get(name, cpu), cpu)
                results[name] = listed(made)
    return {
        "items": rows.height,
        "consignments": decided.outcomes.height,
        "seconds": seconds,
        "cpu_seconds": used,
        "stages": stages,
        "agreement": {name: _agreement(decided.outcomes, other) for name, other in results.items()},
        "skipped": {name: needs[name] for name in programs if name not in ready},
    }


def _timed(work: Callable[[], _T]) -> tuple[_T, float, float]:
    """Return what the work gives, its seconds by the clock and those of the processor."""
    begun, used = time.perf_counter(), time.process_time()
    made = work()
    return made, time.perf_counter() - begun, time.process_time() - used


def _own(part: Part, run: Context, folder: Path) -> tuple[DecidedBatch, dict[str, float]]:
    laps: dict[str, float] = {}
    last = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal last
        laps[name] = time.perf_counter() - last
        last = time.perf_counter()

    batch = read_part(part)
    lap("read")
    prepared = prepare(batch, run)
    lap("prepare")
    decided = decide_batch(prepared, run)
    lap("decide")
    for name, frame in (
        ("outcomes", decided.outcomes),
        ("charges", decided.charges),
        ("findings", decided.findings),
    ):
        write_rows(frame, folder / f"{name}.parquet", "parquet")
    lap("write")
    return decided, laps


def _law_alone(prepared: Prepared, run: Context) -> list[dict[str, pl.Series]]:
    """Work out what the rivals do, and no more: amounts of every charge, sums, category, disposition."""
    found = []
    for part in jurisdictions(prepared.consignments, prepared.items):
        law = pack(part.code)
        days = part.consignments["declaration_date"]
        for formula in law.formulas:
            inside = days >= formula.start
            if formula.end is not None:
                inside = inside & (days < formula.end)
            chosen = inside.arg_true().cast(pl.UInt32)
            if not len(chosen):
                continue
            items = items_of(part.items, chosen, len(days))
            columns = Columns(ColumnFacts(part.consignments[chosen], items, run.resolver(part.code)))
            decision = run.plan(law, formula)
            plan = decision.assessment
            nodes = {
                "duty": plan.duty,
                "tax": plan.tax,
                "fees": plan.fees,
                "payable": plan.payable,
                "category": plan.category,
                "complete": plan.complete,
                "disposition": decision.disposition,
            }
            for number, planned in enumerate(plan.charges):
                parts = (planned.charge.when, planned.due, planned.charge.base, planned.charge.rate)
                nodes |= {f"{number}.{place}": node for place, node in enumerate(parts) if node is not None}
            found.append({name: columns.series(node) for name, node in nodes.items()})
    return found


_Program: TypeAlias = tuple[Callable[[], Any], Callable[[Any], pl.DataFrame]]


def _row_loop(rows: pl.DataFrame, known: Tables) -> _Program:
    from greenlane.bench import rows as bench_rows

    law, records = bench_rows.law_of(known), bench_rows.nested(rows)

    def listed(outcomes: list[bench_rows.Outcome]) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "consignment_id": [o.consignment_id for o in outcomes],
                "status": [o.status for o in outcomes],
                "category": [o.category for o in outcomes],
                "disposition": [o.disposition for o in outcomes],
                **{name: [int(getattr(o, name) * 100) for o in outcomes] for name in _SUMS},
            }
        )

    return (lambda: bench_rows.assess_all(records, law)), listed


def _pandas(rows: pl.DataFrame, known: Tables) -> _Program:
    from greenlane.bench import pandas as bench_pandas

    law, frame = bench_pandas.Law(known), bench_pandas.frame_of(rows)

    def listed(made: Any) -> pl.DataFrame:
        outcomes = made[0]
        return pl.DataFrame({name: outcomes[name].to_list() for name in outcomes.columns})

    return (lambda: bench_pandas.assess_all(frame, law)), listed


def _agreement(own: pl.DataFrame, other: pl.DataFrame) -> dict[str, int]:
    """Count consignments on which a rival agrees; dispositions only where no sign of risk shows."""
    both = own.join(other, on="consignment_id", suffix=".other")
    assessed = both.filter((pl.col("status") == "assessed") & (pl.col("status.other") == "assessed"))
    cents = [(pl.col(name).cast(pl.Decimal(20, 2)) * 100).cast(pl.Int64) for name in _SUMS]
    same = [mine == pl.col(f"{name}.other") for mine, name in zip(cents, _SUMS, strict=True)]
    category = pl.col("category").cast(pl.Int64)
    quiet = assessed.filter(pl.col("risk.score") == 0)
    return {
        "consignments": both.height,
        "same_status": int((both["status"] == both["status.other"]).sum()),
        "assessed": assessed.height,
        "same_amounts": assessed.filter(pl.all_horizontal(same)).height,
        "same_category": assessed.filter(category == pl.col("category.other")).height,
        "without_risk": quiet.height,
        "same_disposition": quiet.filter(pl.col("disposition") == pl.col("disposition.other")).height,
    }
