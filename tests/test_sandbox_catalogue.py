"""The catalogue against itself and against the official code lists."""

import csv
import gzip
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from greenlane.reference import load
from greenlane.sandbox import LANGUAGES, catalogue, prohibited_goods
from greenlane.sandbox.market import CATEGORY_WEIGHTS, PLACES_OF_LOADING
from greenlane.sandbox.plants import MISSING_CODES
from greenlane.sandbox.wording import EMBEDDING_TERMS, VAGUE_TERMS


def test_products_are_unique_named_in_every_language_and_have_wide_bands() -> None:
    """Names are unique, no language is missing, and a price band at least doubles."""
    goods = catalogue() + prohibited_goods()
    assert len({each.name for each in goods}) == len(goods) > 240
    assert all(len(each.names) == len(LANGUAGES) and all(each.names) for each in goods)
    assert all(each.price_high >= 2 * each.price_low > 0 for each in goods)
    assert all(each.mass_high_g > each.mass_low_g > 0 for each in goods)
    assert {each.category for each in catalogue()} == set(CATEGORY_WEIGHTS) | {"documents"}


def test_the_starter_reference_knows_what_is_sent(tmp_path: Path) -> None:
    """Without any download: each code is in the starter, each prohibited good and vague term on its lists."""
    with (files("greenlane.reference") / "starter" / "subheadings.csv").open(encoding="utf-8") as file:
        subheadings = {row["hs6"] for row in csv.DictReader(file)}
    assert [each.hs6 for each in catalogue() if each.hs6 not in subheadings] == []
    lists = load(tmp_path / "no-store").terms
    day = date(2026, 7, 1)
    prohibited = lists.terms("prohibited-words", day).terms
    assert [
        each.name for each in prohibited_goods() if not any(word in each.name for word in prohibited)
    ] == []
    vague = lists.terms("vague-terms", day).terms | lists.terms("stop-words", day).terms
    assert [term for term in VAGUE_TERMS + EMBEDDING_TERMS if term not in vague] == []


@pytest.mark.shared
def test_codes_stand_in_the_official_nomenclatures(shared: Path) -> None:
    """Every subheading is in HS 2022, every longer line in its tariff; the missing are missing."""
    with (shared / "data/hs/harmonized-system.csv").open(encoding="utf-8") as file:
        hs = {row["hscode"] for row in csv.DictReader(file)}
    goods = catalogue() + prohibited_goods()
    assert [each.hs6 for each in goods if each.hs6 not in hs] == []
    assert [code for code in MISSING_CODES if code in hs] == []
    with gzip.open(
        shared / "data/tariff_uk_eu/combined-nomenclature-8-2021.csv.gz", "rt", encoding="utf-8"
    ) as file:
        cn = {row["Notation"].replace(" ", "") for row in csv.DictReader(file)}
    with gzip.open(shared / "data/tariff_us/hts_2026_rev4.csv.gz", "rt", encoding="utf-8-sig") as file:
        hts = {row["HTS Number"].replace(".", "") for row in csv.DictReader(file)}
    assert [each.eu8 for each in goods if each.eu8 and (each.eu8 not in cn or each.eu8[:6] != each.hs6)] == []
    assert [
        each.us10 for each in goods if each.us10 and (each.us10 not in hts or each.us10[:6] != each.hs6)
    ] == []


@pytest.mark.shared
def test_vague_terms_and_places_stand_on_official_lists(shared: Path) -> None:
    """Each vague term is on the UK list; each place of loading is a UN/LOCODE."""
    with (shared / "data/hs_text/vague_terms.csv").open(encoding="utf-8") as file:
        listed = {row[0].lower() for row in csv.reader(file) if row}
    assert [term for term in VAGUE_TERMS + EMBEDDING_TERMS if term not in listed] == []
    with gzip.open(shared / "data/codes/unlocode.csv.gz", "rt", encoding="utf-8") as file:
        places = {row["unLocodeExtendedCode"] for row in csv.DictReader(file)}
    assert [each for group in PLACES_OF_LOADING.values() for each in group if each not in places] == []
