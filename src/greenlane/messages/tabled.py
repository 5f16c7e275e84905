"""XML messages by a table of what stands in what, how often, in which form.

Reading finds every fault at once; writing keeps the order of the table.

A family keeps its table as a CSV file (facts of the format) and says with which codes faults are reported. The columns
used here: ``messages`` (the kinds that a row holds for, or ``@name`` for a part that several places share), ``path``
below the root, ``form`` (empty: a group; ``@name``: a group that holds the shared part), ``least`` and ``most`` (0: any
number), ``wco``. Forms: ``an..35`` (up to 35 characters), ``an``/``a``/``n`` with a length (exactly so many characters,
letters, digits), ``n..16,3`` (a number of 16 digits, 3 of them decimals), ``utc`` (a moment to the second, in UTC).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from lxml import etree

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.messages.xml import BOUNDS

Attributes = tuple[tuple[str, str], ...]
Leaves = dict[str, tuple[str, Attributes]]
"""Text and attributes by path, repeats counted from 1."""

NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no way to write."""
MOST_FINDINGS: Final = 1_000
"""Findings that one part of a message gets; what has more is refused."""
LONGEST_KNOWN: Final = 300
"""Characters of the names that are remembered from one message to the next."""
_FORM = re.compile(r"(an|a|n)(\.\.)?(\d+)(?:,(\d+))?")
_NUMBER = re.compile(r"(\d*)(?:\.(\d*))?", re.ASCII)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SIGNS: Final = {"an": "characters", "a": "letters", "n": "digits"}


@dataclass(frozen=True, slots=True)
class Element:
    """One element where it may stand. ``path`` is below the root and has no numbers."""

    path: str
    order: int
    form: str
    least: int
    most: int
    row: Mapping[str, str]
    fits: Callable[[str], bool] | None

    @property
    def group(self) -> bool:
        """Whether it holds elements instead of text."""
        return self.fits is None

    @property
    def wco(self) -> str | None:
        """Id in the WCO Data Model."""
        return self.row.get("wco") or None

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        return expected(self.form)


@dataclass(frozen=True, slots=True)
class Codes:
    """The finding codes of a family for the faults that a table finds."""

    unknown: str
    repeated: str
    form: str
    missing: str


class Leaf(NamedTuple):
    """An element without elements in it: its path with numbers from the root, and below the root without."""

    path: str
    plain: str
    text: str
    attributes: Attributes


class Table:
    """The elements of one kind of message.

    ``inner`` is the namespace of everything below the children of a root that has a namespace; null: the root's own.
    """

    def __init__(
        self,
        kind: str,
        root: str,
        rows: Sequence[Mapping[str, str]],
        codes: Codes,
        inner: str | None = None,
    ) -> None:
        self.inner = inner
        self.kind = kind
        self.root = root
        self.codes = codes
        self.elements: dict[str, Element] = {}
        self.children: dict[str, dict[str, Element]] = {}
        shared: dict[str, list[Mapping[str, str]]] = {}
        for row in rows:
            if row["messages"].startswith("@"):
                shared.setdefault(row["messages"], []).append(row)
        for row in rows:
            if kind in row["messages"].split():
                self._add(row["path"], row)
                for part in shared.get(row["form"], ()):
                    self._add(f"{row['path']}/{part['path']}", part)

    def _add(self, path: str, row: Mapping[str, str]) -> None:
        form = "" if row["form"].startswith("@") else row["form"]
        fits = fitting(form) if form else None
        made = Element(path, len(self.elements), form, int(row["least"]), int(row["most"]), row, fits)
        parent, _, name = path.rpartition("/")
        if path in self.elements or (parent and parent not in self.elements):
            raise ValueError(f"{self.kind}: {path} stands twice or without what it stands in")
        self.elements[path] = made
        self.children.setdefault(parent, {})[name] = made

    def wco(self, path: str) -> str | None:
        """Return the id of what stands at *path*, with numbers and root.

        A leaf without an id of its own has none.
        """
        found = self.elements.get(plain(path))
        return None if found is None else found.wco

    def required(self, group: str) -> Iterator[str]:
        """Give the leaves that every *group* needs, those of its needed groups too."""
        for name, element in self.children.get(group, {}).items():
            if element.least:
                path = f"{group}/{name}" if group else name
                if element.group:
                    yield from self.required(path)
                else:
                    yield path


class Walk:
    """Goes once through a part of a message: its leaves, and everything that the table doesn't allow."""

    def __init__(self, table: Table, consignment: int | None = None) -> None:
        self._table = table
        self._consignment = consignment
        self.leaves: list[Leaf] = []
        self.findings: list[ForeignFinding] = []

    def group(
        self, element: etree._Element, path: str, below: str, counted: Mapping[str, int] | None = None
    ) -> None:
        """Collect what stands in *element*.

        Args:
            element: A group.
            path: Its path with numbers, from the root.
            below: The same below the root, without numbers.
            counted: Children that are read elsewhere, with their number.
        """
        namespace, _ = split(str(element.tag))
        if below and namespace and self._table.inner:
            namespace = self._table.inner
        shape = self._table.children.get(below, {})
        counts: dict[str, int] = dict(counted or {})
        empty: dict[str, int] = {}
        mixed = element.text is not None and not element.text.isspace()
        for child in element:
            space, name = split(str(child.tag))
            mixed = mixed or (child.tail is not None and not child.tail.isspace())
            if counted and name in counted:
                continue
            counts[name] = number = counts.get(name, 0) + 1
            where = numbered(f"{path}/{name}", number)
            known = shape.get(name)
            if known is None or space != namespace:
                self._say(self._table.codes.unknown, path, f"line {child.sourceline}: no such element here")
                self._keep(child, where, f"{below}/{name}")
                continue
            if known.most and number == known.most + 1:
                self._say(
                    self._table.codes.repeated,
                    where,
                    f"line {child.sourceline}: expected {known.most:,} at most",
                )
            if known.group:
                if child.attrib:
                    self.leaves.append(Leaf(where, known.path, "", _attributes(child)))
                self.group(child, where, known.path)
                continue
            if len(child):
                self._say(
                    self._table.codes.form, where, f"line {child.sourceline}: expected text, elements came"
                )
                self._keep(child, where, known.path)
                continue
            text = child.text or ""
            self.leaves.append(Leaf(where, known.path, text, _attributes(child)))
            if not text.strip():
                empty[name] = empty.get(name, 0) + 1
            elif known.fits is not None and not known.fits(text.strip()):
                self._say(
                    self._table.codes.form,
                    where,
                    f"line {child.sourceline}: expected {known.expected}, got {shape_of(text.strip())}",
                )
        if mixed:
            self._say(
                self._table.codes.form, path, f"line {element.sourceline}: expected elements, text came"
            )
        if empty:
            counts = {name: number - empty.get(name, 0) for name, number in counts.items()}
        self._missing(path, shape, counts)

    def _missing(self, path: str, shape: Mapping[str, Element], counts: Mapping[str, int]) -> None:
        for name, known in shape.items():
            came = counts.get(name, 0)
            if came >= known.least:
                continue
            if came:
                self._say(
                    self._table.codes.missing,
                    f"{path}/{name}",
                    f"expected {known.least} at least, {came} came",
                )
                continue
            wanted = list(self._table.required(known.path)) if known.group else []
            for below in wanted or [known.path]:
                tail = below[len(known.path) :]
                self._say(self._table.codes.missing, f"{path}/{name}{tail}", "expected it, nothing came")

    def _keep(self, element: etree._Element, path: str, below: str) -> None:
        if not len(element):
            self.leaves.append(Leaf(path, below, element.text or "", _attributes(element)))
            return
        counts: dict[str, int] = {}
        for child in element:
            name = etree.QName(child).localname
            counts[name] = counts.get(name, 0) + 1
            self._keep(child, numbered(f"{path}/{name}", counts[name]), f"{below}/{name}")

    def _say(self, code: str, path: str, message: str) -> None:
        if len(self.findings) > MOST_FINDINGS:
            return
        if len(self.findings) == MOST_FINDINGS:
            code, message = BOUNDS, "more findings than are listed"
        place = Place(path, self._table.wco(path))
        self.findings.append(ForeignFinding(code, place, message, self._consignment))


class _Node:
    __slots__ = ("attributes", "children", "text")

    def __init__(self) -> None:
        self.text = ""
        self.attributes: Attributes = ()
        self.children: dict[tuple[str, int], _Node] = {}


def element_of(leaves: Leaves, table: Table, namespace: str | None = None) -> etree._Element:
    """Build a message from its leaves, in the order of the table; what the table doesn't know stands last."""
    top = _Node()
    for path, (text, attributes) in leaves.items():
        _, *steps = path.strip("/").split("/")
        node = top
        for step in steps:
            node = node.children.setdefault(parted(step), _Node())
        node.text, node.attributes = text, attributes
    names: dict[str | None, str] = {None: namespace} if namespace else {}
    if namespace and table.inner:
        names["ram"] = table.inner
    root = etree.Element(_tag(table.root, namespace), dict(top.attributes), nsmap=names)
    _fill(root, top, "", table, namespace)
    return root


def _fill(element: etree._Element, node: _Node, below: str, table: Table, namespace: str | None) -> None:
    shape = table.children.get(below, {})
    if below and namespace and table.inner:
        namespace = table.inner

    def place(key: tuple[str, int]) -> tuple[int, str, int]:
        known = shape.get(key[0])
        return (len(table.elements), key[0], key[1]) if known is None else (known.order, "", key[1])

    for key in sorted(node.children, key=place):
        child = node.children[key]
        made = etree.SubElement(element, _tag(key[0], namespace), dict(child.attributes))
        if child.children:
            _fill(made, child, f"{below}/{key[0]}" if below else key[0], table, namespace)
        else:
            made.text = child.text or None


def _tag(name: str, namespace: str | None) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _attributes(element: etree._Element) -> Attributes:
    held = element.attrib
    return tuple(sorted((str(name), str(value)) for name, value in held.items())) if held else ()


def split(tag: str) -> tuple[str | None, str]:
    """Part a tag into namespace and name; what is long is nobody's usual name and not remembered.

    Example:
        >>> split("{urn:x}a"), split("a")
        (('urn:x', 'a'), (None, 'a'))
    """
    return _split(tag) if len(tag) < LONGEST_KNOWN else _split.__wrapped__(tag)


@lru_cache(maxsize=4096)
def _split(tag: str) -> tuple[str | None, str]:
    space, _, name = tag.rpartition("}")
    return space[1:] or None, name


def parted(step: str) -> tuple[str, int]:
    """Part a step of a path into name and number.

    Example:
        >>> parted("goodsItem[2]"), parted("goodsItem")
        (('goodsItem', 2), ('goodsItem', 1))
    """
    name, given, number = step.removesuffix("]").partition("[")
    return name, int(number) if given else 1


def numbered(path: str, number: int) -> str:
    """Add the number of a repeat; the first has none."""
    return path if number == 1 else f"{path}[{number}]"


def plain(path: str) -> str:
    """Return a path below the root, without numbers.

    Example:
        >>> plain("/IE3F43/consignmentHouseLevel[7]/goodsItem[2]/weight")
        'consignmentHouseLevel/goodsItem/weight'
    """
    return re.sub(r"\[\d+\]", "", path).strip("/").partition("/")[2]


def fitting(form: str) -> Callable[[str], bool]:
    """Return the check of a form.

    Example:
        >>> fitting("n..16,2")("12.50"), fitting("an4")("N75"), fitting("utc")("2026-07-02T12:00:00Z")
        (True, False, True)
    """
    if form == "utc":
        return _is_moment
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(f"form {form!r}")
    kind, up_to, longest, decimals = found.groups()
    most = int(longest)
    if decimals is not None:
        return _number(most, int(decimals))
    if kind == "an":
        return lambda text: 0 < len(text) <= most and (bool(up_to) or len(text) == most)
    shape = re.compile(usual(form), re.ASCII)
    return lambda text: shape.fullmatch(text) is not None


def usual(form: str) -> str:
    """Return a pattern such that what it takes is of a form; empty if there is none. Other texts may be of it too.

    Example:
        >>> usual("a2"), usual("n..16,2"), usual("utc")
        ('[A-Za-z]{2,2}', '[0-9]{1,14}(?:[.][0-9]{0,2})?', '')
    """
    found = _FORM.fullmatch(form)
    if found is None:
        return ""
    kind, up_to, longest, decimals = found.groups()
    most = int(longest)
    if decimals is not None:
        return f"[0-9]{{1,{most - int(decimals)}}}(?:[.][0-9]{{0,{decimals}}})?"
    signs = {"a": "A-Za-z", "n": "0-9", "an": r"^\0"}[kind]
    return f"[{signs}]{{{1 if up_to else most},{most}}}"


def _number(most: int, decimals: int) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        found = _NUMBER.fullmatch(text)
        if found is None or not (found[1] or found[2]):
            return False
        whole, part = (found[1] or "").lstrip("0"), (found[2] or "").rstrip("0")
        return len(part) <= decimals and len(whole) + len(part) <= most

    return fits


def _is_moment(text: str) -> bool:
    if _UTC.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def expected(form: str) -> str:
    """Say in words what a value of a form has to be.

    Example:
        >>> expected("an..70"), expected("n..16,2"), expected("a2")
        ('1 to 70 characters', 'a number of up to 16 digits, 2 of them decimals', '2 letters')
    """
    if form == "utc":
        return "a moment such as 2026-07-02T12:00:00Z"
    found = _FORM.fullmatch(form)
    if found is None:
        return "elements"
    kind, up_to, longest, decimals = found.groups()
    if decimals is not None:
        return f"a number of up to {longest} digits, {decimals} of them decimals"
    return f"{'1 to ' if up_to else ''}{longest} {_SIGNS[kind]}"


def leaves_by_plain(leaves: Iterable[Leaf]) -> dict[str, list[Leaf]]:
    """Group leaves by their path without numbers."""
    found: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        found.setdefault(leaf.plain, []).append(leaf)
    return found
