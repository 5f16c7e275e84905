"""The law of Viet Nam on imports of small value, from 30 November 2010."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import Node, choose, field, lookup, matches, param, ratio, step, total
from greenlane.law.pack import (
    Assessment,
    Cases,
    Charge,
    Formula,
    Pack,
    Remark,
    Waiver,
    always,
    cases,
    in_force,
)
from greenlane.packs.building import (
    EVIDENCE,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    good,
    goods_lookup,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)

_LAW = read_law("vn")
_DECISION = "Decision 78/2010/QD-TTg, repealed by Decision 01/2025/QD-TTg"
_DECREE = "Decree 134/2016/ND-CP art. 29"
_GIFTS = "Decree 134/2016/ND-CP art. 8"
_TARIFF = "Law on Export and Import Duties"
_VAT = "Law on VAT art. 7; Decree 174/2025/ND-CP"


@dataclass(frozen=True, slots=True)
class _Relief:
    """What a consignment is free of."""

    due: Node
    """It bears VAT, and duty unless free of that."""
    no_duty: Node
    small: Node
    """Its duty is too small to be owed; rests on the duty."""


def small_value() -> Assessment:
    """Express goods up to a million dong: free of all until February 2025, since then free of duty alone."""
    v = values(home="VND")
    goods = step("intrinsic_value", v.goods, _TARIFF, "the price of the goods alone")
    value = step("customs_value", v.value + v.transport, _TARIFF, "price, transport and insurance")
    whole = total(value)
    tariff = duty_by_tariff(value, _TARIFF)
    relief = _relief(whole, total(tariff))
    dutiable = choose(relief.due, ~relief.no_duty, False)
    duty = choose(dutiable, choose(relief.small, 0, tariff), 0)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    base = step("vat_base", value + duty + excise, _VAT, "customs value, duty and special consumption tax")
    rate = lookup("vat", "rate")
    return Assessment(
        goods,
        whole,
        choose(~is_documents(), whole > param("vn.simplified.limit"), False),
        (
            Charge(
                "vn.duty",
                "duty",
                "customs_duty",
                dutiable,
                tariff,
                _TARIFF,
                "at_border",
                always("buyer"),
                _payer(),
                base=value,
                rate=lookup("tariff", "ad_valorem"),
                waived=Waiver(relief.small, "the duty is too small to be owed", _DECREE),
            ),
            Charge(
                "vn.excise",
                "tax",
                "excise",
                choose(relief.due, good("excise"), False),
                excise,
                "Law on Special Consumption Tax",
                "at_border",
                always("buyer"),
                _payer(),
            ),
            Charge(
                "vn.vat",
                "tax",
                "vat",
                relief.due,
                step("vat", ratio(base, rate), _VAT),
                _VAT,
                "at_border",
                always("buyer"),
                _payer(),
                base=base,
                rate=rate,
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
                _TARIFF,
                asks=True,
            ),
        ),
        split_limit=choose(
            in_force("vn.duty.limit"),
            choose(in_force("vn.duty.limit"), param("vn.duty.limit"), 0),
            param("vn.simplified.limit"),
        ),
        item_value=v.value,
    )


def _relief(whole: Node, duty: Node) -> _Relief:
    express = matches("channel", "express")
    all_free = step(
        "free_of_duty_and_vat",
        choose(express & in_force("vn.relief.limit"), _within("vn.relief.limit", whole), False),
        _DECISION,
        "express goods up to the limit bore neither duty nor VAT until 17 February 2025",
    )
    given = step(
        "gift_free",
        choose(
            is_gift() & in_force("vn.gift.limit"),
            choose(field("consignee.person"), _within("vn.gift.limit", whole) & _uses_left(), False),
            False,
        ),
        _GIFTS,
        "gifts to a person up to the limit are free, so many times a year",
    )
    inside = choose(
        express,
        _within("vn.duty.limit", whole),
        choose(in_force("vn.duty.other_limit"), whole < param("vn.duty.other_limit"), False),
    )
    no_duty = step("free_of_duty", inside, _DECREE, "goods up to the limit bear no duty")
    small = choose(
        in_force("vn.duty.small"),
        choose(express, duty <= param("vn.duty.small"), duty < param("vn.duty.other_small")),
        False,
    )
    due = choose(~is_documents() & ~is_returned(), ~(all_free | given), False)
    return _Relief(due, no_duty, step("duty_too_small", small, _DECREE, "small amounts of duty aren't owed"))


def _within(limit: str, whole: Node) -> Node:
    """True while the limit is in force and the value is at or below it."""
    return choose(in_force(limit), whole <= param(limit), False)


def _uses_left() -> Node:
    used = field("consignee.prior_use.year_count")
    return choose(in_force("vn.gift.uses"), used < param("vn.gift.uses"), False)


def _payer() -> Cases:
    """Since August 2025 the express operator collects and pays; else the buyer pays."""
    return cases((matches("channel", "express") & param("vn.express.collects"), "carrier"), otherwise="buyer")


PACK = Pack(
    code="vn",
    name="Viet Nam",
    currency="VND",
    members=("VN",),
    parameters=_LAW.parameters,
    formulas=(Formula("vn.small_value", date(2010, 11, 30), None, _DECREE, small_value),),
    lookups={
        **exchange("vn-customs-weekly", "VND"),
        "tariff": duty_lookup("vn-tariff", "VND"),
        "vat": only_with_code(tax_lookup(_LAW, "vn.vat.standard", "vat_rate")),
        "goods": only_with_code(goods_lookup(_LAW, ("excise",))),
        "excise": excise_lookup(),
    },
    text=(
        "Goods by express delivery worth up to 1,000,000 dong bear VAT and no duty; until 17 February 2025 they bore "
        "neither. VAT is 8 % until the end of 2026 for most goods, then 10 %. Above the limit duty goes by the "
        "tariff, of which nothing is held. Gifts to a person and goods by ordinary post have limits of their own."
    ),
    uses=("vn-tariff",),
)
