"""Why a command is refused: permanent codes with the way out, and the one exception that carries them."""

from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Finding, Severity, declare, kind_of

_E = Severity.ERROR

ROLE = declare(
    "clearance.role",
    _E,
    "The role of the caller may not give this command.",
    "Ask somebody with one of the roles that the message names.",
)
NOT_FILED = declare(
    "clearance.not_filed",
    _E,
    "Nothing is filed under this number yet.",
    "File the consignment first, or check its number.",
)
FILED_ALREADY = declare(
    "clearance.filed_already",
    _E,
    "The consignment is filed already.",
    "Send an amendment, or file under another number.",
)
NOT_OPEN = declare(
    "clearance.not_open",
    _E,
    "Customs has said its last word on the goods, so the command comes too late.",
    "Look up the consignment; an objection, a return or a new filing may be the way.",
)
SEIZED = declare(
    "clearance.seized",
    _E,
    "The goods are seized.",
    "Object to the seizure, or have two officers end it.",
)
NOT_IN_PHASE = declare(
    "clearance.not_in_phase",
    _E,
    "The command does not belong to the phase in which the consignment is.",
    "Look up the consignment and its phase; the page on the procedure lists the commands of each.",
)
EXAMINED = declare(
    "clearance.examined",
    _E,
    "The declarant can no longer change or withdraw the filing: an examination is ordered or has found something.",
    "Answer the officer in charge; an officer can decide anew or cancel.",
)
STAGE_BACK = declare(
    "clearance.stage_back",
    _E,
    "An amendment names an earlier stage than the filing has reached.",
    "Leave the stage out, or name a later one.",
)
UNKNOWN_NUMBER = declare(
    "clearance.unknown_number",
    _E,
    "The consignment has no referral, hold, inspection or return with this number.",
    "Take the number from the notice or from the consignment's events.",
)
SETTLED = declare(
    "clearance.settled_already",
    _E,
    "This referral, hold, inspection, objection or return is settled already.",
    "Nothing: its result stands in the consignment's events.",
)
ANSWER = declare(
    "clearance.answer",
    _E,
    "The answer does not fit what was asked.",
    "Answer a screening with methods and a result, a question with documents or an amendment; "
    "an order not to load takes no answer.",
)
DEPARTED = declare(
    "clearance.departed",
    _E,
    "The goods have departed or arrived, so nothing can be asked before loading any more.",
    "Order an inspection or a hold instead.",
)
ARRIVED = declare(
    "clearance.arrived_already",
    _E,
    "The goods are reported as arrived already.",
    "Nothing: the first report counts.",
)
NOT_ARRIVED = declare(
    "clearance.not_arrived",
    _E,
    "The goods have not arrived yet.",
    "Report the arrival first.",
)
FUTURE = declare(
    "clearance.future",
    _E,
    "The moment reported lies in the future.",
    "Report what has happened, in UTC.",
)
SOMETHING_OPEN = declare(
    "clearance.something_open",
    _E,
    "Something still stands against the release.",
    "Settle each point that the message names, then release.",
)
OTHER_DECISION = declare(
    "clearance.other_decision",
    _E,
    "The payment belongs to a decision that has been replaced.",
    "Work out what is due under the current decision and register that.",
)
NOTHING_DUE = declare(
    "clearance.nothing_due",
    _E,
    "The decision leaves nothing to pay at the border, or what is due is covered already.",
    "Nothing: keep the money on the deposit, or pay it back.",
)
SECOND_PERSON = declare(
    "clearance.second_person",
    _E,
    "The second person must be another than the first.",
    "Have another officer give this command.",
)
NO_PROPOSAL = declare(
    "clearance.no_proposal",
    _E,
    "Nobody has proposed to give the seized goods back.",
    "Propose it first; another officer then approves.",
)
AGENCY = declare(
    "clearance.agency",
    _E,
    "The agency was not asked about this consignment, or the caller speaks for another one.",
    "Have an officer ask the agency; each agency decides for itself.",
)
ASKED_ALREADY = declare(
    "clearance.asked_already",
    _E,
    "The agency has been asked and has not decided yet.",
    "Wait for its decision; its time limit stands in the consignment's events.",
)
DEADLINE = declare(
    "clearance.deadline_passed",
    _E,
    "The time limit for this step has run out.",
    "Ask customs whether it decides anew of its own motion.",
)
NO_OBJECTION = declare(
    "clearance.no_objection",
    _E,
    "No objection is open.",
    "Check the consignment's events: the objection was decided, or never made.",
)
OBJECTION_OPEN = declare(
    "clearance.objection_open",
    _E,
    "An objection against the decision is open already.",
    "Wait for the review; its deadline stands in the notice.",
)
QUANTITY = declare(
    "clearance.return_quantity",
    _E,
    "More is returned than was filed, or an item that was not filed.",
    "Check the item numbers and what has been returned before.",
)
NOT_EXPORTED = declare(
    "clearance.not_exported",
    _E,
    "The return has no proof yet that the goods left or were destroyed.",
    "Send the proof of export or destruction first.",
)


class Refused(GreenlaneError):
    """A command that the procedure does not allow now, or not to this caller.

    Example:
        >>> refusal = Refused(NOT_FILED, "file before anything else")
        >>> refusal.code, refusal.fix
        ('clearance.not_filed', 'File the consignment first, or check its number.')
    """

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.finding = Finding(code, path, message)

    @property
    def code(self) -> str:
        """Permanent code of the refusal."""
        return self.finding.code

    @property
    def message(self) -> str:
        """What is wrong, without anything personal."""
        return self.finding.message

    @property
    def fix(self) -> str:
        """What to do about it."""
        return kind_of(self.finding.code).fix
