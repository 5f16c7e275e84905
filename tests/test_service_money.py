"""Money over HTTP on a real database: payers and moments, payments, cover, refunds, returns, statements."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from greenlane.cli import main
from greenlane.engine.context import Context
from paying import (
    JULY,
    NO_SCHEME,
    SPECIAL,
    balances,
    commanded,
    deferred,
    filed,
    guarantee,
    paid,
    post,
    refused,
    returned,
    shown,
    sound,
)
from serving import World, world


@pytest.fixture
def fresh(postgres: str, law: Context) -> Iterator[World]:
    """A service with an empty book."""
    with world(postgres, law) as made:
        yield made
        sound(made)


MODELS: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "vendor": (
        {},
        "3.00",
        {
            "receivable:seller/S1@post-cn:at_sale": "8.36 debit",
            "receivable:seller/S1@post-cn:at_border": "3.00 debit",
        },
    ),
    "intermediary": (
        SPECIAL,
        "3.00",
        {
            "receivable:carrier/C1@post-cn:periodic": "8.93 debit",
            "receivable:carrier/C1@post-cn:at_border": "3.00 debit",
        },
    ),
    "buyer": (NO_SCHEME, "11.93", {"receivable:buyer/1:at_border": "11.93 debit"}),
}


@pytest.mark.parametrize("model", MODELS)
def test_payer_moment_and_postings(fresh: World, model: str) -> None:
    """The same basket under each model: who owes what when; the border asks for no more, and releases when it has it."""
    changes, border, wanted = MODELS[model]
    result = filed(fresh, **changes)
    assert (result["payable_at_border"], result["phase"]) == (border, "awaiting_payment")
    owed = {name: value for name, value in balances(fresh).items() if name.startswith("receivable:")}
    assert owed == wanted
    name = result["consignment_id"]
    answer = paid(fresh, border, "P1", consignment_id=name)
    assert answer["phases"] == {name: "released"}
    assert answer["kept_on_deposit"] == "0.00"
    left = {name: value for name, value in balances(fresh).items() if name.startswith("receivable:")}
    assert left == {name: value for name, value in wanted.items() if not name.endswith(":at_border")}


def test_account_pays_by_statement(fresh: World) -> None:
    """Under a deferred account goods are released at once; the statement of the month asks, and is paid once."""
    deferred(fresh, "D1", "100.00", at_filing=True)
    results = [filed(fresh, **NO_SCHEME) for _ in range(2)]
    assert [result["phase"] for result in results] == ["released", "released"]
    events = fresh.call(
        "officer", "GET", f"/consignments/{results[0]['consignment_id']}/events", party="post-cn"
    ).json()
    assert {e["type"]: e["data"].get("cover") for e in events["events"]} == {
        "filed": None, "payment_registered": "deferred", "released": "deferred",
    }  # fmt: skip
    month = f"{fresh.desk.clock.now():%Y-%m}"
    stated = fresh.call("operator", "GET", f"/deferred-accounts/D1/statements/{month}").json()
    assert stated["payable"] == stated["statement"]["closing"] == "23.86"
    assert {p["kind"] for p in stated["statement"]["postings"]} == {"defer"}
    assert stated["due"].endswith("-16")
    assert fresh.call("other_operator", "GET", f"/deferred-accounts/D1/statements/{month}").status_code == 404
    answer = paid(fresh, "25.00", "S1", deferred_account="D1")
    assert (answer["holder"], answer["kept_on_deposit"]) == ("carrier/C1@post-cn", "1.14")
    assert "deferred:D1" not in balances(fresh)
    assert fresh.call("operator", "GET", "/deferred-accounts").json()[0]["standing"] == "0.00"


def test_part_full_and_over_payment(fresh: World) -> None:
    """A part releases nothing, the rest does, what is over stays in the buyer's deposit and can be paid back."""
    name = filed(fresh, **NO_SCHEME)["consignment_id"]
    first = paid(fresh, "5.00", "P1", consignment_id=name)
    assert first["phases"] == {name: "awaiting_payment"}
    second = paid(fresh, "10.00", "P2", consignment_id=name)
    assert (second["phases"], second["kept_on_deposit"]) == ({name: "released"}, "3.07")
    assert sum(float(part["amount"]) for part in second["applied"]) == pytest.approx(6.93)
    sound(fresh)
    body = {"party": "post-cn", "currency": "EUR", "consignment_id": name}
    assert (
        refused(fresh, "officer", "/payouts", {**body, "amount": "3.08", "reference": "O1"})
        == "ledger.more_than_held"
    )
    post(fresh, "officer", "/payouts", {**body, "amount": "3.07", "reference": "O1"}, 201)
    post(fresh, "officer", "/payouts", {**body, "amount": "3.07", "reference": "O1"}, 200)
    left = balances(fresh)
    assert left["cash"] == "11.93 debit" and not any(account.startswith("deposit:") for account in left)


def test_the_same_reference_pays_once(fresh: World) -> None:
    """A payment sent again is told again and moves nothing; its reference for other money is refused."""
    name = filed(fresh, **NO_SCHEME)["consignment_id"]
    first = paid(fresh, "11.93", "P1", consignment_id=name)
    before = balances(fresh)
    again = post(
        fresh, "officer", "/payments",
        {"party": "post-cn", "amount": "11.93", "currency": "EUR", "reference": "P1", "consignment_id": name}, 200,
    )  # fmt: skip
    assert again == {**first, "repeated": True}
    other = {
        "party": "post-cn",
        "amount": "11.94",
        "currency": "EUR",
        "reference": "P1",
        "consignment_id": name,
    }
    assert refused(fresh, "officer", "/payments", other) == "money.reference_used"
    other_party = filed(fresh, who="other_operator", **NO_SCHEME)["consignment_id"]
    body = {
        "party": "market-x",
        "amount": "1.00",
        "currency": "EUR",
        "reference": "P1",
        "consignment_id": other_party,
    }
    post(fresh, "officer", "/payments", body, 201)
    assert balances(fresh, party="post-cn") == before
    assert fresh.call("operator", "GET", "/payments/P1").json()["amount"] == "11.93"
    assert fresh.call("other_operator", "GET", "/payments/P1", party="post-cn").status_code == 404
    key = {"Idempotency-Key": "pay-1"}
    body = {
        "party": "post-cn",
        "amount": "2.00",
        "currency": "EUR",
        "reference": "P9",
        "consignment_id": name,
    }
    answers = [fresh.call("officer", "POST", "/payments", body, headers=key) for _ in range(2)]
    assert answers[0].status_code == 201 and answers[0].content == answers[1].content


def test_a_party_pays_the_oldest_first(fresh: World) -> None:
    """Money of a party pays what its consignments have open, oldest first; each that is paid is released."""
    names = [filed(fresh, **NO_SCHEME)["consignment_id"] for _ in range(3)]
    answer = paid(fresh, "30.00", "P1")
    assert answer["phases"] == dict(zip(names, ["released", "released", "awaiting_payment"], strict=True))
    assert answer["holder"] == "party@post-cn" and answer["kept_on_deposit"] == "0.00"


def test_a_payment_that_falls_away(fresh: World) -> None:
    """What it paid is open again: goods that wait for arrival are no longer covered, released ones owe."""
    one = fresh.consignment(declaration_date=JULY, **NO_SCHEME)
    fresh.file(one)
    name = one["consignment_id"]
    assert paid(fresh, "11.93", "P1", consignment_id=name)["phases"] == {name: "lodged"}
    gone = post(fresh, "officer", "/payments/P1/withdrawal", {"party": "post-cn"})
    assert gone["phases"] == {name: "awaiting_payment"}
    assert (
        refused(fresh, "officer", "/payments/P1/withdrawal", {"party": "post-cn"}) == "money.no_such_payment"
    )
    sound(fresh)
    assert "cash" not in balances(fresh)
    commanded(fresh, "operator", name, "arrive")
    assert paid(fresh, "11.93", "P2", consignment_id=name)["phases"] == {name: "released"}
    post(fresh, "officer", "/payments/P2/withdrawal", {"party": "post-cn"})
    assert shown(fresh, name)["phase"] == "released"
    assert balances(fresh, family="receivable") == {"receivable:buyer/1:at_border": "11.93 debit"}


def test_guarantee_releases_before_payment_and_is_free_after_it(fresh: World) -> None:
    """Reserved at filing, to the limit and no cent further; free at payment; refused with a finding and a fix."""
    guarantee(fresh, "G1", "25.00", at_filing=True)
    results = [filed(fresh, **NO_SCHEME) for _ in range(3)]
    assert [result["phase"] for result in results] == ["released", "released", "awaiting_payment"]
    assert [f["code"] for f in results[2]["findings"] if f["code"].startswith("ledger.")] == [
        "ledger.over_limit"
    ]
    held = fresh.call("operator", "GET", "/guarantees").json()[0]
    assert (held["available"], held["reserved"]) == ("1.14", "23.86")
    name = results[2]["consignment_id"]
    assert (
        refused(fresh, "operator", f"/consignments/{name}/cover", {"guarantee": "G1"}) == "ledger.over_limit"
    )
    paid(fresh, "11.93", "P1", consignment_id=results[0]["consignment_id"])
    sound(fresh)
    moved = post(fresh, "operator", f"/consignments/{name}/cover", {"guarantee": "G1"})
    assert moved["phase"] == "released"
    post(fresh, "supervisor", "/guarantees/G1/increases", {"amount": "10.00", "reference": "R1"})
    post(fresh, "supervisor", "/guarantees/G1/increases", {"amount": "10.00", "reference": "R1"})
    held = fresh.call("auditor", "GET", "/guarantees").json()[0]
    assert (held["limit"], held["available"], held["reserved"]) == ("35.00", "11.14", "23.86")


def test_a_guarantee_covers_in_its_time_alone(fresh: World) -> None:
    """Not before its first day, not after its last, not once revoked; nor a consignment of another party."""
    guarantee(fresh, "EARLY", "99.00", valid_from="2098-01-01", at_filing=True)
    guarantee(fresh, "LATE", "99.00", valid_until="2021-01-01", at_filing=True)
    guarantee(fresh, "GONE", "99.00", at_filing=True)
    post(fresh, "supervisor", "/guarantees/GONE/revocation", {})
    result = filed(fresh, **NO_SCHEME)
    assert result["phase"] == "awaiting_payment"
    path = f"/consignments/{result['consignment_id']}/cover"
    for number in ("EARLY", "LATE", "GONE"):
        assert refused(fresh, "operator", path, {"guarantee": number}) == "money.cover_not_valid"
    guarantee(fresh, "GOOD", "99.00")
    theirs = filed(fresh, who="other_operator", **NO_SCHEME)["consignment_id"]
    answer = fresh.call("other_operator", "POST", f"/consignments/{theirs}/cover", {"guarantee": "GOOD"})
    assert answer.status_code == 404


def test_the_guarantor_owes_what_the_payer_failed_to_pay(fresh: World) -> None:
    """A draw uses the reserved part up; the guarantor's payment makes it available again."""
    guarantee(fresh, "G1", "20.00", at_filing=True)
    name = filed(fresh, **NO_SCHEME)["consignment_id"]
    drawn = post(fresh, "supervisor", "/guarantees/G1/draws", {"consignment_id": name})
    assert (drawn["available"], drawn["reserved"], drawn["drawn"]) == ("8.07", "0.00", "11.93")
    sound(fresh)
    answer = paid(fresh, "11.93", "B1", guarantee="G1")
    assert answer["holder"] == "guarantor/BANK1@post-cn"
    assert fresh.call("operator", "GET", "/guarantees").json()[0]["available"] == "20.00"
    assert balances(fresh, family="receivable") == {}


@pytest.mark.parametrize("way", ["guarantee", "deferred"])
def test_cover_follows_a_new_decision(fresh: World, way: str) -> None:
    """A higher amount is covered anew, a lower one frees, one over the limit is covered no more."""
    if way == "guarantee":
        guarantee(fresh, "C1", "30.00", at_filing=True)
    else:
        deferred(fresh, "C1", "30.00", at_filing=True)
    one = fresh.consignment(declaration_date=JULY, **NO_SCHEME)

    def amended(value: str) -> dict[str, Any]:
        one["items"][0]["value"] = value
        return fresh.file(one)[0]

    def used() -> str:
        if way == "guarantee":
            return str(fresh.call("operator", "GET", "/guarantees").json()[0]["reserved"])
        return str(fresh.call("operator", "GET", "/deferred-accounts").json()[0]["standing"])

    first = fresh.file(one)[0]
    assert (first["phase"], used()) == ("lodged", first["payable_at_border"])
    higher = amended("90.00")
    assert float(higher["payable_at_border"]) > float(first["payable_at_border"])
    assert (higher["phase"], used()) == ("lodged", higher["payable_at_border"])
    lower = amended("20.00")
    assert (lower["phase"], used()) == ("lodged", lower["payable_at_border"])
    sound(fresh)
    over = amended("149.00")
    assert (over["phase"], used()) == ("awaiting_payment", "0.00")
    assert "ledger.over_limit" in {finding["code"] for finding in over["findings"]}
    again = amended("40.00")
    assert (again["phase"], used()) == ("lodged", again["payable_at_border"])


def test_a_deposit_pays_a_later_higher_decision(fresh: World) -> None:
    """What is over stays with the buyer, and pays the difference when an amendment asks for more."""
    one = fresh.consignment(declaration_date=JULY, **NO_SCHEME)
    fresh.file(one)
    paid(fresh, "40.00", "P1", consignment_id=one["consignment_id"])
    one["items"][0]["value"] = "80.00"
    result = fresh.file(one)[0]
    assert result["phase"] == "lodged"
    held = 40 - float(result["payable_at_border"])
    assert balances(fresh, family="deposit") == {"deposit:buyer/1": f"{held:.2f} credit"}
    one["items"][0]["value"] = "20.00"
    lower = fresh.file(one)[0]
    held = 40 - float(lower["payable_at_border"])
    assert balances(fresh, family="deposit") == {"deposit:buyer/1": f"{held:.2f} credit"}


@pytest.mark.parametrize("end", ["cancel", "return"])
def test_cancellation_and_return_before_release_reverse_everything(fresh: World, end: str) -> None:
    """Nothing is owed any more by anybody, at sale and at the border; what was paid waits in the deposit."""
    one = fresh.consignment(declaration_date=JULY)
    fresh.file(one)
    name = one["consignment_id"]
    paid(fresh, "3.00", "P1", consignment_id=name)
    if end == "cancel":
        commanded(fresh, "operator", name, "cancel", reason="mistake")
    else:
        commanded(fresh, "operator", name, "return_to_sender", reason="not_wanted")
        commanded(fresh, "officer", name, "confirm_return", proof="EX1")
    assert balances(fresh) == {"cash": "3.00 debit", "deposit:seller/S1@post-cn": "3.00 credit"}


def test_refund_reverses_exactly_by_quantity(fresh: World) -> None:
    """Parts taken back add up to the whole charge; what was paid goes to the buyer's deposit, from there out."""
    name = filed(fresh, quantity="3", **NO_SCHEME)["consignment_id"]
    paid(fresh, "11.93", "P1", consignment_id=name)
    held = []
    for number in (1, 2, 3):
        returned(fresh, name, number, i1="1")
        held.append(balances(fresh, family="deposit")["deposit:buyer/1"])
        sound(fresh)
    assert held == ["3.97 credit", "7.95 credit", "11.93 credit"]
    body = {
        "party": "post-cn",
        "currency": "EUR",
        "consignment_id": name,
        "amount": "11.93",
        "reference": "O1",
    }
    post(fresh, "officer", "/payouts", body, 201)
    assert balances(fresh) == {}
    again = {"command": "declare_return", "items": [{"item_id": "1", "quantity": "1"}], "reason": "again"}
    answer = fresh.call("operator", "POST", f"/consignments/{name}/commands", again)
    assert answer.status_code == 409


def test_a_new_decision_keeps_what_was_refunded(fresh: World) -> None:
    """Decided anew after a refund, goods that went back are not charged again."""
    name = filed(fresh, quantity="4", **NO_SCHEME)["consignment_id"]
    paid(fresh, "11.93", "P1", consignment_id=name)
    returned(fresh, name, 1, i1="1")
    before = balances(fresh)
    post(fresh, "officer", f"/consignments/{name}/redecision", {"reason": "review"}, 200, party="post-cn")
    assert balances(fresh) == before


def test_review_reverses_and_the_money_follows(fresh: World) -> None:
    """Objection, review that varies, and the new decision: the book owes what that says, to the cent."""
    name = filed(fresh, **NO_SCHEME)["consignment_id"]
    paid(fresh, "11.93", "P1", consignment_id=name)
    commanded(fresh, "operator", name, "object", grounds="value")
    commanded(fresh, "supervisor", name, "review", result="vary", reason="value")
    post(fresh, "officer", f"/consignments/{name}/redecision", {"reason": "review"}, 200, party="post-cn")
    stands = balances(fresh, family="revenue")
    assert sum(float(value.split()[0]) for value in stands.values()) == pytest.approx(11.93)
    assert balances(fresh, family="deposit") == {}


def test_refund_gives_the_yearly_limit_back(fresh: World) -> None:
    """China: what a person's returned goods used of the yearly limit is free again, part by part."""
    person = {"id": "P-BACK", "name": "C. Example", "country": "CN", "person": True}
    change = {
        "destination_country": "CN", "departure_country": "JP", "currency": "CNY", "channel": "bonded",
        "dataset": None, "programme": "CBEC", "scheme": None, "scheme_id": None, "consignee": person,
        "description": "face cream", "hs_code": "330499", "value": "4900.00", "freight": "0", "quantity": "2",
        "declaration_date": "2026-03-02",
    }  # fmt: skip
    results = [filed(fresh, **change) for _ in range(5)]
    assert {result["status"] for result in results} == {"assessed"}
    assert filed(fresh, **change)["status"] == "incomplete"
    name = results[0]["consignment_id"]
    if results[0]["phase"] != "released":
        paid(fresh, results[0]["payable_at_border"], "P1", consignment_id=name, currency="CNY")
    with fresh.desk.database.connection() as connection:
        used = "select coalesce(sum(amount), 0), sum(count) from limit_use where key = 1"
        assert connection.execute(used).fetchone() == (490000, 1)
        returned(fresh, name, 1, i1="1")
        assert connection.execute(used).fetchone() == (245000, 1)
        returned(fresh, name, 2, i1="1")
        assert connection.execute(used).fetchone() == (0, 0)


def test_return_reconciles_to_the_cent_and_is_paid(fresh: World) -> None:
    """The draft's rows are the sums of its lines; sent, it owes that; paid, nothing; the border asked for none of it."""
    values = ("40.00", "10.01", "0.07", "149.99")
    taxes = [filed(fresh, value=value, declaration_date="2026-03-02")["tax"] for value in values]
    draft = fresh.call("operator", "GET", "/returns/IOSS/2026-03").json()
    assert draft["submitted_at"] is None and draft["due"] == "2026-04-30" and draft["findings"] == []
    assert draft["payable"] == f"{sum(float(tax) for tax in taxes):.2f}"
    assert [line["tax"] for line in draft["lines"]] == taxes
    assert sum(round(100 * float(row["tax"])) for row in draft["rows"]) == sum(
        round(100 * float(line["tax"])) for line in draft["lines"]
    )
    table = fresh.call("operator", "GET", "/returns/IOSS/2026-03", form="csv").text.splitlines()
    assert len(table) == 1 + len(values) and table[0].startswith("consignment_id,")
    assert fresh.call("officer", "POST", "/returns/IOSS/2026-03", {}).status_code == 403
    sent = post(fresh, "operator", "/returns/IOSS/2026-03", {}, 201)
    assert sent["open"] == draft["payable"]
    sound(fresh)
    assert refused(fresh, "operator", "/returns/IOSS/2026-03", {}) == "money.return_sent"
    paid(fresh, sent["payable"], "R1", holder="seller/S1", scheme="IOSS", period="2026-03")
    assert fresh.call("operator", "GET", "/returns/IOSS/2026-03").json()["open"] == "0.00"
    assert balances(fresh, family="receivable") == {}
    assert fresh.call("other_operator", "GET", "/returns").json() == []
    assert [one["period"] for one in fresh.call("auditor", "GET", "/returns").json()] == ["2026-03"]


def test_corrections_of_earlier_months(fresh: World) -> None:
    """A refund and an amendment after the return are corrections of their month in a later one; money comes back."""
    gone = filed(fresh, quantity="4", declaration_date="2026-03-02")
    more = fresh.consignment(declaration_date="2026-03-05")
    fresh.file(more)
    sent = post(fresh, "operator", "/returns/IOSS/2026-03", {}, 201)
    paid(fresh, sent["payable"], "R1", holder="seller/S1", scheme="IOSS", period="2026-03")
    returned(fresh, gone["consignment_id"], 1, i1="2")
    more["items"][0]["value"] = "60.00"
    fresh.file(more)
    filed(fresh, declaration_date="2026-04-02")
    assert refused(fresh, "operator", "/returns/IOSS/2026-05", {}) == "money.earlier_return_missing"
    april = post(fresh, "operator", "/returns/IOSS/2026-04", {}, 201)
    assert april["corrections"] == [{"period": "2026-03", "member": "DE", "tax": "-0.38"}]
    assert april["payable"] == "7.98"
    assert {line["source"] for line in april["lines"]} == {"", "refund 1", "decision 2"}
    sound(fresh)
    assert fresh.call("operator", "GET", "/returns/IOSS/2026-05").json()["lines"] == []


def test_what_a_member_gives_back_is_paid_out_when_returns_are_paid(fresh: World) -> None:
    """A month in which more comes back than is sold makes a claim, which is paid out once every return is paid."""
    gone = filed(fresh, quantity="4", declaration_date="2026-03-02")
    post(fresh, "operator", "/returns/IOSS/2026-03", {}, 201)
    returned(fresh, gone["consignment_id"], 1, i1="4")
    post(fresh, "operator", "/returns/IOSS/2026-04", {}, 201)
    payout = {
        "party": "post-cn",
        "currency": "EUR",
        "holder": "seller/S1",
        "amount": "8.36",
        "reference": "O1",
    }
    assert refused(fresh, "officer", "/payouts", payout) == "ledger.more_than_held"
    paid(fresh, "8.36", "R1", holder="seller/S1", scheme="IOSS", period="2026-03")
    post(fresh, "officer", "/payouts", payout, 201)
    assert balances(fresh) == {}


def test_special_arrangement_is_declared_by_month_and_supplemented(fresh: World) -> None:
    """The carrier declares after release, isn't asked by anything else, and tells later changes in a supplement."""
    one = filed(fresh, quantity="2", declaration_date="2026-03-02", **SPECIAL)
    answer = paid(fresh, "50.00", "P1", holder="carrier/C1")
    assert answer["applied"] == []
    sent = post(fresh, "operator", "/returns/SPECIAL/2026-03", {}, 201)
    assert (sent["due"], sent["payable"]) == ("2026-04-16", one["tax"])
    returned(fresh, one["consignment_id"], 1, i1="1")
    supplement = post(fresh, "operator", "/returns/SPECIAL/2026-03", {}, 201)
    assert supplement["number"] == 2 and supplement["balances"]["DE"].startswith("-")
    assert refused(fresh, "operator", "/returns/SPECIAL/2026-03", {}) == "money.return_sent"
    paid(fresh, one["tax"], "P2", holder="carrier/C1", scheme="SPECIAL", period="2026-03")
    assert "claim:carrier/C1@post-cn:SPECIAL/2026-03#2:DE" not in balances(fresh)


QUARTERS = {
    "GB_VAT": (
        {"destination_country": "GB", "currency": "GBP", "scheme": "GB_VAT"},
        "GBP",
        "2026-01/2026-03",
        "2026-04-30",
    ),
    "AU_GST": (
        {"destination_country": "AU", "currency": "AUD", "scheme": "AU_GST"},
        "AUD",
        "2026-01/2026-03",
        "2026-04-28",
    ),
}


@pytest.mark.parametrize("scheme", QUARTERS)
def test_quarterly_returns(fresh: World, scheme: str) -> None:
    """Great Britain and Australia: tax taken with the price is declared by the quarter, in its own currency."""
    change, currency, period, due = QUARTERS[scheme]
    results = [
        filed(fresh, declaration_date=day, dataset=None, scheme_id=None, **change)
        for day in ("2026-01-15", "2026-03-02")
    ]
    filed(fresh, declaration_date="2026-03-02")
    draft = fresh.call("operator", "GET", f"/returns/{scheme}/2026-02").json()
    assert (draft["period"], draft["due"], draft["currency"]) == (period, due, currency)
    assert [line["tax"] for line in draft["lines"]] == [result["tax"] for result in results]
    sent = post(fresh, "operator", f"/returns/{scheme}/2026-02", {}, 201)
    assert float(sent["open"]) == pytest.approx(sum(float(result["tax"]) for result in results))


def test_a_period_that_runs_is_not_sent(fresh: World) -> None:
    """The draft of a running month says so and can't be sent."""
    today = fresh.desk.clock.now()
    filed(fresh, declaration_date=f"{today:%Y-%m-%d}")
    draft = fresh.call("operator", "GET", f"/returns/IOSS/{today:%Y-%m}").json()
    assert [finding["code"] for finding in draft["findings"]] == ["money.period_not_over"]
    assert refused(fresh, "operator", f"/returns/IOSS/{today:%Y-%m}", {}) == "money.period_not_over"


def test_statements_as_json_and_csv_of_ones_own_rows(fresh: World) -> None:
    """Opening, postings and closing agree in both forms; another party's account isn't there; nothing is run."""
    name = filed(fresh, **NO_SCHEME)["consignment_id"]
    paid(fresh, "12.00", "P1", consignment_id=name)
    span = {"first": "2020-01-01", "until": "2099-01-01"}
    told = fresh.call("operator", "GET", "/accounts/statement", consignment_id=name, **span).json()[
        "statements"
    ]
    by_account = {one["account"]: one for one in told}
    assert by_account["deposit:buyer/1"]["closing"] == "0.07"
    receivable = by_account["receivable:buyer/1:at_border"]
    assert [p["kind"] for p in receivable["postings"]].count("obligation") == 2
    assert (receivable["opening"], receivable["closing"]) == ("0.00", "0.00")
    table = fresh.call("operator", "GET", "/accounts/statement", consignment_id=name, form="csv", **span).text
    rows = [line.split(",") for line in table.splitlines()]
    assert rows[0][0] == "account" and {row[3] for row in rows} >= {name}
    assert sum(len(one["postings"]) + 2 for one in told) + 1 == len(rows)
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row)
    assert (
        fresh.call(
            "other_operator", "GET", "/accounts/statement", account="deposit:buyer/1", **span
        ).status_code
        == 404
    )
    assert fresh.call("other_operator", "GET", "/accounts").json()["accounts"] == []
    assert fresh.call("other_operator", "GET", "/accounts", party="post-cn").json()["accounts"] == []
    after = fresh.call(
        "operator",
        "GET",
        "/accounts/statement",
        account="deposit:buyer/1",
        first="2098-01-01",
        until="2099-01-01",
    )
    assert after.json()["statements"][0]["opening"] == "0.07"


def test_trial_balance_and_check_are_for_auditors(fresh: World) -> None:
    """Every family by currency, sums of zero, the whole book checked; nobody else reads it."""
    filed(fresh, **NO_SCHEME)
    paid(fresh, "5.00", "P1")
    trial = fresh.call("auditor", "GET", "/ledger/trial-balance").json()
    assert trial["balanced"] and trial["sums"] == {"EUR": "0.00"}
    checked = fresh.call("auditor", "GET", "/ledger/check").json()
    assert checked["sound"] and checked["findings"] == [] and checked["transfers"] == 5
    for who in ("operator", "officer", "supervisor", "administrator", "agency"):
        assert fresh.call(who, "GET", "/ledger/check").status_code == 403


def test_the_check_finds_a_spoilt_book(postgres: str, law: Context) -> None:
    """A kept balance that isn't that of the transfers, and an amount changed in the store, are found."""
    with world(postgres, law) as spoilt:
        guarantee(spoilt, "G1", "100.00", at_filing=True)
        filed(spoilt, **NO_SCHEME)
        sound(spoilt)
        with spoilt.desk.database.connection() as connection:
            connection.execute("update guarantee set available = available + 1")
            connection.execute("alter table transfer disable trigger append_only")
            connection.execute(
                "update transfer set credit = 'cash' where kind = 'obligation' and amount = 300"
            )
        found = spoilt.call("auditor", "GET", "/ledger/check").json()
        assert not found["sound"]
        assert {finding["path"] for finding in found["findings"]} >= {
            "/parties/post-cn/guarantees/G1", "/parties/post-cn/accounts/cash",
        }  # fmt: skip


def test_the_command_checks_the_whole_book(fresh: World) -> None:
    """`greenlane ledger check` says that a book holds and ends well; that of a spoilt one names the place and fails."""
    filed(fresh, **NO_SCHEME)
    asked = ["ledger", "check", "--database", fresh.url]
    done = CliRunner().invoke(main, asked)
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "the book holds together")
    with fresh.desk.database.connection() as connection:
        connection.execute("alter table transfer disable trigger append_only")
        connection.execute("update transfer set credit = 'cash' where amount = 300")
    done = CliRunner().invoke(main, [*asked, "--json"])
    told = json.loads(done.output)
    assert done.exit_code == 1 and not told["sound"]
    assert told["findings"][0]["path"] == "/parties/post-cn/accounts/cash"
    with fresh.desk.database.connection() as connection:
        connection.execute("update transfer set credit = 'revenue:eu/DE:flat_duty' where amount = 300")
        connection.execute("alter table transfer enable trigger append_only")


def test_what_the_ledger_refuses_stops_no_other(fresh: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A consignment whose charges the ledger refuses has its own result with the fix; its neighbours are accepted."""
    from greenlane.desk import filing

    whole = filing.decision_of
    names: list[str] = []

    def spoil(outcome: Any, *rest: Any, **more: Any) -> Any:
        if outcome["consignment_id"] in names:
            twice = next(c for c in outcome["charges"] if c["name"] == "vat")
            outcome["charges"].append({**twice, "collected": "at_border"})
        return whole(outcome, *rest, **more)

    good, bad, other = (fresh.consignment(declaration_date=JULY) for _ in range(3))
    names.append(bad["consignment_id"])
    monkeypatch.setattr(filing, "decision_of", spoil)
    results = fresh.file(good, bad, other)
    assert [result["result"] for result in results] == ["accepted", "refused", "accepted"]
    assert [(f["code"], bool(f["fix"])) for f in results[1]["findings"]] == [("ledger.collected_twice", True)]
    assert fresh.call("operator", "GET", f"/consignments/{bad['consignment_id']}").status_code == 404


RIGHTS = {
    "/payments": (
        {"officer", "other_officer", "supervisor"},
        {"party": "post-cn", "amount": "1.00", "currency": "EUR", "reference": "X1"},
    ),
    "/payouts": (
        {"officer", "other_officer", "supervisor"},
        {"party": "post-cn", "amount": "1.00", "currency": "EUR", "reference": "X1"},
    ),
    "/guarantees/NONE/revocation": ({"supervisor"}, {}),
    "/deferred-accounts/NONE/revocation": ({"supervisor"}, {}),
    "/returns/IOSS/2026-03": ({"operator", "other_operator"}, {}),
}


@pytest.mark.parametrize("path", RIGHTS)
def test_who_may_move_money(service: World, path: str) -> None:
    """Each endpoint that writes is for its roles alone."""
    allowed, body = RIGHTS[path]
    for who in service.keys:
        status = service.call(who, "POST", path, body).status_code
        assert (status == 403) == (who not in allowed), (who, status)


def test_a_payment_of_the_sellers_debt_told_twice(service: World) -> None:
    """The same reference and amount again is the same money, though nothing is open and nobody named the payer."""
    one = service.consignment(declaration_date="2026-07-02")
    result = service.file(one, stage="arrival")[0]
    paid = {
        "party": "post-cn", "currency": "EUR", "amount": result["payable_at_border"], "reference": "twice-1",
        "consignment_id": one["consignment_id"],
    }  # fmt: skip
    first, again = (service.call("supervisor", "POST", "/payments", paid) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200), again.text
    assert first.json()["applied"] == again.json()["applied"] != []
