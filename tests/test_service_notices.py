"""Notices of the service: the feed by cursor, and webhooks to real receivers: at least once, in order, nobody waits."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from greenlane.desk.notices import keyring
from greenlane.desk.webhooks import seal_anew, shared_secret
from greenlane.engine.context import Context
from greenlane.exchange.keys import SharedSecret
from greenlane.exchange.receive import Proof, check_proof, verify
from greenlane.exchange.signing import verify as verify_message
from greenlane.privacy.keys import Masters, master
from receiving import Receiver, Request, answering, hanging, receiver
from serving import World, world

PROCESS = Path(__file__).with_name("dispatching_process.py")


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """A loop for receivers, beside the service's own."""
    with start_blocking_portal() as made:
        yield made


@pytest.fixture
def post(postgres: str, law: Context) -> Iterator[World]:
    """A service of one test's own that may call loopback."""
    with world(postgres, law, allow_private_webhooks=True) as made:
        yield made


@contextmanager
def listening(portal: BlockingPortal, *acts: Any) -> Iterator[Receiver]:
    """Run a receiver on loopback."""
    with portal.wrap_async_context_manager(receiver(*acts)) as made:
        yield made


def until(done: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until *done*."""
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline, "not done in time"
        time.sleep(0.02)


def hook(service: World, there: Receiver, who: str = "operator", **more: Any) -> dict[str, Any]:
    """Register a receiver."""
    answer = service.call(who, "POST", "/webhooks", {"url": there.url(), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def file(service: World, count: int, who: str = "operator") -> list[str]:
    """File consignments and return their ids."""
    made = [service.consignment() for _ in range(count)]
    assert {result["result"] for result in service.file(*made, who=who)} == {"accepted"}
    return [one["consignment_id"] for one in made]


def move(service: World, name: str, times: int = 2, who: str = "officer") -> None:
    """Hold a consignment and lift the hold, so many times: two notices each."""
    for number in range(1, times + 1):
        for command in (
            {"command": "hold", "reason": "test"},
            {"command": "lift_hold", "hold": number, "reason": "test"},
        ):
            answer = service.call(who, "POST", f"/consignments/{name}/commands", command, party="post-cn")
            assert answer.status_code == 200, answer.text


def feed(service: World, who: str = "operator", after: int = 0, **params: Any) -> list[dict[str, Any]]:
    """Read a whole feed from a place on."""
    found: list[dict[str, Any]] = []
    while True:
        answer = service.call(who, "GET", "/notices", cursor=after, **params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["notices"]
        after = page["next"]
        if not page["more"]:
            return found


def told(request: Request) -> dict[str, Any]:
    """Return the data of the notice in a request."""
    data: dict[str, Any] = json.loads(request.body)["data"]
    return data


def cursors(there: Receiver) -> set[int]:
    """Return the places of the feed that a receiver was sent."""
    return {told(request)["cursor"] for request in there.requests}


def has_all(service: World, there: Receiver) -> Callable[[], bool]:
    """Return a test whether a receiver has every notice of post-cn's feed."""
    wanted = {notice["data"]["cursor"] for notice in feed(service)}
    return lambda: cursors(there) >= wanted


def assert_in_order(there: Receiver) -> None:
    """No notice came before an earlier one of its consignment had come."""
    seen: dict[str, list[int]] = {}
    for request in there.requests:
        data = told(request)
        places = seen.setdefault(data["consignment_id"], [])
        if data["cursor"] not in places:
            places.append(data["cursor"])
    assert seen and all(places == sorted(places) for places in seen.values())


def test_the_feed_is_read_from_any_place_and_proves_itself(service: World) -> None:
    """Pages by cursor give every notice once, each a proof that the published key checks; reading on gives the new."""
    names = file(service, 5)
    move(service, names[0])
    keys = service.call("operator", "GET", "/notices/keys").json()
    assert keys["party"] == "post-cn" and keys["keys"][0].startswith("whpk_")
    whole = feed(service, proof=True)
    assert [one["data"]["cursor"] for one in whole] == sorted({one["data"]["cursor"] for one in whole})
    mine = [one for one in whole if one["data"]["consignment_id"] == names[0]]
    assert [one["type"] for one in mine] == [
        "consignment.filed",
        *["consignment.held", "consignment.hold_lifted"] * 2,
    ]
    assert mine[0]["data"]["words"].startswith("The filing is acknowledged and decided. ")
    assert {"amount": "8.36", "currency": "EUR", "name": "tax"} in mine[0]["data"]["amounts"]
    for one in whole:
        proof = Proof(one["proof"]["headers"], one["proof"]["body"].encode())
        notice = check_proof(proof, keys["keys"])
        assert (notice.id, notice.cursor, notice.code) == (one["id"], one["data"]["cursor"], one["type"])
        assert json.loads(proof.body)["data"] == one["data"]
    small = feed(service, limit=2)
    assert [one["id"] for one in small] == [one["id"] for one in whole]
    events = mine[0]["data"]["links"]["events"].removeprefix("/api/v1")
    assert service.call("operator", "GET", events).status_code == 200
    last = whole[-1]["data"]["cursor"]
    assert feed(service, after=last) == []
    move(service, names[1], 1)
    assert [one["type"] for one in feed(service, after=last)] == [
        "consignment.held",
        "consignment.hold_lifted",
    ]


def test_a_feed_is_its_partys_alone(service: World) -> None:
    """Another party's feed holds none of it, its keys are others, and its notices don't pass for one's own."""
    file(service, 1)
    assert all(one["data"]["party"] == "market-x" for one in feed(service, "other_operator"))
    mine, theirs = (
        service.call(who, "GET", "/notices/keys").json()["keys"] for who in ("operator", "other_operator")
    )
    assert set(mine).isdisjoint(theirs)
    assert service.call("officer", "GET", "/notices").status_code == 403
    assert service.call(None, "GET", "/notices/keys").status_code == 401


def test_an_agency_reads_what_it_is_asked(service: World) -> None:
    """An agency's feed tells of each consignment it is asked about, whoever filed it, and of no other."""
    before = feed(service, "agency")
    cheese = service.consignment(description="cheese", hs_code="040690")
    service.file(cheese)
    service.file(service.consignment(), who="other_operator")
    (one,) = feed(service, "agency", after=before[-1]["data"]["cursor"] if before else 0)
    assert (one["type"], one["data"]["consignment_id"]) == ("agency.asked", cheese["consignment_id"])
    assert one["data"]["party"] == "agency:food"
    link = one["data"]["links"]["consignment"].removeprefix("/api/v1")
    assert service.call("agency", "GET", link).status_code == 200
    assert feed(service, "other_agency") == []
    first, again = feed(service, "agency"), feed(service, "agency")
    assert first == again


def test_each_notice_comes_signed_and_in_order(post: World, portal: BlockingPortal) -> None:
    """From its registration on a receiver gets each notice, signed by the published key, in order by consignment."""
    file(post, 1)
    with listening(portal) as there:
        made = hook(post, there)
        assert made["secret"] is None
        names = file(post, 20)
        for name in names[:4]:
            move(post, name)
        whole = feed(post, after=made["cursor"])
        assert len(whole) == 36
        until(lambda: len(there.requests) >= 36)
        assert_in_order(there)
        assert len(there.requests) == 36 and cursors(there) == {one["data"]["cursor"] for one in whole}
        for request in there.requests:
            notice = verify(request.headers, request.body, made["keys"])
            assert (notice.party, notice.id) == ("post-cn", request.headers["webhook-id"])
        until(lambda: post.call("operator", "GET", f"/webhooks/{made['id']}").json()["waiting"] == 0)
        shown = post.call("operator", "GET", "/webhooks").json()["webhooks"]
        assert [(one["id"], one["hmac"], one["disabled_at"]) for one in shown] == [(made["id"], False, None)]
        assert shown[0]["succeeded_at"] is not None


def test_a_shared_secret_is_sealed_and_signs_too(post: World, portal: BlockingPortal) -> None:
    """Where the receiver asks for HMAC, both signatures come; the secret is told once and isn't kept in the clear."""
    with listening(portal) as there:
        made = hook(post, there, hmac=True)
        secret = SharedSecret.read(made["secret"])
        file(post, 1)
        until(lambda: len(there.requests) == 1)
        request = there.requests[0]
        assert verify_message(request.headers, request.body, [secret], now=int(time.time())).id
        assert verify(request.headers, request.body, made["keys"]).code == "consignment.filed"
        with post.desk.database.connection() as connection:
            (kept,) = connection.execute("select secret from webhook").fetchone() or (b"",)
        assert secret.raw not in kept
        assert "secret" not in post.call("operator", "GET", f"/webhooks/{made['id']}").json()


def test_a_changed_master_key(post: World, portal: BlockingPortal) -> None:
    """After a rotation both keys sign; secrets are sealed anew beside a running service, and open without the old key."""
    old = post.desk.masters
    new = Masters(master(bytes(range(1, 33))), (old.current,))
    before, after = keyring(old).public("post-cn"), keyring(new).public("post-cn")
    assert after[1:] == before
    with listening(portal) as there:
        made = hook(post, there, hmac=True)
        post.desk.reload = lambda: new
        assert seal_anew(post.desk.database, new) == []
        tested = post.call("operator", "POST", f"/webhooks/{made['id']}/test").json()
        file(post, 1)
        until(lambda: len(there.requests) == 2)
        secret = SharedSecret.read(made["secret"])
        assert tested["delivered"]
        assert all(verify_message(r.headers, r.body, [secret], now=int(time.time())) for r in there.requests)
    with post.desk.database.connection() as connection:
        (kept,) = connection.execute("select secret from webhook").fetchone() or (b"",)
    alone = Masters(new.current)
    assert shared_secret(alone, made["id"], kept).text() == made["secret"]
    assert seal_anew(post.desk.database, Masters(master(bytes(32)))) == [made["id"]]


def test_a_failed_notice_is_tried_again_and_listed(post: World, portal: BlockingPortal) -> None:
    """What is answered 500 stands on the failure list with its next time, comes again, and then leaves the list."""
    with listening(portal, answering(500), answering(200)) as there:
        made = hook(post, there)
        (name,) = file(post, 1)
        listed = f"/webhooks/{made['id']}/failures"
        until(lambda: post.call("operator", "GET", listed).json()["failures"] != [])
        (failed,) = post.call("operator", "GET", listed).json()["failures"]
        assert (failed["consignment_id"], failed["failure"], failed["status"], failed["attempt"]) == (
            name, "status", 500, 1,
        )  # fmt: skip
        assert failed["next_at"] > failed["at"]
        until(lambda: len(there.requests) == 2)
        assert len({request.headers["webhook-id"] for request in there.requests}) == 1
        until(lambda: post.call("operator", "GET", listed).json()["failures"] == [])


def test_a_receiver_that_hangs_holds_up_no_other(post: World, portal: BlockingPortal) -> None:
    """While one never answers, the others of the same party and of another have everything within seconds."""
    with listening(portal, hanging) as bad, listening(portal) as good, listening(portal) as theirs:
        hook(post, bad)
        hook(post, good)
        hook(post, theirs, "other_operator")
        begun = time.monotonic()
        file(post, 30)
        file(post, 30, "other_operator")
        until(lambda: len(good.requests) == len(theirs.requests) == 30, within_s=12)
        assert time.monotonic() - begun < 12
        assert 1 <= len(bad.requests) <= 2


def test_any_notice_is_sent_again(post: World, portal: BlockingPortal) -> None:
    """Replay sends any range again under the same ids, also what came before the webhook was registered."""
    (name,) = file(post, 1)
    move(post, name, 3)
    old = [one["data"]["cursor"] for one in feed(post)]
    with listening(portal) as there:
        made = hook(post, there)
        assert made["cursor"] == old[-1]
        path = f"/webhooks/{made['id']}/replay"
        answer = post.call("operator", "POST", path, {"from": old[1], "to": old[4]})
        assert answer.json() == {"notices": 4}
        until(lambda: len(there.requests) == 4)
        assert [told(request)["cursor"] for request in there.requests] == old[1:5]
        assert post.call("operator", "POST", path, {"from": 0, "to": 2**40}).json() == {"notices": 7}
        until(lambda: len(there.requests) == 11)
        assert [told(request)["cursor"] for request in there.requests[4:]] == old
        ids = {one["data"]["cursor"]: one["id"] for one in feed(post)}
        assert all(r.headers["webhook-id"] == ids[told(r)["cursor"]] for r in there.requests)
        assert post.call("operator", "POST", path, {"from": 3, "to": 2}).status_code == 422


def test_gone_stops_and_enabling_loses_nothing(post: World, portal: BlockingPortal) -> None:
    """410 disables; what comes meanwhile waits; a test notice goes all the same; enabled again, everything comes."""
    with listening(portal, answering(410), answering(200)) as there:
        made = hook(post, there)
        path = f"/webhooks/{made['id']}"
        file(post, 1)
        until(lambda: post.call("operator", "GET", path).json()["disabled_at"] is not None)
        file(post, 3)
        shown = post.call("operator", "GET", path).json()
        assert (shown["reason"], shown["waiting"], len(there.requests)) == ("gone", 4, 1)
        tested = post.call("operator", "POST", path + "/test").json()
        assert (tested["delivered"], tested["status"]) == (True, 200)
        assert verify(there.requests[1].headers, there.requests[1].body, made["keys"]).code == "webhook.test"
        assert post.call("operator", "POST", path + "/enable").json()["disabled_at"] is None
        until(has_all(post, there))


def test_another_partys_webhook_is_not_there(post: World, portal: BlockingPortal) -> None:
    """Every way to another's webhook answers 404, and nothing happens to it."""
    with listening(portal) as there:
        made = hook(post, there)
        path = f"/webhooks/{made['id']}"
        for method, rest, body in (
            ("GET", "", None), ("DELETE", "", None), ("POST", "/enable", None), ("GET", "/failures", None),
            ("POST", "/test", None), ("POST", "/replay", {"from": 0, "to": 9}),
        ):  # fmt: skip
            assert post.call("other_operator", method, path + rest, body).status_code == 404, (method, rest)
        assert post.call("other_operator", "GET", "/webhooks").json() == {"webhooks": []}
        assert post.call("officer", "GET", path).status_code == 403
        assert post.call("operator", "GET", path).status_code == 200
        assert there.requests == []


def test_an_address_twice_and_too_many(post: World, portal: BlockingPortal) -> None:
    """One address is registered once; a party has at most twenty; a deleted one makes room and gets nothing more."""
    with listening(portal) as there:
        made = hook(post, there)
        twice = post.call("operator", "POST", "/webhooks", {"url": there.url()})
        assert twice.status_code == 409 and twice.headers["content-type"] == "application/problem+json"
        for number in range(19):
            answer = post.call("operator", "POST", "/webhooks", {"url": f"{there.url()}/{number}"})
            assert answer.status_code == 201
        assert post.call("operator", "POST", "/webhooks", {"url": f"{there.url()}/x"}).status_code == 422
        for one in post.call("operator", "GET", "/webhooks").json()["webhooks"]:
            assert post.call("operator", "DELETE", f"/webhooks/{one['id']}").status_code == 204
        file(post, 2)
        time.sleep(1.5)
        assert there.requests == []
        assert post.call("operator", "GET", f"/webhooks/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://localhost/", "http://93.184.216.34/", "https://93.184.216.34:22/",
        "https://user:pass@93.184.216.34/", "ftp://93.184.216.34/", "https://", "not a url",
    ],
)  # fmt: skip
def test_addresses_that_are_not_called(service: World, url: str) -> None:
    """Without the setting for tests no private address, plain HTTP or odd port is registered; the answer says why."""
    answer = service.call("operator", "POST", "/webhooks", {"url": url})
    assert answer.status_code == 422, answer.text
    assert "user:pass" not in answer.text
    assert service.call("operator", "GET", "/webhooks").json() == {"webhooks": []}


def test_an_address_is_judged_again_at_each_attempt(
    postgres: str, law: Context, portal: BlockingPortal
) -> None:
    """A webhook that has come to lie inside is refused when it is called, and the failure list says so."""
    with world(postgres, law) as inside, listening(portal) as there:
        with inside.desk.database.writing("post-cn") as cursor:
            cursor.execute(
                "insert into webhook (id, party, url, created_at) values ('hook_1', 'post-cn', %s, now())",
                (there.url(),),
            )
        file(inside, 1)
        listed = "/webhooks/hook_1/failures"
        until(lambda: inside.call("operator", "GET", listed).json()["failures"] != [])
        (failed,) = inside.call("operator", "GET", listed).json()["failures"]
        assert failed["failure"] == "address_refused"
        assert there.connections == 0


def test_a_sandbox_clock_moves_no_delivery(post: World, portal: BlockingPortal) -> None:
    """With the sandbox a year ahead notices come at once, and their signature is of this machine's time."""
    assert post.call("administrator", "PUT", "/sandbox/clock", {"offset_s": 31_536_000}).status_code == 200
    with listening(portal) as there:
        made = hook(post, there)
        file(post, 1)
        until(lambda: len(there.requests) == 1, within_s=8)
        assert (
            verify(there.requests[0].headers, there.requests[0].body, made["keys"]).at.timestamp()
            > time.time()
        )


def test_a_party_without_webhooks_pays_one_look(post: World) -> None:
    """A filing of a thousand by a party without webhooks makes no delivery."""
    file(post, 1000)
    with post.desk.database.connection() as connection:
        assert connection.execute("select count(*) from delivery").fetchone() == (0,)


@contextmanager
def dispatchers(service: World, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run dispatchers in processes of their own on the service's database."""
    setting = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    started = [
        subprocess.Popen([sys.executable, str(PROCESS), service.url], env=setting) for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


@contextmanager
def quiet(postgres: str, law: Context, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Run a service whose own dispatcher is off, so that processes beside it do the work."""
    from contextlib import nullcontext

    monkeypatch.setattr("greenlane.service.work._dispatching", lambda desk, sender: nullcontext())
    with world(postgres, law, allow_private_webhooks=True) as made:
        yield made


def test_several_processes_send_each_notice_once(
    postgres: str, law: Context, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three dispatcher processes on one database: each notice comes once, in order."""
    with quiet(postgres, law, monkeypatch) as post, listening(portal, answering(200, after_s=0.005)) as there:
        hook(post, there)
        names = file(post, 150)
        for name in names[:10]:
            move(post, name)
        wanted = len(feed(post))
        with dispatchers(post, 3) as started:
            until(lambda: len(there.requests) >= wanted)
            time.sleep(1)
            assert all(process.poll() is None for process in started)
        assert len(there.requests) == wanted == 190
        assert_in_order(there)


def test_a_killed_dispatcher_loses_nothing(
    postgres: str, law: Context, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed by signal 9 with attempts under way, again and again: each notice comes, and in order."""
    with quiet(postgres, law, monkeypatch) as post, listening(portal, answering(200, after_s=0.02)) as there:
        hook(post, there)
        names = file(post, 120)
        for name in names[:10]:
            move(post, name)
        for kill in range(1, 4):
            with dispatchers(post, 1) as (process,):
                until(lambda goal=25 * kill: len(there.requests) >= goal)
                process.send_signal(signal.SIGKILL)
                process.wait(10)
        assert not has_all(post, there)()

        def left() -> object:
            with post.desk.database.connection() as connection:
                return connection.execute(
                    "select count(*) from delivery where delivered_at is null"
                ).fetchone()

        with dispatchers(post, 2):
            until(has_all(post, there))
            # What was taken is written down a moment later.
            until(lambda: left() == (0,))
        assert_in_order(there)
