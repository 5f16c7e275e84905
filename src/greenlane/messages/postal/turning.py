"""How a text of the message becomes a value of the contract, and back."""

import re
from collections.abc import Mapping
from typing import Final

from greenlane.messages.postal.fields import Row, code_of, known, value_of
from greenlane.messages.postal.records import Leaf
from greenlane.model import COUNTRIES
from greenlane.values.identifiers import Verdict, check_ioss, check_s10
from greenlane.values.money import CURRENCIES

NOT_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Signs that a value cannot hold: controls, line breaks, halves of pairs."""

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_HS: Final = re.compile(r"[0-9]{4,14}", re.ASCII)
_DAY: Final = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", re.ASCII)
_PLAIN: Final = {"amount", "total", "number", "quantity"}
NUMBERS: Final = {*_PLAIN, "mass", "total_mass"}
"""What is turned as a plain decimal."""
LISTS: Final = {"nature", "mode", "category", "class", "handling"}

ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "SEND_ADD1": ("SEND_ADD1", "SEND_ADD2", "SEND_CITY", "SEND_STATE", "SEND_ZIP"),
    "RECP_ADD1": ("RECP_ADD1", "RECP_ADD2", "RECP_CITY", "RECP_STATE"),
}
"""Which fields make the contract's one text of an address."""
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "SEND_NAME": ("SEND_FNAME", "SEND_LNAME"),
    "RECP_NAME": ("RECP_FNAME", "RECP_LNAME"),
}
"""Which fields make a name where none is given whole."""


def is_text(text: str) -> bool:
    """Say whether a text has no sign that a value cannot hold.

    Example:
        >>> is_text("O'Neill, 北京"), is_text("a\\nb"), is_text("a\\ufeffb")
        (True, False, True)
    """
    return text.isprintable() or NOT_TEXT.search(text) is None


def expected(row: Row) -> str:
    """Say in words what a value of the row has to be."""
    if row.how in _PLAIN:
        return "a plain decimal"
    if row.how in ("mass", "total_mass"):
        return "a plain decimal in KGM or GRM"
    words = {
        "country": "an ISO 3166-1 alpha-2 code",
        "currency": "an ISO 4217 code",
        "day": "a day, YYYY-MM-DD",
        "hs": "4 to 14 digits",
        "s10": "2 letters, 9 digits, 2 letters",
        "count": "digits",
    }
    if row.how in LISTS:
        return f"a code of the list {row.how}"
    return words.get(row.how, f"up to {row.most} characters")


def fits(row: Row, leaf: Leaf) -> bool:
    """Say whether a text is as the layout wants it."""
    text, how = leaf.text, row.how
    if len(text) > row.most or not is_text(text):
        return False
    if how in _PLAIN:
        return _NUMBER.fullmatch(text) is not None
    if how in ("mass", "total_mass"):
        return leaf.unit in ("", "KGM", "GRM") and _NUMBER.fullmatch(text) is not None
    if how == "country":
        return text in COUNTRIES
    if how == "currency":
        return text in CURRENCIES
    if how == "day":
        return _DAY.fullmatch(text) is not None
    if how == "hs":
        return _HS.fullmatch(text) is not None
    if how == "s10":
        return check_s10(text) is not Verdict.MALFORMED
    if how == "count":
        return text.isdecimal() and text.isascii()
    if how in LISTS:
        return known(how, text)
    return True


def read(row: Row, leaf: Leaf) -> str | None:
    """Return the contract's value of a text that fits; None where it has none."""
    if row.how in LISTS:
        return value_of(row.how, leaf.text)
    if row.how in ("mass", "total_mass"):
        return scaled(leaf.text, -3) if leaf.unit == "GRM" else leaf.text
    if row.how == "ioss":
        return leaf.text if check_ioss(leaf.text) is not Verdict.MALFORMED else None
    return leaf.text


def write(row: Row, value: str, unit: str = "") -> Leaf | None:
    """Return the text for a value, None where the layout takes none."""
    text: str | None = value
    if row.how in LISTS:
        text = code_of(row.how, value)
    elif row.how in ("mass", "total_mass"):
        unit = unit or "KGM"
        text = scaled(value, 3) if unit == "GRM" and _NUMBER.fullmatch(value) else value
    leaf = Leaf(text or "", unit=unit)
    return leaf if text and (fits(row, leaf) or row.how in ("s10", "currency", "country")) else None


def scaled(text: str, digits: int) -> str:
    """Multiply a plain decimal by a power of ten, exactly.

    Example:
        >>> scaled("900", -3), scaled("0.9", 3), scaled("1.2345", 3)
        ('0.9', '900', '1234.5')
    """
    whole, _, part = text.partition(".")
    if digits > 0:
        part = part.ljust(digits, "0")
        whole, part = whole + part[:digits], part[digits:]
    elif digits < 0:
        whole = whole.rjust(1 - digits, "0")
        whole, part = whole[:digits], whole[digits:] + part
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def summed(texts: list[str]) -> str:
    """Add plain decimals exactly.

    Example:
        >>> summed(["0.1", "0.25", "3"])
        '3.35'
    """
    most = max((len(text.partition(".")[2]) for text in texts), default=0)
    total = sum(int(scaled(text, most)) for text in texts)
    shown = str(total).rjust(most + 1, "0")
    return f"{shown[:-most]}.{shown[-most:]}" if most else shown


def same(one: str, other: str) -> bool:
    """Say whether two plain decimals are one number.

    Example:
        >>> same("40", "40.00"), same("40", "41"), same("x", "x")
        (True, False, False)
    """
    if not (_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)):
        return False
    return scaled(one, 0) == scaled(other, 0)
