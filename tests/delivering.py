"""A delivery store in memory that keeps to the letter of the protocol, for tests of the dispatcher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from greenlane.exchange.delivery import (
    Delivery,
    Disabled,
    Endpoint,
    FailedDelivery,
    Result,
    StoreUnavailable,
)
from greenlane.exchange.notice import Notice


@dataclass(slots=True)
class Row:
    """One delivery."""

    id: str
    endpoint_id: str
    notice: Notice
    due_at: datetime
    state: str = "pending"
    claim: int = 0
    claimed_until: datetime | None = None
    again: bool = False
    attempt: int = 0
    first_attempt_at: datetime | None = None
    last: Result | None = None

    def claimed(self, now: datetime) -> bool:
        """Say whether a claim holds."""
        return self.claimed_until is not None and now < self.claimed_until


@dataclass(slots=True)
class MemoryDeliveries:
    """Endpoints and deliveries in memory; ``away`` makes every call fail as if the database were gone."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    disabled: dict[str, Disabled] = field(default_factory=dict)
    feed: list[Notice] = field(default_factory=list)
    rows: dict[tuple[str, int], Row] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    away: bool = False

    async def register(self, endpoint: Endpoint) -> None:
        """Register an endpoint, or enable it again."""
        self.endpoints[endpoint.id] = endpoint
        self.disabled.pop(endpoint.id, None)

    async def append(self, notice: Notice, at: datetime) -> None:
        """Append a notice to the party's feed, with a delivery to each of its endpoints."""
        self.feed.append(notice)
        for endpoint in self.endpoints.values():
            if endpoint.party == notice.party:
                self._add(endpoint.id, notice, at)

    def _add(self, endpoint_id: str, notice: Notice, at: datetime) -> Row:
        row = Row(f"{endpoint_id}/{notice.cursor}", endpoint_id, notice, at)
        self.rows[endpoint_id, notice.cursor] = row
        return row

    def heads(self, now: datetime) -> list[Row]:
        """Return the heads due at *now* that can be claimed, earliest due first."""
        heads: dict[tuple[str, str], Row] = {}
        busy = set()
        for row in sorted(self.rows.values(), key=lambda row: row.notice.cursor):
            place = (row.endpoint_id, row.notice.consignment_id)
            if row.claimed(now):
                busy.add(place)
            elif row.state == "pending":
                heads.setdefault(place, row)
        due = [row for place, row in heads.items() if place not in busy and row.due_at <= now]
        return sorted(
            (row for row in due if row.endpoint_id not in self.disabled), key=lambda row: row.due_at
        )

    def _reach(self) -> None:
        if self.away:
            raise StoreUnavailable("the database is gone")

    async def waiting(self, now: datetime) -> Sequence[Endpoint]:
        """See `DeliveryStore`."""
        self._reach()
        return [self.endpoints[name] for name in dict.fromkeys(row.endpoint_id for row in self.heads(now))]

    async def claim(self, room: Mapping[str, int], now: datetime, until: datetime) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        self._reach()
        left, claimed = dict(room), []
        for row in self.heads(now):
            if left.get(row.endpoint_id, 0) < 1:
                continue
            left[row.endpoint_id] -= 1
            row.claim += 1
            row.attempt = 1 if row.again else row.attempt + 1
            row.again = False
            row.claimed_until = until
            row.first_attempt_at = now if row.attempt == 1 else row.first_attempt_at
            assert row.first_attempt_at is not None
            claimed.append(
                Delivery(row.id, row.endpoint_id, row.notice, row.claim, row.attempt, row.first_attempt_at)
            )
        return claimed

    async def record(self, results: Sequence[Result]) -> None:
        """See `DeliveryStore`."""
        self._reach()
        for result in results:
            row = self.rows[result.delivery.endpoint_id, result.delivery.notice.cursor]
            if row.claim != result.delivery.claim:
                continue
            self.results.append(result)
            row.claimed_until, row.last = None, result
            if result.answer.failure is None:
                row.state = "delivered"
                endpoint = self.endpoints[row.endpoint_id]
                self.endpoints[row.endpoint_id] = replace(endpoint, succeeded_at=result.at)
            elif result.next_at is None:
                row.state = "given up"
            else:
                row.due_at = result.next_at
            if row.again:
                row.state, row.again, row.attempt, row.due_at, row.last = "pending", False, 0, result.at, None

    async def disable(self, endpoint_id: str, at: datetime, reason: Disabled) -> None:
        """See `DeliveryStore`."""
        self._reach()
        self.disabled[endpoint_id] = reason

    async def replay(self, endpoint_id: str, first: int, last: int, at: datetime) -> int:
        """See `DeliveryStore`."""
        self._reach()
        count = 0
        for notice in self.feed:
            if notice.party != self.endpoints[endpoint_id].party or not first <= notice.cursor <= last:
                continue
            row = self.rows.get((endpoint_id, notice.cursor)) or self._add(endpoint_id, notice, at)
            if row.claimed(at):
                row.again = True
            else:
                row.state, row.attempt, row.due_at, row.last = "pending", 0, at, None
                row.claim += 1
            count += 1
        return count

    async def failures(self, party: str, after: int, limit: int) -> Sequence[FailedDelivery]:
        """See `DeliveryStore`."""
        self._reach()
        found = []
        for row in sorted(self.rows.values(), key=lambda row: (row.notice.cursor, row.endpoint_id)):
            if row.notice.party != party or row.notice.cursor <= after or row.state == "delivered":
                continue
            if row.last is None or row.last.answer.failure is None:
                continue
            answer = row.last.answer
            assert answer.failure is not None
            found.append(
                FailedDelivery(
                    row.id,
                    row.endpoint_id,
                    row.notice.id,
                    row.notice.consignment_id,
                    row.notice.cursor,
                    row.attempt,
                    row.last.at,
                    answer.failure,
                    answer.status,
                    row.last.next_at,
                )
            )
        return found[:limit]
