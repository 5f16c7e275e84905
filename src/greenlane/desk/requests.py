"""Idempotency: the same key and body give the same answer, in the transaction that made it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Cursor

from greenlane.values.errors import GreenlaneError

KEPT = timedelta(days=7)
"""How long an answer is kept."""


class OtherBody(GreenlaneError):
    """The idempotency key was used with another request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given before."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its idempotency key; ``digest`` is of everything that makes it the same request.

    ``key`` is a digest of what the caller sent, which may be any words.
    """

    party: str
    key: str
    digest: bytes

    @property
    def mark(self) -> tuple[str, str]:
        """Party and key: what is locked while the request is worked on."""
        return self.party, self.key


def asked(party: str, key: str, *parts: bytes) -> Asked:
    """Return a request to be remembered.

    Example:
        >>> asked("post-cn", "k1", b"POST /filings", b"{}").mark
        ('post-cn', '6ab9f1eb8f7d3388f4f9d586f66e99fd')
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return Asked(party, hashlib.sha256(key.encode()).hexdigest()[:32], digest.digest())


def answered(cursor: Cursor[Any], request: Asked) -> Answered | None:
    """Return the answer that the request was given before; None: it is new.

    Raises:
        OtherBody: The key was used with another request.
    """
    row = cursor.execute(
        "select request, status, media_type, response from idempotency where party = %s and key = %s",
        request.mark,
    ).fetchone()
    if row is None:
        return None
    if row[0] != request.digest:
        raise OtherBody(
            "this Idempotency-Key was used with another request; take a new key for a new request"
        )
    return Answered(row[1], row[2], row[3])


def remember(cursor: Cursor[Any], request: Asked, answer: Answered, now: datetime) -> None:
    """Keep the answer of a request; the caller's transaction makes both or neither."""
    cursor.execute(
        "insert into idempotency (party, key, request, status, media_type, response, created_at) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        (*request.mark, request.digest, answer.status, answer.media_type, answer.body, now),
    )


def forget_old(cursor: Cursor[Any], now: datetime) -> int:
    """Remove answers that are older than they are kept, and return how many."""
    cursor.execute("delete from idempotency where created_at < %s", (now - KEPT,))
    return cursor.rowcount


__all__ = ["KEPT", "Answered", "Asked", "OtherBody", "answered", "asked", "forget_old", "remember"]
