"""The quality of data: what is counted, how it is scored, and what a sender gets of it."""

import csv
import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from greenlane.cli import main
from greenlane.engine.text_check import TextCheck
from greenlane.tariff import TermLists
from serving import World

GOOD: dict[str, Any] = {
    "transport_document": "T1", "channel": "express", "transaction": "b2c", "declaration_date": "2026-03-02",
    "departure_country": "CN", "departure_place": "CNSHA", "destination_country": "DE", "transport_mode": "air",
    "currency": "EUR", "freight": "4.00", "insurance": "0.00", "seller": {"id": "S1", "name": "Example Trading"},
    "platform": {"id": "M1"}, "carrier": {"id": "C1"},
    "consignor": {"name": "Example Trading", "address": "1 Road", "country": "CN"},
    "consignee": {"name": "A. Example", "address": "2 Street", "postcode": "10115", "country": "DE"},
    "items": [{"item_id": "1", "description": "women's cotton T-shirt", "hs_code": "610910", "origin_country": "CN",
               "quantity": "1", "value": "40.00", "gross_mass_kg": "0.9"}],
}  # fmt: skip


def parcel(number: int, *, item: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    made = {"consignment_id": f"A{number}", **GOOD, "transport_document": f"T{number}", **changes}
    return made | {"items": [GOOD["items"][0] | (item or {})]}


def written(path: Path, *parcels: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in parcels), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["quality", *map(str, arguments)])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_sound_files_have_full_marks(tmp_path: Path) -> None:
    """Where everything expected is told and sound, completeness and validity are whole and the exit code is 0."""
    file = written(tmp_path / "p.ndjson", parcel(1), parcel(2))
    done = run(file, "--out", tmp_path / "q")
    (row,) = table(tmp_path / "q" / "scores.csv")
    assert done.exit_code == 0, done.output
    assert row == {
        "sender": "M1", "format": "ndjson", "period": "2026-03", "consignments": "2", "right_first_time": "1000",
        "completeness": "1000", "validity": "1000", "timeliness": "", "consistency": "1000", "accuracy": "",
    }  # fmt: skip
    assert table(tmp_path / "q" / "M1" / "defects.csv") == []
    assert not (tmp_path / "q" / "M1" / "corrected.csv").exists()


def test_defects_are_listed_by_the_delay_they_cause(tmp_path: Path) -> None:
    """Each defect has its count, an example, effect and fix; the most costly stands first; rows to fix come along."""
    file = written(
        tmp_path / "p.ndjson",
        parcel(1, item={"description": "Geschenk"}),
        parcel(2, item={"description": "衣服"}),
        parcel(3, item={"description": "cotton clothes, ropa de mujer"}),
        parcel(4, item={"description": "aaa111"}),
        parcel(5, item={"hs_code": "61"}),
        parcel(6, consignee={**GOOD["consignee"], "name": "N/A"}),
        parcel(7),
    )
    done = run(file, "--out", tmp_path / "q")
    assert done.exit_code == 1
    listed = {one["code"]: one for one in table(tmp_path / "q" / "M1" / "defects.csv")}
    assert set(listed) == {
        "description.vague", "description.vague_term", "quality.characters", "hs_code.malformed", "quality.placeholder",
    }  # fmt: skip
    assert listed["description.vague"]["count"] == "2"
    assert listed["hs_code.malformed"]["example"] == "/items/0/hs_code"
    assert all(one["fix"] and one["basis"].startswith("Assumed:") for one in listed.values())
    costs = [int(one["minutes_in_all"]) for one in table(tmp_path / "q" / "M1" / "defects.csv")]
    assert costs == sorted(costs, reverse=True) and costs[0] == 2 * 2880
    rows = {one["consignment_id"]: one for one in table(tmp_path / "q" / "M1" / "corrected.csv")}
    assert set(rows) == {"A1", "A2", "A3", "A4", "A5", "A6"}
    assert rows["A5"]["what_to_fix"] == "/items/0/hs_code: Write digits without dots."
    assert rows["A5"]["items.hs_code"] == "61"
    (score,) = table(tmp_path / "q" / "scores.csv")
    assert score["right_first_time"] == str(1000 // 7)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("礼品", "description.vague"),
        ("儿童礼品套装", "description.vague_term"),
        ("女士純棉服裝三件", "description.vague_term"),
        ("棉质短袖衫", None),
        ("サンプル", "description.vague"),
        ("化粧品サンプル十個", "description.vague_term"),
        ("綿のシャツ", None),
        ("ของขวัญ", "description.vague"),
        ("ชุดของขวัญสำหรับเด็ก", "description.vague_term"),
        ("الملابس", "description.vague"),
        ("وَهَدَايَا", "description.vague"),
        ("أحذية وملابس نسائية", "description.vague_term"),
        ("كتب للهدايا المدرسية", "description.vague_term"),
        ("قميص قطني", None),
        ("Geschenk", "description.vague"),
        ("Geschenkpapier aus Zellstoff", None),
    ],
)
def test_general_terms_are_found_as_their_language_writes_them(text: str, code: str | None) -> None:
    """A term alone is refused, one among others is warned of: run together in Chinese, Japanese and Thai, behind
    particles and the article in Arabic, as whole words elsewhere."""
    found = TextCheck(date(2026, 12, 1), TermLists()).description(text)
    assert (None if found is None else found[0]) == code


def test_terms_count_from_the_day_on_which_they_are_listed() -> None:
    """Before the list of a language is in force, its terms are not held against anybody."""
    assert TextCheck(date(2026, 11, 24), TermLists()).description("ของขวัญ") is None
    assert TextCheck(date(2026, 11, 25), TermLists()).description("ของขวัญ") is not None


def test_elements_have_scores_of_their_own(tmp_path: Path) -> None:
    """For each element it is told how often it came, and how often what came was sound."""
    bad = parcel(2, item={"hs_code": "61"})
    none = parcel(3)
    del none["items"][0]["hs_code"]
    file = written(tmp_path / "p.ndjson", parcel(1), bad, none)
    run(file, "--out", tmp_path / "q")
    (row,) = [one for one in table(tmp_path / "q" / "elements.csv") if one["element"] == "items.hs_code"]
    assert (row["completeness"], row["validity"]) == ("666", "500")


def test_late_filings_lower_timeliness(tmp_path: Path) -> None:
    """By air a filing is due four hours before arrival: one minute less is late, exactly four hours are not."""
    file = written(tmp_path / "p.ndjson", parcel(1), parcel(2))
    journeys = tmp_path / "j.csv"
    journeys.write_text(
        "consignment_id,filed_at,departs_at,arrives_at,released_at\n"
        "A1,2026-03-02T06:00:00+00:00,,2026-03-02T10:00:00+00:00,\n"
        "A2,2026-03-02T06:01:00+00:00,,2026-03-02T10:00:00+00:00,\n",
        encoding="utf-8",
    )
    run(file, "--out", tmp_path / "q", "--journeys", journeys)
    (row,) = table(tmp_path / "q" / "scores.csv")
    (defect,) = table(tmp_path / "q" / "M1" / "defects.csv")
    assert row["timeliness"] == "500" and defect["code"] == "quality.filed_late"


def test_delay_is_measured_where_enough_is_told(tmp_path: Path) -> None:
    """With twenty releases on both sides the delay is the difference of medians, else the stated assumption."""
    bad = {"description": "gifts"}
    file = written(
        tmp_path / "p.ndjson", *(parcel(n) for n in range(20)), *(parcel(n, item=bad) for n in range(20, 40))
    )
    journeys = tmp_path / "j.csv"
    lines = [
        f"A{n},2026-03-02T06:00:00+00:00,,,2026-03-02T06:{10 if n < 20 else 55}:00+00:00" for n in range(40)
    ]
    journeys.write_text(
        "\n".join(["consignment_id,filed_at,departs_at,arrives_at,released_at", *lines]), encoding="utf-8"
    )
    run(file, "--out", tmp_path / "q", "--journeys", journeys)
    (row,) = table(tmp_path / "q" / "M1" / "defects.csv")
    assert (row["minutes_each"], row["basis"]) == ("45", "measured in 20 releases")


def test_a_defect_is_measured_where_it_stands_alone(tmp_path: Path) -> None:
    """Twenty with one defect alone give its delay, however long those took that have another beside it."""
    vague, both = {"description": "gifts"}, {"description": "gifts", "hs_code": "61"}
    file = written(
        tmp_path / "p.ndjson",
        *(parcel(n) for n in range(20)),
        *(parcel(n, item=vague) for n in range(20, 40)),
        *(parcel(n, item=both) for n in range(40, 70)),
    )
    lines = ["consignment_id,filed_at,departs_at,arrives_at,released_at"]
    for n in range(70):
        hour = 7 if n < 20 else 8 if n < 40 else 20
        lines.append(f"A{n},2026-03-02T06:00:00+00:00,,,2026-03-02T{hour:02}:00:00+00:00")
    journeys = tmp_path / "j.csv"
    journeys.write_text("\n".join(lines), encoding="utf-8")
    run(file, "--out", tmp_path / "q", "--journeys", journeys)
    listed = {one["code"]: one for one in table(tmp_path / "q" / "M1" / "defects.csv")}
    assert (listed["description.vague"]["minutes_each"], listed["description.vague"]["basis"]) == (
        "60", "measured in 20 releases",
    )  # fmt: skip
    assert listed["hs_code.malformed"]["minutes_each"] == "780"


def test_documents_are_held_against_each_other(tmp_path: Path) -> None:
    """Two files that tell different values of one consignment disagree; what only one of them tells does not count."""
    second = parcel(1, item={"value": "41.00"})
    del second["items"][0]["gross_mass_kg"]
    files = written(tmp_path / "a.ndjson", parcel(1), parcel(2)), written(tmp_path / "b.ndjson", second)
    run(*files, "--out", tmp_path / "q")
    (row,) = table(tmp_path / "q" / "M1" / "defects.csv")
    assert (row["code"], row["place"], row["count"]) == ("quality.documents_disagree", "/items/value", "2")


def test_inspections_give_accuracy(tmp_path: Path) -> None:
    """What inspections found is held against what was declared, element by element."""
    file = written(tmp_path / "p.ndjson", parcel(1), parcel(2))
    found = tmp_path / "i.csv"
    found.write_text(
        "consignment_id,item_id,element,found\nA1,1,items.hs_code,610910\nA2,1,items.hs_code,610990\n",
        encoding="utf-8",
    )
    run(file, "--out", tmp_path / "q", "--inspections", found)
    (row,) = table(tmp_path / "q" / "scores.csv")
    (defect,) = table(tmp_path / "q" / "M1" / "defects.csv")
    assert row["accuracy"] == "500" and defect["code"] == "quality.found_otherwise"


def test_a_foreign_message_is_measured_too(tmp_path: Path) -> None:
    """A declaration in XML is scored under its own format, its senders told by --sender."""
    source, xml = written(tmp_path / "p.ndjson", parcel(1, item={"description": "gifts"})), tmp_path / "p.xml"
    CliRunner().invoke(main, ["convert", str(source), "--to", "wco-dm36", "--out", str(xml)])
    run(xml, "--out", tmp_path / "q", "--sender", "POST/1")
    rows = table(tmp_path / "q" / "scores.csv")
    codes = {one["code"] for one in table(tmp_path / "q" / "POST_2f1" / "defects.csv")}
    assert {one["format"] for one in rows} == {"wco-dm36"} and "description.vague" in codes


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder that holds something is refused."""
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "mine").touch()
    assert run(written(tmp_path / "p.ndjson", parcel(1)), "--out", tmp_path / "q").exit_code == 2


def test_no_person_is_named_in_page_and_list(tmp_path: Path) -> None:
    """The page and the list of defects hold places and counts, never a name, address or description."""
    secret = parcel(1, consignee={**GOOD["consignee"], "name": "Zyxander Quill", "country": "QX"})
    run(written(tmp_path / "p.ndjson", secret), "--out", tmp_path / "q")
    for name in ("report.html", "defects.csv"):
        assert "Zyxander" not in (tmp_path / "q" / "M1" / name).read_text(encoding="utf-8")
    assert (tmp_path / "q" / "M1" / "corrected.csv").stat().st_mode & 0o077 == 0


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_runs_off_the_page(tmp_path: Path, chromium: str, width: int, language: str) -> None:
    """In a browser at 1,280 and at 400 pixels, from left to right and from right to left, nothing overflows."""
    bad = [parcel(n, item={"description": "gifts", "hs_code": "61"}) for n in range(3)]
    run(written(tmp_path / "p.ndjson", *bad), "--out", tmp_path / "q", "--lang", language)
    text = (tmp_path / "q" / "M1" / "report.html").read_text(encoding="utf-8")
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in text and "http" not in text.replace(
        "chinaport", ""
    )
    probe = (
        "<script>const d = document.documentElement;"
        " parent.postMessage([innerWidth, d.scrollWidth - d.clientWidth], '*')</script></body>"
    )
    (tmp_path / "probe.html").write_text(text.replace("</body>", probe), encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        f'<!doctype html><body><iframe src="probe.html" width="{width}" height="900"></iframe>'
        "<script>onmessage = e => document.body.dataset.seen = e.data.join(' ')</script></body>",
        encoding="utf-8",
    )
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
         "--allow-file-access-from-files", "--virtual-time-budget=3000", "--dump-dom",
         (tmp_path / "frame.html").as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    seen = re.search(r'data-seen="(\d+) (-?\d+)"', done.stdout)
    assert seen is not None and (int(seen[1]), int(seen[2])) == (width, 0)


def done(service: World, who: str, number: str, command: str, **more: Any) -> None:
    whose: dict[str, Any] = {} if who == "operator" else {"party": "post-cn"}
    answer = service.call(
        who, "POST", f"/consignments/{number}/commands", {"command": command, **more}, **whose
    )
    assert answer.status_code in (200, 201), answer.text


def test_the_event_log_tells_journeys_and_what_inspections_found(service: World, tmp_path: Path) -> None:
    """A service's database tells who filed late and what was found: an inspection that found otherwise is half of two."""
    sound, other, unseen = (service.consignment() for _ in range(3))
    file = written(tmp_path / "p.ndjson", sound, other, unseen)
    for one, finding in ((sound, "conform"), (other, "discrepancy")):
        (result,) = service.file(one)
        assert result["result"] == "accepted", result
        number = one["consignment_id"]
        done(service, "officer", number, "order_inspection", channel="scan", reason="sample")
        done(service, "operator", number, "arrive")
        done(service, "officer", number, "record_finding", inspection=1, finding=finding)
    run(
        file,
        "--out",
        tmp_path / "q",
        "--database",
        service.url,
        "--party",
        "post-cn",
        "--received",
        "2026-03-02",
    )
    (row,) = table(tmp_path / "q" / "scores.csv")
    assert (row["consignments"], row["accuracy"], row["timeliness"]) == ("3", "500", "0")
    listed = {one["code"]: one for one in table(tmp_path / "q" / "M1" / "defects.csv")}
    assert listed["quality.found_otherwise"]["consignments"] == "1"
    assert listed["quality.filed_late"]["consignments"] == "2"
    run(
        file,
        "--out",
        tmp_path / "x",
        "--database",
        service.url,
        "--party",
        "market-x",
        "--received",
        "2026-03-02",
    )
    (row,) = table(tmp_path / "x" / "scores.csv")
    assert (row["accuracy"], row["timeliness"]) == ("", "")


def test_notices_tell_how_long_each_defect_took(tmp_path: Path) -> None:
    """From exported notices the time from filing to release is measured by defect; where it isn't, that is said."""
    file = written(
        tmp_path / "p.ndjson",
        *(parcel(n) for n in range(20)),
        *(parcel(n, item={"description": "gifts"}) for n in range(20, 40)),
        parcel(40, item={"hs_code": "61"}),
    )
    notices = [
        {"type": f"consignment.{what}", "timestamp": f"2026-03-02T{hour:02}:00:00+00:00",
         "data": {"consignment_id": f"A{n}"}}
        for n in range(40)
        for what, hour in (("filed", 6), ("released", 7 if n < 20 else 11), ("released", 23))
    ]  # fmt: skip
    told = tmp_path / "notices.json"
    told.write_text(json.dumps(notices), encoding="utf-8")
    run(file, "--out", tmp_path / "q", "--outcomes", told)
    first, second = table(tmp_path / "q" / "M1" / "defects.csv")
    assert (first["code"], first["minutes_each"], first["basis"]) == (
        "description.vague", "240", "measured in 20 releases",
    )  # fmt: skip
    assert second["code"] == "hs_code.malformed" and second["basis"].startswith("Assumed:")
    told.write_text('{"type": "consignment.filed"}\n', encoding="utf-8")
    refused = run(file, "--out", tmp_path / "x", "--outcomes", told)
    assert refused.exit_code == 2 and "notice 1: expected type" in refused.output


def test_the_corrected_file_reads_back(tmp_path: Path) -> None:
    """The rows to put right, with the cells corrected and sent as they are, are sound; nothing else changed in them."""
    file = written(
        tmp_path / "p.ndjson",
        parcel(1, item={"hs_code": "61"}),
        parcel(2, item={"description": "gifts"}),
        parcel(3, consignee={**GOOD["consignee"], "name": "=A. Example"}, currency="EUX"),
        parcel(4),
    )
    run(file, "--out", tmp_path / "q", "--language", "ar")
    rows = table(tmp_path / "q" / "M1" / "corrected.csv")
    right = {"items.hs_code": "610910", "items.description": "women's cotton T-shirt", "currency": "EUR"}
    again = tmp_path / "again.csv"
    with again.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.DictWriter(sheet, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | right for row in rows)
    told = json.loads(CliRunner().invoke(main, ["validate", str(again), "--json"]).stdout)
    assert (told["consignments"], told["rejected"]) == (3, 0)
    assert [one for one in told["findings"] if one["severity"] == "error"] == []
    back = tmp_path / "back.json"
    CliRunner().invoke(main, ["convert", str(again), "--to", "json", "--out", str(back)])
    for one, number in zip(json.loads(back.read_text(encoding="utf-8")), (1, 2, 3), strict=True):
        wanted = parcel(number)
        assert one["consignee"].pop("name").removeprefix("'=") == wanted["consignee"]["name"]
        (item,) = one.pop("items")
        assert wanted["items"][0].items() <= item.items()
        held = {name: value for name, value in wanted.items() if name != "items"}
        assert one == held | {"consignee": {k: v for k, v in held["consignee"].items() if k != "name"}}


@pytest.mark.shared
def test_published_declarations_are_scored(shared: Path, tmp_path: Path) -> None:
    """The published declarations with goods are counted by the month they tell, each defect with its place there."""
    files = sorted((shared / "samples/hmrc-wco-dm36/examples").rglob("*TT*.xml"))
    run(*files, "--sender", "HMRC", "--received", "2026-07-02", "--out", tmp_path / "q")
    scores = table(tmp_path / "q" / "scores.csv")
    assert sum(int(one["consignments"]) for one in scores) == 18
    assert {one["format"] for one in scores} == {"wco-dm36"} and len({one["period"] for one in scores}) == 3
    listed = {one["code"]: one for one in table(tmp_path / "q" / "HMRC" / "defects.csv")}
    assert listed["identifier.check_digit"]["place"].startswith("/Declaration/")
    assert (tmp_path / "q" / "HMRC" / "corrected.csv").exists()
