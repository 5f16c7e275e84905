"""The clearance service over HTTP: filings of a thousand beside COPY, filings of one, pages of a long queue."""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from greenlane.bench.copied import copy_all, make_table, packed
from greenlane.bench.pages import fill, time_pages
from greenlane.bench.process import BenchError
from greenlane.bench.serving import Client, Served, serving
from greenlane.bench.spread import spread
from greenlane.engine.context import context

SIZE = 1_000
"""Consignments of a filing."""
_WARM = 6
_PER_SECOND = 100
_LINES = 8
_WRITERS = 2


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who files side by side, in which form, and how many times as many filings as the shortest plan."""

    parties: int
    form: str
    times: int = 1


_PLANS = (_Plan(1, "JSON"), _Plan(2, "NDJSON"))
_RUSH = _Plan(16, "JSON", 10)
"""The last plan: long enough that its beginning and end, when not every process has work, count for little."""


def filings_wanted(filings: int) -> int:
    """Return how many filings of `SIZE` a stream must hold for one number of workers."""
    return _WARM + filings * sum(plan.times for plan in (*_PLANS, _RUSH))


def time_service(
    home: str, documents: str, workers: int, filings: int, singles: int, queue: int
) -> dict[str, Any]:
    """Run a service and measure it; everything of one run in one database.

    Args:
        home: Folder of the service, empty.
        documents: NDJSON with `filings_wanted` filings and, behind them, twice *singles* consignments.
        workers: Service processes.
        filings: How many filings the shortest plan takes.
        singles: How many consignments are filed one by one, a hundred a second: before the rush, and right after it.
        queue: Open consignments in the queue; 0 leaves it out.
    """
    with Path(documents).open("rb") as lines:
        bodies = [[line.rstrip() for line in islice(lines, SIZE)] for _ in range(filings_wanted(filings))]
        ones = [[line.rstrip() for line in islice(lines, singles)] for _ in range(2)]
    with serving(Path(home), workers) as served:
        warm, left = bodies[:_WARM], bodies[_WARM:]
        # Every process reads the law and fills its caches, whichever it is that the connections reach.
        _file(
            served,
            [[_joined(body, "JSON")] for body in warm],
            [served.client(f"party-{n % 2}") for n in range(_WARM)],
        )
        found: dict[str, Any] = {"workers": workers, "filings": [], "singles": []}
        copies = _copies(served, left[:filings])
        for plan in (*_PLANS, _RUSH):
            if singles and plan is _RUSH:
                # The disk still writes what COPY wrote to be compared with; commits would wait for that.
                os.sync()
                found["singles"].append({"when": "before the rush", **_singles(served, ones[0])})
            count = filings * plan.times
            mine, left = left[:count], left[count:]
            run = _filings(served, plan, mine)
            run["of_copy"] = {writers: run["per_second"] / rate for writers, rate in copies.items()}
            found["filings"].append(run)
        found["copies"] = copies
        if singles:
            found["singles"].append({"when": "right after it", **_singles(served, ones[1])})
        if queue:
            size = fill(served.database, queue)
            found["queue"] = {"open": size, "pages": time_pages(served, "party-0")}
        return found


def _joined(body: Sequence[bytes], form: str) -> bytes:
    return b"\n".join(body) if form == "NDJSON" else b"[" + b",".join(body) + b"]"


def _filings(served: Served, plan: _Plan, bodies: Sequence[Sequence[bytes]]) -> dict[str, Any]:
    listed = [
        [_joined(body, plan.form) for body in bodies[place :: plan.parties]] for place in range(plan.parties)
    ]
    clients = [served.client(f"party-{place}") for place in range(plan.parties)]
    before = served.spent()
    seconds, each, accepted = _file(served, listed, clients)
    after = served.spent()
    return {
        "parties": plan.parties,
        "form": plan.form,
        "filings": len(bodies),
        "consignments": accepted,
        "seconds": seconds,
        "per_second": accepted / seconds,
        "each": spread(each),
        "cpu_per_thousand": {name: (after[name] - before[name]) * 1_000 / accepted for name in after},
    }


def _file(
    served: Served, listed: Sequence[Sequence[bytes]], clients: Sequence[Client]
) -> tuple[float, list[float], int]:
    """File side by side, each client one filing after the other: seconds, milliseconds of each, how many accepted."""
    each: list[float] = []
    accepted: list[int] = []
    faults: list[BenchError] = []
    gate = threading.Barrier(len(clients) + 1)

    def work(client: Client, bodies: Sequence[bytes]) -> None:
        gate.wait()
        for body in bodies:
            begun = time.perf_counter()
            status, said = client.raw("POST", "/filings", body)
            # A new connection for each, so that the process that is free takes it.
            client.close()
            each.append((time.perf_counter() - begun) * 1_000)
            if status != 200:
                faults.append(BenchError(f"bench: a filing was answered {status}: {said[:300].decode()}"))
                return
            accepted.append(int(said[said.index(b'"accepted":') + 11 :].split(b",", 1)[0]))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, listed, strict=True)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if faults:
        raise faults[0]
    return seconds, each, sum(accepted)


def _copies(served: Served, bodies: Sequence[Sequence[bytes]]) -> dict[str, float]:
    """Return consignments a second of COPY over one connection and over two, as many as there are cores."""
    ready = packed(served.database, [_joined(body, "JSON") for body in bodies], context())
    found = {}
    for writers in range(1, _WRITERS + 1):
        best = 0.0
        for _ in range(3):
            make_table(served.database)
            best = max(best, len(bodies) * SIZE / copy_all(served.database, ready, writers))
        found[str(writers)] = best
    return found


def _singles(served: Served, lines: Sequence[bytes]) -> dict[str, Any]:
    """File one by one at a steady pace; a time counts from when the filing was due, so that a stall is not hidden."""
    clients = [served.client(f"party-{place % 2}") for place in range(_LINES)]
    warm = len(lines) // 5
    times: list[float] = []
    faults: list[int] = []
    begin = time.perf_counter() + 0.5

    def work(place: int) -> None:
        client = clients[place]
        for number in range(place, len(lines), _LINES):
            due = begin + number / _PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            status, _ = client.raw("POST", "/consignments", lines[number])
            if number >= warm:
                times.append((time.perf_counter() - due) * 1_000)
            if status not in (200, 201, 422):
                faults.append(status)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(_LINES)]
    before = served.spent()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = served.spent()
    if faults:
        raise BenchError(f"bench: {len(faults)} single filings were answered {faults[0]}")
    return {
        "per_second": _PER_SECOND,
        **spread(times),
        "cpu_ms_each": {name: (after[name] - before[name]) * 1_000 / len(lines) for name in after},
    }


__all__ = ["SIZE", "filings_wanted", "time_service"]
