"""File consignments: decide, post, seal and store a part of a filing in one transaction."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg import Cursor

from greenlane.clearance import SYSTEM, Actor, Decision, Event, Fresh, Refused, Role, act, fold
from greenlane.clearance.commands import Amend, Hold
from greenlane.clearance.vocabulary import Stage
from greenlane.desk import trade, trade_holds
from greenlane.desk.bodies import seal_body
from greenlane.desk.decisions import Agencies, decision_of
from greenlane.desk.desk import Desk
from greenlane.desk.facts import group_facts, kept_for_later, known_before
from greenlane.desk.foreign import Sent
from greenlane.desk.kept import Facts
from greenlane.desk.lateness import LATE, LATE_ELEMENTS, Lateness
from greenlane.desk.money_cover import NOTHING, Covering
from greenlane.desk.money_posting import named, post
from greenlane.desk.procedure import Case, Standing, advance, standing_of
from greenlane.desk.reading import SOURCE, Read, contents, passes, some, told
from greenlane.desk.results import (
    ItemResult,
    accepted,
    not_here,
    refused,
    rejected,
    repeated,
    with_findings,
)
from greenlane.desk.sealing import Persons, persons_of, seal, told_again
from greenlane.engine.filing import Asking, One, decide_filings
from greenlane.ledger import PostingRefused, Transfer, obligations
from greenlane.model.handling import RetentionClass
from greenlane.packs import jurisdiction_of
from greenlane.privacy.split import PERSONAL, SEALED
from greenlane.store import agencies, deliveries, limits, messages
from greenlane.store import consignments as held_rows
from greenlane.store import events as log
from greenlane.store import trade_documents as trade_rows
from greenlane.store.copying import CONSIGNMENT, copy_rows
from greenlane.store.limits import Use
from greenlane.store.lookups import Known
from greenlane.store.packed import pack

_LEFT_OUT = {*PERSONAL, *SOURCE, "row"}
_prior = itemgetter(*SEALED["consignee", RetentionClass.LIMITS])
_NO_PRIOR = tuple([None for _ in SEALED["consignee", RetentionClass.LIMITS]])
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Order:
    """Who files what: party and key of the caller, the filing, and where the goods are on their way."""

    party: str
    actor: str
    filing: UUID | None
    stage: Stage = "pre_arrival"
    departs_at: datetime | None = None
    arrives_at: datetime | None = None


def file_batch(cursor: Cursor[Any], desk: Desk, order: Order, whole: Read) -> list[ItemResult]:
    """File every consignment that was read, and return a result for each record, in the order of the source.

    The caller holds the lock of the party. An id that stands twice is filed, then amended.
    """
    (results,) = file_batches(cursor, desk, [(order, whole)])
    return results


def file_batches(
    cursor: Cursor[Any], desk: Desk, batches: Sequence[tuple[Order, Read]]
) -> list[list[ItemResult]]:
    """File what several parties sent, each as `file_batch` does; what they ask for is decided together.

    The caller holds the lock of every party; none comes twice.
    """
    done: list[list[ItemResult]] = [[] for _ in batches]
    under_way = {place: _steps(cursor, desk, order, whole) for place, (order, whole) in enumerate(batches)}
    decided: dict[int, list[One]] = {}
    while under_way:
        asked: dict[int, Asking] = {}
        for place, steps in list(under_way.items()):
            try:
                asked[place] = steps.send(decided[place]) if place in decided else next(steps)
            except StopIteration as ended:
                done[place] = ended.value
                del under_way[place]
        decided = dict(zip(asked, decide_filings(list(asked.values()), desk.context), strict=True))
    return done


_Steps = Generator[Asking, list[One], list[ItemResult]]
"""The filing of one party: asks for decisions, is sent them, and returns a result for each record."""


def _steps(cursor: Cursor[Any], desk: Desk, order: Order, whole: Read) -> _Steps:
    results = [_with_references(one, whole) for one in rejected(whole.filing.findings)]
    results += trade_holds.papers(cursor, desk, order.party, order.actor, whole.sent)
    for part in passes(whole):
        results += yield from _file(cursor, desk, order, part)
    return sorted(results, key=lambda result: result.row or 0)


def _with_references(result: ItemResult, whole: Read) -> ItemResult:
    sent = whole.sent.get(result.row or 0)
    if sent is None or not sent.references:
        return result
    return msgspec.structs.replace(result, references=dict(sent.references))


def _file(cursor: Cursor[Any], desk: Desk, order: Order, whole: Read) -> _Steps:
    ids = whole.ids
    kept = kept_for_later(whole, desk.context)
    before = known_before(cursor, order.party, whole, kept)
    held = before.held
    marks = dict(zip(ids, contents(whole, desk.context.key), strict=True))
    same = [held[name].key for name in ids if name in held and held[name].content == marks[name]]
    again = held_rows.many(cursor, same) if same else {}
    results: list[ItemResult] = []
    left: list[int] = []
    for place, row in enumerate(whole.rows):
        name = ids[place]
        if desk.jurisdictions and jurisdiction_of(row["destination_country"]) not in desk.jurisdictions:
            results.append(not_here(row))
        elif _withdrawn(whole.sent.get(row["source_row"])):
            key = held[name].key if name in held else None
            results.append(trade_holds.withdraw(cursor, desk, order.party, order.actor, row, key))
        elif name in held and held[name].key in again:
            results.append(repeated(again[held[name].key], row))
        else:
            left.append(place)
    if not left:
        return results
    if len(left) < len(whole):
        # What isn't filed anew is among what was filed before.
        whole, kept = some(whole, left), [kept[place] for place in left]
        before = known_before(cursor, order.party, whole, kept)
    made = yield from _decide(cursor, desk, order, whole, kept, before)
    results += _store_new(cursor, desk, order, [one for one in made if one.id not in held], marks, before)
    for one in made:
        if one.id in held:
            results.append(_amend(cursor, desk, order, one, held[one.id].key, marks[one.id]))
    return results


def _withdrawn(sent: Sent | None) -> bool:
    """Say whether a message takes its consignment back: an inventory of type 3."""
    return sent is not None and sent.document is not None and sent.document.get("appType") == "3"


_Keep = Callable[[dict[str, Any]], msgspec.Struct]
"""Returns what is kept of a row, in a form that leaves out what is null as it is written."""


def _keeping(row: dict[str, Any]) -> _Keep:
    """Return what keeps this row and those with the same columns in the same order."""
    return _kept(tuple(row))


@lru_cache(64)
def _kept(names: tuple[str, ...]) -> _Keep:
    kept = [name for name in names if name not in _LEFT_OUT]
    fields = {f"f{place}": name for place, name in enumerate(kept)}
    told = [(field, Any, None) for field in fields]
    kind = msgspec.defstruct("Told", told, omit_defaults=True, rename=fields, gc=False)
    values = itemgetter(*kept)
    return lambda row: kind(*values(row))


@dataclass(slots=True)
class _Made:
    """One consignment decided: its row, items, outcome, and what the store keeps of it."""

    row: dict[str, Any]
    items: list[dict[str, Any]]
    outcome: dict[str, Any]
    decision: Decision
    persons: Persons
    kept: dict[str, Any]
    use: Use | None
    told: frozenset[str]
    personal: list[str]
    """Which personal columns were told."""
    keep: tuple[_Keep, _Keep]
    """For the row, and for each item."""
    sent: Sent | None = None

    def take(self, found: trade.Compared, *, hold: bool) -> None:
        """Put what the comparison of documents found beside the outcome; *hold* goods that would be released."""
        self.outcome["findings"] = [*self.outcome["findings"], *found.findings]
        if hold and self.decision.disposition in ("release", "release_on_payment"):
            reasons = (*self.decision.reasons, trade.WORDS)
            self.decision = msgspec.structs.replace(self.decision, disposition="hold", reasons=reasons)
            self.outcome |= {"disposition": "hold", "reasons": list(reasons)}

    @property
    def id(self) -> str:
        return str(self.row["consignment_id"])

    def facts(self, version: int) -> bytes:
        """What the decision read, to decide again: nothing personal, and where prior use is sealed if any is known."""
        keep, keep_item = self.keep
        return _encode(
            {
                "consignment": keep(self.row),
                "items": [keep_item(item) for item in self.items],
                "personal": self.personal,
                "sealed": version if _prior(self.row) != _NO_PRIOR else None,
            }
        )

    def flag(self, lateness: Lateness, *, late: bool | None, before: frozenset[str]) -> None:
        """Put what came late beside the outcome: *before* was told at an earlier filing."""
        found = lateness.of(self.told - before if before else self.told, self.transport_mode, late)
        if found:
            listed = self.outcome["findings"]
            self.outcome["findings"] = [*listed, *(one for one in found if one not in listed)]

    @property
    def names(self) -> dict[str, str]:
        """Ids of those who may pay."""
        return {role: str(self.row[name]) for role, name in _PAYERS.items() if self.row.get(name) is not None}

    def named(self, party: str) -> Mapping[str, str]:
        """Ids of those who may pay as accounts of a party have them."""
        return _named(party, *map(self.row.get, _PAYERS.values()))

    @property
    def day(self) -> date:
        """The day of the declaration."""
        day: date = self.row["declaration_date"]
        return day

    @property
    def transport_mode(self) -> Any:
        return "post" if self.row["channel"] == "postal" else self.row["transport_mode"]


_PAYERS = {"seller": "seller.id", "platform": "platform.id", "carrier": "carrier.id"}


@lru_cache(4096)
def _named(party: str, *ids: str | None) -> Mapping[str, str]:
    """Name payers: the same sellers, platforms and carriers send the consignments of a filing."""
    known = zip(_PAYERS, ids, strict=True)
    return named({role: str(name) for role, name in known if name is not None}, party)


def _decide(
    cursor: Cursor[Any], desk: Desk, order: Order, whole: Read, kept: list[dict[str, Any]], before: Known
) -> Generator[Asking, list[One], list[_Made]]:
    context = desk.context
    groups = group_facts(whole, kept, before)
    persons = persons_of(whole.rows, order.party, context.key)
    values = [value["value"] for value in whole.filing.values]
    limits_of = [one.limits for one in persons]
    columns = told(whole)
    whole, uses = desk.prior.filled(cursor, whole, limits_of, values)
    persons = [
        one if use is None else told_again(one, row)
        for one, use, row in zip(persons, uses, whole.rows, strict=True)
    ]
    agencies = Agencies(tuple(before.agencies))
    decided = yield Asking(whole.filing, groups, whole.rows)
    if not decided:
        return []
    # Consignments that tell the same share one set of columns.
    personal = {names: sorted(names & PERSONAL.keys()) for names in set(columns)}
    # Rows of one filing have the same columns.
    keep = _keeping(decided[0].consignment), _keeping(decided[0].items[0])
    return [
        _Made(
            one.consignment,
            one.items,
            one.outcome,
            decision_of(one.outcome, one.items, agencies, sandbox=desk.sandbox),
            persons[place],
            kept[place],
            uses[place],
            columns[place],
            personal[columns[place]],
            keep,
            whole.sent.get(one.consignment["source_row"]),
        )
        for place, one in enumerate(decided)
    ]


def _store_new(
    cursor: Cursor[Any],
    desk: Desk,
    order: Order,
    new: Sequence[_Made],
    marks: dict[str, str],
    before: Known,
) -> list[ItemResult]:
    if not new:
        return []
    now = desk.clock.now()
    actor = Actor(order.actor, Role.OPERATOR)
    fresh = Fresh(now, actor, order.stage, standing_of, order.departs_at, order.arrives_at, desk.policy)
    lateness = Lateness(order.stage, desk.policy)
    keys, seqs = held_rows.new_numbers(cursor, len(new))
    results: list[ItemResult] = []
    listed: list[tuple[str, int, int, Event]] = []
    table: list[tuple[Any, ...]] = []
    posted: list[Transfer] = []
    stored: list[tuple[int, _Made]] = []
    covering = Covering(cursor, order.party, now.date()) if before.covers else None
    uses: list[tuple[UUID, int, Use]] = []
    compared = trade.compare(cursor, desk, order.party, _declared(zip(keys, new, strict=True)))
    noted: list[trade_rows.Settled] = []
    for key, one in zip(keys, new, strict=True):
        found = compared.get(key)
        if found is not None:
            one.take(found, hold=found.stops)
        owed: list[Transfer] = []
        taken = NOTHING
        if one.decision.complete:
            try:
                owed = obligations(key, 1, order.party, one.outcome, now, one.named(order.party), one.day)
            except PostingRefused as refusal:
                results.append(refused(one.row, refusal.finding))
                trade_rows.drop(cursor, [key] if found else [])
                continue
            if covering is not None:
                taken = covering.take(key, 1, owed, now)
        happened, standing = fresh.file(one.decision, one.transport_mode, taken.cover)
        one.flag(lateness, late=happened[0].data["late"], before=frozenset())
        if found is not None:
            happened, standing, hold = _held_for(found, happened, standing, now, desk)
            noted.append(trade_rows.Settled(key, found.seen, found.facts, hold))
        for version, event in enumerate(happened, 1):
            listed.append((order.party, key, version, event))
        posted += [*owed, *taken.transfers]
        stored.append((key, one))
        if one.use is not None:
            uses.append((limits.use_id(key, 1), key, one.use))
        table.append(_row(order, key, one, standing, now, marks[one.id]))
        told = accepted(one.row, one.outcome, one.decision, standing.phase, "accepted")
        results.append(with_findings(told, [taken.finding]) if taken.finding else told)
    copy_rows(cursor, CONSIGNMENT, table)
    places = log.append(cursor, listed, seqs)
    deliveries.enqueue(cursor, order.party, places, now, before.hooks)
    agencies.follow(
        cursor,
        ((seq, party, key, event) for seq, (party, key, _, event) in zip(places, listed, strict=True)),
    )
    post(cursor, order.party, posted)
    if uses:
        limits.record(cursor, uses)
    seal(
        cursor,
        desk,
        [(key, 1, one.persons, one.day) for key, one in stored],
    )
    trade_rows.settled(cursor, noted)
    messages.put(cursor, [_came(desk, order, key, one) for key, one in stored if one.sent is not None])
    return results


def _declared(new: Iterable[tuple[int, _Made]]) -> list[trade.Declared]:
    """Return the inventories among consignments."""
    return [
        trade.Declared(key, one.id, one.sent.document, one.row, one.outcome)
        for key, one in new
        if one.sent is not None and one.sent.document is not None and one.sent.kind == "621"
    ]


def _held_for(
    found: trade.Compared, happened: list[Event], standing: Standing, now: datetime, desk: Desk
) -> tuple[list[Event], Standing, int | None]:
    """Hold goods whose documents don't agree, where the decision doesn't; return the number of the hold."""
    if not found.stops:
        return happened, standing, None
    held = [event.data["number"] for event in happened if event.type == "held"]
    if trade.WORDS in happened[0].data["decision"].get("reasons", ()):
        return happened, standing, held[0]
    more, state = act(fold(happened), Hold(reason=trade.UNMATCHED), now, SYSTEM, desk.policy)
    return [*happened, *more], standing_of(state), len(held) + 1


def _came(desk: Desk, order: Order, key: int, one: _Made) -> tuple[messages.Came, dict[str, Any]]:
    assert one.sent is not None
    sent, number = one.sent, uuid4()
    body = None if sent.original is None else seal_body(sent.original, number, desk.masters)
    return messages.Came(key, order.party, sent.form, sent.kind, sent.references, number, body), one.outcome


def _row(
    order: Order, key: int, one: _Made, standing: Standing, now: datetime, content: str
) -> tuple[Any, ...]:
    row, outcome, kept = one.row, one.outcome, one.kept
    return (
        key, order.party, one.id, order.filing, standing.phase, standing.open, standing.deadline,
        standing.wake_at, standing.version, now, row["declaration_date"], row["departure_country"],
        row["destination_country"], row["channel"], row["transport_document"], outcome["jurisdiction"],
        one.decision.disposition, one.decision.score or 0, kept["group.key"], kept["goods_value"],
        kept["person"], kept["named"], outcome["input_digest"], content, one.facts(1),
        _encode(outcome),
    )  # fmt: skip


def _amend(cursor: Cursor[Any], desk: Desk, order: Order, one: _Made, key: int, content: str) -> ItemResult:
    declared = trade_rows.inventory(cursor, key)
    found = trade.compare(cursor, desk, order.party, _declared([(key, one)])).get(key)
    if found is not None:
        one.take(found, hold=found.stops and (declared is None or declared.hold is None))
    command = Amend(
        decision=one.decision,
        stage=None,
        departs_at=order.departs_at,
        arrives_at=order.arrives_at,
    )
    actor = Actor(order.actor, Role.OPERATOR)
    case = Case(order.party, key, actor, one.outcome, one.names, day=one.day)
    before = held_rows.one(cursor, key)
    assert before is not None
    try:
        done = advance(cursor, desk, case, command)
    except (Refused, PostingRefused) as refusal:
        return refused(one.row, refusal.finding)
    if found is not None:
        hold = None if declared is None else declared.hold
        done = trade_holds.follow(cursor, desk, order.party, key, found, hold, done) or done
    kept, version = one.kept, done.state.version
    one.outcome["findings"] += _late_before(before["outcome"])
    lateness = Lateness(done.state.stage, desk.policy)
    one.flag(lateness, late=done.state.late, before=Facts(before["facts"]).told)
    cursor.execute(
        "update consignment set filing = %s, declaration_date = %s, departure_country = %s, destination_country = %s, "
        "channel = %s, transport_document = %s, jurisdiction = %s, disposition = %s, score = %s, group_key = %s, "
        "goods_value = %s, person = %s, named = %s, input_digest = %s, content = %s, facts = %s, outcome = %s "
        "where key = %s",
        (
            order.filing, one.row["declaration_date"], one.row["departure_country"],
            one.row["destination_country"], one.row["channel"], one.row["transport_document"],
            one.outcome["jurisdiction"], one.decision.disposition, one.decision.score or 0, kept["group.key"],
            kept["goods_value"], kept["person"], kept["named"], one.outcome["input_digest"], content,
            *pack([one.facts(version), _encode(one.outcome)]), key,
        ),
    )  # fmt: skip
    limits.give_back(cursor, key, version)
    if one.use is not None:
        limits.record(cursor, [(limits.use_id(key, version), key, one.use)])
    seal(cursor, desk, [(key, version, one.persons, one.row["declaration_date"])])
    if one.sent is not None:
        messages.put(cursor, [_came(desk, order, key, one)])
    else:
        messages.decided(cursor, key, one.outcome)
        # What it came in isn't what stands now, so no correction comes to it any more.
        messages.forget(cursor, [key])
    told = accepted(one.row, one.outcome, one.decision, done.standing.phase, "amended")
    return with_findings(told, done.findings)


def _late_before(outcome: bytes) -> list[dict[str, Any]]:
    """Return what was flagged as late at an earlier filing: an amendment doesn't make it timely."""
    return [one for one in msgspec.json.decode(outcome)["findings"] if one["code"] in (LATE, LATE_ELEMENTS)]
