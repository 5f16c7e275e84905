"""The law of China: cases from its acts, boundary amounts and boundary days."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.cn import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook
from greenlane.tariff.goods_list import Entry, GoodsList

TODAY = date(2026, 11, 23)
CREAM = {"hs_code": "330499", "net_mass_mg": 20_000}
SHIRT = {"hs_code": "610910"}
BISCUITS = {"hs_code": "190531"}
RETAIL = {"channel": "bonded", "programme": "CBEC", "platform.id": "M1"}
POST = {"channel": "postal"}
ADMITTED = GoodsList(
    "cn-retail-list", "list", "MOF", date(2016, 4, 8), None, date(2016, 4, 7), (Entry("33"),)
)


def decide(
    *items: dict[str, Any],
    day: date = TODAY,
    assume: dict[str, Any] | None = None,
    book: TariffBook | None = None,
    **head: Any,
) -> dict[str, Any]:
    """Decide one consignment on integers; amounts are fen."""
    row = {
        "consignment_id": "C1",
        "channel": "postal",
        "transaction": "b2c",
        "declaration_date": day,
        "departure_country": "JP",
        "destination_country": "CN",
        "currency": "CNY",
        "freight": 0,
        "insurance": 0,
        "other_charges": 0,
        "freight_in_price": False,
        "carrier_fees": 0,
        "consignee.person": True,
        "consignee.prior_use.year_amount": 0,
        **head,
    }
    rows = [
        {
            "item_id": str(n),
            "origin_country": "JP",
            "quantity": 1_000,
            "unit": "C62",
            "gross_mass_mg": 500_000,
            "net_mass_mg": 400_000,
            **item,
        }
        for n, item in enumerate(items, 1)
    ]
    sources = SimpleNamespace(
        tariff=book or TariffBook(), fx=ExchangeRates(), assumed=read_assumptions(assume or {})
    )
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


def test_customs_answer_on_a_cream_of_20_grams() -> None:
    """Ningbo Customs: 425 yuan for 20 g is high-end; 70 % of both taxes, withheld, no duty."""
    outcome = decide({**CREAM, "value": 42_500}, day=date(2025, 11, 14), **RETAIL)
    assert amounts(outcome) == {"cn.retail.consumption_tax": "52.50", "cn.retail.vat": "45.50"}
    assert (outcome["duty"], outcome["tax"], outcome["payable_at_border"]) == ("0.00", "98.00", "0.00")
    assert {(c["liable"], c["payer"], c["collected"]) for c in outcome["charges"]} == {
        ("buyer", "platform", "periodic")
    }
    assert outcome["category"] == 2


@pytest.mark.parametrize(
    ("day", "hs_code", "net", "tax"),
    [
        (date(2019, 4, 1), "150910", 900_000, "63.00"),
        (date(2019, 4, 1), "330499", 50_000, "230.59"),
        (date(2016, 10, 1), "330510", 400_000, "119.00"),
        (date(2016, 10, 1), "330499", 50_000, "263.53"),
        (date(2016, 4, 8), "330410", 50_000, "470.00"),
        (date(2018, 4, 30), "610910", 400_000, "119.00"),
        (date(2018, 5, 1), "610910", 400_000, "112.00"),
        (date(2019, 3, 31), "610910", 400_000, "112.00"),
        (date(2019, 4, 1), "610910", 400_000, "91.00"),
        (date(2017, 6, 30), "490199", 400_000, "91.00"),
        (date(2017, 7, 1), "490199", 400_000, "77.00"),
        (date(2018, 5, 1), "490199", 400_000, "70.00"),
        (date(2019, 3, 31), "490199", 400_000, "70.00"),
        (date(2026, 1, 1), "490199", 400_000, "63.00"),
    ],
)
def test_composite_rates_by_date(day: date, hs_code: str, net: int, tax: str) -> None:
    """1,000 yuan through retail import: the composite rates of each period, by the pack's own rates."""
    assert decide({"hs_code": hs_code, "net_mass_mg": net, "value": 100_000}, day=day, **RETAIL)["tax"] == tax


def test_skin_care_before_october_2016_is_contested() -> None:
    """Cai Shui (2016) 103: before it make-up bore 30 % and skin care nothing; the code holds both."""
    outcome = decide({**CREAM, "value": 100_000}, day=date(2016, 9, 30), **RETAIL)
    assert outcome["tax"] == "119.00"
    assert outcome["certainty"] == "contested"
    other = [f["message"] for f in outcome["findings"] if f["code"] == "law.contested"]
    assert len(other) == 2
    assert any("consumption tax is 300.00" in words for words in other)
    assert any("VAT is 170.00" in words for words in other)


@pytest.mark.parametrize(("value", "high"), [(19_999, False), (20_000, True), (20_001, True)])
def test_high_end_cosmetics_from_ten_yuan_a_gram(value: int, high: bool) -> None:
    """Cai Shui (2016) 103 art. 1: 10 yuan a gram and above; a fen below 200 yuan for 20 g is ordinary."""
    outcome = decide({**CREAM, "value": value}, **RETAIL)
    assert ("cn.retail.consumption_tax" in amounts(outcome)) is high


@pytest.mark.parametrize(
    ("contents", "value", "high"),
    [
        ({"contents.quantity": 30_000, "contents.unit": "MLT"}, 30_000, True),
        ({"contents.quantity": 30_000, "contents.unit": "MLT"}, 29_999, False),
        ({"contents.quantity": 30, "contents.unit": "LTR"}, 30_000, True),
        ({"contents.quantity": 10_000, "contents.unit": "H87"}, 15_000, True),
        ({"contents.quantity": 10_000, "contents.unit": "H87"}, 14_999, False),
    ],
)
def test_high_end_by_contents(contents: dict[str, Any], value: int, high: bool) -> None:
    """Contents go before net mass: millilitres and litres at 10 yuan, sheets at 15 yuan a piece."""
    outcome = decide({"hs_code": "330499", "net_mass_mg": 1, "value": value, **contents}, **RETAIL)
    assert ("cn.retail.consumption_tax" in amounts(outcome)) is high


def test_cosmetics_without_mass_or_contents_are_incomplete() -> None:
    """Whether a cream is high-end can't be said without mass or contents: the element is named."""
    outcome = decide({"hs_code": "330499", "net_mass_mg": None, "value": 42_500}, **RETAIL)
    assert outcome["status"] == "incomplete" and outcome["total"] is None
    assert any("net_mass_kg" in f["message"] for f in outcome["findings"])


@pytest.mark.parametrize(
    ("day", "value", "route"),
    [
        (date(2018, 12, 31), 200_000, "retail"),
        (date(2018, 12, 31), 200_001, "general"),
        (date(2019, 1, 1), 500_000, "retail"),
        (date(2019, 1, 1), 500_001, "retail_full"),
        (TODAY, 2_600_000, "retail_full"),
        (TODAY, 2_600_001, "general"),
    ],
)
def test_single_limit(day: date, value: int, route: str) -> None:
    """Cai Guan Shui (2018) 49 art. 1-2: one article above 5,000 stays in retail, in full."""
    outcome = decide(
        {**SHIRT, "value": value}, day=day, assume={"duty_rate": {"hs": "6109", "rate": "0.06"}}, **RETAIL
    )
    assert {rule.split(".")[1] for rule in amounts(outcome)} == {route}


def test_full_tax_on_one_article() -> None:
    """6,000 yuan with 6 % duty: duty 360, VAT 13 % of 6,360; the platform withholds."""
    outcome = decide(
        {**SHIRT, "value": 600_000}, assume={"duty_rate": {"hs": "6109", "rate": "0.06"}}, **RETAIL
    )
    assert amounts(outcome) == {"cn.retail_full.duty": "360.00", "cn.retail_full.vat": "826.80"}
    assert outcome["payable_at_border"] == "0.00" and outcome["category"] == 4


def test_full_consumption_tax_stands_on_the_price_with_the_tax() -> None:
    """(P + D) / (1 - 15 %): 6,000 yuan at 5 % duty gives 6,300, CT 1,111.76 and VAT 963.53."""
    outcome = decide(
        {**CREAM, "value": 600_000}, assume={"duty_rate": {"hs": "3304", "rate": "0.05"}}, **RETAIL
    )
    assert amounts(outcome) == {
        "cn.retail_full.duty": "300.00",
        "cn.retail_full.consumption_tax": "1111.76",
        "cn.retail_full.vat": "963.53",
    }


def test_two_articles_above_the_single_limit_are_general_trade() -> None:
    """Two articles above 5,000 yuan leave the retail procedure: another declaration is asked for."""
    outcome = decide({**SHIRT, "value": 500_100, "quantity": 2_000}, **RETAIL)
    assert "procedure.other" in codes(outcome)
    assert outcome["status"] == "incomplete" and "tariff.not_loaded" in codes(outcome)


@pytest.mark.parametrize(("prior", "route"), [(259_000_000, "retail"), (259_000_100, "general")])
def test_year_limit(prior: int, route: str) -> None:
    """26,000 yuan a person and year, with this purchase: at it retail, a fen above it general trade."""
    outcome = decide({**SHIRT, "value": 10_000}, **RETAIL, **{"consignee.prior_use.year_amount": prior})
    assert all(rule.startswith(f"cn.{route}.") for rule in amounts(outcome))


def test_unknown_prior_use_is_incomplete_and_named() -> None:
    """The year's sum is needed: null prior use gives an incomplete outcome that names the element."""
    outcome = decide({**SHIRT, "value": 10_000}, **RETAIL, **{"consignee.prior_use.year_amount": None})
    assert outcome["status"] == "incomplete" and outcome["disposition"] == "hold"
    assert any(f["path"].endswith("prior_use/year_amount") for f in outcome["findings"])


def test_price_holds_freight_and_insurance() -> None:
    """Cai Guan Shui (2016) 18 art. 1: the price is that of goods, freight and insurance."""
    outcome = decide({**SHIRT, "value": 90_000}, freight=9_000, insurance=1_000, **RETAIL)
    assert outcome["tax"] == "91.00"


def test_list_of_retail_goods() -> None:
    """Goods that the list lacks are general trade; a list that isn't loaded is said."""
    book = TariffBook(lists=[ADMITTED])
    assert "list.not_loaded" not in codes(decide({**CREAM, "value": 42_500}, book=book, **RETAIL))
    assert "procedure.other" in codes(decide({**SHIRT, "value": 42_500}, book=book, **RETAIL))
    unchecked = decide({**SHIRT, "value": 42_500}, **RETAIL)
    assert "list.not_loaded" in codes(unchecked) and unchecked["certainty"] == "unverified"


def test_goods_whose_consumption_tax_is_not_held_are_incomplete() -> None:
    """Spirits bear a compound consumption tax that the pack doesn't hold."""
    outcome = decide({"hs_code": "220830", "value": 30_000}, **RETAIL)
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


@pytest.mark.parametrize(
    ("day", "item", "tax"),
    [
        (date(2018, 10, 31), BISCUITS, "150.00"),
        (date(2018, 11, 1), BISCUITS, "150.00"),
        (date(2019, 4, 8), BISCUITS, "150.00"),
        (date(2019, 4, 9), BISCUITS, "130.00"),
        (date(2018, 10, 31), SHIRT, "300.00"),
        (date(2018, 11, 1), SHIRT, "250.00"),
        (date(2019, 4, 8), SHIRT, "250.00"),
        (date(2019, 4, 9), SHIRT, "200.00"),
        (TODAY, SHIRT, "200.00"),
        (date(2018, 10, 31), {"hs_code": "220421"}, "600.00"),
        (date(2018, 11, 1), {"hs_code": "220421"}, "500.00"),
        (date(2019, 4, 9), CREAM, "500.00"),
        (date(2019, 4, 9), {**CREAM, "net_mass_mg": 200_000}, "200.00"),
        (date(2019, 4, 9), {"hs_code": "910211"}, "200.00"),
    ],
)
def test_bands_of_entry_articles(day: date, item: dict[str, Any], tax: str) -> None:
    """Notices of 2016, 2018 and 2019: 1,000 yuan by post, band by goods, the buyer pays at the border."""
    outcome = decide({**item, "value": 100_000}, day=day, **POST)
    assert amounts(outcome) == {"cn.articles": tax}
    assert outcome["payable_at_border"] == tax and outcome["charges"][0]["payer"] == "buyer"


def test_dear_watch_as_a_single_article() -> None:
    """A single watch of 10,000 yuan is an article of the third band; a fen less, of the second."""
    assert decide({"hs_code": "910211", "value": 1_000_000}, **POST)["tax"] == "5000.00"
    assert decide({"hs_code": "910211", "value": 999_999}, **POST)["tax"] == "2000.00"


@pytest.mark.parametrize(("value", "due"), [(25_000, "0.00"), (25_002, "0.00"), (25_003, "50.01")])
def test_fifty_yuan_are_not_collected(value: int, due: str) -> None:
    """GACC 43 of 2010 art. 1: tax up to 50 yuan, the amount included, is assessed and not collected."""
    outcome = decide({**SHIRT, "value": value}, **POST)
    assert outcome["tax"] == due
    assert (outcome["charges"][0]["waived"] is not None) is (due == "0.00")
    assert outcome["charges"][0]["assessed"] in ("50.00", "50.01")


@pytest.mark.parametrize(
    ("day", "country", "value", "inside"),
    [
        (date(2024, 11, 30), "JP", 100_000, True),
        (date(2024, 11, 30), "JP", 100_001, False),
        (date(2024, 11, 30), "HK", 80_000, True),
        (date(2024, 11, 30), "HK", 80_001, False),
        (date(2024, 12, 1), "JP", 200_000, True),
        (date(2024, 12, 1), "HK", 200_000, True),
        (date(2024, 12, 1), "TW", 200_001, False),
    ],
)
def test_value_limit_of_a_personal_parcel(day: date, country: str, value: int, inside: bool) -> None:
    """GACC 43 of 2010 art. 2, as amended by GACC 176 of 2024: 1,000 or 800 yuan, then 2,000 from anywhere."""
    outcome = decide({**SHIRT, "value": value, "quantity": 2_000}, day=day, departure_country=country)
    assert ("cn.articles" in amounts(outcome)) is inside
    assert ("procedure.other" in codes(outcome)) is not inside


def test_one_article_may_exceed_the_limit() -> None:
    """GACC 43 of 2010 art. 3: a single article above the limit is still a personal article."""
    assert amounts(decide({**SHIRT, "value": 300_000}, **POST)) == {"cn.articles": "600.00"}


def test_contested_band() -> None:
    """Telephones may be information technology or other goods: both amounts are given."""
    outcome = decide({"hs_code": "851713", "value": 100_000}, **POST)
    assert outcome["tax"] == "200.00" and outcome["certainty"] == "contested"
    assert any("130.00" in f["message"] for f in outcome["findings"] if f["code"] == "law.contested")


def test_unknown_person_and_business() -> None:
    """Whether the consignee is a person decides; a business parcel by post is taxed as goods."""
    unknown = decide({**SHIRT, "value": 50_000}, **{"consignee.person": None})
    assert unknown["status"] == "incomplete"
    business = decide({**SHIRT, "value": 50_000}, transaction="b2b")
    assert all(rule.startswith("cn.general.") for rule in amounts(business))


def test_no_code_is_incomplete() -> None:
    """Without a commodity code neither band nor rate is known."""
    outcome = decide({"hs_code": None, "value": 50_000}, **POST)
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_express_without_programme_follows_articles_unverified() -> None:
    """Class B express is taxed as personal post, which rests on carriers' words only."""
    outcome = decide({**SHIRT, "value": 50_000}, channel="express")
    assert amounts(outcome) == {"cn.articles": "100.00"} and outcome["certainty"] == "unverified"


def test_documents_and_returns_are_free() -> None:
    """Documents bear nothing; returned goods bear nothing with evidence."""
    assert decide({**SHIRT, "value": 50_000}, transaction="documents")["total"] == "0.00"
    returned = decide({**SHIRT, "value": 50_000}, transaction="returned_goods")
    assert returned["total"] == "0.00" and returned["disposition"] == "request_information"


def test_assumed_rates_of_a_run() -> None:
    """Rates of VAT and consumption tax given for a run replace the pack's, each with a finding."""
    outcome = decide(
        {**SHIRT, "value": 100_000}, assume={"vat_rate": "0.17", "consumption_tax_rate": "0.30"}, **RETAIL
    )
    assert outcome["tax"] == "470.00" and "assumed" in codes(outcome)


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
            if near >= PACK.start:
                assert decide({**SHIRT, "value": 42_500}, day=near, **RETAIL)["status"] == "assessed"
