"""Which publication applies: by the day of the law, among those known at a day."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from greenlane.values.finding import Severity, declare

STALE = declare(
    "reference.stale",
    Severity.WARNING,
    "The publication used is past the last day that its publisher is known to vouch for.",
    "Import the publication in force on that day, or accept the answer as unverified.",
)


class Dated(Protocol):
    """Anything published for a time. Days are inclusive; ``valid_until`` None is open."""

    @property
    def valid_from(self) -> date: ...

    @property
    def valid_until(self) -> date | None: ...

    @property
    def recorded(self) -> date: ...


D = TypeVar("D", bound=Dated)


def in_force(versions: Iterable[D], day: date, known_at: date | None) -> D | None:
    """Return the version with the latest start on or before *day*, among those recorded by *known_at*.

    ``known_at`` None means: all that is held. Of two with the same start the later recorded wins. The version
    may be past its last day; see `stale`. ``None``: none had begun.
    """
    begun = [v for v in versions if v.valid_from <= day and (known_at is None or v.recorded <= known_at)]
    return max(begun, key=lambda v: (v.valid_from, v.recorded), default=None)


def stale(version: Dated, day: date) -> bool:
    """Whether *day* lies past the last day that the publisher vouches for."""
    return version.valid_until is not None and day > version.valid_until
