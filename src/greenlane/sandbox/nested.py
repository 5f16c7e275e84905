"""Flat rows as nested consignments, the form of JSON."""

import polars as pl

from greenlane.model.elements import ELEMENTS, Kind, Level

_WRITTEN_AS_TEXT = {Kind.AMOUNT, Kind.MASS_KG, Kind.QUANTITY, Kind.DATE}


def nest(rows: pl.DataFrame) -> pl.DataFrame:
    """Turn one row an item into one a consignment: objects as structs, items as a list, amounts as strings.

    Rows of a consignment stand together. An object whose fields are all null becomes null.
    """
    texts = rows.with_columns(
        pl.col(each.column).cast(pl.String) for each in ELEMENTS if each.kind in _WRITTEN_AS_TEXT
    )
    heads = [each.name for each in ELEMENTS if each.level is Level.CONSIGNMENT]
    items = [each.name for each in ELEMENTS if each.level is Level.ITEM]
    return texts.group_by("consignment_id", maintain_order=True).agg(
        *(field.first() for field in _fields(heads, "")[1:]),
        pl.struct(_fields(items, "items.")).alias("items"),
    )


def _fields(names: list[str], prefix: str) -> list[pl.Expr]:
    """One expression a field; dotted names of one object become one struct."""
    groups: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition(".")
        groups.setdefault(head, []).append(rest)
    fields = []
    for head, parts in groups.items():
        if parts == [""]:
            fields.append(pl.col(prefix + head).alias(head))
            continue
        inner = _fields(parts, f"{prefix}{head}.")
        known = pl.any_horizontal(pl.col(f"{prefix}{head}.{part}").is_not_null() for part in parts)
        fields.append(pl.when(known).then(pl.struct(inner)).otherwise(None).alias(head))
    return fields
