"""`greenlane law new`: what it lays out holds together, and what it refuses says what to do."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from greenlane.engine.new_pack import REGISTRY, new_pack
from greenlane.packs import DESTINATIONS
from greenlane.values.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 1, 1)
UNION = ("BB", "JM")
COUNTRY = next(code for code in ("is", "ad", "aq") if code not in DESTINATIONS)
"""A country without law; Iceland's code is a keyword of Python and its currency has no decimals."""

WRITTEN = (
    f"src/greenlane/packs/{COUNTRY}/__init__.py",
    f"src/greenlane/packs/{COUNTRY}/law.yaml",
    f"tests/test_pack_{COUNTRY}.py",
)


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in a checkout, which is the greenlane that it loads."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(checkout / "src"),
        "GREENLANE_HOME": str(checkout / ".held"),
    }
    return subprocess.run(
        [sys.executable, *words], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def greenlane(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command of a checkout."""
    return run(checkout, "-c", "from greenlane.cli import main; main()", *words)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, in which a country and a union were laid out by the command."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    new = ("law", "new", COUNTRY, "--name", "Côte d'Essai", "--currency", "ISK", "--from", "2026-01-01")
    one = greenlane(folder, *new)
    assert one.returncode == 0, one.stderr
    assert [line.split()[1] for line in one.stdout.splitlines()[:4]] == [*WRITTEN, REGISTRY]
    assert f"greenlane law check {COUNTRY}" in one.stdout and "--editable" not in one.stdout
    assert "scripts/make_docs.py" in one.stdout
    assert (ROOT / "docs" / "how-to" / "add-a-jurisdiction.md").is_file()
    union = (
        "law",
        "new",
        "caricom",
        "--name",
        "Caribbean",
        "--currency",
        "KWD",
        "--countries",
        ",".join(UNION),
    )
    two = greenlane(folder, *union, "--json")
    assert two.returncode == 0, two.stderr
    assert json.loads(two.stdout)["changed"] == REGISTRY
    return folder


def test_what_is_laid_out_holds_together(checkout: Path) -> None:
    """`law check` finds nothing, and the law says of itself that it isn't law."""
    checked = greenlane(checkout, "law", "check", COUNTRY, "caricom")
    assert checked.stdout.splitlines() == [f"{COUNTRY}: holds together", "caricom: holds together"]
    shown = greenlane(checkout, "law", "show", COUNTRY, "--as-of", "2026-01-01").stdout
    assert "to be cited" in shown and "invented" in shown and ", certain [" not in shown


def test_its_tests_and_those_of_every_pack_pass(checkout: Path) -> None:
    """The cases that were written pass, and so do columns = integers, the pages and amendments."""
    every = [
        "test_law_engine.py::test_columns_equal_integers",
        "test_law_engine.py::test_a_batch_of_every_period",
        "test_law_engine.py::test_each_parameter_unknown_repealed_or_contested",
        "test_assess_pages.py::test_every_day_of_change_has_its_page",
        "test_law_amendments.py::test_look_ups_follow_amendments",
    ]
    own = [f"tests/test_pack_{code}.py" for code in (COUNTRY, "caricom")]
    done = run(checkout, "-m", "pytest", "-q", *own, *(f"tests/{test}[{COUNTRY}]" for test in every))
    assert done.returncode == 0, done.stdout
    assert "9 passed" in done.stdout


@pytest.mark.parametrize("tool", [("ruff", "check"), ("ruff", "format", "--check")])
def test_it_is_written_as_the_house_writes(checkout: Path, tool: tuple[str, ...]) -> None:
    """Neither the linter nor the formatter has a word to say of what was written or changed."""
    if find_spec(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    written = [*WRITTEN, "src/greenlane/packs/caricom", "tests/test_pack_caricom.py", REGISTRY]
    files = [path for path in written if not path.endswith(".yaml")]
    done = run(checkout, "-m", *tool, *files)
    assert done.returncode == 0, done.stdout


def test_its_types_hold(checkout: Path) -> None:
    """The strict type checker passes what was written."""
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    done = run(checkout, "-m", "mypy", WRITTEN[0])
    assert done.returncode == 0, done.stdout


def test_a_parcel_there_has_no_total(checkout: Path, tmp_path: Path) -> None:
    """A parcel is covered at once, and is incomplete and held: nothing invented becomes an amount to pay."""
    parcel = json.loads((ROOT / "docs" / "examples" / "parcel.json").read_text(encoding="utf-8"))
    parcel |= {"destination_country": COUNTRY.upper(), "declaration_date": "2026-07-02", "dataset": None}
    path = tmp_path / "parcel.json"
    path.write_text(json.dumps(parcel), encoding="utf-8")
    quoted = json.loads(greenlane(checkout, "quote", str(path), "--json").stdout)
    assert (quoted["jurisdiction"], quoted["status"], quoted["total"]) == (COUNTRY, "incomplete", None)
    assert quoted["disposition"] not in ("release", "release_on_payment")


def test_nothing_is_overwritten(checkout: Path) -> None:
    """A second call is refused with exit code 2, and no file changes."""
    before = {path: (checkout / path).read_bytes() for path in (*WRITTEN, REGISTRY)}
    again = greenlane(checkout, "law", "new", COUNTRY, "--name", "Other", "--currency", "ISK")
    assert again.returncode == 2 and "already" in again.stderr and "change-the-law" in again.stderr
    assert {path: (checkout / path).read_bytes() for path in before} == before


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checkout of two packs, without what laying out doesn't read."""
    registry = tmp_path / REGISTRY
    registry.parent.mkdir(parents=True)
    table = '    "au": ("AU",),\n    "eu": (\n        "AT",\n        "BE",\n    ),\n    "zz": ("ZZ",),\n'
    registry.write_text(
        f'"""Packs."""\n\nDESTINATIONS: dict[str, tuple[str, ...]] = {{\n{table}}}\n', encoding="utf-8"
    )
    (registry.parent / "building.py").write_text("", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("code", "after"), [("ad", "= {"), ("de", '("AU",),'), ("fr", "    ),"), ("my", "    ),")]
)
def test_the_line_stands_in_order(small: Path, code: str, after: str) -> None:
    """The registry is in the order of the codes after as before; nothing else in it changes."""
    before = (small / REGISTRY).read_text(encoding="utf-8").splitlines()
    new_pack(code, "Test", "EUR", DAY, small)
    lines = (small / REGISTRY).read_text(encoding="utf-8").splitlines()
    place = lines.index(f'    "{code}": ("{code.upper()}",),')
    assert lines[place - 1].endswith(after)
    assert lines[:place] + lines[place + 1 :] == before


def test_many_countries_stand_one_a_line(small: Path) -> None:
    """What doesn't fit on a line is written as the formatter would."""
    many = sorted("AG BB BS BZ CU DM DO GD GY HT JM KN LC PR SR TT VC".split())
    new_pack("caricom", "Caribbean", "USD", DAY, small, many)
    for path in (REGISTRY, "src/greenlane/packs/caricom/__init__.py"):
        text = (small / path).read_text(encoding="utf-8")
        assert "".join(f'        "{country}",\n' for country in many) in text


@pytest.mark.parametrize(
    ("changed", "fix"),
    [
        ({"code": "au"}, "change it as docs/how-to/change-the-law.md says"),
        ({"code": "MY"}, r"in small letters \(my\)"),
        ({"code": "qq"}, "ISO 3166-1"),
        ({"code": "m1"}, "ISO 3166-1"),
        ({"code": "../my"}, "ISO 3166-1"),
        ({"code": "union", "countries": ()}, "name its countries with --countries"),
        ({"code": "union", "countries": ("MY", "AT")}, "AT is covered by the law pack eu: leave it out"),
        ({"code": "union", "countries": ("MY", "my")}, "'my' stands for no country"),
        ({"code": "my", "countries": ("BN",)}, "so name it too"),
        ({"code": "building", "countries": ("MY",)}, "choose another name"),
        ({"currency": "MYX"}, "write three capitals"),
        ({"currency": "myr"}, "write three capitals"),
        ({"name": 'Mal"aysia'}, "write letters"),
        ({"name": "Malay\nsia"}, "write letters"),
        ({"name": "{{ code }}"}, "write letters"),
        ({"checkout": Path("no-such-folder")}, "name one with --dir"),
    ],
)
def test_what_does_not_fit_is_refused(small: Path, changed: dict[str, object], fix: str) -> None:
    """The message names the fix, and nothing is written."""
    before = sorted(small.rglob("*"))
    fits = {
        "code": "my",
        "name": "Malaysia",
        "currency": "MYR",
        "start": DAY,
        "checkout": small,
        "countries": (),
    }
    with pytest.raises(UsageError, match=fix):
        new_pack(**(fits | changed))  # type: ignore[arg-type]
    assert sorted(small.rglob("*")) == before


@pytest.mark.parametrize("path", ["src/greenlane/packs/my/notes.txt", "tests/test_pack_my.py"])
def test_a_file_that_is_there_is_kept(small: Path, path: str) -> None:
    """A folder or test of that name is refused, whatever is in it."""
    (small / path).parent.mkdir(exist_ok=True)
    (small / path).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="move it away"):
        new_pack("my", "Malaysia", "MYR", DAY, small)
    assert (small / path).read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_no_checkout_is_refused(small: Path) -> None:
    """Neither an empty registry nor an installed package without tests is written into."""
    shutil.rmtree(small / "tests")
    with pytest.raises(UsageError, match="name a whole checkout with --dir"):
        new_pack("my", "Malaysia", "MYR", DAY, small)
    (small / REGISTRY).write_text("DESTINATIONS = 1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no checkout of greenlane"):
        new_pack("my", "Malaysia", "MYR", DAY, small)


def test_another_greenlane_than_the_one_that_runs(small: Path) -> None:
    """Where the checkout isn't what runs, the first step is to install it."""
    assert "--editable" in new_pack("my", "Malaysia", "MYR", DAY, small).steps[0]
