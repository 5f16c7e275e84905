"""ICS2 of the European Union: entry summaries for post and express, and what is sent back and forth about them."""

from greenlane.messages.ics2.format import ICS2
from greenlane.messages.ics2.lifecycle import MOVES, STANDS, EntrySummary, OutOfOrder, Stand, step
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
from greenlane.messages.ics2.replying import (
    Answered,
    Answers,
    answers_of,
    faults_of,
    notices_of,
    reference_of,
    referral_of,
)
from greenlane.messages.ics2.tables import FILINGS, KINDS, NOTICES, VERSIONS, Version, version_on
from greenlane.messages.ics2.writing import write, write_notice

__all__ = [
    "FILINGS",
    "ICS2",
    "KINDS",
    "MOVES",
    "NOTICES",
    "STANDS",
    "VERSIONS",
    "Address",
    "Answered",
    "Answers",
    "Assessed",
    "BinaryFile",
    "DoNotLoad",
    "Document",
    "EntrySummary",
    "Fault",
    "Information",
    "Notice",
    "OutOfOrder",
    "Person",
    "Request",
    "Screening",
    "Stand",
    "Statement",
    "Supporting",
    "Version",
    "answers_of",
    "faults_of",
    "notices_of",
    "read",
    "reference_of",
    "referral_of",
    "step",
    "stream",
    "version_on",
    "write",
    "write_notice",
]
