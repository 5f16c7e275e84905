"""Bearer tokens of an OpenID Connect issuer."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from greenlane.desk.caller import Caller, Right, Role
from greenlane.values.errors import UsageError

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
_OURS = "greenlane:"
_SUBJECT = re.compile("[\x21-\x7e]{1,90}")
_NAME = re.compile("[a-z0-9][a-z0-9-]{0,39}")
_FRESH_S = 300
_RETRY_S = 10
_TIMEOUT_S = 5


@dataclass(slots=True)
class Tokens:
    """Checks tokens of one issuer for one audience.

    Claims: ``sub`` names the actor, ``greenlane_party`` the party, ``greenlane_roles`` the roles, ``greenlane_agency``
    the agency, ``scope`` narrows the rights. A subject is up to 90 printed characters; let it name no person, for it
    stands in every event.
    """

    issuer: str
    audience: str
    keys: str
    clock: Callable[[], float] = time.monotonic
    _set: KeySet | None = None
    _read_at: float = 0.0
    _tried_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Refuse keys that would come over an open line.

        Raises:
            UsageError: They are neither a file nor an https address.
        """
        if "://" in self.keys and not self.keys.startswith("https://"):
            raise UsageError("oidc_keys is a JWKS file or an https address")

    def caller_of(self, text: str, now_s: int) -> Caller | None:
        """Return whose token *text* is; None where it isn't in force or says nothing that fits."""
        claims = self._claims(text, now_s)
        if claims is None:
            return None
        subject, party, roles = (claims.get(name) for name in ("sub", "greenlane_party", "greenlane_roles"))
        agency = claims.get("greenlane_agency")
        if not _fits(_SUBJECT, subject) or not _fits(_NAME, party) or not isinstance(roles, list):
            return None
        try:
            held = frozenset(Role(role) for role in roles)
        except (ValueError, TypeError):
            return None
        if not held or Role.SYSTEM in held or (Role.AGENCY in held) != _fits(_NAME, agency):
            return None
        words = {word for word in str(claims.get("scope", "")).split() if word.startswith(_OURS)}
        scopes = frozenset(Right(word.removeprefix(_OURS)) for word in words if _is_right(word))
        if words and not scopes:
            return None
        return Caller(f"token:{subject}", str(party), held, scopes, agency)

    def _claims(self, text: str, now_s: int) -> dict[str, Any] | None:
        for fresh in (False, True):
            keys = self._key_set(fresh)
            if keys is None:
                return None
            try:
                token = jwt.decode(text, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError, KeyError, TypeError):
                continue
            rules = jwt.JWTClaimsRegistry(
                now=now_s,
                leeway=30,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.audience},
                exp={"essential": True},
                sub={"essential": True},
            )
            try:
                rules.validate(token.claims)
            except JoseError:
                return None
            return dict(token.claims)
        return None

    def _key_set(self, fresh: bool) -> KeySet | None:
        """Return the issuer's keys; *fresh* asks again, at most once in ten seconds, for keys that are new."""
        now = self.clock()
        with self._lock:
            stale = self._set is None or now - self._read_at > _FRESH_S or fresh
            if stale and (self._set is None or now - self._tried_at > _RETRY_S):
                self._tried_at = now
                try:
                    self._set = KeySet.import_key_set(self._read())
                    self._read_at = now
                except (OSError, ValueError, TypeError, KeyError, httpx.HTTPError, JoseError):
                    return self._set
            return self._set

    def _read(self) -> Any:
        if self.keys.startswith("https://"):
            answer = httpx.get(self.keys, timeout=_TIMEOUT_S, follow_redirects=False)
            answer.raise_for_status()
            return answer.json()
        return json.loads(Path(self.keys).read_text(encoding="utf-8"))


def _is_right(word: str) -> bool:
    return word.removeprefix(_OURS) in set(Right)


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


__all__ = ["Tokens"]
