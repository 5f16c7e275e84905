"""What the service does without being asked: received filings, clocks that run out, notices to webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio.to_thread
import structlog

from greenlane.desk import clocks, filings, trade_holds
from greenlane.desk.clock import Clock
from greenlane.desk.desk import Desk
from greenlane.desk.erasing import Retention
from greenlane.desk.webhooks import seal_anew, shared_secret
from greenlane.exchange import dispatch
from greenlane.exchange.delivery import Result
from greenlane.exchange.sender import Sender
from greenlane.service.metrics import METRICS
from greenlane.store.dispatching import StoredDeliveries
from greenlane.values.errors import GreenlaneError

_IDLE_S = 0.5
_FAULT_S = 5.0

Step = Callable[[Desk, Callable[[], bool]], bool]
"""Does one piece of work, True where there was any; is told whether the service is about to end."""


@asynccontextmanager
async def working(desk: Desk, sender: Sender) -> AsyncIterator[None]:
    """Run the work of this process beside its requests; it ends with what is under way."""
    async with AsyncExitStack() as stack:
        for name, step in (
            ("filings", filings.work),
            ("clocks", clocks.work),
            ("trade documents", trade_holds.Comparing().work),
            ("retention", Retention().work),
        ):
            await stack.enter_async_context(_loop(name, step, desk))
        await stack.enter_async_context(_dispatching(desk, sender))
        yield


@asynccontextmanager
async def _loop(name: str, step: Step, desk: Desk) -> AsyncIterator[None]:
    """Call a step again and again, at once where it found work; a fault is logged and tried again."""
    log = structlog.get_logger("greenlane.work")
    stop = asyncio.Event()

    async def run() -> None:
        while not stop.is_set():
            try:
                busy = await anyio.to_thread.run_sync(step, desk, stop.is_set)
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


class _Counted(StoredDeliveries):
    """Counts results for the metrics."""

    async def record(self, results: Sequence[Result]) -> None:
        await super().record(results)
        for result in results:
            METRICS.deliveries.labels(result.answer.failure or "delivered").inc()


@asynccontextmanager
async def _dispatching(desk: Desk, sender: Sender) -> AsyncIterator[None]:
    """Bring notices to webhooks, by the machine's own clock: a sandbox's may be years off."""
    log = structlog.get_logger("greenlane.work")
    stop = asyncio.Event()
    store = _Counted(
        desk.database, lambda hook, sealed: shared_secret(desk.masters_to_open(sealed), hook, sealed)
    )

    async def run() -> None:
        while not stop.is_set():
            try:
                for hook in await anyio.to_thread.run_sync(seal_anew, desk.database, desk.masters):
                    log.error("secret doesn't open; its notices wait for the master key", webhook=hook)
                await dispatch.run(store, Clock().now, sender, stop)
            except Exception as error:  # noqa: BLE001 - notices wait, and go on when the fault is over
                log.error("fault", work="notices", kind=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _FAULT_S)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        stop.set()
        await task


__all__ = ["working"]
