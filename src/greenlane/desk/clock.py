"""The clock of the service; in a sandbox it can be moved."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_LONG_AGO: datetime = datetime.min.replace(tzinfo=UTC)
_STEP = timedelta(minutes=1)


@dataclass(slots=True)
class Clock:
    """Now, in UTC, with the offset of a sandbox.

    A machine's clock may step back a little when it is set: until it has caught up, the last moment told stands. It is
    followed when it goes back further, as after a leap forward by mistake: else every time limit would be off for as
    long as the leap. The events of one consignment keep their order in either case (`greenlane.desk.procedure`).
    """

    offset: timedelta = field(default_factory=timedelta)
    source: Callable[[], datetime] = lambda: datetime.now(UTC)
    _last: datetime = field(default_factory=lambda: _LONG_AGO)

    def now(self) -> datetime:
        """Return now."""
        told = self.source() + self.offset
        if not timedelta(0) < self._last - told <= _STEP:
            self._last = told
        return self._last

    @staticmethod
    def machine() -> datetime:
        """Return the machine's own time: what keys and tokens go by, so that a moved clock locks nobody out."""
        return datetime.now(UTC)

    def move(self, offset: timedelta) -> None:
        """Set how far the clock is from the machine's."""
        if offset != self.offset:
            self.offset = offset
            self._last = _LONG_AGO


__all__ = ["Clock"]
