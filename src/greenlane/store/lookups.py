"""What a filing has to know of what stands already, in one statement: each costs a journey to the server and back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Cursor

from greenlane.store.texts import Texts


@dataclass(frozen=True, slots=True)
class Held:
    """A consignment that a party has filed before."""

    key: int
    consignment_id: str
    version: int
    content: str
    phase: str


@dataclass(frozen=True, slots=True)
class GroupSum:
    """What the consignments of one group filed so far add up to; ``value`` None: one of them isn't known."""

    value: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Known:
    """What stands before some consignments are filed.

    ``held`` has those that the party filed before, by id. ``groups`` sums the consignments of each group but those
    that are filed anew, and cancelled ones. ``names`` has the marks of the names under which each person's number was
    used. ``agencies`` are those that want to see goods, each with a beginning of commodity codes, in order of id.
    ``hooks`` are the party's webhooks. ``covers``: the party has a guarantee or a deferred payment account that every
    filing uses.
    """

    held: dict[str, Held] = field(default_factory=dict)
    groups: dict[str, GroupSum] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    agencies: list[tuple[str, str]] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    covers: bool = False


_KNOWN = """
select 1, consignment_id, content, phase, key, version::int8 from consignment
where party = %(party)s and consignment_id = any(%(ids)s)
union all
select 2, group_key, null, null,
  case when bool_or(goods_value is null) then null else sum(goods_value)::int8 end, count(*)
from consignment where group_key = any(%(groups)s) and phase <> 'cancelled'
  and not (party = %(party)s and consignment_id = any(%(ids)s)) group by group_key
union all
(select distinct 3, person, named, null, null::int8, null::int8 from consignment
where person = any(%(persons)s) and named is not null)
union all
select 4, id, prefix, null, row_number() over (order by id, place), null
from agency, unnest(prefixes) with ordinality as p (prefix, place)
union all
select 5, id, null, null, null, null from webhook where party = %(party)s
union all
select 6, null, null, null, null, null where exists (
  select from deferred_account where party = %(party)s and at_filing
  union all select from guarantee where party = %(party)s and at_filing
)
"""


def known(
    cursor: Cursor[Any], party: str, ids: Sequence[str], groups: Sequence[str], persons: Sequence[str]
) -> Known:
    """Return what stands before some consignments of a party are filed; the caller holds its lock.

    Args:
        ids: Of the consignments.
        groups: Their groups.
        persons: Pseudonyms of those of their consignees who have a number.
    """
    told = {"party": party, "ids": Texts(ids), "groups": Texts(groups), "persons": Texts(persons)}
    found = Known()
    covers = False
    agencies: dict[int, tuple[str, str]] = {}
    for kind, name, first, second, number, count in cursor.execute(_KNOWN, told):
        match kind:
            case 1:
                found.held[name] = Held(number, name, count, first, second)
            case 2:
                found.groups[name] = GroupSum(number, count)
            case 3:
                found.names.setdefault(name, set()).add(first)
            case 4:
                agencies[number] = name, first
            case 5:
                found.hooks.append(name)
            case _:
                covers = True
    listed = [agencies[place] for place in sorted(agencies)]
    return Known(found.held, found.groups, found.names, listed, found.hooks, covers)


__all__ = ["GroupSum", "Held", "Known", "known"]
