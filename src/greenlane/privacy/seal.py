"""Seal personal data: a key for each person, retention class and year, wrapped under the master key.

Whoever destroys that one key erases exactly what one clock is due for, and nothing else. Every ciphertext
begins with its form (1 byte), the id of the key that it needs, and a random nonce (12 bytes).
"""

import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from greenlane.model.handling import RetentionClass
from greenlane.privacy.errors import KEY_MISSING, TAMPERED, KeyMissing, Tampered
from greenlane.privacy.keys import ID_BYTES, KEY_BYTES, Masters
from greenlane.privacy.plain import Personal, Value
from greenlane.privacy.split import ROLES, SEALED

_FORM = b"\x01"
_NONCE = 12
PERSON_KEY_ID = 16


# The shapes below are made by ten thousands in a filing: these take a quarter of the time of others to make, and the
# garbage collector leaves them alone.
class Scope(msgspec.Struct, frozen=True, gc=False):
    """What one key opens: ``reference`` of a person (purpose vault), retention class, year of filing."""

    reference: str
    retention: RetentionClass
    period: int


class PersonKey(msgspec.Struct, frozen=True, gc=False):
    """The key of a scope, wrapped under a master key; ``id`` (16 random bytes) stands in what it sealed."""

    id: bytes
    scope: Scope
    wrapped: bytes

    def __repr__(self) -> str:
        return f"PersonKey({self.id!r}, {self.scope!r})"

    @property
    def master_id(self) -> bytes:
        """Id of the master key that it is wrapped under."""
        return self.wrapped[1 : 1 + ID_BYTES]


class Unsealed(msgspec.Struct, frozen=True, gc=False):
    """What is to be sealed as one record (`parted`): the consignment's internal number, the version of its filing,
    the scope of the key, and what that scope's clock is due for of a person in a role.
    """

    key: int
    version: int
    scope: Scope
    personal: Personal


class SealedRecord(msgspec.Struct, frozen=True, gc=False):
    """What the vault holds of one role in one version of a consignment, for one clock: a row for the store."""

    key: int
    version: int
    role: str
    retention: RetentionClass
    reference: str
    key_id: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a filing adds to the vault, written in one transaction: records and the keys made for them."""

    records: list[SealedRecord]
    keys: list[PersonKey]


_TOGETHER = {
    role: tuple((kept, frozenset(names)) for (own, kept), names in SEALED.items() if own == role)
    for role in ROLES
}
_encode = msgspec.json.Encoder(order="sorted").encode


def parted(key: int, version: int, reference: str, period: int, personal: Personal) -> list[Unsealed]:
    """Part what is told of a person by the clocks that erase it, each part with the scope of its key.

    Args:
        key: The consignment's internal number.
        version: That of its filing.
        reference: The person's pseudonym of purpose vault.
        period: The year of filing.
        personal: What is told; an element that no clock is known for is left out.
    """
    values, found = personal.reveal(), []
    for kept, names in _TOGETHER[personal.role]:
        if values.keys() <= names:
            # Nearly always one clock is due for all.
            return [Unsealed(key, version, Scope(reference, kept, period), personal)] if values else []
        if part := {name: value for name, value in values.items() if name in names}:
            scope = Scope(reference, kept, period)
            found.append(Unsealed(key, version, scope, Personal(personal.role, part)))
    return found


def seal_many(told: Sequence[Unsealed], held: Mapping[Scope, PersonKey], masters: Masters) -> Sealing:
    """Seal persons of many consignments; make a key where a scope has none.

    Args:
        told: At most one a role, clock, version and consignment, from `parted`.
        held: Living keys of their scopes, as the store found them; any one of a scope will do.
        masters: The current one wraps new keys.
    """
    nonces = _random(f"{_NONCE}s", len(told))
    fresh = _random(f"{KEY_BYTES}s{PERSON_KEY_ID}s{_NONCE}s", len(told))
    ciphers = {scope: (key.id, AESGCM(unwrap(key, masters))) for scope, key in held.items()}
    records, made = [], []
    for one in told:
        key, version, scope, personal = one.key, one.version, one.scope, one.personal
        cipher = ciphers.get(scope)
        if cipher is None:
            secret, key_id, nonce = next(fresh)
            made.append(_wrap(key_id, scope, secret, nonce, masters))
            cipher = ciphers[scope] = key_id, AESGCM(secret)
        key_id, sealing = cipher
        (nonce,), role, kept = next(nonces), personal.role, scope.retention
        label = _label(key, version, role, kept, key_id)
        sealed = _FORM + key_id + nonce + sealing.encrypt(nonce, _encode(personal.reveal()), label)
        records.append(SealedRecord(key, version, role, kept, scope.reference, key_id, sealed))
    return Sealing(records, made)


def unseal(record: SealedRecord, key: PersonKey, masters: Masters) -> Personal:
    """Open a record with its key. Who may do so is decided by `greenlane.privacy.access`.

    Raises:
        Tampered: The record, its labels or the key were changed, or belong to another.
        KeyMissing: The master key that the key is wrapped under is not here.
    """
    start = len(_FORM) + PERSON_KEY_ID
    sealed, end = record.sealed, start + _NONCE
    if sealed[:1] != _FORM or sealed[1:start] != key.id or record.key_id != key.id:
        raise Tampered(TAMPERED, "a sealed record names another key than its own")
    if (record.reference, record.retention) != (key.scope.reference, key.scope.retention):
        raise Tampered(TAMPERED, "a sealed record names another person or class than its key")
    cipher = AESGCM(unwrap(key, masters))
    label = _label(record.key, record.version, record.role, record.retention, key.id)
    try:
        plain = cipher.decrypt(sealed[start:end], sealed[end:], label)
    except (InvalidTag, ValueError):
        raise Tampered(TAMPERED, "a sealed record does not open: it or its labels were changed") from None
    values: dict[str, Value] = msgspec.json.decode(plain)
    return Personal(record.role, values)


def unwrap(key: PersonKey, masters: Masters) -> bytes:
    """Return the data key in the clear.

    Raises:
        KeyMissing: The master key is not here.
        Tampered: The wrapped key or its scope was changed.
    """
    held = masters.by_id(key.master_id)
    if held is None:
        raise KeyMissing(KEY_MISSING, f"master key {key.master_id.hex()} is not here")
    start = 1 + ID_BYTES
    end = start + _NONCE
    try:
        if key.wrapped[:1] != _FORM:
            raise ValueError
        return held.cipher.decrypt(key.wrapped[start:end], key.wrapped[end:], _scope_label(key.id, key.scope))
    except (InvalidTag, ValueError):
        raise Tampered(TAMPERED, "a person's key does not unwrap: it or its scope was changed") from None


def rewrap(keys: Iterable[PersonKey], masters: Masters) -> list[PersonKey]:
    """Wrap under the current master key those that stand under a retired one; the others are left out.

    Sealed records stay as they are: the keys in the clear do not change.
    """
    return [
        _wrap(key.id, key.scope, unwrap(key, masters), os.urandom(_NONCE), masters)
        for key in keys
        if key.master_id != masters.current.id
    ]


def _wrap(key_id: bytes, scope: Scope, secret: bytes, nonce: bytes, masters: Masters) -> PersonKey:
    under = masters.current
    wrapped = under.cipher.encrypt(nonce, secret, _scope_label(key_id, scope))
    return PersonKey(key_id, scope, _FORM + under.id + nonce + wrapped)


def _label(key: int, version: int, role: str, kept: RetentionClass, key_id: bytes) -> bytes:
    return f"greenlane:record:1:{key}:{version}:{role}:{kept}:".encode() + key_id


def _scope_label(key_id: bytes, scope: Scope) -> bytes:
    return f"greenlane:person:1:{scope.reference}:{scope.retention}:{scope.period}:".encode() + key_id


def _random(form: str, most: int) -> Iterator[tuple[bytes, ...]]:
    """Yield random bytes in the lengths of a `struct` form, without end; the system is asked for many at once."""
    shape = struct.Struct(form)
    while True:
        yield from shape.iter_unpack(os.urandom(min(most, 256) * shape.size))
