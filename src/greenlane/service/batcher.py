"""Single filings that wait at the same moment go to the desk together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread

from greenlane.desk.desk import Desk
from greenlane.desk.requests import Answered
from greenlane.desk.singles import Done, Single, file_singles
from greenlane.values.errors import GreenlaneError

MOST = 200
"""Filings that are decided together."""


class Batcher:
    """A queue of single filings by party; each party's are worked on one batch after the other.

    While one batch is decided and stored the next one gathers, so a lone filing waits for nobody and a rush costs
    few transactions.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: dict[str, list[tuple[Single, asyncio.Future[Done]]]] = {}
        self._working: dict[str, asyncio.Task[None]] = {}

    async def file(self, single: Single) -> Answered:
        """File one consignment and return its answer.

        Raises:
            GreenlaneError: As the desk raises it.
        """
        future: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(single.party, []).append((single, future))
        if single.party not in self._working:
            self._working[single.party] = asyncio.create_task(self._work(single.party))
        done = await future
        if isinstance(done, GreenlaneError):
            raise done
        return done

    async def _work(self, party: str) -> None:
        try:
            while waiting := self._waiting.pop(party, None):
                batch, rest = waiting[:MOST], waiting[MOST:]
                if rest:
                    self._waiting[party] = rest + self._waiting.get(party, [])
                # Who has been told that it took too long comes again by itself.
                await self._batch([one for one in batch if not one[1].done()])
        finally:
            del self._working[party]

    async def _batch(self, batch: list[tuple[Single, asyncio.Future[Done]]]) -> None:
        if not batch:
            return
        singles = [single for single, _ in batch]
        try:
            done = await anyio.to_thread.run_sync(file_singles, self._desk, singles)
        except Exception as error:  # noqa: BLE001 - every caller of the batch is told, each answers for itself
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), one in zip(batch, done, strict=True):
            if not future.done():
                future.set_result(one)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let what is worked on end before the service does."""
        yield
        await asyncio.gather(*self._working.values(), return_exceptions=True)


__all__ = ["Batcher"]
