"""Each planted label is true: it is derived again from the rows alone."""

from pathlib import Path

import polars as pl
import pytest

from greenlane.sandbox import DEFAULT_RATES, Product, catalogue, generate, prohibited_goods
from greenlane.sandbox.market import CURRENCIES, LEVELS
from greenlane.sandbox.plants import MISSING_CODES
from greenlane.sandbox.wording import EMBEDDING_TERMS, VAGUE_TERMS
from greenlane.values.identifiers import Verdict, check_gtin, check_ioss, check_s10

CONSIGNMENTS = 60_001
PRODUCTS = {each.name: each for each in catalogue() + prohibited_goods()}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The rows of each planted consignment with its label and the pairs of its detail."""
    report = generate(CONSIGNMENTS, 23, tmp_path_factory.mktemp("labels") / "stream.parquet")
    labels = pl.read_csv(report.labels)
    assert labels["consignment_id"].n_unique() == labels.height
    assert report.planted == dict(labels["label"].value_counts().sort("label").iter_rows())
    return pl.read_parquet(report.out).join(labels, on="consignment_id", how="inner", maintain_order="left")


def _firsts(planted: pl.DataFrame, label: str) -> list[dict[str, object]]:
    """The first item of each consignment with *label*, its detail read into the row."""
    rows = planted.filter((pl.col("label") == label) & (pl.col("items.item_id") == "1")).to_dicts()
    assert len(rows) > 20
    return [row | dict(pair.split("=", 1) for pair in row["detail"].split(";")) for row in rows]


def _names(row: dict[str, object], product: Product) -> bool:
    return any(name in str(row["items.description"]) for name in product.names)


def _product(row: dict[str, object]) -> Product:
    return PRODUCTS[str(row["product"])]


def test_rates_are_those_asked_for(planted: pl.DataFrame) -> None:
    """Each case is as frequent as its rate says, within a quarter or four standard deviations."""
    counts = planted.group_by("label").agg(pl.col("consignment_id").n_unique())
    for label, count in counts.iter_rows():
        expected = DEFAULT_RATES[label] * CONSIGNMENTS / 1_000_000
        assert abs(count - expected) < max(0.25 * expected, 4 * expected**0.5), (label, count, expected)
    assert counts.height == len(DEFAULT_RATES)


def test_undervalued_pieces_cost_under_a_quarter_of_their_band(planted: pl.DataFrame) -> None:
    """The price of a piece is below a quarter of the lowest that the product costs."""
    level = {name: int(each) for name, each in zip(CURRENCIES, LEVELS, strict=True)}
    for row in _firsts(planted, "undervalued"):
        cents = (
            float(str(row["items.value"]))
            * 10_000
            / level[str(row["currency"])]
            / float(str(row["items.quantity"]))
        )
        assert cents < _product(row).price_low / 4
        assert _product(row).hs6 == str(row["items.hs_code"])[:6]


def test_split_orders_stay_under_the_threshold_and_exceed_it_together(planted: pl.DataFrame) -> None:
    """Parts go to one person from one seller on one day; each is under the threshold, their sum is above."""
    split = planted.filter(pl.col("label") == "split").with_columns(
        threshold=pl.col("detail").str.extract(r"threshold=([0-9.]+)").cast(pl.Decimal(18, 2)),
        parts=pl.col("detail").str.extract(r"parts=(\d+)").cast(pl.UInt32),
        sum=pl.col("detail").str.extract(r"sum=([0-9.]+)").cast(pl.Decimal(18, 2)),
    )
    key = ["consignee.id", "consignee.name", "consignee.postcode", "seller.id", "declaration_date",
           "destination_country", "currency", "threshold", "parts", "sum"]  # fmt: skip
    orders = split.group_by(key).agg(
        pl.col("items.value").sum(),
        pl.col("items.value").max().alias("most"),
        pl.col("consignment_id").n_unique(),
    )
    assert orders.height > 80
    assert orders["consignment_id"].cast(pl.UInt32).equals(orders["parts"])
    assert orders.filter(pl.col("most") >= pl.col("threshold")).height == 0
    assert orders.filter(pl.col("items.value") <= pl.col("threshold")).height == 0
    assert orders["items.value"].equals(orders["sum"])
    assert orders["consignee.id"].null_count() == 0


def test_vague_descriptions_are_a_term_alone_or_beside_the_goods(planted: pl.DataFrame) -> None:
    """Vague: nothing but a listed term. Embedded: a term, then the goods in plain words."""
    for row in _firsts(planted, "vague"):
        assert row["items.description"] in VAGUE_TERMS
    for row in _firsts(planted, "vague_embedded"):
        assert str(row["items.description"]).split(", ")[0] in EMBEDDING_TERMS
        assert _names(row, _product(row))


def test_misdescribed_goods_are_named_as_another_family(planted: pl.DataFrame) -> None:
    """The words name a product of another chapter and category than the code, which fits value and mass."""
    for row in _firsts(planted, "misdescribed"):
        described, real = PRODUCTS[str(row["described"])], _product(row)
        assert _names(row, described)
        assert real.hs6 == str(row["items.hs_code"])[:6]
        assert described.hs6[:2] != real.hs6[:2]
        assert described.category != real.category


def test_wrong_codes_do_not_exist_or_belong_to_another_chapter(planted: pl.DataFrame) -> None:
    """The words name the product; the code is one that HS 2022 lacks, or of another chapter."""
    missing = 0
    for row in _firsts(planted, "wrong_code"):
        assert _names(row, _product(row))
        code = str(row["items.hs_code"])
        missing += code in MISSING_CODES
        assert code in MISSING_CODES or code[:2] != _product(row).hs6[:2]
    assert missing > 20


def test_reused_ids_stand_for_several_persons(planted: pl.DataFrame) -> None:
    """One id goes with several names and addresses."""
    reused = planted.filter(pl.col("label") == "reused_id").unique("consignment_id")
    persons = reused.group_by("consignee.id").agg(
        pl.struct("consignee.name", "consignee.address", "consignee.postcode").n_unique().alias("persons")
    )
    assert persons.height > 50
    assert int(str(persons["persons"].min())) >= 2


def test_weight_outliers_are_twenty_times_off(planted: pl.DataFrame) -> None:
    """The gross mass is over twenty times the product's heaviest or under a twentieth of its lightest."""
    heavy = 0
    rows = _firsts(planted, "weight_outlier")
    for row in rows:
        grams = float(str(row["items.gross_mass_kg"])) * 1000 / float(str(row["items.quantity"]))
        product = _product(row)
        heavy += grams > 20 * product.mass_high_g
        assert grams > 20 * product.mass_high_g or grams < product.mass_low_g / 20
    assert 0 < heavy < len(rows)


def test_prohibited_goods_are_described_plainly(planted: pl.DataFrame) -> None:
    """The words and the code are those of a prohibited good."""
    for row in _firsts(planted, "prohibited"):
        product = _product(row)
        assert product in prohibited_goods()
        assert _names(row, product)
        assert str(row["items.hs_code"]) == product.hs6


def test_bad_check_digits_fail_their_check(planted: pl.DataFrame) -> None:
    """The named field fails its check digit, and its shape is right."""
    seen = set()
    for row in _firsts(planted, "bad_check_digit"):
        field = str(row["field"])
        seen.add(field)
        value = str(row["items.gtin" if field == "gtin" else field])
        check = {"transport_document": check_s10, "scheme_id": check_ioss, "gtin": check_gtin}[field]
        assert check(value) is Verdict.BAD_CHECK_DIGIT
    assert seen == {"transport_document", "scheme_id", "gtin"}


def test_careless_sellers_have_more_planted_cases(tmp_path: Path) -> None:
    """Some senders stand out: a tenth of the sellers sends bad data far more often."""
    report = generate(60_000, 4, tmp_path / "stream.parquet")
    labels = pl.read_csv(report.labels).filter(pl.col("label") != "split")
    heads = pl.scan_parquet(report.out).unique("consignment_id").collect().drop_nulls("seller.id")
    bad = heads["consignment_id"].is_in(labels["consignment_id"].implode())
    careless = heads["seller.id"].str.ends_with("7")
    assert float(str(bad.filter(careless).mean())) > 5 * float(str(bad.filter(~careless).mean()))


def test_a_group_cut_by_the_end_of_the_stream_has_no_label(tmp_path: Path) -> None:
    """At every length no split order is labelled alone."""
    for count in range(1, 60):
        report = generate(count, 2, tmp_path / "stream.parquet", rates={"split": 60_000})
        parts = pl.read_csv(report.labels).filter(pl.col("label") == "split")["detail"]
        assert all(int(detail.split(";")[0].removeprefix("parts=")) >= 2 for detail in parts)
        assert report.planted.get("split", 0) == len(parts)
