"""What an inventory says in the words of the contract."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from greenlane.messages.ceb import findings as codes
from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.elements import KINDS, Field
from greenlane.messages.ceb.turning import to_contract
from greenlane.messages.foreign import Consignment, ForeignFinding, Place

BONDED: Final = ("1210", "1239")
"""Supervision codes of goods that come out of a bonded zone."""
_KIND: Final = KINDS["621"]
HEAD: Final = tuple(one for one in _KIND.head.values() if one.field and one.how not in ("mass", "second"))
ITEM: Final = tuple(one for one in _KIND.items.values() if one.field)
MASS: Final = tuple(one for one in _KIND.head.values() if one.how == "mass")
IDS: Final = ("copNo", "orderNo")
"""What can be the consignment's id; the first that is there."""


def consignment_of(document: Document) -> dict[str, Any]:
    """Return the fields of the consignment that an inventory declares, by dotted names; ``items`` is a list.

    The mass of the message is that of the consignment, so it becomes an item's where there is one item.
    """
    made: dict[str, Any] = {}
    for one in HEAD:
        if (text := document.get(one.name)) and (value := to_contract(one.how, text)) is not None:
            made[one.field] = value
    if "consignment_id" not in made and document.get("orderNo"):
        made["consignment_id"] = document.get("orderNo")
    made["channel"] = channel_of(made)
    made["transaction"] = "b2c"
    made["destination_country"] = made["consignee.country"] = "CN"
    made["consignee.person"] = True
    made["items"] = [_item(item) for item in document.items]
    if len(made["items"]) == 1:
        for one in MASS:
            if (text := document.get(one.name)) and (value := to_contract("mass", text)) is not None:
                made["items"][0][one.field.removeprefix("items.")] = value
    return made


def _item(item: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in ITEM:
        if (text := item.get(one.name, "")) and (value := to_contract(one.how, text)) is not None:
            made[one.field.removeprefix("items.")] = value
    return made


def channel_of(made: Mapping[str, Any]) -> str:
    """Return the channel that supervision code and mode of transport tell.

    Example:
        >>> channel_of({"programme": "1210"}), channel_of({"transport_mode": "post"}), channel_of({})
        ('bonded', 'postal', 'express')
    """
    if made.get("programme") in BONDED:
        return "bonded"
    return "postal" if made.get("transport_mode") == "post" else "express"


def remarks(document: Document, number: int) -> Iterator[ForeignFinding]:
    """Tell what was taken from another element, and which codes the contract has nothing for."""
    yield from assumed(document, number)
    for one in HEAD:
        if _unturned(one, document.get(one.name)):
            yield unknown(document.place(one.name), one, number)
    for line, item in enumerate(document.items, 1):
        for one in ITEM:
            if _unturned(one, item.get(one.name, "")):
                yield unknown(document.place(one.name, line), one, number)


def assumed(document: Document, number: int) -> Iterator[ForeignFinding]:
    """Tell what was taken from another element."""

    def say(path: str, words: str) -> ForeignFinding:
        return ForeignFinding(codes.ASSUMED, Place(path), words, number)

    if not document.get("copNo") and document.get("orderNo"):
        yield say(document.place("copNo"), "consignment_id: the number of the order")
    if document.get("tradeMode"):
        yield say(document.place("tradeMode"), "channel: by supervision code and mode of transport")


def unknown(path: str, one: Field, number: int) -> ForeignFinding:
    """Tell a code that the contract has nothing for."""
    return ForeignFinding(codes.CODE, Place(path), f"{one.field} stays unknown", number)


def _unturned(one: Field, text: str) -> bool:
    """Say whether a value that is well-formed has no counterpart."""
    return bool(text) and one.fits(text) and to_contract(one.how, text) is None


def nested(made: Mapping[str, Any]) -> Consignment:
    """Return dotted names as objects in objects.

    Example:
        >>> nested({"a": "1", "b.c": "2", "items": [{"d.e": "3"}]})
        {'a': '1', 'b': {'c': '2'}, 'items': [{'d': {'e': '3'}}]}
    """
    found: Consignment = {}
    for name, value in made.items():
        here, last = found, name
        while "." in last:
            step, _, last = last.partition(".")
            here = here.setdefault(step, {})
        here[last] = [nested(item) for item in value] if name == "items" else value
    return found
