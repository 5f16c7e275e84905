"""Reference data: importers of official files, the local store, and the starter that the package carries."""

from greenlane.reference.imports import KINDS, import_file
from greenlane.reference.load import Reference, load
from greenlane.reference.starter import starter_subheadings
from greenlane.reference.store import DatasetInfo, ImportReport, default_store, list_datasets

__all__ = [
    "KINDS",
    "DatasetInfo",
    "ImportReport",
    "Reference",
    "default_store",
    "import_file",
    "list_datasets",
    "load",
    "starter_subheadings",
]
