"""The law of Norway on goods of low value, from 1 January 2015."""

from dataclasses import dataclass, replace
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
    present,
    ratio,
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
    CARRIER_FEE,
    EVIDENCE,
    PROCEDURE,
    VENDOR_UNSTATED,
    Values,
    article_price,
    at_sale,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    for_a_person,
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
    tax_lookup,
    values,
)
from greenlane.values.money import Rounding

_LAW = read_law("no")
_VAT = "Merverdiavgiftsloven"
_SALE = f"{_VAT} § 3-1 (2), 11-2"
_IMPORT = f"{_VAT} § 3-29"
_TARIFF = "Norwegian Customs Tariff"
_VALUE = "Tolloven § 7-17; from 2023 vareførselsloven § 6-10"
_LIMIT = "350-kronersgrensen"
_EXEMPT = "Tollforskriften § 4-10-4 bokstav i"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What every period begins with."""

    v: Values
    goods: Node
    cif: Node
    """Price, transport and insurance of the item."""
    charged: Node
    """Item level: neither documents, nor returned, nor a free gift."""


def _parcel() -> _Parcel:
    v = values(home="NOK")
    goods = step("intrinsic_value", v.goods, f"{_VAT} § 3-1 (2)", "the price of the goods alone")
    cif = step("customs_value", v.value + v.transport, _VALUE, "price, transport and insurance")
    returned = choose(is_returned(), param("no.returned.free"), False)
    gift = step(
        "relieved_as_gift",
        choose(is_gift(), (goods <= param("no.gift.limit")) & ~good("no_gift"), False),
        "Tolloven § 5-1",
        "gifts between private persons are free up to the limit, except for alcohol and tobacco",
    )
    charged = choose(is_documents(), False, ~returned & ~gift)
    return _Parcel(v, goods, cif, charged)


def _below(p: _Parcel, law: str) -> Node:
    """True where the consignment is below 350 kroner: goods that bear tax, with all freight and insurance."""
    counted = total(choose(good("not_counted"), 0, p.v.value)) + total(p.v.transport)
    return step(
        "below_350",
        counted < param("no.limit"),
        law,
        "the value of the goods that bear tax, with freight and insurance, is below the limit",
    )


def limit_350() -> Assessment:
    """1 January 2015 to 31 March 2020: consignments below 350 kroner bear no duty and no VAT."""
    p = _parcel()
    below = _below(p, _LIMIT)
    taxed = choose(p.charged, ~below | good("excluded"), False)
    return _assessment(
        p, taxed, const(False), choose(is_documents(), False, ~below), None, (), param("no.limit")
    )


def transition() -> Assessment:
    """1 April 2020 to 31 December 2023: VOEC begins; below 350 kroner nothing is declared, so nothing collected."""
    p = _parcel()
    below = _below(p, _EXEMPT)
    stated = matches("scheme", "VOEC")
    sold = _sold_in_voec(p, choose(stated, True, choose(below, _registered(), False)))
    exempt = Waiver(
        below & ~good("excluded"),
        "consignments below 350 kroner are not declared while VOEC is introduced",
        _EXEMPT,
    )
    high = choose(is_documents(), False, ~below & any_item(~sold))
    return _assessment(
        p,
        choose(p.charged, ~sold, False),
        sold,
        high,
        exempt,
        _voec_remarks(p, sold, stated, ~below),
        param("no.limit"),
    )


def first_krone() -> Assessment:
    """From 1 January 2024: VOEC, or duty and VAT at the border from the first krone."""
    p = _parcel()
    stated = matches("scheme", "VOEC")
    sold = _sold_in_voec(p, stated)
    high = choose(is_documents(), False, p.goods > param("no.bulk.limit"))
    bulk = Remark(
        PROCEDURE,
        matches("programme", "BULK") & ~(for_a_person() & (p.goods <= param("no.bulk.limit"))),
        (
            "a carrier may declare for several receivers at once only consignments to private persons, worth up "
            "to ",
            param("no.bulk.limit"),
            " NOK without freight: declare this one by itself",
        ),
        "/programme",
        "Tolletaten, samlefortolling",
        asks=True,
    )
    remarks = (*_voec_remarks(p, sold, stated, const(True)), bulk)
    return _assessment(p, choose(p.charged, ~sold, False), sold, high, None, remarks, None)


def _registered() -> Node:
    platform = choose(present("platform.id"), param("no.voec.platform"), False)
    return choose(platform, True, field("seller_registered"))


def _supplier() -> Cases:
    """The marketplace through which is sold owes the tax (§ 11-2, 2-1 (3))."""
    return cases((present("platform.id"), "platform"), otherwise="seller")


def _qualifies() -> Node:
    """True on articles that VOEC admits: below the limit by the price alone, and no excluded goods."""
    sale = values(home="NOK", family="fx_sale")
    started = in_force("no.voec.limit")
    low = step(
        "low_value_article",
        article_price(sale.value) < param("no.voec.limit"),
        f"{_VAT} § 3-1 (2)",
        "an article below the limit, by its price without freight and insurance",
    )
    return started & choose(started, low, False) & ~good("excluded")


def _sold_in_voec(p: _Parcel, taken: Node) -> Node:
    return step(
        "vat_on_sale",
        choose(choose(is_documents(), False, is_b2c() & for_a_person()), taken & _qualifies(), False),
        _SALE,
        "the seller or the marketplace takes the VAT with the price, and no duty is due",
    )


def _voec_remarks(p: _Parcel, sold: Node, stated: Node, declared: Node) -> tuple[Remark, ...]:
    return (
        Remark(
            PROCEDURE,
            stated & any_item(p.charged & ~sold),
            (
                "VOEC isn't open for articles of 3,000 kroner or more, food, alcohol, tobacco, excise goods and "
                "restricted goods, nor for businesses: those are declared and charged at the border",
            ),
            "/scheme",
            f"{_VAT} § 3-1 (2)",
        ),
        Remark(
            VENDOR_UNSTATED,
            ~stated & declared & is_b2c() & _registered() & any_item(p.charged & _qualifies()),
            (
                "the vendor is registered, and may have taken the VAT; without the VOEC number in the carrier's "
                "data duty and VAT are charged at the border",
            ),
            "/scheme",
            "Tolletaten, VOEC",
        ),
    )


def _assessment(
    p: _Parcel,
    taxed: Node,
    sold: Node,
    high: Node,
    waived: Waiver | None,
    remarks: tuple[Remark, ...],
    split_limit: Node | None,
) -> Assessment:
    whole_krone = param("no.rounding.step")

    def unless_exempt(amount: Node) -> Node:
        """What isn't declared isn't assessed either, and needs neither tariff nor rate."""
        return amount if waived is None else choose(waived.when, const(None), amount)

    # Cut to the øre first, which leaves the half krone where it is: the charge is rounded once.
    by_tariff = duty_by_tariff(p.cif, _TARIFF, Rounding.DOWN)
    duty = step(
        "customs_duty",
        choose(taxed, unless_exempt(in_steps(by_tariff, whole_krone, Rounding.HALF_UP)), 0),
        _TARIFF,
        "the duty in whole kroner",
    )
    excise = choose(good("excise"), unless_exempt(lookup("excise", "amount")), 0)
    base = step("vat_base", p.cif + duty + excise, _IMPORT, "customs value, duty and excise")
    rate = lookup("vat", "rate")
    vat = step(
        "vat_import",
        unless_exempt(ratio_in_steps(base, rate, whole_krone, Rounding.HALF_UP)),
        _IMPORT,
        "the rate of the goods, in whole kroner",
    )
    business = matches("transaction", "b2b") & matches("scheme", "NO_VAT")
    reported = in_force("no.vat.reported") & business
    return Assessment(
        p.goods,
        total(p.cif),
        high,
        (
            Charge(
                "no.customs_duty",
                "duty",
                "customs_duty",
                taxed,
                duty,
                _TARIFF,
                "at_border",
                always("buyer"),
                base=p.cif,
                rate=lookup("tariff", "ad_valorem"),
                waived=waived,
            ),
            Charge(
                "no.excise",
                "tax",
                "excise",
                choose(taxed, good("excise"), False),
                excise,
                "Særavgiftsforskriften",
                "at_border",
                always("buyer"),
                waived=waived,
            ),
            *_vat_on_sale(sold),
            Charge(
                "no.vat.import",
                "tax",
                "vat",
                choose(taxed, ~reported, False),
                vat,
                _IMPORT,
                "at_border",
                always("buyer"),
                base=base,
                rate=rate,
                waived=waived,
            ),
            Charge(
                "no.vat.reported",
                "tax",
                "vat",
                choose(taxed, reported, False),
                vat,
                _IMPORT,
                "periodic",
                always("buyer"),
                base=base,
                rate=rate,
            ),
        ),
        (
            *remarks,
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they left Norway and come back "
                    "unaltered",
                ),
                "/transaction",
                "Tollavgiftsloven",
                asks=True,
            ),
            Remark(
                CARRIER_FEE,
                any_item(_collected(taxed, waived)) & (field("carrier_fees") <= 0),
                ("the carrier declares these goods, and may charge the buyer for it",),
                "/carrier_fees",
                "Tolletaten, the VOEC scheme",
            ),
        ),
        split_limit=split_limit,
        item_value=p.v.value,
    )


def _collected(taxed: Node, waived: Waiver | None) -> Node:
    return taxed if waived is None else choose(taxed, ~waived.when, False)


def _vat_on_sale(sold: Node) -> tuple[Charge, ...]:
    if sold.op == "const":
        return ()
    sale = values(home="NOK", family="fx_sale")
    delivered = choose(param("no.voec.delivery"), sale.transport, 0)
    price = step("price", sale.value + delivered, _SALE, "the price paid, with freight and insurance")
    rate = lookup("vat_sale", "rate")
    return (
        Charge(
            "no.vat.sale",
            "tax",
            "vat",
            sold,
            step("vat_sale", ratio(price, rate), _SALE),
            _SALE,
            "at_sale",
            _supplier(),
            base=price,
            rate=rate,
        ),
    )


_RATE_AT_SALE = only_with_code(tax_lookup(_LAW, "no.vat.standard", "vat_rate", driver="order"))

PACK = Pack(
    code="no",
    name="Norway",
    currency="NOK",
    members=("NO",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("no.first_krone", date(2024, 1, 1), None, _SALE, first_krone),
        Formula("no.transition", date(2020, 4, 1), date(2024, 1, 1), _EXEMPT, transition),
        Formula("no.limit_350", date(2015, 1, 1), date(2020, 4, 1), _LIMIT, limit_350),
    ),
    lookups={
        **exchange("no-customs", "NOK"),
        **at_sale("no-customs", "NOK"),
        "tariff": duty_lookup("no-tariff", "NOK"),
        "vat": only_with_code(tax_lookup(_LAW, "no.vat.standard", "vat_rate")),
        "vat_sale": replace(_RATE_AT_SALE, family="vat_sale"),
        "goods": only_with_code(goods_lookup(_LAW, ("excise", "excluded", "no_gift", "not_counted"))),
        "excise": excise_lookup(),
    },
    numbered=("VOEC",),
    schemes={
        "VOEC": "VAT taken with the price by a seller or marketplace of the VOEC register",
        "NO_VAT": "Norwegian VAT number of a business buyer, which reports the import VAT itself",
    },
    programmes={"BULK": "a carrier with the permission declares for several private receivers at once"},
    text=(
        "An article below 3,000 kroner, without freight, sold to a consumer by a shop of the VOEC register, bears "
        "25 % VAT with the price and no duty, unless it is food, alcohol, tobacco, excise goods or restricted. All "
        "else bears duty and VAT at the border from the first krone since 1 January 2024, in whole kroner; food "
        "bears 15 %. Before, consignments below 350 kroner with freight were free, and from 1 April 2020 they "
        "were not declared. Private gifts up to 1,000 kroner are free. No Norwegian schedule of duty is held, so "
        "duty needs a rate assumed or loaded."
    ),
    uses=("no-tariff",),
)
