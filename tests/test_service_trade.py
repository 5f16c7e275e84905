"""Orders, payments, waybills and inventories of several parties: kept, compared, told to both sides, goods held."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import trading
from greenlane.desk.bodies import open_body
from greenlane.engine.context import Context
from greenlane.messages import ceb
from greenlane.store.database import Viewer
from greenlane.tariff import TariffBook
from greenlane.tariff.goods_list import Entry, GoodsList
from serving import World, world

MEDIA = "application/vnd.chinaport.ceb+xml"
PAPERS = ("311", "411", "511")


def trade(service: World, **changes: Mapping[str, str]) -> dict[str, bytes]:
    """The four messages of one made-up purchase of tea, numbers of its own; *changes* by message, as ``m311``."""
    name = service.consignment()["consignment_id"]
    own = {
        "311": {
            "orderNo": f"O-{name}",
            "payTransactionId": f"P-{name}",
            "goodsValue": "100.00",
            "acturalPaid": "139.12",
        },
        "411": {"orderNo": f"O-{name}", "payTransactionId": f"P-{name}", "amountPaid": "139.12"},
        "511": {"orderNo": f"O-{name}", "logisticsNo": f"W-{name}"},
        "621": {"orderNo": f"O-{name}", "logisticsNo": f"W-{name}", "copNo": name},
    }
    made = {}
    for kind, (head, lines) in trading.SAMPLES.items():
        if kind in own:
            said = {**head, **own[kind], **changes.get(f"m{kind}", {})}
            made[kind] = trading.message(kind, trading.business(kind, said, lines[-1:]))
    return made


def send(service: World, data: bytes, who: str = "operator") -> dict[str, Any]:
    """File one message and return its only result."""
    answer = service.call(who, "POST", "/filings", data, headers={"Content-Type": MEDIA})
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    found: dict[str, Any] = result
    return found


def failed(result: dict[str, Any]) -> set[str]:
    """The codes of the comparison among the findings of a result, without their family."""
    start = "messages.ceb.match."
    return {f["code"].removeprefix(start) for f in result["findings"] if f["code"].startswith(start)}


def documents(service: World, who: str, order: str, **more: Any) -> dict[str, dict[str, Any]]:
    """What a party reads of its documents of an order, by kind."""
    told = service.call(who, "GET", "/trade-documents", limit=1000, **more).json()["documents"]
    return {one["kind"]: one for one in told if one["order_number"] == order}


def settled(service: World, name: str, phase: str) -> dict[str, Any]:
    """Return a consignment once it stands in a phase."""
    for _ in range(100):
        told: dict[str, Any] = service.call("operator", "GET", f"/consignments/{name}").json()
        if told["phase"] == phase:
            return told
        time.sleep(0.1)
    raise AssertionError(f"it stands in {told['phase']}")


def test_what_agrees_is_not_held(service: World) -> None:
    """Order, payment and waybill first, then the inventory: every check holds, and nothing of it holds the goods."""
    made = trade(service)
    for kind in PAPERS:
        result = send(service, made[kind])
        assert result["result"] == "accepted" and result["document"], result
    result = send(service, made["621"])
    assert result["result"] == "accepted" and not failed(result), failed(result)
    order = f"O-{result['consignment_id']}"
    own = documents(service, "operator", order)
    assert {kind: one["status"] for kind, one in own.items()} == {
        "order": "agrees", "payment": "agrees", "waybill": "agrees", "inventory": "agrees",
    }  # fmt: skip
    assert result["phase"] == "lodged", (result["reasons"], result["findings"])


def test_an_inventory_waits_for_what_it_names(service: World) -> None:
    """Without order, payment and waybill the goods are held; they go on by themselves when other parties send them."""
    made = trade(service)
    result = send(service, made["621"])
    name = result["consignment_id"]
    assert failed(result) == {"order_absent", "payment_absent", "waybill_absent"}
    assert (result["phase"], result["disposition"]) == ("held", "hold")
    for kind in PAPERS:
        assert send(service, made[kind], "other_operator")["result"] == "accepted"
    shown = settled(service, name, "lodged")
    assert not [f for f in shown["outcome"]["findings"] if "match" in f["code"]]
    events = service.call("operator", "GET", f"/consignments/{name}/events").json()["events"]
    assert [one["type"] for one in events if "hold" in one["type"] or one["type"] == "held"] == [
        "held", "hold_lifted",
    ]  # fmt: skip
    assert {one["status"] for one in documents(service, "other_operator", f"O-{name}").values()} == {"agrees"}
    statuses = service.call(
        "operator", "GET", f"/consignments/{name}/reply", headers={"Accept": "application/json"}
    ).json()["answers"]
    assert [one["kind"] for one in statuses] == ["120", "300", "399"]


def test_both_sides_are_told_each_in_its_own_document(service: World) -> None:
    """A payment that isn't the order's: platform, payer's provider and declarant read the check, each its own place."""
    made = trade(service, m411={"amountPaid": "1.00", "payerName": "Another Buyer"})
    for kind in PAPERS:
        send(service, made[kind], "other_operator")
    result = send(service, made["621"])
    order = f"O-{result['consignment_id']}"
    assert failed(result) == {"paid", "payer"} and result["phase"] == "held"
    theirs = documents(service, "other_operator", order)
    places = {
        kind: {one["check"]: one["path"] for one in document["failed"]} for kind, document in theirs.items()
    }
    assert places == {
        "order": {
            "buyer_is_payer": "/CEB311Message/Order/OrderHead/buyerName",
            "amount_paid": "/CEB311Message/Order/OrderHead/acturalPaid",
        },
        "payment": {
            "buyer_is_payer": "/CEB411Message/Payment/PaymentHead/payerName",
            "amount_paid": "/CEB411Message/Payment/PaymentHead/amountPaid",
        },
        "waybill": {},
    }
    own = documents(service, "operator", order)
    assert list(own) == ["inventory"] and len(own["inventory"]["failed"]) == 2
    assert documents(service, "other_operator", order, failed=True).keys() == {"order", "payment"}
    french = service.call(
        "other_operator", "GET", "/trade-documents", failed=True, headers={"Accept-Language": "fr"}
    )
    assert french.headers["content-language"] == "fr"
    assert "acheté" in str(french.json()) or "acheteur" in str(french.json())


def test_a_corrected_document_lets_the_goods_go_and_a_changed_one_holds_them(service: World) -> None:
    """The sender amends its payment and the hold ends; it spoils it again and the goods are held anew."""
    made = trade(service)
    name = trading_name(made)
    send(service, made["311"], "other_operator")
    send(service, made["511"], "other_operator")
    wrong = made["411"].replace(b"139.12", b"139.10")
    assert send(service, wrong, "other_operator")["result"] == "accepted"
    assert failed(send(service, made["621"])) == {"paid"}
    assert send(service, made["411"], "other_operator")["result"] == "amended"
    assert send(service, made["411"], "other_operator")["result"] == "repeated"
    settled(service, name, "lodged")
    assert send(service, wrong, "other_operator")["result"] == "amended"
    settled(service, name, "held")
    assert send(service, made["411"].replace(b"<ceb:appType>1", b"<ceb:appType>3"), "other_operator")[
        "result"
    ] == ("amended")
    for _ in range(100):
        told = documents(service, "operator", f"O-{name}")["inventory"]["failed"]
        if {one["check"] for one in told} == {"payment_exists"}:
            break
        time.sleep(0.1)
    assert {one["check"] for one in told} == {"payment_exists"}


def trading_name(made: Mapping[str, bytes]) -> str:
    """The consignment that an inventory declares."""
    (document,) = ceb.documents_of(ceb.read(made["621"]))
    return document.get("copNo")


def test_a_corrected_inventory_ends_its_hold(service: World) -> None:
    """A declarant that names the wrong freight amends it; the amendment ends the hold and no other."""
    made = trade(service)
    for kind in PAPERS:
        send(service, made[kind])
    wrong = made["621"].replace(b"<ceb:freight>20<", b"<ceb:freight>21<")
    result = send(service, wrong)
    assert failed(result) == {"freight"} and result["phase"] == "held"
    again = send(service, made["621"])
    assert (again["result"], again["phase"], failed(again)) == ("amended", "lodged", set())
    spoiled = send(service, wrong)
    assert (spoiled["result"], spoiled["phase"], failed(spoiled)) == ("amended", "held", {"freight"})


def test_an_order_is_declared_once(service: World) -> None:
    """A second inventory of the same order is held; the first one stands; another party can't take the order over."""
    made = trade(service)
    for kind in PAPERS:
        send(service, made[kind])
    first = send(service, made["621"])
    name = first["consignment_id"]
    second = made["621"].replace(f">{name}<".encode(), f">{name}B<".encode())
    result = send(service, second)
    assert failed(result) == {"order_used"} and result["phase"] == "held"
    assert service.call("operator", "GET", f"/consignments/{name}").json()["phase"] == "lodged"
    taken = send(service, made["311"], "other_operator")
    assert taken["result"] == "refused"
    assert taken["findings"][0]["code"] == "filing.document_of_another"


def test_the_guarantee_of_the_inventory_is_looked_at(service: World) -> None:
    """The enterprise that guarantees the taxes has a balance here: too little of it holds the goods, enough doesn't."""
    guarantor = f"G{trading_name(trade(service))}"
    wanted = {
        "id": guarantor, "party": "post-cn", "guarantor": "BANK", "amount": "1.00", "currency": "CNY",
        "valid_from": "2020-01-01", "valid_until": "2099-01-01",
    }  # fmt: skip
    assert service.call("supervisor", "POST", "/guarantees", wanted).status_code == 201
    for raised, expected in ((None, {"guarantee"}), ("1000.00", set())):
        if raised:
            more = {"amount": raised, "reference": "raised"}
            answer = service.call("supervisor", "POST", f"/guarantees/{guarantor}/increases", more)
            assert answer.status_code in (200, 201), answer.text
        made = trade(service, m621={"assureCode": guarantor})
        for kind in PAPERS:
            send(service, made[kind])
        assert failed(send(service, made["621"])) == expected


def test_what_a_person_bought_this_year_counts(service: World) -> None:
    """Six purchases of 4,400 yuan are 26,400: the sixth is above the limit of the year, by the service's own register."""
    buyer = {"buyerIdNumber": "990101198811110034", "buyerName": "Example Yearly"}
    for count in range(1, 7):
        made = trade(
            service,
            m311={**buyer, "goodsValue": "4380.00", "acturalPaid": "4419.12"},
            m411={
                "payerIdNumber": buyer["buyerIdNumber"],
                "payerName": "Example Yearly",
                "amountPaid": "4419.12",
            },
            m621=buyer,
        )
        for kind in PAPERS:
            send(service, made[kind])
        line = b"<ceb:price>200</ceb:price><ceb:totalPrice>100<"
        dear = b"<ceb:price>8760</ceb:price><ceb:totalPrice>4380<"
        assert line in made["621"]
        result = send(service, made["621"].replace(line, dear))
        above = {"limit_year"} if count == 6 else set()
        assert failed(result) - {"identity", "identity_digit"} == above, (count, result["findings"])


def test_nothing_personal_is_kept_of_documents(service: World) -> None:
    """Of what the parties sent the database holds sealed pseudonyms: no name, number or address."""
    made = trade(service)
    for kind in (*PAPERS, "621"):
        send(service, made[kind])
    with service.desk.database.connection() as connection:
        dumped = "\n".join(
            str(row[0])
            for row in connection.execute("select to_jsonb(t)::text from trade_document t").fetchall()
        )
        found = connection.execute("select id, body from trade_document").fetchall()
    opened = b"\n".join(open_body(body, id, service.desk.masters) for id, body in found)
    for word in (trading.BUYER_ID, "Example Buyer", "Example Receiver", "Example Road"):
        assert word not in dumped and word.encode() not in opened, word
    assert b"Example Market" in opened


def test_a_return_message_declares_the_return_and_the_tax_goes_back(service: World) -> None:
    """After release a 625 declares half of the goods as returned, once; approved, the ledger gives back its half."""
    made = trade(service)
    name = trading_name(made)
    for kind in (*PAPERS, "621"):
        send(service, made[kind])
    path = f"/consignments/{name}"
    refund = {**trading.REFUND, "orderNo": f"O-{name}", "copNo": f"R-{name}"}
    line = {"gnum": "2", "gcode": "0902109000", "gname": "green tea", "qty": "0.250", "unit": "035"}
    back = trading.message("625", trading.business("625", refund, [line]))
    early = send(service, back)
    assert early["result"] == "refused" and early["findings"][0]["code"].startswith("clearance.")
    for command in ("depart", "arrive"):
        service.call("operator", "POST", f"{path}/commands", {"command": command})
    assert service.call("operator", "GET", path).json()["phase"] == "released"
    unknown = send(service, back.replace(b"0902109000", b"0902209000"))
    assert unknown["findings"][0]["path"] == "/CEB625Message/InvtRefund/InvtRefundList/gcode"
    foreign = send(service, back, "other_operator")
    assert foreign["findings"][0]["code"] == "filing.return_without_inventory"
    assert [send(service, back)["result"] for _ in range(2)] == ["accepted", "repeated"]
    proof = {"command": "prove_export", "returned": 1, "proof": "EX1"}
    assert service.call("operator", "POST", f"{path}/commands", proof).status_code == 200
    approval = {"command": "approve_refund", "returned": 1}
    assert service.call("officer", "POST", f"{path}/commands", approval, party="post-cn").status_code == 200
    sums: dict[str, int] = {}
    with service.desk.database.reading(Viewer()) as cursor:
        for kind, amount in cursor.execute(
            "select t.kind, t.amount from transfer t join consignment c on c.key = t.key where c.consignment_id = %s",
            (name,),
        ).fetchall():
            sums[kind] = sums.get(kind, 0) + amount
    assert sums == {"obligation": 1092, "refund": 546}
    asked = {"Accept": "application/json"}
    told = service.call("operator", "GET", f"{path}/reply", headers=asked).json()["answers"]
    assert [one["kind"] for one in told] == ["120", "800", "120", "399"]
    last = service.call("operator", "GET", f"{path}/reply").content
    assert ceb.read(last).kind == "626"


def test_messages_that_nobody_files_are_refused(service: World) -> None:
    """A warehouse message is no filing: it is rejected in words, not passed over."""
    result = send(service, trading.sample("711"))
    assert (result["result"], result["findings"][0]["code"]) == ("rejected", "filing.message_not_taken")


def test_documents_that_come_at_once_meet(service: World) -> None:
    """Four parties' messages of ten purchases, all at the same moment and in any order: every inventory ends unheld."""
    many = [trade(service) for _ in range(10)]
    calls = [
        (data, "operator" if kind == "621" else "other_operator")
        for made in many
        for kind, data in made.items()
    ]
    Random(7).shuffle(calls)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda call: send(service, *call), calls))
    assert {one["result"] for one in results} == {"accepted"}
    for made in many:
        settled(service, trading_name(made), "lodged")


def test_what_goods_were_released_on_stays(service: World) -> None:
    """After release neither order nor payment is changed or taken back, so that nothing pays twice."""
    made = trade(service)
    for kind in (*PAPERS, "621"):
        send(service, made[kind])
    path = f"/consignments/{trading_name(made)}"
    for command in ("depart", "arrive"):
        service.call("operator", "POST", f"{path}/commands", {"command": command})
    assert service.call("operator", "GET", path).json()["phase"] == "released"
    for changed in (
        made["411"].replace(b"O-C", b"O-X"),
        made["311"].replace(b"<ceb:appType>1", b"<ceb:appType>3"),
    ):
        result = send(service, changed)
        assert result["result"] == "refused"
        assert result["findings"][0]["code"] == "filing.document_used"
    assert send(service, made["411"])["result"] == "repeated"


def test_goods_off_the_retail_list_are_held(postgres: str, law: Context) -> None:
    """Where the list of retail imports is loaded, a code that isn't on it fails the check; the platform may not help."""
    day = date(2016, 4, 8)
    listing = GoodsList("cn-retail-list", "list", "MOF", day, None, day, (Entry("33"),))
    reference = replace(law.reference, tariff=TariffBook(lists=[listing]))
    with world(postgres, replace(law, reference=reference)) as own:
        made = trade(own)
        for kind in PAPERS:
            send(own, made[kind])
        assert failed(send(own, made["621"])) == {"positive_list"}


def test_erasure_takes_the_documents_along(service: World) -> None:
    """When the buyer's key is destroyed, order, payment, waybill and inventory of the purchase go, other ones stay."""
    buyer = {"buyerIdNumber": "990101197705050018", "buyerName": "Example Erased"}
    paid = {"payerIdNumber": buyer["buyerIdNumber"], "payerName": "Example Erased"}
    made, other = trade(service, m311=buyer, m411=paid, m621=buyer), trade(service)
    for kind in (*PAPERS, "621"):
        send(service, made[kind])
        send(service, other[kind])
    path = f"/consignments/{trading_name(made)}"
    for command in ("depart", "arrive"):
        service.call("operator", "POST", f"{path}/commands", {"command": command})
    body = {
        "erase": "person", "person": {"country": "CN", "id": buyer["buyerIdNumber"], "name": buyer["buyerName"]},
        "override": {"reason": "court_order", "case": "O-1"},
    }  # fmt: skip
    answer = service.call("administrator", "POST", "/persons/erase", body)
    assert answer.status_code == 200, answer.text
    assert documents(service, "operator", f"O-{trading_name(made)}") == {}
    assert len(documents(service, "operator", f"O-{trading_name(other)}")) == 4


def test_an_inventory_of_type_three_cancels(service: World) -> None:
    """An inventory that is taken back cancels its consignment, once; its order may be declared by another one then."""
    made = trade(service)
    for kind in PAPERS:
        send(service, made[kind])
    back = made["621"].replace(b"<ceb:appType>1", b"<ceb:appType>3")
    assert send(service, back)["findings"][0]["code"] == "filing.document_of_another"
    name = send(service, made["621"])["consignment_id"]
    result = send(service, back)
    assert (result["result"], result["phase"], result["consignment_id"]) == ("amended", "cancelled", name)
    again = send(service, back)
    assert again["result"] == "refused" and again["findings"][0]["code"].startswith("clearance.")
    other = made["621"].replace(f">{name}<".encode(), f">{name}B<".encode())
    assert not failed(send(service, other))


def test_each_document_is_answered(service: World) -> None:
    """What is kept is answered 312, 412 or 512 with its own numbers; a bad document with its errors."""
    made = trade(service)
    for kind in PAPERS:
        asked = {"Content-Type": MEDIA}
        filing = service.call("operator", "POST", "/filings", made[kind], headers=asked).json()["filing"]
        answer = service.call("operator", "GET", f"/filings/{filing}/reply")
        (told,) = ceb.documents_of(ceb.read(answer.content))
        (sent,) = ceb.documents_of(ceb.read(made[kind]))
        assert (told.kind, told.get("returnStatus")) == (f"{kind[:2]}2", "120")
        assert told.get("guid") == sent.get("guid")
    bad = made["411"].replace(b"<ceb:amountPaid>139.12<", b"<ceb:amountPaid>much<")
    filing = service.call("operator", "POST", "/filings", bad, headers={"Content-Type": MEDIA}).json()[
        "filing"
    ]
    answer = service.call("operator", "GET", f"/filings/{filing}/reply")
    (told,) = ceb.documents_of(ceb.read(answer.content))
    assert (told.kind, told.get("returnStatus")) == ("412", "-1") and "amountPaid" in told.get("returnInfo")
    assert "much" not in told.get("returnInfo")
