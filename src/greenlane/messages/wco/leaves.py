"""A message as its leaves, and back: the form in which elements are mapped, carried and compared."""

from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.messages.tabled import LONGEST_KNOWN
from greenlane.messages.wco import findings as codes
from greenlane.messages.wco.elements import DECLARATION, RESPONSE, Known, Model, expected, parted

Attributes = tuple[tuple[str, str], ...]
Leaves = dict[str, tuple[str, Attributes]]
"""Text and attributes by path."""


class Leaf(NamedTuple):
    """An element without elements in it.

    ``path`` counts repeats, ``plain`` doesn't and leaves the root out; ``group`` is the path of its parent.
    """

    path: str
    plain: str
    group: str
    text: str
    attributes: Attributes


_NAMES: dict[str, str] = {}
_NOTHING: dict[str, Known] = {}
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_LONGEST_MEMORY = 4_096


def name_of(tag: str) -> str:
    """Return the local name of a tag."""
    name = _NAMES.get(tag)
    if name is None:
        name = tag.rpartition("}")[2]
        if len(_NAMES) < _LONGEST_MEMORY and len(tag) < LONGEST_KNOWN:
            _NAMES[tag] = name
    return name


class Walk:
    """Goes once through a message: collects its leaves and everything that its form offends against."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.leaves: list[Leaf] = []
        self.findings: list[ForeignFinding] = []

    def group(self, element: etree._Element, name: str, path: str, plain: str) -> None:
        """Collect what stands in *element*, which is called *name* and has this path."""
        shape = self._model.known.get(name, _NOTHING)
        last = 0
        counts: dict[str, int] = {}
        if len(element) and (element.text or "").strip():
            self._say(codes.FORM, path, f"line {element.sourceline}: expected elements, text came")
        for child in element:
            if child.tail is not None and child.tail.strip():
                self._say(codes.FORM, path, f"line {child.sourceline}: expected elements, text came")
            tag = str(child.tag)
            own = _NAMES.get(tag) or name_of(tag)
            number = counts.get(own, 0) + 1
            counts[own] = number
            where = f"{path}/{own}" if number == 1 else f"{path}/{own}[{number}]"
            below = f"{plain}/{own}" if plain else own
            known = shape.get(own)
            if known is None:
                self._say(
                    codes.UNKNOWN, path, f"line {child.sourceline}: no element of this name stands here"
                )
            else:
                if known.order < last:
                    self._say(
                        codes.ORDER, where, f"line {child.sourceline}: expected before what stands before it"
                    )
                last = known.order
                if known.most and number == known.most + 1:
                    self._say(
                        codes.REPEATED, where, f"line {child.sourceline}: expected {known.most} at most"
                    )
            if len(child):
                self.group(child, own, where, below)
                continue
            text = child.text or ""
            if known is not None and known.fits is not None and text and not known.fits(text.strip()):
                self._say(
                    codes.FORM,
                    where,
                    f"line {child.sourceline}: expected {expected(known)}, got {shape_of(text.strip())}",
                )
            held = child.attrib
            self.leaves.append(Leaf(where, below, path, text, tuple(sorted(held.items())) if held else ()))

    def _say(self, code: str, path: str, message: str) -> None:
        self.findings.append(ForeignFinding(code, Place(path, self._model.wco(path)), message))


class _Node:
    __slots__ = ("attributes", "children", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.attributes: Attributes = ()
        self.children: dict[tuple[str, int], _Node] = {}


def element_of(leaves: Iterable[tuple[str, str, Attributes]], model: Model) -> etree._Element:
    """Build the message from paths, texts and attributes, in the order of the schema.

    The second declaration of a response holds what customs has corrected: it is one of the declaration's namespace.

    Args:
        leaves: All below one root, in any order; of two with one path the later counts.
        model: What names and orders the elements.
    """
    root = _Node()
    for path, text, attributes in leaves:
        _, *steps = path.strip("/").split("/")
        node = root
        for step in steps:
            node = node.children.setdefault(parted(step), _Node())
        node.text, node.attributes = text, attributes
    top = next(iter(model.known[""]))
    made = etree.Element(f"{{{model.namespace}}}{top}", nsmap={None: model.namespace, "ds": model.types})
    _fill(made, top, root, model)
    return made


def _fill(element: etree._Element, name: str, node: _Node, model: Model) -> None:
    shape = model.known.get(name, _NOTHING)

    def place(of: tuple[str, int]) -> tuple[int, int]:
        known = shape.get(of[0])
        return (1 << 30 if known is None else known.order, of[1])

    for key in sorted(node.children, key=place):
        child = node.children[key]
        inner = DECLARATION if model is RESPONSE and key == ("Declaration", 2) else model
        own = model.types if key[0] == "DateTimeString" else inner.namespace
        made = etree.SubElement(element, f"{{{own}}}{key[0]}", dict(child.attributes))
        if child.children:
            _fill(made, key[0], child, inner)
        else:
            made.text = child.text or None
