"""The data-element table and what is made from it."""

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest

from greenlane.model import (
    COUNTRIES,
    ELEMENTS,
    Kind,
    Level,
    consignment_schema,
    empty_batch,
    item_schema,
    raw_schema,
    reference_page,
    template_csv,
    typed_name,
)
from greenlane.model.handling import HANDLING, DataClass, Deadline, RetentionClass, late

# WCO ids that stand in the ICS2 tables and not in the published declaration schemas.
ICS2_ONLY = {"D023"}


@pytest.mark.shared
def test_wco_ids_are_real(shared: Path) -> None:
    """Every WCO id of the table stands in the published schemas of the WCO Data Model."""
    path = shared / "samples/hmrc-wco-dm36/wco_dm36_dec_elements.csv"
    known = {row["wco_id"] for row in csv.DictReader(path.open())}
    ours = {e.wco for e in ELEMENTS} - {"none"}
    assert ours - known <= ICS2_ONLY


@pytest.mark.shared
def test_countries_are_iso(shared: Path) -> None:
    """The country list is ISO 3166-1 and the three codes that are said to be added."""
    rows = csv.DictReader((shared / "data/codes/country-codes.csv").open())
    iso = {row["ISO3166-1-Alpha-2"] for row in rows} - {""}
    assert COUNTRIES - iso == {"XI", "XK", "ZZ"} - iso
    assert iso - COUNTRIES == set()


def test_every_field_says_what_absence_means() -> None:
    """No field is silent about absence; a default or a refusal is named, nothing becomes zero unnamed."""
    assert len({e.column for e in ELEMENTS}) == len(ELEMENTS)
    for element in ELEMENTS:
        assert element.about.endswith(".") and element.absence
        assert not (element.required and element.default)
        assert (element.default is None) or element.default in element.absence
        assert (element.kind is Kind.AMOUNT) or element.in_currency is None


def test_persons_are_marked() -> None:
    """Names, addresses, postcodes and ids of people are personal."""
    personal = {e.column for e in ELEMENTS if e.personal}
    assert {"consignee.name", "consignee.address", "consignee.postcode", "consignee.id"} <= personal
    assert "currency" not in personal


def test_every_field_says_how_it_is_handled() -> None:
    """Each field has supplier, deadline, purpose and retention; a legal basis is cited or unknown, never empty."""
    assert list(HANDLING) == [e.column for e in ELEMENTS]
    page = reference_page()
    for element in ELEMENTS:
        held = HANDLING[element.column]
        assert held.uses and held.supplier and held.deadline
        assert all(basis.cite and basis.certainty in ("certain", "unverified") for basis in held.bases)
        (row,) = re.findall(
            rf"^\| `{re.escape(element.column)}` \| {held.supplier} \|.*$", page, re.MULTILINE
        )
        assert all(basis.cite in row for basis in held.bases) and (held.bases or "| unknown |" in row)
    personal = {e.column for e in ELEMENTS if e.personal}
    classes = {c for c in DataClass if c not in (DataClass.FILING, DataClass.GOODS)}
    assert personal == {name for name, held in HANDLING.items() if held.data_class in classes}
    assert personal == {n for n, h in HANDLING.items() if h.retention is not RetentionClass.DECLARATION}


def test_a_late_value_is_flagged_by_its_deadline() -> None:
    """What had to be there at an earlier stage is late; what is told in time is not."""
    names = [e.column for e in ELEMENTS]
    assert late(names, Deadline.PRE_LOADING) == []
    assert "consignee.name" in late(names, Deadline.PRE_ARRIVAL)
    assert "items.value" not in late(names, Deadline.PRE_ARRIVAL)
    assert "items.value" in late(names, Deadline.ARRIVAL) and "declaration_date" not in late(
        names, Deadline.ARRIVAL
    )


def test_template_is_a_valid_csv_of_all_columns() -> None:
    """The template has every column once and one row that fills what is required."""
    header, row = list(csv.reader(io.StringIO(template_csv())))
    assert header == [e.column for e in ELEMENTS] == raw_schema().names()
    cells = dict(zip(header, row, strict=True))
    assert all(cells[e.column] for e in ELEMENTS if e.required)


def test_reference_page_has_a_row_for_each_field() -> None:
    """The reference page states WCO id, type, required and absence for each field."""
    page = reference_page()
    for element in ELEMENTS:
        assert re.search(
            rf"^\| `{re.escape(element.column)}` \| {element.wco} \|.*{re.escape(element.absence)}",
            page,
            re.MULTILINE,
        )


def test_schemas_follow_the_table() -> None:
    """Typed frames have one column per field, amounts and masses as integers, and the empty batch fits."""
    schema = consignment_schema() | item_schema()
    for element in ELEMENTS:
        assert typed_name(element) in schema
        if element.kind in (Kind.AMOUNT, Kind.MASS_KG, Kind.QUANTITY):
            assert schema[typed_name(element)] == pl.Int64
    assert "gross_mass_mg" in item_schema()
    assert empty_batch().items.schema == item_schema()
    assert {e.level for e in ELEMENTS} == {Level.CONSIGNMENT, Level.ITEM}
