"""From an event of the procedure to the notice of it: fixed words, amounts, links."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from greenlane.clearance.events import EVENT_TYPES, Event, notice_of
from greenlane.exchange.notice import Amount, Notice
from greenlane.values.errors import UsageError
from greenlane.values.money import exponent, parse_scaled

DECIDED: Final[Mapping[str, str]] = {
    "release": "Nothing stands against release.",
    "release_on_payment": "What is due at the border is to be paid or secured before release.",
    "request_information": "Customs needs information.",
    "request_screening": "Customs needs a screening.",
    "inspect": "The goods are to be examined.",
    "hold": "The goods are to be kept.",
    "do_not_load": "The goods are not to be loaded.",
    "refuse": "Entry is doubtful: an officer decides.",
}
"""What each disposition of a decision says to the party."""

UNKNOWN: Final = "Not every amount is known yet."
_AMOUNTS: Final = ("duty", "tax", "fees", "total", "payable_at_border")
_ROOT: Final = "/api/v1/consignments/"


def tell(event: Event, party: str, consignment_id: str, cursor: int, filed_by: str | None = None) -> Notice:
    """Return the notice of an event; the same event gives the same notice each time.

    Args:
        event: One of which the party is told.
        party: Whom the notice is for.
        consignment_id: The party's own id.
        cursor: Place of the event in the party's feed.
        filed_by: Whose consignment it is, where the notice is for another.
    Raises:
        UsageError: Nobody is told of events of this type.
    Example:
        >>> from datetime import UTC, datetime
        >>> at = datetime(2026, 7, 2, tzinfo=UTC)
        >>> decision = {"disposition": "release", "status": "assessed", "currency": "EUR", "tax": "8.36"}
        >>> notice = tell(Event("filed", at, "key:1", {"decision": decision}), "post-cn", "RR1", 7)
        >>> notice.words
        'The filing is acknowledged and decided. Nothing stands against release.'
        >>> notice.amounts
        (Amount(name='tax', minor=836, currency='EUR'),)
    """
    told = notice_of(event)
    if told is None:
        raise UsageError(f"nobody is told of {event.type}")
    words = [EVENT_TYPES[event.type].words]
    amounts: tuple[Amount, ...] = ()
    decision = told.data.get("decision")
    if isinstance(decision, Mapping):
        words.append(DECIDED[decision["disposition"]])
        if decision.get("status") != "assessed":
            words.append(UNKNOWN)
        amounts = _amounts(decision)
    if told.data.get("due"):
        words.append(f"Time limit: {told.data['due']}.")
    if told.data.get("object_by"):
        words.append(f"An objection is open until {told.data['object_by']}.")
    own = _ROOT + quote(consignment_id, safe="")
    whose = "" if filed_by is None else f"?party={filed_by}"
    return Notice(
        told.code,
        party,
        consignment_id,
        cursor,
        told.at,
        " ".join(words),
        amounts,
        {"consignment": own + whose, "events": f"{own}/events{whose}"},
    )


def _amounts(decision: Mapping[str, Any]) -> tuple[Amount, ...]:
    """Return the amounts that are known: one that is not there is unknown, never zero."""
    currency = decision.get("currency")
    if currency is None:
        return ()
    return tuple(
        Amount(name, parse_scaled(decision[name], exponent(currency)), currency)
        for name in _AMOUNTS
        if decision.get(name) is not None
    )


__all__ = ["DECIDED", "UNKNOWN", "tell"]
