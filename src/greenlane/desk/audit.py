"""The audit log: every reading of people's data and every change of who may do what."""

from typing import Any

from psycopg import Cursor

from greenlane.desk.desk import Desk
from greenlane.privacy.audit import Entry, Link, Told, append
from greenlane.store import audit


def entry(cursor: Cursor[Any], desk: Desk, actor: str, action: str, told: Told) -> Link:
    """Append an entry in the transaction of what it tells; entries are made one after the other."""
    link = append(audit.head(cursor), Entry(desk.clock.now(), actor, action, told))
    audit.write(cursor, link)
    return link


__all__ = ["entry"]
