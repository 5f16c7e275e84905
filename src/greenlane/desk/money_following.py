"""What a command of the procedure does to the money, and what the money then does to the procedure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import OPEN, PHASES_OF, SYSTEM, Command, Event, State, act, phase_of
from greenlane.clearance.commands import (
    Amend,
    ApproveRefund,
    Cancel,
    ConfirmReturn,
    Redecide,
    RegisterPayment,
    WithdrawPayment,
)
from greenlane.desk.desk import Desk
from greenlane.desk.kept import Facts
from greenlane.desk.money_cover import Covering, cover_by, cover_of, fit, used_by
from greenlane.desk.money_posting import at_border, named, post
from greenlane.desk.money_refund import give_back_limit, refunded, refunded_again
from greenlane.ledger import PostingRefused, Transfer, account, apply_deposit, parts_of, reassess
from greenlane.store import consignments, limits, transfers
from greenlane.store import events as log
from greenlane.values.finding import Finding


@dataclass(frozen=True, slots=True)
class Money:
    """Whose money it is: the consignment and, with a new decision, its outcome, payers and day."""

    party: str
    key: int
    outcome: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed: events, the state after them, and what could not be covered."""

    events: list[Event]
    state: State
    findings: tuple[Finding, ...] = ()


def follow(
    cursor: Cursor[Any],
    desk: Desk,
    money: Money,
    command: Command,
    before: State,
    state: State,
    now: datetime,
) -> Followed:
    """Post what a command does to the money; where that settles what is due, say so to the procedure.

    Raises:
        PostingRefused: The ledger refuses it; nothing is posted then.
    """
    if not isinstance(command, Amend | Redecide | Cancel | ConfirmReturn | ApproveRefund):
        return Followed([], state)
    posted = transfers.of_consignments(cursor, [money.key])[money.key]
    findings: tuple[Finding, ...] = ()
    if isinstance(command, ApproveRefund):
        what = f"refund {command.returned}"
        made = _refund(cursor, money, command, state, posted, now)
    else:
        version = before.version + 1
        what = f"decision {version}"
        made = _replace(cursor, money, command, state, posted, version, now)
        if isinstance(command, Cancel | ConfirmReturn):
            limits.give_back(cursor, money.key, state.version)
        else:
            covered, findings = _cover_again(cursor, money, state, [*posted, *made], version, now)
            made += covered
    book = [*posted, *made]
    freed = fit(cursor, money.key, book, what, now)
    post(cursor, money.party, freed)
    return Followed(*registered(desk, state, [*book, *freed], now), findings)


def registered(
    desk: Desk, state: State, book: Sequence[Transfer], now: datetime
) -> tuple[list[Event], State]:
    """Tell the procedure that what is due is covered now, or isn't any more; no events where nothing changes."""
    decision = state.decision
    if decision is None or not decision.complete:
        return [], state
    cover = cover_of(book)
    if state.owed and cover is not None and phase_of(state) in OPEN:
        return act(state, RegisterPayment(decision=state.decisions, cover=cover), now, SYSTEM, desk.policy)
    if state.covered is not None and cover is None and phase_of(state) in PHASES_OF[WithdrawPayment]:
        return act(state, WithdrawPayment(reason="payment_fell_away"), now, SYSTEM, desk.policy)
    return [], state


def _replace(
    cursor: Cursor[Any],
    money: Money,
    command: Command,
    state: State,
    posted: Sequence[Transfer],
    version: int,
    now: datetime,
) -> list[Transfer]:
    """Take the old decision's obligations back and post the new one's, less what was refunded before."""
    new = isinstance(command, Amend | Redecide) and state.decision is not None and state.decision.complete
    outcome = money.outcome if new else None
    payers = named(money.names, money.party)
    made = reassess(posted, money.key, version, money.party, outcome, now, payers, money.day)
    if outcome is not None and any(returned.refund for returned in state.returns):
        decided = (money.key, version, outcome)
        facts = _kept(cursor, money.key)[0]
        made += refunded_again(facts, state, decided, [*posted, *made], now)
    post(cursor, money.party, made)
    return made


def _cover_again(
    cursor: Cursor[Any], money: Money, state: State, book: list[Transfer], version: int, now: datetime
) -> tuple[list[Transfer], tuple[Finding, ...]]:
    """Cover what a new decision leaves due: by deposits, by what covered the old one, by what covers every filing.

    Goods that were released keep the cover that they had; what a cover no longer reaches for, before release, is
    covered not at all.
    """
    made = _from_deposits(cursor, money.party, book, version, now)
    post(cursor, money.party, made)
    findings: list[Finding] = []
    before = used_by(cursor, book)
    for held in before:
        try:
            more, _ = cover_by(held, now.date(), money.key, version, [*book, *made], "", now)
        except PostingRefused as refused:
            if at_border([*book, *made]) and cover_of([*book, *made]) is None:
                findings.append(refused.finding)
            continue
        post(cursor, money.party, more)
        made += more
    if not before and state.released_at is None:
        taken = Covering(cursor, money.party, now.date()).take(money.key, version, [*book, *made], now)
        post(cursor, money.party, taken.transfers)
        made += taken.transfers
        findings += [taken.finding] if taken.finding else []
    if state.released_at is None and cover_of([*book, *made]) is None:
        freed = _freed_whole(cursor, money.key, [*book, *made], version, now)
        post(cursor, money.party, freed)
        made += freed
    return made, tuple(findings)


def _freed_whole(
    cursor: Cursor[Any], key: int, book: list[Transfer], version: int, now: datetime
) -> list[Transfer]:
    without = [t for t in book if not t.debit.endswith(":at_border") and not t.credit.endswith(":at_border")]
    return fit(cursor, key, without, f"decision {version}/withdrawn", now)


def _from_deposits(
    cursor: Cursor[Any], party: str, book: Sequence[Transfer], version: int, now: datetime
) -> list[Transfer]:
    """Pay what is due from the deposits of who owes it, and of who paid for the consignment before."""
    items = at_border(book)
    paid = [parts_of(name)[1] for t in book for name in (t.debit, t.credit) if name.startswith("deposit:")]
    made: list[Transfer] = []
    for holder in dict.fromkeys([*(item.holder for item in items), *paid]):
        deposit = account("deposit", holder)
        for currency in sorted({item.currency for item in items}):
            left = [item for item in at_border([*book, *made]) if item.currency == currency]
            held = -transfers.net(cursor, deposit, currency)
            if left and held > 0:
                what = f"decision {version}/{deposit}"
                made += apply_deposit(left, held, currency, holder, what, now)
    return made


def _refund(
    cursor: Cursor[Any],
    money: Money,
    command: ApproveRefund,
    state: State,
    posted: Sequence[Transfer],
    now: datetime,
) -> list[Transfer]:
    returned = next(one for one in state.returns if one.number == command.returned)
    others = [one for one in state.returns if one.refund and one.number != command.returned]
    facts, outcome = _kept(cursor, money.key)
    version = log.last_decision(cursor, money.key)
    made = refunded(facts, returned, others, (money.key, version, outcome), posted, now)
    post(cursor, money.party, made)
    give_back_limit(cursor, money.key, facts, state, returned)
    return made


def _kept(cursor: Cursor[Any], key: int) -> tuple[Facts, Mapping[str, Any]]:
    row = consignments.one(cursor, key)
    assert row is not None
    facts = Facts(row["facts"])
    return facts, msgspec.json.decode(row["outcome"])


__all__ = ["Followed", "Money", "follow", "registered"]
