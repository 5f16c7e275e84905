"""The delivery store of the dispatcher over PostgreSQL: each call is a transaction in a thread."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from psycopg import Cursor

from greenlane.exchange.delivery import (
    Delivery,
    Disabled,
    Endpoint,
    FailedDelivery,
    Result,
    StoreUnavailable,
)
from greenlane.exchange.keys import SharedSecret
from greenlane.privacy.errors import PrivacyError
from greenlane.store import deliveries
from greenlane.store.database import Database
from greenlane.store.server import StoreError

T = TypeVar("T")
OpenSecret = Callable[[str, bytes], SharedSecret]
"""From a webhook's id and its sealed secret to the secret."""


class StoredDeliveries:
    """What `greenlane.exchange.dispatch` needs, over a database; any number of processes may share one."""

    def __init__(self, database: Database, open_secret: OpenSecret) -> None:
        self._database = database
        self._open_secret = open_secret

    async def waiting(self, now: datetime) -> Sequence[Endpoint]:
        """See `DeliveryStore`. A webhook whose secret can't be opened is left out: its notices wait for the key."""
        rows = await self._run(lambda cursor: deliveries.waiting(cursor, now))
        found = []
        for hook, party, url, sealed, succeeded_at in rows:
            try:
                secret = None if sealed is None else self._open_secret(hook, bytes(sealed))
            except PrivacyError:
                continue
            found.append(Endpoint(hook, party, url, secret, succeeded_at))
        return found

    async def claim(self, room: Mapping[str, int], now: datetime, until: datetime) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return await self._run(lambda cursor: deliveries.claim(cursor, room, now, until))

    async def record(self, results: Sequence[Result]) -> None:
        """See `DeliveryStore`."""
        await self._run(lambda cursor: deliveries.record(cursor, results))

    async def disable(self, endpoint_id: str, at: datetime, reason: Disabled) -> None:
        """See `DeliveryStore`."""
        await self._run(lambda cursor: deliveries.disable(cursor, endpoint_id, at, reason))

    async def replay(self, endpoint_id: str, first: int, last: int, at: datetime) -> int:
        """See `DeliveryStore`; a long range in several transactions, the earliest notices first."""
        count = 0
        while places := await self._run(_some(endpoint_id, first, last, at)):
            count += len(places)
            first = places[-1] + 1
        return count

    async def failures(self, party: str, after: int, limit: int) -> Sequence[FailedDelivery]:
        """See `DeliveryStore`."""
        return await self._run(lambda cursor: deliveries.failures(cursor, party, after, limit))

    async def _run(self, work: Callable[[Cursor[Any]], T]) -> T:
        def transaction() -> T:
            with self._database.writing() as cursor:
                return work(cursor)

        try:
            return await asyncio.to_thread(transaction)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error


def _some(hook: str, first: int, last: int, at: datetime) -> Callable[[Cursor[Any]], list[int]]:
    return lambda cursor: deliveries.replay_some(cursor, hook, first, last, at)


__all__ = ["OpenSecret", "StoredDeliveries"]
