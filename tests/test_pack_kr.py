"""The law of the Republic of Korea: cases from its acts and guidance, boundary amounts and boundary days."""

from datetime import date, timedelta
from typing import Any

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs.kr import PACK

TODAY = date(2026, 11, 23)
RATE = {"fx": {"USD/KRW": "1400"}}
COAT = {"hs_code": "620193"}
VITAMINS = {"hs_code": "210690"}
CREAM = {"hs_code": "330499"}
PERFUME = {"hs_code": "330300"}
WINE = {"hs_code": "220421", "contents.quantity": 750, "contents.unit": "LTR"}
DUTIES = {
    "duty_rates": [
        {"hs": "620193", "rate": "0.13"},
        {"hs": "220421", "rate": "0.15"},
        {"hs": "210690", "rate": "0.08"},
        {"hs": "330499", "rate": "0.08"},
        {"hs": "330300", "rate": "0.08"},
        {"hs": "490199", "rate": "0"},
    ]
}
decide = decider(PACK, TODAY)


def parcel(*items: dict[str, Any], **head: Any) -> dict[str, Any]:
    """Decide a parcel in won at 1,400 won a dollar with the duties assumed."""
    return decide(*items, assume={**RATE, **DUTIES}, **head)


@pytest.mark.parametrize(
    ("head", "value", "free"),
    [
        ({}, 210_000, True),
        ({}, 210_001, False),
        ({"channel": "express"}, 210_001, False),
        ({"channel": "express", "departure_country": "US"}, 280_000, True),
        ({"channel": "express", "departure_country": "US"}, 280_001, False),
        ({"departure_country": "US"}, 210_001, False),
    ],
)
def test_limits(head: dict[str, Any], value: int, free: bool) -> None:
    """Rules art. 45 and list clearance: 150 dollars (210,000 won), 200 by express from the United States."""
    outcome = parcel({**COAT, "value": value}, **head)
    assert (amounts(outcome) == {}) is free and outcome["category"] == (2 if free else 4)


def test_limit_is_a_cliff_and_leaves_transport_out() -> None:
    """150 dollars with 40 dollars of transport is free; a dollar more and all of it is taxed.

    Derived: 211,400 + 56,000 = 267,400 at 13 % is 34,762, cut to 34,760; VAT on 302,160 is 30,216, cut to 30,210.
    """
    assert parcel({**COAT, "value": 210_000}, freight=56_000)["total"] == "0"
    outcome = parcel({**COAT, "value": 211_400}, freight=56_000)
    assert (outcome["customs_value"], outcome["duty"], outcome["tax"]) == ("267400", "34760", "30210")
    assert {(c["payer"], c["collected"]) for c in outcome["charges"]} == {("buyer", "at_border")}
    assert "tariff.simplified" in codes(outcome)


@pytest.mark.parametrize("hs_code", ["210690", "090121", "300490", "121120", "901890"])
def test_goods_outside_list_clearance(hs_code: str) -> None:
    """Food, supplements, medicines, herbs and medical devices keep the limit of 150 dollars from anywhere."""
    head = {"channel": "express", "departure_country": "US"}
    known = {**RATE, "duty_rate": {"hs": hs_code, "rate": "0.08"}}
    good = {"hs_code": hs_code}
    assert amounts(decide({**good, "value": 210_000}, assume=known, **head)) == {}
    assert "kr.vat" in amounts(decide({**good, "value": 210_001}, assume=known, **head))


def test_one_excluded_item_takes_the_parcel_out_of_the_list() -> None:
    """A coat of 190 dollars with vitamins of 5 goes by 150 dollars, so all of it is taxed."""
    head = {"channel": "express", "departure_country": "US"}
    outcome = parcel({**COAT, "value": 266_000}, {**VITAMINS, "value": 7_000}, **head)
    assert {c["item_id"] for c in outcome["charges"] if c["law"]["rule"] == "kr.vat"} == {"1", "2"}


def test_cosmetics_from_the_united_states_are_asked_for() -> None:
    """Only functional cosmetics are outside list clearance; the code doesn't show it, so it is asked."""
    head = {"channel": "express", "departure_country": "US"}
    outcome = parcel({**CREAM, "value": 250_000}, **head)
    assert outcome["total"] == "0" and outcome["disposition"] == "request_information"
    assert "relief.evidence" in codes(outcome)
    assert "relief.evidence" not in codes(parcel({**CREAM, "value": 210_000}, **head))


def test_tax_on_clothes() -> None:
    """The press's coat of 300,000 won: 13 % is 39,000, VAT on 339,000 is 33,900, 72,900 in all."""
    outcome = parcel({**COAT, "value": 300_000})
    assert amounts(outcome) == {"kr.customs_duty": "39000", "kr.vat": "33900"}


def test_wine_cascade() -> None:
    """The press's wine of 300,000 won: duty, liquor tax on it, education tax on that, VAT on all.

    Derived: 45,000; 345,000 x 30 % = 103,500; 10,350; (300,000 + 158,850) x 10 % = 45,885, cut to 45,880.
    """
    outcome = parcel({**WINE, "value": 300_000})
    assert amounts(outcome) == {
        "kr.customs_duty": "45000",
        "kr.liquor_tax": "103500",
        "kr.education_tax": "10350",
        "kr.vat": "45880",
    }
    assert outcome["total"] == "204730"


@pytest.mark.parametrize(
    ("bottle", "free"),
    [
        ({"contents.quantity": 1_000}, True),
        ({"contents.quantity": 1_001}, False),
        ({"contents.quantity": 750_000, "contents.unit": "MLT"}, True),
        ({"quantity": 2_000}, False),
        ({"value": 210_001}, False),
    ],
)
def test_bottle_of_wine(bottle: dict[str, Any], free: bool) -> None:
    """One bottle up to a litre and 150 dollars is free of duty and VAT; liquor and education tax stay.

    Derived: 140,000 x 30 % = 42,000 and 4,200.
    """
    outcome = parcel({**WINE, "value": 140_000, **bottle})
    assert ("kr.vat" not in amounts(outcome)) is free
    if free:
        assert amounts(outcome) == {"kr.liquor_tax": "42000", "kr.education_tax": "4200"}


def test_bottle_of_unknown_contents_and_other_spirits() -> None:
    """Without contents the relief isn't known; the liquor tax on spirits isn't held."""
    assert parcel({"hs_code": "220421", "value": 140_000})["status"] == "incomplete"
    spirits = parcel({**WINE, "hs_code": "220830", "value": 140_000})
    assert spirits["status"] == "incomplete" and "excise.unknown" in codes(spirits)


@pytest.mark.parametrize(
    ("day", "millilitres", "tax", "contested"),
    [
        (TODAY, 60_000, "0", False),
        (TODAY, 60_001, "15120", True),
        (TODAY, 100_001, "15120", False),
        (date(2023, 12, 31), 60_001, "15120", False),
    ],
)
def test_perfume(day: date, millilitres: int, tax: str, contested: bool) -> None:
    """Perfume up to 60 millilitres; whether travellers' 100 of 2024 hold for parcels is unsettled.

    Derived: 140,000 and 11,200 of duty make 151,200, VAT 15,120.
    """
    scent = {**PERFUME, "value": 140_000, "contents.quantity": millilitres, "contents.unit": "MLT"}
    outcome = parcel(scent, day=day)
    assert outcome["tax"] == tax and (outcome["certainty"] == "contested") is contested


@pytest.mark.parametrize(("value", "collected"), [(29_999, "0"), (33_000, "10890")])
def test_least_amount_collected(value: int, collected: str) -> None:
    """Customs Act art. 40: taxes below 10,000 won aren't collected, but are shown.

    Derived: 33,000 x 30 % = 9,900 with 990 of education tax; 29,999 gives 8,999, cut to 8,990, and 890.
    """
    outcome = parcel({**WINE, "value": value})
    assert outcome["total"] == collected
    assert all((c["waived"] is not None) is (collected == "0") for c in outcome["charges"])


def test_least_amount_at_the_boundary() -> None:
    """Derived: 30,310 x 30 % = 9,093, cut to 9,090, with 900: 9,990; 30,370 gives 9,110 and 910: 10,020."""
    assert parcel({**WINE, "value": 30_310})["total"] == "0"
    assert parcel({**WINE, "value": 30_370})["total"] == "10020"


def test_taxes_of_several_items_are_cut_once() -> None:
    """Two coats: duty of 17,335 each is 34,670 in all, not 17,330 twice; the parts sum back to it."""
    outcome = parcel({**COAT, "value": 133_350}, {**COAT, "value": 133_350})
    parts = [int(c["amount"]) for c in outcome["charges"] if c["name"] == "customs_duty"]
    assert outcome["duty"] == "34670" and sum(parts) == 34_670


def test_books_show_both_amounts() -> None:
    """Books may be free of VAT: 10 % is followed and nothing stands beside it."""
    outcome = parcel({"hs_code": "490199", "value": 300_000})
    assert outcome["tax"] == "30000" and "0" in told(outcome, "law.contested")


def test_only_a_persons_own_use_is_free() -> None:
    """A business, or a sale to one, is taxed from the first won; a gift has the same limit."""
    assert parcel({**COAT, "value": 100_000}, transaction="b2b")["duty"] == "13000"
    assert parcel({**COAT, "value": 100_000}, **{"consignee.person": False})["duty"] == "13000"
    assert parcel({**COAT, "value": 100_000}, **{"consignee.person": None})["status"] == "incomplete"
    assert parcel({**COAT, "value": 100_000}, transaction="c2c_gift")["total"] == "0"


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert parcel({**COAT, "value": 900_000}, transaction="documents")["total"] == "0"
    back = parcel({**COAT, "value": 900_000}, transaction="returned_goods")
    assert back["total"] == "0" and "relief.evidence" in codes(back)


def test_what_is_not_known() -> None:
    """Without a rate of exchange, a code or a schedule there is no total."""
    assert decide({**COAT, "value": 100_000})["status"] == "incomplete"
    assert parcel({"hs_code": None, "value": 100_000})["status"] == "incomplete"
    above = decide({**COAT, "value": 300_000}, assume=RATE)
    assert above["status"] == "incomplete" and "tariff.not_loaded" in codes(above)


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
