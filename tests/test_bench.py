"""The bench: its rival programs agree with greenlane, its limit writes what a run wrote, its words say it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from greenlane.bench.bulk import time_clear, time_limit
from greenlane.bench.messages import EVERY as MEASURED
from greenlane.bench.one import time_one
from greenlane.bench.process import BenchError, measured
from greenlane.bench.rivals import time_rivals
from greenlane.bench.run import run_bench
from greenlane.bench.tables import COUNTRIES, tables
from greenlane.bench.words import in_words
from greenlane.engine.context import context
from greenlane.engine.output import read_outputs
from greenlane.packs import CODES
from greenlane.sandbox import DESTINATIONS, generate
from greenlane.values.errors import UsageError

WEIGHTS = {country: weight for country, weight in DESTINATIONS.items() if country in COUNTRIES}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the pseudonym key of these runs out of the user's home."""
    monkeypatch.setenv("GREENLANE_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("days", [(date(2026, 6, 1), 30), (date(2026, 7, 1), 31)], ids=["June", "July"])
def test_rivals_agree_to_the_cent(tmp_path: Path, days: tuple[date, int]) -> None:
    """Before and after the flat duty, a hand-written loop and pandas reach greenlane's amounts, every one."""
    pytest.importorskip("pydantic")
    pytest.importorskip("pandas")
    stream = tmp_path / "stream.parquet"
    generate(6_000, 5, stream, start=days[0], days=days[1], destinations=WEIGHTS)
    found = time_rivals(str(stream))
    assert set(found["agreement"]) == {"row loop", "pandas"}
    for agreed in found["agreement"].values():
        assert agreed["consignments"] == agreed["same_status"] == found["consignments"]
        assert 4_000 < agreed["assessed"] == agreed["same_amounts"] == agreed["same_category"]
        assert 2_000 < agreed["without_risk"] == agreed["same_disposition"]


def test_row_loop_on_the_example_of_the_contract(tmp_path: Path) -> None:
    """Five T-shirts at 40 euro with 4 euro freight under IOSS bear 3 euro flat duty and 8.36 VAT."""
    rows = pytest.importorskip("greenlane.bench.rows", exc_type=ImportError)
    frame = pl.DataFrame(
        {
            "declaration_date": [date(2026, 7, 2)],
            "departure_country": ["CN"],
            "currency": ["EUR"],
            "items.hs_code": ["610910"],
            "items.origin_country": ["CN"],
        }
    )
    item = {
        "item_id": "1",
        "hs_code": "610910",
        "origin_country": "CN",
        "quantity": 5,
        "value": "40.00",
        "net_mass_kg": "0.8",
    }
    consignment = rows.Consignment.model_validate(
        {
            "consignment_id": "A",
            "channel": "postal",
            "transaction": "b2c",
            "declaration_date": "2026-07-02",
            "departure_country": "CN",
            "destination_country": "DE",
            "dataset": "H7",
            "transport_mode": "air",
            "currency": "EUR",
            "freight": "4.00",
            "insurance": "0",
            "other_charges": "0",
            "freight_in_price": False,
            "scheme": "IOSS",
            "scheme_id": "IM3720000224",
            "seller_registered": True,
            "platform_id": "M1",
            "items": [item],
        }
    )
    outcome = rows.assess(consignment, rows.law_of(tables(frame, context())))
    assert (outcome.duty, outcome.tax, outcome.payable_at_border) == (Decimal("3.00"), Decimal("8.36"), 3)
    assert (outcome.category, outcome.disposition) == (3, "release_on_payment")


def test_limit_writes_what_the_run_wrote(tmp_path: Path) -> None:
    """The bulk run tells its stages, and the limit takes its parts from the run's own manifest."""
    stream, out = tmp_path / "stream.parquet", tmp_path / "out"
    made = generate(2_000, 5, stream, destinations=WEIGHTS)
    run = time_clear(str(stream), str(out), workers=1, group_sums=True)
    assert run["items"] <= made.items
    assert run["consignments"] == read_outputs(out / "outcomes", "parquet").height
    assert {"read", "prepare", "decide", "write"} <= set(run["stages"])
    limit = time_limit(str(stream), str(out), workers=1)
    assert 0 < limit["reading"] + limit["writing"] < run["seconds"]


def test_run_without_group_sums_knows_no_group(tmp_path: Path) -> None:
    """With group sums left out no outcome states a group, and the rest of the run is as ever."""
    stream = tmp_path / "stream.parquet"
    generate(2_000, 5, stream, destinations=WEIGHTS)
    time_clear(str(stream), str(tmp_path / "with"), workers=1, group_sums=True)
    time_clear(str(stream), str(tmp_path / "without"), workers=1, group_sums=False)
    grouped, plain = (read_outputs(tmp_path / name / "outcomes", "parquet") for name in ("with", "without"))
    assert grouped["group.count"].max() > 1
    assert plain["group.count"].null_count() == plain.height == grouped.height
    assert grouped["total"].to_list() == plain["total"].to_list()


def test_one_times_every_consignment(tmp_path: Path) -> None:
    """Each accepted consignment is decided alone, and quotes start from bytes."""
    generate(300, 5, tmp_path / "some.parquet", destinations=WEIGHTS)
    generate(20, 5, tmp_path / "some.ndjson", destinations=WEIGHTS)
    found = time_one(str(tmp_path / "some.parquet"), str(tmp_path / "some.ndjson"), 20)
    assert found["decision"]["count"] > 280 and found["quote"]["count"] == 20
    assert found["filing"]["p50_cpu_ms"] < found["quote"]["p50_cpu_ms"]
    for spread in found.values():
        assert 0 < spread["p50_ms"] <= spread["p99_ms"] <= spread["worst_ms"]


def test_bench_in_words_and_for_machines() -> None:
    """The small bench of one consignment says its figures twice, alike."""
    result = run_bench("one", 1_000)
    told = result.as_dict()
    assert told["machine"]["cores"] >= 1 and set(told) == {"greenlane", "machine", "one", "skipped"}
    assert f"{told['one']['decision']['p99_ms']:.3f}" in result.in_words()


def test_a_filing_is_timed_stage_by_stage() -> None:
    """A filing of 1,000 goes from bytes to outcomes, and its stages stand in the text."""
    result = run_bench("filing", 1_000)
    for run in result.parts["filing"].values():
        assert run["consignments"] == 1_000 < run["items"]
        assert all(run[by][stage] > 0 for by in ("ms", "cpu_ms") for stage in ("read", "decide", "each"))
        assert f"{run['cpu_ms']['decide']:.1f}" in result.in_words()


def test_a_service_is_measured_beside_copy_with_its_queue() -> None:
    """A real service files, pages through a queue and is set beside COPY; its figures stand in the text."""
    result = run_bench("service", 10_000)
    one, two = result.parts["service"]["runs"]
    assert (one["workers"], two["workers"]) == (1, 2) and "queue" not in one
    for run in (one, two):
        assert [plan["form"] for plan in run["filings"]] == ["JSON", "NDJSON", "JSON"]
        for plan in run["filings"]:
            filed = plan["filings"] * 1_000
            assert 0.95 * filed < plan["consignments"] <= filed and plan["per_second"] > 0
            assert plan["of_copy"] == {
                writers: plan["per_second"] / run["copies"][writers] for writers in ("1", "2")
            }
            assert all(seconds > 0 for seconds in plan["cpu_per_thousand"].values())
        assert [one["when"] for one in run["singles"]] == ["before the rush", "right after it"]
        assert all(0 < one["p50_ms"] <= one["p99_ms"] for one in run["singles"])
    assert two["queue"]["open"] >= 10_000
    assert f"{two['queue']['pages']['queue, deep pages']['p50_ms']:.1f}" in result.in_words()


def test_missing_extras_are_said_in_words() -> None:
    """What is left out stands in the text with the way to get it."""
    reason = "pandas not installed (pip install greenlane[bench])"
    assert in_words({"cores": 2, "memory_gib": 8}, {}, [reason]).endswith(f"Left out: {reason}")


@pytest.mark.parametrize(("name", "items"), [("speed", 10_000), ("one", 10)])
def test_wrong_usage_is_refused(name: str, items: int) -> None:
    """An unknown part or too few items is wrong usage, not a traceback."""
    with pytest.raises(UsageError):
        run_bench(name, items)


def test_a_job_that_fails_says_why(tmp_path: Path) -> None:
    """A measurement that fails in its process gives one line, not a traceback."""
    files = {"file": str(tmp_path / "none"), "out": str(tmp_path / "out")}
    with pytest.raises(BenchError, match="no such file"):
        measured("clear", 1, workers=1, group_sums=True, **files)


def test_every_law_beside_six_and_what_if_beside_the_bulk_run() -> None:
    """The parts ``packs`` and ``whatif`` measure real runs on streams of the laws that they name, and say so."""
    packs = run_bench("packs", 10_000)
    runs = packs.parts["packs"]["runs"]
    assert runs["every law"]["laws"] == len(CODES) > runs["six laws"]["laws"] == 6
    assert packs.parts["packs"]["kept"] > 0
    assert "every law" in packs.in_words()
    compared = run_bench("whatif", 10_000)
    assert compared.parts["whatif"]["of_bulk"] > 0
    assert "what if" in compared.in_words()


def test_messages_are_read_beside_bare_lxml() -> None:
    """Each format is measured on the bytes that bare lxml parses and validates, told as a ratio, and in what memory."""
    result = run_bench("messages", 1_000)
    runs = result.parts["messages"]
    assert set(runs) == set(MEASURED)
    for name, run in runs.items():
        assert run["items"] > run["messages"] == 100
        assert all(spent > 0 for spent in run["cpu_s"].values())
        assert run["of_bare"] > 0.02 and run["stream_of_bare"] > 0.02
        assert run["long"]["items"] == 1_000 and run["long"]["before"] <= run["long"]["peak"]
        assert name in result.in_words()
