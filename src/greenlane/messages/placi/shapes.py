"""Waybills that look alike: the XML with every text replaced by one sign; what such a shape holds is worked out once.

A waybill that was walked and found sound leaves its shape behind. The next one of that shape, whose texts fit their
forms, needs one look-up. Whatever isn't sound is walked element by element, for its findings.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from operator import itemgetter, le
from typing import Any, Final

from lxml import etree

from greenlane.messages.foreign import Carried
from greenlane.messages.placi.elements import NAMED, SAID_AT, TABLES, WEIGHT
from greenlane.messages.placi.taken import Taken
from greenlane.messages.tabled import Leaf

_TEXT: Final = re.compile(r">([^<>]*)</")
_UP_TO: Final = re.compile(r"an\.\.(\d+)")
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&amp;", "&"))
_ANY: Final = 1 << 30
_LONGEST: Final = 16_384
_MOST: Final = 512
_carried: Final = partial(tuple.__new__, Carried)


class Shape:
    """An arrangement of elements. Its texts come in document order; leaves without text are the shape's own."""

    __slots__ = ("_attributes", "_count", "_fits", "_held", "_longest", "_named", "_outer", "_paths", "_said",
                 "_shown", "_unit", "kind")  # fmt: skip

    def __init__(self, kind: str, count: int, leaves: Sequence[Leaf], outer: Carried) -> None:
        self.kind = kind
        self._count = count
        self._outer = outer
        places = [int(leaf.text) if leaf.text else count for leaf in leaves]
        first: dict[str, int] = {}
        for leaf, place in zip(leaves, places, strict=True):
            if leaf.text:
                first.setdefault(leaf.plain, place)
        self._named = tuple((name, first.get(path, count + 1)) for name, path in NAMED[kind].items())
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
        for leaf, place in zip(leaves, places, strict=True):
            known = TABLES[kind].elements.get(leaf.plain)
            if known is None or known.fits is None or not leaf.text:
                continue
            if up_to := _UP_TO.fullmatch(known.form):
                longest[place] = int(up_to[1])
            else:
                fits.append((place, known.fits))
        self._longest, self._fits = tuple(longest), tuple(fits)

    def sound(self, texts: Sequence[str]) -> bool:
        """Say whether stripped texts are as their elements want them, none blank."""
        if len(texts) != self._count or "" in texts or not all(map(le, map(len, texts), self._longest)):
            return False
        return all(fits(texts[place]) for place, fits in self._fits)

    def carried(self, raw: Sequence[str]) -> tuple[Carried, ...]:
        """Return the leaves with the texts as they came."""
        shown = self._shown([*raw, ""])
        rows = zip(self._paths, shown, self._attributes, self._held, strict=True)
        return (self._outer, *map(_carried, rows))

    def taken(self, texts: Sequence[str], received: date | None) -> Taken:
        """Return what the waybill says by its stripped texts."""
        values: list[str | None] = [*texts, "", None]
        named = {name: values[place] for name, place in self._named}
        return Taken(self.kind, named, tuple(texts[place] for place in self._said), self._unit, received)


def _all(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    if len(places) < 2:
        return lambda values: [values[place] for place in places]
    return itemgetter(*places)


_SHAPES: dict[str, Shape] = {}


def text_of(element: etree._Element) -> str:
    """Return a waybill as text."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def known(text: str) -> tuple[Shape, list[str], list[str]] | None:
    """Return the shape of a waybill, its texts as they came and stripped; null where it has to be walked."""
    cut = _TEXT.split(text)
    shape = _SHAPES.get("\0".join(cut[::2]))
    if shape is None:
        return None
    raw = list(filter(None, cut[1::2]))
    if "&" in text:
        raw = [_plain(one) for one in raw]
    texts = [one.strip() for one in raw]
    return (shape, raw, texts) if shape.sound(texts) else None


def _plain(text: str) -> str:
    for escaped, sign in _ESCAPED:
        text = text.replace(escaped, sign)
    return text


def remember(text: str, kind: str, outer: Carried, walk: Callable[[etree._Element], Sequence[Leaf]]) -> None:
    """Keep the shape of a sound waybill: it is walked once more, with the place of each text instead of the text."""
    cut = _TEXT.split(text)
    key = "\0".join(cut[::2])
    texts = list(filter(None, cut[1::2]))
    if len(key) > _LONGEST or any(not one.strip() for one in texts):
        return
    count = iter(range(len(texts)))
    numbers = [str(next(count)) if one else "" for one in cut[1::2]]
    numbered = cut[0] + "".join(f">{n}</{after}" for n, after in zip(numbers, cut[2::2], strict=True))
    leaves = walk(etree.fromstring(numbered))
    if len(_SHAPES) >= _MOST:
        _SHAPES.clear()
    _SHAPES[key] = Shape(kind, len(texts), leaves, outer)
