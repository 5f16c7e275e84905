"""Cover what is due by a guarantee or a deferred payment account, so that goods are released before payment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Cursor

from greenlane.clearance.vocabulary import Cover
from greenlane.desk.money_posting import at_border
from greenlane.ledger import (
    CURRENCY_WRONG,
    Account,
    PostingRefused,
    Transfer,
    balance,
    defer,
    due_at_border,
    free,
    parts_of,
    reserve,
    reserved_for,
)
from greenlane.store import covers
from greenlane.store.covers import HeldAccount, HeldGuarantee
from greenlane.values.finding import Finding, Severity, declare

NOT_VALID = declare(
    "money.cover_not_valid",
    Severity.ERROR,
    "The guarantee or deferred payment account isn't this party's, isn't valid today, or is revoked.",
    "Use another, or pay; a supervisor registers and raises them.",
)

Held = HeldGuarantee | HeldAccount


@dataclass(frozen=True, slots=True)
class Taken:
    """What covers a consignment; without a cover, the finding says why none does, None: none was wanted."""

    transfers: tuple[Transfer, ...] = ()
    cover: Cover | None = None
    finding: Finding | None = None


NOTHING = Taken()
"""What covers a consignment where no cover was wanted."""


class Covering:
    """What a party has that covers every filing, as it is used up by one filing after the other."""

    def __init__(self, cursor: Cursor[Any], party: str, day: date) -> None:
        self._cursor, self._party, self._day = cursor, party, day
        self._held: list[Held] | None = None

    def take(self, key: int, version: int, book: Sequence[Transfer], at: datetime) -> Taken:
        """Cover what is due at the border of a consignment by the first that covers it; deferral goes first."""
        covers_held = self._all()
        if not covers_held:
            return NOTHING
        due = due_at_border(book)
        finding = None
        for place, held in enumerate(covers_held if due else ()):
            if {_currency(held)} != set(due):
                continue
            try:
                made, self._all()[place] = cover_by(held, self._day, key, version, book, "", at)
            except PostingRefused as refused:
                finding = finding or refused.finding
                continue
            return Taken(tuple(made), "guaranteed" if isinstance(held, HeldGuarantee) else "deferred")
        return Taken(finding=finding)

    def _all(self) -> list[Held]:
        if self._held is None:
            held = covers.at_filing(self._cursor, self._party)
            self._held = [one for one in held if one.terms.hold(self._day)]
        return self._held


def cover_by(
    held: Held,
    day: date,
    key: int,
    version: int,
    book: Sequence[Transfer],
    reference: str,
    at: datetime,
) -> tuple[list[Transfer], Held]:
    """Return the transfers that cover what is due at the border and not covered, and what covers it afterwards.

    Args:
        version: The decision that stands.
        reference: What asks for it, where one decision asks more than once.
    Raises:
        PostingRefused: It isn't valid that day, is in another currency, or doesn't reach.
    """
    if not held.terms.hold(day):
        raise PostingRefused(NOT_VALID, "/cover", "it covers nothing new today")
    items = at_border(book)
    currency = _currency(held)
    if any(item.currency != currency for item in items):
        raise PostingRefused(CURRENCY_WRONG, "/currency", f"it is kept in {currency}")
    amount = sum(item.amount for item in items)
    if isinstance(held, HeldAccount):
        made = defer(held.account, items, held.standing, f"decision {version}/{reference}", at)
        return made, replace(held, standing=held.standing + amount)
    missing = amount - sum(reserved_for(book, held.guarantee, key).values())
    if missing <= 0:
        return [], held
    made = reserve(held.guarantee, key, version, missing, at, reference)
    left = replace(
        held.guarantee,
        available=held.guarantee.available - missing,
        reserved=held.guarantee.reserved + missing,
    )
    return made, replace(held, guarantee=left)


def used_by(cursor: Cursor[Any], book: Sequence[Transfer]) -> list[Held]:
    """Return what covers a consignment, or covered it before a new decision, as it stands now."""
    found: list[Held] = []
    for name in sorted({name for t in book for name in (t.debit, t.credit)}):
        family, *parts = parts_of(name)
        if family == "guarantee" and parts[1] == "reserved" and any(reserved(book).values()):
            found += covers.guarantees(cursor, id=parts[0])
        elif family == "deferred":
            found += covers.accounts(cursor, id=parts[0])
    return found


def reserved(book: Sequence[Transfer]) -> dict[str, int]:
    """Return by currency what guarantees hold for a consignment."""
    names = {name for t in book for name in (t.debit, t.credit) if name.startswith("guarantee:")}
    sums: dict[str, int] = {}
    for name in names:
        if name.endswith(":reserved"):
            for currency in {t.currency for t in book}:
                sums[currency] = sums.get(currency, 0) + balance(book, name, currency)
    return sums


def fit(cursor: Cursor[Any], key: int, book: Sequence[Transfer], what: str, at: datetime) -> list[Transfer]:
    """Free what guarantees hold for a consignment beyond what is due of it.

    Args:
        what: Brought it about: the payment, the refund, the new decision.
    """
    due = due_at_border(book)
    made: list[Transfer] = []
    for held in used_by(cursor, book):
        if isinstance(held, HeldGuarantee):
            mine = reserved_for(book, held.guarantee, key)
            over = sum(mine.values()) - due.get(held.guarantee.currency, 0)
            if over > 0:
                made += free(held.guarantee, mine, over, what, at)
    return made


def cover_of(book: Sequence[Transfer]) -> Cover | None:
    """Say how what is due at the border of a consignment is covered; None: it isn't."""
    due, held = due_at_border(book), reserved(book)
    if any(amount > held.get(currency, 0) for currency, amount in due.items()):
        return None
    if due:
        return "guaranteed"
    deferred = {Account(t.debit) for t in book if t.kind == "defer"}
    currencies = {t.currency for t in book}
    stands = any(balance(book, name, currency) > 0 for name in deferred for currency in currencies)
    return "deferred" if stands else "paid"


def _currency(held: Held) -> str:
    return held.guarantee.currency if isinstance(held, HeldGuarantee) else held.account.currency


__all__ = [
    "NOTHING",
    "NOT_VALID",
    "Covering",
    "Held",
    "Taken",
    "cover_by",
    "cover_of",
    "fit",
    "reserved",
    "used_by",
]
