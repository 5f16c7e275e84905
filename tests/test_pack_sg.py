"""The law of Singapore: cases from its acts and guides, boundary amounts and boundary days."""

from datetime import date, timedelta
from typing import Any

import pytest

from deciding import amounts, charge, codes, decider, said
from greenlane.packs.sg import PACK

OLD = date(2015, 1, 1)
TODAY = date(2026, 11, 23)
_DECIDE = decider(PACK, TODAY, channel="express", transport_mode="air")


def decide(*items: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Decide a consignment by air express from China; an item is a jacket unless it says else."""
    return _DECIDE(*({"hs_code": "620193", **item} for item in items), **facts)


def test_jacket_below_the_relief() -> None:
    """IRAS' example: 280 and 25 of transport from an unregistered seller: no GST at purchase or import."""
    outcome = decide({"value": 28_000}, freight=2_500)
    assert (outcome["intrinsic_value"], outcome["customs_value"]) == ("280.00", "305.00")
    assert outcome["charges"] == [] and outcome["total"] == "0.00" and outcome["disposition"] == "release"


def test_sneakers_above_the_relief() -> None:
    """IRAS' example: 390 and 35 of transport are 425, above the relief: import GST of 9 % is 38.25."""
    outcome = decide({"value": 39_000}, freight=3_500)
    gst = charge(outcome, "sg.gst.import")
    assert (gst["amount"], gst["base"], gst["payer"], gst["collected"]) == (
        "38.25",
        "425.00",
        "buyer",
        "at_border",
    )


def test_iras_table_of_the_seven_per_cent() -> None:
    """IRAS' table: 200 is free; 450 bears 7 % on all of it, 31.50."""
    assert decide({"value": 20_000}, day=OLD)["total"] == "0.00"
    assert decide({"value": 45_000}, day=OLD)["tax"] == "31.50"


@pytest.mark.parametrize(("freight", "free"), [(999, True), (1_000, True), (1_001, False)])
def test_import_relief_is_measured_with_transport_and_is_a_cliff(freight: int, free: bool) -> None:
    """Imports relief: 390 and freight up to 400.00 is free; 400.01 is taxed whole (36.00)."""
    for day in (OLD, TODAY):
        outcome = decide({"value": 39_000}, freight=freight, day=day)
        assert (outcome["charges"] == []) is free
    if not free:
        assert outcome["tax"] == "36.00"


@pytest.mark.parametrize(
    ("day", "tax"),
    [
        (date(2007, 7, 1), "35.00"),
        (date(2022, 12, 31), "35.00"),
        (date(2023, 1, 1), "40.00"),
        (date(2023, 12, 31), "40.00"),
        (date(2024, 1, 1), "45.00"),
        (TODAY, "45.00"),
    ],
)
def test_rates_of_gst(day: date, tax: str) -> None:
    """7, 8 and 9 %: on each day on which one begins and the day before."""
    outcome = decide({"value": 50_000}, day=day)
    assert outcome["tax"] == tax and outcome["certainty"] == "certain"


def test_sea_and_land_have_no_relief() -> None:
    """The relief is for air and post: the same goods by sea or road bear GST at any value."""
    for mode in ("sea", "road"):
        outcome = decide({"value": 10_000}, channel="cargo", transport_mode=mode)
        assert amounts(outcome) == {"sg.gst.import": "9.00"} and outcome["category"] == 3
    assert decide({"value": 10_000}, channel="postal", transport_mode=None)["total"] == "0.00"
    assert decide({"value": 10_000}, channel="express", transport_mode=None)["total"] == "0.00"


def test_a_mode_that_is_not_given_is_asked_for() -> None:
    """Cargo without its mode: whether the relief holds isn't known; above the limit it doesn't matter."""
    outcome = decide({"value": 10_000}, channel="cargo", transport_mode=None)
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)
    above = decide({"value": 50_000}, channel="cargo", transport_mode=None)
    assert above["tax"] == "45.00"


@pytest.mark.parametrize(("value", "sold"), [(39_999, True), (40_000, True), (40_001, False)])
def test_vendors_limit_is_measured_without_transport(value: int, sold: bool) -> None:
    """s. 18A: an article up to 400 without transport is low value, though 35 of transport lift it above 400."""
    outcome = decide({"value": value}, freight=3_500, scheme="OVR", scheme_id="M90370000A")
    assert ("sg.gst.sale" in amounts(outcome)) is sold
    assert ("sg.gst.import" in amounts(outcome)) is not sold


def test_registered_seller_takes_gst_with_delivery() -> None:
    """Derived: 9 % of 100 and 10 of delivery is 9.90, at sale, owed and paid by the seller."""
    outcome = decide({"value": 10_000}, freight=1_000, seller_registered=True)
    assert amounts(outcome) == {"sg.gst.sale": "9.90"}
    found = outcome["charges"][0]
    assert (found["liable"], found["payer"], found["collected"]) == ("seller", "seller", "at_sale")
    assert outcome["payable_at_border"] == "0.00" and outcome["certainty"] == "unverified"


def test_two_tests_of_400() -> None:
    """One parcel, two limits: 390 and 35 is low value for the vendor's tax and above the import relief."""
    parcel = {"value": 39_000}
    taken = decide(parcel, freight=3_500, scheme="OVR", scheme_id="M90370000A")
    assert amounts(taken) == {"sg.gst.sale": "38.25"} and taken["payable_at_border"] == "0.00"
    silent = decide(parcel, freight=3_500, seller_registered=True)
    assert amounts(silent) == {"sg.gst.import": "38.25"} and "vendor.unstated" in codes(silent)
    assert "vendor.unstated" not in codes(decide(parcel, freight=3_500))


def test_choice_to_measure_with_transport() -> None:
    """s. 18A(4): a vendor may measure by s. 18; then 390 and 35 isn't low value and is taxed at import."""
    chosen = '{"entry_value": "cif"}'
    outcome = decide({"value": 39_000}, freight=3_500, scheme="OVR", elections=chosen)
    assert amounts(outcome) == {"sg.gst.import": "38.25"}
    small = decide({"value": 30_000}, freight=3_500, scheme="OVR", elections=chosen)
    assert amounts(small) == {"sg.gst.sale": "30.15"}


def test_several_articles_are_assessed_one_by_one() -> None:
    """Customs: articles up to 400 each are the vendor's, whatever they are worth together."""
    outcome = decide({"value": 90_000, "quantity": 3_000}, {"value": 50_000}, scheme="OVR")
    taxed = {(c["law"]["rule"], c["item_id"]): c["amount"] for c in outcome["charges"]}
    assert taxed == {("sg.gst.sale", "1"): "81.00", ("sg.gst.import", "2"): "45.00"}
    assert outcome["payable_at_border"] == "45.00"


def test_marketplace_is_the_supplier() -> None:
    """The operator of a marketplace is treated as supplier; its registration isn't shown, so unverified."""
    outcome = decide({"value": 10_000}, **{"platform.id": "M1"})
    assert outcome["tax"] == "9.00" and outcome["charges"][0]["payer"] == "platform"
    assert outcome["certainty"] == "unverified"


def test_business_buyer_and_gift_bear_no_gst_at_sale() -> None:
    """Only sales to consumers; a gift and a business purchase have the import relief alone."""
    for kind in ("b2b", "c2c_gift"):
        assert decide({"value": 10_000}, transaction=kind, seller_registered=True)["total"] == "0.00"
        above = decide({"value": 41_000}, transaction=kind, scheme="OVR")
        assert amounts(above) == {"sg.gst.import": "36.90"}


def test_registration_not_known_is_incomplete() -> None:
    """Whether the seller takes GST isn't known, so there is no total."""
    assert decide({"value": 10_000}, seller_registered=None)["status"] == "incomplete"


def test_the_day_of_the_vendors() -> None:
    """On 31 December 2022 a registered seller takes nothing on a parcel of 100; the day after, 8 %."""
    assert decide({"value": 10_000}, day=date(2022, 12, 31), seller_registered=True)["total"] == "0.00"
    assert decide({"value": 10_000}, day=date(2023, 1, 1), seller_registered=True)["tax"] == "8.00"


def test_rate_at_sale_is_of_the_order() -> None:
    """Ordered on 29 December 2023 and imported in January: the vendor's GST is 8 %; import GST would be 9 %."""
    ordered = date(2023, 12, 29)
    outcome = decide({"value": 10_000}, day=date(2024, 1, 3), order_date=ordered, seller_registered=True)
    assert outcome["tax"] == "8.00"
    border = decide({"value": 50_000}, day=date(2024, 1, 3), order_date=ordered)
    assert border["tax"] == "45.00"


def test_an_order_before_the_vendors_bears_no_gst_at_sale() -> None:
    """Ordered in 2022: no supply of low-value goods yet; within the relief the import is free."""
    ordered = date(2022, 12, 30)
    outcome = decide({"value": 10_000}, day=date(2023, 1, 3), order_date=ordered, seller_registered=True)
    assert outcome["charges"] == [] and outcome["status"] == "assessed"


def test_two_rates_of_exchange() -> None:
    """Third Schedule: entry value at the rate of the sale, import at that of the approval; one rate assumed."""
    assume = {"fx": {"USD/SGD": "1.30"}}
    outcome = decide({"value": 30_000}, currency="USD", seller_registered=True, assume=assume)
    assert outcome["intrinsic_value"] == "390.00" and outcome["tax"] == "35.10"
    assert decide({"value": 31_000}, currency="USD", assume=assume)["tax"] == "36.27"
    without = decide(
        {"value": 30_000}, currency="USD", seller_registered=True, order_date=None, assume=assume
    )
    assert "date.assumed" in codes(without)


@pytest.mark.parametrize("hs_code", ["220421", "240220", "871120"])
def test_dutiable_goods(hs_code: str) -> None:
    """Liquor, tobacco and vehicles have neither relief nor the vendor's tax; their duties aren't held."""
    outcome = decide({"hs_code": hs_code, "value": 2_000}, {"value": 2_000}, seller_registered=True)
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    assert {c["item_id"] for c in outcome["charges"] if c["law"]["rule"] == "sg.gst.sale"} == {"2"}


def test_other_goods_bear_no_duty() -> None:
    """All but four categories are free of duty: no schedule is needed for a jacket of 5,000 dollars."""
    outcome = decide({"value": 500_000})
    assert outcome["duty"] == "0.00" and outcome["status"] == "assessed" and outcome["category"] == 4


def test_precious_metal_is_contested() -> None:
    """Investment precious metal is exempt, which the code doesn't show: both amounts stand."""
    outcome = decide({"hs_code": "710812", "value": 50_000})
    assert outcome["tax"] == "45.00" and outcome["certainty"] == "contested"
    assert "0.00" in said(outcome, "law.contested")


def test_documents_and_returns() -> None:
    """Documents are free; returns above the relief are free with evidence, which isn't certain."""
    assert decide({"value": 50_000}, transaction="documents")["total"] == "0.00"
    back = decide({"value": 50_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be dutiable, so the relief isn't sure."""
    outcome = decide({"hs_code": None, "value": 10_000})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
