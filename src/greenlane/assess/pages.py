"""The law of a pack on one day, as a person reads it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from greenlane.assess.words import (
    charge_data,
    charge_words,
    formula_data,
    formula_on,
    groups_of,
    held_since,
    number_words,
    plain,
    since_words,
    words_of_day,
    wrapped,
    wrapped_all,
    written,
)
from greenlane.law.graph import walk
from greenlane.law.pack import Pack, assessment_of, law_version
from greenlane.law.parameters import Parameter
from greenlane.packs import CODES, DESTINATIONS, pack

_BESIDE = " The standard rate is followed and this one stated beside it"


def list_packs() -> list[dict[str, Any]]:
    """Return one row a pack: code, name, currency, countries, first day, last day excluded, counts.

    Example:
        >>> [row["code"] for row in list_packs() if row["currency"] == "EUR"]
        ['eu']
    """
    rows = []
    for code in CODES:
        law = pack(code)
        rows.append(
            {
                "code": code,
                "name": law.name,
                "currency": ", ".join(law.every_currency),
                "countries": list(DESTINATIONS[code]),
                "from": law.start.isoformat(),
                "to": law.end.isoformat() if law.end else None,
                "formulas": len(law.formulas),
                "parameters": len(law.parameters.by_id),
            }
        )
    return rows


def show_data(law: Pack, day: date, known_at: date | None = None) -> dict[str, Any]:
    """Return the law of a pack on *day*: the formula in force, its steps, charges, values and goods groups.

    Raises:
        UsageError: The pack does not cover that day.
    """
    formula = formula_on(law, day)
    assessment = assessment_of(formula)
    goods = groups_of(law)
    steps = {
        node.data[0]: {"name": node.data[0], "says": node.data[2], "article": node.data[1]}
        for node in walk(assessment.roots())
        if node.op == "step"
    }
    values = [
        _value_data(parameter, day, known_at)
        for parameter in law.parameters.by_id.values()
        if parameter.id not in goods
    ]
    return {
        "pack": law.code,
        "name": law.name,
        "currency": ", ".join(law.every_currency),
        "day": day.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "law_version": law_version(law, known_at),
        "formula": formula_data(formula),
        "says": law.text,
        "steps": list(steps.values()),
        "charges": [charge_data(charge) for charge in assessment.charges],
        "values": [value for value in values if value["values"]],
        "goods": [
            {
                "effect": group.effect,
                "codes": list(group.prefixes),
                **_value_data(group.parameter, day, known_at),
            }
            for group in goods.values()
        ],
        "schemes": dict(law.schemes),
        "datasets": dict(law.datasets),
        "programmes": dict(law.programmes),
        "elections": dict(law.elections),
    }


def show(law: Pack, day: date, known_at: date | None = None) -> str:
    """Return the law of a pack on *day* as a readable page.

    Raises:
        UsageError: The pack does not cover that day.

    Example:
        >>> print(show(pack("zz"), date(2026, 7, 2)).splitlines()[0])
        ZZ (invented) (zz): the law on 2 July 2026
    """
    data = show_data(law, day, known_at)
    held = data["formula"]
    until = f" to {words_of_day(held['to'])}, not included" if held["to"] else ""
    lines = [
        f"{law.name} ({law.code}): the law on {words_of_day(day)}"
        + (f", as known on {words_of_day(known_at)}" if known_at else ""),
        f"{held['law']}, from {words_of_day(held['from'])}{until} ({held['id']})",
        f"law version {data['law_version']}",
        "",
        *wrapped(law.text, ""),
        "",
        "What the law looks at",
    ]
    lines += wrapped_all(
        f"{plain(s['name'])}: {s['says'] or 'worked out'} [{s['article']}]" for s in data["steps"]
    )
    lines += ["", "What may be charged"]
    lines += wrapped_all(charge_words(charge) for charge in data["charges"])
    lines += ["", "Values"]
    for value in data["values"]:
        lines += _value_lines(value)
    if data["goods"]:
        lines += ["", "Goods"]
        for value in data["goods"]:
            value = {**value, "basis": f"{plain(value['effect'])}; codes {', '.join(value['codes'])}"}
            lines += _value_lines(value)
    for title in ("schemes", "datasets", "programmes", "elections"):
        if data[title]:
            lines += [
                "",
                title.capitalize(),
                *wrapped_all(f"{name}: {says}" for name, says in data[title].items()),
            ]
    return "\n".join(lines) + "\n"


def _value_data(parameter: Parameter, day: date, known_at: date | None) -> dict[str, Any]:
    values = []
    for key in parameter.values:
        dated = parameter.at(key, day, known_at)
        if dated is not None:
            values.append(
                {
                    "key": None if key == "*" else key,
                    "value": written(parameter, dated),
                    "state": dated.state,
                    "since": held_since(parameter, key, dated, known_at).isoformat(),
                    "from": dated.start.isoformat(),
                    "recorded": dated.recorded.isoformat(),
                    "certainty": dated.certainty.word,
                    "question": dated.question.partition("|")[0] or None,
                    "other_reading": None if dated.rival is None else number_words(parameter, dated.rival),
                    "source": dated.source.cite,
                    "url": dated.source.url or None,
                    "note": dated.note or None,
                }
            )
    return {
        "id": parameter.id,
        "name": parameter.name,
        "unit": parameter.unit,
        "basis": parameter.basis,
        "date": parameter.date,
        "values": values,
    }


def _value_lines(value: Mapping[str, Any]) -> list[str]:
    driven = "" if value["date"] == "declaration" else f"by the date of {value['date']}"
    about = ", ".join(words for words in (value["basis"], driven) if words)
    basis = f" ({value['id']}; {about})" if about else f" ({value['id']})"
    said: dict[tuple[Any, ...], list[str]] = {}
    for one in value["values"]:
        mark = (
            one["value"],
            one["certainty"],
            one["question"],
            one["other_reading"],
            one["source"],
            one["note"],
        )
        held = said.setdefault((*mark, since_words(one) if one["key"] is None else ""), [])
        held += [one["key"]] if one["key"] else []
    lines = []
    for number, ((value_words, sure, question, other, source, note, since), keys) in enumerate(said.items()):
        which = f"{', '.join(keys)}: " if keys else ""
        doubt = f". {question}?" if question else ""
        doubt += f" Otherwise {other}" if other else _BESIDE if question and "effect" in value else ""
        text = f"{which}{value_words}{since or ','} {sure} [{source}]{doubt}" + (f". {note}" if note else "")
        lines += wrapped(
            f"{value['name']}{basis}: {text}" if not number else text, "  " if not number else "    "
        )
    return lines
