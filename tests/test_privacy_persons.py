"""Pseudonyms of persons: the same where they must be, unlinkable where they must not be linked."""

from collections.abc import Mapping
from itertools import combinations

import pytest

from greenlane.desk.sealing import persons_of
from greenlane.model import consignment_schema
from greenlane.privacy.persons import PseudonymPurpose, identities, named, naming, reference, subject_of
from greenlane.privacy.plain import Personal
from greenlane.privacy.split import PERSONAL, split
from vaults import KEY, ROW, leaks

VAULT = PseudonymPurpose.VAULT
DE = {"destination_country": "DE", "consignee.country": "DE"}


def of(values: dict[str, str], public: dict[str, str] = DE, number: int = 1) -> str:
    """Return the vault's reference of a consignee."""
    return reference(Personal("consignee", values), public, number, KEY, VAULT)


def test_the_id_names_the_person_where_it_is_given() -> None:
    """With an id, spelling of name and address do not matter; the country that the id is for does."""
    one = of({"consignee.id": "AB-12", "consignee.name": "A. Example", "consignee.address": "1 Road"})
    assert one == of({"consignee.id": "ab 12", "consignee.name": "Another", "consignee.address": "2 Road"})
    assert one != of({"consignee.id": "AB-12"}, {"destination_country": "FR"})


def test_name_address_and_postcode_name_the_person_otherwise() -> None:
    """Case, punctuation and width do not part a person; another address or postcode does."""
    base = {
        "consignee.name": "A. Example",
        "consignee.address": "1 Road, Town",
        "consignee.postcode": "AB 12",
    }
    same = {"consignee.name": "a EXAMPLE", "consignee.address": "1  road town", "consignee.postcode": "ab12"}
    wide = base | {"consignee.name": "Ａ． Ｅｘａｍｐｌｅ"}
    assert of(base) == of(same) == of(wide)
    for name, value in (("address", "2 Road, Town"), ("postcode", "AB 13"), ("name", "B. Example")):
        assert of(base) != of(base | {f"consignee.{name}": value})
    assert of(base) != of(base, {"consignee.country": "FR"})


@pytest.mark.parametrize("values", [{"consignee.name": "A. Example"}, {"consignee.postcode": "AB12"}, {}])
def test_who_cannot_be_told_from_others_is_nobody_else(values: dict[str, str]) -> None:
    """A bare name or postcode is not taken for a person: two consignments have two references."""
    assert of(values, number=1) != of(values, number=2)


def test_sender_and_receiver_can_be_one_person() -> None:
    """The same name and address gives one reference, whether the person sends or receives."""
    sender = {"consignor.name": "A. Example", "consignor.address": "1 Road"}
    receiver = {"consignee.name": "A. Example", "consignee.address": "1 Road"}
    assert of(receiver) == reference(
        Personal("consignor", sender), {"consignor.country": "DE"}, "1", KEY, VAULT
    )


def test_pseudonyms_of_two_purposes_cannot_be_linked() -> None:
    """One person has another pseudonym for each purpose and key, none derived from another without the key."""
    public, persons = split(ROW)
    person = persons[-1]
    found = {p: reference(person, public, 1, KEY, p) for p in PseudonymPurpose}
    found_elsewhere = {p: reference(person, public, 1, bytes(32), p) for p in PseudonymPurpose}
    every = [*found.values(), *found_elsewhere.values(), subject_of(found[VAULT], KEY)]
    assert len(set(every)) == len(every) == 2 * len(PseudonymPurpose) + 1
    for one, other in combinations(found.values(), 2):
        assert named(one, bytes(32), VAULT) != other
    assert leaks(every) == []


def test_a_person_known_by_id_is_found_by_address_too() -> None:
    """Somebody who files with and without an id is found under both references."""
    public, persons = split(ROW)
    known = identities(persons[-1], public)
    assert len(known) == 2
    without = Personal("consignee", {n: v for n, v in persons[-1].reveal().items() if n != "consignee.id"})
    assert identities(without, public) == known[1:]


def test_sellers_of_two_platforms_are_not_one() -> None:
    """A platform's own number names a seller on that platform only."""
    seller = Personal("seller", {"seller.name": "Example Trading"})
    first, second = (
        reference(seller, {"platform.id": p, "seller.id": "S1"}, 1, KEY, VAULT) for p in ("M1", "M2")
    )
    assert first != second


class Watched(dict[str, object]):
    """A row that notes which of its columns are read."""

    def __init__(self, row: Mapping[str, object]) -> None:
        super().__init__(row)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        """Return a value, noted as read."""
        self.seen.add(name)
        return super().get(name, default)


def test_rows_that_agree_in_what_names_a_person_name_the_same() -> None:
    """Whatever is read to tell who a person is, be it little or all, is among the columns that say so."""
    _, persons = split(ROW)
    assert len(persons) == 3
    for person in persons:
        told = {f"{person.role}.{name}" for name in ("id", "name", "address", "postcode")} & PERSONAL.keys()
        whole = Personal(person.role, dict.fromkeys(told, "A 1"))
        for row in (ROW, {}, {**ROW, "destination_country": None, f"{person.role}.country": None}):
            watched = Watched(row)
            identities(whole, watched)
            assert watched.seen | told <= set(naming(person.role)), person.role


def test_who_comes_again_in_a_filing_is_named_as_if_alone() -> None:
    """Persons of many rows have the pseudonyms that each row by itself gives; who can't be told stays alone."""
    blank = dict.fromkeys(consignment_schema())
    roles = [naming(role) for role in ("seller", "consignor", "consignee")]
    rows = [blank | ROW | {"consignment_id": f"C{place}"} for place in range(2)]
    for name in dict.fromkeys(name for names in roles for name in names):
        for place, value in enumerate((None, "X 1", "X 1", "x1", "X  1")):
            rows.append(blank | ROW | {"consignment_id": f"{name} {place}", name: value})
    rows += [
        blank | {"consignment_id": f"L{place}", "seller.name": "A. Example", "consignor.name": "A. Example"}
        for place in range(2)
    ]
    found = persons_of(rows, "post-cn", KEY)
    assert found == [persons_of([row], "post-cn", KEY)[0] for row in rows]
    assert found[0] == found[1]
    lone = [name for one in found[-2:] for _, name in one.told]
    assert len(set(lone)) == 4 and found[-1].limits is None
