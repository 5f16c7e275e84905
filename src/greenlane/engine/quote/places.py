"""The same consignment to another destination: which facts go along, which belong to the first one alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from greenlane.law.pack import Pack
from greenlane.model import COUNTRIES
from greenlane.packs import DESTINATIONS, INVENTED, jurisdiction_of, pack
from greenlane.values.errors import UsageError

_NATIONAL_DIGITS = 6
_PERSON = tuple(
    f"consignee.prior_use.{name}"
    for name in ("day_amount", "month_amount", "quarter_count", "year_amount", "year_count")
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A consignment as plain typed rows, with what was changed to send it to its destination, in words."""

    row: dict[str, Any]
    items: list[dict[str, Any]]
    short: dict[str, str]
    """Codes of 2 to 5 digits by item id; such an item has no code in ``items``."""
    notes: tuple[str, ...]


def read_destinations(text: str) -> tuple[str, ...]:
    """Read ``DE,FR,GB`` or ``all``: every country that a pack covers.

    Raises:
        UsageError: Something named is no country; the message says what is.

    Example:
        >>> read_destinations("de,GB,DE")
        ('DE', 'GB')
    """
    listed = [name.strip().upper() for name in text.split(",") if name.strip()]
    if listed == ["ALL"]:
        return tuple(sorted(c for code, held in DESTINATIONS.items() if code not in INVENTED for c in held))
    if not listed:
        raise UsageError("--to takes countries of destination like DE,FR,GB, or all")
    for name in listed:
        members = DESTINATIONS.get(name.lower(), ())
        if name not in COUNTRIES and len(members) > 1:
            raise UsageError(f"--to: {name} is a union; name its members, like {','.join(members[:3])}")
        if name not in COUNTRIES:
            raise UsageError(
                f"--to: {name} is no country code of ISO 3166 (two letters, like DE); "
                f"law is held for {', '.join(covered())}"
            )
    return tuple(dict.fromkeys(listed))


def covered() -> list[str]:
    """Return every country whose law is held.

    Example:
        >>> {"DE", "US"} <= set(covered())
        True
    """
    return sorted(country for held in DESTINATIONS.values() for country in held)


def send(
    row: Mapping[str, Any], items: Sequence[Mapping[str, Any]], short: Mapping[str, str], to: str | None
) -> Sent:
    """Return a consignment as it would go to the country *to*; None leaves it as it is.

    To another destination the scheme is the one that ``registrations`` names for it. What the first
    destination's law alone knows (dataset, programme, elections, preference, relief, region, prior use, digits
    past the sixth) stays behind where the other law is another one.
    """
    new, goods = dict(row), [dict(item) for item in items]
    if to is None or to == row["destination_country"]:
        return Sent(new, goods, dict(short), ())
    notes: list[str] = []
    here = jurisdiction_of(to)
    law = pack(here) if here else None
    same = here is not None and here == jurisdiction_of(row["destination_country"])
    new["destination_country"], new["consignee.country"] = to, to
    if row["destination_region"] is not None:
        new["destination_region"] = None
        notes.append("the region is not known there")
    _register(new, row, to, law, notes)
    if not same:
        _leave_behind(new, goods, law, notes)
    return Sent(new, goods, dict(short), tuple(notes))


def _register(
    new: dict[str, Any], row: Mapping[str, Any], to: str, law: Pack | None, notes: list[str]
) -> None:
    entries = json.loads(row["registrations"]) if row["registrations"] else None
    listed = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else None
    found = next((entry for entry in listed or () if entry.get("country") == to), None)
    if found is None and law is not None:
        across = [
            e for e in listed or () if e.get("country") in law.members and e.get("scheme") in law.across
        ]
        found = next(iter(across), None)
    new["scheme"] = _text(found, "scheme")
    new["scheme_id"] = _text(found, "id")
    if found is not None:
        new["seller_registered"] = True
        if found.get("country") != to:
            notes.append(f"the registration for {found['country']} holds in the whole union")
    elif listed is not None:
        new["seller_registered"] = False
        notes.append("registrations names no scheme for this destination")
    else:
        new["seller_registered"] = None
        notes.append("registrations is not given, so no scheme was used")


def _text(entry: Mapping[str, Any] | None, name: str) -> str | None:
    value = entry.get(name) if entry else None
    return value if isinstance(value, str) and value else None


def _leave_behind(
    new: dict[str, Any], goods: list[dict[str, Any]], law: Pack | None, notes: list[str]
) -> None:
    if law is None or new["dataset"] not in law.datasets:
        new["dataset"] = None
    if law is None or new["programme"] not in law.programmes:
        new["programme"] = None
    chosen = json.loads(new["elections"] or "{}")
    kept = {name: value for name, value in chosen.items() if law is not None and name in law.elections}
    new["elections"] = json.dumps(kept, sort_keys=True, separators=(",", ":")) if kept else None
    if any(new[name] is not None for name in _PERSON):
        new |= dict.fromkeys(_PERSON)
        notes.append("what the person already received there is not known")
    cut = claimed = False
    for item in goods:
        if item["hs_code"] and len(item["hs_code"]) > _NATIONAL_DIGITS:
            item["hs_code"], cut = item["hs_code"][:_NATIONAL_DIGITS], True
        claimed = claimed or item["preference"] is not None or item["relief_claim"] is not None
        item["preference"] = item["relief_claim"] = None
    if cut:
        notes.append("digits past the sixth are another nomenclature's and were left out")
    if claimed:
        notes.append("preference and relief claimed elsewhere were left out")
