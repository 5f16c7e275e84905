"""A filing in a foreign message: the consignments of it, part by part, with findings in the sender's own places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import polars as pl

from greenlane.messages.checked import check_message
from greenlane.messages.foreign import Format
from greenlane.model import Batch
from greenlane.values.errors import GreenlaneError


class TooMany(GreenlaneError):
    """A filing holds more items than one may."""


@dataclass(frozen=True, slots=True)
class Most:
    """How many items a filing may hold, and how many go together into one part."""

    items: int
    together: int


def batches_of(body: bytes, form: Format, received: date, most: Most) -> Iterator[Batch]:
    """Read a filing message by message; each part holds whole messages.

    Raises:
        TooMany: It holds more items than a filing may; told before the first part.
    """
    items = 0
    for message in form.stream(BytesIO(body), received):
        items += sum(len(one.get("items") or ()) for one in message.consignments)
        if items > most.items:
            raise TooMany(f"the file holds more than {most.items:,} items; send it in several")
    waiting: list[Batch] = []
    held = count = 0
    for message in form.stream(BytesIO(body), received):
        checked = check_message(message, first=count)
        count += len(message.consignments)
        waiting.append(checked.batch)
        held += checked.batch.items.height
        if held >= most.together:
            yield together(waiting)
            waiting, held = [], 0
    if waiting:
        yield together(waiting)


def together(batches: Sequence[Batch]) -> Batch:
    """Return one batch of several."""
    if len(batches) == 1:
        return batches[0]
    items, before = [], 0
    rows = []
    for batch in batches:
        items.append(batch.items.with_columns((pl.col("row") + before).cast(pl.UInt32)))
        rows.append(batch.consignments)
        before += batch.consignments.height
    return Batch(
        pl.concat(rows),
        pl.concat(items),
        pl.concat([batch.findings for batch in batches]),
        pl.concat([batch.rejected for batch in batches]),
    )


__all__ = ["Most", "TooMany", "batches_of", "together"]
