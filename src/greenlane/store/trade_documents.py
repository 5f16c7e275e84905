"""Orders, payments, waybills and the inventories that name them, as parties sent them: kept until they match."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Cursor

ORDER, PAYMENT, WAYBILL = "order", "payment", "waybill"
INVENTORY, RETURN = "inventory", "return"


@dataclass(frozen=True, slots=True)
class Document:
    """One document. ``issuer`` and ``number`` name it: the platform and its order, the carrier and its waybill …

    ``digest`` marks its content. ``carrier`` and ``waybill`` are what an inventory names, ``key`` its consignment.
    ``body`` is sealed.
    """

    id: UUID
    party: str
    kind: str
    issuer: str
    number: str
    platform: str
    order_number: str
    digest: str
    body: bytes = field(repr=False)
    carrier: str = ""
    waybill: str = ""
    key: int | None = None

    @property
    def name(self) -> tuple[str, str, str]:
        """Kind, issuer and number."""
        return self.kind, self.issuer, self.number


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that failed, as the sender of one document is told it: the place is in that document."""

    check: str
    code: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Held:
    """A document as it stands: when it was last compared, what failed, and the hold that stands for it."""

    document: Document
    at: datetime
    compared_at: datetime | None
    failed: tuple[Failed, ...]
    hold: int | None
    facts: dict[str, Any]


_COLUMNS = "id, party, kind, issuer, number, platform, order_number, digest, body, carrier, waybill, key"
_HELD = f"{_COLUMNS}, at, compared_at, failed, hold, facts"
_OF_ORDER = "d.kind in ('order', 'payment') and d.platform = i.platform and d.order_number = i.order_number"
_OF_WAYBILL = "d.kind = 'waybill' and d.issuer = i.carrier and d.number = i.waybill"
"""How an inventory ``i`` names a document ``d``; two conditions, so that each goes by its own index."""


Name = tuple[str, str, str]
"""Kind, issuer and number: what names a document."""


def existing(cursor: Cursor[Any], names: Sequence[Name]) -> dict[Name, tuple[str, str]]:
    """Return party and digest of those documents that are there."""
    if not names:
        return {}
    kinds, issuers, numbers = zip(*names, strict=True)
    found = cursor.execute(
        "select t.kind, t.issuer, t.number, t.party, t.digest from trade_document t join "
        "unnest(%s::text[], %s::text[], %s::text[]) as w (kind, issuer, number) using (kind, issuer, number)",
        (list(kinds), list(issuers), list(numbers)),
    ).fetchall()
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in found}


def insert(cursor: Cursor[Any], new: Sequence[Document], now: datetime) -> set[Name]:
    """Write documents that weren't there; return the names of those that another party has written meanwhile."""
    if not new:
        return set()
    cursor.executemany(
        f"insert into trade_document ({_COLUMNS}, at) values "
        "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (kind, issuer, number) do nothing",
        [(*_values(one), now) for one in new],
    )
    if cursor.rowcount == len(new):
        return set()
    held = existing(cursor, [one.name for one in new])
    return {one.name for one in new if held[one.name][0] != one.party}


def replace(cursor: Cursor[Any], one: Document, now: datetime) -> None:
    """Write a document of the party in the place of what it sent before."""
    columns = _COLUMNS.split(", ")
    cursor.execute(
        f"update trade_document set {', '.join(f'{name} = %s' for name in columns)}, at = %s, "
        "written_at = now(), compared_at = null, failed = '[]' "
        "where kind = %s and issuer = %s and number = %s and party = %s",
        (*_values(one), now, *one.name, one.party),
    )


def _values(one: Document) -> tuple[Any, ...]:
    return (
        one.id, one.party, one.kind, one.issuer, one.number, one.platform, one.order_number, one.digest, one.body,
        one.carrier, one.waybill, one.key,
    )  # fmt: skip


def touch(cursor: Cursor[Any], party: str, name: Name) -> bool:
    """Let inventories that name a document of the party be compared again; False where goods were released on it."""
    document = "from trade_document d where d.party = %s and d.kind = %s and d.issuer = %s and d.number = %s"
    open_rows: list[bool] = []
    for named in (_OF_ORDER, _OF_WAYBILL):
        rows = cursor.execute(
            f"with d as (select d.* {document}) update trade_document i set again = true from d, consignment c "
            f"where i.kind = 'inventory' and {named} and c.key = i.key "
            "returning c.open or c.phase in ('cancelled', 'refused', 'returned')",
            (party, *name),
        ).fetchall()
        open_rows += [row[0] for row in rows]
    return all(open_rows)


def withdraw(cursor: Cursor[Any], party: str, name: Name) -> bool:
    """Take a document of a party back."""
    cursor.execute(
        "delete from trade_document where party = %s and kind = %s and issuer = %s and number = %s",
        (party, *name),
    )
    return cursor.rowcount == 1


def named_by(cursor: Cursor[Any], keys: Sequence[int]) -> dict[int, list[Held]]:
    """Return the documents that inventories name, by the consignment of each."""
    columns = ", ".join(f"d.{name}" for name in _HELD.split(", "))
    found: dict[int, list[Held]] = {key: [] for key in keys}
    for named in (_OF_ORDER, _OF_WAYBILL):
        rows = cursor.execute(
            f"select i.key, {columns} from trade_document i join trade_document d on {named} "
            "where i.kind = 'inventory' and i.key = any(%s) order by d.kind, d.issuer, d.number",
            (list(keys),),
        ).fetchall()
        for row in rows:
            found[row[0]].append(_held(row[1:]))
    return found


def inventory(cursor: Cursor[Any], key: int) -> Held | None:
    """Return the inventory of a consignment."""
    row = cursor.execute(
        f"select {_HELD} from trade_document where kind = 'inventory' and key = %s", (key,)
    ).fetchone()
    return None if row is None else _held(row)


def ids_of(cursor: Cursor[Any], keys: Sequence[int]) -> dict[int, UUID]:
    """Return the number of the inventory of each consignment."""
    found = cursor.execute(
        "select key, id from trade_document where kind = 'inventory' and key = any(%s)", (list(keys),)
    ).fetchall()
    return {row[0]: row[1] for row in found}


def inventory_of_order(cursor: Cursor[Any], party: str, platform: str, order_number: str) -> int | None:
    """Return the consignment of a party's inventory of an order, the last one where there are several."""
    row = cursor.execute(
        "select max(key) from trade_document where kind = 'inventory' and party = %s and platform = %s "
        "and order_number = %s",
        (party, platform, order_number),
    ).fetchone()
    return None if row is None else row[0]


def used_before(cursor: Cursor[Any], keys: Sequence[int]) -> set[int]:
    """Return those of some inventories whose order an earlier one declares that wasn't given up."""
    rows = cursor.execute(
        "select i.key from trade_document i where i.key = any(%s) and i.kind = 'inventory' and exists ("
        "select from trade_document e left join consignment c on c.key = e.key where e.kind = 'inventory' "
        "and e.platform = i.platform and e.order_number = i.order_number and e.key < i.key "
        "and coalesce(c.phase, '') not in ('cancelled', 'refused', 'returned'))",
        (list(keys),),
    ).fetchall()
    return {row[0] for row in rows}


def compared(cursor: Cursor[Any], told: Iterable[tuple[UUID, Sequence[Failed]]], now: datetime) -> None:
    """Write what the comparison of documents found, each for its own sender."""
    cursor.executemany(
        "update trade_document set compared_at = %s, failed = %s::jsonb where id = %s",
        [(now, msgspec.json.encode(failed).decode(), id) for id, failed in told],
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """With which documents an inventory was compared, what else was known, and the hold that stands for it."""

    key: int
    seen: Sequence[str]
    facts: dict[str, Any]
    hold: int | None


def settled(cursor: Cursor[Any], told: Sequence[Settled]) -> None:
    """Note what came of the comparison of inventories."""
    if not told:
        return
    cursor.executemany(
        "update trade_document set seen = %s, facts = %s::jsonb, hold = %s, again = false "
        "where kind = 'inventory' and key = %s",
        [(list(one.seen), msgspec.json.encode(one.facts).decode(), one.hold, one.key) for one in told],
    )


def returned(cursor: Cursor[Any], party: str, number: str, declared: int) -> None:
    """Note as which return of its consignment a return message was declared."""
    cursor.execute(
        "update trade_document set facts = jsonb_build_object('returned', %s::int) "
        "where kind = 'return' and issuer = %s and number = %s",
        (declared, party, number),
    )


def returns_of(cursor: Cursor[Any], key: int) -> list[Held]:
    """Return the return messages about a consignment, in the order in which they were declared."""
    found = cursor.execute(
        f"select {_HELD} from trade_document where kind = 'return' and key = %s "
        "order by (facts ->> 'returned')::int",
        (key,),
    ).fetchall()
    return [_held(row) for row in found]


def drop(cursor: Cursor[Any], keys: Sequence[int]) -> None:
    """Remove the inventories of consignments that were not taken after all."""
    cursor.execute("delete from trade_document where kind = 'inventory' and key = any(%s)", (list(keys),))


RECENT_S = 300
"""Longer than any transaction lasts: what was written before this is seen by whatever looks now."""


def waiting(cursor: Cursor[Any], limit: int, *, all_: bool = False) -> list[tuple[str, int]]:
    """Return open inventories, with their party, that name a document which they were not compared with.

    An inventory and a document that were written at the same moment didn't see each other, so what is recent is
    looked at again and again; with *all_* everything is, for the first look after a start.
    """
    recent = "" if all_ else f"d.written_at > now() - interval '{RECENT_S} seconds' and "
    unseen = " union ".join(
        "select i.party, i.key from trade_document d join trade_document i on i.kind = 'inventory' "
        f"and {named} join consignment c on c.key = i.key and c.open where {recent}not d.digest = any(i.seen)"
        for named in (_OF_ORDER, _OF_WAYBILL)
    )
    rows = cursor.execute(
        f"{unseen} union select i.party, i.key from trade_document i join consignment c on c.key = i.key and c.open "
        "where i.again order by 2 limit %s",
        (limit,),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def listed(
    cursor: Cursor[Any], failed: bool | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Held]:
    """Return documents that the reader's role sees, the newest first, all or those with or without a failed check."""
    where = ["true"]
    values: list[Any] = []
    if failed is not None:
        where.append("jsonb_array_length(failed) > 0" if failed else "jsonb_array_length(failed) = 0")
    if after is not None:
        where.append("(at, id) < (%s, %s)")
        values += after
    rows = cursor.execute(
        f"select {_HELD} from trade_document where {' and '.join(where)} order by at desc, id desc limit %s",
        (*values, limit),
    ).fetchall()
    return [_held(row) for row in rows]


def forget(cursor: Cursor[Any], keys: Sequence[int]) -> None:
    """Remove the documents of consignments whose persons are erased."""
    for named in (_OF_ORDER, _OF_WAYBILL):
        cursor.execute(
            "delete from trade_document d using trade_document i "
            f"where i.kind = 'inventory' and i.key = any(%s) and {named}",
            (list(keys),),
        )
    cursor.execute("delete from trade_document where key = any(%s)", (list(keys),))


def forget_unnamed(cursor: Cursor[Any], before: datetime) -> int:
    """Remove documents from before a moment that no inventory names."""
    inventory = "select from trade_document i where i.kind = 'inventory'"
    cursor.execute(
        "delete from trade_document d where d.kind in ('order', 'payment', 'waybill') and d.at < %s "
        f"and not exists ({inventory} and {_OF_ORDER}) and not exists ({inventory} and {_OF_WAYBILL})",
        (before,),
    )
    return cursor.rowcount


def _held(row: Sequence[Any]) -> Held:
    at, compared_at, failed, hold, facts = row[12:]
    return Held(
        Document(*row[:12]), at, compared_at, tuple(Failed(**one) for one in failed), hold, dict(facts)
    )


__all__ = [
    "INVENTORY",
    "ORDER",
    "PAYMENT",
    "RETURN",
    "WAYBILL",
    "Document",
    "Failed",
    "Held",
    "Name",
    "Settled",
    "compared",
    "drop",
    "existing",
    "forget",
    "forget_unnamed",
    "ids_of",
    "insert",
    "inventory",
    "inventory_of_order",
    "listed",
    "named_by",
    "replace",
    "returned",
    "returns_of",
    "settled",
    "touch",
    "used_before",
    "waiting",
    "withdraw",
]
