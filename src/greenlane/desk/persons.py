"""People's data: reading it for a purpose, notes, a person's own extract. Each reading and refusal is in the log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import Role as Acting
from greenlane.desk.audit import entry
from greenlane.desk.caller import Caller, Right
from greenlane.desk.desk import Desk
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.desk.seeing import NotFound, find
from greenlane.desk.told import Disclosed, Revealed
from greenlane.model.handling import RetentionClass
from greenlane.privacy.access import Reading, has_case, open_many
from greenlane.privacy.audit import Entry, Told
from greenlane.privacy.errors import CASE_MISSING, REFUSED, PrivacyError, Refused
from greenlane.privacy.extract import extract as told_of_person
from greenlane.privacy.persons import PseudonymPurpose, named
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import Purpose, Role, permission
from greenlane.privacy.seal import SealedRecord, parted, seal_many
from greenlane.privacy.split import NOTE, SEALED
from greenlane.store import consignments as rows
from greenlane.store import vault as tables
from greenlane.store.audit import Log
from greenlane.store.holdings import Stored

SENSITIVE = frozenset({Right.REVEAL, Right.EXTRACT, Right.ERASE, Right.KEEP, Right.PROOF, Right.AUDIT})
"""Rights of which a refusal is in the audit log too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read of a consignment, and why. Empty ``roles``: every person; empty ``elements``: all that
    role and purpose open.
    """

    consignment_id: str
    purpose: Purpose
    party: str | None = None
    case: str | None = None
    roles: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()


def reveal(desk: Desk, caller: Caller, wanted: Wanted) -> Revealed:
    """Read people's data of the last filing of a consignment, and its notes.

    Raises:
        NotFound: The caller sees no such consignment.
        PrivacyError: Nothing of it may be read, or can be: role and purpose, the case, erasure. It is in the log.
    """
    desk.refresh()
    reading = _reading(desk, caller, wanted)
    try:
        party, key = find(desk, caller, wanted.party, wanted.consignment_id)
    except NotFound:
        _note_refusal(desk, reading, REFUSED, None)
        raise
    with desk.database.cursor() as cursor:
        records = _chosen(tables.newest(cursor, key), wanted, reading)
    if not records:
        _nothing(desk, reading, key)
    found = open_many(records, reading, desk.vault(key_ids=[record.key_id for record in records]))
    if found and all(isinstance(one, PrivacyError) for one in found):
        raise next(one for one in found if isinstance(one, PrivacyError))
    return Revealed(
        consignment_id=wanted.consignment_id,
        party=party,
        role=str(reading.role),
        purpose=str(reading.purpose),
        persons=[_shown(record, one) for record, one in zip(records, found, strict=True)],
    )


def refused(desk: Desk, caller: Caller, right: Right) -> None:
    """Note in the audit log that a caller asked for what its roles or scopes don't open."""
    if right in SENSITIVE:
        told: Told = {"right": str(right), "roles": [str(role) for role in sorted(caller.roles)]}
        Log(desk.database).append([Entry(desk.clock.now(), caller.actor, REFUSED, told)])


def _reading(desk: Desk, caller: Caller, wanted: Wanted) -> Reading:
    """Return who reads: in that role of the caller that opens most for the purpose."""
    own = sorted(Role(role.value) for role in caller.roles)

    def opens(role: Role) -> int:
        granted = permission(role, wanted.purpose)
        return 0 if granted is None else len(granted.elements)

    role = max(own, key=opens)
    elements = wanted.elements or None
    return Reading(desk.clock.now(), caller.actor, role, wanted.purpose, wanted.case, wanted=elements)


def _chosen(records: Collection[SealedRecord], wanted: Wanted, reading: Reading) -> list[SealedRecord]:
    """Return the records that are asked for; where all was asked for, those of which something may be seen, if any."""
    listed = [record for record in records if not wanted.roles or record.role in wanted.roles]
    if wanted.elements:
        return [one for one in listed if not wanted.elements.isdisjoint(SEALED[one.role, one.retention])]
    granted = permission(reading.role, reading.purpose)
    if granted is None:
        return listed
    seen = [one for one in listed if not granted.elements.isdisjoint(SEALED[one.role, one.retention])]
    return seen or listed


def _nothing(desk: Desk, reading: Reading, key: int) -> None:
    """Note a reading that finds nothing; refuse it where it would have been refused.

    Raises:
        Refused: Role and purpose don't open what was asked for, or the case is missing.
    """
    granted = permission(reading.role, reading.purpose)
    code = "read"
    if granted is None or not (reading.wanted or frozenset()) <= granted.elements:
        code = REFUSED
    elif granted.case and not has_case(reading):
        code = CASE_MISSING
    _note_refusal(desk, reading, code, key)
    if code != "read":
        raise Refused(code, f"role {reading.role} reads nothing of this for purpose {reading.purpose}")


def _note_refusal(desk: Desk, reading: Reading, code: str, key: int | None) -> None:
    told: dict[str, str | int | list[str] | None] = {
        "consignment": key,
        "person": None,
        "purpose": str(reading.purpose),
        "role": str(reading.role),
    }
    Log(desk.database).append([Entry(reading.at, reading.actor, code, told)])


def _shown(record: SealedRecord, found: Personal | PrivacyError) -> Disclosed:
    if isinstance(found, PrivacyError):
        code, words = found.finding.code, found.finding.message
        return Disclosed(role=record.role, version=record.version, state=code, message=words)
    return Disclosed(role=record.role, version=record.version, state="read", elements=dict(found.reveal()))


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as they proved who they are, as it would stand in a consignment."""

    person: Personal
    public: Mapping[str, str]


def extract(desk: Desk, caller: Caller, subject: Subject, case: str) -> bytes:
    """Return everything that is held about a person, as JSON; it is plain data.

    Raises:
        Refused: The caller may not answer such a request, or what was proven names nobody.
    """
    desk.refresh()
    own = (
        Role.SUPERVISOR
        if Acting.SUPERVISOR in caller.roles
        else sorted(Role(r.value) for r in caller.roles)[0]
    )
    reading = Reading(desk.clock.now(), caller.actor, own, Purpose.SUBJECT_ACCESS, case)
    holdings = Stored(desk.database.cursor)
    return told_of_person(subject.person, subject.public, reading, holdings, desk.vault())


def note(
    desk: Desk, caller: Caller, party: str | None, consignment_id: str, text: str, request: Asked | None
) -> Answered:
    """Put free text about a consignment into the vault, and answer with the reference that commands take.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    desk.refresh()
    owner, key = find(desk, caller, party, consignment_id)
    with desk.database.writing(owner, request=request.mark if request else None) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        now = desk.clock.now()
        number = _next_note(cursor, key)
        values = {"note.text": text, "note.at": now.isoformat(), "note.actor": caller.actor}
        reference, period = _about(cursor, desk, owner, consignment_id, key)
        told = parted(key, number, reference, period, Personal(NOTE, values))
        living = tables.living_keys(cursor, {one.scope for one in told})
        tables.write(cursor, seal_many(told, living, desk.masters_for(living.values())), now)
        entry(cursor, desk, caller.actor, "noted", {"consignment": key, "note": number})
        answer = Answered(201, "application/json", msgspec.json.encode({"note": f"note/{number}"}))
        if request is not None:
            remember(cursor, request, answer, now)
    return answer


def _next_note(cursor: Cursor[Any], key: int) -> int:
    row = cursor.execute(
        "select coalesce(max(version), 0) + 1 from sealed where key = %s and role = %s", (key, NOTE)
    ).fetchone()
    assert row is not None
    return int(row[0])


def _about(cursor: Cursor[Any], desk: Desk, party: str, consignment_id: str, key: int) -> tuple[str, int]:
    """Return under whose key a note is sealed, so that it goes when they do: the consignee's, else the consignor's."""
    row = rows.one(cursor, key)
    assert row is not None
    held = {
        record.role: record.reference
        for record in tables.newest(cursor, key)
        if record.retention is RetentionClass.PERSON and record.role != NOTE
    }
    lone = named(f"lone|{party}|{consignment_id}|consignee", desk.context.key, PseudonymPurpose.VAULT)
    reference = held.get("consignee") or held.get("consignor") or lone
    return reference, row["declaration_date"].year


__all__ = ["SENSITIVE", "Subject", "Wanted", "extract", "note", "refused", "reveal"]
