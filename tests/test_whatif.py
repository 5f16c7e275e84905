"""The law as it is beside a changed one, on the same flow."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from greenlane.engine.clear import clear
from greenlane.engine.other_law import read_settings
from greenlane.engine.output import read_outputs
from greenlane.engine.whatif import WhatIf, in_words, whatif
from greenlane.engine.whatif_part import KINDS
from greenlane.sandbox import generate
from greenlane.values.errors import UsageError

SETTINGS = ("eu.flat_duty.amount=2", "gb.relief.limit=0", "au.gst.standard=0.15")


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stream") / "stream.parquet"
    generate(2500, 21, path)
    return path


@pytest.fixture(scope="module")
def result(stream: Path, tmp_path_factory: pytest.TempPathFactory) -> WhatIf:
    out = tmp_path_factory.mktemp("whatif")
    return whatif([stream], out, SETTINGS, workers=1, items_per_part=2000)


def rows_by_country(found: WhatIf) -> dict[str, dict[str, Any]]:
    return {row["destination"]: row for row in found.summary["by_country"]}


def test_both_sides_are_what_clearing_gives(stream: Path, result: WhatIf, tmp_path: Path) -> None:
    """Revenue before and after, by country, equals two bulk runs: one of today's law, one of the changed."""
    changes = [{"parameter": name, "value": value} for name, value in (text.split("=") for text in SETTINGS)]
    sides = {}
    for side, assumed in (("before", {}), ("after", {"amendments": changes})):
        clear([stream], tmp_path / side, workers=1, assumed=assumed)
        sides[side] = read_outputs(tmp_path / side / "outcomes", "parquet")
    facts = pl.read_parquet(stream, columns=["consignment_id", "destination_country"]).unique(
        "consignment_id"
    )
    both = (
        sides["before"]
        .join(sides["after"], on="consignment_id", suffix=".after")
        .join(facts, on="consignment_id")
    )
    known = both.filter((pl.col("status") == "assessed") & (pl.col("status.after") == "assessed"))
    found = rows_by_country(result)
    assert sum(row["consignments"] for row in found.values()) == both.height
    for (country,), own in known.group_by("destination_country"):
        row = found[str(country)]
        assert row["compared"] == own.height
        for kind in KINDS:
            assert Decimal(row[f"before.{kind}"]) == sum(map(Decimal, own[kind]))
            assert Decimal(row[f"after.{kind}"]) == sum(map(Decimal, own[f"{kind}.after"]))
        paying = [
            sum(Decimal(amount) > 0 for amount in own[name])
            for name in ("payable_at_border", "payable_at_border.after")
        ]
        assert [row["before.paying"], row["after.paying"]] == paying


def test_every_table_adds_up_to_the_same(result: WhatIf) -> None:
    """By country, by goods, by value and in cells: the same consignments and the same revenue, per currency."""
    with (result.out / "cells.csv").open(encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    tables = [result.summary[name] for name in ("by_country", "by_goods", "by_band")]
    sums = [per_currency(table) for table in (*tables, cells)]
    assert all(one == sums[0] for one in sums)


def per_currency(rows: list[dict[str, Any]]) -> dict[str, tuple[int, Decimal, Decimal]]:
    found: dict[str, tuple[int, Decimal, Decimal]] = {}
    for row in rows:
        key = row["currency"] or ""
        count, before, after = found.get(key, (0, Decimal(0), Decimal(0)))
        revenue = [Decimal(row[f"{side}.revenue"]) for side in ("before", "after")]
        found[key] = (count + int(row["consignments"]), before + revenue[0], after + revenue[1])
    return found


def test_processes_and_parts_do_not_matter(stream: Path, result: WhatIf, tmp_path: Path) -> None:
    """Two processes on other parts find the same."""
    again = whatif([stream], tmp_path, SETTINGS, workers=2)
    assert again.summary == result.summary


def test_each_change_is_told_apart(result: WhatIf) -> None:
    """What one change does is told of it alone; together they change no fewer than the largest of them."""
    counts = [change["consignments"] for change in result.summary["changes"]]
    assert all(counts)
    assert result.summary["changed"] == sum(counts)  # three laws, so no consignment counts twice


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("eu.fee.handling=2", "the law says the same with it"),
        ("eu.flat_duty.amount=2@2026-12-01", "the law says the same with it"),
        ("eu.flat_duty.amount=3", "the law says the same with it"),
        ("us.ieepa.reduced=0.5", "the law says the same with it"),
        ("zz.min_collection=2.01", "nothing that is owed in this run"),
    ],
)
def test_a_change_without_effect_says_so(stream: Path, tmp_path: Path, setting: str, words: str) -> None:
    """Outside the run's dates, equal to what the law says, or not touching anything owed: said, with the reason."""
    found = whatif([stream], tmp_path, [setting], workers=1)
    (change,) = found.summary["changes"]
    assert change["effect"].startswith("no effect: ") and words in change["effect"]
    assert found.summary["changed"] == 0
    assert words in in_words(found)


def test_a_law_that_no_consignment_meets(tmp_path: Path) -> None:
    """Where the run holds nothing for a jurisdiction, a change of its law is said to have no effect."""
    parcel = json.loads((Path(__file__).parents[1] / "docs/examples/parcel.json").read_text(encoding="utf-8"))
    (tmp_path / "one.json").write_text(json.dumps([parcel]), encoding="utf-8")
    found = whatif([tmp_path / "one.json"], tmp_path / "out", ["gb.relief.limit=0"], workers=1)
    assert found.summary["changes"][0]["effect"].endswith("goes where gb is the law")


def test_demand_answers_as_assumed(stream: Path, tmp_path: Path) -> None:
    """With an elasticity a dearer landed cost lowers the volume expected, a cheaper one raises it; 0 leaves it."""
    dearer = whatif([stream], tmp_path / "a", ["gb.vat.standard=0.40"], elasticity="-1.5", workers=1)
    gb = rows_by_country(dearer)["GB"]
    assert gb["expected.consignments"] < gb["compared"]
    assert Decimal(gb["expected.revenue"]) < Decimal(gb["after.revenue"])
    still = whatif([stream], tmp_path / "b", ["gb.vat.standard=0.40"], elasticity="0", workers=1)
    gb = rows_by_country(still)["GB"]
    assert gb["expected.consignments"] == gb["compared"]
    assert gb["expected.revenue"] == gb["after.revenue"]


def test_the_beginning_of_one_amounts_name_is_enough() -> None:
    """``gb.relief`` is its limit; a name that begins several amounts, or none, stays as it is."""
    assert read_settings(["gb.relief=0"])[0]["parameter"] == "gb.relief.limit"
    assert read_settings(["eu.relief.limit=0"])[0]["parameter"] == "eu.relief.limit"
    assert read_settings(["eu=0"])[0]["parameter"] == "eu"


@pytest.mark.parametrize(("text", "words"), [("1.5", "zero or less"), ("x", "write a decimal")])
def test_an_elasticity_that_is_none(stream: Path, tmp_path: Path, text: str, words: str) -> None:
    """A higher cost doesn't raise demand, and a word is no number."""
    with pytest.raises(UsageError, match=words):
        whatif([stream], tmp_path, SETTINGS, elasticity=text)


def test_the_page_and_the_tables_stand(result: WhatIf) -> None:
    """The page names each change and has a chart and a table for country, payment, goods and value."""
    page = (result.out / "whatif.html").read_text(encoding="utf-8")
    for word in ("eu.flat_duty.amount = 2", 'id="countries"', 'id="paying"', 'id="goods"', 'id="bands"'):
        assert word in page
    assert "<script" not in page
    assert sorted(p.name for p in result.out.iterdir()) == [
        "by_band.csv", "by_country.csv", "by_goods.csv", "cells.csv", "summary.json", "whatif.html",
    ]  # fmt: skip
