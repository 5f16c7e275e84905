"""Accepted consignments as objects of the contract again, and such objects as rows of its tables."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from greenlane.messages.files_read import decimals_of
from greenlane.messages.foreign import Consignment
from greenlane.model import CONSIGNMENT_ELEMENTS, ELEMENTS, ITEM_ELEMENTS, Batch, Element, Kind, typed_name

_SCALED = (Kind.AMOUNT, Kind.MASS_KG, Kind.QUANTITY)
_ALWAYS = {"unit"}
"""Fields written even where they have the value that their absence means: a quantity needs its unit."""


def objects_of(batch: Batch) -> list[Consignment]:
    """Return the accepted consignments of a batch as objects of the contract, amounts as plain decimals.

    A field whose value is what its absence means is left out, except the unit of a quantity.

    Example:
        >>> from greenlane.model import empty_batch
        >>> objects_of(empty_batch())
        []
    """
    heads = list(batch.consignments.iter_rows(named=True))
    made = [_nested(row, CONSIGNMENT_ELEMENTS, row) for row in heads]
    for one in made:
        one["items"] = []
    for item in batch.items.iter_rows(named=True):
        made[item["row"]]["items"].append(_nested(item, ITEM_ELEMENTS, heads[item["row"]]))
    return made


def rows_of(consignment: Mapping[str, Any]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows of a consignment in the contract's table, one an item, and the paths that it has no column for.

    Example:
        >>> rows, unknown = rows_of({"consignment_id": "A1", "items": [{"value": "2.50", "colour": "red"}]})
        >>> rows, unknown
        ([{'consignment_id': 'A1', 'items.value': '2.50'}], ['/items/0/colour'])
    """
    head: dict[str, str] = {}
    unknown: list[str] = []
    for name, value in _leaves({k: v for k, v in consignment.items() if k != "items"}, ""):
        _put(head, name, f"/{name.replace('.', '/')}", value, unknown)
    rows = []
    for place, item in enumerate(consignment.get("items") or ({},)):
        row = dict(head)
        for name, value in _leaves(item, ""):
            _put(row, f"items.{name}", f"/items/{place}/{name.replace('.', '/')}", value, unknown)
        rows.append(row)
    return rows, unknown


def plain(thousandths: int, digits: int) -> str:
    """Write a whole number of units of 10 to the minus *digits* as a decimal without needless zeros behind.

    Example:
        >>> plain(1250, 2), plain(3000, 3), plain(5, 0)
        ('12.50', '3', '5')
    """
    if not digits:
        return str(thousandths)
    sign, number = ("-" if thousandths < 0 else ""), str(abs(thousandths)).rjust(digits + 1, "0")
    whole, part = number[:-digits], number[-digits:]
    if digits > 2:
        part = part.rstrip("0")
    return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"


def _nested(row: Mapping[str, Any], elements: Sequence[Element], head: Mapping[str, Any]) -> Consignment:
    made: Consignment = {}
    for element in elements:
        value = row[typed_name(element)]
        if value is None:
            continue
        told = _told(element, value, head)
        if element.name not in _ALWAYS and element.default is not None and _is_default(element, value):
            continue
        owner = made
        *parts, leaf = element.name.split(".")
        for part in parts:
            owner = owner.setdefault(part, {})
        owner[leaf] = told
    return made


def _is_default(element: Element, value: Any) -> bool:
    if element.kind is Kind.BOOLEAN:
        return bool(value) == (element.default == "true")
    return str(value) == element.default


def _told(element: Element, value: Any, head: Mapping[str, Any]) -> Any:
    if element.kind in _SCALED:
        own = element.in_currency
        currency = head["currency"] if own in (None, "currency") else head[str(own)] or head["currency"]
        return plain(value, decimals_of(element, currency))
    if element.kind is Kind.JSON:
        return json.loads(value)
    return value.isoformat() if element.kind is Kind.DATE else value


def _leaves(value: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        path = f"{before}{name}"
        if isinstance(inner, Mapping) and path not in _JSON and f"items.{path}" not in _JSON:
            yield from _leaves(inner, f"{path}.")
        elif inner is not None:
            yield path, inner


def _put(row: dict[str, str], column: str, path: str, value: Any, unknown: list[str]) -> None:
    if column not in _COLUMNS:
        unknown.append(path)
    elif isinstance(value, bool):
        row[column] = "true" if value else "false"
    else:
        row[column] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_COLUMNS = {element.column for element in ELEMENTS}
_JSON = {element.column for element in ELEMENTS if element.kind is Kind.JSON}

__all__ = ["objects_of", "plain", "rows_of"]
