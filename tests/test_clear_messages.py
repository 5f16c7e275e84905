"""`greenlane clear` reads foreign messages as it reads the contract's own files."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from greenlane.cli import main
from greenlane.engine.conversion import convert
from trading import sample

DAY = date(2026, 7, 2)
REDUCED = ("TT_IM067a", "TT_IM068a", "TT_IM077a", "TT_IM079a", "TT_IM124a")
S10 = ("RR473124829GB", "RR473124832GB")
HEADERS = {
    "ics2": {
        "issued": "2026-07-02T08:00:00Z", "declarant_name": "Example Post", "declarant_id": "DE123456789012345",
        "declarant_city": "Example", "declarant_country": "DE", "declarant_contact": "example@example.org",
        "declarant_contact_type": "EM",
    },
}  # fmt: skip


def parcel(number: str, country: str, **more: Any) -> dict[str, Any]:
    return {
        "consignment_id": number, "transport_document": S10[number == "A2"], "channel": "postal", "transaction": "b2c",
        "declaration_date": "2026-07-02", "departure_country": "AU", "destination_country": country,
        "transport_mode": "air", "currency": "EUR", "freight": "1.00",
        "consignor": {"name": "Example Trading", "address": "1 Example Street", "country": "AU"},
        "consignee": {"name": "A. Example", "address": "2 Example Street", "country": country, "person": True},
        "items": [
            {"item_id": "1", "description": "cotton T-shirt", "hs_code": "610910", "quantity": "2", "unit": "C62",
             "value": "12.00", "gross_mass_kg": "0.3", "origin_country": "CN"},
        ],
        **more,
    }  # fmt: skip


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def message(folder: Path, form: str, *parcels: dict[str, Any]) -> Path:
    source, out = folder / "p.ndjson", folder / f"parcels.{form}"
    source.write_text("".join(json.dumps(one) + "\n" for one in parcels), encoding="utf-8")
    convert(source, out, form, DAY, header=HEADERS.get(form))
    return out


def outcomes(out: Path) -> list[dict[str, Any]]:
    lines = [
        line for path in sorted((out / "outcomes").glob("*.ndjson")) for line in path.read_text().splitlines()
    ]
    return sorted((json.loads(line) for line in lines), key=lambda one: one["consignment_id"])


def cleared(out: Path, *files: Path) -> Result:
    return run("clear", *files, "--out", out, "--workers", 1, "--format", "ndjson", "--received", DAY)


@pytest.mark.parametrize(
    ("form", "country"),
    [("wco-dm36", "GB"), ("ics2", "DE")],
)
def test_a_message_clears_as_its_consignments_do(form: str, country: str, tmp_path: Path) -> None:
    """Outcomes of a message are those of the consignments that are read from it, and the manifest names the message."""
    path = message(tmp_path, form, parcel("A1", country), parcel("A2", country))
    own = tmp_path / "own.ndjson"
    convert(path, own, "ndjson", DAY)
    assert len(own.read_text(encoding="utf-8").splitlines()) == 2
    result = cleared(tmp_path / "one", path)
    assert result.exit_code == cleared(tmp_path / "two", own).exit_code == 0, result.output
    assert outcomes(tmp_path / "one") == outcomes(tmp_path / "two")
    assert [one["consignment_id"] for one in outcomes(tmp_path / "one")] == ["A1", "A2"]
    inputs = json.loads((tmp_path / "one" / "manifest.json").read_text())["inputs"]
    (held,) = inputs.values()
    assert (held["message"]["path"], held["message"]["format"]) == (str(path), form)


def test_an_inventory_of_china_clears_from_its_file(tmp_path: Path) -> None:
    """A CEB message is decided by the law of China, by one command."""
    path = tmp_path / "inventory.xml"
    path.write_bytes(sample("621"))
    result = cleared(tmp_path / "out", path)
    assert result.exit_code == 0, result.output
    (outcome,) = outcomes(tmp_path / "out")
    assert (outcome["consignment_id"], outcome["jurisdiction"]) == ("COP-1", "cn")


def test_what_is_rejected_of_a_message_is_told_in_its_own_words(tmp_path: Path) -> None:
    """One bad declaration rejects no other; row, path of the sender, code and fix are told, and it is kept as read."""
    path = message(tmp_path, "wco-dm36", parcel("A1", "GB"), parcel("A2", "GB"))
    first, _, last = path.read_bytes().rpartition(b">GB<")
    path.write_bytes(first + b">QX<" + last)
    out = tmp_path / "out"
    result = cleared(out, path)
    assert result.exit_code == 1
    assert [one["consignment_id"] for one in outcomes(out)] == ["A1"]
    assert f"{path}, row 2: /Declaration/" in result.output and "Fix: " in result.output
    summary = json.loads((out / "summary.json").read_text())["run"]
    assert (summary["consignments"], summary["rejected"]) == (1, 1)
    (kept,) = (out / "rejected").glob("*.ndjson")
    assert kept.stat().st_mode & 0o077 == 0 and "A2" in kept.read_text()
    (listed,) = (out / "input").glob("*.findings.csv")
    with listed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any(row["severity"] == "error" and row["path"].startswith("/Declaration/") for row in rows)


def test_a_message_is_explained_and_sent_again(tmp_path: Path) -> None:
    """An outcome of a message is explained from what was kept, and the message sent again counts nothing twice."""
    path, out = message(tmp_path, "postal-itmatt", parcel("A1", "DE")), tmp_path / "out"
    assert cleared(out, path).exit_code == 0
    path_before = path.read_bytes()
    path.unlink()
    told = run("explain", out, S10[0])
    assert told.exit_code == 0 and S10[0] in told.output
    path.write_bytes(path_before)
    assert "1 sent again unchanged" in cleared(out, path).output
    assert len(outcomes(out)) == 1


def test_an_interrupted_run_of_a_message_from_standard_input_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message came on standard input and the run broke off: it goes on from what was kept of it."""
    data = message(tmp_path, "postal-itmatt", parcel("A1", "DE")).read_bytes()
    arguments = ["clear", "-", "--out", str(tmp_path / "out"), "--workers", "1", "--received", str(DAY)]
    arguments += ["--format", "ndjson"]
    with monkeypatch.context() as broken:
        broken.setattr("greenlane.engine.clear.add_up", _out_of_memory)
        assert CliRunner().invoke(main, arguments, input=data).exit_code != 0
    result = CliRunner().invoke(main, [*arguments, "--resume"], input=b"")
    assert result.exit_code == 0, result.output
    assert len(outcomes(tmp_path / "out")) == 1


def _out_of_memory(*_: object) -> None:
    raise MemoryError


def test_a_refused_message_is_no_crash(tmp_path: Path) -> None:
    """A message with a DOCTYPE beside a sound file: the file is decided, the message is told and refused."""
    bad = tmp_path / "bad.xml"
    bad.write_text("<!DOCTYPE a><Declaration/>", encoding="utf-8")
    good = message(tmp_path, "postal-cusitm-xml", parcel("A1", "DE"))
    result = cleared(tmp_path / "out", bad, good)
    assert result.exit_code == 1 and "messages.xml.doctype" in result.output
    assert len(outcomes(tmp_path / "out")) == 1


@pytest.mark.shared
def test_published_declarations_clear_from_their_files(shared: Path, tmp_path: Path) -> None:
    """Every published declaration with goods is decided by one command; the five reduced ones are released."""
    folder = shared / "samples/hmrc-wco-dm36/examples"
    files = sorted(p for p in folder.rglob("*.xml") if b"TypeName>DEC" in p.read_bytes())
    result = cleared(tmp_path / "out", *files)
    assert result.exit_code in (0, 1), result.output
    found = outcomes(tmp_path / "out")
    inputs = json.loads((tmp_path / "out" / "manifest.json").read_text())["inputs"]
    own = {Path(held["message"]["path"]).stem.removeprefix("Step1_"): path for path, held in inputs.items()}
    released = set()
    for name in REDUCED:
        consignment = json.loads(Path(own[name]).read_text(encoding="utf-8"))
        released |= {
            name
            for one in found
            if one["consignment_id"] == consignment["consignment_id"] and one["disposition"] == "release"
        }
    assert released == set(REDUCED)
