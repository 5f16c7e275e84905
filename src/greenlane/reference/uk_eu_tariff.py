"""Importer of the table that sets the UK Global Tariff beside the EU Common External Tariff (2021)."""

from datetime import date
from pathlib import Path

from greenlane.reference.official_file import read_table
from greenlane.reference.rate_text import UnparsedRate, eu_rate
from greenlane.reference.schedule_rows import HEADER, schedule_row
from greenlane.reference.store import Draft
from greenlane.tariff import Rate

_COLUMNS = ("commodity", "cet_duty_rate", "ukgt_duty_rate", "trade_remedy_applies", "suspension_applies")
_START = date(2021, 1, 1)
_END = date(2021, 12, 31)
"""The Combined Nomenclature is published for a year; codes of HS 2017 ended with 2021."""


def restore_zero(commodity: str) -> str | None:
    """Give back the leading zero that a spreadsheet took; None where the length fits no commodity code.

    Example:
        >>> restore_zero("1012100"), restore_zero("709591010"), restore_zero("85171200"), restore_zero("12")
        ('01012100', '0709591010', '85171200', None)
    """
    if not commodity.isascii() or not commodity.isdecimal() or len(commodity) not in (7, 8, 9, 10):
        return None
    return commodity.zfill(8 if len(commodity) < 9 else 10)


def import_uk_eu(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read the table into ``eu-cet`` and ``uk-gt``, both in codes of HS 2017.

    The days are 2021-01-01 to 2021-12-31 unless given.
    """
    start = valid_from or _START
    end = valid_until or (_END if start == _START else None)
    drafts = [
        Draft(
            dataset, "schedule", f"{name} at {start}", publisher, "OGL inferred, unverified", start, end,
            recorded or start, HEADER, extra={"edition": "HS2017"},
        )
        for dataset, name, publisher in (
            ("eu-cet", "EU Common External Tariff", "European Union, as shown by the UK trade department"),
            ("uk-gt", "UK Global Tariff", "UK Department for International Trade"),
        )
    ]  # fmt: skip
    for number, row in read_table(path, _COLUMNS):
        code = restore_zero(row["commodity"].strip())
        notes = [name for name in _COLUMNS[3:] if row[name] == "True"]
        for draft, column in zip(drafts, _COLUMNS[1:3], strict=True):
            text = " ".join(row[column].split())
            if code is None:
                draft.unparsed.append((f"line {number}", text, "commodity code has no possible length"))
                continue
            rate: Rate | None
            try:
                rate = eu_rate(text)
            except UnparsedRate as refusal:
                rate = None
                draft.without_value += 1
                draft.unparsed.append((f"line {number}, {code}", text, str(refusal)))
            draft.rows.append(schedule_row(code, text, rate, " ".join(notes)))
    return drafts
