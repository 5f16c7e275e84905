"""The 7+1 data that are needed before loading: waybill, two parties with addresses, what, how many, how heavy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.messages.placi import findings as codes
from greenlane.messages.placi.awb import check_awb
from greenlane.messages.placi.descriptions import Says, is_consolidation, judge
from greenlane.messages.placi.tables import ABOUT
from greenlane.values.identifiers import Verdict

_WCO: Final = {
    "awb": "D023",
    "house": "D023",
    "consignor.name": "R020",
    "consignor.address": "239",
    "consignor.country": "242",
    "consignee.name": "R014",
    "consignee.address": "239",
    "consignee.country": "242",
    "description": "137",
    "pieces": "146",
    "weight": "131",
}
_NOBODY: Final = frozenset({"n/a", "na", "none", "unknown", "tbd", "not available", "same"})
_HOUSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,34}")
_PIECES = re.compile(r"0*[1-9]\d{0,7}", re.ASCII)
_SIGN = re.compile(r"[^\W_]")
_WEIGHT = re.compile(r"\d{1,10}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Party:
    """Shipper or consignee; personal, so it isn't shown."""

    name: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    country: str | None = None


@dataclass(frozen=True, slots=True)
class PreLoading:
    """The 7+1 data of one waybill.

    ``house`` is null for a master waybill of its own. ``pieces`` and ``weight_kg`` are as written, so that what cannot
    be read is told apart from what is missing. ``routed_to`` is the destination's country where a route is known.
    """

    awb: str | None
    house: str | None
    consignor: Party
    consignee: Party
    descriptions: tuple[str, ...]
    pieces: str | None
    weight_kg: str | None
    routed_to: str | None = None


def check(data: PreLoading, day: date, country: str | None = None) -> tuple[ForeignFinding, ...]:
    """Return everything that a receiver would refuse, all at once, by its own error codes.

    Args:
        data: What is to be sent.
        day: Day of sending, for the dated rules.
        country: Country that asks for the data, where the route is to be checked.
    Example:
        >>> data = PreLoading("020-12345675", None, Party(), Party("A", "B", "DE"), ("shirts",), "1", "0.5")
        >>> [found.code.rpartition(".")[2] for found in check(data, date(2026, 7, 2))]
        ['missing_shp_name', 'missing_shp_addr', 'missing_shp_ctry']
    """
    return tuple(_check(data, day, country))


def _check(data: PreLoading, day: date, country: str | None) -> Iterator[ForeignFinding]:
    if data.awb is None:
        yield _error("awb", "MISSING")
    elif (verdict := check_awb(data.awb)) is not Verdict.OK:
        wanted = (
            "nnn-nnnnnnnn" if verdict is Verdict.MALFORMED else "the check digit that the number asks for"
        )
        yield ForeignFinding(codes.AWB, Place("awb", "D023"), f"expected {wanted}")
    if data.house is not None and not _HOUSE.fullmatch(data.house):
        yield _error("house", "INVALID")
    for role, party in (("consignor", data.consignor), ("consignee", data.consignee)):
        for name, value in (("name", party.name), ("address", party.address), ("country", party.country)):
            if not value or value.strip().casefold() in _NOBODY or not _SIGN.search(value):
                yield _error(f"{role}.{name}", "MISSING")
    yield from _descriptions(data, day)
    if data.pieces is None:
        yield _error("pieces", "MISSING")
    elif not _PIECES.fullmatch(data.pieces):
        yield _error("pieces", "INVALID")
    if data.weight_kg is None:
        yield _error("weight", "MISSING")
    elif not _WEIGHT.fullmatch(data.weight_kg) or not data.weight_kg.strip("0."):
        yield _error("weight", "INVALID")
    if country is not None and data.routed_to is not None and data.routed_to != country:
        yield _error("routing", "INVALID")


def _descriptions(data: PreLoading, day: date) -> Iterator[ForeignFinding]:
    if not data.descriptions:
        yield _error("description", "MISSING")
    for number, description in enumerate(data.descriptions, 1):
        path = "description" if number == 1 else f"description[{number}]"
        if data.house is None and is_consolidation(description):
            words = "the description says so"
            yield ForeignFinding(codes.CONSOLIDATION, Place(path, "137"), words)
            continue
        judged = judge(description, day)
        if judged.says is Says.TOO_LITTLE:
            yield _error("description", "MISSING", path, f"expected what the goods are, got {judged.why}")
        elif judged.says is Says.VAGUE_TERM:
            yield ForeignFinding(codes.EMBEDDED, Place(path, "137"), judged.why)


def _error(about: str, how: str, path: str | None = None, words: str = "") -> ForeignFinding:
    error = ABOUT[about, how]
    said = words or ("expected it, nothing usable came" if how == "MISSING" else "what came is not usable")
    return ForeignFinding(error.finding, Place(path or about, _WCO.get(about)), f"{error.code}: {said}")
