"""Writing a message: consignments as inventories, documents of every kind, what was carried put back."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from greenlane.messages.ceb import findings as codes
from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.elements import KINDS, TRANSFER, TRANSFER_REQUIRED, Field, Kind
from greenlane.messages.ceb.inventory import HEAD, ITEM, MASS, consignment_of, nested
from greenlane.messages.ceb.tree import Leaves, xml_of
from greenlane.messages.ceb.turning import NOT_XML, to_customs
from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Place, Written
from greenlane.messages.tabled import parted
from greenlane.values.errors import UsageError
from greenlane.values.money import Rounding, divide, format_scaled

_SPACE: Final = uuid.UUID("6f0e5f0c-0d9b-5d0c-8a5a-6f1d1f6f1c7e")
"""Namespace of the numbers that are made from a consignment's id, always the same for the same id."""
_DEFAULTS: Final = {"appType": "1", "appStatus": "1", "ieFlag": "I", "orderType": "I"}
_DECIMALS: Final = 5
_PIECES: Final = "007"
"""Unit of customs for C62, which an item without a unit has by the contract."""


def write(consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str) -> Written:
    """Write an inventory message of consignments, or any message again from what was carried.

    Args:
        consignments: Objects of the contract; none for a message that holds no inventory.
        carried: What reading the message carried; its documents are those of *consignments* in turn.
        header: Elements that no consignment holds (``appTime``, ``customsCode``, ``gmodel`` …), the same for
            every document, and those of BaseTransfer (``copCode`` …); ``message`` is the guid of the whole. What
            was carried counts first.
    Raises:
        UsageError: As many consignments as documents were carried, none given and none carried, or a header
            that the message has no element for.
    Example:
        >>> written = write([{"consignment_id": "A1", "incoterm": "DDP", "items": []}], appTime="20260702120000")
        >>> [lost.place.path for lost in written.lost if lost.code == "messages.ceb.not_expressed"]
        ['/incoterm']
    """
    kind = _kind_of(carried)
    groups = _groups(carried, kind)
    if kind.number != "621" and consignments:
        raise UsageError(f"consignments are written as inventories, and {kind.root} was carried")
    if not consignments and not groups:
        raise UsageError("nothing to write: neither a consignment nor what was carried")
    if groups and kind.number == "621" and len(groups) != len(consignments):
        raise UsageError(f"{len(groups):,} documents were carried for {len(consignments):,} consignments")
    known = {*kind.head, *kind.items, *TRANSFER, "message"}
    if strange := sorted(set(header) - known):
        raise UsageError(f"{kind.root} has no element {strange[0]!r}")
    leaves: Leaves = {}
    lost: list[ForeignFinding] = []
    if kind.number != "621":
        for group in groups:
            leaves |= {one.path: (one.text, one.attributes) for one in group}
    for number, consignment in enumerate(consignments):
        draft = _Inventory(number, consignment, groups[number] if groups else (), header)
        leaves |= draft.leaves
        lost += draft.lost
    lost += _envelope(leaves, carried, kind, header, groups)
    return Written(xml_of(leaves, kind), tuple(lost))


def write_documents(
    documents: Sequence[Document], transfer: Mapping[str, str], message: str | None = None
) -> Written:
    """Write documents of one kind, replies too, as they are.

    Args:
        documents: At least one, all of one kind.
        transfer: Elements of BaseTransfer; a reply may do without.
        message: Guid of the message; that of the first document where none is given.
    """
    kinds = {document.kind for document in documents}
    if len(kinds) != 1:
        raise UsageError("a message holds documents of one kind, at least one")
    kind = KINDS[kinds.pop()]
    leaves: Leaves = {}
    lost: list[ForeignFinding] = []
    for number, document in enumerate(documents, 1):
        path = _numbered(f"/{kind.root}/{kind.business}", number)
        placed = Document(document.kind, path, document.head, document.items)
        parts: list[tuple[Document, int | None, Mapping[str, Field], Mapping[str, str]]]
        parts = [(placed, None, kind.head, document.head)]
        parts += [(placed, place, kind.items, item) for place, item in enumerate(document.items, 1)]
        for at, item, table, texts in parts:
            for name, text in texts.items():
                where = at.place(name, item)
                if name in table and text and table[name].fits(text) and not NOT_XML.search(text):
                    leaves[where] = (text, ())
                elif text:
                    lost.append(_lost(where, text, number - 1))
            lost += _missing(leaves, at, item, table, number - 1)
    header = {"message": message or documents[0].get("guid"), **transfer}
    lost += _envelope(leaves, (), kind, header, ())
    return Written(xml_of(leaves, kind), tuple(lost))


def _kind_of(carried: Sequence[Carried]) -> Kind:
    if not carried:
        return KINDS["621"]
    root = carried[0].path.strip("/").partition("/")[0]
    found = next((kind for kind in KINDS.values() if kind.root == root), None)
    if found is None:
        raise UsageError("what was carried is not of a CEB message")
    return found


def _groups(carried: Sequence[Carried], kind: Kind) -> list[list[Carried]]:
    """Part what was carried by document, in the order of the documents."""
    found: dict[int, list[Carried]] = {}
    for one in carried:
        _, *steps = one.path.strip("/").split("/")
        name, number = parted(steps[0]) if steps else ("", 0)
        if name == kind.business:
            found.setdefault(number, []).append(one)
    return [found[number] for number in sorted(found)]


class _Inventory:
    """One consignment as the leaves of an inventory, and what they can't express."""

    def __init__(
        self, number: int, consignment: Consignment, carried: Sequence[Carried], header: Mapping[str, str]
    ) -> None:
        self._number = number
        self._kind = KINDS["621"]
        self._wanted = dict(_flat(consignment))
        self._items = len(consignment.get("items") or ())
        self._path = _numbered(f"/{self._kind.root}/{self._kind.business}", number + 1)
        self._fresh = not carried
        self.leaves: Leaves = dict(self._restored(carried))
        self.lost: list[ForeignFinding] = []
        self._fill()
        self._complete(header)
        self._compare()

    def _restored(self, carried: Sequence[Carried]) -> Iterator[tuple[str, Any]]:
        """Give back what was carried, and what the consignment still holds."""
        for one in carried:
            _, _, *steps = one.path.strip("/").split("/")
            line = None
            if steps and parted(steps[0])[0] == self._kind.item_name:
                line = parted(steps[0])[1]
                if line > self._items:
                    continue
            path = "/".join((self._path, *steps))
            if one.held is None:
                yield path, (one.text, one.attributes)
                continue
            known = self._known(path, line)
            value = self._wanted.get(self._name(one.held, line))
            text = None if value is None else to_customs(known.how, str(value))
            if text is not None and known.fits(text):
                yield path, (text, one.attributes)

    def _known(self, path: str, line: int | None) -> Field:
        table = self._kind.head if line is None else self._kind.items
        return table[path.rpartition("/")[2]]

    @staticmethod
    def _name(field: str, line: int | None) -> str:
        return field.replace("items.", f"items.{0 if line is None else line - 1}.", 1)

    def _document(self) -> Document:
        """Return what the leaves say now."""
        head: dict[str, str] = {}
        items: list[dict[str, str]] = [{} for _ in range(self._items)]
        at = Document("621", self._path, {})
        for name in self._kind.head:
            if (found := self.leaves.get(at.place(name))) is not None:
                head[name] = found[0].strip()
        for line in range(self._items):
            for name in self._kind.items:
                if (found := self.leaves.get(at.place(name, line + 1))) is not None:
                    items[line][name] = found[0].strip()
        return Document("621", self._path, head, tuple(items))

    def _fill(self) -> None:
        """Write every field that the leaves don't say as it is wanted."""
        document = self._document()
        said = dict(_flat(nested(consignment_of(document))))
        for known in HEAD:
            self._put(known, known.field, document.place(known.name), said)
        for line in range(1, self._items + 1):
            for known in ITEM:
                self._put(known, self._name(known.field, line), document.place(known.name, line), said)
        for known in MASS:
            name = known.field.removeprefix("items.")
            parts = [self._wanted.get(f"items.{line}.{name}") for line in range(self._items)]
            told = [Fraction(str(part)) for part in parts if part is not None]
            place = document.place(known.name)
            if self._items == 1:
                self._put(known, f"items.0.{name}", place, said)
            elif self._fresh and told and len(told) == self._items:
                self._set(known, place, _decimal(sum(told, Fraction())))

    def _put(self, known: Field, field: str, path: str, said: Mapping[str, Any]) -> None:
        value = self._wanted.get(field)
        if said.get(field) == value:
            return
        if value is None:
            self.leaves.pop(path, None)
        elif (text := to_customs(known.how, str(value))) is not None:
            self._set(known, path, text)

    def _set(self, known: Field, path: str, text: str) -> None:
        if known.fits(text) and not NOT_XML.search(text):
            self.leaves[path] = (text, self.leaves.get(path, ("", ()))[1])

    def _complete(self, header: Mapping[str, str]) -> None:
        """Write what the message needs beyond the consignment, and tell what nobody says."""
        at = self._document()
        given = {**_DEFAULTS, **header}
        given.setdefault("guid", str(uuid.uuid5(_SPACE, str(self._wanted.get("consignment_id")))).upper())
        if self._fresh:
            for name, known in self._kind.head.items():
                if name in given and at.place(name) not in self.leaves:
                    self._set(known, at.place(name), given[name])
            for line in range(1, self._items + 1):
                told = {name: text for name, text in header.items() if name not in self._kind.head}
                texts = {**told, "gnum": str(line), "currency": "142", "unit": _PIECES, **self._price(line)}
                for name, known in self._kind.items.items():
                    if name in texts and at.place(name, line) not in self.leaves:
                        self._set(known, at.place(name, line), texts[name])
        self.lost += _missing(self.leaves, at, None, self._kind.head, self._number)
        for line in range(1, self._items + 1):
            self.lost += _missing(self.leaves, at, line, self._kind.items, self._number)

    def _price(self, line: int) -> dict[str, str]:
        """Return the price of one unit, to five decimals; the price of the line is what counts."""
        value, quantity = (self._wanted.get(f"items.{line - 1}.{name}") for name in ("value", "quantity"))
        if value is None or quantity is None or not Fraction(str(quantity)):
            return {}
        unit = Fraction(str(value)) / Fraction(str(quantity))
        return {"price": _decimal(unit)}

    def _compare(self) -> None:
        """Tell each field that reading the message would not give back."""
        said = dict(_flat(nested(consignment_of(self._document()))))
        for name, value in self._wanted.items():
            if said.get(name) != value and not (name.endswith(".item_id") and name not in said):
                self.lost.append(_lost(f"/{name.replace('.', '/')}", str(value), self._number))


def _decimal(value: Fraction) -> str:
    """Write to five decimals, rounded half up, without zeros at the end.

    Example:
        >>> _decimal(Fraction(10, 3)), _decimal(Fraction(40))
        ('3.33333', '40')
    """
    scaled = divide(value.numerator * 10**_DECIMALS, value.denominator, Rounding.HALF_UP)
    return format_scaled(scaled, _DECIMALS).rstrip("0").rstrip(".")


def _envelope(
    leaves: Leaves,
    carried: Sequence[Carried],
    kind: Kind,
    header: Mapping[str, str],
    groups: Sequence[Sequence[Carried]],
) -> Iterator[ForeignFinding]:
    """Put the envelope around the documents; tell what is missing of it."""
    inside = {id(one) for group in groups for one in group}
    for one in carried:
        if id(one) in inside:
            continue
        if one.path == f"/{kind.root}/Signature":
            place, words = Place(one.path), "the signature of what was read doesn't hold for what is written"
            yield ForeignFinding(codes.LOST, place, words)
            continue
        leaves[one.path] = (one.text, one.attributes)
    top = f"/{kind.root}"
    attributes = dict(leaves.get(top, ("", ()))[1])
    attributes.setdefault("version", "1.0")
    guid = header.get("message") or _first_guid(leaves, kind)
    if guid:
        attributes.setdefault("guid", guid)
    leaves[top] = ("", tuple(sorted(attributes.items())))
    given = {"dxpMode": "DXP", **header} if kind.declares else header
    for name in TRANSFER:
        if name in given and (name != "note" or "copCode" in given):
            leaves.setdefault(f"{top}/BaseTransfer/{name}", (given[name], ()))
    for name in TRANSFER_REQUIRED if kind.declares else ():
        if f"{top}/BaseTransfer/{name}" not in leaves:
            yield ForeignFinding(
                codes.MISSING, Place(f"{top}/BaseTransfer/{name}"), "expected a value, nothing was given"
            )


def _first_guid(leaves: Leaves, kind: Kind) -> str:
    at = Document(kind.number, f"/{kind.root}/{kind.business}", {})
    return leaves.get(at.place("guid"), ("", ()))[0].strip()


def _missing(
    leaves: Leaves, at: Document, item: int | None, table: Mapping[str, Field], number: int
) -> Iterator[ForeignFinding]:
    mode = leaves.get(at.place("tradeMode"), ("", ()))[0].strip()
    for name, known in table.items():
        path = at.place(name, item)
        if not known.required or leaves.get(path, ("", ()))[0].strip():
            continue
        if known.required in ("always", mode):
            code = codes.MISSING if known.required == "always" else codes.MODE_MISSING
            yield ForeignFinding(code, Place(path), "expected a value, nothing was given", number)


def _lost(path: str, value: str, number: int) -> ForeignFinding:
    return ForeignFinding(codes.LOST, Place(path), f"the message cannot hold it ({shape_of(value)})", number)


def _flat(consignment: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in consignment.items():
        if value is None:
            continue
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{name}.")
        elif name == "items" and not before:
            for place, item in enumerate(value):
                yield from _flat(item, f"items.{place}.")
        else:
            yield f"{before}{name}", value


def _numbered(path: str, number: int) -> str:
    return path if number == 1 else f"{path}[{number}]"
