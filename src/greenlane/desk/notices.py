"""Notices: the feed of a party or an agency, and the keys that sign them."""

from collections.abc import Sequence

from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.exchange.keys import Keyring, SigningKey
from greenlane.exchange.notice import Notice
from greenlane.exchange.telling import tell
from greenlane.privacy.keys import Masters
from greenlane.store import agencies
from greenlane.store import events as log
from greenlane.store.database import Viewer, lock_number


def keyring(masters: Masters) -> Keyring:
    """Return the keys that sign notices, derived from the master keys: the current one first, then retired ones.

    Example:
        >>> from greenlane.privacy.keys import master
        >>> old, new = master(bytes(32)), master(bytes(range(32)))
        >>> ring = keyring(Masters(new, (old,)))
        >>> keyring(Masters(old)).public("post-cn")[0] == ring.public("post-cn")[1]
        True
    """
    return Keyring(tuple(SigningKey(one.notices) for one in (masters.current, *masters.retired)))


def told_to(caller: Caller) -> str:
    """Return whom the caller's notices name: its party, or its agency.

    Example:
        >>> told_to(Caller("key:1", "food-safety", frozenset(), agency="food"))
        'agency:food'
    """
    return caller.party if caller.agency is None else f"agency:{caller.agency}"


def feed(desk: Desk, caller: Caller, after: int, limit: int) -> Sequence[Notice]:
    """Return the caller's notices from behind a place of its feed, in order."""
    if caller.agency is None:
        with desk.database.reading(Viewer(party=caller.party)) as cursor:
            found = log.feed(cursor, caller.party, after, limit)
        return [tell(one.event, caller.party, name, one.seq) for one, name in found]
    with desk.database.writing() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (lock_number("agency", caller.agency),))
        asked = agencies.feed(cursor, caller.agency, after, limit)
    return [tell(event, told_to(caller), name, place, party) for place, party, name, event in asked]


__all__ = ["feed", "keyring", "told_to"]
