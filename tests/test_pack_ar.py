"""The law of Argentina: cases from its resolutions and the guides to them, boundary amounts and days."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.ar import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

SHIRT = {"hs_code": "610910"}
DAY = date(2025, 6, 2)
THIRTY_FIVE = {"duty_rate": {"hs": "610910", "rate": "0.35"}}


def decide(
    *items: dict[str, Any], day: date = DAY, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers: cents of dollars, 1,000 pesos to the dollar, the year's first."""
    row = {
        "consignment_id": "B1",
        "channel": "express",
        "transaction": "b2c",
        "declaration_date": day,
        "departure_country": "US",
        "destination_country": "AR",
        "currency": "USD",
        "freight": 0,
        "insurance": 0,
        "other_charges": 0,
        "freight_in_price": False,
        "carrier_fees": 0,
        "seller_registered": False,
        "consignee.person": True,
        "consignee.prior_use.year_count": 0,
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
    assumed = read_assumptions({"fx": {"USD/ARS": "1000"}, **(assume or {})})
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=assumed)
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


@pytest.mark.parametrize("value", [39_999, 40_000])
def test_up_to_400_dollars_only_vat(value: int) -> None:
    """Decree 1065/2024: up to 400 dollars FOB no import duty and no statistics fee, only 21 % VAT."""
    outcome = decide({**SHIRT, "value": value})
    assert set(amounts(outcome)) == {"ar.vat"}
    (vat,) = outcome["charges"]
    assert (vat["liable"], vat["payer"], vat["collected"]) == ("buyer", "carrier", "at_border")
    assert decide({**SHIRT, "value": 40_000})["total"] == "84000.00"
    assert outcome["category"] == 3


def test_one_cent_above_the_relief() -> None:
    """Above it the excess bears the tariff, which isn't held: without a rate assumed the outcome is incomplete."""
    outcome = decide({**SHIRT, "value": 40_001})
    assert outcome["status"] == "incomplete" and outcome["total"] is None
    assumed = decide({**SHIRT, "value": 40_001}, assume=THIRTY_FIVE)
    assert amounts(assumed)["ar.customs_duty"] == "3.50"
    assert amounts(assumed)["ar.statistics"] == "0.30"


def test_500_dollars() -> None:
    """The guides' example of 500 dollars: the last 100 bear all: 35 and 3 dollars; VAT on 538 is 112.98."""
    outcome = decide({**SHIRT, "value": 50_000}, assume=THIRTY_FIVE)
    assert (outcome["duty"], outcome["fees"], outcome["tax"]) == ("35000.00", "3000.00", "112980.00")
    assert outcome["charges"][0]["base"] == "100000.00"


def test_freight_is_shared_between_free_and_dutiable() -> None:
    """Derived: 500 dollars and 50 of freight; a fifth of 550 bears duty, and VAT stands on all."""
    outcome = decide({**SHIRT, "value": 50_000}, freight=5_000, assume=THIRTY_FIVE)
    assert outcome["charges"][0]["base"] == "110000.00"
    assert (outcome["duty"], outcome["fees"], outcome["tax"]) == ("38500.00", "3300.00", "124278.00")
    assert set(amounts(decide({**SHIRT, "value": 40_000}, freight=5_000))) == {"ar.vat"}


@pytest.mark.parametrize(("used", "small"), [(0, True), (4, True), (5, False), (None, None)])
def test_five_shipments_a_year(used: int | None, small: bool | None) -> None:
    """The sixth shipment of a year bears duty from the first dollar; how many there were has to be known."""
    use = {"consignee.prior_use.year_count": used}
    outcome = decide({**SHIRT, "value": 10_000}, assume=THIRTY_FIVE, **use)
    if small is None:
        assert outcome["status"] == "incomplete"
        return
    assert ("ar.customs_duty" in amounts(outcome)) is not small
    assert outcome["duty"] == ("0.00" if small else "35000.00")


@pytest.mark.parametrize(("pieces", "small"), [(3, True), (4, False)])
def test_three_units_of_a_kind(pieces: int, small: bool) -> None:
    """Up to three units of a kind; more lose the relief."""
    outcome = decide({**SHIRT, "value": 10_000, "quantity": pieces * 1_000}, assume=THIRTY_FIVE)
    assert ("ar.customs_duty" in amounts(outcome)) is not small


@pytest.mark.parametrize(("value", "admitted"), [(300_000, True), (300_001, False)])
def test_3000_dollars(value: int, admitted: bool) -> None:
    """Up to 3,000 dollars FOB by courier; above, a general declaration, without relief."""
    outcome = decide({**SHIRT, "value": value}, assume=THIRTY_FIVE)
    assert ("procedure.other" in codes(outcome)) is not admitted
    assert outcome["category"] == (3 if admitted else 4)
    assert outcome["charges"][0]["base"] == ("2600000.00" if admitted else "3000010.00")


@pytest.mark.parametrize(
    ("day", "masses", "admitted"),
    [
        (PACK.start, (50_000_000,), True),
        (PACK.start, (50_000_001,), False),
        (date(2025, 1, 22), (30_000_000, 30_000_000), False),
        (date(2025, 1, 23), (30_000_000, 30_000_000), True),
        (date(2025, 1, 23), (50_000_001, 1_000), False),
    ],
)
def test_50_kilograms(day: date, masses: tuple[int, ...], admitted: bool) -> None:
    """Resolution 5608: 50 kg a shipment; Resolution 5631, from 23 January 2025: 50 kg a parcel."""
    goods = [{**SHIRT, "value": 1_000, "gross_mass_mg": mass} for mass in masses]
    assert ("procedure.other" in codes(decide(*goods, day=day))) is not admitted


@pytest.mark.parametrize("head", [{"transaction": "b2b"}, {"consignee.person": False}])
def test_firms_have_no_relief(head: dict[str, Any]) -> None:
    """The relief is for persons without commercial purpose; a firm's shipment bears the tariff on all of it."""
    outcome = decide({**SHIRT, "value": 10_000}, assume=THIRTY_FIVE, **head)
    assert outcome["duty"] == "35000.00" and "procedure.other" not in codes(outcome)


@pytest.mark.parametrize(("value", "duty"), [(4_999, "0.00"), (5_000, "0.00"), (5_001, "5.00")])
def test_50_dollars_by_post(value: int, duty: str) -> None:
    """Door to door: free up to 50 dollars with carriage; half of what is above, in place of every tax."""
    outcome = decide({**SHIRT, "value": value}, channel="postal")
    assert (outcome["total"], outcome["duty"]) == (duty, duty)


def test_postal_example() -> None:
    """Clarin's example: 80 dollars, carriage included, pay 15; the thirteenth of 50 dollars pays 25."""
    outcome = decide({**SHIRT, "value": 7_000}, freight=1_000, channel="postal")
    assert outcome["total"] == "15000.00"
    (charge,) = outcome["charges"]
    assert (charge["base"], charge["payer"], charge["law"]["rule"]) == ("30000.00", "buyer", "ar.post")
    use = {"consignee.prior_use.year_count": 12}
    assert decide({**SHIRT, "value": 5_000}, channel="postal", **use)["total"] == "25000.00"
    use = {"consignee.prior_use.year_count": 11}
    assert decide({**SHIRT, "value": 5_000}, channel="postal", **use)["total"] == "0.00"


def test_limits_of_the_post() -> None:
    """3,000 dollars with carriage and 20 kg; beyond, a general declaration."""
    for goods, freight, admitted in (
        ({**SHIRT, "value": 299_000}, 1_000, True),
        ({**SHIRT, "value": 299_001}, 1_000, False),
        ({**SHIRT, "value": 1_000, "gross_mass_mg": 20_000_000}, 0, True),
        ({**SHIRT, "value": 1_000, "gross_mass_mg": 20_000_001}, 0, False),
    ):
        outcome = decide(goods, freight=freight, channel="postal")
        assert ("procedure.other" in codes(outcome)) is not admitted


def test_cargo() -> None:
    """Cargo is outside both regimes: the tariff on all, and a general declaration."""
    outcome = decide({**SHIRT, "value": 10_000}, channel="cargo", assume=THIRTY_FIVE)
    assert outcome["category"] == 4 and outcome["duty"] == "35000.00"


@pytest.mark.parametrize("code", ["220830", "240220"])
def test_internal_taxes(code: str) -> None:
    """Alcohol and tobacco bear internal taxes, which aren't held."""
    outcome = decide({"hs_code": code, "value": 3_000})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_documents_and_returned_goods() -> None:
    """Documents and goods coming home pay nothing; of the latter proof is asked."""
    for channel in ("express", "postal"):
        assert decide({**SHIRT, "value": 90_000}, transaction="documents", channel=channel)["total"] == "0.00"
    outcome = decide({**SHIRT, "value": 90_000}, transaction="returned_goods")
    assert outcome["total"] == "0.00" and "relief.evidence" in codes(outcome)


def test_unknown_inputs() -> None:
    """Without code, rate of exchange, freight or mass the outcome is incomplete, never free."""
    assert decide({"hs_code": None, "value": 100})["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, freight=None)["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100, "gross_mass_mg": None})["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, assume={"fx": {"USD/EUR": "0.9"}})["status"] == "incomplete"
