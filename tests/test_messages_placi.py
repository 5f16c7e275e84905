"""Advance cargo information: 7+1 data, waybills there and back, statuses; US entry 86; the bulk declaration."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from greenlane.clearance import Event, Refused, State, act, may_load
from greenlane.clearance import commands as c
from greenlane.messages.foreign import FORMATS
from greenlane.messages.placi import (
    ERRORS,
    PLACI,
    STATUSES,
    US86,
    Party,
    PreLoading,
    Says,
    bulk_of,
    check,
    check_awb,
    in_force,
    judge,
    read,
    standing,
    statuses_of,
    stream,
    write,
)
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity, kind_of
from greenlane.values.identifiers import Verdict
from test_clearance_any_order import EVERY, LIKELY
from test_clearance_flows import ACTORS, NOON, QUANTITIES, file
from test_messages_xml import HOSTILE

DAY = date(2026, 7, 2)
GOOD = PreLoading(
    "020-12345675",
    "H-1",
    Party("Example Trading", "1 Road, Leeds", "GB"),
    Party("A. Example", "2 Street, Berlin", "DE"),
    ("women's cotton T-shirt",),
    "1",
    "0.9",
    "DE",
)
CONSIGNMENT: dict[str, Any] = {
    "consignment_id": "H-1",
    "transport_document": "H-1",
    "channel": "cargo",
    "transport_mode": "air",
    "declaration_date": "2026-07-02",
    "departure_country": "GB",
    "destination_country": "DE",
    "consignor": {"name": "Example Trading", "address": "1 Road, Leeds", "country": "GB"},
    "consignee": {
        "name": "A. Example",
        "address": "2 Street, Berlin",
        "postcode": "10115",
        "country": "DE",
    },
    "items": [
        {
            "item_id": "1",
            "description": "women's cotton T-shirt",
            "quantity": "1",
            "gross_mass_kg": "0.9",
        }
    ],
}
HEADER = {"master": "020-12345675", "issued": "2026-07-02T12:00:00Z", "pieces": "1"}


def codes(findings: Any) -> list[str]:
    """Return the last word of each error's code."""
    return [found.code.rpartition(".")[2] for found in findings if found.severity is Severity.ERROR]


def test_complete_data_have_no_finding() -> None:
    """The 7+1 data of a house waybill with everything in place are accepted."""
    assert check(GOOD, DAY, "DE") == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"awb": None}, "missing_wbl_line"),
        ({"awb": "020-12345674"}, "awb"),
        ({"awb": "1234"}, "awb"),
        ({"house": "?" * 3}, "invalid_house_bill_nbr"),
        ({"house": "H" * 36}, "invalid_house_bill_nbr"),
        ({"consignor": Party(None, "1 Road", "GB")}, "missing_shp_name"),
        ({"consignor": Party("N/A", "1 Road", "GB")}, "missing_shp_name"),
        ({"consignor": Party("Example", "-", "GB")}, "missing_shp_addr"),
        ({"consignor": Party("Example", "1 Road", None)}, "missing_shp_ctry"),
        ({"consignee": Party("", "1 Road", "GB")}, "missing_cne_name"),
        ({"consignee": Party("Example", None, "GB")}, "missing_cne_addr"),
        ({"consignee": Party("Example", "1 Road", "")}, "missing_cne_ctry"),
        ({"descriptions": ()}, "missing_cargo_desc"),
        ({"descriptions": ("Parts",)}, "missing_cargo_desc"),
        ({"pieces": None}, "missing_bill_qty"),
        ({"pieces": "0"}, "invalid_bill_qty"),
        ({"pieces": "two"}, "invalid_bill_qty"),
        ({"weight_kg": None}, "missing_weight"),
        ({"weight_kg": "0.0"}, "invalid_weight"),
        ({"weight_kg": "1,5"}, "invalid_weight"),
        ({"routed_to": "FR"}, "invalid_routing"),
    ],
)
def test_each_fault_has_the_code_of_the_receiver(change: dict[str, Any], code: str) -> None:
    """One thing wrong is one finding; its message names the receiver's code and repeats no value."""
    found = check(replace(GOOD, **change), DAY, "DE")
    assert codes(found) == [code]
    assert "N/A" not in found[0].message and "two" not in found[0].message


def test_everything_missing_is_told_at_once() -> None:
    """Empty data give every MISSING code that can be told from data alone."""
    found = codes(check(PreLoading(None, None, Party(), Party(), (), None, None), DAY))
    assert len(found) == len(set(found)) == 10
    assert all(code.startswith("missing_") for code in found)


def test_every_error_code_is_a_finding() -> None:
    """Each of the 22 codes is declared with a meaning and a fix."""
    assert len(ERRORS) == 22
    for error in ERRORS.values():
        kind = kind_of(error.finding)
        assert kind.severity is Severity.ERROR and kind.title and kind.fix
        assert error.since == date(2025, 12, 9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12345", Says.TOO_LITTLE),
        ("label.wpx", Says.TOO_LITTLE),
        (".", Says.TOO_LITTLE),
        ("-", Says.TOO_LITTLE),
        (" ", Says.TOO_LITTLE),
        ("", Says.TOO_LITTLE),
        ("***#", Says.TOO_LITTLE),
        ("12-34/5", Says.TOO_LITTLE),
        ("xxxx", Says.TOO_LITTLE),
        ("GIFTS", Says.TOO_LITTLE),
        ("  Said to   contain: ", Says.TOO_LITTLE),
        ("Merc", Says.TOO_LITTLE),
        ("box of pencils", Says.VAGUE_TERM),
        ("boxing gloves", Says.ENOUGH),
        ("cotton T-shirt, size 44", Says.ENOUGH),
        ("棉质T恤", Says.ENOUGH),
    ],
)
def test_descriptions(text: str, says: Says) -> None:
    """A term alone or bare signs say too little, a term among others is a warning, a plain description is enough."""
    assert judge(text, DAY).says is says


def test_terms_are_dated() -> None:
    """Terms and rules hold from their publication; before the first one its own are used."""
    terms = {row["term"] for row in in_force("terms.csv", DAY)}
    assert "gifts" in terms and len(terms) == 79
    assert in_force("terms.csv", date(2020, 1, 1)) == in_force("terms.csv", DAY)
    for row in in_force("terms.csv", DAY):
        assert judge(row["term"], DAY).says is Says.TOO_LITTLE, row["term"]


def test_a_master_that_says_consol_needs_its_houses() -> None:
    """A consolidation is accepted with a warning on a master waybill, and says too little on a house waybill."""
    (found,) = check(replace(GOOD, house=None, descriptions=("CONSOL",)), DAY)
    assert found.code == "messages.placi.consolidation" and found.severity is Severity.WARNING


@given(st.integers(0, 999), st.integers(0, 9_999_999))
def test_the_check_digit_of_an_air_waybill(prefix: int, serial: int) -> None:
    """Of the ten last digits exactly one is right; a hyphen makes no difference."""
    right = [digit for digit in range(10) if check_awb(f"{prefix:03d}-{serial:07d}{digit}") is Verdict.OK]
    assert right == [serial % 7]
    assert check_awb(f"{prefix:03d}{serial:07d}{serial % 7}") is Verdict.OK


@pytest.mark.parametrize("kind", ["XFWB", "XFZB"])
def test_a_waybill_gives_back_the_consignment(kind: str) -> None:
    """What 7+1 data hold comes back equal and without an error; written again, the bytes are the same."""
    number = "020-12345675" if kind == "XFWB" else "H-1"
    made = {**CONSIGNMENT, "consignment_id": number, "transport_document": number}
    written = write([made], kind=kind, **HEADER)
    assert written.lost == ()
    message = read(written.data)
    assert (message.kind, message.consignments) == (kind, (made,))
    assert not message.refused
    assert write(message.consignments, message.carried).data == written.data
    data = message.extras
    assert isinstance(data, PreLoading) and data.awb == "020-12345675" and data.pieces == "1"


def test_a_changed_consignment_changes_its_elements_alone() -> None:
    """A new party, description and mass are written; an item that is gone takes its elements with it."""
    two = {
        **CONSIGNMENT,
        "items": [*CONSIGNMENT["items"], {"item_id": "2", "description": "mug", "quantity": "1"}],
    }
    message = read(write([two], **HEADER).data.replace(b"</ram:Name>", b"</ram:Name>"))
    (made,) = message.consignments
    made["items"] = [{**made["items"][0], "description": "wool hat", "gross_mass_kg": "1.25"}]
    made["consignee"] = {**made["consignee"], "address": "3 Lane", "name": "B. Example"}
    written = write([made], message.carried)
    again = read(written.data)
    assert again.consignments == (made,)
    assert not again.refused


def test_what_a_waybill_cannot_hold_is_listed() -> None:
    """Values, codes and schemes have no place in 7+1 data; what is not given is told as missing."""
    more = {
        **CONSIGNMENT,
        "currency": "EUR",
        "scheme": "IOSS",
        "seller": {"name": "Example"},
        "items": [{**CONSIGNMENT["items"][0], "value": "4.00", "hs_code": "610910"}],
    }
    lost = write([more], master="020-12345675").lost
    told = {found.place.path: found.code.rpartition(".")[2] for found in lost}
    for path in ("/currency", "/scheme", "/seller/name", "/items/0/value", "/items/0/hs_code"):
        assert told[path] == "not_expressed"
    assert told["/HouseWaybill/MessageHeaderDocument/IssueDateTime"] == "missing"
    assert told["/HouseWaybill/MasterConsignment/TotalPieceQuantity"] == "assumed"
    with pytest.raises(UsageError):
        write([])
    with pytest.raises(UsageError):
        write([CONSIGNMENT], kind="XFFM")


def test_a_waybill_is_refused_by_the_codes_of_the_receiver() -> None:
    """Pounds, a wrong check digit and a vague description have their codes and the path of their element."""
    data = write([CONSIGNMENT], **HEADER).data
    data = data.replace(b'"KGM"', b'"LBR"').replace(b"020-12345675", b"020-12345674")
    data = data.replace(b"women's cotton T-shirt", b"Parts")
    message = read(data)
    told = {found.code.rpartition(".")[2]: found.place.path for found in message.findings}
    assert told["invalid_weight"].endswith("IncludedTareGrossWeightMeasure/@unitCode")
    assert told["awb"] == "/HouseWaybill/MasterConsignment/TransportContractDocument/ID"
    assert told["missing_cargo_desc"].endswith("NatureIdentificationTransportCargo/Identification")
    bare = read(data.replace(b' unitCode="LBR"', b""))
    assert "missing_wt_units" in codes(bare.findings)
    assert "gross_mass_kg" not in bare.consignments[0]["items"][0]


def test_waybills_stream_one_by_one() -> None:
    """Several waybills stand in a wrapper and are read one after the other; one alone is asked by ``read``."""
    many = [{**CONSIGNMENT, "consignment_id": f"H{n}", "transport_document": f"H{n}"} for n in range(120)]
    data = write(many, **HEADER).data
    assert [message.consignments[0] for message in stream(BytesIO(data))] == many
    assert codes(read(data).findings) == ["invalid_message_type"]


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), codec="utf-8"), min_size=1, max_size=30).map(
    lambda text: text.strip() or "x"
)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, st.lists(TEXT, min_size=1, max_size=3), st.sampled_from(["0.1", "1", "12.345"]))
def test_any_consignment_survives_or_its_loss_is_told(
    name: str, address: str, descriptions: list[str], mass: str
) -> None:
    """Every field comes back equal or stands in ``lost``."""
    made = {
        **CONSIGNMENT,
        "consignor": {"name": name, "address": address, "country": "GB"},
        "items": [
            {"item_id": str(n), "description": said, "quantity": "1"}
            for n, said in enumerate(descriptions, 1)
        ],
    }
    made["items"][0]["gross_mass_kg"] = mass
    written = write([made], **HEADER)
    (back,) = read(written.data).consignments
    told = {found.place.path for found in written.lost}
    for field in ("name", "address", "country"):
        assert back["consignor"].get(field) == made["consignor"][field] or f"/consignor/{field}" in told
    for place, item in enumerate(made["items"]):
        for own, value in item.items():
            got = back["items"][place].get(own) if place < len(back["items"]) else None
            assert got == value or f"/items/{place}/{own}" in told


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_xml_is_refused_at_the_door(name: str) -> None:
    """What the door refuses is one finding, no message."""
    data, code = HOSTILE[name]
    (found,) = read(data).findings
    assert found.code == code


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.integers(0, 1500), min_size=1, max_size=6))
def test_no_bytes_make_the_readers_fail(made: bytes | list[int]) -> None:
    """Random bytes, and good messages with pieces cut out, give findings, never an exception."""
    entry = US86.write([US_CONSIGNMENT], **US_HEADER).data
    for good, reader in ((write([CONSIGNMENT], **HEADER).data, PLACI.read), (entry, US86.read)):
        data = made
        if not isinstance(data, bytes):
            data = good
            for place in made:
                data = data[:place] + data[place + 2 :]
        message = reader(data, DAY)  # type: ignore[operator]
        assert message.findings or message.consignments


def test_statuses_of_a_referral() -> None:
    """Receipt, hold for screening, its removal and the complete assessment come in this order; loading follows them."""
    state, log = State(), []
    steps: list[tuple[str, c.Command]] = [
        ("op", file(stage="pre_loading")),
        ("anna", c.Refer(kind="request_screening", reason="risk")),
        ("anna", c.Refer(kind="request_screening", reason="risk")),
        ("anna", c.CloseReferral(referral=1, reason="settled")),
        ("anna", c.CloseReferral(referral=2, reason="settled")),
    ]
    loads = []
    for who, command in steps:
        events, state = act(state, command, NOON, ACTORS[who])
        log += events
        loads.append(standing(code for code, _ in statuses_of(log)).may_load)
    assert [code for code, _ in statuses_of(log)] == ["SR", "SF", "8H", "8I", "SF"]
    assert loads == [True, False, False, False, True]


def test_statuses_are_dated_and_complete() -> None:
    """Each kind of hold is opened, put in place and removed; a strange status is refused."""
    steps = {(status.kind, status.step) for status in STATUSES.values()}
    for kind in ("request_information", "request_screening", "do_not_load"):
        assert {(kind, "open"), (kind, "closed")} <= steps
    assert all(status.since == date(2025, 12, 9) and status.until is None for status in STATUSES.values())
    assert standing(["SR", "SF"]).assessed and not standing(["SR", "SF", "7H"]).assessed
    with pytest.raises(UsageError):
        standing(["SR", "ZZ"])


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_both_sides_agree_on_loading(data: st.DataObject) -> None:
    """Whatever is commanded, what stands by the statuses says the same of loading as the procedure."""
    state, log = State(), list[Event]()
    first = data.draw(EVERY[c.File])
    for number in range(data.draw(st.integers(1, 12))):
        likely = (*LIKELY, c.Refer, c.Cancel, c.Refuse, c.Seize)
        kind = data.draw(st.sampled_from(likely) | st.sampled_from(list(EVERY)))
        command = data.draw(EVERY[kind]) if number else first
        allowed = [actor for actor in ACTORS.values() if actor.role in c.ALLOWED[type(command)]]
        actor = data.draw(st.sampled_from(allowed))
        try:
            events, state = act(
                state, command, NOON + timedelta(minutes=number), actor, quantities=QUANTITIES
            )
        except Refused:
            continue
        log += events
        assert standing(code for code, _ in statuses_of(log)).may_load == may_load(state)


US_CONSIGNMENT: dict[str, Any] = {
    "consignment_id": "020-12345675",
    "transport_document": "020-12345675",
    "declaration_date": "2025-08-28",
    "destination_country": "US",
    "currency": "USD",
    "seller": {"name": "Example Trading", "country": "CN"},
    "consignor": {"address": "1 Road, Shenzhen"},
    "consignee": {"name": "A. Example", "address": "2 Street, Boston"},
    "items": [
        {
            "item_id": "1",
            "origin_country": "CN",
            "quantity": "2",
            "value": "800.00",
            "hs_code": "6109100012",
        }
    ],
}
US_HEADER = {"entry_number": "ABC-1234567-8", "port_of_entry": "4701"}


def test_entry_86_gives_back_the_consignment() -> None:
    """The ten elements come back equal; a column of the sender's own is carried; written again, the bytes agree."""
    written = US86.write([US_CONSIGNMENT], **US_HEADER)
    assert written.lost == ()
    message = US86.read(written.data, date(2025, 8, 28))
    assert message.findings == () and message.consignments == (US_CONSIGNMENT,)
    assert US86.write(message.consignments, message.carried).data == written.data
    lines = written.data.split(b"\n")
    own = b"\n".join([lines[0] + b",mine", lines[1] + b",x", b""])
    again = US86.read(own, date(2025, 8, 28))
    assert US86.write(again.consignments, again.carried).data == own


@pytest.mark.parametrize(
    ("day", "value", "code"),
    [
        ("2025-08-28", "800.00", None),
        ("2025-08-28", "800.01", "limit"),
        ("2025-08-29", "8.00", "life"),
        ("2019-09-28", "8.00", None),
        ("2019-09-27", "8.00", "life"),
    ],
)
def test_entry_86_has_its_life_and_its_limit(day: str, value: str, code: str | None) -> None:
    """It lived from 28 September 2019 to 28 August 2025, for bills up to 800 dollars."""
    made = {**US_CONSIGNMENT, "declaration_date": day}
    made["items"] = [{**made["items"][0], "value": value}]
    written = US86.write([made], **US_HEADER)
    found = US86.read(written.data, date.fromisoformat(day)).findings
    assert codes(found) == codes(written.lost) == ([] if code is None else [code])
    assert US86.since == date(2019, 9, 28) and US86.until == date(2025, 8, 29)


def test_entry_86_tells_everything_at_once() -> None:
    """Missing and misshapen elements, rows of one bill that disagree, and fields without an element are listed."""
    bare = {"consignment_id": "B1", "transport_document": "B1", "items": [{"hs_code": "610910"}]}
    lost = codes(US86.write([bare]).lost)
    assert lost.count("missing") == 10 and lost.count("form") == 1
    data = US86.write([US_CONSIGNMENT], **US_HEADER).data.split(b"\n")
    two = b"\n".join([data[0], data[1], data[1].replace(b"4701", b"4702"), b""])
    found = US86.read(two, date(2025, 8, 28)).findings
    assert codes(found) == ["limit", "parts"]
    more = US86.write([{**US_CONSIGNMENT, "freight": "3.00", "currency": "EUR"}], **US_HEADER).lost
    assert [one.place.path for one in more] == ["/currency", "/freight"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"a,b\n1,2\n",
        b'"',
        lambda good: good + b"1,2\n",
        lambda good: good.replace(b"Boston", b"Bo\0ston"),
        lambda good: good.replace(b"Boston", b"x" * 20_000),
        lambda good: good.replace(b"hts", b"bill"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_finding(data: bytes | Callable[[bytes], bytes]) -> None:
    """No text, other columns, open quotation marks, uneven rows, NUL and giant cells are refused as a whole."""
    good = US86.write([US_CONSIGNMENT], **US_HEADER).data
    message = US86.read(data if isinstance(data, bytes) else data(good))
    assert codes(message.findings) == ["unreadable"] and message.consignments == ()


GB: dict[str, Any] = {
    "consignment_id": "P1",
    "channel": "express",
    "destination_country": "GB",
    "currency": "GBP",
    "scheme": "GB_VAT",
    "consignee": {"name": "A. Example", "postcode": "LS1 1AA"},
    "items": [{"value": "135.00"}],
}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"destination_country": "DE"}, "/destination_country"),
        ({"destination_region": "NI"}, "/destination_country"),
        ({"channel": "postal"}, "/channel"),
        ({"scheme": "IOSS"}, "/scheme"),
        ({"currency": "EUR"}, "/items"),
        ({"items": [{"value": "135.01"}]}, "/items"),
        ({"items": [{"value": None}]}, "/items"),
        ({"consignment_id": "X"}, "/consignment_id"),
    ],
)
def test_who_may_not_stand_in_a_bulk_declaration(change: dict[str, Any], path: str) -> None:
    """Each condition keeps a parcel out, with the path of what it lacks; the others stay in."""
    bulk = bulk_of([{**GB, **change}, {**GB, "consignee": {"id": "P2"}}], DAY, excluded=("X",))
    assert bulk.parcels == (1,) and bulk.total == 13500
    assert [found.place.path for found in bulk.findings] == [path]


def test_parcels_of_one_recipient_count_together() -> None:
    """Two parcels for one recipient stay in up to the limit together; over it both are out. The declarant counts."""
    half = {**GB, "items": [{"value": "67.50"}]}
    same = {**half, "consignee": {"name": "a.  example", "postcode": "ls11aa"}}
    assert bulk_of([half, same], DAY).parcels == (0, 1)
    over = bulk_of([half, {**same, "items": [{"value": "67.51"}]}], DAY)
    assert over.parcels == () and over.total == 0
    assert [found.consignment for found in over.findings] == [0, 1]
    unknown = {**GB, "consignee": {}}
    assert bulk_of([unknown, unknown], DAY).parcels == (0, 1)
    assert bulk_of([GB], DAY, uk_declarant=False).parcels == ()
    assert bulk_of([GB], date(2020, 12, 31)).parcels == ()


def test_the_formats_are_registered() -> None:
    """Both families are found by name and known by their first bytes."""
    assert FORMATS["placi"] is PLACI and FORMATS["us-et86"] is US86
    data = PLACI.write([CONSIGNMENT], **HEADER).data
    assert PLACI.sniff(data[:200]) and not PLACI.sniff(b"<IE3F43>")
    assert next(PLACI.stream(BytesIO(data))).consignments == (CONSIGNMENT,)
    entry = US86.write([US_CONSIGNMENT], **US_HEADER).data
    assert US86.sniff(entry[:200]) and not US86.sniff(data[:200])
    assert next(US86.stream(BytesIO(entry), DAY)).consignments
    assert etree.fromstring(data).nsmap["ram"] == "iata:datamodel:3"


@pytest.mark.shared
def test_codes_and_terms_are_those_of_the_guide(shared: Path) -> None:
    """The error codes and the terms are the guide's, all of them and no other."""
    folder = shared / "samples/pact"
    text = (folder / "xfnm_error_codes.csv").read_text(encoding="utf-8")
    assert {row["code"] for row in csv.DictReader(text.splitlines())} == set(ERRORS)
    text = (folder / "unacceptable_descriptions.csv").read_text(encoding="utf-8")
    terms = {row["term"].casefold() for row in csv.DictReader(text.splitlines())}
    assert terms == {row["term"] for row in in_force("terms.csv", DAY)}
