"""Duties of the United States that follow the country of origin, and the carrier's choice for mail."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from greenlane.law.pack import Lookup, LookupResult
from greenlane.law.parameters import ASSUMED, PENDING, Certainty, Resolved, assumed_value, resolve
from greenlane.packs.building import Law, Sources, schedule_days
from greenlane.tariff.goods_list import Membership
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import parse_rate

ORIGIN_MISSING = declare(
    "us.origin_missing",
    Severity.WARNING,
    "The country of origin isn't known, and additional duties of the United States depend on it.",
    "Send origin_country for the item.",
)
METHOD_MISSING = declare(
    "us.postal_method_missing",
    Severity.WARNING,
    "The carrier chooses between a duty by value and one per postal item, and its choice isn't known.",
    "Send elections.us_postal_method: ad_valorem or specific.",
)
FLOOR_UNKNOWN = declare(
    "us.floor_unknown",
    Severity.WARNING,
    "The rate counts the ordinary duty in, and the ordinary duty isn't a plain share of the value.",
    "Give the full commodity code, or import the schedule that holds it.",
)

ORIGIN_KEYS = ("items.hs_code", "items.origin_country", "day:declaration")
SCHEDULES = ("us-hts", "us-hts-column-2")
EXEMPT = "us-ieepa-exempt"
BRAZIL_EXEMPT = "us-eo-exempt-9903.01.77"
REDUCED = {"CA": ("us-fentanyl-energy-ca", "us-fentanyl-potash-ca"), "MX": ("us-fentanyl-potash-mx",)}

NOTHING = Resolved(0)


def held(law: Law, sources: Sources, name: str, key: str, day: date, known_at: date | None) -> Resolved:
    """Return the value of a parameter for a key: zero where the rule isn't in force, None where unknown.

    Amounts are minor units, rates billionths; *key* is the country of origin or ``*``.

    Example:
        >>> from types import SimpleNamespace
        >>> from greenlane.law.assumptions import Assumptions
        >>> from greenlane.packs.building import read_law
        >>> run = SimpleNamespace(assumed=Assumptions())
        >>> held(read_law("us"), run, "us.ieepa.reciprocal", "VN", date(2025, 8, 7), None).value
        200000000
    """
    parameter = law.under(sources).parameters.by_id[name]
    assumed = sources.assumed.values.get(name)
    if assumed is not None:
        note = Finding(ASSUMED, "", f"{parameter.name} ({name}) was assumed for this run")
        return Resolved(int(assumed_value(parameter, assumed)), source="assumed", findings=(note,))
    dated = parameter.at(key, day, known_at)
    if dated is None or dated.state == "repealed":
        return NOTHING
    if dated.state == "pending":
        return Resolved(
            0, findings=(Finding(PENDING, "", f"{parameter.name}: {dated.note}", dated.source.cite),)
        )
    return resolve(parameter, key, day, known_at)


def assumed_layer(
    sources: Sources, name: str, code: str, origin: str | None, stands: bool = True
) -> Resolved | None:
    """Return the assumed rate of an additional duty; None where no layers are assumed.

    The layers that are given stand for all there are: one that is not named is zero, which is told where the
    duty *stands* in law.

    Example:
        >>> from types import SimpleNamespace
        >>> from greenlane.law.assumptions import read_assumptions
        >>> layers = [{"name": "section_122", "rate": "0.10"}]
        >>> run = SimpleNamespace(assumed=read_assumptions({"layers": layers}))
        >>> assumed_layer(run, "section_122", "610910", "VN").value
        100000000
    """
    if not sources.assumed.layers:
        return None
    for layer in sources.assumed.layers:
        fits = code.startswith(layer.get("hs", "")) and layer.get("origin", origin) == origin
        if layer.get("name") == name and fits:
            note = Finding(ASSUMED, "/hs_code", f"The rate of {name} was assumed for this run")
            return Resolved(parse_rate(str(layer["rate"])), source="assumed", findings=(note,))
    note = Finding(ASSUMED, "/hs_code", f"{name} was assumed not to apply in this run")
    return Resolved(0, source="assumed", findings=(note,) if stands else ())


def one(part: str, resolved: Resolved) -> LookupResult:
    """A look-up's answer of a single part, with what must be told of it."""
    return LookupResult({part: resolved}, resolved.findings)


def column_1(sources: Sources, code: str, origin: str | None, day: date, known_at: date | None) -> int | None:
    """Return the ordinary duty as a share of the value in billionths; None where it isn't a plain share."""
    assumed = sources.assumed.duty(code, origin)
    if assumed is not None:
        return assumed.rate
    rate = sources.tariff.duty("us-hts", code, origin, day, known_at).rate
    return None if rate is None or rate.specific else rate.ad_valorem


def counted_in(
    resolved: Resolved, sources: Sources, code: str, origin: str | None, day: date, known_at: date | None
) -> Resolved:
    """Return what a rate leaves above the ordinary duty that it counts in."""
    ordinary = column_1(sources, code, origin, day, known_at)
    if resolved.value is None or ordinary is None:
        note = Finding(FLOOR_UNKNOWN, "/hs_code", f"the rate counts in the ordinary duty of code {code}")
        return Resolved(None, 3, source=resolved.source, findings=(*resolved.findings, note))
    left = max(int(resolved.value) - ordinary, 0)
    return Resolved(left, resolved.certainty, source=resolved.source, findings=resolved.findings)


def membership(
    sources: Sources, name: str, code: str, day: date, known_at: date | None
) -> tuple[bool | None, Certainty, tuple[Finding, ...]]:
    """Tell whether a code is on a list; None where the list can't say. The words name no day."""
    listing = sources.tariff.listed(name, code, day, known_at)
    findings = undated(listing.findings, name)
    if listing.member is Membership.YES:
        return True, Certainty(int(listing.certainty)), findings
    if listing.member is Membership.NO:
        return False, Certainty(int(listing.certainty)), findings
    return None, Certainty.UNKNOWN, findings


def undated(findings: tuple[Finding, ...], name: str) -> tuple[Finding, ...]:
    """Put findings of a list into words that hold for a whole period, because answers are kept for it.

    Example:
        >>> undated((Finding("tariff.not_loaded", "", "Not for 2026-03-15."),), "us-s301")[0].message
        "list us-s301 isn't held for that day, or not for these goods"
    """
    words = {
        "reference.stale": f"list {name} is used past the last day for which its publisher vouches",
        "tariff.not_loaded": f"list {name} isn't held for that day, or not for these goods",
    }
    return tuple(Finding(f.code, "/hs_code", words.get(f.code, f.message), f.law) for f in findings)


def _freed(
    resolved: Resolved, sources: Sources, name: str, code: str, day: date, known_at: date | None
) -> Resolved:
    """Return zero where the code is on the list of exempt products *name*."""
    if resolved.value == 0:
        return resolved
    member, sure, findings = membership(sources, name, code, day, known_at)
    told = (*resolved.findings, *findings)
    if member is None:
        return Resolved(None, 3, source=resolved.source, findings=told)
    return Resolved(
        0 if member else resolved.value,
        max(resolved.certainty, int(sure)),
        source=resolved.source,
        findings=told,
    )


def missing(part: str) -> LookupResult:
    """Say that the origin isn't given and the answer depends on it."""
    note = Finding(
        ORIGIN_MISSING, "/origin_country", "origin_country isn't given, and additional duties depend on it"
    )
    return LookupResult({part: Resolved(None, 3)}, (note,))


def _ieepa_given(sources: Sources, origin: str) -> Resolved | None:
    for entry in sources.assumed.origins.get("ieepa_rate", ()):
        if entry.get("origin") == origin:
            note = Finding(
                ASSUMED, "/origin_country", "The IEEPA rate of the origin was assumed for this run"
            )
            return Resolved(parse_rate(str(entry["rate"])), source="assumed", findings=(note,))
    return None


def days_of(law: Law, names: Sequence[str], lists: Sequence[str]) -> Callable[[Any], Sequence[date]]:
    """Return the days on which the parameters or the imported lists change."""
    own = {day for name in names for day in law.parameters.by_id[name].boundaries()}
    return lambda sources: sorted(own | set(schedule_days(*lists)(sources)))


def _reciprocal(law: Law) -> Lookup:
    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        standing = held(law, sources, "us.ieepa.reciprocal", origin or "*", day, known_at)
        assumed = assumed_layer(sources, "ieepa_reciprocal", code, origin, standing.value != 0)
        if assumed is not None:
            return one("rate", assumed)
        if origin is None:
            return missing("rate")
        given = _ieepa_given(sources, origin)
        found = _freed(given or standing, sources, EXEMPT, code, day, known_at)
        floor = given is None and held(law, sources, "us.ieepa.floor", origin, day, known_at).value
        return one(
            "rate",
            counted_in(found, sources, code, origin, day, known_at) if floor and found.value else found,
        )

    days = days_of(law, ("us.ieepa.reciprocal", "us.ieepa.floor"), (EXEMPT, *SCHEDULES))
    return Lookup("ieepa_reciprocal", ORIGIN_KEYS, ("rate",), ask, days)


def _fentanyl(law: Law) -> Lookup:
    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        found = held(law, sources, "us.ieepa.fentanyl", origin or "*", day, known_at)
        assumed = assumed_layer(sources, "ieepa_fentanyl", code, origin, found.value != 0)
        if assumed is not None:
            return one("rate", assumed)
        if origin is None:
            return missing("rate")
        if _ieepa_given(sources, origin):
            return one("rate", NOTHING)
        if not found.value:
            return one("rate", found)
        for name in REDUCED.get(origin, ()):
            member, _, findings = membership(sources, name, code, day, known_at)
            if member is None:
                return one("rate", Resolved(None, 3, source=found.source, findings=findings))
            if member:
                return one("rate", held(law, sources, "us.ieepa.reduced", "*", day, known_at))
        return one("rate", found)

    lists = tuple(name for names in REDUCED.values() for name in names)
    return Lookup(
        "ieepa_fentanyl",
        ORIGIN_KEYS,
        ("rate",),
        ask,
        days_of(law, ("us.ieepa.fentanyl", "us.ieepa.reduced"), lists),
    )


def _order(law: Law) -> Lookup:
    exempt: Mapping[str, str] = {"BR": BRAZIL_EXEMPT, "IN": EXEMPT}

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        found = held(law, sources, "us.ieepa.order", origin or "*", day, known_at)
        assumed = assumed_layer(sources, "ieepa", code, origin, found.value != 0)
        if assumed is not None:
            return one("rate", assumed)
        if origin is None:
            return missing("rate")
        if _ieepa_given(sources, origin):
            return one("rate", NOTHING)
        if not found.value:
            return one("rate", found)
        listed = exempt.get(origin)
        return one("rate", _freed(found, sources, listed, code, day, known_at) if listed else found)

    return Lookup(
        "ieepa_order", ORIGIN_KEYS, ("rate",), ask, days_of(law, ("us.ieepa.order",), tuple(exempt.values()))
    )


def _postal(law: Law) -> Lookup:
    """The rate of the origin for mail: the sum of the IEEPA duties, whatever the goods."""
    names = ("us.ieepa.reciprocal", "us.ieepa.fentanyl", "us.ieepa.order")

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        origin = keys[0]
        if origin is None:
            return missing("rate")
        given = _ieepa_given(sources, origin)
        if given is not None:
            return one("rate", given)
        parts = [held(law, sources, name, origin, day, known_at) for name in names]
        rate = sum(int(part.value or 0) for part in parts)
        # An origin outside the IEEPA duties has a rate of zero by the letter; no guidance seen says so.
        sure = max([part.certainty for part in parts]) if rate else 1
        told = tuple(finding for part in parts for finding in part.findings)
        source = next((part.source for part in parts if part.value), "")
        return one("rate", Resolved(rate, sure, source=source, findings=told))

    return Lookup(
        "ieepa_postal", ("items.origin_country", "day:declaration"), ("rate",), ask, days_of(law, names, ())
    )


def _method() -> Lookup:
    """Whether the carrier chose the duty per postal item; keyed by origin to stand at the item's level."""

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        chosen, carrier = keys[1], keys[2]
        if chosen in ("specific", "ad_valorem"):
            return one("specific", Resolved(chosen == "specific"))
        since = ""
        for entry in sources.assumed.elections:
            start = str(entry.get("from", ""))
            if entry.get("carrier") == carrier and since <= start <= day.isoformat():
                since, chosen = start, str(entry.get("method"))
        if chosen in ("specific", "ad_valorem"):
            note = Finding(ASSUMED, "/elections", "The carrier's method for mail was assumed for this run")
            return one("specific", Resolved(chosen == "specific", source="assumed", findings=(note,)))
        return one("specific", Resolved(None, 3))

    def boundaries(sources: Sources) -> Sequence[date]:
        return sorted({date.fromisoformat(str(e["from"])) for e in sources.assumed.elections if "from" in e})

    keys = ("items.origin_country", "elections.us_postal_method", "carrier.id", "day:declaration")
    return Lookup("postal_method", keys, ("specific",), ask, boundaries)


def origin_lookups(law: Law) -> dict[str, Lookup]:
    """Return the look-ups of duties by origin: ``rate`` in billionths of the value."""
    found = (
        _reciprocal(law),
        _fentanyl(law),
        _order(law),
        _postal(law),
        _method(),
    )
    return {lookup.family: lookup for lookup in found}
