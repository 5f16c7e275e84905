"""Balances, the trial balance, and the check that finds a broken book."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from greenlane.ledger.transfer import ACCOUNTS, KINDS, Account, Cause, Transfer, transfer_id
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import CURRENCIES

BROKEN = declare(
    "ledger.broken",
    Severity.ERROR,
    "The book does not hold together.",
    "Stop posting, and compare the transfers with the events that caused them.",
)


@dataclass(frozen=True, slots=True)
class Balance:
    """Both sides of an account in one currency, in minor units."""

    debits: int
    credits: int

    @property
    def net(self) -> int:
        """Debits less credits."""
        return self.debits - self.credits


def trial_balance(posted: Iterable[Transfer]) -> dict[tuple[Account, str], Balance]:
    """Return both sides of every account by currency, in order of account. Over all, debits equal credits."""
    sums: dict[tuple[Account, str], list[int]] = {}
    for t in posted:
        sums.setdefault((t.debit, t.currency), [0, 0])[0] += t.amount
        sums.setdefault((t.credit, t.currency), [0, 0])[1] += t.amount
    return {key: Balance(*sums[key]) for key in sorted(sums)}


def balance(posted: Iterable[Transfer], name: Account, currency: str) -> int:
    """Return debits less credits of one account in minor units."""
    return sum(t.amount * ((t.debit == name) - (t.credit == name)) for t in posted if t.currency == currency)


def check_book(
    posted: Iterable[Transfer], kept: Mapping[tuple[Account, str], Balance] | None = None
) -> list[Finding]:
    """Return what is wrong with a book: an empty list where it holds together.

    Args:
        posted: Every transfer, as it is stored.
        kept: Balances that are stored beside them; each must be what the transfers give.
    """
    listed = list(posted)
    found: list[Finding] = []
    for place, t in enumerate(listed):
        found += [Finding(BROKEN, f"/transfers/{place}", words) for words in _one(t)]
    found += [
        Finding(BROKEN, f"/transfers/{name}", "one id stands for two transfers") for name in _twice(listed)
    ]
    sums = trial_balance(listed)
    found += _over_all(sums if kept is None else kept)
    if kept is not None:
        found += [
            Finding(
                BROKEN, f"/accounts/{key[0]}", f"the balance kept in {key[1]} isn't that of the transfers"
            )
            for key in sorted(sums.keys() | kept.keys())
            if sums.get(key, Balance(0, 0)) != kept.get(key, Balance(0, 0))
        ]
    return found + _below_zero(sums) + _too_much_taken_back(listed)


def _one(t: Transfer) -> list[str]:
    """Say what is wrong with a transfer by itself; one read from a store was not checked when made."""
    wrong = []
    if type(t.amount) is not int or t.amount <= 0:
        wrong.append("the amount isn't a whole number above zero")
    if t.debit == t.credit:
        wrong.append("debit and credit are the same account")
    if t.currency not in CURRENCIES:
        wrong.append("the currency isn't known")
    if t.kind not in KINDS or {t.debit.partition(":")[0], t.credit.partition(":")[0]} - ACCOUNTS.keys():
        wrong.append("the kind or an account isn't known")
    if t.id != transfer_id(t.kind, t.cause, t.reference):
        wrong.append("the id isn't that of its cause")
    return wrong


def _twice(listed: list[Transfer]) -> list[UUID]:
    seen: set[UUID] = set()
    twice = []
    for t in listed:
        if t.id in seen:
            twice.append(t.id)
        seen.add(t.id)
    return twice


def _over_all(sums: Mapping[tuple[Account, str], Balance]) -> list[Finding]:
    nets: dict[str, int] = {}
    for (_, currency), both in sums.items():
        nets[currency] = nets.get(currency, 0) + both.net
    return [
        Finding(BROKEN, f"/currencies/{currency}", "debits and credits differ over all accounts")
        for currency, net in sorted(nets.items())
        if net
    ]


def _below_zero(sums: Mapping[tuple[Account, str], Balance]) -> list[Finding]:
    """Cash and each part of a guarantee are never below zero; a deposit never owes; revenue is never a debt."""
    found = []
    for (name, currency), both in sums.items():
        family, part = name.partition(":")[0], name.rpartition(":")[2]
        held = family == "cash" or (family == "guarantee" and part != "limit")
        owed = family in ("deposit", "revenue", "claim")
        if (held and both.net < 0) or (owed and both.net > 0):
            words = f"the balance in {currency} is on the wrong side"
            found.append(Finding(BROKEN, f"/accounts/{name}", words))
    return found


def _too_much_taken_back(listed: list[Transfer]) -> list[Finding]:
    owed: dict[Cause, int] = {}
    for t in listed:
        if t.kind == "obligation":
            owed[t.cause] = owed.get(t.cause, 0) + t.amount
        elif t.kind in ("reversal", "refund"):
            owed[t.cause] = owed.get(t.cause, 0) - t.amount
    return [
        Finding(
            BROKEN, f"/causes/{cause.key}/{cause.version}/{cause.charge}", "more was taken back than owed"
        )
        for cause, amount in owed.items()
        if amount < 0
    ]
