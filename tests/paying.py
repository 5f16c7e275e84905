"""Money over HTTP, for tests: file, pay, cover, declare, and look whether the book holds."""

from typing import Any

from greenlane.desk.money_check import check
from serving import World

NO_SCHEME: dict[str, Any] = {"scheme": None, "scheme_id": None}
SPECIAL: dict[str, Any] = {"scheme": "SPECIAL", "scheme_id": None}
JULY = "2026-07-02"


def filed(service: World, *, who: str = "operator", **changes: Any) -> dict[str, Any]:
    """File a parcel of July 2026 that has arrived, and return its result."""
    asked = {"declaration_date": JULY, **changes}
    result = service.file(service.consignment(**asked), who=who, stage="arrival")[0]
    assert result["result"] == "accepted", result
    return result


def post(service: World, who: str, path: str, body: dict[str, Any], status: int = 200, **params: Any) -> Any:
    """Call an endpoint that writes, and return its answer."""
    answer = service.call(who, "POST", path, body, **params)
    assert answer.status_code == status, answer.text
    return answer.json()


def paid(service: World, amount: str, reference: str, **more: Any) -> Any:
    """Register a payment for post-cn, in euro where nothing else is said."""
    body = {"party": "post-cn", "currency": "EUR", "amount": amount, "reference": reference, **more}
    return post(service, "officer", "/payments", body, 201)


def refused(service: World, who: str, path: str, body: dict[str, Any], **params: Any) -> str:
    """Call an endpoint that must refuse, and return the code of the finding, whose fix is told."""
    answer = service.call(who, "POST", path, body, **params)
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    error = answer.json()["errors"][0]
    assert error["fix"]
    return str(error["code"])


def shown(service: World, name: str) -> dict[str, Any]:
    """Return a consignment of post-cn as an officer sees it."""
    found: dict[str, Any] = service.call("officer", "GET", f"/consignments/{name}", party="post-cn").json()
    return found


def commanded(service: World, who: str, name: str, command: str, **fields: Any) -> Any:
    """Give a command on a consignment of post-cn that must be carried out."""
    party = {} if who == "operator" else {"party": "post-cn"}
    return post(service, who, f"/consignments/{name}/commands", {"command": command, **fields}, 200, **party)


def returned(service: World, name: str, number: int, **quantities: str) -> Any:
    """Declare a return of items, prove that they left, and approve the refund."""
    items = [{"item_id": item.lstrip("i"), "quantity": quantity} for item, quantity in quantities.items()]
    commanded(service, "operator", name, "declare_return", items=items, reason="not_wanted")
    commanded(service, "operator", name, "prove_export", returned=number, proof=f"EX{number}")
    return commanded(service, "officer", name, "approve_refund", returned=number)


def guarantee(service: World, id: str, amount: str, *, status: int = 201, **more: Any) -> Any:
    """Register a guarantee for post-cn, valid from 2020 to 2099 where nothing else is said."""
    body = {
        "id": id, "party": "post-cn", "guarantor": "BANK1", "amount": amount, "currency": "EUR",
        "valid_from": "2020-01-01", "valid_until": "2099-12-31", **more,
    }  # fmt: skip
    return post(service, "supervisor", "/guarantees", body, status)


def deferred(service: World, id: str, amount: str, **more: Any) -> Any:
    """Register a deferred payment account of carrier C1 for post-cn."""
    body = {
        "id": id, "party": "post-cn", "holder": "carrier/C1", "amount": amount, "currency": "EUR",
        "valid_from": "2020-01-01", "valid_until": "2099-12-31", **more,
    }  # fmt: skip
    return post(service, "supervisor", "/deferred-accounts", body, 201)


def balances(service: World, who: str = "auditor", **params: Any) -> dict[str, str]:
    """Return every balance that isn't zero, with its side."""
    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = service.call(who, "GET", "/accounts", limit=1000, **params, **more).json()
        found |= {
            one["account"]: f"{one['balance']} {one['side']}" for one in page["accounts"] if one["side"]
        }
        cursor = page["next"]
        if cursor is None:
            return found


def sound(service: World) -> None:
    """Hold the whole book to its own check, and its sum to zero."""
    made = check(service.desk.database)
    assert made.findings == ()
    assert not any(made.currencies.values())
