"""Intake of a filing held in memory: the quick ways give what the careful one gives, findings included."""

import copy
import json
from io import BytesIO
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.messages.files import _parsed, parse_few, parse_objects
from greenlane.messages.files_json import value_records
from greenlane.messages.files_raw import Finder
from greenlane.messages.files_row import RowBatch
from greenlane.model import ELEMENTS, FINDING_SCHEMA, REJECTED_SCHEMA, Batch, consignment_schema, item_schema
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


def as_frames(few: RowBatch) -> Batch:
    """Rows as the frames of a batch."""
    return Batch(
        pl.DataFrame([one.consignment for one in few.accepted], schema=consignment_schema()),
        pl.DataFrame([item for one in few.accepted for item in one.items], schema=item_schema()),
        pl.DataFrame(few.findings, schema=FINDING_SCHEMA),
        pl.DataFrame(few.rejected, schema=REJECTED_SCHEMA),
    )


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


@settings(max_examples=400, deadline=None)
@given(
    filing=st.lists(st.tuples(st.integers(0, 3), CHANGES), min_size=1, max_size=2), alike=st.integers(0, 4)
)
def test_few_consignments_are_read_as_rows(filing: list[tuple[int, Any]], alike: int) -> None:
    """Plain rows and columns accept the same values and give the same findings and rejected records."""
    objects = [changed(f"C{n}", max(items, 1), changes) for n, (items, changes) in enumerate(filing)]
    if not filing[0][0]:
        objects[0]["items"] = []
    if alike == 4:
        objects[0]["items"].append(copy.deepcopy((objects[0]["items"] or [{}])[-1]))
    data = json.dumps(objects).encode()
    few = parse_few(data)
    if isinstance(few, RowBatch):
        same(as_frames(few), carefully(data))


@given(item=st.sampled_from([3, "x", None, [], {"value": 3, "hs_code": []}]), where=st.integers(0, 2))
def test_faults_of_json_in_rows(item: Any, where: int) -> None:
    """What is no object, and what has another JSON type, is said alike by rows and columns."""
    obj = consignment("C1", 2)
    obj["items"].insert(where, item)
    for data in (
        json.dumps(obj).encode(),
        json.dumps({**obj, "seller": item}).encode(),
        json.dumps([item]).encode(),
    ):
        few = parse_few(data)
        assert isinstance(few, RowBatch)
        same(as_frames(few), carefully(data))


def test_rows_of_one_consignment_are_left_to_columns() -> None:
    """Neighbours of one number, or items without a number of their consignment, are no matter for single rows."""
    assert isinstance(parse_few(ndjson(consignment("C1"), consignment("C1"))), Batch)
    nameless = consignment("C1", 2)
    del nameless["consignment_id"]
    assert isinstance(parse_few(ndjson(nameless)), Batch)
    assert isinstance(parse_few(ndjson(consignment("C1"), consignment("C2"))), RowBatch)


def test_places_of_records_in_a_long_array() -> None:
    """Each record of an array knows the byte at which it stands, beyond the first megabytes and wide text."""
    objects = [consignment(f"C{n}", 1, other="ä" * 900) for n in range(2500)]
    data = json.dumps(objects, ensure_ascii=False).encode()
    records = list(value_records(BytesIO(data), Finder("-")))
    assert len(data) > 1 << 22 and len(records) == 2500
    assert all(data[r.at : r.at + len(r.data)] == r.data for r in records)
