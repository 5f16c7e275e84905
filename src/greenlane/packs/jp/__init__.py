"""The law of Japan on low-value imports, from 1 April 2014."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    choose,
    collect,
    const,
    equal,
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
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always
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
    read_law,
    tax_lookup,
    values,
)
from greenlane.packs.jp.goods import SCHEDULE, simplified_group
from greenlane.values.money import RATE_SCALE, Rounding

_LAW = read_law("jp")
_EXEMPT = "Customs Tariff Act art. 14 no. 18"
_SIMPLIFIED = "Customs Tariff Act art. 3-3"
_VALUE = "Customs Tariff Act art. 4 to 4-6"
_CONSUMPTION = "Consumption Tax Act art. 28 para. 4"
_LOCAL = "Local Tax Act, local consumption tax on imported goods"
_ROUNDING = "General Act of National Taxes art. 118-119"
_RATED_GROUPS = (2, 3, 4, 5, 7)
_LINE = ("items.hs_code", "items.origin_country")


@dataclass(frozen=True, slots=True)
class _Tax:
    """The consumption tax of each item, national and local; its base is cut by rate."""

    base: Node
    national: Node
    local: Node


def low_value() -> Assessment:
    """Free up to 10,000 yen of customs value; to 200,000 the simplified tariff; consumption tax on value and duty."""
    v = values(home="JPY")
    goods = step("intrinsic_value", v.goods, _VALUE, "the price of the goods, without transport")
    charged = ~is_documents() & ~is_returned()
    value = _customs_value(v)
    whole = step(
        "customs_value", total(value), _VALUE, "price with transport; of a personal import 60 % of the price"
    )
    # What is free of all charges asks no tariff, and is as sure as that.
    taxed = choose(charged, ~_exempt(whole), False)
    duty = _duty(value, whole, taxed)
    excise = choose(good("excise"), lookup("excise", "amount"), 0)
    tax = _consumption_tax(choose(taxed, value + duty + excise, 0))
    rate = lookup("ct", "rate")
    return Assessment(
        goods,
        whole,
        choose(charged, whole > param("jp.simplified.limit"), False),
        (
            _border("jp.customs_duty", "duty", "customs_duty", taxed, duty, _SIMPLIFIED, value),
            _border(
                "jp.excise",
                "tax",
                "excise",
                choose(charged, good("excise"), False),
                excise,
                "Liquor Tax and Tobacco Tax Acts",
            ),
            _border(
                "jp.consumption_tax",
                "tax",
                "consumption_tax",
                taxed,
                tax.national,
                _CONSUMPTION,
                tax.base,
                muldiv(rate, [param("jp.ct.national")], [RATE_SCALE], Rounding.HALF_UP),
            ),
            _border("jp.local_tax", "tax", "local_consumption_tax", taxed, tax.local, _LOCAL, tax.national),
        ),
        (
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they were exported and come back unaltered",
                ),
                "/transaction",
                "Customs Tariff Act art. 14 no. 10",
                asks=True,
            ),
        ),
        split_limit=param("jp.exempt.limit"),
        item_value=v.value,
    )


def _border(
    rule: str,
    kind: str,
    name: str,
    when: Node,
    amount: Node,
    law: str,
    base: Node | None = None,
    rate: Node | None = None,
) -> Charge:
    return Charge(rule, kind, name, when, amount, law, "at_border", always("buyer"), base=base, rate=rate)


def _personal() -> Node:
    """For the buyer's own use: to a person, bought as a consumer or given."""
    return choose(is_b2c() | is_gift(), field("consignee.person"), False)


def _customs_value(v: Values) -> Node:
    """Price, transport and insurance; of a personal import a share of the retail price, in full yen."""
    retail = share(ratio(v.goods, param("jp.personal.share"), Rounding.DOWN), v.value)
    return choose(step("personal_import", _personal(), _VALUE), retail, v.value + v.transport)


def _exempt(whole: Node) -> Node:
    """True on items that bear neither duty nor consumption tax; goods of sensitive trades only as a personal gift."""
    small = step("small_value", whole <= param("jp.exempt.limit"), _EXEMPT, "goods of small value are free")
    gift = choose(is_gift(), _personal(), False)
    return choose(small, choose(gift, True, ~good("no_relief")), False)


def _duty(value: Node, whole: Node, taxed: Node) -> Node:
    """Duty by the simplified tariff, else by the general one; its sum is cut and put back on the items."""
    asked = matches("elections.tariff", "general")
    small = step(
        "simplified_tariff",
        choose(asked, False, whole <= param("jp.simplified.limit")),
        _SIMPLIFIED,
        "up to the limit, unless the general tariff is asked for",
    )
    simplified = choose(taxed, choose(small, ~good("general"), False), False)
    general = choose(taxed, ~simplified, False)
    alcohol = good("wine") | good("spirits") | good("brew")
    plain = choose(simplified, ~alcohol, False)
    duty = _by_litre(choose(simplified, alcohol, False)) + _by_tariff(value, general)
    for number in _RATED_GROUPS:
        mine = choose(plain, equal(lookup("simplified", "group"), number), False)
        duty = duty + _group_duty(choose(mine, value, 0), number)
    return step("duty", _cut(duty), _ROUNDING, "the sum of the lines, cut to full hundreds of yen")


def _group_duty(value: Node, number: int) -> Node:
    """The duty of one group of the simplified tariff, a line of its own, on its items by value."""
    line = ratio(_base(total(value)), param(f"jp.simplified.group{number}"), Rounding.DOWN)
    return share(line, value)


def _by_tariff(value: Node, general: Node) -> Node:
    """The duty of the general tariff; goods of one code and origin are one line, whose duty stands on the first."""
    line = _base(collect(choose(general, value, 0), *_LINE))
    by_rate = duty_by_tariff(line, "Customs Tariff of Japan", Rounding.DOWN, line=_LINE, when=general)
    return choose(general, by_rate, 0)


def _by_litre(alcohol: Node) -> Node:
    """The duty of the simplified tariff on alcohol: yen a litre of the contents."""
    yen = choose(
        good("wine"),
        param("jp.simplified.wine"),
        choose(good("spirits"), param("jp.simplified.spirits"), param("jp.simplified.brew")),
    )
    given = field("items.contents.quantity")
    # Contents are thousandths of their unit.
    by_litres = muldiv(given, [yen], [1_000], Rounding.DOWN)
    by_millilitres = muldiv(given, [yen], [1_000_000], Rounding.DOWN)
    other = choose(matches("items.contents.unit", "MLT"), by_millilitres, const(None))
    return choose(alcohol, choose(matches("items.contents.unit", "LTR"), by_litres, other), 0)


def _consumption_tax(base: Node) -> _Tax:
    """The tax on the base of all goods of one rate, national and local each cut to full hundreds of yen."""
    reduced = ~equal(lookup("ct", "rate"), param("jp.ct.standard"))
    low, high = choose(reduced, base, 0), choose(reduced, 0, base)
    base_low, base_high = _base(total(low)), _base(total(high))
    # Put on the items by their base; the parts of both rates add up to the whole before it is cut.
    split = share(_national(base_low, param("jp.ct.reduced")), low) + share(
        _national(base_high, param("jp.ct.standard")), high
    )
    national = step("consumption_tax", _cut(split), _ROUNDING, "national part, cut to full hundreds of yen")
    part = param("jp.ct.national")
    local = muldiv(total(national), [RATE_SCALE - part], [part], Rounding.DOWN)
    return _Tax(
        step(
            "taxable_value",
            choose(reduced, share(base_low, low), share(base_high, high)),
            _CONSUMPTION,
            "customs value and duty of all goods of one rate, cut to full thousands of yen",
        ),
        national,
        step(
            "local_consumption_tax",
            share(in_steps(local, param("jp.tax.step"), Rounding.DOWN), national),
            _LOCAL,
            "in proportion to the national part, cut to full hundreds of yen",
        ),
    )


def _national(base: Node, rate: Node) -> Node:
    return muldiv(base, [rate, param("jp.ct.national")], [RATE_SCALE, RATE_SCALE], Rounding.DOWN)


def _base(value: Node) -> Node:
    return in_steps(value, param("jp.base.step"), Rounding.DOWN)


def _cut(amount: Node) -> Node:
    """A tax of the items, its sum cut to full steps and put back on them."""
    return share(in_steps(total(amount), param("jp.tax.step"), Rounding.DOWN), amount)


PACK = Pack(
    code="jp",
    name="Japan",
    currency="JPY",
    members=("JP",),
    parameters=_LAW.parameters,
    formulas=(Formula("jp.low_value", date(2014, 4, 1), None, "Customs Tariff Act", low_value),),
    lookups={
        **exchange("jp-customs-weekly", "JPY"),
        "tariff": duty_lookup(SCHEDULE, "JPY"),
        "simplified": simplified_group(_LAW),
        "ct": only_with_code(tax_lookup(_LAW, "jp.ct.standard", "vat_rate", family="ct")),
        "goods": only_with_code(
            goods_lookup(_LAW, ("no_relief", "general", "wine", "spirits", "brew", "excise"))
        ),
        "excise": excise_lookup(),
    },
    elections={"tariff": "general: the general tariff on all goods in place of the simplified one"},
    aliases={"vat_rate": "jp.ct.standard", "retail_ratio": "jp.personal.share"},
    text=(
        "A parcel of up to 10,000 yen of customs value is free of duty and consumption tax; bought for oneself, that "
        "is 60 % of the price, so 16,666 yen. Leather bags, shoes and knitwear are taxed at any value unless they "
        "are a gift. Up to 200,000 yen the simplified tariff applies, unless the general one is asked for, and "
        "consumption tax of 10 % (8 % on food) on value and duty. Bases are cut to full thousands and each tax to "
        "full hundreds of yen. No general tariff of Japan is held. From April 2028 sales of low value are to bear "
        "the tax too; that law isn't shown to be in force."
    ),
    uses=(SCHEDULE,),
)
