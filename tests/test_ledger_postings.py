"""Obligations, their reversal, payments and deposits: what the book shows after each."""

from copy import copy
from pathlib import Path
from typing import Any
from uuid import RFC_4122

import msgspec
import pytest

from bookkeeping import NOON, charged, later, nets, outcome, sound
from greenlane.ledger import (
    ACCOUNTS,
    KINDS,
    Balance,
    Cause,
    PostingRefused,
    Transfer,
    check_book,
    due_at_border,
    obligations,
    open_items,
    pay,
    pay_out,
    reassess,
    transfer_id,
    trial_balance,
)


def owed(*charges: dict[str, Any], **more: Any) -> list[Transfer]:
    """The obligations of consignment 12."""
    return obligations(12, 1, "post-cn", outcome(*charges, **more), NOON, {"seller": "S1", "carrier": "C1"})


def test_one_transfer_a_charge_to_payer_moment_and_revenue() -> None:
    """A charge debits who pays, at its moment, and credits jurisdiction and name of the charge."""
    book = sound(owed(charged("8.36", collected="at_sale", payer="seller"), charged("3.00", "flat_duty")))
    assert nets(book) == {
        "receivable:seller/S1:at_sale": 836,
        "receivable:buyer/12:at_border": 300,
        "revenue:zz:vat": -836,
        "revenue:zz:flat_duty": -300,
    }
    assert due_at_border(book) == {"EUR": 300}


def test_a_member_of_a_union_has_its_own_revenue() -> None:
    """The accounts of revenue of a union are kept by member."""
    book = owed(charged("1.00"), jurisdiction="eu", member="DE")
    assert nets(book) == {"receivable:buyer/12:at_border": 100, "revenue:eu/DE:vat": -100}


def test_the_id_of_an_obligation_is_that_of_its_charge() -> None:
    """Each obligation has the id that kind, cause and reference give, whatever charges before it are owed by nobody."""
    book = owed(charged("0.00"), *[charged("1.00", item_id=str(place)) for place in range(12)])
    assert [t.id for t in book] == [transfer_id("obligation", Cause(12, 1, place)) for place in range(1, 13)]
    assert {(t.id.version, t.id.variant, copy(t.id) == t.id) for t in book} == {(8, RFC_4122, True)}


def test_currencies_without_cents_and_with_mills() -> None:
    """An amount is read with the decimals of its currency."""
    assert owed(charged("1200"), currency="JPY")[0].amount == 1200
    assert owed(charged("1.205"), currency="KWD")[0].amount == 1205


def test_waived_and_zero_charges_are_owed_by_nobody() -> None:
    """A charge that is waived or zero makes no transfer."""
    waived = charged("0.00", assessed="0.40", waived={"reason": "below the least amount", "law": "art. 40"})
    assert owed(waived, charged("0.00")) == []
    assert owed(charged("0.40", waived={"reason": "below the least amount", "law": "art. 40"})) == []


def test_an_unknown_amount_posts_nothing_at_all() -> None:
    """Unknown never becomes zero: with one amount unknown, or an incomplete outcome, nothing is posted."""
    for wrong in (outcome(charged("1.00"), charged(None)), outcome(charged("1.00"), status="incomplete")):
        with pytest.raises(PostingRefused) as refused:
            obligations(12, 1, "post-cn", wrong, NOON)
        assert refused.value.finding.code == "ledger.amount_unknown"


def test_one_levy_is_not_collected_at_sale_and_at_the_border() -> None:
    """VAT on an item taken with the price and asked for again at the border is refused."""
    with pytest.raises(PostingRefused) as refused:
        owed(charged("8.36", collected="at_sale", payer="seller"), charged("8.36"))
    assert refused.value.finding.code == "ledger.collected_twice"
    assert len(owed(charged("8.36", collected="at_sale", payer="seller"), charged("8.36", item="2"))) == 2


def test_the_same_cause_gives_the_same_id() -> None:
    """Posting a decision twice gives equal transfers; another version, key or charge gives another id."""
    first, again = owed(charged("1.00"), charged("2.00")), owed(charged("1.00"), charged("2.00"))
    assert first == again
    second = obligations(12, 2, "post-cn", outcome(charged("1.00"), charged("2.00")), NOON)
    other = obligations(13, 1, "post-cn", outcome(charged("1.00"), charged("2.00")), NOON)
    assert len({t.id for t in [*first, *second, *other]}) == 6


@pytest.mark.parametrize(
    ("paid", "open_after", "held"),
    [(1, 1099, 0), (1099, 1, 0), (1100, 0, 0), (1101, 0, 1), (5000, 0, 3900)],
)
def test_part_full_and_over_payment(paid: int, open_after: int, held: int) -> None:
    """What is paid closes what is open, to the cent; what is left over stays in the deposit of who paid."""
    book = owed(charged("3.00", "flat_duty"), charged("8.00"))
    book += pay(open_items(book), paid, "EUR", "buyer/12", "P1", later(1))
    sound(book)
    assert sum(item.amount for item in open_items(book)) == open_after
    assert nets(book).get("deposit:buyer/12", 0) == -held
    assert nets(book)["cash"] == paid


def test_the_oldest_is_paid_first() -> None:
    """Money pays what has been open longest, whatever order the items are given in."""
    old = obligations(20, 1, "post-cn", outcome(charged("5.00", payer="carrier")), NOON, {"carrier": "C1"})
    new = obligations(7, 1, "post-cn", outcome(charged("5.00", payer="carrier")), later(1), {"carrier": "C1"})
    book = [*new, *old]
    book += pay(open_items(book), 600, "EUR", "carrier/C1", "P1", later(2))
    (left,) = open_items(sound(book))
    assert (left.cause.key, left.amount, left.holder) == (7, 400, "carrier/C1")


def test_a_payment_posted_twice_is_seen() -> None:
    """The transfer that brings the money in has one id for its reference, whatever is open by then."""
    book = owed(charged("3.00"))
    first = pay(open_items(book), 300, "EUR", "buyer/12", "P1", later(1))
    book += first
    again = pay(open_items(book), 300, "EUR", "buyer/12", "P1", later(1))
    assert first[0].id == again[0].id
    assert "one id stands for two transfers" in {f.message for f in check_book([*book, *again])}


@pytest.mark.parametrize("amount", [0, -5, True, "100"])
def test_money_is_a_whole_number_above_zero(amount: Any) -> None:
    """A payment of nothing, of less, or of something that isn't a whole number is refused."""
    with pytest.raises(PostingRefused) as refused:
        pay([], amount, "EUR", "buyer/12", "P1", NOON)
    assert refused.value.finding.code == "ledger.amount_wrong"


def test_money_of_another_currency_pays_nothing() -> None:
    """Euros don't pay what is owed in yen."""
    with pytest.raises(PostingRefused) as refused:
        pay(open_items(owed(charged("300"), currency="JPY")), 300, "EUR", "buyer/12", "P1", NOON)
    assert refused.value.finding.code == "ledger.currency_wrong"


@pytest.mark.parametrize(
    ("new", "still_open", "held"), [("8.00", 0, 200), ("10.00", 0, 0), ("12.50", 250, 0), ("0.00", 0, 1000)]
)
def test_a_new_decision_reverses_the_old_and_keeps_what_was_paid(
    new: str, still_open: int, held: int
) -> None:
    """After 10.00 was paid, the payer owes only what the new decision asks beyond it, or has money back."""
    book = owed(charged("10.00"))
    book += pay(open_items(book), 1000, "EUR", "buyer/12", "P1", later(1))
    book += reassess(book, 12, 2, "post-cn", outcome(charged(new)), later(2))
    sound(book)
    assert due_at_border(book) == ({"EUR": still_open} if still_open else {})
    assert nets(book).get("deposit:buyer/12", 0) == -held
    assert nets(book).get("revenue:zz:vat", 0) == -(1000 + still_open - held)


def test_reassessing_twice_gives_the_same_transfers() -> None:
    """A decision that is posted again reverses nothing a second time."""
    book = owed(charged("10.00"))
    book += pay(open_items(book), 1000, "EUR", "buyer/12", "P1", later(1))
    once = reassess(book, 12, 2, "post-cn", outcome(charged("4.00")), later(2))
    assert reassess([*book, *once], 12, 2, "post-cn", outcome(charged("4.00")), later(2)) == once


def test_a_third_decision_reverses_the_second() -> None:
    """Only what stands is reversed: three decisions leave the third alone."""
    book = owed(charged("10.00"), charged("1.00", "customs_duty"))
    for version, amount in ((2, "7.00"), (3, "7.01")):
        book += reassess(book, 12, version, "post-cn", outcome(charged(amount)), later(version))
    assert nets(sound(book)) == {"receivable:buyer/12:at_border": 701, "revenue:zz:vat": -701}


def test_who_paid_for_another_has_the_money_back() -> None:
    """A carrier that paid what the buyer owed holds the deposit when the charge falls away."""
    book = owed(charged("10.00"))
    book += pay(open_items(book), 1000, "EUR", "carrier/C1", "P1", later(1))
    book += reassess(book, 12, 2, "post-cn", None, later(2))
    assert nets(sound(book)) == {"cash": 1000, "deposit:carrier/C1": -1000}
    book += pay_out("carrier/C1", 1000, "EUR", 1000, "O1", later(3))
    assert nets(sound(book)) == {}


def test_who_paid_last_has_money_back_first() -> None:
    """Of 8.00 the buyer paid 5.00 and then the carrier 3.00: each has at most its own back, the carrier first."""
    book = owed(charged("8.00"))
    for day, holder, amount in ((1, "buyer/12", 500), (2, "carrier/C1", 300)):
        book += pay(open_items(book), amount, "EUR", holder, holder, later(day))
    book += reassess(book, 12, 2, "post-cn", outcome(charged("4.00", "gst")), later(3))
    assert nets(sound(book)) == {"cash": 800, "deposit:buyer/12": -400, "revenue:zz:gst": -400}
    back = {t.credit: t.amount for t in book if t.kind == "give_back"}
    assert back == {"deposit:carrier/C1": 300, "deposit:buyer/12": 500}


def test_no_more_is_paid_out_than_is_held() -> None:
    """A deposit of 10.00 pays out 10.00, not 10.01."""
    assert pay_out("buyer/12", 1000, "EUR", 1000, "O1", NOON)[0].amount == 1000
    with pytest.raises(PostingRefused) as refused:
        pay_out("buyer/12", 1001, "EUR", 1000, "O1", NOON)
    assert refused.value.finding.code == "ledger.more_than_held"


def test_the_trial_balance_shows_both_sides() -> None:
    """Debits and credits of each account stand apart, and are equal over all."""
    book = owed(charged("10.00"))
    book += pay(open_items(book), 400, "EUR", "buyer/12", "P1", later(1))
    sums = trial_balance(book)
    assert sums["receivable:buyer/12:at_border", "EUR"] == Balance(1000, 400)
    assert sum(both.debits for both in sums.values()) == sum(both.credits for both in sums.values()) == 1800


def _spoilt(t: Transfer, **changes: Any) -> Transfer:
    """A transfer as a store could hold it after damage: nothing was checked."""
    made = copy(t)
    for name, value in changes.items():
        msgspec.structs.force_setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": -300},
        {"currency": "XXX"},
        {"credit": "receivable:buyer/12:at_border"},
        {"credit": "nowhere:zz"},
        {"kind": "gift"},
        {"reference": "other"},
    ],
)
def test_a_spoilt_transfer_is_found(changes: dict[str, Any]) -> None:
    """Each field that damage could reach shows."""
    (whole,) = owed(charged("3.00"))
    assert check_book([whole]) == []
    assert {f.code for f in check_book([_spoilt(whole, **changes)])} == {"ledger.broken"}


def test_a_kept_balance_that_is_off_by_a_cent_is_found() -> None:
    """Balances kept beside the transfers must be what these give; one of them wrong breaks the sum to zero."""
    book = owed(charged("3.00"))
    kept = trial_balance(book)
    assert check_book(book, kept) == []
    kept["revenue:zz:vat", "EUR"] = Balance(0, 299)
    found = {f.path for f in check_book(book, kept)}
    assert found == {"/currencies/EUR", "/accounts/revenue:zz:vat"}


def test_a_reversal_beyond_what_was_owed_is_found() -> None:
    """Taking back more than an obligation was is found at its cause."""
    (whole,) = owed(charged("3.00"))
    back = reassess([whole], 12, 2, "post-cn", None, later(1))
    too_much = _spoilt(back[0], amount=301)
    assert "/causes/12/1/0" in {f.path for f in check_book([whole, too_much])}


def test_every_kind_and_account_is_documented() -> None:
    """The page of the ledger has a row for each kind of transfer and each family of accounts."""
    page = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "ledger.md").read_text(
        encoding="utf-8"
    )
    for word in (*KINDS, *ACCOUNTS):
        assert f"\n| `{word}` |" in page, word
