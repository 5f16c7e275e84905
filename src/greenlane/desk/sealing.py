"""Part persons from a filing and put them into the vault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from greenlane.desk.desk import Desk
from greenlane.privacy.persons import PseudonymPurpose, identities, named
from greenlane.privacy.plain import Personal
from greenlane.privacy.seal import Unsealed, scopes, seal_many
from greenlane.privacy.split import persons_in
from greenlane.store import vault


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons of one consignment, each with its pseudonym for the vault, and the consignee's for limits.

    ``limits`` is None where nothing tells the consignee from others.
    """

    told: tuple[tuple[Personal, str], ...]
    limits: str | None


def persons_of(rows: Sequence[Mapping[str, Any]], party: str, key: bytes) -> list[Persons]:
    """Return the persons of each consignment of a filing as intake read it."""
    found = []
    for row in rows:
        limit: str | None = None
        pairs = []
        for person in persons_in(row):
            known = identities(person, row)
            lone = f"lone|{party}|{row['consignment_id']}|{person.role}"
            pairs.append((person, named(known[0] if known else lone, key, PseudonymPurpose.VAULT)))
            if person.role == "consignee" and known:
                limit = named(known[0], key, PseudonymPurpose.LIMITS)
        found.append(Persons(tuple(pairs), limit))
    return found


def seal(cursor: Cursor[Any], desk: Desk, filed: Sequence[tuple[int, int, Persons, date]]) -> None:
    """Seal the persons of consignments, each with its key, version and day of declaration."""
    told = [
        Unsealed(key, version, reference, day.year, person)
        for key, version, persons, day in filed
        for person, reference in persons.told
    ]
    if not told:
        return
    sealing = seal_many(told, vault.living_keys(cursor, scopes(told)), desk.masters)
    vault.write(cursor, sealing, desk.clock.now())


__all__ = ["Persons", "persons_of", "seal"]
