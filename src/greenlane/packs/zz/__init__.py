"""The law of ZZ, an invented country for examples and tests."""

from datetime import date

from greenlane.law.graph import choose, lookup, matches, param, ratio, step, total
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Waiver, always, in_force
from greenlane.packs.building import (
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    good,
    goods_lookup,
    is_b2c,
    is_documents,
    is_gift,
    read_law,
    tax_lookup,
    values,
    vendor,
)

_LAW = read_law("zz")
_CODE = "ZZ Customs Code"


def low_value() -> Assessment:
    """Duty above the relief, VAT from the first cent: at sale by a registered vendor, else at the border."""
    v = values()
    goods = step("intrinsic_value", v.goods, f"{_CODE} art. 2", "the price of the goods alone")
    line_value = step("customs_value", v.value + v.transport, f"{_CODE} art. 9", "goods and transport")
    customs_value = total(line_value)
    charged = ~is_documents() & ~(is_gift() & (goods <= param("zz.gift")))
    relieved = step(
        "relieved_of_duty", goods <= param("zz.relief"), f"{_CODE} art. 12(3)", "low value bears no duty"
    )
    dutiable = charged & ~relieved
    duty = duty_by_tariff(line_value, f"{_CODE} art. 31(1)")
    at_sale = step(
        "vat_at_sale",
        matches("scheme", "ZZ_VAT") & is_b2c() & relieved,
        "ZZ VAT Act art. 9",
        "a registered vendor takes the tax with the price",
    )
    duty_due = choose(dutiable, duty, 0)
    base = line_value + choose(at_sale, choose(param("zz.duty_in_base"), duty_due, 0), duty_due)
    vat = step("vat", ratio(base, lookup("vat", "rate")), "ZZ VAT Act art. 7")
    border = total(choose(charged & ~at_sale, vat, 0)) + total(duty_due)
    small = Waiver(
        border < param("zz.min_collection"), "below the least amount collected", f"{_CODE} art. 40"
    )
    return Assessment(
        goods,
        customs_value,
        goods > param("zz.high_value"),
        (
            Charge(
                "zz.duty",
                "duty",
                "customs_duty",
                dutiable,
                duty,
                f"{_CODE} art. 31(1)",
                "at_border",
                always("buyer"),
                base=line_value,
                rate=lookup("tariff", "ad_valorem"),
                waived=small,
            ),
            Charge(
                "zz.excise",
                "tax",
                "excise",
                charged & good("excise"),
                lookup("excise", "amount"),
                f"{_CODE} art. 50",
                "at_border",
                always("buyer"),
            ),
            Charge(
                "zz.vat.sale",
                "tax",
                "vat",
                charged & at_sale,
                vat,
                "ZZ VAT Act art. 9",
                "at_sale",
                vendor(),
                base=base,
                rate=lookup("vat", "rate"),
            ),
            Charge(
                "zz.vat.import",
                "tax",
                "vat",
                charged & ~at_sale,
                vat,
                "ZZ VAT Act art. 7",
                "at_border",
                always("buyer"),
                base=base,
                rate=lookup("vat", "rate"),
                waived=small,
            ),
            Charge(
                "zz.levy",
                "fee",
                "parcel_levy",
                charged & in_force("zz.levy"),
                param("zz.levy"),
                "ZZ Act 31/2026 art. 4",
                "at_border",
                always("buyer"),
            ),
        ),
        split_limit=param("zz.relief"),
        item_value=v.value,
    )


PACK = Pack(
    code="zz",
    name="ZZ (invented)",
    currency="ZZD",
    members=("ZZ",),
    parameters=_LAW.parameters,
    formulas=(Formula("zz.low_value", date(2024, 1, 1), None, _CODE, low_value),),
    lookups={
        **exchange("ecb", "ZZD"),
        "tariff": duty_lookup("zz", "ZZD"),
        "vat": tax_lookup(_LAW, "zz.vat", "vat_rate", driver="order"),
        "goods": goods_lookup(_LAW, ("excise",)),
        "excise": excise_lookup(),
    },
    numbered=("ZZ_VAT",),
    schemes={"ZZ_VAT": "VAT taken at sale by a registered vendor"},
    text="ZZ is an invented country. Its law shows each thing that a pack can say, and rests on nothing real.",
    uses=("zz",),
)
