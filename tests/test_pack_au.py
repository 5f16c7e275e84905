"""The law of Australia: cases from its acts, boundary amounts and boundary days."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.au import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

TODAY = date(2026, 11, 23)
SPRING = date(2025, 3, 14)
SHIRT = {"hs_code": "610910"}
WHEELS = {"hs_code": "870870"}
FIVE = {"duty_rate": {"hs": "870870", "rate": "0.05"}}


def decide(
    *items: dict[str, Any], day: date = SPRING, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers; amounts are cents."""
    row = {
        "consignment_id": "A1",
        "channel": "express",
        "transaction": "b2c",
        "declaration_date": day,
        "order_date": day,
        "export_date": day,
        "departure_country": "US",
        "destination_country": "AU",
        "currency": "AUD",
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
            "origin_country": "US",
            "quantity": 1_000,
            "unit": "C62",
            "gross_mass_mg": 500_000,
            "net_mass_mg": 400_000,
            **item,
        }
        for n, item in enumerate(items, 1)
    ]
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=read_assumptions(assume or {}))
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


def test_customs_example_in_australian_dollars() -> None:
    """Customs' example of wheels (on the first day of the span): 1,200 at 5 %, 150 transport, GST 141."""
    outcome = decide({**WHEELS, "value": 120_000}, day=PACK.start, freight=15_000, assume=FIVE)
    assert outcome["customs_value"] == "1200.00" and outcome["duty"] == "60.00" and outcome["tax"] == "141.00"
    gst = next(charge for charge in outcome["charges"] if charge["name"] == "gst")
    assert (gst["base"], gst["collected"], gst["payer"]) == ("1410.00", "at_border", "buyer")


def test_customs_example_in_american_dollars() -> None:
    """Customs' example of 2010 (formula on the first day): 1,274 USD at 0.91 is 1,400; duty 70, GST 160."""
    assume = {**FIVE, "fx": {"AUD/USD": "0.91"}}
    outcome = decide(
        {**WHEELS, "value": 127_400}, day=PACK.start, freight=11_830, currency="USD", assume=assume
    )
    assert (outcome["customs_value"], outcome["duty"], outcome["tax"]) == ("1400.00", "70.00", "160.00")


@pytest.mark.parametrize(("value", "low"), [(99_999, True), (100_000, True), (100_001, False)])
def test_border_limit(value: int, low: bool) -> None:
    """By-law, item 26: customs value below 1,000.01 dollars is free at the border; above, all is taxed."""
    outcome = decide({**WHEELS, "value": value}, assume=FIVE)
    assert (outcome["payable_at_border"] == "0.00") is low
    assert (amounts(outcome) == {}) is low
    assert outcome["category"] == (2 if low else 4)


def test_limit_leaves_transport_out() -> None:
    """The customs value leaves freight and insurance out: 1,000 with 300 of both is low value."""
    assert decide({**WHEELS, "value": 100_000}, freight=20_000, insurance=10_000)["total"] == "0.00"


def test_registered_seller_takes_gst_with_delivery() -> None:
    """Subdiv. 84-C: 10 % of price and delivery, at sale, owed and paid by the seller."""
    outcome = decide({**SHIRT, "value": 10_000}, seller_registered=True, freight=1_500)
    assert amounts(outcome) == {"au.gst.sale": "11.50"}
    charge = outcome["charges"][0]
    assert (charge["liable"], charge["payer"], charge["collected"]) == ("seller", "seller", "at_sale")
    assert outcome["payable_at_border"] == "0.00" and outcome["disposition"] == "release"


def test_platform_is_the_supplier() -> None:
    """s. 84-81(3): the operator of a platform owes the GST, registered seller or not."""
    for registered in (True, False):
        outcome = decide({**SHIRT, "value": 10_000}, seller_registered=registered, **{"platform.id": "M1"})
        assert outcome["tax"] == "10.00" and outcome["charges"][0]["payer"] == "platform"


def test_unregistered_seller_owes_nothing_below_the_limit() -> None:
    """GST Act s. 42-5 with item 26: no GST at the border on low value; none at sale without registration."""
    assert decide({**SHIRT, "value": 10_000})["total"] == "0.00"


def test_business_buyer_and_gift_bear_no_gst_at_sale() -> None:
    """s. 84-75: only supplies to consumers; a gift is no supply."""
    for kind in ("b2b", "c2c_gift"):
        assert decide({**SHIRT, "value": 10_000}, transaction=kind, seller_registered=True)["total"] == "0.00"


def test_mixed_consignment() -> None:
    """s. 84-79(2), s. 42-15: low value goods taxed at sale aren't taxed at the border; the rest is."""
    outcome = decide(
        {**SHIRT, "value": 10_000},
        {**WHEELS, "value": 120_000},
        scheme="AU_GST",
        assume={"duty_rates": [{"hs": "870870", "rate": "0.05"}, {"hs": "610910", "rate": "0.05"}]},
    )
    taxed = {(c["law"]["rule"], c["item_id"]): c["amount"] for c in outcome["charges"] if c["kind"] == "tax"}
    assert taxed == {("au.gst.sale", "1"): "10.00", ("au.gst.import", "2"): "126.00"}
    assert outcome["duty"] == "65.00"


def test_goods_are_low_value_one_by_one() -> None:
    """Three articles of 400 dollars are each low value: with the scheme, GST is taken at sale."""
    three = {**WHEELS, "value": 120_000, "quantity": 3_000}
    assert "au.gst.sale" in amounts(decide(three, scheme="AU_GST", assume=FIVE))
    assert "au.gst.import" in amounts(decide({**three, "quantity": 1_000}, scheme="AU_GST", assume=FIVE))


def test_vendor_expects_border_taxation_above_the_limit() -> None:
    """s. 84-83: without the scheme stated, a consignment above the limit is taxed at the border."""
    outcome = decide({**WHEELS, "value": 120_000, "quantity": 3_000}, seller_registered=True, assume=FIVE)
    assert "au.gst.import" in amounts(outcome) and "au.gst.sale" not in amounts(outcome)


@pytest.mark.parametrize(
    ("value", "elections", "fee"),
    [
        (100_001, "{}", "50.00"),
        (999_999, "{}", "50.00"),
        (1_000_000, "{}", "152.00"),
        (999_999, '{"lodgement": "documentary"}', "90.00"),
        (1_000_000, '{"lodgement": "documentary"}', "192.00"),
    ],
)
def test_import_processing_charge(value: int, elections: str, fee: str) -> None:
    """Import Processing Charges Act 2001 s. 5(1): by value from 10,000 dollars and by lodgement."""
    assert (
        amounts(decide({**WHEELS, "value": value}, assume=FIVE, elections=elections))["au.import_processing"]
        == fee
    )


@pytest.mark.parametrize(
    ("day", "mode", "fee"),
    [
        (date(2019, 12, 31), "air", "33.00"),
        (date(2020, 1, 1), "air", "38.00"),
        (date(2023, 6, 30), "air", "38.00"),
        (date(2023, 7, 1), "air", "43.00"),
        (date(2024, 6, 30), "air", "43.00"),
        (date(2025, 6, 30), "air", "45.00"),
        (date(2020, 1, 1), "sea", "49.00"),
        (date(2023, 1, 15), "sea", "49.00"),
        (date(2023, 1, 16), "sea", "58.00"),
        (date(2023, 7, 1), "sea", "63.00"),
        (date(2024, 7, 1), "sea", "66.00"),
    ],
)
def test_biosecurity_charge(day: date, mode: str, fee: str) -> None:
    """Notices of the department of agriculture: by mode and date, on each full import declaration."""
    outcome = decide({**WHEELS, "value": 120_000}, day=day, channel="cargo", transport_mode=mode, assume=FIVE)
    assert amounts(outcome)["au.biosecurity"] == fee


def test_biosecurity_charge_that_was_not_seen_is_incomplete() -> None:
    """Indexed on 1 July 2025 to an amount that no source gave: incomplete, and the rule is named."""
    outcome = decide({**WHEELS, "value": 120_000}, day=date(2025, 7, 1), assume=FIVE)
    assert outcome["status"] == "incomplete" and "law.unknown" in codes(outcome)
    assert outcome["duty"] == "60.00" and outcome["tax"] == "126.00"


def test_biosecurity_charge_needs_the_mode() -> None:
    """Cargo whose mode isn't given: the charge isn't known and the element is asked for."""
    outcome = decide({**WHEELS, "value": 120_000}, channel="cargo", transport_mode=None, assume=FIVE)
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


def test_no_schedule_is_incomplete() -> None:
    """Above the limit the duty of a code isn't known without a schedule; nothing stands in for it."""
    outcome = decide({**WHEELS, "value": 120_000})
    assert outcome["status"] == "incomplete" and outcome["disposition"] == "hold"
    assert "tariff.not_loaded" in codes(outcome)


@pytest.mark.parametrize("hs_code", ["220421", "220830", "240220"])
def test_alcohol_and_tobacco_have_no_relief(hs_code: str) -> None:
    """By-law, item 26: alcohol and tobacco are taxed at any value; their duty isn't held."""
    outcome = decide({"hs_code": hs_code, "value": 2_000}, {**SHIRT, "value": 2_000}, seller_registered=True)
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    assert {c["item_id"] for c in outcome["charges"] if c["law"]["rule"] == "au.gst.sale"} == {"2"}
    assert "au.import_processing" not in amounts(outcome)


def test_food_is_contested_and_books_are_not() -> None:
    """s. 38-2: food may be GST-free, so both amounts stand; books bear GST."""
    food = decide({"hs_code": "170490", "value": 10_000}, seller_registered=True)
    assert food["tax"] == "10.00" and food["certainty"] == "contested"
    assert any("0.00" in f["message"] for f in food["findings"] if f["code"] == "law.contested")
    book = decide({"hs_code": "490199", "value": 10_000}, seller_registered=True)
    assert book["tax"] == "10.00" and "law.contested" not in codes(book)


def test_rate_of_exchange_is_of_the_day_of_export() -> None:
    """Customs Act s. 161J: without export_date the declaration date serves, and it is said."""
    assume = {**FIVE, "fx": {"AUD/USD": "0.91"}}
    outcome = decide({**WHEELS, "value": 1_000}, currency="USD", export_date=None, assume=assume)
    assert "date.assumed" in codes(outcome)


def test_documents_and_returns() -> None:
    """Documents are free; returns above the limit are free with evidence (s. 42-10)."""
    assert decide({**SHIRT, "value": 120_000}, transaction="documents")["total"] == "0.00"
    back = decide({**SHIRT, "value": 120_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_reporters_charge_is_told_and_not_counted() -> None:
    """The reporting party owes the clearance charge by its quarter's count; no total holds it."""
    told = decide({**SHIRT, "value": 10_000}, day=date(2025, 7, 1))
    assert told["total"] == "0.00"
    assert any("0.37" in f["message"] for f in told["findings"] if f["code"] == "fee.reporter")
    assert "fee.reporter" not in codes(decide({**SHIRT, "value": 10_000}, day=date(2024, 9, 30)))
    assert "fee.reporter" not in codes(decide({**SHIRT, "value": 10_000}, channel="postal"))
    this_year = decide({**SHIRT, "value": 10_000}, day=TODAY)
    assert "fee.reporter" in codes(this_year) and this_year["status"] == "assessed"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be alcohol or tobacco, so the relief isn't sure."""
    outcome = decide({"hs_code": None, "value": 10_000})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
            if near >= PACK.start:
                assert decide({**SHIRT, "value": 10_000}, day=near, seller_registered=True)["tax"] == "10.00"
