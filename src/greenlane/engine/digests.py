"""Input digests and person keys of a batch, on columns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import polars_hash as plh

from greenlane.law.eager import normalized
from greenlane.model import CONSIGNMENT_ELEMENTS, ITEM_ELEMENTS, Element, Kind
from greenlane.model.schema import typed_name

_ESCAPES = {"\\": "\\\\", '"': '\\"'}


def person_keys(consignments: pl.DataFrame, keyed: tuple[str, str]) -> pl.Series:
    """Return a keyed pseudonym of each consignee: of its id, else of its name and postcode.

    Null where neither is given.
    """
    name = pl.lit(folded_names(consignments["consignee.name"]))
    told = pl.concat_str(
        pl.lit("name:"),
        name,
        pl.lit("|"),
        pl.col("consignee.postcode").fill_null(""),
        pl.lit("|"),
        pl.col("destination_country"),
    )
    who = pl.coalesce(pl.concat_str(pl.lit("id:"), pl.col("consignee.id")), told)
    return pseudonyms(consignments.select(who.alias("who")).to_series(), keyed)


def folded_names(names: pl.Series) -> pl.Series:
    """Return names as they are compared: NFKC and lower case."""
    return normalized(names, "NFKC").str.to_lowercase()


def pseudonyms(texts: pl.Series, keyed: tuple[str, str]) -> pl.Series:
    """Return the pseudonym of each text, the same as `greenlane.values.pseudonym.pseudonym`."""
    inner, outer = keyed
    once = hashed(pl.select(pl.concat_str(pl.lit(inner), pl.lit(texts))).to_series())
    return hashed(pl.select(pl.concat_str(pl.lit(outer), pl.lit(once))).to_series())


def hashed(texts: pl.Series) -> pl.Series:
    """Return the SHA-256 of each text as 64 hexadecimal digits; null of null."""
    frame = pl.DataFrame({"text": texts})
    return frame.select(plh.col("text").chash.sha2_256()).to_series()


def input_digests(consignments: pl.DataFrame, items: pl.DataFrame) -> pl.Series:
    """Return the SHA-256 of the canonical JSON of what each decision reads.

    The JSON holds every element of the contract that isn't personal, with the consignee's pseudonym (column
    ``group.key``) and the group's sums, keys sorted, nothing left out that is given and nothing put in that is
    absent; ``version`` is that of this form. Amounts are whole minor units, masses milligrams, quantities
    thousandths; text is in NFC.
    """
    bodies = _objects(items, ITEM_FIELDS)
    if len(items) != len(consignments):
        bodies = _joined(bodies, items["row"], len(consignments))
    texts = _objects(
        consignments.with_columns(bodies.alias("items"), pl.lit(FORM, pl.Int8).alias("version")),
        CONSIGNMENT_FIELDS,
    )
    return hashed(texts).alias("input_digest")


FORM = 1
"""Version of the form of the JSON that a digest is made of."""


def _joined(bodies: pl.Series, rows: pl.Series, count: int) -> pl.Series:
    """Join the objects of each consignment's items with commas; items are contiguous.

    Consignments with the same number of items are joined at once, which costs a fraction of joining group by
    group; the few with many items are joined one by one.
    """
    sizes = np.bincount(rows.to_numpy(), minlength=count)
    starts = np.cumsum(sizes) - sizes
    if len(bodies) <= _FEW:
        listed, ends = bodies.to_list(), (starts + sizes).tolist()
        spans = zip(starts.tolist(), ends, strict=True)
        return pl.Series(values=[",".join(listed[start:end]) for start, end in spans], dtype=pl.String)
    places: list[np.ndarray[Any, Any]] = []
    texts: list[pl.Series] = []
    for size in np.unique(np.minimum(sizes, _MANY)):
        own = np.flatnonzero(sizes == size if size < _MANY else sizes >= _MANY)
        places.append(own)
        if size == _MANY:
            long = [",".join(bodies[int(starts[i]) : int(starts[i] + sizes[i])].to_list()) for i in own]
            texts.append(pl.Series(values=long, dtype=pl.String))
            continue
        columns = [bodies.gather(starts[own] + step) for step in range(size)]
        texts.append(
            columns[0]
            if size == 1
            else pl.select(pl.concat_str([pl.lit(column) for column in columns], separator=",")).to_series()
        )
    order = np.empty(count, dtype=np.uint32)
    order[np.concatenate(places)] = np.arange(count, dtype=np.uint32)
    return pl.concat(texts).gather(order)


_MANY = 9


def _objects(frame: pl.DataFrame, fields: Sequence[tuple[str, str]]) -> pl.Series:
    """Write each row as a canonical JSON object, without the fields that are null.

    The last field is never null, so that every other one can end in a comma.
    """
    parts: list[pl.Expr] = []
    before = "{"
    odd = _odd(frame.select(name for name, form in fields if form == "text" and name in frame.columns))
    for name, form in fields:
        nulls = frame[name].null_count() if name in frame.columns else len(frame)
        if nulls == len(frame):
            continue
        opened, closed = _QUOTES[form]
        lead, tail = f"{json.dumps(name)}:{opened}", f"{closed},"
        value = _escaped(frame[name], odd) if form == "text" else pl.col(name)
        if nulls:
            piece = pl.concat_str(pl.lit(lead), value, pl.lit(tail)).fill_null("")
            parts += [pl.lit(before), piece]
            before = ""
        else:
            parts += [pl.lit(before + lead), value]
            before = tail
    parts.append(pl.lit(before.removesuffix(",") + "}"))
    return frame.select(pl.concat_str(parts).alias("body")).to_series()


_QUOTES = {"text": ('"', '"'), "number": ("", ""), "json": ("", ""), "items": ("[", "]")}


def _escaped(column: pl.Series, odd: Mapping[str, tuple[bool, bool, bool]]) -> pl.Expr:
    expr = pl.col(column.name)
    if column.dtype != pl.String:
        return expr.cast(pl.String)
    quoted, control, wide = odd[column.name]
    if wide and not control:
        # The same before as after quotes are escaped: no accent joins a quote or a backslash.
        expr, wide = pl.lit(normalized(column, "NFC")), False
    if quoted:
        for plain, escaped in _ESCAPES.items():
            expr = expr.str.replace_all(plain, escaped, literal=True)
    if control:
        expr = expr.map_elements(_control, return_dtype=pl.String)
    if wide:
        expr = expr.str.normalize("NFC")
    return expr


def _odd(frame: pl.DataFrame) -> dict[str, tuple[bool, bool, bool]]:
    """Say of each text column whether any text holds quotes or backslashes, control or non-ASCII characters."""
    # Each column is put into one text, in which the C library looks for signs quicker than any step on columns.
    whole = frame.select(pl.col(pl.String).str.join(""))
    return {column.name: _odd_text(column[0]) for column in whole.get_columns()}


def _odd_text(text: str) -> tuple[bool, bool, bool]:
    # To take the control characters out of the bytes is four times quicker than to look for one.
    data = text.encode()
    control = len(data.translate(None, _CONTROLS)) < len(data)
    return '"' in text or "\\" in text, control, not text.isascii()


_CONTROLS = bytes(range(0x20))


_FEW = 20_000
"""Rows up to which plain Python is faster than a step on columns."""


def _control(text: str) -> str:
    return "".join(json.dumps(c)[1:-1] if c < " " else c for c in text)


NOT_READ = frozenset(
    {
        "transport_document",
        "departure_place",
        "incoterm",
        "platform.name",
        "consignor.country",
        "consignee.country",
        "seller.id",
        "items.gtin",
        "items.product_url",
    }
)
"""Elements that no decision reads; a test compares this with the formulas."""


def _fields(elements: Iterable[Element]) -> list[tuple[str, str]]:
    """Return the column and the JSON form of every element that is not a person's own data."""
    found = []
    for element in elements:
        if element.personal and not element.name.startswith("consignee.prior_use."):
            continue
        if element.column in NOT_READ:
            continue
        form = "number" if element.kind in _NUMBERS else "json" if element.kind is Kind.JSON else "text"
        found.append((typed_name(element), form))
    return found


_NUMBERS = (Kind.AMOUNT, Kind.MASS_KG, Kind.QUANTITY, Kind.BOOLEAN, Kind.INTEGER)
ITEM_FIELDS = sorted(_fields(ITEM_ELEMENTS))
CONSIGNMENT_FIELDS = sorted(
    [
        *_fields(CONSIGNMENT_ELEMENTS),
        ("group.key", "text"),
        ("group.value", "number"),
        ("group.count", "number"),
        ("group.ordinal", "number"),
        ("screen.doubtful_id", "number"),
        ("screen.reused_id", "number"),
        ("items", "items"),
        ("version", "number"),
    ]
)
