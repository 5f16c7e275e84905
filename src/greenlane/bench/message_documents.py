"""Chinese documents of generated consignments, with every element that their table requires."""

from collections.abc import Iterator, Mapping, Sequence

from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.elements import Field, Kind
from greenlane.messages.foreign import Consignment
from greenlane.values.money import Rounding, divide, format_scaled, parse_scaled

_BY_FORM = {
    "guid": "0A1B2C3D-0000-4000-8000-{:012d}",
    "day": "20260702",
    "time14": "20260702120000",
    "time17": "20260702120000000",
    "an18": "29912026I{:09d}",
    "d10": "{:010d}",
    "d4": "2991",
    "i4": "1",
    "i9": "1",
    "an3": "116",
    "an1": "5",
}
_OF_HEAD = {
    "orderNo": "consignment_id",
    "copNo": "consignment_id",
    "logisticsNo": "transport_document",
    "freight": "freight",
    "insuredFee": "insurance",
    "consignee": "consignee.name",
    "buyerName": "consignee.name",
    "payerName": "consignee.name",
    "consigneeAddress": "consignee.address",
    "ebcCode": "seller.id",
    "ebcName": "seller.name",
    "ebpCode": "platform.id",
    "ebpName": "platform.name",
}
_OF_ITEM = {
    "gname": "description",
    "itemName": "description",
    "barCode": "gtin",
    "qty": "quantity",
    "totalPrice": "value",
}
_FIXED = {
    "tradeMode": "9610",
    "trafMode": "5",
    "unit": "011",
    "unit1": "035",
    "qty1": "0.5",
    "appType": "1",
    "appStatus": "1",
    "buyerIdType": "1",
    "payerIdType": "1",
}


def documents(kind: Kind, consignments: Sequence[Consignment]) -> Iterator[Document]:
    """Make one document of each consignment: its own values, and one of the form where it has none."""
    for number, one in enumerate(consignments, 1):
        items = one["items"] if kind.item_name else ()
        told = {name: _at(one, path) for name, path in _OF_HEAD.items()}
        lines = []
        for place, item in enumerate(items, 1):
            of_item = {name: _at(item, path) for name, path in _OF_ITEM.items()}
            price = {"price": _price(of_item), "gnum": str(place)}
            lines.append(dict(_texts(kind.items, {**of_item, **price}, number)))
        yield Document(kind.number, "", dict(_texts(kind.head, told, number)), tuple(lines))


def _texts(table: Mapping[str, Field], told: Mapping[str, str], number: int) -> Iterator[tuple[str, str]]:
    for name, known in table.items():
        text = told.get(name, "")
        if text and known.fits(text):
            yield name, text
        elif known.required in ("always", "9610"):
            yield name, _FIXED.get(name) or _by_form(known, number)


def _by_form(known: Field, number: int) -> str:
    if known.form.startswith("="):
        return known.form[1:].partition(",")[0]
    if known.form in _BY_FORM:
        return _BY_FORM[known.form].format(number)
    return f"{number % 1000}.5" if known.form.startswith("n") else f"{known.name[:4]}-{number}"


def _at(value: Mapping[str, object], path: str) -> str:
    here: object = value
    for step in path.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    return here if isinstance(here, str) else ""


def _price(line: Mapping[str, str]) -> str:
    value, quantity = parse_scaled(line["totalPrice"] or "0", 5), parse_scaled(line["qty"] or "1", 5)
    return format_scaled(divide(value * 10**5, quantity, Rounding.HALF_UP), 5)
