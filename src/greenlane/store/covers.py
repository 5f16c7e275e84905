"""Guarantees and deferred payment accounts: their terms, and the balances that are kept beside the transfers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Cursor

from greenlane.ledger import DeferredAccount, Guarantee, Transfer, parts_of


@dataclass(frozen=True, slots=True)
class Terms:
    """Since when and until when something covers what is due, and whether every filing of its party uses it."""

    valid_from: date
    valid_until: date
    at_filing: bool
    revoked_at: datetime | None = None

    def hold(self, day: date) -> bool:
        """Say whether it covers anything new on a day."""
        return self.revoked_at is None and self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class HeldGuarantee:
    """A guarantee of a party as it stands."""

    party: str
    terms: Terms
    guarantee: Guarantee


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """A deferred payment account of a party, and what stands on it; minor units."""

    party: str
    terms: Terms
    account: DeferredAccount
    standing: int


_GUARANTEE = "party, valid_from, valid_until, at_filing, revoked_at, id, guarantor, currency, available, reserved, drawn"
_ACCOUNT = (
    "party, valid_from, valid_until, at_filing, revoked_at, id, holder, currency, amount, due_day, standing"
)


def add_guarantee(cursor: Cursor[Any], party: str, terms: Terms, new: Guarantee, now: datetime) -> bool:
    """Write a guarantee that covers nothing yet; False where its number is taken."""
    cursor.execute(
        "insert into guarantee (id, party, guarantor, currency, valid_from, valid_until, at_filing, created_at) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        (
            new.id, party, new.guarantor, new.currency, terms.valid_from, terms.valid_until, terms.at_filing, now,
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


def add_account(cursor: Cursor[Any], party: str, terms: Terms, new: DeferredAccount, now: datetime) -> bool:
    """Write a deferred payment account; False where its number is taken."""
    cursor.execute(
        "insert into deferred_account (id, party, holder, currency, amount, due_day, valid_from, valid_until, "
        "at_filing, created_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        (
            new.id, party, new.holder, new.currency, new.limit, new.due_day, terms.valid_from,
            terms.valid_until, terms.at_filing, now,
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


def guarantees(cursor: Cursor[Any], party: str | None = None, id: str | None = None) -> list[HeldGuarantee]:
    """Return the guarantees that the reader's role sees, of one party or with one number."""
    rows = cursor.execute(
        f"select {_GUARANTEE} from guarantee where (%(party)s::text is null or party = %(party)s) "
        "and (%(id)s::text is null or id = %(id)s) order by id",
        {"party": party, "id": id},
    ).fetchall()
    return [_guarantee(row) for row in rows]


def accounts(cursor: Cursor[Any], party: str | None = None, id: str | None = None) -> list[HeldAccount]:
    """Return the deferred payment accounts that the reader's role sees, of one party or with one number."""
    rows = cursor.execute(
        f"select {_ACCOUNT} from deferred_account where (%(party)s::text is null or party = %(party)s) "
        "and (%(id)s::text is null or id = %(id)s) order by id",
        {"party": party, "id": id},
    ).fetchall()
    return [_account(row) for row in rows]


def at_filing(cursor: Cursor[Any], party: str) -> list[HeldAccount | HeldGuarantee]:
    """Return what every filing of a party uses to cover what is due: deferred payment accounts, then guarantees."""
    rows = cursor.execute(
        f"select 1, {_ACCOUNT} from deferred_account where party = %(party)s and at_filing union all "
        f"select 2, {_GUARANTEE} from guarantee where party = %(party)s and at_filing order by 1, id",
        {"party": party},
    ).fetchall()
    return [_account(row) if kind == 1 else _guarantee(row) for kind, *row in rows]


def _guarantee(row: Sequence[Any]) -> HeldGuarantee:
    return HeldGuarantee(row[0], Terms(*row[1:5]), Guarantee(*row[5:]))


def _account(row: Sequence[Any]) -> HeldAccount:
    return HeldAccount(row[0], Terms(*row[1:5]), DeferredAccount(*row[5:10]), row[10])


def raise_limit(cursor: Cursor[Any], account: str, amount: int) -> None:
    """Let a deferred payment account take so much more; the limit of a guarantee is in its transfers."""
    cursor.execute("update deferred_account set amount = amount + %s where id = %s", (amount, account))


def revoke(cursor: Cursor[Any], table: str, id: str, now: datetime) -> None:
    """Let a guarantee or account cover nothing new from now on; what it covers stands."""
    cursor.execute(
        f"update {table} set revoked_at = coalesce(revoked_at, %s) where id = %s",
        (now, id),
    )


def keep(cursor: Cursor[Any], posted: Iterable[Transfer]) -> None:
    """Bring the kept balances up to date with new transfers, in the transaction that posts them."""
    guaranteed: dict[tuple[str, str], int] = {}
    deferred: dict[str, int] = {}
    for t in posted:
        if t.kind == "obligation":
            continue  # it stands between a receivable and revenue, and thousands come at once
        for name, sign in ((t.debit, 1), (t.credit, -1)):
            if name.startswith("guarantee:"):
                _, id, part = parts_of(name)
                guaranteed[id, part] = guaranteed.get((id, part), 0) + sign * t.amount
            elif name.startswith("deferred:"):
                id = parts_of(name)[1]
                deferred[id] = deferred.get(id, 0) + sign * t.amount
    for id in sorted({id for id, _ in guaranteed}):
        parts = [guaranteed.get((id, part), 0) for part in ("available", "reserved", "drawn")]
        cursor.execute(
            "update guarantee set available = available + %s, reserved = reserved + %s, drawn = drawn + %s "
            "where id = %s",
            (*parts, id),
        )
    for id in sorted(deferred):
        cursor.execute(
            "update deferred_account set standing = standing + %s where id = %s", (deferred[id], id)
        )


__all__ = [
    "HeldAccount",
    "HeldGuarantee",
    "Terms",
    "accounts",
    "add_account",
    "add_guarantee",
    "at_filing",
    "guarantees",
    "keep",
    "raise_limit",
    "revoke",
]
