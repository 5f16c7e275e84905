"""A filing in a foreign message: the consignments of it, part by part, with findings in the sender's own places."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO

import msgspec
import polars as pl

from greenlane.messages.answering import references_of
from greenlane.messages.ceb import Document, documents_of
from greenlane.messages.checked import check_messages
from greenlane.messages.foreign import Carried, ForeignFinding, Format, Message, Place
from greenlane.messages.wco import WCO_DM36, Header, amended
from greenlane.model import FINDING_SCHEMA, Batch, empty_batch
from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Severity, declare, kind_of

NO_ORIGINAL = declare(
    "filing.correction_of_nothing",
    Severity.ERROR,
    "A correction names a declaration that wasn't filed here as a message, or whose persons are erased.",
    "Correct the reference, or file the whole declaration anew.",
)
NOT_FILED = declare(
    "filing.message_not_taken",
    Severity.ERROR,
    "This kind of message isn't filed here.",
    "File declarations, orders, payments, waybills and returns; answer requests by commands.",
)


_AT_ONCE = 500
"""Messages that are put through intake at once."""


class TooMany(GreenlaneError):
    """A filing holds more items than one may."""


@dataclass(frozen=True, slots=True)
class Most:
    """How many items a filing may hold, and how many go together into one part."""

    items: int
    together: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What a record came in: format and kind of the message, what answers repeat of it, the document itself.

    ``refused``: an error stands among its findings, so that it is not to be processed.
    """

    form: str
    kind: str
    references: Mapping[str, str]
    document: Document | None = field(default=None, repr=False)
    refused: bool = False
    original: bytes | None = field(default=None, repr=False)
    """The declaration itself, where a correction may come to it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Whole messages: their consignments, and by row what each record came in."""

    batch: Batch
    sent: Mapping[int, Sent]


Originals = Callable[[str], bytes | None]
"""Returns the declaration that was filed under an id; None: there is none, or it was no message that can be corrected."""


def parts_of(
    body: bytes, form: Format, received: date, most: Most, originals: Originals = lambda _: None
) -> Iterator[Part]:
    """Read a filing message by message; each part holds whole messages.

    A correction becomes the declaration that *originals* gives for it, with everything changed that it points at.

    Raises:
        TooMany: It holds more items than a filing may; told before the first part.
    """
    items = 0
    for message in form.stream(BytesIO(body), received):
        items += sum(len(one.get("items") or ()) for one in message.consignments) or len(_documents(message))
        if items > most.items:
            raise TooMany(f"the file holds more than {most.items:,} items; send it in several")
    lot, count, kind = _Lot(), 0, form.name
    latest: dict[str, bytes] = {}
    for message in form.stream(BytesIO(body), received):
        kind = message.kind or kind
        message = _corrected(message, originals, latest)
        lot.add(message, count)
        count += max(len(message.consignments), len(_documents(message)))
        if lot.held >= most.together:
            yield Part(lot.batch(), lot.sent)
            lot = _Lot()
    batch = lot.batch()
    if not count and not batch.findings.filter(pl.col("severity") == "error").height:
        batch = replace(batch, findings=_nothing(kind))
    yield Part(batch, lot.sent)


class _Lot:
    """Messages that go together into one part; many short ones are put through intake at once."""

    def __init__(self) -> None:
        self.sent: dict[int, Sent] = {}
        self.held = 0
        self._batches: list[Batch] = []
        self._messages: list[Message] = []
        self._ids: set[str] = set()
        self._first = self._next = 0

    def add(self, message: Message, count: int) -> None:
        """Take a message in; *count* records came before it."""
        ids = {str(one.get("consignment_id")) for one in message.consignments}
        # Intake tells an id that stands twice as an error; filed twice, it is an amendment. Rows follow each other.
        if not ids.isdisjoint(self._ids) or count != self._next or len(self._messages) >= _AT_ONCE:
            self._check()
        if not self._messages:
            self._first = count
        self._messages.append(message)
        self._ids |= ids
        self._next = count + len(message.consignments)
        self.sent |= {count + place + 1: one for place, one in enumerate(_sent(message))}
        self.held += sum(len(one.get("items") or ()) for one in message.consignments) or len(
            _documents(message)
        )

    def _check(self) -> None:
        if self._messages:
            self._batches.append(check_messages(self._messages, first=self._first))
        self._messages, self._ids = [], set()

    def batch(self) -> Batch:
        """Return what intake made of all of them."""
        self._check()
        return together(self._batches) if self._batches else empty_batch()


def _nothing(kind: str) -> pl.DataFrame:
    """Say that a message holds nothing that is filed: a notice, an answer."""
    told = f"a message of kind {kind} isn't filed"
    row = ("-", 1, None, NOT_FILED, str(kind_of(NOT_FILED).severity), "/", told)
    return pl.DataFrame([row], schema=FINDING_SCHEMA, orient="row")


def _documents(message: Message) -> tuple[Document, ...]:
    return documents_of(message) if message.format == "ceb" else ()


def _corrected(message: Message, originals: Originals, latest: dict[str, bytes]) -> Message:
    """Make a correction a declaration; *latest* has those that this filing has corrected already."""
    header = message.extras
    if not isinstance(header, Header) or header.type != "COR" or message.refused:
        return message
    name = header.reference or ""
    held = latest.get(name) or originals(name)
    if held is None:
        place = Place("/Declaration/FunctionalReferenceID", "42A/D026")
        words = "expected the number of a declaration that was filed here"
        found = ForeignFinding(NO_ORIGINAL, place, words)
        return replace(message, consignments=(), findings=(*message.findings, found))
    made = amended(_opened(held), message)
    if (original := _original(made)) is not None:
        latest[name] = original
    return made


def _original(message: Message) -> bytes | None:
    """Return a declaration that may be corrected later: its consignment, and all that was carried."""
    if not isinstance(message.extras, Header) or message.refused or len(message.consignments) != 1:
        return None
    return msgspec.json.encode(
        [message.version, message.consignments, [tuple(one) for one in message.carried]]
    )


def _opened(held: bytes) -> Message:
    version, consignments, carried = msgspec.json.decode(held)
    return Message(
        WCO_DM36.name,
        "",
        version,
        tuple(consignments),
        tuple(
            Carried(path, text, tuple((name, value) for name, value in attributes), field_)
            for path, text, attributes, field_ in carried
        ),
    )


def _sent(message: Message) -> Iterator[Sent]:
    documents = _documents(message)
    for place in range(max(len(message.consignments), len(documents))):
        document = documents[place] if place < len(documents) else None
        told = references_of(message, place)
        yield Sent(message.format, message.kind, told, document, message.refused, _original(message))


def together(batches: Sequence[Batch]) -> Batch:
    """Return one batch of several."""
    if len(batches) == 1:
        return batches[0]
    items, before = [], 0
    rows = []
    for batch in batches:
        items.append(batch.items.with_columns((pl.col("row") + before).cast(pl.UInt32)))
        rows.append(batch.consignments)
        before += batch.consignments.height
    return Batch(
        pl.concat(rows),
        pl.concat(items),
        pl.concat([batch.findings for batch in batches]),
        pl.concat([batch.rejected for batch in batches]),
    )


__all__ = ["NOT_FILED", "Most", "Part", "Sent", "TooMany", "parts_of", "together"]
