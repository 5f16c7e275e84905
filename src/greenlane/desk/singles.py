"""Single filings: those that wait at the same moment are decided and stored together."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from greenlane.clearance.vocabulary import Stage
from greenlane.desk.desk import Desk
from greenlane.desk.filing import Order, file_batch
from greenlane.desk.reading import read
from greenlane.desk.requests import Answered, Asked, OtherBody, answered, remember
from greenlane.desk.results import ItemResult
from greenlane.store.database import InFlight, take_lock
from greenlane.values.errors import GreenlaneError


@dataclass(frozen=True, slots=True)
class Single:
    """One consignment to be filed: one JSON object."""

    party: str
    actor: str
    body: bytes
    stage: Stage
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    request: Asked | None = field(default=None, compare=False)

    @property
    def order(self) -> Order:
        """Who files, and where the goods are."""
        return Order(self.party, self.actor, None, self.stage, self.departs_at, self.arrives_at)


Done = Answered | GreenlaneError


def is_object(body: bytes) -> bool:
    """Say whether a text is one JSON object."""
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def file_singles(desk: Desk, waiting: Sequence[Single]) -> list[Done]:
    """File consignments of one party, each one JSON object, in one transaction; an answer or an error for each."""
    desk.refresh()
    began = time.perf_counter()
    counts: Counter[str] = Counter()
    done: dict[int, Done] = {}
    with desk.database.writing(*{single.party for single in waiting}, planned_once=True) as cursor:
        left: dict[Order, list[int]] = {}
        begun: set[tuple[str, str]] = set()
        for place, single in enumerate(waiting):
            try:
                if single.request is not None:
                    mark = single.request.mark
                    if mark in begun or not take_lock(cursor, "request", *mark):
                        raise InFlight
                    before = answered(cursor, single.request)
                    if before is not None:
                        done[place] = before
                        continue
                    begun.add(mark)
            except (InFlight, OtherBody) as error:
                done[place] = error
                continue
            left.setdefault(single.order, []).append(place)
        now = desk.clock.now()
        for order, places in left.items():
            bodies = {place: waiting[place].body for place in places}
            for turn in _turns(bodies):
                lines = b"\n".join(_line(bodies[place]) for place in turn)
                results = file_batch(cursor, desk, order, read(lines, desk.context))
                by_row = {result.row: result for result in results}
                for number, place in enumerate(turn, 1):
                    counts[by_row[number].result] += 1
                    answer = _answer(by_row[number])
                    request = waiting[place].request
                    if request is not None:
                        remember(cursor, request, answer, now)
                    done[place] = answer
    if counts:
        desk.filed(counts, time.perf_counter() - began)
    return [done[place] for place in range(len(waiting))]


class _Named(msgspec.Struct, frozen=True):
    consignment_id: Any = None


def _turns(bodies: Mapping[int, bytes]) -> list[list[int]]:
    """Part filings into turns in each of which an id stands once: what comes twice is worked on one after the other.

    Read together, one would be told as an error of the other's text.
    """
    if len(bodies) == 1:
        return [list(bodies)]
    turns: list[list[int]] = []
    counted: Counter[str] = Counter()
    for place, body in bodies.items():
        name = repr(msgspec.json.decode(body, type=_Named).consignment_id)
        if counted[name] == len(turns):
            turns.append([])
        turns[counted[name]].append(place)
        counted[name] += 1
    return turns


def _line(body: bytes) -> bytes:
    """Return a JSON object on one line."""
    return msgspec.json.format(body, indent=-1) if b"\n" in body or b"\r" in body else body


def _answer(result: ItemResult) -> Answered:
    status = {"accepted": 201, "amended": 200, "repeated": 200, "rejected": 422, "refused": 409}[
        result.result
    ]
    return Answered(status, "application/json", msgspec.json.encode(result))


__all__ = ["Done", "Single", "file_singles", "is_object"]
