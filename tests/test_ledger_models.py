"""One basket under the four models of revenue collection: who pays, when, what is posted, nothing twice."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bookkeeping import NOON, later, nets, sound
from greenlane.engine.context import Context, context
from greenlane.engine.decider import decide_one, prepare
from greenlane.ledger import (
    DeferredAccount,
    Period,
    defer,
    due_at_border,
    obligations,
    open_items,
    pay,
    period_statement,
    reassess,
    settle,
)
from greenlane.messages.files import parse_object

PARCEL = json.loads(
    (Path(__file__).resolve().parents[1] / "docs" / "examples" / "parcel.json").read_text(encoding="utf-8")
)
NAMES = {"seller": "S1", "platform": "M1", "carrier": "C1"}
NO_SCHEME: dict[str, Any] = {"scheme": None, "scheme_id": None, "registrations": []}


@cache
def _plain() -> Context:
    return context()


def basket(**changes: Any) -> dict[str, Any]:
    """The decision on five T-shirts for 40 euro with 4 euro of freight, to Germany in July 2026."""
    return decide_one(prepare(parse_object(PARCEL | changes), _plain()), 0, _plain())


MODELS = {
    "vendor": (
        basket,
        {"receivable:seller/S1:at_sale": 836, "receivable:seller/S1:at_border": 300},
        {"EUR": 300},
        "11.36",
    ),
    "intermediary": (
        lambda: basket(**NO_SCHEME | {"scheme": "SPECIAL"}),
        {"receivable:carrier/C1:periodic": 893, "receivable:carrier/C1:at_border": 300},
        {"EUR": 300},
        "11.93",
    ),
    "buyer": (lambda: basket(**NO_SCHEME), {"receivable:buyer/7:at_border": 1193}, {"EUR": 1193}, "11.93"),
}


@pytest.mark.parametrize("model", MODELS)
def test_payer_moment_and_postings(model: str) -> None:
    """Each charge stands once, on who pays it at its moment; the revenue is the outcome's total."""
    decide, receivables, border, total = MODELS[model]
    outcome = decide()
    assert outcome["total"] == total
    book = sound(obligations(7, 1, "post-de", outcome, NOON, NAMES))
    balances = nets(book)
    assert {name: net for name, net in balances.items() if name.startswith("receivable:")} == receivables
    assert due_at_border(book) == border
    assert -sum(net for name, net in balances.items() if name.startswith("revenue:")) == sum(
        receivables.values()
    )


def test_account_pays_for_the_buyer_by_statement() -> None:
    """With a deferred account nothing is open at the border; the holder pays the same total by the 16th."""
    outcome = basket(**NO_SCHEME)
    book = obligations(7, 1, "post-de", outcome, NOON, NAMES)
    account = DeferredAccount("D1", "carrier/C1", "EUR", 100_000)
    book += defer(account, open_items(book), 0, "release 7", NOON)
    assert due_at_border(sound(book)) == {}
    assert nets(book) == {"deferred:D1": 1193, "revenue:eu/DE:flat_duty": -300, "revenue:eu/DE:vat": -893}
    told = period_statement(account, book, Period.of(NOON.date()))
    assert (told.payable, str(told.due)) == (1193, "2026-08-16")
    book += settle(account, book, 1193, "P1", later(40))
    assert nets(sound(book)) == {"cash": 1193, "revenue:eu/DE:flat_duty": -300, "revenue:eu/DE:vat": -893}


def test_vat_taken_at_sale_is_never_asked_for_at_the_border() -> None:
    """Whatever is paid at the border of a parcel under IOSS, VAT stays with the return of the seller."""
    book = obligations(7, 1, "post-de", basket(), NOON, NAMES)
    book += pay(open_items(book), 300, "EUR", "seller/S1", "P1", NOON)
    assert open_items(sound(book)) == []
    assert nets(book)["receivable:seller/S1:at_sale"] == 836


def test_a_number_found_invalid_moves_the_vat_to_the_buyer() -> None:
    """The seller no longer owes what the buyer now pays at the border: one VAT stands, not two."""
    book = obligations(7, 1, "post-de", basket(), NOON, NAMES)
    book += reassess(book, 7, 2, "post-de", basket(**NO_SCHEME), later(1), NAMES)
    assert nets(sound(book)) == {
        "receivable:buyer/7:at_border": 1193,
        "revenue:eu/DE:flat_duty": -300,
        "revenue:eu/DE:vat": -893,
    }


def test_a_number_accepted_late_gives_the_buyer_the_vat_back() -> None:
    """The buyer paid VAT at the border that the seller had taken: it is back in full, and owed once."""
    book = obligations(7, 1, "post-de", basket(**NO_SCHEME), NOON, NAMES)
    book += pay(open_items(book), 1193, "EUR", "buyer/7", "P1", NOON)
    book += reassess(book, 7, 2, "post-de", basket(), later(1), NAMES)
    balances = nets(sound(book))
    assert balances["deposit:buyer/7"] == -1193
    assert balances["receivable:seller/S1:at_sale"] == 836
    assert due_at_border(book) == {"EUR": 300}
