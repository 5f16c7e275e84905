"""Guarantees and deferred payment accounts: register, raise, revoke, use for a consignment, draw, state."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from psycopg import Cursor

from greenlane.clearance import SYSTEM, Refused
from greenlane.clearance.refusals import NOTHING_DUE
from greenlane.desk.audit import entry
from greenlane.desk.caller import Caller
from greenlane.desk.commanding import NotFound, carried_out, find
from greenlane.desk.desk import Desk
from greenlane.desk.money import answer
from greenlane.desk.money_aims import key_of, known_party
from greenlane.desk.money_cover import NOT_VALID, Held, cover_by
from greenlane.desk.money_following import registered
from greenlane.desk.money_posting import REFERENCE_USED, at_border, holder_of, minor, post
from greenlane.desk.money_shapes import Amount, CoverId, Currency, HolderName, MoneyReference, PartyId
from greenlane.desk.procedure import Case, Done, record, state_of
from greenlane.desk.requests import Answered, Asked
from greenlane.ledger import (
    AMOUNT_WRONG,
    DeferredAccount,
    Guarantee,
    PostingRefused,
    draw,
    lodge,
    reserved_for,
)
from greenlane.store import covers, transfers
from greenlane.store import events as log
from greenlane.store.covers import HeldAccount, HeldGuarantee, Terms
from greenlane.values.finding import Severity, declare
from greenlane.values.money import exponent, format_scaled

TAKEN = declare(
    "money.number_taken",
    Severity.ERROR,
    "A guarantee or deferred payment account of this number is registered already.",
    "Take another number, or raise the one that there is.",
)

AtFiling = Annotated[bool, Meta(description="Whether every filing of the party uses it without being asked.")]


class GuaranteeWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A guarantee to be registered; valid on both days named and between them."""

    id: CoverId
    party: PartyId
    guarantor: Annotated[
        str, Meta(min_length=1, max_length=80, description="Id of the guarantor, an organisation.")
    ]
    amount: Amount
    currency: Currency
    valid_from: date
    valid_until: date
    at_filing: AtFiling = False


class AccountWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deferred payment account to be registered; its statement of a month is paid by a day of the next."""

    id: CoverId
    party: PartyId
    holder: HolderName
    amount: Amount
    currency: Currency
    valid_from: date
    valid_until: date
    due_day: Annotated[int, Meta(ge=1, le=28)] = 16
    at_filing: AtFiling = False


class Raise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By how much a limit is raised."""

    amount: Amount
    reference: MoneyReference


class NewLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The new limit of a deferred payment account, not below the one that it has."""

    limit: Amount


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which consignment's payer failed."""

    consignment_id: Annotated[str, Meta(max_length=70)]


class CoverWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to cover a consignment: one of the two."""

    guarantee: CoverId | None = None
    deferred_account: CoverId | None = None


class GuaranteeTold(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee as it stands."""

    id: str
    party: str
    guarantor: str
    currency: str
    limit: str
    available: str
    reserved: str
    drawn: str
    valid_from: date
    valid_until: date
    at_filing: bool
    revoked_at: datetime | None


class AccountTold(msgspec.Struct, frozen=True, kw_only=True):
    """A deferred payment account as it stands."""

    id: str
    party: str
    holder: str
    currency: str
    limit: str
    standing: str
    due_day: int
    valid_from: date
    valid_until: date
    at_filing: bool
    revoked_at: datetime | None


def register(
    desk: Desk, caller: Caller, wanted: GuaranteeWanted | AccountWanted, request: Asked | None
) -> Answered:
    """Register a guarantee or an account.

    Raises:
        NotFound: There is no such party.
        PostingRefused: The number is taken, an amount or currency is wrong.
    """

    def work(cursor: Cursor[Any]) -> msgspec.Struct:
        known_party(cursor, wanted.party)
        now, amount = desk.clock.now(), minor(wanted.amount, wanted.currency)
        if wanted.valid_until < wanted.valid_from:
            raise PostingRefused(NOT_VALID, "/valid_until", "it ends before it begins")
        terms = Terms(wanted.valid_from, wanted.valid_until, wanted.at_filing)
        if isinstance(wanted, GuaranteeWanted):
            named = f"guarantor/{wanted.guarantor}@{wanted.party}"
            new = Guarantee(wanted.id, named, wanted.currency)
            fresh = covers.add_guarantee(cursor, wanted.party, terms, new, now)
        else:
            holder = holder_of(wanted.holder, wanted.party)
            opened = DeferredAccount(wanted.id, holder, wanted.currency, amount, wanted.due_day)
            fresh = covers.add_account(cursor, wanted.party, terms, opened, now)
        if not fresh:
            raise PostingRefused(TAKEN, "/id", "the number is taken")
        if isinstance(wanted, GuaranteeWanted):
            post(cursor, wanted.party, lodge(new, amount, "registered", now))
        entry(cursor, desk, caller.actor, "cover_registered", {"id": wanted.id, "party": wanted.party})
        return _told(_held(cursor, _table(wanted), wanted.id))

    return answer(desk, wanted.party, request, work, 201)


def raise_guarantee(desk: Desk, caller: Caller, id: str, wanted: Raise, request: Asked | None) -> Answered:
    """Raise the limit of a guarantee; one reference raises it once.

    Raises:
        NotFound: There is no such guarantee.
        PostingRefused: The amount is wrong, or the reference was used for another.
    """
    party = _party(desk, "guarantee", id)

    def work(cursor: Cursor[Any]) -> msgspec.Struct:
        held = _held(cursor, "guarantee", id)
        assert isinstance(held, HeldGuarantee)
        amount = minor(wanted.amount, held.guarantee.currency)
        made = lodge(held.guarantee, amount, wanted.reference, desk.clock.now())
        before = transfers.one(cursor, made[0].id)
        if before is not None and before.amount != amount:
            raise PostingRefused(REFERENCE_USED, "/reference", "this reference raised by another amount")
        if before is None:
            post(cursor, party, made)
            entry(cursor, desk, caller.actor, "cover_raised", {"id": id, "amount": wanted.amount})
        return _told(_held(cursor, "guarantee", id))

    return answer(desk, party, request, work, 200)


def raise_account(desk: Desk, caller: Caller, id: str, wanted: NewLimit, request: Asked | None) -> Answered:
    """Give a deferred payment account a higher limit.

    Raises:
        NotFound: There is no such account.
        PostingRefused: The limit is wrong, or below the one that it has.
    """
    party = _party(desk, "deferred_account", id)

    def work(cursor: Cursor[Any]) -> msgspec.Struct:
        held = _held(cursor, "deferred_account", id)
        assert isinstance(held, HeldAccount)
        more = minor(wanted.limit, held.account.currency) - held.account.limit
        if more < 0:
            raise PostingRefused(
                AMOUNT_WRONG, "/limit", "a limit is raised, never lowered; revoke the account"
            )
        if more:
            covers.raise_limit(cursor, id, more)
            entry(cursor, desk, caller.actor, "cover_raised", {"id": id, "limit": wanted.limit})
        return _told(_held(cursor, "deferred_account", id))

    return answer(desk, party, request, work, 200)


def revoke(desk: Desk, caller: Caller, table: str, id: str, request: Asked | None) -> Answered:
    """Let a guarantee or account cover nothing new; what it covers already stands.

    Raises:
        NotFound: There is no such guarantee or account.
    """
    party = _party(desk, table, id)

    def work(cursor: Cursor[Any]) -> msgspec.Struct:
        covers.revoke(cursor, table, id, desk.clock.now())
        entry(cursor, desk, caller.actor, "cover_revoked", {"id": id})
        return _told(_held(cursor, table, id))

    return answer(desk, party, request, work, 200)


def listed(cursor: Cursor[Any], table: str, party: str | None) -> list[msgspec.Struct]:
    """Return the guarantees or accounts that the reader's role sees."""
    found = covers.guarantees(cursor, party) if table == "guarantee" else covers.accounts(cursor, party)
    return [_told(one) for one in found]


def cover(
    desk: Desk,
    caller: Caller,
    party: str | None,
    consignment_id: str,
    wanted: CoverWanted,
    request: Asked | None,
) -> Answered:
    """Cover what is due of a consignment at the border, so that it is released before it is paid.

    Raises:
        NotFound: The caller sees no such consignment, or the party has no such guarantee or account.
        PostingRefused: It doesn't reach, isn't valid today, or is in another currency.
        Refused: Nothing is due, or the procedure is past it.
    """
    owner, key = find(desk, caller, party, consignment_id)
    table, id = (
        ("guarantee", wanted.guarantee) if wanted.guarantee else ("deferred_account", wanted.deferred_account)
    )

    def work(cursor: Cursor[Any]) -> Done:
        held = _held(cursor, table, id or "", owner)
        now = desk.clock.now()
        before = state_of(cursor, key)
        book = transfers.of_consignments(cursor, [key])[key]
        if not before.owed or not at_border(book):
            raise Refused(NOTHING_DUE, "nothing is due at the border, or it is covered")
        version = log.last_decision(cursor, key)
        made, _ = cover_by(held, now.date(), key, version, book, f"event {before.version}", now)
        post(cursor, owner, made)
        events, state = registered(desk, before, [*book, *made], now)
        if not events:
            raise Refused(NOTHING_DUE, "the consignment isn't waiting for money")
        return record(cursor, Case(owner, key, SYSTEM), before, events, state, now)

    return carried_out(desk, owner, consignment_id, request, work)


def let_guarantor_owe(desk: Desk, caller: Caller, id: str, wanted: Draw, request: Asked | None) -> Answered:
    """Let the guarantor owe what the payer of a consignment has not paid.

    Raises:
        NotFound: There is no such guarantee or consignment.
        PostingRefused: More is open than is reserved.
    """
    party = _party(desk, "guarantee", id)

    def work(cursor: Cursor[Any]) -> msgspec.Struct:
        held = _held(cursor, "guarantee", id)
        assert isinstance(held, HeldGuarantee)
        key = key_of(cursor, party, wanted.consignment_id)
        book = transfers.of_consignments(cursor, [key])[key]
        mine = reserved_for(book, held.guarantee, key)
        made = draw(held.guarantee, mine, at_border(book), f"draw {key}", desk.clock.now())
        if not made:
            raise Refused(NOTHING_DUE, "nothing is open at the border")
        post(cursor, party, made)
        entry(cursor, desk, caller.actor, "guarantee_drawn", {"id": id, "consignment": key})
        return _told(_held(cursor, "guarantee", id))

    return answer(desk, party, request, work, 200)


def _table(wanted: GuaranteeWanted | AccountWanted) -> str:
    return "guarantee" if isinstance(wanted, GuaranteeWanted) else "deferred_account"


def _party(desk: Desk, table: str, id: str) -> str:
    with desk.database.connection() as connection, connection.cursor() as cursor:
        return _held(cursor, table, id).party


def _held(cursor: Cursor[Any], table: str, id: str, party: str | None = None) -> Held:
    found: list[Held] = [
        *(
            covers.guarantees(cursor, party, id)
            if table == "guarantee"
            else covers.accounts(cursor, party, id)
        )
    ]
    if not found:
        raise NotFound("there is no such guarantee or deferred payment account")
    return found[0]


def _told(held: Held) -> msgspec.Struct:
    terms = held.terms
    if isinstance(held, HeldAccount):
        one = held.account
        digits = exponent(one.currency)
        return AccountTold(
            id=one.id, party=held.party, holder=one.holder, currency=one.currency,
            limit=format_scaled(one.limit, digits), standing=format_scaled(held.standing, digits),
            due_day=one.due_day, valid_from=terms.valid_from, valid_until=terms.valid_until,
            at_filing=terms.at_filing, revoked_at=terms.revoked_at,
        )  # fmt: skip
    made = held.guarantee
    digits = exponent(made.currency)
    return GuaranteeTold(
        id=made.id, party=held.party, guarantor=made.guarantor, currency=made.currency,
        limit=format_scaled(made.limit, digits), available=format_scaled(made.available, digits),
        reserved=format_scaled(made.reserved, digits), drawn=format_scaled(made.drawn, digits),
        valid_from=terms.valid_from, valid_until=terms.valid_until, at_filing=terms.at_filing,
        revoked_at=terms.revoked_at,
    )  # fmt: skip


__all__ = [
    "AccountTold",
    "AccountWanted",
    "CoverWanted",
    "Draw",
    "GuaranteeTold",
    "GuaranteeWanted",
    "NewLimit",
    "Raise",
    "cover",
    "let_guarantor_owe",
    "listed",
    "raise_account",
    "raise_guarantee",
    "register",
    "revoke",
]
