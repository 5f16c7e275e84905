"""Made-up persons and a vault in memory, for the tests of privacy."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from greenlane.privacy.access import Vault
from greenlane.privacy.audit import Entry, Link, append, read_entry
from greenlane.privacy.keys import Masters, master
from greenlane.privacy.persons import PseudonymPurpose, reference
from greenlane.privacy.seal import PersonKey, Scope, SealedRecord, Sealing, Unsealed, parted, seal_many
from greenlane.privacy.split import split
from greenlane.privacy.tombstones import Tombstone

KEY = b"\x5a" * 32
MASTERS = Masters(master(b"\x01" * 32))
MARKED = {
    "seller.name": "Qzseller Marked",
    "consignor.name": "Qzsender Marked",
    "consignor.address": "7 Qzsender Road",
    "consignee.id": "QZ900101",
    "consignee.name": "Qzperson Marked",
    "consignee.address": "9 Qzperson Street",
    "consignee.postcode": "QZ1234",
    "consignee.prior_use.year_amount": 9184736,
    "consignee.prior_use.year_count": 8273645,
}
"""Every value is found nowhere else, so that a search for it is a search for a leak."""

ROW: Mapping[str, Any] = {
    "consignment_id": "C1",
    "departure_country": "CN",
    "destination_country": "DE",
    "consignor.country": "CN",
    "consignee.country": "DE",
    "seller.id": "S1",
    "seller.country": "CN",
} | MARKED


def marks() -> list[str]:
    """Return the texts to search for, whole and word by word."""
    texts = [str(value) for value in MARKED.values()]
    return sorted({spelled for text in texts for spelled in (text, *text.split()) if len(spelled) > 6})


def leaks(output: object) -> list[str]:
    """Return the marked texts that an output shows, searched without regard to case."""
    shown = output if isinstance(output, str) else repr(output)
    return [mark for mark in marks() if mark.lower() in shown.lower()]


def told(row: Mapping[str, Any] = ROW, key: int = 1, period: int = 2026, version: int = 1) -> list[Unsealed]:
    """Return what is to be sealed of one row."""
    public, persons = split(row)
    vault = PseudonymPurpose.VAULT
    return [
        one
        for person in persons
        for one in parted(key, version, reference(person, public, key, KEY, vault), period, person)
    ]


def sealed(row: Mapping[str, Any] = ROW, key: int = 1) -> Sealing:
    """Return one row, sealed with new keys."""
    return seal_many(told(row, key), {}, MASTERS)


class MemoryKeys:
    """Keys and tombstones in memory."""

    def __init__(self, keys: Iterable[PersonKey] = ()) -> None:
        self.held: dict[bytes, PersonKey | Tombstone] = {key.id: key for key in keys}

    def living(self, scopes: Iterable[Scope]) -> dict[Scope, PersonKey]:
        """Return the living keys of scopes."""
        wanted = set(scopes)
        return {k.scope: k for k in self.held.values() if isinstance(k, PersonKey) and k.scope in wanted}

    def find(self, key_ids: Collection[bytes]) -> dict[bytes, PersonKey | Tombstone]:
        """Return keys and tombstones."""
        return {key_id: self.held[key_id] for key_id in key_ids if key_id in self.held}

    def of_person(self, reference: str) -> list[PersonKey | Tombstone]:
        """Return a person's keys and tombstones."""
        return [one for one in self.held.values() if one.scope.reference == reference]

    def destroy(self, tombstone: Tombstone) -> None:
        """Replace a key by its tombstone."""
        assert isinstance(self.held[tombstone.key_id], PersonKey)
        self.held[tombstone.key_id] = tombstone


class MemoryAudit:
    """The chain in memory."""

    def __init__(self) -> None:
        self.links: list[Link] = []

    def append(self, entries: Sequence[Entry]) -> None:
        """Put entries behind the head."""
        for entry in entries:
            self.links.append(append(self.links[-1] if self.links else None, entry))

    join = append

    def told(self) -> list[Entry]:
        """Return the entries, read back from the chain."""
        return [read_entry(link) for link in self.links]


class MemoryHoldings:
    """What else is held, in memory: rows filed with `file`."""

    def __init__(self, keys: MemoryKeys, audit: MemoryAudit) -> None:
        self.keys, self.audit = keys, audit
        self.sealed: list[SealedRecord] = []
        self.public: dict[int, dict[str, object]] = {}
        self.used: dict[str, list[dict[str, object]]] = {}

    def file(self, row: Mapping[str, Any], key: int, period: int = 2026) -> list[SealedRecord]:
        """File one row as the service does, and return its sealed records."""
        public, persons = split(row)
        listed = told(row, key, period)
        made = seal_many(listed, self.keys.living(one.scope for one in listed), MASTERS)
        self.keys.held |= {one.id: one for one in made.keys}
        self.sealed += made.records
        self.public[key] = {name: value for name, value in public.items() if value is not None}
        for person in persons:
            if person.role == "consignee":
                limits = reference(person, public, key, KEY, PseudonymPurpose.LIMITS)
                self.used.setdefault(limits, []).append({"consignment": key, "amount": "10.00"})
        return made.records

    def records(self, reference: str) -> list[SealedRecord]:
        """Return a person's records."""
        return [record for record in self.sealed if record.reference == reference]

    def consignment(self, key: int) -> dict[str, object]:
        """Return the public part."""
        return self.public[key]

    def charges(self, key: int) -> list[dict[str, object]]:
        """Return the charges of a consignment."""
        return [{"name": "import_vat", "amount": "1.90", "currency": "EUR", "consignment": key}]

    def uses(self, reference: str) -> list[dict[str, object]]:
        """Return the uses of limits."""
        return self.used.get(reference, [])

    def readings(self, subject: str) -> list[Entry]:
        """Return what the audit log tells of a person."""
        return [entry for entry in self.audit.told() if entry.told.get("person") == subject]


def office() -> tuple[Vault, MemoryHoldings, MemoryAudit]:
    """Return an empty vault with its holdings and log."""
    keys, audit = MemoryKeys(), MemoryAudit()
    return Vault(keys, audit, MASTERS, KEY), MemoryHoldings(keys, audit), audit
