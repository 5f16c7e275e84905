"""A pack's law as a page of the documentation: its rules and values on a day, and how they came about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from greenlane.assess.changes import replaced_words, timeline_data
from greenlane.assess.pages import show_data
from greenlane.assess.words import charge_words, plain, since_words, words_of_day
from greenlane.law.pack import Pack
from greenlane.packs import DESTINATIONS

_KINDS = {"schemes": "Schemes", "datasets": "Datasets", "programmes": "Programmes", "elections": "Elections"}


def law_page(law: Pack, day: date) -> str:
    """Return the page of a pack in Markdown: rules, charges, values with source and certainty, and every change.

    Raises:
        UsageError: The pack does not cover the day.
    Example:
        >>> from greenlane.packs import pack
        >>> law_page(pack("zz"), date(2026, 7, 2)).splitlines()[0]
        '# ZZ (invented) (`zz`)'
    """
    data = show_data(law, day)
    held = data["formula"]
    until = f" to {words_of_day(held['to'])}, not included" if held["to"] else ""
    whole = f" to {words_of_day(law.end)}, not included" if law.end else " on"
    lines = [
        f"# {law.name} (`{law.code}`)",
        "",
        law.text,
        "",
        f"Covers {', '.join(f'`{code}`' for code in DESTINATIONS[law.code])} from {words_of_day(law.start)}{whole}; "
        f"amounts in {', '.join(law.every_currency)}.",
        "",
        f"## The law on {words_of_day(day)}",
        "",
        f"{held['law']}, from {words_of_day(held['from'])}{until} (`{held['id']}`).",
        "",
        "What the law looks at, in order:",
        "",
        *(f"- **{plain(s['name'])}**: {s['says'] or 'worked out'} [{s['article']}]" for s in data["steps"]),
        "",
        "What may be charged:",
        "",
        *(f"- {charge_words(charge)}" for charge in data["charges"]),
    ]
    lines += ["", "## Values", "", *_table(("value", "on this day", "source"), _values(data["values"]))]
    if data["goods"]:
        lines += ["", "## Goods", "", *_table(("goods", "on this day", "source"), _goods(data["goods"]))]
    for kind, title in _KINDS.items():
        if data[kind]:
            lines += ["", f"## {title}", "", *(f"- `{name}`: {says}" for name, says in data[kind].items())]
    lines += ["", "## Every change", "", *_changes(timeline_data(law))]
    return "\n".join(lines) + "\n"


def _values(values: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for value in values:
        name = f"{value['name']}<br>`{value['id']}`"
        basis = f"<br>{value['basis']}" if value["basis"] else ""
        driven = "" if value["date"] == "declaration" else f"<br>by the date of {value['date']}"
        yield from _rows(name + basis + driven, value["values"])


def _goods(values: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for value in values:
        name = f"{value['name']}<br>`{value['id']}`<br>{plain(value['effect'])}: {', '.join(value['codes'])}"
        yield from _rows(name, value["values"])


def _rows(name: str, values: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """One row for each value that is said alike, with the members, regions or origins that it is of."""
    said: dict[tuple[str, str], list[str]] = {}
    for one in values:
        doubt = f"<br>{one['question']}?" if one["question"] else ""
        doubt += f" Otherwise {one['other_reading']}." if one["other_reading"] else ""
        note = f"<br>{one['note']}" if one["note"] else ""
        told = f"**{one['value']}**{since_words(one)} {one['certainty']}{doubt}{note}"
        source = f"[{one['source']}]({one['url']})" if one["url"] else one["source"]
        said.setdefault((told, source), []).extend([one["key"]] if one["key"] else [])
    for number, ((told, source), keys) in enumerate(said.items()):
        yield "" if number else name, f"{', '.join(keys)}: {told}" if keys else told, source


def _table(head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    cells = [" | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in row) for row in rows]
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {cell} |" for cell in cells)]


def _changes(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    days: dict[str, dict[str, list[str]]] = {}
    for change in changes:
        told = days.setdefault(change["day"], {})
        if change["what"] == "value":
            key = f" {change['key']}" if change["key"] else ""
            words = f"{change['name']}: {change['value']}{replaced_words(change)} ({change['certainty']})"
            told.setdefault(words, []).extend([key.strip()] if key else [])
        else:
            told.setdefault(f"*{change['law']}* {change['what']} (`{change['id']}`)", [])
    for day, told in days.items():
        yield f"- **{words_of_day(day)}**"
        for words, keys in told.items():
            yield f"  - {', '.join(keys)}: {words}" if keys else f"  - {words}"
