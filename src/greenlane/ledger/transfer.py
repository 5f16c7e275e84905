"""The one thing that a ledger holds: transfers between two accounts, with ids made from their cause."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, NewType
from uuid import UUID

import msgspec

from greenlane.ledger.refusal import AMOUNT_WRONG, CURRENCY_WRONG, PostingRefused
from greenlane.values.money import CURRENCIES

Account = NewType("Account", str)
"""The id of an account: its family, then parts, with colons between: ``revenue:eu/DE:vat``."""

ACCOUNTS: dict[str, str] = {
    "receivable": "what a payer owes, by payer and moment (or by return)",
    "revenue": "what was charged, by jurisdiction and name of the charge",
    "cash": "money that came in, less money that went out",
    "deposit": "money held for who paid it: not used yet, overpaid, or paid for a charge that fell away",
    "deferred": "what stands on a deferred payment account until its statement is paid",
    "claim": "what a return gives back, by payer, return and member state, until every return is paid",
    "guarantee": "a guarantee's limit and how much of it is available, reserved and drawn",
}
"""Families of accounts."""

KINDS: dict[str, str] = {
    "obligation": "a charge of a decision is owed",
    "reversal": "an obligation of a decision that was replaced is taken back whole",
    "payment": "money came in, to the deposit of who paid",
    "applied": "money of a deposit pays what is open",
    "give_back": "what paid an obligation that fell away goes back the way it came",
    "payout": "money of a deposit is paid to its holder",
    "withdrawn": "a payment fell away, and its money left the deposit again",
    "refund": "a part of an obligation is taken back because goods were returned",
    "defer": "an obligation is put on a deferred payment account",
    "return": "what was taken with the price is declared in a period return",
    "claim": "a correction in a period return gives tax back",
    "claim_due": "a claim goes to the deposit, because every return is paid",
    "limit": "a guarantee is lodged, or its limit raised",
    "reserve": "a part of a guarantee is reserved for a consignment",
    "free": "a reserved part is free again",
    "drawn": "a reserved part is used up, because the guarantor must pay",
    "draw": "the guarantor owes what the payer did not pay",
    "restore": "a drawn part is available again, because the guarantor paid",
}
"""Kinds of transfers."""

CASH = Account("cash")

TOLD_FROM = 2
"""Place in the memo of an obligation from which on it tells the period return that declares it."""

# A UUID of version 8 (RFC 9562) leaves its bits to the maker, but for these.
_FREE_BITS = (1 << 128) - 1 - (0xF << 76) - (0x3 << 62)
_VERSION_8 = (0x8 << 76) | (0x2 << 62)

_hash = blake2b(digest_size=16, person=b"transfer")


class Cause(NamedTuple):
    """What a transfer goes back to: the charge of a version of a consignment.

    ``key`` is None where no single consignment is the cause; ``charge`` is the place in ``charges`` of the
    outcome, or -1 for all of them.
    """

    key: int | None
    version: int = 0
    charge: int = -1


class Transfer(msgspec.Struct, frozen=True):
    """An amount that moves from the debit to the credit account.

    A struct, not a dataclass, because a filing of thousands posts thousands.

    Attributes:
        id: Made from kind, cause and reference by `transfer_id`; the same cause gives the same id.
        debit: Account that the amount is added to on the debit side.
        credit: Account that the amount is added to on the credit side.
        amount: Minor units of *currency*, one or more.
        kind: One of `KINDS`.
        cause: What it goes back to.
        at: Aware time of the posting.
        reference: What else tells it from others of its kind and cause: a payment, a refund, a return.
        memo: Codes that a reader wants to see: party that is liable, item; where a period return declares the
            tax also day, base and rate. Never personal.
    Raises:
        PostingRefused: The amount isn't a positive whole number, the currency isn't known, or both accounts
            are the same.
    """

    id: UUID
    debit: Account
    credit: Account
    amount: int
    currency: str
    kind: str
    cause: Cause
    at: datetime
    reference: str = ""
    memo: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self.amount) is not int or self.amount <= 0:
            raise PostingRefused(AMOUNT_WRONG, "/amount", "a transfer moves a whole number above zero")
        if self.currency not in CURRENCIES:
            raise PostingRefused(CURRENCY_WRONG, "/currency", "a transfer needs a currency of ISO 4217")
        if self.debit == self.credit:
            raise PostingRefused(AMOUNT_WRONG, "/credit", "a transfer needs two different accounts")


def transfer_id(kind: str, cause: Cause, reference: str = "") -> UUID:
    """Return the id of the transfer of a kind that a cause brings about: always the same.

    Example:
        >>> transfer_id("obligation", Cause(12, 1, 0)) == transfer_id("obligation", Cause(12, 1, 0))
        True
        >>> transfer_id("obligation", Cause(12, 1, 0)) == transfer_id("obligation", Cause(12, 2, 0))
        False
    """
    made = _hash.copy()
    made.update(f"{kind}|{cause[0]}|{cause[1]}|{cause[2]}|{reference}".encode())
    return _id(made.digest())


def charge_ids(kind: str, key: int, version: int, count: int) -> list[UUID]:
    """Return the ids of the transfers of the first charges of a decision, each as `transfer_id` gives it.

    What the charges have in common is hashed once.

    Example:
        >>> charge_ids("obligation", 12, 1, 4)[3] == transfer_id("obligation", Cause(12, 1, 3))
        True
    """
    begun = _hash.copy()
    begun.update(f"{kind}|{key}|{version}|".encode())
    found = []
    for charge in range(count):
        made = begun.copy()
        made.update(b"%d|" % charge)
        found.append(_id(made.digest()))
    return found


def _id(digest: bytes) -> UUID:
    return UUID(int=int.from_bytes(digest) & _FREE_BITS | _VERSION_8)


def post(
    kind: str,
    cause: Cause,
    debit: Account,
    credit: Account,
    amount: int,
    currency: str,
    at: datetime,
    reference: str = "",
    memo: tuple[str, ...] = (),
) -> Transfer:
    """Return the transfer of *kind* that *cause* brings about."""
    made = transfer_id(kind, cause, reference)
    return Transfer(made, debit, credit, amount, currency, kind, cause, at, reference, memo)


@lru_cache(8192)
def account(family: str, *parts: str) -> Account:
    """Return the id of an account. A colon inside a part is written ``%3A``.

    Example:
        >>> account("receivable", "seller/S1", "at_sale"), account("deposit", "seller/a:b")
        ('receivable:seller/S1:at_sale', 'deposit:seller/a%3Ab')
    """
    return Account(":".join((family, *map(_escaped, parts))))


def parts_of(name: Account) -> tuple[str, ...]:
    """Return family and parts of an account.

    Example:
        >>> parts_of(account("deposit", "seller/a:b"))
        ('deposit', 'seller/a:b')
    """
    return tuple(part.replace("%3A", ":").replace("%25", "%") for part in name.split(":"))


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace(":", "%3A") if ":" in part or "%" in part else part


def holder(role: str, key: int, party: str, names: Mapping[str, str]) -> str:
    """Return who answers for what a role pays.

    A buyer is known by the consignment alone, so that no account names a person. A role whose id isn't given
    is answered for by the party that filed.

    Example:
        >>> holder("buyer", 12, "post-cn", {}), holder("seller", 12, "post-cn", {"seller": "S1"})
        ('buyer/12', 'seller/S1')
        >>> holder("carrier", 12, "post-cn", {})
        'carrier@post-cn'
    """
    if role == "buyer":
        return f"buyer/{key}"
    name = names.get(role)
    return f"{role}@{party}" if name is None else f"{role}/{name}"
