"""Postal messages and forms: read and written without loss, everything wrong told at once, hostile input refused."""

import csv
import re
import time
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from greenlane.clearance.events import Event
from greenlane.messages.families import formats
from greenlane.messages.foreign import FORMATS, Message
from greenlane.messages.postal import (
    CN22,
    CN23,
    CUSITM,
    CUSITM_XML,
    ITMATT,
    ITMATT_XML,
    Head,
    ItemResponse,
    Revised,
    State,
    edifact_shapes,
    form_for,
    read_forms,
    read_responses,
    responses_of,
    write_forms,
    write_responses,
)
from greenlane.messages.postal.fields import BY_NAME
from greenlane.messages.postal.segments import MOST_SEGMENT
from greenlane.values.errors import UsageError
from greenlane.values.identifiers import s10_check_digit

DAY = date(2026, 7, 2)
LAYOUTS = (ITMATT, ITMATT_XML, CUSITM, CUSITM_XML)
EVERY = (*LAYOUTS, CN22, CN23)
EDIFACT = (ITMATT, CUSITM)


def _parcel() -> dict[str, Any]:
    return {
        "consignment_id": "RR473124829GB",
        "transport_document": "RR473124829GB",
        "channel": "postal",
        "transaction": "b2c",
        "declaration_date": "2026-07-02",
        "departure_country": "GB",
        "destination_country": "DE",
        "currency": "EUR",
        "freight": "4.00",
        "freight_in_price": False,
        "transport_mode": "air",
        "export_date": "2026-06-30",
        "scheme": "IOSS",
        "scheme_id": "IM3720000224",
        "carrier": {"id": "GBA"},
        "consignor": {"name": "Example's + Co: ?", "address": "1 Road, Hall, Town", "country": "GB"},
        "consignee": {
            "id": "P1",
            "name": "Zoë Éxample",
            "address": "2 Street",
            "postcode": "10115",
            "country": "DE",
        },
        "items": [
            {
                "item_id": "1",
                "description": "women's cotton T-shirt",
                "hs_code": "610910",
                "origin_country": "CN",
                "quantity": "5",
                "unit": "C62",
                "value": "40.00",
                "gross_mass_kg": "0.9",
                "net_mass_kg": "0.8",
            }
        ],
    }


def _told(message: Message) -> list[str]:
    return [found.code for found in message.findings if not found.code.endswith(".assumed")]


def _raw(*body: str, kind: str = "ITMATT", charset: str = "UNOC", items: int = 1) -> bytes:
    segments = [f"UNH+1+{kind}:D:00A:UN:GL1", "BGM+CI+r1+9", *body, f"CNT+2:{items}"]
    segments.append(f"UNT+{len(segments) + 1}+1")
    whole = [f"UNB+{charset}:4+GBA+DEA+20260702:1200+r1", *segments, "UNZ+1+r1"]
    return ("'\n".join(whole) + "'").encode("iso8859-1")


def _recounted(data: bytes) -> bytes:
    count = data[data.index(b"UNH") : data.index(b"UNT")].count(b"'\n") + 1
    return re.sub(rb"UNT[+][0-9]+", b"UNT+%d" % count, data)


ITEM = (
    "CNI+1+RR473124829GB", "GIS+31:136", "MEA+AAE+G+KGM:1.2",
    "NAD+CZ+++Example Sender+1 Road++++GB", "NAD+CN+++Example Recipient+2 Street++++DE",
)  # fmt: skip
PIECE = ("CST+1", "FTX+AAA+++scarf", "QTY+1:1", "MOA+38:9.00:EUR")


@pytest.mark.parametrize("format", EVERY, ids=lambda one: one.name)
def test_a_consignment_comes_back_as_it_was(format: Any) -> None:
    """Every layout and form gives back every field; nothing is lost but the day, which no message holds."""
    written = format.write([_parcel()], **({"sdr_rate": "0.7"} if format in (CN22, CN23) else {}))
    assert [found.place.path for found in written.lost] == ["/declaration_date"]
    message = format.read(written.data, DAY)
    assert _told(message) == []
    assert message.consignments == (_parcel(),)
    again = format.write(
        message.consignments, message.carried, **({"sdr_rate": "0.7"} if format in (CN22, CN23) else {})
    )
    assert again.data == written.data


@pytest.mark.parametrize("to", EVERY, ids=lambda one: one.name)
def test_what_the_contract_does_not_hold_is_carried_into_any_layout(to: Any) -> None:
    """Fields without a place in the contract come out of another layout or form as they went in."""
    extra = (
        "RFF+DM:LIC-1", "GIS+U:116", "GIS+V:HND", "MOA+INS:100.00:USD", "MOA+44:9.00",
    )  # fmt: skip
    data = _raw(*ITEM[:1], extra[0], *extra[1:2], ITEM[1], extra[2], ITEM[2], *extra[3:], *ITEM[3:], *PIECE)
    message = ITMATT.read(data, DAY)
    assert _told(message) == []
    written = to.write(message.consignments, message.carried)
    back = to.read(written.data, DAY)
    assert back.consignments == message.consignments
    kept = {one.path: one.text for one in back.carried if one.held is None}
    for name, text in (
        ("DOCUMENTS", "LIC-1"),
        ("MAIL_CLASS_CD", "U"),
        ("HANDLING_CLASS_CD", "V"),
        ("INS_VAL", "100.00"),
        ("INS_VAL_CURRCD", "USD"),
    ):
        assert kept[f"/item[1]/{name}"] == text


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.name)
def test_unknown_segments_and_elements_are_told_and_carried(layout: Any) -> None:
    """What the layout doesn't know is a warning with its path, and stands in the message that is written again."""
    data = layout.write([_parcel()]).data
    if layout in EDIFACT:
        data = data.replace(b"CST+1+610910'", b"CST+1+610910+++X'\nIMD+F++:::blue?+green'\nMOA+999:5'")
        data = _recounted(data)
    else:
        data = data.replace(b"</Content>", b"<Colour a='1'>blue<b/></Colour><Size>5</Size></Content>")
    message = layout.read(data, DAY)
    assert set(_told(message)) == {"messages.postal.unknown"}
    assert message.consignments == (_parcel(),)
    again = layout.write(message.consignments, message.carried)
    for mark in (b"blue", b"999:5" if layout in EDIFACT else b"<Size>5</Size>"):
        assert mark in again.data
    second = layout.read(again.data, DAY)
    assert [one.text for one in second.carried if "#" in one.path] == [
        one.text for one in message.carried if "#" in one.path
    ]


def test_what_a_layout_cannot_hold_is_listed() -> None:
    """Fields without an element, an unknown scheme and masses of several pieces are listed with their path."""
    parcel = _parcel() | {"platform": {"id": "M1"}, "scheme": "VOEC", "transaction": "b2b"}
    parcel["items"].append(dict(parcel["items"][0], item_id="2", gross_mass_kg="0.1", gtin="4006381333931"))
    lost = {found.place.path for found in ITMATT.write([parcel]).lost}
    assert lost == {
        "/declaration_date", "/platform/id", "/scheme", "/scheme_id", "/transaction",
        "/items/0/gross_mass_kg", "/items/1/gross_mass_kg", "/items/1/gtin",
    }  # fmt: skip
    message = ITMATT_XML.read(ITMATT_XML.write([parcel]).data)
    total = next(one for one in message.carried if one.path.endswith("GROSS_WT"))
    assert (total.text, total.held) == ("1.0", None)


@pytest.mark.parametrize(
    ("code", "transaction"),
    [
        ("11", "b2c"),
        ("21", "returned_goods"),
        ("31", "c2c_gift"),
        ("32", "b2b"),
        ("91", "documents"),
        ("99", None),
    ],
)
def test_nature_of_the_transaction(code: str, transaction: str | None) -> None:
    """The category of the item tells the transaction and comes back as it was; 'other' tells none."""
    data = _raw(*ITEM[:1], f"GIS+{code}:136", *ITEM[2:], *PIECE)
    message = CUSITM.read(data.replace(b"ITMATT", b"CUSITM"), DAY)
    assert message.consignments[0].get("transaction") == transaction
    again = CUSITM.write(message.consignments, message.carried).data
    assert f"GIS+{code}:136'".encode() in again


def test_a_changed_value_replaces_what_was_carried() -> None:
    """Total, address, mass in grams and codes follow the consignment; what it doesn't touch stays."""
    data = _raw(*ITEM[:2], "MEA+AAE+G+GRM:1200", "MOA+44:9", *ITEM[3:], *PIECE)
    message = ITMATT.read(data, DAY)
    parcel = deepcopy(message.consignments[0])
    assert parcel["items"][0]["gross_mass_kg"] == "1.2"
    assert b"GRM:1200'" in ITMATT.write([parcel], message.carried).data
    assert b"MOA+44:9'" in ITMATT.write([parcel], message.carried).data
    parcel["items"][0] |= {"value": "11.50", "gross_mass_kg": "1.5"}
    parcel["transaction"] = "documents"
    parcel["consignee"]["address"] = "3 Lane, Place"
    again = ITMATT.write([parcel], message.carried)
    for mark in (b"MOA+44:11.50'", b"GRM:1500'", b"GIS+91:136'", b"+3 Lane+Place"):
        assert mark in again.data
    back = ITMATT.read(again.data, DAY).consignments[0]
    assert {**back, "consignee": back["consignee"] | {"person": True}} == parcel


def test_everything_missing_is_told_at_once() -> None:
    """Each needed field that isn't there is one finding, with the path at which it would stand."""
    message = ITMATT.read(_raw("CNI+1+RR473124829GB", "CST+1"))
    missing = {found.place.path for found in message.findings if found.code == "messages.postal.missing"}
    assert missing == {
        "CNI[1]/GIS+136/1.1", "CNI[1]/MEA+AAE+G/3.2", "CNI[1]/NAD+CZ/4.1", "CNI[1]/NAD+CZ/5.1",
        "CNI[1]/NAD+CZ/9.1", "CNI[1]/NAD+CN/4.1", "CNI[1]/NAD+CN/5.1", "CNI[1]/NAD+CN/9.1",
        "CNI[1]/CST[1]/FTX+AAA/4.1", "CNI[1]/CST[1]/QTY+1/1.2", "CNI[1]/CST[1]/MOA+38/1.2",
        "CNI[1]/CST[1]/MOA+38/1.3",
    }  # fmt: skip
    assert message.refused
    assert {found.place.wco for found in message.findings} >= {"137", "130", "112"}


def test_no_finding_repeats_a_value() -> None:
    """Values of the wrong shape are described, not shown."""
    secret = "Marked Name 4711"
    data = _raw(
        f"CNI+1+{secret}", f"DTM+200:{secret}:102", f"GIS+{secret}:136", f"MEA+AAE+G+KGM:{secret}",
        f"NAD+CZ+++{secret}+1++++{secret}", f"XYZ+{secret}", f"NAD+{secret}", f"CST+1+{secret}",
        f"MOA+38:{secret}:{secret}", f"MOA+38:{secret}:{secret}",
    )  # fmt: skip
    for message in (ITMATT.read(data), *ITMATT.stream(BytesIO(data))):
        assert message.refused
        assert secret not in repr(message)
        assert all(secret not in str(found.as_dict()) for found in message.findings)


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (_raw(*ITEM, *PIECE, items=2), "count", "CNT+2"),
        (_raw(*ITEM, *PIECE).replace(b"UNT+13", b"UNT+99"), "count", "UNT/1"),
        (_raw(*ITEM, *PIECE).replace(b"UNT+13+1", b"UNT+13+2"), "count", "UNT/2"),
        (_raw(*ITEM, *PIECE).replace(b"UNZ+1", b"UNZ+2"), "count", "UNZ/1"),
        (_raw(*ITEM, *PIECE).replace(b"UNZ+1+r1", b"UNZ+1+r2"), "count", "UNZ/2"),
        (_raw(*ITEM, *PIECE).replace(b"UNZ+1+r1'", b""), "syntax", "UNZ"),
        (_raw(*ITEM, *PIECE)[:-1], "syntax", "segment 15"),
        (_raw(*ITEM, *PIECE) + b"UNH+2+ITMATT'", "syntax", "segment 16"),
        (_raw(*ITEM, "NAD+CN+++Twice", *PIECE), "repeated", "CNI[1]/NAD+CN/4.1"),
        (_raw(*ITEM, *PIECE, "MOA+38:1:EUR"), "repeated", "CNI[1]/CST[1]/MOA+38/1.2"),
        (_raw(ITEM[0], *ITEM[2:], "GIS+31:136", *PIECE), "order", "CNI[1]/GIS+136"),
        (_raw(*ITEM[:4], *PIECE, ITEM[4]), "order", "segment 12 NAD"),
        (_raw(*ITEM, PIECE[0], "MOA+38:9.00:EUR", *PIECE[1:3]), "order", "CNI[1]/CST[1]/FTX+AAA"),
        (_raw(*ITEM[:3], "MOA+44:10", *ITEM[3:], *PIECE), "total", "CNI[1]/MOA+44/1.2"),
        (_raw(ITEM[0][:-3] + "8GB", *ITEM[1:], *PIECE), "check_digit", "CNI[1]/CNI/2.1"),
        (_raw("CNI+1+R1", *ITEM[1:], *PIECE), "form", "CNI[1]/CNI/2.1"),
        (_raw(*ITEM, *PIECE, "CST+2", *PIECE[1:3], "MOA+38:1:USD"), "currency", "CNI[1]/CST[2]/MOA+38/1.2"),
        (_raw("CST+1"), "syntax", "segment 4"),
        (_raw(*ITEM, *PIECE, kind="INVOIC"), "not_a_message", "segment 2"),
        (_raw(*ITEM, *PIECE, kind="CUSITM"), "not_a_message", "/"),
        (_raw(*ITEM, *PIECE, charset="UNOX"), "charset", "segment 1"),
        (_raw(*ITEM, "FTX+AAI+++\xff", charset="UNOW"), "charset", "segment 9"),
        (_raw(*ITEM, "FTX+AAI+++\xff", charset="UNOA"), "charset", "segment 9"),
        (_raw(*ITEM, "FTX+AAI+++a\x07", *PIECE), "charset", "segment 9"),
        (b"UNA:+.? ", "syntax", "segment 1"),
        (b"UNA++++++UNB'", "syntax", "segment 1"),
        (b"", "not_a_message", "segment 1"),
        (b"%PDF-1.4", "syntax", "segment 1"),
        (b"UNB+UNOC:3+" + b"A" * MOST_SEGMENT + b"'", "bounds", "segment 1"),
        (b"UNB+UNOC:3" + b"+" * 200 + b"'", "bounds", "segment 1"),
        (b"UNB+UNOC:3+" + b"?'" * 90_000, "bounds", "segment 1"),
    ],
)  # fmt: skip
def test_each_fault_of_edifact_is_told_with_its_place(data: bytes, code: str, path: str) -> None:
    """Counts, references, order, repeats, character sets, bounds and truncation: one code each, at its place."""
    found = [(one.code, one.place.path) for one in ITMATT.read(data).findings]
    assert (f"messages.postal.{code}", path) in found


def test_floods_are_bounded_in_findings_time_and_memory() -> None:
    """A hundred thousand unknown segments end in a refusal, with bounded findings, in flat memory."""
    data = _raw(*ITEM, *(["XYZ+1"] * 100_000))
    tracemalloc.start()
    begun = time.monotonic()
    messages = list(ITMATT.stream(BytesIO(data)))
    assert time.monotonic() - begun < 10
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert sum(len(message.findings) for message in messages) < 1_100
    assert messages[-1].findings[-1].code == "messages.postal.bounds"


class _Endless:
    """A message that is written while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int) -> bytes:
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._held += piece
        given, self._held = self._held[:size], self._held[size:]
        return given


@pytest.mark.parametrize("layout", [CUSITM, CUSITM_XML], ids=lambda one: one.name)
def test_many_items_stream_in_flat_memory(layout: Any) -> None:
    """Items come one by one while the message is read; three thousand need no more memory than a hundred."""
    whole = layout.write([_parcel()]).data
    start, end = (b"CNI", b"CNT") if layout is CUSITM else (b"  <Item>", b"</CUSITM>")
    before, item, after = (
        whole[: whole.index(start)], whole[whole.index(start) : whole.index(end)], whole[whole.index(end) :],
    )  # fmt: skip
    count = 3_000

    def pieces() -> Iterator[bytes]:
        yield before.replace(b"<ITEM_COUNT>1<", f"<ITEM_COUNT>{count}<".encode())
        for _ in range(count):
            yield item
        size = 4 + count * item.count(b"\n")
        yield re.sub(rb"UNT[+][0-9]+", b"UNT+%d" % size, after.replace(b"CNT+2:1", b"CNT+2:%d" % count))

    stream = layout.stream(_Endless(pieces()), DAY)
    assert len(list(islice(stream, 100))) == 100
    tracemalloc.start()
    rest = [(len(message.consignments), _told(message)) for message in stream]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rest) == count - 100
    assert all(one == (1, []) for one in rest)
    assert peak < 1_500_000


def test_line_breaks_of_xml_are_told_when_edifact_is_written() -> None:
    """A text over lines is a finding, stays as it is in XML, and is put on one line in EDIFACT, which is told."""
    data = ITMATT_XML.write([_parcel()]).data.replace(b"<GROSS_WT", b"<DOCUMENTS>a\nb</DOCUMENTS><GROSS_WT")
    message = ITMATT_XML.read(data, DAY)
    assert "messages.postal.form" in _told(message)
    assert b"a\nb" in ITMATT_XML.write(message.consignments, message.carried).data
    written = ITMATT.write(message.consignments, message.carried)
    assert "RFF+DM" in [found.place.path for found in written.lost]
    assert b"RFF+DM:a b'" in written.data
    with pytest.raises(UsageError):
        ITMATT.write([_parcel()], sender="a\nb")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<!DOCTYPE a><ITMATT/>", "messages.xml.doctype"),
        (b"<ITMATT/>", "messages.postal.not_a_message"),
        (b"<ITMATT><Head/></ITMATT>", "messages.postal.missing"),
        (b"<OTHER><Item/></OTHER>", "messages.postal.not_a_message"),
        (b"<CUSITM><Item/></CUSITM>", "messages.postal.not_a_message"),
        (
            b"<ITMATT><Item><ITEM_ID>1</ITEM_ID><ITEM_ID>1</ITEM_ID></Item></ITMATT>",
            "messages.postal.repeated",
        ),
        (
            b"<ITMATT><Item><GROSS_WT>1</GROSS_WT><ITEM_ID>1</ITEM_ID></Item></ITMATT>",
            "messages.postal.order",
        ),
        (b"<ITMATT><Head><ITEM_COUNT>2</ITEM_COUNT></Head><Item/></ITMATT>", "messages.postal.count"),
        (b"<ITMATT><Item><CP_AMT>1</CP_AMT></Item></ITMATT>", "messages.postal.unknown"),
        (b"<ITMATT><Item>" + b"<Content/>" * 1_001 + b"</Item></ITMATT>", "messages.postal.bounds"),
        (b"<ITMATT><Item>", "messages.xml.malformed"),
    ],
)
def test_each_fault_of_xml_is_told(data: bytes, code: str) -> None:
    """The door's refusals and the layout's own faults are findings."""
    assert code in [found.code for found in ITMATT_XML.read(data).findings]


SIGNS = st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs", "Cn"))
TEXT = st.text(SIGNS, min_size=1, max_size=30)
AMOUNT = st.decimals(0, 10**9, places=2).map(str)
PIECES = st.lists(
    st.fixed_dictionaries(
        {"description": TEXT, "quantity": st.integers(1, 999).map(str), "value": AMOUNT},
        optional={
            "hs_code": st.from_regex(r"[0-9]{6,14}", fullmatch=True),
            "origin_country": st.sampled_from(["CN", "TR"]),
            "net_mass_kg": st.decimals("0.001", 30, places=3).map(str),
            "gross_mass_kg": st.decimals("0.001", 30, places=3).map(str),
            "unit": st.sampled_from(["C62", "PR", "KGM"]),
        },
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    serial=st.from_regex(r"[0-9]{8}", fullmatch=True),
    pieces=PIECES,
    names=st.lists(TEXT, min_size=6, max_size=6),
    nature=st.sampled_from(["b2c", "c2c_gift", "documents", "returned_goods", "b2b"]),
    mode=st.sampled_from([None, "air", "sea", "rail", "road", "post"]),
    number=st.sampled_from(["ORDER-1", None]),
)  # fmt: skip
def test_any_consignment_comes_back_or_is_told_as_lost(
    serial: str, pieces: list[Any], names: list[str], nature: str, mode: str | None, number: str | None
) -> None:
    """Whatever a consignment holds, each field comes back equal from every layout or is listed."""
    identifier = f"CC{serial}{s10_check_digit(serial)}GB"
    parcel = _parcel() | {"transaction": nature, "transport_mode": mode}
    parcel |= {"transport_document": identifier, "consignment_id": number or identifier}
    parcel["consignor"] = {"name": names[0], "address": names[1], "country": "GB"}
    parcel["consignee"] = {"name": names[2], "address": f"{names[3]}, {names[4]}", "country": "DE"}
    parcel["seller"] = {"name": names[5]}
    parcel["items"] = [piece | {"item_id": str(place)} for place, piece in enumerate(pieces, 1)]
    for layout in EVERY:
        written = layout.write([parcel])
        message = layout.read(written.data, DAY)
        lost = {found.place.path for found in written.lost}
        wanted, held = dict(_flat(parcel)), dict(_flat(message.consignments[0]))
        for path, value in wanted.items():
            assert value is None or held.get(path) == value or path in lost, (layout.name, path)
        again = layout.write(message.consignments, message.carried)
        assert layout.read(again.data, DAY).consignments == message.consignments


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, below in pairs:
            yield from _flat(below, f"{path}/{name}")
    else:
        yield path, value


GOOD = {layout.name: layout.write([_parcel(), _parcel()]).data for layout in EVERY}


@settings(deadline=2_000, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(EVERY), st.data())
def test_broken_messages_are_read_or_refused(layout: Any, data: Any) -> None:
    """Good messages with bytes changed, cut, doubled and moved, and plain noise, give findings and no exception."""
    good = GOOD[layout.name]
    broken = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(broken)))
        to = data.draw(st.integers(at, min(at + 200, len(broken))))
        broken[at:to] = data.draw(st.one_of(st.binary(max_size=8), st.just(bytes(broken[at:to]) * 2)))
    for attempt in (bytes(broken), data.draw(st.binary(max_size=200))):
        message = layout.read(attempt, DAY)
        assert len(message.findings) < 5_000
        for one in layout.stream(BytesIO(attempt), DAY):
            assert one.format.startswith("postal-")
        read_responses(attempt)


ANSWER = ItemResponse(
    "RR473124829GB", State.DUTY_DUE, "2026-07-03", "C-17", "", "EUR", "44.00", "8.36", "8.36",
    (Revised("1", "610910", "women's T-shirts"), Revised("2", "", "books")),
)  # fmt: skip


@pytest.mark.parametrize("layout", ["edifact", "xml"])
def test_answers_of_customs_come_back_as_they_were(layout: Any) -> None:
    """Each state, amounts and revised pieces are read as they were written, with what was carried."""
    told = tuple(
        ItemResponse(f"RR47312482{place}GB", state, "2026-07-03") for place, state in enumerate(State)
    )
    data = write_responses([ANSWER, *told], Head("DEC", "DEA", "r9", "9", "2026-07-03T08:00"), layout)
    found = read_responses(data)
    assert found.head == Head("DEC", "DEA", "r9", "9", "2026-07-03T08:00")
    assert found.responses == (ANSWER, *told)
    assert found.findings == ()
    extra = data.replace(b"RFF+ABT:C-17'", b"RFF+ABT:C-17'\nRFF+DM:L1'").replace(
        b"<CIN_NO>C-17</CIN_NO>", b"<CIN_NO>C-17</CIN_NO><DOCUMENTS>L1</DOCUMENTS>"
    )
    again = write_responses(read_responses(extra).responses, found.head, layout)
    assert b"L1" in again


def test_faulty_answers_are_told() -> None:
    """A state of no list and a missing state are errors; the other items of the message are read."""
    data = write_responses([ANSWER, ANSWER], Head())
    broken = data.replace(b"GIS+DUTY_DUE:ENT'", b"GIS+PERHAPS:ENT'", 1)
    found = read_responses(broken)
    assert found.responses == (ANSWER,)
    assert ("messages.postal.form", 0) in [(one.code, one.consignment) for one in found.findings]
    missing = read_responses(data.replace(b"GIS+DUTY_DUE:ENT'\n", b"", 1))
    assert "messages.postal.missing" in [one.code for one in missing.findings]
    assert read_responses(ITMATT.write([_parcel()]).data).findings[0].code == "messages.postal.not_a_message"


def test_answers_follow_the_procedure() -> None:
    """Duty is due while something is payable; holds, return, seizure and release are answered in the order of events."""
    at = datetime(2026, 7, 2, 12, tzinfo=UTC)
    due = {"currency": "EUR", "customs_value": "44.00", "total": "11.36", "payable_at_border": "3.00"}
    free = due | {"total": "0.00", "payable_at_border": "0.00"}
    unknown = due | {"total": None, "payable_at_border": None}
    plain: dict[str, Any] = {}
    events = [
        Event("filed", at, "k", plain),
        Event("inspection_ordered", at, "k", {"reason": "selected", "note": "inside"}),
        Event("arrived", at, "k", plain),
        Event("amended", at, "k", plain),
        Event("redecided", at, "k", plain),
        Event("released", at, "k", plain),
        Event("refused", at, "k", {"reason": "prohibited"}),
        Event("seized", at, "k", plain),
    ]
    answers = list(responses_of("RR473124829GB", events, [due, unknown, free], "N1"))
    assert [one.state for one in answers] == [
        State.DUTY_DUE, State.HELD, State.RELEASED, State.RETURN, State.SEIZED,
    ]  # fmt: skip
    assert (answers[0].assessed, answers[0].duty, answers[0].payable) == ("44.00", "11.36", "3.00")
    assert answers[1].remarks == "selected"
    assert answers[2].payable == "0.00"
    assert read_responses(write_responses(answers, Head("DEC", "DEA"))).responses == tuple(answers)


def test_the_forms_show_what_they_hold() -> None:
    """The printed text of both forms holds goods, amounts, parties and totals; the number stands as text as well."""
    for form in (CN22, CN23):
        written = form.write([_parcel()], sdr_rate="0.7")
        text = PdfReader(BytesIO(written.data)).pages[0].extract_text()
        for words in (
            "RR473124829GB",
            "women's cotton",
            "40.00 EUR",
            "610910",
            "Zoë Éxample",
            "10115",
            "GERMANY (DE)",
            "UNITED KINGDOM (GB)",
            "0.9",
            "4.00 EUR",
        ):
            assert words in text, (form.name, words)


def test_more_content_than_a_sheet_goes_on_further_ones() -> None:
    """Thirteen pieces on a CN23 are three sheets, and all come back."""
    parcel = _parcel()
    parcel["items"] = [dict(parcel["items"][0], item_id=str(place)) for place in range(1, 14)]
    written = CN23.write([parcel, _parcel()])
    pages = PdfReader(BytesIO(written.data)).pages
    assert len(pages) == 4
    assert "Sheet 3/3" in pages[2].extract_text()
    items = CN23.read(written.data, DAY).consignments[0]["items"]
    assert [item["item_id"] for item in items] == [str(place) for place in range(1, 14)]


def test_a_cn22_serves_up_to_300_sdr() -> None:
    """At the limit a CN22 is right, a cent above a CN23; without a rate nobody can tell, and the CN22 says so."""
    parcel = _parcel()
    parcel["items"][0]["value"] = "400.00"
    assert form_for(parcel, "0.75") == "CN22"
    assert "messages.postal.cn22_limit" not in [
        found.code for found in CN22.write([parcel], sdr_rate="0.75").lost
    ]
    parcel["items"][0]["value"] = "400.01"
    assert form_for(parcel, "0.75") == "CN23"
    headers: tuple[Any, ...] = ({"sdr_rate": "0.75"}, {})
    for header in headers:
        assert "messages.postal.cn22_limit" in [found.code for found in CN22.write([parcel], **header).lost]
    assert form_for(parcel | {"currency": "XDR"}) == "CN23"


def test_what_cannot_be_printed_is_told_and_stands_in_the_field() -> None:
    """Letters that the font lacks and texts longer than their box are told; the fields hold them whole."""
    parcel = _parcel()
    parcel["consignee"]["name"] = "李 Example"
    parcel["items"][0]["description"] = "very long " * 51
    written = write_forms("CN23", [parcel])
    told = {found.place.path for found in written.lost if found.code == "messages.postal.not_printed"}
    assert told == {"1-RECP_NAME", "1-CP_DESC-1"}
    assert read_forms(written.data, DAY).consignments == (parcel,)
    with pytest.raises(UsageError):
        write_forms("CN23", [parcel], font=b"no font")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"%PDF-1.4\n%%EOF", b"%PDF-" + b"[" * 9_000])
def test_pdfs_that_are_none_are_refused(data: bytes) -> None:
    """What is no PDF, or has no fields of ours, is one finding."""
    assert [found.code for found in CN23.read(data).findings] == ["messages.postal.not_a_message"]


def test_formats_are_registered_and_known_by_their_first_bytes() -> None:
    """Each message is recognised in its own layout alone; PDFs by their mark."""
    for layout in EVERY:
        assert FORMATS[layout.name] is layout
    for layout in LAYOUTS:
        assert [one.name for one in LAYOUTS if one.sniff(GOOD[layout.name][:512])] == [layout.name]
    assert CN23.sniff(GOOD["postal-cn23"][:512])
    for form in (CN22, CN23):
        assert [one.name for one in (CN22, CN23) if one.sniff(GOOD[form.name])] == [form.name]


@pytest.mark.shared
def test_every_column_of_the_customs_system_is_in_the_table(shared: Path) -> None:
    """Each field that a real customs system stores of these messages has a row."""
    samples = shared / "samples" / "postal"
    with (samples / "cusitm_m43_fields_as_stored_by_an_fpo_system.csv").open(encoding="utf-8") as lines:
        stored = list(csv.DictReader(lines))
    names = {
        name
        for line in stored
        if line["group"] != "response (CUSRSP)"
        for name in line["column"].replace("/", " ").split()
    }
    names |= {"CIN_NO", "ENTITY_STATE", "SENT_DT"}
    heads = {"CUST_ORG_CD", "POST_ORG_CD"}
    assert names - heads <= set(BY_NAME)


def test_an_item_with_empty_pieces_is_read_alike_each_time() -> None:
    """Content pieces without a text are missed each time, whatever was read before."""
    data = re.sub(rb">[^<]+</", b"></", ITMATT_XML.write([_parcel(), _parcel()]).data)
    first, second = ITMATT_XML.read(data, DAY), ITMATT_XML.read(data, DAY)
    assert first.consignments == second.consignments and first.findings == second.findings
    assert all(consignment["items"] for consignment in second.consignments)


def test_a_released_sign_in_a_unit_is_read_the_same_again() -> None:
    """A unit with a plus sign in it, which makes no unit of it, is told alike the first time and by its shape."""
    data = (Path(__file__).parent / "corpus" / "postal-edifact" / "postal-itmatt.edi").read_bytes()
    assert b":C62'" in data
    form, changed = formats()["postal-itmatt"], data.replace(b":C62'", b":C62?+'")
    edifact_shapes.forget()
    first, again = form.read(changed, date(2026, 7, 2)), form.read(changed, date(2026, 7, 2))
    assert edifact_shapes.count() > 0
    assert first.consignments == again.consignments
    assert "C62+" in str(again.consignments)
