"""ICS2: entry summaries there and back, notices, what events of the procedure send, what answers command."""

import csv
import re
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from greenlane.clearance import Event, Refused, State, act, may_load
from greenlane.clearance import commands as c
from greenlane.clearance.vocabulary import SCREENING_METHODS, ScreeningResult
from greenlane.messages.foreign import FORMATS
from greenlane.messages.ics2 import (
    FILINGS,
    ICS2,
    KINDS,
    MOVES,
    NOTICES,
    STANDS,
    VERSIONS,
    Answered,
    Assessed,
    BinaryFile,
    Document,
    DoNotLoad,
    EntrySummary,
    Fault,
    Information,
    Notice,
    OutOfOrder,
    Request,
    Screening,
    Stand,
    Statement,
    Supporting,
    answers_of,
    faults_of,
    notices_of,
    read,
    step,
    stream,
    version_on,
    write,
    write_notice,
)
from greenlane.messages.ics2.tables import words
from greenlane.messages.tabled import element_of
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity
from test_clearance_any_order import EVERY, LIKELY
from test_clearance_flows import ACTORS, FREE, NOON, QUANTITIES, decision, file
from test_messages_xml import HOSTILE

MRN = "26DE0000000000001A"
HOUSE = Document("RR473124829GB", "N750")
TO = Answered(MRN, "DE", "DE1234567", HOUSE)
HEADER = {
    "issued": "2026-07-02T12:00:00Z",
    "declarant_name": "Example Post",
    "declarant_id": "DE1234567",
    "declarant_city": "Bonn",
    "declarant_country": "DE",
    "declarant_contact": "ens@post.example",
    "declarant_contact_type": "EM",
}
CONSIGNMENT: dict[str, Any] = {
    "consignment_id": "RR473124829GB",
    "transport_document": "RR473124829GB",
    "channel": "postal",
    "transaction": "b2c",
    "declaration_date": "2026-07-02",
    "departure_country": "GB",
    "destination_country": "DE",
    "transport_mode": "post",
    "currency": "EUR",
    "freight": "4.00",
    "scheme": "IOSS",
    "scheme_id": "IM3720000224",
    "consignor": {"name": "Example Trading", "address": "1 Road, Leeds", "country": "GB"},
    "consignee": {
        "id": "P1",
        "name": "A. Example",
        "address": "2 Street, Berlin",
        "postcode": "10115",
        "country": "DE",
        "person": True,
    },
    "items": [
        {
            "item_id": "1",
            "description": "women's cotton T-shirt",
            "hs_code": "61091000",
            "origin_country": "CN",
            "quantity": "1",
            "value": "40.00",
            "gross_mass_kg": "0.9",
            "net_mass_kg": "0.8",
        }
    ],
}
ALL_OF_A_HOUSE = """<IE3F43 xmlns="urn:example:ens" v="1"><documentIssueDate>2026-07-02T12:00:00Z</documentIssueDate>
<SpecificCircumstanceIndicator>F43</SpecificCircumstanceIndicator>
<addressedMemberState><country>DE</country></addressedMemberState>
<representative><identificationNumber>NL123</identificationNumber><status>2</status></representative>
<consignmentHouseLevel><totalGrossMass>1.5</totalGrossMass><referenceNumberUCR>UCR-1</referenceNumberUCR>
<postalCharges><value>7.00</value><currency>EUR</currency></postalCharges>
<additionalFiscalReferences><VATIdentificationNumber>IM3720000224</VATIdentificationNumber><role>FR5</role>
</additionalFiscalReferences>
<supportingDocuments><referenceNumber>INV-1</referenceNumber><type>N380</type></supportingDocuments>
<supportingDocuments><referenceNumber>INV-2</referenceNumber><type>N380</type></supportingDocuments>
<additionalInformation><code>10600</code><text>some words</text></additionalInformation>
<additionalSupplyChainActor><identificationNumber>NLAEO1</identificationNumber><role>CS</role>
</additionalSupplyChainActor>
<transportDocumentHouseLevel><documentNumber>RR473124829GB</documentNumber><type>N750</type>
</transportDocumentHouseLevel>
<consignor><name>Example Trading</name><identificationNumber>GB1</identificationNumber><typeOfPerson>2</typeOfPerson>
<address><city>Leeds</city><country>GB</country><subDivision>West</subDivision><street>Road</street>
<postCode>LS1</postCode><number>1</number></address></consignor>
<consignee><name> A. Example </name><typeOfPerson>1</typeOfPerson>
<address><city>Berlin</city><country>DE</country><postCode>10115</postCode><poBox>12</poBox></address>
<communication><identifier>a@b.example</identifier><type>EM</type></communication></consignee>
<goodsItem><goodsItemNumber>1</goodsItemNumber><postalValue><value>040.00</value><currency>EUR</currency>
</postalValue><typeOfGoods>31</typeOfGoods><commodity><descriptionOfGoods>cotton T-shirt</descriptionOfGoods>
<cusCode>0010000-1</cusCode><commodityCode><harmonizedSystemSubHeadingCode>610910</harmonizedSystemSubHeadingCode>
<combinedNomenclatureCode>00</combinedNomenclatureCode></commodityCode></commodity>
<weight><netMass>0.8</netMass></weight><countryOfOrigin><country>CN</country></countryOfOrigin>
<packaging><numberOfPackages>1</numberOfPackages></packaging></goodsItem>
<goodsItem><goodsItemNumber>2</goodsItemNumber><postalValue><value>5.00</value><currency>USD</currency></postalValue>
<commodity><descriptionOfGoods>mug</descriptionOfGoods></commodity>
<packaging><numberOfPackages>1</numberOfPackages></packaging></goodsItem></consignmentHouseLevel>
<declarant><name>Example Post</name><identificationNumber>DE1234567</identificationNumber>
<address><city>Bonn</city><country>DE</country></address>
<communication><identifier>ens@post.example</identifier><type>EM</type></communication></declarant>
</IE3F43>""".replace("\n", "").encode()


def codes(message: Any) -> list[str]:
    """Return the codes of a message's errors."""
    return [found.code for found in message.findings if found.severity is Severity.ERROR]


def canonical(data: bytes) -> bytes:
    """Return XML in its canonical form."""
    return bytes(etree.tostring(etree.fromstring(data), method="c14n"))


def test_a_filing_gives_back_the_consignment() -> None:
    """What the message can hold comes back equal; nothing needed is missing; nothing is refused."""
    written = write([CONSIGNMENT], **HEADER)
    message = read(written.data)
    assert message.consignments == (CONSIGNMENT,)
    assert not codes(message)
    assert [found.code for found in written.lost] == ["messages.ics2.assumed"]
    assert (message.kind, message.version) == ("F43", "2.02")


def test_a_message_is_written_back_to_the_letter() -> None:
    """Elements of the model, those it doesn't hold, blanks, attributes and namespace come back as they came."""
    message = read(ALL_OF_A_HOUSE)
    assert not codes(message)
    again = write(message.consignments, message.carried)
    assert canonical(again.data) == canonical(ALL_OF_A_HOUSE)
    assert not [found for found in again.lost if found.code != "messages.ics2.assumed"]


def test_what_the_model_holds_is_taken() -> None:
    """Reference, charges, scheme, parties, codes and masses stand in the consignment; another currency is told."""
    message = read(ALL_OF_A_HOUSE)
    (made,) = message.consignments
    assert made["consignment_id"] == "UCR-1"
    assert made["transaction"] == "c2c_gift"
    assert made["freight"] == "7.00"
    assert made["consignor"] == {
        "name": "Example Trading",
        "address": "Road, 1, West, Leeds",
        "country": "GB",
    }
    assert made["consignee"]["name"] == "A. Example"
    assert made["items"][0]["hs_code"] == "61091000"
    assert "gross_mass_kg" not in made["items"][0]
    assert "value" not in made["items"][1]
    (found,) = [found for found in message.findings if found.code == "messages.ics2.currency"]
    assert found.place.path == "/IE3F43/consignmentHouseLevel/goodsItem[2]/postalValue/value"
    assert found.place.wco == "108"


def test_a_changed_consignment_changes_its_elements_alone() -> None:
    """A new value, address and code are written; an item that is gone takes its elements with it."""
    message = read(ALL_OF_A_HOUSE)
    (made,) = message.consignments
    made["items"] = [{**made["items"][0], "value": "41.50", "hs_code": "640299"}]
    made["consignee"] = {**made["consignee"], "address": "3 Lane, Bonn"}
    again = read(write([made], message.carried).data)
    (read_back,) = again.consignments
    assert read_back == {**made, "items": [{**made["items"][0], "gross_mass_kg": "1.5"}]}
    texts = {one.path: one.text for one in again.carried}
    assert texts["/IE3F43/consignmentHouseLevel/consignor/address/number"] == "1"
    assert not any("goodsItem[2]" in path for path in texts)


def test_all_that_is_missing_is_told_at_once() -> None:
    """Each missing element has its path and id; mandatory groups are told by what they need."""
    message = read(b"<IE3F43><consignmentHouseLevel/></IE3F43>")
    told = {found.place.path: found.place.wco for found in message.findings if found.code.endswith("missing")}
    house = "/IE3F43/consignmentHouseLevel"
    assert told["/IE3F43/documentIssueDate"] == "D011/D029"
    assert told[f"{house}/consignee/address/city"] == "241"
    assert told[f"{house}/goodsItem/commodity/descriptionOfGoods"] == "137"
    assert told["/IE3F43/declarant/communication/type"] == "253"
    assert not any("postalValue" in path or "postCode" in path for path in told)
    assert message.refused


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<totalGrossMass>1.5<", "<totalGrossMass>1,5<", "form", "totalGrossMass"),
        ("<country>GB<", "<country>GBR<", "form", "consignor/address/country"),
        (">RR473124829GB<", ">RR473124828GB<", "identifier", "transportDocumentHouseLevel/documentNumber"),
        ("<typeOfPerson>1<", "<typeOfPerson>7<", "code", "consignee/typeOfPerson"),
        ("<cusCode>", "<hazard/><cusCode>", "unknown", "goodsItem/commodity"),
        ("<weight>", "<weight/><weight>", "repeated", "goodsItem/weight[2]"),
    ],
)
def test_each_fault_has_its_place(old: str, new: str, code: str, path: str) -> None:
    """A wrong form, identifier, code, name or number of repeats is one finding with its path, without the value."""
    message = read(ALL_OF_A_HOUSE.replace(old.encode(), new.encode(), 1))
    found = [one for one in message.findings if one.code == f"messages.ics2.{code}"]
    assert [one.place.path for one in found] == [f"/IE3F43/consignmentHouseLevel/{path}"]
    assert "GBR" not in found[0].message and "1,5" not in found[0].message


def test_the_indicator_belongs_to_the_message() -> None:
    """Another circumstance than the message's is refused; a declarant without EORI is a warning."""
    message = read(ALL_OF_A_HOUSE.replace(b">F43<", b">F32<").replace(b"DE1234567", b"1234567"))
    assert codes(message) == ["messages.ics2.circumstance"]
    assert "messages.ics2.identifier" in [found.code for found in message.findings]


def test_a_message_from_before_the_tables_is_marked() -> None:
    """The version is the one of its day; a day before all of them is told."""
    message = read(ALL_OF_A_HOUSE.replace(b"2026-07-02T", b"2021-03-15T"))
    assert "messages.ics2.version" in [found.code for found in message.findings]
    assert message.version == VERSIONS[0].name
    assert all(a.until == b.since for a, b in pairwise(VERSIONS))
    assert version_on(date(2999, 1, 1)) is VERSIONS[-1] and VERSIONS[-1].until is None
    assert (ICS2.since, ICS2.until) == (VERSIONS[0].since, None)


def test_express_house_data() -> None:
    """An F32 holds prices by item, or of the whole invoice for the only item; what it can't hold is listed."""
    made = {**CONSIGNMENT, "channel": "express", "transport_mode": "air"}
    written = write([made], **HEADER)
    assert [found.place.path for found in written.lost if found.code == "messages.ics2.not_expressed"] == [
        "/freight"
    ]
    message = read(written.data)
    assert message.kind == "F32"
    assert message.consignments[0]["items"] == made["items"]
    whole = written.data.replace(b"<itemAmountInvoiced><value>40.00</value><currency>EUR</currency>", b"")
    whole = whole.replace(b"</itemAmountInvoiced>", b"").replace(
        b"</totalGrossMass>",
        b"</totalGrossMass><totalAmountInvoiced><value>40.00</value><currency>EUR</currency></totalAmountInvoiced>",
    )
    again = read(whole)
    assert not codes(again)
    assert again.consignments[0]["items"][0]["value"] == "40.00"
    assert canonical(write(again.consignments, again.carried).data).count(b"40.00") == 1


def test_an_amendment_names_what_it_amends() -> None:
    """An A43 holds the MRN beside the same house; without it the MRN is missing."""
    written = write([CONSIGNMENT], kind="A43", mrn=MRN, referral="REF0001", **HEADER)
    message = read(written.data)
    assert message.kind == "A43" and not codes(message)
    assert message.consignments == (CONSIGNMENT,)
    lacking = write([CONSIGNMENT], kind="A43", **HEADER).lost
    assert [found.place.path for found in lacking if found.code.endswith("unfilled")] == ["/IE3A43/MRN"]


def test_what_is_not_filled_and_not_expressed_is_listed() -> None:
    """Fields without an element, and needed elements without a field, are in ``lost``."""
    made = {**CONSIGNMENT, "insurance": "1.00", "platform": {"id": "M1"}, "seller": {"name": "Example"}}
    lost = write([made]).lost
    told = {found.place.path: found.code.rpartition(".")[2] for found in lost}
    assert told["/insurance"] == told["/platform/id"] == told["/seller/name"] == "not_expressed"
    assert told["/IE3F43/declarant/name"] == told["/IE3F43/documentIssueDate"] == "unfilled"
    for wrong in ([], [{**CONSIGNMENT, "channel": "cargo"}]):
        with pytest.raises(UsageError):
            write(wrong)
    with pytest.raises(UsageError):
        write([CONSIGNMENT], sent="now")


def test_many_houses_stream_one_by_one() -> None:
    """Houses come one after the other, numbered; the last message holds the rest; reading whole gives the same."""
    many = [{**CONSIGNMENT, "consignment_id": f"U{n}"} for n in range(150)]
    data = write(many, **HEADER).data
    parts = list(stream(BytesIO(data)))
    assert [part.consignments[0]["consignment_id"] for part in parts[:-1]] == [f"U{n}" for n in range(150)]
    assert parts[7].carried[0].path.startswith("/IE3F43/consignmentHouseLevel[8]/")
    assert parts[-1].consignments == () and not codes(parts[-1])
    whole = read(data)
    assert whole.consignments == tuple(many)
    assert write(whole.consignments, whole.carried).data == data


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), codec="utf-8"), min_size=1, max_size=20).map(
    lambda text: text.strip() or "x"
)
DECIMAL = st.decimals("0.01", "99999", places=2).map(str)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {"description": TEXT, "quantity": st.just("1"), "value": DECIMAL},
        optional={
            "hs_code": st.sampled_from(["610910", "61091000"]),
            "origin_country": st.just("CN"),
            "net_mass_kg": DECIMAL,
        },
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    ITEMS,
    st.sampled_from(["postal", "express"]),
    st.sampled_from(["b2c", "b2b", "c2c_gift", "documents", "returned_goods"]),
    TEXT,
    st.booleans(),
)
def test_any_consignment_survives_or_its_loss_is_told(
    items: list[dict[str, Any]], channel: str, transaction: str, name: str, person: bool
) -> None:
    """Every field comes back equal or stands in ``lost``; carried and written again, the bytes are the same."""
    made = {
        **CONSIGNMENT,
        "channel": channel,
        "transport_mode": {"postal": "post", "express": "air"}[channel],
        "transaction": transaction,
        "consignee": {**CONSIGNMENT["consignee"], "name": name, "person": person},
        "items": [{"item_id": str(place), **item} for place, item in enumerate(items, 1)],
    }
    written = write([made], **HEADER)
    message = read(written.data)
    (back,) = message.consignments
    told = {found.place.path for found in written.lost}
    for field, value in made.items():
        assert back.get(field) == value or f"/{field}" in told, field
    assert write(message.consignments, message.carried).data == written.data


PERSONS = st.sampled_from([None, "x", "Ä&<>'"])


def _values(kind: Any) -> st.SearchStrategy[Any]:
    """Draw notices and their parts by their types."""
    if kind is str:
        return st.sampled_from(["A1", "XRY", "Ä & <b>"])
    if kind is datetime:
        return st.just(NOON)
    if get_origin(kind) is tuple:
        return st.lists(_values(get_args(kind)[0]), max_size=3).map(tuple)
    inner = [one for one in get_args(kind) if one is not type(None)]
    if inner:
        return st.none() | _values(inner[0])
    return st.builds(kind)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(sorted(set(NOTICES) - {"Q01"})))
def test_notices_come_back_as_they_were_said(data: st.DataObject, kind: str) -> None:
    """A notice of any kind is written and read equal, as far as its kind has elements; the rest is told as lost."""
    part = data.draw(
        st.fixed_dictionaries(
            {
                "mrn": st.sampled_from([None, MRN]),
                "at": st.sampled_from([None, NOON]),
                "requests": st.lists(
                    st.builds(
                        Request,
                        st.sampled_from(["REF0001", "REF0002"]),
                        st.sampled_from(["RFI", "RFS"]),
                        house=st.just(HOUSE),
                        methods=st.sampled_from([(), ("XRY", "ETD")]),
                        pointer=st.sampled_from([None, "/a/b"]),
                        documents=st.sampled_from([(), (Supporting("S", "N380"), Supporting("T", "N380"))]),
                    ),
                    max_size=3,
                ).map(tuple),
                "answers": st.lists(
                    st.builds(
                        Information,
                        st.just("REF0001"),
                        statements=st.sampled_from([(), (Statement("1", "words & more", "TXT"),)]),
                        files=st.sampled_from([(), (BinaryFile("f1", "a.pdf", "application/pdf"),)]),
                    ),
                    max_size=2,
                ).map(tuple),
                "screenings": st.lists(
                    st.builds(
                        Screening,
                        st.just("REF0002"),
                        st.just("NOT"),
                        st.just(("XRY", "ETD")),
                        house=st.just(HOUSE),
                    ),
                    max_size=2,
                ).map(tuple),
                "assessed": st.sampled_from(
                    [None, Assessed(("R1", "R2"), (HOUSE, Document("B", "N740")), ("C1",))]
                ),
                "faults": st.lists(st.builds(Fault, st.just("GL1"), PERSONS, st.just("/a")), max_size=2).map(
                    tuple
                ),
            }
        )
    )
    notice = Notice(kind, **part)
    written = write_notice(notice)
    message = read(written.data)
    lost = {found.place.path for found in written.lost if found.code == "messages.ics2.not_expressed"}
    if not lost:
        assert message.extras == notice
    again = write_notice(message.extras, message.carried)  # type: ignore[arg-type]
    assert again.data == written.data


def test_every_element_of_a_notice_has_its_part() -> None:
    """No element of the tables of notices is left without a part that holds it."""
    for kind in NOTICES:
        table = VERSIONS[-1].tables[kind]
        leaves = []
        for path, element in table.elements.items():
            if not element.group:
                text = {"utc": "2026-07-02T12:00:00Z", "n1": "1", "a2": "DE"}.get(element.form)
                length = re.search(r"\d+$", element.form)
                leaves.append(
                    (path, text or "X" * (int(length[0]) if ".." not in element.form and length else 2))
                )
        data = _xml(f"IE3{kind}", leaves)
        message = read(data)
        again = write_notice(message.extras)  # type: ignore[arg-type]
        assert canonical(again.data) == canonical(data), kind


def _xml(root: str, leaves: list[tuple[str, str]]) -> bytes:
    table = VERSIONS[-1].tables[root.removeprefix("IE3")]
    held = {f"/{root}/{path}": (text, ()) for path, text in leaves}
    return etree.tostring(element_of(held, table), xml_declaration=True, encoding="UTF-8")


def test_strange_elements_of_a_notice_are_carried() -> None:
    """An element that the tables don't know is a warning, and is put back with the namespace."""
    data = (
        f'<IE3R01 xmlns="urn:x"><documentIssueDate>2026-07-02T12:00:00Z</documentIssueDate><MRN>{MRN}</MRN>'
        "<registrationDate>2026-07-02T12:00:00Z</registrationDate><novelty><a>1</a><a>2</a></novelty></IE3R01>"
    ).encode()
    message = read(data)
    assert not message.refused
    assert canonical(write_notice(message.extras, message.carried).data) == canonical(data)  # type: ignore[arg-type]


def test_a_screening_is_answered_by_two_methods_at_least() -> None:
    """One method is refused with its path, two are well, ten are too many."""
    for count, code in ((1, "missing"), (2, None), (9, None), (10, "repeated")):
        notice = Notice(
            "R03",
            mrn=MRN,
            at=NOON,
            screenings=(Screening("REF0001", "NOT", ("XRY",) * count, house=HOUSE),),
        )
        found = codes(read(write_notice(notice).data))
        assert found == ([] if code is None else [f"messages.ics2.{code}"]), count


def test_errors_are_answered_with_pointers() -> None:
    """An N99 holds every error of a message with the path in the sender's format, and is itself well."""
    message = read(b"<IE3F43><consignmentHouseLevel/></IE3F43>")
    notice = faults_of(message, None, NOON)
    assert {fault.pointer for fault in notice.faults} == {
        found.place.path for found in message.findings if found.severity is Severity.ERROR
    }
    assert not codes(read(write_notice(notice).data))


def _play(*steps: tuple[str, c.Command]) -> tuple[State, list[Event]]:
    state, log = State(), []
    for place, (who, command) in enumerate(steps):
        events, state = act(state, command, NOON + timedelta(minutes=place), ACTORS[who])
        log += events
    return state, log


def test_events_send_notices_and_answers_become_commands() -> None:
    """A screening is asked by Q03, answered by R03 through the wire, closed, and N03 follows."""
    state, log = _play(
        ("op", file(FREE, stage="pre_loading")),
        ("anna", c.Refer(kind="request_screening", reason="risk", methods=("XRY",))),
        ("anna", c.Refer(kind="request_information", reason="risk", elements=("items.description",))),
    )
    notices = list(notices_of(TO, log))
    assert [notice.kind for notice in notices] == ["R01", "N03", "Q03", "Q02"]
    summary = EntrySummary()
    for notice in notices:
        received = read(write_notice(notice).data)
        assert not codes(received)
        assert received.extras == notice
        summary = step(summary, notice)
    assert summary.stand is Stand.REFERRED and not summary.may_load and not may_load(state)
    screened = Notice(
        "R03", mrn=MRN, at=NOON, screenings=(Screening("REF0001", "NOT", ("XRY", "ETD"), house=HOUSE),)
    )
    informed = Notice("R02", mrn=MRN, at=NOON, answers=(Information("REF0002", (Supporting("d1", "N380"),)),))
    for answer in (screened, informed):
        summary = step(summary, answer)
        received = read(write_notice(answer).data)
        assert not codes(received)
        taken = answers_of(received.extras)  # type: ignore[arg-type]
        assert not taken.findings
        for command in taken.commands:
            events, state = act(state, command, NOON + timedelta(hours=1), ACTORS["op"])
            assert [event.type for event in events] == ["referral_answered"]
            log += events
    assert not summary.may_load, "an answer ends nothing"
    for number in (1, 2):
        command = c.CloseReferral(referral=number, reason="settled")
        events, state = act(state, command, NOON + timedelta(hours=2), ACTORS["anna"])
        log += events
    last = list(notices_of(TO, log))[-1]
    assert last.kind == "N03"
    summary = step(summary, last)
    assert summary.stand is Stand.ASSESSED and summary.may_load and may_load(state)


def test_answers_that_cannot_be_taken_are_told() -> None:
    """A strange reference, a second answer, an unknown result and an unknown method are errors, none a command."""
    notice = Notice(
        "R03",
        mrn=MRN,
        at=NOON,
        screenings=(
            Screening("7", "NOT", ("XRY", "ETD")),
            Screening("REF0001", "XXX", ("XRY", "ETD")),
            Screening("REF0001", "NOT", ("XRY", "ETD")),
            Screening("REF0002", "NOT", ("ABC", "ETD")),
        ),
    )
    taken = answers_of(notice)
    assert taken.commands == ()
    assert [found.place.path for found in taken.findings] == [
        "/IE3R03/hrcmScreeningResults/referralRequestReference",
        "/IE3R03/hrcmScreeningResults[2]/result",
        "/IE3R03/hrcmScreeningResults[3]/referralRequestReference",
        "/IE3R03/hrcmScreeningResults[4]",
    ]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_both_sides_agree_on_loading(data: st.DataObject) -> None:
    """Whatever is commanded, the filer's state from the notices says the same of loading as the procedure's."""
    state, log = State(), []
    first = data.draw(EVERY[c.File])
    at = NOON
    for number in range(data.draw(st.integers(1, 12))):
        likely = (*LIKELY, c.Refer, c.Cancel, c.Refuse, c.Seize)
        kind = data.draw(st.sampled_from(likely) | st.sampled_from(list(EVERY)))
        command = data.draw(EVERY[kind]) if number else first
        allowed = [actor for actor in ACTORS.values() if actor.role in c.ALLOWED[type(command)]]
        try:
            events, state = act(
                state, command, at, data.draw(st.sampled_from(allowed)), quantities=QUANTITIES
            )
        except Refused:
            continue
        log += events
        if state.departed_at is not None or state.arrived_at is not None:
            return
        summary = EntrySummary()
        for notice in notices_of(TO, log):
            summary = step(summary, notice)
        assert summary.may_load == may_load(state), [event.type for event in log]


SAMPLES = {
    "R01": Notice("R01", mrn=MRN),
    "R02": Notice("R02", mrn=MRN, answers=(Information("REF0001"),)),
    "R03": Notice("R03", mrn=MRN, screenings=(Screening("REF0002"),)),
    "Q01": Notice("Q01", mrn=MRN, do_not_load=DoNotLoad(document=HOUSE)),
    "Q02": Notice("Q02", mrn=MRN, requests=(Request("REF0001"),)),
    "Q03": Notice("Q03", mrn=MRN, requests=(Request("REF0002"),)),
    **{kind: Notice(kind, mrn=MRN) for kind in ("N02", "N03", "N11", "N99", "Q04", "R07")},
}
PATHS = {
    Stand.SENT: "",
    Stand.REJECTED: "N99",
    Stand.REGISTERED: "R01",
    Stand.WAITING: "R01 N02",
    Stand.REFERRED: "R01 Q02 Q03",
    Stand.DO_NOT_LOAD: "R01 Q02 Q03 Q01",
    Stand.ASSESSED: "R01 N03",
    Stand.INVALIDATED: "R01 R07",
}


@pytest.mark.parametrize("kind", sorted(NOTICES))
@pytest.mark.parametrize("stand", list(Stand))
def test_every_notice_in_every_stand(stand: Stand, kind: str) -> None:
    """Each notice is taken where the table of moves says so, and refused everywhere else; a strange MRN always."""
    summary = EntrySummary()
    for name in PATHS[stand].split():
        summary = step(summary, SAMPLES[name])
    assert summary.stand is stand
    if stand in MOVES[kind]:
        step(summary, SAMPLES[kind])
    else:
        with pytest.raises(OutOfOrder):
            step(summary, SAMPLES[kind])
    if summary.mrn is not None:
        with pytest.raises(OutOfOrder):
            step(summary, Notice(kind, mrn="26FR0000000000001A"))
    assert set(MOVES) == set(NOTICES) and set(STANDS) == set(Stand)


def test_an_order_not_to_load_stands_until_the_assessment() -> None:
    """After Q01 nothing but N03 opens the way; refusal and seizure before departure are a Q01 as well."""
    state, log = _play(
        ("op", file(decision("do_not_load"), stage="pre_loading")),
        ("anna", c.CloseReferral(referral=1, reason="settled")),
        ("anna", c.Refuse(reason="risk")),
    )
    assert [notice.kind for notice in notices_of(TO, log)] == ["R01", "Q01", "N03", "Q01"]
    assert not may_load(state)


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_xml_is_refused_at_the_door(name: str) -> None:
    """What the door refuses is one finding, no message; floods within the wider bounds are no message either."""
    data, code = HOSTILE[name]
    message = read(data)
    big = name.startswith("flood") or name == "name"
    (found,) = message.findings
    assert found.code in ((code, "messages.ics2.not_a_message", "messages.xml.malformed") if big else (code,))
    assert message.consignments == () and message.refused


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.integers(0, len(ALL_OF_A_HOUSE) - 1), max_size=6))
def test_no_bytes_make_the_reader_fail(made: bytes | list[int]) -> None:
    """Random bytes, and good messages with pieces cut out, give findings or consignments, never an exception."""
    if isinstance(made, bytes):
        data = made
    else:
        data = ALL_OF_A_HOUSE
        for place in made:
            data = data[:place] + data[place + 3 :]
    message = read(data, date(2026, 7, 2))
    assert message.findings
    if message.consignments and not message.refused:
        write(message.consignments, message.carried)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_moved_doubled_and_missing_elements(data: st.DataObject) -> None:
    """Elements in another order, twice or not at all are read with findings, and written again in order."""
    pieces = re.findall(rb"<(\w+)>[^<]*</\1>|</?\w[^>]*>", ALL_OF_A_HOUSE)
    assert pieces
    root = etree.fromstring(ALL_OF_A_HOUSE)
    for _ in range(data.draw(st.integers(1, 4))):
        elements = list(root.iter())
        one = elements[data.draw(st.integers(0, len(elements) - 1))]
        parent = one.getparent()
        if parent is None:
            continue
        match data.draw(st.sampled_from(["drop", "double", "move"])):
            case "drop":
                parent.remove(one)
            case "double":
                parent.append(etree.fromstring(etree.tostring(one)))
            case _:
                parent.insert(0, one)
    message = read(etree.tostring(root), date(2026, 7, 2))
    if message.consignments:
        again = read(write(message.consignments, message.carried).data)
        assert again.consignments == message.consignments or message.refused


def test_the_format_is_registered() -> None:
    """The family is found by name; its messages are known by their first bytes."""
    assert FORMATS["ics2"] is ICS2
    assert ICS2.sniff(ALL_OF_A_HOUSE[:100]) and not ICS2.sniff(b"<Declaration/>")
    assert ICS2.read(ALL_OF_A_HOUSE).kind == "F43"
    assert ICS2.write([CONSIGNMENT], **HEADER).data == write([CONSIGNMENT], **HEADER).data
    assert next(ICS2.stream(BytesIO(ALL_OF_A_HOUSE))).consignments
    assert set(KINDS) == {*FILINGS, *NOTICES}


def test_screening_codes_are_those_of_the_procedure() -> None:
    """Methods and results have a code each, so that any answer can be sent and any request asked."""
    assert set(words("CL724").values()) == set(SCREENING_METHODS)
    assert set(words("CL726").values()) == set(get_args(ScreeningResult))


@pytest.mark.shared
def test_the_table_holds_the_facts_of_the_interface(shared: Path) -> None:
    """Each plain row of the tables of v2.02 is held, with its form, its id, its status and its list."""
    rows = csv.DictReader((shared / "samples/ics2/fields.csv").read_text(encoding="utf-8").splitlines())
    checked = 0
    for row in rows:
        if not re.fullmatch(r"[\w/]+", row["xml_name"]):
            continue
        for kind in row["message"].split("/"):
            elements = VERSIONS[-1].tables[kind].elements
            name = row["xml_name"]
            held = next(
                one
                for path, one in elements.items()
                if name in (path, path.partition("/")[2], path.partition("/")[2].partition("/")[2])
            )
            checked += 1
            if re.fullmatch(r"(an|n|a)(\.\.)?[\d,]+", row["format"]) and held.fits:
                assert held.form == row["format"].replace("an20", "utc"), (kind, held.path)
            if row["wco_id"] and not held.group:
                assert held.wco == row["wco_id"], (kind, held.path)
            if not held.group:
                assert held.row["list"] == row["code_list"], (kind, held.path)
                group = elements.get(held.path.rpartition("/")[0], held)
                assert row["status"] in (held.row["status"], group.row["status"]), (kind, held.path)
                assert held.row["known"] == "seen", (kind, held.path)
    assert checked > 100
