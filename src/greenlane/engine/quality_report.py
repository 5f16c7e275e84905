"""What a sender gets of a measure of quality: a page, the list of defects, and the rows to put right."""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, PackageLoader, StrictUndefined

from greenlane.engine.quality import Faulty, Measured
from greenlane.measure.quality import DIMENSIONS, EXPECTED, Flow, Quality, Share
from greenlane.model import raw_schema
from greenlane.reference.catalogues import fix_in, right_to_left, title_in, words_in
from greenlane.values.finding import kind_of
from greenlane.values.spreadsheet import neutral_cell

WORDS = (
    "Data quality", "not looked at", "What to put right first", "Ordered by the delay that each defect causes in all.",
    "Fix", "Where", "Example", "No defect was found.", "Elements", "Element", "Told", "Sound",
    "How often each element was told, and how often what was told is sound.", "By format and period", "Format",
    "Period", "Consignments", "Right first time", "completeness", "validity", "timeliness", "consistency", "accuracy",
    "Delays are medians of the releases that were told, of all senders of this run, where there are enough; "
    "else assumptions; each says which.",
    "Beside this page: defects.csv has every defect, corrected.csv the rows to put right. Both hold what you sent; "
    "keep them as safe as your messages.",
    "{share} of {count} consignments were right the first time.", "Declared from {first} to {last}.",
    "The period is not known.", "Times: {count}; consignments: {records}", "measured in {count} releases", "assumed",
    "no delay", "{time} in all",
)  # fmt: skip
"""Every text of the report that is not a finding's; the catalogues have them too."""

DEFECT_COLUMNS = (
    "code", "severity", "dimension", "title", "place", "count", "consignments", "example",
    "minutes_each", "minutes_in_all", "basis", "fix",
)  # fmt: skip
_MOST_FILES = 200


@dataclass(slots=True)
class CorrectedFiles:
    """A file of rows to put right for each sender, written as the rows are met."""

    folder: Path
    language: str
    _open: dict[str, Any] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def add(self, row: Faulty) -> None:
        """Write one row, with what to fix in it before its cells."""
        writer = self._open.get(row.sender) or self._writer(row.sender)
        fixes = " | ".join(f"{place}: {fix_in(code, self.language)}" for code, place in row.wrong)
        cells = {name: neutral_cell(cell) for name, cell in row.row.items() if cell is not None}
        writer.writerow({"what_to_fix": fixes, "file": row.file, "row": row.number, **cells})

    def close(self) -> None:
        """Close every file."""
        self._stack.close()
        self._open.clear()

    def _writer(self, sender: str) -> Any:
        if len(self._open) >= _MOST_FILES:
            self.close()
        folder = sender_folder(self.folder, sender)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "corrected.csv"
        fresh = not path.exists()
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = self._stack.enter_context(os.fdopen(number, "a", encoding="utf-8", newline=""))
        writer = csv.DictWriter(file, ["what_to_fix", "file", "row", *raw_schema()], lineterminator="\n")
        if fresh:
            writer.writeheader()
        self._open[sender] = writer
        return writer


def sender_folder(out: Path, sender: str) -> Path:
    """Return the folder of a sender: its id, with what no file name should hold written in hexadecimal.

    Example:
        >>> sender_folder(Path("out"), "M/1").name, sender_folder(Path("out"), "..").name
        ('M_2f1', '_2e_2e')
    """
    name = re.sub(r"[^A-Za-z0-9-]", lambda found: "".join(f"_{b:02x}" for b in found[0].encode()), sender)
    return out / (name[:100] or "_")


def write_reports(measured: Measured, out: Path, language: str) -> list[Path]:
    """Write scores and elements of all senders, and a page and a list for each; return the pages."""
    quality = measured.quality
    out.mkdir(parents=True, exist_ok=True)
    _table(
        out / "scores.csv",
        ("sender", "format", "period", "consignments", "right_first_time", *DIMENSIONS),
        _scores(quality),
    )
    _table(
        out / "elements.csv",
        ("sender", "format", "period", "element", "completeness", "validity"),
        ((*flow, element, told, sound) for flow, element, told, sound in quality.elements()),
    )
    pages = []
    for sender in sorted({flow[0] for flow in quality.records}):
        folder = sender_folder(out, sender)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        listed = list(_defects(measured, sender, language))
        _table(
            folder / "defects.csv", DEFECT_COLUMNS, ([one[name] for name in DEFECT_COLUMNS] for one in listed)
        )
        page = _ENVIRONMENT.get_template("quality.html").render(_view(measured, sender, listed, language))
        (folder / "report.html").write_text(page, encoding="utf-8")
        pages.append(folder / "report.html")
    return pages


def _scores(quality: Quality) -> Iterator[tuple[Any, ...]]:
    for flow in quality.flows():
        scores = [quality.score([flow], name) for name in DIMENSIONS]
        yield (*flow, quality.records[flow], quality.right_first_time([flow]), *scores)


def _table(path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(["" if cell is None else neutral_cell(str(cell)) for cell in row])


def _defects(measured: Measured, sender: str, language: str) -> Iterator[dict[str, Any]]:
    """Give a sender's defects by code and place, the most costly first."""
    summed: dict[tuple[str, str], tuple[int, int, str]] = {}
    for (flow, code, place), found in measured.quality.defects.items():
        if flow[0] == sender:
            count, records, example = summed.get((code, place), (0, 0, ""))
            summed[code, place] = (
                count + found.count,
                records + len(found.records),
                example or found.example,
            )
    made: list[dict[str, Any]] = []
    for (code, place), (count, records, example) in summed.items():
        effect = measured.effects[code]
        made.append(
            {
                "code": code,
                "severity": str(kind_of(code).severity),
                "dimension": measured.quality.dimension_of[code],
                "title": title_in(code, language),
                "place": place,
                "count": count,
                "consignments": records,
                "example": example,
                "minutes_each": effect.minutes,
                "minutes_in_all": effect.minutes * records,
                "basis": f"measured in {effect.basis} releases" if effect.measured else effect.basis,
                "measured": effect.basis if effect.measured else None,
                "fix": fix_in(code, language),
            }
        )
    yield from sorted(
        made, key=lambda one: (-one["minutes_in_all"], -one["count"], one["code"], one["place"])
    )


def _view(measured: Measured, sender: str, listed: list[dict[str, Any]], language: str) -> dict[str, Any]:
    t, quality = words_in(language), measured.quality
    flows = [flow for flow in quality.flows() if flow[0] == sender]
    locale = {"zh": "zh_Hans_CN"}.get(language, language)

    def number(value: int) -> str:
        return str(format_decimal(value, locale=locale))

    def percent(score: int) -> str:
        return str(format_percent(score / 1000, format="#,##0.0%", locale=locale))

    def time(minutes: int) -> str:
        if not minutes:
            return t("no delay")
        each = format_timedelta(minutes * 60, granularity="minute", threshold=2, locale=locale)
        return t("{time} in all").format(time=each)

    whole = quality.right_first_time(flows) or 0
    months = sorted({flow[2] for flow in flows} - {"unknown"})
    period = (
        t("Declared from {first} to {last}.").format(first=_apart(months[0]), last=_apart(months[-1]))
        if months
        else None
    )
    named = [(t(name), quality.score(flows, name)) for name in DIMENSIONS]
    return {
        "language": language,
        "rtl": right_to_left(language),
        "t": t,
        "percent": percent,
        "sender": sender,
        "headline": t("{share} of {count} consignments were right the first time.").format(
            share=percent(whole), count=number(sum(quality.records[flow] for flow in flows))
        ),
        "period": period or t("The period is not known."),
        "scores": [(name, None if score is None else percent(score)) for name, score in named],
        "defects": [
            one
            | {
                "delay": time(one["minutes_in_all"]),
                "count": t("Times: {count}; consignments: {records}").format(
                    count=number(one["count"]), records=number(one["consignments"])
                ),
                "basis": t("measured in {count} releases").format(count=one["measured"])
                if one["measured"]
                else t("assumed"),
            }
            for one in listed
        ],
        "elements": _elements(quality, flows),
        "flows": [
            (flow[1], flow[2], number(quality.records[flow]), percent(quality.right_first_time([flow]) or 0))
            for flow in flows
        ],
    }


def _apart(text: str) -> str:
    """Keep a text in its own direction within a line of the other one."""
    return f"\u2068{text}\u2069"


def _elements(quality: Quality, flows: list[Flow]) -> list[tuple[str, int, int | None]]:
    """Return told and sound shares of the elements that the sender tells at all, or is expected to."""
    summed: dict[str, tuple[Share, int]] = {}
    for (flow, element), share in quality.told.items():
        if flow in flows:
            told, wrong = summed.get(element, (Share(), 0))
            told.add(share)
            summed[element] = (told, wrong + min(quality.invalid[flow, element], share.good))
    return [
        (element, told.score or 0, Share(told.good - wrong, told.good).score)
        for element, (told, wrong) in summed.items()
        if told.good or element in EXPECTED
    ]


_ENVIRONMENT = Environment(
    loader=PackageLoader("greenlane.engine", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

__all__ = ["WORDS", "CorrectedFiles", "sender_folder", "write_reports"]
