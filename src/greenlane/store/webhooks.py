"""The webhooks of parties."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Cursor

_COUNTED = 10_000
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver as it is registered; ``waiting`` is how many notices it is still to get, counted to 10,000."""

    id: str
    url: str
    sealed: bytes | None = field(repr=False)
    created_at: datetime
    succeeded_at: datetime | None
    disabled_at: datetime | None
    reason: str | None
    waiting: int


def add(cursor: Cursor[Any], hook: str, party: str, url: str, sealed: bytes | None, now: datetime) -> None:
    """Add a webhook; the caller holds the lock of the party."""
    cursor.execute(
        "insert into webhook (id, party, url, secret, created_at) values (%s, %s, %s, %s, %s)",
        (hook, party, url, sealed, now),
    )


def listed(cursor: Cursor[Any], party: str) -> list[Webhook]:
    """Return the webhooks of a party, the oldest first."""
    rows = cursor.execute(
        "select id, url, secret, created_at, succeeded_at, disabled_at, reason, (select count(*) from ("
        "select from delivery d where d.webhook = w.id and d.look_at is not null limit %s) counted) "
        "from webhook w where party = %s order by created_at, id",
        (_COUNTED, party),
    ).fetchall()
    return [Webhook(row[0], row[1], None if row[2] is None else bytes(row[2]), *row[3:]) for row in rows]


def last_place(cursor: Cursor[Any], party: str) -> int:
    """Return the last place of a party's feed; 0 where it is empty."""
    row = cursor.execute(
        "select seq from event where party = %s and notice is not null order by seq desc limit 1", (party,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def stop(cursor: Cursor[Any], hook: str, now: datetime) -> None:
    """Send a webhook nothing more, for it is about to be removed."""
    cursor.execute(
        "update webhook set disabled_at = %s, reason = 'removed' where id = %s",
        (now, hook),
    )


def remove_deliveries(cursor: Cursor[Any], hook: str) -> int:
    """Remove some deliveries of a webhook and return how many: so many at a time that nobody waits long."""
    cursor.execute(
        "delete from delivery where webhook = %s and seq = any(array("
        "select seq from delivery where webhook = %s order by seq limit %s))",
        (hook, hook, _AT_ONCE),
    )
    return cursor.rowcount


def remove(cursor: Cursor[Any], hook: str) -> bool:
    """Remove a webhook with the deliveries that it has left; the caller holds the lock of the party."""
    cursor.execute("delete from webhook where id = %s", (hook,))
    return cursor.rowcount > 0


def enable(cursor: Cursor[Any], hook: str) -> None:
    """Let a webhook get its notices again."""
    cursor.execute("update webhook set disabled_at = null, reason = null where id = %s", (hook,))


def sealed(cursor: Cursor[Any]) -> list[tuple[str, bytes]]:
    """Return each webhook that has a secret, with the secret as it is sealed."""
    rows = cursor.execute("select id, secret from webhook where secret is not null order by id").fetchall()
    return [(row[0], bytes(row[1])) for row in rows]


def reseal(cursor: Cursor[Any], hook: str, before: bytes, after: bytes) -> None:
    """Put a secret sealed anew in the place of what it was."""
    cursor.execute("update webhook set secret = %s where id = %s and secret = %s", (after, hook, before))


__all__ = [
    "Webhook",
    "add",
    "enable",
    "last_place",
    "listed",
    "remove",
    "remove_deliveries",
    "reseal",
    "sealed",
    "stop",
]
