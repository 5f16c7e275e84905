"""What somebody who means harm might send: one catalogue, made by code, for every reader that takes the shape.

A case is made of a good message of the reader. What is large is a `Flood`: it is given out piece by piece and stands
in memory nowhere, so that what a reader holds of it is the reader's own doing.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from readers import MARK

MB = 1 << 20
TEXTS = {
    "nothing": "",
    "a blank": " ",
    "zero": "0",
    "less than zero": "-1",
    "an exponent": "1e999999",
    "no number": "NaN",
    "5,000 digits": "9" * 5_000,
    "100,000 digits": "9" * 100_000,
    "a million digits": "9" * 1_000_000,
    "the year 0": "0000-00-00",
    "a day in the year 0": "00000101",
    "the year 99999": "99999-12-31T00:00:00Z",
    "before the first moment": "0001-01-01T00:00:00+14:00",
    "after the last moment": "9999-12-31T23:59:59-14:00",
    "after the last moment, packed": "99991231235959-14",
    "other digits": "٣²１２",
    "right to left": "\u202e\u2066gnp\u2069",
    "signs of every format": "'\"?:+<>&]]>|~\\{}[],;\t%s{0}",
    "letters": "x" * 300,
}
"""Put in place of every text of a message, one after the other."""
BYTES = {
    "NUL": b"\0",
    "a lone surrogate": b"\xed\xa0\x80",
    "an overlong sign": b"\xc0\xaf",
    "half a sign": b"\xe6\x9d",
    "no UTF-8": b"\xff\xfe\xfd",
    "an escape": b"\x1b$B",
}
"""Put in the middle of a name."""


@dataclass(frozen=True, slots=True)
class Flood:
    """*head*, then *piece* so many times, then *tail*."""

    head: bytes
    piece: bytes
    count: int
    tail: bytes = b""

    def __len__(self) -> int:
        return len(self.head) + len(self.piece) * self.count + len(self.tail)

    def __iter__(self) -> Iterator[bytes]:
        """Give it in pieces of about 64 KiB."""
        yield self.head
        together = max(1, (64 << 10) // len(self.piece))
        for done in range(0, self.count, together):
            yield self.piece * min(together, self.count - done)
        yield self.tail

    def whole(self) -> bytes:
        """Return it as one."""
        return b"".join(self)


Made = bytes | Flood


class Pouring(io.RawIOBase):
    """A file that gives the pieces of a flood and holds none of what it gave."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Give what comes next."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(into), len(self._rest))
        into[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def opened(made: Made) -> io.BufferedIOBase:
    """Return what was made as a file."""
    return io.BytesIO(made) if isinstance(made, bytes) else io.BufferedReader(Pouring(made))


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile input: how it is made of a good message, and which finding is expected, any for none."""

    name: str
    make: Callable[[bytes], Made]
    code: str = ""


def put_in(data: bytes, odd: bytes) -> bytes:
    """Return a message with *odd* in the middle of the consignee's name, or of the whole."""
    mark = MARK.encode()
    if mark in data:
        return data.replace(mark, mark[:7] + odd + mark[7:], 1)
    return data[: len(data) // 2] + odd + data[len(data) // 2 :]


def of_bytes() -> Iterator[Case]:
    """Give what is hostile in any text."""
    for name, odd in BYTES.items():
        yield Case(f"{name} in a name", lambda data, odd=odd: put_in(data, odd))
    yield Case("nothing", lambda data: b"")
    yield Case("one NUL", lambda data: b"\0")
    yield Case("100 MB of NUL", lambda data: Flood(b"", b"\0", 100 * MB))
    yield Case("100 MB of blanks", lambda data: Flood(b"", b" ", 100 * MB))
    yield Case("20 MB of blanks, then the message", lambda data: Flood(b"", b" \n", 10 * MB, data))
    yield Case("30 MB of line ends", lambda data: Flood(data, b"\n", 30 * MB))
    yield Case("cut in the middle", lambda data: data[: len(data) // 2])
    yield Case("the end is missing", lambda data: data.rstrip()[:-1])
    yield Case("twice", lambda data: data + data)
    yield Case("backwards", lambda data: data[::-1])
    yield Case("UTF-16", lambda data: data.decode("utf-8", "replace").encode("utf-16"))
    yield Case("UTF-16 without mark", lambda data: data.decode("utf-8", "replace").encode("utf-16-be"))
    yield Case("UTF-32", lambda data: data.decode("utf-8", "replace").encode("utf-32"))
    yield Case("UTF-7", lambda data: data.decode("utf-8", "replace").encode("utf-7"))
    yield Case("EBCDIC", lambda data: data.decode("utf-8", "replace").encode("cp037", "replace"))
    yield Case("two byte order marks", lambda data: b"\xef\xbb\xbf" * 2 + data)
