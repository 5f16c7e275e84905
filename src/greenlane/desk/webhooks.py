"""Webhooks: a party's receivers of notices."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.desk.audit import entry
from greenlane.desk.caller import Caller
from greenlane.desk.commanding import NotFound
from greenlane.desk.desk import Desk
from greenlane.exchange.address import target
from greenlane.exchange.delivery import Endpoint, FailedDelivery
from greenlane.exchange.keys import SharedSecret
from greenlane.privacy.errors import PrivacyError
from greenlane.privacy.keys import Masters
from greenlane.privacy.secret import open_secret, seal_secret, sealed_by_retired
from greenlane.store import deliveries
from greenlane.store import webhooks as rows
from greenlane.store.database import Database, Viewer
from greenlane.store.webhooks import Webhook
from greenlane.values.errors import GreenlaneError, UsageError

MOST = 20
"""Most webhooks of one party."""


class Registered(GreenlaneError):
    """The party has a webhook with this address already."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new webhook: its id, the shared secret where it has one, the last place of the feed that it won't be sent."""

    id: str
    created_at: datetime
    secret: SharedSecret | None
    cursor: int


def register(
    desk: Desk, caller: Caller, url: str, secret: SharedSecret | None, *, allow_private: bool = False
) -> Made:
    """Register a receiver; it gets every notice of the caller's party from now on.

    Args:
        desk: The desk.
        caller: Whose party is told.
        url: Where; it is resolved and judged now, and again at each attempt.
        secret: For HMAC beside Ed25519; None: Ed25519 alone.
        allow_private: Let it lie at a private address.
    Raises:
        AddressRefused: It is not one that is called.
        Registered: The party has it already.
        UsageError: The party has as many as it may.
    """
    target(url, allow_private=allow_private)
    made = f"hook_{secrets.token_hex(8)}"
    sealed = None if secret is None else seal_secret(secret.raw, made, desk.masters)
    now = desk.clock.now()
    # With the party's lock, so that a filing under way is either sent or before the place that is told.
    with desk.database.writing(caller.party) as cursor:
        there = rows.listed(cursor, caller.party)
        if any(one.url == url for one in there):
            raise Registered("this address is registered already: use that webhook, or delete it first")
        if len(there) >= MOST:
            raise UsageError(f"a party has at most {MOST} webhooks: delete one first")
        rows.add(cursor, made, caller.party, url, sealed, now)
        place = rows.last_place(cursor, caller.party)
        entry(cursor, desk, caller.actor, "webhook_made", {"webhook": made, "party": caller.party})
    return Made(made, now, secret, place)


def listed(desk: Desk, caller: Caller) -> Sequence[Webhook]:
    """Return the webhooks of the caller's party."""
    with desk.database.reading(Viewer(party=caller.party)) as cursor:
        return rows.listed(cursor, caller.party)


def one(desk: Desk, caller: Caller, hook: str) -> Webhook:
    """Return one webhook of the caller's party.

    Raises:
        NotFound: It has none of this id.
    """
    found = next((one for one in listed(desk, caller) if one.id == hook), None)
    if found is None:
        raise NotFound("there is no such webhook, or it isn't yours")
    return found


def remove(desk: Desk, caller: Caller, hook: str) -> None:
    """Delete a webhook with what it was to be sent; the feed has every notice still.

    Raises:
        NotFound: The party has none of this id.
    """
    one(desk, caller, hook)
    with desk.database.writing() as cursor:
        rows.stop(cursor, hook, desk.clock.now())
    while True:
        with desk.database.writing() as cursor:
            if not rows.remove_deliveries(cursor, hook):
                break
    with desk.database.writing(caller.party) as cursor:
        if rows.remove(cursor, hook):
            entry(cursor, desk, caller.actor, "webhook_ended", {"webhook": hook, "party": caller.party})


def enable(desk: Desk, caller: Caller, hook: str) -> Webhook:
    """Let a disabled webhook get its notices again, those that have waited first.

    Raises:
        NotFound: The party has none of this id.
    """
    one(desk, caller, hook)
    with desk.database.writing() as cursor:
        rows.enable(cursor, hook)
        entry(cursor, desk, caller.actor, "webhook_enabled", {"webhook": hook, "party": caller.party})
    return one(desk, caller, hook)


def replay(desk: Desk, caller: Caller, hook: str, first: int, last: int, at: datetime) -> int:
    """Send notices of the party's feed again, from one place to another, both included; return how many.

    A long range is made ready in several transactions, the earliest notices first, so that nobody waits long.

    Raises:
        NotFound: The party has none of this id.
    """
    one(desk, caller, hook)
    count = 0
    while True:
        with desk.database.writing() as cursor:
            places = deliveries.replay_some(cursor, hook, first, last, at)
        if not places:
            return count
        count += len(places)
        first = places[-1] + 1


def failures(desk: Desk, caller: Caller, hook: str, after: int, limit: int) -> Sequence[FailedDelivery]:
    """Return the deliveries of a webhook whose last attempt failed.

    Raises:
        NotFound: The party has none of this id.
    """
    one(desk, caller, hook)
    with desk.database.reading(Viewer(party=caller.party)) as cursor:
        return deliveries.failures(cursor, caller.party, after, limit, hook)


def endpoint(desk: Desk, caller: Caller, hook: str) -> Endpoint:
    """Return a webhook as it is called.

    Raises:
        NotFound: The party has none of this id.
    """
    found = one(desk, caller, hook)
    secret = None
    if found.sealed is not None:
        secret = shared_secret(desk.masters_to_open(found.sealed), hook, found.sealed)
    return Endpoint(hook, caller.party, found.url, secret, found.succeeded_at)


def shared_secret(masters: Masters, hook: str, sealed: bytes) -> SharedSecret:
    """Open the secret of a webhook.

    Raises:
        PrivacyError: Its master key is not here, or it was changed.
    """
    return SharedSecret(open_secret(sealed, hook, masters))


def seal_anew(database: Database, masters: Masters) -> list[str]:
    """Seal anew, under the current master key, what a retired one sealed; return the webhooks that don't open."""
    lost = []
    with database.writing() as cursor:
        for hook, sealed in rows.sealed(cursor):
            if not sealed_by_retired(sealed, masters):
                continue
            try:
                _seal_again(cursor, masters, hook, sealed)
            except PrivacyError:
                lost.append(hook)
    return lost


def _seal_again(cursor: Cursor[Any], masters: Masters, hook: str, sealed: bytes) -> None:
    secret = open_secret(sealed, hook, masters)
    rows.reseal(cursor, hook, sealed, seal_secret(secret, hook, masters))


__all__ = [
    "MOST",
    "Made",
    "Registered",
    "enable",
    "endpoint",
    "failures",
    "listed",
    "one",
    "register",
    "remove",
    "replay",
    "seal_anew",
    "shared_secret",
]
