"""The contract's consignment as a JSON Schema, made from the data-element table."""

import csv
import io
import json
from typing import Any

from greenlane.model import CONSIGNMENT_ELEMENTS, ITEM_ELEMENTS, Element, Kind, template_csv

_DECIMAL = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"
_REGISTRATION = {
    "type": "object",
    "properties": {
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "scheme": {"type": "string"},
        "id": {"type": ["string", "null"]},
    },
    "required": ["country", "scheme"],
    "additionalProperties": False,
}


def consignment_schema() -> dict[str, Any]:
    """Return the schema of one consignment as JSON gives it.

    Example:
        >>> consignment_schema()["properties"]["channel"]["enum"]
        ['postal', 'express', 'cargo', 'bonded']
    """
    whole = _object(CONSIGNMENT_ELEMENTS)
    whole["description"] = "One consignment of the contract. Absent is never zero."
    items = {"type": "array", "items": _object(ITEM_ELEMENTS), "minItems": 1, "description": "Goods items."}
    whole["properties"]["items"] = items
    whole["required"] = [*whole.get("required", []), "items"]
    return whole


def _object(elements: tuple[Element, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": {}}
    for element in elements:
        *above, leaf = element.name.split(".")
        place = made
        for name in above:
            place = place["properties"].setdefault(name, {"type": ["object", "null"], "properties": {}})
        place["properties"][leaf] = _field(element)
        if element.required:
            place.setdefault("required", []).append(leaf)
    return made


def _field(element: Element) -> dict[str, Any]:
    kind, told = _kind(element)
    if element.choices:
        told["enum"] = [*element.choices] if element.required else [*element.choices, None]
    words = element.about if element.required else f"{element.about} If absent: {element.absence}"
    return {"type": kind if element.required else [kind, "null"], **told, "description": words}


def _kind(element: Element) -> tuple[str, dict[str, Any]]:
    match element.kind:
        case Kind.AMOUNT | Kind.MASS_KG | Kind.QUANTITY:
            return "string", {"pattern": _DECIMAL, "maxLength": 64}
        case Kind.BOOLEAN:
            return "boolean", {}
        case Kind.INTEGER:
            return "integer", {"minimum": 0, "maximum": 999_999_999}
        case Kind.DATE:
            return "string", {"format": "date"}
        case Kind.COUNTRY:
            return "string", {"pattern": "^[A-Z]{2}$"}
        case Kind.CURRENCY:
            return "string", {"pattern": "^[A-Z]{3}$"}
        case Kind.JSON if element.name == "registrations":
            return "array", {"items": _REGISTRATION}
        case Kind.JSON:
            return "object", {"additionalProperties": {"type": ["string", "boolean", "integer"]}}
        case _:
            told: dict[str, Any] = {} if element.choices else {"maxLength": element.longest}
            return "string", told | ({"pattern": element.pattern} if element.pattern else {})


def consignment_example() -> dict[str, Any]:
    """Return the example of the data-element table as one consignment.

    Example:
        >>> consignment_example()["items"][0]["hs_code"]
        '610910'
    """
    header, row = csv.reader(io.StringIO(template_csv()))
    written = dict(zip(header, row, strict=True))
    made: dict[str, Any] = {}
    item: dict[str, Any] = {}
    for elements, whole in ((CONSIGNMENT_ELEMENTS, made), (ITEM_ELEMENTS, item)):
        for element in elements:
            text = written[element.column]
            if not text:
                continue
            *above, leaf = element.name.split(".")
            place = whole
            for name in above:
                place = place.setdefault(name, {})
            place[leaf] = (
                json.loads(text) if element.kind in (Kind.JSON, Kind.BOOLEAN, Kind.INTEGER) else text
            )
    return made | {"items": [item]}


__all__ = ["consignment_example", "consignment_schema"]
