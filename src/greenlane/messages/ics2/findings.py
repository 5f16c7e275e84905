"""The finding codes of ICS2 messages."""

from typing import Final

from greenlane.messages.tabled import Codes
from greenlane.values.finding import Severity, declare

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

NOT_ICS2 = declare(
    "messages.ics2.not_a_message",
    _E,
    "The XML is none of the ICS2 messages that are read.",
    "Send one message, its root named after it: IE3F43, IE3R03 and so on.",
)
MISSING = declare("messages.ics2.missing", _E, "An element that the message needs is missing.", "Fill it in.")
UNKNOWN = declare(
    "messages.ics2.unknown",
    _W,
    "An element stands where the tables that are held have none of its name; they are of one version and not complete.",
    "Check its spelling and the element that it stands in; it is carried as it came.",
)
REPEATED = declare(
    "messages.ics2.repeated",
    _E,
    "An element comes more often than the message allows.",
    "Send it as often as told, and the rest in another message.",
)
FORM = declare(
    "messages.ics2.form",
    _E,
    "A value is longer than the message allows, or of another kind.",
    "Write it as told.",
)
CODE = declare(
    "messages.ics2.code",
    _W,
    "A code is on none of the lists that are held; the lists held are not complete.",
    "Check it against the list of the Commission.",
)
CIRCUMSTANCE = declare(
    "messages.ics2.circumstance",
    _E,
    "The specific circumstance is another than the message's.",
    "Send the message of that circumstance, or correct the indicator.",
)
IDENTIFIER = declare(
    "messages.ics2.identifier",
    _W,
    "An identification is not of the shape that it should have.",
    "Send an EORI for a party, the number of UPU S10 for an item of post.",
)
CURRENCY = declare(
    "messages.ics2.currency",
    _W,
    "An amount is in another currency than the goods, which a consignment cannot hold.",
    "Declare it in the currency of the goods; until then it counts as unknown.",
)
ASSUMED = declare(
    "messages.ics2.assumed",
    _I,
    "A fact that one side asks for is not in the other; it was taken from what stands beside it.",
    "Nothing, if it is so; else give it.",
)
LOST = declare(
    "messages.ics2.not_expressed",
    _W,
    "The message has no element for a field of the consignment, or none that takes its value.",
    "Send it another way, if the receiver needs it.",
)
UNFILLED = declare(
    "messages.ics2.unfilled",
    _W,
    "The message needs an element that neither the consignment nor the header gives.",
    "Give it before the message is sent: as it stands it would be rejected.",
)
VERSION = declare(
    "messages.ics2.version",
    _W,
    "The message is dated before the version of the tables that it was read by.",
    "Check its date; versions from before are not held.",
)
ANSWER = declare(
    "messages.ics2.answer",
    _E,
    "An answer to a referral cannot be taken: its reference, its result, a method or a document is not usable.",
    "Answer each request once, with its reference, codes of the lists and references of stored documents.",
)
TABLE: Final = Codes(UNKNOWN, REPEATED, FORM, MISSING)
