"""A payment that falls away: what it paid is open again."""

from collections.abc import Iterable
from datetime import datetime

from greenlane.ledger.book import balance
from greenlane.ledger.refusal import MORE_THAN_HELD, PostingRefused
from greenlane.ledger.transfer import CASH, Account, Cause, Transfer, account, post


def withdraw(
    posted: Iterable[Transfer], holder: str, amount: int, currency: str, reference: str, at: datetime
) -> list[Transfer]:
    """Return the transfers by which a payment falls away, as when a bank calls it back.

    The money leaves the deposit that it came into. What the deposit no longer holds comes back from what was
    paid out of it: from what this payment paid first, then the latest first. That is open again.

    Args:
        posted: Every transfer on the deposit of who paid.
        amount: The whole payment, in minor units.
        reference: The payment's own id.
    Raises:
        PostingRefused: The money has been paid out.
    """
    deposit = account("deposit", holder)
    listed = [t for t in posted if deposit in (t.debit, t.credit) and t.currency == currency]
    missing = amount - -balance(listed, deposit, currency)
    made: list[Transfer] = []
    for (paid, cause), still in _paid(listed, deposit, reference):
        part = min(missing, still)
        if part > 0:
            missing -= part
            named = f"withdrawal {reference}/{paid}"
            made.append(post("give_back", cause, paid, deposit, part, currency, at, named))
    if missing > 0:
        raise PostingRefused(
            MORE_THAN_HELD, "/reference", f"{missing} of the payment have been paid out already"
        )
    return [*made, post("withdrawn", Cause(None), deposit, CASH, amount, currency, at, reference)]


def _paid(
    listed: list[Transfer], deposit: Account, reference: str
) -> list[tuple[tuple[Account, Cause], int]]:
    """Return what was paid out of a deposit and still is: by this payment first, then the latest first."""
    still: dict[tuple[Account, Cause], int] = {}
    order: dict[tuple[Account, Cause], tuple[bool, datetime]] = {}
    for t in listed:
        if t.kind == "applied" and t.debit == deposit:
            key = (t.credit, t.cause)
            still[key] = still.get(key, 0) + t.amount
            own = t.reference.startswith(f"{reference}/")
            order[key] = max(order.get(key, (own, t.at)), (own, t.at))
        elif t.kind == "give_back" and t.credit == deposit:
            key = (t.debit, t.cause)
            still[key] = still.get(key, 0) - t.amount
    return [(key, still[key]) for key in sorted(order, key=lambda key: (order[key], key), reverse=True)]
