"""Where a waybill stands, by the statuses that came back; the load rule; which statuses events of the procedure send."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from greenlane.clearance import Event, State, fold, may_load
from greenlane.messages.placi.tables import STATUSES
from greenlane.values.errors import UsageError

_OPENS: Final = {"request_information": "7H", "request_screening": "8H", "do_not_load": "6H"}
_CLOSES: Final = {"request_information": "7I", "request_screening": "8I", "do_not_load": "6I"}
_ASSESSES: Final = frozenset({"filed", "amended", "redecided"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands about one waybill: whether it was received, assessed, and what is open against loading.

    Example:
        >>> standing(["SR", "7H"]).may_load, standing(["SR", "7H", "7J", "7I"]).may_load
        (False, True)
    """

    received: bool = False
    assessed: bool = False
    open: frozenset[str] = frozenset()

    @property
    def may_load(self) -> bool:
        """Whether it may be loaded: received and nothing open. A complete assessment is no condition."""
        return self.received and not self.open


def standing(statuses: Iterable[str]) -> Standing:
    """Return what stands after statuses in the order in which they came.

    A hold of one kind is open until that kind is removed, however often it was put in place.

    Raises:
        UsageError: A status is on no list.
    """
    found = Standing()
    for code in statuses:
        status = STATUSES.get(code)
        if status is None:
            raise UsageError("a status is none of " + ", ".join(STATUSES))
        if status.step == "received":
            found = replace(found, received=True)
        elif status.step == "complete":
            found = replace(found, assessed=True)
        elif status.step == "open":
            found = replace(found, open=found.open | {status.kind}, assessed=False)
        else:
            found = replace(found, open=found.open - {status.kind})
    return found


def statuses_of(events: Sequence[Event]) -> Iterator[tuple[str, datetime]]:
    """Give the statuses that events of one consignment send, with their moments.

    SR acknowledges the filing and each amendment. A referral opens its hold, which is removed when none of its kind is
    open any more. Refusal or seizure before departure is an order not to load. SF follows when nothing is open.
    """
    state = State()
    blocked = frozenset[str]()
    pending = False
    for event in events:
        state = fold((event,), state)
        if event.type in ("filed", "amended"):
            yield "SR", event.at
        pending = pending or event.type in _ASSESSES
        now = _blocked(state)
        for kind, code in _CLOSES.items():
            if kind in blocked - now:
                pending = True
                yield code, event.at
        for kind, code in _OPENS.items():
            if kind in now - blocked:
                pending = True
                yield code, event.at
        blocked = now
        if pending and may_load(state) and state.ordered == state.decisions:
            pending = False
            yield "SF", event.at


def _blocked(state: State) -> frozenset[str]:
    kinds = {str(referral.kind) for referral in state.referrals if not referral.closed}
    if state.refused_at is not None or state.seized_at is not None or state.cancelled_at is not None:
        kinds.add("do_not_load")
    return frozenset(kinds)
