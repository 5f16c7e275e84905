"""Each operation of a formula against exact fractions, on integers and on columns, with unknowns planted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.law.assumptions import read_assumptions
from greenlane.law.columns import Columns
from greenlane.law.exact import exactly
from greenlane.law.exact import rounded as divided
from greenlane.law.graph import (
    ITEM,
    Node,
    any_item,
    certainty,
    choose,
    collect,
    const,
    equal,
    excess,
    field,
    first,
    fit,
    known,
    larger,
    lead_item,
    matches,
    muldiv,
    present,
    ratio,
    round_to,
    share,
    smaller,
    step,
    sum_of_products,
    total,
)
from greenlane.law.integers import Integers
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.law.pack import Lookup, LookupResult
from greenlane.law.parameters import Resolved
from greenlane.packs import pack
from greenlane.values.errors import UsageError
from greenlane.values.money import MAX_MINOR, RATE_SCALE, Rounding

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True, database=None)
Maybe = int | bool | None
Consignment = dict[str, Any]

amount = st.one_of(st.sampled_from([0, 1, 5, 99, MAX_MINOR]), st.integers(0, MAX_MINOR))
unsure = st.one_of(amount, amount, st.none())
flag = st.sampled_from([True, False, None])


def small_batches(values: Any = unsure) -> Any:
    """One to four consignments of one to five items; facts unknown now and then."""
    item = st.fixed_dictionaries(
        {
            "a": values,
            "b": values,
            "q": st.sampled_from([1000, 2000, 7000, 1500]),
            "f": flag,
            "hs_code": st.sampled_from(["610910", "610990", "6109100010", None]),
        }
    )
    consignment = st.fixed_dictionaries(
        {"c": values, "d": values, "f": flag, "g": flag, "items": st.lists(item, min_size=1, max_size=5)}
    )
    return st.lists(consignment, min_size=1, max_size=4)


def both(node: Node, batch: list[Consignment]) -> list[list[Maybe]]:
    """Evaluate on columns and on integers, require the same, and return one list a consignment."""
    rows = [
        {"declaration_date": date(2026, 7, 1), **{k: v for k, v in c.items() if k != "items"}} for c in batch
    ]
    items = [{"row": row, **item} for row, c in enumerate(batch) for item in c["items"]]
    resolver = Resolver(replace(pack("zz"), lookups={}), None)
    head = {"c": pl.Int64, "d": pl.Int64, "f": pl.Boolean, "g": pl.Boolean}
    line = {"a": pl.Int64, "b": pl.Int64, "q": pl.Int64, "f": pl.Boolean, "hs_code": pl.String}
    facts = ColumnFacts(
        pl.DataFrame(rows, schema={"declaration_date": pl.Date, **head}),
        pl.DataFrame(items, schema={"row": pl.UInt32, **line}),
        resolver,
    )
    columns = Columns(facts)
    flat = (columns.item_series(node) if node.level == ITEM else columns.series(node)).to_list()
    integers = []
    for row, c in zip(rows, batch, strict=True):
        evaluator = Integers(SingleFacts(row, c["items"], resolver))
        integers.append(evaluator.values(node) if node.level == ITEM else [evaluator.value(node)])
    grouped = iter(flat)
    assert [[next(grouped) for _ in one] for one in integers] == integers
    return integers


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """Round a fraction of zero or more, by the words of each rule."""
    whole, rest = floor(exact), exact - floor(exact)
    up = {
        Rounding.DOWN: False,
        Rounding.UP: rest > 0,
        Rounding.HALF_UP: rest >= Fraction(1, 2),
        Rounding.HALF_EVEN: rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1),
    }
    return whole + up[rounding]


def expect(
    batch: list[Consignment], each: Callable[[Consignment, dict[str, Any]], Maybe]
) -> list[list[Maybe]]:
    """The answer for every item."""
    return [[each(c, item) for item in c["items"]] for c in batch]


A, B, C, D = field("items.a"), field("items.b"), field("c"), field("d")
F, G, ITEM_F = field("f"), field("g"), field("items.f")


@BOUNDED
@given(small_batches(), st.sampled_from(Rounding), st.integers(1, 10**9), st.integers(1, 10**9))
def test_muldiv_is_exact_beyond_64_bits(
    batch: list[Consignment], rounding: Rounding, top: int, bottom: int
) -> None:
    """Amounts times a ratio are rounded once from the exact fraction, however large the product."""
    top = min(top, bottom * 1000)
    node = muldiv(A, [top, C], [bottom, const(MAX_MINOR)], rounding)
    assert both(node, batch) == expect(
        batch,
        lambda c, i: (
            None
            if i["a"] is None or c["c"] is None
            else rounded(Fraction(i["a"] * top * c["c"], bottom * MAX_MINOR), rounding)
        ),
    )


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("even", [True, False])
def test_long_columns_are_as_exact_as_short_ones(rounding: Rounding, even: bool) -> None:
    """Beyond 64 bits a long column is divided in 128, a short one on whole numbers of Python: both are exact."""
    amounts = [number * 10**12 // 7 for number in range(1, 1_101)]
    bottom = 10**17 + (0 if even else 1)
    exact = [rounded(Fraction(one * 10**17, bottom), rounding) for one in amounts]

    def formula(top: Any, factor: Any, divisor: Any) -> Any:
        return divided(top * factor, divisor, rounding, even)

    for length in (len(amounts), 9):
        column = np.array(amounts[:length])
        assert exactly(formula, [column, 10**17, bottom], True).tolist() == exact[:length]


def test_nodes_that_say_the_same_are_worked_out_once() -> None:
    """Leaves and steps that are made anew in each function are one in a batch; what differs stays apart."""
    facts = ColumnFacts(
        pl.DataFrame({"c": [1, 2, None]}, schema={"c": pl.Int64}),
        pl.DataFrame({"row": [0, 1, 2]}, schema={"row": pl.UInt32}),
        Resolver(replace(pack("zz"), lookups={}), None),
    )
    columns = Columns(facts)
    named = step("sum", field("c") + 1, "art. 1")
    assert columns.value(field("c") + 1) is columns.value(named)
    assert columns.series(choose(known(field("c")), True, False)).to_list() == [True, True, False]
    assert columns.series(choose(known(field("c")), 1, 0)).to_list() == [1, 1, 0]


def test_keys_with_one_answer_share_it() -> None:
    """A batch has each answer of a look-up once, however many keys got it; true and 1 are two answers."""

    def ask(_: Any, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        return LookupResult({"part": Resolved(True if (keys[0] or "").startswith("a") else 1)})

    made = Lookup("made", ("items.hs_code", "day:declaration"), ("part",), ask, lambda _: ())
    facts = ColumnFacts(
        pl.DataFrame({"declaration_date": [date(2026, 7, 1), date(2026, 7, 2)]}),
        pl.DataFrame(
            {"row": [0, 0, 1, 1], "hs_code": ["a1", "b1", "a2", None]}, schema_overrides={"row": pl.UInt32}
        ),
        Resolver(replace(pack("zz"), lookups={"made": made}), None),
    )
    answers, index = facts.lookups("made")
    said = [answer.parts["part"].value for answer in answers]
    assert index is not None
    assert [said[number] for number in index] == [True, 1, True, 1]
    assert [type(value) for value in said] == [bool, int]


@BOUNDED
@given(small_batches(), st.sampled_from(Rounding))
def test_division_by_a_column(batch: list[Consignment], rounding: Rounding) -> None:
    """A divisor that differs by row is exact too; division by zero is unknown."""
    node = muldiv(A, [3], [larger(D, C)], rounding)

    def each(c: Consignment, item: dict[str, Any]) -> Maybe:
        if None in (item["a"], c["c"], c["d"]):
            return None
        bottom = max(c["c"], c["d"])
        return None if bottom == 0 else rounded(Fraction(item["a"] * 3, bottom), rounding)

    assert both(node, batch) == expect(batch, each)


@BOUNDED
@given(small_batches(), st.integers(0, 3 * RATE_SCALE), st.sampled_from(Rounding))
def test_rates_and_sums_of_products(batch: list[Consignment], rate: int, rounding: Rounding) -> None:
    """A duty of a share of the value and an amount a kilogram is rounded once, from the exact sum."""
    per_kg = 40 * RATE_SCALE
    both_parts = sum_of_products(
        [(A, const(rate), 1_000_000), (B, const(per_kg), 1)], RATE_SCALE * 1_000_000, rounding
    )
    assert both(both_parts, batch) == expect(
        batch,
        lambda _, i: (
            None
            if None in (i["a"], i["b"])
            else rounded(
                Fraction(i["a"] * rate, RATE_SCALE) + Fraction(i["b"] * per_kg, RATE_SCALE * 1_000_000),
                rounding,
            )
        ),
    )
    assert both(ratio(A, const(rate), rounding), batch) == expect(
        batch, lambda _, i: None if i["a"] is None else rounded(Fraction(i["a"] * rate, RATE_SCALE), rounding)
    )


@BOUNDED
@given(small_batches(), st.sampled_from(Rounding), st.sampled_from([1, 5, 100, 1000]))
def test_rounding_to_a_step(batch: list[Consignment], rounding: Rounding, step: int) -> None:
    """Amounts come in whole steps of the unit named."""
    assert both(round_to(A, step, rounding), batch) == expect(
        batch, lambda _, i: None if i["a"] is None else rounded(Fraction(i["a"], step), rounding) * step
    )


@BOUNDED
@given(small_batches())
def test_shares_sum_back(batch: list[Consignment]) -> None:
    """A consignment amount split over its items sums back; an unknown weight makes every part unknown."""
    for c, parts in zip(batch, both(share(C, A), batch), strict=True):
        weights = [item["a"] for item in c["items"]]
        if c["c"] is None or None in weights:
            assert parts == [None] * len(weights)
            continue
        assert sum(int(part or 0) for part in parts) == c["c"]
        whole = sum(weights)
        for part, weight in zip(parts, weights, strict=True):
            assert whole == 0 or abs(Fraction(part or 0) - Fraction(c["c"] * weight, whole)) < 1


@BOUNDED
@given(small_batches())
def test_items_of_a_key_are_collected_on_the_first(batch: list[Consignment]) -> None:
    """Each line's sum stands on its first item, unknown where a part is; the other items have none of it."""
    for length, keys in ((14, ("items.hs_code",)), (6, ("items.hs_code:6",))):
        expected: list[list[Maybe]] = []
        for c in batch:
            names = [(item["hs_code"] or "")[:length] for item in c["items"]]
            parts: list[Maybe] = []
            for place, name in enumerate(names):
                of_line = [i["a"] for i, other in zip(c["items"], names, strict=True) if other == name]
                parts.append(0 if name in names[:place] else None if None in of_line else sum(of_line))
            expected.append(parts)
        assert both(collect(A, *keys), batch) == expected
        assert both(total(collect(A, *keys)), batch) == both(total(A), batch)


@BOUNDED
@given(small_batches())
def test_totals_and_extremes(batch: list[Consignment]) -> None:
    """A sum with an unknown part is unknown; so are the smaller and the larger of two, and the excess."""
    sums = [[None if None in (v := [i["a"] for i in c["items"]]) else sum(v)] for c in batch]
    assert both(total(A), batch) == sums
    for node, pick in ((smaller(A, B), min), (larger(A, B), max), (excess(A, B), lambda x, y: max(x - y, 0))):
        assert both(node, batch) == expect(
            batch, lambda _, i, pick=pick: None if None in (i["a"], i["b"]) else pick(i["a"], i["b"])
        )


@BOUNDED
@given(small_batches(st.sampled_from([0, 1, 2, None])))
def test_comparisons(batch: list[Consignment]) -> None:
    """A comparison with something unknown is unknown."""
    pairs: list[tuple[Node, Callable[[int, int], bool]]] = [
        (A <= B, lambda x, y: x <= y),
        (A < B, lambda x, y: x < y),
        (A >= B, lambda x, y: x >= y),
        (A > B, lambda x, y: x > y),
        (equal(A, B), lambda x, y: x == y),
    ]
    for node, compare in pairs:
        assert both(node, batch) == expect(
            batch, lambda _, i, compare=compare: None if None in (i["a"], i["b"]) else compare(i["a"], i["b"])
        )
    assert both(known(A), batch) == expect(batch, lambda _, i: i["a"] is not None)
    assert both(A - B, batch) == expect(
        batch, lambda _, i: None if None in (i["a"], i["b"]) else i["a"] - i["b"]
    )


@pytest.mark.parametrize("left", [True, False, None])
@pytest.mark.parametrize("right", [True, False, None])
@pytest.mark.parametrize("alone", [True, False])
def test_three_valued_logic(left: Maybe, right: Maybe, alone: bool) -> None:
    """And, or, not and choose follow Kleene, whether a batch is of one mind or mixed."""
    lines = [{"a": 1, "b": 2, "q": 1000, "f": left, "hs_code": "610910"}]
    one = {"c": 1, "d": 2, "f": left, "g": right, "items": lines}
    others = (
        [] if alone else [{**one, "f": f, "g": g} for f in (True, False, None) for g in (True, False, None)]
    )
    batch = [one, *others]
    conjunction = False if False in (left, right) else None if None in (left, right) else True
    disjunction = True if True in (left, right) else None if None in (left, right) else False
    chosen = None if left is None else 7 if left else 8
    agreed = None if left is None else False
    blank = None if left is None or left else 8
    expected: list[tuple[Node, Maybe]] = [
        (F & G, conjunction),
        (F | G, disjunction),
        (~F, None if left is None else not left),
        (choose(F, 7, 8), chosen),
        (choose(F, False, False), agreed),
        (choose(F, True, False), left),
        (choose(F, False, True), None if left is None else not left),
        (choose(F, const(None), 8), blank),
        (choose(F, G, True), None if left is None else right if left else True),
        (F & const(None), False if left is False else None),
        (F | const(None), True if left is True else None),
        (F & const(True), left),
        (F | const(False), left),
        (known(F), left is not None),
    ]
    for node, answer in expected:
        assert both(node, batch)[0] == [answer], node.op


@BOUNDED
@given(small_batches(st.sampled_from([0, 3, 8, None])))
def test_what_crosses_levels(batch: list[Consignment]) -> None:
    """Any, first, lead and text tests; an absent code is a code of its own, and matches nothing."""
    for c, [found] in zip(batch, both(any_item(ITEM_F), batch), strict=True):
        flags = [item["f"] for item in c["items"]]
        assert found == (True if True in flags else None if None in flags else False)
    for c, lead in zip(batch, both(lead_item(), batch), strict=True):
        assert lead == [True] + [False] * (len(c["items"]) - 1)
    for key, length in (("items.hs_code", 14), ("items.hs_code:6", 6)):
        for c, firsts in zip(batch, both(first(key), batch), strict=True):
            codes = [(item["hs_code"] or "")[:length] for item in c["items"]]
            assert firsts == [code not in codes[:place] for place, code in enumerate(codes)]
    assert both(matches("items.hs_code", "610910", "610990"), batch) == expect(
        batch, lambda _, i: i["hs_code"] in ("610910", "610990")
    )
    assert both(present("items.hs_code"), batch) == expect(batch, lambda _, i: i["hs_code"] is not None)


@BOUNDED
@given(small_batches(st.sampled_from([0, 700, 1201, 4500, 4501, 9000, None])))
def test_relief_never_splits_an_article(batch: list[Consignment]) -> None:
    """Whole articles are relieved, up to the limit; none where the relief doesn't apply."""
    parts = both(fit(A, field("items.q"), C, F), batch)
    for c, relieved in zip(batch, parts, strict=True):
        values = [item["a"] for item in c["items"]]
        if c["f"] is False:
            assert relieved == [0] * len(values)
        elif c["f"] is None or c["c"] is None or None in values:
            assert relieved == [None] * len(values)
        else:
            assert sum(int(part or 0) for part in relieved) <= c["c"]
            for part, item in zip(relieved, c["items"], strict=True):
                pieces = item["q"] // 1000 if item["q"] % 1000 == 0 else 1
                each, rest = divmod(item["a"], pieces)
                whole = {
                    dear * (each + 1) + plain * each
                    for dear in range(rest + 1)
                    for plain in range(pieces - rest + 1)
                }
                assert part in whole


@BOUNDED
@given(small_batches(st.sampled_from([0, 5, None])))
def test_certainty_is_never_unknown(batch: list[Consignment]) -> None:
    """How sure a value is can always be told, also where a condition on its way is unknown."""
    node = choose(F, choose(ITEM_F, total(A), B), choose(G, C, D))
    assert all(level == 0 for levels in both(certainty(node), batch) for level in levels)


def test_a_node_is_no_condition() -> None:
    """Python's own `if`, `and` and `in` refuse a node instead of deciding something else."""
    with pytest.raises(TypeError):
        bool(F)
    with pytest.raises(TypeError):
        _ = F and G


@pytest.mark.parametrize("rate", ["0", "-1", "1e3", "1.23456789012345678", "1234567890123456"])
def test_an_assumed_exchange_rate_fits_its_column(rate: str) -> None:
    """An exchange rate of more digits than proven, or not above zero, is refused with its key."""
    with pytest.raises(UsageError, match="fx"):
        read_assumptions({"fx": {"USD/EUR": rate}})
