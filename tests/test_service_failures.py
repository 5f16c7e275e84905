"""The service while things fail: real processes, a real PostgreSQL, real signals."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from greenlane.clearance import Role
from greenlane.clearance.commands import Hold, LiftHold
from greenlane.desk.caller import Caller
from greenlane.desk.clock import Clock
from greenlane.desk.commanding import command
from greenlane.store.embedded import Embedded
from parcels import as_csv, parcel
from running import Running, end_all, home_folder, token
from serving import World


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home folder that the tests of this module use one after the other."""
    with home_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def keys(home: Path) -> dict[str, str]:
    """Keys made at the first start, which ends in order."""
    service = Running(home)
    service.start()
    made = service.keys()
    assert service.stop() == 0
    return made


@contextmanager
def running(home: Path, *flags: str, **environment: str) -> Iterator[Running]:
    """Run a service on a home and leave nothing of it behind."""
    service = Running(home, flags=("--sandbox", *flags), environment=environment)
    service.start()
    try:
        yield service
    finally:
        if service.process is not None and service.process.poll() is None:
            service.kill_all()


def ids(service: Running) -> set[str]:
    """Return the ids of all consignments that the database holds."""
    with psycopg.connect(service.database) as connection:
        return {row[0] for row in connection.execute("select consignment_id from consignment")}


def until(what: Callable[[], bool], seconds: float = 30) -> float:
    """Wait until something holds; return how long it took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it never came to hold"
        time.sleep(0.05)
    return time.monotonic() - began


def test_asked_to_end_it_finishes_what_is_in_flight(home: Path, keys: dict[str, str]) -> None:
    """SIGTERM: the filing under way is answered and there, the exit code is 0, PostgreSQL is stopped too."""
    with running(home) as service:
        names = [f"E{token()}" for _ in range(1_500)]
        answers: list[httpx.Response] = []
        filing = threading.Thread(
            target=lambda: answers.append(
                service.call(keys["operator"], "POST", "/filings", [parcel(name) for name in names])
            )
        )
        filing.start()
        time.sleep(0.4)
        assert service.stop() == 0
        filing.join(30)
        assert [answer.status_code for answer in answers] == [200]
        assert service.postmaster() is None
        service.start()
        assert set(names) <= ids(service)


def test_killed_between_the_parts_of_a_large_filing(home: Path, keys: dict[str, str]) -> None:
    """The parts that were decided stay, the others are decided after the next start; each consignment once."""
    names = [f"K{token()}" for _ in range(12_000)]
    with running(home, GREENLANE_INLINE_BYTES="1000") as service:
        body = as_csv(parcel(name) for name in names)
        answer = service.call(keys["operator"], "POST", "/filings", body)
        assert answer.status_code == 202
        number = answer.json()["filing"]

        def part_done() -> bool:
            told = service.call(keys["operator"], "GET", f"/filings/{number}").json()
            return bool(told["records"])

        until(part_done, 60)
        service.kill()
        service.start()
        told: dict[str, Any] = {}

        def done() -> bool:
            told.update(service.call(keys["operator"], "GET", f"/filings/{number}").json())
            return bool(told["status"] == "done")

        until(done, 90)
        assert (told["records"], told["accepted"]) == (12_000, 12_000)
        with psycopg.connect(service.database) as connection:
            filed = connection.execute(
                "select count(*), count(distinct e.key) from event e join consignment c using (key) "
                "where c.filing = %s and e.type = 'filed'",
                (number,),
            ).fetchone()
        assert filed == (12_000, 12_000)


def test_started_on_what_a_kill_left(home: Path, keys: dict[str, str]) -> None:
    """Everything was killed, and the number in postmaster.pid is another program's by now: it starts all the same."""
    with running(home) as service:
        name = f"P{token()}"
        assert service.call(keys["operator"], "POST", "/consignments", parcel(name)).status_code == 201
        postmaster = service.postmaster()
        assert postmaster is not None
        left = [postmaster, *service.backends()]
        service.kill()
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, 10)
        note = home / "postgresql" / "postmaster.pid"
        lines = note.read_text().split("\n")
        with subprocess.Popen(["sleep", "60"], user=_owner(note)) as other:
            try:
                note.write_text("\n".join([str(other.pid), *lines[1:]]))
                service.start()
                assert name in ids(service)
            finally:
                other.kill()
        assert service.stop() == 0


def _owner(file: Path) -> int | None:
    return file.stat().st_uid if os.geteuid() == 0 else None


def test_a_data_folder_half_made_is_made_anew() -> None:
    """What a kill left of the first start is thrown away, never used."""
    with home_folder() as fresh:
        making = fresh / ".postgresql.making"
        making.mkdir()
        (making / "PG_VERSION").write_text("18\n")
        server = Embedded(fresh / "postgresql")
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        server.stop()
        assert not making.exists()


def test_two_services_on_one_home(home: Path, keys: dict[str, str]) -> None:
    """Both work on one database: one filing of an id is accepted, one release wins, the last to end stops PostgreSQL."""
    with running(home) as one, running(home) as two:
        for _ in range(5):
            name = f"D{token()}"
            held = parcel(name, "shirt TEST HOLD")
            filed = _of_each((one, two, one, two), keys["operator"], "/consignments", held)
            assert sorted(answer.status_code for answer in filed) == [200, 200, 200, 201]
            path, lift = (
                f"/consignments/{name}/commands?party=post-cn",
                {"command": "lift_hold", "hold": 1, "reason": "t"},
            )
            lifted = _of_each((one, two, one, two), keys["officer"], path, lift)
            assert sorted(answer.status_code for answer in lifted) == [200, 409, 409, 409]
        mark = {"Idempotency-Key": token()}
        same = _of_each((one, two), keys["operator"], "/consignments", parcel(f"D{token()}"), headers=mark)
        told = {answer.status_code for answer in same}
        assert 201 in told and told <= {201, 409}
        assert len({answer.content for answer in same if answer.status_code == 201}) == 1
        third = Running(home, port=one.port)
        third.start(wait=False)
        assert third.process is not None and third.process.wait(60) == 2
        assert one.stop() == 0
        assert one.postmaster() is not None
        assert two.call(keys["operator"], "POST", "/consignments", parcel(f"D{token()}")).status_code == 201
        assert two.stop() == 0
        assert two.postmaster() is None


def _of_each(services: Sequence[Running], key: str, path: str, body: Any, **how: Any) -> list[httpx.Response]:
    """Send the same request to services at the same moment."""
    answers: list[httpx.Response] = []
    ready = threading.Barrier(len(services))

    def run(service: Running) -> None:
        ready.wait()
        answers.append(service.call(key, "POST", path, body, **how))

    threads = [threading.Thread(target=run, args=(service,)) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(services)
    return answers


def test_workers(home: Path, keys: dict[str, str]) -> None:
    """A worker that is silent for a while is kept, one that dies replaced; without their supervisor they end."""
    with running(home, "--workers", "2") as service:
        assert service.process is not None
        supervisor = psutil.Process(service.process.pid)

        def workers() -> list[psutil.Process]:
            found = []
            for one in supervisor.children():
                with contextlib.suppress(psutil.Error):
                    if "spawn_main" in " ".join(one.cmdline()):
                        found.append(one)
            return found

        until(lambda: len(workers()) == 2)
        name = f"W{token()}"
        answers = _of_each((service,) * 6, keys["operator"], "/consignments", parcel(name))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        first = workers()
        # uvicorn would end it after 5 s, with all that it works on.
        first[1].suspend()
        time.sleep(8)
        first[1].resume()
        assert [one.pid for one in workers()] == [one.pid for one in first]
        first[0].kill()
        until(lambda: len({one.pid for one in workers()} - {first[0].pid}) == 2)
        until(service.well)
        left = workers()
        service.kill()
        _, alive = psutil.wait_procs(left, 40)
        assert alive == []
        service.start()
        assert name in ids(service)
        assert service.stop() == 0


def test_the_database_alone_is_killed(home: Path, keys: dict[str, str]) -> None:
    """The service starts the embedded server again by itself, within seconds, and goes on."""
    with running(home) as service:
        for _ in range(3):
            postmaster = service.postmaster()
            assert postmaster is not None
            postmaster.kill()
            until(lambda old=postmaster: service.postmaster() not in (None, old))
            assert until(service.well) < 12
            answer = service.call(keys["operator"], "POST", "/consignments", parcel(f"A{token()}"))
            assert answer.status_code == 201
        assert service.stop() == 0


def test_the_database_is_gone_for_a_minute(keys: dict[str, str]) -> None:
    """Every request is answered 503 with Retry-After meanwhile; soon after it is back, everything works again."""
    with home_folder() as fresh:
        server = Embedded(fresh / "database")
        url = server.url()
        service = Running(fresh, flags=("--sandbox", "--database", url))
        service.start()
        try:
            own = service.keys()
            name = f"G{token()}"
            assert service.call(own["operator"], "POST", "/consignments", parcel(name)).status_code == 201
            server.stop()
            ends = time.monotonic() + 60
            while time.monotonic() < ends:
                began = time.monotonic()
                for answer in (
                    service.call(own["operator"], "POST", "/consignments", parcel(f"G{token()}")),
                    service.call(own["operator"], "GET", "/consignments"),
                ):
                    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
                    assert answer.headers["Content-Type"].startswith("application/problem+json")
                assert not service.well()
                assert time.monotonic() - began < 40
            server.url()
            assert until(service.well) < 10
            with psycopg.connect(url) as connection:
                found = connection.execute("select consignment_id from consignment").fetchall()
            assert found == [(name,)]
            assert (
                service.call(own["operator"], "POST", "/consignments", parcel(f"G{token()}")).status_code
                == 201
            )
            assert service.stop() == 0
        finally:
            if service.process is not None and service.process.poll() is None:
                service.kill_all()
            server.stop()


def test_a_database_that_freezes(home: Path, keys: dict[str, str]) -> None:
    """PostgreSQL stands still for 22 s: requests are told so within 20 s, and it goes on where it stood."""
    with running(home) as service:
        postmaster = service.postmaster()
        assert postmaster is not None
        frozen = [postmaster]
        postmaster.suspend()  # first, so that it makes no more of them
        for process in service.backends():
            process.suspend()
            frozen.append(process)
        began = time.monotonic()
        try:
            answer = service.call(keys["operator"], "POST", "/consignments", parcel(f"F{token()}"))
            assert answer.status_code == 503 and "Retry-After" in answer.headers
            assert time.monotonic() - began < 20
            assert not service.well()
            time.sleep(max(22 - (time.monotonic() - began), 0))
        finally:
            for process in frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
        assert until(service.well) < 10
        name = f"F{token()}"
        assert service.call(keys["operator"], "POST", "/consignments", parcel(name)).status_code == 201
        assert name in ids(service)


def test_a_slow_disk(home: Path, keys: dict[str, str]) -> None:
    """PostgreSQL gets on a tenth of the time, as on a disk that is ten times too slow: slower answers, none wrong."""
    with running(home) as service:
        ended = threading.Event()

        def drag() -> None:
            while not ended.is_set():
                root = service.postmaster()
                processes = [] if root is None else [root, *service.backends()]
                for signal_number, seconds in ((signal.SIGSTOP, 0.18), (signal.SIGCONT, 0.02)):
                    for process in processes:
                        with contextlib.suppress(psutil.NoSuchProcess):
                            process.send_signal(signal_number)
                    time.sleep(seconds)

        thread = threading.Thread(target=drag)
        thread.start()
        accepted = set()
        try:
            for _ in range(8):
                names = [f"Z{token()}" for _ in range(20)]
                answer = service.call(keys["operator"], "POST", "/filings", [parcel(name) for name in names])
                assert answer.status_code in (200, 503)
                accepted |= set(names) if answer.status_code == 200 else set()
        finally:
            ended.set()
            thread.join()
        assert accepted and accepted <= ids(service)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path | None]:
    """Mount a small file system; None: this machine doesn't allow it."""
    top = Path(mkdtemp(prefix="gl-", dir="/tmp"))
    mounted = (
        os.geteuid() == 0
        and shutil.which("mount") is not None
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", top],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    try:
        yield top if mounted else None
    finally:
        if mounted:
            end_all(top)
            until(lambda: subprocess.run(["umount", top], capture_output=True, check=False).returncode == 0)
        shutil.rmtree(top, ignore_errors=True)


def test_the_disk_is_full() -> None:
    """No room: 503 with Retry-After and never a fault; when there is room again it goes on, with all it accepted."""
    with small_disk(400) as top:
        if top is None:
            with home_folder() as fresh:
                _full(fresh, _no_file_grows)
            return
        fresh = top / "h"
        fresh.mkdir()
        _full(fresh, _ballast)


def _full(home: Path, fill: Callable[[Running], Callable[[], None]]) -> None:
    with running(home) as service:
        own = service.keys()
        make_room = fill(service)
        accepted: set[str] = set()
        refused = 0
        for _ in range(60):
            names = [f"X{token()}" for _ in range(200)]
            answer = service.call(own["operator"], "POST", "/filings", [parcel(name) for name in names])
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200:
                accepted |= set(names)
            else:
                assert int(answer.headers["Retry-After"]) > 0
                refused += 1
                if refused == 3:
                    break
        assert refused == 3
        make_room()
        until(service.well, 60)
        name = f"X{token()}"

        def filed() -> bool:
            answer = service.call(own["operator"], "POST", "/consignments", parcel(name))
            return answer.status_code in (200, 201)

        until(filed)
        assert accepted | {name} <= ids(service)
        assert service.stop() == 0


def _ballast(service: Running) -> Callable[[], None]:
    """Fill the file system but for 3 MB; return how to empty it."""
    file = service.home.parent / "ballast"
    with file.open("wb") as ballast, contextlib.suppress(OSError):
        while shutil.disk_usage(service.home).free > 3 * 1024 * 1024:
            ballast.write(bytes(256 * 1024))
            ballast.flush()
    return file.unlink


def _no_file_grows(service: Running) -> Callable[[], None]:
    """Let no file of PostgreSQL grow beyond what it is, where no file system can be mounted; return how to end it."""
    postmaster = service.postmaster()
    assert postmaster is not None
    processes = [postmaster, *service.backends()]
    for process in processes:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))

    def room() -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(
                    process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                )

    return room


def test_a_clock_that_steps() -> None:
    """A small step back: time stands. A leap forward that is taken back: time follows, or limits would be days off."""
    machine = [datetime(2026, 7, 1, 12, tzinfo=UTC)]
    clock = Clock(source=lambda: machine[0])
    noon = clock.now()
    machine[0] = noon - timedelta(seconds=30)
    assert clock.now() == noon
    machine[0] = noon + timedelta(days=3)
    assert clock.now() == noon + timedelta(days=3)
    machine[0] = noon + timedelta(seconds=1)
    assert clock.now() == noon + timedelta(seconds=1)


def test_events_keep_their_order_when_clocks_differ(service: World) -> None:
    """Two service processes with clocks a day apart act in turn: the times of a consignment's events never go back."""
    one = service.consignment()
    service.file(one)
    behind = replace(service.desk, clock=Clock(source=lambda: datetime.now(UTC) - timedelta(days=1)))
    officer = Caller("key:officer", "administration", frozenset({Role.OFFICER}))
    name = one["consignment_id"]
    for desk, given in (
        (behind, Hold(reason="test")),
        (service.desk, LiftHold(hold=1, reason="test")),
        (behind, Hold(reason="test")),
    ):
        assert command(desk, officer, "post-cn", name, given, None).status == 200
    told = service.call("officer", "GET", f"/consignments/{name}/events", party="post-cn").json()["events"]
    times = [event["at"] for event in told]
    assert len(times) >= 4 and times == sorted(times)
