"""From paths to XML: elements in the order of the table, strangers after them, namespaces as they came."""

from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from greenlane.messages.ceb.elements import NAMESPACE, TRANSFER, Kind
from greenlane.messages.ceb.reading import XMLNS
from greenlane.messages.tabled import parted

Attributes = tuple[tuple[str, str], ...]
Leaves = dict[str, tuple[str, Attributes]]
"""Text and attributes by path."""
_LAST: Final = 1 << 30


class _Node:
    __slots__ = ("attributes", "children", "text")

    def __init__(self) -> None:
        self.text = ""
        self.attributes: Attributes = ()
        self.children: dict[tuple[str, int], _Node] = {}


def xml_of(leaves: Leaves, kind: Kind) -> bytes:
    """Write the message of *leaves*, all of which stand below the root of *kind*."""
    top = _Node()
    for path, (text, attributes) in leaves.items():
        _, *steps = path.strip("/").split("/")
        node = top
        for step in steps:
            node = node.children.setdefault(parted(step), _Node())
        node.text, node.attributes = text, attributes
    root = etree.Element(f"{{{NAMESPACE}}}{kind.root}", nsmap={None: NAMESPACE})
    _fill(root, top, _orders(kind))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _orders(kind: Kind) -> Mapping[str, Mapping[str, int]]:
    """Return the place of each element among its siblings, by the name of its parent."""
    head = {name: known.order for name, known in kind.head.items()}
    return {
        kind.root: {kind.business: 0, "BaseTransfer": 1},
        kind.business: {kind.head_name: 0, kind.item_name: 1} if kind.head_name else head,
        kind.head_name: head,
        kind.item_name: {name: known.order for name, known in kind.items.items()},
        "BaseTransfer": _places(TRANSFER),
    }


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _fill(element: etree._Element, node: _Node, orders: Mapping[str, Mapping[str, int]]) -> None:
    for name, value in node.attributes:
        if name != XMLNS:
            element.set(name, value)
    element.text = node.text or None
    base = etree.QName(element).namespace
    order = orders.get(etree.QName(element).localname, {})

    def place(key: tuple[str, int]) -> tuple[int, str, int]:
        name, number = key
        return (order[name], "", number) if name in order else (_LAST, name, number)

    for key in sorted(node.children, key=place):
        child = node.children[key]
        own = next((value for name, value in child.attributes if name == XMLNS), base)
        made = etree.SubElement(element, f"{{{own}}}{key[0]}" if own else key[0])
        _fill(made, child, orders)
