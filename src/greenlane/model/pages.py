"""What users see of the data-element table: the CSV template and the reference page."""

import csv
import io

from greenlane.model.elements import ELEMENTS, Element, Kind, Level
from greenlane.model.handling import HANDLING

_WRITTEN = {
    Kind.TEXT: "text",
    Kind.CODE: "code",
    Kind.COUNTRY: "ISO 3166-1 alpha-2 code",
    Kind.CURRENCY: "ISO 4217 code",
    Kind.AMOUNT: "decimal string, no more decimals than the currency has",
    Kind.MASS_KG: "decimal string, kilograms, up to 6 decimals",
    Kind.QUANTITY: "decimal string, up to 3 decimals",
    Kind.DATE: "date, YYYY-MM-DD",
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "whole number",
    Kind.JSON: "JSON",
}


def template_csv() -> str:
    """Return the CSV template: the header of dotted columns and one example row.

    Example:
        >>> template_csv().splitlines()[0].split(",")[:3]
        ['consignment_id', 'transport_document', 'channel']
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(element.column for element in ELEMENTS)
    writer.writerow(element.example for element in ELEMENTS)
    return out.getvalue()


def reference_page() -> str:
    """Return the reference page of the fields, in Markdown.

    Example:
        >>> "| `items.value` | 112 |" in reference_page()
        True
    """
    lines = [
        "# Fields of a consignment",
        "",
        "Made from the data-element table (`greenlane.model`). Column names are the dotted paths of CSV and",
        "Parquet; in JSON the same names nest. WCO ids are those of the WCO Data Model 3.6. An absent value",
        "is never zero: the last column names the default or says what remains unknown. Fields marked",
        "*personal* never appear in messages.",
    ]
    for level, title in ((Level.CONSIGNMENT, "Consignment"), (Level.ITEM, "Goods item")):
        lines += ["", f"## {title}", "", "| field | WCO id | type | required | what it is | if absent |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_row(element) for element in ELEMENTS if element.level is level]
    lines += [
        "",
        "## Supplier, deadline, legal basis, purpose, retention",
        "",
        "The deadline is the stage of filing at which the value has to be there; later it is accepted and late.",
        "A legal basis is stated where a source was read (certain) or from memory (unverified); for every other",
        "jurisdiction it is unknown here. How long each retention class is kept: [People's data](privacy.md).",
        "",
        "| field | supplier | deadline | legal basis | purpose | class | retention |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_handled(element) for element in ELEMENTS]
    return "\n".join(lines) + "\n"


def _row(element: Element) -> str:
    about = element.about + (" *Personal.*" if element.personal else "")
    required = "yes" if element.required else "no"
    name = f"`{element.column}`"
    return f"| {name} | {element.wco} | {_written(element)} | {required} | {about} | {element.absence} |"


def _handled(element: Element) -> str:
    held = HANDLING[element.column]
    bases = "; ".join(f"{b.law}: {b.cite} ({b.certainty})" for b in held.bases) or "unknown"
    uses = ", ".join(held.uses)
    told = (f"`{element.column}`", held.supplier, held.deadline, bases, uses, held.data_class, held.retention)
    return f"| {' | '.join(told)} |"


def _written(element: Element) -> str:
    if element.choices:
        return ", ".join(f"`{choice}`" for choice in element.choices)
    if element.kind in (Kind.TEXT, Kind.CODE, Kind.JSON):
        return f"{_WRITTEN[element.kind]}, up to {element.longest:,} characters"
    return _WRITTEN[element.kind]
