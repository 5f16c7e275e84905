"""The reference page of advance cargo information, made from its tables."""

from greenlane.messages.placi.elements import TABLES
from greenlane.messages.placi.notices import TABLES as NOTICES
from greenlane.messages.placi.tables import ERRORS, STATUSES, rows
from greenlane.messages.placi.us86_elements import ELEMENTS, SINCE, UNTIL

_TITLE = """# Advance cargo information before loading

The 7+1 data: number of the air waybill (and of the house), name and address of shipper and consignee, description
of the goods, total of pieces, total weight. Statuses, error codes and terms are facts of the technical guide of
Canada's programme, version 1.9 of 9 December 2025; each row holds from that day, and for days before it as well.

## Rules

- The number of an air waybill is `nnn-nnnnnnnn`; its last digit is the rest of the seven before it by 7
  (unverified).
- Moments are in UTC. The weight is in kilograms (`KGM`). Pieces are a whole number, one or more.
- An address needs a line and the country. `N/A`, `unknown` and the like count as missing.
- A description is refused when it is a term of the list alone, or breaks a rule on its characters; a term among
  others is a warning. The guide speaks of three equal characters; here a description is refused that is nothing but
  one character.
- A master waybill that is a consolidation is accepted with a warning: its house waybills are needed.
- A waybill may be loaded when it is received (SR) and nothing is open. A complete assessment is no condition.

## Waybills in XML

Format `placi` reads and writes a minimal subset in the manner of XFWB and XFZB. **Its names and namespaces are from
memory and unverified against the published schemas.** Other elements are a warning and carried. One waybill is one
consignment. Prices, codes and schemes have no place in it and are listed as lost. The header gives `master`,
`issued`, `pieces`, `message_id`.
"""
_NOTICES = """
## Status messages

`greenlane.messages.placi.write_notices` and `read_notices` write and read what a receiver answers about one waybill: an
XFNM acknowledges it (SR) or refuses it by the error codes below, an XCSN tells one of the other statuses. `answer_of`
answers a waybill that was read: received, or every error code of its findings, each once; a fault that the guide has no
code for is `BAD_WBL_FORMAT`. `notices_of` makes the notices of events, and `standing` says from statuses that came
back whether the waybill may be loaded. Several notices stand in a wrapper of greenlane's own. **The statuses, their
messages and the error codes are the guide's; elements and namespaces are greenlane's arrangement in the manner of
XFNM and XCSN, from memory and unverified against the published schemas.** Not written: flight manifests (XFFM), the
older FWB, FHL and FFM, and the text of a question or of its answer, whose elements were not obtained.

| message | element | form | how often |
|---|---|---|---|
"""
_US = """
## United States, entry type 86

Format `us-et86`: the ten elements as CSV, a row for each goods item. The elements are those that the brokers'
association and customs name; the columns and their lengths are greenlane's own, for the record layout of the
customs interface was not obtained. Goods to the value of `us.relief` on the day, all rows of one bill together. Read
as a whole (up to 16 MiB), rows of a bill may stand apart; read as a stream (up to 2 GiB, in flat memory but for a
number of each bill) they have to follow one another, and a bill that comes again is `messages.us86.parts`.
"""
_BULK = """
## Great Britain, reduced bulk declaration

`greenlane.messages.placi.bulk_of` says which consignments may stand in one declaration and why others may not:
Great Britain without Northern Ireland, each parcel up to `gb.relief.limit`, parcels of one recipient up to it
together, VAT taken at the sale (`GB_VAT`), no mail of postal operators, no goods that the caller excludes (excise,
banned, restricted, licensed, transit), an authorised declarant established in the United Kingdom. Consignments may come
one by one; three numbers of each are kept until the last. **The table of
its data elements (appendix 25A) was not obtained, so no message is written.** Finding:
`messages.bulk.not_admitted`.
"""


def reference_page() -> str:
    """Return the page."""
    lines = [_TITLE, "| waybill | element | form | how often | WCO id |", "|---|---|---|---|---|"]
    for kind, table in TABLES.items():
        for element in table.elements.values():
            often = f"{element.least}–{element.most:,}"
            lines.append(
                f"| {kind} | `{element.path}` | {element.form or 'group'} | {often} | {element.wco or ''} |"
            )
    lines += ["\n## Statuses\n", "| status | notice | meaning | from | to |", "|---|---|---|---|---|"]
    for status in STATUSES.values():
        lines.append(
            f"| `{status.code}` | {status.notice} | {status.meaning} | {status.since} | {status.until or 'open'} |"
        )
    lines.append(
        "\nA filing and each amendment send SR; a referral sends 7H, 8H or 6H, its end 7I, 8I or 6I; refusal, "
        "seizure and cancellation send 6H; SF follows when nothing is open. 7J, 8J and 6J are understood and not sent.\n"
    )
    lines.append(_NOTICES.strip("\n"))
    for kind, table in NOTICES.items():
        for element in table.elements.values():
            often = f"{element.least}–{element.most:,}"
            lines.append(f"| {kind} | `{element.path}` | {element.form or 'group'} | {often} |")
    lines += ["\n## Error codes\n", "| code | finding | meaning |", "|---|---|---|"]
    lines += [f"| `{error.code}` | `{error.finding}` | {error.meaning} |" for error in ERRORS.values()]
    lines += ["\n## Rules on characters\n", "| rule | refused is | from |", "|---|---|---|"]
    lines += [f"| `{row['rule']}` | {row['meaning']} | {row['since']} |" for row in rows("rules.csv")]
    lines += ["\n## Terms\n", ", ".join(row["term"] for row in rows("terms.csv")), _US]
    lines.append(f"It lived from {SINCE} (unverified) to the day before {UNTIL}.\n")
    lines += ["| element | column | field | form | required | meaning |", "|---|---|---|---|---|---|"]
    for one in ELEMENTS:
        field = f"`{one.field}`" if one.field else ""
        needed = "yes" if one.required else "conditional"
        lines.append(f"| {one.number} | `{one.column}` | {field} | {one.form} | {needed} | {one.meaning} |")
    lines.append(_BULK)
    return "\n".join(lines)
