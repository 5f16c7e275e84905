"""Who calls: API keys and bearer tokens, and how often they may."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import anyio
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from greenlane.desk.caller import Caller, Right
from greenlane.service.problems import Problem

ANONYMOUS = "anonymous"
"""Mark of a handler that takes calls without a key."""
RIGHT = "right"
"""Mark of the right that a handler needs."""
TAKES = "takes"
"""Mark of a handler that reads its body itself: the name of what it takes."""
TABLES = "tables"
"""Mark of a handler that gives CSV too, where it is asked for it."""
JSON_BODIES = frozenset({"consignment", "quote"})
"""What is taken as JSON alone."""
MEDIA = "media"
"""Mark of a handler that answers in the media type that is asked for: those that it has."""
UNCOUNTED = "uncounted"
"""Mark of a handler that rate limits leave out, so that whoever watches the service isn't told that it is down."""

_CONTROL = re.compile("[\x00-\x1f\x7f]")
_MINUTE = 60
_REMEMBERED = 100_000


@dataclass(slots=True)
class Limits:
    """Requests by key, or by address where there is none, counted in windows of a minute."""

    known: int
    anonymous: int
    clock: Callable[[], float] = time.monotonic
    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, who: str, known: bool) -> None:
        """Count one request.

        Raises:
            Problem: The window is full; it says when the next one begins.
        """
        now = self.clock()
        window = int(now // _MINUTE)
        if len(self._counts) > _REMEMBERED:
            self._counts = {name: seen for name, seen in self._counts.items() if seen[0] == window}
        before, counted = self._counts.get(who, (window, 0))
        counted = counted + 1 if before == window else 1
        self._counts[who] = (window, counted)
        limit = self.known if known else self.anonymous
        if counted > limit:
            wait = int((window + 1) * _MINUTE - now) + 1
            raise Problem(
                429, "too-many", f"{limit} requests a minute are taken; come back later", retry_s=wait
            )


Authenticate = Callable[[str], Caller | None]
"""Return whose bearer text it is; None: nobody's. Runs in a thread."""


Refuse = Callable[[Caller, Right], None]
"""Take note that a caller is refused a right. Runs in a thread."""


def guard(authenticate: Authenticate, limits: Limits, refuse: Refuse) -> Callable[..., Any]:
    """Return the guard that stands before every handler: who calls, how often, with what right, and then what is sent.

    It is one, for the framework copies the handler for each that it calls.
    """
    check_caller = _caller_guard(authenticate, limits, refuse)

    async def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await check_caller(connection, handler)
        check_address(connection)
        check_media(connection, handler)

    return check


def _caller_guard(authenticate: Authenticate, limits: Limits, refuse: Refuse) -> Callable[..., Any]:
    async def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        address = connection.client.host if connection.client else "-"
        text = _bearer(connection)
        open_to_all = bool(handler.opt.get(ANONYMOUS))
        if text is None:
            if not open_to_all:
                raise Problem(401, "who", "this needs an API key or a bearer token")
            if not handler.opt.get(UNCOUNTED):
                limits.count(f"address:{address}", known=False)
            connection.state.caller = None
            return
        caller = await anyio.to_thread.run_sync(authenticate, text)
        if caller is None:
            limits.count(f"address:{address}", known=False)
            raise Problem(401, "who", "this key or token isn't in force")
        limits.count(caller.actor, known=True)
        connection.state.caller = caller
        right = handler.opt.get(RIGHT)
        if isinstance(right, Right):
            if not caller.may(right):
                await anyio.to_thread.run_sync(refuse, caller, right)
            caller.need(right)
        elif not open_to_all:
            raise Problem(403, "forbidden", "this endpoint names no right")

    return check


def check_address(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Give path parameters the slashes that the edge left written as %2F, so that they part no segments.

    Raises:
        Problem: Path or query hold a control character: nothing has such a name.
    """
    found = {
        name: value.replace("%2F", "/") if isinstance(value, str) else value
        for name, value in connection.scope["path_params"].items()
    }
    if any(isinstance(value, str) and _CONTROL.search(value) for value in found.values()):
        raise Problem(404, "not-found", "there is nothing here")
    if _CONTROL.search(unquote_plus(connection.url.query)):
        raise Problem(400, "bad-request", "the query holds a control character")
    connection.scope["path_params"] = found


def check_media(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a body that says that it is something else than the JSON that the handler takes.

    Raises:
        Problem: It does.
    """
    takes_json = "data" in handler.parsed_fn_signature.parameters or handler.opt.get(TAKES) in JSON_BODIES
    media_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if takes_json and media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem(415, "unsupported-media-type", "this takes application/json")


def _bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        return None
    return text.strip()


def caller_of_request(request: Any) -> Caller:
    """Return the caller that the guard found."""
    caller = request.state.caller
    if not isinstance(caller, Caller):
        raise Problem(401, "who", "this needs an API key or a bearer token")
    return caller


__all__ = [
    "ANONYMOUS",
    "JSON_BODIES",
    "MEDIA",
    "RIGHT",
    "TABLES",
    "TAKES",
    "UNCOUNTED",
    "Limits",
    "caller_of_request",
    "guard",
]
