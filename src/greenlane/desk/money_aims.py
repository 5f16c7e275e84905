"""What money is for: the open items that a payment pays, and whose deposit it comes into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from greenlane.desk.commanding import NotFound
from greenlane.desk.money_posting import NOTHING_TO_PAY, holder_of
from greenlane.desk.money_shapes import Payment
from greenlane.ledger import (
    CURRENCY_WRONG,
    SCHEMES,
    Account,
    OpenItem,
    Period,
    PostingRefused,
    Scheme,
    Transfer,
    account,
    open_items,
    owed_by_guarantor,
    parts_of,
)
from greenlane.store import consignments as rows
from greenlane.store import covers, transfers


@dataclass(frozen=True, slots=True)
class Aim:
    """What money is for, and who paid it."""

    items: list[OpenItem]
    holder: str


def aim_of(cursor: Cursor[Any], given: Payment) -> Aim:
    """Return what a payment is for.

    Raises:
        NotFound: There is no such consignment, account, guarantee, scheme or buyer.
        PostingRefused: It names more than one aim, or what is open is owed in another currency.
    """
    party = given.party
    aims = (given.consignment_id, given.deferred_account, given.guarantee, given.scheme)
    if sum(aim is not None for aim in aims) > 1 or (given.scheme is None) != (given.period is None):
        raise PostingRefused(NOTHING_TO_PAY, "/", "the payment names more than one aim, or half of a return")
    holder = None if given.holder is None else holder_of(given.holder, party)
    if holder is not None:
        own_buyer(cursor, party, holder)
    if given.consignment_id is not None:
        found = _of_consignment(cursor, key_of(cursor, party, given.consignment_id), holder)
    elif given.deferred_account is not None:
        found = _of_account(cursor, party, given.deferred_account)
    elif given.guarantee is not None:
        held = covers.guarantees(cursor, party, given.guarantee)
        if not held:
            raise NotFound("there is no such guarantee")
        owed = owed_by_guarantor(held[0].guarantee)
        items = [item for item in transfers.open_on(cursor, party, owed) if item.account == owed]
        found = Aim(items, held[0].guarantee.guarantor)
    else:
        found = _of_holder(cursor, given, holder)
    items = [item for item in found.items if item.currency == given.currency]
    if found.items and not items:
        raise PostingRefused(CURRENCY_WRONG, "/currency", "what is open is owed in another currency")
    return Aim(items, found.holder)


def _of_consignment(cursor: Cursor[Any], key: int, holder: str | None) -> Aim:
    posted = transfers.of_consignments(cursor, [key])[key]
    items = [
        item
        for item in open_items(posted)
        if item.cause.key is not None and item.account.startswith("receivable:") and not _guaranteed(item)
    ]
    return Aim(items, holder or (items[0].holder if items else _payer(posted, key)))


def _payer(posted: Sequence[Transfer], key: int) -> str:
    """Return who was the first to owe something of a consignment at the border, though nothing is open any more.

    So a payment that is told a second time names the same deposit as the first time.
    """
    owed = [t for t in posted if t.kind == "obligation" and t.debit.endswith(":at_border")]
    first = min(owed, key=lambda t: (t.at, t.cause.version, t.cause.charge), default=None)
    return f"buyer/{key}" if first is None else parts_of(first.debit)[1]


def _of_account(cursor: Cursor[Any], party: str, id: str) -> Aim:
    held = covers.accounts(cursor, party, id)
    if not held:
        raise NotFound("there is no such deferred payment account")
    one = held[0]
    name = one.account.account
    posted = transfers.of_account(cursor, name) if one.standing > 0 else []
    return Aim([item for item in open_items(posted) if item.account == name], one.account.holder)


def _of_holder(cursor: Cursor[Any], given: Payment, holder: str | None) -> Aim:
    if given.scheme is not None and given.period is not None:
        if given.scheme not in SCHEMES:
            raise NotFound("there is no such scheme")
        if holder is None:
            raise PostingRefused(NOTHING_TO_PAY, "/holder", "a return is of a holder: name whose it is")
        period = period_of(SCHEMES[given.scheme], given.period)
        start = account("receivable", holder, f"return/{given.scheme}/{period}/")
        return Aim(transfers.open_on(cursor, given.party, start), holder)
    start = Account("receivable:" if holder is None else f"{account('receivable', holder)}:")
    items = transfers.open_on(cursor, given.party, start)
    return Aim([item for item in items if not _guaranteed(item)], holder or f"party@{given.party}")


def period_of(scheme: Scheme, month: str) -> Period:
    """Return the period of a scheme that a month lies in.

    Example:
        >>> str(period_of(SCHEMES["GB_VAT"], "2026-08"))
        '2026-07/2026-09'
    """
    year, _, number = month.partition("-")
    try:
        return Period.of(date(int(year), int(number), 1), scheme.months)
    except ValueError:
        raise NotFound("there is no such month") from None


def _guaranteed(item: OpenItem) -> bool:
    return parts_of(item.account)[2].startswith("guarantee/")


def own_buyer(cursor: Cursor[Any], party: str, holder: str) -> None:
    """Keep money of one party out of the deposit of another's buyer."""
    if holder.startswith("buyer/"):
        key = holder.removeprefix("buyer/")
        row = rows.one(cursor, int(key)) if key.isdecimal() and len(key) < 19 else None
        if row is None or row["party"] != party:
            raise NotFound("there is no such buyer; name the consignment")


def known_party(cursor: Cursor[Any], party: str) -> None:
    """Go on only with a party that there is.

    Raises:
        NotFound: There is none of that id.
    """
    if cursor.execute("select 1 from party where id = %s", (party,)).fetchone() is None:
        raise NotFound("there is no such party")


def key_of(cursor: Cursor[Any], party: str, consignment_id: str) -> int:
    """Return the number of a consignment.

    Raises:
        NotFound: There is none.
    """
    key = rows.key_of(cursor, party, consignment_id)
    if key is None:
        raise NotFound("there is no such consignment")
    return key


__all__ = ["Aim", "aim_of", "key_of", "known_party", "own_buyer", "period_of"]
