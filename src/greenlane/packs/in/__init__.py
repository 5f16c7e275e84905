"""The law of India on goods by post and courier for personal use, from 2 February 2018."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    field,
    known,
    lookup,
    matches,
    param,
    ratio,
    smaller,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, Waiver, always, in_force
from greenlane.packs.building import (
    DEEMED,
    EVIDENCE,
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    good,
    goods_lookup,
    in_steps,
    is_b2c,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    ratio_in_steps,
    read_law,
    values,
)
from greenlane.values.money import Rounding

_LAW = read_law("in")
_TARIFF = "Customs Tariff Act 1975 First Schedule"
_HEADING = f"{_TARIFF} heading 9804"
_VALUATION = "Customs Valuation Rules 2007 rule 10(2)"
_SURCHARGE = "Finance Act 2018 s. 110"
_IGST = "Customs Tariff Act 1975 s. 3(7)"


@dataclass(frozen=True, slots=True)
class _Levies:
    """Duty, surcharge and tax of each item, each in whole rupees."""

    duty_rate: Node
    duty: Node
    surcharge_rate: Node
    surcharge: Node
    tax_rate: Node
    tax: Node
    tax_base: Node


def personal_use() -> Assessment:
    """Goods for a person's own use bear the rates of heading 9804: purchases by concession, gifts in full."""
    v = values(home="INR")
    goods = step("intrinsic_value", v.goods, _VALUATION, "the price of the goods alone")
    value = step("customs_value", _value(v), _VALUATION, "price, transport and insurance")
    whole = total(value)
    personal = choose(is_b2c() | is_gift(), field("consignee.person"), False)
    heading = step(
        "heading_9804",
        choose(personal, ~good("outside"), False),
        _HEADING,
        "articles for personal use, except alcohol, tobacco, motor vehicles and printed books",
    )
    given_free = step(
        "gift_within_limit",
        choose(
            is_gift() & in_force("in.gift.limit"),
            choose(in_force("in.gift.limit"), whole <= param("in.gift.limit"), False),
            False,
        ),
        "Notification 50/2017-Customs Sl. 608A",
        "gifts up to the limit were free until 11 December 2019",
    )
    charged = choose(~is_documents() & ~is_returned(), choose(heading, ~given_free, True), False)
    levies = _levies(value, heading)
    least = param("in.duty.minimum")
    owed = choose(charged, levies.duty + levies.surcharge + levies.tax, 0)
    # One duty above the limit settles it, though another isn't known.
    above = any_item(choose(charged, (levies.duty > least) | (levies.tax > least), False))
    small = Waiver(
        ~above & (total(owed) <= least),
        "at or below the duty that is not collected",
        "Customs Act 1962 s. 25(6)",
    )
    return Assessment(
        goods,
        whole,
        choose(~is_documents(), whole > param("in.low_value.limit"), False),
        (
            Charge(
                "in.basic_customs_duty",
                "duty",
                "basic_customs_duty",
                charged,
                levies.duty,
                f"{_TARIFF}; Notification 50/2017-Customs Sl. 608",
                "at_border",
                always("buyer"),
                base=value,
                rate=levies.duty_rate,
                waived=small,
            ),
            Charge(
                "in.social_welfare_surcharge",
                "duty",
                "social_welfare_surcharge",
                charged,
                levies.surcharge,
                _SURCHARGE,
                "at_border",
                always("buyer"),
                base=levies.duty,
                rate=levies.surcharge_rate,
                waived=small,
            ),
            Charge(
                "in.igst",
                "tax",
                "igst",
                charged,
                levies.tax,
                _IGST,
                "at_border",
                always("buyer"),
                base=levies.tax_base,
                rate=levies.tax_rate,
                waived=small,
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
                "Notification 45/2017-Customs",
                asks=True,
            ),
            Remark(
                DEEMED,
                ~is_documents() & ~is_returned() & ~known(field("freight")),
                ("freight isn't given: the law counts a fifth of the value of the goods in its place",),
                "/freight",
                _VALUATION,
            ),
            Remark(
                DEEMED,
                ~is_documents() & ~is_returned() & ~known(field("insurance")),
                ("insurance isn't given: the law counts 1.125 % of the value of the goods in its place",),
                "/insurance",
                _VALUATION,
            ),
        ),
        item_value=v.value,
    )


def _value(v: Values) -> Node:
    """Price, freight and insurance of each item; freight by air counts up to a share of the price."""
    by_air = matches("transport_mode", "air", "post") | (
        matches("channel", "postal", "express") & ~matches("transport_mode", "sea", "road", "rail")
    )
    capped = smaller(v.freight, ratio(v.value, param("in.freight.air_cap")))
    stated = choose(by_air & (v.freight > 0), capped, v.freight)
    freight = choose(known(field("freight")), stated, ratio(v.value, param("in.freight.deemed")))
    insurance = choose(known(field("insurance")), v.insurance, ratio(v.value, param("in.insurance.deemed")))
    return v.value + freight + insurance + v.other


def _levies(value: Node, heading: Node) -> _Levies:
    """Basic customs duty, the surcharge on it, and integrated tax on all of them."""
    rupee = param("in.rounding")
    own = choose(is_gift(), param("in.bcd.heading"), param("in.bcd.purchase"))
    duty = step(
        "basic_customs_duty",
        choose(
            heading,
            ratio_in_steps(value, own, rupee, Rounding.HALF_UP),
            in_steps(duty_by_tariff(value, _TARIFF), rupee, Rounding.HALF_UP),
        ),
        _TARIFF,
        "purchases by a person bear the rate of the concession, gifts that of the heading",
    )
    surcharge_rate = choose(
        heading,
        choose(is_gift(), param("in.sws.heading"), param("in.sws.purchase")),
        param("in.sws.ordinary"),
    )
    surcharge = step(
        "social_welfare_surcharge",
        ratio_in_steps(duty, surcharge_rate, rupee, Rounding.HALF_UP),
        _SURCHARGE,
        "on the duty",
    )
    tax_rate = choose(
        heading,
        choose(good("medicine"), param("in.igst.medicines"), param("in.igst.heading")),
        param("in.igst.goods"),
    )
    base = step("igst_base", value + duty + surcharge, _IGST, "value, duty and surcharge")
    return _Levies(
        choose(heading, own, lookup("tariff", "ad_valorem")),
        duty,
        surcharge_rate,
        surcharge,
        tax_rate,
        step("igst", ratio_in_steps(base, tax_rate, rupee, Rounding.HALF_UP), _IGST),
        base,
    )


PACK = Pack(
    code="in",
    name="India",
    currency="INR",
    members=("IN",),
    parameters=_LAW.parameters,
    formulas=(Formula("in.personal_use", date(2018, 2, 2), None, _HEADING, personal_use),),
    lookups={
        **exchange("cbic", "INR"),
        "tariff": duty_lookup("in-tariff", "INR"),
        "goods": only_with_code(goods_lookup(_LAW, ("medicine", "outside"))),
    },
    aliases={"vat_rate": "in.igst.goods", "sws_rate": "in.sws.ordinary"},
    text=(
        "There is no duty-free limit. Goods that a person buys for own use bear one rate whatever they are: 10 % "
        "basic customs duty, 10 % surcharge on it and integrated tax on all, 30.98 % together; gifts bear the rate "
        "of heading 9804, 41.60 % until March 2026. Duty up to 100 rupees isn't collected. What a business imports, "
        "and alcohol, tobacco, vehicles and books, go by the tariff, of which nothing is held."
    ),
    uses=("in-tariff",),
)
