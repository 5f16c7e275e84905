"""Connections: one writer per party at a time; readers see what their role may see."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, Cursor
from psycopg_pool import ConnectionPool, PoolTimeout

from greenlane.store.server import StoreError

_STATEMENT_MS = 30_000
_LOCK_MS = 15_000
_IDLE_MS = 60_000
_WAIT_S = 10


class StoreBusy(StoreError):
    """The database cannot be reached now, or another writer held the party's lock too long; try again."""


class InFlight(StoreError):
    """A request with the same idempotency key is being worked on."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads, which row-level security in the database holds to.

    A party sees its own rows alone, an agency the consignments that it was asked about; neither: staff of the
    administration, who see every row but the vault's.
    """

    party: str | None = None
    agency: str | None = None

    @property
    def role(self) -> str:
        """The database role that reads."""
        if self.agency is not None:
            return "greenlane_agency"
        return "greenlane_staff" if self.party is None else "greenlane_party"


class Database:
    """A pool of connections to one PostgreSQL.

    Writing transactions take the lock of each party that they write for first, in one order. So the numbers of a
    party's events are in the order of their commits, and no two decisions on one consignment run side by side.
    """

    def __init__(self, url: str, *, connections: int = 12) -> None:
        settings = (
            f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={_LOCK_MS} "
            f"-c idle_in_transaction_session_timeout={_IDLE_MS} -c timezone=UTC"
        )
        self.url = url
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            timeout=_WAIT_S,
            check=ConnectionPool.check_connection,
            kwargs={"options": settings, "connect_timeout": 5, "autocommit": True},
            open=False,
        )

    def open(self) -> None:
        """Open the pool; connections are made when they are needed."""
        self._pool.open()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """Lend a connection outside any transaction.

        Raises:
            StoreBusy: None could be had in time, or the one that was lent broke.
        """
        try:
            with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StoreBusy(f"the database doesn't answer now ({type(error).__name__}); try again") from error

    @contextmanager
    def writing(self, *parties: str, request: tuple[str, str] | None = None) -> Iterator[Cursor[Any]]:
        """Open a transaction that writes for some parties; it commits when the block ends well.

        Args:
            parties: Whose locks are taken, in one order.
            request: Party and idempotency key of the request, locked first and without waiting.
        Raises:
            InFlight: Another transaction works on the same request.
            StoreBusy: The database doesn't answer, or a lock was not to be had in time.
        """
        with self.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            if request is not None:
                got = cursor.execute(
                    "select pg_try_advisory_xact_lock(%s)", (lock_number("request", *request),)
                ).fetchone()
                if got is None or not got[0]:
                    raise InFlight("a request with this Idempotency-Key is being worked on; try again")
            for party in sorted(set(parties)):
                cursor.execute("select pg_advisory_xact_lock(%s)", (lock_number("party", party),))
            yield cursor

    @contextmanager
    def reading(self, viewer: Viewer) -> Iterator[Cursor[Any]]:
        """Open a read-only transaction under the role of the viewer."""
        with self.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            see_as(cursor, viewer)
            yield cursor

    def ready(self) -> bool:
        """Say whether the database answers now."""
        try:
            with self._pool.connection(timeout=2) as connection:
                return connection.execute("select 1").fetchone() == (1,)
        except (PoolTimeout, psycopg.Error):
            return False


def see_as(cursor: Cursor[Any], viewer: Viewer) -> None:
    """Make the rest of a transaction read-only, under the role of the viewer."""
    cursor.execute(f"set transaction read only; set local role {viewer.role}")
    cursor.execute(
        "select set_config('greenlane.party', %s, true), set_config('greenlane.agency', %s, true)",
        (viewer.party or "", viewer.agency or ""),
    )


def lock_number(*parts: str) -> int:
    """Return the number of the advisory lock that stands for some words.

    Example:
        >>> lock_number("party", "post-cn") == lock_number("party", "post-cn")
        True
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


__all__ = ["Database", "InFlight", "StoreBusy", "StoreError", "Viewer", "lock_number", "see_as"]
