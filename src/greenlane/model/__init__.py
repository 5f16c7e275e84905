"""The data-element table keyed to WCO ids, and the schemas, records and pages made from it."""

from greenlane.model.batch import Batch, empty_batch
from greenlane.model.codes import CHANNELS, COUNTRIES, INCOTERMS, TRANSACTIONS, TRANSPORT_MODES
from greenlane.model.elements import (
    BY_COLUMN,
    CONSIGNMENT_ELEMENTS,
    ELEMENTS,
    ITEM_ELEMENTS,
    Element,
    Kind,
    Level,
)
from greenlane.model.pages import reference_page, template_csv
from greenlane.model.schema import (
    DECIMALS,
    FINDING_SCHEMA,
    PRIOR_USE_DECIMALS,
    REJECTED_SCHEMA,
    consignment_schema,
    item_schema,
    raw_schema,
    typed_name,
)

__all__ = [
    "BY_COLUMN",
    "CHANNELS",
    "CONSIGNMENT_ELEMENTS",
    "COUNTRIES",
    "DECIMALS",
    "ELEMENTS",
    "FINDING_SCHEMA",
    "INCOTERMS",
    "ITEM_ELEMENTS",
    "PRIOR_USE_DECIMALS",
    "REJECTED_SCHEMA",
    "TRANSACTIONS",
    "TRANSPORT_MODES",
    "Batch",
    "Element",
    "Kind",
    "Level",
    "consignment_schema",
    "empty_batch",
    "item_schema",
    "raw_schema",
    "reference_page",
    "template_csv",
    "typed_name",
]
