"""Deferred payment: dues of many consignments on one account, paid by the statement of a period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from greenlane.ledger.book import balance
from greenlane.ledger.payments import OpenItem, allocate, open_items, pay
from greenlane.ledger.period import Period
from greenlane.ledger.refusal import CURRENCY_WRONG, OVER_LIMIT, PostingRefused
from greenlane.ledger.statement import Statement, statement
from greenlane.ledger.transfer import Account, Cause, Transfer, account, post


@dataclass(frozen=True, slots=True)
class DeferredAccount:
    """An authorised operator's account for dues that it pays later.

    Attributes:
        id: Its number.
        holder: Whose account it is: ``carrier/C1``.
        limit: Most that may stand on it, in minor units.
        due_day: Day of the month after the period by which its statement is paid. For a period of a month the
            Union Customs Code lets members fix the sixteenth.

    Law:
        Reg. (EU) No 952/2013 art. 110(b), 111(6).
    """

    id: str
    holder: str
    currency: str
    limit: int
    due_day: int = 16

    @property
    def account(self) -> Account:
        """Its account in the ledger."""
        return account("deferred", self.id)

    def due(self, period: Period) -> date:
        """Return the day by which the statement of a month is paid.

        Example:
            >>> str(DeferredAccount("D1", "carrier/C1", "EUR", 100).due(Period.of(date(2026, 7, 2))))
            '2026-08-16'
        """
        return period.end.replace(day=self.due_day)


def defer(
    to: DeferredAccount, items: Sequence[OpenItem], standing: int, reference: str, at: datetime
) -> list[Transfer]:
    """Put open items on a deferred payment account: the border asks for nothing more, the statement will.

    Args:
        standing: What stands on the account now, in minor units.
        reference: Of the release that asks for it.
    Raises:
        PostingRefused: The limit would be passed, or a currency differs. Nothing is put on it then.
    """
    if any(item.currency != to.currency for item in items):
        raise PostingRefused(CURRENCY_WRONG, "/currency", f"the account is kept in {to.currency}")
    amount = sum(item.amount for item in items)
    if standing + amount > to.limit:
        words = f"{amount} to defer, {standing} stand on the account, its limit is {to.limit}"
        raise PostingRefused(OVER_LIMIT, "/deferred", words)
    return allocate("defer", items, amount, to.account, at, reference)


@dataclass(frozen=True, slots=True)
class PeriodStatement:
    """What a deferred payment account asks for after a period, and by when."""

    period: Period
    due: date
    statement: Statement

    @property
    def payable(self) -> int:
        """What is to be paid, in minor units; zero where the account owes nothing."""
        return max(0, self.statement.closing)


def period_statement(of: DeferredAccount, posted: Iterable[Transfer], period: Period) -> PeriodStatement:
    """Return the statement of a deferred payment account for a period: what stood, came and went, what is due.

    Args:
        posted: Every transfer on the account, from its beginning to the end of the period or later.
    """
    return PeriodStatement(
        period, of.due(period), statement(of.account, of.currency, posted, period.start, period.end)
    )


def settle(
    of: DeferredAccount, posted: Iterable[Transfer], amount: int, reference: str, at: datetime
) -> list[Transfer]:
    """Post money that pays a deferred payment account; what is over stays in the deposit of its holder."""
    items = [i for i in open_items(posted) if i.account == of.account and i.currency == of.currency]
    return pay(items, amount, of.currency, of.holder, reference, at)


def release_credit(
    of: DeferredAccount, posted: Iterable[Transfer], reference: str, at: datetime
) -> list[Transfer]:
    """Put what a deferred payment account was paid too much into its holder's deposit; nothing where it owes.

    The account comes to stand in credit where dues fell away after their statement was paid.
    """
    credit = -balance(posted, of.account, of.currency)
    if credit <= 0:
        return []
    deposit = account("deposit", of.holder)
    return [
        post("give_back", Cause(None), of.account, deposit, credit, of.currency, at, f"{of.id}/{reference}")
    ]
