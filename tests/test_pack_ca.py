"""The law of Canada: cases from its orders and memoranda, boundary amounts, provinces and boundary days."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.ca import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

CUSMA = date(2020, 7, 1)
BEFORE = date(2020, 6, 30)
TODAY = date(2026, 11, 23)
CUP = {"hs_code": "691110"}
BOOK = {"hs_code": "490199"}
WINE = {"hs_code": "220421"}
TEN = {
    "duty_rates": [
        {"hs": code, "rate": "0.10"} for code in ("691110", "490199", "220421", "611120", "491110")
    ]
}


def decide(
    *items: dict[str, Any], day: date = TODAY, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers; amounts are cents. By courier from China to Alberta unless said."""
    row = {
        "consignment_id": "C1",
        "channel": "express",
        "transaction": "b2c",
        "declaration_date": day,
        "order_date": day,
        "export_date": day,
        "departure_country": "CN",
        "destination_country": "CA",
        "destination_region": "AB",
        "currency": "CAD",
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
    given = read_assumptions(TEN if assume is None else assume)
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=given)
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def rules(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


@pytest.mark.parametrize("channel", ["postal", "express", "cargo"])
@pytest.mark.parametrize(("value", "free"), [(1_999, True), (2_000, True), (2_001, False)])
def test_twenty_dollars(channel: str, value: int, free: bool) -> None:
    """Remission orders, s. 4: up to 20 dollars free; 20.01 at 10 % is 2.00 duty and 5 % of 22.01, 1.10 GST (derived)."""
    outcome = decide({**CUP, "value": value}, channel=channel)
    assert rules(outcome) == ({} if free else {"ca.customs_duty": "2.00", "ca.gst": "1.10"})
    assert outcome["category"] == (2 if free else 3)
    assert outcome["certainty"] == "certain"


@pytest.mark.parametrize(
    ("value", "charged"),
    [
        (4_000, {}),
        (4_001, {"ca.gst": "2.00"}),
        (15_000, {"ca.gst": "7.50"}),
        (15_001, {"ca.customs_duty": "15.00", "ca.gst": "8.25"}),
    ],
)
@pytest.mark.parametrize("country", ["US", "MX"])
def test_courier_from_the_united_states_and_mexico(value: int, charged: dict[str, str], country: str) -> None:
    """Courier Imports Remission Order s. 4.1 from 1 July 2020: taxes above 40, duty above 150 (derived)."""
    assert rules(decide({**CUP, "value": value}, departure_country=country, day=CUSMA)) == charged


@pytest.mark.parametrize(
    "head", [{"day": BEFORE}, {"channel": "postal"}, {"departure_country": "CN"}, {"channel": "bonded"}]
)
def test_near_limits_are_for_couriers_from_their_first_day(head: dict[str, Any]) -> None:
    """Customs Notice 20-18: mail and other countries keep 20 dollars, and so does everyone before 1 July 2020."""
    outcome = decide({**CUP, "value": 4_000}, **{"departure_country": "US", **head})
    assert rules(outcome) == {"ca.customs_duty": "4.00", "ca.gst": "2.20"}


def test_place_of_direct_shipment_counts_not_the_origin() -> None:
    """Goods of the United States shipped from China have no higher limit; goods of China shipped from there do."""
    assert rules(decide({**CUP, "origin_country": "US", "value": 4_000})) != {}
    assert rules(decide({**CUP, "origin_country": "CN", "value": 4_000}, departure_country="US")) == {}


def test_transport_is_outside_the_value() -> None:
    """Customs Act s. 48(5)(b): 20 dollars of goods with 30 of freight and insurance are free."""
    assert decide({**CUP, "value": 2_000}, freight=2_500, insurance=500)["total"] == "0.00"


def test_the_consignment_is_measured_not_the_item() -> None:
    """Memorandum D8-2-2: the limit is of the mail item, so two cups at 15 dollars are above it."""
    two = decide({**CUP, "value": 1_500}, {**CUP, "value": 1_500})
    assert two["duty"] == "3.00" and two["tax"] == "1.66"


def test_sold_from_canada_has_no_remission() -> None:
    """Postal Imports Remission Order s. 3: bought from a retailer in Canada, shipped from abroad."""
    assert rules(decide({**CUP, "value": 1_000}, **{"seller.country": "CA"})) != {}


@pytest.mark.parametrize("hs_code", ["220421", "220830", "240220", "240319"])
def test_alcohol_and_tobacco_have_no_remission(hs_code: str) -> None:
    """Remission orders, s. 2: excluded goods pay from the first cent, and their excise isn't held."""
    outcome = decide({"hs_code": hs_code, "value": 1_000})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_excluded_goods_do_not_spoil_the_others() -> None:
    """Remission orders, s. 2: what is excluded is no goods of the order; the cup beside the wine stays free."""
    outcome = decide({**CUP, "value": 500}, {**WINE, "value": 1_000})
    assert {charge["item_id"] for charge in outcome["charges"]} == {"2"}


def test_vaping_products_from_october_2022() -> None:
    """Remission orders, s. 2 as of 1 October 2022: vaping products are excluded; before that they weren't."""
    pods = {"hs_code": "854340", "value": 1_000}
    assert rules(decide(pods, day=date(2022, 9, 30))) == {}
    assert "ca.gst" in rules(decide(pods, day=date(2022, 10, 1)))


def test_publications_depend_on_the_supplier() -> None:
    """Remission orders, s. 2(c): free from a registered supplier; from another it is contested, and both are told."""
    assert decide({**BOOK, "value": 1_000}, seller_registered=True)["total"] == "0.00"
    other = decide({**BOOK, "value": 1_000}, seller_registered=False)
    assert other["certainty"] == "contested" and other["tax"] == "0.55"
    assert any(f["code"] == "law.contested" for f in other["findings"])
    unknown = decide({**BOOK, "value": 1_000}, seller_registered=None)
    assert unknown["status"] == "incomplete" and "element.unknown" in codes(unknown)


@pytest.mark.parametrize(
    ("value", "left", "tax"),
    [(5_999, None, None), (6_000, None, None), (6_001, "0.00", "0.00"), (20_000, "14.00", "7.70")],
)
def test_gift(value: int, left: str | None, tax: str | None) -> None:
    """Item 9816.00.00 and s. 85: 60 dollars free; of 200 dollars customs' own example charges 140."""
    outcome = decide({**CUP, "value": value}, transaction="c2c_gift")
    assert rules(outcome) == ({} if left is None else {"ca.customs_duty": left, "ca.gst": tax})


def test_gift_is_spread_over_its_articles() -> None:
    """60 of 90 dollars are free: 20 of a cup at 30 and 40 of one at 60 (derived: 10 and 20 are left)."""
    outcome = decide({**CUP, "value": 3_000}, {**CUP, "value": 6_000}, transaction="c2c_gift")
    assert [c["base"] for c in outcome["charges"] if c["name"] == "customs_duty"] == ["10.00", "20.00"]


def test_gift_of_twenty_one_dollars_is_free_and_not_added_to_remission() -> None:
    """Memorandum D8-2-2: the reliefs of 60 and 20 dollars don't add up: 75 dollars leave 15, which pay."""
    assert rules(decide({**CUP, "value": 7_500}, transaction="c2c_gift")) == {
        "ca.customs_duty": "1.50",
        "ca.gst": "0.83",
    }


def test_wine_and_advertising_are_no_gift() -> None:
    """Item 9816.00.00: alcohol, tobacco and advertising matter pay whole; a small price list falls to remission."""
    assert decide({**WINE, "value": 3_000}, transaction="c2c_gift")["status"] == "incomplete"
    poster = {"hs_code": "491110"}
    assert decide({**poster, "value": 3_000}, transaction="c2c_gift")["duty"] == "3.00"
    assert decide({**poster, "value": 2_000}, transaction="c2c_gift")["total"] == "0.00"


@pytest.mark.parametrize(
    ("region", "day", "tax"),
    [
        ("AB", TODAY, "5.00"),
        ("ON", TODAY, "13.00"),
        ("NB", TODAY, "15.00"),
        ("NS", date(2025, 3, 31), "15.00"),
        ("NS", date(2025, 4, 1), "14.00"),
        ("BC", TODAY, "12.00"),
        ("SK", date(2017, 3, 22), "10.00"),
        ("SK", TODAY, "11.00"),
        ("MB", date(2019, 6, 30), "13.00"),
        ("MB", date(2019, 7, 1), "12.00"),
        ("QC", TODAY, "14.98"),
        ("YT", TODAY, "5.00"),
    ],
)
def test_provinces(region: str, day: date, tax: str) -> None:
    """CBSA, paying duty and taxes: GST alone, HST, or GST and provincial tax; rates by province (derived)."""
    free = {"duty_rate": {"hs": "691110", "rate": "0"}}
    outcome = decide({**CUP, "value": 10_000}, destination_region=region, day=day, assume=free)
    assert outcome["tax"] == tax
    assert outcome["certainty"] == ("unverified" if region in ("BC", "SK", "MB", "QC") else "certain")


@pytest.mark.parametrize("region", [None, "XX", "CA-ON"])
def test_unknown_province_is_unknown_tax(region: str | None) -> None:
    """Without the province, or with one that Canada doesn't have, no rate stands in: incomplete, and it is said."""
    outcome = decide({**CUP, "value": 10_000}, destination_region=region)
    assert outcome["status"] == "incomplete" and "region.unknown" in codes(outcome)
    assert outcome["duty"] == "10.00" and "law.gap" not in codes(outcome)


def test_unknown_province_matters_only_where_tax_is_due() -> None:
    """Below the limit nothing is due in any province."""
    assert decide({**CUP, "value": 2_000}, destination_region=None)["total"] == "0.00"


def test_commercial_goods_bear_gst_alone() -> None:
    """CBSA, commercial goods by mail: the federal 5 %, no provincial part and no provincial tax, anywhere."""
    for region in ("ON", "BC", None):
        outcome = decide({**CUP, "value": 10_000}, transaction="b2b", destination_region=region)
        assert rules(outcome) == {"ca.customs_duty": "10.00", "ca.gst": "5.50"}


def test_groceries_and_childrens_wear_are_contested() -> None:
    """Zero-rated groceries, and in Nova Scotia the rebate of the provincial part: both amounts stand."""
    free = {"duty_rates": [{"hs": "0902", "rate": "0"}, {"hs": "611120", "rate": "0"}]}
    tea = decide({"hs_code": "090210", "value": 10_000}, assume=free)
    assert (tea["tax"], tea["certainty"]) == ("5.00", "contested")
    wear = decide({"hs_code": "611120", "value": 10_000}, destination_region="NS", assume=free)
    assert (wear["tax"], wear["certainty"]) == ("14.00", "contested")
    assert any("5.00" in f["message"] for f in wear["findings"] if f["code"] == "law.contested")
    assert decide({"hs_code": "611120", "value": 10_000}, assume=free)["certainty"] == "certain"


@pytest.mark.parametrize(
    ("day", "value", "category"),
    [(BEFORE, 250_000, 3), (BEFORE, 250_001, 4), (CUSMA, 330_000, 3), (CUSMA, 330_001, 4)],
)
def test_low_value_shipment(day: date, value: int, category: int) -> None:
    """Customs Notice 20-15: 2,500 dollars before 1 July 2020, 3,300 from then."""
    assert decide({**CUP, "value": value}, day=day)["category"] == category


def test_handling_fee_is_told_and_not_counted() -> None:
    """Canada Post's 9.95 is the carrier's: a finding where duty or tax is due and no fee was declared."""
    due = decide({**CUP, "value": 10_000}, channel="postal")
    assert due["fees"] == "0.00" and any("9.95" in f["message"] for f in due["findings"])
    assert "fee.carrier" not in codes(decide({**CUP, "value": 10_000}, channel="postal", carrier_fees=995))
    assert "fee.carrier" not in codes(decide({**CUP, "value": 2_000}, channel="postal"))
    assert "fee.carrier" not in codes(decide({**CUP, "value": 10_000}))


def test_rate_of_exchange_is_of_the_day_of_direct_shipment() -> None:
    """Memorandum D13-2-3: without the day of shipment the declaration's serves, and it is said."""
    assume = {**TEN, "fx": {"USD/CAD": "1.3333"}}
    outcome = decide({**CUP, "value": 1_500}, currency="USD", export_date=None, assume=assume)
    assert outcome["customs_value"] == "20.00" and outcome["total"] == "0.00"
    assert "date.assumed" in codes(outcome)


def test_no_schedule_is_incomplete() -> None:
    """Above the limit the duty isn't known without a schedule; below 150 from the United States none is asked."""
    assert decide({**CUP, "value": 10_000}, assume={})["status"] == "incomplete"
    near = decide({**CUP, "value": 10_000}, departure_country="US", assume={})
    assert (near["status"], near["tax"]) == ("assessed", "5.00")


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence (item 9814.00.00)."""
    assert decide({**CUP, "value": 50_000}, transaction="documents")["total"] == "0.00"
    back = decide({**CUP, "value": 50_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be excluded ones, so even a small parcel isn't sure."""
    outcome = decide({"hs_code": None, "value": 1_000})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
            if near >= PACK.start:
                assert decide({**CUP, "value": 10_000}, day=near)["tax"] == "5.50"
