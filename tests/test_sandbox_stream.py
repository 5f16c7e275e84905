"""The generator: the shape of its streams, that they repeat, and that they are in the contract's form."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from greenlane.messages.files import open_source, read_part
from greenlane.model.elements import ELEMENTS
from greenlane.sandbox import DESTINATIONS, LABELS, catalogue, generate
from greenlane.sandbox.market import CURRENCIES, EU_POPULATION, LEVELS
from greenlane.sandbox.stream import SUFFIXES
from greenlane.values.errors import UsageError
from greenlane.values.identifiers import Verdict, check_gtin, check_ioss, check_s10

CONSIGNMENTS = 40_000
PINNED = [
    ("HWB0083707337", "IT", "85234990", "86.68", "Ceta Xanimoic"),
    ("CY711278267CN", "GB", "940542", "10.04", "Haquin Holavooux"),
    ("HWB0058548315", "US", "4202228980", "6.50", "Olarik Maravoez"),
]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """One stream without planted cases, with the value of each line in US dollars."""
    out = tmp_path_factory.mktemp("stream") / "clean.parquet"
    none = dict.fromkeys(LABELS, 0)
    generate(CONSIGNMENTS, 11, out, rates=none)
    level = {name: int(each) for name, each in zip(CURRENCIES, LEVELS, strict=True)}
    return pl.read_parquet(out).with_columns(
        usd=pl.col("items.value").cast(pl.Float64)
        * 100
        / pl.col("currency").replace_strict(level, return_dtype=pl.Float64)
    )


def _near(actual: float, expected: float, tolerance: float) -> bool:
    return abs(actual - expected) <= tolerance * expected


def test_line_values_have_the_quantiles_of_real_flow(rows: pl.DataFrame) -> None:
    """Line values: p5 1.40, p50 8.46, p95 100 US dollars, within a seventh."""
    value = rows.filter(pl.col("transaction") != "documents")["usd"]
    for share, expected in ((0.05, 1.40), (0.50, 8.46), (0.95, 100.0)):
        assert _near(float(value.quantile(share) or 0), expected, 0.15), (share, value.quantile(share))


def test_parcel_masses_have_the_quantiles_of_real_flow(rows: pl.DataFrame) -> None:
    """Gross mass of a consignment: p5 105 g, p50 700 g, p95 10.85 kg, within a fifth."""
    mass = rows.group_by("consignment_id").agg(pl.col("items.gross_mass_kg").sum().cast(pl.Float64))
    for share, expected in ((0.05, 0.105), (0.50, 0.700), (0.95, 10.85)):
        found = float(mass["items.gross_mass_kg"].quantile(share) or 0)
        assert _near(found, expected, 0.20), (share, found)


def test_low_value_parcels_to_the_eu_average_under_nine_euro_a_piece(rows: pl.DataFrame) -> None:
    """Consignments up to 150 euro to the EU are worth under 9 euro a piece on average."""
    low = rows.filter(pl.col("destination_country").is_in(list(EU_POPULATION))).filter(
        pl.col("usd").sum().over("consignment_id") <= 150 / 0.92
    )
    euro_a_piece = low["usd"].sum() * 0.92 / float(low["items.quantity"].sum())
    assert 5 < euro_a_piece < 9


def test_origins_channels_and_sizes_follow_real_flow(rows: pl.DataFrame) -> None:
    """91 % leave China, 60 % by post and 35 % by express; two items a consignment, with a long tail."""
    heads = rows.unique("consignment_id")
    share = {
        (name, value): count / heads.height
        for name in ("departure_country", "channel")
        for value, count in heads[name].value_counts().iter_rows()
    }
    assert _near(share["departure_country", "CN"], 0.91, 0.015)
    assert _near(share["channel", "postal"], 0.60, 0.05)
    assert _near(share["channel", "express"], 0.35, 0.05)
    sizes = rows.group_by("consignment_id").len()["len"]
    assert _near(float(str(sizes.mean())), 2.2, 0.1)
    assert sizes.max() == 30
    assert set(heads["channel"]) == {"postal", "express", "cargo", "bonded"}


def test_goods_follow_real_flow(rows: pl.DataFrame) -> None:
    """A third of the items is clothing, a fifth electronics, then media and beauty."""
    category = {(each.hs6, each.category) for each in catalogue()}
    single = {hs6: name for hs6, name in category if len({n for h, n in category if h == hs6}) == 1}
    named = rows["items.hs_code"].str.slice(0, 6).replace_strict(single, default=None)
    shares = dict(named.drop_nulls().value_counts(normalize=True).iter_rows())
    for name, expected in (("clothing", 0.33), ("electronics", 0.21), ("media", 0.14), ("beauty", 0.13)):
        assert _near(shares[name], expected, 0.06), (name, shares[name])


def test_destinations_follow_their_weights(rows: pl.DataFrame) -> None:
    """The EU gets three parcels in five; countries without a pack are there but rare."""
    heads = rows.unique("consignment_id")
    europe = heads["destination_country"].is_in(list(EU_POPULATION)).mean()
    assert _near(float(str(europe)), sum(EU_POPULATION.values()) / sum(DESTINATIONS.values()), 0.03)
    assert set(heads["destination_country"]) == set(DESTINATIONS)
    assert 0.001 < float(str((heads["destination_country"] == "PE").mean())) < 0.006


def test_buyers_and_sellers_come_again(rows: pl.DataFrame) -> None:
    """A few sellers send most parcels and some buyers order often, always under the same name and address."""
    heads = rows.unique("consignment_id")
    sellers = heads["seller.id"].drop_nulls().value_counts(sort=True)["count"]
    assert sellers.head(100).sum() > sellers.sum() / 3
    buyers = heads.drop_nulls("consignee.id").group_by("consignee.id")
    seen = buyers.agg(
        pl.len(),
        pl.col("consignee.name").n_unique(),
        pl.col("consignee.address").n_unique().alias("addresses"),
    )
    assert seen["len"].max() >= 4
    assert seen["consignee.name"].max() == 1
    assert seen["addresses"].max() == 1


def test_prices_and_masses_stay_in_the_bands_of_the_catalogue(rows: pl.DataFrame) -> None:
    """Without planted cases the price of a piece and its mass lie in the band of some product of the code."""
    bands = (
        pl.DataFrame(
            [(p.hs6, p.price_low, p.price_high, p.mass_low_g, p.mass_high_g) for p in catalogue()],
            schema=["hs6", "low", "high", "mass_low", "mass_high"],
            orient="row",
        )
        .group_by("hs6")
        .agg(pl.col("low", "mass_low").min(), pl.col("high", "mass_high").max())
    )
    checked = (
        rows.filter(pl.col("transaction") != "documents")
        .with_columns(
            hs6=pl.col("items.hs_code").str.slice(0, 6),
            cents=pl.col("usd") * 100 / pl.col("items.quantity").cast(pl.Float64),
            grams=pl.col("items.net_mass_kg").cast(pl.Float64)
            * 1000
            / pl.col("items.quantity").cast(pl.Float64),
        )
        .join(bands, on="hs6", how="left", validate="m:1")
    )
    # Whole cents of another currency move a low price by up to two US cents.
    outside = (pl.col("cents") < pl.col("low") - 2) | (pl.col("cents") > pl.col("high") + 2)
    assert checked.filter(outside | pl.col("low").is_null()).height == 0
    heavy = (pl.col("grams") < pl.col("mass_low") - 1) | (pl.col("grams") > pl.col("mass_high") + 1)
    assert checked.filter(heavy).height == 0
    assert rows.filter(pl.col("items.gross_mass_kg") < pl.col("items.net_mass_kg")).height == 0


def test_identifiers_have_right_check_digits(rows: pl.DataFrame) -> None:
    """Postal, IOSS and GTIN numbers pass their checks where nothing is planted; no id is used twice."""
    heads = rows.unique("consignment_id")
    postal = heads.filter(pl.col("channel") == "postal")["transport_document"]
    assert {check_s10(each) for each in postal} == {Verdict.OK}
    ioss = heads.filter(pl.col("scheme") == "IOSS")["scheme_id"]
    assert {check_ioss(each) for each in ioss.unique()} == {Verdict.OK}
    assert {check_gtin(each) for each in rows["items.gtin"].drop_nulls()} == {Verdict.OK}
    assert heads.height == CONSIGNMENTS


def test_facts_of_a_consignment_fit_together(rows: pl.DataFrame) -> None:
    """Schemes only where the value admits them, no seller of papers and gifts, prior use only in China."""
    totals = pl.col("usd").sum().over("consignment_id")
    assert rows.filter((pl.col("scheme") == "IOSS") & (totals > 150 / 0.92)).height == 0
    europe = pl.col("destination_country").is_in(list(EU_POPULATION))
    assert rows.filter(pl.col("scheme").is_in(["IOSS", "SPECIAL"]) & ~europe).height == 0
    papers = pl.col("transaction").is_in(["documents", "c2c_gift"])
    assert (
        rows.filter(papers & (pl.col("seller.id").is_not_null() | pl.col("scheme").is_not_null())).height == 0
    )
    known = pl.col("consignee.prior_use.year_amount").is_not_null()
    assert set(rows.filter(known)["destination_country"]) == {"CN"}
    assert rows.filter(pl.col("departure_country") == pl.col("destination_country")).height == 0
    assert rows["declaration_date"].min() == date(2026, 6, 15)
    assert rows["declaration_date"].max() == date(2026, 7, 15)
    assert rows.filter(pl.col("order_date") > pl.col("declaration_date")).height == 0
    again = rows.filter(pl.len().over("consignment_id", "items.hs_code") > 1)
    assert again["consignment_id"].n_unique() > CONSIGNMENTS / 50


def test_the_stream_is_in_the_form_of_the_contract(rows: pl.DataFrame) -> None:
    """Columns are those of the data-element table, none is a float, rows of a consignment stand together."""
    table = [each.column for each in ELEMENTS]
    assert rows.columns[:-1] == table
    assert not any(dtype.is_float() for dtype in rows.drop("usd").dtypes)
    assert rows["consignment_id"].rle().len() == CONSIGNMENTS
    longest = {each.column: each.longest for each in ELEMENTS}
    for name, dtype in rows.drop("usd").schema.items():
        if dtype == pl.String:
            assert int(str(rows[name].str.len_chars().max() or 0)) <= longest[name], name


def test_the_same_seed_gives_the_same_rows_and_a_prefix(tmp_path: Path) -> None:
    """Two runs agree row by row, a shorter one is the start of a longer, another seed differs."""
    long, again, short, other = (
        pl.read_parquet(generate(count, seed, tmp_path / f"{name}.parquet").out)
        for name, count, seed in (("a", 40_000, 5), ("b", 40_000, 5), ("c", 1_500, 5), ("d", 1_500, 6))
    )
    assert long.equals(again)
    assert long.head(short.height).equals(short)
    assert not other.equals(short)


def test_the_first_rows_are_pinned(tmp_path: Path) -> None:
    """The rows of a seed are the same on every machine and in every later version that keeps this line."""
    rows = pl.read_parquet(generate(3, 1, tmp_path / "pinned.parquet").out)
    columns = ("consignment_id", "destination_country", "items.hs_code", "items.value", "consignee.name")
    assert [
        tuple(map(str, row))
        for row in rows.select(columns).unique("consignment_id", maintain_order=True).rows()
    ] == PINNED


def test_all_three_formats_hold_the_same(tmp_path: Path) -> None:
    """CSV and NDJSON carry what Parquet does; NDJSON nests it, with amounts as strings and null objects."""
    flat = pl.read_parquet(generate(400, 3, tmp_path / "a.parquet").out)
    text = pl.read_csv(generate(400, 3, tmp_path / "a.csv").out, infer_schema=False)
    assert text.equals(flat.with_columns(pl.all().cast(pl.String)))
    lines = generate(400, 3, tmp_path / "a.ndjson").out.read_text(encoding="utf-8").splitlines()
    objects = [json.loads(line) for line in lines]
    assert [each["consignment_id"] for each in objects] == flat["consignment_id"].unique(
        maintain_order=True
    ).to_list()
    assert sum(len(each["items"]) for each in objects) == flat.height
    assert objects[0]["items"][0]["value"] == str(flat["items.value"][0])
    assert objects[0]["consignee"]["address"] == flat["consignee.address"][0]
    assert objects[0]["declaration_date"] == str(flat["declaration_date"][0])
    sellers = {each["consignment_id"]: each["seller"] for each in objects}
    unsold = flat.filter(pl.col("seller.id").is_null())["consignment_id"]
    assert len(unsold) > 0
    assert all(sellers[each] is None for each in unsold)


def test_destinations_and_days_are_the_callers(tmp_path: Path) -> None:
    """Only the destinations that the caller names are served, in the time that the caller gives."""
    out = generate(
        500, 3, tmp_path / "a.parquet", start=date(2024, 2, 28), days=3, destinations={"JP": 1, "ZZ": 1}
    ).out
    rows = pl.read_parquet(out)
    assert set(rows["destination_country"]) == {"JP", "ZZ"}
    assert set(rows["declaration_date"]) == {date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"consignments": 0}, "1 to 100000000"),
        ({"days": 0}, "1 to 366"),
        ({"start": date(1, 1, 1)}, "1950"),
        ({"out": Path("a.xlsx")}, ".parquet"),
        ({"out": Path("no/such/folder/a.csv")}, "does not exist"),
        ({"destinations": {}}, "weights"),
        ({"destinations": {"Germany": 1}}, "ISO 3166-1"),
        ({"rates": {"smuggled": 1}}, "smuggled"),
        ({"rates": {"vague": 200_000}}, "200000"),
    ],
)
def test_wrong_arguments_are_refused_in_words(
    tmp_path: Path, arguments: dict[str, object], says: str
) -> None:
    """An argument outside its range is a usage error that names what is allowed, and writes nothing."""
    whole: dict[str, object] = {"consignments": 10, "seed": 1, "out": tmp_path / "a.csv"} | arguments
    with pytest.raises(UsageError, match=says):
        generate(**whole)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_intake_accepts_every_consignment(tmp_path: Path, suffix: str) -> None:
    """Intake rejects nothing of a stream; its only findings are the check digits that the labels name."""
    report = generate(4_000, 8, tmp_path / f"stream{suffix}", rates={"bad_check_digit": 60_000})
    batches = [read_part(part) for part in open_source(report.out, tmp_path).parts(100_000)]
    assert sum(batch.consignments.height for batch in batches) == report.consignments
    assert sum(batch.items.height for batch in batches) == report.items
    assert sum(batch.rejected.height for batch in batches) == 0
    found = pl.concat([batch.findings for batch in batches])
    labels = pl.read_csv(report.labels).filter(pl.col("label") == "bad_check_digit")
    assert set(found["code"]) == {"identifier.check_digit"}
    assert set(found["consignment_id"]) == set(labels["consignment_id"])
