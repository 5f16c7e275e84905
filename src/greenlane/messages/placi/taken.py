"""What a waybill says: the 7+1 data, the consignment of the contract, and what a receiver would refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from greenlane.messages.foreign import Consignment, ForeignFinding, Place
from greenlane.messages.placi import findings as codes
from greenlane.messages.placi.elements import (
    ADDRESS,
    GOODS,
    MASTER,
    NAMED,
    NUMBER,
    PARTS,
    PIECES,
    SAID,
    SAID_AT,
    TABLES,
    WEIGHT,
    Named,
)
from greenlane.messages.placi.filing import Party, PreLoading, check
from greenlane.messages.placi.tables import ABOUT, ERRORS
from greenlane.messages.tabled import Leaf, leaves_by_plain, numbered

_PATHS = {"awb": NUMBER, "house": NUMBER, "pieces": PIECES, "weight": WEIGHT}
_TOLD = "no element tells: channel, departure_country, destination_country, declaration_date, items.quantity"


def taken_of(kind: str, leaves: Sequence[Leaf], received: date | None) -> "Taken":
    """Take from the leaves of a waybill what it says: of each value the first text that isn't blank."""
    found = leaves_by_plain(leaves)

    def texts(path: str) -> Iterator[str]:
        return (leaf.text.strip() for leaf in found.get(path, ()) if leaf.text.strip())

    named = Named._make(next(texts(path), None) for path in NAMED[kind])
    weight = found.get(WEIGHT, ())
    unit = dict(weight[0].attributes).get("unitCode") if weight else None
    return Taken(kind, named, tuple(texts(SAID_AT[kind])), unit, received)


class Taken:
    """What one waybill says; ``data`` are its 7+1 data."""

    def __init__(
        self,
        kind: str,
        named: Named,
        descriptions: tuple[str, ...],
        unit: str | None,
        received: date | None,
    ) -> None:
        self._kind = kind
        self._named = named
        self._descriptions = descriptions
        self._unit = unit
        self._day = _day_of(named.issued) or received
        self.data = self._data()

    @property
    def version(self) -> str:
        """Version of the message, empty where none is told."""
        return self._named.version or ""

    def _data(self) -> PreLoading:
        named, master = self._named, self._kind == "XFWB"
        return PreLoading(
            named.number if master else named.master,
            None if master else named.number,
            Party(
                named.consignor_name,
                _address(named.consignor_street, named.consignor_city),
                named.consignor_country,
            ),
            Party(
                named.consignee_name,
                _address(named.consignee_street, named.consignee_city),
                named.consignee_country,
            ),
            self._descriptions,
            named.pieces,
            named.weight,
        )

    def consignment(self) -> Consignment:
        """Return the consignment of the contract, as far as 7+1 data tell it."""
        data, number, day = self.data, self._named.number, self._day
        made: Consignment = {}
        if number is not None:
            made["consignment_id"] = made["transport_document"] = number
        made["channel"], made["transport_mode"] = "cargo", "air"
        if day is not None:
            made["declaration_date"] = day.isoformat()
        if data.consignor.country is not None:
            made["departure_country"] = data.consignor.country
        if data.consignee.country is not None:
            made["destination_country"] = data.consignee.country
        made["consignor"] = _told(data.consignor)
        made["consignee"] = consignee = _told(data.consignee)
        if self._named.consignee_postcode is not None:
            consignee["postcode"] = self._named.consignee_postcode
        made["items"] = [
            {"item_id": str(number), "description": said, "quantity": "1"}
            for number, said in enumerate(data.descriptions, 1)
        ]
        if len(made["items"]) == 1 and data.weight_kg and self._unit == "KGM":
            made["items"][0]["gross_mass_kg"] = data.weight_kg
        return made

    def findings(self) -> Iterator[ForeignFinding]:
        """Give what a receiver would refuse, and what was assumed."""
        unit, data, root = self._unit, self.data, f"/{TABLES[self._kind].root}"
        if data.weight_kg is not None and unit != "KGM":
            place = Place(f"{root}/{WEIGHT}/@unitCode", "131")
            code, words = ABOUT["unit", "MISSING"].finding, "MISSING_WT_UNITS: expected KGM"
            if unit is not None:
                code = ERRORS["INVALID_WEIGHT"].finding
                words = "INVALID_WEIGHT: expected kilograms (KGM), another unit came"
            yield ForeignFinding(code, place, words, 0)
        if self._kind == "XFZB" and data.house is None:
            place = Place(f"{root}/{NUMBER}", "D023")
            words = "MISSING_HOUSE_BILL_NBR: expected it"
            yield ForeignFinding(ABOUT["house", "MISSING"].finding, place, words, 0)
        if self._day is not None:
            for found in check(data, self._day):
                path = f"{root}/{self._path(found.place.path)}"
                yield replace(found, place=Place(path, found.place.wco), consignment=0)
        yield _assumed(root)

    def _path(self, about: str) -> str:
        name, _, number = about.removesuffix("]").partition("[")
        if name == "awb" and self._kind == "XFZB":
            return MASTER
        if name == "description":
            return f"{numbered(GOODS[self._kind], int(number or 1))}/{SAID}"
        role, _, part = name.partition(".")
        if not part:
            return _PATHS.get(name, name)
        below = {"name": "Name", "address": f"{ADDRESS}/StreetName"}
        party = "ConsignorParty" if role == "consignor" else "ConsigneeParty"
        return f"{PARTS[self._kind]}/{party}/{below.get(part, f'{ADDRESS}/CountryID')}"


def _address(street: str | None, city: str | None) -> str | None:
    return f"{street}, {city}" if street and city else street or city


def _day_of(moment: str | None) -> date | None:
    try:
        return datetime.fromisoformat(moment or "").date()
    except ValueError:
        return None


@lru_cache(maxsize=4)
def _assumed(root: str) -> ForeignFinding:
    return ForeignFinding(codes.ASSUMED, Place(root), _TOLD, 0)


def _told(party: Party) -> dict[str, str]:
    held = (("name", party.name), ("address", party.address), ("country", party.country))
    return {key: value for key, value in held if value is not None}
