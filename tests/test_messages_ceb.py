"""China's CEB messages: read into the contract, written back equal, matched, answered."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import trading
from conftest import SHARED
from greenlane.clearance.events import EVENT_TYPES, Event
from greenlane.engine.filing import decide_filing, read_filing
from greenlane.messages.ceb import (
    CEB,
    Check,
    Document,
    Facts,
    Party,
    Result,
    documents_of,
    faulty,
    inventory_number,
    match,
    mismatched,
    pre_number,
    read,
    rejected,
    replies_of,
    reply,
    stream,
    write,
    write_documents,
)
from greenlane.messages.ceb.elements import KINDS, Field
from greenlane.messages.ceb.replying import OF_INVENTORY, OF_RETURN, STATUSES
from greenlane.messages.foreign import FORMATS, Message
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity
from greenlane.values.identifiers import Verdict, check_cn_resident_id
from test_law_engine import shared_context
from trading import INVENTORY, LINES, SAMPLES, business, message, sample

AT = datetime(2026, 7, 2, 4, 0, 0, 7_000, tzinfo=UTC)
HEAD = "/CEB621Message/Inventory/InventoryHead"
LINE = "/CEB621Message/Inventory/InventoryList"
PERSONAL = (
    trading.BUYER_ID, "Example Buyer", "Example Receiver", "00000000001", "00000000002", "Example Road", "example-1",
)  # fmt: skip
FULL = Facts(
    used=frozenset(),
    year_amount=0,
    tax=2912,
    guarantee=100_000,
    admitted=lambda code: code in {line["gcode"] for line in LINES},
    records={},
)


def found(message: Message) -> list[tuple[str, str]]:
    """Code and path of each finding but those of information."""
    return [(f.code, f.place.path) for f in message.findings if f.severity is not Severity.INFO]


def texts(data: bytes) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Every leaf with its path, namespace and all, in order: what equal messages have in common."""
    tree = etree.ElementTree(etree.fromstring(data))
    return [
        (tree.getelementpath(one), (one.text or "").strip(), tuple(sorted(one.attrib.items())))
        for one in tree.iter()
        if not len(one) or one.attrib
    ]


def one(kind: str, **changes: str | None) -> Document:
    """The sample document of a kind with other texts; None leaves an element out."""
    head, lines = SAMPLES[kind]
    changed = {name: text for name, text in {**head, **changes}.items() if text is not None}
    (document,) = documents_of(read(message(kind, business(kind, changed, lines))))
    return document


def results(
    inventory: Document | None = None,
    order: Document | None = None,
    payment: Document | None = None,
    waybill: Document | None = None,
    facts: Facts = FULL,
) -> dict[str, Check]:
    """The checks of the sample trade by name, with some documents replaced."""
    checks = match(
        inventory or one("621"), order or one("311"), payment or one("411"), waybill or one("511"), facts
    )
    return {check.name: check for check in checks}


def failed(checks: Mapping[str, Check]) -> set[str]:
    """Names of the checks that fail."""
    return {name for name, check in checks.items() if check.result is Result.FAILS}


def test_an_inventory_is_read_into_the_contract() -> None:
    """Each element stands in the field that the table gives it."""
    got = read(sample("621"))
    assert got.kind == "621" and not found(got) and not got.refused
    assert got.consignments == (
        {
            "consignment_id": "COP-1",
            "transport_document": "WAY-1",
            "channel": "express",
            "transaction": "b2c",
            "declaration_date": "2026-07-02",
            "departure_country": "JP",
            "destination_country": "CN",
            "transport_mode": "air",
            "currency": "CNY",
            "freight": "20",
            "insurance": "0",
            "programme": "9610",
            "platform": {"id": "1105910001", "name": "Example Market"},
            "seller": {"id": "1105910002", "name": "Example Shop"},
            "carrier": {"id": "1105910004"},
            "consignee": {
                "id": trading.BUYER_ID,
                "name": "Example Buyer",
                "address": "Example Road 1, Example City",
                "country": "CN",
                "person": True,
            },
            "items": [
                {
                    "item_id": "1",
                    "description": "face cream",
                    "hs_code": "3304990029",
                    "gtin": "4006381333931",
                    "origin_country": "KR",
                    "quantity": "2",
                    "unit": "H87",
                    "value": "200",
                },
                {
                    "item_id": "2",
                    "description": "green tea",
                    "hs_code": "0902109000",
                    "origin_country": "JP",
                    "quantity": "0.5",
                    "unit": "KGM",
                    "value": "100",
                },
            ],
        },
    )


def test_a_bonded_inventory_is_a_bonded_consignment_and_needs_its_account_book() -> None:
    """1210 makes the channel bonded, and asks for what the zone registers."""
    head = {**INVENTORY, "tradeMode": "1210", "trafMode": "Y"}
    got = read(message("621", business("621", head, LINES[:1])))
    assert got.consignments[0]["channel"] == "bonded" and "transport_mode" not in got.consignments[0]
    assert found(got) == [
        ("messages.ceb.missing_for_mode", f"{HEAD}/emsNo"),
        ("messages.ceb.missing_for_mode", f"{HEAD}/areaCode"),
        ("messages.ceb.missing_for_mode", f"{HEAD}/areaName"),
        ("messages.ceb.missing_for_mode", f"{LINE}/itemRecordNo"),
        ("messages.ceb.code", f"{HEAD}/trafMode"),
    ]


def test_an_inventory_clears_end_to_end() -> None:
    """The consignment of an inventory is taxed by the law of China for retail imports: 70 % of VAT inside the limits."""
    (consignment,) = read(sample("621")).consignments
    consignment["consignee"]["prior_use"] = {"year_amount": "0"}
    context = shared_context()
    filing = read_filing(json.dumps([consignment]).encode(), context)
    assert not filing.rejected
    (outcome,) = (each.outcome for each in decide_filing(filing, context).each())
    assert outcome["jurisdiction"] == "cn" and outcome["currency"] == "CNY"
    vat = [charge for charge in outcome["charges"] if charge["law"]["rule"] == "cn.retail.vat"]
    assert vat and {charge["payer"] for charge in vat} == {"platform"}
    assert not [
        charge for charge in outcome["charges"] if charge["kind"] == "duty" and charge["amount"] != "0.00"
    ]


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_every_kind_is_written_back_equal(kind: str) -> None:
    """Reading and writing a message of any kind gives every element back, where it was."""
    got = read(sample(kind))
    assert not found(got)
    written = write(got.consignments, got.carried)
    assert not written.lost
    assert texts(written.data) == texts(sample(kind))


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_all_missing_elements_are_told_at_once(kind: str) -> None:
    """An empty document is told each element that it needs, and nothing else."""
    got = read(message(kind, business(kind, {}, [{}] if SAMPLES[kind][1] else [])))
    of = KINDS[kind]
    wanted = {f"{of.head_name}/{name}" for name, one in of.head.items() if one.required == "always"}
    wanted |= {f"{of.item_name}/{name}" for name, one in of.items.items() if one.required == "always"}
    start = f"/{of.root}/{of.business}/"
    assert {path.removeprefix(start) for code, path in found(got) if code == "messages.ceb.missing"} == wanted
    assert got.refused


def test_what_the_model_does_not_hold_is_carried_untouched() -> None:
    """Strange elements, other namespaces, attributes, blanks and zeros come back as they were, and are told."""
    head = {**INVENTORY, "freight": "020.50000", "ebpName": " Example  Market ", "extra": "kept"}
    data = message(
        "621",
        business("621", head, LINES, '<x:Own xmlns:x="urn:x" n="1"><x:a>1</x:a><x:a/></x:Own>'),
        more='<ceb:Other a="b">text</ceb:Other>',
    )
    got = read(data)
    assert got.consignments[0]["freight"] == "20.50000"
    assert [code for code, _ in found(got)] == ["messages.ceb.unknown"] * 3 and not got.refused
    written = write(got.consignments, got.carried)
    raw = [(one.tag, one.text) for one in etree.fromstring(data).iter() if not len(one)]
    back = [(one.tag, one.text) for one in etree.fromstring(written.data).iter() if not len(one)]
    assert sorted(raw, key=str) == sorted(back, key=str)
    assert b'n="1"' in written.data and b'a="b"' in written.data


def test_a_changed_consignment_changes_its_elements_alone() -> None:
    """What the consignment says counts over what was carried; an item that is gone takes its line along."""
    got = read(sample("621"))
    (consignment,) = got.consignments
    changed = {**consignment, "freight": "21.5", "items": consignment["items"][:1], "departure_country": "KR"}
    written = write([changed], got.carried)
    again = read(written.data)
    assert again.consignments[0]["freight"] == "21.5" and again.consignments[0]["departure_country"] == "KR"
    assert len(again.consignments[0]["items"]) == 1
    before, after = (
        {path.replace("InventoryList[1]", "InventoryList"): text for path, text, _ in texts(data)}
        for data in (sample("621"), written.data)
    )
    different = {path.rpartition("}")[2] for path, text in after.items() if before.get(path) != text}
    assert different == {"freight", "country"}


def test_what_the_message_cannot_hold_is_listed() -> None:
    """A field without an element and a value that doesn't fit are told, with the shape of the value alone."""
    consignment = {
        **read(sample("621")).consignments[0], "incoterm": "DDP", "currency": "EUR", "transport_document": "W" * 61,
    }  # fmt: skip
    written = write([consignment], appTime="20260702120000")
    told = {f.place.path for f in written.lost if f.code == "messages.ceb.not_expressed"}
    assert told == {"/incoterm", "/currency", "/transport_document"}
    assert "WWW" not in str(written.lost)


def test_a_consignment_is_written_as_a_complete_inventory() -> None:
    """With what no consignment holds given by the caller, the message lacks nothing and reads back the same."""
    (consignment,) = read(sample("621")).consignments
    given = (
        "orderNo", "assureCode", "customsCode", "portCode", "buyerIdType", "buyerTelephone", "agentCode", "agentName",
        "logisticsName", "grossWeight", "netWeight", "trafNo", "voyageNo", "billNo", "appTime",
    )  # fmt: skip
    header = {name: INVENTORY[name] for name in given} | {"gmodel": "as sold", "qty1": "1", "unit1": "035"}
    written = write([consignment], **header, **trading.TRANSFER)
    assert not written.lost
    again = read(written.data)
    assert not found(again) and again.consignments == (consignment,)
    assert write([consignment], **header, **trading.TRANSFER) == written
    assert len(documents_of(again)[0].get("guid")) == 36


def test_many_inventories_are_read_one_by_one_and_as_one() -> None:
    """A message of several inventories gives each its place; streaming gives the same consignments, then the envelope."""
    heads = [
        {**INVENTORY, "copNo": f"COP-{n}", "guid": f"0A1B2C3D-0000-4000-8000-{n:012d}"} for n in range(300)
    ]
    data = message("621", *(business("621", head, LINES) for head in heads))
    whole, parts = read(data), list(stream(io.BytesIO(data)))
    assert [c["consignment_id"] for c in whole.consignments] == [head["copNo"] for head in heads]
    assert tuple(c for part in parts for c in part.consignments) == whole.consignments
    assert len(parts) == 301 and not parts[-1].consignments and not found(whole)
    assert texts(write(whole.consignments, whole.carried).data) == texts(data)
    third = parts[2]
    assert read(write(third.consignments, third.carried).data).consignments == third.consignments


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("guid", "0a1b2c3d-0000-4000-8000-000000000004"),
        ("appType", "4"),
        ("appTime", "20260732120000"),
        ("appStatus", "3"),
        ("declTime", "2026-07-02"),
        ("currency", "502"),
        ("freight", "1.000001"),
        ("freight", "-1"),
        ("customsCode", "29A1"),
        ("copNo", "C" * 21),
        ("packNo", "1.5"),
    ],
)
def test_a_value_of_another_form_is_told_without_the_value(name: str, text: str) -> None:
    """Envelope rules, moments, codes, numbers and lengths are those of the table."""
    got = read(message("621", business("621", {**INVENTORY, name: text}, LINES)))
    assert ("messages.ceb.form", f"{HEAD}/{name}") in found(got) and got.refused
    said = [f.message for f in got.findings if f.code == "messages.ceb.form"]
    assert len(said) == 1 and not said[0].endswith(text) and (len(text) < 3 or text not in said[0])


def test_order_repeats_and_numbers_used_twice_are_told() -> None:
    """Elements out of order are read; a repeated element or number is an error."""
    turned = dict(reversed(INVENTORY.items()))
    got = read(message("621", business("621", turned, LINES)))
    assert {code for code, _ in found(got)} == {"messages.ceb.order"}
    assert got.consignments == read(sample("621")).consignments
    twice = business("621", INVENTORY, LINES)
    got = read(message("621", twice, twice))
    assert found(got) == [("messages.ceb.repeated", "/CEB621Message/Inventory[2]/InventoryHead/guid")]
    data = sample("621").replace(b"<ceb:qty>", b"<ceb:qty>7</ceb:qty><ceb:qty>", 1)
    assert ("messages.ceb.repeated", f"{LINE}/qty[2]") in found(read(data))


def test_a_declared_document_wants_a_signature() -> None:
    """appStatus 2 without one is told; with one it is told that it isn't checked, and it is never written again."""
    declared = business("621", {**INVENTORY, "appStatus": "2"}, LINES)
    assert found(read(message("621", declared))) == [("messages.ceb.unsigned", f"{HEAD}/appStatus")]
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>'
    got = read(message("621", declared, more=signature))
    assert not found(got) and "messages.ceb.signature" in {f.code for f in got.findings}
    written = write(got.consignments, got.carried)
    assert [f.place.path for f in written.lost] == ["/CEB621Message/Signature"]
    assert b"Signature" not in written.data


def test_an_incomplete_envelope_is_told() -> None:
    """Who sends, over which line, and the number and version of the message are needed."""
    data = message("621", business("621", INVENTORY, LINES), transfer=None)
    data = data.replace(b' version="1.0">', b">")
    start = "/CEB621Message"
    assert found(read(data)) == [
        ("messages.ceb.missing", f"{start}/@version"),
        *(
            ("messages.ceb.missing", f"{start}/BaseTransfer/{n}")
            for n in ("copCode", "copName", "dxpMode", "dxpId")
        ),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "messages.xml.malformed"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><CEB621Message/>", "messages.xml.doctype"),
        (b"<CEB621Message><Inventory><xi:include xmlns:xi='http://www.w3.org/2001/XInclude'/></Inventory></CEB621Message>",
         "messages.xml.include"),
        (b"<CEB621Message><Inventory>" + b"<a>" * 200 + b"</a>" * 200 + b"</Inventory></CEB621Message>",
         "messages.xml.bounds"),
        (b"<CEB621Message><Inventory><note>" + b"a" * 300_000 + b"</note></Inventory></CEB621Message>",
         "messages.xml.bounds"),
        (b"<?xml version='1.0' encoding='gbk'?><CEB621Message><Inventory>\xff\xff</Inventory></CEB621Message>",
         "messages.xml.encoding"),
        (sample("621")[:-30], "messages.xml.malformed"),
        (b"<CEB999Message><Inventory/></CEB999Message>", "messages.ceb.not_a_message"),
        (b"<other/>", "messages.ceb.not_a_message"),
        (b"<CEB621Message><Order/></CEB621Message>", "messages.ceb.not_a_message"),
        (b"<a><CEB621Message><Inventory/></CEB621Message></a>", "messages.ceb.not_a_message"),
    ],
)  # fmt: skip
def test_hostile_and_strange_input_is_refused(data: bytes, code: str) -> None:
    """What isn't a CEB message, or is built to harm, is refused with a finding and without a crash."""
    got = read(data)
    assert code in {f.code for f in got.findings} and got.refused


def test_chinese_encodings_are_read() -> None:
    """A message in GBK, which many senders use, is read like one in UTF-8."""
    head = {**INVENTORY, "ebpName": "示例平台"}
    text = message("621", business("621", head, LINES)).decode()
    got = read(text.replace('encoding="UTF-8"', 'encoding="GBK"').encode("gbk"))
    assert got.consignments[0]["platform"]["name"] == "示例平台" and not got.refused


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_mutation_of_a_message_is_read_without_a_crash(data: st.DataObject) -> None:
    """Bytes cut, changed or put in give findings or a message, never an exception; and so does any text of bytes."""
    kind = data.draw(st.sampled_from(sorted(SAMPLES)))
    good = bytearray(sample(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(good)))
        cut = data.draw(st.integers(0, 40))
        good[place : place + cut] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b"<note>", b"</", b"]]>"])
        )
    got = read(bytes(good))
    if got.kind and not got.refused:
        again = read(write(got.consignments, got.carried).data)
        assert again.consignments == got.consignments


def _value(known: Field) -> st.SearchStrategy[str]:
    """Any text that an element may hold."""
    form = known.form
    if form.startswith("="):
        return st.sampled_from(form[1:].split(","))
    if form == "guid":
        return st.text("0123456789ABCDEF-", min_size=36, max_size=36)
    if form == "day":
        return st.dates(date(2016, 4, 8), date(2030, 1, 1)).map(lambda day: f"{day:%Y%m%d}")
    if form == "time14":
        return st.datetimes(datetime(2016, 1, 1), datetime(2030, 1, 1)).map(lambda at: f"{at:%Y%m%d%H%M%S}")
    if form.startswith("n"):
        return st.from_regex(
            r"[0-9]{1,9}(\.[0-9]{1,5})?", fullmatch=True, alphabet=st.characters(codec="ascii")
        )
    if form.startswith(("i", "d")):
        digits = int(form[1:])
        return st.text("0123456789", min_size=digits if form[0] == "d" else 1, max_size=digits)
    longest = int(form.removeprefix("an").removeprefix(".."))
    letters = st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=("Cs", "Cc", "Z"))
    return st.text(letters, min_size=1 if ".." in form else longest, max_size=min(longest, 30))


def _texts(table: Mapping[str, Field]) -> st.SearchStrategy[dict[str, str]]:
    always = {name: _value(known) for name, known in table.items() if known.required == "always"}
    perhaps = {name: _value(known) for name, known in table.items() if known.required != "always"}
    return st.fixed_dictionaries(always, optional=perhaps).map(
        lambda made: {name: made[name] for name in table if name in made}
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_message_of_the_table_comes_back_equal(data: st.DataObject) -> None:
    """Whatever the elements hold in their forms, reading and writing gives the same message, for every kind."""
    kind = KINDS[data.draw(st.sampled_from(sorted(SAMPLES)))]
    count = data.draw(st.integers(1, 3))
    lines = [data.draw(_texts(kind.items)) for _ in range(count)] if kind.item_name else []
    sent = message(kind.number, business(kind.number, data.draw(_texts(kind.head)), lines))
    got = read(sent)
    assert not got.refused, found(got)
    written = write(got.consignments, got.carried)
    # What the mode asks for and didn't come is told both times.
    asked = "messages.ceb.missing_for_mode"
    assert {one.code for one in written.lost} == {one.code for one in got.findings if one.code == asked}
    assert texts(written.data) == texts(sent)


def test_a_trade_that_matches_passes_every_check() -> None:
    """Each check has its name, and holds for the sample trade."""
    checks = results()
    assert [check.name for check in checks.values() if check.result is not Result.HOLDS] == []
    assert set(checks) == {
        "order_exists", "order_unused", "payment_exists", "waybill_exists", "buyer_is_payer", "buyer_is_declared",
        "amount_paid", "order_adds_up", "paid_before_declaration", "consignee_name", "consignee_telephone",
        "consignee_address", "goods_value", "freight", "positive_list", "item_record", "identity",
        "limit_transaction", "limit_year", "guarantee",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "changes", "names"),
    [
        ("411", {"payerName": "Another Payer"}, {"buyer_is_payer"}),
        ("411", {"payerIdNumber": "990101199003070031"}, {"buyer_is_payer"}),
        ("621", {"buyerName": "Another Buyer"}, {"buyer_is_declared"}),
        ("411", {"amountPaid": "339.13"}, {"amount_paid"}),
        ("311", {"taxTotal": "29.13"}, {"order_adds_up"}),
        ("411", {"payTime": "20260702120000"}, {"paid_before_declaration"}),
        ("411", {"payTime": "20260703000000"}, {"paid_before_declaration"}),
        ("511", {"consignee": "Another Receiver"}, {"consignee_name"}),
        ("511", {"consigneeTelephone": "00000000009"}, {"consignee_telephone"}),
        ("621", {"consigneeAddress": "Elsewhere 2"}, {"consignee_address"}),
        ("311", {"goodsValue": "300.01"}, {"goods_value", "order_adds_up"}),
        ("511", {"freight": "20.01"}, {"freight"}),
        ("621", {"freight": "20.01"}, {"freight"}),
        ("311", {"payTransactionId": "PAY-2"}, {"payment_exists"}),
        ("511", {"logisticsNo": "WAY-2"}, {"waybill_exists"}),
        ("311", {"orderNo": "ORDER-2"}, {"order_exists"}),
    ],
)
def test_each_mismatch_fails_its_check_and_is_told_without_a_value(
    kind: str, changes: dict[str, str], names: set[str]
) -> None:
    """One wrong element fails the check that is named after it, and both parties hear where, not what."""
    given = {"311": "order", "411": "payment", "511": "waybill", "621": "inventory"}[kind]
    checks = results(**{given: one(kind, **changes)})
    assert failed(checks) == names
    said = " ".join(
        f"{told.finding.message} {told.finding.place}" for c in checks.values() for told in c.told
    )
    assert not [value for value in (*PERSONAL, *changes.values()) if value in said]


def test_both_parties_are_told_in_their_own_documents() -> None:
    """A difference between order and waybill goes to the platform and to the carrier, each with its own path."""
    told = results(waybill=one("511", consignee="Another Receiver"))["consignee_name"].told
    assert [(t.party, t.code, t.finding.place.path) for t in told] == [
        (Party.PLATFORM, "1105910001", "/CEB311Message/Order/OrderHead/consignee"),
        (Party.CARRIER, "1105910004", "/CEB511Message/Logistics/LogisticsHead/consignee"),
    ]
    absent = {c.name: c for c in match(one("621"), one("311"), one("411"), None, FULL)}["waybill_exists"]
    assert {t.party for t in absent.told} == {Party.DECLARANT, Party.CARRIER}


def test_a_wrong_sum_of_a_line_is_told_at_the_line() -> None:
    """Quantity times price is the line's sum; the second line is named as such."""
    lines = [LINES[0], {**LINES[1], "totalPrice": "100.01"}]
    (inventory,) = documents_of(read(message("621", business("621", INVENTORY, lines))))
    check = results(inventory=inventory)["goods_value"]
    assert [t.finding.place.path for t in check.told] == [f"{LINE}[2]/totalPrice"]


def test_facts_decide_their_checks_and_what_is_not_known_is_unknown() -> None:
    """An order in use, goods off the list, a short guarantee and a full year fail; without facts they are unknown."""
    hard = Facts(
        used=frozenset({("1105910001", "ORDER-1")}),
        year_amount=2_600_000 - 32_000 + 1,
        tax=2,
        guarantee=1,
        admitted=lambda code: code.startswith("33"),
    )
    assert failed(results(facts=hard)) == {"order_unused", "positive_list", "guarantee", "limit_year"}
    exact = Facts(year_amount=2_600_000 - 32_000)
    assert results(facts=exact)["limit_year"].result is Result.HOLDS
    unknown = {name for name, c in results(facts=Facts()).items() if c.result is Result.UNKNOWN}
    assert unknown == {"order_unused", "positive_list", "guarantee", "limit_year"}


@pytest.mark.parametrize(
    ("day", "total", "quantity", "holds"),
    [
        ("20181231", "1980.00", "2", True),
        ("20181231", "1980.01", "2", False),
        ("20181231", "1980.01", "1", False),
        ("20190101", "4980.00", "2", True),
        ("20190101", "4980.01", "2", False),
        ("20190101", "4980.01", "1", True),
        ("20190101", "1980.01", "2", True),
    ],
)
def test_the_limit_of_a_transaction_is_that_of_its_day(
    day: str, total: str, quantity: str, holds: bool
) -> None:
    """2,000 until 2018, 5,000 from 2019 with freight; from then on one article above it stays."""
    line = {**LINES[0], "qty": quantity, "totalPrice": total}
    (inventory,) = documents_of(read(message("621", business("621", {**INVENTORY, "declTime": day}, [line]))))
    check = results(inventory=inventory)["limit_transaction"]
    assert check.result is (Result.HOLDS if holds else Result.FAILS)


def test_an_article_of_a_zone_is_registered_under_its_code() -> None:
    """For 1210 the account book has to hold number and code of each article."""
    head = {**INVENTORY, "tradeMode": "1210", "emsNo": "BOOK-1"}
    lines = [{**LINES[0], "itemRecordNo": "7"}]
    (inventory,) = documents_of(read(message("621", business("621", head, lines))))
    for records, result in (
        ({("BOOK-1", "7"): "3304990029"}, Result.HOLDS),
        ({("BOOK-1", "7"): "3304990010"}, Result.FAILS),
        ({("BOOK-2", "7"): "3304990029"}, Result.FAILS),
        (None, Result.UNKNOWN),
    ):
        assert results(inventory=inventory, facts=Facts(records=records))["item_record"].result is result


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("990101199003070023", Verdict.OK),
        ("99010119900307004X", Verdict.OK),
        ("990101199003070024", Verdict.BAD_CHECK_DIGIT),
        ("990101199013070023", Verdict.MALFORMED),
        ("9901011990030700", Verdict.MALFORMED),
        ("99010119900307004x", Verdict.MALFORMED),
    ],
)
def test_the_number_of_an_identity_card_has_form_day_and_check_digit(number: str, verdict: Verdict) -> None:
    """A wrong check digit is a warning, a malformed number an error."""
    assert check_cn_resident_id(number) is verdict
    check = results(inventory=one("621", buyerIdNumber=number))["identity"]
    wanted = {Verdict.OK: [], Verdict.BAD_CHECK_DIGIT: ["warning"], Verdict.MALFORMED: ["error"]}[verdict]
    assert sorted({str(told.finding.severity) for told in check.told}) == wanted


def test_events_become_replies_with_published_statuses() -> None:
    """Taken in, inspected, released, closed: 120, 500, 800, 899, in the time of Beijing, with numbers and tax."""
    outcome = {"total": "29.12", "currency": "CNY"}
    events = [
        Event(kind, AT, "k1", {}) for kind in ("filed", "arrived", "inspection_ordered", "released", "closed")
    ]
    pre, invt = pre_number(date(2026, 7, 2), 1), inventory_number("2991", 2026, 1)
    replies = list(replies_of(one("621"), events, [outcome], pre_no=pre, invt_no=invt))
    assert [one.get("returnStatus") for one in replies] == ["120", "500", "800", "899"]
    assert replies[0].head == {
        "guid": INVENTORY["guid"], "customsCode": "2991", "ebpCode": "1105910001", "ebcCode": "1105910002",
        "agentCode": "1105910006", "copNo": "COP-1", "preNo": "B20260702000000001", "invtNo": "29912026I000000001",
        "returnStatus": "120", "returnTime": "20260702120000007",
        "returnInfo": "taken in by customs; tax 29.12 CNY",
    }  # fmt: skip
    written = write_documents(replies, {})
    assert not written.lost
    again = read(written.data)
    assert again.kind == "622" and not found(again)
    assert [one.head for one in documents_of(again)] == [one.head for one in replies]


def test_a_refused_inventory_is_not_told_as_cleared() -> None:
    """Goods that were sent back end with 700; the closing of their case is not the clearance of the goods."""
    events = [Event(kind, AT, "k1", {}) for kind in ("filed", "refused", "returned", "closed")]
    replies = replies_of(one("621"), events, [{"total": None}], pre_no=pre_number(date(2026, 7, 2), 1))
    assert [one.get("returnStatus") for one in replies] == ["120", "100", "700"]


def test_a_return_is_answered() -> None:
    """A declared return is taken in, its refund approved or rejected: 626 with 120, 399 or 100."""
    refund = one("625")
    events = [Event(kind, AT, "k1", {}) for kind in ("return_declared", "export_proven", "refund_approved")]
    replies = list(replies_of(refund, events, [], pre_no=pre_number(date(2026, 7, 9), 2)))
    assert [(one.kind, one.get("returnStatus")) for one in replies] == [("626", "120"), ("626", "399")]
    assert not write_documents(replies, {}).lost


def test_findings_become_replies_at_once() -> None:
    """A faulty message gives a negative status, rejected content and mismatches 100, each with everything in it."""
    bad = read(message("621", business("621", {**INVENTORY, "freight": "x", "declTime": ""}, LINES)))
    (document,) = documents_of(bad)
    pre = pre_number(date(2026, 7, 2), 1)
    fault = faulty(document, bad.findings, AT, pre_no=pre)
    assert fault.get("returnStatus") == "-1"
    assert f"{HEAD}/freight" in fault.get("returnInfo") and f"{HEAD}/declTime" in fault.get("returnInfo")
    given = {"code": "required.missing", "path": "/items/0/value", "severity": "error", "message": "m"}
    assert "/items/0/value" in rejected(document, [given], AT, pre_no=pre).get("returnInfo")
    checks = results(payment=one("411", payerName="Another Payer", amountPaid="1")).values()
    told = mismatched(document, checks, AT, pre_no=pre)
    assert "[buyer_is_payer]" in told.get("returnInfo") and "[amount_paid]" in told.get("returnInfo")
    for reply_ in (fault, told):
        assert not write_documents([reply_], {}).lost
        assert not [value for value in PERSONAL if value in str(dict(reply_.head))]


def test_nothing_shows_a_person() -> None:
    """Messages, documents, what is carried and every finding hide or leave out what is personal."""
    got = read(sample("621"))
    bad = read(message("621", business("621", {**INVENTORY, "buyerName": "Example Buyer" * 9}, LINES)))
    shown = repr((got, bad, bad.findings, documents_of(bad), write(got.consignments, got.carried)))
    assert not [value for value in PERSONAL if value in shown]


def test_the_registry_knows_the_format() -> None:
    """CEB messages are known by their root, and no other XML is taken for one."""
    assert FORMATS["ceb"] is CEB
    assert all(CEB.sniff(sample(kind)[:300]) for kind in SAMPLES)
    assert not CEB.sniff(b"<Declaration/>") and not CEB.sniff(b"<CEBMessage/>")


def test_wrong_use_is_refused() -> None:
    """Nothing to write, other counts, unknown headers and statuses are mistakes of the caller."""
    got = read(sample("621"))
    calls: tuple[Any, ...] = (
        lambda: write([]),
        lambda: write([*got.consignments, *got.consignments], got.carried),
        lambda: write(got.consignments, read(sample("311")).carried),
        lambda: write(got.consignments, colour="red"),
        lambda: write_documents([], {}),
        lambda: reply(one("621"), 42, AT, "x"),
        lambda: reply(one("711"), 120, AT, "x"),
        lambda: reply(one("621"), 120, AT.replace(tzinfo=None), "x"),
        lambda: pre_number(date(2026, 7, 2), 0),
        lambda: inventory_number("29", 2026, 1),
    )
    for call in calls:
        with pytest.raises(UsageError):
            call()


@pytest.mark.parametrize("kind", ["311", "411", "511"])
def test_documents_are_answered_with_their_own_numbers(kind: str) -> None:
    """The reply to an order, a payment or a waybill repeats what its table asks, nothing personal, and is read back."""
    to = one(kind)
    answer = reply(to, 120, AT, STATUSES[120])
    (told,) = documents_of(read(write_documents([answer], {}).data))
    assert told.head == answer.head and told.kind == f"{kind[:2]}2"
    required = {name for name, known in KINDS[told.kind].head.items() if known.required == "always"}
    assert required <= told.head.keys()
    assert not [text for text in PERSONAL if text in told.head.values()]


def test_statuses_stand_for_events_that_exist() -> None:
    """The tables of replies name events of the procedure and statuses of the list."""
    assert {*OF_INVENTORY, *OF_RETURN} <= set(EVENT_TYPES)
    assert {*OF_INVENTORY.values(), *OF_RETURN.values()} <= set(STATUSES)


@pytest.mark.shared
def test_the_table_has_the_published_elements_and_statuses() -> None:
    """Names, order and which are required agree with the field list, and the statuses with theirs."""
    folder = SHARED / "samples" / "ceb"
    listed: dict[str, list[tuple[str, bool]]] = {}
    with (folder / "ceb_fields.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["direction"] == "cbi":
                listed.setdefault(row["element"], []).append((row["field"], row["required"] == "required"))
    own = {"guid", "appType", "appTime", "appStatus", "returnStatus", "returnTime", "returnInfo"}
    for kind in KINDS.values():
        parts = [(kind.head_name or kind.business, kind.head), (kind.item_name, kind.items)]
        for name, table in parts:
            if name:
                ours = [(n, f.required == "always") for n, f in table.items() if n not in own]
                assert ours == listed[name], name
    with (folder / "return_status.csv").open(encoding="utf-8-sig") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    assert {str(status) for status in STATUSES} == codes - {"<0"}
