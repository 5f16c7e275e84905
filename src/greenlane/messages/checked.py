"""A foreign message through the contract's own checks: what is accepted, and every finding in the sender's words.

What a family's reader finds and what intake finds of the consignments come out together, all at once. A consignment
with an error is rejected and rejects no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import polars as pl

from greenlane.messages.files import parse_objects
from greenlane.messages.files_check import SHOWABLE_ID
from greenlane.messages.foreign import Consignment, ForeignFinding, Message
from greenlane.messages.places import Places, places_of, with_wco
from greenlane.model import FINDING_SCHEMA, REJECTED_SCHEMA, Batch, empty_batch
from greenlane.values.finding import Severity


@dataclass(frozen=True, slots=True)
class Checked:
    """A message with what intake accepts of it.

    ``findings`` are the family's and intake's; ``accepted`` are the places of the consignments in the message that
    ``batch`` holds, in order. ``batch.findings`` holds the same findings, with the path in the sender's format.
    """

    message: Message
    batch: Batch
    findings: tuple[ForeignFinding, ...]
    accepted: tuple[int, ...]

    @property
    def consignments(self) -> list[Consignment]:
        """The consignments that were accepted, as the message told them."""
        return [self.message.consignments[place] for place in self.accepted]


def check_message(message: Message, name: str = "-", first: int = 0) -> Checked:
    """Put the consignments of *message* through intake.

    Args:
        message: As its family read it.
        name: Name of the source, for findings.
        first: How many consignments came before this message in its source.
    """
    whole = any(f.consignment is None and f.severity is Severity.ERROR for f in message.findings)
    at_fault = {f.consignment for f in message.findings if f.severity is Severity.ERROR}
    found = list(message.findings)
    where = places_of(message)
    # Each as NDJSON of its own, so that a finding's row is its place in the message.
    data = b"\n".join(map(msgspec.json.encode, message.consignments))
    parsed = parse_objects(data, name) if data else empty_batch()
    found += _named(parsed.findings, where, len(message.consignments))
    at_fault |= {f.consignment for f in found if f.severity is Severity.ERROR}
    kept = [place for place, row in enumerate(parsed.consignments["source_row"]) if row - 1 not in at_fault]
    accepted = () if whole else tuple(int(parsed.consignments["source_row"][place]) - 1 for place in kept)
    ids = [_shown(one) for one in message.consignments]
    held = _some(parsed, [] if whole else kept)
    numbers = [(pl.col(column) + first).cast(pl.UInt64) for column in ("source_row", "source_last")]
    batch = replace(
        held,
        consignments=held.consignments.with_columns(numbers) if first else held.consignments,
        findings=_rows(found, ids, name, first),
        rejected=_rejected(message, set(accepted), found, name, first),
    )
    return Checked(message, batch, tuple(found), accepted)


def _named(findings: pl.DataFrame, where: Places, count: int) -> list[ForeignFinding]:
    return [
        ForeignFinding(
            row["code"],
            where.of(row["row"] - 1, row["path"]),
            row["message"],
            row["row"] - 1,
        )
        for row in findings.iter_rows(named=True)
        if row["row"] is not None and row["row"] <= count
    ]


def _some(batch: Batch, places: Sequence[int]) -> Batch:
    if len(places) == batch.consignments.height:
        return batch
    chosen = pl.Series(values=places, dtype=pl.UInt32)
    new = pl.DataFrame({"row": chosen, "_new": pl.arange(len(places), dtype=pl.UInt32, eager=True)})
    items = batch.items.join(new, on="row", how="inner", maintain_order="left")
    items = items.with_columns(pl.col("_new").alias("row")).drop("_new")
    return replace(batch, consignments=batch.consignments[chosen], items=items)


def _rows(found: Sequence[ForeignFinding], ids: Sequence[str | None], name: str, first: int) -> pl.DataFrame:
    rows = []
    for one in found:
        number = one.consignment
        rows.append(
            (
                name,
                None if number is None else first + number + 1,
                None if number is None or number >= len(ids) else ids[number],
                one.code,
                str(one.severity),
                one.place.path,
                with_wco(one.message, one.place.wco),
            )
        )
    return pl.DataFrame(rows, schema=FINDING_SCHEMA, orient="row")


def _rejected(
    message: Message, accepted: set[int], found: Sequence[ForeignFinding], name: str, first: int
) -> pl.DataFrame:
    codes: dict[int, set[str]] = {}
    for one in found:
        if one.consignment is not None:
            codes.setdefault(one.consignment, set()).add(one.code)
    rows = [
        (name, first + place + 1, msgspec.json.encode(one).decode(), " ".join(sorted(codes.get(place, ()))))
        for place, one in enumerate(message.consignments)
        if place not in accepted
    ]
    return pl.DataFrame(rows, schema=REJECTED_SCHEMA, orient="row")


def _shown(consignment: Mapping[str, Any]) -> str | None:
    own = consignment.get("consignment_id")
    return own if isinstance(own, str) and SHOWABLE_ID.match(own) else None


__all__ = ["Checked", "check_message"]
