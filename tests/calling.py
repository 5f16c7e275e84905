"""How each endpoint is called, by whom: one line an endpoint, so that a new one without a line fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from greenlane.desk.caller import RIGHTS, Right, Role
from greenlane.service.access import ANONYMOUS, RIGHT
from greenlane.service.app import HANDLERS
from serving import World

HOLD = {"command": "hold", "reason": "test"}
COMMANDS: dict[str, dict[str, Any]] = {
    "operator": {"command": "arrive"},
    "other_operator": {"command": "arrive"},
    "agency": {"command": "agency_decide", "agency": "food", "verdict": "clear"},
    "other_agency": {"command": "agency_decide", "agency": "plants", "verdict": "clear"},
}


@dataclass(frozen=True, slots=True)
class Example:
    """A call that fits an endpoint: its body, query and headers.

    ``owned``: the path names something of a party. ``spent``: the thing isn't there any more after the call.
    """

    body: Callable[[World, str], Any] = lambda world, who: None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    owned: bool = False
    spent: bool = False


def _json(body: Any) -> Callable[[World, str], Any]:
    return lambda world, who: body


def _key(world: World, who: str) -> Any:
    return {"party": "post-cn", "roles": ["operator"], "expires_at": "2099-01-01T00:00:00Z"}


def _money(**more: Any) -> Callable[[World, str], Any]:
    return lambda world, who: {
        "party": "post-cn", "amount": "1.00", "currency": "EUR", "reference": f"X-{who}", **more,
    }  # fmt: skip


def _cover(**more: Any) -> Callable[[World, str], Any]:
    return lambda world, who: {
        "id": f"X-{who}", "party": "post-cn", "amount": "9.00", "currency": "EUR", "valid_from": "2020-01-01",
        "valid_until": "2099-01-01", **more,
    }  # fmt: skip


_GUARANTEE, _ACCOUNT = "/guarantees/{number:str}", "/deferred-accounts/{number:str}"
MONEY: dict[str, Example] = {
    "POST /payments": Example(_money()),
    "GET /payments/{reference:str}": Example(query={"party": "post-cn"}, owned=True),
    "POST /payments/{reference:str}/withdrawal": Example(_json({"party": "post-cn"})),
    "POST /payouts": Example(_money(holder="party")),
    "POST /guarantees": Example(_cover(guarantor="B1")),
    "GET /guarantees": Example(),
    f"POST {_GUARANTEE}/increases": Example(_json({"amount": "1.00", "reference": "R1"})),
    f"POST {_GUARANTEE}/revocation": Example(),
    f"POST {_GUARANTEE}/draws": Example(lambda world, who: {"consignment_id": "C000001"}),
    "POST /deferred-accounts": Example(_cover(holder="carrier/C1")),
    "GET /deferred-accounts": Example(),
    f"POST {_ACCOUNT}/limit": Example(_json({"limit": "99.00"})),
    f"POST {_ACCOUNT}/revocation": Example(),
    f"GET {_ACCOUNT}/statements/{{month:str}}": Example(owned=True),
    "POST /consignments/{consignment_id:str}/cover": Example(_json({"guarantee": "N-post-cn"}), owned=True),
    "GET /returns": Example(),
    "GET /returns/{scheme:str}/{month:str}": Example(query={"holder": "seller/S1"}),
    "POST /returns/{scheme:str}/{month:str}": Example(_json({"holder": "seller/S1"})),
    "GET /accounts": Example(),
    "GET /accounts/statement": Example(
        query={"account": "cash", "first": "2020-01-01", "until": "2099-01-01"}, owned=True
    ),
    "GET /ledger/trial-balance": Example(),
    "GET /ledger/check": Example(),
}


def _cheese(world: World, who: str, **more: Any) -> Any:
    """File a consignment that the agency ``food`` is asked about, and name it."""
    one = world.consignment(description="wheat biscuits", hs_code="190531")
    world.file(one)
    return {"consignment_id": one["consignment_id"], "party": "post-cn", **more}


PURPOSES = {"operator": "correction", "other_operator": "correction", "auditor": "audit"}

EXAMPLES: dict[str, Example] = {
    "POST /filings": Example(lambda world, who: [world.consignment()]),
    "GET /filings": Example(),
    "GET /filings/{filing:uuid}": Example(owned=True),
    "GET /filings/{filing:uuid}/results": Example(owned=True),
    "POST /consignments": Example(lambda world, who: world.consignment()),
    "GET /consignments": Example(),
    "GET /queue": Example(),
    "GET /consignments/{consignment_id:str}": Example(owned=True),
    "GET /consignments/{consignment_id:str}/events": Example(owned=True),
    "GET /consignments/{consignment_id:str}/explanation": Example(owned=True),
    "GET /trade-documents": Example(),
    "GET /filings/{filing:uuid}/reply": Example(owned=True),
    "GET /consignments/{consignment_id:str}/reply": Example(owned=True),
    "POST /consignments/{consignment_id:str}/commands": Example(
        lambda world, who: COMMANDS.get(who, HOLD), owned=True
    ),
    "POST /consignments/{consignment_id:str}/redecision": Example(_json({"reason": "test"}), owned=True),
    "POST /quotes": Example(lambda world, who: world.consignment()),
    "GET /notices": Example(query={"proof": True}),
    "GET /notices/keys": Example(),
    "POST /webhooks": Example(lambda world, who: {"url": receiver(world)}),
    "GET /webhooks": Example(),
    "GET /webhooks/{webhook:str}": Example(owned=True),
    "DELETE /webhooks/{webhook:str}": Example(owned=True, spent=True),
    "POST /webhooks/{webhook:str}/enable": Example(owned=True),
    "POST /webhooks/{webhook:str}/replay": Example(_json({"from": 1, "to": 2}), owned=True),
    "GET /webhooks/{webhook:str}/failures": Example(owned=True),
    "POST /webhooks/{webhook:str}/test": Example(owned=True),
    "POST /parties": Example(_json({"id": "post-de", "name": "Post"})),
    "GET /parties": Example(),
    "PUT /agencies": Example(_json({"id": "toys", "name": "Toys", "prefixes": ["9503"]})),
    "POST /keys": Example(_key),
    "DELETE /keys/{key:str}": Example(),
    "POST /windows": Example(
        _json({"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-02T00:00:00Z", "words": "Update"})
    ),
    "PUT /sandbox/clock": Example(_json({"offset_s": 0})),
    "PUT /sandbox/outage": Example(_json({"seconds": 0})),
    "GET /health": Example(),
    "GET /status": Example(),
    "GET /metrics": Example(),
    "GET /openapi.json": Example(),
    "POST /consignments/{consignment_id:str}/documents": Example(
        lambda world, who: b"an invoice", {"kind": "invoice"}, {"Content-Type": "text/plain"}, owned=True
    ),
    "GET /consignments/{consignment_id:str}/documents": Example(owned=True),
    "GET /documents/{document:uuid}": Example(query={"purpose": "clearance"}, owned=True),
    **MONEY,
    "POST /persons/reveal": Example(
        lambda world, who: _cheese(world, who, purpose=PURPOSES.get(who, "clearance"), case="C-1"), owned=True
    ),
    "POST /persons/extract": Example(_json({"person": {"country": "DE", "id": "P1"}, "case": "S-1"})),
    "POST /persons/erase": Example(_json({"erase": "due"})),
    "GET /persons/erasures": Example(),
    "POST /persons/holds": Example(lambda world, who: _cheese(world, who, case="H-1")),
    "DELETE /persons/holds/{hold:uuid}": Example(),
    "POST /consignments/{consignment_id:str}/notes": Example(_json({"text": "Label torn."}), owned=True),
    "GET /audit": Example(),
    "POST /audit/anchor": Example(),
}
"""An example for each endpoint of the API."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path of the API, and the right that it needs; None: anybody may call it."""

    method: str
    path: str
    right: Right | None

    @property
    def name(self) -> str:
        """Method and path as the reference writes them."""
        return f"{self.method} {self.path}"

    @property
    def example(self) -> Example:
        """The call that fits it."""
        return EXAMPLES[self.name]

    @property
    def roles(self) -> frozenset[Role]:
        """Who may call it."""
        return frozenset(Role) if self.right is None else RIGHTS[self.right]


def endpoints() -> Iterator[Endpoint]:
    """Give every endpoint of the API, from the handlers themselves."""
    for handler in HANDLERS:
        right = handler.opt.get(RIGHT)
        assert isinstance(right, Right) != bool(handler.opt.get(ANONYMOUS)), handler
        for path in sorted(handler.paths):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield Endpoint(method, path, right)


ENDPOINTS = list(endpoints())


@dataclass(frozen=True, slots=True)
class Things:
    """What one party has in a world, as paths name it."""

    party: str
    filing: str
    consignment: str
    document: str
    webhook: str

    def path(self, endpoint: Endpoint) -> str:
        """Return a path with the names of these things in it."""
        names = {
            "{filing:uuid}": self.filing,
            "{consignment_id:str}": self.consignment,
            "{document:uuid}": self.document,
            "{webhook:str}": self.webhook,
            "{key:str}": "0123456789ab",
            "{reference:str}": f"M-{self.party}",
            "{number:str}": f"N-{self.party}",
            "{scheme:str}": "IOSS",
            "{month:str}": "2026-02",
            "{hold:uuid}": "00000000-0000-0000-0000-000000000000",
        }
        path = endpoint.path
        for word, name in names.items():
            path = path.replace(word, name)
        assert "{" not in path, f"no name is known for {path}"
        return path


def things_of(world: World, who: str = "operator") -> Things:
    """File a consignment of food, which the agency ``food`` is asked about."""
    one = world.consignment(description="wheat biscuits", hs_code="190531")
    receipt = world.call(who, "POST", "/filings", [one]).json()
    assert receipt["accepted"] == 1, receipt
    name = one["consignment_id"]
    document = world.call(
        who,
        "POST",
        f"/consignments/{name}/documents",
        b"%PDF-1.7",
        headers={"Content-Type": "application/pdf"},
    )
    assert document.status_code == 201, document.text
    party = "post-cn" if who == "operator" else "market-x"
    terms = {"party": party, "currency": "EUR", "valid_from": "2020-01-01", "valid_until": "2099-01-01"}
    for path, more in (
        ("/guarantees", {"id": f"N-{party}", "guarantor": "B1", "amount": "50.00"}),
        ("/deferred-accounts", {"id": f"N-{party}", "holder": "carrier", "amount": "50.00"}),
    ):
        assert world.call("supervisor", "POST", path, {**terms, **more}).status_code == 201
    paid = {"party": party, "currency": "EUR", "amount": "5.00", "reference": f"M-{party}"}
    assert world.call("officer", "POST", "/payments", paid).status_code == 201
    return Things(party, receipt["filing"], name, document.json()["id"], webhook_of(world, who))


def receiver(world: World) -> str:
    """Return the address of a receiver that nobody has registered: one at which nobody listens."""
    return f"http://127.0.0.1:9/{world.consignment()['consignment_id']}"


def webhook_of(world: World, who: str) -> str:
    """Register a webhook and return its id; the service must take private addresses."""
    made = world.call(who, "POST", "/webhooks", {"url": receiver(world)})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def named(endpoint: Endpoint) -> str:
    """Return the name of a test case."""
    return endpoint.name


def call(world: World, who: str | None, endpoint: Endpoint, things: Things, *, party: bool = True) -> Any:
    """Call an endpoint with its example, as the holder of a key of the world."""
    example = endpoint.example
    if example.spent and who == "operator":
        things = replace(things, webhook=webhook_of(world, who))
    query = dict(example.query)
    if party and "{consignment_id:str}" in endpoint.path:
        query["party"] = things.party
    body = example.body(world, who or "")
    sent = body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)
    return world.call(
        who, endpoint.method, things.path(endpoint), sent, headers=dict(example.headers), **query
    )
