"""Dated lists of words: vague terms, stop words, words for prohibited goods."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from greenlane.tariff.schedule import NOT_LOADED, Certainty
from greenlane.tariff.version import STALE, in_force, stale
from greenlane.values.finding import Finding


def fold(text: str) -> str:
    """Return *text* as terms are compared: NFKC, case folded, single spaces, no space at the ends.

    Example:
        >>> fold("  Gift   SETS ")
        'gift sets'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a list, in the folded form of `fold`, with what the list says of it.

    ``language`` is ISO 639-1 or empty (any). ``category``, ``reason`` and ``rests_on`` are empty where the
    list gives none.
    """

    text: str
    language: str = ""
    category: str = ""
    reason: str = ""
    rests_on: str = ""


@dataclass(frozen=True)
class TermList:
    """One publication of a list of terms; ``patterns`` are regular expressions on the folded text."""

    list_id: str
    title: str
    publisher: str
    valid_from: date
    valid_until: date | None
    recorded: date
    terms: tuple[Term, ...] = field(repr=False)
    patterns: tuple[str, ...] = ()
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.digest:
            rows = sorted([repr(term) for term in self.terms] + list(self.patterns))
            object.__setattr__(self, "digest", sha256("\n".join(rows).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class TermAnswer:
    """The terms of a list on a day, by folded text, and its patterns.

    Empty, with a finding, where none is held.
    """

    terms: dict[str, Term]
    patterns: tuple[str, ...]
    certainty: Certainty
    findings: tuple[Finding, ...]
    source: str


class TermLists:
    """Every list of terms that is held, by id and day. Immutable after it is made; can be pickled.

    Example:
        >>> day = date(2026, 1, 1)
        >>> lists = TermLists([TermList("vague", "Vague terms", "ZZ", day, None, day, (Term("gift"),))])
        >>> "gift" in lists.terms("vague", date(2026, 7, 2), None).terms
        True
    """

    __slots__ = ("_lists",)

    def __init__(self, lists: Iterable[TermList] = ()) -> None:
        self._lists: dict[str, tuple[TermList, ...]] = {}
        for held in lists:
            self._lists[held.list_id] = (*self._lists.get(held.list_id, ()), held)

    @property
    def lists(self) -> tuple[TermList, ...]:
        """Every version of every list, in order of id and start."""
        held = [t for versions in self._lists.values() for t in versions]
        return tuple(sorted(held, key=lambda t: (t.list_id, t.valid_from, t.recorded)))

    def terms(self, list_id: str, day: date, known_at: date | None = None) -> TermAnswer:
        """Return the terms of a list on *day*, as known at *known_at*."""
        version = in_force(self._lists.get(list_id, ()), day, known_at)
        if version is None:
            finding = Finding(NOT_LOADED, "", f"No publication of term list {list_id} for the day is held.")
            return TermAnswer({}, (), Certainty.UNKNOWN, (finding,), list_id)
        findings: tuple[Finding, ...] = ()
        if stale(version, day):
            message = f"{version.title} is used past the last day vouched for, {version.valid_until}."
            findings = (Finding(STALE, "", message),)
        certainty = Certainty.UNVERIFIED if findings else Certainty.CERTAIN
        terms = {term.text: term for term in version.terms}
        return TermAnswer(terms, version.patterns, certainty, findings, version.title)

    def digest(self) -> str:
        """Return the SHA-256 over all that is held."""
        seen = sha256()
        for held in self.lists:
            row = (held.list_id, held.valid_from, held.valid_until, held.recorded, held.digest)
            seen.update("\x1f".join(map(str, row)).encode() + b"\n")
        return seen.hexdigest()
