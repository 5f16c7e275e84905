"""Items in XML by their shape: the XML of an item with every text replaced by one sign.

A shape that was read field by field and found sound is kept, so that the next item of that shape costs one look-up.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from greenlane.messages.postal.fields import BY_NAME
from greenlane.messages.postal.records import Record
from greenlane.messages.postal.shapes import Shape, Spot
from greenlane.messages.postal.takings import Pick, pick
from greenlane.messages.postal.turning import is_text

_TEXT: Final = re.compile(r">([^<>]*)</")
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_LONGEST: Final = 16_384
_MOST: Final = 512
_SHAPES: dict[str, tuple[Shape, Pick]] = {}


def text_of(element: etree._Element) -> str:
    """Return an item as text."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def known(text: str) -> tuple[Shape, Sequence[str]] | None:
    """Return the shape of an item and its texts in the order of the shape, null where it has to be read."""
    cut = _TEXT.split(text)
    found = _SHAPES.get("\\0".join(cut[::2]))
    if found is None or "&#" in text:
        return None
    shape, texts_of = found
    texts = texts_of(cut)
    if "&" in text:
        texts = tuple(map(_plain, texts))
    return None if "" in texts or not is_text("".join(texts)) else (shape, texts)


def _plain(text: str) -> str:
    for escaped, sign in _ESCAPED:
        text = text.replace(escaped, sign)
    return text


def remember(text: str, read: Callable[[etree._Element], Record]) -> None:
    """Keep the shape of a sound item: it is read once more, with the place of each text instead of the text."""
    cut = _TEXT.split(text)
    key = "\\0".join(cut[::2])
    if len(key) > _LONGEST:
        return
    places = [str(place) if place % 2 and one else one for place, one in enumerate(cut)]
    record = read(etree.fromstring("".join(_joined(places))))
    leaves = [(int(leaf.text), piece, name, leaf) for piece, name, leaf in record.leaves()]
    spots = [
        Spot(piece, BY_NAME[name], leaf.unit, leaf.path.removeprefix(record.path))
        for _, piece, name, leaf in leaves
    ]
    if len(_SHAPES) >= _MOST:
        _SHAPES.clear()
    _SHAPES[key] = Shape(spots), pick([place for place, *_ in leaves])


def _joined(cut: Sequence[str]) -> str:
    return cut[0] + "".join(one if place % 2 == 0 else f">{one}</" for place, one in enumerate(cut[1:], 1))
