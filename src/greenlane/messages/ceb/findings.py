"""The finding codes of CEB messages."""

from greenlane.values.finding import Severity, declare

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

NOT_CEB = declare(
    "messages.ceb.not_a_message",
    _E,
    "The XML is none of the CEB messages that are read.",
    "Send CEB311, 411, 511, 621, 625 or 711, or a reply to one, with its documents in it.",
)
MISSING = declare(
    "messages.ceb.missing", _E, "An element that the message needs is missing or empty.", "Fill it in."
)
MODE_MISSING = declare(
    "messages.ceb.missing_for_mode",
    _W,
    "An element is missing that this supervision code asks for.",
    "Fill it in: account book, article and enterprise of the zone for 1210, transport and bill for 9610.",
)
FORM = declare(
    "messages.ceb.form",
    _E,
    "A value is longer than the message allows, or of another kind.",
    "Write it as told.",
)
UNKNOWN = declare(
    "messages.ceb.unknown",
    _W,
    "An element has a name that the message doesn't have here; it is carried through.",
    "Check its spelling and where it stands.",
)
ORDER = declare(
    "messages.ceb.order",
    _W,
    "Elements are in another order than that of the message.",
    "Write them in the order of the message; they were read all the same and are written in order.",
)
REPEATED = declare(
    "messages.ceb.repeated",
    _E,
    "An element comes more than once where it may come once, or a number is used twice.",
    "Send it once.",
)
NAMESPACE = declare(
    "messages.ceb.namespace",
    _W,
    "The elements are not in the namespace of the messages.",
    "Declare http://www.chinaport.gov.cn/ceb.",
)
UNSIGNED = declare(
    "messages.ceb.unsigned",
    _W,
    "The document is declared (appStatus 2) in a message without a signature.",
    "Sign it, or send it with appStatus 1.",
)
SIGNED = declare(
    "messages.ceb.signature",
    _I,
    "The message has a signature, which is neither checked nor written again here.",
    "Sign what is written anew before it is sent.",
)
CODE = declare(
    "messages.ceb.code",
    _W,
    "A code of customs has no counterpart in the contract, so its field stays unknown; the code is carried.",
    "Check the code, or give the field by another way.",
)
ASSUMED = declare(
    "messages.ceb.assumed",
    _I,
    "The message doesn't tell a fact that law asks for; it was taken from another element.",
    "Nothing, if it is so; else correct it in the consignment.",
)
LOST = declare(
    "messages.ceb.not_expressed",
    _W,
    "The message has no element for a field of the consignment, or none that takes its value.",
    "Send it another way, if the receiver needs it.",
)
