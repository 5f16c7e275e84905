"""Back up and restore: the database in one folder, the keys in another."""

import hashlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from greenlane import __version__
from greenlane.engine.context import local_key
from greenlane.privacy.audit import Anchor
from greenlane.privacy.keys import FILE as MASTER_FILE
from greenlane.privacy.keys import load_masters, write_secret
from greenlane.privacy.tombstones import Tombstone, read_tombstone
from greenlane.service.settings import Settings
from greenlane.store import backup
from greenlane.store.server import Embedded, StoreError
from greenlane.values.errors import UsageError
from greenlane.values.pseudonym import blocks, pseudonym

DUMP = "database.dump"
ABOUT = "backup.json"
ERASED = "erased.ndjson"
PSEUDONYM_FILE = "pseudonym.key"
_MARK = "greenlane backup"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself; ``pseudonym_mark`` tells whether a key of pseudonyms is the one it was made with."""

    made_at: datetime
    version: str
    dump_sha256: str
    bytes: int
    audit_seq: int | None
    audit_hash: str | None
    masters: list[str]
    pseudonym_mark: str
    erased: int


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore did."""

    made_at: datetime
    audit_seq: int | None
    erased_again: int


def back_up(settings: Settings, folder: Path, keys: Path | None) -> About:
    """Write a backup into a new folder while the service goes on; the keys, where asked for, into another.

    Raises:
        StoreError: The database can't be reached or read.
        UsageError: The folder is there already, or the keys would lie beside what they open.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds something already; a backup gets a folder of its own")
    if keys is not None and (keys.resolve() == folder or folder in keys.resolve().parents):
        raise UsageError("the keys are kept apart from the backup that they open: name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".backup-") as making:
        part = Path(making) / "backup"
        part.mkdir(mode=0o700)
        embedded = None if settings.database else Embedded(settings.folder / "postgresql")
        try:
            url = settings.database or (embedded.url() if embedded else "")
            head, stones = backup.dump(url, part / DUMP)
            masters = sorted(one.hex() for one in backup.masters_of(url))
        finally:
            if embedded is not None:
                embedded.stop()
        (part / ERASED).write_bytes(b"".join(stone.written() + b"\n" for stone in stones))
        about = About(
            made_at=datetime.now(UTC),
            version=__version__,
            dump_sha256=_digest(part / DUMP),
            bytes=(part / DUMP).stat().st_size,
            audit_seq=head.seq if head else None,
            audit_hash=head.digest if head else None,
            masters=masters,
            pseudonym_mark=_mark(settings.folder),
            erased=len(stones),
        )
        (part / ABOUT).write_bytes(msgspec.json.format(msgspec.json.encode(about)) + b"\n")
        if keys is not None:
            _copy_keys(settings.folder, keys)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    return about


def restore(settings: Settings, folder: Path, keys: Path | None, erased: Path | None) -> Restored:
    """Bring a backup back into an empty database.

    Args:
        settings: Where to: the home of the embedded database, or the address of a server.
        folder: The backup.
        keys: Folder of the keys, copied into home where it has none.
        erased: A later backup, or its ``erased.ndjson``: whose persons' keys are destroyed again.
    Raises:
        StoreError: The dump is damaged, the database isn't empty, or the audit log is broken.
        UsageError: This isn't a backup, or the keys aren't those that it was made with.
    """
    about = _about(folder)
    if _digest(folder / DUMP) != about.dump_sha256:
        raise StoreError(f"{folder / DUMP} isn't what was written: its digest differs")
    stones = _stones(folder / ERASED)
    if erased is not None:
        stones += _stones(erased / ERASED if erased.is_dir() else erased)
    if keys is not None:
        _copy_keys(keys, settings.folder)
    _check_keys(settings, about)
    embedded = None if settings.database else Embedded(settings.folder / "postgresql")
    try:
        url = settings.database or (embedded.url() if embedded else "")
        backup.load(url, folder / DUMP)
        head = Anchor(about.audit_seq, about.audit_hash) if about.audit_seq and about.audit_hash else None
        again = backup.settle(url, datetime.now(UTC), stones, head)
    finally:
        if embedded is not None:
            embedded.stop()
    return Restored(made_at=about.made_at, audit_seq=about.audit_seq, erased_again=again)


def _about(folder: Path) -> About:
    try:
        return msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
    except (OSError, msgspec.DecodeError):
        raise UsageError(f"{folder} isn't a whole backup: {ABOUT} is missing or damaged") from None


def _stones(file: Path) -> list[Tombstone]:
    return [read_tombstone(line) for line in file.read_bytes().splitlines()]


def _check_keys(settings: Settings, about: About) -> None:
    """Refuse keys that don't open the backup, before anything is written; none are made here."""
    home = settings.folder
    held: set[str] = set()
    if "GREENLANE_MASTER_KEY" in os.environ or (home / MASTER_FILE).exists():
        masters = load_masters(home)
        held = {one.id.hex() for one in (masters.current, *masters.retired)}
    if set(about.masters) - held:
        raise UsageError("the master keys of this backup aren't in home; bring them with --keys")
    there = "GREENLANE_KEY" in os.environ or (home / PSEUDONYM_FILE).exists()
    if not there or _mark(home) != about.pseudonym_mark:
        raise UsageError("the key of pseudonyms in home isn't that of this backup; bring it with --keys")


def _copy_keys(source: Path, target: Path) -> None:
    """Copy the key files that *target* has not."""
    for name in (MASTER_FILE, PSEUDONYM_FILE):
        if (source / name).exists():
            write_secret(target / name, (source / name).read_text(encoding="ascii"), replace=False)


def _mark(home: Path) -> str:
    os.environ["GREENLANE_HOME"] = str(home)
    return pseudonym(_MARK, blocks(local_key(), _MARK))


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


__all__ = ["ABOUT", "DUMP", "ERASED", "About", "Restored", "back_up", "restore"]
