"""How times are spread."""

from collections.abc import Iterable


def spread(times_ms: Iterable[float]) -> dict[str, float]:
    """Return count, median, 99th percentile and the worst of some milliseconds.

    Example:
        >>> spread([3.0, 1.0, 2.0])
        {'count': 3, 'p50_ms': 2.0, 'p99_ms': 3.0, 'worst_ms': 3.0}
    """
    times = sorted(times_ms)
    if not times:
        return {"count": 0}
    return {
        "count": len(times),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[len(times) * 99 // 100],
        "worst_ms": times[-1],
    }


__all__ = ["spread"]
