"""The clock of the service; in a sandbox it can be moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_LONG_AGO: datetime = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """Now, in UTC, with the offset of a sandbox; never earlier than it told before.

    A machine's clock may step back; events of one process keep their order all the same.
    """

    offset: timedelta = field(default_factory=timedelta)
    _last: datetime = field(default_factory=lambda: _LONG_AGO)

    def now(self) -> datetime:
        """Return now."""
        self._last = max(self._last, datetime.now(UTC) + self.offset)
        return self._last

    @staticmethod
    def machine() -> datetime:
        """Return the machine's own time: what keys and tokens go by, so that a moved clock locks nobody out."""
        return datetime.now(UTC)

    def move(self, offset: timedelta) -> None:
        """Set how far the clock is from the machine's."""
        self.offset = offset
        self._last = _LONG_AGO


__all__ = ["Clock"]
