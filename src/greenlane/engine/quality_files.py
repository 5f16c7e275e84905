"""What a measure of quality is told beside the messages: journeys of the consignments, and what inspections found."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from greenlane.values.errors import UsageError

JOURNEY = ("consignment_id", "filed_at", "departs_at", "arrives_at", "released_at")
INSPECTION = ("consignment_id", "item_id", "element", "found")


@dataclass(frozen=True, slots=True)
class Journey:
    """When a consignment was filed, departed, arrived and was released; None is not told.

    ``findings`` are what inspections of the whole found: conform, discrepancy, prohibited.
    """

    filed_at: datetime | None
    departs_at: datetime | None
    arrives_at: datetime | None
    released_at: datetime | None
    findings: tuple[str, ...] = ()

    @property
    def minutes(self) -> int | None:
        """Whole minutes from filing to release."""
        if self.filed_at is None or self.released_at is None or self.released_at < self.filed_at:
            return None
        return int((self.released_at - self.filed_at).total_seconds() // 60)


def journey_of(moments: Sequence[datetime | None]) -> Journey:
    """Return a journey of its four moments, in the order of `JOURNEY`."""
    filed_at, departs_at, arrives_at, released_at = moments
    return Journey(filed_at, departs_at, arrives_at, released_at)


def read_journeys(path: Path) -> dict[str, Journey]:
    """Read a CSV with the columns of `JOURNEY`; moments carry their offset from UTC.

    Raises:
        UsageError: A column is missing, or a moment is malformed or without offset.
    """
    return {
        row["consignment_id"]: journey_of([_moment(path, number, row[name]) for name in JOURNEY[1:]])
        for number, row in _rows(path, JOURNEY)
    }


def read_inspections(path: Path) -> dict[tuple[str, str, str], str]:
    """Read what inspections found: by consignment, item (empty: the whole) and column, the true value.

    Raises:
        UsageError: A column is missing.
    """
    return {
        (row["consignment_id"], row["item_id"], row["element"]): row["found"]
        for _, row in _rows(path, INSPECTION)
    }


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise UsageError(
                    f"{path}: expected the columns {', '.join(columns)}; missing: {', '.join(missing)}"
                )
            yield from enumerate(reader, 2)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: cannot be read ({type(error).__name__})") from None


def _moment(path: Path, row: int, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(f"{path}: row {row}: write moments as 2026-03-02T10:00:00+00:00")
    return moment


__all__ = ["INSPECTION", "JOURNEY", "Journey", "journey_of", "read_inspections", "read_journeys"]
