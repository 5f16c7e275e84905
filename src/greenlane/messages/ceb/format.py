"""China's CEB messages in the registry of foreign formats."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import BinaryIO, Final

from greenlane.messages.ceb import reading, writing
from greenlane.messages.foreign import Carried, Consignment, Message, Written, register

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?CEB\d{3}Message[\s/>]")


class _Ceb:
    name: str = reading.FORMAT
    title: str = "China customs, cross-border e-commerce (CEB) messages for imports (XML)"
    media_types: tuple[str, ...] = ("application/vnd.chinaport.ceb+xml", "application/xml", "text/xml")
    since: date | None = date(2016, 4, 8)
    until: date | None = None

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins a CEB message."""
        return _ROOT.search(head) is not None

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one message."""
        return reading.read(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read the documents of a message one after the other in flat memory."""
        return reading.stream(source, received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write consignments as inventories."""
        return writing.write(consignments, carried, **header)


CEB: Final = register(_Ceb())
