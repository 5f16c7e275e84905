"""The service as it is run: several processes that count together, planned windows, refusals at the start, the end."""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import psycopg
import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from greenlane.client import Client
from greenlane.service.app import create_app
from greenlane.service.serve import _config, _listen
from greenlane.store.database import Database, Viewer
from greenlane.store.server import Embedded, migrate
from listening import running
from serving import World, own_database, world

CONSIGNMENTS = 40


def measured(text: str, name: str, **labels: str) -> float | None:
    """Return one sample of a text of metrics; None where it isn't there."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_processes_count_together(postgres: str, service: World, tmp_path: Path, monkeypatch: Any) -> None:
    """Whichever of two processes is asked, the metrics are the sum over both; the end is clean and the log JSON."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with own_database(postgres) as database:
        with running(tmp_path / "home", database, "--workers", "2") as run:
            administrator = run.key_file.read_text().strip()
            with Client(run.url, administrator) as client:
                client.administration.add_party("post-cn", "Post of China")
                key = client.administration.add_key(
                    "post-cn", ["operator"], datetime.now(UTC) + timedelta(days=1)
                ).key
            for _ in range(CONSIGNMENTS):
                with Client(run.url, key) as fresh:
                    assert fresh.filings.file_one(service.consignment()).result == "accepted"
            (folder,) = tmp_path.glob("greenlane-metrics-*")
            took_part = {path.stem for path in folder.glob("counter_*.db")}
            assert len(took_part) == 2, took_part
            for _ in range(6):
                with Client(run.url, administrator) as fresh:
                    told = fresh.wellness.metrics()
                assert measured(told, "greenlane_consignments_total", result="accepted") == CONSIGNMENTS
                assert measured(told, "greenlane_filings_waiting") == 0
                assert (measured(told, "greenlane_decision_seconds_count") or 0) >= 1
                assert measured(told, "greenlane_database_waiting") == 0
                assert (measured(told, "greenlane_database_connections", state="idle") or 0) >= 1
            assert (
                measured(
                    told,
                    "greenlane_requests_total",
                    method="POST",
                    route="/consignments",
                    status="201",
                )
                == CONSIGNMENTS
            )
        assert run.process.returncode == 0
        assert not list(tmp_path.glob("greenlane-metrics-*"))
        lines = run.log.read_text().splitlines()
        assert len(lines) > CONSIGNMENTS
        for line in lines:
            assert {"event", "level", "timestamp"} <= set(json.loads(line)), line
        text = "\n".join(lines)
        assert key.split("_", 2)[2] not in text and "A. Example" not in text


def test_results_are_counted(postgres: str, law: Any) -> None:
    """Each consignment is counted once by what became of it, in filings decided at once, later, and one by one."""
    with world(postgres, law) as own:
        before = own.call("auditor", "GET", "/metrics").text

        def more(result: str) -> float:
            now = own.call("auditor", "GET", "/metrics").text
            name = "greenlane_consignments_total"
            return (measured(now, name, result=result) or 0) - (measured(before, name, result=result) or 0)

        first = own.consignment()
        own.file(first, own.consignment(value="4,00"))
        own.file(first)
        own.file(first | {"freight": "5.00"})
        own.call("operator", "POST", "/consignments", own.consignment())
        counted = [more(result) for result in ("accepted", "rejected", "repeated", "amended", "refused")]
        assert counted == [2, 1, 1, 1, 0]
    with world(postgres, law, inline_bytes=10) as own:
        before = own.call("auditor", "GET", "/metrics").text
        own.call("operator", "POST", "/filings", [own.consignment() for _ in range(5)])
        until = time.monotonic() + 30
        while more("accepted") < 5 and time.monotonic() < until:
            time.sleep(0.1)
        assert more("accepted") == 5


def test_a_planned_window_is_told(postgres: str, law: Any) -> None:
    """The status tells a planned window beforehand, says so while it lasts, and forgets it afterwards."""
    with world(postgres, law) as own:
        now = datetime.now(UTC)
        window = {
            "starts_at": (now + timedelta(days=1)).isoformat(),
            "ends_at": (now + timedelta(days=2)).isoformat(),
            "words": "new version",
        }
        assert own.call("administrator", "POST", "/windows", window).status_code == 201

        def status(after: timedelta) -> dict[str, Any]:
            own.call("administrator", "PUT", "/sandbox/clock", {"offset_s": int(after.total_seconds())})
            found: dict[str, Any] = own.call(None, "GET", "/status").json()
            return found

        assert (status(timedelta())["status"], len(status(timedelta())["planned"])) == ("ok", 1)
        assert status(timedelta(days=1, hours=12))["status"] == "planned"
        assert status(timedelta(days=3))["planned"] == []


def start(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    command = [sys.executable, "-c", "from greenlane.cli import main; main()", *words]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "GREENLANE_HOME": str(home), **variables}
    environment |= {"PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_refusals_at_the_start(postgres: str, tmp_path: Path) -> None:
    """A taken port, a database of a newer version, none at all, a wrong setting: one line each, exit code 2."""
    with own_database(postgres) as database:
        with running(tmp_path / "home", database) as run:
            port = run.url.rpartition(":")[2]
            assert httpx.get(f"{run.url}/api/v1/health").json()["status"] == "ok"
            done = start(tmp_path, "serve", "--port", port, "--database", database)
            assert (done.returncode, done.stdout) == (2, "") and "can't be listened on" in done.stderr
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("update alembic_version set version_num = '9999'")
        for words in (("serve", "--port", "0"), ("migrate",)):
            done = start(tmp_path, *words, GREENLANE_DATABASE=database)
            assert done.returncode == 2 and "newer than this program" in done.stderr, done.stderr
    gone = start(tmp_path, "serve", GREENLANE_DATABASE="postgresql://user:hush@127.0.0.1:1/none")
    assert gone.returncode == 2 and "cannot be reached" in gone.stderr and "hush" not in gone.stderr
    wrong = start(tmp_path, "serve", GREENLANE_WORKERS="many")
    assert wrong.returncode == 2 and "workers" in wrong.stderr
    for done in (gone, wrong):
        assert len(done.stderr.strip().splitlines()) == 1 and not re.search("Traceback", done.stderr)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_key_is_made_once(postgres: str, tmp_path: Path, workers: str) -> None:
    """The first start makes the administrator's key in a file of its own; a second start makes none."""
    with own_database(postgres) as database:
        home = tmp_path / "home"
        with running(home, database, "--workers", workers) as run:
            assert run.key_file.stat().st_mode & 0o777 == 0o600
            key = run.key_file.read_text()
        done = start(
            home, "key", "make", "--party", "administration", "--role", "auditor", GREENLANE_DATABASE=database
        )
        assert done.returncode == 0
        assert run.key_file.read_text() == key


def test_an_owner_with_createrole_suffices(postgres: str, law: Any) -> None:
    """The database's user needs no more than to own the database and to make roles; parties are parted all the same."""
    user = f"owner_{uuid4().hex[:8]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create role {user} login createrole password 'made-up'")
        connection.execute(f"create database {user} owner {user}")
        held = "select rolname from pg_roles where rolname in ('greenlane_party', 'greenlane_staff', 'greenlane_agency')"
        for (role,) in connection.execute(held).fetchall():  # made by another database's owner on this server
            connection.execute(f"grant {role} to {user}")
    try:
        parts = urlsplit(postgres)
        url = urlunsplit(parts._replace(netloc=f"{user}:made-up@", path=f"/{user}"))
        migrate(url)
        database = Database(url)
        database.open()
        try:
            for viewer in (Viewer(party="post-cn"), Viewer(), Viewer(agency="food")):
                with database.reading(viewer) as cursor:
                    assert cursor.execute("select count(*) from consignment").fetchone() == (0,)
                    assert cursor.execute("select current_user").fetchone() == (viewer.role,)
        finally:
            database.close()
    finally:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"drop database {user} with (force)")


def test_a_long_log_of_the_database_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the next start a log that has grown takes the place of the one before it, and a new one begins."""
    monkeypatch.setattr("greenlane.store.embedded._LOG_BYTES", 1_000)
    with tempfile.TemporaryDirectory(prefix="greenlane-log-") as folder:
        server = Embedded(Path(folder) / "data")
        for _ in range(3):
            server.url()
            server.stop()
            with (server.folder / "log").open("a") as log:
                log.write("x" * 2_000 + "\n")
        assert sorted(path.name for path in server.folder.glob("log*")) == ["log", "log.before"]
        assert (server.folder / "log.before").read_text().count("x" * 2_000) == 1


def test_where_the_socket_is_says_the_path_alone() -> None:
    """Asking for the folder of the socket changes nothing in it; a path too long for one has a short one."""
    with tempfile.TemporaryDirectory(
        prefix="greenlane-pg-", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        short, long = Path(folder) / "data", Path(folder) / ("a" * 60) / ("b" * 60) / "data"
        short.mkdir()
        socket = short / ".s.PGSQL.5432"
        socket.touch()
        assert Embedded(short)._socket == short
        assert socket.exists()
        long.parent.mkdir(parents=True)
        server = Embedded(long)
        try:
            with psycopg.connect(server.url()) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
            assert len(str(server._socket)) < 90
        finally:
            server.stop()


def test_a_client_that_would_rather_speak_http2_is_heard(service: World) -> None:
    """A body that comes with `Upgrade: h2c`, as some clients ask by themselves, is read, whatever else is installed."""
    server = uvicorn.Server(_config(create_app(service.desk, service.settings)))
    listening = _listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        wishes = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
        answer = httpx.post(
            f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/consignments",
            headers={"Authorization": f"Bearer {service.keys['operator']}", **wishes},
            json=service.consignment(),
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
    finally:
        server.should_exit = True
        thread.join(60)
    assert not thread.is_alive()
