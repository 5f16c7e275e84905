"""The law of Switzerland on goods bought abroad, from 1 January 2011; Liechtenstein lies in its customs territory."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    choose,
    equal,
    field,
    lookup,
    matches,
    param,
    present,
    ratio,
    share,
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
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
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
from greenlane.values.finding import Severity, declare
from greenlane.values.money import Rounding

IMPORT_BY_VENDOR = declare(
    "import.by_vendor",
    Severity.INFO,
    "The vendor imports the goods in its own name, and deducts the import tax assessed on it.",
    "Declare the vendor as importer; the buyer pays nothing at the border.",
)

_LAW = read_law("ch")
_ACT = "VAT Act"
_SMALL = "SR 641.204 art. 1"
_TARIFF = "Customs Tariff Act"
_NOT_LEVIED = "at or below the amount that isn't levied"


@dataclass(frozen=True, slots=True)
class _Tax:
    """The import tax of the goods of both rates, item by item; rounded by rate."""

    base: Node
    amount: Node
    whole: Node
    """Consignment level."""


def goods_from_abroad() -> Assessment:
    """Import tax on price and costs above 5 francs of tax; sales by liable vendors and platforms as at home."""
    v = values(home="CHF")
    goods = step("intrinsic_value", v.goods, f"{_ACT} art. 54", "the price of the goods alone")
    due = _due(v)
    sold = step(
        "tax_on_sale", _at_sale(), f"{_ACT} art. 7 and 20a", "a liable vendor takes the VAT with the price"
    )
    duty = choose(due, _duty(v), 0)
    duty_small = total(duty) <= param("ch.duty.waiver")
    levied = choose(duty_small, 0, duty)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    taxed = choose(due, v.value + v.transport + levied + excise, 0)
    fees = choose(param("ch.vat.fees"), share(v.carrier_fees, v.value), 0)
    tax = _import_tax(choose(due, taxed + fees, 0))
    tested = choose(param("ch.vat.waiver_counts_fees"), tax.whole, _import_tax(taxed).whole)
    price = step("price", v.value + v.transport, f"{_ACT} art. 24", "the price paid, with delivery")
    rate = lookup("vat", "rate")
    return Assessment(
        goods,
        step(
            "value_with_transport",
            total(v.value + v.transport),
            f"{_ACT} art. 54",
            "price and costs to the destination",
        ),
        goods > param("ch.simplified.limit"),
        (
            Charge(
                "ch.customs_duty",
                "duty",
                "customs_duty",
                choose(due, ~good("industrial"), False),
                duty,
                _TARIFF,
                "at_border",
                _importer(sold),
                base=v.value + v.transport,
                rate=lookup("tariff", "ad_valorem"),
                waived=Waiver(duty_small, _NOT_LEVIED, "amounts up to 5 francs a declaration"),
            ),
            Charge(
                "ch.excise",
                "tax",
                "excise",
                choose(due, good("excise"), False),
                excise,
                "Tobacco, beer, alcohol, mineral oil and automobile tax acts",
                "at_border",
                _importer(sold),
            ),
            Charge(
                "ch.vat.sale",
                "tax",
                "vat",
                choose(due, sold, False),
                step("vat_on_sale", ratio(price, rate), f"{_ACT} art. 7 and 20a"),
                f"{_ACT} art. 7 para. 3 let. b and art. 20a",
                "at_sale",
                _vendor(),
                base=price,
                rate=rate,
            ),
            Charge(
                "ch.vat.import",
                "tax",
                "vat",
                choose(due, ~sold, False),
                tax.amount,
                f"{_ACT} art. 50-54",
                "at_border",
                always("buyer"),
                base=tax.base,
                rate=rate,
                waived=Waiver(tested <= param("ch.vat.waiver"), _NOT_LEVIED, f"{_SMALL} let. d"),
            ),
        ),
        (
            Remark(
                IMPORT_BY_VENDOR,
                ~is_documents() & ~is_returned() & sold,
                (
                    "the vendor imports in its own name: import tax above ",
                    param("ch.vat.waiver"),
                    " CHF is assessed on it and deducted in its return, so the VAT counts once",
                ),
                "/seller_registered",
                "VAT Ordinance art. 4a para. 2",
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                ("returned goods were taken as free: proof is needed that they come back unaltered",),
                "/transaction",
                f"{_ACT} art. 53",
                asks=True,
            ),
        ),
        item_value=v.value,
    )


def _due(v: Values) -> Node:
    """True on items that are neither documents, returned goods nor part of a gift within the limit."""
    within = step(
        "gift_within_limit",
        v.goods <= param("ch.gift.limit"),
        f"{_SMALL} let. a",
        "gifts of small value are free",
    )
    given = choose(is_gift(), choose(within, good("no_relief"), True), True)
    return choose(~is_documents() & ~is_returned(), given, False)


def _platform() -> Node:
    return in_force("ch.platform.liable") & present("platform.id")


def _at_sale() -> Node:
    """True where a liable platform or mail-order seller takes the VAT with the price, from any turnover that binds it."""
    mail_order = in_force("ch.mail_order.turnover") & field("seller_registered")
    vendor = choose(_platform(), param("ch.platform.liable"), mail_order)
    bound = choose(matches("scheme", "CH_VAT"), True, vendor)
    here = choose(matches("destination_country", "LI"), param("ch.sale.liechtenstein"), True)
    return choose(is_b2c() | matches("transaction", "b2b"), choose(bound, here, False), False)


def _vendor() -> Cases:
    return cases((_platform(), "platform"), otherwise="seller")


def _importer(sold: Node) -> Cases:
    """Who imports: the liable vendor in its own name, else the buyer."""
    return cases((sold & _platform(), "platform"), (sold, "seller"), otherwise="buyer")


def _duty(v: Values) -> Node:
    """Duty by gross weight or as the tariff says; none on industrial products since 2024."""
    by_tariff = duty_by_tariff(v.value + v.transport, _TARIFF, mass_field="items.gross_mass_mg")
    return choose(good("industrial"), 0, by_tariff)


def _import_tax(base: Node) -> _Tax:
    """Tax on *base*, an item value: summed and rounded by rate, then put back on the items by their base."""
    reduced = ~equal(lookup("vat", "rate"), param("ch.vat.standard"))
    low, high = choose(reduced, base, 0), choose(reduced, 0, base)
    base_low, base_high = _rounded_base(total(low)), _rounded_base(total(high))
    tax_low = _rounded_tax(base_low, param("ch.vat.reduced"))
    tax_high = _rounded_tax(base_high, param("ch.vat.standard"))
    return _Tax(
        step(
            "vat_base",
            choose(reduced, share(base_low, low), share(base_high, high)),
            f"{_ACT} art. 54",
            "price, costs to the destination with the clearance fee, duties; in whole francs",
        ),
        step(
            "import_tax",
            choose(reduced, share(tax_low, low), share(tax_high, high)),
            f"{_ACT} art. 55",
            "the rate on the base of all goods of that rate, rounded once",
        ),
        tax_low + tax_high,
    )


def _rounded_base(base: Node) -> Node:
    whole = param("ch.vat.base_step")
    nearest = in_steps(base, whole, Rounding.HALF_UP)
    return choose(param("ch.vat.base_nearest"), nearest, in_steps(base, whole, Rounding.DOWN))


def _rounded_tax(base: Node, rate: Node) -> Node:
    return ratio_in_steps(base, rate, param("ch.vat.step"), Rounding.HALF_UP)


PACK = Pack(
    code="ch",
    name="Switzerland and Liechtenstein",
    currency="CHF",
    members=("CH", "LI"),
    parameters=_LAW.parameters,
    formulas=(
        Formula("ch.goods_from_abroad", date(2011, 1, 1), None, "VAT Act and customs law", goods_from_abroad),
    ),
    lookups={
        **exchange("bazg-daily", "CHF"),
        "tariff": duty_lookup("ch-tariff", "CHF"),
        "vat": only_with_code(tax_lookup(_LAW, "ch.vat.standard", "vat_rate")),
        "goods": only_with_code(goods_lookup(_LAW, ("excise", "no_relief", "industrial"))),
        "excise": excise_lookup(),
    },
    schemes={"CH_VAT": "VAT taken with the price by a vendor registered in Switzerland or Liechtenstein"},
    aliases={"vat_rate": "ch.vat.standard"},
    text=(
        "The buyer pays import tax of 8.1 % (2.6 % on food, books and newspapers) on the price with transport and the "
        "carrier's clearance fee; tax of up to 5 francs isn't levied, which is a parcel of some 62 francs. A "
        "mail-order seller with 100,000 francs of small parcels a year, and since 2025 a platform, takes the VAT "
        "with the price instead. Industrial goods are free of duty since 2024; food and drink bear duty by gross "
        "weight, and no Swiss schedule of duty is held. Gifts between private persons are free up to 100 francs."
    ),
    uses=("ch-tariff",),
)
