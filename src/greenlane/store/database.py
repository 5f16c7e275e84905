"""Connections: one writer per party at a time; readers see what their role may see."""

import hashlib
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, Cursor
from psycopg_pool import ConnectionPool, PoolTimeout

from greenlane.store.embedded import StoreError

_STATEMENT_MS = 30_000
_LOCK_MS = 15_000
_IDLE_MS = 60_000
_WAIT_S = 10
# Once the database is known to be away, callers are told so at once instead of each after its turn.
_WAIT_GONE_S = 1
_CHECK_S = 2
# The pool waits longer and longer between attempts and would be minutes late when the database is back:
# it gives up soon, and the next request tries at once.
_GIVE_UP_S = 2
# A plan that is made while a table is still small would read all of it, and go on so while it grows.
_PLANNED_ONCE = ("set local plan_cache_mode = force_generic_plan", "set local enable_seqscan = off")
# A server that went without a word is noticed within half a minute (over TCP; a local socket closes by itself).
_GONE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}


class StoreBusy(StoreError):
    """The database cannot be reached now, or another writer held the party's lock too long; try again."""


class InFlight(StoreError):
    """A request with the same idempotency key is being worked on."""

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is being worked on; try again")


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


@dataclass(frozen=True, slots=True)
class Use:
    """How the pool is used: connections that are idle and busy, and callers that wait for one."""

    idle: int
    busy: int
    waiting: int


class Database:
    """A pool of connections to one PostgreSQL.

    Writing transactions take the lock of each party that they write for first, in one order. So the numbers of a
    party's events are in the order of their commits, and no two decisions on one consignment run side by side.
    """

    def __init__(self, url: str, *, connections: int = 12) -> None:
        settings = (
            f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={_LOCK_MS} "
            f"-c idle_in_transaction_session_timeout={_IDLE_MS} -c timezone=UTC -c jit=off"
        )
        self.url = url
        self._gone = False
        self._lent_at = time.monotonic()
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            timeout=_WAIT_S,
            check=_check,
            reconnect_timeout=_GIVE_UP_S,
            kwargs={"options": settings, "connect_timeout": 5, "autocommit": True, **_GONE},
            open=False,
        )

    def open(self) -> None:
        """Open the pool; connections are made when they are needed."""
        self._pool.open()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def use(self) -> Use:
        """Say how the pool is used now."""
        told = self._pool.get_stats()
        idle = told.get("pool_available", 0)
        return Use(idle, told.get("pool_size", 0) - idle, told.get("requests_waiting", 0))

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """Lend a connection outside any transaction; one that is begun and left open when the block fails is rolled back.

        Raises:
            StoreBusy: None could be had in time, or the one that was lent broke.
        """
        try:
            with self._pool.connection(_WAIT_GONE_S if self._gone else _WAIT_S) as connection:
                self._gone, self._lent_at = False, time.monotonic()
                yield connection
        except PoolTimeout as error:
            # A pool that is busy lends to somebody meanwhile; one whose database is away lends to nobody.
            self._gone = time.monotonic() - self._lent_at > _WAIT_S - 1
            raise StoreBusy("the database doesn't answer now; try again") from error
        except (
            psycopg.OperationalError,
            psycopg.InternalError,
            psycopg.InterfaceError,
        ) as error:
            raise StoreBusy(f"the database doesn't answer now ({type(error).__name__}); try again") from error

    @contextmanager
    def cursor(self) -> Iterator[Cursor[Any]]:
        """Lend a cursor outside any transaction; each statement sees what is committed by then.

        Raises:
            StoreBusy: The database doesn't answer now.
        """
        with self.connection() as connection, connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def snapshot(self) -> Iterator[Cursor[Any]]:
        """Open a transaction that only reads, and sees one state of the database from first to last."""
        with self.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.execute(
                "set transaction isolation level repeatable read, read only; set local statement_timeout = 0"
            )
            yield cursor

    @contextmanager
    def writing(
        self, *parties: str, request: tuple[str, str] | None = None, planned_once: bool = False
    ) -> Iterator[Cursor[Any]]:
        """Open a transaction that writes for some parties; it commits when the block ends well.

        Args:
            parties: Whose locks are taken, in one order.
            request: Party and idempotency key of the request, locked first and without waiting.
            planned_once: Its statements look up what lists of keys name. Each is planned once for a connection:
                for its lists PostgreSQL would plan it anew every time, which takes longer than to carry it out.
        Raises:
            InFlight: Another transaction works on the same request.
            StoreBusy: The database doesn't answer, or a lock was not to be had in time.
        """
        # One message begins, says how it is planned and takes the locks. What fails is rolled back as the loan ends.
        begin = ["begin", *_PLANNED_ONCE] if planned_once else ["begin"]
        locks = [
            f"select pg_advisory_xact_lock({lock_number('party', party)})" for party in sorted(set(parties))
        ]
        with self.connection() as connection, connection.cursor() as cursor:
            if request is not None:
                cursor.execute("; ".join(begin).encode(), prepare=False)
                if not take_lock(cursor, "request", *request):
                    raise InFlight
                begin = []
            if begin or locks:
                cursor.execute("; ".join([*begin, *locks]).encode(), prepare=False)
            yield cursor
            connection.commit()

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


def _check(connection: Connection[Any]) -> None:
    """Ask a connection that is about to be lent for a sign of life; a database that is frozen gives none.

    Raises:
        psycopg.OperationalError: It gave none; the pool tries another.
    """
    inner = connection.pgconn
    inner.send_query(b"")
    inner.flush()
    until = time.monotonic() + _CHECK_S
    # It asks the kernel for nothing but to wait, half of what a selector costs, and stands before every transaction.
    waiting = select.poll()
    waiting.register(inner.socket, select.POLLIN)
    while inner.is_busy():
        if not waiting.poll(max(until - time.monotonic(), 0) * 1_000):
            raise psycopg.OperationalError("the database gives no sign of life")
        inner.consume_input()
    while inner.get_result() is not None:
        pass


def see_as(cursor: Cursor[Any], viewer: Viewer) -> None:
    """Make the rest of a transaction read-only, under the role of the viewer."""
    cursor.execute(f"set transaction read only; set local role {viewer.role}")
    cursor.execute(
        "select set_config('greenlane.party', %s, true), set_config('greenlane.agency', %s, true)",
        (viewer.party or "", viewer.agency or ""),
    )


def take_lock(cursor: Cursor[Any], *parts: str) -> bool:
    """Take the lock that stands for some words until the transaction ends, without waiting; False: another has it."""
    row = cursor.execute("select pg_try_advisory_xact_lock(%s)", (lock_number(*parts),)).fetchone()
    return row is not None and bool(row[0])


def lock_number(*parts: str) -> int:
    """Return the number of the advisory lock that stands for some words.

    Example:
        >>> lock_number("party", "post-cn") == lock_number("party", "post-cn")
        True
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


__all__ = ["Database", "InFlight", "StoreBusy", "StoreError", "Viewer", "lock_number", "see_as", "take_lock"]
