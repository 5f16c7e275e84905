"""Who may do what: every role on every endpoint, each party on what is another's, keys in force and not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from calling import ENDPOINTS, EXAMPLES, Endpoint, Things, call, named, things_of
from greenlane.desk.caller import RIGHTS, Right, Role
from greenlane.desk.keys import make_key, revoke_key
from greenlane.engine.context import Context
from serving import KEYS, World, world


@pytest.fixture(scope="module")
def open_service(postgres: str, law: Context) -> Iterator[World]:
    """A service that takes as many calls as these tests make."""
    limits = {"rate_per_minute": 100_000, "anonymous_per_minute": 100_000}
    with world(postgres, law, allow_private_webhooks=True, **limits) as made:
        yield made


@pytest.fixture(scope="module")
def things(open_service: World) -> Things:
    """What the party of ``operator`` has."""
    return things_of(open_service)


NOWHERE = "00000000-0000-4000-8000-000000000000"


def is_problem(answer: Any, status: int) -> bool:
    """Say whether an answer is a problem of a status."""
    told = answer.json()
    return (
        answer.status_code == told["status"] == status
        and answer.headers["content-type"] == "application/problem+json"
    )


def key(service: World, *roles: Role, scopes: tuple[Right, ...] = (), life: int = 1, party: str = "") -> str:
    """Make a key that is in force for some days from now; fewer than one: it has expired."""
    now = service.desk.clock.now()
    owner = party or ("post-cn" if Role.OPERATOR in roles else "administration")
    agency = "food" if Role.AGENCY in roles else None
    with service.desk.database.writing() as cursor:
        made = make_key(
            cursor, party=owner, roles=roles, scopes=scopes, agency=agency, created_by="test",
            now=now - timedelta(days=9), expires_at=now + timedelta(days=life),
        )  # fmt: skip
    return made.text


def test_every_endpoint_has_an_example() -> None:
    """Each endpoint is in the table of calls, and nothing else is."""
    assert {endpoint.name for endpoint in ENDPOINTS} == set(EXAMPLES)


def test_every_right_is_of_a_role() -> None:
    """Each right is somebody's, and none is the service's own."""
    assert set(RIGHTS) == set(Right)
    assert all(roles and Role.SYSTEM not in roles for roles in RIGHTS.values())


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_without_a_key(open_service: World, things: Things, endpoint: Endpoint) -> None:
    """Nobody gets in without a key, but to health, status, quotes and the OpenAPI document."""
    answer = call(open_service, None, endpoint, things)
    if endpoint.right is None:
        assert endpoint.name in {"GET /health", "GET /status", "POST /quotes", "GET /openapi.json"}
        assert answer.status_code == 200
    else:
        assert is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == 'Bearer realm="greenlane"'


@pytest.mark.parametrize("state", ["unknown", "wrong secret", "expired", "revoked", "no key at all"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_key_not_in_force(open_service: World, things: Things, endpoint: Endpoint, state: str) -> None:
    """An unknown, wrong, expired or revoked key gets 401 everywhere, even where no key is needed."""
    right = open_service.keys["operator"]
    match state:
        case "unknown":
            text = "gl_000000000000_" + "x" * 43
        case "wrong secret":
            text = right[:-1] + ("A" if right[-1] != "A" else "B")
        case "expired":
            text = key(open_service, Role.OPERATOR, life=-1)
        case "revoked":
            text = key(open_service, Role.OPERATOR)
            with open_service.desk.database.writing() as cursor:
                assert revoke_key(cursor, text.split("_")[1], open_service.desk.clock.now())
        case _:
            text = "hello"
    open_service.keys["not in force"] = text
    assert is_problem(call(open_service, "not in force", endpoint, things), 401)


@pytest.mark.parametrize("who", KEYS)
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_each_role(open_service: World, things: Things, endpoint: Endpoint, who: str) -> None:
    """A role with the right is served or told what is wrong with the request; any other gets 403."""
    answer = call(open_service, who, endpoint, things)
    if not set(KEYS[who][1]) & endpoint.roles:
        assert is_problem(answer, 403)
        assert answer.json()["detail"].startswith("this needs the right")
        return
    others = endpoint.example.owned and who in ("other_operator", "other_agency")
    if others or (endpoint.method == "DELETE" and not endpoint.example.owned):
        assert is_problem(answer, 404)
    else:
        assert answer.status_code in (200, 201, 204, 409), answer.text


OTHERS = [
    pytest.param(who, endpoint, id=f"{who} {endpoint.name}")
    for endpoint in ENDPOINTS
    for who in ("other_operator", "other_agency")
    if endpoint.example.owned and set(KEYS[who][1]) & endpoint.roles
]


@pytest.mark.parametrize(("who", "endpoint"), OTHERS)
def test_what_is_anothers_is_not_there(
    open_service: World, things: Things, who: str, endpoint: Endpoint
) -> None:
    """Another's thing and one that isn't there get the same answer, with its owner named and without."""
    nothing = Things(things.party, NOWHERE, "NOTHING", NOWHERE, "hook_nothing")
    for party in (True, False):
        theirs = call(open_service, who, endpoint, things, party=party)
        none = call(open_service, who, endpoint, nothing, party=party)
        assert is_problem(theirs, 404)
        assert theirs.content == none.content


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.right], ids=named)
def test_scopes_narrow(open_service: World, things: Things, endpoint: Endpoint) -> None:
    """A key whose scopes leave out the right gets 403 though its role has it; one with the scope is served."""
    assert endpoint.right is not None
    role = sorted(endpoint.roles)[0]
    other = Right.SANDBOX if endpoint.right is not Right.SANDBOX else Right.READ
    open_service.keys["scoped"] = key(open_service, role, scopes=(other,))
    assert is_problem(call(open_service, "scoped", endpoint, things), 403)
    open_service.keys["scoped"] = key(open_service, role, scopes=(endpoint.right,))
    assert call(open_service, "scoped", endpoint, things).status_code < 500
    answer = call(open_service, "scoped", endpoint, things)
    assert "this needs the right" not in answer.text


def test_a_scope_gives_no_right(open_service: World) -> None:
    """A scope that the role doesn't have is no right: an operator's key with the scope ``admin`` makes no party."""
    open_service.keys["scoped"] = key(open_service, Role.OPERATOR, scopes=(Right.ADMIN,))
    assert is_problem(open_service.call("scoped", "GET", "/parties"), 403)


def test_nobody_is_the_service(open_service: World) -> None:
    """No key is made with the service's own role, beside another or alone."""
    for roles in (["system"], ["operator", "system"]):
        wanted = {"party": "post-cn", "roles": roles, "expires_at": "2099-01-01T00:00:00Z"}
        assert is_problem(open_service.call("administrator", "POST", "/keys", wanted), 422)


def test_lists_hold_own_rows_alone(open_service: World, things: Things) -> None:
    """Lists and the queue show an operator its own, an agency what it was asked about, also when asked for another's."""
    theirs = things_of(open_service, "other_operator")
    for who, mine, not_mine in (("operator", things, theirs), ("other_operator", theirs, things)):
        for query in ({}, {"party": not_mine.party}):
            listed = open_service.call(who, "GET", "/consignments", limit=1000, **query).json()
            owners = {row["party"] for row in listed["consignments"]}
            assert owners == (set() if query else {mine.party})
        filings = open_service.call(who, "GET", "/filings", limit=1000).json()["filings"]
        assert mine.filing in {row["filing"] for row in filings}
        assert not_mine.filing not in {row["filing"] for row in filings}
    asked = open_service.call("agency", "GET", "/queue", limit=1000).json()["consignments"]
    assert {things.consignment, theirs.consignment} <= {row["consignment_id"] for row in asked}
    assert open_service.call("other_agency", "GET", "/queue").json()["consignments"] == []
    assert open_service.call("other_agency", "GET", "/consignments").json()["consignments"] == []
