"""A person's own data: everything that is held about them, found by pseudonym, told as JSON."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC

from greenlane.privacy.access import Reading, Vault, has_case, open_many
from greenlane.privacy.audit import Entry
from greenlane.privacy.errors import CASE_MISSING, REFUSED, PrivacyError, Refused
from greenlane.privacy.persons import PseudonymPurpose, fold, identities, named, subject_of
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import UNSHOWN, Purpose, permission
from greenlane.privacy.seal import SealedRecord
from greenlane.privacy.stores import Holdings
from greenlane.privacy.tombstones import Tombstone
from greenlane.values.digest import canonical_json

VERSION = 1


def extract(
    person: Personal, public: Mapping[str, object], reading: Reading, holdings: Holdings, vault: Vault
) -> bytes:
    """Return everything held about a person: records, consignments, charges, uses of limits, readings, erasures.

    The person is found by the id and by name, address and postcode, whatever of it they proved. Where a
    consignment was filed with their id and another name, that name is another's data or a misuse: it is
    withheld, and the consignment is told.

    Args:
        person: What the person proved, as it would stand in a consignment.
        public: The countries: ``destination_country``, ``consignee.country``.
        reading: Purpose subject_access; each record that is opened is in the audit log.
        holdings: What the store holds.
        vault: What opens it.
    Returns:
        Canonical JSON. It is plain personal data: hand it over and keep no copy.
    Raises:
        Refused: The role may not answer such a request, or what was proven names nobody.
    """
    known = identities(person, public)
    references = [named(one, vault.pseudonyms, PseudonymPurpose.VAULT) for one in known]
    reading = replace(reading, own=frozenset(references))
    _check(references, reading, vault)
    limits = [named(one, vault.pseudonyms, PseudonymPurpose.LIMITS) for one in known]
    readings = [told for one in references for told in _readings(one, holdings, vault)]
    records = [record for one in references for record in holdings.records(one)]
    stones = [s for one in references for s in vault.keys.of_person(one) if isinstance(s, Tombstone)]
    told = {
        "version": VERSION,
        "at": reading.at.astimezone(UTC).isoformat(),
        "records": [
            _record(record, found, person)
            for record, found in zip(records, open_many(records, reading, vault), strict=True)
        ],
        "consignments": [
            {"key": key, "public": dict(holdings.consignment(key)), "charges": list(holdings.charges(key))}
            for key in dict.fromkeys(record.key for record in records)
        ],
        "uses": [dict(use) for one in limits for use in holdings.uses(one)],
        "readings": readings,
        "erased": [stone.as_dict() for stone in stones],
    }
    return canonical_json(told)


def _check(references: list[str], reading: Reading, vault: Vault) -> None:
    """Note the request in the audit log; refuse it where nobody is named or the role may not answer it."""
    granted = permission(reading.role, reading.purpose)
    code, words = REFUSED, ""
    if granted is None or reading.purpose is not Purpose.SUBJECT_ACCESS:
        words = f"role {reading.role} answers no person for purpose {reading.purpose}"
    elif granted.case and not has_case(reading):
        code, words = CASE_MISSING, f"purpose {reading.purpose} needs the number of a case"
    elif not references:
        words = "an id, or a name with an address or postcode, is needed to find a person"
    told = {
        "person": subject_of(references[0], vault.pseudonyms) if references else None,
        "purpose": str(reading.purpose),
        "role": str(reading.role),
    }
    vault.audit.append([Entry(reading.at, reading.actor, code if words else "extract", told)])
    if words:
        raise Refused(code, words)


def _record(record: SealedRecord, found: Personal | PrivacyError, person: Personal) -> dict[str, object]:
    told: dict[str, object] = {
        "consignment": record.key,
        "version": record.version,
        "role": record.role,
        "retention": str(record.retention),
        "state": "held",
    }
    if isinstance(found, PrivacyError):
        return told | {"state": found.finding.code, "note": found.finding.message}
    values = found.reveal()
    if _another(values, record.role, person):
        values = {name: value for name, value in values.items() if name == f"{record.role}.id"}
        told |= {"state": "withheld", "note": "filed with this id under another name"}
    return told | {"personal": dict(values)}


def _another(values: Mapping[str, object], role: str, person: Personal) -> bool:
    """Say whether a record names somebody else than the person who asks."""
    own, filed = person.reveal().get(f"{person.role}.name"), values.get(f"{role}.name")
    return filed is not None and (own is None or fold(str(own)) != fold(str(filed)))


def _readings(reference: str, holdings: Holdings, vault: Vault) -> list[dict[str, object]]:
    """Return who read about the person: when, in which role, for what; not which officer."""
    shown = []
    for entry in holdings.readings(subject_of(reference, vault.pseudonyms)):
        if entry.told.get("purpose") in UNSHOWN:
            continue
        told: dict[str, object] = {"at": entry.at.astimezone(UTC).isoformat(), "action": entry.action}
        for name in ("role", "purpose", "consignment", "elements"):
            if name in entry.told:
                told[name] = entry.told[name]
        shown.append(told)
    return shown
