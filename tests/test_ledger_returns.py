"""Period returns: totals that are the sums of item lines, corrections within the law's time, claims."""

from datetime import date

import pytest

from bookkeeping import NOON, charged, later, nets, outcome, sound
from greenlane.ledger import (
    SCHEMES,
    Account,
    Goods,
    ItemLine,
    Period,
    PostingRefused,
    Return,
    Transfer,
    file_return,
    lines_of,
    obligations,
    open_items,
    pay,
    pay_out,
    period_return,
    reassess,
    reconcile,
    refund,
    release_claims,
    take_back,
)

IOSS = SCHEMES["IOSS"]
SELLER = Account("receivable:seller/S1:at_sale")
JULY, AUGUST = Period.of(date(2026, 7, 1)), Period.of(date(2026, 8, 1))


def sold(key: int, member: str, *taxes: tuple[str, str, str]) -> tuple[list[Transfer], list[ItemLine]]:
    """Obligations and lines of a consignment sold on 2 July: base, rate, VAT of each item."""
    charges = [
        charged(tax, collected="at_sale", payer="seller", item=str(number), base=base, rate=rate)
        for number, (base, rate, tax) in enumerate(taxes, 1)
    ]
    made = outcome(charged("3.00", "flat_duty", payer="seller"), *charges, jurisdiction="eu", member=member)
    posted = obligations(key, 1, "post-cn", made, NOON, {"seller": "S1"})
    return posted, lines_of(posted, made, IOSS, NOON.date())


def july() -> tuple[list[Transfer], list[ItemLine]]:
    """Three consignments to two members, with two rates."""
    book: list[Transfer] = []
    lines: list[ItemLine] = []
    for key, member, taxes in (
        (1, "DE", [("44.00", "0.19", "8.36"), ("10.01", "0.07", "0.70")]),
        (2, "DE", [("0.03", "0.19", "0.01")]),
        (3, "FR", [("149.99", "0.2", "30.00")]),
    ):
        posted, told = sold(key, member, *taxes)
        book += posted
        lines += told
    return book, lines


def filed(book: list[Transfer], lines: list[ItemLine]) -> Return:
    """July's return, sent in August and posted to the book."""
    made = period_return(IOSS, JULY, SELLER, lines, date(2026, 8, 20), "EUR")
    book += file_return(made, later(49))
    return made


def test_totals_by_member_and_rate_are_the_sums_of_the_lines() -> None:
    """To the cent: rows by member and rate, balances by member, the whole, and the ledger agree."""
    book, lines = july()
    made = filed(book, lines)
    assert [(r.member, r.rate, r.base, r.tax) for r in made.rows] == [
        ("DE", 70_000_000, 1001, 70),
        ("DE", 190_000_000, 4403, 837),
        ("FR", 200_000_000, 14_999, 3000),
    ]
    assert made.balances == {"DE": 907, "FR": 3000}
    assert made.payable == sum(line.tax for line in lines) == 3907
    assert str(made.due) == "2026-08-31"
    assert reconcile(made, sound(book)) == []


def test_the_return_asks_for_what_was_taken_at_sale_and_for_it_alone() -> None:
    """Before the return no VAT is an open item; after it, one item a member; the duty at the border stays."""
    book, lines = july()
    duty = "receivable:seller/S1:at_border"
    assert {item.account for item in open_items(book)} == {duty}
    filed(book, lines)
    opened = {item.account: item.amount for item in open_items(book) if item.account != duty}
    assert opened == {
        "receivable:seller/S1:return/IOSS/2026-07/DE": 907,
        "receivable:seller/S1:return/IOSS/2026-07/FR": 3000,
    }
    assert SELLER not in nets(book)
    items = [item for item in open_items(book) if item.account != duty]
    book += pay(items, 3907, "EUR", "seller/S1", "P1", later(50))
    assert {item.account for item in open_items(sound(book))} == {duty}


def test_a_period_without_lines_has_a_nil_return() -> None:
    """The return is due all the same."""
    made = period_return(IOSS, JULY, SELLER, [], date(2026, 8, 20), "EUR")
    assert (made.rows, made.payable, file_return(made, NOON)) == ((), 0, [])


def test_a_line_of_a_later_period_waits() -> None:
    """A sale of August is no part of July's return."""
    _, lines = sold(1, "DE", ("44.00", "0.19", "8.36"))
    late = [ItemLine(**{n: getattr(lines[0], n) for n in ItemLine.__slots__} | {"day": date(2026, 8, 1)})]
    assert period_return(IOSS, JULY, SELLER, late, date(2026, 8, 20), "EUR").lines == ()
    assert period_return(IOSS, AUGUST, SELLER, late, date(2026, 9, 20), "EUR").payable == 836


def test_the_same_return_posts_the_same_transfers() -> None:
    """Sent twice, posted once."""
    _, lines = july()
    made = period_return(IOSS, JULY, SELLER, lines, date(2026, 8, 20), "EUR")
    assert file_return(made, NOON) == file_return(made, NOON)
    assert len({t.id for t in file_return(made, NOON)}) == len(lines)


def test_a_lost_cent_is_found() -> None:
    """A return whose rows, lines or postings differ by a cent doesn't reconcile."""
    book, lines = july()
    made = filed(book, lines)
    short = period_return(IOSS, JULY, SELLER, lines[1:], date(2026, 8, 20), "EUR")
    assert {f.code for f in reconcile(short, book)} == {"ledger.not_reconciled"}
    assert {f.path for f in reconcile(made, book[:-1])} >= {"/balances/FR"}


def test_a_decision_replaced_in_the_same_period_is_no_correction() -> None:
    """Old lines are taken back and new ones declared, both in July's rows."""
    book, lines = sold(1, "DE", ("44.00", "0.19", "8.36"))
    changed = outcome(
        charged("7.00", collected="at_sale", payer="seller", base="36.84", rate="0.19"),
        jurisdiction="eu", member="DE",
    )  # fmt: skip
    new = reassess(book, 1, 2, "post-cn", changed, later(1), {"seller": "S1"})
    book += new
    lines += take_back(lines, "decision 2") + lines_of(new, changed, IOSS, NOON.date())
    made = filed(book, lines)
    assert [(r.base, r.tax) for r in made.rows] == [(3684, 700)]
    assert made.corrections == ()
    assert reconcile(made, sound(book)) == []


def test_a_refund_after_the_return_is_a_correction_in_a_later_one() -> None:
    """August's return gives July's VAT on returned goods back; the claim waits until July is paid."""
    book, lines = july()
    made = outcome(
        charged("3.00", "flat_duty", payer="seller"),
        charged("30.00", collected="at_sale", payer="seller", base="149.99", rate="0.2"),
        jurisdiction="eu", member="FR",
    )  # fmt: skip
    filed(book, lines)
    back = refund(
        3, 1, made, {"1": Goods(3000, 14_999)}, {"1": 1000}, {}, [t for t in book if t.cause.key == 3],
        "R1", later(50), [line for line in lines if line.cause.key == 3], kinds=("tax",),
    )  # fmt: skip
    assert back.amount == 1000
    book += back.transfers
    august = period_return(IOSS, AUGUST, SELLER, back.lines, date(2026, 9, 30), "EUR")
    assert [(str(c.period), c.member, c.tax) for c in august.corrections] == [("2026-07", "FR", -1000)]
    assert (august.balances, august.payable) == ({"FR": -1000}, 0)
    book += file_return(august, later(90))
    assert reconcile(august, sound(book)) == []
    assert nets(book)["claim:seller/S1:IOSS/2026-08:FR"] == -1000
    assert release_claims(book, "seller/S1", later(91)) == []
    returns = [item for item in open_items(book) if ":return/" in item.account]
    book += pay(returns, 3907, "EUR", "seller/S1", "P1", later(92))
    book += release_claims(book, "seller/S1", later(93))
    assert release_claims(book, "seller/S1", later(94)) == []
    book += pay_out("seller/S1", 1000, "EUR", 1000, "O1", later(95))
    assert nets(sound(book))["cash"] == 2907


def test_what_one_member_gives_back_lessens_no_other() -> None:
    """A claim on France doesn't pay what is due to Germany."""
    _, german = sold(1, "DE", ("44.00", "0.19", "8.36"))
    _, french = sold(2, "FR", ("44.00", "0.2", "8.80"))
    made = period_return(IOSS, JULY, SELLER, german + take_back(french, "cancelled"), date(2026, 8, 1), "EUR")
    assert (made.balances, made.payable) == ({"DE": 836, "FR": -880}, 836)


@pytest.mark.parametrize(("on", "corrected"), [(date(2029, 8, 31), True), (date(2029, 9, 1), False)])
def test_three_years_from_the_day_the_return_was_due(on: date, corrected: bool) -> None:
    """Dir. 2006/112/EC art. 369t(2): July's return, due on 31 August 2026, is corrected until that day of 2029."""
    _, lines = sold(1, "DE", ("44.00", "0.19", "8.36"))
    back = take_back(lines, "refund R1")
    made = period_return(IOSS, Period.of(date(2029, 7, 1)), SELLER, back, on, "EUR")
    assert made.balances == ({"DE": -836} if corrected else {})
    assert (list(made.left_out), [f.code for f in made.findings]) == (
        ([], []) if corrected else (back, ["ledger.not_corrected"])
    )


def test_the_special_arrangement_is_not_corrected_by_a_later_month() -> None:
    """Its monthly declaration is one of what the carrier took; a correction goes by the customs declaration."""
    special = SCHEMES["SPECIAL"]
    carrier = Account("receivable:carrier/C1:periodic")
    made = outcome(
        charged("8.93", collected="periodic", payer="carrier", base="47.00", rate="0.19"),
        jurisdiction="eu", member="DE",
    )  # fmt: skip
    book = obligations(1, 1, "post-de", made, NOON, {"carrier": "C1"})
    lines = lines_of(book, made, special, NOON.date())
    told = period_return(special, JULY, carrier, lines, date(2026, 8, 10), "EUR")
    assert (told.payable, str(told.due)) == (893, "2026-08-16")
    later_one = period_return(
        special, AUGUST, carrier, take_back(lines, "refund R1"), date(2026, 9, 1), "EUR"
    )
    assert len(later_one.left_out) == 1


def test_lines_of_others_and_other_currencies_are_refused() -> None:
    """A return is of one person in one currency."""
    _, lines = sold(1, "DE", ("44.00", "0.19", "8.36"))
    for account, currency in ((Account("receivable:seller/S2:at_sale"), "EUR"), (SELLER, "PLN")):
        with pytest.raises(PostingRefused):
            period_return(IOSS, JULY, account, lines, date(2026, 8, 20), currency)
