"""The reduced bulk declaration of Great Britain: which parcels may stand in one, and what they sum to.

The conditions are those of HMRC's guidance as far as they were seen. The table of its data elements (appendix 25A of the
tariff) was not obtained, so no message is written: this says which consignments qualify, why others don't, and by which
recipients they are grouped.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import polars as pl

from greenlane.messages.foreign import Consignment, ForeignFinding, Place
from greenlane.packs import pack
from greenlane.values.finding import Severity, declare

_E = Severity.ERROR
NOT_BULK = declare(
    "messages.bulk.not_admitted",
    _E,
    "A consignment cannot stand in a reduced bulk declaration.",
    "Declare it on its own, or correct what the message names.",
)
_COLUMN: Final = "*"


@dataclass(frozen=True, slots=True)
class Bulk:
    """One bulk declaration: the parcels that qualify, by their place, and the sum of their values in pence."""

    parcels: tuple[int, ...]
    total: int
    findings: tuple[ForeignFinding, ...]


def bulk_of(
    consignments: Iterable[Consignment], day: date, excluded: Collection[str] = (), uk_declarant: bool = True
) -> Bulk:
    """Choose the consignments that may stand in one reduced bulk declaration.

    The consignments may come one by one: of each, three numbers are kept until the last came.

    Args:
        consignments: Objects of the contract.
        day: Day of the declaration.
        excluded: Ids of consignments with excise, banned, restricted or licensed goods, or in transit: what assessment
            and screening say.
        uk_declarant: Whether the declarant is authorised and established in the United Kingdom.
    Law:
        HMRC guidance on bulk import reduced data set declarations: Great Britain alone, each parcel up to the low value
        limit, several for one recipient up to it together, supply VAT taken at the sale, no mail of postal operators.
    """
    most = _limit_on(day)
    findings: list[ForeignFinding] = []
    places, values, recipients = array("Q"), array("q"), array("q")
    for place, one in enumerate(consignments):
        value = _pence(one)
        reasons = list(_against(one, value, most, excluded, uk_declarant))
        findings += [ForeignFinding(NOT_BULK, Place(path, wco), words, place) for path, wco, words in reasons]
        if not reasons and value is not None:
            places.append(place)
            values.append(value)
            recipients.append(hash(_recipient(one, place)))
    if most is None or len(places) < 2:
        return Bulk(tuple(places), sum(values), tuple(findings))
    together = (
        pl.DataFrame(
            {"place": pl.Series(places), "value": pl.Series(values), "recipient": pl.Series(recipients)}
        )
        .with_columns(
            pl.len().over("recipient").alias("parcels"), pl.sum("value").over("recipient").alias("sum")
        )
        .with_columns(((pl.col("parcels") > 1) & (pl.col("sum") > most)).alias("over"))
    )
    for place in together.filter("over")["place"]:
        words = f"the parcels of one recipient together exceed {most // 100}.{most % 100:02d} GBP"
        findings.append(ForeignFinding(NOT_BULK, Place("/items", "112"), words, place))
    admitted = together.filter(~pl.col("over"))
    return Bulk(tuple(admitted["place"]), int(admitted["value"].sum()), tuple(findings))


@lru_cache(maxsize=64)
def _limit_on(day: date) -> int | None:
    limit = pack("gb").parameters.by_id["gb.relief.limit"].at(_COLUMN, day, None)
    return limit.value if limit is not None and type(limit.value) is int else None


def _against(
    one: Consignment, value: int | None, most: int | None, excluded: Collection[str], uk_declarant: bool
) -> Iterator[tuple[str, str | None, str]]:
    if not uk_declarant:
        yield "/", "R123", "expected an authorised declarant that is established in the United Kingdom"
    if one.get("destination_country") != "GB" or one.get("destination_region") == "NI":
        yield "/destination_country", "465", "expected Great Britain, without Northern Ireland"
    if one.get("channel") == "postal":
        yield "/channel", "504", "mail of postal operators has declarations of its own"
    if one.get("scheme") != "GB_VAT":
        yield "/scheme", "R005", "expected VAT taken at the sale (GB_VAT)"
    if one.get("consignment_id") in excluded:
        yield "/consignment_id", "009", "its goods are excluded"
    if value is None:
        yield "/items", "112", "expected values in GBP"
    elif most is None:
        yield "/declaration_date", "023", "the law holds no limit on the day"
    elif value > most:
        yield "/items", "112", f"expected {most // 100}.{most % 100:02d} GBP at most"


def _pence(one: Consignment) -> int | None:
    if one.get("currency") != "GBP" or not one.get("items"):
        return None
    total = 0
    for item in one["items"]:
        whole, _, part = str(item.get("value")).partition(".")
        if not (whole.isascii() and whole.isdecimal()) or len(whole) > 15 or len(part) > 2:
            return None
        if part and not (part.isascii() and part.isdecimal()):
            return None
        total += int(whole) * 100 + int(part.ljust(2, "0") or "0")
    return total


def _recipient(one: Consignment, place: int) -> tuple[str, ...]:
    """Return what tells recipients apart; an unknown one is like no other."""
    consignee = one.get("consignee") or {}
    if consignee.get("id"):
        return ("id", str(consignee["id"]))
    name, postcode = consignee.get("name"), consignee.get("postcode")
    if not name or not postcode:
        return ("place", str(place))
    return ("name", " ".join(str(name).casefold().split()), "".join(str(postcode).casefold().split()))
