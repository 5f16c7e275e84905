"""What consignments came in where it was a foreign message: format, kind, and what answers repeat of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg import Cursor

OF_ANSWERS = ("currency", "customs_value", "total", "payable_at_border", "charges")
"""What answers tell of an outcome."""


@dataclass(frozen=True, slots=True)
class Came:
    """The message that a consignment came in. ``references`` are numbers and codes of businesses, nothing personal."""

    key: int
    party: str
    form: str
    kind: str
    references: Mapping[str, str]


def put(cursor: Cursor[Any], came: Iterable[tuple[Came, Mapping[str, Any]]]) -> None:
    """Write messages, each with the outcome of its consignment; a later one replaces what answers repeat."""
    cursor.executemany(
        "insert into message (key, party, form, kind, refs, outcomes) values (%s, %s, %s, %s, %s::jsonb, %s::jsonb) "
        "on conflict (key) do update set form = excluded.form, kind = excluded.kind, refs = excluded.refs, "
        "outcomes = message.outcomes || excluded.outcomes",
        [
            (one.key, one.party, one.form, one.kind, _json(one.references), _json([_told(outcome)]))
            for one, outcome in came
        ],
    )


def decided(cursor: Cursor[Any], key: int, outcome: Mapping[str, Any]) -> None:
    """Keep the outcome of a further decision, where the consignment came in a message."""
    cursor.execute(
        "update message set outcomes = outcomes || %s::jsonb where key = %s", (_json([_told(outcome)]), key)
    )


def of(cursor: Cursor[Any], key: int) -> tuple[Came, list[dict[str, Any]]] | None:
    """Return the message that a consignment came in, as far as the reader's role sees it, with every outcome."""
    row = cursor.execute(
        "select key, party, form, kind, refs, outcomes from message where key = %s", (key,)
    ).fetchone()
    return None if row is None else (Came(*row[:5]), row[5])


def _told(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {name: outcome.get(name) for name in OF_ANSWERS}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


__all__ = ["OF_ANSWERS", "Came", "decided", "of", "put"]
