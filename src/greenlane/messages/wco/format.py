"""WCO Data Model 3.6 in the registry of foreign formats."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import BinaryIO, Final

from greenlane.messages.foreign import Carried, Consignment, Message, Written, register
from greenlane.messages.wco import declaration, writing


class _WcoDm36:
    name: str = declaration.FORMAT
    title: str = "WCO Data Model 3.6, declaration (XML, as HMRC publishes it)"
    media_types: tuple[str, ...] = ("application/vnd.wco.dm36+xml", "application/xml", "text/xml")
    since: date | None = None
    until: date | None = None

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins MetaData or a Declaration of the model."""
        return b"urn:wco:datamodel:WCO:" in head or b"<Declaration" in head

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one declaration."""
        return declaration.read(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read declarations one after the other in flat memory."""
        return declaration.stream(source, received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write consignments; ``type`` and ``function`` go into the header."""
        return writing.write(consignments, carried, **header)


WCO_DM36: Final = register(_WcoDm36())
