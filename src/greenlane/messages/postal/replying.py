"""Which answers go to the post: from the events of the procedure and the outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from greenlane.clearance.events import Event
from greenlane.messages.postal.reply import ItemResponse, State

_STATES: Final = {
    "held": State.HELD,
    "inspection_ordered": State.HELD,
    "referral_opened": State.HELD,
    "refused": State.RETURN,
    "return_ordered": State.RETURN,
    "seized": State.SEIZED,
    "forfeited": State.SEIZED,
    "released": State.RELEASED,
}
_DECIDED: Final = ("filed", "amended", "redecided")


def responses_of(
    item_id: str, events: Sequence[Event], outcomes: Sequence[Mapping[str, Any]], number: str = ""
) -> Iterator[ItemResponse]:
    """Give the answers for one item, in the order of its events.

    Args:
        item_id: The postal item (S10).
        events: Of its consignment, from the filing on.
        outcomes: As the contract has them, one for each ``filed``, ``amended`` and ``redecided`` in turn.
        number: What customs counts the item by.
    """
    decided = 0
    amounts: dict[str, str] = {}
    for event in events:
        state = _STATES.get(event.type)
        if event.type in _DECIDED:
            outcome = outcomes[decided]
            decided += 1
            amounts = amounts_of(outcome)
            payable = amounts.get("payable")
            state = State.DUTY_DUE if payable is not None and Fraction(payable) > 0 else None
        if state is None:
            continue
        remarks = " ".join(str(event.data[name]) for name in ("kind", "reason") if event.data.get(name))
        told = amounts if state in (State.DUTY_DUE, State.RELEASED) else {}
        yield ItemResponse(
            item_id,
            state,
            event.at.date().isoformat(),
            number,
            remarks[:512],
            **told,  # type: ignore[arg-type]
        )


def amounts_of(outcome: Mapping[str, Any]) -> dict[str, str]:
    """Return value, charges and what is payable at the border; what is unknown is left out.

    Example:
        >>> amounts_of({"currency": "EUR", "customs_value": "44.00", "total": None, "payable_at_border": None})
        {'currency': 'EUR', 'assessed': '44.00'}
    """
    names = (
        ("currency", "currency"),
        ("assessed", "customs_value"),
        ("duty", "total"),
        ("payable", "payable_at_border"),
    )
    return {name: outcome[key] for name, key in names if outcome.get(key) is not None}
