"""The audit log's table."""

from collections.abc import Iterator
from typing import Any

from psycopg import Cursor

from greenlane.privacy.audit import Link
from greenlane.store.database import lock_number


def head(cursor: Cursor[Any]) -> Link | None:
    """Return the last link, and keep others from appending until the transaction ends."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (lock_number("audit"),))
    row = cursor.execute("select seq, previous, body, hash from audit order by seq desc limit 1").fetchone()
    return None if row is None else Link(*row)


def write(cursor: Cursor[Any], link: Link) -> None:
    """Write one link."""
    cursor.execute(
        "insert into audit (seq, previous, body, hash) values (%s, %s, %s, %s)",
        (link.seq, link.previous, link.body, link.digest),
    )


def links(cursor: Cursor[Any], after: int = 0) -> Iterator[Link]:
    """Return the log in order, from behind a place."""
    while True:
        rows = cursor.execute(
            "select seq, previous, body, hash from audit where seq > %s order by seq limit 1000", (after,)
        ).fetchall()
        if not rows:
            return
        yield from (Link(*row) for row in rows)
        after = rows[-1][0]


__all__ = ["head", "links", "write"]
