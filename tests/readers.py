"""Every reader of what others send, and what each owes to any bytes at all.

Whatever comes, a reader answers with findings of declared codes or with consignments; it repeats no value in what it
says; what it read without error goes through intake and is written again.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from greenlane.engine.quote.given import read_given
from greenlane.messages import ceb, ics2, placi, wco
from greenlane.messages.checked import check_message
from greenlane.messages.families import HEAD, formats, sniffed
from greenlane.messages.files import Bounds, open_source, parse_few, parse_objects, read_part, read_rows
from greenlane.messages.files_sniff import GZIP
from greenlane.messages.foreign import ForeignFinding, Format, Message
from greenlane.messages.objects import objects_of
from greenlane.messages.placi import read_notices
from greenlane.messages.postal import edifact_shapes, markup_shapes, read_responses, write_responses
from greenlane.messages.wco import read_reply, write_reply
from greenlane.values.errors import UsageError
from greenlane.values.finding import kind_of

CORPUS = Path(__file__).resolve().parent / "corpus"
DAY = date(2026, 7, 2)
MARK = "Zebulon Quixworth"
"""The consignee of every seed: no finding may repeat the name."""
_BOUNDS = Bounds(100_000, 16 << 20)

Said = Iterable[tuple[str, str]]
"""Finding codes and messages."""


class Broken(AssertionError):
    """A reader broke what it owes."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A group of readers that take the same bytes.

    ``kind`` is what the bytes are (xml, edifact, csv, json, parquet, pdf). ``read`` reads them by every one of the
    group, checks what each owes and gives the codes of what was found; with a number in place of null it leaves out
    what is slow, but for one number in eight, so that a fuzzer comes further.
    """

    name: str
    kind: str
    read: Callable[[bytes, int | None], list[str]]

    def seeds(self) -> Iterator[Path]:
        """Give the files of the fixed corpus: good messages, and ``fault-…``, which once broke a reader."""
        yield from sorted(path for path in (CORPUS / self.name).iterdir() if path.is_file())


def _foreign(
    group: str, more: Callable[[bytes], Said] | None = None
) -> Callable[[bytes, int | None], list[str]]:
    def read(data: bytes, turn: int | None) -> list[str]:
        sniffed(data[:HEAD])
        said = [one for name in FORMATS[group] for one in _message(formats()[name], data, _now(turn, 0))]
        if more is not None:
            said += more(data)
        return _sound(said)

    return read


def _now(turn: int | None, which: int) -> bool:
    return turn is None or turn % 8 == which


def _message(form: Format, data: bytes, intake: bool) -> Iterator[tuple[str, str]]:
    message = form.read(data, DAY)
    yield from _told(message.findings)
    _forget()
    fresh = form.read(data, DAY)
    _same(form.name, "reading with and without memory of other messages", _plain(message), _plain(fresh))
    parts = list(form.stream(BytesIO(data), DAY))
    for part in parts:
        yield from _told(part.findings)
    if not message.refused:
        _same(form.name, "read at once and one by one", len(message.consignments), _count(parts))
    if not message.findings and not message.consignments and not message.kind:
        raise Broken(f"{form.name}: nothing was read and nothing said")
    if message.consignments:
        if intake:
            yield from _told(check_message(message).findings)
        if not message.refused:
            _again(form, message)


def _plain(message: Message) -> tuple[object, ...]:
    return message.kind, message.version, message.consignments, tuple(message.carried), message.findings


def _again(form: Format, message: Message) -> None:
    written = form.write(message.consignments, message.carried)
    for one in written.lost:
        kind_of(one.code)
    again = form.read(written.data, DAY)
    if not written.lost:
        _same(form.name, "what was read and written", message.consignments, again.consignments)


def _count(parts: Iterable[Message]) -> int:
    return sum(len(part.consignments) for part in parts)


def _same(name: str, what: str, one: object, other: object) -> None:
    if one != other:
        raise Broken(f"{name}: {what} differ")


def _told(findings: Iterable[ForeignFinding]) -> Iterator[tuple[str, str]]:
    return ((one.code, one.message) for one in findings)


def _sound(said: Said) -> list[str]:
    codes = []
    for code, message in said:
        kind_of(code)
        if MARK in message:
            raise Broken(f"{code} repeats a name")
        codes.append(code)
    return codes


def _forget() -> None:
    for one in (
        wco.sections,
        ceb.envelope,
        ceb.shape,
        ics2.filing,
        placi.shapes,
        edifact_shapes,
        markup_shapes,
    ):
        one.forget()


def _wco_reply(data: bytes) -> Said:
    reply, findings = read_reply(data)
    if reply is not None and not findings:
        _same("wco reply", "what was read and written", read_reply(write_reply(reply))[0] is None, False)
    return _told(findings)


def _placi_notices(data: bytes) -> Said:
    return _told(read_notices(data).findings)


def _postal_reply(layout: Any) -> Callable[[bytes], Said]:
    def read(data: bytes) -> Said:
        found = read_responses(data)
        if found.responses and not found.findings:
            written = write_responses(found.responses, found.head, layout)
            _same("CUSRSP", "what was read and written", read_responses(written).responses, found.responses)
        return _told(found.findings)

    return read


def _rows(findings: Any) -> Said:
    return [(row["code"], row["message"]) for row in findings.iter_rows(named=True)]


def _json(data: bytes, turn: int | None) -> list[str]:
    said: list[tuple[str, str]] = []
    if _now(turn, 0):
        batch = parse_objects(data)
        said += _rows(batch.findings)
        objects_of(batch)
    if turn is None or turn % 8 > 2:
        few = parse_few(data).findings
        said += (
            _rows(few) if isinstance(few, pl.DataFrame) else [(one["code"], one["message"]) for one in few]
        )
    if _now(turn, 1):
        try:
            said += _rows(read_given(data).batch.findings)
        except UsageError as error:
            said.append(("file.unreadable", str(error)))
    codes = _sound(said)
    return codes + _file(data, turn) if _now(turn, 2) or data.startswith(GZIP) else codes


def _file(data: bytes, turn: int | None) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="greenlane-read-") as folder:
        path = Path(folder) / "sent"
        path.write_bytes(data)
        return read_file(path, Path(folder) / "work", turn)


def read_file(path: Path, work: Path, turn: int | None) -> list[str]:
    """Read a file as intake does, packed or not, part by part, and some of its rows alone."""
    try:
        source = open_source(path, work, _BOUNDS)
    except UsageError as error:
        return _sound([("file.unreadable", str(error))])
    said = [*_rows(source.findings)]
    if not source.items and not said:
        raise Broken("a file holds nothing and nothing is said")
    for part in source.parts(max(20, source.items // 4) if _now(turn, 3) else 10_000):
        batch = read_part(part)
        said += _rows(batch.findings)
        objects_of(batch)
    damaged = any(code == "file.unreadable" for code, _ in said)
    if _now(turn, 4) and not damaged:
        try:
            said += _rows(read_rows(path, 1, 2).findings)
        except UsageError as error:
            said.append(("file.unreadable", str(error)))
    return _sound(said)


FORMATS = {
    "wco": ("wco-dm36",),
    "ics2": ("ics2",),
    "ceb": ("ceb",),
    "placi": ("placi",),
    "postal-xml": ("postal-itmatt-xml", "postal-cusitm-xml"),
    "postal-edifact": ("postal-itmatt", "postal-cusitm"),
    "postal-pdf": ("postal-cn22", "postal-cn23"),
    "us86": ("us-et86",),
}
"""Names in the registry of foreign formats by reader."""


READERS = {
    one.name: one
    for one in (
        Reader("wco", "xml", _foreign("wco", more=_wco_reply)),
        Reader("ics2", "xml", _foreign("ics2")),
        Reader("ceb", "xml", _foreign("ceb")),
        Reader("placi", "xml", _foreign("placi", more=_placi_notices)),
        Reader(
            "postal-xml",
            "xml",
            _foreign("postal-xml", more=_postal_reply("xml")),
        ),
        Reader(
            "postal-edifact",
            "edifact",
            _foreign("postal-edifact", more=_postal_reply("edifact")),
        ),
        Reader("postal-pdf", "pdf", _foreign("postal-pdf")),
        Reader("us86", "csv", _foreign("us86")),
        Reader("own-json", "json", _json),
        Reader("own-csv", "csv", _file),
        Reader("own-parquet", "parquet", _file),
    )
}
"""Every reader by its name; `test_hostile.py` shows that no format of the registry is left out."""
