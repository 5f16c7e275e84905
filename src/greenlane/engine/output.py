"""Writing rows: Parquet, CSV that no spreadsheet runs, NDJSON; whole files or none."""

import json
import os
from hashlib import file_digest
from pathlib import Path

import polars as pl

FORMATS = ("parquet", "csv", "ndjson")

_RUN_BY_SPREADSHEETS = r"^[=+\-@\t\r]"


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
            risky = column.str.contains(_RUN_BY_SPREADSHEETS)
            column = pl.when(risky).then(pl.concat_str(pl.lit("'"), column)).otherwise(column)
        columns.append(column.alias(name))
    return frame.select(columns)


def _as_json(values: pl.Series) -> str:
    return json.dumps(values.to_list(), ensure_ascii=False)


def read_outputs(folder: Path, form: str, columns: list[str] | None = None) -> pl.DataFrame:
    """Read every part of an output folder, in order."""
    paths = sorted(folder.glob(f"part-*.{form}"))
    frames = []
    for path in paths:
        if form == "parquet":
            frames.append(pl.read_parquet(path, columns=columns))
            continue
        frame = pl.read_csv(path, infer_schema=False) if form == "csv" else pl.read_ndjson(path)
        frames.append(frame.select(columns) if columns else frame)
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
