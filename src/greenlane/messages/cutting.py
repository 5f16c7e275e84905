"""An element cut into what makes its shape and the texts of its leaves, for readers that know shapes again."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lxml import etree

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
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    leaves = [one for one in copy.iter() if not len(one) and one.text]
    for number, one in enumerate(leaves):
        one.text = str(number)
    return copy if len(leaves) == count else None


__all__ = ["Cut", "cut", "numbered"]
