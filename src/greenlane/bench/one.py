"""One consignment in process: deciding it with its facts ready, and a whole quote from its JSON."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import polars as pl

from greenlane.engine.context import Context, context
from greenlane.engine.decider import Prepared, decide_one, prepare
from greenlane.messages.files import open_source, parse_object, read_part

_T = TypeVar("_T")


def time_one(file: str, documents: str, quotes: int) -> dict[str, Any]:
    """Tell the milliseconds of decisions and quotes, warm: median, 99th percentile, worst.

    Args:
        file: Parquet of consignments; each is prepared beforehand, then decided alone.
        documents: NDJSON of consignments; *quotes* of them go from bytes to outcome.
    """
    run = context()
    with TemporaryDirectory(prefix="greenlane-one-") as folder:
        source = open_source(Path(file), Path(folder) / "source")
        (part,) = source.parts(source.items)
        singles = _singles(prepare(read_part(part), run))
    with Path(documents).open("rb") as lines:
        objects = [line for line, _ in zip(lines, range(quotes), strict=False)]
    return {
        "decision": _spread(singles, lambda single: decide_one(single, 0, run)),
        "quote": _spread(objects, lambda line: _quote(line, run)),
    }


def _quote(line: bytes, run: Context) -> dict[str, Any] | None:
    batch = parse_object(line)
    return decide_one(prepare(batch, run), 0, run) if batch.consignments.height else None


def _singles(prepared: Prepared) -> list[Prepared]:
    """Cut a prepared batch into batches of one, each as a quote would have it."""
    counts = prepared.items.group_by("row", maintain_order=True).len()["len"].to_list()
    found, first = [], 0
    for place, count in enumerate(counts):
        items = prepared.items.slice(first, count).with_columns(pl.lit(0, pl.UInt32).alias("row"))
        first += count
        one = prepared.consignments.slice(place, 1)
        findings = prepared.findings.filter(pl.col("consignment_id") == one["consignment_id"][0])
        found.append(Prepared(one, items, findings))
    return found


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
