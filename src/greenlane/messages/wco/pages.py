"""The reference page of WCO declarations, made from the table."""

from greenlane.messages.wco.elements import DECLARATION, expected, parted
from greenlane.messages.wco.mapping import MODES, ROOT, ROWS

_HOW = {
    "text": "as it is",
    "day": "the day of the moment; carried as well",
    "declared": "H7 with additional procedure 1H7, else H1; carried as well",
    "mode": ", ".join(f"{code} {mode}" for code, mode in MODES.items()) + "; others are carried",
    "address": "street, place and (of the exporter) postcode in one text; carried as well",
    "amount": "with its currency, which is the consignment's",
    "quantity": "with its unit",
    "measure": "in kilograms",
    "code": "with TRC, if there, as digits 9 and 10",
    "preference": "200 to 599; 100 and the like are carried",
    "relief": "the first of C.. or F.., but F48",
    "constant": "written where none is carried",
    "count": "written from the items",
}


def reference_page() -> str:
    """Return which element holds which field, with its WCO id, form and how it is turned."""
    lines = [
        "# WCO declaration: elements and fields\n",
        "One table drives reading, writing and the pointers of errors. Of several elements for a field the first that "
        "is there is read, and the first that fits is written. Elements that aren't listed are carried through. "
        "[Foreign messages](messages.md) says what is derived, carried and lost.\n",
        "| field | element, below Declaration | pointer | form | neighbour | how | needed |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        *_, parent, name = f"{ROOT}/{row.path}".split("/")
        known = DECLARATION.known[parted(parent)[0]][parted(name)[0]]
        near = "" if row.near is None else f"{row.near[0]} {', '.join(row.near[1])}"
        how = (
            _HOW[row.how]
            + (f" ({row.constant})" if row.constant else "")
            + (f"; in {row.dataset}" if row.dataset else "")
        )
        lines.append(
            f"| {f'`{row.field}`' if row.field else ''} | `{row.path}` "
            f"| {DECLARATION.wco(f'{ROOT}/{row.path}')} | {expected(known)} | {near} | {how} "
            f"| {'yes' if row.required else ''} |"
        )
    return "\n".join(lines)
