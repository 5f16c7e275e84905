"""Dated rules on the texts of a declaration: characters, placeholders for parties, general terms by language."""

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from greenlane.tariff import fold


@dataclass(frozen=True, slots=True)
class TextRules:
    """The rules in force on a day; texts are compared in the form of `fold`."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    placeholders: frozenset[str]
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a class of defect holds a consignment up, and on what that rests."""

    minutes: int
    basis: str


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = (files("greenlane.reference") / "starter" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(keepends=True)))


@cache
def text_rules(day: date) -> TextRules:
    """Return the rules in force on *day*.

    Example:
        >>> [name for name, pattern in text_rules(date(2026, 3, 2)).patterns if pattern.search("aaa 1")]
        ['three-alike']
    """
    held = [row for row in _rows("text_rules.csv") if date.fromisoformat(row["valid_from"]) <= day]
    return TextRules(
        tuple((row["rule"], re.compile(row["text"])) for row in held if row["kind"] == "pattern"),
        frozenset(fold(row["text"]) for row in held if row["kind"] == "party"),
        frozenset(fold(row["text"]) for row in held if row["kind"] == "term"),
    )


@cache
def delays(day: date) -> dict[str, Delay]:
    """Return the assumed delay of each class of defect, as held on *day*.

    Example:
        >>> delays(date(2026, 3, 2))["rejected"].minutes
        1440
    """
    return {
        row["class"]: Delay(int(row["minutes"]), row["basis"])
        for row in _rows("delays.csv")
        if date.fromisoformat(row["valid_from"]) <= day
    }


__all__ = ["Delay", "TextRules", "delays", "text_rules"]
