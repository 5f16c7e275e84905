"""Is the service well? For machines and for those who wait."""

from typing import Any

import anyio.to_thread
from litestar import Response, get

from greenlane import __version__
from greenlane.desk.caller import Right
from greenlane.service.access import ANONYMOUS, RIGHT
from greenlane.service.logs import METRICS
from greenlane.service.requesting import TheDesk
from greenlane.service.shapes import Health, Status, Window
from greenlane.store import windows


@get("/health", tags=["health"], opt={ANONYMOUS: True}, security=[])
async def health(desk: TheDesk) -> Response[Health]:
    """Say whether the service can work now: 200, or 503 where the database doesn't answer."""
    ready = await anyio.to_thread.run_sync(desk.database.ready)
    told = Health(status="ok" if ready else "unavailable", database=ready, version=__version__)
    return Response(told, status_code=200 if ready else 503)


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
        METRICS.waiting.set(waiting)
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
async def metrics() -> Response[bytes]:
    """Read the counters of this process in Prometheus's text format."""
    return Response(METRICS.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


HEALTH: list[Any] = [health, status, metrics]
