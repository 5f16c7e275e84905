"""The sender against real receivers on loopback: what counts as taken, what it never does, what it never waits for."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from greenlane.exchange.delivery import Answer, Endpoint, Failure
from greenlane.exchange.keys import Keyring, SharedSecret, SigningKey
from greenlane.exchange.notice import Notice, body_of
from greenlane.exchange.receive import verify
from greenlane.exchange.sender import Sender
from greenlane.exchange.signing import verify as verify_message
from receiving import answering, certificate, dripping, dying, flooding, hanging, receiver

AT = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
NOTICE = Notice("consignment.released", "post-cn", "RR1", 41, AT, "Released.")
RING = Keyring((SigningKey(bytes(32)),))


async def once(url: str, timeout_s: float = 5.0) -> Answer:
    """Send one notice to a receiver on loopback."""
    async with Sender(RING, allow_private=True, timeout_s=timeout_s) as sender:
        return await sender.send(Endpoint("e1", "post-cn", url), NOTICE, AT)


def test_a_notice_arrives_signed() -> None:
    """The body is the canonical notice, and the headers verify with the party's published key and its shared secret."""
    secret = SharedSecret.generate()

    async def story() -> None:
        async with receiver() as there, Sender(RING, allow_private=True) as sender:
            endpoint = Endpoint("e1", "post-cn", there.url(), secret)
            answer = await sender.send(endpoint, NOTICE, AT)
            assert (answer.failure, answer.status) == (None, 200)
            (request,) = there.requests
            assert request.line == "POST /notices HTTP/1.1"
            assert request.headers["content-type"] == "application/json"
            assert request.headers["host"] == f"127.0.0.1:{there.port}"
            assert request.body == body_of(NOTICE)
            now = int(AT.timestamp())
            assert verify(request.headers, request.body, RING.public("post-cn"), now=now) == NOTICE
            assert verify_message(request.headers, request.body, [secret], now=now).id == NOTICE.id

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (202, None),
        (204, None),
        (299, None),
        (304, Failure.REDIRECT),
        (400, Failure.STATUS),
        (404, Failure.STATUS),
        (410, Failure.GONE),
        (429, Failure.STATUS),
        (500, Failure.STATUS),
        (503, Failure.STATUS),
    ],
)
def test_only_2xx_is_taken(status: int, failure: Failure | None) -> None:
    """Any other status is a failure, and 410 its own kind."""

    async def story() -> None:
        async with receiver(answering(status)) as there:
            answer = await once(there.url())
            assert (answer.failure, answer.status) == (failure, status)

    asyncio.run(story())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    """A redirect fails, and where it leads is never called."""

    async def story() -> None:
        async with receiver() as trap, receiver(answering(status, f"location: {trap.url()}")) as there:
            answer = await once(there.url())
            assert (answer.failure, answer.status) == (Failure.REDIRECT, status)
            assert trap.connections == 0

    asyncio.run(story())


def test_a_receiver_that_dies_in_its_answer_has_not_taken_the_notice() -> None:
    """Status 200 and then a broken body is a failure: the notice will come again, under the same id."""

    async def story() -> None:
        async with receiver(dying) as there:
            assert (await once(there.url())).failure is Failure.CONNECTION

    asyncio.run(story())


@pytest.mark.parametrize("act", [hanging, dripping])
def test_a_slow_receiver_is_left_at_the_deadline(act: object) -> None:
    """The deadline holds for the whole attempt: silence, and a byte now and then, end alike."""

    async def story() -> None:
        async with receiver(act) as there:  # type: ignore[arg-type]
            begun = time.monotonic()
            assert (await once(there.url(), timeout_s=0.3)).failure is Failure.TIMEOUT
            assert time.monotonic() - begun < 2

    asyncio.run(story())


def test_an_endless_answer_is_read_to_a_bound() -> None:
    """What a receiver floods is cut off; its 2xx counts, and the attempt ends at once."""

    async def story() -> None:
        async with receiver(flooding) as there:
            assert (await once(there.url(), timeout_s=10)).failure is None

    asyncio.run(story())


def test_nobody_there_is_a_failure() -> None:
    """A closed port fails at once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert asyncio.run(once(f"http://127.0.0.1:{port}/")).failure is Failure.CONNECTION


def test_without_the_setting_loopback_is_never_called() -> None:
    """A receiver on loopback gets no connection at all."""

    async def story() -> None:
        async with receiver() as there, Sender(RING) as sender:
            for url in (there.url(), there.url(scheme="https"), "https://127.0.0.1:8443/"):
                answer = await sender.send(Endpoint("e1", "post-cn", url), NOTICE, AT)
                assert answer.failure is Failure.ADDRESS_REFUSED
            assert there.connections == 0

    asyncio.run(story())


def test_a_name_that_changes_its_answer_is_asked_once() -> None:
    """The connection goes to the address that was checked: a second, other answer (DNS rebinding) is never asked for."""

    async def story() -> None:
        async with receiver() as checked, receiver(host="127.0.0.2", port=checked.port) as trap:
            asked: list[str] = []

            def rebinding(host: str, port: int) -> Sequence[str]:
                asked.append(host)
                return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

            async with Sender(RING, allow_private=True, resolver=rebinding) as sender:
                url = checked.url("rebinding.example")
                answer = await sender.send(Endpoint("e1", "post-cn", url), NOTICE, AT)
            assert answer.failure is None
            assert asked == ["rebinding.example"]
            assert checked.requests[0].headers["host"] == f"rebinding.example:{checked.port}"
            assert trap.connections == 0

    asyncio.run(story())


def test_a_name_that_turns_inward_is_refused_though_a_connection_is_open() -> None:
    """Each attempt checks anew: a name that answered well before and now leads inside is refused."""

    async def story() -> None:
        answers = [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"]]

        def turning(host: str, port: int) -> Sequence[str]:
            return answers.pop(0)

        async with receiver() as there:
            async with Sender(RING, allow_private=True, resolver=turning) as sender:
                await sender.send(Endpoint("e1", "post-cn", there.url("turning.example")), NOTICE, AT)
            async with Sender(RING, resolver=turning) as sender:
                url = "https://turning.example/"
                answer = await sender.send(Endpoint("e1", "post-cn", url), NOTICE, AT)
                assert answer.failure is Failure.ADDRESS_REFUSED
            assert there.connections == 1

    asyncio.run(story())


def test_the_next_address_is_tried_where_one_is_dead() -> None:
    """A name with several addresses is reached at the first that lets in."""

    def several(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async def story() -> None:
        async with receiver() as there, Sender(RING, allow_private=True, resolver=several) as sender:
            endpoint = Endpoint("e1", "post-cn", there.url("several.example"))
            assert (await sender.send(endpoint, NOTICE, AT)).failure is None

    asyncio.run(story())


def test_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    """TLS is checked against the name in the URL, though the connection goes to a number."""
    server, client = certificate(tmp_path, "receiver.example")

    def local(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def story() -> None:
        async with receiver(tls=server) as there:
            async with Sender(RING, allow_private=True, tls=client, resolver=local) as sender:
                for host, failure in (
                    ("receiver.example", None),
                    ("other.example", Failure.CONNECTION),
                    ("receiver.example", None),
                ):
                    endpoint = Endpoint("e1", "post-cn", there.url(host, "https"))
                    assert (await sender.send(endpoint, NOTICE, AT)).failure is failure, host
            assert len(there.requests) == 2
            async with Sender(RING, allow_private=True, resolver=local) as strict:
                endpoint = Endpoint("e1", "post-cn", there.url("receiver.example", "https"))
                assert (await strict.send(endpoint, NOTICE, AT)).failure is Failure.CONNECTION
            assert len(there.requests) == 2

    asyncio.run(story())


def test_connections_are_kept_and_cookies_are_not() -> None:
    """Notices one after the other use one connection; a cookie that a receiver sets never comes back."""

    async def story() -> None:
        async with receiver(answering(200, "set-cookie: a=b")) as there:
            async with Sender(RING, allow_private=True) as sender:
                for _ in range(5):
                    await sender.send(Endpoint("e1", "post-cn", there.url()), NOTICE, AT)
            assert there.connections == 1
            assert all("cookie" not in request.headers for request in there.requests)

    asyncio.run(story())


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name again, past the guard."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async def story() -> None:
        async with receiver() as there:
            assert (await once(there.url())).failure is None

    asyncio.run(story())


def test_retry_after_is_told() -> None:
    """What a receiver asks for in Retry-After comes with the answer."""

    async def story() -> None:
        async with receiver(answering(503, "retry-after: 120")) as there:
            assert (await once(there.url())).retry_after_s == 120

    asyncio.run(story())


def test_an_unsendable_notice_is_said_to_be_one() -> None:
    """A notice too large for the scheme fails without a connection."""

    async def story() -> None:
        big = Notice("consignment.released", "post-cn", "RR1", 41, AT, "x" * 30_000)
        async with receiver() as there, Sender(RING, allow_private=True) as sender:
            answer = await sender.send(Endpoint("e1", "post-cn", there.url()), big, AT)
            assert answer.failure is Failure.UNSENDABLE
            assert there.connections == 0

    asyncio.run(story())


def test_the_default_trust_is_the_machines() -> None:
    """Certificates are always checked."""
    sender = Sender(RING)
    assert sender._tls.verify_mode is ssl.CERT_REQUIRED and sender._tls.check_hostname
