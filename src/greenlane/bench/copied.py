"""The limit of a filing: the same consignment and item rows by binary COPY, once, into one table of the same indexes."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from greenlane.engine.context import Context
from greenlane.engine.filing import read_filing
from greenlane.model import Batch, consignment_schema, item_schema

_TYPES = {
    "String": "text",
    "Int64": "int8",
    "UInt64": "numeric",
    "UInt32": "int8",
    "Date": "date",
    "Boolean": "bool",
}
_LEFT_OUT = ("source_file", "source_row", "source_last", "source_rows")
_OWN = {
    "key": "int8",
    "party": "text",
    "open": "bool",
    "phase": "text",
    "disposition": "text",
    "deadline": "timestamptz",
    "wake_at": "timestamptz",
    "group_key": "text",
    "person": "text",
}
_CONSIGNMENT = {n: _TYPES[str(t)] for n, t in consignment_schema().items() if n not in _LEFT_OUT}
_ITEM = {n: _TYPES[str(t)] for n, t in item_schema().items() if n != "row"}
_COLUMNS = {**_OWN, **_CONSIGNMENT, **{f"items.{name}": kind for name, kind in _ITEM.items()}}
# As in the service's own table.
_COMPARED = (
    "party", "consignment_id", "phase", "channel", "transport_document", "disposition", "group_key", "person",
)  # fmt: skip
# The indexes of the service's own table of consignments; an id stands once more with each of its items.
_INDEXES = (
    "create unique index on copied (key)",
    'create unique index on copied (party, consignment_id, "items.item_id") nulls not distinct',
    "create index on copied (deadline, key) where open",
    "create index on copied (phase, deadline, key) where open",
    "create index on copied (disposition, deadline, key) where open",
    "create index on copied (channel, deadline, key) where open",
    "create index on copied (wake_at) where wake_at is not null",
    "create index on copied (transport_document) where transport_document is not null",
    "create index on copied (group_key) where group_key is not null",
    "create index on copied (person) where person is not null",
)


def _collation(name: str) -> str:
    return 'collate "C"' if name in _COMPARED else ""


def make_table(database: str) -> None:
    """Make the table anew."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop table if exists copied")
        columns = ", ".join(f'"{name}" {kind} {_collation(name)}' for name, kind in _COLUMNS.items())
        connection.execute(f"create table copied ({columns})")
        for index in _INDEXES:
            connection.execute(index)


def packed(database: str, bodies: Sequence[bytes], context: Context) -> list[bytes]:
    """Return the rows of each filing as bytes of binary COPY: one a consignment, one an item."""
    found, key = [], 0
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        make = ", ".join(f'"{name}" {kind}' for name, kind in _COLUMNS.items())
        cursor.execute(f"create temporary table packing ({make}) on commit drop")
        for body in bodies:
            rows = _rows(body, context, key)
            key += len(rows)
            cursor.execute("truncate packing")
            with cursor.copy(f"copy packing ({names}) from stdin (format binary)") as into:
                into.set_types(list(_COLUMNS.values()))
                for row in rows:
                    into.write_row(row)
            with cursor.copy("copy packing to stdout (format binary)") as out:
                found.append(b"".join(bytes(part) for part in out))
    return found


def copy_all(database: str, filings: Sequence[bytes], writers: int) -> float:
    """Write filings, each in a transaction of its own, over some connections at once; return the seconds."""
    gate = threading.Barrier(writers + 1)
    threads = [
        threading.Thread(target=_copy, args=(database, filings[place::writers], gate))
        for place in range(writers)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def _copy(database: str, filings: Sequence[bytes], gate: threading.Barrier) -> None:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    with psycopg.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        gate.wait()
        for filing in filings:
            with cursor.copy(f"copy copied ({names}) from stdin (format binary)") as into:
                into.write(filing)


def _rows(body: bytes, context: Context, key: int) -> list[tuple[Any, ...]]:
    filing = read_filing(body, context)
    held = filing.held
    assert isinstance(held, Batch)
    consignments = held.consignments.select(*_CONSIGNMENT).rows()
    now = datetime.now(UTC)
    rows: list[tuple[Any, ...]] = []
    for place, (consignment, value) in enumerate(zip(consignments, filing.values, strict=True)):
        at = now + timedelta(minutes=place)
        person = None if value["person"] is None else value["person"][:32]
        own_columns = (key + place, "bench", True, "lodged", "release", at, at, value["group.key"], person)
        rows.append((*own_columns, *consignment, *(None,) * len(_ITEM)))
    wide = tuple(_CONSIGNMENT)
    id_place = wide.index("consignment_id")
    key += len(rows)
    for place, (row, *item) in enumerate(held.items.select("row", *_ITEM).iter_rows()):
        own: list[Any] = [None] * len(wide)
        own[id_place] = consignments[row][id_place]
        rows.append((key + place, "bench", False, None, None, None, None, None, None, *own, *item))
    return rows


__all__ = ["copy_all", "make_table", "packed"]
