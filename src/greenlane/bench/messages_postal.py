"""Messages of the posts and before loading for the measurement, beside lxml, plain splitting, csv and json."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import cycle
from typing import BinaryIO, Final

from lxml import etree

from greenlane.bench.message_formats import Measured, whole
from greenlane.bench.message_schema_postal import schema_of_items, schema_of_waybill
from greenlane.messages.foreign import Consignment, Message
from greenlane.messages.placi import PLACI, US86, bulk_of
from greenlane.messages.placi import write as write_waybills
from greenlane.messages.placi.us86 import write as write_entries
from greenlane.messages.postal import ITMATT, ITMATT_XML
from greenlane.values.identifiers import s10_check_digit

_CHUNK: Final = 64 << 10
_US_DAY: Final = date(2025, 8, 28)
_GB_DAY: Final = date(2026, 7, 2)
_WAYBILL: Final = {"master": "020-12345675", "issued": "2026-07-02T12:00:00Z", "pieces": "1"}
_ENTRY: Final = {"entry_number": "ABC-1234567-8", "port_of_entry": "4701"}


def posted(consignments: Iterable[Consignment]) -> list[Consignment]:
    """Return consignments as the post has them: each with a number of UPU S10."""
    made = []
    for number, one in enumerate(consignments):
        identifier = f"CC{number:08d}{s10_check_digit(f'{number:08d}')}GB"
        made.append({**one, "transport_document": identifier, "channel": "postal"})
    return made


def waybills(consignments: Iterable[Consignment]) -> list[Consignment]:
    """Return consignments as a waybill tells them, with goods that no term of the list stands for alone."""
    made = []
    for number, one in enumerate(consignments):
        items = [{**item, "description": f"{item['description']}, one of its kind"} for item in one["items"]]
        consignee = {**one["consignee"], "name": one["consignee"].get("name") or "A. Example"}
        own = {"consignment_id": f"H{number}", "transport_document": f"H{number}"}
        made.append({**one, **own, "consignee": consignee, "items": items})
    return made


def entered(consignments: Iterable[Consignment]) -> list[Consignment]:
    """Return consignments as entries of type 86: ten digits of the tariff, under the limit, a bill of their own."""
    made = []
    for number, one in enumerate(consignments):
        items = [
            {
                "item_id": str(place),
                "origin_country": item.get("origin_country") or "CN",
                "quantity": item["quantity"],
                "value": "9.50",
                "hs_code": (item.get("hs_code") or "610910").ljust(10, "0"),
            }
            for place, item in enumerate(one["items"], 1)
        ]
        made.append(
            {
                "consignment_id": f"B{number}",
                "transport_document": f"B{number}",
                "declaration_date": _US_DAY.isoformat(),
                "destination_country": "US",
                "currency": "USD",
                "seller": {"name": "Example Trading", "country": "CN"},
                "consignor": {"address": "1 Road, Shenzhen"},
                "consignee": {"name": "A. Example", "address": f"{number} Street, Boston"},
                "items": items,
            }
        )
    return made


def bulked(consignments: Iterable[Consignment], start: int = 0) -> Iterator[bytes]:
    """Give parcels that may stand in a bulk declaration as lines of JSON, each for a recipient of its own."""
    for number, one in enumerate(consignments, start):
        items = [{**item, "value": "4.50"} for item in one["items"]]
        own = {"destination_country": "GB", "destination_region": None, "currency": "GBP", "scheme": "GB_VAT"}
        consignee = {**one["consignee"], "id": f"P{number}"}
        made = {**one, **own, "channel": "express", "consignee": consignee, "items": items}
        yield json.dumps(made).encode() + b"\n"


def _again(consignments: Sequence[Consignment], items: int) -> Iterator[int]:
    """Give the places of consignments over and over, until they hold so many items."""
    for place, one in cycle(enumerate(consignments)):
        if items <= 0:
            return
        items -= len(one["items"])
        yield place


def _long_xml(consignments: Sequence[Consignment], items: int) -> Iterator[bytes]:
    before, pieces, after = _parted(ITMATT_XML.write(posted(consignments)).data, b"<Item>", b"</ITMATT>")
    count = sum(1 for _ in _again(consignments, items))
    yield re.sub(rb"<ITEM_COUNT>[0-9]+", b"<ITEM_COUNT>%d" % count, before)
    yield from (pieces[place] for place in _again(consignments, items))
    yield after


def _long_edifact(consignments: Sequence[Consignment], items: int) -> Iterator[bytes]:
    before, pieces, after = _parted(ITMATT.write(posted(consignments)).data, b"CNI+", b"CNT+")
    sizes = [piece.count(b"'\n") for piece in pieces]
    chosen = [sizes[place] for place in _again(consignments, items)]
    after = re.sub(rb"CNT[+]2:[0-9]+", b"CNT+2:%d" % len(chosen), after)
    yield before
    yield from (pieces[place] for place in _again(consignments, items))
    yield re.sub(rb"UNT[+][0-9]+", b"UNT+%d" % (sum(chosen) + 4), after)


def _parted(data: bytes, begin: bytes, end: bytes) -> tuple[bytes, list[bytes], bytes]:
    first, last = data.index(begin), data.rindex(end)
    return data[:first], [begin + piece for piece in data[first:last].split(begin)[1:]], data[last:]


def _long_entries(consignments: Sequence[Consignment], items: int) -> Iterator[bytes]:
    tables = [write_entries([one], (), **_ENTRY).data.split(b"\n") for one in entered(consignments)]
    yield tables[0][0] + b"\n"
    for number, place in enumerate(_again(consignments, items)):
        for row in tables[place][1:-1]:
            yield b"L%d,%s\n" % (number, row.partition(b",")[2])


def _long_bulk(consignments: Sequence[Consignment], items: int) -> Iterator[bytes]:
    for number, place in enumerate(_again(consignments, items)):
        yield from bulked([consignments[place]], number)


def _split(data: bytes) -> None:
    encoding = "utf-8" if b"+UNOW:" in data[:60] else "iso8859-1"
    for one in data.decode(encoding).split("'"):
        for element in one.split("+"):
            element.split(":")


def _csv(data: bytes) -> None:
    for _ in csv.reader(io.StringIO(data.decode(), newline="")):
        pass


def _json(data: bytes) -> None:
    for line in data.splitlines():
        json.loads(line)


def _bulk(source: BinaryIO) -> Iterator[Message]:
    bulk = bulk_of((json.loads(line) for line in _lines(source)), _GB_DAY)
    yield Message("gb-bulk", "", "", (), (), bulk.findings)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    held = b""
    while chunk := source.read(_CHUNK):
        *whole_ones, held = (held + chunk).split(b"\n")
        yield from whole_ones
    if held:
        yield held


def _waybills_valid(data: bytes, compiled: etree.XMLSchema) -> None:
    for one in etree.fromstring(data).iter("{*}HouseWaybill"):
        if not compiled.validate(etree.ElementTree(one)):
            raise ValueError(f"a message of the measurement is not valid: {compiled.error_log}")


POSTAL: Final[dict[str, Measured]] = {
    "postal-itmatt-xml": Measured(
        lambda consignments: ITMATT_XML.write(posted(consignments)).data,
        ITMATT_XML.read,
        ITMATT_XML.stream,
        (b"<Item>", b"</Item>"),
        lambda: partial(whole, compiled=schema_of_items()),
        long=_long_xml,
    ),
    "postal-itmatt": Measured(
        lambda consignments: ITMATT.write(posted(consignments)).data,
        ITMATT.read,
        ITMATT.stream,
        (b"CNI+", b"'"),
        lambda: _split,
        _split,
        _long_edifact,
    ),
    "placi XFZB": Measured(
        lambda consignments: write_waybills(waybills(consignments), (), **_WAYBILL).data,
        PLACI.read,
        PLACI.stream,
        (b"<HouseWaybill", b"</HouseWaybill>"),
        lambda: partial(_waybills_valid, compiled=schema_of_waybill("XFZB")),
    ),
    "us-et86": Measured(
        lambda consignments: write_entries(entered(consignments), (), **_ENTRY).data,
        partial(US86.read, received=_US_DAY),
        partial(US86.stream, received=_US_DAY),
        (b"", b""),
        lambda: _csv,
        _csv,
        _long_entries,
    ),
    "gb-bulk": Measured(
        lambda consignments: b"".join(bulked(consignments)),
        lambda data: next(_bulk(io.BytesIO(data))),
        _bulk,
        (b"", b""),
        lambda: _json,
        _json,
        _long_bulk,
    ),
}
"""What is measured; entries beside csv and bulk declarations beside json have no schema to be valid by."""
