"""Pseudonyms of persons: the same where they must be, unlinkable where they must not be linked."""

from itertools import combinations

import pytest

from greenlane.privacy.persons import PseudonymPurpose, identities, named, reference, subject_of
from greenlane.privacy.plain import Personal
from greenlane.privacy.split import split
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
