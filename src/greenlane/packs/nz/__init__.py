"""The law of New Zealand on low-value imported goods, from 1 October 2010."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    field,
    lead_item,
    lookup,
    matches,
    param,
    present,
    ratio,
    share,
    smaller,
    step,
    total,
)
from greenlane.law.pack import (
    Assessment,
    Cases,
    Charge,
    Formula,
    Pack,
    Remark,
    Waiver,
    always,
    cases,
    in_force,
)
from greenlane.packs.building import (
    EVIDENCE,
    REPORTER_CHARGE,
    VENDOR_UNSTATED,
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
    is_gift,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)
from greenlane.values.money import RATE_SCALE

_LAW = read_law("nz")
_GST = "GST Act 1985"
_SALE = f"{_GST} s. 4B, 8, 10B"
_IMPORT = f"{_GST} s. 12"
_TARIFF = "New Zealand Tariff"
_RELIEF = "Customs and Excise Regulations 1996 reg. 70"
_ENTRY_FEE = "Customs and Excise Regulations 1996, import entry transaction fee"
_BIOSECURITY = "Biosecurity (System Entry Levy) Order 2010"
_LEVIES = "Customs and Excise (Goods Management Levies) Order 2025"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What both periods begin with."""

    v: Values
    goods: Node
    charged: Node
    gift_free: Node


def _parcel() -> _Parcel:
    v = values(home="NZD")
    goods = step(
        "customs_value",
        v.goods,
        "Customs and Excise Act 2018 Schedule 4",
        "the price of the goods, without international transport and insurance",
    )
    returned = choose(is_returned(), param("nz.returned.free"), False)
    eligible = choose(is_gift(), choose(good("no_gift"), 0, v.value), 0)
    gift_free = step(
        "relieved_as_gift",
        share(smaller(total(eligible), param("nz.gift.limit")), eligible),
        "New Zealand Tariff, concession 75",
        "of a gift only what lies above the limit is charged; tobacco is charged in full",
    )
    return _Parcel(v, goods, ~is_documents() & ~returned, choose(is_gift(), gift_free, 0))


def _border(p: _Parcel, taxed: Node) -> tuple[Node, Node, Node]:
    """Duty, excise and the value of the goods that bear charges, for items that are *taxed* at the border."""
    left = p.v.value - p.gift_free
    duty = choose(taxed, duty_by_tariff(left, _TARIFF), 0)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    return duty, excise, left


def waiver() -> Assessment:
    """1 October 2010 to 30 November 2019: duty and GST at the border, not collected below 60 dollars in all."""
    p = _parcel()
    v, charged = p.v, p.charged
    duty, excise, left = _border(p, charged)
    rate = lookup("gst", "rate")
    base = step(
        "value_of_importation",
        choose(left > 0, left + v.transport + duty + excise, 0),
        _IMPORT,
        "customs value, duty, transport and insurance",
    )
    gst = step("gst_import", ratio(base, rate), _IMPORT)
    dues = step("duty_and_gst", total(duty) + total(gst), _RELIEF, "what the consignment owes in all")
    small = step(
        "not_collected",
        choose(any_item(good("no_relief")), False, dues < param("nz.min_collection")),
        _RELIEF,
        "duty and GST below the least amount are not collected, except on alcohol and tobacco",
    )
    waived = Waiver(small, "duty and GST together are below the least amount that is collected", _RELIEF)
    return Assessment(
        p.goods,
        p.goods,
        choose(charged, p.goods > param("nz.entry.limit"), False),
        (
            _customs_duty(charged, duty, left, waived),
            _excise(charged, excise),
            Charge(
                "nz.gst.import",
                "tax",
                "gst",
                charged,
                gst,
                _IMPORT,
                "at_border",
                always("buyer"),
                base=base,
                rate=rate,
                waived=waived,
            ),
            *_entry_fees(lead_item() & choose(charged, ~small, False)),
        ),
        (_evidence(p.goods > param("nz.entry.limit")), *_unknown_gift()),
        split_limit=param("nz.entry.limit"),
        item_value=v.value,
    )


def vendor_gst() -> Assessment:
    """From 1 December 2019: GST on the sale of low value goods; above the limit, duty and GST at the border."""
    p = _parcel()
    v, goods, charged = p.v, p.goods, p.charged
    low = step(
        "low_value_consignment",
        goods <= param("nz.relief.limit"),
        _RELIEF,
        "consignments up to the limit bear no duty and no GST at the border",
    )
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    high = choose(charged, ~low, False)
    taxed = choose(charged, ~low | good("no_relief"), False)
    stated = matches("scheme", "NZ_GST")
    sold = step(
        "gst_on_sale",
        choose(charged, _sold_with_gst(v, low, stated), False),
        _SALE,
        "a registered vendor takes GST with the price",
    )
    duty, excise, left = _border(p, taxed)
    rate = lookup("gst", "rate")
    delivered = choose(param("nz.gst.delivery"), v.transport, 0)
    price = step("price", v.value + delivered, _SALE, "the price paid, with delivery")
    whole = choose(left > 0, left + v.transport + duty + excise, 0)
    border = step(
        "value_of_importation",
        choose(sold, duty, whole),
        _IMPORT,
        "customs value, duty, transport and insurance; the duty alone where the vendor took GST on the price",
    )
    alcohol = choose(any_item(good("no_relief")), param("nz.entry.excluded"), False)
    entered = choose(charged, choose(low, alcohol, True), False)
    return Assessment(
        goods,
        goods,
        high,
        (
            _customs_duty(taxed, duty, left, None),
            _excise(taxed, excise),
            Charge(
                "nz.gst.sale",
                "tax",
                "gst",
                sold,
                step("gst_sale", ratio(price, rate), _SALE),
                _SALE,
                "at_sale",
                _supplier(),
                base=price,
                rate=rate,
            ),
            Charge(
                "nz.gst.import",
                "tax",
                "gst",
                choose(taxed, choose(sold, border > 0, True), False),
                step("gst_import", ratio(border, rate), _IMPORT),
                _IMPORT,
                "at_border",
                always("buyer"),
                base=border,
                rate=rate,
            ),
            *_entry_fees(lead_item() & entered),
            *_levies(charged, entered),
        ),
        (
            _evidence(~low),
            *_unknown_gift(),
            Remark(
                VENDOR_UNSTATED,
                high & is_b2c() & ~stated & _registered(),
                (
                    "the vendor is registered, and may have taken GST on goods up to 1,000 dollars each; without "
                    "scheme NZ_GST all is charged at the border, and the vendor gives back what it took",
                ),
                "/scheme",
                f"{_GST} s. 12B, 12C",
            ),
            Remark(
                EVIDENCE,
                any_item(sold & (article_price(v.value) > param("nz.relief.limit"))),
                (
                    "GST on goods above 1,000 dollars was taken as charged by the vendor: it must have told Inland "
                    "Revenue of its choice, which is open while 75 % of its goods by value are worth less",
                ),
                "/elections",
                f"{_GST} s. 10C",
            ),
            Remark(
                REPORTER_CHARGE,
                choose(in_force("nz.levy.mail"), charged & low & matches("channel", "postal"), False),
                (
                    "the postal operator owes ",
                    param("nz.levy.mail"),
                    " NZD and GST for each kilogram of mail; not part of this total",
                ),
                "",
                _LEVIES,
            ),
            Remark(
                "element.unknown",
                choose(
                    in_force("nz.levy.low_air"),
                    choose(entered, False, charged) & ~by_sea() & ~by_air(),
                    False,
                ),
                ("transport_mode isn't given, and the goods management levy depends on it",),
                "/transport_mode",
                _LEVIES,
                asks=True,
            ),
        ),
        split_limit=param("nz.relief.limit"),
        item_value=v.value,
    )


def _supplier() -> Cases:
    """The operator of a marketplace is treated as the supplier of what is sold through it (s. 60C)."""
    return cases((present("platform.id"), "platform"), otherwise="seller")


def _registered() -> Node:
    platform = choose(present("platform.id"), param("nz.gst.platform"), False)
    return choose(platform, True, field("seller_registered"))


def _sold_with_gst(v: Values, low: Node, stated: Node) -> Node:
    """True on items whose GST the vendor takes.

    Goods are low value one by one. In a consignment above the limit the border charges all that the declaration
    doesn't name as taxed (s. 12C), and the vendor gives back what it took (s. 12B).
    """
    small = choose(in_force("nz.gst.low_value"), article_price(v.value) <= param("nz.gst.low_value"), False)
    chosen = choose(
        in_force("nz.gst.election"),
        matches("elections.high_value_goods", "vendor") & param("nz.gst.election"),
        False,
    )
    registered = choose(stated, True, choose(low, _registered(), False))
    return choose(
        is_b2c() & in_force("nz.gst.low_value") & ~good("no_relief"),
        choose(registered, small | chosen, False),
        False,
    )


def _customs_duty(when: Node, duty: Node, base: Node, waived: Waiver | None) -> Charge:
    return Charge(
        "nz.customs_duty",
        "duty",
        "customs_duty",
        when,
        duty,
        _TARIFF,
        "at_border",
        always("buyer"),
        base=base,
        rate=lookup("tariff", "ad_valorem"),
        waived=waived,
    )


def _excise(when: Node, excise: Node) -> Charge:
    return Charge(
        "nz.excise",
        "tax",
        "excise",
        choose(when, good("excise"), False),
        excise,
        "Excise and Excise-equivalent Duties Table",
        "at_border",
        always("buyer"),
    )


def _entry_fees(entered: Node) -> tuple[Charge, ...]:
    """What an import entry cost until 31 March 2026: the fee of Customs and the levy for biosecurity.

    They stand on the first item, because whether they are due rests on the rate of GST of each item.
    """
    return tuple(
        Charge(
            name,
            "fee",
            word,
            entered & in_force(name),
            step(word, choose(lead_item(), param(name), 0), article, "for each import entry, with GST"),
            article,
            "at_border",
            always("buyer"),
        )
        for name, word, article in (
            ("nz.ietf", "import_entry_transaction_fee", _ENTRY_FEE),
            ("nz.bsel", "biosecurity_entry_levy", _BIOSECURITY),
        )
    )


def _levies(charged: Node, entered: Node) -> tuple[Charge, ...]:
    """From 1 April 2026: levies on every consignment but mail of low value, whose operator pays by mass."""
    mail = matches("channel", "postal")
    by_mode = choose(
        by_sea(), param("nz.levy.low_sea"), choose(by_air(), param("nz.levy.low_air"), const(None))
    )
    started = in_force("nz.levy.low_air")
    return (
        Charge(
            "nz.levy.low",
            "fee",
            "goods_management_levy",
            started & choose(started, choose(entered, False, charged & ~mail), False),
            step(
                "goods_management_levy",
                _with_gst(by_mode),
                _LEVIES,
                "for each consignment of low value, by whoever reports it, with GST",
            ),
            _LEVIES,
            "periodic",
            always("declarant"),
        ),
        Charge(
            "nz.levy.high",
            "fee",
            "goods_management_levy",
            in_force("nz.levy.high") & choose(in_force("nz.levy.high"), entered, False),
            step(
                "goods_management_levy_entry",
                _with_gst(param("nz.levy.high")),
                _LEVIES,
                "for each import declaration, with GST",
            ),
            _LEVIES,
            "at_border",
            always("buyer"),
        ),
    )


def _with_gst(levy: Node) -> Node:
    return ratio(levy, param("nz.gst.standard") + RATE_SCALE)


def _evidence(charged_else: Node) -> Remark:
    return Remark(
        EVIDENCE,
        is_returned() & charged_else,
        (
            "returned goods were taken as free: proof is needed that they left New Zealand and come back "
            "unaltered; repaired goods are charged on the price of the repair",
        ),
        "/transaction",
        "Customs and Excise Act 2018 s. 152",
        asks=True,
    )


def _unknown_gift() -> tuple[Remark, ...]:
    return (
        Remark(
            EVIDENCE,
            is_gift(),
            (
                "the concession for gifts was applied once: it holds for each recipient, for gifts that were not "
                "asked for, sent by a private person abroad",
            ),
            "/transaction",
            "New Zealand Tariff, concession 75",
        ),
    )


PACK = Pack(
    code="nz",
    name="New Zealand",
    currency="NZD",
    members=("NZ",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("nz.vendor_gst", date(2019, 12, 1), None, _SALE, vendor_gst),
        Formula("nz.waiver", date(2010, 10, 1), date(2019, 12, 1), _RELIEF, waiver),
    ),
    lookups={
        **exchange("nz-customs", "NZD"),
        "tariff": duty_lookup("nz-tariff", "NZD"),
        "gst": only_with_code(tax_lookup(_LAW, "nz.gst.standard", "vat_rate", family="gst")),
        "goods": only_with_code(goods_lookup(_LAW, ("excise", "no_gift", "no_relief"))),
        "excise": excise_lookup(),
    },
    numbered=("NZ_GST",),
    schemes={"NZ_GST": "GST taken with the price by a registered vendor, marketplace or redeliverer"},
    elections={
        "high_value_goods": "vendor: the supplier takes GST on goods above 1,000 dollars too (s. 10C)"
    },
    aliases={"min_collect": "nz.min_collection"},
    text=(
        "Goods worth up to 1,000 New Zealand dollars each, sold to a consumer by a registered seller or marketplace, "
        "bear 15 % GST with the price, delivery included; a parcel up to that value pays no duty and no GST at the "
        "border, except for alcohol and tobacco. Above it the buyer pays duty on the price of the goods, GST on the "
        "price with duty and transport, and the charges of an import entry. Since 1 April 2026 each parcel of low "
        "value that isn't mail bears a small levy. Until 30 November 2019 duty and GST were taken at the border, "
        "and not collected below 60 dollars. No New Zealand schedule of duty is held, so duty needs a rate assumed "
        "or loaded."
    ),
    uses=("nz-tariff",),
)
