"""Dated, cited parameters: what the law says, when it takes effect and when it became known.

A parameter is read from a pack's YAML. Each value carries ``from`` (first day of effect), ``recorded`` (the day
it was published, so that a run can be made as of an earlier knowledge), a source and a certainty. Values are
half-open periods: each holds until the next begins. ``null`` is repealed, ``unknown`` is in force with an amount
that no source gives.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any

from greenlane.values.errors import LawError
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import exponent, parse_rate, parse_scaled

PENDING = declare(
    "law.pending",
    Severity.INFO,
    "A rule was announced but isn't shown to be in force, so it is not charged.",
    "Nothing to do; check the source named before relying on the amount.",
)
AMOUNT_UNKNOWN = declare(
    "law.unknown",
    Severity.WARNING,
    "A rule is in force but no source gives its value, so the outcome is incomplete.",
    "Load or assume the value named (`--assume`), or decide by hand.",
)
GAP = declare(
    "law.gap",
    Severity.ERROR,
    "The law pack has no value for this day.",
    "Report it: `greenlane law check` should have refused the pack.",
)
ASSUMED = declare(
    "assumed",
    Severity.INFO,
    "A fact given with --assume was used in place of the law or reference data.",
    "Remove the assumption to see the outcome under the law as loaded.",
)

Day = date

DATES = ("declaration", "order", "export")
"""The dates that can drive a parameter."""

KEYS = {
    "member": "destination_country",
    "region": "destination_region",
    "departure": "departure_country",
}
"""What can key a parameter that formulas read, and the field of the consignment that says it."""


class Certainty(IntEnum):
    """How sure a value is; the worst of what was used marks a charge and an outcome."""

    CERTAIN = 0
    UNVERIFIED = 1
    CONTESTED = 2
    UNKNOWN = 3

    @property
    def word(self) -> str:
        """The word of the contract."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: the citation, a link and the day it was published."""

    cite: str
    url: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a parameter from a day on."""

    start: date
    recorded: date
    value: int | bool | None
    state: str
    certainty: Certainty
    source: Source
    rival: int | bool | None = None
    question: str = ""
    note: str = ""
    as_written: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a leaf says for one key: the value (None: unknown), how sure it is and what must be told of it."""

    value: int | bool | None
    certainty: int = 0
    rival: int | bool | None = None
    question: str = ""
    source: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value of the law over time, for the whole jurisdiction or for each member or region.

    ``unit`` is rate, amount, count, flag or mass_mg; ``currency`` is that of an amount; ``date`` is the date
    that drives it; ``key`` is None or one of `KEYS`, or what a look-up of the pack asks by.
    """

    id: str
    name: str
    unit: str
    currency: str | None
    date: str
    key: str | None
    basis: str
    values: Mapping[str, tuple[Dated, ...]] = field(default_factory=dict)

    def keys(self) -> tuple[str, ...]:
        """The members, regions or countries that it has values for; ``*`` alone for a parameter without key."""
        return tuple(self.values)

    def boundaries(self) -> "set[Day]":
        """Every first day of effect."""
        return {dated.start for series in self.values.values() for dated in series}

    def at(self, key: str, day: "Day", known_at: "Day | None") -> Dated | None:
        """Return the value in force on *day* as known at *known_at*; None where there is none.

        Of two values from the same day the later recorded counts.
        """
        best: Dated | None = None
        for dated in self.values.get(key) or self.values.get("*", ()):
            visible = dated.start <= day and (known_at is None or dated.recorded <= known_at)
            if visible and (best is None or (dated.start, dated.recorded) >= (best.start, best.recorded)):
                best = dated
        return best


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of one pack."""

    by_id: Mapping[str, Parameter]
    sources: Mapping[str, Source]

    def boundaries(self) -> list[date]:
        """Every day on which any parameter changes, in order."""
        return sorted(set().union(*(p.boundaries() for p in self.by_id.values())) if self.by_id else set())


def resolve(parameter: Parameter, key: str, day: date, known_at: date | None) -> Resolved:
    """Return what a formula sees of *parameter* for a key and day.

    A rule that was announced but not shown to be in force, or is repealed, or does not exist for this key,
    has no value; formulas ask `in_force` first.
    """
    dated = parameter.at(key, day, known_at)
    if dated is None:
        message = f"{parameter.id} has no value on {day.isoformat()}"
        return Resolved(None, 3, findings=(Finding(GAP, "", message, None),))
    source = dated.source.cite
    if dated.state == "unknown":
        message = f"{parameter.name}: in force, but no source gives its value ({parameter.id})"
        return Resolved(None, 3, source=source, findings=(Finding(AMOUNT_UNKNOWN, "", message, source),))
    contested_with_rival = dated.certainty is Certainty.CONTESTED and dated.rival is not None
    certainty = 0 if contested_with_rival else int(dated.certainty)
    return Resolved(dated.value, certainty, dated.rival, dated.question, source)


def in_force(parameter: Parameter, key: str, day: date, known_at: date | None) -> Resolved:
    """Tell whether a rule applies on *day*: False before it begins, after its repeal, and while pending."""
    dated = parameter.at(key, day, known_at)
    if dated is None:
        return Resolved(False)
    source = dated.source.cite
    if dated.state == "pending":
        message = (
            f"{parameter.name}: announced, not shown to be in force, so not charged. {dated.note}".strip()
        )
        return Resolved(False, 0, source=source, findings=(Finding(PENDING, "", message, source),))
    return Resolved(dated.state != "repealed", int(min(dated.certainty, Certainty.UNVERIFIED)), source=source)


def read_parameters(document: Mapping[str, Any], pack: str) -> Parameters:
    """Make parameters from a pack's parsed YAML.

    Raises:
        LawError: A value without source, certainty, dates or of the wrong form; the message names it.
    """
    sources = {name: _source(name, entry, pack) for name, entry in (document.get("sources") or {}).items()}
    by_id: dict[str, Parameter] = {}
    for entry in document.get("parameters") or ():
        parameter = _parameter(entry, sources, pack)
        if parameter.id in by_id:
            raise LawError(f"{pack}: parameter {parameter.id} stands twice")
        by_id[parameter.id] = parameter
    return Parameters(by_id, sources)


def _source(name: str, entry: Mapping[str, Any], pack: str) -> Source:
    if not entry.get("cite"):
        raise LawError(f"{pack}: source {name} has no citation")
    published = entry.get("published")
    return Source(str(entry["cite"]), str(entry.get("url") or ""), str(published) if published else None)


def _parameter(entry: Mapping[str, Any], sources: Mapping[str, Source], pack: str) -> Parameter:
    name = entry.get("id")
    if not isinstance(name, str) or not name.startswith(f"{pack}."):
        raise LawError(f"{pack}: a parameter's id begins with {pack!r} and a dot, not {name!r}")
    unknown = set(entry) - {"id", "name", "unit", "currency", "date", "key", "basis", "per", "values"}
    if unknown:
        raise LawError(f"{name}: unknown keys {sorted(unknown)}")
    unit = entry.get("unit")
    if unit not in ("rate", "amount", "count", "flag", "mass_mg"):
        raise LawError(f"{name}: unit is rate, amount, count, flag or mass_mg, not {unit!r}")
    driver = entry.get("date", "declaration")
    if driver not in DATES:
        raise LawError(f"{name}: date is one of {', '.join(DATES)}, not {driver!r}")
    raw = entry.get("values")
    grouped: Mapping[str, Any] = raw if isinstance(raw, dict) else {"*": raw}
    for key in grouped:
        if not isinstance(key, str):
            raise LawError(f"{name}: key {key!r} is no text; quote it (YAML reads NO and ON as truth values)")
    currency = entry.get("currency")
    values = {
        key: tuple(
            sorted(
                (_dated(name, unit, currency, v, sources) for v in listed),
                key=lambda d: (d.start, d.recorded),
            )
        )
        for key, listed in grouped.items()
    }
    return Parameter(
        name,
        str(entry.get("name") or name),
        unit,
        currency,
        driver,
        entry.get("key"),
        str(entry.get("basis") or entry.get("per") or ""),
        values,
    )


def _dated(
    name: str, unit: str, currency: str | None, entry: Mapping[str, Any], sources: Mapping[str, Source]
) -> Dated:
    start, recorded = entry.get("from"), entry.get("recorded")
    where = f"{name} from {start}"
    if not isinstance(start, date) or not isinstance(recorded, date):
        raise LawError(f"{where}: 'from' and 'recorded' are dates")
    given = entry.get("source")
    source = sources.get(given) if isinstance(given, str) else _source(name, given, name) if given else None
    if source is None:
        raise LawError(f"{where}: a value needs a source; {given!r} is not listed under sources")
    try:
        certainty = Certainty[str(entry.get("certainty", "")).upper()]
    except KeyError:
        raise LawError(f"{where}: certainty is certain, unverified, contested or unknown") from None
    raw = entry.get("value")
    state = "pending" if entry.get("pending") else "repealed" if raw is None else "in_force"
    value: int | bool | None = None
    if raw == "unknown":
        state, certainty = ("pending" if entry.get("pending") else "unknown"), Certainty.UNKNOWN
    elif raw is not None:
        value = _value(where, unit, currency, raw)
    rival = entry.get("rival")
    if certainty is Certainty.CONTESTED and rival is not None and not entry.get("question"):
        raise LawError(f"{where}: a contested value with a rival states the question")
    return Dated(
        start,
        recorded,
        value,
        state,
        certainty,
        source,
        None if rival is None else _value(where, unit, currency, rival),
        str(entry.get("question") or ""),
        str(entry.get("note") or ""),
        "" if raw is None else str(raw),
    )


def _value(where: str, unit: str, currency: str | None, raw: Any) -> int | bool:
    if unit == "flag":
        if not isinstance(raw, bool):
            raise LawError(f"{where}: a flag is true or false")
        return raw
    if not isinstance(raw, str):
        raise LawError(f"{where}: write the value as a quoted decimal, not {type(raw).__name__}")
    try:
        if unit == "rate":
            return parse_rate(raw)
        if unit == "amount":
            if not currency:
                raise LawError(f"{where}: an amount names its currency")
            return parse_scaled(raw, exponent(currency))
        if unit == "mass_mg":
            return parse_scaled(raw, 6)
        return parse_scaled(raw, 0)
    except ValueError as error:
        raise LawError(f"{where}: {error}") from None


def assumed_value(parameter: Parameter, text: str) -> int | bool:
    """Read an assumed value in the parameter's own unit.

    Raises:
        LawError: The text does not fit the unit.
    """
    if parameter.unit == "flag":
        if text not in ("true", "false"):
            raise LawError(f"{parameter.id}: a flag is true or false")
        return text == "true"
    return _value(parameter.id, parameter.unit, parameter.currency, text)


def parameter_value(parameter: Parameter, raw: str | bool) -> int | bool:
    """Read a value as the law's YAML writes it, in the parameter's own unit.

    Raises:
        LawError: It does not fit the unit; the message names the parameter.
    """
    return _value(parameter.id, parameter.unit, parameter.currency, raw)


def period_index(boundaries: list[date], day: date) -> int:
    """Return which of the periods between *boundaries* a day falls into.

    Example:
        >>> period_index([date(2026, 7, 1)], date(2026, 6, 30)), period_index([date(2026, 7, 1)], date(2026, 7, 1))
        (0, 1)
    """
    return bisect_right(boundaries, day)


def problems(parameter: Parameter, start: date, end: date | None, keys: Iterable[str]) -> list[str]:
    """List gaps and overlaps of *parameter* between two days, for each key.

    A gap is a key without a value on the first day; an overlap is two values from the same day recorded on the
    same day. Later values never leave a gap, because each holds until the next begins.
    """
    found = []
    for key in keys:
        series = parameter.values.get(key) or parameter.values.get("*", ())
        first_day = min((d.start for d in series), default=None)
        if first_day is None or first_day > start:
            found.append(f"{parameter.id} [{key}]: no value on {start.isoformat()}")
        seen: set[tuple[date, date]] = set()
        for dated in series:
            mark = (dated.start, dated.recorded)
            if mark in seen:
                found.append(
                    f"{parameter.id} [{key}]: two values from {dated.start} recorded {dated.recorded}"
                )
            seen.add(mark)
            if dated.recorded > dated.start and not dated.note:
                found.append(
                    f"{parameter.id} [{key}]: recorded after it took effect on {dated.start}; say why in note"
                )
            if end is not None and dated.start >= end and dated.state != "repealed":
                found.append(f"{parameter.id} [{key}]: value from {dated.start} lies past the pack's span")
    return found
