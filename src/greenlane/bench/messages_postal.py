"""Messages of the posts for the measurement: item data in XML beside lxml, in EDIFACT beside plain splitting."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import Final

from lxml import etree

from greenlane.bench.message_formats import Measured, whole
from greenlane.messages.foreign import Consignment
from greenlane.messages.postal import ITMATT, ITMATT_XML
from greenlane.messages.postal.fields import BY_NAME, CODES, ELEMENTS, Row
from greenlane.messages.postal.markup import NAMESPACE
from greenlane.messages.xml import schema
from greenlane.model import COUNTRIES
from greenlane.values.identifiers import S10_PATTERN, s10_check_digit
from greenlane.values.money import CURRENCIES

_XS: Final = "http://www.w3.org/2001/XMLSchema"
_PATTERNS: Final = {
    "hs": "[0-9]{4,14}",
    "count": "[0-9]+",
    "day": "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "s10": S10_PATTERN.strip("^$"),
    **dict.fromkeys(("amount", "total", "number", "quantity", "mass", "total_mass"), "[0-9]+(\\.[0-9]+)?"),
}
_LISTS: Final = {
    "country": sorted(COUNTRIES),
    "currency": sorted(CURRENCIES),
    **{name: [one.code for one in CODES if one.list == name] for name in {one.list for one in CODES}},
}


def posted(consignments: Iterable[Consignment]) -> list[Consignment]:
    """Return consignments as the post has them: each with a number of UPU S10."""
    made = []
    for number, one in enumerate(consignments):
        identifier = f"CC{number:08d}{s10_check_digit(f'{number:08d}')}GB"
        made.append({**one, "transport_document": identifier, "channel": "postal"})
    return made


def _xml(consignments: Sequence[Consignment]) -> bytes:
    return ITMATT_XML.write(posted(consignments)).data


def _edifact(consignments: Sequence[Consignment]) -> bytes:
    return ITMATT.write(posted(consignments)).data


def _long_xml(consignments: Sequence[Consignment], items: int) -> Iterator[bytes]:
    return _long(_xml(consignments), b"<Item>", b"</Item>", consignments, items, _count_of_xml)


def _long_edifact(consignments: Sequence[Consignment], items: int) -> Iterator[bytes]:
    return _long(_edifact(consignments), b"CNI+", b"CNT+", consignments, items, _count_of_edifact)


def _split(data: bytes) -> None:
    for one in data.decode("utf-8").split("'"):
        for element in one.split("+"):
            element.split(":")


def _schema() -> etree.XMLSchema:
    """Compile a schema of item data: the same elements, order, codes and forms as the table."""
    lines = [
        f'<xs:schema xmlns:xs="{_XS}" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}" '
        'elementFormDefault="qualified"><xs:element name="ITMATT"><xs:complexType><xs:sequence>'
        '<xs:element name="Head"><xs:complexType><xs:sequence>'
        '<xs:any minOccurs="0" maxOccurs="9" processContents="skip"/></xs:sequence></xs:complexType></xs:element>'
        '<xs:element name="Item" maxOccurs="unbounded"><xs:complexType><xs:sequence>',
        *_fields("item"),
    ]
    for group, most in (("sender", "1"), ("recipient", "1"), ("piece", "unbounded")):
        lines.append(
            f'<xs:element name="{ELEMENTS[group]}" minOccurs="0" maxOccurs="{most}"><xs:complexType>'
        )
        lines += ["<xs:sequence>", *_fields(group), "</xs:sequence></xs:complexType></xs:element>"]
    lines.append("</xs:sequence></xs:complexType></xs:element></xs:sequence>")
    lines.append('<xs:attribute name="version"/></xs:complexType></xs:element>')
    lines += [_type(row) for row in BY_NAME.values() if row.group != "head"]
    return schema({"main.xsd": "".join([*lines, "</xs:schema>"]).encode()}, "main.xsd")


def _fields(group: str) -> Iterable[str]:
    for row in BY_NAME.values():
        if row.group == group:
            least = int("ITM" in row.needed)
            yield f'<xs:element name="{row.name}" type="{row.name}" minOccurs="{least}"/>'


def _type(row: Row) -> str:
    facets = f'<xs:maxLength value="{row.most}"/>'
    if row.how in _PATTERNS:
        facets += f'<xs:pattern value="{_PATTERNS[row.how]}"/>'
    facets += "".join(f'<xs:enumeration value="{one}"/>' for one in _LISTS.get(row.how, ()))
    simple = f'<xs:restriction base="xs:string">{facets}</xs:restriction>'
    return (
        f'<xs:simpleType name="{row.name}-text">{simple}</xs:simpleType><xs:complexType name="{row.name}">'
        f'<xs:simpleContent><xs:extension base="{row.name}-text"><xs:attribute name="unit"/></xs:extension>'
        "</xs:simpleContent></xs:complexType>"
    )
