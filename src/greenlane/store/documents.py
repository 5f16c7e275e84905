"""Documents and images attached to consignments: what they are in columns, what they hold sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor


@dataclass(frozen=True, slots=True)
class Attached:
    """A document of one consignment; ``sha256`` is of its plain content."""

    id: UUID
    key: int
    party: str
    kind: str
    media_type: str
    sha256: str
    size: int
    actor: str
    at: datetime


_SHOWN = "id, key, party, kind, media_type, sha256, size, actor, at"


def attach(cursor: Cursor[Any], document: Attached, sealed: bytes) -> None:
    """Write a document with its sealed content."""
    cursor.execute(
        f"insert into document ({_SHOWN}, body) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            document.id, document.key, document.party, document.kind, document.media_type, document.sha256,
            document.size, document.actor, document.at, sealed,
        ),
    )  # fmt: skip


def same(cursor: Cursor[Any], key: int, sha256: str, kind: str) -> Attached | None:
    """Return the document of a consignment that holds the same content as the same kind."""
    row = cursor.execute(
        f"select {_SHOWN} from document where key = %s and sha256 = %s and kind = %s", (key, sha256, kind)
    ).fetchone()
    return None if row is None else Attached(*row)


def of(cursor: Cursor[Any], key: int) -> list[Attached]:
    """Return the documents of a consignment that the reader's role sees, in the order in which they came."""
    rows = cursor.execute(
        f"select {_SHOWN} from document where key = %s order by at, id limit 1000", (key,)
    ).fetchall()
    return [Attached(*row) for row in rows]


def one(cursor: Cursor[Any], number: UUID) -> tuple[Attached, bytes] | None:
    """Return a document with its sealed content, as far as the reader's role sees it."""
    row = cursor.execute(f"select {_SHOWN}, body from document where id = %s", (number,)).fetchone()
    return None if row is None else (Attached(*row[:-1]), row[-1])


def count(cursor: Cursor[Any], key: int) -> int:
    """Return how many documents a consignment has."""
    row = cursor.execute("select count(*) from document where key = %s", (key,)).fetchone()
    return 0 if row is None else int(row[0])


def attached(cursor: Cursor[Any], key: int, numbers: Iterable[UUID]) -> set[UUID]:
    """Return which of some numbers are documents of a consignment."""
    rows = cursor.execute(
        "select id from document where key = %s and id = any(%s)", (key, list(numbers))
    ).fetchall()
    return {row[0] for row in rows}


__all__ = ["Attached", "attach", "attached", "count", "of", "one", "same"]
