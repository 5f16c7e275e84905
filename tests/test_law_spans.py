"""Spans hold every value that the integers give, for every pack: what a search leaves out is left out for certain."""

from random import Random

import pytest

from fuzzing import HELD, consignment, fresh_context
from greenlane.decide.outcome import Decision
from greenlane.engine.quote.landed import landed_node
from greenlane.engine.quote.price import PriceSearch, scaled
from greenlane.law.graph import walk
from greenlane.law.integers import Integers
from greenlane.law.leaves import SingleFacts
from greenlane.law.spans import UNKNOWN, spanned
from greenlane.packs import pack

CASES = 40


@pytest.mark.parametrize("code", HELD)
def test_spans_hold_what_the_integers_give(code: str) -> None:
    """At the ends of a random span of prices and inside it, every node of the landed cost lies in its span."""
    draw = Random(f"spans {code}")
    context = fresh_context()
    for number in range(CASES):
        row, items = consignment(draw, code, number)
        row |= {"group.key": None, "group.count": 1, "group.ordinal": 1, "screen.reused_id": False}
        formula = pack(code).formula_at(row["declaration_date"])
        if formula is None:
            continue
        plan = context.plan(pack(code), formula)
        search = PriceSearch(plan, row, items, context.resolver(code))
        first = draw.choice((0, 1, 2_000, 14_990, draw.randint(0, 200_000)))
        last = first + draw.choice((0, 1, 7, 500, 60_000))
        spans = search.spans(first, last)
        spans.at(search.node)
        for price in {first, last, draw.randint(first, last), draw.randint(first, last)}:
            ints = Integers(SingleFacts(search.row_at(price), scaled(items, price), search.resolver))
            ints.value(search.node)
            for node, place in spans.done:
                if not ints.was_asked(node, place):
                    continue
                value, (low, high, maybe) = ints.at(node, place), spans.done[node, place]
                held = maybe if value is None else low <= int(value) <= high
                assert held, (code, number, price, node.op, node.data, value, (low, high, maybe))


@pytest.mark.parametrize("code", HELD)
def test_every_operation_on_the_price_is_spanned(code: str) -> None:
    """A formula may use any operation; one that spans do not know makes the search slow, so none is missing."""
    law = pack(code)
    context = fresh_context()
    for formula in law.formulas:
        draw = Random(1)
        row, items = consignment(draw, code, 1)
        plan = context.plan(law, formula)
        decision = Decision(plan, SingleFacts(row, items, context.resolver(code)))
        search = PriceSearch(plan, row, items, context.resolver(code))
        used = {node.op for node in walk([landed_node(decision)]) if node in search.varying}
        assert used <= spanned(), f"{formula.id}: {used - spanned()}"


def test_never_known_is_told_apart_from_zero() -> None:
    """The span of what is never known is empty, and may be unknown."""
    low, high, maybe = UNKNOWN
    assert low > high and maybe
