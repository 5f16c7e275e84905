"""WCO Data Model 3.6: declarations and responses are read, cleared, written back equal and schema-valid."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SHARED
from declaring import AMENDMENT, H7, SAMPLES, elements, official
from greenlane.clearance import Decision
from greenlane.clearance.events import Event
from greenlane.engine.filing import decide_filing, read_filing
from greenlane.messages.foreign import FORMATS, Carried, Message
from greenlane.messages.wco import (
    WCO_DM36,
    Answered,
    Charge,
    Fault,
    Reply,
    ReplyKind,
    amended,
    fault_of,
    faults_of,
    read,
    read_reply,
    rejected,
    replies_of,
    stream,
    write,
    write_reply,
)
from greenlane.messages.wco.elements import DECLARATION, RESPONSE
from greenlane.messages.wco.mapping import ROWS
from greenlane.messages.xml import document, faults
from greenlane.model import BY_COLUMN
from greenlane.values.errors import UsageError
from test_law_engine import shared_context

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 7, 2)
AT = datetime(2026, 7, 2, 12, tzinfo=UTC)
TO = Answered("PARCEL-1", "26ZZ0000000000001", "r1")
REDUCED = ("TT_IM067a", "TT_IM068a", "TT_IM077a", "TT_IM079a", "TT_IM124a")


def codes(message: Message, but: str = "messages.wco.assumed") -> list[tuple[str, str, str | None]]:
    """Code, path and pointer of each finding."""
    return [(f.code, f.place.path, f.place.wco) for f in message.findings if f.code != but]


def without(data: bytes, *parts: bytes) -> bytes:
    """The declaration without some of its text."""
    for part in parts:
        assert part in data
        data = data.replace(part, b"")
    return data


def clear(message: Message) -> dict[str, Any]:
    """The outcome of the one consignment of a message."""
    context = shared_context()
    filing = read_filing(json.dumps(message.consignments).encode(), context)
    assert not filing.rejected, filing.findings
    (one,) = decide_filing(filing, context).each()
    return one.outcome


def test_a_declaration_is_read_into_the_contract() -> None:
    """Each element stands in the field that the table gives it, and the rest is carried."""
    message = read(H7, DAY)
    (consignment,) = message.consignments
    assert not message.refused and message.version == "3.6" and message.kind == "DEC"
    assert consignment == {
        "consignment_id": "PARCEL-1",
        "declaration_date": "2026-07-02",
        "channel": "cargo",
        "transaction": "b2c",
        "dataset": "H7",
        "transport_mode": "air",
        "transport_document": "AWB-77",
        "departure_country": "US",
        "destination_country": "GB",
        "currency": "GBP",
        "freight": "5.00",
        "insurance": "0",
        "consignor": {"name": "Example & Sons", "address": "1 Road, Springfield, 12345", "country": "US"},
        "consignee": {
            "name": "A. Example",
            "address": "2 Street, London",
            "postcode": "E1 1AA",
            "country": "GB",
        },
        "items": [
            {
                "item_id": "1",
                "description": "women's cotton T-shirt",
                "hs_code": "61091000",
                "quantity": "1",
                "value": "40.00",
                "gross_mass_kg": "0.9",
                "relief_claim": "C07",
            },
            {
                "item_id": "2",
                "description": "wooden spoon",
                "hs_code": "4419190000",
                "origin_country": "CN",
                "quantity": "3",
                "unit": "C62",
                "value": "9.50",
                "gross_mass_kg": "0.1",
            },
        ],
    }
    carried = {one.path: one.text for one in message.carried if one.held is None}
    assert carried["/Declaration/Agent/FunctionCode"] == "2"
    assert (
        carried["/Declaration/GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure[3]/CurrentCode"]
        == "1H7"
    )
    told = [f.message.partition(":")[0] for f in message.findings]
    assert sorted(told) == sorted(
        ["channel", "declaration_date", "departure_country", "insurance", "items.quantity", "transaction"]
    )


def test_what_was_read_is_written_back_equal_element_by_element() -> None:
    """With what was carried the message is the same; nothing is lost."""
    message = read(H7, DAY)
    written = write(message.consignments, message.carried)
    assert written.lost == ()
    assert set(elements(written.data)) >= set(elements(H7))
    new = {path for path, *_ in elements(written.data)} - {path for path, *_ in elements(H7)}
    assert {path.rpartition("}")[2] for path in new} == {"DateTimeString[1]"}


def test_from_the_consignment_alone_every_field_that_the_table_has_is_written() -> None:
    """Without what was carried, reading back gives the same consignment."""
    message = read(H7, DAY)
    written = write(message.consignments)
    again = read(written.data)
    assert written.lost == () and again.consignments == message.consignments and not again.refused
    assert codes(again) == []


def test_changes_are_written_where_the_element_stood() -> None:
    """A changed value, a removed item and a new one arrive; what was carried for others stays."""
    message = read(H7, DAY)
    consignment = json.loads(json.dumps(message.consignments[0]))
    consignment["items"][0]["value"] = "41.00"
    consignment["items"][0]["relief_claim"] = None
    consignment["consignor"]["address"] = "3 Lane"
    consignment["currency"] = "USD"
    written = write([consignment], message.carried)
    (again,) = read(written.data).consignments
    assert again["items"][0]["value"] == "41.00" and "relief_claim" not in again["items"][0]
    assert again["consignor"]["address"] == "3 Lane" and again["currency"] == "USD"
    del consignment["items"][1]
    fewer = read(write([consignment], message.carried).data)
    assert len(fewer.consignments[0]["items"]) == 1 and codes(fewer) == []
    consignment["items"] = [dict(consignment["items"][0], item_id=str(n)) for n in (1, 2, 3)]
    more = read(write([consignment], message.carried).data)
    assert [i["item_id"] for i in more.consignments[0]["items"]] == ["1", "2", "3"] and codes(more) == []


def test_what_cannot_be_expressed_is_listed() -> None:
    """Fields without an element, and values that an element can't take, are in ``lost`` with their path."""
    consignment = dict(
        read(H7, DAY).consignments[0],
        platform={"id": "M1"},
        carrier_fees="3.00",
        other_charges="0",
        elections={"a": "b"},
        scheme="GB_VAT",
        scheme_id="123",
        consignment_id="A" * 36,
    )
    consignment["items"][1]["gtin"] = "4006381333931"
    written = write([consignment])
    assert {f.place.path for f in written.lost} == {
        "/platform/id",
        "/carrier_fees",
        "/elections",
        "/scheme",
        "/scheme_id",
        "/consignment_id",
        "/items/1/gtin",
    }
    assert "4006381333931" not in str(written.lost)
    with pytest.raises(UsageError):
        write([])


def test_every_missing_element_is_told_at_once_with_its_pointer() -> None:
    """One reading tells everything that is missing, by path and WCO pointer."""
    data = without(
        H7,
        b"<FunctionalReferenceID>PARCEL-1</FunctionalReferenceID>",
        b"<TypeCode>IMA</TypeCode>",
        b"<Description>wooden spoon</Description>",
        b'<CustomsValueAmount currencyID="GBP">40.00</CustomsValueAmount>',
    )
    item = "/Declaration/GoodsShipment/GovernmentAgencyGoodsItem"
    assert codes(read(data, DAY)) == [
        ("messages.wco.missing", "/Declaration/FunctionalReferenceID", "42A/D026"),
        ("messages.wco.missing", "/Declaration/TypeCode", "42A/D013"),
        ("messages.wco.missing", f"{item}/Commodity/InvoiceLine/ItemChargeAmount", "42A/67A/68A/23A/79A/112"),
        ("messages.wco.missing", f"{item}[2]/Commodity/Description", "42A/67A/68A/23A/137"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        (
            b"<ModeCode>4</ModeCode>",
            b"<ModeCode>44</ModeCode>",
            "form",
            "/Declaration/BorderTransportMeans/ModeCode",
        ),
        (
            b">40.00<",
            b">4O.OO<",
            "form",
            "/Declaration/GoodsShipment/GovernmentAgencyGoodsItem/CustomsValueAmount",
        ),
        (b"<Agent>", b"<Agent><Nickname>x</Nickname>", "unknown", "/Declaration/Agent"),
        (
            b"<FunctionCode>9</FunctionCode>",
            b"<FunctionCode>9</FunctionCode>" * 2,
            "repeated",
            "/Declaration/FunctionCode[2]",
        ),
        (b"<Agent>", b"A. Example<Agent>", "form", "/Declaration"),
    ],
)
def test_faults_of_form_have_line_path_and_pointer(old: bytes, new: bytes, code: str, path: str) -> None:
    """An element that the model doesn't have, has once, or has in another form is an error; no value is repeated."""
    message = read(H7.replace(old, new, 1), DAY)
    assert [(c, p) for c, p, _ in codes(message)][:1] == [(f"messages.wco.{code}", path)]
    found = next(f for f in message.findings if f.code == f"messages.wco.{code}")
    assert message.refused and found.place.wco and found.message.startswith("line ") and found.fix
    assert "Example" not in str(message.findings) and "4O.OO" not in str(message.findings)


def test_other_order_is_read_and_written_in_order() -> None:
    """Reordered elements are a warning; the consignment is the same."""
    moved = H7.replace(b"<TypeCode>IMA</TypeCode>", b"", 1).replace(
        b"<Agent>", b"<Declarant/><TypeCode>IMA</TypeCode><Agent>"
    )
    moved = moved.replace(b"<Declarant><ID>GB000000000001</ID></Declarant>", b"")
    message = read(moved, DAY)
    assert {c for c, *_ in codes(message)} == {"messages.wco.order"}
    assert message.consignments == read(H7, DAY).consignments
    assert codes(read(write(message.consignments, message.carried).data)) == []


def test_amounts_in_another_currency_count_as_unknown() -> None:
    """A consignment has one currency: freight in another is a warning, carried, and not taken."""
    message = read(H7.replace(b'"GBP">5.00', b'"USD">5.00'), DAY)
    assert [c for c, *_ in codes(message)] == ["messages.wco.currency"]
    assert "freight" not in message.consignments[0]
    assert ("5.00", (("currencyID", "USD"),)) in {
        (t, a) for _, t, a in elements(write(message.consignments, message.carried).data)
    }


def test_what_is_no_declaration_is_told() -> None:
    """Other XML, nothing, a notice without goods, several declarations at once: findings, never an exception."""
    for data, code in (
        (b"<a/>", "messages.wco.not_a_message"),
        (b"<MetaData/>", "messages.wco.not_a_message"),
        (b"", "messages.xml.malformed"),
        (b"<!DOCTYPE a><Declaration/>", "messages.xml.doctype"),
        (b"<Declaration/>", "messages.wco.no_goods"),
        (b"<all>" + H7[H7.index(b"<md:") :] * 2 + b"</all>", "messages.wco.not_a_message"),
    ):
        message = read(data, DAY)
        assert message.refused and message.findings[0].code == code and message.consignments == ()


def test_an_amendment_changes_what_it_points_at_and_nothing_else() -> None:
    """A tag sets one element of the item with that number; a section without content takes it away."""
    original, correction = read(H7, DAY), read(AMENDMENT)
    made = amended(original, correction)
    (before,), (after,) = original.consignments, made.consignments
    assert correction.kind == "COR" and not made.refused
    assert after["items"][1].pop("value") == "12.00" and before["items"][1].pop("value") == "9.50"
    assert "freight" not in after
    assert {k: v for k, v in after.items() if k != "items"} == {
        k: v for k, v in before.items() if k not in ("items", "freight", "insurance")
    }
    assert after["items"] == before["items"]
    lost = amended(read(H7, DAY), read(AMENDMENT.replace(b">68A<", b">99Z<")))
    assert [(c, p) for c, p, _ in codes(lost)] == [("messages.wco.amendment", "/Declaration/Amendment")]


def test_a_parcel_clears_from_xml_to_outcome() -> None:
    """What is read goes through intake and decision as any consignment."""
    outcome = clear(read(H7, DAY))
    assert outcome["jurisdiction"] == "gb" and outcome["status"] == "assessed"
    assert (outcome["intrinsic_value"], outcome["duty"], outcome["disposition"]) == (
        "49.50",
        "0.00",
        "release",
    )


def decision(outcome: dict[str, Any]) -> dict[str, Any]:
    """The part of an outcome that an event keeps."""
    return {name: outcome[name] for name in Decision.__struct_fields__ if name in outcome}


def history(outcome: dict[str, Any]) -> list[Event]:
    """A filing that is amended, asked about, inspected, released; and one word more."""
    held = {"decision": decision(outcome)}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("filed", held),
        (
            "referral_opened",
            {"kind": "request_information", "reason": "proof of value", "due": "2026-07-09T12:00:00Z"},
        ),
        ("amended", held),
        ("inspection_ordered", {"channel": "physical"}),
        ("released", {"cover": "guaranteed"}),
        ("released", {"cover": None}),
        ("cancelled", {"reason": "filed twice"}),
    ]
    return [Event(kind, AT + timedelta(hours=n), "k1", data) for n, (kind, data) in enumerate(steps)]


def every_reply() -> list[Reply]:
    """One of each reply that greenlane sends."""
    outcome = clear(read(H7, DAY))
    refusals = read(without(H7, b"<TypeCode>IMA</TypeCode>").replace(b"<ModeCode>4<", b"<ModeCode>44<"), DAY)
    told = [fault_of(f) for f in refusals.findings if f.severity == "error"]
    return [rejected(TO, AT, told), *replies_of(TO, history(outcome), [outcome, outcome])]


def test_replies_follow_from_the_events_of_the_procedure() -> None:
    """Accepted with tax, document request with its limit, received with tax, control, released, cleared, invalidated."""
    replies = every_reply()
    K = ReplyKind
    assert [r.kind for r in replies] == [
        K.REJECTED, K.ACCEPTED, K.TAX, K.DOCUMENTS, K.RECEIVED, K.TAX, K.CONTROL, K.RELEASED, K.CLEARED, K.INVALIDATED,
    ]  # fmt: skip
    assert replies[3].limit == datetime(2026, 7, 9, 12, tzinfo=UTC)
    assert [r.version for r in replies] == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    taxes = replies[2].charges
    assert {(c.type, c.item, c.rate) for c in taxes} == {("B00", 1, "20"), ("B00", 2, "20")}
    assert sum(Decimal(c.assessed or "0") for c in taxes) == Decimal("10.90")
    pointers = {f.wco for f in replies[0].faults}
    assert pointers == {"42A/D013", "42A/15A/T022"} and all(len(f.code) == 8 for f in replies[0].faults)


def test_replies_read_back_as_they_were_written() -> None:
    """Each reply is read back equal, without findings."""
    for reply in every_reply():
        assert read_reply(write_reply(reply)) == (reply, ())


def test_errors_of_intake_point_at_the_element() -> None:
    """A finding about the consignment becomes an error with code, words and a pointer with the item's number."""
    context = shared_context()
    consignment = dict(read(H7, DAY).consignments[0])
    consignment["items"][1]["value"] = "-1"
    consignment["consignee"]["country"] = "Narnia"
    filing = read_filing(json.dumps(consignment).encode(), context)
    made = faults_of(filing.findings)
    assert {f.pointer for f in made} == {
        (("42A", None), ("67A", None), ("68A", 2), ("108", None)),
        (("42A", None), ("67A", None), ("74A", None), ("04A", None), ("242", None)),
    }
    assert not any("Narnia" in f.words for f in made)


def test_a_reply_with_a_pointer_of_the_published_kind() -> None:
    """Section and tag stand in one pointer: 42A, then 17C with R144."""
    reply = Reply(
        ReplyKind.REJECTED,
        "r",
        AT,
        "A1",
        faults=(Fault("CDS12005", (("42A", None), ("17C", 1), ("R144", None))),),
    )
    texts = [
        (path.rpartition("}")[2], text) for path, text, _ in elements(write_reply(reply)) if "Pointer" in path
    ]
    assert texts == [
        ("DocumentSectionCode[1]", "42A"),
        ("SequenceNumeric[1]", "1"),
        ("DocumentSectionCode[1]", "17C"),
        ("TagID[1]", "R144"),
    ]
    assert reply.faults[0].wco == "42A/17C/R144"


def test_the_table_names_fields_of_the_contract_and_elements_of_the_model() -> None:
    """Every row of the table leads to a field and to an element with a WCO id."""
    for row in ROWS:
        assert not row.field or row.field in BY_COLUMN, row.field
        path = f"/Declaration/{row.path}"
        steps = len(path.split("/")) - 1
        assert len(DECLARATION.pointer(path)) == steps - path.endswith("DateTimeString"), path
    assert RESPONSE.wco("/Response/Error/ValidationCode") == "07B/53A/377"


def test_the_format_is_registered_and_knows_its_own() -> None:
    """The registry has it by name; the first bytes tell it."""
    assert FORMATS["wco-dm36"] is WCO_DM36
    assert WCO_DM36.sniff(H7[:512]) and not WCO_DM36.sniff(b'{"consignment_id": "A1"}')
    assert WCO_DM36.read(H7, DAY).consignments == read(H7, DAY).consignments


def test_people_are_not_shown() -> None:
    """Neither a message nor what was carried shows names in its representation."""
    message = read(H7, DAY)
    assert "Example" not in repr(message) and "Example" not in repr(message.carried)
    assert repr(Carried("/a", "secret")) == "Carried(path='/a', held=None)"


@cache
def many() -> bytes:
    """Two thousand declarations in one source."""
    consignment = read(H7, DAY).consignments[0]
    return write([dict(consignment, consignment_id=f"P{n}") for n in range(2_000)]).data


def test_many_declarations_are_read_one_after_the_other() -> None:
    """A source of many gives a message for each, and ends with a refusal where it is cut off."""
    seen = list(stream(io.BytesIO(many())))
    assert [m.consignments[0]["consignment_id"] for m in seen] == [f"P{n}" for n in range(2_000)]
    assert not any(m.refused for m in seen)
    cut = list(stream(io.BytesIO(many()[:-200_000])))
    assert 1_500 < len(cut) < 2_000 and cut[-1].findings[0].code == "messages.xml.malformed"


def test_more_items_than_a_declaration_holds_are_refused_with_the_way_out() -> None:
    """The thousandth goods item is told, also where the shape of every item is known, with the way out."""
    item = {"item_id": "1", "description": "cotton T-shirt", "quantity": "1", "value": "5.00"}
    one = {"consignment_id": "MANY-1", "currency": "EUR", "items": [item] * 1_000}
    data = write([one]).data
    for _ in range(2):
        (found,) = [found for found in read(data, DAY).findings if found.code == "messages.wco.repeated"]
        assert (
            found.place.path.endswith("/GovernmentAgencyGoodsItem[1000]")
            and "further declarations" in found.fix
        )
        fewer = {**one, "items": [item] * 999}
        assert not [f for f in read(write([fewer]).data, DAY).findings if f.code == "messages.wco.repeated"]


def test_a_known_shape_reads_as_an_unknown_one() -> None:
    """The second message of a shape is read by look-up, with the same result; another text in a code changes it."""
    from greenlane.messages.wco import sections

    sections._SHAPES.clear()
    first = read(H7, DAY)
    assert sections._SHAPES
    assert read(H7, DAY) == first
    gift = H7.replace(b"<CurrentCode>C07<", b"<CurrentCode>C08<")
    assert read(gift, DAY).consignments[0]["transaction"] == "c2c_gift"
    known = read(gift, DAY)
    sections._SHAPES.clear()
    assert read(gift, DAY) == known
    bad = H7.replace(b">0.9<", b">heavy<")
    assert "messages.wco.form" in {c for c, *_ in codes(read(bad, DAY))}


SIGNS = (
    b"<",
    b"</",
    b">",
    b"&amp;",
    b"\0",
    b"<Agent/>",
    b"<GovernmentAgencyGoodsItem/>",
    b"<GovernmentAgencyGoodsItem>",
    b"\xff",
)
CHANGE = st.tuples(
    st.integers(0, len(H7)), st.integers(0, 40), st.one_of(st.binary(max_size=8), st.sampled_from(SIGNS))
)
MUTATIONS = st.lists(CHANGE, min_size=1, max_size=3)


@settings(max_examples=250, deadline=None)
@given(changes=MUTATIONS)
def test_any_change_of_a_good_message_is_read_or_told(changes: list[tuple[int, int, bytes]]) -> None:
    """Cut, overwritten or filled anywhere, a message gives findings or consignments that can be written again."""
    data = H7
    for at, length, new in changes:
        data = data[:at] + new + data[at + length :]
    message = read(data, DAY)
    for finding in message.findings:
        finding.as_dict()
    if message.consignments:
        json.dumps(message.consignments)
        write(message.consignments, message.carried)
    read_reply(data)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(
    name=TEXTS, description=TEXTS, value=st.decimals(0, 10**6, places=2), mass=st.decimals(0, 999, places=3)
)
def test_any_text_comes_back_as_it_was(name: str, description: str, value: Any, mass: Any) -> None:
    """Names, descriptions and numbers survive writing and reading, whatever signs they hold."""
    consignment = json.loads(json.dumps(read(H7, DAY).consignments[0]))
    consignment["consignor"]["name"] = name.strip() or "x"
    item = consignment["items"][0]
    item |= {"description": description.strip() or "x", "value": f"{value:f}", "gross_mass_kg": f"{mass:f}"}
    written = write([consignment])
    assert written.lost == () and list(read(written.data).consignments) == [consignment]


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=200),
    field=st.sampled_from(["consignment_id", "incoterm", "freight", "scheme_id"]),
    text=st.text(max_size=40),
)
def test_any_consignment_is_written_or_told(data: bytes, field: str, text: str) -> None:
    """Nonsense in a field is lost and listed, or read back; random bytes are refused."""
    assert read(data, DAY).refused
    consignment = json.loads(json.dumps(read(H7, DAY).consignments[0])) | {field: text}
    written = write([consignment])
    (again,) = read(written.data).consignments
    assert again.get(field, "") == text or f"/{field}" in {f.place.path for f in written.lost}


def declarations() -> list[Path]:
    """The published declarations, by name."""
    folder = SHARED / SAMPLES / "examples"
    return sorted(p for p in folder.rglob("*.xml") if b"TypeName>DEC" in p.read_bytes())


@pytest.mark.shared
def test_published_declarations_come_back_equal_and_valid() -> None:
    """All that carry goods: read without error, written back valid and equal on every element; alone, on those held."""
    valid = official(SHARED, "DEC")
    read_so = 0
    for path in declarations():
        data = path.read_bytes()
        message = read(data)
        if not message.consignments:
            assert codes(message)[0][0] == "messages.wco.no_goods", path.name
            continue
        read_so += 1
        assert not message.refused, (path.name, codes(message))
        written = write(message.consignments, message.carried)
        assert written.lost == (), path.name
        assert faults(valid, document(written.data)) == (), path.name
        ours, theirs = elements(written.data), elements(data)
        assert [(p, t.strip(), a) for p, t, a in ours] == [(p, t.strip(), a) for p, t, a in theirs], path.name
        alone = write(message.consignments)
        assert faults(valid, document(alone.data)) == (), path.name
        if message.kind == "DEC":
            assert alone.lost == () and read(alone.data).consignments == message.consignments, path.name
    assert read_so == 18


@pytest.mark.shared
def test_published_reduced_declarations_clear() -> None:
    """The five super-reduced ones clear end to end, one with its amendment; the IOSS number is a warning."""
    amendment = 0
    for path in declarations():
        if path.stem.removeprefix("Step1_") not in REDUCED:
            continue
        message = read(path.read_bytes(), DAY)
        outcome = clear(message)
        assert outcome["status"] == "assessed" and outcome["disposition"] == "release", path.name
        assert outcome["duty"] == "0.00"
        found = {f["code"]: f["severity"] for f in outcome["findings"]}
        ioss = message.consignments[0].get("scheme") == "IOSS"
        assert ("identifier.check_digit" in found) is ioss
        assert found.get("identifier.check_digit", "warning") == "warning"
        if path.stem == "TT_IM068a":
            amendment += 1
            changed = amended(message, read((path.parent / "Step2_TT_IM68a_Amendment.xml").read_bytes()))
            assert not changed.refused and clear(changed)["intrinsic_value"] == "115.66"
            assert (outcome["tax"], clear(changed)["tax"]) == ("23.42", "27.00")
    assert amendment == 1


@pytest.mark.shared
def test_published_responses_are_read_and_our_own_are_valid() -> None:
    """Every published notification is read; every kind of reply that greenlane sends is valid by the schema."""
    valid = official(SHARED, "RES")
    for reply in every_reply():
        assert faults(valid, document(write_reply(reply))) == (), reply.kind
    kinds: dict[ReplyKind, Reply] = {}
    for path in sorted((SHARED / SAMPLES / "examples").rglob("*.xml")):
        if b"TypeName>RES" not in (data := path.read_bytes()):
            continue
        reply, findings = read_reply(data)
        assert reply is not None, path.name
        kinds.setdefault(reply.kind, reply)
        if not findings:
            written = write_reply(reply)
            assert faults(valid, document(written)) == (), path.name
            assert read_reply(written) == (reply, ()), path.name
    assert kinds[ReplyKind.REJECTED].faults[0] == Fault(
        "CDS12005", kinds[ReplyKind.REJECTED].faults[0].pointer
    )
    assert kinds[ReplyKind.REJECTED].faults[0].wco == "42A/17C/R144"
    assert set(kinds) == set(ReplyKind)
    tax = kinds[ReplyKind.TAX].charges
    assert tax[0] == Charge("A00", "GBP", "270.00", "270.00", 1, "10000.00", "2.70", "100", "0.00")
