"""The law of Thailand on imports of small value, from 31 July 2018."""

from datetime import date

from greenlane.law.graph import Node, choose, field, known, lookup, muldiv, param, ratio, step, total
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, in_force
from greenlane.packs.building import (
    DEEMED,
    EVIDENCE,
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    good,
    goods_lookup,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)
from greenlane.values.money import Rounding

_LAW = read_law("th")
_TARIFF = "Customs Tariff Decree B.E. 2530"
_FREE = f"{_TARIFF} Part 4 type 12"
_RELIEF = f"{_TARIFF} s. 12; Ministry of Finance Notification of 19 June 2024"
_CUSTOMS = "Customs Act B.E. 2560"
_VAT = "Revenue Code s. 79/2"
_MG_PER_KG = 1_000_000


def small_value() -> Assessment:
    """Free up to 1,500 baht until July 2024; then VAT from the first baht, and since 2026 duty too."""
    v = values(home="THB")
    fob = step("fob_value", v.goods, _CUSTOMS, "the price of the goods, without transport and insurance")
    value = step("customs_value", _value(v), _CUSTOMS, "price, transport and insurance")
    whole = total(value)
    free = step(
        "free_of_all",
        choose(param("th.free.by_item"), value <= param("th.free.limit"), whole <= param("th.free.limit")),
        _FREE,
        "goods up to the limit bear neither duty nor VAT",
    )
    due = choose(~is_documents() & ~is_returned(), ~free, False)
    low = step(
        "free_of_duty",
        choose(
            in_force("th.duty.limit"),
            choose(in_force("th.duty.limit"), whole <= param("th.duty.limit"), False),
            False,
        ),
        _RELIEF,
        "from July 2024 to December 2025 goods up to the limit bore VAT alone",
    )
    dutiable = choose(due, ~low, False)
    duty = choose(dutiable, duty_by_tariff(value, _TARIFF), 0)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    base = step("vat_base", value + duty + excise, _VAT, "customs value, duty and excise")
    rate = lookup("vat", "rate")
    return Assessment(
        fob,
        whole,
        choose(~is_documents(), fob > param("th.simplified.limit"), False),
        (
            Charge(
                "th.duty",
                "duty",
                "customs_duty",
                dutiable,
                duty,
                _TARIFF,
                "at_border",
                always("buyer"),
                base=value,
                rate=lookup("tariff", "ad_valorem"),
            ),
            Charge(
                "th.excise",
                "tax",
                "excise",
                choose(due, good("excise"), False),
                excise,
                "Excise Tax Act B.E. 2560",
                "at_border",
                always("buyer"),
            ),
            Charge(
                "th.vat",
                "tax",
                "vat",
                due,
                step("vat", ratio(base, rate), _VAT),
                f"{_VAT}; s. 80, 81(2)(c)",
                "at_border",
                always("buyer"),
                base=base,
                rate=rate,
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
                f"{_TARIFF} Part 4 type 1",
                asks=True,
            ),
            Remark(
                DEEMED,
                ~is_documents() & ~is_returned() & ~known(field("freight")),
                ("freight isn't given: customs counts an amount a kilogram, by zone, in its place",),
                "/freight",
                _CUSTOMS,
            ),
            Remark(
                DEEMED,
                ~is_documents() & ~is_returned() & ~known(field("insurance")),
                ("insurance isn't given: customs counts 1 % of the value of the goods in its place",),
                "/insurance",
                _CUSTOMS,
            ),
        ),
        split_limit=choose(
            in_force("th.duty.limit"),
            choose(in_force("th.duty.limit"), param("th.duty.limit"), 0),
            param("th.free.limit"),
        ),
        item_value=v.value,
    )


def _value(v: Values) -> Node:
    """Price, freight and insurance; where they aren't known, customs' own amounts by weight and value."""
    by_weight = muldiv(
        field("items.gross_mass_mg"), [param("th.freight.per_kg")], [_MG_PER_KG], Rounding.HALF_UP
    )
    freight = choose(known(field("freight")), v.freight, by_weight)
    insurance = choose(known(field("insurance")), v.insurance, ratio(v.value, param("th.insurance.deemed")))
    return v.value + freight + insurance + v.other


PACK = Pack(
    code="th",
    name="Thailand",
    currency="THB",
    members=("TH",),
    parameters=_LAW.parameters,
    formulas=(Formula("th.small_value", date(2018, 7, 31), None, _FREE, small_value),),
    lookups={
        **exchange("thai-customs", "THB"),
        "tariff": duty_lookup("th-tariff", "THB"),
        "vat": only_with_code(tax_lookup(_LAW, "th.vat.standard", "vat_rate")),
        "goods": only_with_code(goods_lookup(_LAW, ("excise",))),
        "excise": excise_lookup(),
    },
    aliases={"deemed_freight": "th.freight.per_kg", "deemed_insurance_rate": "th.insurance.deemed"},
    text=(
        "Since 1 January 2026 goods worth more than 1 baht bear the duty of the tariff and 7 % VAT on value and duty. "
        "From 5 July 2024 until then what one recipient receives up to 1,500 baht, transport and insurance included, "
        "bore VAT and no duty; before, neither. No Thai schedule of duty is held, so the duty needs a rate assumed or "
        "loaded."
    ),
    uses=("th-tariff",),
)
