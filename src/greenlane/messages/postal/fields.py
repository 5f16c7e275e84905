"""Which field of the postal messages holds which of the contract, and where it stands: one table for every layout.

``fields.csv`` has the names that a customs system for foreign mail keeps (``ITEM_ID``, ``CP_DESC``). Columns: the
``group`` in which a name stands, the contract's ``field``, ``how`` a value is turned, the ``most`` characters, for which
messages it is ``needed`` (ITM: item data, RSP: response), the name of its ``currency``, and for EDIFACT the ``segment``,
what has to ``match`` in it, ``at`` which element and component the value stands, what is written ``also``.

The segments and codes are greenlane's own arrangement in the manner of UPU M33, M43 and M44: unverified against the
standards.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

Spot = tuple[int, int]
"""Element and component of a segment, both from 1."""

UNITS: Final[dict[str, Spot]] = {"MEA": (3, 1), "QTY": (1, 3)}
"""Where the unit of a value stands, by segment."""
GROUPS: Final = ("head", "item", "sender", "recipient", "piece")
ELEMENTS: Final = {
    "head": "Head",
    "item": "Item",
    "sender": "Sender",
    "recipient": "Recipient",
    "piece": "Content",
}
"""Element of each group in XML."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``order`` is its place in it; ``field`` is empty where the contract has none."""

    order: int
    group: str
    name: str
    field: str
    how: str
    most: int
    needed: frozenset[str]
    currency: str
    segment: str
    match: tuple[tuple[Spot, str], ...]
    at: Spot
    also: tuple[tuple[Spot, str], ...]
    words: str

    @property
    def mark(self) -> str:
        """The segment with what tells its kind: ``MOA+44``."""
        return "+".join([self.segment, *(value for _, value in self.match)])


def _table(name: str) -> list[dict[str, str]]:
    text = files("greenlane.messages.postal").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _spot(text: str) -> Spot:
    element, _, component = text.partition(".")
    return int(element), int(component)


def _settings(text: str) -> tuple[tuple[Spot, str], ...]:
    parted = (one.partition("=") for one in text.split())
    return tuple((_spot(spot), value) for spot, _, value in parted)


ROWS: Final = tuple(
    Row(
        order,
        line["group"],
        line["name"],
        line["field"],
        line["how"],
        int(line["most"]),
        frozenset(line["needed"].split()),
        line["currency"],
        line["segment"],
        _settings(line["match"]),
        _spot(line["at"]),
        _settings(line["also"]),
        line["words"],
    )
    for order, line in enumerate(_table("fields.csv"))
)
BY_NAME: Final[dict[str, Row]] = {
    row.name: row for row in ROWS if row is next(other for other in ROWS if other.name == row.name)
}
"""The first row of each name."""
FIELDS_OF: Final[dict[str, tuple[Row, ...]]] = {
    name: tuple(row for row in ROWS if row.name == name and row.field) for name in BY_NAME
}
"""The rows of a name that have a field of the contract."""
OF_SEGMENT: Final[dict[tuple[str, str], tuple[Row, ...]]] = {
    (group, tag): tuple(row for row in BY_NAME.values() if (row.group, row.segment) == (group, tag))
    for group, tag in {(row.group, row.segment) for row in ROWS}
}
"""Rows by group and segment."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code: ``value`` is what it is read as, empty for nothing; ``written`` what is written with it."""

    list: str
    code: str
    value: str
    written: tuple[str, ...]
    words: str


CODES: Final = tuple(
    Code(line["list"], line["code"], line["value"], tuple(line["written"].split()), line["words"])
    for line in _table("codes.csv")
)


_BY_CODE: Final = {(one.list, one.code): one for one in CODES}


def value_of(list_: str, code: str) -> str | None:
    """Return what a code means in the contract.

    Example:
        >>> value_of("nature", "31"), value_of("nature", "99"), value_of("nature", "77")
        ('c2c_gift', None, None)
    """
    found = _BY_CODE.get((list_, code))
    return found.value or None if found is not None else None


def code_of(list_: str, value: str) -> str | None:
    """Return the code that is written for a value.

    Example:
        >>> code_of("nature", "b2b"), code_of("class", "R"), code_of("class", "Z")
        ('11', 'U', None)
    """
    return next((one.code for one in CODES if one.list == list_ and value in one.written), None)


def known(list_: str, code: str) -> bool:
    """Say whether the list has the code.

    Example:
        >>> known("nature", "99"), known("nature", "77")
        (True, False)
    """
    return (list_, code) in _BY_CODE
