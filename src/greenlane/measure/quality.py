"""The quality of data, counted: what was told, what was wrong with it, and how good that is by sender and element.

Scores are shares in thousandths, rounded down, so that 1000 means that nothing at all was wrong. What was not looked
at has no score.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from greenlane.model import CONSIGNMENT_ELEMENTS, ELEMENTS, ITEM_ELEMENTS
from greenlane.model.handling import HANDLING, Deadline

DIMENSIONS = ("completeness", "validity", "timeliness", "consistency", "accuracy")
"""The dimensions of quality, each with a score of its own; they are not added up."""

EXPECTED = frozenset(
    element.column
    for element in ELEMENTS
    if element.required
    or HANDLING[element.column].deadline is Deadline.PRE_LOADING
    or element.column in ("items.hs_code", "items.origin_country")
)
"""Elements that completeness counts: required ones, those due before loading, and what duty rests on."""

Flow = tuple[str, str, str]
"""Sender, format and period (a month, YYYY-MM) of a record."""


@dataclass(slots=True)
class Share:
    """How many of what was looked at were good."""

    good: int = 0
    all: int = 0

    @property
    def score(self) -> int | None:
        """Share in thousandths, rounded down; None where nothing was looked at."""
        return None if not self.all else self.good * 1000 // self.all

    def add(self, other: "Share") -> None:
        """Count another share in."""
        self.good += other.good
        self.all += other.all


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with one record: what, in which dimension, where, with which element."""

    code: str
    dimension: str
    place: str
    element: str | None
    record: tuple[str, int]
    path: str
    stops: bool
    """Whether it counts against the score; what is only noted does not."""


@dataclass(slots=True)
class Found:
    """All defects of one code at one place, with an example."""

    count: int = 0
    records: set[tuple[str, int]] = field(default_factory=set)
    example: str = ""


@dataclass(slots=True)
class Quality:
    """What was counted of some files; `add` takes records in, the rest reads scores off."""

    records: Counter[Flow] = field(default_factory=Counter)
    told: dict[tuple[Flow, str], Share] = field(default_factory=dict)
    invalid: Counter[tuple[Flow, str]] = field(default_factory=Counter)
    defects: dict[tuple[Flow, str, str], Found] = field(default_factory=dict)
    dimension_of: dict[str, str] = field(default_factory=dict)
    looked: dict[tuple[Flow, str], Share] = field(default_factory=dict)
    faulty: dict[Flow, set[tuple[str, int]]] = field(default_factory=dict)
    _by: dict[tuple[Flow, str], set[tuple[str, int]]] = field(default_factory=dict)

    def add_told(self, raw: pl.DataFrame, form: str) -> None:
        """Count the elements that were told.

        Args:
            raw: Cells as they came, one row an item; ``_record`` numbers consignments, ``sender``, ``period``.
            form: The format that they came in.
        """
        heads = raw.unique(subset="_record", keep="first", maintain_order=True)
        for frame, elements in ((heads, CONSIGNMENT_ELEMENTS), (raw, ITEM_ELEMENTS)):
            present = [e.column for e in elements if e.column in frame.columns]
            counted = frame.group_by("sender", "period").agg(pl.len().alias("_all"), pl.col(present).count())
            for row in counted.iter_rows(named=True):
                flow = (row["sender"], form, row["period"])
                if frame is heads:
                    self.records[flow] += row["_all"]
                for element in elements:
                    share = self.told.setdefault((flow, element.column), Share())
                    share.add(Share(row.get(element.column, 0), row["_all"]))

    def add_defects(self, flow: Flow, defects: Iterable[Defect]) -> None:
        """Count defects of records of one flow."""
        for one in defects:
            found = self.defects.setdefault((flow, one.code, one.place), Found())
            found.count += 1
            found.records.add(one.record)
            found.example = found.example or one.path
            self.dimension_of[one.code] = one.dimension
            if not one.stops:
                continue
            self.faulty.setdefault(flow, set()).add(one.record)
            if one.dimension == "validity" and one.element is not None:
                self.invalid[flow, one.element] += 1
            self._by.setdefault((flow, one.dimension), set()).add(one.record)

    def add_looked(self, flow: Flow, dimension: str, good: bool) -> None:
        """Count one thing that was looked at, in a dimension in which not everything is."""
        self.looked.setdefault((flow, dimension), Share()).add(Share(int(good), 1))

    def flows(self) -> list[Flow]:
        """Every flow, in order of sender, format and period."""
        return sorted(self.records)

    def elements(self) -> Iterator[tuple[Flow, str, int | None, int | None]]:
        """Give completeness and validity of each element of each flow, in thousandths."""
        for (flow, element), share in sorted(self.told.items(), key=lambda one: one[0]):
            wrong = min(self.invalid[flow, element], share.good)
            yield flow, element, share.score, Share(share.good - wrong, share.good).score

    def score(self, flows: Iterable[Flow], dimension: str) -> int | None:
        """Return the score of a dimension over some flows, in thousandths."""
        whole = Share()
        for flow in flows:
            if dimension == "completeness":
                for (own, element), share in self.told.items():
                    if own == flow and element in EXPECTED:
                        whole.add(share)
            elif dimension == "validity":
                for (own, element), share in self.told.items():
                    if own == flow:
                        wrong = min(self.invalid[flow, element], share.good)
                        whole.add(Share(share.good - wrong, share.good))
            elif dimension == "consistency":
                bad = len(self._by.get((flow, dimension), ()))
                whole.add(Share(self.records[flow] - bad, self.records[flow]))
            else:
                whole.add(self.looked.get((flow, dimension), Share()))
        return whole.score

    def right_first_time(self, flows: Iterable[Flow]) -> int | None:
        """Return the share of records with no defect that counts, in thousandths."""
        whole = Share()
        for flow in flows:
            whole.add(Share(self.records[flow] - len(self.faulty.get(flow, ())), self.records[flow]))
        return whole.score


def extra_minutes(
    spent: dict[str, list[int]], sound: list[int], least: int = 20
) -> dict[str, tuple[int, int]]:
    """Return by how many minutes the median release of records with a code is behind that of sound ones.

    Args:
        spent: Minutes from filing to release of the records with each code.
        sound: The same of records without any defect.
        least: Cases that are needed on both sides; with fewer nothing is said.
    Returns:
        By code, the extra minutes (never below zero) and how many cases they rest on.
    Example:
        >>> extra_minutes({"a": [90] * 20, "b": [500]}, [30] * 20)
        {'a': (60, 20)}
    """
    if len(sound) < least:
        return {}
    usual = _median(sound)
    return {
        code: (max(_median(times) - usual, 0), len(times))
        for code, times in spent.items()
        if len(times) >= least
    }


def _median(values: list[int]) -> int:
    listed = sorted(values)
    return (listed[(len(listed) - 1) // 2] + listed[len(listed) // 2]) // 2


__all__ = ["DIMENSIONS", "EXPECTED", "Defect", "Flow", "Found", "Quality", "Share", "extra_minutes"]
