"""Reading plain data: a role, a stated purpose, an entry in the audit log, then the key. In this order."""

import re
from dataclasses import dataclass
from datetime import datetime

from greenlane.privacy.audit import Entry
from greenlane.privacy.errors import (
    CASE_MISSING,
    ERASED,
    KEY_MISSING,
    REFUSED,
    Erased,
    KeyMissing,
    PrivacyError,
    Refused,
)
from greenlane.privacy.keys import Masters
from greenlane.privacy.persons import subject_of
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import Permission, Purpose, Role, permission
from greenlane.privacy.seal import PersonKey, SealedRecord, unseal
from greenlane.privacy.split import SEALED
from greenlane.privacy.stores import AuditLog, KeyStore
from greenlane.privacy.tombstones import Tombstone

_CASE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._:/#-]{0,69}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, in which role, for which purpose, when.

    ``case`` is a number, never a name. ``own``: the vault's references that a person has proven to be
    theirs; in the role ``person`` nothing else is opened.
    """

    at: datetime
    actor: str
    role: Role
    purpose: Purpose
    case: str | None = None
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vault:
    """What reading needs: the store's keys and log, the master keys, the key of pseudonyms."""

    keys: KeyStore
    audit: AuditLog
    masters: Masters
    pseudonyms: bytes

    def __repr__(self) -> str:
        return "Vault()"


def open_one(record: SealedRecord, reading: Reading, vault: Vault) -> Personal:
    """Return what the reader may see of a record, once the audit log holds the reading.

    Raises:
        Refused: Role and purpose open nothing of it, or the case is missing.
        Erased: Its key was destroyed.
        Tampered: The record or its key was changed.
        KeyMissing: The key is lost.

    Each of them is in the audit log before it is raised.
    """
    granted = _granted(record, reading, vault)
    found = vault.keys.find(record.key_id)
    if isinstance(found, Tombstone):
        _note(vault, reading, record, "erased_already")
        raise Erased(ERASED, f"erased on {found.at:%Y-%m-%d} by rule {found.rule}", f"/{record.role}")
    if found is None:
        _note(vault, reading, record, "key_missing")
        raise KeyMissing(KEY_MISSING, f"key {record.key_id.hex()} is not here", f"/{record.role}")
    names = sorted(granted.elements.intersection(SEALED[record.role, record.retention]))
    _note(vault, reading, record, "read", elements=names)
    return _opened(record, found, names, reading, vault)


def has_case(reading: Reading) -> bool:
    """Say whether a reading names a case by a number that is written as one."""
    return reading.case is not None and _CASE.fullmatch(reading.case) is not None


def _granted(record: SealedRecord, reading: Reading, vault: Vault) -> Permission:
    """Return the permission that opens something of the record, or refuse."""
    granted = permission(reading.role, reading.purpose)
    together = SEALED.get((record.role, record.retention), ())
    foreign = reading.role is Role.PERSON and record.reference not in reading.own
    if granted is None or granted.elements.isdisjoint(together) or foreign:
        _note(vault, reading, record, "refused")
        words = f"role {reading.role} reads nothing of this for purpose {reading.purpose}"
        raise Refused(REFUSED, words, f"/{record.role}")
    if granted.case and not has_case(reading):
        _note(vault, reading, record, "refused")
        words = f"purpose {reading.purpose} needs the number of a case"
        raise Refused(CASE_MISSING, words, f"/{record.role}")
    return granted


def _opened(
    record: SealedRecord, key: PersonKey, names: list[str], reading: Reading, vault: Vault
) -> Personal:
    try:
        whole = unseal(record, key, vault.masters)
    except PrivacyError as error:
        _note(vault, reading, record, error.finding.code)
        raise
    values = whole.reveal()
    return Personal(record.role, {name: values[name] for name in names if name in values})


def _note(
    vault: Vault, reading: Reading, record: SealedRecord, action: str, elements: list[str] | None = None
) -> None:
    told: dict[str, str | int | list[str] | None] = {
        "as": record.role,
        "case": reading.case if reading.case is None or has_case(reading) else "malformed",
        "consignment": record.key,
        "version": record.version,
        "person": subject_of(record.reference, vault.pseudonyms),
        "purpose": str(reading.purpose),
        "role": str(reading.role),
    }
    if elements is not None:
        told["elements"] = elements
    vault.audit.append(Entry(reading.at, reading.actor, action, told))
