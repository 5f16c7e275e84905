"""A queue of many open consignments, and how long its pages take through the API."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg

from greenlane.bench.serving import Client, Served
from greenlane.bench.spread import spread

_ROUNDS = 30
_STEP = 1_000
_PHASES = (
    "awaiting_payment", "awaiting_payment", "awaiting_payment", "accepted", "held", "under_inspection", "referred",
)  # fmt: skip

_ARRAY = "array[" + ", ".join(f"'{phase}'" for phase in _PHASES) + "]"


def fill(database: str, size: int) -> int:
    """Copy the consignments that are there until *size* are open, each with its own id, deadline and phase.

    Returns:
        How many consignments there are.
    """
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        columns = [
            row[0]
            for row in connection.execute(
                "select attname from pg_attribute where attrelid = 'consignment'::regclass and attnum > 0 "
                "and not attisdropped order by attnum"
            )
        ]
        own = {
            "key": "nextval('consignment_key')",
            "consignment_id": "consignment_id || '-' || n",
            "phase": f"({_ARRAY})[1 + (n * 7 + key) % {len(_PHASES)}]",
            "open": "true",
            "deadline": "case when (n + key) % 10 = 0 then null "
            "else filed_at + make_interval(secs => (key * 7919 + n * 104729) % 2592000) end",
            "wake_at": "null",
            "transport_document": "transport_document || '-' || n",
            "group_key": "group_key || n",
            "person": "person || n",
        }
        chosen = ", ".join(own.get(name, name) for name in columns)
        row = connection.execute(
            "select count(*), max(key) from consignment where open is not null"
        ).fetchone()
        assert row is not None
        held, last = row
        times = -(-(size - held) // held) if held else 0
        indexes = connection.execute(
            "select indexname, indexdef from pg_indexes where tablename = 'consignment' "
            "and indexname <> 'consignment_pkey'"
        ).fetchall()
        # Built at the end they cost a fraction, and are as they would be after any reindexing.
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        for begin in range(1, times + 1, 50):
            connection.execute(
                f"insert into consignment ({', '.join(columns)}) select {chosen} from consignment, "
                f"generate_series({begin}, {min(times, begin + 49)}) n where key <= {last}"
            )
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("vacuum analyze consignment")
        row = connection.execute("select count(*) from consignment where open").fetchone()
        assert row is not None
        return int(row[0])


def time_pages(served: Served, party: str) -> dict[str, dict[str, float]]:
    """Return how long pages take, by what is asked: the first ones, deep ones, with filters, of a party's own."""
    own = served.client(party)
    officer = served.client("administration", "officer")
    found: dict[str, list[float]] = {}
    asked: dict[str, tuple[Client, str, dict[str, Any]]] = {
        "queue, first pages": (officer, "/queue", {}),
        "queue, one phase": (officer, "/queue", {"phase": "held"}),
        "queue, a phase that nothing is in": (officer, "/queue", {"phase": "seized"}),
        "queue, one disposition": (officer, "/queue", {"disposition": "inspect"}),
        "queue, a disposition that nothing has": (officer, "/queue", {"disposition": "none-such"}),
        "queue, one channel": (officer, "/queue", {"channel": "postal"}),
        "queue, one party": (officer, "/queue", {"party": party}),
        "queue, a party without any": (officer, "/queue", {"party": "administration"}),
        "list, first pages": (officer, "/consignments", {}),
        "list, one phase": (officer, "/consignments", {"phase": "held"}),
        "list, a party's own": (own, "/consignments", {}),
        "list, a party's own in one phase": (own, "/consignments", {"phase": "held"}),
    }
    for name, (client, path, params) in asked.items():
        found[name] = list(_walk(client, path, params))
    found["queue, deep pages"] = list(_deep(officer, "/queue"))
    found["list, deep pages"] = list(_deep(own, "/consignments"))
    return {name: spread(times) for name, times in found.items()}


def _walk(client: Client, path: str, params: dict[str, Any]) -> Iterator[float]:
    """Time the first pages of fifty, each from the cursor of the one before."""
    cursor = None
    client.call("GET", path, limit=50, **params)
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        page = client.call("GET", path, limit=50, cursor=cursor, **params)
        yield (time.perf_counter() - begun) * 1_000
        cursor = page["next"]


def _deep(client: Client, path: str) -> Iterator[float]:
    """Go through everything by pages of a thousand, and time a page of fifty at every tenth of them."""
    cursor, place = None, 0
    while True:
        page = client.call("GET", path, limit=_STEP, cursor=cursor)
        cursor, place = page["next"], place + 1
        if cursor is None:
            return
        if place % 10 == 0:
            begun = time.perf_counter()
            client.call("GET", path, limit=50, cursor=cursor)
            yield (time.perf_counter() - begun) * 1_000


__all__ = ["fill", "time_pages"]
