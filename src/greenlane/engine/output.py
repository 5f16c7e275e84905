"""Writing rows: Parquet, CSV that no spreadsheet runs, NDJSON; whole files or none."""

import json
import os
from hashlib import file_digest
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.decide.columns import CHARGE_COLUMNS, FINDING_COLUMNS
from greenlane.engine.decider import OUTCOME_COLUMNS
from greenlane.values.spreadsheet import RUN_BY_SPREADSHEETS

FORMATS = ("parquet", "csv", "ndjson")

SCHEMAS: dict[str, dict[str, Any]] = {
    "outcomes": OUTCOME_COLUMNS,
    "charges": {"consignment_id": pl.String, **CHARGE_COLUMNS},
    "findings": {"consignment_id": pl.String, **FINDING_COLUMNS, "file": pl.String, "row": pl.UInt64},
}
"""Columns of each folder of results."""


def write_rows(frame: pl.DataFrame, path: Path, form: str, mode: int = 0o644) -> None:
    """Write a frame beside its place and move it there, so that a file is whole or absent.

    In CSV, nested values are JSON and a text that a spreadsheet would run begins with an apostrophe.
    """
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        if form == "parquet":
            frame.write_parquet(file, compression="zstd", compression_level=1, statistics=False)
        elif form == "csv":
            neutral(frame).write_csv(file)
        else:
            frame.write_ndjson(file)
    partial.replace(path)


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a flat frame in which no text begins like a spreadsheet formula.

    Example:
        >>> neutral(pl.DataFrame({"a": ["=1+1", "plain"]}))["a"].to_list()
        ["'=1+1", 'plain']
    """
    columns = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.map_elements(_as_json, return_dtype=pl.String)
        elif kind == pl.String:
            risky = column.str.contains(RUN_BY_SPREADSHEETS)
            column = pl.when(risky).then(pl.concat_str(pl.lit("'"), column)).otherwise(column)
        columns.append(column.alias(name))
    return frame.select(columns)


def _as_json(values: pl.Series) -> str:
    return json.dumps(values.to_list(), ensure_ascii=False)


def read_outputs(folder: Path, form: str, columns: list[str] | None = None) -> pl.DataFrame:
    """Read every part of an output folder, in order."""
    numbers = sorted(int(path.stem.removeprefix("part-")) for path in folder.glob(f"part-*.{form}"))
    frames = [read_part_rows(folder.parent, folder.name, number, form, columns) for number in numbers]
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()


def part_path(out: Path, folder: str, number: int, form: str) -> Path:
    """Return where the rows of a part stand."""
    return out / folder / f"part-{number:05d}.{form}"


def read_part_rows(
    out: Path, folder: str, number: int, form: str, columns: list[str] | None = None
) -> pl.DataFrame:
    """Read the rows of one part in their own types; in CSV nested values stay the JSON that they are."""
    path, schema = part_path(out, folder, number, form), SCHEMAS[folder]
    if form == "parquet":
        return pl.read_parquet(path, columns=columns)
    if form == "ndjson":
        frame = pl.read_ndjson(path, schema={name: _wide(kind) for name, kind in schema.items()})
    else:
        frame = pl.read_csv(path, infer_schema=False)
        schema = {name: kind for name, kind in schema.items() if not isinstance(kind, pl.List)}
    frame = frame.with_columns(pl.col(name).cast(kind) for name, kind in schema.items() if kind != pl.String)
    return frame.select(columns) if columns else frame


def _wide(kind: Any) -> Any:
    """Return the type that Polars reads from NDJSON: it ends the process at whole numbers of 8 and 16 bits."""
    if isinstance(kind, pl.List):
        return pl.List(_wide(kind.inner))
    if isinstance(kind, pl.Struct):
        return pl.Struct({part.name: _wide(part.dtype) for part in kind.fields})
    return pl.Int64 if kind in (pl.Int8, pl.Int16) else kind


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON beside its place and move it there."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
