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
from greenlane.messages.places import places_of, with_wco
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
    batch, ((found, accepted),) = _check([message], name, first)
    return Checked(message, batch, tuple(found), accepted)


def check_messages(messages: Sequence[Message], name: str = "-", first: int = 0) -> Batch:
    """Put the consignments of several messages through intake together, as `check_message` does each.

    Many short messages cost little more so than one long one. An id that two of them hold is told as an error, so the
    caller keeps such messages apart.
    """
    return _check(messages, name, first)[0]


def _check(
    messages: Sequence[Message], name: str, first: int
) -> tuple[Batch, list[tuple[list[ForeignFinding], tuple[int, ...]]]]:
    """Return the batch of all, and for each message its findings and which of its consignments are accepted."""
    # Each as NDJSON of its own, so that a finding's row is its place among all consignments.
    data = b"\n".join(msgspec.json.encode(one) for message in messages for one in message.consignments)
    parsed = parse_objects(data, name) if data else empty_batch()
    by_row: dict[int, list[dict[str, Any]]] = {}
    for row in parsed.findings.iter_rows(named=True):
        if row["row"] is not None:
            by_row.setdefault(row["row"] - 1, []).append(row)
    sound = parsed.consignments["source_row"].to_list()
    places = {row - 1: place for place, row in enumerate(sound)}
    kept: list[int] = []
    each = []
    findings, rejected = [], []
    start = 0
    for message in messages:
        count = len(message.consignments)
        rows = [(place, row) for place in range(count) for row in by_row.get(start + place, ())]
        where = places_of(message) if rows else None
        found = list(message.findings)
        if where is not None:
            found += [
                ForeignFinding(row["code"], where.of(place, row["path"]), row["message"], place)
                for place, row in rows
            ]
        at_fault = {f.consignment for f in found if f.severity is Severity.ERROR}
        accepted = (
            ()
            if any(f.consignment is None and f.severity is Severity.ERROR for f in message.findings)
            else tuple(place for place in range(count) if start + place in places and place not in at_fault)
        )
        kept += [places[start + place] for place in accepted]
        ids = [_shown(one) for one in message.consignments]
        findings += _rows(found, ids, name, first + start)
        if len(accepted) < count:
            rejected += _rejected(message, set(accepted), found, name, first + start)
        each.append((found, accepted))
        start += count
    held = _some(parsed, kept)
    numbers = [(pl.col(column) + first).cast(pl.UInt64) for column in ("source_row", "source_last")]
    batch = replace(
        held,
        consignments=held.consignments.with_columns(numbers) if first else held.consignments,
        findings=pl.DataFrame(findings, schema=FINDING_SCHEMA, orient="row"),
        rejected=pl.DataFrame(rejected, schema=REJECTED_SCHEMA, orient="row"),
    )
    return batch, each


def _some(batch: Batch, places: Sequence[int]) -> Batch:
    if len(places) == batch.consignments.height:
        return batch
    chosen = pl.Series(values=places, dtype=pl.UInt32)
    new = pl.DataFrame({"row": chosen, "_new": pl.arange(len(places), dtype=pl.UInt32, eager=True)})
    items = batch.items.join(new, on="row", how="inner", maintain_order="left")
    items = items.with_columns(pl.col("_new").alias("row")).drop("_new")
    return replace(batch, consignments=batch.consignments[chosen], items=items)


def _rows(
    found: Sequence[ForeignFinding], ids: Sequence[str | None], name: str, first: int
) -> list[tuple[Any, ...]]:
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
    return rows


def _rejected(
    message: Message, accepted: set[int], found: Sequence[ForeignFinding], name: str, first: int
) -> list[tuple[Any, ...]]:
    codes: dict[int, set[str]] = {}
    for one in found:
        if one.consignment is not None:
            codes.setdefault(one.consignment, set()).add(one.code)
    return [
        (name, first + place + 1, msgspec.json.encode(one).decode(), " ".join(sorted(codes.get(place, ()))))
        for place, one in enumerate(message.consignments)
        if place not in accepted
    ]


def _shown(consignment: Mapping[str, Any]) -> str | None:
    own = consignment.get("consignment_id")
    return own if isinstance(own, str) and SHOWABLE_ID.match(own) else None


__all__ = ["Checked", "check_message", "check_messages"]
