"""Reading a declaration: XML to consignments of the contract, everything else carried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from typing import Any, BinaryIO, Final

from lxml import etree

from greenlane.messages.carrying import Span, Spans
from greenlane.messages.foreign import Consignment, ForeignFinding, Message, Place
from greenlane.messages.shapes import picking
from greenlane.messages.tabled import LONGEST_KNOWN
from greenlane.messages.wco import findings as codes
from greenlane.messages.wco.elements import DECLARATION
from greenlane.messages.wco.mapping import IN_PRICE, ITEM, MODES, PLACE, ROOT, ROWS, Row
from greenlane.messages.wco.sections import (
    Section,
    Sections,
    Take,
    Taking,
    known_sections,
    outer_of,
    walked_sections,
)
from greenlane.messages.xml import USUAL, Bounds, Record, XmlRefused, shaped

FORMAT: Final = "wco-dm36"
_ITEM_ROOT: Final = f"{ROOT}/{ITEM}"
_HEAD_ROWS: Final = tuple(row for row in ROWS if row.field and not row.of_item)
_ITEM_ROWS: Final = tuple(row for row in ROWS if row.field and row.of_item)
_PROCEDURES: Final = f"{ITEM}/GovernmentProcedure/CurrentCode"
_STATEMENTS: Final = ("AdditionalInformation/StatementCode", f"{ITEM}/AdditionalInformation/StatementCode")
_MOST_TAKINGS: Final = 64
_TOLD: Final = ("day", "declared", "address")
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
    declarations = _Declarations()
    try:
        for found in shaped(source, ("{*}MetaData", "{*}Declaration"), declarations, bounds):
            seen = True
            if isinstance(found, Sections):
                yield _Reader(found, received).message()
            else:
                yield declarations.walked(found, received)
    except XmlRefused as refused:
        yield _nothing(refused.finding)
        return
    if not seen:
        yield _nothing(ForeignFinding(codes.NOT_WCO, Place("/"), "expected MetaData or Declaration"))


def _nothing(finding: ForeignFinding) -> Message:
    return Message(FORMAT, "DEC", "", (), (), (finding,))


def message_of(element: etree._Element, received: date | str | None) -> Message:
    """Turn one MetaData or Declaration into a message."""
    return _message(element, received, None, "")


def _message(element: etree._Element, received: date | str | None, text: str | None, spaces: str) -> Message:
    declaration, outer = outer_of(element)
    if declaration is None:
        return _nothing(ForeignFinding(codes.NOT_WCO, Place("/MetaData"), "expected a Declaration in it"))
    return _Reader(walked_sections(declaration, outer, text, spaces), received).message()


class _Declarations:
    """What is known of declarations by their texts."""

    def __init__(self) -> None:
        self._short: tuple[str, str] | None = None

    def whole(self, text: str, prolog: str) -> list[Sections] | None:
        """Return the only declaration of a source if its shapes are known."""
        self._short = text, prolog
        found = known_sections(text, prolog)
        return None if found is None else [found]

    def record(self, text: str, spaces: str) -> Sections | None:
        """Return one of many declarations if its shapes are known."""
        return known_sections(text, spaces)

    def walked(self, record: Record, received: date | None) -> Message:
        """Return the message of a declaration that isn't known; if it is sound, its shapes are, from now on."""
        element, text, spaces = record
        if text is None and self._short is not None and element.getparent() is None:
            text, spaces = self._short
        return _message(element, received, text, spaces)


class _Reader:
    """Maps the sections of one declaration."""

    def __init__(self, sections: Sections, received: date | str | None) -> None:
        self._head = sections.head
        self._items = sections.items
        self._findings = list(sections.findings)
        self._outer = sections.outer
        self._received = received
        self._currency = self._currency_of_goods()
        self._carried: list[Span] = []
        self._dataset = "H1"

    def message(self) -> Message:
        head = self._head
        header = Header(
            head.first("FunctionCode"),
            head.first("TypeCode"),
            head.first("FunctionalReferenceID"),
            head.first("ID"),
        )
        version = next(
            (one.text.strip() for one in self._outer if one.path.endswith("/WCODataModelVersionCode")), ""
        )
        correction = header.type == "COR"
        consignments: tuple[Consignment, ...] = ()
        if self._items:
            consignments = (self._consignment(),)
        else:
            self._carry(head, [None] * len(head.raw))
        if not correction:
            self._missing()
        return Message(
            FORMAT,
            "COR" if correction else "DEC",
            version,
            consignments,
            Spans([self._outer, *self._carried]),
            tuple(self._findings),
            header,
        )

    def _currency_of_goods(self) -> str | None:
        for item in self._items:
            for path in _PRICES:
                for place in item.shape.index.get(f"{ITEM}/{path}", ()):
                    if (held := item.shape.by_name[place].get("currencyID")) is not None:
                        return held
        return None

    def _consignment(self) -> Consignment:
        procedures = {code for item in self._items for code in item.all(_PROCEDURES)}
        self._dataset = "H7" if "1H7" in procedures else "H1"
        made: dict[str, Any] = {"currency": self._currency, **self._take(_HEAD_ROWS, self._head)}
        self._derive(made, procedures)
        made["items"] = [self._item(item) for item in self._items]
        return _nested(made)

    def _item(self, section: Section) -> dict[str, Any]:
        item = self._take(_ITEM_ROWS, section)
        if "quantity" not in item:
            item["quantity"] = "1"
            self._assume(section.start, "items.quantity", "no quantity is declared: one lot")
        return item

    def _take(self, rows: Sequence[Row], section: Section) -> dict[str, Any]:
        """Take the fields of a section, and carry the rest of it."""
        shape, texts = section.shape, section.texts
        key = (self._dataset, *(texts[place] for place in shape.controls))
        taking = shape.takings.get(key)
        if taking is None:
            taking = _taking(rows, section, self._dataset)
            if len(shape.takings) < _MOST_TAKINGS:
                shape.takings[key] = taking
        taken: dict[str, Any] = dict(zip(taking.names, taking.pick(texts), strict=True))
        held: Sequence[str | None] = taking.held
        for name, field, how, at, also in taking.takes:
            text = texts[at]
            if how == "amount":
                if shape.by_name[at].get("currencyID") != self._currency:
                    self._say(
                        codes.CURRENCY, section.start + shape.paths[at], "expected the currency of the goods"
                    )
                    held = [*held[:at], None, *held[at + 1 :]]
                    continue
            elif how == "quantity":
                if (unit := shape.by_name[at].get("unitCode")) is not None:
                    taken["unit"] = unit
            elif how == "code":
                if also is not None and len(text) == 8:
                    text += texts[also]
                elif also is not None:
                    held = [*held[:also], None, *held[also + 1 :]]
            elif how == "mode":
                text = MODES[text]
            elif how in _TOLD:
                text = self._told(how, field, section, at)
            taken[name] = text
        self._carry(section, held)
        return taken

    def _told(self, how: str, field: str, section: Section, at: int) -> str:
        """Return what a field is told by elements that are carried all the same."""
        if how == "declared":
            return self._dataset
        if how == "day":
            text = section.texts[at]
            return f"{text[:4]}-{text[4:6]}-{text[6:8]}"
        shape = section.shape
        parts = PLACE if field.startswith("consignor") else PLACE[:2]
        places = (shape.beside.get((shape.groups[at], part)) for part in parts)
        return ", ".join(
            section.texts[place] for place in places if place is not None and section.texts[place]
        )

    def _carry(self, section: Section, held: Sequence[str | None]) -> None:
        shape = section.shape
        self._carried.append(
            Span(section.start, shape.paths, section.raw, shape.attributes, held, 0, len(held))
        )

    def _derive(self, made: dict[str, Any], procedures: set[str]) -> None:
        """Take what the model has no element for from the elements that say it in another way."""
        self._goes_where(made)
        statements = {
            text
            for section in (self._head, *self._items)
            for path in _STATEMENTS
            if path in section.shape.index
            for text in section.all(path)
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
            for section in (self._head, self._items[0]):
                if name not in made and (text := section.first(path)):
                    made[name] = text
                    place = section.start + section.shape.paths[section.shape.index[path][0]]
                    self._assume(place, name, "there is no element of its own")

    def _missing(self) -> None:
        """Tell everything that is missing, at once."""
        declared = self._head.first("GoodsItemQuantity").lstrip("0")
        if not self._items:
            self._say(codes.NO_GOODS, _ITEM_ROOT, "expected at least one goods item")
        elif declared and declared != str(len(self._items)):
            self._say(
                codes.COUNT, f"{ROOT}/GoodsItemQuantity", f"expected {len(self._items):,}, as many as came"
            )
        for section in (self._head, *self._items):
            for path in section.shape.missing:
                at = f"{section.start}/{path.removeprefix(f'{ITEM}/')}"
                self._say(codes.MISSING, at, "expected a value, nothing came")

    def _assume(self, path: str, field: str, words: str) -> None:
        self._say(codes.ASSUMED, path, f"{field}: {words}")

    def _say(self, code: str, path: str, message: str) -> None:
        made = _finding if len(path) < LONGEST_KNOWN else _finding.__wrapped__
        self._findings.append(made(code, path, message))


@lru_cache(maxsize=4_096)
def _finding(code: str, path: str, message: str) -> ForeignFinding:
    return ForeignFinding(code, Place(path, DECLARATION.wco(path)), message, 0)


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


def _taking(rows: Sequence[Row], section: Section, dataset: str) -> Taking:
    takes = tuple(_takes(rows, section, dataset))
    held: list[str | None] = [None] * len(section.raw)
    for take in takes:
        if take.how not in _TOLD:
            held[take.at] = take.field
            if take.also is not None:
                held[take.also] = f"{take.field}#8"
    plain = [take for take in takes if take.how == "text"]
    others = tuple(take for take in takes if take.how != "text")
    names, pick = tuple(take.name for take in plain), picking([take.at for take in plain])
    return Taking(names, pick, others, tuple(held))


def _takes(rows: Sequence[Row], section: Section, dataset: str) -> Iterator[Take]:
    """Find for each field the first leaf that the rows of the table give it."""
    shape, texts = section.shape, section.texts
    done: set[str] = set()
    for row in rows:
        if row.name in done or (row.dataset and row.dataset != dataset):
            continue
        places = [place for place in shape.index.get(row.path, ()) if texts[place]]
        found = _near(places, row, section)
        if found is None:
            continue
        also = None
        if row.how == "code":
            ends = (place for place in places if _beside(section, place, "IdentificationTypeCode") == "TRC")
            also = next(ends, None)
        done.add(row.name)
        yield Take(row.name, row.field, row.how, found, also)


def _near(places: Sequence[int], row: Row, section: Section) -> int | None:
    if row.near is None:
        return next((place for place in places if _turns(row.how, section.texts[place])), None)
    name, values = row.near
    for wanted in values:
        for place in places:
            if _beside(section, place, name) == wanted:
                return place
    return None


def _beside(section: Section, place: int, name: str) -> str:
    found = section.shape.beside.get((section.shape.groups[place], name))
    return "" if found is None else section.texts[found]


def _nested(made: Mapping[str, Any]) -> Consignment:
    """Return dotted names, of one dot at most, as objects in an object.

    Example:
        >>> _nested({"a": "1", "b.c": "2", "d": None})
        {'a': '1', 'b': {'c': '2'}}
    """
    found: Consignment = {}
    for name, value in made.items():
        if value is None:
            continue
        if "." in name:
            outer, _, last = name.rpartition(".")
            found.setdefault(outer, {})[last] = value
        else:
            found[name] = value
    return found


__all__ = ["FORMAT", "Header", "message_of", "read", "stream"]
