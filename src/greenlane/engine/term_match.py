"""Terms of a list found in a text, as its language writes words: apart, run together, or with particles before them.

Where words stand apart, a term is found as whole words. Chinese, Japanese, Thai and the scripts like them write no
spaces: there a term is found anywhere. Arabic writes "and", "with", "for" and "the" onto the word: there a word is
compared without them, without vowel signs, and with the letters that are written in several ways made one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from greenlane.tariff import fold

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_ARABIC = re.compile("[\u0620-\u064a]")
_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ALIKE = str.maketrans("أإآٱىة", "اااايه")
_PARTICLES = re.compile("(?:[وف])?(?:لل|[بك]?ال|[بكل])?")
_SHORTEST = 3
"""Letters that are left of an Arabic word at least; with fewer, what stood before was no particle."""


def unspaced(text: str) -> bool:
    """Say whether a text is of a script that is written without spaces.

    Example:
        >>> unspaced("棉质衣服"), unspaced("cotton clothes")
        (True, False)
    """
    return _UNSPACED.search(text) is not None


def forms(word: str) -> frozenset[str]:
    """Return the forms of a word that a term may have.

    Example:
        >>> "ملابس" in forms("وبالملابس"), forms("shirt") == {"shirt"}
        (True, True)
    """
    if not _ARABIC.search(word):
        return frozenset((word,))
    plain = _MARKS.sub("", word).translate(_ALIKE)
    found = {plain}
    for end in range(1, min(5, len(plain) - _SHORTEST + 1)):
        if _PARTICLES.fullmatch(plain[:end]):
            found.add(plain[end:])
    return frozenset(found)


@dataclass(slots=True)
class TermMatch:
    """Terms, to be found alone or within a text."""

    terms: Iterable[str]
    _whole: frozenset[str] = field(init=False)
    _anywhere: re.Pattern[str] | None = field(init=False)
    _words: dict[str, list[tuple[str, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        folded = frozenset(filter(None, (fold(term) for term in self.terms)))
        self._whole = folded | {_joined(term) for term in folded if unspaced(term)}
        # A sign alone is part of too many words.
        within = sorted(
            (_joined(t) for t in folded if unspaced(t) and len(_joined(t)) > 1), key=len, reverse=True
        )
        self._anywhere = re.compile("|".join(map(re.escape, within))) if within else None
        self._words = {}
        for term in folded:
            words = tuple(_term_word(word) for word in _WORD.findall(term))
            if words and not unspaced(term):
                self._words.setdefault(words[0], []).append(words)

    def alone(self, text: str) -> bool:
        """Say whether a text is a term and nothing else.

        Example:
            >>> match = TermMatch(["ملابس", "礼品", "gift"])
            >>> [match.alone(text) for text in ("الملابس", "礼品。", "Gift", "gift box")]
            [True, True, True, False]
        """
        plain = _MARKS.sub("", fold(text))
        if plain in self._whole or (_joined(plain) in self._whole and unspaced(plain)):
            return True
        words = _WORD.findall(plain)
        return any(len(term) == len(words) for term in self._found(words, 0))

    def within(self, text: str) -> bool:
        """Say whether a text holds a term among others.

        Example:
            >>> match = TermMatch(["ملابس", "礼品", "gift"])
            >>> [match.within(text) for text in ("أحذية وملابس نسائية", "儿童礼品套装", "gift box", "giftware")]
            [True, True, True, False]
        """
        plain = _MARKS.sub("", fold(text))
        if self._anywhere is not None and unspaced(plain) and self._anywhere.search(_joined(plain)):
            return True
        words = _WORD.findall(plain)
        return any(True for place in range(len(words)) for _ in self._found(words, place))

    def _found(self, words: list[str], place: int) -> Iterator[tuple[str, ...]]:
        """Give the terms whose words begin at a place."""
        if not words:
            return
        for first in forms(words[place]):
            for term in self._words.get(first, ()):
                own = words[place : place + len(term)]
                if len(own) == len(term) and all(
                    part in forms(word) for part, word in zip(term, own, strict=True)
                ):
                    yield term


def _term_word(word: str) -> str:
    """Return a word of a term without signs of vowels, as `forms` has it."""
    return _MARKS.sub("", word).translate(_ALIKE) if _ARABIC.search(word) else word


def _joined(text: str) -> str:
    return "".join(_WORD.findall(text))


__all__ = ["TermMatch", "forms", "unspaced"]
