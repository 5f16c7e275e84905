"""What every use case works with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from psycopg import Cursor

from greenlane.clearance.policy import Policy
from greenlane.desk.caller import Caller
from greenlane.desk.clock import Clock
from greenlane.desk.facts import PriorUse
from greenlane.desk.keys import caller_of
from greenlane.engine.context import Context
from greenlane.model.handling import RetentionClass
from greenlane.privacy.access import Vault
from greenlane.privacy.keys import ID_BYTES, Masters
from greenlane.privacy.retention import RULES, RetentionRule
from greenlane.privacy.seal import PersonKey
from greenlane.store.audit import Log
from greenlane.store.database import Database
from greenlane.store.vault import Keys, joined


def _unwatched(counts: Mapping[str, int], seconds: float) -> None:
    """Count nothing."""


@dataclass(slots=True)
class Desk:
    """The clearance of one administration: database, law, keys, clock, and what it set for itself.

    ``jurisdictions`` are the law packs whose destinations are cleared here; empty: all. ``reload`` reads the master
    keys anew, for a rotation while the service runs; None: they stay as they are. ``rules`` is the schedule of
    retention. ``filed`` is told, after each transaction of filings, how many
    consignments became what, and how many seconds it took.
    ``spool`` is the folder in which a large filing lies in the clear while it is read; None: the system's.
    """

    database: Database
    context: Context = field(repr=False)
    masters: Masters
    clock: Clock = field(default_factory=Clock)
    policy: Policy = field(default_factory=Policy)
    sandbox: bool = False
    jurisdictions: frozenset[str] = frozenset()
    reload: Callable[[], Masters] | None = field(default=None, repr=False)
    rules: Mapping[RetentionClass, RetentionRule] = field(default_factory=lambda: RULES)
    filed: Callable[[Mapping[str, int], float], None] = field(default=_unwatched, repr=False)
    spool: Path | None = None
    prior: PriorUse = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make what is remembered between filings."""
        self.prior = PriorUse(self.context)

    def masters_for(self, keys: Iterable[PersonKey]) -> Masters:
        """Return the master keys, read anew where one of some persons' keys is wrapped under an unknown one."""
        if self.reload is not None and any(self.masters.by_id(key.master_id) is None for key in keys):
            self.masters = self.reload()
        return self.masters

    def masters_to_open(self, sealed: bytes) -> Masters:
        """Return the master keys, read anew where a body is sealed under an unknown one."""
        if self.reload is not None and sealed and self.masters.by_id(sealed[:ID_BYTES]) is None:
            self.masters = self.reload()
        return self.masters

    def vault(self, cursor: Cursor[Any] | None = None, key_ids: Iterable[bytes] = ()) -> Vault:
        """Return the vault, ready to open what was sealed under some keys.

        Args:
            cursor: The transaction that it works in; None: each step stands alone.
            key_ids: Keys that will be needed.
        """
        keys = Keys(self.database.cursor if cursor is None else joined(cursor))
        found = keys.find(set(key_ids)).values()
        masters = self.masters_for(key for key in found if isinstance(key, PersonKey))
        return Vault(keys, Log(self.database, cursor), masters, self.context.key)

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
