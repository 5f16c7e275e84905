"""The law of Brazil on international parcels under the simplified tax regime, from 15 September 2017."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    equal,
    excess,
    field,
    lookup,
    matches,
    muldiv,
    param,
    present,
    ratio,
    share,
    step,
    total,
)
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, always, cases, in_force
from greenlane.packs.building import (
    CARRIER_FEE,
    EVIDENCE,
    PROCEDURE,
    at_most_foreign,
    declared_with_transport,
    duty_by_tariff,
    duty_lookup,
    exchange,
    foreign,
    good,
    goods_lookup,
    in_own,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)
from greenlane.values.money import RATE_SCALE, Rounding

_LAW = read_law("br")
_RTS = "Portaria MF 156/1999 art. 1"
_PRC = "Decreto-Lei 1.804/1980 art. 1; Portaria MF 156/1999 art. 1-B"
_MEDICINE = "Lei 15.071/2024; Portaria MF 156/1999"
_ICMS = "Convênio ICMS 81/2023"
_COMMON = "common import regime (Decreto 6.759/2009)"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What the regime looks at."""

    customs_value: Node
    """By item: price, freight, insurance and other charges."""
    declared: Node
    """The same in the declared currency, for limits in dollars when that is the dollar."""
    medicine: Node
    """By item: a medicine at a rate of zero."""


def simplified() -> Assessment:
    """60 % under the simplified regime, less in Remessa Conforme; ICMS in its own base."""
    v = values(home="BRL")
    goods = step("price", v.goods, _RTS, "the price of the goods")
    customs_value = step(
        "customs_value", v.value + v.transport, _RTS, "price, freight and insurance, as paid for the parcel"
    )
    declared = declared_with_transport()
    parcel = _Parcel(customs_value, declared, _medicine(customs_value, declared))
    charged = choose(is_documents() | is_returned(), False, ~good("immune"))
    simple = step(
        "simplified_regime",
        choose(
            matches("channel", "postal", "express"),
            _within(parcel, "br.rts.limit") & ~any_item(good("not_simplified")),
            False,
        ),
        _RTS,
        "parcels by mail and express up to the limit; no alcohol or tobacco",
    )
    certified = choose(_certified(), in_force("br.prc.band"), False)
    exempt = step(
        "exempt_between_persons",
        choose(is_gift(), _within(parcel, "br.gift.limit"), False),
        _RTS,
        "a parcel from one natural person to another is free of import tax up to the limit",
    )
    tax = step("import_tax", _import_tax(parcel), _PRC, "the rate of the band, less the deduction")
    taxed = choose(charged, choose(simple, ~parcel.medicine & ~exempt, False), False)
    common = choose(charged, ~simple, False)
    duty = choose(taxed, tax, 0)
    rate = lookup("icms", "rate")
    icms = muldiv(customs_value + duty, [rate], [RATE_SCALE - rate], Rounding.HALF_UP)
    whole = muldiv(customs_value + duty, [RATE_SCALE], [RATE_SCALE - rate], Rounding.HALF_UP)
    icms_due = choose(charged, choose(simple, choose(exempt, param("br.icms.gift"), True), False), False)

    def two(rule: str, at_sale: Node | None) -> tuple[Charge, Charge]:
        """Import tax and ICMS, collected with the price where *at_sale*, else from the buyer before release."""
        when = certified if at_sale is not None else ~certified
        collected = "at_border" if at_sale is None else "at_sale"
        payer = always("buyer") if at_sale is None else _collector()
        return (
            Charge(
                f"br.import_tax{rule}",
                "duty",
                "customs_duty",
                choose(taxed, when, False),
                tax,
                _PRC,
                collected,
                always("buyer"),
                payer,
                base=customs_value,
                rate=_rate(parcel),
            ),
            Charge(
                f"br.icms{rule}",
                "tax",
                "icms",
                choose(icms_due, when, False),
                step(f"icms{rule.replace('.', '_')}", icms, _ICMS, "the tax stands in its own base"),
                _ICMS,
                collected,
                always("buyer"),
                payer,
                base=whole,
                rate=rate,
            ),
        )

    return Assessment(
        goods,
        total(customs_value),
        ~simple,
        (
            *two("", None),
            *two(".at_sale", certified),
            Charge(
                "br.common.duty",
                "duty",
                "customs_duty",
                common,
                duty_by_tariff(customs_value, _COMMON),
                _COMMON,
                "at_border",
                always("buyer"),
                base=customs_value,
                rate=lookup("tariff", "ad_valorem"),
            ),
            # Of IPI, PIS and COFINS, and of ICMS on them, no rates are held.
            Charge(
                "br.common.icms",
                "tax",
                "icms",
                common,
                choose(good("immune"), 0, const(None)),
                _COMMON,
                "at_border",
                always("buyer"),
            ),
        ),
        (
            Remark(
                PROCEDURE,
                any_item(common),
                (
                    "the simplified regime is for parcels by mail or express up to ",
                    param("br.rts.limit"),
                    " US dollars without alcohol or tobacco: declare it in the common regime, where IPI, PIS, COFINS "
                    "and ICMS, whose rates aren't held, are due with the duty",
                ),
                "/channel",
                _RTS,
                asks=True,
            ),
            Remark(
                EVIDENCE,
                any_item(parcel.medicine),
                (
                    "a medicine was taken as imported by a person for own use, at a rate of zero: hold the prescription "
                    "and what Anvisa asks ready",
                ),
                "/items",
                _MEDICINE,
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                ("returned goods were taken as free: proof is needed that they left Brazil before",),
                "/transaction",
                "Decreto 6.759/2009",
                asks=True,
            ),
            Remark(
                CARRIER_FEE,
                matches("channel", "postal") & any_item(charged) & equal(field("carrier_fees"), 0),
                (
                    "Correios may charge the buyer ",
                    param("br.correios.dispatch"),
                    " BRL for postal dispatch; not part of this total",
                ),
                "/carrier_fees",
                "Correios postal dispatch",
            ),
        ),
        split_limit=in_own(param("br.gift.limit"), "usd"),
        item_value=v.value,
    )


def _medicine(customs_value: Node, declared: Node) -> Node:
    """A medicine that a natural person claims for own use; its value counts in no band."""
    claimed = choose(matches("items.relief_claim", "MEDICINE"), good("medicine"), False)
    mine = choose(matches("transaction", "b2b"), False, claimed)
    own, dollars = total(choose(mine, customs_value, 0)), total(choose(mine, declared, 0))
    return choose(mine, _at_most(own, dollars, "br.medicine.limit"), False)


def _within(parcel: _Parcel, limit: str) -> Node:
    """Whether the parcel, without medicines at a rate of zero, is worth at most a limit."""
    own = total(choose(parcel.medicine, 0, parcel.customs_value))
    return _at_most(own, total(choose(parcel.medicine, 0, parcel.declared)), limit)


def _at_most(own: Node, declared: Node, limit: str) -> Node:
    return at_most_foreign(own, declared, param(limit), "usd", "USD")


def _certified() -> Node:
    """Bought by a natural person from a company of Remessa Conforme."""
    return matches("programme", "PRC") & matches("transaction", "b2c")


def _low(parcel: _Parcel) -> Node:
    """In the lower band of the programme, since there is one."""
    band = "br.prc.band"
    return choose(_certified() & in_force(band), choose(in_force(band), _within(parcel, band), False), False)


def _rate(parcel: _Parcel) -> Node:
    lower = choose(in_force("br.prc.rate"), param("br.prc.rate"), param("br.rts.rate"))
    return choose(_low(parcel), lower, param("br.rts.rate"))


def _import_tax(parcel: _Parcel) -> Node:
    """The rate of the band on each item, less its share of the deduction, which is of the parcel."""
    taxed = choose(parcel.medicine, 0, parcel.customs_value)
    deducted = choose(
        _certified() & in_force("br.prc.deduction") & ~_low(parcel),
        choose(in_force("br.prc.deduction"), in_own(param("br.prc.deduction"), "usd"), 0),
        0,
    )
    off = step("deduction", deducted, _PRC, "20 dollars in reais, in Remessa Conforme above the lower band")
    return excess(ratio(taxed, _rate(parcel)), share(off, taxed))


def _collector() -> Cases:
    """Who takes the tax with the price and hands it on."""
    return cases((present("platform.id"), "platform"), otherwise="seller")


PACK = Pack(
    code="br",
    name="Brazil",
    currency="BRL",
    members=("BR",),
    parameters=_LAW.parameters,
    formulas=(Formula("br.simplified", date(2017, 9, 15), None, _RTS, simplified),),
    lookups={
        **exchange("ptax", "BRL"),
        **foreign("usd", "USD", "ptax", "BRL"),
        "tariff": duty_lookup("br-tariff", "BRL"),
        "icms": only_with_code(
            tax_lookup(_LAW, "br.icms.rate", "vat_rate", key="destination_region", family="icms")
        ),
        "goods": only_with_code(goods_lookup(_LAW, ("medicine", "immune", "not_simplified"))),
    },
    programmes={"PRC": "bought from a company certified in Remessa Conforme"},
    text=(
        "A parcel by mail or express worth up to 3,000 US dollars, freight and insurance included, bears import tax of "
        "60 % and ICMS of 17 or 20 % by state (two letters in destination_region), which stands in its own base. Bought "
        "from a company of Remessa Conforme (programme PRC), the tax was zero up to 50 dollars from August 2023, is 20 % "
        "from August 2024 and above that 60 % less 20 dollars; one page says that it is zero again from 13 May 2026. "
        "There the company takes both with the price. Parcels between natural persons are free of import tax up to 50 "
        "dollars. Medicines for own use, claimed with relief_claim MEDICINE, bear none up to 10,000 dollars."
    ),
    uses=("br-tariff",),
)
