"""The finding codes of WCO messages."""

from greenlane.values.finding import Severity, declare

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

NOT_WCO = declare(
    "messages.wco.not_a_message",
    _E,
    "The XML is no declaration or response of the WCO Data Model.",
    "Send MetaData with a Declaration in it, or the Declaration alone.",
)
NO_GOODS = declare(
    "messages.wco.no_goods",
    _E,
    "The declaration carries no goods, so there is nothing to clear.",
    "Send the declaration with its goods items; notices of presentation and the like aren't consignments.",
)
MISSING = declare(
    "messages.wco.missing", _E, "An element that every declaration needs is missing.", "Fill it in."
)
UNKNOWN = declare(
    "messages.wco.unknown",
    _E,
    "An element stands where the model has none of its name.",
    "Check its spelling and the element that it stands in.",
)
ORDER = declare(
    "messages.wco.order",
    _W,
    "Elements are in another order than the schema's.",
    "Write them in the order of the schema; they were read all the same and are written in order.",
)
REPEATED = declare(
    "messages.wco.repeated",
    _E,
    "An element comes more often than the model allows.",
    "Send it once, or as often as the message says. Goods items beyond that go into further declarations, any number of "
    "which one file may hold.",
)
FORM = declare(
    "messages.wco.form",
    _E,
    "A value is longer than the model allows, or of another kind.",
    "Write it as told.",
)
COUNT = declare(
    "messages.wco.count",
    _W,
    "The declared number of goods items is not the number that came.",
    "Declare as many as there are, or send the missing ones.",
)
CURRENCY = declare(
    "messages.wco.currency",
    _W,
    "An amount is in another currency than the goods, which a consignment cannot hold.",
    "Declare it in the currency of the goods; until then it counts as unknown.",
)
ASSUMED = declare(
    "messages.wco.assumed",
    _I,
    "The message doesn't tell a fact that law asks for; it was taken from another element.",
    "Nothing, if it is so; else declare it.",
)
LOST = declare(
    "messages.wco.not_expressed",
    _W,
    "The message has no element for a field of the consignment, or none that takes its value.",
    "Send it another way, if the receiver needs it.",
)
AMENDMENT = declare(
    "messages.wco.amendment",
    _E,
    "A pointer of the amendment leads nowhere.",
    "Name sections and tags from the declaration down, with the number of each repeated one.",
)
