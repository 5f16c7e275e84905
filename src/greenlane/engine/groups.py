"""Sums over other consignments: what the same consignee receives on the same day under the same law.

Computed before any decision and handed in as facts, so that a decision stays pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from greenlane.engine.context import Context
from greenlane.engine.digests import folded_names, hashed, person_keys
from greenlane.law.columns import Columns
from greenlane.law.eager import filled
from greenlane.law.graph import field, total
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.model import Batch
from greenlane.packs import DESTINATIONS
from greenlane.packs.building import converted

GOODS = total(converted(field("items.value")))

GROUP_SCHEMA = {
    "group.key": pl.String,
    "group.value": pl.Int64,
    "group.count": pl.Int64,
    "group.ordinal": pl.Int64,
    "screen.reused_id": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The consignments of a batch that one pack covers, with their items."""

    code: str
    places: pl.Series
    consignments: pl.DataFrame
    items: pl.DataFrame


def jurisdictions(consignments: pl.DataFrame, items: pl.DataFrame) -> Iterator[Jurisdiction]:
    """Part a batch by the pack that covers each destination; what no pack covers is left out."""
    countries = consignments["destination_country"]
    codes = countries.replace_strict(COVERED, default=None, return_dtype=pl.String)
    present = sorted(code for code in codes.unique().to_list() if code is not None)
    for code in present:
        where = np.flatnonzero(filled(codes == code, False).to_numpy())
        places = pl.Series(values=where.astype(np.uint32))
        if len(places) == len(consignments):
            yield Jurisdiction(code, places, consignments, items)
            continue
        yield Jurisdiction(code, places, consignments[places], items_of(items, places, len(consignments)))


def items_of(items: pl.DataFrame, places: pl.Series, count: int) -> pl.DataFrame:
    """Return the items of some consignments, with ``row`` numbered anew."""
    number = np.full(count, -1, dtype=np.int64)
    number[places.to_numpy()] = np.arange(len(places))
    rows = number[items["row"].to_numpy()]
    # Rows are taken by a mask, which is quicker than by their places.
    taken = items.filter(pl.Series(values=rows >= 0))
    renumbered = pl.Series("row", rows[rows >= 0].astype(np.uint32))
    return taken.replace_column(taken.get_column_index("row"), renumbered)


def goods_values(batch: Batch, context: Context) -> pl.DataFrame:
    """Return for each consignment what group sums are made of.

    Columns: ``consignment_id``, ``group.key`` (pseudonym of person, day, law and its currency), ``person`` and ``named``
    (pseudonyms of the consignee's id and of its name), ``value`` in minor units of the pack's currency.
    """
    consignments = batch.consignments
    keyed = context.keyed("person")
    value = pl.Series(values=[None], dtype=pl.Int64).new_from_index(0, len(consignments))
    countries = consignments["destination_country"]
    codes = countries.replace_strict(COVERED, default="none", return_dtype=pl.String)
    for part in jurisdictions(consignments, batch.items):
        resolver = context.resolver(part.code)
        facts = ColumnFacts(part.consignments, part.items, resolver)
        value = value.scatter(part.places, Columns(facts).series(GOODS))
        if resolver.pack.currencies:
            # Amounts in different currencies have no sum.
            parted = {c: f"{part.code}/{own}" for c, own in resolver.pack.currencies.items()}
            codes = codes.scatter(part.places, countries.gather(part.places).replace_strict(parted))
    person = person_keys(consignments, keyed)
    told = pl.concat_str(
        pl.lit(person),
        pl.lit("|"),
        pl.lit(consignments["declaration_date"]).cast(pl.String),
        pl.lit("|"),
        pl.lit(codes),
    )
    key = hashed(pl.select(told.alias("t")).to_series())
    named = folded_names(consignments["consignee.name"])
    return pl.DataFrame(
        {
            "consignment_id": consignments["consignment_id"],
            "group.key": key.str.slice(0, 32),
            "person": pl.select(
                pl.when(pl.lit(consignments["consignee.id"].is_not_null())).then(pl.lit(person))
            ).to_series(),
            "named": named.hash(0),
            "value": value,
        }
    )


def grouped(values: pl.DataFrame) -> pl.DataFrame:
    """Sum what `goods_values` says, in the order of the rows given: one row a consignment, `GROUP_SCHEMA`."""
    sums = values.select(
        "group.key",
        pl.when(pl.col("value").is_null().any().over("group.key"))
        .then(None)
        .otherwise(pl.col("value").sum().over("group.key"))
        .alias("group.value"),
        pl.len().over("group.key").cast(pl.Int64).alias("group.count"),
        pl.int_range(1, pl.len() + 1).over("group.key").cast(pl.Int64).alias("group.ordinal"),
        (pl.col("named").n_unique().over("person") > 1).fill_null(False).alias("reused"),
        pl.col("person").is_not_null().alias("has"),
    )
    keyless = pl.col("group.key").is_null()
    return sums.select(
        "group.key",
        pl.when(keyless).then(pl.lit(values["value"])).otherwise(pl.col("group.value")).alias("group.value"),
        pl.when(keyless).then(1).otherwise(pl.col("group.count")).alias("group.count"),
        pl.when(keyless).then(1).otherwise(pl.col("group.ordinal")).alias("group.ordinal"),
        (pl.col("reused") & pl.col("has")).alias("screen.reused_id"),
    )


def alone(values: pl.DataFrame) -> pl.DataFrame:
    """Return the group facts of consignments that are each looked at alone, of what `goods_values` says."""
    return values.select(
        "group.key",
        pl.col("value").alias("group.value"),
        pl.lit(1, pl.Int64).alias("group.count"),
        pl.lit(1, pl.Int64).alias("group.ordinal"),
        pl.lit(False).alias("screen.reused_id"),
    )


def ungrouped(count: int) -> pl.DataFrame:
    """Return group facts of consignments whose groups were not looked for: nothing is known.

    Example:
        >>> ungrouped(2)["group.count"].to_list()
        [None, None]
    """
    return pl.DataFrame({name: [None] * count for name in GROUP_SCHEMA}, schema=GROUP_SCHEMA)


COVERED = {country: code for code, countries in DESTINATIONS.items() for country in countries}
