"""One part of a what-if: prepared once, decided under the law as it is and under the changed one, counted in cells."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from greenlane.engine.context import Context, context
from greenlane.engine.decider import Prepared, decide_batch
from greenlane.engine.groups import items_of
from greenlane.engine.tasks import RunSettings, Task, prepared_of, run_context, start_worker
from greenlane.law.assumptions import read_assumptions
from greenlane.measure.part import bands_of
from greenlane.messages.files import read_part
from greenlane.packs import DESTINATIONS

KEYS = ("jurisdiction", "destination", "currency", "chapter", "band")
"""What a cell of the result stands for; ``band`` is a place in `greenlane.measure.part.BANDS`."""

KINDS = ("duty", "tax", "fees")
_SIDED = (*KINDS, "payable", "paying", "charged")
MEASURES = (
    "consignments", "value", "value_unknown", "compared", "compared_value", "unknown_before", "unknown_after",
    *(f"{side}.{name}" for side in ("before", "after") for name in _SIDED), "less", "more",
)  # fmt: skip
"""Counts and sums of a cell, amounts in minor units.

Amounts are summed over ``compared`` alone: consignments whose charges are all known on both sides. ``paying``
counts those that owe something before release, ``charged`` those that bear any charge, ``less`` and ``more``
those that owe less or more than before.
"""


@dataclass(frozen=True, slots=True)
class Variant:
    """A changed law: the assumptions that make it, and the packs that it can change."""

    assumed: dict[str, Any]
    codes: tuple[str, ...]


_variants: list[tuple[Context, tuple[str, ...]]] = []


def start_whatif(settings: RunSettings, variants: tuple[Variant, ...]) -> None:
    """Begin a worker process: today's law and every variant of it."""
    start_worker(settings)
    for variant in variants:
        assumed = read_assumptions(variant.assumed)
        made = context(
            store=settings.store, known_at=settings.known_at, assumptions=assumed, key=settings.key
        )
        _variants.append((made, variant.codes))


@dataclass(frozen=True, slots=True)
class PartCells:
    """What a part adds up to.

    ``rows`` are cells: `KEYS`, then `MEASURES`. ``moves`` counts consignments by (jurisdiction, category
    before, category after); ``changed`` how many each variant changes; ``days`` the first and last declaration
    day for each jurisdiction; ``versions`` the law versions before and after.
    """

    rows: list[tuple[Any, ...]]
    moves: dict[tuple[Any, ...], int]
    changed: list[int]
    days: dict[str, tuple[Any, Any]]
    versions: dict[str, tuple[str, str]]
    rejected: int
    items: int


def whatif_part(task: Task) -> PartCells:
    """Read one part and compare the laws on it."""
    batch = read_part(task.part)
    errors = batch.findings.filter(pl.col("severity") == "error")["consignment_id"].n_unique()
    if not batch.consignments.height:
        return PartCells([], {}, [0] * len(_variants), {}, {}, errors, 0)
    prepared, _ = prepared_of(task, batch)
    before = _facts(prepared, run_context())
    sides = [_decided(prepared, made, codes, before) for made, codes in _variants]
    after = sides[0]
    own = before.with_columns(
        prepared.consignments["destination_country"].alias("destination"),
        _chapters(prepared).alias("chapter"),
        bands_of(before["value"], before["currency"]).alias("band"),
        *(
            after[name].alias(f"after.{name}")
            for name in (*KINDS, "payable", "known", "category", "law_version")
        ),
        prepared.consignments["declaration_date"].alias("day"),
    )
    return PartCells(
        _cells(own).rows(),
        _moves(own),
        [int(_differs(before, side).sum()) for side in sides],
        {code: (a, b) for code, a, b in _spans(own)},
        dict(_versions(own)),
        errors,
        prepared.items.height,
    )


def _facts(prepared: Prepared, run: Context) -> pl.DataFrame:
    """Return what is compared of each consignment of a prepared batch."""
    decided = decide_batch(prepared, run)
    outcomes = decided.outcomes.select("jurisdiction", "currency", "category", "status", "law_version")
    return outcomes.hstack(decided.minor).with_columns((pl.col("status") == "assessed").alias("known"))


def _decided(prepared: Prepared, run: Context, codes: tuple[str, ...], before: pl.DataFrame) -> pl.DataFrame:
    """Return the facts under a variant; what no changed pack covers is as it was and isn't decided again."""
    countries = [country for code in codes for country in DESTINATIONS[code]]
    covered = prepared.consignments["destination_country"].is_in(countries)
    places = covered.arg_true().cast(pl.UInt32)
    if not len(places):
        return before
    if len(places) == len(covered):
        return _facts(prepared, run)
    items = items_of(prepared.items, places, len(covered))
    part = _facts(Prepared(prepared.consignments[places], items, prepared.findings), run)
    where = pl.Series(values=range(len(covered)), dtype=pl.UInt32)
    where = where.scatter(
        places, pl.Series(values=range(len(covered), len(covered) + len(places)), dtype=pl.UInt32)
    )
    return pl.concat([before, part])[where]


def _differs(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    amounts = [before[name].ne_missing(after[name]) for name in (*KINDS, "payable", "known")]
    differs = amounts[0]
    for other in amounts[1:]:
        differs = differs | other
    return differs


def _chapters(prepared: Prepared) -> pl.Series:
    """Return for each consignment the chapter of its dearest item, the first of several."""
    items = prepared.items.select("row", "value", pl.col("hs_code").str.head(2).alias("chapter"))
    dearest = items.sort("row", "value", descending=[False, True], nulls_last=True, maintain_order=True)
    chosen = dearest.unique("row", keep="first", maintain_order=True)
    found = pl.Series(values=[None], dtype=pl.String).new_from_index(0, prepared.consignments.height)
    return found.scatter(chosen["row"], chosen["chapter"])


def _cells(own: pl.DataFrame) -> pl.DataFrame:
    both = pl.col("known") & pl.col("after.known")
    owed, owed_after = (pl.sum_horizontal(f"{side}{name}" for name in KINDS) for side in ("", "after."))
    sided = [
        measure
        for side, name in (("", "before"), ("after.", "after"))
        for measure in (
            *(pl.col(f"{side}{n}").filter(both).sum().alias(f"{name}.{n}") for n in (*KINDS, "payable")),
            (pl.col(f"{side}payable") > 0).filter(both).sum().alias(f"{name}.paying"),
            (pl.sum_horizontal(f"{side}{n}" for n in KINDS) > 0).filter(both).sum().alias(f"{name}.charged"),
        )
    ]
    return (
        own.group_by(KEYS)
        .agg(
            pl.len().alias("consignments"),
            pl.col("value").sum(),
            pl.col("value").null_count().alias("value_unknown"),
            both.sum().alias("compared"),
            pl.col("value").filter(both).sum().alias("compared_value"),
            (~pl.col("known")).sum().alias("unknown_before"),
            (~pl.col("after.known")).sum().alias("unknown_after"),
            *sided,
            (owed_after < owed).filter(both).sum().alias("less"),
            (owed_after > owed).filter(both).sum().alias("more"),
        )
        .select(*KEYS, *MEASURES)
    )


def _moves(own: pl.DataFrame) -> dict[tuple[Any, ...], int]:
    counted = own.group_by("jurisdiction", "category", "after.category").len()
    return {(code, old, new): count for code, old, new, count in counted.iter_rows()}


def _spans(own: pl.DataFrame) -> list[tuple[str, Any, Any]]:
    known = own.filter(pl.col("jurisdiction").is_not_null()).group_by("jurisdiction")
    return known.agg(pl.col("day").min().alias("a"), pl.col("day").max().alias("b")).rows()


def _versions(own: pl.DataFrame) -> list[tuple[str, tuple[str, str]]]:
    seen = own.select("jurisdiction", "law_version", "after.law_version").unique().drop_nulls()
    return [(code, (old, new)) for code, old, new in seen.iter_rows()]
