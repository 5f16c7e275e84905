"""The law of Great Britain on low-value consignments, from 1 January 2021."""

from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    field,
    fit,
    lookup,
    matches,
    param,
    present,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Waiver, always
from greenlane.packs.building import (
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    good,
    goods_lookup,
    h7_remarks,
    is_b2c,
    is_documents,
    is_gift,
    is_returned,
    read_law,
    tax_lookup,
    values,
    vendor,
)

_LAW = read_law("gb")
_VATA = "VATA 1994 s. 7AA"
_TCTA = "Taxation (Cross-border Trade) Act 2018"
_NOTICE = "HMRC Notice 143"


def low_value() -> Assessment:
    """From 1 January 2021: VAT on the sale up to 135 pounds, import VAT and duty above."""
    v = values()
    goods = step("intrinsic_value", v.goods, "HMRC low value guidance", "the price of the goods alone")
    customs_value = step(
        "customs_value",
        v.value + _freight(v) + v.insurance + v.other,
        f"{_TCTA} s. 16",
        "price, transport to the border and insurance",
    )
    gift_free = step(
        "relieved_as_gift",
        fit(v.value, field("items.quantity"), param("gb.gift.limit"), is_gift()),
        _NOTICE,
        "gifts are free up to the limit; no article is split",
    )
    charged = ~is_documents() & ~is_returned()
    low = step(
        "low_value",
        goods <= param("gb.relief.limit"),
        "HMRC low value guidance",
        "low value bears no duty, and its VAT is taken with the price",
    )
    dutiable = charged & (~low | good("no_relief"))
    duty = choose(
        dutiable,
        choose(
            is_gift(),
            _gift_duty(v, gift_free, customs_value, goods),
            duty_by_tariff(customs_value, "UK Global Tariff"),
        ),
        0,
    )
    at_sale = step(
        "vat_on_sale",
        is_b2c() & low & ~any_item(good("excise")),
        _VATA,
        "the seller or the marketplace takes the VAT with the price",
    )
    left = v.value - gift_free
    rate = lookup("vat", "rate")
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    sale_base = step("sale_base", v.value + v.transport, _VATA, "the price paid, with transport")
    import_base = step(
        "vat_base",
        choose(left > 0, left + v.transport + duty + excise, 0),
        "VATA 1994 s. 21",
        "customs value, duty and excise",
    )
    post = Waiver(
        choose(matches("channel", "postal"), total(duty) < param("gb.min_collection.duty"), False),
        "below the least amount of duty collected on post",
        _NOTICE,
    )
    duty_charge = Charge(
        "gb.customs_duty",
        "duty",
        "customs_duty",
        dutiable,
        duty,
        "UK Global Tariff",
        "at_border",
        always("buyer"),
        base=customs_value,
        rate=lookup("tariff", "ad_valorem"),
        waived=post,
    )
    business = matches("transaction", "b2b") & low & present("scheme_id") & matches("scheme", "GB_VAT")
    return Assessment(
        goods,
        total(customs_value),
        goods > param("gb.relief.limit"),
        (
            duty_charge,
            Charge(
                "gb.vat.sale",
                "tax",
                "vat",
                charged & at_sale,
                step("vat_sale", ratio(sale_base, rate), _VATA),
                _VATA,
                "at_sale",
                vendor(),
                base=sale_base,
                rate=rate,
            ),
            Charge(
                "gb.vat.reverse",
                "tax",
                "vat",
                charged & business,
                step("vat_reverse_charge", ratio(sale_base, rate), "HMRC low value guidance"),
                "HMRC low value guidance",
                "periodic",
                always("buyer"),
                base=sale_base,
                rate=rate,
            ),
            Charge(
                "gb.vat.import",
                "tax",
                "vat",
                charged & ~at_sale & ~business,
                step("vat_import", ratio(import_base, rate), "VATA 1994 s. 1(1)(c)"),
                "VATA 1994 s. 1(1)(c)",
                "at_border",
                always("buyer"),
                base=import_base,
                rate=rate,
            ),
            Charge(
                "gb.excise",
                "tax",
                "excise",
                charged & good("excise"),
                lookup("excise", "amount"),
                "Alcohol and tobacco duty acts",
                "at_border",
                always("buyer"),
            ),
        ),
        h7_remarks(goods, param("gb.relief.limit"), "GBP", "UK customs appendix 21H"),
        split_limit=param("gb.relief.limit"),
        item_value=v.value,
    )


def _freight(v: Values) -> Node:
    """Freight to the border; by post it counts up to the address of delivery."""
    flown = matches("transport_mode", "air") & ~matches("channel", "postal") & (v.freight > 0)
    return choose(flown, ratio(v.freight, param("gb.air_freight.share")), v.freight)


def _gift_duty(v: Values, gift_free: Node, customs_value: Node, goods: Node) -> Node:
    """Duty on a gift above the low value limit: the tariff, or by choice the simplified rate."""
    left = choose(v.value - gift_free > 0, customs_value - gift_free, 0)
    chosen = matches("elections.gift_rate", "flat") & (goods <= param("gb.gift.flat_rate_limit"))
    flat = step("gift_flat_rate", ratio(left, param("gb.gift.flat_rate")), "UK simplified duty for gifts")
    return choose(chosen, flat, duty_by_tariff(left, "UK Global Tariff"))


PACK = Pack(
    code="gb",
    name="Great Britain",
    currency="GBP",
    members=("GB",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("gb.low_value", date(2021, 1, 1), None, "VAT and customs law from 1 January 2021", low_value),
    ),
    lookups={
        **exchange("hmrc-monthly", "GBP"),
        "tariff": duty_lookup("uk-gt", "GBP"),
        "vat": tax_lookup(_LAW, "gb.vat.standard", "vat_rate"),
        "goods": goods_lookup(_LAW, ("excise", "no_relief")),
        "excise": excise_lookup(),
    },
    schemes={"GB_VAT": "UK VAT number of the vendor, or of a business buyer"},
    elections={"gift_rate": "flat: the simplified rate of 2.5 % on gifts up to 630 pounds"},
    datasets={"H7": "super-reduced, up to 135 pounds", "H1": "standard"},
    aliases={"gift_vat_limit": "gb.gift.limit"},
    text=(
        "Goods sold to a consumer in a parcel of up to 135 pounds bear no customs duty; the seller or the marketplace "
        "takes VAT with the price. Above 135 pounds the buyer pays import VAT and the duty of the UK tariff before "
        "release. Gifts between private persons are free up to 39 pounds. The relief is to end by October 2028."
    ),
    uses=("uk-gt",),
)
