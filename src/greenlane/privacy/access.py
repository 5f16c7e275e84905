"""Reading plain data: a role, a stated purpose, an entry in the audit log, then the key. In this order."""

import re
from collections.abc import Sequence
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
from greenlane.privacy.purposes import Purpose, Role, permission
from greenlane.privacy.seal import PersonKey, SealedRecord, unseal
from greenlane.privacy.split import SEALED
from greenlane.privacy.stores import AuditLog, KeyStore
from greenlane.privacy.tombstones import Tombstone

_CASE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._:/#-]{0,69}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, in which role, for which purpose, when.

    ``case`` is a number, never a name. ``own``: the vault's references that a person has proven to be
    theirs; in the role ``person`` nothing else is opened. ``wanted``: these elements and no other, so that no
    more is read than is needed; None: all that role and purpose open.
    """

    at: datetime
    actor: str
    role: Role
    purpose: Purpose
    case: str | None = None
    own: frozenset[str] = frozenset()
    wanted: frozenset[str] | None = None


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
    (found,) = open_many([record], reading, vault)
    if isinstance(found, PrivacyError):
        raise found
    return found


def open_many(
    records: Sequence[SealedRecord], reading: Reading, vault: Vault
) -> list[Personal | PrivacyError]:
    """Return for each record what `open_one` returns or raises: one look-up, one write to the audit log."""
    keys = vault.keys.find({record.key_id for record in records})
    granted = [_granted(record, reading, keys.get(record.key_id)) for record in records]
    if granted:
        vault.audit.append([_entry(*pair, reading, vault) for pair in zip(records, granted, strict=True)])
    found = [
        one if isinstance(one, PrivacyError) else _opened(record, *one, vault.masters)
        for record, one in zip(records, granted, strict=True)
    ]
    late = [
        _entry(record, now, reading, vault)
        for record, before, now in zip(records, granted, found, strict=True)
        if isinstance(now, PrivacyError) and now is not before
    ]
    if late:
        vault.audit.append(late)
    return found


def has_case(reading: Reading) -> bool:
    """Say whether a reading names a case by a number that is written as one."""
    return reading.case is not None and _CASE.fullmatch(reading.case) is not None


_Granted = tuple[PersonKey, list[str]]
"""The key, and the elements that may be handed out."""


def _granted(
    record: SealedRecord, reading: Reading, key: PersonKey | Tombstone | None
) -> _Granted | PrivacyError:
    """Return what opens a record and how much of it, or why nothing does."""
    allowed, path = permission(reading.role, reading.purpose), f"/{record.role}"
    together = frozenset(SEALED.get((record.role, record.retention), ()))
    foreign = reading.role is Role.PERSON and record.reference not in reading.own
    elements = frozenset() if allowed is None else allowed.elements & together
    if reading.wanted is not None:
        # What is asked for by name is granted whole or not at all.
        asked = reading.wanted & together
        elements = asked if asked <= elements else frozenset()
    if allowed is None or not elements or foreign:
        words = f"role {reading.role} reads nothing of this for purpose {reading.purpose}"
        return Refused(REFUSED, words, path)
    if allowed.case and not has_case(reading):
        return Refused(CASE_MISSING, f"purpose {reading.purpose} needs the number of a case", path)
    if isinstance(key, Tombstone):
        return Erased(ERASED, f"erased on {key.at:%Y-%m-%d} by rule {key.rule}", path)
    if key is None:
        return KeyMissing(KEY_MISSING, f"key {record.key_id.hex()} is not here", path)
    return key, sorted(elements)


def _opened(
    record: SealedRecord, key: PersonKey, names: list[str], masters: Masters
) -> Personal | PrivacyError:
    try:
        values = unseal(record, key, masters).reveal()
    except PrivacyError as error:
        return error
    return Personal(record.role, {name: values[name] for name in names if name in values})


def _entry(
    record: SealedRecord, granted: _Granted | PrivacyError | Personal, reading: Reading, vault: Vault
) -> Entry:
    """Return what the audit log holds of one reading: ``read`` with its elements, or the code of what failed."""
    told: dict[str, str | int | list[str] | None] = {
        "as": record.role,
        "case": reading.case if reading.case is None or has_case(reading) else "malformed",
        "consignment": record.key,
        "person": subject_of(record.reference, vault.pseudonyms),
        "purpose": str(reading.purpose),
        "role": str(reading.role),
        "version": record.version,
    }
    if isinstance(granted, tuple):
        told["elements"] = granted[1]
    action = granted.finding.code if isinstance(granted, PrivacyError) else "read"
    return Entry(reading.at, reading.actor, action, told)
