"""What every test may use."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from greenlane.engine.context import Context, context
from serving import World, world

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GREENLANE_SHARED", ROOT.parent / "shared"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

MISSING = {
    "shared": None
    if SHARED.is_dir()
    else "the official files are not beside this checkout (GREENLANE_SHARED)",
    "browser": None if CHROMIUM else "headless Chromium is not installed",
    "fuzz": None if find_spec("atheris") else "the fuzzer is not installed (the extra fuzz)",
    "java": None if shutil.which("java") else "no Java runtime is installed",
}

# How long an example takes says how busy the machine is: tests run beside each other.
settings.register_profile("beside others", settings.default, deadline=None)
settings.load_profile("beside others")

LONGEST = (
    "test_fuzz.py",
    "test_hostile.py",
    "test_service_failures.py",
    "test_bench.py",
    "test_law_engine.py",
    "test_docs.py",
    "test_soak.py",
    "test_cli.py",
    "test_messages_shapes.py",
    "test_messages_damaged.py",
    "test_quote.py",
    "test_replay.py",
    "test_whatif.py",
    "test_service_running.py",
)
"""Files that take longest: they go first, so that no worker is left with one of them while the others have ended."""


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests away from the user's own store and key."""
    os.environ["GREENLANE_HOME"] = str(tmp_path_factory.mktemp("home"))
    os.environ["GREENLANE_KEY"] = "5a" * 32


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first. Skip, with the reason, what this machine cannot run; in CI that fails instead."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))
    if os.environ.get("GREENLANE_NO_SKIP"):
        return
    for item in items:
        for name, reason in MISSING.items():
            if reason and item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official files and oracles."""
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of headless Chromium."""
    assert CHROMIUM, MISSING["browser"]
    return CHROMIUM


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that lives as long as the tests.

    Its folder stands outside pytest's own, which another run of pytest closes to the user that PostgreSQL runs as.
    It doesn't wait for the disk: no power is cut here. What is killed and has to come back runs on a server of its own.
    """
    from greenlane.store.server import Embedded

    with tempfile.TemporaryDirectory(prefix="greenlane-pg-") as folder:
        server = Embedded(Path(folder) / "data")
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield server.url()
        server.stop()


@pytest.fixture(scope="session")
def law() -> Context:
    """The context of decisions, made once."""
    return context(key=bytes(32))


@pytest.fixture(scope="module")
def service(postgres: str, law: Context) -> Iterator[World]:
    """A clearance service of a test module's own, as a sandbox."""
    with world(postgres, law) as made:
        yield made
