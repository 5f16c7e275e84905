"""What can go wrong with people's data. No message ever holds a value, only codes, roles and numbers.

The tree::

    GreenlaneError
    └── PrivacyError     carries a finding
        ├── Refused      role and purpose do not open this data
        ├── Erased       the key was destroyed by a rule; the tombstone says when and by which
        ├── Tampered     a sealed record, a key or their labels were changed
        └── KeyMissing   the key is not here, and no tombstone says why
"""

from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Finding, Severity, declare

REFUSED = declare(
    "privacy.refused",
    Severity.ERROR,
    "This role may not read this data for this purpose; the attempt is in the audit log.",
    "Ask somebody whose role may, or state the purpose that the table of purposes allows.",
)
CASE_MISSING = declare(
    "privacy.case_missing",
    Severity.ERROR,
    "Reading for this purpose needs the number of a case.",
    "Give the number of the case, without anybody's name.",
)
ERASED = declare(
    "privacy.erased",
    Severity.ERROR,
    "The personal data was erased: its key is destroyed.",
    "Nothing brings it back; the tombstone says when and by which rule.",
)
TAMPERED = declare(
    "privacy.tampered",
    Severity.ERROR,
    "A sealed record, a key or what it is bound to was changed.",
    "Treat it as an incident: compare with a backup and run `verify` on the audit log.",
)
KEY_MISSING = declare(
    "privacy.key_missing",
    Severity.ERROR,
    "A key is not here, and no tombstone says that it was destroyed.",
    "Give the retired master key too, or restore the keys of persons from a backup.",
)


class PrivacyError(GreenlaneError):
    """Root of the errors of this room."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(code, path, message)


class Refused(PrivacyError):
    """Role and purpose do not open this data."""


class Erased(PrivacyError):
    """The key was destroyed."""


class Tampered(PrivacyError):
    """Ciphertext, key or label was changed."""


class KeyMissing(PrivacyError):
    """No key and no tombstone."""
