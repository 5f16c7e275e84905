"""The vault's tables: wrapped keys of persons and sealed records. Nothing here is ever in the clear."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.model.handling import RetentionClass
from greenlane.privacy.seal import PersonKey, Scope, Sealing
from greenlane.store.copying import PERSON_KEY, SEALED, copy_rows


def living_keys(cursor: Cursor[Any], scopes: Iterable[Scope]) -> dict[Scope, PersonKey]:
    """Return a key that isn't erased for each scope that has one."""
    wanted = list(scopes)
    if not wanted:
        return {}
    rows = cursor.execute(
        "select distinct on (k.reference, k.retention, k.period) k.id, k.reference, k.retention, k.period, k.wrapped "
        "from person_key k join unnest(%s::text[], %s::text[], %s::int[]) as w (reference, retention, period) "
        "using (reference, retention, period) where k.wrapped is not null "
        "order by k.reference, k.retention, k.period, k.id",
        (
            [scope.reference for scope in wanted],
            [scope.retention.value for scope in wanted],
            [scope.period for scope in wanted],
        ),
    ).fetchall()
    found = {}
    for made, reference, retention, period, wrapped in rows:
        scope = Scope(reference, RetentionClass(retention), period)
        found[scope] = PersonKey(made, scope, wrapped)
    return found


def write(cursor: Cursor[Any], sealing: Sealing, now: datetime) -> None:
    """Write what a filing adds to the vault."""
    copy_rows(
        cursor,
        PERSON_KEY,
        (
            (k.id, k.scope.reference, k.scope.retention.value, k.scope.period, k.wrapped, now)
            for k in sealing.keys
        ),
    )
    copy_rows(
        cursor,
        SEALED,
        (
            (r.key, r.version, r.role, r.retention.value, r.reference, r.key_id, r.sealed)
            for r in sealing.records
        ),
    )


__all__ = ["living_keys", "write"]
