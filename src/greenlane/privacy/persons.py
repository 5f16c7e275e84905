"""Pseudonyms of persons: one name for the vault, others for other purposes, none to be joined without the key."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from greenlane.privacy.plain import Personal
from greenlane.values.pseudonym import blocks, pseudonym


class PseudonymPurpose(StrEnum):
    """What a pseudonym is for; two purposes give two names that nobody can join without the key."""

    VAULT = "vault"
    GROUP = "group"
    LIMITS = "limits"
    STATISTICS = "statistics"
    SUBJECT = "subject"


_COUNTRY = {"consignee": ("consignee.country", "destination_country"), "consignor": ("consignor.country",)}


def identities(person: Personal, public: Mapping[str, object]) -> tuple[str, ...]:
    """Return the texts by which a person is known, the surest first: the id, then name, address and postcode.

    The id counts together with the country that it is given for: two countries may issue the same number.
    A seller is known by platform, the platform's reference and name. A name alone is nobody. The result is
    plain personal data.

    Example:
        >>> identities(Personal("consignee", {"consignee.id": "ab-12"}), {"destination_country": "ZZ"})
        ('id|ZZ|AB12',)
    """
    values, role = person.reveal(), person.role
    country = str(next((public[c] for c in _COUNTRY.get(role, (f"{role}.country",)) if public.get(c)), ""))
    found = []
    if number := _letters(str(values.get(f"{role}.id", ""))):
        found.append(f"id|{public.get('destination_country') or country}|{number}")
    name = fold(str(values.get(f"{role}.name", "")))
    address = fold(str(values.get(f"{role}.address", "")))
    postcode = _letters(str(values.get(f"{role}.postcode", "")))
    if name and (address or postcode):
        found.append(f"name|{country}|{name}|{address}|{postcode}")
    if name and role == "seller" and public.get("seller.id"):
        found.append(f"seller|{public.get('platform.id') or ''}|{public['seller.id']}|{country}|{name}")
    return tuple(found)


def reference(
    person: Personal, public: Mapping[str, object], lone: str, key: bytes, purpose: PseudonymPurpose
) -> str:
    """Return the pseudonym of a person for one purpose.

    Args:
        person: What is told of the person.
        public: The public elements of the same consignment; its countries are read.
        lone: Used where the person can't be told from others: something unique, the consignment and role.
        key: The installation's key of pseudonyms (not the master key, which may change).
        purpose: What the pseudonym is for.
    Returns:
        64 hexadecimal digits.
    """
    known = identities(person, public)
    return named(known[0] if known else f"lone|{lone}", key, purpose)


def named(identity: str, key: bytes, purpose: PseudonymPurpose) -> str:
    """Return the pseudonym of an identity for one purpose."""
    return pseudonym(identity, _blocks(key, purpose))


def subject_of(vault_reference: str, key: bytes) -> str:
    """Return how the audit log names the person of a vault reference, so that it can't be joined to the vault."""
    return pseudonym(vault_reference, _blocks(key, PseudonymPurpose.SUBJECT))


@lru_cache(64)
def _blocks(key: bytes, purpose: PseudonymPurpose) -> tuple[str, str]:
    return blocks(key, purpose)


def fold(text: str) -> str:
    """Return a name or address as it is compared: NFKC, without case, punctuation and doubled spaces.

    Example:
        >>> fold("  A.  Example,\\tOne"), fold("Ｓtraße 1")
        ('a example one', 'strasse 1')
    """
    if text.isascii():
        return " ".join(text.translate(_PARTED).lower().split())
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if _is_letter(c) else " " for c in text).split())


def _letters(text: str) -> str:
    """Return a number or postcode as it is compared: NFKC, capitals, letters and digits only."""
    if text.isascii():
        return text.translate(_DROPPED).upper()
    return "".join(c for c in unicodedata.normalize("NFKC", text) if _is_letter(c)).upper()


def _is_letter(char: str) -> bool:
    """Say whether a character tells names apart: letters, digits and the marks that belong to them."""
    return unicodedata.category(char)[0] in "LNM"


_SIGNS = [chr(code) for code in range(128) if not chr(code).isalnum()]
_PARTED = str.maketrans(dict.fromkeys(_SIGNS, " "))
_DROPPED = str.maketrans(dict.fromkeys(_SIGNS))
