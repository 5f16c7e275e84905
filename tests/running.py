"""The service as its own processes, started, killed and stopped as an administration would have it happen."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import psutil

_START_S = 90


def free_port() -> int:
    """Return a port that nobody listens on.

    It lies below those that Linux lends to whoever calls out, or tests beside this one might take it before it is used.
    """
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True)
class Running:
    """One `greenlane serve` on a home folder; what it writes goes to ``<home>/../serve.log``."""

    home: Path
    port: int = field(default_factory=free_port)
    flags: tuple[str, ...] = ("--sandbox",)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}/api/v1"

    @property
    def log(self) -> Path:
        """What the processes have written."""
        return self.home.parent / f"serve-{self.port}.log"

    def start(self, wait: bool = True) -> None:
        """Start the service, and wait until it answers."""
        environment = os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-c", "from greenlane.cli import main; main()", "serve",
                    "--home", str(self.home), "--port", str(self.port), *self.flags,
                ],
                stdout=log, stderr=log, env=environment, start_new_session=True,
            )  # fmt: skip
        if wait:
            self.wait()

    def wait(self, seconds: float = _START_S) -> float:
        """Wait until the service answers that it is well; return how long that took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.tail()}")
            if self.well():
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"the service doesn't answer after {seconds} s:\n{self.tail()}")

    def well(self) -> bool:
        """Say whether the service answers that it is well."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        return False

    def tail(self) -> str:
        """Return the end of what was written."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:]) if self.log.exists() else ""

    def kill(self) -> None:
        """Kill the service at once, as a power cut would; its workers end by themselves."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def kill_all(self) -> None:
        """Kill the service with every worker of it."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self, seconds: float = 60) -> int:
        """Ask the service to end and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def postmaster(self) -> psutil.Process | None:
        """Return the process of the embedded PostgreSQL; None: it doesn't run."""
        try:
            number = int((self.home / "postgresql" / "postmaster.pid").read_text().split("\n")[0])
            found = psutil.Process(number)
            return found if found.name().startswith("postgres") else None
        except (OSError, ValueError, psutil.Error):
            return None

    def backends(self) -> list[psutil.Process]:
        """Return the other processes of the embedded PostgreSQL."""
        root = self.postmaster()
        with contextlib.suppress(psutil.Error):
            return [] if root is None else root.children(recursive=True)
        return []

    @property
    def database(self) -> str:
        """Address of the embedded database, for those who look into it."""
        return f"postgresql://postgres:@/postgres?host={self.home / 'postgresql'}"

    def administrator(self) -> str:
        """Return the key that the first start made."""
        return (self.home / "administrator.key").read_text().strip()

    def call(self, key: str, method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        """Call the API once."""
        headers = {"Authorization": f"Bearer {key}"} | how.pop("headers", {})
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        return httpx.request(method, self.url + path, headers=headers, timeout=60, **content, **how)

    def keys(self, expires_at: str = "2099-01-01T00:00:00Z") -> dict[str, str]:
        """Register parties ``post-cn`` and ``market-x`` and return a key of an operator each, and of an officer."""
        first = self.administrator()
        made = {"administrator": first}
        for party in ("post-cn", "market-x"):
            assert self.call(first, "POST", "/parties", {"id": party, "name": party}).status_code == 201
        for name, party, role in (
            ("operator", "post-cn", "operator"),
            ("other_operator", "market-x", "operator"),
            ("officer", "administration", "officer"),
            ("supervisor", "administration", "supervisor"),
        ):
            wanted = {"party": party, "roles": [role], "expires_at": expires_at}
            answer = self.call(first, "POST", "/keys", wanted)
            assert answer.status_code == 201, answer.text
            made[name] = answer.json()["key"]
        return made


@contextmanager
def home_folder() -> Iterator[Path]:
    """Give a home folder that PostgreSQL's own user can reach, and leave no process of it behind."""
    top = Path(mkdtemp(prefix="gl-", dir="/tmp"))
    top.chmod(0o755)
    home = top / "h"
    home.mkdir()
    try:
        yield home
    finally:
        end_all(home)
        shutil.rmtree(top, ignore_errors=True)


def end_all(home: Path) -> None:
    """Kill every process that was started on a home folder."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(word == str(home) or word.startswith(f"{home}/") for word in words):
            with contextlib.suppress(psutil.Error):
                process.kill()


def token() -> str:
    """Return a fresh idempotency key."""
    return secrets.token_hex(12)


__all__ = ["Running", "end_all", "free_port", "home_folder", "token"]
