"""One consignment in process: deciding it with its facts ready, and a whole quote from its JSON."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from greenlane.engine.context import Context, context
from greenlane.engine.decider import Prepared, decide_one, decide_row, prepare
from greenlane.engine.filing import decide_filing, read_filing
from greenlane.messages.files import open_source, parse_object, read_part
from greenlane.values.finding import Finding

_T = TypeVar("_T")


def time_one(file: str, documents: str, quotes: int) -> dict[str, Any]:
    """Tell the milliseconds of decisions and quotes, warm: median, 99th percentile, worst.

    Args:
        file: Parquet of consignments; each is prepared beforehand, then decided alone.
        documents: NDJSON of consignments; *quotes* of them go from bytes to outcome, as columns (quote) and as plain
            rows (filing).
    """
    run = context()
    with TemporaryDirectory(prefix="greenlane-one-") as folder:
        source = open_source(Path(file), Path(folder) / "source")
        (part,) = source.parts(source.items)
        singles = _singles(prepare(read_part(part), run))
    with Path(documents).open("rb") as lines:
        objects = [line for line, _ in zip(lines, range(quotes), strict=False)]
    return {
        "single": _spread([one for one in singles if len(one[1]) == 1], lambda one: decide_row(*one, run)),
        "decision": _spread(singles, lambda one: decide_row(*one, run)),
        "quote": _spread(objects, lambda line: _quote(line, run)),
        "filing": _spread(objects, lambda line: list(decide_filing(read_filing(line, run), run).each())),
    }


def _quote(line: bytes, run: Context) -> dict[str, Any] | None:
    batch = parse_object(line)
    return decide_one(prepare(batch, run), 0, run) if batch.consignments.height else None


def _singles(prepared: Prepared) -> list[tuple[dict[str, Any], list[Mapping[str, Any]], list[Finding]]]:
    """Return each consignment as plain rows, as a service would hold it; intake's findings are left out."""
    items: dict[int, list[Mapping[str, Any]]] = {}
    for item in prepared.items.iter_rows(named=True):
        items.setdefault(item["row"], []).append(item)
    return [(row, items[place], []) for place, row in enumerate(prepared.consignments.iter_rows(named=True))]


def _spread(inputs: Iterable[_T], work: Callable[[_T], object]) -> dict[str, float]:
    """Do the work once to warm up, then time each input: milliseconds by the clock and of the processor."""
    listed = list(inputs)
    for one in listed:
        work(one)
    times, used = [], []
    for one in listed:
        begun, cpu = time.perf_counter(), time.process_time()
        work(one)
        times.append((time.perf_counter() - begun) * 1_000)
        used.append((time.process_time() - cpu) * 1_000)
    times.sort()
    used.sort()
    late = len(times) * 99 // 100
    return {
        "count": len(times),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[late],
        "worst_ms": times[-1],
        "p50_cpu_ms": used[len(used) // 2],
        "p99_cpu_ms": used[late],
    }
