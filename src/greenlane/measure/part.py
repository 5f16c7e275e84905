"""The statistics of one part of a run: small tables of exact counts and sums that add up across parts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from greenlane.values.money import exponent

AMOUNTS = ("value", "duty", "tax", "fees", "payable")
"""Amounts of a consignment, in minor units of its outcome's currency; ``payable`` is due at the border."""

BANDS = (0, 1, 5, 10, 22, 45, 150, 1000)
"""Lower ends of the value bands in currency units. A band holds what is above its lower end, up to the next
one, which it includes, because thresholds of law read "not exceeding"; the first holds zero too."""

_NO_CHAPTER = 100

_DECIMALS = 3
"""Most decimals that a currency has; charges are summed in thousandths before they become minor units."""


@dataclass(frozen=True, slots=True)
class Table:
    """The shape of one table of statistics: rows are keys, then measures; rows with equal keys are added."""

    keys: tuple[str, ...]
    measures: tuple[str, ...]


def _with_unknown(*names: str) -> tuple[str, ...]:
    return tuple(word for name in names for word in (name, f"{name}_unknown"))


_FLOW = ("consignments", "items", *_with_unknown("value"))

TABLES: dict[str, Table] = {
    "destinations": Table(
        ("jurisdiction", "destination", "currency"),
        ("consignments", "items", "incomplete", *_with_unknown(*AMOUNTS)),
    ),
    "categories": Table(("category", "currency"), _FLOW),
    "dispositions": Table(("disposition", "jurisdiction"), ("consignments",)),
    "statuses": Table(("status", "jurisdiction"), ("consignments",)),
    "certainties": Table(("certainty", "jurisdiction"), ("consignments",)),
    "channels": Table(("channel", "currency"), _FLOW),
    "departures": Table(("departure", "currency"), _FLOW),
    "bands": Table(("jurisdiction", "currency", "band"), ("consignments", "value")),
    "days": Table(("day",), ("consignments",)),
    "scores": Table(("score",), ("consignments",)),
    "versions": Table(("kind", "version"), ("consignments",)),
    "charges": Table(
        ("pack", "currency", "kind", "name", "collected", "payer", "certainty"),
        ("charges", *_with_unknown("amount"), "waived"),
    ),
    "chapters": Table(("chapter", "currency"), ("items", *_with_unknown("value"))),
    "findings": Table(("code", "severity"), ("findings", "consignments", "incomplete")),
    "senders": Table(("sender",), ("consignments",)),
    "sender_findings": Table(("sender", "code"), ("findings",)),
}
"""Every table of a part. ``*_unknown`` counts the amounts that are not known, which are in no sum."""

PartStatistics = dict[str, list[list[Any]]]
"""Rows of every table of `TABLES`: keys are strings, integers or None, measures integers; fit for JSON."""

OURS = frozenset({"fx", "jurisdiction", "law", "list", "reference"})
"""Families of finding codes that say something about law or reference data, not about what a sender filed."""

OUR_CODES = frozenset({"excise.unknown", "tariff.not_carried", "tariff.not_loaded", "tariff.unparsed"})
"""Single codes of that kind in other families."""


def part_statistics(
    consignments: pl.DataFrame,
    items: pl.DataFrame,
    outcomes: pl.DataFrame,
    charges: pl.DataFrame,
    findings: pl.DataFrame,
    minor: pl.DataFrame,
) -> PartStatistics:
    """Count and sum one decided part of a run.

    Args:
        consignments: (n,) rows of a batch, as intake gives them.
        items: (m,) rows; ``row`` is the place of the consignment, ascending.
        outcomes: (n,) rows in the order of *consignments*.
        charges: Rows with ``consignment_id``, amounts as decimal strings.
        findings: Rows with ``consignment_id``.
        minor: (n,) `AMOUNTS`, minor units, null where unknown.

    Returns:
        Rows of every table of `TABLES`, to be kept as JSON and given to `greenlane.measure.summary.merge`.
    """
    counted = _item_counts(items["row"], len(consignments))
    wide = _cube(consignments, outcomes, minor, counted)
    cube = _grouped(
        wide,
        *_CUBE,
        consignments=pl.len(),
        items=pl.col("items").sum(),
        **{name: pl.col(name).sum() for name in AMOUNTS},
        **{f"{name}_unknown": pl.col(name).null_count() for name in AMOUNTS},
    )
    incomplete = pl.col("status") == "incomplete"
    cube = cube.with_columns(pl.when(incomplete).then("consignments").otherwise(0).alias("incomplete"))
    made = {name: _marginal(cube, TABLES[name]) for name in _OF_THE_CUBE}
    made["days"] = [[day.isoformat(), count] for day, count in _counts(consignments["declaration_date"])]
    made["scores"] = _counts(outcomes["risk.score"])
    made["versions"] = [
        [kind, *row] for kind in ("law", "lists", "model") for row in _counts(outcomes[f"{kind}_version"])
    ]
    made["charges"] = _charges(charges)
    made["chapters"] = _chapters(items, minor["value"], outcomes["currency"], counted)
    sender = consignments.select(pl.coalesce("platform.id", "seller.id", "carrier.id")).to_series()
    made["senders"] = _counts(sender)
    made["findings"], made["sender_findings"] = _findings(
        findings, consignments["consignment_id"], sender, outcomes["status"] == "incomplete"
    )
    return made


_CUBE = (
    "jurisdiction",
    "destination",
    "currency",
    "category",
    "disposition",
    "status",
    "certainty",
    "channel",
    "departure",
    "band",
)
_OF_THE_CUBE = (
    "destinations",
    "categories",
    "dispositions",
    "statuses",
    "certainties",
    "channels",
    "departures",
    "bands",
)


def _cube(
    consignments: pl.DataFrame, outcomes: pl.DataFrame, minor: pl.DataFrame, counted: pl.Series
) -> pl.DataFrame:
    facts = ("jurisdiction", "currency", "category", "disposition", "status", "certainty")
    return pl.DataFrame(
        [
            *outcomes.select(facts).get_columns(),
            consignments["destination_country"].alias("destination"),
            consignments["channel"],
            consignments["departure_country"].alias("departure"),
            bands_of(minor["value"], outcomes["currency"]).alias("band"),
            counted.alias("items"),
            *(_wide(minor[name], len(minor)) for name in AMOUNTS),
        ]
    )


def bands_of(value: pl.Series, currency: pl.Series) -> pl.Series:
    """Return the place of each value's band in `BANDS`, null where the value is unknown."""
    band = pl.Series(values=[None], dtype=pl.Int8).new_from_index(0, len(value))
    places: dict[int, list[str]] = {}
    for code in currency.unique().drop_nulls().to_list():
        places.setdefault(exponent(code), []).append(code)
    for digits, codes in places.items():
        bounds = pl.Series(values=[lower * 10**digits for lower in BANDS[1:]], dtype=pl.Int64)
        found = bounds.search_sorted(value, side="left").cast(pl.Int8)
        if len(places) == 1:
            band = found
        else:
            band = band.zip_with(~currency.is_in(codes).fill_null(False), found)
    known = value.is_not_null() & currency.is_not_null()
    return band.zip_with(known, pl.Series(values=[None], dtype=pl.Int8))


def _item_counts(rows: pl.Series, consignments: int) -> pl.Series:
    """Return how many items each consignment has, from the ascending ``row`` of the items."""
    counts = pl.Series(values=[0], dtype=pl.Int64).new_from_index(0, consignments)
    if not len(rows):
        return counts
    starts = rows.ne_missing(rows.shift()).arg_true().cast(pl.Int64)
    ends = starts.shift(-1, fill_value=len(rows))
    return counts.scatter(rows.gather(starts), ends - starts)


def _top(amount: pl.Series) -> int:
    return max(abs(int(amount.max() or 0)), abs(int(amount.min() or 0)))  # type: ignore[arg-type]


def _wide(amount: pl.Series, factor: int) -> pl.Series:
    """Return *amount* in a type that holds its products with *factor*: 64 bits wrap without a word."""
    return amount.cast(pl.Int128) if _top(amount) * factor >= 2**63 else amount


def _grouped(frame: pl.DataFrame, *keys: str, **measures: pl.Expr) -> pl.DataFrame:
    # The streaming engine groups by several text columns three times faster than the other one.
    return frame.lazy().group_by(*keys).agg(**measures).collect(engine="streaming")


def _rows(frame: pl.DataFrame) -> list[list[Any]]:
    """Return rows as lists, in an order of their own."""
    return sorted((list(row) for row in frame.iter_rows()), key=repr)


def _marginal(cube: pl.DataFrame, table: Table) -> list[list[Any]]:
    return _rows(cube.group_by(table.keys).agg(pl.col(table.measures).sum()))


def _counts(series: pl.Series) -> list[list[Any]]:
    return _rows(series.value_counts())


def _charges(charges: pl.DataFrame) -> list[list[Any]]:
    shape = TABLES["charges"]
    # Whole numbers are added three times faster than decimals.
    thousandths = charges["amount"].cast(pl.Decimal(38, _DECIMALS)).to_physical().cast(pl.Int64)
    listed = charges.select(
        *shape.keys, _wide(thousandths, len(charges)), pl.col("waived.reason").alias("reason")
    )
    summed = _grouped(
        listed,
        *shape.keys,
        charges=pl.len(),
        amount=pl.col("amount").sum(),
        amount_unknown=pl.col("amount").null_count(),
        waived=pl.col("reason").count(),
    )
    place, currency = summed.columns.index("amount"), summed.columns.index("currency")
    rows = _rows(summed)
    for row in rows:
        row[place] //= 10 ** (_DECIMALS - exponent(row[currency]))
    return rows


def _chapters(
    items: pl.DataFrame, value: pl.Series, currency: pl.Series, counted: pl.Series
) -> list[list[Any]]:
    """Share the value of each consignment over the chapters of its items, by their declared values."""
    chapter = items["hs_code"].str.head(2).cast(pl.UInt32, strict=False).fill_null(_NO_CHAPTER)
    kinds, kind = _coded(currency)
    key = kind.gather(items["row"]) * (_NO_CHAPTER + 1) + chapter
    listed = pl.DataFrame({"key": key, "value": _shares(items, value, counted)})
    summed = listed.group_by("key").agg(
        items=pl.len(), value=pl.col("value").sum(), value_unknown=pl.col("value").null_count()
    )
    rows = []
    for key, *measures in summed.iter_rows():
        number, place = key % (_NO_CHAPTER + 1), key // (_NO_CHAPTER + 1)
        rows.append([None if number == _NO_CHAPTER else f"{number:02}", kinds[place], *measures])
    return sorted(rows, key=repr)


def _coded(series: pl.Series) -> tuple[list[Any], pl.Series]:
    """Return the distinct texts and each row's place among them; numbers group faster than text."""
    marks = (series.cast(pl.Categorical).to_physical() + 1).fill_null(0).to_numpy()
    first = np.full(int(marks.max(initial=0)) + 1, -1, dtype=np.int64)
    first[marks[::-1]] = np.arange(len(marks) - 1, -1, -1)
    used = np.flatnonzero(first >= 0)
    places = np.zeros(len(first), dtype=np.uint32)
    places[used] = np.arange(len(used), dtype=np.uint32)
    return series.gather(first[used]).to_list(), pl.Series(values=places[marks])


def _shares(items: pl.DataFrame, value: pl.Series, counted: pl.Series) -> pl.Series:
    """Return the value of each item in minor units of the outcome's currency, summing back exactly.

    Where nothing was converted, a consignment's value is the sum of what its items declare, and that is their
    share; only the others are divided.
    """
    rows, declared = items["row"], _wide(items["value"].fill_null(0), len(items))
    cumulated = declared.cum_sum()
    # The sum before item i stands at i - 1; the zero at the end is the one before the first item.
    before = cumulated.extend_constant(0, 1)
    ends = counted.cum_sum()
    starts = ends - counted
    base = before.gather((starts - 1) % len(before))
    whole = before.gather((ends - 1) % len(before)) - base
    known = value.is_not_null().gather(rows) & items["value"].is_not_null()
    shares = pl.select(pl.when(pl.lit(known)).then(pl.lit(declared)).alias("share")).to_series()
    converted = (value != whole).fill_null(False)
    places = converted.gather(rows).arg_true()
    if not len(places):
        return shares
    of = rows.gather(places)
    upto = cumulated.gather(places) - base.gather(of)
    since = upto - declared.gather(places)
    amount, divisor = _wide(value, _top(whole)).gather(of), whole.clip(1).gather(of)
    shares = shares.scatter(places, amount * upto // divisor - amount * since // divisor)
    # Where every item declares zero there is nothing to share by: the first takes all.
    alone = (converted & (whole == 0) & (counted > 0)).arg_true()
    return _wide(shares.scatter(starts.gather(alone), value.gather(alone)), len(shares))


def _findings(
    findings: pl.DataFrame, ids: pl.Series, sender: pl.Series, incomplete: pl.Series
) -> tuple[list[list[Any]], list[list[Any]]]:
    """Count findings by code, and those that a sender can mend by sender and code."""
    codes, kind = _coded(findings["code"])
    wide = pl.UInt64
    place = pl.DataFrame({"consignment_id": ids}).with_row_index("row")
    row = findings.select("consignment_id").join(
        place, on="consignment_id", how="left", maintain_order="left"
    )["row"]
    told = pl.DataFrame({"row": row.cast(wide), "kind": kind.cast(wide)})
    once = told.select(pl.col("row") * len(codes) + pl.col("kind")).to_series().drop_nulls().unique()
    where = pl.DataFrame({"kind": once % len(codes), "row": once // len(codes)})
    reached = (
        where.with_columns(incomplete.gather(where["row"]).alias("incomplete"))
        .group_by("kind")
        .agg(consignments=pl.len(), incomplete=pl.col("incomplete").sum())
    )
    counts = (
        told.with_columns(findings["severity"])
        .group_by("kind")
        .agg(pl.col("severity").first(), findings=pl.len())
    )
    by_code, mendable = [], []
    for number, severity, count, *others in counts.join(reached, on="kind", how="left").iter_rows():
        code = codes[number]
        by_code.append([code, severity, count, *(other or 0 for other in others)])
        if severity != "info" and code not in OUR_CODES and code.split(".")[0] not in OURS:
            mendable.append(number)
    theirs = told.filter(pl.col("kind").is_in(mendable), pl.col("row").is_not_null())
    senders, of = _coded(sender.gather(theirs["row"]))
    pairs = (theirs["kind"] * len(senders) + of).value_counts()
    sent = [
        [senders[key % len(senders)], codes[key // len(senders)], count] for key, count in pairs.iter_rows()
    ]
    return sorted(by_code, key=repr), sorted(sent, key=repr)
