"""The law of Singapore on goods imported by air and post, from 1 July 2007."""

from dataclasses import dataclass, replace
from datetime import date

from greenlane.law.graph import (
    Node,
    choose,
    const,
    field,
    known,
    lookup,
    matches,
    param,
    present,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, always, cases, in_force
from greenlane.packs.building import (
    EVIDENCE,
    VENDOR_UNSTATED,
    Values,
    article_price,
    at_sale,
    by_air,
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

_LAW = read_law("sg")
_GST = "GST Act 1993"
_RELIEF = "GST (Imports Relief) Order"
_SALE = f"{_GST} s. 2, 18A"
_IMPORT = f"{_GST} s. 18"
_DUTIES = "Customs (Duties) Order"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What both periods begin with."""

    v: Values
    cif: Node
    """Cost, insurance and freight of the item."""
    whole: Node
    """Of the consignment."""
    charged: Node
    by_air: Node
    within: Node
    """By air or post, and up to the limit with transport."""


def _parcel() -> _Parcel:
    v = values(home="SGD")
    cif = step("cif_value", v.value + v.transport, f"{_GST} s. 18", "price, transport and insurance")
    whole = total(cif)
    returned = choose(is_returned(), param("sg.returned.free"), False)
    route = step(
        "by_air_or_post",
        choose(by_air(), True, choose(present("transport_mode"), False, const(None))),
        _RELIEF,
        "the relief and the vendor's tax are for goods by air and post",
    )
    within = step(
        "within_import_relief",
        choose(whole <= param("sg.relief.limit"), route, False),
        _RELIEF,
        "by air or post a consignment up to the limit, transport and insurance in it, bears no GST at import",
    )
    return _Parcel(v, cif, whole, ~is_documents() & ~returned, route, within)


def relief() -> Assessment:
    """1 July 2007 to 31 December 2022: GST at import, unless the consignment by air or post is within the relief."""
    p = _parcel()
    return _assessment(p, (), const(False), ())


def overseas_vendors() -> Assessment:
    """From 1 January 2023: registered vendors take GST on low-value goods; import GST on the rest as before."""
    p = _parcel()
    stated = matches("scheme", "OVR")
    sale = values(home="SGD", family="fx_sale")
    sold = step(
        "gst_on_sale",
        choose(p.charged, _sold_with_gst(p, sale, stated), False),
        _SALE,
        "a registered vendor takes GST with the price of each article of low value",
    )
    delivered = choose(param("sg.ovr.delivery"), sale.transport, 0)
    price = step("price", sale.value + delivered, f"{_GST} s. 18A(2)", "the price paid, with delivery")
    rate = lookup("gst_sale", "rate")
    charge = Charge(
        "sg.gst.sale",
        "tax",
        "gst",
        # Where the route isn't known GST is due once, at sale or at import: the charge at import says so.
        known(p.by_air) & sold,
        step("gst_sale", ratio(price, rate), _SALE),
        _SALE,
        "at_sale",
        _supplier(),
        base=price,
        rate=rate,
    )
    unstated = Remark(
        VENDOR_UNSTATED,
        p.charged & ~(p.whole <= param("sg.relief.limit")) & p.by_air & is_b2c() & ~stated & _registered(),
        (
            "the vendor is registered, and may have taken GST on articles up to 400 dollars; without scheme OVR "
            "customs charges GST on all, and the vendor gives back what it took",
        ),
        "/scheme",
        "IRAS, GST on imported low-value goods",
    )
    return _assessment(p, (charge,), sold, (unstated,))


def _supplier() -> Cases:
    """The operator of a marketplace is treated as the supplier of what is sold through it."""
    return cases((present("platform.id"), "platform"), otherwise="seller")


def _registered() -> Node:
    platform = choose(present("platform.id"), param("sg.ovr.platform"), False)
    return choose(platform, True, field("seller_registered"))


def _sold_with_gst(p: _Parcel, sale: Values, stated: Node) -> Node:
    """True on items whose GST the vendor takes.

    Articles are of low value one by one, whatever the consignment is worth. Where the consignment is above the
    import relief, customs charges all that the declaration doesn't name as taxed.
    """
    chosen = choose(in_force("sg.ovr.by_cif"), param("sg.ovr.by_cif"), False)
    by_cif = matches("elections.entry_value", "cif") & chosen
    measured = choose(by_cif, sale.value + sale.transport, sale.value)
    entry_value = step(
        "entry_value",
        article_price(measured),
        f"{_GST} s. 18A",
        "the price of the article without transport and insurance, or with them by the vendor's choice",
    )
    low = choose(in_force("sg.ovr.limit"), entry_value <= param("sg.ovr.limit"), False)
    registered = choose(stated, True, choose(p.within, _registered(), False))
    taken = choose(registered, low, False)
    return is_b2c() & in_force("sg.ovr.limit") & ~good("dutiable") & taken & p.by_air


def _assessment(
    p: _Parcel, at_vendor: tuple[Charge, ...], sold: Node, remarks: tuple[Remark, ...]
) -> Assessment:
    dutiable = choose(p.charged, good("dutiable"), False)
    taxed = choose(p.charged, ~(p.within & ~good("dutiable")), False)
    duties = choose(good("dutiable"), lookup("excise", "amount"), 0)
    base = step("gst_base", p.cif + duties, _IMPORT, "price, transport, insurance and duties")
    rate = lookup("gst", "rate")
    goods = step("intrinsic_value", p.v.goods, f"{_GST} s. 18A", "the price of the goods alone")
    return Assessment(
        goods,
        p.whole,
        choose(p.charged, p.whole > param("sg.relief.limit"), False),
        (
            Charge(
                "sg.duties",
                "tax",
                "excise",
                dutiable,
                duties,
                _DUTIES,
                "at_border",
                always("buyer"),
            ),
            *at_vendor,
            Charge(
                "sg.gst.import",
                "tax",
                "gst",
                choose(taxed, ~sold, False),
                step("gst_import", ratio(base, rate), _IMPORT),
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
                    "returned goods were taken as free: proof is needed that they left Singapore and come back "
                    "unaltered",
                ),
                "/transaction",
                _RELIEF,
                asks=True,
            ),
            Remark(
                "element.unknown",
                p.charged & ~present("transport_mode") & ~by_air(),
                ("transport_mode isn't given, and only goods by air or post have the relief",),
                "/transport_mode",
                _RELIEF,
                asks=True,
            ),
        ),
        split_limit=param("sg.relief.limit"),
        item_value=p.v.value,
    )


_TAX = only_with_code(tax_lookup(_LAW, "sg.gst.standard", "vat_rate", family="gst"))
_TAX_AT_SALE = only_with_code(tax_lookup(_LAW, "sg.gst.standard", "vat_rate", driver="order", family="gst"))

PACK = Pack(
    code="sg",
    name="Singapore",
    currency="SGD",
    members=("SG",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("sg.overseas_vendors", date(2023, 1, 1), None, _SALE, overseas_vendors),
        Formula("sg.relief", date(2007, 7, 1), date(2023, 1, 1), _RELIEF, relief),
    ),
    lookups={
        **exchange("mas", "SGD"),
        **at_sale("mas", "SGD"),
        "gst": _TAX,
        "gst_sale": replace(_TAX_AT_SALE, family="gst_sale"),
        "goods": only_with_code(goods_lookup(_LAW, ("dutiable",))),
        "excise": excise_lookup(),
    },
    numbered=("OVR",),
    schemes={"OVR": "GST taken with the price by a registered vendor, marketplace or redeliverer"},
    elections={
        "entry_value": "cif: the vendor measures the 400 dollars of an article with transport and insurance (s. 18)"
    },
    text=(
        "An article worth up to 400 Singapore dollars, without transport and insurance, that comes by air or post "
        "bears 9 % GST with the price if its seller or marketplace is registered. From a seller that isn't, a "
        "consignment by air or post is free up to 400 dollars with transport and insurance, and bears GST on all "
        "of that value above. Goods by sea or land bear GST at any value. Only liquor, tobacco, vehicles and "
        "petroleum bear duties; their rates aren't held."
    ),
)
