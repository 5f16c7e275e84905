"""Period returns of a scheme: totals by member and rate, corrections of earlier periods, to the cent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from greenlane.ledger.book import balance
from greenlane.ledger.payments import balances_by_cause, open_items
from greenlane.ledger.period import Period
from greenlane.ledger.refusal import CURRENCY_WRONG, PostingRefused
from greenlane.ledger.schemes import Scheme
from greenlane.ledger.transfer import Account, Cause, Transfer, account, parts_of, post
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import exponent, parse_rate, parse_scaled

NOT_CORRECTED = declare(
    "ledger.not_corrected",
    Severity.WARNING,
    "A line of an earlier period can no longer be corrected in this return, and is left out.",
    "Ask the member state of the line; its own time limits may run longer.",
)
NOT_RECONCILED = declare(
    "ledger.not_reconciled",
    Severity.ERROR,
    "A return is not the sum of its lines, or not what the ledger posted for it.",
    "Do not send the return; make it again from the lines, and compare them with the obligations.",
)


@dataclass(frozen=True, slots=True)
class ItemLine:
    """What one charge adds to a return; minor units, below zero where it takes back.

    Attributes:
        cause: The charge.
        account: Receivable that the tax stands on.
        day: On which the tax became chargeable; the line belongs to the period of that day, whenever it is told.
        member: Member state of consumption, or the jurisdiction where it has none.
        rate: In billionths, None where the charge has none.
        source: What the line comes from, where it isn't the decision itself: ``refund R1``, ``decision 2``.
    """

    cause: Cause
    account: Account
    day: date
    member: str
    rate: int | None
    base: int
    tax: int
    currency: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Total of a member and rate, of the return's own period."""

    member: str
    rate: int | None
    base: int
    tax: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What changes for a member and an earlier period."""

    period: Period
    member: str
    tax: int


@dataclass(frozen=True, slots=True)
class Return:
    """A period return; minor units of ``currency``.

    Attributes:
        lines: What it is made of; they sum to its totals.
        left_out: Lines of earlier periods that it may not correct; each has its finding.
        number: Which return of the period this is; above 1 for a supplement, where no later return corrects it.
    """

    scheme: Scheme
    period: Period
    account: Account
    currency: str
    due: date
    rows: tuple[ReturnRow, ...]
    corrections: tuple[Correction, ...]
    lines: tuple[ItemLine, ...]
    left_out: tuple[ItemLine, ...]
    findings: tuple[Finding, ...]
    number: int = 1

    @property
    def name(self) -> str:
        """Scheme and period, with the number of a supplement."""
        supplement = f"#{self.number}" if self.number > 1 else ""
        return f"{self.scheme.code}/{self.period}{supplement}"

    @property
    def balances(self) -> dict[str, int]:
        """What is due to each member, corrections counted; below zero where the member gives back."""
        sums: dict[str, int] = {}
        totals = [(row.member, row.tax) for row in self.rows]
        for member, tax in [*totals, *((c.member, c.tax) for c in self.corrections)]:
            sums[member] = sums.get(member, 0) + tax
        return dict(sorted(sums.items()))

    @property
    def payable(self) -> int:
        """What is paid with the return: a member that gives back lessens what no other member is due."""
        return sum(tax for tax in self.balances.values() if tax > 0)

    def pays_into(self, member: str) -> Account:
        """Return the receivable of the return for a member."""
        who = parts_of(self.account)[1]
        return account("receivable", who, f"return/{self.scheme.code}/{self.period}/{member}")


def lines_of(
    posted: Iterable[Transfer], outcome: Mapping[str, Any], scheme: Scheme, day: date
) -> list[ItemLine]:
    """Return the lines of a decision's tax that a scheme declares.

    Args:
        posted: The obligations of the decision.
        outcome: Its outcome, for base and rate of each charge.
        day: On which the tax became chargeable: for a sale, when the payment was accepted.
    """
    digits = exponent(outcome["currency"])
    member = outcome.get("member") or outcome["jurisdiction"]
    found = []
    for t in posted:
        if t.kind != "obligation":
            continue
        charge = outcome["charges"][t.cause.charge]
        if charge["kind"] != "tax" or charge["collected"] != scheme.moment:
            continue
        base = 0 if charge["base"] is None else parse_scaled(charge["base"], digits)
        rate = None if charge["rate"] is None else parse_rate(charge["rate"])
        found.append(ItemLine(t.cause, t.debit, day, member, rate, base, t.amount, t.currency))
    return found


def period_return(
    scheme: Scheme,
    period: Period,
    owed_on: Account,
    lines: Iterable[ItemLine],
    on: date,
    currency: str,
    number: int = 1,
) -> Return:
    """Return the return of a period: a nil return where no line is given.

    Lines of the period make its rows; lines of earlier periods its corrections, as far as the scheme lets a
    later return correct them; lines of later periods are not part of it.

    Args:
        owed_on: Receivable of the taxable person for the scheme's moment.
        lines: Those that no return has declared yet.
        on: Day on which the return is sent.
        number: Which return of the period this is.
    Raises:
        PostingRefused: A line is in another currency or of another person.

    Law:
        Dir. 2006/112/EC art. 369t.
    """
    rows: dict[tuple[str, int | None], list[int]] = {}
    corrections: dict[tuple[Period, str], int] = {}
    used: list[ItemLine] = []
    left_out: list[ItemLine] = []
    for line in lines:
        if line.currency != currency or line.account != owed_on:
            raise PostingRefused(
                CURRENCY_WRONG, "/lines", "a return holds one person's lines in one currency"
            )
        if line.day >= period.end:
            continue
        of = Period.of(line.day, scheme.months)
        if line.day in period:
            sums = rows.setdefault((line.member, line.rate), [0, 0])
            sums[0] += line.base
            sums[1] += line.tax
        elif scheme.corrects(of, on):
            corrections[of, line.member] = corrections.get((of, line.member), 0) + line.tax
        else:
            left_out.append(line)
            continue
        used.append(line)
    return Return(
        scheme,
        period,
        owed_on,
        currency,
        scheme.due(period),
        tuple(
            ReturnRow(*key, *rows[key])
            for key in sorted(rows, key=lambda k: (k[0], -1 if k[1] is None else k[1]))
        ),
        tuple(Correction(*key, corrections[key]) for key in sorted(corrections)),
        tuple(used),
        tuple(left_out),
        tuple(_left_out(scheme, line) for line in left_out),
        number,
    )


def file_return(made: Return, at: datetime) -> list[Transfer]:
    """Return the postings of a return that was sent.

    What was taken with the price moves from its moment to what the return owes each member. Where a member's
    balance is below zero, what it gives back becomes a claim.
    """
    named = made.name
    posted = []
    for line in made.lines:
        into = made.pays_into(line.member)
        debit, credit = (into, line.account) if line.tax > 0 else (line.account, into)
        if line.tax:
            told = f"{named}/{line.source}"
            posted.append(post("return", line.cause, debit, credit, abs(line.tax), line.currency, at, told))
    who = parts_of(made.account)[1]
    for member, tax in made.balances.items():
        if tax < 0:
            claim = account("claim", who, named, member)
            told = f"{who}/{named}/{member}"
            posted.append(
                post("claim", Cause(None), made.pays_into(member), claim, -tax, made.currency, at, told)
            )
    return posted


def release_claims(posted: Iterable[Transfer], holder: str, at: datetime) -> list[Transfer]:
    """Return the postings that put claims of a holder into its deposit, so that they can be paid out.

    None while one of its returns is not paid in full: no money is given back that has not come in.

    Args:
        posted: Every transfer on the holder's returns, claims and deposit.
    """
    listed = list(posted)
    returns = account("receivable", holder, "return/")
    if any(item.account.startswith(returns) for item in open_items(listed)):
        return []
    return claims_due(listed, holder, at)


def claims_due(posted: Iterable[Transfer], holder: str, at: datetime) -> list[Transfer]:
    """Return the postings that put every claim of a holder into its deposit; that its returns are paid is known.

    Args:
        posted: Every transfer on the holder's claims.
    """
    start = f"{account('claim', holder)}:"
    claims: dict[tuple[Account, str], int] = {}
    for t in posted:
        for name, sign in ((t.credit, 1), (t.debit, -1)):
            if name.startswith(start):
                claims[name, t.currency] = claims.get((name, t.currency), 0) + sign * t.amount
    return [
        post("claim_due", Cause(None), name, account("deposit", holder), amount, currency, at, name)
        for (name, currency), amount in claims.items()
        if amount > 0
    ]


def take_back(lines: Iterable[ItemLine], source: str) -> list[ItemLine]:
    """Return the lines that take back what is left of a decision's lines, as when another replaces it.

    Args:
        lines: Of the old decision, with those of its refunds.
        source: ``decision 2``.
    """
    left: dict[Cause, ItemLine] = {}
    for line in lines:
        known = left.get(line.cause, replace(line, base=0, tax=0))
        left[line.cause] = replace(
            known, base=known.base - line.base, tax=known.tax - line.tax, source=source
        )
    return [line for line in left.values() if line.base or line.tax]


def reconcile(made: Return, posted: Iterable[Transfer]) -> list[Finding]:
    """Return where a return differs from its lines or from the ledger: nothing where all agree to the cent.

    Args:
        posted: Every transfer up to the return whose cause is one of its lines, with those of the return.
    """
    found = []
    by_member: dict[str, int] = {}
    for line in made.lines:
        by_member[line.member] = by_member.get(line.member, 0) + line.tax
    if by_member != made.balances:
        found.append(Finding(NOT_RECONCILED, "/balances", "the balances aren't the sums of the lines"))
    listed = list(posted)
    own = [t for t in listed if t.kind == "return" and t.reference.startswith(f"{made.name}/")]
    for member, tax in made.balances.items():
        declared = balance(own, made.pays_into(member), made.currency)
        if declared != tax:
            words = f"the ledger posted {declared}, the return says {tax}"
            found.append(Finding(NOT_RECONCILED, f"/balances/{member}", words))
    causes = {line.cause for line in made.lines}
    for (name, cause, _), left in balances_by_cause(listed).items():
        if left and name == made.account and cause in causes:
            path = f"/lines/{cause.key}/{cause.version}/{cause.charge}"
            found.append(Finding(NOT_RECONCILED, path, f"{left} of the charge stands and isn't declared"))
    return found


def _left_out(scheme: Scheme, line: ItemLine) -> Finding:
    key, version, charge = line.cause
    words = f"the period {Period.of(line.day, scheme.months)} can no longer be corrected by a return"
    return Finding(NOT_CORRECTED, f"/lines/{key}/{version}/{charge}", words, scheme.law)
