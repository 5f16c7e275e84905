"""The audit log's table: a chain that is appended to under one lock, in the caller's transaction or apart from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from greenlane.privacy.audit import Entry, Link, append
from greenlane.store.copying import AUDIT, copy_rows
from greenlane.store.database import Database, lock_number

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Log:
    """The chain as the vault writes it; ``cursor`` is the caller's transaction, where it has one."""

    database: Database
    cursor: Cursor[Any] | None = None

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries on a connection of their own, durable before this returns.

        A transaction that has called `join` holds the lock of the chain and no longer calls this.
        """
        with self.database.writing() as own:
            write(own, entries)

    def join(self, entries: Sequence[Entry]) -> None:
        """Write entries in the caller's transaction: they stand if and only if what they tell of does."""
        if self.cursor is None:
            raise AssertionError("this log was made without a transaction to join")
        write(self.cursor, entries)


def head(cursor: Cursor[Any]) -> Link | None:
    """Return the last link; None: the log is empty."""
    row = cursor.execute("select seq, previous, body, hash from audit order by seq desc limit 1").fetchone()
    return None if row is None else Link(*row)


def write(cursor: Cursor[Any], entries: Sequence[Entry]) -> list[Link]:
    """Put entries behind the head and return their links; others wait until the transaction ends."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (lock_number("audit"),))
    last, made = head(cursor), []
    for entry in entries:
        last = append(last, entry)
        made.append(last)
    copy_rows(
        cursor,
        AUDIT,
        (
            (link.seq, link.previous, link.body, link.digest, entry.action, entry.told.get("person"))
            for link, entry in zip(made, entries, strict=True)
        ),
    )
    return made


@dataclass(frozen=True, slots=True)
class Stored:
    """A link with the columns by which it is found; ``verify`` compares them with its content."""

    link: Link
    action: str
    person: str | None


def stored(cursor: Cursor[Any], after: int = 0) -> Iterator[Stored]:
    """Return the log in order, from behind a place."""
    while rows := page(cursor, after, _PAGE):
        yield from rows
        after = rows[-1].link.seq


def page(cursor: Cursor[Any], after: int, limit: int) -> list[Stored]:
    """Return links from behind a place."""
    rows = cursor.execute(
        "select seq, previous, body, hash, action, person from audit where seq > %s order by seq limit %s",
        (after, limit),
    ).fetchall()
    return [Stored(Link(*row[:4]), row[4], row[5]) for row in rows]


def about(cursor: Cursor[Any], subject: str) -> list[Link]:
    """Return the links that tell of a person, by the person's pseudonym in the log."""
    rows = cursor.execute(
        "select seq, previous, body, hash from audit where person = %s order by seq", (subject,)
    ).fetchall()
    return [Link(*row) for row in rows]


def erasures(cursor: Cursor[Any], after: int, limit: int) -> list[Link]:
    """Return the links that prove erasures, from behind a place."""
    rows = cursor.execute(
        "select seq, previous, body, hash from audit where action = 'erased' and seq > %s order by seq limit %s",
        (after, limit),
    ).fetchall()
    return [Link(*row) for row in rows]


__all__ = ["Log", "Stored", "about", "erasures", "head", "page", "stored", "write"]
