"""An element cut into what makes its shape and the texts of its leaves, for readers that know shapes again."""

import re
from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from lxml import etree

from greenlane.messages.shapes import picking

T = TypeVar("T")
_ODD: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_ENTITIES: Final = (("&quot;", '"'), ("&apos;", "'"))
_LONGEST: Final = 16_384
_MOST: Final = 512
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&amp;", "&"))


class Cut(NamedTuple):
    """The tags of an element with their attributes, and its texts that aren't empty, both in document order."""

    shape: str
    texts: Sequence[str]


def cut(element: etree._Element) -> Cut:
    """Cut an element that came through the door: no comment, no instruction.

    Leaves without text have a tag of their own, so that equal shapes with equally many texts have them in equal places.

    Example:
        >>> cut(etree.fromstring("<a><b u='1'>x &amp; y</b><c/></a>"))
        Cut(shape='a<b u="1"</b<c/</a', texts=['x & y'])
    """
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    parts = text.replace(">", "<").split("<")
    texts = list(filter(None, parts[2::2]))
    if "&" in text:
        texts = [_plain(text) for text in texts]
    return Cut("<".join(parts[1::2]), texts)


def _plain(text: str) -> str:
    if "&" in text:
        for escaped, sign in _ESCAPED:
            text = text.replace(escaped, sign)
    return text


def numbered(element: etree._Element, count: int) -> etree._Element | None:
    """Return a copy in which each text of a leaf is its number, from 0; null where those aren't all its *count* texts.

    Example:
        >>> cut(numbered(etree.fromstring("<a><b>x</b><c>y</c></a>"), 2)).texts
        ['0', '1']
        >>> numbered(etree.fromstring("<a>x<b>y</b></a>"), 2) is None
        True
    """
    try:
        copy = etree.fromstring(etree.tostring(element, with_tail=False))
    except etree.XMLSyntaxError:  # the name of a namespace that is none, which a message may yet have
        return None
    leaves = [one for one in copy.iter() if not len(one) and one.text]
    for number, one in enumerate(leaves):
        one.text = str(number)
    return copy if len(leaves) == count else None


class _Kept(NamedTuple, Generic[T]):
    """What is kept of a text: what it was read as, what takes the texts of its leaves, and what stands around them."""

    value: T
    leaves: Callable[[Sequence[str]], tuple[str, ...]]
    others: Callable[[Sequence[str]], tuple[str, ...]]


class AsItCame(Generic[T]):
    """What records were read as, by their tags as they came and what these mean: such records need no parser again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept[T]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def get(self, text: str, spaces: str) -> tuple[T, Sequence[str]] | None:
        """Return what a record with these tags was read as, and the texts of its leaves, none blank; null for none."""
        pieces = text.replace("<", ">").split(">")
        kept = self._kept.get((spaces, ">".join(pieces[1::2])))
        if kept is None or "".join(kept.others(pieces)).strip(" \t\n"):
            return None
        texts: Sequence[str] = kept.leaves(pieces)
        if "&" in text:
            if _ODD.search(text):
                return None
            texts = [_entities(one) for one in texts]
        return (kept.value, texts) if all(map(str.strip, texts)) else None

    def keep(self, text: str, spaces: str, parsed: Sequence[str], value: T) -> None:
        """Keep what a record was read as.

        Args:
            text: As it came.
            spaces: What its tags mean only together with.
            parsed: The texts of its leaves as a parser gave them; where they aren't those of the text, nothing is kept.
            value: What it was read as.
        """
        pieces = text.replace("<", ">").split(">")
        tags = pieces[1::2]
        if not all(tags):  # a sign of a tag stands within an attribute or a text
            return
        leaves = [
            2 * place + 2
            for place, tag in enumerate(tags[:-1])
            if tag[0] != "/" and tag[-1] != "/" and tags[place + 1][0] == "/"
        ]
        others = sorted(set(range(0, len(pieces), 2)) - set(leaves))
        key = (spaces, ">".join(tags))
        if [_entities(pieces[place]) for place in leaves] != list(parsed) or len(key[1]) > _LONGEST:
            return
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = _Kept(value, picking(leaves), picking(others))


def _entities(text: str) -> str:
    if "&" in text:
        for escaped, sign in _ENTITIES:
            text = text.replace(escaped, sign)
        text = _plain(text)
    return text


__all__ = ["AsItCame", "Cut", "cut", "numbered"]
