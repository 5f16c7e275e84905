"""Files of the contract's own formats written lot by lot: JSON, NDJSON, CSV, Parquet, readable by their owner only."""

import csv
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

import polars as pl

from greenlane.messages.foreign import Consignment
from greenlane.messages.objects import rows_of
from greenlane.model import raw_schema


class LotFile(Protocol):
    """A file that is being written."""

    def add(self, consignments: Sequence[Consignment]) -> list[list[str]]:
        """Write consignments; return for each the paths that the format has no column for."""
        ...

    def close(self) -> None:
        """Write what stands behind the last consignment."""
        ...


class _Json:
    def __init__(self, file: IO[str], before: str, between: str, after: str) -> None:
        self._file, self._before, self._between, self._after = file, before, between, after
        self._any = False

    def add(self, consignments: Sequence[Consignment]) -> list[list[str]]:
        for one in consignments:
            self._file.write(self._between if self._any else self._before)
            self._any = True
            self._file.write(json.dumps(one, ensure_ascii=False, separators=(",", ":")))
        return [rows_of(one)[1] for one in consignments]

    def close(self) -> None:
        self._file.write(self._after if self._any else self._before + self._after)


class _Csv:
    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.DictWriter(file, list(raw_schema()), lineterminator="\n")
        self._writer.writeheader()

    def add(self, consignments: Sequence[Consignment]) -> list[list[str]]:
        told = []
        for one in consignments:
            rows, unknown = rows_of(one)
            self._writer.writerows(rows)
            told.append(unknown)
        return told

    def close(self) -> None:
        """Nothing stands behind the last row."""


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[Path] = []

    def add(self, consignments: Sequence[Consignment]) -> list[list[str]]:
        made = [rows_of(one) for one in consignments]
        rows = [row for own, _ in made for row in own]
        if rows:
            part = self._path.with_name(f"{self._path.name}.{len(self._parts)}")
            self._parts.append(part)
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            pl.DataFrame(rows, schema=raw_schema()).write_parquet(part)
        return [unknown for _, unknown in made]

    def close(self) -> None:
        if self._parts:
            pl.scan_parquet(self._parts, glob=False).sink_parquet(self._path)
        else:
            pl.DataFrame(schema=raw_schema()).write_parquet(self._path)
        for part in self._parts:
            part.unlink()


@contextmanager
def lot_file(path: Path, form: str) -> Iterator[LotFile]:
    """Open *path* to be written as *form*; it stands there whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    made: LotFile
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            match form:
                case "json":
                    made = _Json(file, "[\n", ",\n", "\n]\n")
                case "ndjson":
                    made = _Json(file, "", "\n", "\n")
                case "csv":
                    made = _Csv(file)
                case _:
                    made = _Parquet(draft)
            yield made
            made.close()
        draft.replace(path)
    finally:
        for left in path.parent.glob(f".{path.name}.draft*"):
            left.unlink()


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open *path* to be written by its owner, who alone reads it; it stands there whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


__all__ = ["LotFile", "lot_file", "whole_file"]
