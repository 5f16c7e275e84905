"""A declaration in sections, its head and each goods item, by shapes that were read before."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from lxml import etree

from greenlane.messages.foreign import Carried, ForeignFinding
from greenlane.messages.shapes import ANY, Cut, Shape, Shapes, cut, plain_cut, sectioned
from greenlane.messages.shapes import Section as Known
from greenlane.messages.wco.elements import DECLARATION, usual
from greenlane.messages.wco.elements import parted as numbered
from greenlane.messages.wco.leaves import Leaf, Walk, name_of
from greenlane.messages.wco.mapping import CONTROLS, ITEM, REQUIRED_OF_HEAD, REQUIRED_OF_ITEM, ROOT

_ITEM_ROOT: Final = f"{ROOT}/{ITEM}"
_ITEM_NAME: Final = ITEM.rpartition("/")[2]
_MOST_ITEMS: Final = DECLARATION.known["GoodsShipment"][_ITEM_NAME].most
_UP_TO = re.compile(r"an\.\.(\d+)")
_INNER = re.compile(r"<((?:[\w.-]+:)?Declaration)[\s>]", re.ASCII)


class Take(NamedTuple):
    """One value that a field takes: from which leaf, how, and from which second one."""

    name: str
    field: str
    how: str
    at: int
    also: int | None


class Taking(NamedTuple):
    """All that is taken from a section.

    ``names`` are taken as they are, by ``pick``; ``held`` has for each leaf the field that holds it.
    """

    names: tuple[str, ...]
    pick: Callable[[Sequence[str]], tuple[str, ...]]
    takes: tuple[Take, ...]
    held: tuple[str | None, ...]


class SectionShape(Shape):
    """What is the same for all sections of one shape, by the place of their leaves.

    ``index`` gives the places of a path without numbers, ``beside`` that of a leaf by group and name, ``by_name`` the
    attributes of each. ``takings`` remembers which fields take which leaves, by the codes of ``controls``; ``missing``
    are the paths that are required and have no text.
    """

    __slots__ = ("beside", "by_name", "controls", "groups", "index", "missing", "takings")

    def __init__(self, leaves: Sequence[Leaf], start: str) -> None:
        self.groups = tuple(leaf.group[len(start) :] for leaf in leaves)
        self.by_name = tuple(dict(leaf.attributes) for leaf in leaves)
        self.index: dict[str, list[int]] = {}
        self.beside: dict[tuple[str, str], int] = {}
        longest, fits = [ANY] * len(leaves), []
        for place, leaf in enumerate(leaves):
            self.index.setdefault(leaf.plain, []).append(place)
            *_, parent, name = leaf.path.split("/")
            self.beside.setdefault((self.groups[place], numbered(name)[0]), place)
            known = DECLARATION.known.get(numbered(parent)[0], {}).get(numbered(name)[0])
            if known is None or not leaf.text:
                continue
            if up_to := _UP_TO.fullmatch(known.form):
                longest[place] = int(up_to[1])
            elif known.fits is not None:
                fits.append((place, known.fits, usual(known.form)))
        paths = [leaf.path[len(start) :] for leaf in leaves]
        empty = sum(not leaf.text for leaf in leaves)
        super().__init__(paths, [leaf.attributes for leaf in leaves], longest, fits, empty)
        self.controls = tuple(
            place for place, path in enumerate(self.paths) if numbered(path.rpartition("/")[2])[0] in CONTROLS
        )
        self.takings: dict[tuple[str, ...], Taking] = {}
        given = {leaf.plain for leaf in leaves if leaf.text.strip()}
        wanted = REQUIRED_OF_HEAD if start == ROOT else REQUIRED_OF_ITEM
        self.missing = tuple(path for path, others in wanted if given.isdisjoint(others))


class Section(NamedTuple):
    """One section: its shape, where it starts, its texts as they came and without blanks around them."""

    shape: SectionShape
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


@dataclass(frozen=True, slots=True)
class Sections:
    """A declaration: its head, its goods items, what it offends against, what stands around it."""

    head: Section
    items: tuple[Section, ...]
    findings: tuple[ForeignFinding, ...] = ()
    outer: tuple[Carried, ...] = ()


class OuterShape(Shape):
    """The shape of what stands around a declaration."""

    __slots__ = ()

    def __init__(self, outer: Sequence[Carried]) -> None:
        empty = sum(not one.text.strip() for one in outer)
        super().__init__(
            [f"/{one.path.rpartition('/')[2]}" for one in outer],
            [()] * len(outer),
            [ANY] * len(outer),
            (),
            empty,
        )


_SHAPES: Final[Shapes[SectionShape]] = Shapes()
_OUTER: Final[Shapes[OuterShape]] = Shapes()


class _Parts(NamedTuple):
    """The text of MetaData or of a declaration alone, parted."""

    outer: Cut | None
    spaces: str
    sections: list[Cut]


def known_sections(text: str, spaces: str) -> Sections | None:
    """Return the declaration that a text holds if the shapes of its sections are known and its texts are sound."""
    parts = _parts(text, spaces)
    if parts is None:
        return None
    outer: tuple[Carried, ...] = ()
    if parts.outer is not None:
        around = _OUTER.known(parts.outer, spaces)
        if around is None:
            return None
        outer = tuple(
            Carried(f"/MetaData{path}", raw) for path, raw in zip(around.shape.paths, around.raw, strict=True)
        )
    made = []
    for number, part in enumerate(parts.sections):
        found = _SHAPES.known(part, f"{parts.spaces} {bool(number)}")
        if found is None:
            return None
        made.append(Section(found.shape, _start(number), found.raw, found.texts))
    return Sections(made[0], tuple(made[1:]), (), outer)


def walked_sections(
    declaration: etree._Element, outer: Sequence[Carried], text: str | None, spaces: str
) -> Sections:
    """Return a declaration that is walked element by element; if it is sound, its shapes are kept by its text."""
    walk = Walk(DECLARATION)
    walk.group(declaration, "Declaration", ROOT, "")
    head, items = _by_item(walk.leaves)
    found = [_section(leaves, start) for leaves, start in ((head, ROOT), *items)]
    parts = _parts(text, spaces) if text is not None and not walk.findings else None
    if parts is not None and len(parts.sections) == len(found) and (parts.outer is not None) == bool(outer):
        if parts.outer is not None:
            raw = tuple(one.text for one in outer)
            _OUTER.learn(
                parts.outer, spaces, Known(OuterShape(outer), raw, tuple(text.strip() for text in raw))
            )
        for number, (part, section) in enumerate(zip(parts.sections, found, strict=True)):
            sound = Known(section.shape, tuple(section.raw), tuple(section.texts))
            _SHAPES.learn(part, f"{parts.spaces} {bool(number)}", sound)
    return Sections(found[0], tuple(found[1:]), tuple(walk.findings), tuple(outer))


def outer_of(record: etree._Element) -> tuple[etree._Element | None, list[Carried]]:
    """Return the declaration in MetaData or alone, null for none, and what stands around it."""
    if name_of(str(record.tag)) != "MetaData":
        return record, []
    declaration, outer = None, []
    for child in record:
        name = name_of(str(child.tag))
        if name == "Declaration":
            declaration = child
        elif not len(child):
            outer.append(Carried(f"/MetaData/{name}", child.text or ""))
    return declaration, outer


def _start(number: int) -> str:
    if number == 0:
        return ROOT
    return _ITEM_ROOT if number == 1 else f"{_ITEM_ROOT}[{number}]"


def _parts(text: str, spaces: str) -> _Parts | None:
    begin = _INNER.search(text)
    if begin is None:
        return None
    outer = None
    if begin.start():
        close = f"</{begin[1]}>"
        declaration, end, after = text[begin.start() :].partition(close)
        head, tail = cut(text[: begin.start()]), cut(after)
        outer = plain_cut(Cut(f"{head.tags}><>{tail.tags}", [*head.texts, *tail.texts]))
        if outer is None:
            return None
        text, spaces = declaration + end, f"{spaces} {head.tags}"
    sections = sectioned(text, _ITEM_NAME, _MOST_ITEMS)
    if sections is None:
        return None
    return _Parts(outer, spaces, sections)


def _section(leaves: Sequence[Leaf], start: str) -> Section:
    raw = [leaf.text for leaf in leaves]
    return Section(SectionShape(leaves, start), start, raw, [text.strip() for text in raw])


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


def forget() -> None:
    """Forget every shape."""
    _SHAPES.clear()
    _OUTER.clear()


__all__ = ["Section", "Sections", "Take", "Taking", "forget", "known_sections", "outer_of", "walked_sections"]
