"""China's CEB messages for cross-border e-commerce imports: read, matched, written, answered."""

from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.format import CEB
from greenlane.messages.ceb.matching import Check, Facts, Party, Result, Told, match
from greenlane.messages.ceb.reading import documents_of, read, stream
from greenlane.messages.ceb.replying import (
    faulty,
    inventory_number,
    mismatched,
    pre_number,
    rejected,
    replies_of,
    reply,
)
from greenlane.messages.ceb.writing import write, write_documents

__all__ = [
    "CEB",
    "Check",
    "Document",
    "Facts",
    "Party",
    "Result",
    "Told",
    "documents_of",
    "faulty",
    "inventory_number",
    "match",
    "mismatched",
    "pre_number",
    "read",
    "rejected",
    "replies_of",
    "reply",
    "stream",
    "write",
    "write_documents",
]
