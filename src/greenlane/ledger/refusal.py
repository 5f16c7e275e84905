"""What the ledger refuses to post, as findings that an exception carries."""

from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Finding, Severity, declare

AMOUNT_UNKNOWN = declare(
    "ledger.amount_unknown",
    Severity.ERROR,
    "A charge has no known amount, so nothing of its consignment is posted.",
    "Complete the consignment until its status is assessed; unknown never counts as zero.",
)
AMOUNT_WRONG = declare(
    "ledger.amount_wrong",
    Severity.ERROR,
    "An amount is not a whole number of minor units above zero.",
    "Give the amount in minor units of its currency, one or more.",
)
CURRENCY_WRONG = declare(
    "ledger.currency_wrong",
    Severity.ERROR,
    "Amounts of different currencies meet, or a currency is not known.",
    "Pay, guarantee and return each currency by itself.",
)
COLLECTED_TWICE = declare(
    "ledger.collected_twice",
    Severity.ERROR,
    "One levy on one item would be collected both with the price and at the border.",
    "Decide again: what was taken at the sale is not owed at the border.",
)
OVER_LIMIT = declare(
    "ledger.over_limit",
    Severity.ERROR,
    "A guarantee or deferred payment account does not cover the amount.",
    "Pay what is open, raise the limit, or use another guarantee or account.",
)
NOT_RESERVED = declare(
    "ledger.not_reserved",
    Severity.ERROR,
    "More would be freed, drawn or made good than the guarantee holds for it.",
    "Free or draw at most what is reserved; make good at most what was drawn.",
)
MORE_THAN_HELD = declare(
    "ledger.more_than_held",
    Severity.ERROR,
    "More would be paid out or used than the deposit holds.",
    "Pay out or use at most the balance of the deposit.",
)
MORE_THAN_TAKEN = declare(
    "ledger.more_than_taken",
    Severity.ERROR,
    "More would be refunded than was imported or is still charged.",
    "Give the items and quantities that came in and have not been refunded yet.",
)


class PostingRefused(GreenlaneError):
    """The ledger posts nothing of what was asked; ``finding`` says why.

    Example:
        >>> raise PostingRefused(OVER_LIMIT, "/guarantee", "reserving 500 needs 500, 120 are free")
        Traceback (most recent call last):
        ...
        greenlane.ledger.refusal.PostingRefused: reserving 500 needs 500, 120 are free
    """

    def __init__(self, code: str, path: str, message: str, law: str | None = None) -> None:
        super().__init__(message)
        self.finding = Finding(code, path, message, law)
