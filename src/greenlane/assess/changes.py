"""How the law of a pack changes: between two days, and over time."""

from datetime import date
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


def diff_data(law: Pack, day_a: date, day_b: date, known_at: date | None = None) -> dict[str, Any]:
    """Return what changes in a pack between two days: formulas, charges, values and goods groups."""
    before, after = formula_on(law, day_a), formula_on(law, day_b)
    rules = [{c.rule: c for c in assessment_of(formula).charges} for formula in (before, after)]
    goods = groups_of(law)
    changes = []
    for parameter in law.parameters.by_id.values():
        for key in parameter.values:
            old, new = (parameter.at(key, day, known_at) for day in (day_a, day_b))
            if old is not new and written(parameter, old) != written(parameter, new):
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


def diff(law: Pack, day_a: date, day_b: date, known_at: date | None = None) -> str:
    """Return in words what changes in a pack between two days.

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
    for change in data["values"]:
        key = f" [{change['key']}]" if change["key"] else ""
        since = f", since {words_of_day(change['since'])}" if change["since"] else ""
        why = f", {change['certainty']} [{change['source']}]" if change["source"] else ""
        lines += wrapped(f"{change['name']}{key}: {change['old']} becomes {change['new']}{since}{why}", "  ")
    if len(lines) == 2:
        lines.append("  nothing changes")
    return "\n".join(lines) + "\n"


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
                            "certainty": dated.certainty.word,
                            "source": dated.source.cite,
                            "note": dated.note,
                        }
                    )
    return sorted(
        events, key=lambda event: (event["day"], event["what"], event["id"], event.get("key") or "")
    )


def timeline(law: Pack, known_at: date | None = None) -> str:
    """Return every change of a pack, one day after the other; equal values of members stand together.

    Example:
        >>> from greenlane.packs import pack
        >>> "1 July 2026" in timeline(pack("zz"))
        True
    """
    lines = [f"{law.name} ({law.code})"]
    for day in sorted({event["day"] for event in timeline_data(law, known_at)}):
        lines += ["", words_of_day(day)]
        said: dict[tuple[str, ...], list[str]] = {}
        for event in timeline_data(law, known_at):
            if event["day"] != day:
                continue
            if event["what"] != "value":
                lines.append(f"  {event['law']} {event['what']} ({event['id']})")
                continue
            mark = (event["name"], event["value"], event["certainty"], event["source"], event["note"])
            said.setdefault(mark, []).extend([event["key"]] if event["key"] else [])
        for (name, value, sure, source, note), keys in said.items():
            which = f" [{', '.join(keys)}]" if keys else ""
            lines += wrapped(
                f"{name}{which}: {value}, {sure} [{source}]" + (f". {note}" if note else ""), "  "
            )
    return "\n".join(lines) + "\n"
