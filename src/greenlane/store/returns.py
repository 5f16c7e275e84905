"""Period returns as they were sent."""

from datetime import datetime
from typing import Any

from psycopg import Cursor


def sent(
    cursor: Cursor[Any], party: str, scheme: str, holder: str, period: str | None = None
) -> list[tuple[str, int, datetime, bytes]]:
    """Return period, number, time and content of the returns of a holder under a scheme, in order."""
    return cursor.execute(
        "select period, number, submitted_at, content from period_return where party = %s and scheme = %s "
        "and holder = %s and (%s::text is null or period = %s) order by period, number",
        (party, scheme, holder, period, period),
    ).fetchall()


def listed(cursor: Cursor[Any], party: str | None) -> list[dict[str, Any]]:
    """Return which returns were sent, as far as the reader's role sees them."""
    rows = cursor.execute(
        "select party, scheme, period, holder, number, submitted_at from period_return "
        "where (%s::text is null or party = %s) order by submitted_at, period",
        (party, party),
    ).fetchall()
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def add(
    cursor: Cursor[Any], key: tuple[str, str, str, str, int], now: datetime, actor: str, content: bytes
) -> None:
    """Write a return that was sent; *key* is party, scheme, period, holder, number."""
    cursor.execute(
        "insert into period_return (party, scheme, period, holder, number, submitted_at, actor, content) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (*key, now, actor, content),
    )


__all__ = ["add", "listed", "sent"]
