"""Real listings through the whole official files, by the commands; amounts worked out by hand.

The working, with the lines of the files, is in docs/real-listings.md.
"""

import importlib.util
from datetime import date
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

pytestmark = pytest.mark.shared
COLUMN_1 = "column_1_general"
MARCH, NOVEMBER = date(2026, 3, 15), date(2026, 11, 1)
SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "real_listings.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_listings", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cleared(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[date, Path]:
    """The folder of results of each day."""
    script, out = _script(), tmp_path_factory.mktemp("listings")
    script.import_all(shared / "data", out / "store")
    return {day: script.clear_day(shared / "data", day, out / "store", out) for day in (MARCH, NOVEMBER)}


def _charges(results: Path, consignment_id: str) -> dict[str, str | None]:
    rows = pl.read_parquet(results / "charges" / "*.parquet")
    own = rows.filter(pl.col("consignment_id") == consignment_id)
    return dict(own.select("name", "amount").iter_rows())


@pytest.mark.parametrize(
    ("day", "consignment_id", "charges"),
    [
        (MARCH, "US-248-20260315", {COLUMN_1: "0.72", "section_301": "0.33", "section_122": "0.44"}),
        (MARCH, "US-255-20260315", {COLUMN_1: "8.80", "section_301": "13.75", "section_122": "5.50"}),
        (MARCH, "US-274-20260315", {COLUMN_1: "2.12", "section_301": "2.27", "section_122": "3.03"}),
        (MARCH, "US-015-20260315", {COLUMN_1: "0.00", "section_301": "10.86"}),
        (MARCH, "US-091-20260315", {COLUMN_1: "0.97", "section_301": "1.01", "section_122": "1.34"}),
        (MARCH, "US-246-20260315", {COLUMN_1: None, "section_301": "8.16", "section_122": "10.88"}),
        (MARCH, "US-025-20260315", {COLUMN_1: "0.00"}),
        (MARCH, "US-138-20260315", {COLUMN_1: "4.42", "section_301": "32.50"}),
        (
            MARCH,
            "US-287-20260315",
            {
                COLUMN_1: "0.00",
                "section_301": "972.10",
                "section_232": "972.10",
                "merchandise_processing_fee": "33.58",
            },
        ),
        (
            MARCH,
            "US-017-20260315",
            {COLUMN_1: "64.59", "section_301": "621.05", "section_122": "248.42"},
        ),
        (MARCH, "DE-248-20260315", {"vat": "0.70"}),
        (MARCH, "DE-212-20260315", {"customs_duty": "39.85", "vat": "70.66"}),
        (MARCH, "DE-025-20260315", {"customs_duty": "0.00", "vat": "80.03"}),
        (MARCH, "DE-037-20260315", {"customs_duty": "4.33", "vat": "49.16"}),
        (
            NOVEMBER,
            "US-248-20261101",
            {COLUMN_1: "0.72", "section_301": "0.33", "section_301_forced_labour": "0.54"},
        ),
        (NOVEMBER, "US-025-20261101", {COLUMN_1: "0.00"}),
        (NOVEMBER, "DE-248-20261101", {"flat_duty": "3.00", "vat": "0.74"}),
        (MARCH, "GB-248-20260315", {"vat": "0.66"}),
        (MARCH, "GB-199-20260315", {"customs_duty": "21.85", "vat": "31.69"}),
        (MARCH, "GB-065-20260315", {"customs_duty": "7.27", "vat": "37.80"}),
        (MARCH, "GB-076-20260315", {"customs_duty": "17.34", "vat": "32.36"}),
        (MARCH, "GB-270-20260315", {"vat": "3.31"}),
    ],
)
def test_amounts_by_hand(
    cleared: dict[date, Path], day: date, consignment_id: str, charges: dict[str, str | None]
) -> None:
    """Each charge is the amount that the raw files give by exact fractions, rounded once."""
    assert _charges(cleared[day], consignment_id) == charges


@pytest.mark.parametrize(
    ("day", "counts"),
    [(MARCH, {"us": (251, 34), "eu": (279, 6), "gb": (280, 5)}),
     (NOVEMBER, {"us": (277, 8), "eu": (278, 7), "gb": (280, 5)})],
)  # fmt: skip
def test_what_is_incomplete(cleared: dict[date, Path], day: date, counts: dict[str, tuple[int, int]]) -> None:
    """Every listing is decided, and as many are incomplete as docs/real-listings.md says."""
    outcomes = pl.read_parquet(cleared[day] / "outcomes" / "*.parquet")
    by = outcomes.group_by("jurisdiction", "status").len().rows()
    found = {(code, status): count for code, status, count in by}
    assert {
        code: (found[(code, "assessed")], found[(code, "incomplete")]) for code in ("us", "eu", "gb")
    } == counts


def test_an_incomplete_one_names_what_is_not_held(cleared: dict[date, Path]) -> None:
    """In November each US parcel without an amount names the list, the mass or the rate that leaves it open."""
    results = cleared[NOVEMBER]
    outcomes = pl.read_parquet(results / "outcomes" / "*.parquet")
    findings = pl.read_parquet(results / "findings" / "*.parquet")
    open_ = outcomes.filter((pl.col("jurisdiction") == "us") & (pl.col("status") == "incomplete"))
    why = ("us.section_232_unknown", "element.unknown", "tariff.unparsed")
    named = findings.filter(pl.col("code").is_in(why))
    assert set(open_["consignment_id"]) <= set(named["consignment_id"])
    assert open_["total"].null_count() == open_.height
    assert not set(open_["disposition"]) & {"release", "release_on_payment"}
