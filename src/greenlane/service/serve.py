"""Start the service: database, keys, law, then the API on one or several processes."""

import gc
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import FrameType

import msgspec
import structlog
import uvicorn
from litestar import Litestar
from uvicorn.supervisors import Multiprocess

from greenlane.clearance import Policy, Role
from greenlane.desk.desk import Desk
from greenlane.desk.keys import make_key
from greenlane.engine.context import context, local_key
from greenlane.model.handling import RetentionClass
from greenlane.privacy.keys import load_masters, write_secret
from greenlane.privacy.retention import with_years
from greenlane.service.app import create_app
from greenlane.service.logs import set_up_logs
from greenlane.service.metrics import counting_together
from greenlane.service.settings import Settings
from greenlane.service.spool import own_spool
from greenlane.store.database import Database
from greenlane.store.server import Embedded, migrate
from greenlane.values.errors import UsageError

ADMINISTRATION = "administration"
"""The party of the administration itself."""
FIRST_KEY = "administrator.key"
"""File under home with the key that the first start makes."""

_HANDED = "_GREENLANE_SERVE"
_GC = (1_000_000, 5, 10)
"""Objects made and not yet gone before the young are looked through for cycles; so many times before the older are."""
# A process that says nothing for so long is ended and made anew, with all that it works on: busy is not hanging.
_HANGS_S = 60
_FIRST_KEY_LIFE = timedelta(days=365)


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """Give the address of the database, brought up to date; the embedded one runs as long as it is used.

    Raises:
        StoreError: It can't be reached or started.
    """
    if settings.database:
        migrate(settings.database)
        yield settings.database
        return
    embedded = Embedded(settings.folder / "postgresql")
    try:
        url = embedded.url()
        migrate(url)
        with embedded.watched(structlog.get_logger("greenlane.database").warning):
            yield url
    finally:
        embedded.stop()


def open_desk(settings: Settings, url: str) -> Desk:
    """Open the desk on a database: law, keys, pool."""
    os.environ["GREENLANE_HOME"] = str(settings.folder)
    held = settings.folder / "reference"
    reference = Path(settings.reference) if settings.reference else held if held.is_dir() else None
    known_at = date.fromisoformat(settings.known_at) if settings.known_at else None
    if reference is not None and not reference.is_dir():
        raise UsageError(f"settings: {reference} is no reference store; greenlane reference import makes one")
    if (
        settings.oidc_keys
        and not settings.oidc_keys.startswith("https://")
        and not Path(settings.oidc_keys).is_file()
    ):
        raise UsageError(f"settings: oidc_keys: there is no file {settings.oidc_keys}")
    database = Database(url, connections=settings.connections)
    database.open()
    desk = Desk(
        database,
        context(store=reference, known_at=known_at, key=local_key()),
        load_masters(settings.folder),
        reload=partial(load_masters, settings.folder),
        rules=with_years(
            {RetentionClass.PERSON: settings.person_years, RetentionClass.LIMITS: settings.limits_years}
        ),
        policy=Policy(objection=timedelta(days=settings.objection_days)),
        sandbox=settings.sandbox,
        jurisdictions=frozenset(settings.jurisdictions),
        spool=own_spool(settings.folder),
    )
    desk.refresh()
    # What is loaded now stays; a batch makes many small objects that die with it. Each look for cycles goes through
    # all that live: every 100,000 objects it took 7 % of the time, and of 2,000 consignments found twelve objects.
    gc.freeze()
    gc.set_threshold(*_GC)
    return desk


def first_key(desk: Desk, home: Path) -> Path | None:
    """Make the administrator's first key where the database has none; return the file that holds it."""
    with desk.database.writing("first-key") as cursor:
        if cursor.execute("select 1 from api_key limit 1").fetchone() is not None:
            return None
        now = desk.clock.now()
        cursor.execute(
            "insert into party (id, name, created_at) values (%s, %s, %s) on conflict do nothing",
            (ADMINISTRATION, "The administration", now),
        )
        made = make_key(
            cursor,
            party=ADMINISTRATION,
            roles=[Role.ADMINISTRATOR],
            scopes=[],
            agency=None,
            created_by="first start",
            now=now,
            expires_at=now + _FIRST_KEY_LIFE,
        )
        path = home / FIRST_KEY
        write_secret(path, made.text + "\n", replace=True)
    return path


@dataclass(frozen=True, slots=True)
class Serving:
    """What is told when the service is about to answer."""

    url: str
    key_file: Path | None


def serve(settings: Settings, told: Callable[[Serving], None]) -> None:
    """Run the service until it is stopped; *told* is called with a `Serving` before the first request.

    Raises:
        StoreError: The database can't be reached or started.
        UsageError: The address is taken.
    """
    set_up_logs(settings.log_level)
    _end_in_order()
    with database_of(settings) as url:
        desk = open_desk(settings, url)
        made = first_key(desk, settings.folder)
        listening = _listen(settings.host, settings.port)
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        told(Serving(f"http://{shown}:{port}", made))
        if settings.workers == 1:
            server = uvicorn.Server(_config(create_app(desk, settings)))
            try:
                server.run(sockets=[listening])
            finally:
                desk.database.close()
            return
        desk.database.close()
        os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // settings.workers)))
        os.environ[_HANDED] = msgspec.json.encode((url, settings, os.getpid())).decode()
        config = _config("greenlane.service.serve:worker_app", workers=settings.workers)
        with counting_together():
            Multiprocess(config, sockets=[listening]).run()


def _end_in_order() -> None:
    """Let a request to end unwind what was begun, the embedded database last, and end with code 0.

    uvicorn finishes what is in flight and then raises the signal again, which would end the process in between.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _end_with(parent: int) -> None:
    """End this worker when the process that supervises it is killed: nobody else would.

    One that isn't ready yet to end in order has taken no request, and ends at once.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _config(app: Litestar | str, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        # Not httptools where it happens to be installed: it takes a head of any length, and drops the body of a request
        # that would rather speak HTTP/2 (`Upgrade: h2c`), as clients in Java and curl ask by themselves.
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
        timeout_worker_healthcheck=_HANGS_S,
    )


def worker_app() -> Litestar:
    """Return the API of one of several processes; what it needs is handed over by the first."""
    url, settings, parent = msgspec.json.decode(os.environ[_HANDED], type=tuple[str, Settings, int])
    _end_with(parent)
    set_up_logs(settings.log_level)
    return create_app(open_desk(settings, url), settings)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only on a socket that says it is of TCP; else answers wait 40 ms for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UsageError(f"{host}:{port} can't be listened on: {error.strerror}") from None
    listening.listen(512)
    listening.set_inheritable(True)
    return listening


__all__ = ["Serving", "database_of", "first_key", "open_desk", "serve", "worker_app"]
