"""Who calls: API keys and bearer tokens, and how often they may."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from greenlane.desk.caller import Caller, Right
from greenlane.service.problems import Problem

ANONYMOUS = "anonymous"
"""Mark of a handler that takes calls without a key."""
RIGHT = "right"
"""Mark of the right that a handler needs."""

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


def guard(authenticate: Authenticate, limits: Limits) -> Callable[..., Any]:
    """Return the guard that stands before every handler: who calls, how often, and with what right."""

    async def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        address = connection.client.host if connection.client else "-"
        text = _bearer(connection)
        open_to_all = bool(handler.opt.get(ANONYMOUS))
        if text is None:
            if not open_to_all:
                raise Problem(401, "who", "this needs an API key or a bearer token")
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
            caller.need(right)
        elif not open_to_all:
            raise Problem(403, "forbidden", "this endpoint names no right")

    return check


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


__all__ = ["ANONYMOUS", "RIGHT", "Limits", "caller_of_request", "guard"]
