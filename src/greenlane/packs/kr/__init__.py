"""The law of the Republic of Korea on goods bought abroad, from 1 December 2015."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    field,
    lookup,
    matches,
    muldiv,
    param,
    ratio,
    share,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, Waiver, always
from greenlane.packs.building import (
    EVIDENCE,
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    foreign,
    good,
    goods_lookup,
    in_own,
    in_steps,
    is_b2c,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)
from greenlane.values.finding import Severity, declare
from greenlane.values.money import Rounding

SIMPLIFIED_RATES = declare(
    "tariff.simplified",
    Severity.INFO,
    "Simplified rates may apply in place of the ordinary ones, which were charged.",
    "Ask customs for the rates that the message names, or ask for the ordinary tariff on all goods.",
)

_LAW = read_law("kr")
_RELIEF = "Customs Act art. 94, rules art. 45"
_LIST = "KCS notice on express cargo"
_TARIFF = "Customs Tariff of Korea"
_LIQUOR = "Liquor Tax Act"
_EDUCATION = "Education Tax Act"
_VAT = "VAT Act"
_LEAST = "Customs Act art. 40"
_SOURCE = "kcs-weekly"


@dataclass(frozen=True, slots=True)
class _Taxes:
    """The taxes of each item, each cut over the consignment as the law says."""

    duty: Node
    liquor: Node
    education: Node
    vat: Node
    customs_value: Node
    liquor_base: Node
    vat_base: Node
    excise: Node


def own_use() -> Assessment:
    """Goods for a person's own use up to 150 or 200 dollars are free; above, the whole parcel is taxed."""
    v = values(home="KRW")
    goods = step(
        "intrinsic_value", v.goods, _RELIEF, "the price of the goods, without international transport"
    )
    charged = ~is_documents() & ~is_returned()
    limit, free = _relief(v)
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    taxed = choose(charged, ~free, False)
    liquor_due = choose(charged, good("wine"), False)
    t = _taxes(v, taxed, liquor_due)
    whole = total(t.duty + t.liquor + t.education + t.vat + t.excise)
    small = Waiver(whole < param("kr.tax.least"), "below the least amount that customs collects", _LEAST)
    return Assessment(
        goods,
        step(
            "customs_value_total",
            total(t.customs_value),
            "Customs Act art. 30",
            "price, transport and insurance",
        ),
        choose(charged, goods > limit, False),
        (
            _border(
                "kr.customs_duty",
                "duty",
                "customs_duty",
                taxed,
                t.duty,
                _TARIFF,
                small,
                t.customs_value,
                lookup("tariff", "ad_valorem"),
            ),
            _border(
                "kr.liquor_tax",
                "tax",
                "liquor_tax",
                liquor_due,
                t.liquor,
                _LIQUOR,
                small,
                t.liquor_base,
                param("kr.liquor.wine"),
            ),
            _border(
                "kr.education_tax",
                "tax",
                "education_tax",
                liquor_due,
                t.education,
                _EDUCATION,
                small,
                t.liquor,
                param("kr.liquor.education"),
            ),
            _border(
                "kr.excise",
                "tax",
                "excise",
                choose(charged, good("excise"), False),
                t.excise,
                "liquor, tobacco and individual consumption tax acts",
                small,
            ),
            _border(
                "kr.vat",
                "tax",
                "vat",
                taxed,
                t.vat,
                f"{_VAT} art. 29",
                small,
                t.vat_base,
                lookup("vat", "rate"),
            ),
        ),
        (
            Remark(
                SIMPLIFIED_RATES,
                choose(matches("channel", "postal", "express"), any_item(taxed), False),
                (
                    "customs may take simplified rates, duty and taxes in one, unless the ordinary tariff is asked "
                    "for; the ordinary ones were charged",
                ),
                "/channel",
                "Customs Act art. 81",
            ),
            Remark(
                EVIDENCE,
                choose(
                    charged & ~any_item(taxed),
                    choose(any_item(good("cosmetics")), v.goods > in_own(param("kr.limit"), "usd"), False),
                    False,
                ),
                (
                    "the cosmetics were taken as fit for list clearance, with its limit of 200 dollars: functional "
                    "ones, and those with placenta, steroids or unknown contents, aren't",
                ),
                "/items",
                _LIST,
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they were exported and come back unaltered",
                ),
                "/transaction",
                "Customs Act art. 99",
                asks=True,
            ),
        ),
        split_limit=limit,
        item_value=v.value,
    )


def _border(
    rule: str,
    kind: str,
    name: str,
    when: Node,
    amount: Node,
    law: str,
    waived: Waiver,
    base: Node | None = None,
    rate: Node | None = None,
) -> Charge:
    return Charge(
        rule, kind, name, when, amount, law, "at_border", always("buyer"), base=base, rate=rate, waived=waived
    )


def _relief(v: Values) -> tuple[Node, Node]:
    """The limit of the consignment in won, and which items are free of duty and VAT."""
    unlisted = any_item(good("unlisted"))
    from_us = matches("channel", "express") & matches("departure_country", "US")
    listed = step(
        "list_clearance",
        choose(from_us, ~unlisted, False),
        _LIST,
        "express goods from the United States, none excluded",
    )
    limit = step(
        "limit",
        choose(listed, in_own(param("kr.list.limit_us"), "usd"), in_own(param("kr.limit"), "usd")),
        _RELIEF,
        "150 dollars in won; 200 in list clearance from the United States",
    )
    own = choose(is_b2c() | is_gift(), field("consignee.person"), False)
    within = step(
        "own_use_within_limit",
        choose(own, v.goods <= limit, False),
        _RELIEF,
        "for a person's own use, and its price is within the limit",
    )
    bottles = total(choose(good("alcohol"), field("items.quantity"), 0)) <= muldiv(
        param("kr.alcohol.bottles"), [1_000], [1], Rounding.DOWN
    )
    drink = choose(bottles, _contents("alcohol") <= param("kr.alcohol.millilitres"), False)
    scent = _contents("perfume") <= param("kr.perfume.millilitres")
    admitted = choose(good("alcohol"), drink, choose(good("perfume"), scent, True))
    return limit, choose(within, admitted, False)


def _contents(effect: str) -> Node:
    """Millilitres of the goods of a group in the consignment, rounded up; unknown without contents."""
    # Contents are thousandths of their unit.
    given = field("items.contents.quantity")
    litres = matches("items.contents.unit", "LTR")
    millilitres = choose(
        matches("items.contents.unit", "MLT"), muldiv(given, [], [1_000], Rounding.UP), const(None)
    )
    return total(choose(good(effect), choose(litres, given, millilitres), 0))


def _taxes(v: Values, taxed: Node, liquor_due: Node) -> _Taxes:
    """Duty, liquor tax, education tax on it, and VAT on all of these."""
    value = step(
        "customs_value", v.value + v.transport, "Customs Act art. 30", "price, transport and insurance"
    )
    by_tariff = duty_by_tariff(value, _TARIFF, Rounding.DOWN)
    duty = step("duty", _cut(choose(taxed, by_tariff, 0)), _TARIFF)
    liquor_base = value + duty
    liquor = step(
        "liquor_tax",
        _cut(choose(liquor_due, ratio(liquor_base, param("kr.liquor.wine"), Rounding.DOWN), 0)),
        _LIQUOR,
        "on customs value and duty",
    )
    education = step(
        "education_tax",
        _cut(choose(liquor_due, ratio(liquor, param("kr.liquor.education"), Rounding.DOWN), 0)),
        _EDUCATION,
        "on the liquor tax",
    )
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    vat_base = step(
        "vat_base", value + duty + liquor + education + excise, _VAT, "customs value, duty and internal taxes"
    )
    vat = _cut(choose(taxed, ratio(vat_base, lookup("vat", "rate"), Rounding.DOWN), 0))
    return _Taxes(duty, liquor, education, step("vat", vat, _VAT), value, liquor_base, vat_base, excise)


def _cut(amount: Node) -> Node:
    """A tax of the items, its sum cut to full steps and put back on them."""
    return share(in_steps(total(amount), param("kr.tax.step"), Rounding.DOWN), amount)


PACK = Pack(
    code="kr",
    name="Republic of Korea",
    currency="KRW",
    members=("KR",),
    parameters=_LAW.parameters,
    formulas=(Formula("kr.own_use", date(2015, 12, 1), None, _RELIEF, own_use),),
    lookups={
        **exchange(_SOURCE, "KRW"),
        **foreign("usd", "USD", _SOURCE, "KRW"),
        "tariff": duty_lookup("kr-tariff", "KRW"),
        "vat": only_with_code(tax_lookup(_LAW, "kr.vat.standard", "vat_rate")),
        "goods": only_with_code(
            goods_lookup(_LAW, ("unlisted", "cosmetics", "perfume", "alcohol", "wine", "excise"))
        ),
        "excise": excise_lookup(),
    },
    aliases={"liquor_tax_rate": "kr.liquor.wine", "education_tax_rate": "kr.liquor.education"},
    text=(
        "Goods for a person's own use are free of duty and VAT up to 150 dollars, and up to 200 dollars when they "
        "come from the United States by express and are fit for list clearance (no food, drink, medicine or "
        "supplement). A dollar more and the whole parcel bears duty on price and transport and 10 % VAT on top. "
        "Wine bears liquor tax of 30 % and education tax on it even within the limit. No Korean schedule of duty "
        "is held."
    ),
    uses=("kr-tariff",),
)
