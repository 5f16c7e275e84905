"""The audit log: entries as canonical JSON, each bound to the one before by SHA-256.

A change, a gap, an exchange or an insertion breaks the chain. Cutting off the end, or writing everything
anew, does not; that is found by an anchor: the hash of the head, exported and kept elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from greenlane.values.digest import canonical_json, sha256_hex
from greenlane.values.finding import Finding, Severity, declare

BROKEN = declare(
    "audit.broken",
    Severity.ERROR,
    "The audit log was changed: an entry does not follow from the one before.",
    "Treat it as an incident: compare with a backup from that entry on.",
)
CUT_OFF = declare(
    "audit.cut_off",
    Severity.ERROR,
    "The audit log does not hold what an anchor of it says: its end was cut off or it was written anew.",
    "Treat it as an incident: compare with a backup taken after the anchor.",
)

FIRST = "0" * 64
"""What the first entry follows."""

Told = Mapping[str, str | int | list[str] | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened: never personal data; persons by their pseudonym of purpose ``subject``.

    ``action`` is a word of the room that tells it (``read``, ``erased``, …) or a finding code; ``actor`` the id
    of a key or token.
    """

    at: datetime
    actor: str
    action: str
    told: Told = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """One entry in the chain: ``seq`` from 1, hash of the one before, canonical JSON, hash of this one."""

    seq: int
    previous: str
    body: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain at a moment, to be kept where the log can't be written."""

    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that is wrong, and how."""

    seq: int
    finding: Finding


def append(previous: Link | None, entry: Entry) -> Link:
    """Return the link that puts an entry after the head of the chain (None: the log is empty).

    Whoever stores it holds a lock from reading the head to writing the link.

    Raises:
        ValueError: The entry has no time zone.

    Example:
        >>> first = append(None, Entry(datetime(2026, 7, 1, tzinfo=UTC), "key-1", "read"))
        >>> first.seq, first.previous == FIRST, append(first, read_entry(first)).previous == first.digest
        (1, True, True)
    """
    if entry.at.tzinfo is None:
        raise ValueError("an audit entry needs a time with its zone")
    seq, before = (1, FIRST) if previous is None else (previous.seq + 1, previous.digest)
    told = {
        "action": entry.action,
        "actor": entry.actor,
        "at": entry.at.astimezone(UTC).isoformat(),
        "previous": before,
        "seq": seq,
        "told": dict(entry.told),
    }
    body = canonical_json(told)
    return Link(seq, before, body, sha256_hex(body))


def read_entry(link: Link) -> Entry:
    """Return the entry of a link."""
    told = msgspec.json.decode(link.body)
    return Entry(datetime.fromisoformat(told["at"]), told["actor"], told["action"], told["told"])


def anchor(head: Link) -> Anchor:
    """Return the anchor of a chain that ends with *head*."""
    return Anchor(head.seq, head.digest)


def verify(
    links: Iterable[Link], anchors: Iterable[Anchor] = (), after: Anchor | None = None
) -> Break | None:
    """Check a chain and return the first break, or None where it is whole.

    Args:
        links: The log in order of ``seq``; it is read once.
        anchors: Heads that were exported earlier.
        after: The log is told from behind this anchor on, not from its beginning.
    """
    expected = {one.seq: one.digest for one in anchors}
    seq, before = (after.seq, after.digest) if after else (0, FIRST)
    expected = {place: digest for place, digest in expected.items() if place > seq}
    for link in links:
        seq += 1
        if wrong := _wrong(link, seq, before):
            return _broken(seq, BROKEN, wrong)
        before = link.digest
        if expected.pop(seq, before) != before:
            return _broken(seq, CUT_OFF, "an anchor has another hash for this entry")
    if expected:
        return _broken(seq + 1, CUT_OFF, f"the log ends with entry {seq}, an anchor names {max(expected)}")
    return None


def _wrong(link: Link, seq: int, before: str) -> str:
    """Say what is wrong with a link that should stand at *seq* after the hash *before*; nothing: it is whole."""
    if link.seq != seq:
        return f"entry {seq} is missing or out of order"
    if link.previous != before:
        return "it does not name the hash of the entry before"
    if sha256_hex(link.body) != link.digest:
        return "its content does not have its hash"
    try:
        told = msgspec.json.decode(link.body)
    except msgspec.DecodeError:
        return "its content is not JSON"
    if not isinstance(told, dict) or (told.get("seq"), told.get("previous")) != (seq, before):
        return "its content names another place"
    return ""


def _broken(seq: int, code: str, words: str) -> Break:
    return Break(seq, Finding(code, f"/audit/{seq}", words))
