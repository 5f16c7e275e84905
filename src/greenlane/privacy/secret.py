"""Seal small secrets that are not a person's, such as those shared with receivers of notices, under the master key."""

import os

from cryptography.exceptions import InvalidTag

from greenlane.privacy.errors import KEY_MISSING, TAMPERED, KeyMissing, Tampered
from greenlane.privacy.keys import ID_BYTES, Masters

_NONCE = 12


def seal_secret(secret: bytes, label: str, masters: Masters) -> bytes:
    """Seal *secret* under the current master: its id, a random nonce, the ciphertext.

    Args:
        secret: What is kept.
        label: Whose it is; it opens under the same label alone.
        masters: The current one seals.
    Example:
        >>> from greenlane.privacy.keys import master
        >>> masters = Masters(master(bytes(32)))
        >>> open_secret(seal_secret(b"hush", "webhook:1", masters), "webhook:1", masters)
        b'hush'
    """
    nonce = os.urandom(_NONCE)
    return masters.current.id + nonce + masters.current.cipher.encrypt(nonce, secret, label.encode("utf-8"))


def open_secret(sealed: bytes, label: str, masters: Masters) -> bytes:
    """Open what `seal_secret` sealed.

    Raises:
        KeyMissing: The master key that sealed it is not here.
        Tampered: It was changed, or is another's.
    """
    found = masters.by_id(sealed[:ID_BYTES])
    if found is None:
        raise KeyMissing(KEY_MISSING, "the master key that sealed this secret is not here")
    start = ID_BYTES + _NONCE
    try:
        return found.cipher.decrypt(sealed[ID_BYTES:start], sealed[start:], label.encode("utf-8"))
    except (InvalidTag, ValueError):
        raise Tampered(TAMPERED, "a sealed secret does not open: it or its label was changed") from None


def sealed_by_retired(sealed: bytes, masters: Masters) -> bool:
    """Say whether a secret is sealed under another master than the current one."""
    return sealed[:ID_BYTES] != masters.current.id


__all__ = ["open_secret", "seal_secret", "sealed_by_retired"]
