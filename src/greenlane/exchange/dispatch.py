"""The dispatcher: brings every notice to every endpoint at least once, in order for each consignment.

A failed notice holds back the later ones of its own consignment. An endpoint that fails or is slow loses room (see
`greenlane.exchange.health`); other endpoints never wait for it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from random import Random
from typing import Any

from greenlane.exchange.delivery import (
    OURS,
    Answer,
    Delivery,
    DeliveryStore,
    Disabled,
    Endpoint,
    Failure,
    Result,
    StoreUnavailable,
)
from greenlane.exchange.health import Health, Limits, share
from greenlane.exchange.schedule import next_attempt
from greenlane.exchange.sender import Sender

Clock = Callable[[], datetime]
"""Gives the present moment, aware, in UTC."""

log = logging.getLogger(__name__)


async def run(
    store: DeliveryStore,
    clock: Clock,
    sender: Sender,
    stop: asyncio.Event,
    *,
    wake: asyncio.Event | None = None,
    limits: Limits | None = None,
    jitter: Random | None = None,
) -> None:
    """Deliver until *stop* is set; then end the attempts under way, write them down and return.

    Any number of processes may run this on one store. Killed at any moment, nothing is lost: claims run out, and what
    was sent but not written down is sent again under the same id.

    Args:
        store: Where deliveries are kept.
        clock: For due times and claims.
        sender: Makes the attempts.
        stop: Set from outside to end.
        wake: Set from outside when there may be something new, to spare the wait of ``limits.poll_s``.
        limits: Bounds.
        jitter: Spreads repeated attempts; seed it to repeat a run.
    """
    made = _Dispatcher(store, clock, sender, limits or Limits(), jitter or Random(), wake or asyncio.Event())
    stopper = asyncio.create_task(made.wake_when(stop))
    try:
        async with asyncio.TaskGroup() as attempts:
            while not stop.is_set() or made.busy():
                made.wake.clear()
                try:
                    await made.settle()
                    if not stop.is_set():
                        for attempt in await made.begin():
                            attempts.create_task(attempt)
                except StoreUnavailable:
                    log.warning("the store cannot be reached; notices wait")
                    if stop.is_set():
                        break  # What was not written down is sent again.
                    await asyncio.sleep(made.limits.poll_s)
                    continue
                await made.rest()
    finally:
        stopper.cancel()


class _Dispatcher:
    """The state of one run: what is known of endpoints, and results not written down yet."""

    def __init__(
        self,
        store: DeliveryStore,
        clock: Clock,
        sender: Sender,
        limits: Limits,
        jitter: Random,
        wake: asyncio.Event,
    ) -> None:
        self.store, self.clock, self.sender = store, clock, sender
        self.limits, self.jitter, self.wake = limits, jitter, wake
        self.health: dict[str, Health] = {}
        self.results: list[Result] = []
        self.disabled: dict[str, Disabled] = {}

    def busy(self) -> bool:
        """Say whether attempts are under way or results are not written down."""
        return bool(self.results or self.disabled or any(one.in_flight for one in self.health.values()))

    async def wake_when(self, stop: asyncio.Event) -> None:
        """Pass *stop* on to whoever rests."""
        await stop.wait()
        self.wake.set()

    async def rest(self) -> None:
        """Wait for a result, news from outside, or the next time to ask."""
        try:
            async with asyncio.timeout(self.limits.poll_s):
                await self.wake.wait()
        except TimeoutError:
            return

    async def settle(self) -> None:
        """Write down what came back since the last time, many results in one transaction."""
        results = tuple(self.results)
        if results:
            await self.store.record(results)
            del self.results[: len(results)]
        for endpoint_id, reason in tuple(self.disabled.items()):
            await self.store.disable(endpoint_id, self.clock(), reason)
            log.warning("endpoint %s is disabled: %s", endpoint_id, reason)
            del self.disabled[endpoint_id]

    async def begin(self) -> list[Coroutine[Any, Any, None]]:
        """Claim what there is room for and return its attempts, counted as under way."""
        now = self.clock()
        if sum(one.in_flight for one in self.health.values()) >= self.limits.total:
            return []
        endpoints = {endpoint.id: endpoint for endpoint in await self.store.waiting(now)}
        room = share(list(endpoints.values()), self.health, now, self.limits)
        if not room:
            return []
        until = now + timedelta(seconds=self.limits.claim_s)
        claimed = await self.store.claim(room, now, until)
        for delivery in claimed:
            self.health[delivery.endpoint_id].in_flight += 1
        return [self._attempt(endpoints[delivery.endpoint_id], delivery) for delivery in claimed]

    async def _attempt(self, endpoint: Endpoint, delivery: Delivery) -> None:
        health = self.health[endpoint.id]
        try:
            answer = await self.sender.send(endpoint, delivery.notice, self.clock())
        except Exception:
            # One notice that trips over a fault of ours must not end the delivery of all others.
            log.exception("attempt %s of delivery %s broke off", delivery.attempt, delivery.id)
            answer = Answer(Failure.INTERNAL, None, 0)
        at = self.clock()
        health.in_flight -= 1
        health.learn(answer, at, self.limits, self.jitter)
        next_at = None
        if answer.failure is not None and answer.failure is not Failure.UNSENDABLE:
            next_at = next_attempt(delivery.attempt, at, self.jitter, answer.retry_after_s)
        if answer.failure is Failure.GONE:
            self.disabled[endpoint.id] = Disabled.GONE
        elif answer.failure is not None and answer.failure not in OURS and next_at is None:
            last = max(filter(None, (endpoint.succeeded_at, health.succeeded_at)), default=None)
            if last is None or last < delivery.first_attempt_at:
                self.disabled[endpoint.id] = Disabled.UNREACHABLE
        self.results.append(Result(delivery, at, answer, next_at))
        self.wake.set()
