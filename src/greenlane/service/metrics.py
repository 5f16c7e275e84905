"""What is measured of a service, for Prometheus: of one process, or of all that one start runs on this machine."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from greenlane.store.database import Database

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which processes count together; read by the library when it is first imported."""

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_POOL_S = 2.0


@dataclass(slots=True)
class Metrics:
    """The counters of this process; with a folder in common, what is shown is the sum over its processes."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    consignments: Counter = field(init=False)
    decision: Histogram = field(init=False)
    deliveries: Counter = field(init=False)
    waiting: Gauge = field(init=False)
    pool: Gauge = field(init=False)
    pool_waiting: Gauge = field(init=False)

    def __post_init__(self) -> None:
        """Declare every metric."""
        own = self.registry
        self.requests = Counter(
            "greenlane_requests", "Requests answered.", ["method", "route", "status"], registry=own
        )
        self.seconds = Histogram(
            "greenlane_request_seconds",
            "Time of an answer.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=own,
        )
        self.consignments = Counter(
            "greenlane_consignments", "Consignments filed, by result.", ["result"], registry=own
        )
        self.decision = Histogram(
            "greenlane_decision_seconds",
            "Time of one transaction of filings: decided and stored.",
            buckets=_BUCKETS,
            registry=own,
        )
        self.deliveries = Counter(
            "greenlane_deliveries", "Webhook deliveries, by result.", ["result"], registry=own
        )
        self.waiting = Gauge(
            "greenlane_filings_waiting",
            "Filings received and not yet decided; NaN where the database doesn't answer.",
            multiprocess_mode="mostrecent",
            registry=own,
        )
        self.pool = Gauge(
            "greenlane_database_connections",
            "Connections to the database, by state.",
            ["state"],
            multiprocess_mode="livesum",
            registry=own,
        )
        self.pool_waiting = Gauge(
            "greenlane_database_waiting",
            "Requests that wait for a connection.",
            multiprocess_mode="livesum",
            registry=own,
        )

    def filed(self, counts: Mapping[str, int], seconds: float) -> None:
        """Count the consignments of one transaction of filings."""
        for result, count in counts.items():
            self.consignments.labels(result).inc(count)
        self.decision.observe(seconds)

    def look_at(self, database: Database) -> None:
        """Take in how the pool of connections is used now."""
        use = database.use()
        self.pool.labels("idle").set(use.idle)
        self.pool.labels("busy").set(use.busy)
        self.pool_waiting.set(use.waiting)

    def text(self) -> bytes:
        """Return the metrics in Prometheus's text format, of all processes that count together."""
        folder = os.environ.get(TOGETHER)
        if not folder:
            return generate_latest(self.registry)
        for gone in _dead(Path(folder)):
            mark_process_dead(gone, folder)  # type: ignore[no-untyped-call]
        together = CollectorRegistry()
        MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
        return generate_latest(together)


METRICS = Metrics()
"""The counters of this process."""


def _dead(folder: Path) -> set[int]:
    """Return the processes that have left gauges behind and are no more."""
    numbers = {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*_*.db")}
    return {number for number in numbers if not _lives(number)}


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def counting_together() -> Iterator[None]:
    """Let the processes that are started in the block count in one folder."""
    with tempfile.TemporaryDirectory(prefix="greenlane-metrics-") as folder:
        os.environ[TOGETHER] = folder
        try:
            yield
        finally:
            del os.environ[TOGETHER]


@asynccontextmanager
async def measuring(database: Database, metrics: Metrics = METRICS) -> AsyncIterator[None]:
    """Look at the pool of connections every now and then."""

    async def run() -> None:
        while True:
            metrics.look_at(database)
            await asyncio.sleep(_POOL_S)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()


__all__ = ["METRICS", "Metrics", "counting_together", "measuring"]
