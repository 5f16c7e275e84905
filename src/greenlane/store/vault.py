"""The vault's tables: wrapped keys of persons, tombstones, sealed records. Nothing here is ever in the clear."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.model.handling import RetentionClass
from greenlane.privacy.seal import PersonKey, Scope, SealedRecord, Sealing
from greenlane.privacy.split import NOTE
from greenlane.privacy.tombstones import Tombstone, read_tombstone
from greenlane.store.copying import PERSON_KEY, SEALED, copy_columns
from greenlane.store.texts import Texts

_KEY = "id, reference, retention, period, wrapped, tombstone"
_RECORD = "key, version, role, retention, reference, key_id, body"


Where = Callable[[], AbstractContextManager[Cursor[Any]]]
"""Lends a cursor: that of a transaction, or one of the pool's for a moment."""


def joined(cursor: Cursor[Any]) -> Where:
    """Return the place of a transaction that is under way."""
    return lambda: nullcontext(cursor)


@dataclass(frozen=True, slots=True)
class Keys:
    """Persons' keys in the database. Between two calls no connection of the pool is kept."""

    where: Where

    def living(self, scopes: Iterable[Scope]) -> Mapping[Scope, PersonKey]:
        """Return a living key of each scope that has one, held against destruction until the transaction ends."""
        with self.where() as cursor:
            return living_keys(cursor, scopes)

    def find(self, key_ids: Collection[bytes]) -> Mapping[bytes, PersonKey | Tombstone]:
        """Return each key or its tombstone by id."""
        with self.where() as cursor:
            rows = cursor.execute(
                f"select {_KEY} from person_key where id = any(%s)", (list(key_ids),)
            ).fetchall()
        return {row[0]: _key(row) for row in rows}

    def of_person(self, reference: str) -> Sequence[PersonKey | Tombstone]:
        """Return every key and tombstone of a person."""
        with self.where() as cursor:
            rows = cursor.execute(
                f"select {_KEY} from person_key where reference = %s order by id", (bytes.fromhex(reference),)
            ).fetchall()
        return [_key(row) for row in rows]

    def destroy(self, tombstone: Tombstone) -> None:
        """Put the tombstone in the place of its wrapped key."""
        with self.where() as cursor:
            cursor.execute(
                "update person_key set wrapped = null, tombstone = %s where id = %s and wrapped is not null",
                (tombstone.written(), tombstone.key_id),
            )
            if cursor.rowcount != 1:
                raise AssertionError("a key is destroyed once")


def living_keys(cursor: Cursor[Any], scopes: Iterable[Scope]) -> dict[Scope, PersonKey]:
    """Return a key that isn't erased for each scope that has one, locked against erasure.

    An erasure that is under way is waited for, and its key is no longer living then. Of several keys of a scope it is
    the one with the lowest id.
    """
    wanted = list(scopes)
    if not wanted:
        return {}
    rows = cursor.execute(
        f"select {_KEY} from person_key join unnest(%s::text[], %s::text[], %s::int[]) as w (hex, retention, period) "
        "using (retention, period) where reference = decode(w.hex, 'hex') and wrapped is not null "
        "order by id for share of person_key",
        (
            Texts(scope.reference for scope in wanted),
            Texts(scope.retention for scope in wanted),
            [scope.period for scope in wanted],
        ),
    ).fetchall()
    found: dict[Scope, PersonKey] = {}
    for row in rows:
        key = _key(row)
        assert isinstance(key, PersonKey)
        found.setdefault(key.scope, key)
    return found


def write(cursor: Cursor[Any], sealing: Sealing, now: datetime) -> None:
    """Write what a filing adds to the vault."""
    fromhex = bytes.fromhex
    if keys := sealing.keys:
        scopes = [key.scope for key in keys]
        copy_columns(
            cursor,
            PERSON_KEY,
            (
                [key.id for key in keys],
                [fromhex(scope.reference) for scope in scopes],
                [scope.retention for scope in scopes],
                [scope.period for scope in scopes],
                [key.wrapped for key in keys],
                [now] * len(keys),
            ),
        )
    if records := sealing.records:
        copy_columns(
            cursor,
            SEALED,
            (
                [record.key for record in records],
                [record.version for record in records],
                [record.role for record in records],
                [record.retention for record in records],
                [fromhex(record.reference) for record in records],
                [record.key_id for record in records],
                [record.sealed for record in records],
            ),
        )


def lock_key(cursor: Cursor[Any], key_id: bytes) -> PersonKey | Tombstone | None:
    """Return a key once no filing holds it, kept from new ones until the transaction ends."""
    row = cursor.execute(f"select {_KEY} from person_key where id = %s for update", (key_id,)).fetchone()
    return None if row is None else _key(row)


def newest(cursor: Cursor[Any], key: int) -> list[SealedRecord]:
    """Return the records of the last filing of a consignment that told of persons, and all its notes."""
    rows = cursor.execute(
        f"select {_RECORD} from sealed where key = %s and (role = '{NOTE}' or version = ("
        f"select max(version) from sealed where key = %s and role <> '{NOTE}')) order by role, retention, version",
        (key, key),
    ).fetchall()
    return [_record(row) for row in rows]


def of_reference(cursor: Cursor[Any], reference: str) -> list[SealedRecord]:
    """Return the records of a person."""
    rows = cursor.execute(
        f"select {_RECORD} from sealed where reference = %s order by key, version, role, retention",
        (bytes.fromhex(reference),),
    ).fetchall()
    return [_record(row) for row in rows]


def of_key(cursor: Cursor[Any], key: PersonKey) -> list[SealedRecord]:
    """Return the records that a key opens."""
    rows = cursor.execute(
        f"select {_RECORD} from sealed where reference = %s and key_id = %s order by key, version, role",
        (bytes.fromhex(key.scope.reference), key.id),
    ).fetchall()
    return [_record(row) for row in rows]


def at(
    cursor: Cursor[Any], key: int, version: int, role: str, retention: RetentionClass
) -> SealedRecord | None:
    """Return one record."""
    row = cursor.execute(
        f"select {_RECORD} from sealed where key = %s and version = %s and role = %s and retention = %s",
        (key, version, role, retention.value),
    ).fetchone()
    return None if row is None else _record(row)


def candidates(
    cursor: Cursor[Any], periods: Mapping[RetentionClass, int], after: bytes, limit: int
) -> list[bytes]:
    """Return living keys that may be due: their year is far enough back and no consignment of theirs is open.

    Args:
        periods: The last year of filing of each class that has a clock.
        after: Id of the last key seen.
    """
    rows = cursor.execute(
        "select k.id from person_key k join unnest(%s::text[], %s::int[]) as w (retention, last) using (retention) "
        "where k.wrapped is not null and k.period <= w.last and k.id > %s and not exists (select from sealed s "
        "join consignment c on c.key = s.key where s.reference = k.reference and s.key_id = k.id and c.open) "
        "order by k.id limit %s",
        ([kept.value for kept in periods], list(periods.values()), after, limit),
    ).fetchall()
    return [row[0] for row in rows]


def tombstones(cursor: Cursor[Any], key_ids: Collection[bytes]) -> dict[bytes, Tombstone]:
    """Return the tombstones of keys by id."""
    rows = cursor.execute(
        "select id, tombstone from person_key where id = any(%s) and tombstone is not null", (list(key_ids),)
    ).fetchall()
    return {row[0]: read_tombstone(row[1]) for row in rows}


def all_tombstones(cursor: Cursor[Any], after: bytes, limit: int) -> list[tuple[bytes, Tombstone]]:
    """Return tombstones in order of key id, from behind one."""
    rows = cursor.execute(
        "select id, tombstone from person_key where id > %s and tombstone is not null order by id limit %s",
        (after, limit),
    ).fetchall()
    return [(row[0], read_tombstone(row[1])) for row in rows]


def wrapped_under_others(cursor: Cursor[Any], master_id: bytes, limit: int) -> list[PersonKey]:
    """Return living keys that another master wraps and nobody holds now, held until the transaction ends."""
    rows = cursor.execute(
        f"select {_KEY} from person_key where wrapped is not null and substring(wrapped from 2 for %s) <> %s "
        "order by id limit %s for no key update skip locked",
        (len(master_id), master_id, limit),
    ).fetchall()
    return [key for row in rows if isinstance(key := _key(row), PersonKey)]


def put_wrapped(cursor: Cursor[Any], keys: Sequence[PersonKey]) -> None:
    """Replace the wrapping of keys."""
    cursor.executemany("update person_key set wrapped = %s where id = %s", [(k.wrapped, k.id) for k in keys])


def hold(cursor: Cursor[Any], keys: Collection[int]) -> dict[int, list[str]]:
    """Return the numbers of the cases that hold each consignment."""
    rows = cursor.execute(
        "select key, case_number from legal_hold where key = any(%s) and lifted_at is null order by at",
        (list(keys),),
    ).fetchall()
    found: dict[int, list[str]] = {}
    for key, case in rows:
        found.setdefault(key, []).append(case)
    return found


def _key(row: Sequence[Any]) -> PersonKey | Tombstone:
    made, reference, retention, period, wrapped, stone = row
    if wrapped is None:
        return read_tombstone(stone)
    return PersonKey(made, Scope(reference.hex(), RetentionClass(retention), period), wrapped)


def _record(row: Sequence[Any]) -> SealedRecord:
    key, version, role, retention, reference, key_id, body = row
    return SealedRecord(key, version, role, RetentionClass(retention), reference.hex(), key_id, body)


__all__ = [
    "Keys",
    "Where",
    "all_tombstones",
    "at",
    "candidates",
    "hold",
    "joined",
    "living_keys",
    "lock_key",
    "newest",
    "of_key",
    "of_reference",
    "put_wrapped",
    "tombstones",
    "wrapped_under_others",
    "write",
]
