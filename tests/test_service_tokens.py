"""Bearer tokens of an OpenID Connect issuer: who gets in with which, with keys made up here."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from greenlane.desk.caller import Right, Role
from greenlane.engine.context import Context
from greenlane.service.tokens import Tokens
from greenlane.values.errors import UsageError
from serving import World, world

ISSUER, AUDIENCE = "https://issuer.example", "greenlane"
NOW = 1_780_000_000
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
"""A key of somebody else, who calls it as the issuer calls its own."""


def claims(**changes: Any) -> dict[str, Any]:
    """Return sound claims with some changed; None leaves one out."""
    sound = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "client-7", "iat": NOW, "exp": NOW + 300,
        "greenlane_party": "post-cn", "greenlane_roles": ["operator"],
    }  # fmt: skip
    return {name: value for name, value in (sound | changes).items() if value is not None}


def token(key: Any = RSA, alg: str = "RS256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """Return a signed token."""
    head = {"alg": alg, "kid": key.kid} | (header or {})
    return jwt.encode(head, claims(**changes), key, algorithms=[alg])


def published(path: Path, *keys: Any) -> Path:
    """Write the public keys of an issuer to a file."""
    path.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)), encoding="utf-8")
    return path


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    """The check of tokens of the made-up issuer."""
    return Tokens(ISSUER, AUDIENCE, str(published(tmp_path / "keys.json", RSA, EC, ED)))


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA")], ids=lambda v: str(v)[:6]
)
def test_a_sound_token(tokens: Tokens, key: Any, alg: str) -> None:
    """A token of the issuer for this audience, in force, is its party's caller, named by its subject."""
    caller = tokens.caller_of(token(key, alg), NOW)
    assert caller is not None
    assert (caller.actor, caller.party, caller.roles) == ("token:client-7", "post-cn", {Role.OPERATOR})
    assert caller.may(Right.FILE) and not caller.may(Right.ADMIN)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"}, {"iss": None}, {"aud": "other"}, {"aud": None}, {"aud": ["other"]},
        {"exp": NOW - 31}, {"exp": None}, {"exp": "soon"}, {"nbf": NOW + 60}, {"sub": None}, {"sub": 7},
        {"sub": "a b"}, {"sub": "x" * 91},
        {"greenlane_party": "a\0b"},
        {"greenlane_party": None}, {"greenlane_party": 7}, {"greenlane_roles": None}, {"greenlane_roles": []},
        {"greenlane_roles": "operator"}, {"greenlane_roles": ["emperor"]}, {"greenlane_roles": [["operator"]]},
        {"greenlane_roles": ["system"]}, {"greenlane_roles": ["agency"]}, {"greenlane_agency": "food"},
        {"greenlane_roles": ["agency"], "greenlane_agency": 7}, {"iat": NOW + 600},
    ],
    ids=str,
)  # fmt: skip
def test_claims_that_do_not_do(tokens: Tokens, changes: dict[str, Any]) -> None:
    """Another issuer or audience, a token that isn't in force, and missing or wrong claims are nobody."""
    assert tokens.caller_of(token(**changes), NOW) is None


def test_several_audiences_and_an_agency(tokens: Tokens) -> None:
    """One of several audiences is enough; an agency's token names its agency."""
    assert tokens.caller_of(token(aud=["other", AUDIENCE]), NOW) is not None
    caller = tokens.caller_of(
        token(greenlane_roles=["agency"], greenlane_party="food-safety", greenlane_agency="food"), NOW
    )
    assert caller is not None and caller.agency == "food"


def shared_secret(secret: bytes) -> str:
    """Return a token signed by HMAC, as a library that checks keys would not sign it."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "rsa"}, claims())]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret, signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def test_signatures_that_do_not_do(tokens: Tokens) -> None:
    """No signature, one by a shared secret made of the public key, by another's key, or of a changed token: nobody."""
    sound = token()
    head, body, signature = sound.split(".")
    none = jwt.encode({"alg": "none"}, claims(), OctKey.generate_key(), algorithms=["none"])
    assert tokens.caller_of(none, NOW) is None
    assert tokens.caller_of(f"{head}.{body}.", NOW) is None
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode()):
        assert tokens.caller_of(shared_secret(secret), NOW) is None
    assert tokens.caller_of(token(OTHER), NOW) is None
    assert tokens.caller_of(token(OTHER, header={"jwk": OTHER.as_dict(private=False)}), NOW) is None
    assert tokens.caller_of(token(OTHER, header={"jku": "https://other.example/keys"}), NOW) is None
    other_body = token(greenlane_roles=["administrator"]).split(".")[1]
    assert tokens.caller_of(f"{head}.{other_body}.{signature}", NOW) is None
    for broken in ("a.b.c", "..", f"{sound}.x", sound[:-4], sound + "=", "\xff.\xff.\xff", "." * 200):
        assert tokens.caller_of(broken, NOW) is None
    assert tokens.caller_of(sound, NOW) is not None


def test_a_key_that_is_changed(tmp_path: Path) -> None:
    """A token by a new key gets in once the issuer's keys are read again, which is at most every ten seconds."""
    clock = [1000.0]
    path = published(tmp_path / "keys.json", RSA)
    tokens = Tokens(ISSUER, AUDIENCE, str(path), clock=lambda: clock[0])
    assert tokens.caller_of(token(), NOW) is not None
    assert tokens.caller_of(token(EC, "ES256"), NOW) is None
    published(path, EC)
    assert tokens.caller_of(token(EC, "ES256"), NOW) is None
    clock[0] += 11
    assert tokens.caller_of(token(EC, "ES256"), NOW) is not None
    assert tokens.caller_of(token(), NOW) is None
    path.unlink()
    clock[0] += 1000
    assert tokens.caller_of(token(EC, "ES256"), NOW) is not None


def test_keys_that_cannot_be_read(tmp_path: Path) -> None:
    """Without keys everybody is nobody; an open line for keys is refused at the start."""
    assert Tokens(ISSUER, AUDIENCE, str(tmp_path / "nothing.json")).caller_of(token(), NOW) is None
    for text in ("", "[]", "{}", '{"keys": 7}', '{"keys": [{"kty": "RSA"}]}'):
        path = tmp_path / "keys.json"
        path.write_text(text, encoding="utf-8")
        assert Tokens(ISSUER, AUDIENCE, str(path)).caller_of(token(), NOW) is None
    with pytest.raises(UsageError, match="https"):
        Tokens(ISSUER, AUDIENCE, "http://issuer.example/keys")


def test_scopes_narrow(tokens: Tokens) -> None:
    """Scopes of this service narrow the rights of the roles, those of others mean nothing here, and none adds a right."""
    narrow = tokens.caller_of(token(scope="openid greenlane:read email"), NOW)
    assert narrow is not None and narrow.may(Right.READ) and not narrow.may(Right.FILE)
    wide = tokens.caller_of(token(scope="openid greenlane:admin"), NOW)
    assert wide is not None and not wide.may(Right.ADMIN) and not wide.may(Right.FILE)
    assert (plain := tokens.caller_of(token(scope="openid"), NOW)) is not None and plain.may(Right.FILE)
    unknown = tokens.caller_of(token(scope="greenlane:everything"), NOW)
    assert unknown is None or not unknown.may(Right.FILE)


@pytest.fixture(scope="module")
def service_of_issuer(
    postgres: str, law: Context, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A service that takes tokens of the made-up issuer."""
    keys = published(tmp_path_factory.mktemp("issuer") / "keys.json", RSA)
    with world(postgres, law, oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_keys=str(keys)) as made:
        yield made


def test_tokens_over_http(service_of_issuer: World) -> None:
    """A token does what a key does; one of a party or agency that isn't registered, or of another issuer, is 401."""
    service = service_of_issuer
    now = int(time.time())

    def held(**changes: Any) -> str:
        return token(iat=now, exp=now + 300, **changes)

    one = service.consignment()
    service.keys["token"] = held()
    assert service.file(one, who="token")[0]["result"] == "accepted"
    assert service.call("operator", "GET", f"/consignments/{one['consignment_id']}").status_code == 200
    events = service.call("officer", "GET", f"/consignments/{one['consignment_id']}/events", party="post-cn")
    assert events.json()["events"][0]["actor"] == "token:client-7"
    for changes in (
        {"greenlane_party": "nobody"}, {"iss": "https://other.example"}, {"sub": "x" * 10, "aud": "other"},
        {"greenlane_roles": ["agency"], "greenlane_agency": "nobody"},
    ):  # fmt: skip
        service.keys["token"] = held(**changes)
        assert service.call("token", "GET", "/consignments").status_code == 401
    service.keys["token"] = held(greenlane_roles=["auditor"], greenlane_party="administration")
    assert service.call("token", "POST", "/filings", [one]).status_code == 403
