"""Pseudonyms of persons: one name for the vault, others for other purposes, none to be joined without the key."""

import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from greenlane.privacy.plain import Personal
from greenlane.privacy.split import PERSONAL
from greenlane.values.pseudonym import blocks, pseudonym


class PseudonymPurpose(StrEnum):
    """What a pseudonym is for; two purposes give two names that nobody can join without the key."""

    VAULT = "vault"
    GROUP = "group"
    LIMITS = "limits"
    STATISTICS = "statistics"
    SUBJECT = "subject"
    TRADE = "trade"


_COUNTRY = {"consignee": ("consignee.country", "destination_country"), "consignor": ("consignor.country",)}


class _Names(NamedTuple):
    """What the elements of a role are called."""

    id: str
    name: str
    address: str
    postcode: str
    countries: tuple[str, ...]


@cache
def _names(role: str) -> _Names:
    own = (f"{role}.id", f"{role}.name", f"{role}.address", f"{role}.postcode")
    return _Names(*own, _COUNTRY.get(role, (f"{role}.country",)))


def naming(role: str) -> tuple[str, ...]:
    """Return the columns that `identities` reads of a row; rows that agree in them name the same person.

    Example:
        >>> naming("consignor")
        ('consignor.name', 'consignor.address', 'consignor.country')
    """
    names = _names(role)
    own = tuple(name for name in names[:4] if name in PERSONAL)
    issuer = ("destination_country",) if names.id in PERSONAL else ()
    shop = ("seller.id", "platform.id") if role == "seller" else ()
    return tuple(dict.fromkeys((*own, *names.countries, *issuer, *shop)))


def identities(person: Personal, public: Mapping[str, object]) -> tuple[str, ...]:
    """Return the texts by which a person is known, the surest first: the id, then name, address and postcode.

    The id counts together with the country that it is given for: two countries may issue the same number.
    A seller is known by platform, the platform's reference and name. A name alone is nobody. The result is
    plain personal data.

    Example:
        >>> identities(Personal("consignee", {"consignee.id": "ab-12"}), {"destination_country": "ZZ"})
        ('id|ZZ|AB12',)
    """
    return tuple(_known(person, public))


def surest(person: Personal, public: Mapping[str, object]) -> str | None:
    """Return the first of `identities`, or None; the others are not made up for it."""
    return next(_known(person, public), None)


def _known(person: Personal, public: Mapping[str, object]) -> Iterator[str]:
    values, role = person.reveal(), person.role
    names = _names(role)
    country = ""
    for element in names.countries:
        if told := public.get(element):
            country = str(told)
            break
    if number := _letters(str(values.get(names.id, ""))):
        yield f"id|{public.get('destination_country') or country}|{number}"
    name = fold(str(values.get(names.name, "")))
    if not name:
        return
    address = fold(str(values.get(names.address, "")))
    postcode = _letters(str(values.get(names.postcode, "")))
    if address or postcode:
        yield f"name|{country}|{name}|{address}|{postcode}"
    if role == "seller" and public.get("seller.id"):
        yield f"seller|{public.get('platform.id') or ''}|{public['seller.id']}|{country}|{name}"


def reference(
    person: Personal, public: Mapping[str, object], number: int, key: bytes, purpose: PseudonymPurpose
) -> str:
    """Return the pseudonym of a person for one purpose.

    Args:
        person: What is told of the person.
        public: The public elements of the same consignment; its countries and the ids of seller and platform are read.
        number: The consignment's internal number, for a person who can't be told from others.
        key: The installation's key of pseudonyms (not the master key, which may change).
        purpose: What the pseudonym is for.
    Returns:
        64 hexadecimal digits.
    """
    known = identities(person, public)
    return named(known[0] if known else lone(number, person.role), key, purpose)


def lone(number: int, role: str) -> str:
    """Return the text for somebody who can't be told from others: this one of this consignment."""
    return f"lone|{number}|{role}"


def named(identity: str, key: bytes, purpose: PseudonymPurpose) -> str:
    """Return the pseudonym of an identity for one purpose."""
    return pseudonym(identity, blocks(key, purpose))


def subject_of(vault_reference: str, key: bytes) -> str:
    """Return how the audit log names the person of a vault reference, so that it can't be joined to the vault."""
    return pseudonym(vault_reference, blocks(key, PseudonymPurpose.SUBJECT))


def fold(text: str) -> str:
    """Return a name or address as it is compared: NFKC, without case, punctuation and doubled spaces.

    Example:
        >>> fold("  A.  Example,\\tOne"), fold("Ｓtraße 1")
        ('a example one', 'strasse 1')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        return " ".join(text.casefold().translate(_PARTED).split())
    # Plain text is most of what comes, and bytes are translated many times as fast.
    return " ".join(text.encode().translate(_PLAIN_PARTED).decode().split())


def _letters(text: str) -> str:
    """Return a number or postcode as it is compared: NFKC, capitals, letters and digits only."""
    if not text.isascii():
        return unicodedata.normalize("NFKC", text).translate(_DROPPED).upper()
    return text.encode().translate(None, _PLAIN_SIGNS).decode().upper()


class _Table(dict[int, str]):
    """What becomes of each character: letters, digits and their marks stay, others are replaced; grown by use."""

    def __init__(self, other: str) -> None:
        self._other = other

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if unicodedata.category(char)[0] in "LNM" else self._other
        return self[code]


_PARTED, _DROPPED = _Table(" "), _Table("")
_PLAIN_PARTED = bytes(ord(_PARTED[code].lower()) if code < 128 else code for code in range(256))
_PLAIN_SIGNS = bytes(code for code in range(128) if not _DROPPED[code])
