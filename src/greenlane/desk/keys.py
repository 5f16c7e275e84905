"""API keys: hashed, scoped, expiring."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.desk.caller import Caller, Right, Role
from greenlane.values.errors import UsageError

_PREFIX = "gl"
_NAME = re.compile("[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made; its text is told once and kept nowhere."""

    id: str
    text: str
    expires_at: datetime


def make_key(
    cursor: Cursor[Any],
    *,
    party: str,
    roles: Iterable[Role],
    scopes: Iterable[Right],
    agency: str | None,
    created_by: str,
    now: datetime,
    expires_at: datetime,
) -> NewKey:
    """Make an API key of a party.

    Raises:
        UsageError: There is no such party or agency, no role is given, or the key would have expired.
    """
    listed = sorted(set(roles))
    if not listed:
        raise UsageError("a key needs a role")
    if Role.SYSTEM in listed:
        raise UsageError("the service's own role is nobody's")
    if expires_at <= now:
        raise UsageError("a key expires in the future")
    if (agency is not None) != (Role.AGENCY in listed):
        raise UsageError("a key of the role agency names its agency, and no other key does")
    if cursor.execute("select 1 from party where id = %s", (party,)).fetchone() is None:
        raise UsageError("there is no such party")
    if agency and cursor.execute("select 1 from agency where id = %s", (agency,)).fetchone() is None:
        raise UsageError("there is no such agency")
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    cursor.execute(
        "insert into api_key (id, digest, party, roles, scopes, agency, created_at, created_by, expires_at) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            name, _digest(secret), party, [str(role) for role in listed],
            sorted({str(scope) for scope in scopes}), agency, now, created_by, expires_at,
        ),
    )  # fmt: skip
    return NewKey(name, f"{_PREFIX}_{name}_{secret}", expires_at)


def revoke_key(cursor: Cursor[Any], key: str, now: datetime) -> bool:
    """End a key at once; False where there is none in force."""
    cursor.execute("update api_key set revoked_at = %s where id = %s and revoked_at is null", (now, key))
    return cursor.rowcount == 1


def caller_of(cursor: Cursor[Any], text: str, now: datetime) -> Caller | None:
    """Return whose key *text* is; None where it is none, or is not in force."""
    prefix, _, rest = text.partition("_")
    name, _, secret = rest.partition("_")
    if prefix != _PREFIX or not _NAME.fullmatch(name) or not secret or len(text) > 200:
        return None
    row = cursor.execute(
        "select digest, party, roles, scopes, agency from api_key "
        "where id = %s and revoked_at is null and expires_at > %s",
        (name, now),
    ).fetchone()
    if row is None or not hmac.compare_digest(row[0], _digest(secret)):
        return None
    return Caller(f"key:{name}", row[1], frozenset(map(Role, row[2])), frozenset(map(Right, row[3])), row[4])


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


__all__ = ["NewKey", "caller_of", "make_key", "revoke_key"]
