"""The finding codes of advance cargo information: one for each error code of a receiver, and a few of our own."""

from typing import Final

from greenlane.messages.placi.tables import ERRORS
from greenlane.messages.tabled import Codes
from greenlane.values.finding import Severity, declare

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

for _error in ERRORS.values():
    declare(_error.finding, _E, _error.meaning, _error.fix)

NOT_PLACI: Final = ERRORS["INVALID_MESSAGE_TYPE"].finding
MISSING = declare(
    "messages.placi.missing", _E, "An element that the waybill needs is missing.", "Fill it in."
)
UNKNOWN = declare(
    "messages.placi.unknown",
    _W,
    "An element stands where the subset that is read has none of its name.",
    "Nothing, if the format has it: it is carried as it came.",
)
REPEATED = declare(
    "messages.placi.repeated",
    _E,
    "An element comes more often than the waybill allows.",
    "Send it as often as told.",
)
FORM = declare(
    "messages.placi.form",
    _E,
    "A value is longer than the waybill allows, or of another kind.",
    "Write it as told.",
)
AWB = declare(
    "messages.placi.awb",
    _E,
    "The number of an air waybill is not three digits, a hyphen and eight digits, or its check digit is wrong.",
    "Copy the number from the waybill.",
)
EMBEDDED = declare(
    "messages.placi.vague_term",
    _W,
    "The description holds a term that alone says too little.",
    "Say what the goods are, what they are made of and what for.",
)
CONSOLIDATION = declare(
    "messages.placi.consolidation",
    _W,
    "The waybill is a consolidation: its house waybills are needed as well.",
    "Send the house waybills.",
)
ASSUMED = declare(
    "messages.placi.assumed",
    _I,
    "A fact that one side asks for is not in the other; it was taken from what stands beside it.",
    "Nothing, if it is so; else give it.",
)
LOST = declare(
    "messages.placi.not_expressed",
    _W,
    "The waybill has no element for a field of the consignment, or none that takes its value.",
    "Send it another way, if the receiver needs it.",
)
TABLE: Final = Codes(UNKNOWN, REPEATED, FORM, MISSING)
