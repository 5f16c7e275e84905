"""Erasure: by the clock, or of one person; what is erased leaves a tombstone that the audit log proves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg import Cursor

from greenlane.clearance import SYSTEM, Event, State, fold
from greenlane.clearance.state import phase_of
from greenlane.clearance.vocabulary import OPEN, Phase
from greenlane.desk.audit import entry
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.persons import Subject
from greenlane.desk.seeing import find
from greenlane.desk.told import Erasure
from greenlane.desk.trade_holds import KEPT as KEPT_UNNAMED
from greenlane.ledger import Transfer
from greenlane.ledger.payments import open_items
from greenlane.model.handling import RetentionClass
from greenlane.privacy.audit import Entry
from greenlane.privacy.errors import REFUSED, Refused
from greenlane.privacy.persons import PseudonymPurpose, identities, named, subject_of
from greenlane.privacy.retention import KEPT, Due, Held, Kept, due, erase, kept
from greenlane.privacy.seal import PersonKey, SealedRecord
from greenlane.privacy.tombstones import Tombstone, proof
from greenlane.store import audit, messages, trade_documents, transfers
from greenlane.store import events as log
from greenlane.store import vault as tables
from greenlane.store.audit import Log
from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Finding

_AT_ONCE = 50
_ROUND = timedelta(hours=1)
RETENTION = "system:retention"
"""Who erases what is due."""


class NotErased(GreenlaneError):
    """Something of a person has to be kept; nothing was erased."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Take a finding for each key that is kept."""
        super().__init__("something of this person has to be kept; nothing was erased")
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Override:
    """Why data is erased that would be kept: a reason code, and the number of the order."""

    reason: str
    case: str


def erase_person(desk: Desk, caller: Caller, subject: Subject, override: Override | None) -> list[Erasure]:
    """Destroy every key of a person; all that they hold of the person's data can't be read any more.

    Raises:
        NotErased: A clock, an open procedure or a hold keeps something, and nothing overrides it.
        Refused: What was told names nobody.
    """
    desk.refresh()
    known = identities(subject.person, subject.public)
    references = [named(one, desk.context.key, PseudonymPurpose.VAULT) for one in known]
    with desk.database.cursor() as cursor:
        keys = [key for one in references for key in _living(cursor, one)]
        held = [held for key in keys for held in _held(cursor, tables.of_key(cursor, key), key)]
    left = [] if override else kept(held, desk.clock.now(), desk.rules)
    code = REFUSED if not references else KEPT if left else "erasure_asked"
    told: dict[str, str | int | list[str] | None] = {
        "person": subject_of(references[0], desk.context.key) if references else None,
        "keys": len(keys),
    }
    if override:
        told |= {"override": override.reason, "case": override.case}
    Log(desk.database).append([Entry(desk.clock.now(), caller.actor, code, told)])
    if not references:
        raise Refused(REFUSED, "an id, or a name with an address or postcode, is needed to find a person")
    if left:
        raise NotErased([_why(one) for one in left])
    done = [_erase(desk, key.id, caller.actor, override) for key in keys]
    if late := [one for one in done if isinstance(one, Kept)]:
        # A filing came between the look and the erasure; what stands now is told, a second call goes on.
        raise NotErased([_why(one) for one in late])
    return _proofs(desk, [one for one in done if isinstance(one, Tombstone)])


def erase_due(desk: Desk, actor: str) -> list[Erasure]:
    """Destroy every key whose clock has ended and that nothing holds."""
    desk.refresh()
    found: list[Tombstone] = []
    after = b""
    while page := _candidates(desk, after):
        found += [one for key in page if isinstance(one := _erase(desk, key, actor, None), Tombstone)]
        after = page[-1]
    return _proofs(desk, found)


@dataclass(slots=True)
class Retention:
    """The work of the clocks: a round each hour, and whenever the sandbox's clock was moved."""

    _next: datetime | None = None
    _offset: timedelta = field(default_factory=timedelta)
    _after: bytes = b""

    def work(self, desk: Desk, ended: Callable[[], bool] = lambda: False) -> bool:
        """Look at some keys; True while the round goes on. *ended* says whether the service is about to end."""
        desk.refresh()
        now = desk.clock.now()
        if self._next is not None and now < self._next and desk.clock.offset == self._offset:
            return False
        page = _candidates(desk, self._after)
        for key in page:
            if ended():
                return True
            _erase(desk, key, RETENTION, None)
            self._after = key
        if page:
            return True
        _forget_uses(desk, now)
        _forget_documents(desk, now)
        self._next, self._offset, self._after = now + _ROUND, desk.clock.offset, b""
        return False


def erasures(desk: Desk, after: int, limit: int) -> list[Erasure]:
    """Return erasures with their proof, in the order of the log, from behind a place."""
    with desk.database.cursor() as cursor:
        links = audit.erasures(cursor, after, limit)
        told = [msgspec.json.decode(link.body)["told"] for link in links]
        stones = tables.tombstones(cursor, [bytes.fromhex(one["key_id"]) for one in told])
    found = []
    for link, one in zip(links, told, strict=True):
        stone = stones.get(bytes.fromhex(one["key_id"]))
        found.append(
            Erasure(
                seq=link.seq,
                entry=link.digest,
                digest=one["tombstone"],
                proven=stone is not None and proof(stone, [link]) is not None,
                tombstone={} if stone is None else msgspec.json.decode(stone.written()),
            )
        )
    return found


def bury_again(desk: Desk, actor: str, told: Iterable[Mapping[str, Any]]) -> int:
    """Destroy again the keys that rose with a restore, by tombstones that were exported; return how many."""
    count = 0
    for one in told:
        with desk.database.writing() as cursor:
            key = tables.lock_key(cursor, bytes.fromhex(str(one["key_id"])))
            if not isinstance(key, PersonKey):
                continue
            records = tables.of_key(cursor, key)
            again = Due(key.id, key.scope, desk.clock.now().date(), str(one["rule"]), len(records))
            erase(again, desk.clock.now(), actor, desk.vault(cursor))
            _forget(cursor, key, records)
            count += 1
    return count


def keep(desk: Desk, caller: Caller, party: str | None, consignment_id: str, case: str) -> UUID:
    """Let a case hold the people's data of a consignment beyond its clock.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    _, key = find(desk, caller, party, consignment_id)
    number = uuid4()
    with desk.database.writing() as cursor:
        cursor.execute(
            "insert into legal_hold (id, key, case_number, actor, at) values (%s, %s, %s, %s, %s)",
            (number, key, case, caller.actor, desk.clock.now()),
        )
        entry(cursor, desk, caller.actor, "held", {"consignment": key, "case": case, "hold": str(number)})
    return number


def let_go(desk: Desk, caller: Caller, number: UUID) -> bool:
    """End such a hold; False where there is none in force."""
    with desk.database.writing() as cursor:
        cursor.execute(
            "update legal_hold set lifted_at = %s where id = %s and lifted_at is null",
            (desk.clock.now(), number),
        )
        ended = cursor.rowcount == 1
        if ended:
            entry(cursor, desk, caller.actor, "let_go", {"hold": str(number)})
    return ended


def _erase(desk: Desk, key_id: bytes, actor: str, override: Override | None) -> Tombstone | Kept | None:
    """Destroy one key in one transaction, if it may go by all that stands at that moment.

    The parties' locks keep amendments out, the key's lock every filing that would seal under it. One key at a time,
    so that no two transactions wait for each other.
    """
    while True:
        with desk.database.cursor() as cursor:
            parties = _parties(cursor, key_id)
        with desk.database.writing(*parties) as cursor:
            key = tables.lock_key(cursor, key_id)
            if not isinstance(key, PersonKey):
                return key
            if not set(_parties(cursor, key_id)) <= set(parties):
                continue
            records = tables.of_key(cursor, key)
            now = desk.clock.now()
            held = list(_held(cursor, records, key))
            may = due(held, now, desk.rules)
            if not may and not override and held:
                return kept(held, now, desk.rules)[0]
            by = may[0] if may else _overridden(key, now.date(), len(records), override)
            stone = erase(by, now, actor, desk.vault(cursor))
            _forget(cursor, key, records)
            return stone


def _overridden(key: PersonKey, since: date, records: int, override: Override | None) -> Due:
    rule = "nothing.sealed" if override is None else f"override.{override.reason}"
    return Due(key.id, key.scope, since, rule, records)


def _forget(cursor: Cursor[Any], key: PersonKey, records: Sequence[SealedRecord]) -> None:
    """Take away what could still be matched with the person by whoever holds the key of pseudonyms."""
    of = [record.key for record in records if record.role == "consignee"]
    if key.scope.retention is RetentionClass.PERSON and of:
        cursor.execute(
            "update consignment set person = null, named = null, group_key = null, content = '' where key = any(%s)",
            (of,),
        )
        # A document may show anything of them. What is left of it is who attached what kind of it, and when.
        cursor.execute("update document set body = '', sha256 = '' where key = any(%s)", (of,))
        trade_documents.forget(cursor, of)
        messages.forget(cursor, of)


def _forget_uses(desk: Desk, now: datetime) -> None:
    """Take uses of limits out of the register once the clock of their year has ended."""
    years = desk.rules[RetentionClass.LIMITS].years
    if years is not None:
        with desk.database.writing() as cursor:
            cursor.execute("delete from limit_use where day < %s", (date(now.year - years, 1, 1),))


def _forget_documents(desk: Desk, now: datetime) -> None:
    """Remove orders, payments and waybills that no inventory came for."""
    with desk.database.writing() as cursor:
        trade_documents.forget_unnamed(cursor, now - KEPT_UNNAMED)


def _living(cursor: Cursor[Any], reference: str) -> list[PersonKey]:
    held = tables.Keys(tables.joined(cursor)).of_person(reference)
    return [one for one in held if isinstance(one, PersonKey)]


def _parties(cursor: Cursor[Any], key_id: bytes) -> list[str]:
    rows = cursor.execute(
        "select distinct c.party from person_key k join sealed s on s.reference = k.reference and s.key_id = k.id "
        "join consignment c on c.key = s.key where k.id = %s",
        (key_id,),
    ).fetchall()
    return [row[0] for row in rows]


def _held(cursor: Cursor[Any], records: Sequence[SealedRecord], key: PersonKey) -> Iterable[Held]:
    """Return the records of a key as the clock sees them."""
    keys = sorted({record.key for record in records})
    by_case = tables.hold(cursor, keys)
    posted = transfers.of_consignments(cursor, keys)
    happened = log.of(cursor, keys)
    for number in keys:
        events = [recorded.event for recorded in happened[number]]
        state = fold(events)
        over = phase_of(state) not in OPEN and not open_items(posted[number])
        started = _ended(state, events, posted[number]).date() if over else None
        holds = (*_pending(state), *by_case.get(number, ()))
        for record in records:
            if record.key == number:
                yield Held(key.id, key.scope, started, holds)


def _ended(state: State, events: Sequence[Event], posted: Sequence[Transfer]) -> datetime:
    """Return when a procedure that is over ended: the goods went, or somebody did something, or money moved, later.

    That a time limit ran out afterwards prolongs nothing.
    """
    ends = (state.released_at, state.refused_at, state.returned_at, state.cancelled_at)
    acts = [event.at for event in events if event.actor != SYSTEM.id]
    return max([*(at for at in ends if at is not None), *acts, *(transfer.at for transfer in posted)])


def _pending(state: State) -> tuple[str, ...]:
    """Return what of a procedure keeps its persons' data though the goods have gone."""
    found = []
    if state.objection is not None and state.objection.result is None:
        found.append("objection")
    if state.awaits_redecision:
        found.append("review")
    if phase_of(state) is Phase.SEIZED:
        found.append("seizure")
    found += [f"return {one.number}" for one in state.returns if one.refund is None and not one.overdue]
    return tuple(found)


def _why(one: Kept) -> Finding:
    what = f"class {one.scope.retention} of {one.scope.period}"
    until = "its procedure is open" if one.until is None else f"its clock ends on {one.until:%Y-%m-%d}"
    words = f"held by {', '.join(one.holds)}" if one.holds else until
    return Finding(KEPT, f"/{one.key_id.hex()}", f"{what}, {one.records} records: {words}")


def _candidates(desk: Desk, after: bytes) -> list[bytes]:
    """Return living keys whose year is far enough back, from behind one."""
    year = desk.clock.now().year
    periods = {
        kept_: year - rule.years - (1 if rule.from_year_end else 0)
        for kept_, rule in desk.rules.items()
        if rule.years is not None
    }
    with desk.database.cursor() as cursor:
        return tables.candidates(cursor, periods, after, _AT_ONCE)


def _proofs(desk: Desk, stones: Sequence[Tombstone]) -> list[Erasure]:
    found = []
    with desk.database.cursor() as cursor:
        for stone in stones:
            subject = subject_of(stone.scope.reference, desk.context.key)
            link = proof(stone, audit.about(cursor, subject))
            assert link is not None
            found.append(
                Erasure(
                    seq=link.seq,
                    entry=link.digest,
                    digest=stone.digest(),
                    proven=True,
                    tombstone=msgspec.json.decode(stone.written()),
                )
            )
    return found


__all__ = [
    "NotErased",
    "Override",
    "Retention",
    "bury_again",
    "erase_due",
    "erase_person",
    "erasures",
    "keep",
    "let_go",
]
