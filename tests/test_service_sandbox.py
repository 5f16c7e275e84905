"""The sandbox: outcomes forced by a word, a clock that can be moved, an outage that can be switched on."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from greenlane.engine.context import Context
from greenlane.sandbox.codes import TEST_CODES, TestCode
from serving import World, world

DAY = 86_400
PHASES = {
    "TEST RELEASE": "awaiting_payment",
    "TEST PAYMENT": "awaiting_payment",
    "TEST RFI": "referred",
    "TEST RFS": "under_inspection",
    "TEST INSPECT": "under_inspection",
    "TEST HOLD": "held",
    "TEST DNL": "held",
    "TEST REFUSE": "held",
}
"""Where a consignment stands that arrives with each code and owes something at the border."""


@pytest.fixture(scope="module")
def real(postgres: str, law: Context) -> Iterator[World]:
    """A service that isn't a sandbox."""
    with world(postgres, law, sandbox=False) as made:
        yield made


def owing(service: World, code: str, **changes: Any) -> dict[str, Any]:
    """Return a consignment with a test code in its description that owes duty and tax at the border."""
    free = {"scheme": None, "scheme_id": None, "value": "400.00", "dataset": "H1"}
    return service.consignment(description=f"cotton T-shirt {code.lower()}", **(free | changes))


@pytest.mark.parametrize("code", TEST_CODES, ids=lambda code: code.text)
def test_each_code_forces_its_outcome(service: World, code: TestCode) -> None:
    """Each test code gives its disposition, and the procedure follows it once the goods are here."""
    one = owing(service, code.text)
    result = service.file(one, stage="arrival")[0]
    assert result["disposition"] == code.disposition
    assert result["reasons"] == [f"sandbox: test code {code.text}"]
    shown = service.call("operator", "GET", f"/consignments/{one['consignment_id']}").json()
    assert shown["phase"] == PHASES[code.text]


def test_released_where_nothing_is_owed(service: World) -> None:
    """TEST RELEASE releases what owes nothing at the border, and forgives nothing to what does."""
    one = service.consignment(description="cotton T-shirt TEST RELEASE")
    assert service.file(one, stage="arrival")[0]["phase"] == "released"


def test_every_code_is_in_the_table() -> None:
    """The table above knows each code."""
    assert set(PHASES) == {code.text for code in TEST_CODES}


def test_payment_with_nothing_to_pay(service: World) -> None:
    """Where nothing is due at the border, TEST PAYMENT releases: nobody could ever pay."""
    one = service.consignment(description="cotton T-shirt TEST PAYMENT")
    result = service.file(one, stage="arrival")[0]
    assert (result["payable_at_border"], result["disposition"], result["phase"]) == (
        "0.00",
        "release",
        "released",
    )


def test_words_have_no_effect_elsewhere(real: World) -> None:
    """Outside a sandbox the codes are words like others, and the sandbox's endpoints aren't there."""
    for code in TEST_CODES:
        result = real.file(owing(real, code.text), stage="arrival")[0]
        plain = real.file(owing(real, ""), stage="arrival")[0]
        assert result["disposition"] == plain["disposition"]
        assert not any("sandbox" in reason for reason in result["reasons"])
    for who in ("operator", "administrator"):
        assert real.call(who, "PUT", "/sandbox/clock", {"offset_s": DAY}).status_code == 404
        assert real.call(who, "PUT", "/sandbox/outage", {"seconds": 9}).status_code == 404
    assert real.call("operator", "GET", "/status").json()["sandbox"] is False
    assert real.call("operator", "GET", "/consignments").status_code == 200


def test_limits_run_out_when_the_clock_is_moved(postgres: str, law: Context) -> None:
    """When the answer to the clock's move comes, what had run out has had its effect; keys are in force all the same."""
    with world(postgres, law) as service:
        one = owing(service, "TEST RFI")
        name = one["consignment_id"]
        assert service.file(one)[0]["phase"] == "referred"
        before = service.call("officer", "GET", f"/consignments/{name}", party="post-cn").json()
        assert before["clocks"] and not before["clocks"][0]["overdue"]
        moved = service.call("operator", "PUT", "/sandbox/clock", {"offset_s": 500 * DAY})
        assert moved.status_code == 200 and moved.json()["now"] > before["clocks"][0]["at"]
        after = service.call("officer", "GET", f"/consignments/{name}", party="post-cn").json()
        assert after["version"] > before["version"]
        later = service.consignment()
        assert service.file(later)[0]["result"] == "accepted"
        filed = service.call("operator", "GET", f"/consignments/{later['consignment_id']}").json()["filed_at"]
        assert filed > before["clocks"][0]["at"]
        back = service.call("administrator", "PUT", "/sandbox/clock", {"offset_s": 0})
        assert back.status_code == 200 and back.json()["now"] < moved.json()["now"]


def test_an_outage(postgres: str, law: Context) -> None:
    """While it lasts all but health, status and the sandbox is 503 with Retry-After; it ends when told, or by itself."""
    with world(postgres, law) as service:
        assert service.call("operator", "PUT", "/sandbox/outage", {"seconds": 600}).status_code == 200
        time.sleep(1.1)
        for method, path in (
            ("GET", "/consignments"),
            ("POST", "/filings"),
            ("POST", "/quotes"),
            ("GET", "/nothing"),
        ):
            for who in ("operator", None):
                out = service.call(who, method, path, [])
                assert out.status_code == 503 and out.json()["type"].endswith(":outage")
                assert out.headers["content-type"] == "application/problem+json"
                assert 590 <= int(out.headers["retry-after"]) <= 601
        assert service.call(None, "GET", "/health").status_code == 200
        assert service.call(None, "GET", "/status").status_code == 200
        assert service.call("operator", "PUT", "/sandbox/clock", {"offset_s": 0}).status_code == 200
        assert service.call("operator", "PUT", "/sandbox/outage", {"seconds": 0}).status_code == 200
        time.sleep(1.1)
        assert service.call("operator", "GET", "/consignments").status_code == 200
        service.call("operator", "PUT", "/sandbox/outage", {"seconds": 2})
        time.sleep(1.1)
        assert service.call("operator", "GET", "/consignments").status_code == 503
        time.sleep(1.1)
        assert service.call("operator", "GET", "/consignments").status_code == 200
