"""The facts of a consignment as they were kept: decide again, or explain, without any person's data."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec
import polars as pl

from greenlane.decide.outcome import Decision as Decided
from greenlane.engine.context import Context
from greenlane.engine.decider import decision_on, outcome_of
from greenlane.engine.explain import steps_taken
from greenlane.model import Kind, consignment_schema, item_schema
from greenlane.model.schema import DECIMALS
from greenlane.values.finding import Finding
from greenlane.values.money import format_scaled

_DATES = frozenset(name for name, kind in consignment_schema().items() if kind == pl.Date)


class _Row(dict[str, Any]):
    """A row of which what isn't kept is null."""

    def __missing__(self, name: str) -> None:
        return None


class Facts:
    """What a decision read, as `greenlane.desk.filing` kept it.

    ``sealed`` is the version of the filing under which the person's prior use stands in the vault, ``personal``
    which personal elements were told. Without *prior_use* nothing of it is known.
    """

    def __init__(
        self, kept: bytes, prior_use: Callable[[int | None], Mapping[str, Any]] | None = None
    ) -> None:
        told = msgspec.json.decode(kept)
        self.sealed: int | None = told["sealed"]
        self.personal: tuple[str, ...] = tuple(told["personal"])
        row = _Row(dict.fromkeys(consignment_schema()))
        row.update(
            (name, date.fromisoformat(value) if name in _DATES else value)
            for name, value in told["consignment"].items()
        )
        if prior_use is not None:
            row.update(prior_use(self.sealed))
        self.row: Mapping[str, Any] = row
        self.items: list[Mapping[str, Any]] = []
        for item in told["items"]:
            made = _Row(dict.fromkeys(item_schema()))
            made.update(item)
            made["row"] = 0
            self.items.append(made)

    def decide(self, context: Context, given: list[Finding]) -> dict[str, Any]:
        """Return the outcome under the law of a context, with what intake found."""
        return outcome_of(self._decision(context), self.row, given, context)

    def steps(self, context: Context) -> list[dict[str, Any]]:
        """Return every step of the decision with its article; empty where no law covers it."""
        decision = self._decision(context)
        return [] if decision is None else [step.as_dict() for step in steps_taken(decision)]

    def _decision(self, context: Context) -> Decided | None:
        return decision_on(self.row, self.items, context)

    @property
    def told(self) -> frozenset[str]:
        """The columns that were told, those of goods items after ``items.``."""
        public = {name for name, value in self.row.items() if value is not None}
        items = {f"items.{name}" for item in self.items for name, value in item.items() if value is not None}
        return frozenset(public | items | set(self.personal))

    @property
    def quantities(self) -> dict[str, str]:
        """Filed quantity of each item, as a decimal string; an item without one isn't there."""
        digits = DECIMALS[Kind.QUANTITY]
        return {
            str(item["item_id"]): format_scaled(item["quantity"], digits)
            for item in self.items
            if item["quantity"] is not None
        }

    @property
    def names(self) -> dict[str, str]:
        """Ids of those who may pay, by role."""
        roles = {"seller": "seller.id", "platform": "platform.id", "carrier": "carrier.id"}
        return {role: str(self.row[name]) for role, name in roles.items() if self.row[name] is not None}


__all__ = ["Facts"]
