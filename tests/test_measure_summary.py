"""Statistics of parts and the summary that they add up to."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from greenlane.engine.context import context
from greenlane.engine.decider import MINOR, decide_batch, prepare
from greenlane.engine.groups import items_of
from greenlane.measure.part import AMOUNTS, OUR_CODES, OURS, TABLES, PartStatistics
from greenlane.measure.summary import merge, part_statistics
from greenlane.messages.files import open_source, read_part
from greenlane.sandbox import generate
from greenlane.values.money import exponent, parse_scaled


@dataclass(frozen=True, slots=True)
class Part:
    """The six frames of a decided part."""

    consignments: pl.DataFrame
    items: pl.DataFrame
    outcomes: pl.DataFrame
    charges: pl.DataFrame
    findings: pl.DataFrame
    minor: pl.DataFrame

    def statistics(self) -> PartStatistics:
        return part_statistics(
            self.consignments, self.items, self.outcomes, self.charges, self.findings, self.minor
        )

    def slice(self, first: int, last: int) -> "Part":
        places = pl.Series(values=range(first, last), dtype=pl.UInt32)
        ids = self.consignments["consignment_id"][first:last].implode()
        own = pl.col("consignment_id").is_in(ids)
        return Part(
            self.consignments[first:last],
            items_of(self.items, places, len(self.consignments)),
            self.outcomes[first:last],
            self.charges.filter(own),
            self.findings.filter(own),
            self.minor[first:last],
        )


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Part:
    folder = tmp_path_factory.mktemp("stream")
    (folder / "work").mkdir()
    generate(3_000, 5, folder / "stream.parquet")
    source = open_source(folder / "stream.parquet", folder / "work")
    made = context(store=folder / "none", key=bytes(32))
    prepared = prepare(read_part(source.parts(1_000_000)[0]), made)
    decided = decide_batch(prepared, made)
    return Part(
        prepared.consignments,
        prepared.items,
        decided.outcomes,
        decided.charges,
        decided.findings,
        decided.minor,
    )


def _minor(text: str | None, currency: str) -> int | None:
    return None if text is None else parse_scaled(text, exponent(currency))


def test_the_amounts_are_those_of_a_decided_batch() -> None:
    """The room names the amounts of a consignment as the engine hands them over."""
    assert AMOUNTS == MINOR


def test_destinations_equal_a_count_by_hand(part: Part) -> None:
    """Counts, sums and unknowns by destination are what a plain loop over the outcome rows finds."""
    items = Counter(part.items["row"].to_list())
    expected: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    columns = {
        "value": "intrinsic_value",
        "duty": "duty",
        "tax": "tax",
        "fees": "fees",
        "payable": "payable_at_border",
    }
    for place, (outcome, filed) in enumerate(
        zip(part.outcomes.iter_rows(named=True), part.consignments.iter_rows(named=True), strict=True)
    ):
        sums = expected[outcome["jurisdiction"], filed["destination_country"], outcome["currency"]]
        sums["consignments"] += 1
        sums["items"] += items[place]
        sums["incomplete"] += outcome["status"] == "incomplete"
        for name, column in columns.items():
            amount = _minor(outcome[column], outcome["currency"])
            sums[name] += amount or 0
            sums[f"{name}_unknown"] += amount is None
    shape = TABLES["destinations"]
    found = {
        tuple(row[:3]): dict(zip(shape.measures, row[3:], strict=True))
        for row in part.statistics()["destinations"]
    }
    assert found == {key: {name: sums[name] for name in shape.measures} for key, sums in expected.items()}


def test_charges_equal_a_count_by_hand(part: Part) -> None:
    """Charges by name, moment, payer and certainty are exact, those without an amount counted apart."""
    keys = TABLES["charges"].keys
    expected: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in part.charges.iter_rows(named=True):
        sums = expected[tuple(row[name] for name in keys)]
        amount = _minor(row["amount"], row["currency"])
        sums[0] += 1
        sums[1] += amount or 0
        sums[2] += amount is None
        sums[3] += row["waived.reason"] is not None
    assert {tuple(row[:7]): row[7:] for row in part.statistics()["charges"]} == dict(expected)


def test_chapters_share_out_the_value_of_consignments(part: Part) -> None:
    """The values of chapters sum back to the values of consignments, currency by currency, to the cent."""
    expected: Counter[str] = Counter()
    for value, currency in zip(part.minor["value"], part.outcomes["currency"], strict=True):
        expected[currency] += value or 0
    found: Counter[str] = Counter()
    for _, currency, _, value, _ in part.statistics()["chapters"]:
        found[currency] += value
    assert found == expected
    assert sum(row[2] for row in part.statistics()["chapters"]) == len(part.items)


def test_findings_by_code_and_by_sender_equal_a_count_by_hand(part: Part) -> None:
    """A finding counts for the sender only where the sender can mend it; information never does."""
    filed = {row["consignment_id"]: row for row in part.consignments.iter_rows(named=True)}
    status = dict(zip(part.outcomes["consignment_id"], part.outcomes["status"], strict=True))
    findings: Counter[str] = Counter()
    reached: dict[str, set[str]] = defaultdict(set)
    sent: Counter[tuple[str, str]] = Counter()
    for row in part.findings.iter_rows(named=True):
        findings[row["code"]] += 1
        reached[row["code"]].add(row["consignment_id"])
        family = row["code"].split(".")[0]
        if row["severity"] != "info" and family not in OURS and row["code"] not in OUR_CODES:
            of = filed[row["consignment_id"]]
            sent[of["platform.id"] or of["seller.id"] or of["carrier.id"], row["code"]] += 1
    made = part.statistics()
    assert {code: rest for code, _, *rest in made["findings"]} == {
        code: [findings[code], len(ids), sum(status[name] == "incomplete" for name in ids)]
        for code, ids in reached.items()
    }
    assert {(sender, code): count for sender, code, count in made["sender_findings"]} == dict(sent)
    assert sum(count for _, count in made["senders"]) == len(part.consignments)


@pytest.mark.parametrize("cuts", [(0, 1_500, 3_000), (0, 1, 2, 2_999, 3_000), (0, 0, 1_000, 3_000)])
def test_parts_add_up_to_the_whole(part: Part, cuts: tuple[int, ...]) -> None:
    """However the stream is cut, and after a stay on disk, the summary is that of the whole."""
    parts = [part.slice(first, last).statistics() for first, last in pairwise(cuts)]
    kept = [json.loads(json.dumps(statistics)) for statistics in parts]
    whole = merge([part.statistics()])
    assert merge(kept) == whole
    assert merge(reversed(kept)) == whole
    assert whole["totals"]["consignments"] == 3_000


def test_a_part_without_consignments_adds_nothing(part: Part) -> None:
    """An empty part has empty tables."""
    assert all(rows == [] for rows in part.slice(0, 0).statistics().values())


def test_unknown_is_counted_and_never_zero(part: Part) -> None:
    """A sum without any known term is null; with some, the unknown ones stand beside it."""
    nothing = part.minor.with_columns(pl.lit(None, pl.Int64).alias("duty"))
    hidden = Part(part.consignments, part.items, part.outcomes, part.charges, part.findings, nothing)
    for row in merge([hidden.statistics()])["destinations"]:
        assert row["duty"] is None
        assert row["duty_unknown"] == row["consignments"]


def test_sums_past_64_bits_are_exact(part: Part) -> None:
    """Amounts whose sum passes 64 bits are added without wrapping."""
    huge = part.minor.with_columns(pl.lit(2**62, pl.Int64).alias("tax"))
    rows = Part(part.consignments, part.items, part.outcomes, part.charges, part.findings, huge).statistics()
    place = 3 + TABLES["destinations"].measures.index("tax")
    assert sum(row[place] for row in rows["destinations"]) == 3_000 * 2**62


def test_shares_of_large_values_are_exact(part: Part) -> None:
    """Sharing a value of ten billion over items whose product passes 64 bits loses nothing."""
    rich = part.minor.with_columns(pl.lit(10**12 + 7, pl.Int64).alias("value"))
    made = Part(part.consignments, part.items, part.outcomes, part.charges, part.findings, rich).statistics()
    assert sum(row[3] for row in made["chapters"]) == 3_000 * (10**12 + 7)


def test_a_band_includes_its_upper_end(part: Part) -> None:
    """150.00 lies in the band up to 150, a cent more in the next; an unknown value in none."""
    one = part.slice(0, 4)
    euros = one.outcomes.with_columns(pl.lit("eu").alias("jurisdiction"), pl.lit("EUR").alias("currency"))
    values = one.minor.with_columns(pl.Series("value", [15_000, 15_001, 0, None], dtype=pl.Int64))
    summary = merge(
        [Part(one.consignments, one.items, euros, one.charges, one.findings, values).statistics()]
    )
    assert [(row["above"], row["up_to"], row["consignments"], row["value"]) for row in summary["bands"]] == [
        (0, 1, 1, "0.00"),
        (45, 150, 1, "150.00"),
        (150, 1000, 1, "150.01"),
        (None, None, 1, None),
    ]


def test_currencies_are_not_added_without_rates(part: Part) -> None:
    """Every amount stands in one currency; a common picture is made from given rates only, and names them."""
    statistics = part.statistics()
    plain = merge([statistics])
    assert "euro" not in plain
    rates = {"EUR": Fraction(1), "GBP": Fraction(23, 20)}
    euro = merge([statistics], eur_rates=rates, eur_source="made-up rates")["euro"]
    expected = 0
    for row in plain["destinations"]:
        if row["currency"] in rates and row["value"] is not None:
            cents = Fraction(parse_scaled(row["value"], 2)) * rates[row["currency"]]
            expected += int(cents + Fraction(1, 2))
    assert parse_scaled(euro["totals"]["value"], 2) == expected
    assert euro["source"] == "made-up rates"
    assert euro["rates"] == {"EUR": "1", "GBP": "1.15"}
    counted = sum(row["consignments"] for row in euro["destinations"]) + euro["consignments_outside"]
    assert counted == plain["totals"]["consignments"]
    with pytest.raises(ValueError, match="source"):
        merge([statistics], eur_rates=rates)


def test_the_worst_senders_come_first(part: Part) -> None:
    """At most twenty senders, by findings, with the rate per hundred of their consignments."""
    senders = merge([part.statistics()])["senders"]
    assert 0 < len(senders) <= 20
    assert [row["findings"] for row in senders] == sorted((row["findings"] for row in senders), reverse=True)
    for row in senders:
        exact = Fraction(row["findings"] * 100, row["consignments"])
        assert abs(Fraction(row["per_100"]) - exact) <= Fraction(1, 20)


def test_the_summary_holds_no_person(part: Part, tmp_path: Path) -> None:
    """No name, address or consignee id of the stream appears in the summary."""
    text = json.dumps(merge([part.statistics()]), ensure_ascii=False)
    for column in ("consignee.name", "consignee.address", "consignee.id", "seller.name", "consignor.address"):
        for word in part.consignments[column].drop_nulls().unique():
            assert json.dumps(word, ensure_ascii=False) not in text
