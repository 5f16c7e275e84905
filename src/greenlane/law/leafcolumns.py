"""The leaves of a batch as columns: each distinct key is resolved once, by the same resolver, and gathered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
import polars as pl

from greenlane.law.eager import known, one
from greenlane.law.graph import Node
from greenlane.law.leaves import Resolver
from greenlane.law.pack import LookupResult
from greenlane.law.parameters import KEYS, Resolved
from greenlane.law.vectors import Array, Column, Vector, tabled, vector

_EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class _Keys:
    """Distinct keys of a level, each of texts and a day, and which each row has (None: all rows have the first)."""

    texts: list[tuple[Any, ...]]
    days: list[date]
    index: Array | None


class ColumnFacts:
    """The leaves of a batch of one pack: typed consignment and item frames, and a resolver.

    ``consignments`` has one row each, ``items`` one row an item with ``row`` the index of its consignment,
    ascending from 0.
    """

    def __init__(self, consignments: pl.DataFrame, items: pl.DataFrame, resolver: Resolver) -> None:
        self.consignments = consignments
        self.items = items
        self.resolver = resolver
        # A frame makes the list of its columns anew each time that it is asked for.
        self._columns = {*consignments.columns, *(f"items.{name}" for name in items.columns)}
        self.rows = items["row"]
        counts = np.bincount(self.rows.to_numpy(), minlength=len(consignments))
        ends = np.cumsum(counts)
        self.ends = pl.Series(values=ends.astype(np.uint32))
        self.starts = pl.Series(values=(ends - counts).astype(np.uint32))
        self._codes: dict[str, tuple[Array, list[Any]]] = {}
        self._keys: dict[tuple[str, ...], _Keys] = {}
        self._results: dict[str, tuple[list[LookupResult], Array | None]] = {}
        self._leaves: dict[tuple[tuple[str, ...], str], Column] = {}
        self._answers: dict[tuple[str, ...], tuple[list[Resolved], Array | None]] = {}
        self._questions: dict[tuple[str, ...], tuple[list[tuple[str, str | None]], Array | None]] = {}

    def text(self, name: str) -> pl.Series:
        """Return a text field as a column of its level; an absent column is all null."""
        if name.startswith("elections."):
            elections = self.text("elections")
            if elections.null_count() == len(elections):
                return elections
            return elections.str.json_path_match(f"$.{name[10:]}")
        if name in self._columns:
            return self.items[name[6:]] if name.startswith("items.") else self.consignments[name]
        length = len(self.rows) if name.startswith("items.") else len(self.consignments)
        return one(None, pl.String).new_from_index(0, length)

    def matches(self, name: str, values: frozenset[str] | None) -> Column:
        """Return where a text field is one of *values*, or given at all."""
        column = self.text(name)
        if name not in self._codes and len(column) > _FEW:
            return _matching(column, values)
        codes, texts = self.coded(name)
        return tabled([text is not None if values is None else text in values for text in texts], codes)

    def leaf(self, node: Node) -> Column:
        """Return a leaf's values."""
        if node.op == "field":
            return self._field(node.data[0])
        return self._part(node, "value")

    def leaf_rival(self, node: Node) -> Column:
        """Return the other reading's values."""
        return self._part(node, "rival")

    def leaf_certainty(self, node: Node) -> Column:
        """Return how certain the leaf is."""
        return self._part(node, "certainty")

    def resolved(self, node: Node) -> tuple[list[Resolved], Array | None]:
        """Return what the leaf says, and which of these answers each row of its level has (None: all the first)."""
        mark = node.data
        if mark not in self._answers:
            if node.op == "param":
                self._answers[mark] = self._params(node.data[0])
            else:
                results, index = self.lookups(node.data[0])
                answers = list(map(itemgetter(node.data[1]), map(attrgetter("parts"), results)))
                self._answers[mark] = (answers, index)
        return self._answers[mark]

    def questions(self, node: Node) -> tuple[list[tuple[str, str | None]], Array | None]:
        """Return the questions that the leaf's answers leave open, each with its source, and which each row has.

        Many answers leave the same question open. None: every row has the only one.
        """
        mark = node.data
        if mark not in self._questions:
            answers, index = self.resolved(node)
            known: dict[tuple[str, str | None], int] = {}
            number = [
                known.setdefault((answer.question, answer.source or None), len(known)) for answer in answers
            ]
            self._questions[mark] = list(known), None if index is None else np.array(number)[index]
        return self._questions[mark]

    def lookups(self, family: str) -> tuple[list[LookupResult], Array | None]:
        """Return what a look-up says, each answer once, and which each row of its level has (None: all the first)."""
        if family not in self._results:
            lookup = self.resolver.pack.lookups[family]
            keys = self._key_of((*lookup.texts, f"{family}@{lookup.day}"))
            told = self.resolver.lookups(family, keys.texts, keys.days)
            # Thousands of keys have a few dozen answers. Equal ones are one object, so that its id tells them apart.
            ids = list(map(id, told))
            known = dict(zip(ids, told, strict=True))
            number, distinct = _numbered(ids)
            index = None if len(distinct) == 1 else number[keys.index]
            self._results[family] = ([known[mark] for mark in distinct], index)
        return self._results[family]

    def _field(self, name: str) -> Column:
        mark = ((name,), "field")
        if mark not in self._leaves:
            self._leaves[mark] = vector(self.text(name)) if name in self._columns else None
        return self._leaves[mark]

    def _params(self, name: str) -> tuple[list[Resolved], Array | None]:
        parameter = self.resolver.pack.parameters.by_id[name.partition("#")[0]]
        days = f"@{parameter.date}"
        if parameter.key is None:
            keys = self._key_of((days,))
            return [self.resolver.param(name, "*", day) for day in keys.days], keys.index
        keys = self._key_of((KEYS[parameter.key], days))
        pairs = zip(keys.texts, keys.days, strict=True)
        return [self.resolver.param(name, key or "*", day) for (key,), day in pairs], keys.index

    def _part(self, node: Node, what: str) -> Column:
        mark = (node.data, what)
        if mark not in self._leaves:
            answers, index = self.resolved(node)
            values = list(map(_PARTS[what], answers))
            self._leaves[mark] = values[0] if index is None else tabled(values, index)
        return self._leaves[mark]

    def _key_of(self, names: tuple[str, ...]) -> _Keys:
        """Combine key columns, the days last, into the distinct keys that occur; of each period one day comes."""
        if names not in self._keys:
            level_items = any(name.startswith("items.") for name in names)
            domain = 1
            combined: Array | None = None
            parts = []
            for name in names:
                codes, values = self.coded(name)
                if level_items and not name.startswith("items.") and len(values) > 1:
                    codes = codes[self.rows.to_numpy()]
                parts.append((domain, values))
                if len(values) > 1:
                    wide = codes.astype(np.int64) * domain
                    combined = wide if combined is None else combined + wide
                domain *= len(values)
            self._keys[names] = _distinct(combined, parts, domain)
        return self._keys[names]

    def coded(self, name: str) -> tuple[Array, list[Any]]:
        """Return small whole codes for a key column and the value behind each code."""
        if name not in self._codes:
            if "@" in name:
                family, _, driver = name.partition("@")
                periods = self.resolver.periods(family) if family else self.resolver.boundaries
                self._codes[name] = _coded_days(self._days(driver), periods)
            else:
                self._codes[name] = _coded_text(self.text(name))
        return self._codes[name]

    def _days(self, driver: str) -> pl.Series:
        declared = self.consignments["declaration_date"]
        if driver == "declaration":
            return declared
        given = self.text(f"{driver}_date")
        return given.cast(pl.Date).zip_with(known(given), declared) if given.null_count() else given


_PARTS = {what: attrgetter(what) for what in ("value", "rival", "certainty")}


def _matching(column: pl.Series, values: frozenset[str] | None) -> Column:
    if values is None:
        return Vector(column.is_not_null().to_numpy())
    hit = column == next(iter(values)) if len(values) == 1 else column.is_in(sorted(values))
    return Vector(hit.fill_null(False).to_numpy())


def _coded_text(column: pl.Series) -> tuple[Array, list[Any]]:
    if len(column) <= _FEW:
        listed = column.to_list()
        if column.dtype == pl.Boolean:
            listed = [None if flag is None else "true" if flag else "false" for flag in listed]
        return _numbered(listed)
    if column.dtype == pl.Boolean:
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        column = column.cast(pl.Categorical)
    physical = column.to_physical().cast(pl.Int64)
    if physical.null_count():
        physical = physical.fill_null(int(physical.max() or 0) + 1)  # type: ignore[arg-type]
    codes = physical.to_numpy()
    present, dense = _dense(codes, int(codes.max(initial=0)) + 1)
    first = pl.Series(values=_firsts(codes, present))
    return dense, [None if value is None else str(value) for value in column.gather(first).cast(pl.String)]


_FEW = 5_000
"""Rows up to which a dictionary is quicker than a categorical column."""


def _numbered(values: list[Any]) -> tuple[Array, list[Any]]:
    """Return which of the distinct values each is, and these."""
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.array(list(map(numbers.__getitem__, values)), dtype=np.int64), list(numbers)


def _coded_days(days: pl.Series, periods: Sequence[date] | None) -> tuple[Array, list[Any]]:
    numbers = days.cast(pl.Int32).to_numpy().astype(np.int64)
    low, high = int(numbers.min()), int(numbers.max())
    if periods is None:
        present, dense = _dense(numbers - low, high - low + 1)
        return dense, [_EPOCH + timedelta(days=int(day) + low) for day in present]
    edges = np.array([(day - _EPOCH).days for day in periods], dtype=np.int64)
    if not len(edges) or np.searchsorted(edges, low, "right") == np.searchsorted(edges, high, "right"):
        return np.zeros(len(numbers), np.int64), [_EPOCH + timedelta(days=low)]
    codes = np.searchsorted(edges, numbers, "right")
    present, dense = _dense(codes, len(edges) + 1)
    first = _firsts(codes, present)
    return dense, [_EPOCH + timedelta(days=int(numbers[i])) for i in first]


def _dense(codes: Array, domain: int) -> tuple[Array, Array]:
    """Return the codes that occur, ascending, and each row's index among them."""
    if domain > 4 * len(codes) + 1_000_000:
        present, dense = np.unique(codes, return_inverse=True)
        return present, dense
    flags = np.zeros(domain, dtype=bool)
    flags[codes] = True
    present = np.flatnonzero(flags)
    number = np.cumsum(flags) - 1
    return present, number[codes]


def _firsts(codes: Array, present: Array) -> list[int]:
    """Return one row that has each present code."""
    where = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.int64)
    where[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return [int(row) for row in where[present]]


def _distinct(combined: Array | None, parts: list[tuple[int, list[Any]]], domain: int) -> _Keys:
    if combined is None:
        *texts, day = (values[0] for _, values in parts)
        return _Keys([tuple(texts)], [day], None)
    present, dense = _dense(combined, domain)
    columns = [
        np.array([*values, None], dtype=object)[(present // step) % len(values)] for step, values in parts
    ]
    *told, days = (column.tolist() for column in columns)
    texts = list(zip(*told, strict=True)) if told else [()] * len(days)
    return _Keys(texts, days, None if len(days) == 1 else dense)
