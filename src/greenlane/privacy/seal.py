"""Seal personal data: a key for each person, retention class and year, wrapped under the master key.

Whoever destroys that one key erases exactly what one clock is due for, and nothing else. Every ciphertext
begins with its form (1 byte), the id of the key that it needs, and a random nonce (12 bytes).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

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


class Scope(NamedTuple):
    """What one key opens: ``reference`` of a person (purpose vault), retention class, year of filing."""

    reference: str
    retention: RetentionClass
    period: int


@dataclass(frozen=True, slots=True)
class PersonKey:
    """The key of a scope, wrapped under a master key; ``id`` (16 random bytes) stands in what it sealed."""

    id: bytes
    scope: Scope
    wrapped: bytes = field(repr=False)

    @property
    def master_id(self) -> bytes:
        """Id of the master key that it is wrapped under."""
        return self.wrapped[1 : 1 + ID_BYTES]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What is to be sealed: the consignment's internal number, the version of its filing, a person in a role."""

    key: int
    version: int
    reference: str
    period: int
    personal: Personal


class SealedRecord(NamedTuple):
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


class _Part(NamedTuple):
    """What is sealed together of a role: its clock, the clock's name, its elements, what the label says of it."""

    kept: RetentionClass
    clock: str
    names: tuple[str, ...]
    label: str


_TOGETHER = {
    role: tuple(
        _Part(kept, kept.value, names, f"{role}:{kept}")
        for (own, kept), names in SEALED.items()
        if own == role
    )
    for role in ROLES
}
_ENCODER = msgspec.json.Encoder(order="sorted")


def scopes(told: Iterable[Unsealed]) -> set[Scope]:
    """Return the scopes whose living keys `seal_many` wants to be handed."""
    return {
        Scope(one.reference, part.kept, one.period)
        for one in told
        for part in _TOGETHER[one.personal.role]
        if not one.personal.reveal().keys().isdisjoint(part.names)
    }


def seal_many(told: Sequence[Unsealed], held: Mapping[Scope, PersonKey], masters: Masters) -> Sealing:
    """Seal persons of many consignments; make a key where a scope has none.

    Args:
        told: Persons, at most one a role and consignment.
        held: Living keys of `scopes`, as the store found them; any one of a scope will do.
        masters: The current one wraps new keys.
    """
    random = _random(sum(len(_TOGETHER[one.personal.role]) for one in told))
    # By plain words, for the hash of a scope takes longer than all the rest of a look-up.
    ciphers = {
        (scope.reference, scope.retention.value, scope.period): (key.id, AESGCM(unwrap(key, masters)))
        for scope, key in held.items()
    }
    records, made = [], []
    for one in told:
        values, role = one.personal.reveal(), one.personal.role
        for kept, clock, names, label in _TOGETHER[role]:
            part = {name: values[name] for name in names if name in values}
            if not part:
                continue
            scope = one.reference, clock, one.period
            cipher = ciphers.get(scope)
            if cipher is None:
                secret, key_id = random(KEY_BYTES), random(PERSON_KEY_ID)
                made.append(
                    _wrap(key_id, Scope(one.reference, kept, one.period), secret, random(_NONCE), masters)
                )
                cipher = ciphers[scope] = key_id, AESGCM(secret)
            key_id, sealing = cipher
            nonce, about = random(_NONCE), _label(one.key, one.version, label, key_id)
            sealed = _FORM + key_id + nonce + sealing.encrypt(nonce, _ENCODER.encode(part), about)
            records.append(SealedRecord(one.key, one.version, role, kept, one.reference, key_id, sealed))
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
    label = _label(record.key, record.version, f"{record.role}:{record.retention}", key.id)
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
        replace(
            key, wrapped=_wrap(key.id, key.scope, unwrap(key, masters), os.urandom(_NONCE), masters).wrapped
        )
        for key in keys
        if key.master_id != masters.current.id
    ]


def _wrap(key_id: bytes, scope: Scope, secret: bytes, nonce: bytes, masters: Masters) -> PersonKey:
    under = masters.current
    wrapped = under.cipher.encrypt(nonce, secret, _scope_label(key_id, scope))
    return PersonKey(key_id, scope, _FORM + under.id + nonce + wrapped)


def _label(key: int, version: int, part: str, key_id: bytes) -> bytes:
    return f"greenlane:record:1:{key}:{version}:{part}:".encode() + key_id


def _scope_label(key_id: bytes, scope: Scope) -> bytes:
    return f"greenlane:person:1:{scope.reference}:{scope.retention.value}:{scope.period}:".encode() + key_id


def _random(records: int) -> Callable[[int], bytes]:
    """Return a dispenser of random bytes, asked of the system in one call for so many records."""
    pool = memoryview(os.urandom(records * (KEY_BYTES + PERSON_KEY_ID + 2 * _NONCE)))
    place = 0

    def take(count: int) -> bytes:
        nonlocal place
        place += count
        return bytes(pool[place - count : place])

    return take
