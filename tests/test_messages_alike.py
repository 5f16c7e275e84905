"""Items and waybills that look alike: read by their shape they give what reading them field by field gives."""

import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenlane.bench.messages import EVERY
from greenlane.messages.foreign import Message
from greenlane.messages.placi import PLACI, US86, bulk_of, write
from greenlane.messages.placi import shapes as waybill_shapes
from greenlane.messages.postal import CUSITM, CUSITM_XML, ITMATT, ITMATT_XML, edifact_shapes, markup_shapes
from greenlane.messages.postal.takings import Taking
from greenlane.values.identifiers import s10_check_digit

DAY = date(2026, 7, 2)
SIGNS = st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs", "Cn"))
WORDS = st.sampled_from(["Example", "O'Neill & Co", "a<b>c", "1+1:2?", "Zoë", "北京", " spaced ", "x\u2028y"])
TEXT = WORDS | st.text(SIGNS, min_size=1, max_size=12)
NUMBER = st.sampled_from(["1", "0", "12.50", "007", "1e3", "1,5", "9" * 20, "", "0.001"])


def forget() -> None:
    """Let every reader begin without a shape."""
    markup_shapes.forget()
    edifact_shapes.forget()
    waybill_shapes.forget()


def _item(draw: st.DrawFn) -> dict[str, Any]:
    made = {
        "item_id": draw(st.sampled_from(["1", "2", "ten"])),
        "description": draw(TEXT),
        "quantity": draw(NUMBER),
        "value": draw(NUMBER),
        "hs_code": draw(st.sampled_from(["610910", "6109", "61", "61091000101112", "x"])),
        "origin_country": draw(st.sampled_from(["CN", "XX", "TR"])),
        "net_mass_kg": draw(NUMBER),
        "gross_mass_kg": draw(NUMBER),
        "unit": draw(st.sampled_from(["C62", "KGM"])),
    }
    for name in draw(st.sets(st.sampled_from(sorted(made)), max_size=2)):
        del made[name]
    return made


@st.composite
def parcels(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a parcel whose values may fit the layout or not."""
    serial = draw(st.from_regex(r"[0-9]{8}", fullmatch=True))
    digit = s10_check_digit(serial) if draw(st.booleans()) else 0
    number = draw(st.sampled_from([f"CC{serial}{digit}GB", f"CC{serial}{digit}GB", "R-1"]))
    made: dict[str, Any] = {
        "consignment_id": draw(st.sampled_from([number, "ORDER-1"])),
        "transport_document": number,
        "transaction": draw(st.sampled_from(["b2c", "c2c_gift", "documents", "returned_goods", "b2b"])),
        "departure_country": "GB",
        "destination_country": "DE",
        "currency": draw(st.sampled_from(["EUR", "USD", "ZZZ"])),
        "freight": draw(NUMBER),
        "transport_mode": draw(st.sampled_from(["air", "sea", "post"])),
        "export_date": draw(st.sampled_from(["2026-06-30", "2026-13-01"])),
        "scheme": "IOSS",
        "scheme_id": draw(st.sampled_from(["IM3720000224", "IM0000000000", "SELLER-7"])),
        "consignor": {"name": draw(TEXT), "address": f"{draw(TEXT)}, {draw(TEXT)}", "country": "GB"},
        "consignee": {"name": draw(TEXT), "address": draw(TEXT), "postcode": draw(TEXT), "country": "DE"},
    }
    for name in draw(st.sets(st.sampled_from(["freight", "scheme", "scheme_id", "export_date"]), max_size=2)):
        del made[name]
    made["items"] = [_item(draw) for _ in range(draw(st.integers(1, 3)))]
    return made


EXTRA = {
    ITMATT.name: [
        (b"MEA+AAE+G+KGM:", b"MEA+AAE+G+GRM:"),
        (b"MOA+38:", b"MOA+38:0"),
        (b":EUR'", b":CHF'"),
        (b"NAD+CN+", b"NAD+CN+++A+B+C+D+E+F'NAD+CN+"),
        (b"'\nGIS", b"'\r\nGIS"),
        (b"'\nMEA", b"'\n MEA"),
        (b"MOA+64:", b"MOA+44:9.00'MOA+64:"),
    ],
    ITMATT_XML.name: [
        (b'unit="KGM"', b'unit="GRM"'),
        (b"<CP_CURRCD>EUR", b"<CP_CURRCD>CHF"),
        (b"<Sender>", b"<Sender><SEND_FNAME>A</SEND_FNAME><SEND_LNAME>B</SEND_LNAME>"),
        (b"<Recipient>", b"text<Recipient>"),
        (b"<SEND_NAME>", b"<SEND_FNAME>A</SEND_FNAME><SEND_NAME>"),
        (b"<SEND_ADD1>", b"<SEND_ADD1> &#13;&#10;"),
        (b"<TOT_DECL_VAL>", b"<TOT_DECL_VAL>0"),
    ],
}


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    first=st.lists(parcels(), min_size=1, max_size=3),
    second=st.lists(parcels(), min_size=1, max_size=3),
    layout=st.sampled_from([ITMATT, ITMATT_XML]),
    received=st.sampled_from([None, DAY]),
    data=st.data(),
)
def test_postal_items_are_read_alike_by_shape_and_by_field(
    first: list[Any], second: list[Any], layout: Any, received: date | None, data: st.DataObject
) -> None:
    """Whatever shapes are known from other messages, a message gives the same consignments, findings and carried."""
    edits = data.draw(st.lists(st.sampled_from(EXTRA[layout.name]), max_size=2))
    messages = [layout.write(made).data for made in (first, second)]
    for old, new in edits:
        messages.append(messages[1].replace(old, new))
    plain = []
    for one in messages:
        forget()
        plain.append(layout.read(one, received))
    for _ in range(2):
        for one, expected in zip(messages, plain, strict=True):
            assert layout.read(one, received) == expected
            streamed = list(layout.stream(BytesIO(one), received))
            told = [message.consignments[0] for message in streamed if message.consignments]
            assert told == list(expected.consignments)
            assert sum(len(message.findings) for message in streamed) == len(expected.findings)


def test_items_of_a_known_shape_are_not_read_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three hundred sound items of a few shapes, all but a handful run along what their shape gives."""
    ran: list[int] = []
    along = Taking.reading

    def counted(self: Taking, *given: Any) -> Any:
        ran.append(1)
        return along(self, *given)

    monkeypatch.setattr(Taking, "reading", counted)
    for layout in (ITMATT, ITMATT_XML, CUSITM, CUSITM_XML):
        forget()
        ran.clear()
        made = [_parcel(number) for number in range(300)]
        message = layout.read(layout.write(made).data, DAY)
        numbers = [one["transport_document"] for one in message.consignments]
        assert numbers == [one["transport_document"] for one in made]
        assert 290 < len(ran) < 300


def _parcel(number: int) -> dict[str, Any]:
    identifier = f"CC{number:08d}{s10_check_digit(f'{number:08d}')}GB"
    item = {
        "description": f"scarf {number}",
        "quantity": "1",
        "value": f"{number}.50",
        "gross_mass_kg": "0.2",
    }
    return {
        "consignment_id": identifier,
        "transport_document": identifier,
        "transaction": "c2c_gift" if number % 2 else "b2c",
        "currency": "EUR",
        "consignor": {"name": f"Sender {number}", "address": "1 Road", "country": "GB"},
        "consignee": {"name": f"Example {number}", "address": "2 Street", "country": "DE"},
        "items": [item | {"item_id": str(place)} for place in range(1, 2 + number % 3)],
    }


def _spoiled(piece: bytes) -> Iterator[bytes]:
    """Give one record with a fault, or with something that only a parser can tell."""
    yield piece.replace(b">scarf", b">sc&arf", 1)
    yield piece.replace(b">scarf", b">sc<!--x-->arf", 1)
    yield piece.replace(b">scarf", b">sc&#10;arf", 1)
    yield piece.replace(b">scarf", b">sc&quot;&amp;&lt;arf", 1)
    yield piece.replace(b">scarf", b">sc]]>arf", 1)
    yield piece.replace(b">scarf", b">sc\x01arf", 1)
    yield piece.replace(b">scarf", b">sc\xffarf", 1)
    yield piece.replace(b">scarf", b">sc\xef\xbf\xbfarf", 1)
    yield piece.replace(b">scarf", b"> \n ", 1)
    yield piece.replace(b">scarf", b">" + b"x" * 60_000, 1)
    yield piece.replace(b"><", b">astray<", 1)
    yield piece.replace(b"><", b">\n <", 2)
    yield b"astray" + piece
    yield b"<!-- between -->" + piece
    yield piece[: len(piece) // 2]
    yield piece + piece[:5]


@pytest.mark.parametrize("name", ["postal-itmatt-xml", "placi XFZB"])
def test_records_that_need_no_parser_are_read_as_parsed_ones(name: str) -> None:
    """In a long message whatever stands in a record among known ones gives what it gives where nothing is known."""
    measured = EVERY[name]
    whole = measured.write([_whole(number) for number in range(120)])
    begin, end = measured.record
    place = whole.index(begin, len(whole) * 2 // 3)
    stop = whole.index(end, place) + len(end)
    assert place > 65_536
    for spoiled in _spoiled(whole[place:stop].replace(b"wool", b"scarf")):
        data = whole[:place] + spoiled + whole[stop:]
        forget()
        first = [_told(message) for message in measured.stream(BytesIO(data))]
        again = [_told(message) for message in measured.stream(BytesIO(data))]
        short: list[Any] = []
        forget()
        for message in measured.stream(
            _Source(iter(data[n : n + 7_000] for n in range(0, len(data), 7_000)))
        ):
            forget()
            short.append(_told(message))
        assert first == again == short


def _told(message: Message) -> Any:
    return message.consignments, tuple(message.carried), message.findings, message.version, message.extras


def test_shapes_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many shapes come, a bounded number is kept."""
    forget()
    kept: list[Any] = [markup_shapes, edifact_shapes, waybill_shapes]
    for one in kept:
        monkeypatch.setattr(one, "_MOST", 10)
    most = [0, 0, 0]
    for number in range(1, 40):
        made = _parcel(0)
        made["items"] = [{**made["items"][0], "item_id": str(place)} for place in range(1, number)] or [{}]
        ITMATT_XML.read(ITMATT_XML.write([made]).data)
        ITMATT.read(ITMATT.write([made]).data)
        PLACI.read(PLACI.write([made], master="020-12345675", issued="2026-07-02T12:00:00Z").data)
        most = [max(before, one.count()) for before, one in zip(most, kept, strict=True)]
    assert most == [10, 10, 10]


@st.composite
def waybills(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a waybill may tell, fitting or not."""
    items = [
        {"item_id": str(n), "description": draw(TEXT | st.sampled_from(["parts", "box of pencils", "123"]))}
        for n in range(1, draw(st.integers(1, 3)) + 1)
    ]
    items[0]["gross_mass_kg"] = draw(st.sampled_from(["0.5", "1", "0"]))
    address = draw(TEXT)
    return {
        "transport_document": draw(st.sampled_from(["H-1", "H-22", "?"])),
        "consignor": {"name": draw(TEXT), "address": address, "country": draw(st.sampled_from(["GB", "1"]))},
        "consignee": {"name": draw(TEXT | st.just("N/A")), "address": f"{address}, Town", "country": "DE"},
        "items": items,
    }


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    made=st.lists(waybills(), min_size=2, max_size=5),
    moment=st.sampled_from(["2026-07-02T12:00:00Z", "2026-07-02T25:00:00Z", ""]),
    kind=st.sampled_from(["XFWB", "XFZB"]),
    edit=st.sampled_from(
        [
            (b"", b""),
            (b'"KGM"', b'"LBR"'),
            (b"<ram:Name>", b"<ram:Name> "),
            (b"<ram:ID>", b"<ram:Own>1</ram:Own><ram:ID>"),
        ]
    ),
)
def test_waybills_are_read_alike_by_shape_and_by_element(
    made: list[Any], moment: str, kind: str, edit: tuple[bytes, bytes]
) -> None:
    """Whatever waybills came before, each gives the message that it gives alone."""
    header = {"master": "020-12345675", "issued": moment, "kind": kind}
    written = [write([one], (), **header).data.replace(*edit) for one in made]
    plain: list[Message] = []
    for one in written:
        forget()
        plain.append(PLACI.read(one, DAY))
    for _ in range(2):
        assert [PLACI.read(one, DAY) for one in written] == plain


LONG = ["postal-itmatt", "postal-itmatt-xml", "placi XFZB", "us-et86", "gb-bulk"]


@pytest.mark.parametrize("name", LONG)
def test_long_messages_are_read_in_flat_memory(name: str) -> None:
    """Four times as many items need no more memory, but for a few numbers of each bill or parcel."""
    measured = EVERY[name]
    assert measured.long is not None or name == "placi XFZB"
    made = [_whole(number) for number in range(20)]
    _peak(measured, made, 200)
    small, large = _peak(measured, made, 1_000), _peak(measured, made, 4_000)
    assert large - small < 600_000, (small, large)


def _whole(number: int) -> dict[str, Any]:
    return _parcel(number) | {"freight": "1.00", "seller": {"name": "Example"}}


def _peak(measured: Any, made: list[Any], items: int) -> int:
    pieces = _long(measured, made, items)
    source = _Source(pieces)
    tracemalloc.start()
    read = 0
    for message in measured.stream(source):
        assert not message.refused, message.findings
        read += sum(len(one["items"]) for one in message.consignments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read >= items or not read
    return peak


def _long(measured: Any, made: list[Any], items: int) -> Iterator[bytes]:
    if measured.long is not None:
        yield from measured.long(made, items)
        return
    whole = measured.write(made)
    begin, end = measured.record
    first, last = whole.index(begin), whole.rindex(end) + len(end)
    yield whole[:first]
    pieces = [begin + piece for piece in whole[first:last].split(begin)[1:]]
    while items > 0:
        for piece, one in zip(pieces, made, strict=True):
            items -= len(one["items"])
            yield piece
    yield whole[last:]


class _Source:
    """A message that is written while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._held += piece
        given, self._held = self._held[:size], self._held[size:]
        return given


def test_a_bill_whose_rows_stand_apart_is_told_in_a_stream() -> None:
    """Read as a whole, rows of one bill are one consignment wherever they stand; in a stream they have to be together."""
    bill = "{0},E-1,4701,Seller,1 Road,CN,A. Example,2 Street,CN,1,9.50,6109100012"
    head = "bill,entry_number,port_of_entry,seller_name,seller_address,seller_country,consignee_name,"
    head += "consignee_address,origin,quantity,retail_value,hts"
    data = "\n".join([head, *(bill.format(number) for number in ("A", "A", "B", "A")), ""]).encode()
    whole = US86.read(data, date(2025, 8, 28))
    assert [len(one["items"]) for one in whole.consignments] == [3, 1] and not whole.findings
    streamed = list(US86.stream(BytesIO(data), date(2025, 8, 28)))
    assert [len(one.consignments[0]["items"]) for one in streamed] == [2, 1, 1]
    assert [(one.code, one.place.path) for one in streamed[2].findings] == [
        ("messages.us86.parts", "bill[5]")
    ]
    assert not streamed[0].findings and not streamed[1].findings


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b"1,2\n",
        lambda data: data + b'"' + b"x" * 400_000,
        lambda data: data + b'"a\n",' * 400_000,
        lambda data: data + b"\xff\xfe",
    ],
)
def test_a_table_that_breaks_off_keeps_what_came_before(spoil: Callable[[bytes], bytes]) -> None:
    """Uneven, endless and undecodable rows end a stream with one finding, after the bills that were complete."""
    made = EVERY["us-et86"].write([_whole(number) for number in range(3)])
    messages = list(US86.stream(BytesIO(spoil(made)), date(2025, 8, 28)))
    assert [one.code for one in messages[-1].findings] == ["messages.us86.unreadable"]
    assert len(messages[:-1]) in (0, 2, 3) and not any(one.findings for one in messages[:-1])


def test_parcels_of_a_bulk_declaration_may_come_one_by_one() -> None:
    """An iterator gives the same choice as a sequence; recipients are summed over all of it."""
    made = [
        {
            "channel": "express",
            "destination_country": "GB",
            "currency": "GBP",
            "scheme": "GB_VAT",
            "consignee": {"id": f"P{number // 2 if number < 4 else number}"},
            "items": [{"value": "70.00" if number < 2 else "60.00"}],
        }
        for number in range(6)
    ]
    bulk = bulk_of(iter(made), DAY)
    assert bulk == bulk_of(made, DAY)
    assert bulk.parcels == (2, 3, 4, 5) and bulk.total == 24_000
    assert [one.consignment for one in bulk.findings] == [0, 1]


def test_values_with_released_signs_and_other_line_ends_are_read_by_shape() -> None:
    """Released separators come back as the signs that they are, whatever ends the lines between segments."""
    made = [_parcel(number) for number in range(4)]
    for number, one in enumerate(made):
        one["consignor"]["name"] = ["A+B", "O'Neill", "a:b?", "??+:'"][number]
    data = ITMATT.write(made).data
    for given_ in (data, data.replace(b"'\n", b"'\r\n"), re.sub(rb"'\n", b"'", data)):
        message = ITMATT.read(given_, DAY)
        assert [one["consignor"]["name"] for one in message.consignments] == [
            "A+B",
            "O'Neill",
            "a:b?",
            "??+:'",
        ]
        assert not message.refused
