"""Whether a description of the goods says enough: rules on its characters, and a dated list of terms."""

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from greenlane.messages.placi.tables import in_force
from greenlane.tariff.terms import fold

CONSOLIDATION = re.compile(r"\b(consol|consols|consolidation|consolidated( cargo| shipment)?)\b")


class Says(StrEnum):
    """What a description is worth."""

    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    VAGUE_TERM = "vague_term"


class Judged(NamedTuple):
    """What a description is worth, and by which rule or term."""

    says: Says
    why: str = ""


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
    for row in in_force("rules.csv", day):
        if re.fullmatch(row["pattern"], text):
            return Judged(Says.TOO_LITTLE, row["meaning"])
    alone, within = _terms(day)
    plain = text.strip(" .,;:-*")
    if plain in alone:
        return Judged(Says.TOO_LITTLE, "a term of the list alone")
    if within.search(text):
        return Judged(Says.VAGUE_TERM, "a term of the list among others")
    return Judged(Says.ENOUGH)


def is_consolidation(description: str) -> bool:
    """Say whether a description calls the goods a consolidation.

    Example:
        >>> is_consolidation("CONSOL"), is_consolidation("console table")
        (True, False)
    """
    return CONSOLIDATION.search(fold(description)) is not None


@lru_cache(maxsize=8)
def _terms(day: date) -> tuple[frozenset[str], re.Pattern[str]]:
    terms = [row["term"] for row in in_force("terms.csv", day)]
    longest_first = sorted(terms, key=len, reverse=True)
    pattern = "|".join(re.escape(term.rstrip(".")) for term in longest_first)
    return frozenset(term.rstrip(".") for term in terms), re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
