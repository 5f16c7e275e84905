"""The stored form of a goods list's entry, written by the importers and read back by the loader."""

import json
from datetime import date

from greenlane.tariff import Entry

HEADER = ("prefix", "valid_from", "valid_until", "rate", "partial", "source", "attributes")


def entry_of(row: dict[str, str]) -> Entry:
    """Return the entry of a stored row."""
    return Entry(
        row["prefix"],
        date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        int(row["rate"]) if row["rate"] else None,
        row["partial"] == "1",
        row["source"],
        tuple(sorted(json.loads(row["attributes"]).items())) if row["attributes"] else (),
    )


def entry_row(entry: Entry) -> tuple[str, ...]:
    """Return the row that `entry_of` reads back."""
    first, last = (day.isoformat() if day else "" for day in (entry.valid_from, entry.valid_until))
    rate = "" if entry.rate is None else str(entry.rate)
    said = json.dumps(dict(entry.attributes), ensure_ascii=False, sort_keys=True) if entry.attributes else ""
    return (entry.prefix, first, last, rate, "1" if entry.partial else "", entry.source, said)
