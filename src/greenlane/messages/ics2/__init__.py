"""ICS2 of the European Union: entry summaries for post and express, and what is sent back and forth about them."""

from greenlane.messages.ics2.format import ICS2
from greenlane.messages.ics2.notices import (
    Address,
    Assessed,
    BinaryFile,
    Document,
    DoNotLoad,
    Fault,
    Information,
    Notice,
    Person,
    Request,
    Screening,
    Statement,
    Supporting,
)
from greenlane.messages.ics2.reading import read, stream
from greenlane.messages.ics2.tables import FILINGS, KINDS, NOTICES, VERSIONS, Version, version_on
from greenlane.messages.ics2.writing import write, write_notice

__all__ = [
    "FILINGS",
    "ICS2",
    "KINDS",
    "NOTICES",
    "VERSIONS",
    "Address",
    "Assessed",
    "BinaryFile",
    "DoNotLoad",
    "Document",
    "Fault",
    "Information",
    "Notice",
    "Person",
    "Request",
    "Screening",
    "Statement",
    "Supporting",
    "Version",
    "read",
    "stream",
    "version_on",
    "write",
    "write_notice",
]
