"""When a delivery that failed is tried again."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

DELAYS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt, counted from the one before: ten in 75 hours and 35 minutes, as the scheme advises."""
MAX_RETRY_AFTER_S = 86_400
_JITTER = 5  # a delay grows by up to a fifth


def next_attempt(
    attempt: int, at: datetime, jitter: Random, retry_after_s: int | None = None
) -> datetime | None:
    """Return when to try again after attempt number *attempt* failed, or ``None`` after the last.

    Args:
        attempt: From 1.
        at: When it failed, aware.
        jitter: Spreads receivers that failed together; seeded, the times are the same again.
        retry_after_s: What the receiver asked for; it can lengthen a delay, never shorten it.
    Example:
        >>> at = datetime(2026, 7, 2, tzinfo=UTC)
        >>> next_attempt(1, at, Random(1)) - at < timedelta(seconds=6)
        True
        >>> next_attempt(1, at, Random(1), retry_after_s=120) - at >= timedelta(seconds=120)
        True
        >>> next_attempt(10, at, Random(1)) is None
        True
    """
    if attempt >= len(DELAYS_S):
        return None
    delay_ms = 1000 * DELAYS_S[attempt]
    delay_ms += jitter.randrange(delay_ms // _JITTER + 1)
    return at + timedelta(milliseconds=max(delay_ms, 1000 * (retry_after_s or 0)))


def read_retry_after(text: str | None, at: datetime) -> int | None:
    """Read a Retry-After header, seconds or a date, as seconds from *at*; what cannot be read counts as absent.

    Law:
        RFC 9110 section 10.2.3.
    Example:
        >>> at = datetime(2026, 7, 2, tzinfo=UTC)
        >>> [read_retry_after(text, at) for text in ("120", "Thu, 02 Jul 2026 00:01:00 GMT", "soon", None)]
        [120, 60, None, None]
    """
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), MAX_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    seconds = (when - at).total_seconds()
    return int(min(max(seconds, 0), MAX_RETRY_AFTER_S))
