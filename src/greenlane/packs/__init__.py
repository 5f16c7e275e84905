"""The law of each jurisdiction, one folder each, loaded when first asked for."""

from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.resources import files

from greenlane.law.pack import Pack
from greenlane.values.errors import UsageError

DESTINATIONS: dict[str, tuple[str, ...]] = {
    "ae": ("AE",),
    "ar": ("AR",),
    "au": ("AU",),
    "br": ("BR",),
    "ca": ("CA",),
    "ch": ("CH", "LI"),
    "cl": ("CL",),
    "cn": ("CN",),
    "eaeu": ("AM", "BY", "KG", "KZ", "RU"),
    "eu": (
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ),
    "gb": ("GB",),
    "id": ("ID",),
    "in": ("IN",),
    "jp": ("JP",),
    "ke": ("KE",),
    "kr": ("KR",),
    "mx": ("MX",),
    "my": ("MY",),
    "ng": ("NG",),
    "no": ("NO",),
    "nz": ("NZ",),
    "sa": ("SA",),
    "sg": ("SG",),
    "th": ("TH",),
    "tr": ("TR",),
    "us": ("US",),
    "vn": ("VN",),
    "za": ("ZA",),
    "zz": ("ZZ",),
}
"""Which countries of destination each pack covers."""

CODES = tuple(sorted(DESTINATIONS))

INVENTED = frozenset({"zz"})
"""Packs of countries that do not exist, for examples and tests."""


@cache
def pack(code: str) -> Pack:
    """Return a pack by its code.

    Raises:
        UsageError: There is no such pack; the message lists those there are.
    """
    if code not in DESTINATIONS:
        raise UsageError(f"no law pack {code!r}; there are {', '.join(CODES)}")
    found: Pack = import_module(f"greenlane.packs.{code}").PACK
    return found


@cache
def jurisdiction_of(country: str) -> str | None:
    """Return the code of the pack that covers a country of destination, or None.

    Example:
        >>> jurisdiction_of("DE"), jurisdiction_of("AQ")
        ('eu', None)
    """
    return next((code for code, countries in DESTINATIONS.items() if country in countries), None)


def packs_digest() -> str:
    """Digest the text of every pack without loading one: it changes when any law does."""
    seen = sha256()
    for folder in (files(__name__), *(files(__name__).joinpath(code) for code in CODES)):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith((".py", ".yaml")):
                seen.update(file.read_bytes())
    return seen.hexdigest()


__all__ = ["CODES", "DESTINATIONS", "INVENTED", "jurisdiction_of", "pack", "packs_digest"]
