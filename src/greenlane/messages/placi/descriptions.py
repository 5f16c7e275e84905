"""Whether a description of the goods says enough: rules on its characters, and a dated list of terms."""

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from greenlane.messages.placi.tables import in_force
from greenlane.tariff.terms import fold

CONSOLIDATION = re.compile(r"\b(consol|consols|consolidation|consolidated( cargo| shipment)?)\b")


_WORD = re.compile(r"\w+")


class Says(StrEnum):
    """What a description is worth."""

    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    VAGUE_TERM = "vague_term"


class Judged(NamedTuple):
    """What a description is worth, and by which rule or term."""

    says: Says
    why: str = ""


_ENOUGH = Judged(Says.ENOUGH)


def judge(description: str, day: date) -> Judged:
    """Judge a description by the rules and terms of a day.

    A term alone says too little; a term among others is a warning.

    Example:
        >>> day = date(2026, 7, 2)
        >>> judge("Spare  PARTS", day).says.value, judge("spare parts for a bicycle brake", day).says.value
        ('too_little', 'vague_term')
        >>> judge("cotton T-shirt", day).says.value, judge("12345", day).why
        ('enough', 'only digits')
    """
    text = fold(description)
    any_of, rules = _rules(day)
    if any_of.fullmatch(text):
        meaning = next(meaning for pattern, meaning in rules if pattern.fullmatch(text))
        return Judged(Says.TOO_LITTLE, meaning)
    alone, begins, within = _terms(day)
    if begins.isdisjoint(_WORD.findall(text)):
        return _ENOUGH
    plain = text.strip(" .,;:-*")
    if plain in alone:
        return Judged(Says.TOO_LITTLE, "a term of the list alone")
    if within.search(text):
        return Judged(Says.VAGUE_TERM, "a term of the list among others")
    return _ENOUGH


def is_consolidation(description: str) -> bool:
    """Say whether a description calls the goods a consolidation.

    Example:
        >>> is_consolidation("CONSOL"), is_consolidation("console table")
        (True, False)
    """
    return CONSOLIDATION.search(fold(description)) is not None


@lru_cache(maxsize=8)
def _rules(day: date) -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Return one pattern for all rules, and each rule with its meaning; one rule at most may refer to a group."""
    rules = tuple((re.compile(row["pattern"]), row["meaning"]) for row in in_force("rules.csv", day))
    if sum(pattern.groups for pattern, _ in rules) > 1:
        raise ValueError("rules.csv: more than one group")
    return re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in rules)), rules


@lru_cache(maxsize=8)
def _terms(day: date) -> tuple[frozenset[str], frozenset[str], re.Pattern[str]]:
    """Return the terms, the words with which they begin, and what finds one among others."""
    terms = [row["term"].rstrip(".") for row in in_force("terms.csv", day)]
    pattern = "|".join(map(re.escape, sorted(terms, key=len, reverse=True)))
    begins = frozenset(_WORD.findall(term)[0] for term in terms)
    return frozenset(terms), begins, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
