"""Dump the database and bring it back: whole, checked, and with what was erased since erased again."""

import os
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from greenlane.privacy.audit import Anchor, Entry, anchor, verify
from greenlane.privacy.tombstones import ERASED_ACTION, Tombstone, read_tombstone
from greenlane.store import audit
from greenlane.store.embedded import StoreError, programs
from greenlane.store.server import migrate

READERS = ("greenlane_party", "greenlane_staff", "greenlane_agency")
"""Roles under which the service reads; a dump doesn't hold roles."""
AHEAD = 1_000_000
"""Numbers that are left out after a restore, so that none given out after the backup is given again."""
ACTOR = "restore"


def dump(url: str, file: Path) -> tuple[Anchor | None, list[Tombstone]]:
    """Write the database into a file as it stands at one moment, while the service goes on.

    Returns:
        The head of the audit log at that moment, and every tombstone.
    Raises:
        StoreError: PostgreSQL's own program failed.
    """
    with _connected(url) as connection, connection.transaction(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        row: Any = cursor.execute("select pg_export_snapshot()").fetchone()
        _run(url, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={row[0]}", f"--file={file}")
        head = audit.head(cursor)
        stones = cursor.execute("select tombstone from person_key where tombstone is not null").fetchall()
        return anchor(head) if head else None, [read_tombstone(stone) for (stone,) in stones]


def load(url: str, file: Path) -> None:
    """Bring a dump back into an empty database, whole or not at all, and up to this program's schema.

    Raises:
        StoreError: The database isn't empty, or PostgreSQL's own program failed.
    """
    with _connected(url) as connection:
        tables = connection.execute(
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchone()
        if tables is None or tables[0]:
            raise StoreError("the database isn't empty: a backup is brought back into an empty one alone")
        for role in READERS:
            if not connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
                connection.execute(f"create role {role} nologin")
            connection.execute(f"grant {role} to current_user")
    where = _without_password(url)
    _run(
        url,
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        f"--dbname={where}",
        str(file),
    )
    migrate(url)


def settle(url: str, now: datetime, stones: Sequence[Tombstone], head: Anchor | None) -> int:
    """Make a database that was brought back fit to be used; return how many keys were destroyed again.

    Its audit log is checked against the backup's anchor, keys of persons erased since are destroyed again, numbers go
    on far ahead, and the audit log tells of it.

    Raises:
        StoreError: The audit log is broken.
    """
    with _connected(url) as connection, connection.transaction(), connection.cursor() as cursor:
        broken = verify((stored.link for stored in audit.stored(cursor)), [head] if head else [])
        if broken is not None:
            raise StoreError(f"the audit log of the backup is broken: {broken.finding.message}")
        again = [stone for stone in stones if _destroyed(cursor, stone)]
        entries = [
            Entry(now, ACTOR, ERASED_ACTION, stone.as_dict() | {"tombstone": stone.digest()})
            for stone in again
        ]
        for sequence in ("event_seq", "consignment_key"):
            cursor.execute("select setval(%s, nextval(%s) + %s)", (sequence, sequence, AHEAD))
        told = {"erased_again": len(again), "anchor": None if head is None else head.digest}
        audit.write(cursor, [*entries, Entry(now, ACTOR, "restored", told)])
    return len(again)


def masters_of(url: str) -> set[bytes]:
    """Return the ids of the master keys under which the persons' keys of a database are wrapped."""
    with _connected(url) as connection:
        rows = connection.execute(
            "select distinct substring(wrapped from 2 for 8) from person_key where wrapped is not null"
        ).fetchall()
    return {bytes(row[0]) for row in rows}


def _destroyed(cursor: psycopg.Cursor[Any], stone: Tombstone) -> bool:
    """Put a tombstone in the place of a key that is there again."""
    cursor.execute(
        "update person_key set wrapped = null, tombstone = %s where id = %s and wrapped is not null",
        (stone.written(), stone.key_id),
    )
    return cursor.rowcount == 1


def _connected(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise StoreError(f"the database cannot be reached ({type(error).__name__})") from None


def _without_password(url: str) -> str:
    """Return an address for a command line, which others on the machine can read."""
    return make_conninfo("", **{k: v for k, v in conninfo_to_dict(url).items() if k != "password"})


def _run(url: str, program: str, *words: str) -> None:
    secret = conninfo_to_dict(url).get("password")
    environment = os.environ | ({"PGPASSWORD": str(secret)} if secret else {})
    where = [f"--dbname={_without_password(url)}"] if program == "pg_dump" else []
    done = subprocess.run(
        [programs() / program, *where, *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise StoreError(f"{program} failed: {last}")


__all__ = ["ACTOR", "AHEAD", "READERS", "dump", "load", "masters_of", "settle"]
