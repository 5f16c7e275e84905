"""What a shape of house, goods item or entry summary holds, by the columns ``field`` and ``how`` of the table.

How a value is turned: ``text`` as it is; ``amount`` with the currency beside it; ``total`` the mass of the only item;
``hs6`` and ``cn2`` together the code; ``person`` and ``nature`` by their lists; ``scheme`` where the role beside it is
that of the import one-stop shop; ``address`` the parts of an address as one text; ``reference`` the sender's own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from greenlane.messages.foreign import Carried
from greenlane.messages.ics2.tables import words
from greenlane.messages.shapes import ANY, Shape, picking
from greenlane.messages.tabled import Leaf, Table, usual

HOUSE: Final = "consignmentHouseLevel"
ITEM: Final = f"{HOUSE}/goodsItem"
DOCUMENT: Final = f"{HOUSE}/transportDocumentHouseLevel/documentNumber"
TOTAL: Final = f"{HOUSE}/totalAmountInvoiced/value"
ADDRESS: Final = ("street", "number", "poBox", "subDivision", "city")
_UP_TO = re.compile(r"an\.\.(\d+)")
_AS_IT_IS: Final = ("text", "reference")


class Row(NamedTuple):
    """An element that holds a field, and how."""

    path: str
    field: str
    how: str

    @property
    def name(self) -> str:
        """The field's name within the consignment or the item."""
        return self.field.removeprefix("items.")


class Beside(NamedTuple):
    """A leaf that counts only with another: its field, its place, the place of the other if there is one."""

    row: Row
    place: int
    other: int | None


class Group(NamedTuple):
    """Fields of one object that are taken as they are."""

    group: str
    names: tuple[str, ...]
    pick: Callable[[Sequence[str]], tuple[str, ...]]


class Usual(NamedTuple):
    """How an item of a shape that was found sound is taken at once, where all its amounts have the currency of the goods.

    ``pick`` gives the texts of ``names``; the texts at ``ends`` end the code of the goods.
    """

    names: tuple[str, ...]
    pick: Callable[[Sequence[str]], tuple[str, ...]]
    currencies: tuple[int, ...]
    ends: tuple[int, ...]


def _named(name: str) -> tuple[str, str]:
    """Part a name into the object that it is in, empty for none, and its name there."""
    group, _, own = name.rpartition(".")
    return group, own


@cache
def _rows(table: Table, of_item: bool) -> tuple[Row, ...]:
    found = (
        Row(path, one.row["field"], one.row["how"])
        for path, one in table.elements.items()
        if one.row["field"] and path.startswith(f"{ITEM}/") is of_item
    )
    return tuple(found)


class PartShape(Shape):
    """The shape of any part of a message: which element each leaf is, and which codes and numbers are to be checked."""

    __slots__ = ("checked", "codes", "eoris", "index", "numbers", "plain", "table")

    def __init__(self, table: Table, leaves: Sequence[Leaf], start: str) -> None:
        given = [bool(leaf.text.strip()) for leaf in leaves]
        longest, fits = [ANY] * len(leaves), []
        self.table = table
        self.plain = tuple(leaf.plain for leaf in leaves)
        self.index: dict[str, list[int]] = {}
        self.codes: list[tuple[int, str, frozenset[str]]] = []
        self.eoris: list[int] = []
        self.numbers: list[int] = []
        for place, path in enumerate(self.plain):
            self.index.setdefault(path, []).append(place)
            known = table.elements.get(path)
            if known is None or known.fits is None or not given[place]:
                continue
            if up_to := _UP_TO.fullmatch(known.form):
                longest[place] = int(up_to[1])
            else:
                fits.append((place, known.fits, usual(known.form)))
            name = known.row["list"]
            if name and words(name):
                self.codes.append((place, name, frozenset(words(name))))
            if known.row["rule"] == "R3005":
                self.eoris.append(place)
            if path == DOCUMENT and table.kind.endswith("43"):
                self.numbers.append(place)
        self.checked = bool(self.codes or self.eoris or self.numbers)
        super().__init__(
            [leaf.path[len(start) :] for leaf in leaves],
            [leaf.attributes for leaf in leaves],
            longest,
            fits,
            given.count(False),
        )


class HouseShape(PartShape):
    """The shape of a house without its items, or of an item, and what its leaves are for.

    ``before`` leaves stand before the items. ``simple`` are the fields that are taken as they are, ``currencies`` the
    first text of each path. ``held`` has for each leaf the field that gives its text back to the letter, as far as
    nothing else of the house speaks against it.
    """

    __slots__ = (
        "addresses", "amounts", "before", "currencies", "groups", "held", "hs_codes", "masses", "natures", "persons",
        "schemes", "simple", "total", "usual",
    )  # fmt: skip

    def __init__(self, table: Table, leaves: Sequence[Leaf], start: str, of_item: bool, before: int) -> None:
        super().__init__(table, leaves, start)
        self.before = before
        by_path = {path: place for place, path in enumerate(self.paths)}
        self._fields(table, of_item, [bool(leaf.text.strip()) for leaf in leaves], by_path)
        self.usual = self._at_once()

    def _fields(self, table: Table, of_item: bool, given: Sequence[bool], by_path: Mapping[str, int]) -> None:
        self.held: list[str | None] = [None] * len(given)
        self.simple: dict[str, int] = {}
        self.amounts: list[Beside] = []
        self.schemes: list[Beside] = []
        self.persons: list[tuple[str, str, int]] = []
        self.natures: list[int] = []
        self.masses: list[int] = []
        self.hs_codes: list[tuple[bool, int]] = []
        self.addresses: list[tuple[str, str, tuple[int, ...]]] = []
        self.currencies: dict[str, int] = {}
        for row in _rows(table, of_item):
            if row.how == "address":
                self._address(row, given)
            for place in self.index.get(row.path, ()):
                if not given[place]:
                    continue
                group = self.paths[place].rpartition("/")[0]
                if row.how in _AS_IT_IS and row.name not in self.simple:
                    self.simple[row.name] = place
                    self.held[place] = row.field
                elif row.how == "currency":
                    self.currencies.setdefault(row.path, place)
                elif row.how == "amount":
                    self.amounts.append(Beside(row, place, by_path.get(f"{group}/currency")))
                elif row.how == "scheme":
                    self.schemes.append(Beside(row, place, by_path.get(f"{group}/role")))
                elif row.how == "person":
                    self.persons.append((*_named(row.name), place))
                elif row.how == "nature":
                    self.natures.append(place)
                elif row.how == "total":
                    self.masses.append(place)
                elif row.how in ("hs6", "cn2"):
                    self.hs_codes.append((row.how == "hs6", place))
                    self.held[place] = row.field
        objects: dict[str, list[tuple[str, int]]] = {}
        for name, place in self.simple.items():
            group, own = _named(name)
            objects.setdefault(group, []).append((own, place))
        self.groups = [
            Group(group, tuple(own for own, _ in pairs), picking([place for _, place in pairs]))
            for group, pairs in objects.items()
        ]
        for beside in (*self.amounts, *self.schemes):
            self.held[beside.place] = beside.row.field
        self.total: tuple[int, int | None] | None = None
        if total := self.index.get(TOTAL):
            group = self.paths[total[0]].rpartition("/")[0]
            self.total = total[0], by_path.get(f"{group}/currency")

    def _at_once(self) -> Usual | None:
        """Say how to take all at once, null where two leaves are for one field or one has nothing beside it."""
        begins = [place for begins, place in self.hs_codes if begins]
        ends = tuple(place for begins, place in self.hs_codes if not begins)
        names = [*self.simple, *(beside.row.name for beside in self.amounts), *["hs_code"][: len(begins)]]
        others = [beside.other for beside in self.amounts]
        currencies = tuple(other for other in others if other is not None)
        if len(begins) > 1 or len(ends) > len(begins) or len(set(names)) < len(names) or None in others:
            return None
        places = [*self.simple.values(), *(beside.place for beside in self.amounts), *begins]
        return Usual(tuple(names), picking(places), currencies, ends)

    def _address(self, row: Row, given: Sequence[bool]) -> None:
        """Take the parts of an address as one text, country and postcode apart from it."""

        def first(part: str) -> int | None:
            places = self.index.get(f"{row.path}/{part}")
            return places[0] if places and given[places[0]] else None

        parts = [first(part) for part in ADDRESS]
        self.addresses.append((*_named(row.field), tuple(place for place in parts if place is not None)))
        party = row.field.partition(".")[0]
        for part, own in (("country", "country"), ("postCode", "postcode")):
            place = first(part)
            if place is not None and not (own == "postcode" and party == "consignor"):
                self.simple[f"{party}.{own}"] = place
                self.held[place] = f"{party}.{own}"


class OuterShape(PartShape):
    """The shape of what stands around the houses: root as it is carried, what its houses need to be known in it."""

    __slots__ = ("around", "country", "issued", "spaces")

    def __init__(self, table: Table, leaves: Sequence[Leaf], around: Carried, spaces: str) -> None:
        super().__init__(table, leaves, f"/{table.root}")
        self.around = around
        self.spaces = spaces
        self.issued = self.index.get("documentIssueDate", [None])[0]
        self.country = self.index.get("addressedMemberState/country", [None])[0]
