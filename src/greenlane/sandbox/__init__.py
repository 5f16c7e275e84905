"""Streams of invented consignments with the shape of real flow, for trying, testing and measuring.

`generate` writes one; `catalogue` is what its parcels hold.
"""

from greenlane.sandbox.catalogue import LANGUAGES, Product, catalogue, prohibited_goods
from greenlane.sandbox.market import DESTINATIONS, world
from greenlane.sandbox.plants import DEFAULT_RATES, LABELS
from greenlane.sandbox.stream import GenerateReport, generate

__all__ = [
    "DEFAULT_RATES",
    "DESTINATIONS",
    "LABELS",
    "LANGUAGES",
    "GenerateReport",
    "Product",
    "catalogue",
    "generate",
    "prohibited_goods",
    "world",
]
