"""The law of Mexico: cases from rules 3.7.35 and 3.7.2, boundary amounts, countries and boundary days (all derived)."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.mx import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

BEFORE = date(2025, 8, 14)
RAISED = date(2025, 8, 15)
TODAY = date(2026, 11, 23)
SHIRT = {"hs_code": "620640"}
FX = {"fx": {"USD/MXN": "20.00"}}


def decide(
    *items: dict[str, Any], day: date = RAISED, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers; amounts are US cents, a dollar is 20 pesos. By courier from China."""
    row = {
        "consignment_id": "M1",
        "channel": "express",
        "transaction": "b2c",
        "declaration_date": day,
        "order_date": day,
        "export_date": day,
        "departure_country": "CN",
        "destination_country": "MX",
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


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


@pytest.mark.parametrize(
    ("day", "value", "tax"),
    [
        (PACK.start, 10_000, "380.00"),
        (BEFORE, 10_000, "380.00"),
        (RAISED, 10_000, "670.00"),
        (RAISED, 100, "6.70"),
        (RAISED, 250_000, "16750.00"),
        (TODAY, 10_000, "670.00"),
    ],
)
def test_global_rate(day: date, value: int, tax: str) -> None:
    """Rule 3.7.35 I: 19 %, and 33.5 % from 15 August 2025, from the first cent: 100 dollars are 2,000 pesos."""
    outcome = decide({**SHIRT, "value": value}, day=day)
    assert outcome["tax"] == tax and outcome["duty"] == "0.00"
    assert outcome["certainty"] == ("unverified" if day == TODAY else "certain")


@pytest.mark.parametrize(
    ("value", "tax"),
    [(5_000, "0.00"), (5_001, "170.03"), (11_700, "397.80"), (11_701, "444.64"), (250_000, "9500.00")],
)
@pytest.mark.parametrize("country", ["US", "CA"])
@pytest.mark.parametrize("day", [BEFORE, RAISED])
def test_bands_of_the_usmca(value: int, tax: str, country: str, day: date) -> None:
    """Rule 3.7.35 III: exempt up to 50 dollars, 17 % up to 117, 19 % above, before and after August 2025."""
    assert decide({**SHIRT, "value": value}, departure_country=country, day=day)["tax"] == tax


def test_country_of_departure_counts_not_the_origin() -> None:
    """Rule 3.7.35 III: goods of China sent from the United States have its bands; the reverse has not."""
    assert decide({**SHIRT, "value": 5_000}, departure_country="US")["tax"] == "0.00"
    assert decide({**SHIRT, "origin_country": "US", "value": 5_000})["tax"] == "335.00"


@pytest.mark.parametrize(
    ("value", "day", "tax", "certainty"),
    [
        (100, RAISED, "0.00", "certain"),
        (101, BEFORE, "3.84", "certain"),
        (101, RAISED, "6.77", "contested"),
        (10_000, RAISED, "670.00", "contested"),
    ],
)
def test_other_treaty_countries(value: int, day: date, tax: str, certainty: str) -> None:
    """Rule 3.7.35 II: exempt up to 1 dollar; whether 33.5 % falls on what is above is contested from August 2025."""
    outcome = decide({**SHIRT, "value": value}, departure_country="JP", day=day)
    assert (outcome["tax"], outcome["certainty"]) == (tax, certainty)
    if value == 10_000:
        assert any("380.00" in f["message"] for f in outcome["findings"] if f["code"] == "law.contested")


def test_courier_pays_for_the_buyer() -> None:
    """Rule 3.7.3: the registered courier pays with its declaration; by post the recipient does."""
    charge = decide({**SHIRT, "value": 10_000})["charges"][0]
    assert (charge["name"], charge["liable"], charge["payer"], charge["collected"]) == (
        "global_rate",
        "buyer",
        "carrier",
        "at_border",
    )
    assert decide({**SHIRT, "value": 10_000}, channel="postal")["charges"][0]["payer"] == "buyer"


@pytest.mark.parametrize(
    ("value", "tax", "status"),
    [
        (5_000, "0.00", "assessed"),
        (5_001, "190.04", "assessed"),
        (100_000, "3800.00", "assessed"),
        (100_001, None, "incomplete"),
    ],
)
@pytest.mark.parametrize("country", ["CN", "US"])
def test_post(value: int, tax: str | None, status: str, country: str) -> None:
    """Rule 3.7.2: free up to 50 dollars, 19 % up to 1,000, wherever from; above it the general regime."""
    outcome = decide({**SHIRT, "value": value}, channel="postal", departure_country=country)
    assert outcome["status"] == status
    if tax is not None:
        assert outcome["tax"] == tax and outcome["certainty"] == "unverified"


@pytest.mark.parametrize(
    "head",
    [
        {"channel": "cargo"},
        {"channel": "bonded"},
        {"elections": '{"courier": "unregistered"}'},
        {"elections": '{"regulated": "yes"}'},
    ],
)
def test_outside_the_simplified_procedures(head: dict[str, Any]) -> None:
    """Rules 3.7.3 and 3.7.5: cargo, an unregistered courier and non-tariff measures need the general regime."""
    outcome = decide({**SHIRT, "value": 4_000}, departure_country="US", **head)
    assert outcome["status"] == "incomplete" and "procedure.other" in codes(outcome)
    assert outcome["category"] == 4


@pytest.mark.parametrize(("value", "simple"), [(250_000, True), (250_001, False)])
def test_limit_by_courier(value: int, simple: bool) -> None:
    """2,500 dollars by courier; above, the general regime."""
    outcome = decide({**SHIRT, "value": value})
    assert (outcome["status"] == "assessed") is simple
    assert ("procedure.other" in codes(outcome)) is not simple


@pytest.mark.parametrize("hs_code", ["220421", "240220"])
@pytest.mark.parametrize("country", ["CN", "US"])
def test_alcohol_and_tobacco_have_rates_of_their_own(hs_code: str, country: str) -> None:
    """Rule 3.7.35: neither the global rate nor the exemption is for them, and their rates aren't held."""
    outcome = decide({"hs_code": hs_code, "value": 1_000}, departure_country=country)
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_freight_and_insurance_count() -> None:
    """Ley Aduanera art. 65: 40 dollars with 8 freight and 2 insurance are 50; a cent more is the middle band."""
    within = decide({**SHIRT, "value": 4_000}, departure_country="US", freight=800, insurance=200)
    above = decide({**SHIRT, "value": 4_000}, departure_country="US", freight=801, insurance=200)
    assert (within["tax"], above["tax"]) == ("0.00", "170.03")


def test_limit_is_compared_in_dollars_where_they_are_declared() -> None:
    """50.00 dollars in three lines are 50 dollars, whatever the cents of pesos of each line round to."""
    lines = [{**SHIRT, "value": value} for value in (1_667, 1_667, 1_666)]
    outcome = decide(*lines, departure_country="US", assume={"fx": {"USD/MXN": "18.3317"}})
    assert outcome["tax"] == "0.00"
    pesos = {"departure_country": "US", "currency": "MXN"}
    assert decide({**SHIRT, "value": 100_000}, **pesos)["tax"] == "0.00"
    assert decide({**SHIRT, "value": 100_001}, **pesos)["tax"] == "170.00"


def test_processing_fee_is_told_where_exempt() -> None:
    """Rule 3.7.35 III a): exempt from import tax and VAT, not from the fee for the courier's declaration."""
    assert "fee.declaration" in codes(decide({**SHIRT, "value": 5_000}, departure_country="US"))
    assert "fee.declaration" not in codes(decide({**SHIRT, "value": 5_001}, departure_country="US"))
    assert "fee.declaration" not in codes(decide({**SHIRT, "value": 5_000}, channel="postal"))


def test_rules_end_with_2026() -> None:
    """RGCE 2026 hold to 31 December 2026; what follows isn't known, so nothing is assessed by them."""
    assert decide({**SHIRT, "value": 10_000}, day=date(2026, 12, 31))["status"] == "assessed"
    after = decide({**SHIRT, "value": 10_000}, day=date(2027, 1, 1))
    assert after["status"] == "incomplete" and "law.unknown" in codes(after)


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert decide({**SHIRT, "value": 50_000}, transaction="documents")["total"] == "0.00"
    back = decide({**SHIRT, "value": 50_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and back["disposition"] == "request_information"


def test_gift_and_business_bear_the_same_rate() -> None:
    """Rule 3.7.35 knows no gift and asks not who buys."""
    for kind in ("c2c_gift", "b2b"):
        assert decide({**SHIRT, "value": 10_000}, transaction=kind)["tax"] == "670.00"


def test_no_code_is_incomplete() -> None:
    """Without a code the goods may be alcohol or tobacco."""
    assert decide({"hs_code": None, "value": 5_000})["status"] == "incomplete"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
            if near >= PACK.start and near.year < 2027:
                assert decide({**SHIRT, "value": 10_000}, day=near)["tax"] in ("380.00", "670.00")
