"""What every rule of the procedure is given: the state, the moment, the actor, the policy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from greenlane.clearance.events import Actor, Event, stamp
from greenlane.clearance.policy import Policy
from greenlane.clearance.refusals import FUTURE, UNKNOWN_NUMBER, Refused
from greenlane.clearance.state import State


class Numbered(Protocol):
    """A referral, hold, inspection or return: numbered from 1 within its consignment."""

    @property
    def number(self) -> int:
        """Its number."""


N = TypeVar("N", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Case:
    """One command's surroundings."""

    state: State
    at: datetime
    actor: Actor
    policy: Policy
    quantities: Mapping[str, str] | None = None

    def event(self, type_: str, /, **data: Any) -> Event:
        """Make an event of now by this actor; values that are null, false or empty are left out."""
        kept = {name: value for name, value in data.items() if value not in (None, False, (), [])}
        return Event(type_, self.at, self.actor.id, kept)

    def due(self, limit: timedelta) -> str:
        """Return the moment at which a time limit that begins now runs out."""
        return str(stamp(self.at + limit))

    def inspect_by(self, channel: str) -> str | None:
        """Return the time limit of an inspection ordered now; null while the goods have still to come."""
        here = channel == "document" or self.state.arrived_at is not None
        return self.due(self.policy.inspection) if here else None

    def past(self, reported: datetime | None, path: str) -> str:
        """Return a reported moment, now where none is given.

        Raises:
            Refused: It lies in the future.
        """
        if reported is not None and reported > self.at:
            raise Refused(FUTURE, "the moment reported is later than now", path)
        return str(stamp(reported or self.at))


def next_number(parts: tuple[Numbered, ...]) -> int:
    """Return the number of the next part."""
    return len(parts) + 1


def find(parts: Iterable[N], number: int, what: str) -> N:
    """Return the part with a number.

    Raises:
        Refused: There is none.
    """
    for part in parts:
        if part.number == number:
            return part
    raise Refused(UNKNOWN_NUMBER, f"there is no {what} {number}", f"/{what}")
