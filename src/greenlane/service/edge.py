"""What stands around every answer: headers that keep browsers safe, HEAD, the methods of a path, the outage."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import anyio.to_thread
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from greenlane.desk.administration import outage_until
from greenlane.desk.desk import Desk
from greenlane.service.paths import Paths
from greenlane.service.problems import Problem, answer
from greenlane.store.database import StoreError

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Headers of every answer: it is data for a program, kept by no cache and run by no browser."""

# Once, as they go out: written anew for every answer they cost a twentieth of what HTTP does.
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_ALWAYS_OPEN = ("/api/v1/health", "/api/v1/status", "/api/v1/sandbox/")
_REMEMBERED_S = 1.0


@dataclass(slots=True)
class Edge:
    """The application within its edge."""

    app: ASGIApp
    desk: Desk
    paths: Paths
    _outage: datetime | None = None
    _asked_at: float = field(default=float("-inf"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        asked = scope["method"]
        path = _path(scope)
        inner = {**scope, "path": path, "method": "GET" if asked == "HEAD" else asked}

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                given = {name.lower() for name, _ in headers.headers}
                headers.headers += [header for header in _HEADERS if header[0] not in given]
                if message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
                    headers["Allow"] = self.paths.methods(path)
            elif asked == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if asked == "OPTIONS" and (methods := self.paths.methods(path)):
            allow = (b"allow", methods.encode())
            await told({"type": "http.response.start", "status": 204, "headers": [allow]})
            await told({"type": "http.response.body", "body": b"", "more_body": False})
            return
        until = await self._out(scope)
        if until is not None:
            left = int((until - datetime.now().astimezone()).total_seconds()) + 1
            problem = Problem(
                503, "outage", "the sandbox is out, as it was asked to be", retry_s=max(left, 1)
            )
            request: Request[Any, Any, Any] = Request(scope)
            await answer(problem).to_asgi_response(request=request, app=None)(scope, receive, told)
            return
        await self.app(inner, receive, told)  # type: ignore[arg-type]

    async def _out(self, scope: HTTPScope) -> datetime | None:
        """Return until when a sandbox is out for this path; asked of the database at most once a second."""
        if not self.desk.sandbox or scope["path"].startswith(_ALWAYS_OPEN):
            return None
        now = time.monotonic()
        if now - self._asked_at > _REMEMBERED_S:
            self._asked_at = now
            try:
                self._outage = await anyio.to_thread.run_sync(outage_until, self.desk)
            except StoreError:
                self._outage = None
        if self._outage is not None and self._outage <= datetime.now().astimezone():
            self._outage = None
        return self._outage


def _path(scope: HTTPScope) -> str:
    """Return the path in which a slash within a segment, sent as %2F, is still written so."""
    raw = scope.get("raw_path") or b""
    if b"%2f" not in raw.lower():
        return scope["path"]
    told = raw.partition(b"?")[0].decode("ascii", "replace").replace("%2f", "%2F")
    return unquote(told.replace("%2F", "%252F"))


__all__ = ["HEADERS", "Edge"]
