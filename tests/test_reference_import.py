"""Importing files into the store, and loading them again: small made-up files in the publishers' forms."""

import gzip
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from greenlane.reference import import_file, list_datasets, load, starter_subheadings
from greenlane.tariff import Membership
from greenlane.values.errors import GreenlaneError, ReferenceError_, UsageError

START = date(2026, 1, 1)
HTS_COLUMNS = (
    "\ufeffHTS Number,Indent,Description,Unit of Quantity,"
    "General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty\n"
)
HTS = (
    HTS_COLUMNS
    + """\
"6109","0","Shirts:","","","",""
"6109.10.00","1","Of cotton","","16.5%","Free (AU)","90%"
"6109.10.00.12","2","Men's","[""doz.""]","","",""
"","1","Other:","","32%","","60%"
"6109.90.10","2","Wool","","","",""
"6109.90.80","2","Silk","","The rate applicable to something else","","60%"
"9903.88.15","0","Extra","","The duty provided in the applicable subheading + 7.5%","",""
"""
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def test_us_tariff_inherits_by_indent(tmp_path: Path, store: Path) -> None:
    """A blank rate is that of the nearest line above with less indent; chapter 99 is no goods line."""
    report = import_file("us-hts", put(tmp_path, "hts.csv.gz", HTS), store, valid_from=START)
    held = load(store).tariff
    rates = {
        code: held.duty("us-hts", code, "CN", START).rate for code in ("6109100012", "61099010", "99038815")
    }
    assert [rate and rate.text for rate in rates.values()] == ["16.5%", "32%", None]
    north = held.duty("us-hts", "61091000", "KP", START).rate
    assert north is not None and north.text == "90%"
    assert report.unparsed_by_reason == {"refers to another rate": 1}
    place = next((store / "us-hts").iterdir())
    assert "line 7, 61099080" in (place / "unparsed.csv").read_text()
    assert "99038815" in (place / "aside.csv").read_text()


def test_us_tariff_needs_its_first_day(tmp_path: Path, store: Path) -> None:
    """The export does not say when it begins, so the day must be given."""
    with pytest.raises(UsageError, match="first day"):
        import_file("us-hts", put(tmp_path, "hts.csv", HTS), store)


def test_same_import_is_the_same_version(tmp_path: Path, store: Path) -> None:
    """The same file with the same days is one version; another day is another; nothing half-made stays."""
    path = put(tmp_path, "hts.csv", HTS)
    first = import_file("us-hts", path, store, valid_from=START)
    again = import_file("us-hts", path, store, valid_from=START)
    assert (first.already, again.already) == (False, True) and first.datasets == again.datasets
    import_file("us-hts", path, store, valid_from=date(2026, 2, 1))
    assert len([i for i in list_datasets(store) if i.dataset == "us-hts"]) == 2
    assert not list(store.glob("*/.making-*"))


def test_changed_data_is_refused(tmp_path: Path, store: Path) -> None:
    """Data that was changed after its import is refused, not used."""
    import_file("us-hts", put(tmp_path, "hts.csv", HTS), store, valid_from=START)
    data = next(store.glob("us-hts/*/data.csv"))
    data.write_text(data.read_text().replace("165000000", "1"))
    with pytest.raises(ReferenceError_, match="changed after its import"):
        load(store)


OBSERVATION_COLUMNS = (
    "commodity,description,cet_duty_rate,ukgt_duty_rate,change,trade_remedy_applies,suspension_applies\n"
)
OBSERVATIONS = (
    OBSERVATION_COLUMNS
    + """\
1012100,Horses,0.0%,0.0%,No change,False,False
85171200,Phones,3.7%,2.0%,Simplified,False,False
8517120010,Phones for aircraft,0.0%,0.0%,No change,False,False
709591010,Mushrooms,Entry Price,6.00%,,False,True
123,Nothing,1.0%,1.0%,,False,False
"""
)


def workbook(path: Path, rows: list[tuple[str, str]]) -> Path:
    """Write a workbook with the correlation on its second sheet, as the UN publishes it."""
    texts = sorted({cell for row in rows for cell in row})
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = "".join(
        f'<row r="{n}">'
        + "".join(f'<c r="{c}{n}" t="s"><v>{texts.index(v)}</v></c>' for c, v in zip("AB", row, strict=True))
        + "</row>"
        for n, row in enumerate(rows, 1)
    )  # fmt: skip
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<sst {space}>{strings}</sst>")
        book.writestr(
            "xl/worksheets/sheet2.xml", f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>"
        )
    return path


def test_uk_and_eu_tariffs_restore_zeros_and_are_carried(tmp_path: Path, store: Path) -> None:
    """Seven and nine digits get their zero back; codes of HS 2022 are carried by the correlation table."""
    report = import_file("uk-eu-tariff", put(tmp_path, "observations.csv", OBSERVATIONS), store)
    assert report.unparsed_by_reason == {
        "commodity code has no possible length": 2, "depends on the entry price": 1,
    }  # fmt: skip
    held = load(store).tariff
    day, later = date(2021, 6, 1), date(2026, 3, 15)
    horse = held.duty("eu-cet", "010121", None, day)
    assert horse.rate is not None and horse.findings == ()
    mushrooms = held.duty("uk-gt", "0709591010", None, day).rate
    assert mushrooms is not None and mushrooms.text == "6.00%"
    assert held.duty("eu-cet", "851713", None, later).rate is None
    pairs = [("Between", ""), ("HS2022", "HS2017"), ("851713", "851712"), ("010121", "010121")]
    import_file("hs-correlation", workbook(tmp_path / "c.xlsx", pairs), store)
    phone = load(store).tariff.duty("eu-cet", "851713", None, later)
    assert phone.rate is not None and phone.rate.text == "3.7%"
    assert [finding.code for finding in phone.findings] == ["reference.stale"]


def test_store_wins_over_starter(tmp_path: Path, store: Path) -> None:
    """A schedule in the store replaces the starter's; the others stay."""
    starter = load(store)
    assert starter.tariff.duty("us-hts", "851713", "CN", date(2026, 3, 15)).rate is not None
    import_file("us-hts", put(tmp_path, "hts.csv", HTS), store, valid_from=START)
    held = load(store)
    assert held.tariff.duty("us-hts", "851713", "CN", date(2026, 3, 15)).rate is None
    assert held.tariff.duty("eu-cet", "851713", None, date(2026, 3, 15)).rate is not None
    assert held.digest() != starter.digest() and load(store).digest() == held.digest()


def test_known_at_hides_what_was_recorded_later(tmp_path: Path, store: Path) -> None:
    """A publication recorded later is not used for a run as known before."""
    path = put(tmp_path, "hts.csv", HTS)
    import_file("us-hts", path, store, valid_from=START, recorded=date(2026, 5, 1))
    held = load(store).tariff
    assert held.duty("us-hts", "61091000", "CN", START, date(2026, 4, 30)).rate is None
    assert held.duty("us-hts", "61091000", "CN", START, date(2026, 5, 1)).rate is not None


HMRC_A = """Country/Territories,Currency,Currency Code,Currency Units per £1,Start date,End date
Made-up States,Dollar,USD,1.2500,01/06/2026,30/06/2026
Other Made-up States,Dollar,USD,1.2500,01/06/2026,30/06/2026
Nowhere,Crown,XXCR,9,01/06/2026,30/06/2026
Elsewhere,Yen,JPY,0,bad,30/06/2026
"""
HMRC_B = """Period,countryName,currencyName,currencyCode,rateNew
01/Jul/2026 to 31/Jul/2026,Made-up States,Dollar,USD,1.2600
01/Jul/2026 to 31/Jul/2026,Other,Dollar,USD,1.2700
"""


def test_hmrc_rates_in_both_forms(tmp_path: Path, store: Path) -> None:
    """Both forms of HMRC's file are read; months add up; a second rate of a currency is listed."""
    first = import_file("hmrc-fx", put(tmp_path, "june.csv", HMRC_A), store)
    second = import_file("hmrc-fx", put(tmp_path, "july.csv", HMRC_B), store)
    assert (first.parsed, first.unparsed, second.parsed, second.unparsed) == (1, 2, 1, 1)
    fx = load(store).fx
    june, july = (fx.rate("hmrc-monthly", "GBP", "USD", date(2026, month, 15)) for month in (6, 7))
    assert (june.numerator, june.denominator, july.numerator, july.denominator) == (5, 4, 63, 50)
    assert june.findings == july.findings == ()


def test_ecb_history_is_at_hand_without_import(store: Path) -> None:
    """The ECB rates of the installed package are used: 1.1789 dollars a euro on 1999-01-04, exactly."""
    answer = load(store).fx.rate("ecb", "EUR", "USD", date(1999, 1, 4))
    assert (answer.numerator, answer.denominator) == (11789, 10000)
    assert load(store).fx.rate("ecb", "EUR", "USD", date(1999, 1, 3)).numerator is None


def test_newer_ecb_file_replaces_the_bundled_one(tmp_path: Path, store: Path) -> None:
    """An imported ECB history is used in place of the package's; what is no decimal is listed."""
    text = "Date,USD,JPY,\n2026-11-20,1.2,170.5,\n2026-11-19,N/A,abc,\n"
    report = import_file("ecb", put(tmp_path, "eurofxref-hist.csv", text), store)
    assert (report.parsed, report.unparsed) == (2, 1)
    answer = load(store).fx.rate("ecb", "EUR", "USD", date(2026, 11, 23))
    assert (answer.numerator, answer.denominator, answer.findings) == (6, 5, ())


def test_terms_and_patterns(tmp_path: Path, store: Path) -> None:
    """Terms are folded and kept once; patterns that do not compile are listed; the id can be given."""
    terms = put(tmp_path, "my_terms.csv", 'term\nGift  Box\n"gift box"\n\nParts\n')
    report = import_file("terms:vague-terms", terms, store, valid_from=START)
    assert report.unparsed_by_reason == {"repeated": 1, "empty": 1}
    patterns = put(tmp_path, "my_patterns.txt", "# why\n^x+$\n(\n")
    import_file("terms", patterns, store, valid_from=START)
    held = load(store).terms
    assert set(held.terms("vague-terms", START).terms) == {"gift box", "parts"}
    assert held.terms("my-patterns", START).patterns == ("^x+$",)


def test_code_lists(tmp_path: Path, store: Path) -> None:
    """JSON lists and UN/LOCODE tables become code lists, with state and first day where given."""
    folder = tmp_path / "codes"
    folder.mkdir()
    put(folder, "crdl_Unit.json.gz", json.dumps([{"code": "ASV", "description": "%vol"}, {"x": 1}]))
    put(
        folder, "unlocode.csv", "state,activeFrom,unLocodeExtendedCode,name\nvalid,2023-04-13,ADALV,Andorra\n"
    )
    report = import_file("codelist", folder, store)
    assert (report.parsed, report.unparsed) == (2, 1)
    codes = load(store).codes
    units, places = codes.get("codes-crdl-unit"), codes.get("codes-unlocode")
    assert units is not None and units["ASV"].name == "%vol"
    assert places is not None and places["ADALV"].active_from == date(2023, 4, 13)


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("us-hts", "x.csv", "a,b\n1,2\n"),
        ("us-hts", "x.csv.gz", None),
        ("us-hts", "x.csv", b"HTS Number\xff"),
        ("uk-eu-tariff", "x.csv", ""),
        ("hs-correlation", "x.xlsx", "not a workbook"),
        ("hs", "x.csv", "code\n1\n"),
        ("ecb", "x.csv", "not,rates\n"),
        ("ecb", "x.zip", b"PK broken"),
        ("hmrc-fx", "x.csv", "Period\n"),
        ("us-layers", "x.csv", "hts8\n"),
        ("codelist", "x.json", "{"),
        ("codelist", "x.csv", "a,b\n"),
        ("nothing", "x.csv", ""),
        ("hs:id", "x.csv", ""),
    ],
)
def test_bad_files_are_refused_in_words(
    tmp_path: Path, store: Path, kind: str, name: str, content: str | bytes | None
) -> None:
    """A file that is not what its kind expects is refused in words, and nothing enters the store."""
    path = tmp_path / name
    path.write_bytes(
        b"no gzip" if content is None else content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(GreenlaneError):
        import_file(kind, path, store, valid_from=START)
    assert not store.exists() or not list_datasets(store)


def test_starter_is_sound(store: Path) -> None:
    """Every subheading of the starter has six digits and a name, and an answer in each schedule."""
    held = load(store).tariff
    names = starter_subheadings()
    assert len(names) > 350
    for code, name in names.items():
        assert len(code) == 6 and name
        for schedule in ("us-hts", "eu-cet", "uk-gt"):
            answer = held.duty(schedule, code, "CN", date(2026, 3, 15))
            assert answer.rate is not None or answer.findings
        assert held.listed("us-s301", code, date(2026, 3, 15)).member is not Membership.NOT_LOADED


def test_starter_lists_answer(store: Path) -> None:
    """Pistols are prohibited, shirts are not; the words for ivory stand in several languages."""
    held = load(store)
    day = date(2026, 3, 15)
    assert held.tariff.listed("prohibited-goods", "930200", day).member is Membership.YES
    assert held.tariff.listed("prohibited-goods", "610910", day).member is Membership.NO
    words = held.terms.terms("prohibited-words", day).terms
    assert {words[word].category for word in ("ivory", "elfenbein", "象牙")} == {"protected species"}
    assert "gifts" in held.terms.terms("vague-terms", day).terms
