"""The law of Turkey: cases from its decisions, boundary amounts and days. No official example was found: derived."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.tr import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook

SHIRT = {"hs_code": "610910"}
CREAM = {"hs_code": "330499"}
PILLS = {"hs_code": "300490"}
VITAMINS = {"hs_code": "210690"}
FIRST, THIRTY, LAST, NOW = PACK.start, date(2024, 8, 21), date(2026, 1, 31), date(2026, 2, 6)
TWELVE = {"duty_rate": {"hs": "610910", "rate": "0.12"}}


def decide(
    *items: dict[str, Any], day: date = THIRTY, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers: cents of euro, 40 lira to the euro."""
    row = {
        "consignment_id": "T1",
        "channel": "postal",
        "transaction": "b2c",
        "declaration_date": day,
        "departure_country": "CN",
        "destination_country": "TR",
        "currency": "EUR",
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
    assumed = read_assumptions({"fx": {"EUR/TRY": "40"}, **(assume or {})})
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=assumed)
    formula = PACK.formula_at(day)
    assert formula is not None
    facts = SingleFacts(row, rows, Resolver(PACK, sources, None, {}))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


def readings(outcome: dict[str, Any]) -> list[str]:
    return [f["message"] for f in outcome["findings"] if f["code"] == "law.contested"]


@pytest.mark.parametrize(
    ("day", "limit", "near", "far"),
    [
        (FIRST, 15_000, "1200.00", "1800.00"),
        (date(2024, 8, 20), 15_000, "1200.00", "1800.00"),
        (THIRTY, 3_000, "360.00", "720.00"),
        (LAST, 3_000, "360.00", "720.00"),
    ],
)
def test_single_fixed_tax_at_the_limit(day: date, limit: int, near: str, far: str) -> None:
    """20 and 30 % of 150 euro (6,000 lira) to 20 August 2024; 30 and 60 % of 30 euro (1,200 lira) since."""
    assert amounts(decide({**SHIRT, "value": limit}, day=day, departure_country="DE")) == {"tr.flat": near}
    outcome = decide({**SHIRT, "value": limit}, day=day)
    (charge,) = outcome["charges"]
    assert (charge["amount"], charge["liable"], charge["payer"]) == (far, "buyer", "carrier")
    assert charge["collected"] == "at_border" and outcome["category"] == 3


@pytest.mark.parametrize(("day", "limit"), [(FIRST, 15_000), (THIRTY, 3_000)])
def test_above_the_limit_the_ordinary_import(day: date, limit: int) -> None:
    """A cent above the limit the tariff and VAT apply; the tariff isn't held, so its rate has to be assumed."""
    goods = {**SHIRT, "value": limit + 1}
    assert decide(goods, day=day)["status"] == "incomplete"
    outcome = decide(goods, day=day, assume=TWELVE)
    assert set(amounts(outcome)) == {"tr.customs_duty", "tr.vat"}
    assert outcome["category"] == 4 and "procedure.other" in codes(outcome)


def test_whether_the_limit_was_free() -> None:
    """The decision takes the tax on goods up to the limit; the press's free limit is the other reading."""
    outcome = decide({**SHIRT, "value": 3_000})
    assert outcome["certainty"] == "contested"
    assert any("as free goods the single fixed tax is 0.00." in words for words in readings(outcome))


def test_goods_of_list_iv() -> None:
    """20 % more: a cream of 20 euro (800 lira) from China bears 480 and 160."""
    assert amounts(decide({**CREAM, "value": 2_000})) == {"tr.flat": "480.00", "tr.flat.list_iv": "160.00"}


def test_carriage_counts_toward_the_limit() -> None:
    """The notice's own example: goods of 29 euro with 2 of carriage are above 30; without, they are below."""
    goods = {**SHIRT, "value": 2_900}
    assert "tr.vat" in amounts(decide(goods, freight=200))
    assert amounts(decide(goods, freight=100)) == {"tr.flat": "720.00"}
    assert any(
        "without it the single fixed tax is 696.00." in w for w in readings(decide(goods, freight=100))
    )
    assert amounts(decide({**SHIRT, "value": 15_000}, day=FIRST, freight=200)) == {"tr.flat": "1800.00"}


@pytest.mark.parametrize("head", [{"channel": "cargo"}, {"transaction": "b2b"}, {"consignee.person": False}])
def test_only_for_persons_by_post_and_express(head: dict[str, Any]) -> None:
    """The fixed tax is for a person's goods by post or express carrier."""
    assert set(amounts(decide({**SHIRT, "value": 2_000}, assume=TWELVE, **head))) == {
        "tr.customs_duty",
        "tr.vat",
    }
    assert set(amounts(decide({**SHIRT, "value": 2_000}, channel="express"))) == {"tr.flat"}


@pytest.mark.parametrize(
    ("day", "flat"), [(date(2026, 1, 31), True), (date(2026, 2, 1), False), (NOW, False)]
)
def test_the_end_of_the_simplified_declaration(day: date, flat: bool) -> None:
    """Ministry: no simplified declaration for sales from 1 February 2026; Decision 10813: for none from the 6th."""
    assert ("tr.flat" in amounts(decide({**SHIRT, "value": 100}, day=day))) is flat
    gift = decide({**SHIRT, "value": 100}, day=day, transaction="c2c_gift")
    assert ("tr.flat" in amounts(gift)) is (day < NOW)


def test_ordinary_goods_today() -> None:
    """From 6 February 2026 one euro needs a full declaration: 100 euro at 12 % and 20 % VAT, freight 10 in both."""
    outcome = decide({**SHIRT, "value": 10_000}, day=NOW, freight=1_000, assume=TWELVE)
    assert (outcome["duty"], outcome["tax"]) == ("528.00", "985.60")
    assert outcome["charges"][0]["base"] == "4400.00" and outcome["charges"][1]["base"] == "4928.00"
    assert decide({**SHIRT, "value": 100}, day=NOW)["status"] == "incomplete"


@pytest.mark.parametrize(("value", "flat"), [(149_999, True), (150_000, True), (150_001, False)])
def test_medicines_up_to_1500_euro(value: int, flat: bool) -> None:
    """Decision 10813: medicines and supplements for a person, on a report or prescription, up to 1,500 euro."""
    for goods in (PILLS, VITAMINS):
        outcome = decide({**goods, "value": value}, day=NOW)
        assert ("tr.flat" in amounts(outcome)) is flat
        assert ("relief.evidence" in codes(outcome)) is flat
    assert amounts(decide({**PILLS, "value": 150_000}, day=NOW)) == {"tr.flat": "36000.00"}
    assert amounts(decide({**PILLS, "value": 150_000}, day=NOW, departure_country="FR")) == {
        "tr.flat": "18000.00"
    }


def test_supplements_only_since_2026() -> None:
    """Before Decision 10813 only medicines had the higher limit."""
    assert "tr.flat" in amounts(decide({**PILLS, "value": 10_000}, day=LAST))
    assert "tr.flat" not in amounts(decide({**VITAMINS, "value": 10_000}, day=LAST))


def test_goods_outside_the_simplified_declaration_since_october_2025() -> None:
    """Circular of 20 October 2025: shoes, toys and leather goods need a full declaration, with all beside them."""
    shoes = {"hs_code": "640299", "value": 1_000}
    assert "tr.flat" in amounts(decide(shoes, day=date(2025, 10, 19)))
    both = decide(shoes, {**SHIRT, "value": 1_000}, day=date(2025, 10, 20))
    assert "tr.flat" not in amounts(both)


def test_medicine_beside_ordinary_goods() -> None:
    """Item by item: the pills keep the fixed tax, the shirt in the same parcel is imported in full."""
    outcome = decide({**PILLS, "value": 1_000}, {**SHIRT, "value": 1_000}, day=NOW, assume=TWELVE)
    found = {(c["law"]["rule"], c["item_id"]) for c in outcome["charges"]}
    assert found == {("tr.flat", "1"), ("tr.customs_duty", "2"), ("tr.vat", "2")}


@pytest.mark.parametrize("code", ["220830", "240220"])
def test_alcohol_and_tobacco_never(code: str) -> None:
    """They bear special consumption tax, which isn't held."""
    outcome = decide({"hs_code": code, "value": 1_000})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_list_iv_in_a_full_declaration() -> None:
    """Goods of list IV bear special consumption tax in a full declaration; its rate isn't held."""
    outcome = decide({**CREAM, "value": 10_000}, day=NOW, assume={"duty_rate": {"hs": "330499", "rate": "0"}})
    assert outcome["status"] == "incomplete" and "excise.unknown" in codes(outcome)


def test_documents_and_returned_goods() -> None:
    """Documents and goods coming home pay nothing; of the latter proof is asked."""
    assert decide({**SHIRT, "value": 90_000}, transaction="documents")["total"] == "0.00"
    outcome = decide({**SHIRT, "value": 90_000}, transaction="returned_goods", day=NOW)
    assert outcome["total"] == "0.00" and "relief.evidence" in codes(outcome)


def test_unknown_inputs() -> None:
    """Without code, rate of exchange or freight the outcome is incomplete, never free."""
    assert decide({"hs_code": None, "value": 100})["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, freight=None)["status"] == "incomplete"
    assert decide({**SHIRT, "value": 100}, assume={"fx": {"USD/TRY": "35"}})["status"] == "incomplete"
