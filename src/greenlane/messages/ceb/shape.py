"""What a shape of head or line says, and documents in sections whose shapes were read before."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from greenlane.messages.ceb.elements import KINDS, Field, Kind
from greenlane.messages.ceb.inventory import HEAD, ITEM, MASS
from greenlane.messages.ceb.turning import to_contract, to_customs
from greenlane.messages.shapes import ANY, Cut, Section, Shape, Shapes, picking, sectioned

_UP_TO = re.compile(r"an\.\.(\d+)")
_FORM = re.compile(r"(an|d|i|n)(\d+)(?:,(\d+))?")
_USUAL: Final = {
    "guid": "[0-9A-Z-]{36}",
    "status": "-?[0-9]{1,9}",
    "day": "[12][0-9]{3}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])",
    "time14": "[12][0-9]{3}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){2}",
}
_MODES: Final = frozenset(
    one.required
    for kind in KINDS.values()
    for one in (*kind.head.values(), *kind.items.values())
    if one.required not in ("", "always")
)
_FIELDS: Final = {id(one): one for one in (*HEAD, *ITEM, *MASS)}


class Turn(NamedTuple):
    """A field whose value is turned: where its text is, the object that it goes into, its name in it."""

    place: int
    group: str
    name: str
    known: Field


class Group(NamedTuple):
    """Fields of one object that are taken as they are."""

    group: str
    names: tuple[str, ...]
    pick: Callable[[Sequence[str]], tuple[str, ...]]


class PartShape(Shape):
    """The shape of a head or a line.

    ``names`` are those of its elements; ``groups`` and ``turns`` what an inventory gives to the contract; ``masses``
    count for the only line. ``held`` has for each element the field that holds its text, as far as turning it gives it
    back. ``lacks`` are the supervision codes that need more than there is.
    """

    __slots__ = ("groups", "held", "lacks", "masses", "names", "turns")

    def __init__(
        self,
        table: Mapping[str, Field],
        above: str,
        texts: Mapping[str, str],
        attributes: Sequence[tuple[tuple[str, str], ...]],
    ) -> None:
        self.names = tuple(texts)
        longest, fits = [ANY] * len(self.names), []
        plain: dict[str, list[tuple[str, int]]] = {}
        self.turns: list[Turn] = []
        self.masses: list[Turn] = []
        self.held: list[str | None] = [None] * len(self.names)
        for place, name in enumerate(self.names):
            known = table[name]
            if not texts[name]:
                continue
            if up_to := _UP_TO.fullmatch(known.form):
                longest[place] = int(up_to[1])
            else:
                fits.append((place, known.fits, _usual(known.form)))
            if id(known) not in _FIELDS:
                continue
            group, _, own = known.field.removeprefix("items.").rpartition(".")
            if known.how == "mass":
                self.masses.append(Turn(place, group, own, known))
                continue
            self.held[place] = known.field
            if known.how == "text":
                plain.setdefault(group, []).append((own, place))
            else:
                self.turns.append(Turn(place, group, own, known))
        self.groups = [
            Group(group, tuple(own for own, _ in pairs), picking([place for _, place in pairs]))
            for group, pairs in plain.items()
        ]
        given = {name for name, text in texts.items() if text}
        self.lacks = frozenset(
            mode
            for mode in _MODES
            if any(one.required == mode and name not in given for name, one in table.items())
        )
        empty = sum(not text for text in texts.values())
        super().__init__([f"{above}/{name}" for name in self.names], attributes, longest, fits, empty)


def _usual(form: str) -> str:
    """Return a pattern such that what it takes is of a form, empty for none."""
    if form.startswith("="):
        return f"(?:{'|'.join(map(re.escape, form[1:].split(',')))})"
    found = _FORM.fullmatch(form)
    if found is None:
        return _USUAL.get(form, "")
    kind, length, decimals = found.groups()
    if kind == "n":
        return f"[0-9]{{1,{int(length) - int(decimals)}}}(?:[.][0-9]{{0,{decimals}}})?"
    if kind == "an":
        return rf"[^\0]{{{length}}}"
    return f"[0-9]{{{length if kind == 'd' else f'1,{length}'}}}"


@lru_cache(maxsize=8_192)
def turned(how: str, text: str) -> tuple[str | None, bool]:
    """Turn a text as `to_contract` does; and say whether turning it back gives it.

    Example:
        >>> turned("number", "012.50"), turned("country", "116")
        (('12.50', False), ('JP', True))
    """
    value = to_contract(how, text)
    return value, value is not None and to_customs(how, value) == text


@dataclass(frozen=True, slots=True)
class Sound:
    """A document whose sections are sound."""

    kind: Kind
    head: Section[PartShape]
    items: tuple[Section[PartShape], ...]

    def text(self, name: str) -> str:
        """Return the text of an element of the head, empty for none."""
        names = self.head.shape.names
        return self.head.texts[names.index(name)] if name in names else ""


_SHAPES: Final[dict[str, Shapes[PartShape]]] = {number: Shapes() for number in KINDS}


def sound(kind: Kind, text: str, spaces: str) -> Sound | None:
    """Return the document that a text holds if the shapes of its sections are known and its texts are sound."""
    parts = parts_of(kind, text)
    if parts is None:
        return None
    shapes = _SHAPES[kind.number]
    sections = []
    for part in parts:
        section = shapes.known(part, spaces)
        if section is None:
            return None
        sections.append(section)
    made = Sound(kind, sections[0], tuple(sections[1:]))
    mode = made.text("tradeMode")
    if mode in _MODES and any(mode in section.shape.lacks for section in sections):
        return None
    return made


def parts_of(kind: Kind, text: str) -> list[Cut] | None:
    """Part the text of a document into head and lines, null where they can't be told apart."""
    return sectioned(text, kind.item_name) if kind.head_name else None


def learn(kind: Kind, text: str, spaces: str, sections: Sequence[Section[PartShape]]) -> None:
    """Keep the shapes of the sections of a document that was read element by element and is sound."""
    parts = parts_of(kind, text)
    if parts is not None and len(parts) == len(sections):
        for part, section in zip(parts, sections, strict=True):
            _SHAPES[kind.number].learn(part, spaces, section)


def forget() -> None:
    """Forget every shape."""
    for shapes in _SHAPES.values():
        shapes.clear()


__all__ = ["Group", "PartShape", "Sound", "Turn", "forget", "learn", "parts_of", "sound", "turned"]
