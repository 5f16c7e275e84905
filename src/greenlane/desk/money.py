"""Money that comes in and goes out: payments, payments that fall away, payouts; goods are released by them."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import SYSTEM
from greenlane.desk.caller import Caller
from greenlane.desk.commanding import NotFound
from greenlane.desk.desk import Desk
from greenlane.desk.money_aims import aim_of, key_of, known_party, own_buyer
from greenlane.desk.money_cover import fit
from greenlane.desk.money_following import registered
from greenlane.desk.money_posting import (
    NO_SUCH_PAYMENT,
    REFERENCE_USED,
    holder_of,
    minor,
    post,
)
from greenlane.desk.money_shapes import Applied, Paid, Payment, Payout, Withdrawal
from greenlane.desk.procedure import Case, record, state_of
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.ledger import (
    Account,
    Cause,
    PostingRefused,
    Transfer,
    account,
    claims_due,
    parts_of,
    pay,
    pay_out,
    restore,
    transfer_id,
    withdraw,
)
from greenlane.store import consignments as rows
from greenlane.store import covers, transfers
from greenlane.values.money import exponent, format_scaled


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
        aim = aim_of(cursor, given)
        if came is not None:
            _same(came, amount, given.currency, account("deposit", aim.holder))
            return _told(cursor, given.party, given.reference, came, repeated=True)
        now = desk.clock.now()
        made = pay(aim.items, amount, given.currency, aim.holder, named, now)
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
        own_buyer(cursor, given.party, holder)
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


__all__ = ["answer", "fall_away", "out", "pay_in", "payment", "settle"]
