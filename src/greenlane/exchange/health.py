"""How much an endpoint is given at a time, by how it has answered: a receiver earns room, and a bad one loses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from random import Random

from greenlane.exchange.delivery import OURS, Answer, Endpoint


class Standing(IntEnum):
    """How an endpoint has answered: the worse, the smaller the share that all of its standing have together."""

    GOOD = 0
    """Its last answer was a quick success."""
    UNPROVEN = 1
    """It has not answered yet, or slowly."""
    FAILING = 2
    """Its last attempt failed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one dispatcher.

    Attributes:
        total: Attempts under way at once.
        per_endpoint: Most of them for one endpoint that answers well.
        slow_ms: An answer that takes longer is slow.
        open_after: Failures in a row after which an endpoint's circuit opens: nothing is sent for a while, then one.
        pause_s: First pause of an open circuit; it doubles with each further failure, up to ``longest_pause_s``.
        claim_s: How long a claim holds; longer than an attempt can take.
        poll_s: How often the store is asked when nothing else wakes the dispatcher.
    """

    total: int = 400
    per_endpoint: int = 16
    slow_ms: int = 1000
    open_after: int = 5
    pause_s: int = 5
    longest_pause_s: int = 300
    claim_s: int = 60
    poll_s: float = 1.0

    def of(self, standing: "Standing") -> int:
        """Return how many attempts all endpoints of one standing may have under way together.

        Example:
            >>> [Limits(total=400).of(standing) for standing in Standing]
            [400, 200, 100]
        """
        return max(1, self.total >> standing)


@dataclass(slots=True)
class Health:
    """What one dispatcher knows of one endpoint. ``window`` is how many attempts it gets at once."""

    in_flight: int = 0
    window: int = 1
    failures: int = 0
    standing: Standing = Standing.UNPROVEN
    paused_until: datetime | None = None
    succeeded_at: datetime | None = None

    def room(self, now: datetime) -> int:
        """Return how many attempts may begin now."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        return max(0, self.window - self.in_flight)

    def learn(self, answer: Answer, at: datetime, limits: Limits, jitter: Random) -> None:
        """Take an answer in: the window grows by one for a quick success, halves for a slow one, is 1 after a failure.

        A receiver that says when to come back, or that it is asked too much, is left alone until then.
        """
        if answer.failure is None:
            quick = answer.elapsed_ms <= limits.slow_ms
            self.window = min(self.window + 1, limits.per_endpoint) if quick else max(1, self.window // 2)
            self.standing = Standing.GOOD if quick else Standing.UNPROVEN
            self.failures, self.paused_until, self.succeeded_at = 0, None, at
            return
        if answer.failure in OURS:
            return
        self.window, self.standing = 1, Standing.FAILING
        self.failures += 1
        pause_s = answer.retry_after_s or (limits.pause_s if answer.status == 429 else 0)
        if self.failures >= limits.open_after:
            doubled = limits.pause_s << min(self.failures - limits.open_after, 16)
            pause_s = max(pause_s, min(doubled, limits.longest_pause_s))
        if pause_s:
            spread_ms = jitter.randrange(200 * pause_s + 1)
            self.paused_until = at + timedelta(seconds=pause_s, milliseconds=spread_ms)


def share(
    endpoints: Sequence[Endpoint], health: dict[str, Health], now: datetime, limits: Limits
) -> dict[str, int]:
    """Share the free room among *endpoints*, better standing first, else in their order; none for the others.

    Example:
        >>> from datetime import UTC
        >>> bad, new, good = (Endpoint(name, name, "") for name in ("bad", "new", "good"))
        >>> known = {"bad": Health(standing=Standing.FAILING), "good": Health(window=9, standing=Standing.GOOD)}
        >>> share([bad, new, good], known, datetime(2026, 7, 2, tzinfo=UTC), Limits(total=10))
        {'good': 9, 'new': 1}
    """
    left = {standing: limits.of(standing) for standing in Standing}
    for one in health.values():
        left[one.standing] -= one.in_flight
    free = limits.total - sum(one.in_flight for one in health.values())
    given: dict[str, int] = {}
    for endpoint in sorted(endpoints, key=lambda endpoint: health.setdefault(endpoint.id, Health()).standing):
        one = health[endpoint.id]
        room = min(one.room(now), free, left[one.standing])
        if room > 0:
            given[endpoint.id] = room
            free -= room
            left[one.standing] -= room
    return given
