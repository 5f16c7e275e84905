"""Who sees what: as whom a caller reads in the database, and whether a consignment is there for it."""

from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.store import consignments as rows
from greenlane.store.database import Viewer
from greenlane.values.errors import GreenlaneError


class NotFound(GreenlaneError):
    """There is no such thing, or the caller doesn't see it."""


def viewer_of(caller: Caller) -> Viewer:
    """Return as whom a caller reads in the database."""
    if caller.agency is not None:
        return Viewer(agency=caller.agency)
    return Viewer() if caller.staff else Viewer(party=caller.party)


def find(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> tuple[str, int]:
    """Return the party and number of a consignment that the caller sees.

    Raises:
        NotFound: There is none, or the caller doesn't see it: the two are not told apart.
    """
    owner = party or caller.party
    with desk.database.reading(viewer_of(caller)) as cursor:
        key = rows.key_of(cursor, owner, consignment_id)
    if key is None:
        raise NotFound("there is no such consignment, or it isn't yours to see")
    return owner, key


__all__ = ["NotFound", "find", "viewer_of"]
