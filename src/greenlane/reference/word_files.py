"""Importers of lists of words and of code lists."""

import csv
import json
import re
from datetime import date
from pathlib import Path

from greenlane.reference.official_file import read_table, read_text
from greenlane.reference.store import Draft
from greenlane.tariff import fold
from greenlane.values.errors import ReferenceError_, UsageError

TERM_HEADER = ("text", "pattern", "language", "category", "reason", "rests_on")
CODE_HEADER = ("code", "name", "state", "active_from", "attributes")


def import_terms(
    path: Path,
    valid_from: date | None,
    valid_until: date | None,
    recorded: date | None,
    list_id: str | None = None,
) -> list[Draft]:
    """Read a list of terms: CSV with a column ``term`` or without a header, or a text file of patterns.

    The list's id is *list_id*, else the file's name in lower case with hyphens.

    Raises:
        UsageError: No first day is given.
    """
    if valid_from is None:
        raise UsageError("terms: give the first day of the list (such files do not carry it)")
    stem = path.name.removesuffix(".gz").rpartition(".")[0]
    dataset = list_id or re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-")
    draft = Draft(
        dataset, "terms", stem.replace("_", " "), "as given by the file", "see the file's source", valid_from,
        valid_until, recorded or valid_from, TERM_HEADER,
    )  # fmt: skip
    if path.suffix == ".txt":
        _patterns(path, draft)
    else:
        _terms(path, draft)
    return [draft]


def _patterns(path: Path, draft: Draft) -> None:
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            re.compile(line)
        except re.error:
            draft.unparsed.append((f"line {number}", line, "not a regular expression"))
            continue
        draft.rows.append(("", line, "", "", "", ""))


def _terms(path: Path, draft: Draft) -> None:
    seen: set[str] = set()
    for number, cells in enumerate(csv.reader(read_text(path).splitlines(keepends=True)), 1):
        text = fold(cells[0]) if cells else ""
        if number == 1 and text == "term":
            continue
        if not text or text in seen:
            draft.unparsed.append(
                (f"line {number}", cells[0] if cells else "", "empty" if not text else "repeated")
            )
            continue
        seen.add(text)
        draft.rows.append((text, "", "", "", "", ""))


_KEYS = ("code", "documentType", "role", "currency", "id", "country")
_TABLES: dict[str, tuple[str, str, str, str]] = {
    "unLocodeExtendedCode": ("unLocodeExtendedCode", "name", "state", "activeFrom"),
    "AlphabeticCode": ("AlphabeticCode", "Currency", "WithdrawalDate", ""),
    "ISO3166-1-Alpha-2": ("ISO3166-1-Alpha-2", "CLDR display name", "", ""),
    "impc": ("impc", "impc_name", "", ""),
}


def import_code_lists(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read one code list, or every one in a folder: EU lists as JSON, UN/LOCODE, ISO and IMPC tables as CSV.

    The first day is 2020-01-01 unless given; an entry's own ``activeFrom`` is kept beside it.
    """
    start = valid_from or date(2020, 1, 1)
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    drafts = []
    for file in files:
        stem = re.sub(r"\.(json|csv)(\.gz)?$", "", file.name)
        draft = Draft(
            "codes-" + re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-"), "codes", stem,
            "as named by the file", "see the file's source", start, valid_until, recorded or start,
            CODE_HEADER,
        )  # fmt: skip
        if ".json" in file.name:
            _json_codes(file, draft)
        else:
            _csv_codes(file, draft)
        drafts.append(draft)
    return drafts


def _json_codes(path: Path, draft: Draft) -> None:
    try:
        entries = json.loads(read_text(path))
    except json.JSONDecodeError:
        raise ReferenceError_(f"{path.name} is not JSON") from None
    if not isinstance(entries, list):
        raise ReferenceError_(f"{path.name} is not a list of codes")
    for number, entry in enumerate(entries, 1):
        key = next((k for k in _KEYS if isinstance(entry, dict) and isinstance(entry.get(k), str)), None)
        if key is None:
            draft.unparsed.append((f"entry {number}", json.dumps(entry)[:80], "no code"))
            continue
        name = entry.get("description") or entry.get("name") or ""
        rest = {
            k: v for k, v in entry.items() if k not in (key, "description", "name", "state", "activeFrom")
        }
        said = json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""
        draft.rows.append((entry[key], name, entry.get("state", ""), entry.get("activeFrom", ""), said))


def _csv_codes(path: Path, draft: Draft) -> None:
    columns = next(csv.reader(read_text(path).splitlines()[:1]), [])
    table = next((shape for mark, shape in _TABLES.items() if mark in columns), None)
    if table is None:
        raise ReferenceError_(f"{path.name} is none of the code lists known here")
    code, name, state, active = table
    for number, row in read_table(path, (code, name)):
        if not row[code].strip():
            draft.unparsed.append((f"line {number}", row[name], "no code"))
            continue
        draft.rows.append((row[code].strip(), row[name], row.get(state, ""), row.get(active, ""), ""))
