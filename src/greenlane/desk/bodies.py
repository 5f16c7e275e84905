"""Bodies kept as they came, filings and documents: sealed under the master key, for they may name persons."""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag

from greenlane.privacy.keys import ID_BYTES, Masters

_NONCE = 12


def seal_body(body: bytes, number: UUID, masters: Masters) -> bytes:
    """Return a body encrypted for the row of a number alone.

    Example:
        >>> from greenlane.privacy.keys import Masters, master
        >>> masters = Masters(master(bytes(32)))
        >>> open_body(seal_body(b"invoice", UUID(int=1), masters), UUID(int=1), masters)
        b'invoice'
    """
    nonce = os.urandom(_NONCE)
    master = masters.current
    return master.id + nonce + master.cipher.encrypt(nonce, body, number.bytes)


def open_body(sealed: bytes, number: UUID, masters: Masters) -> bytes:
    """Return a body in plain.

    Raises:
        InvalidTag: It was changed, belongs to another row, or its master key isn't here.
    """
    master = masters.by_id(sealed[:ID_BYTES])
    if master is None:
        raise InvalidTag
    start = ID_BYTES + _NONCE
    return master.cipher.decrypt(sealed[ID_BYTES:start], sealed[start:], number.bytes)


__all__ = ["open_body", "seal_body"]
