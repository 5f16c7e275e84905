"""Status messages before loading: every status and error code as a message, there and back; answers to waybills."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from greenlane.clearance import State, act, may_load
from greenlane.clearance import commands as c
from greenlane.messages.placi import (
    ERRORS,
    STATUSES,
    Notice,
    answer_of,
    notices_of,
    read,
    read_notices,
    standing,
    write,
    write_notices,
)
from greenlane.values.errors import UsageError
from test_clearance_flows import ACTORS, NOON, file
from test_messages_placi import CONSIGNMENT, HEADER
from test_messages_xml import HOSTILE

AT = "2026-07-02T12:00:00Z"
TOLD = Notice("H-1", AT, "7H", master="020-12345675", number="N-7")


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_every_status_comes_back_in_its_message(status: str) -> None:
    """Each status is written in the message that the list names for it, with its code there, and read as it was."""
    notice = replace(TOLD, status=status)
    data = write_notices([notice])
    assert read_notices(data).notices == (notice,)
    kind, _, code = STATUSES[status].notice.partition(" ")
    root = etree.fromstring(data)
    assert etree.QName(root).localname == {"XFNM": "Response", "XCSN": "CustomsStatusNotification"}[kind]
    assert (root.findtext(".//{*}NoticeCode") or "") == code


def test_every_error_code_comes_back() -> None:
    """A refusal holds all its codes, each with its meaning; read again they are the same, in their order."""
    notice = Notice("H-1", AT, errors=tuple(ERRORS))
    data = write_notices([notice])
    assert read_notices(data).notices == (notice,)
    assert all(error.meaning.encode() in data.replace(b"&apos;", b"'") for error in ERRORS.values())


def test_the_longest_number_of_a_consignment_has_room() -> None:
    """A consignment may have a number of 70 characters: the notices of its events hold it, and their own numbers."""
    events, _ = act(State(), file(stage="pre_loading"), NOON, ACTORS["op"])
    told = list(notices_of("H" * 70, events))
    assert [len(one.number) for one in told] == [72, 72]
    assert read_notices(write_notices(told)).notices == tuple(told)


def test_many_notices_come_back_in_their_order() -> None:
    """Several stand in a wrapper; where a waybill stands follows from what was read."""
    told = [
        replace(TOLD, status=status, number=f"N-{n}") for n, status in enumerate(["SR", "8H", "8J", "8I"])
    ]
    found = read_notices(write_notices(told))
    assert found.notices == tuple(told) and found.findings == ()
    assert [standing(one.status for one in found.notices[:n]).may_load for n in range(5)] == [
        False, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        (b"", b"", ()),
        (b"women's cotton T-shirt", b"Parts", ("MISSING_CARGO_DESC",)),
        (b'"KGM"', b'"LBR"', ("INVALID_WEIGHT",)),
        (b"<ram:Name>A. Example</ram:Name>", b"<ram:Name>N/A</ram:Name>", ("MISSING_CNE_NAME",)),
        (b"020-12345675", b"020-12345674", ("BAD_WBL_FORMAT",)),
        (b"</HouseWaybill>", b"", ("BAD_WBL_FORMAT",)),
        (b"HouseWaybill", b"Flight", ("INVALID_MESSAGE_TYPE",)),
    ],
)
def test_a_waybill_is_answered_by_the_codes_of_the_guide(
    old: bytes, new: bytes, errors: tuple[str, ...]
) -> None:
    """A sound waybill is received; a faulty one is refused by the codes of what is wrong, each told once."""
    data = write([CONSIGNMENT], (), **HEADER).data.replace(old, new)
    answer = answer_of(read(data), datetime(2026, 7, 2, 12, tzinfo=UTC), "020-12345675")
    assert (answer.status, answer.errors, answer.at) == ("" if errors else "SR", errors, AT)
    assert read_notices(write_notices([answer])).notices == (answer,)


def test_notices_follow_the_procedure() -> None:
    """What events send is read by the other side, who comes to the same answer about loading."""
    state, log = State(), []
    steps: list[tuple[str, c.Command]] = [
        ("op", file(stage="pre_loading")),
        ("anna", c.Refer(kind="request_information", reason="risk")),
        ("anna", c.CloseReferral(referral=1, reason="settled")),
    ]
    for who, command in steps:
        events, state = act(state, command, NOON, ACTORS[who])
        log += events
        read_back = read_notices(write_notices(list(notices_of("H-1", log, "020-12345675")))).notices
        assert standing(one.status for one in read_back).may_load == may_load(state)
    assert [one.status for one in read_back] == ["SR", "SF", "7H", "7I", "SF"]
    assert len({one.number for one in read_back}) == 5


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b">7H<", b">9H<", "form"),
        (b">7H<", b">SF<", "form"),
        (b">RI<", b">CO<", "form"),
        (b"<ram:StatusCode>7H</ram:StatusCode>", b"", "missing"),
        (b"<ram:ID>H-1</ram:ID>", b"", "missing"),
        (b"T12:00:00Z", b" noon", "form"),
        (b"<ram:NoticeCode>", b"<ram:StatusCode>7H</ram:StatusCode><ram:NoticeCode>", "repeated"),
        (b"<ram:NoticeCode>", b"<ram:Own>1</ram:Own><ram:NoticeCode>", "unknown"),
    ],
)
def test_faulty_notices_are_told(old: bytes, new: bytes, code: str) -> None:
    """Statuses of no list or of another message, and what is missing, repeated or strange have a finding each."""
    data = write_notices([TOLD])
    assert old in data
    found = read_notices(data.replace(old, new))
    assert f"messages.placi.{code}" in [one.code for one in found.findings]
    assert found.notices == ((TOLD,) if code == "unknown" else ())
    assert all(one.consignment == 0 for one in found.findings)


def test_a_status_and_errors_do_not_go_together() -> None:
    """Nothing is written that says both or neither, or what is on no list or has no room; read, it is an error."""
    wrong: list[Any] = [
        Notice("H-1", AT), Notice("H-1", AT, "SR", ("MISSING_WEIGHT",)), Notice("H-1", AT, "ZZ"),
        Notice("H-1", AT, errors=("NONE",)), Notice("H-1", "noon", "SR"), Notice("H" * 71, AT, "SR"),
    ]  # fmt: skip
    for one in wrong:
        with pytest.raises(UsageError):
            write_notices([one])
    with pytest.raises(UsageError):
        write_notices([])
    refused = write_notices([Notice("H-1", AT, errors=("MISSING_WEIGHT",))])
    both = refused.replace(b"</ram:ID></Business", b"</ram:ID><ram:StatusCode>SR</ram:StatusCode></Business")
    assert [one.code for one in read_notices(both).findings] == ["messages.placi.repeated"]
    unknown = read_notices(refused.replace(b"MISSING_WEIGHT", b"MISSING_SOUL"))
    assert [one.place.path for one in unknown.findings] == ["/Response/ResponseStatus/ConditionCode"]


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_notices_are_refused_at_the_door(name: str) -> None:
    """What the door refuses is one finding, no notice."""
    data, code = HOSTILE[name]
    found = read_notices(data)
    assert found.notices == () and [one.code for one in found.findings] == [code]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200) | st.lists(st.integers(0, 900), min_size=1, max_size=6))
def test_no_bytes_make_the_reader_fail(made: bytes | list[int]) -> None:
    """Random bytes, and good notices with pieces cut out, give findings, never an exception; no value is repeated."""
    data = made
    if not isinstance(data, bytes):
        data = write_notices([TOLD, Notice("SECRET-1", AT, errors=("MISSING_WEIGHT", "INVALID_ROUTING"))])
        for place in made:
            data = data[:place] + data[place + 2 :]
    found = read_notices(data)
    assert found.notices or found.findings
    assert all("SECRET" not in one.message for one in found.findings)
