"""The law of Norway: cases from its acts and the customs' pages, boundary amounts and boundary days.

No official example states whole figures that can be worked out again: the customs' chocolate (98 kroner, 61 of
charges) and soft drinks (300, 764) need rates of excise that aren't held. What is counted here is derived.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from deciding import amounts, charge, codes, decider, said
from greenlane.packs import pack

PACK = pack("no")
TODAY = date(2026, 11, 23)
OLD = date(2018, 5, 2)
EARLY_2020 = date(2020, 2, 3)
BETWEEN = date(2022, 3, 4)
FREE = {"duty_rate": {"hs": "950300", "rate": "0"}}
CLOTHES = {"duty_rate": {"hs": "610910", "rate": "0.107"}}
_DECIDE = decider(PACK, TODAY)


def decide(*items: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Decide a consignment by post from China; an item is a toy, free of duty, unless it says else."""
    facts.setdefault("assume", FREE)
    return _DECIDE(*({"hs_code": "950300", **item} for item in items), **facts)


@pytest.mark.parametrize(
    ("freight", "day", "free"),
    [
        (9_999, OLD, True),
        (10_000, OLD, False),
        (10_001, OLD, False),
        (9_999, EARLY_2020, True),
        (9_999, TODAY, False),
    ],
)
def test_limit_of_350_kroner(freight: int, day: date, free: bool) -> None:
    """Until March 2020: below 350 with freight and insurance no duty and no VAT; 350 is taxed whole."""
    outcome = decide({"value": 25_000}, freight=freight, day=day)
    assert (outcome["charges"] == []) is free
    if freight == 10_000:
        assert outcome["tax"] == "88.00" and charge(outcome, "no.vat.import")["base"] == "350.00"


def test_books_do_not_count_in_the_limit() -> None:
    """Posten's example: a book of 500, a shirt of 200, freight of 125: 325 count, so all of it is free."""
    book = {"hs_code": "490199", "value": 50_000}
    shirt = {"hs_code": "610910", "value": 20_000}
    assert decide(book, shirt, freight=12_500, day=OLD)["charges"] == []
    two = {**shirt, "value": 40_000}
    taxed = decide(book, two, freight=12_500, day=OLD, assume={"duty_rates": [*_rates("490199", "610910")]})
    assert taxed["charges"] != []


def _rates(*codes: str) -> list[dict[str, str]]:
    return [{"hs": code, "rate": "0"} for code in codes]


@pytest.mark.parametrize(
    ("hs_code", "day", "free"),
    [
        ("190531", date(2019, 12, 31), True),
        ("190531", date(2020, 1, 1), False),
        ("300490", date(2019, 12, 31), True),
        ("300490", date(2020, 1, 1), False),
        ("220421", date(2019, 12, 31), False),
        ("240220", OLD, False),
        ("950300", date(2020, 1, 1), True),
    ],
)
def test_goods_without_the_limit(hs_code: str, day: date, free: bool) -> None:
    """Alcohol and tobacco never had the limit; food, excise and restricted goods lost it on 1 January 2020."""
    outcome = decide({"hs_code": hs_code, "value": 9_800}, day=day, assume={"duty_rates": _rates(hs_code)})
    assert (outcome["charges"] == []) is free


def test_chocolate_of_the_customs_page_needs_its_excise() -> None:
    """The customs' example of 2020, chocolate of 98 kroner: excise is due and its rate isn't held: incomplete."""
    chocolate = {"hs_code": "180690", "value": 9_800}
    outcome = decide(chocolate, day=EARLY_2020, assume={"duty_rates": _rates("180690")})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    later = decide(chocolate, day=date(2021, 1, 1), assume={"duty_rates": _rates("180690")})
    assert later["tax"] == "15.00" and later["status"] == "assessed"


def test_nothing_is_declared_below_350_in_the_transition() -> None:
    """April 2020 to 2023: tax below 350 is neither assessed nor collected, because nothing is declared."""
    outcome = decide({"value": 30_000}, day=BETWEEN, assume={})
    vat = charge(outcome, "no.vat.import")
    assert (vat["amount"], vat["assessed"]) == ("0.00", None) and vat["waived"]
    assert codes(outcome) == set() and outcome["status"] == "assessed"
    assert outcome["total"] == "0.00" and outcome["category"] == 2 and outcome["disposition"] == "release"
    at = decide({"value": 35_000}, day=BETWEEN)
    assert at["tax"] == "88.00" and charge(at, "no.vat.import")["waived"] is None


def test_transition_is_not_for_food() -> None:
    """The exemption from declaring leaves food out: 98 kroner of biscuits bear 15 %, 15 kroner."""
    outcome = decide(
        {"hs_code": "190531", "value": 9_800}, day=BETWEEN, assume={"duty_rates": _rates("190531")}
    )
    assert outcome["tax"] == "15.00" and charge(outcome, "no.vat.import")["rate"] == "0.15"


@pytest.mark.parametrize(
    ("day", "tax", "waived"),
    [
        (date(2020, 3, 31), "0.00", False),
        (date(2020, 4, 1), "0.00", True),
        (date(2023, 12, 31), "0.00", True),
        (date(2024, 1, 1), "25.00", False),
    ],
)
def test_days_of_the_reform(day: date, tax: str, waived: bool) -> None:
    """A toy of 100 kroner outside VOEC: relieved, then not declared, then taxed from the first krone."""
    outcome = decide({"value": 10_000}, day=day)
    assert outcome["tax"] == tax
    assert any(c["waived"] for c in outcome["charges"]) is waived


def test_first_krone() -> None:
    """Since 1 January 2024, derived: a shirt of 100 and 20 freight at 10.7 %: 13 of duty, VAT on 133 is 33."""
    outcome = decide({"hs_code": "610910", "value": 10_000}, freight=2_000, assume=CLOTHES)
    assert (outcome["duty"], outcome["tax"], outcome["customs_value"]) == ("13.00", "33.00", "120.00")
    assert outcome["payable_at_border"] == "46.00" and outcome["category"] == 3
    assert "fee.carrier" in codes(outcome)


@pytest.mark.parametrize(
    ("value", "vat"),
    [(199, "0.00"), (200, "1.00"), (25_000, "63.00"), (24_999, "62.00"), (25_001, "63.00")],
)
def test_charges_are_whole_kroner(value: int, vat: str) -> None:
    """Customs' example: VAT of 62.50 is 63 kroner; 0.50 is 1, and less is nothing. One weak source."""
    outcome = decide({"value": value})
    assert outcome["tax"] == vat and outcome["certainty"] == "unverified"


def test_duty_is_rounded_once() -> None:
    """Derived: 10.7 % of 4.67 is 0.49969, no krone; cutting to the øre first doesn't lift it to 0.50."""
    assert decide({"hs_code": "610910", "value": 467}, assume=CLOTHES)["duty"] == "0.00"
    assert decide({"hs_code": "610910", "value": 468}, assume=CLOTHES)["duty"] == "1.00"


@pytest.mark.parametrize(("value", "voec"), [(299_999, True), (300_000, False), (300_001, False)])
def test_voec_is_for_articles_below_3000(value: int, voec: bool) -> None:
    """§ 3-1 (2): below 3,000 by the price alone, each article; the freight doesn't count for the limit."""
    outcome = decide({"value": value}, freight=50_000, scheme="VOEC", scheme_id="2020123")
    assert ("no.vat.sale" in amounts(outcome)) is voec
    assert ("no.vat.import" in amounts(outcome)) is not voec
    assert ("procedure.other" in codes(outcome)) is not voec


def test_voec_bears_vat_with_freight_and_no_duty() -> None:
    """Skatteetaten: freight bears VAT in VOEC; derived: 25 % of 400.50 is 100.13, in øre; no duty on clothes."""
    shirt = {"hs_code": "610910", "value": 36_050}
    outcome = decide(shirt, freight=4_000, scheme="VOEC", scheme_id="2020123", assume={})
    assert amounts(outcome) == {"no.vat.sale": "100.13"}
    found = outcome["charges"][0]
    assert (found["liable"], found["payer"], found["collected"]) == ("seller", "seller", "at_sale")
    assert outcome["payable_at_border"] == "0.00" and outcome["certainty"] == "certain"


def test_voec_marketplace_owes_the_tax() -> None:
    """§ 11-2: sold through a marketplace of the register, the marketplace owes and pays."""
    outcome = decide({"value": 10_000}, scheme="VOEC", scheme_id="2020123", **{"platform.id": "M1"})
    assert outcome["charges"][0]["payer"] == "platform" and outcome["tax"] == "25.00"


def test_several_articles_in_one_parcel() -> None:
    """Customs: as many articles as one likes, each below 3,000; one of 3,000 is charged at the border."""
    outcome = decide({"value": 500_000, "quantity": 2_000}, {"value": 300_000}, scheme="VOEC", scheme_id="1")
    taxed = {(c["law"]["rule"], c["item_id"]): c["amount"] for c in outcome["charges"] if c["kind"] == "tax"}
    assert taxed == {("no.vat.sale", "1"): "1250.00", ("no.vat.import", "2"): "750.00"}


@pytest.mark.parametrize("hs_code", ["190531", "300490", "930400", "060290", "220300", "240220"])
def test_goods_that_voec_leaves_out(hs_code: str) -> None:
    """Food, medicines, weapons, plants, alcohol and tobacco are charged at the border, and it is said."""
    outcome = decide(
        {"hs_code": hs_code, "value": 9_800},
        scheme="VOEC",
        scheme_id="2020123",
        assume={"duty_rates": _rates(hs_code)},
    )
    assert "no.vat.sale" not in amounts(outcome) and "no.vat.import" in amounts(outcome)
    assert "procedure.other" in codes(outcome)


def test_registered_shop_without_its_number() -> None:
    """Customs: without the VOEC number in the data, duty and VAT are charged at the border, and it is said."""
    outcome = decide({"value": 10_000}, seller_registered=True)
    assert amounts(outcome)["no.vat.import"] == "25.00" and "vendor.unstated" in codes(outcome)
    below = decide({"value": 10_000}, seller_registered=True, day=BETWEEN)
    assert amounts(below) == {"no.vat.sale": "25.00"} and "vendor.unstated" not in codes(below)


def test_order_before_voec() -> None:
    """Ordered in March 2020, imported in April: no VAT on the sale; below 350 nothing is collected."""
    outcome = decide(
        {"value": 10_000}, day=date(2020, 4, 2), order_date=date(2020, 3, 30), scheme="VOEC", scheme_id="1"
    )
    assert "no.vat.sale" not in amounts(outcome) and outcome["total"] == "0.00"


def test_business_buyers() -> None:
    """VOEC is for consumers; a business registered for VAT reports the import VAT itself."""
    plain = decide({"value": 10_000}, transaction="b2b", scheme="VOEC", scheme_id="1")
    assert charge(plain, "no.vat.import")["collected"] == "at_border"
    reported = decide({"value": 10_000}, transaction="b2b", scheme="NO_VAT")
    assert charge(reported, "no.vat.reported")["collected"] == "periodic"
    assert reported["payable_at_border"] == "0.00"
    company = decide({"value": 10_000}, scheme="VOEC", scheme_id="1", **{"consignee.person": False})
    assert "no.vat.import" in amounts(company)


@pytest.mark.parametrize(("value", "free"), [(99_999, True), (100_000, True), (100_001, False)])
def test_private_gifts(value: int, free: bool) -> None:
    """Gifts up to 1,000 kroner without freight are free; above, the whole is charged; alcohol always is."""
    outcome = decide({"value": value}, freight=20_000, transaction="c2c_gift")
    assert (outcome["charges"] == []) is free
    wine = decide(
        {"hs_code": "220421", "value": 20_000},
        transaction="c2c_gift",
        assume={"duty_rates": _rates("220421")},
    )
    assert wine["status"] == "incomplete"


def test_food_and_books() -> None:
    """Food bears 15 %; whether printed matter is exempt isn't shown by the code, so both amounts stand."""
    food = decide({"hs_code": "210690", "value": 20_000}, assume={"duty_rates": _rates("210690")})
    assert food["tax"] == "30.00" and "law.contested" not in codes(food)
    book = decide({"hs_code": "490199", "value": 20_000}, scheme="VOEC", scheme_id="1")
    assert book["tax"] == "50.00" and book["certainty"] == "contested"
    assert "0.00" in said(book, "law.contested")
    oil = decide({"hs_code": "150910", "value": 20_000}, assume={"duty_rates": _rates("150910")})
    assert oil["tax"] == "50.00" and "30.00" in said(oil, "law.contested")


def test_bulk_clearance() -> None:
    """A carrier declares for several private receivers only up to 3,000 kroner without freight."""
    assert "procedure.other" not in codes(decide({"value": 300_000}, programme="BULK", freight=10_000))
    for facts in ({"value": 300_001}, {"value": 10_000, "quantity": 1_000}):
        kind = "b2b" if facts["value"] == 10_000 else "b2c"
        outcome = decide(facts, programme="BULK", transaction=kind)
        assert "3000.00" in said(outcome, "procedure.other")


def test_category() -> None:
    """Above what a carrier may declare collectively a consignment is of high value."""
    assert decide({"value": 300_000})["category"] == 3
    assert decide({"value": 300_001})["category"] == 4


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence, which isn't certain."""
    assert decide({"value": 120_000}, transaction="documents")["total"] == "0.00"
    back = decide({"value": 120_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_what_is_not_known() -> None:
    """Without a schedule, a code or a rate of exchange there is no total."""
    for facts in ({"assume": {}}, {"currency": "XPF"}):
        assert decide({"value": 50_000}, **facts)["status"] == "incomplete"
    assert decide({"hs_code": None, "value": 50_000})["status"] == "incomplete"


def test_customs_rate_of_exchange() -> None:
    """The customs' own rates are used: 30 USD at 10 is 300 kroner, VAT 75."""
    outcome = decide({"value": 3_000}, currency="USD", assume={**FREE, "fx": {"USD/NOK": "10"}})
    assert outcome["customs_value"] == "300.00" and outcome["tax"] == "75.00"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
