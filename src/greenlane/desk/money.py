"""Money that comes in and goes out: payments, payments that fall away, payouts; goods are released by them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from psycopg import Cursor

from greenlane.clearance import SYSTEM
from greenlane.desk.caller import Caller
from greenlane.desk.commanding import NotFound
from greenlane.desk.desk import Desk
from greenlane.desk.money_cover import fit
from greenlane.desk.money_following import registered
from greenlane.desk.money_posting import (
    NO_SUCH_PAYMENT,
    NOTHING_TO_PAY,
    REFERENCE_USED,
    holder_of,
    minor,
    post,
)
from greenlane.desk.procedure import Case, record, state_of
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.ledger import (
    CURRENCY_WRONG,
    SCHEMES,
    Account,
    Cause,
    OpenItem,
    PostingRefused,
    Scheme,
    Transfer,
    account,
    claims_due,
    open_items,
    owed_by_guarantor,
    parts_of,
    pay,
    pay_out,
    restore,
    transfer_id,
    withdraw,
)
from greenlane.ledger import Period as Months
from greenlane.store import consignments as rows
from greenlane.store import covers, transfers
from greenlane.values.money import exponent, format_scaled

PartyId = Annotated[
    str, Meta(max_length=40, description="The party whose filings or accounts the money is for.")
]
Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,11}(\.[0-9]{1,3})?$", description="In units of the currency: 12.30.")
]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
MoneyReference = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,69}$",
        description="The money's own number, as the bank or the payer gives it; the same one means the same money.",
    ),
]
HolderName = Annotated[
    str,
    Meta(
        pattern=r"^(seller|platform|carrier|declarant|qualified_party|party|guarantor|buyer)(/.{1,80})?$",
        max_length=100,
        description="A payer of the party: role and id as in seller/S1, or the role alone.",
    ),
]
CoverId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", max_length=40)]
Period = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="A month of the period: 2026-07.")
]


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Money that came in, and what it is for.

    One of: a consignment; what a holder owes; a return (scheme and period, of a holder); a deferred payment
    account; what a guarantor owes; none of these: whatever the party's consignments have open, oldest first.
    ``holder`` also says who paid, and whose deposit keeps what is left over.
    """

    party: PartyId
    amount: Amount
    currency: Currency
    reference: MoneyReference
    consignment_id: Annotated[str, Meta(max_length=70)] | None = None
    holder: HolderName | None = None
    scheme: Annotated[str, Meta(max_length=20)] | None = None
    period: Period | None = None
    deferred_account: CoverId | None = None
    guarantee: CoverId | None = None


class Payout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Money of a deposit that goes back to its holder: the buyer of a consignment, or a holder."""

    party: PartyId
    amount: Amount
    currency: Currency
    reference: MoneyReference
    consignment_id: Annotated[str, Meta(max_length=70)] | None = None
    holder: HolderName | None = None


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That a payment has fallen away, as when the bank calls it back."""

    party: PartyId


class Applied(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a part of a payment paid."""

    account: str
    amount: str
    consignment_id: str | None = None


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment or payout as the book has it, and which consignments it moved on."""

    reference: str
    party: str
    holder: str
    amount: str
    currency: str
    applied: list[Applied]
    kept_on_deposit: str
    phases: dict[str, str]
    repeated: bool = False


def pay_in(desk: Desk, caller: Caller, given: Payment, request: Asked | None) -> Answered:
    """Register money that came in; consignments that have nothing open any more at the border are released.

    Raises:
        NotFound: There is no such party, consignment, account or guarantee.
        PostingRefused: The ledger refuses it, or the reference was used for other money.
    """

    def work(cursor: Cursor[Any]) -> Paid:
        known_party(cursor, given.party)
        amount, named = minor(given.amount, given.currency), f"{given.party}/{given.reference}"
        came = transfers.one(cursor, transfer_id("payment", Cause(None), named))
        target = _target(cursor, given)
        if came is not None:
            _same(came, amount, given.currency, account("deposit", target.holder))
            return _told(cursor, given.party, given.reference, came, repeated=True)
        now = desk.clock.now()
        made = pay(target.items, amount, given.currency, target.holder, named, now)
        post(cursor, given.party, made)
        used = sum(t.amount for t in made if t.kind == "applied")
        if given.guarantee is not None and used:
            held = covers.guarantees(cursor, given.party, given.guarantee)[0]
            post(cursor, given.party, restore(held.guarantee, used, named, now))
        for name in sorted({parts_of(t.credit)[1] for t in made if ":return/" in t.credit}):
            _release_claims(cursor, desk, given.party, name)
        settle(cursor, desk, given.party, (t.cause.key for t in made), named)
        return _told(cursor, given.party, given.reference, made[0])

    return answer(desk, given.party, request, work, 201)


def fall_away(
    desk: Desk, caller: Caller, reference: str, given: Withdrawal, request: Asked | None
) -> Answered:
    """Take back a payment that fell away; what it paid is open again, and goods not released yet wait.

    Raises:
        PostingRefused: No such payment stands, or its money was paid out.
    """

    def work(cursor: Cursor[Any]) -> Paid:
        named = f"{given.party}/{reference}"
        came = transfers.one(cursor, transfer_id("payment", Cause(None), named))
        gone = transfers.one(cursor, transfer_id("withdrawn", Cause(None), named))
        if came is None or gone is not None:
            raise PostingRefused(NO_SUCH_PAYMENT, "/reference", "no payment of this reference stands")
        holder = parts_of(came.credit)[1]
        posted = transfers.of_account(cursor, came.credit)
        made = withdraw(posted, holder, came.amount, came.currency, named, desk.clock.now())
        post(cursor, given.party, made)
        settle(cursor, desk, given.party, (t.cause.key for t in made), f"withdrawal {named}")
        return _told(cursor, given.party, reference, came, made)

    return answer(desk, given.party, request, work, 200)


def out(desk: Desk, caller: Caller, given: Payout, request: Asked | None) -> Answered:
    """Pay money of a deposit to its holder.

    Raises:
        NotFound: There is no such party or consignment.
        PostingRefused: More than the deposit holds, or the reference was used for other money.
    """

    def work(cursor: Cursor[Any]) -> Paid:
        known_party(cursor, given.party)
        amount, named = minor(given.amount, given.currency), f"{given.party}/{given.reference}"
        holder = f"party@{given.party}" if given.holder is None else holder_of(given.holder, given.party)
        if given.consignment_id is not None and given.holder is None:
            holder = f"buyer/{key_of(cursor, given.party, given.consignment_id)}"
        _own(cursor, given.party, holder)
        deposit = account("deposit", holder)
        gone = transfers.one(cursor, transfer_id("payout", Cause(None), named))
        if gone is not None:
            _same(gone, amount, given.currency, deposit)
            return _told(cursor, given.party, given.reference, gone, repeated=True)
        now = desk.clock.now()
        _release_claims(cursor, desk, given.party, holder)
        held = -transfers.net(cursor, deposit, given.currency)
        made = pay_out(holder, amount, given.currency, held, named, now)
        post(cursor, given.party, made)
        return _told(cursor, given.party, given.reference, made[0])

    return answer(desk, given.party, request, work, 201)


def payment(cursor: Cursor[Any], party: str, reference: str) -> Paid:
    """Return a payment as the reader's role sees it.

    Raises:
        NotFound: There is none, or it isn't the reader's to see.
    """
    came = transfers.one(cursor, transfer_id("payment", Cause(None), f"{party}/{reference}"))
    if came is None:
        raise NotFound("there is no such payment, or it isn't yours to see")
    return _told(cursor, party, reference, came)


def settle(cursor: Cursor[Any], desk: Desk, party: str, keys: Iterable[int | None], what: str) -> None:
    """Let the procedure of consignments follow money that was posted for them: release, or wait again."""
    now = desk.clock.now()
    touched = sorted({key for key in keys if key is not None})
    books = transfers.of_consignments(cursor, touched)
    for key in touched:
        freed = fit(cursor, key, books[key], what, now)
        post(cursor, party, freed)
        before = state_of(cursor, key)
        events, state = registered(desk, before, [*books[key], *freed], now)
        if events:
            record(cursor, Case(party, key, SYSTEM), before, events, state, now)


def answer(
    desk: Desk,
    party: str,
    request: Asked | None,
    work: Callable[[Cursor[Any]], msgspec.Struct],
    status: int,
) -> Answered:
    """Do the work in one transaction under the lock of a party, once for each request."""
    desk.refresh()
    with desk.database.writing(party, request=request.mark if request else None) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        done = work(cursor)
        if isinstance(done, Paid) and done.repeated:
            status = 200
        given = Answered(status, "application/json", msgspec.json.encode(done))
        if request is not None:
            remember(cursor, request, given, desk.clock.now())
    return given


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


@dataclass(frozen=True, slots=True)
class _Target:
    """What money is for, and who paid it."""

    items: list[OpenItem]
    holder: str


def _target(cursor: Cursor[Any], given: Payment) -> _Target:
    party = given.party
    aims = (given.consignment_id, given.deferred_account, given.guarantee, given.scheme)
    if sum(aim is not None for aim in aims) > 1 or (given.scheme is None) != (given.period is None):
        raise PostingRefused(NOTHING_TO_PAY, "/", "the payment names more than one aim, or half of a return")
    holder = None if given.holder is None else holder_of(given.holder, party)
    if holder is not None:
        _own(cursor, party, holder)
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
        found = _Target(items, held[0].guarantee.guarantor)
    else:
        found = _of_holder(cursor, given, holder)
    items = [item for item in found.items if item.currency == given.currency]
    if found.items and not items:
        raise PostingRefused(CURRENCY_WRONG, "/currency", "what is open is owed in another currency")
    return _Target(items, found.holder)


def _of_consignment(cursor: Cursor[Any], key: int, holder: str | None) -> _Target:
    posted = transfers.of_consignments(cursor, [key])[key]
    items = [
        item
        for item in open_items(posted)
        if item.cause.key is not None and item.account.startswith("receivable:") and not _guaranteed(item)
    ]
    return _Target(items, holder or (items[0].holder if items else f"buyer/{key}"))


def _of_account(cursor: Cursor[Any], party: str, id: str) -> _Target:
    held = covers.accounts(cursor, party, id)
    if not held:
        raise NotFound("there is no such deferred payment account")
    one = held[0]
    name = one.account.account
    posted = transfers.of_account(cursor, name) if one.standing > 0 else []
    return _Target([item for item in open_items(posted) if item.account == name], one.account.holder)


def _of_holder(cursor: Cursor[Any], given: Payment, holder: str | None) -> _Target:
    if given.scheme is not None and given.period is not None:
        if given.scheme not in SCHEMES:
            raise NotFound("there is no such scheme")
        if holder is None:
            raise PostingRefused(NOTHING_TO_PAY, "/holder", "a return is of a holder: name whose it is")
        period = period_of(SCHEMES[given.scheme], given.period)
        start = account("receivable", holder, f"return/{given.scheme}/{period}/")
        return _Target(transfers.open_on(cursor, given.party, start), holder)
    start = Account("receivable:" if holder is None else f"{account('receivable', holder)}:")
    items = transfers.open_on(cursor, given.party, start)
    return _Target([item for item in items if not _guaranteed(item)], holder or f"party@{given.party}")


def period_of(scheme: Scheme, month: str) -> Months:
    """Return the period of a scheme that a month lies in.

    Example:
        >>> str(period_of(SCHEMES["GB_VAT"], "2026-08"))
        '2026-07/2026-09'
    """
    year, _, number = month.partition("-")
    try:
        return Months.of(date(int(year), int(number), 1), scheme.months)
    except ValueError:
        raise NotFound("there is no such month") from None


def _guaranteed(item: OpenItem) -> bool:
    return parts_of(item.account)[2].startswith("guarantee/")


def _own(cursor: Cursor[Any], party: str, holder: str) -> None:
    """Keep money of one party out of the deposit of another's buyer."""
    if holder.startswith("buyer/"):
        key = holder.removeprefix("buyer/")
        row = rows.one(cursor, int(key)) if key.isdecimal() and len(key) < 19 else None
        if row is None or row["party"] != party:
            raise NotFound("there is no such buyer; name the consignment")


def _same(found: Transfer, amount: int, currency: str, deposit: Account) -> None:
    if (found.amount, found.currency) != (amount, currency) or deposit not in (found.debit, found.credit):
        raise PostingRefused(REFERENCE_USED, "/reference", "this reference stands for other money")


def _release_claims(cursor: Cursor[Any], desk: Desk, party: str, holder: str) -> None:
    owed = transfers.open_on(cursor, party, account("receivable", holder, "return/"), 1)
    if not owed:
        posted = transfers.starting(cursor, party, f"{account('claim', holder)}:")
        post(cursor, party, claims_due(posted, holder, desk.clock.now()))


def _told(
    cursor: Cursor[Any],
    party: str,
    reference: str,
    came: Transfer,
    followed: Iterable[Transfer] = (),
    *,
    repeated: bool = False,
) -> Paid:
    deposit = came.credit if came.kind == "payment" else came.debit
    digits = exponent(came.currency)
    start = f"{party}/{reference}/"
    listed = [t for t in transfers.of_account(cursor, deposit) if t.kind == "applied"]
    own = [t for t in listed if came.kind == "payment" and t.reference.startswith(start)]
    keys = {t.cause.key for t in (*own, *followed) if t.cause.key is not None}
    names = rows.names_of_keys(cursor, sorted(keys))
    return Paid(
        reference=reference,
        party=party,
        holder=parts_of(deposit)[1],
        amount=format_scaled(came.amount, digits),
        currency=came.currency,
        applied=[
            Applied(
                account=t.credit,
                amount=format_scaled(t.amount, digits),
                consignment_id=None if t.cause.key is None else names[t.cause.key][0],
            )
            for t in own
        ],
        kept_on_deposit=format_scaled(-transfers.net(cursor, deposit, came.currency), digits),
        phases=dict(names.values()),
        repeated=repeated,
    )


__all__ = [
    "Amount",
    "Applied",
    "CoverId",
    "Currency",
    "HolderName",
    "MoneyReference",
    "Paid",
    "PartyId",
    "Payment",
    "Payout",
    "Period",
    "Withdrawal",
    "answer",
    "fall_away",
    "key_of",
    "known_party",
    "out",
    "pay_in",
    "payment",
    "period_of",
    "settle",
]
