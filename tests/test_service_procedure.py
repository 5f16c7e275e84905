"""The procedure over HTTP: who may do what when, what follows by itself, what others see of it."""

from typing import Any

import pytest

from serving import World


def give(service: World, who: str, name: str, command: str, **fields: Any) -> Any:
    """Give a command on a consignment of post-cn."""
    party = {} if who in ("operator", "other_operator") else {"party": "post-cn"}
    return service.call(
        who, "POST", f"/consignments/{name}/commands", {"command": command, **fields}, **party
    )


def done(service: World, who: str, name: str, command: str, **fields: Any) -> dict[str, Any]:
    """Give a command that must be carried out, and return where the consignment stands."""
    answer = give(service, who, name, command, **fields)
    assert answer.status_code == 200, answer.text
    moved: dict[str, Any] = answer.json()
    return moved


def refused(service: World, who: str, name: str, command: str, **fields: Any) -> tuple[int, str]:
    """Give a command that must be refused, and return status and code."""
    answer = give(service, who, name, command, **fields)
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json()["errors"]
    return answer.status_code, errors[0]["code"] if errors else ""


def filed(service: World, **changes: Any) -> str:
    """File a consignment and return its id."""
    one = service.consignment(**changes)
    assert service.file(one)[0]["result"] == "accepted"
    return str(one["consignment_id"])


def types(service: World, name: str) -> list[str]:
    """Return the types of a consignment's events."""
    answer = service.call("officer", "GET", f"/consignments/{name}/events", party="post-cn").json()
    return [event["type"] for event in answer["events"]]


def test_low_risk_is_released_on_arrival(service: World) -> None:
    """Decided before arrival, released by itself when the arrival is reported; never a second time."""
    name = filed(service)
    moved = done(service, "operator", name, "arrive")
    assert moved["phase"] == "released"
    assert [event["type"] for event in moved["events"]] == ["arrived", "released"]
    assert refused(service, "officer", name, "release", reason="again")[0] == 409
    assert types(service, name).count("released") == 1


def test_filed_at_arrival_is_released_at_once(service: World) -> None:
    """Goods that are here when they are filed are released with the answer."""
    result = service.file(service.consignment(), stage="arrival")[0]
    assert (result["disposition"], result["phase"]) == ("release", "released")


def test_a_hold_keeps_the_goods_until_it_is_lifted(service: World) -> None:
    """An officer holds; arrival doesn't release; lifting does; an operator may do neither."""
    name = filed(service)
    assert refused(service, "operator", name, "hold", reason="mine")[0] == 403
    assert done(service, "officer", name, "hold", reason="doubt")["phase"] == "held"
    assert done(service, "operator", name, "arrive")["phase"] == "held"
    shown = service.call("officer", "GET", f"/consignments/{name}", party="post-cn").json()
    assert shown["standing_against_release"] == ["hold 1"]
    assert done(service, "officer", name, "lift_hold", hold=1, reason="clear")["phase"] == "released"


def test_a_request_for_information_and_its_answer(service: World) -> None:
    """A request is open until an officer closes it; the answer alone releases nothing."""
    name = filed(service)
    done(
        service,
        "officer",
        name,
        "refer",
        kind="request_information",
        reason="value",
        elements=["items.value"],
    )
    assert done(service, "operator", name, "arrive")["phase"] == "referred"
    assert done(service, "operator", name, "answer", referral=1, documents=["D-1"])["phase"] == "referred"
    assert (
        done(service, "officer", name, "close_referral", referral=1, reason="answered")["phase"] == "released"
    )


def test_screening_and_do_not_load(service: World) -> None:
    """Screening is answered with methods and a result; an order not to load stands against loading."""
    name = filed(service)
    done(service, "officer", name, "refer", kind="request_screening", reason="threat", methods=["XRY", "ETD"])
    shown = service.call("operator", "GET", f"/consignments/{name}").json()
    assert shown["may_load"] is False
    done(service, "operator", name, "answer", referral=1, methods=["XRY", "ETD"], result="no_threat")
    done(service, "officer", name, "close_referral", referral=1, reason="no_threat")
    assert service.call("operator", "GET", f"/consignments/{name}").json()["may_load"] is True
    done(service, "officer", name, "refer", kind="do_not_load", reason="threat")
    assert refused(service, "operator", name, "answer", referral=2, documents=["D"])[0] == 409
    assert done(service, "operator", name, "depart")["phase"] == "held"


def test_an_inspection_with_its_finding(service: World) -> None:
    """Ordered with a channel, found conform with the reference of its image, then released; a discrepancy holds."""
    name = filed(service)
    done(service, "officer", name, "order_inspection", channel="scan", reason="sample")
    assert done(service, "operator", name, "arrive")["phase"] == "under_inspection"
    moved = done(service, "officer", name, "record_finding", inspection=1, finding="conform", scan="IMG-1")
    assert moved["phase"] == "released"
    other = filed(service)
    done(service, "officer", other, "order_inspection", channel="physical", reason="sample")
    done(service, "operator", other, "arrive")
    moved = done(
        service, "officer", other, "record_finding", inspection=1, finding="prohibited", scan="IMG-2"
    )
    assert moved["phase"] != "released"


def test_a_seizure_is_ended_by_two_persons(service: World) -> None:
    """One officer proposes, another approves; the same one can't do both."""
    name = filed(service)
    assert done(service, "officer", name, "seize", reason="counterfeit")["phase"] == "seized"
    assert refused(service, "officer", name, "release", reason="mistake")[0] == 409
    done(service, "officer", name, "propose_seizure_release", reason="genuine")
    assert refused(service, "officer", name, "approve_seizure_release") == (409, "clearance.second_person")
    assert done(service, "other_officer", name, "approve_seizure_release")["phase"] != "seized"


def test_agencies_have_their_own_say(service: World) -> None:
    """Food is shown to the agency that asks for it, which sees nothing else; released when all agree."""
    name = filed(service, description="cheese, matured", hs_code="040690")
    hidden = filed(service)
    assert done(service, "operator", name, "arrive")["phase"] != "released"
    seen = service.call("agency", "GET", "/queue").json()["consignments"]
    assert name in {row["consignment_id"] for row in seen}
    assert hidden not in {row["consignment_id"] for row in seen}
    assert service.call("agency", "GET", f"/consignments/{hidden}", party="post-cn").status_code == 404
    assert service.call("other_agency", "GET", f"/consignments/{name}", party="post-cn").status_code == 404
    assert give(service, "agency", name, "agency_decide", agency="plants", verdict="clear").status_code == 403
    shown = service.call("officer", "GET", f"/consignments/{name}", party="post-cn").json()
    assert shown["standing_against_release"] == ["agency food has not decided"]
    moved = done(service, "agency", name, "agency_decide", agency="food", verdict="clear", permit="PERMIT-1")
    assert moved["phase"] == "released"


def test_refusal_objection_and_review(service: World) -> None:
    """An officer refuses; the operator objects in time; another reverses; a new decision follows from kept facts."""
    name = filed(service)
    assert done(service, "officer", name, "refuse", reason="prohibited")["phase"] == "refused"
    done(service, "operator", name, "object", grounds="not_prohibited", documents=["D-1"])
    assert refused(service, "officer", name, "review", result="reverse", reason="wrong")[0] == 403
    done(service, "supervisor", name, "review", result="reverse", reason="wrong")
    answer = service.call(
        "officer", "POST", f"/consignments/{name}/redecision", {"reason": "after_review"}, party="post-cn"
    )
    assert answer.status_code == 200, answer.text
    assert done(service, "operator", name, "arrive")["phase"] == "released"
    again = refused(service, "operator", name, "cancel", reason="late")
    assert again[0] == 409


def test_cancelled_before_release_and_nothing_is_owed(service: World) -> None:
    """A withdrawal ends the procedure and takes back what was owed."""
    from greenlane.ledger import standing
    from greenlane.store import transfers
    from greenlane.store.database import Viewer

    name = filed(service)
    assert done(service, "operator", name, "cancel", reason="order_cancelled")["phase"] == "cancelled"
    with service.desk.database.reading(Viewer()) as cursor:
        row = cursor.execute("select key from consignment where consignment_id = %s", (name,)).fetchone()
        assert row is not None
        assert standing(transfers.of_consignments(cursor, [row[0]])[row[0]]) == []
    assert service.file(service.consignment(consignment_id=name))[0]["result"] == "refused"


def test_returned_after_release(service: World) -> None:
    """Declared item by item, never more than was filed; proof of export; then the refund is approved."""
    name = filed(service)
    done(service, "operator", name, "arrive")
    too_much = refused(
        service, "operator", name, "declare_return", items=[{"item_id": "1", "quantity": "6"}], reason="size"
    )
    assert too_much == (409, "clearance.return_quantity")
    done(
        service, "operator", name, "declare_return", items=[{"item_id": "1", "quantity": "2"}], reason="size"
    )
    assert refused(service, "officer", name, "approve_refund", returned=1) == (409, "clearance.not_exported")
    done(service, "operator", name, "prove_export", returned=1, proof="MRN-1")
    assert done(service, "officer", name, "approve_refund", returned=1)["phase"] == "released"


@pytest.mark.parametrize(
    ("text", "disposition", "phase"),
    [
        ("TEST RELEASE", "release", "lodged"),
        ("TEST RFI", "request_information", "referred"),
        ("TEST RFS", "request_screening", "referred"),
        ("TEST INSPECT", "inspect", "under_inspection"),
        ("TEST HOLD", "hold", "held"),
        ("TEST DNL", "do_not_load", "referred"),
        ("TEST REFUSE", "refuse", "held"),
    ],
)
def test_test_codes_force_the_outcome(service: World, text: str, disposition: str, phase: str) -> None:
    """In a sandbox words in the description force each disposition; an automatic refusal is a hold for a human."""
    result = service.file(service.consignment(description=f"{text} please"))[0]
    assert (result["disposition"], result["phase"]) == (disposition, phase)


def test_the_queue_is_ordered_by_deadline(service: World) -> None:
    """What is nearest to its deadline comes first, pages join without gap or repeat, released goods aren't there."""
    names = [filed(service, description="TEST HOLD lamp") for _ in range(3)]
    arrives = ["2027-03-03T12:00:00Z", "2027-03-01T12:00:00Z", "2027-03-02T12:00:00Z"]
    early = [service.consignment(description="TEST HOLD vase") for _ in arrives]
    for one, at in zip(early, arrives, strict=True):
        service.file(one, arrives_at=at)
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = service.call(
            "officer", "GET", "/queue", limit=4, **({"cursor": cursor} if cursor else {})
        ).json()
        found += page["consignments"]
        cursor = page["next"]
        if cursor is None:
            break
    listed = [row["consignment_id"] for row in found]
    assert len(listed) == len(set(listed))
    deadlines = [row["deadline"] for row in found]
    known = [at for at in deadlines if at is not None]
    assert known == sorted(known) and deadlines == known + [None] * (len(deadlines) - len(known))
    order = [listed.index(one["consignment_id"]) for one in early]
    assert order[1] < order[2] < order[0]
    assert set(names) <= set(listed)


def test_commands_are_idempotent_by_key(service: World) -> None:
    """The same command with the same key is carried out once and answered twice."""
    name = filed(service)
    path = f"/consignments/{name}/commands"
    answers = [
        service.call("operator", "POST", path, {"command": "arrive"}, headers={"Idempotency-Key": "a-1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert types(service, name).count("arrived") == 1


def test_each_decision_is_explained_from_kept_facts(service: World) -> None:
    """The steps with their articles come out again as they were stored, without any person's data."""
    name = filed(service)
    told = service.call("officer", "GET", f"/consignments/{name}/explanation", party="post-cn").json()
    assert told["same"] is True
    assert any("369" in (step.get("law") or "") for step in told["steps"])
