"""Refunds of returned goods: by item and quantity, exact, never more than was taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from greenlane.ledger.obligations import standing
from greenlane.ledger.payments import carry_over, give_back
from greenlane.ledger.refusal import MORE_THAN_TAKEN, PostingRefused
from greenlane.ledger.returns import ItemLine
from greenlane.ledger.transfer import Transfer, post


@dataclass(frozen=True, slots=True)
class Goods:
    """An item as it came in: ``quantity`` in thousandths, ``value`` in minor units of the outcome's currency."""

    quantity: int
    value: int


@dataclass(frozen=True, slots=True)
class LimitUse:
    """What a return gives back to a person's limits: value and count, zero or below; minor units.

    ``count`` is -1 when the last of the consignment has come back, so that it no longer counts at all.
    """

    key: int
    amount: int
    currency: str
    count: int
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Refund:
    """What a refund posts, how much of charges it takes back, and what follows for returns and limits."""

    transfers: tuple[Transfer, ...]
    amount: int
    lines: tuple[ItemLine, ...]
    limit: LimitUse


def refund(
    key: int,
    version: int,
    outcome: Mapping[str, Any],
    goods: Mapping[str, Goods],
    returned: Mapping[str, int],
    before: Mapping[str, int],
    posted: Iterable[Transfer],
    reference: str,
    at: datetime,
    lines: Sequence[ItemLine] = (),
    kinds: Sequence[str] = ("duty", "tax"),
) -> Refund:
    """Take back what was charged on goods that were returned.

    A charge of an item goes back by quantity, a charge of the whole consignment by value. Parts are cut from
    the whole cumulatively, so the last part takes the remainder and all parts together are the charge. What
    was paid of it goes back the way it came, and pays what else is open of the consignment on that account;
    what wasn't paid is simply no longer owed.

    Args:
        version: The decision that stands.
        outcome: Its outcome.
        goods: Every item of the consignment by id.
        returned: Quantity that comes back now by item id, in thousandths.
        before: Quantity that earlier refunds took back.
        posted: Every transfer of the consignment.
        reference: The refund's own id. The same one gives the same transfers.
        lines: What returns declare of the decision, so that a later one can correct it.
        kinds: Kinds of charges that are refunded; whether a fee is, is for the law that asks for it.
    Raises:
        PostingRefused: An item or quantity that didn't come in or was refunded before, or more than stands.
    """
    named = f"refund {reference}"
    listed = [t for t in posted if t.cause.key == key and not t.reference.startswith(f"{named}/")]
    after = _after(goods, returned, before)
    share = _Share(goods, before, after)
    by_charge = {t.cause.charge: (t, left) for t, left in standing(listed) if t.cause.version == version}
    owed = {t.cause.charge: t for t in listed if t.kind == "obligation" and t.cause.version == version}
    made: list[Transfer] = []
    for place, charge in enumerate(outcome["charges"]):
        if charge["kind"] not in kinds or place not in owed:
            continue
        whole = owed[place]
        part = share.of(whole.amount, charge["item_id"])
        if part == 0:
            continue
        if part > by_charge.get(place, (whole, 0))[1]:
            raise PostingRefused(MORE_THAN_TAKEN, f"/charges/{place}", "less than that of the charge stands")
        made.append(
            post(
                "refund",
                whole.cause,
                whole.credit,
                whole.debit,
                part,
                whole.currency,
                at,
                f"{named}/",
                whole.memo,
            )
        )
    amount = sum(t.amount for t in made)
    returned_money = give_back([*listed, *made], at, named)
    made += returned_money
    made += carry_over([*listed, *made], returned_money, at)
    limit = LimitUse(
        key,
        share.value_before - share.value_after,
        outcome["currency"],
        -1 if all(after.get(name, 0) == item.quantity for name, item in goods.items()) else 0,
        at,
        named,
    )
    items = {place: charge["item_id"] for place, charge in enumerate(outcome["charges"])}
    corrected = tuple(
        replace(line, base=-share.of(line.base, items[place]), tax=-t.amount, source=named)
        for line in lines
        for t in made
        if t.kind == "refund" and t.cause == line.cause
        for place in (line.cause.charge,)
    )
    return Refund(tuple(made), amount, corrected, limit)


def _after(
    goods: Mapping[str, Goods], returned: Mapping[str, int], before: Mapping[str, int]
) -> dict[str, int]:
    """Return how much of each item has come back after this refund."""
    if any(item.quantity <= 0 for item in goods.values()):
        raise PostingRefused(MORE_THAN_TAKEN, "/items", "an item of no quantity can't come back by quantity")
    after = dict(before)
    for place, (name, quantity) in enumerate(returned.items()):
        if name not in goods or type(quantity) is not int or quantity <= 0:
            words = "a return names an item that came in and a quantity above zero"
            raise PostingRefused(MORE_THAN_TAKEN, f"/items/{place}", words)
        after[name] = after.get(name, 0) + quantity
        if after[name] > goods[name].quantity:
            words = f"{after[name]} thousandths returned in all, {goods[name].quantity} came in"
            raise PostingRefused(MORE_THAN_TAKEN, f"/items/{place}/quantity", words)
    return after


class _Share:
    """Cuts the part of an amount that falls on this refund out of the whole."""

    def __init__(
        self, goods: Mapping[str, Goods], before: Mapping[str, int], after: Mapping[str, int]
    ) -> None:
        self._goods, self._before, self._after = goods, before, after
        self._value = sum(item.value for item in goods.values())
        self.value_before, self.value_after = self._back(before), self._back(after)

    def _back(self, quantities: Mapping[str, int]) -> int:
        return sum(
            item.value * quantities.get(name, 0) // item.quantity for name, item in self._goods.items()
        )

    def of(self, amount: int, item_id: str | None) -> int:
        """Return the part of an item's or, without one, of the consignment's amount."""
        if item_id is not None:
            item = self._goods[item_id]
            return _cut(amount, self._before.get(item_id, 0), self._after.get(item_id, 0), item.quantity)
        if self._value:
            return _cut(amount, self.value_before, self.value_after, self._value)
        pieces = sum(item.quantity for item in self._goods.values())
        return _cut(amount, sum(self._before.values()), sum(self._after.values()), pieces)


def _cut(amount: int, before: int, after: int, whole: int) -> int:
    return amount * after // whole - amount * before // whole
