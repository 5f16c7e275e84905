"""Decide again what was decided, under another version of the law; say who gets money back and who owes more."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.engine.other_law import OtherLaw, read_other_law
from greenlane.engine.output import neutral, sha256_of, write_json
from greenlane.engine.processes import Progress, processes, silent
from greenlane.engine.replay_part import CLASSES, ReplayTask, context_of, replay_part, start_replay
from greenlane.values.errors import UsageError
from greenlane.values.money import exponent, format_scaled

_FOLDERS = ("consignments", "differences", "traces")


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay found. ``summary`` is what ``summary.json`` holds."""

    out: Path
    summary: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every consignment since the day stands in exactly one class."""
        return bool(self.summary["complete"])


def replay(
    run: Path,
    out: Path,
    *,
    since: date,
    law: Sequence[str],
    workers: int | None = None,
    progress: Progress | None = None,
) -> ReplayReport:
    """Recompute the outcomes of a finished run under another version of the law.

    Args:
        run: Folder of a finished run; its inputs must be where they were, unchanged.
        out: Folder of the results; it must not hold anything.
        since: First day of declaration that counts.
        law: What ``--law`` names, see `greenlane.engine.other_law.read_other_law`.
        workers: Processes; None is one a core. Results do not depend on it.

    Returns:
        The report; every consignment of the run is before the day or in one class of `CLASSES`.

    Raises:
        UsageError: No finished run, a folder in use, or a law that isn't one.
    """
    path = run / "manifest.json"
    if not path.exists():
        raise UsageError(f"{run}: no finished run (manifest.json is missing)")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    other = read_other_law(law)
    tasks = _tasks(run, out, manifest, since, other)
    for settings in {json.dumps(task.settings, sort_keys=True): task.settings for task in tasks}.values():
        context_of(settings)  # what is wrong with the law is told before any worker starts
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} isn't empty: give a new folder")
    for folder in _FOLDERS:
        (out / folder).mkdir(parents=True, exist_ok=True)
    tell = progress or silent
    parts: list[dict[str, Any]] = []
    with processes(workers or os.cpu_count() or 1, start_replay) as pool:
        for number, future in enumerate([pool.submit(replay_part, task) for task in tasks], 1):
            parts.append(future.result())
            tell("replaying", number, len(tasks))
    summary = _summary(run, out, manifest, since, other, parts)
    write_json(out / "summary.json", summary)
    return ReplayReport(out, summary)


def _tasks(run: Path, out: Path, manifest: dict[str, Any], since: date, other: OtherLaw) -> list[ReplayTask]:
    whole: dict[str, str] = {}
    for path, entry in manifest["inputs"].items():
        file = Path(path)
        if not file.is_file():
            whole[path] = "the input is gone"
        elif sha256_of(file) != entry["sha256"]:
            whole[path] = "the input isn't what it was when the run read it"
    return [
        ReplayTask(
            run,
            out,
            manifest["format"],
            entry,
            since,
            other.settings(entry["decided"]),
            whole.get(entry["input"]["path"]),
        )
        for entry in manifest["parts"]
    ]


def _summary(
    run: Path,
    out: Path,
    manifest: dict[str, Any],
    since: date,
    other: OtherLaw,
    parts: list[dict[str, Any]],
) -> dict[str, Any]:
    classes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    versions: dict[str, set[str]] = {"before": set(), "after": set()}
    for part in parts:
        classes.update(part["classes"])
        reasons.update(part["reasons"])
        for side, seen in versions.items():
            seen.update(part["versions"][side])
    payers = _payers(out)
    before = sum(part["before_the_day"] for part in parts)
    held = sum(part["held"] for part in parts)
    since_day = sum(classes.values())
    return {
        "run": str(run),
        "since": since.isoformat(),
        "law": other.name,
        "amendments": list(other.amendments),
        "consignments": held,
        "before_the_day": before,
        "since_the_day": since_day,
        "classes": {name: classes.get(name, 0) for name in CLASSES},
        "cannot_recompute": dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        "complete": held == before + since_day and _each_once(out, held - before),
        "payers": payers,
        "lists_changed": any(part["lists_changed"] for part in parts),
        "law_versions": {side: sorted(seen) for side, seen in versions.items()},
        "greenlane": manifest["greenlane"],
    }


def _each_once(out: Path, count: int) -> bool:
    """Whether the consignments written are as many as were to be recomputed, and no id stands twice."""
    ids = pl.concat(
        [
            pl.DataFrame(schema={"consignment_id": pl.String}),
            *(pl.read_parquet(p, columns=["consignment_id"]) for p in _parts(out, "consignments")),
        ]
    )["consignment_id"]
    return len(ids) == count and ids.n_unique() == count


def _payers(out: Path) -> list[dict[str, Any]]:
    """Write refunds and further claims of each payer as CSV; return their sums by kind of payer."""
    frames = [pl.read_parquet(path) for path in _parts(out, "differences")]
    each, kinds = [], []
    if frames:
        whole = pl.concat(frames)
        each = _summed(whole, ["payer", "payer_id", "currency"])
        kinds = _summed(whole, ["payer", "currency"])
    columns = ["payer", "payer_id", "currency", "refund", "further_claim"]
    schema = dict.fromkeys(columns, pl.String) | {"consignments": pl.Int64}
    neutral(pl.DataFrame(each, schema=schema)).write_csv(out / "payers.csv")
    return kinds


def _summed(differences: pl.DataFrame, keys: list[str]) -> list[dict[str, Any]]:
    delta = pl.col("delta_minor")
    summed = differences.group_by(keys).agg(
        pl.col("consignment_id").n_unique().alias("consignments"),
        (-delta.filter(delta < 0).sum()).alias("refund"),
        delta.filter(delta > 0).sum().alias("further_claim"),
    )
    rows = summed.sort(keys, nulls_last=True).to_dicts()
    for row in rows:
        for name in ("refund", "further_claim"):
            row[name] = format_scaled(row[name], exponent(row["currency"]))
    return rows


def _parts(out: Path, folder: str) -> list[Path]:
    return sorted((out / folder).glob("part-*.parquet"))


def in_words(report: ReplayReport) -> str:
    """Say what a replay found, for a terminal."""
    s = report.summary
    lines = [
        f"Replayed under {s['law']}, declarations since {s['since']}.",
        "",
        f"{s['since_the_day']:>12,} consignments since the day, {s['before_the_day']:,} before it",
    ]
    lines += [f"{count:>12,} {CLASSES[name]}" for name, count in s["classes"].items()]
    lines += [f"{count:>16,} {reason}" for reason, count in list(s["cannot_recompute"].items())[:12]]
    lines.append("")
    if s["payers"]:
        lines.append(f"{'payer':<20}{'consignments':>14}{'refund':>18}{'further claim':>18}")
        for row in s["payers"]:
            lines.append(
                f"{row['payer']:<20}{row['consignments']:>14,}{row['refund']:>18}{row['further_claim']:>18}"
                f" {row['currency']}"
            )
    else:
        lines.append("Nobody gets money back and nobody owes more.")
    lines.append("")
    if s["lists_changed"]:
        lines.append("The reference data are not those of the run: differences may come from them too.")
    proof = (
        "Every consignment stands in exactly one class." if s["complete"] else "NOT COMPLETE: some are lost."
    )
    lines += [proof, "", f"  {report.out / 'payers.csv'}"]
    lines += [f"  {report.out / folder}" for folder in _FOLDERS]
    return "\n".join(lines)
