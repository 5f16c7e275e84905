"""The law of Brazil: cases from its orders, boundary amounts, bands, states and boundary days."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.br import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

ZERO = date(2023, 8, 1)
TAXED = date(2024, 8, 1)
SPRING = date(2025, 7, 24)
ANNOUNCED = date(2026, 5, 13)
TODAY = date(2026, 11, 23)
SHIRT = {"hs_code": "620640"}
PILLS = {"hs_code": "300490", "relief_claim": "MEDICINE"}
FX = {"fx": {"USD/BRL": "5.00"}}
PRC = {"programme": "PRC", "platform.id": "M1"}


def decide(
    *items: dict[str, Any], day: date = SPRING, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers; amounts are US cents, a dollar is 5 reais. By mail to Sao Paulo."""
    row = {
        "consignment_id": "B1",
        "channel": "postal",
        "transaction": "b2c",
        "declaration_date": day,
        "order_date": day,
        "export_date": day,
        "departure_country": "CN",
        "destination_country": "BR",
        "destination_region": "SP",
        "currency": "USD",
        "freight": 0,
        "insurance": 0,
        "other_charges": 0,
        "freight_in_price": False,
        "carrier_fees": 0,
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
    given = read_assumptions({**FX, **(assume or {})})
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=given)
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def rules(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


@pytest.mark.parametrize(
    ("day", "value", "duty"),
    [
        (ZERO, 5_000, "0.00"),
        (ZERO, 5_001, "150.03"),
        (TAXED - timedelta(days=1), 5_000, "0.00"),
        (TAXED, 4_999, "49.99"),
        (TAXED, 5_000, "50.00"),
        (TAXED, 5_001, "50.03"),
        (TAXED, 300_000, "8900.00"),
        (ANNOUNCED - timedelta(days=1), 5_000, "50.00"),
        (ANNOUNCED, 5_000, "0.00"),
        (ANNOUNCED, 5_001, "50.03"),
    ],
)
def test_bands_of_remessa_conforme(day: date, value: int, duty: str) -> None:
    """Art. 1-B, Lei 14.902: 0 % and then 20 % up to 50 dollars; above, 60 %, from 2024 less 20 dollars (derived)."""
    outcome = decide({**SHIRT, "value": value}, day=day, **PRC)
    assert outcome["duty"] == duty


@pytest.mark.parametrize("day", [PACK.start, ZERO - timedelta(days=1)])
def test_no_programme_before_august_2023(day: date) -> None:
    """Portaria MF 612/2023: before its first day the programme changes nothing: 60 %."""
    outcome = decide({**SHIRT, "value": 5_000}, day=day, assume={"vat_rate": "0.17"}, **PRC)
    assert rules(outcome) == {"br.import_tax": "150.00", "br.icms": "81.93"}


@pytest.mark.parametrize("value", [100, 5_000, 5_001])
@pytest.mark.parametrize("day", [ZERO, TAXED, TODAY])
def test_outside_the_programme(value: int, day: date) -> None:
    """Portaria MF 156/1999: 60 % from the first dollar, without deduction, and the buyer pays before release."""
    outcome = decide({**SHIRT, "value": value}, day=day)
    assert outcome["duty"] == f"{value * 3 / 100:.2f}"
    assert outcome["payable_at_border"] == outcome["total"] and outcome["certainty"] == "certain"


def test_company_takes_both_with_the_price() -> None:
    """IN RFB 2.146/2023: the buyer owes, the certified company takes tax and ICMS with the price (50 dollars)."""
    outcome = decide({**SHIRT, "value": 5_000}, **PRC)
    assert rules(outcome) == {"br.import_tax.at_sale": "50.00", "br.icms.at_sale": "61.45"}
    assert {(c["liable"], c["payer"], c["collected"]) for c in outcome["charges"]} == {
        ("buyer", "platform", "at_sale")
    }
    assert outcome["payable_at_border"] == "0.00" and outcome["disposition"] == "release"
    own = decide({**SHIRT, "value": 5_000}, programme="PRC")
    assert {c["payer"] for c in own["charges"]} == {"seller"}


def test_business_and_gift_have_no_programme() -> None:
    """Art. 1-B: the lower band is for what a natural person bought; a company's purchase bears 60 %."""
    assert decide({**SHIRT, "value": 5_000}, transaction="b2b", **PRC)["duty"] == "150.00"


def test_freight_and_insurance_count() -> None:
    """Portaria MF 1.086/2024: 40 dollars with 8 freight and 2 insurance are 50; a cent more is the upper band."""
    within = decide({**SHIRT, "value": 4_000}, freight=800, insurance=200, **PRC)
    above = decide({**SHIRT, "value": 4_000}, freight=801, insurance=200, **PRC)
    assert (within["duty"], above["duty"]) == ("50.00", "50.03")
    inside = decide({**SHIRT, "value": 5_000}, freight=800, freight_in_price=True, **PRC)
    assert inside["customs_value"] == "250.00" and inside["duty"] == "50.00"


def test_limit_is_compared_in_dollars_where_they_are_declared() -> None:
    """50.00 dollars in three lines are 50 dollars, whatever the cents of reais of each line round to."""
    lines = [{**SHIRT, "value": value} for value in (1_667, 1_667, 1_666)]
    outcome = decide(*lines, assume={"fx": {"USD/BRL": "5.5217"}}, **PRC)
    rates = {c["rate"] for c in outcome["charges"] if c["kind"] == "duty"}
    assert rates == {"0.2"} or rates == {"0.20"}


def test_limit_in_another_currency() -> None:
    """A parcel in reais is compared with 50 dollars in reais of the day."""
    assert decide({**SHIRT, "value": 25_000}, currency="BRL", **PRC)["duty"] == "50.00"
    assert decide({**SHIRT, "value": 25_001}, currency="BRL", **PRC)["duty"] == "50.01"


def test_deduction_is_of_the_parcel() -> None:
    """Lei 14.902: 20 dollars once, shared by value: 60 and 40 dollars bear 36 - 12 and 24 - 8 (in reais 120 and 80)."""
    outcome = decide({**SHIRT, "value": 6_000}, {**SHIRT, "value": 4_000}, **PRC)
    assert [c["amount"] for c in outcome["charges"] if c["kind"] == "duty"] == ["120.00", "80.00"]


@pytest.mark.parametrize(
    ("value", "charged"),
    [(5_000, {"br.icms": "51.20"}), (5_001, {"br.import_tax": "150.03", "br.icms": "81.94"})],
)
def test_gift(value: int, charged: dict[str, str]) -> None:
    """Portaria MF 156/1999 art. 1 par. 2: between persons free of import tax up to 50; above it the whole is taxed."""
    outcome = decide({**SHIRT, "value": value}, transaction="c2c_gift")
    assert rules(outcome) == charged
    assert outcome["certainty"] == ("contested" if value == 5_000 else "certain")


@pytest.mark.parametrize(
    ("region", "day", "icms"),
    [
        ("SP", ZERO, "51.20"),
        ("MG", ZERO, "51.20"),
        ("MG", date(2025, 3, 31), "61.45"),
        ("MG", date(2025, 4, 1), "75.00"),
        ("SP", date(2025, 4, 1), "61.45"),
        ("SE", TODAY, "62.50"),
        ("DF", TODAY, "51.20"),
    ],
)
def test_icms_stands_in_its_own_base(region: str, day: date, icms: str) -> None:
    """Convênio ICMS 81/2023 and the ten states of April 2025: (V + II) / (1 - r) x r on 250 reais (derived)."""
    assert decide({**SHIRT, "value": 5_000}, destination_region=region, day=day, **PRC)["tax"] == icms


def test_states_at_twenty_per_cent() -> None:
    """Comsefaz: ten states at 20 % from 1 April 2025, the other sixteen and the Federal District at 17 %."""
    values = PACK.parameters.by_id["br.icms.rate"].values
    high = {state for state, series in values.items() if series[-1].as_written == "0.20"}
    assert high == {"AC", "AL", "BA", "CE", "MG", "PB", "PI", "RN", "RR", "SE"} and len(values) == 27


@pytest.mark.parametrize("region", [None, "XX"])
def test_unknown_state_is_unknown_icms(region: str | None) -> None:
    """Without the state no rate stands in: incomplete, and it is said."""
    outcome = decide({**SHIRT, "value": 5_000}, destination_region=region)
    assert outcome["status"] == "incomplete" and "region.unknown" in codes(outcome)
    assert outcome["duty"] == "150.00"


def test_icms_before_august_2023_is_not_held() -> None:
    """Each state had its own rate: incomplete, and the parameter is named."""
    outcome = decide({**SHIRT, "value": 5_000}, day=ZERO - timedelta(days=1))
    assert (
        outcome["status"] == "incomplete"
        and "law.unknown" in codes(outcome)
        and "law.gap" not in codes(outcome)
    )


def test_may_2026_is_contested() -> None:
    """One page says zero from 13 May 2026; neither act nor conversion was seen: both amounts stand."""
    outcome = decide({**SHIRT, "value": 5_000}, day=TODAY, **PRC)
    assert (outcome["duty"], outcome["tax"], outcome["certainty"]) == ("0.00", "51.20", "contested")
    told = [f["message"] for f in outcome["findings"] if f["code"] == "law.contested"]
    assert any("50.00" in message for message in told)
    assert decide({**SHIRT, "value": 5_001}, day=TODAY, **PRC)["certainty"] == "certain"


@pytest.mark.parametrize(("value", "free"), [(1_000_000, True), (1_000_001, False)])
def test_medicines_for_own_use(value: int, free: bool) -> None:
    """Portaria MF 156/1999, Lei 15.071: no import tax up to 10,000 dollars, above the regime's own limit too."""
    outcome = decide({**PILLS, "value": value}, day=TODAY)
    assert ("br.import_tax" not in rules(outcome)) is True
    assert (outcome["status"] == "assessed") is free
    if free:
        assert "relief.evidence" in codes(outcome) and outcome["disposition"] == "request_information"


def test_medicine_needs_the_claim_and_the_code() -> None:
    """Without the claim, for a company, or for another article the ordinary rate applies."""
    assert decide({"hs_code": "300490", "value": 5_000})["duty"] == "150.00"
    assert decide({**PILLS, "value": 5_000}, transaction="b2b")["duty"] == "150.00"
    assert decide({**SHIRT, "relief_claim": "MEDICINE", "value": 5_000})["duty"] == "150.00"


def test_medicine_counts_in_no_band() -> None:
    """Portaria MF 1.086/2024: goods at zero don't count: beside pills of 400 dollars the shirt of 50 bears 20 %."""
    outcome = decide({**SHIRT, "value": 5_000}, {**PILLS, "value": 40_000}, **PRC)
    assert outcome["duty"] == "50.00"


@pytest.mark.parametrize(("value", "simple"), [(300_000, True), (300_001, False)])
def test_limit_of_the_regime(value: int, simple: bool) -> None:
    """Lei 14.902: 3,000 dollars; above, the common regime, of which no rates are held."""
    outcome = decide({**SHIRT, "value": value})
    assert (outcome["status"] == "assessed") is simple
    assert outcome["category"] == (3 if simple else 4)
    assert ("procedure.other" in codes(outcome)) is not simple


@pytest.mark.parametrize("head", [{"channel": "cargo"}, {"channel": "bonded"}])
def test_cargo_is_not_simplified(head: dict[str, Any]) -> None:
    """Portaria MF 156/1999: postal parcels and express by air; cargo is declared in the common regime."""
    outcome = decide({**SHIRT, "value": 5_000}, **head)
    assert outcome["status"] == "incomplete" and "procedure.other" in codes(outcome)


@pytest.mark.parametrize("hs_code", ["220421", "240220"])
def test_alcohol_and_tobacco_are_not_simplified(hs_code: str) -> None:
    """IN RFB 1.737/2017: alcohol and tobacco stay outside the regime."""
    outcome = decide({"hs_code": hs_code, "value": 1_000})
    assert outcome["status"] == "incomplete" and "procedure.other" in codes(outcome)


def test_books_are_free() -> None:
    """Constitution art. 150 VI d: books and periodicals bear no tax; unverified, as the text was not seen."""
    outcome = decide({"hs_code": "490199", "value": 10_000})
    assert rules(outcome) == {} and outcome["certainty"] == "unverified"


def test_postal_dispatch_is_told_and_not_counted() -> None:
    """Correios' 15 reais are the carrier's; before 27 August 2018 they were 12."""
    due = decide({**SHIRT, "value": 5_000})
    assert due["fees"] == "0.00" and any("15.00" in f["message"] for f in due["findings"])
    early = decide({**SHIRT, "value": 5_000}, day=date(2018, 8, 26))
    assert any("12.00" in f["message"] for f in early["findings"])
    assert "fee.carrier" not in codes(decide({**SHIRT, "value": 5_000}, channel="express"))
    assert "fee.carrier" not in codes(decide({**SHIRT, "value": 5_000}, carrier_fees=300))


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert decide({**SHIRT, "value": 50_000}, transaction="documents")["total"] == "0.00"
    back = decide({**SHIRT, "value": 50_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_unknown_freight_is_incomplete() -> None:
    """The customs value holds the freight: without it nothing is known."""
    outcome = decide({**SHIRT, "value": 5_000}, freight=None)
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be a book, a medicine or wine."""
    assert decide({"hs_code": None, "value": 5_000})["status"] == "incomplete"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
            if near >= PACK.start:
                assert decide({**SHIRT, "value": 5_000}, day=near)["duty"] == "150.00"
