"""A part's columns for group sums alone: who receives goods of what value on which day."""

import polars as pl

from greenlane.messages.files import Part
from greenlane.messages.files_check import read_columns
from greenlane.model import Batch

GOODS_COLUMNS = (
    "consignment_id",
    "declaration_date",
    "destination_country",
    "currency",
    "consignee.id",
    "consignee.name",
    "consignee.postcode",
    "items.item_id",
    "items.value",
)
"""What a group sum is made of."""


def read_goods(part: Part) -> Batch:
    """Read the columns that group sums need, of a part.

    The frames have all columns of a `Batch`, typed alike, and null but for `GOODS_COLUMNS`. A consignment in
    which one of these is at fault is left out; one that intake rejects for another fault is counted, because
    it was filed. Findings and rejected rows are empty.
    """
    frames = []
    for piece in part.pieces:
        lazy = pl.scan_parquet(piece.path, glob=False)
        wanted = {*GOODS_COLUMNS, "_row", "_place", "_faults"}
        held = [name for name in lazy.collect_schema().names() if name in wanted]
        lazy = lazy.slice(piece.first, piece.count).select(held)
        if "_row" not in held:
            lazy = lazy.with_row_index("_row", offset=piece.first + 1)
        frames.append(lazy.collect())
    frame = pl.concat(frames)
    if part.regrouped:
        frame = frame.sort("_place", "consignment_id", "_row", maintain_order=True).drop("_place")
    return read_columns(frame, part.source)
