"""Schemas made from the tables of elements: what bare lxml validates against, with the same names, order and forms."""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from greenlane.messages.ceb.elements import NAMESPACE, TRANSFER, TRANSFER_REQUIRED, Field, Kind
from greenlane.messages.tabled import Table
from greenlane.messages.wco.elements import Known, Model
from greenlane.messages.xml import schema

_XS = "http://www.w3.org/2001/XMLSchema"
_FORM = re.compile(r"(an|a|d|i|n)(\.\.)?(\d+)(?:,(\d+))?(?:=(.*))?")
_SIGNS = {"a": "[a-zA-Z]*", "d": "[0-9]*", "i": "[0-9]*", "n": "[0-9]*"}
_ATTRIBUTES = ("currencyID", "unitCode", "formatCode")
_PATTERNS = {
    "guid": "[0-9A-Z\\-]{36}",
    "day": "[0-9]{8}",
    "time14": "[0-9]{14}",
    "time17": "[0-9]{17}",
    "status": "-?[0-9]{1,9}",
    "utc": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
}


def schema_of(model: Model) -> etree.XMLSchema:
    """Compile the schema of a message of the WCO Data Model from its table."""
    names = {name for shape in model.known.values() for name in shape}
    lines = [_head(model.namespace).replace(">", f' xmlns:ds="{model.types}">')]
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
    lines += [_type(form, _ATTRIBUTES) for form in sorted(forms)]
    lines.append("</xs:schema>")
    types = (
        f'<xs:schema xmlns:xs="{_XS}" targetNamespace="{model.types}" elementFormDefault="qualified">'
        '<xs:element name="DateTimeString"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">'
        '<xs:attribute name="formatCode"/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:schema>'
    )
    return schema({"main.xsd": "".join(lines).encode(), "types.xsd": types.encode()}, "main.xsd")


def schema_of_table(table: Table) -> etree.XMLSchema:
    """Compile the schema of a message, in no namespace, from its table."""

    def groups(path: str) -> Iterable[str]:
        for name, one in table.children.get(path, {}).items():
            occurs = f'minOccurs="{one.least}" maxOccurs="{one.most or "unbounded"}"'
            if one.group:
                yield f'<xs:element name="{name}" {occurs}><xs:complexType><xs:sequence>'
                yield from groups(one.path)
                yield "</xs:sequence></xs:complexType></xs:element>"
            else:
                yield f'<xs:element name="{name}" {occurs} type="{_type_name(one.form)}"/>'

    lines = [_head(None), f'<xs:element name="{table.root}"><xs:complexType><xs:sequence>', *groups("")]
    lines.append("</xs:sequence></xs:complexType></xs:element>")
    lines += [_type(form, ()) for form in sorted({one.form for one in table.elements.values()} - {""})]
    return schema({"main.xsd": "".join([*lines, "</xs:schema>"]).encode()}, "main.xsd")


def schema_of_kind(kind: Kind) -> etree.XMLSchema:
    """Compile the schema of a CEB message with head and lines from its table."""

    def part(name: str, fields: Mapping[str, Field], most: str) -> Iterable[str]:
        yield f'<xs:element name="{name}" maxOccurs="{most}"><xs:complexType><xs:sequence>'
        for one in fields.values():
            least = int(one.required == "always")
            yield f'<xs:element name="{one.name}" minOccurs="{least}" type="{_type_name(one.form)}"/>'
        yield "</xs:sequence></xs:complexType></xs:element>"

    lines = [_head(NAMESPACE), f'<xs:element name="{kind.root}"><xs:complexType><xs:sequence>']
    lines.append(f'<xs:element name="{kind.business}" maxOccurs="unbounded"><xs:complexType><xs:sequence>')
    lines += part(kind.head_name, kind.head, "1")
    if kind.item_name:
        lines += part(kind.item_name, kind.items, "unbounded")
    lines.append("</xs:sequence></xs:complexType></xs:element>")
    lines.append('<xs:element name="BaseTransfer"><xs:complexType><xs:sequence>')
    for name in TRANSFER:
        least = int(name in TRANSFER_REQUIRED)
        lines.append(f'<xs:element name="{name}" type="xs:string" minOccurs="{least}"/>')
    lines.append("</xs:sequence></xs:complexType></xs:element></xs:sequence>")
    lines.append('<xs:attribute name="guid"/><xs:attribute name="version"/></xs:complexType></xs:element>')
    forms = {one.form for one in (*kind.head.values(), *kind.items.values())}
    lines += [_type(form, ()) for form in sorted(forms)]
    return schema({"main.xsd": "".join([*lines, "</xs:schema>"]).encode()}, "main.xsd")


def _head(namespace: str | None) -> str:
    own = f' xmlns="{namespace}" targetNamespace="{namespace}"' if namespace else ""
    return f'<xs:schema xmlns:xs="{_XS}"{own} elementFormDefault="qualified">'


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


def _type(form: str, attributes: Iterable[str]) -> str:
    """Return the type of a leaf: its form, and the attributes that a leaf may have."""
    name = _type_name(form)
    if not attributes:
        return f'<xs:simpleType name="{name}">{_simple(form)}</xs:simpleType>'
    allowed = "".join(f'<xs:attribute name="{one}"/>' for one in attributes)
    return (
        f'<xs:simpleType name="{name}-text">{_simple(form)}</xs:simpleType>'
        f'<xs:complexType name="{name}"><xs:simpleContent>'
        f'<xs:extension base="{name}-text">{allowed}</xs:extension></xs:simpleContent></xs:complexType>'
    )


def _simple(form: str) -> str:
    if form in _PATTERNS:
        return f'<xs:restriction base="xs:token"><xs:pattern value="{_PATTERNS[form]}"/></xs:restriction>'
    if form.startswith("="):
        return f'<xs:restriction base="xs:token">{_choices(form[1:].split(","))}</xs:restriction>'
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(f"form {form!r}")
    kind, up_to, longest, decimals, choices = found.groups()
    if kind == "n" and (up_to or decimals):
        facets = f'<xs:totalDigits value="{longest}"/><xs:fractionDigits value="{decimals or 0}"/>'
        return f'<xs:restriction base="xs:decimal">{facets}</xs:restriction>'
    facets = f'<xs:{"maxLength" if up_to or kind == "i" else "length"} value="{longest}"/>'
    if kind in _SIGNS:
        facets += f'<xs:pattern value="{_SIGNS[kind]}"/>'
    return f'<xs:restriction base="xs:token">{facets}{_choices(choices.split("|") if choices else ())}</xs:restriction>'


def _choices(values: Iterable[str]) -> str:
    return "".join(f'<xs:enumeration value="{one}"/>' for one in values)
