"""How each element is handled: who supplies it, by when, on what legal basis, for what, and how long it is kept.

A sibling of the data-element table, keyed by its columns; a test holds the two together. A legal basis is
stated only with its source and how sure it is. Where none was seen it is unknown, and the page says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Supplier(StrEnum):
    """Who knows the value first hand; whoever files may pass it on."""

    SELLER = "seller"
    PLATFORM = "platform"
    CARRIER = "carrier"
    DECLARANT = "declarant"
    BUYER = "buyer"
    ADMINISTRATION = "administration"


class Deadline(StrEnum):
    """The stage of filing at which the value has to be there; later it is accepted and late."""

    PRE_LOADING = "pre_loading"
    PRE_ARRIVAL = "pre_arrival"
    ARRIVAL = "arrival"


class Use(StrEnum):
    """What the value is collected for."""

    IDENTIFICATION = "identification"
    ASSESSMENT = "assessment"
    SECURITY = "security"
    LIMITS = "limits"
    CONTACT = "contact"
    STATISTICS = "statistics"


class DataClass(StrEnum):
    """What kind of data it is; reading is granted by class. ``note`` is free text that officers write."""

    FILING = "filing"
    GOODS = "goods"
    TRADER = "trader"
    IDENTIFIER = "identifier"
    NAME = "name"
    ADDRESS = "address"
    PRIOR_USE = "prior_use"
    NOTE = "note"


class RetentionClass(StrEnum):
    """Which clock decides how long the value is kept."""

    DECLARATION = "declaration"
    PERSON = "person"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Basis:
    """One legal basis: whose law, the citation, and ``certain`` (seen) or ``unverified`` (from memory)."""

    law: str
    cite: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Handling:
    """How one element is handled. No ``bases`` means that the legal basis is unknown."""

    supplier: Supplier
    deadline: Deadline
    uses: tuple[Use, ...]
    data_class: DataClass
    retention: RetentionClass
    bases: tuple[Basis, ...] = ()


def _eu(number: str) -> Basis:
    return Basis("EU", f"Reg. (EU) 2015/2446 annex B, data element {number}", "unverified")


def _filed(supplier: Supplier, deadline: Deadline, *uses: Use, eu: str = "") -> Handling:
    bases = (_eu(eu),) if eu else ()
    return Handling(supplier, deadline, uses, DataClass.FILING, RetentionClass.DECLARATION, bases)


def _goods(supplier: Supplier, deadline: Deadline, *uses: Use, eu: str = "") -> Handling:
    bases = (_eu(eu),) if eu else ()
    return Handling(supplier, deadline, uses, DataClass.GOODS, RetentionClass.DECLARATION, bases)


def _trader(supplier: Supplier, *uses: Use, eu: str = "") -> Handling:
    bases = (_eu(eu),) if eu else ()
    return Handling(supplier, _LOADING, uses, DataClass.TRADER, RetentionClass.PERSON, bases)


def _person(data_class: DataClass, deadline: Deadline, *uses: Use, eu: str = "") -> Handling:
    bases = (_eu(eu),) if eu else ()
    return Handling(Supplier.BUYER, deadline, uses, data_class, RetentionClass.PERSON, bases)


_LOADING, _ARRIVING, _ARRIVED = Deadline.PRE_LOADING, Deadline.PRE_ARRIVAL, Deadline.ARRIVAL
_ID, _SUM, _SAFE = Use.IDENTIFICATION, Use.ASSESSMENT, Use.SECURITY
_LIMIT, _CALL, _STATS = Use.LIMITS, Use.CONTACT, Use.STATISTICS
_SELLER, _PLATFORM, _CARRIER = Supplier.SELLER, Supplier.PLATFORM, Supplier.CARRIER
_DECLARANT, _ADMINISTRATION = Supplier.DECLARANT, Supplier.ADMINISTRATION
_USED = Handling(_ADMINISTRATION, _ARRIVING, (_LIMIT,), DataClass.PRIOR_USE, RetentionClass.LIMITS)

_TABLE: dict[str, Handling] = {
    "consignment_id": _filed(_DECLARANT, _LOADING, _ID),
    "transport_document": _filed(_CARRIER, _LOADING, _ID, _SAFE, eu="12 05 000 000"),
    "channel": _filed(_CARRIER, _LOADING, _SAFE, _STATS),
    "transaction": _filed(_SELLER, _ARRIVING, _SUM, _STATS),
    "declaration_date": _filed(_DECLARANT, _ARRIVED, _SUM, _STATS),
    "departure_country": _filed(_CARRIER, _LOADING, _SAFE, _STATS),
    "destination_country": _filed(_CARRIER, _LOADING, _SUM, _SAFE, _STATS),
    "destination_region": _filed(_CARRIER, _ARRIVING, _SUM),
    "dataset": _filed(_DECLARANT, _ARRIVING, _SUM, eu="11 01 000 000"),
    "order_date": _filed(_PLATFORM, _ARRIVING, _SUM),
    "export_date": _filed(_CARRIER, _ARRIVING, _SUM),
    "transport_mode": _filed(_CARRIER, _LOADING, _SAFE, _STATS),
    "departure_place": _filed(_CARRIER, _LOADING, _SAFE),
    "currency": _filed(_SELLER, _ARRIVING, _SUM),
    "freight": _filed(_CARRIER, _ARRIVING, _SUM, eu="14 13 000 000"),
    "insurance": _filed(_CARRIER, _ARRIVING, _SUM, eu="14 13 000 000"),
    "other_charges": _filed(_SELLER, _ARRIVING, _SUM),
    "freight_in_price": _filed(_SELLER, _ARRIVING, _SUM),
    "carrier_fees": _filed(_CARRIER, _ARRIVING, _SUM),
    "carrier_fees_currency": _filed(_CARRIER, _ARRIVING, _SUM),
    "incoterm": _filed(_SELLER, _ARRIVING, _SUM),
    "scheme": _filed(_PLATFORM, _ARRIVING, _SUM, eu="13 16 000 000"),
    "scheme_id": _filed(_PLATFORM, _ARRIVING, _SUM, eu="13 16 000 000"),
    "registrations": _filed(_PLATFORM, _ARRIVING, _SUM),
    "seller_registered": _filed(_SELLER, _ARRIVING, _SUM),
    "programme": _filed(_DECLARANT, _ARRIVING, _SUM, _STATS, eu="11 10 000 000"),
    "elections": _filed(_DECLARANT, _ARRIVING, _SUM),
    "seller.id": _filed(_PLATFORM, _ARRIVING, _SUM, _SAFE),
    "seller.name": _trader(_PLATFORM, _SUM, _SAFE),
    "seller.country": _filed(_PLATFORM, _ARRIVING, _SUM, _SAFE),
    "platform.id": _filed(_PLATFORM, _ARRIVING, _SUM),
    "platform.name": _filed(_PLATFORM, _ARRIVING, _SUM),
    "carrier.id": _filed(_CARRIER, _LOADING, _ID, _SAFE),
    "consignor.name": _trader(_CARRIER, _ID, _SAFE, eu="13 01 000 000"),
    "consignor.address": _trader(_CARRIER, _ID, _SAFE, eu="13 01 000 000"),
    "consignor.country": _filed(_CARRIER, _LOADING, _SAFE, eu="13 01 000 000"),
    "consignee.id": _person(DataClass.IDENTIFIER, _ARRIVING, _ID, _LIMIT, eu="13 04 000 000"),
    "consignee.name": _person(DataClass.NAME, _LOADING, _ID, _SAFE, _CALL, eu="13 04 000 000"),
    "consignee.address": _person(DataClass.ADDRESS, _LOADING, _ID, _SAFE, _CALL, eu="13 04 000 000"),
    "consignee.postcode": _person(DataClass.ADDRESS, _LOADING, _ID, _SAFE, eu="13 04 000 000"),
    "consignee.country": _filed(_CARRIER, _LOADING, _SAFE, eu="13 04 000 000"),
    "consignee.person": _filed(_CARRIER, _ARRIVING, _SUM),
    "consignee.prior_use.day_amount": _USED,
    "consignee.prior_use.month_amount": _USED,
    "consignee.prior_use.quarter_count": _USED,
    "consignee.prior_use.year_amount": _USED,
    "consignee.prior_use.year_count": _USED,
    "items.item_id": _goods(_DECLARANT, _ARRIVING, _ID),
    "items.description": _goods(_SELLER, _LOADING, _SUM, _SAFE, eu="18 05 000 000"),
    "items.hs_code": _goods(_SELLER, _ARRIVING, _SUM, _SAFE, _STATS, eu="18 09 000 000"),
    "items.origin_country": _goods(_SELLER, _ARRIVING, _SUM, _STATS),
    "items.quantity": _goods(_SELLER, _ARRIVING, _SUM, _STATS),
    "items.unit": _goods(_SELLER, _ARRIVING, _SUM),
    "items.value": _goods(_SELLER, _ARRIVING, _SUM, _STATS, eu="14 12 000 000"),
    "items.gross_mass_kg": _goods(_CARRIER, _LOADING, _SAFE, _STATS, eu="18 04 000 000"),
    "items.net_mass_kg": _goods(_SELLER, _ARRIVING, _SUM, _STATS),
    "items.gtin": _goods(_SELLER, _ARRIVING, _SUM),
    "items.product_url": _goods(_PLATFORM, _ARRIVING, _SUM, _SAFE),
    "items.preference": _goods(_DECLARANT, _ARRIVING, _SUM),
    "items.relief_claim": _goods(_DECLARANT, _ARRIVING, _SUM),
    "items.contents.quantity": _goods(_SELLER, _ARRIVING, _SUM),
    "items.contents.unit": _goods(_SELLER, _ARRIVING, _SUM),
    "items.contents.strength": _goods(_SELLER, _ARRIVING, _SUM),
}

_US_POST = Basis("US", "19 CFR 145.74, parcels by post", "unverified")
_US_POSTAL = {
    "transport_document",
    "consignor.name",
    "consignor.address",
    "consignee.name",
    "consignee.address",
    "items.description",
    "items.quantity",
    "items.unit",
    "items.value",
    "items.gross_mass_kg",
}

HANDLING: dict[str, Handling] = {
    name: replace(held, bases=(*held.bases, _US_POST)) if name in _US_POSTAL else held
    for name, held in _TABLE.items()
}
"""By column of the data-element table."""


def late(columns: Iterable[str], stage: Deadline) -> list[str]:
    """Return those columns, told for the first time at *stage*, that had to be there earlier.

    They are accepted all the same: late is a finding, not a refusal.

    Example:
        >>> late(["items.description", "items.value"], Deadline.PRE_ARRIVAL)
        ['items.description']
    """
    order = list(Deadline)
    return [name for name in columns if order.index(HANDLING[name].deadline) < order.index(stage)]
