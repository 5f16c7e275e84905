"""The law of the European Union on low-value consignments, from 1 December 2008."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    field,
    first,
    fit,
    lookup,
    matches,
    param,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Own, Pack, Remark, Waiver, always, in_force
from greenlane.packs import DESTINATIONS
from greenlane.packs.building import (
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    exchange_into,
    excise_lookup,
    foreign,
    good,
    goods_lookup,
    h7_remarks,
    in_own,
    is_b2c,
    is_documents,
    is_gift,
    is_returned,
    own_rate,
    read_law,
    tax_lookup,
    values,
    vendor,
)
from greenlane.values.finding import Severity, declare
from greenlane.values.money import RATE_SCALE

_LAW = read_law("eu")
_VAT = "Dir. 2006/112/EC"
_FLAT = "Reg. (EU) 2026/382"
_RELIEF = "Reg. (EC) No 1186/2009"
_FRENCH = "French Law 2026-103 art. 82"
_NATIONAL = ("BGN", "CZK", "DKK", "HRK", "HUF", "PLN", "RON", "SEK")
_AIR = "Reg. (EU) 2015/2447 art. 138, annex 23-01"

AIR_FREIGHT = declare(
    "value.air_freight",
    Severity.INFO,
    "The share of air freight that enters the customs value isn't held, so the whole of it was taken.",
    "Give the share for the airport with --assume `air_freight_share`, if the duty matters.",
)


def _customs_value(v: Values) -> Node:
    """Price, and transport to the border.

    Of air freight only the share flown outside the Union counts. Postal charges count whole, but for goods
    that are not of a commercial nature not at all.
    """
    by_post = choose(is_gift(), choose(param("eu.postal.gift_charges"), v.freight, 0), v.freight)
    by_air = ratio(v.freight, param("eu.air_freight.share"))
    freight = choose(
        matches("channel", "postal"), by_post, choose(_flown() & (v.freight > 0), by_air, v.freight)
    )
    return step(
        "customs_value",
        v.value + freight + v.insurance + v.other,
        "UCC art. 70-71",
        "price, transport and insurance",
    )


def _flown() -> Node:
    return matches("transport_mode", "air") & ~matches("channel", "postal")


def _whole_freight(dutiable: Node, v: Values) -> Remark:
    """A duty that rests on the whole of an air freight, because no share is held for its country."""
    whole = choose(_flown() & (v.freight > 0), param("eu.air_freight.share") >= RATE_SCALE, False)
    words = (
        "the share of air freight flown outside the Union isn't held for this country of departure; the "
        "whole freight is in the customs value",
    )
    return Remark(AIR_FREIGHT, choose(dutiable, whole, False), words, "/departure_country", _AIR)


def _least(goods: Node) -> Node:
    """What a member doesn't collect below: one amount for low value, another above it."""
    low = goods <= param("eu.simplified.limit")
    return choose(low, param("eu.min_collection"), param("eu.min_collection.above"))


def _relieved_gift(v: Values) -> Node:
    """The part of each line that is free as a gift: single articles up to the limit."""
    article = f"{_RELIEF} art. 25-26"
    free = fit(v.value, field("items.quantity"), param("eu.gift.limit"), is_gift())
    return step("relieved_as_gift", free, article, "gifts are free up to the limit; no article is split")


def _gift_duty(v: Values, gift_free: Node, customs_value: Node) -> Node:
    """Duty on a gift above its relief: the flat rate up to its limit, unless the tariff is free or asked for."""
    chargeable = choose(v.value - gift_free > 0, customs_value - gift_free, 0)
    article = "Reg. (EEC) No 2658/87 annex I part one II.D"
    tariff = duty_by_tariff(chargeable, "Reg. (EEC) No 2658/87 annex I")
    within = (total(v.value - gift_free) <= param("eu.gift.flat_rate_limit")) & ~matches(
        "elections.gift_rate", "tariff"
    )
    free = lookup("tariff", "ad_valorem") + lookup("tariff", "per_kg") + lookup("tariff", "per_unit") <= 0
    flat = choose(free, 0, ratio(chargeable, param("eu.gift.flat_rate")))
    return choose(v.value - gift_free > 0, choose(within, step("gift_flat_rate", flat, article), tariff), 0)


def _import_charges(
    p: "_Parcel", duty: Node, ioss: Node, special: Node, extra: Node, vat_due: Node
) -> tuple[tuple[Charge, ...], Node]:
    """VAT under the three schemes; returns the charges and what is due at the border in all."""
    v, charged = p.v, p.charged
    rate = lookup("vat", "rate")
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    taxable_share = v.value - p.gift_free
    sale_base = step(
        "ioss_base", v.value + v.transport + extra, f"{_VAT} art. 73", "the price paid, with transport"
    )
    import_base = step(
        "vat_base",
        choose(taxable_share > 0, taxable_share + v.transport + duty + extra + excise, 0),
        f"{_VAT} art. 85-86",
        "customs value, duty, excise and transport to the buyer",
    )
    at_sale = ratio(sale_base, rate)
    at_import = ratio(import_base, rate)
    ordinary = charged & vat_due & ~ioss & ~special
    border = total(choose(ordinary, at_import, 0)) + total(duty)
    waived = Waiver(
        border < _least(p.tested),
        "below the least amount that the member collects",
        "national law",
    )
    charges = (
        Charge(
            "eu.vat.ioss",
            "tax",
            "vat",
            charged & ioss,
            step("vat_ioss", at_sale, f"{_VAT} art. 369l-369zc"),
            f"{_VAT} art. 369l-369zc",
            "at_sale",
            vendor(),
            base=sale_base,
            rate=rate,
        ),
        Charge(
            "eu.vat.special",
            "tax",
            "vat",
            charged & special,
            step("vat_special", at_import, f"{_VAT} art. 369y-369zb"),
            f"{_VAT} art. 369y-369zb",
            "periodic",
            always("buyer"),
            always("carrier"),
            base=import_base,
            rate=rate,
        ),
        Charge(
            "eu.vat.import",
            "tax",
            "vat",
            ordinary,
            step("vat_import", at_import, f"{_VAT} art. 2(1)(d)"),
            f"{_VAT} art. 2(1)(d)",
            "at_border",
            always("buyer"),
            base=import_base,
            rate=rate,
            waived=waived,
        ),
        Charge(
            "eu.excise",
            "tax",
            "excise",
            charged & good("excise"),
            lookup("excise", "amount"),
            "Dir. (EU) 2020/262",
            "at_border",
            always("buyer"),
        ),
    )
    return charges, border


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What every period's rules begin with."""

    v: Values
    goods: Node
    tested: Node
    """The same, as limits in euro see it."""
    customs_value: Node
    gift_free: Node
    charged: Node


def _parcel() -> _Parcel:
    v = values()
    goods = step("intrinsic_value", v.goods, "UCC-DA art. 1(48)", "the price of the goods alone")
    charged = ~(is_documents() | is_returned())
    return _Parcel(v, goods, _tested(goods), _customs_value(v), _relieved_gift(v), charged)


def _tested(goods: Node) -> Node:
    """The intrinsic value at the rate of the year, where prices are in a member's own currency."""
    yearly = choose(matches("currency", *_NATIONAL), param("eu.limits.yearly_rate"), False)
    return choose(
        yearly,
        step(
            "intrinsic_value_for_limits",
            values(family="fx_limits").goods,
            f"{_RELIEF} art. 128",
            "limits in euro stand in a member's own currency at one rate for the year",
        ),
        goods,
    )


def _tariff_duty(p: _Parcel) -> Node:
    """The tariff's duty, or the flat rate on a gift."""
    by_tariff = duty_by_tariff(p.customs_value, "Reg. (EEC) No 2658/87 annex I")
    return choose(is_gift(), _gift_duty(p.v, p.gift_free, p.customs_value), by_tariff)


def _duty_above_relief(p: _Parcel) -> tuple[Node, Node]:
    """When duty is due while consignments of negligible value are free of it, and how much."""
    free = step(
        "relieved_of_duty",
        p.tested <= param("eu.relief.limit"),
        f"{_RELIEF} art. 23",
        "consignments of negligible value bear no duty",
    )
    dutiable = p.charged & (~free | good("no_relief"))
    return dutiable, choose(dutiable, _tariff_duty(p), 0)


def _french_in_base(p: _Parcel) -> Node:
    """The French tax as far as it enters the base of VAT, which isn't settled."""
    reading = choose(param("eu.fee.fr.in_vat_base"), choose(_bears_french(p), param("eu.fee.fr"), 0), 0)
    return choose(in_force("eu.fee.fr"), reading, 0)


def _h7(goods: Node) -> tuple[Remark, ...]:
    return h7_remarks(goods, param("eu.simplified.limit"), "EUR", "UCC-DA annex B")


def relief() -> Assessment:
    """1 December 2008 to 30 June 2021: duty relief to 150 euro, VAT relief to 22."""
    p = _parcel()
    dutiable, duty = _duty_above_relief(p)
    vat_free = (p.tested <= param("eu.vat.relief.limit")) & ~any_item(good("no_relief"))
    charges, border = _import_charges(p, duty, const(False), const(False), const(0), ~vat_free)
    return Assessment(
        p.goods,
        total(p.customs_value),
        p.tested > param("eu.simplified.limit"),
        (_customs_duty(p, dutiable, duty, border), *charges),
        (_whole_freight(dutiable, p.v),),
        split_limit=param("eu.relief.limit"),
        item_value=p.v.value,
    )


def ecommerce() -> Assessment:
    """1 July 2021 to 30 June 2026: VAT from the first cent, IOSS and special arrangement; duty relief to 150."""
    p = _parcel()
    dutiable, duty = _duty_above_relief(p)
    ioss, special = _schemes(p.tested)
    charges, border = _import_charges(p, duty, ioss, special, _french_in_base(p), const(True))
    return Assessment(
        p.goods,
        total(p.customs_value),
        p.tested > param("eu.simplified.limit"),
        (_customs_duty(p, dutiable, duty, border), *charges, *_fees(p)),
        (*_h7(p.tested), _whole_freight(dutiable, p.v)),
        split_limit=param("eu.ioss.limit"),
        item_value=p.v.value,
    )


def flat_duty() -> Assessment:
    """1 July 2026 to 30 June 2028: three euro a line on low-value distance sales, the tariff on the rest."""
    p = _parcel()
    goods, charged = p.goods, p.charged
    ioss, special = _schemes(p.tested)
    by_choice = matches("dataset", "H1") & matches("elections.h1_preference", "5") & ~ioss
    flat = step(
        "flat_duty_applies",
        is_b2c() & (p.tested <= param("eu.flat_duty.scope")) & ~by_choice,
        _FLAT,
        "distance sales up to the limit bear a flat duty for each line of the declaration",
    )
    first_line = choose(matches("dataset", "H1"), first("items.hs_code:10"), first("items.hs_code:6"))
    flat_due = step(
        "flat_duty",
        choose(first_line, param("eu.flat_duty.amount"), 0),
        _FLAT,
        "goods of the same code count once",
    )
    duty = choose(charged, choose(flat, flat_due, _tariff_duty(p)), 0)
    in_base = choose(param("eu.flat_duty.in_ioss_base"), choose(flat, flat_due, 0), 0)
    extra = choose(ioss, in_base, 0) + _french_in_base(p)
    charges, border = _import_charges(p, duty, ioss, special, extra, const(True))
    parties = {"ioss": vendor(), "special": always("buyer"), "standard": always("buyer")}
    flat_charges = tuple(
        Charge(
            f"eu.flat_duty.{scheme}",
            "duty",
            "flat_duty",
            charged & flat & when & first_line,
            flat_due,
            _FLAT,
            "at_border",
            parties[scheme],
            always("carrier") if scheme == "special" else None,
        )
        for scheme, when in (("ioss", ioss), ("special", special), ("standard", ~ioss & ~special))
    )
    return Assessment(
        goods,
        total(p.customs_value),
        p.tested > param("eu.simplified.limit"),
        (
            *flat_charges,
            _customs_duty(p, charged & ~flat, duty, border),
            *charges,
            *_fees(p),
        ),
        (*_h7(p.tested), _whole_freight(charged & ~flat, p.v)),
        split_limit=param("eu.flat_duty.scope"),
        item_value=p.v.value,
    )


def _schemes(goods: Node) -> tuple[Node, Node]:
    within = is_b2c() & (goods <= param("eu.ioss.limit")) & ~any_item(good("excise"))
    ioss = step(
        "ioss", matches("scheme", "IOSS") & within, f"{_VAT} art. 369l", "the tax is taken with the price"
    )
    special = step(
        "special_arrangement",
        matches("scheme", "SPECIAL") & within,
        f"{_VAT} art. 369y",
        "the carrier collects the tax and pays it monthly",
    )
    return ioss, special


def _customs_duty(p: "_Parcel", when: Node, duty: Node, border: Node) -> Charge:
    waived = Waiver(
        border < _least(p.tested),
        "below the least amount that the member collects",
        "national law",
    )
    return Charge(
        "eu.customs_duty",
        "duty",
        "customs_duty",
        when,
        duty,
        "Reg. (EEC) No 2658/87 annex I",
        "at_border",
        always("buyer"),
        base=p.customs_value,
        rate=lookup("tariff", "ad_valorem"),
        waived=waived,
    )


def _bears_french(p: _Parcel) -> Node:
    """The first item of each six-digit code of a consignment that can be declared in H7 and isn't a free gift."""
    left = choose(is_gift(), total(p.v.value - p.gift_free) > 0, True)
    small = (p.tested <= param("eu.simplified.limit")) & ~matches("dataset", "H1")
    return choose(p.charged & small & left, first("items.hs_code:6"), False)


def _fees(p: _Parcel) -> tuple[Charge, ...]:
    small = p.charged & (p.tested <= param("eu.simplified.limit"))
    sale = small & is_b2c()
    lei = step(
        "ro_logistics_fee", in_own(param("eu.fee.ro"), "ron"), "Romanian Law 239/2025", "25 lei a parcel"
    )
    declared = choose(matches("dataset", "H1"), total(p.customs_value), p.tested)
    return (
        Charge(
            "eu.fee.fr",
            "fee",
            "fr_small_parcels_tax",
            in_force("eu.fee.fr") & choose(in_force("eu.fee.fr"), _bears_french(p), False),
            step(
                "fr_small_parcels_tax",
                choose(first("items.hs_code:6"), param("eu.fee.fr"), 0),
                _FRENCH,
                "for each six-digit code in the parcel",
            ),
            _FRENCH,
            "at_border",
            always("declarant"),
        ),
        Charge(
            "eu.fee.ro",
            "fee",
            "ro_logistics_fee",
            sale
            & in_force("eu.fee.ro")
            & choose(in_force("eu.fee.ro"), p.tested < param("eu.fee.ro.below"), False),
            lei,
            "Romanian Law 239/2025",
            "periodic",
            vendor(),
            always("carrier"),
            own=Own("RON", param("eu.fee.ro"), own_rate("ron", "RON", "EUR")),
        ),
        *_italian(p, declared),
        Charge(
            "eu.fee.handling",
            "fee",
            "eu_handling_fee",
            sale & in_force("eu.fee.handling"),
            param("eu.fee.handling"),
            "EU customs reform",
            "at_border",
            always("declarant"),
        ),
    )


def _italian(p: _Parcel, declared: Node) -> tuple[Charge, ...]:
    """Two euro a consignment: paid with the standard declaration, by statement each fortnight with others."""
    due = in_force("eu.fee.it") & choose(
        in_force("eu.fee.it"), p.charged & (declared <= param("eu.fee.it.limit")), False
    )
    standard = matches("dataset", "H1")
    return tuple(
        Charge(
            f"eu.fee.it.{way}",
            "fee",
            "it_parcel_contribution",
            due & when,
            param("eu.fee.it"),
            "Italian Law 199/2025 art. 1(126)",
            collected,
            always("declarant"),
        )
        for way, when, collected in (("h1", standard, "at_border"), ("h7", ~standard, "periodic"))
    )


PACK = Pack(
    code="eu",
    name="European Union",
    currency="EUR",
    members=DESTINATIONS["eu"],
    parameters=_LAW.parameters,
    formulas=(
        Formula("eu.flat_duty", date(2026, 7, 1), date(2028, 7, 1), _FLAT, flat_duty),
        Formula("eu.ecommerce", date(2021, 7, 1), date(2026, 7, 1), "Dir. (EU) 2017/2455", ecommerce),
        Formula("eu.relief", date(2008, 12, 1), date(2021, 7, 1), _RELIEF, relief),
    ),
    lookups={
        **exchange("eu-customs", "EUR"),
        **exchange_into("limits", "eu-limits", "EUR"),
        **foreign("ron", "RON", "eu-customs", "EUR"),
        "tariff": duty_lookup("eu-cet", "EUR"),
        "vat": tax_lookup(_LAW, "eu.vat.standard", "vat_rate", key="destination_country"),
        "goods": goods_lookup(_LAW, ("excise", "no_relief")),
        "excise": excise_lookup(),
    },
    numbered=("IOSS",),
    across=("IOSS",),
    schemes={
        "IOSS": "import one-stop shop: VAT taken with the price",
        "SPECIAL": "special arrangement: the carrier collects VAT and pays it monthly",
    },
    elections={
        "h1_preference": "5: the tariff instead of the flat duty, in dataset H1 and outside IOSS",
        "gift_rate": "tariff: the tariff instead of the flat rate of 2.5 % on gifts",
    },
    datasets={"H7": "super-reduced, up to 150 euro", "H1": "standard"},
    aliases={"air_freight_share": "eu.air_freight.share"},
    text=(
        "Since 1 July 2026 goods sold to a consumer and sent in a parcel of up to 150 euro bear a customs duty of "
        "3 euro for each kind of goods, and VAT at the rate of the country of arrival. With an IOSS number the "
        "seller takes the VAT with the price; otherwise the carrier or the buyer pays it. Above 150 euro, and for "
        "goods sold to a business, the ordinary tariff applies. Gifts up to 45 euro between private persons are free."
    ),
    uses=("eu-cet",),
)
