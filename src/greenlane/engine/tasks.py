"""The work on one part, as a worker process does it: first what group sums are made of, then the decisions."""

import json
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.decide.columns import CHARGE_COLUMNS, FINDING_COLUMNS
from greenlane.engine.context import Context, context
from greenlane.engine.decider import MINOR, OUTCOME_COLUMNS, DecidedBatch, Prepared, decide_batch, prepare
from greenlane.engine.digests import input_digests
from greenlane.engine.groups import goods_values, grouped, items_of, ungrouped
from greenlane.engine.output import sha256_of, write_rows
from greenlane.engine.processes import end_with_parent
from greenlane.law.assumptions import read_assumptions
from greenlane.measure.part import TABLES, PartStatistics, part_statistics
from greenlane.messages.files import Part, read_part
from greenlane.messages.files_goods import read_goods
from greenlane.model import Batch


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What every worker of a run needs to make the same context."""

    out: Path
    work: Path
    form: str
    store: Path | None
    known_at: date | None
    assumed: dict[str, Any]
    key: bytes
    group_sums: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """One part: its number in the output, and places to leave out because a later filing replaces them."""

    number: int
    part: Part
    superseded: tuple[int, ...] = ()
    compared: tuple[int, ...] = ()
    """Places whose content is compared with another filing of the same id."""


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a finished part tells: counts, hashes of its files, digests of what is compared."""

    number: int
    counts: dict[str, int]
    files: dict[str, str]
    contents: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


_context: Context | None = None
_settings: RunSettings | None = None


def start_worker(settings: RunSettings) -> None:
    """Make this process's context; end the process when its parent is gone."""
    global _context, _settings
    _settings = settings
    _context = context(
        store=settings.store,
        known_at=settings.known_at,
        assumptions=read_assumptions(settings.assumed),
        key=settings.key,
    )
    end_with_parent()


def _ready() -> tuple[Context, RunSettings]:
    if _context is None or _settings is None:
        raise RuntimeError("start_worker comes first")
    return _context, _settings


def run_context() -> Context:
    """Return this process's context."""
    return _ready()[0]


def collect_goods(number: int, part: Part, buckets: int) -> tuple[int, pl.DataFrame]:
    """Write what group sums are made of, parted by person; return the ids' hashes in order of place."""
    run, settings = _ready()
    values = goods_values(read_goods(part), run)
    values = values.with_columns(
        pl.lit(number, pl.UInt32).alias("part"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("place")
    )
    who = pl.coalesce("person", "group.key", pl.lit(""))
    buckets_of = values.select((who.hash(0) % buckets).alias("bucket"))["bucket"]
    for bucket in range(buckets):
        own = values if buckets == 1 else values.filter(buckets_of == bucket)
        path = settings.work / f"goods-{bucket:04d}-{number:05d}.parquet"
        own.write_parquet(path, compression="lz4", statistics=False)
    return number, values.select(pl.col("consignment_id").hash(0).alias("id"), "part", "place")


def accepted_ids(number: int, part: Part) -> pl.DataFrame:
    """Return the hashes of the ids that intake accepts in a part, with the part's number."""
    ids = read_part(part).consignments["consignment_id"]
    return pl.DataFrame({"id": ids.hash(0)}).with_columns(pl.lit(number, pl.UInt32).alias("part"))


def sum_groups(bucket: int, superseded: pl.DataFrame) -> int:
    """Sum one bucket of persons; keep only consignments that are not alone in their group."""
    _, settings = _ready()
    paths = sorted(settings.work.glob(f"goods-{bucket:04d}-*.parquet"))
    values = pl.concat([pl.read_parquet(path) for path in paths])
    if len(superseded):
        values = values.join(superseded, on=["part", "place"], how="anti", maintain_order="left")
    sums = grouped(values).with_columns(values["part"], values["place"])
    kept = sums.filter((pl.col("group.count") > 1) | pl.col("screen.reused_id"))
    for (number,), rows in kept.group_by("part"):
        target = settings.work / f"sums-{number:05d}-{bucket:04d}.parquet"
        rows.drop("part").write_parquet(target, compression="lz4", statistics=False)
    return len(kept)


def groups_of(number: int, ids: pl.Series, work: Path) -> pl.DataFrame:
    """Return the group facts of consignments of a part: its own values, and the sums where they are not alone."""
    own = pl.concat([pl.read_parquet(path) for path in sorted(work.glob(f"goods-*-{number:05d}.parquet"))])
    names = ["group.value", "group.count", "group.ordinal", "screen.reused_id"]
    alone = own.select(
        "consignment_id",
        "place",
        "group.key",
        pl.col("value").alias("group.value"),
        pl.lit(1, pl.Int64).alias("group.count"),
        pl.lit(1, pl.Int64).alias("group.ordinal"),
        pl.lit(False).alias("screen.reused_id"),
    )
    paths = sorted(work.glob(f"sums-{number:05d}-*.parquet"))
    if paths:
        sums = pl.concat([pl.read_parquet(path) for path in paths]).select("place", *names)
        joined = alone.join(sums, on="place", how="left", maintain_order="left", suffix=".sum")
        together = pl.col("group.count.sum").is_not_null()
        alone = joined.select(
            "consignment_id",
            "group.key",
            *(pl.when(together).then(pl.col(f"{n}.sum")).otherwise(pl.col(n)).alias(n) for n in names),
        )
    found = pl.DataFrame({"consignment_id": ids}).join(
        alone.select("consignment_id", "group.key", *names),
        on="consignment_id",
        how="left",
        maintain_order="left",
    )
    return found.drop("consignment_id")


def run_part(task: Task) -> PartResult:
    """Read, check, decide and write one part; its files are whole before the result is told."""
    run, settings = _ready()
    clock = _Clock()
    batch = read_part(task.part)
    clock.lap("read")
    made = _decided(task, batch, run, clock) if batch.consignments.height else _Made()
    decided = made.decided
    files = _write(task, batch.rejected, batch.findings, decided, settings)
    clock.lap("write")
    state = settings.out / "state" / f"part-{task.number:05d}.json"
    counts = {
        "consignments": decided.outcomes.height,
        "items": made.items,
        "rejected_rows": batch.rejected.height,
        "rejected": _rejected(batch.findings),
        "charges": decided.charges.height,
        "findings": decided.findings.height,
    }
    result = PartResult(task.number, counts, files, made.contents, clock.laps)
    told = {
        "part": task.number, "counts": counts, "files": files, "contents": made.contents,
        "statistics": made.statistics, "superseded": list(task.superseded),
        "law": dict(decided.outcomes.select("jurisdiction", "law_version").drop_nulls().unique().iter_rows()),
    }  # fmt: skip
    partial = state.with_suffix(".partial")
    partial.write_text(json.dumps(told), encoding="utf-8")
    partial.replace(state)
    return result


def _nothing_decided() -> DecidedBatch:
    """Return no rows, with all their columns."""
    charges, findings = ({"consignment_id": pl.String, **own} for own in (CHARGE_COLUMNS, FINDING_COLUMNS))
    return DecidedBatch(
        pl.DataFrame(schema=OUTCOME_COLUMNS), pl.DataFrame(schema=charges), pl.DataFrame(schema=findings),
        pl.DataFrame(schema=dict.fromkeys(MINOR, pl.Int64)), *(pl.Series(dtype=pl.UInt32) for _ in range(2)),
    )  # fmt: skip


@dataclass(slots=True)
class _Made:
    """What became of a part; as it stands, of one in which nothing was left to decide."""

    decided: DecidedBatch = field(default_factory=_nothing_decided)
    statistics: PartStatistics = field(default_factory=lambda: {name: [] for name in TABLES})
    contents: dict[str, str] = field(default_factory=dict)
    items: int = 0


def prepared_of(task: Task, batch: Batch) -> tuple[Prepared, dict[str, str]]:
    """Prepare a part with the sums over the whole run, without what a later filing replaces.

    Returns:
        The part, and the digests of contents that are compared with other filings of the same id.
    """
    run, settings = _ready()
    ids = batch.consignments["consignment_id"]
    groups = groups_of(task.number, ids, settings.work) if settings.group_sums else ungrouped(len(ids))
    prepared = prepare(batch, run, groups)
    contents = _contents(prepared, _ids_at(task.number, task.compared, settings.work))
    if task.superseded:
        prepared = _without(prepared, _ids_at(task.number, task.superseded, settings.work))
    return prepared, contents


def _decided(task: Task, batch: Batch, run: Context, clock: "_Clock") -> _Made:
    prepared, contents = prepared_of(task, batch)
    clock.lap("prepare")
    if not prepared.consignments.height:
        return _Made(contents=contents)
    decided = decide_batch(prepared, run)
    clock.lap("decide")
    statistics = part_statistics(
        prepared.consignments,
        prepared.items,
        decided.outcomes,
        decided.charges,
        decided.findings,
        decided.minor,
    )
    clock.lap("statistics")
    return _Made(decided, statistics, contents, prepared.items.height)


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now


def _rejected(findings: pl.DataFrame) -> int:
    errors = findings.filter(pl.col("severity") == "error")
    return int(
        errors.select(pl.coalesce("consignment_id", pl.concat_str(pl.lit("row "), "row")))
        .to_series()
        .n_unique()
    )


def _ids_at(number: int, places: tuple[int, ...], work: Path) -> pl.Series:
    """Return the ids at places of a part as `collect_goods` numbered them, which counts refused ones too."""
    if not places:
        return pl.Series(values=[], dtype=pl.String)
    paths = sorted(work.glob(f"goods-*-{number:05d}.parquet"))
    named = pl.concat([pl.read_parquet(path, columns=["consignment_id", "place"]) for path in paths])
    return named.filter(pl.col("place").is_in(list(places)))["consignment_id"]


def _contents(prepared: Prepared, ids: pl.Series) -> dict[str, str]:
    """Return id -> digest of the content alone, without group sums, of the ids asked for."""
    if not len(ids):
        return {}
    chosen = prepared.consignments["consignment_id"].is_in(ids.implode()).arg_true().cast(pl.UInt32)
    rows = prepared.consignments[chosen]
    plain = rows.drop(
        "group.key", "group.value", "group.count", "group.ordinal", "screen.reused_id", "input_digest"
    )
    digests = input_digests(plain, items_of(prepared.items, chosen, prepared.consignments.height))
    return dict(zip(rows["consignment_id"].to_list(), digests.to_list(), strict=True))


def _without(prepared: Prepared, ids: pl.Series) -> Prepared:
    keep = (~prepared.consignments["consignment_id"].is_in(ids.implode())).arg_true().cast(pl.UInt32)
    items = items_of(prepared.items, keep, prepared.consignments.height)
    return Prepared(prepared.consignments[keep], items, prepared.findings)


def _write(
    task: Task, rejected: pl.DataFrame, intake: pl.DataFrame, decided: DecidedBatch, settings: RunSettings
) -> dict[str, str]:
    errors = intake.filter(pl.col("severity") == "error").select(
        "consignment_id",
        "code",
        "severity",
        "path",
        "message",
        pl.lit(None, pl.String).alias("law"),
        "file",
        "row",
    )
    findings = (
        pl.concat([decided.findings, errors], how="diagonal")
        if errors.height
        else decided.findings.with_columns(
            pl.lit(None, pl.String).alias("file"), pl.lit(None, pl.UInt64).alias("row")
        )
    )
    frames = {"outcomes": decided.outcomes, "charges": decided.charges, "findings": findings}
    files: dict[str, str] = {}
    for folder, frame in frames.items():
        path = settings.out / folder / f"part-{task.number:05d}.{settings.form}"
        write_rows(frame, path, settings.form)
        files[f"{folder}/{path.name}"] = sha256_of(path)
    if rejected.height:
        path = settings.out / "rejected" / f"part-{task.number:05d}.ndjson"
        write_rows(rejected, path, "ndjson", mode=0o600)
        files[f"rejected/{path.name}"] = sha256_of(path)
    return files
