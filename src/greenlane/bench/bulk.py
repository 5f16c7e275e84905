"""The bulk run against the limit that the disk format sets: reading what it reads, writing what it writes."""

import json
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from greenlane.engine.clear import clear
from greenlane.engine.output import write_rows
from greenlane.engine.whatif import whatif
from greenlane.model import BY_COLUMN

FOLDERS = ("outcomes", "charges", "findings")


def time_clear(file: str, out: str, workers: int, group_sums: bool) -> dict[str, Any]:
    """Clear a file and tell the seconds, in all and by stage (stages: added up over the workers)."""
    phases: dict[str, float] = {}
    begun = last = time.perf_counter()
    spent_before = _cpu_seconds()

    def progress(what: str, done: int, of: int) -> None:
        nonlocal last
        now = time.perf_counter()
        phases[what] = phases.get(what, 0.0) + now - last
        last = now

    report = clear([Path(file)], Path(out), workers=workers, progress=progress, group_sums=group_sums)
    seconds = time.perf_counter() - begun
    run = report.summary["run"]
    return {
        "seconds": seconds,
        "cpu_seconds": _cpu_seconds() - spent_before,
        "items": run["items"],
        "consignments": run["consignments"],
        "phases": phases,
        "stages": report.seconds,
        "written_bytes": _written(Path(out)),
    }


def time_whatif(file: str, out: str, workers: int, settings: list[str]) -> dict[str, Any]:
    """Compare the law with a changed one on a file and tell the seconds."""
    spent, begun = _cpu_seconds(), time.perf_counter()
    whatif([Path(file)], Path(out), settings, workers=workers)
    return {"seconds": time.perf_counter() - begun, "cpu_seconds": _cpu_seconds() - spent}


def _cpu_seconds() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _written(out: Path) -> int:
    return sum(path.stat().st_size for folder in FOLDERS for path in (out / folder).iterdir())


def time_limit(file: str, out: str, workers: int) -> dict[str, Any]:
    """Read the columns that a finished run read, and write the rows that it wrote, with the same processes.

    What is to be written is read into memory beforehand, part by part, outside the time that counts. The
    slowest process gives the time, as in the run itself; of two rounds the faster one counts.
    """
    manifest = json.loads((Path(out) / "manifest.json").read_text(encoding="utf-8"))
    inputs = [(entry["part"], entry["input"]) for entry in manifest["parts"]]
    spans = [(number, rows["first_row"] - 1, rows["last_row"]) for number, rows in inputs]
    rounds = []
    with TemporaryDirectory(prefix="greenlane-limit-") as folder, _pool(workers) as pool:
        for _ in range(2):
            shares = [
                pool.submit(_limit_of, file, out, folder, spans[worker::workers]) for worker in range(workers)
            ]
            found = [share.result() for share in shares]
            rounds.append(
                {
                    "seconds": max(lap.reading + lap.writing for lap in found),
                    "reading": max(lap.reading for lap in found),
                    "writing": max(lap.writing for lap in found),
                    "cpu_seconds": sum(lap.cpu for lap in found),
                }
            )
    return min(rounds, key=lambda one: one["seconds"])


@dataclass(frozen=True, slots=True)
class _Lap:
    reading: float
    writing: float
    cpu: float


def _limit_of(file: str, out: str, folder: str, spans: list[tuple[int, int, int]]) -> _Lap:
    reading = writing = cpu = 0.0
    columns = [name for name in pl.read_parquet_schema(file) if name in BY_COLUMN]
    for number, first, end in spans:
        frames = [pl.read_parquet(Path(out) / name / f"part-{number:05d}.parquet") for name in FOLDERS]
        used, begun = time.process_time(), time.perf_counter()
        rows = pl.scan_parquet(file, glob=False).slice(first, end - first).select(columns).collect()
        read = time.perf_counter()
        for name, frame in zip(FOLDERS, frames, strict=True):
            write_rows(frame, Path(folder) / f"{name}-{number:05d}.parquet", "parquet")
        reading += read - begun
        writing += time.perf_counter() - read
        cpu += time.process_time() - used
        del rows
        for name in FOLDERS:
            (Path(folder) / f"{name}-{number:05d}.parquet").unlink()
    return _Lap(reading, writing, cpu)


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes with the threads that the bulk run gives to so many workers."""
    os.environ["POLARS_MAX_THREADS"] = str(max(1, (os.cpu_count() or 1) // workers))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool
