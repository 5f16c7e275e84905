"""The audit chain: whatever is changed, taken away or put in is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.privacy.audit import (
    BROKEN,
    CUT_OFF,
    FIRST,
    Anchor,
    Entry,
    Link,
    anchor,
    append,
    read_entry,
    verify,
)

START = datetime(2026, 7, 1, 12, tzinfo=UTC)


def chain(count: int, actor: str = "key-1") -> list[Link]:
    """Return a log of so many entries."""
    links: list[Link] = []
    for number in range(count):
        at = START + timedelta(minutes=number)
        links.append(append(links[-1] if links else None, Entry(at, actor, "read", {"key": number})))
    return links


def test_a_whole_chain_is_whole() -> None:
    """An empty log, one entry and many verify, with the anchors taken on the way."""
    links = chain(20)
    assert verify([]) is None and verify(links[:1]) is None
    assert verify(links, [anchor(links[0]), anchor(links[9]), anchor(links[-1])]) is None
    assert links[0].previous == FIRST and [link.seq for link in links] == list(range(1, 21))
    assert read_entry(links[3]) == Entry(START + timedelta(minutes=3), "key-1", "read", {"key": 3})


ATTACKS: dict[str, tuple[Callable[[list[Link]], list[Link]], int]] = {
    "content": (lambda c: [*c[:4], replace(c[4], body=c[4].body.replace(b'"key":4', b'"key":7')), *c[5:]], 5),
    "hash": (lambda c: [*c[:4], replace(c[4], digest="0" * 64), *c[5:]], 5),
    "taken out": (lambda c: [*c[:4], *c[5:]], 5),
    "first taken away": (lambda c: c[1:], 1),
    "twice": (lambda c: [*c[:5], *c[4:]], 6),
    "exchanged": (lambda c: [*c[:4], c[5], c[4], *c[6:]], 5),
    "put in": (lambda c: [*c[:4], append(c[3], Entry(START, "key-9", "read")), *c[4:]], 6),
    "of another log": (lambda c: [*c[:4], *chain(10, "key-2")[4:]], 5),
    "renumbered": (lambda c: [*c[:4], *(replace(link, seq=link.seq - 1) for link in c[5:])], 5),
    "no JSON": (lambda c: [*c[:4], replace(c[4], body=b"{"), *c[5:]], 5),
}


@pytest.mark.parametrize(("attack", "place"), ATTACKS.values(), ids=ATTACKS)
def test_tampering_is_found_where_it_begins(attack: Callable[[list[Link]], list[Link]], place: int) -> None:
    """Each kind of change is found, and the first broken entry is named."""
    found = verify(attack(chain(10)))
    assert found is not None and found.seq == place and found.finding.code == BROKEN


def test_the_first_entry_resealed_breaks_the_second() -> None:
    """Whoever changes an entry and gives it its right hash is found at the next one."""
    links = chain(10)
    forged = append(links[3], Entry(START, "key-1", "read", {"key": 99}))
    found = verify([*links[:4], forged, *links[5:]])
    assert found is not None and found.seq == 6


def test_cutting_off_the_end_is_found_by_an_anchor() -> None:
    """Without its end the chain is whole in itself; the anchor says that entries are missing."""
    links = chain(10)
    kept = anchor(links[-1])
    assert verify(links[:7]) is None
    found = verify(links[:7], [kept])
    assert found is not None and (found.seq, found.finding.code) == (8, CUT_OFF)
    assert "10" in found.finding.message
    emptied = verify([], [kept])
    assert emptied is not None and emptied.seq == 1


def test_a_log_written_anew_is_found_by_an_anchor() -> None:
    """A whole chain with other content does not have the hash that the anchor names."""
    found = verify(chain(10, "key-2"), [anchor(chain(10)[5])])
    assert found is not None and (found.seq, found.finding.code) == (6, CUT_OFF)


def test_a_long_log_is_verified_from_an_anchor_on() -> None:
    """The part behind an anchor is checked without what came before; anchors of before are done with."""
    links = chain(10)
    start = anchor(links[4])
    assert verify(links[5:], [anchor(links[1]), anchor(links[-1])], after=start) is None
    assert verify(links[6:], after=start) is not None
    assert verify(links[5:], after=Anchor(5, "0" * 64)) is not None


@given(st.integers(0, 9), st.data())
def test_any_changed_byte_of_any_entry_is_found(number: int, data: st.DataObject) -> None:
    """Whichever bit of whichever entry is turned, verification names that entry."""
    links = chain(10)
    body = bytearray(links[number].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    links[number] = replace(links[number], body=bytes(body))
    found = verify(links)
    assert found is not None and found.seq == number + 1


def test_times_are_told_in_utc() -> None:
    """The same moment in two zones gives the same entry; a time without zone is refused."""
    there = START.astimezone(timezone(timedelta(hours=9)))
    assert append(None, Entry(there, "a", "read")) == append(None, Entry(START, "a", "read"))
    with pytest.raises(ValueError, match="zone"):
        append(None, Entry(START.replace(tzinfo=None), "a", "read"))
