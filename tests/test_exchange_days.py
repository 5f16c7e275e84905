"""The day whose exchange rate counts, by the law of each destination, on the ECB's published rates."""

from functools import cache
from typing import Any

import pytest

from greenlane.engine.context import Context, context
from greenlane.engine.decider import decide_one, prepare
from greenlane.messages.files import parse_object

DAYS = {"order_date": "2026-02-03", "export_date": "2026-03-03", "declaration_date": "2026-04-14"}


@cache
def _plain() -> Context:
    return context()


def _value(country: str, **days: str) -> str:
    """The intrinsic value, in the currency of the destination, of goods priced at 1,000.00 dollars or pounds."""
    parcel: dict[str, Any] = {
        "consignment_id": "FX-1", "channel": "express", "transaction": "b2c", **DAYS, **days,
        "departure_country": "CN", "destination_country": country, "transport_mode": "air",
        "currency": "GBP" if country == "US" else "USD", "freight": "0", "insurance": "0",
        "items": [
            {"item_id": "1", "description": "women's cotton T-shirt", "hs_code": "610910",
             "origin_country": "CN", "quantity": "1", "value": "1000.00", "gross_mass_kg": "0.2"}
        ],
    }  # fmt: skip
    value = decide_one(prepare(parse_object(parcel), _plain()), 0, _plain())["intrinsic_value"]
    assert value is not None
    return str(value)


@pytest.mark.parametrize("country", ["AU", "CA", "US", "ZA"])
def test_the_day_of_export_fixes_the_rate(country: str) -> None:
    """Australia, Canada (direct shipment), the United States, South Africa: the declaration's day is nothing to it."""
    assert _value(country) == _value(country, declaration_date="2026-05-19")
    assert _value(country) != _value(country, export_date="2026-03-10")


@pytest.mark.parametrize("country", ["CH", "JP", "NZ", "KR", "TR"])
def test_the_day_of_declaration_fixes_the_rate(country: str) -> None:
    """Switzerland, Japan, New Zealand, Korea, Turkey: the day of export is nothing to it."""
    assert _value(country) == _value(country, export_date="2026-03-10")
    assert _value(country) != _value(country, declaration_date="2026-05-19")


def test_the_union_has_one_rate_a_month() -> None:
    """Reg. 2015/2447 art. 146: the rate stays from the first to the last day of a month and then changes."""
    first, last, next_one = (
        _value("DE", declaration_date=day) for day in ("2026-04-01", "2026-04-30", "2026-05-01")
    )
    assert first == last != next_one
