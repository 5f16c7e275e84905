"""The law of Australia on low-value imported goods, from 1 July 2018."""

from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
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
)
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, always, cases, in_force
from greenlane.packs.building import (
    EVIDENCE,
    REPORTER_CHARGE,
    Values,
    article_price,
    by_air,
    by_sea,
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

_LAW = read_law("au")
_GST = "GST Act 1999"
_SALE = f"{_GST} Subdiv. 84-C"
_RELIEF = "Customs Tariff Act 1995 Schedule 4 item 26"
_TARIFF = "Customs Tariff Act 1995 Schedule 3"
_IPC = "Import Processing Charges Act 2001 s. 5"
_BIOSECURITY = "Biosecurity Charges Imposition Acts"


def vendor_gst() -> Assessment:
    """From 1 July 2018: GST on the sale of low value goods; above the limit, duty and GST at the border."""
    v = values(home="AUD")
    goods = step(
        "customs_value",
        v.goods,
        "Customs Act 1901 s. 159",
        "the price of the goods, without international transport and insurance",
    )
    charged = ~is_documents() & ~is_returned()
    low = step(
        "low_value_consignment",
        goods <= param("au.relief.limit"),
        _RELIEF,
        "consignments up to the limit bear no duty and no GST at the border",
    )
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    full = choose(charged, ~low, False)
    taxed = choose(charged, ~low | good("no_relief"), False)
    at_sale = step(
        "gst_on_sale", _sold_with_gst(v, low), _SALE, "a registered vendor takes GST with the price"
    )
    duty = choose(taxed, duty_by_tariff(v.value, _TARIFF), 0)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    rate = lookup("gst", "rate")
    delivered = choose(param("au.gst.delivery"), v.transport, 0)
    price = step("price", v.value + delivered, f"{_GST} s. 9-75", "the price paid, with delivery")
    border = step(
        "value_of_importation",
        v.value + v.transport + duty + excise,
        f"{_GST} s. 13-20",
        "customs value, duty, international transport and insurance",
    )
    return Assessment(
        goods,
        goods,
        full,
        (
            Charge(
                "au.customs_duty",
                "duty",
                "customs_duty",
                taxed,
                duty,
                _TARIFF,
                "at_border",
                always("buyer"),
                base=v.value,
                rate=lookup("tariff", "ad_valorem"),
            ),
            Charge(
                "au.excise",
                "tax",
                "excise",
                choose(taxed, good("excise"), False),
                excise,
                _TARIFF,
                "at_border",
                always("buyer"),
            ),
            Charge(
                "au.gst.sale",
                "tax",
                "gst",
                choose(charged, at_sale, False),
                step("gst_sale", ratio(price, rate), _SALE),
                _SALE,
                "at_sale",
                _supplier(),
                base=price,
                rate=rate,
            ),
            Charge(
                "au.gst.import",
                "tax",
                "gst",
                choose(taxed, ~at_sale, False),
                step("gst_import", ratio(border, rate), f"{_GST} s. 13-20"),
                f"{_GST} s. 13-5, 13-20",
                "at_border",
                always("buyer"),
                base=border,
                rate=rate,
            ),
            *_declaration_charges(full, goods),
        ),
        (
            Remark(
                EVIDENCE,
                is_returned() & ~low,
                (
                    "returned goods were taken as free: proof is needed that they left Australia, come back "
                    "unaltered and bore GST before",
                ),
                "/transaction",
                f"{_GST} s. 42-10",
                asks=True,
            ),
            Remark(
                REPORTER_CHARGE,
                _self_assessed(charged & low) & known(param("au.sac")),
                (
                    "the party that lodges the self-assessed clearance owes ",
                    param("au.sac"),
                    " AUD for it if it lodges 278 or more in the quarter; not part of this total",
                ),
                "",
                "DAFF self-assessed clearance charge",
            ),
            Remark(
                REPORTER_CHARGE,
                _self_assessed(charged & low) & ~known(param("au.sac")),
                (
                    "the party that lodges the self-assessed clearance owes a charge from 278 of them "
                    "in the quarter; this year's amount isn't held; not part of this total",
                ),
                "",
                "DAFF self-assessed clearance charge",
            ),
            Remark(
                "element.unknown",
                full & ~by_sea() & ~by_air(),
                ("transport_mode isn't given, and the biosecurity charge depends on it",),
                "/transport_mode",
                _BIOSECURITY,
                asks=True,
            ),
        ),
        split_limit=param("au.relief.limit"),
        item_value=v.value,
    )


def _supplier() -> Cases:
    """The operator of a platform is treated as the supplier of what is sold through it (s. 84-81(3))."""
    return cases((present("platform.id"), "platform"), otherwise="seller")


def _sold_with_gst(v: Values, low: Node) -> Node:
    """True on items whose GST the vendor takes.

    Goods are low value one by one. In a consignment above the limit the vendor expects taxation at the border
    (s. 84-83) unless the declaration says that GST was taken (s. 42-15).
    """
    stated = matches("scheme", "AU_GST")
    platform = choose(present("platform.id"), param("au.gst.platform"), False)
    registered = choose(stated, True, choose(low, choose(platform, True, field("seller_registered")), False))
    return choose(
        is_b2c() & ~good("no_relief"),
        choose(registered, article_price(v.value) <= param("au.gst.low_value"), False),
        False,
    )


def _declaration_charges(full: Node, goods: Node) -> tuple[Charge, ...]:
    """What a full import declaration costs: customs' processing and biosecurity."""
    on_paper = matches("elections.lodgement", "documentary")
    high = goods >= param("au.ipc.step")
    processing = choose(
        on_paper,
        choose(high, param("au.ipc.documentary_high"), param("au.ipc.documentary")),
        choose(high, param("au.ipc.electronic_high"), param("au.ipc.electronic")),
    )
    unless_sea = choose(by_air(), param("au.biosecurity.air"), const(None))
    biosecurity = choose(by_sea(), param("au.biosecurity.sea"), unless_sea)
    return (
        Charge(
            "au.import_processing",
            "fee",
            "import_processing_charge",
            full,
            step("import_processing_charge", processing, _IPC, "for each import declaration"),
            _IPC,
            "at_border",
            always("buyer"),
        ),
        Charge(
            "au.biosecurity",
            "fee",
            "biosecurity_charge",
            full,
            step("biosecurity_charge", biosecurity, _BIOSECURITY, "for each full import declaration"),
            _BIOSECURITY,
            "at_border",
            always("buyer"),
        ),
    )


def _self_assessed(low: Node) -> Node:
    """Low value by air or sea cargo is cleared by self-assessment; mail has a lump sum instead."""
    return choose(
        in_force("au.sac"), low & ~matches("channel", "postal") & ~any_item(good("no_relief")), False
    )


PACK = Pack(
    code="au",
    name="Australia",
    currency="AUD",
    members=("AU",),
    parameters=_LAW.parameters,
    formulas=(Formula("au.vendor_gst", date(2018, 7, 1), None, _SALE, vendor_gst),),
    lookups={
        **exchange("abf", "AUD", "export"),
        "tariff": duty_lookup("au-tariff", "AUD"),
        "gst": only_with_code(tax_lookup(_LAW, "au.gst.standard", "vat_rate", family="gst")),
        "goods": only_with_code(goods_lookup(_LAW, ("excise", "no_relief"))),
        "excise": excise_lookup(),
    },
    numbered=("AU_GST",),
    schemes={
        "AU_GST": "GST taken with the price by a registered vendor, platform or redeliverer (ARN or ABN)"
    },
    elections={"lodgement": "documentary: the import declaration is lodged on paper, not electronically"},
    text=(
        "Goods worth up to 1,000 Australian dollars each, sold to a consumer by a registered seller or "
        "platform, bear 10 % GST with the price, delivery included; a parcel up to that value pays nothing "
        "at the border, except for alcohol and tobacco. Above it the buyer pays customs duty, GST on the "
        "value with transport, and the charges for the import declaration. No Australian schedule of duty "
        "is held, so those need a rate assumed or loaded."
    ),
    uses=("au-tariff",),
)
