"""The vault of people's data: keys, pseudonyms, purposes, retention, audit chain."""

from greenlane.privacy.access import Reading, Vault, open_many, open_one
from greenlane.privacy.audit import Anchor, Break, Entry, Link, anchor, append, read_entry, verify
from greenlane.privacy.errors import Erased, KeyMissing, PrivacyError, Refused, Tampered
from greenlane.privacy.extract import extract
from greenlane.privacy.keys import Master, Masters, load_masters, master, rotate
from greenlane.privacy.pages import reference_page
from greenlane.privacy.persons import PseudonymPurpose, identities, named, reference, subject_of
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import PERMISSIONS, Permission, Purpose, Role, permission
from greenlane.privacy.retention import RULES, Due, Held, Kept, RetentionRule, due, erase, kept
from greenlane.privacy.seal import (
    PersonKey,
    Scope,
    SealedRecord,
    Sealing,
    Unsealed,
    parted,
    rewrap,
    seal_many,
)
from greenlane.privacy.split import PERSONAL, persons_in, split
from greenlane.privacy.stores import AuditLog, Holdings, KeyStore
from greenlane.privacy.tombstones import Tombstone, proof, read_tombstone, risen

__all__ = [
    "PERMISSIONS",
    "PERSONAL",
    "RULES",
    "Anchor",
    "AuditLog",
    "Break",
    "Due",
    "Entry",
    "Erased",
    "Held",
    "Holdings",
    "Kept",
    "KeyMissing",
    "KeyStore",
    "Link",
    "Master",
    "Masters",
    "Permission",
    "PersonKey",
    "Personal",
    "PrivacyError",
    "PseudonymPurpose",
    "Purpose",
    "Reading",
    "Refused",
    "RetentionRule",
    "Role",
    "Scope",
    "SealedRecord",
    "Sealing",
    "Tampered",
    "Tombstone",
    "Unsealed",
    "Vault",
    "anchor",
    "append",
    "due",
    "erase",
    "extract",
    "identities",
    "kept",
    "load_masters",
    "master",
    "named",
    "open_many",
    "open_one",
    "parted",
    "permission",
    "persons_in",
    "proof",
    "read_entry",
    "read_tombstone",
    "reference",
    "reference_page",
    "rewrap",
    "risen",
    "rotate",
    "seal_many",
    "split",
    "subject_of",
    "verify",
]
