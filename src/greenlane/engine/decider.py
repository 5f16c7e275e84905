"""Decide a batch on columns, or one of its consignments on integers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from greenlane.decide.columns import (
    CHARGE_COLUMNS,
    FINDING_COLUMNS,
    BatchDecision,
    order_findings,
)
from greenlane.decide.outcome import (
    NO_PACK,
    OUTSIDE_SPAN,
    Decision,
    outside_words,
    undecidable,
)
from greenlane.engine.context import Context
from greenlane.engine.digests import input_digests
from greenlane.engine.groups import goods_values, grouped, items_of, jurisdictions
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.law.leaves import SingleFacts
from greenlane.model import Batch
from greenlane.packs import jurisdiction_of, pack
from greenlane.risk.screening import screen
from greenlane.values.finding import Finding

OUTCOME_COLUMNS: dict[str, Any] = {
    "consignment_id": pl.String,
    "jurisdiction": pl.String,
    "member": pl.String,
    "category": pl.Int8,
    "category_reason": pl.String,
    "customs_value": pl.String,
    "intrinsic_value": pl.String,
    "currency": pl.String,
    "duty": pl.String,
    "tax": pl.String,
    "fees": pl.String,
    "total": pl.String,
    "payable_at_border": pl.String,
    "status": pl.String,
    "certainty": pl.String,
    "disposition": pl.String,
    "reasons": pl.List(pl.String),
    "risk.score": pl.Int16,
    "risk.indicators": pl.List(pl.Struct({"code": pl.String, "weight": pl.Int16, "reason": pl.String})),
    "group.key": pl.String,
    "group.value": pl.String,
    "group.count": pl.Int64,
    "group.ordinal": pl.Int64,
    "law_version": pl.String,
    "lists_version": pl.String,
    "model_version": pl.String,
    "input_digest": pl.String,
}
"""Columns of ``outcomes/``: one row a consignment."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch with every fact that a decision reads: screening, group sums, digests."""

    consignments: pl.DataFrame
    items: pl.DataFrame
    findings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class DecidedBatch:
    """Rows in the order of the consignments; each has ``consignment_id``."""

    outcomes: pl.DataFrame
    charges: pl.DataFrame
    findings: pl.DataFrame
    minor: pl.DataFrame
    """Amounts of each consignment in minor units of its outcome's currency, null where unknown: `MINOR`."""
    charges_of: pl.Series
    """(charges,) UInt32: the place of each charge's consignment."""
    findings_of: pl.Series
    """(findings,) UInt32: the place of each finding's consignment."""


MINOR = ("value", "duty", "tax", "fees", "payable")
"""Columns of `DecidedBatch.minor`."""


def prepare(batch: Batch, context: Context, groups: pl.DataFrame | None = None) -> Prepared:
    """Add the facts of screening and of the group, and the input digest.

    ``groups`` has one row a consignment of the batch (`greenlane.engine.groups.GROUP_SCHEMA`); None: the batch
    stands alone and is grouped within itself.
    """
    if groups is None:
        groups = grouped(goods_values(batch, context))
    consignments, items = screen(batch.consignments, batch.items, batch.findings, context.terms, context.book)
    consignments = consignments.hstack(groups.get_columns())
    digests = input_digests(consignments, items)
    return Prepared(consignments.with_columns(digests), items, batch.findings)


def decide_one(prepared: Prepared, place: int, context: Context) -> dict[str, Any]:
    """Decide one consignment of a prepared batch on integers, as the contract writes it."""
    row = prepared.consignments.row(place, named=True)
    return decide_row(row, items_at(prepared, place), found_by_intake(prepared, place), context)


def decision_of(prepared: Prepared, place: int, context: Context) -> Decision | None:
    """Return the decision of one consignment, to be asked for its steps; None where no law covers it."""
    return decision_on(prepared.consignments.row(place, named=True), items_at(prepared, place), context)


def decide_row(
    row: Mapping[str, Any], items: list[Mapping[str, Any]], given: list[Finding], context: Context
) -> dict[str, Any]:
    """Decide one consignment held as plain rows of a prepared batch, with intake's findings about it."""
    return outcome_of(decision_on(row, items, context), row, given, context)


def outcome_of(
    decision: Decision | None, row: Mapping[str, Any], given: list[Finding], context: Context
) -> dict[str, Any]:
    """Return the outcome of a decision that was made of *row*; None is one that no law covers."""
    code = jurisdiction_of(row["destination_country"])
    versions = context.versions(code)
    if decision is None:
        found, words = _uncovered(code, row["declaration_date"])
        return undecidable(row, found, words, versions, row["input_digest"], given, code)
    return decision.outcome(versions, row["input_digest"], given)


def items_at(prepared: Prepared, place: int) -> list[Mapping[str, Any]]:
    """Return the items of one consignment of a prepared batch as plain rows."""
    return list(prepared.items.filter(pl.col("row") == place).to_dicts())


def decision_on(
    row: Mapping[str, Any], items: Sequence[Mapping[str, Any]], context: Context
) -> Decision | None:
    """Return the decision of one consignment held as plain rows of a prepared batch; None where no law covers it."""
    code = jurisdiction_of(row["destination_country"])
    law = context.law(code) if code else None
    formula = law.formula_at(row["declaration_date"]) if law else None
    if law is None or formula is None:
        return None
    facts = SingleFacts(row, list(items), context.resolver(law.code))
    return Decision(context.plan(law, formula), facts)


def rows_of(prepared: Prepared) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each consignment of a prepared batch as a plain row with its plain items."""
    listed = items_by_consignment(prepared)
    for place, row in enumerate(rows(prepared.consignments)):
        yield row, listed.get(place, [])


def items_by_consignment(prepared: Prepared) -> dict[int, list[dict[str, Any]]]:
    """Return the items of a prepared batch as plain rows by the place of their consignment."""
    listed: dict[int, list[dict[str, Any]]] = {}
    for item in rows(prepared.items):
        listed.setdefault(item["row"], []).append(item)
    return listed


def rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return each row of a frame by the names of its columns.

    Example:
        >>> rows(pl.DataFrame({"a": [1, 2]}))
        [{'a': 1}, {'a': 2}]
    """
    # Rows begin as copies of an empty one and are filled column by column: this is the quickest way, and a column in
    # which nothing stands costs nothing.
    empty = dict.fromkeys(frame.columns)
    made: list[dict[str, Any]] = [empty.copy() for _ in range(len(frame))]
    for column in frame.get_columns():
        if column.null_count() < len(column):
            name = column.name
            for row, value in zip(made, column.to_list(), strict=True):
                row[name] = value
    return made


def _uncovered(code: str | None, day: date) -> tuple[str, str]:
    if code is None:
        return NO_PACK, "no law pack covers this country of destination"
    law = pack(code)
    return OUTSIDE_SPAN, outside_words(law.name, law.start, law.end)


def found_by_intake(prepared: Prepared, place: int) -> list[Finding]:
    """Return what intake found about one consignment that it accepted."""
    named = prepared.consignments["consignment_id"][place]
    own = prepared.findings.filter(pl.col("consignment_id") == named)
    return [Finding(f["code"], f["path"], f["message"], None) for f in own.iter_rows(named=True)]


def decide_batch(prepared: Prepared, context: Context) -> DecidedBatch:
    """Decide every consignment of a prepared batch on columns."""
    consignments, items = prepared.consignments, prepared.items
    outcomes: list[pl.DataFrame] = []
    charges: list[pl.DataFrame] = []
    findings: list[pl.DataFrame] = []
    left = np.ones(len(consignments), dtype=bool)
    for part in jurisdictions(consignments, items):
        law = context.law(part.code)
        days = part.consignments["declaration_date"].cast(pl.Int32).to_numpy()
        for formula in law.formulas:
            inside = days >= _day_number(formula.start)
            if formula.end is not None:
                inside &= days < _day_number(formula.end)
            chosen = np.flatnonzero(inside)
            if not len(chosen):
                continue
            if len(chosen) == len(days):
                rows, own_items, places = part.consignments, part.items, part.places
            else:
                picks = pl.Series(values=chosen.astype(np.uint32))
                rows, places = part.consignments[picks], part.places[picks]
                own_items = items_of(part.items, picks, len(days))
            left[places.to_numpy()] = False
            facts = ColumnFacts(rows, own_items, context.resolver(part.code))
            decided = BatchDecision(context.plan(law, formula), facts).decide(context.versions(part.code))
            outcomes.append(_placed(decided.outcomes, places))
            charges.append(_placed(decided.charges, places))
            findings.append(_placed(decided.findings, places))
    rest = np.flatnonzero(left).tolist()
    if rest:
        _undecided(consignments, rest, context, outcomes, findings)
    findings.append(_intake(prepared))
    return _in_order(consignments, outcomes, charges, findings)


def _day_number(day: date) -> int:
    """Return a day as a column of days holds it."""
    return (day - date(1970, 1, 1)).days


def _placed(frame: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    """Give rows just made, in place, the places in the whole batch of those that they are numbered by."""
    return frame.replace_column(frame.get_column_index("row"), places[frame["row"]].alias("row"))


def _undecided(
    consignments: pl.DataFrame,
    rest: list[int],
    context: Context,
    outcomes: list[pl.DataFrame],
    findings: list[pl.DataFrame],
) -> None:
    rows, told = [], []
    for place in rest:
        row = consignments.row(place, named=True)
        code = jurisdiction_of(row["destination_country"])
        found, words = _uncovered(code, row["declaration_date"])
        made = undecidable(row, found, words, context.versions(code), row["input_digest"], [], code)
        flat = {name: made.get(name) for name in OUTCOME_COLUMNS}
        flat |= {"risk.score": 0, "risk.indicators": [], "row": place}
        rows.append(flat)
        told += [{"row": place, **finding} for finding in made["findings"]]
    outcomes.append(pl.DataFrame(rows, schema={"row": pl.UInt32, **OUTCOME_COLUMNS}))
    findings.append(pl.DataFrame(told, schema={"row": pl.UInt32, **FINDING_COLUMNS}))


def _intake(prepared: Prepared) -> pl.DataFrame:
    """Return what intake found about accepted consignments, by row."""
    named = prepared.consignments.select(
        "consignment_id", pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    )
    found = prepared.findings.filter(pl.col("consignment_id").is_not_null())
    if not len(found):
        return pl.DataFrame(schema={"row": pl.UInt32, **FINDING_COLUMNS})
    return (
        found.drop("row")
        .join(named, on="consignment_id", how="inner")
        .select("row", "code", "severity", "path", "message", pl.lit(None, pl.String).alias("law"))
    )


def _in_order(
    consignments: pl.DataFrame,
    outcomes: list[pl.DataFrame],
    charges: list[pl.DataFrame],
    findings: list[pl.DataFrame],
) -> DecidedBatch:
    ids = consignments["consignment_id"]
    digests = consignments["input_digest"]
    made = (
        pl.concat(outcomes, how="diagonal_relaxed", rechunk=True)
        if outcomes
        else pl.DataFrame(schema={"row": pl.UInt32, **OUTCOME_COLUMNS})
    )
    if len(outcomes) > 1:
        made = made.sort("row")
    minor = made.select(
        (pl.col(f"minor.{name}") if f"minor.{name}" in made.columns else pl.lit(None))
        .cast(pl.Int64)
        .alias(name)
        for name in MINOR
    )
    made = made.with_columns(digests.gather(made["row"]).alias("input_digest")).select(
        *(pl.col(name).cast(kind) for name, kind in OUTCOME_COLUMNS.items())
    )
    listed, charges_of = _joined(charges, CHARGE_COLUMNS, ids)
    told = [frame for frame in findings if len(frame)]
    ordered = (
        order_findings(pl.concat(told, how="diagonal_relaxed"))
        if told
        else pl.DataFrame(schema={"row": pl.UInt32, **FINDING_COLUMNS})
    )
    said, findings_of = _joined([ordered], FINDING_COLUMNS, ids)
    return DecidedBatch(made, listed, said, minor, charges_of, findings_of)


def _joined(
    frames: list[pl.DataFrame], columns: dict[str, Any], ids: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        empty = pl.DataFrame(schema={"consignment_id": pl.String, **columns})
        return empty, pl.Series(values=[], dtype=pl.UInt32)
    whole = pl.concat(frames, how="diagonal_relaxed", rechunk=True)
    named = whole.with_columns(ids.gather(whole["row"]).alias("consignment_id"))
    shown = named.select("consignment_id", *(pl.col(name).cast(kind) for name, kind in columns.items()))
    return shown, whole["row"]


__all__ = [
    "MINOR",
    "OUTCOME_COLUMNS",
    "DecidedBatch",
    "Prepared",
    "decide_batch",
    "decide_one",
    "decide_row",
    "decision_of",
    "decision_on",
    "found_by_intake",
    "items_at",
    "items_by_consignment",
    "outcome_of",
    "prepare",
    "rows",
    "rows_of",
]
