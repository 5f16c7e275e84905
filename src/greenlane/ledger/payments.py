"""Money that comes in and goes out: open items, payment oldest first, deposits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from greenlane.ledger.refusal import AMOUNT_WRONG, CURRENCY_WRONG, MORE_THAN_HELD, PostingRefused
from greenlane.ledger.transfer import CASH, TOLD_FROM, Account, Cause, Transfer, account, parts_of, post

PAYING = ("applied", "defer", "draw")
"""Kinds by which an obligation is paid, each from an account that it can be given back to."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is left of one obligation."""

    account: Account
    cause: Cause
    amount: int
    currency: str
    at: datetime

    @property
    def holder(self) -> str:
        """Who owes it."""
        return parts_of(self.account)[1]


def balances_by_cause(posted: Iterable[Transfer]) -> dict[tuple[Account, Cause, str], int]:
    """Return debits less credits of each account, by cause and currency, in minor units."""
    sums: dict[tuple[Account, Cause, str], int] = {}
    for t in posted:
        debit, credit = (t.debit, t.cause, t.currency), (t.credit, t.cause, t.currency)
        sums[debit] = sums.get(debit, 0) + t.amount
        sums[credit] = sums.get(credit, 0) - t.amount
    return sums


def open_items(posted: Iterable[Transfer]) -> list[OpenItem]:
    """Return what is open on receivables and deferred accounts, oldest first.

    A deferred account is one item, and a return one for each member that it owes, not one for each line. What a
    period return declares and has not declared yet is no item: the return will ask for it.

    Args:
        posted: Every transfer of the consignments or accounts in question.
    """
    since: dict[tuple[Account, Cause, str], datetime] = {}
    sums: dict[tuple[Account, Cause, str], int] = {}
    declared: set[tuple[Account, Cause, str]] = set()
    for t in posted:
        if t.kind == "obligation" and len(t.memo) > TOLD_FROM:
            declared.add((t.debit, t.cause, t.currency))
        for name, sign in ((t.debit, 1), (t.credit, -1)):
            if name.startswith(("receivable:", "deferred:")) and not name.endswith(":at_sale"):
                whole = ":return/" in name or name.startswith("deferred:")
                key = (name, Cause(None) if whole else t.cause, t.currency)
                since[key] = min(t.at, since.get(key, t.at))
                sums[key] = sums.get(key, 0) + sign * t.amount
    found = [
        OpenItem(*key[:2], amount, key[2], since[key])
        for key, amount in sums.items()
        if amount > 0 and key not in declared
    ]
    return sorted(found, key=_age)


def _age(item: OpenItem) -> tuple[datetime, int, int, int, str]:
    key, version, charge = item.cause
    return item.at, -1 if key is None else key, version, charge, item.account


def pay(
    items: Sequence[OpenItem], amount: int, currency: str, holder: str, reference: str, at: datetime
) -> list[Transfer]:
    """Post money that came in: it pays open items, oldest first; what is left over stays in the deposit.

    The first transfer brings the whole amount in and has its id from the reference alone. So a payment that is
    posted a second time is seen, even where other items are open by then.

    Args:
        items: Open items that the money is for; those of other currencies are an error.
        amount: Minor units.
        holder: Who paid, and whose deposit holds the money.
        reference: The payment's own id.
    Raises:
        PostingRefused: Amount or currency is wrong.
    """
    _check(items, amount, currency)
    deposit = account("deposit", holder)
    came = post("payment", Cause(None), CASH, deposit, amount, currency, at, reference)
    return [came, *allocate("applied", items, amount, deposit, at, reference)]


def apply_deposit(
    items: Sequence[OpenItem], amount: int, currency: str, holder: str, reference: str, at: datetime
) -> list[Transfer]:
    """Pay open items from a deposit, oldest first; what is not needed stays there.

    Args:
        amount: What the deposit holds, or the part that may be used; minor units.
    Raises:
        PostingRefused: Amount or currency is wrong.
    """
    _check(items, amount, currency)
    return allocate("applied", items, amount, account("deposit", holder), at, reference)


def pay_out(
    holder: str, amount: int, currency: str, held: int, reference: str, at: datetime
) -> list[Transfer]:
    """Pay money of a deposit to its holder.

    Args:
        held: The balance of the deposit now; minor units.
    Raises:
        PostingRefused: More than is held.
    """
    if amount > held:
        raise PostingRefused(MORE_THAN_HELD, "/amount", f"{amount} asked, {held} held")
    return [post("payout", Cause(None), account("deposit", holder), CASH, amount, currency, at, reference)]


def give_back(posted: Iterable[Transfer], at: datetime, reference: str) -> list[Transfer]:
    """Return what paid too much on a receivable, the way it came, the latest first.

    Money goes to the deposit of who paid; what a deferred account or a guarantor took over goes off there. So
    no more is ever given back than was paid.

    Args:
        posted: Every transfer of the consignment, with the reversal or refund that made the payment too much.
        reference: Of that reversal or refund.
    """
    listed = list(posted)
    made: list[Transfer] = []
    paid_too_much = [
        (name, cause, currency, -amount)
        for (name, cause, currency), amount in balances_by_cause(listed).items()
        if amount < 0 and cause.key is not None and name.startswith("receivable:")
    ]
    for name, cause, currency, left in sorted(paid_too_much):
        for source, used in reversed(_ways(listed, name, cause).items()):
            part = min(left, used)
            if part > 0:
                left -= part
                named = f"{reference}/{source}"
                made.append(post("give_back", cause, name, source, part, currency, at, named))
    # A guarantor that had paid what it now no longer owes has its money back in turn.
    return made + give_back([*listed, *made], at, reference) if made else made


def carry_over(posted: Iterable[Transfer], returned: Iterable[Transfer], at: datetime) -> list[Transfer]:
    """Let money that `give_back` put into a deposit pay what else is open on the account that it came from.

    Args:
        posted: Every transfer of the consignment, with what was given back and what is newly owed.
        returned: What `give_back` made.
    """
    book = list(posted)
    made: list[Transfer] = []
    for t in returned:
        if t.credit.startswith("deposit:"):
            items = [
                i for i in open_items([*book, *made]) if (i.account, i.currency) == (t.debit, t.currency)
            ]
            named = f"{t.reference}/{t.cause.version}.{t.cause.charge}"
            made += allocate("applied", items, t.amount, t.credit, at, named)
    return made


def _ways(listed: Iterable[Transfer], name: Account, cause: Cause) -> dict[Account, int]:
    """Return the accounts that paid an obligation and how much of it they still bear, the latest last."""
    own = [t for t in listed if t.cause == cause and name in (t.debit, t.credit)]
    ways: dict[Account, int] = {}
    for t in sorted(own, key=lambda t: (t.at, t.id)):
        if t.credit == name and t.kind in PAYING:
            ways[t.debit] = ways.pop(t.debit, 0) + t.amount
        elif t.debit == name and t.kind == "give_back":
            ways[t.credit] = ways.get(t.credit, 0) - t.amount
    return ways


def allocate(
    kind: str, items: Sequence[OpenItem], amount: int, source: Account, at: datetime, reference: str
) -> list[Transfer]:
    """Credit open items out of *source*, oldest first, until *amount* is used up."""
    made: list[Transfer] = []
    left = amount
    for item in sorted(items, key=_age):
        part = min(left, item.amount)
        if part == 0:
            break
        left -= part
        named = f"{reference}/{item.account}"
        made.append(post(kind, item.cause, source, item.account, part, item.currency, at, named))
    return made


def _check(items: Iterable[OpenItem], amount: int, currency: str) -> None:
    if type(amount) is not int or amount <= 0:
        raise PostingRefused(AMOUNT_WRONG, "/amount", "a payment is a whole number of minor units above zero")
    if any(item.currency != currency for item in items):
        raise PostingRefused(CURRENCY_WRONG, "/currency", f"an item isn't owed in {currency}")
