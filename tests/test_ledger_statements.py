"""Statements of an account, and their CSV."""

import csv
import io
from datetime import date

from bookkeeping import charged, later, outcome
from greenlane.ledger import Account, Transfer, obligations, open_items, pay, statement, statement_csv

CARRIER = Account("receivable:carrier/C1:at_border")
JULY = (date(2026, 7, 1), date(2026, 8, 1))


def book() -> list[Transfer]:
    """Dues of June and July, and a payment of July."""
    made: list[Transfer] = []
    for key, days in ((1, -10), (2, 0), (3, 40)):
        made += obligations(
            key,
            1,
            "post-cn",
            outcome(charged("3.00", payer="carrier", item="=1+1")),
            later(days),
            {"carrier": "C1"},
        )
    return made + pay(open_items(made)[:2], 450, "EUR", "carrier/C1", "@P1", later(5))


def test_opening_rows_and_closing() -> None:
    """What stood before, each posting with the balance after it, what stands at the end."""
    told = statement(CARRIER, "EUR", book(), *JULY)
    assert (told.opening, told.closing) == (300, 150)
    assert [(r.kind, r.debit, r.credit, r.balance) for r in told.rows] == [
        ("obligation", 300, 0, 600),
        ("applied", 0, 300, 300),
        ("applied", 0, 150, 150),
    ]


def test_one_month_opens_as_the_last_closed() -> None:
    """Spans are half-open, so no posting falls between two statements or into both."""
    july = statement(CARRIER, "EUR", book(), *JULY)
    august = statement(CARRIER, "EUR", book(), JULY[1], date(2026, 9, 1))
    assert august.opening == july.closing
    assert len(july.rows) + len(august.rows) == 4


def test_a_posting_of_midnight_is_of_the_day_that_begins() -> None:
    """The first moment of a span is in it, the first after it isn't."""
    midnight = later(0).replace(day=1, hour=0)
    due = outcome(charged("3.00", payer="carrier"))
    made = obligations(1, 1, "post-cn", due, midnight, {"carrier": "C1"})
    june = statement(CARRIER, "EUR", made, date(2026, 6, 1), JULY[0])
    july = statement(CARRIER, "EUR", made, *JULY)
    assert (len(june.rows), june.closing) == (0, 0)
    assert (july.opening, len(july.rows), july.closing) == (0, 1, 300)


def test_another_currency_is_another_statement() -> None:
    """Amounts of two currencies are never added."""
    told = statement(CARRIER, "JPY", book(), *JULY)
    assert (told.opening, told.rows, told.closing) == (0, (), 0)


def test_csv_has_no_cell_that_a_spreadsheet_runs() -> None:
    """Texts that begin like a formula have an apostrophe before them, and no amount has a sign."""
    told = statement(Account("deposit:carrier/C1"), "EUR", book(), *JULY)
    rows = list(csv.DictReader(io.StringIO(statement_csv(told, {1: "=HYPERLINK(1)", 2: "RR2"}))))
    assert {row["key"] for row in rows[1:-1]} == {"", "'=HYPERLINK(1)", "RR2"}
    assert rows[1]["reference"] == "'@P1"
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]


def test_csv_balances_show_their_side() -> None:
    """A deposit stands in credit; its amounts have the decimals of the currency."""
    told = statement(Account("deposit:carrier/C1"), "EUR", book(), *JULY)
    rows = list(csv.DictReader(io.StringIO(statement_csv(told))))
    assert [(row["at"][:10], row["debit"], row["credit"], row["balance"], row["side"]) for row in rows] == [
        ("2026-07-01", "", "", "0.00", ""),
        ("2026-07-07", "", "4.50", "4.50", "credit"),
        ("2026-07-07", "3.00", "", "1.50", "credit"),
        ("2026-07-07", "1.50", "", "0.00", ""),
        ("2026-08-01", "", "", "0.00", ""),
    ]
