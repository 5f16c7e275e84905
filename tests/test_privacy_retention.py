"""Clocks, holds, erasure and its proof."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace as scoped

from greenlane.model.handling import RetentionClass
from greenlane.privacy.access import Reading, open_one
from greenlane.privacy.audit import anchor, verify
from greenlane.privacy.errors import Erased, KeyMissing, Tampered
from greenlane.privacy.purposes import Purpose, Role
from greenlane.privacy.retention import RULES, Due, Held, due, erase
from greenlane.privacy.seal import PersonKey, Scope, SealedRecord, unseal
from greenlane.privacy.split import SEALED
from greenlane.privacy.tombstones import Tombstone, proof, read_tombstone, risen
from vaults import MASTERS, ROW, leaks, office

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
OFFICER = Reading(AT, "key-7", Role.OFFICER, Purpose.CLEARANCE)
PERSON = Scope("a" * 64, RetentionClass.PERSON, 2026)
LIMITS = scoped(PERSON, retention=RetentionClass.LIMITS)


def held(
    started: date | None, scope: Scope = PERSON, key_id: bytes = b"k", holds: tuple[str, ...] = ()
) -> Held:
    """Return a record as the clock sees it."""
    return Held(key_id, scope, started, holds)


def on(day: date) -> datetime:
    """Return a moment of that day."""
    return datetime(day.year, day.month, day.day, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("records", "day", "since"),
    [
        ([held(date(2026, 7, 1))], date(2029, 6, 30), None),
        ([held(date(2026, 7, 1))], date(2029, 7, 1), date(2029, 7, 1)),
        ([held(date(2028, 2, 29))], date(2031, 2, 28), None),
        ([held(date(2028, 2, 29))], date(2031, 3, 1), date(2031, 3, 1)),
        ([held(date(2026, 7, 1)), held(date(2026, 9, 1))], date(2029, 7, 1), None),
        ([held(date(2026, 7, 1)), held(date(2026, 9, 1))], date(2029, 9, 1), date(2029, 9, 1)),
        ([held(None)], date(2099, 1, 1), None),
        ([held(date(2026, 7, 1)), held(None)], date(2099, 1, 1), None),
        ([held(date(2026, 7, 1), holds=("OBJ-1",))], date(2099, 1, 1), None),
        ([held(date(2026, 7, 1), LIMITS)], date(2027, 12, 31), None),
        ([held(date(2026, 7, 1), LIMITS)], date(2028, 1, 1), date(2028, 1, 1)),
        (
            [held(date(2026, 7, 1), scoped(PERSON, retention=RetentionClass.DECLARATION))],
            date(2099, 1, 1),
            None,
        ),
        ([], date(2099, 1, 1), None),
    ],
)
def test_a_key_is_due_on_the_day_and_not_before(records: list[Held], day: date, since: date | None) -> None:
    """Each boundary day and the day before: a key goes when its last record may, and never while one is held."""
    found = due(records, on(day))
    assert [one.since for one in found] == ([] if since is None else [since])
    assert all(one.records == len(records) for one in found)


def test_each_class_has_its_rule_and_says_whose_it_is() -> None:
    """No class is without a clock, and a rule without a source says that its source is unknown."""
    assert set(RULES) == set(RetentionClass)
    for kept, rule in RULES.items():
        assert rule.retention is kept and rule.why.endswith(".")
        assert (rule.cite is None) == (rule.certainty == "unknown")
    assert {kept for _, kept in SEALED} <= {kept for kept, rule in RULES.items() if rule.years is not None}


def test_an_administration_sets_its_own_clock() -> None:
    """Another schedule gives another day and names its own rule."""
    own = dict(RULES) | {
        RetentionClass.PERSON: replace(RULES[RetentionClass.PERSON], id="zz.1-year", years=1)
    }
    found = due([held(date(2026, 7, 1))], on(date(2027, 7, 1)), own)
    assert [one.rule for one in found] == ["zz.1-year"]


def test_the_clock_needs_a_zone() -> None:
    """A time without zone is refused: at midnight it would be another day."""
    with pytest.raises(ValueError, match="zone"):
        due([], datetime(2030, 1, 1))


def buried() -> tuple[SealedRecord, PersonKey, Tombstone, object, object]:
    """Return a record, its key as it was, and its tombstone, in an office where it was erased."""
    vault, holdings, audit = office()
    record = holdings.file(ROW, 1)[2]
    key = holdings.keys.held[record.key_id]
    assert isinstance(key, PersonKey)
    (one,) = due([Held(key.id, key.scope, date(2026, 7, 1))], AT)
    stone = erase(one, AT, "clock-1", vault)
    assert erase(one, AT, "clock-2", vault) == stone, "twice is once"
    assert [entry.action for entry in audit.told()] == ["erased"]
    return record, key, stone, vault, holdings


def test_erased_data_is_unreadable_even_with_the_master_key() -> None:
    """The wrapped key is nowhere in what is stored, and no other key and no master opens the record."""
    record, key, stone, vault, holdings = buried()
    stored = repr(vars(holdings.keys)) + repr(holdings.sealed) + repr(holdings.audit.links)  # type: ignore[attr-defined]
    assert repr(key.wrapped)[2:-1] not in stored and key.wrapped.hex() not in stored
    living = [k for k in holdings.keys.held.values() if isinstance(k, PersonKey)]  # type: ignore[attr-defined]
    for other in living:
        with pytest.raises(Tampered):
            unseal(record, other, MASTERS)
    with pytest.raises(Tampered):
        unseal(record, PersonKey(key.id, key.scope, living[0].wrapped), MASTERS)
    with pytest.raises(Erased, match=r"2030-01-01 by rule person\.3-years") as caught:
        open_one(record, OFFICER, vault)  # type: ignore[arg-type]
    assert leaks(repr(caught.value)) == [] and stone.records == 1


def test_the_rest_stays_readable() -> None:
    """Erasing one key takes what its clock is due for, and neither another role, class, year nor person."""
    vault, holdings, _ = office()
    first = holdings.file(ROW, 1)
    later = holdings.file(ROW, 2, period=2027)
    other = holdings.file(ROW | {"consignee.id": "OTHER1"}, 3)
    target = first[2]
    key = holdings.keys.held[target.key_id]
    erase(
        Due(key.id if isinstance(key, PersonKey) else b"", key.scope, date(2029, 1, 1), "x", 1),
        AT,
        "c",
        vault,
    )
    for record in [*first[:2], *first[3:], *later, *other]:
        assert len(open_one(record, OFFICER, vault)) > 0
    with pytest.raises(Erased):
        open_one(target, OFFICER, vault)
    again = holdings.file(ROW, 4)[2]
    assert again.key_id != target.key_id, "whoever comes again gets a new key"
    assert open_one(again, OFFICER, vault).reveal()["consignee.name"] == ROW["consignee.name"]


def test_a_tombstone_is_proven_by_the_log() -> None:
    """The log holds the digest of the tombstone; a tombstone that was changed has no proof, a log neither."""
    _, _, stone, _, holdings = buried()
    links = holdings.audit.links  # type: ignore[attr-defined]
    found = proof(stone, links)
    assert found is not None and verify(links, [anchor(found)]) is None
    assert proof(replace(stone, rule="another"), links) is None
    assert proof(replace(stone, at=AT.replace(year=2031)), links) is None
    assert proof(stone, []) is None
    assert read_tombstone(stone.written()) == stone, "the store writes it and reads it back"
    assert leaks(stone) == leaks(stone.as_dict()) == []
    assert stone.scope.reference not in str(stone.as_dict()), "the log can't be joined to the vault"


def test_what_a_restore_brings_back_is_found() -> None:
    """A key beside its own tombstone is named, so that it is destroyed again."""
    _, key, stone, _, holdings = buried()
    living = [k for k in holdings.keys.held.values() if isinstance(k, PersonKey)]  # type: ignore[attr-defined]
    assert risen([stone], [*living, key]) == [key] and risen([stone], living) == []


def test_a_key_that_never_was_is_not_erased() -> None:
    """No tombstone is written for a key that nobody knows."""
    vault, _, audit = office()
    with pytest.raises(KeyMissing):
        erase(Due(b"\x00" * 16, PERSON, date(2029, 1, 1), "x", 1), AT, "clock-1", vault)
    assert audit.links == []
