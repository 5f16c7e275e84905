"""Schemas of postal item data and of waybills, made from their tables: same elements, order, codes and forms."""

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

from greenlane.messages.placi.elements import INNER, SPACES, TABLES
from greenlane.messages.postal.fields import BY_NAME, CODES, ELEMENTS, Row
from greenlane.messages.postal.markup import NAMESPACE
from greenlane.messages.xml import schema
from greenlane.model import COUNTRIES
from greenlane.values.identifiers import S10_PATTERN
from greenlane.values.money import CURRENCIES

_XS: Final = "http://www.w3.org/2001/XMLSchema"
_PATTERNS: Final = {
    "hs": "[0-9]{4,14}",
    "count": "[0-9]+",
    "day": "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "s10": S10_PATTERN.strip("^$"),
    **dict.fromkeys(("amount", "total", "number", "quantity", "mass", "total_mass"), r"[0-9]+(\.[0-9]+)?"),
}
_FORM: Final = re.compile(r"(an|a|n)(\.\.)?(\d+)(?:,(\d+))?")
_LISTS: Final = {
    "country": sorted(COUNTRIES),
    "currency": sorted(CURRENCIES),
    **{name: [one.code for one in CODES if one.list == name] for name in {one.list for one in CODES}},
}


def schema_of_items() -> etree.XMLSchema:
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


def schema_of_waybill(kind: str) -> etree.XMLSchema:
    """Compile a schema of a waybill: its children are of the kind's own namespace, what is in them of the inner one."""
    table = TABLES[kind]

    def below(path: str) -> Iterable[str]:
        for name, one in table.children[path].items():
            occurs = f'minOccurs="{one.least}" maxOccurs="{one.most or "unbounded"}"'
            if one.group:
                yield f'<xs:element name="{name}" {occurs}><xs:complexType><xs:sequence>'
                yield from below(one.path)
                yield "</xs:sequence></xs:complexType></xs:element>"
            else:
                yield f'<xs:element name="{name}" {occurs} type="form-{re.sub("[^a-z0-9]", "-", one.form)}"/>'

    inner = [f'<xs:schema xmlns:xs="{_XS}" xmlns="{INNER}" targetNamespace="{INNER}" '
             'elementFormDefault="qualified">']  # fmt: skip
    own = [f'<xs:schema xmlns:xs="{_XS}" xmlns:i="{INNER}" targetNamespace="{SPACES[kind]}" '
           f'elementFormDefault="qualified"><xs:import namespace="{INNER}" schemaLocation="inner.xsd"/>'
           f'<xs:element name="{table.root}"><xs:complexType><xs:sequence>']  # fmt: skip
    for name, one in table.children[""].items():
        own.append(f'<xs:element name="{name}" type="i:{name}"/>')
        inner.append(f'<xs:complexType name="{name}"><xs:sequence>{"".join(below(one.path))}')
        inner.append("</xs:sequence></xs:complexType>")
    own.append("</xs:sequence></xs:complexType></xs:element></xs:schema>")
    inner += [_form(form) for form in sorted({one.form for one in table.elements.values()} - {""})]
    inner.append("</xs:schema>")
    return schema({"main.xsd": "".join(own).encode(), "inner.xsd": "".join(inner).encode()}, "main.xsd")


def _form(form: str) -> str:
    name = f"form-{re.sub('[^a-z0-9]', '-', form)}"
    base, facets = "string", '<xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"/>'
    if found := _FORM.fullmatch(form):
        kind, up_to, longest, decimals = found.groups()
        least = f"{1 if up_to else longest},{longest}"
        facets = f'<xs:pattern value="[{"0-9" if kind == "n" else "A-Za-z"}]{{{least}}}"/>'
        if decimals is not None:
            base, facets = (
                "decimal",
                f'<xs:totalDigits value="{longest}"/><xs:fractionDigits value="{decimals}"/>',
            )
        elif kind == "an":
            facets = f'<xs:minLength value="1"/><xs:maxLength value="{longest}"/>'
    return (
        f'<xs:simpleType name="{name}-text"><xs:restriction base="xs:{base}">{facets}</xs:restriction>'
        f'</xs:simpleType><xs:complexType name="{name}"><xs:simpleContent><xs:extension base="{name}-text">'
        '<xs:attribute name="unitCode"/></xs:extension></xs:simpleContent></xs:complexType>'
    )
