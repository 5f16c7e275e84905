"""Words for what a pack holds: days, formulas, charges, parties, values."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from greenlane.assess.vocabulary import CHARGE_NAMES, COLLECTED, PARTIES
from greenlane.law.goods import GoodsGroup
from greenlane.law.pack import Cases, Charge, Formula, Pack
from greenlane.law.parameters import Dated, Parameter
from greenlane.packs import CODES
from greenlane.packs.building import read_law
from greenlane.values.errors import UsageError
from greenlane.values.money import exponent, format_scaled

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_STATES = {
    "repealed": "none in force",
    "pending": "announced, not shown to be in force",
    "unknown": "in force, amount unknown",
    "absent": "not yet",
}
_WIDTH = 100


def words_of_day(day: date | str) -> str:
    """Write a day as it is said.

    Example:
        >>> words_of_day("2026-07-02")
        '2 July 2026'
    """
    known = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{known.day} {_MONTHS[known.month - 1]} {known.year}"


def formula_on(law: Pack, day: date) -> Formula:
    """Return the formula in force on *day*.

    Raises:
        UsageError: The pack does not cover that day.
    """
    formula = law.formula_at(day)
    if formula is None:
        until = f" to {law.end.isoformat()}, not included" if law.end else ""
        raise UsageError(f"the law of {law.name} is held from {law.start.isoformat()}{until}")
    return formula


def formula_data(formula: Formula) -> dict[str, Any]:
    """Return a formula as data."""
    return {
        "id": formula.id,
        "law": formula.law,
        "from": formula.start.isoformat(),
        "to": formula.end.isoformat() if formula.end else None,
    }


def groups_of(law: Pack) -> dict[str, GoodsGroup]:
    """Return the goods groups of a packaged pack by id."""
    return {group.id: group for group in read_law(law.code).goods.groups} if law.code in CODES else {}


def charge_data(charge: Charge) -> dict[str, Any]:
    """Return a charge as data: its rule, name, article, who owes, who pays and when."""
    return {
        "rule": charge.rule,
        "kind": charge.kind,
        "name": charge.name,
        "article": charge.law,
        "per": "item" if charge.level == "item" else "consignment",
        "collected": charge.collected,
        "liable": _parties(charge.liable),
        "payer": _parties(charge.payer or charge.liable),
        "waived": None if charge.waived is None else charge.waived.reason,
    }


def _parties(cases: Cases) -> list[str]:
    return list(dict.fromkeys(word for _, word in cases))


def charge_words(charge: Mapping[str, Any]) -> str:
    """Return a charge of `charge_data` as one sentence."""
    owes = " or ".join(PARTIES[party] for party in charge["liable"])
    pays = " or ".join(PARTIES[party] for party in charge["payer"])
    paid = "" if charge["payer"] == charge["liable"] else f", paid by {pays}"
    waived = f"; waived {charge['waived']}" if charge["waived"] else ""
    name = CHARGE_NAMES[charge["name"]]
    return (
        f"{name} ({charge['rule']}): owed by {owes}{paid}, taken {COLLECTED[charge['collected']]}{waived} "
        f"[{charge['article']}]"
    )


def written(parameter: Parameter, dated: Dated | None) -> str:
    """Return a value as it is read, or what stands in its place: none in force, not yet, unknown."""
    if dated is None:
        return _STATES["absent"]
    if dated.state != "in_force" or dated.value is None:
        return _STATES[dated.state]
    return number_words(parameter, dated.value)


def held_since(parameter: Parameter, key: str, dated: Dated, known_at: date | None) -> date:
    """Return the first day since which a value reads as it does, whatever its sources and certainty were.

    Example:
        >>> from greenlane.packs import pack
        >>> vat = pack("za").parameters.by_id["za.vat.standard"]
        >>> kept = vat.at("*", date(2026, 5, 1), None)
        >>> kept.start, held_since(vat, "*", kept, None)
        (datetime.date(2026, 4, 1), datetime.date(2018, 4, 1))
    """
    first, now = dated.start, written(parameter, dated)
    while first > date.min:
        before = parameter.at(key, first - timedelta(days=1), known_at)
        if before is None or written(parameter, before) != now:
            break
        first = before.start
    return first


def since_words(value: Mapping[str, str]) -> str:
    """Say since when a value stands, and from which day on its source and certainty are those told.

    Example:
        >>> since_words({"since": "2018-04-01", "from": "2026-04-01"})
        ' since 1 April 2018; from 1 April 2026'
        >>> since_words({"since": "2018-04-01", "from": "2018-04-01"})
        ' since 1 April 2018,'
    """
    since = f" since {words_of_day(value['since'])}"
    return f"{since}," if value["since"] == value["from"] else f"{since}; from {words_of_day(value['from'])}"


def number_words(parameter: Parameter, value: int | bool) -> str:
    """Return a value in the unit of its parameter.

    Example:
        >>> from greenlane.packs import pack
        >>> held = pack("zz").parameters.by_id
        >>> number_words(held["zz.vat"], 120_000_000), number_words(held["zz.gift"], 4000)
        ('12 %', '40.00 ZZD')
    """
    match parameter.unit:
        case "flag":
            return "yes" if value else "no"
        case "rate":
            return format_scaled(int(value), 7).rstrip("0").rstrip(".") + " %"
        case "amount":
            currency = parameter.currency or ""
            return f"{format_scaled(int(value), exponent(currency))} {currency}"
        case "mass_mg":
            return format_scaled(int(value), 6).rstrip("0").rstrip(".") + " kg"
    return str(value)


def plain(name: str) -> str:
    """Return a name of the code as words."""
    return name.replace("_", " ")


def wrapped_all(texts: Iterable[str]) -> list[str]:
    """Return texts as indented lines."""
    return [line for text in texts for line in wrapped(text, "  ")]


def wrapped(text: str, indent: str) -> list[str]:
    """Return a text as lines of a readable width, the first indented by *indent* and the rest by more."""
    lines: list[str] = []
    current = indent
    for word in text.split():
        if len(current) + len(word) + 1 > _WIDTH and current.strip():
            lines.append(current)
            current = f"{indent}  " if indent else ""
        current += word if not current.strip() else f" {word}"
    return [*lines, current]
