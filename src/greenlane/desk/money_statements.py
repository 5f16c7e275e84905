"""Balances and statements: what stands on the accounts that a caller sees, and what moved on them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.desk.commanding import NotFound
from greenlane.desk.money_aims import key_of
from greenlane.desk.money_posting import holder_of
from greenlane.ledger import (
    Account,
    DeferredAccount,
    Period,
    Statement,
    statement,
    statements_csv,
)
from greenlane.ledger import PeriodStatement as Due
from greenlane.store import consignments, covers, transfers
from greenlane.store.transfers import Wanted
from greenlane.values.money import exponent, format_scaled

MOST_ACCOUNTS = 200
"""Accounts in one statement."""


class AccountBalance(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides of an account in one currency; ``side`` says on which side the balance stands."""

    account: str
    currency: str
    debits: str
    credits: str
    balance: str
    side: str


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """The trial balance: each family of accounts by currency, and the sum of all, which is zero in a sound book."""

    families: list[AccountBalance]
    sums: dict[str, str]
    balanced: bool


class Posting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transfer as the account sees it."""

    at: str
    kind: str
    other_account: str
    reference: str
    memo: list[str]
    balance: str
    side: str
    debit: str | None = None
    credit: str | None = None
    consignment_id: str | None = None
    charge: int | None = None


class StatementTold(msgspec.Struct, frozen=True, kw_only=True):
    """An account over a span of days, the last not included; amounts have no sign, sides do."""

    account: str
    currency: str
    start: date
    end: date
    opening: str
    opening_side: str
    closing: str
    closing_side: str
    postings: list[Posting]


class PeriodStatementTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a deferred payment account asks for after a month, and by when."""

    due: date
    payable: str
    statement: StatementTold


def balances(cursor: Cursor[Any], wanted: Wanted, after: tuple[str, str], most: int) -> list[AccountBalance]:
    """Return the balances of the accounts that the reader's role sees, in order."""
    return [
        _balance(name, currency, both.debits, both.credits)
        for name, currency, both in transfers.balances(cursor, wanted, after, most)
    ]


def trial(cursor: Cursor[Any], party: str | None) -> Trial:
    """Return the trial balance of all that the reader's role sees."""
    sums: dict[tuple[str, str], list[int]] = {}
    nets: dict[str, int] = {}
    for name, currency, both in transfers.balances(cursor, Wanted(party=party)):
        family = sums.setdefault((name.partition(":")[0], currency), [0, 0])
        family[0] += both.debits
        family[1] += both.credits
        nets[currency] = nets.get(currency, 0) + both.net
    return Trial(
        families=[_balance(family, currency, *sums[family, currency]) for family, currency in sorted(sums)],
        sums={currency: format_scaled(net, exponent(currency)) for currency, net in sorted(nets.items())},
        balanced=not any(nets.values()),
    )


def statements(
    cursor: Cursor[Any],
    party: str | None,
    wanted: tuple[str | None, str | None, str | None],
    span: tuple[date, date],
    only: str | None,
) -> list[Statement]:
    """Return the statements of an account, of a holder's accounts, or of the buyer's of a consignment.

    Args:
        wanted: One of account, holder, consignment id.
        only: Currency; None: each that moved on the account.
    Raises:
        NotFound: The reader sees no such account.
    """
    name, holder, consignment_id = wanted
    if consignment_id is not None:
        if party is None:
            raise NotFound("name the party whose consignment it is")
        holder = f"buyer/{key_of(cursor, party, consignment_id)}"
    elif holder is not None and party is not None:
        holder = holder_of(holder, party)
    if name is not None:
        pairs = transfers.currencies(cursor, name)
    else:
        chosen = Wanted(party=party, holder=holder)
        pairs = [(a, c) for a, c, _ in transfers.balances(cursor, chosen, most=MOST_ACCOUNTS)]
    found = [(a, c) for a, c in pairs if only in (None, c)]
    if not found:
        raise NotFound("there is no such account, or it isn't yours to see")
    start, end = span
    return [
        statement(
            a, c, transfers.within(cursor, a, c, start, end), start, end, transfers.net(cursor, a, c, start)
        )
        for a, c in found
    ]


def deferred_statement(cursor: Cursor[Any], id: str, month: date) -> PeriodStatementTold:
    """Return the statement of a deferred payment account for a month.

    Raises:
        NotFound: The reader sees no such account.
    """
    held = covers.accounts(cursor, id=id)
    if not held:
        raise NotFound("there is no such deferred payment account, or it isn't yours to see")
    of: DeferredAccount = held[0].account
    period = Period.of(month)
    opening = transfers.net(cursor, of.account, of.currency, period.start)
    posted = transfers.within(cursor, of.account, of.currency, period.start, period.end)
    made = Due(
        period, of.due(period), statement(of.account, of.currency, posted, period.start, period.end, opening)
    )
    return PeriodStatementTold(
        due=made.due,
        payable=format_scaled(made.payable, exponent(of.currency)),
        statement=shown(cursor, [made.statement])[0],
    )


def shown(cursor: Cursor[Any], made: Sequence[Statement]) -> list[StatementTold]:
    """Return statements as they are told."""
    names = _names(cursor, made)
    return [_shown(one, names) for one in made]


def as_csv(cursor: Cursor[Any], made: Sequence[Statement]) -> str:
    """Return statements as one CSV."""
    return statements_csv(made, _names(cursor, made))


def _names(cursor: Cursor[Any], made: Sequence[Statement]) -> dict[int, str]:
    keys = sorted({row.cause.key for one in made for row in one.rows if row.cause.key is not None})
    return {key: name for key, (name, _) in consignments.names_of_keys(cursor, keys).items()}


def _shown(one: Statement, names: dict[int, str]) -> StatementTold:
    digits = exponent(one.currency)

    def amount(minor: int) -> str:
        return format_scaled(abs(minor), digits)

    return StatementTold(
        account=one.account,
        currency=one.currency,
        start=one.start,
        end=one.end,
        opening=amount(one.opening),
        opening_side=_side(one.opening),
        closing=amount(one.closing),
        closing_side=_side(one.closing),
        postings=[
            Posting(
                at=row.at.isoformat(),
                kind=row.kind,
                other_account=row.other,
                reference=row.reference,
                memo=list(row.memo),
                balance=amount(row.balance),
                side=_side(row.balance),
                debit=amount(row.debit) if row.debit else None,
                credit=amount(row.credit) if row.credit else None,
                consignment_id=None if row.cause.key is None else names.get(row.cause.key),
                charge=None if row.cause.charge < 0 else row.cause.charge,
            )
            for row in one.rows
        ],
    )


def _balance(name: Account | str, currency: str, debits: int, credits: int) -> AccountBalance:
    digits = exponent(currency)
    net = debits - credits
    return AccountBalance(
        account=name,
        currency=currency,
        debits=format_scaled(debits, digits),
        credits=format_scaled(credits, digits),
        balance=format_scaled(abs(net), digits),
        side=_side(net),
    )


def _side(net: int) -> str:
    return "debit" if net > 0 else "credit" if net < 0 else ""


__all__ = [
    "AccountBalance",
    "PeriodStatementTold",
    "StatementTold",
    "Trial",
    "as_csv",
    "balances",
    "deferred_statement",
    "shown",
    "statements",
    "trial",
]
