"""The importers on the whole official files: how many lines parse, and answers read off the files by hand."""

from datetime import date
from pathlib import Path

import pytest

from greenlane.reference import ImportReport, Reference, import_file, load
from greenlane.tariff import Certainty, Membership
from greenlane.values.money import parse_rate

pytestmark = pytest.mark.shared
DAY = date(2026, 3, 15)


@pytest.fixture(scope="module")
def imported(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, ImportReport], Reference]:
    store = tmp_path_factory.mktemp("store")
    data = shared / "data"
    reports = {
        "2025": import_file(
            "us-hts", data / "tariff_us" / "hts_2025.csv.gz", store,
            valid_from=date(2025, 1, 1), valid_until=date(2025, 1, 26),
        ),
        "2026": import_file(
            "us-hts", data / "tariff_us" / "hts_2026_rev4.csv.gz", store,
            valid_from=date(2026, 2, 24), valid_until=date(2026, 4, 5),
        ),
        "layers": import_file("us-layers", data / "tariff_us_layers", store),
        "uk-eu": import_file("uk-eu-tariff", data / "tariff_uk_eu" / "observations.csv.gz", store),
        "hs": import_file("hs", data / "hs" / "harmonized-system.csv", store),
        "correlation": import_file("hs-correlation", data / "hs" / "HS2022toHS2017.xlsx", store),
        "codes": import_file("codelist", data / "codes", store),
    }  # fmt: skip
    return reports, load(store)


def test_counts(imported: tuple[dict[str, ImportReport], Reference]) -> None:
    """The lines that parse and do not are those of docs/reference/reference-data.md."""
    reports, _ = imported
    assert {name: (r.parsed, r.unparsed) for name, r in reports.items()} == {
        "2025": (44508, 1400), "2026": (44730, 1400), "layers": (24724, 1), "uk-eu": (23231, 429),
        "hs": (6939, 1), "correlation": (15657, 0), "codes": (110540, 3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "member", "rate"),
    [
        ("6307909842", Membership.YES, "50"),  # surgical respirators: note 31(h)
        ("6307909891", Membership.YES, "7.5"),  # other made-up articles: list 4A but for the masks
        ("6307909899", Membership.PARTLY, None),  # no such number: which note takes it isn't known
        ("63079098", Membership.YES, None),
        ("8517620090", Membership.YES, "7.5"),
        ("8517620020", Membership.YES, "25"),
        ("8443321040", Membership.PARTLY, None),  # divided between lists 3 and 4A by notes that aren't held
        ("9401804001", Membership.PARTLY, None),
        ("8541100080", Membership.YES, None),  # the review raised list 3: two rates, the later stands
    ],
)
def test_divided_subheadings(
    imported: tuple[dict[str, ImportReport], Reference], code: str, member: Membership, rate: str | None
) -> None:
    """A subheading that the notes divide by statistical number bears no rate of the other part."""
    listing = imported[1].tariff.listed("us-s301", code, DAY)
    assert listing.member is member
    assert listing.rate == (None if rate is None else parse_rate(rate) // 100)


@pytest.mark.parametrize(
    ("schedule", "code", "day", "text"),
    [
        ("us-hts", "6109100070", DAY, "16.5%"),
        ("us-hts", "0101300000", date(2025, 1, 2), "6.8%"),
        ("us-hts", "04029990", DAY, "46.3¢/kg + 14.9%"),
        ("us-hts", "64021950", DAY, "76¢/pr. + 32%"),
        ("us-hts", "640520", DAY, None),
        ("us-hts", "6405206030", DAY, "2.5%"),
        ("us-hts", "61032200", DAY, None),
        ("eu-cet", "610910", DAY, "12.0%"),
        ("eu-cet", "01022910", date(2021, 5, 1), "10.20% + 93.10 EUR / 100 kg"),
        ("uk-gt", "01012990", date(2021, 5, 1), "10.0%"),
        ("eu-cet", "85118000", date(2021, 5, 1), "3.2%"),
        ("eu-cet", "8511800010", date(2021, 5, 1), "0.0%"),
        ("eu-cet", "851713", DAY, "0.0%"),
        ("eu-cet", "91011100", DAY, None),
    ],
)
def test_rates_read_off_the_files(
    imported: tuple[dict[str, ImportReport], Reference], schedule: str, code: str, day: date, text: str | None
) -> None:
    """Rates found by eye in the files are the answers; None where the file gives several or a text."""
    answer = imported[1].tariff.duty(schedule, code, "CN", day)
    assert (answer.rate.text if answer.rate else None) == text


def test_layers(imported: tuple[dict[str, ImportReport], Reference]) -> None:
    """List 4A bears its rate, the suspended list 4B does not count, section 122 has its days."""
    book = imported[1].tariff
    shirt = book.listed("us-s301", "61091000", DAY)
    assert (shirt.member, shirt.rate) == (Membership.YES, 75_000_000)
    assert shirt.entries[0].get("ch99") == "9903.88.15"
    phone = book.listed("us-s301", "85171300", DAY)
    assert phone.member is Membership.NO
    assert book.listed("us-s122-exempt", "85171300", DAY).member is Membership.YES
    assert book.listed("us-s122-exempt", "85171300", date(2026, 2, 23)).member is Membership.NOT_LOADED
    assert book.listed("us-s122-exempt", "61091000", DAY).member is Membership.NO
    lithium = book.listed("us-s301", "85076000", date(2025, 12, 31))
    assert "9903.91.06" not in {entry.get("ch99") for entry in lithium.entries}
    assert book.listed("us-s301", "61091000", date(2026, 11, 1)).certainty is Certainty.UNVERIFIED


def test_most_of_the_tariff_parses(imported: tuple[dict[str, ImportReport], Reference]) -> None:
    """At most 3 % of the general US lines and of the EU lines need more than value, mass and a count."""
    for name, dataset in (("2026", "us-hts"), ("uk-eu", "eu-cet"), ("uk-eu", "uk-gt")):
        info = next(i for i in imported[0][name].datasets if i.dataset == dataset)
        assert info.unparsed * 100 < 3 * (info.parsed + info.unparsed)


def test_whole_nomenclature_can_be_asked(imported: tuple[dict[str, ImportReport], Reference]) -> None:
    """Every subheading of HS 2022 has an answer or a finding that says why not, in each schedule."""
    held = imported[1]
    codes = [code for code in held.nomenclature.names if len(code) == 6]
    assert len(codes) > 5000
    unknown: dict[str, set[str]] = {"us-hts": set(), "eu-cet": set(), "uk-gt": set()}
    for schedule in unknown:
        for code in codes:
            answer = held.tariff.duty(schedule, code, "CN", DAY)
            assert answer.rate is not None or answer.findings
            if any(f.code == "tariff.code_unknown" for f in answer.findings):
                unknown[schedule].add(code)
    assert set().union(*unknown.values()) == {"999999"}  # the table's line for goods not specified
