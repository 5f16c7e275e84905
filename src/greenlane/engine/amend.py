"""Take consignments out of a finished part: rows, counts and statistics, so that none counts twice."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.engine.decider import MINOR
from greenlane.engine.groups import items_of
from greenlane.engine.output import part_path, read_part_rows, sha256_of, write_json, write_rows
from greenlane.measure.part import TABLES, PartStatistics, part_statistics
from greenlane.messages.files import read_rows
from greenlane.model import Batch
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity, declare

INPUT_GONE = declare(
    "run.input_gone",
    Severity.WARNING,
    "The input of an amended consignment isn't what it was, so the statistics still count its first filing.",
    "Keep the inputs of a run where they are, or clear everything again into another folder.",
)

FOLDERS = ("outcomes", "charges", "findings")
_AMOUNTS = {"value": "intrinsic_value", "payable": "payable_at_border"}


def leave_out(out: Path, form: str, number: int, ids: pl.Series, batch: Batch | None) -> tuple[int, bool]:
    """Take those of *ids* that a part decided out of it.

    Args:
        out: Folder of the run, with results in *form*.
        number: The part.
        ids: Ids of consignments, whether in this part or not.
        batch: What the part was read from; None where that is gone.

    Returns:
        How many were taken out, and whether the statistics were corrected for them.
    """
    state = part_state(out, number)
    rows = {folder: read_part_rows(out, folder, number, form) for folder in FOLDERS}
    wanted = ids.implode()
    own = {name: frame.filter(pl.col("consignment_id").is_in(wanted)) for name, frame in rows.items()}
    count = own["outcomes"].height
    if not count:
        return 0, True
    corrected = _count_less(state, own, batch)
    # The outcomes go last: while they stand, a run that is killed here begins this part again.
    for folder in reversed(FOLDERS):
        path = part_path(out, folder, number, form)
        kept = rows[folder].filter(~pl.col("consignment_id").is_in(wanted).fill_null(False))
        write_rows(kept, path, form)
        state["files"][f"{folder}/{path.name}"] = sha256_of(path)
    write_json(out / "state" / f"part-{number:05d}.json", state)
    return count, corrected


def part_state(out: Path, number: int) -> dict[str, Any]:
    """Return what a finished part noted: counts, hashes of its files, statistics."""
    path = out / "state" / f"part-{number:05d}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def batch_of(entry: dict[str, Any], inputs: dict[str, Any]) -> Batch | None:
    """Read again what a part of an earlier run was read from; None where it isn't what it was."""
    rows = entry["input"]
    path = Path(rows["path"])
    known = inputs.get(rows["path"])
    if known is None or not path.is_file() or sha256_of(path) != known["sha256"]:
        return None
    try:
        return read_rows(path, rows["first_row"], rows["last_row"])
    except UsageError:
        return None


def _count_less(state: dict[str, Any], own: dict[str, pl.DataFrame], batch: Batch | None) -> bool:
    counts = state["counts"]
    for name, rows in (("consignments", "outcomes"), ("charges", "charges"), ("findings", "findings")):
        counts[name] -= own[rows].height
    state["left_out"] = state.get("left_out", 0) + own["outcomes"].height
    if batch is None:
        return False
    ids = own["outcomes"]["consignment_id"]
    places = batch.consignments["consignment_id"].is_in(ids.implode()).arg_true().cast(pl.UInt32)
    if len(places) != len(ids):
        return False
    consignments = batch.consignments[places]
    items = items_of(batch.items, places, batch.consignments.height)
    counts["items"] -= items.height
    # Rows of the part stand in the order of its consignments, and so do these.
    outcomes, findings = own["outcomes"], _as_decided(own["findings"])
    removed = part_statistics(consignments, items, outcomes, own["charges"], findings, _minor(outcomes))
    state["statistics"] = less(state["statistics"], removed)
    return True


def _as_decided(findings: pl.DataFrame) -> pl.DataFrame:
    """Leave out what intake said of rows that it refused: the statistics of decisions don't hold it."""
    return findings.filter(pl.col("file").is_null()) if "file" in findings.columns else findings


def _minor(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return the amounts in minor units: they are written with all the decimals of their currency."""
    return outcomes.select(
        pl.col(_AMOUNTS.get(name, name)).str.replace(".", "", literal=True).cast(pl.Int64).alias(name)
        for name in MINOR
    )


def less(statistics: PartStatistics, removed: PartStatistics) -> PartStatistics:
    """Subtract statistics of some consignments from those of a part that holds them.

    Example:
        >>> less({"scores": [[0, 3], [40, 1]]}, {"scores": [[40, 1], [0, 1]]})
        {'scores': [[0, 2]]}
    """
    left: PartStatistics = {}
    for name, rows in statistics.items():
        keys = len(TABLES[name].keys)
        gone = {tuple(row[:keys]): row[keys:] for row in removed.get(name, ())}
        kept = []
        for row in rows:
            minus = gone.get(tuple(row[:keys]), [0] * (len(row) - keys))
            measures = [one - other for one, other in zip(row[keys:], minus, strict=True)]
            if any(measures):
                kept.append([*row[:keys], *measures])
        left[name] = kept
    return left
