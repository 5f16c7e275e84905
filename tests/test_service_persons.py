"""People's data over the API: who reads what for which purpose, erasure with its proof, extracts, the audit chain."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from greenlane.cli import main
from greenlane.desk import audit as desk_audit
from greenlane.desk import erasing
from greenlane.engine.context import Context
from greenlane.privacy.audit import Anchor
from greenlane.privacy.keys import Masters, master
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import PERMISSIONS, Purpose
from greenlane.privacy.seal import Sealing, parted, seal_many
from greenlane.privacy.split import CLASSES
from greenlane.privacy.tombstones import tombstone
from greenlane.store import vault as tables
from greenlane.store.packed import unpack
from serving import World, world

PURPOSES = [str(purpose) for purpose in Purpose]
ROLES = ("operator", "officer", "supervisor", "agency", "auditor", "administrator")
CHINA = {
    "destination_country": "CN", "departure_country": "JP", "currency": "CNY", "channel": "bonded", "dataset": None,
    "programme": "CBEC", "scheme": None, "scheme_id": None, "description": "face cream", "hs_code": "330499",
    "value": "100.00", "freight": "0",
}  # fmt: skip
_YEAR = 366 * 24 * 3600


@pytest.fixture(scope="module")
def service(postgres: str, law: Context) -> Iterator[World]:
    """A service whose calls are not counted."""
    with world(postgres, law, rate_per_minute=1_000_000) as made:
        yield made


def audit(service: World, after: int = 0) -> list[dict[str, Any]]:
    """Return what the audit log tells from behind a place."""
    with service.desk.database.cursor() as cursor:
        return [json.loads(one.link.body) for one in stored_links(cursor, after)]


def stored_links(cursor: Any, after: int) -> list[Any]:
    """Return the stored links from behind a place."""
    from greenlane.store.audit import stored

    return list(stored(cursor, after))


def last(service: World) -> int:
    """Return the number of the last entry of the audit log."""
    with service.desk.database.cursor() as cursor:
        row = cursor.execute("select coalesce(max(seq), 0) from audit").fetchone()
    assert row is not None
    return int(row[0])


def food(service: World, **changes: Any) -> dict[str, Any]:
    """File a consignment that the agency ``food`` is asked about, of a person with prior use told, and return it."""
    one = service.consignment(description="cheese", hs_code="040690", **changes)
    one["consignee"] |= {"prior_use": {"year_amount": "12.00"}}
    result = service.file(one)[0]
    assert result["result"] == "accepted", result
    return one


def reveal(service: World, who: str, one: dict[str, Any], purpose: str, **more: Any) -> Any:
    """Ask for people's data of a consignment."""
    body = {"consignment_id": one["consignment_id"], "party": "post-cn", "purpose": purpose, **more}
    return service.call(who, "POST", "/persons/reveal", body)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("role", ROLES)
def test_reveal_by_role_and_purpose(service: World, role: str, purpose: str) -> None:
    """Each role reads for each purpose what the table of purposes opens and no more; each call is in the log."""
    one = food(service)
    reference = service.call(
        "officer",
        "POST",
        f"/consignments/{one['consignment_id']}/notes",
        {"text": "Label torn."},
        party="post-cn",
    )
    assert reference.json() == {"note": "note/1"}
    before = last(service)
    answer = reveal(service, role, one, purpose, case="C-2026/17")
    granted = {p.purpose: p.elements for p in PERMISSIONS if str(p.role) == role}.get(Purpose(purpose))
    entries = [entry for entry in audit(service, before) if entry["actor"] != "system"]
    assert entries, "nothing was noted"
    if granted is None:
        assert answer.status_code == 403, answer.text
        assert {entry["action"] for entry in entries} == {"privacy.refused"}
        return
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    shown = {name: value for person in answer.json()["persons"] for name, value in person["elements"].items()}
    told = {f"{role}.{name}" for role in ("consignee", "consignor", "seller") for name in one[role]}
    told |= {"consignee.prior_use.year_amount", *(name for name in CLASSES if name.startswith("note."))}
    assert shown.keys() == granted & told
    assert {name for entry in entries for name in entry["told"]["elements"]} >= shown.keys()
    if "consignee.name" in shown:
        assert shown["consignee.name"] == "A. Example"
    if "note.text" in shown:
        assert shown["note.text"] == "Label torn."


def test_only_what_is_wanted_is_read(service: World) -> None:
    """Elements that are named are read alone; one that the role may not read refuses its record whole."""
    one = food(service)
    answer = reveal(service, "officer", one, "clearance", elements=["consignee.name"])
    assert [person["elements"] for person in answer.json()["persons"]] == [{"consignee.name": "A. Example"}]
    refused = reveal(service, "officer", one, "clearance", elements=["consignee.name", "consignee.id"])
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "privacy.refused"
    only = reveal(service, "officer", one, "clearance", roles=["seller"])
    assert [person["role"] for person in only.json()["persons"]] == ["seller"]
    unknown = reveal(service, "officer", one, "clearance", elements=["consignee.shoe_size"])
    assert unknown.status_code == 422 and "shoe" not in unknown.text


def test_a_case_is_asked_for(service: World) -> None:
    """A dispute needs the number of a case; what may be a name is no number."""
    one = food(service)
    for case in (None, "Example"):
        answer = reveal(service, "officer", one, "dispute", **({"case": case} if case else {}))
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["code"] == "privacy.case_missing"
    assert reveal(service, "officer", one, "dispute", case="D-1").status_code == 200


def test_refusals_are_noted_even_where_the_request_fails(service: World) -> None:
    """What isn't there, what a role doesn't have and what a scope leaves out is in the log before the error."""
    one = food(service)
    for who, path, body, status in (
        ("officer", "/persons/reveal", {"consignment_id": "NO-SUCH", "purpose": "clearance"}, 404),
        ("other_operator", "/persons/reveal", {"consignment_id": one["consignment_id"], "party": "post-cn",
                                               "purpose": "correction"}, 404),
        ("other_agency", "/persons/reveal", {"consignment_id": one["consignment_id"], "party": "post-cn",
                                             "purpose": "clearance"}, 404),
        ("administrator", "/persons/reveal", {"consignment_id": one["consignment_id"], "purpose": "audit"}, 403),
        ("officer", "/persons/extract", {"person": {"country": "DE", "id": "P1"}, "case": "S-1"}, 403),
        ("officer", "/persons/erase", {"erase": "due"}, 403),
        ("operator", "/audit/anchor", None, 403),
    ):  # fmt: skip
        before = last(service)
        answer = service.call(who, "POST", path, body)
        assert answer.status_code == status, (path, answer.text)
        noted = [entry for entry in audit(service, before) if entry["action"] == "privacy.refused"]
        assert len(noted) == 1, (who, path)
        assert "NO-SUCH" not in json.dumps(noted)


def test_a_reading_outlives_a_transaction_that_fails(service: World) -> None:
    """What was handed out stays in the log when everything around it is rolled back."""
    from greenlane.privacy.access import Reading, open_many
    from greenlane.privacy.purposes import Role

    one = food(service)
    before = last(service)
    with service.desk.database.cursor() as cursor:
        key = key_of(cursor, one)
        records = tables.newest(cursor, key)
    with pytest.raises(RuntimeError), service.desk.database.writing() as cursor:
        vault = service.desk.vault(cursor)
        reading = Reading(service.desk.clock.now(), "key:t", Role.OFFICER, Purpose.INSPECTION)
        open_many(records, reading, vault)
        raise RuntimeError
    actions = [entry["action"] for entry in audit(service, before) if entry["actor"] == "key:t"]
    assert "read" in actions and "privacy.refused" in actions


def key_of(cursor: Any, one: dict[str, Any]) -> int:
    """Return the internal number of a consignment."""
    row = cursor.execute(
        "select key from consignment where consignment_id = %s and party = 'post-cn'",
        (one["consignment_id"],),
    ).fetchone()
    assert row is not None
    return int(row[0])


def person(one: dict[str, Any]) -> dict[str, Any]:
    """Return the consignee of a consignment as the API takes a person who proved who they are."""
    own = one["consignee"]
    return {"country": "DE", "id": own["id"], "name": own["name"], "address": own["address"],
            "postcode": own["postcode"]}  # fmt: skip


def test_the_extract_is_complete(service: World) -> None:
    """A person is told every consignment, charge, use of limits, reading and erasure; nobody else's."""
    who = {"id": "P-EXTRACT", "name": "E. Extract", "address": "8 Lane", "postcode": "10117", "country": "DE",
           "person": True}  # fmt: skip
    first, second = food(service, consignee=dict(who)), food(service, consignee=dict(who))
    china = dict(who) | {"country": "CN"}
    abroad = service.consignment(consignee=china, **CHINA)
    service.file(abroad)
    food(service)
    changed = json.loads(json.dumps(second))
    changed["consignee"]["address"] = "9 Lane"
    assert service.file(changed)[0]["result"] == "amended"
    assert reveal(service, "officer", first, "inspection").status_code == 200
    assert reveal(service, "supervisor", first, "law_enforcement", case="L-1").status_code == 200
    body = {"person": person(first), "case": "S-2026/1"}
    answer = service.call("supervisor", "POST", "/persons/extract", body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    ids = {one["public"]["consignment_id"] for one in told["consignments"]}
    assert ids == {first["consignment_id"], second["consignment_id"]}
    values = [value for record in told["records"] for value in record.get("personal", {}).values()]
    assert {"E. Extract", "8 Lane", "9 Lane", "P-EXTRACT"} <= set(values)
    assert all(one["charges"] and one["public"]["items"] for one in told["consignments"])
    assert told["consignments"][0]["public"]["items"][0]["value"] == "40.00"
    purposes = {one.get("purpose") for one in told["readings"]}
    assert "inspection" in purposes and "law_enforcement" not in purposes
    assert "A. Example" not in answer.text
    told = service.call(
        "supervisor", "POST", "/persons/extract",
        {"person": person(first) | {"country": "CN"}, "case": "S-2026/1"},
    ).json()  # fmt: skip
    assert [use["amount"] for use in told["uses"]] == [10000]
    nobody = service.call(
        "supervisor", "POST", "/persons/extract", {"person": {"country": "DE", "name": "X"}, "case": "S-1"}
    )
    assert nobody.status_code == 403


def finished(service: World, one: dict[str, Any]) -> None:
    """Let a consignment arrive and go."""
    at = {"command": "arrive"}
    answer = service.call("operator", "POST", f"/consignments/{one['consignment_id']}/commands", at)
    assert answer.status_code == 200, answer.text
    assert answer.json()["phase"] in ("released", "closed"), answer.text


def test_erasure_waits_for_its_clock_and_can_be_overridden(service: World) -> None:
    """Kept while the procedure runs and until its clock ends, 409 with the day; an order overrides, and it is proven."""
    one = service.consignment()
    service.file(one)
    body = {"erase": "person", "person": person(one)}
    running = service.call("administrator", "POST", "/persons/erase", body)
    assert running.status_code == 409 and "its procedure is open" in running.text
    finished(service, one)
    kept = service.call("administrator", "POST", "/persons/erase", body)
    assert kept.status_code == 409, kept.text
    assert kept.json()["errors"][0]["code"] == "privacy.kept"
    year = service.desk.clock.now().year + 3
    assert f"its clock ends on {year}" in kept.json()["errors"][0]["message"]
    order = {"override": {"reason": "court_order", "case": "O-7"}}
    done = service.call("administrator", "POST", "/persons/erase", body | order)
    assert done.status_code == 200, done.text
    erasure = done.json()["erasures"][0]
    assert erasure["proven"] and erasure["tombstone"]["rule"] == "override.court_order"
    written = json.dumps(erasure["tombstone"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(written.encode()).hexdigest() == erasure["digest"]
    gone = reveal(service, "officer", one, "clearance", elements=["consignee.name"])
    assert gone.status_code == 410 and gone.json()["errors"][0]["code"] == "privacy.erased"
    with service.desk.database.cursor() as cursor:
        row = cursor.execute(
            "select wrapped, tombstone is not null from person_key where id = %s",
            (bytes.fromhex(erasure["tombstone"]["key_id"]),),
        ).fetchone()
        marks = cursor.execute(
            "select person, named, group_key, content from consignment where key = %s", (key_of(cursor, one),)
        ).fetchone()
    assert row == (None, True)
    assert marks == (None, None, None, "")
    listed = service.call("auditor", "GET", "/persons/erasures", limit=1000).json()["erasures"]
    assert erasure["digest"] in {found["digest"] for found in listed if found["proven"]}
    again = service.call("administrator", "POST", "/persons/erase", body)
    assert again.json() == {"erasures": []}


def test_a_case_holds_data(service: World) -> None:
    """A hold of a case keeps what would be due, names the case, and ends."""
    one = service.consignment()
    service.file(one)
    finished(service, one)
    hold = service.call(
        "supervisor", "POST", "/persons/holds",
        {"consignment_id": one["consignment_id"], "party": "post-cn", "case": "H-9"},
    )  # fmt: skip
    assert hold.status_code == 201, hold.text
    body = {"erase": "person", "person": person(one)}
    kept = service.call("administrator", "POST", "/persons/erase", body)
    assert kept.status_code == 409 and "held by H-9" in kept.text
    number = hold.json()["hold"]
    assert service.call("supervisor", "DELETE", f"/persons/holds/{number}").status_code == 204
    assert service.call("supervisor", "DELETE", f"/persons/holds/{number}").status_code == 404
    assert "held by" not in service.call("administrator", "POST", "/persons/erase", body).text


def test_the_clocks_erase_by_themselves(postgres: str, law: Context) -> None:
    """Moved past its clock, the service destroys each class's key on its day, with nobody asking, and no open one's."""
    with world(postgres, law) as service:
        done, running = food(service), food(service, value="400.00", scheme=None, scheme_id=None)
        service.call(
            "agency", "POST", f"/consignments/{done['consignment_id']}/commands",
            {"command": "agency_decide", "agency": "food", "verdict": "clear"}, party="post-cn",
        )  # fmt: skip
        finished(service, done)
        assert living(service, done) == {"person", "limits"}
        move(service, 2 * _YEAR + 20 * 24 * 3600)
        until(lambda: living(service, done) == {"person"})
        assert living(service, running) == {"person", "limits"}
        move(service, 4 * _YEAR)
        until(lambda: living(service, done) == set())
        assert living(service, running) == {"person", "limits"}
        move(service, 0)
        found = service.call("administrator", "GET", "/persons/erasures").json()["erasures"]
        rules = {one["tombstone"]["rule"] for one in found}
        assert rules == {"limits.1-year", "person.3-years"}
        assert all(one["proven"] for one in found)
        read = service.call("officer", "GET", f"/consignments/{done['consignment_id']}", party="post-cn")
        assert read.status_code == 200, read.text
        assert read.json()["phase"] in ("released", "closed")


def move(service: World, seconds: int) -> None:
    """Move the sandbox's clock."""
    from greenlane.desk.administration import move_clock

    move_clock(service.desk, timedelta(seconds=seconds))


def living(service: World, one: dict[str, Any]) -> set[str]:
    """Return the classes of which a consignee's key lives."""
    with service.desk.database.cursor() as cursor:
        rows = cursor.execute(
            "select distinct k.retention from sealed s join person_key k on k.id = s.key_id "
            "where s.key = %s and s.role = 'consignee' and k.wrapped is not null",
            (key_of(cursor, one),),
        ).fetchall()
    return {row[0] for row in rows}


def until(true: Any, seconds: float = 30) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)


def test_an_erasure_beside_a_filing_leaves_nothing_unreadable(service: World) -> None:
    """Filings and erasures of one person at once: every record that a filing left can be read, or fell to an erasure
    after it; no record stands under a key that was destroyed before it was sealed."""
    who = {
        "id": "P-RACE",
        "name": "R. Race",
        "address": "1 Way",
        "postcode": "10119",
        "country": "DE",
        "person": True,
    }
    body = {
        "erase": "person", "person": {"country": "DE", "id": "P-RACE"},
        "override": {"reason": "court_order", "case": "O-8"},
    }  # fmt: skip
    stop = threading.Event()
    filed: list[dict[str, Any]] = []
    erased: list[int] = []

    def file(party: str) -> None:
        while not stop.is_set():
            one = service.consignment(consignee=dict(who)) | {
                "consignment_id": f"R{time.monotonic_ns()}-{party}"
            }
            result = service.file(one, who=party)[0]
            assert result["result"] == "accepted", result
            filed.append(one)

    def erase() -> None:
        while not stop.is_set():
            answer = service.call("administrator", "POST", "/persons/erase", body)
            assert answer.status_code == 200, answer.text
            erased.append(len(answer.json()["erasures"]))

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(file, "operator"), pool.submit(file, "other_operator"), pool.submit(erase)]
        time.sleep(4)
        stop.set()
        for job in jobs:
            job.result()
    assert len(filed) > 20 and sum(erased) > 3, (len(filed), sum(erased))
    with service.desk.database.cursor() as cursor:
        rows = cursor.execute(
            "select k.wrapped is not null, count(*), convert_from(max(k.tombstone), 'UTF8') from sealed s "
            "join person_key k on k.id = s.key_id join consignment c on c.key = s.key "
            "where s.role = 'consignee' and c.consignment_id like 'R%%' group by k.id, k.wrapped"
        ).fetchall()
    assert sum(row[1] for row in rows) == len(filed)
    for alive, count, stone in rows:
        assert alive or json.loads(stone)["records"] == count, (
            "a record was sealed under a key already judged"
        )


def test_the_chain_is_verified_and_tampering_found(postgres: str, law: Context) -> None:
    """Whatever is changed in SQL, triggers switched off, is found at the first entry that it touches."""
    with world(postgres, law) as service:
        one = service.consignment()
        service.file(one)
        for _ in range(6):
            reveal(service, "officer", one, "inspection")
        erase = {
            "erase": "person",
            "person": person(one),
            "override": {"reason": "court_order", "case": "O-9"},
        }
        assert service.call("administrator", "POST", "/persons/erase", erase).status_code == 200
        head = Anchor(**service.call("auditor", "POST", "/audit/anchor").json())
        assert verified(service, head).whole and verified(service).erasures == 1
        with pytest.raises(psycopg.errors.RestrictViolation), psycopg.connect(service.url) as connection:
            connection.execute("delete from audit where seq = 3")
        place = head.seq - 4
        for change, at in (
            (f"update audit set body = set_byte(body, 30, get_byte(body, 30) # 1) where seq = {place}", place),
            (f"update audit set hash = repeat('a', 64) where seq = {place}", place),
            (f"update audit set previous = repeat('b', 64) where seq = {place}", place),
            (f"update audit set person = null where seq = {place}", place),
            (f"update audit set action = 'erased' where seq = {place}", place),
            (f"delete from audit where seq = {place}", place),
            (f"delete from audit where seq >= {place}", place),
            ("delete from audit", 1),
        ):  # fmt: skip
            with Tampered(service, change):
                found = verified(service, head)
                assert found.broken is not None and found.broken.seq == at, (change, found)
        with Tampered(
            service,
            "update person_key set tombstone = convert_to(replace(convert_from(tombstone, 'UTF8'), 'court_order', "
            "'person'), 'UTF8') where tombstone is not null",
        ):
            found = verified(service, head)
            assert found.broken is None and len(found.unproven) == 1
            listed = service.call("auditor", "GET", "/persons/erasures").json()["erasures"]
            assert [one["proven"] for one in listed] == [False]
        assert verified(service, head).whole


def verified(service: World, *anchors: Anchor) -> desk_audit.Verified:
    """Check the audit log of a service."""
    with service.desk.database.cursor() as cursor:
        return desk_audit.verify(cursor, anchors)


class Tampered:
    """Change tables behind the service's back, as a superuser does, and put them back as they were."""

    def __init__(self, service: World, statement: str) -> None:
        self._service, self._statement = service, statement

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._service.url, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)

    def __enter__(self) -> None:
        self._run(
            "create table kept_log as table audit",
            "create table kept_keys as table person_key",
            self._statement,
        )

    def __exit__(self, *_: object) -> None:
        self._run(
            "delete from audit", "insert into audit table kept_log", "drop table kept_log",
            "delete from person_key", "insert into person_key table kept_keys", "drop table kept_keys",
        )  # fmt: skip


def test_the_log_is_read_by_cursor_and_recomputed(service: World) -> None:
    """An auditor pages through the log and checks every hash and link with nothing but SHA-256."""
    one = food(service)
    reveal(service, "officer", one, "inspection")
    entries: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = service.call("auditor", "GET", "/audit", limit=50, **({"cursor": cursor} if cursor else {}))
        page = answer.json()
        raw = answer.text
        for entry in page["entries"]:
            body = json.dumps(entry["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            assert body in raw
            assert hashlib.sha256(body.encode()).hexdigest() == entry["digest"]
            before = entries[-1]["digest"] if entries else "0" * 64
            assert entry["entry"]["previous"] == before
            entries.append(entry)
        cursor = page["next"]
        if cursor is None:
            break
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    for who in ("operator", "officer", "supervisor", "agency", "administrator"):
        assert service.call(who, "GET", "/audit").status_code == 403


def test_the_master_key_is_rotated_while_the_service_runs(postgres: str, law: Context) -> None:
    """Persons' keys are wrapped anew, a running service reads the new master, the old one is needed no more."""
    from greenlane.desk.rotation import rewrap_all

    with world(postgres, law) as service:
        one, two = food(service), food(service)
        desk = service.desk
        old, new = master(bytes(range(32))), master(b"\x09" * 32)
        desk.reload = lambda: Masters(new, (old,))
        with desk.database.cursor() as cursor:
            total = cursor.execute("select count(*) from person_key").fetchone()
        assert total is not None
        count = rewrap_all(desk.database, Masters(new, (old,)))
        assert count.keys == total[0] and count.left == 0
        assert reveal(service, "officer", one, "clearance").status_code == 200
        assert desk.masters.current.id == new.id
        desk.masters = Masters(new)
        assert reveal(service, "officer", two, "clearance").status_code == 200
        again = json.loads(json.dumps(one))
        again["consignee"]["address"] = "5 Street"
        assert service.file(again)[0]["result"] == "amended"
        desk.masters, desk.reload = Masters(old), None
        lost = reveal(service, "officer", one, "clearance")
        assert lost.status_code == 500 and lost.json()["errors"][0]["code"] == "privacy.key_missing"


def test_commands_verify_rotate_and_bury(postgres: str, law: Context, tmp_path: Path) -> None:
    """`audit verify` says whole or names the first broken entry with exit code 1; `vault rotate` wraps anew; `bury`."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "master.key").write_text(bytes(range(32)).hex() + "\n")
    (home / "master.key").chmod(0o600)
    with world(postgres, law) as service:
        one = food(service)
        document = service.call(
            "operator", "POST", f"/consignments/{one['consignment_id']}/documents", b"An invoice.",
            headers={"Content-Type": "text/plain"}, kind="invoice",
        ).json()["id"]  # fmt: skip
        reveal(service, "officer", one, "inspection")
        order = {"reason": "court_order", "case": "O-3"}
        other = service.consignment()
        service.file(other)
        erase = {"erase": "person", "person": person(other), "override": order}
        erasures = service.call("administrator", "POST", "/persons/erase", erase).json()
        head = service.call("auditor", "POST", "/audit/anchor").json()
        at = ["--home", str(home), "--database", service.url]

        def run(*words: str) -> Any:
            return CliRunner().invoke(main, [*words, *at])

        whole = run("audit", "verify", "--anchor", f"{head['seq']}:{head['digest']}")
        assert whole.exit_code == 0, whole.output
        assert whole.output.startswith(
            f"whole: {head['seq']} entries, {len(erasures['erasures'])} erasures proven"
        )
        assert json.loads(run("audit", "verify", "--json").output)["head"] == head
        assert run("audit", "verify", "--anchor", "7:x").exit_code == 2
        with Tampered(service, "update audit set hash = repeat('a', 64) where seq = 3"):
            broken = run("audit", "verify")
            assert (broken.exit_code, broken.output.partition(":")[0]) == (1, "broken at entry 3")
        rotated = run("vault", "rotate", "--json")
        assert rotated.exit_code == 0, rotated.output
        done = json.loads(rotated.output)
        assert done["left"] == 0 and done["keys"] > 2 and done["bodies"] == 1
        newest = (home / "master.key").read_text().split()
        assert len(newest) == 2
        service.desk.masters = Masters(master(bytes.fromhex(newest[0])))
        assert reveal(service, "officer", one, "inspection").status_code == 200
        read = service.call("officer", "GET", f"/documents/{document}", purpose="clearance")
        assert read.content == b"An invoice."
        file = tmp_path / "erasures.json"
        file.write_text(json.dumps(erasures))
        buried = run("vault", "bury", str(file))
        assert buried.output == f"0 of {len(erasures['erasures'])} erasures had to be made again\n", (
            buried.output
        )


def test_documents_go_with_their_person(service: World) -> None:
    """What was attached to a consignment can't be read any more once its consignee is erased."""
    one = service.consignment()
    service.file(one)
    document = service.call(
        "operator", "POST", f"/consignments/{one['consignment_id']}/documents", b"An invoice.",
        headers={"Content-Type": "text/plain"}, kind="invoice",
    ).json()["id"]  # fmt: skip
    assert service.call("operator", "GET", f"/documents/{document}").status_code == 200
    erase = {"erase": "person", "person": person(one), "override": {"reason": "court_order", "case": "O-4"}}
    assert service.call("administrator", "POST", "/persons/erase", erase).status_code == 200
    assert service.call("operator", "GET", f"/documents/{document}").status_code == 404


def test_of_two_keys_of_one_scope_the_lowest_living_seals(service: World) -> None:
    """Where two filings at once each made a key, later ones take the same; once it is erased they take the other."""
    masters = service.desk.masters
    told = parted(1, 1, "ab" * 32, 2026, Personal("consignee", {"consignee.name": "A. Example"}))
    first, second = sorted((seal_many(told, {}, masters).keys[0] for _ in range(2)), key=lambda key: key.id)
    now = service.desk.clock.now()
    wanted = {first.scope, replace(first.scope, period=2027), replace(first.scope, reference="cd" * 32)}
    with pytest.raises(psycopg.Rollback), service.desk.database.writing() as cursor:
        tables.write(cursor, Sealing([], [second, first]), now)
        assert tables.living_keys(cursor, wanted) == {first.scope: first}
        tables.Keys(tables.joined(cursor)).destroy(tombstone(first, now, "person.3-years", "test", 0))
        assert tables.living_keys(cursor, wanted) == {first.scope: second}
        assert len(tables.Keys(tables.joined(cursor)).of_person("ab" * 32)) == 2
        raise psycopg.Rollback


def test_what_rose_with_a_restore_is_buried_again(service: World) -> None:
    """Erasures that were exported destroy again the keys that an older backup brought back."""
    one = service.consignment()
    service.file(one)
    with service.desk.database.cursor() as cursor:
        held = cursor.execute(
            "select k.id, k.wrapped from sealed s join person_key k on k.id = s.key_id "
            "where s.key = %s and s.role = 'consignee'",
            (key_of(cursor, one),),
        ).fetchone()
    assert held is not None
    erase = {"erase": "person", "person": person(one), "override": {"reason": "court_order", "case": "O-1"}}
    exported = service.call("administrator", "POST", "/persons/erase", erase).json()["erasures"]
    with psycopg.connect(service.url, autocommit=True) as connection:
        connection.execute("update person_key set wrapped = %s, tombstone = null where id = %s", held[::-1])
    assert reveal(service, "officer", one, "inspection", elements=["consignee.name"]).status_code == 200
    stones = [erasure["tombstone"] for erasure in exported]
    assert erasing.bury_again(service.desk, "key:test", stones) == 1
    assert erasing.bury_again(service.desk, "key:test", stones) == 0
    assert reveal(service, "officer", one, "inspection", elements=["consignee.name"]).status_code == 410
    assert verified(service).whole


def test_notes_are_sealed_and_commands_take_their_reference(service: World) -> None:
    """Free text goes into the vault; the command keeps its reference; the same key writes one note."""
    one = service.consignment()
    service.file(one)
    path = f"/consignments/{one['consignment_id']}"
    keyed = {"Idempotency-Key": "n-1"}
    notes = [
        service.call(
            "officer", "POST", f"{path}/notes", {"text": "Ask A. Example."}, headers=keyed, party="post-cn"
        )
        for _ in range(2)
    ]
    assert [note.status_code for note in notes] == [201, 201]
    assert notes[0].json() == notes[1].json() == {"note": "note/1"}
    second = service.call("supervisor", "POST", f"{path}/notes", {"text": "Asked."}, party="post-cn")
    assert second.json() == {"note": "note/2"}
    hold = {"command": "hold", "reason": "identity", "note": "note/1"}
    answer = service.call("officer", "POST", f"{path}/commands", hold, party="post-cn")
    assert answer.status_code == 200, answer.text
    read = reveal(service, "officer", one, "clearance", roles=["note"]).json()["persons"]
    assert [note["elements"]["note.text"] for note in read] == ["Ask A. Example.", "Asked."]
    assert (
        service.call("other_operator", "POST", f"{path}/notes", {"text": "x"}, party="post-cn").status_code
        == 404
    )
    assert reveal(service, "operator", one, "correction", roles=["note"]).status_code == 403


def test_prior_use_stands_in_the_vault_alone(service: World) -> None:
    """A decision can be made again and explained though what it read of a person's limits is sealed."""
    one = food(service)
    with service.desk.database.cursor() as cursor:
        row = cursor.execute(
            "select facts from consignment where key = %s", (key_of(cursor, one),)
        ).fetchone()
    assert (
        row is not None and b"prior_use" not in json.dumps(json.loads(unpack(row[0]))["consignment"]).encode()
    )
    path = f"/consignments/{one['consignment_id']}"
    assert service.call("officer", "GET", f"{path}/explanation", party="post-cn").json()["same"] is True
    again = service.call("officer", "POST", f"{path}/redecision", {"reason": "test"}, party="post-cn")
    assert again.status_code == 200, again.text
    before = service.call("operator", "GET", path).json()["outcome"]["input_digest"]
    assert before == service.call("operator", "GET", path).json()["outcome"]["input_digest"]


def test_late_filings_and_late_elements_are_accepted_and_flagged(service: World) -> None:
    """A filing after its time is accepted with a warning; what is told first at a later stage than due is named."""
    arrives = (service.desk.clock.now() + timedelta(hours=1)).isoformat()
    one = service.consignment()
    result = service.file(one, stage="pre_arrival", arrives_at=arrives)[0]
    codes = {finding["code"]: finding for finding in result["findings"]}
    assert result["result"] == "accepted" and "filing.late" in codes
    assert "due at pre_loading: " in codes["filing.late_elements"]["message"]
    assert "consignee.name" in codes["filing.late_elements"]["message"]
    assert "items.value" not in codes["filing.late_elements"]["message"]
    early = service.consignment()
    early["items"][0].pop("description")
    early["consignee"].pop("address")
    timely = service.file(early, stage="pre_loading")[0]
    assert not {f["code"] for f in timely.get("findings", ())} & {"filing.late", "filing.late_elements"}
    by_road = service.file(service.consignment(transport_mode="road"))[0]
    assert "filing.late_elements" not in {f["code"] for f in by_road.get("findings", ())}
    shown = service.call("operator", "GET", f"/consignments/{one['consignment_id']}").json()
    assert {"filing.late", "filing.late_elements"} <= {f["code"] for f in shown["outcome"]["findings"]}
    at_arrival = service.file(service.consignment(), stage="arrival")[0]
    words = next(f for f in at_arrival["findings"] if f["code"] == "filing.late_elements")["message"]
    assert "due at pre_arrival: " in words and "items.value" in words


def test_an_amendment_stays_late(service: World) -> None:
    """What an amendment tells for the first time is judged alone; what was late before stays so after an amendment."""
    one = service.consignment()
    address = one["consignee"].pop("address")
    service.file(one, stage="pre_loading")
    more = json.loads(json.dumps(one))
    more["consignee"]["address"] = address
    assert not {f["code"] for f in service.file(more)[0].get("findings", ())} & {"filing.late_elements"}
    late = service.consignment(value="400.00", scheme=None, scheme_id=None)
    gtin = json.loads(json.dumps(late))
    service.file(late, stage="arrival")
    gtin["items"][0]["gtin"] = "4006381333931"
    amended = service.file(gtin)[0]
    assert amended["result"] == "amended", amended
    words = [f["message"] for f in amended["findings"] if f["code"] == "filing.late_elements"]
    assert len(words) == 2 and words[1] == "told first at arrival; due at pre_arrival: items.gtin"
