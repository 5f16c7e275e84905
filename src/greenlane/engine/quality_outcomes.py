"""What became of consignments, for the measure of quality: from a service's database, or from its notices in a file."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Cursor

from greenlane.engine.quality_files import JOURNEY, Journey, journey_of
from greenlane.store.journeys import Travelled, journeys
from greenlane.values.errors import UsageError

LookUp = Callable[[Sequence[str]], Mapping[str, Journey]]
"""Gives the journeys of some consignments by id; of others nothing is told."""

_MOMENTS = {
    "consignment.filed": "filed_at",
    "consignment.departed": "departs_at",
    "consignment.arrived": "arrives_at",
    "consignment.released": "released_at",
}


def from_database(cursor: Cursor[Any], party: str | None = None) -> LookUp:
    """Return what looks journeys up in a service's database.

    An id that several parties use is told of nobody, unless *party* says whose it is.
    """

    def look_up(ids: Sequence[str]) -> Mapping[str, Journey]:
        found: dict[str, list[Travelled]] = {}
        for one in journeys(cursor, ids, party):
            found.setdefault(one.consignment_id, []).append(one)
        return {name: _journey(held[0]) for name, held in found.items() if len(held) == 1}

    return look_up


def _journey(one: Travelled) -> Journey:
    return Journey(one.filed_at, one.departed_at, one.arrived_at, one.released_at, one.findings)


def read_notices(path: Path) -> dict[str, Journey]:
    """Read notices as `greenlane notices --json` prints them, or one a line: when each was filed and released.

    Raises:
        UsageError: The file isn't JSON, or a line is no notice.
    """
    found: dict[str, dict[str, datetime]] = {}
    for number, notice in _notices(path):
        try:
            kind, at = str(notice["type"]), datetime.fromisoformat(notice["timestamp"])
            name = str(notice["data"]["consignment_id"])
            if at.tzinfo is None:
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise UsageError(
                f"{path}: notice {number}: expected type, timestamp with its offset and data.consignment_id"
            ) from None
        moment = _MOMENTS.get(kind)
        if moment is not None:
            found.setdefault(name, {}).setdefault(moment, at)
    return {name: journey_of([held.get(moment) for moment in JOURNEY[1:]]) for name, held in found.items()}


def _notices(path: Path) -> Iterable[tuple[int, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("["):
            return list(enumerate(json.loads(text), 1))
        return [
            (number, json.loads(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        ]
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as notices ({type(error).__name__})") from None


def told(journeys_by_id: Mapping[str, Journey]) -> LookUp:
    """Return what looks journeys up among those that are told."""
    return lambda ids: {name: journeys_by_id[name] for name in ids if name in journeys_by_id}


def first_of(sources: Sequence[LookUp]) -> LookUp:
    """Return what asks several sources; the first that tells of a consignment counts."""

    def look_up(ids: Sequence[str]) -> Mapping[str, Journey]:
        found: dict[str, Journey] = {}
        for source in sources:
            found |= {name: one for name, one in source(ids).items() if name not in found}
        return found

    return look_up


__all__ = ["LookUp", "first_of", "from_database", "read_notices", "told"]
