"""Where the 7+1 data stand in a waybill, by kind."""

from typing import Final

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


def _named(kind: str) -> dict[str, str]:
    part = PARTS[kind]
    found = {
        "version": "MessageHeaderDocument/VersionID",
        "issued": "MessageHeaderDocument/IssueDateTime",
        "number": NUMBER,
        "master": MASTER,
        "pieces": PIECES,
        "weight": WEIGHT,
    }
    for role, party in (("consignor", "ConsignorParty"), ("consignee", "ConsigneeParty")):
        found[f"{role}.name"] = f"{part}/{party}/Name"
        for name, element in (
            ("street", "StreetName"),
            ("city", "CityName"),
            ("country", "CountryID"),
            ("postcode", "PostcodeCode"),
        ):
            found[f"{role}.{name}"] = f"{part}/{party}/{ADDRESS}/{element}"
    return found


NAMED: Final = {kind: _named(kind) for kind in ROOTS}
"""Path below the root of each value that is read, by kind and name."""
SAID_AT: Final = {kind: f"{goods}/{SAID}" for kind, goods in GOODS.items()}
"""Path of the descriptions."""
