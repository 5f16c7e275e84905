"""A consignment of the contract to the fields of a postal item, with what was carried put back where it was."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Place
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.consignments import FOLLOWS, consignment_of, flat
from greenlane.messages.postal.fields import BY_NAME, ROWS, Row, code_of
from greenlane.messages.postal.records import Leaf, Record
from greenlane.messages.postal.turning import ADDRESSES, LISTS, NOT_TEXT, fits, read, same, summed, write
from greenlane.model import BY_COLUMN

_CARRIED: Final = re.compile(r"/item\[([0-9]+)\](?:/piece\[([0-9]+)\])?(?:/([A-Z0-9_]+)|#(.*))", re.DOTALL)
_TOLD_TWICE: Final = {"consignment_id", "transport_document"}

Key = tuple[int | None, str]


def records_of(
    consignments: Sequence[Consignment], carried: Sequence[Carried] = ()
) -> tuple[list[Record], list[ForeignFinding]]:
    """Turn consignments into items, and tell what an item cannot hold.

    Args:
        consignments: Objects of the contract.
        carried: What reading one message carried, for the same consignments in the same order.
    Example:
        >>> _, lost = records_of([{"consignment_id": "RR473124829GB", "gtin": "1", "items": []}])
        >>> lost[0].place.path
        '/gtin'
    """
    own: dict[int, list[tuple[int | None, str, str, Carried]]] = {}
    lost: list[ForeignFinding] = []
    for one in carried:
        found = _CARRIED.fullmatch(one.path)
        if found is None or int(found[1]) > len(consignments):
            lost.append(_lost(one.path, "it was carried, and there is nothing of it to write any more", None))
            continue
        piece = None if found[2] is None else int(found[2]) - 1
        own.setdefault(int(found[1]), []).append((piece, found[3] or "", found[4] or "", one))
    made = []
    for number, consignment in enumerate(consignments, 1):
        writer = _Writer(consignment, number)
        made.append(writer.record(own.get(number, ())))
        lost += writer.lost
    return made, lost


def _lost(path: str, words: str, consignment: int | None) -> ForeignFinding:
    return ForeignFinding(codes.LOST, Place(path), words, consignment)


def not_of_layout(records: Sequence[Record], start: str) -> Iterator[ForeignFinding]:
    """Tell what was carried from a layout whose paths begin otherwise than with *start*."""
    for number, record in enumerate(records):
        for path, _ in record.strange:
            if not start or not path.startswith(start):
                yield _lost(path, "it was carried from another layout", number)


def on_one_line(records: Sequence[Record]) -> Iterator[ForeignFinding]:
    """Put spaces where a value holds line breaks, which EDIFACT has not, and tell each."""
    for number, record in enumerate(records):
        for piece, name, leaf in list(record.leaves()):
            if NOT_TEXT.search(leaf.text):
                _into(record, piece)[name] = Leaf(NOT_TEXT.sub(" ", leaf.text), unit=leaf.unit)
                yield _lost(f"{BY_NAME[name].mark}", "its line breaks became spaces", number)


class _Writer:
    def __init__(self, consignment: Consignment, number: int) -> None:
        self._wanted = {name: value for name, value in flat(consignment) if value is not None}
        self._items = len(consignment.get("items") or ())
        self._number = number
        self.lost: list[ForeignFinding] = []
        self._told: dict[Key, Leaf] = {}

    def record(self, carried: Sequence[tuple[int | None, str, str, Carried]]) -> Record:
        """Make the item; `lost` holds what it cannot hold."""
        self._tell()
        record = Record(pieces=[{} for _ in range(self._items)])
        for piece, name, strange, one in carried:
            if strange:
                record.strange.append((strange, one.text))
            elif name not in BY_NAME or (piece is not None and piece >= self._items):
                self._lose(one.path, "it was carried, and there is nothing of it to write any more")
            elif name not in _ADDRESS_NAMES:
                leaf = self._restored(piece, BY_NAME[name], one)
                if leaf is not None:
                    _into(record, piece)[name] = leaf
        self._addresses(record, carried)
        if not carried:
            self._derive()
        for (piece, name), leaf in self._told.items():
            _into(record, piece).setdefault(name, leaf)
        record.fields = dict(sorted(record.fields.items(), key=_place))
        record.pieces = [dict(sorted(piece.items(), key=_place)) for piece in record.pieces]
        self._compare(record)
        return record

    def _tell(self) -> None:
        """Turn every field that has a place into its text."""
        wanted = self._wanted
        names = [wanted.get("transport_document"), wanted.get("consignment_id")]
        identifier = next((str(name) for name in names if name), "")
        if identifier:
            self._set(None, BY_NAME["ITEM_ID"], identifier)
        if wanted.get("consignment_id") not in (None, identifier):
            self._set(None, BY_NAME["LOCALID"], wanted["consignment_id"])
        for row in ROWS:
            if not row.field or row.field in _TOLD_TWICE or row.how in ("currency", "total_mass", "address"):
                continue
            if row.how == "ioss" and wanted.get("scheme") not in (None, "IOSS"):
                continue
            for piece in range(self._items) if row.group == "piece" else (None,):
                value = wanted.get(_numbered(row.field, piece))
                if (
                    value is not None
                    and (None if row.group != "piece" else piece, row.name) not in self._told
                ):
                    self._set(piece, row, value)
        self._sum("GROSS_WT", "gross_mass_kg")

    def _set(self, piece: int | None, row: Row, value: Any) -> None:
        if not isinstance(value, str) or NOT_TEXT.search(value):
            return
        unit = ""
        if row.how == "quantity":
            unit = self._wanted.get(f"items.{piece}.unit") or ""
        leaf = write(row, value, unit)
        if leaf is None:
            return
        self._told[piece, row.name] = leaf
        currency = self._wanted.get("currency")
        if row.currency and isinstance(currency, str) and not NOT_TEXT.search(currency) and currency:
            self._told[piece, row.currency] = Leaf(currency)

    def _sum(self, name: str, field: str) -> None:
        values = [self._wanted.get(f"items.{place}.{field}") for place in range(self._items)]
        texts = [value for value in values if isinstance(value, str)]
        row = BY_NAME[name]
        if texts and len(texts) == len(values) and all(fits(row, Leaf(text)) for text in texts):
            self._set(None, row, texts[0] if len(texts) == 1 else summed(texts))

    def _derive(self) -> None:
        """Add what a fresh message needs and the contract tells in another way."""
        self._sum("TOT_DECL_VAL", "value")
        identifier = self._told.get((None, "ITEM_ID"), Leaf("")).text
        for name, list_, value in (
            ("MAIL_CATEGORY_CD", "category", self._wanted.get("transport_mode")),
            ("MAIL_CLASS_CD", "class", identifier[:1]),
            ("HANDLING_CLASS_CD", "handling", identifier[:1]),
        ):
            code = code_of(list_, value) if value else None
            if code is not None:
                self._told[None, name] = Leaf(code)

    def _restored(self, piece: int | None, row: Row, one: Carried) -> Leaf | None:
        unit = dict(one.attributes).get("unit", "")
        told = self._told.get((piece, row.name))
        if one.held == FOLLOWS:
            values = [self._wanted.get(f"items.{place}.value") for place in range(self._items)]
            texts = [value for value in values if isinstance(value, str)]
            if len(texts) != len(values) or not all(fits(row, Leaf(text)) for text in texts):
                return None
            total = summed(texts)
            return Leaf(one.text, unit=unit) if same(total, one.text) else Leaf(total)
        if one.held is None:
            carried = Leaf(one.text, unit=unit)
            wanted = self._wanted.get(_numbered(row.field, piece)) if row.field else None
            return carried if told is None or _means_the_same(row, carried, told, wanted) else told
        if row.how in ("mass", "total_mass") and told is not None and unit:
            return write(row, read(row, told) or "", unit)
        if told is not None:
            return told if row.how == "quantity" or told.unit == unit or unit else Leaf(told.text)
        value = self._wanted.get(_numbered(one.held, piece))
        return write(row, value, unit) if isinstance(value, str) and not NOT_TEXT.search(value) else None

    def _addresses(self, record: Record, carried: Sequence[tuple[int | None, str, str, Carried]]) -> None:
        for first, names in ADDRESSES.items():
            kept = {
                name: Leaf(one.text) for piece, name, _, one in carried if piece is None and name in names
            }
            wanted = self._wanted.get(BY_NAME[first].field)
            told = ", ".join(kept[name].text for name in names if name in kept)
            if wanted is None or wanted == told:
                record.fields.update(kept)
            elif isinstance(wanted, str) and not NOT_TEXT.search(wanted):
                record.fields.update(_parted(wanted, names))

    def _compare(self, record: Record) -> None:
        """Read the item back: what doesn't come back is lost, what the message needs and lacks is told."""
        reading = consignment_of(record, self._number)
        held = dict(flat(reading.consignment))
        for name, value in self._wanted.items():
            default = BY_COLUMN.get(re.sub(r"^items\.\d+", "items", name))
            if held.get(name) != value and not (default is not None and default.default == _text(value)):
                self._lose(
                    f"/{name.replace('.', '/')}", f"the message cannot hold it ({shape_of(_text(value))})"
                )
        told = (codes.MISSING, codes.FORM)
        self.lost += [found for found in reading.findings if found.code in told]

    def _lose(self, path: str, words: str) -> None:
        self.lost.append(_lost(path, words, self._number - 1))


_ADDRESS_NAMES: Final = {name for names in ADDRESSES.values() for name in names}


def _means_the_same(row: Row, carried: Leaf, told: Leaf, wanted: Any) -> bool:
    if not fits(row, carried):
        return False
    one, other = read(row, carried), read(row, told)
    if row.how in LISTS:
        return bool(one == wanted)
    return one == other or (one is not None and other is not None and same(one, other))


def _place(one: tuple[str, Leaf]) -> int:
    return BY_NAME[one[0]].order


def _into(record: Record, piece: int | None) -> dict[str, Leaf]:
    return record.fields if piece is None else record.pieces[piece]


def _parted(address: str, names: Sequence[str]) -> Iterator[tuple[str, Leaf]]:
    """Part an address over its fields so that it reads back the same: the last part is the city."""
    parts = address.split(", ")
    if len(parts) < 2 or not all(parts):
        parts = [address]
    else:
        parts = [parts[0], ", ".join(parts[1:-1]), parts[-1]]
    for name, part in zip(names, parts, strict=False):
        if part:
            yield name, Leaf(part)


def _numbered(field: str, piece: int | None) -> str:
    return field if piece is None else field.replace("items.", f"items.{piece}.", 1)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()
