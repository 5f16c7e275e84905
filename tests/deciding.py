"""Decide one made-up consignment of a pack on integers, without reference data."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.law.pack import Pack
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook


def decider(law: Pack, today: date, **usual: Any) -> Callable[..., dict[str, Any]]:
    """A function that decides items of *law*; *usual* are facts of the consignment that cases may replace.

    Amounts are minor units of the currency, masses milligrams, quantities thousandths.
    """

    def decide(
        *items: dict[str, Any], day: date = today, assume: dict[str, Any] | None = None, **head: Any
    ) -> dict[str, Any]:
        row = {
            "consignment_id": "A1",
            "channel": "postal",
            "transaction": "b2c",
            "declaration_date": day,
            "order_date": day,
            "export_date": day,
            "departure_country": "CN",
            "destination_country": law.members[0],
            "currency": law.currency,
            "freight": 0,
            "insurance": 0,
            "other_charges": 0,
            "freight_in_price": False,
            "carrier_fees": 0,
            "seller_registered": False,
            "consignee.person": True,
            **usual,
            **head,
        }
        rows = [
            {
                "item_id": str(number),
                "origin_country": "CN",
                "quantity": 1_000,
                "unit": "C62",
                "gross_mass_mg": 500_000,
                "net_mass_mg": 400_000,
                **item,
            }
            for number, item in enumerate(items, 1)
        ]
        assumed = read_assumptions(assume or {})
        named = {law.aliases.get(name, name): value for name, value in assumed.values.items()}
        sources = SimpleNamespace(
            tariff=TariffBook(), fx=ExchangeRates(), assumed=replace(assumed, values=named)
        )
        formula = law.formula_at(day)
        assert formula is not None
        facts = SingleFacts(row, rows, Resolver(law, sources, None, named))
        return Decision(plan(law, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])

    return decide


def amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    """The amount of each rule, of the last item that bears it."""
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: dict[str, Any]) -> set[str]:
    """The codes of the findings."""
    return {finding["code"] for finding in outcome["findings"]}


def told(outcome: dict[str, Any], code: str) -> str:
    """The messages of one finding code."""
    return " ".join(finding["message"] for finding in outcome["findings"] if finding["code"] == code)


def charge(outcome: dict[str, Any], rule: str) -> dict[str, Any]:
    """The first charge of a rule."""
    found: dict[str, Any] = next(c for c in outcome["charges"] if c["law"]["rule"] == rule)
    return found


def said(outcome: dict[str, Any], code: str) -> str:
    """The messages of the findings of one code."""
    return " ".join(finding["message"] for finding in outcome["findings"] if finding["code"] == code)
