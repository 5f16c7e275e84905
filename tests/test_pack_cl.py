"""The law of Chile: cases from customs' and the tax service's examples, boundary amounts and days."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.cl import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

SHIRT = {"hs_code": "610910"}
OLD, EVE, NEW = date(2024, 6, 3), date(2025, 10, 24), date(2025, 10, 25)


def decide(
    *items: dict[str, Any], day: date = NEW, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers: cents of dollars, 1,000 pesos to the dollar."""
    row = {
        "consignment_id": "C1",
        "channel": "express",
        "transaction": "b2c",
        "declaration_date": day,
        "order_date": day,
        "departure_country": "CN",
        "destination_country": "CL",
        "currency": "USD",
        "freight": 0,
        "insurance": 0,
        "other_charges": 0,
        "freight_in_price": False,
        "carrier_fees": 0,
        "seller_registered": False,
        **head,
    }
    rows = [
        {
            "item_id": str(n),
            "origin_country": "CN",
            "quantity": 1_000,
            "unit": "C62",
            "gross_mass_mg": 500_000,
            "net_mass_mg": 400_000,
            **item,
        }
        for n, item in enumerate(items, 1)
    ]
    assumed = read_assumptions({"fx": {"USD/CLP": "1000"}, **(assume or {})})
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=assumed)
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


def test_customs_example_of_1000_dollars() -> None:
    """Customs (2023): a CIF value of 1,000 dollars bears 60 of duty and 19 % of 1,060, 201.40, of VAT."""
    outcome = decide({**SHIRT, "value": 90_000}, day=OLD, freight=8_000, insurance=2_000)
    assert amounts(outcome) == {"cl.customs_duty": "60000", "cl.vat.import": "201400"}
    assert (outcome["total"], outcome["payable_at_border"], outcome["currency"]) == (
        "261400",
        "261400",
        "CLP",
    )


@pytest.mark.parametrize(("value", "free"), [(4_099, True), (4_100, True), (4_101, False)])
@pytest.mark.parametrize("day", [PACK.start, EVE])
def test_41_dollars_to_october_2025(value: int, free: bool, day: date) -> None:
    """Item 00.23: occasional purchases up to 41 dollars bear neither duty nor VAT; a cent above, both."""
    outcome = decide({**SHIRT, "value": value}, day=day, seller_registered=True)
    assert (outcome["charges"] == []) is free
    assert set(amounts(outcome)) == (set() if free else {"cl.customs_duty", "cl.vat.import"})


def test_the_day_of_purchase_counts() -> None:
    """Customs: what was bought before 25 October 2025 comes in as before, whenever it arrives."""
    goods = {**SHIRT, "value": 3_000}
    assert decide(goods, order_date=EVE)["total"] == "0"
    assert decide(goods, order_date=NEW)["total"] == "5700"
    missing = decide(goods, order_date=None)
    assert missing["total"] == "5700" and "date.assumed" in codes(missing)


def test_registered_platform_takes_the_vat() -> None:
    """Tax service's example: 30 dollars cost 35.70; the platform pays, nothing is due at the border."""
    outcome = decide({**SHIRT, "value": 2_600}, freight=400, seller_registered=True, **{"platform.id": "M1"})
    (vat,) = outcome["charges"]
    assert (vat["base"], vat["amount"], vat["payer"], vat["collected"]) == (
        "30000",
        "5700",
        "platform",
        "at_sale",
    )
    assert outcome["payable_at_border"] == "0" and outcome["category"] == 2
    alone = decide({**SHIRT, "value": 3_000}, seller_registered=True)["charges"][0]
    assert (alone["liable"], alone["payer"]) == ("seller", "seller")


@pytest.mark.parametrize("channel", ["postal", "express"])
def test_unregistered_seller_buyer_pays_at_customs(channel: str) -> None:
    """Without registration the buyer pays 19 % on the value with transport and insurance at customs."""
    outcome = decide({**SHIRT, "value": 2_600}, freight=300, insurance=100, channel=channel)
    (vat,) = outcome["charges"]
    assert (vat["base"], vat["amount"], vat["payer"], vat["collected"]) == (
        "30000",
        "5700",
        "buyer",
        "at_border",
    )


@pytest.mark.parametrize(("value", "dutiable"), [(49_999, False), (50_000, False), (50_001, True)])
def test_500_dollars(value: int, dutiable: bool) -> None:
    """No duty up to 500 dollars; above, 6 % and VAT at the border, registered platform or not."""
    outcome = decide({**SHIRT, "value": value}, seller_registered=True)
    assert ("cl.customs_duty" in amounts(outcome)) is dutiable
    assert ("cl.vat.sale" in amounts(outcome)) is not dutiable
    assert outcome["category"] == (3 if dutiable else 2)


def test_duty_and_vat_above_500_dollars() -> None:
    """600 dollars and 40 of freight: 6 % of 640 is 38.40, 19 % of 678.40 is 128.896."""
    outcome = decide({**SHIRT, "value": 60_000}, freight=4_000)
    assert amounts(outcome) == {"cl.customs_duty": "38400", "cl.vat.import": "128896"}


def test_whole_pesos() -> None:
    """The peso has no cents: 19 % of 33,333 pesos is 6,333.27, so 6,333."""
    outcome = decide({**SHIRT, "value": 33_333}, currency="CLP")
    assert outcome["total"] == "6333"


def test_firms() -> None:
    """Customs: since October 2025 the relief from duty is for firms too; before, only for persons."""
    for head in ({"transaction": "b2b"}, {"consignee.person": False}):
        assert set(amounts(decide({**SHIRT, "value": 3_000}, **head))) == {"cl.vat.import"}
        assert set(amounts(decide({**SHIRT, "value": 3_000}, day=OLD, **head))) == {
            "cl.customs_duty",
            "cl.vat.import",
        }


def test_scheme_shows_vat_taken() -> None:
    """The scheme says that the VAT was taken with the price, whoever is registered."""
    assert set(amounts(decide({**SHIRT, "value": 3_000}, scheme="CL_VAT"))) == {"cl.vat.sale"}
    assert set(amounts(decide({**SHIRT, "value": 60_000}, scheme="CL_VAT"))) == {
        "cl.customs_duty",
        "cl.vat.import",
    }


def test_gifts() -> None:
    """A gift up to 41 dollars was free; since October 2025 its VAT is due at customs."""
    gift = {"transaction": "c2c_gift", "seller_registered": True}
    assert decide({**SHIRT, "value": 4_000}, day=OLD, **gift)["total"] == "0"
    assert amounts(decide({**SHIRT, "value": 4_000}, **gift)) == {"cl.vat.import": "7600"}


def test_cargo_has_no_relief() -> None:
    """Both reliefs are for post and courier."""
    for day in (OLD, NEW):
        assert amounts(decide({**SHIRT, "value": 4_000}, day=day, channel="cargo")) == {
            "cl.customs_duty": "2400",
            "cl.vat.import": "8056",
        }


def test_simplified_import_limit() -> None:
    """Above 1,000 dollars a full declaration is needed."""
    assert decide({**SHIRT, "value": 100_000})["category"] == 3
    assert decide({**SHIRT, "value": 100_001})["category"] == 4


def test_rate_of_a_trade_agreement() -> None:
    """A preference needs its rate, which isn't held, and proof of origin; up to 500 dollars it doesn't matter."""
    goods = {**SHIRT, "value": 60_000, "preference": "300"}
    assert decide(goods)["status"] == "incomplete"
    outcome = decide(goods, assume={"duty_rate": {"hs": "610910", "rate": "0"}})
    assert amounts(outcome) == {"cl.customs_duty": "0", "cl.vat.import": "114000"}
    assert "relief.evidence" in codes(outcome)
    assert decide({**goods, "value": 3_000})["status"] == "assessed"


@pytest.mark.parametrize("code", ["220830", "240220", "711319"])
def test_further_taxes(code: str) -> None:
    """Alcohol, tobacco and jewels bear further taxes, which aren't held."""
    outcome = decide({"hs_code": code, "value": 3_000})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_documents_and_returned_goods() -> None:
    """Documents and goods coming home pay nothing; of the latter proof is asked."""
    assert decide({**SHIRT, "value": 90_000}, transaction="documents")["total"] == "0"
    outcome = decide({**SHIRT, "value": 90_000}, transaction="returned_goods")
    assert outcome["total"] == "0" and "relief.evidence" in codes(outcome)


def test_unknown_inputs() -> None:
    """Without code, rate of exchange, freight or registration the outcome is incomplete, never free."""
    assert decide({"hs_code": None, "value": 100})["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, freight=None)["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, seller_registered=None)["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, assume={"fx": {"USD/EUR": "0.9"}})["status"] == "incomplete"
