"""The law of Saudi Arabia on low-value imported goods, from 1 January 2018."""

from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    equal,
    larger,
    lookup,
    matches,
    param,
    ratio,
    share,
    smaller,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, cases, in_force
from greenlane.packs.building import (
    EVIDENCE,
    PROCEDURE,
    duty_by_tariff,
    duty_lookup,
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
    values,
)

_LAW = read_law("sa")
_RELIEF = "ZATCA, personal goods from online stores"
_TARIFF = "Integrated customs tariff of Saudi Arabia"
_FEES = "ZATCA Board Resolution 03-03-24, fees for customs services"
_VAT = "VAT Implementing Regulations; ZATCA, personal goods from online stores"
_CARRIER = cases((matches("channel", "express", "postal"), "carrier"), otherwise="buyer")


def low_value() -> Assessment:
    """From 1 January 2018: no duty below 1,000 riyals, VAT on value, duty and fees from the first riyal."""
    v = values(home="SAR")
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    charged = ~is_documents() & ~is_returned()
    value = step("customs_value", v.value + v.transport, _TARIFF, "the price with freight and insurance")
    together = total(value)
    personal = is_b2c() | is_gift()
    below = step("below_limit", together < param("sa.relief.limit"), _RELIEF, "goods, freight and insurance")
    relieved = choose(personal, below, False)
    free = relieved & ~good("prohibited")
    duty = choose(free, 0, duty_by_tariff(value, _TARIFF))
    fee = step("customs_service_fee", _fee(together, duty, personal, relieved), _FEES)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    borne = choose(param("sa.vat.fees"), share(fee, value), 0)
    base = step(
        "vat_base", value + duty + excise + borne, _VAT, "goods, freight, insurance, duty and customs fees"
    )
    vat = step("vat", ratio(base, param("sa.vat.standard")), _VAT)
    return Assessment(
        step("intrinsic_value", v.goods, _RELIEF, "the price of the goods alone"),
        together,
        choose(charged, together >= param("sa.relief.limit"), False),
        (
            _charge("customs_duty", "duty", charged & ~free, duty, _TARIFF, value),
            _charge("customs_service_fee", "fee", charged & (fee > 0), fee, _FEES),
            _charge("excise", "tax", charged & good("excise"), excise, "Excise law"),
            _charge("vat", "tax", charged, vat, _VAT, base, param("sa.vat.standard")),
        ),
        (
            Remark(
                PROCEDURE,
                charged & any_item(good("prohibited")),
                ("alcoholic beverages may not be imported",),
                "/items",
                "prohibited goods",
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
        split_limit=param("sa.relief.limit"),
        item_value=v.value,
    )


def _fee(together: Node, duty: Node, personal: Node, relieved: Node) -> Node:
    """Since 6 October 2024 a share of the value between two amounts; before, an amount for a declaration."""
    share_of_value = larger(ratio(together, param("sa.fee.rate")), param("sa.fee.least"))
    exempt = param("sa.fee.most_exempt")
    capped = choose(equal(total(duty), 0), exempt, smaller(share_of_value, param("sa.fee.most")))
    # Up to the lower cap it doesn't matter whether duty is owed, so it need not be known.
    ordinary = choose(share_of_value <= exempt, share_of_value, capped)
    store = choose(personal, together <= param("sa.fee.store_limit"), False)
    declaration = choose(in_force("sa.fee.declaration"), param("sa.fee.declaration"), 0)
    return choose(
        in_force("sa.fee.rate"),
        choose(store, param("sa.fee.store"), ordinary),
        choose(relieved, 0, declaration),
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
    tariff = lookup("tariff", "ad_valorem") if kind == "duty" else rate
    return Charge(
        f"sa.{name}",
        kind,
        name,
        when,
        amount,
        law,
        "at_border",
        always("buyer"),
        _CARRIER,
        base=base,
        rate=tariff,
    )


PACK = Pack(
    code="sa",
    name="Saudi Arabia",
    currency="SAR",
    members=("SA",),
    parameters=_LAW.parameters,
    formulas=(Formula("sa.low_value", date(2018, 1, 1), None, _RELIEF, low_value),),
    lookups={
        **pegged(_LAW, "sa.fx.peg", "zatca", "SAR", "USD"),
        "tariff": duty_lookup("sa-tariff", "SAR"),
        "goods": only_with_code(goods_lookup(_LAW, ("excise", "prohibited"))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "sa.vat.standard"},
    text=(
        "Goods for a person's own use bear no customs duty below 1,000 riyals, freight and insurance included, where "
        "no authority must permit them. VAT of 15 % stands on everything from the first riyal: goods, freight, "
        "insurance, duty and the customs service fee of 15 riyals (0.15 % of the value above, at most 500). The "
        "carrier pays before release. No Saudi schedule of duty is held (rates run from 0 to 25 %), so goods of "
        "1,000 riyals and more need a rate assumed or loaded."
    ),
    uses=("sa-tariff",),
)
