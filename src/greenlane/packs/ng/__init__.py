"""The law of Nigeria on low-value imported goods, from 8 September 2025."""

from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    field,
    lookup,
    matches,
    param,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always
from greenlane.packs.building import (
    EVIDENCE,
    PROCEDURE,
    duty_by_tariff,
    duty_lookup,
    exchange,
    exchange_into,
    excise_lookup,
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

_LAW = read_law("ng")
_RELIEF = "Nigeria Customs Service Act 2023 s. 158(5, 6)"
_TARIFF = "ECOWAS common external tariff"
_LEVIES = "levies on imports, as calculators give them"
_VAT = "VAT Act, Finance Act 2019"
_COMMUNITY = ("BJ", "CI", "CV", "GH", "GM", "GN", "GW", "LR", "SL", "SN", "TG")


def low_value() -> Assessment:
    """From 8 September 2025: free up to 300 dollars once a quarter; duty, levies and VAT on all else."""
    v = values(home="NGN")
    dollars = step("value_in_dollars", _in_dollars(), _RELIEF, "the price of the goods alone, in dollars")
    free = step(
        "free_low_value", _free(dollars), _RELIEF, "free up to the limit, once a quarter, four a year"
    )
    # What is free of all charges asks for no rate of the naira, and is as sure as that.
    charged = choose(is_documents() | is_returned(), False, ~free)
    value = step(
        "customs_value", v.value + v.transport, _TARIFF, "the price with freight and insurance to Nigeria"
    )
    duty = duty_by_tariff(value, _TARIFF)
    surcharge = step("surcharge", ratio(duty, param("ng.surcharge")), _LEVIES)
    fob_value = v.value + v.other
    fob = step("fob_levy", ratio(fob_value, param("ng.fob")), "Nigeria Customs Service Act 2023 s. 18")
    outside = ~matches("items.origin_country", *_COMMUNITY)
    community = step("ecowas_levy", choose(outside, ratio(value, param("ng.ecowas")), 0), _LEVIES)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    base = step("vat_base", value + duty + surcharge + fob + community + excise, _VAT)
    vat = step("vat", ratio(base, param("ng.vat.standard")), _VAT)
    return Assessment(
        step("intrinsic_value", v.goods, _RELIEF, "the price of the goods alone"),
        total(value),
        choose(is_documents() | is_returned(), False, dollars > param("ng.relief.limit")),
        (
            _charge("customs_duty", "duty", charged, duty, _TARIFF, value, lookup("tariff", "ad_valorem")),
            _charge("port_surcharge", "fee", charged, surcharge, _LEVIES, duty, param("ng.surcharge")),
            _charge(
                "fob_levy",
                "fee",
                charged,
                fob,
                "Nigeria Customs Service Act 2023 s. 18",
                fob_value,
                param("ng.fob"),
            ),
            _charge(
                "ecowas_levy",
                "fee",
                choose(charged, outside, False),
                community,
                _LEVIES,
                value,
                param("ng.ecowas"),
            ),
            _charge("excise", "tax", charged & good("excise"), excise, "Excise law"),
            _charge("vat", "tax", charged, vat, _VAT, base, param("ng.vat.standard")),
        ),
        (
            Remark(
                PROCEDURE,
                choose(charged, any_item(good("prohibited")), False),
                (
                    "goods of the import prohibition list are in the consignment: they have no relief and may "
                    "be forfeited",
                ),
                "/items",
                "NCS import prohibition list; NCS Act 2023",
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they left and come back unaltered",
                ),
                "/transaction",
                "returned goods (article not seen)",
                asks=True,
            ),
        ),
        split_limit=in_own(param("ng.relief.limit"), "limit"),
        item_value=v.value,
    )


def _in_dollars() -> Node:
    """The goods in dollars, so that a purchase in dollars needs no rate of the naira."""
    lines = total(in_own(field("items.value"), "dollars"))
    inside = in_own(field("freight"), "dollars")
    left = choose(inside <= lines, lines - inside, const(None))
    return choose(field("freight_in_price"), left, lines)


def _free(dollars: Node) -> Node:
    by_post = choose(matches("channel", "postal"), param("ng.relief.post"), False)
    route = choose(matches("channel", "express"), True, by_post)
    quarter = field("consignee.prior_use.quarter_count") < param("ng.relief.per_quarter")
    year = field("consignee.prior_use.year_count") < param("ng.relief.per_year")
    used = choose(quarter, year, False)
    admitted = choose(any_item(good("prohibited")), False, used)
    personal = choose(field("consignee.person"), admitted, False)
    return choose(route, choose(dollars <= param("ng.relief.limit"), personal, False), False)


def _charge(
    name: str,
    kind: str,
    when: Node,
    amount: Node,
    law: str,
    base: Node | None = None,
    rate: Node | None = None,
) -> Charge:
    return Charge(
        f"ng.{name}", kind, name, when, amount, law, "at_border", always("buyer"), base=base, rate=rate
    )


PACK = Pack(
    code="ng",
    name="Nigeria",
    currency="NGN",
    members=("NG",),
    parameters=_LAW.parameters,
    formulas=(Formula("ng.low_value", date(2025, 9, 8), None, _RELIEF, low_value),),
    lookups={
        **exchange("ncs", "NGN"),
        **exchange_into("dollars", "ncs", "USD"),
        **foreign("limit", "USD", "ncs", "NGN"),
        "tariff": duty_lookup("ng-tariff", "NGN"),
        "goods": only_with_code(goods_lookup(_LAW, ("prohibited", "excise"))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "ng.vat.standard"},
    exchange_growth=10_000,
    text=(
        "Goods worth up to 300 dollars that a person receives by express or post are free of duty and taxes, once a "
        "quarter and four times a year; what the person used before must be known. Goods of the import prohibition "
        "list have no relief. All else bears the duty of the tariff, levies and VAT of 7.5 %; no Nigerian schedule "
        "of duty is held, and no rate of the naira, so these need to be assumed or loaded."
    ),
    uses=("ng-tariff",),
)
