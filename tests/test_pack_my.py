"""The law of Malaysia: cases by article, on boundary amounts and boundary days.

No official worked example was seen, so every case is derived from the values and their sources in `law.yaml`.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from deciding import amounts, charge, codes, decider, said
from greenlane.packs import jurisdiction_of
from greenlane.packs.my import PACK

EVE = date(2023, 12, 31)
FIRST = date(2024, 1, 1)
TODAY = date(2026, 11, 23)
DUTY = {
    "duty_rates": [
        {"hs": "610910", "rate": "0.20"},
        {"hs": "8517", "rate": "0"},
        {"hs": "240220", "rate": "0"},
    ]
}
_DECIDE = decider(PACK, TODAY, channel="express")


def decide(*items: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Decide a consignment by air courier from China; an item is a T-shirt unless it says else."""
    return _DECIDE(*({"hs_code": "610910", **item} for item in items), **{"assume": DUTY, **facts})


def test_it_covers_malaysia() -> None:
    """A parcel to Malaysia is under this law, and no day before the Sales Tax Act 2018 is."""
    assert jurisdiction_of("MY") == "my"
    assert PACK.start == date(2018, 9, 1) and PACK.end is None


@pytest.mark.parametrize(("freight", "free"), [(999, True), (1_000, True), (1_001, False)])
@pytest.mark.parametrize("day", [date(2018, 9, 1), EVE, TODAY])
def test_import_relief_is_a_cliff_of_500_with_transport(day: date, freight: int, free: bool) -> None:
    """Items 94 and 24: 490 and freight up to 500.00 is free; at 500.01 duty of 20 % and sales tax of 10 % on all."""
    outcome = decide({"value": 49_000}, freight=freight, day=day)
    if free:
        assert outcome["charges"] == [] and outcome["total"] == "0.00"
    else:
        assert outcome["customs_value"] == "500.01"
        assert amounts(outcome) == {"my.duty": "100.00", "my.sales_tax.import": "60.00"}
        assert charge(outcome, "my.sales_tax.import")["base"] == "600.01"
        assert outcome["certainty"] == "unverified"


def test_the_relief_is_for_air_couriers() -> None:
    """Item 24 names air courier and post: by sea, by road or as air cargo the same goods bear all."""
    for channel, mode in (("cargo", "sea"), ("cargo", "air"), ("express", "road")):
        outcome = decide({"value": 10_000}, channel=channel, transport_mode=mode)
        assert amounts(outcome) == {"my.duty": "20.00", "my.sales_tax.import": "12.00"}


def test_post_has_the_relief_since_2023() -> None:
    """Item 24 as amended names post from 1 January 2023; whether post was free the day before isn't known."""
    before = decide({"value": 10_000}, channel="postal", day=date(2022, 12, 31))
    assert before["status"] == "incomplete" and before["total"] is None
    assert "my.relief.postal" in said(before, "law.unknown")
    assert decide({"value": 10_000}, day=date(2022, 12, 31))["total"] == "0.00"
    for day in (date(2023, 1, 1), EVE, TODAY):
        assert decide({"value": 10_000}, channel="postal", day=day)["total"] == "0.00"


def test_post_above_the_limit_is_charged_on_every_day() -> None:
    """Above 500 ringgit it doesn't matter whether the relief is for post: duty and sales tax are due."""
    for day in (date(2022, 12, 31), date(2023, 1, 1), TODAY):
        outcome = decide({"value": 50_001}, channel="postal", day=day)
        assert amounts(outcome) == {"my.duty": "100.00", "my.sales_tax.import": "60.00"}


@pytest.mark.parametrize(("value", "tax"), [(49_999, "50.00"), (50_000, "50.00"), (50_001, None)])
def test_low_value_is_500_without_transport(value: int, tax: str | None) -> None:
    """s. 11A and P.U.(A) 403/2023: an article up to 500.00 bears 10 % with the price; at 500.01 it doesn't."""
    outcome = decide({"value": value}, freight=3_000, scheme="LVG", scheme_id="LVG-1")
    assert amounts(outcome).get("my.sales_tax.sale") == tax
    assert ("my.sales_tax.import" in amounts(outcome)) is (tax is None)


def test_registered_seller_takes_ten_per_cent_of_the_price() -> None:
    """Guide of November 2023: 10 % of 123.45 without its freight is 12.35, by the seller; nothing at import."""
    outcome = decide({"value": 12_345}, freight=2_000, seller_registered=True)
    assert amounts(outcome) == {"my.sales_tax.sale": "12.35"}
    found = charge(outcome, "my.sales_tax.sale")
    assert (found["liable"], found["payer"], found["collected"]) == ("seller", "seller", "at_sale")
    assert outcome["payable_at_border"] == "0.00" and outcome["disposition"] == "release"


def test_unregistered_seller_takes_nothing() -> None:
    """From a seller that isn't registered the same article is free within the relief, by courier and by post."""
    for channel in ("express", "postal"):
        outcome = decide({"value": 12_345}, channel=channel)
        assert outcome["charges"] == [] and outcome["total"] == "0.00"


def test_registration_not_known_is_incomplete() -> None:
    """Whether the seller is registered isn't told, so whether tax was taken isn't known."""
    outcome = decide({"value": 12_345}, seller_registered=None)
    assert outcome["status"] == "incomplete" and outcome["total"] is None


def test_tax_at_sale_begins_with_2024() -> None:
    """P.U.(A) 404/2023: a registered seller takes nothing on 31 December 2023, and 10 % the day after."""
    before = decide({"value": 10_000}, day=EVE, seller_registered=True)
    assert before["total"] == "0.00"
    after = decide({"value": 10_000}, day=FIRST, seller_registered=True)
    assert amounts(after) == {"my.sales_tax.sale": "10.00"}


def test_an_order_of_2023_bears_no_tax_at_sale() -> None:
    """Act A1671: what is bought before the tax begins is outside it, whenever it is imported."""
    ordered = decide({"value": 10_000}, day=date(2024, 1, 5), order_date=EVE, seller_registered=True)
    assert ordered["charges"] == [] and ordered["status"] == "assessed"


def test_articles_are_of_low_value_one_by_one() -> None:
    """s. 11A: three articles of 300 are each of low value; together above the relief, they bear duty at import."""
    outcome = decide({"value": 90_000, "quantity": 3_000}, scheme="LVG", scheme_id="LVG-1")
    assert amounts(outcome) == {"my.duty": "180.00", "my.sales_tax.sale": "90.00"}
    assert outcome["payable_at_border"] == "180.00"


def test_number_that_is_not_declared() -> None:
    """Above the relief without the seller's number customs charges sales tax, and the outcome says so."""
    outcome = decide({"value": 90_000, "quantity": 3_000}, seller_registered=True)
    assert amounts(outcome) == {"my.duty": "180.00", "my.sales_tax.import": "108.00"}
    assert "500000.00 MYR" in said(outcome, "vendor.unstated")
    assert "vendor.unstated" not in codes(decide({"value": 90_000, "quantity": 3_000}))


def test_low_value_goods_by_sea() -> None:
    """P.U.(A) 403/2023 names land, sea and air: with its number stated the tax is taken once, duty stays due."""
    outcome = decide(
        {"value": 10_000}, channel="cargo", transport_mode="sea", scheme="LVG", scheme_id="LVG-1"
    )
    assert amounts(outcome) == {"my.duty": "20.00", "my.sales_tax.sale": "10.00"}


def test_marketplace_is_a_seller() -> None:
    """s. 11A: the operator of an online marketplace takes the tax; its registration isn't shown, so unverified."""
    outcome = decide({"value": 10_000}, **{"platform.id": "M1"})
    assert amounts(outcome) == {"my.sales_tax.sale": "10.00"}
    assert outcome["charges"][0]["payer"] == "platform" and outcome["certainty"] == "unverified"


def test_business_buyer_and_gift() -> None:
    """s. 11A names no kind of buyer, so a sale to a business is taxed; a gift is no sale."""
    sold = decide({"value": 10_000}, transaction="b2b", seller_registered=True)
    assert amounts(sold) == {"my.sales_tax.sale": "10.00"}
    given = decide({"value": 10_000}, transaction="c2c_gift", seller_registered=True)
    assert given["total"] == "0.00"


@pytest.mark.parametrize("hs_code", ["220421", "240220"])
def test_liquor_and_tobacco(hs_code: str) -> None:
    """Excluded from relief and from low value goods; excise is due and its rate isn't held."""
    for day in (date(2018, 9, 1), TODAY):
        outcome = decide({"hs_code": hs_code, "value": 5_000}, day=day, seller_registered=True)
        assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
        assert "my.sales_tax.sale" not in amounts(outcome)


def test_electronic_cigarettes_are_left_out_since_2023() -> None:
    """Item 24 as amended: free on 31 December 2022; the day after they bear duty and sales tax at any value."""
    vape = {"hs_code": "854340", "value": 10_000}
    rates = {"duty_rates": [{"hs": "854340", "rate": "0"}]}
    assert decide(vape, day=date(2022, 12, 31), assume=rates)["total"] == "0.00"
    for day in (date(2023, 1, 1), TODAY):
        outcome = decide(vape, day=day, seller_registered=True, assume=rates)
        assert amounts(outcome) == {"my.duty": "0.00", "my.sales_tax.import": "10.00"}


def test_excluded_goods_do_not_take_others_with_them() -> None:
    """The relief leaves out goods, not consignments: a T-shirt beside a pipe stays free."""
    outcome = decide({"value": 10_000}, {"hs_code": "961400", "value": 5_000})
    assert {found["item_id"] for found in outcome["charges"]} == {"2"}


def test_tariff_is_not_held() -> None:
    """Above the relief the duty isn't known without a rate, nor is the sales tax that stands on it: no total."""
    outcome = decide({"value": 60_000}, assume={})
    assert amounts(outcome) == {"my.duty": None, "my.sales_tax.import": None}
    assert outcome["status"] == "incomplete" and outcome["total"] is None


@pytest.mark.parametrize("day", [date(2025, 6, 30), date(2025, 7, 1)])
def test_goods_that_may_bear_five_per_cent(day: date) -> None:
    """The lists aren't held: a telephone bears 10 %, and 5 % is stated beside it, before and after July 2025."""
    outcome = decide({"hs_code": "851713", "value": 100_000}, day=day)
    assert charge(outcome, "my.sales_tax.import")["amount"] == "100.00"
    assert outcome["certainty"] == "contested" and "50.00" in said(outcome, "law.contested")


def test_rate_of_sales_tax_can_be_assumed() -> None:
    """Whoever knows the rate of the goods assumes it: 5 % of 1,000 ringgit is 50."""
    known = {**DUTY, "sales_tax_rate": "0.05"}
    outcome = decide({"hs_code": "851713", "value": 100_000}, assume=known)
    assert outcome["tax"] == "50.00"


def test_foreign_currency() -> None:
    """Amounts in dollars are turned into ringgit: 110 at 4.50 is 495, of low value; 112 is 504, and isn't."""
    assume = {**DUTY, "fx": {"USD/MYR": "4.50"}}
    low = decide({"value": 11_000}, currency="USD", seller_registered=True, assume=assume)
    assert low["intrinsic_value"] == "495.00" and amounts(low) == {"my.sales_tax.sale": "49.50"}
    above = decide({"value": 11_200}, currency="USD", seller_registered=True, assume=assume)
    assert set(amounts(above)) == {"my.duty", "my.sales_tax.import"}


def test_documents_and_returns() -> None:
    """Documents are free; goods that come back are free with evidence, which is asked for."""
    assert decide({"value": 60_000}, transaction="documents")["total"] == "0.00"
    back = decide({"value": 60_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be left out of the relief, so it isn't sure."""
    outcome = decide({"hs_code": None, "value": 10_000})
    assert outcome["status"] == "incomplete" and "tariff.code_unknown" in codes(outcome)


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
