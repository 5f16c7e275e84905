"""The documentation is true: commands print what it shows, links lead somewhere, tests named exist."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def shown(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    titles = re.findall(r"^#+ (.+)$", shown(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_console_blocks_run() -> None:
    """Every command of a console block ends as the page says and prints what the page shows."""
    command = [sys.executable, str(ROOT / "scripts" / "run_docs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"run scripts/run_docs.py and read what changed\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file names one that exists, and a link to a heading one that the page has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", shown(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(other), f"{target}: no such heading"


def test_every_page_can_be_reached() -> None:
    """From the README, links lead to every page of the documentation."""
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        for target in re.findall(r"\]\(([^)\s#]+)", shown(page)):
            if not re.match(r"[a-z]+:", target):
                waiting.append((page.parent / target).resolve())
    assert set(PAGES) <= seen, sorted(str(page) for page in set(PAGES) - seen)


def test_tests_named_in_docs_exist() -> None:
    """Each `tests/...::test_...` that a page names outside its blocks is a test of that file."""
    texts = "\n".join(map(shown, PAGES))
    named = set(re.findall(r"(tests/\w+\.py)(?:::(\w+))?", texts))
    assert len(named) > 30
    for path, name in sorted(named):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not name or name in functions, f"{path} has no {name}"


def test_every_standard_has_its_row() -> None:
    """Each standard, data quality and what goes beyond has a state; what is not absent names a test."""
    text = (DOCS / "standards.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+|\+) \| (.+) \|$", text, re.MULTILINE)
    numbers = [number for number, _ in rows]
    assert numbers == [*map(str, range(1, 16)), "+", *map(str, range(1, 11))]
    for number, rest in rows:
        state = rest.split(" | ")[1]
        assert state in ("done", "partial", "absent"), number
        assert state == "absent" or "::test_" in rest, f"{number} names no test"


def test_digest_by_hand(tmp_path: Path) -> None:
    """The program on the page of files, which imports nothing of greenlane, gives the same digest."""
    page = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    found = re.search(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found
    by_hand = subprocess.run(
        [sys.executable, "-I", "-c", found.group(1)], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout.strip()
    parcel = str(DOCS / "examples" / "parcel.json")
    quoted = subprocess.run(
        [sys.executable, "-c", "from greenlane.cli import main; main()", "quote", parcel, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(quoted.stdout)["input_digest"] == by_hand
