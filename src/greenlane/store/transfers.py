"""The ledger's transfers: append and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Cursor

from greenlane.ledger.book import Balance
from greenlane.ledger.payments import OpenItem
from greenlane.ledger.transfer import TOLD_FROM, Account, Cause, Transfer
from greenlane.store.copying import TRANSFER, copy_columns

_COLUMNS = "id, debit, credit, amount, currency, kind, key, version, charge, at, reference, memo"


def append(cursor: Cursor[Any], party: str, made: Sequence[Transfer]) -> None:
    """Append transfers of the party whose filings or accounts they are.

    Raises:
        psycopg.errors.UniqueViolation: The same cause was posted already.
    """
    if not made:
        return
    keys, versions, charges = zip(*[t.cause for t in made], strict=True)
    columns = (
        [t.id for t in made], [party] * len(made), keys, versions, charges, [t.debit for t in made],
        [t.credit for t in made], [t.amount for t in made], [t.currency for t in made],
        [t.kind for t in made], [t.at for t in made], [t.reference for t in made], [t.memo for t in made],
    )  # fmt: skip
    copy_columns(cursor, TRANSFER, columns)


def of_consignments(cursor: Cursor[Any], keys: Sequence[int]) -> dict[int, list[Transfer]]:
    """Return the transfers that each consignment caused, in the order of posting."""
    rows = cursor.execute(
        f"select {_COLUMNS} from transfer where key = any(%s) order by at, id", (list(keys),)
    ).fetchall()
    found: dict[int, list[Transfer]] = {key: [] for key in keys}
    for row in rows:
        found[row[6]].append(_transfer(row))
    return found


def of_account(cursor: Cursor[Any], account: str) -> list[Transfer]:
    """Return the transfers that touch an account, in order of time."""
    rows = cursor.execute(
        f"select {_COLUMNS} from transfer where debit = %s union all "
        f"select {_COLUMNS} from transfer where credit = %s order by at, id",
        (account, account),
    ).fetchall()
    return [_transfer(row) for row in rows]


def of_party(cursor: Cursor[Any], party: str) -> list[Transfer]:
    """Return every transfer of a party's filings and accounts."""
    rows = cursor.execute(
        f"select {_COLUMNS} from transfer where party = %s order by at, id", (party,)
    ).fetchall()
    return [_transfer(row) for row in rows]


def one(cursor: Cursor[Any], id: UUID) -> Transfer | None:
    """Return the transfer with an id."""
    row = cursor.execute(f"select {_COLUMNS} from transfer where id = %s", (id,)).fetchone()
    return None if row is None else _transfer(row)


def net(cursor: Cursor[Any], account: str, currency: str, before: date | None = None) -> int:
    """Return debits less credits of an account, in all or before a day; minor units."""
    row = cursor.execute(
        "select coalesce((select sum(amount) from transfer where debit = %(account)s and currency = %(currency)s "
        "and (%(before)s::date is null or at < %(before)s::date)), 0) - coalesce((select sum(amount) from transfer "
        "where credit = %(account)s and currency = %(currency)s "
        "and (%(before)s::date is null or at < %(before)s::date)), 0)",
        {"account": account, "currency": currency, "before": before},
    ).fetchone()
    assert row is not None
    return int(row[0])


def within(cursor: Cursor[Any], account: str, currency: str, start: date, end: date) -> list[Transfer]:
    """Return the transfers on an account from one day up to another, which isn't part of it."""
    span = (account, currency, start, end)
    where = "currency = %s and at >= %s and at < %s"
    rows = cursor.execute(
        f"select {_COLUMNS} from transfer where debit = %s and {where} union all "
        f"select {_COLUMNS} from transfer where credit = %s and {where} order by at, id",
        (*span, *span),
    ).fetchall()
    return [_transfer(row) for row in rows]


_OPEN = f"""
with side as (
  select debit as account, key, version, charge, currency, amount, at, kind, memo from transfer
    where party = %(party)s and starts_with(debit, %(start)s)
  union all
  select credit, key, version, charge, currency, -amount, at, kind, memo from transfer
    where party = %(party)s and starts_with(credit, %(start)s)
), sums as (
  select account, case when whole then null else key end as key, case when whole then 0 else version end as version,
    case when whole then -1 else charge end as charge, currency, sum(amount)::bigint as amount, min(at) as since
  from (select *, account like '%%:return/%%' as whole from side) s
  where account not like '%%:at\\_sale'
  group by 1, 2, 3, 4, 5
  having sum(amount) > 0
    and (bool_or(whole) or not bool_or(kind = 'obligation' and cardinality(memo) > {TOLD_FROM}))
)
select account, key, version, charge, currency, amount, since from sums order by since, key nulls first limit %(most)s
"""


def open_on(cursor: Cursor[Any], party: str, start: str, most: int = 100_000) -> list[OpenItem]:
    """Return what a party's payers owe on receivables whose account begins with *start*, oldest first.

    As `greenlane.ledger.open_items` gives it: what a period return has still to declare is no item.
    """
    rows = cursor.execute(_OPEN, {"party": party, "start": start, "most": most}).fetchall()
    return [OpenItem(Account(row[0]), Cause(*row[1:4]), row[5], row[4], row[6]) for row in rows]


def starting(cursor: Cursor[Any], party: str, start: str) -> list[Transfer]:
    """Return a party's transfers on the accounts that begin with *start*, in order of time."""
    rows = cursor.execute(
        f"select {_COLUMNS} from transfer where party = %s and (starts_with(debit, %s) or starts_with(credit, %s)) "
        "order by at, id",
        (party, start, start),
    ).fetchall()
    return [_transfer(row) for row in rows]


def unsettled(cursor: Cursor[Any], party: str, account: str) -> list[Transfer]:
    """Return the transfers of an account by each cause that doesn't sum to zero on it."""
    rows = cursor.execute(
        "with side as (select key, version, charge, amount from transfer where debit = %(account)s union all "
        "select key, version, charge, -amount from transfer where credit = %(account)s), "
        "left_ as (select key, version, charge from side group by 1, 2, 3 having sum(amount) <> 0) "
        f"select {_COLUMNS} from transfer join left_ using (key, version, charge) "
        "where party = %(party)s and (debit = %(account)s or credit = %(account)s) order by at, id",
        {"account": account, "party": party},
    ).fetchall()
    return [_transfer(row) for row in rows]


def payers(cursor: Cursor[Any], party: str, moment: str, levied_by: str) -> list[Account]:
    """Return the receivables of a party on which charges of a jurisdiction stood at a moment."""
    rows = cursor.execute(
        "select distinct debit from transfer where party = %s and kind = 'obligation' "
        "and starts_with(debit, 'receivable:') and debit like %s and (credit like %s or credit like %s)",
        (
            party,
            f"%:{moment.replace('_', chr(92) + '_')}",
            f"revenue:{levied_by}:%",
            f"revenue:{levied_by}/%",
        ),
    ).fetchall()
    return sorted(Account(row[0]) for row in rows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts: of one party, of one family, of one holder; None: any."""

    party: str | None = None
    family: str | None = None
    holder: str | None = None


def balances(
    cursor: Cursor[Any], wanted: Wanted, after: tuple[str, str] = ("", ""), most: int | None = None
) -> list[tuple[Account, str, Balance]]:
    """Return both sides of the accounts that the reader's role sees, in order, from behind *after*."""
    rows = cursor.execute(
        "select account, currency, sum(debit)::bigint, sum(credit)::bigint from ("
        "select debit as account, currency, amount as debit, 0 as credit, party from transfer union all "
        "select credit, currency, 0, amount, party from transfer) side "
        "where (%(party)s::text is null or party = %(party)s) "
        "and (%(family)s::text is null or split_part(account, ':', 1) = %(family)s) "
        "and (%(holder)s::text is null or split_part(account, ':', 2) = %(holder)s) "
        "and (account, currency) > (%(account)s, %(currency)s) group by 1, 2 order by 1, 2 limit %(most)s",
        {
            "party": wanted.party, "family": wanted.family, "holder": wanted.holder, "account": after[0],
            "currency": after[1], "most": most,
        },
    ).fetchall()  # fmt: skip
    return [(Account(row[0]), row[1], Balance(row[2], row[3])) for row in rows]


def currencies(cursor: Cursor[Any], account: str) -> list[tuple[Account, str]]:
    """Return the currencies that moved on an account, as far as the reader's role sees it."""
    rows = cursor.execute(
        "select currency from transfer where debit = %s union select currency from transfer where credit = %s "
        "order by currency",
        (account, account),
    ).fetchall()
    return [(Account(account), row[0]) for row in rows]


def trial(cursor: Cursor[Any]) -> dict[str, int]:
    """Return debits less credits over every account, by currency: each must be zero."""
    rows = cursor.execute(
        "select currency, sum(amount) from (select currency, amount from transfer union all "
        "select currency, -amount from transfer) sides group by currency"
    ).fetchall()
    return {row[0]: int(row[1]) for row in rows}


def _transfer(row: Sequence[Any]) -> Transfer:
    made, debit, credit, amount, currency, kind, key, version, charge, at, reference, memo = row
    cause = Cause(key, version, charge)
    return Transfer(
        made, Account(debit), Account(credit), amount, currency, kind, cause, at, reference, tuple(memo)
    )


__all__ = [
    "Wanted",
    "append",
    "balances",
    "currencies",
    "net",
    "of_account",
    "of_consignments",
    "of_party",
    "one",
    "open_on",
    "payers",
    "starting",
    "trial",
    "unsettled",
    "within",
]
