"""What --assume takes and what it refuses, in words."""

from typing import Any

import pytest

from greenlane.law.assumptions import read_assumptions
from greenlane.values.errors import UsageError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"vat_rate": "-1"}, "zero or more"),
        ({"vat_rate": 0.2}, "decimal string"),
        ({"fx": {"USD": "1"}}, "two ISO 4217 currencies"),
        ({"fx": {"USD/EUR": "0"}}, "more than zero"),
        ({"fx": {"USD/EUR": 1.1}}, "decimal string"),
        ({"fx": 3}, "expected an object"),
        ({"layers": 1}, "object, or a list of objects"),
        ({"duty_rates": [{"hs": "610910"}]}, "currency is missing"),
        ({"duty_rate": {"hs": "61 09", "rate": "0.1"}}, "digits"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(given: dict[str, Any], said: str) -> None:
    """Each mistake is named with its key; no Python text shows."""
    with pytest.raises(UsageError) as refused:
        read_assumptions(given)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"--assume: {next(iter(given))}: ")
    assert "object has no" not in str(refused.value)


def test_exchange_rates_serve_both_ways() -> None:
    """A rate given one way is inverted exactly for the other, minor units included."""
    assumed = read_assumptions({"fx": {"USD/JPY": "150", "date": "2026-07-01"}})
    assert assumed.exchange("USD", "JPY") == (3, 2)
    assert assumed.exchange("JPY", "USD") == (2, 3)
    assert assumed.exchange("EUR", "JPY") is None
