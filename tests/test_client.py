"""The client against the real service: every endpoint, problems as exceptions, repeats under one key, pages."""

import ast
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from greenlane.clearance import Role
from greenlane.clearance.commands import Hold, LiftHold
from greenlane.client import Client, Retry, ServiceProblem, StillWaiting, Unexpected, Unreachable
from greenlane.desk.money_covers import AccountWanted, CoverWanted, GuaranteeWanted, Raise
from greenlane.desk.money_shapes import Payment
from greenlane.desk.shown import Shown
from greenlane.privacy.purposes import Purpose
from greenlane.service.app import HANDLERS
from greenlane.service.persons import Order, Person
from greenlane.service.shapes import DocumentKind
from listening import listening
from running import free_port
from serving import World, world

SOURCE = Path(__file__).resolve().parents[1] / "src" / "greenlane" / "client"
AT_ONCE = Retry(attempts=4, first_s=0.01)


def client_of(service: World, who: str | None = "operator", retry: Retry = AT_ONCE) -> Client:
    """Return a client of a world's service with the key of one of its callers."""
    address = str(service.client.base_url)
    return Client(address, service.keys[who] if who else None, retry=retry, http=service.client)


def calls_made() -> set[tuple[str, str]]:
    """Return method and path of every call that the client's source makes."""
    found: set[tuple[str, str]] = set()
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if node.func.attr == "call" and len(texts) == 2:
                found.add((texts[0], texts[1]))
            elif node.func.attr == "pages" and texts:
                found.add(("GET", texts[0]))
    return found


def test_every_endpoint_has_a_method() -> None:
    """Each handler of the API is called by a method of the client, and the client calls nothing else."""
    served = {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", path))
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    }
    assert served == calls_made()


def test_filing_and_reading(service: World) -> None:
    """A filing gives a receipt with a result for each record; what was filed is read back in types."""
    with_one_bad = [service.consignment(), service.consignment(value="4,00"), service.consignment()]
    client = client_of(service)
    receipt = client.filings.file(with_one_bad)
    assert (receipt.status, receipt.accepted, receipt.rejected) == ("done", 2, 1)
    results = list(client.filings.results(receipt))
    by_id = {result.consignment_id: result for result in results}
    good = by_id[with_one_bad[0]["consignment_id"]]
    bad = by_id[with_one_bad[1]["consignment_id"]]
    assert good.result == "accepted" and good.total
    assert bad.result == "rejected" and bad.findings[0].fix
    assert client.filings.receipt(receipt.filing).records == 3
    assert next(client.filings.listed()).filing == receipt.filing
    standing = client.consignments.one(with_one_bad[0]["consignment_id"])
    assert standing.phase == good.phase and standing.outcome.duty == good.duty
    events = client.consignments.events(standing.consignment_id)
    assert [event.version for event in events] == sorted(event.version for event in events)
    explained = client.consignments.explanation(standing.consignment_id)
    assert explained.same and explained.steps
    replies = client.consignments.replies(standing.consignment_id)
    assert replies.answers[0].kind == "01"
    assert b"Response" in client.consignments.reply(standing.consignment_id, replies.media_type, number=1)


def test_shapes_hold_every_field(service: World) -> None:
    """What the service tells of a consignment is all in the client's type."""
    wanted = service.consignment()
    service.file(wanted)
    told = service.call("officer", "GET", f"/consignments/{wanted['consignment_id']}", party="post-cn").json()
    assert set(told) == set(Shown.__struct_fields__)


def test_single_filings(service: World) -> None:
    """A single filing gives its result; what intake rejects and what is no consignment are exceptions that say so."""
    client = client_of(service)
    wanted = service.consignment()
    assert client.filings.file_one(wanted).result == "accepted"
    assert client.filings.file_one(wanted).result == "repeated"
    with pytest.raises(ServiceProblem) as bad:
        client.filings.file_one(service.consignment(value="4,00"))
    assert bad.value.result == "rejected" and bad.value.errors[0].fix
    with pytest.raises(ServiceProblem) as told:
        client.filings.file_one(b"[]")
    assert (told.value.status, told.value.code) == (400, "json")


def test_large_filings_are_waited_for(postgres: str, law: Any) -> None:
    """A filing decided after its receipt is waited for, and its results are read page by page."""
    with world(postgres, law, inline_bytes=1000) as own:
        client = client_of(own)
        listed = [own.consignment() for _ in range(30)]
        receipt = client.filings.file(listed, wait_s=60)
        assert (receipt.status, receipt.accepted) == ("done", 30)
        assert receipt.results is None
        found = [result.consignment_id for result in client.filings.results(receipt)]
        assert sorted(map(str, found)) == sorted(one["consignment_id"] for one in listed)
        with pytest.raises(StillWaiting) as late:
            client.filings.file([own.consignment() for _ in range(30)], wait_s=0)
        assert client.filings.decided(client.filings.receipt(late.value.filing), 60).accepted == 30


def test_commands_and_queue(service: World) -> None:
    """An officer finds a consignment in the queue and holds it; the operator may not lift the hold."""
    wanted = service.consignment()
    service.file(wanted)
    name = wanted["consignment_id"]
    officer = client_of(service, "officer")
    moved = officer.consignments.command(name, Hold(reason="invoice_missing"), party="post-cn")
    assert moved.phase == "held" and moved.events[0].type == "held"
    assert name in {row.consignment_id for row in officer.consignments.queue(phase="held", page=2)}
    with pytest.raises(ServiceProblem) as told:
        client_of(service).consignments.command(name, LiftHold(hold=1, reason="settled"))
    assert (told.value.status, told.value.code) == (403, "forbidden")
    assert (
        officer.consignments.command(name, LiftHold(hold=1, reason="settled"), party="post-cn").phase
        != "held"
    )
    with pytest.raises(ServiceProblem) as refused:
        officer.consignments.command(name, LiftHold(hold=1, reason="settled"), party="post-cn")
    assert refused.value.status == 409 and refused.value.errors[0].fix
    assert officer.consignments.redecide(name, "law_corrected", party="post-cn").version > moved.version


def test_pages_are_followed(service: World) -> None:
    """A list longer than a page comes whole, each row once, in order."""
    ids = [one["consignment_id"] for one in (service.consignment(channel="cargo") for _ in range(7))]
    service.file(*[service.consignment(channel="cargo", consignment_id=name) for name in ids])
    found = [row.consignment_id for row in client_of(service).consignments.listed(channel="cargo", page=2)]
    assert found == ids


def test_administration_and_sandbox(service: World) -> None:
    """An administrator sets parties, agencies, keys and windows; a key works until it is ended; the clock moves."""
    client = client_of(service, "administrator")
    client.administration.add_party("carrier-z", "Carrier Z")
    assert "carrier-z" in {party.id for party in client.administration.parties()}
    client.administration.put_agency("food", "Food safety", ["02", "04", "19"])
    now = datetime.now(UTC)
    made = client.administration.add_key("carrier-z", [Role.OPERATOR], now + timedelta(days=2))
    carrier = Client(client.url, made.key, retry=AT_ONCE, http=service.client)
    assert list(carrier.consignments.listed()) == []
    client.administration.end_key(made.id)
    with pytest.raises(ServiceProblem) as told:
        list(carrier.consignments.listed())
    assert told.value.status == 401
    client.administration.plan_window(now + timedelta(days=1), now + timedelta(days=2), "new version")
    status = client_of(service, None).wellness.status()
    assert [window.words for window in status.planned] == ["new version"]
    assert client_of(service, None).wellness.health().status == "ok"
    assert client_of(service, None).wellness.openapi()["openapi"].startswith("3.1")
    assert "greenlane_requests_total" in client.wellness.metrics()
    moved = client.sandbox.move_clock(86_400)
    assert moved.now > now + timedelta(hours=23)
    client.sandbox.move_clock(0)


def test_quotes_need_no_key(service: World) -> None:
    """Anybody may ask what a parcel costs; a parcel that can't be read is a problem with its findings."""
    client = client_of(service, None)
    (quote,) = client.quote(service.consignment())
    assert quote.landed_cost and quote.consignment_id
    with pytest.raises(ServiceProblem) as told:
        client.quote(service.consignment(value="4,00"))
    assert told.value.status == 422 and told.value.errors[0].fix


class Flaky(httpx.BaseTransport):
    """Passes requests on to the real service, and spoils what comes back as it is told to."""

    def __init__(self, real: httpx.Client, spoil: Callable[[int], httpx.Response | Exception | None]) -> None:
        self.real, self.spoil, self.seen = real, spoil, list[str | None]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.headers.get("idempotency-key"))
        answer = self.real.send(
            self.real.build_request(
                request.method, request.url, content=request.read(), headers=dict(request.headers)
            )
        )
        spoilt = self.spoil(len(self.seen))
        if isinstance(spoilt, Exception):
            raise spoilt
        return spoilt or httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def flaky(
    service: World, spoil: Callable[[int], httpx.Response | Exception | None], who: str, retry: Retry
) -> tuple[Client, Flaky]:
    """Return a client whose connection to the real service is spoilt."""
    line = Flaky(service.client, spoil)
    address = str(service.client.base_url)
    return Client(address, service.keys[who], retry=retry, http=httpx.Client(transport=line)), line


def test_lost_answers_are_asked_for_again(service: World) -> None:
    """A filing whose answer is lost twice is sent again under the same key, and carried out once."""
    client, line = flaky(
        service, lambda count: httpx.ReadError("lost") if count < 3 else None, "operator", AT_ONCE
    )
    wanted = service.consignment()
    receipt = client.filings.file([wanted])
    assert receipt.accepted == 1
    assert len(line.seen) == 3 and len(set(line.seen)) == 1 and line.seen[0]
    assert (
        Counter(e.type for e in client_of(service).consignments.events(wanted["consignment_id"]))["filed"]
        == 1
    )


def test_what_has_no_key_is_not_repeated(service: World) -> None:
    """An API key whose making may have been carried out isn't made a second time."""
    client, line = flaky(service, lambda count: httpx.ReadError("lost"), "administrator", AT_ONCE)
    with pytest.raises(Unreachable):
        client.administration.add_key("post-cn", [Role.OPERATOR], datetime.now(UTC) + timedelta(days=1))
    assert len(line.seen) == 1


def test_waits_as_long_as_it_is_told(service: World) -> None:
    """Retry-After is heeded; a wait beyond the client's patience isn't begun, and the problem says how long."""
    waits: list[float] = []
    busy = httpx.Response(
        429,
        headers={"Retry-After": "7", "Content-Type": "application/problem+json"},
        content=msgspec.json.encode(
            {"type": "urn:greenlane:problem:too-many", "title": "-", "status": 429, "detail": "later"}
        ),
    )
    patient = Retry(sleep=waits.append)
    client, line = flaky(service, lambda count: busy if count < 3 else None, "operator", patient)
    assert client.filings.file([service.consignment()]).accepted == 1
    assert waits == [7.0, 7.0] and len(line.seen) == 3
    hasty, line = flaky(service, lambda count: busy, "operator", Retry(patience_s=5, sleep=waits.append))
    with pytest.raises(ServiceProblem) as told:
        hasty.filings.file([service.consignment()])
    assert (told.value.code, told.value.retry_after_s, len(line.seen)) == ("too-many", 7, 1)


def test_real_limits_are_waited_for(postgres: str, law: Any) -> None:
    """The service's own limit gives 429 with the time to come back, which reaches the caller."""
    with world(postgres, law, rate_per_minute=2) as own:
        client = client_of(own, retry=Retry(patience_s=0.5))
        with pytest.raises(ServiceProblem) as told:
            for _ in range(5):
                list(client.filings.listed())
        assert told.value.status == 429 and 0 < (told.value.retry_after_s or 0) <= 61


def test_an_outage_is_outlived(service: World) -> None:
    """While the sandbox is out calls are made again; afterwards they succeed."""
    administrator = client_of(service, "administrator")
    administrator.sandbox.switch_outage(4)
    time.sleep(1.1)  # a process looks once a second whether it is out
    with pytest.raises(ServiceProblem) as told:
        client_of(service, retry=Retry(attempts=1)).filings.file([service.consignment()])
    assert told.value.status == 503
    client = client_of(service, retry=Retry(attempts=20, patience_s=20, first_s=0.3))
    assert client.filings.file([service.consignment()]).accepted == 1


def test_no_service() -> None:
    """An address without a service is said to be unreachable, without the key in the words."""
    nobody = f"http://127.0.0.1:{free_port()}"
    with Client(nobody, "gl_secret_text", retry=Retry(attempts=2, first_s=0.01)) as client:
        with pytest.raises(Unreachable) as told:
            client.wellness.status()
        assert "secret" not in str(told.value) + repr(client) + repr(client.filings)


def test_no_api_there() -> None:
    """Another kind of server is told apart from a service."""
    page = httpx.MockTransport(lambda request: httpx.Response(404, text="<html>"))
    with pytest.raises(Unexpected):
        Client("http://other", http=httpx.Client(transport=page)).wellness.status()


def test_over_a_real_connection(service: World) -> None:
    """The same over TCP: a service that is started late is waited for, and the filing is made once."""
    port = free_port()
    with listening(service, port=port, late_s=0.5) as url:
        retry = Retry(attempts=40, first_s=0.1)
        with Client(url, service.keys["operator"], retry=retry) as client:
            assert client.filings.file([service.consignment()]).accepted == 1


def test_notices(service: World) -> None:
    """The feed is read from any place on, in order, with proofs where they are asked for."""
    client = client_of(service)
    before = client.notices.feed(limit=1000)
    wanted = [service.consignment() for _ in range(3)]
    client.filings.file(wanted)
    told = list(client.notices.since(before.next))
    assert {one["consignment_id"] for one in wanted} <= {notice.data.consignment_id for notice in told}
    cursors = [notice.data.cursor for notice in told]
    assert cursors == sorted(set(cursors))
    assert client.notices.keys().keys and client.notices.feed(limit=1, proof=True).notices[0].proof


def test_receivers(postgres: str, service: World, law: Any) -> None:
    """A receiver is registered, tested, sent old notices again and deleted; one on a private address is refused."""
    with pytest.raises(ServiceProblem):
        client_of(service).receivers.add("https://10.0.0.1/hook")
    nobody = f"http://127.0.0.1:{free_port()}/hook"
    with world(postgres, law, allow_private_webhooks=True) as own:
        client = client_of(own)
        client.filings.file([own.consignment()])
        told = [notice.data.cursor for notice in client.notices.since()]
        made = client.receivers.add(nobody, hmac=True)
        assert made.secret and [one.id for one in client.receivers.listed()] == [made.id]
        assert client.receivers.one(made.id).url == nobody
        assert client.receivers.replay(made.id, told[0], told[-1]).notices == len(told)
        assert client.receivers.enable(made.id).disabled_at is None
        assert not client.receivers.test(made.id).delivered
        until = time.monotonic() + 20
        while not (failed := list(client.receivers.failures(made.id))) and time.monotonic() < until:
            time.sleep(0.1)
        assert {one.cursor for one in failed} <= set(told) and failed[0].attempt >= 1
        client.receivers.remove(made.id)
        assert client.receivers.listed() == []


def test_documents(service: World) -> None:
    """A document that is attached is listed and read back byte for byte."""
    wanted = service.consignment()
    client = client_of(service)
    client.filings.file([wanted])
    content = b"%PDF-1.7\nan invoice of made-up goods\n%%EOF\n"
    told = client.consignments.attach(
        wanted["consignment_id"], content, "application/pdf", kind=DocumentKind.INVOICE
    )
    assert [one.id for one in client.consignments.documents(wanted["consignment_id"])] == [told.id]
    assert client.consignments.document(str(told.id)) == content


def test_money(service: World) -> None:
    """What is due at the border is paid, the goods are released, and the books say so in types and as CSV."""
    wanted = service.consignment(scheme=None, scheme_id=None, declaration_date="2026-07-02")
    name = wanted["consignment_id"]
    filed = client_of(service).filings.file([wanted], stage="arrival")
    (result,) = client_of(service).filings.results(filed)
    assert result.phase == "awaiting_payment" and result.payable_at_border
    supervisor = client_of(service, "supervisor")
    payment = Payment(
        party="post-cn", amount=result.payable_at_border, currency="EUR", reference=f"bank-{name}",
        consignment_id=name,
    )  # fmt: skip
    paid = supervisor.money.pay(payment)
    assert paid.phases == {name: "released"} and sum(
        map(Decimal, (a.amount for a in paid.applied))
    ) == Decimal(result.payable_at_border)
    assert supervisor.money.pay(payment).repeated
    assert supervisor.money.payment(f"bank-{name}", party="post-cn").amount == result.payable_at_border
    today, after = date(2020, 1, 1), date(2040, 1, 1)
    statements = supervisor.books.statements(today, after, consignment_id=name, party="post-cn")
    assert statements and statements[0].postings
    text = supervisor.books.statements_csv(today, after, consignment_id=name, party="post-cn")
    assert text.count("\n") > 1
    assert list(supervisor.books.balances(party="post-cn"))
    auditor = client_of(service, "auditor")
    assert auditor.books.trial_balance().balanced and auditor.books.check().sound
    withdrawn = supervisor.money.withdraw(f"bank-{name}", "post-cn")
    assert withdrawn.reference == f"bank-{name}"


def test_guarantees_and_accounts(service: World) -> None:
    """Guarantees and deferred accounts are registered, raised, listed, used as cover and revoked."""
    supervisor = client_of(service, "supervisor")
    first, last = date(2020, 1, 1), date(2040, 1, 1)
    made = supervisor.guarantees.add(
        GuaranteeWanted(
            id="G1", party="post-cn", guarantor="bank-1", amount="1000.00", currency="EUR", valid_from=first,
            valid_until=last,
        )
    )  # fmt: skip
    assert made.available == "1000.00"
    raised = supervisor.guarantees.raise_limit("G1", Raise(amount="500.00", reference="R1"))
    assert raised.limit == "1500.00"
    wanted = service.consignment(scheme=None, scheme_id=None, declaration_date="2026-07-02")
    operator = client_of(service)
    operator.filings.file([wanted], stage="arrival")
    moved = operator.money.cover(wanted["consignment_id"], CoverWanted(guarantee="G1"))
    assert moved.phase == "released"
    (listed,) = operator.guarantees.listed()
    assert Decimal(listed.available) < 1500
    assert supervisor.guarantees.revoke("G1").revoked_at
    account = supervisor.deferred_accounts.add(
        AccountWanted(
            id="D1", party="post-cn", holder="carrier/C1", amount="100.00", currency="EUR", valid_from=first,
            valid_until=last,
        )
    )  # fmt: skip
    assert account.limit == "100.00"
    assert supervisor.deferred_accounts.raise_limit("D1", "200.00").limit == "200.00"
    assert [one.id for one in supervisor.deferred_accounts.listed(party="post-cn")] == ["D1"]
    assert supervisor.deferred_accounts.statement("D1", "2026-07").payable
    assert supervisor.deferred_accounts.revoke("D1").revoked_at


def test_returns(service: World) -> None:
    """The draft of a month's return has a line for each charge taken with the price, and as CSV too."""
    client = client_of(service)
    client.filings.file([service.consignment(declaration_date="2026-05-02")])
    draft = client.returns.one("IOSS", "2026-05", holder="seller/S1")
    assert draft.scheme == "IOSS" and draft.lines
    assert client.returns.csv("IOSS", "2026-05", holder="seller/S1").count("\n") >= len(draft.lines)
    assert client.returns.listed() == []


def test_the_program_in_the_how_to_runs(service: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The program of the page on the client files, reads, is refused an objection, and reads its notices."""
    page = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "call-the-service.md"
    found = re.search(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    consignments = [service.consignment(scheme=None, scheme_id=None), service.consignment(value="4,00")]
    with listening(service) as url:
        exec(found.group(1), {"url": url, "key": service.keys["operator"], "consignments": consignments})
    told = capsys.readouterr().out
    assert consignments[0]["consignment_id"] in told and "rejected" in told


def test_persons_and_audit(service: World) -> None:
    """People's data is read for a purpose, told to its owner, kept for a case, erased with proof; all of it logged."""
    wanted = service.consignment()
    name = wanted["consignment_id"]
    client_of(service).filings.file([wanted])
    officer = client_of(service, "officer")
    note = officer.persons.note(name, "A made-up note.", party="post-cn")
    held = officer.consignments.command(name, Hold(reason="invoice_missing", note=note), party="post-cn")
    assert held.phase == "held"
    read = officer.persons.reveal(name, Purpose.INSPECTION, party="post-cn", case="C-1", roles=["consignee"])
    assert read.persons and "A. Example" in str(read)
    with pytest.raises(ServiceProblem):
        client_of(service).persons.reveal(name, Purpose.INSPECTION)
    administrator = client_of(service, "administrator")
    person = Person(country="DE", id=wanted["consignee"]["id"], name="A. Example", postcode="10115")
    supervisor = client_of(service, "supervisor")
    assert name in str(supervisor.persons.extract(person, "X-1"))
    kept = supervisor.persons.keep(name, "C-2", party="post-cn")
    supervisor.persons.let_go(kept.hold)
    with pytest.raises(ServiceProblem) as told:
        administrator.persons.erase(person)
    assert told.value.status == 409
    erased = administrator.persons.erase(person, Order(reason="court_order", case="O-1"))
    assert erased.erasures
    assert administrator.persons.erase_due().erasures == []
    assert len(list(client_of(service, "auditor").persons.erasures())) >= 1
    auditor = client_of(service, "auditor")
    entries = list(auditor.audit.entries())
    assert [entry.seq for entry in entries] == sorted(entry.seq for entry in entries)
    assert auditor.audit.anchor().seq >= entries[-1].seq
