"""Keys that sign notices, in the notation of Standard Webhooks: ``whsk_`` secret, ``whpk_`` public, ``whsec_`` shared.

An administration keeps one master key. Each party's notices are signed with a key of its own, derived from the
master, so that a notice to one party never verifies as a notice to another, and nothing secret is stored per party.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from greenlane.values.errors import UsageError

_SEED_BYTES = 32


def unbase64(text: str) -> bytes:
    """Read standard base64 with its padding; anything else is a ``ValueError``."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not standard base64") from error


def _read(text: str, prefix: str, sizes: range | tuple[int, ...]) -> bytes:
    wanted = f"expected a key that begins with {prefix}, then standard base64 of the right length"
    if not text.startswith(prefix):
        raise UsageError(wanted)
    try:
        raw = unbase64(text.removeprefix(prefix))
    except ValueError:
        raise UsageError(wanted) from None
    if len(raw) not in sizes:
        raise UsageError(wanted)
    return raw


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public Ed25519 key: 32 bytes."""

    raw: bytes
    scheme = "v1a"

    @classmethod
    def read(cls, text: str) -> "VerifyingKey":
        """Read ``whpk_…``.

        Raises:
            UsageError: Not such a key.
        """
        return cls(_read(text, "whpk_", (_SEED_BYTES,)))

    def text(self) -> str:
        """Write the key as ``whpk_…``."""
        return "whpk_" + base64.b64encode(self.raw).decode("ascii")

    def fits(self, content: bytes, signature: bytes) -> bool:
        """Say whether *signature* over *content* was made with this key's secret half."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret Ed25519 key; its ``repr`` does not tell it.

    Example:
        >>> key = SigningKey.read("whsk_" + "A" * 43 + "=")
        >>> key.public().text()
        'whpk_O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik='
        >>> key
        SigningKey()
    """

    seed: bytes = field(repr=False)
    scheme = "v1a"

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key from the system's randomness."""
        return cls(secrets.token_bytes(_SEED_BYTES))

    @classmethod
    def read(cls, text: str) -> "SigningKey":
        """Read ``whsk_…``: 64 bytes (secret, then public) or the 32 secret bytes alone.

        Raises:
            UsageError: Not such a key, or its public half belongs to another key.
        """
        raw = _read(text, "whsk_", (_SEED_BYTES, 2 * _SEED_BYTES))
        key = cls(raw[:_SEED_BYTES])
        if raw[_SEED_BYTES:] not in (b"", key.public().raw):
            raise UsageError("the public half of the whsk_ key belongs to another secret half")
        return key

    def text(self) -> str:
        """Write the key as ``whsk_…``, secret and public half, as other senders of the scheme do."""
        return "whsk_" + base64.b64encode(self.seed + self.public().raw).decode("ascii")

    def public(self) -> VerifyingKey:
        """Return the half that receivers know."""
        return VerifyingKey(Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def signature(self, content: bytes) -> bytes:
        """Sign *content*: 64 bytes, the same for the same content."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(content)

    def of_party(self, party: str) -> "SigningKey":
        """Derive the key that signs notices to *party* (HKDF-SHA256 over this master key)."""
        info = b"greenlane notices 1:" + party.encode("utf-8")
        return SigningKey(HKDF(SHA256(), _SEED_BYTES, None, info).derive(self.seed))


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """A secret that sender and receiver share, for receivers that cannot check Ed25519. It proves nothing to a third."""

    raw: bytes = field(repr=False)
    scheme = "v1"

    @classmethod
    def generate(cls) -> "SharedSecret":
        """Make a new secret of 32 bytes."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def read(cls, text: str) -> "SharedSecret":
        """Read ``whsec_…`` of 24 to 64 bytes.

        Raises:
            UsageError: Not such a secret.
        """
        return cls(_read(text, "whsec_", range(24, 65)))

    def text(self) -> str:
        """Write the secret as ``whsec_…``."""
        return "whsec_" + base64.b64encode(self.raw).decode("ascii")

    def signature(self, content: bytes) -> bytes:
        """Return the HMAC-SHA256 of *content*."""
        return hmac.digest(self.raw, content, hashlib.sha256)

    def fits(self, content: bytes, signature: bytes) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.signature(content), signature)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The master keys of an administration: the current one first, then those being retired.

    While a key is being changed, every notice carries a signature by each, and receivers may know either.
    """

    masters: tuple[SigningKey, ...]

    def __post_init__(self) -> None:
        """Refuse an empty ring: an unsigned notice never goes out."""
        if not self.masters:
            raise UsageError("a keyring holds at least one key")

    def of_party(self, party: str) -> tuple[SigningKey, ...]:
        """Return the keys that sign notices to *party*, current first."""
        return tuple(master.of_party(party) for master in self.masters)

    def public(self, party: str) -> tuple[str, ...]:
        """Return what is published for *party*: its ``whpk_`` keys, current first."""
        return tuple(key.public().text() for key in self.of_party(party))
