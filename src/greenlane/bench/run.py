"""`greenlane bench`: measurements on this machine, all in one run, told as ratios.

Each measurement is a process of its own, so that its threads and its memory are its own. What is compared is
measured in the same run on the same rows; the seconds of another machine or hour mean nothing beside them.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from greenlane import __version__
from greenlane.bench.process import measured
from greenlane.bench.service import SIZE, filings_wanted
from greenlane.bench.tables import COUNTRIES
from greenlane.bench.words import in_words
from greenlane.packs import DESTINATIONS as COVERED
from greenlane.sandbox import DESTINATIONS, generate, world
from greenlane.values.errors import UsageError

_SEED = 2026
_ITEMS_PER_CONSIGNMENT = 2.2
_SAMPLE_ITEMS = 250_000
_DECISIONS, _QUOTES = 2_500, 200
_FILED, _ROUNDS = 1_000, 15
_FILINGS, _SINGLES = 16, 1_500
_WRITTEN, _READINGS, _LONG = 1_000, 5, 100_000
_EXTRAS = ("pandas", "pyarrow", "pydantic")


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What was measured: the machine, the parts by name, and what was left out with the reason."""

    machine: dict[str, Any]
    parts: dict[str, Any]
    skipped: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {"greenlane": __version__, "machine": self.machine, **self.parts, "skipped": self.skipped}

    def in_words(self) -> str:
        """Return tables to read."""
        return in_words(self.machine, self.parts, self.skipped)


def run_bench(name: str | None, items: int) -> BenchResult:
    """Measure one part, or all.

    Args:
        name: ``bulk`` (files against the limit of reading and writing), ``packs`` (the same over every law
            held, beside the six of ``bulk``), ``whatif`` (two laws compared, beside the bulk run), ``rows``
            (against a row loop and pandas), ``one`` (one consignment in process), ``filing`` (a filing of 1,000 in
            process), ``service`` (the same over HTTP, decided and durable, beside COPY; filings of one; pages of a long
            queue), ``messages`` (foreign formats against bare lxml); None is all of them.
        items: About how many items the bulk run clears, 1,000 or more; ``rows`` takes at most 250,000 of
            another stream, ``one`` at most 2,500 consignments, ``service`` a queue of as many consignments, a million
            at most.
    Raises:
        UsageError: There is no such part, or too few items.
        BenchError: A measurement failed.
    """
    parts: dict[str, Callable[[Path, int], dict[str, Any]]] = {
        "bulk": _bulk,
        "packs": _packs,
        "whatif": _whatif,
        "rows": _rows,
        "one": _one,
        "filing": _filing,
        "service": _service,
        "messages": _messages,
    }
    if name is not None and name not in parts:
        raise UsageError(f"no measurement {name!r}; there are {', '.join(parts)}")
    if items < 1_000:
        raise UsageError("--items is 1,000 or more")
    chosen = parts if name is None else {name: parts[name]}
    missing = [extra for extra in _EXTRAS if find_spec(extra) is None]
    skipped = []
    if missing and "rows" in chosen:
        skipped.append(f"{', '.join(missing)} not installed (pip install greenlane[bench])")
    found = {}
    for part, measure in chosen.items():
        with TemporaryDirectory(prefix="greenlane-bench-") as folder:
            found[part] = measure(Path(folder), items)
    return BenchResult(_machine(), found, skipped)


def _machine() -> dict[str, Any]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cores": os.cpu_count() or 1, "memory_gib": round(pages / 2**30)}


def _cores() -> int:
    return os.cpu_count() or 1


def _bulk(folder: Path, items: int) -> dict[str, Any]:
    stream = folder / "stream.parquet"
    made = generate(max(1, round(items / _ITEMS_PER_CONSIGNMENT)), _SEED, stream)
    runs = [
        _run(stream, folder / f"out-{workers}-{group_sums}", workers, group_sums)
        for workers in dict.fromkeys((1, min(2, _cores())))
        for group_sums in (True, False)
    ]
    size = stream.stat().st_size
    return {"items": made.items, "consignments": made.consignments, "read_bytes": size, "runs": runs}


def _packs(folder: Path, items: int) -> dict[str, Any]:
    """Measure the same number of items over six laws and over all, each beside its own limit."""
    found: dict[str, Any] = {"runs": {}}
    for name, weights in (("six laws", None), ("every law", world())):
        stream = folder / f"{name.replace(' ', '-')}.parquet"
        made = generate(max(1, round(items / _ITEMS_PER_CONSIGNMENT)), _SEED, stream, destinations=weights)
        run = _run(stream, folder / f"out-{stream.stem}", min(2, _cores()), True)
        held = {code for code, countries in COVERED.items() if set(countries) & set(weights or DESTINATIONS)}
        found["runs"][name] = {"laws": len(held), "items": made.items, **run}
    of = {name: run["of_limit_by_cpu"] for name, run in found["runs"].items()}
    found["kept"] = of["every law"] / of["six laws"]
    return found


def _whatif(folder: Path, items: int) -> dict[str, Any]:
    """Measure a comparison of two changes beside the bulk run of the same file."""
    stream = folder / "stream.parquet"
    made = generate(max(1, round(items / _ITEMS_PER_CONSIGNMENT)), _SEED, stream)
    files = {"file": str(stream), "workers": min(2, _cores())}
    runs = {
        name: measured(task, _cores(), out=str(folder / task), **files, **more).result
        for name, task, more in (
            ("bulk run", "clear", {"group_sums": True}),
            ("what if", "whatif", {"settings": ["eu.flat_duty.amount=2", "gb.relief.limit=0"]}),
        )
    }
    for run in runs.values():
        run["items_per_second"] = made.items / run["seconds"]
    of_bulk = runs["bulk run"]["cpu_seconds"] / runs["what if"]["cpu_seconds"]
    return {"items": made.items, "runs": runs, "of_bulk": of_bulk}


def _run(stream: Path, out: Path, workers: int, group_sums: bool) -> dict[str, Any]:
    threads = max(1, _cores() // workers)
    files = {"file": str(stream), "out": str(out), "workers": workers}
    run = measured("clear", _cores(), group_sums=group_sums, **files)
    limit = measured("limit", threads, **files).result
    shutil.rmtree(out)
    items, seconds = run.result["items"], run.result["seconds"]
    return {
        "workers": workers,
        "threads_each": threads,
        "group_sums": group_sums,
        **run.result,
        "items_per_second": items / seconds,
        "peak_bytes": run.peak_bytes,
        "limit": limit,
        "limit_items_per_second": items / limit["seconds"],
        "of_limit": limit["seconds"] / seconds,
        "of_limit_by_cpu": limit["cpu_seconds"] / run.result["cpu_seconds"],
    }


def _rows(folder: Path, items: int) -> dict[str, Any]:
    stream = folder / "sample.parquet"
    weights = {country: weight for country, weight in DESTINATIONS.items() if country in COUNTRIES}
    count = max(1, round(min(items, _SAMPLE_ITEMS) / _ITEMS_PER_CONSIGNMENT))
    generate(count, _SEED, stream, destinations=weights)
    found = measured("rivals", 1, file=str(stream)).result
    found["items_per_second"] = {name: found["items"] / spent for name, spent in found["seconds"].items()}
    for ratio, measure in (("times_row_loop", "seconds"), ("times_row_loop_by_cpu", "cpu_seconds")):
        loop = found[measure].get("row loop")
        found[ratio] = {name: loop and loop / spent for name, spent in found[measure].items()}
    return found


def _one(folder: Path, items: int) -> dict[str, Any]:
    stream, documents = folder / "some.parquet", folder / "some.ndjson"
    quotes = min(_QUOTES, items // 50)
    generate(min(_DECISIONS, items), _SEED, stream)
    generate(quotes, _SEED, documents)
    return measured("one", _cores(), file=str(stream), documents=str(documents), quotes=quotes).result


def _filing(folder: Path, items: int) -> dict[str, Any]:
    """Measure a filing to the European Union on one day, one over a month that changes its law, one to every law."""
    union = dict.fromkeys(COVERED["eu"], 1)
    filings = (
        ("one law, one day", union, date(2026, 7, 6), 1),
        ("one law, a month that changes it", union, date(2026, 6, 15), 31),
        ("every law, the same month", world(), date(2026, 6, 15), 31),
    )
    found: dict[str, Any] = {}
    for name, weights, start, days in filings:
        documents = folder / f"{len(found)}.ndjson"
        generate(min(_FILED, items), _SEED, documents, start=start, days=days, destinations=weights)
        found[name] = measured("filing", _cores(), filing=str(documents), rounds=_ROUNDS).result
    return found


def _service(folder: Path, items: int) -> dict[str, Any]:
    """Measure a service of one process and one of two, the latter with the long queue."""
    filings = max(2, min(_FILINGS, items // 5_000))
    singles = min(_SINGLES, items // 50)
    documents = folder / "stream.ndjson"
    consignments = filings_wanted(filings) * SIZE + 2 * singles
    union = dict.fromkeys(COVERED["eu"], 1)
    generate(consignments, _SEED, documents, start=date(2026, 7, 6), days=1, destinations=union)
    runs = []
    for workers in (1, 2):
        queue = min(items, 1_000_000) if workers == 2 else 0
        given = {"documents": str(documents), "workers": workers, "filings": filings, "singles": singles}
        # PostgreSQL runs as a user of its own and wants a short path to its socket.
        with TemporaryDirectory(prefix="gl-", dir="/tmp", ignore_cleanup_errors=True) as home:
            runs.append(measured("service", 1, home=home, queue=queue, **given).result)
    return {"size": SIZE, "runs": runs}


def _messages(folder: Path, items: int) -> dict[str, Any]:
    """Measure the reading of messages written from generated consignments, beside bare lxml on the same bytes."""
    documents = folder / "messages.ndjson"
    generate(min(_WRITTEN, items // 10), _SEED, documents)
    found: dict[str, dict[str, Any]] = measured(
        "messages", 1, documents=str(documents), rounds=_READINGS
    ).result
    long = read_long(list(found), documents, min(_LONG, items))
    for name, run in found.items():
        run["long"] = long[name]
        cpu = run["cpu_s"]
        run["items_per_second"] = {part: run["items"] / spent for part, spent in cpu.items()}
        run["of_bare"], run["of_parse"] = cpu["bare"] / cpu["read"], cpu["parse"] / cpu["read"]
        run["stream_of_bare"] = cpu["bulk_bare"] / cpu["stream"]
        run["stream_of_parse"] = cpu["bulk_parse"] / cpu["stream"]
    return found


def read_long(names: Sequence[str], documents: Path, items: int) -> dict[str, dict[str, Any]]:
    """Measure the memory of reading one long message of each format, whose records are those of *documents*."""
    made = measured("messages to read long", 1, names=list(names), documents=str(documents)).result
    given = {"documents": str(documents), "counts": made["counts"], "items": items}
    return {
        name: measured("long message", 1, name=name, source=made["sources"][name], **given).result
        for name in names
    }
