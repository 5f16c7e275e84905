"""From accepted consignments to what is sealed: split, references and years for a whole frame at once."""

from collections.abc import Sequence

import polars as pl

from greenlane.privacy.persons import READ, PseudonymPurpose, identities, lone, named
from greenlane.privacy.seal import Unsealed
from greenlane.privacy.split import split_frame


def prepare(
    consignments: pl.DataFrame, numbers: Sequence[tuple[int, int]], key: bytes
) -> tuple[pl.DataFrame, list[Unsealed]]:
    """Part a frame of consignments for the vault.

    Args:
        consignments: (n,) as intake gives them, `greenlane.model.consignment_schema`.
        numbers: (n,) the internal number of each consignment and the version of its filing.
        key: The installation's key of pseudonyms.
    Returns:
        The public columns, and the persons to be sealed, in order of the rows. The year is that of the
        declaration.
    """
    public, persons = split_frame(consignments)
    places = public.select(name for name in READ if name in public.columns).iter_rows(named=True)
    years = public["declaration_date"].dt.year().to_list()
    # Senders and sellers repeat within a filing: each is worked out once.
    known: dict[tuple[object, ...], str | None] = {}
    told = []
    for place, year, own, (number, version) in zip(places, years, persons, numbers, strict=True):
        for person in own:
            mark = (person.role, *person.reveal().items(), *place.values())
            if mark not in known:
                who = identities(person, place)
                known[mark] = named(who[0], key, PseudonymPurpose.VAULT) if who else None
            found = known[mark] or named(lone(number, person.role), key, PseudonymPurpose.VAULT)
            told.append(Unsealed(number, version, found, year, person))
    return public, told
