"""What comes in is strange or hostile: one shape of error, never a 5xx, never more work than was asked for."""

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from calling import ENDPOINTS, Endpoint, Things, call, named, things_of, webhook_of
from greenlane.engine.context import Context
from greenlane.service.access import Limits
from greenlane.service.edge import HEADERS
from greenlane.service.problems import Problem
from greenlane.store.database import lock_number
from serving import KEYS, PREFIX, World, world


@pytest.fixture(scope="module")
def patient(postgres: str, law: Context) -> Iterator[World]:
    """A service that takes many calls and small bodies."""
    with world(
        postgres, law, rate_per_minute=100_000, anonymous_per_minute=100_000, request_bytes=300_000,
        document_bytes=2_000, inline_bytes=200_000, allow_private_webhooks=True,
    ) as made:  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def things(patient: World) -> Things:
    """What the party of ``operator`` has."""
    return things_of(patient)


def problem(answer: Any) -> dict[str, Any]:
    """Return the problem that an answer is; every error has this one shape and nothing else."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "errors"} <= set(told) <= {
        "type", "title", "status", "detail", "errors", "result", "consignment_id",
    }  # fmt: skip
    assert told["status"] == answer.status_code
    assert told["type"].startswith("urn:greenlane:problem:")
    for error in told["errors"]:
        assert {"code", "path", "message"} <= set(error) and error["path"].startswith("/")
    for name in HEADERS:
        assert name in answer.headers
    return told


def may(endpoint: Endpoint) -> str:
    """Return the name of a key that has the right of an endpoint."""
    return next(who for who, (_, roles, _) in KEYS.items() if set(roles) & endpoint.roles)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_every_endpoint_has_one_shape_of_error(patient: World, things: Things, endpoint: Endpoint) -> None:
    """A method that isn't there, a broken body, a body of another kind, strange parameters: problems, never a 5xx."""
    who = may(endpoint)
    own = replace(things, webhook=webhook_of(patient, "operator")) if endpoint.example.spent else things
    path = own.path(endpoint)
    wrong = patient.call(who, "PATCH", path, b"{}")
    assert problem(wrong)["status"] == 405
    assert endpoint.method in wrong.headers["allow"]
    bodies = [
        b"",
        b"{",
        b"[1,2",
        b'"\\ud800"',
        b"\xff\xfe\x00",
        b'{"a":' * 5000,
        b"[" * 100_000,
        b"null",
        b"\0",
    ]
    if endpoint.method in ("POST", "PUT"):
        for body in bodies:
            for kind in ("application/json", "text/html", "application/x-www-form-urlencoded"):
                answer = patient.call(who, endpoint.method, path, body, headers={"Content-Type": kind})
                assert answer.status_code < 500, (body[:20], kind, answer.text)
                if answer.status_code >= 400:
                    problem(answer)
    for query in STRANGE:
        answer = patient.client.request(
            endpoint.method, f"{PREFIX}{path}?{query}", headers={"Authorization": f"Bearer {patient.keys[who]}"},
        )  # fmt: skip
        assert answer.status_code < 500, (query, answer.text)
        if answer.status_code >= 400:
            problem(answer)


STRANGE = (
    "limit=0", "limit=99999999999999999999999", "limit=x", "limit=1&limit=2", "cursor=x", "cursor=%00", "cursor=",
    "cursor=W10", "cursor=WzFd", "cursor=Wy0xXQ", "cursor=WzE4NDQ2NzQ0MDczNzA5NTUxNjE2XQ", "party=%00", "party=%ff",
    "party=%ED%A0%80", "party=" + "x" * 5000, "phase=%E2%80%AE", "stage=never", "departs_at=2026-07-02T12:00:00",
    "departs_at=0001-01-01T00:00:00%2B14:00", "arrives_at=9999-12-31T23:59:59-14:00", "currency=usd", "total=-1",
    "total=" + "9" * 29, "to=%00", "to=ZZ,YY", "kind=virus", "nothing=here", "%", "&&&=&",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["%00", "%ED%A0%80", "%FF", "x" * 3000, "..%2F..", "%2F", "a%20b", "'", "%E2%80%AE"]
)
@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if "{" in e.path], ids=named)
def test_strange_names(patient: World, endpoint: Endpoint, name: str) -> None:
    """A name that nothing can have gives a problem with 400 or 404."""
    path = endpoint.path.split("{")[0] + name + endpoint.path.partition("}")[2]
    answer = patient.call(may(endpoint), endpoint.method, path, b"{}" if endpoint.method == "POST" else None)
    assert problem(answer)["status"] in (400, 404, 415, 422)


def test_an_id_with_a_slash(patient: World) -> None:
    """An id that holds a slash or a hash is read under its percent-encoded name."""
    one = patient.consignment(consignment_id="A/1#2")
    assert patient.file(one)[0]["result"] == "accepted"
    assert patient.call("operator", "GET", "/consignments/A%2F1%232").json()["consignment_id"] == "A/1#2"
    assert len(patient.call("operator", "GET", "/consignments/A%2F1%232/events").json()["events"]) > 0


@pytest.mark.parametrize("path", ["/nothing", "", "/queue/x", "/filings/x", "/../etc/passwd", "/%00"])
def test_unknown_paths(patient: World, path: str) -> None:
    """What isn't there is a problem with 404, with or without a key."""
    for who in (None, "operator"):
        assert problem(patient.call(who, "GET", path + "/nowhere"))["status"] == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_head_and_options(patient: World, things: Things, endpoint: Endpoint) -> None:
    """HEAD answers as GET does without a body; OPTIONS names the methods to anybody."""
    path = things.path(endpoint)
    options = patient.call(None, "OPTIONS", path)
    assert options.status_code == 204 and endpoint.method in options.headers["allow"]
    if endpoint.method == "GET":
        assert "HEAD" in options.headers["allow"]
        who = may(endpoint)
        query = dict(endpoint.example.query)
        if "{consignment_id:str}" in endpoint.path:
            query["party"] = things.party
        got, head = (patient.call(who, method, path, **query) for method in ("GET", "HEAD"))
        assert head.status_code == got.status_code == 200
        assert head.content == b"" and head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_safe_headers_and_no_version(patient: World, things: Things, endpoint: Endpoint) -> None:
    """Every answer has the headers that keep browsers safe, and tells no version of the software."""
    answer = call(patient, may(endpoint), endpoint, things)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers
    assert answer.headers["x-request-id"]
    from greenlane import __version__

    assert __version__ not in answer.text


def test_bodies_have_a_size(patient: World, things: Things) -> None:
    """A body over its limit is 413, told by its length or found while it comes; a document and a quote have their own."""
    large = b" " * 400_000
    assert problem(patient.call("operator", "POST", "/filings", large))["status"] == 413
    chunked = {"Authorization": f"Bearer {patient.keys['operator']}", "Content-Type": "application/json"}
    sent = patient.client.request("POST", f"{PREFIX}/filings", content=iter([large] * 3), headers=chunked)
    assert problem(sent)["status"] == 413
    path = f"/consignments/{things.consignment}/documents"
    text = {"Content-Type": "text/plain"}
    assert problem(patient.call("operator", "POST", path, b"x" * 2001, headers=text))["status"] == 413
    assert patient.call("operator", "POST", path, b"x" * 2000, headers=text).status_code == 201


def test_a_quote_takes_few(patient: World) -> None:
    """Whoever asks for quotes without a key asks for few: neither bytes nor records nor packed text without end."""
    assert problem(patient.call(None, "POST", "/quotes", b" " * 1_100_000))["status"] == 413
    assert problem(patient.call(None, "POST", "/quotes", b"{}\n" * 101))["status"] == 413
    assert (
        problem(patient.call(None, "POST", "/quotes", b'{"items":[' + b"{}," * 2000 + b"{}]}"))["status"]
        == 413
    )
    packed = gzip.compress(json.dumps(patient.consignment()).encode())
    assert problem(patient.call(None, "POST", "/quotes", packed))["status"] == 413
    numbers = b"[" + b"1," * 50_000 + b"1]"
    assert problem(patient.call(None, "POST", "/quotes", numbers))["status"] == 413
    assert problem(patient.call(None, "POST", "/quotes", b"\xef\xbb\xbf" + numbers))["status"] == 413
    assert problem(patient.call(None, "POST", "/quotes", b"{} " + b"1 " * 50_000))["status"] == 413
    assert problem(patient.call(None, "POST", "/quotes", b"1 " * 50_000))["status"] == 422


def test_packed_filings(patient: World) -> None:
    """A filing in gzip is decided afterwards; one that unpacks to far more than it may ends as a failed filing."""
    from greenlane.desk import filing_parts

    one = gzip.compress(json.dumps(patient.consignment()).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"}
    sound = patient.call("operator", "POST", "/filings", one, headers=headers)
    assert sound.status_code == 202
    bomb = patient.call("operator", "POST", "/filings", gzip.compress(b"{}\n" * 5_000_000))
    assert bomb.status_code == 202
    empty = gzip.compress(b" " * (filing_parts.MOST_TEXT + 1))
    assert len(empty) > patient.settings.request_bytes  # so many spaces do not even get in
    done = [settled(patient, answer.json()["filing"]) for answer in (sound, bomb)]
    assert (done[0]["status"], done[0]["accepted"]) == ("done", 1)
    assert (done[1]["status"], done[1]["records"]) == ("failed", 0)
    assert "100,000 items" in done[1]["problem"]


def settled(service: World, filing: str) -> dict[str, Any]:
    """Return a filing once it is decided."""
    import time

    for _ in range(300):
        told: dict[str, Any] = service.call("operator", "GET", f"/filings/{filing}").json()
        if told["status"] != "received":
            return told
        time.sleep(0.1)
    raise AssertionError("the filing was not decided in 30 seconds")


def test_unpacking_stops_at_the_bound(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Packed text is written out to its bound and no further."""
    from greenlane.messages.files import Bounds, TooMuch, open_source

    folder = tmp_path_factory.mktemp("packed")
    path = folder / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 10_000_000))
    with pytest.raises(TooMuch, match="1,048,576 bytes"):
        open_source(path, folder / "work", Bounds(100_000, 1 << 20))
    assert (folder / "work" / "plain").stat().st_size <= 2 << 20


def test_few_bytes_with_many_records(patient: World) -> None:
    """A body of many tiny records is decided afterwards, in parts, and not before the answer."""
    answer = patient.call("operator", "POST", "/filings", b"{}\n" * 10_001)
    assert answer.status_code == 202
    told = settled(patient, answer.json()["filing"])
    assert (told["status"], told["rejected"]) == ("done", 10_001)


@pytest.mark.parametrize("key", ['a"b', "a\\b", "a\nb", "\x01", "\u2028", "", "é", "x" * 5000])
def test_strange_keys_of_a_record(patient: World, key: str) -> None:
    """An unknown key, however it is written, rejects neither its own consignment nor its neighbours."""
    strange, plain = patient.consignment(), patient.consignment()
    strange[key] = strange["items"][0][key] = strange["consignee"][key] = {key: [1]}
    assert [result["result"] for result in patient.file(strange, plain, strange)] == [
        "accepted",
        "accepted",
        "repeated",
    ]
    assert (
        patient.call("operator", "POST", "/consignments", patient.consignment(**{key: 1})).status_code == 201
    )
    assert patient.call(None, "POST", "/quotes", strange).status_code == 200


def test_what_takes_too_long(postgres: str, law: Context) -> None:
    """A request that waits longer than it may, here for a lock of its party, is 503 with Retry-After."""
    with world(postgres, law, request_seconds=1) as own, psycopg.connect(own.url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (lock_number("party", "post-cn"),))
        answer = own.call("operator", "POST", "/filings", [own.consignment()])
        connection.rollback()
    assert problem(answer)["status"] == 503 and int(answer.headers["retry-after"]) > 0
    assert problem(answer)["type"].endswith(":slow")


def test_the_same_request_in_flight(patient: World) -> None:
    """A second request with the same Idempotency-Key, sent while the first waits, is 409; the first is served."""
    one, headers = patient.consignment(), {"Idempotency-Key": "in-flight"}
    answers: list[Any] = []

    def send() -> None:
        answers.append(patient.call("operator", "POST", "/filings", [one], headers=headers))

    with psycopg.connect(patient.url, autocommit=True) as watcher, psycopg.connect(patient.url) as holder:
        holder.execute("select pg_advisory_xact_lock(%s)", (lock_number("party", "post-cn"),))
        first = threading.Thread(target=send)
        first.start()
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while watcher.execute(waiting).fetchone() == (0,):
            assert first.is_alive()
        second = patient.call("operator", "POST", "/filings", [one], headers=headers)
        assert problem(second)["type"].endswith(":in-flight") and second.status_code == 409
        assert second.headers["retry-after"] == "1"
        holder.rollback()
        first.join()
    assert [answer.status_code for answer in answers] == [200]
    again = patient.call("operator", "POST", "/filings", [one], headers=headers)
    assert again.content == answers[0].content


def test_too_many_requests(postgres: str, law: Context) -> None:
    """Beyond the limit of a key, and of an address without one, 429 says when to come back; others go on."""
    with world(postgres, law, rate_per_minute=5, anonymous_per_minute=3) as service:
        told = [service.call("operator", "GET", "/consignments").status_code for _ in range(6)]
        if told != [200] * 5 + [429]:  # a minute ended in between
            told = [service.call("operator", "GET", "/consignments").status_code for _ in range(6)]
        assert told == [200] * 5 + [429]
        full = service.call("operator", "GET", "/consignments")
        assert problem(full)["status"] == 429 and 1 <= int(full.headers["retry-after"]) <= 61
        assert service.call("officer", "GET", "/consignments").status_code == 200
        nobody = [service.call(None, "GET", "/status").status_code for _ in range(5)]
        assert nobody[-1] == 429
        service.keys["wrong"] = "gl_000000000000_x"
        assert service.call("wrong", "GET", "/consignments").status_code == 429
        assert {service.call(None, "GET", "/health").status_code for _ in range(9)} == {200}


def test_limits_begin_again_each_minute() -> None:
    """The window is a minute: after it the count begins anew, and what is told to wait is exactly until then."""
    now = [120.0]
    limits = Limits(known=2, anonymous=1, clock=lambda: now[0])
    limits.count("a", known=True)
    limits.count("a", known=True)
    now[0] = 150.0
    with pytest.raises(Problem) as caught:
        limits.count("a", known=True)
    assert caught.value.retry_s == 31
    limits.count("b", known=False)
    now[0] += caught.value.retry_s
    limits.count("a", known=True)
