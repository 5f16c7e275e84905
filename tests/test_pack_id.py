"""The law of Indonesia on consignments: cases from its regulations, boundary amounts and boundary days."""

from datetime import date, timedelta
from typing import Any

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs.id import PACK

START = date(2020, 1, 30)
SUMMER = date(2023, 7, 1)
TODAY = date(2026, 11, 23)
RATE = {"fx": {"USD/IDR": "15000"}}
CASE = {"hs_code": "392690"}
SHIRT = {"hs_code": "610910"}
CREAM = {"hs_code": "330499"}
BOOK = {"hs_code": "490199"}
TARIFF = {"duty_rates": [{"hs": hs, "rate": "0.20"} for hs in ("610910", "330499", "392690", "420222")]}
_decide = decider(PACK, TODAY, currency="USD")


def decide(*items: dict[str, Any], assume: dict[str, Any] | None = None, **head: Any) -> dict[str, Any]:
    """Decide in dollars at 15,000 rupiah."""
    return _decide(*items, assume={**RATE, **(assume or {})}, **head)


@pytest.mark.parametrize(("value", "free"), [(299, True), (300, True), (301, False)])
@pytest.mark.parametrize("day", [START, TODAY])
def test_duty_limit(value: int, free: bool, day: date) -> None:
    """Art. 29(2): up to 3 dollars free on board no duty, but VAT; above, duty on the whole value."""
    outcome = decide({**CASE, "value": value}, day=day)
    assert (outcome["duty"] == "0.00") is free
    assert outcome["tax"] != "0.00"
    assert free or outcome["duty"] == "4000.00"


def test_limit_leaves_transport_out_and_base_counts_it() -> None:
    """Free on board: transport stays out of the limit and stands in the value that is taxed."""
    outcome = decide({**CASE, "value": 300}, freight=1_000, insurance=100)
    assert outcome["duty"] == "0.00" and outcome["customs_value"] == "210000.00"
    assert outcome["tax"] == "24000.00"


def test_press_example_of_2020() -> None:
    """Press, January 2020: 4 + 18 + 2 dollars are 360,000; duty 27,000; VAT 38,700, up to 39,000 by the rule."""
    outcome = decide({**CASE, "value": 400}, day=START, freight=1_800, insurance=200)
    assert (outcome["customs_value"], outcome["duty"], outcome["tax"]) == (
        "360000.00",
        "27000.00",
        "39000.00",
    )


def test_duty_goes_up_to_full_thousands() -> None:
    """Press, January 2020: 283,500 at 7.5 % is 21,262.50, counted as 22,000; VAT 10 % of 305,500, up to 31,000."""
    outcome = decide({**CASE, "value": 1_490}, day=START, freight=300, insurance=100)
    assert (outcome["duty"], outcome["tax"]) == ("22000.00", "31000.00")
    vat = next(charge for charge in outcome["charges"] if charge["name"] == "vat")
    assert vat["base"] == "305500.00"


def test_the_sum_of_each_levy_is_rounded_once() -> None:
    """Derived: two items of 10 dollars bear 11,250 each; 22,500 goes up to 23,000, not twice to 12,000."""
    assert decide({**CASE, "value": 1_000}, {**CASE, "value": 1_000})["duty"] == "23000.00"


@pytest.mark.parametrize(
    ("day", "vat"),
    [
        (date(2022, 3, 31), "162000.00"),
        (date(2022, 4, 1), "178000.00"),
        (date(2024, 12, 31), "178000.00"),
        (date(2025, 1, 1), "178000.00"),
    ],
)
def test_vat_by_period(day: date, vat: str) -> None:
    """VAT of 10, 11 and 12 % on eleven twelfths. Derived: 1,500,000 + 113,000; 161,300, 177,430 and 177,430, up."""
    assert decide({**CASE, "value": 10_000}, day=day)["tax"] == vat


def test_rounding_of_vat_is_contested_since_2022() -> None:
    """PMK 190/2022 rounds VAT of full declarations down to the rupiah; both amounts are told."""
    outcome = decide({**CASE, "value": 10_000})
    assert outcome["certainty"] == "contested" and "177430.00" in told(outcome, "law.contested")
    assert decide({**CASE, "value": 10_000}, day=SUMMER)["certainty"] == "unverified"


@pytest.mark.parametrize(
    ("hs_code", "duty", "income"),
    [
        ("392690", "113000.00", None),
        ("490199", "0.00", None),
        ("330499", "225000.00", "87000.00"),
        ("732393", "225000.00", "87000.00"),
        ("910211", "225000.00", "87000.00"),
        ("420222", "375000.00", "94000.00"),
        ("610910", "375000.00", "94000.00"),
        ("630260", "375000.00", "94000.00"),
        ("640299", "375000.00", "94000.00"),
        ("871200", "375000.00", "94000.00"),
        ("87116092", "375000.00", "94000.00"),
    ],
)
def test_rates_by_kind_since_2025(hs_code: str, duty: str, income: str | None) -> None:
    """PMK 4/2025: 0, 7.5, 15 and 25 %; income tax 5 % on 1,725,000 (86,250) and 1,875,000 (93,750), up."""
    outcome = decide({"hs_code": hs_code, "value": 10_000}, day=date(2025, 3, 5))
    assert outcome["duty"] == duty
    assert amounts(outcome).get("id.pph") == income


@pytest.mark.parametrize(
    ("hs_code", "day", "ordinary"),
    [
        ("610910", START, True),
        ("420222", START, True),
        ("640299", date(2025, 3, 4), True),
        ("610910", date(2025, 3, 5), False),
        ("330499", date(2023, 10, 16), False),
        ("330499", date(2023, 10, 17), True),
        ("910211", date(2023, 10, 17), True),
        ("330499", date(2025, 3, 5), False),
        ("392690", date(2024, 6, 1), False),
        ("490199", date(2024, 6, 1), False),
    ],
)
def test_goods_at_the_ordinary_tariff(hs_code: str, day: date, ordinary: bool) -> None:
    """Bags, textiles, shoes since 2020, cosmetics, iron, watches since 2023: tariff and income tax unknown."""
    outcome = decide({"hs_code": hs_code, "value": 10_000}, day=day)
    assert (outcome["status"] == "incomplete") is ordinary
    assert ("tariff.not_loaded" in codes(outcome)) is ordinary


def test_ordinary_tariff_with_assumed_rates() -> None:
    """Derived: 1,500,000 at 20 % is 300,000; VAT 11 % of 1,800,000 is 198,000; income tax 7.5 % is 135,000."""
    outcome = decide({**SHIRT, "value": 10_000}, day=SUMMER, assume={**TARIFF, "id.pph.mfn": "0.075"})
    assert amounts(outcome) == {"id.duty": "300000.00", "id.ppn": "198000.00", "id.pph": "135000.00"}


def test_low_value_asks_no_tariff() -> None:
    """Up to 3 dollars shirts bear VAT alone, so that no tariff is needed."""
    outcome = decide({**SHIRT, "value": 300}, day=SUMMER)
    assert outcome["status"] == "assessed" and set(amounts(outcome)) == {"id.ppn"}


def test_books_bear_nothing() -> None:
    """Books of headings 4901 to 4904 bear no duty, no VAT and no income tax; other goods beside them do."""
    assert decide({**BOOK, "value": 10_000})["total"] == "0.00"
    mixed = decide({**BOOK, "value": 10_000}, {**CASE, "value": 10_000})
    assert (mixed["duty"], mixed["tax"]) == ("113000.00", "178000.00")


@pytest.mark.parametrize(("value", "inside"), [(150_000, True), (150_001, False)])
def test_limit_of_the_rules(value: int, inside: bool) -> None:
    """Above 1,500 dollars goods go by the tariff with a full declaration."""
    outcome = decide({**CASE, "value": value})
    assert outcome["category"] == (3 if inside else 4)
    assert (outcome["status"] == "assessed") is inside
    whole = decide({**CASE, "value": value}, assume={**TARIFF, "id.pph.general": "0.075"})
    assert whole["status"] == "assessed" and ("id.pph" in amounts(whole)) is not inside


def test_cargo_has_no_relief() -> None:
    """The rules are for post and courier: cargo goes by the tariff at any value."""
    outcome = decide({**CASE, "value": 200}, channel="cargo")
    assert outcome["status"] == "incomplete" and outcome["category"] == 4


def test_who_owes() -> None:
    """Since 17 October 2023 the platform imports what it sells; else the receiver."""
    item = {**CASE, "value": 1_000}
    for day, payer in ((date(2023, 10, 16), "buyer"), (date(2023, 10, 17), "platform")):
        outcome = decide(item, day=day, **{"platform.id": "M1"})
        assert {charge["liable"] for charge in outcome["charges"]} == {payer}
    gift = decide(item, transaction="c2c_gift", **{"platform.id": "M1"})
    assert {charge["payer"] for charge in gift["charges"]} == {"buyer"}
    assert gift["duty"] == "12000.00"
    assert {charge["collected"] for charge in gift["charges"]} == {"at_border"}


@pytest.mark.parametrize("hs_code", ["220830", "240220"])
def test_excise_is_not_held(hs_code: str) -> None:
    """Alcohol and tobacco bear excise, also up to 3 dollars."""
    outcome = decide({"hs_code": hs_code, "value": 200})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_unknown_inputs() -> None:
    """Without code, freight or rate of exchange there is no total."""
    assert "tariff.code_unknown" in codes(decide({"hs_code": None, "value": 1_000}))
    assert "element.unknown" in codes(decide({**CASE, "value": 1_000}, freight=None))
    bare = _decide({**CASE, "value": 1_000})
    assert bare["status"] == "incomplete" and "fx.unknown" in codes(bare)


def test_rupiah_need_the_dollar_for_the_limits_alone() -> None:
    """Prices in rupiah are taxed as they are; the limits ask for the rate of the dollar."""
    outcome = decide({**CASE, "value": 4_500_000}, currency="IDR")
    assert outcome["duty"] == "0.00" and outcome["tax"] == "5000.00"
    assert decide({**CASE, "value": 4_500_001}, currency="IDR")["duty"] == "4000.00"


def test_documents_and_returns() -> None:
    """Art. 29(1): letters, cards and documents are free; returns are free with evidence."""
    assert decide({**CASE, "value": 10_000}, transaction="documents")["total"] == "0.00"
    back = decide({**CASE, "value": 10_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            if near >= PACK.start:
                assert decide({**CASE, "value": 10_000}, day=near)["duty"] == "113000.00"
