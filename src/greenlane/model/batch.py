"""The typed batch: what intake hands to the engine. One parcel is a batch of one."""

from dataclasses import dataclass

import polars as pl

from greenlane.model.schema import FINDING_SCHEMA, REJECTED_SCHEMA, consignment_schema, item_schema


@dataclass(frozen=True, slots=True)
class Batch:
    """Accepted consignments with their items, and what was wrong with the rest.

    ``consignments``: (n,) one row per accepted consignment, in order of first appearance,
    `consignment_schema`. ``items``: (m,) one row per item, `item_schema`; ``row`` is the index of its
    consignment, ascending, the items of a consignment together. ``findings`` and ``rejected``:
    `FINDING_SCHEMA`, `REJECTED_SCHEMA`.

    Amounts are minor units of the consignment's currency (``carrier_fees``: of its own), prior-use amounts
    ten-thousandths, masses milligrams, quantities and strength thousandths. Null is unknown or none, as the
    data-element table says, never zero.

    Example:
        >>> empty_batch().items.columns[:3]
        ['row', 'item_id', 'description']
    """

    consignments: pl.DataFrame
    items: pl.DataFrame
    findings: pl.DataFrame
    rejected: pl.DataFrame


def empty_batch() -> Batch:
    """Return a batch without rows.

    Example:
        >>> empty_batch().consignments.height
        0
    """
    return Batch(
        pl.DataFrame(schema=consignment_schema()),
        pl.DataFrame(schema=item_schema()),
        pl.DataFrame(schema=FINDING_SCHEMA),
        pl.DataFrame(schema=REJECTED_SCHEMA),
    )
