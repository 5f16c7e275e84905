"""The law of India on personal imports: cases from its acts, boundary amounts and boundary days."""

from datetime import date, timedelta
from importlib import import_module

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs import jurisdiction_of

# The folder is named by the country's code, which is a keyword of Python.
PACK = import_module("greenlane.packs.in").PACK
SPRING = date(2026, 3, 15)
TODAY = date(2026, 11, 23)
SHIRT = {"hs_code": "610910"}
decide = decider(PACK, SPRING, channel="express")
ORDINARY = {"in.igst.goods": "0.18", "duty_rates": [{"hs": "610910", "rate": "0.20"}]}


def test_country() -> None:
    """India's pack, in a folder whose name is a keyword, is found by country."""
    assert jurisdiction_of("IN") == "in"


def test_customs_rate_table_for_purchases() -> None:
    """Mumbai FAQ: 10 % duty, 10 % surcharge on it, 18 % tax on all: 30.98 % of the value (10,000 rupees)."""
    outcome = decide({**SHIRT, "value": 1_000_000})
    assert amounts(outcome) == {
        "in.basic_customs_duty": "1000.00",
        "in.social_welfare_surcharge": "100.00",
        "in.igst": "1998.00",
    }
    assert (outcome["duty"], outcome["tax"], outcome["total"]) == ("1100.00", "1998.00", "3098.00")
    tax = outcome["charges"][-1]
    assert (tax["base"], tax["payer"], tax["collected"]) == ("11100.00", "buyer", "at_border")


def test_customs_rate_table_for_gifts() -> None:
    """Mumbai FAQ: a gift bears 20 % duty, no surcharge and 18 % tax: 41.60 %."""
    outcome = decide({**SHIRT, "value": 1_000_000}, transaction="c2c_gift")
    assert (outcome["duty"], outcome["tax"], outcome["total"]) == ("2000.00", "2160.00", "4160.00")


@pytest.mark.parametrize(
    ("day", "purchase", "gift"),
    [
        (date(2018, 2, 2), "4208.00", "7280.00"),
        (date(2025, 1, 31), "4208.00", "7280.00"),
        (date(2025, 4, 30), "4208.00", "7280.00"),
        (date(2025, 5, 1), "4208.00", "5360.00"),
        (date(2025, 9, 21), "4208.00", "5360.00"),
        (date(2025, 9, 22), "3098.00", "4160.00"),
        (date(2026, 3, 31), "3098.00", "4160.00"),
        (date(2026, 4, 1), "3098.00", "2980.00"),
        (TODAY, "3098.00", "2980.00"),
    ],
)
def test_periods(day: date, purchase: str, gift: str) -> None:
    """Each period on 10,000 rupees (derived): 1.11 x 1.28 = 1.4208 and 1.35 x 1.28 = 1.728 until May 2025, and so on."""
    assert decide({**SHIRT, "value": 1_000_000}, day=day)["total"] == purchase
    assert decide({**SHIRT, "value": 1_000_000}, day=day, transaction="c2c_gift")["total"] == gift


def test_certainty_by_period() -> None:
    """Certain where an office's table was seen, unverified where a day is inferred, contested with two readings."""
    item = {**SHIRT, "value": 1_000_000}
    gift = {"transaction": "c2c_gift"}
    sure = {"in.rounding": "1", "in.low_value.limit": "100000"}
    assert decide(item, assume=sure)["certainty"] == "certain"
    assert decide(item)["certainty"] == "unverified"
    assert decide(item, day=date(2025, 9, 22), assume=sure)["certainty"] == "unverified"
    both = decide(item, day=date(2025, 3, 1), **gift)
    assert both["certainty"] == "contested" and "1 May 2025" in told(both, "law.contested")
    now = decide(item, day=TODAY)
    assert now["certainty"] == "contested"
    assert "social welfare surcharge is 0.00" in told(now, "law.contested")


@pytest.mark.parametrize(("value", "free"), [(499_999, True), (500_000, True), (500_001, False)])
def test_gift_limit_was_a_cliff(value: int, free: bool) -> None:
    """Sl. 608A: gifts up to 5,000 rupees with transport were free; above, the whole value bore duty."""
    outcome = decide({**SHIRT, "value": value}, day=date(2019, 12, 11), transaction="c2c_gift")
    assert (outcome["total"] == "0.00") is free
    assert (outcome["charges"] == []) is free
    if not free:
        assert outcome["duty"] == "1750.00"


def test_gift_limit_counts_transport_and_ended() -> None:
    """Freight counts into the limit; from 12 December 2019 gifts bear duty from the first rupee."""
    gift = {"transaction": "c2c_gift"}
    item = {**SHIRT, "value": 450_000}
    assert decide(item, day=date(2019, 12, 11), freight=50_000, **gift)["total"] == "0.00"
    assert decide(item, day=date(2019, 12, 11), freight=50_001, **gift)["total"] != "0.00"
    assert decide(item, day=date(2019, 12, 12), **gift)["duty"] == "1575.00"
    assert decide(item, day=date(2019, 12, 11))["duty"] == "495.00"


@pytest.mark.parametrize(
    ("value", "assessed", "collected"),
    [
        (32_300, ["32.00", "3.00", "64.00"], False),
        (32_400, ["32.00", "3.00", "65.00"], False),
        (32_900, ["33.00", "3.00", "66.00"], True),
    ],
)
def test_small_duty_is_not_collected(value: int, assessed: list[str], collected: bool) -> None:
    """s. 25(6): duty up to 100 rupees in all isn't collected (derived: 99, 100 and 102 rupees)."""
    outcome = decide({**SHIRT, "value": value})
    assert [charge["assessed"] or charge["amount"] for charge in outcome["charges"]] == assessed
    assert all((charge["waived"] is None) is collected for charge in outcome["charges"])
    assert outcome["total"] == ("102.00" if collected else "0.00")


def test_each_duty_is_in_whole_rupees() -> None:
    """s. 154A: half a rupee goes up. Derived: 995 gives 99.50 -> 100, 10 and 18 % of 1,105 = 198.90 -> 199."""
    outcome = decide({**SHIRT, "value": 99_500})
    assert [charge["amount"] for charge in outcome["charges"]] == ["100.00", "10.00", "199.00"]


def test_freight_by_air_counts_up_to_a_fifth() -> None:
    """Valuation rules: freight by air counts up to 20 % of the goods; by sea in full."""
    item = {**SHIRT, "value": 1_000_000}
    assert decide(item, freight=150_000)["customs_value"] == "11500.00"
    assert decide(item, freight=300_000)["customs_value"] == "12000.00"
    assert decide(item, freight=300_000, channel="postal")["customs_value"] == "12000.00"
    assert decide(item, freight=300_000, transport_mode="sea")["customs_value"] == "13000.00"
    assert decide(item, freight=300_000, channel="cargo")["customs_value"] == "13000.00"


def test_freight_and_insurance_that_are_not_known() -> None:
    """Valuation rules: 20 % and 1.125 % of the goods stand in for freight and insurance that aren't given."""
    outcome = decide({**SHIRT, "value": 1_000_000}, freight=None, insurance=None)
    assert outcome["customs_value"] == "12112.50" and outcome["status"] == "assessed"
    assert {f["path"] for f in outcome["findings"] if f["code"] == "value.deemed"} == {
        "/freight",
        "/insurance",
    }
    assert "value.deemed" not in codes(decide({**SHIRT, "value": 1_000_000}))


@pytest.mark.parametrize("hs_code", ["220830", "240220", "490199", "871120"])
def test_goods_outside_the_heading(hs_code: str) -> None:
    """Alcohol, tobacco, vehicles and books go by the tariff, which isn't held: incomplete."""
    outcome = decide({"hs_code": hs_code, "value": 1_000_000}, {**SHIRT, "value": 1_000_000})
    assert outcome["status"] == "incomplete" and outcome["total"] is None
    assert "tariff.not_loaded" in codes(outcome)
    assert {c["amount"] for c in outcome["charges"] if c["item_id"] == "2"} == {
        "1000.00",
        "100.00",
        "1998.00",
    }


def test_medicines_have_rates_that_are_not_held() -> None:
    """Medicines for personal use bear duty by the concession; their tax isn't held."""
    outcome = decide({"hs_code": "300490", "value": 1_000_000})
    assert outcome["status"] == "incomplete" and amounts(outcome)["in.basic_customs_duty"] == "1000.00"
    assert "law.unknown" in codes(outcome)


def test_business_imports_go_by_the_tariff() -> None:
    """FAQ no. 1: a business pays by the tariff. Derived: 20 %, 10 % of it, 18 % of 12,200 = 2,196."""
    item = {**SHIRT, "value": 1_000_000}
    for facts in ({"transaction": "b2b"}, {"consignee.person": False}):
        assert decide(item, **facts)["status"] == "incomplete"
        outcome = decide(item, assume=ORDINARY, **facts)
        assert (outcome["duty"], outcome["tax"]) == ("2200.00", "2196.00")


def test_person_not_known_is_asked_for() -> None:
    """Whether the consignee is a person decides the rate, so it has to be known."""
    outcome = decide({**SHIRT, "value": 1_000_000}, **{"consignee.person": None})
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be outside the heading."""
    outcome = decide({"hs_code": None, "value": 1_000_000})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_documents_and_returns() -> None:
    """Documents are free; goods that come home are free with evidence."""
    assert decide({**SHIRT, "value": 1_000_000}, transaction="documents")["category"] == 1
    assert decide({**SHIRT, "value": 1_000_000}, transaction="documents")["total"] == "0.00"
    back = decide({**SHIRT, "value": 1_000_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_rate_of_exchange_is_of_the_declaration() -> None:
    """s. 14: the rate in force on the day of the bill of entry; 120 dollars at 83.35 are 10,002 rupees."""
    outcome = decide({**SHIRT, "value": 12_000}, currency="USD", assume={"fx": {"USD/INR": "83.35"}})
    assert outcome["customs_value"] == "10002.00" and outcome["duty"] == "1100.00"
    assert decide({**SHIRT, "value": 12_000}, currency="USD")["status"] == "incomplete"


@pytest.mark.parametrize(("value", "category"), [(10_000_000, 3), (10_000_001, 4)])
def test_low_value_by_courier(value: int, category: int) -> None:
    """Up to 100,000 rupees goods are declared as of low value."""
    assert decide({**SHIRT, "value": value})["category"] == category


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            if near >= PACK.start:
                assert decide({**SHIRT, "value": 1_000_000}, day=near)["status"] == "assessed"
