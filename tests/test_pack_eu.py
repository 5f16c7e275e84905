"""Cases of the Union's law that no published example holds."""

from typing import Any

import pytest

from greenlane.engine.context import context
from greenlane.engine.decider import decide_one, prepare
from greenlane.messages.files import parse_object


def _outcome(value: str, **changes: Any) -> dict[str, Any]:
    parcel: dict[str, Any] = {
        "consignment_id": "RO-1", "channel": "express", "transaction": "b2c", "declaration_date": "2026-02-02",
        "departure_country": "CN", "destination_country": "RO", "dataset": "H7", "transport_mode": "air",
        "currency": "EUR", "freight": "0", "insurance": "0", "seller_registered": False,
        "platform": {"id": "M1", "name": "Example Market"},
        "items": [
            {"item_id": "1", "description": "women's cotton T-shirt", "hs_code": "610910",
             "origin_country": "CN", "quantity": "1", "value": value, "gross_mass_kg": "0.2"}
        ],
    }  # fmt: skip
    run = context()
    return decide_one(prepare(parse_object(parcel | changes), run), 0, run)


@pytest.mark.parametrize(
    ("value", "day", "due"),
    [
        ("149.99", "2026-02-02", True),
        ("150.00", "2026-02-02", False),
        ("20.00", "2026-01-01", True),
        ("20.00", "2025-12-31", False),
    ],
)
def test_the_romanian_fee_is_due_below_150_euro_from_2026(value: str, day: str, due: bool) -> None:
    """Law 239/2025: 25 lei a parcel below 150 euro, owed by who sells, handed over by the carrier afterwards."""
    outcome = _outcome(value, declaration_date=day)
    fees = [charge for charge in outcome["charges"] if charge["name"] == "ro_logistics_fee"]
    assert len(fees) == due
    if due:
        (fee,) = fees
        assert fee["own"]["amount"] == "25.00" and fee["own"]["currency"] == "RON"
        assert (fee["liable"], fee["payer"], fee["collected"]) == ("platform", "carrier", "periodic")
        border = [c["amount"] for c in outcome["charges"] if c["collected"] == "at_border"]
        assert outcome["payable_at_border"] == border[0] and len(border) == 1


def test_no_other_member_takes_the_romanian_fee() -> None:
    """The fee is Romania's alone."""
    outcome = _outcome("20.00", destination_country="BG")
    assert outcome["fees"] == "0.00"
