"""Write the reference pages that are made from the code; with ``--check``, fail where one is out of date."""

import importlib
import pkgutil
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import click

import greenlane
from greenlane.assess.law_page import law_page
from greenlane.assess.vocabulary import CATEGORIES, CHARGE_NAMES, COLLECTED, PARTIES
from greenlane.assess.words import words_of_day
from greenlane.clearance.pages import procedure_page
from greenlane.cli import main
from greenlane.decide.columns import CHARGE_COLUMNS, FINDING_COLUMNS
from greenlane.decide.plan import DISPOSITIONS
from greenlane.engine.decider import OUTCOME_COLUMNS
from greenlane.messages.ceb.pages import reference_page as ceb_page
from greenlane.messages.ics2.pages import reference_page as ics2_page
from greenlane.messages.placi.pages import reference_page as placi_page
from greenlane.messages.wco.pages import reference_page as wco_page
from greenlane.model import reference_page
from greenlane.packs import CODES, pack
from greenlane.privacy.pages import reference_page as privacy_page
from greenlane.service.pages import api_page, settings_page
from greenlane.values.finding import declared

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
MADE = "<!-- Made by scripts/make_docs.py from the code: change the code, then run it again. -->\n\n"


def findings() -> str:
    """Every finding code with what it means and the fix."""
    for module in pkgutil.walk_packages(greenlane.__path__, "greenlane."):
        importlib.import_module(module.name)
    lines = [
        "# Finding codes\n",
        "A finding says what is wrong, odd or worth knowing about a record. Codes are permanent. An "
        "**error** of intake rejects its record and no other; any other error or warning stands beside the "
        "outcome.\n",
    ]
    for kind in declared():
        lines.append(f"## {kind.code}\n\n{kind.severity.capitalize()}. {kind.title}\n\n**Fix:** {kind.fix}\n")
    return "\n".join(lines)


def commands() -> str:
    """Every command with its arguments and options."""
    lines = [
        "# Commands\n",
        "Each command exits 0 when well, 1 for findings that stop the work, 2 for wrong usage. Where a file "
        "fits, `-` is standard input. `--json` prints for machines. Colours and progress bars appear on "
        "terminals only. `greenlane --version` tells the version, `--help` anywhere explains.\n",
    ]
    context = click.Context(main, info_name="greenlane")

    def walk(command: click.Command, parent: click.Context, name: str) -> None:
        inner = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
        if isinstance(command, click.Group):
            for child in sorted(command.commands):
                walk(command.commands[child], inner, f"{name} {child}")
            return
        lines.append(f"## {name}\n\n{(command.help or '').strip()}\n")
        usage = command.collect_usage_pieces(inner)
        lines.append(f"```\n{name} {' '.join(usage)}\n```\n")
        rows = [p.get_help_record(inner) for p in command.params if isinstance(p, click.Option)]
        options = [tuple(cell.replace("|", r"\|") for cell in row) for row in rows if row]
        if options:
            lines.append("| option | meaning |\n|---|---|")
            lines.extend(f"| `{left}` | {right} |" for left, right in options)
            lines.append("")

    for child in sorted(main.commands):
        walk(main.commands[child], context, f"greenlane {child}")
    return "\n".join(lines)


def outcome() -> str:
    """The outcome's vocabulary and the columns of the result tables."""
    lines = [
        "# Outcomes\n",
        "`greenlane clear` writes `outcomes/` (one row a consignment), `charges/` (one row a charge) and "
        "`findings/`. Amounts are decimal strings in units of `currency`, the law pack's. A field that is "
        "unknown is empty; it is never zero. `quote` and `explain` give the same fields as JSON.\n",
        "## Charges by name\n",
        "| name | in words |\n|---|---|",
        *(f"| `{name}` | {words} |" for name, words in sorted(CHARGE_NAMES.items())),
        "\n## When a charge is collected\n",
        "| word | meaning |\n|---|---|",
        *(f"| `{word}` | {meaning} |" for word, meaning in COLLECTED.items()),
        "\n## Who is liable, who pays\n",
        "| word | meaning |\n|---|---|",
        *(f"| `{word}` | {meaning} |" for word, meaning in PARTIES.items()),
        "\n## Categories\n",
        "| category | meaning |\n|---|---|",
        *(f"| {number} | {meaning} |" for number, meaning in CATEGORIES.items()),
        "\n## Dispositions, from best to worst\n",
        *(f"1. `{word}`" for word in DISPOSITIONS),
        "\n## Certainty\n",
        "`certain` (seen in a source), `unverified` (a weak source or memory), `contested` (two readings, "
        "both amounts given) or `unknown`. An outcome has the worst of what was used.\n",
        "## Columns of outcomes/\n",
        *(f"- `{name}` {kind}" for name, kind in OUTCOME_COLUMNS.items()),
        "\n## Columns of charges/\n",
        "- `consignment_id` String",
        *(f"- `{name}` {kind.__name__}" for name, kind in CHARGE_COLUMNS.items()),
        "\n## Columns of findings/\n",
        "- `consignment_id` String",
        *(f"- `{name}` {kind.__name__}" for name, kind in FINDING_COLUMNS.items()),
        "- `file` String, `row` UInt64: where the record stood, for findings of intake\n",
    ]
    return "\n".join(lines).replace("'", "")


LAW_DAY = date(2026, 11, 24)
"""The day on which the pages of the law tell it."""


def law_index() -> str:
    """The list of packs."""
    lines = [
        "# The law, by jurisdiction\n",
        f"Each page tells what a pack holds on {words_of_day(LAW_DAY)}, with source and certainty, and every change "
        "before and after. For another day: `greenlane law show CODE --as-of DAY`. How a pack is made: "
        "[Law packs](../law-packs.md).\n",
        "| pack | covers | from | to (not included) | currency | values | certain | unverified | contested | unknown |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for code in CODES:
        law = pack(code)
        sure = Counter(
            dated.certainty.word
            for parameter in law.parameters.by_id.values()
            for series in parameter.values.values()
            for dated in series
        )
        lines.append(
            f"| [`{code}`]({code}.md) | {law.name} | {law.start} | {law.end or 'open'} | {', '.join(law.every_currency)} "
            f"| {sure.total()} | {sure['certain']} | {sure['unverified']} | {sure['contested']} | {sure['unknown']} |"
        )
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """File name -> text of every page that is made."""
    return {
        "api.md": api_page(),
        "commands.md": commands(),
        "data-elements.md": reference_page(),
        "findings.md": findings(),
        "messages-ceb.md": ceb_page(),
        "messages-ics2.md": ics2_page(),
        "messages-placi.md": placi_page(),
        "messages-wco.md": wco_page(),
        "outcome.md": outcome(),
        "privacy.md": privacy_page(),
        "procedure.md": procedure_page(),
        "service-settings.md": settings_page(),
        "law/index.md": law_index(),
        **{f"law/{code}.md": law_page(pack(code), LAW_DAY) for code in CODES},
    }


def run(check: bool) -> int:
    """Write the pages, or say which is out of date."""
    stale = 0
    for name, text in pages().items():
        path = PAGES / name
        wanted = MADE + text.rstrip() + "\n"
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != wanted:
                print(f"{path.relative_to(ROOT)} is out of date: run scripts/make_docs.py", file=sys.stderr)
                stale = 1
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(run("--check" in sys.argv[1:]))
