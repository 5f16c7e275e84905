"""Consignments of made-up persons for the loads that real service processes are put under."""

import csv
import io
from collections.abc import Iterable
from random import Random
from typing import Any

DESCRIPTIONS = (
    "women's cotton T-shirt", "women's cotton T-shirt", "women's cotton T-shirt TEST HOLD",
    "women's cotton T-shirt TEST RELEASE", "women's cotton T-shirt TEST PAYMENT",
)  # fmt: skip


def parcel(name: str, description: str = DESCRIPTIONS[0], value: str = "40.00", *, ioss: bool = True) -> Any:
    """Return a parcel of T-shirts from China to Germany; without *ioss* its tax is due at the border."""
    item = {
        "item_id": "1", "description": description, "hs_code": "610910", "origin_country": "CN",
        "quantity": "5", "unit": "C62", "value": value, "gross_mass_kg": "0.9", "net_mass_kg": "0.8",
    }  # fmt: skip
    consignment = {
        "consignment_id": name, "transport_document": f"T-{name}",
        "channel": "express", "transaction": "b2c", "declaration_date": "2026-03-02",
        "departure_country": "CN", "destination_country": "DE", "dataset": "H7", "transport_mode": "air",
        "currency": "EUR", "freight": "4.00", "insurance": "0", "other_charges": "0",
        "freight_in_price": False, "carrier_fees": "0", "seller_registered": True,
        "seller": {"id": "S1", "name": "Example Trading", "country": "CN"},
        "platform": {"id": "M1", "name": "Example Market"}, "carrier": {"id": "C1"},
        "consignor": {"name": "Example Trading", "address": "1 Road", "country": "CN"},
        "consignee": {
            "id": f"P-{name}", "name": "A. Example", "address": "2 Street", "postcode": "10115",
            "country": "DE", "person": True,
        },
        "items": [item],
    }  # fmt: skip
    return consignment | ({"scheme": "IOSS", "scheme_id": "IM2760000224"} if ioss else {})


def any_parcel(name: str, random: Random) -> Any:
    """Return a parcel with a random outcome."""
    return parcel(
        name, random.choice(DESCRIPTIONS), f"{random.randint(5, 140)}.00", ioss=random.random() < 0.6
    )


def as_csv(parcels: Iterable[dict[str, Any]]) -> bytes:
    """Return parcels of one item as CSV of the contract."""
    rows = [_flat(one) for one in parcels]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, cell in value.items():
        if isinstance(cell, dict):
            cells |= _flat(cell, f"{prefix}{name}.")
        elif isinstance(cell, list):
            cells |= _flat(cell[0], f"{prefix}{name}.")
        elif isinstance(cell, bool):
            cells[prefix + name] = "true" if cell else "false"
        else:
            cells[prefix + name] = str(cell)
    return cells


__all__ = ["any_parcel", "as_csv", "parcel"]
