"""One part of a replay: read what was filed, decide it again, compare charge by charge, trace what differs."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.engine.context import Context, context
from greenlane.engine.decider import Prepared, decide_batch, decision_on, prepare, rows_of
from greenlane.engine.explain import steps_of_decision
from greenlane.engine.groups import GROUP_SCHEMA, items_of
from greenlane.engine.output import part_path, read_part_rows, sha256_of, write_rows
from greenlane.engine.processes import end_with_parent
from greenlane.law.assumptions import read_assumptions
from greenlane.messages.files import read_rows
from greenlane.values.errors import UsageError
from greenlane.values.money import exponent, format_scaled

CLASSES = {
    "same": "same: every payer owes what it did",
    "refund": "refund: less is owed",
    "further_claim": "further claim: more is owed",
    "cannot_recompute": "cannot be recomputed",
}
"""The classes of a replay, of which each consignment is in one, with their words."""

_OPERATORS = {"platform": "platform.id", "seller": "seller.id", "carrier": "carrier.id"}
"""Payers that are named by an id of their own; a buyer is known by the consignment alone."""

_ROWS: Any = {
    "consignment_id": pl.String, "declaration_date": pl.Date, "jurisdiction": pl.String, "class": pl.String,
    "reason": pl.String, "currency": pl.String, "before": pl.String, "after": pl.String, "net": pl.String,
    "law_before": pl.String, "law_after": pl.String,
}  # fmt: skip
_DIFFERENCES: Any = {
    "consignment_id": pl.String, "payer": pl.String, "payer_id": pl.String, "currency": pl.String,
    "before": pl.String, "after": pl.String, "refund": pl.String, "further_claim": pl.String,
    "delta_minor": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReplayTask:
    """One part of a finished run, and how to decide it anew. ``whole`` says why it can't be read, if so."""

    run: Path
    out: Path
    form: str
    entry: dict[str, Any]
    since: date
    settings: dict[str, Any]
    whole: str | None

    @property
    def number(self) -> int:
        """The part's number."""
        return int(self.entry["part"])


def start_replay() -> None:
    """Begin a worker process."""
    end_with_parent()


def context_of(settings: dict[str, Any]) -> Context:
    """Return the context of some settings of a manifest, made once a process."""
    return _context(json.dumps(settings, sort_keys=True))


@cache
def _context(settings: str) -> Context:
    given = json.loads(settings)
    return context(
        store=Path(given["store"]) if given["store"] else None,
        known_at=date.fromisoformat(given["known_at"]) if given["known_at"] else None,
        assumptions=read_assumptions(given["assumed"]),
    )


def replay_part(task: ReplayTask) -> dict[str, Any]:
    """Replay one part and write its consignments, differences and traces; return its counts."""
    written = _written(task, "outcomes")
    reason = task.whole if written is not None else "what the run wrote was changed since"
    outcomes = read_part_rows(task.run, "outcomes", task.number, task.form) if written is None else written
    prepared = _prepared(task, outcomes) if reason is None else None
    if prepared is None:
        return _unread(task, outcomes, reason or "the input can't be read as it was")
    days = outcomes.select("consignment_id").join(
        prepared.consignments.select("consignment_id", "declaration_date", pl.col("input_digest").alias("now")),
        on="consignment_id", how="left", maintain_order="left",
    )  # fmt: skip
    outcomes = outcomes.with_columns(days["declaration_date"], days["now"])
    since = outcomes.filter(pl.col("declaration_date").is_null() | (pl.col("declaration_date") >= task.since))
    run = context_of(task.settings)
    wanted = prepared.consignments["consignment_id"].is_in(since["consignment_id"].implode())
    prepared = _only(prepared, wanted)
    decided = decide_batch(prepared, run)
    charges = _written(task, "charges")
    if charges is None:
        return _unread(task, outcomes, "what the run wrote was changed since")
    compared = _compared(since, decided.outcomes, charges, decided.charges, prepared.consignments)
    rows, differences = compared
    _write(task, rows, differences)
    _trace(task, rows, prepared, since, charges, run)
    return _counts(outcomes, rows, run)


def _written(task: ReplayTask, folder: str) -> pl.DataFrame | None:
    """Return the rows that the run wrote; None where the file isn't what it was."""
    path = part_path(task.run, folder, task.number, task.form)
    if not path.is_file() or sha256_of(path) != task.entry["files"][f"{folder}/{path.name}"]:
        return None
    return read_part_rows(task.run, folder, task.number, task.form)


def _prepared(task: ReplayTask, outcomes: pl.DataFrame) -> Prepared | None:
    """Read the part's consignments again, with the facts of their groups as the run had them."""
    source = task.entry["input"]
    try:
        batch = read_rows(Path(source["path"]), source["first_row"], source["last_row"])
    except UsageError:
        return None
    groups = batch.consignments.select("consignment_id").join(
        _groups(outcomes), on="consignment_id", how="left", maintain_order="left"
    )
    groups = groups.with_columns(pl.col("screen.reused_id", "group.held").fill_null(False))
    held = groups["group.held"]
    made = prepare(batch, context_of(task.settings), groups.select(list(GROUP_SCHEMA)))
    # Of several filings of one id the one that was decided counts: its digest is known.
    ids, digests = made.consignments["consignment_id"], made.consignments["input_digest"]
    decided = (ids + digests).is_in((outcomes["consignment_id"] + outcomes["input_digest"]).implode())
    best = pl.select(pl.lit(ids), decided=decided, held=held, place=pl.int_range(len(ids)))
    chosen = best.filter("held").sort("decided", "place").unique("consignment_id", keep="last")["place"]
    return _only(made, pl.Series(values=range(len(ids)), dtype=pl.Int64).is_in(chosen.implode()))


def _groups(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return the group facts that the run decided with, in minor units."""
    signs = outcomes["risk.indicators"]
    reused = (
        signs.str.contains("identity.reused", literal=True)
        if signs.dtype == pl.String
        else signs.list.eval(pl.element().struct.field("code") == "identity.reused").list.any()
    )
    return outcomes.select(
        "consignment_id",
        "group.key",
        _minor("group.value").alias("group.value"),
        pl.col("group.count").cast(pl.Int64),
        pl.col("group.ordinal").cast(pl.Int64),
        pl.lit(reused).fill_null(False).alias("screen.reused_id"),
        pl.lit(True).alias("group.held"),
    ).unique("consignment_id", keep="last", maintain_order=True)


def _only(prepared: Prepared, wanted: pl.Series) -> Prepared:
    places = wanted.arg_true().cast(pl.UInt32)
    items = items_of(prepared.items, places, prepared.consignments.height)
    return Prepared(prepared.consignments[places], items, prepared.findings)


def _minor(name: str) -> pl.Expr:
    """Amounts are written with all the decimals of their currency, so that the digits are minor units."""
    return pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64)


def _compared(
    before: pl.DataFrame,
    after: pl.DataFrame,
    charged: pl.DataFrame,
    charged_now: pl.DataFrame,
    facts: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    ids = before["consignment_id"].implode()
    sums = _sums(charged.filter(pl.col("consignment_id").is_in(ids)), "before").join(
        _sums(charged_now, "after"), on=["consignment_id", "payer", "currency"], how="full", coalesce=True
    )
    sums = sums.with_columns(pl.col("before").fill_null(0), pl.col("after").fill_null(0))
    moved = sums.with_columns((pl.col("after") - pl.col("before")).alias("delta")).filter(
        pl.col("delta") != 0
    )
    net = moved.group_by("consignment_id").agg(pl.col("delta").sum().alias("net"), pl.len().alias("moved"))
    names = ["consignment_id", "status", "total", "law_version", "lists_version", "category", "disposition"]
    now = after.select(names).rename({name: f"{name}.now" for name in names[1:]})
    rows = before.join(now, on="consignment_id", how="left", maintain_order="left").join(
        net, on="consignment_id", how="left", maintain_order="left"
    )
    same_law = (pl.col("law_version") == pl.col("law_version.now")) & (
        pl.col("lists_version") == pl.col("lists_version.now")
    )
    rows = rows.with_columns(
        pl.when(pl.col("now").is_null())
        .then(pl.lit("the consignment isn't in the input any more"))
        .when(pl.col("currency").is_null())
        .then(pl.lit("no law pack covered it in the run"))
        .when(pl.col("now") != pl.col("input_digest"))
        .then(pl.lit("its facts read otherwise than in the run: key, lists or program changed"))
        .when(same_law & (pl.col("status") == pl.col("status.now")) & pl.col("net").is_null())
        .then(pl.lit(None, pl.String))
        .when((pl.col("status") != "assessed") & (pl.col("status.now") != "assessed"))
        .then(pl.lit("something was and is unknown: no total to compare"))
        .when(pl.col("status") != "assessed")
        .then(pl.lit("something was unknown in the run: no total to compare with"))
        .when(pl.col("status.now") != "assessed")
        .then(pl.lit("something is unknown under the other law"))
        .otherwise(pl.lit(None, pl.String))
        .alias("reason")
    ).with_columns(
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit("cannot_recompute"))
        .when(pl.col("net").is_null())
        .then(pl.lit("same"))
        .when(pl.col("net") <= 0)
        .then(pl.lit("refund"))
        .otherwise(pl.lit("further_claim"))
        .alias("class")
    )
    settled = rows.filter(pl.col("class").is_in(["refund", "further_claim"]))["consignment_id"]
    moved = moved.filter(pl.col("consignment_id").is_in(settled.implode())).sort("consignment_id", "payer")
    listed = rows.select(
        "consignment_id",
        "declaration_date",
        "jurisdiction",
        "class",
        "reason",
        "currency",
        pl.col("total").alias("before"),
        pl.col("total.now").alias("after"),
        _written_amount("net", "currency"),
        pl.col("law_version").alias("law_before"),
        pl.col("law_version.now").alias("law_after"),
    )
    return listed.cast(_ROWS), _differences(moved, facts)


def _sums(charges: pl.DataFrame, name: str) -> pl.DataFrame:
    keys = ["consignment_id", "payer", "currency"]
    return charges.group_by(keys).agg(_minor("amount").sum().alias(name))


def _written_amount(minor: str, currency: str) -> pl.Expr:
    def write(row: dict[str, Any]) -> str | None:
        known = row[minor] is not None and row[currency] is not None
        return format_scaled(row[minor], exponent(row[currency])) if known else None

    return pl.struct(minor, currency).map_elements(write, return_dtype=pl.String).alias(minor)


def _differences(moved: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    named = moved.join(
        facts.select("consignment_id", *_OPERATORS.values()),
        on="consignment_id",
        how="left",
        maintain_order="left",
    )
    who = pl.lit(None, pl.String)
    for payer, column in _OPERATORS.items():
        who = pl.when(pl.col("payer") == payer).then(pl.col(column)).otherwise(who)
    delta = pl.col("delta")
    named = named.with_columns(
        who.alias("payer_id"),
        pl.when(delta < 0).then(-delta).otherwise(0).alias("refund"),
        pl.when(delta > 0).then(delta).otherwise(0).alias("further_claim"),
        delta.alias("delta_minor"),
    )
    amounts = [_written_amount(n, "currency") for n in ("before", "after", "refund", "further_claim")]
    return named.with_columns(amounts).select(list(_DIFFERENCES)).cast(_DIFFERENCES)


def _write(task: ReplayTask, rows: pl.DataFrame, differences: pl.DataFrame) -> None:
    for folder, frame in (("consignments", rows), ("differences", differences)):
        write_rows(frame, task.out / folder / f"part-{task.number:05d}.parquet", "parquet")


def _trace(
    task: ReplayTask,
    rows: pl.DataFrame,
    prepared: Prepared,
    before: pl.DataFrame,
    charged: pl.DataFrame,
    run: Context,
) -> None:
    """Write both traces of each consignment that differs: charges and steps, before and after."""
    differs = rows.filter(pl.col("class").is_in(["refund", "further_claim"]))
    path = task.out / "traces" / f"part-{task.number:05d}.ndjson"
    ids = differs["consignment_id"]
    own = _only(prepared, prepared.consignments["consignment_id"].is_in(ids.implode()))
    first = context_of(task.entry["decided"])
    told = dict(before.select("consignment_id", "law_version").iter_rows())
    paid = charged.filter(pl.col("consignment_id").is_in(ids.implode())).partition_by(
        "consignment_id", as_dict=True
    )
    classes = dict(differs.select("consignment_id", "class").iter_rows())
    with path.open("w", encoding="utf-8") as file:
        for row, items in rows_of(own):
            name = row["consignment_id"]
            entry = {
                "consignment_id": name,
                "class": classes[name],
                "before": _side(row, items, first, told[name], paid.get((name,))),
                "after": _side(row, items, run),
            }
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _side(
    row: dict[str, Any],
    items: list[dict[str, Any]],
    run: Context,
    version: str | None = None,
    written: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """Return charges and steps under one law; where this installation holds the law no more, what was written."""
    decision = decision_on(row, items, run)
    if decision is None:
        return {"law_version": None, "charges": [], "steps": []}
    held = run.versions(decision.plan.assessment.pack.code).law
    if version is not None and held != version:
        note = f"decided under {version}, which this installation doesn't hold: its steps can't be shown"
        charges = [] if written is None else written.drop("consignment_id").to_dicts()
        return {"law_version": version, "note": note, "charges": charges, "steps": []}
    charges = decision.charges()
    decision.reasons()
    return {
        "law_version": held,
        "charges": charges,
        "steps": [s.as_dict() for s in steps_of_decision(decision)],
    }


def _counts(outcomes: pl.DataFrame, rows: pl.DataFrame, run: Context) -> dict[str, Any]:
    lists = set(outcomes["lists_version"].drop_nulls().unique().to_list())
    return {
        "held": outcomes.height,
        "before_the_day": outcomes.height - rows.height,
        "classes": dict(Counter(rows["class"].to_list())),
        "reasons": dict(Counter(reason for reason in rows["reason"].to_list() if reason is not None)),
        "versions": {
            "before": rows["law_before"].drop_nulls().unique().to_list(),
            "after": rows["law_after"].drop_nulls().unique().to_list(),
        },
        "lists_changed": lists - {run.versions(None).lists} != set(),
    }


def _unread(task: ReplayTask, outcomes: pl.DataFrame, reason: str) -> dict[str, Any]:
    """List a part that can't be read as not recomputable, every consignment of it: their days aren't known."""
    rows = outcomes.select(
        "consignment_id",
        pl.lit(None, pl.Date).alias("declaration_date"),
        "jurisdiction",
        pl.lit("cannot_recompute").alias("class"),
        pl.lit(reason).alias("reason"),
        "currency",
        pl.col("total").alias("before"),
        pl.lit(None, pl.String).alias("after"),
        pl.lit(None, pl.String).alias("net"),
        pl.col("law_version").alias("law_before"),
        pl.lit(None, pl.String).alias("law_after"),
    ).cast(_ROWS)
    _write(task, rows, pl.DataFrame(schema=_DIFFERENCES))
    (task.out / "traces" / f"part-{task.number:05d}.ndjson").touch()
    return _counts(outcomes, rows, context_of(task.settings))
