"""The law of Kenya: no relief; import declaration fee, railway levy and VAT from the first shilling.

No official worked example was found but the estimate of `test_official_estimate`; the others are derived.
"""

from datetime import date
from typing import Any

import pytest

from greenlane.packs import pack
from quoting import Outcome, amounts, codes, words
from quoting import quote as quoted

PACK = pack("ke")
TODAY = date(2026, 11, 24)
QUARTER = {"duty_rate": {"hs": "610910", "rate": "0.25"}}


def quote(*items: dict[str, Any], day: date = TODAY, currency: str = "KES", **head: Any) -> Outcome:
    return quoted("KE", currency, *items, day=day, **{"assume": QUARTER, **head})


def test_every_charge_from_the_first_shilling() -> None:
    """CIF 10,000: duty 2,500, fee 250, levy 200; VAT (10,000 + 2,500) x 16 % = 2,000."""
    outcome = quote({"value": "8000.00"}, freight="1500.00", insurance="500.00")
    assert amounts(outcome) == {
        "ke.customs_duty": "2500.00",
        "ke.import_declaration_fee": "250.00",
        "ke.railway_development_levy": "200.00",
        "ke.vat": "2000.00",
    }
    assert (outcome["total"], outcome["payable_at_border"]) == ("4950.00", "4950.00")
    assert {charge["payer"] for charge in outcome["charges"]} == {"buyer"}
    assert quote({"value": "1.00"})["total"] != "0.00"


def test_levies_in_the_base_of_vat_are_contested() -> None:
    """With fee and levy in the base VAT is (10,000 + 2,500 + 250 + 200) x 16 % = 2,072."""
    outcome = quote({"value": "10000.00"})
    assert outcome["tax"] == "2000.00" and outcome["certainty"] == "contested"
    assert "with them the VAT is 2072.00" in words(outcome, "law.contested")


def test_official_estimate() -> None:
    """The authority's estimate: 1,046,648.50 and duty 261,662.12 (25 %) are VAT 209,329.70 without its excise.

    The estimate has excise of 10,000 and VAT of 210,929.70, which is 16 % of the three and leaves the levy of
    20,932.97 (2 %) out.
    """
    outcome = quote({"value": "1046648.50"})
    assert outcome["duty"] == "261662.13" and outcome["tax"] == "209329.70"
    assert amounts(outcome)["ke.railway_development_levy"] == "20932.97"
    assert (104_664_850 + 26_166_212 + 1_000_000) * 16 // 100 == 21_092_969


@pytest.mark.parametrize(
    ("day", "fee", "levy", "vat"),
    [
        (date(2016, 9, 21), "200.00", "150.00", "2000.00"),
        (date(2019, 11, 6), "200.00", "150.00", "2000.00"),
        (date(2019, 11, 7), "350.00", "200.00", "2000.00"),
        (date(2020, 3, 31), "350.00", "200.00", "2000.00"),
        (date(2020, 4, 1), "350.00", "200.00", "1750.00"),
        (date(2020, 12, 31), "350.00", "200.00", "1750.00"),
        (date(2021, 1, 1), "350.00", "200.00", "2000.00"),
        (date(2023, 6, 30), "350.00", "200.00", "2000.00"),
        (date(2023, 7, 1), "250.00", "150.00", "2000.00"),
        (date(2024, 12, 26), "250.00", "150.00", "2000.00"),
        (date(2024, 12, 27), "250.00", "200.00", "2000.00"),
    ],
)
def test_rates_by_date(day: date, fee: str, levy: str, vat: str) -> None:
    """Fee 2, 3.5, 2.5 %; levy 1.5, 2, 1.5, 2 %; VAT 16 % and 14 % in 2020: on 10,000 with duty of 2,500."""
    found = amounts(quote({"value": "10000.00"}, day=day))
    assert (found["ke.import_declaration_fee"], found["ke.railway_development_levy"]) == (fee, levy)
    assert found["ke.vat"] == vat


def test_without_a_schedule_or_a_rate_is_incomplete() -> None:
    """Neither the tariff nor the shilling's rate is held, and nothing stands in for them."""
    outcome = quote({"value": "100.00"}, currency="USD", assume={})
    assert outcome["status"] == "incomplete" and outcome["total"] is None
    assert {"tariff.not_loaded", "fx.unknown"} <= codes(outcome)
    assert quote({"value": "100.00"}, currency="USD", assume={**QUARTER, "fx": {"USD/KES": "129"}})["total"]


@pytest.mark.parametrize(("value", "category"), [("100000.00", 3), ("100000.01", 4)])
def test_entry(value: str, category: int) -> None:
    """Above 100,000 shillings an entry is lodged."""
    assert quote({"value": value})["category"] == category


@pytest.mark.parametrize("channel", ["express", "postal", "cargo", "bonded"])
def test_no_route_and_no_gift_is_free(channel: str) -> None:
    """Post, courier and cargo bear the same; so do gifts and business."""
    for transaction in ("b2c", "b2b", "c2c_gift"):
        outcome = quote({"value": "10000.00"}, channel=channel, transaction=transaction)
        assert outcome["total"] == "4950.00"


def test_goods_of_partner_states() -> None:
    """Second Schedule: no duty, fee or levy on goods of Uganda from there, with proof; VAT stays."""
    outcome = quote({"value": "10000.00", "origin_country": "UG"}, departure_country="UG", assume={})
    assert amounts(outcome) == {"ke.vat": "1600.00"} and "relief.evidence" in codes(outcome)
    assert "ke.customs_duty" in amounts(quote({"value": "10000.00", "origin_country": "UG"}))


def test_excise_is_not_held() -> None:
    """Alcohol and tobacco bear excise, whose rate isn't held."""
    outcome = quote({"hs_code": "220830", "value": "1000.00"})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert quote({"value": "400.00"}, transaction="documents")["total"] == "0.00"
    back = quote({"value": "400.00"}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_unknown_freight_is_incomplete() -> None:
    """The value holds freight, so that freight which isn't known leaves it unknown."""
    outcome = quote({"value": "400.00"}, freight=None)
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


def test_span() -> None:
    """The pack begins with the act of 2016."""
    assert PACK.start == date(2016, 9, 21) and PACK.formula_at(date(2016, 9, 20)) is None
