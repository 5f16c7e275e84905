"""Rotation of the master key: persons' keys are wrapped anew, what they sealed stays as it is."""

import time
from dataclasses import dataclass

from greenlane.privacy.keys import ID_BYTES, Masters
from greenlane.privacy.seal import rewrap
from greenlane.store import vault as tables
from greenlane.store.database import Database

_AT_ONCE = 1000
_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys were wrapped anew, how many still name another master, and filings sealed under one."""

    wrapped: int
    left: int
    filings: int


def rewrap_all(database: Database, masters: Masters) -> Rewrapped:
    """Wrap every living key under the current master; a service beside it goes on.

    Raises:
        KeyMissing: A key is wrapped under a master that is not among them.
    """
    count, end = 0, time.monotonic() + _PATIENCE_S
    while True:
        with database.writing() as cursor:
            page = tables.wrapped_under_others(cursor, masters.current.id, _AT_ONCE)
            tables.put_wrapped(cursor, rewrap(page, masters))
        count += len(page)
        if page:
            continue
        left, filings = _left(database, masters)
        if not left or time.monotonic() > end:
            return Rewrapped(count, left, filings)
        time.sleep(0.1)


def _left(database: Database, masters: Masters) -> tuple[int, int]:
    with database.cursor() as cursor:
        keys = cursor.execute(
            "select count(*) from person_key where wrapped is not null and substring(wrapped from 2 for %s) <> %s",
            (ID_BYTES, masters.current.id),
        ).fetchone()
        filings = cursor.execute(
            "select count(*) from filing where body is not null and substring(body from 1 for %s) <> %s",
            (ID_BYTES, masters.current.id),
        ).fetchone()
    assert keys is not None and filings is not None
    return int(keys[0]), int(filings[0])


__all__ = ["Rewrapped", "rewrap_all"]
