"""Where each text of an item goes: one reading, of texts that can be told apart, shows it for all that follow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final, NamedTuple

from greenlane.messages.carrying import Span, Spans
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Place
from greenlane.messages.postal.records import Reading

Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
_START: Final = "/item[1]"
_CONSTANT: Final = {
    "", "channel", "freight_in_price", "scheme", "transaction", "transport_mode", "consignee.person", "unit",
}  # fmt: skip
"""Fields whose value is the same for all items that decide alike."""


class Mark(str):
    """A text that is no other, however equal."""

    __slots__ = ()


class Join(NamedTuple):
    """How a value is made of texts, and of which, by their places."""

    make: Callable[[Sequence[str]], str]
    places: tuple[int, ...]


class _Group(NamedTuple):
    """One object of a consignment: the names in it, and what takes their values."""

    names: tuple[str, ...]
    values: Pick

    def of(self, values: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self.names, self.values(values), strict=True))


def pick(places: Sequence[int]) -> Pick:
    """Return what takes the values at *places*, always as a tuple.

    Example:
        >>> pick([2])("abc"), pick([2, 0])("abc"), pick([])("abc")
        (('c',), ('c', 'a'), ())
    """
    if len(places) == 1:
        only = places[0]
        return lambda values: (values[only],)
    return itemgetter(*places) if places else lambda values: ()


class Taking:
    """What a reading took from its texts, to be taken from others. ``strange``: a value came from nowhere known.

    Args:
        reading: Of the first item of a message whose texts are *marks*.
        marks: The texts, in order.
        start: Path of the item, with which the paths of its findings begin.
        joins: What is made of several texts, or of one by calculation, by field of the consignment.
    """

    def __init__(
        self, reading: Reading, marks: Sequence[Mark], start: str, joins: Mapping[str, Join]
    ) -> None:
        self._where = {id(mark): place for place, mark in enumerate(marks)}
        self.strange = False
        self._constants: list[Any] = []
        self._joins: list[Join] = []
        self._given = joins
        self._count = len(marks)
        self._top = self._group("", reading.consignment)
        nested = ((name, value) for name, value in reading.consignment.items() if isinstance(value, dict))
        self._nested = tuple((name, self._group(f"{name}.", value)) for name, value in nested)
        self._items = tuple(
            self._group(f"items.{place}.", item) for place, item in enumerate(reading.consignment["items"])
        )
        shown = [self._place("", one.text) if one.text else self._count for one in reading.carried]
        self._shown = pick(shown)
        self._paths = tuple(one.path.removeprefix(_START) for one in reading.carried)
        self._attributes = tuple(one.attributes for one in reading.carried)
        self._held = tuple(one.held for one in reading.carried)
        self._both = tuple(n for n, one in enumerate(reading.carried) if one.held and one.text)
        self._findings = tuple(
            (one.code, one.place.path.removeprefix(start), one.place.wco, one.message)
            for one in reading.findings
        )
        self._where = {}

    def _group(self, path: str, value: Mapping[str, Any]) -> _Group:
        places = [
            self._place("", None)
            if isinstance(one, dict) or (name == "items" and not path)
            else self._place(f"{path}{name}", one)
            for name, one in value.items()
        ]
        return _Group(tuple(value), pick(places))

    def _place(self, path: str, value: Any) -> int:
        """Return where a value will stand: texts, an empty one, the day, what is joined (from the end), constants."""
        found = self._where.get(id(value))
        if found is not None:
            return found
        if path == "declaration_date":
            return self._count + 1
        if path in self._given:
            self._joins.append(self._given[path])
            return -len(self._joins)
        name = path.rpartition(".")[2] if path.startswith("items.") else path
        self.strange = self.strange or name not in _CONSTANT
        self._constants.append(value)
        return self._count + 1 + len(self._constants)

    def reading(self, texts: Sequence[str], start: str, number: int, received: date | None) -> Reading:
        """Return the reading of an item with other texts, at *start*, the *number*-th of its message."""
        day = None if received is None else received.isoformat()
        joined = [one.make([texts[place] for place in one.places]) for one in reversed(self._joins)]
        values = [*texts, "", day, *self._constants, *joined]
        made: Consignment = self._top.of(values)
        for name, group in self._nested:
            made[name] = group.of(values)
        made["items"] = [group.of(values) for group in self._items]
        return Reading(made, self._carried(values, number), tuple(self._found(start, number - 1)))

    def _carried(self, values: Sequence[Any], number: int) -> Spans:
        shown = self._shown(values)
        start = f"/item[{number}]"
        parts: list[Span | Sequence[Carried]] = []
        begin = 0
        for place in self._both:
            parts.append(Span(start, self._paths, shown, self._attributes, self._held, begin, place))
            path = start + self._paths[place]
            parts.append((Carried(path, shown[place], self._attributes[place], self._held[place]),))
            begin = place + 1
        end = len(self._paths)
        parts.append(Span(start, self._paths, shown, self._attributes, self._held, begin, end))
        return Spans(parts)

    def _found(self, start: str, consignment: int) -> Iterator[ForeignFinding]:
        for code, path, wco, message in self._findings:
            yield ForeignFinding(code, Place(start + path, wco), message, consignment)
