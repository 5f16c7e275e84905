"""Statements of an account, and CSV that no spreadsheet runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from greenlane.ledger.transfer import Account, Cause, Transfer
from greenlane.values.money import exponent, format_scaled
from greenlane.values.spreadsheet import neutral_cell


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One transfer as one account sees it; minor units, ``balance`` is debits less credits after it."""

    at: datetime
    kind: str
    cause: Cause
    reference: str
    other: Account
    debit: int
    credit: int
    balance: int
    memo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """An account in one currency over a span: ``opening``, rows, ``closing``; debits less credits."""

    account: Account
    currency: str
    start: date
    end: date
    opening: int
    rows: tuple[StatementRow, ...]

    @property
    def closing(self) -> int:
        """The balance at the end of the span."""
        return self.rows[-1].balance if self.rows else self.opening


def statement(
    name: Account, currency: str, posted: Iterable[Transfer], start: date, end: date, opening: int = 0
) -> Statement:
    """Return the statement of an account from *start* up to *end*, which isn't part of it; days are UTC.

    Args:
        posted: Every transfer on the account from its beginning; others are passed over.
        opening: Its balance before the first of them.
    """
    first, last = datetime.combine(start, time(), UTC), datetime.combine(end, time(), UTC)
    own = [t for t in posted if t.currency == currency and name in (t.debit, t.credit) and t.at < last]
    own.sort(key=lambda t: t.at)
    opening += sum(t.amount if t.debit == name else -t.amount for t in own if t.at < first)
    running = opening
    rows = []
    for t in own:
        if t.at < first:
            continue
        debit, credit = (t.amount, 0) if t.debit == name else (0, t.amount)
        running += debit - credit
        other = t.credit if debit else t.debit
        rows.append(StatementRow(t.at, t.kind, t.cause, t.reference, other, debit, credit, running, t.memo))
    return Statement(name, currency, start, end, opening, tuple(rows))


COLUMNS = (
    "at", "kind", "key", "version", "charge", "reference", "other_account", "memo", "currency", "debit",
    "credit", "balance", "side",
)  # fmt: skip
"""Columns of a statement as CSV; ``side`` says on which side the balance stands, so no amount has a sign."""


def statement_csv(of: Statement, consignments: Mapping[int, str] | None = None) -> str:
    """Write a statement as CSV: opening balance, rows, closing balance. No cell is run by a spreadsheet.

    Args:
        consignments: Consignment id by key, to show in place of the key.
    """
    return _csv(COLUMNS, _cells(of, consignments or {}))


def statements_csv(all_of: Iterable[Statement], consignments: Mapping[int, str] | None = None) -> str:
    """Write several statements below each other as one CSV, the account first in each row."""
    rows = ([neutral_cell(of.account), *cells] for of in all_of for cells in _cells(of, consignments or {}))
    return _csv(("account", *COLUMNS), rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _cells(of: Statement, named: Mapping[int, str]) -> Iterator[list[str]]:
    digits = exponent(of.currency)

    def balance(amount: int) -> tuple[str, str]:
        side = "debit" if amount > 0 else "credit" if amount < 0 else ""
        return format_scaled(abs(amount), digits), side

    def edge(day: date, kind: str, amount: int) -> list[str]:
        return [day.isoformat(), kind, *[""] * 6, of.currency, "", "", *balance(amount)]

    yield edge(of.start, "opening", of.opening)
    for row in of.rows:
        key, version, charge = row.cause
        cells = [
            row.at.isoformat(),
            row.kind,
            "" if key is None else named.get(key, str(key)),
            "" if key is None else str(version),
            "" if charge < 0 else str(charge),
            row.reference,
            row.other,
            " ".join(filter(None, row.memo)),
            of.currency,
            format_scaled(row.debit, digits) if row.debit else "",
            format_scaled(row.credit, digits) if row.credit else "",
            *balance(row.balance),
        ]
        yield [neutral_cell(cell) for cell in cells]
    yield edge(of.end, "closing", of.closing)
