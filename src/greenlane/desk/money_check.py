"""Check the whole book: every party's transfers, the balances kept beside them, one standing decision each."""

from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from greenlane.ledger import Transfer, balance, check_book, guarantee_of, standing
from greenlane.ledger.book import BROKEN
from greenlane.store import covers, transfers
from greenlane.store.database import Database
from greenlane.values.finding import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what is wrong with it: no finding in a sound book."""

    parties: int
    transfers: int
    currencies: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether the book holds together."""
        return not self.findings and not any(self.currencies.values())


def check(database: Database) -> Checked:
    """Check the book as it stands at one moment, party by party: an account belongs to one party."""
    found: list[Finding] = []
    count = 0
    with database.connection() as connection, connection.transaction(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        parties = [row[0] for row in cursor.execute("select id from party order by id").fetchall()]
        for party in parties:
            posted = transfers.of_party(cursor, party)
            count += len(posted)
            for finding in (*check_book(posted), *_one_decision(posted), *_kept(cursor, party, posted)):
                found.append(Finding(finding.code, f"/parties/{party}{finding.path}", finding.message))
        return Checked(len(parties), count, transfers.trial(cursor), tuple(found))


def _one_decision(posted: list[Transfer]) -> list[Finding]:
    """Find consignments on which the obligations of two decisions stand: they would be charged twice."""
    versions: dict[int, set[int]] = {}
    for t, _ in standing(posted):
        if t.cause.key is not None:
            versions.setdefault(t.cause.key, set()).add(t.cause.version)
    return [
        Finding(BROKEN, f"/causes/{key}", "the obligations of more than one decision stand")
        for key, own in versions.items()
        if len(own) > 1
    ]


def _kept(cursor: Cursor[Any], party: str, posted: list[Transfer]) -> list[Finding]:
    found = []
    for held in covers.guarantees(cursor, party):
        kept = held.guarantee
        if guarantee_of(posted, kept.id, kept.guarantor, kept.currency) != kept:
            found.append(
                Finding(BROKEN, f"/guarantees/{kept.id}", "what is kept isn't what the transfers give")
            )
    for account in covers.accounts(cursor, party):
        name = account.account.account
        if balance(posted, name, account.account.currency) != account.standing:
            words = "what is kept isn't what the transfers give"
            found.append(Finding(BROKEN, f"/deferred_accounts/{account.account.id}", words))
    return found


__all__ = ["Checked", "check"]
