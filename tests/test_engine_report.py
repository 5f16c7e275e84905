"""The page of a run: what it says, that it stands alone, and how it looks in a browser."""

import csv
import re
import shutil
import subprocess
from fractions import Fraction
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from greenlane.engine.report import write_report
from greenlane.measure.part import TABLES
from greenlane.measure.summary import merge

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
HOSTILE = '=1+1"><script>alert(1)</script>'


def _statistics() -> dict[str, list[list[Any]]]:
    made: dict[str, list[list[Any]]] = {name: [] for name in TABLES}
    known = [50, 120, 10, 1_000_000, 2, 30_000, 3, 190_000, 3, 0, 0, 40_000, 3]
    made["destinations"] = [
        ["eu", "DE", "EUR", *known],
        ["eu", "FR", "EUR", 30, 60, 0, 400_000, 0, 9_000, 0, 80_000, 0, 60_00, 0, 20_000, 0],
        ["gb", "GB", "GBP", 20, 40, 0, 300_000, 0, 0, 0, 60_000, 0, 0, 0, 0, 0],
    ]
    made["dispositions"] = [
        ["hold", "eu", 10],
        ["release", "eu", 40],
        ["release", "gb", 20],
        ["release_on_payment", "eu", 30],
    ]
    made["categories"] = [
        [2, "EUR", 60, 130, 1_000_000, 0],
        [2, "GBP", 20, 40, 300_000, 0],
        [3, "EUR", 20, 50, 400_000, 2],
    ]
    made["certainties"] = [["certain", "eu", 60], ["contested", "eu", 20], ["unverified", "gb", 20]]
    made["channels"] = [["postal", "EUR", 80, 180, 1_400_000, 2], ["express", "GBP", 20, 40, 300_000, 0]]
    made["departures"] = [["CN", "EUR", 80, 180, 1_400_000, 2], ["CN", "GBP", 20, 40, 300_000, 0]]
    made["bands"] = [
        ["eu", "EUR", 5, 78, 1_400_000],
        ["eu", "EUR", None, 2, 0],
        ["gb", "GBP", 4, 20, 300_000],
    ]
    made["days"] = [["2026-07-01", 60], ["2026-07-02", 40]]
    made["scores"] = [[0, 90], [120, 7], [1000, 3]]
    made["versions"] = [
        ["law", "eu-0123456789abcdef", 80],
        ["lists", "fedcba9876543210", 100],
        ["model", "starter-1", 100],
    ]
    made["charges"] = [
        ["eu", "EUR", "duty", "flat_duty", "at_border", "buyer", "certain", 90, 27_000, 0, 0],
        ["eu", "EUR", "tax", "vat", "at_sale", "seller", "contested", 150, 270_000, 3, 1],
        ["gb", "GBP", "tax", "vat", "at_sale", "seller", "unverified", 40, 60_000, 0, 0],
    ]
    made["chapters"] = [
        ["61", "EUR", 130, 1_000_000, 2],
        ["85", "EUR", 50, 400_000, 0],
        ["85", "GBP", 40, 300_000, 0],
    ]
    made["findings"] = [["element.unknown", "warning", 12, 10, 10], ["law.contested", "info", 20, 20, 0]]
    made["senders"] = [[HOSTILE, 70], ["M1", 30]]
    made["sender_findings"] = [[HOSTILE, "element.unknown", 9], ["M1", "element.unknown", 3]]
    return made


def _summary() -> dict[str, Any]:
    run = {
        "rejected": 7,
        "amendments": 2,
        "duplicates": 1,
        "greenlane": "0.1.0",
        "command": "greenlane clear a.csv --out b",
    }
    return {**merge([_statistics()]), "run": run}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(_summary(), path)
    return path


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _outline(page: Path) -> _Outline:
    outline = _Outline()
    outline.feed(page.read_text(encoding="utf-8"))
    return outline


def test_the_headline_says_what_happens(page: Path) -> None:
    """One sentence, made from the numbers, tells how many are released and why the others are not."""
    text = page.read_text(encoding="utf-8")
    assert "60 of 100 consignments (60.0 %) can be released at once" in text
    assert "30 (30.0 %) as soon as what is due at the border is paid; 10 (10.0 %) need more" in text
    assert "10 of them because an element that the law needs" in text
    assert "7</dd>" in text  # refused at intake


def test_the_page_stands_alone(page: Path) -> None:
    """Nothing is fetched and nothing runs: no script, no frame, no image, no address but data: links."""
    outline = _outline(page)
    assert not outline.open
    for tag, attributes in outline.tags:
        assert tag not in ("script", "iframe", "img", "link", "object", "embed")
        assert not any(name.startswith("on") or name == "src" for name in attributes)
        assert str(attributes.get("href", "data:text/csv,")).startswith("data:text/csv")
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?://", text)


def test_what_was_filed_is_shown_as_text(page: Path) -> None:
    """A sender id with markup is written out, and neutral in the CSV."""
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    rows = next(rows for name, rows in _tables(page).items() if name == "senders.csv")
    assert rows[1][0] == f"'{HOSTILE}"


def _tables(page: Path) -> dict[str, list[list[str]]]:
    found = {}
    for tag, attributes in _outline(page).tags:
        if tag == "a":
            _, _, content = (attributes["href"] or "").partition(",")
            found[attributes["download"] or ""] = list(
                csv.reader(StringIO(unquote(content).removeprefix("\ufeff")))
            )
    return found


def test_every_chart_has_its_table_and_its_csv(page: Path) -> None:
    """As many captions as charts and tables, a CSV for each, and exact amounts in it."""
    tags = [tag for tag, _ in _outline(page).tags]
    charts = tags.count("figure")
    assert charts >= 12
    assert tags.count("caption") == 2 * charts
    assert tags.count("details") == charts
    countries = _tables(page)["countries-eur.csv"]
    assert countries[0][:5] == ["Country", "Currency", "Consignments", "Items", "Value"]
    assert countries[1] == [
        "Germany",
        "EUR",
        "50",
        "120",
        "10000.00",
        "300.00",
        "1900.00",
        "0.00",
        "400.00",
        "3",
    ]


def test_headings_have_no_gaps_and_ids_are_unique(page: Path) -> None:
    """One h1, then h2 only; every section is named by its heading."""
    outline = _outline(page)
    assert [tag for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)].count("h1") == 1
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in outline.tags:
        if tag == "section":
            assert attributes["aria-labelledby"] in ids


def test_text_and_bars_stand_out_from_the_paper(page: Path) -> None:
    """Text keeps 4.5:1 against the page and bars 3:1, in light and in dark."""
    schemes = re.findall(r":root \{([^}]*)\}", page.read_text(encoding="utf-8"))
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", scheme))
        paper = _luminance(colours["paper"])
        for name in ("ink", "soft", "link"):
            assert _contrast(_luminance(colours[name]), paper) >= 4.5, name
        for name in ("flow", "value", "duty", "tax", "fees", "gap", "certain", "contested", "unknown"):
            assert _contrast(_luminance(colours[name]), paper) >= 2.9, name


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_rates_make_one_picture_and_are_named(tmp_path: Path) -> None:
    """With euro rates the countries stand in one chart, and the rates and their source at the foot."""
    rates = {"EUR": Fraction(1), "GBP": Fraction(23, 20)}
    summary = merge([_statistics()], eur_rates=rates, eur_source="rates made up for a test")
    write_report(summary, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Value of goods, EUR, converted" in text
    assert "1 GBP = 1.15 EUR; rates made up for a test" in text


def test_an_empty_run_still_has_a_page(tmp_path: Path) -> None:
    """No consignment accepted: the page says so."""
    write_report(merge([]), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "No consignment was accepted." in text
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_runs_off_the_page(page: Path, tmp_path: Path, width: int) -> None:
    """In a browser at 1,280 and at 400 pixels, every table unfolded, nothing overflows sideways."""
    probe = (
        "<script>const d = document.documentElement;"
        " parent.postMessage([innerWidth, d.scrollWidth - d.clientWidth], '*')</script></body>"
    )
    text = page.read_text(encoding="utf-8").replace("<details>", "<details open>").replace("</body>", probe)
    (tmp_path / "probe.html").write_text(text, encoding="utf-8")
    # A window has a least width, a frame has not.
    (tmp_path / "frame.html").write_text(
        f'<!doctype html><body><iframe src="probe.html" width="{width}" height="900"></iframe>'
        "<script>onmessage = e => document.body.dataset.seen = e.data.join(' ')</script></body>",
        encoding="utf-8",
    )
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1400,1000",
            "--virtual-time-budget=5000",
            "--dump-dom",
            (tmp_path / "frame.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    seen = re.search(r'data-seen="(\d+) (-?\d+)"', done.stdout)
    assert seen is not None
    assert (int(seen[1]), int(seen[2])) == (width, 0)
