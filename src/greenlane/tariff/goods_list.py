"""Dated lists of goods by prefix of the commodity code, and membership in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256

from greenlane.tariff.schedule import Certainty, Schedule
from greenlane.values.finding import Finding


class Membership(StrEnum):
    """Whether a code is on a list. ``partly``: a short code, or an entry that covers part of its prefix."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"
    NOT_LOADED = "not_loaded"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: a prefix of the commodity code, its days and what it says.

    Days are inclusive, None is open. ``rate`` is in billionths, None where the entry carries none.
    ``partial``: only part of the goods under the prefix is meant.
    """

    prefix: str
    valid_from: date | None = None
    valid_until: date | None = None
    rate: int | None = None
    partial: bool = False
    source: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """Return an attribute (``ch99``, ``list``, ``metal`` …) or None.

        Example:
            >>> Entry("6109", attributes=(("ch99", "9903.88.15"),)).get("ch99")
            '9903.88.15'
        """
        return next((value for key, value in self.attributes if key == name), None)

    def active(self, day: date) -> bool:
        """Whether the entry counts on *day*."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """Whether a code is on a list on a day, with the entries that say so.

    ``rate`` is the one rate of the entries where the code is wholly listed and they agree, else None;
    ``low`` and ``high`` are the bounds (``low`` is 0 where the code is only partly listed). Billionths.
    """

    member: Membership
    entries: tuple[Entry, ...]
    certainty: Certainty
    findings: tuple[Finding, ...]
    source: str
    rate: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class GoodsList:
    """One publication of a list of goods.

    ``scope`` limits what the list can answer to subheadings under these prefixes (None: all goods);
    ``nomenclature`` is the schedule whose lines say whether a short code is wholly listed.
    """

    list_id: str
    title: str
    publisher: str
    valid_from: date
    valid_until: date | None
    recorded: date
    entries: tuple[Entry, ...] = field(repr=False)
    nomenclature: str | None = None
    scope: frozenset[str] | None = field(default=None, repr=False)
    certainty: Certainty = Certainty.CERTAIN
    digest: str = ""
    _at: Mapping[str, tuple[Entry, ...]] = field(init=False, repr=False, compare=False)
    _under: Mapping[str, tuple[Entry, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at: dict[str, list[Entry]] = {}
        under: dict[str, list[Entry]] = {}
        for entry in self.entries:
            at.setdefault(entry.prefix, []).append(entry)
            for length in range(2, len(entry.prefix)):
                under.setdefault(entry.prefix[:length], []).append(entry)
        object.__setattr__(self, "_at", {prefix: tuple(found) for prefix, found in at.items()})
        object.__setattr__(self, "_under", {prefix: tuple(found) for prefix, found in under.items()})
        if not self.digest:
            object.__setattr__(self, "digest", _digest(self.entries))

    def covers(self, code: str) -> bool:
        """Whether the list as held can answer for *code*."""
        return self.scope is None or any(code[:n] in self.scope for n in range(2, len(code) + 1))

    def match(self, code: str, day: date, lines: Schedule | None) -> tuple[Membership, tuple[Entry, ...]]:
        """Return membership of *code* on *day* and the entries behind it; *lines* is the nomenclature."""
        above = self._above(code, day)
        if any(not entry.partial for entry in above):
            return Membership.YES, above
        below = tuple(entry for entry in self._under.get(code, ()) if entry.active(day))
        if not below:
            return (Membership.PARTLY, above) if above else (Membership.NO, ())
        finest = lines.finest(code) if lines is not None else ()
        whole = bool(finest) and all(
            any(not entry.partial for entry in self._above(line, day)) for line in finest
        )
        return (Membership.YES if whole else Membership.PARTLY), above + below

    def _above(self, code: str, day: date) -> tuple[Entry, ...]:
        return tuple(
            entry
            for length in range(2, len(code) + 1)
            for entry in self._at.get(code[:length], ())
            if entry.active(day)
        )


def bounds(member: Membership, entries: tuple[Entry, ...]) -> tuple[int | None, int | None, int | None]:
    """Return the one rate, the lowest and the highest that *entries* carry."""
    rates = sorted({entry.rate for entry in entries if entry.rate is not None})
    if not rates:
        return None, None, None
    if member is Membership.PARTLY:
        return None, 0, rates[-1]
    return (rates[0] if len(rates) == 1 else None), rates[0], rates[-1]


def _digest(entries: Iterable[Entry]) -> str:
    seen = sha256()
    for row in sorted(repr(entry) for entry in entries):
        seen.update(row.encode() + b"\n")
    return seen.hexdigest()
