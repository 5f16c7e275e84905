"""A schema made from the table of elements: what bare lxml validates against, with the same names, order and forms."""

import re
from collections.abc import Mapping

from lxml import etree

from greenlane.messages.wco.elements import Known, Model
from greenlane.messages.xml import schema

_XS = "http://www.w3.org/2001/XMLSchema"
_FORM = re.compile(r"(an|a|d|n)(\.\.)?(\d+)(?:,(\d+))?(?:=(.*))?")
_SIGNS = {"a": "[a-zA-Z]*", "d": "[0-9]*"}
_ATTRIBUTES = ("currencyID", "unitCode", "formatCode")


def schema_of(model: Model) -> etree.XMLSchema:
    """Compile the schema of a message from its table."""
    names = {name for shape in model.known.values() for name in shape}
    lines = [f'<xs:schema xmlns:xs="{_XS}" xmlns="{model.namespace}" targetNamespace="{model.namespace}"']
    lines.append(f' elementFormDefault="qualified" xmlns:ds="{model.types}">')
    lines.append(f'<xs:import namespace="{model.types}" schemaLocation="types.xsd"/>')
    root = next(iter(model.known[""]))
    lines.append(f'<xs:element name="{root}" type="{root}"/>')
    for parent, shape in model.known.items():
        if parent not in names or "DateTimeString" in shape:
            continue
        lines.append(f'<xs:complexType name="{parent}"><xs:sequence>')
        lines += [_element(name, known, model.known) for name, known in shape.items()]
        lines.append("</xs:sequence></xs:complexType>")
    forms = {known.form for shape in model.known.values() for known in shape.values()} - {"", "dt"}
    lines += [_type(form) for form in sorted(forms)]
    lines.append("</xs:schema>")
    types = (
        f'<xs:schema xmlns:xs="{_XS}" targetNamespace="{model.types}" elementFormDefault="qualified">'
        '<xs:element name="DateTimeString"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">'
        '<xs:attribute name="formatCode"/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:schema>'
    )
    return schema({"main.xsd": "".join(lines).encode(), "types.xsd": types.encode()}, "main.xsd")


def _element(name: str, known: Known, groups: Mapping[str, object]) -> str:
    most = known.most or "unbounded"
    head = f'<xs:element name="{name}" minOccurs="0" maxOccurs="{most}"'
    if known.form == "dt":
        inner = '<xs:complexType><xs:sequence><xs:element ref="ds:DateTimeString"/></xs:sequence></xs:complexType>'
        return f"{head}>{inner}</xs:element>"
    if name in groups:
        return f'{head} type="{name}"/>'
    return f'{head} type="{_type_name(known.form)}"/>'


def _type_name(form: str) -> str:
    return "form-" + re.sub(r"\W", "-", form)


def _type(form: str) -> str:
    """Return the type of a leaf: its form, and the attributes that a leaf may have."""
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(f"form {form!r}")
    name = _type_name(form)
    attributes = "".join(f'<xs:attribute name="{one}"/>' for one in _ATTRIBUTES)
    return (
        f'<xs:simpleType name="{name}-text">{_simple(found)}</xs:simpleType>'
        f'<xs:complexType name="{name}"><xs:simpleContent>'
        f'<xs:extension base="{name}-text">{attributes}</xs:extension></xs:simpleContent></xs:complexType>'
    )


def _simple(found: re.Match[str]) -> str:
    kind, up_to, longest, decimals, choices = found.groups()
    if kind == "n":
        facets = f'<xs:totalDigits value="{longest}"/><xs:fractionDigits value="{decimals or 0}"/>'
        return f'<xs:restriction base="xs:decimal">{facets}</xs:restriction>'
    facets = f'<xs:{"maxLength" if up_to else "length"} value="{longest}"/>'
    if kind in _SIGNS:
        facets += f'<xs:pattern value="{_SIGNS[kind]}"/>'
    if choices:
        facets += "".join(f'<xs:enumeration value="{one}"/>' for one in choices.split("|"))
    return f'<xs:restriction base="xs:token">{facets}</xs:restriction>'
