"""Clocks that run out: what the procedure does by time alone."""

from collections.abc import Callable
from functools import partial

from greenlane.desk.desk import Desk
from greenlane.desk.procedure import look_again
from greenlane.desk.turns import in_turn

_AT_ONCE = 100


def work(desk: Desk, ended: Callable[[], bool] = lambda: False) -> bool:
    """Look again at consignments whose next moment has come; True where there was one.

    One that can't be looked at now keeps no other one waiting.

    Args:
        desk: Whose consignments.
        ended: Says whether the service is about to end.
    """
    desk.refresh()
    with desk.database.connection() as connection:
        due = connection.execute(
            "select party, key from consignment where wake_at <= %s order by wake_at limit %s",
            (desk.clock.now(), _AT_ONCE),
        ).fetchall()
    in_turn(due, partial(_look, desk), ended)
    return bool(due)


def _look(desk: Desk, party: str, key: int) -> None:
    """Look at one; another process may have done so since, and set its next moment."""
    with desk.database.writing(party) as cursor:
        if look_again(cursor, desk, party, key) is None:
            cursor.execute(
                "update consignment set wake_at = null where key = %s and wake_at <= %s",
                (key, desk.clock.now()),
            )


def run_out(desk: Desk) -> None:
    """Let every time limit that has run out take effect now; what a rush leaves over, `work` does."""
    for _ in range(_AT_ONCE):
        if not work(desk):
            return


__all__ = ["run_out", "work"]
