"""The one door for imports: a kind, a file, the days it is for."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from greenlane.reference.fx_files import import_ecb, import_hmrc
from greenlane.reference.nomenclature import import_correlation, import_hs
from greenlane.reference.store import Draft, ImportReport, file_sha256, write
from greenlane.reference.uk_eu_tariff import import_uk_eu
from greenlane.reference.us_hts import import_us_hts
from greenlane.reference.us_layers import import_us_layers
from greenlane.reference.word_files import import_code_lists, import_terms
from greenlane.values.errors import UsageError

Importer = Callable[[Path, date | None, date | None, date | None], list[Draft]]

KINDS: dict[str, Importer] = {
    "codelist": import_code_lists,
    "ecb": import_ecb,
    "hmrc-fx": import_hmrc,
    "hs": import_hs,
    "hs-correlation": import_correlation,
    "terms": import_terms,
    "uk-eu-tariff": import_uk_eu,
    "us-hts": import_us_hts,
    "us-layers": import_us_layers,
}
"""What can be imported. ``terms:ID`` imports a list of words under the id given."""

_NOTES = {
    "uk-eu-tariff": "The codes are of HS 2017: import the correlation table (hs-correlation) as well.",
    "us-layers": "The folder does not date the IEEPA, fentanyl and floor exemptions code by code,"
    " and holds no exclusions from section 301.",
}


def import_file(
    kind: str,
    path: Path,
    store: Path,
    *,
    valid_from: date | None = None,
    valid_until: date | None = None,
    recorded: date | None = None,
) -> ImportReport:
    """Import an official file (or folder) into the store; the same import twice is the same version.

    Args:
        kind: A key of `KINDS`, or ``terms:ID``.
        path: The file as its publisher gives it, plain or gzipped.
        store: The store's folder; made where missing.
        valid_from: First day of the publication, where the file does not say it.
        valid_until: Last day that the publisher vouches for, inclusive; None is open.
        recorded: Day on which the publication was known; its first day unless given.
    Raises:
        UsageError: An unknown kind, a missing file, or a first day that is needed and not given.
        ReferenceError_: The file is not what the kind expects.
    """
    name, _, list_id = kind.partition(":")
    importer = KINDS.get(name)
    if importer is None or (list_id and name != "terms"):
        raise UsageError(f"unknown kind of reference {kind!r}; known: {', '.join(sorted(KINDS))}")
    if not path.exists():
        raise UsageError(f"there is no file {path.name}")
    if valid_from and valid_until and valid_until < valid_from:
        raise UsageError("the last day is before the first")
    if list_id:
        importer = partial(import_terms, list_id=list_id)
    drafts = importer(path, valid_from, valid_until, recorded)
    source = file_sha256(path)
    written = [write(store, draft, path, source) for draft in drafts]
    infos = tuple(info for info, _ in written)
    reasons: Counter[str] = Counter()
    for info in infos:
        reasons.update(info.unparsed_by_reason)
    return ImportReport(
        kind, path.name, infos, sum(i.parsed for i in infos), sum(i.unparsed for i in infos),
        dict(reasons.most_common()), (_NOTES[name],) if name in _NOTES else (),
        all(before for _, before in written),
    )  # fmt: skip
