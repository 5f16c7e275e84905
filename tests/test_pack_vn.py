"""The law of Viet Nam on imports of small value: cases from its decisions and decrees, boundary amounts and days."""

from datetime import date, timedelta

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs.vn import PACK

BEFORE = date(2025, 2, 17)
VAT_ONLY = date(2025, 2, 18)
AUTUMN = date(2025, 11, 3)
TODAY = date(2026, 11, 23)
CASE = {"hs_code": "392690"}
TWENTY = {"duty_rates": [{"hs": hs, "rate": "0.20"} for hs in ("392690", "732393", "490199")]}
decide = decider(PACK, AUTUMN, channel="express")


@pytest.mark.parametrize(("value", "free"), [(999_999, True), (1_000_000, True), (1_000_001, False)])
@pytest.mark.parametrize("day", [PACK.start, date(2016, 9, 1), BEFORE])
def test_express_goods_were_free_of_all(value: int, free: bool, day: date) -> None:
    """Decision 78/2010: express goods up to 1,000,000 dong bore neither duty nor VAT; above, the whole is taxed."""
    outcome = decide({**CASE, "value": value}, day=day, assume=TWENTY)
    assert (outcome["charges"] == []) is free
    assert free or outcome["duty"] == "200000"


@pytest.mark.parametrize(("value", "duty"), [(1_000_000, "0"), (1_000_001, "200000")])
@pytest.mark.parametrize("day", [VAT_ONLY, AUTUMN, TODAY])
def test_express_goods_bear_vat_and_no_duty(value: int, duty: str, day: date) -> None:
    """Decision 01/2025 ends the relief from VAT; Decree 134/2016 art. 29 keeps that from duty."""
    outcome = decide({**CASE, "value": value}, day=day, assume={**TWENTY, "vat_rate": "0.10"})
    assert outcome["duty"] == duty
    assert outcome["tax"] == ("100000" if duty == "0" else "120000")


def test_low_value_asks_no_tariff() -> None:
    """Free of duty no rate is needed; above the limit nothing stands in for it."""
    outcome = decide({**CASE, "value": 1_000_000})
    assert (outcome["total"], outcome["payable_at_border"], outcome["status"]) == (
        "80000",
        "80000",
        "assessed",
    )
    above = decide({**CASE, "value": 1_000_001})
    assert above["status"] == "incomplete" and "tariff.not_loaded" in codes(above)


def test_relief_from_duty_is_unverified_since_july_2025() -> None:
    """Decree 134 was amended on 1 July 2025, which was not seen; a draft decree on online goods isn't applied."""
    values = PACK.parameters.by_id["vn.duty.limit"].values["*"]
    assert [(d.start, d.certainty.word) for d in values][1:] == [
        (VAT_ONLY, "certain"),
        (date(2025, 7, 1), "unverified"),
    ]
    assert decide({**CASE, "value": 1_500_000}, day=TODAY)["status"] == "incomplete"


@pytest.mark.parametrize(
    ("day", "rate", "tax"),
    [
        (date(2022, 1, 31), "0.1", "240000"),
        (date(2022, 2, 1), "0.08", "192000"),
        (date(2022, 12, 31), "0.08", "192000"),
        (date(2023, 1, 1), "0.1", "240000"),
        (date(2023, 6, 30), "0.1", "240000"),
        (date(2023, 7, 1), "0.08", "192000"),
        (date(2025, 6, 30), "0.08", "192000"),
        (date(2025, 7, 1), "0.08", "192000"),
        (date(2026, 12, 31), "0.08", "192000"),
        (date(2027, 1, 1), "0.1", "240000"),
    ],
)
def test_vat_by_period(day: date, rate: str, tax: str) -> None:
    """VAT of 10 %, for a time 8 %, on value and duty (derived: 2,000,000 and 400,000)."""
    outcome = decide({**CASE, "value": 2_000_000}, day=day, assume=TWENTY)
    vat = next(charge for charge in outcome["charges"] if charge["name"] == "vat")
    assert (vat["rate"], vat["amount"], vat["base"]) == (rate, tax, "2400000")


def test_amounts_have_no_decimals() -> None:
    """The dong has no smaller unit: 79,999.44 is 79,999 and 79,999.52 is 80,000."""
    assert decide({**CASE, "value": 999_993})["tax"] == "79999"
    assert decide({**CASE, "value": 999_994})["tax"] == "80000"


@pytest.mark.parametrize(("rate", "owed"), [("0.05", False), ("0.0501", True)])
def test_duty_too_small_to_be_owed(rate: str, owed: bool) -> None:
    """Art. 29(2): duty up to 100,000 dong on express goods isn't owed and doesn't enter the VAT."""
    assume = {"duty_rate": {"hs": "392690", "rate": rate}}
    outcome = decide({**CASE, "value": 2_000_000}, assume=assume)
    assert (outcome["duty"] != "0") is owed
    assert outcome["tax"] == ("168016" if owed else "160000")


@pytest.mark.parametrize(("value", "rate", "duty"), [(499_999, "0.20", "0"), (500_000, "0.20", "100000")])
def test_other_goods_have_a_smaller_limit(value: int, rate: str, duty: str) -> None:
    """By post: no duty below 500,000 dong or where it is below 50,000; VAT was owed before 2025 too."""
    assume = {"duty_rate": {"hs": "392690", "rate": rate}}
    outcome = decide({**CASE, "value": value}, channel="postal", day=BEFORE, assume=assume)
    assert outcome["duty"] == duty and outcome["tax"] != "0"
    small = {"duty_rate": {"hs": "392690", "rate": "0.0999"}}
    assert decide({**CASE, "value": 500_000}, channel="postal", assume=small)["duty"] == "0"
    just = {"duty_rate": {"hs": "392690", "rate": "0.10"}}
    assert decide({**CASE, "value": 500_000}, channel="postal", assume=just)["duty"] == "50000"


@pytest.mark.parametrize(
    ("value", "count", "free"), [(2_000_000, 3, True), (2_000_001, 3, False), (2_000_000, 4, False)]
)
def test_gifts(value: int, count: int, free: bool) -> None:
    """Gifts to a person up to 2,000,000 dong are free, four times a year."""
    facts = {"transaction": "c2c_gift", "channel": "postal", "consignee.prior_use.year_count": count}
    outcome = decide({**CASE, "value": value}, assume=TWENTY, **facts)
    assert (outcome["charges"] == []) is free
    assert decide({**CASE, "value": value}, day=date(2016, 8, 31), assume=TWENTY, **facts)["charges"]


def test_gifts_received_before_have_to_be_known() -> None:
    """Without the number of gifts of the year the relief isn't known."""
    facts = {"transaction": "c2c_gift", "channel": "postal", "consignee.prior_use.year_count": None}
    outcome = decide({**CASE, "value": 2_000_000}, assume=TWENTY, **facts)
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


def test_transport_counts_into_the_limit() -> None:
    """The customs value holds freight and insurance."""
    item = {**CASE, "value": 900_000}
    assert decide(item, freight=90_000, insurance=10_000)["tax"] == "80000"
    assert decide(item, freight=90_000, insurance=10_001)["status"] == "incomplete"


@pytest.mark.parametrize(
    ("day", "channel", "payer"),
    [
        (date(2025, 7, 31), "express", "buyer"),
        (date(2025, 8, 1), "express", "carrier"),
        (date(2025, 8, 1), "postal", "buyer"),
    ],
)
def test_who_pays(day: date, channel: str, payer: str) -> None:
    """Since 1 August 2025 the express operator collects the taxes of the buyer and pays them over."""
    outcome = decide({**CASE, "value": 400_000}, day=day, channel=channel)
    (charge,) = outcome["charges"]
    assert (charge["liable"], charge["payer"], charge["collected"]) == ("buyer", payer, "at_border")


def test_metal_and_books_are_contested() -> None:
    """Metal products may be left out of the reduced rate, textbooks are free: both amounts stand."""
    metal = decide({"hs_code": "732393", "value": 1_000_000})
    assert metal["tax"] == "80000" and "VAT is 100000" in told(metal, "law.contested")
    book = decide({"hs_code": "490199", "value": 1_000_000})
    assert book["tax"] == "80000" and "VAT is 0" in told(book, "law.contested")


@pytest.mark.parametrize("hs_code", ["220830", "240220"])
def test_excise_is_not_held(hs_code: str) -> None:
    """Alcohol and tobacco bear special consumption tax, whose rates aren't held."""
    outcome = decide({"hs_code": hs_code, "value": 500_000})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_unknown_inputs() -> None:
    """Without code, freight or rate of exchange there is no total."""
    assert "tariff.code_unknown" in codes(decide({"hs_code": None, "value": 500_000}))
    assert "element.unknown" in codes(decide({**CASE, "value": 500_000}, freight=None))
    assert "fx.unknown" in codes(decide({**CASE, "value": 500_000}, currency="USD"))
    converted = decide({**CASE, "value": 2_000}, currency="USD", assume={"fx": {"USD/VND": "25400"}})
    assert (converted["customs_value"], converted["tax"]) == ("508000", "40640")


@pytest.mark.parametrize(("value", "category"), [(1_000_000, 3), (1_000_001, 4)])
def test_category(value: int, category: int) -> None:
    """Above the limit a full declaration is taken to be needed."""
    assert decide({**CASE, "value": value}, assume=TWENTY)["category"] == category


def test_documents_and_returns() -> None:
    """Documents are free; goods that come home are free with evidence."""
    assert decide({**CASE, "value": 5_000_000}, transaction="documents")["total"] == "0"
    back = decide({**CASE, "value": 5_000_000}, transaction="returned_goods")
    assert back["total"] == "0" and back["disposition"] == "request_information"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            if near >= PACK.start:
                assert set(amounts(decide({**CASE, "value": 2_000_000}, day=near, assume=TWENTY))) == {
                    "vn.duty",
                    "vn.vat",
                }
