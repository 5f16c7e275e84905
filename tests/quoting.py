"""One consignment quoted through intake, law and decision, as a trader's JSON would be."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fuzzing import KEY
from greenlane.engine.context import Context
from greenlane.engine.decider import decide_one, prepare
from greenlane.law.assumptions import read_assumptions
from greenlane.messages.files import parse_object
from greenlane.reference import Reference, load
from greenlane.risk.indicators import starter_profile

Outcome = dict[str, Any]


@cache
def starter() -> Reference:
    """The starter reference as it is: no rate is made up."""
    return load(Path("no-such-store"))


def quote(
    country: str,
    currency: str,
    *items: dict[str, Any],
    day: date,
    assume: dict[str, Any] | None = None,
    known_at: date | None = None,
    **head: Any,
) -> Outcome:
    """Return the outcome of one consignment; amounts are decimal texts, *head* replaces its fields."""
    use = {"year_amount": "0", "year_count": 0, "quarter_count": 0, **head.pop("prior_use", {})}
    facts: dict[str, Any] = {
        "consignment_id": "Q1",
        "channel": "express",
        "transaction": "b2c",
        "declaration_date": day.isoformat(),
        "order_date": day.isoformat(),
        "export_date": day.isoformat(),
        "departure_country": "CN",
        "destination_country": country,
        "currency": currency,
        "freight": "0",
        "insurance": "0",
        "seller_registered": False,
        "consignee": {"id": "P1", "person": head.pop("person", True), "prior_use": use},
        **head,
    }
    facts["items"] = [
        {
            "item_id": str(number),
            "description": "cotton T-shirt",
            "hs_code": "610910",
            "origin_country": "CN",
            "quantity": "1",
            "unit": "C62",
            "gross_mass_kg": "0.5",
            "net_mass_kg": "0.4",
            **item,
        }
        for number, item in enumerate(items, 1)
    ]
    context = Context(starter(), known_at, read_assumptions(assume or {}), starter_profile(), KEY)
    batch = parse_object(facts)
    assert batch.consignments.height == 1, batch.findings.to_dicts()
    return decide_one(prepare(batch, context), 0, context)


def amounts(outcome: Outcome) -> dict[str, str | None]:
    """Rule -> amount of each charge (of the last item that bears it)."""
    return {charge["law"]["rule"]: charge["amount"] for charge in outcome["charges"]}


def codes(outcome: Outcome) -> set[str]:
    """Codes of the findings."""
    return {finding["code"] for finding in outcome["findings"]}


def words(outcome: Outcome, code: str) -> str:
    """Messages of the findings of one code, joined."""
    return " ".join(f["message"] for f in outcome["findings"] if f["code"] == code)
