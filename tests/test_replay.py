"""Deciding a finished run again under another law: who gets money back, who owes more, and nobody lost."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from greenlane.engine.clear import clear
from greenlane.engine.other_law import read_other_law, read_settings
from greenlane.engine.output import read_outputs
from greenlane.engine.replay import ReplayReport, in_words, replay
from greenlane.engine.replay_part import CLASSES
from greenlane.law.pack import law_version
from greenlane.packs import pack
from greenlane.reference import import_file
from greenlane.sandbox import generate
from greenlane.values.errors import UsageError

SINCE = date(2026, 6, 20)
CHANGE = {
    "name": "VAT in Germany at 20 % and in France at 10 % from 25 June",
    "amendments": [
        {"parameter": "eu.vat.standard", "key": "DE", "value": "0.20", "from": date(2026, 6, 25)},
        {"parameter": "eu.vat.standard", "key": "FR", "value": "0.10", "from": date(2026, 6, 25)},
    ],
}

Replay = Callable[..., ReplayReport]


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stream") / "stream.parquet"
    generate(1500, 11, path)
    return path


@pytest.fixture(scope="module")
def run(stream: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    clear([stream], out, workers=1, items_per_part=900)
    return out


@pytest.fixture
def law(tmp_path: Path) -> str:
    path = tmp_path / "change.yaml"
    path.write_text(yaml.safe_dump(CHANGE), encoding="utf-8")
    return str(path)


def consignments(report: ReplayReport) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(p) for p in sorted((report.out / "consignments").glob("*.parquet")))


def traces(report: ReplayReport) -> list[dict[str, Any]]:
    files = sorted((report.out / "traces").glob("*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_consignment_stands_in_exactly_one_class(run: Path, law: str, tmp_path: Path) -> None:
    """Counts add up to what the run decided, ids stand once, and the classes are the four published ones."""
    report = replay(run, tmp_path / "again", since=SINCE, law=[law], workers=1)
    s, rows = report.summary, consignments(report)
    written = read_outputs(run / "outcomes", "parquet")
    assert report.complete
    assert s["consignments"] == written.height == s["before_the_day"] + s["since_the_day"]
    assert rows["consignment_id"].n_unique() == rows.height == s["since_the_day"]
    assert set(rows["class"]) <= set(CLASSES)
    assert min(rows["declaration_date"]) >= SINCE
    assert s["classes"]["refund"] and s["classes"]["further_claim"] and s["classes"]["same"]


def test_refunds_and_claims_are_what_clearing_anew_gives(
    run: Path, stream: Path, law: str, tmp_path: Path
) -> None:
    """The sums per payer equal the difference between the run and a second run under the amended law."""
    report = replay(run, tmp_path / "again", since=date(2000, 1, 1), law=[law], workers=1)
    anew = tmp_path / "anew"
    listed = [{**a, "from": a["from"].isoformat()} for a in CHANGE["amendments"]]  # type: ignore[attr-defined]
    clear([stream], anew, workers=1, assumed={"amendments": listed})
    before, after = (sums(folder) for folder in (run, anew))
    expected: dict[tuple[str, str], list[Decimal]] = {}
    for key in before | after:
        _, payer, currency = key
        delta = after.get(key, Decimal(0)) - before.get(key, Decimal(0))
        entry = expected.setdefault((payer, currency), [Decimal(0), Decimal(0)])
        entry[0] += max(-delta, Decimal(0))
        entry[1] += max(delta, Decimal(0))
    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in report.summary["payers"]:
        entry = found.setdefault((row["payer"], row["currency"]), [Decimal(0), Decimal(0)])
        entry[0] += Decimal(row["refund"])
        entry[1] += Decimal(row["further_claim"])
    assert found == {key: amounts for key, amounts in expected.items() if any(amounts)}


def sums(folder: Path) -> dict[tuple[str, str, str], Decimal]:
    """What each payer owes for each assessed consignment of a run."""
    known = read_outputs(folder / "outcomes", "parquet").filter(pl.col("status") == "assessed")
    charges = read_outputs(folder / "charges", "parquet").join(known, on="consignment_id", how="semi")
    found: dict[tuple[str, str, str], Decimal] = {}
    for name, payer, currency, amount in charges.select(
        "consignment_id", "payer", "currency", "amount"
    ).iter_rows():
        found[name, payer, currency] = found.get((name, payer, currency), Decimal(0)) + Decimal(amount)
    return found


def test_each_difference_has_both_traces(run: Path, law: str, tmp_path: Path) -> None:
    """Charges and steps before and after; their sums differ by what the difference says."""
    report = replay(run, tmp_path / "again", since=SINCE, law=[law], workers=1)
    differ = consignments(report).filter(pl.col("class").is_in(["refund", "further_claim"]))
    told = traces(report)
    assert {t["consignment_id"] for t in told} == set(differ["consignment_id"])
    nets = dict(differ.select("consignment_id", "net").iter_rows())
    for trace in told:
        owed = [sum(Decimal(c["amount"]) for c in trace[side]["charges"]) for side in ("before", "after")]
        assert owed[1] - owed[0] == Decimal(nets[trace["consignment_id"]])
        assert trace["before"]["steps"] and trace["after"]["steps"]
        assert trace["before"]["law_version"] != trace["after"]["law_version"]


def test_the_law_as_it_is_changes_nothing(run: Path, tmp_path: Path) -> None:
    """Replayed under what it was decided under, every outcome is the same, incomplete ones included."""
    report = replay(run, tmp_path / "again", since=date(2000, 1, 1), law=["held"], workers=1)
    assert report.summary["classes"]["same"] + report.summary["classes"]["cannot_recompute"] == len(
        consignments(report)
    )
    assert set(report.summary["cannot_recompute"]) <= {"no law pack covered it in the run"}
    assert report.summary["payers"] == []
    assert "Nobody gets money back" in in_words(report)


def test_workers_and_formats_do_not_matter(stream: Path, law: str, tmp_path: Path) -> None:
    """Results stand in the same rows whether the run wrote CSV or NDJSON, with one process or two."""
    seen = []
    for form, workers in (("csv", 1), ("ndjson", 2)):
        out = tmp_path / form
        clear([stream], out, workers=1, form=form, items_per_part=900)
        seen.append(replay(out, tmp_path / f"{form}-again", since=SINCE, law=[law], workers=workers))
    assert consignments(seen[0]).equals(consignments(seen[1]))
    assert seen[0].summary["payers"] == seen[1].summary["payers"]


def test_an_earlier_knowledge_of_the_law(run: Path, tmp_path: Path) -> None:
    """With a day, values recorded later don't count: the flat duty wasn't known in January 2026."""
    report = replay(run, tmp_path / "again", since=date(2026, 7, 1), law=["2026-01-15"], workers=1)
    assert report.complete
    versions = set(report.summary["law_versions"]["after"]) - {"none"}
    assert versions and all(version.endswith("@2026-01-15") for version in versions)
    assert report.summary["classes"]["refund"] > 0


@pytest.mark.parametrize("fault", ["gone", "changed", "outcomes"])
def test_what_cannot_be_read_is_listed_with_its_reason(
    stream: Path, law: str, tmp_path: Path, fault: str
) -> None:
    """An input that is gone or changed loses no consignment: each stands there as not recomputable."""
    own = tmp_path / "own.parquet"
    shutil.copy(stream, own)
    clear([own], tmp_path / "run", workers=1)
    if fault == "gone":
        own.unlink()
    elif fault == "changed":
        own.write_bytes(own.read_bytes() + b" ")
    else:
        part = next((tmp_path / "run" / "charges").iterdir())
        part.write_bytes(part.read_bytes() + b" ")
    report = replay(tmp_path / "run", tmp_path / "again", since=SINCE, law=[law], workers=1)
    counted = report.summary["classes"]["cannot_recompute"]
    assert report.complete
    assert counted == report.summary["since_the_day"] == sum(report.summary["cannot_recompute"].values())
    assert len(report.summary["cannot_recompute"]) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "names the law"),
        (("held", "2026-01-01"), "one day, one version"),
        (("nowhere.yaml",), "no such file"),
        (("eu-0123456789abcdef",), "this installation holds eu-"),
        (("qq-0123456789abcdef",), "no law pack"),
    ],
)
def test_laws_that_are_none(given: tuple[str, ...], words: str) -> None:
    """What --law can't read is refused with what it takes."""
    with pytest.raises(UsageError, match=words):
        read_other_law(given)


def test_a_version_that_is_held_is_taken() -> None:
    """The version that an outcome states names the law and the day that it was known on."""
    known = date(2026, 3, 1)
    assert read_other_law([law_version(pack("eu"), known)]).known_at == known


@pytest.mark.parametrize("text", ["eu.flat_duty.amount", "=2", "EU.x=2", "eu.x[DE=2"])
def test_settings_that_are_none(text: str) -> None:
    """--set takes parameter=value and says so."""
    with pytest.raises(UsageError, match="parameter=value"):
        read_settings([text])


def test_a_folder_in_use_and_no_run_are_refused(run: Path, law: str, tmp_path: Path) -> None:
    """Nothing is overwritten, and a folder that holds no finished run is named."""
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "note").touch()
    with pytest.raises(UsageError, match="isn't empty"):
        replay(run, tmp_path / "used", since=SINCE, law=[law])
    with pytest.raises(UsageError, match=r"manifest\.json is missing"):
        replay(tmp_path, tmp_path / "again", since=SINCE, law=[law])


@pytest.mark.shared
def test_the_end_of_the_ieepa_duties(shared: Path, tmp_path: Path) -> None:
    """With the duties void from the first day, buyers of September 2025 get back what those duties came to."""
    data, store = shared / "data", tmp_path / "store"
    import_file("us-hts", data / "tariff_us" / "hts_2025.csv.gz", store, valid_from=date(2025, 1, 1))
    import_file("us-layers", data / "tariff_us_layers", store)
    stream, out = tmp_path / "stream.parquet", tmp_path / "out"
    generate(4000, 3, stream, start=date(2025, 9, 15), days=20)
    clear([stream], out, workers=1, store=store)
    void = Path(__file__).parents[1] / "docs" / "examples" / "ieepa-void.yaml"
    report = replay(out, tmp_path / "again", since=date(2025, 9, 15), law=[str(void)], workers=1)
    known = read_outputs(out / "outcomes", "parquet").filter(pl.col("status") == "assessed")
    owed = read_outputs(out / "charges", "parquet").join(known, on="consignment_id", how="semi")
    ieepa = owed.filter(pl.col("name").str.starts_with("ieepa"))["amount"].to_list()
    back = sum(Decimal(row["refund"]) for row in report.summary["payers"])
    assert back == sum(map(Decimal, ieepa)) > 0
    assert report.summary["classes"]["further_claim"] == 0
