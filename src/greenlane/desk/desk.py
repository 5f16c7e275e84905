"""What every use case works with."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from greenlane.clearance.policy import Policy
from greenlane.desk.caller import Caller
from greenlane.desk.clock import Clock
from greenlane.desk.facts import PriorUse
from greenlane.desk.keys import caller_of
from greenlane.engine.context import Context
from greenlane.privacy.keys import Masters
from greenlane.store.database import Database


@dataclass(slots=True)
class Desk:
    """The clearance of one administration: database, law, keys, clock, and what it set for itself.

    ``jurisdictions`` are the law packs whose destinations are cleared here; empty: all.
    """

    database: Database
    context: Context = field(repr=False)
    masters: Masters
    clock: Clock = field(default_factory=Clock)
    policy: Policy = field(default_factory=Policy)
    sandbox: bool = False
    jurisdictions: frozenset[str] = frozenset()
    prior: PriorUse = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make what is remembered between filings."""
        self.prior = PriorUse(self.context)

    def caller_of_key(self, text: str) -> Caller | None:
        """Return whose API key *text* is; None where it isn't in force."""
        with self.database.connection() as connection, connection.cursor() as cursor:
            return caller_of(cursor, text, self.clock.machine())

    def knows(self, caller: Caller) -> bool:
        """Say whether the party, and the agency where there is one, that a token names are registered here."""
        with self.database.connection() as connection:
            row: Any = connection.execute(
                "select exists (select from party where id = %s) and (%s::text is null "
                "or exists (select from agency where id = %s))",
                (caller.party, caller.agency, caller.agency),
            ).fetchone()
        return bool(row[0])

    def refresh(self) -> None:
        """Read what other processes may have changed: the sandbox's clock."""
        if not self.sandbox:
            return
        with self.database.connection() as connection:
            row: Any = connection.execute(
                "select value from setting where name = 'clock_offset_s'"
            ).fetchone()
        self.clock.move(timedelta(seconds=int(row[0]) if row else 0))


__all__ = ["Desk"]
