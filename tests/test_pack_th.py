"""The law of Thailand on imports of small value: cases from its announcements, boundary amounts and days."""

from datetime import date, timedelta

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs.th import PACK

BEFORE = date(2024, 7, 4)
VAT_ONLY = date(2024, 7, 5)
LAST = date(2025, 12, 31)
FIRST_BAHT = date(2026, 1, 1)
TODAY = date(2026, 11, 23)
COAT = {"hs_code": "620193"}
THIRTY = {"duty_rates": [{"hs": "620193", "rate": "0.30"}]}
decide = decider(PACK, FIRST_BAHT)


@pytest.mark.parametrize(("value", "free"), [(149_999, True), (150_000, True), (150_001, False)])
def test_free_of_all_until_july_2024(value: int, free: bool) -> None:
    """Announcement 191/2561: up to 1,500 baht neither duty nor VAT; above, the whole value bears both."""
    outcome = decide({**COAT, "value": value}, day=BEFORE, assume=THIRTY)
    assert (outcome["charges"] == []) is free
    assert free or (outcome["duty"], outcome["tax"]) == ("450.00", "136.50")


@pytest.mark.parametrize("day", [VAT_ONLY, date(2025, 1, 1), LAST])
@pytest.mark.parametrize(("value", "charged"), [(150_000, {"th.vat"}), (150_001, {"th.vat", "th.duty"})])
def test_vat_without_duty(day: date, value: int, charged: set[str]) -> None:
    """Ministry of Finance, June 2024, extended to the end of 2025: up to 1,500 baht VAT of 7 % and no duty."""
    outcome = decide({**COAT, "value": value}, day=day, assume=THIRTY)
    assert set(amounts(outcome)) == charged
    assert outcome["tax"] == ("105.00" if charged == {"th.vat"} else "136.50")


def test_vat_without_duty_asks_no_tariff() -> None:
    """Goods free of duty need no rate of duty; above the limit nothing stands in for it."""
    assert decide({**COAT, "value": 150_000}, day=LAST)["status"] == "assessed"
    above = decide({**COAT, "value": 150_001}, day=LAST)
    assert above["status"] == "incomplete" and "tariff.not_loaded" in codes(above)


@pytest.mark.parametrize(("value", "free"), [(99, True), (100, True), (101, False)])
@pytest.mark.parametrize("day", [VAT_ONLY, LAST, FIRST_BAHT, TODAY])
def test_one_baht(value: int, free: bool, day: date) -> None:
    """Announcements 116/2567 and 219/2568: up to 1 baht free of all, above taxed."""
    outcome = decide({**COAT, "value": value}, day=day, assume=THIRTY)
    assert (outcome["charges"] == []) is free


def test_duty_from_the_first_baht() -> None:
    """Since 1 January 2026 a parcel of 1,500 baht bears duty (450) and VAT on 1,950 (136.50)."""
    outcome = decide({**COAT, "value": 150_000}, assume=THIRTY)
    assert amounts(outcome) == {"th.duty": "450.00", "th.vat": "136.50"}
    assert {(c["liable"], c["payer"], c["collected"]) for c in outcome["charges"]} == {
        ("buyer", "buyer", "at_border")
    }
    assert decide({**COAT, "value": 150_000})["status"] == "incomplete"


def test_one_baht_is_tested_item_by_item_since_2026() -> None:
    """Two items of 1 baht are free since 2026; before, the sum of 2 baht bore VAT."""
    two = ({**COAT, "value": 100}, {**COAT, "value": 100})
    assert decide(*two)["charges"] == []
    assert decide(*two, day=LAST)["tax"] == "0.14"
    mixed = decide({**COAT, "value": 100}, {**COAT, "value": 10_000}, assume=THIRTY)
    assert {charge["item_id"] for charge in mixed["charges"]} == {"2"}


def test_limits_count_transport() -> None:
    """The limits are of the value with freight and insurance."""
    item = {**COAT, "value": 140_000}
    assert decide(item, day=BEFORE, freight=9_000, insurance=1_000)["charges"] == []
    assert decide(item, day=BEFORE, freight=9_000, insurance=1_001)["status"] == "incomplete"
    assert set(amounts(decide(item, day=LAST, freight=10_000))) == {"th.vat"}


def test_published_example_in_dollars() -> None:
    """A coat of 60 dollars at 30 %: 18.00 duty and 5.46 VAT in dollars; at 36 baht 648.00 and 196.56."""
    assume = {**THIRTY, "fx": {"USD/THB": "36"}}
    outcome = decide({**COAT, "value": 6_000}, day=date(2024, 2, 25), currency="USD", assume=assume)
    assert (outcome["duty"], outcome["tax"], outcome["total"]) == ("648.00", "196.56", "844.56")


def test_deemed_freight_and_insurance() -> None:
    """Where freight and insurance aren't shown, customs counts by weight and 1 %; no table of freight is held."""
    item = {**COAT, "value": 100_000, "gross_mass_mg": 2_000_000}
    unknown = decide(item, freight=None, insurance=None, assume=THIRTY)
    assert unknown["status"] == "incomplete" and {"value.deemed", "law.unknown"} <= codes(unknown)
    outcome = decide(item, freight=None, insurance=None, assume={**THIRTY, "deemed_freight": "591"})
    assert outcome["customs_value"] == "2192.00" and outcome["duty"] == "657.60"
    insured = decide(item, insurance=None, assume=THIRTY)
    assert insured["customs_value"] == "1010.00" and insured["status"] == "assessed"
    assert "element.unknown" not in codes(decide(item, insurance=None))


@pytest.mark.parametrize("hs_code", ["220830", "240220", "330300", "850760"])
def test_excise_is_not_held(hs_code: str) -> None:
    """Excise is owed with VAT since July 2024, whatever the value; before, small values were free of it too."""
    item = {"hs_code": hs_code, "value": 50_000}
    outcome = decide(item, day=LAST)
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)
    assert decide(item, day=BEFORE)["total"] == "0.00"


def test_books_are_contested() -> None:
    """Textbooks and magazines are free of VAT, so both amounts stand."""
    outcome = decide({"hs_code": "490199", "value": 50_000}, day=LAST)
    assert outcome["tax"] == "35.00" and "VAT is 0.00" in told(outcome, "law.contested")


def test_vat_after_september_2026_is_unverified() -> None:
    """The reduced rate is prolonged from time to time; the decree for October 2026 was not seen."""
    rate = [d.certainty.word for d in PACK.parameters.by_id["th.vat.standard"].values["*"]]
    assert rate == ["certain", "unverified"]


@pytest.mark.parametrize(("value", "category"), [(4_000_000, 3), (4_000_001, 4)])
def test_full_declaration(value: int, category: int) -> None:
    """Above 40,000 baht free on board a full declaration is needed; freight stays out of it."""
    assert decide({**COAT, "value": value}, freight=500_000, assume=THIRTY)["category"] == category


def test_gifts_and_business_are_taxed_alike() -> None:
    """The rules ask for no kind of transaction or channel."""
    for facts in ({"transaction": "c2c_gift"}, {"transaction": "b2b"}, {"channel": "cargo"}):
        assert decide({**COAT, "value": 100_000}, assume=THIRTY, **facts)["total"] == "391.00"


def test_unknown_inputs() -> None:
    """Without code or rate of exchange there is no total."""
    assert "tariff.code_unknown" in codes(decide({"hs_code": None, "value": 100_000}))
    assert "fx.unknown" in codes(decide({**COAT, "value": 100_000}, currency="USD"))


def test_documents_and_returns() -> None:
    """Documents are free; goods that come home are free with evidence."""
    assert decide({**COAT, "value": 500_000}, transaction="documents")["total"] == "0.00"
    back = decide({**COAT, "value": 500_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            if near >= PACK.start:
                assert decide({**COAT, "value": 200_000}, day=near, assume=THIRTY)["total"] == "782.00"
