"""Cases of the law of Great Britain that no published example holds."""

from functools import cache
from typing import Any

import pytest

from greenlane.engine.context import Context, context
from greenlane.engine.decider import decide_one, prepare
from greenlane.law.assumptions import read_assumptions
from greenlane.messages.files import parse_object


@cache
def _plain() -> Context:
    return context()


def _outcome(hs_code: str, value: str, run: Context | None = None, **changes: Any) -> dict[str, Any]:
    parcel: dict[str, Any] = {
        "consignment_id": "GB-1", "channel": "express", "transaction": "b2c", "declaration_date": "2026-11-02",
        "departure_country": "CN", "destination_country": "GB", "dataset": None, "transport_mode": "air",
        "currency": "GBP", "freight": "0", "insurance": "0", "seller_registered": True,
        "items": [
            {"item_id": "1", "description": "goods", "hs_code": hs_code, "origin_country": "CN",
             "quantity": "1", "value": value, "gross_mass_kg": "0.2"}
        ],
    }  # fmt: skip
    run = run or _plain()
    return decide_one(prepare(parse_object(parcel | changes), run), 0, run)


def _charge(outcome: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [charge for charge in outcome["charges"] if charge["name"] == name]
    return dict(found)


@pytest.mark.parametrize(
    ("hs_code", "amount", "certainty"),
    [
        ("490191", "0.00", "certain"),  # dictionaries: books, item 1
        ("490199", "4.00", "contested"),  # books and other printed matter
        ("490110", "4.00", "contested"),  # single sheets: leaflets or not
        ("490210", "0.00", "certain"),  # newspapers: item 2
        ("490300", "0.00", "certain"),  # children's picture books: item 3
        ("490400", "0.00", "certain"),  # music: item 4
        ("490520", "0.00", "certain"),  # atlases: item 5
        ("490590", "4.00", "contested"),  # maps and globes
        ("490600", "4.00", "certain"),  # plans: note 1(a)
        ("611120", "4.00", "contested"),  # babies' garments and accessories: group 16
        ("040690", "0.00", "certain"),  # cheese: group 1, general item 1
        ("190219", "0.00", "certain"),  # pasta
        ("170490", "4.00", "certain"),  # sweets: excepted item 2
        ("210500", "4.00", "certain"),  # ice cream: excepted item 1
        ("180632", "4.00", "contested"),  # chocolate: sweets or for cooking
        ("610910", "4.00", "certain"),
    ],
)
def test_zero_rate_where_the_words_of_schedule_8_are_those_of_the_heading(
    hs_code: str, amount: str, certainty: str
) -> None:
    """VATA 1994 sch. 8: 20 % of 20 pounds, or nothing; where the heading doesn't decide, both amounts."""
    outcome = _outcome(hs_code, "20.00")
    vat = _charge(outcome, "vat")
    assert (vat["amount"], vat["certainty"]) == (amount, certainty)
    contested = [f["message"] for f in outcome["findings"] if f["code"] == "law.contested"]
    assert any("0.00" in message for message in contested) == (certainty == "contested")


@pytest.mark.parametrize(
    ("rate", "channel", "assessed", "amount"),
    [
        ("0.0599", "postal", "8.99", "0.00"),
        ("0.06", "postal", "9.00", "9.00"),
        ("0.0599", "express", "8.99", "8.99"),
    ],
)
def test_duty_below_nine_pounds_is_left_on_post(rate: str, channel: str, assessed: str, amount: str) -> None:
    """Notice 143 (derived): the charge stays with what was assessed; VAT counts the duty all the same."""
    run = context(assumptions=read_assumptions({"duty_rate": {"hs": "610910", "rate": rate}}))
    outcome = _outcome("610910", "150.00", run, channel=channel)
    duty = _charge(outcome, "customs_duty")
    assert (duty["assessed"], duty["amount"]) == (assessed, amount)
    assert (duty["waived"] is not None) == (assessed != amount)
    assert duty["certainty"] == ("unverified" if channel == "postal" else "certain")


def test_the_end_of_the_relief_is_announced_and_not_applied() -> None:
    """In November 2026 a parcel of 135 pounds bears no duty; one of 135.01 does."""
    assert _outcome("610910", "135.00")["duty"] == "0.00"
    assert [c for c in _outcome("610910", "135.01")["charges"] if c["name"] == "customs_duty"]


@pytest.mark.parametrize(
    ("freight", "channel", "mode", "certainty"),
    [("20.00", "express", "air", "unverified"), ("0", "express", "air", "certain"),
     ("20.00", "express", "sea", "certain")],
)  # fmt: skip
def test_the_whole_of_an_air_freight_is_an_upper_bound(
    freight: str, channel: str, mode: str, certainty: str
) -> None:
    """HMRC, delivery costs: freight to the border alone; the share isn't held, so the duty is unverified."""
    run = context(assumptions=read_assumptions({"duty_rate": {"hs": "610910", "rate": "0.12"}}))
    changes = {"freight": freight, "channel": channel, "transport_mode": mode}
    duty = _charge(_outcome("610910", "150.00", run, **changes), "customs_duty")
    assert (duty["base"], duty["certainty"]) == ("170.00" if freight != "0" else "150.00", certainty)
