"""Rows into tables: many by binary COPY, few by INSERT."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

import psycopg
from psycopg import Cursor, sql
from psycopg.types.string import BytesBinaryDumper

from greenlane.store.packed import pack
from greenlane.store.texts import Texts, array, written

_FEW = 4
"""Rows up to which an INSERT costs less: a COPY takes three messages, each with its answer, however few they are."""

# Of those that write bytes, the driver takes the one that was registered last: its own for `psycopg.Binary`, slow
# since it is written in Python.
psycopg.adapters.register_dumper(bytes, BytesBinaryDumper)


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns in the order in which rows give them, each with its PostgreSQL type.

    The type ``packed`` is a document that is kept small (`greenlane.store.packed`).
    """

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
    columns = list(zip(*rows, strict=True))
    if columns:
        copy_columns(cursor, into, columns)


def copy_columns(cursor: Cursor[Any], into: Table, columns: Sequence[Sequence[Any]]) -> None:
    """Write rows as `copy_rows` does, given column by column."""
    if len(columns[0]) <= _FEW:
        _insert(cursor, into, columns)
        return
    statement, kinds, written, small = _copied(into)
    out = list(columns)
    for place, write in written:
        out[place] = [None if value is None else write(value) for value in out[place]]
    for place in small:
        out[place] = pack(out[place])
    with cursor.copy(statement) as copy:
        copy.set_types(kinds)
        for row in zip(*out, strict=True):
            copy.write_row(row)


def _insert(cursor: Cursor[Any], into: Table, columns: Sequence[Sequence[Any]]) -> None:
    statement, writers = _inserted(into, len(columns[0]))
    told = [
        column if write is None else write(column) for write, column in zip(writers, columns, strict=True)
    ]
    cursor.execute(statement, [value for row in zip(*told, strict=True) for value in row])


_Write = Callable[[Sequence[Any]], Iterable[Any]]


@cache
def _inserted(into: Table, count: int) -> tuple[bytes, list[_Write | None]]:
    """Return the statement that inserts so many rows, and what writes each column; None: it goes as it is.

    Values go out as words, which the server reads as the column's type. Numbers would be told by their size, and for
    each mixture of sizes and nulls the server would plan the statement anew.
    """
    kinds = [kind for _, kind in into.columns]
    places = ["%b::bytea" if kind in ("bytea", "packed") else f"%s::{kind}" for kind in kinds]
    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in into.columns)
    rows = sql.SQL(", ".join([f"({', '.join(places)})"] * count))
    statement = sql.SQL("insert into {} ({}) values {}").format(sql.Identifier(into.name), columns, rows)
    return statement.as_bytes(), [_in_words(kind) for kind in kinds]


def _in_words(kind: str) -> _Write | None:
    if kind in ("text", "bytea"):
        return None
    if kind == "packed":
        return pack
    write = _WORDS.get(kind, str)
    return lambda column: [None if value is None else write(value) for value in column]


_WORDS: dict[str, Callable[[Any], Any]] = {
    "timestamptz": datetime.isoformat,
    "date": date.isoformat,
    "text[]": Texts,
}


@cache
def _copied(into: Table) -> tuple[bytes, list[str], list[tuple[int, Callable[[Any], bytes]]], list[int]]:
    """Return how a table is copied into: the statement, the types of what goes out, what is written and packed here.

    Bytes go out as they are, and the server reads them as the column's type.
    """
    small = [place for place, (_, kind) in enumerate(into.columns) if kind == "packed"]
    written = [(place, _WRITTEN[kind]) for place, (_, kind) in enumerate(into.columns) if kind in _WRITTEN]
    kinds = ["bytea" if kind in _WRITTEN or kind == "packed" else kind for _, kind in into.columns]
    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in into.columns)
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(into.name), columns)
    return statement.as_bytes(), kinds, written, small


_EPOCH, _FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC), date(2000, 1, 1)


@lru_cache(4096)
def _moment(moment: datetime) -> bytes:
    """Write microseconds since 2000.

    Example:
        >>> _moment(datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)).hex()
        '00000000000f4240'
    """
    return ((moment - _EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True)


@lru_cache(4096)
def _day(day: date) -> bytes:
    return (day - _FIRST_DAY).days.to_bytes(4, "big", signed=True)


_known = lru_cache(8192)(written)


def _texts(texts: Sequence[str]) -> bytes:
    return array(texts, _known)


_WRITTEN: dict[str, Callable[[Any], bytes]] = {
    "uuid": attrgetter("bytes"),
    "timestamptz": _moment,
    "date": _day,
    "text[]": _texts,
}
"""What is written here rather than by the driver: the same few moments, days and words come again and again."""

CONSIGNMENT = table(
    "consignment",
    "key int8, party text, consignment_id text, filing uuid, phase text, open bool, deadline timestamptz, "
    "wake_at timestamptz, version int4, filed_at timestamptz, declaration_date date, departure_country text, "
    "destination_country text, channel text, transport_document text, jurisdiction text, disposition text, "
    "score int2, group_key text, goods_value int8, person text, named text, "
    "input_digest text, content text, facts packed, outcome packed",
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
    "sealed", "key int8, version int4, role text, retention text, reference bytea, key_id bytea, body bytea"
)
PERSON_KEY = table(
    "person_key",
    "id bytea, reference bytea, retention text, period int4, wrapped bytea, created_at timestamptz",
)
LIMIT_USE = table(
    "limit_use", "id uuid, person text, jurisdiction text, day date, key int8, amount int8, count int2"
)
AUDIT = table("audit", "seq int8, previous text, body bytea, hash text, action text, person text")
