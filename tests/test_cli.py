"""The commands as a user runs them: what comes out, exit codes, one plain line and never a traceback."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from greenlane.cli import main
from greenlane.engine.clear import clear as run_clear
from greenlane.engine.output import read_outputs
from greenlane.model import template_csv

PART = 1_000
NAME = "Zebulon"


def _run(*words: object, data: bytes | None = None) -> Result:
    """Run a command; whatever it was given, what goes wrong is said in words."""
    result = CliRunner().invoke(main, [str(word) for word in words], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def _clear(*words: object, data: bytes | None = None) -> Result:
    return _run("clear", "--workers", "1", *words, data=data)


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Forty consignments of a seeded stream."""
    path = tmp_path_factory.mktemp("stream") / "stream.ndjson"
    assert _run("generate", "--consignments", 40, "--seed", 4, "--out", path).exit_code == 0
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _ndjson(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _summary(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return found


def _statistics(out: Path) -> dict[str, Any]:
    return {name: table for name, table in _summary(out).items() if name != "run"}


NOTHING: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "file.empty"),
    "header.csv": (template_csv().splitlines()[0].encode(), "file.empty"),
    "noise.parquet": (bytes(range(128, 256)) * 20, "file.encoding"),
    "nested.json": (b"[" * 100_000, "file.cut_off"),
    "cut.parquet": (b"PAR1" + bytes(9000), "file.unreadable"),
}


def test_files_that_hold_nothing_to_decide(tmp_path: Path) -> None:
    """Of each file it is said why, with the code of the finding; the results hold no consignment."""
    for name, (content, _) in NOTHING.items():
        (tmp_path / name).write_bytes(content)
    result = _clear(*(tmp_path / name for name in NOTHING), "--out", tmp_path / "out")
    assert result.exit_code == 1
    for name, (_, code) in NOTHING.items():
        assert any(f"/{name}: {code}: " in line for line in result.output.splitlines()), name
    assert _summary(tmp_path / "out")["totals"]["consignments"] == 0


def test_every_row_refused(tmp_path: Path, parcels: list[dict[str, Any]]) -> None:
    """A file of which no row is accepted gives its rejected rows and no outcome."""
    rows = [{**parcels[0], "currency": "XQZ"}, {**parcels[1], "declaration_date": "2026-02-29"}]
    result = _clear(_ndjson(tmp_path / "a.ndjson", rows), "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert _summary(tmp_path / "out")["run"]["rejected"] == 2
    kept = tmp_path / "out" / "rejected" / "part-00000.ndjson"
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 2
    assert kept.stat().st_mode & 0o777 == 0o600


def test_odd_values(tmp_path: Path, parcels: list[dict[str, Any]]) -> None:
    """Each bad row is refused with its finding and the good one beside it is decided."""
    values = {
        "amount.negative": "-5.00", "amount.too_large": "1" * 40, "amount.decimals": "1.234",
        "amount.malformed": "1e3",
    }  # fmt: skip
    base = next(row for row in parcels if row["currency"] == "EUR")
    rows = [
        {**base, "consignment_id": f"C{number}", "items": [{**base["items"][0], "value": value}]}
        for number, value in enumerate(values.values())
    ]
    rows.append({**base, "consignment_id": "C4", "items": [{**base["items"][0], "description": "A" * 10**6}]})
    rows.append({**base, "consignment_id": "C5", "declaration_date": "2024-02-29"})
    _clear(_ndjson(tmp_path / "a.ndjson", rows), "--out", tmp_path / "out")
    errors = read_outputs(tmp_path / "out" / "findings", "parquet").filter(pl.col("file").is_not_null())
    found = dict(errors.select("consignment_id", "code").iter_rows())
    assert found == {f"C{number}": code for number, code in enumerate([*values, "text.too_long"])}
    assert errors["message"].str.len_chars().max() < 200  # type: ignore[operator]
    assert read_outputs(tmp_path / "out" / "outcomes", "parquet")["consignment_id"].to_list() == ["C5"]


def test_a_name_in_shifted_columns_stays_in_the_rejected_rows(tmp_path: Path) -> None:
    """Columns shifted by one put a name into other fields; no output but the rejected rows repeats it."""
    header, row = template_csv().splitlines()[:2]
    cells = row.split(",")
    place = header.split(",").index("consignee.name")
    cells[place] = NAME
    shifted = [",".join([*cells[:cut], "", *cells[cut:-1]]) for cut in (3, 20, place)]
    left = [",".join([*cells[:cut], *cells[cut + 1 :], ""]) for cut in (10, place - 1)]
    good = [*cells]
    good[0], good[place] = "GOOD1", "A. Example"
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *shifted, *left, ",".join(good)]) + "\n", encoding="utf-8")
    result = _clear(path, "--out", tmp_path / "out", "--format", "csv")
    assert NAME not in result.output
    holders = {
        file.relative_to(tmp_path / "out").parts[0]
        for file in (tmp_path / "out").rglob("*")
        if file.is_file() and NAME.encode() in file.read_bytes()
    }
    assert holders == {"rejected"}


def _amended(parcels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*parcels[:3], {**parcels[3], "freight": "77.00"}, *parcels[4:]]


def test_sent_again_and_amended(tmp_path: Path, parcels: list[dict[str, Any]]) -> None:
    """What is sent again counts once; an amendment takes the place of what it amends, in the statistics too."""
    first = _ndjson(tmp_path / "first.ndjson", parcels)
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    _clear(first, "--out", out)
    before = _statistics(out)
    assert "40 sent again unchanged, 0 amended" in _clear(first, "--out", out).output
    assert _statistics(out) == before

    second = _ndjson(tmp_path / "second.ndjson", _amended(parcels))
    assert "79 sent again unchanged, 1 amended" in _clear(second, "--out", out).output
    _clear(second, "--out", fresh)
    assert _statistics(out) == _statistics(fresh)
    columns = ["consignment_id", "total", "input_digest"]
    mine, theirs = (
        read_outputs(place / "outcomes", "parquet").select(columns).sort("consignment_id")
        for place in (out, fresh)
    )
    assert mine.equals(theirs)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_amended_in_text_formats(tmp_path: Path, parcels: list[dict[str, Any]], form: str) -> None:
    """Results as text are read back and written again without a change, and explained from there."""
    out = tmp_path / "out"
    _clear(_ndjson(tmp_path / "first.ndjson", parcels), "--out", out, "--format", form)
    before = (out / "outcomes" / f"part-00000.{form}").read_text(encoding="utf-8").splitlines()
    second = _ndjson(tmp_path / "second.ndjson", _amended(parcels)[3:4])
    assert "0 sent again unchanged, 1 amended" in _clear(second, "--out", out, "--format", form).output
    after = (out / "outcomes" / f"part-00000.{form}").read_text(encoding="utf-8").splitlines()
    assert after == [line for line in before if parcels[3]["consignment_id"] not in line]
    for row in parcels[2:4]:
        explained = _run("explain", out, row["consignment_id"])
        assert "Recomputed now, it equals what the run wrote." in explained.output


def test_an_amendment_whose_first_input_is_gone(tmp_path: Path, parcels: list[dict[str, Any]]) -> None:
    """The amendment counts and a warning says that the statistics still hold the first filing."""
    data = json.dumps(parcels[0]).encode()
    _clear("-", "--out", tmp_path / "out", data=data)
    assert "1 files with personal data removed" in _run("forget", tmp_path / "out").output
    again = json.dumps({**parcels[0], "freight": "77.00"}).encode()
    result = _clear("-", "--out", tmp_path / "out", data=again)
    assert result.exit_code == 0
    assert "run.input_gone" in result.output
    assert _summary(tmp_path / "out")["run"]["consignments"] == 1


def test_the_same_file_twice_in_one_run(tmp_path: Path, parcels: list[dict[str, Any]]) -> None:
    """Each consignment is decided once."""
    path = _ndjson(tmp_path / "a.ndjson", parcels[:5])
    result = _clear(path, path, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "5 sent again unchanged, 0 amended" in result.output
    assert _summary(tmp_path / "out")["totals"]["consignments"] == 5


def test_each_part_is_explained_under_what_it_was_decided_with(
    tmp_path: Path, parcels: list[dict[str, Any]]
) -> None:
    """A later run into the same folder with another known-at day leaves the earlier explanations as they were."""
    one, two = (_ndjson(tmp_path / f"{n}.ndjson", [parcels[n]]) for n in (0, 1))
    _clear(one, "--out", tmp_path / "out")
    _clear(two, "--out", tmp_path / "out", "--known-at", "2026-01-01")
    for row in parcels[:2]:
        result = _run("explain", tmp_path / "out", row["consignment_id"])
        assert "it equals what the run wrote" in result.output, row["consignment_id"]


def _wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


@pytest.mark.skipif(os.name != "posix", reason="process groups are of POSIX")
def test_killed_and_resumed(tmp_path: Path) -> None:
    """A second run into a folder, killed in the middle, goes on and gives the rows of one that was not."""
    stream, first = tmp_path / "a.parquet", tmp_path / "b.parquet"
    out, whole = tmp_path / "out", tmp_path / "whole"
    assert _run("generate", "--consignments", 2_500, "--seed", 2, "--out", stream).exit_code == 0
    assert _run("generate", "--consignments", 30, "--seed", 5, "--out", first).exit_code == 0
    run_clear([first], out, workers=1, items_per_part=PART)
    shutil.copytree(out, whole)
    run_clear([stream], whole, workers=2, items_per_part=PART)

    script = "import sys; from pathlib import Path; from greenlane.engine.clear import clear; "
    script += f"clear([Path(sys.argv[1])], Path(sys.argv[2]), workers=1, items_per_part={PART})"
    started = subprocess.Popen([sys.executable, "-c", script, stream, out], start_new_session=True)
    _wait_for(lambda: (out / "state" / "part-00002.json").exists())
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert (out / "state" / "run.json").exists()
    assert _clear(stream, "--out", out).exit_code == 2
    assert _clear(first, "--out", out, "--resume").exit_code == 2
    run_clear([stream], out, workers=1, items_per_part=PART, resume=True)

    assert _statistics(out) == _statistics(whole)
    for folder in ("outcomes", "charges", "findings"):
        mine, theirs = (
            {path.name: path.read_bytes() for path in (place / folder).iterdir()} for place in (out, whole)
        )
        assert mine == theirs, folder


WRONG: dict[str, tuple[str, ...]] = {
    "no such file": ("clear", "{tmp}/none.csv", "--out", "{tmp}/out"),
    "a folder for a file": ("clear", "{tmp}", "--out", "{tmp}/out"),
    "out below a file": ("clear", "{tmp}/a.json", "--out", "{tmp}/a.json/out"),
    "no day": ("clear", "{tmp}/a.json", "--out", "{tmp}/out", "--known-at", "2026-02-30"),
    "no store": ("clear", "{tmp}/a.json", "--out", "{tmp}/out", "--reference", "{tmp}/none"),
    "assumptions that are no JSON": ("clear", "{tmp}/a.json", "--out", "{tmp}/out", "--assume", "{tmp}/bad"),
    "no run to explain": ("explain", "{tmp}", "X"),
    "no run to forget": ("forget", "{tmp}"),
    "quote of nothing": ("quote", "{tmp}/none.json"),
    "no such kind": ("reference", "import", "nonsense", "{tmp}/a.json", "--reference", "{tmp}/store"),
    "not the kind": ("reference", "import", "us-hts", "{tmp}/a.json", "--reference", "{tmp}/store",
                     "--from", "2026-01-01"),
    "no such ending": ("generate", "--consignments", "3", "--seed", "1", "--out", "{tmp}/a.txt"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_usage(tmp_path: Path, parcels: list[dict[str, Any]], kind: str) -> None:
    """Wrong usage exits 2 with one line, and leaves no folder of results behind."""
    (tmp_path / "a.json").write_text(json.dumps(parcels[0]), encoding="utf-8")
    (tmp_path / "bad").write_text("[1", encoding="utf-8")
    result = _run(*(word.replace("{tmp}", str(tmp_path)) for word in WRONG[kind]))
    assert result.exit_code == 2
    assert result.output.strip().splitlines()[-1].startswith("Error:")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("data", [b"", b'{"a":', b"[1, 2]", b"\xff\xfe", b"{}", b"[" * 100_000])
def test_quote_of_what_is_no_consignment(data: bytes) -> None:
    """A quote of broken or incomplete JSON names the faults and exits 1."""
    result = _run("quote", "-", data=data)
    assert result.exit_code == 1
    assert "error: " in result.output


def test_law_as_known_before_it_was_made(tmp_path: Path, parcels: list[dict[str, Any]]) -> None:
    """With a known-at day before the law was recorded nothing is assessed as if it were known."""
    _clear(_ndjson(tmp_path / "a.ndjson", parcels), "--out", tmp_path / "out", "--known-at", "2001-01-01")
    outcomes = read_outputs(tmp_path / "out" / "outcomes", "parquet")
    open_ = outcomes.filter(pl.col("status") == "incomplete")
    assert open_.height == outcomes.height
    assert open_["total"].null_count() == open_.height
    assert not set(outcomes["disposition"]) & {"release", "release_on_payment"}


def test_an_amendment_that_is_refused_leaves_the_first_filing(
    tmp_path: Path, parcels: list[dict[str, Any]]
) -> None:
    """A correction with a fault takes nothing away: what was good before it stands, and its neighbours too."""
    broken = [dict(parcel) for parcel in parcels]
    broken[0]["currency"] = "XXX"
    broken[1]["channel"] = "balloon"
    first, second = _ndjson(tmp_path / "a.ndjson", parcels), _ndjson(tmp_path / "b.ndjson", broken)
    assert _clear(first, second, "--out", tmp_path / "out").exit_code == 1
    ids = read_outputs(tmp_path / "out" / "outcomes", "parquet", ["consignment_id"])["consignment_id"]
    assert sorted(ids.to_list()) == sorted(parcel["consignment_id"] for parcel in parcels)
    assert _summary(tmp_path / "out")["totals"]["consignments"] == len(parcels)
