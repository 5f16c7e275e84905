"""Fresh filings by the thousand at one moment: what follows of itself is worked out once for each kind of decision."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from greenlane.clearance.commands import Decision
from greenlane.clearance.events import Actor, Event
from greenlane.clearance.filing import filed
from greenlane.clearance.fold import fold
from greenlane.clearance.policy import DEFAULT, Policy
from greenlane.clearance.state import State
from greenlane.clearance.vocabulary import Cover, Stage, TransportMode

T = TypeVar("T")


@dataclass(slots=True)
class Fresh(Generic[T]):
    """Files consignments that have all but the decision and the mode of transport in common.

    Of a decision, the events behind the filing and what is told of the state read its disposition, whether it is
    complete, whether something is owed and whether new data may end what it orders, the agencies and the channel
    of inspection; so two decisions that are alike in these are followed by the same.

    Args:
        tell: What is wanted of the state at the end; it reads no more of the decision than that.
    """

    at: datetime
    actor: Actor
    stage: Stage
    tell: Callable[[State], T]
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    policy: Policy = DEFAULT
    _known: dict[tuple[Any, ...], tuple[Event, list[Event], T]] = field(default_factory=dict)

    def file(
        self, decision: Decision, transport_mode: TransportMode | None, cover: Cover | None = None
    ) -> tuple[list[Event], T]:
        """Return the events of a filing, as `filed` does, and what is told of the state after them."""
        kind = (
            decision.disposition,
            decision.complete,
            decision.owed,
            decision.awaits_data,
            decision.agencies,
            decision.inspection_channel,
            transport_mode,
            cover,
        )
        known = self._known.get(kind)
        if known is None:
            events = filed(
                decision,
                stage=self.stage,
                transport_mode=transport_mode,
                departs_at=self.departs_at,
                arrives_at=self.arrives_at,
                at=self.at,
                actor=self.actor,
                cover=cover,
                policy=self.policy,
            )
            self._known[kind] = events[0], events[1:], self.tell(fold(events))
            return events, self._known[kind][2]
        first, follow, told = known
        data = {**first.data, "decision": msgspec.to_builtins(decision)}
        return [Event(first.type, first.at, first.actor, data), *follow], told


__all__ = ["Fresh"]
