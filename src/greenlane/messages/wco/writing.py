"""Writing a declaration: consignments of the contract to XML, with what was carried put back where it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Message, Place, Written
from greenlane.messages.wco import findings as codes
from greenlane.messages.wco.declaration import message_of
from greenlane.messages.wco.elements import DECLARATION, parted
from greenlane.messages.wco.leaves import Attributes, Leaves, element_of
from greenlane.messages.wco.mapping import DOCUMENTS, ITEM, MODES, PLACE, ROOT, ROWS, Row
from greenlane.model import BY_COLUMN
from greenlane.values.errors import UsageError

META: Final = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
MANY: Final = "urn:greenlane:messages:1"
"""Namespace of the element that wraps several declarations; the model has none."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CODES: Final = {mode: code for code, mode in MODES.items()}
_META_ORDER: Final = (
    "WCODataModelVersionCode",
    "WCOTypeName",
    "ResponsibleCountryCode",
    "ResponsibleAgencyName",
    "AgencyAssignedCustomizationCode",
    "AgencyAssignedCustomizationVersionCode",
)
_NOT_TOLD: Final = {"consignee.prior_use", "registrations", "elections"}


def write(
    consignments: Sequence[Consignment],
    carried: Sequence[Carried] = (),
    *,
    type: str = "IMA",
    function: str = "9",
) -> Written:
    """Write one declaration for each consignment; several stand in a wrapper of greenlane's own.

    Args:
        consignments: Objects of the contract.
        carried: What reading one declaration carried; only with one consignment.
        type: Type of declaration (IMA, IMD …) where none is carried.
        function: Function of the message where none is carried.
    Raises:
        UsageError: No consignment, or several with *carried*.
    Example:
        >>> written = write([{"consignment_id": "A1", "platform": {"id": "M1"}, "items": [{"item_id": "1"}]}])
        >>> [finding.place.path for finding in written.lost]
        ['/platform/id']
    """
    if not consignments or (carried and len(consignments) > 1):
        raise UsageError(
            "a WCO declaration is written from one consignment, or several without what was carried"
        )
    lost: list[ForeignFinding] = []
    made = []
    for number, consignment in enumerate(consignments):
        element, left = _declaration(consignment, carried, {"TypeCode": type, "FunctionCode": function})
        made.append(element)
        lost += [ForeignFinding(codes.LOST, Place(path), words, number) for path, words in left]
    whole = made[0]
    if len(made) > 1:
        whole = etree.Element(f"{{{MANY}}}Messages", nsmap={None: MANY})
        whole.extend(made)
    return Written(etree.tostring(whole, xml_declaration=True, encoding="UTF-8"), tuple(lost))


def _declaration(
    consignment: Consignment, carried: Sequence[Carried], given: Mapping[str, str]
) -> tuple[etree._Element, list[tuple[str, str]]]:
    wanted = {name: value for name, value in _flat(consignment) if value is not None}
    leaves = dict(_restored(carried, wanted, len(consignment.get("items") or ())))
    came = max((_item_number(one.path) or 0 for one in carried), default=0)
    new = _New(leaves, wanted, given, came)
    new.fill(_read_back(leaves))
    element = element_of(((p, *held) for p, held in leaves.items()), DECLARATION)
    held = _read_back(leaves)
    lost = []
    for name, value in wanted.items():
        default = BY_COLUMN.get(re.sub(r"^items\.\d+", "items", name))
        if held.get(name) != value and not (default is not None and default.default == _text(value)):
            lost.append(
                (f"/{name.replace('.', '/')}", f"the message cannot hold it ({shape_of(_text(value))})")
            )
    return wrapped(element, carried), lost


def leaves_of(message: Message) -> Leaves:
    """Return every leaf of a declaration that was read, as it came."""
    consignment = message.consignments[0] if message.consignments else {}
    wanted = {name: value for name, value in _flat(consignment) if value is not None}
    return dict(_restored(message.carried, wanted, len(consignment.get("items") or ())))


def _restored(carried: Sequence[Carried], wanted: Mapping[str, Any], items: int) -> Iterator[tuple[str, Any]]:
    """Give back the leaves that were carried, and those whose value the consignment still holds."""
    for one in carried:
        if not one.path.startswith(f"{ROOT}/"):
            continue
        number = _item_number(one.path)
        if number is not None and number > items:
            continue
        text: str | None = one.text
        attributes = dict(one.attributes)
        if one.held is not None:
            field, _, start = one.held.partition("#")
            value = wanted.get(_numbered(field, number))
            if value is None:
                continue
            text = _CODES.get(value, "") if field == "transport_mode" else _text(value)
            if field == "items.hs_code":
                text = text[8:] if start else (text[:8] if len(text) > 8 else text)
            if "currencyID" in attributes:
                attributes["currencyID"] = wanted.get("currency", attributes["currencyID"])
            if field == "items.quantity" and "unitCode" in attributes:
                attributes["unitCode"] = wanted.get(_numbered("items.unit", number), attributes["unitCode"])
            if not text or not _fits(one.path, text):
                continue
        yield one.path, (text, tuple(sorted(attributes.items())))


class _New:
    """Writes what the restored leaves don't say, by the rows of the table."""

    def __init__(
        self, leaves: Leaves, wanted: Mapping[str, Any], given: Mapping[str, str], came: int
    ) -> None:
        self._came = came
        self._leaves = leaves
        self._wanted = wanted
        self._given = given
        self._items = 1 + max((int(n.split(".")[1]) for n in wanted if n.startswith("items.")), default=-1)

    def fill(self, held: Mapping[str, Any]) -> None:
        """Write every field that reading back doesn't give as it is wanted."""
        if self._leaves.get(f"{ROOT}/TypeCode", ("", ()))[0].strip() != "COR":
            self._constants()
        done: set[str] = set()
        dataset = self._wanted.get("dataset")
        for row in ROWS:
            if not row.field or (row.dataset and row.dataset != dataset):
                continue
            for number in range(1, self._items + 1) if row.of_item else (None,):
                name = _numbered(row.field, number)
                value = self._wanted.get(name)
                if name in done or value is None or held.get(name) == value:
                    continue
                if self._put(row, self._path(row.path, number), _text(value), number):
                    done.add(name)
        self._procedures(held)

    def _constants(self) -> None:
        counted = {_item_number(path) for path in self._leaves} - {None}
        for row in ROWS:
            if row.how == "count" and (f"{ROOT}/{row.path}" not in self._leaves or self._came != self._items):
                self._leaves[f"{ROOT}/{row.path}"] = (str(self._items), ())
            if row.how != "constant":
                continue
            for number in range(1, self._items + 1) if row.of_item else (None,):
                path = self._path(row.path, number)
                if row.of_item and number in counted:
                    continue
                self._leaves.setdefault(path, (self._given.get(row.path, row.constant), ()))
        self._leaves.setdefault(f"{ROOT}/TypeCode", (self._given["TypeCode"], ()))

    def _procedures(self, held: Mapping[str, Any]) -> None:
        """Write what is told by procedures and statements: dataset, gifts between persons, Northern Ireland."""
        wanted = []
        if self._wanted.get("dataset") == "H7" != held.get("dataset"):
            wanted.append("1H7")
        gift = self._wanted.get("transaction") == "c2c_gift" != held.get("transaction")
        for number in range(1, self._items + 1):
            claimed = self._wanted.get(_numbered("items.relief_claim", number))
            if self._wanted.get("destination_region") == "NI" != held.get("destination_region"):
                within = self._wanted.get("departure_country") == "GB"
                told = self._path(f"{ITEM}/AdditionalInformation/StatementCode", number)
                self._repeat(told, "NIDOM" if within else "NIIMP")
            for code in (*wanted, *(("C08",) if gift and claimed != "C08" else ())):
                self._repeat(self._path(f"{ITEM}/GovernmentProcedure/CurrentCode", number), code)

    def _put(self, row: Row, path: str, text: str, number: int | None) -> bool:
        how = row.how
        if _NOT_XML.search(text):
            return False
        if how == "amount":
            return self._set(path, text, (("currencyID", self._wanted.get("currency", "")),))
        if how == "measure":
            return self._set(path, text, (("unitCode", "KGM"),))
        if how == "quantity":
            unit = self._wanted.get(_numbered("items.unit", number))
            return self._set(path, text, (("unitCode", unit),) if unit else ())
        if how == "mode":
            return text in _CODES and self._set(path, _CODES[text])
        if how == "day":
            return self._set(path, text.replace("-", ""), (("formatCode", "102"),))
        if how == "address":
            return self._address(path, text, PLACE if row.field.startswith("consignor") else PLACE[:2])
        if how == "code":
            return self._code(path, text)
        if how == "relief":
            return self._repeat(path, text)
        if how == "declared":
            return False
        if row.field == "scheme_id" and self._wanted.get("scheme") != "IOSS":
            return False
        if row.near is None:
            return self._set(path, text)
        name, values = row.near
        kind = values[0]
        if row.field == "transport_document":
            kind = DOCUMENTS.get(self._wanted.get("transport_mode", ""), kind)
        return _fits(path, text) and self._repeat(path, text, {name: kind})

    def _set(self, path: str, text: str, attributes: Attributes = ()) -> bool:
        if not _fits(path, text):
            return False
        self._leaves[path] = (text, attributes)
        return True

    def _repeat(self, path: str, text: str, beside: Mapping[str, str] | None = None) -> bool:
        """Open one more of the group that the leaf stands in."""
        if not _fits(path, text):
            return False
        group, _, leaf = path.rpartition("/")
        number = 1 + max((number_in(one, group) for one in self._leaves), default=0)
        at = group if number == 1 else f"{group}[{number}]"
        for name, value in (beside or {}).items():
            self._leaves[f"{at}/{name}"] = (value, ())
            if group.endswith("/PreviousDocument"):
                self._leaves[f"{at}/CategoryCode"] = ("Z", ())
        self._leaves[f"{at}/{leaf}"] = (text, ())
        return True

    def _address(self, path: str, text: str, names: Sequence[str]) -> bool:
        group = path.rpartition("/")[0]
        parts = text.split(", ")
        if len(parts) != len(names) or not all(
            _fits(f"{group}/{name}", part) for name, part in zip(names, parts, strict=True)
        ):
            parts = [text]
        if not _fits(path, parts[0]):
            return False
        for name in names:
            self._leaves.pop(f"{group}/{name}", None)
        for name, part in zip(names, parts, strict=False):
            self._leaves[f"{group}/{name}"] = (part, ())
        return True

    def _code(self, path: str, text: str) -> bool:
        self._repeat(path, text[:8], {"IdentificationTypeCode": "TSP"})
        if len(text) == 10:
            self._repeat(path, text[8:], {"IdentificationTypeCode": "TRC"})
        return True

    @staticmethod
    def _path(path: str, number: int | None) -> str:
        if number is not None and number > 1:
            path = path.replace(ITEM, f"{ITEM}[{number}]", 1)
        return f"{ROOT}/{path}"


def number_in(path: str, group: str) -> int:
    """Return which repeat of *group* a leaf stands in, 0 for none.

    Example:
        >>> number_in("/a/b[2]/c", "/a/b"), number_in("/a/b/c", "/a/b"), number_in("/a/bc", "/a/b")
        (2, 1, 0)
    """
    if not path.startswith(group) or path[len(group) : len(group) + 1] not in ("/", "["):
        return 0
    return parted(group.rpartition("/")[2] + path[len(group) :].partition("/")[0])[1]


def _item_number(path: str) -> int | None:
    start = f"{ROOT}/{ITEM}"
    if not path.startswith(start):
        return None
    return number_in(path, start) or None


def _numbered(field: str, number: int | None) -> str:
    return field if number is None else field.replace("items.", f"items.{number - 1}.", 1)


def _fits(path: str, text: str) -> bool:
    *_, parent, name = path.split("/")
    known = DECLARATION.known.get(parted(parent)[0], {}).get(parted(name)[0])
    return known is not None and (known.fits is None or known.fits(text)) and not _NOT_XML.search(text)


def _flat(consignment: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in consignment.items():
        if isinstance(value, Mapping) and name not in _NOT_TOLD:
            yield from _flat(value, f"{before}{name}.")
        elif name == "items" and not before:
            for place, item in enumerate(value or ()):
                yield from _flat(item, f"items.{place}.")
        else:
            yield f"{before}{name}", value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _read_back(leaves: Leaves) -> dict[str, Any]:
    element = element_of(((p, *held) for p, held in leaves.items()), DECLARATION)
    message = message_of(element, None)
    return dict(_flat(message.consignments[0])) if message.consignments else {}


def wrapped(declaration: etree._Element, carried: Sequence[Carried]) -> etree._Element:
    """Put a declaration into MetaData, as the one that was read; alone if that one was."""
    told = {one.path.rpartition("/")[2]: one.text for one in carried if one.path.startswith("/MetaData/")}
    if carried and not told:
        return declaration
    told = told or {"WCODataModelVersionCode": "3.6", "WCOTypeName": "DEC"}
    whole = etree.Element(f"{{{META}}}MetaData", nsmap={"md": META})
    for name in _META_ORDER:
        if name in told:
            etree.SubElement(whole, f"{{{META}}}{name}").text = told[name] or None
    whole.append(declaration)
    return whole
