"""Made-up persons and a vault in memory, for the tests of privacy."""

from collections.abc import Mapping
from typing import Any

from greenlane.privacy.keys import Masters, master
from greenlane.privacy.persons import PseudonymPurpose, reference
from greenlane.privacy.seal import Sealing, Unsealed, seal_many
from greenlane.privacy.split import split

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


def told(row: Mapping[str, Any] = ROW, key: int = 1, period: int = 2026) -> list[Unsealed]:
    """Return what is to be sealed of one row."""
    public, persons = split(row)
    vault = PseudonymPurpose.VAULT
    return [
        Unsealed(key, reference(person, public, f"{key}|{person.role}", KEY, vault), period, person)
        for person in persons
    ]


def sealed(row: Mapping[str, Any] = ROW, key: int = 1) -> Sealing:
    """Return one row, sealed with new keys."""
    return seal_many(told(row, key), {}, MASTERS)
