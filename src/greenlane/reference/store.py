"""The local store of imported reference data: one folder for each dataset and version.

``STORE/<dataset>/<version>/meta.json``, ``data.csv`` and ``unparsed.csv``. The version is made from the
source file's SHA-256, the days given and the importer's version, so that the same import is the same folder.
Folders appear whole or not at all.
"""

import csv
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec

from greenlane.values.errors import ReferenceError_

IMPORTER = "2"
"""Version of the importers; raised when the same file would be read differently."""


@dataclass(frozen=True)
class DatasetInfo:
    """What ``meta.json`` says of one version of a dataset. Days are inclusive."""

    dataset: str
    form: str
    version: str
    title: str
    publisher: str
    licence: str
    source_file: str
    source_sha256: str
    valid_from: date
    valid_until: date | None
    recorded: date
    importer: str
    parsed: int
    unparsed: int
    unparsed_by_reason: dict[str, int]
    data_sha256: str
    extra: dict[str, str] = field(default_factory=dict)


@dataclass
class Draft:
    """A dataset about to be written: its description, its rows and the rows that did not parse.

    ``form`` is schedule, list, terms, codes, nomenclature, correlation or fx. An unparsed row is where it
    stands in the source, what it says and why it did not parse; ``without_value`` counts those of them that
    are kept among the rows although nothing can be computed from them.
    """

    dataset: str
    form: str
    title: str
    publisher: str
    licence: str
    valid_from: date
    valid_until: date | None
    recorded: date
    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    unparsed: list[tuple[str, str, str]] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    aside: list[tuple[str, ...]] = field(default_factory=list)
    without_value: int = 0


@dataclass(frozen=True)
class ImportReport:
    """What an import did: the datasets, the lines read, and what did not parse, by reason.

    ``notes`` are plain sentences for the user. ``already``: every version was in the store before.
    """

    kind: str
    source: str
    datasets: tuple[DatasetInfo, ...]
    parsed: int
    unparsed: int
    unparsed_by_reason: dict[str, int]
    notes: tuple[str, ...]
    already: bool


def default_store() -> Path:
    """Return ``$GREENLANE_HOME/reference``, else ``~/.local/share/greenlane/reference``."""
    home = os.environ.get("GREENLANE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share" / "greenlane") / "reference"


def write(store: Path, draft: Draft, source: Path, source_sha256: str) -> tuple[DatasetInfo, bool]:
    """Write a draft into the store and return its description and whether it was there already."""
    days = (str(draft.valid_from), str(draft.valid_until), str(draft.recorded))
    key = "\x1f".join((source_sha256, IMPORTER, *days))
    version = sha256(key.encode()).hexdigest()[:16]
    place = store / draft.dataset / version
    if place.is_dir():
        return _read_info(place), True
    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=place.parent))
    try:
        data_sha256 = _write_csv(making / "data.csv", draft.header, draft.rows)
        _write_csv(making / "unparsed.csv", ("where", "text", "reason"), draft.unparsed)
        if draft.aside:
            _write_csv(making / "aside.csv", (), draft.aside)
        info = DatasetInfo(
            draft.dataset, draft.form, version, draft.title, draft.publisher, draft.licence, source.name,
            source_sha256, draft.valid_from, draft.valid_until, draft.recorded, IMPORTER,
            len(draft.rows) - draft.without_value, len(draft.unparsed),
            dict(Counter(reason for _, _, reason in draft.unparsed).most_common()), data_sha256, draft.extra,
        )  # fmt: skip
        (making / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=1))
        making.chmod(0o755)
        try:
            making.rename(place)
        except OSError:
            if not place.is_dir():
                raise
            return _read_info(place), True
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return info, False


def list_datasets(store: Path) -> list[DatasetInfo]:
    """Return every version in the store, in order of dataset, start and recording day."""
    places = [meta.parent for meta in store.glob("*/*/meta.json") if not meta.parent.name.startswith(".")]
    found = [_read_info(place) for place in places]
    return sorted(found, key=lambda i: (i.dataset, i.valid_from, i.recorded, i.version))


def read_rows(store: Path, info: DatasetInfo) -> Iterator[dict[str, str]]:
    """Yield the rows of one version.

    Raises:
        ReferenceError_: The data file is missing or is not the one that was imported.
    """
    place = store / info.dataset / info.version / "data.csv"
    try:
        data = place.read_bytes()
    except OSError:
        raise ReferenceError_(f"the store has no data for {info.dataset} {info.version}") from None
    if sha256(data).hexdigest() != info.data_sha256:
        raise ReferenceError_(f"the data of {info.dataset} {info.version} was changed after its import")
    yield from csv.DictReader(data.decode("utf-8").splitlines(keepends=True))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files by name and content."""
    if path.is_dir():
        seen = sha256()
        for part in sorted(p for p in path.iterdir() if p.is_file()):
            seen.update(part.name.encode() + b"\x1f" + file_sha256(part).encode())
        return seen.hexdigest()
    with path.open("rb") as handle:
        seen = sha256()
        while block := handle.read(1 << 20):
            seen.update(block)
        return seen.hexdigest()


def _write_csv(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        if header:
            writer.writerow(header)
        writer.writerows(rows)
    return file_sha256(path)


def _read_info(place: Path) -> DatasetInfo:
    try:
        return msgspec.json.decode((place / "meta.json").read_bytes(), type=DatasetInfo)
    except (OSError, msgspec.MsgspecError):
        raise ReferenceError_(
            f"the store's description of {place.parent.name} {place.name} is not readable"
        ) from None
