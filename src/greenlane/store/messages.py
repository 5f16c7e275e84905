"""What consignments came in where it was a foreign message: format, kind, and what answers repeat of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Cursor

OF_ANSWERS = ("currency", "customs_value", "total", "payable_at_border", "charges")
"""What answers tell of an outcome."""


@dataclass(frozen=True, slots=True)
class Came:
    """The message that a consignment came in.

    ``references`` are numbers and codes of businesses, nothing personal. ``body`` is the message itself, sealed for
    ``id``, where a correction may come to it.
    """

    key: int
    party: str
    form: str
    kind: str
    references: Mapping[str, str]
    id: UUID
    body: bytes | None = field(default=None, repr=False)


def put(cursor: Cursor[Any], came: Sequence[tuple[Came, Mapping[str, Any]]]) -> None:
    """Write messages, each with the outcome of its consignment; a later one replaces what answers repeat."""
    if not came:
        return
    cursor.executemany(
        "insert into message (key, party, form, kind, refs, outcomes, id, body) "
        "values (%s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s) "
        "on conflict (key) do update set form = excluded.form, kind = excluded.kind, refs = excluded.refs, "
        "id = excluded.id, body = excluded.body, outcomes = message.outcomes || excluded.outcomes",
        [
            (
                one.key,
                one.party,
                one.form,
                one.kind,
                _json(one.references),
                _json([_told(outcome)]),
                one.id,
                one.body,
            )
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
        "select key, party, form, kind, refs, id, outcomes from message where key = %s", (key,)
    ).fetchone()
    return None if row is None else (Came(*row[:6]), row[6])


def original(cursor: Cursor[Any], party: str, consignment_id: str) -> tuple[UUID, bytes] | None:
    """Return number and sealed body of the message that a party's consignment came in."""
    row = cursor.execute(
        "select m.id, m.body from message m join consignment c on c.key = m.key "
        "where c.party = %s and c.consignment_id = %s and m.body is not null",
        (party, consignment_id),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def forget(cursor: Cursor[Any], keys: Sequence[int]) -> None:
    """Remove the messages themselves of consignments whose persons are erased."""
    cursor.execute("update message set body = null where key = any(%s)", (list(keys),))


def _told(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {name: outcome.get(name) for name in OF_ANSWERS}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


__all__ = ["OF_ANSWERS", "Came", "decided", "forget", "of", "original", "put"]
