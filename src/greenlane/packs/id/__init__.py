"""The law of Indonesia on consignments by post and courier, from 30 January 2020."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    lookup,
    matches,
    muldiv,
    param,
    present,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, cases, in_force
from greenlane.packs.building import (
    EVIDENCE,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    foreign,
    good,
    goods_lookup,
    in_own,
    in_steps,
    is_b2c,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    values,
)
from greenlane.values.money import RATE_SCALE, Rounding

_LAW = read_law("id")
_RULES = "PMK 199/2019, PMK 96/2023, PMK 4/2025 art. 29"
_TARIFF = "Customs tariff (BTKI)"
_VAT = "VAT Law art. 7; PMK 131/2024"
_INCOME = "Income Tax Law art. 22"
_TWELVE = 12


@dataclass(frozen=True, slots=True)
class _Route:
    """By which rules the goods are taxed."""

    due: Node
    """Neither documents nor returned goods."""
    low: Node
    """Free of duty for its value."""
    consignment: Node
    """Inside the rules for consignments."""


def consignments() -> Assessment:
    """Free of duty up to 3 dollars, one rate by kind of goods up to 1,500, VAT from the first rupiah."""
    v = values(home="IDR")
    fob = step("fob_value", v.goods, _RULES, "the price of the goods, without transport and insurance")
    value = step("customs_value", v.value + v.transport, _RULES, "price, transport and insurance")
    route = _route(fob)
    each = step("duty_of_item", choose(route.low, 0, _duty(value, route)), _RULES, "by kind of goods")
    duty = step(
        "duty",
        in_steps(total(each), param("id.rounding.duty"), Rounding.UP),
        "PMK 190/2022 art. 22(4)",
        "the sum, up to full thousands",
    )
    owed = choose(route.low, 0, duty)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    taxable = choose(good("book") & param("id.ppn.books_free"), 0, value + excise)
    imported = step("import_value", total(taxable) + owed, _VAT, "customs value, excise and duty")
    # Shown, and not worked with: the tax is rounded once, from the import value.
    base = muldiv(imported, [param("id.ppn.twelfths")], [_TWELVE], Rounding.HALF_UP)
    income_rate = _income_rate(route)
    bears_income = choose(route.low, False, _bears_income_tax(route))
    income = step(
        "pph",
        _whole(total(choose(bears_income, ratio(value + each, income_rate), 0)), [], []),
        _INCOME,
        "on customs value and duty of the goods that bear it",
    )
    share_of_rate = [param("id.ppn.rate"), param("id.ppn.twelfths")]
    ppn = step("ppn", _whole(imported, share_of_rate, [RATE_SCALE, _TWELVE]), _VAT)
    limit = in_own(param("id.relief.limit"), "usd")
    return Assessment(
        fob,
        total(value),
        choose(route.due, ~route.consignment, False),
        (
            Charge(
                "id.duty",
                "duty",
                "customs_duty",
                choose(route.due, ~route.low, False),
                duty,
                _RULES,
                "at_border",
                _importer(),
                base=total(value),
            ),
            Charge(
                "id.excise",
                "tax",
                "excise",
                choose(route.due, good("excise"), False),
                excise,
                "Excise Law",
                "at_border",
                _importer(),
            ),
            Charge(
                "id.ppn",
                "tax",
                "vat",
                choose(route.due, any_item(~(good("book") & param("id.ppn.books_free"))), False),
                ppn,
                _VAT,
                "at_border",
                _importer(),
                base=base,
                rate=param("id.ppn.rate"),
            ),
            Charge(
                "id.pph",
                "tax",
                "income_tax_on_import",
                choose(route.due, any_item(bears_income), False),
                income,
                _INCOME,
                "at_border",
                _importer(),
            ),
        ),
        (
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they were exported and are the same",
                ),
                "/transaction",
                _RULES,
                asks=True,
            ),
        ),
        split_limit=limit,
        item_value=v.value,
    )


def _route(fob: Node) -> _Route:
    posted = matches("channel", "postal", "express")
    inside = step(
        "consignment_rules",
        choose(posted, fob <= in_own(param("id.simplified.limit"), "usd"), False),
        _RULES,
        "by post or courier, up to the limit; all else is declared in full",
    )
    low = step(
        "free_of_duty",
        choose(posted, fob <= in_own(param("id.relief.limit"), "usd"), False),
        _RULES,
        "consignments of small value bear no duty",
    )
    return _Route(~is_documents() & ~is_returned(), low, inside)


def _duty(value: Node, route: _Route) -> Node:
    """The duty of one item: none on books, a rate by kind of goods, the ordinary tariff for some until March 2025."""
    tariff = duty_by_tariff(value, _TARIFF)
    flat = ratio(value, param("id.duty.flat"))
    high = choose(
        in_force("id.duty.high"), choose(good("high"), ratio(value, param("id.duty.high")), flat), flat
    )
    by_kind = choose(
        in_force("id.duty.middle"), choose(good("middle"), ratio(value, param("id.duty.middle")), high), high
    )
    chosen = choose(good("book"), 0, choose(good("mfn"), tariff, by_kind))
    return choose(route.consignment, chosen, tariff)


def _bears_income_tax(route: _Route) -> Node:
    """Inside the rules for consignments, goods with a rate of their own; outside, all but books."""
    kinds = good("mfn") | good("middle") | good("high")
    return ~good("book") & choose(route.consignment, kinds, True)


def _income_rate(route: _Route) -> Node:
    own = choose(in_force("id.pph.certain_goods"), param("id.pph.certain_goods"), param("id.pph.mfn"))
    return choose(route.consignment, own, param("id.pph.general"))


def _whole(amount: Node, tops: Sequence[Node], bottoms: Sequence[int]) -> Node:
    """An amount times *tops* over *bottoms*, rounded once, as the law has it for taxes."""

    def rounded(name: str, way: Rounding) -> Node:
        steps = muldiv(amount, tops, [*bottoms, param(name)], way)
        return muldiv(steps, [param(name)], [1], way)

    return choose(
        param("id.rounding.tax_thousands"),
        rounded("id.rounding.tax_step", Rounding.UP),
        rounded("id.rounding.tax_rupiah", Rounding.DOWN),
    )


def _importer() -> Cases:
    """Who owes: since October 2023 the platform for what it sells, else whoever receives the goods."""
    sold = in_force("id.platform.importer") & is_b2c() & present("platform.id")
    return cases((sold, "platform"), otherwise="buyer")


PACK = Pack(
    code="id",
    name="Indonesia",
    currency="IDR",
    members=("ID",),
    parameters=_LAW.parameters,
    formulas=(Formula("id.consignments", date(2020, 1, 30), None, _RULES, consignments),),
    lookups={
        **exchange("kmk-weekly", "IDR"),
        **foreign("usd", "USD", "kmk-weekly", "IDR"),
        "tariff": duty_lookup("id-tariff", "IDR"),
        "goods": only_with_code(goods_lookup(_LAW, ("book", "excise", "high", "mfn", "middle"))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "id.ppn.rate"},
    text=(
        "Goods by post or courier worth up to 3 US dollars bear no duty; above, up to 1,500, they bear 7.5 %, or "
        "0, 15 or 25 % by kind since March 2025 (books; cosmetics, iron, watches; bags, textiles, shoes, bicycles), "
        "the last two with 5 % income tax. VAT, 11 % in effect, is owed from the first rupiah. Duty goes up to full "
        "thousands. Above 1,500 dollars goods go by the tariff, of which nothing is held."
    ),
    uses=("id-tariff",),
)
