"""Items that look alike: what a shape of item gives is worked out once, then texts run along it.

Items of one sender have the same fields in the same order around other texts. The first sound item of a shape is read
field by field; the next ones, whose texts fit, need only their texts moved. What doesn't fit is read field by field as
well, for its findings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import le
from typing import Final, NamedTuple

from greenlane.messages.postal.consignments import consignment_of
from greenlane.messages.postal.fields import FIELDS_OF, Row
from greenlane.messages.postal.records import Leaf, Reading, Record
from greenlane.messages.postal.takings import Join, Mark, Pick, Taking, pick
from greenlane.messages.postal.turning import ADDRESSES, LISTS, NAMES, NUMBERS, same, scaled, summed
from greenlane.model import COUNTRIES
from greenlane.values.identifiers import IOSS_PATTERN, Verdict, check_s10
from greenlane.values.money import CURRENCIES

SHAPED: Final = ("ITMATT", "CUSITM")
"""Messages whose items are read by shape."""
MOST_TAKINGS: Final = 64
_DECIMAL: Final = r"[0-9]+(?:\.[0-9]+)?"
_DECIMALS: Final = re.compile(rf"{_DECIMAL}(?:\n{_DECIMAL})*", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]{4,14}(?:\n[0-9]{4,14})*", re.ASCII)
_DAY: Final = r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_DAYS: Final = re.compile(rf"{_DAY}(?:\n{_DAY})*", re.ASCII)
_IOSS: Final = re.compile(IOSS_PATTERN, re.ASCII)

Decides = tuple[object, ...]
"""What of the texts decides where they go: codes, verdicts, which currencies are one."""


class Spot(NamedTuple):
    """One field of a shape: its content piece (from 0, None for the item), its row, its unit, its path in the item."""

    piece: int | None
    row: Row
    unit: str
    path: str


class Shape:
    """An arrangement of fields. The texts of an item of this shape come in the order of its spots."""

    __slots__ = (
        "_codes",
        "_countries",
        "_currencies",
        "_days",
        "_decimals",
        "_grams",
        "_ioss",
        "_longest",
        "_s10",
        "_sound",
        "_spots",
        "_sums",
        "_takings",
        "_tariff",
    )

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._spots = tuple(spots)
        self._longest = tuple(spot.row.most for spot in spots)
        self._decimals = self._of(*NUMBERS)
        self._tariff = self._of("hs")
        self._days = self._of("day")
        self._countries = self._of("country")
        self._currencies = self._of("currency")
        self._codes = self._of(*LISTS)
        self._s10 = self._of("s10")
        self._ioss = self._of("ioss")
        self._grams = pick(
            [n for n, spot in enumerate(spots) if spot.unit == "GRM" and "mass" in spot.row.how]
        )
        units = {spot.unit for spot in spots if spot.row.how in ("mass", "total_mass")}
        self._sound = units <= {"", "KGM", "GRM"}
        self._sums = self._summed()
        self._takings: dict[Decides, Taking] = {}

    def _of(self, *kinds: str) -> Pick:
        return pick([place for place, spot in enumerate(self._spots) if spot.row.how in kinds])

    def _summed(self) -> tuple[int, Pick, Pick] | None:
        """Return where a total and what it sums stand, amounts and currencies, where every piece has an amount."""
        total = next((place for place, spot in enumerate(self._spots) if spot.row.how == "total"), None)
        amounts = [place for place, spot in enumerate(self._spots) if spot.row.name == "CP_AMT"]
        currencies = [place for place, spot in enumerate(self._spots) if spot.row.name == "CP_CURRCD"]
        if total is None or len(amounts) != self._pieces():
            return None
        return total, pick(amounts), pick(currencies)

    def _pieces(self) -> int:
        return 1 + max((spot.piece for spot in self._spots if spot.piece is not None), default=-1)

    def record(self, texts: Sequence[str], start: str) -> Record:
        """Return an item of this shape field by field."""
        record = Record(start, {}, [{} for _ in range(self._pieces())])
        for spot, text in zip(self._spots, texts, strict=True):
            into = record.fields if spot.piece is None else record.pieces[spot.piece]
            into[spot.row.name] = Leaf(text, start + spot.path, spot.unit)
        return record

    def reading(self, texts: Sequence[str], start: str, number: int, received: date | None) -> Reading:
        """Read an item of this shape; its texts hold no control signs."""
        decides = self._decides(texts, received is not None)
        if decides is None:
            return consignment_of(self.record(texts, start), number, received)
        taking = self._takings.get(decides)
        if taking is None:
            marks = [Mark(text) for text in texts]
            first = consignment_of(self.record(marks, start), 1, received)
            taking = Taking(first, marks, start, self._joins())
            if taking.strange:
                return consignment_of(self.record(texts, start), number, received)
            if len(self._takings) >= MOST_TAKINGS:
                self._takings.clear()
            self._takings[decides] = taking
        return taking.reading(texts, start, number, received)

    def _decides(self, texts: Sequence[str], dated: bool) -> Decides | None:
        """Return what decides where the texts go, null where one of them doesn't fit."""
        if not self._sound or not all(map(le, map(len, texts), self._longest)):
            return None
        decimals = self._decimals(texts)
        if decimals and _DECIMALS.fullmatch("\n".join(decimals)) is None:
            return None
        tariff, days = self._tariff(texts), self._days(texts)
        if tariff and _DIGITS.fullmatch("\n".join(tariff)) is None:
            return None
        if days and _DAYS.fullmatch("\n".join(days)) is None:
            return None
        currencies: tuple[str, ...] = self._currencies(texts)
        if not (COUNTRIES.issuperset(self._countries(texts)) and CURRENCIES.issuperset(currencies)):
            return None
        verdicts = [check_s10(text) for text in self._s10(texts)]
        if Verdict.MALFORMED in verdicts or not self._adds_up(texts):
            return None
        return (
            dated,
            self._codes(texts),
            currencies if len(set(currencies)) > 1 else None,
            *verdicts,
            *(_IOSS.match(text) is None for text in self._ioss(texts)),
            *(scaled(scaled(text, -3), 3) == text for text in self._grams(texts)),
        )

    def _adds_up(self, texts: Sequence[str]) -> bool:
        if self._sums is None:
            return True
        total, amounts, currencies = self._sums
        if len(set(currencies(texts))) > 1:
            return True
        given, wanted = amounts(texts), texts[total]
        if {text[-3:-2] for text in (*given, wanted)} == {"."}:
            # Two decimals everywhere: whole numbers of hundredths.
            return sum(int(text[:-3] + text[-2:]) for text in given) == int(wanted[:-3] + wanted[-2:])
        return same(summed(list(given)), wanted)

    def _joins(self) -> dict[str, Join]:
        at = {(spot.piece, spot.row.name): place for place, spot in enumerate(self._spots)}
        joins: dict[str, Join] = {}
        for sign, made in ((", ", ADDRESSES), (" ", NAMES)):
            for name, parts in made.items():
                for row in FIELDS_OF[name]:
                    places = tuple(at[None, part] for part in parts if (None, part) in at)
                    joins[row.field] = Join(sign.join, places)
        for (piece, name), place in at.items():
            if self._spots[place].unit == "GRM" and "mass" in self._spots[place].row.how:
                for row in FIELDS_OF[name]:
                    own = row.field.removeprefix("items.")
                    for one in range(self._pieces()) if piece is None else (piece,):
                        joins[f"items.{one}.{own}"] = Join(_kilograms, (place,))
        return joins


def _kilograms(texts: Sequence[str]) -> str:
    return scaled(texts[0], -3)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One item of a known shape: its texts, and the path at which it stands."""

    shape: Shape
    texts: Sequence[str] = field(repr=False)
    path: str


def reading_of(item: Record | Drawn, number: int = 1, received: date | None = None) -> Reading:
    """Turn one item, the *number*-th of its message, into a consignment."""
    if isinstance(item, Drawn):
        return item.shape.reading(item.texts, item.path, number, received)
    return consignment_of(item, number, received)


def whole(item: Record | Drawn) -> Record:
    """Return an item field by field."""
    return item.shape.record(item.texts, item.path) if isinstance(item, Drawn) else item
