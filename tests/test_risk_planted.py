"""The first indicators fire on planted cases; precision and recall are measured against the labels."""

from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from greenlane.engine.context import context
from greenlane.engine.decider import DecidedBatch, decide_batch, prepare
from greenlane.engine.groups import goods_values, grouped
from greenlane.messages.files import open_source, read_part
from greenlane.sandbox import generate

# Label -> the findings or indicators that answer it, and the least share of the planted cases that they find.
ANSWERS = {
    "vague": ({"description.vague"}, 0.99),
    "vague_embedded": ({"description.vague_term"}, 0.95),
    "prohibited": ({"goods.prohibited", "goods.prohibited_word"}, 0.99),
    "bad_check_digit": ({"identifier.check_digit"}, 0.99),
    "split": ({"split.order"}, 0.95),
    "reused_id": ({"identity.reused"}, 0.95),
}


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> tuple[DecidedBatch, pl.DataFrame]:
    """Thirty thousand consignments decided, and the labels of the planted ones."""
    folder = tmp_path_factory.mktemp("planted")
    report = generate(30_000, 23, folder / "stream.parquet")
    source = open_source(folder / "stream.parquet", folder)
    run = context(store=Path(folder / "no-store"))
    (part,) = source.parts(10_000_000)
    batch = read_part(part)
    decided = decide_batch(prepare(batch, run, grouped(goods_values(batch, run))), run)
    return decided, pl.read_csv(report.labels, infer_schema=False)


def _fired(decided: DecidedBatch) -> dict[str, set[str]]:
    """Code -> consignments that it was said of."""
    fired: dict[str, set[str]] = defaultdict(set)
    for row in decided.findings.select("consignment_id", "code").unique().iter_rows():
        fired[row[1]].add(row[0])
    for name, signs in decided.outcomes.select("consignment_id", "risk.indicators").iter_rows():
        for sign in signs:
            fired[sign["code"]].add(name)
    return fired


@pytest.mark.parametrize("label", ANSWERS)
def test_planted_cases_are_found(label: str, stream: tuple[DecidedBatch, pl.DataFrame]) -> None:
    """Nearly every planted case of a kind is answered by its finding or indicator."""
    decided, labels = stream
    codes, least = ANSWERS[label]
    planted = set(labels.filter(pl.col("label") == label)["consignment_id"].to_list())
    if label == "split":
        # The United States free nothing in the stream's weeks, so that splitting stays below no threshold.
        american = decided.outcomes.filter(pl.col("jurisdiction") == "us")["consignment_id"]
        planted -= set(american.to_list())
    fired = _fired(decided)
    found = planted & set().union(*(fired[code] for code in codes))
    assert len(planted) > 30
    assert len(found) >= least * len(planted), f"{label}: {len(found)} of {len(planted)}"


def test_measured_precision(stream: tuple[DecidedBatch, pl.DataFrame]) -> None:
    """What fires is mostly planted for the kinds that nothing else in the stream imitates."""
    decided, labels = stream
    fired = _fired(decided)
    for label in ("vague", "bad_check_digit", "reused_id", "split"):
        planted = set(labels.filter(pl.col("label") == label)["consignment_id"].to_list())
        said = set().union(*(fired[code] for code in ANSWERS[label][0]))
        assert len(said & planted) >= 0.9 * len(said), f"{label}: {len(said & planted)} of {len(said)} said"


def test_a_vague_description_is_never_released(stream: tuple[DecidedBatch, pl.DataFrame]) -> None:
    """A consignment whose description says nothing is asked about, or worse."""
    decided, _ = stream
    vague = decided.findings.filter(pl.col("code") == "description.vague")["consignment_id"].unique()
    dispositions = decided.outcomes.filter(pl.col("consignment_id").is_in(vague.implode()))["disposition"]
    assert dispositions.len() > 30
    assert not set(dispositions.unique().to_list()) & {"release", "release_on_payment"}


def test_nothing_incomplete_is_released(stream: tuple[DecidedBatch, pl.DataFrame]) -> None:
    """An outcome whose amounts aren't known is held, and has no total."""
    decided, _ = stream
    open_ended = decided.outcomes.filter(pl.col("status") == "incomplete")
    assert open_ended.height > 100
    assert open_ended["total"].null_count() == open_ended.height
    assert set(open_ended["disposition"].unique().to_list()) <= {"hold", "do_not_load", "refuse"}
