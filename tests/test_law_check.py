"""`law check` passes every pack and finds what is planted in a copy of one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from fuzzing import HELD, reference
from greenlane.decide.check import check
from greenlane.engine.context import Sources
from greenlane.law.assumptions import Assumptions
from greenlane.law.bounds import bounds
from greenlane.law.check import boundary_days, check_law
from greenlane.law.goods import GoodsGroups
from greenlane.law.graph import Node, const, field, muldiv, param, ratio, smaller, total
from greenlane.law.pack import Assessment, Charge, Formula, Pack, always, assessment_of
from greenlane.law.parameters import Certainty, Dated, Parameters, Source
from greenlane.packs import pack
from greenlane.packs.building import read_law
from greenlane.values.money import MAX_MINOR, Rounding

ZZ = pack("zz")


@cache
def sources() -> Sources:
    """The starter reference."""
    return Sources(reference().tariff, reference().fx, Assumptions())


@pytest.mark.parametrize("code", HELD)
def test_every_pack_passes(code: str) -> None:
    """No gap, hole, unsourced value, double tax, unknown word or unbounded number in any pack."""
    assert [str(problem) for problem in check(pack(code), sources())] == []


def codes(law: Pack) -> set[str]:
    """The kinds of problem found."""
    return {problem.code for problem in check(law, sources())}


def with_formula(change: Callable[[Assessment], Assessment]) -> Pack:
    """ZZ with its formula changed."""
    (formula,) = ZZ.formulas
    return replace(ZZ, formulas=(replace(formula, build=lambda: change(assessment_of(formula))),))


def with_value(name: str, **changes: object) -> Pack:
    """ZZ with the first value of a parameter changed."""
    parameter = ZZ.parameters.by_id[name]
    (key, (head, *rest)) = next(iter(parameter.values.items()))
    changed = replace(parameter, values={key: (replace(head, **changes), *rest)})
    return replace(ZZ, parameters=Parameters({**ZZ.parameters.by_id, name: changed}, ZZ.parameters.sources))


def test_periods_meet() -> None:
    """A day without formula is a gap, a day with two an overlap; both are refused."""
    (formula,) = ZZ.formulas
    late = Formula("zz.later", date(2026, 7, 2), None, "made up", formula.build)
    early = replace(formula, end=date(2026, 7, 1))
    assert "gap" in codes(replace(ZZ, formulas=(early, late)))
    assert "overlap" in codes(replace(ZZ, formulas=(replace(formula, end=date(2026, 7, 5)), late)))
    assert codes(replace(ZZ, formulas=(early, replace(late, start=date(2026, 7, 1))))) == set()


def test_a_value_that_begins_too_late_is_a_hole() -> None:
    """A formula reads a value on a day before it begins, after it is repealed, or before it is known."""
    assert "hole" in codes(with_value("zz.gift", start=date(2024, 1, 2)))
    assert "hole" in codes(with_value("zz.gift", state="repealed", value=None))
    assert "hole" in codes(with_value("zz.gift", state="pending", note="announced"))
    assert {p.code for p in check(ZZ, sources(), known_at=date(2023, 1, 1))} >= {"hole"}


def test_a_rule_asked_for_first_may_be_absent() -> None:
    """The levy of ZZ is pending and read only where it is in force, so that it is no hole."""
    assert ZZ.parameters.by_id["zz.levy"].values["*"][0].state == "pending"
    assert codes(ZZ) == set()


def test_values_name_source_question_and_knowledge() -> None:
    """A value without citation, a rival without question, a late record without note, and a second value."""
    assert "source" in codes(with_value("zz.gift", source=Source(" ", "")))
    contested = {"certainty": Certainty.CONTESTED, "rival": 3000, "question": ""}
    assert "question" in codes(with_value("zz.gift", **contested))
    assert "value" in codes(with_value("zz.gift", recorded=date(2025, 1, 1)))
    parameter = ZZ.parameters.by_id["zz.gift"]
    twice: tuple[Dated, ...] = parameter.values["*"] * 2
    doubled = {**ZZ.parameters.by_id, "zz.gift": replace(parameter, values={"*": twice})}
    assert "value" in codes(replace(ZZ, parameters=Parameters(doubled, ZZ.parameters.sources)))


def test_two_taxes_on_one_item_are_found() -> None:
    """A second VAT on goods that bear VAT already is found on the first boundary day."""

    def change(assessment: Assessment) -> Assessment:
        extra = Charge(
            "zz.vat.again",
            "tax",
            "vat",
            const(True),
            field("items.value"),
            "made up",
            "at_border",
            always("buyer"),
        )
        return replace(assessment, charges=(*assessment.charges, extra))

    problems = check(with_formula(change), sources())
    assert {problem.code for problem in problems} == {"taxed_twice"}
    assert "zz.vat.again" in problems[0].message


def test_words_are_the_published_ones() -> None:
    """An unknown charge name, party or moment, and a rule that stands twice."""

    def renamed(**changes: object) -> set[str]:
        def change(assessment: Assessment) -> Assessment:
            head, *rest = assessment.charges
            return replace(assessment, charges=(replace(head, **changes), *rest))

        return codes(with_formula(change))

    assert "words" in renamed(name="tribute")
    assert "words" in renamed(collected="later")
    assert "words" in renamed(liable=always("somebody"))
    assert "twice" in renamed(rule="zz.excise")
    assert "source" in renamed(law=" ")


def test_numbers_without_bound_are_found() -> None:
    """A limit of ten to the nineteenth, and a product of four amounts, do not fit."""
    assert "size" in codes(with_value("zz.high_value", value=10**19))

    def change(assessment: Assessment) -> Assessment:
        value = field("items.value")
        cubed = muldiv(value, [value, value, value], [MAX_MINOR, MAX_MINOR, MAX_MINOR], Rounding.DOWN)
        return replace(assessment, item_value=cubed)

    assert "size" in codes(with_formula(change))


def test_a_formula_that_cannot_be_evaluated_is_found() -> None:
    """An operation that no evaluator knows is the pack's problem, not a crash."""

    def change(assessment: Assessment) -> Assessment:
        odd = Node("cube", (field("items.value"),), (), "item")
        return replace(
            assessment, charges=(replace(assessment.charges[0], amount=odd), *assessment.charges[1:])
        )

    assert "decision" in codes(with_formula(change))


def test_goods_groups_do_not_contradict() -> None:
    """One prefix in two groups of the same effect is found."""
    goods = read_law("zz").goods
    books = next(group for group in goods.groups if group.id == "zz.goods.books")
    other = replace(books, id="zz.goods.prints")
    found = check_law(ZZ, goods=GoodsGroups((*goods.groups, other)))
    assert [problem.code for problem in found] == ["goods"]
    assert check_law(ZZ, goods=goods) == []


def test_boundary_days_lie_inside_the_span() -> None:
    """Each day of change and the day before it are walked, none outside the days that the pack covers."""
    days = boundary_days(pack("eu"))
    assert {date(2008, 12, 1), date(2021, 6, 30), date(2021, 7, 1), date(2026, 6, 30)} <= set(days)
    assert min(days) == date(2008, 12, 1)
    assert max(days) < date(2028, 7, 1)


def test_bounds_hold_for_what_intake_accepts() -> None:
    """Sums of lines keep to what intake accepts of a consignment; a rate multiplies the bound."""
    value = field("items.value")
    tax = ratio(value, param("zz.vat"))
    found = bounds(ZZ, [total(value), total(tax)])
    assert found[value].one == found[value].whole == MAX_MINOR
    assert found[tax].one == MAX_MINOR * 12 // 100 + 1
    assert found[tax].product > MAX_MINOR * 120_000_000


def test_a_part_is_at_most_the_whole() -> None:
    """An amount times the smaller of two over one of them stays the amount; each divisor cancels one factor."""
    amount, whole = field("items.value"), field("items.gross_mass_mg")
    part = smaller(whole, field("items.net_mass_mg"))
    once = muldiv(amount, [part], [whole], Rounding.DOWN)
    twice = muldiv(amount, [part, part], [whole], Rounding.DOWN)
    unlike = muldiv(amount, [part], [field("items.quantity")], Rounding.DOWN)
    found = bounds(ZZ, [once, twice, unlike])
    assert found[once].one <= MAX_MINOR + 1
    assert found[twice].one > MAX_MINOR * MAX_MINOR // 2 and found[unlike].one > MAX_MINOR * MAX_MINOR // 2
    assert found[once].product > MAX_MINOR * MAX_MINOR
