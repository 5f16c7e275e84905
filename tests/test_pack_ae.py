"""The law of the United Arab Emirates: 1,000 dirhams, 300 for two months in Dubai, duty and VAT of 5 %.

No official worked example was found; every figure is derived.
"""

from datetime import date
from typing import Any

import pytest

from greenlane.packs import pack
from quoting import Outcome, amounts, codes
from quoting import quote as quoted

PACK = pack("ae")
TODAY = date(2026, 11, 24)


def quote(*items: dict[str, Any], day: date = TODAY, currency: str = "AED", **head: Any) -> Outcome:
    return quoted("AE", currency, *items, day=day, **head)


@pytest.mark.parametrize(
    ("value", "total", "category"),
    [("999.99", "50.00", 3), ("1000.00", "50.00", 3), ("1000.01", "102.50", 4)],
)
def test_limit(value: str, total: str, category: int) -> None:
    """1,000 dirhams or less: VAT of 5 % alone; above, duty of 5 % and VAT on both: 50 + 1,050 x 5 %."""
    outcome = quote({"value": value})
    assert (outcome["total"], outcome["category"]) == (total, category)
    assert outcome["certainty"] == "certain" and outcome["status"] == "assessed"


def test_value_with_transport() -> None:
    """The limit stands on the goods; duty and VAT on 1,200 + 300: 75, then 1,575 x 5 % = 78.75."""
    assert "ae.customs_duty" not in amounts(quote({"value": "1000.00"}, freight="300.00"))
    outcome = quote({"value": "1200.00"}, freight="250.00", insurance="50.00")
    assert amounts(outcome) == {"ae.customs_duty": "75.00", "ae.vat": "78.75"}
    charge = outcome["charges"][0]
    assert (charge["rate"], charge["liable"], charge["payer"]) == ("0.05", "buyer", "carrier")


@pytest.mark.parametrize(
    ("day", "value", "free"),
    [
        (date(2022, 12, 31), "1000.00", True),
        (date(2023, 1, 1), "300.00", True),
        (date(2023, 1, 1), "300.01", False),
        (date(2023, 2, 28), "300.01", False),
        (date(2023, 3, 1), "300.01", True),
        (date(2023, 3, 1), "1000.00", True),
        (date(2023, 3, 1), "1000.01", False),
    ],
)
def test_two_months_of_300(day: date, value: str, free: bool) -> None:
    """Notice 5/2022 held in January and February 2023 and was suspended from 1 March 2023."""
    outcome = quote({"value": value}, day=day, destination_region="DU")
    assert ("ae.customs_duty" not in amounts(outcome)) is free and outcome["certainty"] == "certain"


def test_suspension_as_known_then() -> None:
    """Before the suspension was told, 300 was expected to go on."""
    parcel, march = {"value": "500.00"}, date(2023, 3, 1)
    told = quote(parcel, day=march, destination_region="DU", known_at=date(2023, 3, 3))
    assert told["duty"] == "0.00"
    assert quote(parcel, day=march, destination_region="DU", known_at=date(2023, 3, 2))["duty"] == "25.00"


@pytest.mark.parametrize(
    ("region", "duty", "sure"),
    [
        ("DU", "25.00", "certain"),
        (None, "25.00", "unverified"),
        ("AZ", "0.00", "unverified"),
        ("SH", "0.00", "unverified"),
    ],
)
def test_emirates_in_february_2023(region: str | None, duty: str, sure: str) -> None:
    """The notice is Dubai's; without an emirate it is followed, and for others 1,000 is kept, both unverified."""
    outcome = quote({"value": "500.00"}, day=date(2023, 2, 1), destination_region=region)
    assert (outcome["duty"], outcome["certainty"]) == (duty, sure)


@pytest.mark.parametrize("hs_code", ["220421", "220830"])
def test_alcohol_has_no_relief(hs_code: str) -> None:
    """Alcohol bears 50 % at any value: 100, duty 50, VAT 7.50."""
    assert amounts(quote({"hs_code": hs_code, "value": "100.00"})) == {
        "ae.customs_duty": "50.00",
        "ae.vat": "7.50",
    }


@pytest.mark.parametrize("hs_code", ["240220", "240412", "854340"])
def test_tobacco_and_e_cigarettes(hs_code: str) -> None:
    """100 % duty at any value, and excise that isn't held."""
    outcome = quote({"hs_code": hs_code, "value": "100.00"}, {"value": "100.00"})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    assert outcome["duty"] == "100.00"


def test_a_rate_of_duty_counts_before_the_general_one() -> None:
    """Medicines are taken as free, unverified; an assumed rate replaces any."""
    pills = quote({"hs_code": "300490", "value": "2000.00"})
    assert pills["duty"] == "0.00" and pills["certainty"] == "unverified"
    given = quote({"value": "2000.00"}, assume={"duty_rate": {"hs": "610910", "rate": "0.02"}})
    assert given["duty"] == "40.00" and "assumed" in codes(given)
    general = quote({"value": "2000.00"}, assume={"ae.duty.standard": "0.10"})
    assert general["duty"] == "200.00" and "assumed" in codes(general)


def test_goods_of_the_gulf() -> None:
    """Goods of Oman coming from there bear no duty, with proof; VAT stays."""
    outcome = quote({"value": "2000.00", "origin_country": "OM"}, departure_country="OM")
    assert amounts(outcome) == {"ae.vat": "100.00"} and "relief.evidence" in codes(outcome)


def test_routes_and_persons() -> None:
    """Gifts and post have the relief, business goods have not; cargo's buyer pays."""
    assert quote({"value": "800.00"}, transaction="c2c_gift", channel="postal")["duty"] == "0.00"
    assert quote({"value": "800.00"}, transaction="b2b")["duty"] == "40.00"
    assert quote({"value": "800.00"}, channel="cargo")["charges"][0]["payer"] == "buyer"


def test_dirham_follows_the_dollar() -> None:
    """100 dollars at 3.6725 are 367.25 dirhams: VAT 18.36."""
    outcome = quote({"value": "100.00"}, currency="USD")
    assert (outcome["customs_value"], outcome["tax"]) == ("367.25", "18.36")
    assert "fx.substituted" in codes(outcome) and outcome["certainty"] == "unverified"


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert quote({"value": "400.00"}, transaction="documents")["category"] == 1
    back = quote({"value": "4000.00"}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be tobacco or alcohol."""
    outcome = quote({"hs_code": None, "value": "100.00"})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_span() -> None:
    """The pack begins with VAT; the limit is certain from the first page seen that states it."""
    assert PACK.start == date(2018, 1, 1)
    for day, sure in ((date(2019, 1, 27), "unverified"), (date(2019, 1, 28), "certain")):
        assert quote({"value": "100.00"}, day=day)["certainty"] == sure
