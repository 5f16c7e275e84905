"""One description against the lists of words: the answers of `greenlane.risk.screening` without columns.

Columns cost half a millisecond however few texts they hold; a filing of one consignment has one or two.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from greenlane.risk import screening
from greenlane.tariff import TermLists
from greenlane.values.letters import folded

_SIGNS = re.compile(r"[^a-z0-9]+")
_WIDE = re.compile(screening.WIDE_SCRIPTS)


def fold(text: str) -> str:
    """Return a text as terms are compared, as `greenlane.risk.screening.fold` does.

    Example:
        >>> fold("  Gift,  SETS! "), fold("Ｃafé—crème")
        ('gift sets', 'café crème')
    """
    if text.isascii():
        return _SIGNS.sub(" ", text.lower()).strip()
    lower = folded(text)
    if lower is None:
        return str(screening.fold(pl.Series([text]))[0])
    return " ".join(
        "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in lower).split()
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """Folded terms, to be found within a folded text."""

    by_word: Mapping[str, tuple[str, ...]]
    """Terms that are found as whole words, with a space at both ends, by their first word."""
    anywhere: tuple[str, ...]
    """Terms of scripts that are written without spaces."""

    def within(self, text: str) -> bool:
        """Say whether a text holds a whole term; in scripts written without spaces, anywhere.

        Example:
            >>> terms = terms_of(["gift set", "礼品"])
            >>> [terms.within(text) for text in ("a gift set", "gift sets", "儿童礼品套装")]
            [True, False, True]
        """
        padded = f" {text} "
        for word in text.split(" "):
            if any(term in padded for term in self.by_word.get(word, ())):
                return True
        return _WIDE.search(text) is not None and any(term in text for term in self.anywhere)


def terms_of(listed: Iterable[str]) -> Terms:
    """Return folded terms ready to be found."""
    by_word: dict[str, tuple[str, ...]] = {}
    anywhere = []
    for term in listed:
        if _WIDE.search(term):
            anywhere.append(term)
        else:
            first = term.partition(" ")[0]
            by_word[first] = (*by_word.get(first, ()), f" {term} ")
    return Terms(by_word, tuple(anywhere))


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of words that are in force on a day."""

    vague: frozenset[str]
    patterns: tuple[str, ...]
    vague_terms: Terms
    prohibited: Terms

    def flags(self, text: str | None) -> dict[str, bool]:
        """Say of a description what `greenlane.risk.screening.text_flags` does."""
        if text is None:
            return {"screen.vague": False, "screen.vague_term": False, "screen.prohibited_word": False}
        plain = fold(text)
        alone = not plain or plain in self.vague or self._matches(plain)
        return {
            "screen.vague": alone,
            "screen.vague_term": not alone and self.vague_terms.within(plain),
            "screen.prohibited_word": self.prohibited.within(plain),
        }

    def _matches(self, plain: str) -> bool:
        # Patterns are the user's own, so each is left to the expressions that columns know.
        return any(pl.Series([plain]).str.contains(pattern)[0] for pattern in self.patterns)


@lru_cache(1_000)
def words(lists: TermLists, day: date) -> Words:
    """Return the lists of words in force on a day, made ready once for each version of them."""
    return _words(*screening.words_listed(lists, day))


@lru_cache(32)
def _words(vague: tuple[str, ...], patterns: tuple[str, ...], prohibited: tuple[str, ...]) -> Words:
    return Words(frozenset(vague), patterns, terms_of(vague), terms_of(prohibited))


__all__ = ["Terms", "Words", "fold", "terms_of", "words"]
