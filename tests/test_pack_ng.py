"""The law of Nigeria: 300 dollars once a quarter, four times a year; levies and VAT above.

No official worked example was found; figures are derived, save the calculator's of `test_levies`.
"""

from datetime import date
from typing import Any

import pytest

from greenlane.packs import pack
from quoting import Outcome, amounts, codes
from quoting import quote as quoted

PACK = pack("ng")
DAY = date(2026, 3, 14)
RATES = {"duty_rate": {"hs": "610910", "rate": "0.20"}, "fx": {"USD/NGN": "1500"}}


def quote(*items: dict[str, Any], day: date = DAY, currency: str = "USD", **head: Any) -> Outcome:
    return quoted("NG", currency, *items, day=day, **head)


@pytest.mark.parametrize(("value", "free"), [("299.99", True), ("300.00", True), ("300.01", False)])
def test_limit_in_dollars(value: str, free: bool) -> None:
    """Board of 2 September 2025: 300 dollars or less is free; above, the naira and the tariff aren't held."""
    outcome = quote({"value": value})
    assert (outcome["status"] == "assessed") is free
    assert outcome["category"] == (2 if free else 4)
    if free:
        assert (outcome["total"], outcome["certainty"]) == ("0.00", "certain")
    else:
        assert {"fx.unknown", "tariff.not_loaded"} <= codes(outcome) and outcome["total"] is None


def test_limit_stands_on_the_goods() -> None:
    """Lines are added; freight on top isn't counted, freight inside the prices is taken out."""
    assert quote({"value": "150.00"}, {"value": "150.00"}, freight="90.00")["total"] == "0.00"
    assert quote({"value": "150.00"}, {"value": "150.01"})["status"] == "incomplete"
    assert quote({"value": "320.00"}, freight="20.00", freight_in_price=True)["total"] == "0.00"


def test_other_currencies_are_compared_in_dollars() -> None:
    """Euro by the ECB's rate in place of customs' own; naira only with a rate given: 450,000 at 1,500 is 300."""
    euro = quote({"value": "200.00"}, currency="EUR", day=date(2025, 9, 10))
    assert euro["total"] == "0.00" and "fx.substituted" in codes(euro)
    assert quote({"value": "450000.00"}, currency="NGN", assume=RATES)["total"] == "0.00"
    assert quote({"value": "450015.00"}, currency="NGN", assume=RATES)["total"] != "0.00"
    assert "fx.unknown" in codes(quote({"value": "450000.00"}, currency="NGN"))


@pytest.mark.parametrize(
    ("quarter", "year", "free"),
    [(0, 0, True), (0, 3, True), (1, 1, False), (0, 4, False), (None, 0, None), (0, None, None)],
)
def test_uses(quarter: int | None, year: int | None, free: bool | None) -> None:
    """Once a quarter, four times a year; where either isn't known, neither is the relief."""
    use = {"quarter_count": quarter, "year_count": year}
    outcome = quote({"value": "100.00"}, prior_use=use, assume=RATES)
    assert outcome["status"] == ("incomplete" if free is None else "assessed")
    if free is None:
        assert "element.unknown" in codes(outcome)
    else:
        assert (outcome["total"] == "0.00") is free


@pytest.mark.parametrize(
    ("head", "free", "certainty"),
    [
        ({"channel": "express"}, True, "certain"),
        ({"channel": "postal"}, True, "unverified"),
        ({"channel": "cargo"}, False, "unverified"),
        ({"transaction": "c2c_gift"}, True, "certain"),
        ({"person": False}, False, "unverified"),
    ],
)
def test_routes_and_persons(head: dict[str, Any], free: bool, certainty: str) -> None:
    """Express, and by an unverified reading post; gifts too; firms and cargo have no relief."""
    outcome = quote({"value": "100.00"}, assume=RATES, **head)
    assert (outcome["total"] == "0.00") is free and outcome["certainty"] == certainty


def test_levies() -> None:
    """The calculator's example: CIF 1,000,000 of FOB 900,000 at 20 %: 200,000, 14,000, 9,000, 5,000, VAT 92,100."""
    outcome = quote({"value": "900000.00"}, currency="NGN", freight="100000.00", assume=RATES)
    assert amounts(outcome) == {
        "ng.customs_duty": "200000.00",
        "ng.port_surcharge": "14000.00",
        "ng.fob_levy": "9000.00",
        "ng.ecowas_levy": "5000.00",
        "ng.vat": "92100.00",
    }
    assert outcome["payable_at_border"] == "320100.00" and outcome["certainty"] == "unverified"


def test_charge_on_the_fob_value() -> None:
    """4 % until the ministry's letter of 15 September 2025, then 1 %: of 900,000 it is 36,000, then 9,000."""
    for day, levy in ((date(2025, 9, 14), "36000.00"), (date(2025, 9, 15), "9000.00")):
        outcome = quote({"value": "900000.00"}, currency="NGN", assume=RATES, day=day)
        assert amounts(outcome)["ng.fob_levy"] == levy


def test_goods_of_the_community_bear_no_community_levy() -> None:
    """ETLS stands on goods from outside ECOWAS."""
    goods = {"value": "900000.00", "origin_country": "GH"}
    assert "ng.ecowas_levy" not in amounts(quote(goods, currency="NGN", assume=RATES))


def test_prohibited_goods_have_no_relief() -> None:
    """Noodles are on the prohibition list: no relief at any value, and an answer is asked for."""
    outcome = quote({"hs_code": "190230", "value": "10.00"})
    assert outcome["status"] == "incomplete" and "procedure.other" in codes(outcome)


def test_excise_is_not_held() -> None:
    """Spirits above the limit bear excise, which isn't held; inside the relief they are free of it."""
    dear = quote({"hs_code": "220830", "value": "400.00"}, assume=RATES)
    assert dear["status"] == "incomplete" and "excise.unknown" in codes(dear)
    assert quote({"hs_code": "220830", "value": "40.00"})["total"] == "0.00"


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert quote({"value": "400.00"}, transaction="documents")["category"] == 1
    back = quote({"value": "400.00"}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_nothing_before_the_first_day() -> None:
    """The pack begins on 8 September 2025; what held before isn't known and no law is invented."""
    assert PACK.start == date(2025, 9, 8)
    before = quote({"value": "100.00"}, day=date(2025, 9, 7))
    assert before["status"] == "incomplete" and before["total"] is None
    assert quote({"value": "100.00"}, day=PACK.start)["total"] == "0.00"
