"""The tables of ICS2: elements by version and message, codes by list; facts in CSV files beside this one.

`fields.csv` says of each element how often it stands, in which form, whether it is mandatory, optional or conditional
(``status`` M, O, C, with the number of the rule), its id in the WCO Data Model, its code list, and which field of a
consignment it holds. ``known`` is ``seen`` for what stands in the tables of v2.02 and ``analogy`` for what they don't
show and is made after its neighbours. The text of the conditions was not obtained: a conditional element is never
reported as missing.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from greenlane.messages.ics2.findings import TABLE
from greenlane.messages.tabled import Table

FILINGS: Final = {
    "F43": "entry summary, post, before loading",
    "A43": "amendment of an F43",
    "F32": "entry summary, express house data, before loading",
    "A32": "amendment of an F32",
}
NOTICES: Final = {
    "Q01": "do not load",
    "Q02": "request for information",
    "Q03": "request for screening",
    "Q04": "request to invalidate the entry summary",
    "R01": "registration, with the MRN",
    "R02": "answer to a request for information",
    "R03": "answer to a request for screening",
    "R07": "the entry summary is invalidated",
    "N02": "the entry summary is not complete",
    "N03": "assessment complete",
    "N11": "the entry summary is pending",
    "N99": "errors, with pointers",
}
KINDS: Final = {**FILINGS, **NOTICES}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the tables: from its first day to the day before ``until``; null is open."""

    name: str
    since: date
    until: date | None
    source: str
    certainty: str
    tables: Mapping[str, Table]


def _rows(name: str) -> list[dict[str, str]]:
    text = files("greenlane.messages.ics2").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _version(row: Mapping[str, str]) -> Version:
    rows = _rows(row["table"])
    return Version(
        row["version"],
        date.fromisoformat(row["since"]),
        date.fromisoformat(row["until"]) if row["until"] else None,
        row["source"],
        row["certainty"],
        {kind: Table(kind, f"IE3{kind}", rows, TABLE) for kind in KINDS},
    )


VERSIONS: Final = tuple(_version(row) for row in _rows("versions.csv"))
"""Every version, oldest first."""


def version_on(day: date | None) -> Version:
    """Return the version in force on *day*: the latest one for null, the first for a day before all.

    Example:
        >>> version_on(date(2026, 7, 2)).name
        '2.02'
    """
    held = [one for one in VERSIONS if day is not None and one.since <= day]
    return (held or VERSIONS[:1])[-1] if day is not None else VERSIONS[-1]


CODES: Final = tuple(_rows("codes.csv"))
"""Every code that is held: its list, what it says, how certain it is."""


@cache
def words(name: str) -> Mapping[str, str]:
    """Return the codes of a list with what they say.

    Example:
        >>> words("CL729")["1"]
        'person'
    """
    return {row["code"]: row["word"] for row in CODES if row["list"] == name}


def code_of(name: str, word: str) -> str | None:
    """Return the code of a list for a word, null if it has none.

    Example:
        >>> code_of("CL754", "F43"), code_of("CL754", "F10")
        ('N750', None)
    """
    return next((code for code, said in words(name).items() if said == word), None)
