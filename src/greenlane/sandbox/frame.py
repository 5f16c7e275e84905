"""The numbers of a stretch of the stream as the columns of the contract."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from greenlane.model.elements import ELEMENTS, Kind
from greenlane.sandbox.draws import Draws, Ints
from greenlane.sandbox.heads import build_heads
from greenlane.sandbox.items import build_items
from greenlane.sandbox.lines import Lines
from greenlane.sandbox.orders import Market, Orders

_DTYPES: dict[Kind, pl.DataType] = {
    Kind.AMOUNT: pl.Decimal(18, 2),
    Kind.MASS_KG: pl.Decimal(18, 3),
    Kind.QUANTITY: pl.Decimal(18, 0),
    Kind.DATE: pl.Date(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
}

SCHEMA: dict[str, pl.DataType] = {each.column: _DTYPES.get(each.kind, pl.String()) for each in ELEMENTS}
"""Columns of a stream: all of the data-element table, amounts and masses as decimals."""


@dataclass(frozen=True, slots=True)
class Built:
    """A stretch of the stream as columns, and what its labels need to know."""

    frame: pl.DataFrame
    ids: pl.Series
    spoiled: Ints
    described: Ints


def build(draws: Draws, trade: Market, orders: Orders, lines: Lines, start: date) -> Built:
    """Build the columns of *orders* and *lines*, a consignment's rows together, in the table's order."""
    heads, spoiled = build_heads(draws, trade, orders, lines, start)
    items, described = build_items(draws, trade, orders, lines, spoiled)
    rows = heads[pl.Series(lines.order.astype(np.uint32))]
    whole = pl.concat([rows, items], how="horizontal")
    frame = whole.select(
        pl.col(name).cast(dtype) if name in whole.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )
    return Built(frame, heads["consignment_id"], spoiled, described)
