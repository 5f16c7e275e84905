"""How much an endpoint is given at a time, by how it has answered: a receiver earns room, and a bad one loses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from greenlane.exchange.delivery import Answer, Endpoint


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
    per_endpoint: int = 32
    slow_ms: int = 1000
    open_after: int = 5
    pause_s: int = 5
    longest_pause_s: int = 300
    claim_s: int = 60
    poll_s: float = 1.0

    @property
    def careful(self) -> int:
        """Attempts at once for all endpoints together that are new, slow or failing: half, so that the rest is free."""
        return max(1, self.total // 2)


@dataclass(slots=True)
class Health:
    """What one dispatcher knows of one endpoint. ``window`` is how many attempts it gets at once."""

    in_flight: int = 0
    window: int = 1
    failures: int = 0
    well: bool = False
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
            self.failures, self.well, self.paused_until, self.succeeded_at = 0, quick, None, at
            return
        self.window, self.well = 1, False
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
    """Share the free room among *endpoints*, in their order; those without room are left out.

    Example:
        >>> from datetime import UTC
        >>> slow, quick = Endpoint("slow", "a", ""), Endpoint("quick", "b", "")
        >>> known = {"slow": Health(window=9), "quick": Health(window=9, well=True)}
        >>> share([slow, quick], known, datetime(2026, 7, 2, tzinfo=UTC), Limits(total=12))
        {'slow': 6, 'quick': 6}
    """
    free = limits.total - sum(one.in_flight for one in health.values())
    careful = limits.careful - sum(one.in_flight for one in health.values() if not one.well)
    given: dict[str, int] = {}
    for endpoint in endpoints:
        one = health.setdefault(endpoint.id, Health())
        room = min(one.room(now), free if one.well else min(free, careful))
        if room > 0:
            given[endpoint.id] = room
            free -= room
            careful -= 0 if one.well else room
    return given
