"""A filing of many consignments, from its bytes to the decisions, stage by stage."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from greenlane.engine.context import context
from greenlane.engine.filing import Filing, decide_filing, read_filing
from greenlane.model import Batch

_STAGES = ("read", "decide", "each")


def time_filing(filing: str, rounds: int) -> dict[str, Any]:
    """Tell the milliseconds of a filing, warm, best of *rounds*: by the clock and of the processor.

    ``read`` goes from bytes to checked consignments with their group keys, ``decide`` from there to outcomes with
    every fact made, ``each`` writes the outcomes of columns one by one as the contract has them.

    Args:
        filing: NDJSON of consignments, filed as one JSON array.
        rounds: How often the filing is filed, after one that warms up.
    """
    run = context()
    lines = Path(filing).read_bytes().splitlines()
    data = b"[" + b",".join(lines) + b"]"
    clock: dict[str, list[float]] = {name: [] for name in _STAGES}
    cpu: dict[str, list[float]] = {name: [] for name in _STAGES}

    def lap(name: str, work: Callable[[], Any]) -> Any:
        begun, used = time.perf_counter(), time.process_time()
        made = work()
        cpu[name].append((time.process_time() - used) * 1_000)
        clock[name].append((time.perf_counter() - begun) * 1_000)
        return made

    read: Filing | None = None
    for _ in range(rounds + 1):
        read = lap("read", partial(read_filing, data, run))
        filed = lap("decide", partial(decide_filing, read, run))
        lap("each", partial(list, filed.each()))
    assert read is not None
    items = (
        read.held.items.height
        if isinstance(read.held, Batch)
        else sum(len(o.items) for o in read.held.accepted)
    )
    return {
        "consignments": len(read.values),
        "items": items,
        "bytes": len(data),
        "rounds": rounds,
        "ms": {name: min(laps[1:]) for name, laps in clock.items()},
        "cpu_ms": {name: min(laps[1:]) for name, laps in cpu.items()},
    }
