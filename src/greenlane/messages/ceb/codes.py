"""Codes of Chinese customs and of the contract: countries, units, modes of transport (`codes.csv`).

Several units of customs mean pieces of some kind; the first of the table is the one that is written. A code that
is not in the table is carried and its field stays unknown.
"""

import csv
from importlib.resources import files
from typing import Final

YUAN: Final = "142"
"""The only currency that the messages admit."""


def _read() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    read: dict[str, dict[str, str]] = {}
    written: dict[str, dict[str, str]] = {}
    text = files("greenlane.messages.ceb").joinpath("codes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        read.setdefault(row["list"], {})[row["customs"]] = row["contract"]
        written.setdefault(row["list"], {}).setdefault(row["contract"], row["customs"])
    return read, written


_READ, _WRITTEN = _read()


def contract_code(kind: str, customs: str) -> str | None:
    """Return the contract's code for one of customs; None for one that isn't known.

    Example:
        >>> contract_code("country", "116"), contract_code("unit", "035"), contract_code("mode", "Y")
        ('JP', 'KGM', None)
    """
    return _READ[kind].get(customs)


def customs_code(kind: str, contract: str) -> str | None:
    """Return the code of customs that is written for one of the contract; None where there is none.

    Example:
        >>> customs_code("country", "JP"), customs_code("unit", "H87"), customs_code("mode", "air")
        ('116', '011', '5')
    """
    return _WRITTEN[kind].get(contract)
