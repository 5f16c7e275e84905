"""A message joined from parts is the message written at once; large files are converted in flat memory."""

import csv
import gc
import json
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from greenlane.cli import main
from greenlane.engine import conversion, lots
from greenlane.engine.conversion import convert
from greenlane.engine.tally import EXAMPLES
from greenlane.messages.families import formats
from greenlane.messages.joining import Joined, joins, moved, stands_alone

DAY = date(2026, 7, 2)
JOINED = sorted(name for name in formats() if joins(name))


def parcel(number: int, name: str = "A. Example") -> dict[str, Any]:
    return {
        "consignment_id": f"P{number:06}", "transport_document": f"T{number:06}", "channel": "postal",
        "transaction": "b2c", "declaration_date": "2026-07-02", "departure_country": "CN",
        "destination_country": "DE", "currency": "EUR", "freight": "1.00", "platform": {"id": "M1"},
        "consignor": {"name": "Example Trading", "address": "1 Example Street", "country": "CN"},
        "consignee": {"name": name, "address": "2 Example Street", "country": "DE", "person": True},
        "items": [
            {"item_id": "1", "description": "cotton T-shirt", "hs_code": "610910", "quantity": "2", "value": "12.00",
             "gross_mass_kg": "0.3"},
            {"item_id": "2", "description": "leather belt", "hs_code": "420330", "quantity": "1", "value": "9.50",
             "gross_mass_kg": "0.2"},
        ][: 1 + number % 2],
    }  # fmt: skip


@pytest.mark.parametrize("form", JOINED)
@pytest.mark.parametrize(
    "names", [("A. Example", "B. Example"), ("A. Example", "例子"), ("例子", "A. Example")]
)
def test_parts_make_the_whole(form: str, names: tuple[str, str]) -> None:
    """Bytes and findings of parts of three, three and one are those of all seven written at once."""
    parcels = [parcel(number, names[number > 3]) for number in range(7)]
    whole = formats()[form].write(parcels)
    joined, lost, out = Joined(form, BytesIO()), [], BytesIO()
    for first in (0, 3, 6):
        part = parcels[first : first + 3]
        written = formats()[form].write(part)
        lost += [found for one in written.lost if (found := moved(one, joined.count)) is not None]
        joined.add(written.data, len(part))
    joined.write(out)
    assert out.getvalue() == whole.data
    assert sorted(map(repr, lost)) == sorted(map(repr, whole.lost))
    assert joined.count == 7


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def written(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps(parcel(number)) + "\n")
    return path


@pytest.mark.parametrize("form", JOINED)
def test_a_file_of_several_parts_is_one_message(form: str, tmp_path: Path) -> None:
    """More consignments than are written at once come back in order from one message, none twice."""
    source, out = written(tmp_path / "p.ndjson", 1_100), tmp_path / "out"
    result = convert(source, out, form, DAY)
    assert result.written == 1_100
    with out.open("rb") as file:
        read = [one for message in formats()[form].stream(file, DAY) for one in message.consignments]
    numbers = [str(one.get("transport_document") or one["consignment_id"])[1:] for one in read]
    assert numbers == [f"{number:06}" for number in range(1_100)]


def consignments_held() -> int:
    """How many consignments are in memory, those of tests before this one too."""
    gc.collect()
    return sum(type(one) is dict and "consignor" in one for one in gc.get_objects())


def test_memory_is_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many consignments a file holds, no more than a lot and a part of them are in memory at any time."""
    monkeypatch.setattr(lots, "_LOT_ITEMS", 100)
    monkeypatch.setattr(conversion, "_PART", 50)
    held: list[int] = []
    before = consignments_held()
    form = type(formats()["us-et86"])
    write = form.write

    def counting(*arguments: Any, **header: Any) -> Any:
        held.append(consignments_held() - before)
        return write(*arguments, **header)

    monkeypatch.setattr(form, "write", counting)
    result = convert(written(tmp_path / "p.ndjson", 1_000), tmp_path / "out", "us-et86", DAY)
    assert result.written == 1_000 and len(held) == 20
    assert max(held) <= 250


def test_what_is_lost_is_counted_by_kind_and_listed_whole(tmp_path: Path) -> None:
    """The first of each kind stand on the screen with the count of all; the CSV has every one, in French if asked."""
    source, out, listed = written(tmp_path / "p.ndjson", 30), tmp_path / "o.xml", tmp_path / "lost.csv"
    told = json.loads(
        run("convert", source, "--to", "wco-dm36", "--out", out, "--list", listed, "--json").stdout
    )
    platform = [one for one in told["lost"] if one["path"] == "/platform/id"]
    counts = {one["path"]: one["count"] for one in told["lost_by_kind"]}
    assert len(platform) == EXAMPLES and counts["/platform/id"] == 30
    with listed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(counts.values()) and all(
        row["fix"] and row["what"] == "not in the result" for row in rows
    )
    assert listed.stat().st_mode & 0o077 == 0
    result = run("convert", source, "--to", "wco-dm36", "--out", out, "--list", listed, "--language", "fr")
    assert result.exit_code == 1 and "/platform/id: 30 in all" in result.stdout
    assert "le message ne peut pas le contenir (1 lettre" not in result.stdout
    assert "le message ne peut pas le contenir" in listed.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["p.ndjson", "o.xml"])
def test_a_list_takes_no_other_files_place(name: str, tmp_path: Path) -> None:
    """A list that would stand where the input or the result does is wrong usage, and the input is as it was."""
    source, out = written(tmp_path / "p.ndjson", 3), tmp_path / "o.xml"
    before = source.read_bytes()
    result = run("convert", source, "--to", "ceb", "--out", out, "--list", tmp_path / name)
    assert result.exit_code == 2 and "another file of this command" in result.output
    assert source.read_bytes() == before and not out.exists()
    assert run("validate", source, "--list", source).exit_code == 2 and source.read_bytes() == before


def test_rejected_rows_of_a_large_file_are_told_and_left_out(tmp_path: Path) -> None:
    """A rejected consignment between parts is not in the message; file, row, field, rule and fix are told."""
    source, out = tmp_path / "p.ndjson", tmp_path / "o.xml"
    lines = [json.dumps(parcel(number)) for number in range(1_001)]
    lines[700] = json.dumps({**parcel(700), "currency": "QQQ"})
    source.write_text("\n".join(lines), encoding="utf-8")
    result = run("convert", source, "--to", "ceb", "--out", out, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["written"], told["rejected"]) == (1, 1_000, 1)
    (found,) = [one for one in told["findings"] if one["severity"] == "error"]
    assert (found["file"], found["row"], found["path"], found["code"]) == (
        str(source), 701, "/currency", "currency.unknown",
    )  # fmt: skip
    assert found["fix"] and b"P000700" not in out.read_bytes()


def test_records_that_stand_alone_keep_what_was_carried(tmp_path: Path) -> None:
    """Declarations in a wrapper, converted to their own format, keep elements that the contract doesn't hold."""
    assert stands_alone("wco-dm36") and not stands_alone("ceb")
    source, one, two = written(tmp_path / "p.ndjson", 3), tmp_path / "one.xml", tmp_path / "two.xml"
    run("convert", source, "--to", "wco-dm36", "--out", one, "--header", "type=IMD")
    result = run("convert", one, "--to", "wco-dm36", "--out", two)
    assert result.exit_code == 0, result.output
    assert two.read_bytes() == one.read_bytes() and b"IMD" in two.read_bytes()


def test_a_form_that_cannot_be_joined_is_refused_by_its_bound(tmp_path: Path) -> None:
    """More consignments than forms are printed for is wrong usage, told with the bound, and leaves no file."""
    source, out = written(tmp_path / "p.ndjson", 1_200), tmp_path / "o.pdf"
    result = run("convert", source, "--to", "postal-cn22", "--out", out)
    assert result.exit_code == 2 and "forms are printed for 1 to" in result.output and not out.exists()
