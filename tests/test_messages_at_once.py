"""Intake of a filing held in memory: the quick ways give what the careful one gives, findings included."""

import copy
import json
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.messages.files import _parsed, parse_objects
from greenlane.messages.files_json import value_records
from greenlane.messages.files_raw import Finder
from greenlane.model import ELEMENTS, Batch
from test_messages_files import consignment, ndjson

CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.from_regex(r"\A-?[0-9]{0,14}\.?[0-9]{0,7}\Z"),
    st.sampled_from(
        ["EUR", "JPY", "true", "12", "0.5", "2026-07-02", "1500-01-01", "CN", "\x1f", " x", "A\n"]
    ),
    st.sampled_from(["=x", "IM3720000224", "IM1230000224", "GB1", "RR473124828GB", "4006381333932", "0"]),
    st.booleans(),
    st.integers(-5, 10**11),
    st.just([]),
    st.just({"a": "b"}),
    st.just({"a": 1.5}),
)
CHANGES = st.dictionaries(
    st.sampled_from(
        [*(e.column for e in ELEMENTS), "other", "items.other", "seller.other", "items.contents.x"]
    ),
    CELLS,
    max_size=5,
)


def changed(number: str, items: int, changes: dict[str, Any]) -> dict[str, Any]:
    """A sound consignment with some fields replaced, those of items in the last item."""
    obj = copy.deepcopy(consignment(number, items))
    for column, cell in changes.items():
        *above, leaf = column.removeprefix("items.").split(".")
        holder = obj["items"][-1] if column.startswith("items.") else obj
        for part in above:
            inner = holder.get(part)
            holder[part] = holder = inner if isinstance(inner, dict) else {}
        holder[leaf] = cell
    return obj


def carefully(data: bytes) -> Batch:
    """Read each value of *data* by itself, as a file of any size is read."""
    finder = Finder("-")
    return _parsed(list(value_records(BytesIO(data), finder)), finder)


def same(one: Batch, other: Batch) -> None:
    """Require the same rows, findings and rejected rows, in the same order."""
    for name in ("consignments", "items", "findings", "rejected"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.schema == right.schema, name
        assert left.rows() == right.rows(), name


FILINGS = st.lists(st.tuples(st.integers(1, 3), CHANGES), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(filing=FILINGS, form=st.sampled_from(["array", "pretty", "lines"]))
def test_a_filing_at_once_is_read_as_one_by_one(filing: list[tuple[int, Any]], form: str) -> None:
    """An array or lines of any objects give the same rows, findings and rejected text either way."""
    objects = [changed(f"C{n}", items, changes) for n, (items, changes) in enumerate(filing)]
    data = {
        "array": json.dumps(objects).encode(),
        "pretty": json.dumps(objects, indent=2, ensure_ascii=False).encode("utf-8", "replace"),
        "lines": ndjson(*objects),
    }[form]
    same(parse_objects(data), carefully(data))


def test_places_of_records_in_a_long_array() -> None:
    """Each record of an array knows the byte at which it stands, beyond the first megabytes and wide text."""
    objects = [consignment(f"C{n}", 1, other="ä" * 900) for n in range(2500)]
    data = json.dumps(objects, ensure_ascii=False).encode()
    records = list(value_records(BytesIO(data), Finder("-")))
    assert len(data) > 1 << 22 and len(records) == 2500
    assert all(data[r.at : r.at + len(r.data)] == r.data for r in records)
