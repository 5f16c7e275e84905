"""What follows of orders, payments, waybills and returns: kept, compared again, goods held or let go, refunds begun."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec
from psycopg import Cursor

from greenlane.clearance import OPEN, SYSTEM, Actor, Refused, Role, phase_of
from greenlane.clearance.commands import Cancel, DeclareReturn, Hold, LiftHold
from greenlane.desk import trade
from greenlane.desk.desk import Desk
from greenlane.desk.foreign import NOT_FILED, Sent
from greenlane.desk.kept import Facts
from greenlane.desk.procedure import Case, Done, advance, state_of
from greenlane.desk.results import ItemResult, document_result, with_findings
from greenlane.desk.turns import in_turn
from greenlane.ledger import PostingRefused
from greenlane.messages.ceb import Document
from greenlane.store import consignments
from greenlane.store import trade_documents as rows
from greenlane.store.packed import pack
from greenlane.values.finding import Finding, Severity, declare

KEPT: Final = timedelta(days=180)
"""How long a document is kept that no inventory names: a carrier may use the number of a waybill again after that."""
ANOTHER = declare(
    "filing.document_of_another",
    Severity.ERROR,
    "Another party has sent a document of this number, or there is none to take back.",
    "Check code and number; only who sent a document changes it.",
)
USED = declare(
    "filing.document_used",
    Severity.ERROR,
    "Goods were released on this document, so it stays as it is.",
    "Send a document of another number for another purchase.",
)
NO_INVENTORY = declare(
    "filing.return_without_inventory",
    Severity.ERROR,
    "A return names an order that none of your inventories declares, or goods that were not in it.",
    "Correct the order and the codes of the goods; file the return as the declarant of the inventory.",
)
_AT_ONCE: Final = 50
_PAPERS: Final = ("311", "411", "511")


def papers(
    cursor: Cursor[Any], desk: Desk, party: str, actor: str, sent: Mapping[int, Sent]
) -> list[ItemResult]:
    """Take the documents of a filing that are no declarations; a result for each. The caller holds the party's lock."""
    found = []
    listed = [
        (row, one.document)
        for row, one in sorted(sent.items(), key=_order)
        if one.document is not None and one.kind in _PAPERS and not one.refused
    ]
    kept = trade.keep(cursor, desk, party, [document for _, document in listed])
    for (row, document), (result, number) in zip(listed, kept, strict=True):
        finding = _refusal(result, document.place(_number(document.kind)))
        told = document_result("refused" if finding else result, row, number, finding)
        found.append(msgspec.structs.replace(told, references=dict(sent[row].references)))
    for row, one in sent.items():
        if one.document is None or one.refused or one.kind in ("621", *_PAPERS):
            continue
        if one.kind == "625":
            told = _returned(cursor, desk, party, actor, row, one.document)
            found.append(msgspec.structs.replace(told, references=dict(one.references)))
        else:
            finding = Finding(NOT_FILED, one.document.path, f"a message of kind {one.kind} isn't filed")
            found.append(document_result("rejected", row, None, finding))
    return found


def _refusal(result: str, path: str) -> Finding | None:
    match result:
        case "refused":
            return Finding(ANOTHER, path, "another party has this number, or nobody")
        case "used":
            return Finding(USED, path, "an inventory that names it was released")
        case _:
            return None


def withdraw(
    cursor: Cursor[Any], desk: Desk, party: str, actor: str, row: Mapping[str, Any], key: int | None
) -> ItemResult:
    """Cancel the consignment of an inventory that is taken back; *key* is None where it was never filed."""
    result = ItemResult(result="refused", row=row.get("source_row"), consignment_id=row["consignment_id"])
    if key is None:
        path = "/CEB621Message/Inventory/InventoryHead/appType"
        return with_findings(result, [Finding(ANOTHER, path, "no inventory of this number was filed")])
    held = consignments.one(cursor, key)
    assert held is not None
    case = Case(party, key, Actor(actor, Role.OPERATOR), names=Facts(held["facts"]).names)
    try:
        with cursor.connection.transaction():
            done = advance(cursor, desk, case, Cancel(reason="withdrawn"))
    except (Refused, PostingRefused) as refusal:
        return with_findings(result, [refusal.finding])
    return msgspec.structs.replace(result, result="amended", phase=done.standing.phase)


def _order(entry: tuple[int, Sent]) -> tuple[str, int]:
    """Return the place at which a document is written: in one order for all, so that no two filings wait crosswise."""
    row, one = entry
    return ("" if one.document is None else one.document.get(_number(one.kind)), row)


def _number(kind: str) -> str:
    return {"411": "payTransactionId", "511": "logisticsNo"}.get(kind, "orderNo")


def _returned(
    cursor: Cursor[Any], desk: Desk, party: str, actor: str, row: int, document: Document
) -> ItemResult:
    """Declare the return that a message tells of, once."""
    order = document.get("orderNo")
    key = rows.inventory_of_order(cursor, party, document.get("ebpCode"), order)
    held = None if key is None else consignments.one(cursor, key)
    if key is None or held is None:
        finding = Finding(
            NO_INVENTORY, document.place("orderNo"), "expected an order of an inventory of yours"
        )
        return document_result("refused", row, order, finding)
    facts = Facts(held["facts"])
    items = []
    for line, item in enumerate(document.items, 1):
        own = _item(facts, item)
        if own is None:
            finding = Finding(NO_INVENTORY, document.place("gcode", line), "expected goods of the inventory")
            return document_result("refused", row, order, finding)
        items.append({"item_id": own, "quantity": _quantity(item.get("qty", ""))})
    command = msgspec.convert(
        {"command": "declare_return", "items": items, "reason": "returned"}, DeclareReturn
    )
    case = Case(party, key, Actor(actor, Role.OPERATOR), names=facts.names, quantities=facts.quantities)
    try:
        with cursor.connection.transaction():
            result = trade.keep_return(cursor, desk, party, key, document)
            if result == "repeated":
                return document_result("repeated", row, order, None)
            done = advance(cursor, desk, case, command)
            number = next(event.data["number"] for event in done.events if event.type == "return_declared")
            rows.returned(cursor, party, document.get("copNo") or order, number)
    except Refused as refusal:
        return document_result("refused", row, order, refusal.finding)
    return document_result("accepted", row, order, None)


def _item(facts: Facts, line: Mapping[str, str]) -> str | None:
    """Return the item of the inventory that a line of a return names: by code, and by number where several have it."""
    same = [str(item["item_id"]) for item in facts.items if item["hs_code"] == line.get("gcode")]
    if line.get("gnum") in same:
        return line["gnum"]
    return same[0] if same else None


def _quantity(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def follow(
    cursor: Cursor[Any],
    desk: Desk,
    party: str,
    key: int,
    found: trade.Compared,
    hold: int | None,
    done: Done | None = None,
) -> Done | None:
    """Hold goods whose documents don't agree, and let them go when they do; *hold* is the one that stood for it.

    Returns:
        What was done last: *done*, or what followed of it.
    """
    state = state_of(cursor, key) if done is None else done.state
    ordered = [event.data["number"] for event in (done.events if done else ()) if event.type == "held"]
    by_decision = done is not None and state.decision is not None and trade.WORDS in state.decision.reasons
    if phase_of(state) not in OPEN:
        hold = None
    elif found.stops and by_decision and ordered:
        hold = ordered[0]
    elif found.stops and (hold is None or _lifted(state, hold)):
        done = advance(cursor, desk, Case(party, key, SYSTEM), Hold(reason=trade.UNMATCHED))
        hold = next(event.data["number"] for event in done.events if event.type == "held")
    elif not found.stops and hold is not None:
        if not _lifted(state, hold):
            command = LiftHold(hold=hold, reason=trade.UNMATCHED)
            done = advance(cursor, desk, Case(party, key, SYSTEM), command)
        hold = None
    rows.settled(cursor, [rows.Settled(key, found.seen, found.facts, hold)])
    return done


def _lifted(state: Any, hold: int) -> bool:
    return any(one.lifted for one in state.holds if one.number == hold)


@dataclass(slots=True)
class Comparing:
    """The work on inventories that name a document which came or changed since; all are looked at after a start."""

    _looked: bool = False

    def work(self, desk: Desk, ended: Callable[[], bool] = lambda: False) -> bool:
        """Compare some again; True where there was one. *ended* says whether the service is about to end."""
        with desk.database.cursor() as cursor:
            waiting = rows.waiting(cursor, _AT_ONCE, all_=not self._looked)
        self._looked = self._looked or len(waiting) < _AT_ONCE
        in_turn(waiting, partial(_compare, desk), ended)
        return bool(waiting)


def _compare(desk: Desk, party: str, key: int) -> None:
    with desk.database.writing(party) as cursor:
        again = trade.compare_again(cursor, desk, key)
        if again is not None:
            found, hold = again
            _tell(cursor, key, found)
            follow(cursor, desk, party, key, found, hold)


def _tell(cursor: Cursor[Any], key: int, found: trade.Compared) -> None:
    """Put what the comparison found now in the place of what it found before."""
    row = consignments.one(cursor, key)
    assert row is not None
    outcome = msgspec.json.decode(row["outcome"])
    outcome["findings"] = [*_others(outcome["findings"]), *found.findings]
    cursor.execute(
        "update consignment set outcome = %s where key = %s", (*pack([msgspec.json.encode(outcome)]), key)
    )


def _others(findings: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (one for one in findings if not one["code"].startswith("messages.ceb.match."))


__all__ = ["ANOTHER", "KEPT", "NO_INVENTORY", "USED", "Comparing", "follow", "papers", "withdraw"]
