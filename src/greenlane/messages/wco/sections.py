"""A declaration in sections, its head and each goods item; what a shape of section holds is worked out once.

Messages of one sender look alike: the same elements in the same order around other texts. The shape of a section is its
XML with every text replaced by one sign. A shape that was walked and found sound is kept, so that the next section of
that shape costs one look-up and its texts. Whatever isn't sound is walked element by element, for its findings.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from operator import le
from typing import Final, NamedTuple

from lxml import etree

from greenlane.messages.foreign import ForeignFinding
from greenlane.messages.wco.elements import DECLARATION, parted
from greenlane.messages.wco.leaves import Attributes, Leaf, Walk
from greenlane.messages.wco.mapping import CONTROLS, ITEM, REQUIRED_OF_HEAD, REQUIRED_OF_ITEM, ROOT

_ITEM_ROOT: Final = f"{ROOT}/{ITEM}"
_TEXT = re.compile(r">([^<>]*)</")
_UP_TO = re.compile(r"an\.\.(\d+)")
_ANY: Final = 1 << 30
_MIXED = re.compile(r">[^<]+<(?!/)")
_ITEM_TAG: Final = "GovernmentAgencyGoodsItem>"
_LONGEST_SHAPE: Final = 8_192
_MOST_SHAPES: Final = 512
_MOST_STARTS: Final = 16
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#13;", "\r"), ("&amp;", "&"))


class Take(NamedTuple):
    """One value that a field takes: from which leaf, how, and from which second one."""

    name: str
    field: str
    how: str
    at: int
    also: int | None


class Taking(NamedTuple):
    """All that is taken from a section; ``held`` has for each leaf the field that holds it."""

    takes: tuple[Take, ...]
    held: tuple[str | None, ...]


class Shape:
    """What is the same for all sections of one shape, by the place of their leaves.

    ``paths`` are relative to the section; ``index`` gives the places of a path without numbers, ``beside`` that of a
    leaf by group and name. A text is sound when it is no longer than ``longest``, and ``fits`` where more is asked.
    ``takings`` remembers which fields take which leaves, by the codes that decide it; ``missing`` are the paths that
    are required and have no text.
    """

    __slots__ = (
        "_full",
        "attributes",
        "beside",
        "by_name",
        "controls",
        "empty",
        "filled",
        "fits",
        "groups",
        "index",
        "longest",
        "missing",
        "paths",
        "takings",
    )

    def __init__(self, leaves: Sequence[Leaf], start: str) -> None:
        self.paths = tuple(leaf.path[len(start) :] for leaf in leaves)
        self.groups = tuple(leaf.group[len(start) :] for leaf in leaves)
        self.attributes: tuple[Attributes, ...] = tuple(leaf.attributes for leaf in leaves)
        self.by_name = tuple(dict(leaf.attributes) for leaf in leaves)
        self.index: dict[str, list[int]] = {}
        self.beside: dict[tuple[str, str], int] = {}
        fits: list[tuple[int, Callable[[str], bool]]] = []
        longest: list[int] = []
        for place, leaf in enumerate(leaves):
            self.index.setdefault(leaf.plain, []).append(place)
            *_, parent, name = leaf.path.split("/")
            self.beside.setdefault((self.groups[place], parted(name)[0]), place)
            known = DECLARATION.known.get(parted(parent)[0], {}).get(parted(name)[0])
            up_to = None if known is None else _UP_TO.fullmatch(known.form)
            longest.append(_ANY if up_to is None else int(up_to[1]))
            if leaf.text and up_to is None and known is not None and known.fits is not None:
                fits.append((place, known.fits))
        self.fits = tuple(fits)
        self.longest = tuple(longest)
        self.filled = tuple(bool(leaf.text) for leaf in leaves)
        self.empty = self.filled.count(False)
        self.controls = tuple(
            place for place, path in enumerate(self.paths) if parted(path.rpartition("/")[2])[0] in CONTROLS
        )
        self.takings: dict[tuple[str, ...], Taking] = {}
        self._full: dict[str, tuple[str, ...]] = {}
        given = {leaf.plain for leaf in leaves if leaf.text.strip()}
        wanted = REQUIRED_OF_HEAD if start == ROOT else REQUIRED_OF_ITEM
        self.missing = tuple(path for path, others in wanted if given.isdisjoint(others))

    def full_paths(self, start: str) -> tuple[str, ...]:
        """Return the paths of the leaves of a section that starts there."""
        found = self._full.get(start)
        if found is None:
            found = tuple(start + path for path in self.paths)
            if len(self._full) < _MOST_STARTS:
                self._full[start] = found
        return found


class Section(NamedTuple):
    """One section: its shape, where it starts, its texts as they came and without blanks around them."""

    shape: Shape
    start: str
    raw: Sequence[str]
    texts: Sequence[str]

    def first(self, plain: str) -> str:
        """Return the first text of a path, empty for none."""
        places = self.shape.index.get(plain)
        return self.texts[places[0]] if places else ""

    def all(self, plain: str) -> Iterator[str]:
        """Give every text of a path."""
        for place in self.shape.index.get(plain, ()):
            yield self.texts[place]


_SHAPES: dict[str, Shape] = {}


def sections_of(declaration: etree._Element) -> tuple[Section, list[Section], list[ForeignFinding]]:
    """Return the head, the goods items and what the form of the declaration offends against."""
    parts = _parts(etree.tostring(declaration, encoding="unicode", with_tail=False))
    if parts is not None:
        made = [_known(part, _start(number)) for number, part in enumerate(parts)]
        sound = [section for section in made if section is not None]
        if len(sound) == len(made):
            return sound[0], sound[1:], []
    walk = Walk(DECLARATION)
    walk.group(declaration, "Declaration", ROOT, "")
    head, items = _by_item(walk.leaves)
    found = [_section(leaves, start) for leaves, start in ((head, ROOT), *items)]
    if parts is not None and not walk.findings and len(parts) == len(found):
        for part, section in zip(parts, found, strict=True):
            _remember(part, section)
    return found[0], found[1:], walk.findings


def _start(number: int) -> str:
    if number == 0:
        return ROOT
    return _ITEM_ROOT if number == 1 else f"{_ITEM_ROOT}[{number}]"


def _parts(text: str) -> list[str] | None:
    """Part the XML into head and items; None where items are not plainly one after the other."""
    found = text.find(_ITEM_TAG)
    if found < 0:
        return [text]
    name = text[text.rfind("<", 0, found) + 1 : found + len(_ITEM_TAG) - 1]
    before, *pieces = text.split(f"<{name}>")
    close = f"</{name}>"
    items, rest = [], []
    for piece in pieces:
        item, end, after = piece.partition(close)
        if not end or close in after:
            return None
        items.append(item)
        rest.append(after)
    return [f"{before}<{name}>{''.join(rest)}", *items]


def _cut(part: str) -> tuple[str, list[str]]:
    """Part the XML of a section into what makes its shape and the texts of its leaves.

    Example:
        >>> shape, texts = _cut("<a><b>1</b><c/></a>")
        >>> shape.split("\\0"), texts
        (['<a><b', 'b><c/', 'a>'], ['1'])
    """
    cut = _TEXT.split(part)
    return "\0".join(cut[::2]), list(filter(None, cut[1::2]))


def _known(part: str, start: str) -> Section | None:
    key, raw = _cut(part)
    shape = _SHAPES.get(key)
    if shape is None:
        return None
    if "&" in part:
        raw = [_plain(text) for text in raw]
    if len(raw) != len(shape.paths):
        each = iter(raw)
        raw = [next(each) if filled else "" for filled in shape.filled]
    texts = [text.strip() for text in raw]
    if texts.count("") != shape.empty or not all(map(le, map(len, texts), shape.longest)):
        return None
    for place, fit in shape.fits:
        if not fit(texts[place]):
            return None
    return Section(shape, start, raw, texts)


def _plain(text: str) -> str:
    if "&" in text:
        for escaped, sign in _ESCAPED:
            text = text.replace(escaped, sign)
    return text


def _remember(part: str, section: Section) -> None:
    key, raw = _cut(part)
    blank = any(text and not text.strip() for text in section.raw)
    same = [_plain(text) for text in raw] == [text for text in section.raw if text]
    if blank or not same or len(key) > _LONGEST_SHAPE or _MIXED.search(part):
        return
    if len(_SHAPES) >= _MOST_SHAPES:
        _SHAPES.clear()
    _SHAPES[key] = section.shape


def _section(leaves: Sequence[Leaf], start: str) -> Section:
    raw = [leaf.text for leaf in leaves]
    return Section(Shape(leaves, start), start, raw, [text.strip() for text in raw])


def _by_item(leaves: Sequence[Leaf]) -> tuple[list[Leaf], list[tuple[list[Leaf], str]]]:
    heads: list[Leaf] = []
    items: list[tuple[list[Leaf], str]] = []
    for leaf in leaves:
        if not leaf.plain.startswith(f"{ITEM}/"):
            heads.append(leaf)
            continue
        start = leaf.path[: leaf.path.index("/", len(_ITEM_ROOT))]
        if not items or items[-1][1] != start:
            items.append(([], start))
        items[-1][0].append(leaf)
    return heads, items
