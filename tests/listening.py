"""The service of a world on a port of this machine, and whole services as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvicorn

from greenlane.service.app import create_app
from greenlane.service.logs import set_up_logs
from running import free_port
from serving import World

PATIENCE_S = 90


@contextmanager
def listening(service: World, *, port: int | None = None, late_s: float = 0) -> Iterator[str]:
    """Let the service of a world answer over TCP, some time from now, and give its address."""
    chosen = port or free_port()
    set_up_logs(
        "error"
    )  # what a request is logged as must not mix with what a command in this process prints
    config = uvicorn.Config(
        create_app(service.desk, service.settings), port=chosen, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)

    def run() -> None:
        time.sleep(late_s)
        server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{chosen}"
    finally:
        server.should_exit = True
        thread.join(30)
        structlog.reset_defaults()
    assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs as a user would run it."""

    url: str
    key_file: Path
    home: Path
    process: subprocess.Popen[str]
    log: Path


@contextmanager
def running(home: Path, database: str, *flags: str) -> Iterator[Running]:
    """Run ``greenlane serve`` on a database, and end it as a service manager would."""
    log = home / "log"
    home.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-c",
        "from greenlane.cli import main; main()",
        "serve",
        "--json",
        "--port",
        "0",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GREENLANE_")}
    environment |= {"GREENLANE_HOME": str(home), "GREENLANE_DATABASE": database}
    with log.open("w") as written:
        process = subprocess.Popen(
            [*command, *flags], env=environment, stdout=subprocess.PIPE, stderr=written, text=True
        )
    try:
        assert process.stdout is not None
        told = json.loads("".join(iter(lambda: process.stdout.readline(), "}\n")) + "}")  # type: ignore[union-attr]
        yield Running(told["url"], Path(told["key_file"]), home, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
