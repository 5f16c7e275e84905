"""The law of South Africa on low-value imported goods, from 1 January 2007."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    equal,
    excess,
    field,
    known,
    lookup,
    matches,
    muldiv,
    param,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, always, in_force
from greenlane.packs.building import (
    EVIDENCE,
    PROCEDURE,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    good,
    goods_lookup,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    ratio_in_steps,
    read_law,
    values,
)
from greenlane.values.money import Rounding

_LAW = read_law("za")
_ACT = "Customs and Excise Act 91 of 1964"
_VAT = "VAT Act 89 of 1991 s. 13(2)"
_FLAT = "SARS concession of 2007"
_GIFT = "Customs and Excise Act Schedule 4 item 412.10"
_UNION = ("BW", "LS", "NA", "SZ")
# Amounts of prior use come in ten-thousandths; the pack's are hundredths.
_PRIOR_SCALE = 100


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules ask of a consignment."""

    value: Node
    """Customs value of the item."""
    charged: Node
    small: Node
    """Inside the limit of the flat rate, by a route that it covers."""
    flat: Node
    """Small, while the flat rate stands."""
    union: Node
    """The item is of another member of the customs union and comes from there."""


def low_value() -> Assessment:
    """From 1 January 2007: a flat rate up to 500 rand, the tariff and VAT above; later changes are dated values."""
    v = values(home="ZAR")
    price = v.value + v.other
    case = _case(price)
    value = case.value
    duty = step(
        "customs_duty",
        choose(case.union, 0, choose(case.small, _small_duty(value, case.flat), _by_tariff(value))),
        f"{_FLAT}; {_ACT} Schedule 1 Part 1",
    )
    taxed_with_excise = good("excise") | (good("luxury") & ~case.small)
    excise = choose(taxed_with_excise, lookup("excise", "amount"), 0)
    uplift = choose(case.union, 0, ratio(value, param("za.vat.uplift")))
    base = step(
        "added_tax_value",
        value + uplift + duty + excise,
        _VAT,
        "customs value, a tenth of it, and the duties; no tenth on goods of the customs union",
    )
    full = ratio_in_steps(base, param("za.vat.standard"), param("za.vat.rounding"), Rounding.HALF_UP)
    early = case.small & ~in_force("za.flat.vat")
    apart = choose(in_force("za.clothing.rate"), choose(param("za.clothing.apart"), full, 0), 0)
    vat = step("vat", choose(early, apart, full), _VAT)
    # Goods other than clothing ask nothing of what was said of clothing.
    early_due = choose(good("clothing"), in_force("za.clothing.rate") & ~case.union, False)
    vat_due = choose(early, early_due, True)
    dutiable = choose(case.charged, ~case.union, False)
    by_courier = case.flat & matches("channel", "express")
    return Assessment(
        step("intrinsic_value", v.goods, _ACT, "the price of the goods alone"),
        step("customs_value_total", total(value), f"{_ACT} s. 65(1)"),
        choose(case.charged, ~case.small, False),
        (
            *_charges("za.flat", case, dutiable, duty, vat_due, vat, base, by_courier),
            *_charges("za.entry", case, dutiable, duty, vat_due, vat, base, ~by_courier),
            Charge(
                "za.excise",
                "tax",
                "excise",
                case.charged & taxed_with_excise,
                excise,
                f"{_ACT} Schedule 1 Part 2",
                "at_border",
                always("buyer"),
            ),
        ),
        _remarks(case, price),
        split_limit=param("za.flat.limit"),
        item_value=v.value,
    )


def _case(price: Node) -> _Case:
    together = total(price)
    limit = param("za.flat.limit")
    inside = choose(together < limit, True, choose(equal(together, limit), param("za.flat.at_limit"), False))
    route = choose(
        matches("channel", "express"),
        True,
        choose(matches("channel", "postal"), param("za.flat.post"), False),
    )
    gift = step("free_gift", _free_gift(together), _GIFT, "gifts between natural persons, two a year")
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    charged = choose(is_documents() | is_returned(), False, ~gift)
    small = step(
        "inside_flat_rate_limit",
        choose(route, inside, False),
        _FLAT,
        "a parcel up to the limit is cleared in the simplified way",
    )
    union = matches("items.origin_country", *_UNION) & matches("departure_country", *_UNION)
    value = step(
        "customs_value",
        _whole_rand(price),
        f"{_ACT} s. 65(1) and (2)",
        "the price free on board, without transport to South Africa, each line to the nearest rand",
    )
    stands = choose(in_force("za.flat.stands"), param("za.flat.stands"), False)
    return _Case(value, charged, small, choose(small, stands, False), union)


def _whole_rand(price: Node) -> Node:
    """Half a rand goes down, and less than one rand is one."""
    unit = param("za.value.rounding")
    half = muldiv(unit, [], [2], Rounding.DOWN)
    nearest = muldiv(muldiv(excess(price, half), [], [unit], Rounding.UP), [unit], [1], Rounding.DOWN)
    return choose(price <= unit, unit, nearest)


def _free_gift(together: Node) -> Node:
    used = choose(
        in_force("za.gift.count"), field("consignee.prior_use.year_count") < param("za.gift.count"), True
    )
    inside = choose(any_item(good("no_gift")), False, together <= param("za.gift.limit"))
    return choose(is_gift(), choose(inside, used, False), False)


def _by_tariff(value: Node) -> Node:
    return duty_by_tariff(value, f"{_ACT} Schedule 1 Part 1")


def _small(flat: Node, by_flat: Node, by_clothing: Node, by_tariff: Node) -> Node:
    """The flat rate, save for goods that rules of 2024 took out of it; the tariff where it no longer stands."""
    ordinary = choose(flat, by_flat, by_tariff)
    apart = choose(param("za.clothing.apart"), by_clothing, ordinary)
    clothing = choose(in_force("za.clothing.rate"), apart, ordinary)
    return choose(good("clothing"), clothing, choose(good("full_duty"), by_tariff, ordinary))


def _small_duty(value: Node, flat: Node) -> Node:
    by_flat, by_clothing = ratio(value, param("za.flat.rate")), ratio(value, param("za.clothing.rate"))
    return _small(flat, by_flat, by_clothing, _by_tariff(value))


def _rate(case: _Case) -> Node:
    """The share of the value that the duty is."""
    tariff = lookup("tariff", "ad_valorem")
    small = _small(case.flat, param("za.flat.rate"), param("za.clothing.rate"), tariff)
    return choose(case.small, small, tariff)


def _charges(
    prefix: str,
    case: _Case,
    dutiable: Node,
    duty: Node,
    vat_due: Node,
    vat: Node,
    base: Node,
    here: Node,
) -> tuple[Charge, ...]:
    """Duty and VAT: couriers pay what they cleared at the flat rate once a month, all else is due at the border."""
    by_carrier = prefix == "za.flat"
    collected = "periodic" if by_carrier else "at_border"
    payer: Cases | None = always("carrier") if by_carrier else None
    return (
        Charge(
            f"{prefix}.duty",
            "duty",
            "customs_duty",
            choose(here, dutiable, False),
            duty,
            f"{_FLAT}; {_ACT} Schedule 1 Part 1",
            collected,
            always("buyer"),
            payer,
            base=case.value,
            rate=_rate(case),
        ),
        Charge(
            f"{prefix}.vat",
            "tax",
            "vat",
            choose(here, choose(case.charged, vat_due, False), False),
            vat,
            _VAT,
            collected,
            always("buyer"),
            payer,
            base=base,
            rate=param("za.vat.standard"),
        ),
    )


def _remarks(case: _Case, price: Node) -> tuple[Remark, ...]:
    ended = choose(case.charged, case.small & ~in_force("za.flat.stands"), False)
    so_far = field("consignee.prior_use.year_amount")
    with_this = so_far + muldiv(total(price), [_PRIOR_SCALE], [1], Rounding.HALF_UP)
    most = muldiv(param("za.private.year"), [_PRIOR_SCALE], [1], Rounding.HALF_UP)
    over = choose(known(so_far) & in_force("za.private.year"), with_this > most, False)
    return (
        Remark(
            "law.contested",
            ended & any_item(~good("clothing")),
            (
                "couriers report that the flat rate ended on 1 February 2025 for duty by four ranges, whose rates "
                "aren't held; SARS had then only announced its end. At the flat rate the duty is ",
                total(ratio(case.value, param("za.flat.rate"))),
                " ZAR (assume za.flat.stands to follow it)",
            ),
            "",
            "SARS notice of intention to withdraw concessions, 2025",
        ),
        Remark(
            PROCEDURE,
            choose(case.charged, choose(field("consignee.person"), over, False), False),
            (
                "with this consignment the person passes ",
                param("za.private.year"),
                " ZAR of imports in the year: declarations under code 70707070 are rejected, so the person "
                "must register as an importer",
            ),
            "/consignee",
            f"{_ACT} s. 59A",
            asks=True,
        ),
        Remark(
            EVIDENCE,
            choose(case.charged, any_item(case.union), False),
            ("goods were taken as goods of the customs union, free of duty: their origin must be shown",),
            "/items",
            f"{_VAT}(b); customs rule 120A.02",
            asks=True,
        ),
        Remark(
            EVIDENCE,
            is_returned(),
            ("returned goods were taken as free: proof is needed that they left and come back unaltered",),
            "/transaction",
            "Customs and Excise Act Schedule 4 item 409.00",
            asks=True,
        ),
    )


PACK = Pack(
    code="za",
    name="South Africa",
    currency="ZAR",
    members=("ZA",),
    parameters=_LAW.parameters,
    formulas=(Formula("za.low_value", date(2007, 1, 1), None, _FLAT, low_value),),
    lookups={
        **exchange("sars", "ZAR", "export"),
        "tariff": duty_lookup("za-tariff", "ZAR"),
        "goods": only_with_code(goods_lookup(_LAW, ("clothing", "full_duty", "no_gift", "excise", "luxury"))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "za.vat.standard"},
    text=(
        "Until January 2025 a parcel up to 500 rand bore a flat duty of 20 %, with VAT of 15 % since 1 September "
        "2024; since 1 November 2024 clothing bears 45 %, and footwear, textiles and leather their tariff. Since "
        "1 February 2025 the other goods bear duty by ranges that aren't held, so the outcome is incomplete "
        "unless a rate is assumed. Above 500 rand the tariff applies. VAT stands on the customs value free on "
        "board, a tenth of it and the duty; goods of Botswana, Eswatini, Lesotho and Namibia bear no duty and "
        "no tenth. Gifts are free up to 1,400 rand, two a year."
    ),
    uses=("za-tariff",),
)
