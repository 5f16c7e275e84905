"""The finding codes of postal messages and forms."""

from greenlane.values.finding import Severity, declare

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

NOT_POSTAL = declare(
    "messages.postal.not_a_message",
    _E,
    "The data is no postal message or form of this kind.",
    "Send ITMATT, CUSITM or CUSRSP in EDIFACT or XML, or a CN22 or CN23 with its fields.",
)
SYNTAX = declare(
    "messages.postal.syntax",
    _E,
    "The EDIFACT is not well-formed.",
    "Write service segments, separators and release characters as the syntax says, and send the message complete.",
)
CHARSET = declare(
    "messages.postal.charset",
    _E,
    "The bytes are not in the character set that UNB names, or in one that is not read.",
    "Send UNOC (ISO 8859-1) or UNOW (UTF-8) and name it in UNB.",
)
BOUNDS = declare(
    "messages.postal.bounds", _E, "The message is longer or wider than is read.", "Part it into messages."
)
COUNT = declare(
    "messages.postal.count",
    _E,
    "A count or reference that closes the message is not what came.",
    "Send the message complete, and count what is in it.",
)
MISSING = declare("messages.postal.missing", _E, "A field that the message needs is missing.", "Fill it in.")
UNKNOWN = declare(
    "messages.postal.unknown",
    _W,
    "A field or segment stands where the layout has none; it is carried, not read.",
    "Check its name and place, if it should count.",
)
ORDER = declare(
    "messages.postal.order",
    _W,
    "Segments or elements are in another order than the layout's.",
    "Write them in order; they were read all the same.",
)
REPEATED = declare(
    "messages.postal.repeated",
    _E,
    "A field comes twice where it may come once.",
    "Send it once; the first was read.",
)
FORM = declare(
    "messages.postal.form",
    _E,
    "A value is longer than the layout allows, of another kind, or a code of no list.",
    "Write it as told.",
)
CHECK_DIGIT = declare(
    "messages.postal.check_digit",
    _W,
    "The item identifier fails the check digit of UPU S10.",
    "Check for a typing error.",
)
TOTAL = declare(
    "messages.postal.total",
    _W,
    "The total declared value is not the sum of the content pieces.",
    "Declare the sum of the pieces, or correct them.",
)
CURRENCY = declare(
    "messages.postal.currency",
    _W,
    "An amount is in another currency than the content, which a consignment cannot hold.",
    "Declare it in the currency of the content; until then it counts as unknown.",
)
ASSUMED = declare(
    "messages.postal.assumed",
    _I,
    "The message doesn't tell a fact that law asks for; it was taken from another field.",
    "Nothing, if it is so; else declare it.",
)
LOST = declare(
    "messages.postal.not_expressed",
    _W,
    "The message has no field for something that is to be written, or none that takes its value.",
    "Send it another way, if the receiver needs it.",
)
LIMIT = declare(
    "messages.postal.cn22_limit",
    _W,
    "A CN22 serves up to 300 SDR; this one is for more, or its value in SDR is not known.",
    "Print a CN23, or give the rate of the SDR.",
)
PRINTED = declare(
    "messages.postal.not_printed",
    _W,
    "The printed form lacks the room or the letters for a text; its fields hold the whole.",
    "Shorten the text, or give a font that has the letters.",
)
