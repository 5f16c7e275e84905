"""Post transfers of one party, and the balances that are kept beside them; names of payers and of money."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Cursor

from greenlane.ledger import (
    AMOUNT_WRONG,
    CURRENCY_WRONG,
    OpenItem,
    PostingRefused,
    Transfer,
    open_items,
)
from greenlane.store import covers, transfers
from greenlane.values.finding import Severity, declare
from greenlane.values.money import CURRENCIES, MAX_MINOR, exponent, parse_scaled

REFERENCE_USED = declare(
    "money.reference_used",
    Severity.ERROR,
    "The reference was used for other money.",
    "Give each payment, payout and limit a reference of its own; the same one means the same money.",
)
NO_SUCH_PAYMENT = declare(
    "money.no_such_payment",
    Severity.ERROR,
    "No payment with this reference stands.",
    "Look the reference up in the statement of the deposit; a payment falls away once.",
)
NOTHING_TO_PAY = declare(
    "money.no_such_debt",
    Severity.ERROR,
    "What the money is for isn't there.",
    "Name one thing that the money is for: a consignment, a holder, a return, an account or a guarantee.",
)


def post(cursor: Cursor[Any], party: str, made: Sequence[Transfer]) -> None:
    """Post transfers of a party, whose lock the caller holds."""
    if made:
        transfers.append(cursor, party, made)
        covers.keep(cursor, made)


def named(names: Mapping[str, str], party: str) -> dict[str, str]:
    """Return the ids of payers as accounts have them: within the party that filed.

    An id like ``S1`` means what the party that filed says, so that no account holds the money of two parties, and
    each is written under one lock.

    Example:
        >>> named({"seller": "S1"}, "post-cn")
        {'seller': 'S1@post-cn'}
    """
    return {role: f"{name}@{party}" for role, name in names.items()}


def holder_of(text: str, party: str) -> str:
    """Return the holder of accounts that a caller names: ``seller/S1`` or, without an id, ``carrier``.

    Example:
        >>> holder_of("seller/S1", "post-cn"), holder_of("buyer/12", "post-cn")
        ('seller/S1@post-cn', 'buyer/12')
    """
    return text if text.startswith("buyer/") or text.endswith(f"@{party}") else f"{text}@{party}"


def minor(amount: str, currency: str) -> int:
    """Read an amount that a caller gives.

    Raises:
        PostingRefused: It isn't an amount above zero of a known currency.
    """
    if currency not in CURRENCIES:
        raise PostingRefused(CURRENCY_WRONG, "/currency", "expected a currency of ISO 4217")
    try:
        found = parse_scaled(amount, exponent(currency))
    except ValueError as error:
        raise PostingRefused(AMOUNT_WRONG, "/amount", f"the amount is {error}") from None
    if not 0 < found <= MAX_MINOR:
        raise PostingRefused(AMOUNT_WRONG, "/amount", "expected an amount above zero, of a size that is paid")
    return found


def at_border(book: Iterable[Transfer]) -> list[OpenItem]:
    """Return what is open at the border of one consignment."""
    return [item for item in open_items(book) if item.account.endswith(":at_border")]


__all__ = [
    "NOTHING_TO_PAY",
    "NO_SUCH_PAYMENT",
    "REFERENCE_USED",
    "at_border",
    "holder_of",
    "minor",
    "named",
    "post",
]
