"""Where the 7+1 data stand in a waybill, by kind."""

from typing import Final, NamedTuple

from greenlane.messages.placi import findings as codes
from greenlane.messages.placi.tables import rows
from greenlane.messages.tabled import Table

FORMAT: Final = "placi"
MANY: Final = "urn:greenlane:messages:1"
"""Namespace of the element that wraps several waybills; the format has none."""
XMLNS: Final = "xmlns"
ROOTS: Final = {"XFWB": "Waybill", "XFZB": "HouseWaybill"}
KINDS: Final = {root: kind for kind, root in ROOTS.items()}
TYPES: Final = {"XFWB": "741", "XFZB": "703"}
SPACES: Final = {"XFWB": "iata:waybill:1", "XFZB": "iata:housewaybill:1"}
INNER: Final = "iata:datamodel:3"
TABLES: Final = {
    kind: Table(kind, root, list(rows("fields.csv")), codes.TABLE, INNER) for kind, root in ROOTS.items()
}
PARTS: Final = {"XFWB": "MasterConsignment", "XFZB": "MasterConsignment/IncludedHouseConsignment"}
GOODS: Final = {
    "XFWB": "MasterConsignment/IncludedMasterConsignmentItem",
    "XFZB": "MasterConsignment/IncludedHouseConsignment/IncludedHouseConsignmentItem",
}
SAID: Final = "NatureIdentificationTransportCargo/Identification"
WEIGHT: Final = "MasterConsignment/IncludedTareGrossWeightMeasure"
PIECES: Final = "MasterConsignment/TotalPieceQuantity"
MASTER: Final = "MasterConsignment/TransportContractDocument/ID"
NUMBER: Final = "BusinessHeaderDocument/ID"
ADDRESS: Final = "PostalStructuredAddress"


class Named(NamedTuple):
    """What a waybill says once, null where it is silent."""

    version: str | None
    issued: str | None
    number: str | None
    master: str | None
    pieces: str | None
    weight: str | None
    consignor_name: str | None
    consignor_street: str | None
    consignor_city: str | None
    consignor_country: str | None
    consignee_name: str | None
    consignee_street: str | None
    consignee_city: str | None
    consignee_country: str | None
    consignee_postcode: str | None


def _paths(kind: str) -> tuple[str, ...]:
    found = ["MessageHeaderDocument/VersionID", "MessageHeaderDocument/IssueDateTime"]
    found += [NUMBER, MASTER, PIECES, WEIGHT]
    for party in ("ConsignorParty", "ConsigneeParty"):
        at = f"{PARTS[kind]}/{party}"
        found += [
            f"{at}/Name",
            *(f"{at}/{ADDRESS}/{name}" for name in ("StreetName", "CityName", "CountryID")),
        ]
    return (*found, f"{PARTS[kind]}/ConsigneeParty/{ADDRESS}/PostcodeCode")


NAMED: Final = {kind: _paths(kind) for kind in ROOTS}
"""Paths below the root of what `Named` holds, in its order, by kind."""
SAID_AT: Final = {kind: f"{goods}/{SAID}" for kind, goods in GOODS.items()}
"""Path of the descriptions."""
