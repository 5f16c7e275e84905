"""The labels of planted cases: what a detector should find, and where."""

import numpy as np
import polars as pl

from greenlane.sandbox.draws import Draws, Ints
from greenlane.sandbox.frame import Built
from greenlane.sandbox.lines import Lines, goods
from greenlane.sandbox.market import CURRENCIES
from greenlane.sandbox.orders import Market, Orders, split_thresholds
from greenlane.sandbox.plants import (
    BAD_CHECK_DIGIT,
    LABELS,
    MISDESCRIBED,
    NONE,
    REUSED_ID,
    SPLIT,
    SPOILED,
    reused_key,
)
from greenlane.values.money import format_scaled

SCHEMA = {"consignment_id": pl.String, "label": pl.String, "detail": pl.String}


def label(draws: Draws, trade: Market, orders: Orders, lines: Lines, built: Built) -> pl.DataFrame:
    """Return one row a planted consignment: its id, the label, and what was done, as ``name=value`` pairs.

    A split order or a reused id of which the stream's end leaves only one consignment has no label.
    """
    kind = orders.plants.kind
    planted = np.flatnonzero(kind != NONE)
    splits = _groups(orders.plants.lead, np.flatnonzero(orders.plants.of(SPLIT)))
    reused = _groups(reused_key(orders.index, draws), np.flatnonzero(orders.plants.of(REUSED_ID)))
    product = lines.product[lines.starts]
    described = built.described[lines.starts]
    products = goods().products
    values = lines.totals(lines.value)
    thresholds = split_thresholds(trade)[1]
    rows: list[tuple[int, str, str]] = []
    for at in planted.tolist():
        name = LABELS[kind[at]]
        if name == SPLIT:
            parts = splits[at]
            if len(parts) < 2:
                continue
            currency = CURRENCIES[orders.currency[at]]
            limit = format_scaled(int(thresholds[orders.destination[at]]), 2)
            total = format_scaled(int(values[parts].sum()), 2)
            detail = f"parts={len(parts)};threshold={limit};sum={total};currency={currency}"
        elif name == REUSED_ID:
            persons = len(set(orders.person[reused[at]].tolist()))
            if persons < 2:
                continue
            detail = f"persons={persons}"
        elif name == BAD_CHECK_DIGIT:
            detail = f"field={SPOILED[built.spoiled[at]]}"
        elif name == MISDESCRIBED:
            detail = f"item=1;product={products[product[at]].name};described={products[described[at]].name}"
        else:
            detail = f"item=1;product={products[product[at]].name}"
        rows.append((at, name, detail))
    at_rows = pl.Series([row[0] for row in rows], dtype=pl.UInt32)
    return pl.DataFrame(
        [built.ids.gather(at_rows), pl.Series([row[1] for row in rows], dtype=pl.String),
         pl.Series([row[2] for row in rows], dtype=pl.String)],
        schema=SCHEMA,
    )  # fmt: skip


def _groups(keys: np.ndarray[tuple[int], np.dtype[np.uint64]], members: Ints) -> dict[int, Ints]:
    """Return for each member the members that share its key."""
    if not len(members):
        return {}
    _, group = np.unique(keys[members], return_inverse=True)
    together = [members[group == each] for each in range(int(group.max()) + 1)]
    return {int(member): together[each] for member, each in zip(members, group.tolist(), strict=True)}
