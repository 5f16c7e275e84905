"""Planned windows in which the service may not answer, and what waits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor


def plan(cursor: Cursor[Any], number: UUID, starts_at: datetime, ends_at: datetime, words: str) -> None:
    """Announce a window."""
    cursor.execute(
        "insert into planned_window (id, starts_at, ends_at, words) values (%s, %s, %s, %s)",
        (number, starts_at, ends_at, words),
    )


def planned(cursor: Cursor[Any], now: datetime) -> list[tuple[datetime, datetime, str]]:
    """Return the windows that aren't over, in order."""
    return cursor.execute(
        "select starts_at, ends_at, words from planned_window where ends_at > %s order by starts_at limit 100",
        (now,),
    ).fetchall()


def filings_waiting(cursor: Cursor[Any]) -> int:
    """Return how many filings are received and not yet decided."""
    row = cursor.execute("select count(*) from filing where done_at is null").fetchone()
    return 0 if row is None else int(row[0])


__all__ = ["filings_waiting", "plan", "planned"]
