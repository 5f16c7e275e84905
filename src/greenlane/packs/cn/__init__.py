"""The law of China on cross-border retail imports and personal postal articles, from 8 April 2016."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    equal,
    field,
    lookup,
    matches,
    muldiv,
    param,
    present,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Cases, Charge, Formula, Pack, Remark, Waiver, always, cases
from greenlane.packs.building import (
    EVIDENCE,
    PROCEDURE,
    Values,
    duty_by_tariff,
    duty_lookup,
    exchange,
    is_b2c,
    is_documents,
    is_gift,
    is_returned,
    only_with_code,
    read_law,
    tax_lookup,
    values,
)
from greenlane.packs.cn.goods import consumption_tax, ct_rate, post_band, post_rate, retail_list
from greenlane.values.money import RATE_SCALE, Rounding

_LAW = read_law("cn")
_RETAIL = "Cai Guan Shui (2016) No. 18"
_LIMITS = "Cai Guan Shui (2018) No. 49"
_ARTICLES = "GACC Announcement No. 43 of 2010"
_VAT = "VAT Law art. 10"
_CONSUMPTION = "Consumption Tax Regulations"
_DUTY = "Customs Tariff of China"
_ONE_ARTICLE = 1_000
# Amounts of prior use come in ten-thousandths; the pack's are hundredths.
_PRIOR_SCALE = 100


@dataclass(frozen=True, slots=True)
class _Route:
    """By which rules a consignment is taxed; each at most one is true."""

    retail: Node
    """Inside both limits of cross-border retail: 70 % of VAT and consumption tax."""
    retail_full: Node
    """One article above the single limit, inside the year's: taxed in full in the retail procedure."""
    articles: Node
    """Personal articles by post or express."""
    goods: Node
    """General trade."""


def retail_and_articles() -> Assessment:
    """Three regimes: cross-border retail import, personal articles by post or express, and general trade."""
    v = values(home="CNY")
    goods = step("intrinsic_value", v.goods, _RETAIL, "the price of the goods alone")
    price = step(
        "price", v.value + v.transport, f"{_RETAIL} art. 1", "the price paid, with freight and insurance"
    )
    charged = ~is_documents() & ~is_returned()
    route = _route(v, total(price), charged)
    left = route.retail_full | route.goods
    rate = ct_rate(price)
    return Assessment(
        goods,
        total(price),
        left,
        (
            *_retail(route.retail, price, rate),
            *_articles(route.articles, v),
            *_full("cn.retail_full", route.retail_full, price, rate, "periodic", _withheld()),
            *_full("cn.general", route.goods, price, rate, "at_border", always("buyer")),
        ),
        (
            Remark(
                PROCEDURE,
                route.goods & (is_b2c() | is_gift()),
                (
                    "neither cross-border retail import nor the rules for personal articles admit this: "
                    "declare it as goods (general trade) or return it",
                ),
                "/programme",
                _LIMITS,
                asks=True,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                (
                    "returned goods were taken as free: proof is needed that they come back unaltered "
                    "and within the time that the law sets",
                ),
                "/transaction",
                "tax policy for returned exports",
                asks=True,
            ),
        ),
        split_limit=choose(_programme(), param("cn.retail.single"), _article_limit()),
        item_value=v.value,
    )


def _programme() -> Node:
    return matches("programme", "CBEC", "9610", "1210")


def _one_article() -> Node:
    return equal(total(field("items.quantity")), _ONE_ARTICLE)


def _article_limit() -> Node:
    near = matches("departure_country", "HK", "MO", "TW")
    return choose(near, param("cn.post.limit_near"), param("cn.post.limit"))


def _route(v: Values, price: Node, charged: Node) -> _Route:
    """Sort a consignment into the regime that applies."""
    asked = is_b2c() & _programme()
    admitted = choose(charged & asked, ~any_item(~lookup("retail_list", "admitted")), False)
    single = step("inside_single_limit", price <= param("cn.retail.single"), f"{_LIMITS} art. 1")
    # A year's sum is compared in the finer unit that prior use is given in.
    so_far = field("consignee.prior_use.year_amount") + muldiv(price, [_PRIOR_SCALE], [1], Rounding.HALF_UP)
    limit = muldiv(param("cn.retail.year"), [_PRIOR_SCALE], [1], Rounding.HALF_UP)
    year = step(
        "inside_year_limit", so_far <= limit, f"{_LIMITS} art. 1", "with what this person bought this year"
    )
    retail = step(
        "retail_import",
        choose(admitted & single, year, False),
        f"{_RETAIL} art. 3",
        "inside both limits there is no duty, and the taxes are levied at 70 %",
    )
    stays = choose(param("cn.retail.one_article_stays"), _one_article(), False)
    retail_full = step(
        "one_article_above_limit",
        choose(admitted & ~single, choose(stays, year, False), False),
        f"{_LIMITS} art. 2",
        "one article above the single limit is taxed in full",
    )
    by_express = choose(matches("channel", "express"), param("cn.express.personal"), False)
    by_post = (matches("channel", "postal") | by_express) & ~_programme() & (is_b2c() | is_gift())
    personal = choose(charged & by_post, field("consignee.person"), False)
    fits = choose(v.goods <= _article_limit(), True, _one_article())
    articles = step(
        "personal_articles",
        choose(personal, fits, False),
        f"{_ARTICLES} art. 2-3",
        "articles for a person's own use, inside the value limit or a single article",
    )
    # What is free of all charges asks for no rate of exchange, and is as sure as that.
    goods = choose(charged, ~retail & ~retail_full & ~articles, False)
    return _Route(choose(charged, retail, False), choose(charged, retail_full, False), articles, goods)


def _withheld() -> Cases:
    """Who withholds the taxes of the buyer and pays them over."""
    return cases((present("platform.id"), "platform"), otherwise="declarant")


def _taxed(when: Node, tax: Node) -> Node:
    """Consumption tax is shown where it is due, or where its rate has another reading."""
    return choose(when, choose(lookup("ct", "contested"), True, tax > 0), False)


def _inclusive(base: Node, rate: Node, excise_rate: Node, share: Node) -> Node:
    """*rate* on a base that holds consumption tax: ``base * rate / (1 - ct) * share``, rounded once."""
    return muldiv(base, [rate, share], [RATE_SCALE - excise_rate, RATE_SCALE], Rounding.HALF_UP)


def _retail(when: Node, price: Node, excise_rate: Node) -> tuple[Charge, ...]:
    share = param("cn.retail.share")
    article = f"{_RETAIL} art. 3"
    excise = step("consumption_tax_retail", _inclusive(price, excise_rate, excise_rate, share), article)
    vat = step("vat_retail", _inclusive(price, lookup("vat", "rate"), excise_rate, share), article)
    return (
        Charge(
            "cn.retail.consumption_tax",
            "tax",
            "consumption_tax",
            _taxed(when, excise),
            excise,
            article,
            "periodic",
            always("buyer"),
            _withheld(),
            base=price,
            rate=excise_rate,
        ),
        Charge(
            "cn.retail.vat",
            "tax",
            "vat",
            when,
            vat,
            article,
            "periodic",
            always("buyer"),
            _withheld(),
            base=price,
            rate=lookup("vat", "rate"),
        ),
    )


def _articles(when: Node, v: Values) -> tuple[Charge, ...]:
    value = choose(param("cn.post.price_as_base"), v.value, const(None))
    rate = post_rate(value)
    tax = step(
        "tax_on_entry_articles",
        ratio(value, rate),
        "Tariff Commission Announcement No. 11 of 2024",
        "duty, VAT and consumption tax in one rate by band",
    )
    small = Waiver(
        total(tax) <= param("cn.post.waiver"),
        "at or below the tax that is not collected",
        f"{_ARTICLES} art. 1",
    )
    return (
        Charge(
            "cn.articles",
            "tax",
            "personal_post_tax",
            when,
            tax,
            "Tariff Commission Announcement No. 11 of 2024",
            "at_border",
            always("buyer"),
            base=value,
            rate=rate,
            waived=small,
        ),
    )


def _full(
    prefix: str, when: Node, price: Node, rate: Node, collected: str, payer: Cases
) -> tuple[Charge, ...]:
    """Duty, consumption tax and VAT at the rates for goods."""
    duty = duty_by_tariff(price, _DUTY)
    base = price + duty
    excise = muldiv(base, [rate], [RATE_SCALE - rate], Rounding.HALF_UP)
    vat = muldiv(base, [lookup("vat", "rate")], [RATE_SCALE - rate], Rounding.HALF_UP)
    return (
        Charge(
            f"{prefix}.duty",
            "duty",
            "customs_duty",
            when,
            duty,
            _DUTY,
            collected,
            always("buyer"),
            payer,
            base=price,
            rate=lookup("tariff", "ad_valorem"),
        ),
        Charge(
            f"{prefix}.consumption_tax",
            "tax",
            "consumption_tax",
            _taxed(when, excise),
            step("consumption_tax", excise, _CONSUMPTION, "on the price that holds the tax itself"),
            _CONSUMPTION,
            collected,
            always("buyer"),
            payer,
            base=base,
            rate=rate,
        ),
        Charge(
            f"{prefix}.vat",
            "tax",
            "vat",
            when,
            step("vat_import", vat, _VAT),
            _VAT,
            collected,
            always("buyer"),
            payer,
            base=base,
            rate=lookup("vat", "rate"),
        ),
    )


PACK = Pack(
    code="cn",
    name="China",
    currency="CNY",
    members=("CN",),
    parameters=_LAW.parameters,
    formulas=(Formula("cn.retail_and_articles", date(2016, 4, 8), None, _RETAIL, retail_and_articles),),
    lookups={
        **exchange("gacc-monthly", "CNY"),
        "tariff": duty_lookup("cn-tariff", "CNY"),
        "vat": only_with_code(tax_lookup(_LAW, "cn.vat.standard", "vat_rate")),
        "ct": consumption_tax(_LAW),
        "post": post_band(_LAW),
        "retail_list": retail_list(),
    },
    programmes={
        "CBEC": "cross-border e-commerce retail import, either form",
        "9610": "cross-border retail import, sent directly",
        "1210": "cross-border retail import from bonded stock",
    },
    aliases={"consumption_tax_rate": "cn.ct.standard"},
    text=(
        "A purchase by a person through cross-border retail import, up to 5,000 yuan a time and 26,000 yuan"
        " a year, bears no duty and 70 % of VAT and consumption tax; the platform or the declarant "
        "withholds them. Personal articles by post, up to 2,000 yuan or a single article, bear one tax of "
        "13, 20 or 50 % by kind of goods, which isn't collected up to 50 yuan. All else is general trade, "
        "taxed in full; no Chinese schedule of duty is held."
    ),
    uses=("cn-tariff", "cn-retail-list"),
)
