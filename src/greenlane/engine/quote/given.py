"""What a quote is asked of: one or many consignments as JSON, whose commodity codes may be short."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from greenlane.messages.files import parse_objects
from greenlane.messages.files_json import value_records
from greenlane.messages.files_raw import Finder
from greenlane.model import Batch
from greenlane.values.errors import UsageError

_SHORT = re.compile(r"^[0-9]{2,5}$", re.ASCII)
_NEEDS = re.compile(rb'"hs_code"\s*:\s*"[0-9]{2,5}"')


@dataclass(frozen=True, slots=True)
class Given:
    """A batch as intake reads it, and the codes of 2 to 5 digits that a filing may not have.

    ``short`` is by consignment id and item id. In the batch such an item has no commodity code.
    """

    batch: Batch
    short: dict[tuple[str, str], str]


def read_given(data: bytes, name: str = "-") -> Given:
    """Read one JSON object, an array of objects, or NDJSON through the intake of filings.

    Codes of 2 to 5 digits are set aside first, because intake refuses them; all else is checked as in a filing.

    Raises:
        UsageError: Two records have the same consignment id, so that intake would take them for one.

    Example:
        >>> read_given(b'{"consignment_id": "A1", "items": [{"hs_code": "61"}]}').short
        {('A1', '1'): '61'}
    """
    short: dict[tuple[str, str], str] = {}
    seen: dict[str, int] = {}
    records: list[bytes] = []
    for number, record in enumerate(value_records(BytesIO(data), Finder(name)), 1):
        value = _read(record.data)
        named = value.get("consignment_id") if isinstance(value, dict) else None
        if isinstance(named, str):
            if named in seen:
                raise UsageError(
                    f"{name}: records {seen[named]} and {number} have the same consignment_id; "
                    "give each its own, so that the quotes can be told apart"
                )
            seen[named] = number
        if isinstance(value, dict) and _NEEDS.search(record.data):
            short |= _set_aside(value)
            records.append(json.dumps(value).encode())
        else:
            records.append(record.data)
    # Only where codes were set aside does intake read other bytes than came.
    return Given(parse_objects(b",\n".join(records) if short else data, name), short)


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _set_aside(value: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Take short codes out of a record and return them by consignment and item."""
    found = {}
    for place, item in _items(value):
        code = item.get("hs_code")
        if isinstance(code, str) and _SHORT.match(code):
            found[str(value.get("consignment_id")), str(item.get("item_id") or place)] = code
            item["hs_code"] = None
    return found


def _items(value: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    items = value.get("items")
    for place, item in enumerate(items if isinstance(items, list) else (), 1):
        if isinstance(item, dict):
            yield place, item
