"""One attempt: a notice goes to a receiver over a connection to an address that was checked."""

import asyncio
import ssl
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import httpx

import greenlane
from greenlane.exchange.address import AddressRefused, Resolver, Target, resolve, target
from greenlane.exchange.delivery import Answer, Endpoint, Failure
from greenlane.exchange.keys import Keyring, SharedSecret, SigningKey
from greenlane.exchange.notice import Notice, body_of
from greenlane.exchange.schedule import read_retry_after
from greenlane.exchange.signing import sign
from greenlane.values.errors import UsageError

TIMEOUT_S = 15.0
MAX_ANSWER = 65_536
_CONNECT_S = 5.0
_ADDRESSES = 3
_HOSTS, _KEPT = 64, 16  # open and idle at most: 1024 connections
_RESOLVERS = 32


class Sender:
    """Sends notices. Holds open connections by host, so that one host's certificate never speaks for another's.

    The transport of httpx is used without its client: no redirects, cookies, proxies of the environment, and no
    receiver's URL in a log.
    """

    def __init__(
        self,
        keyring: Keyring,
        *,
        allow_private: bool = False,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        """Prepare to send.

        Args:
            keyring: Keys that sign.
            allow_private: See `greenlane.exchange.address.read_url`; for tests.
            timeout_s: For the whole attempt: name, connection, request and answer.
            tls: Trusted authorities; by default those of the machine's settings or of certifi.
            resolver: Asks for names.
        """
        self.keyring = keyring
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._tls = tls or httpx.create_ssl_context()
        self._resolver = resolver
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    async def __aenter__(self) -> "Sender":
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for host in self._hosts.values():
            await host.transport.aclose()
        self._hosts.clear()

    async def send(self, endpoint: Endpoint, notice: Notice, at: datetime) -> Answer:
        """Make one attempt and say what came of it; never raises for what a receiver does.

        Args:
            endpoint: The receiver.
            notice: What it is told.
            at: Moment of the attempt, which is signed.
        """
        begun = time.monotonic()
        failure: Failure | None
        status, retry_after_s = None, None
        try:
            async with asyncio.timeout(self._timeout_s):
                goal = await self._target(endpoint.url)
                status, retry_after = await self._post(goal, *self._message(endpoint, notice, at))
            failure = _judge(status)
            retry_after_s = read_retry_after(retry_after, at) if failure else None
        except AddressRefused:
            failure = Failure.ADDRESS_REFUSED
        except UsageError:
            failure = Failure.UNSENDABLE
        except (TimeoutError, httpx.TimeoutException):
            failure = Failure.TIMEOUT
        except (httpx.TransportError, OSError):
            failure = Failure.CONNECTION
        return Answer(failure, status, int(1000 * (time.monotonic() - begun)), retry_after_s)

    def _message(self, endpoint: Endpoint, notice: Notice, at: datetime) -> tuple[dict[str, str], bytes]:
        body = body_of(notice)
        keys: list[SigningKey | SharedSecret] = [*self.keyring.of_party(endpoint.party)]
        if endpoint.secret is not None:
            keys.append(endpoint.secret)
        headers = sign(notice.id, int(at.timestamp()), body, keys)
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body))
        headers["accept-encoding"] = "identity"
        headers["user-agent"] = f"greenlane/{greenlane.__version__}"
        return headers, body

    async def _target(self, url: str) -> Target:
        ask = partial(target, url, allow_private=self._allow_private, resolver=self._resolver)
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    async def _post(self, goal: Target, headers: dict[str, str], body: bytes) -> tuple[int, str | None]:
        headers["host"] = goal.url.netloc.decode("ascii")
        extensions: dict[str, object] = {
            "timeout": {
                "connect": _CONNECT_S,
                "read": self._timeout_s,
                "write": self._timeout_s,
                "pool": self._timeout_s,
            }
        }
        name = goal.url.raw_host.decode("ascii").rstrip(".")
        if name != str(goal.addresses[0]):
            extensions["sni_hostname"] = name
        host = await self._host(name)
        host.in_flight += 1
        try:
            addresses = goal.addresses[:_ADDRESSES]
            for tried, address in enumerate(addresses, start=1):
                url = goal.url.copy_with(host=str(address))
                request = httpx.Request("POST", url, headers=headers, content=body, extensions=extensions)
                try:
                    return await _exchange(host.transport, request)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if tried == len(addresses):
                        raise
            raise AddressRefused("the host name has no address")
        finally:
            host.in_flight -= 1

    async def _host(self, name: str) -> "_Host":
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = _Host(self._tls)
        self._hosts.move_to_end(name)
        if len(self._hosts) > _HOSTS:
            idle = next((n for n, h in self._hosts.items() if not h.in_flight and n != name), None)
            if idle is not None:
                await self._hosts.pop(idle).transport.aclose()
        return host


class _Host:
    """The connections to one host name, and how many requests use them."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT, keepalive_expiry=5.0)
        self.transport = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)
        self.in_flight = 0


async def _exchange(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> tuple[int, str | None]:
    """Send the request and read its answer to the end, or to the bound: what a receiver answers is not kept."""
    response = await transport.handle_async_request(request)
    try:
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > MAX_ANSWER:
                break
    finally:
        await response.aclose()
    return response.status_code, response.headers.get("retry-after")


def _judge(status: int) -> Failure | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Failure.REDIRECT
    return Failure.GONE if status == 410 else Failure.STATUS
