"""Late filings and late elements: accepted all the same, and flagged.

Law:
    WCO framework of standards on cross-border e-commerce, standard 1: the legal framework for advance electronic
    data says what happens to data that comes late.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from greenlane.clearance.policy import Policy
from greenlane.clearance.vocabulary import Stage, TransportMode
from greenlane.model.handling import HANDLING, Deadline, Supplier, late
from greenlane.values.finding import Finding, Severity, declare

LATE = declare(
    "filing.late",
    Severity.WARNING,
    "The filing came after the time limit of its stage; it is accepted all the same.",
    "File earlier: before loading or arrival, by the lead time of the mode of transport.",
)
LATE_ELEMENTS = declare(
    "filing.late_elements",
    Severity.INFO,
    "Elements were told for the first time at a later stage than they are due at; they are accepted all the same.",
    "Tell them at the stage that is named, and amend only what is known later.",
)

_UNITS = {"gross_mass_mg": "gross_mass_kg", "net_mass_mg": "net_mass_kg"}


def told_of(row: dict[str, Any], items: Collection[dict[str, Any]]) -> frozenset[str]:
    """Return the columns that a consignment tells, those of goods items after ``items.``.

    Example:
        >>> sorted(told_of({"currency": "EUR", "freight": None}, [{"value": 4000, "row": 0}]))
        ['currency', 'items.row', 'items.value']
    """
    own = {name for item in items for name, value in item.items() if value is not None}
    return frozenset([name for name, value in row.items() if value is not None]).union(map(_of_items, own))


@lru_cache(256)
def _of_items(name: str) -> str:
    return f"items.{name}"


def late_findings(
    told: frozenset[str],
    stage: Stage,
    mode: TransportMode | None,
    policy: Policy,
    *,
    late_filing: bool | None,
) -> list[dict[str, str | None]]:
    """Return the findings about time of what a filing tells for the first time.

    Args:
        told: Columns told now and not before.
        stage: The stage of the filing.
        mode: How the goods travel; a stage that has no lead time for it is one that nobody was late for.
        policy: The lead times.
        late_filing: Whether the filing came after the limit of its own stage; None: not known.
    """
    found = []
    if late_filing:
        words = f"filed after the time limit of stage {stage}"
        found.append(Finding(LATE, "", words).as_dict())
    asked = frozenset(
        early
        for early in Deadline
        if early.value != stage and policy.lead_time(early.value, mode) is not None
    )
    if asked and (words := _late_elements(told, Deadline(stage), asked)):
        found.append(Finding(LATE_ELEMENTS, "", words).as_dict())
    return found


@dataclass(slots=True)
class Lateness:
    """What came late among filings of one stage, worked out once for those that tell the same elements."""

    stage: Stage
    policy: Policy
    _known: dict[tuple[frozenset[str], TransportMode | None, bool | None], list[dict[str, str | None]]] = (
        field(default_factory=dict)
    )

    def of(
        self, told: frozenset[str], mode: TransportMode | None, late_filing: bool | None
    ) -> list[dict[str, str | None]]:
        """Return the findings about time, as `late_findings` does."""
        kind = told, mode, late_filing
        found = self._known.get(kind)
        if found is None:
            found = late_findings(told, self.stage, mode, self.policy, late_filing=late_filing)
            self._known[kind] = found
        return found


@lru_cache(4096)
def _late_elements(told: frozenset[str], stage: Deadline, asked: frozenset[Deadline]) -> str:
    """Say which elements were due at a stage that was asked for before this one; nothing: none."""
    columns = {_column(name) for name in told} & HANDLING.keys()
    named = [name for name in columns if HANDLING[name].supplier is not Supplier.ADMINISTRATION]
    behind = [name for name in late(sorted(named), stage) if HANDLING[name].deadline in asked]
    if not behind:
        return ""
    parts = [
        f"due at {due}: {', '.join(own)}"
        for due in Deadline
        if (own := [name for name in behind if HANDLING[name].deadline is due])
    ]
    return f"told first at {stage}; {'; '.join(parts)}"


def _column(name: str) -> str:
    room, _, own = name.rpartition(".")
    return f"{room}.{_UNITS[own]}" if own in _UNITS else name


__all__ = ["LATE", "LATE_ELEMENTS", "late_findings", "told_of"]
