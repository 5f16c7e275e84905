"""How the law of a pack changes: between two days, and over time."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from greenlane.assess.words import (
    charge_data,
    charge_words,
    formula_data,
    formula_on,
    groups_of,
    words_of_day,
    wrapped,
    wrapped_all,
    written,
)
from greenlane.law.pack import Pack, assessment_of
from greenlane.law.parameters import Certainty, Dated, Parameter


def diff_data(law: Pack, day_a: date, day_b: date, known_at: date | None = None) -> dict[str, Any]:
    """Return what changes in a pack between two days: formulas, charges, values and goods groups."""
    before, after = formula_on(law, day_a), formula_on(law, day_b)
    rules = [{c.rule: c for c in assessment_of(formula).charges} for formula in (before, after)]
    goods = groups_of(law)
    changes = []
    for parameter in law.parameters.by_id.values():
        for key in parameter.values:
            old, new = (parameter.at(key, day, known_at) for day in (day_a, day_b))
            if old is new or _said(parameter, old) == _said(parameter, new):
                continue
            changes.append(
                {
                    "id": parameter.id,
                    "name": parameter.name,
                    "key": None if key == "*" else key,
                    "goods": parameter.id in goods,
                    "old": written(parameter, old),
                    "new": written(parameter, new),
                    "since": new.start.isoformat() if new else None,
                    "source": new.source.cite if new else None,
                    "old_certainty": old.certainty.word if old else None,
                    "certainty": new.certainty.word if new else None,
                }
            )
    return {
        "pack": law.code,
        "from": day_a.isoformat(),
        "to": day_b.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "formulas": None
        if before is after
        else {"ends": formula_data(before), "begins": formula_data(after)},
        "charges_end": [charge_data(c) for rule, c in rules[0].items() if rule not in rules[1]],
        "charges_begin": [charge_data(c) for rule, c in rules[1].items() if rule not in rules[0]],
        "values": changes,
    }


def _said(parameter: Parameter, dated: Dated | None) -> tuple[str, Certainty | None]:
    return written(parameter, dated), dated.certainty if dated else None


def diff(law: Pack, day_a: date, day_b: date, known_at: date | None = None) -> str:
    """Return in words what changes in a pack between two days; equal changes of members stand together.

    Example:
        >>> from greenlane.packs import pack
        >>> print(diff(pack("zz"), date(2026, 6, 30), date(2026, 7, 1)).splitlines()[2])
          Duty relief for low value: 150.00 ZZD becomes 100.00 ZZD, since 1 July 2026, certain [ZZ Act
    """
    data = diff_data(law, day_a, day_b, known_at)
    lines = [f"{law.name} ({law.code}): from {words_of_day(day_a)} to {words_of_day(day_b)}", ""]
    if data["formulas"]:
        ends, begins = data["formulas"]["ends"], data["formulas"]["begins"]
        lines += [f"  {ends['law']} ({ends['id']}) gives way to {begins['law']} ({begins['id']})"]
    lines += wrapped_all(f"no longer: {charge_words(charge)}" for charge in data["charges_end"])
    lines += wrapped_all(f"new: {charge_words(charge)}" for charge in data["charges_begin"])
    said: dict[tuple[str, str], list[str]] = {}
    for change in data["values"]:
        held = said.setdefault((change["name"], _change_words(change)), [])
        held += [change["key"]] if change["key"] else []
    for (name, words), keys in said.items():
        which = f" [{', '.join(keys)}]" if keys else ""
        lines += wrapped(f"{name}{which}: {words}", "  ")
    if len(lines) == 2:
        lines.append("  nothing changes")
    return "\n".join(lines) + "\n"


def _change_words(change: Mapping[str, Any]) -> str:
    since = f", since {words_of_day(change['since'])}" if change["since"] else ""
    cite = f" [{change['source']}]" if change["source"] else ""
    if change["old"] == change["new"]:
        return (
            f"{change['new']} as before, {change['old_certainty']} becomes {change['certainty']}{since}{cite}"
        )
    sure = f", {change['certainty']}" if change["source"] else ""
    return f"{change['old']} becomes {change['new']}{since}{sure}{cite}"


def timeline_data(law: Pack, known_at: date | None = None) -> list[dict[str, Any]]:
    """Return every change of a pack in order of its day: formulas that begin or end, values that change."""
    events: list[dict[str, Any]] = []
    for formula in law.formulas:
        events.append({"day": formula.start.isoformat(), "what": "begins", **formula_data(formula)})
        if formula.end is not None:
            events.append({"day": formula.end.isoformat(), "what": "ends", **formula_data(formula)})
    for parameter in law.parameters.by_id.values():
        for key, series in parameter.values.items():
            for dated in series:
                if known_at is None or dated.recorded <= known_at:
                    events.append(
                        {
                            "day": dated.start.isoformat(),
                            "what": "value",
                            "id": parameter.id,
                            "name": parameter.name,
                            "key": None if key == "*" else key,
                            "value": written(parameter, dated),
                            "recorded": dated.recorded.isoformat(),
                            "replaced": _replaced(dated, series, known_at),
                            "certainty": dated.certainty.word,
                            "source": dated.source.cite,
                            "note": dated.note,
                        }
                    )
    return sorted(
        events, key=lambda event: (event["day"], event["what"], event["id"], event.get("key") or "")
    )


def _replaced(dated: Dated, series: Iterable[Dated], known_at: date | None) -> str | None:
    """The day on which another value became known for the same first day, if one did."""
    later = (
        other.recorded
        for other in series
        if other.start == dated.start
        and other.recorded > dated.recorded
        and (known_at is None or other.recorded <= known_at)
    )
    return next((day.isoformat() for day in sorted(later)), None)


def replaced_words(event: Mapping[str, Any]) -> str:
    """Say of a value of `timeline_data` that another took its place from its own first day, or nothing.

    Example:
        >>> replaced_words({"day": "2025-05-01", "replaced": "2025-04-24"})
        ', never applied, replaced on 24 April 2025'
    """
    if not event["replaced"]:
        return ""
    told = words_of_day(event["replaced"])
    if event["replaced"] <= event["day"]:
        return f", never applied, replaced on {told}"
    return f", replaced from this day on by what became known on {told}"


def timeline(law: Pack, known_at: date | None = None) -> str:
    """Return every change of a pack, one day after the other; equal values of members stand together.

    Example:
        >>> from greenlane.packs import pack
        >>> "1 July 2026" in timeline(pack("zz"))
        True
    """
    lines = [f"{law.name} ({law.code})"]
    for day, events in groupby(timeline_data(law, known_at), key=itemgetter("day")):
        lines += ["", words_of_day(day)]
        said: dict[tuple[str, ...], list[str]] = {}
        for event in events:
            if event["what"] != "value":
                lines.append(f"  {event['law']} {event['what']} ({event['id']})")
                continue
            value = event["value"] + replaced_words(event)
            mark = (event["name"], value, event["certainty"], event["source"], event["note"])
            said.setdefault(mark, []).extend([event["key"]] if event["key"] else [])
        for (name, value, sure, source, note), keys in said.items():
            which = f" [{', '.join(keys)}]" if keys else ""
            lines += wrapped(
                f"{name}{which}: {value}, {sure} [{source}]" + (f". {note}" if note else ""), "  "
            )
    return "\n".join(lines) + "\n"
