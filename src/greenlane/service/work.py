"""What the service does without being asked: received filings, clocks that run out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio.to_thread
import structlog

from greenlane.desk import clocks, filings
from greenlane.desk.desk import Desk
from greenlane.values.errors import GreenlaneError

_IDLE_S = 0.5
_FAULT_S = 5.0


@asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[None]:
    """Run the work of this process beside its requests."""
    async with AsyncExitStack() as stack:
        for name, step in (("filings", filings.work), ("clocks", clocks.work)):
            await stack.enter_async_context(_loop(name, step, desk))
        yield


@asynccontextmanager
async def _loop(name: str, step: Callable[[Desk], bool], desk: Desk) -> AsyncIterator[None]:
    """Call a step again and again, at once where it found work; a fault is logged and tried again."""
    log = structlog.get_logger("greenlane.work")
    stop = asyncio.Event()

    async def run() -> None:
        while not stop.is_set():
            try:
                busy = await anyio.to_thread.run_sync(step, desk)
                wait = 0.0 if busy else _IDLE_S
            except GreenlaneError as error:
                log.warning("waits", work=name, kind=type(error).__name__)
                wait = _FAULT_S
            except Exception as error:  # noqa: BLE001 - one fault doesn't end the work of the others
                log.error("fault", work=name, kind=type(error).__name__)
                wait = _FAULT_S
            if wait:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        stop.set()
        await task


__all__ = ["working"]
