"""A real receiver on loopback for tests: an HTTP/1.1 server whose answers a test scripts, and its certificate."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


Act = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def answering(status: int, *headers: str, body: bytes = b"", after_s: float = 0) -> Act:
    """Answer with a status after a while."""

    async def act(_: Request, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(after_s)
        lines = [f"HTTP/1.1 {status} Words", f"content-length: {len(body)}", *headers, "", ""]
        out.write("\r\n".join(lines).encode() + body)

    return act


async def dying(_: Request, out: asyncio.StreamWriter) -> None:
    """Promise a hundred bytes, write three, and be gone."""
    out.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
    await out.drain()
    out.close()


async def hanging(_: Request, out: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(3600)


async def dripping(_: Request, out: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, so that no single read ever takes long."""
    out.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while not out.is_closing():
        out.write(b"x")
        await out.drain()
        await asyncio.sleep(0.02)


async def flooding(_: Request, out: asyncio.StreamWriter) -> None:
    """Answer without end."""
    out.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while not out.is_closing():
        out.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
        await out.drain()


@dataclass(slots=True)
class Receiver:
    """What came in, and the acts still to play: the last one stays."""

    port: int = 0
    acts: list[Act] = field(default_factory=lambda: [answering(200)])
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    running: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return the receiver's address."""
        return f"{scheme}://{host}:{self.port}/notices"

    async def serve(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.running.add(task)
        self.connections += 1
        try:
            while not out.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
                headers = {}
                for line in head[1:]:
                    name, _, value = line.partition(": ")
                    headers[name.lower()] = value
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                request = Request(head[0], headers, body)
                self.requests.append(request)
                act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
                await act(request, out)
                await out.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.running.discard(task)
            out.close()


@asynccontextmanager
async def receiver(
    *acts: Act, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Receiver]:
    """Run a receiver on loopback, by default on a free port; without acts it answers 200."""
    made = Receiver()
    if acts:
        made.acts = list(acts)
    server = await asyncio.start_server(made.serve, host, port, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in list(made.running):
            task.cancel()
        await asyncio.gather(*made.running, return_exceptions=True)


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for *names*; return the server's context and one of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a receiver")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
                    for name in names
                ]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return server, ssl.create_default_context(cafile=str(chain))
