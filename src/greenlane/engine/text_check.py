"""Descriptions and names against the dated rules on texts: characters, terms alone and embedded, placeholders."""

import re
from dataclasses import dataclass, field
from datetime import date

from greenlane.engine.term_match import TermMatch
from greenlane.reference.text_rules import TextRules, text_rules
from greenlane.risk.indicators import VAGUE, VAGUE_TERM
from greenlane.risk.screening import VAGUE_LISTS
from greenlane.tariff import TermLists, fold
from greenlane.values.finding import Severity, declare

CHARACTERS = declare(
    "quality.characters",
    Severity.ERROR,
    "A description has no words: only digits or signs, the same sign three times, or the name of a file.",
    "Say in words what the goods are.",
)
PLACEHOLDER = declare(
    "quality.placeholder",
    Severity.ERROR,
    "A name or address is a placeholder, such as unknown or n/a.",
    "Give the real name or address, or leave it out and say that it is not known.",
)


@dataclass(slots=True)
class TextCheck:
    """The rules in force on a day, with what was judged so far; a text that comes again costs nothing."""

    day: date
    lists: TermLists
    _rules: TextRules = field(init=False)
    _terms: TermMatch = field(init=False)
    _patterns: list[re.Pattern[str]] = field(init=False)
    _judged: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules = text_rules(self.day)
        held = [self.lists.terms(name, self.day) for name in VAGUE_LISTS]
        self._terms = TermMatch([*self._rules.terms, *(term for answer in held for term in answer.terms)])
        self._patterns = [re.compile(pattern) for answer in held for pattern in answer.patterns]

    def description(self, text: str) -> tuple[str, str] | None:
        """Return code and words of what is wrong with a description; None where nothing is.

        Example:
            >>> check = TextCheck(date(2026, 3, 2), TermLists())
            >>> [check.description(text) for text in ("cotton T-shirt", "12345")]
            [None, ('quality.characters', 'rule only-digits')]
            >>> check.description("Vêtements")[0], check.description("vêtements en coton")[0]
            ('description.vague', 'description.vague_term')
            >>> check.description("礼品")[0], check.description("儿童礼品套装")[0], check.description("والهدايا")[0]
            ('description.vague', 'description.vague_term', 'description.vague')
        """
        if text not in self._judged:
            self._judged[text] = self._judge(fold(text))
        return self._judged[text]

    def party(self, text: str) -> tuple[str, str] | None:
        """Return code and words where a name or address is a placeholder."""
        plain = fold(text)
        if plain in self._rules.placeholders or not any(sign.isalnum() for sign in plain):
            return PLACEHOLDER, "the text is a placeholder"
        return None

    def _judge(self, text: str) -> tuple[str, str] | None:
        if self._terms.alone(text) or any(pattern.search(text) for pattern in self._patterns):
            return VAGUE, "the description is a term of a list of vague descriptions"
        for name, pattern in self._rules.patterns:
            if pattern.search(text):
                return CHARACTERS, f"rule {name}"
        if self._terms.within(text):
            return VAGUE_TERM, "the description holds a term of a list of vague descriptions"
        return None


__all__ = ["CHARACTERS", "PLACEHOLDER", "TextCheck"]
