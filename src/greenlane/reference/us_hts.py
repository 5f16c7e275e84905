"""Importer of the Harmonized Tariff Schedule of the United States, in the CSV form that USITC exports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from greenlane.reference.official_file import read_table
from greenlane.reference.rate_text import UnparsedRate, us_rate
from greenlane.reference.schedule_rows import HEADER, schedule_row
from greenlane.reference.store import Draft
from greenlane.values.errors import UsageError

_COLUMNS = ("HTS Number", "Indent", "General Rate of Duty", "Special Rate of Duty", "Column 2 Rate of Duty")

# Origins to which column 2 applies: general note 3(b) of the schedule; Russia and Belarus since 2022.
_COLUMN_2 = {"origins": "BY CU KP RU", "origins_schedule": "us-hts-column-2"}


def column_2_origins() -> dict[str, str]:
    """Return the origins that column 2 of the US tariff applies to, each with that column's schedule id."""
    return dict.fromkeys(_COLUMN_2["origins"].split(), _COLUMN_2["origins_schedule"])


@dataclass(frozen=True, slots=True)
class HtsLine:
    """One line with a commodity code of 8 or 10 digits, its rates inherited where its own are blank."""

    where: str
    code: str
    general: str
    special: str
    column_2: str


def hts_lines(path: Path) -> Iterator[HtsLine]:
    """Yield every line of 8 or 10 digits. A blank rate is that of the nearest line above with less indent."""
    above: list[tuple[int, str, str, str]] = []
    for number, row in read_table(path, _COLUMNS):
        code = row["HTS Number"].replace(".", "").strip()
        indent = int(row["Indent"]) if row["Indent"].strip().isdecimal() else 0
        while above and above[-1][0] >= indent:
            above.pop()
        parent = above[-1] if above else (-1, "", "", "")
        general, special, column_2 = (row[name].strip() for name in _COLUMNS[2:])
        if not general and not column_2:
            general, special, column_2 = parent[1:]
        above.append((indent, general, special, column_2))
        if len(code) in (8, 10) and code.isdecimal():
            yield HtsLine(f"line {number}", code, general, special, column_2)


def import_us_hts(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read one revision into two schedules: ``us-hts`` (column 1 general) and ``us-hts-column-2``.

    Chapters 98 and 99 are not goods; they are kept aside in the first dataset's ``aside.csv``.

    Raises:
        UsageError: No first day is given; the export does not carry its own.
    """
    if valid_from is None:
        raise UsageError("us-hts: give the first day of the revision (the export does not carry it)")
    drafts = [
        Draft(
            dataset, "schedule", f"USITC HTS in force {valid_from}{column}", "USITC", "US public domain",
            valid_from, valid_until, recorded or valid_from, HEADER,
            extra={"edition": "HS2022"} | ({} if column else _COLUMN_2),
        )
        for dataset, column in (("us-hts", ""), ("us-hts-column-2", ", column 2"))
    ]  # fmt: skip
    for line in hts_lines(path):
        if line.code.startswith(("98", "99")):
            drafts[0].aside.append((line.code, line.general, line.special, line.column_2))
            continue
        for draft, text, special in zip(
            drafts, (line.general, line.column_2), (line.special, ""), strict=True
        ):
            try:
                rate = us_rate(text) if text else None
                reason = "" if text else "no rate given"
            except UnparsedRate as refusal:
                rate, reason = None, str(refusal)
            draft.rows.append(schedule_row(line.code, text, rate, special))
            if rate is None:
                draft.without_value += 1
                draft.unparsed.append((f"{line.where}, {line.code}", text, reason))
    return drafts
