"""The delivery store over PostgreSQL, as tests of every delivery store use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from greenlane.clearance import Event
from greenlane.exchange.delivery import Endpoint
from greenlane.exchange.keys import SharedSecret
from greenlane.exchange.notice import Notice
from greenlane.store import deliveries
from greenlane.store import events as log
from greenlane.store.database import Database
from greenlane.store.dispatching import StoredDeliveries
from serving import own_database


class KeptDeliveries(StoredDeliveries):
    """A store with what tests need beside: endpoints are registered and notices appended as the service does."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, lambda _, sealed: SharedSecret(sealed))
        self.database = database

    async def register(self, endpoint: Endpoint) -> None:
        """Register an endpoint, or enable it again."""
        with self.database.writing(endpoint.party) as cursor:
            cursor.execute(
                "insert into party values (%s, %s, now()) on conflict do nothing",
                (endpoint.party, endpoint.party),
            )
            cursor.execute(
                "insert into webhook (id, party, url, created_at) values (%s, %s, %s, now()) "
                "on conflict (id) do update set disabled_at = null, reason = null",
                (endpoint.id, endpoint.party, endpoint.url),
            )

    async def append(self, notice: Notice, at: datetime) -> None:
        """Append an event that gives a notice at the notice's place, with its deliveries, in one transaction."""
        with self.database.writing(notice.party) as cursor:
            key = consignment(cursor, notice.party, notice.consignment_id)
            cursor.execute("select setval('event_seq', %s, false)", (notice.cursor,))
            event = Event("held", notice.at, "key:test", {"number": 1, "reason": "test"})
            places = log.append(cursor, [(notice.party, key, notice.cursor, event)])
            assert places == [notice.cursor]
            deliveries.enqueue(cursor, notice.party, places, at)


def consignment(cursor: object, party: str, name: str) -> int:
    """Return the number of a consignment, made where there is none: its row holds no more than a notice needs."""
    run = cursor.execute  # type: ignore[attr-defined]
    run(
        "insert into consignment (key, party, consignment_id, phase, open, version, filed_at, declaration_date, "
        "departure_country, destination_country, channel, disposition, score, input_digest, content, facts, outcome) "
        "values (nextval('consignment_key'), %s, %s, 'held', true, 1, now(), now(), 'CN', 'DE', 'postal', 'hold', 0, "
        "'', '', '', '') on conflict (party, consignment_id) do nothing",
        (party, name),
    )
    row = run(
        "select key from consignment where party = %s and consignment_id = %s", (party, name)
    ).fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def kept_deliveries(server: str) -> Iterator[KeptDeliveries]:
    """Give a store on a database of its own."""
    with own_database(server) as url:
        database = Database(url)
        database.open()
        try:
            yield KeptDeliveries(database)
        finally:
            database.close()
