"""Is the service well? For machines and for those who wait."""

import math
from typing import Any

import anyio.to_thread
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from greenlane.desk.caller import Right
from greenlane.desk.desk import Desk
from greenlane.service.access import ANONYMOUS, RIGHT, UNCOUNTED
from greenlane.service.metrics import METRICS
from greenlane.service.problems import Problem
from greenlane.service.requesting import TheDesk
from greenlane.service.shapes import Health, Status, Window
from greenlane.store import windows
from greenlane.store.database import StoreError


@get("/health", tags=["health"], opt={ANONYMOUS: True, UNCOUNTED: True}, security=[])
async def health(desk: TheDesk) -> Health:
    """Say whether the service can work now: 200, or a problem 503 where the database doesn't answer."""
    if not await anyio.to_thread.run_sync(desk.database.ready):
        raise Problem(503, "database", "the database doesn't answer now", retry_s=5)
    return Health(status="ok")


@get("/status", tags=["health"], opt={ANONYMOUS: True}, security=[])
async def status(desk: TheDesk) -> Status:
    """Say how the service is, what waits, and which windows are planned."""

    def work() -> Status:
        now = desk.clock.now()
        if not desk.database.ready():
            return Status(
                status="unavailable", at=now, sandbox=desk.sandbox, filings_waiting=None, planned=[]
            )
        with desk.database.connection() as connection, connection.cursor() as cursor:
            planned = [Window(starts_at=a, ends_at=b, words=c) for a, b, c in windows.planned(cursor, now)]
            waiting = windows.filings_waiting(cursor)
        inside = any(window.starts_at <= now < window.ends_at for window in planned)
        return Status(
            status="planned" if inside else "ok",
            at=now,
            sandbox=desk.sandbox,
            filings_waiting=waiting,
            planned=planned,
        )

    return await anyio.to_thread.run_sync(work)


@get("/metrics", tags=["health"], opt={RIGHT: Right.MEASURE}, media_type="text/plain; version=0.0.4")
async def metrics(desk: TheDesk) -> Response[bytes]:
    """Read what is measured, in Prometheus's text format: the sum over the processes of this start of the service."""

    def work() -> bytes:
        METRICS.look_at(desk.database)
        METRICS.waiting.set(_waiting(desk))
        return METRICS.text()

    text = await anyio.to_thread.run_sync(work)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _waiting(desk: Desk) -> float:
    try:
        with desk.database.connection() as connection, connection.cursor() as cursor:
            return windows.filings_waiting(cursor)
    except StoreError:
        return math.nan


@get("/openapi.json", tags=["health"], opt={ANONYMOUS: True}, security=[], cache=False)
async def read_openapi(openapi: NamedDependency[SkipValidation[bytes]]) -> Response[dict[str, Any]]:
    """Read the OpenAPI document of this API."""
    return Response(openapi, media_type="application/json")  # type: ignore[arg-type]


HEALTH: list[Any] = [health, status, metrics, read_openapi]
