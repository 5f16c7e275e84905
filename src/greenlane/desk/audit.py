"""The audit log: every reading of people's data and every change of who may do what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.desk.desk import Desk
from greenlane.desk.told import Logged
from greenlane.privacy.audit import BROKEN, Anchor, Break, Entry, Link, Told
from greenlane.privacy.audit import verify as verify_chain
from greenlane.store import audit, vault
from greenlane.values.finding import Finding, Severity, declare

UNPROVEN = declare(
    "audit.unproven",
    Severity.ERROR,
    "A tombstone in the vault is not the one that the audit log tells of.",
    "Treat it as an incident: compare the vault and the log with a backup.",
)
_AT_ONCE = 1000


def entry(cursor: Cursor[Any], desk: Desk, actor: str, action: str, told: Told) -> Link:
    """Append an entry in the transaction of what it tells; entries are made one after the other."""
    (link,) = audit.write(cursor, [Entry(desk.clock.now(), actor, action, told)])
    return link


def listed(desk: Desk, after: int, limit: int) -> list[Logged]:
    """Return entries from behind a place."""
    with desk.database.cursor() as cursor:
        found = audit.page(cursor, after, limit)
    return [
        Logged(seq=one.link.seq, digest=one.link.digest, entry=msgspec.Raw(one.link.body)) for one in found
    ]


def make_anchor(desk: Desk, actor: str) -> Anchor:
    """Return the head of the chain, which tells that it was taken; keep it where the log can't be written."""
    with desk.database.writing() as cursor:
        link = entry(cursor, desk, actor, "anchored", {})
    return Anchor(link.seq, link.digest)


@dataclass(slots=True)
class Verified:
    """What a check of the log found: how many entries, its head, the first break, tombstones without their proof."""

    entries: int = 0
    head: Anchor | None = None
    broken: Break | None = None
    erasures: int = 0
    unproven: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return self.broken is None and not self.unproven


def verify(cursor: Cursor[Any], anchors: Iterable[Anchor] = ()) -> Verified:
    """Check the chain, the columns by which its entries are found, and the proof of every erasure.

    Args:
        cursor: A transaction that sees one state of the database from first to last.
        anchors: Heads that were exported earlier.
    """
    found, proofs = Verified(), dict[str, str]()
    odd: list[Break] = []

    def watched() -> Iterator[Link]:
        for one in audit.stored(cursor):
            yield one.link
            # Only what the chain has vouched for is read.
            found.entries, found.head = one.link.seq, Anchor(one.link.seq, one.link.digest)
            told = msgspec.json.decode(one.link.body)
            if not odd and (one.action, one.person) != (told["action"], told["told"].get("person")):
                words = "the columns by which it is found don't say what it says"
                odd.append(Break(one.link.seq, Finding(BROKEN, f"/audit/{one.link.seq}", words)))
            if told["action"] == "erased":
                proofs[told["told"]["key_id"]] = told["told"]["tombstone"]

    chain = verify_chain(watched(), anchors)
    found.broken = min((one for one in (chain, *odd) if one), key=lambda one: one.seq, default=None)
    after = b""
    if found.broken:
        return found
    while page := vault.all_tombstones(cursor, after, _AT_ONCE):
        for key_id, stone in page:
            found.erasures += 1
            if proofs.get(key_id.hex()) != stone.digest():
                found.unproven.append(Finding(UNPROVEN, f"/{key_id.hex()}", "no entry of the log proves it"))
        after = page[-1][0]
    return found


__all__ = ["Verified", "entry", "listed", "make_anchor", "verify"]
