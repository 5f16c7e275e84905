"""The law of New Zealand: cases from its acts and notices, boundary amounts and boundary days."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from deciding import amounts, charge, codes, decider, said
from greenlane.packs.nz import PACK

OLD = date(2018, 8, 1)
SPRING = date(2025, 3, 14)
TODAY = date(2026, 11, 23)
FREE = {"duty_rate": {"hs": "610910", "rate": "0"}}
TEN = {"duty_rate": {"hs": "610910", "rate": "0.10"}}


_DECIDE = decider(PACK, SPRING, channel="express", transport_mode="air", departure_country="US")


def decide(*items: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Decide a consignment by air express from the United States; an item is cotton shirts unless it says else."""
    return _DECIDE(*({"hs_code": "610910", "origin_country": "US", **item} for item in items), **facts)


old = partial(decide, day=OLD, assume=FREE)


def test_customs_example_with_duty() -> None:
    """Customs' example: 1,000 at 5 % is 50 of duty; GST of 15 % on 1,150, transport of 100 in it, is 172.50."""
    assume = {"duty_rate": {"hs": "610910", "rate": "0.05"}}
    outcome = decide({"value": 100_000}, day=date(2011, 12, 1), freight=10_000, assume=assume)
    assert (outcome["customs_value"], outcome["duty"], outcome["tax"]) == ("1000.00", "50.00", "172.50")
    assert outcome["fees"] == "38.07"
    gst = charge(outcome, "nz.gst.import")
    assert (gst["base"], gst["collected"], gst["payer"]) == ("1150.00", "at_border", "buyer")


def test_customs_example_without_duty() -> None:
    """Customs' example: 1,000 and 100 of transport, free of duty: GST 165."""
    assert decide({"value": 100_000}, day=PACK.start, freight=10_000, assume=FREE)["tax"] == "165.00"


@pytest.mark.parametrize(("value", "collected"), [(39_996, False), (40_000, True), (40_003, True)])
def test_least_amount_collected(value: int, collected: bool) -> None:
    """Reg. 70 until 30 November 2019: duty and GST below 60 dollars aren't collected (399.96: 59.99)."""
    outcome = old({"value": value})
    gst = charge(outcome, "nz.gst.import")
    assert (gst["waived"] is None) is collected
    assert (gst["amount"] == "0.00") is not collected
    assert ("nz.ietf" in amounts(outcome)) is collected
    if not collected:
        assert gst["assessed"] == "59.99" and outcome["total"] == "0.00" and outcome["category"] == 2


def test_least_amount_counts_duty_and_gst_together() -> None:
    """Derived: 230 at 10 % is 23.00, GST on 253.00 is 37.95; 60.95 together is collected, 225 (59.63) isn't."""
    assert decide({"value": 23_000}, day=OLD, assume=TEN)["duty"] == "23.00"
    waived = decide({"value": 22_500}, day=OLD, assume=TEN)
    assert waived["total"] == "0.00"
    assert {c["assessed"] for c in waived["charges"]} == {"22.50", "37.13"}


@pytest.mark.parametrize("hs_code", ["220421", "240220"])
def test_least_amount_is_not_for_alcohol_and_tobacco(hs_code: str) -> None:
    """The waiver leaves out alcohol and tobacco; their excise isn't held, so the outcome is incomplete."""
    outcome = old({"hs_code": hs_code, "value": 2_000}, {"value": 2_000})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    assert all(c["waived"] is None for c in outcome["charges"])


@pytest.mark.parametrize(
    ("day", "ietf", "bsel"),
    [
        (date(2010, 10, 1), "25.30", "12.77"),
        (date(2012, 12, 31), "25.30", "12.77"),
        (date(2016, 1, 1), "29.26", "19.98"),
        (date(2018, 6, 30), "29.26", "19.98"),
        (date(2018, 7, 1), "29.26", "23.41"),
        (date(2019, 12, 1), "29.26", "26.45"),
        (date(2021, 6, 30), "29.26", "26.45"),
        (date(2021, 7, 1), "33.03", "26.45"),
        (date(2023, 6, 30), "33.03", "26.45"),
        (date(2023, 7, 1), "33.03", "53.36"),
        (date(2023, 9, 30), "33.03", "53.36"),
        (date(2023, 10, 1), "38.53", "53.36"),
        (date(2024, 6, 30), "38.53", "53.36"),
        (date(2024, 7, 1), "40.08", "53.36"),
        (date(2025, 6, 30), "40.08", "53.36"),
        (date(2025, 7, 1), "53.44", "53.36"),
        (date(2026, 3, 31), "53.44", "53.36"),
    ],
)
def test_charges_of_an_import_entry(day: date, ietf: str, bsel: str) -> None:
    """Published fees, GST in them, on each day on which one begins and the day before."""
    found = amounts(decide({"value": 100_001}, day=day, assume=FREE))
    assert (found["nz.ietf"], found["nz.bsel"]) == (ietf, bsel)


def test_fees_whose_day_is_not_known_are_contested() -> None:
    """In 2013 the fees rose on a day that no source names: both readings stand."""
    outcome = decide({"value": 100_000}, day=date(2013, 5, 1), assume=FREE)
    assert outcome["certainty"] == "contested" and outcome["fees"] == "46.89"
    assert "25.30" in said(outcome, "law.contested") and "12.77" in said(outcome, "law.contested")


@pytest.mark.parametrize(("value", "low"), [(99_999, True), (100_000, True), (100_001, False)])
def test_border_limit(value: int, low: bool) -> None:
    """Reg. 70 since 1 December 2019: up to 1,000 dollars nothing at the border; above, duty, GST and fees."""
    outcome = decide({"value": value}, assume=TEN)
    assert (outcome["charges"] == []) is low
    assert outcome["category"] == (2 if low else 4)


def test_limit_leaves_transport_out_and_gst_takes_it_in() -> None:
    """Derived: 1,000 with 300 of transport is low; 1,100 at 10 % with 100 is 110.00, GST on 1,310 is 196.50."""
    assert decide({"value": 100_000}, freight=20_000, insurance=10_000)["total"] == "0.00"
    outcome = decide({"value": 110_000}, freight=8_000, insurance=2_000, assume=TEN)
    assert (outcome["duty"], outcome["tax"]) == ("110.00", "196.50")


def test_the_day_of_the_new_rule() -> None:
    """On 30 November 2019 a parcel of 900 is taxed at the border; the day after its vendor takes GST."""
    before = decide({"value": 90_000}, day=date(2019, 11, 30), assume=FREE, seller_registered=True)
    after = decide({"value": 90_000}, day=date(2019, 12, 1), seller_registered=True)
    assert before["tax"] == "135.00" and charge(before, "nz.gst.import")["payer"] == "buyer"
    assert amounts(after) == {"nz.gst.sale": "135.00"}


def test_an_order_before_the_new_rule_bears_no_gst_at_sale() -> None:
    """Derived: the supply was made before s. 4B, and at the border goods of low value are free."""
    ordered = date(2019, 11, 28)
    outcome = decide(
        {"value": 90_000}, day=date(2019, 12, 3), order_date=ordered, seller_registered=True, scheme="NZ_GST"
    )
    assert outcome["charges"] == [] and outcome["status"] == "assessed"


def test_registered_seller_takes_gst_with_delivery() -> None:
    """Derived: 15 % of 100 and 15 of delivery is 17.25, at sale, owed and paid by the seller."""
    outcome = decide({"value": 10_000}, seller_registered=True, freight=1_500)
    assert amounts(outcome) == {"nz.gst.sale": "17.25"}
    found = outcome["charges"][0]
    assert (found["liable"], found["payer"], found["collected"]) == ("seller", "seller", "at_sale")
    assert outcome["payable_at_border"] == "0.00" and outcome["disposition"] == "release"


def test_marketplace_is_the_supplier() -> None:
    """s. 60C: the operator of the marketplace owes the GST, whether the seller is registered or not."""
    for registered in (True, False, None):
        outcome = decide({"value": 10_000}, seller_registered=registered, **{"platform.id": "M1"})
        assert outcome["tax"] == "15.00" and outcome["charges"][0]["payer"] == "platform"
        assert outcome["certainty"] == "unverified"


def test_unregistered_business_and_gift() -> None:
    """No GST on low value: an unregistered seller, a business buyer and a private gift."""
    assert decide({"value": 10_000})["total"] == "0.00"
    assert decide({"value": 10_000}, transaction="b2b", seller_registered=True)["total"] == "0.00"
    assert decide({"value": 10_000}, transaction="c2c_gift", seller_registered=True)["total"] == "0.00"


def test_registration_not_known_is_incomplete() -> None:
    """Whether the seller takes GST isn't known, so there is no total."""
    outcome = decide({"value": 10_000}, seller_registered=None)
    assert outcome["status"] == "incomplete" and outcome["total"] is None


def test_consignment_above_the_limit_with_gst_taken() -> None:
    """Customs' notice: where the vendor took GST on the value, GST is still due on the duty at the border."""
    three = {"value": 120_000, "quantity": 3_000}
    outcome = decide(three, scheme="NZ_GST", freight=6_000, assume=TEN)
    found = amounts(outcome)
    assert (found["nz.customs_duty"], found["nz.gst.sale"], found["nz.gst.import"]) == (
        "120.00",
        "189.00",
        "18.00",
    )
    assert charge(outcome, "nz.gst.import")["base"] == "120.00"
    free = decide(three, scheme="NZ_GST", assume=FREE)
    assert "nz.gst.import" not in amounts(free) and free["tax"] == "180.00"


def test_unstated_vendor_above_the_limit() -> None:
    """s. 12B, 12C: what the declaration doesn't name as taxed is charged at the border, and it is said."""
    outcome = decide({"value": 120_000, "quantity": 3_000}, seller_registered=True, assume=TEN)
    assert "nz.gst.sale" not in amounts(outcome) and outcome["tax"] == "198.00"
    assert "vendor.unstated" in codes(outcome)


@pytest.mark.parametrize(("value", "sold"), [(100_000, True), (100_001, False)])
def test_goods_are_low_value_one_by_one(value: int, sold: bool) -> None:
    """s. 4B: each item up to 1,000 dollars; one of 1,000.01 is taxed at the border."""
    outcome = decide({"value": value}, {"value": 5_000}, scheme="NZ_GST", assume=FREE)
    rules = {(c["law"]["rule"], c["item_id"]) for c in outcome["charges"] if c["kind"] == "tax"}
    assert (("nz.gst.sale", "1") in rules) is sold
    assert ("nz.gst.sale", "2") in rules


def test_choice_to_take_gst_above_the_limit() -> None:
    """s. 10C: a supplier may choose to take GST on dearer goods too; the border leaves it to him, and says so."""
    chosen = '{"high_value_goods": "vendor"}'
    outcome = decide({"value": 150_000}, scheme="NZ_GST", elections=chosen, assume=FREE)
    assert amounts(outcome)["nz.gst.sale"] == "225.00" and "nz.gst.import" not in amounts(outcome)
    assert "75 %" in said(outcome, "relief.evidence")
    without = decide({"value": 150_000}, scheme="NZ_GST", assume=FREE)
    assert amounts(without)["nz.gst.import"] == "225.00"


@pytest.mark.parametrize("hs_code", ["220421", "220830", "240220"])
def test_alcohol_and_tobacco_have_no_relief(hs_code: str) -> None:
    """Customs' notice: alcohol and tobacco bear duty and GST at any value, and no GST at sale."""
    outcome = decide({"hs_code": hs_code, "value": 2_000}, {"value": 2_000}, seller_registered=True)
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    assert {c["item_id"] for c in outcome["charges"] if c["law"]["rule"] == "nz.gst.sale"} == {"2"}
    assert charge(outcome, "nz.ietf")["certainty"] == "unverified"


def test_gift_is_charged_above_the_concession() -> None:
    """Concession 75, derived: of 1,510, 1,400 is charged; duty 140.00, GST 231.00."""
    outcome = decide({"value": 151_000}, transaction="c2c_gift", assume=TEN)
    assert (outcome["duty"], outcome["tax"]) == ("140.00", "231.00")
    assert "relief.evidence" in codes(outcome) and outcome["certainty"] == "unverified"
    small = decide({"value": 11_000}, transaction="c2c_gift", day=OLD, assume=TEN)
    assert all(c["assessed"] in (None, "0.00") for c in small["charges"])


def test_gift_of_tobacco_has_no_concession() -> None:
    """Concession 75 leaves tobacco out: only the other article of a gift is relieved."""
    assume = {"duty_rates": [{"hs": "610910", "rate": "0.10"}, {"hs": "240220", "rate": "0.10"}]}
    outcome = decide(
        {"hs_code": "240220", "value": 10_000},
        {"value": 11_000},
        transaction="c2c_gift",
        day=OLD,
        assume=assume,
    )
    duty = {c["item_id"]: c["amount"] for c in outcome["charges"] if c["name"] == "customs_duty"}
    assert duty == {"1": "10.00", "2": "0.00"}


@pytest.mark.parametrize(
    ("day", "mode", "levy"),
    [
        (date(2026, 3, 31), "air", None),
        (date(2026, 4, 1), "air", "2.54"),
        (TODAY, "air", "2.54"),
        (TODAY, "sea", "2.40"),
    ],
)
def test_goods_management_levy_on_low_value(day: date, mode: str, levy: str | None) -> None:
    """Order 2025/272 from 1 April 2026: 2.21 by air and 2.09 by sea a consignment, with GST 2.54 and 2.40."""
    outcome = decide({"value": 10_000}, day=day, transport_mode=mode)
    assert amounts(outcome).get("nz.levy.low") == levy
    if levy:
        found = charge(outcome, "nz.levy.low")
        assert (found["liable"], found["collected"], found["certainty"]) == (
            "declarant",
            "periodic",
            "unverified",
        )
        assert outcome["payable_at_border"] == "0.00"


def test_levy_needs_the_mode_and_leaves_mail_and_documents_out() -> None:
    """The levy differs by mode; mail pays by mass through its operator, which is told; documents pay none."""
    unknown = decide({"value": 10_000}, day=TODAY, channel="cargo", transport_mode=None)
    assert unknown["status"] == "incomplete" and "element.unknown" in codes(unknown)
    mail = decide({"value": 10_000}, day=TODAY, channel="postal")
    assert mail["total"] == "0.00" and "1.28" in said(mail, "fee.reporter")
    assert decide({"value": 10_000}, day=TODAY, transaction="documents")["total"] == "0.00"


def test_levy_above_the_limit_was_not_seen() -> None:
    """From 1 April 2026 the levy of an import declaration is in force and its amount isn't held: incomplete."""
    outcome = decide({"value": 120_000}, day=TODAY, assume=TEN)
    assert outcome["status"] == "incomplete" and "law.unknown" in codes(outcome)
    assert (outcome["duty"], outcome["tax"]) == ("120.00", "198.00")
    assert "nz.ietf" not in amounts(outcome)


def test_no_schedule_is_incomplete() -> None:
    """Above the limit the duty isn't known without a schedule; nothing stands in for it."""
    outcome = decide({"value": 120_000})
    assert outcome["status"] == "incomplete" and outcome["disposition"] == "hold"
    assert "tariff.not_loaded" in codes(outcome)


def test_fine_metal_is_contested() -> None:
    """s. 14: precious metal may be exempt fine metal, so both amounts stand."""
    outcome = decide({"hs_code": "710812", "value": 50_000}, seller_registered=True)
    assert outcome["tax"] == "75.00" and outcome["certainty"] == "contested"
    assert "0.00" in said(outcome, "law.contested")


def test_documents_and_returns() -> None:
    """Documents are free; returns above the limit are free with evidence, which isn't certain."""
    assert decide({"value": 120_000}, transaction="documents")["total"] == "0.00"
    back = decide({"value": 120_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be alcohol or tobacco, so the relief isn't sure."""
    outcome = decide({"hs_code": None, "value": 10_000})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_foreign_currency_needs_a_rate() -> None:
    """s. 434: amounts are converted at Customs' rate of the declaration; 600 USD at 1.7 is 1,020."""
    assume = {**FREE, "fx": {"USD/NZD": "1.7"}}
    outcome = decide({"value": 60_000}, currency="USD", assume=assume)
    assert outcome["customs_value"] == "1020.00" and outcome["tax"] == "153.00"
    assert decide({"value": 60_000}, currency="XPF")["status"] == "incomplete"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
