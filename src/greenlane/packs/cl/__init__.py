"""The law of Chile on goods that arrive by post and courier, from 4 May 2023."""

from datetime import date

from greenlane.law.graph import Node, any_item, choose, field, lookup, matches, param, present, ratio, step
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, always, cases, in_force
from greenlane.packs.building import (
    EVIDENCE,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    for_a_person,
    foreign,
    good,
    goods_lookup,
    in_own,
    is_b2c,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    values,
)

_LAW = read_law("cl")
_RELIEF = "Tariff of Chile, item 00.23"
_NEW = "Law 21.713"
_DUTY = "Tariff of Chile"
_VAT = "Decree-Law 825"


def imports() -> Assessment:
    """From 4 May 2023: free up to 41 dollars; since 25 October 2025 VAT on all, and no duty up to 500 dollars."""
    v = values()
    goods = step("goods_value", v.goods, _RELIEF, "the price of the goods")
    charged = ~is_documents() & ~is_returned()
    by_mail = matches("channel", "postal", "express")
    old, new = in_force("cl.relief.limit"), in_force("cl.duty.relief_limit")
    small = choose(old, goods <= in_own(param("cl.relief.limit"), "usd"), False)
    free = step(
        "free_of_duty_and_vat",
        choose(by_mail & for_a_person(), small, False),
        _RELIEF,
        "a person's consignments up to the limit were free",
    )
    within = choose(new, goods <= in_own(param("cl.duty.relief_limit"), "usd"), False)
    admitted = choose(for_a_person(), True, param("cl.duty.business"))
    no_duty = step(
        "free_of_duty",
        choose(by_mail, choose(within, admitted, False), False),
        _NEW,
        "consignments up to the limit bear no duty",
    )
    taxed = choose(charged, ~free, False)
    at_sale = step(
        "vat_taken_with_the_price",
        choose(no_duty, _registered(), False),
        f"{_NEW}; {_VAT}",
        "a registered seller or platform takes the VAT with the price",
    )
    cif = step("customs_value", v.value + v.transport, _DUTY, "price, transport and insurance")
    dutiable = choose(taxed, ~no_duty, False)
    duty = choose(dutiable, _duty(cif), 0)
    further = choose(good("excise"), lookup("excise", "amount"), 0)
    price = step("price", v.value + v.transport, _VAT, "the price paid, with transport")
    base = step("vat_base", cif + duty, _VAT, "customs value and duty")
    rate = param("cl.vat")
    return Assessment(
        goods,
        goods,
        choose(taxed, goods > in_own(param("cl.simplified.limit"), "usd"), False),
        (
            Charge(
                "cl.customs_duty",
                "duty",
                "customs_duty",
                dutiable,
                step("customs_duty", duty, _DUTY),
                _DUTY,
                "at_border",
                always("buyer"),
                base=cif,
                rate=choose(
                    present("items.preference"), lookup("tariff", "ad_valorem"), param("cl.duty.rate")
                ),
            ),
            Charge(
                "cl.vat.sale",
                "tax",
                "vat",
                choose(taxed, at_sale, False),
                step("vat_sale", ratio(price, rate), _NEW),
                f"{_NEW}; {_VAT}",
                "at_sale",
                _supplier(),
                base=price,
                rate=rate,
            ),
            Charge(
                "cl.vat.import",
                "tax",
                "vat",
                choose(taxed, ~at_sale, False),
                step("vat_import", ratio(base, rate), _VAT),
                _VAT,
                "at_border",
                always("buyer"),
                base=base,
                rate=rate,
            ),
            Charge(
                "cl.further_taxes",
                "tax",
                "excise",
                choose(taxed, good("excise"), False),
                further,
                "further taxes on some goods",
                "at_border",
                always("buyer"),
            ),
        ),
        (
            Remark(
                EVIDENCE,
                choose(dutiable, any_item(present("items.preference")), False),
                ("a rate under a trade agreement needs its proof of origin",),
                "/items",
                _DUTY,
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                ("returned goods were taken as free: proof is needed that they left Chile and come back",),
                "/transaction",
                "Tariff of Chile, section 0",
                asks=True,
            ),
        ),
        split_limit=choose(
            old, in_own(param("cl.relief.limit"), "usd"), in_own(param("cl.duty.relief_limit"), "usd")
        ),
        item_value=v.value,
    )


def _duty(cif: Node) -> Node:
    """The general rate, or that of the trade agreement that is claimed."""
    return choose(present("items.preference"), duty_by_tariff(cif, _DUTY), ratio(cif, param("cl.duty.rate")))


def _registered() -> Node:
    """The tax is taken with the price where the seller or platform says so, or is registered and sells to a consumer."""
    return choose(matches("scheme", "CL_VAT"), True, choose(is_b2c(), field("seller_registered"), False))


def _supplier() -> Cases:
    """The operator of a platform takes the tax on what is sold through it."""
    return cases((present("platform.id"), "platform"), otherwise="seller")


PACK = Pack(
    code="cl",
    name="Chile",
    currency="CLP",
    members=("CL",),
    parameters=_LAW.parameters,
    formulas=(Formula("cl.imports", date(2023, 5, 4), None, _NEW, imports),),
    lookups={
        **exchange("cl-aduana", "CLP"),
        **foreign("usd", "USD", "cl-aduana", "CLP"),
        "tariff": duty_lookup("cl-tariff", "CLP"),
        "goods": only_with_code(goods_lookup(_LAW, ("excise",))),
        "excise": excise_lookup(),
    },
    schemes={"CL_VAT": "VAT taken with the price under the simplified regime of the tax service (SII)"},
    aliases={"vat_rate": "cl.vat"},
    text=(
        "What is bought abroad since 25 October 2025 bears 19 % VAT whatever its price. A seller or platform that is "
        "registered with the tax service takes it with the price, transport included; otherwise the buyer pays it "
        "to customs. Up to 500 dollars there is no duty; above, 6 % on the value with transport and insurance, and "
        "VAT on both, at the border. What was bought before was free up to 41 dollars. Amounts are in whole pesos, "
        "whose rate against the dollar needs to be loaded or assumed. Rates under trade agreements and further "
        "taxes on alcohol, tobacco and jewels are not held."
    ),
    uses=("cl-tariff",),
)
