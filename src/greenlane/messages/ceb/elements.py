"""The elements of the messages: one table (`fields.csv`) drives reading, writing and what is told of both.

Columns: message and part (head or item), ``name`` in the order of the message, ``form``, ``required`` (always, or the
supervision code that asks for it), ``personal``, ``field`` of the contract with ``how`` it is turned, ``meaning``.
Forms: ``an..60`` (up to 60 characters), ``an3``, ``d10`` (exactly so many), ``i4`` (whole number of up to 4 digits),
``n19,5`` (up to 19 digits, 5 of them decimals), ``guid``, ``day``, ``time14``, ``time17``, ``status``, ``=a,b`` (one of
these).
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

NAMESPACE: Final = "http://www.chinaport.gov.cn/ceb"
_FORM = re.compile(r"(an|d|i|n)(\.\.)?(\d+)(?:,(\d+))?")
_GUID = re.compile(r"[0-9A-Z-]{36}", re.ASCII)
_STATUS = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_NUMBER = re.compile(r"(\d*)(?:\.(\d*))?", re.ASCII)
_MOMENTS: Final = {"day": 8, "time14": 14, "time17": 17}
_WORDS: Final = {
    "guid": "36 characters, letters upper-case",
    "day": "a day such as 20260702",
    "time14": "a moment such as 20260702120000",
    "time17": "a moment such as 20260702120000000",
    "status": "a whole number",
}
_SIGNS: Final = {"an": "characters", "d": "digits"}


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a head or a line."""

    name: str
    order: int
    form: str
    required: str
    personal: bool
    field: str
    how: str
    meaning: str
    fits: Callable[[str], bool]

    @property
    def expected(self) -> str:
        """What a value has to be, in words.

        Example:
            >>> KINDS["621"].head["portCode"].expected, KINDS["621"].head["freight"].expected
            ('4 digits', 'a number of up to 19 digits, 5 of them decimals')
        """
        if self.form.startswith("="):
            return "one of " + self.form[1:].replace(",", ", ")
        found = _FORM.fullmatch(self.form)
        if found is None:
            return _WORDS[self.form]
        kind, up_to, most, decimals = found.groups()
        if kind == "n":
            return f"a number of up to {most} digits, {decimals} of them decimals"
        if kind == "i":
            return f"a whole number of up to {most} digits"
        return f"{'1 to ' if up_to else ''}{most} {_SIGNS[kind]}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    ``business`` is the element that comes once a document; ``head_name`` stands in it (empty: it is the head
    itself), ``item_name`` repeats after it (empty: there are no lines).
    """

    number: str
    title: str
    business: str
    head_name: str
    item_name: str
    head: dict[str, Field]
    items: dict[str, Field]

    @property
    def root(self) -> str:
        """Name of the root element.

        Example:
            >>> KINDS["621"].root
            'CEB621Message'
        """
        return f"CEB{self.number}Message"

    @property
    def declares(self) -> bool:
        """Whether it asks for something; else it answers."""
        return "appType" in self.head


def _moment(form: str) -> Callable[[str], bool]:
    length = _MOMENTS[form]

    def fits(text: str) -> bool:
        if len(text) != length or not (text.isdecimal() and text.isascii()):
            return False
        whole = text[:14].ljust(14, "0")
        month, day, hour, minute, second = (int(whole[start : start + 2]) for start in range(4, 14, 2))
        try:
            datetime(int(whole[:4]), month, day, hour, minute, second)
        except ValueError:
            return False
        return True

    return fits


def _number(most: int, decimals: int) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        found = _NUMBER.fullmatch(text)
        if found is None or not (found[1] or found[2]):
            return False
        whole, part = (found[1] or "").lstrip("0"), (found[2] or "").rstrip("0")
        return len(part) <= decimals and len(whole) + len(part) <= most

    return fits


def _fits(form: str) -> Callable[[str], bool]:
    if form.startswith("="):
        return frozenset(form[1:].split(",")).__contains__
    if form in _MOMENTS:
        return _moment(form)
    if form == "guid":
        return lambda text: _GUID.fullmatch(text) is not None
    if form == "status":
        return lambda text: _STATUS.fullmatch(text) is not None
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(f"form {form!r}")
    kind, up_to, length, decimals = found.groups()
    most = int(length)
    if kind == "n":
        return _number(most, int(decimals))
    if kind == "an":
        return lambda text: 0 < len(text) <= most and (bool(up_to) or len(text) == most)
    exact = kind == "d"
    return lambda text: (
        text.isdecimal() and text.isascii() and (len(text) == most if exact else len(text) <= most)
    )


def _kinds() -> dict[str, Kind]:
    named = (
        ("311", "order", "Order", "OrderHead", "OrderList"),
        ("312", "reply to an order", "OrderReturn", "", ""),
        ("411", "payment", "Payment", "PaymentHead", ""),
        ("412", "reply to a payment", "PaymentReturn", "", ""),
        ("511", "waybill", "Logistics", "LogisticsHead", ""),
        ("512", "reply to a waybill", "LogisticsReturn", "", ""),
        ("621", "inventory", "Inventory", "InventoryHead", "InventoryList"),
        ("622", "reply to an inventory", "InventoryReturn", "", ""),
        ("625", "return", "InvtRefund", "InvtRefundHead", "InvtRefundList"),
        ("626", "reply to a return", "InvtRefundReturn", "", ""),
        ("711", "warehouse-in", "Delivery", "DeliveryHead", "DeliveryList"),
        ("712", "reply to a warehouse-in", "DeliveryReturn", "", ""),
    )
    made = {one[0]: Kind(*one, {}, {}) for one in named}
    text = files("greenlane.messages.ceb").joinpath("fields.csv").read_text(encoding="utf-8")
    for order, row in enumerate(csv.DictReader(text.splitlines())):
        part = made[row["message"]].head if row["part"] == "head" else made[row["message"]].items
        part[row["name"]] = Field(
            row["name"],
            order,
            row["form"],
            row["required"],
            bool(row["personal"]),
            row["field"],
            row["how"],
            row["meaning"],
            _fits(row["form"]),
        )
    return made


KINDS: Final = _kinds()
"""Every kind of message by its number."""
BUSINESS: Final = {kind.business: kind for kind in KINDS.values()}
TRANSFER: Final = ("copCode", "copName", "dxpMode", "dxpId", "note")
"""Elements of BaseTransfer in their order: who sends, over which line."""
TRANSFER_REQUIRED: Final = TRANSFER[:4]
