"""The law of Argentina on goods that arrive by courier and by the official post, from 1 December 2024."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    excess,
    field,
    lookup,
    matches,
    muldiv,
    param,
    ratio,
    smaller,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always
from greenlane.packs.building import (
    EVIDENCE,
    PROCEDURE,
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    for_a_person,
    foreign,
    good,
    goods_lookup,
    in_own,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    values,
)
from greenlane.values.money import Rounding

_LAW = read_law("ar")
_SMALL = "ARCA General Resolution 5608/2024"
_RELIEF = "Decree 1065/2024"
_POST = "door to door regime of Correo Argentino"
_TARIFF = "Mercosur tariff"
_VAT = "VAT law"
# Quantities are given with three decimals.
_PIECE = 1_000


@dataclass(frozen=True, slots=True)
class _Routes:
    """Where a consignment goes; each is of the whole consignment."""

    charged: Node
    by_post: Node
    """A person's goods by post, inside its limits: the single duty."""
    ordinary: Node
    """Everything else that is charged: tariff duty, statistics fee, VAT."""
    small: Node
    """By courier, with the free value."""
    full: Node
    """Outside both regimes: a full declaration."""


def _routes(v: Values, delivered: Node) -> _Routes:
    charged = ~is_documents() & ~is_returned()
    mass = total(field("items.gross_mass_mg"))
    postal = charged & matches("channel", "postal") & for_a_person()
    post_limits = (delivered <= in_own(param("ar.post.limit"), "usd")) & (mass <= param("ar.post.mass"))
    by_post = step(
        "door_to_door",
        choose(postal, post_limits, False),
        _POST,
        "a person's shipments by the official post bear a single duty",
    )
    courier = charged & matches("channel", "express")
    heavy = choose(
        param("ar.courier.mass_each"),
        any_item(field("items.gross_mass_mg") > param("ar.courier.mass")),
        mass > param("ar.courier.mass"),
    )
    admitted = step(
        "admitted_by_courier",
        choose(courier, (v.goods <= in_own(param("ar.courier.limit"), "usd")) & ~heavy, False),
        _SMALL,
        "shipments by courier are admitted up to a value and a weight",
    )
    few = ~any_item(field("items.quantity") > muldiv(param("ar.small.units"), [_PIECE], [1], Rounding.DOWN))
    used = field("consignee.prior_use.year_count") < param("ar.small.count")
    small = step(
        "small_shipment",
        choose(admitted & for_a_person(), choose(few, used, False), False),
        _SMALL,
        "five shipments a year to a person, of up to three units of a kind, have a free value",
    )
    ordinary = choose(charged, ~by_post, False)
    return _Routes(charged, by_post, ordinary, small, choose(ordinary, ~admitted, False))


def imports() -> Assessment:
    """From 1 December 2024: 400 dollars free of duty by courier, 50 dollars free of all by post."""
    v = values()
    goods = step("goods_value", v.goods, _SMALL, "the price of the goods (FOB)")
    delivered = step("price_delivered", v.goods + total(v.transport), _POST, "price, carriage and insurance")
    r = _routes(v, delivered)
    cif = step("customs_value", v.value + v.transport, _TARIFF, "price, transport and insurance")
    above = step(
        "above_relief",
        choose(r.small, excess(v.goods, in_own(param("ar.small.relief"), "usd")), v.goods),
        _RELIEF,
        "only what is above the free value bears duty and statistics fee",
    )
    dutiable = choose(r.ordinary, above > 0, False)
    part = muldiv(cif, [smaller(above, v.goods)], [v.goods], Rounding.HALF_UP)
    base = step("dutiable_value", choose(r.small, part, cif), _RELIEF)
    duty = choose(dutiable, duty_by_tariff(base, _TARIFF), 0)
    statistics = choose(dutiable, ratio(base, param("ar.statistics.rate")), 0)
    vat_base = step("vat_base", cif + duty + statistics, _VAT, "customs value, duty and statistics fee")
    rate = param("ar.vat")
    return Assessment(
        goods,
        total(cif),
        r.full,
        (
            _postal_duty(r, delivered),
            Charge(
                "ar.customs_duty",
                "duty",
                "customs_duty",
                dutiable,
                duty,
                _TARIFF,
                "at_border",
                always("buyer"),
                always("carrier"),
                base=base,
                rate=lookup("tariff", "ad_valorem"),
            ),
            Charge(
                "ar.statistics",
                "fee",
                "statistics_fee",
                dutiable,
                step("statistics_fee", statistics, _RELIEF),
                "statistics fee",
                "at_border",
                always("buyer"),
                always("carrier"),
                base=base,
                rate=param("ar.statistics.rate"),
            ),
            Charge(
                "ar.vat",
                "tax",
                "vat",
                r.ordinary,
                step("vat_import", ratio(vat_base, rate), _VAT),
                _VAT,
                "at_border",
                always("buyer"),
                always("carrier"),
                base=vat_base,
                rate=rate,
            ),
            Charge(
                "ar.internal_taxes",
                "tax",
                "excise",
                choose(r.ordinary, good("excise"), False),
                lookup("excise", "amount"),
                "internal taxes",
                "at_border",
                always("buyer"),
                always("carrier"),
            ),
        ),
        _remarks(r),
        split_limit=in_own(param("ar.small.relief"), "usd"),
        item_value=v.value,
    )


def _postal_duty(r: _Routes, delivered: Node) -> Charge:
    """Half of what is above the free value; of everything from the thirteenth shipment of the year."""
    free = choose(
        field("consignee.prior_use.year_count") < param("ar.post.count"),
        in_own(param("ar.post.relief"), "usd"),
        0,
    )
    base = step("above_postal_relief", excess(delivered, free), _POST, "what is above the free value")
    return Charge(
        "ar.post",
        "duty",
        "ad_valorem_postal_duty",
        choose(r.by_post, base > 0, False),
        step("postal_duty", ratio(base, param("ar.post.rate")), _POST, "in place of duty and every tax"),
        _POST,
        "at_border",
        always("buyer"),
        base=base,
        rate=param("ar.post.rate"),
    )


def _remarks(r: _Routes) -> tuple[Remark, ...]:
    return (
        Remark(
            PROCEDURE,
            r.full,
            ("outside the regimes for couriers and for the post: import it by a general declaration",),
            "",
            _SMALL,
            asks=True,
        ),
        Remark(
            EVIDENCE,
            is_returned(),
            ("returned goods were taken as free: proof is needed that they left Argentina and come back",),
            "/transaction",
            "Customs Code",
            asks=True,
        ),
    )


PACK = Pack(
    code="ar",
    name="Argentina",
    currency="ARS",
    members=("AR",),
    parameters=_LAW.parameters,
    formulas=(Formula("ar.imports", date(2024, 12, 1), None, _SMALL, imports),),
    lookups={
        **exchange("bna", "ARS"),
        **foreign("usd", "USD", "bna", "ARS"),
        "tariff": duty_lookup("ar-tariff", "ARS"),
        "goods": only_with_code(goods_lookup(_LAW, ("excise",))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "ar.vat"},
    exchange_growth=5_000,
    text=(
        "By courier a person may receive five small shipments a year, of up to three units of a kind, whose first "
        "400 dollars are free of import duty and statistics fee; 21 % VAT is due on everything. What is above, and "
        "every other shipment up to 3,000 dollars, bears the tariff, which isn't held, so it needs a rate assumed or "
        "loaded. By the official post the first 50 dollars of twelve shipments a year are free, carriage counted, "
        "and half of what is above is taken in place of every other tax. Amounts are in pesos, whose rate against "
        "the dollar needs to be loaded or assumed. Advance payments of tax that firms owe are not held."
    ),
    uses=("ar-tariff",),
)
