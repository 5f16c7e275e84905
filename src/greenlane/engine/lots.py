"""Any file of consignments, of the contract's formats or a foreign one, as lots of objects with their findings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.messages.checked import check_message
from greenlane.messages.families import HEAD, formats, sniffed
from greenlane.messages.files import Part, open_source, raw_part, read_part
from greenlane.messages.foreign import Consignment, ForeignFinding, Message
from greenlane.messages.objects import objects_of, rows_of
from greenlane.model import BY_COLUMN, Batch, empty_batch, raw_schema
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity, kind_of

OWN = ("json", "ndjson", "csv", "parquet")
"""The contract's own formats."""

_LOT_ITEMS = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """One finding about a file, whatever its format."""

    file: str
    row: int | None
    consignment_id: str | None
    code: str
    path: str
    wco: str | None
    message: str

    @property
    def severity(self) -> Severity:
        """Severity as declared for the code."""
        return kind_of(self.code).severity

    def as_dict(self, fix: str | None = None) -> dict[str, Any]:
        """Return the finding for machines, with the fix as declared or as given in another language."""
        return {
            "file": self.file,
            "row": self.row,
            "consignment_id": self.consignment_id,
            "code": self.code,
            "severity": str(self.severity),
            "path": self.path,
            "wco": self.wco,
            "message": self.message,
            "fix": kind_of(self.code).fix if fix is None else fix,
        }


@dataclass(frozen=True, slots=True)
class Lot:
    """Some consignments of a file. ``message`` is the foreign message that they came in.

    ``batch`` holds the accepted ones, and those that were rejected as they came; ``consignments`` the accepted
    ones as objects of the contract.
    """

    format: str
    batch: Batch
    consignments: list[Consignment] = field(repr=False)
    findings: list[Told]
    message: Message | None = None
    part: Part | None = None
    first: int = 0

    def raw(self) -> pl.DataFrame:
        """Return the cells as they came, rejected ones too: one row an item, ``_row`` as in the findings."""
        if self.part is not None:
            return raw_part(self.part)
        consignments = () if self.message is None else self.message.consignments
        rows = [
            row | {"_row": self.first + place + 1}
            for place, one in enumerate(consignments)
            for row in rows_of(one)[0]
        ]
        return pl.DataFrame(rows, schema={"_row": pl.UInt64, **raw_schema()})


def lots_of(path: Path, work: Path, received: date, form: str | None = None) -> Iterator[Lot]:
    """Read a file lot by lot.

    Args:
        path: The file; what it holds decides how it is read.
        work: A folder of this file alone, for the spool of the contract's own formats.
        received: Declaration date where a foreign message tells none.
        form: Foreign format to read it as, where it isn't to be found out.
    Raises:
        UsageError: The file cannot be read, or *form* is none that is known.
    """
    if form is not None and form not in formats() and form not in OWN:
        raise UsageError(f"--from {form}: known are {', '.join((*OWN, *sorted(formats())))}")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    foreign = sniffed(head) if form is None else formats().get(form)
    if foreign is None:
        yield from _own(path, work)
        return
    count = 0
    with path.open("rb") as file:
        for message in foreign.stream(file, received):
            checked = check_message(message, str(path), count)
            findings = [_told(one, message, str(path), count) for one in checked.findings]
            yield Lot(foreign.name, checked.batch, checked.consignments, findings, message, first=count)
            count += len(message.consignments)


def _own(path: Path, work: Path) -> Iterator[Lot]:
    source = open_source(path, work)
    form = "" if source.format is None else source.format.value
    if len(source.findings):
        batch = replace(empty_batch(), findings=source.findings)
        yield Lot(form, batch, [], [_of_row(row) for row in source.findings.iter_rows(named=True)])
    for part in source.parts(_LOT_ITEMS):
        batch = read_part(part)
        yield Lot(
            form,
            batch,
            objects_of(batch),
            [_of_row(row) for row in batch.findings.iter_rows(named=True)],
            part=part,
        )


def _of_row(row: Mapping[str, Any]) -> Told:
    steps = [step for step in row["path"].split("/") if step]
    column = ".".join(step for step in steps if not step.isdigit())
    element = BY_COLUMN.get(column)
    wco = element.wco if element is not None and element.wco != "none" else None
    return Told(
        row["file"], row["row"], row["consignment_id"], row["code"], row["path"] or "/", wco, row["message"]
    )


def _told(found: ForeignFinding, message: Message, file: str, first: int) -> Told:
    number = found.consignment
    known = number is not None and number < len(message.consignments)
    own = message.consignments[number or 0].get("consignment_id") if known else None
    row = None if number is None else first + number + 1
    return Told(
        file,
        row,
        own if isinstance(own, str) else None,
        found.code,
        found.place.path,
        found.place.wco,
        found.message,
    )


__all__ = ["OWN", "Lot", "Told", "lots_of"]
