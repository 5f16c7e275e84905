"""The law decides the same on integers and on columns: bit for bit, unknowns included, for every pack."""

from dataclasses import replace
from datetime import date
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzing import (
    GOODS,
    HELD,
    Rows,
    batch_of,
    by_columns,
    by_integers,
    consignment,
    fresh_context,
    reference,
    stocked,
)
from greenlane.assess.plan import FREIGHT_INSIDE
from greenlane.engine.context import Context, Sources
from greenlane.engine.decider import Prepared, decide_batch, prepare
from greenlane.engine.groups import items_of
from greenlane.law.assumptions import Assumptions, read_assumptions
from greenlane.law.graph import walk
from greenlane.law.leaves import Resolver
from greenlane.law.pack import assessment_of
from greenlane.law.parameters import Certainty, Dated, Parameter, Parameters
from greenlane.messages.files_findings import IDENTIFIER_CHECK
from greenlane.model.schema import FINDING_SCHEMA, consignment_schema, item_schema
from greenlane.packs import CODES, pack

QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_KEYS = {"consignment_id", "declaration_date", "destination_country", "row", "item_id"}
_SOURCE = {"source_file", "source_row", "source_last", "source_rows"}
_FIELDS = [name for name in consignment_schema() if name not in _KEYS | _SOURCE]
_ITEM_FIELDS = [f"items.{name}" for name in item_schema() if name not in _KEYS]
_NAMES = ("outcome", "charge", "finding")


@cache
def shared_context() -> Context:
    """One context for all tests, so that plans are built once; it holds a tariff for every pack."""
    return replace(fresh_context(), reference=stocked())


def made(code: str, seed: int, count: int) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Seeded consignments of one jurisdiction."""
    draw = Random(seed)
    return [consignment(draw, code, number) for number in range(count)]


def same(prepared: Prepared, context: Context) -> Rows:
    """Decide both ways, require the same rows in the same order, and return them."""
    columns = by_columns(decide_batch(prepared, context))
    integers = by_integers(prepared, range(len(prepared.consignments)), context)
    for name, left, right in zip(_NAMES, columns, integers, strict=True):
        for one, other in zip(left, right, strict=False):
            differing = {
                key: (one.get(key), other.get(key))
                for key in {*one, *other}
                if one.get(key) != other.get(key)
            }
            assert not differing, f"{name} of {one['consignment_id']}: (columns, integers) {differing}"
        assert len(left) == len(right), f"{name}: {len(left)} rows on columns, {len(right)} on integers"
    return columns


def part_of(prepared: Prepared, places: list[int]) -> Prepared:
    """Some consignments of a prepared batch, in the order given."""
    wanted = pl.Series(values=places, dtype=pl.UInt32)
    items = items_of(prepared.items, wanted, len(prepared.consignments)).sort("row", maintain_order=True)
    return Prepared(prepared.consignments[places], items, prepared.findings)


@pytest.mark.parametrize("code", CODES)
def test_every_pack_is_held(code: str) -> None:
    """Each pack that the registry names has law, so that the tests below cover it."""
    assert code in HELD
    assert pack(code).code == code


@pytest.mark.parametrize("code", HELD)
@QUICK
@given(draw=st.randoms(use_true_random=False), count=st.integers(1, 4))
def test_columns_equal_integers(code: str, draw: Random, count: int) -> None:
    """Any consignments of any day of the span, decided one by one or together, have the same outcome."""
    context = shared_context()
    batch = batch_of([consignment(draw, code, number) for number in range(count)])
    same(prepare(batch, context), context)


@pytest.mark.parametrize("code", HELD)
def test_a_batch_of_every_period(code: str) -> None:
    """A hundred consignments over all periods at once have the same outcomes as one by one.

    Without a schedule, and again with a rate of duty assumed for every code.
    """
    context, rates = shared_context(), {"duty_rates": [{"hs": hs, "rate": "0.05"} for hs in GOODS if hs]}
    outcomes, charges, _ = same(prepare(batch_of(made(code, 7, 100)), context), context)
    assumed = fresh_context(read_assumptions(rates))
    _, dutiable, _ = same(prepare(batch_of(made(code, 7, 100)), assumed), assumed)
    assert {outcome["status"] for outcome in outcomes} >= {"assessed", "incomplete"}
    assert any(charge["amount"] not in (None, "0.00") for charge in [*charges, *dutiable])
    assert any(charge["amount"] is None for charge in charges)


@pytest.mark.parametrize("code", HELD)
def test_each_field_absent_for_some(code: str) -> None:
    """A field that is absent for some consignments of a batch is unknown for those and no others."""
    context = shared_context()
    draw = Random(11)
    planted = []
    for number, name in enumerate([*_FIELDS, *_ITEM_FIELDS] * 2):
        row, items = consignment(draw, code, number)
        if name.startswith("items."):
            items[draw.randrange(len(items))][name[6:]] = None
        else:
            row[name] = None
        planted.append((row, items))
    same(prepare(batch_of(planted), context), context)


@pytest.mark.parametrize("code", HELD)
def test_each_field_absent_for_all(code: str) -> None:
    """A field that is absent throughout a batch, which folds to one plain value, gives the same unknowns."""
    context = shared_context()
    base = made(code, 13, 4)
    for name in sorted(_read_by(code)):
        bare = name.removeprefix("items.")
        blank = [
            (
                row if name.startswith("items.") else {**row, name: None},
                [{**item, bare: None} for item in items] if name.startswith("items.") else items,
            )
            for row, items in base
        ]
        same(prepare(batch_of(blank), context), context)


def _read_by(code: str) -> set[str]:
    """Names of the fields that any formula of a pack reads, by itself or as the key of a look-up."""
    law, names = pack(code), set()
    for formula in law.formulas:
        for node in walk(assessment_of(formula).roots()):
            if node.op in ("field", "matches"):
                names.add(node.data[0])
            elif node.op == "lookup":
                names |= set(law.lookups[node.data[0]].texts)
    return names & {*_FIELDS, *_ITEM_FIELDS}


@pytest.mark.parametrize("code", HELD)
def test_each_parameter_unknown_repealed_or_contested(code: str) -> None:
    """A value of the law that is unknown, pending, repealed or contested is so in both evaluations."""
    law = pack(code)
    context = fresh_context()
    prepared = prepare(batch_of(made(code, 17, 5)), context)
    sources = Sources(reference().tariff, reference().fx, Assumptions())
    read = {
        n.data[0].partition("#")[0]
        for f in law.formulas
        for n in walk(assessment_of(f).roots())
        if n.op == "param"
    }
    for number, name in enumerate(sorted(read)):
        state = ("unknown", "repealed", "pending", "contested")[number % 4]
        changed = _with_state(law.parameters.by_id[name], state)
        parameters = Parameters({**law.parameters.by_id, name: changed}, law.parameters.sources)
        context._resolvers[code] = Resolver(replace(law, parameters=parameters), sources)
        same(prepared, context)


def _with_state(parameter: Parameter, state: str) -> Parameter:
    def change(dated: Dated) -> Dated:
        if state == "contested":
            value = dated.value if dated.value is not None else 1
            other = (not value) if isinstance(value, bool) else value // 2 + 1
            return replace(
                dated,
                value=value,
                state="in_force",
                certainty=Certainty.CONTESTED,
                rival=other,
                question="Whether the test's reading holds|under the other",
            )
        sure = Certainty.UNKNOWN if state == "unknown" else dated.certainty
        return replace(dated, value=None, state=state, certainty=sure, rival=None)

    values = {key: tuple(change(dated) for dated in series) for key, series in parameter.values.items()}
    return replace(parameter, values=values)


def test_unknown_is_never_zero() -> None:
    """Without rate of exchange, code or mass there is no total, and a finding names what is missing."""
    context = shared_context()
    row, items = consignment(Random(1), "zz", 0)
    row |= {
        "transaction": "b2c",
        "scheme": None,
        "currency": "ZZD",
        "freight": 0,
        "insurance": 0,
        "other_charges": 0,
        "freight_in_price": False,
        "declaration_date": date(2026, 7, 2),
        "order_date": None,
        "carrier_fees": 0,
        "carrier_fees_currency": None,
        "scheme_id": None,
    }
    good = {
        **items[0],
        "hs_code": "180690",
        "value": 50_000,
        "net_mass_mg": 500_000,
        "unit": "C62",
        "quantity": 1000,
    }
    whole = {"total": "105.02", "duty": "40.20", "status": "assessed"}
    planted = [
        (row, [good], whole, None),
        ({**row, "currency": "XPF"}, [good], None, "fx.unknown"),
        ({**row, "freight": None}, [good], None, "element.unknown"),
        (row, [{**good, "hs_code": "999999"}], None, "tariff.code_unknown"),
        (row, [{**good, "hs_code": None}], None, "tariff.code_unknown"),
        (row, [{**good, "net_mass_mg": None}], None, "element.unknown"),
        (row, [{**good, "hs_code": "854370"}], None, "tariff.unparsed"),
        (row, [good, {**good, "item_id": "2", "hs_code": "640299"}], None, "tariff.unparsed"),
    ]
    batch = batch_of([({**r, "consignment_id": f"N{n}"}, i) for n, (r, i, _, _) in enumerate(planted)])
    outcomes, _, findings = same(prepare(batch, context), context)
    for number, (outcome, (_, _, expected, code)) in enumerate(zip(outcomes, planted, strict=True)):
        if expected is not None:
            assert {name: outcome[name] for name in expected} == expected
            continue
        assert outcome["status"] == "incomplete" and outcome["total"] is None, number
        assert outcome["disposition"] not in ("release", "release_on_payment")
        assert code in {f["code"] for f in findings if f["consignment_id"] == outcome["consignment_id"]}, (
            number
        )


@pytest.mark.parametrize("code", HELD)
def test_freight_inside_the_prices_cannot_exceed_them(code: str) -> None:
    """No value goes below zero: goods whose freight is more than their price have no known value."""
    context = shared_context()
    planted = []
    for row, items in made(code, 29, 24):
        row |= {"freight_in_price": True, "freight": 10**9}
        planted.append((row, [{**item, "value": item["value"] % 10**8} for item in items]))
    outcomes, _, findings = same(prepare(batch_of(planted), context), context)
    told = {f["consignment_id"] for f in findings if f["code"] == FREIGHT_INSIDE}
    covered = [outcome for outcome in outcomes if outcome["currency"]]
    assert covered
    for outcome in covered:
        assert outcome["intrinsic_value"] is None
        assert outcome["consignment_id"] in told


def _mixed() -> Prepared:
    draw = Random(23)
    batch = batch_of([consignment(draw, HELD[number % len(HELD)], number) for number in range(90)])
    elsewhere = batch.consignments["destination_country"].scatter([5, 50], ["AQ", "BV"])
    doubtful = {"code": IDENTIFIER_CHECK, "severity": "warning", "path": "/transport_document"}
    found = [
        {"consignment_id": f"T{n}", "row": n, "message": "the check digit fails", **doubtful}
        for n in (3, 4, 5)
    ]
    batch = replace(
        batch,
        consignments=batch.consignments.with_columns(elsewhere),
        findings=pl.DataFrame(found, schema=FINDING_SCHEMA),
    )
    return prepare(batch, shared_context())


def test_mixed_jurisdictions_in_one_batch() -> None:
    """Consignments to every jurisdiction, some to none that is held, are decided together as one by one."""
    outcomes, _, findings = same(_mixed(), shared_context())
    assert {outcome["jurisdiction"] for outcome in outcomes} == {*HELD, None}
    assert [f["consignment_id"] for f in findings if f["code"] == IDENTIFIER_CHECK] == [
        "T3",
        "T4",
        "T5",
    ]


def test_order_of_a_batch_does_not_matter() -> None:
    """The rows of a consignment are the same wherever it stands in its batch."""
    prepared, context = _mixed(), shared_context()
    straight = by_columns(decide_batch(prepared, context))
    places = list(range(len(prepared.consignments)))
    Random(3).shuffle(places)
    turned = by_columns(decide_batch(part_of(prepared, places), context))
    for left, right in zip(straight, turned, strict=True):
        assert _by_consignment(left) == _by_consignment(right)


@pytest.mark.parametrize("size", [1, 2, 37])
def test_parts_of_a_batch_give_the_same_rows(size: int) -> None:
    """However a file is cut into parts, the rows put together are the same."""
    prepared, context = _mixed(), shared_context()
    count = 24 if size == 1 else 90
    whole = by_columns(decide_batch(part_of(prepared, list(range(count))), context))
    parts: Rows = ([], [], [])
    for start in range(0, count, size):
        cut = part_of(prepared, list(range(start, min(start + size, count))))
        for sink, rows in zip(parts, by_columns(decide_batch(cut, context)), strict=True):
            sink.extend(rows)
    assert parts == whole


def _by_consignment(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["consignment_id"], []).append(row)
    return grouped
