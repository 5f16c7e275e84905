"""Postal item data in the registry of foreign formats: post to post and post to customs, in EDIFACT and XML."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import BinaryIO, Final

from greenlane.messages.carrying import Spans
from greenlane.messages.foreign import (
    Carried,
    Consignment,
    ForeignFinding,
    Message,
    Place,
    Written,
    register,
)
from greenlane.messages.postal import edifact, markup
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.records import Head, Part, Record
from greenlane.messages.postal.shapes import reading_of
from greenlane.messages.postal.turning import NOT_TEXT
from greenlane.messages.postal.writing import not_of_layout, on_one_line, records_of
from greenlane.values.errors import UsageError


@dataclass(slots=True)
class _Layout:
    """One message in one layout."""

    name: str
    title: str
    media_types: tuple[str, ...]
    kind: str
    parts: Callable[[BinaryIO], Iterator[Part]]
    written: Callable[[str, Head, Iterable[Record]], bytes]
    mark: bytes
    since: date | None = None
    until: date | None = None

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins this message in this layout."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(self.mark) and self.kind.encode() in head

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one message, with all its items."""
        consignments: list[Consignment] = []
        carried: list[Sequence[Carried]] = []
        findings: list[ForeignFinding] = []
        version, head = "", Head()
        for part in self._checked(data):
            version, head = part.version or version, part.head if part.head != Head() else head
            number = len(consignments) + (part.record is not None)
            findings += (
                ForeignFinding(one.code, one.place, one.message, number - 1 if part.record else None)
                for one in part.findings
            )
            if part.record is not None:
                reading = reading_of(part.record, number, received)
                consignments.append(reading.consignment)
                carried.append(reading.carried)
                findings += reading.findings
        return Message(
            self.name, self.kind, version, tuple(consignments), Spans(carried), tuple(findings), head
        )

    def _checked(self, data: bytes) -> Iterator[Part]:
        ended = False
        for part in self._own(BytesIO(data)):
            if ended and part.record is not None:
                words = "expected one message, several came"
                yield Part(
                    self.kind,
                    part.version,
                    part.head,
                    None,
                    (ForeignFinding(codes.NOT_POSTAL, Place("/"), words),),
                )
                return
            yield part
            ended = ended or part.record is None

    def _own(self, source: BinaryIO) -> Iterator[Part]:
        for part in self.parts(source):
            if part.kind not in ("", self.kind):
                words = f"expected {self.kind}, {part.kind} came"
                yield Part(
                    self.kind,
                    part.version,
                    part.head,
                    None,
                    (ForeignFinding(codes.NOT_POSTAL, Place("/"), words),),
                )
                return
            yield part

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read a source item by item in flat memory: one message each, and one for what is found at its end."""
        for part in self._own(source):
            if part.record is None:
                if part.findings:
                    yield Message(self.name, self.kind, part.version, (), (), part.findings, part.head)
                continue
            reading = reading_of(part.record, 1, received)
            own = tuple(ForeignFinding(one.code, one.place, one.message, 0) for one in part.findings)
            yield Message(
                self.name,
                self.kind,
                part.version,
                (reading.consignment,),
                reading.carried,
                (*own, *reading.findings),
                part.head,
            )

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write one message; ``sender``, ``recipient``, ``reference``, ``function``, ``prepared`` go into its head.

        Raises:
            UsageError: There is no consignment, or the head has no such part.
        """
        if not consignments:
            raise UsageError("a postal message is written from one consignment or more")
        try:
            head = Head(**header)
        except TypeError:
            raise UsageError(f"the head of a postal message has {', '.join(Head.__slots__)}") from None
        records, lost = records_of(consignments, carried)
        if any(NOT_TEXT.search(getattr(head, name)) for name in Head.__slots__):
            raise UsageError("the head of a postal message holds plain text")
        lost += not_of_layout(records, "/" if self.mark == b"<" else "CNI")
        if self.mark != b"<":
            lost += on_one_line(records)
        return Written(self.written(self.kind, head, records), tuple(lost))


ITMATT: Final = register(
    _Layout(
        "postal-itmatt",
        "Postal item data, post to post (EDIFACT in the manner of ITMATT)",
        ("application/vnd.greenlane.itmatt+edifact", "application/edifact"),
        "ITMATT",
        edifact.parts,
        edifact.written,
        b"UN",
    )
)
ITMATT_XML: Final = register(
    _Layout(
        "postal-itmatt-xml",
        "Postal item data, post to post (XML in the manner of ITMATT)",
        ("application/vnd.greenlane.itmatt+xml",),
        "ITMATT",
        markup.parts,
        markup.written,
        b"<",
    )
)
CUSITM: Final = register(
    _Layout(
        "postal-cusitm",
        "Postal item data, post to customs (EDIFACT in the manner of CUSITM)",
        ("application/vnd.greenlane.cusitm+edifact", "application/edifact"),
        "CUSITM",
        edifact.parts,
        edifact.written,
        b"UN",
    )
)
CUSITM_XML: Final = register(
    _Layout(
        "postal-cusitm-xml",
        "Postal item data, post to customs (XML in the manner of CUSITM)",
        ("application/vnd.greenlane.cusitm+xml",),
        "CUSITM",
        markup.parts,
        markup.written,
        b"<",
    )
)
