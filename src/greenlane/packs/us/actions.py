"""The duties of summer 2026: section 301 over forced labour and on Brazil, section 338 on Canada.

Their lists name lines of eight digits, which aren't held; the headings in which such lines stand are. Outside
those headings the duty is settled. Within them both amounts are given, with the duty and without.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from greenlane.law.pack import Lookup, LookupResult
from greenlane.law.parameters import Resolved
from greenlane.packs import DESTINATIONS
from greenlane.packs.building import Law, Sources
from greenlane.packs.us.origins import (
    NOTHING,
    ORIGIN_KEYS,
    SCHEDULES,
    assumed_layer,
    counted_in,
    days_of,
    held,
    missing,
    one,
)

_EXEMPT = (
    "Whether these goods are on the list of exempt products, of which only the headings are held"
    "|without the duty"
)
_LISTED = (
    "Whether these goods are on the lists of section 338, of which only the headings are held"
    "|without the duty"
)

# Note 52(j) frees further products of these origins; the lists of the second group weren't seen.
_OWN_SEEN = frozenset({"BD", "GT", "ID", "KH", "MY", "TW"})
_OWN_UNSEEN = frozenset({*DESTINATIONS["eu"], "AR", "CH", "EC", "GB", "JO", "SV"})

_In = Callable[[str], bool]
"""Whether the goods are of a group, by its effect."""


def _doubted(found: Resolved, question: str) -> Resolved:
    """Set the reading without the duty beside the one with it."""
    return replace(found, rival=0, question=question) if found.value else found


def _spared(found: Resolved, is_in: _In, *part: str) -> Resolved:
    """Nothing for goods that are exempt as a whole; in doubt where some lines of the heading are exempt."""
    if is_in("s301_exempt"):
        return replace(found, value=0)
    return _doubted(found, _EXEMPT) if any(is_in(effect) for effect in part) else found


def _forced(found: Resolved, is_in: _In, origin: str) -> Resolved:
    own = ("s301_own",) if origin in _OWN_SEEN else ()
    spared = _spared(found, is_in, "s301_part", "s301_part_forced", *own)
    return _doubted(spared, _EXEMPT) if origin in _OWN_UNSEEN else spared


def _brazil(found: Resolved, is_in: _In, origin: str) -> Resolved:
    return _spared(found, is_in, "s301_part", "s301_part_brazil")


def _canada(found: Resolved, is_in: _In, origin: str) -> Resolved:
    return _doubted(found, _LISTED) if is_in("s338_part") else replace(found, value=0)


def _action(
    law: Law,
    family: str,
    layer: str,
    parameter: str,
    weigh: Callable[[Resolved, _In, str], Resolved],
    only: str | None = None,
) -> Lookup:
    """A duty by origin, or on goods of the origin *only*, with its list weighed by *weigh*."""
    floor = f"{parameter}.floor" if f"{parameter}.floor" in law.parameters.by_id else None

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        elsewhere = origin == "US" or (origin is not None and only not in (None, origin))
        found = NOTHING if elsewhere else held(law, sources, parameter, origin or "*", day, known_at)
        assumed = assumed_layer(sources, layer, code, origin, found.value != 0)
        if assumed is not None:
            return one("rate", assumed)
        if origin is None:
            return missing("rate")
        if not found.value or found.source == "assumed":
            return one("rate", found)
        if floor and held(law, sources, floor, origin, day, known_at).value:
            found = counted_in(found, sources, code, origin, day, known_at)
        goods = law.under(sources).goods
        return one(
            "rate",
            weigh(found, lambda effect: goods.find(effect, code, "*", day, known_at) is not None, origin),
        )

    names = tuple(name for name in law.parameters.by_id if name.startswith((parameter, "us.goods.s3")))
    days = days_of(law, names, SCHEDULES if floor else ())
    return Lookup(family, ORIGIN_KEYS, ("rate",), ask, days, contestable=True)


def action_lookups(law: Law) -> dict[str, Lookup]:
    """Return the look-ups of the duties of summer 2026: ``rate`` in billionths of the value."""
    found = (
        _action(law, "forced_labour", "section_301_forced_labour", "us.s301_forced_labour", _forced),
        _action(law, "s301_brazil", "section_301_brazil", "us.s301_brazil", _brazil, "BR"),
        _action(law, "s338", "section_338", "us.s338_canada", _canada, "CA"),
    )
    return {lookup.family: lookup for lookup in found}
