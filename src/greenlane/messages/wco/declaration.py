"""Reading a declaration: XML to consignments of the contract, everything else carried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO, Final

from lxml import etree

from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Message, Place
from greenlane.messages.wco import findings as codes
from greenlane.messages.wco.elements import DECLARATION
from greenlane.messages.wco.leaves import Attributes, Leaf, Walk, name_of
from greenlane.messages.wco.mapping import IN_PRICE, ITEM, MODES, PLACE, ROOT, ROWS, Row
from greenlane.messages.xml import USUAL, Bounds, XmlRefused, records

FORMAT: Final = "wco-dm36"
_ITEM_ROOT: Final = f"{ROOT}/{ITEM}"
_HEAD_ROWS: Final = tuple(row for row in ROWS if row.field and not row.of_item)
_ITEM_ROWS: Final = tuple(row for row in ROWS if row.field and row.of_item)
_REQUIRED: Final = tuple(row for row in ROWS if row.required)
_PRICES: Final = ("Commodity/InvoiceLine/ItemChargeAmount", "CustomsValueAmount")


@dataclass(frozen=True, slots=True)
class Header:
    """What a declaration says of itself: function, type (IMA … COR, GPR), its own and the customs' reference."""

    function: str
    type: str
    reference: str
    mrn: str


def read(data: bytes, received: date | None = None, bounds: Bounds = USUAL) -> Message:
    """Read one declaration, in MetaData or alone. What is wrong with it is in the findings, all at once.

    Args:
        data: The XML.
        received: Declaration date where the message tells none.
        bounds: How much XML is read.
    Example:
        >>> [found.place.path for found in read(b"<Declaration/>").findings][:2]
        ['/Declaration/GoodsShipment/GovernmentAgencyGoodsItem', '/Declaration/FunctionalReferenceID']
    """
    found = list(stream(BytesIO(data), received, bounds))
    if len(found) == 1:
        return found[0]
    return _nothing(
        ForeignFinding(codes.NOT_WCO, Place("/"), f"expected one declaration, {len(found):,} came")
    )


def stream(source: BinaryIO, received: date | None = None, bounds: Bounds = USUAL) -> Iterator[Message]:
    """Read the declarations of a source one after the other, whatever element wraps them, in flat memory.

    A source that is refused ends with a message that holds the refusal.
    """
    seen = False
    try:
        for element in records(source, ("{*}MetaData", "{*}Declaration"), bounds):
            seen = True
            yield message_of(element, received)
    except XmlRefused as refused:
        yield _nothing(refused.finding)
        return
    if not seen:
        yield _nothing(ForeignFinding(codes.NOT_WCO, Place("/"), "expected MetaData or Declaration"))


def _nothing(finding: ForeignFinding) -> Message:
    return Message(FORMAT, "DEC", "", (), (), (finding,))


def message_of(element: etree._Element, received: date | str | None) -> Message:
    """Turn one MetaData or Declaration into a message."""
    outer: list[Carried] = []
    declaration: etree._Element | None = element
    if name_of(str(element.tag)) == "MetaData":
        declaration = None
        for child in element:
            name = name_of(str(child.tag))
            if name == "Declaration":
                declaration = child
            elif not len(child):
                outer.append(Carried(f"/MetaData/{name}", child.text or ""))
    if declaration is None:
        return _nothing(ForeignFinding(codes.NOT_WCO, Place("/MetaData"), "expected a Declaration in it"))
    walk = Walk(DECLARATION)
    walk.group(declaration, "Declaration", ROOT, "")
    return _Reader(walk, outer, received).message()


class _Reader:
    """Maps the leaves of one declaration."""

    def __init__(self, walk: Walk, outer: Sequence[Carried], received: date | str | None) -> None:
        self._findings = walk.findings
        self._leaves = walk.leaves
        self._received = received
        self._outer = outer
        self._held: dict[str, str] = {}
        heads, items = _by_item(walk.leaves)
        self._head = _index(heads)
        self._items = [_index(leaves) for leaves in items]
        self._starts = [leaves[0].path for leaves in items]
        self._currency = self._currency_of_goods()
        self._texts = {leaf.path: leaf.text.strip() for leaf in walk.leaves}

    def message(self) -> Message:
        first = self._first
        told = {
            name: first(self._outer_or_head(name))
            for name in ("FunctionCode", "TypeCode", "FunctionalReferenceID", "ID")
        }
        header = Header(told["FunctionCode"], told["TypeCode"], told["FunctionalReferenceID"], told["ID"])
        version = next(
            (c.text.strip() for c in self._outer if c.path.endswith("/WCODataModelVersionCode")), ""
        )
        correction = header.type == "COR"
        consignments: tuple[Consignment, ...] = ()
        if self._items:
            consignments = (self._consignment(),)
        if not correction:
            self._missing()
        carried = [
            Carried(leaf.path, "" if held else leaf.text, leaf.attributes, held)
            for leaf in self._leaves
            for held in (self._held.get(leaf.path),)
        ]
        return Message(
            FORMAT,
            "COR" if correction else "DEC",
            version,
            consignments,
            (*self._outer, *carried),
            tuple(self._findings),
            header,
        )

    def _outer_or_head(self, name: str) -> list[Leaf]:
        return self._head.get(name, [])

    @staticmethod
    def _first(leaves: Sequence[Leaf]) -> str:
        return leaves[0].text.strip() if leaves else ""

    def _currency_of_goods(self) -> str | None:
        for index in self._items:
            for path in _PRICES:
                for leaf in index.get(f"{ITEM}/{path}", ()):
                    if (held := dict(leaf.attributes).get("currencyID")) is not None:
                        return held
        return None

    def _consignment(self) -> Consignment:
        codes_of_items = [
            {leaf.text.strip() for leaf in index.get(f"{ITEM}/GovernmentProcedure/CurrentCode", ())}
            for index in self._items
        ]
        procedures = set().union(*codes_of_items)
        self._dataset = "H7" if "1H7" in procedures else "H1"
        head = self._take(_HEAD_ROWS, self._head)
        made: dict[str, Any] = {"currency": self._currency, **head}
        self._derive(made, procedures)
        made["items"] = [self._item(place, index) for place, index in enumerate(self._items)]
        return _nested(made)

    def _item(self, place: int, index: Mapping[str, list[Leaf]]) -> dict[str, Any]:
        item = self._take(_ITEM_ROWS, index)
        if "quantity" not in item:
            item["quantity"] = "1"
            self._assume(f"{self._starts[place]}", "items.quantity", "no quantity is declared: one lot")
        return item

    def _take(self, rows: Sequence[Row], index: Mapping[str, list[Leaf]]) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for row in rows:
            name = row.name
            if name in taken or (row.dataset and row.dataset != self._dataset):
                continue
            leaves = index.get(row.path)
            if leaves is None:
                continue
            for wanted in (None,) if row.near is None else row.near[1]:
                leaf = self._near(leaves, row, wanted)
                if leaf is not None:
                    self._hold(row, leaf, index, taken)
                    break
        return taken

    def _near(self, leaves: Sequence[Leaf], row: Row, wanted: str | None) -> Leaf | None:
        if wanted is None or row.near is None:
            return next((leaf for leaf in leaves if _turns(row.how, leaf.text.strip())), None)
        end = f"/{row.near[0]}"
        return next((leaf for leaf in leaves if self._texts.get(leaf.group + end) == wanted), None)

    def _hold(self, row: Row, leaf: Leaf, index: Mapping[str, list[Leaf]], taken: dict[str, Any]) -> None:
        text, how, name = leaf.text.strip(), row.how, row.name
        if not text:
            return
        if how == "amount":
            currency = dict(leaf.attributes).get("currencyID")
            if currency != self._currency:
                self._say(codes.CURRENCY, leaf.path, "expected the currency of the goods")
                return
        elif how == "quantity":
            unit = dict(leaf.attributes).get("unitCode")
            if unit is not None:
                taken["unit"] = unit
        elif how == "code":
            for other in index.get(row.path, ()):
                if self._texts.get(f"{other.group}/IdentificationTypeCode") == "TRC" and len(text) == 8:
                    text += other.text.strip()
                    self._held[other.path] = f"{row.field}#8"
                    break
        elif how == "mode":
            text = MODES[text]
        elif how == "day":
            taken[name] = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
            return
        elif how == "address":
            parts = PLACE if row.field.startswith("consignor") else PLACE[:2]
            told = (self._texts.get(f"{leaf.group}/{part}") for part in parts)
            taken[name] = ", ".join(part for part in told if part)
            return
        elif how == "declared":
            taken[name] = self._dataset
            return
        taken[name] = text
        self._held[leaf.path] = row.field

    def _derive(self, made: dict[str, Any], procedures: set[str]) -> None:
        """Take what the model has no element for from the elements that say it in another way."""
        self._goes_where(made)
        statements = {
            leaf.text.strip()
            for index in (self._head, *self._items)
            for path in ("AdditionalInformation/StatementCode", f"{ITEM}/AdditionalInformation/StatementCode")
            for leaf in index.get(path, ())
        }
        if "NIIMP" in statements or "NIDOM" in statements:
            made["destination_region"] = "NI"
        if "scheme_id" in made:
            made["scheme"] = "IOSS"
        mode = made.get("transport_mode")
        made["channel"] = "postal" if mode == "post" else "cargo"
        self._assume(f"{ROOT}/BorderTransportMeans/ModeCode", "channel", "by the mode of transport")
        made["transaction"] = _transaction(procedures, "scheme_id" in made, self._dataset)
        self._assume(f"{_ITEM_ROOT}/GovernmentProcedure", "transaction", "by procedure and dataset")
        if made["transaction"] == "c2c_gift":
            made["consignee.person"] = True
        if "declaration_date" not in made and self._received is not None:
            made["declaration_date"] = str(self._received)
            self._assume(f"{ROOT}/AcceptanceDateTime", "declaration_date", "the day on which it came in")
        inside = IN_PRICE.get(made.get("incoterm", ""), ())
        if inside:
            made.setdefault("freight", "0")
            made["freight_in_price"] = True
            self._assume(f"{ROOT}/GoodsShipment/TradeTerms/ConditionCode", "freight", "inside the price")
        if "insurance" in inside:
            made["insurance"] = "0"
            self._assume(f"{ROOT}/GoodsShipment/TradeTerms/ConditionCode", "insurance", "inside the price")
        elif "freight" in made and self._dataset == "H7":
            made["insurance"] = "0"
            self._assume(
                f"{ROOT}/GoodsShipment/CustomsValuation/FreightChargeAmount",
                "insurance",
                "H7 declares transport and insurance in one amount",
            )

    def _goes_where(self, made: dict[str, Any]) -> None:
        fallbacks = (
            ("departure_country", "Exporter/Address/CountryCode"),
            ("departure_country", f"{ITEM}/ExportCountry/ID"),
            ("destination_country", "GoodsShipment/Importer/Address/CountryCode"),
            ("destination_country", "GoodsShipment/Consignment/GoodsLocation/Address/CountryCode"),
        )
        for name, path in fallbacks:
            if name not in made and (leaves := self._head.get(path) or self._items[0].get(path)):
                made[name] = leaves[0].text.strip()
                self._assume(leaves[0].path, name, "there is no element of its own")

    def _missing(self) -> None:
        """Tell everything that is missing, at once."""
        if not self._items:
            self._say(codes.NO_GOODS, _ITEM_ROOT, "expected at least one goods item")
        elif (declared := self._first(self._head.get("GoodsItemQuantity", []))) and declared.lstrip(
            "0"
        ) != str(len(self._items)):
            self._say(
                codes.COUNT, f"{ROOT}/GoodsItemQuantity", f"expected {len(self._items):,}, as many as came"
            )
        seen: set[str] = set()
        for row in _REQUIRED:
            spots = zip(self._starts, self._items, strict=True) if row.of_item else ((ROOT, self._head),)
            for start, index in spots:
                paths = [other.path for other in ROWS if other.field == row.field and row.field] or [row.path]
                path = (
                    f"{start}/{row.path.removeprefix(f'{ITEM}/')}" if row.of_item else f"{start}/{row.path}"
                )
                if path not in seen and not any(self._first(index.get(one, [])) for one in paths):
                    seen.add(path)
                    self._say(codes.MISSING, path, "expected a value, nothing came")

    def _assume(self, path: str, field: str, words: str) -> None:
        self._say(codes.ASSUMED, path, f"{field}: {words}")

    def _say(self, code: str, path: str, message: str) -> None:
        self._findings.append(ForeignFinding(code, Place(path, DECLARATION.wco(path)), message, 0))


def _turns(how: str, text: str) -> bool:
    """Say whether the field can hold *text* without loss."""
    if how == "relief":
        return len(text) == 3 and text[0] in "CF" and text != "F48"
    if how == "preference":
        return len(text) == 3 and text[0] in "2345"
    if how == "mode":
        return text in MODES
    if how == "day":
        return len(text) >= 8 and text[:8].isdecimal()
    return True


def _transaction(procedures: set[str], ioss: bool, dataset: str) -> str:
    if procedures & {"C08", "1RL"}:
        return "c2c_gift"
    if procedures & {"F01", "F02", "F03"}:
        return "returned_goods"
    return "b2c" if ioss or dataset == "H7" else "b2b"


def _by_item(leaves: Sequence[Leaf]) -> tuple[list[Leaf], list[list[Leaf]]]:
    heads: list[Leaf] = []
    items: list[list[Leaf]] = []
    current = ""
    for leaf in leaves:
        if not leaf.plain.startswith(ITEM):
            heads.append(leaf)
            continue
        end = leaf.path.find("/", len(_ITEM_ROOT))
        start = leaf.path if end < 0 else leaf.path[:end]
        if start != current:
            items.append([])
            current = start
        items[-1].append(leaf)
    return heads, items


def _index(leaves: Sequence[Leaf]) -> dict[str, list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        found.setdefault(leaf.plain, []).append(leaf)
    return found


def _nested(made: Mapping[str, Any]) -> Consignment:
    """Return dotted names as objects in objects.

    Example:
        >>> _nested({"a": "1", "b.c": "2", "d": None})
        {'a': '1', 'b': {'c': '2'}}
    """
    found: Consignment = {}
    for name, value in made.items():
        if value is None:
            continue
        *outer, last = name.split(".")
        here = found
        for step in outer:
            here = here.setdefault(step, {})
        here[last] = value
    return found


__all__ = ["FORMAT", "Attributes", "Header", "message_of", "read", "stream"]
