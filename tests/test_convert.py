"""Conversion and validation between the contract's own formats and foreign messages, by command and over HTTP."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from greenlane.cli import main
from greenlane.messages.families import formats, sniffed
from greenlane.messages.files import parse_objects
from greenlane.messages.objects import objects_of
from greenlane.messages.postal import ITMATT
from serving import World

PARCEL: dict[str, Any] = {
    "consignment_id": "A1", "transport_document": "T1", "channel": "express", "transaction": "b2c",
    "declaration_date": "2026-03-02", "departure_country": "CN", "destination_country": "DE", "dataset": "H7",
    "transport_mode": "air", "currency": "EUR", "freight": "4.00", "scheme": "IOSS", "scheme_id": "IM2760000224",
    "platform": {"id": "M1"}, "consignor": {"name": "Example Trading", "country": "CN"},
    "consignee": {"name": "A. Example", "country": "DE", "person": True},
    "elections": {"us_postal_method": "ad_valorem"},
    "items": [
        {"item_id": "1", "description": "cotton T-shirt", "hs_code": "610910", "quantity": "5", "unit": "C62",
         "value": "40.00", "gross_mass_kg": "0.9"},
        {"item_id": "2", "description": "leather belt", "hs_code": "420330", "quantity": "1", "unit": "C62",
         "value": "9.50"},
    ],
}  # fmt: skip
YEN = {
    **PARCEL,
    "consignment_id": "B2",
    "currency": "JPY",
    "freight": "400",
    "items": [{**PARCEL["items"][0], "value": "4000", "quantity": "1.5"}],
}
OWN = ("json", "ndjson", "csv", "parquet")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def told(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    return found | {"exit": result.exit_code}


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    path = tmp_path / "parcels.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in (PARCEL, YEN)), encoding="utf-8")
    return path


def _read(path: Path, tmp_path: Path) -> list[dict[str, Any]]:
    out = tmp_path / "read-back.json"
    assert told("convert", path, "--to", "json", "--out", out)["exit"] == 0
    found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def test_objects_come_back_as_they_were_filed() -> None:
    """A typed batch gives the objects again, amounts in the decimals of their currency, values and units equal."""
    data = json.dumps([PARCEL, YEN]).encode()
    assert objects_of(parse_objects(data)) == [PARCEL, YEN]


@pytest.mark.parametrize("first", OWN)
@pytest.mark.parametrize("second", OWN)
def test_the_contracts_formats_hold_the_same(first: str, second: str, parcels: Path, tmp_path: Path) -> None:
    """Through any two of the contract's formats nothing changes and nothing is lost."""
    one, two = tmp_path / f"one.{first}", tmp_path / f"two.{second}"
    done = told("convert", parcels, "--to", first, "--out", one)
    assert done["exit"] == 0 and done["written"] == 2 and done["lost"] == []
    assert told("convert", one, "--to", second, "--out", two)["exit"] == 0
    assert _read(two, tmp_path) == [PARCEL, YEN]
    assert two.stat().st_mode & 0o077 == 0


def test_what_a_foreign_message_cannot_express_is_listed(parcels: Path, tmp_path: Path) -> None:
    """Each field that the declaration has no element for is in the list, with its fix, and the exit code is 1."""
    out = tmp_path / "out.xml"
    done = told("convert", parcels, "--to", "wco-dm36", "--out", out)
    lost = {(one["consignment_id"], one["path"]) for one in done["lost"]}
    assert done["exit"] == 1 and {("A1", "/platform/id"), ("B2", "/platform/id")} <= lost
    assert all(one["fix"] and one["code"] == "messages.wco.not_expressed" for one in done["lost"])
    back = _read_all(out, tmp_path)
    held = {path for number, path in lost if number == "A1"}
    for name in ("consignment_id", "currency", "freight", "destination_country", "scheme_id"):
        assert f"/{name}" in held or back[0][name] == PARCEL[name], name


def _read_all(path: Path, tmp_path: Path) -> list[dict[str, Any]]:
    out = tmp_path / "back.json"
    told("convert", path, "--to", "json", "--out", out, "--received", "2026-03-02")
    found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def test_elements_without_a_field_are_listed_when_they_are_left_behind(parcels: Path, tmp_path: Path) -> None:
    """From a declaration to a table, what the contract has no field for is listed with its path; to itself, kept."""
    first, second = tmp_path / "one.xml", tmp_path / "two.xml"
    one = tmp_path / "one.ndjson"
    one.write_text(json.dumps(PARCEL), encoding="utf-8")
    told("convert", one, "--to", "wco-dm36", "--out", first)
    done = told("convert", first, "--to", "csv", "--out", tmp_path / "t.csv")
    left = {one["path"] for one in done["lost"] if one["code"] == "convert.not_carried"}
    assert done["exit"] == 1 and "/Declaration/FunctionCode" in left
    again = told("convert", first, "--to", "wco-dm36", "--out", second)
    assert again["lost"] == [] and second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("count", [1, 3])
def test_posts_keep_what_they_carry_through_their_layouts_and_forms(count: int, tmp_path: Path) -> None:
    """Items through EDIFACT, a form, XML and EDIFACT again are equal, with mail class, documents and insured value."""
    item = {"description": "scarf", "quantity": "1", "value": "9.00", "gross_mass_kg": "0.2", "item_id": "1"}
    made = [
        {
            "consignment_id": f"RR{serial}GB",
            "transport_document": f"RR{serial}GB",
            "transaction": "c2c_gift",
            "currency": "EUR",
            "consignor": {"name": "A. Example", "address": "1 Road, Town", "country": "GB"},
            "consignee": {"name": "B. Example", "address": "2 Street, Place", "country": "DE"},
            "items": [item],
        }
        for serial in ("473124829", "473124832", "473124846")[:count]
    ]
    source = tmp_path / "first.edi"
    data = ITMATT.write(made, sender="GBA", recipient="DEA").data
    data = data.replace(b"GIS+U:116'", b"GIS+E:116'").replace(b"GIS+R:HND'", b"GIS+V:HND'")
    data = data.replace(b"MOA+44:", b"MOA+INS:100.00:USD'\nMOA+44:")
    segments = data[data.index(b"UNH") : data.index(b"UNT")].count(b"'\n") + 1
    source.write_bytes(re.sub(rb"UNT[+][0-9]+", b"UNT+%d" % segments, data))
    day = ("--received", "2026-07-02")
    head = ("--header", "sender=GBA", "--header", "recipient=DEA")
    form, markup, last = tmp_path / "form.pdf", tmp_path / "items.xml", tmp_path / "last.edi"
    steps = [
        (source, "postal-cn23", form, ()),
        (form, "postal-itmatt-xml", markup, ()),
        (markup, "postal-itmatt", last, head),
    ]
    for before, layout, after, header in steps:
        done = told("convert", before, "--to", layout, "--out", after, *day, *header)
        assert done["written"] == count
        assert {one["path"] for one in done["lost"]} == {"/declaration_date"}
    assert last.read_bytes() == source.read_bytes()
    assert last.read_bytes().count(b"MOA+INS:100.00:USD'") == count


def test_a_finding_about_a_message_stands_where_the_sender_wrote(tmp_path: Path) -> None:
    """A malformed code in the second item is told with the path in the sender's XML and the WCO element."""
    bad = {**PARCEL, "items": [PARCEL["items"][0], {**PARCEL["items"][1], "origin_country": "CN"}]}
    source, xml = tmp_path / "p.ndjson", tmp_path / "p.xml"
    source.write_text(json.dumps(bad), encoding="utf-8")
    told("convert", source, "--to", "wco-dm36", "--out", xml)
    xml.write_bytes(xml.read_bytes().replace(b">DE<", b">QX<"))
    done = told("validate", xml, "--received", "2026-03-02")
    found = [one for one in done["findings"] if one["code"] == "country.unknown"]
    assert done["exit"] == 1 and done["rejected"] == 1
    assert any(one["path"].startswith("/Declaration/") and one["wco"] for one in found), found


def test_every_fault_of_a_file_comes_at_once(tmp_path: Path) -> None:
    """Validation of a table tells all missing fields of a record, each with a fix, and exits 1."""
    path = tmp_path / "p.ndjson"
    path.write_text('{"consignment_id": "A1", "items": [{"item_id": "1"}]}\n', encoding="utf-8")
    done = told("validate", path)
    missing = {one["path"] for one in done["findings"] if one["code"] == "required.missing"}
    assert done["exit"] == 1 and {"/channel", "/currency", "/items/0/value"} <= missing
    assert run("validate", path).output.count("Fix: Fill it in.") == len(missing)


def test_many_faults_of_a_kind_are_counted_and_listed(tmp_path: Path) -> None:
    """Of ten equal faults five are shown with the number of all, with row and fix; the list has each of them."""
    path, listed = tmp_path / "p.ndjson", tmp_path / "all.csv"
    bad = [
        {**PARCEL, "consignment_id": f"A{n}", "transport_document": f"T{n}", "currency": "QQQ"}
        for n in range(10)
    ]
    path.write_text("\n".join(map(json.dumps, bad)), encoding="utf-8")
    shown = run("validate", path, "--list", listed).output
    assert shown.count("currency.unknown: currency: expected an ISO 4217 code") == 5
    assert "error: A0, row 1: /currency" in shown and "currency.unknown at /currency: 10 in all" in shown
    rows = listed.read_text(encoding="utf-8").splitlines()
    assert sum("currency.unknown" in row for row in rows) == 10
    done = told("validate", path)
    assert len([one for one in done["findings"] if one["code"] == "currency.unknown"]) == 10
    assert {"code": "currency.unknown", "path": "/currency", "count": 10} in done["findings_by_kind"]


def test_a_sound_file_is_sound(parcels: Path) -> None:
    """A file without errors exits 0 and says how many consignments it holds."""
    result = run("validate", parcels)
    assert result.exit_code == 0 and "2 consignments sound, 0 rejected, 0 errors" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "morse"),
        ("--to", "csv", "--from", "morse"),
        ("--to", "csv", "--header", "type=IMA"),
        ("--to", "wco-dm36", "--header", "colour=red"),
        ("--to", "wco-dm36", "--header", "nothing"),
    ],
)
def test_wrong_usage_is_told_and_writes_nothing(
    arguments: tuple[str, ...], parcels: Path, tmp_path: Path
) -> None:
    """An unknown format or header exits 2 and leaves no file behind."""
    out = tmp_path / "out"
    result = run("convert", parcels, "--out", out, *arguments)
    assert result.exit_code == 2 and not out.exists() and not list(tmp_path.glob(".out*"))


def test_hostile_xml_is_a_finding(tmp_path: Path) -> None:
    """A document with an entity bomb is refused with a finding, and nothing is written."""
    path, out = tmp_path / "bomb.xml", tmp_path / "out.csv"
    path.write_text('<!DOCTYPE a [<!ENTITY b "bbbb">]><Declaration>&b;</Declaration>', encoding="utf-8")
    done = told("validate", path)
    assert done["exit"] == 1 and done["findings"][0]["code"] == "messages.xml.doctype"
    assert told("convert", path, "--to", "csv", "--out", out)["written"] == 0


def test_every_registered_format_is_offered() -> None:
    """Every family installed is found by its package; the contract's own formats are not taken for one of them."""
    assert {"wco-dm36"} <= set(formats())
    assert sniffed(json.dumps(PARCEL).encode()) is None and sniffed(b"PAR1") is None


def test_a_schema_of_the_user_is_held_against_the_message(parcels: Path, tmp_path: Path) -> None:
    """With --schemas, what the schema refuses is told with its path; a folder without a fitting one is wrong usage."""
    xml, folder = tmp_path / "p.xml", tmp_path / "xsd"
    folder.mkdir()
    xml.write_text("<Declaration><TypeCode>IMA</TypeCode></Declaration>", encoding="utf-8")
    assert run("validate", xml, "--schemas", folder).exit_code == 2
    (folder / "d.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Declaration"><xs:complexType>'
        '<xs:sequence><xs:element name="FunctionCode" type="xs:string"/></xs:sequence></xs:complexType></xs:element>'
        "</xs:schema>",
        encoding="utf-8",
    )
    done = told("validate", xml, "--schemas", folder)
    places = [one["path"] for one in done["findings"] if one["code"] == "messages.xml.schema"]
    assert places == ["/Declaration/TypeCode"]


def test_the_filing_endpoint_takes_a_declaration(service: World, tmp_path: Path) -> None:
    """Two declarations in one XML are filed with a result each; the bad one rejects no other and says where."""
    source, xml = tmp_path / "p.ndjson", tmp_path / "p.xml"
    good, bad = service.consignment(), service.consignment()
    source.write_text(json.dumps(good) + "\n" + json.dumps(bad), encoding="utf-8")
    told("convert", source, "--to", "wco-dm36", "--out", xml)
    first, second, third = xml.read_bytes().rpartition(b">610910<")
    data = first + b">61<" + third if second else xml.read_bytes().replace(b"6109", b"61XX")
    answer = service.call("operator", "POST", "/filings", data, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 200, answer.text
    results = {one.get("consignment_id"): one for one in answer.json()["results"]}
    assert results[good["consignment_id"]]["result"] == "accepted", results
    refused = results[bad["consignment_id"]]
    assert refused["result"] == "rejected"
    assert any(one["path"].startswith("/Declaration/") and one["fix"] for one in refused["findings"])


def test_a_hostile_message_is_answered_with_its_finding(service: World) -> None:
    """XML with a DOCTYPE is no fault of the service: the filing is answered with the finding."""
    data = b"<!DOCTYPE x><Declaration/>"
    answer = service.call("operator", "POST", "/filings", data, headers={"Content-Type": "text/xml"})
    assert answer.status_code == 200
    assert answer.json()["results"][0]["findings"][0]["code"] == "messages.xml.doctype"
