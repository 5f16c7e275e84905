"""Findings of a large file, counted by kind, with the first of each kept and all of them in a file for who wants it."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from greenlane.engine.lots import Told
from greenlane.reference.catalogues import fix_in
from greenlane.reference.wording import message_in
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity

EXAMPLES = 5
"""How many findings of each kind are shown."""
COLUMNS = (
    "what", "file", "row", "consignment_id", "severity", "code", "path", "wco", "message", "fix",
)  # fmt: skip

_NUMBER = re.compile(r"\[\d+\]|(?<=/)\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings of one code at one kind of place."""

    code: str
    path: str


class Sink(Protocol):
    """Where every finding goes."""

    def writerow(self, row: dict[str, Any]) -> object:
        """Write one."""
        ...


@dataclass(slots=True)
class Tally:
    """Findings counted by code and place without numbers; the first ``keep`` of each are kept, ``sink`` takes all."""

    what: str
    sink: Sink | None = None
    language: str = "en"
    keep: int = EXAMPLES
    counts: Counter[Kind] = field(default_factory=Counter)
    errors: int = 0
    _first: dict[Kind, list[Told]] = field(default_factory=dict)

    def add(self, found: Told, times: int = 1) -> None:
        """Count a finding that came *times* times."""
        kind = Kind(found.code, _NUMBER.sub("", found.path).replace("//", "/"))
        self.counts[kind] += times
        self.errors += found.severity is Severity.ERROR
        first = self._first.setdefault(kind, [])
        if len(first) < self.keep:
            first.append(found)
        if self.sink is not None:
            told = found.as_dict(fix_in(found.code, self.language))
            told["message"] = message_in(found.message, self.language)
            self.sink.writerow({"what": self.what, **told})

    @property
    def total(self) -> int:
        """How many there are in all."""
        return self.counts.total()

    def examples(self) -> list[Told]:
        """Return the first of each kind, in the order in which the kinds were met."""
        return [one for kind in self._first for one in self._first[kind]]

    def kinds(self) -> Iterator[tuple[Kind, int, list[Told]]]:
        """Give each kind with its number and its first findings, in the order in which they were met."""
        for kind, first in self._first.items():
            yield kind, self.counts[kind], first


@contextmanager
def listing(path: Path | None, *others: Path) -> Iterator[Sink | None]:
    """Open a CSV of every finding, which its owner alone reads; None where nobody wants one.

    Raises:
        UsageError: It would stand in the place of another file of the same command.
    """
    if path is None:
        yield None
        return
    if path.resolve() in {other.resolve() for other in others}:
        raise UsageError(f"--list {path}: that is another file of this command")
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        yield writer


__all__ = ["COLUMNS", "EXAMPLES", "Kind", "Sink", "Tally", "listing"]
