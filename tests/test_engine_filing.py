"""A filing is read and decided: few consignments on rows and integers, many on columns, with one answer."""

import json
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import HELD, batch_of, consignment, fresh_context
from greenlane.engine.context import Context
from greenlane.engine.filing import FEW, Filing, One, decide_filing, grouped_within, read_filing
from greenlane.engine.groups import GROUP_SCHEMA, grouped
from greenlane.messages.files import parse_objects
from greenlane.messages.files_row import Accepted, RowBatch
from greenlane.model import Batch
from test_law_engine import QUICK, shared_context
from test_messages_files import consignment as sound
from test_messages_files import ndjson

TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["gift", "Ｇift sets", 'a "quoted" \\ text', "tab\there", "İstanbul ΣΑΣ", "steel knife", "e\u0301"]
    ),
)


def ones(filing: Filing, context: Context, groups: Any = None) -> list[One]:
    """Every decided consignment of a filing."""
    return list(decide_filing(filing, context, groups).each())


def required_same(few: list[One], many: list[One]) -> None:
    """Require the same facts, items, digests and outcomes, down to the bytes of the outcome's JSON."""
    assert len(few) == len(many)
    for one, other in zip(few, many, strict=True):
        assert one.consignment == other.consignment
        assert [i | {"row": 0} for i in one.items] == [i | {"row": 0} for i in other.items]
        assert json.dumps(one.outcome) == json.dumps(other.outcome)


def alike(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values with the place of the first that has the same name instead of the number of the name."""
    numbers = [value["named"] for value in values]
    return [value | {"named": numbers.index(value["named"])} for value in values]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "group.key": st.sampled_from(["a", "b", None]),
                "person": st.sampled_from(["p", "q", None]),
                "named": st.sampled_from([1, 2**63, None]),
                "value": st.sampled_from([0, 5, 10**13, None]),
            }
        ),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_plain_rows_are_grouped_as_columns_are(values: list[dict[str, Any]]) -> None:
    """Sums, counts, places and reused numbers of plain values are those that columns of the same give."""
    schema = {"group.key": pl.String, "person": pl.String, "named": pl.UInt64, "value": pl.Int64}
    columns = grouped(pl.DataFrame(values, schema=schema))
    assert grouped_within(values) == columns.to_dicts()
    assert set(columns.columns) == set(GROUP_SCHEMA)


def as_rows(batch: Batch) -> RowBatch:
    """Frames as the plain rows that intake makes of few."""
    items: dict[int, list[dict[str, Any]]] = {}
    for item in batch.items.to_dicts():
        items.setdefault(item["row"], []).append(item)
    heads = batch.consignments.to_dicts()
    accepted = [Accepted(row, items[place]) for place, row in enumerate(heads)]
    return RowBatch(accepted, batch.findings.to_dicts(), [])


@pytest.mark.parametrize("code", HELD)
@QUICK
@given(draw=st.randoms(use_true_random=False), count=st.integers(1, 3))
def test_rows_are_decided_as_columns(code: str, draw: Random, count: int) -> None:
    """Consignments of any day of any law have the same group keys, values, screening, digests and outcomes."""
    context = shared_context()
    batch = batch_of([consignment(draw, code, number) for number in range(count)])
    held = as_rows(batch)
    from greenlane.engine.rows import goods_value

    values = [goods_value(one, context) for one in held.accepted]
    many = read_filing(batch, context)
    assert alike(values) == alike(many.values)
    few = Filing(held, values, held.findings, [])
    required_same(ones(few, context), ones(many, context))


@settings(max_examples=120, deadline=None)
@given(
    names=st.lists(TEXTS, min_size=3, max_size=3),
    words=TEXTS,
    code=st.sampled_from(["610910", "930200", None]),
)
def test_any_text_is_screened_and_keyed_alike(names: list[str], words: str, code: str | None) -> None:
    """Names and descriptions in any script give the same pseudonyms, flags and digests on rows as on columns."""
    context = fresh_context()
    obj = sound("C1", 2, programme=None)
    obj["consignee"] |= {"name": names[0], "id": None}
    obj["items"][0] |= {"description": words, "hs_code": code}
    obj["items"][1] |= {"description": names[1], "product_url": names[2]}
    data = json.dumps(obj).encode()
    few, many = read_filing(data, context), read_filing(parse_objects(data), context)
    assert isinstance(few.held, RowBatch)
    assert alike(few.values) == alike(many.values)
    assert (few.findings, few.rejected) == (many.findings, many.rejected)
    required_same(ones(few, context), ones(many, context))


def test_few_and_many_in_one_form() -> None:
    """The same consignments, filed together or in small filings, have the same outcome where they stand alone."""
    context = fresh_context()
    objects = [sound(f"C{n}", 1 + n % 3, currency="EUR" if n % 2 else "USD") for n in range(FEW + 6)]
    for number, obj in enumerate(objects):
        obj["consignee"]["id"] = f"P{number}"
    objects[3]["transport_document"] = "RR473124828GB"
    objects[5]["destination_country"] = "AQ"
    together = read_filing(ndjson(*objects), context)
    assert isinstance(together.held, Batch) and len(together.values) == len(objects)
    apart = [read_filing(json.dumps(obj).encode(), context) for obj in objects]
    assert all(isinstance(filing.held, RowBatch) for filing in apart)
    many = ones(together, context)
    few = [one for filing in apart for one in ones(filing, context)]
    for one, other in zip(few, many, strict=True):
        assert json.dumps(one.outcome) == json.dumps(other.outcome)
    assert any(f["code"] == "identifier.check_digit" for f in many[3].outcome["findings"])


def test_a_consignment_filed_twice_keeps_its_charges_apart() -> None:
    """Two records of one number in a filing are two decisions, each with its own charges and no more."""
    context = fresh_context()
    objects = [sound(f"C{n}") for n in range(FEW + 2)]
    objects.append(sound("C0", 2))
    decided = ones(read_filing(json.dumps(objects).encode(), context), context)
    first, last = decided[0].outcome["charges"], decided[-1].outcome["charges"]
    assert {c["item_id"] for c in first} == {"1"} and {c["item_id"] for c in last} == {"1", "2"}


@pytest.mark.parametrize("count", [1, 3, FEW + 5])
def test_group_facts_come_from_outside(count: int) -> None:
    """The store's sums over earlier filings enter the decision, its digest and its outcome, in either way."""
    context = fresh_context()
    filing = read_filing(ndjson(*(sound(f"C{n}") for n in range(count))), context)
    keys = {value["group.key"] for value in filing.values}
    assert len(keys) == 1 and None not in keys
    facts = [
        {"group.key": v["group.key"], "group.value": 70_000, "group.count": 9, "group.ordinal": 9 - n % 2}
        | {"screen.reused_id": True}
        for n, v in enumerate(filing.values)
    ]
    inside, outside = ones(filing, context), ones(filing, context, facts)
    for one, other in zip(inside, outside, strict=True):
        assert other.outcome["group"]["value"] == "700.00" and other.outcome["group"]["count"] == 9
        assert other.outcome["input_digest"] != one.outcome["input_digest"]
        assert one.outcome["group"]["count"] == count


def test_bad_ones_reject_no_others() -> None:
    """What is refused stands beside what is decided; an empty filing decides nothing."""
    context = fresh_context()
    for count in (2, FEW + 9):
        objects = [sound(f"C{n}") for n in range(count)]
        objects[1]["currency"] = "EURO"
        filing = read_filing(json.dumps(objects).encode(), context)
        assert [row["row"] for row in filing.rejected] == [2]
        assert {f["code"] for f in filing.findings} == {"currency.unknown"}
        assert len(ones(filing, context)) == count - 1
    for data in (b"", b"[]", b"[[]]"):
        filing = read_filing(data, context)
        assert filing.findings and not ones(filing, context)
