"""Importers of the Harmonized System: its headings in words, and the correlation of its editions."""

from datetime import date
from pathlib import Path

from greenlane.reference.official_file import read_table
from greenlane.reference.store import Draft
from greenlane.reference.xlsx import sheet_rows
from greenlane.values.errors import ReferenceError_

_HS2022 = date(2022, 1, 1)


def import_hs(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read the nomenclature (section, hscode, description, parent, level) into ``hs``."""
    start = valid_from or _HS2022
    draft = Draft(
        "hs", "nomenclature", "Harmonized System 2022", "WCO, as tabulated by datasets/harmonized-system",
        "PDDL", start, valid_until, recorded or start, ("code", "level", "section", "description"),
    )  # fmt: skip
    for number, row in read_table(path, ("section", "hscode", "description", "parent", "level")):
        code = row["hscode"].strip()
        if not code.isdecimal() or str(len(code)) != row["level"]:
            draft.unparsed.append((f"line {number}", row["hscode"], "code does not fit its level"))
            continue
        draft.rows.append((code, row["level"], row["section"], row["description"]))
    return [draft]


def import_correlation(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read the UN table that relates subheadings of HS 2022 to those of HS 2017 into ``hs-correlation``.

    Raises:
        ReferenceError_: No sheet has the columns HS2022 and HS2017.
    """
    start = valid_from or _HS2022
    draft = Draft(
        "hs-correlation", "correlation", "Correlation HS 2022 to HS 2017", "UN Statistics Division",
        "UN, with attribution", start, valid_until, recorded or start, ("hs2022", "hs2017"),
        extra={"from": "HS2022", "to": "HS2017"},
    )  # fmt: skip
    seen: set[tuple[str, str]] = set()
    heads = False
    for number, cells in enumerate(sheet_rows(path, 2), 1):
        pair = tuple(cell.strip() for cell in cells[:2])
        if pair == ("HS2022", "HS2017"):
            heads = True
        elif heads and len(pair) == 2:
            if all(len(code) == 6 and code.isdecimal() for code in pair):
                seen.add((pair[0], pair[1]))
            else:
                draft.unparsed.append((f"row {number}", " ".join(pair), "not a pair of six-digit codes"))
    if not heads:
        raise ReferenceError_(f"{path.name} has no table of HS2022 and HS2017 on its second sheet")
    draft.rows.extend(sorted(seen))
    return [draft]
