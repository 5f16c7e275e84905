"""Rows into tables by binary COPY."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor, sql


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns in the order in which rows give them, each with its PostgreSQL type."""

    name: str
    columns: tuple[tuple[str, str], ...]


def table(name: str, columns: str) -> Table:
    """Return a table from words: ``"key int8, party text"``.

    Example:
        >>> table("t", "key int8, party text").columns
        (('key', 'int8'), ('party', 'text'))
    """
    pairs = (word.split() for word in columns.split(","))
    return Table(name, tuple((column, kind) for column, kind in pairs))


def copy_rows(cursor: Cursor[Any], into: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows, each a tuple in the order of the table's columns; all or none of them.

    Raises:
        psycopg.errors.UniqueViolation: A row is there already.
    """
    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in into.columns)
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(into.name), columns)
    with cursor.copy(statement) as copy:
        copy.set_types([kind for _, kind in into.columns])
        for row in rows:
            copy.write_row(row)


CONSIGNMENT = table(
    "consignment",
    "key int8, party text, consignment_id text, filing uuid, phase text, open bool, deadline timestamptz, "
    "wake_at timestamptz, version int4, filed_at timestamptz, declaration_date date, departure_country text, "
    "destination_country text, channel text, transport_document text, jurisdiction text, disposition text, "
    "score int2, group_key text, goods_value int8, person text, named text, "
    "input_digest text, content text, facts bytea, outcome bytea",
)
EVENT = table(
    "event",
    "seq int8, party text, key int8, version int4, type text, at timestamptz, actor text, notice text, data bytea",
)
TRANSFER = table(
    "transfer",
    "id uuid, party text, key int8, version int4, charge int4, debit text, credit text, amount int8, "
    "currency text, kind text, at timestamptz, reference text, memo text[]",
)
SEALED = table(
    "sealed", "key int8, version int4, role text, retention text, reference text, key_id bytea, body bytea"
)
PERSON_KEY = table(
    "person_key",
    "id bytea, reference text, retention text, period int4, wrapped bytea, created_at timestamptz",
)
LIMIT_USE = table(
    "limit_use", "id uuid, person text, jurisdiction text, day date, key int8, amount int8, count int2"
)
AUDIT = table("audit", "seq int8, previous text, body bytea, hash text, action text, person text")
