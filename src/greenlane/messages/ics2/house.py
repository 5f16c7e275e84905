"""From a house consignment, in sections, to a consignment of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from greenlane.messages.foreign import Consignment
from greenlane.messages.ics2.shape import Beside, HouseShape
from greenlane.messages.ics2.tables import words
from greenlane.messages.shapes import Section
from greenlane.messages.tabled import Leaf, Table, parted

CHANNELS: Final = {"F43": "postal", "A43": "postal", "F32": "express", "A32": "express"}
MODES: Final = {"postal": "post", "express": "air"}
_NATURES: Final = ("b2c", "returned_goods", "c2c_gift", "documents")
_EXPRESS: Final = words("CL756")
_PERSONS: Final = {code: word == "person" for code, word in words("CL729").items()}
_TRANSACTIONS: Final = {code: word for code, word in words("CL749").items() if word in _NATURES}
_NOTHING: Final[dict[str, Any]] = {}

Part = Section[HouseShape]


@dataclass(frozen=True, slots=True)
class House:
    """A house in sections: its head and its items, with the number of each."""

    head: Part
    items: tuple[Part, ...]
    numbers: Sequence[int]


@dataclass(slots=True)
class Taken:
    """What was taken from a house.

    ``held`` has for each section, the head first, and each leaf the field that gives its text back to the letter;
    ``assumed`` are fields that no element tells; ``foreign`` the paths below the house of amounts in another currency
    than the goods.
    """

    consignment: Consignment
    held: list[Sequence[str | None]]
    assumed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def item_number(path: str) -> int | None:
    """Return which goods item a leaf of a house stands in, null for none.

    Example:
        >>> item_number("/IE3F43/consignmentHouseLevel[3]/goodsItem[2]/weight/netMass")
        2
    """
    if "/goodsItem" not in path:
        return None
    steps = path.split("/")
    if len(steps) < 5 or parted(steps[3])[0] != "goodsItem":
        return None
    return parted(steps[3])[1]


def house_of(table: Table, leaves: Sequence[Leaf], path: str) -> House:
    """Part the leaves of the house at *path* into sections."""
    head: list[Leaf] = []
    items: dict[int, list[Leaf]] = {}
    before = None
    for leaf in leaves:
        number = item_number(leaf.path)
        if number is None:
            head.append(leaf)
        else:
            before = len(head) if before is None else before
            items.setdefault(number, []).append(leaf)
    made = [_section(HouseShape(table, head, path, False, len(head) if before is None else before), head)]
    numbers = sorted(items)
    for number in numbers:
        shape = HouseShape(table, items[number], item_path(path, number), True, 0)
        made.append(_section(shape, items[number]))
    return House(made[0], tuple(made[1:]), numbers)


def _section(shape: HouseShape, leaves: Sequence[Leaf]) -> Part:
    raw = tuple(leaf.text for leaf in leaves)
    return Section(shape, raw, tuple(text.strip() for text in raw))


def item_path(house: str, number: int) -> str:
    """Return the path of a goods item."""
    return f"{house}/goodsItem" if number == 1 else f"{house}/goodsItem[{number}]"


def take(kind: str, house: House, issued: date | None, country: str | None) -> Taken:
    """Return the consignment of a house, and what of the house it holds.

    Args:
        kind: F43 and so on.
        house: The house.
        issued: Day of the message.
        country: Member State that it is addressed to.
    """
    return _Taking(kind, house).take(issued, country)


class _Taking:
    def __init__(self, kind: str, house: House) -> None:
        self._kind = kind
        self._house = house
        self._currency = self._currency_of_goods()
        self._taken = Taken({}, [])
        self._made: Consignment = {} if self._currency is None else {"currency": self._currency}

    def take(self, issued: date | None, country: str | None) -> Taken:
        house, taken = self._house, self._taken
        items: list[dict[str, Any]] = [{} for _ in house.items]
        held = [self._head(items)]
        for number, item, section in zip(house.numbers, items, house.items, strict=True):
            held.append(self._item(item, section, number))
        self._derive(items, issued, country)
        self._made["items"] = items
        taken.consignment, taken.held = self._made, held
        return taken

    def _currency_of_goods(self) -> str | None:
        """Return the first currency of an item, else of the house."""
        for section in (*self._house.items, self._house.head):
            if section.shape.currencies:
                return section.texts[next(iter(section.shape.currencies.values()))]
        return None

    def _head(self, items: list[dict[str, Any]]) -> Sequence[str | None]:
        head, made = self._house.head, self._made
        shape, texts = head.shape, head.texts
        for group, names, pick in shape.groups:
            (made.setdefault(group, {}) if group else made).update(zip(names, pick(texts), strict=True))
        for group, name, places in shape.addresses:
            if text := ", ".join([texts[place] for place in places]):
                made.setdefault(group, {})[name] = text
        for group, name, place in shape.persons:
            if (person := _PERSONS.get(texts[place])) is not None:
                made.setdefault(group, {}).setdefault(name, person)
        held = _as_came(head)
        for beside in shape.schemes:
            scheme = None if beside.other is None else _EXPRESS.get(texts[beside.other])
            if scheme is not None:
                made["scheme"] = scheme
            if scheme is None or beside.row.name in made:
                held = _without(held, beside.place)
            else:
                made[beside.row.name] = texts[beside.place]
        held = self._amounts(shape.amounts, head, made, held, "")
        for place in shape.masses[:1] if len(items) == 1 else ():
            items[0]["gross_mass_kg"] = texts[place]
            if head.raw[place] == texts[place]:
                held = [*held[:place], "items.gross_mass_kg", *held[place + 1 :]]
        return held

    def _item(self, item: dict[str, Any], section: Part, number: int) -> Sequence[str | None]:
        shape, texts = section.shape, section.texts
        for place in shape.natures:
            word = _TRANSACTIONS.get(texts[place])
            if word is not None:
                self._made.setdefault("transaction", word)
        usual = shape.usual
        if usual is not None and section.raw is texts:
            for place in usual.currencies:
                if texts[place] != self._currency:
                    break
            else:
                item.update(zip(usual.names, usual.pick(texts), strict=True))
                for place in usual.ends:
                    item["hs_code"] += texts[place]
                return shape.held
        for name, place in shape.simple.items():
            item[name] = texts[place]
        held = self._amounts(shape.amounts, section, item, _as_came(section), item_path("", number))
        for begins, place in shape.hs_codes:
            before, text = item.get("hs_code"), texts[place]
            if begins and before is None:
                item["hs_code"] = text
                held = _without(held, place) if len(text) > 6 else held
            elif not begins and before is not None and len(before) == 6:
                item["hs_code"] = before + text
            else:
                held = _without(held, place)
        return held

    def _amounts(
        self,
        amounts: Sequence[Beside],
        section: Part,
        into: dict[str, Any],
        held: Sequence[str | None],
        at: str,
    ) -> Sequence[str | None]:
        """Take amounts in the currency of the goods."""
        texts = section.texts
        for row, place, other in amounts:
            if self._currency != ("" if other is None else texts[other]):
                self._taken.foreign.append(f"{at}{section.shape.paths[place]}")
            elif row.name not in into:
                into[row.name] = texts[place]
                continue
            held = _without(held, place)
        return held

    def _derive(self, items: list[dict[str, Any]], issued: date | None, country: str | None) -> None:
        made, assumed = self._made, self._taken.assumed
        consignor, consignee = made.get("consignor", _NOTHING), made.get("consignee", _NOTHING)
        made["channel"] = channel = CHANNELS[self._kind]
        made["transport_mode"] = MODES[channel]
        told = {
            "departure_country": consignor.get("country"),
            "destination_country": consignee.get("country") or country,
            "declaration_date": None if issued is None else str(issued),
        }
        if "consignment_id" not in made:
            told["consignment_id"] = made.get("transport_document")
        if "transaction" not in made:
            person = consignee.get("person")
            told["transaction"] = None if person is None else "b2c" if person else "b2b"
            assumed.append("transaction")
        for name, value in told.items():
            if value is not None:
                made[name] = value
        assumed += ["departure_country", "destination_country", "declaration_date"]
        head = self._house.head
        if len(items) == 1 and "value" not in items[0] and (total := head.shape.total) is not None:
            place, other = total
            if self._currency == ("" if other is None else head.texts[other]):
                items[0]["value"] = head.texts[place]
                assumed.append("items.value")
            else:
                self._taken.foreign.append(head.shape.paths[place])
        for item in items:
            item["quantity"] = "1"
        if items:
            assumed.append("items.quantity")


def _as_came(section: Part) -> Sequence[str | None]:
    """Return the fields that give texts back, but not where blanks stand around a text."""
    held = section.shape.held
    if section.raw == section.texts:
        return held
    came = zip(held, section.raw, section.texts, strict=True)
    return [name if raw == text else None for name, raw, text in came]


def _without(held: Sequence[str | None], place: int) -> Sequence[str | None]:
    return [*held[:place], None, *held[place + 1 :]]


def in_order(house: House) -> list[tuple[int, int, int]]:
    """Return the sections of a house as its leaves stand: number of the section, from which leaf, to which."""
    before, last = house.head.shape.before, len(house.head.raw)
    found = [(0, 0, before)]
    found += [(number, 0, len(section.raw)) for number, section in enumerate(house.items, 1)]
    return found if before == last else [*found, (0, before, last)]
