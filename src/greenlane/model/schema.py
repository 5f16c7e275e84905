"""Column schemas made from the data-element table, once; nobody changes them."""

from functools import cache

import polars as pl

from greenlane.model.elements import CONSIGNMENT_ELEMENTS, ELEMENTS, ITEM_ELEMENTS, Element, Kind

_TYPED: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.CODE: pl.String(),
    Kind.COUNTRY: pl.String(),
    Kind.CURRENCY: pl.String(),
    Kind.AMOUNT: pl.Int64(),
    Kind.MASS_KG: pl.Int64(),
    Kind.QUANTITY: pl.Int64(),
    Kind.DATE: pl.Date(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
    Kind.JSON: pl.String(),
}

DECIMALS = {Kind.MASS_KG: 6, Kind.QUANTITY: 3}
"""Decimals kept: masses in milligrams, quantities in thousandths."""

PRIOR_USE_DECIMALS = 4
"""Decimals of an amount whose currency is the destination pack's, not yet known at intake."""


def typed_name(element: Element) -> str:
    """Return the name of a field in a typed frame; a mass is in milligrams and says so.

    Example:
        >>> from greenlane.model.elements import BY_COLUMN
        >>> typed_name(BY_COLUMN["items.gross_mass_kg"]), typed_name(BY_COLUMN["seller.id"])
        ('gross_mass_mg', 'seller.id')
    """
    return element.name.removesuffix("_kg") + "_mg" if element.kind is Kind.MASS_KG else element.name


def raw_schema() -> pl.Schema:
    """Return the schema of a raw file: every column of the contract as text, one row per item.

    Example:
        >>> raw_schema()["items.value"]
        String
    """
    return pl.Schema({element.column: pl.String() for element in ELEMENTS})


@cache
def consignment_schema() -> pl.Schema:
    """Return the schema of `Batch.consignments`.

    Example:
        >>> consignment_schema()["declaration_date"], consignment_schema()["source_row"]
        (Date, UInt64)
    """
    fields = {typed_name(e): _TYPED[e.kind] for e in CONSIGNMENT_ELEMENTS}
    source = {
        "source_file": pl.String(),
        "source_row": pl.UInt64(),
        "source_last": pl.UInt64(),
        "source_rows": pl.UInt32(),
    }
    return pl.Schema(fields | source)


@cache
def item_schema() -> pl.Schema:
    """Return the schema of `Batch.items`.

    Example:
        >>> item_schema()["row"], item_schema()["value"]
        (UInt32, Int64)
    """
    return pl.Schema({"row": pl.UInt32()} | {typed_name(e): _TYPED[e.kind] for e in ITEM_ELEMENTS})


FINDING_SCHEMA = pl.Schema(
    {
        "file": pl.String(),
        "row": pl.UInt64(),
        "consignment_id": pl.String(),
        "code": pl.String(),
        "severity": pl.String(),
        "path": pl.String(),
        "message": pl.String(),
    }
)
"""One row per finding of intake; ``row`` is null where the finding is about the whole file."""

REJECTED_SCHEMA = pl.Schema(
    {"file": pl.String(), "row": pl.UInt64(), "raw": pl.String(), "codes": pl.String()}
)
"""One row per rejected source row: as it came, and the codes of the record's findings, parted by spaces."""
