"""The law of the Eurasian Economic Union on parcels for natural persons, from 1 January 2015."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    excess,
    field,
    known,
    larger,
    lookup,
    muldiv,
    param,
    ratio,
    smaller,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Own, Pack, Remark, always, in_force
from greenlane.packs import DESTINATIONS
from greenlane.packs.building import (
    EVIDENCE,
    PROCEDURE,
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    for_a_person,
    foreign,
    good,
    goods_lookup,
    in_own,
    is_b2c,
    is_documents,
    is_returned,
    only_with_code,
    own_rate,
    read_law,
    tax_lookup,
    values,
)
from greenlane.values.finding import Severity, declare
from greenlane.values.money import Rounding

FEE_UNHELD = declare(
    "fee.unheld",
    Severity.INFO,
    "A fee of customs may be due that isn't held, so it is not part of the total.",
    "Ask customs or the carrier, and add the fee by hand.",
)

_LAW = read_law("eaeu")
_CURRENCIES = {"RU": "RUB", "KZ": "KZT", "BY": "BYN", "AM": "AMD", "KG": "KGS"}
_CODE = "EAEU Customs Code, goods for personal use"
_NORMS = "EEC Council decision on goods for personal use"
_SALE = "EEC Council decisions on e-commerce goods"
_TARIFF = "Single customs tariff of the EAEU"
_VAT = "national VAT law"
# Prior use is given with four decimals, the members' currencies have two.
_PRIOR_SCALE = 100
_KILOGRAM = 1_000_000


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What both periods begin with."""

    v: Values
    goods: Node
    mass: Node
    charged: Node
    personal: Node
    """For a natural person's own use, bought or given."""


@dataclass(frozen=True, slots=True)
class _Excess:
    """What lies above the free limits, in the member's currency and in milligrams."""

    value: Node
    mass: Node
    limit: Node
    """The limit that the value is held against."""

    @property
    def any(self) -> Node:
        return (self.value > 0) | (self.mass > 0)


def _parcel() -> _Parcel:
    v = values()
    goods = step("goods_value", v.goods, _CODE, "the price of the goods, without delivery")
    mass = total(field("items.gross_mass_mg"))
    return _Parcel(v, goods, mass, ~is_documents() & ~is_returned(), for_a_person())


def _limit(name: str) -> Node:
    """A free limit of value in the member's currency."""
    return choose(param("eaeu.free.in_drams"), param("eaeu.free.drams"), in_own(param(name), "eur"))


def _excess(p: _Parcel) -> _Excess:
    """What is above the limits of the parcel and of the month, whichever leaves more."""
    parcel, month = in_force("eaeu.parcel.value"), in_force("eaeu.month.value")
    by_parcel = choose(parcel, excess(p.goods, _limit("eaeu.parcel.value")), 0)
    before = _used_this_month()
    month_limit = _limit("eaeu.month.value")
    by_month = choose(month, excess(before + p.goods, month_limit) - excess(before, month_limit), 0)
    heavy = larger(
        choose(in_force("eaeu.parcel.mass"), excess(p.mass, param("eaeu.parcel.mass")), 0),
        choose(in_force("eaeu.month.mass"), excess(p.mass, param("eaeu.month.mass")), 0),
    )
    value = step(
        "value_above_limit",
        larger(by_parcel, by_month),
        _NORMS,
        "the price of the goods above the free limit",
    )
    return _Excess(value, heavy, choose(parcel, _limit("eaeu.parcel.value"), month_limit))


def _used_this_month() -> Node:
    """What the person already received this month; nothing where it received nothing all year."""
    month, year = field("consignee.prior_use.month_amount"), field("consignee.prior_use.year_amount")
    count = field("consignee.prior_use.year_count")
    none_by_amount = choose(known(year), year <= 0, False)
    none = choose(known(count), (count <= 0) | none_by_amount, none_by_amount)
    return choose(
        known(month), muldiv(month, [1], [_PRIOR_SCALE], Rounding.HALF_UP), choose(none, 0, const(None))
    )


def _per_kg(name: str, mass: Node) -> Node:
    """An amount a kilogram fixed in euro, on a mass, in the member's currency, rounded once."""
    tops = [mass, lookup("fx_eur", "numerator")]
    return muldiv(param(name), tops, [_KILOGRAM, lookup("fx_eur", "denominator")], Rounding.HALF_UP)


def _personal_duty(p: _Parcel, over: _Excess) -> Node:
    """The single rate on what is above the limits; only the greater of the two measures is taken."""
    shared = param("eaeu.excess.shared")
    its_value = choose(
        over.mass > 0, muldiv(p.goods, [smaller(over.mass, p.mass)], [p.mass], Rounding.HALF_UP), 0
    )
    its_mass = choose(
        over.value > 0, muldiv(p.mass, [smaller(over.value, p.goods)], [p.goods], Rounding.HALF_UP), 0
    )
    value = choose(shared, larger(over.value, its_value), over.value)
    mass = choose(shared, larger(over.mass, its_mass), over.mass)
    return step(
        "single_duty",
        larger(ratio(value, param("eaeu.duty.rate")), _per_kg("eaeu.duty.per_kg", mass)),
        _NORMS,
        "a share of the value above the limit, at least an amount for each kilogram above it",
    )


def _sale_duty(p: _Parcel) -> tuple[Node, Node]:
    """E-commerce goods: whether they are above their limit, and the duty on the whole of them."""
    limit = in_own(param("eaeu.ecommerce.limit"), "eur")
    above = step(
        "above_ecommerce_limit", p.goods > limit, _SALE, "above the limit the whole value is charged"
    )
    by_value = ratio(p.goods, param("eaeu.ecommerce.rate"))
    duty = larger(by_value, _per_kg("eaeu.ecommerce.per_kg", p.mass))
    says = "a share of the whole value, at least an amount for each kilogram"
    return above, step("ecommerce_duty", duty, _SALE, says)


def _ordinary(p: _Parcel) -> tuple[Charge, ...]:
    """What isn't for a person's own use: the tariff's duty and VAT, declared in full."""
    charged = step("ordinary_import", p.charged & ~p.personal, _CODE, "not for a natural person's own use")
    base = step("customs_value", p.v.value + p.v.freight + p.v.insurance, "EAEU Customs Code, customs value")
    duty = choose(charged, duty_by_tariff(base, _TARIFF), 0)
    tax_base = step("import_vat_base", base + duty + _excise(), _VAT, "customs value, duty and excise")
    rate = lookup("vat", "rate")
    return (
        Charge(
            "eaeu.tariff",
            "duty",
            "customs_duty",
            charged,
            duty,
            _TARIFF,
            "at_border",
            always("buyer"),
            base=base,
            rate=lookup("tariff", "ad_valorem"),
        ),
        Charge(
            "eaeu.vat.import",
            "tax",
            "vat",
            charged,
            step("vat_import", ratio(tax_base, rate), _VAT),
            _VAT,
            "at_border",
            always("buyer"),
            base=tax_base,
            rate=rate,
        ),
        Charge(
            "eaeu.excise",
            "tax",
            "excise",
            choose(p.charged, good("excise"), False),
            lookup("excise", "amount"),
            _TARIFF,
            "at_border",
            always("buyer"),
        ),
    )


def _excise() -> Node:
    return choose(good("excise"), lookup("excise", "amount"), 0)


def _fee(due: Node) -> Charge:
    held = in_force("eaeu.fee.customs")
    return Charge(
        "eaeu.fee.customs",
        "fee",
        "customs_fee",
        due & held,
        step("customs_fee", in_own(param("eaeu.fee.customs"), "eur"), "national law on customs fees"),
        "national law on customs fees",
        "at_border",
        always("buyer"),
        own=Own("EUR", param("eaeu.fee.customs"), own_rate("eur", "EUR", "RUB")),
    )


def _remarks(p: _Parcel, due: Node) -> tuple[Remark, ...]:
    not_sent = any_item(good("excise")) & p.charged & p.personal
    return (
        Remark(
            PROCEDURE,
            not_sent,
            ("alcohol and tobacco are not admitted in parcels to persons: return them or declare in full",),
            "",
            _CODE,
            asks=True,
        ),
        Remark(
            EVIDENCE,
            is_returned(),
            ("returned goods were taken as free: proof is needed that they left the Union and come back",),
            "/transaction",
            "EAEU Customs Code, re-import",
            asks=True,
        ),
        Remark(
            FEE_UNHELD,
            due & param("eaeu.fee.unheld"),
            ("the member may take a fee for the customs operations; none is held",),
            "",
            "national law on customs fees",
        ),
    )


def personal_use() -> Assessment:
    """1 January 2015 to 30 June 2026: a single rate on what a person receives above the free limits."""
    p = _parcel()
    over = _excess(p)
    applies = p.charged & p.personal
    when = choose(applies, over.any, False)
    duty = choose(when, _personal_duty(p, over), 0)
    due = choose(when, duty > 0, False)
    return Assessment(
        p.goods,
        p.goods,
        p.charged & ~p.personal,
        (_single(when, duty, over.value, param("eaeu.duty.rate"), _NORMS), *_ordinary(p), _fee(due)),
        _remarks(p, due),
        split_limit=over.limit,
        item_value=p.v.value,
    )


def ecommerce() -> Assessment:
    """From 1 July 2026: 5 % and VAT on the whole of a sale above 200 euro; gifts as before."""
    p = _parcel()
    over = _excess(p)
    above, sale_duty = _sale_duty(p)
    applies = p.charged & p.personal
    sale = choose(applies, is_b2c(), False)
    new = choose(sale, param("eaeu.ecommerce.applies"), False)
    # A charge of either reading applies, so that the other one's amount can stand beside it.
    when = choose(applies, over.any | choose(sale, above, False), False)
    earlier = choose(over.any, _personal_duty(p, over), 0)
    duty = choose(when, choose(new, choose(above, sale_duty, 0), earlier), 0)
    due = choose(when, duty > 0, False)
    base = choose(new, p.goods, over.value)
    rate = choose(new, param("eaeu.ecommerce.rate"), param("eaeu.duty.rate"))
    vat = _sale_vat(p, sale, new, above, duty)
    return Assessment(
        p.goods,
        p.goods,
        p.charged & ~p.personal,
        (_single(when, duty, base, rate, _SALE), vat, *_ordinary(p), _fee(due)),
        _remarks(p, due),
        split_limit=choose(new, in_own(param("eaeu.ecommerce.limit"), "eur"), over.limit),
        item_value=p.v.value,
    )


def _sale_vat(p: _Parcel, sale: Node, new: Node, above: Node, duty: Node) -> Charge:
    """VAT of the member on e-commerce goods above the limit; whether below it too isn't settled."""
    low = in_force("eaeu.vat.low_value")
    staged = in_force("eaeu.vat.staged")
    rate = choose(staged, param("eaeu.vat.staged"), param("eaeu.vat.standard"))
    base = step("ecommerce_vat_base", p.goods + duty, _VAT, "the price of the goods, and the duty")
    taxed = choose(above, True, choose(low, param("eaeu.vat.low_value"), False))
    amount = choose(new, choose(taxed, ratio(base, rate), 0), 0)
    return Charge(
        "eaeu.vat.ecommerce",
        "tax",
        "vat",
        choose(sale, above | low, False),
        step("vat_ecommerce", amount, _VAT),
        _VAT,
        "at_border",
        always("buyer"),
        always("carrier"),
        base=base,
        rate=rate,
    )


def _single(when: Node, duty: Node, base: Node, rate: Node, law: str) -> Charge:
    return Charge(
        "eaeu.customs_duty",
        "duty",
        "customs_duty",
        when,
        duty,
        law,
        "at_border",
        always("buyer"),
        base=base,
        rate=rate,
    )


PACK = Pack(
    code="eaeu",
    name="Eurasian Economic Union",
    currency="RUB",
    members=DESTINATIONS["eaeu"],
    parameters=_LAW.parameters,
    formulas=(
        Formula("eaeu.ecommerce", date(2026, 7, 1), None, _SALE, ecommerce),
        Formula("eaeu.personal_use", date(2015, 1, 1), date(2026, 7, 1), _NORMS, personal_use),
    ),
    lookups={
        **exchange("eaeu-national-bank", _CURRENCIES),
        **foreign("eur", "EUR", "eaeu-national-bank", _CURRENCIES),
        # Specific rates of the tariff stand in euro, which is no member's currency: they stay unknown.
        "tariff": duty_lookup("eaeu-cet", ""),
        "vat": tax_lookup(_LAW, "eaeu.vat.standard", "vat_rate", key="destination_country"),
        "goods": only_with_code(goods_lookup(_LAW, ("excise",))),
        "excise": excise_lookup(),
    },
    aliases={"vat_rate": "eaeu.vat.standard"},
    currencies=_CURRENCIES,
    exchange_growth=1_000,
    text=(
        "A person in Russia, Kazakhstan, Belarus, Armenia or Kyrgyzstan receives parcels free up to a limit in "
        "euro and in kilograms: by month until the end of 2019, then 200 euro and 31 kg a parcel (1,000 euro "
        "from April 2022 to March 2024). What is above bears one rate of duty and no VAT. From 1 July 2026, as "
        "planned, goods bought from abroad pay 5 %, at least 1 euro a kilogram, and VAT on their whole value once "
        "they are worth more than 200 euro; that this began is not confirmed. Amounts are in the member's "
        "currency, whose rates against the euro need to be loaded or assumed. Goods for a business bear the "
        "tariff, which isn't held."
    ),
    uses=("eaeu-cet",),
)
