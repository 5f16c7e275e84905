"""The starter reference that the package carries, so that a fresh machine works with no download.

``publications.csv`` says where each figure comes from; ``subheadings.csv`` has one row a subheading, its
cells a rate as published, two rates ``lowest|highest`` where the lines below differ, ``?`` where the rates
cannot be compared, and nothing where the publication has no line.
"""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

from greenlane.reference.list_rows import entry_of
from greenlane.reference.rate_text import eu_rate, us_rate
from greenlane.reference.us_hts import column_2_origins
from greenlane.tariff import (
    CodeEntry,
    Entry,
    GoodsList,
    Line,
    Rate,
    Schedule,
    Term,
    TermList,
)

_COLUMNS = {"eu-cet": "eu_cet", "uk-gt": "uk_gt", "us-hts": "us_general"}


@cache
def _text(name: str) -> str:
    return (files("greenlane.reference") / "starter" / name).read_text(encoding="utf-8")


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(_text(name).splitlines(keepends=True))


def _published(form: str) -> Iterator[tuple[str, str, str, date, date | None, date]]:
    for row in _rows("publications.csv"):
        if row["form"] == form:
            first, recorded = date.fromisoformat(row["valid_from"]), date.fromisoformat(row["recorded"])
            last = date.fromisoformat(row["valid_until"]) if row["valid_until"] else None
            yield row["id"], row["title"], row["publisher"], first, last, recorded


def starter_subheadings() -> dict[str, str]:
    """Return the subheadings that the starter holds, with their short names.

    Example:
        >>> starter_subheadings()["610910"]
        'cotton T-shirts'
    """
    return {row["hs6"]: row["name"] for row in _rows("subheadings.csv")}


def starter_schedules() -> list[Schedule]:
    """Return the EU, UK and US rates of the starter's subheadings, each as a partial schedule."""
    made = []
    for schedule_id, title, publisher, first, last, recorded in _published("schedule"):
        column = _COLUMNS[schedule_id]
        lines = {
            row["hs6"]: _line(row["hs6"], row[column], schedule_id)
            for row in _rows("subheadings.csv")
            if row[column]
        }
        origins = column_2_origins() if schedule_id == "us-hts" else {}
        days = (first, last, recorded)
        made.append(Schedule(schedule_id, title, publisher, *days, lines, origins=origins, partial=True))
    return made


def _line(code: str, cell: str, schedule_id: str) -> Line:
    read = us_rate if schedule_id.startswith("us-") else eu_rate
    if cell == "?":
        return Line(code, "rates that cannot be compared", None)
    low, bar, high = cell.partition("|")
    if not bar:
        return Line(code, cell, read(cell))
    ends: tuple[Rate, Rate] = (read(low), read(high))
    return Line(code, f"{low} to {high}", None, "", *ends)


def starter_lists() -> list[GoodsList]:
    """Return the starter's goods lists: the US layers over its subheadings, and prohibited goods."""
    layers: dict[str, list[Entry]] = {}
    for row in _rows("layers.csv"):
        layers.setdefault(row["list_id"], []).append(entry_of(row))
    prohibited = tuple(
        Entry(
            row["prefix"],
            partial=row["partial"] == "1",
            source=row["rests_on"],
            attributes=tuple((name, row[name]) for name in ("category", "reason", "rests_on")),
        )
        for row in _rows("prohibited_goods.csv")
    )
    made = []
    for list_id, title, publisher, first, last, recorded in _published("list"):
        own = list_id == "prohibited-goods"
        entries = prohibited if own else tuple(layers.get(list_id, ()))
        scope = None if own else frozenset(starter_subheadings())
        made.append(GoodsList(list_id, title, publisher, first, last, recorded, entries, scope=scope))
    return made


def starter_terms() -> list[TermList]:
    """Return the starter's lists of words: vague terms, stop words, words for prohibited goods."""
    made = []
    for list_id, title, publisher, first, last, recorded in _published("terms"):
        terms = tuple(
            Term(row["text"], row["language"], row["category"], row["reason"], row["rests_on"])
            for row in _rows("terms.csv")
            if row["list_id"] == list_id
        )
        made.append(TermList(list_id, title, publisher, first, last, recorded, terms))
    return made


def starter_units() -> dict[str, CodeEntry]:
    """Return the units of UN/ECE Recommendation 20 that parcels and rates of duty use.

    Example:
        >>> starter_units()["C62"].name
        'one, piece'
    """
    return {row["code"]: CodeEntry(row["code"], row["name"]) for row in _rows("units.csv")}
