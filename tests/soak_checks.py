"""What must hold after a soak, read from the database itself and compared with what the callers were promised."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import psycopg
from psycopg import Cursor

from greenlane.clearance import fold
from greenlane.desk import money_check
from greenlane.desk.kept import Facts
from greenlane.desk.money_posting import named
from greenlane.desk.procedure import standing_of
from greenlane.ledger import Transfer, obligations, standing
from greenlane.privacy.audit import verify
from greenlane.store import audit, transfers
from greenlane.store import events as log
from greenlane.store.database import Database
from greenlane.store.packed import unpack
from soak_load import LARGE_PARTY, Journal
from soak_receiver import Receiver

_AT_ONCE = 1_000


@dataclass(slots=True)
class Found:
    """What was counted, and what is wrong: nothing, where it holds."""

    consignments: int = 0
    events: int = 0
    transfers: int = 0
    audited: int = 0
    delivered: int = 0
    wrong: list[str] = field(default_factory=list)


def check(database: str, journal: Journal, receiver: Receiver) -> Found:
    """Check a database against the journal of those who called the service."""
    found = Found()
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        _filings(cursor, journal, found)
        _consignments(cursor, found)
        _commands(cursor, journal, found)
        _feeds(cursor, journal, receiver, found)
        _audit(cursor, journal, found)
    _ledger(database, journal, found)
    return found


def _filings(cursor: Cursor[Any], journal: Journal, found: Found) -> None:
    """Each accepted consignment is there; each receipt is decided; each was filed and amended as often as told."""
    told: Counter[tuple[str, str, str]] = Counter()
    for party, result in journal.results:
        told[party, result["consignment_id"], result["result"]] += 1
    for party, number, names in journal.receipts:
        row = cursor.execute(
            "select done_at, problem, records from filing where id = %s", (number,)
        ).fetchone()
        if row is None or row[0] is None or row[1] is not None:
            found.wrong.append(f"filing {number} was received and isn't decided: {row}")
            continue
        rows = cursor.execute(
            "select first, results from filing_result where filing = %s order by first", (number,)
        ).fetchall()
        parts = [(first, msgspec.json.decode(unpack(packed))) for first, packed in rows]
        results = [one for _, part in parts for one in part]
        if [first for first, _ in parts] != [
            sum(len(part) for _, part in parts[:place]) for place in range(len(parts))
        ]:
            found.wrong.append(f"filing {number}: the parts of its results don't join")
        if {one["consignment_id"] for one in results} != names or len(results) != len(names):
            found.wrong.append(f"filing {number}: {len(results)} results for {len(names)} consignments")
        for one in results:
            told[party, one["consignment_id"], one["result"]] += 1
    kinds = {"filed": "accepted", "amended": "amended"}
    there = Counter(
        {
            (party, name, kinds[kind]): count
            for party, name, kind, count in cursor.execute(
                "select c.party, c.consignment_id, e.type, count(*) from event e join consignment c using (key) "
                "where e.type in ('filed', 'amended') group by 1, 2, 3"
            )
        }
    )
    told = Counter({mark: count for mark, count in told.items() if mark[2] in kinds.values()})
    for mark in told - there:
        found.wrong.append(f"promised and not there: {mark}")
    for mark in there - told:
        found.wrong.append(f"there and never promised: {mark}")


def _consignments(cursor: Cursor[Any], found: Found) -> None:
    """Events fold, versions have no gap, rows are what the events say, released at most once, owed as decided."""
    for rows in _pages(cursor):
        keys = [row["key"] for row in rows]
        events, posted = log.of(cursor, keys), transfers.of_consignments(cursor, keys)
        for row in rows:
            found.consignments += 1
            recorded = events[row["key"]]
            found.events += len(recorded)
            name = f"{row['party']} {row['consignment_id']}"
            if [one.version for one in recorded] != list(range(1, len(recorded) + 1)):
                found.wrong.append(f"{name}: versions {[one.version for one in recorded]}")
            if [one.seq for one in recorded] != sorted(one.seq for one in recorded):
                found.wrong.append(f"{name}: places in the log are out of order")
            if any(a.event.at > b.event.at for a, b in pairwise(recorded)):
                found.wrong.append(f"{name}: times are out of order")
            if sum(one.event.type == "released" for one in recorded) > 1:
                found.wrong.append(f"{name}: released twice")
            state = fold(one.event for one in recorded)
            row_says = tuple(row[part] for part in ("phase", "open", "deadline", "wake_at", "version"))
            said = standing_of(state)
            if row_says != (said.phase, said.open, said.deadline, said.wake_at, said.version):
                found.wrong.append(f"{name}: the row isn't what the events say")
            decided = [one.version for one in recorded if "decision" in one.event.data]
            wrong = _owed(row, decided[-1], posted[row["key"]])
            if wrong:
                found.wrong.append(f"{name}: {wrong}")


def _owed(row: dict[str, Any], version: int, posted: list[Transfer]) -> str:
    outcome = msgspec.json.decode(unpack(row["outcome"]))
    due: Counter[tuple[str, str]] = Counter()
    if row["phase"] not in ("cancelled", "returned") and outcome["status"] == "assessed":
        names = named(Facts(unpack(row["facts"])).names, row["party"])
        for t in obligations(row["key"], version, row["party"], outcome, row["filed_at"], names):
            due[t.debit, t.credit] += t.amount
    stands: Counter[tuple[str, str]] = Counter()
    for t, amount in standing(posted):
        stands[t.debit, t.credit] += amount
    return "" if due == stands else f"owes {dict(stands)}, decided was {dict(due)}"


def _pages(cursor: Cursor[Any]) -> Iterator[list[dict[str, Any]]]:
    after = 0
    while True:
        rows = cursor.execute(
            "select * from consignment where key > %s order by key limit %s", (after, _AT_ONCE)
        ).fetchall()
        if not rows:
            return
        names = [column.name for column in cursor.description or ()]
        yield [dict(zip(names, row, strict=True)) for row in rows]
        after = rows[-1][names.index("key")]


def _commands(cursor: Cursor[Any], journal: Journal, found: Found) -> None:
    """What a command was answered stands in the log as told, and nobody holds or releases but who was answered."""
    told: Counter[tuple[str, str, str]] = Counter()
    for party, moved in journal.moved:
        rows = cursor.execute(
            "select e.version, e.type from event e join consignment c using (key) "
            "where c.party = %s and c.consignment_id = %s order by e.version",
            (party, moved["consignment_id"]),
        ).fetchall()
        last, kinds = moved["version"], [event["type"] for event in moved["events"]]
        if [kind for _, kind in rows[last - len(kinds) : last]] != kinds:
            found.wrong.append(
                f"{party} {moved['consignment_id']}: the log doesn't hold what a command was told"
            )
        told[party, moved["consignment_id"], kinds[0]] += 1
    there = Counter(
        {
            (party, name, kind): count
            for party, name, kind, count in cursor.execute(
                "select c.party, c.consignment_id, e.type, count(*) from event e join consignment c using (key) "
                "where e.actor <> 'system' and e.type not in ('filed', 'amended') group by 1, 2, 3"
            )
        }
    )
    for mark in there - told:
        found.wrong.append(f"done twice, or never answered: {mark}")


def _ledger(database: str, journal: Journal, found: Found) -> None:
    """The book is sound, one decision stands for each consignment, each payment is in it once."""
    desk = Database(database, connections=2)
    desk.open()
    try:
        checked = money_check.check(desk)
        with desk.connection() as connection:
            rows = connection.execute(
                "select party, reference, sum(amount) from transfer where debit = 'cash' group by 1, 2"
            ).fetchall()
    finally:
        desk.close()
    found.transfers = checked.transfers
    found.wrong += [f"ledger: {finding.path} {finding.message}" for finding in checked.findings]
    if any(checked.currencies.values()):
        found.wrong.append(f"ledger: the sum isn't zero: {checked.currencies}")
    told = {(party, paid["reference"]): int(Decimal(paid["amount"]) * 100) for party, paid in journal.paid}
    there = {(party, reference.partition("/")[2]): amount for party, reference, amount in rows}
    if told != there:
        found.wrong.append(f"payments: {len(told.items() ^ there.items())} aren't in the book as answered")


def _feeds(cursor: Cursor[Any], journal: Journal, receiver: Receiver, found: Found) -> None:
    """Who followed a feed by its cursor saw every notice, once, in order; a webhook got each, in order as well."""
    for party, seen in journal.seen.items():
        rows = cursor.execute(
            "select e.seq, c.consignment_id from event e join consignment c using (key) "
            "where e.party = %s and e.notice is not null order by e.seq",
            (party,),
        ).fetchall()
        if missed := set(rows) - set(seen):
            found.wrong.append(f"feed of {party}: {len(missed)} notices were skipped")
        elif rows != seen:
            found.wrong.append(f"feed of {party}: notices came twice or out of order")
        if party != LARGE_PARTY:
            found.delivered = len(receiver.came)
            if missed := set(rows) - set(receiver.came):
                found.wrong.append(f"webhook of {party}: {len(missed)} notices never came")
            if _out_of_order(receiver.came):
                found.wrong.append(f"webhook of {party}: a consignment's notices came out of order")
    found.wrong += receiver.wrong[:5]


def _out_of_order(came: Iterable[tuple[int, str]]) -> bool:
    """Say whether a consignment's notices came in another order for the first time."""
    first: dict[str, list[int]] = defaultdict(list)
    for place, name in dict.fromkeys(came):
        first[name].append(place)
    return any(places != sorted(places) for places in first.values())


def _audit(cursor: Cursor[Any], journal: Journal, found: Found) -> None:
    links = [one.link for one in audit.stored(cursor)]
    found.audited = len(links)
    broken = verify(links)
    if broken is not None:
        found.wrong.append(f"audit: {broken.finding.path} {broken.finding.message}")
    parties = sum(b'"party_set"' in link.body for link in links)
    if parties < journal.audited:
        found.wrong.append(f"audit: {journal.audited} organisations were set, {parties} entries tell of it")


__all__ = ["Found", "check"]
