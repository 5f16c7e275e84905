"""A service as it is run, for measuring: its processes, its PostgreSQL, keys of parties, what it costs the processor."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from greenlane.bench.process import BenchError
from greenlane.store.server import Embedded

_PROC = Path("/proc")
_STOP_S = 60
_RATE = 10_000_000
_CALL_S = 120
_IDLE_S = 3


@dataclass(slots=True)
class Client:
    """One connection that is kept alive, under one key; made anew before the service closes it for being idle."""

    address: str
    key: str = field(repr=False)
    _line: http.client.HTTPConnection | None = None
    _used: float = 0.0

    def call(self, method: str, path: str, body: bytes | None = None, **params: Any) -> Any:
        """Call the API and return the answer's JSON.

        Raises:
            BenchError: The answer is none of success.
        """
        status, said = self.raw(method, path, body, params)
        if status >= 300:
            raise BenchError(f"bench: {method} {path} was answered {status}: {said[:300].decode()}")
        return json.loads(said)

    def raw(
        self, method: str, path: str, body: bytes | None = None, params: Mapping[str, Any] | None = None
    ) -> tuple[int, bytes]:
        """Call the API and return status and bytes of the answer."""
        if time.monotonic() - self._used > _IDLE_S:
            self.close()
        if self._line is None:
            host, _, port = self.address.removeprefix("http://").partition(":")
            self._line = http.client.HTTPConnection(host, int(port), timeout=_CALL_S)
        given = {name: value for name, value in (params or {}).items() if value is not None}
        query = f"?{urlencode(given)}" if given else ""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self._line.request(method, f"/api/v1{path}{query}", body, headers)
        answer = self._line.getresponse()
        said = answer.read()
        self._used = time.monotonic()
        return answer.status, said

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.close()
            self._line = None


@dataclass(slots=True)
class Served:
    """A service that answers: where, its database, its first key."""

    address: str
    database: str
    process: int
    postmaster: int
    administrator: Client

    def client(self, party: str, role: str = "operator") -> Client:
        """Return a connection under a new key of a party, which is made where there is none yet."""
        known = {row["id"] for row in self.administrator.call("GET", "/parties")}
        if party not in known:
            body = json.dumps({"id": party, "name": party}).encode()
            self.administrator.call("POST", "/parties", body)
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        wanted = json.dumps({"party": party, "roles": [role], "expires_at": until}).encode()
        made = self.administrator.call("POST", "/keys", wanted)["key"]
        self.administrator.close()
        return Client(self.address, made)

    def spent(self) -> dict[str, float]:
        """Return processor seconds up to now of the service's processes and of PostgreSQL's."""
        return {"service": _seconds(self.process), "postgresql": _seconds(self.postmaster)}


@contextmanager
def serving(home: Path, workers: int) -> Iterator[Served]:
    """Run ``greenlane serve`` on an embedded PostgreSQL of its own until the block ends.

    Raises:
        BenchError: It doesn't come up.
    """
    embedded = Embedded(home / "postgresql")
    database = embedded.url()
    environment = os.environ | {"GREENLANE_RATE_PER_MINUTE": str(_RATE), "GREENLANE_LOG_LEVEL": "warning"}
    environment.pop("POLARS_MAX_THREADS", None)
    command = ["serve", "--home", str(home), "--port", "0", "--workers", str(workers), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from greenlane.cli import main; main()", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            line = process.stdout.readline()
            if not line:
                raise BenchError("bench: the service did not start; what it wrote stands above")
            said += line
        told = json.loads(said)
        key = Path(told["key_file"]).read_text(encoding="ascii").strip()
        postmaster = int((home / "postgresql" / "postmaster.pid").read_text().split()[0])
        yield Served(told["url"], database, process.pid, postmaster, Client(told["url"], key))
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
        if process.poll() is None:
            process.kill()
            process.wait()
        embedded.stop()


def _seconds(root: int) -> float:
    """Return processor seconds of a process and all below it, those that have ended and were waited for included."""
    ticks, waiting = 0, [root]
    while waiting:
        own = _PROC / str(waiting.pop())
        try:
            # The name stands in brackets and may hold spaces; the figures come behind it.
            parts = (own / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(part) for part in parts[11:15])
            for task in (own / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, IndexError, ValueError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


__all__ = ["Client", "Served", "serving"]
