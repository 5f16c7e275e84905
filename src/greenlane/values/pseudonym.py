"""Keyed pseudonyms: a person is named the same way everywhere under one key, and by nobody without it."""

import hashlib
import hmac
from functools import lru_cache

KEY_BYTES = 32


@lru_cache(64)
def blocks(key: bytes, purpose: str) -> tuple[str, str]:
    """Derive the inner and outer block (64 characters each) that pseudonyms of one purpose are keyed with."""
    inner = hmac.digest(key, f"greenlane:{purpose}:inner".encode(), "sha256").hex()
    outer = hmac.digest(key, f"greenlane:{purpose}:outer".encode(), "sha256").hex()
    return inner, outer


def pseudonym(text: str, keyed: tuple[str, str]) -> str:
    """Return the pseudonym of *text*: SHA-256 nested under two secret blocks (the NMAC construction).

    Example:
        >>> keyed = blocks(bytes(32), "example")
        >>> len(pseudonym("A. Example", keyed)), pseudonym("A. Example", keyed) == pseudonym("B", keyed)
        (64, False)
    """
    inner, outer = keyed
    once = hashlib.sha256((inner + text).encode()).hexdigest()
    return hashlib.sha256((outer + once).encode()).hexdigest()
