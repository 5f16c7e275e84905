"""Refunds by item and quantity: exact, the last part with the remainder, never more than was taken."""

from typing import Any

import pytest

from bookkeeping import NOON, charged, later, nets, outcome, sound
from greenlane.ledger import (
    Goods,
    PostingRefused,
    Refund,
    Transfer,
    obligations,
    open_items,
    pay,
    reassess,
    refund,
)

GOODS = {"1": Goods(3000, 1001), "2": Goods(1000, 2000)}
OUTCOME = outcome(
    charged("1.00", item="1"),
    charged("5.00", "customs_duty", item="2"),
    charged("0.50", "parcel_levy", item=None),
    charged("2.00", "customs_fee", item=None),
)


def paid(amount: int = 850) -> list[Transfer]:
    """The consignment with so much of its 8.50 paid."""
    book = obligations(12, 1, "post-cn", OUTCOME, NOON)
    return book + (pay(open_items(book), amount, "EUR", "buyer/12", "P1", NOON) if amount else [])


def back(book: list[Transfer], now: dict[str, int], before: dict[str, int], name: str, **more: Any) -> Refund:
    """Refund and post it."""
    made = refund(12, 1, OUTCOME, GOODS, now, before, book, name, later(5), **more)
    book += made.transfers
    sound(book)
    return made


def test_parts_are_the_whole_and_the_last_takes_the_remainder() -> None:
    """A third of 1.00 three times is 0.33, 0.33, 0.34; the levy follows the value; the fee stays."""
    book = paid()
    vat = []
    for number in range(3):
        made = back(book, {"1": 1000}, {"1": number * 1000}, f"R{number}")
        vat += [t.amount for t in made.transfers if t.kind == "refund" and t.cause.charge == 0]
    assert vat == [33, 33, 34]
    back(book, {"2": 1000}, {"1": 3000}, "R3")
    assert nets(book) == {"cash": 850, "deposit:buyer/12": -650, "revenue:zz:customs_fee": -200}


def test_in_one_or_in_many_the_same_is_refunded() -> None:
    """All at once gives what the parts gave, and gives the limit back whole."""
    book = paid()
    made = back(book, {"1": 3000, "2": 1000}, {}, "R1")
    assert made.amount == 650
    assert (made.limit.amount, made.limit.count) == (-3001, -1)
    assert nets(book) == {"cash": 850, "deposit:buyer/12": -650, "revenue:zz:customs_fee": -200}


def test_limits_are_given_back_by_value_and_the_count_with_the_last() -> None:
    """Parts of the value add up to it; the consignment counts until all of it has come back."""
    book = paid()
    uses = [back(book, {"1": 1000}, {"1": n * 1000}, f"R{n}").limit for n in range(3)]
    uses.append(back(book, {"2": 1000}, {"1": 3000}, "R3").limit)
    assert [u.amount for u in uses] == [-333, -334, -334, -2000]
    assert [u.count for u in uses] == [0, 0, 0, -1]


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"1": 3001}, {}),
        ({"1": 1}, {"1": 3000}),
        ({"2": 1000}, {"2": 1}),
        ({"3": 1}, {}),
        ({"1": 0}, {}),
        ({"1": -1000}, {"1": 1000}),
    ],
)
def test_no_more_than_came_in(now: dict[str, int], before: dict[str, int]) -> None:
    """An unknown item, or a thousandth more than came in, is refused."""
    with pytest.raises(PostingRefused) as refused:
        back(paid(), now, before, "R1")
    assert refused.value.finding.code == "ledger.more_than_taken"


def test_a_charge_taken_back_already_is_not_refunded() -> None:
    """Forgetting the earlier return (it isn't in *before*) doesn't refund twice: less stands than is asked."""
    book = paid()
    back(book, {"2": 1000}, {}, "R1")
    with pytest.raises(PostingRefused) as refused:
        back(book, {"2": 1000}, {}, "R2")
    assert refused.value.finding.path == "/charges/1"


def test_what_was_reversed_is_not_refunded() -> None:
    """A decision that was replaced has nothing to refund."""
    book = paid()
    book += reassess(book, 12, 2, "post-cn", None, later(1))
    with pytest.raises(PostingRefused):
        back(book, {"1": 1000}, {}, "R1")


@pytest.mark.parametrize(("amount", "held"), [(0, 0), (199, 0), (200, 0), (201, 1), (849, 649), (850, 650)])
def test_unpaid_charges_are_let_go_before_money_goes_back(amount: int, held: int) -> None:
    """Of 8.50, 6.50 falls away: money goes back only as far as more than 2.00 was paid."""
    book = paid(amount)
    back(book, {"1": 3000, "2": 1000}, {}, "R1")
    owed = sum(item.amount for item in open_items(book))
    assert held - owed == amount - 200
    assert nets(book).get("cash", 0) + nets(book).get("deposit:buyer/12", 0) <= amount


def test_the_same_refund_gives_the_same_transfers() -> None:
    """A refund that is posted again is the same."""
    book = paid()
    first = refund(12, 1, OUTCOME, GOODS, {"1": 1000}, {}, book, "R1", later(5))
    assert refund(12, 1, OUTCOME, GOODS, {"1": 1000}, {}, [*book, *first.transfers], "R1", later(5)) == first


def test_fees_go_back_where_the_law_says_so() -> None:
    """Asked for, the fee is refunded too."""
    made = back(paid(), {"1": 3000, "2": 1000}, {}, "R1", kinds=("duty", "tax", "fee"))
    assert made.amount == 850
