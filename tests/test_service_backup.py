"""Backup and restore, tried: on a running service, into an empty home, with what was erased since."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from greenlane.cli import main
from greenlane.model.handling import RetentionClass
from greenlane.privacy.audit import Entry, verify
from greenlane.privacy.keys import load_masters
from greenlane.privacy.seal import PersonKey, Scope, unwrap
from greenlane.privacy.tombstones import Tombstone, burial, proof, read_tombstone, risen, tombstone
from greenlane.store import audit, transfers
from greenlane.store.backup import AHEAD
from greenlane.store.embedded import Embedded
from parcels import parcel
from running import Running, home_folder


@contextmanager
def database(home: Path) -> Iterator[psycopg.Connection[Any]]:
    """Look into the embedded database of a home, whether a service runs on it or not."""
    server = Embedded(home / "postgresql")
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            yield connection
    finally:
        server.stop()


@dataclass(frozen=True)
class Kept:
    """A backup made while the service ran, a later one with its erasures, the keys, and what the service had told."""

    top: Path
    first: Path
    later: Path
    keys: Path
    operator: str
    feed: list[dict[str, Any]]
    stone: Tombstone


def run(*words: str | Path) -> Any:
    """Run the command and return its JSON."""
    result = CliRunner().invoke(main, [*map(str, words), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def living_keys(connection: psycopg.Connection[Any]) -> list[PersonKey]:
    """Return every person's key that isn't erased."""
    rows = connection.execute(
        "select id, reference, retention, period, wrapped from person_key where wrapped is not null"
    ).fetchall()
    return [PersonKey(row[0], Scope(row[1].hex(), RetentionClass(row[2]), row[3]), row[4]) for row in rows]


def erase(connection: psycopg.Connection[Any]) -> Tombstone:
    """Destroy one person's key as the service does: tombstone in its place, entry in the audit log."""
    key = living_keys(connection)[0]
    stone = tombstone(key, datetime.now(UTC), "request", "key:test", 1)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "update person_key set wrapped = null, tombstone = %s where id = %s", (stone.written(), key.id)
        )
        entry: Entry = burial(stone, "subject")
        audit.write(cursor, [entry])
    return stone


@pytest.fixture(scope="module")
def kept(monkeypatch_module: pytest.MonkeyPatch) -> Iterator[Kept]:
    """File, back up under the running service, file more, erase, back up again."""
    with home_folder() as home:
        top = home.parent
        service = Running(home)
        service.start()
        keys = service.keys()
        for number in range(5):
            answer = service.call(keys["operator"], "POST", "/consignments", parcel(f"B{number}", ioss=False))
            assert answer.status_code == 201
        feed = service.call(keys["operator"], "GET", "/notices").json()["notices"]
        told = run("backup", top / "first", "--home", home, "--keys", top / "keys")
        assert told["audit_seq"] >= 1 and told["erased"] == 0
        assert service.call(keys["operator"], "POST", "/consignments", parcel("B9")).status_code == 201
        with database(home) as connection:
            stone = erase(connection)
        assert run("backup", top / "later", "--home", home)["erased"] == 1
        assert service.stop() == 0
        yield Kept(top, top / "first", top / "later", top / "keys", keys["operator"], feed, stone)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    """Take the keys that the tests share out of the environment: here each home has its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GREENLANE_KEY", raising=False)
        yield patch


def fresh(kept: Kept, name: str) -> Path:
    """Return a new home."""
    home = kept.top / name
    home.mkdir()
    return home


def test_a_restored_service_goes_on(kept: Kept) -> None:
    """Filed, owed, told and audited as before; the old key works, the old cursor goes on, no number comes again."""
    home = fresh(kept, "goes-on")
    told = run("restore", kept.first, "--home", home, "--keys", kept.keys)
    assert told["erased_again"] == 0
    service = Running(home)
    service.start()
    read = service.call(kept.operator, "GET", "/consignments").json()["consignments"]
    assert [one["consignment_id"] for one in read] == [f"B{number}" for number in range(5)]
    assert service.call(kept.operator, "GET", "/notices").json()["notices"] == kept.feed
    cursor = kept.feed[-1]["data"]["cursor"]
    assert (
        service.call(kept.operator, "POST", "/consignments", parcel("B0", ioss=False)).json()["result"]
        == "repeated"
    )
    assert service.call(kept.operator, "POST", "/consignments", parcel("B10")).status_code == 201
    after = service.call(kept.operator, "GET", "/notices", params={"cursor": cursor}).json()["notices"]
    assert {one["data"]["consignment_id"] for one in after} == {"B10"}
    assert all(one["data"]["cursor"] > cursor + AHEAD for one in after)
    with database(home) as connection, connection.cursor() as looking:
        assert verify(one.link for one in audit.stored(looking)) is None
        assert not any(transfers.trial(looking).values())
        masters = load_masters(home, {})
        assert all(len(unwrap(key, masters)) == 32 for key in living_keys(connection))
        row: Any = looking.execute(
            "select max(key) from consignment where consignment_id <> 'B10'"
        ).fetchone()
        new: Any = looking.execute("select key from consignment where consignment_id = 'B10'").fetchone()
        assert new[0] > row[0] + AHEAD
    assert service.stop() == 0


def test_who_was_erased_after_the_backup_stays_erased(kept: Kept) -> None:
    """The key rises with the old backup, and is destroyed again by a later one's list; the audit log proves it."""
    home = fresh(kept, "erased")
    told = run("restore", kept.first, "--home", home, "--keys", kept.keys, "--erased", kept.later)
    assert told["erased_again"] == 1
    with database(home) as connection, connection.cursor() as cursor:
        assert risen([kept.stone], living_keys(connection)) == []
        row: Any = cursor.execute(
            "select tombstone from person_key where id = %s", (kept.stone.key_id,)
        ).fetchone()
        assert read_tombstone(row[0]) == kept.stone
        links = [one.link for one in audit.stored(cursor)]
        assert verify(links) is None and proof(kept.stone, links) is not None


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        ("damaged", lambda folder: (folder / "database.dump").open("ab").write(b"x"), "digest differs"),
        ("half", lambda folder: (folder / "backup.json").unlink(), "isn't a whole backup"),
    ],
)
def test_a_damaged_backup_is_refused(kept: Kept, name: str, spoil: Any, words: str) -> None:
    """A dump that was changed, or a folder that is no whole backup, is refused before anything is written."""
    copy, home = kept.top / f"{name}-copy", fresh(kept, name)
    shutil.copytree(kept.first, copy)
    spoil(copy)
    result = CliRunner().invoke(main, ["restore", str(copy), "--home", str(home), "--keys", str(kept.keys)])
    assert result.exit_code == 2 and words in result.output
    assert not (home / "postgresql").exists()


def test_other_keys_are_refused(kept: Kept) -> None:
    """A home without the keys of the backup is refused: its names and addresses would never be read again."""
    home = fresh(kept, "no-keys")
    result = CliRunner().invoke(main, ["restore", str(kept.first), "--home", str(home)])
    assert result.exit_code == 2 and "--keys" in result.output
    load_masters(home, {})
    result = CliRunner().invoke(main, ["restore", str(kept.first), "--home", str(home)])
    assert result.exit_code == 2 and "--keys" in result.output
    assert not (home / "postgresql").exists()


def test_a_used_database_is_refused(kept: Kept) -> None:
    """A backup is never brought back over something else; keys never lie in the backup; no backup over another."""
    home = fresh(kept, "used")
    run("restore", kept.first, "--home", home, "--keys", kept.keys)
    result = CliRunner().invoke(main, ["restore", str(kept.first), "--home", str(home)])
    assert result.exit_code == 2 and "isn't empty" in result.output
    result = CliRunner().invoke(main, ["backup", str(kept.first), "--home", str(home)])
    assert result.exit_code == 2 and "holds something already" in result.output
    inside = kept.top / "inside"
    result = CliRunner().invoke(
        main, ["backup", str(inside), "--home", str(home), "--keys", str(inside / "keys")]
    )
    assert result.exit_code == 2 and "kept apart" in result.output
