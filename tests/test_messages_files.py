"""Intake of JSON, NDJSON, CSV and Parquet: strict, complete in what it says, never a traceback."""

import copy
import csv
import gzip
import io
import json
import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenlane.messages.files import open_source, parse_few, parse_object, parse_objects, read_part, read_rows
from greenlane.messages.files_identifiers import gtin_fits, s10_fits
from greenlane.model import ELEMENTS, Batch, Kind, consignment_schema, item_schema
from greenlane.values.finding import kind_of
from greenlane.values.identifiers import Verdict, check_gtin, check_s10
from greenlane.values.money import MAX_MINOR

NAME = "Zebulon Quixworth"


def consignment(number: str = "C1", items: int = 1, **changes: Any) -> dict[str, Any]:
    """A sound consignment of a made-up person."""
    base: dict[str, Any] = {
        "consignment_id": number,
        "transport_document": "RR473124829GB",
        "channel": "postal",
        "transaction": "b2c",
        "declaration_date": "2026-07-02",
        "departure_country": "CN",
        "destination_country": "DE",
        "dataset": "H7",
        "currency": "EUR",
        "freight": "4.00",
        "insurance": None,
        "freight_in_price": False,
        "scheme": "IOSS",
        "scheme_id": "IM3720000224",
        "seller": {"id": "S1", "name": "Example Trading", "country": "CN"},
        "consignee": {
            "id": "P1",
            "name": NAME,
            "address": "2 Sample Street",
            "postcode": "10115",
            "country": "DE",
            "person": True,
            "prior_use": {"year_amount": "12.5", "year_count": 0},
        },
        "items": [
            {
                "item_id": str(n + 1),
                "description": "women's cotton T-shirt",
                "hs_code": "610910",
                "origin_country": "CN",
                "quantity": "5",
                "value": "40.00",
                "gross_mass_kg": "0.9",
                "net_mass_kg": "0.8",
            }
            for n in range(items)
        ],
    }
    return base | changes


def flat(obj: dict[str, Any]) -> list[dict[str, str | None]]:
    """The rows of a consignment as CSV and Parquet have them."""

    def walk(value: dict[str, Any], prefix: str) -> dict[str, str | None]:
        cells: dict[str, str | None] = {}
        for key, cell in value.items():
            if isinstance(cell, dict):
                cells |= walk(cell, f"{prefix}{key}.")
            elif isinstance(cell, bool):
                cells[prefix + key] = "true" if cell else "false"
            else:
                cells[prefix + key] = cell if cell is None else str(cell)
        return cells

    top = walk({k: v for k, v in obj.items() if k != "items"}, "")
    return [top | walk(item, "items.") for item in obj["items"]]


def frame(*objects: dict[str, Any]) -> pl.DataFrame:
    """Consignments as one raw frame."""
    rows = [row for obj in objects for row in flat(obj)]
    columns = [e.column for e in ELEMENTS if any(row.get(e.column) is not None for row in rows)]
    return pl.DataFrame(
        [{c: row.get(c) for c in columns} for row in rows], schema=dict.fromkeys(columns, pl.String)
    )


def csv_bytes(*objects: dict[str, Any], **how: Any) -> bytes:
    """Consignments as CSV."""
    table = frame(*objects)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=how.pop("lineterminator", "\n"), **how)
    writer.writerow(table.columns)
    writer.writerows(table.rows())
    return out.getvalue().encode()


class Intake:
    """What came of a file."""

    def __init__(self, path: Path, work: Path, items_per_part: int = 1000) -> None:
        self.source = open_source(path, work)
        self.parts = self.source.parts(items_per_part)
        self.batches = [read_part(part) for part in self.parts]
        self.findings = pl.concat([self.source.findings, *(b.findings for b in self.batches)])
        self.codes = set(self.findings["code"])
        self.ids = [i for b in self.batches for i in b.consignments["consignment_id"]]
        self.rejected = [r for b in self.batches for r in b.rejected.iter_rows(named=True)]
        self.messages = " ".join(self.findings["message"])


@pytest.fixture
def take(tmp_path: Path) -> Any:
    """Write bytes as a file and take it in."""
    count = iter(range(1000))

    def run(name: str, data: bytes, items_per_part: int = 1000) -> Intake:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        path = folder / name
        path.write_bytes(data)
        return Intake(path, folder / "work", items_per_part)

    return run


def ndjson(*objects: object) -> bytes:
    """Objects as lines."""
    return b"".join(json.dumps(o).encode() + b"\n" for o in objects)


def parquet(table: pl.DataFrame) -> bytes:
    """A frame as Parquet."""
    out = io.BytesIO()
    table.write_parquet(out)
    return out.getvalue()


def codes_of(batch: Batch) -> set[str]:
    """Codes of a batch's findings."""
    return set(batch.findings["code"])


def test_one_object_is_a_batch_of_one() -> None:
    """Amounts become minor units, masses milligrams, quantities thousandths; unknown stays null."""
    batch = parse_object(consignment())
    assert batch.findings.height == 0
    row = batch.consignments.row(0, named=True)
    assert (row["freight"], row["insurance"], row["other_charges"], row["carrier_fees"]) == (400, None, 0, 0)
    assert row["declaration_date"] == date(2026, 7, 2)
    assert row["freight_in_price"] is False and row["consignee.person"] is True
    assert (row["consignee.prior_use.year_amount"], row["consignee.prior_use.day_amount"]) == (125_000, None)
    item = batch.items.row(0, named=True)
    assert (item["row"], item["value"], item["quantity"], item["unit"]) == (0, 4000, 5000, "C62")
    assert (item["gross_mass_mg"], item["net_mass_mg"], item["gtin"]) == (900_000, 800_000, None)
    assert batch.consignments.schema == consignment_schema() and batch.items.schema == item_schema()


def test_all_formats_give_the_same_batch(take: Any) -> None:
    """CSV, NDJSON, JSON (array and pretty object), Parquet of text and of decimals, and gzip agree."""
    objects = [consignment("C1", 2), consignment("C2", 3), consignment("C3", 1)]
    decimals = frame(*objects).with_columns(
        pl.col("items.value", "freight", "items.gross_mass_kg").cast(pl.Decimal(18, 4)),
        pl.col("freight_in_price").replace_strict({"false": False}, return_dtype=pl.Boolean),
        pl.col("declaration_date").str.to_date(),
        pl.col("channel").cast(pl.Categorical),
        pl.col("items.quantity").cast(pl.Int32),
    )
    files = {
        "a.csv": csv_bytes(*objects),
        "b.ndjson": ndjson(*objects),
        "c.json": json.dumps(objects, indent=2).encode(),
        "d.parquet": parquet(frame(*objects)),
        "e.parquet": parquet(decimals),
        "f.csv.gz": gzip.compress(csv_bytes(*objects)),
        "g.csv": csv_bytes(*objects, lineterminator="\r\n"),
        "h.json": b"\n".join(json.dumps(o, indent=1).encode() for o in objects),
    }
    source = ["source_file", "source_row", "source_last", "source_rows"]
    seen: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    for name, data in files.items():
        intake = take(name, data)
        assert intake.codes == set(), (name, intake.findings)
        (batch,) = intake.batches
        seen.append((batch.consignments.drop(source), batch.items))
    for consignments, items in seen[1:]:
        assert consignments.equals(seen[0][0]) and items.equals(seen[0][1])


def test_parts_hold_whole_consignments(take: Any) -> None:
    """Parts never cut a consignment, keep the order, and survive pickling."""
    objects = [consignment(f"C{n}", 1 + n % 4) for n in range(40)]
    for name, data in (("a.csv", csv_bytes(*objects)), ("b.parquet", parquet(frame(*objects)))):
        intake = take(name, data, 7)
        assert len(intake.parts) > 5
        assert intake.ids == [f"C{n}" for n in range(40)]
        assert sum(b.items.height for b in intake.batches) == sum(1 + n % 4 for n in range(40))
        again = [read_part(pickle.loads(pickle.dumps(part))) for part in intake.parts]
        assert all(a.items.equals(b.items) for a, b in zip(again, intake.batches, strict=True))


def test_scattered_rows_are_regrouped(take: Any) -> None:
    """Rows of a consignment that stand apart come together, in order of first appearance, in any format."""
    table = frame(*[consignment(f"C{n}", 3) for n in range(20)])
    mixed = table[[n * 3 + k for k in range(3) for n in range(20)]]
    for name, data in (("a.parquet", parquet(mixed)), ("b.csv", mixed.write_csv().encode())):
        intake = take(name, data, 9)
        assert intake.codes == set()
        assert intake.ids == [f"C{n}" for n in range(20)]
        for batch in intake.batches:
            assert batch.items["row"].is_sorted()
            assert batch.items["item_id"].to_list() == ["1", "2", "3"] * batch.consignments.height


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("currency", {"currency": "EURO"}, "currency.unknown"),
    ("currency", {"currency": None}, "required.missing"),
    ("freight", {"freight": "-1"}, "amount.negative"),
    ("freight", {"freight": "1,50"}, "amount.malformed"),
    ("freight", {"freight": "1e3"}, "amount.malformed"),
    ("freight", {"freight": "٣"}, "amount.malformed"),
    ("freight", {"freight": "4.005"}, "amount.decimals"),
    ("freight", {"freight": "1.5", "currency": "JPY"}, "amount.decimals"),
    ("freight", {"freight": "9" * 40}, "amount.too_large"),
    ("freight", {"freight": "+5"}, "amount.malformed"),
    ("freight", {"freight": "007"}, "amount.malformed"),
    ("declaration_date", {"declaration_date": "2026-02-29"}, "date.malformed"),
    ("declaration_date", {"declaration_date": "2026-7-02"}, "date.malformed"),
    ("declaration_date", {"declaration_date": "02.07.2026"}, "date.malformed"),
    ("destination_country", {"destination_country": "de"}, "country.unknown"),
    ("channel", {"channel": "pigeon"}, "code.unknown"),
    ("consignee/name", {"consignee": {"name": "x" * 1_000_000}}, "text.too_long"),
    ("consignment_id", {"consignment_id": "two words"}, "code.malformed"),
    ("scheme_id", {"scheme_id": "IM123"}, "identifier.malformed"),
    ("departure_place", {"departure_place": "Shanghai"}, "code.malformed"),
]


@pytest.mark.parametrize(("path", "change", "code"), FAULTS)
def test_each_fault_is_a_finding(take: Any, path: str, change: dict[str, Any], code: str) -> None:
    """A bad field rejects its consignment with one finding at its path, in every format; others pass."""
    bad = consignment("C2", 2, **change)
    objects = [consignment("C1"), bad, consignment("C3")]
    for name, data in (
        ("a.ndjson", ndjson(*objects)),
        ("a.csv", csv_bytes(*objects)),
        ("a.parquet", parquet(frame(*objects))),
    ):
        intake = take(name, data)
        assert intake.ids == ["C1", "C3"]
        found = intake.findings.filter(pl.col("severity") == "error")
        assert found.select("code", "path").unique().rows() == [(code, f"/{path}")]
        assert len(intake.rejected) == (1 if name == "a.ndjson" else 2)
        assert all(row["codes"] == code for row in intake.rejected)
        value = next(iter(change.values()))
        assert not isinstance(value, str) or len(value) < 4 or value not in intake.messages


ITEM_FAULTS = [
    ({"hs_code": "6109.10"}, "hs_code.malformed"),
    ({"hs_code": "6109"}, "hs_code.malformed"),
    ({"origin_country": "China"}, "country.unknown"),
    ({"quantity": "0.0001"}, "number.decimals"),
    ({"quantity": "0"}, "number.zero"),
    ({"quantity": "0.000"}, "number.zero"),
    ({"quantity": None}, "required.missing"),
    ({"gross_mass_kg": "heavy"}, "number.malformed"),
    ({"gtin": "123"}, "identifier.malformed"),
    ({"description": "   "}, "required.missing"),
    ({"value": "40.001"}, "amount.decimals"),
    ({"unit": "pieces"}, "text.too_long"),
]


@pytest.mark.parametrize(("change", "code"), ITEM_FAULTS)
def test_each_item_fault_is_a_finding(change: dict[str, Any], code: str) -> None:
    """A bad item field rejects the consignment and names the item by its place."""
    obj = consignment("C1", 3)
    obj["items"][1] |= change
    batch = parse_object(obj)
    assert batch.consignments.height == 0
    assert batch.findings.select("code", "path").rows() == [(code, f"/items/1/{next(iter(change))}")]


def test_json_types_are_strict() -> None:
    """A number for an amount, text for a truth value, 12.0 for a count, a text for an object."""
    obj = consignment("C1")
    obj["freight"] = 4.0
    obj["freight_in_price"] = "yes"
    obj["consignee"]["prior_use"]["year_count"] = 12.0
    obj["seller"] = NAME
    obj["items"][0]["value"] = 40
    batch = parse_object(obj)
    paths = {"/freight", "/freight_in_price", "/consignee/prior_use/year_count", "/seller", "/items/0/value"}
    assert set(batch.findings["path"]) == paths
    assert codes_of(batch) == {"json.type"}
    assert NAME not in " ".join(batch.findings["message"])


def test_all_findings_of_a_record_are_collected() -> None:
    """Four faults in one consignment give four findings."""
    obj = consignment("C1", 2, currency="XXX", destination_country="??", declaration_date="soon")
    obj["items"][1]["value"] = "much"
    assert len(parse_object(obj).findings) == 4


def test_text_for_truth_in_csv(take: Any) -> None:
    """CSV takes true and false only."""
    data = csv_bytes(consignment("C1")).replace(b",false,", b",no,", 1)
    assert take("a.csv", data).codes == {"boolean.malformed"}


def test_check_digits_warn() -> None:
    """A failed check digit of S10, IOSS or GTIN is a warning and the consignment goes on."""
    obj = consignment("C1", transport_document="RR473124828GB", scheme_id="IM5532027340")
    obj["items"][0]["gtin"] = "4006381333932"
    batch = parse_object(obj)
    assert batch.consignments.height == 1
    assert batch.findings["code"].to_list() == ["identifier.check_digit"] * 3
    assert set(batch.findings["severity"]) == {"warning"}


@given(st.lists(st.integers(0, 999_999_999), min_size=1, max_size=30))
def test_column_check_digits_equal_the_single_ones(numbers: list[int]) -> None:
    """The column forms of S10 and GTIN agree with the identifiers' own checks."""
    s10 = [f"RR{n:09}CN" for n in numbers]
    assert s10_fits(pl.Series(s10)).tolist() == [check_s10(t) is Verdict.OK for t in s10]
    gtin = [f"{n * 7919:013}"[-13:] for n in numbers]
    assert gtin_fits(pl.Series(gtin)).tolist() == [check_gtin(t) is Verdict.OK for t in gtin]


def test_rows_that_disagree(take: Any) -> None:
    """A consignment field that differs between rows rejects the consignment and names the field."""
    table = frame(consignment("C1", 2), consignment("C2", 1))
    table = table.with_columns(pl.Series("consignee.name", [NAME, "Other Person", NAME]))
    intake = take("a.parquet", parquet(table))
    assert intake.ids == ["C2"] and intake.codes == {"consignment.disagrees"}
    assert intake.findings["row"].to_list() == [2]
    assert intake.findings["path"].to_list() == ["/consignee/name"]
    assert NAME not in intake.messages and "Other" not in intake.messages


def test_repeated_and_duplicate_items(take: Any) -> None:
    """The same row twice counts once with a warning; two different items under one number are an error."""
    repeated = take("a.ndjson", ndjson(consignment("C1"), consignment("C1"), consignment("C2")))
    assert repeated.ids == ["C1", "C2"] and repeated.codes == {"item.repeated"}
    assert repeated.batches[0].items["row"].to_list() == [0, 1]
    clash = consignment("C1", 2)
    clash["items"][1]["item_id"] = "1"
    clash["items"][1]["value"] = "41.00"
    assert codes_of(parse_object(clash)) == {"item.duplicate"}


def test_missing_item_numbers_are_places() -> None:
    """An item without number is numbered by its place."""
    obj = consignment("C1", 3)
    for item in obj["items"]:
        del item["item_id"]
    assert parse_object(obj).items["item_id"].to_list() == ["1", "2", "3"]


def test_sum_beyond_the_bound_is_refused() -> None:
    """Values that each fit but sum beyond the proven bound are refused."""
    obj = consignment("C1", 2)
    for item in obj["items"]:
        item["value"] = str(MAX_MINOR // 100)
    assert codes_of(parse_object(obj)) == {"consignment.too_large"}


def test_currencies_keep_their_decimals(take: Any) -> None:
    """In one file yen have no decimals, euro two and dinar three, from text and from decimals."""
    objects = [
        consignment("C1", currency="JPY", freight="400"),
        consignment("C2", currency="EUR", freight="4.00"),
        consignment("C3", currency="KWD", freight="4.005"),
    ]
    for obj in objects:
        obj["items"][0]["value"] = "40"
    table = frame(*objects)
    for scale in (None, 2, 3, 8):
        columns = [c for c in ("items.value", "freight") if scale and (c == "items.value" or scale > 2)]
        typed = table.with_columns(
            pl.col(columns).cast(pl.Decimal(30, scale)) if scale else pl.col("freight")
        )
        batch = take("a.parquet", parquet(typed)).batches[0]
        assert batch.items["value"].to_list() == [40, 4000, 40_000]
        assert batch.consignments["freight"].to_list() == [400, 400, 4005]


def test_fees_in_their_own_currency() -> None:
    """Carrier fees have the decimals of their own currency, else of the consignment's."""
    assert (
        parse_object(consignment(carrier_fees="5", carrier_fees_currency="JPY")).consignments["carrier_fees"][
            0
        ]
        == 5
    )
    assert parse_object(consignment(carrier_fees="5")).consignments["carrier_fees"][0] == 500


@pytest.mark.parametrize("dtype", [pl.Int64(), pl.Decimal(18, 3), pl.String()])
def test_a_quantity_of_zero_is_refused_in_any_column(dtype: pl.DataType, take: Any) -> None:
    """A column of whole numbers, decimals or text with a zero rejects that consignment and keeps the other."""
    table = frame(consignment("C1"), consignment("C2"))
    quantity = pl.when(pl.col("consignment_id") == "C1").then(0).otherwise(3).cast(dtype)
    read = take("a.parquet", parquet(table.with_columns(quantity.alias("items.quantity"))))
    assert read.codes == {"number.zero"} and read.ids == ["C2"]


def test_floats_are_refused(take: Any) -> None:
    """A Parquet float column refuses the file and names the column; so does a code as a number."""
    table = frame(consignment("C1"))
    floats = take("a.parquet", parquet(table.with_columns(pl.col("items.value").cast(pl.Float64))))
    assert floats.codes == {"column.type"} and "items.value is Float64" in floats.messages and not floats.ids
    number = take("a.parquet", parquet(table.with_columns(pl.col("items.hs_code").cast(pl.Int64))))
    assert "items.hs_code is Int64" in number.messages


def test_unknown_columns_are_reported_once(take: Any) -> None:
    """Unknown columns and keys are one finding per file, and rejected rows still hold them."""
    objects = [consignment(f"C{n}", colour="red") for n in range(3)]
    objects[1]["items"][0]["size"] = "XL"
    objects[2]["currency"] = "?"
    for name, data in (("a.ndjson", ndjson(*objects)), ("a.csv", csv_bytes(*objects))):
        if name == "a.csv":
            lines = data.decode().splitlines()
            data = "\n".join([lines[0] + ",colour", *(line + ",red" for line in lines[1:])]).encode()
        intake = take(name, data)
        unknown = intake.findings.filter(pl.col("code") == "column.unknown")
        assert unknown.height == 1 and "colour" in unknown["message"][0]
        assert intake.ids == ["C0", "C1"]
        assert "red" in intake.rejected[0]["raw"]


def test_rejected_rows_are_kept_as_they_came(take: Any) -> None:
    """Rejected rows come back byte for byte, quoted line breaks included."""
    bad = consignment("C2", 2, currency="?")
    bad["items"][1]["description"] = 'two\nlines, "quoted"'
    data = csv_bytes(consignment("C1"), bad, consignment("C3"))
    intake = take("a.csv", data)
    assert intake.ids == ["C1", "C3"]
    assert [row["row"] for row in intake.rejected] == [3, 4]
    body = "\n".join(row["raw"] for row in intake.rejected).encode()
    assert body in data and b"two\nlines" in body


def test_csv_rows_of_wrong_length(take: Any) -> None:
    """A row with a cell too many or too few is rejected, with its whole consignment, and no name leaks."""
    lines = (
        csv_bytes(consignment("C1"), consignment("C2", 2), consignment("C3"), consignment("C4"))
        .decode()
        .splitlines()
    )
    lines[2] += ",extra"
    lines[5] = lines[5].replace(f"{NAME},", "", 1)
    intake = take("a.csv", "\n".join(lines).encode())
    assert intake.ids == ["C1", "C3"]
    shape = intake.findings.filter(pl.col("code") == "row.shape")
    assert shape["row"].to_list() == [3, 6]
    assert intake.codes == {"row.shape"}
    assert len(intake.rejected) == 3 and NAME not in intake.messages


def test_shifted_columns_leak_no_name(take: Any) -> None:
    """Where a name has slipped into another column, no finding holds any part of it, the id included."""
    table = frame(consignment("C1"), consignment("C2"))
    shifted = table.select(
        pl.col(c).alias(table.columns[(i + 1) % table.width]) for i, c in enumerate(table.columns)
    ).select(table.columns)
    spread = table.with_columns(pl.lit(NAME).alias(c) for c in table.columns if c != "items.value")
    for bad in (shifted, spread):
        intake = take("a.csv", bad.write_csv().encode())
        assert not intake.ids and len(intake.rejected) == 2
        told = json.dumps(intake.findings.rows(), default=str)
        assert "Zebulon" not in told and "Quixworth" not in told and "Sample" not in told


def test_header_of_data_leaks_no_name(take: Any) -> None:
    """A CSV without header is refused, and what stands in its first row is not repeated."""
    data = b"\n".join(csv_bytes(consignment("C1"), consignment("C2")).splitlines()[1:])
    intake = take("a.csv", data)
    assert intake.codes == {"column.missing"} and "Zebulon" not in intake.messages


def test_bad_quotes_stand_alone(take: Any) -> None:
    """An unclosed or stray quotation mark costs its own row, not the file."""
    for broken in ('"unclosed', 'a 5" tube', '"shut" badly'):
        lines = csv_bytes(*[consignment(f"C{n}") for n in range(6)]).decode().splitlines()
        lines[3] = lines[3].replace("women's cotton T-shirt", broken)
        intake = take("a.csv", "\n".join(lines).encode())
        assert intake.ids == ["C0", "C1", "C3", "C4", "C5"], broken
        assert intake.codes == {"row.quotes"}
        assert [row["row"] for row in intake.rejected] == [4]


def test_encodings(take: Any) -> None:
    """Bytes that are not UTF-8 cost their rows; the finding names where; UTF-16 is refused."""
    objects = [consignment("C1"), consignment("C2"), consignment("C3")]
    objects[1]["items"][0]["description"] = "Größe"
    text = csv_bytes(*objects).decode()
    western = take("a.csv", text.encode("cp1252"))
    assert western.ids == ["C1", "C3"] and {"file.encoding", "row.bytes"} == western.codes
    offset = text.encode("cp1252").index(b"\xf6") + 1
    assert f"byte {offset:,} " in western.messages and "Windows-1252" in western.messages
    objects[1]["items"][0]["description"] = "女士纯棉短袖上衣夏季新款"
    chinese = take("a.csv", csv_bytes(*objects).decode().encode("gb18030"))
    assert "GB 18030" in chinese.messages
    lines = take("a.ndjson", b"\n".join(json.dumps(o, ensure_ascii=False).encode("gb18030") for o in objects))
    assert lines.ids == ["C1", "C3"] and "file.encoding" in lines.codes
    assert take("a.csv", text.encode("utf-16")).codes == {"file.encoding"}
    marked = take("a.csv", b"\xef\xbb\xbf" + csv_bytes(consignment("C1")))
    assert marked.ids == ["C1"] and marked.codes == {"file.bom"}
    marked = take("a.ndjson", b"\xef\xbb\xbf" + ndjson(consignment("C1")))
    assert marked.ids == ["C1"] and marked.codes == {"file.bom"}


def test_nul_bytes(take: Any) -> None:
    """A NUL in a row or a JSON text costs that record."""
    data = csv_bytes(consignment("C1"), consignment("C2")).replace(b"2 Sample", b"2\0Sample", 1)
    intake = take("a.csv", data)
    assert intake.ids == ["C2"] and intake.codes == {"row.bytes"}
    bad = consignment("C1")
    bad["items"][0]["description"] = "a\0b"
    assert take("a.ndjson", ndjson(bad, consignment("C2"))).ids == ["C2"]


def test_delimiters(take: Any) -> None:
    """Semicolons and tabs are read, and said."""
    for delimiter, word in ((";", "semicolons"), ("\t", "tabs")):
        intake = take("a.csv", csv_bytes(consignment("C1"), delimiter=delimiter))
        assert intake.ids == ["C1"] and intake.codes == {"file.delimiter"} and word in intake.messages


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "file.empty"),
        ("a.csv", b" \n\n", "file.empty"),
        ("a.csv", csv_bytes(consignment()).split(b"\n")[0] + b"\n", "file.empty"),
        ("a.json", b"[]", "file.empty"),
        ("a.parquet", parquet(frame(consignment()).clear()), "file.empty"),
        ("a.csv", b"PK\x03\x04" + bytes(200), "file.content"),
        ("a.csv", b"MZ" + bytes(200), "file.content"),
        ("a.csv", b"<html><body>", "file.content"),
        ("a.csv", bytes(range(256)) * 9 + bytes(5000), "file.content"),
        ("a.parquet", parquet(frame(consignment()))[:-20], "file.unreadable"),
        ("a.parquet", b"PAR1", "file.unreadable"),
        ("a.parquet", b"PAR1" + bytes(500) + b"PAR1", "file.unreadable"),
        ("a.parquet", parquet(pl.DataFrame({"a": [1]})), "column.missing"),
        ("a.csv", b"a,b\n1,2\n", "column.missing"),
        ("a.csv", b"just a line of prose without any structure", "column.missing"),
        ("a.csv.gz", gzip.compress(csv_bytes(consignment()), mtime=0)[:-30], "file.cut_off"),
        ("a.csv.gz", b"\x1f\x8b" + bytes(40), "file.cut_off"),
        ("a.csv.gz", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "file.content"),
    ],
)
def test_files_that_cannot_be_read(take: Any, name: str, data: bytes, code: str) -> None:
    """Whatever a file holds, intake says what is wrong with it and never breaks."""
    intake = take(name, data)
    assert code in intake.codes
    assert kind_of(code).fix


def test_content_counts_not_the_name(take: Any) -> None:
    """Content under another name is read as what it is, with a warning."""
    intake = take("a.csv", ndjson(consignment("C1")))
    assert intake.ids == ["C1"] and intake.codes == {"file.name"}
    intake = take("a.json", parquet(frame(consignment("C1"))))
    assert intake.ids == ["C1"] and intake.codes == {"file.name"}


def test_duplicate_header(take: Any) -> None:
    """Two columns of one name cannot be told apart: the file is refused."""
    data = csv_bytes(consignment("C1")).replace(b"freight_in_price", b"freight", 1)
    assert take("a.csv", data).codes == {"column.duplicate"}


def test_json_cut_off(take: Any) -> None:
    """What stands before the break of a JSON array or the last NDJSON line is kept."""
    objects = [consignment(f"C{n}") for n in range(4)]
    array = json.dumps(objects, indent=1).encode()
    cut = take("a.json", array[: int(len(array) * 0.6)])
    assert cut.ids == ["C0", "C1"] and {"file.cut_off", "json.malformed"} <= cut.codes
    unclosed = take("a.json", array.rstrip(b"]\n "))
    assert unclosed.ids == ["C0", "C1", "C2", "C3"] and unclosed.codes == {"file.cut_off"}
    middle = take("a.json", array.replace(b'"channel": "postal"', b'"channel" "postal"', 1))
    assert middle.ids == ["C1", "C2", "C3"] and middle.codes == {"json.malformed"}
    assert "Zebulon" in middle.rejected[0]["raw"] and "Zebulon" not in middle.messages
    lines = take("a.ndjson", ndjson(*objects)[:-100])
    assert lines.ids == ["C0", "C1", "C2"] and "file.cut_off" in lines.codes


def test_odd_json_lines(take: Any) -> None:
    """Lines that are no consignment cost themselves only."""
    odd = b'[1]\n5\n"x"\nnull\n{}\n\n{"items": 3}\n{"items": [4]}\n{"freight": NaN}\n' + b"[" * 5000 + b"\n"
    odd += b'{"consignment_id": "\\ud800"}\n' + b"9" * 6000 + b"\n"
    intake = take("a.ndjson", ndjson(consignment("C1")) + odd + ndjson(consignment("C2")))
    assert intake.ids == ["C1", "C2"]
    assert len(intake.rejected) == 11


def test_formulas_are_warned_of(take: Any) -> None:
    """A text that begins like a formula is kept as it came, with a warning."""
    obj = consignment("C1")
    obj["items"][0]["description"] = '=HYPERLINK("x")'
    intake = take("a.csv", csv_bytes(obj))
    assert intake.ids == ["C1"] and intake.codes == {"text.formula"}


def test_json_cells(take: Any) -> None:
    """Registrations and elections become canonical JSON; a malformed cell is a finding; empty is none."""
    own = [{"scheme": "IOSS", "id": "IM3720000224", "country": "DE"}]
    batch = parse_object(consignment(registrations=own, elections={"b": "x", "a": True}))
    assert batch.consignments["registrations"][0] == '[{"country":"DE","id":"IM3720000224","scheme":"IOSS"}]'
    assert batch.consignments["elections"][0] == '{"a":true,"b":"x"}'
    assert parse_object(consignment(registrations=[], elections={})).consignments["elections"][0] is None
    for bad in ("{", '{"a": 1.5}', '{"country": "DE"}'):
        table = frame(consignment("C1")).with_columns(pl.lit(bad).alias("registrations"))
        assert take("a.csv", table.write_csv().encode()).codes == {"json.cell"}


def test_rows_are_read_again(tmp_path: Path) -> None:
    """One consignment is found again by its source rows in every format, without the spool."""
    objects = [consignment(f"C{n}", 2) for n in range(6)]
    files = {
        "a.csv": csv_bytes(*objects),
        "a.ndjson": ndjson(*objects),
        "a.json": json.dumps(objects).encode(),
        "a.parquet": parquet(frame(*objects)),
        "a.csv.gz": gzip.compress(csv_bytes(*objects)),
    }
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        (part,) = open_source(path, tmp_path / f"work-{name}").parts(100)
        whole = read_part(part)
        for index in (0, 3, 5):
            row = whole.consignments.row(index, named=True)
            again = read_rows(path, row["source_row"], row["source_last"], row["consignment_id"])
            assert again.consignments.row(0, named=True) == row, name
            expected = whole.items.filter(pl.col("row") == index).drop("row")
            assert again.items.drop("row").equals(expected)


numbers = st.one_of(
    st.decimals(-10, 10**12, allow_nan=False, allow_infinity=False, places=3).map(lambda d: format(d, "f")),
    st.from_regex(r"\A-?[0-9]{0,20}\.?[0-9]{0,10}\Z"),
    st.text(max_size=8),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=numbers, currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_exact_or_refused(text: str, currency: str) -> None:
    """Any text is either refused or read as exactly the decimal that it writes."""
    batch = parse_object(consignment(currency=currency, freight=text))
    if batch.consignments.height == 0 or not text:
        assert batch.findings.height or not text
        return
    minor = {"EUR": 100, "JPY": 1, "KWD": 1000}[currency]
    assert Decimal(batch.consignments["freight"][0]) == Decimal(text) * minor


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    at=st.integers(0, 2000),
    kind=st.sampled_from(["csv", "json", "parquet", "ndjson"]),
)
def test_damaged_files_never_break_intake(tmp_path_factory: Any, data: bytes, at: int, kind: str) -> None:
    """A sound file with any bytes put into it is read or refused, and never raises."""
    objects = [consignment(f"C{n}", 2) for n in range(3)]
    sound = {
        "csv": csv_bytes(*objects),
        "json": json.dumps(objects).encode(),
        "ndjson": ndjson(*objects),
        "parquet": parquet(frame(*objects)),
    }[kind]
    at %= len(sound)
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / f"a.{kind}"
    path.write_bytes(sound[:at] + data + sound[at:])
    intake = Intake(path, folder / "work")
    assert set(intake.ids) <= {"C0", "C1", "C2"} or intake.source.items


cells = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["EUR", "true", "12", "2026-07-02", "CN"]))


@settings(max_examples=100, deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from([e.column for e in ELEMENTS if e.kind is not Kind.JSON]), cells)
)
def test_any_cells_are_typed_or_refused(changes: dict[str, str | None]) -> None:
    """Whatever stands in the cells, the consignment is accepted typed or rejected with reasons."""
    obj = copy.deepcopy(consignment("C1", 2))
    for column, cell in changes.items():
        *above, leaf = column.removeprefix("items.").split(".")
        holder = obj["items"][0] if column.startswith("items.") else obj
        for part in above:
            holder = holder.setdefault(part, {}) if isinstance(holder.get(part, {}), dict) else {}
        holder[leaf] = cell
    batch = parse_object(obj)
    errors = batch.findings.filter(pl.col("severity") == "error")
    assert (batch.consignments.height == 0) == (errors.height > 0)
    assert batch.consignments.schema == consignment_schema() and batch.items.schema == item_schema()


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
def test_any_number_of_objects_is_laid_out_whole(count: int) -> None:
    """Objects that lack parts and elements keep their places among any number of others."""
    objects = [
        consignment(f"C{n}", consignee={"name": NAME, "postcode": str(n)} if n % 3 else None)
        for n in range(count)
    ]
    batch = parse_objects(json.dumps(objects).encode())
    told = batch.consignments.select("consignment_id", "consignee.postcode").rows()
    assert told == [(f"C{n}", str(n) if n % 3 else None) for n in range(count)]


def test_cells_left_empty_are_not_doubted() -> None:
    """Elements told by some consignments alone are read there, absent elsewhere, and only a bad one is a finding."""
    amounts = [None, "1.50", None, "1.505", "2"]
    days = ["2026-06-30", None, "2026-02-30", None, "2026-06-29"]
    objects = [
        consignment(f"C{n}", freight=amount, order_date=day)
        for n, (amount, day) in enumerate(zip(amounts, days, strict=True))
    ]
    batch = parse_objects(json.dumps(objects).encode())
    assert batch.findings.select("consignment_id", "code").rows() == [
        ("C2", "date.malformed"),
        ("C3", "amount.decimals"),
    ]
    assert batch.consignments.select("freight", "order_date").rows() == [
        (None, date(2026, 6, 30)),
        (150, None),
        (200, date(2026, 6, 29)),
    ]


def test_an_unknown_key_may_end_like_one_of_the_contract() -> None:
    """A key with a full stop in it is unknown and named, though what stands behind the stop is a key itself."""
    obj = consignment("C1", 2) | {"x.currency": 1, "a.items": 2, "b.seller": 3}
    found = parse_few(json.dumps(obj).encode())
    (said,) = found.findings
    assert said["message"] == "not fields of the contract: a.items, b.seller, x.currency"
