"""Made-up charges and times for the tests of the ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

from greenlane.ledger import Transfer, balance, check_book, trial_balance

NOON = datetime(2026, 7, 2, 12, tzinfo=UTC)


def later(days: int) -> datetime:
    """Noon some days after 2 July 2026."""
    return NOON + timedelta(days=days)


def charged(
    amount: str | None,
    name: str = "vat",
    collected: str = "at_border",
    payer: str = "buyer",
    item: str | None = "1",
    **more: Any,
) -> dict[str, Any]:
    """A charge as an outcome lists it."""
    kind = "duty" if name.endswith("duty") else "fee" if name.endswith("fee") else "tax"
    usual = {
        "base": None,
        "rate": None,
        "assessed": amount,
        "liable": payer,
        "waived": None,
        "certainty": "certain",
    }
    return {
        "kind": kind, "name": name, "item_id": item, "amount": amount, "payer": payer,
        "collected": collected, **usual, **more,
    }  # fmt: skip


def outcome(*charges: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An outcome of ZZ with these charges."""
    usual = {"jurisdiction": "zz", "member": None, "currency": "EUR", "status": "assessed"}
    return {**usual, "charges": list(charges), **more}


def sound(book: list[Transfer]) -> list[Transfer]:
    """Return the book, after a look that nothing is wrong with it and that it sums to zero."""
    assert check_book(book) == []
    assert sum(both.net for both in trial_balance(book).values()) == 0
    return book


def nets(book: list[Transfer], currency: str = "EUR") -> dict[str, int]:
    """Every balance that isn't zero."""
    return {
        name: balance(book, name, currency)
        for name, _ in trial_balance(book)
        if balance(book, name, currency)
    }
