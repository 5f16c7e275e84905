"""ICS2 in the registry of foreign formats."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import BinaryIO, Final

from greenlane.messages.foreign import Carried, Consignment, Message, Written, register
from greenlane.messages.ics2 import reading, writing
from greenlane.messages.ics2.tables import VERSIONS


class _Ics2:
    name: str = reading.FORMAT
    title: str = "ICS2 entry summary, post and express (XML, after the tables of v2.02; namespace and schema unverified)"
    media_types: tuple[str, ...] = ("application/vnd.eu.ics2+xml",)
    since: date | None = VERSIONS[0].since
    until: date | None = VERSIONS[-1].until

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins a message of ICS2."""
        return b"IE3" in head and b"<" in head

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one message."""
        return reading.read(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read an entry summary house by house in flat memory."""
        return reading.stream(source, received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write one entry summary; ``kind`` and what it says of itself go into the header."""
        return writing.write(consignments, carried, **header)


ICS2: Final = register(_Ics2())
