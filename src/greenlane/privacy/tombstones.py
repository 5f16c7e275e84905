"""What stays of a key that was destroyed: what it opened, when and by which rule it went, and the proof."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from greenlane.model.handling import RetentionClass
from greenlane.privacy.audit import Entry, Link, read_entry
from greenlane.privacy.seal import PersonKey, Scope
from greenlane.values.digest import canonical_json, sha256_hex

ERASED_ACTION = "erased"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """In the place of a person's key.

    ``key_digest`` is the SHA-256 of the wrapped key: it shows which bytes went, and does not bring them
    back. ``records`` counts what can't be read any more.
    """

    key_id: bytes
    scope: Scope
    at: datetime
    rule: str
    actor: str
    records: int
    key_digest: str

    def as_dict(self) -> dict[str, str | int | list[str] | None]:
        """Return it as it stands in extracts and in the audit log, without the person's reference."""
        return {
            "at": self.at.astimezone(UTC).isoformat(),
            "key_digest": self.key_digest,
            "key_id": self.key_id.hex(),
            "period": self.scope.period,
            "records": self.records,
            "retention": str(self.scope.retention),
            "rule": self.rule,
        }

    def written(self) -> bytes:
        """Return all of it as canonical JSON, as it stands in the place of the key (`read_tombstone`)."""
        return canonical_json(self.as_dict() | {"actor": self.actor, "reference": self.scope.reference})

    def digest(self) -> str:
        """Return the hash that the audit log holds as proof."""
        return sha256_hex(self.written())


def read_tombstone(data: bytes) -> Tombstone:
    """Return the tombstone that was written."""
    told = msgspec.json.decode(data)
    return Tombstone(
        bytes.fromhex(told["key_id"]),
        Scope(told["reference"], RetentionClass(told["retention"]), told["period"]),
        datetime.fromisoformat(told["at"]),
        told["rule"],
        told["actor"],
        told["records"],
        told["key_digest"],
    )


def tombstone(key: PersonKey, at: datetime, rule: str, actor: str, records: int) -> Tombstone:
    """Return what is put in the place of a key."""
    return Tombstone(key.id, key.scope, at, rule, actor, records, sha256_hex(key.wrapped))


def burial(stone: Tombstone, subject: str) -> Entry:
    """Return the entry by which the audit log proves a tombstone; *subject* is the person's pseudonym there."""
    told = stone.as_dict() | {"person": subject, "tombstone": stone.digest()}
    return Entry(stone.at, stone.actor, ERASED_ACTION, told)


def proof(stone: Tombstone, links: Iterable[Link]) -> Link | None:
    """Return the link of the audit log that proves a tombstone, or None: it was changed or never written."""
    digest = stone.digest()
    for link in links:
        entry = read_entry(link)
        if entry.action == ERASED_ACTION and entry.told.get("tombstone") == digest:
            return link
    return None


def risen(stones: Iterable[Tombstone], keys: Iterable[PersonKey]) -> list[PersonKey]:
    """Return keys that exist beside their own tombstone, as after a restore: they are destroyed again at once."""
    dead = {stone.key_id for stone in stones}
    return [key for key in keys if key.id in dead]
