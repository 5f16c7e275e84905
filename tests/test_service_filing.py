"""Filing over HTTP: decided, stored, told; nothing lost, nothing twice."""

import json

import pytest

from greenlane.store import transfers
from greenlane.store.database import Viewer
from serving import World


def count(service: World, table: str) -> int:
    """Count the rows of a table as staff see them."""
    with service.desk.database.reading(Viewer()) as cursor:
        row = cursor.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_filing_is_decided_before_the_answer(service: World) -> None:
    """A receipt with a result for each consignment comes back, and each is there afterwards."""
    one, two = service.consignment(), service.consignment(scheme=None, scheme_id=None, value="400.00")
    results = service.file(one, two)
    assert [result["result"] for result in results] == ["accepted", "accepted"]
    assert (results[0]["tax"], results[0]["payable_at_border"], results[0]["phase"]) == (
        "8.36",
        "0.00",
        "lodged",
    )
    assert results[1]["status"] == "assessed" and float(results[1]["payable_at_border"]) > 0
    read = service.call("operator", "GET", f"/consignments/{one['consignment_id']}").json()
    assert read["outcome"]["total"] == "8.36"
    assert read["standing_against_release"] == []


def test_one_bad_record_rejects_no_other(service: World) -> None:
    """A record without a mandatory element is rejected with every finding and its fix; its neighbours are accepted."""
    bad = service.consignment(channel="by pigeon", currency=None)
    good = service.consignment()
    results = service.file(bad, good)
    assert [result["result"] for result in results] == ["rejected", "accepted"]
    paths = {finding["path"]: finding for finding in results[0]["findings"]}
    assert set(paths) == {"/channel", "/currency"}
    assert all(finding["fix"] for finding in paths.values())


def test_the_same_again_changes_nothing(service: World) -> None:
    """What is filed again with the same content is repeated: no event, no transfer, no second consignment."""
    one = service.consignment()
    service.file(one)
    before = (count(service, "consignment"), count(service, "event"), count(service, "transfer"))
    assert [result["result"] for result in service.file(one)] == ["repeated"]
    assert (count(service, "consignment"), count(service, "event"), count(service, "transfer")) == before


def test_other_content_is_an_amendment_and_the_money_follows(service: World) -> None:
    """An amendment is decided anew; what was owed is taken back exactly, what is owed now is posted."""
    one = service.consignment()
    service.file(one)
    changed = json.loads(json.dumps(one))
    changed["items"][0]["value"] = "60.00"
    result = service.file(changed)[0]
    assert (result["result"], result["tax"]) == ("amended", "12.16")
    with service.desk.database.reading(Viewer()) as cursor:
        row = cursor.execute(
            "select key from consignment where consignment_id = %s", (one["consignment_id"],)
        ).fetchone()
        assert row is not None
        posted = transfers.of_consignments(cursor, [row[0]])[row[0]]
        assert transfers.trial(cursor) == {"EUR": 0}
    owed = sum(t.amount for t in posted if t.kind == "obligation") - sum(
        t.amount for t in posted if t.kind == "reversal"
    )
    assert owed == 1216
    events = service.call("operator", "GET", f"/consignments/{one['consignment_id']}/events").json()["events"]
    assert [event["type"] for event in events] == ["filed", "amended"]


def test_a_corrected_address_is_an_amendment(service: World) -> None:
    """People's data count as content, though the decision doesn't read them."""
    one = service.consignment()
    service.file(one)
    changed = json.loads(json.dumps(one))
    changed["consignee"]["address"] = "3 Street"
    assert service.file(changed)[0]["result"] == "amended"


def test_an_id_twice_in_one_filing_is_filed_then_amended(service: World) -> None:
    """The later record of one filing stands; beside each other the two would be rows of one consignment."""
    one = service.consignment()
    other = json.loads(json.dumps(one))
    other["items"][0]["value"] = "50.00"
    results = service.file(one, service.consignment(), other)
    assert [result["result"] for result in results] == ["accepted", "accepted", "amended"]
    read = service.call("operator", "GET", f"/consignments/{one['consignment_id']}").json()
    assert read["outcome"]["intrinsic_value"] == "50.00"


def test_the_same_key_gives_the_same_answer(service: World) -> None:
    """Idempotency-Key: the same request the same bytes; another request 422; other callers are not touched."""
    one = service.consignment()
    first = service.call("operator", "POST", "/filings", [one], headers={"Idempotency-Key": "k-1"})
    again = service.call("operator", "POST", "/filings", [one], headers={"Idempotency-Key": "k-1"})
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.json()["accepted"] == 1
    other = service.call(
        "operator", "POST", "/filings", [service.consignment()], headers={"Idempotency-Key": "k-1"}
    )
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"
    theirs = service.call("other_operator", "POST", "/filings", [one], headers={"Idempotency-Key": "k-1"})
    assert theirs.json()["accepted"] == 1


def test_a_single_filing(service: World) -> None:
    """One consignment: 201 when new, 200 when repeated, 422 when intake refuses it, with its idempotency key too."""
    one = service.consignment()
    assert service.call("operator", "POST", "/consignments", one).status_code == 201
    assert service.call("operator", "POST", "/consignments", one).status_code == 200
    refused = service.call("operator", "POST", "/consignments", {"consignment_id": "X"})
    assert refused.status_code == 422 and refused.json()["result"] == "rejected"
    assert service.call("operator", "POST", "/consignments", b"{} {}").status_code == 400
    keyed = service.consignment()
    answers = [
        service.call("operator", "POST", "/consignments", keyed, headers={"Idempotency-Key": "s-1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


def test_a_large_filing_is_received_and_decided_afterwards(service: World) -> None:
    """A filing over the inline size gets 202 with a receipt; each record has its result soon after, read in pages."""
    lines = [json.dumps(service.consignment()).encode() for _ in range(30)]
    filler = b" " * service.settings.inline_bytes
    answer = service.call("operator", "POST", "/filings", b"\n".join([*lines, filler]))
    assert answer.status_code == 202
    number = answer.json()["filing"]
    found: list[str] = []
    cursor = None
    for _ in range(600):
        page = service.call(
            "operator", "GET", f"/filings/{number}/results", limit=7, **({"cursor": cursor} if cursor else {})
        ).json()
        found += [result["result"] for result in page["results"]]
        cursor = page["next"]
        if page["status"] == "done" and cursor is None:
            break
    assert found == ["accepted"] * 30
    with service.desk.database.connection() as connection:
        row = connection.execute("select body from filing where id = %s", (number,)).fetchone()
    assert row == (None,)


@pytest.mark.parametrize("form", ["csv", "parquet", "ndjson"])
def test_other_formats(service: World, tmp_path_factory: pytest.TempPathFactory, form: str) -> None:
    """CSV, Parquet and NDJSON of the contract are filed as JSON is."""
    from greenlane.sandbox import generate

    path = tmp_path_factory.mktemp("stream") / f"stream.{form}"
    generate(20, {"csv": 1, "parquet": 2, "ndjson": 3}[form], path)
    answer = service.call("operator", "POST", "/filings", path.read_bytes())
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 20


def test_an_operator_sees_its_own_alone(service: World) -> None:
    """Another party's consignment isn't there for an operator: in lists, by id, by filing, and in the database itself."""
    one = service.consignment()
    answer = service.call("operator", "POST", "/filings", [one]).json()
    name = one["consignment_id"]
    assert service.call("other_operator", "GET", f"/consignments/{name}").status_code == 404
    assert service.call("other_operator", "GET", f"/consignments/{name}", party="post-cn").status_code == 404
    assert service.call("other_operator", "GET", f"/filings/{answer['filing']}").status_code == 404
    with service.desk.database.reading(Viewer(party="market-x")) as cursor:
        assert cursor.execute("select count(*) from consignment where party = 'post-cn'").fetchone() == (0,)
    with service.desk.database.reading(Viewer(party="post-cn")) as cursor:
        assert cursor.execute(
            "select count(*) from consignment where consignment_id = %s", (name,)
        ).fetchone() == (1,)
    assert service.call("officer", "GET", f"/consignments/{name}", party="post-cn").status_code == 200


def test_split_orders_are_summed_over_filings(service: World) -> None:
    """What the same person receives on the same day counts together, whoever files it and when."""
    person = {"id": "P-SPLIT", "name": "B. Example", "country": "DE", "person": True}
    first = service.file(service.consignment(consignee=person, value="100.00"))[0]
    second = service.consignment(consignee=person, value="100.00")
    service.file(second, who="other_operator")
    read = service.call("other_operator", "GET", f"/consignments/{second['consignment_id']}").json()
    group = read["outcome"]["group"]
    assert (group["value"], group["count"], group["ordinal"]) == ("200.00", 2, 2)
    assert first["result"] == "accepted"


def test_limits_used_count_in_the_next_decision(service: World) -> None:
    """China's yearly limit: what the service has seen a person use this year fills in what the sender doesn't say."""
    person = {"id": "P-YEAR", "name": "C. Example", "country": "CN", "person": True}
    change = {
        "destination_country": "CN", "departure_country": "JP", "currency": "CNY", "channel": "bonded",
        "dataset": None, "programme": "CBEC", "scheme": None, "scheme_id": None, "consignee": person,
        "description": "face cream", "hs_code": "330499", "value": "4900.00", "freight": "0",
    }  # fmt: skip
    totals = [service.file(service.consignment(**change))[0] for _ in range(6)]
    assert {result["result"] for result in totals} == {"accepted"}
    assert [result["status"] for result in totals] == ["assessed"] * 5 + ["incomplete"]
    assert {result["total"] for result in totals[:5]} == {totals[0]["total"]}
    shown = service.call("operator", "GET", f"/consignments/{totals[5]['consignment_id']}").json()
    assert any(finding["code"].startswith("tariff.") for finding in shown["outcome"]["findings"])
