"""The foreign formats that `greenlane bench messages` measures, one entry each: how messages of it are made and read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from lxml import etree

from greenlane.bench.message_documents import documents
from greenlane.bench.message_schema import schema_of, schema_of_kind, schema_of_table
from greenlane.messages.ceb import CEB, write_documents
from greenlane.messages.ceb.elements import KINDS
from greenlane.messages.foreign import Consignment, Message
from greenlane.messages.ics2 import ICS2, version_on
from greenlane.messages.ics2 import write as write_ics2
from greenlane.messages.wco import WCO_DM36
from greenlane.messages.wco.elements import DECLARATION

Bare = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of message of one format.

    ``write`` makes one message of all consignments; ``record`` is what begins and ends one record in it, so that a
    message of any length is made from its records. ``bare`` makes what parses and validates the same bytes without
    greenlane (or does whatever the least is that reads them), ``parse`` only parses. ``long`` makes a message of so many
    items where records cannot merely be repeated.
    """

    write: Callable[[Sequence[Consignment]], bytes]
    read: Callable[[bytes], Message]
    stream: Callable[[BinaryIO], Iterator[Message]]
    record: tuple[bytes, bytes]
    bare: Callable[[], Bare]
    parse: Bare = etree.fromstring
    long: Callable[[Sequence[Consignment], int], Iterator[bytes]] | None = None


_ICS2_HEADER: Final = {
    "issued": "2026-07-02T12:00:00Z",
    "member_state": "DE",
    "declarant_name": "Example Post",
    "declarant_id": "DE1234567",
    "declarant_city": "Bonn",
    "declarant_country": "DE",
    "declarant_contact": "ens@post.example",
    "declarant_contact_type": "EM",
}
_TRANSFER: Final = {"copCode": "9999988888", "copName": "Example Port", "dxpMode": "DXP", "dxpId": "DXPTEST1"}


def _wco() -> Measured:
    def bare(data: bytes, compiled: etree.XMLSchema) -> None:
        for one in etree.fromstring(data).iter("{*}Declaration"):
            _valid(compiled, one)

    return Measured(
        lambda consignments: WCO_DM36.write(consignments).data,
        WCO_DM36.read,
        WCO_DM36.stream,
        (b"<md:MetaData", b"</md:MetaData>"),
        lambda: partial(bare, compiled=schema_of(DECLARATION)),
    )


def _ics2(kind: str) -> Measured:
    return Measured(
        lambda consignments: write_ics2(consignments, (), kind=kind, **_ICS2_HEADER).data,
        ICS2.read,
        ICS2.stream,
        (b"<consignmentHouseLevel>", b"</consignmentHouseLevel>"),
        lambda: partial(whole, compiled=schema_of_table(version_on(None).tables[kind])),
    )


def _ceb(number: str) -> Measured:
    kind = KINDS[number]
    return Measured(
        lambda consignments: write_documents(tuple(documents(kind, consignments)), _TRANSFER).data,
        CEB.read,
        CEB.stream,
        (f"<{kind.business}>".encode(), f"</{kind.business}>".encode()),
        lambda: partial(whole, compiled=schema_of_kind(kind)),
    )


def whole(data: bytes, compiled: etree.XMLSchema) -> None:
    _valid(compiled, etree.fromstring(data))


def _valid(compiled: etree.XMLSchema, element: etree._Element) -> None:
    if not compiled.validate(etree.ElementTree(element)):
        raise ValueError(f"a message of the measurement is not valid: {compiled.error_log}")


MEASURED: Final[dict[str, Measured]] = {
    "wco-dm36": _wco(),
    **{f"ceb {number}": _ceb(number) for number in ("621", "311", "411", "511")},
    **{f"ics2 {kind}": _ics2(kind) for kind in ("F43", "F32")},
}
"""What is measured, by the name that it is told under."""
