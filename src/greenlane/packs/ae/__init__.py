"""The law of the United Arab Emirates on low-value imported goods, from 1 January 2018."""

from datetime import date

from greenlane.law.graph import Node, any_item, choose, lookup, matches, param, ratio, step, total
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, cases
from greenlane.packs.building import (
    EVIDENCE,
    duty_by_tariff,
    excise_lookup,
    good,
    goods_lookup,
    is_b2c,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    pegged,
    read_law,
    stated_duty,
    values,
)

_LAW = read_law("ae")
_RELIEF = "Dubai Customs Notice 5/2022 and its suspension"
_TARIFF = "GCC unified customs tariff"
_VAT = "Federal Decree-Law 8 of 2017"
_GCC = ("BH", "KW", "OM", "QA", "SA")
_CARRIER = cases((matches("channel", "express", "postal"), "carrier"), otherwise="buyer")


def low_value() -> Assessment:
    """From 1 January 2018: no duty up to a limit that each emirate sets, 5 % above; VAT from the first dirham."""
    v = values(home="AED")
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    charged = ~is_documents() & ~is_returned()
    value = step("customs_value", v.value + v.transport, _TARIFF, "the price with freight and insurance")
    within = step(
        "within_limit",
        v.goods <= param("ae.relief.limit"),
        _RELIEF,
        "the goods of a parcel, as declared, are worth no more than the limit",
    )
    personal = is_b2c() | is_gift()
    free = choose(personal & ~good("no_relief"), within, False)
    union = matches("items.origin_country", *_GCC) & matches("departure_country", *_GCC)
    national = choose(union, param("ae.duty.gcc"), False)
    duty = choose(free, 0, choose(national, 0, duty_by_tariff(value, _TARIFF)))
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    base = step("vat_base", value + duty + excise, _VAT, "value with freight and insurance, duty and excise")
    vat = step("vat", ratio(base, param("ae.vat.standard")), _VAT)
    return Assessment(
        step("intrinsic_value", v.goods, _RELIEF, "the price of the goods alone"),
        total(value),
        choose(charged, ~within, False),
        (
            _charge(
                "customs_duty",
                "duty",
                charged & ~free & ~national,
                duty,
                _TARIFF,
                value,
                lookup("tariff", "ad_valorem"),
            ),
            _charge("excise", "tax", charged & good("excise"), excise, "Excise law"),
            _charge("vat", "tax", charged, vat, _VAT, base, param("ae.vat.standard")),
        ),
        (
            Remark(
                EVIDENCE,
                charged & any_item(national & ~free),
                ("goods were taken as goods of a GCC state, free of duty: their origin must be shown",),
                "/items",
                "GCC customs union",
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they left and come back unaltered",
                ),
                "/transaction",
                "GCC Common Customs Law (article not seen)",
                asks=True,
            ),
        ),
        split_limit=param("ae.relief.limit"),
        item_value=v.value,
    )


def _charge(
    name: str,
    kind: str,
    when: Node,
    amount: Node,
    law: str,
    base: Node | None = None,
    rate: Node | None = None,
) -> Charge:
    return Charge(
        f"ae.{name}",
        kind,
        name,
        when,
        amount,
        law,
        "at_border",
        always("buyer"),
        _CARRIER,
        base=base,
        rate=rate,
    )


PACK = Pack(
    code="ae",
    name="United Arab Emirates",
    currency="AED",
    members=("AE",),
    parameters=_LAW.parameters,
    formulas=(Formula("ae.low_value", date(2018, 1, 1), None, _RELIEF, low_value),),
    lookups={
        **pegged(_LAW, "ae.fx.peg", "uae-customs", "AED", "USD"),
        "tariff": stated_duty(_LAW, "ae.duty.standard", "ae-tariff", "AED"),
        "goods": only_with_code(goods_lookup(_LAW, ("no_relief", "excise"))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "ae.vat.standard"},
    text=(
        "Goods for a person's own use up to 1,000 dirhams bear no customs duty; in Dubai the limit was 300 in January "
        "and February 2023 only. The emirate may be given in destination_region (AZ, DU, SH, AJ, UQ, RK, FU). Above "
        "the limit duty is 5 % of the value with freight and insurance; tobacco, e-cigarettes and alcohol have no "
        "relief. VAT of 5 % stands on everything from the first dirham. Fees for declarations aren't held."
    ),
    uses=("ae-tariff",),
)
