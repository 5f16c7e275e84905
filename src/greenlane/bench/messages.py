"""Foreign messages: read and validated, beside bare lxml on the same bytes in the same run; and in what memory."""

import io
import json
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from greenlane.bench.message_formats import MEASURED, Measured
from greenlane.bench.messages_postal import POSTAL
from greenlane.messages.foreign import Consignment, Message

EVERY: Final = {**MEASURED, **POSTAL}
"""All that is measured."""


def time_messages(documents: str, rounds: int) -> dict[str, Any]:
    """Tell the processor seconds of each format, best of *rounds*.

    ``read`` takes short messages, one a consignment, to checked consignments; ``bare`` parses the same bytes and
    validates them against a schema of the same elements and forms; ``parse`` only parses. ``stream`` reads one message
    of all consignments, ``bulk_bare`` and ``bulk_parse`` are the same of its bytes.

    Args:
        documents: NDJSON of consignments, from which the messages are written.
        rounds: How often each is measured.
    """
    consignments = _consignments(documents)
    return {name: _timed(one, consignments, rounds) for name, one in EVERY.items()}


def _timed(one: Measured, consignments: Sequence[Consignment], rounds: int) -> dict[str, Any]:
    messages = [one.write([consignment]) for consignment in consignments]
    bulk = [one.write(consignments)]
    bare = one.bare()
    works: dict[str, tuple[Callable[[bytes], object], Sequence[bytes]]] = {
        "read": (lambda data: _accepted(one.read(data)), messages),
        "bare": (bare, messages),
        "parse": (one.parse, messages),
        "stream": (lambda data: _read_all(one, io.BytesIO(data)), bulk),
        "bulk_bare": (bare, bulk),
        "bulk_parse": (one.parse, bulk),
    }
    return {
        "items": sum(len(consignment["items"]) for consignment in consignments),
        "messages": len(messages),
        "bytes": sum(map(len, messages)),
        "cpu_s": {part: _best(work, data, rounds) for part, (work, data) in works.items()},
    }


def write_long(names: Sequence[str], documents: str) -> dict[str, Any]:
    """Write the messages that `stream_long` makes longer beside the documents: its memory is that of reading alone."""
    consignments = _consignments(documents)
    sources = {}
    for number, name in enumerate(names):
        source = Path(documents).with_name(f"message-{number}")
        source.write_bytes(EVERY[name].write(consignments))
        sources[name] = str(source)
    return {"sources": sources, "counts": [len(one["items"]) for one in consignments]}


def stream_long(name: str, source: str, documents: str, counts: Sequence[int], items: int) -> dict[str, Any]:
    """Read one message of *items* items that nobody holds whole, and tell the memory of this process in bytes.

    ``before`` is the most memory held until a message of a tenth was read, ``peak`` until the end.

    Args:
        name: One of `EVERY`.
        source: File with a message whose records are taken again and again.
        documents: NDJSON of the consignments that it was written from.
        counts: How many items each record has.
        items: How many items the long message has.
    """
    one = EVERY[name]
    data = Path(source).read_bytes()
    wanted = _consignments(documents) if one.long is not None else ()
    _read_long(one, data, wanted, counts, items // 10)
    before = _peak()
    begun = time.process_time()
    size = _read_long(one, data, wanted, counts, items)
    return {
        "items": items,
        "bytes": size,
        "before": before,
        "peak": _peak(),
        "cpu_s": time.process_time() - begun,
    }


def _consignments(documents: str) -> list[Consignment]:
    return [json.loads(line) for line in Path(documents).read_bytes().splitlines()]


def _read_long(
    one: Measured, source: bytes, wanted: Sequence[Consignment], counts: Sequence[int], items: int
) -> int:
    pieces = _pieces(source, one.record, counts, items) if one.long is None else one.long(wanted, items)
    made = _Lasting(pieces)
    _read_all(one, cast(BinaryIO, made))
    return made.given


def _read_all(one: Measured, source: BinaryIO) -> None:
    for message in one.stream(source):
        _accepted(message)


def _pieces(data: bytes, record: tuple[bytes, bytes], counts: Sequence[int], items: int) -> Iterator[bytes]:
    """Give the message again with its records over and over, until they hold so many items."""
    begin, end = record
    first, last = data.index(begin), data.rindex(end) + len(end)
    yield data[:first]
    starts = [begin + piece for piece in data[first:last].split(begin)[1:]]
    for piece, count in cycle(zip(starts, counts, strict=True)):
        if items <= 0:
            break
        items -= count
        yield piece
    yield data[last:]


class _Lasting(io.RawIOBase):
    """A source that gives pieces as they are asked for, and holds none before."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        wanted = len(self._held) if size < 0 else size
        given = bytes(self._held[:wanted])
        del self._held[:wanted]
        self.given += len(given)
        return given


def _accepted(message: Message) -> None:
    if message.refused:
        codes = sorted({found.code for found in message.findings})
        raise ValueError(f"a message of the measurement is refused: {', '.join(codes)}")


def _best(work: Callable[[bytes], object], messages: Sequence[bytes], rounds: int) -> float:
    """Return the least processor time that *work* takes for all messages; nothing of a message is kept."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        for one in messages:
            work(one)
        found.append(time.process_time() - begun)
    return min(found)


def _peak() -> int:
    """Return the most memory that this process held, in bytes.

    The kernel's own figure counts what the parent held before it; so the one of the address space is taken where there
    is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
