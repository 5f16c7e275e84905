"""`new_pack`: lay out the files of a new jurisdiction in a checkout, so that its law can be written there.

What is laid out loads, passes every check and decides nothing that looks like law: its limit is invented and
says so, and its rate of tax is unknown, so no outcome has a total.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

import greenlane
from greenlane.model.codes import COUNTRIES
from greenlane.values.errors import UsageError
from greenlane.values.money import CURRENCIES, exponent, format_scaled

REGISTRY = "src/greenlane/packs/__init__.py"
"""Where a checkout says which countries each pack covers."""

_NAME = re.compile(r"[^\W\d_][\w .,'()&-]{0,58}")
_UNION = re.compile(r"[a-z]{3,12}")
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class NewPack:
    """What was laid out: the files written, and what to do next, in order."""

    code: str
    checkout: Path
    written: tuple[Path, ...]
    changed: Path
    steps: tuple[str, ...]


def new_pack(
    code: str, name: str, currency: str, start: date, checkout: Path, countries: Sequence[str] = ()
) -> NewPack:
    """Write the pack, its test and its line in the registry.

    Args:
        code: ISO 3166-1 code of the country in lower case, or the name of a union.
        name: What the jurisdiction is called in English.
        currency: ISO 4217 code of the amounts.
        start: First day that the pack will cover.
        checkout: The folder of a checkout of greenlane.
        countries: Countries of destination; of a country's own code that country where none is given.
    Raises:
        UsageError: Something does not fit or is there already; then nothing is written, and the message says
            what to do.
    """
    registry = checkout / REGISTRY
    held = _destinations(registry)
    covered = _countries(code, tuple(countries))
    _free(code, covered, held, checkout)
    if currency not in CURRENCIES:
        raise UsageError(f"{currency!r} is no currency of ISO 4217; write three capitals, as in MYR")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name: write letters, at most 59 characters, on one line")
    facts = {
        "code": code,
        "name": name,
        "currency": currency,
        "countries": covered,
        "members": _entry("members=", covered),
        "day": start,
        "limit": format_scaled(10 ** exponent(currency), exponent(currency)),
        "minor": 10 ** exponent(currency),
    }
    texts = {
        checkout / f"src/greenlane/packs/{code}/__init__.py": "pack.py.jinja",
        checkout / f"src/greenlane/packs/{code}/law.yaml": "law.yaml.jinja",
        checkout / f"tests/test_pack_{code}.py": "test.py.jinja",
    }
    made = {path: _TEMPLATES.get_template(template).render(facts) for path, template in texts.items()}
    listed = _with_line(registry.read_text(encoding="utf-8"), code, covered)
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    partial = registry.with_name(f".{registry.name}.partial")
    partial.write_text(listed, encoding="utf-8")
    partial.replace(registry)
    return NewPack(code, checkout, tuple(made), registry, _steps(code, covered[0], checkout))


def in_words(new: NewPack) -> str:
    """Say what was written and what to do next."""
    lines = [f"written  {path.relative_to(new.checkout)}" for path in new.written]
    lines.append(f"changed  {new.changed.relative_to(new.checkout)}")
    lines += ["", "Nothing in it is law yet: the limit is invented and the rate of tax is unknown. Next:"]
    lines += [f"  {number}. {step}" for number, step in enumerate(new.steps, 1)]
    return "\n".join(lines)


def _steps(code: str, country: str, checkout: Path) -> tuple[str, ...]:
    running = Path(greenlane.__file__).resolve().parent
    elsewhere = running != (checkout / "src" / "greenlane").resolve()
    install = f"python -m pip install --editable {checkout}   (the greenlane that runs now is {running})"
    return (
        *([install] if elsewhere else []),
        f"greenlane law check {code}",
        f"python -m pytest tests/test_pack_{code}.py",
        f"src/greenlane/packs/{code}/law.yaml: give every value its source, its days and its certainty",
        f"src/greenlane/packs/{code}/__init__.py: write the formula of each period",
        f"tests/test_pack_{code}.py: replace the first case by cases from the law",
        f"greenlane quote PARCEL.json, for a parcel to {country}: read it as a trader would",
        "python scripts/make_docs.py; then a line in CHANGELOG.md and the counts in README.md and docs/standards.md",
        "docs/how-to/add-a-jurisdiction.md explains each step",
    )


def _destinations(registry: Path) -> dict[str, tuple[str, ...]]:
    """Read which countries each pack of a checkout covers, from the text of its registry."""
    try:
        text = registry.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    table = _table(text)
    if table is None:
        raise UsageError(
            f"{registry.parents[3]} is no checkout of greenlane (there is no {REGISTRY} that lists destinations): "
            "name one with --dir"
        )
    found: dict[str, tuple[str, ...]] = ast.literal_eval(table)
    return found


def _table(text: str) -> ast.Dict | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "DESTINATIONS":
            return node.value if isinstance(node.value, ast.Dict) and node.value.keys else None
    return None


def _countries(code: str, given: tuple[str, ...]) -> tuple[str, ...]:
    own = code.upper()
    is_country = len(code) == 2 and code.islower() and own in COUNTRIES
    if not is_country and not _UNION.fullmatch(code):
        raise UsageError(
            f"{code!r} names no jurisdiction: write a country's code of ISO 3166-1 in small letters (my), or the "
            "name of a union in 3 to 12 small letters (eaeu)"
        )
    covered = tuple(sorted(set(given))) or ((own,) if is_country else ())
    if not covered:
        raise UsageError(
            f"{code} is the name of a union: name its countries with --countries, as in BB,JM,TT"
        )
    wrong = [country for country in covered if country not in COUNTRIES]
    if wrong:
        raise UsageError(
            f"--countries: {', '.join(map(repr, wrong))} stands for no country of ISO 3166-1; write codes of two "
            "capitals with commas between them"
        )
    if is_country and own not in covered:
        raise UsageError(f"--countries: the pack {code} covers {own}, so name it too")
    return covered


def _free(code: str, covered: Sequence[str], held: dict[str, tuple[str, ...]], checkout: Path) -> None:
    if code in held:
        raise UsageError(
            f"there is a law pack {code} already: change it as docs/how-to/change-the-law.md says"
        )
    for country in covered:
        other = next((other for other, members in held.items() if country in members), None)
        if other is not None:
            raise UsageError(
                f"{country} is covered by the law pack {other}: leave it out of --countries, or change {other}"
            )
    if (checkout / f"src/greenlane/packs/{code}.py").exists():
        raise UsageError(f"src/greenlane/packs/{code}.py is a module of the packs: choose another name")
    for path in (f"src/greenlane/packs/{code}", f"tests/test_pack_{code}.py"):
        if (checkout / path).exists():
            raise UsageError(
                f"{path} is there already and isn't overwritten: move it away, then run this again"
            )
    if not (checkout / "tests").is_dir():
        raise UsageError(
            f"{checkout} has no folder tests: name a whole checkout with --dir, not an installed package"
        )


def _entry(lead: str, covered: Sequence[str]) -> str:
    """*lead* and a tuple of countries with a comma, as the formatter writes it four columns in."""
    quoted = [f'"{country}"' for country in covered]
    line = f"    {lead}({', '.join(quoted)}{',' if len(quoted) == 1 else ''}),"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"        {country},\n" for country in quoted)
    return f"    {lead}(\n{inner}    ),"


def _with_line(text: str, code: str, covered: Sequence[str]) -> str:
    """The text of a registry with one line more, in the order of the codes."""
    table = _table(text)
    assert table is not None and table.end_lineno is not None
    later = (key.lineno for key in table.keys if isinstance(key, ast.Constant) and str(key.value) > code)
    lines = text.splitlines(keepends=True)
    lines.insert(min(later, default=table.end_lineno) - 1, _entry(f'"{code}": ', covered) + "\n")
    return "".join(lines)


_TEMPLATES = Environment(
    loader=PackageLoader("greenlane.engine.new_pack", "."),
    autoescape=False,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)

__all__ = ["REGISTRY", "NewPack", "in_words", "new_pack"]
