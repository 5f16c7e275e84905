"""The WCO Data Model 3.6 in XML, declaration and response, as HMRC publishes it."""

from greenlane.messages.wco.amendment import amended
from greenlane.messages.wco.declaration import Header, read, stream
from greenlane.messages.wco.format import WCO_DM36
from greenlane.messages.wco.reply import Charge, Fault, Reply, ReplyKind, read_reply, write_reply
from greenlane.messages.wco.replying import Answered, fault_of, faults_of, rejected, replies_of
from greenlane.messages.wco.writing import write

__all__ = [
    "WCO_DM36",
    "Answered",
    "Charge",
    "Fault",
    "Header",
    "Reply",
    "ReplyKind",
    "amended",
    "fault_of",
    "faults_of",
    "read",
    "read_reply",
    "rejected",
    "replies_of",
    "stream",
    "write",
    "write_reply",
]
