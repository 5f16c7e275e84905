"""From the leaves of a house consignment to a consignment of the contract, by the columns ``field`` and ``how``.

How a value is turned: ``text`` as it is; ``amount`` with the currency beside it; ``total`` the mass of the only item;
``hs6`` and ``cn2`` together the code; ``person`` and ``nature`` by their lists; ``scheme`` where the role beside it is
that of the import one-stop shop; ``address`` the parts of an address as one text; ``reference`` the sender's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final

from greenlane.messages.foreign import Consignment
from greenlane.messages.ics2.tables import words
from greenlane.messages.tabled import Leaf, Table, leaves_by_plain, parted

HOUSE: Final = "consignmentHouseLevel"
ITEM: Final = f"{HOUSE}/goodsItem"
DOCUMENT: Final = f"{HOUSE}/transportDocumentHouseLevel/documentNumber"
ADDRESS: Final = ("street", "number", "poBox", "subDivision", "city")
CHANNELS: Final = {"F43": "postal", "A43": "postal", "F32": "express", "A32": "express"}
MODES: Final = {"postal": "post", "express": "air"}


@dataclass(slots=True)
class Taken:
    """What was taken from a house.

    ``held`` has for each leaf the field that gives its text back to the letter; ``assumed`` are fields that no element
    tells; ``foreign`` the paths of amounts in another currency than the goods.
    """

    consignment: Consignment
    held: list[str | None]
    assumed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def item_number(path: str) -> int | None:
    """Return which goods item a leaf of a house stands in, null for none.

    Example:
        >>> item_number("/IE3F43/consignmentHouseLevel[3]/goodsItem[2]/weight/netMass")
        2
    """
    if "/goodsItem" not in path:
        return None
    steps = path.split("/")
    if len(steps) < 5 or parted(steps[3])[0] != "goodsItem":
        return None
    return parted(steps[3])[1]


@cache
def _fields(table: Table) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """Return path, field and how of each element that holds one; and where currencies stand, those of items first."""
    rows = [
        (path, one.row["field"], one.row["how"]) for path, one in table.elements.items() if one.row["field"]
    ]
    paths = [path for path, _, how in rows if how == "currency"]
    return tuple(rows), tuple(sorted(paths, key=lambda path: not path.startswith(ITEM)))


class Taking:
    """Takes the fields of one house."""

    def __init__(
        self, table: Table, leaves: Sequence[Leaf], issued: date | None, country: str | None
    ) -> None:
        self._table = table
        self._leaves = leaves
        self._by_plain = leaves_by_plain(leaves)
        self._by_path = {leaf.path: leaf for leaf in leaves}
        self._issued = issued
        self._country = country
        self._flat: dict[str, Any] = {}
        self._items: dict[int, dict[str, Any]] = {}
        self._held: dict[str, str] = {}
        self._taken = Taken({}, [])

    def take(self) -> Taken:
        """Return the consignment, and what of the house it holds."""
        for leaf in self._leaves:
            if (number := item_number(leaf.path)) is not None:
                self._items.setdefault(number, {})
        fields, currencies = _fields(self._table)
        self._flat["currency"] = self._currency(currencies)
        for path, name, how in fields:
            self._field(path, name, how)
        self._derive()
        made = {name: value for name, value in self._flat.items() if value is not None}
        made["items"] = [self._items[number] for number in sorted(self._items)]
        self._taken.consignment = _nested(made)
        self._taken.held = [self._held.get(leaf.path) for leaf in self._leaves]
        return self._taken

    def _currency(self, paths: Sequence[str]) -> str | None:
        for path in paths:
            for leaf in self._by_plain.get(path, ()):
                if leaf.text.strip():
                    return leaf.text.strip()
        return None

    def _field(self, path: str, name: str, how: str) -> None:
        if how == "address":
            self._address(path, name)
            return
        turn = _TURNS.get(how)
        if turn is None:
            return
        for leaf in self._by_plain.get(path, ()):
            if not leaf.text.strip():
                continue
            number = item_number(leaf.path)
            into = self._flat if number is None else self._items[number]
            own = name.removeprefix("items.")
            if own == "gross_mass_kg":
                if len(self._items) != 1:
                    continue
                into = next(iter(self._items.values()))
            elif name.startswith("items.") is (number is None):
                into = self._flat
            value = turn(self, leaf, into.get(own))
            if value is None or (own in into and how != "cn2"):
                continue
            into[own] = value
            if leaf.text == _back(how, value):
                self._held[leaf.path] = name

    def _beside(self, leaf: Leaf, name: str) -> str:
        beside = self._by_path.get(f"{leaf.path.rpartition('/')[0]}/{name}")
        return "" if beside is None else beside.text.strip()

    def amount(self, leaf: Leaf, _: Any) -> str | None:
        """Take an amount in the currency of the goods."""
        if self._beside(leaf, "currency") == self._flat["currency"]:
            return leaf.text.strip()
        self._taken.foreign.append(leaf.path)
        return None

    def invoice(self, leaf: Leaf, _: Any) -> str | None:
        """Nothing: the total stays carried unless it is the price of the only item."""
        return None

    def scheme(self, leaf: Leaf, _: Any) -> str | None:
        """Take a registration for the one-stop shop."""
        scheme = words("CL756").get(self._beside(leaf, "role"))
        if scheme is not None:
            self._flat["scheme"] = scheme
            return leaf.text.strip()
        return None

    def _address(self, path: str, name: str) -> None:
        at = f"{path}/"
        parts = [self._by_plain.get(f"{at}{part}", ()) for part in ADDRESS]
        text = ", ".join(found[0].text.strip() for found in parts if found and found[0].text.strip())
        party = name.partition(".")[0]
        self._flat[name] = text or None
        for part, own in (("country", "country"), ("postCode", "postcode")):
            if part == "postCode" and party == "consignor":
                continue
            for leaf in self._by_plain.get(f"{at}{part}", ())[:1]:
                if leaf.text.strip():
                    self._flat[f"{party}.{own}"] = leaf.text.strip()
                    if leaf.text == leaf.text.strip():
                        self._held[leaf.path] = f"{party}.{own}"

    def _derive(self) -> None:
        flat, kind = self._flat, self._table.kind
        flat["channel"] = CHANNELS[kind]
        flat["transport_mode"] = MODES[CHANNELS[kind]]
        flat.setdefault("consignment_id", flat.get("transport_document"))
        assumed = self._taken.assumed
        if "transaction" not in flat:
            person = flat.get("consignee.person")
            flat["transaction"] = None if person is None else "b2c" if person else "b2b"
            assumed.append("transaction")
        flat["departure_country"] = flat.get("consignor.country")
        flat["destination_country"] = flat.get("consignee.country") or self._country
        flat["declaration_date"] = None if self._issued is None else str(self._issued)
        assumed += ["departure_country", "destination_country", "declaration_date"]
        if len(self._items) == 1:
            only = next(iter(self._items.values()))
            total = self._by_plain.get(f"{HOUSE}/totalAmountInvoiced/value", ())
            if "value" not in only and total and (value := self.amount(total[0], None)) is not None:
                only["value"] = value
                assumed.append("items.value")
        for item in self._items.values():
            item["quantity"] = "1"
        if self._items:
            assumed.append("items.quantity")


def _text(_: Taking, leaf: Leaf, __: Any) -> str | None:
    return leaf.text.strip()


def _joined(_: Taking, leaf: Leaf, before: Any) -> str | None:
    return f"{before}{leaf.text.strip()}" if isinstance(before, str) and len(before) == 6 else None


def _person(_: Taking, leaf: Leaf, __: Any) -> bool | None:
    word = words("CL729").get(leaf.text.strip())
    return None if word is None else word == "person"


def _nature(_: Taking, leaf: Leaf, __: Any) -> str | None:
    word = words("CL749").get(leaf.text.strip())
    return word if word in ("b2c", "returned_goods", "c2c_gift", "documents") else None


_TURNS: Final[dict[str, Callable[[Taking, Leaf, Any], Any]]] = {
    "text": _text,
    "reference": _text,
    "total": _text,
    "hs6": _text,
    "cn2": _joined,
    "person": _person,
    "nature": _nature,
    "amount": Taking.amount,
    "invoice": Taking.invoice,
    "scheme": Taking.scheme,
}


def _back(how: str, value: Any) -> str | None:
    """Return the text that *value* is written as, where that is certain."""
    if how == "hs6":
        return str(value)[:6]
    if how == "cn2":
        return str(value)[6:]
    return value if how in ("text", "reference", "total", "amount", "scheme") else None


def _nested(flat: dict[str, Any]) -> Consignment:
    made: Consignment = {}
    for name, value in flat.items():
        group, _, own = name.partition(".")
        if own:
            made.setdefault(group, {})[own] = value
        else:
            made[name] = value
    return made
