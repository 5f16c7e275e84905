"""One measurement in a process of its own: its result, and the most memory that it and its children held."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greenlane.values.errors import GreenlaneError

_PROC = Path("/proc")
_EVERY_S = 0.05


class BenchError(GreenlaneError):
    """A measurement could not be finished."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a job said, and the peak memory of its processes together in bytes (None: can't be seen here)."""

    result: dict[str, Any]
    peak_bytes: int | None


def measured(job: str, threads: int, **given: Any) -> Measured:
    """Run one job of `greenlane.bench.jobs` in a fresh process with *threads* Polars threads.

    Raises:
        BenchError: The job failed; the message holds the last line that it wrote to standard error.
    """
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "greenlane.bench.jobs", job, json.dumps(given)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    watch = _Watch(process.pid)
    watch.start()
    said, complained = process.communicate()
    watch.stop.set()
    watch.join()
    if process.returncode:
        last = complained.strip().splitlines()[-1:] or ["it said nothing"]
        raise BenchError(f"bench: the measurement {job} failed: {last[0]}")
    return Measured(json.loads(said.strip().splitlines()[-1]), watch.peak or None)


class _Watch(threading.Thread):
    """Looks at the memory of a process and all its descendants until told to stop."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.peak = 0
        self.stop = threading.Event()

    def run(self) -> None:
        """Sample until stopped."""
        while not self.stop.wait(_EVERY_S):
            self.peak = max(self.peak, _tree_bytes(self.root))


def _tree_bytes(root: int) -> int:
    """Return the resident memory of a process and its descendants; a page that two share counts twice."""
    whole, waiting = 0, [root]
    while waiting:
        own = _PROC / str(waiting.pop())
        try:
            whole += int((own / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in (own / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, IndexError, ValueError):
            continue
    return whole
