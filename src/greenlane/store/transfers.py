"""The ledger's transfers: append and read."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Cursor

from greenlane.ledger.transfer import Account, Cause, Transfer
from greenlane.store.copying import TRANSFER, copy_rows

_COLUMNS = "id, debit, credit, amount, currency, kind, key, version, charge, at, reference, memo"


def append(cursor: Cursor[Any], transfers: Iterable[tuple[str, Transfer]]) -> None:
    """Append transfers, each with the party whose filing or account it is.

    Raises:
        psycopg.errors.UniqueViolation: The same cause was posted already.
    """
    copy_rows(
        cursor,
        TRANSFER,
        (
            (
                t.id, party, t.cause.key, t.cause.version, t.cause.charge, t.debit, t.credit, t.amount,
                t.currency, t.kind, t.at, t.reference, list(t.memo),
            )
            for party, t in transfers
        ),
    )  # fmt: skip


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


__all__ = ["append", "of_account", "of_consignments", "of_party", "trial"]
