"""Foreign messages as the input of a run: read once into the contract's form, kept beside the results.

What intake of the run would only see by its own names is told in the sender's: every finding about the message stands in
``input/NAME.findings.csv`` with its path in the sender's format, and rejected consignments are kept as they were read.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.engine.lot_files import lot_file
from greenlane.engine.lots import Told, lots_of
from greenlane.engine.output import sha256_of, write_rows
from greenlane.engine.tally import Tally, listing
from greenlane.messages.families import HEAD, sniffed
from greenlane.values.finding import Severity


@dataclass(frozen=True, slots=True)
class ForeignInput:
    """A foreign file that was read: where its accepted consignments stand, and what was wrong with it."""

    path: Path
    source: dict[str, Any]
    """Path, SHA-256 and format of the file, and how many of its consignments were rejected."""
    accepted: int
    told: list[dict[str, Any]]


def is_foreign(path: Path) -> bool:
    """Say whether a file is of a foreign format."""
    with path.open("rb") as file:
        return sniffed(file.read(HEAD)) is not None


def foreign_input(path: Path, out: Path, received: date) -> ForeignInput:
    """Read a foreign file into the contract's form.

    Args:
        path: The file.
        out: Folder of the run.
        received: Declaration date where a message tells none.
    """
    digest = sha256_of(path)
    folder = out / "input"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{path.stem}-{digest[:12]}"
    target = (folder / f"{name}.ndjson").resolve()
    accepted, left, form = 0, [], ""
    with listing(folder / f"{name}.findings.csv") as sink, lot_file(target, "ndjson") as written:
        tally = Tally("finding", sink)
        for lot in lots_of(path, folder / "work", received):
            form = lot.format
            written.add(lot.consignments)
            accepted += len(lot.consignments)
            if lot.batch.rejected.height:
                left.append(lot.batch.rejected)
            for found in lot.findings:
                tally.add(found)
    rejected = sum(frame.height for frame in left)
    if left:
        write_rows(pl.concat(left), out / "rejected" / f"{name}.ndjson", "ndjson", mode=0o600)
    source = {"path": str(path), "sha256": digest, "format": form, "rejected": rejected}
    return ForeignInput(target, source, accepted, [_told(one) for one in _wrong(tally)])


def _wrong(tally: Tally) -> list[Told]:
    """Return the first findings of each kind; what is only noted stands in the list of all."""
    return [one for one in tally.examples() if one.severity is not Severity.INFO]


def _told(found: Told) -> dict[str, Any]:
    return {
        "file": found.file,
        "row": found.row,
        "consignment_id": found.consignment_id,
        "code": found.code,
        "severity": str(found.severity),
        "path": found.path,
        "message": found.message,
    }


__all__ = ["ForeignInput", "foreign_input", "is_foreign"]
