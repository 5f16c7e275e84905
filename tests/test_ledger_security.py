"""Guarantees and deferred payment accounts: limits to the cent, pending then posted."""

from datetime import date

import pytest

from bookkeeping import NOON, charged, later, nets, outcome, sound
from greenlane.ledger import (
    DeferredAccount,
    Guarantee,
    Period,
    PostingRefused,
    Transfer,
    defer,
    draw,
    due_at_border,
    free,
    guarantee_of,
    lodge,
    obligations,
    open_items,
    owed_by_guarantor,
    pay,
    period_statement,
    reassess,
    release_credit,
    reserve,
    reserved_for,
    restore,
    settle,
)


def state(book: list[Transfer]) -> Guarantee:
    """Guarantee G1 of bank B1 as the book shows it."""
    return guarantee_of(book, "G1", "guarantor/B1", "EUR")


def parts(book: list[Transfer]) -> tuple[int, int, int]:
    """Available, reserved, drawn."""
    now = state(book)
    return now.available, now.reserved, now.drawn


def lodged(limit: int) -> list[Transfer]:
    """A book with guarantee G1 of that limit."""
    return lodge(Guarantee("G1", "guarantor/B1", "EUR"), limit, "bond 1", NOON)


def refused_with(code: str) -> "pytest.RaisesContext[PostingRefused]":
    """Expect a refusal with a code."""
    return pytest.raises(PostingRefused, check=lambda e: e.finding.code == code)


def test_reserved_at_release_and_free_at_payment() -> None:
    """What a release reserves comes back when the consignment is paid."""
    book = lodged(1000) + obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += reserve(state(book), 12, 1, 800, NOON)
    assert parts(sound(book)) == (200, 800, 0)
    book += pay(open_items(book), 800, "EUR", "buyer/12", "P1", later(1))
    book += free(state(book), reserved_for(book, state(book), 12), 800, "P1", later(1))
    assert parts(sound(book)) == (1000, 0, 0)
    assert reserved_for(book, state(book), 12) == {}


@pytest.mark.parametrize(("amount", "fits"), [(999, True), (1000, True), (1001, False)])
def test_nothing_is_reserved_over_the_limit(amount: int, fits: bool) -> None:
    """The limit may be used to the last cent and no cent further."""
    book = lodged(1000)
    if fits:
        assert parts(book + reserve(state(book), 12, 1, amount, NOON)) == (1000 - amount, amount, 0)
    else:
        with refused_with("ledger.over_limit"):
            reserve(state(book), 12, 1, amount, NOON)


def test_what_another_release_holds_is_not_available() -> None:
    """With 6.00 of 10.00 reserved, 4.00 fit and 4.01 don't."""
    book = lodged(1000)
    book += reserve(state(book), 12, 1, 600, NOON)
    assert parts(book + reserve(state(book), 13, 1, 400, NOON)) == (0, 1000, 0)
    with refused_with("ledger.over_limit"):
        reserve(state(book), 13, 1, 401, NOON)


def test_part_payment_frees_a_part() -> None:
    """Each payment frees what it paid, and no more can be freed than is reserved."""
    book = lodged(1000)
    book += reserve(state(book), 12, 1, 800, NOON)
    book += free(state(book), reserved_for(book, state(book), 12), 300, "P1", NOON)
    assert parts(sound(book)) == (500, 500, 0)
    with refused_with("ledger.not_reserved"):
        free(state(book), reserved_for(book, state(book), 12), 501, "P2", NOON)


def test_one_consignment_frees_nothing_of_another() -> None:
    """What is reserved is kept by consignment."""
    book = lodged(1000)
    book += reserve(state(book), 12, 1, 400, NOON)
    book += reserve(state(book), 13, 1, 400, NOON)
    assert sum(reserved_for(book, state(book), 13).values()) == 400
    assert reserved_for(book, state(book), 14) == {}


def test_drawn_where_the_payer_fails_and_restored_when_the_guarantor_pays() -> None:
    """The guarantor owes what was open; the limit is smaller until it has paid."""
    book = lodged(1000) + obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += reserve(state(book), 12, 1, 900, NOON)
    book += draw(state(book), reserved_for(book, state(book), 12), open_items(book), "D1", later(30))
    assert parts(sound(book)) == (100, 100, 800)
    assert due_at_border(book) == {}
    (item,) = open_items(book)
    assert (item.account, item.amount) == (owed_by_guarantor(state(book)), 800)
    book += pay([item], 800, "EUR", "guarantor/B1", "P9", later(31))
    book += restore(state(book), 800, "P9", later(31))
    assert parts(sound(book)) == (900, 100, 0)
    with refused_with("ledger.not_reserved"):
        restore(state(book), 1, "P9", later(32))


def test_a_drawn_charge_that_falls_away_goes_back_to_the_guarantor() -> None:
    """Where the decision is replaced, the guarantor no longer owes what was drawn."""
    book = lodged(1000) + obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += reserve(state(book), 12, 1, 800, NOON)
    book += draw(state(book), reserved_for(book, state(book), 12), open_items(book), "D1", later(1))
    book += reassess(book, 12, 2, "post-cn", None, later(2))
    assert open_items(sound(book)) == []


def test_a_guarantor_that_paid_has_its_money_back() -> None:
    """Where it had paid already, the money is in its own deposit, not in the buyer's."""
    book = lodged(1000) + obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += reserve(state(book), 12, 1, 800, NOON)
    book += draw(state(book), reserved_for(book, state(book), 12), open_items(book), "D1", later(1))
    book += pay(open_items(book), 800, "EUR", "guarantor/B1", "P1", later(2))
    book += reassess(book, 12, 2, "post-cn", None, later(3))
    assert nets(sound(book))["deposit:guarantor/B1"] == -800
    assert "deposit:buyer/12" not in nets(book)


def test_dues_that_fall_away_after_their_statement_was_paid_leave_a_credit() -> None:
    """The credit lessens the next statement, or goes to the holder's deposit."""
    account = DeferredAccount("D1", "carrier/C1", "EUR", 10_000)
    book = obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += defer(account, open_items(book), 0, "R1", NOON)
    book += settle(account, book, 800, "P1", later(1))
    assert release_credit(account, book, "C1", later(2)) == []
    book += reassess(book, 12, 2, "post-cn", None, later(2))
    assert period_statement(account, book, Period.of(NOON.date())).payable == 0
    book += release_credit(account, book, "C1", later(3))
    assert nets(sound(book)) == {"cash": 800, "deposit:carrier/C1": -800}


def test_deferred_to_the_last_cent_of_the_limit() -> None:
    """Dues that would pass the limit are not put on the account, not even in part."""
    account = DeferredAccount("D1", "carrier/C1", "EUR", 1000)
    book = obligations(12, 1, "post-cn", outcome(charged("4.00")), NOON)
    book += defer(account, open_items(book), 600, "R1", NOON)
    more = obligations(13, 1, "post-cn", outcome(charged("4.01")), NOON)
    with refused_with("ledger.over_limit"):
        defer(account, open_items(more), 600, "R2", NOON)


def test_a_deferred_charge_that_falls_away_comes_off_the_account() -> None:
    """The next statement asks for what stands, and no deposit is made of money that never came in."""
    account = DeferredAccount("D1", "carrier/C1", "EUR", 10_000)
    book = obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += defer(account, open_items(book), 0, "R1", NOON)
    book += reassess(book, 12, 2, "post-cn", outcome(charged("5.00")), later(1))
    assert due_at_border(sound(book)) == {"EUR": 500}
    book += defer(account, open_items(book), 0, "R2", later(1))
    assert nets(sound(book)) == {"deferred:D1": 500, "revenue:zz:vat": -500}


def test_the_statement_of_a_month_shows_what_stood_came_and_went() -> None:
    """July's dues and August's payment each stand in their month; opening and closing follow on."""
    account = DeferredAccount("D1", "carrier/C1", "EUR", 10_000)
    book: list[Transfer] = []
    for key, amount, day in ((12, "8.00", 0), (13, "5.00", 29), (14, "1.00", 30)):
        new = obligations(key, 1, "post-cn", outcome(charged(amount)), later(day))
        book += new + defer(account, open_items(new), 0, f"R{key}", later(day))
    book += settle(account, book, 1300, "P1", later(40))
    july = period_statement(account, book, Period.of(date(2026, 7, 1)))
    august = period_statement(account, book, Period.of(date(2026, 8, 1)))
    assert [(row.debit, row.balance) for row in july.statement.rows] == [(800, 800), (500, 1300)]
    assert (july.payable, july.due) == (1300, date(2026, 8, 16))
    assert august.statement.opening == 1300 == july.statement.closing
    assert (august.payable, august.due) == (100, date(2026, 9, 16))
    sound(book)


def test_a_statement_paid_too_much_leaves_a_deposit() -> None:
    """What is over stays with the holder of the account."""
    account = DeferredAccount("D1", "carrier/C1", "EUR", 10_000)
    book = obligations(12, 1, "post-cn", outcome(charged("8.00")), NOON)
    book += defer(account, open_items(book), 0, "R1", NOON)
    book += settle(account, book, 801, "P1", later(1))
    assert nets(sound(book)) == {"cash": 801, "deposit:carrier/C1": -1, "revenue:zz:vat": -800}
