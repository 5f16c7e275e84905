"""Reading plain data: every role and purpose, refused and granted, always in the audit log."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest
from msgspec.structs import replace

from greenlane.privacy.access import Reading, open_many, open_one
from greenlane.privacy.audit import Entry, verify
from greenlane.privacy.errors import CASE_MISSING, REFUSED, KeyMissing, PrivacyError, Refused, Tampered
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import PERMISSIONS, Purpose, Role, permission
from greenlane.privacy.seal import SealedRecord
from greenlane.privacy.split import CLASSES, SEALED
from vaults import MARKED, ROW, MemoryAudit, leaks, office

AT = datetime(2026, 7, 2, 9, tzinfo=UTC)


def reading(role: Role, purpose: Purpose, case: str | None = "CASE-1", own: str = "") -> Reading:
    """Return a reading by a made-up key."""
    return Reading(AT, "key-7", role, purpose, case, frozenset({own}))


@pytest.mark.parametrize(("role", "purpose"), list(product(Role, Purpose)))
def test_each_role_reads_for_each_purpose_what_the_table_says(role: Role, purpose: Purpose) -> None:
    """Every element of the table comes back and none beside; what the table does not name is refused."""
    vault, holdings, audit = office()
    granted = permission(role, purpose)
    seen: dict[str, object] = {}
    for record in holdings.file(ROW, 1):
        allowed = set() if granted is None else granted.elements & set(SEALED[record.role, record.retention])
        count = len(audit.links)
        if allowed:
            seen |= open_one(record, reading(role, purpose, own=record.reference), vault).reveal()
        else:
            with pytest.raises(Refused) as caught:
                open_one(record, reading(role, purpose, own=record.reference), vault)
            assert leaks(repr(caught.value)) == leaks(caught.value.finding) == []
        entry = audit.told()[-1]
        assert len(audit.links) == count + 1, "one entry a reading"
        assert entry.action == ("read" if allowed else REFUSED)
        assert entry.told.get("elements") == (sorted(allowed) if allowed else None)
        assert (entry.actor, entry.told["purpose"], entry.told["role"]) == ("key-7", purpose, role)
    wanted = {} if granted is None else {name: MARKED[name] for name in granted.elements & MARKED.keys()}
    assert seen == wanted
    assert verify(audit.links) is None and leaks(audit.links) == []


def test_the_table_keeps_the_administrator_out_and_numbers_rare() -> None:
    """An administrator reads nothing; personal numbers are read by few, and never for an inspection."""
    assert all(one.role is not Role.ADMINISTRATOR for one in PERMISSIONS)
    numbers = {(one.role, one.purpose) for one in PERMISSIONS if "consignee.id" in one.elements}
    assert not any(purpose is Purpose.INSPECTION for _, purpose in numbers)
    assert (Role.OFFICER, Purpose.CLEARANCE) not in numbers
    assert len({(one.role, one.purpose) for one in PERMISSIONS}) == len(PERMISSIONS)
    assert {name for one in PERMISSIONS for name in one.elements} == set(CLASSES)


@pytest.mark.parametrize("case", [None, "", "Qzperson Marked", "Qzperson", "CASE 1", "x" * 71 + "1"])
def test_a_case_is_a_number(case: str | None) -> None:
    """Where a case is needed, its absence or something that might be a name is refused and not written down."""
    vault, holdings, audit = office()
    record = holdings.file(ROW, 1)[-1]
    with pytest.raises(Refused) as caught:
        open_one(record, reading(Role.OFFICER, Purpose.DISPUTE, case), vault)
    assert caught.value.finding.code == CASE_MISSING
    assert audit.told()[-1].told["case"] == (None if case is None else "malformed")
    assert leaks(audit.links) == leaks(caught.value.finding) == []


def test_a_person_reads_nobody_else() -> None:
    """In the role of a person, only records under a reference that they proved are opened."""
    vault, holdings, audit = office()
    record = holdings.file(ROW, 1)[-1]
    other = holdings.file(ROW | {"consignee.id": "OTHER1"}, 2)[-1]
    with pytest.raises(Refused):
        open_one(record, reading(Role.PERSON, Purpose.SUBJECT_ACCESS, own=other.reference), vault)
    assert audit.told()[-1].action == REFUSED


def test_what_the_log_does_not_take_is_not_read() -> None:
    """Where the audit log can't be written, nothing is handed out."""

    class Full(MemoryAudit):
        def append(self, entries: object) -> None:
            raise OSError("no space left")

    vault, holdings, _ = office()
    record = holdings.file(ROW, 1)[0]
    object.__setattr__(vault, "audit", Full())
    with pytest.raises(OSError, match="no space"):
        open_one(record, reading(Role.OFFICER, Purpose.CLEARANCE), vault)


def test_tampering_and_loss_are_in_the_log() -> None:
    """A record that does not open, or whose key is lost, is an error of its own and an entry of the log."""
    vault, holdings, audit = office()
    first, second = holdings.file(ROW, 1)[:2]
    moved: SealedRecord = replace(first, key=2)
    with pytest.raises(Tampered):
        open_one(moved, reading(Role.OFFICER, Purpose.CLEARANCE), vault)
    assert [entry.action for entry in audit.told()] == ["read", "privacy.tampered"]
    del holdings.keys.held[second.key_id]
    with pytest.raises(KeyMissing):
        open_one(second, reading(Role.OFFICER, Purpose.CLEARANCE), vault)
    assert audit.told()[-1].action == "privacy.key_missing"
    assert verify(audit.links) is None


def test_many_are_opened_with_one_write() -> None:
    """A page of records is one write to the log, in order; one that fails stops no other."""
    vault, holdings, audit = office()
    records = [r for key in range(3) for r in holdings.file(ROW, key) if r.role == "consignee"]
    records[2] = replace(records[2], key=99)
    writes: list[int] = []
    put = audit.append

    def counted(entries: Sequence[Entry]) -> None:
        writes.append(len(entries))
        put(entries)

    object.__setattr__(audit, "append", counted)
    found = open_many(records, reading(Role.OFFICER, Purpose.CLEARANCE), vault)
    assert [type(one) for one in found] == [Personal, Personal, Tampered, Personal, Personal, Personal]
    assert writes == [6, 1] and verify(audit.links) is None
    assert [e.told["consignment"] for e in audit.told()] == [r.key for r in records] + [99]
    assert open_many([], reading(Role.OFFICER, Purpose.CLEARANCE), vault) == [] and len(writes) == 2


def test_errors_carry_a_declared_finding() -> None:
    """Each error of the room has a code that is declared, and a message without a person."""
    vault, holdings, _ = office()
    record = holdings.file(ROW, 1)[-1]
    with pytest.raises(PrivacyError) as caught:
        open_one(record, reading(Role.ADMINISTRATOR, Purpose.AUDIT), vault)
    told = caught.value.finding.as_dict()
    assert told["code"] == "privacy.refused" and told["severity"] == "error" and leaks(told) == []


def test_the_vault_does_not_show_its_keys() -> None:
    """Printing what reading needs shows neither a master key nor the key of pseudonyms."""
    assert repr(office()[0]) == "Vault()"
