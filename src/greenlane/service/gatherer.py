"""Filings of several parties that wait at the same moment go to the desk together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread

from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.filing_parts import Filing
from greenlane.desk.filings_now import Ready, file_together, made_ready
from greenlane.desk.requests import Answered, Asked
from greenlane.store.database import InFlight

_TOGETHER = 12_000
"""Items that are decided together; a filing that holds more goes alone."""
_HELD = 32
"""Filings that are read or wait; others wait before they are read, so that memory is bounded."""


def transactions_at_once(workers: int, cores: int) -> int:
    """Return how many transactions of filings a process works on at once.

    While one waits for the database another can be decided, if the process has a core to spare. On cores that are all
    taken by service processes a second one takes away what the first would get, and each gathers fewer filings.

    Example:
        >>> transactions_at_once(workers=1, cores=2), transactions_at_once(workers=2, cores=2)
        (2, 1)
    """
    return 2 if cores >= 2 * workers else 1


class Gatherer:
    """A queue of filings; while some are decided and stored the next ones gather.

    A run over columns costs much by itself and little for each row, so that a rush costs few of them; a lone filing
    waits for nobody. Of each party one filing is worked on at a time.

    Args:
        desk: Decides and stores.
        at_once: Transactions at once (`transactions_at_once`).
    """

    def __init__(self, desk: Desk, at_once: int) -> None:
        self._desk = desk
        self._at_once = at_once
        self._waiting: list[tuple[Ready, asyncio.Future[Answered]]] = []
        self._busy: set[str] = set()
        self._marks: set[tuple[str, str]] = set()
        self._working: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_HELD)

    async def file(self, caller: Caller, filing: Filing, request: Asked | None) -> Answered:
        """File and return the answer.

        Raises:
            InFlight: The same request is being worked on.
            Exception: As the desk raises it for this filing.
        """
        if request is None:
            return await self._file(caller, filing, None)
        if request.mark in self._marks:
            raise InFlight
        self._marks.add(request.mark)
        try:
            return await self._file(caller, filing, request)
        finally:
            self._marks.discard(request.mark)

    async def _file(self, caller: Caller, filing: Filing, request: Asked | None) -> Answered:
        async with self._room:
            ready = await anyio.to_thread.run_sync(made_ready, self._desk, caller, filing, request)
            future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
            self._waiting.append((ready, future))
            self._begin()
            return await future

    def _begin(self) -> None:
        """Take what may be worked on now."""
        while len(self._working) < self._at_once and (taken := self._take()):
            task = asyncio.create_task(self._work(taken))
            self._working.add(task)
            task.add_done_callback(self._ended)

    def _take(self) -> list[tuple[Ready, asyncio.Future[Answered]]]:
        """Take the filings that came first, one of each party that isn't worked on, as many as go together."""
        taken: list[tuple[Ready, asyncio.Future[Answered]]] = []
        left: list[tuple[Ready, asyncio.Future[Answered]]] = []
        parties: set[str] = set()
        room = _TOGETHER
        for ready, future in self._waiting:
            party = ready.caller.party
            if future.done():
                continue  # Who has been told that it took too long comes again by itself.
            fits = not taken or ready.items <= room
            if fits and party not in self._busy and party not in parties:
                taken.append((ready, future))
                room -= ready.items
            else:
                left.append((ready, future))
            # What a party sent later doesn't overtake what it sent before.
            parties.add(party)
        self._waiting = left
        return taken

    async def _work(self, taken: list[tuple[Ready, asyncio.Future[Answered]]]) -> None:
        parties = {ready.caller.party for ready, _ in taken}
        self._busy |= parties
        try:
            done = await anyio.to_thread.run_sync(file_together, self._desk, [ready for ready, _ in taken])
        except Exception as error:  # noqa: BLE001 - every caller is told, each answers for itself
            done = [error] * len(taken)
        finally:
            self._busy -= parties
        for (_, future), one in zip(taken, done, strict=True):
            if future.done():
                continue
            if isinstance(one, Exception):
                future.set_exception(one)
            else:
                future.set_result(one)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._begin()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let what is worked on end before the service does."""
        yield
        while self._working:
            await asyncio.gather(*self._working, return_exceptions=True)


__all__ = ["Gatherer", "transactions_at_once"]
