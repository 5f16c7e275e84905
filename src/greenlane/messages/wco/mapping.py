"""What element holds which field: one table (`dec.csv`) that reading, writing and error pointers share.

Columns: ``field`` of the contract (empty: a constant that a declaration needs), ``path`` below Declaration, ``how`` a
value is turned, ``when`` a neighbour has to have one of some values, ``dataset`` for which the row holds,
``required`` in which one. Of several rows for a field the first that is there is read; the first that fits is
written.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

ITEM: Final = "GoodsShipment/GovernmentAgencyGoodsItem"
ROOT: Final = "/Declaration"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``name`` is the field without ``items.``; ``near`` the neighbour and its values."""

    field: str
    path: str
    how: str
    near: tuple[str, tuple[str, ...]] | None
    constant: str
    dataset: str
    required: bool

    @property
    def of_item(self) -> bool:
        """Whether it stands once an item."""
        return self.path.startswith(f"{ITEM}/")

    @property
    def name(self) -> str:
        """The field's name within the consignment or the item."""
        return self.field.removeprefix("items.")


def _row(line: dict[str, str]) -> Row:
    neighbour, given, values = line["when"].partition("=")
    near = (neighbour, tuple(values.split("|"))) if given else None
    return Row(
        line["field"],
        line["path"],
        line["how"],
        near,
        "" if given else line["when"],
        line["dataset"],
        bool(line["required"]),
    )


ROWS: Final = tuple(
    _row(line)
    for line in csv.DictReader(
        files("greenlane.messages.wco").joinpath("dec.csv").read_text(encoding="utf-8").splitlines()
    )
)
MODES: Final = {"1": "sea", "2": "rail", "3": "road", "4": "air", "5": "post"}
DOCUMENTS: Final = {"post": "750", "air": "740", "sea": "705", "road": "730", "rail": "720"}
"""Type of the transport document that is written, by mode of transport."""
PLACE: Final = ("Line", "CityName", "PostcodeID")
"""Parts of an address that make the contract's one text."""
IN_PRICE: Final = {
    "CIF": ("freight", "insurance"),
    "CIP": ("freight", "insurance"),
    "CFR": ("freight",),
    "CPT": ("freight",),
}
"""What the delivery term puts into the price at the border."""


def path_of_field(field: str, number: int = 1) -> str | None:
    """Return the path of the element that holds a field (``items.value``) of item *number*, null for none.

    Example:
        >>> path_of_field("items.description", 2)
        '/Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description'
    """
    row = next((row for row in ROWS if row.field == field), None)
    if row is None:
        return None
    at = f"{ITEM}[{number}]" if number > 1 else ITEM
    return f"{ROOT}/{row.path.replace(ITEM, at, 1)}"


CONTROLS: Final = frozenset(
    {
        *(row.near[0] for row in ROWS if row.near),
        *(row.path.rpartition("/")[2] for row in ROWS if row.how in ("mode", "relief", "preference")),
    }
)
"""Names of the elements whose value decides what a field takes."""


def _required(of_item: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, tuple[str, ...]] = {}
    for row in ROWS:
        if row.required and row.of_item is of_item:
            others = [other.path for other in ROWS if other.field == row.field and row.field]
            found[row.path] = tuple(others or [row.path])
    return tuple(found.items())


REQUIRED_OF_HEAD: Final = _required(False)
"""Paths that every declaration needs, each with those that do as well."""
REQUIRED_OF_ITEM: Final = _required(True)
"""The same for each goods item."""
