"""Where a field of a consignment stood in the message that it came in."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from greenlane.messages.foreign import Carried, Message, Place
from greenlane.model import BY_COLUMN

_POINTER = re.compile(r" \(WCO ([A-Za-z0-9/\[\]]{1,100})\)\Z", re.ASCII)
_ITEM = re.compile(r"^/items/(\d+)(?:/|$)")


class Places:
    """Paths in the sender's own format, by consignment, item (None: of the whole) and column of the contract.

    They are worked out when the first is asked for.
    """

    def __init__(self, message: Message) -> None:
        self._message = message

    @cached_property
    def paths(self) -> dict[tuple[int, int | None, str], str]:
        """Every path that the reader of the message told."""
        return _paths_of(self._message)

    def of(self, consignment: int, pointer: str) -> Place:
        """Return the place of the field that *pointer*, a JSON pointer into the consignment, names.

        A field that did not come has no place of its own; then the path is the pointer. ``wco`` is the element
        id of the field.
        """
        number, column = _column(pointer)
        return Place(self.paths.get((consignment, number, column), pointer or "/"), element_at(pointer))


def element_at(pointer: str) -> str | None:
    """Return the id in the WCO Data Model of the element that a JSON pointer into a consignment names; None for none.

    Example:
        >>> element_at("/items/1/description"), element_at("/nothing")
        ('137', None)
    """
    element = BY_COLUMN.get(_column(pointer)[1])
    return element.wco if element is not None and element.wco != "none" else None


def _column(pointer: str) -> tuple[int | None, str]:
    item = _ITEM.match(pointer)
    rest = pointer[item.end() :] if item else pointer.removeprefix("/")
    column = rest.replace("/", ".")
    return (int(item[1]), f"items.{column}") if item else (None, column)


def with_wco(message: str, wco: str | None) -> str:
    """Return the words of a finding with the WCO pointer at their end, for a table that has no column of it.

    Example:
        >>> parted(with_wco("expected a value", "42A/R144"))
        ('expected a value', '42A/R144')
    """
    return f"{message} (WCO {wco})" if wco else message


def parted(message: str) -> tuple[str, str | None]:
    """Part words and pointer again; None where there is no pointer."""
    found = _POINTER.search(message) if message.endswith(")") else None
    return (message[: found.start()], found[1]) if found else (message, None)


def places_of(message: Message) -> Places:
    """Return where the fields of each consignment of *message* stood, as far as its reader tells.

    Example:
        >>> carried = (Carried("/M/Goods/Text", held="items.description"),
        ...            Carried("/M/Goods[2]/Text", held="items.description"))
        >>> message = Message("x", "M", "1", ({"items": [{}, {}]},), carried)
        >>> places_of(message).of(0, "/items/1/description")
        Place(path='/M/Goods[2]/Text', wco='137')
    """
    return Places(message)


def _paths_of(message: Message) -> dict[tuple[int, int | None, str], str]:
    held = [one for one in message.carried if one.held]
    found: dict[tuple[int, int | None, str], str] = {}
    for number, own in enumerate(_parted(held, len(message.consignments))):
        for one in own:
            column = str(one.held).partition("#")[0]
            if not column.startswith("items."):
                found.setdefault((number, None, column), one.path)
        of_items = [one for one in own if str(one.held).startswith("items.")]
        count = len(message.consignments[number].get("items") or ())
        for place, belonging in enumerate(_parted(of_items, count)):
            for one in belonging:
                found.setdefault((number, place, str(one.held).partition("#")[0]), one.path)
    return found


def _parted(carried: Sequence[Carried], count: int) -> Iterable[list[Carried]]:
    """Part what was carried into *count* groups at the highest level whose elements are so many; else nothing."""
    if count == 1:
        return [list(carried)]
    deepest = max((one.path.count("/") for one in carried), default=0)
    for depth in range(1, deepest + 1):
        groups: dict[str, list[Carried]] = {}
        for one in carried:
            steps = one.path.split("/")
            if len(steps) > depth:
                groups.setdefault("/".join(steps[: depth + 1]), []).append(one)
        if len(groups) == count:
            return list(groups.values())
    return []


__all__ = ["Places", "element_at", "parted", "places_of", "with_wco"]
