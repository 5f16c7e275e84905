"""Titles and fixes of findings, and words of reports, in the languages that the package carries.

The catalogues are gettext's (``locale/fr/LC_MESSAGES/findings.po``); Babel compiles them when they are first used.
English is the source and needs none.
"""

import gettext as standard
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.core import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from greenlane.values.finding import kind_of

LANGUAGES = ("en", "fr", "es", "zh", "ar")


def right_to_left(language: str) -> bool:
    """Say whether a language is written from right to left.

    Example:
        >>> right_to_left("ar"), right_to_left("fr")
        (True, False)
    """
    return Locale.parse(language).text_direction == "rtl"


@cache
def catalogue(language: str, domain: str = "findings") -> Catalog:
    """Return a catalogue of a language as written: ``findings``, or ``messages`` with what single findings say."""
    path = files("greenlane.reference") / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    return read_po(BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


@cache
def translations(language: str, domain: str = "findings") -> standard.GNUTranslations:
    """Return a catalogue compiled."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language, domain))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)


def locale_of(language: str) -> str:
    """Return the locale by which numbers are written in a language."""
    return {"zh": "zh_Hans_CN"}.get(language, language)


@cache
def words_in(language: str) -> Callable[[str], str]:
    """Return what gives a text of the project in *language*; a text without translation stays English.

    Example:
        >>> words_in("fr")("Fill it in.")
        'Renseignez-le.'
    """
    return str if language == "en" else translations(language).gettext


def title_in(code: str, language: str) -> str:
    """Return what a finding code means, in *language*."""
    return words_in(language)(kind_of(code).title)


def fix_in(code: str, language: str) -> str:
    """Return what the sender does about a finding, in *language*."""
    return words_in(language)(kind_of(code).fix)


def best_language(accepted: str) -> str:
    """Return the language that serves an Accept-Language header best; English where none does.

    Example:
        >>> best_language("de-CH, fr-CH;q=0.8, en;q=0.5"), best_language("tlh")
        ('fr', 'en')
    """
    wanted: list[tuple[float, str]] = []
    for place, part in enumerate(accepted[:200].split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            asked = float(weight or 1)
        except ValueError:
            continue
        if name and asked > 0:
            wanted.append((-asked + place / 1000, name.partition("-")[0].lower()))
    return negotiate_locale([name for _, name in sorted(wanted)], list(LANGUAGES)) or "en"


__all__ = [
    "LANGUAGES", "best_language", "catalogue", "fix_in", "locale_of", "right_to_left", "title_in", "translations",
    "words_in",
]  # fmt: skip
