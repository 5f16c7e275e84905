"""How long people's data is kept: a clock for each class, holds that stop it, erasure when it is due."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from greenlane.model.handling import RetentionClass
from greenlane.privacy.access import Vault
from greenlane.privacy.errors import KEY_MISSING, KeyMissing
from greenlane.privacy.persons import subject_of
from greenlane.privacy.seal import Scope
from greenlane.privacy.tombstones import Tombstone, burial, tombstone
from greenlane.values.finding import Severity, declare

KEPT = declare(
    "privacy.kept",
    Severity.ERROR,
    "The personal data is kept: its clock has not ended, its procedure is open, or something holds it.",
    "Wait until the day that is named, end what holds it, or override with the reason and the number of the order.",
)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One clock.

    ``years`` after ``starts``; None: no clock runs here. ``from_year_end`` counts from the end of the
    calendar year of filing instead of the record's own start. ``cite`` is None where no law was seen:
    the figure is then the project's, until the administration sets its own.
    """

    id: str
    retention: RetentionClass
    years: int | None
    starts: str
    why: str
    from_year_end: bool = False
    cite: str | None = None
    certainty: str = "unknown"


RULES: Mapping[RetentionClass, RetentionRule] = {
    rule.retention: rule
    for rule in (
        RetentionRule(
            "declaration.kept",
            RetentionClass.DECLARATION,
            None,
            "–",
            "Holds no plain personal data; how long it stays, the administration's law on records says.",
        ),
        RetentionRule(
            "person.3-years",
            RetentionClass.PERSON,
            3,
            "end of the procedure: released, refused, returned or cancelled, and paid",
            "An overpayment can be asked back for three years in the EU; elsewhere unknown.",
            cite="Reg. (EU) 952/2013 art. 121(1)(a)",
            certainty="certain",
        ),
        RetentionRule(
            "limits.1-year",
            RetentionClass.LIMITS,
            1,
            "end of the calendar year of filing",
            "Limits count by the calendar year; one more year for objections.",
            from_year_end=True,
        ),
    )
}
"""The starter schedule. An administration replaces it by its own."""


def with_years(years: Mapping[RetentionClass, int]) -> dict[RetentionClass, RetentionRule]:
    """Return the schedule with an administration's own years; a rule that differs from the starter cites no law.

    Example:
        >>> with_years({RetentionClass.PERSON: 5})[RetentionClass.PERSON].id
        'person.5-years'
    """
    made = dict(RULES)
    for retention, wanted in years.items():
        if RULES[retention].years != wanted:
            named = f"{retention}.{wanted}-year{'' if wanted == 1 else 's'}"
            made[retention] = replace(
                RULES[retention], id=named, years=wanted, cite=None, certainty="unknown"
            )
    return made


@dataclass(frozen=True, slots=True)
class Held:
    """One sealed record as the clock sees it.

    ``started``: the day on which its clock began; None: the procedure is still open. ``holds``: ids of
    objections, cases and orders that keep it.
    """

    key_id: bytes
    scope: Scope
    started: date | None
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A key whose every record is past its clock, since when, by which rule."""

    key_id: bytes
    scope: Scope
    since: date
    rule: str
    records: int


def due(
    records: Iterable[Held], now: datetime, rules: Mapping[RetentionClass, RetentionRule] = RULES
) -> list[Due]:
    """Return the keys to destroy, in order of the day since when.

    A key is due when the clock of each of its records has ended and nothing holds any of them. A record
    without an end is never due.

    Args:
        records: Every record of the keys that are looked at; a key is judged by all of its records.
        now: Time with zone; the day that counts is that of UTC.
        rules: The schedule.
    """
    if now.tzinfo is None:
        raise ValueError("the clock needs a time with its zone")
    ends: dict[bytes, list[date | None]] = {}
    scopes: dict[bytes, Scope] = {}
    for record in records:
        ends.setdefault(record.key_id, []).append(_end(record, rules))
        scopes[record.key_id] = record.scope
    today, found = now.astimezone(UTC).date(), []
    for key_id, listed in ends.items():
        known = [end for end in listed if end is not None]
        if len(known) == len(listed) and max(known) <= today:
            scope = scopes[key_id]
            found.append(Due(key_id, scope, max(known), rules[scope.retention].id, len(listed)))
    return sorted(found, key=lambda one: (one.since, one.key_id))


@dataclass(frozen=True, slots=True)
class Kept:
    """A key that may not be destroyed yet: until which day (None: not known), and what holds it."""

    key_id: bytes
    scope: Scope
    until: date | None
    holds: tuple[str, ...]
    records: int


def kept(
    records: Iterable[Held], now: datetime, rules: Mapping[RetentionClass, RetentionRule] = RULES
) -> list[Kept]:
    """Return the keys that are not `due`, each with why; the arguments are the same."""
    listed = list(records)
    gone = {one.key_id for one in due(listed, now, rules)}
    found = []
    for key_id in dict.fromkeys(record.key_id for record in listed):
        if key_id in gone:
            continue
        own = [record for record in listed if record.key_id == key_id]
        ends = [_end(record, rules) for record in own]
        known = [end for end in ends if end is not None]
        until = max(known) if len(known) == len(ends) else None
        holds = tuple(sorted({hold for record in own for hold in record.holds}))
        found.append(Kept(key_id, own[0].scope, until, holds, len(own)))
    return found


def erase(one: Due, at: datetime, actor: str, vault: Vault) -> Tombstone:
    """Destroy a key and leave its tombstone, proven by the audit log. Done twice, it gives the same tombstone.

    Raises:
        KeyMissing: The key was never there.
    """
    found = vault.keys.find({one.key_id}).get(one.key_id)
    if isinstance(found, Tombstone):
        return found
    if found is None:
        raise KeyMissing(KEY_MISSING, f"key {one.key_id.hex()} is not here")
    stone = tombstone(found, at, one.rule, actor, one.records)
    vault.keys.destroy(stone)
    vault.audit.join([burial(stone, subject_of(found.scope.reference, vault.pseudonyms))])
    return stone


def _end(record: Held, rules: Mapping[RetentionClass, RetentionRule]) -> date | None:
    """Return the first day on which a record may go, or None: not yet known."""
    rule = rules[record.scope.retention]
    if record.holds or rule.years is None or record.started is None:
        return None
    start = date(record.scope.period + 1, 1, 1) if rule.from_year_end else record.started
    return _years_after(start, rule.years)


def _years_after(day: date, years: int) -> date:
    """Return the same day years later; 29 February becomes 1 March where it is missing.

    Example:
        >>> _years_after(date(2028, 2, 29), 3)
        datetime.date(2031, 3, 1)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
