"""Entry type 86 of the United States: its ten elements as a table, one row a goods item, for the time that it lived.

The elements are those that customs and its brokers' association name; the columns and their lengths are greenlane's, for
the record layout of the customs interface was not obtained. The entry began as a test on 28 September 2019 (unverified);
the last day was 28 August 2025, after which the exemption that it rests on was suspended for every country.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any, BinaryIO, Final

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import (
    Carried,
    Consignment,
    ForeignFinding,
    Message,
    Place,
    Written,
    register,
)
from greenlane.messages.placi.us86_elements import (
    ELEMENTS,
    FORMAT,
    LOST,
    OWN,
    SINCE,
    UNTIL,
    check,
    day_of,
    entries,
    texts_of,
)
from greenlane.messages.placi.us86_reading import consignment_of, read, stream

_FIELDS: Final = {one.column: one.field for one in ELEMENTS}


def _value(consignment: Consignment, item: int, field: str) -> Any:
    here: Any = consignment
    for name in field.split("."):
        if name == "items":
            here = (consignment.get("items") or [])[item]
        else:
            here = here.get(name) if isinstance(here, Mapping) else None
    return here


def _text(consignment: Consignment, item: int, column: str) -> str | None:
    field = _FIELDS.get(column)
    value = _value(consignment, item, field) if field else None
    return None if value is None else str(value)


def write(
    consignments: Sequence[Consignment],
    carried: Sequence[Carried] = (),
    *,
    entry_number: str = "",
    port_of_entry: str = "",
    importer_of_record: str = "",
) -> Written:
    """Write the entries of consignments; what is missing, over the limit or out of its life is in ``lost`` as well.

    Args:
        consignments: Objects of the contract.
        carried: What reading carried.
        entry_number: Number of the entry, where none is carried.
        port_of_entry: Planned port of entry, where none is carried.
        importer_of_record: Number of the importer of record, where none is carried.
    """
    given = {
        "entry_number": entry_number,
        "port_of_entry": port_of_entry,
        "importer_of_record": importer_of_record,
    }
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for one in carried:
        _, bill, row, column = one.path.split("/", 3)
        kept.setdefault((bill, row), {})[column] = one.text
    columns = [one.column for one in ELEMENTS]
    columns += sorted({name for texts in kept.values() for name in texts} - set(columns))
    out = StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    lost: list[ForeignFinding] = []
    for place, consignment in enumerate(consignments):
        lines = []
        for item in range(len(consignment.get("items") or ())):
            line = {
                one.column: _text(consignment, item, one.column) or given.get(one.column, "")
                for one in ELEMENTS
            }
            for name, text in kept.get((str(place), str(item)), {}).items():
                if name in OWN:
                    line[name] = _own(consignment, item, name) or ""
                elif text.strip() == line.get(name, "") or not line.get(name):
                    line[name] = text
            lines.append(line)
            writer.writerow(line)
            for code, column, words in check(line):
                lost.append(ForeignFinding(code, Place(f"{column}[{item + 1}]"), words, place))
        day = day_of(consignment)
        lost += [
            ForeignFinding(one.code, one.place, one.message, place)
            for one in entries([texts_of(line) for line in lines], day)
        ]
        lost += _lost(consignment, place, day, [name for name in columns if name in OWN])
    return Written(out.getvalue().encode(), tuple(lost))


def _own(consignment: Consignment, item: int, column: str) -> str | None:
    value = _value(consignment, item, column)
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _lost(
    consignment: Consignment, place: int, day: date | None, own: Sequence[str]
) -> Iterator[ForeignFinding]:
    items = range(len(consignment.get("items") or ()))
    rows = [[(_text(consignment, n, one.column) or "").strip() for one in ELEMENTS] for n in items]
    told = [{name: text for name in own if (text := _own(consignment, n, name))} for n in items]
    back = consignment_of(rows, day, told) if rows else {}
    for path, value in _flat(consignment):
        if value is not None and _at(back, path) != value:
            words = f"the entry cannot hold it ({shape_of(str(value))})"
            yield ForeignFinding(LOST, Place("/" + "/".join(path)), words, place)


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, (*path, str(name)))
    elif isinstance(value, list | tuple) and path == ("items",):
        for number, inner in enumerate(value):
            yield from _flat(inner, (*path, str(number)))
    else:
        yield path, value


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


class _Us86:
    name: str = FORMAT
    title: str = "United States entry type 86, its ten elements as CSV (columns are greenlane's)"
    media_types: tuple[str, ...] = ("application/vnd.greenlane.us-et86+csv",)
    since: date | None = SINCE
    until: date | None = UNTIL

    def sniff(self, head: bytes) -> bool:
        """Say whether *head* begins a table of entries."""
        first = head.split(b"\n", 1)[0]
        return b"entry_number" in first and b"port_of_entry" in first

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read a table of entries."""
        return read(data, received)

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read bill by bill; the rows of a bill have to follow one another."""
        return stream(source, received)

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write entries; numbers and port that no consignment holds go into the header."""
        return write(consignments, carried, **header)


US86: Final = register(_Us86())
