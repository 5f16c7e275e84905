"""Deliveries of notices to the webhooks of a party."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Cursor


def enqueue(cursor: Cursor[Any], party: str, places: Sequence[int], now: datetime) -> None:
    """Make the deliveries of new events, one for each enabled endpoint of the party, in their own transaction."""
    if not places:
        return
    cursor.execute(
        "insert into delivery (webhook, seq, key, due_at) "
        "select w.id, e.seq, e.key, %s from webhook w join event e on e.party = w.party "
        "where w.party = %s and w.disabled_at is null and e.seq between %s and %s and e.notice is not null",
        (now, party, min(places), max(places)),
    )
