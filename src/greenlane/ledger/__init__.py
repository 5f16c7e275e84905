"""Double entry: what is owed, what was paid, guarantees, deferred accounts, returns, refunds, statements."""

from greenlane.ledger.book import Balance, balance, check_book, trial_balance
from greenlane.ledger.obligations import due_at_border, obligations, reassess, standing
from greenlane.ledger.payments import OpenItem, apply_deposit, give_back, open_items, pay, pay_out
from greenlane.ledger.refusal import PostingRefused
from greenlane.ledger.transfer import (
    ACCOUNTS,
    CASH,
    KINDS,
    Account,
    Cause,
    Transfer,
    account,
    holder,
    parts_of,
    transfer_id,
)

__all__ = [
    "ACCOUNTS",
    "CASH",
    "KINDS",
    "Account",
    "Balance",
    "Cause",
    "OpenItem",
    "PostingRefused",
    "Transfer",
    "account",
    "apply_deposit",
    "balance",
    "check_book",
    "due_at_border",
    "give_back",
    "holder",
    "obligations",
    "open_items",
    "parts_of",
    "pay",
    "pay_out",
    "reassess",
    "standing",
    "transfer_id",
    "trial_balance",
]
