"""The law of Saudi Arabia: no duty below 1,000 riyals, VAT, customs service fees.

Published: the authority's example of VAT on a book (`test_example_of_the_authority`). All else is derived.
"""

from datetime import date
from typing import Any

import pytest

from greenlane.packs import pack
from quoting import Outcome, amounts, codes
from quoting import quote as quoted

PACK = pack("sa")
TODAY = date(2026, 11, 24)
BEFORE = date(2024, 10, 5)
FIVE = {"duty_rate": {"hs": "610910", "rate": "0.05"}}
BOOK = {"hs_code": "490199", "description": "printed book"}


def quote(*items: dict[str, Any], day: date = TODAY, currency: str = "SAR", **head: Any) -> Outcome:
    return quoted("SA", currency, *items, day=day, **head)


@pytest.mark.parametrize(
    ("day", "vat"), [(date(2020, 6, 30), "4.25"), (date(2020, 7, 1), "12.75"), (date(2020, 7, 3), "12.75")]
)
def test_example_of_the_authority(day: date, vat: str) -> None:
    """A book of 75 riyals with 10 of delivery cleared in July 2020 bears VAT of 12.75; before, 5 % is 4.25."""
    outcome = quote({**BOOK, "value": "75.00"}, day=day, freight="10.00")
    assert amounts(outcome) == {"sa.vat": vat} and outcome["customs_value"] == "85.00"
    charge = outcome["charges"][0]
    assert (charge["liable"], charge["payer"], charge["collected"]) == ("buyer", "carrier", "at_border")


def test_parcel_today() -> None:
    """85 riyals: fee 15, VAT (85 + 15) x 15 % = 15."""
    outcome = quote({**BOOK, "value": "75.00"}, freight="10.00")
    assert amounts(outcome) == {"sa.customs_service_fee": "15.00", "sa.vat": "15.00"}
    assert outcome["total"] == "30.00" and outcome["certainty"] == "certain"


@pytest.mark.parametrize(("value", "free"), [("949.99", True), ("950.00", False), ("950.01", False)])
def test_limit_holds_freight_and_insurance(value: str, free: bool) -> None:
    """Less than 1,000 riyals with freight of 40 and insurance of 10; at 1,000 the tariff applies."""
    outcome = quote({"value": value}, freight="40.00", insurance="10.00")
    assert (outcome["status"] == "assessed") is free
    assert outcome["category"] == (3 if free else 4)
    if not free:
        assert "tariff.not_loaded" in codes(outcome)


def test_duty_above_the_limit() -> None:
    """2,000 at an assumed 5 %: duty 100, fee 15, VAT (2,000 + 100 + 15) x 15 % = 317.25."""
    outcome = quote({"value": "2000.00"}, assume=FIVE)
    assert amounts(outcome) == {
        "sa.customs_duty": "100.00",
        "sa.customs_service_fee": "15.00",
        "sa.vat": "317.25",
    }


@pytest.mark.parametrize(
    ("value", "rate", "fee"),
    [
        ("1000.00", "0.05", "15.00"),
        ("10000.00", "0.05", "15.00"),
        ("20000.00", "0.05", "30.00"),
        ("400000.00", "0.05", "500.00"),
        ("100000.00", "0.05", "150.00"),
        ("100000.00", "0", "130.00"),
        ("80000.00", "0", "120.00"),
    ],
)
def test_fee_for_customs_services(value: str, rate: str, fee: str) -> None:
    """0.15 % of the value, at least 15 and at most 500 riyals; at most 130 on goods free of duty."""
    outcome = quote({"value": value}, assume={"duty_rate": {"hs": "610910", "rate": rate}})
    assert outcome["fees"] == fee


def test_fees_before_october_2024() -> None:
    """Until 5 October 2024: 20 riyals for a declaration of 1,000 riyals and more; none is known below."""
    dear = quote({"value": "2000.00"}, day=BEFORE, assume=FIVE)
    assert dear["fees"] == "20.00" and dear["tax"] == "318.00" and dear["certainty"] == "unverified"
    assert quote({"value": "200.00"}, day=BEFORE)["fees"] == "0.00"
    assert quote({"value": "200.00"}, day=date(2024, 10, 6))["fees"] == "15.00"


def test_fee_is_shared_over_lines() -> None:
    """The fee enters the base of each line by value and sums back: (300 + 100 + 15) x 15 % = 62.25."""
    outcome = quote({"value": "300.00"}, {"value": "100.00"})
    assert outcome["tax"] == "62.25"


def test_business_goods_have_no_relief() -> None:
    """The relief is for personal goods, gifts among them."""
    assert quote({"value": "500.00"}, transaction="b2b")["status"] == "incomplete"
    assert quote({"value": "500.00"}, transaction="c2c_gift")["duty"] == "0.00"
    assert quote({"value": "500.00"}, channel="cargo")["charges"][0]["payer"] == "buyer"


def test_riyal_follows_the_dollar() -> None:
    """20 dollars at the official 3.75 are 75 riyals; another currency goes through the ECB's dollar."""
    outcome = quote({**BOOK, "value": "20.00"}, currency="USD")
    assert outcome["customs_value"] == "75.00" and outcome["certainty"] == "unverified"
    assert "fx.substituted" in codes(outcome)
    assert quote({**BOOK, "value": "20.00"}, currency="EUR", day=date(2025, 9, 10))["status"] == "assessed"
    given = quote({**BOOK, "value": "20.00"}, currency="USD", assume={"fx": {"USD/SAR": "4"}})
    assert given["customs_value"] == "80.00" and "fx.substituted" not in codes(given)
    assert "fx.unknown" in codes(quote({**BOOK, "value": "20.00"}, currency="XPF"))


def test_excise_and_alcohol() -> None:
    """Tobacco bears excise, which isn't held; alcohol may not be imported and has no relief."""
    tobacco = quote({"hs_code": "240220", "value": "100.00"})
    assert tobacco["status"] == "incomplete" and "excise.unknown" in codes(tobacco)
    alcohol = quote({"hs_code": "220421", "value": "100.00"})
    assert alcohol["status"] == "incomplete" and "procedure.other" in codes(alcohol)


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert quote({"value": "400.00"}, transaction="documents")["total"] == "0.00"
    back = quote({"value": "400.00"}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_unknown_freight_is_incomplete() -> None:
    """The limit holds freight, so that freight which isn't known leaves the relief unknown."""
    outcome = quote({"value": "400.00"}, freight=None)
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


def test_span_and_certainty() -> None:
    """The pack begins with VAT; the relief was seen in 2021, so that before it is unverified."""
    assert PACK.start == date(2018, 1, 1) and PACK.formula_at(date(2017, 12, 31)) is None
    for day, sure in ((date(2021, 3, 15), "unverified"), (TODAY, "certain")):
        assert quote({**BOOK, "value": "75.00"}, day=day)["certainty"] == sure
