"""What this room asks of whoever stores: small protocols, no SQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from greenlane.privacy.audit import Entry
from greenlane.privacy.seal import PersonKey, Scope, SealedRecord
from greenlane.privacy.tombstones import Tombstone


class KeyStore(Protocol):
    """Persons' keys and the tombstones of those that were destroyed, by key id."""

    def living(self, scopes: Iterable[Scope]) -> Mapping[Scope, PersonKey]:
        """Return one living key of each scope that has any, held against destruction until the transaction ends.

        Two filings at once may each make a key of one scope: both stay, and each opens its own records.
        """
        ...

    def find(self, key_ids: Collection[bytes]) -> Mapping[bytes, PersonKey | Tombstone]:
        """Return each key or its tombstone by id; what was never written is left out."""
        ...

    def of_person(self, reference: str) -> Sequence[PersonKey | Tombstone]:
        """Return every key and tombstone of a person."""
        ...

    def destroy(self, tombstone: Tombstone) -> None:
        """Put the tombstone in the place of its key, so that the wrapped key is read by nobody again."""
        ...


class AuditLog(Protocol):
    """The chain of entries, each put behind the head by `greenlane.privacy.audit.append`."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries apart from the caller's transaction, durable before it returns.

        What is refused or fails stays in the log. A transaction that has called `join` no longer calls this.
        """
        ...

    def join(self, entries: Sequence[Entry]) -> None:
        """Write entries in the caller's transaction: they stand if and only if what they tell of does."""
        ...


class Holdings(Protocol):
    """Everything else that is held about persons, by reference."""

    def records(self, reference: str) -> Iterable[SealedRecord]:
        """Return the sealed records of a person (pseudonym of purpose vault)."""
        ...

    def consignment(self, key: int) -> Mapping[str, object]:
        """Return the public elements of a consignment with its state and decisions, as JSON values."""
        ...

    def charges(self, key: int) -> Sequence[Mapping[str, object]]:
        """Return the charges of a consignment, as JSON values."""
        ...

    def uses(self, reference: str) -> Sequence[Mapping[str, object]]:
        """Return the uses of a person's limits (pseudonym of purpose limits), as JSON values."""
        ...

    def readings(self, subject: str) -> Iterable[Entry]:
        """Return the entries of the audit log that tell of a person (`subject_of`)."""
        ...
