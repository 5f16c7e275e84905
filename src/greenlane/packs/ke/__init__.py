"""The law of Kenya on imported goods of low value, from 21 September 2016."""

from datetime import date

from greenlane.law.graph import Node, any_item, choose, lookup, matches, param, ratio, step, total
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always
from greenlane.packs.building import (
    EVIDENCE,
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
    values,
)

_LAW = read_law("ke")
_TARIFF = "East African Community common external tariff"
_LEVIES = "Miscellaneous Fees and Levies Act 2016"
_VAT = "VAT Act 2013 s. 14"
_PARTNERS = ("BI", "RW", "TZ", "UG")


def no_relief() -> Assessment:
    """From 21 September 2016: duty, import declaration fee, railway levy and VAT from the first shilling."""
    v = values(home="KES")
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    charged = ~is_documents() & ~is_returned()
    value = step(
        "customs_value", v.value + v.transport, _TARIFF, "the price with freight and insurance to Kenya"
    )
    origin = matches("items.origin_country", *_PARTNERS) & matches("departure_country", *_PARTNERS)
    partner = step(
        "partner_state_goods",
        choose(origin, param("ke.partners"), False),
        f"{_LEVIES} Second Schedule",
        "goods of partner states bear no duty, fee or levy",
    )
    duty = choose(partner, 0, duty_by_tariff(value, _TARIFF))
    declaration = step("import_declaration_fee", choose(partner, 0, ratio(value, param("ke.idf"))), _LEVIES)
    railway = step("railway_development_levy", choose(partner, 0, ratio(value, param("ke.rdl"))), _LEVIES)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    levies = choose(param("ke.vat.levies_in_base"), declaration + railway, 0)
    base = step("vat_base", value + duty + excise + levies, _VAT, "customs value, duty and excise")
    vat = step("vat", ratio(base, param("ke.vat.standard")), _VAT)
    owed = charged & ~partner
    return Assessment(
        step("intrinsic_value", v.goods, _TARIFF, "the price of the goods alone"),
        total(value),
        choose(charged, v.goods > param("ke.entry.limit"), False),
        (
            _charge("customs_duty", "duty", owed, duty, _TARIFF, value, lookup("tariff", "ad_valorem")),
            _charge(
                "import_declaration_fee", "fee", owed, declaration, f"{_LEVIES} s. 7", value, param("ke.idf")
            ),
            _charge(
                "railway_development_levy", "fee", owed, railway, f"{_LEVIES} s. 8", value, param("ke.rdl")
            ),
            _charge("excise", "tax", charged & good("excise"), excise, "Excise Duty Act 2015"),
            _charge("vat", "tax", charged, vat, _VAT, base, param("ke.vat.standard")),
        ),
        (
            Remark(
                EVIDENCE,
                charged & any_item(partner),
                ("goods were taken as goods of a partner state: a certificate of origin must be shown",),
                "/items",
                f"{_LEVIES} Second Schedule",
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they left and come back unaltered",
                ),
                "/transaction",
                "EACCMA 2004 (article not seen)",
                asks=True,
            ),
        ),
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
        f"ke.{name}", kind, name, when, amount, law, "at_border", always("buyer"), base=base, rate=rate
    )


PACK = Pack(
    code="ke",
    name="Kenya",
    currency="KES",
    members=("KE",),
    parameters=_LAW.parameters,
    formulas=(Formula("ke.no_relief", date(2016, 9, 21), None, _LEVIES, no_relief),),
    lookups={
        **exchange("kra", "KES"),
        "tariff": duty_lookup("ke-tariff", "KES"),
        "goods": only_with_code(goods_lookup(_LAW, ("excise",))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "ke.vat.standard"},
    exchange_growth=1_000,
    text=(
        "Kenya has no relief for low value: every parcel bears the duty of the East African tariff, an import "
        "declaration fee of 2.5 %, a railway levy of 2 % and VAT of 16 %, gifts too. The value holds freight and "
        "insurance. No schedule of duty and no rate of the shilling are held, so these need to be assumed or "
        "loaded. Excise on goods other than alcohol and tobacco, and the export and investment promotion levy on "
        "listed goods since July 2023, are not in this pack."
    ),
    uses=("ke-tariff",),
)
