"""Code lists and the words of the nomenclature: what a code means, and since when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of a list. ``active_from`` None: the list does not say; ``state`` is as published or empty."""

    code: str
    name: str
    state: str = ""
    active_from: date | None = None
    attributes: str = ""


@dataclass(frozen=True)
class CodeLists:
    """Code lists by id (``codes-unlocode``, ``codes-crdl-unit`` …), each a mapping of code to entry.

    Example:
        >>> lists = CodeLists({"codes-units": {"C62": CodeEntry("C62", "one")}})
        >>> lists.get("codes-units")["C62"].name
        'one'
        >>> lists.get("codes-none") is None
        True
    """

    lists: Mapping[str, Mapping[str, CodeEntry]] = field(default_factory=dict, repr=False)

    def get(self, list_id: str) -> Mapping[str, CodeEntry] | None:
        """Return a list, or None where it is not held; an absent list says nothing about a code."""
        return self.lists.get(list_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the lists that are held."""
        return tuple(sorted(self.lists))


@dataclass(frozen=True)
class Nomenclature:
    """The Harmonized System in words: code (2, 4 or 6 digits) to its name.

    Example:
        >>> Nomenclature({"61": "Knitted clothing", "610910": "T-shirts, of cotton"}).name("6109100010")
        'T-shirts, of cotton'
    """

    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def name(self, code: str) -> str | None:
        """Return the name of the longest known heading that *code* falls under, or None."""
        found: Iterable[str] = (code[:length] for length in range(min(len(code), 6), 1, -1))
        return next((self.names[prefix] for prefix in found if prefix in self.names), None)
