"""The law of Malaysia on imported parcels, from 1 September 2018."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    choose,
    const,
    field,
    lookup,
    matches,
    param,
    present,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, cases, in_force
from greenlane.packs.building import (
    EVIDENCE,
    VENDOR_UNSTATED,
    Values,
    article_price,
    at_sale,
    by_air,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    good,
    goods_lookup,
    is_b2c,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)

_LAW = read_law("my")
_ACT = "Sales Tax Act 2018"
_LVG = f"{_ACT} Part IIIA"
_IMPORT = f"{_ACT} s. 8, 9"
_DUTY = "Customs Act 1967; Customs Duties Order"
_EXCISE = "Excise Act 1976"
_RELIEF = (
    "Customs Duties (Exemption) Order 2017 item 94; Sales Tax (Persons Exempted from Payment of Tax) Order "
    "2018 Schedule A item 24"
)


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What both periods begin with."""

    v: Values
    cif: Node
    """Cost, insurance and freight of the item."""
    whole: Node
    """Of the consignment."""
    charged: Node
    within: Node
    """By air courier or post, and up to the limit with transport."""


def _parcel() -> _Parcel:
    v = values(home="MYR")
    cif = step("cif_value", v.value + v.transport, _DUTY, "price, transport and insurance")
    whole = total(cif)
    returned = choose(is_returned(), param("my.returned.free"), False)
    courier = matches("channel", "express") & by_air()
    within = step(
        "within_import_relief",
        choose(
            whole <= param("my.relief.limit"),
            choose(matches("channel", "postal"), param("my.relief.postal"), courier),
            False,
        ),
        _RELIEF,
        "by air courier or post a consignment up to the limit, transport and insurance in it, is free at import",
    )
    return _Parcel(v, cif, whole, ~is_documents() & ~returned, within)


def import_relief() -> Assessment:
    """1 September 2018 to 31 December 2023: duty and sales tax at import, unless the consignment is within the relief."""
    return _assessment(_parcel(), (), const(False), ())


def low_value_goods() -> Assessment:
    """From 1 January 2024: registered sellers take sales tax on low value goods; the import relief stays."""
    p = _parcel()
    stated = matches("scheme", "LVG")
    sale = values(home="MYR", family="fx_sale")
    low = step(
        "low_value",
        choose(in_force("my.lvg.limit"), article_price(sale.value) <= param("my.lvg.limit"), False),
        f"{_LVG} s. 11A",
        "an article is of low value by its price alone, without transport and insurance",
    )
    by_sale = choose(is_b2c(), True, choose(matches("transaction", "b2b"), param("my.lvg.business"), False))
    sold = step(
        "sales_tax_on_sale",
        choose(p.charged & by_sale & ~good("no_relief"), low & _taken(p, stated), False),
        _LVG,
        "a registered seller or marketplace takes sales tax with the price of each article of low value",
    )
    rate = param("my.lvg.rate")
    charge = Charge(
        "my.sales_tax.sale",
        "tax",
        "sales_tax",
        sold,
        step("sales_tax_sale", ratio(sale.value, rate), _LVG),
        _LVG,
        "at_sale",
        cases((present("platform.id"), "platform"), otherwise="seller"),
        base=sale.value,
        rate=rate,
    )
    outside = p.charged & ~p.within & by_sale
    remarks = (
        Remark(
            VENDOR_UNSTATED,
            outside & ~stated & _registered(),
            (
                "the seller is registered, as it must be above ",
                param("my.lvg.turnover"),
                " MYR of such sales in 12 months, and took sales tax on articles up to ",
                param("my.lvg.limit"),
                " MYR; without scheme LVG and its number customs charges sales tax on all",
            ),
            "/scheme",
            _LVG,
        ),
    )
    return _assessment(p, (charge,), choose(sold, param("my.lvg.once"), False), remarks)


def _registered() -> Node:
    platform = choose(present("platform.id"), param("my.lvg.platform"), False)
    return choose(platform, True, field("seller_registered"))


def _taken(p: _Parcel, stated: Node) -> Node:
    """Whether the seller took the tax: it is declared, or it is registered and nothing is due at import."""
    return choose(stated, True, choose(p.within, _registered(), False))


def _assessment(
    p: _Parcel, at_seller: tuple[Charge, ...], sold: Node, remarks: tuple[Remark, ...]
) -> Assessment:
    due = choose(p.charged, ~(p.within & ~good("no_relief")), False)
    duty = choose(due, duty_by_tariff(p.cif, _DUTY), 0)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    base = step("sales_tax_base", p.cif + duty + excise, _IMPORT, "customs value, duty and excise")
    rate = lookup("sales_tax", "rate")
    goods = step("intrinsic_value", p.v.goods, _IMPORT, "the price of the goods alone")
    return Assessment(
        goods,
        p.whole,
        choose(p.charged, p.whole > param("my.relief.limit"), False),
        (
            Charge(
                "my.duty",
                "duty",
                "customs_duty",
                due,
                duty,
                _DUTY,
                "at_border",
                always("buyer"),
                base=p.cif,
                rate=lookup("tariff", "ad_valorem"),
            ),
            Charge(
                "my.excise",
                "tax",
                "excise",
                choose(due, good("excise"), False),
                excise,
                _EXCISE,
                "at_border",
                always("buyer"),
            ),
            *at_seller,
            Charge(
                "my.sales_tax.import",
                "tax",
                "sales_tax",
                choose(due, ~sold, False),
                step("sales_tax_import", ratio(base, rate), _IMPORT),
                _IMPORT,
                "at_border",
                always("buyer"),
                base=base,
                rate=rate,
            ),
        ),
        (
            *remarks,
            Remark(
                EVIDENCE,
                is_returned() & ~p.within,
                (
                    "returned goods were taken as free: proof is needed that they left Malaysia and come back "
                    "unaltered",
                ),
                "/transaction",
                "Customs Duties (Exemption) Order 2017",
                asks=True,
            ),
        ),
        split_limit=param("my.relief.limit"),
        item_value=p.v.value,
    )


PACK = Pack(
    code="my",
    name="Malaysia",
    currency="MYR",
    members=("MY",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("my.low_value_goods", date(2024, 1, 1), None, _LVG, low_value_goods),
        Formula("my.import_relief", date(2018, 9, 1), date(2024, 1, 1), f"{_ACT} Part III", import_relief),
    ),
    lookups={
        **exchange("my-customs-weekly", "MYR"),
        **at_sale("my-customs-weekly", "MYR"),
        "tariff": duty_lookup("my-tariff", "MYR"),
        "sales_tax": only_with_code(
            tax_lookup(_LAW, "my.sales_tax.standard", "sales_tax_rate", family="sales_tax")
        ),
        "goods": only_with_code(goods_lookup(_LAW, ("no_relief", "excise"))),
        "excise": excise_lookup(),
    },
    numbered=("LVG",),
    schemes={
        "LVG": "sales tax taken with the price by a registered seller or marketplace of low value goods"
    },
    aliases={"sales_tax_rate": "my.sales_tax.standard"},
    text=(
        "An article sold online since 2024 for up to 500 ringgit, without transport and insurance, bears 10 % sales tax "
        "with the price if its seller or marketplace is registered; cigarettes, tobacco, liquor, pipes and "
        "electronic cigarettes are left out. At import a consignment by air courier or, since 2023, by post is free "
        "of duty and sales tax up to 500 ringgit with transport and insurance. All else bears the duty of the "
        "tariff, of which nothing is held, and sales tax of 10 or 5 % on value and duty; the lists of goods at 5 % "
        "and of exempt goods aren't held. The islands that are designated areas (Labuan, Langkawi, Tioman, Pangkor) "
        "aren't told apart. Of the orders only reports were seen, so no amount is certain."
    ),
    uses=("my-tariff",),
)
