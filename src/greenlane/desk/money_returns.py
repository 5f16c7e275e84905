"""Period returns of a scheme: drafted from the book, sent, told; each line goes back to the charge of an item."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from psycopg import Cursor

from greenlane.desk.caller import Caller
from greenlane.desk.commanding import NotFound
from greenlane.desk.desk import Desk
from greenlane.desk.money import answer
from greenlane.desk.money_aims import period_of
from greenlane.desk.money_posting import holder_of, post
from greenlane.desk.money_shapes import HolderName
from greenlane.desk.requests import Answered, Asked
from greenlane.ledger import (
    SCHEMES,
    ItemLine,
    Period,
    PostingRefused,
    Return,
    Scheme,
    account,
    file_return,
    parts_of,
    period_return,
    reconcile,
    undeclared,
)
from greenlane.store import consignments, returns, transfers
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import exponent, format_scaled
from greenlane.values.spreadsheet import neutral_cell

NOT_OVER = declare(
    "money.period_not_over",
    Severity.ERROR,
    "The period of the return is not over.",
    "Send the return when the period is over; the draft shows what it holds so far.",
)
SENT = declare(
    "money.return_sent",
    Severity.ERROR,
    "The return of this period was sent, and nothing is left to declare in it.",
    "Correct the period in the return of a later one, where the scheme lets a later return correct it.",
)
EARLIER = declare(
    "money.earlier_return_missing",
    Severity.ERROR,
    "An earlier period has something to declare and its return was not sent.",
    "Send the earlier return first; then this one tells corrections alone.",
)
WHOSE = declare(
    "money.whose_return",
    Severity.ERROR,
    "Several payers of the party declare under this scheme, or none has anything to declare.",
    "Name the holder whose return is meant, as in seller/S1.",
)

_LINES = ("consignment_id", "version", "charge", "day", "member", "rate", "base", "tax", "source")


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose return is sent; needed where several payers of the party declare under the scheme."""

    holder: HolderName | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Total of a member and rate; amounts in units of the return's currency."""

    member: str
    rate: str | None
    base: str
    tax: str


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """What changes for a member and an earlier period."""

    period: str
    member: str
    tax: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one charge of one item adds, or takes back."""

    consignment_id: str
    version: int
    charge: int
    day: date
    member: str
    rate: str | None
    base: str
    tax: str
    source: str


class ReturnFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What stands against the return, or is left out of it."""

    code: str
    path: str
    message: str


class ReturnTold(msgspec.Struct, frozen=True, kw_only=True):
    """A period return: a draft, or as it was sent. ``open`` is what is still to be paid of it."""

    scheme: str
    period: str
    number: int
    party: str
    holder: str
    currency: str
    due: date
    rows: list[Row]
    corrections: list[Corrected]
    balances: dict[str, str]
    payable: str
    lines: list[Line]
    left_out: list[Line]
    findings: list[ReturnFinding]
    submitted_at: Annotated[datetime | None, Meta(description="Null: a draft.")] = None
    open: str | None = None


def told(cursor: Cursor[Any], desk: Desk, party: str, wanted: tuple[str, str, str | None]) -> ReturnTold:
    """Return the return of a scheme, period and holder: as it was sent, or the draft of what would be.

    Raises:
        NotFound: There is no such scheme or month.
        PostingRefused: It isn't clear whose return is meant.
    """
    of = _of(cursor, party, *wanted)
    before = returns.sent(cursor, party, of.scheme.code, of.holder, str(of.period))
    draft = _draft(cursor, desk, of, len(before) + 1)
    if before and not (draft.lines and of.scheme.correction_months is None):
        _, _, at, content = before[-1]
        sent = msgspec.json.decode(content, type=ReturnTold)
        return msgspec.structs.replace(sent, submitted_at=at, open=_open(cursor, draft))
    return _shown(cursor, of, draft, _against(cursor, desk, of, draft))


def send(
    desk: Desk, caller: Caller, scheme: str, month: str, holder: str | None, request: Asked | None
) -> Answered:
    """Send the return of a period: its lines are declared, and what it owes stands on its own account.

    Raises:
        NotFound: There is no such scheme or month.
        PostingRefused: The period isn't over, the return was sent, an earlier one is missing, or it doesn't
            reconcile to the cent.
    """

    def work(cursor: Cursor[Any]) -> ReturnTold:
        of = _of(cursor, caller.party, scheme, month, holder)
        now = desk.clock.now()
        before = returns.sent(cursor, of.party, of.scheme.code, of.holder, str(of.period))
        made = _draft(cursor, desk, of, len(before) + 1)
        if before and not (made.lines and of.scheme.correction_months is None):
            raise PostingRefused(SENT, "/period", "the return of this period was sent")
        against = _against(cursor, desk, of, made)
        if against:
            raise PostingRefused(against[0].code, against[0].path, against[0].message)
        posted = file_return(made, now)
        keys = sorted({line.cause.key for line in made.lines if line.cause.key is not None})
        book = [t for own in transfers.of_consignments(cursor, keys).values() for t in own]
        wrong = reconcile(made, [*book, *posted])
        if wrong:
            raise PostingRefused(wrong[0].code, wrong[0].path, wrong[0].message)
        post(cursor, of.party, posted)
        shown = _shown(cursor, of, made, [])
        key = (of.party, of.scheme.code, str(of.period), of.holder, made.number)
        returns.add(cursor, key, now, caller.actor, msgspec.json.encode(shown))
        return msgspec.structs.replace(shown, submitted_at=now, open=_open(cursor, made))

    return answer(desk, caller.party, request, work, 201)


def lines_csv(of: ReturnTold) -> str:
    """Write the lines of a return as CSV; no cell is run by a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*_LINES, "currency"))
    for line in of.lines:
        cells = ["" if (value := getattr(line, name)) is None else str(value) for name in _LINES]
        amounts = {"base", "tax"}
        shown = [c if name in amounts else neutral_cell(c) for name, c in zip(_LINES, cells, strict=True)]
        writer.writerow([*shown, of.currency])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Of:
    """Whose return of what."""

    party: str
    scheme: Scheme
    period: Period
    holder: str


def _of(cursor: Cursor[Any], party: str, code: str, month: str, holder: str | None) -> _Of:
    scheme = SCHEMES.get(code)
    if scheme is None:
        raise NotFound("there is no such scheme")
    period = period_of(scheme, month)
    if holder is not None:
        return _Of(party, scheme, period, holder_of(holder, party))
    found = transfers.payers(cursor, party, scheme.moment, scheme.levied_by or "")
    if len(found) != 1:
        raise PostingRefused(WHOSE, "/holder", f"{len(found)} payers of the party declare under this scheme")
    return _Of(party, scheme, period, parts_of(found[0])[1])


def _draft(cursor: Cursor[Any], desk: Desk, of: _Of, number: int) -> Return:
    owed_on = account("receivable", of.holder, of.scheme.moment)
    lines = undeclared(transfers.unsettled(cursor, of.party, owed_on), of.scheme)
    if of.scheme.correction_months is None:
        lines = [line for line in lines if line.day in of.period]
    currency = of.scheme.currency
    return period_return(of.scheme, of.period, owed_on, lines, desk.clock.now().date(), currency, number)


def _against(cursor: Cursor[Any], desk: Desk, of: _Of, draft: Return) -> list[Finding]:
    """Say what stands against sending a draft."""
    found = []
    if desk.clock.now().date() < of.period.end:
        found.append(Finding(NOT_OVER, "/period", f"the period ends on {of.period.last}"))
    sent = {row[0] for row in returns.sent(cursor, of.party, of.scheme.code, of.holder)}
    lines = [*draft.lines, *draft.left_out]
    earlier = {str(Period.of(line.day, of.scheme.months)) for line in lines} - {str(of.period)} - sent
    if earlier:
        found.append(Finding(EARLIER, "/period", f"no return was sent for {min(earlier)}"))
    return found


def _shown(cursor: Cursor[Any], of: _Of, made: Return, against: Sequence[Finding]) -> ReturnTold:
    digits = exponent(made.currency)
    keys = {line.cause.key for line in (*made.lines, *made.left_out) if line.cause.key is not None}
    names = consignments.names_of_keys(cursor, sorted(keys))

    def amount(minor: int) -> str:
        return format_scaled(minor, digits)

    def line(one: ItemLine) -> Line:
        key, version, charge = one.cause
        assert key is not None
        return Line(
            consignment_id=names[key][0], version=version, charge=charge, day=one.day, member=one.member,
            rate=_rate(one.rate), base=amount(one.base), tax=amount(one.tax), source=one.source,
        )  # fmt: skip

    return ReturnTold(
        scheme=of.scheme.code,
        period=str(of.period),
        number=made.number,
        party=of.party,
        holder=of.holder,
        currency=made.currency,
        due=made.due,
        rows=[
            Row(member=r.member, rate=_rate(r.rate), base=amount(r.base), tax=amount(r.tax))
            for r in made.rows
        ],
        corrections=[
            Corrected(period=str(c.period), member=c.member, tax=amount(c.tax)) for c in made.corrections
        ],
        balances={member: amount(tax) for member, tax in made.balances.items()},
        payable=amount(made.payable),
        lines=[line(one) for one in made.lines],
        left_out=[line(one) for one in made.left_out],
        findings=[
            ReturnFinding(code=f.code, path=f.path, message=f.message) for f in (*against, *made.findings)
        ],
    )


def _rate(rate: int | None) -> str | None:
    if rate is None:
        return None
    whole = format_scaled(rate, 9).rstrip("0")
    return whole.removesuffix(".")


def _open(cursor: Cursor[Any], made: Return) -> str:
    start = account("receivable", parts_of(made.account)[1], f"return/{made.scheme.code}/{made.period}/")
    party = parts_of(made.account)[1].rpartition("@")[2]
    owed = sum(item.amount for item in transfers.open_on(cursor, party, start))
    return format_scaled(owed, exponent(made.currency))


__all__ = ["Line", "ReturnTold", "Wanted", "lines_csv", "send", "told"]
