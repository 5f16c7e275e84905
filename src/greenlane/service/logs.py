"""Logs of a service process, and what is seen of each request: nothing personal, no id, no word of a caller."""

import asyncio
import logging
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from greenlane.service.metrics import METRICS, Metrics
from greenlane.service.problems import Problem, answer


@dataclass(frozen=True, slots=True, weakref_slot=True)
class _Steady:
    """A stream that loses a line rather than the request that it tells of, where it can't be written to."""

    stream: TextIO

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self.stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.stream.flush()


def set_up_logs(level: str) -> None:
    """Write one JSON object a line to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(_Steady(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    # Libraries log words that this project has not read: only what is wrong, by kind and place.
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s", force=True)


@dataclass(slots=True)
class Watch:
    """Logs and counts each request, ends one that takes too long, and answers a fault with a problem."""

    metrics: Metrics = field(default_factory=lambda: METRICS)
    log: Any = field(default_factory=lambda: structlog.get_logger("greenlane.request"))

    def middleware(self, seconds: int) -> Callable[[ASGIApp], ASGIApp]:
        """Return the middleware; *seconds* is the longest that an answer may take."""

        def wrap(app: ASGIApp) -> ASGIApp:
            async def watched(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] == ScopeType.HTTP:
                    await self._watched(app, scope, receive, send, seconds)
                else:
                    await app(scope, receive, send)

            return watched

        return wrap

    async def _watched(
        self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send, seconds: int
    ) -> None:
        began = time.perf_counter()
        status = 500
        name = secrets.token_hex(8)
        started = False

        async def told(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=name):
            try:
                async with asyncio.timeout(seconds):
                    await app(scope, receive, told)
            except TimeoutError:
                status = 503
                if not started:
                    slow = answer(
                        Problem(503, "slow", "this took too long; try a smaller request", retry_s=30)
                    )
                    await slow.to_asgi_response(request=_request(scope), app=None)(scope, receive, told)
            finally:
                self._done(scope, status, time.perf_counter() - began)

    def _done(self, scope: HTTPScope, status: int, took: float) -> None:
        route, method = _route(scope), scope["method"]
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(method, route).observe(took)
        caller = getattr(scope.get("state", {}).get("caller"), "actor", None)
        self.log.info("request", method=method, route=route, status=status, ms=int(took * 1000), actor=caller)


def _request(scope: Scope) -> Any:
    from litestar import Request

    return Request(scope)


def _route(scope: Scope) -> str:
    """Return the path as it is declared, so that no id and no word of a caller stands in a log."""
    handler = scope.get("route_handler")
    paths = sorted(getattr(handler, "paths", ()) or ())
    return paths[0] if paths else "none"


__all__ = ["Watch", "set_up_logs"]
