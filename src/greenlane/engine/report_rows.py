"""How a report reads a run's summary: rows gathered, codes in words."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from greenlane.decide.plan import DISPOSITIONS
from greenlane.values.finding import kind_of

Row = dict[str, Any]


def fates(summary: dict[str, Any]) -> dict[str, int]:
    counts = added(summary["dispositions"], "disposition")
    return {name: counts[name] for name in DISPOSITIONS if name in counts}


def added(rows: Iterable[Row], key: str, measure: str = "consignments") -> dict[Any, int]:
    counts: dict[Any, int] = defaultdict(int)
    for row in rows:
        counts[row[key]] += row[measure]
    return dict(counts)


def by_currency(rows: list[Row], measure: str = "consignments") -> list[tuple[str, list[Row]]]:
    """Return rows by currency, the one that counts most first; rows without a currency are left out."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["currency"] is not None:
            groups[row["currency"]].append(row)
    return sorted(groups.items(), key=lambda pair: -count_of(pair[1], measure))


def count_of(rows: list[Row], measure: str = "consignments") -> int:
    return sum(int(row[measure]) for row in rows)


def title_of(code: str) -> str:
    try:
        return kind_of(code).title.rstrip(".")
    except KeyError:
        return code


def reason_of(code: str) -> str:
    """Return the title of a finding without what follows from it."""
    return title_of(code).partition(", so ")[0]


def first_down(words: str) -> str:
    return words[:1].lower() + words[1:]
