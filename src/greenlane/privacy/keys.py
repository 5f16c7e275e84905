"""Master keys: one seals, retired ones still open until every person's key is wrapped anew."""

import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from greenlane.values.errors import UsageError

KEY_BYTES = 32
ID_BYTES = 8
FILE = "master.key"


@dataclass(frozen=True, slots=True)
class Master:
    """One master key, which never shows itself: ``id`` names it, ``cipher`` works with it.

    ``notices`` (32 bytes) is derived from it: the seed of the keys that sign notices.
    """

    id: bytes
    cipher: AESGCM = field(repr=False, compare=False)
    notices: bytes = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Masters:
    """The master keys of an installation: ``current`` wraps, every one unwraps."""

    current: Master
    retired: tuple[Master, ...] = ()

    def by_id(self, key_id: bytes) -> Master | None:
        """Return the master of that id, or None."""
        return next((m for m in (self.current, *self.retired) if m.id == key_id), None)


def master(secret: bytes) -> Master:
    """Make a master key; its id is derived from it by HMAC and tells nothing about it.

    Example:
        >>> master(bytes(32)).id.hex()
        'e3a88140d45f1447'
    """
    if len(secret) != KEY_BYTES:
        raise UsageError("a master key has 32 bytes")
    return Master(
        hmac.digest(secret, b"greenlane:master:id", "sha256")[:ID_BYTES],
        AESGCM(secret),
        hmac.digest(secret, b"greenlane:master:notices", "sha256"),
    )


def load_masters(home: Path, environ: Mapping[str, str] = os.environ) -> Masters:
    """Return the master keys: ``$GREENLANE_MASTER_KEY``, else ``master.key`` under *home*, made on first use.

    Either holds 64 hexadecimal digits; after a rotation several, parted by commas or lines, the current first.

    Raises:
        UsageError: It is not that, or others than the owner may read the file.
    """
    given = environ.get("GREENLANE_MASTER_KEY")
    if given is not None:
        return _read(given, "GREENLANE_MASTER_KEY")
    path = home / FILE
    if not path.exists():
        write_secret(path, secrets.token_hex(KEY_BYTES) + "\n", replace=False)
    if path.stat().st_mode & 0o077:
        raise UsageError(f"{FILE} can be read by others; chmod 600 it, and rotate the key if they may have")
    return _read(path.read_text(encoding="ascii"), FILE)


def rotate(home: Path) -> Masters:
    """Put a new master key before those of ``master.key``; then wrap every person's key anew (`rewrap`)."""
    load_masters(home, {})
    path = home / FILE
    write_secret(path, secrets.token_hex(KEY_BYTES) + "\n" + path.read_text(encoding="ascii"), replace=True)
    return load_masters(home, {})


def _read(text: str, where: str) -> Masters:
    try:
        made = [master(bytes.fromhex(part)) for part in text.replace(",", " ").split()]
    except (ValueError, UsageError):
        made = []
    if not made or len({m.id for m in made}) != len(made):
        raise UsageError(f"{where} holds 64 hexadecimal digits, or several different ones, the current first")
    return Masters(made[0], tuple(made[1:]))


def write_secret(path: Path, text: str, *, replace: bool) -> None:
    """Write a file for the owner alone, whole or not at all; without *replace*, what another wrote first stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        elif not path.exists():
            try:
                path.hardlink_to(part)
            except FileExistsError:
                return
    finally:
        part.unlink(missing_ok=True)
