"""The dated data of advance cargo information before loading: statuses, error codes, terms and rules of descriptions.

Facts of the technical guide of Canada's programme, version 1.9 of 9 December 2025: each row holds from that day.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final


@dataclass(frozen=True, slots=True)
class Status:
    """One status: the message that brings it, what it is about, what it does there (open, closed …)."""

    code: str
    notice: str
    kind: str
    step: str
    meaning: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Error:
    """One error code of a receiver, and the part of the data that it is about."""

    code: str
    about: str
    meaning: str
    fix: str
    since: date
    until: date | None

    @property
    def finding(self) -> str:
        """The code of the finding that says the same here."""
        return f"messages.placi.{self.code.lower()}"


def rows(name: str) -> Iterator[dict[str, str]]:
    """Give the rows of a CSV file beside this one."""
    text = files("greenlane.messages.placi").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _days(row: Mapping[str, str]) -> tuple[date, date | None]:
    return date.fromisoformat(row["since"]), date.fromisoformat(row["until"]) if row["until"] else None


def _status(row: Mapping[str, str]) -> Status:
    return Status(row["status"], row["notice"], row["kind"], row["step"], row["meaning"], *_days(row))


def _error(row: Mapping[str, str]) -> Error:
    return Error(row["code"], row["about"], row["meaning"], row["fix"], *_days(row))


STATUSES: Final = {row["status"]: _status(row) for row in rows("statuses.csv")}
ERRORS: Final = {row["code"]: _error(row) for row in rows("errors.csv")}
ABOUT: Final = {(error.about, error.code.partition("_")[0]): error for error in ERRORS.values()}
"""Errors by the part that they are about and whether it is MISSING or INVALID."""


@cache
def _dated(name: str) -> tuple[tuple[dict[str, str], date, date | None], ...]:
    return tuple((row, *_days(row)) for row in rows(name))


def in_force(name: str, day: date) -> tuple[dict[str, str], ...]:
    """Return the rows of a file that hold on *day*; before the first publication, those of the first.

    Example:
        >>> len(in_force("terms.csv", date(2026, 7, 2)))
        79
    """
    held = _dated(name)
    first = min(since for _, since, _ in held)
    on = max(day, first)
    return tuple(row for row, since, until in held if since <= on and (until is None or on < until))
