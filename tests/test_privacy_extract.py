"""A person's own data: all of it, nobody else's, and each extract in the log."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from greenlane.privacy.access import Reading, open_one
from greenlane.privacy.errors import PrivacyError, Refused
from greenlane.privacy.extract import extract
from greenlane.privacy.plain import Personal
from greenlane.privacy.purposes import Purpose, Role
from greenlane.privacy.retention import Due, erase
from greenlane.privacy.seal import PersonKey
from vaults import MARKED, ROW, MemoryHoldings, Vault, leaks, office

AT = datetime(2026, 7, 2, 9, tzinfo=UTC)
SELF = Reading(AT, "session-1", Role.PERSON, Purpose.SUBJECT_ACCESS)
PLACE = {"destination_country": "DE", "consignee.country": "DE"}
PROVEN = {name: MARKED[f"consignee.{name}"] for name in ("id", "name", "address", "postcode")}


def asked(vault: Vault, holdings: MemoryHoldings, by: Reading = SELF, **proven: Any) -> dict[str, Any]:
    """Return what a person is told who proved so much."""
    person = Personal("consignee", {f"consignee.{n}": v for n, v in (proven or PROVEN).items()})
    told: dict[str, Any] = msgspec.json.decode(extract(person, PLACE, by, holdings, vault))
    return told


def test_everything_held_about_a_person_is_told() -> None:
    """Records with and without the id, consignments, charges, uses and readings: all of it, in the clear."""
    vault, holdings, _ = office()
    records = holdings.file(ROW, 1)
    holdings.file({n: v for n, v in ROW.items() if n != "consignee.id"}, 2)
    officer = Reading(AT, "key-7", Role.OFFICER, Purpose.CLEARANCE)
    open_one(records[2], officer, vault)
    found = asked(vault, holdings)
    own = {n: v for n, v in MARKED.items() if n.startswith("consignee.")}
    told = [r for r in found["records"] if r["consignment"] == 1]
    assert {n: v for r in told for n, v in r["personal"].items()} == own
    assert {r["state"] for r in found["records"]} == {"held"}
    assert [c["key"] for c in found["consignments"]] == [1, 2]
    assert found["consignments"][0]["charges"][0]["amount"] == "1.90"
    assert [use["consignment"] for use in found["uses"]] == [1, 2]
    (read,) = [r for r in found["readings"] if r["action"] == "read"]
    assert (read["role"], read["purpose"]) == ("officer", "clearance")
    assert "actor" not in read and "key-7" not in str(found)


def test_nobody_elses_data_is_told() -> None:
    """The sender's and seller's data of the same consignment, and other receivers', are not in the extract."""
    vault, holdings, _ = office()
    holdings.file(ROW, 1)
    holdings.file(ROW | {"consignee.id": "OTHER1", "consignee.name": "B. Other", "consignee.address": "2"}, 2)
    found = asked(vault, holdings)
    assert {r["role"] for r in found["records"]} == {"consignee"}
    assert [c["key"] for c in found["consignments"]] == [1]
    assert not any(mark in str(found) for mark in ("Qzsender", "Qzseller", "OTHER1", "B. Other"))


def test_another_name_under_ones_number_is_withheld_and_told() -> None:
    """Somebody who used the person's number stays unnamed; that it was used is told."""
    vault, holdings, _ = office()
    holdings.file(ROW, 1)
    holdings.file(ROW | {"consignee.name": "Misuser Other", "consignee.address": "5 Other Road"}, 2)
    found = asked(vault, holdings)
    (misused,) = [r for r in found["records"] if r["state"] == "withheld"]
    assert misused["consignment"] == 2 and misused["personal"] == {"consignee.id": MARKED["consignee.id"]}
    assert "Misuser" not in str(found) and "5 Other Road" not in str(found)
    assert [c["key"] for c in found["consignments"]] == [1, 2]


def test_the_own_extract_is_in_the_log_and_law_enforcement_is_not_shown() -> None:
    """The next extract shows the last one; a reading for law enforcement is logged and not shown."""
    vault, holdings, audit = office()
    record = holdings.file(ROW, 1)[2]
    open_one(record, Reading(AT, "key-9", Role.SUPERVISOR, Purpose.LAW_ENFORCEMENT, "LE-1"), vault)
    asked(vault, holdings)
    again = asked(vault, holdings)
    actions = [(r["action"], r["purpose"]) for r in again["readings"]]
    assert ("extract", "subject_access") in actions and ("read", "subject_access") in actions
    assert all(purpose != "law_enforcement" for _, purpose in actions)
    assert any(entry.told["purpose"] == "law_enforcement" for entry in audit.told())
    assert leaks(audit.links) == []


def test_what_was_erased_is_told_as_erased() -> None:
    """After erasure the extract says so, with the rule, and holds the person's data no more."""
    vault, holdings, _ = office()
    for record in holdings.file(ROW, 1):
        key = holdings.keys.held[record.key_id]
        if isinstance(key, PersonKey):
            erase(Due(key.id, key.scope, AT.date(), "person.3-years", 1), AT, "clock-1", vault)
    found = asked(vault, holdings)
    assert {r["state"] for r in found["records"]} == {"privacy.erased"}
    assert {stone["rule"] for stone in found["erased"]} == {"person.3-years"} and len(found["erased"]) == 2
    assert leaks(str(found)) == []


@pytest.mark.parametrize(
    ("by", "proven"),
    [
        (Reading(AT, "k", Role.OFFICER, Purpose.CLEARANCE), PROVEN),
        (Reading(AT, "k", Role.SUPERVISOR, Purpose.LAW_ENFORCEMENT, "LE-1"), PROVEN),
        (Reading(AT, "k", Role.SUPERVISOR, Purpose.SUBJECT_ACCESS), PROVEN),
        (Reading(AT, "k", Role.ADMINISTRATOR, Purpose.SUBJECT_ACCESS, "C-1"), PROVEN),
        (SELF, {"name": "Qzperson Marked"}),
    ],
)
def test_who_may_not_ask_is_refused_before_anything_is_read(by: Reading, proven: dict[str, Any]) -> None:
    """Another role or purpose, no case, or a bare name: refused, one entry in the log, nothing opened."""
    vault, holdings, audit = office()
    holdings.file(ROW, 1)
    with pytest.raises(Refused) as caught:
        asked(vault, holdings, by, **proven)
    assert [entry.action for entry in audit.told()] == [caught.value.finding.code]
    assert isinstance(caught.value, PrivacyError) and leaks(repr(caught.value)) == []


def test_a_stranger_is_told_that_nothing_is_held() -> None:
    """Whoever is not known gets an empty extract, not an error; what stays is that they asked."""
    vault, holdings, _ = office()
    holdings.file(ROW, 1)
    found = asked(vault, holdings, id="NOBODY1", name="C. Nobody", address="3")
    assert all(found[name] == [] for name in ("records", "consignments", "uses", "erased"))
    assert [told["action"] for told in found["readings"]] == ["extract"]
