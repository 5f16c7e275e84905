"""Guarantees: reserved at release, free at payment, drawn where the payer fails; never over the limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from greenlane.ledger.payments import OpenItem, allocate
from greenlane.ledger.refusal import CURRENCY_WRONG, NOT_RESERVED, OVER_LIMIT, PostingRefused
from greenlane.ledger.transfer import Account, Cause, Transfer, account, post

LIMIT, AVAILABLE, RESERVED, DRAWN = "limit", "available", "reserved", "drawn"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee as its accounts show it now. ``available + reserved + drawn == limit``; minor units.

    Attributes:
        id: Its number.
        guarantor: Holder of accounts who owes what is drawn: ``guarantor/BANK1``.
    """

    id: str
    guarantor: str
    currency: str
    available: int = 0
    reserved: int = 0
    drawn: int = 0

    @property
    def limit(self) -> int:
        """What the guarantee covers in all."""
        return self.available + self.reserved + self.drawn

    def account(self, part: str) -> Account:
        """Return the account of one of its parts."""
        return account("guarantee", self.id, part)


def guarantee_of(posted: Iterable[Transfer], id: str, guarantor: str, currency: str) -> Guarantee:
    """Return a guarantee as the transfers leave it."""
    made = Guarantee(id, guarantor, currency)
    sums = {made.account(part): 0 for part in (AVAILABLE, RESERVED, DRAWN)}
    for t in posted:
        if t.currency == currency:
            if t.debit in sums:
                sums[t.debit] += t.amount
            if t.credit in sums:
                sums[t.credit] -= t.amount
    return Guarantee(id, guarantor, currency, *sums.values())


def lodge(guarantee: Guarantee, amount: int, reference: str, at: datetime) -> list[Transfer]:
    """Lodge a guarantee, or raise its limit by *amount*."""
    return [_moved(guarantee, "limit", Cause(None), LIMIT, AVAILABLE, amount, reference, at)]


def reserve(
    guarantee: Guarantee, key: int, version: int, amount: int, at: datetime, reference: str = ""
) -> list[Transfer]:
    """Reserve what a consignment may owe, so that it can be released before it is paid.

    Args:
        reference: What asks for it, where one decision reserves more than once.
    Raises:
        PostingRefused: More than is available.
    """
    if amount > guarantee.available:
        words = f"{amount} to reserve, {guarantee.available} available of {guarantee.limit}"
        raise PostingRefused(OVER_LIMIT, "/guarantee", words)
    cause = Cause(key, version)
    return [_moved(guarantee, "reserve", cause, AVAILABLE, RESERVED, amount, reference, at)]


def reserved_for(posted: Iterable[Transfer], guarantee: Guarantee, key: int) -> dict[Cause, int]:
    """Return what is still reserved for a consignment, by the decision it was reserved for."""
    name = guarantee.account(RESERVED)
    sums: dict[Cause, int] = {}
    for t in posted:
        if t.cause.key == key and name in (t.debit, t.credit):
            part = t.amount if t.debit == name else -t.amount
            sums[t.cause] = sums.get(t.cause, 0) + part
    return {cause: amount for cause, amount in sums.items() if amount}


def free(
    guarantee: Guarantee, reserved: dict[Cause, int], amount: int, reference: str, at: datetime
) -> list[Transfer]:
    """Free so much of what is reserved for a consignment: it was paid, or is no longer owed.

    Args:
        reserved: As `reserved_for` gives it.
        reference: What freed it: the payment, the new decision.
    Raises:
        PostingRefused: More than is reserved.
    """
    return _released(guarantee, "free", AVAILABLE, reserved, amount, reference, at)


def draw(
    guarantee: Guarantee,
    reserved: dict[Cause, int],
    items: Sequence[OpenItem],
    reference: str,
    at: datetime,
) -> list[Transfer]:
    """Let the guarantor owe what the payer did not pay; the reserved part is used up.

    Args:
        reserved: As `reserved_for` gives it.
        items: What is open of the consignment; all of it is drawn.
    Raises:
        PostingRefused: More is open than is reserved, or in another currency.
    """
    if any(item.currency != guarantee.currency for item in items):
        raise PostingRefused(CURRENCY_WRONG, "/currency", f"the guarantee is in {guarantee.currency}")
    amount = sum(item.amount for item in items)
    used = _released(guarantee, "drawn", DRAWN, reserved, amount, reference, at)
    return [*used, *allocate("draw", items, amount, owed_by_guarantor(guarantee), at, reference)]


def restore(guarantee: Guarantee, amount: int, reference: str, at: datetime) -> list[Transfer]:
    """Make a drawn part available again, because the guarantor paid it.

    Raises:
        PostingRefused: More than was drawn.
    """
    if amount > guarantee.drawn:
        raise PostingRefused(NOT_RESERVED, "/guarantee", f"{amount} to restore, {guarantee.drawn} drawn")
    return [_moved(guarantee, "restore", Cause(None), DRAWN, AVAILABLE, amount, reference, at)]


def owed_by_guarantor(guarantee: Guarantee) -> Account:
    """Return the receivable of the guarantor."""
    return account("receivable", guarantee.guarantor, f"guarantee/{guarantee.id}")


def _released(
    guarantee: Guarantee,
    kind: str,
    to: str,
    reserved: dict[Cause, int],
    amount: int,
    reference: str,
    at: datetime,
) -> list[Transfer]:
    held = sum(reserved.values())
    if amount > held:
        raise PostingRefused(NOT_RESERVED, "/guarantee", f"{amount} asked, {held} reserved")
    made = []
    for cause in sorted(reserved):
        part = min(amount, reserved[cause])
        if part:
            amount -= part
            made.append(_moved(guarantee, kind, cause, RESERVED, to, part, reference, at))
    return made


def _moved(
    guarantee: Guarantee,
    kind: str,
    cause: Cause,
    source: str,
    to: str,
    amount: int,
    reference: str,
    at: datetime,
) -> Transfer:
    named = f"{guarantee.id}/{reference}"
    source_account, to_account = guarantee.account(source), guarantee.account(to)
    return post(kind, cause, to_account, source_account, amount, guarantee.currency, at, named)
