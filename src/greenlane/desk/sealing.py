"""Part persons from a filing and put them into the vault."""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.desk.desk import Desk
from greenlane.model.handling import RetentionClass
from greenlane.privacy.persons import PseudonymPurpose, named, naming, surest
from greenlane.privacy.plain import Personal, Value
from greenlane.privacy.seal import PersonKey, parted, seal_many, unseal
from greenlane.privacy.split import NOTE, ROLES, persons_in
from greenlane.store import vault


class Persons(msgspec.Struct, frozen=True, gc=False):
    """The persons of one consignment, each with its pseudonym for the vault, and the consignee's for limits.

    ``limits`` is None where nothing tells the consignee from others.
    """

    told: tuple[tuple[Personal, str], ...]
    limits: str | None


_NAMING = {role: itemgetter(*naming(role)) for role in ROLES if role not in ("consignee", NOTE)}


def persons_of(rows: Sequence[Mapping[str, Any]], party: str, key: bytes) -> list[Persons]:
    """Return the persons of each consignment of a filing as intake read it."""
    found = []
    # Sellers and senders come again and again within a filing, consignees seldom; nothing is remembered beyond it.
    seen: dict[tuple[object, ...], str] = {}
    for row in rows:
        limit: str | None = None
        pairs = []
        for person in persons_in(row):
            role = person.role
            again = None if role == "consignee" else (role, _NAMING[role](row))
            name = None if again is None else seen.get(again)
            if name is None:
                identity = surest(person, row)
                if identity is None:
                    name = named(f"lone|{party}|{row['consignment_id']}|{role}", key, PseudonymPurpose.VAULT)
                else:
                    name = named(identity, key, PseudonymPurpose.VAULT)
                    if again is None:
                        limit = named(identity, key, PseudonymPurpose.LIMITS)
                    else:
                        seen[again] = name
            pairs.append((person, name))
        found.append(Persons(tuple(pairs), limit))
    return found


def told_again(persons: Persons, row: Mapping[str, Any]) -> Persons:
    """Return the persons of a consignment whose prior use was filled in; who they are doesn't change by it."""
    names = {person.role: name for person, name in persons.told}
    return Persons(tuple((person, names[person.role]) for person in persons_in(row)), persons.limits)


def seal(cursor: Cursor[Any], desk: Desk, filed: Sequence[tuple[int, int, Persons, date]]) -> None:
    """Seal the persons of consignments, each with its key, version and day of declaration."""
    told = [
        one
        for key, version, persons, day in filed
        for person, reference in persons.told
        for one in parted(key, version, reference, day.year, person)
    ]
    if not told:
        return
    living = vault.living_keys(cursor, {one.scope for one in told})
    sealing = seal_many(told, living, desk.masters_for(living.values()))
    vault.write(cursor, sealing, desk.clock.now())


def prior_use(cursor: Cursor[Any], desk: Desk, key: int, version: int | None) -> Mapping[str, Value]:
    """Return what a decision read of its person's prior use, for the service to decide again; empty once erased.

    It goes to no reader: what a person reads takes `greenlane.desk.persons.reveal`.
    """
    if version is None:
        return {}
    record = vault.at(cursor, key, version, "consignee", RetentionClass.LIMITS)
    if record is None:
        return {}
    held = vault.Keys(vault.joined(cursor)).find([record.key_id]).get(record.key_id)
    if not isinstance(held, PersonKey):
        return {}
    return unseal(record, held, desk.masters_for([held])).reveal()


__all__ = ["Persons", "persons_of", "prior_use", "seal", "told_again"]
