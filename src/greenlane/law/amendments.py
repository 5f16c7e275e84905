"""The law changed for one run: a rate corrected, a measure struck down from a day, a threshold tried.

An amendment names a parameter and says what it is from a day on, or for all its days. It replaces what the
pack says of those days; the pack itself stays as it is. A run under amendments has a law version of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from greenlane.law.goods import GoodsGroups
from greenlane.law.parameters import Certainty, Dated, Parameter, Parameters, Source, parameter_value
from greenlane.values.errors import LawError, UsageError

_KEYS = {"parameter", "key", "from", "until", "value", "certainty", "rival", "question", "source", "note"}
_REPEALED = ("none", "repealed")


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change: what *parameter* is from *start* up to, not including, *until*.

    ``parameter`` may end in ``.*``: every parameter whose id begins so. ``key`` None is every member, region or
    origin; ``start`` None is every day on which there is such a rule; ``value`` None repeals.
    """

    parameter: str
    key: str | None
    start: date | None
    until: date | None
    value: str | bool | None
    certainty: Certainty
    source: Source
    rival: str | bool | None = None
    question: str = ""
    note: str = ""

    def names(self, parameter: Parameter) -> bool:
        """Whether this amendment is of *parameter*."""
        if self.parameter.endswith(".*"):
            return parameter.id.startswith(self.parameter[:-1])
        return parameter.id == self.parameter

    def words(self) -> str:
        """Say the change in one line."""
        value = "repealed" if self.value is None else str(self.value)
        key = f"[{self.key}]" if self.key else ""
        since = f" from {self.start}" if self.start else ""
        until = f" until {self.until}" if self.until else ""
        return f"{self.parameter}{key} = {value}{since}{until}"


@dataclass(frozen=True, slots=True)
class Amendments:
    """The amendments of a run, in the order in which they apply."""

    listed: tuple[Amendment, ...] = ()
    _made: dict[int, tuple[Any, Any]] = field(default_factory=dict, compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.listed)

    def __reduce__(self) -> tuple[Any, ...]:
        return Amendments, (self.listed,)

    def days(self) -> tuple[date, ...]:
        """Return the days on which an amendment begins or ends."""
        edges = {day for amendment in self.listed for day in (amendment.start, amendment.until) if day}
        return tuple(sorted(edges))

    def parameter(self, parameter: Parameter) -> Parameter:
        """Return *parameter* as amended; the same object where no amendment names it."""
        for amendment in self.listed:
            if amendment.names(parameter):
                parameter = _amended(parameter, amendment)
        return parameter

    def parameters(self, held: Parameters) -> Parameters:
        """Return a pack's parameters as amended."""
        found: Parameters = self._once(held, lambda: self._parameters(held))
        return found

    def _parameters(self, held: Parameters) -> Parameters:
        changed = {name: self.parameter(p) for name, p in held.by_id.items()}
        return Parameters(changed, held.sources)

    def goods(self, held: GoodsGroups) -> GoodsGroups:
        """Return a pack's goods groups as amended."""
        found: GoodsGroups = self._once(
            held,
            lambda: GoodsGroups(
                tuple(replace(g, parameter=self.parameter(g.parameter)) for g in held.groups)
            ),
        )
        return found

    def _once(self, held: Any, make: Any) -> Any:
        kept = self._made.get(id(held))
        if kept is None or kept[0] is not held:
            kept = self._made[id(held)] = (held, make())
        return kept[1]

    def unknown(self, held: Parameters) -> list[str]:
        """Return the names that are of no parameter of *held*, and the keys that a parameter doesn't have."""
        found = []
        for amendment in self.listed:
            named = [p for p in held.by_id.values() if amendment.names(p)]
            if not named:
                found.append(amendment.parameter)
            elif amendment.key is not None and all(p.key is None for p in named):
                found.append(f"{amendment.parameter}[{amendment.key}]: it has no members, regions or origins")
        return found


def _amended(parameter: Parameter, amendment: Amendment) -> Parameter:
    keys = parameter.keys() if amendment.key is None else (amendment.key,)
    values = dict(parameter.values)
    for key in keys:
        values[key] = _series(parameter, key, amendment)
    return replace(parameter, values=values)


def _series(parameter: Parameter, key: str, amendment: Amendment) -> tuple[Dated, ...]:
    held = parameter.values.get(key) or parameter.values.get("*", ())
    if not held:
        raise LawError(f"{parameter.id} [{key}] has no value to amend")
    until = amendment.until
    if amendment.start is None:
        # The rule's value changes on every day on which there is a rule; its life stays as it is.
        stood = [d for d in held if d.state != "repealed" and (until is None or d.start < until)]
        held = tuple(_dated(parameter, d.start, amendment) if d in stood else d for d in held)
        return held if until is None else (*held, *_resumed(parameter, key, until, held))
    start = amendment.start
    kept = [dated for dated in held if dated.start < start]
    later = [dated for dated in held if until is not None and dated.start >= until]
    resumed = () if until is None else _resumed(parameter, key, until, later)
    return (*kept, _dated(parameter, start, amendment), *resumed, *later)


def _resumed(parameter: Parameter, key: str, until: date, later: Iterable[Dated]) -> tuple[Dated, ...]:
    """Return the pack's own value from the day on which an amendment ends, where none begins on it by itself."""
    own = parameter.at(key, until, None)
    return () if own is None or any(d.start == until for d in later) else (replace(own, start=until),)


def _dated(parameter: Parameter, start: date, amendment: Amendment) -> Dated:
    value = rival = None
    if amendment.value is not None:
        value = parameter_value(parameter, amendment.value)
    if amendment.rival is not None:
        rival = parameter_value(parameter, amendment.rival)
    return Dated(
        start,
        date.min,
        value,
        "repealed" if amendment.value is None else "in_force",
        amendment.certainty,
        amendment.source,
        rival,
        amendment.question,
        amendment.note,
        "" if amendment.value is None else str(amendment.value),
    )


def read_amendments(listed: Sequence[Mapping[str, Any]]) -> Amendments:
    """Read amendments as JSON or YAML gives them: objects with ``parameter``, ``value`` and, as wanted, ``key``,
    ``from``, ``until``, ``certainty``, ``rival``, ``question``, ``source`` {cite, url} and ``note``.

    A value is a quoted decimal, true or false, or null for repealed.

    Raises:
        UsageError: An amendment is not of that form; the message says which and what is wrong.
    Example:
        >>> held = read_amendments([{"parameter": "eu.flat_duty.amount", "value": "2.00", "from": "2026-09-01"}])
        >>> held.listed[0].words()
        'eu.flat_duty.amount = 2.00 from 2026-09-01'
    """
    return Amendments(tuple(_read(number, entry) for number, entry in enumerate(listed, 1)))


def _read(number: int, entry: Mapping[str, Any]) -> Amendment:
    name = entry.get("parameter") if isinstance(entry, Mapping) else None
    where = f"amendment {number}"
    if not isinstance(name, str) or not name:
        raise UsageError(f"{where}: an amendment names a parameter of the law")
    where = f"{where} ({name})"
    strange = sorted(set(entry) - _KEYS)
    if strange:
        raise UsageError(f"{where}: unknown keys {', '.join(map(str, strange))}")
    if "value" not in entry:
        raise UsageError(f"{where}: give a value; null repeals")
    value = entry["value"]
    if isinstance(value, str) and value in _REPEALED:
        value = None
    if not isinstance(value, str | bool) and value is not None:
        raise UsageError(f"{where}: write the value as a quoted decimal, true, false or null")
    start, until = (_day(where, entry.get(side)) for side in ("from", "until"))
    if start is not None and until is not None and until <= start:
        raise UsageError(f"{where}: it ends before it begins")
    given = entry.get("source") or {}
    source = Source(str(given.get("cite") or "amendment of this run"), str(given.get("url") or ""))
    try:
        certainty = Certainty[str(entry.get("certainty", "certain")).upper()]
    except KeyError:
        raise UsageError(f"{where}: certainty is certain, unverified or contested") from None
    key = entry.get("key")
    return Amendment(
        name,
        None if key is None else str(key),
        start,
        until,
        value,
        certainty,
        source,
        entry.get("rival"),
        str(entry.get("question") or ""),
        str(entry.get("note") or ""),
    )


def _day(where: str, given: Any) -> date | None:
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise UsageError(f"{where}: {given!r} is no day of the calendar; write YYYY-MM-DD") from None
