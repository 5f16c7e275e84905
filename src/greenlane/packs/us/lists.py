"""Duties of the United States that follow lists of goods: section 301 on China, section 232, section 122."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from greenlane.law.pack import Lookup, LookupResult
from greenlane.law.parameters import Resolved
from greenlane.packs import DESTINATIONS
from greenlane.packs.building import Law, Sources, schedule_days
from greenlane.packs.us.origins import (
    NOTHING,
    ORIGIN_KEYS,
    ORIGIN_MISSING,
    SCHEDULES,
    assumed_layer,
    counted_in,
    held,
    one,
    undated,
)
from greenlane.tariff.goods_list import Entry, Listing, Membership
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import parse_rate

S232_UNKNOWN = declare(
    "us.section_232_unknown",
    Severity.WARNING,
    "Section 232 may apply and what it takes can't be worked out from the code and the origin.",
    "Work the duty out by hand and give it as an assumed layer.",
)

S301, S232, S122 = "us-s301", "us-s232", "us-s122-exempt"
EARLY = {"3": "us.s301.list3_early", "3_addl": "us.s301.list3_early", "4A": "us.s301.list4a_early"}
_DATED_FROM = date(2025, 1, 1)
"""The lists that are imported begin here; the first days of earlier measures are from memory."""

_LIST_4A_SETTLED = date(2020, 2, 14)
"""From this day the lists stand at the rates that the imported list holds for them."""

# Origins with an agreement on vehicles, their parts or wood: HTSUS 9903.76 and .94 give them other rates.
_AGREED = frozenset({*DESTINATIONS["eu"], "GB", "JP", "KR"})
_METALS = ("steel", "aluminum")
_RUSSIAN_ALUMINUM = parse_rate("2")
"""200 %: Proclamation 10522 of 24 February 2023, kept in April 2026."""


def _days(law: Law, names: Sequence[str], lists: Sequence[str]) -> Callable[[Any], Sequence[date]]:
    own = {day for name in names for day in law.parameters.by_id[name].boundaries()}
    return lambda sources: sorted(own | set(schedule_days(*lists)(sources)))


def _listed(
    sources: Sources, name: str, code: str, day: date, known_at: date | None
) -> tuple[Listing, tuple[Finding, ...]]:
    listing = sources.tariff.listed(name, code, day, known_at)
    return listing, undated(listing.findings, name)


def _s301(law: Law) -> Lookup:
    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        stands = held(law, sources, "us.s301", "*", day, known_at).value and origin in ("CN", None)
        assumed = assumed_layer(sources, "section_301", code, origin, bool(stands))
        if assumed is not None:
            return one("rate", assumed)
        if not stands:
            return one("rate", NOTHING)
        if origin is None:
            note = Finding(
                ORIGIN_MISSING, "/origin_country", "origin_country isn't given, and section 301 depends on it"
            )
            return one("rate", Resolved(None, 3, findings=(note,)))
        early = _early(law, sources, code, day, known_at)
        if early is not None:
            return one("rate", early)
        listing, findings = _listed(sources, S301, code, day, known_at)
        rates = [entry.rate for entry in listing.entries if entry.rate is not None]
        if listing.member is Membership.NO:
            return one("rate", Resolved(0, int(listing.certainty), source=listing.source, findings=findings))
        if listing.member is not Membership.YES or not rates:
            return one("rate", Resolved(None, 3, source=listing.source, findings=findings))
        if (
            listing.rate is None
            and len({entry.prefix for entry in listing.entries}) > 1
            and _below(listing, code)
        ):
            return one("rate", Resolved(None, 3, source=listing.source, findings=findings))
        # A later list takes the place of an earlier one on the same goods; its rate is the higher.
        told = tuple(finding for finding in findings if finding.code != "tariff.range")
        sure = 1 if any(finding.code == "reference.stale" for finding in findings) else 0
        return one("rate", Resolved(max(rates), sure, source=listing.source, findings=told))

    names = ("us.s301", "us.s301.list3_early", "us.s301.list4a_early")
    return Lookup("s301", ORIGIN_KEYS, ("rate",), ask, _days(law, names, (S301,)))


def _below(listing: Listing, code: str) -> bool:
    """True where entries stand below the code as given, so that it is too short to tell their rates apart."""
    return any(len(entry.prefix) > len(code) for entry in listing.entries)


def _early(law: Law, sources: Sources, code: str, day: date, known_at: date | None) -> Resolved | None:
    """Return the rate of list 3 or 4A in the months before it was settled."""
    names = {name for name in EARLY.values() if held(law, sources, name, "*", day, known_at).value}
    if not names:
        return None
    listing, findings = _listed(sources, S301, code, _LIST_4A_SETTLED, known_at)
    if listing.member is not Membership.YES:
        return None
    on = [EARLY[entry.get("list") or ""] for entry in listing.entries if entry.get("list") in EARLY]
    applies = next((name for name in on if name in names), None)
    if applies is None or len(set(on)) != 1:
        return None
    found = held(law, sources, applies, "*", day, known_at)
    return Resolved(found.value, found.certainty, source=found.source, findings=findings)


def _s232(law: Law) -> Lookup:
    """Parts: ``applies`` (the goods are of section 232) and ``rate`` (billionths of the whole value)."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        stands = bool(held(law, sources, "us.s232", "*", day, known_at).value)
        assumed = assumed_layer(sources, "section_232", code, origin, stands)
        if assumed is not None:
            return LookupResult({"applies": Resolved(bool(assumed.value)), "rate": assumed}, assumed.findings)
        if not stands:
            return LookupResult({"applies": Resolved(False), "rate": NOTHING})
        listing, findings = _listed(sources, S232, code, day, known_at)
        sure = int(listing.certainty)
        if listing.member is Membership.NO:
            return LookupResult(
                {"applies": Resolved(False, sure, source=listing.source), "rate": NOTHING}, findings
            )
        if listing.member is not Membership.YES:
            return _unknown(listing.source, findings)
        return _by_entry(sources, listing, code, origin, day, known_at, findings)

    return Lookup("s232", ORIGIN_KEYS, ("applies", "rate"), ask, _days(law, ("us.s232",), (S232, *SCHEDULES)))


def _unknown(source: str, findings: tuple[Finding, ...]) -> LookupResult:
    nothing = Resolved(None, 3, source=source)
    return LookupResult({"applies": nothing, "rate": nothing}, findings)


def _by_entry(
    sources: Sources,
    listing: Listing,
    code: str,
    origin: str | None,
    day: date,
    known_at: date | None,
    findings: tuple[Finding, ...],
) -> LookupResult:
    """Work out the rate where the goods are wholly listed."""
    told = tuple(finding for finding in findings if finding.code != "tariff.range")
    sure = 1 if any(finding.code == "reference.stale" for finding in findings) else 0
    annex = [entry for entry in listing.entries if entry.get("program") == "annex" and not entry.partial]
    entries = annex or [entry for entry in listing.entries if not entry.partial]
    rates = {_rate(entry, origin) for entry in entries}
    why = _doubt(entries, origin, len(rates))
    if why:
        note = Finding(S232_UNKNOWN, "/hs_code", f"section 232 on goods of code {code}: {why}")
        return _unknown(listing.source, (*told, note))
    rate = Resolved(rates.pop(), sure, source=listing.source)
    if any(entry.get("method") == "floor" for entry in entries):
        rate = counted_in(rate, sources, code, origin, day, known_at)
    return LookupResult(
        {"applies": Resolved(True, sure, source=listing.source), "rate": rate}, (*told, *rate.findings)
    )


def _rate(entry: Entry, origin: str | None) -> int | None:
    annex = entry.get("program") == "annex"
    metal = entry.get("metal")
    if annex and origin == "RU" and metal == "aluminum":
        return _RUSSIAN_ALUMINUM
    agreed = entry.get("uk_rate")
    if annex and origin == "GB" and agreed and metal in _METALS:
        return parse_rate(agreed)
    return entry.rate


def _doubt(entries: Sequence[Entry], origin: str | None, rates: int) -> str:
    """Say why the duty can't be told from code and origin, or nothing."""
    if any((entry.get("basis") or "").endswith("_content") for entry in entries):
        return "the duty stands on the metal in the goods, whose share isn't told"
    programs = {entry.get("program") or "" for entry in entries}
    if origin is None:
        return "the origin isn't given"
    if origin in _AGREED and programs - {
        "annex",
        "steel",
        "aluminum",
        "steel_derivative",
        "aluminum_derivative",
    }:
        return "the rate agreed with the country of origin isn't held"
    if origin == "GB" and programs - {"annex"}:
        return "the rate agreed with the United Kingdom isn't held"
    if rates != 1 or any(entry.rate is None for entry in entries):
        return "several programmes or no rate"
    return ""


def _s122(law: Law) -> Lookup:
    """The surcharge: zero for goods of the United States and for exempt products."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        found = held(law, sources, "us.s122", "*", day, known_at)
        assumed = assumed_layer(sources, "section_122", code, origin, found.value != 0)
        if assumed is not None:
            return one("rate", assumed)
        if not found.value or origin == "US":
            return one("rate", NOTHING)
        listing, findings = _listed(sources, S122, code, day, known_at)
        told = (*found.findings, *findings)
        if listing.member is Membership.YES:
            return one("rate", Resolved(0, int(listing.certainty), source=listing.source, findings=told))
        if listing.member is Membership.NO:
            sure = max(found.certainty, int(listing.certainty))
            return one("rate", Resolved(found.value, sure, source=found.source, findings=told))
        return one("rate", Resolved(None, 3, source=listing.source, findings=told))

    return Lookup("s122", ORIGIN_KEYS, ("rate",), ask, _days(law, ("us.s122",), (S122,)))


def list_lookups(law: Law) -> dict[str, Lookup]:
    """Return the look-ups of duties by list of goods."""
    return {lookup.family: _unsure_before(lookup) for lookup in (_s301(law), _s232(law), _s122(law))}


def _unsure_before(lookup: Lookup) -> Lookup:
    """Hold for unverified what a list says of days before those that its publisher dates."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        said = lookup.ask(sources, keys, day, known_at)
        if day >= _DATED_FROM:
            return said
        parts = {
            name: part if part.source in ("", "assumed") else replace(part, certainty=max(part.certainty, 1))
            for name, part in said.parts.items()
        }
        return LookupResult(parts, said.findings)

    def boundaries(sources: Sources) -> Sequence[date]:
        return [*(lookup.boundaries(sources) if lookup.boundaries else ()), _DATED_FROM]

    return replace(lookup, ask=ask, boundaries=boundaries)
