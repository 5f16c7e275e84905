"""What customs has answered about a consignment, in the words of a message family."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from greenlane.clearance import Event
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.filings import record_of
from greenlane.desk.seeing import NotFound, viewer_of
from greenlane.desk.trade import opened
from greenlane.messages.answering import (
    FAMILIES,
    OF_FORM,
    WCO,
    Answer,
    Answerable,
    Record,
    answer_to,
    answers_in,
    repeated_of,
)
from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.store import consignments as rows
from greenlane.store import events as log
from greenlane.store import filings, messages, trade_documents
from greenlane.values.errors import GreenlaneError

_ANY = ("*/*", "application/json", "application/*")
_FORM_OF = {media: form for form, media in OF_FORM.items()}
_DECIDES = ("filed", "amended", "redecided")


class NoSuchAnswer(GreenlaneError):
    """A consignment has no answers of the media type that was asked for."""


def answers(
    desk: Desk, caller: Caller, party: str | None, consignment_id: str, wanted: Sequence[str]
) -> tuple[str, list[Answer]]:
    """Return media type and every answer so far: of the first type that is wanted and that there is.

    Args:
        wanted: Media types, the best first; where any will do, or JSON, that of the family in which the consignment
            was filed, WCO responses where it was none.
    Raises:
        NotFound: The caller sees no such consignment.
        NoSuchAnswer: None of the types is one of its answers.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        key = rows.key_of(cursor, party or caller.party, consignment_id)
        row = None if key is None else rows.one(cursor, key)
        if key is None or row is None:
            raise NotFound("there is no such consignment, or it isn't yours to see")
        events = [recorded.event for recorded in log.of(cursor, [key])[key]]
        held = messages.of(cursor, key)
        # An agency sees no trade document, and so no answer to a return.
        seen = held is not None and held[0].form == "ceb" and caller.agency is None
        told = trade_documents.returns_of(cursor, key) if seen else []
    returns = {one.facts["returned"]: opened(desk, one) for one in told}
    came, kept = held if held is not None else (None, [])
    one = Answerable(
        consignment_id,
        row["transport_document"] or "",
        key,
        row["filed_at"],
        row["destination_country"],
        events,
        _outcomes(events, kept, msgspec.json.decode(row["outcome"])),
        None if came is None else came.form,
        "" if came is None else came.kind,
        {} if came is None else came.references,
        {number: repeated_of(document) for number, document in returns.items()},
    )
    own = OF_FORM.get(one.form or "", WCO)
    for media in (own if asked in _ANY else asked for asked in wanted or _ANY):
        if media in FAMILIES and (found := answers_in(media, one)) is not None:
            return media, found
    known = ", ".join(media for media in FAMILIES if answers_in(media, one) is not None)
    raise NoSuchAnswer(f"this consignment has answers of these media types: {known}")


def answer_to_record(
    desk: Desk, caller: Caller, filing: UUID, row: int, wanted: Sequence[str]
) -> tuple[str, Answer]:
    """Return media type and answer to one record of a filing: what was last answered, or why it is refused.

    Raises:
        NotFound: The caller sees no such filing, or it has no such record so far.
        NoSuchAnswer: None of the types is one of its answers.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        came = filings.form_of(cursor, filing)
        result = None if came is None else record_of(cursor, filing, row)
        receipt = filings.one(cursor, filing)
    if came is None or result is None or receipt is None:
        raise NotFound("there is no such filing or record, or it isn't yours to see")
    party, form = came
    if result.result not in ("rejected", "refused") and result.consignment_id is not None:
        media, found = answers(desk, caller, party, result.consignment_id, wanted)
        return media, found[-1]
    findings = [ForeignFinding(one.code, Place(one.path, one.wco), one.message) for one in result.findings]
    name = result.consignment_id or ""
    taken = result.result not in ("rejected", "refused")
    record = Record(name, f"{filing}-{row}", receipt["received_at"], findings, result.references, taken)
    own = OF_FORM.get(form or "", WCO)
    for media in (own if asked in _ANY else asked for asked in wanted or _ANY):
        if _FORM_OF.get(media, form) == form and (told := answer_to(media, record)) is not None:
            return media, told
    raise NoSuchAnswer("the family has no message that answers this record; read the results")


def _outcomes(
    events: Sequence[Event], kept: Sequence[Mapping[str, Any]], latest: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Return an outcome for each decision; of one whose outcome wasn't kept, what its event tells."""
    decisions = [event.data["decision"] for event in events if event.type in _DECIDES]
    if len(kept) == len(decisions):
        return list(kept)
    told = [{"customs_value": None, "charges": [], **_amounts(decision)} for decision in decisions[:-1]]
    return [*told, latest]


def _amounts(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {name: decision.get(name) for name in ("currency", "total", "payable_at_border")}


__all__ = ["NoSuchAnswer", "answer_to_record", "answers"]
