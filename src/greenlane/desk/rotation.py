"""Rotation of the master key: what is wrapped or sealed under a retired one is wrapped or sealed anew."""

import time
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from psycopg import sql

from greenlane.desk.bodies import open_body, seal_body
from greenlane.desk.webhooks import seal_anew
from greenlane.privacy.keys import ID_BYTES, Masters
from greenlane.privacy.seal import rewrap
from greenlane.store import vault as tables
from greenlane.store.database import Database

_SEALED = ("document", "filing", "message", "trade_document")
"""Tables whose bodies are sealed under the master key itself."""
_AT_ONCE = 1000
_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was wrapped or sealed anew, and how many things still need a retired master: 0 lets it be taken away."""

    keys: int
    bodies: int
    left: int


def rewrap_all(database: Database, masters: Masters) -> Rotated:
    """Wrap every living key under the current master, and seal anew bodies and secrets; a service beside it goes on.

    Raises:
        KeyMissing: A key is wrapped under a master that is not among them.
    """
    keys, end = 0, time.monotonic() + _PATIENCE_S
    lost = seal_anew(database, masters)
    bodies = sum(_seal_bodies(database, masters, table) for table in _SEALED)
    while True:
        with database.writing() as cursor:
            page = tables.wrapped_under_others(cursor, masters.current.id, _AT_ONCE)
            tables.put_wrapped(cursor, rewrap(page, masters))
        keys += len(page)
        if page:
            continue
        left = _left(database, masters)
        if not left or time.monotonic() > end:
            return Rotated(keys, bodies, left + len(lost))
        # A filing holds some of them; they come free when it ends.
        time.sleep(0.1)


def _seal_bodies(database: Database, masters: Masters, table: str) -> int:
    """Seal bodies anew, one after the other; one that doesn't open stays as it is."""
    count, after = 0, UUID(int=0)
    name = sql.Identifier(table)
    while True:
        with database.writing() as cursor:
            row = cursor.execute(
                sql.SQL(
                    "select id, body from {} where id > %s and length(body) > %s and substring(body from 1 for %s) <> %s "
                    "order by id limit 1 for update"
                ).format(name),
                (after, ID_BYTES, ID_BYTES, masters.current.id),
            ).fetchone()
            if row is None:
                return count
            after, sealed = row
            try:
                anew = seal_body(open_body(sealed, after, masters), after, masters)
            except InvalidTag:
                continue
            cursor.execute(sql.SQL("update {} set body = %s where id = %s").format(name), (anew, after))
            count += 1


def _left(database: Database, masters: Masters) -> int:
    """Return how many keys and bodies still name another master than the current one."""
    bodies = "".join(
        f"+ (select count(*) from {table} where length(body) > %(id)s and substring(body from 1 for %(id)s) <> %(now)s) "
        for table in _SEALED
    )
    with database.cursor() as cursor:
        row = cursor.execute(
            f"select (select count(*) from person_key where substring(wrapped from 2 for %(id)s) <> %(now)s) {bodies}",
            {"id": ID_BYTES, "now": masters.current.id},
        ).fetchone()
    assert row is not None
    return int(row[0])


__all__ = ["Rotated", "rewrap_all"]
