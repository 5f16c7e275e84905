"""The summary of a run: the statistics of its parts added up, amounts as decimal strings."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from greenlane.measure.part import AMOUNTS, BANDS, TABLES, PartStatistics, part_statistics
from greenlane.values.money import RATE_SCALE, Rounding, divide, exponent, format_rate, format_scaled

TOP_SENDERS = 20
"""How many senders the summary names, those with most findings first."""

_SCORE_STEP = 100
_NEAREST = Rounding.HALF_UP
_MONEY = {"amount", *AMOUNTS}
_FOLDED = {"bands", "scores", "senders", "sender_findings"}


def merge(
    parts: Iterable[PartStatistics], *, eur_rates: Mapping[str, Fraction] | None = None, eur_source: str = ""
) -> dict[str, Any]:
    """Add up the statistics of parts into the content of ``summary.json``.

    Amounts are decimal strings in the currency that stands beside them; sums of different currencies are
    never added. ``*_unknown`` says how many amounts are in no sum because they aren't known; a sum of which
    no term is known is null.

    Args:
        parts: What `greenlane.measure.part.part_statistics` returned, in any order; read once.
        eur_rates: How many euros one unit of each currency is; None: no common picture is made.
        eur_source: Whose rates they are and of which day; stands beside the picture.

    Returns:
        ``totals`` and one list of rows for each table of `TABLES`, with ``revenue`` (charges by currency,
        name, moment and payer), ``certainty_of_amounts``, ``reasons_incomplete``, ``senders`` (the first 20)
        and, where rates were given, ``euro``.

    Raises:
        ValueError: Rates come without their source, or a rate isn't above zero.

    Example:
        >>> merge([])["totals"]
        {'consignments': 0, 'items': 0, 'assessed': 0, 'incomplete': 0, 'released_at_once': 0}
    """
    if eur_rates is not None and (not eur_source or min(eur_rates.values(), default=1) <= 0):
        raise ValueError("euro rates need their source, and each is above zero")
    tables = _added(parts)
    made: dict[str, Any] = {"totals": _totals(tables)}
    made |= {name: _listed(tables[name], name) for name in TABLES if name not in _FOLDED}
    made["bands"] = _value_bands(tables["bands"])
    made["scores"] = _histogram(tables["scores"])
    charges = tables["charges"]
    made["revenue"] = _charges_by(charges, ("pack", "currency", "kind", "name", "collected", "payer"))
    made["certainty_of_amounts"] = _charges_by(charges, ("currency", "certainty"))
    made["findings"] = sorted(made["findings"], key=lambda row: -row["findings"])
    made["reasons_incomplete"] = _reasons(made["findings"])
    made["senders"] = _senders(tables)
    if eur_rates is not None:
        made["euro"] = _euro(tables["destinations"], eur_rates, eur_source)
    return made


Added = dict[tuple[Any, ...], list[int]]


def _added(parts: Iterable[PartStatistics]) -> dict[str, Added]:
    tables: dict[str, Added] = {name: {} for name in TABLES}
    for part in parts:
        for name, shape in TABLES.items():
            width, into = len(shape.keys), tables[name]
            for row in part[name]:
                key, measures = tuple(row[:width]), row[width:]
                before = into.get(key)
                into[key] = measures if before is None else _plus(before, measures)
    return tables


def _plus(one: list[int], other: list[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)]


def _totals(tables: dict[str, Added]) -> dict[str, int]:
    flow = [_named("destinations", key, row) for key, row in tables["destinations"].items()]
    consignments = sum(row["consignments"] for row in flow)
    incomplete = sum(row["incomplete"] for row in flow)
    released = sum(row[0] for key, row in tables["dispositions"].items() if key[0] == "release")
    return {
        "consignments": consignments,
        "items": sum(row["items"] for row in flow),
        "assessed": consignments - incomplete,
        "incomplete": incomplete,
        "released_at_once": released,
    }


def _named(table: str, key: tuple[Any, ...], measures: list[int]) -> dict[str, Any]:
    shape = TABLES[table]
    return dict(zip((*shape.keys, *shape.measures), (*key, *measures), strict=True))


def _listed(rows: Added, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table in order of their keys, amounts written out."""
    return [_written(_named(table, key, rows[key])) for key in _ordered(rows)]


def _ordered(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda key: tuple((word is None, 0 if word is None else word) for word in key))


def _written(row: dict[str, Any]) -> dict[str, Any]:
    """Write sums as decimal strings; one of which no term is known is null."""
    count = row.get("consignments", row.get("charges", row.get("items")))
    for name in _MONEY & row.keys():
        nothing = row.get(f"{name}_unknown", 0) == count
        row[name] = None if nothing or row["currency"] is None else _amount(row[name], row["currency"])
    return row


def _amount(minor: int, currency: str) -> str:
    return format_scaled(minor, exponent(currency))


def _charges_by(charges: Added, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    shape = TABLES["charges"]
    places = [shape.keys.index(name) for name in keys]
    summed: Added = {}
    for key, row in charges.items():
        short = tuple(key[place] for place in places)
        summed[short] = _plus(summed[short], row) if short in summed else row
    names = (*keys, *shape.measures)
    return [_written(dict(zip(names, (*key, *summed[key]), strict=True))) for key in _ordered(summed)]


def _value_bands(rows: Added) -> list[dict[str, Any]]:
    made = []
    for jurisdiction, currency, band in _ordered(rows):
        consignments, value = rows[jurisdiction, currency, band]
        made.append(
            {
                "jurisdiction": jurisdiction,
                "currency": currency,
                "above": None if band is None else BANDS[band],
                "up_to": None if band is None or band + 1 == len(BANDS) else BANDS[band + 1],
                "consignments": consignments,
                "value": None if band is None else _amount(value, currency),
            }
        )
    return made


def _histogram(rows: Added) -> list[dict[str, int]]:
    """Count scores in steps of 100 points; zero stands alone, every step up to the highest is there."""
    bins: Counter[int] = Counter()
    for (score,), (count,) in rows.items():
        bins[-(-score // _SCORE_STEP)] += count
    return [
        {
            "from": max(0, (step - 1) * _SCORE_STEP + 1) if step else 0,
            "to": step * _SCORE_STEP,
            "consignments": bins[step],
        }
        for step in range(max(bins, default=-1) + 1)
    ]


def _reasons(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings that come with incomplete outcomes and, but for one in twenty, with no others."""
    made = [
        {"code": row["code"], "consignments": row["incomplete"]}
        for row in findings
        if row["severity"] != "info" and row["incomplete"] * 20 >= row["consignments"] * 19
    ]
    return sorted(made, key=lambda row: (-row["consignments"], row["code"]))


def _senders(tables: dict[str, Added]) -> list[dict[str, Any]]:
    consignments = {key[0]: row[0] for key, row in tables["senders"].items()}
    found: Counter[Any] = Counter()
    most: dict[Any, tuple[int, str]] = {}
    for (sender, code), (count,) in tables["sender_findings"].items():
        found[sender] += count
        most[sender] = max(most.get(sender, (0, "")), (count, code))
    worst = sorted(found, key=lambda sender: (-found[sender], str(sender)))[:TOP_SENDERS]
    return [
        {
            "sender": sender,
            "consignments": consignments[sender],
            "findings": found[sender],
            "per_100": format_scaled(divide(found[sender] * 1000, consignments[sender], _NEAREST), 1),
            "most_frequent": most[sender][1],
            "most_frequent_findings": most[sender][0],
        }
        for sender in worst
    ]


def _euro(destinations: Added, rates: Mapping[str, Fraction], source: str) -> dict[str, Any]:
    """Return one common picture in euros; each sum is converted once and rounded half up to the cent."""
    rows: list[dict[str, Any]] = []
    totals = dict.fromkeys(AMOUNTS, 0)
    used, missing, outside = set(), set(), 0
    for key in _ordered(destinations):
        row = _named("destinations", key, destinations[key])
        currency = row["currency"]
        if currency is None or currency not in rates:
            outside += row["consignments"]
            missing |= {currency} - {None}
            continue
        used.add(currency)
        rate = rates[currency] * Fraction(100, 10 ** exponent(currency))
        cents = {name: divide(row[name] * rate.numerator, rate.denominator, _NEAREST) for name in AMOUNTS}
        totals = {name: totals[name] + cents[name] for name in AMOUNTS}
        made = {name: row[name] for name in ("jurisdiction", "destination", "consignments", "items")}
        made |= {name: _amount(cents[name], "EUR") for name in AMOUNTS}
        rows.append(made | {f"{name}_unknown": row[f"{name}_unknown"] for name in AMOUNTS})
    return {
        "source": source,
        "rates": {code: format_rate(_billionths(rates[code])) for code in sorted(used)},
        "currencies_without_rate": sorted(missing),
        "consignments_outside": outside,
        "totals": {name: _amount(totals[name], "EUR") for name in AMOUNTS},
        "destinations": rows,
    }


def _billionths(rate: Fraction) -> int:
    return divide(rate.numerator * RATE_SCALE, rate.denominator, _NEAREST)


__all__ = ["TOP_SENDERS", "merge", "part_statistics"]
