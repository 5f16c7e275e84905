"""Answers about people's data, apart from the web and the database, so that a client shares them."""

from typing import Any

import msgspec


class Disclosed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read of one person, or a note; ``state`` is ``read`` or the code of why nothing was."""

    role: str
    version: int
    state: str
    elements: dict[str, str | int | bool] = {}
    message: str | None = None


class Revealed(msgspec.Struct, frozen=True, kw_only=True):
    """The plain data that was asked for; the readings are in the audit log."""

    consignment_id: str
    party: str
    role: str
    purpose: str
    persons: list[Disclosed]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure and its proof: the entry of the audit log that holds the digest of the tombstone.

    ``tombstone`` is what stands in the place of the key; ``digest`` the SHA-256 of it as canonical JSON. ``proven``:
    the tombstone in the vault is the one that the log tells of.
    """

    seq: int
    entry: str
    digest: str
    proven: bool
    tombstone: dict[str, Any]


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the chain; ``entry`` is the canonical JSON whose SHA-256 is ``digest``."""

    seq: int
    digest: str
    entry: msgspec.Raw


__all__ = ["Disclosed", "Erasure", "Logged", "Revealed"]
