"""Waybills that look alike: the XML with every text replaced by one sign; what such a shape holds is worked out once.

A waybill that was walked and found sound leaves its shape behind. The next one of that shape, whose texts fit their
forms, needs one look-up. Whatever isn't sound is walked element by element, for its findings.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from operator import itemgetter, le
from typing import Any, Final

from lxml import etree

from greenlane.messages.carrying import Span, Spans
from greenlane.messages.cutting import AsItCame, Cut, numbered
from greenlane.messages.foreign import Carried
from greenlane.messages.placi.elements import NAMED, SAID_AT, TABLES, WEIGHT, Named
from greenlane.messages.placi.taken import Taken
from greenlane.messages.tabled import Leaf

_UP_TO: Final = re.compile(r"an\.\.(\d+)")
_SIGNS: Final = re.compile(r"(a|n)(\.\.)?(\d+)")
_ANY: Final = 1 << 30
_LONGEST: Final = 16_384
_MOST: Final = 512


class Shape:
    """An arrangement of elements. Its texts come in document order; leaves without text are the shape's own."""

    __slots__ = (
        "_alike",
        "_attributes",
        "_count",
        "_fits",
        "_held",
        "_longest",
        "_named",
        "_outer",
        "_paths",
        "_pattern",
        "_said",
        "_shown",
        "_unit",
        "kind",
    )

    def __init__(self, kind: str, count: int, leaves: Sequence[Leaf], outer: Carried) -> None:
        self.kind = kind
        self._count = count
        self._outer = outer
        places = [int(leaf.text) if leaf.text else count for leaf in leaves]
        first: dict[str, int] = {}
        for leaf, place in zip(leaves, places, strict=True):
            if leaf.text:
                first.setdefault(leaf.plain, place)
        self._named = _all([first.get(path, count + 1) for path in NAMED[kind]])
        self._said = [place for leaf, place in zip(leaves, places, strict=True)
                      if leaf.text and leaf.plain == SAID_AT[kind]]  # fmt: skip
        weights = [leaf for leaf in leaves if leaf.plain == WEIGHT]
        self._unit = dict(weights[0].attributes).get("unitCode") if weights else None
        self._shown = _all(places)
        self._paths = tuple(leaf.path for leaf in leaves)
        self._attributes = tuple(leaf.attributes for leaf in leaves)
        self._held = (None,) * len(leaves)
        longest = [_ANY] * count
        fits: list[tuple[int, Callable[[str], bool]]] = []
        alike: list[tuple[int, str]] = []
        for leaf, place in zip(leaves, places, strict=True):
            known = TABLES[kind].elements.get(leaf.plain)
            if known is None or known.fits is None or not leaf.text:
                continue
            if up_to := _UP_TO.fullmatch(known.form):
                longest[place] = int(up_to[1])
            elif signs := _SIGNS.fullmatch(known.form):
                alike.append((place, _pattern(*signs.groups())))
            else:
                fits.append((place, known.fits))
        self._longest, self._fits = tuple(longest), tuple(fits)
        self._alike = [place for place, _ in alike]
        self._pattern = re.compile("\n".join(pattern for _, pattern in alike))

    def sound(self, texts: Sequence[str]) -> bool:
        """Say whether stripped texts are as their elements want them, none blank."""
        if len(texts) != self._count or "" in texts or not all(map(le, map(len, texts), self._longest)):
            return False
        if self._pattern.fullmatch("\n".join([texts[place] for place in self._alike])) is None:
            return False
        return all(fits(texts[place]) for place, fits in self._fits)

    def carried(self, raw: Sequence[str]) -> Spans:
        """Return the leaves with the texts as they came."""
        shown = self._shown([*raw, ""])
        return Spans(
            ((self._outer,), Span("", self._paths, shown, self._attributes, self._held, 0, len(self._paths)))
        )

    def taken(self, texts: Sequence[str], received: date | None) -> Taken:
        """Return what the waybill says by its stripped texts."""
        values: list[str | None] = [*texts, "", None]
        named = Named._make(self._named(values))
        said = tuple([texts[place] for place in self._said])
        return Taken(self.kind, named, said, self._unit, received)


def _pattern(kind: str, up_to: str | None, longest: str) -> str:
    return f"[{'0-9' if kind == 'n' else 'A-Za-z'}]{{{1 if up_to else longest},{longest}}}"


def _all(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    if len(places) < 2:
        return lambda values: [values[place] for place in places]
    return itemgetter(*places)


_SHAPES: dict[str, Shape] = {}


_CAME: Final = AsItCame[Shape]()


def known(found: Cut) -> tuple[Shape, list[str]] | None:
    """Return the shape of a waybill and its texts without blanks around them; null where it has to be walked."""
    shape = _SHAPES.get(found.shape)
    return None if shape is None else _of(shape, found.texts)


def known_as_it_came(text: str, spaces: str) -> tuple[Shape, Sequence[str], list[str]] | None:
    """Return the same of a waybill that no parser has read, its texts as they came between."""
    kept = _CAME.get(text, spaces)
    found = None if kept is None else _of(*kept)
    return None if kept is None or found is None else (found[0], kept[1], found[1])


def _of(shape: Shape, raw: Sequence[str]) -> tuple[Shape, list[str]] | None:
    texts = [one.strip() for one in raw]
    return (shape, texts) if shape.sound(texts) else None


def came(found: Cut, text: str, spaces: str) -> None:
    """Keep how a waybill of a known shape came."""
    shape = _SHAPES.get(found.shape)
    if shape is not None:
        _CAME.keep(text, spaces, found.texts, shape)


def remember(
    element: etree._Element,
    found: Cut,
    kind: str,
    outer: Carried,
    walk: Callable[[etree._Element], Sequence[Leaf]],
) -> None:
    """Keep the shape of a sound waybill: it is walked once more, with the number of each text instead of the text."""
    again = numbered(element, len(found.texts))
    if again is None or len(found.shape) > _LONGEST or any(not one.strip() for one in found.texts):
        return
    if len(_SHAPES) >= _MOST:
        _SHAPES.clear()
    _CAME.clear()
    _SHAPES[found.shape] = Shape(kind, len(found.texts), walk(again), outer)


def count() -> int:
    """Return how many shapes are kept."""
    return len(_SHAPES)


def forget() -> None:
    """Keep no shape any more."""
    _SHAPES.clear()
    _CAME.clear()
