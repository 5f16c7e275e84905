"""The results of the bench as text, in tables that can be pasted into Markdown."""

from collections.abc import Sequence
from typing import Any


def in_words(machine: dict[str, Any], parts: dict[str, Any], skipped: Sequence[str]) -> str:
    """Return every part as a table with a line that says what it is."""
    where = f"{machine['cores']} cores with {machine['memory_gib']} GiB of memory"
    lines = [f"Measured on {where}, in one run.", ""]
    sections = {
        "bulk": _bulk,
        "packs": _packs,
        "whatif": _whatif,
        "rows": _rows,
        "one": _one,
        "filing": _filing,
        "service": _service,
        "messages": _messages,
    }
    for name, write in sections.items():
        if name in parts:
            lines += [*write(parts[name]), ""]
    lines += [f"Left out: {words}" for words in skipped]
    return "\n".join(lines).rstrip()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table, padded so that it reads well as it is.

    Example:
        >>> _table(["what", "n"], [["a", "1"]])
        ['| what | n |', '| ---- | - |', '| a    | 1 |']
    """
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    written = [head, ["-" * width for width in widths], *rows]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in written
    ]


def _bulk(found: dict[str, Any]) -> list[str]:
    rows, stages = [], []
    for run in found["runs"]:
        which = [
            f"{run['workers']} x {run['threads_each']}",
            "with" if run["group_sums"] else "without",
        ]
        peak = "not seen" if run["peak_bytes"] is None else f"{run['peak_bytes'] / 2**30:.2f} GiB"
        rates = [f"{run[name]:,.0f}" for name in ("items_per_second", "limit_items_per_second")]
        ratios = [f"{run[name]:.3f}" for name in ("of_limit", "of_limit_by_cpu")]
        rows.append([*which, *rates, *ratios, peak, f"{run['seconds']:.1f}"])
        stages.append([*which, _laps(run["phases"]), _laps(run["stages"])])
    head = ["workers x threads", "split sums"]
    return [
        f"Bulk: {found['items']:,} items in {found['consignments']:,} consignments, Parquet in and out, with",
        "findings, risk, digests and charges. The limit reads the same columns and writes the same rows.",
        "",
        *_table(
            [*head, "items/s", "limit items/s", "of the limit", "by processor time", "peak memory", "s"], rows
        ),
        "",
        "Seconds: by the clock, and by stage added up over the workers.",
        "",
        *_table([*head, "by the clock", "in the workers"], stages),
    ]


def _packs(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            name,
            str(run["laws"]),
            f"{run['items']:,}",
            f"{run['items_per_second']:,.0f}",
            f"{run['of_limit']:.3f}",
            f"{run['of_limit_by_cpu']:.3f}",
        ]
        for name, run in found["runs"].items()
    ]
    return [
        "Packs: as many items over six laws and over every law held, each beside its own limit.",
        "",
        *_table(["stream", "laws", "items", "items/s", "of the limit", "by processor time"], rows),
        "",
        f"Every law keeps {found['kept']:.2f} of the share of the limit that six laws reach (by processor time).",
    ]


def _whatif(found: dict[str, Any]) -> list[str]:
    rows = [
        [name, f"{run['items_per_second']:,.0f}", f"{run['seconds']:.1f}", f"{run['cpu_seconds']:.1f}"]
        for name, run in found["runs"].items()
    ]
    return [
        f"What if: {found['items']:,} items decided under two laws, beside the bulk run of the same file.",
        "",
        *_table(["run", "items/s", "s", "processor s"], rows),
        "",
        f"The comparison runs at {found['of_bulk']:.2f} of the bulk run's speed by processor time.",
    ]


def _laps(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {spent:.1f}" for name, spent in seconds.items())


_RATIOS = ("times_row_loop", "times_row_loop_by_cpu")


def _factor(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"


def _rows(found: dict[str, Any]) -> list[str]:
    does = {
        "greenlane": "reads, checks, screens, groups, digests, decides, writes",
        "greenlane, law alone": "columns: amounts and disposition, from memory",
        "row loop": "pydantic and Decimal, one by one: amounts and disposition, from memory",
        "pandas": "vectorised: amounts and disposition, from memory",
    }
    rows = [
        [name, f"{rate:,.0f}", *(_factor(found[ratio][name]) for ratio in _RATIOS), does[name]]
        for name, rate in found["items_per_second"].items()
    ]
    compared = (
        ("same_status", "consignments"),
        ("same_amounts", "assessed"),
        ("same_category", "assessed"),
        ("same_disposition", "without_risk"),
    )
    agreed = [
        [name, *(f"{counts[same]:,} of {counts[of]:,}" for same, of in compared)]
        for name, counts in found["agreement"].items()
    ]
    lines = [
        f"Rows: law of the EU and GB, {found['items']:,} items in {found['consignments']:,} consignments,",
        "one process, one thread, best of three rounds each.",
        "",
        *_table(["program", "items/s", "times the row loop", "by processor time", "what it does"], rows),
        "",
        f"greenlane's seconds: {_laps(found['stages'])}.",
    ]
    if not agreed:
        return lines
    return [
        *lines,
        "",
        "Do they agree? Consignments, against greenlane; dispositions where no sign of risk shows.",
        "",
        *_table(["program", "status", "amounts of those assessed", "category", "disposition"], agreed),
    ]


def _one(found: dict[str, Any]) -> list[str]:
    names = {
        "single": "decision of one item, facts ready",
        "decision": "decision, 1 to 30 items, facts ready",
        "quote": "quote, from JSON bytes",
        "filing": "filing of one, from JSON bytes to outcome",
    }
    spread = ("p50_ms", "p99_ms", "worst_ms", "p50_cpu_ms", "p99_cpu_ms")
    rows = [
        [words, f"{found[key]['count']:,}", *(f"{found[key][name]:.3f}" for name in spread)]
        for key, words in names.items()
    ]
    return [
        "One: consignments of the default stream, one at a time in one process, warm.",
        "",
        *_table(
            ["what", "consignments", "p50 ms", "p99 ms", "worst ms", "p50 processor", "p99 processor"], rows
        ),
    ]


def _filing(found: dict[str, Any]) -> list[str]:
    rows = []
    for name, run in found.items():
        cpu, clock = run["cpu_ms"], run["ms"]
        decided = cpu["read"] + cpu["decide"]
        laps = [f"{part[lap]:.1f}" for lap in ("read", "decide", "each") for part in (cpu, clock)]
        rows.append([name, f"{run['consignments']:,}", f"{run['items']:,}", *laps, f"{decided:.1f}"])
    heads = [f"{lap}, {by}" for lap in ("read", "decide", "each outcome") for by in ("processor", "clock")]
    return [
        "Filing: one JSON array in memory, read, checked, screened, digested and decided, warm; milliseconds,",
        "best of several. *Each outcome* writes the decided columns one by one as the contract has them.",
        "",
        *_table(["law", "consignments", "items", *heads, "read and decide, processor"], rows),
    ]


def _copied(runs: Sequence[dict[str, Any]], writers: str) -> str:
    """Return how fast COPY was beside each number of processes."""
    return " and ".join(f"{run['copies'][writers]:,.0f}" for run in runs)


def _service(found: dict[str, Any]) -> list[str]:
    runs = found["runs"]
    filed = [
        [
            str(run["workers"]),
            str(one["parties"]),
            one["form"],
            f"{one['consignments']:,}",
            f"{one['per_second']:,.0f}",
            *(f"{of:.3f}" for of in one["of_copy"].values()),
            f"{one['each']['p50_ms']:,.0f}",
            *(f"{one['cpu_per_thousand'][name]:.3f}" for name in ("service", "postgresql")),
        ]
        for run in runs
        for one in run["filings"]
    ]
    singles = [
        [
            str(run["workers"]),
            one["when"],
            f"{one['count']:,}",
            *(f"{one[name]:.1f}" for name in ("p50_ms", "p99_ms", "worst_ms")),
            *(f"{one['cpu_ms_each'][name]:.1f}" for name in ("service", "postgresql")),
        ]
        for run in runs
        for one in run["singles"]
    ]
    lines = [
        f"Service: filings of {found['size']:,} over HTTP, decided and durable, with indexes, encryption, events and",
        "ledger, beside binary COPY of the same consignment and item rows, once, into one table with the same indexes:",
        f"over one connection {_copied(runs, '1')} consignments a second, over two {_copied(runs, '2')}.",
        "Processor seconds are for 1,000 consignments.",
        "",
        *_table(
            ["processes", "parties", "form", "consignments", "a second", "of COPY over one", "over two",
             "p50 ms of a filing", "processor s, service", "processor s, PostgreSQL"],
            filed,
        ),
        "",
        "Single filings, a hundred a second; a time counts from when the filing was due.",
        "",
        *_table(
            ["processes", "when", "filings", "p50 ms", "p99 ms", "worst ms", "processor ms, service",
             "processor ms, PostgreSQL"],
            singles,
        ),
    ]  # fmt: skip
    for run in runs:
        if queue := run.get("queue"):
            pages = [
                [name, str(one["count"]), *(f"{one[part]:.1f}" for part in ("p50_ms", "worst_ms"))]
                for name, one in queue["pages"].items()
                if one["count"]
            ]
            lines += [
                "",
                f"Pages of fifty over {queue['open']:,} open consignments.",
                "",
                *_table(["what", "pages", "p50 ms", "worst ms"], pages),
            ]
    return lines


def _messages(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            name,
            f"{run['items']:,}",
            f"{run['bytes'] / 1e6:.1f}",
            *(f"{run['items_per_second'][part]:,.0f}" for part in ("read", "bare", "parse", "stream")),
            *(f"{run[part]:.2f}" for part in ("of_bare", "of_parse", "stream_of_bare", "stream_of_parse")),
        ]
        for name, run in found.items()
    ]
    long = [
        [
            name,
            f"{run['long']['items']:,}",
            f"{run['long']['bytes'] / 1e6:.0f}",
            f"{run['long']['items'] / run['long']['cpu_s']:,.0f}",
            f"{run['long']['peak'] / 1e6:.0f}",
            f"{(run['long']['peak'] - run['long']['before']) / 1e6:.1f}",
        ]
        for name, run in found.items()
    ]
    return [
        "Messages: *read* takes short ones, one consignment each, to checked consignments; *stream* reads one message of",
        "all of them. *Bare* parses the same bytes with lxml and validates them against a schema of the same elements;",
        "EDIFACT is split, CSV and JSON lines are read without a check. Items a second of processor time.",
        "",
        *_table(
            ["format", "items", "MB", "read", "bare", "parse only", "stream", "read of bare", "read of parse",
             "stream of bare", "stream of parse"],
            rows,
        ),
        "",
        "One long message, read while it comes: the most memory of the process, and how much more that is than after a",
        "tenth of it.",
        "",
        *_table(["format", "items", "MB", "items a second", "peak MB", "more MB"], long),
    ]  # fmt: skip
