"""Keys, split, sealing and opening of people's data."""

import os
import pickle
import stat
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from greenlane.model import CONSIGNMENT_ELEMENTS
from greenlane.model.handling import RetentionClass
from greenlane.privacy.errors import KeyMissing, Tampered
from greenlane.privacy.keys import Masters, load_masters, master, rotate
from greenlane.privacy.plain import Personal
from greenlane.privacy.seal import PersonKey, SealedRecord, rewrap, seal_many, unseal, unwrap
from greenlane.privacy.split import PERSONAL, split
from greenlane.values.digest import canonical_json
from greenlane.values.errors import UsageError
from vaults import MARKED, MASTERS, ROW, leaks, sealed, told


def test_the_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """The file is made on first use with mode 0600, and the second use reads the same key."""
    home = tmp_path / "home"
    first = load_masters(home, {})
    path = home / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_masters(home, {}) == first
    assert [p.name for p in home.iterdir()] == ["master.key"]
    path.chmod(0o640)
    with pytest.raises(UsageError, match="read by others"):
        load_masters(home, {})


def test_two_that_start_at_once_have_one_master_key(tmp_path: Path) -> None:
    """Whoever comes second takes the key that the first one made; no half of a file is ever read."""
    for attempt in range(20):
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _, home=tmp_path / str(attempt): load_masters(home, {}), range(8)))
        assert all(one == made[0] for one in made)


@pytest.mark.parametrize("text", ["", "zz" * 32, "ab" * 31, "ab" * 32 + "," + "ab" * 32])
def test_a_wrong_master_key_is_refused_without_being_shown(text: str, tmp_path: Path) -> None:
    """Anything but different keys of 64 hexadecimal digits is refused, and the message holds none of it."""
    with pytest.raises(UsageError) as caught:
        load_masters(tmp_path, {"GREENLANE_MASTER_KEY": text})
    assert not text or text[:8] not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """With the variable set, the file is neither read nor made."""
    held = load_masters(tmp_path, {"GREENLANE_MASTER_KEY": "ab" * 32 + ", " + "cd" * 32})
    assert held.current == master(b"\xab" * 32) and held.retired == (master(b"\xcd" * 32),)
    assert list(tmp_path.iterdir()) == []


def test_rotation_keeps_every_record_readable(tmp_path: Path) -> None:
    """After a rotation keys are wrapped anew, records stay as they are, and the old master is needed no more."""
    old = load_masters(tmp_path, {})
    made = seal_many(told(), {}, old)
    both = rotate(tmp_path)
    assert both.retired == (old.current,) and both.current != old.current
    fresh = rewrap(made.keys, both)
    assert len(fresh) == len(made.keys) and rewrap(fresh, both) == []
    alone = Masters(both.current)
    by_id = {key.id: key for key in fresh}
    opened = [unseal(record, by_id[record.key_id], alone) for record in made.records]
    assert {n: v for one in opened for n, v in one.reveal().items()} == MARKED
    with pytest.raises(KeyMissing, match=old.current.id.hex()):
        unwrap(made.keys[0], alone)


def test_what_is_personal_says_the_element_table() -> None:
    """The split follows the marks of the table: every marked element leaves the public part, no other does."""
    row = {e.name: "x" for e in CONSIGNMENT_ELEMENTS}
    public, persons = split(row)
    taken = {name for person in persons for name in person.reveal()}
    assert taken == {e.name for e in CONSIGNMENT_ELEMENTS if e.personal} == set(PERSONAL)
    assert set(public) == {e.name for e in CONSIGNMENT_ELEMENTS if not e.personal}


def test_the_public_part_holds_no_marked_value() -> None:
    """Serialised in every way, the public part and the sealed rows show nothing of a person."""
    public, persons = split(ROW)
    made = sealed()
    for output in (canonical_json(public).decode(), public, persons, made, told(), list(made.records)):
        assert leaks(output) == []
    for record in made.records:
        assert leaks(record.sealed.decode("latin-1")) == []
    assert leaks(ROW), "the search finds what is there"


def test_a_column_that_nobody_knows_is_refused() -> None:
    """A column beside the table might be personal: it is refused, and its name is not repeated."""
    with pytest.raises(UsageError) as caught:
        split(ROW | {"qzperson": "x"})
    assert leaks(str(caught.value)) == []


def test_sealed_and_opened_is_the_same() -> None:
    """What is opened is what was sealed, value by value, each role for itself."""
    made = sealed()
    by_id = {key.id: key for key in made.keys}
    opened = [unseal(record, by_id[record.key_id], MASTERS) for record in made.records]
    assert {name: value for one in opened for name, value in one.reveal().items()} == MARKED
    assert {(r.role, r.retention) for r in made.records} == {
        ("seller", RetentionClass.PERSON),
        ("consignor", RetentionClass.PERSON),
        ("consignee", RetentionClass.PERSON),
        ("consignee", RetentionClass.LIMITS),
    }


@given(st.text(max_size=50), st.text(max_size=50), st.integers(0, 2**63 - 1))
def test_any_text_comes_back(name: str, address: str, amount: int) -> None:
    """Any text and any number that intake lets through is the same after sealing and opening."""
    row = {
        "consignee.name": name,
        "consignee.address": address,
        "consignee.prior_use.day_amount": amount,
    }
    made = sealed(row)
    by_id = {key.id: key for key in made.keys}
    back = [unseal(record, by_id[record.key_id], MASTERS).reveal() for record in made.records]
    assert {n: v for values in back for n, v in values.items()} == row


def test_one_person_has_one_key_a_class_and_year() -> None:
    """Filings of one person and year share a key; another person, class or year has its own."""
    first = sealed()
    held = {key.scope: key for key in first.keys}
    assert {one.scope for one in told(key=2)} == set(held)
    again = seal_many(told(key=2), held, MASTERS)
    assert again.keys == [] and {r.key_id for r in again.records} == {k.id for k in first.keys}
    assert len(seal_many(told(key=3, period=2027), held, MASTERS).keys) == len(first.keys)
    other = seal_many(told(ROW | {"consignee.id": "OTHER1"}, key=4), held, MASTERS)
    assert {key.scope.reference for key in other.keys} & {key.scope.reference for key in first.keys} == set()


def test_no_two_ciphertexts_share_a_nonce_or_look_alike() -> None:
    """The same person sealed a thousand times gives a thousand different ciphertexts."""
    row = {"consignee.id": "A1", "consignee.name": "A. Example"}
    made = seal_many([one for key in range(1000) for one in told(row, key)], {}, MASTERS)
    assert len({r.sealed[17:29] for r in made.records}) == len({r.sealed for r in made.records}) == 1000


CHANGES: dict[str, Callable[[SealedRecord], SealedRecord]] = {
    "another consignment": lambda r: replace(r, key=r.key + 1),
    "another version": lambda r: replace(r, version=r.version + 1),
    "another person": lambda r: replace(r, reference="0" * 64),
    "another role": lambda r: replace(r, role="consignor" if r.role != "consignor" else "seller"),
    "another retention class": lambda r: replace(r, retention=RetentionClass.DECLARATION),
    "another key id": lambda r: replace(r, key_id=bytes(16)),
    "cut off": lambda r: replace(r, sealed=r.sealed[:-1]),
    "empty": lambda r: replace(r, sealed=b""),
    "header alone": lambda r: replace(r, sealed=r.sealed[:29]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_label_does_not_open(change: Callable[[SealedRecord], SealedRecord]) -> None:
    """A record moved to another consignment, version, person or class, or cut, is found out; nothing leaks."""
    made = sealed()
    for record in made.records:
        key = next(k for k in made.keys if k.id == record.key_id)
        with pytest.raises(Tampered) as caught:
            unseal(change(record), key, MASTERS)
        assert leaks("".join(traceback.format_exception(caught.value))) == []


def test_every_changed_byte_is_found() -> None:
    """Whichever byte of a record or of a wrapped key is changed, it does not open."""
    made = sealed()
    record = made.records[0]
    key = next(k for k in made.keys if k.id == record.key_id)
    for place in range(len(record.sealed)):
        changed = bytearray(record.sealed)
        changed[place] ^= 1
        with pytest.raises(Tampered):
            unseal(replace(record, sealed=bytes(changed)), key, MASTERS)
    for place in range(len(key.wrapped)):
        changed = bytearray(key.wrapped)
        changed[place] ^= 1
        with pytest.raises((Tampered, KeyMissing)):
            unwrap(replace(key, wrapped=bytes(changed)), MASTERS)


def test_a_key_does_not_serve_another_scope() -> None:
    """A wrapped key that is given to another person, class or year does not unwrap."""
    key = sealed().keys[0]
    for scope in (
        replace(key.scope, reference="0" * 64),
        replace(key.scope, retention=RetentionClass.LIMITS),
        replace(key.scope, period=2027),
    ):
        with pytest.raises(Tampered):
            unwrap(PersonKey(key.id, scope, key.wrapped), MASTERS)


def test_plain_data_does_not_show_itself() -> None:
    """Neither repr, str, format nor any encoder writes personal data out."""
    person = split(ROW)[1][-1]
    assert len(person) > 4
    for shown in (repr(person), str(person), f"{person}", f"{person!r:>40}", repr([person]), repr(told())):
        assert leaks(shown) == []
    encoders: list[Callable[[Any], object]] = [
        msgspec.json.encode,
        msgspec.msgpack.encode,
        canonical_json,
        pickle.dumps,
        msgspec.to_builtins,
    ]
    for encode in encoders:
        with pytest.raises(TypeError) as caught:
            encode(person)
        assert leaks(str(caught.value)) == []
    assert person == Personal(person.role, person.reveal()) and person != 1


def test_keys_do_not_show_themselves() -> None:
    """A master key and a wrapped key print their ids only."""
    secret = os.urandom(32)
    held = Masters(master(secret))
    shown = repr(held) + repr(seal_many(told(), {}, held).keys[0])
    assert repr(secret)[2:-1] not in shown and secret.hex() not in shown and "wrapped" not in shown


def test_a_thousand_records_are_sealed_in_a_few_milliseconds() -> None:
    """1,000 records of 1,000 persons cost less than 25 ms of processor time, keys and all."""
    listed = [
        one
        for key in range(1000)
        for one in told(
            {"consignee.id": f"P{key}", "consignee.name": "A. Example", "consignee.address": "1"}, key
        )
    ]
    spent = []
    for _ in range(5):
        start = time.process_time()
        made = seal_many(listed, {}, MASTERS)
        spent.append(time.process_time() - start)
    assert len(made.records) == len(made.keys) == 1000
    assert min(spent) < 0.025, spent
