"""The house keeps its own rules: order of rooms, no float in money rooms, nothing undocumented."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import click
import pytest

from greenlane.service.settings import SETTINGS, Settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "greenlane"
DOCS = ROOT / "docs"

ROOMS = (
    "values",
    "model",
    "law",
    "tariff",
    "packs",
    "assess",
    "risk",
    "decide",
    "ledger",
    "clearance",
    "messages",
    "measure",
    "reference",
    "privacy",
    "exchange",
    "store",
    "engine",
    "sandbox",
    "bench",
    "desk",
    "service",
    "client",
    "cli",
)
INSIDE = ROOMS[: ROOMS.index("reference")]
MONEY_ROOMS = ("values", "law", "tariff", "packs", "assess", "decide", "ledger")
EFFECTS = {
    "os",
    "pathlib",
    "socket",
    "subprocess",
    "time",
    "random",
    "secrets",
    "urllib",
    "http",
    "sqlite3",
    "shutil",
}
# Intake reads files part by part, so the readers of the contract's own formats open them.
MAY_READ_FILES = {
    "messages/files.py",
    "messages/files_csv.py",
    "messages/files_json.py",
    "messages/files_sniff.py",
}


def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _room(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "greenlane":
                found |= {f"greenlane.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_room_imports_only_rooms_above_it(path: Path) -> None:
    """The rooms stand in the order of the architecture; nothing reaches down the list."""
    room = _room(path)
    if room == "__init__":
        return
    for name in _imports(path):
        if name.startswith("greenlane."):
            other = name.split(".")[1]
            if other not in ("__version__",) and other in ROOMS:
                assert ROOMS.index(other) <= ROOMS.index(room), f"{room} imports {name}"


@pytest.mark.parametrize(
    "path", [p for p in _files() if _room(p) in INSIDE], ids=lambda p: str(p.relative_to(SOURCE))
)
def test_inside_rooms_have_no_effects(path: Path) -> None:
    """Clock, files, network and environment stay at the rim."""
    if str(path.relative_to(SOURCE)) in MAY_READ_FILES:
        return
    bad = {name for name in _imports(path) if name.split(".")[0] in EFFECTS}
    assert not bad, f"{path.name} imports {bad}"
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bopen\(|date\.today\(|datetime\.now\(", text), (
        f"{path.name} reads a file or the clock"
    )


@pytest.mark.parametrize(
    "path", [p for p in _files() if _room(p) in MONEY_ROOMS], ids=lambda p: str(p.relative_to(SOURCE))
)
def test_money_rooms_have_no_float(path: Path) -> None:
    """No float literal, no float(), no true division where amounts are made."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.name}:{getattr(node, 'lineno', '?')}"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{where}: a float"
        assert not (isinstance(node, ast.Name) and node.id in ("float", "Float64", "Float32")), (
            f"{where}: float"
        )
        assert not (isinstance(node, ast.Attribute) and node.attr in ("Float64", "Float32")), (
            f"{where}: a float column"
        )
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            text = ast.unparse(node)
            # Fractions and paths divide exactly.
            assert (
                "Fraction" in text or "starter" in text or text.startswith("1 / ratio") or "factor" in text
            ), where


def test_no_bare_except_and_no_leftovers() -> None:
    """Nothing is caught blindly, and nothing unfinished stands in the source."""
    for path in _files():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"except\s*:", text), path.name
        assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text), path.name


def _commands() -> list[str]:
    from greenlane.cli import main

    found = []

    def walk(command: click.Command, name: str) -> None:
        if isinstance(command, click.Group):
            for child, sub in command.commands.items():
                walk(sub, f"{name} {child}")
        else:
            found.append(name)

    walk(main, "greenlane")
    return found


def _option_names() -> list[tuple[str, str]]:
    from greenlane.cli import main

    found = []

    def walk(command: click.Command, name: str) -> None:
        for parameter in command.params:
            found.extend((name, option) for option in parameter.opts if option.startswith("--"))
        if isinstance(command, click.Group):
            for child, sub in command.commands.items():
                walk(sub, f"{name} {child}")

    walk(main, "greenlane")
    return found


def test_every_command_and_option_is_documented() -> None:
    """docs/reference/commands.md has a section for each command and names each option."""
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    for name in _commands():
        assert f"## {name}" in page, f"{name} is not in docs/reference/commands.md"
    for name, option in _option_names():
        assert option in page, f"{name} {option} is not in docs/reference/commands.md"


def test_every_setting_is_documented() -> None:
    """Each environment variable that the code reads stands in the reference, and each setting of the service."""
    pages = (DOCS / "reference" / "settings.md", DOCS / "reference" / "service-settings.md")
    page = "".join(path.read_text(encoding="utf-8") for path in pages)
    names = set()
    for path in _files():
        names |= set(re.findall(r"[\"'](GREENLANE_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")))
    assert names, "no setting was found: the pattern is wrong"
    names |= {setting.variable for setting in SETTINGS}
    assert [setting.name for setting in SETTINGS] == list(Settings.__struct_fields__)
    for name in sorted(names):
        assert f"`{name}`" in page, f"{name} is not in docs/reference/settings.md"


def test_every_endpoint_is_documented() -> None:
    """docs/reference/api.md names each endpoint of the API with its method."""
    from greenlane.service.app import HANDLERS

    page = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    for handler in HANDLERS:
        for path in handler.paths:
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                assert f"`{method} {path}`" in page, f"{method} {path} is not in docs/reference/api.md"


def test_every_finding_code_is_documented() -> None:
    """Each declared finding code has its section in docs/reference/findings.md, with its fix."""
    import greenlane
    from greenlane.values.finding import declared

    for module in pkgutil.walk_packages(greenlane.__path__, "greenlane."):
        importlib.import_module(module.name)
    page = (DOCS / "reference" / "findings.md").read_text(encoding="utf-8")
    kinds = [kind for kind in declared() if not kind.code.startswith("example.")]
    assert len(kinds) > 40
    for kind in kinds:
        assert f"## {kind.code}\n" in page, f"{kind.code} is not in docs/reference/findings.md"
        assert kind.fix in page, f"the fix of {kind.code} is not in docs/reference/findings.md"


def test_every_charge_name_is_documented() -> None:
    """The vocabulary of charges stands in docs/reference/outcome.md."""
    from greenlane.assess.vocabulary import CHARGE_NAMES

    page = (DOCS / "reference" / "outcome.md").read_text(encoding="utf-8")
    for name in CHARGE_NAMES:
        assert f"`{name}`" in page, name


def test_digest_reads_what_formulas_read() -> None:
    """Every field that a formula or look-up of any pack reads is part of the input digest."""
    from greenlane.decide.plan import plan
    from greenlane.engine.digests import NOT_READ
    from greenlane.law.graph import walk
    from greenlane.packs import CODES, pack
    from greenlane.risk.indicators import starter_profile

    for code in CODES:
        law = pack(code)
        for formula in law.formulas:
            made = plan(law, formula, starter_profile())
            roots = [made.score, made.disposition, *made.assessment.assessment.roots()]
            read = {str(n.data[0]).partition(":")[0] for n in walk(roots) if n.op in ("field", "matches")}
            read |= {str(key).partition(":")[0] for n in walk(roots) if n.op == "first" for key in n.data}
            for lookup in law.lookups.values():
                read |= set(lookup.texts)
            assert not read & NOT_READ, f"{formula.id} reads {read & NOT_READ}, which the digest leaves out"


def test_public_modules_have_docstrings() -> None:
    """Every module says what it is for."""
    for path in _files():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
