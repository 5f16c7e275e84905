"""Clocks that run out: what the procedure does by time alone."""

from greenlane.desk.desk import Desk
from greenlane.desk.procedure import look_again

_AT_ONCE = 100


def work(desk: Desk) -> bool:
    """Look again at consignments whose next moment has come; True where there was one."""
    desk.refresh()
    with desk.database.connection() as connection:
        due = connection.execute(
            "select party, key from consignment where wake_at <= %s order by wake_at limit %s",
            (desk.clock.now(), _AT_ONCE),
        ).fetchall()
    for party, key in due:
        with desk.database.writing(party) as cursor:
            if look_again(cursor, desk, party, key) is None:
                cursor.execute("update consignment set wake_at = null where key = %s", (key,))
    return bool(due)


def run_out(desk: Desk) -> None:
    """Let every time limit that has run out take effect now; what a rush leaves over, `work` does."""
    for _ in range(_AT_ONCE):
        if not work(desk):
            return


__all__ = ["run_out", "work"]
