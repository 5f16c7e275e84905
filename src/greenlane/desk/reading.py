"""A filing as read, few consignments or many, in one form that the use cases work on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from greenlane.desk.foreign import Sent
from greenlane.desk.lateness import told_of
from greenlane.engine.context import Context
from greenlane.engine.decider import rows
from greenlane.engine.filing import Filing, read_filing
from greenlane.engine.groups import items_of
from greenlane.messages.files_row import Accepted, RowBatch
from greenlane.model import Batch, consignment_schema, item_schema

Row = dict[str, Any]

SOURCE = ("source_file", "source_row", "source_last", "source_rows")
_WHOLE = tuple(name for name in consignment_schema() if name not in SOURCE)
_ITEM = tuple(name for name in item_schema() if name != "row")
_whole, _item = itemgetter(*_WHOLE), itemgetter(*_ITEM)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Read:
    """What a filing holds: each accepted consignment as a plain row, persons and all, beside what decides it."""

    filing: Filing
    rows: list[Row]
    sent: Mapping[int, Sent] = field(default_factory=dict)
    """By row, what the records of a foreign message came in."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def items(self) -> int:
        """How many items the accepted consignments have."""
        held = self.filing.held
        return (
            sum(len(one.items) for one in held.accepted) if isinstance(held, RowBatch) else held.items.height
        )

    @property
    def ids(self) -> list[str]:
        """Ids of the accepted consignments, in order."""
        return [str(row["consignment_id"]) for row in self.rows]


def read(data: bytes | Batch, context: Context, sent: Mapping[int, Sent] | None = None) -> Read:
    """Read and check a filing; *sent* tells what the records of a foreign message came in."""
    filing = read_filing(data, context)
    held = filing.held
    plain = (
        [one.consignment for one in held.accepted] if isinstance(held, RowBatch) else rows(held.consignments)
    )
    return Read(filing, plain, sent or {})


def passes(whole: Read) -> Iterator[Read]:
    """Give parts in each of which an id stands once: what is filed twice in one filing is an amendment."""
    ids = whole.ids
    if len(set(ids)) == len(ids):
        if ids:
            yield whole
        return
    turns: dict[int, list[int]] = {}
    seen: dict[str, int] = {}
    for place, name in enumerate(ids):
        turn = seen.get(name, 0)
        seen[name] = turn + 1
        turns.setdefault(turn, []).append(place)
    for places in turns.values():
        yield some(whole, places)


def some(whole: Read, places: Sequence[int]) -> Read:
    """Return some consignments of a filing."""
    if len(places) == len(whole):
        return whole
    held: RowBatch | Batch = whole.filing.held
    if isinstance(held, RowBatch):
        held = replace(held, accepted=[held.accepted[place] for place in places])
    else:
        chosen = pl.Series(values=places, dtype=pl.UInt32)
        items = items_of(held.items, chosen, held.consignments.height)
        held = replace(held, consignments=held.consignments[chosen], items=items)
    filing = replace(whole.filing, held=held, values=[whole.filing.values[place] for place in places])
    return Read(filing, [whole.rows[place] for place in places], whole.sent)


def changed(whole: Read, columns: Mapping[str, list[Any]]) -> Read:
    """Return the filing with some elements of its consignments replaced."""
    rows = [
        {**row, **{name: column[place] for name, column in columns.items()}}
        for place, row in enumerate(whole.rows)
    ]
    held: RowBatch | Batch = whole.filing.held
    if isinstance(held, RowBatch):
        accepted = [Accepted(row, one.items) for row, one in zip(rows, held.accepted, strict=True)]
        held = replace(held, accepted=accepted)
    else:
        schema = held.consignments.schema
        made = [pl.Series(name, column, dtype=schema[name]) for name, column in columns.items()]
        held = replace(held, consignments=held.consignments.with_columns(made))
    return Read(replace(whole.filing, held=held), rows, whole.sent)


def contents(whole: Read, key: bytes) -> list[str]:
    """Return a mark of the whole content of each consignment, persons and all, under the key of pseudonyms."""
    return [
        hashlib.blake2b(_encode((_whole(row), items)), digest_size=16, key=key).hexdigest()
        for row, items in zip(whole.rows, _items(whole), strict=True)
    ]


def told(whole: Read) -> list[frozenset[str]]:
    """Return the columns that each consignment tells, as `greenlane.desk.lateness.told_of` does."""
    held = whole.filing.held
    if isinstance(held, RowBatch):
        return [told_of(one.consignment, one.items) for one in held.accepted]
    count = held.consignments.height
    told = dict(_telling(held.consignments))
    of = held.items["row"].to_numpy()
    for name, by_item in _telling(held.items):
        told[f"items.{name}"] = flags = np.zeros(count, dtype=bool)
        flags[of if by_item is None else of[by_item]] = True
    # What all tell is written down once, and consignments that tell the same share one set.
    all_tell = frozenset(name for name, flags in told.items() if flags is None or flags.all())
    some_tell = {
        name: flags.tolist() for name, flags in told.items() if flags is not None and name not in all_tell
    }
    known: dict[tuple[bool, ...], frozenset[str]] = {}
    found = []
    for tells in zip(*some_tell.values(), strict=True) if some_tell else [()] * count:
        names = known.get(tells)
        if names is None:
            names = known[tells] = all_tell.union(compress(some_tell, tells))
        found.append(names)
    return found


def _telling(frame: pl.DataFrame) -> Iterator[tuple[str, npt.NDArray[np.bool_] | None]]:
    """Give the columns in which something stands, with the rows in which it does; None: in all."""
    for column in frame.get_columns():
        nulls = column.null_count()
        if nulls < len(column):
            yield column.name, column.is_not_null().to_numpy() if nulls else None


def _items(whole: Read) -> list[list[tuple[Any, ...]]]:
    held = whole.filing.held
    if isinstance(held, RowBatch):
        return [[_item(item) for item in one.items] for one in held.accepted]
    found: list[list[tuple[Any, ...]]] = [[] for _ in whole.rows]
    places, columns = held.items["row"].to_list(), (held.items[name].to_list() for name in _ITEM)
    for place, item in zip(places, zip(*columns, strict=True), strict=True):
        found[place].append(item)
    return found


__all__ = ["SOURCE", "Read", "changed", "contents", "passes", "read", "some", "told"]
