"""The law of Turkey on goods that persons receive by post and express carrier, from 6 May 2024."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import Node, any_item, choose, lookup, matches, param, ratio, step, total
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, in_force
from greenlane.packs import DESTINATIONS
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
    is_b2c,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)

_LAW = read_law("tr")
_FIXED = "Decision 2009/15481 on Customs Law No 4458, as amended"
_CUSTOMS = "Customs Law No 4458"
_KDV = "Law No 3065"
_OTV = "Law No 4760"


@dataclass(frozen=True, slots=True)
class _Route:
    """Which items bear the single fixed tax."""

    charged: Node
    flat: Node
    """Item level."""
    base: Node
    """Item level: what the tax is taken of."""


def _route(v: Values) -> _Route:
    with_freight = param("tr.flat.with_freight")
    base = v.value + choose(with_freight, v.transport, 0)
    price = v.goods + choose(with_freight, total(v.transport), 0)
    charged = ~is_documents() & ~is_returned()
    by_mail = charged & matches("channel", "postal", "express") & for_a_person()
    limited = in_force("tr.flat.limit")
    within = choose(limited, price <= in_own(param("tr.flat.limit"), "eur"), False)
    admitted = ~any_item(good("full_declaration")) & choose(is_b2c(), param("tr.simplified.sales"), True)
    ordinary_goods = step(
        "simplified_declaration",
        choose(by_mail & limited, within & admitted, False),
        _FIXED,
        "consignments to a person up to the limit bear a single fixed tax in place of duty and taxes",
    )
    health = step(
        "health_limit",
        choose(by_mail, v.goods <= in_own(param("tr.health.limit"), "eur"), False),
        _FIXED,
        "medicines and supplements for a person bear it up to a higher limit",
    )
    flat = choose(by_mail, ~good("excise") & choose(good("health"), health, ordinary_goods), False)
    return _Route(charged, flat, base)


def fixed_tax() -> Assessment:
    """From 6 May 2024: a single fixed tax up to a limit, ended for ordinary goods on 6 February 2026."""
    v = values()
    goods = step("goods_value", v.goods, _CUSTOMS, "the price of the goods")
    route = _route(v)
    full = choose(route.charged, ~route.flat, False)
    cif = step("customs_value", v.value + v.transport, _CUSTOMS, "price, transport, insurance")
    near = matches("departure_country", *DESTINATIONS["eu"])
    rate = choose(near, param("tr.flat.eu"), param("tr.flat.other"))
    free = choose(in_force("tr.flat.limit"), ~good("health") & param("tr.flat.free_below"), False)
    duty = choose(full, duty_by_tariff(cif, "Turkish import regime"), 0)
    taxed_specially = good("excise") | good("list_iv")
    special = choose(taxed_specially, lookup("excise", "amount"), 0)
    vat_base = step("vat_base", cif + duty + special, _KDV, "customs value, duty and excise")
    vat_rate = lookup("vat", "rate")
    needs_full = any_item(full)
    return Assessment(
        goods,
        goods,
        needs_full,
        (
            _fixed("tr.flat", route.flat, choose(free, 0, ratio(route.base, rate)), route.base, rate),
            _fixed(
                "tr.flat.list_iv",
                choose(route.flat, good("list_iv"), False),
                choose(free, 0, ratio(route.base, param("tr.flat.list_iv"))),
                route.base,
                param("tr.flat.list_iv"),
            ),
            Charge(
                "tr.customs_duty",
                "duty",
                "customs_duty",
                full,
                duty,
                "Turkish import regime",
                "at_border",
                always("buyer"),
                base=cif,
                rate=lookup("tariff", "ad_valorem"),
            ),
            Charge(
                "tr.excise",
                "tax",
                "excise",
                choose(full, taxed_specially, False),
                special,
                _OTV,
                "at_border",
                always("buyer"),
            ),
            Charge(
                "tr.vat",
                "tax",
                "vat",
                full,
                step("vat_import", ratio(vat_base, vat_rate), _KDV),
                _KDV,
                "at_border",
                always("buyer"),
                base=vat_base,
                rate=vat_rate,
            ),
        ),
        (
            Remark(
                PROCEDURE,
                needs_full,
                ("outside the simplified declaration: a full import declaration is needed",),
                "",
                _FIXED,
            ),
            Remark(
                EVIDENCE,
                any_item(route.flat & good("health")),
                (
                    "medicines and supplements were taken as prescribed: a health report or prescription is needed",
                ),
                "/items",
                _FIXED,
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                ("returned goods were taken as free: proof is needed that they left Turkey and come back",),
                "/transaction",
                _CUSTOMS,
                asks=True,
            ),
        ),
        split_limit=choose(
            in_force("tr.flat.limit"),
            in_own(param("tr.flat.limit"), "eur"),
            in_own(param("tr.health.limit"), "eur"),
        ),
        item_value=v.value,
    )


def _fixed(rule: str, when: Node, amount: Node, base: Node, rate: Node) -> Charge:
    says = "in place of duty and every import tax"
    return Charge(
        rule,
        "duty",
        "single_fixed_tax",
        when,
        step(rule.replace("tr.", "fixed_tax_").replace(".", "_"), amount, _FIXED, says),
        _FIXED,
        "at_border",
        always("buyer"),
        always("carrier"),
        base=base,
        rate=rate,
    )


PACK = Pack(
    code="tr",
    name="Turkey",
    currency="TRY",
    members=("TR",),
    parameters=_LAW.parameters,
    formulas=(Formula("tr.fixed_tax", date(2024, 5, 6), None, _FIXED, fixed_tax),),
    lookups={
        **exchange("tcmb", "TRY"),
        **foreign("eur", "EUR", "tcmb", "TRY"),
        "tariff": duty_lookup("tr-tariff", "TRY"),
        "vat": tax_lookup(_LAW, "tr.kdv.standard", "vat_rate"),
        "goods": only_with_code(goods_lookup(_LAW, ("health", "full_declaration", "list_iv", "excise"))),
        "excise": excise_lookup(),
    },
    text=(
        "Goods that a person received by post or express carrier bore one fixed tax in place of duty and taxes: up "
        "to 150 euro until 20 August 2024, then up to 30 euro at 30 % from the European Union and 60 % from "
        "elsewhere, with 20 % more on goods of list IV. Since 6 February 2026 only medicines and food supplements "
        "up to 1,500 euro keep it; everything else needs a full import declaration, whose tariff isn't held, so "
        "its duty needs a rate assumed or loaded. Reduced rates of VAT, additional duties and the brokers' fees "
        "are not held."
    ),
    uses=("tr-tariff",),
)
