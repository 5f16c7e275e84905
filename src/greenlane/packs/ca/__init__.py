"""The law of Canada on goods imported by mail and courier, from 1 October 2016."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    equal,
    field,
    lookup,
    matches,
    param,
    ratio,
    share,
    smaller,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, in_force
from greenlane.packs.building import (
    CARRIER_FEE,
    EVIDENCE,
    Values,
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

_LAW = read_law("ca")
_TARIFF = "Customs Tariff s. 20"
_VALUE = "Customs Act s. 48"
_MAIL = "Postal Imports Remission Order s. 4"
_COURIER = "Courier Imports Remission Order s. 4, 4.1"
_GIFT = "Customs Tariff, tariff item 9816.00.00 and s. 85"
_GST = "Excise Tax Act s. 212, 215"
_PST = "CBSA Act s. 5(1)(c); provincial sales tax acts"


@dataclass(frozen=True, slots=True)
class _Relief:
    """What is free, item by item."""

    of_duty: Node
    of_tax: Node
    tax_limit: Node


def mail_and_courier() -> Assessment:
    """Remission up to the limits of mail and courier; above them duty, GST or HST and provincial sales tax."""
    v = values(home="CAD")
    goods = step(
        "value_for_duty",
        v.goods,
        _VALUE,
        "the price of the goods, without transport from the place of direct shipment",
    )
    relief = _relief(goods)
    charged = ~is_documents() & ~is_returned()
    left = step(
        "value_less_gift", v.value - _gift_part(v), _GIFT, "a gift's value is reduced by the gift limit"
    )
    dutiable = choose(charged, ~relief.of_duty & (left > 0), False)
    taxed = choose(charged, ~relief.of_tax & (left > 0), False)
    duty = choose(dutiable, duty_by_tariff(left, _TARIFF), 0)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    base = step("value_for_tax", left + duty + excise, _GST, "value for duty, customs duty and excise")
    personal = ~matches("transaction", "b2b")
    rate = choose(personal, lookup("gst", "rate"), lookup("gst_federal", "rate"))
    provincial = lookup("pst", "rate")
    return Assessment(
        goods,
        goods,
        goods > param("ca.lvs.limit"),
        (
            Charge(
                "ca.customs_duty",
                "duty",
                "customs_duty",
                dutiable,
                duty,
                _TARIFF,
                "at_border",
                always("buyer"),
                base=left,
                rate=lookup("tariff", "ad_valorem"),
            ),
            Charge(
                "ca.excise",
                "tax",
                "excise",
                choose(taxed, good("excise"), False),
                excise,
                "Excise Act, 2001; Excise Act",
                "at_border",
                always("buyer"),
            ),
            Charge(
                "ca.gst",
                "tax",
                "gst_hst",
                taxed,
                step("gst_hst", ratio(base, rate), _GST),
                _GST,
                "at_border",
                always("buyer"),
                base=base,
                rate=rate,
            ),
            Charge(
                "ca.pst",
                "tax",
                "provincial_sales_tax",
                choose(taxed, choose(personal, provincial > 0, False), False),
                step("provincial_sales_tax", ratio(base, provincial), _PST),
                _PST,
                "at_border",
                always("buyer"),
                base=base,
                rate=provincial,
            ),
        ),
        (
            Remark(
                CARRIER_FEE,
                matches("channel", "postal") & any_item(taxed) & equal(field("carrier_fees"), 0),
                (
                    "Canada Post charges the buyer ",
                    param("ca.post.fee"),
                    " CAD for collecting duty and tax; not part of this total",
                ),
                "/carrier_fees",
                "Canada Post handling fee",
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they were released in Canada before "
                    "and come back neither advanced in value nor improved in condition",
                ),
                "/transaction",
                "Customs Tariff, tariff item 9814.00.00",
                asks=True,
            ),
        ),
        split_limit=relief.tax_limit,
        item_value=v.value,
    )


def _relief(goods: Node) -> _Relief:
    """Which items the two remission orders free; a gift has its own relief, which isn't added to theirs."""
    courier = matches("channel", "express", "cargo")
    near = courier & matches("departure_country", "US", "MX")
    everywhere = param("ca.relief.limit")
    excluded = good("no_relief") | (
        good("publication") & choose(field("seller_registered"), False, param("ca.relief.publication"))
    )
    admitted = choose(
        matches("channel", "postal") | courier,
        ~matches("seller.country", "CA") & ~(is_gift() & ~good("no_gift")) & ~excluded,
        False,
    )

    def limit(name: str) -> Node:
        return choose(near & in_force(name), choose(in_force(name), param(name), everywhere), everywhere)

    duty_limit = step("duty_limit", limit("ca.relief.near_duty"), _COURIER, "free of customs duty up to here")
    tax_limit = step("tax_limit", limit("ca.relief.near_tax"), _COURIER, "free of taxes up to here")
    return _Relief(
        step("remission_of_duty", choose(goods <= duty_limit, admitted, False), f"{_MAIL}; {_COURIER}"),
        step("remission_of_tax", choose(goods <= tax_limit, admitted, False), f"{_MAIL}; {_COURIER}"),
        tax_limit,
    )


def _gift_part(v: Values) -> Node:
    """The part of each item that is free as a gift: one consignment is taken as one gift."""
    given = choose(is_gift() & ~good("no_gift"), v.value, 0)
    return choose(is_gift(), share(smaller(total(given), param("ca.gift.limit")), given), 0)


PACK = Pack(
    code="ca",
    name="Canada",
    currency="CAD",
    members=("CA",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("ca.mail_and_courier", date(2016, 10, 1), None, f"{_MAIL}; {_COURIER}", mail_and_courier),
    ),
    lookups={
        **exchange("bank-of-canada", "CAD", "export"),
        "tariff": duty_lookup("ca-tariff", "CAD"),
        "gst": only_with_code(
            tax_lookup(_LAW, "ca.gst.rate", "vat_rate", key="destination_region", family="gst")
        ),
        "gst_federal": only_with_code(
            tax_lookup(_LAW, "ca.gst.commercial", "vat_rate", family="gst_federal")
        ),
        "pst": only_with_code(
            tax_lookup(_LAW, "ca.pst.rate", "pst_rate", key="destination_region", family="pst")
        ),
        "goods": only_with_code(goods_lookup(_LAW, ("no_relief", "publication", "no_gift", "excise"))),
        "excise": excise_lookup(),
    },
    text=(
        "A parcel worth up to 20 Canadian dollars is free of duty and tax; by courier from the United States or "
        "Mexico, wherever the goods were made, taxes begin above 40 and customs duty above 150 dollars. A gift is "
        "free up to 60 dollars, and only what is above bears charges. The buyer pays customs duty on the price "
        "without transport, GST or HST by province (two letters in destination_region) and, in British Columbia, "
        "Manitoba, Quebec and Saskatchewan, provincial sales tax. Alcohol, tobacco and vaping products have no "
        "relief; cannabis, which has none either, can't be told by its code. No Canadian schedule of duty, no "
        "surtax and none of the rates of heading 98.25 (personal goods up to 500 dollars) is held."
    ),
    uses=("ca-tariff",),
)
