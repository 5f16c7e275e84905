"""The message of a finding in the languages that the package carries.

A finding keeps its message in English, as files, databases and the API of the contract hold it. Each message is made
by one wording, a text with named places (``expected {wanted}, got {shape}``). The wordings are gettext's
(``locale/fr/LC_MESSAGES/messages.po``). Here a message is read back into its wording and what stands in the places,
and said again in another language. So a finding that was stored years ago can be told as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from string import Formatter

from babel.messages.catalog import Catalog
from babel.numbers import format_decimal

from greenlane.reference.catalogues import LANGUAGES, catalogue, locale_of, right_to_left, translations

_NUMBER = r"-?\d[\d,]*"
_UNITS = ("letters", "digits", "characters", "decimals", "times", "bytes")
_NAMES = r"[\w.@\[\]/-]+(?:, [\w.@\[\]/-]+)*"
_SHAPES = {
    "n": _NUMBER,
    "m": _NUMBER,
    "line": r"\d+",
    "column": r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*",
    "columns": _NAMES,
    "codes": r"\S+?(?:(?:, | \| )\S+?)*",
    "roots": r"\S+?(?:(?: or |, )\S+?)*",
    "error": r"[A-Z]+(?:_[A-Z]+)+",
    "amount": r"[\d,.]+",
    "currency": "[A-Z]{3}",
    "day": r"\d{4}-\d\d-\d\d",
    "kinds": r"[a-z]+(?:, [a-z]+)*",
    "types": r"\S.*",
    "title": r"\S.*?",
    "rate": r"\S.*?",
    "other_rate": r"\S.*?",
    "other_amount": r"[\d,.]+",
    "other": "[A-Z]{3}",
    "until": r"\d{4}-\d\d-\d\d",
    "code": r"\d+",
} | {name: rf"{_NUMBER} {name}?" for name in _UNITS}
"""What may stand in a place, by its name; in a place of no such name stands one word, in a phrase any text."""
_PHRASES = {"wanted", "shape", "message", "encoding", "content", "parting", "document"}
_LISTS = {"kinds"}
_DEEPEST = 6
_LONGEST = 4_000
"""Messages that are longer, or hold phrases more deeply, are none that a wording made; they stay as they are."""
_PROSE = re.compile(r"(?:^|\s)[a-z]{2,}(?:$|[\s,;:])")
_LATIN = re.compile("[A-Za-z0-9/{\\[](?:[^\u0600-\u06ff\n]*[A-Za-z0-9\\]/}%])?")


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording: its English text, the same for more than one where a number decides, and how it is known."""

    text: str
    many: str | None
    known: re.Pattern[str]
    places: tuple[str, ...]
    weight: int
    """Number of letters that stand fast; of several wordings that make the whole of a message, the heaviest did."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message read back: its wording, and what stands in the places, in their order."""

    wording: Wording
    arguments: dict[str, str]


def wording_of(text: str, many: str | None = None) -> Wording:
    """Make a wording from its text.

    Example:
        >>> wording_of("expected {wanted}, got {shape}").places
        ('wanted', 'shape')
    """
    forms = [_pattern(form) for form in (text, many) if form is not None]
    parts = list(Formatter().parse(text))
    places = tuple(name for _, name, _, _ in parts if name is not None)
    return Wording(
        text, many, re.compile("|".join(f"(?:{form})" for form in forms), re.DOTALL), places,
        sum(len(literal) for literal, _, _, _ in parts),
    )  # fmt: skip


def _pattern(text: str) -> str:
    made = ""
    for literal, name, _, _ in Formatter().parse(text):
        made += re.escape(literal)
        if name is not None:
            usual = ".+?" if name in _PHRASES else r"\S+?"
            made += f"({_SHAPES.get(name, usual)})"
    return made


def wordings_in(held: Catalog) -> Iterator[Wording]:
    """Give the wordings of a catalogue of messages."""
    for message in held:
        if message.id:
            one, many = message.id if isinstance(message.id, (list, tuple)) else (message.id, None)
            yield wording_of(one, many)


@cache
def _heaviest_first() -> tuple[Wording, ...]:
    held = wordings_in(catalogue(next(name for name in LANGUAGES if name != "en"), "messages"))
    return tuple(sorted(held, key=lambda one: -one.weight))


def read_back(message: str) -> Said | None:
    """Return the wording that made *message* and what stands in its places; None where no wording did.

    Example:
        >>> said = read_back("line 3: expected a whole number, got 7 letters")
        >>> said.wording.text, said.arguments
        ('line {line}: {message}', {'line': '3', 'message': 'expected a whole number, got 7 letters'})
    """
    return None if len(message) > _LONGEST else _read(message, _DEEPEST)


@lru_cache(maxsize=8_192)
def _read(message: str, deep: int) -> Said | None:
    heaviest: Said | None = None
    for wording in _heaviest_first() if deep else ():
        found = wording.known.fullmatch(message)
        if found is not None:
            held = [text for text in found.groups() if text is not None]
            said = Said(wording, dict(zip(wording.places, held, strict=True)))
            if _left(said, deep - 1) is None:
                return said
            heaviest = heaviest or said
    return heaviest


def message_in(message: str, language: str) -> str:
    """Return the message of a finding in *language*; what no wording made stays English.

    Codes, names of elements and numbers stand as they are; within Arabic they keep their own direction.

    Example:
        >>> message_in("items.value: expected a plain decimal such as 12.50, got 7 letters", "fr")
        'items.value : attendu : un nombre décimal simple tel que 12.50 ; reçu : 7 lettres'
        >>> message_in("expected up to 1 decimal", "xx")
        Traceback (most recent call last):
        ...
        ValueError: no catalogue of 'xx'
    """
    if language not in LANGUAGES:
        raise ValueError(f"no catalogue of {language!r}")
    if language == "en":
        return message
    text = message if len(message) > _LONGEST else _again(message, language, _DEEPEST)
    return isolated(text) if right_to_left(language) else text


def left_in_english(message: str) -> str | None:
    """Return the part of a message that no wording made, None where it is known whole.

    Example:
        >>> left_in_english("expected a whole number, got 7 letters")
        >>> left_in_english("line 3: something nobody wrote down")
        'something nobody wrote down'
    """
    return message if len(message) > _LONGEST else _left_of(message, _DEEPEST)


def _left_of(message: str, deep: int) -> str | None:
    said = _read(message, deep)
    if said is None:
        return message if _PROSE.search(message) else None
    return _left(said, deep - 1)


def _left(said: Said, deep: int) -> str | None:
    parts = (said.arguments[name] for name in said.wording.places if name in _PHRASES)
    return next((left for part in parts if (left := _left_of(part, deep)) is not None), None)


def _again(message: str, language: str, deep: int) -> str:
    said = _read(message, deep)
    if said is None:
        return message
    held = translations(language, "messages")
    told = {name: _argument(name, text, language, deep - 1) for name, text in said.arguments.items()}
    wording = said.wording
    if wording.many is None:
        return held.gettext(wording.text).format(**told)
    number = int(said.arguments["n"].replace(",", ""))
    return held.ngettext(wording.text, wording.many, number).format(**told)


def _argument(name: str, text: str, language: str, deep: int) -> str:
    if name in ("n", "m"):
        return str(format_decimal(int(text.replace(",", "")), locale=locale_of(language)))
    if name in _LISTS:
        comma = {"zh": "、", "ar": "، "}.get(language, ", ")
        return comma.join(_again(part, language, deep) for part in text.split(", "))
    return _again(text, language, deep) if name in _PHRASES or name in _UNITS else text


def isolated(text: str) -> str:
    """Keep what is written from left to right in its own direction within a text from right to left.

    Example:
        >>> ascii(isolated("\\u0631\\u0645\\u0632 ISO 4217."))
        "'\\\\u0631\\\\u0645\\\\u0632 \\\\u2068ISO 4217\\\\u2069.'"
    """

    def apart(found: re.Match[str]) -> str:
        run = found[0]
        return f"\u2068{run}\u2069" if re.search("[A-Za-z]", run) else run

    return _LATIN.sub(apart, text)


__all__ = [
    "Said",
    "Wording",
    "isolated",
    "left_in_english",
    "message_in",
    "read_back",
    "wording_of",
    "wordings_in",
]
