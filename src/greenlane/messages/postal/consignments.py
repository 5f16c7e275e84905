"""The fields of a postal item to a consignment of the contract; what the contract has no field for is carried."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Place
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.fields import BY_NAME, ELEMENTS, FIELDS_OF, Row, value_of
from greenlane.messages.postal.records import Leaf, Reading, Record
from greenlane.messages.postal.turning import ADDRESSES, NAMES, expected, fits, read, same, summed, write
from greenlane.model import BY_COLUMN
from greenlane.values.identifiers import Verdict, check_s10

FOLLOWS: Final = "total"
"""What a carried total is held by when it is the sum of the pieces: it follows them."""
_WCO: Final = {name: element.wco for name, element in BY_COLUMN.items() if element.wco != "none"}
_NEEDED: Final = tuple(row for row in BY_NAME.values() if "ITM" in row.needed)


def consignment_of(record: Record, number: int = 1, received: date | None = None) -> Reading:
    """Turn one item into a consignment.

    Args:
        record: As a layout was read.
        number: Which item of the message it is, from 1.
        received: Declaration date; without it the consignment has none.
    Example:
        >>> piece = {"CP_DESC": Leaf("scarf"), "CP_NOU": Leaf("1"), "CP_AMT": Leaf("9"), "CP_CURRCD": Leaf("EUR")}
        >>> made = consignment_of(Record("", {"ITEM_ID": Leaf("RR473124829GB")}, [piece])).consignment
        >>> made["currency"], made["items"][0]["value"]
        ('EUR', '9')
    """
    return _Reader(record, number, received).reading()


class _Reader:
    def __init__(self, record: Record, number: int, received: date | None) -> None:
        self._record = record
        self._number = number
        self._received = received
        self._findings: list[ForeignFinding] = []
        self._carried: list[Carried] = []
        self._made: dict[str, Any] = {}
        self._items: list[dict[str, Any]] = [{} for _ in record.pieces]
        self._currency = next(
            (
                leaf.text
                for fields, name in (
                    *((piece, "CP_CURRCD") for piece in record.pieces),
                    (record.fields, "POSTAGE_CURR_CD"),
                )
                if (leaf := fields.get(name)) is not None and fits(BY_NAME[name], leaf)
            ),
            None,
        )

    def reading(self) -> Reading:
        if self._currency is not None:
            self._made["currency"] = self._currency
        for piece, name, leaf in self._record.leaves():
            self._leaf(piece, BY_NAME[name], leaf)
        self._derive()
        self._missing()
        self._carried += [
            Carried(f"/item[{self._number}]#{path}", text) for path, text in self._record.strange
        ]
        consignment: Consignment = {}
        for name, value in self._made.items():
            _put(consignment, name, value)
        consignment["items"] = []
        for item in self._items:
            made: dict[str, Any] = {}
            for name, value in item.items():
                _put(made, name, value)
            consignment["items"].append(made)
        return Reading(consignment, tuple(self._carried), tuple(self._findings))

    def _leaf(self, piece: int | None, row: Row, leaf: Leaf) -> None:
        held: str | None = None
        text = leaf.text
        if not fits(row, leaf):
            self._say(codes.FORM, row, leaf.path, f"expected {expected(row)}, got {shape_of(leaf.text)}")
        elif row.how == "total":
            held = FOLLOWS if self._adds_up(row, leaf) else None
        else:
            held = self._take(piece, row, leaf)
            if held is not None and row.how != "address":
                turned = write(row, read(row, leaf) or "", leaf.unit)
                if turned is not None and turned.text == leaf.text:
                    text = ""
                else:
                    held = None
        step = "" if piece is None else f"/piece[{piece + 1}]"
        attributes = (("unit", leaf.unit),) if leaf.unit else ()
        self._carried.append(Carried(f"/item[{self._number}]{step}/{row.name}", text, attributes, held))

    def _take(self, piece: int | None, row: Row, leaf: Leaf) -> str | None:
        """Give the consignment what it holds of a text; return the first field that does."""
        if row.how == "s10" and check_s10(leaf.text) is Verdict.BAD_CHECK_DIGIT:
            self._say(codes.CHECK_DIGIT, row, leaf.path, "the check digit is not that of the serial")
        if row.how == "currency":
            return "currency" if row.field and leaf.text == self._currency else None
        if row.currency and row.field and not self._in_currency(piece, row, leaf):
            return None
        value = read(row, leaf)
        first: str | None = None
        for one in FIELDS_OF.get(row.name, ()) if value is not None else ():
            into, field = self._into(one.field, piece)
            if into is None:
                continue
            if row.how == "address":
                value = self._address(row)
            if field in into:
                continue
            into[field] = value
            first = first or one.field
        if row.how == "quantity" and leaf.unit and piece is not None:
            self._items[piece]["unit"] = leaf.unit
        return None if row.how == "address" else first

    def _into(self, field: str, piece: int | None) -> tuple[dict[str, Any] | None, str]:
        if not field.startswith("items."):
            return self._made, field
        name = field.removeprefix("items.")
        if piece is not None:
            return self._items[piece], name
        return (self._items[0] if len(self._items) == 1 else None), name

    def _in_currency(self, piece: int | None, row: Row, leaf: Leaf) -> bool:
        fields = self._record.fields if piece is None else self._record.pieces[piece]
        partner = fields.get(row.currency)
        if partner is not None and partner.text == self._currency:
            return True
        if partner is not None:
            self._say(codes.CURRENCY, row, leaf.path, "expected the currency of the content")
        elif "ITM" not in BY_NAME[row.currency].needed:
            self._say(codes.MISSING, BY_NAME[row.currency], leaf.path, "expected the currency of the amount")
        return False

    def _address(self, row: Row) -> str:
        texts = (self._record.fields.get(name) for name in ADDRESSES[row.name])
        return ", ".join(leaf.text for leaf in texts if leaf is not None)

    def _adds_up(self, row: Row, leaf: Leaf) -> bool:
        amounts = [piece["CP_AMT"].text for piece in self._record.pieces if "CP_AMT" in piece]
        currencies = {piece["CP_CURRCD"].text for piece in self._record.pieces if "CP_CURRCD" in piece}
        fit = all(fits(BY_NAME["CP_AMT"], Leaf(amount)) for amount in amounts)
        if not fit or len(currencies) > 1 or len(amounts) != len(self._record.pieces):
            return False
        if same(summed(amounts), leaf.text):
            return True
        self._say(codes.TOTAL, row, leaf.path, "expected the sum of the content pieces")
        return False

    def _derive(self) -> None:
        """Take what the message has no field for from the fields that say it in another way."""
        made, fields = self._made, self._record.fields
        made["channel"] = "postal"
        if self._received is not None:
            made["declaration_date"] = self._received.isoformat()
            self._assume("ITEM_ID", "declaration_date", "the day on which it came in")
        for name, parts in NAMES.items():
            row = BY_NAME[name]
            given = [fields[part].text for part in parts if part in fields]
            if row.field not in made and given:
                made[row.field] = " ".join(given)
                self._assume(parts[0], row.field, "first and last name")
        for field, name in (("departure_country", "SEND_CNTRY_CD"), ("destination_country", "RECP_CNTRY_CD")):
            if field in made:
                self._assume(name, field, "the country of the address")
        if "transport_mode" not in made and (leaf := fields.get("MAIL_CATEGORY_CD")) is not None:
            mode = value_of("category", leaf.text)
            if mode is not None:
                made["transport_mode"] = mode
                self._assume("MAIL_CATEGORY_CD", "transport_mode", "by the mail category")
        if "scheme_id" in made:
            made["scheme"] = "IOSS"
        if "freight" in made:
            made["freight_in_price"] = False
            self._assume("POSTAGE_AMT", "freight", "the postage paid")
        if made.get("transaction") in ("b2c", "b2b"):
            self._assume("NATURE_TYPE_CD", "transaction", "sale of goods or sample: who buys isn't told")
        if made.get("transaction") == "c2c_gift":
            made["consignee.person"] = True
            self._assume("NATURE_TYPE_CD", "consignee.person", "a gift goes to a person")

    def _missing(self) -> None:
        """Tell everything that is missing, at once."""
        for row in _NEEDED:
            if row.group == "piece":
                for piece, fields in enumerate(self._record.pieces or [{}]):
                    if row.name not in fields:
                        self._absent(row, piece)
            elif row.name not in self._record.fields and not (
                row.name in NAMES and any(name in self._record.fields for name in NAMES[row.name])
            ):
                self._absent(row, None)

    def _absent(self, row: Row, piece: int | None) -> None:
        self._say(
            codes.MISSING, row, path_of(self._record.path, row, piece), f"expected {row.words}, nothing came"
        )

    def _assume(self, name: str, field: str, words: str) -> None:
        leaf = self._record.fields.get(name)
        self._say(codes.ASSUMED, BY_NAME[name], leaf.path if leaf else self._record.path, f"{field}: {words}")

    def _say(self, code: str, row: Row, path: str, message: str) -> None:
        self._findings.append(
            ForeignFinding(code, Place(path, _WCO.get(row.field)), message, self._number - 1)
        )


def path_of(start: str, row: Row, piece: int | None) -> str:
    """Return where a field would stand, in the layout of *start*.

    Example:
        >>> path_of("CNI[2]", BY_NAME["CP_AMT"], 0), path_of("/ITMATT/Item[2]", BY_NAME["SEND_NAME"], None)
        ('CNI[2]/CST[1]/MOA+38/1.2', '/ITMATT/Item[2]/Sender/SEND_NAME')
    """
    if start.startswith("/"):
        group = "" if row.group == "item" else f"/{ELEMENTS[row.group]}"
        if piece:
            group += f"[{piece + 1}]"
        return f"{start}{group}/{row.name}"
    if start.startswith("CNI"):
        inside = "" if piece is None else f"CST[{piece + 1}]/"
        return f"{start}/{inside}{row.mark}/{row.at[0]}.{row.at[1]}"
    return f"{start}{row.name}" + ("" if piece is None else f".{piece + 1}")


def _put(made: dict[str, Any], name: str, value: Any) -> None:
    here, last = made, name
    while "." in last:
        step, _, last = last.partition(".")
        here = here.setdefault(step, {})
    here[last] = value


def flat(consignment: Consignment, before: str = "") -> Iterator[tuple[str, Any]]:
    """Give the fields of a consignment by dotted path, items by their place from 0.

    Example:
        >>> list(flat({"seller": {"id": "S1"}, "items": [{"value": "1"}]}))
        [('seller.id', 'S1'), ('items.0.value', '1')]
    """
    for name, value in consignment.items():
        if isinstance(value, dict) and name not in ("prior_use", "elections"):
            yield from flat(value, f"{before}{name}.")
        elif name == "items" and not before:
            for place, item in enumerate(value or ()):
                yield from flat(item, f"items.{place}.")
        else:
            yield f"{before}{name}", value
