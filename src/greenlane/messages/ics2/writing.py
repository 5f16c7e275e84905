"""Writing ICS2 messages: entry summaries from consignments, with what was carried put back; notices from their values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Place, Written
from greenlane.messages.ics2 import findings as codes
from greenlane.messages.ics2.house import house_of, take
from greenlane.messages.ics2.notices import Notice, leaves_of
from greenlane.messages.ics2.reading import XMLNS
from greenlane.messages.ics2.shape import ADDRESS, HOUSE
from greenlane.messages.ics2.tables import FILINGS, Version, code_of, version_on
from greenlane.messages.tabled import (
    NOT_XML,
    Attributes,
    Leaf,
    Leaves,
    Table,
    Walk,
    element_of,
    numbered,
    parted,
    plain,
)
from greenlane.model import BY_COLUMN
from greenlane.values.errors import UsageError

_BY_CHANNEL: Final = {"postal": "F43", "express": "F32"}
_NOT_TOLD: Final = frozenset({"consignee.prior_use", "registrations", "elections"})
_HEADER: Final = {
    "issued": "documentIssueDate",
    "referral": "referralRequestReference",
    "mrn": "MRN",
    "circumstance": "SpecificCircumstanceIndicator",
    "member_state": "addressedMemberState/country",
    "representative_id": "representative/identificationNumber",
    "representative_status": "representative/status",
    "declarant_name": "declarant/name",
    "declarant_id": "declarant/identificationNumber",
    "declarant_city": "declarant/address/city",
    "declarant_country": "declarant/address/country",
    "declarant_street": "declarant/address/street",
    "declarant_postcode": "declarant/address/postCode",
    "declarant_contact": "declarant/communication/identifier",
    "declarant_contact_type": "declarant/communication/type",
}
"""What a header names, and the element that holds it."""


def write(
    consignments: Sequence[Consignment], carried: Sequence[Carried] = (), *, kind: str = "", **header: str
) -> Written:
    """Write one entry summary of all consignments.

    What the consignments and the header don't fill is in ``lost`` beside what the message can't express.

    Args:
        consignments: Objects of the contract, each a house.
        carried: What reading carried; its houses are those of the consignments in turn.
        kind: F43, A43, F32 or A32; by default the one that was carried, else by the channel of the goods.
        header: ``issued``, ``member_state``, ``declarant_id`` and so on.
    Raises:
        UsageError: No consignment, none of the kinds, goods of several channels, or a header of another name.
    Example:
        >>> written = write([{"consignment_id": "A1", "channel": "postal", "items": [{"item_id": "1"}]}])
        >>> len([found for found in written.lost if found.code == "messages.ics2.unfilled"])
        16
    """
    if not consignments:
        raise UsageError("an entry summary is written from one consignment at least")
    if strange := set(header) - set(_HEADER):
        raise UsageError(f"an entry summary has no header {', '.join(sorted(strange))}")
    kind = kind or _kind(consignments, carried)
    if kind not in FILINGS:
        raise UsageError(f"expected one of {', '.join(FILINGS)}")
    leaves: Leaves = {}
    houses: dict[int, list[Carried]] = {}
    root = f"/IE3{kind}"
    namespace = ""
    outer: Attributes = ()
    for one in carried:
        steps = one.path.split("/", 3)
        path = "/".join([root, *steps[2:]]) if len(steps) > 2 else root
        if len(steps) == 2:
            outer = tuple(pair for pair in one.attributes if pair[0] != XMLNS)
            namespace = dict(one.attributes).get(XMLNS, "")
        elif parted(steps[2])[0] == HOUSE:
            houses.setdefault(parted(steps[2])[1], []).append(one._replace(path=path))
        else:
            leaves[path] = (one.text, one.attributes)
    version = _version(header.get("issued") or leaves.get(f"{root}/documentIssueDate", ("",))[0])
    table = version.tables[kind]
    lost: list[ForeignFinding] = []
    for number, consignment in enumerate(consignments, 1):
        house = _House(table, consignment, number, houses.get(number, ()))
        leaves |= house.leaves()
        lost += house.lost
    first = consignments[0]
    given = {"circumstance": f"F{kind[1:]}", "member_state": first.get("destination_country"), **header}
    for name, value in given.items():
        path = f"{root}/{_HEADER[name]}"
        if value and (name in header or path not in leaves):
            leaves[path] = (value, ())
    made = element_of(leaves, table, namespace or None)
    for name, value in outer:
        made.set(name, value)
    walk = Walk(table)
    walk.group(made, root, "")
    lost += _unfilled(walk)
    return Written(etree.tostring(made, xml_declaration=True, encoding="UTF-8"), tuple(lost))


def write_notice(notice: Notice, carried: Sequence[Carried] = ()) -> Written:
    """Write one notice. What it lacks is in ``lost``.

    Args:
        notice: What it says.
        carried: What reading carried: the elements that the tables don't know, and the namespace, are put back.

    Example:
        >>> write_notice(Notice("R01", mrn="26DE0000000000001A")).lost[0].place.path
        '/IE3R01/documentIssueDate'
    """
    table = version_on(notice.at.date() if notice.at else None).tables[notice.kind]
    leaves = leaves_of(notice)
    lost = []
    for path, (text, _) in list(leaves.items()):
        known = table.elements.get(plain(path))
        if known is None or NOT_XML.search(text):
            del leaves[path]
            lost.append(ForeignFinding(codes.LOST, Place(path), f"IE3{notice.kind} cannot hold it"))
    strangers = (one for one in carried if one.path.count("/") > 1 and plain(one.path) not in table.elements)
    leaves |= {one.path: (one.text, one.attributes) for one in strangers}
    spaces = [dict(one.attributes).get(XMLNS) for one in carried if one.path == f"/{table.root}"]
    made = element_of(leaves, table, next((space for space in spaces if space), None))
    walk = Walk(table)
    walk.group(made, f"/{table.root}", "")
    return Written(etree.tostring(made, xml_declaration=True, encoding="UTF-8"), (*lost, *_unfilled(walk)))


def _unfilled(walk: Walk) -> Iterator[ForeignFinding]:
    for found in walk.findings:
        code = codes.UNFILLED if found.code == codes.MISSING else found.code
        yield ForeignFinding(code, found.place, found.message, _consignment_in(found.place.path))


def _consignment_in(path: str) -> int | None:
    steps = path.split("/")
    if len(steps) < 3 or parted(steps[2])[0] != HOUSE:
        return None
    return parted(steps[2])[1] - 1


def _kind(consignments: Sequence[Consignment], carried: Sequence[Carried]) -> str:
    for one in carried:
        name = one.path.split("/")[1].removeprefix("IE3")
        if name in FILINGS:
            return name
    channels = {str(one.get("channel")) for one in consignments}
    if len(channels) != 1 or not channels <= set(_BY_CHANNEL):
        raise UsageError("an entry summary holds goods of one channel, postal or express")
    return _BY_CHANNEL[channels.pop()]


def _version(issued: str) -> Version:
    try:
        return version_on(datetime.fromisoformat(issued.strip()).date())
    except ValueError:
        return version_on(None)


class _House:
    """Writes one consignment: restores what was carried, then fills what reading it back doesn't give."""

    def __init__(
        self, table: Table, consignment: Consignment, number: int, carried: Sequence[Carried]
    ) -> None:
        self._table = table
        self._wanted = {name: value for name, value in _flat(consignment) if value is not None}
        self._count = len(consignment.get("items") or ())
        self._carried = carried
        self._path = numbered(f"/{table.root}/{HOUSE}", number)
        self._number = number - 1
        self._leaves: Leaves = {}
        self.lost: list[ForeignFinding] = []

    def leaves(self) -> Leaves:
        """Return the leaves of the house; afterwards ``lost`` is complete."""
        self._restore()
        self._fill(self._back())
        if not self._carried:
            self._assume()
        held = self._back()
        for name, value in self._wanted.items():
            default = BY_COLUMN.get(re.sub(r"^items\.\d+", "items", name))
            text = _text(value)
            if held.get(name) == value or (default is not None and default.default == text):
                continue
            if name.endswith(".gross_mass_kg"):
                self._say(codes.LOST, name, "the message holds the mass of all items together")
                continue
            self._say(codes.LOST, name, f"the message cannot hold it ({shape_of(text)})")
        return self._leaves

    def _say(self, code: str, name: str, words: str) -> None:
        path = f"/{name.replace('.', '/')}"
        self.lost.append(ForeignFinding(code, Place(path), words, self._number))

    def _restore(self) -> None:
        for one in self._carried:
            number = _item_in(one.path)
            if number is not None and number > self._count:
                continue
            text = one.text
            if one.held is not None:
                value = self._wanted.get(_numbered(one.held, number or 1))
                if value is None:
                    continue
                text = _text(value)
                if one.held == "items.hs_code":
                    text = text[6:8] if one.path.endswith("combinedNomenclatureCode") else text[:6]
                if not self._fits(one.path, text):
                    continue
            self._leaves[one.path] = (text, one.attributes)

    def _back(self) -> dict[str, Any]:
        """Read back what stands now."""
        leaves = [Leaf(path, plain(path), *held) for path, held in self._leaves.items()]
        day = self._wanted.get("declaration_date")
        house = house_of(self._table, leaves, self._path)
        taken = take(self._table.kind, house, _day(day), self._wanted.get("destination_country"))
        return dict(_flat(taken.consignment))

    def _fill(self, held: Mapping[str, Any]) -> None:
        if self._table.kind.endswith("43") and held.get("transaction") != self._wanted.get("transaction"):
            self._transaction()
        for path, element in self._table.elements.items():
            field, how = element.row.get("field", ""), element.row.get("how", "")
            if not field or not path.startswith(f"{HOUSE}/") or how in ("currency", "nature", "invoice"):
                continue
            of_item = path.startswith(f"{HOUSE}/goodsItem/")
            for number in range(1, self._count + 1) if of_item else (1,):
                if how == "address":
                    self._address(path, field, held)
                    continue
                name = _numbered(field, number)
                value = self._wanted.get(name)
                if how == "total":
                    self._mass(path, held)
                elif value is not None and held.get(name) != value:
                    self._put(self._at(path, number), how, value)

    def _at(self, path: str, number: int) -> str:
        below = path.removeprefix(f"{HOUSE}/")
        if number > 1:
            below = below.replace("goodsItem", f"goodsItem[{number}]", 1)
        return f"{self._path}/{below}"

    def _put(self, path: str, how: str, value: Any) -> None:
        text = _text(value)
        group = path.rpartition("/")[0]
        if how == "amount":
            currency = self._wanted.get("currency")
            if currency and self._set(path, text):
                self._set(f"{group}/currency", currency)
        elif how == "reference":
            if value != self._wanted.get("transport_document"):
                self._set(path, text)
        elif how == "hs6":
            self._set(path, text[:6])
        elif how == "cn2":
            if len(text) >= 8:
                self._set(path, text[6:8])
            else:
                self._leaves.pop(path, None)
        elif how == "person":
            self._set(path, code_of("CL729", "person" if value else "company") or "")
        elif how == "scheme":
            role = code_of("CL756", str(self._wanted.get("scheme")))
            if role is not None and self._set(path, text):
                self._set(f"{group}/role", role)
        else:
            self._set(path, text)

    def _transaction(self) -> None:
        code = code_of("CL749", str(self._wanted.get("transaction")))
        if code is None and self._wanted.get("transaction") != "b2b":
            return
        for number in range(1, self._count + 1):
            path = self._at(f"{HOUSE}/goodsItem/typeOfGoods", number)
            if code is None:
                self._leaves.pop(path, None)
            else:
                self._set(path, code)

    def _total(self) -> str | None:
        masses = [self._wanted.get(f"items.{place}.gross_mass_kg") for place in range(self._count)]
        if not masses or any(mass is None or not _number(mass) for mass in masses):
            return None
        if len(masses) == 1:
            return str(masses[0])
        return format(sum((Decimal(str(mass)) for mass in masses), Decimal(0)), "f")

    def _mass(self, path: str, held: Mapping[str, Any]) -> None:
        total = self._total()
        if total is not None and held.get("items.0.gross_mass_kg") != total:
            self._set(self._at(path, 1), total)

    def _address(self, path: str, field: str, held: Mapping[str, Any]) -> None:
        at = self._at(path, 1)
        party = field.partition(".")[0]
        for own, part in (("country", "country"), ("postcode", "postCode")):
            value = self._wanted.get(f"{party}.{own}")
            if value is not None and held.get(f"{party}.{own}") != value:
                self._set(f"{at}/{part}", value)
        text = self._wanted.get(field)
        if text is None or held.get(field) == text:
            return
        street, _, city = text.rpartition(", ")
        if not all(
            self._fits(f"{at}/{part}", one) for part, one in (("street", street), ("city", city)) if one
        ):
            return
        for part in ADDRESS:
            self._leaves.pop(f"{at}/{part}", None)
        if street:
            self._set(f"{at}/street", street)
        self._set(f"{at}/city", city)

    def _assume(self) -> None:
        """Fill what the message needs and no field tells, and say so."""
        told: list[str] = []
        kind = f"F{self._table.kind[1:]}"
        document = f"{self._path}/transportDocumentHouseLevel"
        number = self._wanted.get("transport_document") or self._wanted.get("consignment_id")
        if f"{document}/documentNumber" not in self._leaves and number:
            self._set(f"{document}/documentNumber", str(number))
        self._guess(f"{document}/type", code_of("CL754", kind), told)
        gift = self._wanted.get("transaction") == "c2c_gift"
        for party, natural in (("consignor", gift), ("consignee", self._wanted.get("transaction") != "b2b")):
            self._guess(
                f"{self._path}/{party}/typeOfPerson",
                code_of("CL729", "person" if natural else "company"),
                told,
            )
        for place in range(1, self._count + 1):
            self._guess(self._at(f"{HOUSE}/goodsItem/goodsItemNumber", place), str(place), None)
            packages = self._at(f"{HOUSE}/goodsItem/packaging/numberOfPackages", place)
            self._guess(packages, "1" if place == 1 else "0", told)
        if told:
            self.lost.append(
                ForeignFinding(codes.ASSUMED, Place(self._path), f"filled: {', '.join(told)}", self._number)
            )

    def _guess(self, path: str, text: str | None, told: list[str] | None) -> None:
        if path in self._leaves or text is None:
            return
        self._set(path, text)
        name = path.rpartition("/")[2]
        if told is not None and name not in told:
            told.append(name)

    def _set(self, path: str, text: str) -> bool:
        if not self._fits(path, text):
            return False
        attributes: Attributes = self._leaves.get(path, ("", ()))[1]
        self._leaves[path] = (text, attributes)
        return True

    def _fits(self, path: str, text: str) -> bool:
        known = self._table.elements.get(plain(path))
        return known is not None and known.fits is not None and known.fits(text) and not NOT_XML.search(text)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _number(text: Any) -> bool:
    return re.fullmatch(r"\d{1,16}(\.\d{1,6})?", str(text), re.ASCII) is not None


def _item_in(path: str) -> int | None:
    steps = path.split("/")
    return parted(steps[3])[1] if len(steps) > 4 and parted(steps[3])[0] == "goodsItem" else None


def _numbered(field: str, number: int) -> str:
    return field.replace("items.", f"items.{number - 1}.", 1) if field.startswith("items.") else field


def _flat(consignment: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in consignment.items():
        if isinstance(value, Mapping) and f"{before}{name}" not in _NOT_TOLD:
            yield from _flat(value, f"{before}{name}.")
        elif name == "items" and not before:
            for place, item in enumerate(value or ()):
                yield from _flat(item, f"items.{place}.")
        else:
            yield f"{before}{name}", value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()
