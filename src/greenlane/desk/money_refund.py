"""Refund returned goods: the exact part of each charge, and of the person's limit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.clearance import State
from greenlane.clearance.state import DeclaredReturn
from greenlane.desk.kept import Facts
from greenlane.ledger import Goods, Transfer, refund
from greenlane.model import Kind
from greenlane.model.schema import DECIMALS
from greenlane.store import limits
from greenlane.store.limits import Use
from greenlane.values.money import parse_scaled


def refunded(
    facts: Facts,
    returned: DeclaredReturn,
    others: Sequence[DeclaredReturn],
    decided: tuple[int, int, Mapping[str, Any]],
    book: Sequence[Transfer],
    at: datetime,
) -> list[Transfer]:
    """Return the transfers that take back what was charged on the goods of a return.

    Args:
        others: Returns that were refunded before it.
        decided: Key, version and outcome of the decision that stands.
    Raises:
        PostingRefused: More than came in, or than is still charged.
    """
    key, version, outcome = decided
    back, before = _quantities([returned]), _quantities(others)
    made = refund(key, version, outcome, _goods(facts), back, before, book, str(returned.number), at)
    return list(made.transfers)


def refunded_again(
    facts: Facts,
    state: State,
    decided: tuple[int, int, Mapping[str, Any]],
    book: Sequence[Transfer],
    at: datetime,
) -> list[Transfer]:
    """Return the transfers that take from a new decision what earlier refunds took from the one before."""
    made: list[Transfer] = []
    done: list[DeclaredReturn] = []
    for returned in state.returns:
        if returned.refund:
            made += refunded(facts, returned, done, decided, [*book, *made], at)
            done.append(returned)
    return made


def give_back_limit(
    cursor: Cursor[Any], key: int, facts: Facts, state: State, returned: DeclaredReturn
) -> None:
    """Give back what the goods of a return used of the person's limits; the count once all have come back."""
    marks = {one.number: limits.use_id(key, one.number, "refund") for one in state.returns}
    use = limits.net_use(cursor, key, marks.values())
    if use is None:
        return
    others = [one for one in state.returns if one.refund and one.number != returned.number]
    before, after = _quantities(others), _quantities([*others, returned])
    goods = _goods(facts)
    amount = None
    if use.amount is not None:
        amount = -(_share(use.amount, goods, after) - _share(use.amount, goods, before))
    whole = all(after.get(name, 0) == item.quantity for name, item in goods.items())
    back = Use(use.person, use.jurisdiction, use.day, amount, -use.count if whole else 0)
    limits.record(cursor, [(marks[returned.number], key, back)])


def _share(amount: int, goods: Mapping[str, Goods], back: Mapping[str, int]) -> int:
    """Return the part of a consignment's amount that falls on goods, by value, or by pieces where all are free."""
    value = sum(item.value for item in goods.values())
    if not value:
        pieces = sum(item.quantity for item in goods.values())
        return amount * sum(back.values()) // pieces if pieces else 0
    returned = sum(item.value * back.get(name, 0) // item.quantity for name, item in goods.items())
    return amount * returned // value


def _goods(facts: Facts) -> dict[str, Goods]:
    """Return what came in; only proportions of the values count, so they stand in the currency of the filing."""
    return {str(item["item_id"]): Goods(item["quantity"] or 0, item["value"] or 0) for item in facts.items}


def _quantities(returns: Sequence[DeclaredReturn]) -> dict[str, int]:
    found: dict[str, int] = {}
    for returned in returns:
        for item, quantity in returned.items:
            found[item] = found.get(item, 0) + parse_scaled(quantity, DECIMALS[Kind.QUANTITY])
    return found


__all__ = ["give_back_limit", "refunded", "refunded_again"]
