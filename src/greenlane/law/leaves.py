"""Resolve leaves before any formula runs: a formula never sees a date.

`Resolver` answers for a key and remembers; both evaluators ask it, so that they cannot differ.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from greenlane.law.graph import Node
from greenlane.law.integers import Value
from greenlane.law.pack import LookupResult, Pack
from greenlane.law.parameters import ASSUMED, KEYS, Resolved, assumed_value, in_force, period_index, resolve
from greenlane.values.finding import Finding


@dataclass(slots=True)
class Resolver:
    """Answers every leaf of one pack as known at a day, with the reference data and assumptions of a run.

    ``sources`` is handed to the pack's look-ups as it is (tariff book, exchange rates, assumptions).
    """

    pack: Pack
    sources: Any
    known_at: date | None = None
    assumed: Mapping[str, str] = field(default_factory=dict)
    amended: tuple[date, ...] = ()
    """Days on which amendments of the law begin or end: answers of look-ups can change on them too."""
    boundaries: list[date] = field(default_factory=list)
    _params: dict[tuple[str, str, int], Resolved] = field(default_factory=dict)
    _lookups: dict[tuple[str, int], dict[tuple[Any, ...], LookupResult]] = field(default_factory=dict)
    _periods: dict[str, list[date] | None] = field(default_factory=dict)
    _said: dict[tuple[Any, ...], LookupResult] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.boundaries = self.pack.parameters.boundaries()
        for name, lookup in self.pack.lookups.items():
            days = lookup.boundaries(self.sources) if lookup.boundaries else None
            self._periods[name] = None if days is None else sorted({*days, *self.amended})

    def param(self, name: str, key: str, day: date) -> Resolved:
        """Return the value of a parameter (``id`` or ``id#in_force``) for a member or region on *day*."""
        mark = (name, key, period_index(self.boundaries, day))
        found = self._params.get(mark)
        if found is None:
            found = self._params[mark] = self._param(name, key, day)
        return found

    def _param(self, name: str, key: str, day: date) -> Resolved:
        bare, _, question = name.partition("#")
        parameter = self.pack.parameters.by_id[bare]
        if bare in self.assumed:
            if question:
                return Resolved(True, source="assumed")
            message = f"{parameter.name} ({bare}) was assumed for this run"
            value = assumed_value(parameter, self.assumed[bare])
            return Resolved(value, source="assumed", findings=(Finding(ASSUMED, "", message, None),))
        if question:
            return in_force(parameter, key, day, self.known_at)
        return resolve(parameter, key, day, self.known_at)

    def day_key(self, family: str, day: date) -> int:
        """Return the part of a look-up's key that the day is: its period, or the day itself."""
        periods = self._periods[family]
        return day.toordinal() if periods is None else period_index(periods, day)

    def periods(self, family: str) -> list[date] | None:
        """Return the days on which a look-up's answers can change, or None where each day is its own."""
        return self._periods[family]

    def lookup(self, family: str, keys: tuple[str | None, ...], day: date) -> LookupResult:
        """Return what a look-up says for its text keys on *day*; keys with equal answers get the same object."""
        answers = self._answers(family, day)
        found = answers.get(keys)
        if found is None:
            told = self.pack.lookups[family].ask(self.sources, keys, day, self.known_at)
            found = answers[keys] = self._said.setdefault(_content(told), told)
        return found

    def lookups(
        self, family: str, keys: Sequence[tuple[Any, ...]], days: Sequence[date]
    ) -> list[LookupResult]:
        """Return what a look-up says for many text keys, each on a day of its own."""
        by_day = {day: self._answers(family, day) for day in set(days)}
        return [
            by_day[day].get(key) or self.lookup(family, key, day) for key, day in zip(keys, days, strict=True)
        ]

    def _answers(self, family: str, day: date) -> dict[tuple[Any, ...], LookupResult]:
        """Return what a look-up has said in the period of *day*, by its text keys."""
        return self._lookups.setdefault((family, self.day_key(family, day)), {})


class SingleFacts:
    """The leaves of one consignment: its typed row, its typed item rows, and a resolver."""

    def __init__(
        self, consignment: Mapping[str, Any], items: list[Mapping[str, Any]], resolver: Resolver
    ) -> None:
        self.consignment = consignment
        self.item_rows = items
        self.resolver = resolver
        declared: date = consignment["declaration_date"]
        self.days = {
            "declaration": declared,
            "order": consignment.get("order_date") or declared,
            "export": consignment.get("export_date") or declared,
        }
        self._elections: dict[str, Any] | None = None
        self._asked: dict[tuple[str, int], LookupResult] = {}

    @property
    def items(self) -> int:
        """Number of goods items."""
        return len(self.item_rows)

    def text(self, name: str, item: int) -> str | None:
        """Return a text field as text; booleans are ``true`` and ``false``."""
        if name.startswith("items."):
            return _text(self.item_rows[item].get(name[6:]))
        if name.startswith("elections."):
            if self._elections is None:
                self._elections = json.loads(self.consignment.get("elections") or "{}")
            return _text(self._elections.get(name[10:]))
        return _text(self.consignment.get(name))

    def leaf(self, node: Node, item: int) -> Value:
        """Return the value of a leaf."""
        if node.op == "field":
            name: str = node.data[0]
            row = self.item_rows[item] if name.startswith("items.") else self.consignment
            found: Value = row.get(name.removeprefix("items."))
            return found
        return self.resolved(node, item).value

    def leaf_rival(self, node: Node, item: int) -> Value:
        """Return the other reading's value."""
        return self.resolved(node, item).rival

    def leaf_certainty(self, node: Node, item: int) -> int:
        """Return how certain the leaf is."""
        return self.resolved(node, item).certainty

    def resolved(self, node: Node, item: int) -> Resolved:
        """Return what a parameter or look-up says here."""
        if node.op == "param":
            name: str = node.data[0]
            parameter = self.resolver.pack.parameters.by_id[name.partition("#")[0]]
            return self.resolver.param(name, self._key(parameter.key), self.days[parameter.date])
        return self.lookup(node.data[0], item).parts[node.data[1]]

    def lookup(self, family: str, item: int) -> LookupResult:
        """Return what a look-up says for the consignment or one of its items."""
        found = self._asked.get((family, item))
        if found is None:
            lookup = self.resolver.pack.lookups[family]
            keys = tuple(self.text(name, item) for name in lookup.texts)
            found = self._asked[family, item] = self.resolver.lookup(family, keys, self.days[lookup.day])
        return found

    def _key(self, key: str | None) -> str:
        return str(self.consignment.get(KEYS[key]) or "*") if key in KEYS else "*"


def _content(told: LookupResult) -> tuple[Any, ...]:
    """Return all that an answer says, with the kinds of its values, because True equals 1."""
    parts = ((name, part, type(part.value), type(part.rival)) for name, part in told.parts.items())
    return *parts, told.findings


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
