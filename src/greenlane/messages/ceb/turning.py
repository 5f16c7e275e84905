"""How a value is turned: from the text of an element into the contract's, and back."""

import re
from typing import Final

from greenlane.messages.ceb.codes import YUAN, contract_code, customs_code
from greenlane.values.identifiers import GTIN_PATTERN

_NUMBER = re.compile(r"(\d*)(?:\.(\d*))?", re.ASCII)
_GTIN = re.compile(GTIN_PATTERN, re.ASCII)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no way to write."""
_BY_CODE: Final = ("mode", "country", "unit")


def to_contract(how: str, text: str) -> str | None:
    """Turn the text of an element; None where the contract has nothing for it.

    Example:
        >>> to_contract("number", "012.50"), to_contract("day", "20260702"), to_contract("currency", "142")
        ('12.50', '2026-07-02', 'CNY')
    """
    if how in _BY_CODE:
        return contract_code(how, text)
    if how == "currency":
        return "CNY" if text == YUAN else None
    if how == "day":
        found = _DAY.fullmatch(text)
        return "-".join(found.groups()) if found else None
    if how in ("amount", "number", "mass"):
        number = _NUMBER.fullmatch(text)
        if number is None or not (number[1] or number[2]):
            return None
        return (number[1].lstrip("0") or "0") + (f".{number[2]}" if number[2] else "")
    if how == "gtin":
        return text if _GTIN.fullmatch(text) else None
    return text or None


def to_customs(how: str, value: str) -> str | None:
    """Turn a value of the contract into the text of an element; None where there is none.

    Example:
        >>> to_customs("day", "2026-07-02"), to_customs("unit", "KGM"), to_customs("currency", "EUR")
        ('20260702', '035', None)
    """
    if NOT_XML.search(value):
        return None
    if how in _BY_CODE:
        return customs_code(how, value)
    if how == "currency":
        return YUAN if value == "CNY" else None
    if how == "day":
        return value.replace("-", "")
    return value
