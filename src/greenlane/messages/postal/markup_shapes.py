"""Items in XML by their shape: their tags in order, whatever the texts.

A shape that was read field by field and found sound is kept, so that the next item of that shape costs one look-up.
"""

from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from greenlane.messages.cutting import AsItCame, Cut, numbered
from greenlane.messages.postal.fields import BY_NAME
from greenlane.messages.postal.records import Record
from greenlane.messages.postal.shapes import Shape, Spot
from greenlane.messages.postal.takings import Pick, pick
from greenlane.messages.postal.turning import is_text

_LONGEST: Final = 16_384
_MOST: Final = 512
_SHAPES: dict[str, tuple[Shape, int, Pick]] = {}


_CAME: Final = AsItCame[tuple[Shape, int, Pick]]()


def known(found: Cut) -> tuple[Shape, Sequence[str]] | None:
    """Return the shape of an item and its texts in the order of the shape, null where it has to be read."""
    kept = _SHAPES.get(found.shape)
    return None if kept is None else _of(kept, found.texts)


def known_as_it_came(text: str, spaces: str) -> tuple[Shape, Sequence[str]] | None:
    """Return the same of an item that no parser has read."""
    found = _CAME.get(text, spaces)
    return None if found is None else _of(*found)


def _of(kept: tuple[Shape, int, Pick], texts: Sequence[str]) -> tuple[Shape, Sequence[str]] | None:
    shape, count, texts_of = kept
    if len(texts) != count or not is_text("".join(texts)):
        return None
    return shape, texts_of(texts)


def came(found: Cut, text: str, spaces: str) -> None:
    """Keep how an item of a known shape came."""
    kept = _SHAPES.get(found.shape)
    if kept is not None:
        _CAME.keep(text, spaces, found.texts, kept)


def remember(element: etree._Element, found: Cut, read: Callable[[etree._Element], Record]) -> None:
    """Keep the shape of a sound item: it is read once more, with the number of each text instead of the text."""
    again = numbered(element, len(found.texts))
    if again is None or len(found.shape) > _LONGEST:
        return
    record = read(again)
    if not all(record.pieces):
        return  # a piece without a text has no leaf that would tell of it
    leaves = [(int(leaf.text), piece, name, leaf) for piece, name, leaf in record.leaves()]
    spots = [
        Spot(piece, BY_NAME[name], leaf.unit, leaf.path.removeprefix(record.path))
        for _, piece, name, leaf in leaves
    ]
    if len(_SHAPES) >= _MOST:
        _SHAPES.clear()
    _CAME.clear()
    _SHAPES[found.shape] = Shape(spots), len(found.texts), pick([place for place, *_ in leaves])


def count() -> int:
    """Return how many shapes are kept."""
    return len(_SHAPES)


def forget() -> None:
    """Keep no shape any more."""
    _SHAPES.clear()
    _CAME.clear()
