"""The reference page of ICS2, made from its tables."""

from collections.abc import Iterator

from greenlane.messages.ics2.lifecycle import MOVES, STANDS, Stand
from greenlane.messages.ics2.tables import CODES, KINDS, VERSIONS, Version
from greenlane.messages.tabled import Element

_TITLE = """# European Union: ICS2

Entry summaries before loading for post (F43) and for express house data (F32), their amendments, and the notices
that follow them (format `ics2`). Root `IE3F43`, `IE3Q02` and so on.

**What this rests on.** Names, forms, how often, WCO ids and code lists are those of a condensed copy of the
interface tables, version 2.02 of 4 May 2022. A later version 3 exists and was not obtained. Not obtained either:
the schemas, so namespace, order and the elements that the copy leaves out are unverified; the text of the
conditions (C3034 …), so a conditional element is never reported as missing; the values of the code lists. Rows
marked *analogy* are not in the copy and are made after their neighbours. An element that the table doesn't know is
a warning, and carried.

## Reading and writing

- Each house becomes a consignment. `consignment_id` is `referenceNumberUCR`, else the number of the house document.
  `channel` is `postal` (F43) or `express` (F32). The message is read house by house in flat memory.
- `currency` is that of the first price; an amount in another one is a warning and carried.
- `transaction` is told by `typeOfGoods`; else it is `b2c` where the consignee is a natural person, `b2b` where not.
- `departure_country` and `destination_country` are the parties' countries, `declaration_date` the day of issue,
  `items.quantity` 1 (a lot): finding `messages.ics2.assumed` says so.
- `totalGrossMass` is the mass of the only item; of several items it is carried, and written as their sum where each
  has one.
- An address is street, number, box, subdivision and city as one text. A new one is parted at its last comma.
- Written without what was carried: type of document, type of person and number of packages (1 for the first item, 0
  for the others, which stand in the same package) are filled, and said so.
- The header gives `issued`, `member_state`, `declarant_id`, `declarant_name`, `declarant_city`,
  `declarant_country`, `declarant_contact`, `declarant_contact_type`, `representative_id`, `mrn` and so on. What
  nobody gives is listed (`messages.ics2.unfilled`).
- Dates are in UTC. A party's identification is checked as an EORI, the number of a postal item as S10: both
  warnings.

## Notices and the procedure

| event | notice |
|---|---|
| `filed` | R01, with the MRN |
| `referral_opened`, `do_not_load` | Q01 |
| `referral_opened`, `request_information` | Q02; reference `REF` and the number of the referral |
| `referral_opened`, `request_screening` | Q03; the methods that are recommended |
| `refused`, `seized` before departure | Q01 |
| `cancelled` | R07 |
| nothing stands against loading any more, and what the decision orders is given | N03 |
| errors of reading | N99: every error with the path of its element |

An R02 or R03 becomes the command `answer` for each referral that it names: the documents, or two to nine methods
with one result. Free text stays out of commands; the caller stores it and gives its reference.
"""
_LOAD = """
**Load rule.** Goods may be loaded when the entry summary is registered and nothing is asked or ordered against it.
A complete assessment is no condition. An answer ends nothing: N03 does.
"""
_CERTAINTY = """
`own`: the list's values were not obtained and the code is greenlane's own; `unverified`: from memory; `seen`: in a
source.
"""


def _element(element: Element) -> str:
    row = element.row
    most = "any" if not element.most else f"{element.most:,}"
    cells = (
        f"`{element.path}`",
        element.form or "group",
        f"{element.least}–{most}",
        row["status"],
        row["wco"],
        row["list"],
        row["rule"],
        f"`{row['field']}`" if row["field"] else "",
        "" if row["known"] == "seen" else row["known"],
    )
    return "| " + " | ".join(cells) + " |"


def _version(version: Version) -> Iterator[str]:
    for kind, title in KINDS.items():
        yield f"\n### {kind}: {title}\n"
        if kind in ("A43", "F32", "A32"):
            like = {"A43": "F43", "F32": "F43", "A32": "F32"}[kind]
            base = version.tables[like].elements
            own = version.tables[kind].elements
            gone = [f"`{path}`" for path in base if path not in own]
            yield f"As {like}" + (f", without {', '.join(gone)}" if gone else "") + ", and with:\n"
            rows = [
                one
                for path, one in own.items()
                if path not in base
                or (one.most, one.row["field"]) != (base[path].most, base[path].row["field"])
            ]
        else:
            rows = list(version.tables[kind].elements.values())
        yield "| element | form | how often | status | WCO id | list | rule | field | known |"
        yield "|---|---|---|---|---|---|---|---|---|"
        yield from map(_element, rows)


def reference_page() -> str:
    """Return the page."""
    lines = [
        _TITLE,
        "## Where an entry summary stands\n",
        "| stand | meaning | notices that may come |",
        "|---|---|---|",
    ]
    for stand in Stand:
        moves = ", ".join(kind for kind, stands in MOVES.items() if stand in stands)
        lines.append(f"| `{stand}` | {STANDS[stand]} | {moves or 'none'} |")
    lines += [_LOAD, "## Codes\n", "| list | code | here | certainty |", "|---|---|---|---|"]
    lines += [f"| {row['list']} | `{row['code']}` | {row['meaning']} | {row['certainty']} |" for row in CODES]
    lines += [
        _CERTAINTY,
        "## Versions\n",
        "| version | from | to | source | certainty |",
        "|---|---|---|---|---|",
    ]
    for version in VERSIONS:
        lines.append(
            f"| {version.name} | {version.since} | {version.until or 'open'} | {version.source} | {version.certainty} |"
        )
    lines.append("\n## Elements\n\nStatus: M mandatory, O optional, C conditional.")
    lines += _version(VERSIONS[-1])
    return "\n".join(lines)
