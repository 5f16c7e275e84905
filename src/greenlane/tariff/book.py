"""All schedules and goods lists that are held, by id and day."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256

from greenlane.tariff.goods_list import GoodsList, Listing, Membership, bounds
from greenlane.tariff.schedule import (
    CODE_UNKNOWN,
    NOT_LOADED,
    RANGE,
    Answer,
    Certainty,
    Schedule,
    is_code,
    shape_of,
)
from greenlane.tariff.version import STALE, in_force, stale
from greenlane.values.finding import Finding


class TariffBook:
    """Every schedule and goods list that is held. Immutable after it is made; can be pickled.

    Example:
        >>> from greenlane.tariff import Line, Rate
        >>> line = Line("610910", "12%", Rate("12%", ad_valorem=120_000_000))
        >>> start = date(2024, 1, 1)
        >>> schedule = Schedule("zz", "ZZ tariff", "ZZ", start, None, start, {"610910": line})
        >>> TariffBook([schedule]).duty("zz", "61091000", None, date(2026, 7, 2), None).rate.text
        '12%'
    """

    __slots__ = ("_lists", "_schedules")

    def __init__(self, schedules: Iterable[Schedule] = (), lists: Iterable[GoodsList] = ()) -> None:
        self._schedules: dict[str, tuple[Schedule, ...]] = {}
        self._lists: dict[str, tuple[GoodsList, ...]] = {}
        for schedule in schedules:
            held = self._schedules.get(schedule.schedule_id, ())
            self._schedules[schedule.schedule_id] = (*held, schedule)
        for goods in lists:
            self._lists[goods.list_id] = (*self._lists.get(goods.list_id, ()), goods)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every version of every schedule, in order of id and start."""
        held = [s for versions in self._schedules.values() for s in versions]
        return tuple(sorted(held, key=lambda s: (s.schedule_id, s.valid_from, s.recorded)))

    @property
    def lists(self) -> tuple[GoodsList, ...]:
        """Every version of every goods list, in order of id and start."""
        held = [g for versions in self._lists.values() for g in versions]
        return tuple(sorted(held, key=lambda g: (g.list_id, g.valid_from, g.recorded)))

    def schedule(self, schedule_id: str, day: date, known_at: date | None = None) -> Schedule | None:
        """Return the version of a schedule for *day*, or None where none that was known had begun."""
        return in_force(self._schedules.get(schedule_id, ()), day, known_at)

    def duty(
        self, schedule: str, hs_code: str, origin: str | None, day: date, known_at: date | None = None
    ) -> Answer:
        """Return the rate of duty of *hs_code* in *schedule* on *day*, as known at *known_at*.

        *origin* (ISO 3166 alpha-2) matters only where the publication has a column of its own for it; no
        preference is claimed here.
        """
        version = self.schedule(schedule, day, known_at)
        if version is not None and origin is not None and origin in version.origins:
            version = self.schedule(version.origins[origin], day, known_at)
        if version is None:
            finding = Finding(NOT_LOADED, "", f"No publication of {schedule} for the day is held.")
            return Answer(None, Certainty.UNKNOWN, (finding,), schedule)
        return version.duty(hs_code, day)

    def listed(self, list_id: str, hs_code: str, day: date, known_at: date | None = None) -> Listing:
        """Return whether *hs_code* is on a list on *day*, with the entries that say so."""
        version = in_force(self._lists.get(list_id, ()), day, known_at)
        if version is None:
            return _absent(list_id, NOT_LOADED, f"No publication of list {list_id} for the day is held.")
        if not is_code(hs_code):
            message = f"expected a commodity code of 4 to 14 digits, got {shape_of(hs_code)}"
            return _absent(version.title, CODE_UNKNOWN, message)
        if not version.covers(hs_code):
            message = f"The part of {version.title} that is held does not reach code {hs_code}."
            return _absent(version.title, NOT_LOADED, message)
        nomenclature = self.schedule(version.nomenclature, day) if version.nomenclature else None
        member, entries = version.match(hs_code, day, nomenclature)
        rate, low, high = bounds(member, entries)
        findings: list[Finding] = []
        certainty = version.certainty
        if stale(version, day):
            certainty = max(certainty, Certainty.UNVERIFIED)
            message = f"{version.title} is used past the last day vouched for, {version.valid_until}."
            findings.append(Finding(STALE, "", message))
        if member is Membership.PARTLY or (rate is None and low is not None):
            certainty = Certainty.UNKNOWN
            what = "lists part of the goods" if member is Membership.PARTLY else "gives several rates"
            findings.append(Finding(RANGE, "", f"{version.title} {what} under code {hs_code}."))
        source = entries[0].source if entries and entries[0].source else version.title
        return Listing(member, entries, certainty, tuple(findings), source, rate, low, high)

    def digest(self) -> str:
        """Return the SHA-256 over all that is held: ids, days and contents."""
        seen = sha256()
        for s in self.schedules:
            days = (s.valid_from, s.valid_until, s.recorded)
            seen.update("\x1f".join(map(str, (s.schedule_id, *days, s.edition, s.digest))).encode() + b"\n")
        for g in self.lists:
            row = (g.list_id, g.valid_from, g.valid_until, g.recorded, g.digest)
            seen.update("\x1f".join(map(str, row)).encode() + b"\n")
        return seen.hexdigest()


def _absent(source: str, code: str, message: str) -> Listing:
    return Listing(Membership.NOT_LOADED, (), Certainty.UNKNOWN, (Finding(code, "", message),), source)
